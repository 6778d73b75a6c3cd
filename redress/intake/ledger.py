"""The ledger of files received, and which of them are in force."""

from __future__ import annotations

from typing import Any

from redress.base.settings import Settings
from redress.base.tables import read_parquet


def read_ledger(settings: Settings) -> list[dict]:
    """The ledger of files received, one dictionary per file, in the order received; [] before intake."""
    rows = read_parquet(settings.state / "conformed" / "extract")
    return sorted(rows, key=lambda row: (row["received_at"], row["extract_id"]))


def in_force(
    ledger: list[dict], authority: str, as_at: Any, only: frozenset[str] | None = None
) -> list[dict]:
    """The authority's extracts in force at the end of the day `as_at`: the newest per source and scope.

    Args:
        ledger: as `read_ledger` gives it.
        authority: whose extracts.
        as_at: the day.
        only: SHA-256 of the only files that a signed-off report knows; None where it is not signed off.
    """
    newest: dict[tuple, dict] = {}
    for row in ledger:
        is_known = str(row["received_at"])[:10] <= str(as_at)[:10]
        is_known = is_known and (only is None or row["sha256"] in only)
        if row["authority"] == authority and row["status"] == "loaded" and is_known:
            newest[(row["source"], row["scope"] or "")] = row
    return sorted(newest.values(), key=lambda row: (row["source"], row["scope"] or ""))
