"""A run of all stages, in order."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date

from redress.base.request import Request
from redress.base.settings import Settings
from redress.run.context import Context, Stage, run_settings
from redress.run.journal import Journal, started_by
from redress.run.measure import Display, RunRecord, StageRecord
from redress.run.release import begin, exclusive
from redress.run.stages import STAGES


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
        RedressError: a stage refused; the journal says so, nothing was released.
    """
    record = RunRecord.start(
        {
            name: str(value) if isinstance(value, date) else value
            for name, value in asdict(request).items()
            if name != "signing" or value
        },
        started_by(),
    )
    display = Display(len(STAGES), quiet)
    with exclusive(settings):
        begin(settings)
        context = Context(replace(run_settings(settings, fresh=True), signing=request.signing), request)
        context.say = display.say
        journal = Journal(settings, record)
        with journal.run():
            try:
                for stage in STAGES:
                    _run_stage(stage, context, display, journal)
            finally:
                record.notes = context.notes
                record.warnings = [*context.warnings, *record.warnings]
            record.verdict = "green_with_rejected_files" if context.rejected else "green"
            record.message = "; ".join([*context.rejected, *context.warnings])
    return record


def _run_stage(stage: Stage, context: Context, display: Display, journal: Journal) -> None:
    """Run one stage, shown on the display and recorded in the journal."""
    outcome = StageRecord.of(stage)
    display.begin(stage.title)
    try:
        with journal.stage(outcome):
            if stage.name == "publish" and not context.request.site:
                outcome.verdict, outcome.message = "skipped", "the website that stands is left as it is"
            else:
                outcome.counts = stage.function(context)
    finally:
        display.end(outcome)
