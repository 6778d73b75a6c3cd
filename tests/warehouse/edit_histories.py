"""Random histories of what a council sends: batches that add, correct, withdraw, close late, reopen and take back.

`histories()` draws one. `sendings` plays it out: the files of each batch, as bytes and as plain rows. `rows_in_force`
says, in plain Python and without intake, which rows a report as at a day rests on. Four kinds of source stand side
by side: one file that each batch replaces whole (cases), one file per year (compliments), monthly files that repeat one
another, of which the latest version of a record counts (stages), and files whose records hang on those of
others (points of complaint and what was found about them).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.warehouse.oracle import Row
from tests.warehouse.random_extracts import COLUMNS

FIRST_DAY = date(2023, 5, 10)
YEAR = "2023-24"
IMPOSSIBLE = "2023-02-30"
PROFILE = """
authority: {slug}
name: {slug}
synthetic: true
case_data_from: 2022-04-01
vocabularies: {{channel: [Email, Letter]}}
"""
MAPPING = """
version: 1
sources:
  - {id: cases, files: "cases.csv", tables: [{table: complaint, columns: {CASE}}]}
  - {id: log, files: "stages *.csv", scope: "(\\\\d{4}-\\\\d{2})", versions: {by: stage_id},
     tables: [{table: stage, columns: {STAGE}}]}
  - {id: points, files: "points.csv", tables: [{table: issue, columns: {ISSUE}}]}
  - {id: found, files: "found.csv", tables: [{table: issue_outcome, columns: {FOUND}}]}
  - {id: thanks, files: "thanks *.csv", scope: "(\\\\d{4})", tables: [{table: compliment, columns: {THANKS}}]}
"""
SENT = {
    "complaint": ("complaint_id", "received_date", "procedure", "channel", "withdrawn_date"),
    "stage": (
        *(
            "stage_id",
            "complaint_id",
            "procedure",
            "stage",
            "requested_date",
            "responded_date",
            "closed_date",
        ),
        *("closed_how", "outcome", "reopened"),
    ),
    "issue": ("issue_id", "complaint_id", "raised_date", "service", "category"),
    "issue_outcome": ("issue_id", "stage", "outcome", "decided_date"),
    "compliment": ("compliment_id", "received_date", "service", "source"),
}
"""The columns that the council's files have, under the contract's names."""

BEGINS = {
    "complaint": "received_date",
    "stage": "requested_date",
    "issue": "raised_date",
    "issue_outcome": "decided_date",
    "compliment": "received_date",
}
OUTCOMES = ("upheld", "partially_upheld", "not_upheld")


@dataclass(frozen=True)
class Edit:
    """Something that happened between two batches, or that the council only learnt then.

    Attributes:
        which: of the records there are, counted round.
        days: how long before the batch it happened.
        word: of the words that fit, counted round.
    """

    kind: str
    which: int
    days: int
    word: int


@dataclass(frozen=True)
class Batch:
    """What is sent on a day: the edits since the last batch, and which sources are left out of it.

    Attributes:
        gap: days until the batch after.
    """

    gap: int
    edits: tuple[Edit, ...]
    omitted: frozenset[str]


@dataclass(frozen=True)
class File:
    """One file of a batch; damaged rows are those that intake must set aside."""

    day: date
    name: str
    table: str
    scope: str
    rows: tuple[Row, ...] = field(compare=False)
    damaged: frozenset[str]

    @property
    def content(self) -> bytes:
        """The file as the council sends it."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        columns = SENT[self.table]
        writer.writerow(columns)
        for row in self.rows:
            shown = {**row, BEGINS[self.table]: IMPOSSIBLE} if row[columns[0]] in self.damaged else row
            writer.writerow(["" if shown[name] is None else shown[name] for name in columns])
        return text.getvalue().encode()


def edits() -> st.SearchStrategy[Edit]:
    """One edit."""
    return st.builds(
        Edit, st.sampled_from(sorted(EDITS)), st.integers(0, 9), st.integers(0, 200), st.integers(0, 5)
    )


def histories() -> st.SearchStrategy[tuple[Batch, ...]]:
    """Two to four batches."""
    batch = st.builds(
        Batch,
        st.integers(1, 130),
        st.lists(edits(), min_size=1, max_size=8).map(tuple),
        st.frozensets(st.sampled_from(("stage", "issue", "issue_outcome", "compliment")), max_size=2),
    )
    return st.lists(batch, min_size=2, max_size=4).map(tuple)


class Council:
    """What the council's systems hold, changed in place edit by edit."""

    def __init__(self) -> None:
        self.held: dict[str, dict[str, Row]] = {table: {} for table in SENT}
        self.changed: set[str] = set()
        self.damaged: set[str] = set()
        self.taken_back: dict[str, Row] = {}
        self.number = 0

    def pick(self, table: str, which: int) -> Row | None:
        """One of the records of a table, counted round; None where there are none."""
        rows = list(self.held[table].values())
        return rows[which % len(rows)] if rows else None

    def put(self, table: str, prefix: str, **values: Any) -> None:
        """Add a record."""
        self.number += 1
        key = f"{prefix}{self.number}"
        row = {name: None for name in COLUMNS[table]} | {SENT[table][0]: key} | values
        self.held[table][key] = row
        self.changed.add(key)

    def complain(self, edit: Edit, day: date) -> None:
        """A complaint, taken up at stage 1."""
        received = day - timedelta(edit.days)
        procedure = ("statutory", "corporate")[edit.word % 2]
        self.put("complaint", "C", received_date=received, procedure=procedure, channel="Email")
        self.stage(f"C{self.number}", procedure, 1, received)

    def stage(
        self, complaint: str, procedure: str, number: int, day: date, reopened: str | None = None
    ) -> None:
        """A stage of a complaint."""
        values = {"procedure": procedure, "stage": number, "requested_date": day, "reopened": reopened}
        self.put("stage", "S", complaint_id=complaint, **values)

    def correct_case(self, edit: Edit, day: date) -> None:
        """Another day of receipt, procedure and channel."""
        if row := self.pick("complaint", edit.which):
            row["received_date"] += timedelta(edit.days % 61 - 30)
            row["procedure"] = ("statutory", "corporate", "informal")[edit.word % 3]
            row["channel"] = ("Email", "Letter")[edit.word % 2]

    def withdraw(self, edit: Edit, day: date) -> None:
        """The complainant withdraws."""
        if row := self.pick("complaint", edit.which):
            row["withdrawn_date"] = day - timedelta(edit.days)

    def take_back(self, edit: Edit, day: date) -> None:
        """The record is no longer in the file; what hangs on it stays in its own."""
        if (row := self.pick("complaint", edit.which)) and len(self.held["complaint"]) > 1:
            self.taken_back[row["complaint_id"]] = self.held["complaint"].pop(row["complaint_id"])

    def give_again(self, edit: Edit, day: date) -> None:
        """What was taken back stands in the file again."""
        if self.taken_back:
            self.held["complaint"].update([self.taken_back.popitem()])

    def spoil(self, edit: Edit, day: date) -> None:
        """A record gets a date that cannot be, or loses it again."""
        table = ("complaint", "stage", "issue", "compliment")[edit.word % 4]
        if row := self.pick(table, edit.which):
            self.damaged ^= {row[SENT[table][0]]}
            self.changed.add(row[SENT[table][0]])

    def answer(self, edit: Edit, day: date) -> None:
        """A stage is answered, or its answer corrected."""
        if row := self.pick("stage", edit.which):
            row["responded_date"] = day - timedelta(edit.days)
            row["outcome"] = OUTCOMES[edit.word % 3]
            self.changed.add(row["stage_id"])

    def close(self, edit: Edit, day: date) -> None:
        """A stage is closed, perhaps long ago."""
        if row := self.pick("stage", edit.which):
            row["closed_date"] = day - timedelta(edit.days)
            row["closed_how"] = ("responded", "withdrawn", "escalated")[edit.word % 3]
            self.changed.add(row["stage_id"])

    def reopen(self, edit: Edit, day: date) -> None:
        """The same stage once more."""
        if row := self.pick("stage", edit.which):
            again = (row["complaint_id"], row["procedure"], row["stage"])
            self.stage(*again, day - timedelta(edit.days), "yes")

    def escalate(self, edit: Edit, day: date) -> None:
        """The next stage, where it has not begun: a stage is there once, but for its reopenings."""
        if row := self.pick("stage", edit.which):
            begun = [
                one["stage"]
                for one in self.held["stage"].values()
                if one["complaint_id"] == row["complaint_id"]
            ]
            if max(begun) < 3:
                day -= timedelta(edit.days)
                self.stage(row["complaint_id"], row["procedure"], max(begun) + 1, day)

    def raise_point(self, edit: Edit, day: date) -> None:
        """A point of complaint."""
        if row := self.pick("complaint", edit.which):
            values = {
                "service": ("Care", "Schools")[edit.word % 2],
                "category": ("Delay", "Conduct")[edit.days % 2],
            }
            raised = day - timedelta(edit.days)
            self.put("issue", "I", complaint_id=row["complaint_id"], raised_date=raised, **values)

    def find(self, edit: Edit, day: date) -> None:
        """What was found about a point, or found otherwise."""
        if row := self.pick("issue", edit.which):
            key = row["issue_id"]
            self.held["issue_outcome"][key] = {
                "issue_id": key,
                "stage": 1,
                "outcome": OUTCOMES[edit.word % 3],
                "decided_date": day - timedelta(edit.days),
            }

    def thank(self, edit: Edit, day: date) -> None:
        """A compliment, or one fewer."""
        if edit.word == 5 and (row := self.pick("compliment", edit.which)):
            del self.held["compliment"][row["compliment_id"]]
        else:
            values = {"service": ("Care", "Schools")[edit.word % 2], "source": "professional"}
            self.put("compliment", "T", received_date=day - timedelta(edit.days), **values)

    def files(self, day: date, omitted: Iterable[str]) -> list[File]:
        """The batch of a day. Stages: those changed since the last; compliments: one file a year."""
        found = []
        names = {"complaint": "cases.csv", "issue": "points.csv", "issue_outcome": "found.csv"}
        for table in SENT:
            if table in omitted:
                continue
            rows = list(self.held[table].values())
            if table == "stage":
                rows = [row for row in rows if row["stage_id"] in self.changed]
                self.changed.clear()
                parts = {f"{day:%Y-%m}": rows}
            elif table == "compliment":
                years = sorted({row["received_date"].year for row in rows})
                parts = {str(year): [r for r in rows if r["received_date"].year == year] for year in years}
            else:
                parts = {"": rows}
            for scope, part in parts.items():
                if part:
                    name = names.get(table) or f"{'stages' if table == 'stage' else 'thanks'} {scope}.csv"
                    damaged = frozenset(self.damaged & {row[SENT[table][0]] for row in part})
                    copies = tuple(dict(row) for row in part)
                    found.append(File(day, name, table, scope, copies, damaged))
        return found


EDITS = {
    "complain": Council.complain,
    "correct a case": Council.correct_case,
    "withdraw": Council.withdraw,
    "take a case back": Council.take_back,
    "give it again": Council.give_again,
    "spoil or mend a record": Council.spoil,
    "answer": Council.answer,
    "close": Council.close,
    "reopen": Council.reopen,
    "escalate": Council.escalate,
    "raise a point": Council.raise_point,
    "find": Council.find,
    "thank": Council.thank,
}


def sendings(history: Iterable[Batch]) -> list[list[File]]:
    """The files of each batch, in the order of their days; the first has at least one complaint."""
    council, day, found = Council(), FIRST_DAY, []
    council.complain(Edit("complain", 0, 3, 0), day)
    for batch in history:
        for edit in batch.edits:
            EDITS[edit.kind](council, edit, day)
        found.append(council.files(day, batch.omitted))
        day += timedelta(batch.gap)
    return found


def rows_in_force(files: Iterable[File], as_at: date) -> dict[str, list[Row]]:
    """The rows that stand at the end of a day, by contract table: of each file the newest, less what it spoils."""
    newest: dict[tuple[str, str], File] = {}
    for file in sorted((one for one in files if one.day <= as_at), key=lambda one: one.day):
        newest[file.table, file.scope] = file
    found: dict[str, list[Row]] = {table: [] for table in SENT}
    versions: dict[str, tuple[str, Row, bool]] = {}
    for (table, scope), file in sorted(newest.items()):
        for row in file.rows:
            key = row[SENT[table][0]]
            if table == "stage":
                # scopes come in order, so that the latest month has the last word, a spoilt one too
                versions[key] = (scope, row, key in file.damaged)
            elif key not in file.damaged:
                found[table].append(row)
    found["stage"] = [row for _, row, is_damaged in versions.values() if not is_damaged]
    cases = {row["complaint_id"] for row in found["complaint"]}
    for table in ("stage", "issue"):
        found[table] = [row for row in found[table] if row["complaint_id"] in cases]
    points = {row["issue_id"] for row in found["issue"]}
    found["issue_outcome"] = [row for row in found["issue_outcome"] if row["issue_id"] in points]
    return found
