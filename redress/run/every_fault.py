"""Every fault of an authority's folder in one pass: of its files, of its declared sections, and of the words in them.

A run stops at the first of these that is not right, because the others rest on it. Whoever puts a folder right wants
to hear of all that can be judged already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from redress.authority.folder import FolderError, authority_folders, load_authority
from redress.authority.model import Authority, AuthorityError
from redress.base.errors import RedressError
from redress.base.settings import Settings
from redress.declared.load import ReportError, load_reports
from redress.declared.model import DeclaredReport
from redress.run.words import check_words
from redress.signed.record import declared_in, in_force


def every_fault(settings: Settings, slug: str, first: AuthorityError) -> AuthorityError:
    """Return the refusal of a folder with all its faults; `first` is what was met before anything else was looked at.

    A section with a fault of its own has its words judged when that is right. Reports that are signed off stay as they
    were signed.
    """
    problems = list(first.problems)
    try:
        for found in _further(settings, slug):
            problems += found
    except RedressError:
        pass  # what keeps the rest from being judged is told when what was met first is right
    return AuthorityError(list(dict.fromkeys(problems)))


def _further(settings: Settings, slug: str) -> Iterable[list[str]]:
    """Yield the faults of the sections of a folder, then those of the words in them."""
    authority = _readable(settings, slug)
    if authority is None:
        return
    records = [record for year in authority.reports if (record := in_force(settings, slug, year))]
    signed = {
        (slug, record.reporting_year): declaration
        for record in records
        if (declaration := declared_in(record))
    }
    reports: Mapping[tuple[str, str], DeclaredReport]
    problems: list[str] = []
    try:
        reports = load_reports([authority], settings.root, settings.state, signed).reports
    except ReportError as error:
        reports, problems = error.reports, error.problems
        yield problems
    years = {record.reporting_year for record in records}
    unsigned = [
        _without_faulty(report, problems) for _, report in sorted(reports.items()) if report.year not in years
    ]
    findings, _ = check_words(settings, authority, unsigned)
    yield [str(finding) for finding in findings if finding.severity == "error"]


def _readable(settings: Settings, slug: str) -> Authority | None:
    """Return an authority as far as its folder can be read; None where no section can be judged by it."""
    folder = authority_folders(settings).get(slug)
    if folder is None:
        return None
    try:
        return load_authority(folder, settings.reference)
    except FolderError as error:
        return error.authority


def _without_faulty(report: DeclaredReport, problems: Iterable[str]) -> DeclaredReport:
    """Return a report with only the sections that no fault names."""
    faulty = {problem.partition(": ")[0] for problem in problems}
    pages = [
        replace(page, sections=[section for section in page.sections if section.file not in faulty])
        for page in report.pages
    ]
    return replace(report, pages=pages)
