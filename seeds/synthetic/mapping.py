"""A council's `mapping.yml` turned round: contract rows in the council's own columns, words and layout."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

import yaml

from seeds.synthetic.cases import Cases
from seeds.synthetic.export import Export

AUTHORITIES = Path(__file__).resolve().parents[1] / "authorities"
Column = str | Callable[[dict], object]
Filler = Callable[[dict], object]


class CouncilMapping:
    """What a council's mapping reads, written.

    The generator takes it as data, from the council's folder, and shares no code with intake, which reads the
    same file.
    """

    def __init__(self, slug: str) -> None:
        # Words stay words (`on`, `no`, `1`), as the program reads a council's files.
        text = (AUTHORITIES / slug / "mapping.yml").read_text(encoding="utf-8")
        self.content = yaml.load(text, Loader=yaml.BaseLoader)

    def export(
        self,
        cases: Cases,
        source: str,
        name: str,
        header: str,
        others: Mapping[str, Column] | None = None,
        rows: list[dict] | None = None,
        **layout: object,
    ) -> Export:
        """Return the file of a source whose first table gives a record for each of its rows.

        The source's other tables are looked up beside it, by the identifiers that both read from the same
        columns; a table that is split from a list puts all of its rows into one cell.

        Args:
            cases: the rows of the contract.
            source: the source's `id` in the mapping.
            name: the file's name.
            header: the file's columns in their order, with a bar between them.
            others: columns that the mapping alone does not give: a column of the row, or a function of it.
            rows: the rows of the first table, where they are not those of `cases`.
            layout: what the mapping does not say of the file, as `Export` has it.
        """
        first, *tables = self._source(source)["tables"]
        rows = cases.rows(first["table"]) if rows is None else rows
        if "split" in first:
            rows = _gathered(rows, first)
        given = {column: _filler(filler) for column, filler in (others or {}).items()}
        fillers = {
            column: given.get(column) or self._filler(column, first, tables, cases)
            for column in header.split("|")
        }
        records = [{column: filler(row) for column, filler in fillers.items()} for row in rows]
        return self.records(source, name, header, records, **layout)

    def records(
        self, source: str, name: str, header: str, records: Iterable[Mapping[str, object]], **layout: object
    ) -> Export:
        """Return the file of a source, its records given by column; a column that a record lacks is blank."""
        columns = header.split("|")
        said = self.content.get("defaults", {}) | self._source(source)
        layout = {
            key: said[key] for key in ("encoding", "date_format", "delimiter", "sheet") if key in said
        } | layout
        return Export(
            name, columns, [[record.get(column) for column in columns] for record in records], **layout
        )

    def numbers(self, source: str, name: str, header: str, activity: Iterable[dict], folder: Path) -> Export:
        """Return a file of numbers entered by hand: the year's activity, then the earlier reports'."""
        earlier = [
            row | {"reporting_year": row["reporting_year"].replace("-", "/")}
            for row in earlier_figures(folder)
        ]
        records = [self.cells(source, 0, row) for row in activity] + [
            self.cells(source, 1, row) for row in earlier
        ]
        return self.records(source, name, header, records)

    def cells(self, source: str, place: int, row: dict) -> dict[str, object]:
        """Return what one table of a source, by its place, puts into the file's columns for a row."""
        table = self._source(source)["tables"][place]
        cells = {
            column: self._word(_read(table, column), row)
            for column in map(_native, table["columns"].values())
            if column
        }
        kind = table.get("where", {})
        if len(kind.get("in", ())) == 1:
            cells[kind["column"]] = kind["in"][0]
        return cells

    def word(self, words: str, value: object) -> str | None:
        """Return the council's first word for a word of the contract; nothing for nothing."""
        if value is None:
            return None
        return next(word for word, meaning in self.content["words"][words].items() if meaning == str(value))

    def _source(self, source: str) -> dict:
        return next(entry for entry in self.content["sources"] if entry["id"] == source)

    def _filler(self, column: str, first: dict, tables: Sequence[dict], cases: Cases) -> Filler:
        """Return what fills a column: a value of the row, or of the rows beside it in another table."""
        if read := _read(first, column):
            return lambda row: self._word(read, row)
        table = next((table for table in tables if _read(table, column)), None)
        if table is None:
            raise KeyError(f"the mapping reads no column {column!r}: say in `others` what fills it")
        read = _read(table, column)
        keys = [
            (here, there)
            for here, rule in first["columns"].items()
            for there, other in table["columns"].items()
            if there.endswith("_id") and rule == other
        ]
        fixed = {
            name: rule["value"]
            for name, rule in table["columns"].items()
            if "value" in rule and isinstance(rule, dict)
        }
        beside: dict[tuple, list[object]] = {}
        for row in cases.rows(table["table"]):
            if all(str(row.get(name, value)) == value for name, value in fixed.items()):
                beside.setdefault(tuple(row[there] for _, there in keys), []).append(self._word(read, row))

        def fill(row: dict) -> object:
            values = beside.get(tuple(row[here] for here, _ in keys), [])
            return _listed(values, table["split"]) if "split" in table else next(iter(values), None)

        return fill

    def _word(self, read: dict[str, object], row: dict) -> object:
        """Return what a cell says of a row: the first word on which all rules agree, or the value itself."""
        worded = {
            name: self.content["words"][rule["words"]]
            for name, rule in read.items()
            if name in row and isinstance(rule, dict) and "words" in rule
        }
        meant = {name: "" if row[name] is None else str(row[name]) for name in worded}
        for word in next(iter(worded.values()), ()):
            if all(words.get(word) == meant[name] for name, words in worded.items()):
                return word
        return row.get(next(iter(read)))


def earlier_figures(folder: Path) -> list[dict]:
    """Return the figures of earlier reports, as typed."""
    with open(folder / "prior_figures.csv", newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def actions(cases: Cases, folder: Path) -> list[dict]:
    """Return the register of actions, as typed in contract shape; `complaint` says the how manieth complaint it follows from."""
    with open(folder / "actions.csv", newline="", encoding="utf-8") as handle:
        rows = [{name: text or None for name, text in row.items()} for row in csv.DictReader(handle)]
    complaints = cases.rows("complaint")
    for row in rows:
        number = row.pop("complaint")
        row["complaint_id"] = complaints[int(number) - 1]["complaint_id"] if number else None
        for name in ("agreed_date", "due_date", "done_date"):
            row[name] = date.fromisoformat(row[name]) if row[name] else None
    return rows


def _native(rule: object) -> str | None:
    """Return the column of the file that a rule of the mapping reads."""
    return rule if isinstance(rule, str) else rule.get("from")


def _read(table: dict, column: str) -> dict[str, object]:
    """Return the rules of a table that read a column of the file."""
    return {name: rule for name, rule in table["columns"].items() if _native(rule) == column}


def _filler(column: Column) -> Filler:
    return column if callable(column) else lambda row: row.get(column)


def _listed(values: Iterable[object], split: dict) -> str:
    """Return a list as it stands in one cell."""
    mark = f" {split['on']} " if split["on"] == "|" else f"{split['on']} "
    return mark.join(str(value) for value in values)


def _gathered(rows: Iterable[dict], table: dict) -> list[dict]:
    """Return one row for all that differ only in the column of the list."""
    [item] = _read(table, table["split"]["column"])
    lists: dict[tuple, list] = {}
    for row in rows:
        key = tuple((name, value) for name, value in row.items() if name in table["columns"] and name != item)
        lists.setdefault(key, []).append(row[item])
    return [dict(key) | {item: _listed(values, table["split"])} for key, values in lists.items()]
