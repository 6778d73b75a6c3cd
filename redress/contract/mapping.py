"""The mapping of one council's files to the contract, read from its `mapping.yml`.

A mapping is data: which files there are, which of their columns go into which contract column, how dates
are written and which of the council's words mean which contract words. `docs/mapping.md` describes the
file. Reading collects every fault in one pass, in words for the person who wrote it.
"""

from __future__ import annotations

import codecs
import re
import string
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from redress.base.patterns import fault_of, first_group, fits_wildcard, groups_of
from redress.contract.contract import WORD, Contract, Field, Table
from redress.contract.values import EXCEL_SERIAL, fold

_SOURCE_KEYS = {
    "id",
    "files",
    "scope",
    "format",
    "sheet",
    "header_row",
    "encoding",
    "delimiter",
    "date_format",
    "ignore",
    "names",
    "group",
    "takes_over",
    "versions",
    "tables",
}
_DEFAULT_KEYS = {
    "encoding",
    "delimiter",
    "date_format",
    "header_row",
    "format",
    "sheet",
    "scope",
    "ignore",
    "names",
}
_TABLE_KEYS = {"table", "where", "split", "columns", "distinct"}
_COLUMN_KEYS = {"from", "format", "words", "value", "template"}
_GROUP_KEYS = {"by", "columns"}
_GATHERED_KEYS = {"from", "where", "join"}
_TAKES_OVER_KEYS = {"sources", "from"}
_WHERE_KEYS = {"column", "in", "not_in", "not_blank", "blank"}


@dataclass(frozen=True)
class ColumnMap:
    """How one contract column is filled: from the first non-blank of `origins`, a template or a constant."""

    name: str
    origins: tuple[str, ...] = ()
    template: str | None = None
    value: str | None = None
    date_format: str | None = None
    words: dict[str, str] | None = None

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
    """A condition on one native column; `words` are folded."""

    column: str
    words: frozenset[str] = frozenset()
    kind: str = "in"


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
class TableMap:
    """One contract table that a source feeds."""

    table: str
    columns: dict[str, ColumnMap]
    where: tuple[Where, ...] = ()
    split_column: str | None = None
    split_on: str = ";"
    distinct: bool = False


@dataclass(frozen=True)
class Source:
    """One kind of file that a council sends.

    Attributes:
        ignore: native columns that are known and not taken.
        names: native columns that hold names of people: not taken either, and quotes are screened for them.
        versions: columns by which records of several files are known as versions of one; empty where each file
            holds its own records. The file with the latest scope has the version that counts.
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
    date_format: str = "%Y-%m-%d"
    ignore: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    group: Group | None = None
    takes_over: TakesOver | None = None
    versions: tuple[str, ...] = ()
    is_contract_shape: bool = False

    def matches(self, file_name: str) -> bool:
        """Return whether a file of this name belongs to the source (any case)."""
        return any(fits_wildcard(file_name, wildcard) for wildcard in self.files)

    def scope_of(self, file_name: str) -> str:
        """Return the scope that the file name states, '' if the source has none."""
        return first_group(self.scope, file_name) if self.scope else ""

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


def template_columns(template: str) -> tuple[str, ...]:
    """Return native columns named in a template such as `{Case Ref}-S1`."""
    return tuple(name for _, name, _, _ in string.Formatter().parse(template) if name)


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


class _Reader:
    """Reads the parts of a mapping and notes what is wrong with them."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.problems: list[str] = []
        self.lists: dict[str, dict[str, str]] = {}

    def note(self, where: str, problem: str) -> None:
        self.problems.append(f"mapping.yml, {where}: {problem}")

    def part(self, where: str, raw: dict[Any, Any], key: str) -> dict[Any, Any]:
        """Return the group under a key; {} where there is none, or something else, which is noted."""
        value = raw.get(key)
        if isinstance(value, dict):
            return value
        if value is not None:
            self.note(where, f"{key} has the form `name: value`")
        return {}

    def listed(self, where: str, raw: dict[Any, Any], key: str) -> list[Any]:
        """Return the list under a key, a single word as a list of one; [] where there is none, or a group, which is noted."""
        value = raw.get(key)
        if isinstance(value, list):
            return value
        if isinstance(value, dict):
            self.note(where, f"{key} is a list")
            return []
        return [] if value is None or value is False else [value]

    def unknown_keys(self, where: str, raw: dict[Any, Any], known: set[str]) -> None:
        for key in raw:
            if key not in known:
                self.note(where, f"`{key}` is not known here; known are {', '.join(sorted(known))}")

    def words(self, where: str, raw: Any) -> dict[str, str]:
        """Return folded native word -> contract word."""
        if not isinstance(raw, dict):
            self.note(where, "a word list has the form {council's word: contract word}")
            return {}
        found: dict[str, str] = {}
        for native, word in raw.items():
            key = fold(as_word(native))
            if key in found and found[key] != as_word(word):
                self.note(where, f"`{native}` is translated twice, differently")
            found[key] = as_word(word)
        return found

    def column(self, where: str, table: Table, name: str, raw: Any) -> ColumnMap | None:
        field = table.fields.get(name)
        if field is None:
            self.note(where, f"the contract's table {table.name} has no column `{name}`")
            return None
        where = f"{where}, column {name}"
        if isinstance(raw, str):
            raw = {"from": raw}
        if not isinstance(raw, dict):
            self.note(where, "name a native column, or give {from: ...}, {value: ...} or {template: ...}")
            return None
        self.unknown_keys(where, raw, _COLUMN_KEYS)
        ways = [key for key in ("from", "value", "template") if key in raw]
        if len(ways) != 1:
            self.note(where, "exactly one of from, value and template is needed")
            return None
        origins = raw.get("from", ())
        origins = (
            tuple(str(o) for o in (origins if isinstance(origins, list) else [origins]))
            if "from" in raw
            else ()
        )
        date_format = raw.get("format")
        if date_format is not None:
            if field.type != "date":
                self.note(where, "a format is for dates only")
            self.check_date_format(where, str(date_format))
        words = None
        if "words" in raw:
            if isinstance(raw["words"], str):
                words = self.lists.get(raw["words"])
                if words is None:
                    self.note(where, f"there is no word list `{raw['words']}`")
            else:
                words = self.words(where, raw["words"])
            self.check_words(where, field, words or {})
        value = as_word(raw["value"]) if "value" in raw else None
        if value is not None and field.words and value not in field.words:
            self.note(where, f"`{value}` is not one of the contract's words: {', '.join(field.words)}")
        template = str(raw["template"]) if "template" in raw else None
        if template is not None and not _template_is_sound(template):
            self.note(where, "a template names native columns in braces, e.g. {Case Ref}-S1")
            return None
        return ColumnMap(name, origins, template, value, str(date_format) if date_format else None, words)

    def check_date_format(self, where: str, date_format: str) -> None:
        if date_format == EXCEL_SERIAL:
            return
        day = date(2019, 11, 28)
        try:
            read = datetime.strptime(day.strftime(date_format), date_format).date()
        except (ValueError, re.error):  # the latter where a part stands twice
            read = None
        if read != day:
            self.note(
                where,
                f"`{date_format}` is no date format with day, month and year (e.g. %d/%m/%Y, excel_serial)",
            )

    def check_words(self, where: str, field: Field, words: dict[str, str]) -> None:
        if field.type == "date" or (field.type == "string" and field.role != WORD):
            self.note(where, "words are for vocabulary columns only")
        for native, word in words.items():
            if word and field.words and word not in field.words:
                self.note(where, f"`{native}` means `{word}`, which is not one of {', '.join(field.words)}")

    def conditions(self, where: str, raw: Any) -> tuple[Where, ...]:
        found = []
        for part in raw if isinstance(raw, list) else [raw]:
            if not isinstance(part, dict) or "column" not in part:
                self.note(where, "a condition is {column: ..., in: [...]} or {column: ..., not_blank: true}")
                continue
            self.unknown_keys(where, part, _WHERE_KEYS)
            kinds = [kind for kind in ("in", "not_in", "not_blank", "blank") if kind in part]
            if len(kinds) != 1:
                self.note(where, "a condition has exactly one of in, not_in, not_blank and blank")
                continue
            values = part[kinds[0]]
            words = frozenset(fold(as_word(v)) for v in (values if isinstance(values, list) else [values]))
            found.append(
                Where(str(part["column"]), words if kinds[0] in ("in", "not_in") else frozenset(), kinds[0])
            )
        return tuple(found)

    def table(self, where: str, raw: Any) -> TableMap | None:
        if not isinstance(raw, dict) or as_word(raw.get("table")) not in self.contract.tables:
            name = raw.get("table") if isinstance(raw, dict) else raw
            self.note(where, f"`{name}` is not a table of the contract")
            return None
        table = self.contract.tables[as_word(raw["table"])]
        where = f"{where}, table {table.name}"
        self.unknown_keys(where, raw, _TABLE_KEYS)
        columns: dict[str, ColumnMap] = {}
        written = self.part(where, raw, "columns")
        for name, part in written.items():
            column = self.column(where, table, name, part)
            if column:
                columns[name] = column
        for name in table.required:
            if name not in written:
                self.note(where, f"the required column `{name}` is not filled")
        split = raw.get("split")
        if split is not None and (
            not isinstance(split, dict) or not split.get("column") or not split.get("on", ";")
        ):
            self.note(where, "a split has the form {column: ..., on: ';'}")
            split = None
        return TableMap(
            table.name,
            columns,
            self.conditions(where, raw["where"]) if raw.get("where") else (),
            str(split["column"]) if split else None,
            str(split.get("on", ";")) if split else ";",
            bool(raw.get("distinct")),
        )

    def group(self, where: str, raw: Any) -> Group | None:
        where = f"{where}, group"
        if not isinstance(raw, dict) or not raw.get("by") or not isinstance(raw.get("columns"), dict):
            self.note(where, "a group has the form {by: column, columns: {name: {from: ..., where: ...}}}")
            return None
        self.unknown_keys(where, raw, _GROUP_KEYS)
        by = tuple(str(name) for name in (raw["by"] if isinstance(raw["by"], list) else [raw["by"]]))
        columns = []
        for name, part in raw["columns"].items():
            place = f"{where}, column {name}"
            part = {"from": part} if isinstance(part, str) else part
            if not isinstance(part, dict) or not isinstance(part.get("from"), str):
                self.note(place, "name a native column, or give {from: ..., where: ..., join: ...}")
                continue
            self.unknown_keys(place, part, _GATHERED_KEYS)
            if "join" in part and not str(part["join"] or ""):
                self.note(place, "join is the text that stands between what several records give")
            conditions = self.conditions(place, part["where"]) if part.get("where") else ()
            join = str(part["join"]) if part.get("join") else None
            columns.append(GatheredColumn(str(name), part["from"], conditions, join))
        group = Group(by, tuple(columns))
        names = [fold(name) for name in group.names]
        for name in dict.fromkeys(name for name in names if names.count(name) > 1):
            self.note(where, f"there are two columns named `{name}`")
        return group

    def gathered_names(self, where: str, group: Group, tables: list[TableMap]) -> None:
        """Note tables of a grouped source that read the file's own columns, and not what was gathered."""
        known = {fold(name) for name in group.names}
        for table in tables:
            named = [w.column for w in table.where] + ([table.split_column] if table.split_column else [])
            named += [name for column in table.columns.values() for name in column.needs]
            for name in dict.fromkeys(named):
                if fold(name) not in known:
                    self.note(where, f"table {table.table}: `{name}` is no column of the group")

    def takes_over(self, where: str, raw: Any) -> TakesOver | None:
        if isinstance(raw, (str, list)):
            raw = {"sources": raw}
        if not isinstance(raw, dict) or not raw.get("sources"):
            self.note(where, "takes_over has the form {sources: [ids of the old sources], from: YYYY-MM-DD}")
            return None
        self.unknown_keys(f"{where}, takes_over", raw, _TAKES_OVER_KEYS)
        names = raw["sources"] if isinstance(raw["sources"], list) else [raw["sources"]]
        first = raw.get("from")
        if isinstance(first, datetime):
            first = first.date()
        if first is not None and not isinstance(first, date):
            self.note(where, f"takes_over: from `{first}` is no date (YYYY-MM-DD)")
            first = None
        return TakesOver(tuple(str(name) for name in names), first)

    def successions(self, found: list[Source]) -> None:
        """Note sources that take over what is no other source, or themselves through others."""
        known = {source.id: source.takes_over.sources if source.takes_over else () for source in found}
        for source in found:
            for name in known[source.id]:
                if name not in known:
                    self.note(f"source {source.id}", f"takes_over: there is no source `{name}`")
            seen: set[str] = set()
            ahead = list(known[source.id])
            while ahead:
                name = ahead.pop()
                if name not in seen:
                    seen.add(name)
                    ahead += known.get(name, ())
            if source.id in seen:
                self.note(f"source {source.id}", "takes_over leads back to the source itself")

    def files(self, where: str, raw: Any) -> tuple[str, ...]:
        """Return wildcards of the names of files."""
        wildcards = tuple(str(part) for part in (raw if isinstance(raw, list) else [raw]))
        faults = [fault for wildcard in wildcards if (fault := fault_of("wildcard", wildcard))]
        for fault in faults:
            self.note(where, f"files: {fault}")
        return () if faults else wildcards

    def scope(self, where: str, raw: Any) -> str | None:
        """Return the pattern that finds the scope in a file's name; None where there is none that can be used."""
        if raw is None:
            return None
        fault = fault_of("pattern", str(raw))
        if fault:
            self.note(where, f"scope: {fault}")
            return None
        if groups_of(str(raw)) < 1:
            self.note(where, "the scope's pattern needs a group in round brackets")
        return str(raw)

    def versions(self, where: str, raw: Any, scope: Any, group: Group | None) -> tuple[str, ...]:
        """Return columns that say which records of overlapping files are one record; of a group, columns of the group."""
        if not isinstance(raw, dict) or set(raw) != {"by"} or not raw["by"]:
            self.note(where, "versions has the form {by: column}, or a list of columns")
            return ()
        if scope is None:
            self.note(
                where, "versions needs a scope: the scopes, in their order, say which file is the later"
            )
        by = tuple(str(name) for name in (raw["by"] if isinstance(raw["by"], list) else [raw["by"]]))
        known = {fold(name) for name in group.names} if group else set()
        for name in by if group else ():
            if fold(name) not in known:
                self.note(where, f"versions: `{name}` is no column of the group")
        return by

    def source(self, position: int, raw: Any, defaults: dict[Any, Any]) -> Source | None:
        where = f"source {raw.get('id', position) if isinstance(raw, dict) else position}"
        if not isinstance(raw, dict):
            self.note(where, "a source has id, files and tables")
            return None
        self.unknown_keys(where, raw, _SOURCE_KEYS)
        for key in ("id", "files", "tables"):
            if not raw.get(key):
                self.note(where, f"`{key}` is missing")
        raw = {**defaults, **raw}
        identifier = str(raw.get("id", position))
        if not re.fullmatch(r"[A-Za-z0-9_-]+", identifier):
            self.note(where, "an id has letters, digits, - and _ only")
        files = self.files(where, raw.get("files") or ())
        scope = self.scope(where, raw.get("scope"))
        if raw.get("format") not in (None, "csv", "xlsx"):
            self.note(where, "the format is csv or xlsx")
        if raw.get("sheet") is not None and raw.get("format") == "csv":
            self.note(where, "a sheet is for xlsx only")
        header_row = raw.get("header_row", 1)
        if not isinstance(header_row, int) or isinstance(header_row, bool) or header_row < 1:
            self.note(where, "header_row is a number from 1")
            header_row = 1
        delimiter = {"tab": "\t"}.get(str(raw.get("delimiter", ",")), str(raw.get("delimiter", ",")))
        if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n':
            self.note(where, "the delimiter is one character (or the word tab)")
            delimiter = ","
        encoding = str(raw.get("encoding", "utf-8"))
        try:
            encoding = declared_encoding(encoding)
        except LookupError:
            self.note(where, f"`{encoding}` is not a known encoding")
            encoding = "utf-8"
        date_format = str(raw.get("date_format", "%Y-%m-%d"))
        self.check_date_format(where, date_format)
        tables = [self.table(where, part) for part in self.listed(where, raw, "tables")]
        if tables and all(table and table.distinct for table in tables):
            self.note(where, "at least one table takes every record as it is (without `distinct`)")
        group = self.group(where, raw["group"]) if raw.get("group") else None
        if group:
            self.gathered_names(where, group, [table for table in tables if table])
        versions = self.versions(where, raw["versions"], scope, group) if "versions" in raw else ()
        return Source(
            id=identifier,
            files=files,
            tables=tuple(table for table in tables if table),
            scope=scope,
            format=raw.get("format"),
            sheet=str(raw["sheet"]) if raw.get("sheet") is not None else None,
            header_row=header_row,
            encoding=encoding,
            delimiter=delimiter,
            date_format=date_format,
            ignore=tuple(str(name) for name in self.listed(where, raw, "ignore")),
            names=tuple(str(name) for name in self.listed(where, raw, "names")),
            group=group,
            takes_over=self.takes_over(where, raw["takes_over"]) if raw.get("takes_over") else None,
            versions=versions,
        )


def _template_is_sound(template: str) -> bool:
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError:
        return False
    return any(name for _, name, _, _ in parts) and not any(spec or kind for _, _, spec, kind in parts)


def read_mapping(raw: Any, contract: Contract) -> tuple[Mapping, list[str]]:
    """Read a mapping.

    Args:
        raw: what YAML made of `mapping.yml`.
        contract: the contract it maps to.

    Returns:
        The mapping and its faults in plain words (empty if it is sound).
    """
    reader = _Reader(contract)
    if not isinstance(raw, dict):
        return Mapping(()), ["mapping.yml: it has version, sources and, if wanted, defaults and words"]
    reader.unknown_keys("top", raw, {"version", "defaults", "words", "sources"})
    if raw.get("version") != 1:
        reader.note("top", "version: 1 is expected")
    defaults = reader.part("top", raw, "defaults")
    reader.unknown_keys("defaults", defaults, _DEFAULT_KEYS)
    for name, words in reader.part("top", raw, "words").items():
        reader.lists[str(name)] = reader.words(f"words {name}", words)
    sources = [
        reader.source(position, part, defaults)
        for position, part in enumerate(reader.listed("top", raw, "sources"), start=1)
    ]
    found = [source for source in sources if source]
    if not found:
        reader.note("sources", "there is no source")
    for identifier in {s.id for s in found if sum(other.id == s.id for other in found) > 1}:
        reader.note("sources", f"the id `{identifier}` is used twice")
    reader.successions(found)
    return Mapping(tuple(found)), reader.problems


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
