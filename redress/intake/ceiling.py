"""How many records of a source may be set aside before nothing is published of them.

Every record that is set aside is missing from the figures. A few have names and owners; where it is one in twenty, the mapping
or the export is wrong, and a report of the rest would be a false one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from redress.base.settings import Settings
from redress.contract.contract import load_contract
from redress.intake.ledger import in_force
from redress.intake.problems import QUARANTINE
from redress.intake.store import Store

if TYPE_CHECKING:
    from redress.authority.model import Authority

USUAL = 5.0
"""Percent of a source's records."""
FEWEST = 3
"""One or two records are looked at one by one, whatever their share: a log may hold ten."""
NOT_LOST = ("superseded_row", "taken_over", "duplicate_row", "total_row")
"""Kinds of records whose matter is counted from another record, or that are none."""


def over_the_ceiling(
    authority: Authority, ledger: Iterable[Mapping[str, Any]], settings: Settings, day: date
) -> list[str]:
    """Return a sentence for each source of which more records are set aside than may be, counted over its files in force.

    Args:
        authority: whose sources.
        ledger: the files received.
        day: on which a ceiling of the mapping must hold.
    """
    store = Store(settings.state, load_contract(settings.reference))
    extracts: dict[str, list[Mapping[str, Any]]] = {}
    for row in in_force(ledger, authority.slug, date.max):
        extracts.setdefault(row["source"], []).append(row)
    told = []
    for source in authority.mapping.sources:
        rows = extracts.get(source.id)
        if not rows:
            continue
        problems = pl.concat([store.problems_of(row["extract_id"]) for row in rows])
        aside = problems.filter((pl.col("severity") == QUARANTINE) & pl.col("row").is_not_null())
        lost = aside.filter(~pl.col("code").is_in(NOT_LOST))
        number = lost.select("extract_id", "row").n_unique() if lost.height else 0
        excused = sum(row["rows_quarantined"] for row in rows) - number
        of_how_many = sum(row["rows_received"] - row.get("rows_left_out", 0) for row in rows) - excused
        ceiling, why = USUAL, ""
        if source.ceiling and day <= source.ceiling.last_day:
            ceiling = source.ceiling.percent
        elif source.ceiling:
            why = f" (that it may be {source.ceiling.percent:g}% ended on {source.ceiling.last_day})"
        if number < FEWEST or number * 100 <= ceiling * of_how_many:
            continue
        kinds = (
            lost.group_by("code")
            .agg(pl.struct("extract_id", "row").n_unique().alias("n"))
            .sort("n", "code", descending=[True, False])
        )
        listed = ", ".join(f"{code} {n:,}" for code, n in kinds.iter_rows())
        told.append(
            f"{authority.slug}: {source.id}: {number:,} of {of_how_many:,} records ({number * 100 / of_how_many:.0f}%) are set "
            f"aside, and at most {ceiling:g}% may be{why}: {listed}"
        )
    return told
