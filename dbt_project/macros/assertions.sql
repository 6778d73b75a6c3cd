{# What is asserted of many relations at once: one query over all of them, with a row for each row at fault that says of which
   relation and column it is, whose, and from which row of which file. A contract's constraints say what can be said of a single
   row of a table; these say the rest: views and seeds, keys, and references. #}

{% macro row_at_fault(relation, alias) %}
{#- Which row of which relation: its authority, report, file and row, each blank where the relation has no such column. -#}
{%- set columns = graph.nodes.values() | selectattr('name', 'equalto', relation) | map(attribute='columns') | first if execute else {} -%}
    '{{ relation }}' as relation,
    {%- for column, type in {'authority': 'string', 'reporting_year': 'string', 'extract_id': 'string', 'source_row': 'integer'}.items() %}
    {{ alias ~ '.' ~ column if column in columns else 'cast(null as ' ~ type ~ ')' }} as {{ column }},
    {%- endfor %}
{%- endmacro %}


{% macro words_of(columns, alias) %}
{#- The values of some columns as one text, separated by bars. -#}
{%- for column in columns %}coalesce(cast({{ alias }}.{{ column }} as string), ''){% if not loop.last %} || ' | ' || {% endif %}{% endfor -%}
{% endmacro %}


{% macro blank_rows(required) %}
{#- Rows with a blank in a column that must have something; `required` is a list of relations with their columns. -#}
{%- for relation, columns in required %}
{%- set last_relation = loop.last %}
{%- for column in columns %}
select
    {{ row_at_fault(relation, 'child') }}
    '{{ column }}' as columns,
    '' as found
from {{ ref(relation) }} as child
where child.{{ column }} is null
{% if not (last_relation and loop.last) %}
union all
{% endif %}
{%- endfor %}
{%- endfor %}
{% endmacro %}


{% macro unknown_words(known) %}
{#- Rows with a word that is none of those listed; a blank is none. `known` is a list of relations with a column and its words. -#}
{%- for relation, column, words in known %}
select
    {{ row_at_fault(relation, 'child') }}
    '{{ column }}' as columns,
    child.{{ column }} as found
from {{ ref(relation) }} as child
where child.{{ column }} not in ('{{ words | join("', '") }}')
{% if not loop.last %}
union all
{% endif %}
{%- endfor %}
{% endmacro %}


{% macro repeated_keys(keys) %}
{#- Rows whose key another row has too; a blank counts as a value. `keys` is a list of relations with the columns of a key. -#}
{%- for relation, columns in keys %}
select
    {{ row_at_fault(relation, 'child') }}
    '{{ columns | join(", ") }}' as columns,
    {{ words_of(columns, 'child') }} as found
from {{ ref(relation) }} as child
inner join (
    select {{ columns | join(', ') }}
    from {{ ref(relation) }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
) as repeated
    on {% for column in columns %}{% if not loop.first %}and {% endif %}child.{{ column }} is not distinct from repeated.{{ column }}
    {% endfor %}
{%- if not loop.last %}
union all
{% endif %}
{%- endfor %}
{% endmacro %}


{% macro lost_references(references) %}
{#- Rows that refer to what is not there. `references` is a list of relations, columns, the relation that they refer to and, where
    they are named otherwise there, its columns. Where the last column is blank there is nothing to find. -#}
{%- for reference in references %}
{%- set relation, columns, parent = reference[:3] %}
{%- set parent_columns = reference[3] if reference | length > 3 else columns %}
select
    {{ row_at_fault(relation, 'child') }}
    '{{ columns | join(", ") }}, in {{ parent }}' as columns,
    {{ words_of(columns, 'child') }} as found
from {{ ref(relation) }} as child
left join {{ ref(parent) }} as parent
    on {% for column in columns %}{% if not loop.first %}and {% endif %}child.{{ column }} = parent.{{ parent_columns[loop.index0] }}
    {% endfor -%}
where
    parent.{{ parent_columns[0] }} is null
    and child.{{ columns[-1] }} is not null
{% if not loop.last %}
union all
{% endif %}
{%- endfor %}
{% endmacro %}
