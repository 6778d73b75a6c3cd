"""Checks of a section's words that need no figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from redress.authority.model import Authority
from redress.declared.model import DeclaredReport, Section
from redress.narrative.book import Book, own_words, year_before, year_label
from redress.narrative.finding import Finding, Findings
from redress.narrative.passages import passages
from redress.narrative.people import People
from redress.narrative.style import HARDEST, note_links, note_unfinished, reading_age
from redress.narrative.years import note_years


def screen(
    section: Section,
    authority: Authority,
    year: str,
    *,
    people: People | None = None,
    pages: Mapping[str, Iterable[str]] | None = None,
    own_page: str = "",
) -> list[Finding]:
    """Return what is wrong with the words of a section, whatever the figures are.

    Args:
        section: as it was read.
        authority: whose words they are.
        year: of the report.
        people: made once for all sections of a report by `people_of`.
        pages: the places on each page of the report; links within the report are not looked at unless given.
        own_page: the word of the page on which the section stands.
    """
    findings = Findings(section, authority)
    people = people or people_of(authority)
    book = Book((), authority, year)
    read = passages(section, variables_of(authority, year))
    for passage in read:
        note_unfinished(passage, findings)
        note_years(passage, book, authority.reports[year], findings)
        people.note(passage, findings)
        if pages is not None:
            note_links(passage, pages, own_page, findings)
    age = reading_age(read)
    if age is not None and age > HARDEST:
        findings.note(
            0,
            "reading_age",
            "",
            f"the words of this section need a reading age of about {age:.0f}",
            "shorter sentences and shorter words bring it down",
            severity="warning",
        )
    if getattr(section, "look_again", False):
        findings.note(
            0,
            "look_again",
            "",
            "these are words of another year, and nobody has looked at them again",
            "read them, and take `look_again` out of the head of the file",
            severity="warning",
        )
    return findings.in_order()


def people_of(
    authority: Authority, held: Iterable[str] = (), is_known: Callable[[str], bool] = lambda text: False
) -> People:
    """Return what finds people in words of a council.

    Args:
        authority: whose own words and contacts are nobody's name.
        held: the values of its `held.csv`.
        is_known: whether a text holds a name that the council's extracts hold.
    """
    return People(own_words(authority), [*_contacts(authority), *held], is_known)


def variables_of(authority: Authority, year: str) -> dict[str, str]:
    """Return what the variables of a report print, where that is known without its pages."""
    return {
        "year": year_label(year),
        "last_year": year_label(year_before(year)),
        "council": authority.name,
        "short_name": authority.short_name,
    }


def places_of(report: DeclaredReport) -> dict[str, set[str]]:
    """Return the places on each page of a report to which a link can lead: its sections."""
    return {page.path: {section.name for section in page.sections} for page in report.pages}


def _contacts(authority: Authority) -> list[str]:
    """Return what the council declares of whom readers may ask."""
    profile = authority.profile
    return [str(profile.contact), str(profile.feedback), *authority.profile.owners.values()]
