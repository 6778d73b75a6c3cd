{# Condition: a dated row of an authority's configuration holds on a day, both ends included; blank dates mean always. #}
{% macro in_force_on(day, relation) -%}
coalesce({{ relation }}.valid_from, cast('1900-01-01' as date)) <= {{ day }}
        and coalesce({{ relation }}.valid_to, cast('9999-12-31' as date)) >= {{ day }}
{%- endmacro %}


{# Condition: a dated row holds on some day of a period. #}
{% macro in_force_within(relation, period) -%}
coalesce({{ relation }}.valid_from, cast('1900-01-01' as date)) <= {{ period }}.period_end
        and coalesce({{ relation }}.valid_to, cast('9999-12-31' as date)) >= {{ period }}.period_start
{%- endmacro %}


{# Condition: a record's own day lies in the tree of services that a row of `bridge_service_ancestor` is of. #}
{% macro in_tree_on(day, ancestors='ancestors') -%}
{{ day }} between {{ ancestors }}.valid_from and {{ ancestors }}.valid_to
{%- endmacro %}
