"""The act of signing a report off, or of revising one that is: the wish is checked, the record is written.

What a record holds, and which one is in force, is told by `signed.record`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redress.authority.model import Authority
from redress.base.blame import told_as
from redress.base.errors import ConfigurationProblem
from redress.base.files import sha256
from redress.base.inert import as_given
from redress.base.request import Signing
from redress.base.settings import RunSettings, Settings
from redress.base.tables import write_csv
from redress.declared.standing import not_approved
from redress.intake.ledger import read_ledger
from redress.signed.record import (
    CONFIGURATION_FOLDER,
    DOWNLOADS,
    PUBLISHED,
    SEAL,
    TABLES,
    Record,
    copy_configuration,
    declared_report,
    files_of,
    in_force,
    read_record,
    records,
    signed_years,
    words_of,
)

if TYPE_CHECKING:
    from redress.declared.model import DeclaredReport


def statement(settings: RunSettings, authority: str, year: str) -> dict[str, Any]:
    """Return who stands behind a report, for its evidence: also where this run is the one that signs it.

    Returns:
        dict: state (draft, signed off or revised), by, on, as_at, and `records`, every act in order.
    """
    found = records(settings, authority, year)
    waiting = settings.next / "signed" / authority / year
    found += [read_record(folder) for folder in sorted(waiting.glob("*"))]
    acts = [
        {name: getattr(record, name) for name in ("number", "by", "reason", "signed_on", "as_at")}
        for record in found
    ]
    if not acts:
        return {"state": "draft", "by": None, "on": None, "as_at": None, "records": []}
    newest = acts[-1]
    return {
        "state": "revised" if len(acts) > 1 else "signed off",
        "by": newest["by"],
        "on": newest["signed_on"],
        "as_at": newest["as_at"],
        "records": acts,
    }


def check_wish(settings: Settings, wish: Signing, authorities: Sequence[Authority]) -> None:
    """Refuse a wish to sign that cannot be granted, before anything is computed.

    Raises:
        ConfigurationProblem: no such report, nobody signs, a second sign-off, a revision of what is not signed
            off, one without a reason or as at an earlier moment, a draft.
    """
    who = "whoever typed the command"
    reports = {authority.slug: authority.reports for authority in authorities}
    report = reports.get(wish.authority, {}).get(wish.reporting_year)
    if report is None:
        raise ConfigurationProblem(
            f"No profile declares a report {wish.reporting_year} of {wish.authority}.", who
        )
    signed = in_force(settings, wish.authority, wish.reporting_year)
    name = f"{wish.authority} {wish.reporting_year}"
    if not wish.by.strip():
        raise ConfigurationProblem(f"Nobody signs {name}: say who with --by.", who)
    if wish.reason or wish.as_at:
        if signed is None:
            raise ConfigurationProblem(f"{name} is not signed off, so there is nothing to revise.", who)
        if not wish.reason.strip() or wish.as_at is None:
            raise ConfigurationProblem(f"A revision of {name} needs --reason and --as-at.", who)
        if str(wish.as_at) < signed.as_at:
            raise ConfigurationProblem(
                f"{name} was signed off as at {signed.as_at}: a revision cannot know less ({wish.as_at}).",
                who,
            )
    elif signed is not None:
        raise ConfigurationProblem(
            f"{name} was signed off on {signed.signed_on} by {signed.by}. What has changed since is published as "
            "a revision: `redress revise`.",
            who,
        )
    as_at = wish.as_at or report.as_at
    if as_at > wish.on:
        raise ConfigurationProblem(f"{name} is as at {as_at}, which has not come: it is still a draft.", who)


def check_words(wish: Signing, declared: DeclaredReport) -> None:
    """Refuse to sign words that nobody has approved, or that were taken over from another year and not looked at again.

    A report without words of the council's own needs no approval.

    Raises:
        ConfigurationProblem: naming each such section with its file and who has it to put right.
    """
    if missing := not_approved(declared):
        sections = "a section" if len(missing) == 1 else f"{len(missing)} sections"
        raise ConfigurationProblem(
            f"{wish.authority} {wish.reporting_year} cannot be signed: {sections} in the council's own words must be "
            "approved first.",
            f"whoever approves the words of {wish.authority}",
            missing,
        )


def write(
    settings: RunSettings, wish: Signing, reports: Mapping[str, date], target: Path, code: Mapping[str, str]
) -> Path:
    """Write the record of a report from the results of the run that is about to be released.

    Args:
        settings: the run's.
        wish: who signs what.
        reports: every report of the authority in this run and its as-at.
        target: an empty folder that gets `<authority>/<year>/<number>/`.
        code: what made the figures: versions, and hashes of models.

    Returns:
        Path: the record's folder.
    """
    from redress.protect import as_signed
    from redress.publish import open_data

    before = records(settings, *wish.report)
    folder = target / wish.authority / wish.reporting_year / str(len(before) + 1)
    folder.mkdir(parents=True)
    for name, rows in report_tables(settings, *wish.report).items():
        write_csv(folder / name, *rows)
    copy_configuration(settings, wish.authority, folder / CONFIGURATION_FOLDER)
    as_signed.keep(settings.next / "protected", folder / PUBLISHED, *wish.report)
    open_data.write_report(settings.next / "protected", folder / DOWNLOADS, *wish.report)
    record = Record(
        authority=wish.authority,
        reporting_year=wish.reporting_year,
        number=len(before) + 1,
        as_at=str(reports[wish.reporting_year]),
        by=wish.by.strip(),
        reason=wish.reason.strip(),
        signed_on=str(wish.on),
        extracts=_known(read_ledger(settings), wish.authority),
        reports={year: str(day) for year, day in sorted(reports.items())},
        stood={
            year: record.number
            for year in signed_years(settings.state, wish.authority)
            if year != wish.reporting_year and (record := in_force(settings, wish.authority, year))
        },
        code=dict(code),
        words=_words(folder, *wish.report),
        hides_words=wish.hides_words,
        pages=files_of(settings.next / "site" / wish.authority / wish.reporting_year),
        files=files_of(folder),
        previous=sha256(before[-1].folder / "record.json") if before else "",
    )
    stated = {name: value for name, value in asdict(record).items() if name != "folder"}
    (folder / "record.json").write_text(
        json.dumps(stated, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    (folder / SEAL).write_text(sha256(folder / "record.json") + "\n", encoding="utf-8")
    return folder


def report_tables(
    settings: RunSettings, authority: str, year: str
) -> dict[str, tuple[list[str], list[list[str]]]]:
    """Return what is signed: file name -> (columns, rows) of the report, read from a run's waiting results."""
    places = (settings.next, settings.build, settings.build)
    return {name: _rows_of(place / name, authority, year) for name, place in zip(TABLES, places, strict=True)}


def _rows_of(path: Path, authority: str, year: str) -> tuple[list[str], list[list[str]]]:
    """Return a CSV's columns, and its rows about one report."""
    with told_as(path), path.open(newline="", encoding="utf-8") as handle:
        reader = csv.DictReader(handle)
        columns = list(reader.fieldnames or [])
        rows = [
            [as_given(row[name]) for name in columns]
            for row in reader
            if row["authority"] == authority and row["reporting_year"] == year
        ]
    return columns, rows


def _words(folder: Path, authority: str, year: str) -> list[dict[str, str]]:
    """Return the sections in the council's own words that a record keeps, each with the SHA-256 of its file."""
    declared = declared_report(folder / PUBLISHED, authority, year)
    return words_of(declared, folder / CONFIGURATION_FOLDER) if declared else []


def _known(ledger: Iterable[Mapping[str, Any]], authority: str) -> list[dict[str, Any]]:
    """Return the ledger's rows of an authority's files."""
    names = ("extract_id", "source", "scope", "file_name", "sha256", "received_at", "status", "supersedes")
    return [{name: _plain(row[name]) for name in names} for row in ledger if row["authority"] == authority]


def _plain(value: Any) -> Any:
    """Return a value that JSON can hold."""
    return value.isoformat() if isinstance(value, date | datetime) else value
