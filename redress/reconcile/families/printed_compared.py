"""The family `figures_equal_published`: one check per report over the comparison with published figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from pathlib import Path

from redress.authority.folder import authority_folders
from redress.base.settings import Settings
from redress.warehouse.connection import open_warehouse

FAMILY = "figures_equal_published"
EXPLAINED = ("reproduced", "contradiction", "prior_series", "not_computable")
# A difference from what was printed needs a reason; a figure that is reproduced is its own reason.
NEEDS_REASON = ("contradiction", "not_computable")


def files(settings: Settings) -> set[tuple[str, str]]:
    """(authority, year) of every file of printed numbers, `published/<year>.csv`, also of one without rows."""
    return {
        (authority, path.stem)
        for authority, folder in authority_folders(settings).items()
        for path in (folder / "published").glob("[0-9][0-9][0-9][0-9]-[0-9][0-9].csv")
    }


def records(database: Path, rows: list[dict], owner, printed: Collection[tuple[str, str]] = ()) -> list[dict]:
    """One record per authority and year, reported or published.

    Args:
        database: the warehouse, read for its reports and the published figures given to it.
        rows: rows of `published_check.csv`: ref, authority, reporting_year, verdict, reason.
        owner: (authority, contract table) -> who can put it right.
        printed: (authority, year) of the files of printed numbers that are there.

    Returns:
        Records with the fields of `checks.csv` and `refs`, the printed numbers at fault. A published figure
        without a verdict, with an unknown one, or with a difference that has no reason fails, and so does a file
        of printed numbers that holds none. Where no such file is there is nothing to compare with, which is no
        fault: the check says so and passes with 0 of 0.
    """
    connection = open_warehouse(database)
    try:
        given = {
            (authority, year): refs
            for authority, year, refs in connection.execute(
                "select authority, reporting_year, list(ref order by ref) "
                "from staging.stg_config_published group by all"
            ).fetchall()
        }
        reports = connection.execute("select authority, reporting_year from marts.dim_report").fetchall()
    finally:
        connection.close()
    result = []
    for authority, year in sorted(set(reports) | set(given)):
        mine = [
            one for one in rows if one.get("authority") == authority and one.get("reporting_year") == year
        ]
        refs = given.get((authority, year), [])
        if not refs and not mine:
            given_empty = (authority, year) in printed
            statement = (
                f"published/{year}.csv is there and holds no number: nothing could be compared."
                if given_empty
                else f"No printed report of {year} is given, so there is no printed number to compare with."
            )
            expected = "at least 1" if given_empty else "0"
            result.append(_record(authority, year, statement, expected, "0", not given_empty, owner))
            continue
        compared = Counter(str(one.get("ref")) for one in mine)
        unexplained = [
            str(one.get("ref"))
            for one in mine
            if one.get("verdict") not in EXPLAINED
            or (one.get("verdict") in NEEDS_REASON and not str(one.get("reason") or "").strip())
        ]
        uncompared = sorted(set(map(str, refs)) - set(compared))
        explained = len(mine) - len(unexplained)
        verdicts = Counter(str(one.get("verdict")) for one in mine)
        parts = ", ".join(
            f"{verdicts[word]} {word.replace('_', ' ')}" for word in EXPLAINED if verdicts[word]
        )
        statement = (
            f"{len(refs)} figures were published for {year}: {parts or 'none compared'}; "
            f"{len(unexplained)} unexplained."
        )
        if unexplained:
            statement += (
                f" Unexplained: {', '.join(unexplained[:10])}{' and more' if len(unexplained) > 10 else ''}."
            )
        if uncompared:
            statement += (
                f" Not compared: {', '.join(uncompared[:10])}{' and more' if len(uncompared) > 10 else ''}."
            )
        good = not unexplained and not uncompared and bool(mine) and len(mine) == len(refs)
        result.append(
            _record(authority, year, statement, str(len(refs)), str(explained), good, owner)
            | {"refs": [*unexplained, *uncompared]}
        )
    return result


def _record(authority, year, statement, expected, found, good, owner) -> dict:
    """The record of one report."""
    return {
        "check_id": f"figures-equal-published:{year}",
        "family": FAMILY,
        "authority": authority,
        "reporting_year": year,
        "statement": statement,
        "expected": expected,
        "found": found,
        "verdict": "pass" if good else "fail",
        "severity": "block",
        "owner": owner(authority, "default"),
        "evidence": "published_check.csv",
    }


def error_record(message: str) -> dict:
    """The comparison could not be made: blocks."""
    return {
        "check_id": "error:figures_equal_published:compared",
        "family": FAMILY,
        "authority": "",
        "reporting_year": "",
        "statement": f"The published figures could not be compared: {' '.join(message.split())[:500]}",
        "expected": "compared",
        "found": "error",
        "verdict": "error",
        "severity": "block",
        "owner": "whoever maintains Redress",
        "evidence": "",
    }
