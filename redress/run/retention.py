"""Retention: case-level data older than an authority's own rule is removed; figures and their proofs stay.

The rule is the profile's `retention: {case_data_years: N}`. An extract received more than N years ago is removed with
everything made of it: the kept file, conformed rows, problems, workbook, the warehouse, and the case lists of the
evidence packs of reports as at that time. What stays: that it was received, under which SHA-256, with how many rows
(`build/state/removed.csv`), and each pack with its figures, checks and manifest. A pack says which of its files were
removed and when; `redress verify` still proves all the others, and that what is gone is what the rule names.

Files in the council's own drop folder are the council's to delete: they are named, and not read again.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from redress.attest.case_removal import NOTE, rule_in_words, years_before
from redress.base import generations
from redress.base.printable import show_text
from redress.base.settings import Settings, candidate_database, database_in_force
from redress.base.tables import read_csv, write_csv
from redress.intake.ledger import read_ledger
from redress.run.results import waiting_place

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from redress.authority.model import Authority

REMOVED = "removed.csv"
REMOVED_COLUMNS = (
    "extract_id",
    "authority",
    "file_name",
    "sha256",
    "received_at",
    "rows_received",
    "rows_conformed",
    "rows_quarantined",
    "removed_on",
    "rule",
)


@dataclass
class Removed:
    """What a rule removed.

    Attributes:
        extracts: ids of extracts.
        packs: names of evidence packs whose case lists are gone.
        notes: what somebody should know or do.
    """

    extracts: list[str] = field(default_factory=list)
    packs: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def kept_from(authority: Authority, today: date) -> date | None:
    """The first day whose files are still kept; None where the authority gives no rule."""
    years = authority.profile.retention.case_data_years
    if years is None:
        return None
    return years_before(today, years)


def rule_of(authority: Authority) -> str:
    """Return in words the rule of an authority that gives one."""
    years = authority.profile.retention.case_data_years
    assert years is not None
    return rule_in_words(years)


def living(authorities: Sequence[Authority], today: date) -> list[Authority]:
    """Return the authorities with only those reports that still have cases to be counted from."""
    result = []
    for authority in authorities:
        cutoff = kept_from(authority, today)
        if cutoff is not None:
            authority = replace(
                authority,
                reports={
                    year: report for year, report in authority.reports.items() if report.as_at >= cutoff
                },
            )
        result.append(authority)
    return result


def countable(settings: Settings, authorities: Sequence[Authority]) -> list[Authority]:
    """Return the authorities without those signed-off reports of whose files the rule has removed one.

    Counted from what is left, they would not be as they were signed.

    Args:
        settings: the installation's.
        authorities: their signed-off reports with `signed_with`.
    """
    return [
        replace(
            authority,
            reports={
                year: report
                for year, report in authority.reports.items()
                if not lost(settings, authority.slug, report.signed_with or frozenset())
            },
        )
        for authority in authorities
    ]


def lost(settings: Settings, authority: str, files: frozenset[str]) -> bool:
    """Return whether the rule has removed one of an authority's files, given by SHA-256."""
    return any(
        row["authority"] == authority and row["sha256"] in files for row in read_csv(settings.state / REMOVED)
    )


def apply(settings: Settings, authorities: Iterable[Authority], today: date) -> Removed:
    """Remove what the rules say; doing it twice changes nothing.

    Args:
        settings: the installation's; nobody else may be using the build.
        authorities: with every report that their profiles declare.
        today: the day from which years are counted back.

    Returns:
        Removed: what was removed now.

    Raises:
        ConfigurationProblem: a signed pack must lose its case lists, and the installation has no signing key; nothing is
            removed then.
    """
    from redress.attest import manifest

    authorities, removed, key = list(authorities), Removed(), manifest.signing_key(settings)
    for authority in authorities:
        for pack in _old_packs(settings, authority, today):
            manifest.require_key(pack, key)
    for authority in authorities:
        cutoff = kept_from(authority, today)
        if cutoff is None:
            continue
        _remove_extracts(settings, authority, cutoff, today, removed)
        _remove_workbooks(settings, authority.slug, cutoff)
        for pack in _old_packs(settings, authority, today):
            _strip_pack(pack, rule_of(authority), today, key, removed)
        left = sorted(
            show_text(path.name)
            for path in authority.extracts.glob("*/*")
            if _day(path.name, cutoff) < cutoff
        )
        if left and authority.extracts.is_dir():
            removed.notes.append(
                f"{authority.slug}: the drop folder {authority.extracts} still has files received before {cutoff} "
                f"({', '.join(left[:5])}): they are not read, and are yours to delete"
            )
    if removed.extracts:
        _remove_made_of_cases(settings)
    for slug in {extract.partition("/")[0] for extract in removed.extracts}:
        shutil.rmtree(waiting_place(settings, slug), ignore_errors=True)
    return removed


def _remove_extracts(
    settings: Settings, authority: Authority, cutoff: date, today: date, removed: Removed
) -> None:
    """Remove extracts received before the cutoff, with all that was made of them."""
    ledger = read_ledger(settings)
    old = [row for row in ledger if row["authority"] == authority.slug and row["received_at"].date() < cutoff]
    if not old:
        return
    gone = {row["extract_id"] for row in old}
    needed = {row["sha256"] for row in ledger if row["extract_id"] not in gone}
    known = read_csv(settings.state / REMOVED)
    known += [
        {**row, "received_at": str(row["received_at"]), "removed_on": str(today), "rule": rule_of(authority)}
        for row in old
    ]
    write_csv(settings.state / REMOVED, REMOVED_COLUMNS, known, without_others=True)
    for row in old:
        stem = row["extract_id"].replace("/", "--")
        for folder in [settings.state / "quarantine", *(settings.state / "conformed").glob("*")]:
            (folder / f"{stem}.parquet").unlink(missing_ok=True)
        if row["sha256"] not in needed:
            (settings.state / "kept" / row["sha256"]).unlink(missing_ok=True)
        removed.extracts.append(row["extract_id"])


def _remove_workbooks(settings: Settings, slug: str, cutoff: date) -> None:
    """Remove quarantine workbooks of batches received before the cutoff."""
    for path in (settings.build / "quarantine").glob(f"{slug}-*.xlsx"):
        if _day(path.stem[len(slug) + 1 :], cutoff) < cutoff:
            path.unlink()


def _remove_made_of_cases(settings: Settings) -> None:
    """Remove what was made of rows that are gone; the run that follows makes it anew from those that stay."""
    generations.remove(settings, ("state/redress.duckdb", "state/protected"))
    candidate = candidate_database(settings)
    for path in (candidate, Path(f"{candidate}.wal"), Path(f"{database_in_force(settings)}.wal")):
        path.unlink(missing_ok=True)
    for folder in (
        settings.state / "failures",
        settings.build / ".next",
        settings.build / "checks_evidence",
        settings.build / "to-fix",
        settings.state / "tried",
    ):
        shutil.rmtree(folder, ignore_errors=True)
    for path in (
        settings.state / "checks.json",
        settings.build / "checked_figures.parquet",
        settings.build / "quarantine" / "quarantine.csv",
        settings.build / "words-withheld.csv",
    ):
        path.unlink(missing_ok=True)


def _old_packs(settings: Settings, authority: Authority, today: date) -> list[Path]:
    """Return the evidence packs of reports that are as at a time whose cases the rule removes."""
    cutoff = kept_from(authority, today)
    packs = [
        settings.build / "evidence" / f"{authority.slug}-{report.reporting_year}"
        for report in authority.reports.values()
        if cutoff is not None and report.as_at < cutoff
    ]
    return [pack for pack in packs if pack.is_dir()]


def _strip_pack(pack: Path, rule: str, today: date, key: Ed25519PrivateKey | None, removed: Removed) -> None:
    """Take the case lists out of a report's evidence pack, and out of its zip.

    The zip is removed first and written last: one that is cut short between is written by the next run.
    """
    from redress.attest import case_removal, manifest

    archive = pack.with_name(f"{pack.name}.zip")
    if case_removal.case_lists(pack):
        archive.unlink(missing_ok=True)
    if manifest.strip(pack, rule, today, key):
        removed.packs.append(pack.name)
    if (pack / NOTE).is_file() and not archive.exists():
        manifest.write_zip(pack, archive)


def _day(text: str, otherwise: date) -> date:
    """Return the day that a folder or workbook is named by; `otherwise` where it is named otherwise."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return otherwise
