"""A file of a council's own, and the things that go wrong in one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from seeds.synthetic.writers import Raw, write_book, write_csv, write_xlsx


@dataclass
class Export:
    """One file of a batch: `header` and `rows` in the council's own form, and how it is written.

    `faults` says of each record that is wrong on purpose which code intake should give it, by record number
    (the first record below the header is 1).
    """

    name: str
    header: list[str]
    rows: list[Sequence | Raw]
    encoding: str = "utf-8"
    date_format: str = "%d/%m/%Y"
    delimiter: str = ","
    sheet: str = ""
    above: list[Sequence] = field(default_factory=list)
    other_sheets: list[tuple[str, list[Sequence]]] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)

    @property
    def faulty_rows(self) -> dict[int, str]:
        """The `faults` by the row of the file or sheet, as a spreadsheet numbers it."""
        return {n + 1 + len(self.above): code for n, code in self.faults.items()}

    def like(self, place: int, changes: Mapping[str, object]) -> list:
        """A copy of the row at index `place` with some columns changed."""
        return list((dict(zip(self.header, self.rows[place], strict=True)) | dict(changes)).values())

    def fault(self, row: Sequence | Raw, code: str, at: int | None = None) -> None:
        """Put a faulty record at position `at` (1-based; None: at the end) and remember its code."""
        place = len(self.rows) if at is None else at - 1
        self.faults = {(n + 1 if n > place else n): c for n, c in self.faults.items()}
        self.rows.insert(place, row)
        if code:
            self.faults[place + 1] = code

    def write(self, folder: Path) -> int:
        """Write the file and return the number of records."""
        path = folder / self.name
        if path.suffix == ".xlsx":
            return write_xlsx(path, self.sheet, self.header, self.rows, self.above, self.other_sheets)
        return write_csv(path, self.header, self.rows, self.encoding, self.date_format, self.delimiter)


@dataclass
class Book:
    """A workbook of a batch with a table on each sheet; each of `sheets` names its sheet."""

    name: str
    sheets: list[Export]

    @property
    def faulty_rows(self) -> dict[str, str]:
        """Records that are wrong on purpose, as `Sheet 12`, with the code that intake should give each."""
        return {f"{page.sheet} {n}": code for page in self.sheets for n, code in page.faulty_rows.items()}

    def write(self, folder: Path) -> int:
        """Write the file and return the number of records of all its sheets."""
        pages = [(page.sheet, page.above, page.header, page.rows) for page in self.sheets]
        return write_book(folder / self.name, pages)
