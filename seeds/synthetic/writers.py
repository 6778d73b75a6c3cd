"""Files as council systems export them, byte for byte the same on every run.

CSV: Windows line ends, a named encoding. XLSX: written by openpyxl, then packed again with one fixed time in
the archive and in the document properties.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

FIXED = datetime(2024, 1, 1)
ERRORS = {"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"}


class Raw(str):
    """A line of a CSV file that is written as it stands (for records that are broken on purpose)."""


def write_csv(
    path: Path,
    header: Sequence[str],
    rows: Iterable[Sequence | Raw],
    encoding: str = "utf-8",
    date_format: str = "%d/%m/%Y",
    delimiter: str = ",",
) -> int:
    """Write one CSV file and return the number of records below the header.

    Dates are written in `date_format`, nothing as an empty cell.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(header)
    count = 0
    for row in rows:
        count += 1
        if isinstance(row, Raw):
            text.write(row + "\r\n")
        else:
            writer.writerow([_text(value, date_format) for value in row])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.getvalue().encode(encoding))
    return count


def _text(value: object, date_format: str) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.strftime(date_format)
    return str(value)


def write_xlsx(
    path: Path,
    sheet: str,
    header: Sequence[str],
    rows: Iterable[Sequence],
    above: Sequence[Sequence] = (),
    other_sheets: Sequence[tuple[str, Sequence[Sequence]]] = (),
) -> int:
    """Write one workbook and return the number of rows below the header.

    `above` are rows over the header (titles, notes); `other_sheets` are further sheets of plain text. Dates
    become date cells in the form dd/mm/yyyy; a text such as `#REF!` becomes an error cell.
    """
    book = Workbook()
    page = book.active
    page.title = sheet
    count = _fill(page, header, rows, above)
    for name, lines in other_sheets:
        extra = book.create_sheet(name)
        for line in lines:
            extra.append(list(line))
    _save(book, path)
    return count


def write_book(path: Path, sheets: Sequence[tuple[str, Sequence, Sequence, Sequence]]) -> int:
    """Write one workbook with a table on each sheet and return the number of rows below all headers.

    `sheets` are (name, rows over the header, header, rows), in order; cells as in `write_xlsx`.
    """
    book = Workbook()
    book.remove(book.active)
    count = 0
    for name, above, header, rows in sheets:
        count += _fill(book.create_sheet(name), header, rows, above)
    _save(book, path)
    return count


def _fill(page: Worksheet, header: Sequence[str], rows: Iterable[Sequence], above: Sequence[Sequence]) -> int:
    """Put a table on a sheet and return its number of rows."""
    count = 0
    for line in above:
        page.append(list(line))
    page.append(list(header))
    for cell in page[page.max_row]:
        cell.font = Font(bold=True)
    for row in rows:
        count += 1
        page.append(list(row))
        for cell in page[page.max_row]:
            if isinstance(cell.value, date):
                cell.number_format = "DD/MM/YYYY"
            elif cell.value in ERRORS:
                cell.data_type = "e"
    return count


def _save(book: Workbook, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    packed = io.BytesIO()
    book.save(packed)
    path.write_bytes(_fixed(packed.getvalue()))


def _fixed(data: bytes) -> bytes:
    """The same workbook with fixed times in the archive and the document properties."""
    stamp = FIXED.strftime("%Y-%m-%dT%H:%M:%SZ")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as target:
        for name in sorted(source.namelist()):
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(
                    rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)",
                    rb"\g<1>" + stamp.encode() + rb"\g<3>",
                    content,
                )
            entry = zipfile.ZipInfo(name, FIXED.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_STORED
            entry.external_attr = 0o600 << 16
            target.writestr(entry, content)
    return out.getvalue()
