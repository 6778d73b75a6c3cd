"""What every stage's assets share: names, owners, and how a stage runs inside Dagster."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg

from redress.base.blame import explained
from redress.base.errors import RedressError
from redress.base.request import Request
from redress.base.settings import Settings
from redress.run import waiting
from redress.run.context import Context, Stage, run_settings
from redress.run.councils import SKIPPED, retold_problem
from redress.run.journal import Journal
from redress.run.measure import RunRecord, StageRecord, reason
from redress.run.stages import COUNCIL_STAGES as COUNCIL_STAGE_NAMES
from redress.run.stages import stage_named
from redress.run.workshop import retold

COUNCILS = dg.DynamicPartitionsDefinition(name="councils")
"""One partition for each council, by its folder's name; `automation` keeps them so."""
PARTITION = "dagster/partition"
"""Dagster's tag that says of which partition a run is."""
POOL = "redress_results"
"""One slot: results are put into force by one run at a time."""
COUNCIL_STAGES = [stage_named(name) for name in COUNCIL_STAGE_NAMES]
TAKEN_OVER = SKIPPED[0].upper() + SKIPPED[1:]

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


class Asked(dg.Config):
    """What to build; nothing means every report that the profiles declare, as they say."""

    year: str | None = None
    as_at: str | None = None

    def request(self) -> Request:
        """Return the same as the pipeline's own request."""
        return Request(year=self.year, as_at=date.fromisoformat(self.as_at) if self.as_at else None)


def read_by(stage: Stage) -> list[dg.AssetKey]:
    """Return the assets that a stage reads."""
    return [key for dataset in stage.reads for key in ASSETS_OF[dataset]]


@contextlib.contextmanager
def council_stage(
    settings: Settings, asset_context: dg.AssetExecutionContext, stage: Stage
) -> Iterator[tuple[Context | None, StageRecord]]:
    """Give a stage function the workshop of the council that is the run's partition, and a record for its counts.

    None instead of a workshop says that what stands of the council is taken over. The stage is recorded in the journal;
    the run ends there with its last stage or its first failure. A refusal becomes a Dagster failure that says what
    failed, who can fix it and each detail; a refusal is a verdict on data, so Dagster does not try it again.
    """
    slug = asset_context.partition_key
    outcome = StageRecord.of(stage)
    with failures(), recorded(settings, asset_context) as journal:
        with waiting.workshop_of(settings, slug, say=asset_context.log.debug) as run:
            if run is None:
                yield None, outcome
            else:
                with _told(settings, run, journal), journal.stage(outcome):
                    yield run, outcome
        if stage is COUNCIL_STAGES[-1]:
            waiting.mark_green(settings, slug)
            journal.record.verdict, journal.record.message = "green", TAKEN_OVER if run is None else ""
            journal.end()


def judge(
    settings: Settings, asset_context: dg.AssetExecutionContext, run: Context, gate: Callable[[], None]
) -> None:
    """Let a gate judge what its stage has made; where it refuses, the run ends, in the journal too.

    What the gate warns of is told and recorded as a warning of the run, whatever its verdict.
    """
    told = len(run.warnings)
    with failures(), recorded(settings, asset_context) as journal:
        try:
            with _told(settings, run, journal):
                gate()
        finally:
            for warning in run.warnings[told:]:
                asset_context.log.warning(warning)


@contextlib.contextmanager
def _told(settings: Settings, run: Context, journal: Journal) -> Iterator[None]:
    """Record what stages in a workshop have to say, with the places that people know."""
    known = len(run.notes), len(run.warnings)
    try:
        yield
    except RedressError as problem:
        raise retold_problem(problem, run.settings, run_settings(settings)) from problem
    finally:
        for texts in (run.notes, run.warnings):
            texts[:] = [retold(text, run.settings, run_settings(settings)) for text in texts]
        journal.add_remarks(run.notes[known[0] :], run.warnings[known[1] :])


@contextlib.contextmanager
def recorded(settings: Settings, asset_context: dg.AssetExecutionContext) -> Iterator[Journal]:
    """Give the journal of Dagster's run, begun where this is its first stage; where the body fails the run ends there too.

    What is to be tried again ends no run.
    """
    run = asset_context.run
    trigger = run.tags.get("dagster/schedule_name") or run.tags.get("dagster/sensor_name")
    asked = (
        {"command": "council", "authority": run.tags[PARTITION]}
        if PARTITION in run.tags
        else {"command": "publish"}
    )
    record = RunRecord.start(asked, f"Dagster, {trigger}" if trigger else "Dagster, by hand")
    record.run_id = run_id_of(asset_context)
    journal = Journal(settings, record)
    journal.begin()
    try:
        yield journal
    except dg.RetryRequested:
        raise
    except BaseException as problem:
        journal.record.fail(problem)
        journal.end()
        raise


def run_id_of(asset_context: dg.AssetExecutionContext) -> str:
    """Return the name of Dagster's run in the journal."""
    return f"dagster-{asset_context.run.run_id}"


def stage_runner(journal: Journal, counts: dict[str, dict[str, int]]) -> Callable[[Stage, Context], None]:
    """Return a function that runs a stage, records it in the journal and keeps what it counted, by its name."""

    def run(stage: Stage, context: Context) -> None:
        outcome = StageRecord.of(stage)
        with journal.stage(outcome):
            outcome.counts = stage.function(context)
        counts[stage.name] = outcome.counts

    return run


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


def taken_over(*keys: dg.AssetKey) -> Iterator[dg.MaterializeResult]:
    """Yield for each asset that what stands of the council is taken over."""
    for key in keys:
        yield dg.MaterializeResult(asset_key=key, metadata={"taken over": TAKEN_OVER})


def stage_asset(
    settings: Settings,
    stage: Stage,
    show: Callable[[Context], Mapping[str, Path]],
    *,
    has_rows: bool = False,
    **shown: Any,
) -> dg.AssetsDefinition:
    """Return the asset of a council's stage that makes one dataset: it runs the stage's function and shows what it counted.

    Args:
        settings: the installation's.
        stage: which; it says what the asset depends on.
        show: says which results to link, each with its label.
        has_rows: whether the dataset is a table, whose rows Dagster follows.
        shown: what Dagster is to say of the asset, as `dagster.asset` takes it.
    """
    [key] = ASSETS_OF[stage.leaves]

    @dg.asset(key=key, deps=read_by(stage), partitions_def=COUNCILS, **shown)
    def asset(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        with council_stage(settings, context, stage) as (run, outcome):
            if run is not None:
                outcome.counts = stage.function(run)
        if run is None:
            return next(taken_over(key))
        rows = {"dagster/row_count": outcome.counts[stage.rows]} if has_rows else {}
        links = {label: dg.MetadataValue.path(str(path)) for label, path in show(run).items()}
        return dg.MaterializeResult(metadata={**outcome.counts, **rows, **links})

    return asset
