"""Why a row of the data is in none of a measure's figures.

A measure's own SQL says which columns decide what counts (`lineage`). Each reason here names the column that it is
about, and is given only for measures that look at that column; the first that holds is given. What none of
them explains is there, dated in the period, and not what the measure counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from orchestration.attest.lineage import MeasureLineage

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
    "mediation": ("fct_mediation", "mediation_id", _dated("fct_mediation", "offered_date", "offered")),
    "satisfaction": (
        "fct_satisfaction",
        "satisfaction_id",
        _dated("fct_satisfaction", "answered_date", "answered"),
    ),
}
"""Kind of thing -> its mart, its identifier, and the reasons in the order in which they are looked at."""


def excluded(connection: Any, lineage: Mapping[str, MeasureLineage]) -> Iterable[tuple[str, ...]]:
    """Everything known to a report that is in no figure of a measure for the report's year, with the reason.

    Args:
        connection: the warehouse, with the schema `evidence`.
        lineage: the lineage of each measure.

    Yields:
        authority, reporting year, measure, kind, pseudonym of the thing, pseudonym of its complaint, reason.
    """
    columns = {
        measure: {f"{table}.{column}" for table, column in one.counted | one.decides}
        for measure, one in lineage.items()
    }
    connection.execute(
        "create temp table counted_in_year as select distinct figures.authority, figures.reporting_year, "
        "figures.measure, members.thing from figures.figures as figures "
        "inner join evidence.parts as parts on figures.figure_id = parts.figure_id and parts.part != 'denominator' "
        "inner join evidence.members as members on parts.set_id = members.set_id "
        "where starts_with(figures.period, figures.reporting_year)"
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
            given = [one for one in reasons if one[0] in columns.get(measure, set())]
            whens = " ".join(f"when {condition} then '{text}'" for _, condition, text in given)
            choice = f"case {whens} else '{OTHER}' end" if whens else f"'{OTHER}'"
            yield from connection.execute(
                f"select thing.authority, thing.reporting_year, '{measure}', '{kind}', names.pseudonym, "
                f"coalesce(names.belongs_to, ''), {choice} as reason from marts.{table} as thing "
                "inner join marts.dim_report as report using (authority, reporting_year) "
                "inner join evidence.things as names on names.authority = thing.authority "
                "and names.reporting_year = thing.reporting_year "
                f"and names.thing = '{kind}:' || thing.{identifier} "
                "anti join (select authority, reporting_year, split_part(thing, ':', 1) as kind, "
                "substr(thing, instr(thing, ':') + 1) as identifier from counted_in_year where measure = "
                f"'{measure}') as counted on counted.authority = thing.authority and counted.reporting_year = "
                f"thing.reporting_year and counted.kind = '{kind}' and counted.identifier = thing.{identifier} "
                "where exists (select 1 from counted_in_year as any_counted where any_counted.measure = "
                f"'{measure}' and any_counted.authority = thing.authority) "
                "order by 1, 2, reason, names.pseudonym, 6"
            ).fetchall()
