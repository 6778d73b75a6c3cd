"""A finding: what is wrong with some words of a section, where they stand, who mends them, and with what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from redress.authority.model import Authority
from redress.declared.model import Section

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """One fault of the words of a section.

    Attributes:
        file: of the section, as messages name it.
        line: in that file; 0 where it is not known.
        kind: a word for faults that are alike, such as `literal` or `direction`.
        severity: an `error` stops publishing, a `warning` does not.
        found: the words at fault, as they stand.
        problem: what is wrong with them, one sentence without its full stop.
        proposal: what to write instead, one sentence without its full stop; blank where only the author can know.
        owner: who puts it right: the role that wrote the section, else whom the council names.
    """

    file: str
    line: int
    kind: str
    severity: Severity
    found: str
    problem: str
    proposal: str
    owner: str

    def __str__(self) -> str:
        place = f"{self.file}: line {self.line}" if self.line else self.file
        said = f"{place}: `{self.found}`: {self.problem}" if self.found else f"{place}: {self.problem}"
        return f"{said}{f'; {self.proposal}' if self.proposal else ''}. To fix: {self.owner}"


class Findings:
    """Collects what is found in one section."""

    def __init__(self, section: Section, authority: Authority) -> None:
        self._file = section.file
        self._owner = getattr(section, "author", "") or authority.owner_of(None)
        self._noted: dict[Finding, None] = {}

    def note(
        self,
        line: int,
        kind: str,
        found: str,
        problem: str,
        proposal: str = "",
        severity: Severity = "error",
    ) -> None:
        """Note a fault; the same fault of the same line is noted once."""
        words = " ".join(found.split())
        self._noted[Finding(self._file, line, kind, severity, words, problem, proposal, self._owner)] = None

    def in_order(self) -> list[Finding]:
        """Return what was noted, by line."""
        return sorted(self._noted, key=lambda finding: finding.line)
