{# What the tests of figures share: they hold at every breakdown that is computed, not only at those that a report shows. #}

{% macro measured_rows() %}
{#- Every figure counted from events, with the keys of its breakdown and the year and kind of its period. -#}
    select
        rows_of_families.authority,
        rows_of_families.reporting_year,
        rows_of_families.measure,
        rows_of_families.breakdown,
        {{ breakdown_keys('rows_of_families.breakdown') }} as keys,
        rows_of_families.period,
        periods.period_kind,
        periods.period_reporting_year as period_year,
        rows_of_families.value
    from (
        {%- for family in measured_families() %}
        select
            authority,
            reporting_year,
            measure,
            breakdown,
            period,
            value
        from {{ ref('figures_' ~ family) }}
        where status = 'computed'
        {% if not loop.last %}union all{% endif %}
        {%- endfor %}
    ) as rows_of_families
    inner join {{ ref('dim_period') }} as periods
        on {{ report_key('rows_of_families', 'periods') }}
        and rows_of_families.period = periods.period
{% endmacro %}


{% macro breakdown_without(breakdown, key) %}
{#- A breakdown with the pair of a key that it has taken out; the key is an expression. -#}
{%- set all_pairs = "(';' || " ~ breakdown ~ " || ';')" -%}
{%- set place = "instr(" ~ all_pairs ~ ", ';' || " ~ key ~ " || '=')" -%}
{%- set from_pair = "substring(" ~ all_pairs ~ ", " ~ place ~ " + 1)" -%}
{{ without_edges("substring(" ~ all_pairs ~ ", 1, " ~ place ~ ") || substring(" ~ from_pair ~ ", instr(" ~ from_pair ~ ", ';') + 1)") }}
{%- endmacro %}


{% macro keys_without(keys, key) %}
{#- The keys of a breakdown, `key;key`, with one taken out; the key is an expression. -#}
{{ without_edges("replace(';' || " ~ keys ~ " || ';', ';' || " ~ key ~ " || ';', ';')") }}
{%- endmacro %}


{% macro without_edges(text) %}
{#- A text without its first and last letter, blank where it has no more. -#}
substring({{ text }}, 2, greatest(length({{ text }}) - 2, 0))
{%- endmacro %}
