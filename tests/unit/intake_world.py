"""A small made-up authority for the tests of intake: its folder, its files, and what became of them."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import openpyxl
import polars as pl

from redress.authority.folder import load_authority
from redress.authority.model import Authority, AuthorityError
from redress.base.settings import ROOT, Settings
from redress.contract.contract import Contract, load_contract
from redress.intake import IntakeResult, load_drop_folder, receive

PROFILE = """\
authority: {slug}
name: {slug}
synthetic: {synthetic}
case_data_from: 2023-04-01
vocabularies:
  channel: [Email, Telephone]
owners: {{default: Complaints team, stage: Stage team}}
"""

COMPLAINT = [
    "complaint_id",
    "received_date",
    "acknowledged_date",
    "accepted_date",
    "procedure",
    "channel",
    "theme",
    "complainant_role",
    "behalf",
    "advocate_kind",
    "complainant_id",
    "sex",
    "birth_date",
    "ethnicity",
    "disability",
    "child_looked_after",
    "withdrawn_date",
    "refused_date",
    "refusal_reason",
    "closed_date",
    "accepted_out_of_time",
    "free_text",
]
STAGE = [
    "stage_id",
    "complaint_id",
    "procedure",
    "stage",
    "requested_date",
    "request_decision",
    "statement_agreed_date",
    "investigator_appointed_date",
    "extension_agreed",
    "extension_reason",
    "panel_date",
    "findings_date",
    "responded_date",
    "closed_date",
    "closed_how",
    "outcome",
    "service",
    "investigator_kind",
    "complex",
    "cost_gbp",
    "paused_days",
    "pause_reason",
    "response_in_target",
]
ISSUE = ["issue_id", "complaint_id", "raised_date", "service", "category", "sub_category"]


def complaint(number: int, **changes: str) -> dict[str, str]:
    """A good complaint row."""
    return {
        "complaint_id": f"C{number}",
        "received_date": "2023-04-03",
        "procedure": "statutory",
        "channel": "Email",
        "complainant_role": "parent",
        "complainant_id": f"P{number}",
        "birth_date": "1980-04-03",
        "free_text": "Anything at all",
    } | changes


def stage(number: int, **changes: str) -> dict[str, str]:
    """A good stage row."""
    return {
        "stage_id": f"S{number}",
        "complaint_id": f"C{number}",
        "procedure": "statutory",
        "stage": "1",
        "requested_date": "2023-04-03",
        "responded_date": "2023-04-20",
    } | changes


def issue(number: int, **changes: str) -> dict[str, str]:
    """A good point of complaint."""
    return {
        "issue_id": f"I{number}",
        "complaint_id": f"C{number}",
        "raised_date": "2023-04-03",
        "service": "Team A",
        "category": "Delay",
    } | changes


def csv_text(columns: list[str], rows: list[dict[str, str]], **options) -> str:
    """Rows as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, **({"lineterminator": "\n"} | options))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def complaints(*rows: dict[str, str], **options) -> bytes:
    """A complaint file."""
    return csv_text(COMPLAINT, list(rows), **options).encode()


def stages(*rows: dict[str, str], **options) -> bytes:
    """A stage file."""
    return csv_text(STAGE, list(rows), **options).encode()


def issues(*rows: dict[str, str], **options) -> bytes:
    """A file of points of complaint."""
    return csv_text(ISSUE, list(rows), **options).encode()


def xlsx(rows: list[list], title: str = "Sheet") -> bytes:
    """A workbook of one sheet."""
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def workbook(sheets: dict[str, list[list]]) -> bytes:
    """A workbook of several sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@dataclass
class World:
    """An authority in a folder of its own, with its own state."""

    root: Path
    slug: str = "smallham"

    @property
    def folder(self) -> Path:
        return self.root / "authorities" / self.slug

    @property
    def settings(self) -> Settings:
        return Settings(root=ROOT, build=self.root / "build", authorities=(self.root / "authorities",))

    def configure(self, mapping: str | None = None, profile: str | None = None, **files: str) -> World:
        """Write the authority's folder; other files by name without `.csv`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        profile = profile if profile is not None else PROFILE.format(slug=self.slug, synthetic="true")
        (self.folder / "profile.yml").write_text(profile, encoding="utf-8")
        if mapping is not None:
            (self.folder / "mapping.yml").write_text(mapping, encoding="utf-8")
        for name, text in files.items():
            (self.folder / f"{name}.csv").write_text(text, encoding="utf-8")
        return self

    def authority(self) -> Authority:
        return load_authority(self.folder, self.settings.reference)

    def faults_of(self, **parts: object) -> list[str]:
        """Return what loading the folder refuses; where parts are given, the usual profile with them is written first."""
        if parts:
            profile = PROFILE.format(slug=self.slug, synthetic="true")
            # JSON is YAML; each part stands in one line
            profile += "".join(f"{key}: {json.dumps(part)}\n" for key, part in parts.items())
            self.configure(profile=profile)
        try:
            self.authority()
        except AuthorityError as error:
            return error.problems
        return []

    def authority_contract(self) -> Contract:
        return load_contract(self.settings.reference)

    def receive(self, files: dict[str, bytes], on: str = "2024-04-08") -> IntakeResult:
        """Receive one batch."""
        place = self.root / "incoming" / on
        place.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (place / name).write_bytes(content)
        moment = datetime.fromisoformat(on)
        return receive([(place / name, moment) for name in files], self.authority(), self.settings)

    def drop(self, name: str, content: bytes, on: str = "2024-04-08", year: str = "2023-24") -> Path:
        """Put a file into the drop folder."""
        path = self.folder / "extracts" / year / on / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def load(self, years: list[str] | None = None) -> IntakeResult:
        """Load the drop folder."""
        return load_drop_folder(self.authority(), self.settings, years)

    def rows(self, table: str) -> pl.DataFrame:
        """Every conformed row of a table, in order."""
        paths = sorted((self.settings.state / "conformed" / table).glob("*.parquet"))
        return pl.concat([pl.read_parquet(path) for path in paths]).sort(pl.all())

    def ledger(self) -> pl.DataFrame:
        return self.rows("extract").sort("received_at", "source")


def codes(result: IntakeResult, severity: str | None = None) -> list[tuple[int | None, str]]:
    """(record, kind) of every problem, in order, each once."""
    found = result.problems if severity is None else result.problems.filter(pl.col("severity") == severity)
    return list(dict.fromkeys((row, code) for row, code in found.select("row", "code").rows()))


def file_of(result: IntakeResult, name: str):
    """The outcome of one file."""
    return next(f for f in result.files if f.file_name == name)
