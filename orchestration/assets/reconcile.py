"""Reconcile: every check by family as a blocking asset check, and published figures against computed."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from orchestration.assets.common import (
    CHECKS,
    COMPLAINTS_TEAM,
    COUNCILS,
    PUBLISHED_CHECK,
    council_stage,
    failures,
    judge,
    read_by,
    taken_over,
)
from redress.base.settings import Settings
from redress.reconcile import failing_rows, history
from redress.reconcile.families import words as families_words
from redress.run import gates, waiting
from redress.run.context import Stage
from redress.run.stages import stage_named

OTHER = "other_checks"
"""Judges every check of a family that has no check of its own here, and that any check ran at all."""
PUBLISHED = "published_figures_are_explained"
SHOWN = 20
MOST_ROWS = 200
NUMBERS = {
    "authority": "string",
    "reporting_year": "string",
    "check_id": "string",
    "line": "string",
    "side": "string",
    "label": "string",
    "value": "float",
    "figure_id": "string",
}
ROWS = {
    "authority": "string",
    "reporting_year": "string",
    "check_id": "string",
    "file": "string",
    "row": "int",
    "what": "string",
}
UNEXPLAINED = dict.fromkeys(
    ("authority", "reporting_year", "ref", "figure_id", "published_value", "computed_value", "reason"),
    "string",
)


def build_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Return one op: run the checks, compare with what was published, judge."""
    stage = stage_named("reconcile")
    judged_apart = check_families()

    @dg.multi_asset(
        name="reconcile",
        specs=_asset_specs(stage),
        check_specs=_check_specs(judged_apart),
        partitions_def=COUNCILS,
    )
    def reconcile(context: dg.AssetExecutionContext):
        """Run the suites; what they found is in place beside that of other councils whatever the verdict."""
        slug = context.partition_key
        with council_stage(settings, context, stage) as (run, outcome):
            if run is not None:
                judged = gates.run_gates(run)
                outcome.counts = judged.counts
        if run is None:
            judged = gates.judged_before(settings, slug)
            yield from taken_over(CHECKS, PUBLISHED_CHECK)
        else:
            with failures():
                waiting.keep_judgements(settings, slug)
            for warning in run.warnings:
                context.log.warning(warning)
            for key, rows in ((CHECKS, judged.checks), (PUBLISHED_CHECK, judged.published)):
                path = settings.build / f"{key.path[-1]}.csv"
                yield dg.MaterializeResult(
                    asset_key=key,
                    metadata={"dagster/row_count": len(rows), "path": dg.MetadataValue.path(str(path))},
                )
        for name in [*judged_apart, OTHER]:
            checks = [check for check in judged.checks if family_of(check, judged_apart) == name]
            yield verdict_on(name, checks, settings, needed=name == OTHER and not judged.checks)
        yield dg.AssetCheckResult(
            asset_key=PUBLISHED_CHECK,
            check_name=PUBLISHED,
            passed=not judged.unexplained,
            metadata={
                "compared": len(judged.published),
                "unexplained": [str(row.get("ref")) for row in judged.unexplained[:SHOWN]],
                "what is unexplained": table(judged.unexplained, UNEXPLAINED),
            },
        )
        if run is not None:
            judge(settings, context, run, lambda: gates.require_green_checks(run, judged))

    return [reconcile]


def _asset_specs(stage: Stage) -> list[dg.AssetSpec]:
    """Return what Dagster says of the two files that the stage makes."""
    return [
        dg.AssetSpec(
            key,
            deps=read_by(stage),
            group_name="reconcile",
            owners=COMPLAINTS_TEAM,
            kinds=kinds,
            description=description,
        )
        for key, kinds, description in (
            (
                CHECKS,
                {"greatexpectations", "csv"},
                "Every check: numbers put in, verdict. One row per check of a report.",
            ),
            (
                PUBLISHED_CHECK,
                {"csv"},
                "Figures printed before against the computed ones. One row per published figure.",
            ),
        )
    ]


def _check_specs(judged_apart: Mapping[str, str]) -> list[dg.AssetCheckSpec]:
    """Return what Dagster says of each family of checks, of all others together, and of the figures printed before."""
    families = {**judged_apart, OTHER: "Every other check holds, and at least one ran."}
    return [
        *(
            dg.AssetCheckSpec(name, asset=CHECKS, description=says, blocking=True)
            for name, says in families.items()
        ),
        dg.AssetCheckSpec(
            PUBLISHED,
            asset=PUBLISHED_CHECK,
            description="Every figure printed before is reproduced, or it is said why not.",
            blocking=True,
        ),
    ]


def check_families() -> dict[str, str]:
    """Return the families of checks that are judged here and what each says, in plain words."""
    judged_before = history.WAREHOUSE
    return {name: words.says for name, words in families_words.families().items() if name != judged_before}


def family_of(record: Mapping[str, Any], known: Mapping[str, str]) -> str:
    """Return the asset check that judges a record: its family's, or `other_checks`."""
    name = str(record.get("family", ""))
    return name if name in known else OTHER


def verdict_on(
    name: str, records: Sequence[dict[str, Any]], settings: Settings, needed: bool = False
) -> dg.AssetCheckResult:
    """Return one family's verdict, with what is behind it: which checks since when, which figures, which rows of which file.

    Args:
        name: the asset check's name.
        records: the family's check records; only the exact verdict `pass` passes.
        settings: where the history and the evidence of the checks are.
        needed: fail although there is no record (nothing ran at all).
    """
    failing = [check for check in records if check.get("verdict") != "pass"]
    failing.sort(key=lambda check: check.get("severity") == "warn")
    warned = sum(check.get("severity") == "warn" for check in failing)
    blocking = len(failing) - warned
    known = history.rows(settings)
    lines = [
        f"- **{check.get('check_id')}** ({check.get('authority')} {check.get('reporting_year')}): "
        f"{check.get('statement')} Expected {check.get('expected')}, found {check.get('found')}. "
        f"To fix: {check.get('owner')}. {history.since(known.get(history.key_of(check)))}".rstrip()
        for check in failing[:SHOWN]
    ]
    metadata: dict[str, Any] = {
        "checks": len(records),
        "failed": blocking,
        "warned": warned,
        "what failed": dg.MetadataValue.md("\n".join(lines) or "nothing"),
    }
    if failing:
        metadata["numbers behind it"] = table(failing_rows.numbers(settings.build, failing), NUMBERS)
        metadata["rows behind it"] = table(failing_rows.rows(settings.build, failing), ROWS)
    return dg.AssetCheckResult(
        asset_key=CHECKS,
        check_name=name,
        passed=not failing and not needed,
        severity=dg.AssetCheckSeverity.ERROR if blocking or needed else dg.AssetCheckSeverity.WARN,
        metadata=metadata,
    )


def table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> dg.TableMetadataValue:
    """Return rows as a metadata table: the named columns alone, each of the type named, at most `MOST_ROWS`.

    Args:
        rows: one mapping per row.
        columns: column -> `string`, `int` or `float`.
    """
    return dg.MetadataValue.table(
        records=[
            dg.TableRecord({name: cell(row.get(name), kind) for name, kind in columns.items()})
            for row in rows[:MOST_ROWS]
        ],
        schema=dg.TableSchema([dg.TableColumn(name, kind) for name, kind in columns.items()]),
    )


def cell(value: Any, kind: str) -> str | int | float | None:
    """Return a value as a metadata table may hold it."""
    if value is None:
        return None
    return str(value) if kind == "string" else int(value) if kind == "int" else float(value)
