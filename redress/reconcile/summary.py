"""What a person reads first when checks fail: where to look, since when, who has what, then each check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from redress.reconcile import failing_rows, history, to_fix

STATEMENT_SHOWN = 320
"""Characters of a check's statement on a line; checks.csv and the workbooks have it whole."""


def line(record: Mapping[str, Any], since: str = "") -> str:
    """One check that does not pass: its id and report, its numbers, who can fix it, since when."""
    report = " ".join(filter(None, (record.get("authority"), record.get("reporting_year")))) or "every report"
    statement = str(record.get("statement"))
    if len(statement) > STATEMENT_SHOWN:
        statement = f"{statement[:STATEMENT_SHOWN]} ..."
    return (
        f"{record.get('check_id')} ({report}): {statement} Expected {record.get('expected')}, found "
        f"{record.get('found')}. To fix: {record.get('owner')}. {since}"
    ).rstrip()


def what_failed(
    build: Path, failed: Sequence[Mapping[str, Any]], remembered: Mapping[tuple[Any, ...], Mapping[str, Any]]
) -> list[str]:
    """The lines for failing checks.

    Args:
        build: the results folder, with the evidence and the workbooks of these checks.
        failed: records that block.
        remembered: the history by check.

    Returns:
        The figure that most of them share, where there is one; since when, once where it is the same for all; how many
        each owner has to put right and in which workbook; each check.
    """
    lines = []
    first = failing_rows.common(build, failed)
    if first:
        lines.append(
            f"Look first at {first[0]}: it stands in {first[1]} of the {len(failed)} checks that fail. What is behind "
            f"it: redress explain {first[0]}"
        )
    since = [history.since(remembered.get(history.key_of(one))) for one in failed]
    is_same_for_all = len(failed) > 1 and len(set(since)) == 1 and bool(since[0])
    if is_same_for_all:
        lines.append(f"All of them: {since[0]}")
    for (authority, owner), count in sorted(Counter(map(to_fix.owner_of, failed)).items()):
        workbook = to_fix.place(build, authority, owner)
        where = f", in {workbook}" if workbook.exists() else ""
        checks = f"{count} {'check' if count == 1 else 'checks'}"
        lines.append(f"{owner}, {authority or 'all authorities'}: {checks} to put right{where}")
    return lines + [
        line(one, "" if is_same_for_all else told) for one, told in zip(failed, since, strict=True)
    ]
