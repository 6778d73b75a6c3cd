"""Protect: the only tables that the website may read."""

import dagster as dg

from orchestration.assets.common import (
    CHECKS,
    FIGURES_FILE,
    POOL,
    PROTECTED,
    PUBLISHED_CHECK,
    PUBLISHING_TEAM,
    counted,
    stage_context,
)
from redress.base.settings import Settings
from redress.run import stages


def build_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """The protected export."""

    @dg.asset(
        key=PROTECTED,
        deps=[CHECKS, PUBLISHED_CHECK, FIGURES_FILE],
        group_name="protect",
        owners=PUBLISHING_TEAM,
        kinds={"arrow"},
        description="Figures after disclosure control, as Arrow streams. One row per figure of a report that is not left out.",
        pool=POOL,
    )
    def protected_export(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        with stage_context(settings, context) as run:
            counts = stages.protect(run)
        return dg.MaterializeResult(metadata=counted(counts, path=run.settings.next / "protected"))

    return [protected_export]
