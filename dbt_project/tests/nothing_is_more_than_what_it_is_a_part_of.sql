-- Of every measure that the catalogue calls a part of another: at no breakdown and in no period is it more than that, where the
-- warehouse has a table of both. Answers within a limit are no more than answers timed, findings no more than answers.
with

measured as (

    {{ measured_rows() }}

),

catalogue as (

    select
        measure,
        part_of
    from {{ ref('figure_catalogue') }}
    where part_of is not null

),

whole_sets as (

    select distinct
        authority,
        reporting_year,
        measure,
        keys,
        period_kind
    from measured

)

select
    small.authority,
    small.reporting_year,
    small.measure,
    whole_sets.measure as part_of,
    small.breakdown,
    small.period,
    small.value,
    large.value as whole_value
from measured as small
inner join catalogue
    on small.measure = catalogue.measure
inner join whole_sets
    on {{ report_key('small', 'whole_sets') }}
    and small.keys = whole_sets.keys
    and small.period_kind = whole_sets.period_kind
    and '|' || catalogue.part_of || '|' like '%|' || whole_sets.measure || '|%'
left join measured as large
    on {{ report_key('small', 'large') }}
    and whole_sets.measure = large.measure
    and small.breakdown = large.breakdown
    and small.period = large.period
where small.value > coalesce(large.value, 0)
