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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from redress.authority.model import Authority
from redress.base.settings import RunSettings
from redress.base.tables import read_csv, write_csv
from redress.intake.ledger import read_ledger
from redress.protect.as_signed import DIFFERENCES
from redress.signed.causes import RECORD_COLUMNS, cause, changed_records
from redress.signed.differences import differences
from redress.signed.record import (
    CONFIGURATION_FOLDER,
    Record,
    figures_of,
    files_of,
    in_force,
    is_signing,
    unlike,
)

COLUMNS = (*DIFFERENCES, "cause")
PROTECTED_OTHERWISE = (
    "No number behind it changed. Protection decides otherwise than when the report was signed off: its settings, what is "
    "printed elsewhere, or the program has changed. What was published stays."
)


def protected_otherwise(settings: RunSettings) -> Path:
    """Return where the stage that protects leaves the figures of signed reports that it would show otherwise."""
    return settings.next / "protected_otherwise.csv"


def other_protection(settings: RunSettings, authorities: Sequence[Authority]) -> list[str]:
    """Return the signed-off reports whose council has changed `protection` in its profile since, one sentence each.

    What such a report shows stays as it was signed; its next revision is decided by the settings as they are then.
    """
    from redress.authority.profile import has_protection

    protection = {authority.slug: authority.profile.protection for authority in authorities}
    return [
        f"{slug} {year}: `protection` in the profile is not as it was when the report was signed off. The report stays "
        f"as it was signed; `redress revise {slug} {year}` decides by the new settings"
        for slug, year, signed in _signed_before(settings, authorities)
        if not has_protection(signed.folder / CONFIGURATION_FOLDER / "profile.yml", protection[slug])
    ]


def pages_not_as_signed(settings: RunSettings, authorities: Sequence[Authority], site: Path) -> list[str]:
    """Return the signed-off reports whose files on a website are not, byte for byte, those signed, one sentence each."""
    told = []
    for slug, year, signed in _signed_before(settings, authorities):
        folder = site / slug / year
        other = unlike(signed.pages, files_of(folder)) if signed.pages and folder.is_dir() else []
        if other:
            told.append(
                f"{slug} {year}: {len(other)} of {len(signed.pages)} files of the signed report read otherwise "
                "now, though its figures are as signed: the words for readers in its folder, or the program, have "
                f"changed. First: {', '.join(other[:5])}"
            )
    return told


def _signed_before(
    settings: RunSettings, authorities: Sequence[Authority]
) -> Iterator[tuple[str, str, Record]]:
    """Yield authority, year and record of every report that was signed off before this run and is not signed by it."""
    for authority in authorities:
        for year in sorted(authority.reports):
            signed = in_force(settings, authority.slug, year)
            if signed is not None and not is_signing(settings, authority.slug, year):
                yield authority.slug, year, signed


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


def write(settings: RunSettings, authorities: Sequence[Authority], target: Path) -> int:
    """Compute every signed-off report of the run as at the newest file, and list what would change.

    Args:
        settings: the run's; the candidate database is there.
        authorities: the authorities of the run, with their reports as they are built.
        target: the CSV to write; only its header where nothing is signed off or nothing came since.

    Returns:
        int: differences listed.
    """
    ledger = read_ledger(settings)
    later = [_with_later_files(settings, authority, ledger) for authority in authorities]
    later = [authority for authority in later if authority.reports]
    rows: list[dict[str, str]] = [
        row | {"cause": PROTECTED_OTHERWISE} for row in read_csv(protected_otherwise(settings))
    ]
    if later:
        database = _compute(settings, later)
        for slug, year, signed in _signed_before(settings, later):
            as_at = next(authority.reports[year].as_at for authority in later if authority.slug == slug)
            rows += _report(settings, signed, as_at, database)
        shutil.rmtree(database.parents[2], ignore_errors=True)
    write_csv(target, COLUMNS, rows)
    return len(rows)


def _with_later_files(
    settings: RunSettings, authority: Authority, ledger: Iterable[Mapping[str, Any]]
) -> Authority:
    """Return the authority with only its signed-off reports that newer files may change, as at the newest file."""
    loaded = [row for row in ledger if row["authority"] == authority.slug and row["status"] == "loaded"]
    reports = {}
    for _, year, signed in _signed_before(settings, [authority]):
        if any(row["sha256"] not in signed.signed_with for row in loaded):
            newest = max(row["received_at"].date() for row in loaded)
            as_at = max(newest, date.fromisoformat(signed.as_at))
            reports[year] = replace(authority.reports[year], as_at=as_at, signed_with=None)
    return replace(authority, reports=reports, published={}, contradictions={})


def _compute(settings: RunSettings, authorities: Sequence[Authority]) -> Path:
    """Build the warehouse for the given reports in a place of its own; return the database."""
    from redress import warehouse
    from redress.authority import config_tables
    from redress.base.errors import GateFailed
    from redress.warehouse.dbt import dbt_folder

    place = settings.next / "later"
    shutil.rmtree(place, ignore_errors=True)
    own = replace(settings, build=place, database_file=None)
    own.state.mkdir(parents=True)
    (own.state / "conformed").symlink_to((settings.state / "conformed").resolve())
    config_tables.write_config_tables(authorities, own)
    parsed = dbt_folder(settings) / "target" / "partial_parse.msgpack"
    if parsed.exists():
        copy = dbt_folder(own) / "target" / parsed.name
        copy.parent.mkdir(parents=True)
        shutil.copyfile(parsed, copy)
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
