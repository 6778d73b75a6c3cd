-- Of every table of figures that adds over time: each number of a year is the sum of its quarters, and of its months where the
-- table has months. A part without its year, and a year without its parts, are 0 on one side.
with

measured as (

    {{ measured_rows() }}

),

adding as (

    select measured.*
    from measured
    inner join {{ ref('figure_catalogue') }} as catalogue
        on measured.measure = catalogue.measure
    where catalogue.over_time = 'adds'

),

-- a table of quarters or months of a year, where the warehouse has it beside that of the year
part_sets as (

    select distinct
        authority,
        reporting_year,
        measure,
        keys,
        period_year,
        period_kind
    from adding
    where period_kind != 'year'

),

final as (

    select
        adding.authority,
        adding.reporting_year,
        adding.measure,
        adding.breakdown,
        adding.period_year,
        part_sets.period_kind,
        sum(case when adding.period_kind = 'year' then adding.value else 0 end) as in_year,
        sum(case when adding.period_kind = part_sets.period_kind then adding.value else 0 end) as in_parts
    from adding
    inner join part_sets
        on {{ report_key('adding', 'part_sets') }}
        and adding.measure = part_sets.measure
        and adding.keys = part_sets.keys
        and adding.period_year = part_sets.period_year
    group by
        adding.authority,
        adding.reporting_year,
        adding.measure,
        adding.breakdown,
        adding.period_year,
        part_sets.period_kind

)

select * from final where in_year != in_parts
