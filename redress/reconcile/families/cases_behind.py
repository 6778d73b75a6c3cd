"""The family `cases_behind_figures`: one check per report that what lies behind its figures adds up to them."""

from __future__ import annotations

from pathlib import Path

from redress.base.check import Check
from redress.warehouse.connection import open_warehouse

FAMILY = "cases_behind_figures"
NAMED = 10


def checks(database: Path) -> list[Check]:
    """Return one check per report; that of a report whose figures were not traced blocks.

    Args:
        database: the warehouse, with the schema `evidence` that the figures stage fills.

    Returns:
        The checks. A figure without evidence, or whose cases, rows and figures do not add up to its numerator and
        denominator, fails.
    """
    with open_warehouse(database) as connection:
        reports = connection.execute("select authority, reporting_year from marts.dim_report").fetchall()
        counted = {
            (authority, year): (figures, complete, wrong)
            for authority, year, figures, complete, wrong in connection.execute(
                "select authority, reporting_year, count(*), count(*) filter (is_complete), "
                f"(list(figure_id order by figure_id) filter (not is_complete))[:{NAMED}] "
                "from evidence.complete group by all"
            ).fetchall()
        }
    result = []
    for authority, year in sorted(set(reports) | set(counted)):
        figures, complete, wrong = counted.get((authority, year), (0, 0, []))
        statement = (
            "What is listed behind each figure, counted one by one, adds up to the figure. "
            f"{figures} figures, {complete} hold."
        )
        if wrong:
            more = figures - complete - len(wrong)
            statement += f" Not: {', '.join(wrong)}{f' and {more} more' if more > 0 else ''}."
        result.append(
            Check(
                check_id=f"cases-behind-figures:{year}",
                family=FAMILY,
                authority=authority,
                reporting_year=year,
                statement=statement,
                expected=str(figures),
                found=str(complete),
                verdict="pass" if figures and complete == figures else "fail",
            )
        )
    return result
