"""The family `figures_against_themselves`: each report's own figures, by the relations that the audit derives.

The typed families say which relations must be there; this one tries every relation that the figures' own measures,
breakdowns and periods imply, so that a measure nobody wrote a relation for is tested too.
"""

from __future__ import annotations

from pathlib import Path

from redress.audit import audit_figures
from redress.warehouse.connection import open_warehouse

FAMILY = "figures_against_themselves"
SHOWN = 3
MOST_FIGURES = 20


def records(database: Path, owner) -> list[dict]:
    """One record per report and kind of relation, with `figure_ids`, the first figures at fault.

    Args:
        database: the warehouse.
        owner: (authority, contract table) -> who can put it right.

    Raises:
        duckdb.Error: the warehouse has no figures to read.
    """
    result = []
    with open_warehouse(database) as connection:
        reports = connection.execute(
            "select authority, reporting_year from marts.dim_report order by all"
        ).fetchall()
        for authority, year in reports:
            mine = " and ".join(
                f"{column} = '{value.replace(chr(39), chr(39) * 2)}'"
                for column, value in (("authority", authority), ("reporting_year", year))
            )
            connection.execute(
                f"create or replace temp view report_figures as select * from figures.figures where {mine}"
            )
            found = audit_figures("report_figures", connection)
            for kind in found.failed | found.held:
                held, failed = found.held[kind], found.failed[kind]
                if not held + failed:
                    continue
                findings = [one for one in found.findings if one.family == kind]
                said = f"{kind[:1].upper()}{kind[1:]}, {year}: {held + failed:,} relations between figures, "
                said += (
                    f"{failed:,} do not hold: {' '.join(one.statement for one in findings[:SHOWN])}"
                    if failed
                    else "all hold."
                )
                result.append(
                    {
                        "check_id": f"figures-audited:{kind.replace(' ', '-')}:{year}",
                        "family": FAMILY,
                        "authority": authority,
                        "reporting_year": year,
                        "statement": said,
                        "expected": str(held + failed),
                        "found": str(held),
                        "verdict": "fail" if failed else "pass",
                        "severity": "block",
                        "owner": owner(authority, "default"),
                        "evidence": "",
                        "figure_ids": list(dict.fromkeys(ref for one in findings for ref in one.refs))[
                            :MOST_FIGURES
                        ],
                    }
                )
    return result


def error_record(message: str) -> dict:
    """The figures could not be audited: blocks."""
    return {
        "check_id": "error:figures_against_themselves:audited",
        "family": FAMILY,
        "authority": "",
        "reporting_year": "",
        "statement": f"The figures could not be audited: {' '.join(message.split())[:500]}",
        "expected": "audited",
        "found": "error",
        "verdict": "error",
        "severity": "block",
        "owner": "whoever maintains Redress",
        "evidence": "",
    }
