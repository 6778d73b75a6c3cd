"""Reading the CSV tables of an authority's folder: rows, and the dates, numbers and words in their cells."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from redress.authority.faults import Faults
from redress.base.printable import shorten
from redress.base.strict_csv import TableProblem, read_table

Row = dict[str, str]
"""The cells of a row by column, trimmed; its line is under `_line`."""


class Cells:
    """Reads tables of one folder and notes what is wrong with their cells."""

    def __init__(self, folder: Path, faults: Faults) -> None:
        self.folder, self.faults = folder, faults

    def note(self, file: str, row: Row, problem: str) -> None:
        """Note a fault of a row."""
        self.faults.note(file, problem, int(row["_line"]))

    def table(self, name: str, columns: Iterable[str], optional: Iterable[str] = ()) -> list[Row]:
        """Return the rows of a CSV of the folder, cells trimmed; [] if there is no such file."""
        if not os.path.lexists(self.folder / name):
            return []
        try:
            header, records = read_table(self.folder / name)
        except TableProblem as error:
            self.faults.note(name, str(error))
            return []
        columns, may_be_absent = tuple(columns), set(optional)
        missing = [column for column in columns if column not in header and column not in may_be_absent]
        if missing:
            self.faults.note(name, f"columns are missing: {', '.join(missing)}")
            return []
        rows = []
        for line, cells in records:
            if len(cells) != len(header):
                self.faults.note(
                    name,
                    f"line {line} has another number of cells than the header: {len(cells)}, and the header has "
                    f"{len(header)}. A text with a comma in it stands in quotation marks",
                )
                continue
            row = {column: cell.strip() for column, cell in zip(header, cells, strict=True)}
            if any(row.values()):
                rows.append(dict.fromkeys(columns, "") | row | {"_line": str(line)})
        return rows

    def day(self, file: str, row: Row, column: str) -> date | None:
        """Return the date in a cell; None where it is blank or, which is noted, no date."""
        text = row.get(column) or ""
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.note(file, row, f"{column} `{text}` is no date (YYYY-MM-DD)")
            return None

    def check_number(self, file: str, row: Row, column: str, required: bool) -> None:
        """Note a cell that holds no whole number."""
        text = row.get(column) or ""
        if (required and not text) or (text and not re.fullmatch(r"-?[0-9]{1,6}", text)):
            self.note(file, row, f"{column} `{shorten(text)}` is no whole number of up to six digits")

    def check_word(self, file: str, row: Row, column: str, words: tuple[str, ...]) -> None:
        """Note a cell that holds none of these words."""
        if row.get(column) not in words:
            self.note(file, row, f"{column} `{row.get(column)}` is none of {', '.join(words)}")

    def span(self, file: str, row: Row) -> tuple[date, date]:
        """Return the first and last day of a row, without limit where blank; an end before its start is noted."""
        start, end = self.day(file, row, "valid_from"), self.day(file, row, "valid_to")
        if start and end and end < start:
            self.note(file, row, "valid_to is before valid_from")
            return date.min, date.max
        return start or date.min, end or date.max

    def check_sequence(
        self,
        file: str,
        rows: list[Row],
        keys: tuple[str, ...],
        may_overlap_if_open: bool = False,
        may_have_gap: Iterable[tuple[str, ...]] = (),
    ) -> None:
        """Note rows of one key that do not follow one another: a day that has two of them, or none between them.

        Args:
            file: for the messages.
            rows: rows with valid_from and valid_to.
            keys: columns that say which rows belong together.
            may_overlap_if_open: a row without an end lasts until the next begins.
            may_have_gap: keys for which something else holds on the days between.
        """
        together: dict[tuple[str, ...], list[tuple[date, date, Row]]] = {}
        for row in rows:
            together.setdefault(tuple(row[key] for key in keys), []).append((*self.span(file, row), row))
        allowed_gaps = set(may_have_gap)
        for key, spans in together.items():
            spans.sort(key=lambda span: span[:2])
            what = ", ".join(f"{name} `{value}`" for name, value in zip(keys, key, strict=True))
            for (start, end, earlier), (next_start, _, later) in itertools.pairwise(spans):
                lines = f"lines {earlier['_line']} and {later['_line']} ({what})"
                if end >= next_start and not (may_overlap_if_open and end == date.max and start < next_start):
                    self.faults.note(
                        file,
                        f"{lines} overlap: the second begins on {day_in_words(next_start)}, and the first ends on "
                        f"{day_in_words(end)}. Give the first a valid_to that is the day before the second begins",
                    )
                elif (next_start - end).days > 1 and end != date.max and key not in allowed_gaps:
                    self.faults.note(
                        file,
                        f"{lines} leave a gap: the first ends on {day_in_words(end)} and the second begins on "
                        f"{day_in_words(next_start)}. Nothing holds on the days between: let one of them reach the other",
                    )


def day_in_words(day: date) -> str:
    """Return a day of a dated row for a message; the far ends are words."""
    return {date.min: "no stated day", date.max: "no stated day"}.get(day, day.isoformat())
