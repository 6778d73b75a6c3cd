"""The family `figures_equal_published`: one check per report over the comparison with published figures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from redress.base.check import Check
from redress.base.settings import Settings
from redress.reconcile.printed import published_check
from redress.warehouse.connection import open_warehouse

FAMILY = "figures_equal_published"
EXPLAINED = ("reproduced", "contradiction", "prior_series", "not_computable")
# A difference from what was printed needs a reason; a figure that is reproduced is its own reason.
NEEDS_REASON = ("contradiction", "not_computable")


def checks(
    settings: Settings, out_dir: Path, folders: dict[str, Path], owner: Callable[[str, str], str]
) -> list[Check]:
    """Compare the printed numbers with the figures, write `published_check.csv`, and return the checks of it.

    Args:
        settings: where the warehouse is.
        out_dir: the folder to write into.
        folders: {authority: its folder}.
        owner: (authority, contract table) -> who can put it right.
    """
    files = {
        (authority, path.stem)
        for authority, folder in folders.items()
        for path in (folder / "published").glob("[0-9][0-9][0-9][0-9]-[0-9][0-9].csv")
    }
    return of_comparison(settings.database, published_check(settings, out_dir), owner, files)


def of_comparison(
    database: Path,
    rows: list[dict[str, Any]],
    owner: Callable[[str, str], str],
    files: Collection[tuple[str, str]] = (),
) -> list[Check]:
    """Return one check per authority and year, reported or published.

    Args:
        database: the warehouse, read for its reports and the published figures given to it.
        rows: rows of `published_check.csv`: ref, authority, reporting_year, verdict, reason.
        owner: (authority, contract table) -> who can put it right.
        files: (authority, year) of every file of printed numbers, `published/<year>.csv`, also of one without rows.

    Returns:
        Checks with `refs`, the printed numbers at fault. A published figure without a verdict, with an unknown one, or
        with a difference that has no reason fails, and so does a file of printed numbers that holds none. Where no such
        file is there is nothing to compare with, which is no fault: the check says so and passes with 0 of 0.
    """
    with open_warehouse(database) as connection:
        given = {
            (authority, year): refs
            for authority, year, refs in connection.execute(
                "select authority, reporting_year, list(ref order by ref) "
                "from staging.stg_config_published group by all"
            ).fetchall()
        }
        reports = connection.execute("select authority, reporting_year from marts.dim_report").fetchall()
    compared: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        compared[row.get("authority"), row.get("reporting_year")].append(row)
    return [
        _check(key, given.get(key, []), compared.get(key, []), key in files, owner(key[0], "default"))
        for key in sorted(set(reports) | set(given))
    ]


def _check(
    report: tuple[str, str], refs: list[str], rows: list[dict[str, Any]], has_file: bool, owner: str
) -> Check:
    """Return the check of one report.

    Args:
        report: authority and year.
        refs: the printed numbers given to the warehouse.
        rows: their comparison.
        has_file: whether there is a file of printed numbers.
        owner: who can put it right.
    """
    authority, year = report
    at_fault: list[str] = []
    if refs or rows:
        expected, found, statement, at_fault = _judge(refs, rows, year)
        is_good = bool(rows) and not at_fault and len(rows) == len(refs)
    elif has_file:
        expected, found, is_good = "at least 1", "0", False
        statement = f"published/{year}.csv is there and holds no number: nothing could be compared."
    else:
        expected, found, is_good = "0", "0", True
        statement = f"No printed report of {year} is given, so there is no printed number to compare with."
    return Check(
        check_id=f"figures-equal-published:{year}",
        family=FAMILY,
        authority=authority,
        reporting_year=year,
        statement=statement,
        expected=expected,
        found=found,
        verdict="pass" if is_good else "fail",
        owner=owner,
        evidence="published_check.csv",
        refs=tuple(at_fault),
    )


def _judge(refs: list[str], rows: list[dict[str, Any]], year: str) -> tuple[str, str, str, list[str]]:
    """Return expected, found, the statement, and the printed numbers that are unexplained or not compared."""
    unexplained = [
        str(row.get("ref"))
        for row in rows
        if row.get("verdict") not in EXPLAINED
        or (row.get("verdict") in NEEDS_REASON and not str(row.get("reason") or "").strip())
    ]
    uncompared = sorted(set(map(str, refs)) - {str(row.get("ref")) for row in rows})
    verdicts = Counter(str(row.get("verdict")) for row in rows)
    parts = ", ".join(f"{verdicts[word]} {word.replace('_', ' ')}" for word in EXPLAINED if verdicts[word])
    statement = f"{len(refs)} figures were published for {year}: {parts or 'none compared'}; {len(unexplained)} unexplained."
    for heading, numbers in (("Unexplained", unexplained), ("Not compared", uncompared)):
        if numbers:
            more = " and more" if len(numbers) > 10 else ""
            statement += f" {heading}: {', '.join(numbers[:10])}{more}."
    return str(len(refs)), str(len(rows) - len(unexplained)), statement, [*unexplained, *uncompared]
