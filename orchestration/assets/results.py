"""The stages after the gates: the protected export, the website, the evidence, and the release of everything that waits."""

from datetime import timedelta

import dagster as dg

from orchestration.assets.common import COMPLAINTS_TEAM, PUBLISHING_TEAM, stage_asset
from redress.base.settings import Settings
from redress.run.stages import stage_named

NIGHTLY = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=50), warn_window=timedelta(hours=26))
"""The nightly run has about an hour; one missed night is a warning, two are a failure."""


def build_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Return the assets of the stages that protect, publish, attest and release."""
    return [
        stage_asset(
            settings,
            stage_named("protect"),
            lambda run: {"path": run.settings.next / "protected"},
            group_name="protect",
            owners=PUBLISHING_TEAM,
            kinds={"arrow"},
            description="Figures after disclosure control, as Arrow streams. One row per figure of a report that is not "
            "left out.",
        ),
        stage_asset(
            settings,
            stage_named("publish"),
            lambda run: {"path": run.settings.next / "site"},
            group_name="publish",
            owners=PUBLISHING_TEAM,
            kinds={"evidence", "html"},
            description="The website. One page per section of a report, and those that explain it.",
        ),
        stage_asset(
            settings,
            stage_named("attest"),
            lambda run: {"path": run.settings.next / "evidence"},
            group_name="attest",
            owners=COMPLAINTS_TEAM,
            kinds={"csv", "json"},
            description="What each report rests on: figures, checks, files by SHA-256, configuration. "
            "One folder per report.",
        ),
        stage_asset(
            settings,
            stage_named("release"),
            lambda run: {
                "website": run.settings.build / "site",
                "figures": run.settings.build / "figures.csv",
                "evidence": run.settings.build / "evidence",
            },
            group_name="attest",
            owners=COMPLAINTS_TEAM,
            description="The results of a run whose gates are all green, put into force together. "
            "One set per installation.",
            freshness_policy=NIGHTLY,
        ),
    ]
