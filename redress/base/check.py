"""A check: one statement about a report that was judged, and how it is written down.

It stands here, below all that make checks (the suites in `expectations`, the families in `redress.reconcile`, the tests of
dbt that `redress.run.gates` reads), so that a check has one set of fields, one set of columns and one way to say
that it could not be judged. A *record* of a check is the dict that `record` gives, or a row of `checks.csv`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from redress.base.tables import write_csv

FILE = "checks.csv"
MAINTAINER = "whoever maintains Redress"
_BESIDE_THE_COLUMNS = ("evidence", "accepted", "figure_ids", "refs")


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check of one report, judged.

    Attributes:
        check_id: what names it within its report.
        family: the family that it belongs to.
        authority, reporting_year: the report; both blank for a check of whole tables, the year blank for one of an
            authority.
        statement: what was checked and what was found, in plain words.
        expected, found: its two sides, as text.
        verdict: `pass`, `fail`, or `error` where it could not be judged.
        severity: `block` stops publishing, `warn` does not.
        owner: who can put it right.
        evidence: the file that holds what is behind it, below the folder of `checks.csv`.
        accepted: for a fault that is accepted for a while: by, reason, until (an ISO date).
        figure_ids: the first figures at fault, where single figures are.
        refs: the printed numbers at fault, where printed numbers are.
    """

    check_id: str
    family: str
    authority: str = ""
    reporting_year: str = ""
    statement: str
    expected: str
    found: str
    verdict: str
    severity: str = "block"
    owner: str = MAINTAINER
    evidence: str = ""
    accepted: Mapping[str, Any] | None = None
    figure_ids: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()

    @classmethod
    def error(cls, family: str, name: str, statement: str) -> Check:
        """Return the check that says of a family, or of a part of it, that it could not be judged: it blocks."""
        return cls(
            check_id=f"error:{family}:{name}",
            family=family,
            statement=one_line(statement),
            expected="evaluated",
            found="error",
            verdict="error",
        )

    @classmethod
    def missing(
        cls, family: str, check_id: str, statement: str, *, authority: str = "", reporting_year: str = ""
    ) -> Check:
        """Return the check that says that one which must be made was not made: it blocks."""
        return cls(
            check_id=f"missing:{check_id}",
            family=family,
            authority=authority,
            reporting_year=reporting_year,
            statement=statement,
            expected="1",
            found="0",
            verdict="fail",
        )

    def record(self) -> dict[str, Any]:
        """Return the check as a dict: the columns of `checks.csv`, `evidence`, and what else there is to say of it."""
        fields = asdict(self)
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in fields.items()
            if name in COLUMNS or name == "evidence" or value
        }


COLUMNS = tuple(name for name in Check.__dataclass_fields__ if name not in _BESIDE_THE_COLUMNS)
"""The columns of `checks.csv`."""


def write_checks(records: Iterable[Mapping[str, Any]], path: Path) -> None:
    """Write the records of checks as `checks.csv`, in one step."""
    write_csv(path, COLUMNS, records, without_others=True)


def one_line(text: str) -> str:
    """Return the text on one line, cut off where it is long."""
    return " ".join(str(text).split())[:500]
