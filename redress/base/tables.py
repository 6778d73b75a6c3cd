"""Readers and the writer of what a run leaves behind: the ledger of files received, tables as CSV and parquet.

Below every stage and every command, and importing nothing heavy, so that any of them may use it.
"""

from __future__ import annotations

import csv
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from redress.base.blame import damaged, explained, told_as
from redress.base.inert import as_given, inert
from redress.base.settings import Settings
from redress.base.strict_csv import TableProblem, records_of
from redress.base.strict_json import parse_json

LARGEST_CELL = 10_000_000
"""Characters of a cell of a file that the program wrote."""


class _Row(dict):
    """A row of a file; a column that the file has not is a damage of the file, and told as such."""

    path: Path

    def __missing__(self, column: str) -> str:
        raise damaged(self.path, f"it has no column `{column}`")


PART = ".part-"
"""How the name of a file begins that is being written and has not taken its place."""


def read_csv(path: Path) -> list[dict[str, str]]:
    """Return a CSV's rows, each text as it was given to `write_csv`; none where there is no file.

    Raises:
        DamagedFile: it is empty, no text, has a row with other cells than its header, or, when a row is asked for it,
            lacks a column.
    """
    if not path.exists():
        return []
    named = type("Row", (_Row,), {"path": path, "__slots__": ()})
    rows: list[dict[str, str]] = []
    with told_as(path), path.open(newline="", encoding="utf-8") as handle:
        try:
            records = records_of(handle, LARGEST_CELL)
            _, header = next(records, (0, []))
            if not header:
                raise damaged(path, "it is empty")
            header = [as_given(name) for name in header]
            for line, cells in records:
                if len(cells) != len(header):
                    raise damaged(path, f"line {line} has {len(cells)} cells, and its header {len(header)}")
                rows.append(named(zip(header, map(as_given, cells), strict=True)))
        except TableProblem as problem:
            raise damaged(path, f"line {problem.line} is no row of CSV") from problem
    return rows


def read_json(path: Path) -> Any:
    """What a JSON file that the program wrote holds.

    Raises:
        FileNotFoundError: there is no such file.
        DamagedFile: it is not JSON.
    """
    with told_as(path):
        return parse_json(path.read_bytes())


def write_csv(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Mapping[str, Any] | Sequence[Any]],
    *,
    without_others: bool = False,
    line_end: str = "\n",
) -> int:
    """Write rows as CSV with the given columns, and only its header where there is none, in one step; folders
    are made.

    Args:
        path: the file.
        columns: the header.
        rows: by column, or in the order of the columns.
        without_others: whether what else a row holds is left out.
        line_end: what ends a line.

    Returns:
        Rows written.

    Raises:
        ValueError: a row has another column, or more or fewer cells than there are columns.
    """
    with replace_file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as handle:
        return write_rows(handle, columns, rows, without_others=without_others, line_end=line_end)


def write_rows(
    handle: TextIO,
    columns: Sequence[str],
    rows: Iterable[Mapping[str, Any] | Sequence[Any]],
    *,
    without_others: bool = False,
    line_end: str = "\n",
) -> int:
    """Write rows as CSV into an open file; see `write_csv`. No spreadsheet takes a text in it for a formula."""
    writer = csv.writer(handle, lineterminator=line_end)
    # Before Python 3.13 a lone carriage return is written without quotes, and would end the row when it is read.
    quoting = csv.writer(handle, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerow([inert(column) for column in columns])
    known, count = frozenset(columns), 0
    for row in rows:
        if isinstance(row, Mapping):
            if not without_others and (others := row.keys() - known):
                raise ValueError(f"a row has other columns: {', '.join(sorted(others))}")
            cells = [inert(row.get(column, "")) for column in columns]
        else:
            cells = [inert(cell) for cell in row]
            if len(cells) != len(known):
                raise ValueError(f"a row has {len(cells)} cells for {len(known)} columns")
        has_return = any(isinstance(cell, str) and "\r" in cell for cell in cells)
        (quoting if has_return else writer).writerow(cells)
        count += 1
    return count


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
