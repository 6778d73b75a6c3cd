"""Workbooks for those who can put failing checks right: one per authority and owner, in `build/to-fix/`.

Each says what failed and what to do, in plain words, and gives the numbers and the rows of extracts behind it. For
use inside the authority: the numbers are not protected.
"""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redress.base import generations
from redress.base.workbooks import add_table, content, inert
from redress.reconcile import failing_rows, history
from redress.reconcile.families.words import what_to_do

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

FOLDER = "to-fix"
EVERYBODY = "all-authorities"
"""The folder for checks that belong to no authority: rules of whole tables, and what could not be evaluated."""

_WIDE = {"What was checked", "What to do", "Line", "What the number is", "What is wrong", "Effect"}


def write(
    build: Path,
    records: Iterable[Mapping[str, Any]],
    remembered: Mapping[tuple[Any, ...], Mapping[str, Any]] | None = None,
    today: date | None = None,
) -> dict[tuple[str, str], Path]:
    """Write a workbook for each owner of a check that does not pass; workbooks of an earlier run are removed in the same step.

    Args:
        build: the results folder, which holds `checks_evidence/`.
        records: all check records of a run.
        remembered: the history by check, for since when it fails.
        today: the date that the workbooks say they were made on.

    Returns:
        {(authority, owner): the workbook}; empty where every check passes.
    """
    new = build / f".{FOLDER}.new"
    shutil.rmtree(new, ignore_errors=True)
    remembered = remembered or {}
    owned: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for one in records:
        if one.get("verdict") != "pass":
            owned.setdefault(owner_of(one), []).append(one)
    written = {key: place(build, *key) for key in sorted(owned)}
    for path in sorted(set(written.values())):
        waiting = new / path.relative_to(build / FOLDER)
        waiting.parent.mkdir(parents=True, exist_ok=True)
        sharing = [key for key in written if written[key] == path]  # owners whose names differ only in signs
        mine = [one for key in sharing for one in owned[key]]
        waiting.write_bytes(workbook(*sharing[0], mine, build, remembered, today or date.today()))
    if written:
        generations.replace(new, build / FOLDER)
    else:
        shutil.rmtree(build / FOLDER, ignore_errors=True)
    return written


def place(build: Path, authority: str, owner: str) -> Path:
    """Where the workbook of an authority's owner is."""
    return build / FOLDER / (_name(authority) or EVERYBODY) / f"{_name(owner) or 'nobody'}.xlsx"


def owner_of(record: Mapping[str, Any]) -> tuple[str, str]:
    """(authority, owner) of a check record: whose workbook it is in."""
    return str(record.get("authority") or ""), str(record.get("owner") or "whoever maintains Redress")


def workbook(
    authority: str,
    owner: str,
    records: list[Mapping[str, Any]],
    build: Path,
    remembered: Mapping[tuple[Any, ...], Mapping[str, Any]],
    today: date,
) -> bytes:
    """One owner's workbook: sheets What failed, Numbers and Rows, each one table under a heading row."""
    import openpyxl

    book = openpyxl.Workbook()
    failed = book.active
    failed.title = "What failed"
    blocking_first = sorted(records, key=lambda record: record.get("severity") == "warn")
    _sheet(failed, _FAILED, [_failed(record, remembered) for record in blocking_first])
    numbers = failing_rows.numbers(build, blocking_first)
    names = ("reporting_year", "line", "side", "label", "value", "figure_id", "check_id")
    _sheet(
        book.create_sheet("Numbers"),
        ["Report", "Line", "Side", "What the number is", "Number", "Figure", "Check"],
        [tuple("missing" if row[name] is None else row[name] for name in names) for row in numbers],
    )
    rows = failing_rows.rows(build, blocking_first)
    of_warehouse = [
        record
        for record in blocking_first
        if record.get("family") == history.WAREHOUSE and record.get("evidence")
    ]
    _sheet(
        book.create_sheet("Rows"),
        ["Report", "File", "Row", "What is wrong", "Check"],
        [tuple(row[name] for name in ("reporting_year", "file", "row", "what", "check_id")) for row in rows]
        + [
            (
                record.get("reporting_year"),
                record["evidence"],
                None,
                "the rows are in this file",
                record.get("check_id"),
            )
            for record in of_warehouse
        ],
    )
    return content(book, today.isoformat(), f"Checks to put right: {owner}, {authority or 'all authorities'}")


_FAILED = [
    *(
        "Report",
        "What was checked",
        "Expected",
        "Found",
        "Effect",
        "Failing since",
        "Runs failing",
        "Last passed",
    ),
    *("What to do", "Check"),
]


def _failed(
    record: Mapping[str, Any], remembered: Mapping[tuple[Any, ...], Mapping[str, Any]]
) -> tuple[Any, ...]:
    """Return the row of a check on the sheet `What failed`."""
    return (
        record.get("reporting_year") or "all",
        record.get("statement"),
        _number(record.get("expected")),
        _number(record.get("found")),
        effect(record),
        _day(remembered, record, "first_failed_at"),
        int(remembered.get(history.key_of(record), {}).get("runs_failing") or 0) or None,
        _day(remembered, record, "last_passed_at"),
        what_to_do(record),
        record.get("check_id"),
    )


def effect(record: Mapping[str, Any]) -> str:
    """What a failing check does: stops publishing, warns, or is accepted for a while."""
    accepted = record.get("accepted")
    if accepted:
        return f"accepted until {history.day(accepted['until'])}: {accepted['reason']}"
    return "a warning" if record.get("severity") == "warn" else "stops publishing"


def _sheet(sheet: Worksheet, header: list[str], rows: list[tuple[Any, ...]]) -> None:
    """One table on a sheet, its heading row kept in view."""
    add_table(sheet, header, [tuple(inert(value) for value in row) for row in rows], _WIDE)
    sheet.freeze_panes = "A2"


def _number(text: object) -> object:
    """A number as a number, anything else as it is."""
    try:
        value = float(str(text))
    except ValueError:
        return text
    if not math.isfinite(value):
        return str(text)
    return int(value) if value.is_integer() else value


def _day(
    remembered: Mapping[tuple[Any, ...], Mapping[str, Any]], record: Mapping[str, Any], name: str
) -> str | None:
    moment = remembered.get(history.key_of(record), {}).get(name)
    return history.day(moment) if moment else None


def _name(text: str) -> str:
    """A text as a file name."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:80]
