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
from redress.run import stages
from redress.run.release import begin

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
        """The same as the pipeline's own request."""
        return Request(self.authority, self.year, date.fromisoformat(self.as_at) if self.as_at else None)


class TakeIn(dg.Config):
    """What to leave for the next run."""

    unsettled: list[str] = Field(
        default_factory=list,
        description="Files that are still being copied, `<authority>/<place in its drop folder>`.",
    )


def build_assets(settings: Settings, manifest: Mapping[str, Any]) -> list[dg.AssetsDefinition]:
    """The two assets of the stage; their tables are those that the warehouse declares as its sources."""
    configuration = _source_tables(manifest, "config")
    conformed = _source_tables(manifest, "conformed")

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
            for table, description in configuration
        ],
        pool=POOL,
    )
    def read_authorities(context: dg.AssetExecutionContext, config: BuildRequest):
        """Read and validate every authority's folder; write its configuration as tables."""
        with stage_context(settings, context, config.request()) as run:
            begin(settings)
            counts = stages.read_authorities(run)
        context.log.info("%s", counts)
        for table, _ in configuration:
            yield _materialised(["config", table], settings.state / "config" / f"{table}.parquet")

    @dg.multi_asset(
        name="take_in_extracts",
        specs=[
            *[
                dg.AssetSpec(
                    ["conformed", table],
                    deps=[["config", name] for name, _ in configuration],
                    description=description,
                    group_name="intake",
                    owners=COMPLAINTS_TEAM,
                    kinds={"parquet", "polars"},
                )
                for table, description in conformed
            ],
            dg.AssetSpec(
                QUARANTINE,
                deps=[["config", name] for name, _ in configuration],
                description="Records and files set aside, with the reason and who can fix it. "
                "One row per problem of a record.",
                group_name="intake",
                owners=COMPLAINTS_TEAM,
                kinds={"parquet", "excel"},
            ),
        ],
        check_specs=[
            dg.AssetCheckSpec(
                NO_REJECTED_FILE,
                asset=QUARANTINE,
                description="Every file could be taken in; where not, the last good one is in force.",
            )
        ],
        pool=POOL,
    )
    def take_in_extracts(context: dg.AssetExecutionContext, config: TakeIn):
        """Keep, conform or set aside every file in the drop folders.

        Reading is tried again where the system says no: a drop folder on a network share comes back. A
        file that is wrong stays wrong, and is not tried again.
        """
        with stage_context(settings, context) as run:
            run.unsettled = frozenset(config.unsettled)
            try:
                counts = stages.intake(run)
            except (OSError, DropFolderAway) as problem:
                raise dg.RetryRequested(
                    max_retries=SHARE_RETRIES, seconds_to_wait=SHARE_WAIT_SECONDS
                ) from problem
        for table, _ in conformed:
            yield _materialised(["conformed", table], settings.state / "conformed" / table)
        yield dg.MaterializeResult(
            asset_key=QUARANTINE,
            metadata={**counts, "path": dg.MetadataValue.path(str(settings.build / "quarantine"))},
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

    return [read_authorities, take_in_extracts]


def _source_tables(manifest: Mapping[str, Any], source: str) -> Sequence[tuple[str, str]]:
    """Names and descriptions of the tables of one dbt source, in order."""
    return sorted(
        (node["name"], node.get("description") or "")
        for node in manifest.get("sources", {}).values()
        if node["source_name"] == source
    )


def _materialised(key: Sequence[str], path: Path) -> dg.MaterializeResult:
    """A parquet file or folder with its row count."""
    import duckdb

    metadata: dict[str, Any] = {"path": dg.MetadataValue.path(str(path))}
    paths = sorted(path.glob("*.parquet")) if path.is_dir() else [path] if path.exists() else []
    if paths:
        with duckdb.connect() as connection:
            rows = connection.execute(
                "select sum(num_rows) from parquet_file_metadata($1)", [[str(one) for one in paths]]
            ).fetchone()
        metadata["dagster/row_count"] = int(rows[0] or 0)
        metadata["files"] = len(paths)
    return dg.MaterializeResult(asset_key=dg.AssetKey(list(key)), metadata=metadata)
