"""What is behind one figure: meaning, numbers, rule, cases, checks, files; and which figures a case is in.

Reads the warehouse of the last green run and the files beside it. Nothing heavy is imported: it answers while
somebody waits.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redress.base.errors import ConfigurationProblem
from redress.base.printable import show_text
from redress.base.settings import Settings, database_in_force
from redress.base.tables import read_csv, read_json
from redress.contract import figure_catalogue as catalogue
from redress.intake.ledger import in_force, read_ledger
from redress.signed.record import signed_with
from redress.warehouse.connection import open_warehouse

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CHECKS_SHOWN = 20
CASES_SHOWN = 12
REASONS_SHOWN = 8
LINE = 300
RESTRICTED = "Unprotected: for use inside the authority only."


def explain(settings: Settings, figure_id: str, *, all_cases: bool = False) -> str:
    """Return everything known about a figure, as text.

    Args:
        settings: where the warehouse in force, the catalogue and the checks are.
        figure_id: as in figures.csv.
        all_cases: list every case behind it, not only the first few.

    Returns:
        str: lines for a person; unprotected, so for use inside the authority only.

    Raises:
        ConfigurationProblem: there is no warehouse yet, or no such figure in it.
    """
    with _warehouse(settings) as connection:
        if merged := _merged(connection, settings, figure_id):
            return merged
        figure = _figure(connection, figure_id)
        definition = catalogue.by_measure().get(str(figure["measure"]), {})
        lines = [figure_id, ""]
        lines += _block(
            "What it is",
            {
                "authority": figure["authority"],
                "report": f"{figure['reporting_year']}, as at {figure['as_at']}",
                "measure": figure["measure"],
                "breakdown": figure["breakdown"] or "(the total)",
                "period": figure["period"],
            },
        )
        if definition:
            lines += _block(
                "What it means", {key: value for key, value in definition.items() if key != "measure"}
            )
        lines += _block(
            "How it was counted",
            {
                "value": f"{_number(figure['value'])} {figure['unit'] or ''}".strip(),
                "numerator": _number(figure["numerator"]),
                "denominator": _number(figure["denominator"]),
                "rule": figure["rule"],
                "status": figure["status"],
            },
        )
        lines += _list("What is behind it", _behind(connection, figure, all_cases))
        lines += _list("What it leaves out", _left_out(connection, figure_id))
        lines += _list("Checks that it stands in", _checks(settings, connection, figure))
        lines += _list("Since when one of them fails", _failing(settings, connection, figure))
    lines += _list("Published figures that it answers", _published(settings, figure_id))
    lines += _list("Files it was computed from", _files(settings, figure))
    lines.append(RESTRICTED)
    return "\n".join(map(show_text, lines))


def _merged(connection: DuckDBPyConnection, settings: Settings, figure_id: str) -> str | None:
    """Return what is known of a figure that stands for several rows; None where it is none of these."""
    exported = settings.state / "protected" / "reports.arrow"
    if connection.execute("select 1 from figures.figures where figure_id = $1", [figure_id]).fetchone():
        return None
    if not exported.exists():
        return None
    from redress.protect.merge import Merged, add_up
    from redress.publish.open_data import read_stream

    for report in read_stream(exported).to_pylist():
        authority, year = report["authority"], report["reporting_year"]
        if not report["merged"] or not figure_id.startswith(f"{authority}-{year}-"):
            continue
        result = connection.execute(
            "select * from figures.figures where authority = $1 and reporting_year = $2 order by figure_id",
            [authority, year],
        )
        names = [column[0] for column in result.description]
        figures = {
            row[names.index("figure_id")]: dict(zip(names, row, strict=True)) for row in result.fetchall()
        }
        merged = [Merged.from_line(year, line) for line in report["merged"].split("\n")]
        remainders = add_up(figures.values(), merged)
        for row in remainders.rows:
            if row["figure_id"] == figure_id:
                parts = [figures[member] for member in remainders.members[figure_id] if member in figures]
                return _say_merged(row, parts)
    return None


def _say_merged(row: dict[str, Any], parts: Sequence[dict[str, Any]]) -> str:
    """Return what a figure that stands for several rows is, and what it adds up, as text."""
    what = {name: row[name] for name in ("measure", "breakdown", "period")}
    counted = {name: _number(row[name]) for name in ("value", "numerator", "denominator")}
    lines = [row["figure_id"], "", *_block("What it is: several rows shown as one, to protect people", what)]
    lines += _block("How it was counted", counted | {"rule": row["rule"]})
    said = [f"{_number(part['value'])}  {part['breakdown']} [{part['figure_id']}]" for part in parts]
    lines += _list("What is merged in it", said)
    return "\n".join(map(show_text, [*lines, RESTRICTED]))


def explain_excluded(settings: Settings, figure_id: str, pack: Path | None = None) -> str:
    """Return every case that a figure leaves out of what its measure counts or might have counted, with the reason of each.

    Args:
        settings: where the warehouse in force is.
        figure_id: as in figures.csv.
        pack: the folder of an evidence pack, to be read instead of the warehouse.

    Raises:
        ConfigurationProblem: there is no warehouse or pack, or no such figure in it.
    """
    figure, number, left = (
        _left_out_of_pack(pack, figure_id) if pack else _left_out_of(_warehouse(settings), figure_id)
    )
    about = [figure["measure"], figure["breakdown"] or "the total", figure["period"]]
    lines = [figure_id, f"{', '.join(about)}: {number}", ""]
    by_reason: dict[str, list[str]] = {}
    for thing, belongs_to, reason in left:
        by_reason.setdefault(reason, []).append(thing + (f" of {belongs_to}" if belongs_to else ""))
    for reason, things in by_reason.items():
        lines += _list(f"{len(things):,} left out: {reason}", things)
    if not left:
        lines += ["It leaves nothing out that its measure counts or might have counted.", ""]
    lines.append(RESTRICTED)
    return "\n".join(map(show_text, lines))


def _left_out_of(source: Any, figure_id: str) -> tuple[dict[str, Any], str, list[tuple[str, str, str]]]:
    """Return a figure, its number in words, and the cases that it leaves out; `source` is closed afterwards."""
    from redress.warehouse import exclusions

    with source as connection:
        figure = _figure(connection, figure_id)
        left = exclusions.of_figure(connection, figure_id)
    return figure, f"{_number(figure['value'])} {figure['unit'] or ''}".rstrip(), left


def _left_out_of_pack(pack: Path, figure_id: str) -> tuple[dict[str, Any], str, list[tuple[str, str, str]]]:
    """Return the same from a pack, which anybody may have changed: what cannot be read in it is said, not a fault of ours."""
    import duckdb

    from redress.warehouse import exclusions

    try:
        return _left_out_of(exclusions.of_pack(pack), figure_id)
    except (duckdb.Error, ValueError, TypeError) as problem:
        raise ConfigurationProblem(
            f"The tables of {pack} cannot be read: they are damaged, or not those of an evidence pack.",
            "whoever handed it over; `redress verify` names the files that were changed",
        ) from problem


def explain_case(settings: Settings, case: str, figure_id: str | None = None) -> str:
    """Return every figure that a case is in, or what it has to do with one figure.

    Args:
        settings: where the warehouse in force is.
        case: a pseudonym as listed behind a figure, or the council's own reference of a complaint, stage, point,
            compliment, contact or Ombudsman matter. What belongs to a complaint is looked for with it.
        figure_id: only this figure.

    Raises:
        ConfigurationProblem: there is no warehouse, no such case in it, or no such figure.
    """
    with _warehouse(settings) as connection:
        known = connection.execute(
            "with named as (select distinct authority, pseudonym from evidence.things "
            "where pseudonym = $1 or substr(thing, instr(thing, ':') + 1) = $1) "
            "select distinct things.authority, things.reporting_year, things.kind, things.thing, things.pseudonym, "
            "things.belongs_to, things.extract_id, things.source_row from evidence.things as things inner join named "
            "on things.authority = named.authority "
            "and (things.pseudonym = named.pseudonym or things.belongs_to = named.pseudonym) order by all",
            [case],
        ).fetchall()
        if not known:
            raise ConfigurationProblem(
                f"There is no case {case}.",
                "whoever typed the command",
                ["Give a pseudonym as listed behind a figure, or the council's own reference."],
            )
        figure = _figure(connection, figure_id) if figure_id else None
        counted = _figures_of(connection, known, figure_id)
    lines = [f"Case {case}", ""]
    lines += _list(
        "What is known of it by pseudonym",
        sorted(
            {
                f"{pseudonym}"
                + (f" of {belongs_to}" if belongs_to else "")
                + f", {authority} {year}"
                + (f", row {row} of {extract}" if extract else "")
                for authority, year, _, _, pseudonym, belongs_to, extract, row in known
            }
        ),
    )
    if figure is not None and not counted:
        lines += [f"It is in neither the numerator nor the denominator of {figure_id}: {figure['rule']}.", ""]
    for authority, year in sorted({row[:2] for row in counted}):
        rows = [row for row in counted if row[:2] == (authority, year)]
        lines += _list(
            f"In {len({row[5] for row in rows}):,} figures of {authority} {year}",
            [
                f"{part:<11} {measure}, {breakdown or 'the total'}, {period}"
                + (f": {_number(weight)}" if weight != 1 else "")
                + f" [{identifier}]"
                for _, _, measure, breakdown, period, identifier, part, weight, _ in rows
            ],
        )
    lines.append(RESTRICTED)
    return "\n".join(map(show_text, lines))


def _figures_of(
    connection: DuckDBPyConnection, known: Sequence[tuple[Any, ...]], figure_id: str | None
) -> list[tuple[Any, ...]]:
    """Return the parts of figures that a case is in, with its weight in each.

    Args:
        connection: the warehouse, traced.
        known: the rows of `evidence.things` about the case and what belongs to it.
        figure_id: only this figure.
    """
    connection.execute(
        "create temp table mine (authority varchar, reporting_year varchar, thing varchar, pseudonym varchar)"
    )
    connection.executemany(
        "insert into mine values ($1, $2, $3, $4)",
        sorted({(row[0], row[1], row[3], row[4]) for row in known}),
    )
    return connection.execute(
        "select figures.authority, figures.reporting_year, figures.measure, figures.breakdown, figures.period, "
        "figures.figure_id, parts.part, sum(members.weight), "
        "string_agg(distinct mine.pseudonym, ', ' order by mine.pseudonym) "
        "from mine inner join evidence.members as members using (authority, reporting_year, thing) "
        "inner join evidence.parts as parts using (set_id) "
        "inner join figures.figures as figures on parts.figure_id = figures.figure_id "
        "where $1 is null or figures.figure_id = $1 "
        "group by all order by 1, 2, 3, 5, 4, 7 desc",
        [figure_id],
    ).fetchall()


def _warehouse(settings: Settings) -> DuckDBPyConnection:
    """Return a connection to the warehouse of the last green run, read-only."""
    database = database_in_force(settings)
    if not database.exists():
        raise ConfigurationProblem("There is no warehouse yet.", "you: run `redress build` first")
    return open_warehouse(database)


def _figure(connection: DuckDBPyConnection, figure_id: str) -> dict[str, Any]:
    """Return the figure's row."""
    result = connection.execute("select * from figures.figures where figure_id = $1", [figure_id])
    names = [column[0] for column in result.description]
    row = result.fetchone()
    if row is not None:
        return dict(zip(names, row, strict=True))
    near = connection.execute(
        "select figure_id from figures.figures order by levenshtein(figure_id, $1), figure_id limit 5",
        [figure_id],
    ).fetchall()
    raise ConfigurationProblem(
        f"There is no figure {figure_id}.",
        "whoever typed the command",
        [f"Near it: {identifier}" for (identifier,) in near],
    )


def _behind(connection: DuckDBPyConnection, figure: dict[str, Any], all_cases: bool) -> list[str]:
    """Return what each number of a figure rests on: cases by pseudonym, rows that gave it, or other figures."""
    if not _has_evidence(connection):
        return ["not traced: build again"]
    lines = []
    for part, amount, basis, set_id, total, agrees, figures in connection.execute(
        "select part, amount, basis, set_id, total, agrees, figures from evidence.parts where figure_id = $1 "
        "order by part desc",
        [figure["figure_id"]],
    ).fetchall():
        if basis == "figures":
            lines.append(
                f"{part} {_number(amount)}: from {', '.join(figure_id for figure_id in figures if figure_id)}"
            )
        elif basis == "fixed":
            lines.append(f"{part} {_number(amount)}: fixed")
        else:
            members = connection.execute(
                "select coalesce(names.pseudonym, members.thing), members.weight, names.belongs_to "
                "from evidence.members as members left join (select authority, reporting_year, thing, "
                "any_value(pseudonym) as pseudonym, any_value(belongs_to) as belongs_to from evidence.things "
                "group by all) as names using (authority, reporting_year, thing) where set_id = $1 order by all",
                [set_id],
            ).fetchall()
            kinds = Counter(thing.split("-")[0].split(":")[0] for thing, _, _ in members)
            counted = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items())) or "nothing"
            lines.append(f"{part} {_number(amount)}: {counted}, adding up to {_number(total)}")
            shown = members if all_cases else members[:CASES_SHOWN]
            lines += [
                f"  {thing}"
                + (f" of {belongs_to}" if belongs_to else "")
                + (f": {_number(weight)}" if weight != 1 else "")
                for thing, weight, belongs_to in shown
            ]
            if len(members) > len(shown):
                lines.append(f"  and {len(members) - len(shown):,} more (--cases lists them)")
        if not agrees:
            lines.append("  DOES NOT ADD UP to the number above")
    return lines


def _left_out(connection: DuckDBPyConnection, figure_id: str) -> list[str]:
    """Return how many cases of the measure are not in the figure, by reason."""
    from redress.warehouse import exclusions

    if not _has_evidence(connection):
        return []
    reasons = Counter(
        exclusions.OTHER_PERIOD if reason.startswith(exclusions.OTHER_PERIOD) else reason
        for *_, reason in exclusions.of_figure(connection, figure_id)
    )
    lines = [f"{count:,}: {reason}" for reason, count in reasons.most_common(REASONS_SHOWN)]
    rest = sum(reasons.values()) - sum(count for _, count in reasons.most_common(REASONS_SHOWN))
    return lines + ([f"{rest:,} for other reasons (--excluded lists all)"] if rest else [])


def _has_evidence(connection: DuckDBPyConnection) -> bool:
    """Return whether the warehouse was traced."""
    return bool(
        connection.execute(
            "select 1 from information_schema.tables where table_schema = 'evidence' and table_name = 'excluded'"
        ).fetchone()
    )


def _checks(settings: Settings, connection: DuckDBPyConnection, figure: dict[str, Any]) -> list[str]:
    """Return the lines of checks that the figure's own number stands in, those that do not hold first."""
    own = _own_lines(settings, connection, figure)
    path = settings.state / "checks.json"
    records = read_json(path) if path.exists() else read_csv(settings.build / "checks.csv")
    mine = {
        str(record.get("check_id")): record
        for record in records
        if record.get("authority") == figure["authority"]
        and record.get("reporting_year") == figure["reporting_year"]
    }
    lines = [
        f"{'holds' if holds else 'DOES NOT HOLD'}: {check}{f', {title}' if title else ''}"
        + (f". {mine[check]['statement']}" if not title and check in mine else "")
        for check, title, holds in own
    ]
    listed = {check for check, _, _ in own}
    lines += [
        f"{record.get('verdict')}: {record.get('statement')} [{check}]"
        for check, record in mine.items()
        if check not in listed
        and (
            check.startswith("cases-behind-figures")
            or figure["figure_id"] in json.dumps(record, default=str, ensure_ascii=False)
        )
    ]
    shown = [line if len(line) <= LINE else f"{line[:LINE]} ..." for line in lines[:CHECKS_SHOWN]]
    return shown + ([f"and {len(lines) - CHECKS_SHOWN} more"] if len(lines) > CHECKS_SHOWN else [])


def _failing(settings: Settings, connection: DuckDBPyConnection, figure: dict[str, Any]) -> list[str]:
    """Return the history of the checks that the figure stands in, where they fail now or have failed."""
    from redress.reconcile import history

    own = {check for check, _, _ in _own_lines(settings, connection, figure)}
    is_indexed = _index(settings).exists()
    lines = []
    for (authority, year, check_id), row in history.rows(settings).items():
        is_own = check_id in own if is_indexed else figure["measure"] in check_id.split(":")
        if is_own and authority == figure["authority"] and year == figure["reporting_year"]:
            if row["first_failed_at"]:
                lines.append(f"{check_id}: {history.since(row)}")
            elif row["last_failed_at"]:
                lines.append(f"{check_id}: holds now; failed last on {history.day(row['last_failed_at'])}.")
    return lines


def _index(settings: Settings) -> Path:
    """Return the lines of checks that each figure stands in."""
    return settings.build / "checked_figures.parquet"


def _own_lines(
    settings: Settings, connection: DuckDBPyConnection, figure: dict[str, Any]
) -> list[tuple[str, str, bool]]:
    """Return the lines of checks that the figure's own number stands in: check, line, whether it holds."""
    index = _index(settings)
    if not index.exists():
        return []
    return connection.execute(
        "select check_id, line_title, holds from read_parquet($1) where figure_id = $2 order by holds, 1, 2",
        [str(index), figure["figure_id"]],
    ).fetchall()


def _published(settings: Settings, figure_id: str) -> list[str]:
    """Return rows of published_check.csv about the figure."""
    return [
        f"{row['ref']}: published {row['published_value']}, computed {row['computed_value']}: "
        + row["verdict"]
        + (f". {row['reason']}" if row.get("reason") else "")
        for row in read_csv(settings.build / "published_check.csv")
        if row.get("figure_id") == figure_id
    ]


def _files(settings: Settings, figure: dict[str, Any]) -> list[str]:
    """Return extracts in force at the figure's as-at, one line each."""
    return [
        f"{row['file_name']}, received {row['received_at']:%Y-%m-%d %H:%M}, {row['rows_conformed']} rows, "
        f"SHA-256 {row['sha256'][:12]}..."
        for row in in_force(
            read_ledger(settings),
            figure["authority"],
            figure["as_at"],
            signed_with(settings, figure["authority"], figure["reporting_year"]),
        )
    ]


def _block(title: str, values: dict[str, Any]) -> list[str]:
    """Return a titled list of named values, blanks left out."""
    known = {name.replace("_", " "): value for name, value in values.items() if value not in (None, "")}
    width = max((len(name) for name in known), default=0)
    return [title, *[f"  {name:<{width}}  {value}" for name, value in known.items()], ""]


def _list(title: str, lines: list[str]) -> list[str]:
    """Return a titled list, or the word none."""
    return [title, *[f"  {line}" for line in lines or ["none"]], ""]


def _number(value: Any) -> str:
    """Return a number for people: whole ones without a decimal point."""
    if value is None:
        return ""
    number = float(value)
    return str(int(number)) if number.is_integer() else f"{number:.6g}"
