"""A workbook (XLSX) to records.

The archive is examined before it is opened: a file that is no workbook, is locked with a password or would
unpack to more than the limit is rejected without being read, and so is a sheet whose cells reach further than there is
room for. Cells are then read in bulk; broken formulas and formulas whose result was never saved are looked up in the
sheet's own XML, because the bulk reader shows both as blanks. Nothing is computed and no macro is run.
"""

from __future__ import annotations

import codecs
import io
import math
import posixpath
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import polars as pl

from redress.contract.values import DATE_CELL, ERROR_CELL, fold, trim
from redress.intake.file_kinds import kind_of
from redress.intake.problems import RejectedFile, file_problem
from redress.intake.sheet import Sheet, banded
from redress.intake.sheet_cells import broken_cells, column_letters, holds_something, merged_ranges, squeezed

LARGEST_UNPACKED = 512 * 2**20
LARGEST_RATIO = 200
_RATIO_MATTERS_FROM = 32 * 2**20
MOST_PARTS = 10_000


def check_archive(data: bytes) -> None:
    """Reject what is not a workbook or would unpack to too much, from its directory and by trial.

    Raises:
        RejectedFile: empty_file, unreadable_workbook, workbook_too_large.
    """
    if not data:
        raise RejectedFile("empty_file", "The file has no content: the export failed. Export it again.")
    try:
        if not data.startswith(b"PK\x03\x04"):
            kind = (
                kind_of(data)
                or "named as a workbook and is none. Save it again as .xlsx, or name it .csv if it is text."
            )
            raise RejectedFile("unreadable_workbook", f"The file is {kind}")
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
                raise RejectedFile("unreadable_workbook", f"The file is {kind_of(data)}")
            declared = sum(part.file_size for part in parts)
            if (
                len(parts) > MOST_PARTS
                or declared > LARGEST_UNPACKED
                or (declared > _RATIO_MATTERS_FROM and declared > LARGEST_RATIO * len(data))
            ):
                raise RejectedFile(
                    "workbook_too_large",
                    f"Unpacked, the workbook would be {declared / 2**20:,.0f} MB in {len(parts):,} parts. "
                    "Send the rows as CSV.",
                    found=f"{declared:,} bytes",
                    expected=f"at most {LARGEST_UNPACKED:,} bytes",
                )
            for part in parts:
                _unpack_within(data, part)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError) as error:
        raise RejectedFile(
            "unreadable_workbook", "The workbook is damaged or locked and cannot be unpacked. Save it again."
        ) from error


def _unpack_within(data: bytes, part: zipfile.ZipInfo) -> None:
    """Unpack one part and drop it, stopping where it grows beyond the size its directory entry states."""
    if part.flag_bits & 1 or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise RejectedFile("unreadable_workbook", "The workbook is locked or packed in an unknown way.")
    if part.compress_type == zipfile.ZIP_STORED:
        return
    head = data[part.header_offset : part.header_offset + 30]
    begin = (
        part.header_offset
        + 30
        + int.from_bytes(head[26:28], "little")
        + int.from_bytes(head[28:30], "little")
    )
    packed = memoryview(data)[begin : begin + part.compress_size]
    inflate, size = zlib.decompressobj(-15), 0
    for at in range(0, len(packed), 1 << 16):
        piece = bytes(packed[at : at + (1 << 16)])
        while piece:
            size += len(inflate.decompress(piece, 1 << 20))
            piece = inflate.unconsumed_tail
            if size > part.file_size:
                raise RejectedFile(
                    "workbook_too_large", "A part of the workbook is larger than its directory says."
                )


def _text(value: Any) -> str:
    """Return a cell as text: whole numbers without decimals, dates marked as date cells."""
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        if value == int(value) and abs(value) < 1e15:
            return str(int(value))
        shown = repr(value)
        return format(Decimal(shown), "f") if "e" in shown else shown
    if isinstance(value, datetime):
        return DATE_CELL + (value.date().isoformat() if value.time() == time() else value.isoformat())
    if isinstance(value, date):
        return DATE_CELL + value.isoformat()
    if isinstance(value, (time, timedelta, int)):
        return str(value)
    return str(value)


@dataclass
class _Book:
    """What a workbook says of itself, from its own XML.

    Attributes:
        parts: name of each worksheet -> its place in the archive, in the order in which they stand.
        hidden: names of those that nobody sees.
        is_uncomputed: its formulas are to be computed when it is opened.
        counts_from_1904: its day numbers do.
    """

    parts: dict[str, str]
    hidden: set[str]
    is_uncomputed: bool
    counts_from_1904: bool
    has_macros: bool


def _book(archive: zipfile.ZipFile) -> _Book:
    """Return what a workbook says of itself, whichever of the two namespaces (transitional, strict) it is written in."""
    links = {
        link.get("Id"): link
        for link in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        if link.get("Type", "").endswith("/worksheet")
    }
    about: dict[str, dict[str, str]] = {}
    parts: dict[str, str] = {}
    hidden: set[str] = set()
    for element in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        tag = element.tag.rpartition("}")[2]
        about.setdefault(tag, element.attrib)
        link = links.get(next((value for name, value in element.items() if name.endswith("}id")), None))
        if tag == "sheet" and link is not None:
            target = link.get("Target", "")
            name = element.get("name", "")
            parts[name] = (
                target.lstrip("/")
                if target.startswith("/")
                else posixpath.normpath(posixpath.join("xl", target))
            )
            if element.get("state", "visible") != "visible":
                hidden.add(name)
    yes = ("1", "true")
    return _Book(
        parts,
        hidden,
        about.get("calcPr", {}).get("fullCalcOnLoad") in yes,
        about.get("workbookPr", {}).get("date1904") in yes,
        any(name.casefold().endswith("vbaproject.bin") for name in archive.namelist()),
    )


@dataclass
class _Cells:
    """The cells of a sheet as texts, as they stand in it or without rows and columns in which nothing stands.

    Attributes:
        numbers: row number (from 1) of each row of `texts`.
        columns: column number (from 0) of each of their cells.
        merged: first row, first column, last row, last column of merged ranges, from 0.
        others: names of other visible sheets that hold something, where no sheet was asked for.
    """

    sheet: str
    numbers: list[int]
    columns: list[int]
    texts: list[list[str]]
    merged: list[tuple[int, int, int, int]]
    others: list[str]
    book: _Book


def _choose(archive: zipfile.ZipFile, book: _Book, sheet: str | None) -> tuple[str, list[str]]:
    """Return the sheet that is read, and what other visible sheets hold something where none was asked for.

    Raises:
        RejectedFile: missing_sheet.
    """
    if sheet:
        wanted = next((name for name in book.parts if fold(name) == fold(sheet)), None)
        if wanted is None:
            raise RejectedFile(
                "missing_sheet",
                f"The workbook has no sheet named {sheet}.",
                found=", ".join(book.parts),
                expected=sheet,
            )
        return wanted, []
    visible = [name for name in book.parts if name not in book.hidden] or list(book.parts)
    if not visible:
        raise RejectedFile(
            "empty_file", "The workbook has no sheet with cells: the export failed. Export it again."
        )
    filled = [name for name in visible if holds_something(archive.read(book.parts[name]))]
    return (filled or visible)[0], filled[1:]


def _open_sheet(data: bytes, sheet: str | None) -> _Cells:
    """Return the cells of one sheet: the one that is named, or else the first that is visible and holds something."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            book = _book(archive)
            wanted, others = _choose(archive, book, sheet)
            xml = archive.read(book.parts[wanted])
            if xml.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise RejectedFile(
                    "unreadable_workbook", "The sheet is written in UTF-16. Save it again as .xlsx."
                )
            void = squeezed(xml)
            if void:
                data = _with_part(archive, book.parts[wanted], void.xml)
        cells = _bulk_cells(data, wanted)
        broken = broken_cells(xml, book.is_uncomputed)
        merged = merged_ranges(xml)
    except RejectedFile:
        raise
    except Exception as error:  # the readers raise many kinds for a damaged part
        raise RejectedFile(
            "unreadable_workbook", "The workbook is damaged and cannot be read. Save it again as .xlsx."
        ) from error
    texts = [[_text(value) for value in row] for row in cells]
    row_at = {row: place for place, row in enumerate(void.rows)} if void else {}
    column_at = {column: place for place, column in enumerate(void.columns)} if void else {}
    placed = {
        (row_at.get(row, row), column_at.get(column, column)): value
        for (row, column), value in broken.items()
    }
    width = max((len(row) for row in texts), default=0)
    if placed:
        width = max(width, 1 + max(column for _, column in placed))
        texts += [[] for _ in range(1 + max(row for row, _ in placed) - len(texts))]
    texts = [row + [""] * (width - len(row)) for row in texts]
    for (row, column), value in placed.items():
        texts[row][column] = ERROR_CELL + value
    numbers = [row + 1 for row in (void.rows if void else range(len(texts)))]
    columns = void.columns if void else list(range(width))
    return _Cells(wanted, numbers[: len(texts)], columns[:width], texts, merged, others, book)


def _with_part(archive: zipfile.ZipFile, part: str, content: bytes) -> bytes:
    """Return a workbook with other content for one part, and without its other sheets' content."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as copy:
        for name in archive.namelist():
            if name == part:
                copy.writestr(name, content)
            elif posixpath.dirname(name) != posixpath.dirname(part):
                copy.writestr(name, archive.read(name))
    return file.getvalue()


def _bulk_cells(data: bytes, sheet: str) -> list[list[Any]]:
    """Return all cells of a sheet from A1 on."""
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    return book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def visible_sheets(data: bytes) -> list[str]:
    """Return the names of the sheets that people see and that hold something, in the order in which they stand.

    Raises:
        RejectedFile: as `check_archive`, or the workbook is damaged.
    """
    check_archive(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            book = _book(archive)
            seen = [name for name in book.parts if name not in book.hidden]
            return [name for name in seen if holds_something(archive.read(book.parts[name]))]
    except Exception as error:  # the readers raise many kinds for a damaged part
        raise RejectedFile(
            "unreadable_workbook", "The workbook is damaged and cannot be read. Save it again as .xlsx."
        ) from error


def read_workbook(
    data: bytes,
    sheet: str | None = None,
    header_row: int = 1,
    bands: tuple[int, ...] = (),
    fills_merged: bool = False,
) -> Sheet:
    """Read one sheet of a workbook.

    Args:
        data: the whole file.
        sheet: its name; the first visible sheet that holds something if None.
        header_row: row of the sheet (1-based) that holds the column names.
        bands: rows above it that hold the names of groups of columns.
        fills_merged: whether the value of merged cells is that of every record over which they are merged.

    Returns:
        The records as texts. Wholly blank rows are no records. Date cells and broken formulas carry a mark
        (see `values`).

    Raises:
        RejectedFile: empty_file, unreadable_workbook, workbook_too_large, missing_sheet, merged_header.
    """
    check_archive(data)
    cells = _open_sheet(data, sheet)
    if not any(any(row) for row in cells.texts):
        raise RejectedFile("empty_file", "The sheet has no content: the export failed. Export it again.")
    if cells.numbers[-1] < header_row:
        raise RejectedFile(
            "merged_header",
            f"The header should be on row {header_row}, and the sheet has only {cells.numbers[-1]} rows.",
            expected=f"header on row {header_row}",
        )
    rows = dict(zip(cells.numbers, cells.texts, strict=True))
    filled = _fill_merged(cells, rows, header_row) if fills_merged else 0
    header = _header(cells, rows, (*bands, header_row))
    body = [(number, row) for number, row in rows.items() if number > header_row]
    numbered = [(number, row) for number, row in body if any(trim(cell) for cell in row)]
    columns = {
        str(position): pl.Series([row[position] for _, row in numbered], dtype=pl.String)
        for position in range(len(header))
    }
    frame = pl.DataFrame({"row": pl.Series([number for number, _ in numbered], dtype=pl.Int32), **columns})
    blank = len(body) - len(numbered)
    return Sheet(
        header,
        frame,
        len(numbered),
        # rows without anything at the foot are only formatting
        cleaned={kind: count for kind, count in (("blank_row", blank), ("merged_filled", filled)) if count},
        name=cells.sheet,
        columns=cells.columns,
        is_one_of_several=len(cells.book.parts) > 1,
        merged={} if fills_merged else _merged_records(cells, header, header_row),
        warnings=_warnings(cells),
        counts_from_1904=cells.book.counts_from_1904,
    )


def _header(cells: _Cells, rows: dict[int, list[str]], numbers: tuple[int, ...]) -> list[str]:
    """Return the column names, with those of the groups above them; a merged name is that of all its columns."""
    names = [[trim(_plain(cell)) for cell in rows.get(row, [""] * len(cells.columns))] for row in numbers]
    has_merged = False
    for top, left, bottom, right in cells.merged:
        covered = [place for place, row in enumerate(numbers[:-1]) if top <= row - 1 <= bottom]
        if not covered or right == left:
            continue
        has_merged = True
        positions = [position for position, column in enumerate(cells.columns) if left <= column <= right]
        for place in covered:
            for position in positions[1:]:
                names[place][position] = names[place][positions[0]]
    return banded(names[-1], names[:-1], has_merged)


def _fill_merged(cells: _Cells, rows: dict[int, list[str]], header_row: int) -> int:
    """Give every record the value of the cells that are merged over it; return how many cells were filled.

    A row in which nothing else stands is no record, and stays blank.
    """
    filled = 0
    held = {number for number, row in rows.items() if any(trim(cell) for cell in row)}
    for top, left, bottom, right in cells.merged:
        if top < header_row:
            continue
        positions = [position for position, column in enumerate(cells.columns) if left <= column <= right]
        value = rows[top + 1][positions[0]] if positions and top + 1 in rows else ""
        if not trim(value):
            continue
        for number in range(top + 1, min(bottom + 1, cells.numbers[-1]) + 1):
            for position in positions if number in held else ():
                if not trim(rows[number][position]):
                    rows[number][position] = value
                    filled += 1
    return filled


def _merged_records(cells: _Cells, header: list[str], header_row: int) -> dict[int, list[str]]:
    """Return position of a column -> ranges in it that are merged over several records, as a spreadsheet names them."""
    merged: dict[int, list[str]] = {}
    for top, left, bottom, right in cells.merged:
        if bottom <= max(top, header_row):  # one row, or the header and what stands above it
            continue
        place = f"{column_letters(left)}{top + 1}:{column_letters(right)}{bottom + 1}"
        for position, column in enumerate(cells.columns[: len(header)]):
            if left <= column <= right:
                merged.setdefault(position, []).append(place)
    return merged


def _warnings(cells: _Cells) -> list[pl.DataFrame]:
    """Return what a person should know of a workbook that is read."""
    warnings = []
    if cells.others:
        others = ", ".join(cells.others)
        warnings.append(
            file_problem(
                "several_sheets",
                f"Several visible sheets hold something, and only the first is read, {cells.sheet}; not read: {others}. "
                "Say with `sheet:` in mapping.yml which is meant.",
                found=others,
                expected=cells.sheet,
            )
        )
    if cells.book.has_macros:
        warnings.append(
            file_problem(
                "macros_not_run",
                "The workbook holds macros. Its cells are read as they were saved; no macro is run.",
            )
        )
    return warnings


def _plain(text: str) -> str:
    return text[1:] if text[:1] in (DATE_CELL, ERROR_CELL) else text


def first_rows(data: bytes, sheet: str | None, count: int) -> list[list[str]]:
    """Return the first rows of a sheet as texts, for finding where its header stands; blank rows count."""
    cells = _open_sheet(data, sheet)
    rows = dict(zip(cells.numbers, cells.texts, strict=True))
    nothing = [""] * len(cells.columns)
    return [rows.get(number, nothing) for number in range(1, min(count, max(rows, default=0)) + 1)]
