"""The tables that files hold, found with intake's own readers: which sheets, marks, encodings and rows of headings."""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from redress.base.errors import ConfigurationProblem
from redress.base.files import read_regular
from redress.base.printable import show_text
from redress.contract.mapping import Join, Source
from redress.contract.values import DATE_CELL, ERROR_CELL, trim
from redress.draft.columns import Column, columns_of
from redress.draft.dates import ways_of
from redress.draft.yaml_text import scalar
from redress.intake.batches import read_sheet
from redress.intake.delimited import first_records
from redress.intake.problems import RejectedFile
from redress.intake.sheet import Sheet
from redress.intake.spreadsheet import check_archive, first_rows

_DELIMITERS = (",", ";", "\t", "|")
_STAGE = re.compile(r"\bstage\s*(?:[123]|one|two|three)\b", re.I)
_LOOKED_AT = 30
"""Rows at the top of a table among which its headings are looked for."""


@dataclass
class Opened:
    """One table of a file, as intake reads it.

    Attributes:
        path: the file.
        sheet_name: its sheet; empty where the file has no sheets.
        reading: keys of a mapping's source by which it is read, where they are not the usual.
        sheet: its records.
        is_one_of_several: whether the workbook has other sheets with something in them.
        joins: the key `join` of its source, as YAML; empty where no other sheet belongs to its records.
        is_of_a_year: whether a later file holds other records, so that it stands beside this one.
        leave_out: a rule that leaves out what another source has, as YAML; empty where there is none.
        left: how many records that rule leaves out.
    """

    path: Path
    sheet_name: str
    reading: dict[str, object]
    sheet: Sheet
    is_one_of_several: bool = False
    columns: list[Column] = field(default_factory=list)
    joins: str = ""
    is_of_a_year: bool = False
    leave_out: str = ""
    left: int = 0

    @property
    def name(self) -> str:
        """The table for a person."""
        name = show_text(self.path.name)
        return f"{name}, sheet {self.sheet_name}" if self.sheet_name else name


def open_file(path: Path) -> tuple[list[Opened], list[str]]:
    """Return the tables of a file, and what is to be said of those that cannot be read, a sentence each."""
    try:
        data = read_regular(path)
    except OSError as problem:
        raise ConfigurationProblem(f"{show_text(path)} cannot be read: {problem.strerror}.") from problem
    name = show_text(path.name)
    try:
        if data.startswith(b"PK\x03\x04") or path.suffix.lower() in (
            ".xlsx",
            ".xlsm",
            ".xls",
            ".xlsb",
            ".ods",
        ):
            return _open_workbook(path, data)
        return [_open_text(path, data)], []
    except RejectedFile as problem:
        return [], [f"{name}: {problem.message}"]


def _open_workbook(path: Path, data: bytes) -> tuple[list[Opened], list[str]]:
    import python_calamine

    check_archive(data)
    told = []
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [(sheet.name, str(sheet.visible)) for sheet in book.sheets_metadata]
    except Exception:  # noqa: BLE001 - a book that only intake's reader can open is read as it reads it
        sheets = [("", "")]
    opened = []
    for sheet_name, visible in sheets:
        if "Hidden" in visible:
            told.append(f"{show_text(path.name)}: the sheet {sheet_name} is hidden, so it is not looked at.")
            continue
        cells = first_rows(data, sheet_name or None, _LOOKED_AT)
        if sum(any(row) for row in cells) < 2:
            continue
        rows = heading_rows([[_plain(cell) for cell in row] for row in cells])
        reading: dict[str, object] = {}
        try:
            sheet = _read(data, "a.xlsx", reading, rows, sheet=sheet_name or None)
        except RejectedFile as problem:
            told.append(f"{show_text(path.name)}, sheet {sheet_name}: {problem.message}")
            continue
        opened.append(Opened(path, sheet_name, reading, sheet))
    for table in opened:
        table.columns = columns_of(table.sheet)
        table.is_one_of_several = len(opened) > 1
        if len(sheets) == 1:
            table.sheet_name = ""
    return opened, told


def with_joined(base: Opened, others: list[tuple[Opened, str]]) -> Opened:
    """Return a sheet with the columns of others of its workbook beside its own, as a mapping's `join` puts them there.

    Args:
        base: the sheet whose records they are.
        others: each with the heading that is the same in both.
    """
    joins = tuple(Join(other.sheet_name, ((key, key),), _rows_of(other.reading)[-1]) for other, key in others)
    sheet = _read(
        read_regular(base.path), "a.xlsx", {}, _rows_of(base.reading), sheet=base.sheet_name, joins=joins
    )
    opened = Opened(base.path, base.sheet_name, base.reading, sheet, True)
    opened.columns = columns_of(sheet)
    for column in opened.columns:
        for join in joins:
            column.name = column.name or column.heading.removeprefix(f"{join.name} / ").replace(
                column.heading, ""
            )
    keys = {f"{join.name} / {join.by[0][1]}" for join in joins}
    opened.columns = [column for column in opened.columns if column.heading not in keys]
    written = [
        f"{{sheet: {scalar(join.name, True)}, by: {scalar(join.by[0][0], True)}"
        + (f", header_row: {join.header_row}}}" if join.header_row > 1 else "}")
        for join in joins
    ]
    opened.joins = f"[{', '.join(written)}]"
    return opened


def only_undecided(joined: Opened, decisions: Opened, decision: str) -> Opened:
    """Return a sheet of what was received, joined to the decisions, without what was decided.

    Args:
        joined: what was received.
        decisions: the sheet of decisions.
        decision: its column that holds them.
    """
    heading = f"{decisions.sheet_name} / {decision}"
    place = joined.sheet.header.index(heading) if heading in joined.sheet.header else None
    if place is None:
        return joined
    frame = joined.sheet.frame.filter(pl.col(str(place)).fill_null("").str.strip_chars() == "")
    joined.left = joined.sheet.frame.height - frame.height
    joined.sheet = type(joined.sheet)(joined.sheet.header, frame, frame.height)
    joined.columns = [column for column in columns_of(joined.sheet) if " / " not in column.heading]
    joined.leave_out = f"{{column: {scalar(heading, True)}, not_blank: true}}"
    return joined


def _plain(text: str) -> str:
    return text[1:] if text[:1] in (DATE_CELL, ERROR_CELL) else text


def _open_text(path: Path, data: bytes) -> Opened:
    reading: dict[str, object] = {}
    encoding = _encoding(data)
    if encoding != "utf-8":
        reading["encoding"] = encoding
    tops = {mark: first_records(data, mark, encoding, _LOOKED_AT) for mark in _DELIMITERS}
    delimiter = max(_DELIMITERS, key=lambda mark: _regularity(tops[mark]))
    if delimiter != ",":
        reading["delimiter"] = "tab" if delimiter == "\t" else delimiter
    sheet = _read(
        data, "a.csv", reading, heading_rows(tops[delimiter]), delimiter=delimiter, encoding=encoding
    )
    opened = Opened(path, "", reading, sheet)
    opened.columns = columns_of(sheet)
    return opened


def _encoding(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _regularity(rows: list[list[str]]) -> float:
    """Return how much the rows look like a table: the usual number of cells, by the share of rows that have it."""
    widths = Counter(len(row) for row in rows if any(row))
    if not widths:
        return 0.0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    return (width - 1) * count / sum(widths.values())


def heading_rows(rows: list[list[str]]) -> list[int]:
    """Return the row, from 1, that holds the headings: the first of short words as wide as the table below it.

    Where headings repeat there, and a row above names groups of them, that row comes first; as it does where it names stages.
    """
    widest = max((sum(1 for cell in row if trim(cell)) for row in rows), default=0)
    for number, row in enumerate(rows, start=1):
        cells = [trim(cell) for cell in row if trim(cell)]
        if (
            not cells
            or (len(cells) < max(2, 0.6 * widest) and widest > 1)
            or not all(map(_is_heading, cells))
        ):
            continue
        above = [trim(cell) for cell in rows[number - 2] if trim(cell)] if number > 1 else []
        names_stages = sum(bool(_STAGE.search(cell)) for cell in above) > 1
        if len({cell.casefold() for cell in cells}) == len(cells) and not names_stages:
            return [number]
        if len(above) > 1 and all(map(_is_heading, above)):
            return [number - 1, number]
        if len({cell.casefold() for cell in cells}) >= 0.8 * len(cells):
            return [number]
    return [1]


def _read(data: bytes, file_name: str, reading: dict[str, object], rows: list[int], **keys: object) -> Sheet:
    """Return the records of a table by intake's own reader; the rows of headings are noted where they are not the first."""
    if rows != [1]:
        reading["header_row"] = rows[0] if len(rows) == 1 else rows
    source = Source("a", (), (), header_row=rows[-1], bands=tuple(rows[:-1]), **keys)  # type: ignore[arg-type]
    return read_sheet(data, file_name, source)[0]


def _rows_of(reading: dict[str, object]) -> list[int]:
    rows = reading.get("header_row", 1)
    return rows if isinstance(rows, list) else [int(str(rows))]


def _is_heading(cell: str) -> bool:
    return len(cell) <= 120 and bool(re.search(r"[A-Za-z]|^#$", cell)) and not ways_of(cell)
