"""Publish: the website, built from the protected export alone."""

import dagster as dg

from orchestration.assets.common import POOL, PROTECTED, PUBLISHING_TEAM, SITE, counted, stage_context
from redress.base.settings import Settings
from redress.run import stages


def build_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """The website, waiting for its release."""

    @dg.asset(
        key=SITE,
        deps=[PROTECTED],
        group_name="publish",
        owners=PUBLISHING_TEAM,
        kinds={"evidence", "html"},
        description="The website. One page per section of a report, and those that explain it.",
        pool=POOL,
    )
    def site(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        with stage_context(settings, context) as run:
            counts = stages.publish(run)
        return dg.MaterializeResult(metadata=counted(counts, path=run.settings.next / "site"))

    return [site]
