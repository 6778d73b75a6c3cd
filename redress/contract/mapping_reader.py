"""A council's `mapping.yml` as a mapping; every fault in one pass, in words for the person who wrote it, with its line."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from redress.base.patterns import fault_of, groups_of
from redress.base.strict_yaml import Lines
from redress.contract.contract import WORD, Contract, Field, Table
from redress.contract.dates import ISO_DAY, DateForm, fault_of_form, has_time
from redress.contract.mapping import (
    Ceiling,
    ColumnMap,
    GatheredColumn,
    Group,
    Join,
    LeaveOut,
    Mapping,
    Source,
    TableMap,
    TakesOver,
    Where,
    as_word,
    declared_encoding,
)
from redress.contract.values import fold

_DEFAULT_KEYS = {
    "blanks",
    "date_format",
    "delimiter",
    "encoding",
    "format",
    "header_row",
    "if_bad",
    "ignore",
    "names",
    "quote",
    "scope",
    "sheet",
    "sheets",
    "fill_merged",
    "space_after_delimiter",
    "time_zone",
}
_SOURCE_KEYS = _DEFAULT_KEYS | {
    "id",
    "files",
    "group",
    "join",
    "leave_out",
    "set_aside",
    "takes_over",
    "tables",
    "versions",
    "width",
}
_CEILING_KEYS = {"up_to", "because", "until"}
_TABLE_KEYS = {"table", "where", "split", "columns", "distinct", "repeat"}
_SPLIT_KEYS = {"column", "on"}
_COLUMN_KEYS = {
    "from",
    "format",
    "formats",
    "time_zone",
    "words",
    "value",
    "template",
    "blanks",
    "if_bad",
    "money",
    "ages_on",
    "containing",
}
_JOIN_KEYS = {"sheet", "source", "by", "header_row"}
_GROUP_KEYS = {"by", "columns"}
_GATHERED_KEYS = {"from", "where", "join"}
_TAKES_OVER_KEYS = {"sources", "from"}
_KINDS = ("equals", "in", "not_in", "starts_with", "contains", "matches", "not_blank", "blank")
_WHERE_KEYS = {"column", *_KINDS}
_SHORTEST_CONDITION = "{column: ..., equals: ...}"
_MOST_REPEATS = 20


class _Place(str):
    """Where in the file something stands, in words, and by the keys that lead there."""

    path: tuple[str, ...]

    def __new__(cls, words: str, *path: object) -> _Place:
        place = super().__new__(cls, words)
        place.path = tuple(map(str, path))
        return place

    def at(self, words: str, *keys: object) -> _Place:
        """Return a place within this one; no words where it is called as this one is."""
        return _Place(f"{self}, {words}" if words else str(self), *self.path, *keys)


@dataclass(frozen=True)
class MappingFault:
    """What is wrong in a mapping; `line` is None where it is the whole file, or lines are not known."""

    problem: str
    line: int | None = None


class _Reader:
    """Reads the parts of a mapping and notes what is wrong with them."""

    def __init__(self, contract: Contract, lines: Lines) -> None:
        self.contract, self.lines = contract, lines
        self.problems: list[MappingFault] = []
        self.lists: dict[str, dict[str, str]] = {}
        self.dates, self.blanks_if_bad = DateForm(), False
        self.without_tables: set[str] = set()

    def note(self, where: _Place, problem: str, *keys: object) -> None:
        """Note a fault, with the line of the last of the keys that lead to it."""
        path = (*where.path, *map(str, keys))
        line = next(
            (self.lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self.lines), None
        )
        self.problems.append(MappingFault(f"{where}: {problem}", line))

    def part(self, where: _Place, raw: dict[Any, Any], key: str) -> dict[Any, Any]:
        """Return the group under a key; {} where there is none, or something else, which is noted."""
        value = raw.get(key)
        if isinstance(value, dict):
            return value
        if value is not None:
            self.note(where, f"{key} has the form `name: value`", key)
        return {}

    def listed(self, where: _Place, raw: dict[Any, Any], key: str) -> list[Any]:
        """Return the list under a key, a single word as a list of one; [] where there is none, or a group, which is noted."""
        value = raw.get(key)
        if isinstance(value, list):
            return value
        if isinstance(value, dict):
            self.note(where, f"{key} is a list", key)
            return []
        return [] if value is None or value is False else [value]

    def unknown_keys(self, where: _Place, raw: dict[Any, Any], known: set[str]) -> None:
        for key in raw:
            if key not in known:
                self.note(where, f"`{key}` is not known here; known are {', '.join(sorted(known))}", key)

    def words(self, where: _Place, raw: Any) -> dict[str, str]:
        """Return folded native word -> contract word."""
        if not isinstance(raw, dict):
            self.note(where, "a word list has the form {council's word: contract word}")
            return {}
        translated: dict[str, str] = {}
        for native, word in raw.items():
            key = fold(as_word(native))
            if key in translated and translated[key] != as_word(word):
                self.note(where, f"`{native}` is translated twice, differently", native)
            translated[key] = as_word(word)
        return translated

    def truth(self, where: _Place, raw: dict[Any, Any], key: str) -> bool:
        """Return the truth value under a key; False where there is none, or something else, which is noted."""
        value = raw.get(key)
        if value is not None and not isinstance(value, bool):
            self.note(where, f"{key} is true or false", key)
        return value is True

    def blanks(self, where: _Place, raw: dict[Any, Any]) -> frozenset[str]:
        """Return the folded texts that stand for a blank."""
        listed = self.listed(where, raw, "blanks")
        texts = [as_word(text) for text in listed if not isinstance(text, (dict, list))]
        if len(texts) != len(listed) or not all(map(fold, texts)):
            self.note(
                where, 'blanks is a list of texts that stand for a blank, e.g. [N/A, "-", TBC]', "blanks"
            )
        return frozenset(filter(None, map(fold, texts)))

    def if_bad(self, where: _Place, raw: dict[Any, Any]) -> bool:
        """Return whether a cell that cannot be read is left blank."""
        if raw.get("if_bad") not in (None, "blank", "set_aside"):
            self.note(where, "if_bad is blank (the cell) or set_aside (the record)", "if_bad")
        return raw.get("if_bad") == "blank"

    def date_form(self, where: _Place, raw: dict[Any, Any], formats: Any, otherwise: DateForm) -> DateForm:
        """Return how days are written; each part that is not given is as `otherwise`."""
        listed = formats if isinstance(formats, list) else [] if formats is None else [formats]
        if formats is not None and (not listed or not all(isinstance(text, str) and text for text in listed)):
            self.note(where, "a date format is a text such as %d/%m/%Y, or a list of such texts")
            return otherwise
        zone = raw.get("time_zone")
        if zone is not None and not isinstance(zone, str):
            self.note(where, "time_zone is the name of a time zone (e.g. utc, Europe/London)", "time_zone")
            return otherwise
        form = DateForm(tuple(listed) or otherwise.formats, zone if zone is not None else otherwise.zone)
        fault = fault_of_form(form)
        if fault:
            self.note(where, fault)
            return otherwise
        return form

    def column(self, where: _Place, table: Table, name: str, raw: Any) -> ColumnMap | None:
        field = table.fields.get(name)
        if field is None:
            self.note(where, f"the contract's table {table.name} has no column `{name}`", "columns", name)
            return None
        where = where.at(f"column {name}", "columns", name)
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
        origins = tuple(str(origin) for origin in self.listed(where, raw, "from")) if "from" in raw else ()
        value = as_word(raw["value"]) if "value" in raw else None
        if isinstance(raw.get("value"), (dict, list)):
            self.note(where, 'a value is one word; in quotation marks where it holds braces ("{n}")', "value")
            return None
        if value is not None and field.words and value not in field.words:
            self.note(
                where, f"`{value}` is not one of the contract's words: {', '.join(field.words)}", "value"
            )
        template = str(raw["template"]) if "template" in raw else None
        if template is not None and not _template_is_sound(template):
            self.note(where, "a template names native columns in braces, e.g. {Case Ref}-S1", "template")
            return None
        words = self.words_of(where, field, raw["words"]) if "words" in raw else None
        return ColumnMap(
            name,
            origins,
            template,
            value,
            self.dates_of(where, field, raw),
            words,
            self.blanks(where, raw),
            self.is_blank_if_bad(where, table, field, raw),
            self.money(where, field, raw),
            self.ages_on(where, field, raw),
            self.containing(where, field, raw),
        )

    def money(self, where: _Place, field: Field, raw: dict[Any, Any]) -> str:
        """Return how sums of money are taken out of a text; '' where the cell is a number."""
        wanted = raw.get("money")
        if wanted is None:
            return ""
        if wanted not in ("one", "sum") or field.type != "number" or "value" in raw:
            self.note(
                where, "money is one (sum in the text) or sum (of all), for a column of numbers", "money"
            )
            return ""
        return str(wanted)

    def containing(self, where: _Place, field: Field, raw: dict[Any, Any]) -> tuple[tuple[str, str], ...]:
        """Return the words of texts that hold something, in the order in which they are looked for."""
        if raw.get("containing") is None:
            return ()
        words = self.words(where.at("", "containing"), raw["containing"]) or {}
        if "from" not in raw or not all(words):
            self.note(
                where,
                "containing has the form {part of the text: word}, for a column with `from`",
                "containing",
            )
            return ()
        self.check_words(where, field, words)
        return tuple(words.items())

    def ages_on(self, where: _Place, field: Field, raw: dict[Any, Any]) -> str:
        """Return the day of which ages in years are that become bands; '' where the cells are bands."""
        day = raw.get("ages_on")
        if day is None:
            return ""
        is_day = isinstance(day, date) and not isinstance(day, datetime)
        if not (is_day or day == "received") or field.name != "age_band" or "from" not in raw:
            self.note(
                where,
                "ages_on is for ages in years of which age_band is made: `received`, or the day of the ages (YYYY-MM-DD)",
                "ages_on",
            )
            return ""
        return str(day)

    def words_of(self, where: _Place, field: Field, raw: Any) -> dict[str, str] | None:
        """Return the translation of a column's words: a named list, or one that stands here."""
        words = self.lists.get(raw) if isinstance(raw, str) else self.words(where.at("", "words"), raw)
        if words is None:
            self.note(where, f"there is no word list `{raw}`", "words")
        self.check_words(where, field, words or {})
        return words

    def dates_of(self, where: _Place, field: Field, raw: dict[Any, Any]) -> DateForm | None:
        """Return how the days of a column are written; None where they are written as the source's, or it has none."""
        given = [key for key in ("format", "formats", "time_zone") if raw.get(key) is not None]
        if not given:
            return None
        if field.type != "date":
            self.note(where, "a format is for dates only", given[0])
            return None
        if "format" in given and "formats" in given:
            self.note(where, "one of format and formats is enough", "formats")
        form = self.date_form(where, raw, raw.get("formats", raw.get("format")), self.dates)
        if "time_zone" in given and not has_time(form):
            self.note(where, "time_zone is for formats with a time after the day", "time_zone")
        return form

    def is_blank_if_bad(self, where: _Place, table: Table, field: Field, raw: dict[Any, Any]) -> bool:
        """Return whether a bad cell of a column is left blank: as it says itself, or as its source says.

        A source does not say it of dates, where a blank means that something has not happened, nor of references.
        """
        if raw.get("if_bad") is not None:
            is_blank = self.if_bad(where, raw)
            if is_blank and field.required:
                self.note(
                    where, "a record without it does not count, so a bad cell cannot be left blank", "if_bad"
                )
            return is_blank and not field.required
        references = {reference.column for reference in table.references}
        is_state = field.type == "date" and field.personal != "age"
        is_apart = is_state or field.required or field.name in references or field.name in table.key
        return self.blanks_if_bad and not is_apart

    def check_words(self, where: _Place, field: Field, words: dict[str, str]) -> None:
        if field.type == "date" or (field.type == "string" and field.role != WORD):
            self.note(where, "words are for vocabulary columns only", "words")
        for native, word in words.items():
            if word and field.words and word not in field.words:
                self.note(
                    where, f"`{native}` means `{word}`, which is not one of {', '.join(field.words)}", "words"
                )

    def conditions(self, where: _Place, raw: Any) -> tuple[Where, ...]:
        parts = (
            [(where.at("", place), part) for place, part in enumerate(raw)]
            if isinstance(raw, list)
            else [(where, raw)]
        )
        read = [self.condition(place, part) for place, part in parts]
        return tuple(condition for condition in read if condition)

    def condition(self, where: _Place, raw: Any) -> Where | None:
        """Return one condition on a column."""
        if not isinstance(raw, dict) or not isinstance(raw.get("column"), str):
            self.note(where, "a condition is {column: ..., in: [...]} or {column: ..., not_blank: true}")
            return None
        self.unknown_keys(where, raw, _WHERE_KEYS)
        kinds = [kind for kind in _KINDS if kind in raw]
        if len(kinds) != 1:
            self.note(where, f"a condition has exactly one of {', '.join(_KINDS)}")
            return None
        kind, column, given = kinds[0], raw["column"], raw[kinds[0]]
        if kind in ("not_blank", "blank"):
            if given is not True:
                self.note(where, f"{kind} is true", kind)
            return Where(column, kind=kind, shown_as=f"{column} is {kind.replace('_', ' ')}")
        listed = given if isinstance(given, list) else [given]
        texts = [as_word(text) for text in listed]
        if any(isinstance(text, (dict, list)) for text in listed):
            self.note(where, f"{kind} is a text or a list of texts", kind)
            return None
        shown_as = f"{column} {kind.replace('_', ' ')} {', '.join(texts)}"
        if kind == "matches":
            faults = [fault for text in texts if (fault := fault_of("pattern", text))]
            for fault in faults:
                self.note(where, f"matches: {fault}", kind)
            return None if faults else Where(column, kind=kind, patterns=tuple(texts), shown_as=shown_as)
        if kind in ("starts_with", "contains") and not all(map(fold, texts)):
            self.note(where, f"{kind} is a text; every text begins with and holds nothing", kind)
            return None
        kind = "in" if kind == "equals" else kind
        return Where(column, frozenset(map(fold, texts)), kind, shown_as=shown_as)

    def leave_out(self, where: _Place, raw: Any) -> tuple[LeaveOut, ...]:
        """Return the rules by which records are no matter of this report."""
        where = where.at("leave_out", "leave_out")
        rules = []
        for place, part in enumerate(raw if isinstance(raw, list) else [raw]):
            inside = where.at("", place) if isinstance(raw, list) else where
            if isinstance(part, dict) and "all" in part:
                self.unknown_keys(inside, part, {"all"})
                conditions = self.conditions(inside.at("", "all"), part["all"])
            else:
                conditions = self.conditions(inside, part)
            if conditions:
                rules.append(LeaveOut(conditions))
        return tuple(rules)

    def tables(self, where: _Place, raw: dict[Any, Any]) -> list[TableMap | None]:
        """Return the tables that a source feeds; one that is repeated once for each number."""
        tables: list[TableMap | None] = []
        for place, part in enumerate(self.listed(where, raw, "tables")):
            inside = where.at("", "tables", place)
            if not isinstance(part, dict) or part.get("repeat") is None:
                tables.append(self.table(inside, part))
                continue
            block = {key: value for key, value in part.items() if key != "repeat"}
            repeats = self.repeats(inside, part["repeat"])
            if repeats and "{n}" not in str(block):
                self.note(
                    inside, "repeat: nothing in the table says {n}, so every repetition is the same", "repeat"
                )
            tables += [self.table(inside, _filled_in(block, words)) for words in repeats]
        return tables

    def repeats(self, where: _Place, raw: Any) -> list[dict[str, str]]:
        """Return what `{n}` (and `{name}`) stand for in each repetition."""
        named = (
            {as_word(number): as_word(name) for number, name in raw.items()} if isinstance(raw, dict) else {}
        )
        numbers = list(named) or [as_word(number) for number in (raw if isinstance(raw, list) else [])]
        if not 1 <= len(numbers) <= _MOST_REPEATS or len(set(numbers)) < len(numbers) or not all(numbers):
            self.note(
                where,
                f"repeat is a list of what stands for {{n}}, each once (up to {_MOST_REPEATS}), e.g. [1, 2, 3], or "
                "{1: First, 2: Second} where {name} is used too",
                "repeat",
            )
            return []
        return [{"n": number} | ({"name": named[number]} if named else {}) for number in numbers]

    def table(self, where: _Place, raw: Any) -> TableMap | None:
        if not isinstance(raw, dict) or as_word(raw.get("table")) not in self.contract.tables:
            name = raw.get("table") if isinstance(raw, dict) else raw
            self.note(where, f"`{name}` is not a table of the contract", "table")
            return None
        table = self.contract.tables[as_word(raw["table"])]
        where = where.at(f"table {table.name}")
        self.unknown_keys(where, raw, _TABLE_KEYS)
        columns: dict[str, ColumnMap] = {}
        written = self.part(where, raw, "columns")
        for name, part in written.items():
            column = self.column(where, table, str(name), part)
            if column:
                columns[column.name] = column
        for name in table.required:
            if name not in written:
                self.note(where, f"the required column `{name}` is not filled")
        split = raw.get("split")
        on = _as_list(split.get("on", ";")) if isinstance(split, dict) else []
        if split is not None and (
            not on or not split.get("column") or not all(isinstance(text, str) and text for text in on)
        ):
            self.note(
                where, "a split has the form {column: ..., on: ';'}, or a list of texts to part at", "split"
            )
            split = None
        if not split and any("{part}" in (column.template or "") for column in columns.values()):
            self.note(where, "`{part}` is the number of a part, and this table has no split", "columns")
        if split:
            self.unknown_keys(where.at("split", "split"), split, _SPLIT_KEYS)
        return TableMap(
            table.name,
            columns,
            self.conditions(where.at("", "where"), raw["where"]) if raw.get("where") else (),
            str(split["column"]) if split else None,
            tuple(on) if split else (";",),
            self.truth(where, raw, "distinct"),
        )

    def group(self, where: _Place, raw: Any) -> Group | None:
        where = where.at("group", "group")
        if not isinstance(raw, dict) or not raw.get("by") or not isinstance(raw.get("columns"), dict):
            self.note(where, "a group has the form {by: column, columns: {name: {from: ..., where: ...}}}")
            return None
        self.unknown_keys(where, raw, _GROUP_KEYS)
        by = tuple(str(name) for name in (raw["by"] if isinstance(raw["by"], list) else [raw["by"]]))
        columns = []
        for name, part in raw["columns"].items():
            place = where.at(f"column {name}", "columns", name)
            part = {"from": part} if isinstance(part, str) else part
            if not isinstance(part, dict) or not isinstance(part.get("from"), str):
                self.note(place, "name a native column, or give {from: ..., where: ..., join: ...}")
                continue
            self.unknown_keys(place, part, _GATHERED_KEYS)
            if "join" in part and not str(part["join"] or ""):
                self.note(place, "join is the text that stands between what several records give", "join")
            conditions = self.conditions(place.at("", "where"), part["where"]) if part.get("where") else ()
            join = str(part["join"]) if part.get("join") else None
            columns.append(GatheredColumn(str(name), part["from"], conditions, join))
        group = Group(by, tuple(columns))
        names = [fold(name) for name in group.names]
        for name in dict.fromkeys(name for name in names if names.count(name) > 1):
            self.note(where, f"there are two columns named `{name}`")
        return group

    def gathered_names(self, where: _Place, group: Group, tables: list[TableMap]) -> None:
        """Note tables of a grouped source that read the file's own columns, and not what was gathered."""
        known = {fold(name) for name in group.names}
        for table in tables:
            named = [w.column for w in table.where] + ([table.split_column] if table.split_column else [])
            named += [name for column in table.columns.values() for name in column.needs]
            for name in dict.fromkeys(named):
                if fold(name) not in known:
                    self.note(where, f"table {table.table}: `{name}` is no column of the group")

    def takes_over(self, where: _Place, raw: Any) -> TakesOver | None:
        where = where.at("", "takes_over")
        if isinstance(raw, (str, list)):
            raw = {"sources": raw}
        if not isinstance(raw, dict) or not raw.get("sources"):
            self.note(where, "takes_over has the form {sources: [ids of the old sources], from: YYYY-MM-DD}")
            return None
        self.unknown_keys(where.at("takes_over"), raw, _TAKES_OVER_KEYS)
        names = raw["sources"] if isinstance(raw["sources"], list) else [raw["sources"]]
        first = raw.get("from")
        if isinstance(first, datetime):
            first = first.date()
        if first is not None and not isinstance(first, date):
            self.note(where, f"takes_over: from `{first}` is no date (YYYY-MM-DD)")
            first = None
        return TakesOver(tuple(str(name) for name in names), first)

    def successions(self, placed: list[tuple[_Place, Source]]) -> None:
        """Note sources that take over what is no other source, or themselves through others."""
        known = {source.id: source.takes_over.sources if source.takes_over else () for _, source in placed}
        for where, source in placed:
            for name in known[source.id]:
                if name not in known:
                    self.note(where, f"takes_over: there is no source `{name}`", "takes_over")
            seen: set[str] = set()
            ahead = list(known[source.id])
            while ahead:
                name = ahead.pop()
                if name not in seen:
                    seen.add(name)
                    ahead += known.get(name, ())
            if source.id in seen:
                self.note(where, "takes_over leads back to the source itself", "takes_over")

    def files(self, where: _Place, raw: Any) -> tuple[str, ...]:
        """Return wildcards of the names of files."""
        wildcards = tuple(str(part) for part in (raw if isinstance(raw, list) else [raw]))
        faults = [fault for wildcard in wildcards if (fault := fault_of("wildcard", wildcard))]
        for fault in faults:
            self.note(where, f"files: {fault}", "files")
        return () if faults else wildcards

    def scope(self, where: _Place, raw: Any) -> str | None:
        """Return the pattern that finds the scope in a file's name; None where there is none that can be used."""
        if raw is None:
            return None
        fault = fault_of("pattern", str(raw))
        if fault:
            self.note(where, f"scope: {fault}", "scope")
            return None
        if groups_of(str(raw)) < 1:
            self.note(where, "the scope's pattern needs a group in round brackets", "scope")
        return str(raw)

    def versions(self, where: _Place, raw: Any, scope: Any, group: Group | None) -> tuple[str, ...]:
        """Return columns that say which records of overlapping files are one record; of a group, columns of the group."""
        where = where.at("", "versions")
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

    def source(self, place: int, raw: Any, defaults: dict[Any, Any]) -> tuple[_Place, Source] | None:
        name = raw.get("id", place + 1) if isinstance(raw, dict) else place + 1
        where = _Place(f"source {name}", "sources", place)
        if not isinstance(raw, dict):
            self.note(where, "a source has id, files and tables")
            return None
        self.unknown_keys(where, raw, _SOURCE_KEYS)
        for key in ("id", "files"):
            if not raw.get(key):
                self.note(where, f"`{key}` is missing")
        raw = {**defaults, **raw}
        identifier = str(raw.get("id", place + 1))
        if not re.fullmatch(r"[A-Za-z0-9_-]+", identifier):
            self.note(where, "an id has letters, digits, - and _ only", "id")
        if not raw.get("tables"):
            self.without_tables.add(identifier)
        scope = self.scope(where, raw.get("scope"))
        self.dates = self.date_form(where, raw, raw.get("date_format"), DateForm((ISO_DAY,)))
        self.blanks_if_bad = self.if_bad(where, raw)
        tables = self.tables(where, raw)
        if tables and all(table and table.distinct for table in tables):
            self.note(where, "at least one table takes every record as it is (without `distinct`)", "tables")
        group = self.group(where, raw["group"]) if raw.get("group") else None
        if group:
            self.gathered_names(where, group, [table for table in tables if table])
        leave_out = self.leave_out(where, raw["leave_out"]) if raw.get("leave_out") else ()
        kept, leave_out = _with_blanks_of_columns([table for table in tables if table], leave_out)
        source = Source(
            id=identifier,
            files=self.files(where, raw.get("files") or ()),
            tables=kept,
            scope=scope,
            dates=self.dates,
            ignore=tuple(str(name) for name in self.listed(where, raw, "ignore")),
            names=tuple(str(name) for name in self.listed(where, raw, "names")),
            group=group,
            takes_over=self.takes_over(where, raw["takes_over"]) if raw.get("takes_over") else None,
            versions=self.versions(where, raw["versions"], scope, group) if "versions" in raw else (),
            blanks=self.blanks(where, raw),
            leave_out=leave_out,
            width=self.width(where, raw),
            joins=self.joins(where, raw),
            sheets=self.sheets(where, raw),
            fills_merged=self.truth(where, raw, "fill_merged"),
            ceiling=self.ceiling(where, raw["set_aside"]) if raw.get("set_aside") is not None else None,
            **self.shape(where, raw),
            **self.text_shape(where, raw),
        )
        return where, source

    def sheets(self, where: _Place, raw: dict[Any, Any]) -> tuple[str, ...]:
        """Return wildcards of the names of sheets that have one shape."""
        if raw.get("sheets") is None:
            return ()
        listed = self.listed(where, raw, "sheets")
        faults = [fault for text in listed if (fault := fault_of("wildcard", as_word(text)))]
        if faults or not listed or not all(isinstance(text, str) and fold(text) for text in listed):
            self.note(
                where,
                "; ".join(["sheets is a wildcard of names such as `Q*`, or a list of them", *faults]),
                "sheets",
            )
            return ()
        for key, why in (
            ("sheet", "sheet and sheets cannot both be said"),
            ("versions", "with `sheets` each sheet is a file of its own, and `versions` is about files"),
        ):
            if raw.get(key) is not None:
                self.note(where, why, "sheets")
        if raw.get("format") == "csv":
            self.note(where, "sheets are for xlsx only", "sheets")
        return tuple(listed)

    def ceiling(self, where: _Place, raw: Any) -> Ceiling | None:
        """Return the share of records that may be set aside."""
        where = where.at("set_aside", "set_aside")
        raw = raw if isinstance(raw, dict) else {}
        self.unknown_keys(where, raw, _CEILING_KEYS)
        percent, because, last_day = raw.get("up_to"), raw.get("because"), raw.get("until")
        is_share = isinstance(percent, (int, float)) and not isinstance(percent, bool) and 0 <= percent <= 100
        is_dated = isinstance(last_day, date) and not isinstance(last_day, datetime)
        if not is_share or not isinstance(because, str) or not because.strip() or not is_dated:
            self.note(
                where,
                "it has the form {up_to: 20, because: why so many, until: YYYY-MM-DD}; up_to is in percent",
            )
            return None
        return Ceiling(float(percent or 0), because, last_day)

    def width(self, where: _Place, raw: dict[Any, Any]) -> dict[str, int]:
        """Return how many digits identifiers have that may have lost their leading zeros, by native column."""
        widths: dict[str, int] = {}
        for name, digits in self.part(where, raw, "width").items():
            if not isinstance(digits, int) or isinstance(digits, bool) or not 2 <= digits <= 40:
                self.note(where, f"width: `{name}` has a number of digits, from 2 to 40", "width", name)
                continue
            widths[fold(str(name))] = digits
        return widths

    def joins(self, where: _Place, raw: dict[Any, Any]) -> tuple[Join, ...]:
        """Return the other sheets whose rows add columns to the records."""
        joins = []
        for place, part in enumerate(self.listed(where, {"join": _as_list(raw.get("join"))}, "join")):
            inside = where.at("join", "join", *([place] if isinstance(raw["join"], list) else []))
            by = part.get("by") if isinstance(part, dict) else None
            pairs = [
                (name, name) if isinstance(name, str) else (name.get("here"), name.get("there"))
                for name in _as_list(by)
                if isinstance(name, str) or (isinstance(name, dict) and set(name) == {"here", "there"})
            ]
            kind = {"sheet", "source"} & set(part) if isinstance(part, dict) else set()
            name = str(part[next(iter(kind))] or "") if len(kind) == 1 else ""
            if not fold(name) or len(pairs) != len(_as_list(by)):
                pairs = []
            if not pairs or not all(
                isinstance(column, str) and fold(column) for pair in pairs for column in pair
            ):
                self.note(
                    inside,
                    "a join has the form {sheet: ..., by: column} or {source: id, by: column}, where by may be "
                    "{here: ..., there: ...}",
                )
                continue
            self.unknown_keys(inside, part, _JOIN_KEYS)
            header_row = part.get("header_row", 1)
            if not _is_row(header_row):
                self.note(inside, "header_row is a number from 1", "header_row")
                header_row = 1
            if "source" in kind and "header_row" in part:
                self.note(inside, "the header_row of another file stands at its own source", "header_row")
            keys = tuple((str(here), str(there)) for here, there in pairs)
            joins.append(Join(name, keys, header_row, "source" in kind))
        if any(not join.is_file for join in joins) and raw.get("format") == "csv":
            self.note(where, "a join with `sheet` is to another sheet of a workbook", "join")
        names = [fold(join.name) for join in joins]
        if len(set(names)) < len(names):
            self.note(where, "a sheet or a source is joined once", "join")
        return tuple(joins)

    def joined(self, sources: list[tuple[_Place, Source]]) -> None:
        """Note files without a table that no source joins, and files joined that cannot be."""
        by_id = {source.id: source for _, source in sources}
        joined = {join.name for _, source in sources for join in source.joins if join.is_file}
        for where, source in sources:
            if source.id in self.without_tables and source.id not in joined:
                self.note(where, "`tables` is missing, and no other source joins it")
            if source.id in self.without_tables and (
                source.joins or source.group or source.versions or source.sheets or source.leave_out
            ):
                self.note(
                    where,
                    "a file that is only joined has no join, group, versions, sheets or leave_out of its own",
                )
            for join in source.joins:
                other = by_id.get(join.name)
                if not join.is_file:
                    continue
                if other is None:
                    self.note(where, f"`{join.name}` is no source of this mapping", "join")
                elif other is source or other.sheets or other.versions:
                    self.note(
                        where,
                        f"the source `{join.name}` cannot be joined: it is this one, or its records stand in several files "
                        "or sheets",
                        "join",
                    )

    def text_shape(self, where: _Place, raw: dict[Any, Any]) -> dict[str, Any]:
        """Return what stands around and between the cells of a text file."""
        delimiter = str(raw.get("delimiter", ","))
        delimiter = "\t" if delimiter == "tab" else delimiter
        if not 1 <= len(delimiter) <= 8 or any(character in '"\r\n\0' for character in delimiter):
            self.note(
                where,
                "the delimiter is one to eight characters (or the word tab), and no quotation mark",
                "delimiter",
            )
            delimiter = ","
        if raw.get("quote") not in (None, '"', "none"):
            self.note(where, "quote is none where quotation marks are ordinary characters", "quote")
        is_spaced = self.truth(where, raw, "space_after_delimiter")
        if is_spaced and raw.get("quote") == "none":
            self.note(
                where,
                "space_after_delimiter is about the space before a quotation mark",
                "space_after_delimiter",
            )
        return {"delimiter": delimiter, "is_quoted": raw.get("quote") != "none", "is_spaced": is_spaced}

    def shape(self, where: _Place, raw: dict[Any, Any]) -> dict[str, Any]:
        """Return how the bytes of a source's files become cells."""
        if raw.get("format") not in (None, "csv", "xlsx"):
            self.note(where, "the format is csv or xlsx", "format")
        if raw.get("sheet") is not None and raw.get("format") == "csv":
            self.note(where, "a sheet is for xlsx only", "sheet")
        rows = _as_list(raw.get("header_row", 1))
        if not rows or len(rows) > 5 or not all(map(_is_row, rows)) or sorted(set(rows)) != rows:
            self.note(
                where,
                "header_row is a number from 1, or a list of rows from the top, e.g. [1, 2]",
                "header_row",
            )
            rows = [1]
        encoding = str(raw.get("encoding", "utf-8"))
        try:
            encoding = declared_encoding(encoding)
        except LookupError:
            self.note(where, f"`{encoding}` is not a known encoding", "encoding")
            encoding = "utf-8"
        return {
            "format": raw.get("format"),
            "sheet": str(raw["sheet"]) if raw.get("sheet") is not None else None,
            "header_row": rows[-1],
            "bands": tuple(rows[:-1]),
            "encoding": encoding,
        }


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _is_row(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _filled_in(block: Any, words: dict[str, str]) -> Any:
    """Return a part of the mapping in which `{n}` and `{name}` are what they stand for."""
    if isinstance(block, dict):
        return {_filled_in(key, words): _filled_in(value, words) for key, value in block.items()}
    if isinstance(block, list):
        return [_filled_in(part, words) for part in block]
    if isinstance(block, str):
        for name, word in words.items():
            block = block.replace(f"{{{name}}}", word)
    return block


def _with_blanks_of_columns(
    tables: Sequence[TableMap], leave_out: Sequence[LeaveOut]
) -> tuple[tuple[TableMap, ...], tuple[LeaveOut, ...]]:
    """Return tables and rules whose conditions of blanks know the texts that a column of theirs declares blank.

    A text that any column translates is no blank to a condition, as it is none where a source declares it.
    """
    blanks: dict[str, set[str]] = {}
    translated: dict[str, set[str]] = {}
    for table in tables:
        for column in table.columns.values():
            for name in map(fold, column.origins):
                blanks.setdefault(name, set()).update(column.blanks)
                translated.setdefault(name, set()).update(column.words or ())

    def knowing(wheres: Sequence[Where]) -> tuple[Where, ...]:
        return tuple(
            replace(where, words=frozenset(blanks.get(name, set()) - translated.get(name, set())))
            if where.kind in ("blank", "not_blank") and (name := fold(where.column))
            else where
            for where in wheres
        )

    return (
        tuple(replace(table, where=knowing(table.where)) for table in tables),
        tuple(LeaveOut(knowing(rule.conditions)) for rule in leave_out),
    )


def _template_is_sound(template: str) -> bool:
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError:
        return False
    return any(name for _, name, _, _ in parts) and not any(spec or kind for _, _, spec, kind in parts)


def read_mapping(
    raw: Any, contract: Contract, lines: Lines | None = None
) -> tuple[Mapping, list[MappingFault]]:
    """Read a mapping.

    Args:
        raw: what YAML made of `mapping.yml`.
        contract: the contract it maps to.
        lines: the line of each of its parts, where they are known.

    Returns:
        The mapping and its faults in plain words (empty if it is sound).
    """
    reader, top = _Reader(contract, lines or {}), _Place("top")
    if not isinstance(raw, dict):
        return Mapping(()), [MappingFault("it has version, sources and, if wanted, defaults and words")]
    reader.unknown_keys(top, raw, {"version", "defaults", "words", "sources"})
    if raw.get("version") != 1:
        reader.note(top, "version: 1 is expected", "version")
    defaults = reader.part(top, raw, "defaults")
    reader.unknown_keys(_Place("defaults", "defaults"), defaults, _DEFAULT_KEYS)
    for name, words in reader.part(top, raw, "words").items():
        reader.lists[str(name)] = reader.words(_Place(f"words {name}", "words", name), words)
    read = [
        reader.source(place, part, defaults) for place, part in enumerate(reader.listed(top, raw, "sources"))
    ]
    placed = [source for source in read if source]
    if not placed:
        reader.note(_Place("sources"), "there is no source", "sources")
    ids = [source.id for _, source in placed]
    for where, source in placed:
        if ids.count(source.id) > 1:
            reader.note(where, f"the id `{source.id}` is used twice", "id")
    reader.successions(placed)
    reader.joined(placed)
    return Mapping(tuple(source for _, source in placed)), list(dict.fromkeys(reader.problems))
