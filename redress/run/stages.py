"""What each stage of a run does, in order: every one a function `stage(context) -> counts`.

The `redress` command calls them one after the other (`pipeline`); each Dagster asset calls one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from redress.attest.signing import check_wish
from redress.base.errors import (
    ConfigurationProblem,
    DropFolderAway,
    FileWasRejected,
    GateFailed,
)
from redress.base.printable import show_text
from redress.base.request import Request
from redress.base.settings import Settings, candidate_database, database_in_force
from redress.intake.ledger import read_ledger
from redress.run import retention
from redress.run.choose import (
    choose_reports,
    load_authorities,
    refuse_to_revise_without_cases,
    without_cases,
)
from redress.run.context import Context, keeping_counts, run_settings
from redress.run.gates import require_green_checks, require_green_warehouse, run_gates
from redress.warehouse.connection import require_tables

NO_SOURCE = "unknown"
"""The ledger's word for the source of a file that no mapping claims."""


# The stages


@keeping_counts
def read_authorities(context: Context) -> dict[str, int]:
    """Load and validate the authorities' folders; write the configuration tables for the chosen reports.

    Raises:
        ConfigurationProblem: a folder is not valid, or the request names an authority or year that no
            profile declares.
    """
    from redress.authority import config_tables

    removed = retention.apply(context.settings, load_authorities(context, whole=True), context.settings.day)
    context.notes += removed.notes
    wish = context.request.signing
    if wish:
        refuse_to_revise_without_cases(context, wish)
    loaded = load_authorities(context)
    if wish:
        check_wish(context.settings, wish, loaded)
    chosen = choose_reports(loaded, context.request)
    config_tables.write_config_tables(chosen, context.settings)
    counts = {"authorities": len(chosen), "reports": sum(len(one.reports) for one in chosen)}
    if removed.extracts or removed.packs:
        counts |= {"extracts removed by rule": len(removed.extracts), "packs stripped": len(removed.packs)}
    return counts


@keeping_counts
def intake(context: Context) -> dict[str, int]:
    """Take in what lies in the drop folders of the chosen authorities; write quarantine/.

    A rejected file does not stop the run while an earlier good extract of the same source is in force.

    Raises:
        FileWasRejected: a file was rejected and nothing good of its source is in force.
    """
    from redress import intake

    settings = context.settings
    new, outside = 0, []
    for one in load_authorities(context):
        context.say(one.slug)
        if one.profile.extracts and not os.path.isdir(one.extracts):
            raise DropFolderAway(
                f"The drop folder {show_text(one.extracts)} is not there.",
                f"whoever keeps that drop folder, or {one.slug}/profile.yml",
            )
        own = frozenset(
            place.removeprefix(f"{one.slug}/")
            for place in context.unsettled
            if place.startswith(f"{one.slug}/")
        )
        result = intake.load_drop_folder(
            one, settings, kept_from=retention.kept_from(one, settings.day), unsettled=own
        )
        new += sum(1 for file in result.files if not file.is_known)
        context.notes += [f"{one.slug}: {message}" for message in result.messages]
        outside += [
            f"{one.slug}: {file.file_name}: {file.message}"
            for file in result.files
            if "/outside/" in file.extract_id
        ]
    intake.write_quarantine(settings)
    ledger = read_ledger(settings)
    context.rejected = [*rejected_files(ledger), *outside]
    _refuse_missing_sources(ledger, context)
    _refuse_reports_of_nothing(ledger, context)
    loaded = [row for row in ledger if row["status"] == "loaded"]
    return {
        "files": len(ledger),
        "new files": new,
        "rows conformed": sum(row["rows_conformed"] for row in loaded),
        "rows quarantined": sum(row["rows_quarantined"] for row in loaded),
        "files rejected": len(context.rejected),
    }


def receive_files(
    settings: Settings, slug: str, files: Sequence[Path], received: datetime | None
) -> list[Any]:
    """Take in one batch by hand and write quarantine/.

    Args:
        settings: the installation's.
        slug: whose files they are.
        files: the batch.
        received: when it came; None means now.

    Returns:
        list: intake.FileResult of each file.

    Raises:
        ConfigurationProblem: no such authority, a broken folder, a missing file, or no key.
    """
    from redress import intake

    [authority] = load_authorities(Context(run_settings(settings), Request(slug)))
    moment = received or datetime.now().replace(microsecond=0)
    kept_from = retention.kept_from(authority, date.today())
    if kept_from is not None and moment.date() < kept_from:
        raise ConfigurationProblem(
            f"Files received before {kept_from} are not kept: {retention.rule_of(authority)}.",
            f"whoever keeps {slug}/profile.yml",
        )
    result = intake.receive([(path, moment) for path in files], authority, settings)
    intake.write_quarantine(settings)
    return result.files


def warehouse(context: Context) -> dict[str, int]:
    """Build the dbt project into the candidate database: seeds, models, data tests.

    Raises:
        GateFailed: a model or a blocking test failed; `build/checks.csv` lists the tests, and the rows
            behind each failure are in `build/state/failures/`.
    """
    result = build_warehouse(context)
    require_green_warehouse(context, result)
    return result.counts


def build_warehouse(context: Context, select: Sequence[str] = ()) -> Any:
    """The dbt build of `warehouse`, without the verdict; returns warehouse.DbtResult.

    With `select`, the database in force is copied first and only the selection is built into the copy.
    """
    from redress import warehouse as redress_warehouse

    settings = context.settings
    require_tables(settings)
    target = candidate_database(settings)
    if select and not target.exists() and database_in_force(settings).exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(database_in_force(settings), target)
    result = redress_warehouse.build(settings, target, select=select, say=context.say)
    context.counts = result.counts
    return result


@keeping_counts
def figures(context: Context) -> dict[str, int]:
    """Export figures.figures of the candidate database to `.next/figures.csv`, and trace each to its cases.

    Raises:
        GateFailed: there is not one figure.
    """
    from redress import warehouse as redress_warehouse

    rows = redress_warehouse.export_figures(context.settings.database, context.settings.next / "figures.csv")
    if rows == 0:
        raise GateFailed(
            "Not one figure was computed.",
            "whoever sends the extracts",
            ["No report has data: look at build/quarantine/ and at the drop folders."],
        )
    context.say("the cases behind them")
    complete = trace_figures(context)
    return {"figures": rows, "traced to their cases": complete}


def trace_figures(context: Context) -> int:
    """Fill the schema `evidence` of the warehouse; returns how many figures have all that lies behind them."""
    from redress.intake.pseudonyms import key_for
    from redress.warehouse import cases
    from redress.warehouse.dbt import dbt_folder

    settings = context.settings
    known = {one.slug: one for one in load_authorities(Context(settings))}
    return cases.trace(
        settings.database,
        dbt_folder(settings) / "target" / "compiled",
        lambda authority: key_for(known[authority], settings),
    )


def reconcile(context: Context) -> dict[str, int]:
    """Run every check and compare with what was published; write both results into place, then judge.

    Raises:
        GateFailed: a blocking check failed or errored, no check ran, or a published figure has no verdict.
    """
    records, published = run_gates(context)
    require_green_checks(context, records, published)
    return {"checks": len(records), "published figures compared": len(published)}


@keeping_counts
def protect(context: Context) -> dict[str, int]:
    """Make the protected export, the only thing that the site may read, in `.next/protected`.

    What was decided on each figure is kept in `.next/suppression.csv`, for the council's own use, and so are the
    copies for internal readers in `.next/internal`. Reports that are signed off are exported as they were signed.
    """
    from redress import protect
    from redress.attest.revisions import other_protection, protected_otherwise

    settings = context.settings
    folder, inside = _empty(settings.next / "protected"), _empty(settings.next / "internal")
    protect.export(
        settings,
        folder,
        settings.next / "suppression.csv",
        inside,
        differences_file=protected_otherwise(settings),
        without_cases=without_cases(context),
        warnings=context.warnings,
    )
    context.warnings += other_protection(settings, load_authorities(context, whole=True))
    return {"tables": sum(1 for path in folder.rglob("*") if path.is_file())}


@keeping_counts
def publish(context: Context) -> dict[str, int]:
    """Build the website from the protected export into `.next/site`."""
    from redress import publish as redress_publish

    settings = context.settings
    folder = settings.next / "site"
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    redress_publish.build_site(settings, settings.next / "protected", folder)
    pages = sum(1 for _ in folder.rglob("*.html")) if folder.exists() else 0
    if pages == 0:
        raise GateFailed("The website has no page.", "whoever maintains reports/")
    context.warnings += _pages_not_as_signed(context, folder)
    return {"pages": pages}


def _pages_not_as_signed(context: Context, site: Path) -> list[str]:
    """One sentence per signed-off report whose files on a website are not byte for byte those that were signed."""
    from redress.signed import record as signed_record

    told = []
    for one in load_authorities(context, whole=True):
        for year in sorted(one.reports):
            record = signed_record.in_force(context.settings, one.slug, year)
            folder = site / one.slug / year
            if (
                record is None
                or signed_record.is_signing(context.settings, one.slug, year)
                or not folder.is_dir()
            ):
                continue
            other = signed_record.unlike(record.pages, signed_record.files_of(folder)) if record.pages else []
            if other:
                told.append(
                    f"{one.slug} {year}: {len(other)} of {len(record.pages)} files of the signed report read otherwise "
                    "now, though its figures are as signed: the words for readers in its folder, or the program, have "
                    f"changed. First: {', '.join(other[:5])}"
                )
    return told


@keeping_counts
def attest(context: Context) -> dict[str, int]:
    """List what later files would change in signed-off reports, sign where asked to, write the evidence packs."""
    from redress.attest import packs, revisions, signing
    from redress.signed import code

    settings, wish = context.settings, context.request.signing
    chosen = choose_reports(load_authorities(context), context.request)
    listed = settings.next / "revisions.csv"
    changes = revisions.write(settings, chosen, listed)
    context.warnings += revisions.tell(revisions.waiting(listed))
    if wish:
        [one] = [one for one in chosen if one.slug == wish.authority]
        reports = {year: report.as_at for year, report in one.reports.items()}
        signing.write(settings, wish, reports, _empty(settings.next / "signed"), code.code(settings))
    written = packs.write_packs(settings, _empty(settings.next / "evidence"))
    return {"evidence packs": len(written), "figures that would be revised": changes}


# The run


# Choosing


# The ledger


def rejected_files(ledger: Sequence[dict]) -> list[str]:
    """Rejected files that no later good file of the same source and scope has replaced, one line each."""
    newest: dict[tuple, dict] = {}
    for row in ledger:
        source = row["file_name"] if row["source"] == NO_SOURCE else row["source"]
        newest[(row["authority"], source, row["scope"] or "")] = row
    return [
        f"{row['authority']}: {row['file_name']}: {row['message']}"
        for row in newest.values()
        if row["status"] == "rejected"
    ]


def _refuse_missing_sources(ledger: Sequence[dict], context: Context) -> None:
    """Raise FileWasRejected where a source has been sent, and nothing of it is fit to use.

    A file of no known source (a stray note in the drop folder) stops nothing; it is reported at the end.
    """
    chosen = [row for row in ledger if context.request.authority in (None, row["authority"])]
    loaded = {
        (row["authority"], row["source"], row["scope"] or "") for row in chosen if row["status"] == "loaded"
    }
    nothing = [
        row
        for row in chosen
        if row["status"] == "rejected"
        and row["source"] != NO_SOURCE
        and (row["authority"], row["source"], row["scope"] or "") not in loaded
    ]
    if nothing:
        raise FileWasRejected(
            "A file was rejected, and there is no earlier good file of the same source to use instead.",
            "whoever exports it; the workbook in build/quarantine/ says what is wrong",
            [f"{row['authority']}: {row['file_name']}: {row['message']}" for row in nothing],
        )


def _refuse_reports_of_nothing(ledger: Sequence[dict], context: Context) -> None:
    """Raise ConfigurationProblem where a report is as at a moment by which no file had been received.

    A report knows what had been received by its as-at, so it would be empty, and every check of it blank.
    """
    empty = []
    for one in choose_reports(load_authorities(context), context.request):
        days = sorted(
            row["received_at"].date()
            for row in ledger
            if row["authority"] == one.slug and row["status"] == "loaded"
        )
        if not days:
            empty.append(
                f"{one.slug}: no file has been taken in. Put the exported files into "
                f"{show_text(one.extracts)}/<reporting year>/<date received>/, such as {min(one.reports)}/"
                f"{one.reports[min(one.reports)].as_at}/"
            )
            continue
        empty += [
            f"{one.slug}: the report {year} is as at {report.as_at}, but the first file was received on "
            f"{days[0]}. Put the files of that report into a folder named by a day up to {report.as_at}, or give "
            "the report a later as_at"
            for year, report in sorted(one.reports.items())
            if report.as_at < days[0]
        ]
    if empty:
        raise ConfigurationProblem(
            "A report has nothing to be counted from.",
            "whoever puts the files into the drop folder, or keeps the authority's profile.yml",
            [*empty, *context.notes],
        )


# Files


def _empty(folder: Path) -> Path:
    """An existing folder with nothing in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
