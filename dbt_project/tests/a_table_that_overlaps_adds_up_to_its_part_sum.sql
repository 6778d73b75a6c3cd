-- The table beside an overlap, not known among its parts: themes of all formal complaints, categories of compliments.
with

tables as (
    select
        authority,
        reporting_year,
        period,
        'complaint_themes_part_sum' as measure,
        sum(numerator) as parts
    from {{ ref('figures_complaints') }}
    where
        measure = 'new_complaints'
        and breakdown like 'theme=%'
        and breakdown not like '%;%'
    group by authority, reporting_year, period

    union all

    select
        authority,
        reporting_year,
        period,
        'compliment_categories_part_sum' as measure,
        sum(numerator) as parts
    from {{ ref('figures_compliments') }}
    where
        measure = 'compliments'
        and breakdown like 'category=%'
        and breakdown not like '%;%'
    group by authority, reporting_year, period
),

sums as (
    select * from {{ ref('figures_overlaps') }}
    union all
    select * from {{ ref('figures_compliments') }}
)

select
    tables.*,
    sums.numerator
from tables
left join sums
    on tables.authority = sums.authority
    and tables.reporting_year = sums.reporting_year
    and tables.period = sums.period
    and tables.measure = sums.measure
    and sums.breakdown = ''
where
    tables.parts > 0
    and coalesce(sums.numerator, 0) != tables.parts
