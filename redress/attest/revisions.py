"""What signed-off reports would say if they knew what has been received since, and which records changed.

A signed-off report does not take in later files. Each run computes it once more as at the newest file,
beside the warehouse that is released, and lists every difference in `build/revisions.csv` (internal):
figure, was, is, and what changed in the tables that the figure is counted from. The records behind each change are in
`state/revisions/<authority>-<year>.csv`. Figures that protection would show otherwise than when the report was signed
are listed with them. `redress revise` publishes them; until then no page changes.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redress.authority.model import Authority
from redress.base.files import sha256
from redress.base.settings import RunSettings
from redress.base.tables import read_csv, write_csv
from redress.declared.closure import sets_of
from redress.intake.ledger import read_ledger
from redress.signed.causes import RECORD_COLUMNS, cause, changed_records
from redress.signed.differences import DIFFERENCES, differences
from redress.signed.record import (
    CONFIGURATION_FOLDER,
    Record,
    figures_of,
    files_of,
    unlike,
)

if TYPE_CHECKING:
    from redress.authority.config_tables import FigureSets

COLUMNS = (*DIFFERENCES, "cause")
PROTECTED_OTHERWISE = (
    "No number behind it changed. Protection decides otherwise than when the report was signed off: its settings, what is "
    "printed elsewhere, or the program has changed. What was published stays."
)


def protected_otherwise(settings: RunSettings) -> Path:
    """Return where the stage that protects leaves the figures of signed reports that it would show otherwise."""
    return settings.next / "protected_otherwise.csv"


def other_protection(authorities: Sequence[Authority], signed: Sequence[Record]) -> list[str]:
    """Return the signed-off reports whose council has changed `protection` in its profile since, one sentence each.

    What such a report shows stays as it was signed; its next revision is decided by the settings as they are then.

    Args:
        authorities: their folders as they are.
        signed: the records in force.
    """
    from redress.authority.profile import has_protection

    now = {authority.slug: authority.profile.protection for authority in authorities}
    return [
        f"{record.authority} {record.reporting_year}: `protection` in the profile is not as it was when the report was "
        f"signed off. The report stays as it was signed; `redress revise {record.authority} {record.reporting_year}` decides "
        "by the new settings"
        for record in signed
        if not has_protection(record.folder / CONFIGURATION_FOLDER / "profile.yml", now[record.authority])
    ]


def other_words(authorities: Sequence[Authority], signed: Sequence[Record]) -> list[str]:
    """Return the signed-off reports whose sections in the council's folder have changed since, one sentence each.

    Args:
        authorities: their folders as they are.
        signed: the records in force.
    """
    folders = {authority.slug: authority.folder for authority in authorities}
    told = []
    for record in signed:
        changed = [row["file"] for row in record.words if _is_other(folders[record.authority], row)]
        if changed:
            count = "a section" if len(changed) == 1 else f"{len(changed)} sections"
            told.append(
                f"{record.authority} {record.reporting_year}: {count} in the council's own words changed since it was "
                f"signed ({', '.join(changed[:5])}). The report stays as it was signed; `redress revise "
                f"{record.authority} {record.reporting_year}` publishes the new words with the reason"
            )
    return told


def _is_other(folder: Path, row: Mapping[str, str]) -> bool:
    path = folder / row["file"]
    return not path.is_file() or sha256(path) != row["sha256"]


def pages_not_as_signed(signed: Sequence[Record], site: Path) -> list[str]:
    """Return the signed-off reports whose files on a website are not, byte for byte, those signed, one sentence each."""
    told = []
    for record in signed:
        folder = site / record.authority / record.reporting_year
        other = unlike(record.pages, files_of(folder)) if record.pages and folder.is_dir() else []
        if other:
            told.append(
                f"{record.authority} {record.reporting_year}: {len(other)} of {len(record.pages)} files of the signed "
                "report read otherwise now, though its figures are as signed: the words for readers in its folder, or the "
                f"program, have changed. First: {', '.join(other[:5])}"
            )
    return told


def waiting(path: Path) -> dict[tuple[str, str], int]:
    """Return how many differences of each signed-off report a `revisions.csv` lists: they wait to be published."""
    return dict(Counter((row["authority"], row["reporting_year"]) for row in read_csv(path)))


def tell(counts: Mapping[tuple[str, str], int]) -> list[str]:
    """Return what waits to be published, one sentence per report."""
    return [
        f"{authority} {year} is signed off, and {count} of its figures would be shown otherwise today: they are listed in "
        f"revisions.csv, and `redress revise {authority} {year}` publishes them"
        for (authority, year), count in sorted(counts.items())
    ]


def write(
    settings: RunSettings, authorities: Sequence[Authority], signed: Sequence[Record], target: Path
) -> int:
    """Compute every signed-off report of the run as at the newest file, and list what would change.

    Args:
        settings: the run's; the candidate database is there.
        authorities: the authorities of the run, with their reports as they are built.
        signed: the records in force of reports that this run does not sign.
        target: the CSV to write; only its header where nothing is signed off or nothing came since.

    Returns:
        int: differences listed.
    """
    ledger = read_ledger(settings)
    later = [_with_later_files(authority, signed, ledger) for authority in authorities]
    later = [authority for authority in later if authority.reports]
    rows: list[dict[str, str]] = [
        row | {"cause": PROTECTED_OTHERWISE} for row in read_csv(protected_otherwise(settings))
    ]
    if later:
        sets = {
            (record.authority, record.reporting_year): sets_of(figures_of(record).values())
            for record in signed
        }
        database = _compute(settings, later, sets)
        reports = {
            (authority.slug, year): report
            for authority in later
            for year, report in authority.reports.items()
        }
        for record in signed:
            if report := reports.get((record.authority, record.reporting_year)):
                rows += _report(settings, record, report.as_at, database)
        shutil.rmtree(database.parents[2], ignore_errors=True)
    write_csv(target, COLUMNS, rows)
    return len(rows)


def _with_later_files(
    authority: Authority, signed: Sequence[Record], ledger: Iterable[Mapping[str, Any]]
) -> Authority:
    """Return the authority with only its signed-off reports that newer files may change, as at the newest file."""
    loaded = [row for row in ledger if row["authority"] == authority.slug and row["status"] == "loaded"]
    reports = {}
    for record in signed:
        report = authority.reports.get(record.reporting_year) if record.authority == authority.slug else None
        if report and any(row["sha256"] not in record.signed_with for row in loaded):
            newest = max(row["received_at"].date() for row in loaded)
            as_at = max(newest, date.fromisoformat(record.as_at))
            reports[record.reporting_year] = replace(report, as_at=as_at, signed_with=None)
    return replace(authority, reports=reports, published={}, contradictions={})


def _compute(settings: RunSettings, authorities: Sequence[Authority], figure_sets: FigureSets) -> Path:
    """Build the warehouse for the given reports and their figures in a place of its own; return the database."""
    from redress import warehouse
    from redress.authority import config_tables
    from redress.base.errors import GateFailed

    place = settings.next / "later"
    shutil.rmtree(place, ignore_errors=True)
    own = replace(settings, build=place, database_file=None)
    own.state.mkdir(parents=True)
    (own.state / "conformed").symlink_to((settings.state / "conformed").resolve())
    config_tables.write_config_tables(authorities, own, figure_sets=figure_sets)
    database = own.state / "later" / "redress.duckdb"
    result = warehouse.build(own, database, select=["+figures"])
    bad = [node for node in result.nodes if node.is_bad and node.resource_type != "test"]
    if bad or not result.nodes:
        raise GateFailed(
            "The signed-off reports could not be computed with the files received since.",
            "whoever maintains the warehouse",
            [f"{node.name}: {node.message}" for node in bad] or [result.message],
        )
    return database


def _report(settings: RunSettings, signed: Record, as_at: date, database: Path) -> list[dict[str, str]]:
    """Return the differences of one report, each with its cause; writes the records that changed."""
    from redress.warehouse.figures import read_figures, tables_behind

    name = {"authority": signed.authority, "reporting_year": signed.reporting_year}
    changed = changed_records(settings, signed, as_at)
    write_csv(
        settings.state / "revisions" / f"{signed.authority}-{signed.reporting_year}.csv",
        RECORD_COLUMNS,
        changed,
    )
    found = differences(figures_of(signed), read_figures(database, **name))
    behind = tables_behind(settings, database, {change["measure"] for change in found})
    return [
        name
        | change
        | {
            "signed_as_at": signed.as_at,
            "as_at": str(as_at),
            "cause": cause(changed, behind.get(change["measure"], frozenset()), signed.as_at, as_at),
        }
        for change in found
    ]
