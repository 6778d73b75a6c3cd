"""The history of checks: since when a check fails, when it last passed, since when its fault is accepted.

The memory is `build/state/check_history.csv`, kept beside the warehouse and outside what a release replaces, so
that a run that stops is remembered too. `build/check_history.csv` is the part of it that belongs to the checks of
the newest run, for people and for the website.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from redress.base.inert import as_given
from redress.base.settings import Settings
from redress.base.tables import write_csv

FILE = "check_history.csv"
COLUMNS = (
    "authority",
    "reporting_year",
    "check_id",
    "family",
    "verdict",
    "severity",
    "expected",
    "found",
    "first_failed_at",
    "last_failed_at",
    "last_passed_at",
    "runs_failing",
    "accepted_since",
    "accepted_until",
    "accepted_by",
    "accepted_reason",
)
"""One row per check of a report. `first_failed_at` is the run in which the failing began that still lasts, and
`runs_failing` counts its runs: both are blank and 0 for a check that passes. Moments are UTC."""

GONE = "not made"
"""The verdict of a check that failed and that a later run of its report no longer made."""
WAREHOUSE = "warehouse"
"""The family of dbt's data tests, which are judged before there are figures to check."""

Key = tuple[str, str, str]


def key_of(record: Mapping[str, Any]) -> Key:
    """What names a check: authority, reporting year, check id."""
    authority, year, check = (
        str(record.get(name) or "") for name in ("authority", "reporting_year", "check_id")
    )
    return authority, year, check


def record(
    settings: Settings, records: Iterable[Mapping[str, Any]], now: datetime | None = None
) -> list[str]:
    """Remember what a run found.

    A run that finds the same numbers on the same day is the same run told again: it changes nothing. Checks of
    reports that the run did not judge are left as they are.

    Args:
        settings: where the memory is (`state`).
        records: check records, as for `checks.csv`, with `accepted` where a fault is accepted.
        now: the moment of the run (aware); default the present.

    Returns:
        What somebody should know: the memory was lost or could not be read. It begins again then.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
    known, messages = remembered(settings)
    records = list(records)
    judged = {key_of(one) for one in records}
    for one in records:
        key = key_of(one)
        known[key] = _after(known.get(key), one, key, moment)
    reports = {key_of(one)[:2] for one in records if one.get("family") != WAREHOUSE}
    for key, row in known.items():
        is_mine = key[:2] in reports and row["family"] != WAREHOUSE
        if is_mine and key not in judged and row["first_failed_at"]:
            known[key] = row | _ENDED | {"verdict": GONE}
    _write(known.values(), settings.state / FILE)
    return messages


def remembered(settings: Settings) -> tuple[dict[Key, dict[str, str]], list[str]]:
    """The memory, and what is to be said of it.

    A file that is gone is begun again from `build/check_history.csv`, which holds the newest run's part of it; one
    that cannot be read is set aside as `check_history.csv.unreadable`.
    """
    path, copy = settings.state / FILE, settings.build / FILE
    messages = []
    if path.exists():
        try:
            return _read(path), []
        except (OSError, ValueError, csv.Error) as problem:
            aside = path.with_name(f"{FILE}.unreadable")
            os.replace(path, aside)
            messages.append(
                f"The history of checks could not be read ({problem}); it was set aside as {aside}."
            )
    elif not (settings.state / "checks.json").exists() and not copy.exists():
        return {}, []  # nothing was judged here yet
    else:
        messages.append(
            f"There is no history of checks in {path}, although runs were made here: it was removed, or they were made "
            "before a history was kept."
        )
    try:
        rows = _read(copy)
        messages[-1] += f" What {copy} holds of it was taken over."
    except (OSError, ValueError, csv.Error):
        rows = {}
        messages[-1] += " It begins again with this run: how long a check has failed is counted from today."
    return rows, messages


def copy_memory(settings: Settings, workshop: Settings) -> list[str]:
    """Let a workshop remember what the installation does; return what somebody should know of that memory."""
    known, messages = remembered(settings)
    _write(known.values(), workshop.state / FILE)
    return messages


def take_over(settings: Settings, workshop: Settings, councils: Collection[str]) -> None:
    """Take over what a workshop remembers of checks of these councils and of whole tables.

    Args:
        settings: the installation's.
        workshop: whose memory began as a copy of the installation's.
        councils: by slug.
    """
    known, _ = remembered(settings)
    of_others = {key: row for key, row in known.items() if key[0] and key[0] not in councils}
    learnt, _ = remembered(workshop)
    learnt = {key: row for key, row in learnt.items() if not key[0] or key[0] in councils}
    _write([row for _, row in sorted((of_others | learnt).items())], settings.state / FILE)


def write(settings: Settings, records: Iterable[Mapping[str, Any]]) -> None:
    """Write `build/check_history.csv`: the memory's rows of these records, in their order."""
    known, _ = remembered(settings)
    _write([known[key] for key in map(key_of, records) if key in known], settings.build / FILE)


def rows(settings: Settings) -> dict[Key, dict[str, str]]:
    """The newest run's part of the history, by check; nothing where there is none that can be read."""
    try:
        return _read(settings.build / FILE)
    except (OSError, ValueError, csv.Error):
        return {}


def since(row: Mapping[str, str] | None) -> str:
    """Return since when a check fails, for a line on a terminal.

    Such as `Failing since 3 May 2024, 2 runs; last passed 2 May 2024.` Blank for a check that passes or has no history.
    """
    if not row or not row["first_failed_at"]:
        return ""
    runs = int(row["runs_failing"])
    began = f"Failing since {day(row['first_failed_at'])}, {runs} {'run' if runs == 1 else 'runs'}"
    passed = f"last passed {day(row['last_passed_at'])}" if row["last_passed_at"] else "never seen to pass"
    accepted = f"; accepted until {day(row['accepted_until'])}" if row["accepted_until"] else ""
    return f"{began}; {passed}{accepted}."


def day(moment: str) -> str:
    """An ISO date or moment as `3 May 2024`."""
    when = date.fromisoformat(moment[:10])
    return f"{when.day} {when:%B %Y}"


_ENDED = {
    "first_failed_at": "",
    "runs_failing": "0",
    "accepted_since": "",
    "accepted_until": "",
    "accepted_by": "",
    "accepted_reason": "",
}


def _after(before: Mapping[str, str] | None, one: Mapping[str, Any], key: Key, moment: str) -> dict[str, str]:
    """A check's row after a run."""
    before = before or dict.fromkeys(COLUMNS, "") | _ENDED
    passed = one.get("verdict") == "pass"
    accepted = one.get("accepted")
    now = {
        "verdict": str(one.get("verdict") or "none"),
        "severity": str(one.get("severity") or ""),
        "expected": str(one.get("expected") if one.get("expected") is not None else ""),
        "found": str(one.get("found") if one.get("found") is not None else ""),
        "accepted_until": accepted["until"] if accepted else "",
        "accepted_by": accepted["by"] if accepted else "",
        "accepted_reason": accepted["reason"] if accepted else "",
    }
    last = before["last_passed_at"] if before["verdict"] == "pass" else before["last_failed_at"]
    if before["verdict"] and last[:10] == moment[:10] and all(before[name] == now[name] for name in now):
        return dict(before)
    row = dict(before) | dict(zip(("authority", "reporting_year", "check_id"), key, strict=True))
    row |= {"family": str(one.get("family") or "")} | now
    if passed:
        return row | _ENDED | {"last_passed_at": moment}
    row["first_failed_at"] = before["first_failed_at"] or moment
    row["last_failed_at"] = moment
    row["runs_failing"] = str(int(before["runs_failing"] or 0) + 1)
    row["accepted_since"] = (before["accepted_since"] or moment) if accepted else ""
    return row


def _read(path: Path) -> dict[Key, dict[str, str]]:
    """The rows of a history file by check.

    Raises:
        OSError: it is not there.
        ValueError: it is not a history: other columns, a row cut short, a word where a number or date should be.
    """
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file, strict=True)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise ValueError("its columns are not those of a history of checks")
        found = {}
        for number, row in enumerate(reader, start=2):
            if None in row or None in row.values():
                raise ValueError(f"line {number} has not {len(COLUMNS)} cells")
            for name in (
                "first_failed_at",
                "last_failed_at",
                "last_passed_at",
                "accepted_since",
                "accepted_until",
            ):
                if row[name]:
                    datetime.fromisoformat(row[name])
            int(row["runs_failing"])
            given = {name: as_given(text) for name, text in row.items()}
            found[key_of(given)] = given
    return found


def _write(rows: Iterable[Mapping[str, str]], path: Path) -> None:
    """Write rows in one step: a run that is cut off leaves the file as it was."""
    temporary = path.with_name(f"{path.name}.new")
    write_csv(temporary, COLUMNS, rows)
    os.replace(temporary, path)
