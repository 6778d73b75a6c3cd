"""What reading a file gives: a table of texts with row numbers, and the records that are damaged."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from redress.contract.values import fold
from redress.intake.problems import no_problems
from redress.intake.sheet_cells import column_letters


@dataclass
class Sheet:
    """The records of one file, all cells as text.

    Attributes:
        header: column names as they stand in the file, in order.
        frame: `row` and columns `0`, `1`, ... (text, '' where blank). A row has the number that a spreadsheet shows
            beside it: what stands above the header counts, and so do blank rows; a cell of several lines is in one row.
        received: records in the file, damaged ones included, wholly blank ones not.
        damaged: problems of records that are not in `frame`; every such record has at least one.
        cleaned: kind of cleaning -> how often, for the file as a whole.
        doubtful: problems of records that are in `frame` and are to be set aside, unless a rule leaves them out.
        name: of the sheet of a workbook; empty for a text file.
        columns: of a workbook, the number (from 0) that each column has in it.
        is_one_of_several: the workbook has other sheets.
        merged: of a workbook, position of a column -> ranges that are merged over several records.
        warnings: what a person should know of the file as a whole (`FOUND_SCHEMA`).
        counts_from_1904: day numbers of the workbook do, and not from 1900.
    """

    header: list[str]
    frame: pl.DataFrame
    received: int
    damaged: pl.DataFrame = field(default_factory=no_problems)
    cleaned: dict[str, int] = field(default_factory=dict)
    doubtful: pl.DataFrame = field(default_factory=no_problems)
    name: str = ""
    columns: list[int] = field(default_factory=list)
    is_one_of_several: bool = False
    merged: dict[int, list[str]] = field(default_factory=dict)
    warnings: list[pl.DataFrame] = field(default_factory=list)
    counts_from_1904: bool = False

    def column_name(self, position: int) -> str:
        """Return what a column is called where it has no heading: its letters in a workbook, else its number."""
        return column_letters(self.place(position)) if self.columns else str(position + 1)

    def place(self, position: int) -> int:
        """Return the number (from 0) that a column has in the file."""
        return self.columns[position] if position < len(self.columns) else position

    def letters(self) -> dict[str, str]:
        """Return folded heading -> letters of the column in a spreadsheet; none for columns of another sheet."""
        own = self.header[: len(self.columns)] if self.columns else self.header
        return {fold(name): column_letters(self.place(position)) for position, name in enumerate(own)}

    def positions(self) -> dict[str, list[int]]:
        """Return folded column name -> positions at which it stands."""
        found: dict[str, list[int]] = {}
        for position, name in enumerate(self.header):
            found.setdefault(fold(name), []).append(position)
        return found


def banded(header: list[str], bands: list[list[str]], is_filled: bool = False) -> list[str]:
    """Return column names with those of the groups above them, e.g. `Stage 1 / Received`.

    Args:
        header: the row of column names.
        bands: the rows above it, from the top; a blank cell belongs to the group on its left.
        is_filled: whether every cell of a group says its name already, so that a blank belongs to none.
    """
    names: list[list[str]] = [[] for _ in header]
    for band in bands:
        before, group = "", ""
        for position, parts in enumerate(names):
            cell = band[position] if position < len(band) else ""
            above = " / ".join(parts)
            group = cell or ("" if is_filled or above != before else group)
            before = above
            if group and group not in parts[-1:]:
                parts.append(group)
    for position, name in enumerate(header):
        if name and name not in names[position][-1:]:
            names[position].append(name)
        elif not name and not any(band[position : position + 1] not in ([], [""]) for band in bands):
            names[position] = []  # a column without a name belongs to no group
    return [" / ".join(parts) for parts in names]


TOTAL_WORDS = (
    r"(?i)^(grand[\s-]*total|sub[\s-]*total|overall[\s-]*total|totals?|sum|overall)s?\s*[:=]?\s*[\d,.]*$"
)
"""The label of a line of totals."""
