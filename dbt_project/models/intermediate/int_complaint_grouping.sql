-- The groups of an authority's own groupings that a complaint falls into: those in force on the day of its receipt.
with

complaints as (

    select * from {{ ref('fct_complaints') }}

),

groupings as (

    select * from {{ ref('stg_config_grouping') }}

),

attributes as (

    {%- for attribute in [
        'complainant_role', 'channel', 'sex', 'age_band', 'ethnicity', 'disability', 'behalf', 'advocate_kind', 'procedure',
    ] %}
    select
        authority,
        reporting_year,
        complaint_id,
        received_date,
        '{{ attribute }}' as attribute,
        cast({{ attribute }} as string) as value
    from complaints
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

final as (

    select
        attributes.authority,
        attributes.reporting_year,
        attributes.complaint_id,
        groupings.grouping,
        groupings.group_value
    from attributes
    inner join groupings
        on attributes.authority = groupings.authority
        and attributes.attribute = groupings.attribute
        and attributes.value = groupings.value
        and {{ in_force_on('attributes.received_date', 'groupings') }}

)

select * from final
