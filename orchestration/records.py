"""Readers of what a run leaves behind: the ledger of files received, tables as CSV and parquet.

Below every stage and every command, and importing nothing heavy, so that any of them may use it.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestration.blame import damaged, explained, told_as
from orchestration.settings import Settings

LARGEST_CELL = 10_000_000
"""Characters of a cell of a file that the program wrote."""


class _Row(dict):
    """A row of a file; a column that the file has not is a damage of the file, and told as such."""

    path: Path

    def __missing__(self, column: str) -> str:
        raise damaged(self.path, f"it has no column `{column}`")


def read_csv(path: Path) -> list[dict[str, str]]:
    """A CSV's rows; none where there is no file.

    Raises:
        DamagedFile: it is empty, no text, has a row with other cells than its header, or, when a row is asked for it,
            lacks a column.
    """
    if not path.exists():
        return []
    named = type("Row", (_Row,), {"path": path, "__slots__": ()})
    rows: list[dict[str, str]] = []
    with told_as(path), path.open(newline="", encoding="utf-8") as handle:
        limit = csv.field_size_limit(max(LARGEST_CELL, csv.field_size_limit()))
        try:
            reader = csv.reader(handle, strict=True)
            header = next(reader, None)
            if not header:
                raise damaged(path, "it is empty")
            for cells in reader:
                if cells and len(cells) != len(header):
                    raise damaged(
                        path, f"line {reader.line_num} has {len(cells)} cells, and its header {len(header)}"
                    )
                if cells:
                    rows.append(named(zip(header, cells, strict=True)))
        except csv.Error as problem:
            raise damaged(path, f"line {reader.line_num} is no row of CSV") from problem
        finally:
            csv.field_size_limit(limit)
    return rows


def read_json(path: Path) -> Any:
    """What a JSON file that the program wrote holds.

    Raises:
        FileNotFoundError: there is no such file.
        DamagedFile: it is not JSON.
    """
    with told_as(path):
        return json.loads(path.read_text(encoding="utf-8"))


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Write rows as CSV with the given columns, and only its header where there is none; folders are made.

    Raises:
        ValueError: a row has another column.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_parquet(folder: Path, pattern: str = "*.parquet") -> list[dict]:
    """The rows of a folder's parquet files, in order; [] where there is none."""
    paths = sorted(folder.glob(pattern))
    if not paths:
        return []
    import duckdb

    with duckdb.connect() as connection:
        try:
            table = connection.execute(
                "select * from read_parquet($1, union_by_name = true) order by all",
                [[str(path) for path in paths]],
            )
            names = [column[0] for column in table.description]
            return [dict(zip(names, row, strict=True)) for row in table.fetchall()]
        except duckdb.Error as problem:
            raise (
                explained(problem, _unreadable(paths)) or damaged(_unreadable(paths) or folder)
            ) from problem


def _unreadable(paths: Iterable[Path]) -> Path | None:
    """The first parquet file that cannot be read."""
    return next((path for path in paths if not is_parquet(path)), None)


def is_parquet(path: Path) -> bool:
    """Whether a file begins and ends as Parquet does, its footer within it: neither cut short nor another file."""
    try:
        size = path.stat().st_size
        with path.open("rb") as handle:
            begins = handle.read(4)
            handle.seek(max(0, size - 8))
            ends = handle.read(8)
    except OSError:
        return False
    footer = int.from_bytes(ends[:4], "little")
    return begins == ends[4:] == b"PAR1" and footer + 12 <= size


def open_warehouse(database: Path) -> Any:
    """A connection to a built warehouse, to read only.

    Raises:
        HeldFile: another program holds it; says which.
        DamagedFile: it is cut short, another file, or none of this program's.
        ConfigurationProblem: it is not there.
    """
    import duckdb

    try:
        connection = duckdb.connect(str(database), read_only=True)
    except duckdb.Error as problem:
        raise (explained(problem, database) or damaged(database)) from problem
    return connection


def require_readable(settings: Settings) -> None:
    """Raise a problem where the warehouse or a table that intake left cannot be read by anybody now.

    For what judges: what cannot be read is not wrong, and is not remembered as a check that failed.

    Raises:
        HeldFile, DamagedFile, ConfigurationProblem: as `open_warehouse`; or a parquet file is damaged.
    """
    with open_warehouse(settings.database) as connection:
        found = connection.execute(
            "select count(*) from information_schema.tables where table_schema = 'figures' and table_name = 'figures'"
        ).fetchone()
    if found != (1,):
        raise damaged(settings.database, "it has no table of figures")
    require_tables(settings)


def require_tables(settings: Settings) -> None:
    """Raise DamagedFile where a table that intake or the configuration left for the warehouse cannot be read."""
    for folder in ("conformed", "quarantine", "config"):
        for path in sorted((settings.state / folder).rglob("*.parquet")):
            if not path.name.startswith(".") and not is_parquet(path):
                raise damaged(path)


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
