"""Workbooks for people: tables with headings, texts that no spreadsheet takes for a formula, the same bytes each time.

Sheets are named, a table's first row is its heading, and no cells are merged, so that a screen reader reads each
cell with its heading.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from redress.base.inert import inert as as_no_formula

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
"""Characters that no workbook can hold."""
LONGEST = 32_000
"""Characters that fit into a cell, nearly."""


def inert(value: Any) -> Any:
    """Return a value as a workbook can hold it, and a spreadsheet may safely show it."""
    if not isinstance(value, str):
        return value
    return as_no_formula(re.sub(CONTROL, "?", value)[:LONGEST])


def add_table(
    sheet: Worksheet, header: Sequence[str], rows: Sequence[Sequence[Any]], wide: Collection[str] = ()
) -> None:
    """Append a table with a bold heading. Texts must be inert already.

    Args:
        sheet: where to, below what it holds.
        header: the headings.
        rows: one sequence per row, in the order of the headings.
        wide: headings of columns that hold sentences; they are wrapped.
    """
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    sheet.append(list(header))
    for cell in sheet[sheet.max_row]:
        cell.font = Font(bold=True)
    first = sheet.max_row + 1
    for row in rows:
        sheet.append(list(row))
    for position, name in enumerate(header, start=1):
        letter = get_column_letter(position)
        width = 48 if name in wide else max(14, len(name) + 2)
        sheet.column_dimensions[letter].width = max(width, sheet.column_dimensions[letter].width or 0)
        if name in wide and 0 < len(rows) <= 2000:
            for (cell,) in sheet.iter_rows(first, first + len(rows) - 1, position, position):
                cell.alignment = Alignment(wrap_text=True, vertical="top")


def content(book: Workbook, made_on: str, title: str = "") -> bytes:
    """Return the workbook's bytes, the same for the same content.

    Args:
        book: the workbook.
        made_on: the ISO date that it says it was made on.
        title: the document's title, which a screen reader reads first.
    """
    moment = datetime.fromisoformat(made_on)
    book.properties.created = book.properties.modified = moment
    book.properties.creator = "Redress"
    book.properties.title = title or None
    first = io.BytesIO()
    book.save(first)
    second = io.BytesIO()
    stamp = (max(moment.year, 1980), moment.month, moment.day, 0, 0, 0)
    with zipfile.ZipFile(first) as source, zipfile.ZipFile(second, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            data = source.read(part.filename)
            if part.filename == "docProps/core.xml":
                data = _with_dates(data, moment)
            target.writestr(zipfile.ZipInfo(part.filename, stamp), data, zipfile.ZIP_DEFLATED)
    return second.getvalue()


def _with_dates(core: bytes, moment: datetime) -> bytes:
    """Return the document's own dates, which saving sets to the present, set to the moment."""
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    return re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)", rb"\g<1>" + stamp + rb"\g<2>", core)
