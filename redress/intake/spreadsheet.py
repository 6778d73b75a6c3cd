"""A workbook (XLSX) to records.

The archive is examined before it is opened: a file that is no workbook, is locked with a password or would
unpack to more than the limit is rejected without being read. Cells are then read in bulk; broken formulas
and formulas whose result was never saved are looked up in the sheet's own XML, because the bulk reader
shows both as blanks.
"""

from __future__ import annotations

import io
import math
import posixpath
import re
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

import polars as pl

from redress.contract.values import DATE_CELL, ERROR_CELL, trim
from redress.intake.problems import RejectedFile
from redress.intake.sheet import Sheet, banded

LARGEST_UNPACKED = 512 * 2**20
LARGEST_RATIO = 200
_RATIO_MATTERS_FROM = 32 * 2**20
MOST_PARTS = 10_000
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def check_archive(data: bytes) -> None:
    """Reject what is not a workbook or would unpack to too much, from its directory and by trial.

    Raises:
        RejectedFile: empty_file, unreadable_workbook, workbook_too_large.
    """
    if not data:
        raise RejectedFile("empty_file", "The file has no content: the export failed. Export it again.")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise RejectedFile(
            "unreadable_workbook",
            "The file is an old workbook (.xls) or is locked with a password. Save it as .xlsx "
            "without a password.",
        )
    if not data.startswith(b"PK\x03\x04"):
        raise RejectedFile(
            "unreadable_workbook", "The file is named as a workbook and is none. Save it again as .xlsx."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
                raise RejectedFile(
                    "unreadable_workbook",
                    "The file is an archive but not an Excel workbook: parts are missing.",
                )
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


def _sheet_part(archive: zipfile.ZipFile, name: str) -> str | None:
    """Return the path of a sheet's XML in the archive."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for element in book.iter():
        if element.tag.endswith("}sheet") and element.get("name") == name:
            target = targets.get(element.get(_RELATION), "")
            return (
                target.lstrip("/")
                if target.startswith("/")
                else posixpath.normpath(posixpath.join("xl", target))
            )
    return None


def _column_number(reference: str) -> int:
    number = 0
    for letter in reference:
        if not letter.isalpha():
            break
        number = number * 26 + ord(letter.upper()) - 64
    return number - 1


def _broken_cells(xml: bytes) -> dict[tuple[int, int], str]:
    """Return (row, column), both from 0 -> error text or formula, for error cells and formulas without a result."""
    if not re.search(rb"""\bt=["']e["']|<(\w+:)?f[\s>/]""", xml):
        return {}
    found: dict[tuple[int, int], str] = {}
    state: dict[str, Any] = {"row": -1, "column": -1, "cell": None, "into": None}

    def start(tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "row":
            state["row"] = int(attributes["r"]) - 1 if "r" in attributes else state["row"] + 1
            state["column"] = -1
        elif name == "c":
            reference = attributes.get("r")
            state["column"] = _column_number(reference) if reference else state["column"] + 1
            state["cell"] = {"t": attributes.get("t", ""), "f": None, "v": "", "is": ""}
        elif state["cell"] is not None and name in ("f", "v", "is"):
            state["into"] = name
            if name == "f":
                state["cell"]["f"] = ""

    def text(data: str) -> None:
        if state["into"]:
            state["cell"][state["into"]] = (state["cell"][state["into"]] or "") + data

    def end(tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name in ("f", "v", "is"):
            state["into"] = None
        elif name == "c":
            cell = state["cell"]
            at = (state["row"], state["column"])
            if cell["t"] == "e":
                found[at] = cell["v"].strip() or "#N/A"
            elif cell["f"] is not None and not cell["v"] and not cell["is"] and cell["t"] != "str":
                found[at] = "=" + cell["f"]
            state["cell"] = None

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.buffer_text = True
    parser.Parse(xml, True)
    return found


def _open_sheet(data: bytes, sheet: str | None) -> tuple[str, list[list[Any]], dict[tuple[int, int], str]]:
    """Return name, cells from A1 on and broken cells of one sheet (the first where none is named)."""
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = book.sheet_names
        wanted = next(
            (name for name in names if sheet and trim(name).casefold() == trim(sheet).casefold()), None
        )
        if sheet and wanted is None:
            raise RejectedFile(
                "missing_sheet",
                f"The workbook has no sheet named {sheet}.",
                found=", ".join(names),
                expected=sheet,
            )
        wanted = wanted or names[0]
        cells = book.get_sheet_by_name(wanted).to_python(skip_empty_area=False)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            part = _sheet_part(archive, wanted)
            broken = _broken_cells(archive.read(part)) if part else {}
    except RejectedFile:
        raise
    except Exception as error:  # the readers raise many kinds for a damaged part
        raise RejectedFile(
            "unreadable_workbook", "The workbook is damaged and cannot be read. Save it again as .xlsx."
        ) from error
    return wanted, cells, broken


def read_workbook(
    data: bytes, sheet: str | None = None, header_row: int = 1, bands: tuple[int, ...] = ()
) -> Sheet:
    """Read one sheet of a workbook.

    Args:
        data: the whole file.
        sheet: its name; the first sheet if None.
        header_row: row of the sheet (1-based) that holds the column names.
        bands: rows above it that hold the names of groups of columns.

    Returns:
        The records as texts. Wholly blank rows are no records. Date cells and broken formulas carry a mark
        (see `values`).

    Raises:
        RejectedFile: empty_file, unreadable_workbook, workbook_too_large, missing_sheet, merged_header.
    """
    cells = workbook_cells(data, sheet)
    if not any(any(row) for row in cells):
        raise RejectedFile("empty_file", "The sheet has no content: the export failed. Export it again.")
    if len(cells) < header_row:
        raise RejectedFile(
            "merged_header",
            f"The header should be on row {header_row}, and the sheet has only {len(cells)} rows.",
            expected=f"header on row {header_row}",
        )
    names = [[trim(_plain(cell)) for cell in cells[row - 1]] for row in (*bands, header_row)]
    header = banded(names[-1], names[:-1])
    body = cells[header_row:]
    width = len(header)
    numbered = [
        (number, row) for number, row in enumerate(body, header_row + 1) if any(trim(cell) for cell in row)
    ]
    columns = {
        str(position): pl.Series([row[position] for _, row in numbered], dtype=pl.String)
        for position in range(width)
    }
    frame = pl.DataFrame({"row": pl.Series([number for number, _ in numbered], dtype=pl.Int32), **columns})
    blank = len(body) - len(numbered)
    # rows without anything at the foot are only formatting
    return Sheet(header, frame, len(numbered), cleaned={"blank_row": blank} if blank else {})


def _plain(text: str) -> str:
    return text[1:] if text[:1] in (DATE_CELL, ERROR_CELL) else text


def workbook_cells(data: bytes, sheet: str | None = None) -> list[list[str]]:
    """Return all cells of a sheet as texts, from A1, every row of the same length."""
    check_archive(data)
    _, cells, broken = _open_sheet(data, sheet)
    texts = [[_text(value) for value in row] for row in cells]
    width = max((len(row) for row in texts), default=0)
    if broken:
        width = max(width, 1 + max(column for _, column in broken))
        texts += [[] for _ in range(1 + max(row for row, _ in broken) - len(texts))]
    texts = [row + [""] * (width - len(row)) for row in texts]
    for (row, column), value in broken.items():
        texts[row][column] = ERROR_CELL + value
    return texts
