"""The tables of the protected export, one function each.

Every function takes the open warehouse and the settings, and returns an Arrow table with exactly the columns
of its schema in `SCHEMAS`: a column that a schema does not name cannot leave.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from redress.authority import licence, theme
from redress.authority.folder import find_authority
from redress.base.settings import Settings
from redress.base.strict_csv import read_table
from redress.base.tables import read_csv, read_json, read_parquet
from redress.contract.contract import load_contract
from redress.declared.language import base_of
from redress.declared.tables import PAGES as DECLARED
from redress.protect import not_held as holdings
from redress.reconcile import failing_rows, history
from redress.reconcile.families import printed_audited
from redress.reconcile.families import words as families_words
from redress.warehouse.dbt import dbt_folder
from redress.warehouse.semantic import keys_of_measures

_S, _F, _I, _B = pa.string(), pa.float64(), pa.int32(), pa.bool_()


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema(list(columns.items()))


SCHEMAS: dict[str, pa.Schema] = {
    "figures": _schema(
        authority=_S, reporting_year=_S, figure_id=_S, measure=_S, breakdown=_S, period=_S, numerator=_F, denominator=_F,
        value=_F, unit=_S, rule=_S, status=_S, title=_S, plain_words=_S,
    ),
    "figure_catalogue": _schema(measure=_S, title=_S, plain_words=_S, unit=_S, rule=_S, source=_S, sections=_S),
    "reports": _schema(
        authority=_S, name=_S, short_name=_S, reporting_year=_S, period_start=_S, period_end=_S, as_at=_S,
        case_data_from=_S, is_synthetic=_B, title=_S, contact=_S, feedback=_S, published_on=_S, next_release=_S,
        left_out=_S, merged=_S, colour=_S, logo=_S, logo_kind=_S, licence_title=_S, licence_path=_S, state=_S, signed_on=_S,
        revised_on=_S, held_up_since=_S,
    ),
    "protection": _schema(
        authority=_S, reporting_year=_S, threshold=_I, protection_interval=_I, figures_shown=_I, figures_primary=_I,
        figures_secondary=_I, figures_left_out=_I, counts_attacked=_I, sums_attacked=_I, numbers_gave_way=_I,
        numbers_narrow_by_print=_I,
    ),
    "checks": _schema(
        check_id=_S, family=_S, authority=_S, reporting_year=_S, statement=_S, expected=_S, found=_S, verdict=_S,
        severity=_S, owner=_S,
    ),
    "check_families": _schema(
        authority=_S, reporting_year=_S, position=_I, family=_S, heading=_S, says=_S, checks=_I, passed=_I, relations=_I,
        relations_held=_I,
    ),
    "check_history": _schema(
        authority=_S, reporting_year=_S, check_id=_S, first_failed_at=_S, runs_failing=_I, accepted_since=_S,
        accepted_until=_S, accepted_by=_S, accepted_reason=_S,
    ),
    "published_check": _schema(
        ref=_S, authority=_S, reporting_year=_S, locator=_S, measure=_S, breakdown=_S, period=_S, unit=_S, figure_id=_S,
        published_value=_S, computed_value=_S, verdict=_S, reason=_S, evidence=_S,
    ),
    "printed_findings": _schema(
        authority=_S, reporting_year=_S, position=_I, severity=_S, refs=_S, family=_S, statement=_S,
    ),
    "extracts": _schema(
        authority=_S, reporting_year=_S, source=_S, scope=_S, received_at=_S, rows_received=_I, rows_conformed=_I,
        rows_quarantined=_I, status=_S, is_superseded=_B,
    ),
    "quotes": _schema(authority=_S, reporting_year=_S, position=_I, words=_S),
    "actions": _schema(
        authority=_S, reporting_year=_S, position=_I, agreed_year=_S, service=_S, category=_S, progress=_S, said=_S, agreed=_S,
        reason=_S, owner=_S, due_date=_S, done_date=_S,
    ),
    "not_held": _schema(authority=_S, reporting_year=_S, name=_S, how=_S),
    "pages": _schema(authority=_S, reporting_year=_S, position=_I, page=_S, title=_S, sections=_S),
    "services": _schema(
        authority=_S, reporting_year=_S, service=_S, label=_S, level=_S, parent_service=_S, merged_service=_S, position=_I,
        changes=_S,
    ),
    "timescales": _schema(
        authority=_S, reporting_year=_S, procedure=_S, stage=_I, standard_working_days=_I, extended_working_days=_I,
        clock_start=_S, day_count=_S, in_force_until=_S, source=_S,
    ),
    "comparison": _schema(
        authority=_S, reporting_year=_S, position=_I, section=_S, heading=_S, plain_words=_S, measure=_S, breakdown=_S,
        figure_id=_S, numerator=_F, denominator=_F, value=_F, unit=_S, status=_S, population=_S, caveats=_S,
        base_caveat=_S, missing_reason=_S,
    ),
    "groupings": _schema(authority=_S, grouping=_S),
    "settings": _schema(authority=_S, setting=_S, value=_S),
    "sign_offs": _schema(
        authority=_S, reporting_year=_S, number=_I, signed_on=_S, signed_by=_S, as_at=_S, reason=_S, figures_changed=_I,
    ),
    "revisions": _schema(
        authority=_S, reporting_year=_S, number=_I, position=_I, figure_id=_S, measure=_S, title=_S, breakdown=_S, period=_S,
        unit=_S, change=_S, was_value=_F, was_numerator=_F, was_denominator=_F, was_status=_S, is_value=_F, is_numerator=_F,
        is_denominator=_F, is_status=_S, cause=_S,
    ),
    "revised_words": _schema(
        authority=_S, reporting_year=_S, number=_I, position=_I, page=_S, section=_S, title=_S, before=_S, after=_S,
    ),
    "dictionary": _schema(
        layer=_S, model=_S, model_says=_S, position=_I, column_name=_S, data_type=_S, column_says=_S,
    ),
}  # fmt: skip
"""Columns and types of every table of the export."""


# A change has no entry of its own in the catalogue: it is its measure's entry, seen through one of these.
_CATALOGUE = """
with
wildcards as (
    select measure, substr(measure, 2) as suffix, title, plain_words, unit, rule, source, sections
    from reference.figure_catalogue
    where starts_with(measure, '*')
),
used as (
    select distinct measure from figures.figures
),
changes as (
    select
        used.measure,
        coalesce(base.title, replace(base_measure, '_', ' ')) || ': ' || lower(left(wildcards.title, 1))
            || substr(wildcards.title, 2) as title,
        coalesce(base.plain_words || ' ', '') || wildcards.plain_words as plain_words,
        wildcards.unit,
        wildcards.rule,
        wildcards.source,
        coalesce(base.sections, wildcards.sections) as sections
    from (
        select used.measure, wildcards.suffix, left(used.measure, length(used.measure) - length(suffix)) as base_measure
        from used
        inner join wildcards on ends_with(used.measure, wildcards.suffix)
    ) as used
    inner join wildcards on used.suffix = wildcards.suffix
    left join reference.figure_catalogue as base on used.base_measure = base.measure
),
final as (
    select measure, title, plain_words, unit, rule, source, sections
    from reference.figure_catalogue
    where not starts_with(measure, '*')
    union all
    select * from changes where measure not in (select measure from reference.figure_catalogue)
)
"""


def figures(connection: Any, settings: Settings) -> pa.Table:
    """Every figure that is not left out, with its measure's title and meaning. One row per figure.

    A suppressed figure has its row and no number; one that is shown as the council printed it has that number and not what it
    was worked out from. What is worked out of nothing that the council records has no number either: it is not available.
    This is the one place through which a count leaves the project.
    """
    names = "authority, reporting_year, figure_id, measure, breakdown, period, numerator, denominator, value, unit, rule, status"
    rows = _rows(
        connection,
        f"""
        {_CATALOGUE}
        select
            f.authority, f.reporting_year, f.figure_id, f.measure, f.breakdown, f.period,
            case when d.decision = 'shown' then f.numerator end as numerator,
            case when d.decision = 'shown' then f.denominator end as denominator,
            case d.decision when 'shown' then f.value when 'as_printed' then d.printed end as value,
            f.unit, f.rule,
            case when d.decision in ('shown', 'as_printed') then f.status else 'suppressed' end as status,
            coalesce(c.title, replace(f.measure, '_', ' ')) as title, c.plain_words, f.status as counted_as
        from (
            select {names} from figures.figures
            union all
            select {names} from protection_remainders
        ) as f
        inner join protection_figures as d
            on f.authority = d.authority and f.reporting_year = d.reporting_year and f.figure_id = d.figure_id
        left join final as c on f.measure = c.measure
        where d.decision != 'left_out'
        order by f.authority, f.reporting_year, f.measure, f.breakdown, f.period, f.figure_id
        """,
    )
    lacking = {
        (row["authority"], row["reporting_year"], row["name"]) for row in _lacking(connection, settings)
    }
    for row in rows:
        report = row["authority"], row["reporting_year"]
        if (
            row["counted_as"] != "prior"
            and {(*report, row["measure"]), (*report, base_of(row["measure"]))} & lacking
        ):
            row |= {"numerator": None, "denominator": None, "value": None, "status": "not_available"}
    return _table("figures", rows)


def figure_catalogue(connection: Any, settings: Settings) -> pa.Table:
    """What each measure means, changes included. One row per measure."""
    return _select(connection, "figure_catalogue", f"{_CATALOGUE} select * from final order by measure")


def reports(connection: Any, settings: Settings) -> pa.Table:
    """The reports and who answers for them. One row per report.

    Name, year and moment come from the warehouse; the lines for readers (contact, feedback, dates of
    publication) from the authority's `profile.yml`. `left_out` names the tables with figures left out, a line each:
    measure, keys, stage and procedure, kind of period, level of services, separated by bars. `merged` names the rows
    that are shown as one (`merge.Merged.line`). Its state and the days of
    signing come from the records of sign-offs (`published`).
    """
    left_out: dict[tuple[str, str], list[str]] = {}
    for row in _rows(connection, "select * from protection_left_out order by all"):
        left_out.setdefault((row["authority"], row["reporting_year"]), []).append(
            "|".join(str(row[name]) for name in ("measure", "keys", "pairs", "period_kind", "level"))
        )
    merged: dict[tuple[str, str], list[str]] = {}
    for row in _rows(connection, "select * from protection_merged order by all"):
        merged.setdefault((row["authority"], row["reporting_year"]), []).append(row["line"])
    rows = _rows(
        connection,
        """
        select
            r.authority, a.name, a.short_name, r.reporting_year, r.period_start, r.period_end, r.as_at, a.case_data_from,
            a.is_synthetic, r.title
        from marts.dim_report as r
        inner join marts.dim_authority as a on r.authority = a.authority
        order by r.authority, r.reporting_year desc
        """,
    )
    for row in rows:
        authority = find_authority(settings, row["authority"])
        profile = authority.profile if authority else None
        report = profile.reports.get(row["reporting_year"]) if profile else None
        row |= {
            "contact": profile and _line(profile.contact),
            "feedback": profile and _line(profile.feedback),
            "published_on": report and report.published_on,
            "next_release": (report and report.next_release) or None,
            **theme.exported(profile and profile.theme, authority and authority.folder),
            **licence.exported(profile and profile.licence),
            "left_out": "\n".join(left_out.get((row["authority"], row["reporting_year"]), ())),
            "merged": "\n".join(merged.get((row["authority"], row["reporting_year"]), ())),
        }
    return _table("reports", rows)


def protection(connection: Any, settings: Settings) -> pa.Table:
    """How much of each report is shown, suppressed and left out. One row per report."""
    return _select(
        connection, "protection", "select * from protection_reports order by authority, reporting_year"
    )


def checks(connection: Any, settings: Settings) -> pa.Table:
    """The check records of `checks.csv`. One row per check; the rows behind a verdict stay inside.

    A check quotes the numbers that it compares, suppressed ones among them. What leaves is what was checked and the
    verdict; numbers only where the check compares the report with what was printed, or tests whole tables for rows
    that should not be there.
    """
    order = ("authority", "reporting_year", "family", "check_id")
    records = read_csv(settings.build / "checks.csv")
    for row in records:
        if row["family"] not in CHECKS_WITHOUT_COUNTS:
            row["statement"] = _without_numbers(row["statement"])
            if row["verdict"] in ("pass", "fail"):
                row["expected"] = row["found"] = ""
    return _table("checks", sorted(records, key=lambda row: [row[key] for key in order]))


def check_families(connection: Any, settings: Settings) -> pa.Table:
    """The kinds of checks that a report had to pass: how many, and how many relations they tested.

    One row per report and family; checks of whole tables and of the authority's files belong to each of its reports.
    Numbers of checks and of relations, never of complaints or people.
    """
    records = read_csv(settings.build / "checks.csv")
    tested = failing_rows.relations(settings.build)
    words_of = families_words.families(one["family"] for one in records)
    made: Counter[tuple[str, str, str]] = Counter()
    held: Counter[tuple[str, str, str]] = Counter()
    for record in records:
        key = record["authority"], record["reporting_year"], record["family"]
        made[key] += 1
        held[key] += record["verdict"] == "pass"
    rows = []
    for report in _rows(connection, "select authority, reporting_year from marts.dim_report order by all"):
        authorities, years = ("", report["authority"]), ("", report["reporting_year"])
        for position, (family, words) in enumerate(words_of.items()):
            keys = [(authority, year, family) for authority in authorities for year in years]
            checks, passed = sum(made[key] for key in keys), sum(held[key] for key in keys)
            if not checks:
                continue
            lines = [tested[key] for key in keys if key in tested]
            rows.append(
                report
                | {"position": position, "family": family, "heading": words.heading, "says": words.says}
                | {"checks": checks, "passed": passed}
                | {
                    "relations": sum(number for number, _ in lines) if lines else checks,
                    "relations_held": sum(number for _, number in lines) if lines else passed,
                }
            )
    return _table("check_families", rows)


def check_history(connection: Any, settings: Settings) -> pa.Table:
    """Since when a check fails, and why and how long that is accepted. One row per failing check of a report."""
    rows = []
    for row in history.rows(settings).values():
        if row["first_failed_at"]:
            rows.append(row | {"runs_failing": int(row["runs_failing"]) if row["runs_failing"] else None})
    return _table("check_history", sorted(rows, key=history.key_of))


CHECKS_WITHOUT_COUNTS = ("figures_equal_published", "table_rules")
"""Families whose numbers are of rules broken and of printed numbers compared, never of cases."""


def _without_numbers(statement: str) -> str:
    """What a check is about: its statement up to the numbers.

    A title ends at the first full stop or colon after which numbers come. The years and stages of the title stay.
    """
    title = re.split(r"(?<=[^\W\d_]|\d|\)): (?=\S)|\. (?=\d)", statement, maxsplit=1)[0]
    if title == statement and "(" in statement:
        title = statement.split(" (", 1)[0]
    return re.sub(r" \(\d[^)]*\)", "", title).rstrip(".:") + "."


def published_check(connection: Any, settings: Settings) -> pa.Table:
    """Each number that a council printed, and what counting gives. One row per printed number."""
    printed = {
        (row["authority"], row["reporting_year"], row["ref"]): row
        for row in _rows(
            connection,
            """
            select authority, reporting_year, ref, locator, measure, breakdown, period, unit
            from staging.stg_config_published
            """,
        )
    }
    rows = [
        printed.get((row["authority"], row["reporting_year"], row["ref"]), {}) | row
        for row in read_csv(settings.build / "published_check.csv")
    ]
    shown = {
        figure
        for (figure,) in connection.execute(
            "select figure_id from protection_figures where decision = 'shown'"
        ).fetchall()
    }
    for row in rows:
        if row["figure_id"] and row["figure_id"] not in shown:
            _say_only_what_was_printed(row)
    return _table(
        "published_check", sorted(rows, key=lambda row: (row["authority"], row["reporting_year"], row["ref"]))
    )


def printed_findings(connection: Any, settings: Settings) -> pa.Table:
    """Where a printed report disagrees with itself. One row per finding, in the report's order.

    Every number in a statement is one that the council printed; none is counted from cases.
    """
    rows = []
    before: Counter[tuple[str, str]] = Counter()
    for row in read_csv(settings.build / printed_audited.FILE):
        report = (row["authority"], row["reporting_year"])
        if row["severity"] != "cannot_check":
            rows.append(row | {"position": before[report]})
        before[report] += 1
    return _table("printed_findings", rows)


def _say_only_what_was_printed(row: dict[str, Any]) -> None:
    """Of a figure that is not shown: the printed number and the verdict, and no number of our own."""
    same = row["verdict"] in ("reproduced", "prior_series") and row["published_value"]
    row["computed_value"] = row["published_value"] if same else "[c]"
    if not row["published_value"]:
        row["reason"] = "the cell is blank in the report; the number is not shown, to protect people"
    elif row["reason"]:
        told = [
            sentence for sentence in _SENTENCE_ENDS.split(row["reason"]) if not _OF_CASES.search(sentence)
        ]
        row["reason"] = " ".join(told) or "why is not told, to protect people"


_SENTENCE_ENDS = re.compile(r"(?<=[.!?]) +")

_OF_CASES = re.compile(r"\bthe cases\b", re.IGNORECASE)
"""A reason may say what the cases give (`The cases give five`, `The cases follow chart 2`): the number that is held back."""


_PERIOD = (
    "(?i)([0-9]+|q[1-4]|h[12]|[ /_.-]|to|jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?"
    "|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?)*"
)
"""What the scope of a file may be made of to be shown: years, quarters, months."""


def extracts(connection: Any, settings: Settings) -> pa.Table:
    """Files received, as each report knew them at its moment. One row per report and file.

    How many rows a file has is a count of cases: from 1 to the threshold it does not leave. Neither does a file's name,
    which may be that of a child: a file is known by its source, and by its scope where that says a period.
    """
    return _select(
        connection,
        "extracts",
        f"""
        select
            r.authority, r.reporting_year, e.source, case when regexp_full_match(e.scope, '{_PERIOD}') then e.scope end as scope,
            e.received_at,
            case when not s.is_small then e.rows_received end as rows_received,
            case when not s.is_small then e.rows_conformed end as rows_conformed,
            case when not s.is_small then e.rows_quarantined end as rows_quarantined,
            e.status,
            exists (
                select 1
                from staging.stg_extract as later
                where
                    later.authority = e.authority and later.source = e.source
                    and coalesce(later.scope, '') = coalesce(e.scope, '') and later.status = 'loaded'
                    and cast(later.received_at as date) <= r.as_at
                    and (later.received_at > e.received_at or later.supersedes = e.extract_id)
            ) as is_superseded
        from staging.stg_extract as e
        inner join marts.dim_report as r on e.authority = r.authority and cast(e.received_at as date) <= r.as_at
        left join protection_reports as p on r.authority = p.authority and r.reporting_year = p.reporting_year
        cross join lateral (
            select
                coalesce(e.rows_received, 0) between 1 and coalesce(p.threshold, 5)
                or coalesce(e.rows_conformed, 0) between 1 and coalesce(p.threshold, 5) as is_small
        ) as s
        order by r.authority, r.reporting_year, e.received_at, e.source, e.scope, e.extract_id
        """,
    )


def quotes(connection: Any, settings: Settings) -> pa.Table:
    """Words of compliments that may be published, each once, in order of the alphabet. One row per report and quote.

    Only those that intake's screen let pass (`redress.intake.quotes`), as they are in the report's files. Nothing
    is said of when, by whom or to whom they were written.
    """
    from redress.intake.quotes import as_shown

    passed = settings.state / "conformed" / "quote_passed"
    if not any(passed.glob("*.parquet")):
        return _table("quotes", ())
    rows = _rows(
        connection,
        f"""
        select c.authority, c.reporting_year, c.quote
        from marts.fct_compliments as c
        inner join read_parquet('{str(passed).replace("'", "''")}/*.parquet') as p
            on c.extract_id = p.extract_id and c.source_row = p.source_row and sha256(c.quote) = p.mark
        inner join marts.dim_report as r on c.authority = r.authority and c.reporting_year = r.reporting_year
        """,
    )
    said = {(row["authority"], row["reporting_year"], as_shown(row["quote"])) for row in rows}
    ordered = sorted(said, key=lambda one: (one[0], one[1], one[2].casefold(), one[2]))
    names = ("authority", "reporting_year", "words")
    return _table("quotes", _numbered(dict(zip(names, one, strict=True)) for one in ordered))


def actions(connection: Any, settings: Settings) -> pa.Table:
    """Actions agreed in the report's year, and older ones that were open when it began. One row per report and action.

    The words of an action are there where intake's screen let them pass, each text by itself. Nothing is said of the
    cases that it follows from.
    """
    from redress.intake.quotes import as_shown, mark

    passed = settings.state / "conformed" / "quote_passed"
    marks: set[tuple[str, int, str]] = set()
    if any(passed.glob("*.parquet")):
        folder = str(passed).replace("'", "''")
        marks = set(
            connection.execute(
                f"select extract_id, source_row, mark from read_parquet('{folder}/*.parquet')"
            ).fetchall()
        )
    rows = _rows(
        connection,
        """
        select a.*
        from marts.fct_actions as a
        inner join marts.dim_report as r using (authority, reporting_year)
        where
            a.agreed_year = a.reporting_year
            or (a.agreed_year < a.reporting_year and coalesce(a.last_year_open, a.reporting_year) >= a.reporting_year)
        order by
            a.authority, a.reporting_year, a.agreed_year desc, a.agreed_date desc nulls last, a.due_date nulls last,
            sha256(a.action_id)
        """,
    )
    for row in _numbered(rows):
        for name in ("said", "agreed", "reason", "owner"):
            text = row[name]
            is_shown = text and (row["extract_id"], row["source_row"], mark(text)) in marks
            row[name] = as_shown(text) if is_shown else None
    return _table("actions", rows)


def pages(connection: Any, settings: Settings) -> pa.Table:
    """The pages of each report as it is declared, with what their sections hold as JSON. One row per report and page."""
    return _table("pages", read_parquet(settings.state / "config", f"{DECLARED}.parquet"))


def not_held(connection: Any, settings: Settings) -> pa.Table:
    """What a council does not record, as its profile or its data say. One row per report and measure, or `key:` and a key."""
    return _table("not_held", _lacking(connection, settings))


def _lacking(connection: Any, settings: Settings) -> list[dict[str, str]]:
    """Return the rows of `not_held`."""
    contract = load_contract(settings.reference)
    authorities = {
        authority: find_authority(settings, authority)
        for (authority,) in connection.execute("select distinct authority from marts.dim_report").fetchall()
    }
    declared = {slug: authority.profile.not_held for slug, authority in authorities.items() if authority}
    return holdings.rows(connection, contract, declared)


def services(connection: Any, settings: Settings) -> pa.Table:
    """The tree of services on the last day of each report's year, in the order in which the council lists them.

    One row per report and service. Remainders that stand for several services come last; `merged` stands before their level.
    `changes` says, a sentence a line, what changed on a day within the year.
    """
    rows = _rows(
        connection,
        """
        select reports.authority, reports.reporting_year, services.service, services.label, services.level,
            services.parent_service, latest.merged_service
        from marts.dim_report as reports
        inner join intermediate.int_service_in_tree as services
            on reports.authority = services.authority
            and reports.period_end between services.tree_from and services.tree_to
        inner join marts.dim_service as latest
            on services.authority = latest.authority and services.service = latest.service and latest.is_latest
        order by reports.authority, reports.reporting_year, services.level in ('undeclared', 'not_known'), services.label
        """,
    )
    order: dict[str, dict[str, int]] = {}
    changes = _changes_of_services(connection)
    years: dict[str, dict[str, None]] = defaultdict(dict)
    for row in rows:
        known = order.setdefault(row["authority"], _listed_order(settings, row["authority"]))
        row["position"] = known.setdefault(row["service"], len(known))
        row["changes"] = "\n".join(changes[row["authority"], row["reporting_year"], row["service"]]) or None
        years[row["authority"]][row["reporting_year"]] = None
    for row in _rows(connection, "select * from protection_services order by all"):
        known = order.setdefault(row["authority"], {})
        position = known.setdefault(row["service"], len(known))
        words = {"label": row["service"], "level": f"merged {row['level']}", "merged_service": row["service"]}
        rows += [
            row | words | {"reporting_year": year, "position": position} for year in years[row["authority"]]
        ]
    return _table(
        "services", sorted(rows, key=lambda row: (row["authority"], row["reporting_year"], row["position"]))
    )


def _changes_of_services(connection: Any) -> dict[tuple[str, str, str], list[str]]:
    """Report and service -> what changed within the year: its name, or what it was part of; told of both ends of a move."""
    changes: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in _rows(
        connection,
        """
        with places as (
            select services.*, coalesce(above.label, services.parent_service) as above_label,
                lag(services.label) over of_service as old_label,
                lag(services.parent_service) over of_service as old_parent,
                lag(coalesce(above.label, services.parent_service)) over of_service as old_above_label
            from intermediate.int_service_in_tree as services
            left join intermediate.int_service_in_tree as above
                on services.authority = above.authority and services.tree_from = above.tree_from
                and services.parent_service = above.service
            window of_service as (partition by services.authority, services.service order by services.tree_from)
        )

        select reports.reporting_year, places.*, places.tree_from - 1 as last_day
        from places
        inner join marts.dim_report as reports
            on places.authority = reports.authority
            and places.tree_from > reports.period_start and places.tree_from <= reports.period_end
        where places.level not in ('undeclared', 'not_known')
        order by places.authority, reports.reporting_year, places.tree_from, places.label
        """,
    ):
        of_report = row["authority"], row["reporting_year"]
        until = f"until {row['last_day'].day} {row['last_day']:%B %Y}"
        if row["old_label"] not in (None, row["label"]):
            changes[*of_report, row["service"]].append(
                f"{row['label']} was called {row['old_label']} {until}."
            )
        if row["old_label"] is not None and row["old_parent"] != row["parent_service"]:
            was = f"part of {row['old_above_label']}" if row["old_parent"] else "a part of nothing else"
            now = f"part of {row['above_label']}" if row["parent_service"] else "on its own"
            said = f"{row['label']} was {was} {until} and has been {now} since; what came before counts where it was then."
            for service in dict.fromkeys((row["service"], row["old_parent"], row["parent_service"])):
                if service:
                    changes[*of_report, service].append(said)
    return changes


def timescales(connection: Any, settings: Settings) -> pa.Table:
    """The limits in force on some day of each report's year. One row per report, procedure, stage and limits.

    Those of the last day come first; `in_force_until` is blank for them.
    """
    return _select(
        connection,
        "timescales",
        """
        select
            r.authority, r.reporting_year, t.procedure, t.stage, t.standard_working_days, t.extended_working_days,
            t.clock_start, t.day_count,
            case
                when coalesce(t.valid_to, r.period_end) < r.period_end then t.valid_to
                when t.next_valid_from <= r.period_end then t.next_valid_from - 1
            end as in_force_until,
            t.source
        from marts.dim_timescale as t
        inner join marts.dim_report as r
            on t.authority = r.authority
            and coalesce(t.valid_from, r.period_end) <= r.period_end
            and coalesce(t.valid_to, r.period_end) >= r.period_start
            and coalesce(t.next_valid_from, cast('9999-12-31' as date)) > r.period_start
        order by r.authority, r.reporting_year, t.procedure desc, t.stage, in_force_until desc nulls first
        """,
    )


def comparison(connection: Any, settings: Settings) -> pa.Table:
    """Measures that reports share, with what to know to compare them. One row per report, compared measure and breakdown.

    The numbers are those that `figures` lets out: what it holds back is held back here, with the words on a small
    base, which say something of the count.
    """
    return compared(connection, figures(connection, settings))


def compared(connection: Any, let_out: pa.Table) -> pa.Table:
    """Return the table `comparison` of the warehouse's reports.

    Args:
        connection: the warehouse.
        let_out: the table `figures` of the export.
    """
    rows = _rows(
        connection,
        """
        select
            authority, reporting_year, position, section, heading, plain_words, measure, breakdown, figure_id, unit,
            status, population, caveats, base_caveat, missing_reason
        from figures.comparison
        order by position, authority, reporting_year, breakdown
        """,
    )
    wanted = pa.array([row["figure_id"] for row in rows], pa.string()).drop_null()
    shown = {
        row["figure_id"]: row for row in let_out.filter(pc.is_in(let_out["figure_id"], wanted)).to_pylist()
    }
    for row in rows:
        figure = shown.get(row["figure_id"])
        if figure is None:
            if row["figure_id"] is not None:  # left out: nothing leads to it
                row |= {"figure_id": None, "status": "suppressed", "base_caveat": None}
            continue
        row |= {name: figure[name] for name in ("numerator", "denominator", "value", "unit", "status")}
        if row["value"] is None:
            row["base_caveat"] = None
    return _table("comparison", rows)


def groupings(connection: Any, settings: Settings) -> pa.Table:
    """The names of each council's own groupings of an attribute. One row per authority and grouping."""
    return _select(
        connection,
        "groupings",
        "select distinct authority, grouping from staging.stg_config_grouping order by authority, grouping",
    )


def settings_chosen(connection: Any, settings: Settings) -> pa.Table:
    """The counting variants that each council chose. One row per authority and setting."""
    return _select(
        connection,
        "settings",
        "select authority, setting, value from staging.stg_config_setting order by authority, setting",
    )


def dictionary(connection: Any, settings: Settings) -> pa.Table:
    """The contracts of the warehouse's marts and figures, and what each measure can be counted by; no row of the data itself.

    One row per model and column, and one per measure (layer `measures`). The models are read from the manifest that dbt left
    when it built the warehouse; there are none where it left none.
    """
    path = dbt_folder(settings) / "target" / "manifest.json"
    nodes = read_json(path)["nodes"].values() if path.exists() else ()
    rows = [
        {
            "layer": node["fqn"][1],
            "model": node["name"],
            "model_says": " ".join(node["description"].split()),
            "position": position,
            "column_name": column["name"],
            "data_type": column.get("data_type"),
            "column_says": " ".join((column.get("description") or "").split()),
        }
        for node in nodes
        if node["resource_type"] == "model" and node["fqn"][1] in ("marts", "figures")
        for position, column in enumerate(node["columns"].values())
        if (node.get("contract") or {}).get("enforced")
    ]
    rows += [
        {
            "layer": "measures",
            "model": measure.name,
            "model_says": f"{measure.title} ({measure.unit})",
            "position": position,
            "column_name": "by",
            "column_says": measure.by + (f" (over {measure.over})" if measure.over else ""),
        }
        for position, measure in enumerate(keys_of_measures())
    ]
    return _table("dictionary", sorted(rows, key=lambda row: (row["layer"], row["model"], row["position"])))


TABLES = {
    "figures": figures,
    "figure_catalogue": figure_catalogue,
    "reports": reports,
    "checks": checks,
    "check_families": check_families,
    "check_history": check_history,
    "published_check": published_check,
    "printed_findings": printed_findings,
    "extracts": extracts,
    "protection": protection,
    "quotes": quotes,
    "actions": actions,
    "pages": pages,
    "not_held": not_held,
    "services": services,
    "timescales": timescales,
    "comparison": comparison,
    "groupings": groupings,
    "settings": settings_chosen,
    "dictionary": dictionary,
}
"""Table name -> the function that selects it; `sign_offs`, `revisions` and `revised_words` are made of records."""


def _rows(connection: Any, sql: str) -> list[dict[str, Any]]:
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _select(connection: Any, name: str, sql: str) -> pa.Table:
    return _table(name, _rows(connection, sql))


def _table(name: str, rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Rows as the named table: only the columns of its schema, blanks as null, dates as ISO text."""
    schema = SCHEMAS[name]
    return pa.Table.from_pylist(
        [{f.name: _value(row.get(f.name), f.type) for f in schema} for row in rows], schema=schema
    )


def _numbered(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with their `position` within their report, from 1."""
    known: Counter[tuple[str, str]] = Counter()
    numbered = []
    for row in rows:
        report = row["authority"], row["reporting_year"]
        known[report] += 1
        row["position"] = known[report]
        numbered.append(row)
    return numbered


def _value(value: Any, kind: pa.DataType) -> Any:
    return value if value is None or not pa.types.is_string(kind) else str(value)


def _folder(settings: Settings, authority: str) -> Path | None:
    return next((place / authority for place in settings.authorities if (place / authority).is_dir()), None)


def _line(value: Any) -> str | None:
    """A profile's contact or feedback as one line: a text as it stands, a mapping as its values."""
    if not value:
        return None
    return (
        ", ".join(str(part) for part in value.values() if part)
        if isinstance(value, dict)
        else str(value).strip()
    )


def _listed_order(settings: Settings, authority: str) -> dict[str, int]:
    """Service -> its place in the council's `services.csv`."""
    folder = _folder(settings, authority)
    path = folder / "services.csv" if folder else None
    if path is None or not path.is_file():
        return {}
    header, records = read_table(path)
    column = header.index("service")
    return {cells[column]: place for place, (_, cells) in enumerate(records) if cells[column]}
