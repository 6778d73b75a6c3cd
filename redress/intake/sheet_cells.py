"""The cells of a worksheet's XML: how far they reach, which are broken, and the sheet without the void between them.

The bulk reader of workbooks makes room for every cell between A1 and the last one, so that one stray space in
the last corner of a sheet would ask for 17 thousand million. Its reach is therefore known before it is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from redress.intake.problems import RejectedFile

LARGEST_AREA = 30_000_000
"""Cells, blank ones included, for which there is room in memory."""
_ALWAYS_READ = 1_000_000
_MOST_SCATTERED = 2_000_000
_PIECE = 1 << 24
_USUAL_REFERENCE = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"')
_REFERENCE = re.compile(rb"""<(?:[\w.-]+:)?c\b[^<>]*?\br\s*=\s*["']([A-Za-z]{1,3})([0-9]{1,7})["']""")
_MARKS_OF_CELLS = (
    b"<c ",
    b"<c>",
    b"<c/",
    b"<c\t",
    b"<c\n",
    b"<c\r",
    b":c ",
    b":c>",
    b":c/",
    b":c\t",
    b":c\n",
    b":c\r",
)
_CELL = re.compile(rb"<(?:[\w.-]+:)?c[\s/>]")
_FORMULA_OR_ERROR = re.compile(rb"""\bt\s*=\s*["']e["']|<(?:[\w.-]+:)?f[\s>/]""")
_MERGED = re.compile(
    rb"<(?:[\w.-]+:)?mergeCell\s[^>]*?ref\s*=\s*[\"']([A-Za-z]{1,3}[0-9]{1,7}:[A-Za-z]{1,3}[0-9]{1,7})"
)
_FILLED = re.compile(rb"<(?:[\w.-]+:)?v>[^<]|<(?:[\w.-]+:)?is[\s>]")


@dataclass(slots=True)
class _Cell:
    """One cell as its XML has it; row and column count from 0, `formula` is None where there is none."""

    row: int
    column: int
    type: str
    style: str
    formula: str | None = None
    value: str = ""
    text: str = ""

    @property
    def is_filled(self) -> bool:
        return bool(self.value or self.text or self.formula is not None)


@dataclass
class Squeezed:
    """A sheet without the rows and columns in which nothing stands: its XML, and the numbers (from 0) of those that are left."""

    xml: bytes
    rows: list[int]
    columns: list[int]


def column_number(letters: str) -> int:
    """Return the number of a column, from 0: A is 0, AA is 26."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def column_letters(number: int) -> str:
    """Return the letters of a column numbered from 0."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def holds_something(xml: bytes) -> bool:
    """Return whether any cell of a sheet has a value."""
    return _FILLED.search(xml) is not None


def merged_ranges(xml: bytes) -> list[tuple[int, int, int, int]]:
    """Return the merged ranges of a sheet: first row, first column, last row, last column, from 0."""
    ranges = []
    for match in _MERGED.finditer(xml, max(0, xml.rfind(b"sheetData"))):
        (first, top), (last, bottom) = (
            re.fullmatch(r"([A-Za-z]+)(\d+)", corner).groups() for corner in match[1].decode().split(":")
        )
        ranges.append((int(top) - 1, column_number(first), int(bottom) - 1, column_number(last)))
    return ranges


def squeezed(xml: bytes) -> Squeezed | None:
    """Return a sheet whose cells lie far apart without what is between them; None where it can be read as it stands.

    Raises:
        RejectedFile: workbook_too_large, with the range that is used.
    """
    last_row, last_column, references, is_known = _reach(xml)
    area = last_row * (last_column + 1)
    if is_known and (area <= _ALWAYS_READ or area <= min(8 * references, LARGEST_AREA)):
        return None
    cells: list[_Cell] = []

    def keep(cell: _Cell) -> None:
        if cell.is_filled:
            cells.append(cell)
            if len(cells) > _MOST_SCATTERED:
                raise _too_large(last_row, last_column, len(cells))

    _parse(xml, keep)
    rows = sorted({cell.row for cell in cells})
    filled_columns = sorted({cell.column for cell in cells})
    if len(rows) * len(filled_columns) > LARGEST_AREA:
        raise _too_large(rows[-1] + 1, filled_columns[-1], len(cells))
    return Squeezed(_written(cells, rows, filled_columns), rows, filled_columns)


def _reach(xml: bytes) -> tuple[int, int, int, bool]:
    """Return the last row (from 1) and column (from 0) that cells name, how many name theirs, and whether all do.

    The usual form of a cell is looked for first, which is quick, and any other that XML allows where not all have it. Of
    a sheet with comments or the like, in which tags may stand that are none, it is not known.
    """
    reach = 0, 0, 0, False
    for pattern in (_USUAL_REFERENCE, _REFERENCE):
        references, last_row, letters = 0, 0, {b"A"}
        start = 0
        while start < len(xml):
            end = xml.find(b"<", start + _PIECE) % (len(xml) + 1)
            found, start = pattern.findall(xml, start, end), end
            references += len(found)
            letters.update({name for name, _ in found})
            last_row = max(last_row, max((int(number) for _, number in found), default=0))
        is_usual = pattern is _USUAL_REFERENCE
        cells = sum(map(xml.count, _MARKS_OF_CELLS)) if is_usual else sum(1 for _ in _CELL.finditer(xml))
        last_column = max(column_number(name.decode()) for name in letters)
        reach = last_row, last_column, references, references >= cells and b"<!" not in xml
        if reach[3]:
            break
    return reach


def _too_large(last_row: int, last_column: int, cells: int) -> RejectedFile:
    reach = f"A1:{column_letters(last_column)}{last_row}"
    return RejectedFile(
        "workbook_too_large",
        f"The cells of the sheet lie scattered over {reach}, which is more than can be read. Delete the rows and columns "
        "outside the table and save it again, or send the rows as CSV.",
        found=f"{cells:,} cells or more in {reach}",
        expected=f"at most {LARGEST_AREA:,} cells, blank ones included",
    )


def _written(cells: list[_Cell], rows: list[int], columns: list[int]) -> bytes:
    """Return the XML of a sheet in which these rows and columns follow one another."""
    row_at = {row: place for place, row in enumerate(rows, 1)}
    column_at = {column: column_letters(place) for place, column in enumerate(columns)}
    by_row: dict[int, list[_Cell]] = {}
    for cell in cells:
        by_row.setdefault(cell.row, []).append(cell)
    parts = ['<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>']
    for row in rows:
        parts.append(f'<row r="{row_at[row]}">')
        for cell in sorted(by_row[row], key=lambda cell: cell.column):
            style = f" s={quoteattr(cell.style)}" if cell.style else ""
            kind = f" t={quoteattr(cell.type)}" if cell.type else ""
            inside = (
                f'<is><t xml:space="preserve">{escape(cell.text)}</t></is>'
                if cell.text
                else f"<v>{escape(cell.value)}</v>"
            )
            parts.append(f'<c r="{column_at[cell.column]}{row_at[row]}"{style}{kind}>{inside}</c>')
        parts.append("</row>")
    parts.append("</sheetData></worksheet>")
    return "".join(parts).encode()


def broken_cells(xml: bytes, is_uncomputed: bool) -> dict[tuple[int, int], str]:
    """Return (row, column), both from 0 -> error text or formula, for error cells and formulas without a result.

    Args:
        xml: of the sheet.
        is_uncomputed: the workbook asks for all formulas to be computed when it is opened, as programs do that write a nought
            for every result: there a nought is no result.
    """
    if not any(mark in xml for mark in (b"<f", b":f", b'"e"', b"'e'")) or not _FORMULA_OR_ERROR.search(xml):
        return {}
    broken: dict[tuple[int, int], str] = {}

    def note(cell: _Cell) -> None:
        if cell.type == "e":
            broken[cell.row, cell.column] = cell.value.strip() or "#N/A"
        elif cell.formula is not None and (
            (not cell.value and not cell.text and cell.type != "str")
            or (is_uncomputed and cell.value == "0" and cell.type in ("", "n"))
        ):
            broken[cell.row, cell.column] = "=" + cell.formula

    _parse(xml, note)
    return broken


class _Reader:
    """Follows the elements of a sheet and hands over each cell."""

    def __init__(self, take: Callable[[_Cell], None]) -> None:
        self.take = take
        self.row, self.column = -1, -1
        self.cell: _Cell | None = None
        self.into = ""
        self.is_phonetic = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "row":
            self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.column = -1
        elif name == "c":
            reference = attributes.get("r", "")
            letters = reference.rstrip("0123456789")
            self.column = column_number(letters) if letters else self.column + 1
            row = int(reference[len(letters) :]) - 1 if letters and reference != letters else self.row
            self.cell = _Cell(row, self.column, attributes.get("t", ""), attributes.get("s", ""))
        elif self.cell is not None:
            if name == "f":
                self.cell.formula = ""
            if name == "rPh":
                self.is_phonetic = True
            if name in ("f", "v", "t"):
                self.into = name

    def text(self, data: str) -> None:
        cell = self.cell
        if cell is None or self.is_phonetic:
            return
        if self.into == "f":
            cell.formula = (cell.formula or "") + data
        elif self.into == "v":
            cell.value += data
        elif self.into == "t":
            cell.text += data

    def end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name in ("f", "v", "t"):
            self.into = ""
        elif name == "rPh":
            self.is_phonetic = False
        elif name == "c" and self.cell is not None:
            self.take(self.cell)
            self.cell = None


def _parse(xml: bytes, take: Callable[[_Cell], None]) -> None:
    reader = _Reader(take)
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    parser.buffer_text = True
    parser.Parse(xml, True)
