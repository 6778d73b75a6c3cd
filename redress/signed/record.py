"""The records of sign-off: who stands behind a report, from which files, by which rules, and what was revised since.

A report is a draft until its as-at has come, provisional until it is signed off, signed off until the day on
which its profile says it is published, published from then on, and revised once a later record replaces what
was signed. Each act is a record in `state/signed/<authority>/<year>/<number>/`, in force from the moment in which its
results are; none is ever changed or removed:

    record.json      who, when, why, as at, the files by SHA-256, settings, code, SHA-256 of all that follows and of
                     every file of the report on the website
    record.sha256    SHA-256 of record.json; records made before there was one have none
    configuration/   the authority's folder as it was used
    figures.csv, checks.csv, published_check.csv   the report's rows, as they were signed
    published/       its rows of the protected export: what its pages are built from, then and ever after
    downloads/       the files of figures that the website offers

A report that is signed off is computed as at the moment of its record and from the record's files only,
whatever comes later or is dated back, and a check stops publishing when its figures come out otherwise.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_origin, get_type_hints

from redress.base.errors import ConfigurationProblem
from redress.base.files import open_regular, sha256, why_unreadable
from redress.base.generations import is_announced_only
from redress.base.printable import show_text
from redress.base.settings import Settings
from redress.base.tables import read_csv, read_parquet

if TYPE_CHECKING:
    from redress.declared.model import DeclaredReport


def signed_with(settings: Settings, authority: str, year: str) -> frozenset[str] | None:
    """Return SHA-256 of the files that a signed-off report of the last run knows; None where it is not signed off."""
    rows = read_parquet(settings.state / "config", "config_signed_extract.parquet")
    hashes = frozenset(
        row["sha256"] for row in rows if (row["authority"], row["reporting_year"]) == (authority, year)
    )
    return hashes or None


TABLES = ("figures.csv", "checks.csv", "published_check.csv")
PUBLISHED, DOWNLOADS = "published", "downloads"
CONFIGURATION = (
    "*.yml",
    "*.csv",
    "published/*.csv",
    "published/*.yml",
    "*.svg",
    "*.png",
    "report/**/*.yml",
    "report/**/*.md",
    "report/**/*.csv",
)
CONFIGURATION_FOLDER = "configuration"
SEAL = "record.sha256"
STATES = ("draft", "provisional", "signed off", "published", "revised")


@dataclass(frozen=True)
class Record:
    """One act of signing.

    Attributes:
        number: 1 for the sign-off, then 2, 3 ... for revisions.
        extracts: every file of the authority that was known then, as the ledger has it.
        reports: every report of the authority that was built with it, and its as-at.
        stood: of every other report of the authority that was signed off before, the number of the record that was in
            force: protection keeps to what it and those before it said.
        files: SHA-256 of every other file of the record, by its path.
        pages: SHA-256 of every file of the report on the website, by its path below the report's folder; none where
            the website was not built.
        words: the sections in the council's own words, in the order of the pages: page, section, title, file, SHA-256 of that
            file, the roles of author and approver, and the day of approval.
        hides_words: whether this revision does not say which words it replaced.
        previous: SHA-256 of the record.json before this one.
    """

    authority: str
    reporting_year: str
    number: int
    as_at: str
    by: str
    reason: str
    signed_on: str
    extracts: list[dict[str, Any]]
    reports: dict[str, str]
    code: dict[str, str]
    files: dict[str, str]
    stood: dict[str, int] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    words: list[dict[str, str]] = field(default_factory=list)
    hides_words: bool = False
    previous: str = ""
    folder: Path = field(default=Path(), compare=False)

    @property
    def signed_with(self) -> frozenset[str]:
        """SHA-256 of the files that the report was counted from."""
        return frozenset(
            extract["sha256"]
            for extract in self.extracts
            if extract["status"] == "loaded" and extract["received_at"][:10] <= self.as_at
        )


def folder_of(state: Path, authority: str, year: str) -> Path:
    """Return where the records of one report are kept."""
    return state / "signed" / authority / year


def signed_years(state: Path, authority: str) -> list[str]:
    """Return the reporting years of an authority of which records are kept, in order."""
    place = state / "signed" / authority
    return sorted(path.name for path in place.iterdir() if path.is_dir()) if place.is_dir() else []


def records(settings: Settings, authority: str, year: str) -> list[Record]:
    """Return the records of one report, the sign-off first; [] where it is not signed off.

    Raises:
        ConfigurationProblem: a record was changed after it was written, or one is missing.
    """
    place = folder_of(settings.state, authority, year)
    history: list[Record] = []
    previous = ""
    folders = [
        folder
        for folder in (place.iterdir() if place.is_dir() else ())
        if folder.name.isdigit() and not is_announced_only(folder)
    ]
    for number, folder in enumerate(sorted(folders, key=lambda folder: int(folder.name)), start=1):
        record = read_record(folder)
        wrong = [
            name
            for name, stated in record.files.items()
            if not (folder / name).is_file() or sha256(folder / name) != stated
        ]
        stated = folder / SEAL
        if stated.exists() and stated.read_text(encoding="utf-8").strip() != sha256(folder / "record.json"):
            wrong.append("record.json (it is not as its SHA-256 says)")
        if record.number != number or record.previous != previous:
            wrong.append("record.json (the record before it is missing or was changed)")
        if wrong:
            raise ConfigurationProblem(
                f"The sign-off of {authority} {year} was changed after it was signed: {folder}",
                "whoever keeps the backups: put the folder back as it was",
                sorted(wrong),
            )
        previous = sha256(folder / "record.json")
        history.append(record)
    _refuse_missing_records(settings, authority, year, history)
    return history


def _refuse_missing_records(settings: Settings, authority: str, year: str, history: Sequence[Record]) -> None:
    """Raise ConfigurationProblem where the evidence in force tells of more acts of signing than there are records.

    A report whose newest record is lost would else be built as if it had not been signed, or not revised.
    """
    told = settings.build / "evidence" / f"{authority}-{year}" / "sign_off.json"
    try:
        acts = len(json.loads(told.read_text(encoding="utf-8"))["records"])
    except (OSError, ValueError, KeyError, TypeError):
        return  # no evidence, or none that can be read: it tells of nothing
    if acts > len(history):
        raise ConfigurationProblem(
            f"{authority} {year} was signed off, and {acts - len(history)} of its {acts} records are not in "
            f"{folder_of(settings.state, authority, year)}: {told} tells of them.",
            "whoever keeps the backups: put the folder back as it was. What was signed cannot be made again",
        )


def in_force(settings: Settings, authority: str, year: str) -> Record | None:
    """Return the newest record of a report, or None."""
    history = records(settings, authority, year)
    return history[-1] if history else None


def declared_in(record: Record) -> DeclaredReport | None:
    """Return the report as it was declared when it was signed; None where the record is older than declared reports."""
    return declared_report(record.folder / PUBLISHED, record.authority, record.reporting_year)


def declared_report(published: Path, authority: str, year: str) -> DeclaredReport | None:
    """Return the report as the rows of the export that a record keeps declare it; None where it keeps no pages."""
    from redress.declared.model import DeclaredReport

    rows = read_parquet(published, "pages.parquet")
    return DeclaredReport.from_rows(authority, year, rows) if rows else None


def words_of(declared: DeclaredReport, folder: Path) -> list[dict[str, str]]:
    """Return the sections of a report in the council's own words, as `Record.words` has them.

    Args:
        declared: the report.
        folder: the council's folder, or a copy of it: the hashes are of its files.
    """
    from redress.declared.standing import own_words

    return [
        {
            "page": page.path,
            "section": section.name,
            "title": section.title,
            "file": section.file.partition("/")[2],
            "sha256": sha256(folder / section.file.partition("/")[2]),
            "author": section.author,
            "approved_by": section.approved_by,
            "approved_on": section.approved_on,
        }
        for page, section in own_words(declared)
    ]


def is_signing(settings: Settings, authority: str, year: str) -> bool:
    """Return whether this run signs the report off, or revises it."""
    wish = getattr(settings, "signing", None)
    return wish is not None and wish.report == (authority, year)


def state_of(settings: Settings, authority: str, report: Any, today: date) -> str:
    """Return the state of a report on a day, one of `STATES`."""
    acts = len(records(settings, authority, report.reporting_year))
    if acts == 1 and report.published_on and report.published_on <= today:
        return "published"
    return state_after(acts, report.as_at, today)


def state_after(acts: int, as_at: date, today: date) -> str:
    """Return the state of a report after so many acts of signing, as its pages say it.

    The day of publication stands there too.
    """
    if not acts:
        return "draft" if as_at > today else "provisional"
    return "signed off" if acts == 1 else "revised"


def copy_configuration(settings: Settings, authority: str, target: Path) -> None:
    """Copy the authority's own files, as they were used."""
    from redress.authority.folder import authority_folders

    folder = authority_folders(settings)[authority]
    for path in _configuration(folder):
        copy = target / path.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def configuration_hashes(settings: Settings, authority: str) -> dict[str, str]:
    """Return SHA-256 of the authority's own files as they are, by their paths in a record."""
    from redress.authority.folder import authority_folders

    folder = authority_folders(settings)[authority]
    return {
        f"{CONFIGURATION_FOLDER}/{path.relative_to(folder).as_posix()}": sha256(path)
        for path in _configuration(folder)
    }


def _configuration(folder: Path) -> list[Path]:
    """Return the files of an authority's folder that say how its reports are made.

    No file that Redress reads has a name that cannot be printed, and no manifest could hold one: such files stay out.

    Raises:
        ConfigurationProblem: a file cannot be read.
    """
    paths = sorted(
        path
        for pattern in CONFIGURATION
        for path in folder.glob(pattern)
        if os.path.isfile(path) and show_text(path.name) == path.name
    )
    for path in paths:
        try:
            open_regular(path).close()
        except OSError as problem:
            raise ConfigurationProblem(
                f"{path} cannot be read: {why_unreadable(problem)}.", "whoever keeps that folder"
            ) from problem
    return paths


def read_record(folder: Path) -> Record:
    """Return one record; raises ConfigurationProblem where it cannot be read."""
    try:
        record = Record(**json.loads((folder / "record.json").read_text(encoding="utf-8")), folder=folder)
        for name, kind in get_type_hints(Record).items():
            if not isinstance(getattr(record, name), get_origin(kind) or kind):
                raise TypeError(f"its {name} is of another kind")
        date.fromisoformat(record.as_at)
        if not record.signed_with and record.extracts and not isinstance(record.extracts[0], dict):
            raise TypeError("its extracts are of another kind")
        return record
    except (OSError, ValueError, TypeError, KeyError) as problem:
        raise ConfigurationProblem(
            f"The sign-off in {folder} cannot be read: record.json is damaged or was changed.",
            "whoever keeps the backups: put the folder back as it was",
        ) from problem


def files_of(folder: Path) -> dict[str, str]:
    """Return SHA-256 of every file of a folder but record.json and its own hash, by its path, in order.

    {} where there is no folder.
    """
    return {
        path.relative_to(folder).as_posix(): sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("record.json", SEAL)
    }


def unlike(stated: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """Return files that are not byte for byte what is stated, are missing, or are not stated.

    Args:
        stated, found: SHA-256 by path.
    """
    words = []
    for name in sorted(stated.keys() | found.keys()):
        if name not in found:
            words.append(f"{name} (missing)")
        elif name not in stated:
            words.append(f"{name} (was not there)")
        elif stated[name] != found[name]:
            words.append(name)
    return words


def figures_of(record: Record) -> dict[str, dict[str, str]]:
    """Return the figures as they were signed, by figure id."""
    return {row["figure_id"]: row for row in read_csv(record.folder / "figures.csv")}
