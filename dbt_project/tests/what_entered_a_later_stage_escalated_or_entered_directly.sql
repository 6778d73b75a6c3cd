-- `from_stage=1;procedure=statutory` and `procedure=statutory;stage=2` are of the same rows.
with

counts as (
    select
        authority,
        reporting_year,
        period,
        measure,
        case
            when measure = 'escalated_flow'
                then substr(breakdown, 14) || ';stage=' || (cast(substr(breakdown, 12, 1) as integer) + 1)
            else breakdown
        end as breakdown,
        numerator
    from {{ ref('figures_flow') }}
    where
        (measure = 'escalated_flow' and breakdown like 'from\_stage=_;procedure=%' escape '\')
        or (measure in ('entered', 'entered_directly') and breakdown like 'procedure=%')
),

sums as (
    select
        authority,
        reporting_year,
        period,
        breakdown,
        sum(case when measure = 'entered' then numerator else 0 end) as entered,
        sum(case when measure = 'entered' then 0 else numerator end) as escalated_or_direct
    from counts
    where breakdown not like '%;stage=1'
    group by authority, reporting_year, period, breakdown
)

select *
from sums
where entered != escalated_or_direct
