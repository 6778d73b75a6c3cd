"""The family `figures_against_themselves`: each report's own figures, by the relations that the audit derives.

The typed families say which relations must be there; this one tries every relation that the figures' own measures,
breakdowns and periods imply, so that a measure nobody wrote a relation for is tested too.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from redress.audit import audit_figures
from redress.audit.model import AuditResult
from redress.base.check import Check
from redress.contract import figure_catalogue as catalogue
from redress.warehouse.connection import open_warehouse

FAMILY = "figures_against_themselves"
SHOWN = 3
MOST_FIGURES = 20


def checks(database: Path, owner: Callable[[str, str], str]) -> list[Check]:
    """Return one check per report and kind of relation, with `figure_ids`, the first figures at fault.

    Args:
        database: the warehouse.
        owner: (authority, contract table) -> who can put it right.

    Raises:
        duckdb.Error: the warehouse has no figures to read.
    """
    result: list[Check] = []
    with open_warehouse(database) as connection:
        reports = connection.execute(
            "select authority, reporting_year from marts.dim_report order by all"
        ).fetchall()
        for authority, year in reports:
            is_of_report = " and ".join(
                f"{column} = '{value.replace(chr(39), chr(39) * 2)}'"
                for column, value in (("authority", authority), ("reporting_year", year))
            )
            connection.execute(
                f"create or replace temp view report_figures as select * from figures.figures where {is_of_report}"
            )
            audited = audit_figures("report_figures", connection, stands=catalogue.over_time("stands"))
            result += [
                _check(audited, kind, authority, year, owner(authority, "default"))
                for kind in audited.failed | audited.held
                if audited.held[kind] + audited.failed[kind]
            ]
    return result


def _check(audited: AuditResult, kind: str, authority: str, year: str, owner: str) -> Check:
    """Return the check of one kind of relation in one report."""
    held, failed = audited.held[kind], audited.failed[kind]
    findings = [finding for finding in audited.findings if finding.family == kind]
    said = f"{kind[:1].upper()}{kind[1:]}, {year}: {held + failed:,} relations between figures, "
    if failed:
        said += f"{failed:,} do not hold: {' '.join(finding.statement for finding in findings[:SHOWN])}"
    else:
        said += "all hold."
    at_fault = dict.fromkeys(ref for finding in findings for ref in finding.refs)
    return Check(
        check_id=f"figures-audited:{kind.replace(' ', '-')}:{year}",
        family=FAMILY,
        authority=authority,
        reporting_year=year,
        statement=said,
        expected=str(held + failed),
        found=str(held),
        verdict="fail" if failed else "pass",
        owner=owner,
        figure_ids=tuple(at_fault)[:MOST_FIGURES],
    )
