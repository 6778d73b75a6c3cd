"""The family `figures_equal_published`: one check per report over the comparison with published figures."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb

FAMILY = "figures_equal_published"
EXPLAINED = ("reproduced", "contradiction", "prior_series", "not_computable")
# A difference from what was printed needs a reason; a figure that is reproduced is its own reason.
NEEDS_REASON = ("contradiction", "not_computable")


def records(database: Path, rows: list[dict], owner) -> list[dict]:
    """One record per authority and year, reported or published.

    Args:
        database: the warehouse, read for its reports and the published figures given to it.
        rows: rows of `published_check.csv`: ref, authority, reporting_year, verdict, reason.
        owner: (authority, contract table) -> who can put it right.

    Returns:
        Records with the fields of `checks.csv`. A published figure without a verdict, with an unknown one, or
        with a difference that has no reason fails. A report with nothing published fails as a warning.
    """
    connection = duckdb.connect(str(database), read_only=True)
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
            result.append(
                _record(
                    authority,
                    year,
                    "No published figures are given to compare with.",
                    "1",
                    "0",
                    "warn",
                    False,
                    owner,
                )
            )
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
            _record(authority, year, statement, str(len(refs)), str(explained), "block", good, owner)
        )
    return result


def _record(authority, year, statement, expected, found, severity, good, owner) -> dict:
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
        "severity": severity,
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
