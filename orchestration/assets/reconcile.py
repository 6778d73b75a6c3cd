"""Reconcile: every check by family as a blocking asset check, and published figures against computed."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from orchestration import pipeline
from orchestration.assets.common import (
    CHECKS,
    COMPLAINTS_TEAM,
    FIGURES,
    FIGURES_FILE,
    POOL,
    PUBLISHED_CHECK,
    failures,
    judged_in_journal,
    stage_context,
)
from orchestration.settings import Settings

OTHER = "other_checks"
"""Judges every check of a family that has no check of its own here, and that any check ran at all."""
PUBLISHED = "published_figures_are_explained"
SHOWN = 20


def build_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """One op: run the checks, compare with what was published, judge."""
    families = check_families()

    @dg.multi_asset(
        name="reconcile",
        specs=[
            dg.AssetSpec(
                CHECKS,
                deps=[FIGURES, FIGURES_FILE],
                group_name="reconcile",
                owners=COMPLAINTS_TEAM,
                kinds={"greatexpectations", "csv"},
                description="Every check: numbers put in, verdict. One row per check of a report.",
            ),
            dg.AssetSpec(
                PUBLISHED_CHECK,
                deps=[FIGURES, FIGURES_FILE],
                group_name="reconcile",
                owners=COMPLAINTS_TEAM,
                kinds={"csv"},
                description="Figures printed before against the computed ones. One row per published figure.",
            ),
        ],
        check_specs=[
            *[
                dg.AssetCheckSpec(name, asset=CHECKS, description=words, blocking=True)
                for name, words in {
                    **families,
                    OTHER: "Every other check holds, and at least one ran.",
                }.items()
            ],
            dg.AssetCheckSpec(
                PUBLISHED,
                asset=PUBLISHED_CHECK,
                description="Every figure printed before is reproduced, or it is said why not.",
                blocking=True,
            ),
        ],
        pool=POOL,
    )
    def reconcile(context: dg.AssetExecutionContext):
        """Run the suites; both files are in place whatever the verdict."""
        with stage_context(settings, context) as run:
            records, published = pipeline.run_gates(run)
        for key, rows in ((CHECKS, records), (PUBLISHED_CHECK, published)):
            path = settings.build / f"{key.path[-1]}.csv"
            yield dg.MaterializeResult(
                asset_key=key,
                metadata={"dagster/row_count": len(rows), "path": dg.MetadataValue.path(str(path))},
            )
        for name in [*families, OTHER]:
            mine = [one for one in records if family_of(one, families) == name]
            yield judged(name, mine, needed=name == OTHER and not records)
        unexplained = [row for row in published if row.get("verdict") not in pipeline.PUBLISHED_VERDICTS]
        yield dg.AssetCheckResult(
            asset_key=PUBLISHED_CHECK,
            check_name=PUBLISHED,
            passed=not unexplained,
            metadata={
                "compared": len(published),
                "unexplained": [str(row.get("ref")) for row in unexplained[:SHOWN]],
            },
        )
        with failures(), judged_in_journal(settings, context):
            pipeline.require_green_checks(run, records, published)

    return [reconcile]


def check_families() -> dict[str, str]:
    """The families of checks and what each says, in plain words."""
    from expectations.suites import FAMILIES

    return {family.name: family.title for family in FAMILIES}


def family_of(record: Mapping[str, Any], families: Mapping[str, str]) -> str:
    """The asset check that judges a record: its family's, or `other_checks`."""
    name = str(record.get("family", ""))
    return name if name in families else OTHER


def judged(name: str, records: Sequence[dict[str, Any]], needed: bool = False) -> dg.AssetCheckResult:
    """One family's verdict.

    Args:
        name: the asset check's name.
        records: the family's check records; only the exact verdict `pass` passes.
        needed: fail although there is no record (nothing ran at all).
    """
    blocking = [one for one in records if one.get("verdict") != "pass" and one.get("severity") != "warn"]
    warned = [one for one in records if one.get("verdict") != "pass" and one.get("severity") == "warn"]
    lines = [
        f"- **{one.get('check_id')}** ({one.get('authority')} {one.get('reporting_year')}): "
        f"{one.get('statement')} Expected {one.get('expected')}, found {one.get('found')}. "
        f"To fix: {one.get('owner')}."
        for one in [*blocking, *warned][:SHOWN]
    ]
    return dg.AssetCheckResult(
        asset_key=CHECKS,
        check_name=name,
        passed=not blocking and not warned and not needed,
        severity=dg.AssetCheckSeverity.ERROR if blocking or needed else dg.AssetCheckSeverity.WARN,
        metadata={
            "checks": len(records),
            "failed": len(blocking),
            "warned": len(warned),
            "what failed": dg.MetadataValue.md("\n".join(lines) or "nothing"),
        },
    )
