"""The family `printed_report`: each printed report against itself, from the structure of its numbers.

What a printed report says of itself is nobody's fault here, so findings are listed (`printed_findings.csv`) and do not
fail; a report that could not be audited does.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from redress.audit import audit
from redress.audit.model import FINDING_COLUMNS
from redress.audit.source import read_sidecar
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


def records(settings: Settings, out_dir: Path, owner) -> list[dict]:
    """Audit every printed report of the warehouse's reports and write `printed_findings.csv`.

    What a report does not say of itself (synonyms, overlaps, shares, hierarchies) may be declared in
    `published/<year>-audit.yml` in the authority's folder.

    Args:
        settings: where the warehouse and the authorities' folders are.
        out_dir: the folder to write into.
        owner: (authority, contract table) -> who can put it right.

    Returns:
        One record per report with printed numbers: `pass` where every printed number was read, `error` where the
        audit could not be made.
    """
    with open_warehouse(settings.database) as connection:
        cursor = connection.execute(
            "select published.authority, published.reporting_year, ref, locator, measure, breakdown, period, "
            "published_value as value, unit from staging.stg_config_published as published "
            "inner join marts.dim_report using (authority, reporting_year) order by all"
        )
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    printed: dict[tuple[str, str], list[dict]] = {}
    for row in rows:
        printed.setdefault((row["authority"], row["reporting_year"]), []).append(row)
    from redress.authority.folder import authority_folders

    folders = authority_folders(settings)
    result, findings = [], []
    for (authority, year), mine in printed.items():
        try:
            sidecar = folders[authority] / "published" / f"{year}-audit.yml" if authority in folders else None
            found = audit(mine, read_sidecar(sidecar) if sidecar and _is_there(sidecar) else None)
        except Exception as problem:  # noqa: BLE001, an audit that cannot be made must block, not vanish
            reason = " ".join(f"{type(problem).__name__}: {problem}".split())[:500]
            said = f"The printed report of {year} could not be audited: {reason}"
            result.append(_record(authority, year, said, len(mine), "error", "error", owner))
            continue
        findings += [
            {"authority": authority, "reporting_year": year} | one.record() for one in found.findings
        ]
        kinds = Counter(one.severity for one in found.findings)
        told = ", ".join(f"{kinds[kind]} {words}" for kind, words in _SEVERITIES.items() if kinds[kind])
        said = (
            f"The printed report of {year} against itself: {found.rows} printed numbers, {sum(found.held.values())} "
            f"relations between them hold. Findings: {told or 'none'}."
        )
        verdict = "pass" if found.rows == len(mine) else "fail"
        result.append(_record(authority, year, said, len(mine), str(found.rows), verdict, owner))
    write_csv(Path(out_dir) / FILE, COLUMNS, findings)
    return result


def _is_there(path: Path) -> bool:
    """Whether a file is there; raises OSError where something else is, such as a pipe that would be waited for."""
    if not os.path.lexists(path):
        return False
    open_regular(path).close()
    return True


def _record(
    authority: str, year: str, statement: str, expected: int, found: str, verdict: str, owner
) -> dict:
    """The record of one printed report."""
    return {
        "check_id": f"printed-report-audited:{year}",
        "family": FAMILY,
        "authority": authority,
        "reporting_year": year,
        "statement": statement,
        "expected": str(expected),
        "found": found,
        "verdict": verdict,
        "severity": "block",
        "owner": owner(authority, "default"),
        "evidence": FILE,
    }


def error_record(message: str) -> dict:
    """No printed report could be audited: blocks."""
    said = f"The printed reports could not be audited: {' '.join(message.split())[:500]}"
    return {
        "check_id": "error:printed_report:audited",
        "family": FAMILY,
        "authority": "",
        "reporting_year": "",
        "statement": said,
        "expected": "audited",
        "found": "error",
        "verdict": "error",
        "severity": "block",
        "owner": "whoever maintains Redress",
        "evidence": "",
    }
