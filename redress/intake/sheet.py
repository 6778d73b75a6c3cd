"""What reading a file gives: a table of texts with row numbers, and the records that are damaged."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from redress.contract.values import fold
from redress.intake.problems import no_problems


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
    """

    header: list[str]
    frame: pl.DataFrame
    received: int
    damaged: pl.DataFrame = field(default_factory=no_problems)
    cleaned: dict[str, int] = field(default_factory=dict)

    def positions(self) -> dict[str, list[int]]:
        """Return folded column name -> positions at which it stands."""
        found: dict[str, list[int]] = {}
        for position, name in enumerate(self.header):
            found.setdefault(fold(name), []).append(position)
        return found


TOTAL_WORDS = (
    r"(?i)^(grand[\s-]*total|sub[\s-]*total|overall[\s-]*total|totals?|sum|overall)s?\s*[:=]?\s*[\d,.]*$"
)
"""The label of a line of totals."""
