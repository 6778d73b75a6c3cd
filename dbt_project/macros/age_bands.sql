{# The band of an age in whole years; blank is not known. #}
{% macro age_band_of(age) -%}
    case
        when {{ age }} is null then 'not_known'
        when {{ age }} < 16 then '0-15'
        when {{ age }} < 25 then '16-24'
        when {{ age }} < 35 then '25-34'
        when {{ age }} < 50 then '35-49'
        when {{ age }} < 65 then '50-64'
        else '65+'
    end
{%- endmacro %}
