"""What commands do that build nothing: check, take in by hand, list reports. Each is recorded in the journal, or only reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from redress.attest.revisions import waiting
from redress.authority.model import Authority, AuthorityError
from redress.base.errors import ConfigurationProblem, RedressError
from redress.base.files import walk_files
from redress.base.request import Request
from redress.base.settings import Settings
from redress.run import clock, gates, retention, standing, words
from redress.run.context import Context, run_settings
from redress.run.journal import recorded_command
from redress.run.measure import StageRecord
from redress.run.release import exclusive
from redress.run.stages import stage_named
from redress.signed.record import in_force, state_of

if TYPE_CHECKING:
    from redress.declared.load import DeclaredReports
    from redress.intake import FileResult

_WIDTH = 110
"""Of lines that list names."""


def check_folder(settings: Settings, slug: str) -> Iterator[str]:
    """Check an authority's folder, the files that lie there (none is taken in), its sections and the words of its reports.

    Where sections cannot be read, or words are refused, what the files hold is told all the same, and the fault at the end.

    Yields:
        What was found, a line each.

    Raises:
        ConfigurationProblem: no such authority, its folder is not valid, its sections cannot be read, or it still holds the
            examples of a new folder though the council's own files have come.
        GateFailed: words of a report cannot be published as they are.
    """
    with recorded_command(settings, "check", StageRecord("authorities"), {"authority": slug}):
        context = Context(run_settings(settings), Request(slug))
        try:
            [authority] = context.countable
        except AuthorityError as first:
            raise _with_every_fault(settings, slug, first) from first
        declared, fault = _declared(context, slug)
        yield from _of_folder(context, authority, declared)
        if declared is None:
            yield "  The sections of its reports cannot be read as they are, and their words were not held against figures."
        elif fault is None:
            signed = {(record.authority, record.reporting_year) for record in context.signed_before}
            unsigned = [name for name in sorted(declared.reports) if name not in signed]
            findings, held_against = words.check_words(
                settings, authority, [declared.reports[name] for name in unsigned]
            )
            yield from _of_reports(declared)
            yield from (f"  {line}" for line in held_against)
            for name in unsigned:
                yield from _words_left(declared, name)
            warnings = [str(finding) for finding in findings if finding.severity != "error"]
            yield from (f"  To look at: {warning}" for warning in [*declared.warnings, *warnings])
            words.refuse(findings)
        if fault is not None:
            raise fault
        _refuse_examples(authority)


def _with_every_fault(settings: Settings, slug: str, first: AuthorityError) -> AuthorityError:
    from redress.run.every_fault import every_fault

    return every_fault(settings, slug, first)


def _declared(context: Context, slug: str) -> tuple[DeclaredReports | None, RedressError | None]:
    """Return what an authority declares, or what keeps its sections from being read."""
    try:
        return context.declared_reports, None
    except AuthorityError as first:
        return None, _with_every_fault(context.settings, slug, first)
    except ConfigurationProblem as problem:
        return None, problem


def _of_folder(context: Context, authority: Authority, declared: DeclaredReports | None) -> Iterator[str]:
    """Yield what is told of a folder and of its files, also where its sections cannot be read."""
    from redress.run.files_tried import tried_lines

    yield f"The folder of {authority.name} can be used: {authority.folder}"
    yield from (
        f"  report {year}, as at {report.as_at}: {report.title}"
        for year, report in sorted(authority.reports.items())
    )
    yield from (f"  {name}.csv: {len(rows)} rows" for name, rows in sorted(authority.rows.items()))
    yield f"  {sum(1 for _ in walk_files(authority.extracts))} files in {authority.extracts}"
    kept_from = retention.kept_from(authority, clock.day_of_rules(context.settings))
    reports = list(declared.reports.values()) if declared else []
    yield from tried_lines(context.settings, authority, reports, kept_from)
    yield from _guesses_left(authority.folder)
    yield from _examples_left(authority.folder)


def _of_reports(declared: DeclaredReports) -> Iterator[str]:
    """Yield how much each report prints."""
    from redress.declared.asked import asked

    for (_, year), report in sorted(declared.reports.items()):
        sections = sum(len(page.sections) for page in report.pages)
        yield (
            f"  {year}: {sections} sections on {len(report.pages)} pages, which ask for {len(asked(report))} sets of figures"
        )


def _guesses_left(folder: Path) -> list[str]:
    """Return the guesses of a draft that nobody has confirmed, a line each, below a line that counts them."""
    from redress.authority.left_open import guesses

    lines = [f"    {name}, line {line}: {why}" for name, line, why in guesses(folder)]
    if not lines:
        return []
    count = "1 guess is" if len(lines) == 1 else f"{len(lines)} guesses are"
    return [f"  {count} not confirmed (take the comment `# guess: ...` away where it is right):", *lines]


def _examples_left(folder: Path) -> list[str]:
    """Return a line that names the tables which still hold the examples of a new folder; nothing where none does."""
    from redress.authority.left_open import examples

    names = ", ".join(examples(folder))
    return (
        [f"  still the examples of a new folder, to be replaced by the council's own: {names}"]
        if names
        else []
    )


def _refuse_examples(authority: Authority) -> None:
    """Refuse the examples of a new folder where the council's own files have come, which they would count by nobody's limits.

    Raises:
        AuthorityError: with the tables that hold them.
    """
    from redress.authority.left_open import examples, is_sample

    names = ", ".join(examples(authority.folder))
    if names and any(not is_sample(path) for path in walk_files(authority.extracts)):
        raise AuthorityError(
            [
                f"{authority.slug}: {names} still hold the examples of a new folder, and the council's own files have come. "
                "Put the council's own rows in their place, or remove the file"
            ]
        )


def _words_left(declared: DeclaredReports, report: tuple[str, str]) -> list[str]:
    """Return what is left to do in the words of a report before it can be signed off, a line each."""
    from redress.declared.standing import not_approved, old_values

    _, year = report
    unwritten = declared.unwritten.get(report, [])
    own = declared.reports[report]
    lines = [f"  {year}: {sentence}" for sentence in [*not_approved(own), *old_values(own)]]
    if unwritten:
        count = "1 section is" if len(unwritten) == 1 else f"{len(unwritten)} sections are"
        lines.append(f"  {year}: {count} not written yet, and no page prints them:")
        for folder, files in groupby(unwritten, lambda file: file.rpartition("/")[0]):
            names = ", ".join(file.rpartition("/")[2] for file in files)
            lines += wrap(f"{folder}: {names}", _WIDTH, initial_indent=" " * 4, subsequent_indent=" " * 6)
    return lines


def check_warehouse(context: Context) -> gates.Judged:
    """Run the checks on the newest warehouse, and judge.

    Raises:
        GateFailed: as the stage `reconcile`.
    """
    settings = context.settings
    stage = StageRecord.of(stage_named("reconcile"))
    with exclusive(settings), recorded_command(settings, "check", stage, {}):
        judged = gates.run_gates(context)
        standing.mark_judged(settings, standing.failed_last(settings))
        stage.counts = judged.counts
        gates.require_green_checks(context, judged)
    return judged


def receive_files(
    settings: Settings, slug: str, files: Sequence[Path], received: datetime | None
) -> list[FileResult]:
    """Take in one batch by hand and write quarantine/.

    Args:
        settings: the installation's.
        slug: whose files they are.
        files: the batch.
        received: when it came; None means now.

    Returns:
        list: what became of each file.

    Raises:
        ConfigurationProblem: no such authority, a broken folder, a missing file, or no key.
    """
    from redress.intake import receive, write_quarantine

    stage = StageRecord.of(stage_named("intake"))
    asked = {"authority": slug, "files": len(files), "received": received and str(received)}
    with exclusive(settings), recorded_command(settings, "intake", stage, asked):
        authority = _authority(settings, slug)
        moment = received or _now(settings)
        clock.keep_day(run_settings(settings))
        kept_from = retention.kept_from(authority, clock.day_of_rules(run_settings(settings)))
        if kept_from is not None and moment.date() < kept_from:
            raise ConfigurationProblem(
                f"Files received before {kept_from} are not kept: {retention.rule_of(authority)}.",
                f"whoever keeps {slug}/profile.yml",
            )
        result = receive([(path, moment) for path in files], authority, settings)
        write_quarantine(settings)
        stage.counts = {
            "files new": sum(not file.is_known for file in result.files),
            "files rejected": sum(file.status == "rejected" for file in result.files),
        }
    return result.files


def _now(settings: Settings) -> datetime:
    """Return this moment to the second; raises ConfigurationProblem while the clock is in doubt."""
    moment = datetime.now().replace(microsecond=0)
    if why := clock.doubt(settings, moment.date()):
        raise ConfigurationProblem(
            f"{why}, so it is not known when these files were received.",
            "whoever typed the command: give the day with --received, and have somebody look at the machine's clock",
        )
    return moment


def list_reports(settings: Settings, today: date) -> list[str]:
    """Return a line about each report: its state, its as-at, who signed it, what waits to be revised."""
    listed = waiting(settings.build / "revisions.csv")
    in_force_of = standing.read(settings).councils
    lines = []
    for authority in Context(run_settings(settings)).countable:
        for year, report in sorted(authority.reports.items()):
            state = state_of(settings, authority.slug, report, today)
            line = f"{authority.slug} {year}: {state}, as at {report.as_at}"
            if record := in_force(settings, authority.slug, year):
                line += f", signed {record.signed_on} by {record.by}, record {record.number}"
            if count := listed.get((authority.slug, year), 0):
                line += f", {count} figures wait to be revised (revisions.csv)"
            stands = in_force_of.get(authority.slug)
            if stands and stands.held_up_since:
                line += f", held up since {stands.held_up_since}: what stands was made on {stands.made_on}"
            lines.append(line)
    return lines


def begin_year(settings: Settings, slug: str, year: str | None) -> list[str]:
    """Begin the words of a new year; return what was written and what is to be done, a line each.

    Raises:
        ConfigurationProblem: no such authority, its folder is not valid, or the year has words already.
    """
    from redress.declared.new_year import begin

    return [
        *begin(_authority(settings, slug), year).lines(),
        f"`redress check {slug}` says what is left to do.",
    ]


def _authority(settings: Settings, slug: str) -> Authority:
    """Return the authority of that name."""
    [authority] = Context(run_settings(settings), Request(slug)).countable
    return authority
