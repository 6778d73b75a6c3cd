"""Dagster's entry point: `dagster dev -m orchestration.definitions`."""

from __future__ import annotations

import os

import dagster as dg

from redress.base.settings import Settings

os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "true")


def build_definitions(settings: Settings) -> dg.Definitions:
    """Return every asset, check, job, schedule and sensor of one installation.

    Args:
        settings: where the dbt project, the authorities and the results are. The dbt project is parsed
            only where it has changed.
    """
    from orchestration.assets import intake, reconcile, results
    from orchestration.assets import warehouse as warehouse_assets
    from orchestration.automation import build_job, drop_folder_sensor, nightly_schedule
    from redress import warehouse
    from redress.warehouse.dbt import read_manifest

    manifest = warehouse.manifest(settings)
    job = build_job()
    return dg.Definitions(
        assets=[
            *intake.build_assets(settings, read_manifest(manifest)),
            *warehouse_assets.build_assets(settings, manifest),
            *reconcile.build_assets(settings),
            *results.build_assets(settings),
        ],
        jobs=[job],
        schedules=[nightly_schedule(job)],
        sensors=[drop_folder_sensor(settings, job)],
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """Return the definitions of the installation that the environment describes."""
    return build_definitions(Settings.from_environment())
