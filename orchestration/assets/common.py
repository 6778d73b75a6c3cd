"""What every stage's assets share: names, owners, and how a stage runs inside Dagster."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from redress.base.blame import explained
from redress.base.errors import RedressError
from redress.base.request import Request
from redress.base.settings import Settings
from redress.run.context import Context, Stage, run_settings
from redress.run.journal import Journal
from redress.run.measure import RunRecord, StageRecord, reason
from redress.run.release import exclusive
from redress.run.stages import STAGES

POOL = "redress_results"
"""One slot: DuckDB's file and the results folder have one writer."""

COMPLAINTS_TEAM = ["team:complaints"]
WAREHOUSE_TEAM = ["team:warehouse"]
PUBLISHING_TEAM = ["team:publishing"]

FIGURES = dg.AssetKey(["figures", "figures"])
FIGURES_FILE = dg.AssetKey(["reconcile", "figures_file"])
CHECKS = dg.AssetKey(["reconcile", "checks"])
PUBLISHED_CHECK = dg.AssetKey(["reconcile", "published_check"])
PROTECTED = dg.AssetKey(["protect", "protected_export"])
SITE = dg.AssetKey(["publish", "site"])
EVIDENCE = dg.AssetKey(["attest", "evidence"])
RELEASED = dg.AssetKey(["attest", "released_results"])

ASSETS_OF = {
    "warehouse": (FIGURES,),
    "figures": (FIGURES_FILE,),
    "checks": (CHECKS, PUBLISHED_CHECK),
    "protected": (PROTECTED,),
    "site": (SITE,),
    "evidence": (EVIDENCE,),
    "results": (RELEASED,),
}
"""The assets that hold a dataset of the pipeline; those of the warehouse's sources are in dbt's manifest."""


def read_by(stage: Stage) -> list[dg.AssetKey]:
    """Return the assets that a stage reads."""
    return [key for dataset in stage.reads for key in ASSETS_OF[dataset]]


@contextlib.contextmanager
def stage_context(
    settings: Settings,
    asset_context: dg.AssetExecutionContext,
    stage: Stage,
    request: Request | None = None,
    *,
    fresh: bool = False,
) -> Iterator[tuple[Context, StageRecord]]:
    """Give a stage function what it needs, and a record for its counts, while this process alone holds the build.

    The stage is recorded in the journal; the run ends there with its release or its first failure. A refusal becomes a
    Dagster failure that says what failed, who can fix it and each detail; a refusal is a verdict on data, so Dagster
    does not try it again. What is to be tried again ends no run.
    """
    again: dg.RetryRequested | None = None
    outcome = StageRecord.of(stage)
    with failures(), exclusive(settings):
        journal = _journal(settings, asset_context)
        run = Context(run_settings(settings, fresh=fresh), request or Request(), say=asset_context.log.debug)
        with _ending(journal), journal.stage(outcome):
            try:
                yield run, outcome
            except dg.RetryRequested as problem:
                outcome.verdict, outcome.message, again = "refused", "to be tried again", problem
            finally:
                journal.add_remarks(run.notes, run.warnings)
        if again is not None:
            raise again
        if stage is STAGES[-1]:
            journal.record.verdict = "green"
            journal.end()


def judge(
    settings: Settings, asset_context: dg.AssetExecutionContext, run: Context, gate: Callable[[], None]
) -> None:
    """Let a gate judge what its stage has made; where it refuses, the run ends, in the journal too.

    What the gate warns of is told and recorded as a warning of the run, whatever its verdict.
    """
    told = len(run.warnings)
    journal = _journal(settings, asset_context)
    with failures(), _ending(journal):
        try:
            gate()
        finally:
            for warning in run.warnings[told:]:
                asset_context.log.warning(warning)
            journal.add_remarks([], run.warnings[told:])


@contextlib.contextmanager
def _ending(journal: Journal) -> Iterator[None]:
    """Record in the journal that the run ends where the body fails."""
    try:
        yield
    except BaseException as problem:
        journal.record.fail(problem)
        journal.end()
        raise


def _journal(settings: Settings, asset_context: dg.AssetExecutionContext) -> Journal:
    """Return the journal of Dagster's run, begun where this is its first stage."""
    tags = asset_context.run.tags
    trigger = tags.get("dagster/schedule_name") or tags.get("dagster/sensor_name")
    record = RunRecord.start({}, f"Dagster, {trigger}" if trigger else "Dagster, by hand")
    record.run_id = f"dagster-{asset_context.run.run_id}"
    journal = Journal(settings, record)
    journal.begin()
    return journal


@contextlib.contextmanager
def failures() -> Iterator[None]:
    """Turn a RedressError into dagster.Failure."""
    try:
        yield
    except RedressError as problem:
        raise _failure(problem) from problem
    except (dg.RetryRequested, dg.Failure):
        raise
    except Exception as problem:  # noqa: BLE001 - the last resort, as in the command
        if known := explained(problem):
            raise _failure(known) from None
        # the text of an unforeseen error may quote a cell, and Dagster keeps and shows what it is given
        raise dg.Failure(
            description=f"Internal error: {reason(problem)}. To fix: whoever maintains Redress.",
            allow_retries=False,
        ) from None


def _failure(problem: RedressError) -> dg.Failure:
    """Return a refusal as Dagster tells it."""
    return dg.Failure(
        description=f"{problem.what} To fix: {problem.who}.",
        metadata={
            "who can fix it": problem.who,
            "details": dg.MetadataValue.md("\n".join(f"- {detail}" for detail in problem.details) or "none"),
        },
        allow_retries=False,
    )


def stage_asset(
    settings: Settings,
    stage: Stage,
    show: Callable[[Context], Mapping[str, Path]],
    *,
    has_rows: bool = False,
    **shown: Any,
) -> dg.AssetsDefinition:
    """Return the asset of a stage that makes one dataset: it runs the stage's function and shows what it counted.

    Args:
        settings: the installation's.
        stage: which; it says what the asset depends on.
        show: says which results to link, each with its label.
        has_rows: whether the dataset is a table, whose rows Dagster follows.
        shown: what Dagster is to say of the asset, as `dagster.asset` takes it.
    """
    [key] = ASSETS_OF[stage.leaves]

    @dg.asset(key=key, deps=read_by(stage), pool=POOL, **shown)
    def asset(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        with stage_context(settings, context, stage) as (run, outcome):
            outcome.counts = stage.function(run)
        rows = {"dagster/row_count": outcome.counts[stage.rows]} if has_rows else {}
        links = {label: dg.MetadataValue.path(str(path)) for label, path in show(run).items()}
        return dg.MaterializeResult(metadata={**outcome.counts, **rows, **links})

    return asset
