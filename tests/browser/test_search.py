"""The search: absent without scripts, where the page lists everything; with them usable by keyboard, ear and thumb."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Page, expect
from site_world import REPORTS, northtown


def found(page: Page) -> list[str]:
    return page.locator("#search-found a").all_inner_texts()


def look_for(page: Page, words: str) -> list[str]:
    page.locator("#search").fill(words)
    expect(page.locator("#search-status")).to_have_text(re.compile(r"\.$"))
    return found(page)


def test_without_scripts_there_is_no_box_and_the_whole_list(visit) -> None:
    for path in ("", "find/"):
        assert not visit.open(path).locator("form.search").is_visible()
    page = visit.open("find/")
    for authority, year in REPORTS:
        assert page.locator(f".reports a[href$='{authority}/{year}/']").count() == 1
    titles = {row["title"] for row in northtown()}
    assert titles <= set(page.locator("dl.found dt").all_inner_texts())


def test_a_council_a_year_a_page_and_a_measure_are_found(measured) -> None:
    page = measured.open("find/")
    assert look_for(page, "eastham")[0] == "Eastham 2023/24"
    assert {"Eastham 2023/24", "Northtown 2023/24"} <= set(look_for(page, "2023/24"))
    assert look_for(page, "data dictionary")[0] == "Data dictionary"
    assert "Northtown 2023/24: Equality" in look_for(page, "northtown ethnicity")
    assert look_for(page, "working days mean")[0] == "Working days mean: what it counts"
    assert "Northtown 2023/24: Compliments" in look_for(page, "Compliments NORTH")
    assert "Eastham 2023/24: Compliments" not in look_for(page, "compliments eastham"), "it has none"


def test_what_a_council_wrote_is_found_by_its_words(measured) -> None:
    page = measured.open("find/")
    assert look_for(page, "northtown officers")[0] == "Northtown 2023/24: In our own words"
    assert look_for(page, "eastham officers") == []


def test_every_result_leads_to_a_page_or_an_anchor_that_is_there(measured) -> None:
    page = measured.open("find/")
    links = set()
    for words in (
        "a",
        "c",
        "northtown",
        "eastham co",
        "data",
        "method",
        "2023",
        "northtown s",
        "northtown c",
        "northtown officers",
    ):
        look_for(page, words)
        links |= set(page.locator("#search-found a").evaluate_all("all => all.map((one) => one.href)"))
    assert len(links) > 25, sorted(links)
    for link in sorted(links):
        answer = measured.page.request.get(link)
        assert answer.status == 200, link
        _, _, anchor = link.partition("#")
        assert not anchor or f'id="{anchor}"' in answer.text(), link


def test_from_the_home_page_one_is_led_to_the_results(measured) -> None:
    page = measured.open("")
    page.locator("#search").fill("ombudsman received")
    page.keyboard.press("Enter")
    page.wait_for_url("**/find/?q=ombudsman+received")
    assert found(page)[0] == "Ombudsman received: what it counts"
    page.locator("#search").fill("eastham")
    page.keyboard.press("Enter")
    assert page.url.endswith("/find/?q=eastham"), "the address can be kept"


def test_the_number_of_results_is_said_and_nothing_is_said_of_nothing(measured) -> None:
    page = measured.open("find/")
    status = page.locator("#search-status")
    assert status.get_attribute("role") == "status" and status.inner_text() == ""
    look_for(page, "zebra")
    expect(status).to_have_text("Nothing found. Other or fewer words may help; everything is listed below.")
    look_for(page, "data dictionary")
    expect(status).to_have_text("1 result.")
    page.locator("#search").fill("")
    expect(status).to_have_text("")
    assert found(page) == []


def test_results_are_reached_by_keyboard_on_a_narrow_screen(measured) -> None:
    measured.page.set_viewport_size({"width": 320, "height": 640})
    page = measured.open("find/")
    page.locator("#search").focus()
    page.keyboard.type("northtown")
    expect(page.locator("#search-found a").first).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Northtown 2023/24"
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.keyboard.press("Enter")
    page.wait_for_url("**/northtown/2023-24/")


def test_nothing_is_sent_and_what_is_typed_is_never_markup(measured) -> None:
    asked: list[str] = []
    page = measured.open("find/")
    page.on("request", lambda request: asked.append(request.url))
    look_for(page, "<img src=x onerror=alert(1)> northtown")
    look_for(page, "northtown")
    assert [address for address in asked if not address.endswith("/icon.svg")] == []
    index = json.loads(page.locator("#search-index").text_content() or "")
    assert set(index) == {"root", "reports", "parts", "pages", "measures"}
