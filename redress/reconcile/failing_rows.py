"""What is behind the checks that do not hold: which numbers, figures, files and rows; never a value of a row.

Read from `checks_evidence/`, for the people who put a fault right (`to_fix`) and for Dagster's asset checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

FOLDER = "checks_evidence"
MOST = 2_000
"""Numbers, and rows, that are shown of all failing checks of one owner or family together."""
_KEY = ("authority", "reporting_year", "check_id")


def numbers(folder: Path, records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The numbers of the lines that do not hold.

    Args:
        folder: the folder that holds `checks_evidence/`.
        records: check records; those that pass are left aside.

    Returns:
        One row per number: authority, reporting_year, check_id, line (what the line is about), side (`found` or
        `expected`), label, value (taken off where it is taken off; None: missing) and figure_id (blank: no figure).
        Figures that break a rule, and printed numbers without an explanation, are rows without a value.
    """
    found = []
    failing = _failing(records)
    for family in sorted({one["family"] for one in failing}):
        path = Path(folder) / FOLDER / f"{family}.parquet"
        mine = [one for one in failing if one["family"] == family]
        found += _of_checks(
            path,
            "select authority, reporting_year, check_id, line_title as line, side, label, sign * value as value, "
            "figure_id from rows where not holds",
            "line, side, position, label",
            mine,
        )
    for one in failing:
        key = {name: one.get(name) or "" for name in _KEY}
        for figure_id in one.get("figure_ids") or ():
            found.append(key | _LONE | {"label": "breaks the rule", "figure_id": figure_id})
        for ref in one.get("refs") or ():
            found.append(key | _LONE | {"line": ref, "label": "printed number that is not explained"})
    return found[:MOST]


def rows(folder: Path, records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows of extracts behind the checks that do not hold.

    Returns:
        One row per row of an extract: authority, reporting_year, check_id, file (blank: in no file), row (its number
        in the file; None for none) and what (is wrong with it).
    """
    query = "select authority, reporting_year, check_id, file, row, what from rows"
    return _of_checks(
        Path(folder) / FOLDER / "failing_rows.parquet", query, "file, row, what", _failing(records)
    )[:MOST]


def common(folder: Path, records: Iterable[Mapping[str, Any]]) -> tuple[str, int] | None:
    """The figure that stands in most of the checks that fail: where to look first.

    Returns:
        (figure_id, checks that it stands in), where it stands in more than one check and in half of those that name a
        figure, and no other stands in as many; else None.
    """
    checks: dict[str, set[tuple[Any, ...]]] = {}
    for one in numbers(folder, records):
        if one["figure_id"]:
            checks.setdefault(one["figure_id"], set()).add(tuple(one[name] for name in _KEY))
    named = len(set().union(*checks.values())) if checks else 0
    ranked = sorted(checks.items(), key=lambda item: (-len(item[1]), item[0]))
    if not ranked or len(ranked[0][1]) < max(2, named / 2):
        return None
    if len(ranked) > 1 and len(ranked[1][1]) == len(ranked[0][1]):
        return None
    return ranked[0][0], len(ranked[0][1])


def relations(folder: Path) -> dict[tuple[str, str, str], tuple[int, int]]:
    """How many relations were tested: (authority, reporting year, family) -> (tested, held).

    A check of a whole table is as many relations as the table has lines.
    """
    found = {}
    for path in sorted((Path(folder) / FOLDER).glob("*.parquet")):
        if path.stem == "failing_rows":
            continue
        with duckdb.connect() as connection:
            for authority, year, tested, held in connection.execute(
                "select authority, reporting_year, count(*), count(*) filter (where holds) from (select distinct "
                "authority, reporting_year, check_id, line, holds from read_parquet($1)) group by all",
                [str(path)],
            ).fetchall():
                found[(authority, year, path.stem)] = (tested, held)
    return found


_LONE = {"line": "", "side": "found", "value": None, "figure_id": ""}


def _failing(records: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [one for one in records if one.get("verdict") != "pass"]


def _of_checks(
    path: Path, query: str, order: str, records: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The rows of an evidence file that belong to these checks, in their order; none where there is no file."""
    position = {tuple(one.get(name) or "" for name in _KEY): place for place, one in enumerate(records)}
    if not position or not path.exists():
        return []
    with duckdb.connect() as connection:
        connection.execute(
            "create table wanted (authority text, reporting_year text, check_id text, place int)"
        )
        connection.executemany(
            "insert into wanted values (?, ?, ?, ?)", [[*key, place] for key, place in position.items()]
        )
        table = connection.execute(
            f"with rows as (select * from read_parquet($1) inner join wanted using (authority, reporting_year, check_id)) "
            f"{query} order by place, {order} limit {MOST}",
            [str(path)],
        )
        names = [column[0] for column in table.description]
        return [dict(zip(names, row, strict=True)) for row in table.fetchall()]
