"""When the pipeline runs by itself: every night, and when a file has come into a drop folder."""

from __future__ import annotations

import hashlib
import time

import dagster as dg

from orchestration.authority import AuthorityError
from orchestration.settings import Settings

SETTLED_SECONDS = 120
"""A file younger than this may still be being copied."""
SENSOR_SECONDS = 300


def build_job() -> dg.UnresolvedAssetJobDefinition:
    """The whole pipeline as one run in one process: fewer processes and imports, and one writer."""
    return dg.define_asset_job(
        "build_reports",
        selection=dg.AssetSelection.all(),
        description="Take in, compute, reconcile, protect, publish, attest. The same as `redress build`.",
        executor_def=dg.in_process_executor,
    )


def nightly_schedule(job: dg.UnresolvedAssetJobDefinition) -> dg.ScheduleDefinition:
    """Every night at half past two, by the clock on the wall."""
    return dg.ScheduleDefinition(
        name="nightly",
        job=job,
        cron_schedule="30 2 * * *",
        execution_timezone="Europe/London",
        description="Build every report each night, also where no file has come.",
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )


def drop_folder_sensor(settings: Settings, job: dg.UnresolvedAssetJobDefinition) -> dg.SensorDefinition:
    """Runs the job when the files in the drop folders have changed and have settled."""

    @dg.sensor(
        name="drop_folders",
        job=job,
        minimum_interval_seconds=SENSOR_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Starts a run when a new or changed file lies in an authority's extracts folder.",
    )
    def drop_folders(context: dg.SensorEvaluationContext):
        try:
            now, youngest = drop_folder_state(settings)
        except AuthorityError as problem:
            return dg.SkipReason(f"An authority's folder is not usable: {problem}")
        if context.cursor is None:
            context.update_cursor(now)
            return dg.SkipReason("First look: later changes start a run.")
        if now == context.cursor:
            return dg.SkipReason("No file has come.")
        if youngest is not None and time.time() - youngest < SETTLED_SECONDS:
            return dg.SkipReason("A file has just come and may still be being copied.")
        context.update_cursor(now)
        return dg.RunRequest(run_key=now)

    return drop_folders


def drop_folder_state(settings: Settings) -> tuple[str, float | None]:
    """A hash of what lies in all drop folders (names, sizes, times), and the newest file's time.

    Raises:
        AuthorityError: a folder's profile cannot be used.
    """
    from orchestration.authority import load_authorities

    seen, youngest = [], None
    for authority in load_authorities(settings):
        for path in sorted(authority.extracts.rglob("*")):
            if path.is_file():
                status = path.stat()
                seen.append(f"{path}\0{status.st_size}\0{status.st_mtime_ns}")
                youngest = max(youngest or 0.0, status.st_mtime)
    return hashlib.sha256("\n".join(seen).encode()).hexdigest(), youngest
