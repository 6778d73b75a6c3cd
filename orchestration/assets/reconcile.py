"""Reconcile: every check by family as a blocking asset check, and published figures against computed."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

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
from redress.base.settings import Settings
from redress.reconcile import failing_rows, history
from redress.reconcile.families import words as families_words
from redress.run import gates

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
    """One op: run the checks, compare with what was published, judge."""
    judged_apart = check_families()

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
                    **judged_apart,
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
            records, published = gates.run_gates(run)
        for warning in run.warnings:
            context.log.warning(warning)
        for key, rows in ((CHECKS, records), (PUBLISHED_CHECK, published)):
            path = settings.build / f"{key.path[-1]}.csv"
            yield dg.MaterializeResult(
                asset_key=key,
                metadata={"dagster/row_count": len(rows), "path": dg.MetadataValue.path(str(path))},
            )
        for name in [*judged_apart, OTHER]:
            mine = [one for one in records if family_of(one, judged_apart) == name]
            yield judged(name, mine, settings, needed=name == OTHER and not records)
        unexplained = [row for row in published if row.get("verdict") not in gates.PUBLISHED_VERDICTS]
        yield dg.AssetCheckResult(
            asset_key=PUBLISHED_CHECK,
            check_name=PUBLISHED,
            passed=not unexplained,
            metadata={
                "compared": len(published),
                "unexplained": [str(row.get("ref")) for row in unexplained[:SHOWN]],
                "what is unexplained": table(unexplained, UNEXPLAINED),
            },
        )
        with failures(), judged_in_journal(settings, context):
            gates.require_green_checks(run, records, published)

    return [reconcile]


def check_families() -> dict[str, str]:
    """The families of checks that are judged here and what each says, in plain words."""
    judged_before = history.WAREHOUSE
    return {name: words.says for name, words in families_words.families().items() if name != judged_before}


def family_of(record: Mapping[str, Any], known: Mapping[str, str]) -> str:
    """The asset check that judges a record: its family's, or `other_checks`."""
    name = str(record.get("family", ""))
    return name if name in known else OTHER


def judged(
    name: str, records: Sequence[dict[str, Any]], settings: Settings, needed: bool = False
) -> dg.AssetCheckResult:
    """One family's verdict, with what is behind it: which checks since when, which figures, which rows of which file.

    Args:
        name: the asset check's name.
        records: the family's check records; only the exact verdict `pass` passes.
        settings: where the history and the evidence of the checks are.
        needed: fail although there is no record (nothing ran at all).
    """
    blocking = [one for one in records if one.get("verdict") != "pass" and one.get("severity") != "warn"]
    warned = [one for one in records if one.get("verdict") != "pass" and one.get("severity") == "warn"]
    known = history.rows(settings)
    lines = [
        f"- **{one.get('check_id')}** ({one.get('authority')} {one.get('reporting_year')}): "
        f"{one.get('statement')} Expected {one.get('expected')}, found {one.get('found')}. "
        f"To fix: {one.get('owner')}. {history.since(known.get(history.key_of(one)))}".rstrip()
        for one in [*blocking, *warned][:SHOWN]
    ]
    metadata: dict[str, Any] = {
        "checks": len(records),
        "failed": len(blocking),
        "warned": len(warned),
        "what failed": dg.MetadataValue.md("\n".join(lines) or "nothing"),
    }
    if blocking or warned:
        failing = [*blocking, *warned]
        metadata["numbers behind it"] = table(failing_rows.numbers(settings.build, failing), NUMBERS)
        metadata["rows behind it"] = table(failing_rows.rows(settings.build, failing), ROWS)
    return dg.AssetCheckResult(
        asset_key=CHECKS,
        check_name=name,
        passed=not blocking and not warned and not needed,
        severity=dg.AssetCheckSeverity.ERROR if blocking or needed else dg.AssetCheckSeverity.WARN,
        metadata=metadata,
    )


def table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> dg.TableMetadataValue:
    """Rows as a metadata table: the named columns alone, each of the type named, at most `MOST_ROWS`.

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
    """A value as a metadata table may hold it."""
    if value is None:
        return None
    return str(value) if kind == "string" else int(value) if kind == "int" else float(value)
