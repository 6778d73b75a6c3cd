{# The reporting year of a day, 1 April to 31 March, written 2023-24. #}
{% macro reporting_year_of(day) -%}
    case
        when extract(month from {{ day }}) >= 4
            then cast(extract(year from {{ day }}) as string)
                || '-' || substring(cast(extract(year from {{ day }}) + 1 as string), 3, 2)
        else
            cast(extract(year from {{ day }}) - 1 as string)
            || '-' || substring(cast(extract(year from {{ day }}) as string), 3, 2)
    end
{%- endmacro %}


{# The quarter of the reporting year: Q1 April to June, Q4 January to March. #}
{% macro quarter_of(day) -%}
    case
        when extract(month from {{ day }}) >= 10 then 'Q3'
        when extract(month from {{ day }}) >= 7 then 'Q2'
        when extract(month from {{ day }}) >= 4 then 'Q1'
        else 'Q4'
    end
{%- endmacro %}


{# The calendar month of a day, written 2023-04. #}
{% macro month_of(day) -%}
    cast(extract(year from {{ day }}) as string)
    || '-' || lpad(cast(extract(month from {{ day }}) as string), 2, '0')
{%- endmacro %}


{# The calendar year in which the reporting year of a date begins; blank without a date. #}
{% macro first_year_of(date_column) -%}
cast(extract(year from {{ date_column }}) as integer) - case when extract(month from {{ date_column }}) < 4 then 1 else 0 end
{%- endmacro %}


{# The name of the reporting year that begins in a calendar year: 2023-24. #}
{% macro year_name(first_year) -%}
cast({{ first_year }} as string) || '-' || right(cast({{ first_year }} + 1 as string), 2)
{%- endmacro %}
