"""The extract contract, read from its data package.

`seeds/reference/contract/datapackage.json` is the one place where tables, columns, types, required
columns, vocabularies, keys and references are written down. Intake, the checks on an authority's folder
and the documentation read it through the classes below.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

WORD, TEXT, IDENTIFIER = "word", "text", "identifier"

ROW_COLUMNS = {
    "authority": "string",
    "extract_id": "string",
    "source_file": "string",
    "source_row": "integer",
    "known_from": "moment",
}
"""What intake adds to every conformed row, with its type."""


@cache
def _stored_as(kind: str) -> pl.DataType:
    """Return how values of a type are stored. Polars is imported here: whoever only checks a folder waits for less."""
    import polars as pl

    return {
        "date": pl.Date(),
        "integer": pl.Int32(),
        "moment": pl.Datetime("us"),
        "number": pl.Float64(),
        "string": pl.String(),
    }[kind]


@dataclass(frozen=True)
class Field:
    """One column of a contract table.

    Attributes:
        type: string, date, integer or number.
        role: identifier, word or text for strings, else empty.
        words: the contract's own vocabulary, empty if there is none.
        vocabulary: name of the council-owned vocabulary, empty if there is none.
        personal: drop, pseudonym, age, approved, text, or empty.
        approved_by: of an approved text, the column that says yes.
    """

    name: str
    type: str
    role: str
    required: bool
    words: tuple[str, ...]
    vocabulary: str
    pattern: str
    personal: str
    approved_by: str
    may_be_absent: bool
    description: str


@dataclass(frozen=True)
class Reference:
    """A column whose value must exist in another table's key.

    Attributes:
        may_be_unknown: whether a record that refers to nothing is loaded all the same, and its owner told.
    """

    column: str
    table: str
    target: str
    may_be_unknown: bool


@dataclass(frozen=True)
class UniqueWhen:
    """Columns that are unique together, except in rows whose `unless_column` equals `unless_value`."""

    columns: tuple[str, ...]
    unless_column: str
    unless_value: str


@dataclass(frozen=True)
class NeededWhen:
    """A column that must not be blank in rows whose `when_column` equals `equals`; blank where that is empty.

    Attributes:
        only_told: whether such a record is loaded all the same, and its owner told.
    """

    column: str
    when_column: str
    equals: str
    only_told: bool


@dataclass(frozen=True)
class Table:
    """One contract table; `fields` in the contract's order."""

    name: str
    description: str
    owner: str
    fields: dict[str, Field]
    key: tuple[str, ...]
    references: tuple[Reference, ...]
    start_before_end: tuple[tuple[str, str], ...]
    needed_when: tuple[NeededWhen, ...]
    unique_when: UniqueWhen | None
    must_have_rows: bool

    @property
    def day(self) -> str:
        """The required date that says when a row's matter happened; empty for a table without one.

        Where a table may go without its date (learning is dated by the day the form was sent), the first date.
        """
        dates = [f for f in self.fields.values() if f.type == "date" and not f.personal]
        return next((f.name for f in dates if f.required), dates[0].name if dates else "")

    @property
    def required(self) -> list[str]:
        """Names of required columns."""
        return [f.name for f in self.fields.values() if f.required]

    @property
    def conformed(self) -> dict[str, pl.DataType]:
        """Columns and types after privacy, without those that intake adds.

        Dropped columns are gone, the date of birth is `age_at_receipt` in whole years.
        """
        columns: dict[str, pl.DataType] = {}
        for field in self.fields.values():
            if field.personal == "drop":
                continue
            if field.personal == "age":
                columns["age_at_receipt"] = _stored_as("integer")
            else:
                columns[field.name] = _stored_as(field.type)
        return columns

    @property
    def approved_texts(self) -> tuple[str, ...]:
        """Names of the columns whose texts may be published where they are approved and pass the screen."""
        return tuple(field.name for field in self.fields.values() if field.personal == "approved")

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Columns and types of the conformed rows as they are stored."""
        return self.conformed | {name: _stored_as(kind) for name, kind in ROW_COLUMNS.items()}


@dataclass(frozen=True)
class Contract:
    """The contract.

    Attributes:
        tables: all tables, by name.
        measures: the names that a figure of an earlier year may have: those of the figure catalogue.
    """

    tables: dict[str, Table]
    measures: tuple[str, ...] = ()

    @property
    def vocabularies(self) -> set[str]:
        """Names of the vocabularies that a council may declare."""
        return {f.vocabulary for t in self.tables.values() for f in t.fields.values() if f.vocabulary}


def _field(raw: dict[str, Any]) -> Field:
    constraints = raw.get("constraints", {})
    return Field(
        name=raw["name"],
        type=raw["type"],
        role=raw.get("role", ""),
        required=bool(constraints.get("required")),
        words=tuple(str(word) for word in constraints.get("enum", ())),
        vocabulary=raw.get("vocabulary", ""),
        pattern=constraints.get("pattern", ""),
        personal=raw.get("personal", ""),
        approved_by=raw.get("approvedBy", ""),
        may_be_absent=bool(raw.get("mayBeAbsent")),
        description=raw.get("description", ""),
    )


def _table(raw: dict[str, Any]) -> Table:
    schema = raw["schema"]
    unique = raw.get("uniqueWhen")
    return Table(
        name=raw["name"],
        description=raw["description"],
        owner=raw["owner"],
        fields={f["name"]: _field(f) for f in schema["fields"]},
        key=tuple(schema["primaryKey"]),
        references=tuple(
            Reference(
                key["fields"][0],
                key["reference"]["resource"],
                key["reference"]["fields"][0],
                key["fields"][0] in raw.get("mayBeUnknown", ()),
            )
            for key in schema.get("foreignKeys", ())
        ),
        start_before_end=tuple((pair["start"], pair["end"]) for pair in raw.get("startBeforeEnd", ())),
        needed_when=tuple(
            NeededWhen(
                rule["field"], rule["when"]["field"], rule["when"]["equals"], bool(rule.get("onlyTold"))
            )
            for rule in raw.get("neededWhen", ())
        ),
        unique_when=UniqueWhen(tuple(unique["fields"]), unique["unless"]["field"], unique["unless"]["equals"])
        if unique
        else None,
        must_have_rows=bool(raw.get("mustHaveRows")),
    )


@lru_cache(maxsize=8)
def _load(package: Path, catalogue: Path, *modified: int) -> Contract:
    resources = json.loads(package.read_text(encoding="utf-8"))["resources"]
    with catalogue.open(encoding="utf-8", newline="") as file:
        measures = tuple(row["measure"] for row in csv.DictReader(file) if not row["measure"].startswith("*"))
    return Contract({raw["name"]: _table(raw) for raw in resources}, measures)


def load_contract(reference: Path) -> Contract:
    """Return the contract of `<reference>/contract/datapackage.json`, with the measures of the figure catalogue.

    Raises:
        FileNotFoundError: if the package or the catalogue is not there.
    """
    paths = reference / "contract" / "datapackage.json", reference / "figure_catalogue.csv"
    return _load(*paths, *(path.stat().st_mtime_ns for path in paths))
