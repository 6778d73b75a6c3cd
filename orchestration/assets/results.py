"""A council's protected export; and of all councils together the website, the evidence and the release."""

from datetime import timedelta

import dagster as dg

from orchestration.assets.common import (
    COMPLAINTS_TEAM,
    EVIDENCE,
    POOL,
    PUBLISHING_TEAM,
    RELEASED,
    SITE,
    TAKEN_OVER,
    Asked,
    failures,
    read_by,
    recorded,
    run_id_of,
    stage_asset,
    stage_runner,
)
from redress.base.settings import Settings
from redress.run import waiting
from redress.run.context import Context, run_settings
from redress.run.release import exclusive
from redress.run.stages import stage_named

NIGHTLY = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=50), warn_window=timedelta(hours=26))
"""The nightly run has about an hour; one missed night is a warning, two are a failure."""
SHOWN_OF = {
    "publish": (SITE, {"path": "site"}),
    "attest": (EVIDENCE, {"path": "evidence"}),
    "release": (RELEASED, {"website": "site", "figures": "figures.csv", "evidence": "evidence"}),
}
"""Stage of all councils -> its asset, and which results are linked, each with its label."""


def build_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Return the asset of the stage that protects a council, and the op that publishes all."""
    protected = stage_asset(
        settings,
        stage_named("protect"),
        lambda run: {"path": run.settings.next / "protected"},
        group_name="protect",
        owners=PUBLISHING_TEAM,
        kinds={"arrow"},
        description="Figures after disclosure control, as Arrow streams. One row per figure of a report that is not "
        "left out.",
    )

    @dg.multi_asset(name="publish_what_waits", specs=_specs(), pool=POOL)
    def publish_what_waits(context: dg.AssetExecutionContext, config: Asked):
        """Put together the councils that wait and what stands of the others; publish, attest, release.

        One op, for it holds the installation from its first stage to its last.
        """
        run = Context(run_settings(settings, fresh=True), config.request(), context.log.debug, spares=True)
        counts: dict[str, dict[str, int]] = {}
        with failures(), exclusive(settings, waiting.HELD_SECONDS), recorded(settings, context) as journal:
            try:
                made = waiting.publish(run, run_id_of(context), stage_runner(journal, counts))
            finally:
                journal.add_remarks(run.notes, run.warnings)
            held_up = {slug: problem.what for slug, problem in sorted(run.failed.items())}
            journal.record.verdict = "green_without_some" if held_up else "green"
            journal.record.message = "; ".join(f"{slug}: {what}" for slug, what in held_up.items())
            journal.end()
        about = {
            "made anew": ", ".join(sorted(made.fresh)) or "none",
            "held up": dg.MetadataValue.md(
                "\n".join(f"- {slug}: {what}" for slug, what in held_up.items()) or "none"
            ),
        }
        if "release" not in counts:
            about["taken over"] = TAKEN_OVER
        for stage, (key, links) in SHOWN_OF.items():
            places = {
                label: dg.MetadataValue.path(str(settings.build / name)) for label, name in links.items()
            }
            yield dg.MaterializeResult(asset_key=key, metadata={**about, **counts.get(stage, {}), **places})

    return [protected, publish_what_waits]


def _specs() -> list[dg.AssetSpec]:
    """Return what Dagster says of the results of all councils."""
    return [
        dg.AssetSpec(
            SITE,
            deps=read_by(stage_named("publish")),
            group_name="publish",
            owners=PUBLISHING_TEAM,
            kinds={"evidence", "html"},
            description="The website. One page per section of a report, and those that explain it.",
        ),
        dg.AssetSpec(
            EVIDENCE,
            deps=read_by(stage_named("attest")),
            group_name="attest",
            owners=COMPLAINTS_TEAM,
            kinds={"csv", "json"},
            description="What each report rests on: figures, checks, files by SHA-256, configuration. "
            "One folder per report.",
        ),
        dg.AssetSpec(
            RELEASED,
            deps=read_by(stage_named("release")),
            group_name="attest",
            owners=COMPLAINTS_TEAM,
            description="The results of all councils whose gates are green, put into force together. "
            "One set per installation.",
            freshness_policy=NIGHTLY,
        ),
    ]
