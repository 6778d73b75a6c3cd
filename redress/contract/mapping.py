"""The mapping of one council's files to the contract, as `mapping_reader` makes it of a `mapping.yml`.

A mapping is data: which files there are, which of their columns go into which contract column, how dates
are written and which of the council's words mean which contract words. `docs/mapping.md` describes the file.
"""

from __future__ import annotations

import codecs
import string
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from redress.base.patterns import first_group, fits_wildcard
from redress.contract.contract import Contract
from redress.contract.dates import DateForm


@dataclass(frozen=True)
class ColumnMap:
    """How one contract column is filled: from the first non-blank of `origins`, a template or a constant.

    Attributes:
        dates: how its days are written; None where they are written as the source's.
        words: folded native word -> contract word.
        blanks: folded texts that stand for a blank in this column.
        blank_if_bad: whether a cell that cannot be read is left blank, and the record loaded.
        money: `one` or `sum` where the number is a sum of money within a text.
        containing: folded text -> contract word, of texts that hold it; the first that is found counts.
        ages_on: of a band that is made of ages in years, the day of which they are: `received`, or an ISO date.
    """

    name: str
    origins: tuple[str, ...] = ()
    template: str | None = None
    value: str | None = None
    dates: DateForm | None = None
    words: dict[str, str] | None = None
    blanks: frozenset[str] = frozenset()
    blank_if_bad: bool = False
    money: str = ""
    ages_on: str = ""
    containing: tuple[tuple[str, str], ...] = ()

    @property
    def needs(self) -> tuple[str, ...]:
        """Native columns that it reads."""
        if self.template is not None:
            return template_columns(self.template)
        return self.origins

    @property
    def shown_as(self) -> str:
        """The column as its owner knows it."""
        return " / ".join(self.needs) or self.name


@dataclass(frozen=True)
class Where:
    """A condition on one native column.

    Attributes:
        words: folded, of the kinds that compare with words; of blank and not_blank, texts that stand for a blank there.
        kind: in, not_in, starts_with, contains, matches, blank or not_blank.
        patterns: of the kind `matches`.
        shown_as: the condition as it was written.
    """

    column: str
    words: frozenset[str] = frozenset()
    kind: str = "in"
    patterns: tuple[str, ...] = ()
    shown_as: str = ""


@dataclass(frozen=True)
class LeaveOut:
    """A rule by which records are no matter of this report: those for which all its conditions hold."""

    conditions: tuple[Where, ...]

    @property
    def shown_as(self) -> str:
        """The rule as it was written."""
        return " and ".join(where.shown_as for where in self.conditions)


@dataclass(frozen=True)
class GatheredColumn:
    """A column made of a group of records: their one text in `origin`, or all of them joined by `join`."""

    name: str
    origin: str
    where: tuple[Where, ...] = ()
    join: str | None = None


@dataclass(frozen=True)
class Group:
    """Records that belong together: those with the same cells in the columns `by`."""

    by: tuple[str, ...]
    columns: tuple[GatheredColumn, ...]

    @property
    def native(self) -> tuple[str, ...]:
        """Columns of the file that it reads."""
        found = [*self.by]
        for column in self.columns:
            found += [column.origin, *(where.column for where in column.where)]
        return tuple(dict.fromkeys(found))

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that the tables may name."""
        return (*self.by, *(column.name for column in self.columns))


@dataclass(frozen=True)
class TakesOver:
    """A new system that takes cases over from others.

    Attributes:
        sources: ids of the sources of the old systems.
        first_day: batches received from this day on are read so; None for all.
    """

    sources: tuple[str, ...]
    first_day: date | None = None


@dataclass(frozen=True)
class Join:
    """Another sheet of the workbook, or another file, whose rows add columns to the records, named `Sheet / Column`.

    Attributes:
        name: of the sheet, or the id of the source of the other file.
        by: columns that are the same in both, here and there.
        is_file: whether it is another file.
    """

    name: str
    by: tuple[tuple[str, str], ...]
    header_row: int = 1
    is_file: bool = False


@dataclass(frozen=True)
class Ceiling:
    """The share of a source's records, in percent, up to which they may be set aside and figures are still published.

    Attributes:
        because, last_day: why it is not the usual one, and until when; after that day the usual one holds.
    """

    percent: float
    because: str
    last_day: date


@dataclass(frozen=True)
class TableMap:
    """One contract table that a source feeds."""

    table: str
    columns: dict[str, ColumnMap]
    where: tuple[Where, ...] = ()
    split_column: str | None = None
    split_on: tuple[str, ...] = (";",)
    distinct: bool = False


@dataclass(frozen=True)
class Source:
    """One kind of file that a council sends.

    Attributes:
        ignore: native columns that are known and not taken.
        names: native columns that hold names of people: not taken either, and quotes are screened for them.
        versions: columns by which records of several files are known as versions of one; empty where each file
            holds its own records. The file with the latest scope has the version that counts.
        blanks: folded texts that stand for a blank in every column, but for those that a column translates.
        leave_out: rules by which records are counted and not taken.
        bands: rows above the header that name groups of columns.
        is_quoted, is_spaced: of a text file, whether quotation marks may stand around a cell, and spaces before them.
        width: native column -> digits of an identifier that may have lost its leading zeros.
        tables: what its records become; of a file that others only join, nothing.
        joins: other sheets of the same workbook, and other files.
        sheets: wildcards of the names of sheets of one shape; each is taken in as if it were a file.
        fills_merged: whether merged cells have their value in every record over which they are merged.
        ceiling: how many of its records may be set aside; None for as many as usual.
    """

    id: str
    files: tuple[str, ...]
    tables: tuple[TableMap, ...]
    scope: str | None = None
    format: str | None = None
    sheet: str | None = None
    header_row: int = 1
    encoding: str = "utf-8"
    delimiter: str = ","
    dates: DateForm = field(default_factory=DateForm)
    ignore: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    group: Group | None = None
    takes_over: TakesOver | None = None
    versions: tuple[str, ...] = ()
    blanks: frozenset[str] = frozenset()
    leave_out: tuple[LeaveOut, ...] = ()
    bands: tuple[int, ...] = ()
    is_quoted: bool = True
    is_spaced: bool = False
    width: dict[str, int] = field(default_factory=dict)
    joins: tuple[Join, ...] = ()
    ceiling: Ceiling | None = None
    sheets: tuple[str, ...] = ()
    fills_merged: bool = False
    is_contract_shape: bool = False

    def matches(self, file_name: str) -> bool:
        """Return whether a file of this name belongs to the source (any case)."""
        return any(fits_wildcard(file_name, wildcard) for wildcard in self.files)

    def scope_of(self, file_name: str) -> str:
        """Return the scope that the file name states, '' if the source has none."""
        return first_group(self.scope, file_name) if self.scope else ""

    @property
    def date_formats(self) -> set[str]:
        """Formats in which dates of its files are written."""
        forms = [column.dates for table in self.tables for column in table.columns.values()]
        return {date_format for form in [self.dates, *forms] if form for date_format in form.formats}

    def of_sheet(self, scope: str) -> Source:
        """Return the source of the one sheet that the scope of an extract names; itself where it reads no several."""
        return replace(self, sheet=scope.rpartition("/")[2]) if self.sheets else self

    def scope_of_sheet(self, file_name: str, sheet: str) -> str:
        """Return the scope of a sheet: that of its file, where it has one, and its name. No name of a file holds a slash."""
        return "/".join(filter(None, (self.scope_of(file_name), sheet)))

    def is_workbook(self, file_name: str) -> bool:
        """Return whether the file is read as a workbook."""
        return (
            self.format or ("xlsx" if file_name.casefold().endswith((".xlsx", ".xlsm")) else "csv")
        ) == "xlsx"


@dataclass(frozen=True)
class Mapping:
    """All sources of one council."""

    sources: tuple[Source, ...]

    def sources_of(self, file_name: str) -> list[Source]:
        """Return sources that a file of this name belongs to."""
        return [source for source in self.sources if source.matches(file_name)]


ABOUT_THE_RECORD = ("row", "file", "sheet", "part")
"""What a template may name beside columns, in small letters: `{row}`, `{file}` (without its ending), `{sheet}`, and `{part}`,
the number of a part of a cell that is split."""


def template_columns(template: str) -> tuple[str, ...]:
    """Return native columns named in a template such as `{Case Ref}-S1`."""
    return tuple(
        name for _, name, _, _ in string.Formatter().parse(template) if name and name not in ABOUT_THE_RECORD
    )


def as_word(value: Any) -> str:
    """Return the word that a value of YAML stands for, where numbers and truth values come without quotes."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def contract_mapping(contract: Contract) -> Mapping:
    """Return the mapping of a council that sends files in the contract's own shape: `<table>.csv`, ISO dates."""
    sources = []
    for table in contract.tables.values():
        columns = {name: ColumnMap(name, (name,)) for name in table.fields}
        sources.append(
            Source(
                id=table.name,
                files=(f"{table.name}.csv", f"{table.name}.xlsx"),
                tables=(TableMap(table.name, columns),),
                is_contract_shape=True,
            )
        )
    return Mapping(tuple(sources))


_ASCII = "".join(map(chr, range(32, 127)))


def declared_encoding(name: str) -> str:
    """Return Python's own name of an encoding, e.g. `utf-8` for `UTF8`.

    Raises:
        LookupError: there is none, or it is none of text in which letters, commas and quotation marks can be found
            (Python also calls rot13, zip and punycode encodings).
    """
    try:
        known = codecs.lookup(name).name
        is_plain = known.startswith(("utf-16", "utf-32")) or _ASCII.encode(known) == _ASCII.encode("ascii")
    except (LookupError, ValueError) as problem:
        raise LookupError(name) from problem
    if not is_plain:
        raise LookupError(name)
    return known
