"""Known faults that an authority has accepted for a while, and who owns what.

`accepted_faults.csv` in an authority's folder has one row per accepted fault: check_id, reason, owner,
expires (an ISO date, the last day on which it holds). An accepted failing check warns instead of
blocking. A row that is expired, incomplete, or accepts what could not be evaluated accepts nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from redress.authority.folder import load_authority
from redress.authority.model import AuthorityError, owner_of
from redress.base.check import Check
from redress.base.settings import Settings
from redress.base.strict_csv import TableProblem, read_table
from redress.contract.contract import load_contract

FILE = "accepted_faults.csv"
COLUMNS = ("check_id", "reason", "owner", "expires")
ACCEPTED = " Accepted until "
"""What parts the statement of an accepted check from the words of its acceptance."""


def owners(settings: Settings, folders: dict[str, Path]) -> Callable[[str, str], str]:
    """Return who can put a fault right: (authority, contract table) -> the word of its folder, or else of the contract.

    A folder that cannot be used has no say; intake tells what is wrong with it.
    """
    contract = load_contract(settings.reference)
    named: dict[str, Mapping[str, str]] = {}
    for slug, folder in folders.items():
        with suppress(AuthorityError):
            named[slug] = load_authority(folder, settings.reference).profile.owners

    def owner(authority: str, table: str) -> str:
        return owner_of(named.get(authority, {}), contract.tables.get(table))

    return owner


def read(folder: Path, today: date) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Accepted faults of one authority.

    Args:
        folder: the authority's folder.
        today: the day on which they must hold.

    Returns:
        {check_id: row} of the rows that hold, and a sentence for each row that does not.
    """
    path = folder / FILE
    if not os.path.lexists(path):
        return {}, []
    holds: dict[str, dict[str, Any]] = {}
    faults: list[str] = []
    try:
        header, rows = read_table(path)
    except TableProblem as error:
        return {}, [f"{FILE} cannot be read ({error}): it accepts nothing."]
    absent = [column for column in COLUMNS if column not in header]
    if absent:
        return {}, [f"{FILE} lacks the column {', '.join(absent)}: it accepts nothing."]
    for position, (_, cells) in enumerate(rows, start=1):
        row = dict(zip(header, cells, strict=False))
        values = {column: (row.get(column) or "").strip() for column in COLUMNS}
        where = f"{FILE} row {position} ({values['check_id'] or 'no check_id'})"
        blank = [column for column in COLUMNS if not values[column]]
        if blank or len(cells) > len(header):
            faults.append(f"{where} has no {', '.join(blank)}." if blank else f"{where} has too many cells.")
            continue
        try:
            expires = date.fromisoformat(values["expires"])
        except ValueError:
            faults.append(f"{where}: '{values['expires']}' is not a date such as 2025-03-31.")
            continue
        if values["check_id"] in holds:
            faults.append(f"{where} is there twice.")
        elif expires < today:
            faults.append(f"{where} expired on {expires.isoformat()}.")
        else:
            holds[values["check_id"]] = values
    return holds, faults


def apply(checks: list[Check], folders: dict[str, Path], today: date) -> list[Check]:
    """Turn accepted failures into warnings and report what is wrong with the acceptances.

    Args:
        checks: the checks of a run.
        folders: {authority: folder}; those of authorities without a check are left aside.
        today: the day on which acceptances must hold.

    Returns:
        The checks; those accepted keep verdict `fail` and have severity `warn`, the reason in the statement,
        the accepting owner, and `accepted`: {by, reason, until (ISO date, the last day)}.
        Rows that cannot be used fail in the family `accepted_faults`; rows that accept what does not fail
        warn there.
    """
    result = list(checks)
    years: dict[str, set[str]] = {check.authority: set() for check in checks}
    for check in checks:
        years[check.authority].add(check.reporting_year)
    for authority, folder in sorted(folders.items()):
        if authority not in years:
            continue
        holds, faults = read(folder, today)
        used = set()
        for position, check in enumerate(result):
            row = holds.get(check.check_id)
            if check.authority == authority and row is not None and check.verdict == "fail":
                used.add(check.check_id)
                result[position] = _accepted(check, row)
        result += [
            _about(authority, f"accepted-fault-unusable:{position}", fault, "block")
            for position, fault in enumerate(faults, start=1)
        ]
        made = {check.check_id: check.verdict for check in checks if check.authority == authority}
        for check_id in sorted(set(holds) - used):
            if made.get(check_id, "pass") != "pass":
                continue  # it could not be evaluated, and says so itself
            named = set(re.findall(r"\d{4}-\d{2}", check_id))
            if check_id not in made and named and not named & years[authority]:
                continue  # a check of a report that this run does not build
            why = "does not fail" if check_id in made else "is not made"
            said = f"{FILE} accepts {check_id}, which {why}: the row can go."
            result.append(_about(authority, f"accepted-fault-not-needed:{check_id}", said, "warn"))
    return result


def _accepted(check: Check, row: dict[str, str]) -> Check:
    """Return a failing check as one that is accepted by a row of the file."""
    return replace(
        check,
        severity="warn",
        owner=row["owner"],
        statement=f"{check.statement}{ACCEPTED}{row['expires']} by {row['owner']}: {row['reason']}",
        accepted={
            "by": row["owner"],
            "reason": row["reason"],
            "until": row["expires"],
        },
    )


def _about(authority: str, check_id: str, statement: str, severity: str) -> Check:
    """Return a check about an acceptance itself."""
    return Check(
        check_id=check_id,
        family="accepted_faults",
        authority=authority,
        statement=statement,
        expected="a usable acceptance",
        found="none",
        verdict="fail",
        severity=severity,
        owner="whoever keeps the authority's folder",
    )
