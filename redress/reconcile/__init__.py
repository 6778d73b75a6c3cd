"""Reconciliation: every check that the figures must pass, and the gate that stops publishing.

`run_checks` writes `checks.csv` and the rows behind it; `gate` says what blocks; `published_check` compares
with what councils printed. What these need is imported where it is needed: `redress explain` reads the history of
checks from here, and somebody waits for its answer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from redress.base.blame import FileTrouble, explained
from redress.base.tables import read_json, write_csv

COLUMNS = (
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


def run_checks(settings, out_dir: Path, *, today: date | None = None) -> list[dict]:
    """Evaluate every check over the warehouse and write `checks.csv`.

    Args:
        settings: `database` (the warehouse), `state` (parquet files), `authorities` (folders with profiles
            and accepted faults), `reference` (the extract contract).
        out_dir: where to write `checks.csv` and `checks_evidence/<family>.parquet`.
        today: the day by which accepted faults expire; else the run's own day (`RunSettings`), else today.

    Returns:
        The records of `checks.csv`, with `evidence` (path below `out_dir`) besides, `accepted` where a fault is
        accepted, and `figure_ids` or `refs` where single figures or printed numbers are at fault. Nothing raises
        for a check that cannot be evaluated: it is a record with verdict `error`, which blocks.
    """
    from expectations import runner
    from expectations.suites import FAMILIES
    from redress.authority.folder import authority_folders
    from redress.reconcile import accepted, checked_figures

    out_dir = Path(out_dir)
    out_dir.mkdir(parents=True, exist_ok=True)
    folders = authority_folders(settings)
    owner = accepted.owners(settings, folders)
    contract_file = settings.reference / "contract" / "datapackage.json"
    records = runner.run(
        settings.database,
        FAMILIES,
        state=settings.state,
        contract=read_json(contract_file) if contract_file.exists() else None,
        owner=owner,
        evidence=out_dir / "checks_evidence",
    )
    records += runner.run_rules(settings.database)
    records += _published(settings, out_dir, records, owner)
    records += _audited(settings, owner)
    records += _printed(settings, out_dir, owner)
    records += _cases(settings.database)
    records += _signed(settings)
    records += absent_families(records)
    records = accepted.apply(records, folders, today or getattr(settings, "today", None) or date.today())
    write(records, out_dir)
    checked_figures.write(out_dir, [family.name for family in FAMILIES])
    return records


def _published(settings, out_dir: Path, records: list[dict], owner) -> list[dict]:
    """The family that compares with published figures. It reads checks.csv, so that is written first."""
    from redress.reconcile.families import printed_compared

    write(records, out_dir)
    return _judged(
        lambda: printed_compared.records(
            settings.database, published_check(settings, out_dir), owner, printed_compared.files(settings)
        ),
        printed_compared.error_record,
    )


def _cases(database: Path) -> list[dict]:
    """The family that counts the cases behind each figure: figures without evidence must block, not pass unseen."""
    from redress.reconcile.families import cases_behind

    return _judged(lambda: cases_behind.records(database), cases_behind.error_record)


def _signed(settings) -> list[dict]:
    """The family that compares signed-off reports with their records: one that cannot be read must block, not vanish."""
    from redress.reconcile.families import signed

    return _judged(lambda: signed.records(settings), signed.error_record)


def _audited(settings, owner) -> list[dict]:
    """The family that tries every relation that the figures themselves imply: it must block, not vanish."""
    from redress.reconcile.families import figures_audited

    return _judged(lambda: figures_audited.records(settings.database, owner), figures_audited.error_record)


def _printed(settings, out_dir: Path, owner) -> list[dict]:
    """The family that audits each printed report against itself: it must block, not vanish."""
    from redress.reconcile.families import printed_audited

    return _judged(lambda: printed_audited.records(settings, out_dir, owner), printed_audited.error_record)


def _judged(make: Callable[[], list[dict]], error_record: Callable[[str], dict]) -> list[dict]:
    """The records of a family, or the one record that it could not be evaluated, which blocks.

    Raises:
        FileTrouble: what it reads is held by another program, damaged or away; that is no verdict on any figure.
    """
    try:
        return make()
    except Exception as error:
        trouble = explained(error)
        if isinstance(trouble, FileTrouble):
            raise trouble from error
        return [error_record(f"{type(error).__name__}: {error}")]


def published_check(settings, out_dir: Path) -> list[dict]:
    """Compare every published figure with the computed one; writes `published_check.csv`."""
    from redress.reconcile.printed import published_check as compare

    return list(compare(settings, out_dir))


def gate(records: list[dict]) -> list[dict]:
    """What blocks publishing: every record whose verdict is not exactly `pass`, unless it only warns.

    Args:
        records: all records of `run_checks` (or of a `checks.csv`).

    Returns:
        Blocking records, empty when publishing may go on. No records at all, or none of a family that every
        report has, is itself a blocking record.
    """
    blocking = [one for one in records if one.get("verdict") != "pass" and one.get("severity") != "warn"]
    return blocking + absent_families(records)


def absent_families(records: list[dict]) -> list[dict]:
    """A failing record for each family that every report has and of which there is no record."""
    present = {one.get("family") for one in records}
    return [
        {
            "check_id": f"missing:{family}",
            "family": family,
            "authority": "",
            "reporting_year": "",
            "statement": f"No check of the family '{family}' was run.",
            "expected": "1",
            "found": "0",
            "verdict": "fail",
            "severity": "block",
            "owner": "whoever maintains Redress",
            "evidence": "",
        }
        for family in ALWAYS
        if family not in present
    ]


def write(records: list[dict], out_dir: Path) -> None:
    """Write `checks.csv`: one row per check, columns COLUMNS."""
    write_csv(Path(out_dir) / "checks.csv", COLUMNS, records, without_others=True)
