"""A built page says of its export what is so; and a page made wrong on purpose is found out."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

import pytest
from page_truths import (
    hidden_beside_shown,
    plain,
    silent_beside_figures,
    ticks_beside_nothing,
    years_without_this_one,
)
from site_world import BEFORE, REPORTS, YEAR, tables

LIMITS = {("statutory", "1"): (10, 20)}
DECLARED = ("", "stages/", "issues/", "learning/", "equality/", "years/")


def figures_of(authority: str) -> dict[str, dict]:
    return {row["figure_id"]: row for row in tables()["figures"] if row["authority"] == authority}


def lacking_of(authority: str) -> list[str]:
    return [row["name"] for row in tables()["not_held"] if row["authority"] == authority]


def pages_of(site: Path, authority: str) -> dict[str, str]:
    folder = site / authority / YEAR
    return {path: (folder / path / "index.html").read_text(encoding="utf-8") for path in DECLARED}


def figure_id(authority: str, measure: str, breakdown: str = "", period: str = YEAR) -> str:
    [found] = [
        row["figure_id"]
        for row in figures_of(authority).values()
        if (row["measure"], row["breakdown"], row["period"]) == (measure, breakdown, period)
    ]
    return found


@pytest.mark.parametrize("authority", [authority for authority, _ in REPORTS])
def test_the_pages_say_what_is_so(site: Path, authority: str) -> None:
    figures, pages = figures_of(authority), pages_of(site, authority)
    faults = [
        fault
        for html in pages.values()
        for fault in (
            *hidden_beside_shown(html, figures, LIMITS),
            *silent_beside_figures(html, figures, YEAR, lacking_of(authority)),
            *years_without_this_one(html, figures, YEAR),
        )
    ]
    checklist = (site / authority / YEAR / "checklist" / "index.html").read_text(encoding="utf-8")
    assert faults + ticks_beside_nothing(checklist, pages, figures) == []


def test_a_sign_beside_a_shown_equal_is_found(site: Path) -> None:
    """The answers within the longest limit are those of the band that ends at it."""
    html = pages_of(site, "northtown")["stages/"]
    at = "procedure=statutory;service=care;stage=1"
    within = figure_id("northtown", "responses_within_extended", at)
    wrong = re.sub(rf'(data-figure="{within}">)3<', r"\1[c]<", html)
    assert wrong != html
    faults = hidden_beside_shown(wrong, figures_of("northtown"), LIMITS)
    assert any("responses_in_band" in fault for fault in faults)
    identity = escape(f"responses_within_extended|{at}|{YEAR}")
    unnamed = html.replace("</main>", f'<span data-identity="{identity}">[c]</span></main>')
    assert hidden_beside_shown(unnamed, figures_of("northtown"), LIMITS)


def test_a_sentence_of_nothing_beside_figures_is_found(site: Path) -> None:
    html = pages_of(site, "northtown")["equality/"]
    assert 'data-why="not_recorded"' in html
    wrong = html.replace('data-of="', 'data-of="issues_raised|category;service ', 1)
    assert silent_beside_figures(wrong, figures_of("northtown"), YEAR)
    assert not silent_beside_figures(wrong, figures_of("northtown"), YEAR, ["issues_raised"])
    # What other numbers of the report have is not said to be recorded nowhere.
    wrong = html.replace('data-of="', 'data-of="compliments|stage ', 1)
    assert any(
        "other figures have stage" in fault
        for fault in silent_beside_figures(wrong, figures_of("northtown"), YEAR)
    )


def test_a_tick_beside_nothing_is_found(site: Path) -> None:
    figures, pages = figures_of("northtown"), pages_of(site, "northtown")
    checklist = (site / "northtown" / YEAR / "checklist" / "index.html").read_text(encoding="utf-8")
    link = '<a href="../learning/#learning">Ombudsman and learning</a>'
    ticked = re.sub(
        r"(What was learned</th>.*?<td>)Not written yet", rf"\1{link}", checklist, count=1, flags=re.DOTALL
    )
    assert ticked != checklist
    assert ticks_beside_nothing(ticked, pages, figures) == [
        "“What was learned” is ticked and no number in #learning of ../learning/ answers it"
    ]
    words = re.sub(r"(review</th>.*?<td>)Not written yet", rf"\1{link}", checklist, count=1, flags=re.DOTALL)
    assert words != checklist and len(ticks_beside_nothing(words, pages, figures)) == 1
    emptied = pages | {"": re.sub(r"data-figure=\"[^\"]*\"", "", pages[""])}
    assert any(
        "How many complaints were made" in fault
        for fault in ticks_beside_nothing(checklist, emptied, figures)
    )


def test_a_table_of_years_without_this_year_is_found(site: Path) -> None:
    html = pages_of(site, "northtown")["years/"]
    before = figure_id("northtown", "new_complaints", "", BEFORE)
    assert before in html
    [table] = [
        part
        for part in re.findall(r"<table>.*?</table>", html, re.DOTALL)
        if before in part and "Change %" in part and "New complaints by year" in part
    ]
    narrow = table.replace("2023/24", "the other year")
    assert years_without_this_one(html.replace(table, narrow), figures_of("northtown"), YEAR)
    said = html.replace(table, narrow).replace("</table>", "</table><p>There are no numbers for 2023/24.</p>")
    assert not years_without_this_one(said, figures_of("northtown"), YEAR)


def test_what_is_not_recorded_protected_or_none_is_said_in_different_sentences(site: Path) -> None:
    pages = pages_of(site, "eastham")
    said = {why for html in pages.values() for why in re.findall(r'data-why="(\w+)"', html)}
    assert {"not_recorded", "protected"} <= said
    assert "There are no figures for" not in "".join(pages.values())
    assert "No cases were referred to the Local Government and Social Care Ombudsman" in plain(
        pages["learning/"]
    )
