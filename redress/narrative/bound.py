"""Checks of a section's words against the figures of its report."""

from __future__ import annotations

from collections.abc import Iterable

from redress.authority.model import Authority
from redress.base.settings import ROOT
from redress.base.tables import read_csv
from redress.declared.model import Section
from redress.narrative.allowed import days_of_limits
from redress.narrative.book import Book, keys_of_tag
from redress.narrative.directions import note_directions
from redress.narrative.finding import Finding, Findings
from redress.narrative.literals import Literals, instead_of_hidden
from redress.narrative.order import note_order
from redress.narrative.passages import Passage, passages
from redress.narrative.static import variables_of

_REFERENCE = ROOT / "seeds" / "reference"
_ASKING = 20
"""Working days in which the next stage may be asked for (SI 2006/1738, regulations 17 and 18)."""


def compare(section: Section, book: Book, literals: Literals | None = None) -> list[Finding]:
    """Return what is wrong with the numbers and directions in the words of a section.

    Args:
        section: as it was read.
        book: the figures of its report; one without figures finds the numbers all the same.
        literals: made once for all sections of a report by `literals_of`.
    """
    findings = Findings(section, book.authority)
    literals = literals or literals_of(book)
    for passage in passages(section, variables_of(book.authority, book.year)):
        literals.note(passage, findings)
        if len(book):
            note_directions(passage, book, findings)
            note_order(passage, book, findings)
            _note_hidden(passage, book, findings)
    return findings.in_order()


def literals_of(book: Book) -> Literals:
    """Return what finds the numbers typed into the words of a report."""
    return Literals(book, limits_of(book.authority))


def limits_of(authority: Authority) -> frozenset[int]:
    """Return the days that law and the council set for answers."""
    rows: Iterable[dict[str, str]] = [
        *read_csv(_REFERENCE / "statutory_timescales.csv"),
        *authority.rows.get("timescales", ()),
    ]
    limits = [
        (int(row["standard_working_days"]), _whole(row.get("extended_working_days")))
        for row in rows
        if row["standard_working_days"]
    ]
    steps = [(int(row["limit_working_days"]), None) for row in read_csv(_REFERENCE / "panel_step_limits.csv")]
    return days_of_limits([*limits, *steps, (_ASKING, None)])


def _whole(text: str | None) -> int | None:
    return int(text) if text else None


def _note_hidden(passage: Passage, book: Book, findings: Findings) -> None:
    """Note tags in sentences whose figures are not shown, so that a mark would stand where a number is expected."""
    for bound in passage.bound:
        tag = bound.node
        if not bound.is_tag or tag["name"] not in ("figure", "change"):
            continue
        figure = book.of_tag(tag)
        if tag["name"] == "change":
            keys = keys_of_tag(tag)
            figure = (
                book.change(str(tag["primary"]), keys)
                if keys is not None and "as" in tag["attributes"]
                else None
            )
        if figure is not None and figure.is_hidden:
            findings.note(
                passage.line_at(bound.start),
                "suppressed",
                f'{{% {tag["name"]} "{tag["primary"]}" ... /%}}',
                f"{book.described(figure)} is not shown, to protect people; a mark stands in its place",
                instead_of_hidden(book, figure),
            )
