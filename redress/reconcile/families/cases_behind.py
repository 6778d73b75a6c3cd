"""The family `cases_behind_figures`: one check per report that what lies behind its figures adds up to them."""

from __future__ import annotations

from pathlib import Path

from redress.warehouse.connection import open_warehouse

FAMILY = "cases_behind_figures"
NAMED = 10


def records(database: Path) -> list[dict]:
    """One record per report; a warehouse whose figures were not traced is one that blocks.

    Args:
        database: the warehouse, with the schema `evidence` that the figures stage fills.

    Returns:
        Records with the fields of `checks.csv`. A figure without evidence, or whose cases, rows and figures
        do not add up to its numerator and denominator, fails.
    """
    with open_warehouse(database) as connection:
        reports = connection.execute("select authority, reporting_year from marts.dim_report").fetchall()
        found = {
            (authority, year): (figures, complete, wrong)
            for authority, year, figures, complete, wrong in connection.execute(
                "select authority, reporting_year, count(*), count(*) filter (is_complete), "
                f"(list(figure_id order by figure_id) filter (not is_complete))[:{NAMED}] "
                "from evidence.complete group by all"
            ).fetchall()
        }
    result = []
    for authority, year in sorted(set(reports) | set(found)):
        figures, complete, wrong = found.get((authority, year), (0, 0, []))
        statement = (
            "What is listed behind each figure, counted one by one, adds up to the figure. "
            f"{figures} figures, {complete} hold."
        )
        if wrong:
            more = figures - complete - len(wrong)
            statement += f" Not: {', '.join(wrong)}{f' and {more} more' if more > 0 else ''}."
        result.append(_record(authority, year, statement, str(figures), str(complete)))
    return result


def error_record(message: str) -> dict:
    """What lies behind the figures could not be read: blocks."""
    text = " ".join(message.split())[:300]
    record = _record("", "", f"The cases behind the figures could not be counted: {text}", "counted", "error")
    return {**record, "check_id": f"error:{FAMILY}:counted", "verdict": "error"}


def _record(authority: str, year: str, statement: str, expected: str, found: str) -> dict:
    """The record of one report."""
    return {
        "check_id": f"cases-behind-figures:{year}",
        "family": FAMILY,
        "authority": authority,
        "reporting_year": year,
        "statement": statement,
        "expected": expected,
        "found": found,
        "verdict": "pass" if expected == found and expected != "0" else "fail",
        "severity": "block",
        "owner": "whoever maintains Redress",
        "evidence": "",
    }
