"""Checks among the figures, and of the figures against things counted in the marts.

Figures are the public numbers. Where a relation needs a number that the figures do not hold (how many
complaints two services share, how many points have no sub-category), it is counted here from the marts.
"""

from __future__ import annotations

from collections.abc import Iterable

from expectations.equations import Family, Query, Requirement
from redress.contract import figure_catalogue as catalogue


def _in(words: tuple[str, ...]) -> str:
    """Return a list for SQL's `in`."""
    return "(" + ", ".join(f"'{word}'" for word in words) + ")"


def _rows(pairs: Iterable[tuple[str, str]]) -> str:
    """Return rows for SQL's `values`."""
    return ", ".join(f"('{first}', '{second}')" for first, second in pairs)


def _share_bases(is_at_one_key_less: bool) -> str:
    """Return (share, what it is a share of) as rows: at the same breakdown, or at one with a key less."""
    return _rows(
        (share, base.measure)
        for share, base in catalogue.share_bases()
        if base.is_without_key == is_at_one_key_less
    )


def shown(alias: str, measure: str, keys: str, kind: str) -> str:
    """Return the condition that a report has the table of figures of a measure, keys and kind of period.

    A relation counted in the marts is checked where the report has the table that it is about; what no report shows is said
    of the facts by the data tests of the dbt project.

    Args:
        alias: of a relation with `authority` and `reporting_year`.
        measure: SQL of the measure.
        keys: SQL of the keys, sorted and joined by `;`.
        kind: SQL of the kind of period.
    """
    report = f"{alias}.authority, {alias}.reporting_year"
    return (
        f"(({report}) in (select (authority, reporting_year) from checks.sets where measure = '*')"
        f" or ({report}, {measure}, {keys}, {kind})"
        " in (select (authority, reporting_year, measure, key_set, kind) from checks.sets))"
    )


def _of(measure: str = "measure_words", words: str = "words") -> str:
    """Return SQL for `new complaints, statutory` or `new complaints`."""
    return f"{measure} || case when {words} = '' then '' else ', ' || {words} end"


_PARTS_OF_A_YEAR = """
with sets as (
    select distinct authority, reporting_year, measure, key_set from checks.fig
    where kind = '{kind}' and measure in {measures}
), covered as (
    select distinct authority, reporting_year, period_year from checks.periods where period_kind = '{kind}'
), rows as (
    select fig.*, case when fig.kind = 'year' then 'expected' else 'found' end as side
    from checks.fig as fig
    semi join sets using (authority, reporting_year, measure, key_set)
    semi join covered using (authority, reporting_year, period_year)
    where fig.kind in ('year', '{kind}')
), named as (
    select *, n_keys <= 1 and '{kind}' = 'quarter' as alone,
        max(words) over (partition by authority, breakdown) as of_words,
        period_year || case when period_year = reporting_year then '' else '@' || reporting_year end
            as year_at
    from rows
), sides as (
    -- a year without its parts, or parts without their year, leaves a blank side
    select authority, reporting_year, measure, measure_words, breakdown, key_set, of_words, alone,
        period_year,
        year_at, unnest(['expected', 'found']) as side
    from (select distinct authority, reporting_year, measure, measure_words, breakdown, key_set, of_words,
        alone,
        period_year, year_at from named)
)
select sides.authority, sides.reporting_year, subject_of(sides.measure) as subject,
    '{family}:' || sides.measure || case when sides.alone then ':' || id_of(sides.breakdown)
        else ':each=' || id_of(sides.key_set) end || ':' || sides.year_at as check_id,
    case when sides.alone then upper(left(sides.measure_words, 1)) || substr({of}, 2)
        else upper(left(sides.measure_words, 1)) || substr(sides.measure_words, 2)
            || case when sides.key_set = '' then '' else ' by ' || replace(replace(sides.key_set, ';', ', '),
                '_', ' ') end
    end || ', ' || sides.period_year as title,
    case when sides.alone then '' else sides.breakdown end as line,
    case when sides.alone then '' else coalesce(nullif(sides.of_words, ''), 'all') end as line_title,
    sides.side, coalesce(named.ordinal, 0) as position,
    case when sides.side = 'expected' then 'in the year' else coalesce({part}, 'no {kind}') end as label,
    named.value, named.figure_id
from sides
left join named using (authority, reporting_year, measure, breakdown, period_year, side)
"""

QUARTERS = Query(
    "quarters of a year",
    _PARTS_OF_A_YEAR.format(
        kind="quarter",
        measures=_in(catalogue.over_time("adds")),
        family="quarters-to-year",
        of=_of("sides.measure_words", "sides.of_words"),
        part="right(named.period, 2)",
    ),
)
MONTHS = Query(
    "months of a year",
    _PARTS_OF_A_YEAR.format(
        kind="month",
        measures=_in(catalogue.over_time("adds")),
        family="months-to-year",
        of=_of("sides.measure_words", "sides.of_words"),
        part="named.period",
    ),
)

# Parts of a whole that do not overlap. Where a total leaves informal complaints out, so do its parts.
PARTITION = Query(
    "parts that do not overlap",
    f"""
with partitions(measure, key) as (values {_rows(catalogue.partitions())}),
parts as (
    select fig.*, partitions.key, without(fig.breakdown, partitions.key) as whole,
        less(fig.key_set, partitions.key) as whole_keys
    from checks.fig as fig
    inner join partitions on fig.measure = partitions.measure and list_contains(string_split(fig.key_set,
        ';'), partitions.key)
    where fig.status = 'computed'
        and not (fig.measure = 'new_complaints' and partitions.key = 'procedure'
            and fig.breakdown like '%procedure=informal%')
),
part_sets as (
    select distinct authority, reporting_year, measure, key, key_set, whole_keys, kind from parts
),
wholes as (
    select distinct part_sets.authority, part_sets.reporting_year, part_sets.measure, part_sets.key,
        part_sets.key_set, part_sets.kind
    from part_sets
    inner join checks.fig as fig
        on fig.authority = part_sets.authority and fig.reporting_year = part_sets.reporting_year
        and fig.measure = part_sets.measure and fig.kind = part_sets.kind and fig.status = 'computed'
        and fig.key_set = part_sets.whole_keys
),
whole_rows as (
    select wholes.key, wholes.key_set as part_keys, fig.*
    from wholes
    inner join checks.fig as fig using (authority, reporting_year, measure, kind)
    where fig.key_set = less(wholes.key_set, wholes.key)
        and fig.status = 'computed'
),
relations as (
    select authority, reporting_year, measure, measure_words, key, key_set as part_keys, whole, period,
        period_year, written, kind from parts
    semi join wholes using (authority, reporting_year, measure, key, key_set, kind)
    union
    select authority, reporting_year, measure, measure_words, key, part_keys, breakdown, period, period_year,
        written, kind from whole_rows
    where value != 0
),
named as (
    select relations.*, coalesce(nullif(key_words.words, ''), 'all') as whole_words,
        relations.whole = '' and relations.kind != 'month' as alone
    from relations
    left join (select distinct authority, breakdown, words from checks.fig) as key_words
        on relations.authority = key_words.authority and relations.whole = key_words.breakdown
),
sides as (select *, unnest(['expected', 'found']) as side from named)
select sides.authority, sides.reporting_year, subject_of(sides.measure) as subject,
    'parts-to-total:' || sides.measure || ':by=' || sides.key
        || case when sides.alone then '' else ':each=' || id_of(less(sides.part_keys, sides.key)) end
        || ':' || case when sides.kind = 'month' then sides.reporting_year || '-months' when sides.alone
            then sides.written
            else sides.period_year || case when sides.period_year = sides.reporting_year then ''
                else '@' || sides.reporting_year end end as check_id,
    upper(left(sides.measure_words, 1)) || substr(sides.measure_words, 2) || ' by ' || replace(sides.key,
        '_', ' ')
        || case when sides.alone or sides.whole = '' then '' else ' for each '
            || replace(replace(less(sides.part_keys, sides.key), ';', ', '), '_', ' ') end
        || ', ' || case when sides.kind = 'month' then 'months of ' || sides.reporting_year
            when sides.alone then sides.period else sides.period_year end as title,
    case when sides.alone then '' else sides.whole || '|' || sides.period end as line,
    case when sides.alone then '' else sides.whole_words || ', ' || sides.period end as line_title,
    sides.side,
    case when sides.side = 'expected' then case when sides.whole = '' then 'all ' || sides.measure_words
        else 'in all' end
        else coalesce(replace(key_value(parts.breakdown, sides.key), '_', ' '), 'no part') end as label,
    case when sides.side = 'expected' then whole_rows.value else parts.value end as value,
    case when sides.side = 'expected' then whole_rows.figure_id else parts.figure_id end as figure_id
from sides
left join parts
    on sides.side = 'found' and sides.authority = parts.authority
        and sides.reporting_year = parts.reporting_year
    and sides.measure = parts.measure and sides.key = parts.key and sides.part_keys = parts.key_set
    and sides.whole = parts.whole and sides.period = parts.period
left join whole_rows
    on sides.side = 'expected' and sides.authority = whole_rows.authority
    and sides.reporting_year = whole_rows.reporting_year and sides.measure = whole_rows.measure
    and sides.key = whole_rows.key and sides.part_keys = whole_rows.part_keys
    and sides.whole = whole_rows.breakdown and sides.period = whole_rows.period
""",
)

FORMALITY = Query(
    "all procedures, informal with them",
    """
select fig.authority, fig.reporting_year, 'parts-to-total:new_complaints:formality=all:' || fig.written
    as check_id,
    'New complaints of every procedure, informal ones with them, ' || fig.period as title,
    side.side as side, case when side.side = 'expected' then 'formal and informal together'
        else coalesce(parts.words, 'no procedure') end as label,
    case when side.side = 'expected' then fig.value else parts.value end as value,
    case when side.side = 'expected' then fig.figure_id else parts.figure_id end as figure_id
from checks.fig as fig
cross join (values ('expected'), ('found')) as side(side)
left join checks.fig as parts
    on side.side = 'found' and fig.authority = parts.authority and fig.reporting_year = parts.reporting_year
    and fig.period = parts.period and parts.measure = 'new_complaints' and parts.key_set = 'procedure'
where fig.measure = 'new_complaints' and fig.breakdown = 'formality=all' and fig.kind in ('year', 'quarter')
    and fig.status = 'computed'
""",
)

# Levels of the tree of services: parts may share a complaint, so what is counted twice is counted here.
LEVELS = Query(
    "services of one level, with what they share",
    f"""
with nodes as (
    select authority, reporting_year, period, level, entity, count(distinct node) as touched
    from checks.placements
    where measure = 'new_complaints' and whole = '' and level not in ('undeclared', 'not_known')
    group by all
), counted as (
    select authority, reporting_year, period, level, sum(touched - 1) as overlap,
        count(*) filter (where touched > 1) as in_several, count(*) as placed
    from nodes group by all
), everybody as (
    select authority, reporting_year, period, count(distinct entity) as complaints
    from checks.placements where measure = 'new_complaints' and whole = '' group by all
), totals as (
    select counted.*, everybody.complaints, periods.period_kind,
        counted.level || ':' || counted.period || case when periods.period_year = counted.reporting_year
            then ''
            else '@' || counted.reporting_year end as suffix
    from counted
    inner join everybody using (authority, reporting_year, period)
    inner join checks.periods as periods using (authority, reporting_year, period)
    where {shown("counted", "'new_complaints'", "'service'", "periods.period_kind")}
), terms as (
    select totals.*, 'found' as side, 1 as sign, 0 as position, labels.label, fig.value, fig.figure_id
    from totals
    inner join checks.labels as labels on totals.authority = labels.authority and totals.level = labels.level
    inner join checks.fig as fig
        on totals.authority = fig.authority and totals.reporting_year = fig.reporting_year
        and totals.period = fig.period and fig.measure = 'new_complaints'
        and fig.breakdown = 'service=' || replace(labels.service, ';', ',')
    union all
    select *, 'found', 1, 1, 'with no ' || replace(level, '_', ' ') || ' recorded', complaints - placed, null
    from totals where complaints != placed
    union all
    select *, 'found', -1, 2, 'counted more than once', overlap, null from totals where overlap != 0
    union all
    select totals.*, 'expected', 1, 0, 'complaints in all', fig.value, fig.figure_id
    from totals
    left join checks.fig as fig
        on totals.authority = fig.authority and totals.reporting_year = fig.reporting_year
        and totals.period = fig.period and fig.measure = 'new_complaints' and fig.breakdown = ''
)
select authority, reporting_year, 'parts-to-total:new_complaints:by=' || suffix as check_id,
    'New complaints by ' || replace(level, '_', ' ') || ', ' || period as title,
    case when in_several > 0 then in_several || case in_several when 1 then ' complaint is'
        else ' complaints are' end
        || ' in more than one ' || replace(level, '_', ' ') else '' end as note,
    side, sign, position, label, value, figure_id
from terms
""",
)

LEVEL_FIGURES = Query(
    "printed overlap",
    f"""
with nodes as (
    select authority, reporting_year, period, level, entity, count(distinct node) as touched
    from checks.placements
    where measure = 'new_complaints' and whole = '' and level not in ('undeclared', 'not_known')
    group by all
), everybody as (
    select authority, reporting_year, period, count(distinct entity) as complaints
    from checks.placements where measure = 'new_complaints' and whole = '' group by all
), counted as (
    -- a complaint with no service of the level counts once, apart
    select authority, reporting_year, period, level, 'new_complaints_part_sum' as measure,
        sum(touched) + any_value(complaints) - count(*) as number
    from nodes inner join everybody using (authority, reporting_year, period) group by all
    union all
    select authority, reporting_year, period, level, 'new_complaints_overlap', sum(touched - 1)
    from nodes group by all
    union all
    select authority, reporting_year, period, level, 'new_complaints_in_several',
        count(*) filter (where touched > 1)
    from nodes group by all
)
select counted.authority, counted.reporting_year,
    'parts-to-total:' || counted.measure || ':by=' || counted.level || ':' || counted.period
        || case when starts_with(counted.period, counted.reporting_year) then '' else '@'
            || counted.reporting_year end as check_id,
    upper(left(measure_name(counted.measure), 1)) || substr(measure_name(counted.measure), 2) || ' by '
        || replace(counted.level, '_', ' ') || ', ' || counted.period as title,
    counted.number as expected, 'counted case by case' as expected_label,
    fig.value as found, 'the figure says' as found_label, fig.figure_id as found_figure
from counted
inner join checks.periods as periods using (authority, reporting_year, period)
left join checks.fig as fig
    on counted.authority = fig.authority and counted.reporting_year = fig.reporting_year
    and counted.period = fig.period and counted.measure = fig.measure and fig.breakdown = 'by='
        || counted.level
where {shown("counted", "counted.measure", "'by'", "periods.period_kind")}
""",
    pair=True,
)

# Every node of the tree: its children, what is recorded at the node itself, less what its children share.
TREE = Query(
    "services below a service",
    f"""
with tree as (
    -- a service that was moved lies below each of its places
    select distinct authority, service as node, parent_service as parent from warehouse.marts.dim_service
), whole_sets as (
    select distinct measure, whole from checks.placements
), reached as (
    -- each thing at a node, and in how many ways it comes to be there: each child, or the node itself
    select p.authority, p.reporting_year, p.measure, p.whole, p.period, p.node, p.entity,
        count(distinct below.node) as ways_through_children,
        max(case when p.leaf = p.node then 1 else 0 end) as directly
    from checks.placements as p
    left join (
        select p2.*, tree.parent from checks.placements as p2
        inner join tree on p2.authority = tree.authority and p2.node = tree.node
    ) as below
        on p.authority = below.authority and p.reporting_year = below.reporting_year
        and p.measure = below.measure and p.whole = below.whole and p.period = below.period
        and p.entity = below.entity and below.parent = p.node
    group by all
), rest as (
    select authority, reporting_year, measure, whole, period, node,
        sum(directly) as own, sum(ways_through_children + directly - 1) as shared
    from reached group by all
), elsewhere as (
    -- things at a service that were not below the node on their day: it was moved
    select below.authority, below.reporting_year, below.measure, below.whole, below.period, tree.parent as node,
        count(*) as moved
    from (select distinct authority, reporting_year, measure, whole, period, node, entity from checks.placements) as below
    inner join tree on below.authority = tree.authority and below.node = tree.node
    left join checks.placements as above
        on below.authority = above.authority and below.reporting_year = above.reporting_year
        and below.measure = above.measure and below.whole = above.whole and below.period = above.period
        and below.entity = above.entity and above.node = tree.parent
    where above.entity is null
    group by all
), parents as (
    select distinct tree.authority, tree.parent as node from tree where tree.parent is not null
), relations as (
    select rest.*, coalesce(elsewhere.moved, 0) as moved
    from rest inner join parents using (authority, node)
    left join elsewhere using (authority, reporting_year, measure, whole, period, node)
), named as (
    select relations.*, measure_name(relations.measure) as measure_words, labels.label as node_label,
        periods.period_year || case when periods.period_year = relations.reporting_year then ''
            else '@' || relations.reporting_year end as year_at
    from relations
    inner join checks.labels as labels on relations.authority = labels.authority
        and relations.node = labels.service
    inner join checks.periods as periods
        on relations.authority = periods.authority and relations.reporting_year = periods.reporting_year
        and relations.period = periods.period
    where {shown("relations", "relations.measure", "keys_of(with_pair(relations.whole, 'service='))", "periods.period_kind")}
), terms as (
    select named.*, 'found' as side, 1 as sign, 0 as position, labels.label, fig.value, fig.figure_id
    from named
    inner join tree on named.authority = tree.authority and named.node = tree.parent
    inner join checks.labels as labels on tree.authority = labels.authority and tree.node = labels.service
    inner join checks.fig as fig
        on named.authority = fig.authority and named.reporting_year = fig.reporting_year
        and named.measure = fig.measure and named.period = fig.period
        and fig.breakdown = with_pair(named.whole, 'service=' || replace(tree.node, ';', ','))
    union all
    select *, 'found', 1, 1, 'at ' || node_label || ' itself', own, null from named where own != 0
    union all
    select *, 'found', -1, 2, 'counted more than once', shared, null from named where shared != 0
    union all
    select *, 'found', -1, 3, 'counted elsewhere on their day', moved, null from named where moved != 0
    union all
    select named.*, 'expected', 1, 0, node_label, fig.value, fig.figure_id
    from named
    left join checks.fig as fig
        on named.authority = fig.authority and named.reporting_year = fig.reporting_year
        and named.measure = fig.measure and named.period = fig.period
        and fig.breakdown = with_pair(named.whole, 'service=' || replace(named.node, ';', ','))
)
select authority, reporting_year, subject_of(measure) as subject,
    'parts-to-total:' || measure || ':below=' || node || case when whole = '' then '' else ':each='
        || keys_of(whole) end
        || ':' || year_at as check_id,
    upper(left(measure_words, 1)) || substr(measure_words, 2) || ' of ' || node_label
        || ' by the services below it, '
        || left(year_at, 7) as title,
    whole || '|' || period as line,
    case when whole = '' then period else replace(replace(whole, '=', ' '), ';', ', ') || ', ' || period end
        as line_title,
    side, sign, position, label, value, figure_id
from terms
""",
)

# Sub-categories of a category; points without a sub-category are counted from the points themselves.
SUB_CATEGORIES = Query(
    "sub-categories of a category",
    f"""
with none as (
    select i.authority, i.reporting_year, p.period, i.category, count(*) as points
    from warehouse.marts.fct_issues as i
    inner join checks.periods as p
        on i.authority = p.authority and i.reporting_year = p.reporting_year
        and p.period_kind in ('year', 'quarter') and i.raised_date between p.period_start and p.period_end
    where i.sub_category is null
    group by all
), subs as (
    select *, without(breakdown, 'sub_category') as whole from checks.fig
    where measure = 'issues_raised' and key_set = 'category;sub_category'
), relations as (
    select * from checks.fig
    where measure = 'issues_raised' and key_set = 'category' and kind in ('year', 'quarter')
        and {shown("fig", "measure", "'category;sub_category'", "kind")}
), terms as (
    select relations.*, 'found' as side, 0 as position, key_value(subs.breakdown, 'sub_category') as label,
        subs.value as number, subs.figure_id as part_id
    from relations
    inner join subs
        on relations.authority = subs.authority and relations.reporting_year = subs.reporting_year
        and relations.period = subs.period and relations.breakdown = subs.whole
    union all
    select relations.*, 'found', 1, 'without a sub-category', coalesce(none.points, 0), null
    from relations
    left join none
        on relations.authority = none.authority and relations.reporting_year = none.reporting_year
        and relations.period = none.period and relations.breakdown = 'category=' || replace(none.category,
            ';', ',')
    union all
    select *, 'expected', 0, words, value, figure_id from relations
)
select authority, reporting_year, 'issue' as subject,
    'parts-to-total:issues_raised:sub_category:' || breakdown || ':' || period_year
        || case when period_year = reporting_year then '' else '@' || reporting_year end as check_id,
    'Points raised about ' || words || ' by sub-category, ' || period_year as title,
    period as line, period as line_title, side, position, label, number as value,
    part_id as figure_id
from terms
""",
)

GROUPINGS = Query(
    "an authority's own groupings",
    f"""
with groups as (
    select distinct authority, attribute, grouping, group_value from warehouse.staging.stg_config_grouping
), attributes as (
    select distinct authority, grouping, attribute from groups
), values_of as (
    unpivot (
        select authority, reporting_year, complaint_id, received_date,
            cast(complainant_role as varchar) as complainant_role, cast(channel as varchar) as channel,
            cast(sex as varchar) as sex, cast(age_band as varchar) as age_band,
            cast(ethnicity as varchar) as ethnicity, cast(disability as varchar) as disability,
            cast(behalf as varchar) as behalf, cast(advocate_kind as varchar) as advocate_kind
        from warehouse.marts.fct_complaints where is_formal
    ) on complainant_role, channel, sex, age_band, ethnicity, disability, behalf, advocate_kind
    into name attribute value value
), placed as (
    select v.authority, v.reporting_year, a.grouping, p.period, v.complaint_id,
        any_value(v.value) as word, count(distinct g.group_value) as groups_touched
    from values_of as v
    inner join attributes as a using (authority, attribute)
    inner join checks.periods as p
        on v.authority = p.authority and v.reporting_year = p.reporting_year
        and p.period_kind in ('year', 'quarter') and v.received_date between p.period_start and p.period_end
    left join warehouse.staging.stg_config_grouping as g
        on v.authority = g.authority and v.attribute = g.attribute and v.value = g.value
            and a.grouping = g.grouping
            and v.received_date between coalesce(g.valid_from, date '1900-01-01')
                and coalesce(g.valid_to, date '9999-12-31')
    where {shown("v", "'new_complaints'", "a.grouping", "p.period_kind")}
    group by all
), rest as (
    -- of what is not known a grouping may say nothing; a word in use that it does not have is a fault of it
    select authority, reporting_year, grouping, period,
        count(*) filter (where groups_touched = 0 and word = 'not_known') as ungrouped,
        string_agg(distinct word, ', ' order by word) filter (where groups_touched = 0 and word != 'not_known')
            as words_without,
        coalesce(sum(groups_touched - 1) filter (where groups_touched > 1), 0) as shared
    from placed group by all
), terms as (
    select rest.*, 'found' as side, 1 as sign, 0 as position, replace(groups.group_value, '_', ' ') as label,
        fig.value, fig.figure_id
    from rest
    inner join groups using (authority, grouping)
    inner join checks.fig as fig
        on rest.authority = fig.authority and rest.reporting_year = fig.reporting_year
            and rest.period = fig.period
        and fig.measure = 'new_complaints' and fig.breakdown = rest.grouping || '=' || groups.group_value
    union all
    select *, 'found', 1, 1, 'not known', ungrouped, null from rest where ungrouped != 0
    union all
    select *, 'found', -1, 2, 'counted more than once', shared, null from rest where shared != 0
    union all
    select rest.*, 'expected', 1, 0,
        'all new complaints' || coalesce(', some of them of words without a line in groupings.csv (' || words_without || ')', ''),
        fig.value, fig.figure_id
    from rest
    left join checks.fig as fig
        on rest.authority = fig.authority and rest.reporting_year = fig.reporting_year
            and rest.period = fig.period
        and fig.measure = 'new_complaints' and fig.breakdown = ''
)
select authority, reporting_year, 'parts-to-total:new_complaints:by=' || grouping || ':' || period
        || case when starts_with(period, reporting_year) then '' else '@' || reporting_year end as check_id,
    'New complaints by ' || replace(grouping, '_', ' ') || ', ' || period as title,
    side, sign, position, label, value, figure_id
from terms
""",
)

STOCK = Query(
    "brought forward, entered, closed, carried forward",
    """
with flow as (
    select authority, reporting_year, period, written, kind, breakdown, key_set, words, period_year,
        max(value) filter (where measure = 'brought_forward') as brought_forward,
        max(value) filter (where measure = 'entered') as entered,
        max(value) filter (where measure = 'closed') as closed,
        max(value) filter (where measure = 'carried_forward') as carried_forward,
        list_transform(
            ['brought_forward', 'entered', 'closed', 'carried_forward'],
            lambda name: map_from_entries(list((measure, figure_id)))[name]
        ) as figure_ids
    from checks.fig
    where measure in ('brought_forward', 'entered', 'closed', 'carried_forward')
        and key_set in ('procedure;stage', 'procedure;service;stage') and kind in ('year', 'quarter')
    group by all
), named as (
    select *, key_set = 'procedure;stage' as alone from flow
)
select authority, reporting_year, 'stage' as subject,
    'stock-and-flow:' || case when alone then breakdown || ':' || written else 'each=' || key_set || ':'
        || written end as check_id,
    case when alone then upper(left(words, 1)) || substr(words, 2) || ', ' || period
        else 'Stage episodes of each procedure, stage and service, ' || period end as title,
    case when alone then '' else breakdown end as line, words as line_title,
    unnest(['found', 'found', 'found', 'expected']) as side, unnest([1, 1, -1, 1]) as sign,
    unnest([0, 1, 2, 3]) as position,
    unnest(['brought forward', 'entered', 'closed', 'carried forward']) as label,
    unnest([brought_forward, entered, closed, carried_forward]) as value, unnest(figure_ids) as figure_id
from named
""",
)

STOCK_CHAIN = Query(
    "one quarter's end is the next one's start",
    f"""
with stock as (
    select fig.* from checks.fig as fig
    where fig.measure in ('brought_forward', 'carried_forward') and fig.kind in ('year', 'quarter')
        and fig.key_set in ('procedure;stage', 'procedure;service;stage')
), quarters as (select * from stock where kind = 'quarter'),
edges as (
    select authority, reporting_year, period_year, min(ordinal) as first_quarter, max(ordinal) as last_quarter
    from quarters group by all
), links as (
    select authority, reporting_year, breakdown, key_set, words, period_year,
        right(period, 2) || ' carried forward' as expected_label, value as expected, figure_id, ordinal + 1
            as next_ordinal,
        'brought_forward' as next_measure, 'quarter' as next_kind
    from quarters where measure = 'carried_forward'
), pairs as (
    select links.authority, links.reporting_year, links.breakdown, links.key_set, links.words,
        links.period_year,
        links.expected, links.expected_label, next.value as found,
        right(next.period, 2) || ' brought forward' as found_label,
        links.figure_id as expected_figure, next.figure_id as found_figure
    from links
    inner join checks.periods as after
        on links.authority = after.authority and links.reporting_year = after.reporting_year
        and after.period_kind = 'quarter' and after.ordinal = links.next_ordinal
    left join quarters as next
        on links.authority = next.authority and links.reporting_year = next.reporting_year
        and links.breakdown = next.breakdown and next.measure = 'brought_forward'
            and next.period = after.period
    union all
    select year.authority, year.reporting_year, year.breakdown, year.key_set, year.words, year.period_year,
        year.value, 'year''s ' || year.measure_words, q.value, right(q.period, 2) || ' ' || year.measure_words,
        year.figure_id, q.figure_id
    from stock as year
    inner join edges using (authority, reporting_year, period_year)
    left join quarters as q
        on year.authority = q.authority and year.reporting_year = q.reporting_year
            and year.breakdown = q.breakdown
        and year.measure = q.measure
        and q.ordinal = case when year.measure = 'brought_forward' then edges.first_quarter
            else edges.last_quarter end
    where year.kind = 'year' and {shown("year", "year.measure", "year.key_set", "'quarter'")}
)
select authority, reporting_year, 'stage' as subject,
    'stock-and-flow:chain:' || case when key_set = 'procedure;stage' then breakdown else 'each='
        || key_set end || ':'
        || period_year || case when period_year = reporting_year then '' else '@' || reporting_year end
            as check_id,
    case when key_set = 'procedure;stage' then upper(left(words, 1)) || substr(words, 2)
        else 'Stage episodes of each procedure, stage and service' end
        || ': what one period carries forward the next brings forward, ' || period_year as title,
    breakdown || '|' || found_label || '|' || expected_label as line,
    words as line_title, expected, expected_label, found, found_label, expected_figure, found_figure
from pairs
""",
    pair=True,
)

# Every percentage: 100 x its count / its base. Checked in one go for each measure and kind of table.
PERCENT = Query(
    "percentages from their counts",
    f"""
with percent as (
    select * from checks.fig
    where unit = 'percent' and status = 'computed' and denominator is not null and measure not like '%change%'
), named as (
    select *, measure || ':' || reporting_year as suffix,
        upper(left(measure_words, 1)) || substr(measure_words, 2) || ', ' || reporting_year as measure_title,
        coalesce(nullif(words, ''), 'all') || ', ' || period as figure_title
    from percent
)
select authority, reporting_year, subject_of(measure) as subject, 'percentage-from-counts:' || suffix as check_id,
    measure_title || ': each percentage is 100 times its count over its base' as title,
    figure_id as line, figure_title as line_title,
    case when denominator = 0 then null else 100.0 * numerator / denominator end as expected,
    '100 × ' || plain(numerator) || ' / ' || plain(denominator) || ' =' as expected_label,
    value as found, 'the figure says' as found_label, '=' as op, figure_id as found_figure
from named
union all
select authority, reporting_year, subject_of(measure), 'percentage-from-counts:part-of-base:' || suffix,
    measure_title || ': no count is greater than its base',
    figure_id, figure_title, denominator, 'base', numerator, 'count', '<=', figure_id
from named
-- a flow is no part of a whole: stages asked for in the period, over complaints that entered the stage
-- before in it
where measure not in {_in(catalogue.shares_of_no_whole())}
""",
    pair=True,
)

# The count over the line is the count figure of the same name; the base is the figure that it is a share of.
SHARE_SIDES = Query(
    "numerators and denominators that are figures themselves",
    f"""
with bases(measure, base) as (values {_share_bases(False)}
), wholes(measure, base) as (values {_share_bases(True)}
), shares as (
    select * from checks.fig where unit = 'percent' and status = 'computed'
        and measure like '%\\_share' escape '\\'
), counted as (
    -- tables of counts that the report has: a count of them that is not there leaves a blank side
    select distinct authority, reporting_year, measure, key_set, kind from checks.fig where status = 'computed'
), limited as (
    -- answers that a limit was set for, counted from the marts: no figure of their own
    select t.authority, t.reporting_year, p.period, t.whole, count(*) as number
    from (
        select distinct t.authority, t.reporting_year, t.responded_date, unnest([
            'stage=' || t.stage, 'procedure=' || t.procedure || ';stage=' || t.stage,
            'service=' || replace(tree.ancestor_service, ';', ',') || ';stage=' || t.stage,
            'procedure=' || t.procedure || ';service=' || replace(tree.ancestor_service, ';', ',')
                || ';stage=' || t.stage
        ]) as whole, t.stage_id
        from warehouse.marts.fct_timeliness as t
        inner join warehouse.marts.fct_stages as s using (authority, reporting_year, stage_id)
        inner join warehouse.marts.bridge_service_ancestor as tree
            on t.authority = tree.authority and t.service = tree.service
            and s.requested_date between tree.valid_from and tree.valid_to
        where not t.is_end_before_start and t.standard_limit is not null
    ) as t
    inner join checks.periods as p
        on t.authority = p.authority and t.reporting_year = p.reporting_year
        and t.responded_date between p.period_start and p.period_end
    group by all
), rows as (
    select shares.*, 'base' as what, shares.denominator as number, limited.number as figure
    from shares
    left join limited
        on shares.authority = limited.authority and shares.reporting_year = limited.reporting_year
        and shares.period = limited.period and shares.breakdown = limited.whole
    where shares.measure in ('responses_within_standard_share', 'responses_within_extended_share',
        'responses_within_agreed_share')
    union all
    select shares.*, 'count' as what, shares.numerator as number, same.value as figure
    from shares
    inner join counted
        on shares.authority = counted.authority and shares.reporting_year = counted.reporting_year
        and shares.kind = counted.kind and shares.key_set = counted.key_set
        and counted.measure = left(shares.measure, length(shares.measure) - 6)
    left join checks.fig as same
        on shares.authority = same.authority and shares.reporting_year = same.reporting_year
        and shares.period = same.period and shares.breakdown = same.breakdown and same.measure = counted.measure
    where shares.numerator > 0 or same.value is not null
    union all
    select shares.*, 'base', shares.denominator, whole.value
    from shares
    inner join bases using (measure)
    left join checks.fig as whole
        on shares.authority = whole.authority and shares.reporting_year = whole.reporting_year
        and shares.period = whole.period and shares.breakdown = whole.breakdown and whole.measure = bases.base
    union all
    -- a part of a table is a share of the table's total: the same breakdown with one key less
    select shares.*, 'base', shares.denominator, min_by(whole.value, abs(whole.value - shares.denominator))
    from shares
    inner join wholes using (measure)
    cross join (select unnest(range(1, 8)) as place) as places
    left join checks.fig as whole
        on shares.authority = whole.authority and shares.reporting_year = whole.reporting_year
        and shares.period = whole.period and whole.measure = wholes.base
        and whole.breakdown = without(shares.breakdown, string_split(shares.key_set, ';')[place])
    where places.place <= shares.n_keys
    group by all
)
select authority, reporting_year, subject_of(measure) as subject,
    'percentage-from-counts:' || what || '-is-a-figure:' || measure || ':' || reporting_year as check_id,
    upper(left(measure_words, 1)) || substr(measure_words, 2) || ', ' || reporting_year || ': the ' || what
        || ' of each percentage is the figure printed for it' as title,
    figure_id as line, coalesce(nullif(words, ''), 'all') || ', ' || period as line_title,
    figure as expected, 'figure' as expected_label, number as found, what || ' of the percentage'
        as found_label, figure_id as found_figure
from rows
""",
    pair=True,
)

OUTCOMES = Query(
    "outcomes of what was answered",
    f"""
with parts as (
    select *, without(breakdown, 'outcome') as whole from checks.fig
    where measure in ('complaint_outcomes', 'issue_outcomes') and list_contains(string_split(key_set, ';'),
        'outcome')
), answered as (
    -- issues are counted from the marts, since their figure may leave outcomes out by the authority's choice
    select f.authority, f.reporting_year, 'issue_outcomes' as measure, p.period, f.whole, count(*) as number
    from (
        select authority, reporting_year, decided_date,
            unnest(['stage=' || stage, 'procedure=' || procedure || ';stage=' || stage]) as whole
        from warehouse.marts.fct_outcomes where unit = 'issue'
    ) as f
    inner join checks.periods as p
        on f.authority = p.authority and f.reporting_year = p.reporting_year
        and p.period_kind in ('year', 'quarter') and f.decided_date between p.period_start and p.period_end
    group by all
    union all
    select authority, reporting_year, 'complaint_outcomes', period, breakdown, value from checks.fig
    where measure = 'responses' and key_set in ('stage', 'procedure;stage', 'service;stage',
        'procedure;service;stage')
), named as (
    select answered.*, coalesce(words.words, answered.whole) as whole_words,
        keys_of(answered.whole) as keys,
        answered.whole not like '%service=%' as alone,
        answered.period || case when starts_with(answered.period, answered.reporting_year) then ''
            else '@' || answered.reporting_year end as written
    from answered
    inner join checks.periods as periods using (authority, reporting_year, period)
    left join (select distinct authority, breakdown, words from checks.fig) as words
        on answered.authority = words.authority and answered.whole = words.breakdown
    where answered.number > 0
        and {shown("answered", "answered.measure", "keys_of(with_pair(answered.whole, 'outcome='))", "periods.period_kind")}
    union
    select parts.authority, parts.reporting_year, parts.measure, parts.period, parts.whole, null, parts.words,
        keys_of(parts.whole), false, parts.written
    from parts
    anti join answered using (authority, reporting_year, measure, period, whole)
    where parts.value > 0 and keys_of(parts.whole) in ('stage', 'procedure;stage')
), terms as (
    select named.*, 'expected' as side, 0 as position,
        case measure when 'issue_outcomes' then 'points answered' else 'responses' end as label, number
            as value, cast(null as varchar) as figure_id
    from named
    union all
    select named.*, 'found', row_number() over (order by parts.breakdown),
        coalesce(replace(key_value(parts.breakdown, 'outcome'), '_', ' '), 'no outcome'), parts.value, parts.figure_id
    from named
    left join parts using (authority, reporting_year, measure, period, whole)
)
select authority, reporting_year, subject_of(measure) as subject,
    'outcomes-to-responses:' || measure || ':' || case when alone then whole else 'each=' || keys end || ':'
        || written as check_id,
    case measure when 'issue_outcomes' then 'Outcomes of points of complaint, '
        else 'Outcomes of complaints answered, ' end
        || case when alone then whole_words else 'each ' || replace(keys, ';', ', ') end || ', ' || period
            as title,
    case when alone then '' else whole end as line, whole_words as line_title, side, position, label, value,
    figure_id
from terms
""",
)

SUBSET = Query(
    "a part of a whole",
    f"""
with subsets(small, large) as (values {_rows(catalogue.subsets())}),
sets as (
    -- tables of the larger measure that the report has: a cell of them that is not there leaves a blank side
    select distinct authority, reporting_year, measure, key_set, kind from checks.fig where status = 'computed'
)
select small.authority, small.reporting_year, subject_of(small.measure) as subject,
    'subset-within-whole:' || small.measure || '-in-' || subsets.large || ':' || small.reporting_year
        as check_id,
    upper(left(small.measure_words, 1)) || substr(small.measure_words, 2) || ' never more than '
        || measure_name(subsets.large) || ', ' || small.reporting_year as title,
    small.breakdown || '|' || small.period as line,
    coalesce(nullif(small.words, ''), 'all') || ', ' || small.period as line_title, '<=' as op,
    large.value as expected, measure_name(subsets.large) as expected_label,
    small.value as found, small.measure_words as found_label, large.figure_id as expected_figure,
    small.figure_id as found_figure
from checks.fig as small
inner join subsets on small.measure = subsets.small
inner join sets
    on small.authority = sets.authority and small.reporting_year = sets.reporting_year
    and subsets.large = sets.measure and small.key_set = sets.key_set and small.kind = sets.kind
left join checks.fig as large
    on small.authority = large.authority and small.reporting_year = large.reporting_year
    and small.period = large.period and small.breakdown = large.breakdown and large.measure = subsets.large
    and large.status = 'computed'
where small.status = 'computed' and (small.value > 0 or large.value is not null)
union all
-- a part by child, person or service is never more than the whole it is a part of
select small.authority, small.reporting_year, 'complaint',
    'subset-within-whole:' || small.measure || ':' || small.reporting_year,
    upper(left(small.measure_words, 1)) || substr(small.measure_words, 2) || ', ' || small.reporting_year
        || ': no part is more than all of them',
    small.breakdown || '|' || small.period, small.words || ', ' || small.period, '<=',
    large.value, 'all', small.value, 'part', large.figure_id, small.figure_id
from checks.fig as small
inner join checks.fig as large
    on small.authority = large.authority and small.reporting_year = large.reporting_year
    and small.period = large.period and small.measure = large.measure and large.breakdown = ''
where small.measure in {_in(catalogue.parts_within())}
    and small.breakdown != '' and not has_key(small.key_set, 'formality')
    and small.breakdown not like '%procedure=informal%'
    -- by any procedure, or by child, an informal complaint may come in that the total leaves out
    and not (small.measure in ('new_complaints', 'children_in_complaints') and has_key(small.key_set,
        'any_procedure'))
    and small.status = 'computed' and large.status = 'computed'
""",
    pair=True,
)

# Bands that follow one another without gap or overlap from 0 to no end: the largest such set of each table.
BANDS = Query(
    "bands of working days",
    f"""
with recursive bands as (
    select authority, procedure, cast(stage as varchar) as stage, band, from_days, to_days,
        coalesce(valid_from, date '1900-01-01') as valid_from, coalesce(valid_to, date '9999-12-31') as valid_to
    from warehouse.staging.stg_config_time_band
), chains as (
    select authority, procedure, stage, [band] as chain, to_days, 1 as length, valid_from, valid_to
    from bands where from_days = 0
    union all
    select chains.authority, chains.procedure, chains.stage, list_append(chains.chain, bands.band),
        bands.to_days,
        chains.length + 1, greatest(chains.valid_from, bands.valid_from), least(chains.valid_to, bands.valid_to)
    from chains
    inner join bands
        on chains.authority = bands.authority and chains.procedure = bands.procedure
            and chains.stage = bands.stage
        and bands.from_days = chains.to_days + 1
        and bands.valid_from <= chains.valid_to and bands.valid_to >= chains.valid_from
), timed as (
    -- answers with a working-day clock, from the marts
    select t.authority, t.reporting_year, p.period, p.period_kind, t.procedure, cast(t.stage as varchar)
        as stage,
        count(*) as responses
    from warehouse.marts.fct_timeliness as t
    inner join checks.periods as p
        on t.authority = p.authority and t.reporting_year = p.reporting_year
        and p.period_kind in ('year', 'quarter') and t.responded_date between p.period_start and p.period_end
    where not t.is_end_before_start
    group by all
), relations as (
    -- the bands in force in the whole of a period; a period in which they changed has no such set
    select timed.*, chains.chain
    from timed
    inner join checks.periods as p using (authority, reporting_year, period)
    inner join chains using (authority, procedure, stage)
    where chains.to_days is null and chains.valid_from <= p.period_start and chains.valid_to >= p.period_end
        and {shown("timed", "'responses_in_band'", "'band;procedure;stage'", "timed.period_kind")}
    qualify row_number() over (
        partition by timed.authority, timed.reporting_year, timed.period, timed.procedure, timed.stage
        order by chains.length desc, chains.chain
    ) = 1
), terms as (
    select relations.*, 'expected' as side, 0 as position, 'answers with a working-day clock' as label,
        cast(responses as double) as value, cast(null as varchar) as figure_id
    from relations
    union all
    select relations.*, 'found', list_position(relations.chain, key_value(fig.breakdown, 'band')),
        key_value(fig.breakdown, 'band') || ' days', fig.value, fig.figure_id
    from relations
    inner join checks.fig as fig
        on relations.authority = fig.authority and relations.reporting_year = fig.reporting_year
        and relations.period = fig.period and fig.measure = 'responses_in_band'
        and fig.key_set = 'band;procedure;stage'
        and without(fig.breakdown, 'band') = 'procedure=' || relations.procedure || ';stage='
            || relations.stage
        and list_contains(relations.chain, key_value(fig.breakdown, 'band'))
)
select authority, reporting_year, 'stage' as subject,
    'subset-within-whole:bands:procedure=' || procedure || ';stage=' || stage || ':' || period
        || case when starts_with(period, reporting_year) then '' else '@' || reporting_year end as check_id,
    'Answers at ' || procedure || ' stage ' || stage || ' by working days taken, ' || period as title,
    side, position, label, value, figure_id
from terms
""",
)

CHANGE = Query(
    "changes from their two periods",
    """
with changes as (
    select fig.*, regexp_replace(fig.measure, '_change(_pct|_points)?$', '') as base,
        case when fig.measure like '%\\_change\\_pct' escape '\\' then 'pct' else 'difference' end
            as kind_of_change,
        cast(cast(left(fig.period, 4) as integer) - 1 as varchar) || '-' || substr(fig.period, 3, 2)
            as earlier
    from checks.fig as fig
    where regexp_matches(fig.measure, '_change(_pct|_points)?$') and fig.status = 'computed'
        and fig.kind != 'quarter'
        and fig.value is not null
), sides as (
    select changes.*, this.value as this_value, last.value as last_value
    from changes
    left join checks.fig as this
        on changes.authority = this.authority and changes.reporting_year = this.reporting_year
        and changes.base = this.measure and changes.breakdown = this.breakdown
            and changes.period = this.period
    left join (
        -- the case data where it covers the earlier year, else the figure given for it
        select * from checks.fig
        qualify row_number() over (
            partition by authority, reporting_year, measure, breakdown, period
            order by case status when 'computed' then 0 else 1 end
        ) = 1
    ) as last
        on changes.authority = last.authority and changes.reporting_year = last.reporting_year
        and changes.base = last.measure and changes.breakdown = last.breakdown
            and changes.earlier = last.period
)
select authority, reporting_year, subject_of(base) as subject,
    'change-from-periods:' || measure || ':' || case when n_keys <= 1 then id_of(breakdown) else 'each='
        || key_set end
        || ':' || written as check_id,
    'Change in ' || measure_name(base) || case when kind_of_change = 'pct' then ', percent'
            when measure like '%_points' then ', percentage points' else '' end
        || case when n_keys = 0 then '' when n_keys = 1 then ', ' || words
            else ' by ' || replace(replace(key_set, ';', ', '), '_', ' ') end
        || ', ' || earlier || ' to ' || period as title,
    case when n_keys <= 1 then '' else breakdown end as line, words as line_title,
    case when kind_of_change = 'pct' then case when last_value != 0
        then 100.0 * (this_value - last_value) / last_value end
        else this_value - last_value end as expected,
    case when kind_of_change = 'pct' then '100 × (' || plain(this_value) || ' - ' || plain(last_value)
        || ') / '
            || plain(last_value) || ' ='
        else plain(this_value) || ' - ' || plain(last_value) || ' =' end as expected_label,
    value as found, 'the figure says' as found_label, figure_id as found_figure
from sides
""",
    pair=True,
)

# A complaint is new in the year and in its total: informal ones are counted apart.
_NEW = ("stg_complaint", "received_date", "t.procedure != 'informal'")
# An answer that a limit applied to; a procedure without limits has none.
_LIMITED = """exists (
    select 1 from warehouse.marts.fct_timeliness as timed
    where timed.authority = t.authority and timed.reporting_year = reports.reporting_year
        and timed.stage_id = t.stage_id and timed.extended_limit is not null and not timed.is_end_before_start
)"""

# The number of new complaints of the year before, as sent: it calls for the change from it.
_YEAR_BEFORE = """t.figure = 'new_complaints' and coalesce(t.breakdown, '') = '' and t.value is not null
    and left(t.figure_year, 4) = cast(cast(left(reports.reporting_year, 4) as integer) - 1 as varchar)"""

FAMILIES: tuple[Family, ...] = (
    Family(
        "parts_to_total",
        "The parts of a table add up to its total; what is counted in two parts is counted and taken off.",
        (PARTITION, FORMALITY, LEVELS, LEVEL_FIGURES, TREE, SUB_CATEGORIES, GROUPINGS),
        (
            Requirement("parts-to-total:new_complaints:by=procedure:", *_NEW),
            Requirement("parts-to-total:new_complaints_part_sum:by=", "stg_config_service"),
            Requirement("parts-to-total:issues_raised:by=category:", "stg_issue", "raised_date"),
            Requirement("parts-to-total:responses:by=procedure:", "stg_stage", "responded_date"),
            Requirement("parts-to-total:compliments:by=", "stg_compliment", "received_date"),
        ),
    ),
    Family(
        "quarters_to_year",
        "What happened in the year is what happened in its quarters, and in its months.",
        (QUARTERS, MONTHS),
        (
            Requirement("quarters-to-year:new_complaints:total:", *_NEW),
            Requirement("months-to-year:new_complaints:", *_NEW),
            Requirement("quarters-to-year:issues_raised:total:", "stg_issue", "raised_date"),
            Requirement("quarters-to-year:responses:", "stg_stage", "responded_date"),
            Requirement("quarters-to-year:entered:", "stg_stage", "requested_date"),
            Requirement("quarters-to-year:closed:", "stg_stage", "responded_date"),
            Requirement("quarters-to-year:issue_outcomes:", "stg_issue_outcome", "decided_date"),
            Requirement("quarters-to-year:compliments:", "stg_compliment", "received_date"),
            Requirement("quarters-to-year:contacts:", "stg_contact", "received_date"),
        ),
    ),
    Family(
        "stock_and_flow",
        "Brought forward + entered - closed = carried forward, and one period's end is the next one's start.",
        (STOCK, STOCK_CHAIN),
        (
            Requirement("stock-and-flow:procedure=", "stg_stage", "requested_date"),
            Requirement("stock-and-flow:each=procedure;service;stage:", "stg_stage", "requested_date"),
            Requirement("stock-and-flow:chain:procedure=", "stg_stage", "requested_date"),
        ),
    ),
    Family(
        "percentage_from_counts",
        "A percentage is its count over its base, and both are figures.",
        (PERCENT, SHARE_SIDES),
        (
            Requirement("percentage-from-counts:new_complaints_share:", "stg_complaint", "received_date"),
            Requirement("percentage-from-counts:count-is-a-figure:", "stg_complaint", "received_date"),
            Requirement("percentage-from-counts:base-is-a-figure:", "stg_complaint", "received_date"),
        ),
    ),
    Family(
        "outcomes_to_responses",
        "Every answer has one outcome, or one 'not known'.",
        (OUTCOMES,),
        (
            Requirement("outcomes-to-responses:complaint_outcomes:", "stg_stage", "responded_date"),
            Requirement("outcomes-to-responses:issue_outcomes:", "stg_issue_outcome", "decided_date"),
        ),
    ),
    Family(
        "subset_within_whole",
        "A part is never more than its whole; bands of working days hold every timed answer once.",
        (SUBSET, BANDS),
        (
            Requirement("subset-within-whole:new_complaints:", *_NEW),
            Requirement(
                "subset-within-whole:responses_within_extended-in-responses_timed:",
                "stg_stage",
                "responded_date",
                _LIMITED,
            ),
        ),
    ),
    Family(
        "change_from_periods",
        "A change is this period less the earlier one, its percentage has the earlier one as base.",
        (CHANGE,),
        (
            Requirement(
                "change-from-periods:new_complaints_change:total:", "stg_prior_figure", where=_YEAR_BEFORE
            ),
        ),
    ),
)
