{# The rows of a staging model as each report knew them: those of the extracts in force at its as-at, with the
   report's key and as-at added. With a start date, rows that had not begun by the as-at do not exist.
   Rule: counting rules, "Details settled" 18. #}
{% macro known_rows(staging_model, start_date=none) -%}
    select
        known.*,
        in_force.reporting_year,
        in_force.as_at
    from {{ ref(staging_model) }} as known
    inner join {{ ref('int_extracts_in_force') }} as in_force
        on known.authority = in_force.authority
        and known.extract_id = in_force.extract_id
    {%- if start_date %}
    where known.{{ start_date }} is null or known.{{ start_date }} <= in_force.as_at
    {%- endif %}
{%- endmacro %}


{# A date, or blank when it lies after the as-at of its row. #}
{% macro known_date(date_column, as_at='as_at') -%}
    case when {{ date_column }} <= {{ as_at }} then {{ date_column }} end
{%- endmacro %}
