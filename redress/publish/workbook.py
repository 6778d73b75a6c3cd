"""OpenDocument workbooks that can be read aloud: a cover, contents, notes, and one table on each sheet.

The layout follows the Government Analysis Function's guidance on releasing statistics in spreadsheets: each sheet
begins with its title in A1, says what is on it before the table, has one table with one row of headings and no merged
or empty cells, and the table is named. Cells are typed: a number is a number.

The file is written as a stream of its three XML parts. The same rows give the same bytes: nothing in it comes from
the clock or from a random source.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from redress.base.inert import inert

MOST_ROWS = 1_048_576
"""Rows of a sheet that the programs which open it can show."""
_MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
_DAY = (1980, 1, 1, 0, 0, 0)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" '
    'xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" '
    'xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink"'
)
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_WIDTHS = (2.5, 4.0, 6.0, 9.0, 14.0)
_STYLES = (
    "<office:automatic-styles>"
    + "".join(
        f'<style:style style:name="w{i}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{width}cm"/></style:style>'
        for i, width in enumerate(_WIDTHS)
    )
    + '<number:percentage-style style:name="p0"><number:number number:decimal-places="0" number:min-integer-digits="1"/>'
    "<number:text>%</number:text></number:percentage-style>"
    '<style:style style:name="title" style:family="table-cell"><style:text-properties fo:font-size="16pt" '
    'fo:font-weight="bold"/></style:style>'
    '<style:style style:name="head" style:family="table-cell"><style:table-cell-properties fo:wrap-option="wrap"/>'
    '<style:text-properties fo:font-weight="bold"/></style:style>'
    '<style:style style:name="wrap" style:family="table-cell"><style:table-cell-properties fo:wrap-option="wrap"/></style:style>'
    '<style:style style:name="percent" style:family="table-cell" style:data-style-name="p0"/>'
    "</office:automatic-styles>"
)


@dataclass(frozen=True)
class Percent:
    """A percentage as it is printed: `Percent(38)` is 38%."""

    value: float


Cell = str | int | float | Percent | None
"""What a cell may hold. None is printed `[x]`: a cell is never empty."""


@dataclass(frozen=True)
class Sheet:
    """One table on a sheet of its own.

    Attributes:
        name: of the sheet; shortened to 31 signs, and made unlike the others of its workbook.
        title: what the table shows, in A1.
        columns: the headings.
        rows: as many cells as there are columns, in each.
        notes: sentences printed between the title and the table.
    """

    name: str
    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    notes: Sequence[str] = field(default=())


def write_workbook(
    path: Path, title: str, about: Sequence[str], notes: Sequence[tuple[str, str]], sheets: Sequence[Sheet]
) -> None:
    """Write a workbook with a cover, contents, notes, and a sheet for each table.

    Args:
        path: the `.ods` file; written anew.
        title: of the workbook, on the cover.
        about: the cover's sentences: what it is, from when, whom to ask.
        notes: shorthand or a word, and what it means.
        sheets: the tables, in order.

    Raises:
        ValueError: a row of a sheet has more or fewer cells than there are columns.
    """
    names = _names([sheet.name for sheet in sheets])
    cover = [
        _text_sheet("Cover", title, about),
        *_table(
            Sheet("Contents", "Contents", ("Sheet", "Table"), ()),
            "Contents",
            ((_link(name), sheet.title) for name, sheet in zip(names, sheets, strict=True)),
        ),
        *_table(Sheet("Notes", "Notes", ("Sign or word", "Meaning"), ()), "Notes", notes),
    ]
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(_entry("mimetype"), _MIMETYPE, zipfile.ZIP_STORED)
        with archive.open(_entry("content.xml"), "w") as content:

            def put(text: str) -> None:
                content.write(text.encode("utf-8"))

            put(f'{_HEAD}<office:document-content {_SPACES} office:version="1.3">{_STYLES}')
            put("<office:body><office:spreadsheet>")
            for piece in cover:
                put(piece)
            ranges = []
            for number, (name, sheet) in enumerate(zip(names, sheets, strict=True), 1):
                rows = 0
                for piece in _table(sheet, name, sheet.rows):
                    rows += piece.startswith("<table:table-row>")
                    put(piece)
                first = len(sheet.notes) + 2
                last = f"{_letters(len(sheet.columns))}{rows + 1}"
                place = f"'{name}'.A{first}:'{name}'.{last}"
                ranges.append(
                    f'<table:database-range table:name="Table_{number}" '
                    f'table:target-range-address={quoteattr(place)} table:contains-header="true"/>'
                )
            put(f"<table:database-ranges>{''.join(ranges)}</table:database-ranges>" if ranges else "")
            put("</office:spreadsheet></office:body></office:document-content>")
        for name, text in _parts(title).items():
            archive.writestr(_entry(name), _HEAD + text, zipfile.ZIP_DEFLATED)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buffer.getvalue())


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DAY)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _parts(title: str) -> dict[str, str]:
    """The parts beside the content."""
    styles = (
        f'<office:document-styles {_SPACES} office:version="1.3"><office:styles>'
        '<style:default-style style:family="table-cell"><style:text-properties style:font-name="Arial" '
        'fo:font-family="Arial" fo:font-size="12pt" fo:language="en" fo:country="GB"/></style:default-style>'
        "</office:styles></office:document-styles>"
    )
    meta = (
        f'<office:document-meta {_SPACES} office:version="1.3"><office:meta><dc:title>{_xml(title)}</dc:title>'
        "<dc:language>en-GB</dc:language></office:meta></office:document-meta>"
    )
    files = {"/": _MIMETYPE, "content.xml": "text/xml", "styles.xml": "text/xml", "meta.xml": "text/xml"}
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
        + "".join(
            f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="{kind}"/>'
            for name, kind in files.items()
        )
        + "</manifest:manifest>"
    )
    return {"styles.xml": styles, "meta.xml": meta, "META-INF/manifest.xml": manifest}


def _names(wanted: Sequence[str]) -> list[str]:
    """Names that a sheet may have, each once."""
    names: list[str] = []
    used = {"cover", "contents", "notes"}
    for name in wanted:
        plain = re.sub(r"[\[\]*?:/\\']", " ", name).strip()[:31] or "Table"
        number, chosen = 2, plain
        while chosen.lower() in used:
            chosen = f"{plain[:27]} {number}"
            number += 1
        used.add(chosen.lower())
        names.append(chosen)
    return names


def _text_sheet(name: str, title: str, lines: Sequence[str]) -> str:
    rows = [_row([title], "title"), *(_row([line], "wrap") for line in lines)]
    return (
        f'<table:table table:name={quoteattr(name)}><table:table-column table:style-name="w4"/>'
        f"{''.join(rows)}</table:table>"
    )


def _table(sheet: Sheet, name: str, rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """A sheet's XML, a row at a time."""
    body = iter(rows)
    ahead = [row for _, row in zip(range(200), body, strict=False)]
    columns = len(sheet.columns)
    widths = []
    for place, heading in enumerate(sheet.columns):
        longest = max(
            [len(heading) / 2, *(len(_shown(row[place])) for row in ahead if place < len(row))], default=8
        )
        widths.append(next((i for i, width in enumerate(_WIDTHS) if longest * 0.22 <= width), 4))
    yield f"<table:table table:name={quoteattr(name)}>" + "".join(
        f'<table:table-column table:style-name="w{width}"/>' for width in widths
    )
    yield _row([sheet.title], "title")
    for note in sheet.notes:
        yield _row([note])
    yield f"<table:table-header-rows>{_row(sheet.columns, 'head')}</table:table-header-rows>"
    for source in (ahead, body):
        for row in source:
            if len(row) != columns:
                raise ValueError(f"{sheet.title}: a row has {len(row)} cells for {columns} columns: {row}")
            yield _row(row)
    yield "</table:table>"


def _shown(cell: Cell | _Link) -> str:
    return cell.text if isinstance(cell, _Link) else str(cell)


@dataclass(frozen=True)
class _Link:
    """A link to a sheet of the same workbook."""

    text: str


def _link(name: str) -> _Link:
    return _Link(name)


def _row(cells: Sequence[Cell | _Link], style: str | None = None) -> str:
    return f"<table:table-row>{''.join(_cell(cell, style) for cell in cells)}</table:table-row>"


def _cell(cell: Cell | _Link, style: str | None = None) -> str:
    styled = f' table:style-name="{style}"' if style else ""
    if isinstance(cell, Percent):
        return (
            f'<table:table-cell table:style-name="percent" office:value-type="percentage" '
            f'office:value="{cell.value / 100:.10g}"><text:p>{cell.value:g}%</text:p></table:table-cell>'
        )
    if isinstance(cell, (int, float)):
        return (
            f'<table:table-cell{styled} office:value-type="float" office:value="{cell!r}">'
            f"<text:p>{cell:.15g}</text:p></table:table-cell>"
        )
    if isinstance(cell, _Link):
        place = quoteattr(f"#'{cell.text}'.A1")
        inside = f'<text:a xlink:type="simple" xlink:href={place}>{_xml(cell.text)}</text:a>'
    else:
        inside = _xml("[x]" if cell is None or cell == "" else inert(cell))
    return (
        f'<table:table-cell{styled} office:value-type="string"><text:p>{inside}</text:p></table:table-cell>'
    )


def _xml(text: str) -> str:
    return escape(_NOT_XML.sub("", text))


def _letters(number: int) -> str:
    """The name of a column: 1 is A, 27 is AA."""
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name
