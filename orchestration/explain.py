"""What is behind one figure: meaning, numbers, rule, checks, files."""

from __future__ import annotations

import json
from typing import Any

from orchestration.errors import ConfigurationProblem
from orchestration.pipeline import database_in_force, read_csv, read_ledger
from orchestration.settings import Settings

CHECKS_SHOWN = 20
LINE = 300


def explain(settings: Settings, figure_id: str) -> str:
    """Everything known about a figure, as text.

    Args:
        settings: where the warehouse in force, the catalogue and the checks are.
        figure_id: as in figures.csv.

    Returns:
        str: lines for a person; unprotected, so for use inside the authority only.

    Raises:
        ConfigurationProblem: there is no warehouse yet, or no such figure in it.
    """
    figure = _figure(settings, figure_id)
    definition = _catalogue(settings).get(str(figure["measure"]), {})
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
            "variant": figure.get("variant"),
            "status": figure["status"],
        },
    )
    lines += _list("Checks on it or on its measure", _checks(settings, figure))
    lines += _list("Since when one of them fails", _failing(settings, figure))
    lines += _list("Published figures that it answers", _published(settings, figure_id))
    lines += _list("Files it was computed from", _files(settings, figure))
    lines.append("Unprotected: for use inside the authority only.")
    return "\n".join(lines)


def _figure(settings: Settings, figure_id: str) -> dict[str, Any]:
    """The figure's row."""
    database = database_in_force(settings)
    if not database.exists():
        raise ConfigurationProblem("There is no warehouse yet.", "you: run `redress build` first")
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
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
        [f"Near it: {one}" for (one,) in near],
    )


def _catalogue(settings: Settings) -> dict[str, dict[str, str]]:
    """The figure catalogue by measure."""
    path = settings.reference / "figure_catalogue.csv"
    return {row["measure"]: row for row in read_csv(path)}


def _checks(settings: Settings, figure: dict[str, Any]) -> list[str]:
    """Checks of the report that name the figure or its measure; ids are words joined by colons."""
    path = settings.state / "checks.json"
    records = (
        json.loads(path.read_text(encoding="utf-8"))
        if path.exists()
        else read_csv(settings.build / "checks.csv")
    )
    found = [
        f"{one.get('verdict')}: {one.get('statement')} [{one.get('check_id')}]"
        for one in records
        if one.get("authority") == figure["authority"]
        and one.get("reporting_year") == figure["reporting_year"]
        and (
            figure["measure"] in str(one.get("check_id")).split(":")
            or figure["figure_id"] in json.dumps(one, default=str, ensure_ascii=False)
        )
    ]
    shown = [line if len(line) <= LINE else f"{line[:LINE]} ..." for line in found[:CHECKS_SHOWN]]
    return shown + ([f"and {len(found) - CHECKS_SHOWN} more"] if len(found) > CHECKS_SHOWN else [])


def _failing(settings: Settings, figure: dict[str, Any]) -> list[str]:
    """The history of the checks of the figure, or of its measure, that fail now or have failed."""
    from orchestration.reconcile import history

    lines = []
    for (authority, year, check_id), row in history.rows(settings).items():
        mine = authority == figure["authority"] and year == figure["reporting_year"]
        if mine and figure["measure"] in check_id.split(":"):
            if row["first_failed_at"]:
                lines.append(f"{check_id}: {history.since(row)}")
            elif row["last_failed_at"]:
                lines.append(f"{check_id}: holds now; failed last on {history.day(row['last_failed_at'])}.")
    return lines


def _published(settings: Settings, figure_id: str) -> list[str]:
    """Rows of published_check.csv about the figure."""
    return [
        f"{row['ref']}: published {row['published_value']}, computed {row['computed_value']}: "
        + row["verdict"]
        + (f". {row['reason']}" if row.get("reason") else "")
        for row in read_csv(settings.build / "published_check.csv")
        if row.get("figure_id") == figure_id
    ]


def _files(settings: Settings, figure: dict[str, Any]) -> list[str]:
    """Extracts in force at the figure's as-at, one line each."""
    return [
        f"{row['file_name']}, received {row['received_at']:%Y-%m-%d %H:%M}, {row['rows_conformed']} rows, "
        f"SHA-256 {row['sha256'][:12]}..."
        for row in in_force(read_ledger(settings), figure["authority"], figure["as_at"])
    ]


def in_force(ledger: list[dict], authority: str, as_at: Any) -> list[dict]:
    """The authority's extracts in force at the end of the day `as_at`: the newest per source and scope."""
    newest: dict[tuple, dict] = {}
    for row in ledger:
        is_known = str(row["received_at"])[:10] <= str(as_at)[:10]
        if row["authority"] == authority and row["status"] == "loaded" and is_known:
            newest[(row["source"], row["scope"] or "")] = row
    return sorted(newest.values(), key=lambda row: (row["source"], row["scope"] or ""))


def _block(title: str, values: dict[str, Any]) -> list[str]:
    """A titled list of named values, blanks left out."""
    known = {name.replace("_", " "): value for name, value in values.items() if value not in (None, "")}
    width = max((len(name) for name in known), default=0)
    return [title, *[f"  {name:<{width}}  {value}" for name, value in known.items()], ""]


def _list(title: str, lines: list[str]) -> list[str]:
    """A titled list, or the word none."""
    return [title, *[f"  {line}" for line in lines or ["none"]], ""]


def _number(value: Any) -> str:
    """A number for people: whole ones without a decimal point."""
    if value is None:
        return ""
    number = float(value)
    return str(int(number)) if number.is_integer() else f"{number:.6g}"
