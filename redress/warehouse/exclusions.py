"""Why a row of the data is in none of a measure's figures, and why a case of the measure is not in one of them.

Of a measure: its own SQL says which columns decide what counts (`lineage`). Each reason here names the column that it is
about, and is given only for measures that look at that column; the first that holds is given. What none of
them explains is there, dated in the period, and not what the measure counts.

Of a figure: everything that its measure counts anywhere, or might have counted, is either in the figure or out of it,
and what put it out is read from the sets of cases that the statements counted: it is counted in another
period; under another service, or none; and so on through the words of the figure's breakdown, in their order. The
first that parts the case from the figure is its reason. Nothing of this is written down by hand for any measure.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from redress.base.errors import ConfigurationProblem
from redress.contract.breakdown import pair_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from redress.warehouse.lineage import MeasureLineage

OTHER = "in the data, and not what the measure counts: see its rule"

Reason = tuple[str, str, str]


def _dated(table: str, column: str, event: str) -> list[Reason]:
    """Reasons that come of a date: none, before the period, after it."""
    return [
        (f"{table}.{column}", f"thing.{column} is null", f"not {event}, as far as was known"),
        (f"{table}.{column}", f"thing.{column} < report.period_start", f"{event} before the reporting year"),
        (f"{table}.{column}", f"thing.{column} > report.period_end", f"{event} after the reporting year"),
    ]


REASONS: dict[str, tuple[str, str, list[Reason]]] = {
    "complaint": (
        "fct_complaints",
        "complaint_id",
        [
            *_dated("fct_complaints", "received_date", "received"),
            ("fct_complaints.is_formal", "not thing.is_formal", "informal: counted apart (counting rule)"),
        ],
    ),
    "stage": (
        "fct_stages",
        "stage_id",
        [
            (
                "fct_stages.responded_date",
                "thing.is_outcome_without_response",
                "has an outcome and no response, so that it has no day (details 12)",
            ),
            (
                "fct_stages.responded_date",
                "thing.responded_date is null and thing.closed_how is null",
                "neither answered nor closed, as far as was known",
            ),
            (
                "fct_stages.responded_date",
                "thing.responded_date is null",
                "closed without an answer",
            ),
            *_dated("fct_stages", "responded_date", "answered")[1:],
            (
                "fct_stages.is_end_before_start",
                "thing.is_end_before_start",
                "ends before it starts, so that it has no measured time (details 6)",
            ),
            (
                "fct_stages.standard_limit",
                "thing.standard_limit is null",
                "no limit was in force, so that it is neither in time nor late",
            ),
            ("fct_stages.outcome", "thing.outcome is null", "answered with no outcome recorded (details 12)"),
            (
                "fct_stages.closed_date",
                "thing.closed_date < report.period_start",
                "closed before the reporting year",
            ),
            (
                "fct_stages.requested_date",
                "thing.requested_date > report.period_end",
                "asked for after the reporting year",
            ),
            ("fct_stages.cost_gbp", "thing.cost_gbp is null", "no cost recorded"),
        ],
    ),
    "issue": ("fct_issues", "issue_id", _dated("fct_issues", "raised_date", "raised")),
    "compliment": (
        "fct_compliments",
        "compliment_id",
        _dated("fct_compliments", "received_date", "received"),
    ),
    "contact": ("fct_contacts", "contact_id", _dated("fct_contacts", "received_date", "received")),
    "ombudsman": (
        "fct_ombudsman",
        "ombudsman_id",
        [
            *_dated("fct_ombudsman", "decided_date", "decided"),
            *_dated("fct_ombudsman", "received_date", "received"),
            ("fct_ombudsman.payment_gbp", "thing.payment_gbp is null", "no payment recorded"),
        ],
    ),
    "remedy": ("fct_remedies", "remedy_id", _dated("fct_remedies", "agreed_date", "agreed")),
    "learning": (
        "fct_learning",
        "learning_id",
        [
            *_dated("fct_learning", "sent_date", "sent"),
            *_dated("fct_learning", "returned_date", "returned")[:1],
        ],
    ),
    "action": (
        "fct_actions",
        "action_id",
        [
            ("fct_actions.agreed_year", f"thing.agreed_year {condition}", reason)
            for condition, reason in (
                ("> report.reporting_year", "agreed after the reporting year"),
                (
                    "< report.reporting_year and thing.last_year_open < report.reporting_year",
                    "agreed and ended before the reporting year",
                ),
                ("< report.reporting_year", "agreed before the reporting year"),
                (
                    "= report.reporting_year and thing.progress = 'done'",
                    "agreed in the reporting year, and done",
                ),
                (
                    "= report.reporting_year and thing.progress = 'not_done'",
                    "agreed in the reporting year, and will not be done",
                ),
                ("= report.reporting_year", "agreed in the reporting year, and still to be done"),
            )
        ],
    ),
    "mediation": ("fct_mediation", "mediation_id", _dated("fct_mediation", "offered_date", "offered")),
    "satisfaction": (
        "fct_satisfaction",
        "satisfaction_id",
        _dated("fct_satisfaction", "answered_date", "answered"),
    ),
}
"""Kind of thing -> its mart, its identifier, and the reasons in the order in which they are looked at."""

IN_YEAR = (
    "(starts_with({period}, {year}) or (length({period}) = 7 and right({period}, 2) <= '12' "
    "and {period} between left({year}, 4) || '-04' and (cast(left({year}, 4) as integer) + 1) || '-03'))"
)
"""SQL: whether a period (year, quarter, month) is part of a reporting year."""

NOT_COUNTED = "not counted by this measure for the year"
OTHER_PERIOD = "counted in another period"
NOT_TOGETHER = "under each of these words, and not under all together"
ONLY_WHOLE = "in the denominator, and not what the numerator counts"


def write(connection: DuckDBPyConnection, lineage: Mapping[str, MeasureLineage]) -> None:
    """Fill `evidence.excluded`: everything known to a report that is in no figure of a measure for the report's year.

    One row per report, measure and thing, with the first reason that holds.

    Args:
        connection: the warehouse, with the schema `evidence`; written to.
        lineage: the lineage of each measure.
    """
    columns = {
        measure: {f"{table}.{column}" for table, column in columns.counted | columns.decides}
        for measure, columns in lineage.items()
    }
    in_year = IN_YEAR.format(period="figures.period", year="figures.reporting_year")
    connection.execute(
        "create or replace temp table counted_in_year as select distinct figures.authority, figures.reporting_year, "
        "figures.measure, members.thing from figures.figures as figures "
        "inner join evidence.parts as parts on figures.figure_id = parts.figure_id and parts.part != 'denominator' "
        "inner join evidence.members as members on parts.set_id = members.set_id "
        f"where {in_year}"
    )
    connection.execute(
        "create or replace table evidence.excluded (authority varchar, reporting_year varchar, measure varchar, "
        "thing varchar, reason varchar)"
    )
    for kind, (table, identifier, reasons) in REASONS.items():
        measures = [
            measure
            for (measure,) in connection.execute(
                "select distinct measure from counted_in_year where starts_with(thing, $1) order by all",
                [f"{kind}:"],
            ).fetchall()
        ]
        for measure in measures:
            given = [reason for reason in reasons if reason[0] in columns.get(measure, set())]
            whens = " ".join(f"when {condition} then '{text}'" for _, condition, text in given)
            choice = f"case {whens} else '{OTHER}' end" if whens else f"'{OTHER}'"
            connection.execute(
                f"insert into evidence.excluded select thing.authority, thing.reporting_year, '{measure}', "
                f"'{kind}:' || thing.{identifier}, {choice} as reason from marts.{table} as thing "
                "inner join marts.dim_report as report using (authority, reporting_year) "
                f"anti join (select * from counted_in_year where measure = '{measure}') as counted "
                "on counted.authority = thing.authority and counted.reporting_year = thing.reporting_year "
                f"and counted.thing = '{kind}:' || thing.{identifier} "
                "where exists (select 1 from counted_in_year as any_counted where any_counted.measure = "
                f"'{measure}' and any_counted.authority = thing.authority) "
                "order by all"
            )


_LEFT_OUT = f"""
with this as (
    select figures.*, parts.set_id, whole.set_id as whole_set,
        {IN_YEAR.format(period="figures.period", year="figures.reporting_year")} as is_in_year,
        case when breakdown = '' then [] else string_split(breakdown, ';') end as pairs
    from figures.figures as figures
    inner join evidence.parts as parts on figures.figure_id = parts.figure_id
        and parts.part != 'denominator' and parts.set_id is not null
    left join evidence.parts as whole on figures.figure_id = whole.figure_id and whole.part = 'denominator'
    where figures.figure_id = $1
),
counted as (
    select members.thing, figures.period,
        case when figures.breakdown = '' then [] else string_split(figures.breakdown, ';') end as pairs
    from this inner join figures.figures as figures using (authority, reporting_year, measure)
    inner join evidence.parts as parts on figures.figure_id = parts.figure_id and parts.part != 'denominator'
    inner join evidence.members as members on parts.set_id = members.set_id
),
known as (
    select thing, string_agg(distinct period, ', ' order by period) as periods from counted group by thing
),
here as (
    select thing, list_sort(list_distinct(flatten(list(counted.pairs)))) as pairs
    from counted, this where counted.period = this.period group by thing
),
held as (select members.thing from evidence.members as members, this where members.set_id = this.set_id),
whole as (select members.thing from evidence.members as members, this where members.set_id = this.whole_set),
outside as (
    select excluded.thing, excluded.reason from evidence.excluded as excluded, this
    where excluded.authority = this.authority and excluded.reporting_year = this.reporting_year
        and excluded.measure = this.measure
        and (this.is_in_year or excluded.thing not in (select thing from known))
)
select coalesce(outside.thing, known.thing) as thing, outside.reason, known.periods, here.pairs,
    whole.thing is not null as is_in_whole, this.pairs, this.period, this.authority, this.reporting_year
from this cross join (select thing from known union select thing from outside) as everything
left join known using (thing) left join outside using (thing) left join here using (thing)
left join whole using (thing)
where everything.thing not in (select thing from held)
order by 1
"""
"""What a figure leaves out, and what is known of each thing; `of_figure` finds the reason of each."""


def of_figure(connection: DuckDBPyConnection, figure_id: str) -> list[tuple[str, str, str]]:
    """Return everything that a figure leaves out of what its measure counts or might have counted, with the reason of each.

    Args:
        connection: the warehouse, traced.
        figure_id: a figure whose numerator (or value) rests on cases; any other leaves nothing out.

    Returns:
        list: pseudonym, pseudonym of the complaint that it belongs to (blank where none), reason; by reason.
    """
    rows = connection.execute(_LEFT_OUT, [figure_id]).fetchall()
    if not rows:
        return []
    names = {
        thing: (pseudonym, belongs_to or "")
        for thing, pseudonym, belongs_to in connection.execute(
            "select thing, any_value(pseudonym), any_value(belongs_to) from evidence.things "
            "where authority = $1 and reporting_year = $2 group by thing",
            list(rows[0][-2:]),
        ).fetchall()
    }
    found = [
        (*names.get(thing, (thing, "")), _reason(why, periods, here, is_in_whole, pairs))
        for thing, why, periods, here, is_in_whole, pairs, *_ in rows
    ]
    return sorted(found, key=lambda row: (row[2], row[0]))


def of_pack(pack: Path) -> DuckDBPyConnection:
    """Return what `of_figure` reads, from the folder of an evidence pack: the warehouse is not needed, nor is it changed.

    Raises:
        ConfigurationProblem: it is not such a folder, or its case lists were removed.
    """
    needed = ("figures.csv", *(f"cases/{name}.csv.gz" for name in ("parts", "members", "things", "excluded")))
    missing = [name for name in needed if not (pack / name).is_file()]
    if missing:
        raise ConfigurationProblem(
            f"{pack} lacks {', '.join(missing)}.",
            "whoever typed the command",
            [
                "Expected the folder of an evidence pack whose cases have not been removed by rule: unpack the zip."
            ],
        )
    import duckdb

    connection = duckdb.connect()
    connection.execute("create schema figures; create schema evidence")
    paths = {name: str(pack / name).replace("'", "''") for name in needed}

    def read(name: str) -> str:
        return f"read_csv('{paths[name]}', header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"')"

    report = "(select any_value(authority) as authority, any_value(reporting_year) as reporting_year from figures.figures)"
    connection.execute(
        f"""
        create table figures.figures as
            select * replace (coalesce(breakdown, '') as breakdown) from {read("figures.csv")};
        create table evidence.parts as
            select * replace (cast(amount as double) as amount) from {read("cases/parts.csv.gz")};
        create table evidence.members as select * from {read("cases/members.csv.gz")}, {report};
        create table evidence.things as
            select thing, thing as pseudonym, belongs_to, authority, reporting_year from {read("cases/things.csv.gz")}, {report};
        create table evidence.excluded as select * from {read("cases/excluded.csv.gz")}, {report};
        """
    )
    return connection


def _reason(
    why: str | None, periods: str | None, here: list[str] | None, is_in_whole: bool, pairs: list[str]
) -> str:
    """Return the first thing that parts a case from a figure, in words.

    Args:
        why: the reason that keeps it out of the measure, if any.
        periods: those that the measure counts it in.
        here: the words of breakdowns that it is counted under in the figure's period; None where in none.
        is_in_whole: whether the figure's denominator has it.
        pairs: the words of the figure's own breakdown.
    """
    if why:
        return ONLY_WHOLE if why == OTHER and is_in_whole else why
    if here is None:
        return f"{OTHER_PERIOD}: {periods}"
    for pair in pairs:
        if pair not in here:
            key, word = pair_of(pair)
            own = [value for name, value in map(pair_of, here) if name == key]
            return (
                f"{key} is {', '.join(own)}, not {word}"
                if own
                else f"no {key} is known of it, or none that counts"
            )
    return NOT_TOGETHER if pairs else f"counted under {', '.join(here)} only, and not in the total"


_BEGIN_COUNTS = """
create or replace temp table own as
select figures.figure_id, figures.measure, figures.period, parts.set_id, parts.things, {in_year} as is_in_year,
    case when breakdown = '' then [] else string_split(breakdown, ';') end as pairs
from figures.figures as figures inner join evidence.parts as parts
    on figures.figure_id = parts.figure_id and parts.part != 'denominator' and parts.set_id is not null
where {figures_here};

create or replace temp table numbered as
select thing, cast(row_number() over (order by thing) as integer) as number from (
    select distinct thing from evidence.members where {here}
    union select distinct thing from evidence.excluded where {here}
);

create or replace temp table listed as
select members.set_id, numbered.number from evidence.members as members
inner join numbered using (thing) where {here};

create or replace temp table by_period as
select distinct own.measure, own.period, own.is_in_year, listed.number
from (select distinct measure, period, is_in_year, set_id from own) as own inner join listed using (set_id);

create or replace temp table by_word as
select distinct own.measure, own.period, own.word, listed.number
from (select distinct measure, period, set_id, unnest(pairs) as word from own) as own
inner join listed using (set_id);

create or replace temp table outside as
select excluded.measure, numbered.number,
    exists (select 1 from by_period where by_period.measure = excluded.measure
        and by_period.number = numbered.number) as is_counted
from evidence.excluded as excluded inner join numbered using (thing) where {here};

create or replace temp table totals as
with known as (select distinct measure, number from by_period),
out_of as (
    select measure, count(*) as in_year, count(*) filter (not is_counted) as ever from outside group by measure
)
select known.measure, coalesce(any_value(out_of.in_year), 0) as in_year, coalesce(any_value(out_of.ever), 0) as ever,
    count(*) as known, count(*) filter (outside.number is null) as known_in_year
from known left join outside on known.measure = outside.measure and known.number = outside.number
left join out_of on known.measure = out_of.measure group by known.measure;

create or replace temp table passed as
select measure, period, '' as words, number from by_period;

create or replace temp table steps as
select own.figure_id, 0 as step, '{not_counted}' as reason,
    case when own.is_in_year then totals.in_year else totals.ever end as things
from own inner join totals using (measure)
union all
select own.figure_id, 1 as step, '{other_period}' as reason,
    case when own.is_in_year then totals.known_in_year else totals.known end - coalesce(sizes.things, 0) as things
from own inner join totals using (measure)
left join (select measure, period, count(*) as things from by_period group by all) as sizes
    on own.measure = sizes.measure and own.period = sizes.period;
"""
"""The tables that `counts` works on, and its first two steps: what no figure counts, and what other periods do."""

_COUNT_LEVEL = """
create or replace temp table sizes as
select measure, period, words, count(*) as things from passed group by all;

insert into steps
select own.figure_id, {level} + 2, '{not_together}', coalesce(sizes.things, 0) - own.things
from own left join sizes on own.measure = sizes.measure and own.period = sizes.period
    and array_to_string(own.pairs, ';') = sizes.words
where len(own.pairs) = {level};

create or replace temp table passing as
select wanted.measure, wanted.period, wanted.next_words as words, passed.number
from (
    select distinct measure, period, array_to_string(pairs[:{level}], ';') as words,
        array_to_string(pairs[:{next}], ';') as next_words, pairs[{next}] as word
    from own where len(pairs) > {level}
) as wanted
inner join passed on wanted.measure = passed.measure and wanted.period = passed.period
    and wanted.words = passed.words
inner join by_word on wanted.measure = by_word.measure and wanted.period = by_word.period
    and wanted.word = by_word.word and passed.number = by_word.number;

create or replace temp table next_sizes as
select measure, period, words, count(*) as things from passing group by all;

insert into steps
select own.figure_id, {level} + 2,
    'another ' || split_part(own.pairs[{next}], '=', 1) || ', or none',
    coalesce(sizes.things, 0) - coalesce(next_sizes.things, 0)
from own
left join sizes on own.measure = sizes.measure and own.period = sizes.period
    and array_to_string(own.pairs[:{level}], ';') = sizes.words
left join next_sizes on own.measure = next_sizes.measure and own.period = next_sizes.period
    and array_to_string(own.pairs[:{next}], ';') = next_sizes.words
where len(own.pairs) > {level};

create or replace temp table passed as select * from passing;
"""
"""The step of `counts` for the words of breakdowns at one place."""


def counts(connection: DuckDBPyConnection, authority: str, reporting_year: str) -> list[tuple[str, str, int]]:
    """Return how many cases each figure of a report leaves out, by what parts them from it; the numbers of `of_figure`.

    Worked out from sets, not case by case: figures that begin with the same words share them.

    Returns:
        list: figure, reason (`NOT_COUNTED`, `OTHER_PERIOD`, `another <key>, or none`, `NOT_TOGETHER`), cases; in the
        order in which the reasons are looked at.
    """
    connection.execute(
        _BEGIN_COUNTS.format(
            here=f"authority = '{authority}' and reporting_year = '{reporting_year}'",
            figures_here=f"figures.authority = '{authority}' and figures.reporting_year = '{reporting_year}'",
            in_year=IN_YEAR.format(period="figures.period", year="figures.reporting_year"),
            not_counted=NOT_COUNTED,
            other_period=OTHER_PERIOD,
        )
    )
    [(depth,)] = connection.execute("select coalesce(max(len(pairs)), 0) from own").fetchall()
    for level in range(depth + 1):
        connection.execute(_COUNT_LEVEL.format(level=level, next=level + 1, not_together=NOT_TOGETHER))
    return connection.execute(
        "select figure_id, reason, cast(things as integer) from steps where things != 0 order by figure_id, step, reason"
    ).fetchall()
