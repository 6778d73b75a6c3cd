"""Readers of what a run leaves behind: the ledger of files received, tables as CSV and parquet.

Below every stage and every command, and importing nothing heavy, so that any of them may use it.
"""

from __future__ import annotations

import csv
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from orchestration.settings import Settings

PART = ".part-"
"""How the name of a file begins that is being written and has not taken its place."""


def read_csv(path: Path) -> list[dict[str, str]]:
    """A CSV's rows; none where there is no file."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Write rows as CSV with the given columns, and only its header where there is none, in one step.

    Raises:
        ValueError: a row has another column.
    """
    with replace_file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Write a file in one step: to the path that is given, which takes the place of `path` when all went well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{PART}{secrets.token_hex(8)}.tmp")
    try:
        yield temporary
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read_parquet(folder: Path, pattern: str = "*.parquet") -> list[dict]:
    """The rows of a folder's parquet files, in order; [] where there is none."""
    paths = sorted(folder.glob(pattern))
    if not paths:
        return []
    import duckdb

    with duckdb.connect() as connection:
        table = connection.execute(
            "select * from read_parquet($1, union_by_name = true) order by all",
            [[str(path) for path in paths]],
        )
        names = [column[0] for column in table.description]
        return [dict(zip(names, row, strict=True)) for row in table.fetchall()]


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


def signed_with(settings: Settings, authority: str, year: str) -> frozenset[str] | None:
    """SHA-256 of the files that a signed-off report of the last run knows; None where it is not signed off."""
    rows = read_parquet(settings.state / "config", "config_signed_extract.parquet")
    found = frozenset(
        row["sha256"] for row in rows if (row["authority"], row["reporting_year"]) == (authority, year)
    )
    return found or None
