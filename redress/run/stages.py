"""The run: stages in order, gates between them, and one release at the end.

Every stage is a plain function `stage(context) -> counts`. The `redress` command calls them one after
the other; each Dagster asset calls one. Results are made in `build/.next` and in a database file of
their own, and `release` puts them into force together as the last act (see `generations`), so that a run
that stops anywhere leaves the last green results standing. What says why a run stopped (checks.csv,
published_check.csv, quarantine/) is written into place at once, each file in one step.
"""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from redress.attest.signing import Signing, check_wish
from redress.attest.signing import in_force as signed_off
from redress.base import generations
from redress.base.blame import FileTrouble, of_text
from redress.base.errors import (
    ConfigurationProblem,
    DropFolderAway,
    FileWasRejected,
    GateFailed,
    RedressError,
)
from redress.base.printable import show_text
from redress.base.settings import RunSettings, Settings, candidate_database, database_in_force
from redress.base.tables import (
    PART,
    read_csv,
    read_ledger,
    replace_file,
    require_readable,
    require_tables,
    write_csv,
)
from redress.run import retention
from redress.run.journal import Journal, reason, started_by
from redress.run.measure import Display, RunRecord, StageRecord, measured

CHECK_COLUMNS = (
    "check_id",
    "family",
    "authority",
    "reporting_year",
    "statement",
    "expected",
    "found",
    "verdict",
    "severity",
    "owner",
)
NO_SOURCE = "unknown"
"""The ledger's word for the source of a file that no mapping claims."""
PUBLISHED_VERDICTS = frozenset({"reproduced", "contradiction", "prior_series", "not_computable"})


@dataclass(frozen=True)
class Request:
    """What to build.

    Attributes:
        authority: one authority's slug; None means all.
        year: one reporting year such as 2023-24; None means every year that profiles declare.
        as_at: the moment of knowledge; None means what each profile says for each report.
        site: whether to build the website.
        signing: the report to sign off, or to revise, when everything is green.
    """

    authority: str | None = None
    year: str | None = None
    as_at: date | None = None
    site: bool = True
    signing: Signing | None = None


@dataclass
class Context:
    """What a stage is given (places, what to build, where to tell of progress) and what it has to say.

    Attributes:
        warnings: what did not stop the run and somebody should look at.
        rejected: files that intake could not take, and that nothing newer has replaced.
        notes: what became of each file in the drop folders.
        unsettled: files of drop folders that are still being copied, `<authority>/<place in its drop folder>`;
            intake leaves them for the next run.
        counts: what the stage made, by name.
    """

    settings: RunSettings
    request: Request = field(default_factory=Request)
    say: Callable[[str], None] = lambda text: None
    warnings: list[str] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unsettled: frozenset[str] = frozenset()
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Stage:
    """One stage: its name, its title for people, its function."""

    name: str
    title: str
    function: Callable[[Context], dict[str, int]]


def run_settings(settings: Settings, *, fresh: bool = False) -> RunSettings:
    """Settings for stages of a run.

    Args:
        settings: the installation's.
        fresh: a run begins, and makes a new database. Otherwise the candidate is used where one waits,
            else the database in force.
    """
    known = {item.name: getattr(settings, item.name) for item in fields(Settings)}
    candidate = candidate_database(settings)
    return RunSettings(**known, database_file=candidate if fresh or candidate.exists() else None)


# The stages


def _counted(function: Callable[[Context], dict[str, int]]) -> Callable[[Context], dict[str, int]]:
    """A stage whose counts are also left in its context, for whoever keeps the journal."""

    @functools.wraps(function)
    def counted(context: Context) -> dict[str, int]:
        context.counts = function(context)
        return context.counts

    return counted


@_counted
def read_authorities(context: Context) -> dict[str, int]:
    """Load and validate the authorities' folders; write the configuration tables for the chosen reports.

    Raises:
        ConfigurationProblem: a folder is not valid, or the request names an authority or year that no
            profile declares.
    """
    from redress.authority import folder as authority_folder

    removed = retention.apply(context.settings, load_authorities(context, whole=True), context.settings.day)
    context.notes += removed.notes
    wish = context.request.signing
    if wish:
        _refuse_to_revise_without_cases(context, wish)
    loaded = load_authorities(context)
    if wish:
        check_wish(context.settings, wish, loaded)
    chosen = choose_reports(loaded, context.request)
    authority_folder.write_config_tables(chosen, context.settings)
    counts = {"authorities": len(chosen), "reports": sum(len(one.reports) for one in chosen)}
    if removed.extracts or removed.packs:
        counts |= {"extracts removed by rule": len(removed.extracts), "packs stripped": len(removed.packs)}
    return counts


def load_authorities(context: Context, *, whole: bool = False) -> list[Any]:
    """The authorities that the request means, checked, their signed-off reports as they were signed.

    Reports whose cases were removed by rule are left out; signed-off ones are then published from their records.

    Args:
        context: says which authorities.
        whole: with the reports whose cases were removed, too.

    Raises:
        ConfigurationProblem: with every fault of every folder; or there is no folder at all.
    """
    from redress.authority import folder as authority_folder

    only = [context.request.authority] if context.request.authority else None
    loaded = authority_folder.load_authorities(context.settings, only)
    if not loaded:
        raise ConfigurationProblem(
            f"There is no authority in {', '.join(str(place) for place in context.settings.authorities)}.",
            "whoever set REDRESS_AUTHORITIES",
        )
    living = loaded if whole else retention.living(loaded, context.settings.day)
    signed = [_as_signed(one, context) for one in living]
    return signed if whole else retention.countable(context.settings, signed)


def _refuse_to_revise_without_cases(context: Context, wish: Signing) -> None:
    """Raise ConfigurationProblem where a signed report cannot be counted any more: without its files it says too little."""
    signed = signed_off(context.settings, *wish.report)
    if signed and retention.lost(context.settings, wish.authority, signed.signed_with):
        raise ConfigurationProblem(
            f"{wish.authority} {wish.reporting_year} cannot be revised: files that it was counted from were removed by "
            "the retention rule. It stays published as it was signed.",
            f"whoever keeps {wish.authority}/profile.yml: `retention` is too short for reports that may be revised",
        )


def without_cases(context: Context) -> list[tuple[str, str]]:
    """The signed-off reports that the request means and that cannot be counted any more: their cases were removed."""
    counted = {(one.slug, year) for one in load_authorities(context) for year in one.reports}
    return [
        (one.slug, year)
        for one in load_authorities(context, whole=True)
        for year, report in sorted(one.reports.items())
        if context.request.year in (None, year)
        and report.signed_with is not None
        and (one.slug, year) not in counted
    ]


def _as_signed(one: Any, context: Context) -> Any:
    """The authority with each signed-off report as at, and from the files of, its newest record.

    A report that this run revises is as at the day asked for, and knows every file received by then.
    """
    wish = context.request.signing
    reports = {}
    for year, report in one.reports.items():
        signed = signed_off(context.settings, one.slug, year)
        if wish and wish.as_at and (wish.authority, wish.reporting_year) == (one.slug, year):
            report = replace(report, as_at=wish.as_at)
        elif signed:
            report = replace(report, as_at=date.fromisoformat(signed.as_at), signed_with=signed.signed_with)
        reports[year] = report
    return replace(one, reports=reports)


@_counted
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
        if one.profile.get("extracts") and not os.path.isdir(one.extracts):
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


def require_green_warehouse(context: Context, result: Any) -> None:
    """Raise GateFailed where `result` has a failed model, seed or blocking test, and say what failed."""
    from redress.reconcile import history, to_fix
    from redress.warehouse.dbt import write_failing_rows

    settings = context.settings
    bad = [node for node in result.nodes if node.is_bad]
    _refuse_what_could_not_be_read(node.message for node in bad if node.status != "fail")
    rows = write_failing_rows(settings.database, bad, settings.state / "failures")
    tests = [node for node in result.nodes if node.resource_type == "test" and node.status != "skipped"]
    records = [_test_record(node, rows.get(node.unique_id)) for node in tests]
    context.warnings += [
        f"{node.statement} ({node.failures} rows; {node.owner})"
        for node in result.nodes
        if node.status == "warn"
    ]
    if result.success and not bad:
        context.warnings += history.record(settings, records)
        return
    write_checks(records, settings.build / "checks.csv")
    _remember(context, records)
    remembered = history.rows(settings)
    details = [
        f"{node.statement} [{node.name}]: "
        + (f"{node.failures} rows" if node.status == "fail" and node.failures is not None else node.message)
        + (f", see {rows[node.unique_id]}" if node.unique_id in rows else "")
        + f". To fix: {node.owner}"
        + (f", in {to_fix.place(settings.build, '', node.owner)}." if node.resource_type == "test" else ".")
        + _spaced(history.since(remembered.get(("", "", f"warehouse.{node.name}"))))
        for node in bad
    ]
    raise GateFailed(
        f"The warehouse is not sound: {len(bad)} of {len(result.nodes)} models and tests failed.",
        ", ".join(sorted({node.owner for node in bad})) or "whoever maintains the warehouse",
        details or [result.message],
    )


@_counted
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


def run_gates(context: Context) -> tuple[list[dict], list[dict]]:
    """The checks and the comparison of `reconcile`, without the verdict; both files are in place after."""
    from redress import reconcile as redress_reconcile

    logging.getLogger("great_expectations.data_context.types.base").addFilter(_only_warnings)
    settings = context.settings
    folder = settings.next / "reconcile"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    context.say("checks")
    require_readable(settings)
    records = list(redress_reconcile.run_checks(settings, folder))
    _refuse_what_could_not_be_read(
        f"{one.get('statement')} {one.get('found')}" for one in records if one.get("verdict") == "error"
    )
    if not (folder / "checks_evidence").exists():
        shutil.rmtree(
            settings.build / "checks_evidence", ignore_errors=True
        )  # what an earlier run found is not behind these checks
    if not (folder / "published_check.csv").exists():
        context.say("published figures")
        redress_reconcile.published_check(settings, folder)
    published = read_csv(folder / "published_check.csv")
    for path in sorted(folder.iterdir()):
        generations.replace(path, settings.build / path.name)
    folder.rmdir()
    _remember(context, records)
    with replace_file(settings.state / "checks.json") as temporary:
        temporary.write_text(
            json.dumps(records, indent=1, default=str, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    context.counts = {"checks": len(records), "published figures compared": len(published)}
    return records, published


def _refuse_what_could_not_be_read(messages: Iterable[str]) -> None:
    """Raise FileTrouble where one of the messages of what failed says that a file is held, damaged or not written.

    What could not be read is neither right nor wrong: it is not judged, and not remembered as a check that failed.
    """
    for message in messages:
        problem = of_text(message)
        if isinstance(problem, FileTrouble):
            raise problem


def _remember(context: Context, records: Sequence[dict]) -> None:
    """Keep what the checks found: the history, and a workbook for each owner of a check that does not pass."""
    from redress.reconcile import history, to_fix

    settings = context.settings
    context.warnings += history.record(settings, records)
    history.write(settings, records)
    to_fix.write(settings.build, records, history.rows(settings))


def _spaced(text: str) -> str:
    return f" {text}" if text else ""


def _only_warnings(record: logging.LogRecord) -> bool:
    """A logging filter: Great Expectations tells of every temporary folder it makes."""
    return record.levelno >= logging.WARNING


def require_green_checks(context: Context, records: Sequence[dict], published: Sequence[dict]) -> None:
    """Raise GateFailed unless every blocking check passed; only the exact word `pass` passes."""
    from redress import reconcile as redress_reconcile
    from redress.reconcile import history, summary

    failed = redress_reconcile.gate(list(records))
    remembered = history.rows(context.settings)
    said_before = list(context.warnings)
    context.warnings += [
        summary.line(one, history.since(remembered.get(history.key_of(one))))
        for one in records
        if one.get("verdict") != "pass" and one.get("severity") == "warn"
    ]
    unjudged = [row for row in published if row.get("verdict") not in PUBLISHED_VERDICTS]
    if records and not failed and not unjudged:
        return
    details = summary.what_failed(context.settings.build, failed, remembered)
    details += [
        f"{row.get('ref')} ({row.get('authority')} {row.get('reporting_year')}): published "
        f"{row.get('published_value')}, computed {row.get('computed_value')}, "
        f"verdict {row.get('verdict')}. {row.get('reason') or ''}".rstrip()
        for row in unjudged
    ]
    if not records:
        details.append("No check ran at all. To fix: whoever maintains Redress.")
    details += said_before
    details.append(
        f"Every check: {context.settings.build / 'checks.csv'}; since when: check_history.csv beside it"
    )
    raise GateFailed(
        f"The figures do not reconcile: {len(failed)} of {len(records)} checks failed, "
        f"{len(unjudged)} published figures are unexplained.",
        ", ".join(sorted({str(one.get("owner")) for one in failed if one.get("owner")}))
        or "the complaints team",
        details,
    )


@_counted
def protect(context: Context) -> dict[str, int]:
    """Make the protected export, the only thing that the site may read, in `.next/protected`.

    What was decided on each figure is kept in `.next/suppression.csv`, for the council's own use, and so are the
    copies for internal readers in `.next/internal`. Reports that are signed off are exported as they were signed.
    """
    from redress import protect as redress_protect
    from redress.attest.revisions import other_protection, protected_otherwise

    settings = context.settings
    folder, inside = _empty(settings.next / "protected"), _empty(settings.next / "internal")
    redress_protect.export(
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


@_counted
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
    from redress.attest import signing as attest_signing

    told = []
    for one in load_authorities(context, whole=True):
        for year in sorted(one.reports):
            record = attest_signing.in_force(context.settings, one.slug, year)
            folder = site / one.slug / year
            if (
                record is None
                or attest_signing.is_signing(context.settings, one.slug, year)
                or not folder.is_dir()
            ):
                continue
            other = (
                attest_signing.unlike(record.pages, attest_signing.files_of(folder)) if record.pages else []
            )
            if other:
                told.append(
                    f"{one.slug} {year}: {len(other)} of {len(record.pages)} files of the signed report read otherwise "
                    "now, though its figures are as signed: the words for readers in its folder, or the program, have "
                    f"changed. First: {', '.join(other[:5])}"
                )
    return told


@_counted
def attest(context: Context) -> dict[str, int]:
    """List what later files would change in signed-off reports, sign where asked to, write the evidence packs."""
    from redress.attest import packs, revisions
    from redress.attest import signing as attest_signing

    settings, wish = context.settings, context.request.signing
    chosen = choose_reports(load_authorities(context), context.request)
    listed = settings.next / "revisions.csv"
    changes = revisions.write(settings, chosen, listed)
    context.warnings += revisions.tell(revisions.waiting(listed))
    if wish:
        [one] = [one for one in chosen if one.slug == wish.authority]
        reports = {year: report.as_at for year, report in one.reports.items()}
        attest_signing.write(settings, wish, reports, _empty(settings.next / "signed"), packs.code(settings))
    written = packs.write_packs(settings, _empty(settings.next / "evidence"))
    return {"evidence packs": len(written), "figures that would be revised": changes}


@_counted
def release(context: Context) -> dict[str, int]:
    """Put this run's results and its sign-off into force, all at once. The only stage that touches what stands.

    The website is replaced only where one was built; evidence packs of other reports stay.

    Raises:
        ConfigurationProblem: no results wait.
    """
    settings = context.settings
    if not (settings.next / "figures.csv").exists() or not candidate_database(settings).exists():
        raise ConfigurationProblem("No results wait to be put into place.", "you: build first")
    results = _results(settings)
    records = {
        str(record.relative_to(settings.next / "signed")): record
        for record in sorted((settings.next / "signed").glob("*/*/*"))
    }
    made = sum(path != settings.build / name for name, path in results.items())
    generations.put_in_force(settings, results, records, settings.next)
    try:
        generations.settle(settings)
    except OSError as problem:
        context.warnings.append(
            f"The results are in place, but what they replaced could not be cleared away ({problem}). The next "
            f"command tries again; whoever runs Redress: look at {problem.filename or settings.build}"
        )
    return {"results": made}


def _results(settings: RunSettings) -> dict[str, Path]:
    """What is in force after a release, by fixed name: this run's results, and what stands and is not replaced."""
    results = {
        "figures.csv": settings.next / "figures.csv",
        "revisions.csv": settings.next / "revisions.csv",
        "state/protected": settings.next / "protected",
        "state/redress.duckdb": candidate_database(settings),
    }
    for name in ("suppression.csv", "site"):
        places = [place for place in (settings.next / name, settings.build / name) if place.exists()]
        results |= {name: places[0]} if places else {}
    if any((settings.next / "internal").glob("*.csv")):
        results["internal"] = settings.next / "internal"
    for folder in (settings.build / "evidence", settings.next / "evidence"):
        packs = sorted(folder.iterdir()) if folder.is_dir() else []
        results |= {f"evidence/{pack.name}": pack for pack in packs}
    return results


STAGES = (
    Stage("authorities", "Reading the authorities' folders", read_authorities),
    Stage("intake", "Taking in extracts", intake),
    Stage("warehouse", "Building and testing the warehouse", warehouse),
    Stage("figures", "Exporting figures", figures),
    Stage("reconcile", "Reconciling", reconcile),
    Stage("protect", "Protecting small numbers", protect),
    Stage("publish", "Building the website", publish),
    Stage("attest", "Writing the evidence", attest),
    Stage("release", "Putting results into place", release),
)


# The run


def run(settings: Settings, request: Request, quiet: bool = False) -> RunRecord:
    """Run all stages in order.

    Args:
        settings: the installation's.
        request: what to build.
        quiet: no display.

    Returns:
        RunRecord: verdict `green`, or `green_with_rejected_files` where a rejected file left an earlier
            extract in force.

    Raises:
        RedressError: a stage refused; the record is written, nothing was released.
    """
    record = RunRecord.start(
        {
            name: str(value) if isinstance(value, date) else value
            for name, value in asdict(request).items()
            if name != "signing" or value
        },
        started_by(),
    )
    with exclusive(settings):
        begin(settings)
        journal = Journal(settings, record)
        journal.begin()
        context = Context(replace(run_settings(settings, fresh=True), signing=request.signing), request)
        display = Display(len(STAGES), quiet)
        context.say = display.say
        try:
            for stage in STAGES:
                _run_stage(stage, context, record, display, journal)
            record.verdict = "green_with_rejected_files" if context.rejected else "green"
            record.message = "; ".join([*context.rejected, *context.warnings])
            record.warnings = [*context.warnings, *record.warnings]
        except RedressError as problem:
            record.verdict, record.message, record.who = "refused", problem.what, problem.who
            raise
        except BaseException as problem:
            record.verdict, record.message = "error", reason(problem)
            raise
        finally:
            record.notes = context.notes
            record.seconds = round(sum(stage.seconds for stage in record.stages), 3)
            with contextlib.suppress(OSError):  # the journal tells of the run too, and of a better reason
                record.write(settings)
            journal.end()
    return record


def _run_stage(stage: Stage, context: Context, record: RunRecord, display: Display, journal: Journal) -> None:
    """One stage with its measurements; a stage that raises is recorded before the error goes on."""
    outcome = StageRecord(stage.name)
    record.stages.append(outcome)
    display.begin(stage.title)
    try:
        if stage.name == "publish" and not context.request.site:
            outcome.verdict, outcome.message = "skipped", "the website that stands is left as it is"
            return
        with measured(outcome):
            outcome.counts = stage.function(context)
    except RedressError as problem:
        outcome.verdict, outcome.message = "refused", problem.what
        raise
    except BaseException as problem:
        outcome.verdict, outcome.message = "error", reason(problem)
        raise
    finally:
        display.end(outcome)
        journal.stage(outcome)


@contextlib.contextmanager
def exclusive(settings: Settings) -> Iterator[None]:
    """Hold the build alone: DuckDB has one writer, and so has the results folder.

    A release that was cut off is finished or undone first.

    Raises:
        ConfigurationProblem: another run holds it, it cannot be made or written, or what was cut off cannot be cleared
            away.
    """
    with contextlib.ExitStack() as stack:
        try:
            is_held = stack.enter_context(generations.held(settings))
        except OSError as problem:
            raise ConfigurationProblem(
                f"The build folder {settings.build} cannot be made or written: {problem.strerror} ({problem.filename}).",
                "whoever set REDRESS_BUILD, or looks after that folder",
            ) from problem
        if not is_held:
            raise ConfigurationProblem(
                f"Another run is using {settings.build}.", "whoever started it; try again when it has ended"
            )
        try:
            generations.settle(settings)
        except OSError as problem:
            raise ConfigurationProblem(
                f"What an earlier run left cannot be cleared away: {problem}.",
                f"whoever runs the machine: this account has to be able to change everything in {settings.build}",
            ) from problem
        yield


def begin(settings: Settings) -> None:
    """Clear away what an earlier run left waiting or half written."""
    for folder in ("", "*/", "state/*/", "state/conformed/*/"):
        for left in settings.build.glob(f"{folder}{PART}*.tmp"):
            left.unlink(missing_ok=True)
    shutil.rmtree(settings.build / ".next", ignore_errors=True)
    shutil.rmtree(candidate_database(settings).parent, ignore_errors=True)


# Choosing


def choose_reports(authorities: Sequence[Any], request: Request) -> list[Any]:
    """The authorities with only the reports to build, each as at the moment asked for.

    A year that no profile declares is built where the request names the authority and the as-at too.

    Args:
        authorities: loaded authority folders.
        request: restricts the year, and may move the as-at.

    Raises:
        ConfigurationProblem: nothing is left to build.
    """
    from redress.authority.folder import Report, year_bounds

    chosen = []
    for one in authorities:
        reports = {year: report for year, report in one.reports.items() if request.year in (None, year)}
        if request.year and request.authority and request.as_at and not reports:
            try:
                start, end = year_bounds(request.year)
            except ValueError as problem:
                raise ConfigurationProblem(f"{problem}.", "whoever typed the command") from problem
            reports[request.year] = Report(
                request.year, start, end, request.as_at, f"Annual report {request.year}"
            )
        if request.as_at:
            _refuse_to_move(one, reports, request)
            reports = {year: replace(report, as_at=request.as_at) for year, report in reports.items()}
        if reports:
            published, contradictions = (
                {year: rows for year, rows in tables.items() if request.year in (None, year)}
                for tables in (one.published, one.contradictions)
            )
            chosen.append(replace(one, reports=reports, published=published, contradictions=contradictions))
    if not chosen:
        raise ConfigurationProblem(
            f"No profile declares a report for {request.year or 'any year'}.",
            "whoever keeps the authorities' profile.yml",
            [f"{one.slug}: {', '.join(sorted(one.reports)) or 'no reports'}" for one in authorities],
        )
    return chosen


def _refuse_to_move(one: Any, reports: Mapping[str, Any], request: Request) -> None:
    """Raise ConfigurationProblem where a build would put other numbers in place of signed-off ones."""
    signed = [year for year, report in reports.items() if report.signed_with is not None]
    if signed:
        raise ConfigurationProblem(
            f"{one.slug} {', '.join(signed)} is signed off, so it is not built as at {request.as_at}.",
            "whoever typed the command: publish a revision with `redress revise`, or look at another moment in "
            "another place (REDRESS_BUILD), or name another --year",
        )


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


def write_checks(records: Sequence[dict], path: Path) -> None:
    """Write check records as CSV with the columns of checks.csv, in one step."""
    write_csv(path, CHECK_COLUMNS, records, without_others=True)


def _test_record(node: Any, rows: Path | None) -> dict:
    """A dbt data test as a check record."""
    verdict = {"pass": "pass", "warn": "fail", "fail": "fail"}.get(node.status, "error")
    return {
        "check_id": f"warehouse.{node.name}",
        "family": "warehouse",
        "authority": "",
        "reporting_year": "",
        "statement": node.statement,
        "expected": "0 rows",
        "found": f"{node.failures} rows" if node.status in ("fail", "warn", "pass") else node.message,
        "verdict": verdict,
        "severity": "warn" if node.severity == "warn" else "block",
        "owner": node.owner,
        "evidence": str(rows or ""),
    }


def _empty(folder: Path) -> Path:
    """An existing folder with nothing in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
