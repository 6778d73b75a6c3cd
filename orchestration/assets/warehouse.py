"""Warehouse: every dbt seed and model as an asset, every data test as a check that blocks."""

from collections.abc import Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets
from dagster_dbt.asset_utils import DAGSTER_DBT_UNIQUE_ID_METADATA_KEY

from orchestration.assets.common import (
    COUNCILS,
    WAREHOUSE_TEAM,
    council_stage,
    judge,
    stage_asset,
    taken_over,
)
from redress.base.errors import RedressError
from redress.base.settings import Settings
from redress.run import gates, stages, waiting
from redress.warehouse import DbtResult

LAYERS = ("reference", "staging", "intermediate", "marts", "figures")


class Translator(DagsterDbtTranslator):
    """dbt's nodes in Dagster's words: keys `<layer>/<name>`, groups by layer, every test a check."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """`<layer>/<model>`, or `<source>/<table>`, which is the key of intake's asset."""
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey([dbt_resource_props["source_name"], dbt_resource_props["name"]])
        return dg.AssetKey([layer_of(dbt_resource_props), dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Return the layer; sources belong to intake."""
        return "intake" if dbt_resource_props["resource_type"] == "source" else layer_of(dbt_resource_props)

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str] | None:
        """Return those who maintain the warehouse."""
        return None if dbt_resource_props["resource_type"] == "source" else WAREHOUSE_TEAM

    def get_asset_check_spec(self, asset_spec, manifest, unique_id, project):
        """As stock, and also for tests named as sentences over several models.

        Such a test hangs on the furthest of its models, and says its sentence.
        """
        test = self.get_resource_props(manifest, unique_id)
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        nodes = set(test["depends_on"]["nodes"])
        if spec is None and not test.get("attached_node") and len(nodes) > 1:
            parents = [node for node in nodes if node.split(".")[0] in ("model", "seed", "snapshot")]
            keys = {self.get_asset_spec(manifest, parent, project).key for parent in parents}
            furthest = max(keys, key=place_of, default=None)
            if furthest == asset_spec.key:
                spec = dg.AssetCheckSpec(
                    name=test["name"],
                    asset=furthest,
                    additional_deps=sorted(keys - {furthest}),
                    blocking=(test.get("config", {}).get("severity") or "error").lower() == "error",
                    metadata={DAGSTER_DBT_UNIQUE_ID_METADATA_KEY: unique_id},
                )
        if spec is None:
            return None
        return spec._replace(description=test.get("description") or test["name"].replace("_", " "))


def place_of(key: dg.AssetKey) -> tuple[int, str]:
    """Return how far along the warehouse a model is: its layer, then its name."""
    layer, *_, name = key.path
    return LAYERS.index(layer) if layer in LAYERS else -1, name


def layer_of(node: Mapping[str, Any]) -> str:
    """Return the layer of a model or seed: the folder under models/, `reference` for seeds."""
    return "reference" if node["resource_type"] == "seed" else str(node["fqn"][1])


def build_assets(settings: Settings, manifest_path: Path) -> list[dg.AssetsDefinition]:
    """Return the dbt project as one op of many assets, and the figures file."""

    @dbt_assets(
        manifest=manifest_path,
        dagster_dbt_translator=Translator(),
        name="dbt_build",
        partitions_def=COUNCILS,
    )
    def dbt_build(context: dg.AssetExecutionContext):
        """Build and test the council's warehouse in this process."""
        chosen = _selection(context)
        with council_stage(settings, context, stages.stage_named("warehouse")) as (run, outcome):
            if run is not None:
                if chosen:
                    waiting.mark_tried(settings, context.partition_key)
                result = stages.build_warehouse(run, chosen)
                outcome.counts = result.counts
        if run is None:
            yield from taken_over(*_in_order(context))
            return
        yield from _results(context, result, run.settings.database)

        def gate() -> None:
            try:
                gates.require_green_warehouse(run, result)
            except RedressError:
                waiting.keep_judgements(settings, context.partition_key)
                raise

        judge(settings, context, run, gate)

    figures_file = stage_asset(
        settings,
        stages.stage_named("figures"),
        lambda run: {"path": run.settings.next / "figures.csv"},
        has_rows=True,
        group_name="reconcile",
        owners=WAREHOUSE_TEAM,
        kinds={"csv"},
        description="Every figure, unrounded and unprotected. One row per figure of a report.",
    )
    return [dbt_build, figures_file]


def _in_order(context: dg.AssetExecutionContext) -> list[dg.AssetKey]:
    """Return the assets that Dagster asked for, each after those that it is made of."""
    parents = {spec.key: [dep.asset_key for dep in spec.deps] for spec in context.assets_def.specs}
    return [key for key in TopologicalSorter(parents).static_order() if key in context.selected_asset_keys]


def _selection(context: dg.AssetExecutionContext) -> list[str]:
    """Return the dbt selectors for what Dagster asked for; none where it asked for everything."""
    definition = context.assets_def
    if definition.keys_by_output_name == definition.node_keys_by_output_name:
        return []
    specs = {spec.key: spec for spec in definition.specs}
    return sorted(
        specs[key].metadata[DAGSTER_DBT_UNIQUE_ID_METADATA_KEY].split(".")[-1]
        for key in context.selected_asset_keys
    )


def _results(context: dg.AssetExecutionContext, result: DbtResult, database: Path):
    """Yield dbt's results as Dagster's: a materialisation per model, a check result per test."""
    definition = context.assets_def
    models = {spec.metadata[DAGSTER_DBT_UNIQUE_ID_METADATA_KEY]: spec.key for spec in definition.specs}
    checks = {
        (spec.metadata or {}).get(DAGSTER_DBT_UNIQUE_ID_METADATA_KEY): spec
        for spec in definition.node_check_specs_by_output_name.values()
    }
    for node in result.nodes:
        key = models.get(node.unique_id)
        if key in context.selected_asset_keys and node.status == "success":
            metadata: dict[str, Any] = {
                "seconds": node.seconds,
                "table": node.relation.replace('"', ""),
                "database": dg.MetadataValue.path(str(database)),
            }
            if node.rows is not None:
                metadata["dagster/row_count"] = node.rows
            yield dg.MaterializeResult(asset_key=key, metadata=metadata)
    for node in result.nodes:
        spec = checks.get(node.unique_id)
        if spec is None or spec.key not in context.selected_asset_check_keys or node.status == "skipped":
            continue
        yield dg.AssetCheckResult(
            asset_key=spec.asset_key,
            check_name=spec.name,
            passed=node.status == "pass",
            severity=dg.AssetCheckSeverity.WARN if node.severity == "warn" else dg.AssetCheckSeverity.ERROR,
            description=node.statement,
            metadata={
                "rows that fail": node.failures if node.failures is not None else -1,
                "to fix": node.owner,
                "message": node.message or "none",
            },
        )
