"""Checks between layers: marts against staging, and figures against things counted again by another route."""

from __future__ import annotations

from dataclasses import dataclass

from expectations.equations import Family, Query, Requirement
from expectations.suites.figures import shown


@dataclass(frozen=True)
class Pairing:
    """A contract table and the mart that must hold the same things.

    Attributes:
        table: contract table.
        mart: mart that holds it, one row per key.
        keys: expressions that name one thing,
            over `s` in staging; names of the mart's columns are in `mart_keys`.
        mart_keys: the same over `m`.
        known_by: the staging date after which the thing exists (blank: always).
        parent: id column of the complaint or other thing that must be known too, and the staging table,
            its date.
        mart_where: rows of the mart that are meant.
        extra: further condition in staging.
    """

    table: str
    mart: str
    keys: tuple[str, ...]
    mart_keys: tuple[str, ...]
    known_by: str | None = None
    parents: tuple[tuple[str, str, str], ...] = ()
    mart_where: str = "true"
    extra: str = "true"
    name: str = ""


_COMPLAINT = (("complaint_id", "complaint", "received_date"),)

PAIRINGS = (
    Pairing("complaint", "fct_complaints", ("complaint_id",), ("complaint_id",), "received_date"),
    Pairing(
        "complaint_service",
        "bridge_complaint_service",
        ("complaint_id", "service"),
        ("complaint_id", "service"),
        parents=_COMPLAINT,
        mart_where="m.service != 'not_known'",
        extra="s.service is not null and s.service != 'not_known'",
    ),
    Pairing(
        "complaint_child",
        "bridge_complaint_child",
        ("complaint_id", "child_key"),
        ("complaint_id", "child_key"),
        parents=_COMPLAINT,
    ),
    Pairing(
        "stage",
        "fct_stages",
        ("stage_id",),
        ("stage_id",),
        "requested_date",
        _COMPLAINT,
    ),
    Pairing(
        "stage",
        "fct_timeliness",
        ("stage_id",),
        ("stage_id",),
        "requested_date",
        _COMPLAINT,
        extra="s.responded_date <= f.as_at",
        name="response",
    ),
    Pairing(
        "stage",
        "fct_outcomes",
        ("stage_id",),
        ("outcome_id",),
        "requested_date",
        _COMPLAINT,
        mart_where="m.unit = 'complaint'",
        extra="s.responded_date <= f.as_at",
        name="stage_outcome",
    ),
    Pairing("issue", "fct_issues", ("issue_id",), ("issue_id",), "raised_date", _COMPLAINT),
    Pairing(
        "issue_outcome",
        "fct_outcomes",
        ("issue_id", "stage"),
        ("outcome_id", "stage"),
        "decided_date",
        (("issue_id", "issue", "raised_date"),),
        mart_where="m.unit = 'issue'",
        extra="""s.decided_date is not null and exists (
            select 1 from warehouse.staging.stg_issue as i
            inner join warehouse.staging.stg_complaint as c
                on i.authority = c.authority and i.complaint_id = c.complaint_id
            inner join checks.in_force as cf on cf.extract_id = c.extract_id
            where i.authority = s.authority and i.issue_id = s.issue_id and cf.authority = f.authority
                and cf.reporting_year = f.reporting_year
                and (c.received_date is null or c.received_date <= f.as_at))""",
    ),
    Pairing("mediation", "fct_mediation", ("mediation_id",), ("mediation_id",), "offered_date", _COMPLAINT),
    Pairing("remedy", "fct_remedies", ("remedy_id",), ("remedy_id",), "agreed_date"),
    Pairing("learning", "fct_learning", ("learning_id",), ("learning_id",), "sent_date"),
    Pairing("action", "fct_actions", ("action_id",), ("action_id",), "agreed_date"),
    Pairing("compliment", "fct_compliments", ("compliment_id",), ("compliment_id",), "received_date"),
    Pairing(
        "compliment_category",
        "bridge_compliment_category",
        ("compliment_id", "category"),
        ("compliment_id", "category"),
        parents=(("compliment_id", "compliment", "received_date"),),
        mart_where="m.category != 'not_known'",
        extra="s.category != 'not_known'",
    ),
    Pairing("ombudsman", "fct_ombudsman", ("ombudsman_id",), ("ombudsman_id",), "received_date"),
    Pairing(
        "ombudsman_service",
        "bridge_ombudsman_service",
        ("ombudsman_id", "service"),
        ("ombudsman_id", "service"),
        parents=(("ombudsman_id", "ombudsman", "received_date"),),
        mart_where="m.service != 'not_known'",
        extra="s.service is not null and s.service != 'not_known'",
    ),
    Pairing("contact", "fct_contacts", ("contact_id",), ("contact_id",), "received_date"),
    Pairing("satisfaction", "fct_satisfaction", ("satisfaction_id",), ("satisfaction_id",), "answered_date"),
    Pairing(
        "activity",
        "fct_activity",
        ("extract_id", "source_row", "measure", "period_start"),
        ("extract_id", "source_row", "measure", "period_start"),
        "period_start",
    ),
    Pairing(
        "prior_figure",
        "fct_prior_figures",
        ("extract_id", "source_row", "figure", "breakdown"),
        ("extract_id", "source_row", "figure", "breakdown"),
    ),
)


def _key(alias: str, columns: tuple[str, ...]) -> str:
    """One text that names a thing."""
    return " || '|' || ".join(f"coalesce(cast({alias}.{column} as varchar), '')" for column in columns)


def _sides(pairing: Pairing) -> tuple[str, str]:
    """Return the selects of the things in staging and of those in the mart."""
    conditions = [pairing.extra]
    if pairing.known_by:
        conditions.append(f"(s.{pairing.known_by} is null or s.{pairing.known_by} <= f.as_at)")
    for column, parent, date in pairing.parents:
        conditions.append(
            f"""exists (
            select 1 from warehouse.staging.stg_{parent} as p
            inner join checks.in_force as pf on pf.extract_id = p.extract_id
            where pf.authority = f.authority and pf.reporting_year = f.reporting_year
                and p.authority = s.authority and p.{column} = s.{column}
                and (p.{date} is null or p.{date} <= f.as_at))"""
        )
    where = "\n        and ".join(conditions)
    staged = f"""select f.authority, f.reporting_year, {_key("s", pairing.keys)} as thing,
        s.extract_id, s.source_file, s.source_row
    from checks.in_force as f
    inner join warehouse.staging.stg_{pairing.table} as s on f.authority = s.authority
        and f.extract_id = s.extract_id
    where {where}"""
    mart = f"""select m.authority, m.reporting_year, {_key("m", pairing.mart_keys)} as thing
    from warehouse.marts.{pairing.mart} as m where {pairing.mart_where}"""
    return staged, mart


def _pairing(pairing: Pairing) -> Query:
    """Two checks: as many things in the mart as in staging, and the same ones."""
    name = pairing.name or pairing.table
    words = name.replace("_", " ")
    staged, mart = _sides(pairing)
    return Query(
        f"{pairing.mart} against {name}",
        f"""
with staged as (
    {staged}
), mart as (
    {mart}
), sides as (
    select authority, reporting_year, thing, is_staged, is_kept
    from (select distinct *, true as is_staged from (select authority, reporting_year, thing from staged))
    full join (select distinct *, true as is_kept from mart) using (authority, reporting_year, thing)
), counted as (
    select authority, reporting_year, as_at, count(is_staged) as staged, count(is_kept) as kept,
        count(*) filter (where is_staged is null or is_kept is null) as on_one_side
    from sides inner join checks.reports using (authority, reporting_year) group by all
)
select authority, reporting_year, '{pairing.table}' as subject,
    'mart-equals-staging:{name}:count:' || reporting_year as check_id,
    '{words[0].upper() + words[1:]} rows known on ' || ltrim(strftime(as_at, '%d %B %Y'), '0') as title,
    staged as expected, 'in the extracts in force' as expected_label, kept as found, 'in the warehouse'
        as found_label
from counted
union all
select authority, reporting_year, '{pairing.table}', 'mart-equals-staging:{name}:keys:' || reporting_year,
    '{words[0].upper() + words[1:]} rows known on ' || ltrim(strftime(as_at, '%d %B %Y'), '0'),
    0, 'allowed', on_one_side, 'in the extracts in force or in the warehouse but not in both'
from counted
""",
        pair=True,
        rows=f"""
with staged as (
    {staged}
), mart as (
    {mart}
)
select authority, reporting_year, 'mart-equals-staging:{name}:keys:' || reporting_year as check_id,
    source_file as file, source_row as row, 'in the extract and not in {pairing.mart}' as what
from staged anti join mart using (authority, reporting_year, thing)
union all
select authority, reporting_year, 'mart-equals-staging:{name}:keys:' || reporting_year,
    '', null, 'in {pairing.mart} and in no extract in force'
from mart anti join staged using (authority, reporting_year, thing)
""",
    )


# The same number by two routes: `again` counts in the marts, day by day; figures have models of their own.
AGAIN = Query(
    "figures counted again",
    f"""
with counted as (
    select authority, reporting_year, 'complaint' as subject, 'new_complaints' as measure,
        unnest(case when is_formal then ['', 'formality=all', 'procedure=' || procedure]
            else ['formality=all', 'procedure=' || procedure] end) as breakdown,
        received_date as day, 1 as number
    from warehouse.marts.fct_complaints
    union all
    select authority, reporting_year, 'issue', 'issues_raised',
        unnest(['', 'procedure=' || procedure, 'category=' || replace(category, ';', ',')]), raised_date, 1
    from warehouse.marts.fct_issues
    union all
    select authority, reporting_year, 'stage', 'responses',
        unnest(['stage=' || stage, 'procedure=' || procedure || ';stage=' || stage]), responded_date, 1
    from warehouse.marts.fct_timeliness
    union all
    select authority, reporting_year, 'stage', 'responses_within_' || unnest(['standard', 'extended',
        'agreed']),
        'procedure=' || procedure || ';stage=' || stage, responded_date,
        case when not is_end_before_start then
            unnest([is_within_standard, is_within_extended, is_within_agreed])::integer else 0 end
    from warehouse.marts.fct_timeliness
    union all
    select authority, reporting_year, 'stage', 'entered', 'procedure=' || procedure || ';stage=' || stage,
        requested_date, 1
    from warehouse.marts.fct_stages
    union all
    select authority, reporting_year, 'stage', 'closed',
        unnest(['procedure=' || procedure || ';stage=' || stage,
            'closed_how=' || coalesce(closed_how, 'not_known') || ';procedure=' || procedure || ';stage='
                || stage]),
        greatest(closed_date, requested_date), 1
    from warehouse.marts.fct_stages where closed_date is not null
    union all
    select authority, reporting_year, 'issue_outcome', 'issue_outcomes', 'outcome=' || outcome || ';stage='
        || stage,
        decided_date, 1
    from warehouse.marts.fct_outcomes where unit = 'issue'
    union all
    select authority, reporting_year, 'stage', 'complaint_outcomes', 'outcome=' || outcome || ';stage='
        || stage,
        decided_date, 1
    from warehouse.marts.fct_outcomes where unit = 'complaint'
    union all
    select authority, reporting_year, 'ombudsman', 'ombudsman_received', unnest(['', 'decision='
        || decision]), received_date, 1
    from warehouse.marts.fct_ombudsman
    union all
    select authority, reporting_year, 'contact', 'contacts', 'kind=' || kind, received_date, 1
    from warehouse.marts.fct_contacts
    union all
    select authority, reporting_year, 'compliment', 'compliments', unnest(['', 'source=' || replace(source,
        ';', ',')]), received_date, 1
    from warehouse.marts.fct_compliments
), stock as (
    select s.authority, s.reporting_year, 'stage' as subject, unnest(['brought_forward', 'carried_forward'])
        as measure,
        'procedure=' || s.procedure || ';stage=' || s.stage as breakdown, p.period, p.period_kind,
        unnest([
            (s.requested_date < p.period_start
                and (s.closed_date is null or greatest(s.closed_date,
                    s.requested_date) >= p.period_start))::integer,
            (s.requested_date <= p.period_end
                and (s.closed_date is null or greatest(s.closed_date,
                    s.requested_date) > p.period_end))::integer
        ]) as number
    from warehouse.marts.fct_stages as s
    inner join checks.periods as p
        on s.authority = p.authority and s.reporting_year = p.reporting_year and p.period_kind in ('year',
            'quarter')
), again as (
    select c.authority, c.reporting_year, c.subject, c.measure, c.breakdown, p.period, sum(c.number) as number
    from counted as c
    inner join checks.periods as p
        on c.authority = p.authority and c.reporting_year = p.reporting_year
        and p.period_kind in ('year', 'quarter') and c.day between p.period_start and p.period_end
    group by all
    union all
    select authority, reporting_year, subject, measure, breakdown, period, sum(number) from stock group by all
), shown as (
    select again.*
    from again
    inner join checks.periods as p using (authority, reporting_year, period)
    where {shown("again", "again.measure", "keys_of(again.breakdown)", "p.period_kind")}
), relations as (
    select * from shown where number > 0
    union all
    -- a figure that is not 0 although nothing was counted for it
    select fig.authority, fig.reporting_year, 'default', fig.measure, fig.breakdown, fig.period, 0
    from checks.fig as fig
    semi join (select distinct authority, reporting_year, measure, keys_of(breakdown) as keys from again)
        as sets
        on fig.authority = sets.authority and fig.reporting_year = sets.reporting_year
            and fig.measure = sets.measure
        and fig.key_set = sets.keys
    anti join (select * from again where number > 0) as present
        on fig.authority = present.authority and fig.reporting_year = present.reporting_year
        and fig.measure = present.measure and fig.breakdown = present.breakdown
            and fig.period = present.period
    where fig.value != 0 and fig.status = 'computed' and fig.kind in ('year', 'quarter')
), named as (
    select relations.*, fig.value as figure, fig.figure_id, measure_name(relations.measure) as measure_words,
        coalesce(fig.words, relations.breakdown) as words,
        relations.breakdown = '' or relations.measure in ('brought_forward', 'entered', 'closed',
            'carried_forward', 'responses')
            and keys_of(relations.breakdown) = 'procedure;stage' as alone,
        relations.period || case when starts_with(relations.period, relations.reporting_year) then ''
            else '@' || relations.reporting_year end as written
    from relations
    left join checks.fig as fig
        on relations.authority = fig.authority and relations.reporting_year = fig.reporting_year
        and relations.measure = fig.measure and relations.breakdown = fig.breakdown
            and relations.period = fig.period
)
select authority, reporting_year, subject,
    'same-figure-twice:' || measure || ':' || case when alone then id_of(breakdown) else 'each='
        || keys_of(breakdown) end
        || ':' || case when alone then written else reporting_year end as check_id,
    upper(left(measure_words, 1)) || substr(measure_words, 2)
        || case when alone then case when breakdown = '' then '' else ', ' || words end
            else ' by ' || replace(replace(keys_of(breakdown), ';', ', '), '_', ' ') end
        || ', ' || case when alone then period else reporting_year end as title,
    case when alone then '' else breakdown || '|' || period end as line,
    case when alone then '' else words || ', ' || period end as line_title,
    number as expected, 'counted again case by case' as expected_label, figure as found, 'the figure says'
        as found_label, figure_id as found_figure
from named
""",
    pair=True,
)

ISSUES_TWICE = Query(
    "points of complaint by service, by category and by quarter",
    """
with by_quarter as (
    select authority, reporting_year, period, sum(issues) as number
    from warehouse.marts.fct_issues_by_quarter group by all
), one_by_one as (
    select i.authority, i.reporting_year, p.period, count(*) as number
    from warehouse.marts.fct_issues as i
    inner join checks.periods as p
        on i.authority = p.authority and i.reporting_year = p.reporting_year and p.period_kind = 'quarter'
        and i.raised_date between p.period_start and p.period_end
    group by all
), tops as (
    -- services that had nothing above them on some day, and what lay above them on others
    select authority, service, list(parent_service) filter (where parent_service is not null) as others
    from warehouse.marts.dim_service
    group by all
    having bool_or(parent_service is null)
), below_another as (
    -- points at such a service on a day on which it lay below another, which has them too
    select own.authority, own.reporting_year, own.period, count(distinct (own.node, own.entity)) as number
    from checks.placements as own
    inner join tops on own.authority = tops.authority and own.node = tops.service
    inner join checks.placements as above
        on own.authority = above.authority and own.reporting_year = above.reporting_year
        and own.measure = above.measure and own.whole = above.whole and own.period = above.period
        and own.entity = above.entity
    where own.measure = 'issues_raised' and own.whole = '' and list_contains(tops.others, above.node)
    group by all
), roots as (
    select fig.authority, fig.reporting_year, fig.period, fig.written,
        sum(fig.value) - coalesce(any_value(below_another.number), 0) as number
    from checks.fig as fig
    inner join tops
        on fig.authority = tops.authority and fig.breakdown = 'service=' || replace(tops.service, ';', ',')
    left join below_another
        on fig.authority = below_another.authority and fig.reporting_year = below_another.reporting_year
        and fig.period = below_another.period
    where fig.measure = 'issues_raised' and fig.kind in ('year', 'quarter')
    group by all
), categories as (
    select authority, reporting_year, period, sum(value) as number
    from checks.fig where measure = 'issues_raised' and key_set = 'category' group by all
)
select coalesce(q.authority, o.authority) as authority, coalesce(q.reporting_year, o.reporting_year)
    as reporting_year,
    'issue' as subject,
    'same-figure-twice:fct_issues_by_quarter:' || coalesce(q.reporting_year, o.reporting_year) as check_id,
    'Points raised by quarter' as title, coalesce(q.period, o.period) as line, coalesce(q.period, o.period)
        as line_title,
    coalesce(o.number, 0) as expected, 'counted one by one' as expected_label,
    coalesce(q.number, 0) as found, 'in the table by quarter' as found_label
from by_quarter as q
full join one_by_one as o
    on q.authority = o.authority and q.reporting_year = o.reporting_year and q.period = o.period
union all
select roots.authority, roots.reporting_year, 'issue',
    'same-figure-twice:issues_by_service_and_category:' || roots.written,
    'Points raised, ' || roots.period, '', '', roots.number, 'adding up services', categories.number,
        'adding up categories'
from roots
left join categories using (authority, reporting_year, period)
-- where no point was raised there is no category to print; a category without a point is wrong all the same
where roots.number != 0 or categories.number is not null
""",
    pair=True,
)

# Numbers of earlier years that the authority sent, against the figures that carry them.
PRIOR = Query(
    "figures of earlier years",
    """
with sent as (
    select authority, reporting_year, figure as measure, breakdown, figure_year as period, value, unit
    from warehouse.marts.fct_prior_figures
), matched as (
    select sent.*, fig.value as figure, fig.figure_id, coalesce(fig.words, sent.breakdown) as words
    from sent
    left join checks.fig as fig
        on sent.authority = fig.authority and sent.reporting_year = fig.reporting_year
            and sent.measure = fig.measure
        and sent.breakdown = fig.breakdown and sent.period = fig.period
    where fig.status is null or fig.status = 'prior'
)
select authority, reporting_year, 'prior_figure' as subject,
    'same-figure-twice:prior_figure:' || measure || ':' || reporting_year as check_id,
    'Earlier years'' figures sent for ' || measure_name(measure) as title,
    breakdown || '|' || period as line, case when words = '' then 'all' else words end || ', ' || period
        as line_title,
    value as expected, 'sent' as expected_label, figure as found, 'the figure says' as found_label,
    figure_id as found_figure
from matched
""",
    pair=True,
)

FAMILIES: tuple[Family, ...] = (
    Family(
        "mart_equals_staging",
        "The warehouse holds what the extracts in force hold: as many, and the same ones.",
        tuple(_pairing(pairing) for pairing in PAIRINGS),
        (Requirement("mart-equals-staging:complaint:"),)
        + tuple(
            Requirement(f"mart-equals-staging:{table}:", f"stg_{table}")
            for table in (
                "complaint_service",
                "stage",
                "issue",
                "issue_outcome",
                "compliment",
                "ombudsman",
                "contact",
                "learning",
                "action",
            )
        ),
    ),
    Family(
        "same_figure_twice",
        "A number that can be had by two routes is the same by both.",
        (AGAIN, ISSUES_TWICE, PRIOR),
        (
            Requirement(
                "same-figure-twice:new_complaints:total:",
                "stg_complaint",
                "received_date",
                "t.procedure != 'informal'",
            ),
            Requirement("same-figure-twice:issues_raised:total:", "stg_issue", "raised_date"),
            Requirement("same-figure-twice:fct_issues_by_quarter:", "stg_issue", "raised_date"),
            Requirement("same-figure-twice:responses:", "stg_stage", "responded_date"),
            Requirement("same-figure-twice:entered:", "stg_stage", "requested_date"),
            Requirement("same-figure-twice:ombudsman_received:", "stg_ombudsman", "received_date"),
            Requirement("same-figure-twice:compliments:", "stg_compliment", "received_date"),
            Requirement("same-figure-twice:contacts:", "stg_contact", "received_date"),
            Requirement("same-figure-twice:prior_figure:", "stg_prior_figure"),
        ),
    ),
)
