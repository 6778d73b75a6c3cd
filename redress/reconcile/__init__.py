"""Reconciliation: every check that the figures must pass, and the gate that stops publishing.

`run_checks` writes `checks.csv` and the rows behind it; `gate` says what blocks; `published_check` compares
with what councils printed. What these need is imported where it is needed: `redress explain` reads the history of
checks from here, and somebody waits for its answer. How a number is counted and which numbers are shown belong elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from redress.base.check import FILE, Check, write_checks
from redress.base.settings import Settings
from redress.base.tables import read_json

# Families without which no report can be right: their absence blocks whatever else is there.
ALWAYS = (
    "intake",
    "mart_equals_staging",
    "same_figure_twice",
    "parts_to_total",
    "quarters_to_year",
    "percentage_from_counts",
    "table_rules",
    "figures_against_themselves",
    "figures_equal_published",
    "cases_behind_figures",
)


def run_checks(settings: Settings, out_dir: Path, *, today: date | None = None) -> list[dict[str, Any]]:
    """Evaluate every check over the warehouse and write `checks.csv`.

    Args:
        settings: `database` (the warehouse), `state` (parquet files), `authorities` (folders with profiles
            and accepted faults), `reference` (the extract contract).
        out_dir: where to write `checks.csv` and `checks_evidence/<family>.parquet`.
        today: the day by which accepted faults expire; else the run's own day (`RunSettings`), else today.

    Returns:
        The records of the checks (`Check.record`), in the order of `checks.csv`. Nothing raises for a check that cannot
        be evaluated: it is a record with verdict `error`, which blocks.
    """
    from expectations import runner
    from expectations.suites import FAMILIES as SUITES
    from redress.authority.folder import authority_folders
    from redress.reconcile import accepted, checked_figures
    from redress.reconcile.judge import FAMILIES, Work, judged

    out_dir = Path(out_dir)
    out_dir.mkdir(parents=True, exist_ok=True)
    folders = authority_folders(settings)
    contract_file = settings.reference / "contract" / "datapackage.json"
    work = Work(settings, out_dir, folders, accepted.owners(settings, folders))
    checks = runner.run(
        settings.database,
        SUITES,
        state=settings.state,
        contract=read_json(contract_file) if contract_file.exists() else None,
        owner=work.owner,
        evidence=out_dir / "checks_evidence",
    )
    checks += runner.run_rules(settings.database)
    write_checks([check.record() for check in checks], out_dir / FILE)
    for family in FAMILIES:
        checks += judged(family, work)
    checks += _absent({check.family for check in checks})
    day = today or getattr(settings, "today", None) or date.today()
    records = in_order(check.record() for check in accepted.apply(checks, folders, day))
    write_checks(records, out_dir / FILE)
    checked_figures.write(out_dir, [family.name for family in SUITES])
    return records


def in_order(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the records of checks in the order of `checks.csv`: by family, then by authority, else as they came."""
    from expectations.suites import FAMILIES as SUITES
    from redress.reconcile.judge import FAMILIES, RULES

    names = [family.name for family in SUITES] + [RULES] + [family.name for family in FAMILIES]
    place = {name: number for number, name in enumerate(names)}

    def key(record: Mapping[str, Any]) -> tuple[int, str, str]:
        family = str(record.get("family") or "")
        return place.get(family, len(place)), family, str(record.get("authority") or "")

    return [dict(record) for record in sorted(records, key=key)]


def published_check(settings: Settings, out_dir: Path) -> list[dict[str, Any]]:
    """Compare every published figure with the computed one; write `published_check.csv`."""
    from redress.reconcile.printed import published_check as compare

    return list(compare(settings, out_dir))


def gate(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what blocks publishing: every record whose verdict is not exactly `pass`, unless it only warns.

    Args:
        records: all records of `run_checks` (or of a `checks.csv`).

    Returns:
        Blocking records, empty when publishing may go on. No records at all, or none of a family that every
        report has, is itself a blocking record.
    """
    blocking = [
        record for record in records if record.get("verdict") != "pass" and record.get("severity") != "warn"
    ]
    return blocking + [check.record() for check in _absent({record.get("family", "") for record in records})]


def _absent(present: set[str]) -> list[Check]:
    """Return a failing check for each family that every report has and that is not among those present."""
    return [
        Check.missing(family, family, f"No check of the family '{family}' was run.")
        for family in ALWAYS
        if family not in present
    ]
