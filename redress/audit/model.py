"""What the audit of a set of figures takes in and gives back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

COLUMNS = ("ref", "locator", "measure", "breakdown", "period", "value", "unit")
FINDING_COLUMNS = ("finding_id", "severity", "refs", "family", "statement", "expected", "found")

# From what cannot be true to what cannot be told.
SEVERITIES = ("contradiction", "rounding", "label", "cannot_check")


@dataclass(frozen=True)
class Row:
    """One figure as printed; every field is the text of its column.

    Attributes:
        ref: what findings name the row by; unique within a set of figures.
        locator: the place that prints it (a table, a paragraph).
        measure, breakdown, period, value, unit: the figure; breakdown is `key=value;key=value`.
        line: its line in the file, the header being line 1; 0 when there is no file.
    """

    ref: str
    locator: str
    measure: str
    breakdown: str
    period: str
    value: str
    unit: str
    line: int = 0

    @classmethod
    def of(cls, record: dict[str, Any], line: int = 0) -> Row:
        """Return the row of a record with the keys COLUMNS; a missing or None value is blank."""
        texts: dict[str, Any] = {
            name: "" if record.get(name) is None else str(record[name]) for name in COLUMNS
        }
        return cls(**texts, line=line)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, doubtful or cannot be told; grain: one per root cause where it can be told.

    Attributes:
        finding_id: `F001`, in the order of severity and then of the report.
        severity: one of SEVERITIES.
        refs: the smallest set of rows that conflict, in the order of the report.
        family: the kind of relation, such as `parts to total`.
        statement: a sentence with the numbers, and the likely error where it can be told.
        expected, found: the two sides, as text.
        likely: ref of the row whose change would cure the most relations; blank when that cannot be told.
    """

    finding_id: str
    severity: str
    refs: tuple[str, ...]
    family: str
    statement: str
    expected: str
    found: str
    likely: str = ""

    def record(self) -> dict[str, str]:
        """Return the finding as a row of the findings file (FINDING_COLUMNS)."""
        return {
            "finding_id": self.finding_id,
            "severity": self.severity,
            "refs": " ".join(self.refs),
            "family": self.family,
            "statement": self.statement,
            "expected": self.expected,
            "found": self.found,
        }


def draft(
    severity: str, refs: set[str], family: str, statement: str, expected: str, found: str, likely: str = ""
) -> dict[str, Any]:
    """Return what will be a finding, before findings are ordered and numbered; the fields are those of Finding."""
    return {
        "severity": severity,
        "refs": refs,
        "family": family,
        "statement": statement,
        "expected": expected,
        "found": found,
        "likely": likely,
    }


@dataclass
class AuditResult:
    """Everything that an audit found.

    Attributes:
        rows: how many rows were read.
        findings: see Finding, most severe first.
        held, failed, unchecked: relations by family that hold, that do not, and that cannot be told.
        coverage: per ref, how many relations tie the row to others (0: nothing else says what it must be).
        numbers: how many rows hold a number.
    """

    rows: int = 0
    numbers: int = 0
    findings: list[Finding] = field(default_factory=list)
    held: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    unchecked: Counter[str] = field(default_factory=Counter)
    coverage: dict[str, int] = field(default_factory=dict)

    def of(self, severity: str) -> list[Finding]:
        """Return the findings of one severity."""
        return [finding for finding in self.findings if finding.severity == severity]

    @property
    def contradicts(self) -> bool:
        """True when something cannot be true."""
        return any(finding.severity == "contradiction" for finding in self.findings)
