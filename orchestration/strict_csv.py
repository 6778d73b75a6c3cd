"""The one reader of CSV files that a council keeps in its folder: services, timescales, published figures, faults.

Comma, UTF-8, double quotation marks doubled inside quotes, a header of distinct names. What is otherwise is refused in
words that name the line, and the memory is bounded whatever the file holds. Extracts are another matter: see `intake`.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

from orchestration.strict_yaml import YamlProblem, decoded

MOST_BYTES = 20_000_000
"""The largest file that is read."""
LONGEST_CELL = 20_000
"""Characters of a cell. A note of a council is a sentence or two."""


class TableProblem(ValueError):
    """The file cannot be read as a table; the text says why, and on which line."""


def read_table(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header of a CSV file and its records.

    Returns:
        The names of the columns, and per record that is not blank the line on which it begins (from 1) and its cells,
        as many as it has.

    Raises:
        TableProblem: it cannot be opened, is not text in UTF-8, has an open quotation mark, a damaged byte or a huge
            cell, or a column stands twice.
    """
    text = _text(path)
    limit = csv.field_size_limit(max(len(text) + 1, csv.field_size_limit()))
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        records: list[tuple[int, list[str]]] = []
        begun = 1
        try:
            for cells in reader:
                if cells:
                    records.append((begun, cells))
                begun = reader.line_num + 1
        except csv.Error as error:
            raise TableProblem(
                f"line {begun}: the row that begins here cannot be read ({error}). A quotation mark inside a text "
                "is written twice, and the text stands in quotation marks"
            ) from error
    finally:
        csv.field_size_limit(limit)
    for line, cells in records:
        longest = max(len(cell) for cell in cells)
        if longest > LONGEST_CELL:
            raise TableProblem(
                f"line {line}: a cell has {longest:,} characters; it may have {LONGEST_CELL:,}. Is a quotation "
                "mark left open?"
            )
    if not records:
        return [], []
    header = records[0][1]
    twice = [name for name, count in Counter(header).items() if count > 1 and name]
    if twice:
        raise TableProblem(f"line {records[0][0]}: the column `{twice[0]}` stands twice")
    return header, records[1:]


def _text(path: Path) -> str:
    """The text of the file."""
    try:
        if (size := path.stat().st_size) > MOST_BYTES:
            raise TableProblem(f"the file has {size:,} bytes; it may have {MOST_BYTES:,}")
        text = decoded(path.read_bytes())
    except YamlProblem as error:
        raise TableProblem(str(error)) from error
    except OSError as error:
        raise TableProblem(f"the file cannot be opened: {error.strerror or error}") from error
    damaged = text.find("\x00")
    if damaged >= 0:
        line = text.count("\n", 0, damaged) + 1
        raise TableProblem(f"line {line}: there is a NUL byte: the file is damaged, or no text")
    return text
