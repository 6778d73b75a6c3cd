"""The words of the demonstration councils have no fault, whatever the figures of a build are."""

import pytest

from redress.authority.folder import load_authorities
from redress.base.settings import ROOT, Settings
from redress.declared.load import load_reports
from redress.narrative.book import Book
from redress.narrative.review import review

COUNCILS = ("coventry", "sandwell", "solihull", "staffordshire", "telford-and-wrekin")


@pytest.mark.parametrize("slug", COUNCILS)
def test_the_words_of_a_demonstration_council_have_no_fault(slug):
    [authority] = load_authorities(Settings.from_environment(), [slug])
    reports = load_reports([authority], ROOT).reports
    findings = [
        finding
        for (_, year), report in reports.items()
        for finding in review(report, Book((), authority, year))
    ]
    assert [str(finding) for finding in findings if finding.severity == "error"] == []
