{% macro generate_schema_name(custom_schema_name, node) -%}
    {#- A folder's schema is its own name, without the target's name in front. -#}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
