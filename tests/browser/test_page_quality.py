"""What programs that grade pages look at: names, descriptions, links, targets, weight, and what a browser may load."""

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from test_site import ADVICE, PAGES

from redress.publish.pages import problems


class Head(HTMLParser):
    """The title, the metadata and the pictures of a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.meta: dict[str, str] = {}
        self.pictures: list[dict[str, str | None]] = []
        self.graphics: list[dict[str, str | None]] = []
        self.title, self._in_title = "", False
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "meta" and "charset" not in given:
            self.meta[(given.get("name") or given.get("http-equiv") or "").lower()] = (
                given.get("content") or ""
            )
        if tag == "title" and not self.title:
            self._in_title = True
        if tag == "img":
            self.pictures.append(given)
        if tag == "svg":
            self.graphics.append(given)

    def handle_endtag(self, tag: str) -> None:
        self._in_title = self._in_title and tag != "title"

    def handle_data(self, data: str) -> None:
        self.title += data if self._in_title else ""


@pytest.fixture(scope="module")
def heads(site: Path) -> dict[str, Head]:
    """The head of every page of the site, by its path."""
    return {
        file.relative_to(site).as_posix(): Head(file.read_text(encoding="utf-8"))
        for file in sorted(site.rglob("*.html"))
    }


def test_the_site_is_fit_to_publish_page_by_page(site: Path) -> None:
    assert problems(site, []) == []


def test_every_title_is_that_of_one_page(heads: dict[str, Head]) -> None:
    titles = Counter(head.title for head in heads.values())
    assert [title for title, count in titles.items() if count > 1] == []


def test_every_page_says_what_it_is_about_and_fits_a_phone(heads: dict[str, Head]) -> None:
    for name, head in heads.items():
        assert 20 <= len(head.meta["description"]) <= 400, name
        assert "width=device-width" in head.meta["viewport"], name
        assert "maximum-scale" not in head.meta["viewport"], name
        policy = head.meta["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src 'self'" in policy, name
        assert "http" not in policy and "*" not in policy, name


def test_search_engines_are_told_to_leave_made_up_numbers(heads: dict[str, Head]) -> None:
    """Northtown's cases are made up, Eastham's are not."""
    for name, head in heads.items():
        assert (head.meta.get("robots") == "noindex") == name.startswith("northtown/"), name


def test_every_picture_has_a_text_or_says_that_it_needs_none(heads: dict[str, Head], site: Path) -> None:
    for name, head in heads.items():
        assert all(picture.get("alt") is not None for picture in head.pictures), name
    html = (site / "northtown/2023-24/issues/index.html").read_text(encoding="utf-8")
    charts = re.findall(r'<div class="drawing" role="img" aria-labelledby="([^"]+)"', html)
    graphics = Head(html).graphics
    assert len(graphics) == 2 * len(charts) > 0, (
        "each drawn for a narrow and for a wide window, within a named picture"
    )


def test_the_browser_refuses_what_the_page_does_not_allow(measured) -> None:
    """The policy is in force: a script of another's, or within the page, does not run."""
    page = measured.open("")
    for content in (
        "element.textContent = 'window.ran = true'",
        "element.src = 'data:text/javascript,window.ran=true'",
    ):
        page.evaluate(
            f"() => {{ const element = document.createElement('script'); {content}; document.head.append(element) }}"
        )
    page.wait_for_timeout(100)
    assert page.evaluate("window.ran") is None


def test_links_of_the_same_words_lead_to_the_same_place(visit) -> None:
    """Read out of context, in a list of links. Aside: headings, which link to themselves, and what stands in a table."""
    found = {}
    for path in PAGES:
        links = (
            visit.open(path)
            .locator("a:not(.figure):not(h2 a):not(h3 a):not(h4 a):not(td a)")
            .evaluate_all("all => all.map((one) => [one.textContent.replace(/\\s+/g, ' ').trim(), one.href])")
        )
        places: dict[str, set[str]] = {}
        for words, place in links:
            places.setdefault(words, set()).add(place)
        vague = places.keys() & {
            "",
            "Here",
            "here",
            "Click here",
            "More",
            "more",
            "Read more",
            "Link",
            "link",
        }
        doubled = {words: where for words, where in places.items() if len(where) > 1}
        if vague or doubled:
            found[path] = (vague, doubled)
    assert found == {}


def test_what_is_touched_is_large_enough(measured) -> None:
    """24 by 24 pixels (WCAG 2.2, 2.5.8), but for links within lines of text."""
    measured.page.set_viewport_size({"width": 390, "height": 800})
    found = {}
    for path in PAGES:
        small = measured.open(path).evaluate(
            "[...document.querySelectorAll('nav a, summary, button, input, .reports a, dt a, td a.figure')]"
            ".filter((one) => one.checkVisibility()).map((one) => [one.textContent.slice(0, 40),"
            " one.getBoundingClientRect()]).filter(([, box]) => box.height < 24 || box.width < 24)"
            ".map(([text, box]) => `${text} ${box.width} x ${box.height}`)"
        )
        if small:
            found[path] = small
    assert found == {}


@pytest.mark.parametrize(
    "path", ["find/", "northtown/2023-24/", ADVICE, f"{ADVICE}months/", "northtown/2023-24/report/"]
)
def test_enlarged_or_without_pictures_or_on_paper_nothing_is_cut_off(measured, path: str) -> None:
    page = measured.page
    page.route("**/*.{svg,png}", lambda route: route.abort())
    page.set_viewport_size({"width": 320, "height": 256})
    measured.open(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 900})
    assert (
        page.evaluate(
            "[...document.querySelectorAll('main h1, main h2, main p')].filter((one) => one.checkVisibility()"
            " && one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.textContent.slice(0, 60))"
        )
        == []
    )
    assert not page.locator("form.search").is_visible()


def test_the_data_about_a_report_can_be_read(site: Path) -> None:
    html = (site / "northtown/2023-24/data/index.html").read_text(encoding="utf-8")
    [block] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert json.loads(block)["@type"] == "Dataset"
