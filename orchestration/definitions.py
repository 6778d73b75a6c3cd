"""Dagster's entry point: `dagster dev -m orchestration.definitions`."""

from __future__ import annotations

import os

import dagster as dg

from redress.base.settings import Settings

os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "true")


def build_definitions(
    settings: Settings, executor: dg.ExecutorDefinition = dg.in_process_executor
) -> dg.Definitions:
    """Return every asset, check, job, schedule and sensor of one installation.

    Args:
        settings: where the dbt project, the authorities and the results are. The dbt project is parsed
            only where it has changed.
        executor: of the runs; any will do that gives the processes of a run the same build folder.
    """
    from orchestration import automation
    from orchestration.assets import intake, reconcile, results
    from orchestration.assets import warehouse as warehouse_assets
    from redress import warehouse
    from redress.warehouse.dbt import read_manifest

    manifest = warehouse.manifest(settings)
    council, everyone = automation.council_job(), automation.publish_job()
    return dg.Definitions(
        assets=[
            *intake.build_assets(settings, read_manifest(manifest)),
            *warehouse_assets.build_assets(settings, manifest),
            *reconcile.build_assets(settings),
            *results.build_assets(settings),
        ],
        jobs=[council, everyone],
        schedules=[automation.nightly_schedule(settings, council)],
        sensors=[
            automation.drop_folder_sensor(settings, council),
            automation.publishing_sensor(settings, everyone),
        ],
        executor=executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """Return the definitions of the installation that the environment describes."""
    return build_definitions(Settings.from_environment())
