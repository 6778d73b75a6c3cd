"""The ledger of files received, and which of them are in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from redress.base.settings import Settings
from redress.base.tables import read_parquet


def read_ledger(settings: Settings) -> list[dict]:
    """Return the ledger of files received, one dictionary per file, in the order received; [] before intake."""
    rows = read_parquet(settings.state / "conformed" / "extract")
    return sorted(rows, key=lambda row: (row["received_at"], row["extract_id"]))


def in_force(
    ledger: Iterable[Mapping[str, Any]], authority: str, until: date, only: frozenset[str] | None = None
) -> list[dict[str, Any]]:
    """Return the authority's extracts in force: of each source and scope the one received last.

    Of files received at one moment, one that another of them replaces is the earlier: somebody put a corrected file over
    the first in the same dated folder. The model `int_extracts_in_force` says the same to the warehouse.

    Args:
        ledger: rows of the ledger of files received, in any order.
        authority: whose extracts.
        until: a day, to its end; or a moment (a `datetime`).
        only: SHA-256 of the only files that a signed-off report knows; None where it is not signed off.

    Returns:
        list: the rows in force, by source and scope.
    """
    loaded = [row for row in ledger if row["authority"] == authority and row["status"] == "loaded"]
    replaced = {(row["supersedes"], row["received_at"]) for row in loaded}

    def recency(row: Mapping[str, Any]) -> tuple[datetime, bool, str]:
        is_replaced = (row["extract_id"], row["received_at"]) in replaced
        return row["received_at"], not is_replaced, row["extract_id"]

    newest: dict[tuple[str, str], dict[str, Any]] = {}
    for row in sorted(loaded, key=recency):
        received = row["received_at"]
        is_known = received <= until if isinstance(until, datetime) else received.date() <= until
        if is_known and (only is None or row["sha256"] in only):
            newest[row["source"], row["scope"] or ""] = dict(row)
    return [newest[key] for key in sorted(newest)]
