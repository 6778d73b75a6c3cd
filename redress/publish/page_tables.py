"""The tables of the built pages as files: what a reader downloads is what the page shows.

Each table of a page becomes a CSV file beside the page, and all tables of the page one OpenDocument workbook with a
sheet for each. They are read from the page's own HTML, so a file cannot say anything else than its page, and nothing
can be in a file that disclosure control did not let onto the page. Below each table stand the links to its files and
the meaning of the shorthand used in it.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from functools import partial
from html import unescape
from pathlib import Path

from redress.base.inert import inert
from redress.publish.parallel import for_each
from redress.publish.workbook import Cell, Percent, Sheet, write_workbook

SHORTHAND = {
    "[c]": "not shown, to protect people",
    "[x]": "not available",
    "[z]": "not applicable",
    "[low]": "rounds to zero but is not zero",
    "[p]": "provisional",
    "[r]": "revised since first published",
    "[b]": "not comparable with earlier years",
}
"""Signs that stand for a number or beside it, and what they mean."""

FOLDER = "tables"
"""Below a page's folder: its tables as files."""

_TABLE = re.compile(r"<table>(?P<table>.*?)</table>\s*</div>", re.DOTALL)
_CAPTION = re.compile(r'<caption><span id="(?:table-)?([^"]*)">(.*?)</span>', re.DOTALL)
_ROW = re.compile(r"<tr\b[^>]*>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_NUMBER = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class PageTable:
    """A table as a page shows it.

    Attributes:
        name: of its file, from the caption; unlike those of the page's other tables.
        caption: what it shows.
        columns: the headings.
        rows: the text of every cell.
    """

    name: str
    caption: str
    columns: list[str]
    rows: list[list[str]]

    @property
    def shorthand(self) -> list[str]:
        """Signs used in the table, in the order in which they are explained."""
        text = " ".join(cell for row in self.rows for cell in row if "[" in cell)
        return [sign for sign in SHORTHAND if sign in text]


def add_downloads(
    site: Path, about: dict[str, list[str]] | None = None, without: str | None = None
) -> dict[str, int]:
    """Write the files of every table of a built site, and put links to them on the pages.

    Args:
        site: the folder of the finished pages; changed in place.
        about: sentences for the cover of a workbook, by the folder of the report that a page belongs to
            (`authority/year`).
        without: name of folders whose tables are those of other pages, and get no files.

    Returns:
        `tables`: tables found; `files`: files written.
    """
    pages = [page for page in sorted(site.rglob("index.html")) if page.parent.name != without]
    found = list(for_each(partial(_add_to_page, site, about or {}), pages))
    return {"tables": sum(found), "files": sum(tables + 1 for tables in found if tables)}


def _add_to_page(site: Path, about: dict[str, list[str]], page: Path) -> int:
    """Write the files of one page's tables and the links to them; returns how many tables it has."""
    html = page.read_text(encoding="utf-8")
    found = page_tables(html)
    if not found:
        return 0
    folder = page.parent.relative_to(site).as_posix()
    report = "/".join(folder.split("/")[:2])
    place = page.parent / FOLDER
    place.mkdir(exist_ok=True)
    for table in found:
        (place / f"{table.name}.csv").write_bytes(as_csv(table))
    title = _plain(_TITLE.search(html)[1]) if _TITLE.search(html) else folder
    write_workbook(
        place / "tables.ods",
        title,
        ["The tables of one page, with the numbers as the page shows them.", *about.get(report, [])],
        list(SHORTHAND.items()),
        [
            Sheet(
                f"Table {i}",
                table.caption,
                _no_blanks(table.columns),
                [[_typed(cell) for cell in row] for row in table.rows],
                [f"{sign}: {SHORTHAND[sign]}." for sign in table.shorthand],
            )
            for i, table in enumerate(found, 1)
        ],
    )
    page.write_text(_with_links(html, found), encoding="utf-8")
    return len(found)


def page_tables(html: str) -> list[PageTable]:
    """The captioned tables of a page, in order."""
    return [table for match in _TABLE.finditer(html) if (table := _read(match["table"])) is not None]


def as_csv(table: PageTable) -> bytes:
    """A table as CSV in UTF-8: numbers without separators, everything else as printed.

    A text that a spreadsheet would take for a formula is led by an apostrophe.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([inert(column) for column in table.columns])
    for row in table.rows:
        writer.writerow([_as_text(cell) for cell in row])
    return buffer.getvalue().encode("utf-8")


def _read(html: str) -> PageTable | None:
    caption = _CAPTION.search(html)
    lines = [[_plain(cell) for cell in _CELL.findall(row)] for row in _ROW.findall(html)]
    if caption is None or not lines:
        return None
    return PageTable(caption[1], _plain(caption[2]), lines[0], lines[1:])


def _plain(html: str) -> str:
    """The words of a piece of HTML."""
    return " ".join(unescape(_TAG.sub("", html)).split())


def _typed(text: str) -> Cell:
    """A number where the cell is one; `38%` as a percentage; anything else as it is printed."""
    plain = text.replace("\u2212", "-")
    if _NUMBER.fullmatch(plain):
        number = float(plain.replace(",", ""))
        return int(number) if number.is_integer() and "." not in plain else number
    if plain.endswith("%") and _NUMBER.fullmatch(plain[:-1]):
        return Percent(float(plain[:-1].replace(",", "")))
    return text


def _as_text(text: str) -> str:
    plain = text.replace("\u2212", "-")
    if _NUMBER.fullmatch(plain.removesuffix("%")):
        return plain.replace(",", "")
    return inert(text)


def _no_blanks(columns: list[str]) -> list[str]:
    return [column or f"Column {i}" for i, column in enumerate(columns, 1)]


def _with_links(html: str, tables: list[PageTable]) -> str:
    """The page with a line of links, and of shorthand where there is any, below each table."""
    waiting = iter(tables)

    def after(match: re.Match[str]) -> str:
        if _read(match["table"]) is None:
            return match[0]
        table, number = waiting.__next__(), next(numbers)
        # What the page itself explains below the table is not said twice.
        explained = html[match.end() : match.end() + 200]
        unsaid = [sign for sign in table.shorthand if f"{sign} " not in explained]
        signs = "; ".join(f"<b>{sign}</b> {SHORTHAND[sign]}" for sign in unsaid)
        said = f'<p class="note legend">{signs}.</p>\n' if signs else ""
        of = f'<span class="hidden"> of the table “{_escaped(table.caption)}”</span>'
        sheet = f" (sheet {number} of this page’s tables)" if len(tables) > 1 else ""
        return (
            f"{match[0]}\n{said}"
            f'<p class="get">Download: <a href="{FOLDER}/{table.name}.csv" download>CSV{of}</a>, '
            f'<a href="{FOLDER}/tables.ods" download>ODS{of}</a>{sheet}</p>'
        )

    numbers = iter(range(1, len(tables) + 1))
    return _TABLE.sub(after, html)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
