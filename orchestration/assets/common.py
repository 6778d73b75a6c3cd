"""What every stage's assets share: names, owners, and how a stage runs inside Dagster."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration import pipeline
from orchestration.errors import RedressError
from orchestration.settings import Settings

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
    settings: Settings, context: Any, request: pipeline.Request | None = None, *, fresh: bool = False
) -> Iterator[pipeline.Context]:
    """What a stage function needs, while this process alone holds the build.

    A refusal becomes a Dagster failure that says what failed, who can fix it and each detail; a refusal
    is a verdict on data, so Dagster does not try it again.
    """
    with failures(), pipeline.exclusive(settings):
        yield pipeline.Context(
            pipeline.run_settings(settings, fresh=fresh), request or pipeline.Request(), say=context.log.debug
        )


@contextlib.contextmanager
def failures() -> Iterator[None]:
    """Turn a RedressError into dagster.Failure."""
    try:
        yield
    except RedressError as problem:
        raise dg.Failure(
            description=f"{problem.what} To fix: {problem.who}.",
            metadata={
                "who can fix it": problem.who,
                "details": dg.MetadataValue.md(
                    "\n".join(f"- {detail}" for detail in problem.details) or "none"
                ),
            },
            allow_retries=False,
        ) from problem


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
