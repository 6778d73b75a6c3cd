"""The stages in order, and a run of all of them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date

from redress.base.errors import RedressError
from redress.base.request import Request
from redress.base.settings import Settings
from redress.run.context import Context, run_settings
from redress.run.journal import Journal, reason, started_by
from redress.run.measure import Display, RunRecord, StageRecord, measured
from redress.run.release import begin, exclusive, release
from redress.run.stages import (
    attest,
    figures,
    intake,
    protect,
    publish,
    read_authorities,
    reconcile,
    warehouse,
)


@dataclass(frozen=True)
class Stage:
    """One stage: its name, its title for people, its function."""

    name: str
    title: str
    function: Callable[[Context], dict[str, int]]


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
