"""Tables that the program itself writes, as CSV, JSON and Parquet: their writers, and readers that name what is damaged.

Nothing heavy is imported here, since every command needs it. What people write by hand is read by `strict_csv`.
"""

from __future__ import annotations

import csv
import errno
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from redress.base.blame import damaged, explained, told_as
from redress.base.files import replace_file
from redress.base.inert import as_given, inert
from redress.base.strict_csv import TableProblem, records_of
from redress.base.strict_json import parse_json

if TYPE_CHECKING:
    import duckdb
    import polars as pl

LARGEST_CELL = 10_000_000
"""Characters of a cell of a file that the program wrote."""


class _Row(dict[str, str]):
    """A row of a file; a column that the file has not is a damage of the file, and told as such."""

    path: Path

    def __missing__(self, column: str) -> str:
        raise damaged(self.path, f"it has no column `{column}`")


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
    """Return what a JSON file that the program wrote holds.

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
    """Write rows as CSV with the given columns, and only its header where there is none, in one step.

    Folders are made.

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


def read_parquet(folder: Path, pattern: str = "*.parquet") -> list[dict[str, Any]]:
    """Return the rows of a folder's parquet files, in order; [] where there is none."""
    paths = sorted(folder.glob(pattern))
    if not paths:
        return []
    import duckdb

    with _reader().cursor() as connection:
        try:
            table = connection.execute(
                "select * from read_parquet($1, union_by_name = true) order by all",
                [[str(path) for path in paths]],
            )
            names = [column[0] for column in table.description]
            return [dict(zip(names, row, strict=True)) for row in table.fetchall()]
        except duckdb.Error as problem:
            _reader.cache_clear()  # after some errors DuckDB refuses everything
            raise (
                explained(problem, _unreadable(paths)) or damaged(_unreadable(paths) or folder)
            ) from problem


@cache
def _reader() -> duckdb.DuckDBPyConnection:
    """Return a database in memory, kept for the process: to open one takes ten times as long as to read a small file."""
    import duckdb

    # a file that was written again is read again
    return duckdb.connect(config={"enable_external_file_cache": False})


def _unreadable(paths: Iterable[Path]) -> Path | None:
    """Return the first parquet file that cannot be read."""
    return next((path for path in paths if not is_parquet(path)), None)


def is_parquet(path: Path) -> bool:
    """Return whether a file begins and ends as Parquet does, its footer within it: neither cut short nor another file."""
    try:
        size = path.stat().st_size
        with path.open("rb") as handle:
            begins = handle.read(4)
            handle.seek(max(0, size - 8))
            ends = handle.read(8)
    except OSError as problem:
        if problem.errno in (errno.EMFILE, errno.ENFILE):  # says nothing of the file
            raise (explained(problem) or problem) from problem
        return False
    footer = int.from_bytes(ends[:4], "little")
    return begins == ends[4:] == b"PAR1" and footer + 12 <= size


def write_parquet(table: pl.DataFrame, path: Path) -> None:
    """Write a data frame as Parquet in one step; folders are made."""
    with replace_file(path) as temporary:
        try:
            table.write_parquet(temporary, compression="zstd", compression_level=1, statistics=True)
        except OSError as problem:
            raise (explained(problem, path) or problem) from problem
