{# What DuckDB and Spark write differently. A model calls the macro; the dialect is settled here. #}

{# Days from one date to a later one: 0 on the same day. #}
{% macro day_difference(start_date, end_date) %}
    {{- return(adapter.dispatch('day_difference', 'redress')(start_date, end_date)) -}}
{% endmacro %}

{% macro default__day_difference(start_date, end_date) -%}
    date_diff('day', {{ start_date }}, {{ end_date }})
{%- endmacro %}

{% macro spark__day_difference(start_date, end_date) -%}
    datediff({{ end_date }}, {{ start_date }})
{%- endmacro %}


{# Monday is 1, Sunday is 7. #}
{% macro iso_weekday(day) %}
    {{- return(adapter.dispatch('iso_weekday', 'redress')(day)) -}}
{% endmacro %}

{% macro default__iso_weekday(day) -%}
    isodow({{ day }})
{%- endmacro %}

{% macro spark__iso_weekday(day) -%}
    (weekday({{ day }}) + 1)
{%- endmacro %}


{# A query of one column, date_day: every day from first_day to last_day, both included (ISO texts). #}
{% macro date_series(first_day, last_day) %}
    {{- return(adapter.dispatch('date_series', 'redress')(first_day, last_day)) -}}
{% endmacro %}

{% macro default__date_series(first_day, last_day) -%}
    select cast(series.day as date) as date_day
    from generate_series(
        cast('{{ first_day }}' as timestamp), cast('{{ last_day }}' as timestamp), interval 1 day
    ) as series (day)
{%- endmacro %}

{% macro spark__date_series(first_day, last_day) -%}
    select explode(
        sequence(cast('{{ first_day }}' as date), cast('{{ last_day }}' as date), interval 1 day)
    ) as date_day
{%- endmacro %}


{# An aggregate: the texts of a group in alphabetical order, with a separator between them. #}
{% macro sorted_join(expression, separator=' + ') %}
    {{- return(adapter.dispatch('sorted_join', 'redress')(expression, separator)) -}}
{% endmacro %}

{% macro default__sorted_join(expression, separator) -%}
    string_agg({{ expression }}, '{{ separator }}' order by {{ expression }})
{%- endmacro %}

{% macro spark__sorted_join(expression, separator) -%}
    concat_ws('{{ separator }}', array_sort(collect_list({{ expression }})))
{%- endmacro %}


{# The keys of a breakdown, `key=value;key=value`, as `key;key`. #}
{% macro breakdown_keys(breakdown) %}
{{- return(adapter.dispatch('breakdown_keys')(breakdown)) -}}
{% endmacro %}

{% macro default__breakdown_keys(breakdown) -%}
regexp_replace({{ breakdown }}, '=[^;]*', '', 'g')
{%- endmacro %}

{% macro spark__breakdown_keys(breakdown) -%}
regexp_replace({{ breakdown }}, '=[^;]*', '')
{%- endmacro %}
