"""The family `printed_report`: each printed report against itself, from the structure of its numbers.

What a printed report says of itself is nobody's fault here, so findings are listed (`printed_findings.csv`) and do not
fail; a report that could not be audited does.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from redress.audit import audit
from redress.audit.model import FINDING_COLUMNS, AuditResult
from redress.audit.source import read_sidecar
from redress.base.check import Check, one_line
from redress.base.files import open_regular
from redress.base.settings import Settings
from redress.base.tables import write_csv
from redress.warehouse.connection import open_warehouse

FAMILY = "printed_report"
FILE = "printed_findings.csv"
COLUMNS = ("authority", "reporting_year", *FINDING_COLUMNS)
_SEVERITIES = {
    "contradiction": "cannot all be true",
    "rounding": "are rounded otherwise than the rest",
    "label": "are labelled otherwise than where they stand",
    "cannot_check": "could not be told",
}


def checks(
    settings: Settings, out_dir: Path, folders: dict[str, Path], owner: Callable[[str, str], str]
) -> list[Check]:
    """Audit every printed report of the warehouse's reports and write `printed_findings.csv`.

    What a report does not say of itself (synonyms, overlaps, shares, hierarchies) may be declared in
    `published/<year>-audit.yml` in the authority's folder.

    Args:
        settings: where the warehouse is.
        out_dir: the folder to write into.
        folders: {authority: its folder}.
        owner: (authority, contract table) -> who can put it right.

    Returns:
        One check per report with printed numbers: `pass` where every printed number was read, `error` where the
        audit could not be made.
    """
    result, findings = [], []
    for (authority, year), rows in _printed(settings.database).items():
        try:
            audited = audit(rows, _sidecar(folders.get(authority), year))
        except Exception as problem:  # noqa: BLE001, an audit that cannot be made must block, not vanish
            said = f"The printed report of {year} could not be audited: {one_line(f'{type(problem).__name__}: {problem}')}"
            found, verdict = "error", "error"
        else:
            findings += [
                {"authority": authority, "reporting_year": year} | finding.record()
                for finding in audited.findings
            ]
            said, found = _said(audited, year), str(audited.rows)
            verdict = "pass" if audited.rows == len(rows) else "fail"
        result.append(
            Check(
                check_id=f"printed-report-audited:{year}",
                family=FAMILY,
                authority=authority,
                reporting_year=year,
                statement=said,
                expected=str(len(rows)),
                found=found,
                verdict=verdict,
                owner=owner(authority, "default"),
                evidence=FILE,
            )
        )
    write_csv(Path(out_dir) / FILE, COLUMNS, findings)
    return result


def _printed(database: Path) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Return the printed numbers of the warehouse's reports: {(authority, year): rows}."""
    with open_warehouse(database) as connection:
        cursor = connection.execute(
            "select published.authority, published.reporting_year, ref, locator, measure, breakdown, period, "
            "published_value as value, unit from staging.stg_config_published as published "
            "inner join marts.dim_report using (authority, reporting_year) order by all"
        )
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    printed: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        printed.setdefault((row["authority"], row["reporting_year"]), []).append(row)
    return printed


def _sidecar(folder: Path | None, year: str) -> dict[str, Any] | None:
    """Return what the authority declares of its printed report; None where it declares nothing.

    Raises:
        OSError: something else than a file is there, such as a pipe that would be waited for.
    """
    path = folder / "published" / f"{year}-audit.yml" if folder else None
    if path is None or not os.path.lexists(path):
        return None
    open_regular(path).close()
    return read_sidecar(path)


def _said(audited: AuditResult, year: str) -> str:
    """Return what the audit of a printed report found, in a sentence."""
    kinds = Counter(finding.severity for finding in audited.findings)
    told = ", ".join(f"{kinds[kind]} {words}" for kind, words in _SEVERITIES.items() if kinds[kind])
    return (
        f"The printed report of {year} against itself: {audited.rows} printed numbers, {sum(audited.held.values())} "
        f"relations between them hold. Findings: {told or 'none'}."
    )
