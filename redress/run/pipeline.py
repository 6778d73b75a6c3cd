"""A run: the stages in order, those between intake and the website council by council."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import date

from redress.base.errors import RedressError
from redress.base.request import Request
from redress.base.settings import Settings
from redress.run import councils
from redress.run.context import Context, Stage, run_settings
from redress.run.journal import Journal, started_by
from redress.run.measure import Display, RunRecord, StageRecord
from redress.run.release import begin, exclusive
from redress.run.runs import Runs
from redress.run.stages import COUNCIL_STAGES, PUBLISHING_STAGES, STAGES, stage_named

KEPT = ("site", "printed", "preview", "decided")
"""Folders of the state that hold what was made by earlier runs and can be made again."""


def run(settings: Settings, request: Request, quiet: bool = False) -> RunRecord:
    """Run all stages in order.

    A council of which nothing has changed is taken over as it stands; one that fails keeps what stands of it, and the
    others are published.

    Args:
        settings: the installation's.
        request: what to build.
        quiet: no display.

    Returns:
        RunRecord: verdict `green`, `green_with_rejected_files` where a rejected file left an earlier extract in
            force, or `green_without_some` where councils failed (`failed`).

    Raises:
        RedressError: a stage refused for all councils, or for the one to be signed off; the journal says so, nothing was
            released.
    """
    record = RunRecord.start(
        {
            name: str(value) if isinstance(value, date) else value
            for name, value in asdict(request).items()
            if name not in ("signing", "from_nothing") or value
        },
        started_by(),
    )
    with exclusive(settings):
        display = Display(len(STAGES), quiet, _usual_seconds(settings))
        begin(settings)
        if request.from_nothing:
            _forget(settings)
        own = replace(run_settings(settings, fresh=True), signing=request.signing)
        context = Context(own, request, spares=True)
        context.say = display.say
        journal = Journal(settings, record)
        with journal.run():
            try:
                _run_stages(context, display, journal)
            finally:
                record.notes = context.notes
                record.warnings = [*context.warnings, *record.warnings]
                record.failed = context.failed
            record.verdict = "green_with_rejected_files" if context.rejected else "green"
            told = [f"{slug}: {problem.what}" for slug, problem in sorted(context.failed.items())]
            record.verdict = "green_without_some" if told else record.verdict
            record.message = "; ".join([*told, *context.rejected, *context.warnings])
    return record


def _run_stages(context: Context, display: Display, journal: Journal) -> None:
    """Run all stages, each council's apart from the others' where they are its own.

    Raises:
        RedressError: nothing can be published.
    """

    def run_stage(stage: Stage, part: Context = context) -> None:
        _run_stage(stage, part, display, journal)

    run_stage(stage_named("authorities"))
    run_stage(stage_named("intake"))
    todo = councils.plan(context)
    display.tell(todo.lines())
    green = councils.make(context, todo, [stage_named(name) for name in COUNCIL_STAGES], run_stage)
    made = councils.gather(context, todo, green, journal.record.run_id)
    if not made.sources:
        raise _one_of(list(context.failed.values()))
    if councils.is_as_it_stands(context, todo, made):
        display.tell([councils.SKIPPED])
        return
    context.made = made
    for name in PUBLISHING_STAGES:
        run_stage(stage_named(name))


def _forget(settings: Settings) -> None:
    """Remove what earlier runs kept so that it need not be made again."""
    for name in KEPT:
        shutil.rmtree(settings.state / name, ignore_errors=True)
    (settings.state / "quarantine-report.json").unlink(missing_ok=True)


def _usual_seconds(settings: Settings) -> dict[str, float]:
    """Return how long stages usually take, where the journal can say it."""
    with suppress(RedressError):
        return Runs(settings).usual_seconds()
    return {}


def _one_of(problems: list[RedressError]) -> RedressError:
    """Return the problem of a run in which every council failed."""
    first, *others = problems
    for other in others:
        if other is not first:
            first.details += [other.what, *other.details]
    return first


def _run_stage(stage: Stage, context: Context, display: Display, journal: Journal) -> None:
    """Run one stage, shown on the display and recorded in the journal."""
    outcome = StageRecord.of(stage)
    display.begin(stage)
    try:
        with journal.stage(outcome):
            if stage.name == "publish" and not context.request.site:
                outcome.verdict, outcome.message = "skipped", "the website that stands is left as it is"
            else:
                outcome.counts = stage.function(context)
    finally:
        display.end(outcome)
