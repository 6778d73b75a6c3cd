"""The gates: what has to be green before anything goes on, and what is said where it is not."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from redress.base import generations
from redress.base.blame import FileTrouble, of_text
from redress.base.check import FILE as CHECKS
from redress.base.check import Check, write_checks
from redress.base.errors import GateFailed
from redress.base.files import replace_file
from redress.base.settings import Settings
from redress.base.tables import read_csv
from redress.run.context import Context
from redress.warehouse.connection import require_readable

if TYPE_CHECKING:
    from redress.warehouse import DbtResult, NodeResult


@dataclass(frozen=True)
class Judged:
    """What the gates have to judge by.

    Attributes:
        checks: every check, as in `checks.csv`.
        published: every figure printed before and the computed one, as in `published_check.csv`.
    """

    checks: list[dict]
    published: list[dict[str, str]]

    @property
    def counts(self) -> dict[str, int]:
        """How many there are of each."""
        return {"checks": len(self.checks), "published figures compared": len(self.published)}

    @property
    def warnings(self) -> list[dict]:
        """The checks that do not pass and stop nothing."""
        return [
            check
            for check in self.checks
            if check.get("verdict") != "pass" and check.get("severity") == "warn"
        ]

    @property
    def unexplained(self) -> list[dict[str, str]]:
        """The figures printed before of which nothing says why they are not reproduced."""
        from redress.reconcile.printed import PUBLISHED_VERDICTS

        return [row for row in self.published if row.get("verdict") not in PUBLISHED_VERDICTS]


def require_green_warehouse(context: Context, result: DbtResult) -> None:
    """Raise GateFailed where `result` has a failed model, seed or blocking test, and say what failed."""
    from redress.reconcile import history
    from redress.warehouse.builder import councils_behind, write_failing_rows

    settings = context.settings
    bad = [node for node in result.nodes if node.is_bad]
    _refuse_what_could_not_be_read(node.message for node in bad if node.status != "fail")
    rows = write_failing_rows(settings.database, bad, settings.state / "failures")
    tests = [node for node in result.nodes if node.resource_type == "test" and node.status != "skipped"]
    records = [_test_check(node, rows.get(node.unique_id)).record() for node in tests]
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
    raise GateFailed(
        f"The warehouse is not sound: {len(bad)} of {len(result.nodes)} models and tests failed.",
        ", ".join(sorted({node.owner for node in bad})) or "whoever maintains the warehouse",
        [_told(node, rows.get(node.unique_id), remembered, settings.build) for node in bad]
        or [result.message],
        councils_behind(settings.database, bad),
    )


def _told(
    node: NodeResult, rows: Path | None, remembered: Mapping[tuple, dict[str, str]], build: Path
) -> str:
    """Return what failed of the warehouse, in a sentence: how much, where to look, who has it, since when."""
    from redress.reconcile import history, to_fix

    is_counted = node.status == "fail" and node.failures is not None
    since = history.since(remembered.get(("", "", f"warehouse.{node.name}")))
    return (
        f"{node.statement} [{node.name}]: "
        + (f"{node.failures} rows" if is_counted else node.message)
        + (f", see {rows}" if rows else "")
        + f". To fix: {node.owner}"
        + (f", in {to_fix.place(build, '', node.owner)}." if node.resource_type == "test" else ".")
        + (f" {since}" if since else "")
    )


def run_gates(context: Context) -> Judged:
    """Run the checks and the comparison of `reconcile`, without a verdict; both files are in place after."""
    from redress.reconcile import published_check, run_checks

    logging.getLogger("great_expectations.data_context.types.base").addFilter(_only_warnings)
    settings = context.settings
    folder = settings.next / "reconcile"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    context.say("checks")
    require_readable(settings)
    checks = list(run_checks(settings, folder))
    _refuse_what_could_not_be_read(
        f"{check.get('statement')} {check.get('found')}"
        for check in checks
        if check.get("verdict") == "error"
    )
    if not (folder / "checks_evidence").exists():
        shutil.rmtree(
            settings.build / "checks_evidence", ignore_errors=True
        )  # what an earlier run found is not behind these checks
    if not (folder / "published_check.csv").exists():
        context.say("published figures")
        published_check(settings, folder)
    published = read_csv(folder / "published_check.csv")
    for path in sorted(folder.iterdir()):
        generations.replace(path, settings.build / path.name)
    folder.rmdir()
    _remember(context, checks)
    with replace_file(settings.state / "checks.json") as temporary:
        temporary.write_text(
            json.dumps(checks, indent=1, default=str, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    return Judged(checks, published)


def judged_before(settings: Settings, slug: str) -> Judged:
    """Return what was judged of a council last."""
    checks, published = (
        [row for row in read_csv(settings.build / name) if row["authority"] == slug]
        for name in (CHECKS, "published_check.csv")
    )
    return Judged([dict(row) for row in checks], published)


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


def _only_warnings(record: logging.LogRecord) -> bool:
    """Filter a log: Great Expectations tells of every temporary folder it makes."""
    return record.levelno >= logging.WARNING


def require_green_checks(context: Context, judged: Judged) -> None:
    """Raise GateFailed unless every blocking check passed; only the exact word `pass` passes."""
    from redress.reconcile import gate, history, summary

    failed = gate(judged.checks)
    remembered = history.rows(context.settings)
    said_before = list(context.warnings)
    context.warnings += [
        summary.line(check, history.since(remembered.get(history.key_of(check)))) for check in judged.warnings
    ]
    unexplained = judged.unexplained
    if judged.checks and not failed and not unexplained:
        return
    details = summary.what_failed(context.settings.build, failed, remembered)
    details += [
        f"{row.get('ref')} ({row.get('authority')} {row.get('reporting_year')}): published "
        f"{row.get('published_value')}, computed {row.get('computed_value')}, "
        f"verdict {row.get('verdict')}. {row.get('reason') or ''}".rstrip()
        for row in unexplained
    ]
    if not judged.checks:
        details.append("No check ran at all. To fix: whoever maintains Redress.")
    details += said_before
    details.append(
        f"Every check: {context.settings.build / 'checks.csv'}; since when: check_history.csv beside it"
    )
    raise GateFailed(
        f"The figures do not reconcile: {len(failed)} of {len(judged.checks)} checks failed, "
        f"{len(unexplained)} published figures are unexplained.",
        ", ".join(sorted({str(check.get("owner")) for check in failed if check.get("owner")}))
        or "the complaints team",
        details,
        _councils_of([*failed, *unexplained]),
    )


def _councils_of(records: Iterable[Mapping]) -> set[str]:
    """Return the councils of these records; none where one is about whole tables."""
    councils = {str(record.get("authority") or "") for record in records}
    return set() if "" in councils else councils


def _test_check(node: NodeResult, rows: Path | None) -> Check:
    """Return a dbt data test as a check."""
    return Check(
        check_id=f"warehouse.{node.name}",
        family="warehouse",
        statement=node.statement,
        expected="0 rows",
        found=f"{node.failures} rows" if node.status in ("fail", "warn", "pass") else node.message,
        verdict={"pass": "pass", "warn": "fail", "fail": "fail"}.get(node.status, "error"),
        severity="warn" if node.severity == "warn" else "block",
        owner=node.owner,
        evidence=str(rows or ""),
    )
