"""The gates: what has to be green before anything goes on, and what is said where it is not."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from redress.base import generations
from redress.base.blame import FileTrouble, of_text
from redress.base.errors import GateFailed
from redress.base.files import replace_file
from redress.base.tables import read_csv, write_csv
from redress.run.context import Context
from redress.warehouse.connection import require_readable

CHECK_COLUMNS = (
    "check_id",
    "family",
    "authority",
    "reporting_year",
    "statement",
    "expected",
    "found",
    "verdict",
    "severity",
    "owner",
)
PUBLISHED_VERDICTS = frozenset({"reproduced", "contradiction", "prior_series", "not_computable"})


def require_green_warehouse(context: Context, result: Any) -> None:
    """Raise GateFailed where `result` has a failed model, seed or blocking test, and say what failed."""
    from redress.reconcile import history, to_fix
    from redress.warehouse.dbt import write_failing_rows

    settings = context.settings
    bad = [node for node in result.nodes if node.is_bad]
    _refuse_what_could_not_be_read(node.message for node in bad if node.status != "fail")
    rows = write_failing_rows(settings.database, bad, settings.state / "failures")
    tests = [node for node in result.nodes if node.resource_type == "test" and node.status != "skipped"]
    records = [_test_record(node, rows.get(node.unique_id)) for node in tests]
    context.warnings += [
        f"{node.statement} ({node.failures} rows; {node.owner})"
        for node in result.nodes
        if node.status == "warn"
    ]
    if result.success and not bad:
        context.warnings += history.record(settings, records)
        return
    write_checks(records, settings.build / "checks.csv")
    _remember(context, records)
    remembered = history.rows(settings)
    details = [
        f"{node.statement} [{node.name}]: "
        + (f"{node.failures} rows" if node.status == "fail" and node.failures is not None else node.message)
        + (f", see {rows[node.unique_id]}" if node.unique_id in rows else "")
        + f". To fix: {node.owner}"
        + (f", in {to_fix.place(settings.build, '', node.owner)}." if node.resource_type == "test" else ".")
        + _spaced(history.since(remembered.get(("", "", f"warehouse.{node.name}"))))
        for node in bad
    ]
    raise GateFailed(
        f"The warehouse is not sound: {len(bad)} of {len(result.nodes)} models and tests failed.",
        ", ".join(sorted({node.owner for node in bad})) or "whoever maintains the warehouse",
        details or [result.message],
    )


def run_gates(context: Context) -> tuple[list[dict], list[dict]]:
    """The checks and the comparison of `reconcile`, without the verdict; both files are in place after."""
    from redress import reconcile as redress_reconcile

    logging.getLogger("great_expectations.data_context.types.base").addFilter(_only_warnings)
    settings = context.settings
    folder = settings.next / "reconcile"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    context.say("checks")
    require_readable(settings)
    records = list(redress_reconcile.run_checks(settings, folder))
    _refuse_what_could_not_be_read(
        f"{one.get('statement')} {one.get('found')}" for one in records if one.get("verdict") == "error"
    )
    if not (folder / "checks_evidence").exists():
        shutil.rmtree(
            settings.build / "checks_evidence", ignore_errors=True
        )  # what an earlier run found is not behind these checks
    if not (folder / "published_check.csv").exists():
        context.say("published figures")
        redress_reconcile.published_check(settings, folder)
    published = read_csv(folder / "published_check.csv")
    for path in sorted(folder.iterdir()):
        generations.replace(path, settings.build / path.name)
    folder.rmdir()
    _remember(context, records)
    with replace_file(settings.state / "checks.json") as temporary:
        temporary.write_text(
            json.dumps(records, indent=1, default=str, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    context.counts = {"checks": len(records), "published figures compared": len(published)}
    return records, published


def _refuse_what_could_not_be_read(messages: Iterable[str]) -> None:
    """Raise FileTrouble where one of the messages of what failed says that a file is held, damaged or not written.

    What could not be read is neither right nor wrong: it is not judged, and not remembered as a check that failed.
    """
    for message in messages:
        problem = of_text(message)
        if isinstance(problem, FileTrouble):
            raise problem


def _remember(context: Context, records: Sequence[dict]) -> None:
    """Keep what the checks found: the history, and a workbook for each owner of a check that does not pass."""
    from redress.reconcile import history, to_fix

    settings = context.settings
    context.warnings += history.record(settings, records)
    history.write(settings, records)
    to_fix.write(settings.build, records, history.rows(settings))


def _spaced(text: str) -> str:
    return f" {text}" if text else ""


def _only_warnings(record: logging.LogRecord) -> bool:
    """A logging filter: Great Expectations tells of every temporary folder it makes."""
    return record.levelno >= logging.WARNING


def require_green_checks(context: Context, records: Sequence[dict], published: Sequence[dict]) -> None:
    """Raise GateFailed unless every blocking check passed; only the exact word `pass` passes."""
    from redress import reconcile as redress_reconcile
    from redress.reconcile import history, summary

    failed = redress_reconcile.gate(list(records))
    remembered = history.rows(context.settings)
    said_before = list(context.warnings)
    context.warnings += [
        summary.line(one, history.since(remembered.get(history.key_of(one))))
        for one in records
        if one.get("verdict") != "pass" and one.get("severity") == "warn"
    ]
    unjudged = [row for row in published if row.get("verdict") not in PUBLISHED_VERDICTS]
    if records and not failed and not unjudged:
        return
    details = summary.what_failed(context.settings.build, failed, remembered)
    details += [
        f"{row.get('ref')} ({row.get('authority')} {row.get('reporting_year')}): published "
        f"{row.get('published_value')}, computed {row.get('computed_value')}, "
        f"verdict {row.get('verdict')}. {row.get('reason') or ''}".rstrip()
        for row in unjudged
    ]
    if not records:
        details.append("No check ran at all. To fix: whoever maintains Redress.")
    details += said_before
    details.append(
        f"Every check: {context.settings.build / 'checks.csv'}; since when: check_history.csv beside it"
    )
    raise GateFailed(
        f"The figures do not reconcile: {len(failed)} of {len(records)} checks failed, "
        f"{len(unjudged)} published figures are unexplained.",
        ", ".join(sorted({str(one.get("owner")) for one in failed if one.get("owner")}))
        or "the complaints team",
        details,
    )


def write_checks(records: Sequence[dict], path: Path) -> None:
    """Write check records as CSV with the columns of checks.csv, in one step."""
    write_csv(path, CHECK_COLUMNS, records, without_others=True)


def _test_record(node: Any, rows: Path | None) -> dict:
    """A dbt data test as a check record."""
    verdict = {"pass": "pass", "warn": "fail", "fail": "fail"}.get(node.status, "error")
    return {
        "check_id": f"warehouse.{node.name}",
        "family": "warehouse",
        "authority": "",
        "reporting_year": "",
        "statement": node.statement,
        "expected": "0 rows",
        "found": f"{node.failures} rows" if node.status in ("fail", "warn", "pass") else node.message,
        "verdict": verdict,
        "severity": "warn" if node.severity == "warn" else "block",
        "owner": node.owner,
        "evidence": str(rows or ""),
    }
