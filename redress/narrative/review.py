"""Reviews the words of a whole report: each of the council's own sections by itself, and against the figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from redress.declared.files import RESERVED
from redress.declared.language import walk
from redress.declared.model import DeclaredReport
from redress.declared.standing import own_sections
from redress.narrative.book import Book
from redress.narrative.bound import compare, literals_of
from redress.narrative.finding import Finding
from redress.narrative.static import people_of, places_of, screen


def review(
    report: DeclaredReport, book: Book, names_somebody: Callable[[str], bool] = lambda text: False
) -> list[Finding]:
    """Return what is wrong with the words of a report, in the order of its sections and lines.

    Args:
        report: as its files declare it.
        book: its figures.
        names_somebody: whether a text holds a name that the council's extracts hold.
    """
    pages: dict[str, Iterable[str]] = {**dict.fromkeys(RESERVED, ()), **places_of(report)}
    people, literals = people_of(book.authority, _held(report), names_somebody), literals_of(book)
    findings: list[Finding] = []
    for page, section in own_sections(report):
        of_section = [
            *screen(section, book.authority, book.year, people=people, pages=pages, own_page=page.path),
            *compare(section, book, literals),
        ]
        findings += sorted(of_section, key=lambda finding: finding.line)
    return findings


def _held(report: DeclaredReport) -> list[str]:
    """Return the values from outside that the sections of a report print."""
    return [
        node["held"]["value"]
        for page in report.pages
        for section in page.sections
        for node, _ in walk(section.nodes)
        if "held" in node
    ]
