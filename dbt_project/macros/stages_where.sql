{# How many stages of the group meet a condition, where a row stands for `stages` of them. #}
{% macro stages_where(condition) -%}
    cast(sum(case when {{ condition }} then stages else 0 end) as integer)
{%- endmacro %}
