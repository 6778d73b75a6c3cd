"""The one reader of CSV: of files that a council keeps in its folder, and of those that the program wrote.

Comma, UTF-8, double quotation marks doubled inside quotes, a header of distinct names. What is otherwise is refused in
words that name the line, and the memory is bounded whatever the file holds. Extracts are another matter: see `intake`.
What the program wrote is read by `records.read_csv`, which names the damaged file.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from redress.base.strict_text import TextProblem, read_text

MOST_BYTES = 20_000_000
"""The largest file that is read."""
LONGEST_CELL = 20_000
"""Characters of a cell. A note of a council is a sentence or two."""


class TableProblem(TextProblem):
    """The file cannot be read as a table; the text says why, and on which line."""


def read_table(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Read a CSV file that a council keeps.

    Returns:
        The names of the columns, and per record that is not blank the line on which it begins (from 1) and its cells,
        as many as it has.

    Raises:
        TableProblem: it cannot be opened, is not text in UTF-8, has an open quotation mark, a damaged byte or a huge
            cell, or a column stands twice.
    """
    text = _text(path)
    records: list[tuple[int, list[str]]] = []
    for line, cells in records_of(io.StringIO(text, newline=""), len(text) + 1):
        longest = max(len(cell) for cell in cells)
        if longest > LONGEST_CELL:
            raise TableProblem(
                f"a cell has {longest:,} characters; it may have {LONGEST_CELL:,}. Is a quotation mark left open?",
                line,
            )
        records.append((line, cells))
    if not records:
        return [], []
    header = records[0][1]
    twice = [name for name, count in Counter(header).items() if count > 1 and name]
    if twice:
        raise TableProblem(f"the column `{twice[0]}` stands twice", records[0][0])
    return header, records[1:]


def records_of(handle: TextIO, largest_cell: int) -> Iterator[tuple[int, list[str]]]:
    """Yield each record that is not blank: the line on which it begins (from 1), and its cells.

    Args:
        handle: the text, opened without translation of line ends.
        largest_cell: characters that a cell may have.

    Raises:
        TableProblem: a record is none, or has a larger cell.
    """
    limit = csv.field_size_limit(max(largest_cell, csv.field_size_limit()))
    begun = 1
    try:
        reader = csv.reader(handle, strict=True)
        for cells in reader:
            if cells:
                yield begun, cells
            begun = reader.line_num + 1
    except csv.Error as error:
        raise TableProblem(
            f"the row that begins here cannot be read ({error}). A quotation mark inside a text is written twice, and "
            "the text stands in quotation marks",
            begun,
        ) from error
    finally:
        csv.field_size_limit(limit)


def _text(path: Path) -> str:
    """Return the text of the file."""
    try:
        text = read_text(path, MOST_BYTES)
    except FileNotFoundError as error:
        raise TableProblem("the file is missing") from error
    except TextProblem as error:
        raise TableProblem(error.problem, error.line) from error
    damaged = text.find("\x00")
    if damaged >= 0:
        line = text.count("\n", 0, damaged) + 1
        raise TableProblem("there is a NUL byte: the file is damaged, or no text", line)
    return text
