"""Intake: the authorities' folders as tables, and the drop folders' files as conformed rows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from orchestration.assets.common import (
    COMPLAINTS_TEAM,
    COUNCILS,
    Asked,
    failures,
    recorded,
    run_id_of,
    stage_runner,
)
from redress.base.errors import DropFolderAway
from redress.base.settings import Settings
from redress.run import waiting
from redress.run.release import exclusive
from redress.run.results import waiting_place

QUARANTINE = dg.AssetKey(["intake", "quarantine"])
NO_REJECTED_FILE = "no_file_was_rejected"
SHARE_RETRIES = 3
SHARE_WAIT_SECONDS = 60


class TakeIn(Asked):
    """What to make of a council, and what to leave for the next run."""

    unsettled: list[str] = Field(
        default_factory=list,
        description="Files that are still being copied, `<authority>/<place in its drop folder>`.",
    )
    from_nothing: bool = Field(
        default=False,
        description="Make the council anew although nothing has changed since its results were made.",
    )


def build_assets(settings: Settings, manifest: Mapping[str, Any]) -> list[dg.AssetsDefinition]:
    """Return the op of the first two stages; its tables are those that the warehouse declares as its sources."""
    configuration = _source_tables(manifest, "config")
    conformed = _source_tables(manifest, "conformed")

    @dg.multi_asset(
        name="take_in_extracts",
        specs=[
            *(_configuration_spec(table, description) for table, description in configuration),
            *_extract_specs([["config", table] for table, _ in configuration], conformed),
        ],
        check_specs=[
            dg.AssetCheckSpec(
                NO_REJECTED_FILE,
                asset=QUARANTINE,
                description="Every file could be taken in; where not, the last good one is in force.",
            )
        ],
        partitions_def=COUNCILS,
    )
    def take_in_extracts(context: dg.AssetExecutionContext, config: TakeIn):
        """Read and validate a council's folder; keep, conform or set aside every file in its drop folder.

        Reading is tried again where the system says no: a drop folder on a network share comes back. A
        file that is wrong stays wrong, and is not tried again.
        """
        slug, counts = context.partition_key, {}
        asked = replace(config.request(), from_nothing=config.from_nothing)
        told = {"say": context.log.debug, "unsettled": frozenset(config.unsettled)}
        run = waiting.context_of(settings, slug, asked, **told)
        with failures(), exclusive(settings, waiting.HELD_SECONDS), recorded(settings, context) as journal:
            try:
                waiting.take_in(run, slug, run_id_of(context), stage_runner(journal, counts))
            except (OSError, DropFolderAway) as problem:
                raise dg.RetryRequested(
                    max_retries=SHARE_RETRIES, seconds_to_wait=SHARE_WAIT_SECONDS
                ) from problem
            finally:
                journal.add_remarks(run.notes, run.warnings)
        context.log.info("%s", "; ".join(run.notes))
        own = waiting_place(settings, slug) / "state" / "config"
        for table, _ in configuration:
            yield _materialised(["config", table], own, f"{table}.parquet")
        for table, _ in conformed:
            yield _materialised(
                ["conformed", table], settings.state / "conformed" / table, f"{slug}--*.parquet"
            )
        yield from _quarantined(
            settings, counts["intake"], [line for line in run.rejected if line.startswith(f"{slug}:")]
        )

    return [take_in_extracts]


def _quarantined(settings: Settings, counts: Mapping[str, int], rejected: Sequence[str]):
    """Yield what was set aside, and whether a file was."""
    yield dg.MaterializeResult(
        asset_key=QUARANTINE,
        metadata={**counts, "path": dg.MetadataValue.path(str(settings.build / "quarantine"))},
    )
    yield dg.AssetCheckResult(
        asset_key=QUARANTINE,
        check_name=NO_REJECTED_FILE,
        passed=not rejected,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"rejected": dg.MetadataValue.md("\n".join(f"- {line}" for line in rejected) or "none")},
    )


def _configuration_spec(table: str, description: str) -> dg.AssetSpec:
    """Return what Dagster says of a configuration table."""
    return dg.AssetSpec(
        ["config", table],
        description=description,
        group_name="intake",
        owners=COMPLAINTS_TEAM,
        kinds={"parquet", "yaml"},
    )


def _extract_specs(
    configuration: Sequence[Sequence[str]], tables: Sequence[tuple[str, str]]
) -> list[dg.AssetSpec]:
    """Return what Dagster says of the conformed tables and of the quarantine."""
    return [
        dg.AssetSpec(
            key,
            deps=configuration,
            description=description,
            group_name="intake",
            owners=COMPLAINTS_TEAM,
            kinds=kinds,
        )
        for key, kinds, description in (
            *(
                (dg.AssetKey(["conformed", table]), {"parquet", "polars"}, description)
                for table, description in tables
            ),
            (
                QUARANTINE,
                {"parquet", "excel"},
                "Records and files set aside, with the reason and who can fix it. One row per problem of a record.",
            ),
        )
    ]


def _source_tables(manifest: Mapping[str, Any], source: str) -> Sequence[tuple[str, str]]:
    """Return the names and descriptions of the tables of one dbt source, in order."""
    return sorted(
        (node["name"], node.get("description") or "")
        for node in manifest.get("sources", {}).values()
        if node["source_name"] == source
    )


def _materialised(key: Sequence[str], folder: Path, pattern: str) -> dg.MaterializeResult:
    """Return the parquet files of a table as materialised, with their row count."""
    import duckdb

    metadata: dict[str, Any] = {"path": dg.MetadataValue.path(str(folder))}
    paths = sorted(folder.glob(pattern))
    if paths:
        with duckdb.connect() as connection:
            rows = connection.execute(
                "select sum(num_rows) from parquet_file_metadata($1)", [[str(file) for file in paths]]
            ).fetchone()
        metadata["dagster/row_count"] = int(rows[0] or 0)
        metadata["files"] = len(paths)
    return dg.MaterializeResult(asset_key=dg.AssetKey(list(key)), metadata=metadata)
