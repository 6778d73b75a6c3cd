"""Intake: the authorities' folders as tables, and the drop folders' files as conformed rows."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from orchestration.assets.common import COMPLAINTS_TEAM, POOL, stage_context
from redress.base.errors import DropFolderAway
from redress.base.request import Request
from redress.base.settings import Settings
from redress.run.release import begin
from redress.run.stages import stage_named

QUARANTINE = dg.AssetKey(["intake", "quarantine"])
NO_REJECTED_FILE = "no_file_was_rejected"
SHARE_RETRIES = 3
SHARE_WAIT_SECONDS = 60


class BuildRequest(dg.Config):
    """What to build; nothing means every report that the profiles declare."""

    authority: str | None = None
    year: str | None = None
    as_at: str | None = None

    def request(self) -> Request:
        """Return the same as the pipeline's own request."""
        return Request(self.authority, self.year, date.fromisoformat(self.as_at) if self.as_at else None)


class TakeIn(dg.Config):
    """What to leave for the next run."""

    unsettled: list[str] = Field(
        default_factory=list,
        description="Files that are still being copied, `<authority>/<place in its drop folder>`.",
    )


def build_assets(settings: Settings, manifest: Mapping[str, Any]) -> list[dg.AssetsDefinition]:
    """Return the assets of the first two stages; their tables are those that the warehouse declares as its sources."""
    configuration = _source_tables(manifest, "config")
    conformed = _source_tables(manifest, "conformed")
    return [
        _read_authorities(settings, configuration),
        _take_in_extracts(settings, [["config", table] for table, _ in configuration], conformed),
    ]


def _read_authorities(settings: Settings, tables: Sequence[tuple[str, str]]) -> dg.AssetsDefinition:
    """Return the op that writes the configuration tables, given by name and description."""
    stage = stage_named("authorities")

    @dg.multi_asset(
        name="read_authorities",
        specs=[
            dg.AssetSpec(
                ["config", table],
                description=description,
                group_name="intake",
                owners=COMPLAINTS_TEAM,
                kinds={"parquet", "yaml"},
            )
            for table, description in tables
        ],
        pool=POOL,
    )
    def read_authorities(context: dg.AssetExecutionContext, config: BuildRequest):
        """Read and validate every authority's folder; write its configuration as tables."""
        with stage_context(settings, context, stage, config.request()) as (run, outcome):
            begin(settings)
            outcome.counts = stage.function(run)
        context.log.info("%s", outcome.counts)
        for table, _ in tables:
            yield _materialised(["config", table], settings.state / "config" / f"{table}.parquet")

    return read_authorities


def _take_in_extracts(
    settings: Settings, configuration: Sequence[Sequence[str]], tables: Sequence[tuple[str, str]]
) -> dg.AssetsDefinition:
    """Return the op that takes extracts in.

    Args:
        settings: the installation's.
        configuration: the keys of the configuration tables.
        tables: name and description of each conformed table.
    """
    stage = stage_named("intake")
    no_rejected_file = dg.AssetCheckSpec(
        NO_REJECTED_FILE,
        asset=QUARANTINE,
        description="Every file could be taken in; where not, the last good one is in force.",
    )

    @dg.multi_asset(
        name="take_in_extracts",
        specs=_extract_specs(configuration, tables),
        check_specs=[no_rejected_file],
        pool=POOL,
    )
    def take_in_extracts(context: dg.AssetExecutionContext, config: TakeIn):
        """Keep, conform or set aside every file in the drop folders.

        Reading is tried again where the system says no: a drop folder on a network share comes back. A
        file that is wrong stays wrong, and is not tried again.
        """
        with stage_context(settings, context, stage) as (run, outcome):
            run.unsettled = frozenset(config.unsettled)
            try:
                outcome.counts = stage.function(run)
            except (OSError, DropFolderAway) as problem:
                raise dg.RetryRequested(
                    max_retries=SHARE_RETRIES, seconds_to_wait=SHARE_WAIT_SECONDS
                ) from problem
        for table, _ in tables:
            yield _materialised(["conformed", table], settings.state / "conformed" / table)
        yield dg.MaterializeResult(
            asset_key=QUARANTINE,
            metadata={
                **outcome.counts,
                "path": dg.MetadataValue.path(str(settings.build / "quarantine")),
            },
        )
        yield dg.AssetCheckResult(
            asset_key=QUARANTINE,
            check_name=NO_REJECTED_FILE,
            passed=not run.rejected,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={
                "rejected": dg.MetadataValue.md("\n".join(f"- {line}" for line in run.rejected) or "none")
            },
        )

    return take_in_extracts


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


def _materialised(key: Sequence[str], path: Path) -> dg.MaterializeResult:
    """Return a parquet file or folder as materialised, with its row count."""
    import duckdb

    metadata: dict[str, Any] = {"path": dg.MetadataValue.path(str(path))}
    paths = sorted(path.glob("*.parquet")) if path.is_dir() else [path] if path.exists() else []
    if paths:
        with duckdb.connect() as connection:
            rows = connection.execute(
                "select sum(num_rows) from parquet_file_metadata($1)", [[str(file) for file in paths]]
            ).fetchone()
        metadata["dagster/row_count"] = int(rows[0] or 0)
        metadata["files"] = len(paths)
    return dg.MaterializeResult(asset_key=dg.AssetKey(list(key)), metadata=metadata)
