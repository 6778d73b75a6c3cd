from pathlib import Path

import pytest

from redress.authority.folder import load_authorities
from redress.base.settings import Settings
from redress.declared.model import Section
from redress.declared.parse import parse_sections
from redress.narrative.book import Book
from redress.narrative.bound import compare, literals_of
from redress.narrative.static import people_of, screen

YEAR = "2023-24"
PAGES = {"": {"own", "complaints-received"}, "stages": {"time-taken"}, "data": ()}


def row(measure, value, breakdown="", period=YEAR, unit="complaints", status="computed"):
    return {
        "figure_id": f"{measure}|{breakdown}|{period}",
        "measure": measure,
        "breakdown": breakdown,
        "period": period,
        "value": value,
        "unit": unit,
        "status": status,
    }


ROWS = [
    row("new_complaints", 85),
    row("new_complaints", 70, period="2022-23"),
    row("new_complaints", 95, period="2021-22"),
    row("new_complaints_change", 15),
    row("new_complaints_change_pct", 21.4, unit="percent"),
    row("new_complaints", 41, "channel=Email"),
    row("new_complaints", None, "channel=Letter", status="suppressed"),
    row("new_complaints", 2, "channel=Telephone"),
    row("new_complaints", 30, "procedure=statutory"),
    row("new_complaints", 33, "procedure=statutory", "2022-23"),
    row("new_complaints", 55, "procedure=corporate"),
    row("new_complaints", 37, "procedure=corporate", "2022-23"),
    row("compliments", 40),
    row("compliments", 52, period="2022-23"),
    row("compliments_change", -12),
    row("issues_raised", 213),
    row("responses", 78, "stage=1"),
    row("responses_within_standard_share", 62.0, "stage=1", unit="percent"),
    row("responses_within_standard_share", 58.0, "stage=1", "2022-23", "percent"),
    row("responses_within_standard_share_change_points", 4.0, "stage=1", unit="percentage_points"),
    row("ombudsman_received", None, status="suppressed"),
    row("ombudsman_received_change", None, status="suppressed"),
    row("ombudsman_received", 9, period="2022-23"),
]


@pytest.fixture(scope="session")
def authority():
    [council] = load_authorities(Settings.from_environment(), ["telford-and-wrekin"])
    return council


@pytest.fixture(scope="session")
def book(authority):
    return Book(ROWS, authority, YEAR)


@pytest.fixture(scope="session")
def judge(authority, book):
    """Return a function that says what is wrong with a section's text; several texts are read at once."""

    def judged(*texts, figures=book):
        parsed = parse_sections(texts)
        results = []
        people, literals = people_of(authority), literals_of(figures)
        for text in texts:
            assert not parsed[text]["errors"], parsed[text]["errors"]
            section = Section(
                "own", parsed[text]["title"], f"{authority.slug}/report/own.md", parsed[text]["nodes"]
            )
            results.append(
                [
                    *screen(section, authority, YEAR, people=people, pages=PAGES),
                    *compare(section, figures, literals),
                ]
            )
        return results if len(texts) > 1 else results[0]

    return judged


@pytest.fixture(scope="session")
def words():
    return (Path(__file__).parent / "words.md").read_text(encoding="utf-8")
