"""What every stage's assets share: names, owners, and how a stage runs inside Dagster."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from redress.base.blame import explained
from redress.base.errors import RedressError
from redress.base.request import Request
from redress.base.settings import Settings
from redress.run.context import Context, run_settings
from redress.run.journal import Journal, reason
from redress.run.measure import RunRecord, StageRecord, measured
from redress.run.release import exclusive

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


@contextlib.contextmanager
def stage_context(
    settings: Settings, context: Any, request: Request | None = None, *, fresh: bool = False
) -> Iterator[Context]:
    """What a stage function needs, while this process alone holds the build.

    A refusal becomes a Dagster failure that says what failed, who can fix it and each detail; a refusal
    is a verdict on data, so Dagster does not try it again.
    """
    with failures(), exclusive(settings), journalled(settings, context) as stage:
        run = Context(
            run_settings(settings, fresh=fresh),
            request or Request(),
            say=context.log.debug,
        )
        yield run
        stage.counts = run.counts


STAGE_OF = {
    "read_authorities": "authorities",
    "take_in_extracts": "intake",
    "dbt_build": "warehouse",
    "figures_file": "figures",
    "protected_export": "protect",
    "site": "publish",
    "evidence": "attest",
    "released_results": "release",
}
"""The pipeline's names of stages whose assets are called otherwise."""


@contextlib.contextmanager
def journalled(settings: Settings, context: Any) -> Iterator[StageRecord]:
    """Write a stage that Dagster runs into the journal; the run ends with its release or its first failure."""
    journal = _journal(settings, context)
    name = context.op_execution_context.op.name.split("__")[-1]
    stage = StageRecord(STAGE_OF.get(name, name))
    journal.record.stages.append(stage)
    try:
        with measured(stage):
            yield stage
    except dg.RetryRequested:
        stage.verdict, stage.message = "refused", "to be tried again"
        journal.stage(stage)
        raise
    except BaseException as problem:
        stage.verdict = "refused" if isinstance(problem, RedressError) else "error"
        stage.message = reason(problem)
        journal.stage(stage)
        _end(journal, problem)
        raise
    journal.stage(stage)
    if stage.stage == "release":
        journal.record.verdict = "green"
        journal.end()


@contextlib.contextmanager
def judged_in_journal(settings: Settings, context: Any) -> Iterator[None]:
    """Write into the journal that a gate refused what its stage had made."""
    try:
        yield
    except RedressError as problem:
        _end(_journal(settings, context), problem)
        raise


def _journal(settings: Settings, context: Any) -> Journal:
    """The journal of Dagster's run, begun where this is its first stage."""
    tags = context.run.tags
    trigger = tags.get("dagster/schedule_name") or tags.get("dagster/sensor_name")
    record = RunRecord.start({}, f"Dagster, {trigger}" if trigger else "Dagster, by hand")
    record.run_id = f"dagster-{context.run_id}"
    journal = Journal(settings, record)
    journal.begin()
    return journal


def _end(journal: Journal, problem: BaseException) -> None:
    """The run ends badly."""
    is_refusal = isinstance(problem, RedressError)
    journal.record.verdict = "refused" if is_refusal else "error"
    journal.record.message = reason(problem)
    journal.record.who = problem.who if is_refusal else ""
    journal.end()


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
    """A refusal as Dagster tells it."""
    return dg.Failure(
        description=f"{problem.what} To fix: {problem.who}.",
        metadata={
            "who can fix it": problem.who,
            "details": dg.MetadataValue.md("\n".join(f"- {detail}" for detail in problem.details) or "none"),
        },
        allow_retries=False,
    )


def counted(counts: dict[str, int], rows: str | None = None, path: Path | None = None) -> dict[str, Any]:
    """A stage's counts as metadata.

    Args:
        counts: what the stage returned.
        rows: which of the counts is the asset's row count.
        path: the result, to be shown as a link.
    """
    metadata: dict[str, Any] = dict(counts)
    if rows is not None:
        metadata["dagster/row_count"] = counts[rows]
    if path is not None:
        metadata["path"] = dg.MetadataValue.path(str(path))
    return metadata
