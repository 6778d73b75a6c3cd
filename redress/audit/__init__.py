"""What must be true of a set of figures, derived from their structure, and what is not.

`audit` takes rows of a printed report (or of our own figures, by `audit_figures`) and finds the relations that
their measures, breakdowns, periods and units imply; nothing is typed in for a report.
"""

from __future__ import annotations

from collections.abc import Iterable

from redress.audit.computed import audit_figures
from redress.audit.model import AuditResult, Finding, Row

__all__ = ["AuditResult", "Finding", "Row", "audit", "audit_figures"]


def audit(rows: Iterable[Row | dict], declared: dict | None = None) -> AuditResult:
    """Derive and test every relation that the rows imply.

    Args:
        rows: the figures, as Row or as records with the columns `model.COLUMNS`.
        declared: what the sidecar says (see docs/audit.md); None: nothing is declared.
    """
    from redress.audit import engine

    return engine.audit([row if isinstance(row, Row) else Row.of(row) for row in rows], declared)
