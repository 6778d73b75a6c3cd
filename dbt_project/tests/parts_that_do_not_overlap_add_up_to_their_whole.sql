-- Of every table of figures by a key of which each counted thing has exactly one value: its parts add up to the table without
-- that key, wherever that is computed. Where a total leaves informal complaints out, so do its parts.
with

measured as (

    {{ measured_rows() }}

),

keys_of_measures as (

    select
        catalogue.measure,
        split_part(catalogue.partitions, '|', places.place) as part_key
    from {{ ref('figure_catalogue') }} as catalogue
    cross join (
        {%- for place in range(1, 16) %}
        select {{ place }} as place
        {% if not loop.last %}union all{% endif %}
        {%- endfor %}
    ) as places
    where split_part(catalogue.partitions, '|', places.place) != ''

),

part_rows as (

    select
        measured.authority,
        measured.reporting_year,
        measured.measure,
        measured.period,
        measured.period_kind,
        measured.keys,
        keys_of_measures.part_key,
        {{ breakdown_without('measured.breakdown', 'keys_of_measures.part_key') }} as whole_breakdown,
        {{ keys_without('measured.keys', 'keys_of_measures.part_key') }} as whole_keys,
        measured.value
    from measured
    inner join keys_of_measures
        on measured.measure = keys_of_measures.measure
        and ';' || measured.keys || ';' like '%;' || keys_of_measures.part_key || ';%'
    where not (
        measured.measure = 'new_complaints'
        and keys_of_measures.part_key = 'procedure'
        and measured.breakdown like '%procedure=informal%'
    )

),

part_sets as (

    select distinct
        authority,
        reporting_year,
        measure,
        period_kind,
        keys,
        part_key,
        whole_keys
    from part_rows

),

wholes as (

    select
        part_sets.authority,
        part_sets.reporting_year,
        part_sets.measure,
        part_sets.keys,
        part_sets.part_key,
        measured.breakdown as whole_breakdown,
        measured.period,
        measured.value as whole_value,
        0 as part_value
    from part_sets
    inner join measured
        on {{ report_key('part_sets', 'measured') }}
        and part_sets.measure = measured.measure
        and part_sets.period_kind = measured.period_kind
        and part_sets.whole_keys = measured.keys

),

-- a table by a key whose whole is nowhere computed has nothing to add up to
sets_with_a_whole as (

    select distinct
        part_sets.authority,
        part_sets.reporting_year,
        part_sets.measure,
        part_sets.period_kind,
        part_sets.keys,
        part_sets.part_key
    from part_sets
    inner join measured
        on {{ report_key('part_sets', 'measured') }}
        and part_sets.measure = measured.measure
        and part_sets.period_kind = measured.period_kind
        and part_sets.whole_keys = measured.keys

),

both_sides as (

    select * from wholes
    union all
    select
        part_rows.authority,
        part_rows.reporting_year,
        part_rows.measure,
        part_rows.keys,
        part_rows.part_key,
        part_rows.whole_breakdown,
        part_rows.period,
        0 as whole_value,
        part_rows.value as part_value
    from part_rows
    inner join sets_with_a_whole
        on {{ report_key('part_rows', 'sets_with_a_whole') }}
        and part_rows.measure = sets_with_a_whole.measure
        and part_rows.period_kind = sets_with_a_whole.period_kind
        and part_rows.keys = sets_with_a_whole.keys
        and part_rows.part_key = sets_with_a_whole.part_key

),

final as (

    select
        authority,
        reporting_year,
        measure,
        keys,
        part_key,
        whole_breakdown,
        period,
        sum(whole_value) as whole_value,
        sum(part_value) as part_value
    from both_sides
    group by authority, reporting_year, measure, keys, part_key, whole_breakdown, period

)

select * from final where whole_value != part_value
