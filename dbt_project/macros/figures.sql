{#
    The grammar of figures. Every count in `figures` is written as: a relation (one row per countable
    thing and period, once for each value of a many-valued attribute) and a list of breakdown sets.
    A set is a dict: dims (columns of the relation, in any order), share (the one dim whose parts are
    shares of the rest, optional), kinds (period kinds, default year and quarter) and where (optional).
    The pseudo-column `G` stands for an authority's own grouping, whose key is data (grouping, group_value).
    A dim whose key differs from its column is written `key:column`.
#}

{% macro measured_families() %}
{#- The models that count figures from events; those about changes and single cases stand on them and come after. -#}
{{- return([
    'complaints', 'complainants', 'overlaps', 'stages', 'flow', 'outcomes', 'issues', 'ombudsman', 'compliments', 'contacts',
    'learning', 'actions', 'remedies', 'activity', 'in_hand',
]) -}}
{% endmacro %}


{% macro sorted_pairs(expressions) %}{{ return(adapter.dispatch('sorted_pairs')(expressions)) }}{% endmacro %}

{% macro default__sorted_pairs(expressions) %}
array_to_string(list_sort([{{ expressions | join(', ') }}]), ';')
{%- endmacro %}

{% macro spark__sorted_pairs(expressions) %}
array_join(array_sort(array({{ expressions | join(', ') }})), ';')
{%- endmacro %}


{% macro dim_column(dim) %}{{ return(dim.split(':') | last) }}{% endmacro %}


{% macro breakdown(dims, fixed={}) %}
{#- `key=value;key=value` with keys sorted; `fixed` adds constant pairs. A semicolon inside a council's word becomes a comma. -#}
{%- set pairs = {} -%}
{%- for dim in dims -%}
    {%- if dim == 'G' -%}{%- do pairs.update({'~G': "grouping || '=' || replace(group_value, ';', ',')"}) -%}
    {%- else -%}
        {%- set key = dim.split(':') | first -%}
        {%- do pairs.update({key: "'" ~ key ~ "=' || replace(cast(" ~ dim_column(dim) ~ " as string), ';', ',')"}) -%}
    {%- endif -%}
{%- endfor -%}
{%- for key, value in fixed.items() -%}
    {%- do pairs.update({key: "'" ~ key ~ "=" ~ value ~ "'"}) -%}
{%- endfor -%}
{%- set expressions = [] -%}
{%- for key in pairs.keys() | sort -%}{%- do expressions.append(pairs[key]) -%}{%- endfor -%}
{%- if expressions | length == 0 -%}''
{%- elif '~G' in pairs and expressions | length > 1 -%}{{ sorted_pairs(expressions) }}
{%- else -%}{{ expressions | join(" || ';' || ") }}
{%- endif -%}
{% endmacro %}


{% macro figure_counts(measure, relation, sets, entity, fixed={}, count=none) %}
{#- One row per authority, reporting year, period and breakdown of each set. `count` overrides the counted expression. -#}
{%- for set in sets %}
{%- set dims = set.dims %}
{%- set kinds = set.get('kinds', ['year', 'quarter']) %}
select
    authority,
    reporting_year,
    period,
    period_kind,
    '{{ measure }}' as measure,
    {{ breakdown(dims, fixed) }} as breakdown,
    {% if set.get('share') -%}
    {{ breakdown(dims | reject('equalto', set.share) | list, fixed) }}
    {%- else -%}
    cast(null as string)
    {%- endif %} as whole_breakdown,
    {{ count or 'count(distinct ' ~ entity ~ ')' }} as numerator
from {{ relation }}
where period_kind in ('{{ kinds | join("', '") }}')
{%- for dim in dims %}
    and {{ 'group_value' if dim == 'G' else dim_column(dim) }} is not null
{%- endfor %}
{%- if set.get('where') %}
    and {{ set.where }}
{%- endif %}
group by
    authority,
    reporting_year,
    period,
    period_kind
    {%- for dim in dims %},
    {{ 'grouping,\n    group_value' if dim == 'G' else dim_column(dim) }}
    {%- endfor %}
{% if not loop.last %}
union all
{% endif -%}
{%- endfor %}
{% endmacro %}


{% macro count_rows(counts, unit='count') %}
{#- Counts in the columns of `figures`. -#}
select
    authority,
    reporting_year,
    measure,
    breakdown,
    period,
    cast(numerator as double) as numerator,
    cast(null as double) as denominator,
    cast(numerator as double) as value,
    '{{ unit }}' as unit,
    cast(null as string) as variant,
    'computed' as status
from {{ counts }}
{% endmacro %}


{% macro ratio_rows(parts, wholes, measure, scale=100.0, unit='percent', on_breakdown='whole_breakdown', variant='cast(null as string)') %}
{#- part / whole, where the whole is the row of `wholes` with the part's `on_breakdown`. An empty whole gives no value. -#}
select
    parts.authority,
    parts.reporting_year,
    '{{ measure }}' as measure,
    parts.breakdown,
    parts.period,
    cast(parts.numerator as double) as numerator,
    cast(wholes.numerator as double) as denominator,
    case when wholes.numerator > 0 then {{ scale }} * parts.numerator / wholes.numerator end as value,
    '{{ unit }}' as unit,
    {{ variant }} as variant,
    case when wholes.numerator > 0 then 'computed' else 'not_available' end as status
from {{ parts }} as parts
inner join {{ wholes }} as wholes
    on
        parts.authority = wholes.authority
        and parts.reporting_year = wholes.reporting_year
        and parts.period = wholes.period
        and parts.{{ on_breakdown }} = wholes.breakdown
{% endmacro %}


{% macro and_words(relation, columns, entity, attribute, words, where=none) %}
{#- A relation, and beside it a row without an entity for each word of an attribute wherever the relation has a row: what was
    looked for and not found is then printed with 0. -#}
select
    {{ (columns + [entity, attribute]) | join(',\n    ') }}
from {{ relation }}
{%- for word in words %}

union all

select distinct
    {{ columns | join(',\n    ') }},
    cast(null as string) as {{ entity }},
    '{{ word }}' as {{ attribute }}
from {{ relation }}
{%- if where %}
where {{ where }}
{%- endif %}
{%- endfor %}
{% endmacro %}


{% macro in_period(date_column, relation='events', period='periods') %}
{#- Join condition: the event's date lies in the period, both ends included. -#}
{{ relation }}.authority = {{ period }}.authority
        and {{ relation }}.reporting_year = {{ period }}.reporting_year
        and {{ relation }}.{{ date_column }} between {{ period }}.period_start and {{ period }}.period_end
{%- endmacro %}


{% macro report_key(left, right) %}
{{ left }}.authority = {{ right }}.authority
        and {{ left }}.reporting_year = {{ right }}.reporting_year
{%- endmacro %}


{% macro figure_sets(keys, extra=[], share=none) %}
{#- Breakdown sets of the given keys, each with the extra dims and one share dim. -#}
{%- set result = [] -%}
{%- for dims in keys -%}{%- do result.append({'dims': dims + extra, 'share': share}) -%}{%- endfor -%}
{{- return(result) -}}
{% endmacro %}


{% macro figure_counts_and_by_node(measure, relation, plain_sets, node_sets, entity, fixed={}, count=none) %}
{#- Counts over a relation, and over its `<relation>_by_node`, where the service is any node of the tree. -#}
{{ figure_counts(measure, relation, plain_sets, entity, fixed, count) }}
union all
{{ figure_counts(measure, relation ~ '_by_node', node_sets, entity, fixed, count) }}
{% endmacro %}


{% macro matches_breakdown(breakdown, pattern) %}
{#- Condition: the breakdown is the pattern, or agrees with it where `*` stands for anything, further keys included. -#}
(
            {{ breakdown }} = coalesce({{ pattern }}, '')
            or ({{ pattern }} like '%*%' and {{ breakdown }} like replace({{ pattern }}, '*', '%'))
        )
{%- endmacro %}
