"""Every kind of page against WCAG 2.2 AA, by axe and by keyboard, small, enlarged, and without pictures."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from test_site import PAGES

AXE = Path(__file__).resolve().parents[2] / "reports" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MEASURES = [
    "northtown/2023-24/figures/new-complaints/",
    "eastham/2023-24/figures/new-complaints/",
    "find/?q=northtown",
]
MOST_BYTES = 200_000


KINDS = {re.sub(r"^(north|east)\w+/", "", path): path for path in reversed(PAGES)}.values()
"""Of each kind of page, that of the council with more on it."""


@pytest.mark.parametrize(("width", "paths"), [(320, [*PAGES, *MEASURES]), (1280, [*KINDS, *MEASURES])])
def test_axe_finds_nothing_on_any_page(measured, width: int, paths: list[str]) -> None:
    """At phone width too: what stands apart on a desk may overlap there."""
    axe = AXE.read_text(encoding="utf-8")
    measured.page.set_viewport_size({"width": width, "height": 900})
    found = {}
    for path in paths:
        page = measured.open(path)
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        page.evaluate(axe)
        violations = page.evaluate(
            "(rules) => axe.run(document, { runOnly: rules, resultTypes: ['violations'], selectors: false })"
            ".then((all) => all.violations.map((one) => [one.id, one.nodes.map((node) => node.html.slice(0, 200))]))",
            RULES,
        )
        if violations:
            found[path] = violations
    assert found == {}


def test_axe_would_find_a_fault(measured) -> None:
    page = measured.open("")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=\"icon.svg\"><a href=\"#\"></a>')")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    ids = page.evaluate("axe.run(document).then((all) => all.violations.map((one) => one.id))")
    assert {"image-alt", "link-name"} <= set(ids)


def test_everything_that_can_be_used_can_be_reached_by_keyboard_in_reading_order(measured) -> None:
    page = measured.open("northtown/2023-24/issues/")
    wanted = page.evaluate(
        "[...document.querySelectorAll('a[href], summary, [tabindex=\"0\"]')].filter((one) => one.checkVisibility()"
        " || one.classList.contains('skip')).map((one) => one.outerHTML.slice(0, 120))"
    )
    reached = []
    for _ in wanted:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))
    assert reached == wanted


def test_focus_can_be_seen(measured) -> None:
    page = measured.open("northtown/2023-24/")
    for _ in range(6):
        page.keyboard.press("Tab")
    style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert style == "solid"


def test_enlarged_fourfold_no_words_are_cut_off(measured) -> None:
    """1280 pixels at 400% are 320 of the page's own."""
    page = measured.page
    page.set_viewport_size({"width": 320, "height": 256})
    for path in PAGES:
        measured.open(path)
        cut = page.evaluate(
            "[...document.querySelectorAll('h1, h2, h3, p, li, dt, dd, caption, summary')].filter((one) =>"
            " !one.closest('.scroll') && one.checkVisibility() && !one.classList.contains('hidden')"
            " && one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.textContent.slice(0, 60))"
        )
        assert cut == [], path


def test_without_pictures_the_numbers_of_a_chart_are_in_its_table(visit) -> None:
    visit.page.route("**/*.svg", lambda route: route.abort())
    page = visit.open("northtown/2023-24/issues/")
    for chart in page.locator("figure.chart").all():
        words = page.locator(
            f"#{chart.locator('[role=img]').get_attribute('aria-describedby')}"
        ).text_content()
        assert words and any(sign.isdigit() for sign in words)
    assert page.locator("table").count() >= page.locator("figure.chart").count()


def test_the_first_view_of_every_page_is_small(site: Path) -> None:
    style = sum(len(gzip.compress(file.read_bytes())) for file in site.rglob("*.css"))
    for page in site.rglob("*.html"):
        size = len(gzip.compress(page.read_bytes())) + style
        assert size < MOST_BYTES, (page, size)
