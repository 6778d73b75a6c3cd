"""The stages of a run: every one a function `stage(context) -> counts`, and `STAGES`, which lists them in order.

The `redress` command calls them one after the other (`pipeline`); each Dagster asset calls one. The journal and Dagster
take from `STAGES` what a stage is called, what it reads and what it leaves.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redress.attest import revisions, signing
from redress.authority.model import Authority
from redress.base.blame import FileTrouble
from redress.base.errors import (
    ConfigurationProblem,
    DropFolderAway,
    FileWasRejected,
    GateFailed,
    RedressError,
)
from redress.base.files import why_unreadable
from redress.base.printable import show_text
from redress.base.request import Signing
from redress.base.settings import candidate_database, database_in_force
from redress.intake.ledger import read_ledger
from redress.run import clock, retention
from redress.run.choose import without_cases
from redress.run.context import Context, Stage
from redress.run.gates import require_green_checks, require_green_warehouse, run_gates
from redress.run.merge import keep_revisions, put_together
from redress.run.release import release
from redress.run.words import require_sound_words
from redress.run.workshop import write_configuration
from redress.signed.record import in_force
from redress.warehouse.connection import require_tables

if TYPE_CHECKING:
    from redress.intake import FileResult
    from redress.warehouse import DbtResult

NO_SOURCE = "unknown"
"""The ledger's word for the source of a file that no mapping claims."""


def read_authorities(context: Context) -> dict[str, int]:
    """Load and validate the authorities' folders; write the configuration tables for the chosen reports.

    Raises:
        ConfigurationProblem: a folder or a declared report is not valid, or the request names an authority or year
            that no profile declares.
    """
    settings, wish = context.settings, context.request.signing
    context.warnings += context.declared_reports.warnings
    removed = _remove_by_rule(context)
    context.notes += removed.notes
    if wish:
        _refuse_to_revise_without_cases(context, wish)
        signing.check_wish(settings, wish, context.countable)
        signing.check_words(wish, context.declared_reports.reports[wish.report])
    if context.only is None:  # else its workshop has tables of its own
        write_configuration(context)
    counts = {
        "authorities": len(context.chosen),
        "reports": sum(len(authority.reports) for authority in context.chosen),
    }
    if removed.extracts or removed.packs:
        counts |= {"extracts removed by rule": len(removed.extracts), "packs stripped": len(removed.packs)}
    return counts


def _remove_by_rule(context: Context) -> retention.Removed:
    """Remove what retention rules say, but nothing while the machine's clock is in doubt: a warning says so."""
    settings = context.settings
    why = "" if settings.today else clock.doubt(settings, settings.day)
    clock.keep_day(settings)
    if not why:
        return retention.apply(settings, context.declared, settings.day)
    if any(authority.profile.retention.case_data_years for authority in context.declared):
        context.warnings.append(
            f"{why}: no case data were removed by a retention rule. Set the clock right; or, if it is right, say so with "
            "`redress build --clock-is-right`"
        )
    return retention.Removed()


def intake(context: Context) -> dict[str, int]:
    """Take in what lies in the drop folders of the chosen authorities; write quarantine/.

    A rejected file does not stop the run while an earlier good extract of the same source is in force.

    Raises:
        FileWasRejected: a file was rejected and nothing good of its source is in force.
    """
    from redress.intake import words_withheld, write_quarantine

    files: list[tuple[str, FileResult]] = []
    for authority in list(context.countable):
        try:
            files += [(authority.slug, file) for file in _take_in(authority, context)]
        except (RedressError, OSError) as problem:
            context.leave_out(authority.slug, _of_council(problem, authority))
    write_quarantine(context.settings)
    ledger = read_ledger(context.settings)
    outside = [
        f"{slug}: {file.file_name}: {file.message}" for slug, file in files if "/outside/" in file.extract_id
    ]
    context.rejected = [*rejected_files(ledger), *outside]
    _refuse_where_nothing_is_fit(context, ledger)
    loaded = [row for row in ledger if row["status"] == "loaded"]
    withheld = words_withheld(context.settings, {authority.slug for authority in context.chosen})
    return {
        "files": len(ledger),
        "new files": sum(not file.is_known for _, file in files),
        "rows conformed": sum(row["rows_conformed"] for row in loaded),
        "rows quarantined": sum(row["rows_quarantined"] for row in loaded),
        "files rejected": len(context.rejected),
        **({"words that may name somebody and are not published": withheld} if withheld else {}),
    }


def _of_council(problem: RedressError | OSError, authority: Authority) -> RedressError:
    """Return what is wrong with a council's drop folder.

    Raises:
        OSError: it is not known to be of that folder.
        RedressError: the machine refused, which is no council's fault.
    """
    if isinstance(problem, FileTrouble):
        raise problem
    if isinstance(problem, RedressError):
        return problem
    if not str(problem.filename or "").startswith(str(authority.extracts)):
        raise problem
    return DropFolderAway(
        f"{show_text(str(problem.filename))} cannot be read: {why_unreadable(problem)}.",
        f"whoever keeps that drop folder, or {authority.slug}/profile.yml",
    )


def _refuse_where_nothing_is_fit(context: Context, ledger: Sequence[Mapping[str, Any]]) -> None:
    """Raise where a source or a report has nothing fit to use; a run that spares others leaves out the councils concerned.

    Raises:
        FileWasRejected: a source has been sent, and nothing of it is fit to use.
        ConfigurationProblem: a report is as at a moment by which no file had been received.
        GateFailed: more records of a source are set aside than may be.
    """
    try:
        _refuse_missing_sources(ledger, context.request.authority)
        _refuse_reports_of_nothing(ledger, context.chosen, context.notes)
        _refuse_what_is_mostly_set_aside(context, ledger, context.chosen)
    except RedressError as every:
        at_fault: dict[str, RedressError] = {}
        for authority in context.chosen:
            try:
                _refuse_missing_sources(ledger, authority.slug)
                _refuse_reports_of_nothing(ledger, [authority], context.notes)
                _refuse_what_is_mostly_set_aside(context, ledger, [authority])
            except RedressError as problem:
                at_fault[authority.slug] = problem
        if not context.spares or len(at_fault) in (0, len(context.chosen)):
            raise every from None
        for slug, problem in at_fault.items():
            context.leave_out(slug, problem)


def _take_in(authority: Authority, context: Context) -> list[FileResult]:
    """Take in the drop folder of one authority; return what became of each file."""
    from redress.intake import load_drop_folder

    context.say(authority.slug)
    if authority.profile.extracts and not os.path.isdir(authority.extracts):
        raise DropFolderAway(
            f"The drop folder {show_text(authority.extracts)} is not there.",
            f"whoever keeps that drop folder, or {authority.slug}/profile.yml",
        )
    prefix = f"{authority.slug}/"
    result = load_drop_folder(
        authority,
        context.settings,
        kept_from=retention.kept_from(authority, clock.day_of_rules(context.settings)),
        unsettled=frozenset(
            place.removeprefix(prefix) for place in context.unsettled if place.startswith(prefix)
        ),
    )
    context.notes += [f"{authority.slug}: {message}" for message in result.messages]
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


def build_warehouse(context: Context, select: Sequence[str] = ()) -> DbtResult:
    """Build as `warehouse` does, and return the result without judging it.

    With `select`, the database in force is copied first and only the selection is built into the copy.
    """
    from redress.warehouse import build

    settings = context.settings
    require_tables(settings)
    target = candidate_database(settings)
    if select and not target.exists() and database_in_force(settings).exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(database_in_force(settings), target)
    return build(settings, target, select=select, say=context.say)


def figures(context: Context) -> dict[str, int]:
    """Export figures.figures of the candidate database to `.next/figures.csv`, and trace each to its cases.

    Raises:
        GateFailed: there is not one figure.
    """
    from redress.intake.pseudonyms import key_for
    from redress.warehouse import cases, export_figures
    from redress.warehouse.dbt import dbt_folder

    settings = context.settings
    rows = export_figures(settings.database, settings.next / "figures.csv")
    if rows == 0:
        raise GateFailed(
            "Not one figure was computed.",
            "whoever sends the extracts",
            ["No report has data: look at build/quarantine/ and at the drop folders."],
        )
    context.say("the cases behind them")
    by_slug = {authority.slug: authority for authority in context.declared}
    complete = cases.trace(
        settings.database,
        dbt_folder(settings) / "target" / "compiled",
        lambda slug: key_for(by_slug[slug], settings),
        settings.compiled / "rewritten",
    )
    return {"figures": rows, "traced to their cases": complete}


def reconcile(context: Context) -> dict[str, int]:
    """Run every check and compare with what was published; write both results into place, then judge.

    Raises:
        GateFailed: a blocking check failed or errored, no check ran, or a published figure has no verdict.
    """
    judged = run_gates(context)
    require_green_checks(context, judged)
    return judged.counts


def protect(context: Context) -> dict[str, int]:
    """Make the protected export, the only thing that the site may read, in `.next/protected`.

    What was decided on each figure is kept in `.next/suppression.csv`, for the council's own use, and so are the
    copies for internal readers in `.next/internal`. Reports that are signed off are exported as they were signed.

    Raises:
        GateFailed: the words of a report say what its protected figures do not, or what may not be said.
    """
    from redress.protect import export

    settings = context.settings
    folder, internal = _empty(settings.next / "protected"), _empty(settings.next / "internal")
    export(
        settings,
        folder,
        settings.next / "suppression.csv",
        internal,
        differences_file=revisions.protected_otherwise(settings),
        without_cases=without_cases(context.declared, context.countable, context.request),
        warnings=context.warnings,
    )
    context.warnings += revisions.other_protection(context.declared, context.signed_before)
    context.warnings += revisions.other_words(context.declared, context.signed_before)
    require_sound_words(context, folder)
    return {"tables": sum(1 for path in folder.rglob("*") if path.is_file())}


def together(context: Context) -> dict[str, int]:
    """Write the waiting results of all councils: those made in workshops, and those that stand and are taken over.

    Raises:
        GateFailed: what compares councils is not sound.
        DamagedFile: results that stand cannot be read.
    """
    made = context.made
    assert made is not None, "a run that makes nothing apart has nothing to put together"
    held_up = {slug: known.held_up_since for slug, known in made.councils.items() if known.held_up_since}
    figures = put_together(context.settings, made.sources, held_up)
    return {"councils": len(made.councils), "made anew": len(made.fresh), "figures": figures}


def publish(context: Context) -> dict[str, int]:
    """Build the website from the protected export into `.next/site`."""
    from redress.publish import build_site

    settings = context.settings
    folder = settings.next / "site"
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    build_site(settings, settings.next / "protected", folder)
    pages = sum(1 for _ in folder.rglob("*.html")) if folder.exists() else 0
    if pages == 0:
        raise GateFailed("The website has no page.", "whoever maintains reports/")
    context.warnings += revisions.pages_not_as_signed(context.signed_before, folder)
    return {"pages": pages}


def attest(context: Context) -> dict[str, int]:
    """List what later files would change in signed-off reports, sign where asked to, write the evidence packs."""
    from redress.attest import packs
    from redress.signed import code

    settings, wish = context.settings, context.request.signing
    listed = settings.next / "revisions.csv"
    own = [authority for authority in context.chosen if context.is_fresh(authority.slug)]
    changes = revisions.write(
        settings,
        own,
        [record for record in context.signed_before if context.is_fresh(record.authority)],
        listed,
    )
    if context.made:
        keep_revisions(settings, context.made.fresh, context.made.councils)
    context.warnings += revisions.tell(revisions.waiting(listed))
    if wish:
        [authority] = [authority for authority in context.chosen if authority.slug == wish.authority]
        reports = {year: report.as_at for year, report in authority.reports.items()}
        signing.write(settings, wish, reports, _empty(settings.next / "signed"), code.code(settings))
    written = packs.write_packs(
        settings, _empty(settings.next / "evidence"), context.made and context.made.fresh
    )
    return {"evidence packs": len(written), "figures that would be revised": changes}


COUNCIL_STAGES = ("warehouse", "figures", "reconcile", "protect")
"""The stages that are done for councils apart from others, in a workshop."""
PUBLISHING_STAGES = ("together", "publish", "attest", "release")
"""The stages that are done for all councils, when those that are made anew are made."""

STAGES = (
    Stage("authorities", "Reading the authorities' folders", read_authorities, leaves="configuration"),
    Stage(
        "intake",
        "Taking in extracts",
        intake,
        reads=("files", "configuration"),
        leaves="conformed",
        rows="rows conformed",
    ),
    Stage(
        "warehouse",
        "Building and testing the warehouse",
        warehouse,
        reads=("configuration", "conformed"),
        leaves="warehouse",
    ),
    Stage("figures", "Exporting figures", figures, reads=("warehouse",), leaves="figures", rows="figures"),
    Stage(
        "reconcile", "Reconciling", reconcile, reads=("warehouse", "figures"), leaves="checks", rows="checks"
    ),
    Stage("protect", "Protecting small numbers", protect, reads=("figures", "checks"), leaves="protected"),
    Stage(
        "together", "Putting the councils together", together, reads=("figures", "protected"), rows="figures"
    ),
    Stage("publish", "Building the website", publish, reads=("protected",), leaves="site", rows="pages"),
    Stage(
        "attest",
        "Writing the evidence",
        attest,
        reads=("warehouse", "figures", "checks", "protected", "site"),
        leaves="evidence",
        rows="evidence packs",
    ),
    Stage(
        "release",
        "Putting results into place",
        release,
        reads=("figures", "protected", "site", "evidence"),
        leaves="results",
        rows="results",
    ),
)
"""The stages in order."""


def stage_named(name: str) -> Stage:
    """Return the stage of that name."""
    return next(stage for stage in STAGES if stage.name == name)


# What refuses


def _refuse_to_revise_without_cases(context: Context, wish: Signing) -> None:
    """Raise ConfigurationProblem where a signed report cannot be counted any more, because files of it were removed."""
    signed = in_force(context.settings, *wish.report)
    if signed and retention.lost(context.settings, wish.authority, signed.signed_with):
        raise ConfigurationProblem(
            f"{wish.authority} {wish.reporting_year} cannot be revised: files that it was counted from were removed by "
            "the retention rule. It stays published as it was signed.",
            f"whoever keeps {wish.authority}/profile.yml: `retention` is too short for reports that may be revised",
        )


def rejected_files(ledger: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the rejected files that no later good file of the same source and scope has replaced, one line each."""
    newest: dict[tuple, Mapping[str, Any]] = {}
    for row in ledger:
        source = row["file_name"] if row["source"] == NO_SOURCE else row["source"]
        newest[(row["authority"], source, row["scope"] or "")] = row
    return [
        f"{row['authority']}: {row['file_name']}: {row['message']}"
        for row in newest.values()
        if row["status"] == "rejected"
    ]


def _refuse_missing_sources(ledger: Sequence[Mapping[str, Any]], only: str | None) -> None:
    """Raise FileWasRejected where a source has been sent, and nothing of it is fit to use.

    A file of no known source (a stray note in the drop folder) stops nothing; it is reported at the end.

    Args:
        ledger: the files received.
        only: the authority that the run is about; None for all.
    """
    rows = [row for row in ledger if only in (None, row["authority"])]

    def source_of(row: Mapping[str, Any]) -> tuple[str, str, str]:
        return row["authority"], row["source"], row["scope"] or ""

    loaded = {source_of(row) for row in rows if row["status"] == "loaded"}
    nothing = [
        row
        for row in rows
        if row["status"] == "rejected" and row["source"] != NO_SOURCE and source_of(row) not in loaded
    ]
    if nothing:
        raise FileWasRejected(
            "A file was rejected, and there is no earlier good file of the same source to use instead.",
            "whoever exports it; the workbook in build/quarantine/ says what is wrong",
            [f"{row['authority']}: {row['file_name']}: {row['message']}" for row in nothing],
        )


def _refuse_what_is_mostly_set_aside(
    context: Context, ledger: Sequence[Mapping[str, Any]], authorities: Sequence[Authority]
) -> None:
    """Raise GateFailed where more records of a source are set aside than may be."""
    from redress.intake.ceiling import over_the_ceiling

    told = [
        line
        for authority in authorities
        for line in over_the_ceiling(authority, ledger, context.settings, context.settings.day)
    ]
    if told:
        raise GateFailed(
            "Too many records of a source are set aside, so the figures would be those of the rest.",
            "whoever exports the files or keeps mapping.yml; the workbook in build/quarantine/ names each record. If it must be "
            "so for a while, say `set_aside: {up_to: ..., because: ..., until: ...}` at the source (docs/mapping.md)",
            told,
        )


def _refuse_reports_of_nothing(
    ledger: Sequence[Mapping[str, Any]], authorities: Sequence[Authority], notes: Sequence[str]
) -> None:
    """Raise ConfigurationProblem where a report is as at a moment by which no file had been received.

    A report knows what had been received by its as-at, so it would be empty, and every check of it blank.
    """
    empty = []
    for authority in authorities:
        days = sorted(
            row["received_at"].date()
            for row in ledger
            if row["authority"] == authority.slug and row["status"] == "loaded"
        )
        if not days:
            first_year = min(authority.reports)
            empty.append(
                f"{authority.slug}: no file has been taken in. Put the exported files into "
                f"{show_text(authority.extracts)}/<reporting year>/<date received>/, such as {first_year}/"
                f"{authority.reports[first_year].as_at}/"
            )
            continue
        empty += [
            f"{authority.slug}: the report {year} is as at {report.as_at}, but the first file was received on "
            f"{days[0]}. Put the files of that report into a folder named by a day up to {report.as_at}, or give "
            "the report a later as_at"
            for year, report in sorted(authority.reports.items())
            if report.as_at < days[0]
        ]
    if empty:
        raise ConfigurationProblem(
            "A report has nothing to be counted from.",
            "whoever puts the files into the drop folder, or keeps the authority's profile.yml",
            [*empty, *notes],
        )


def _empty(folder: Path) -> Path:
    """Return the folder, existing and with nothing in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
