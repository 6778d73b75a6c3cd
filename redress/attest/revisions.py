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
from typing import Any

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
    in_force,
    is_signing,
)

COLUMNS = (*DIFFERENCES, "cause")
PROTECTED_OTHERWISE = (
    "No number behind it changed. Protection decides otherwise than when the report was signed off: its settings, what is "
    "printed elsewhere, or the program has changed. What was published stays."
)


def protected_otherwise(settings: RunSettings) -> Path:
    """Where the stage that protects leaves the figures of signed reports that it would show otherwise."""
    return settings.next / "protected_otherwise.csv"


def other_protection(settings: RunSettings, authorities: Sequence[Any]) -> list[str]:
    """Signed-off reports whose council has changed `protection` in its profile since, one sentence each.

    What such a report shows stays as it was signed; its next revision is decided by the settings as they are then.
    """
    from redress.authority.profile import has_protection

    told = []
    for one in authorities:
        for year in sorted(one.reports):
            signed = in_force(settings, one.slug, year)
            if signed is None or is_signing(settings, one.slug, year):
                continue
            then = signed.folder / CONFIGURATION_FOLDER / "profile.yml"
            if not has_protection(then, one.profile.protection):
                told.append(
                    f"{one.slug} {year}: `protection` in the profile is not as it was when the report was signed off. The "
                    f"report stays as it was signed; `redress revise {one.slug} {year}` decides by the new settings"
                )
    return told


def waiting(path: Path) -> dict[tuple[str, str], int]:
    """How many differences of each signed-off report a `revisions.csv` lists: they wait to be published."""
    return dict(Counter((row["authority"], row["reporting_year"]) for row in read_csv(path)))


def tell(counts: Mapping[tuple[str, str], int]) -> list[str]:
    """What waits to be published, one sentence per report."""
    return [
        f"{authority} {year} is signed off, and {count} of its figures would be shown otherwise today: they are listed in "
        f"revisions.csv, and `redress revise {authority} {year}` publishes them"
        for (authority, year), count in sorted(counts.items())
    ]


def write(settings: RunSettings, authorities: Sequence[Any], target: Path) -> int:
    """Compute every signed-off report of the run as at the newest file, and list what would change.

    Args:
        settings: the run's; the candidate database is there.
        authorities: the authorities of the run, with their reports as they are built.
        target: the CSV to write; only its header where nothing is signed off or nothing came since.

    Returns:
        int: differences listed.
    """
    ledger = read_ledger(settings)
    later = [found for one in authorities if (found := _with_later_files(settings, one, ledger))]
    rows: list[dict[str, str]] = [
        row | {"cause": PROTECTED_OTHERWISE} for row in read_csv(protected_otherwise(settings))
    ]
    if later:
        database = _compute(settings, later)
        for one in later:
            for year, report in one.reports.items():
                signed = in_force(settings, one.slug, year)
                assert signed is not None
                rows += _report(settings, signed, report.as_at, database)
        shutil.rmtree(database.parents[2], ignore_errors=True)
    write_csv(target, COLUMNS, rows)
    return len(rows)


def _with_later_files(settings: RunSettings, one: Any, ledger: Iterable[Mapping[str, Any]]) -> Any | None:
    """The authority with only its signed-off reports that newer files may change, as at the newest file."""
    loaded = [row for row in ledger if row["authority"] == one.slug and row["status"] == "loaded"]
    reports = {}
    for year, report in one.reports.items():
        signed = in_force(settings, one.slug, year)
        if signed is None or is_signing(settings, one.slug, year):
            continue
        unknown = [row for row in loaded if row["sha256"] not in signed.signed_with]
        if unknown:
            newest = max(row["received_at"].date() for row in loaded)
            as_at = max(newest, date.fromisoformat(signed.as_at))
            reports[year] = replace(report, as_at=as_at, signed_with=None)
    return replace(one, reports=reports, published={}, contradictions={}) if reports else None


def _compute(settings: RunSettings, authorities: Sequence[Any]) -> Path:
    """Build the warehouse for the given reports in a place of its own; returns the database."""
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
    """The differences of one report, each with its cause; writes the records that changed."""
    from redress.warehouse.figures import read_figures, tables_behind

    name = {"authority": signed.authority, "reporting_year": signed.reporting_year}
    changed = changed_records(settings, signed, as_at)
    write_csv(
        settings.state / "revisions" / f"{signed.authority}-{signed.reporting_year}.csv",
        RECORD_COLUMNS,
        changed,
    )
    found = differences(figures_of(signed), read_figures(database, **name))
    behind = tables_behind(settings, database, {one["measure"] for one in found})
    return [
        name
        | one
        | {
            "signed_as_at": signed.as_at,
            "as_at": str(as_at),
            "cause": cause(changed, behind.get(one["measure"], frozenset()), signed.as_at, as_at),
        }
        for one in found
    ]
