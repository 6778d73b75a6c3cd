"""Attest: the evidence behind each report, then the release of everything that waits."""

from datetime import timedelta

import dagster as dg

from orchestration.assets.common import (
    COMPLAINTS_TEAM,
    EVIDENCE,
    POOL,
    RELEASED,
    SITE,
    counted,
    stage_context,
)
from redress.base.settings import Settings
from redress.run import stages
from redress.run.release import release

NIGHTLY = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=50), warn_window=timedelta(hours=26))
"""The nightly run has about an hour; one missed night is a warning, two are a failure."""


def build_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Evidence packs, and the release."""

    @dg.asset(
        key=EVIDENCE,
        deps=[SITE],
        group_name="attest",
        owners=COMPLAINTS_TEAM,
        kinds={"csv", "json"},
        description="What each report rests on: figures, checks, files by SHA-256, configuration. "
        "One folder per report.",
        pool=POOL,
    )
    def evidence(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        with stage_context(settings, context) as run:
            counts = stages.attest(run)
        return dg.MaterializeResult(metadata=counted(counts, path=run.settings.next / "evidence"))

    @dg.asset(
        key=RELEASED,
        deps=[EVIDENCE, SITE],
        group_name="attest",
        owners=COMPLAINTS_TEAM,
        description="The results of a run whose gates are all green, put into force together. "
        "One set per installation.",
        freshness_policy=NIGHTLY,
        pool=POOL,
    )
    def released_results(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        with stage_context(settings, context) as run:
            counts = release(run)
        return dg.MaterializeResult(
            metadata={
                **counted(counts),
                "website": dg.MetadataValue.path(str(settings.build / "site")),
                "figures": dg.MetadataValue.path(str(settings.build / "figures.csv")),
                "evidence": dg.MetadataValue.path(str(settings.build / "evidence")),
            }
        )

    return [evidence, released_results]
