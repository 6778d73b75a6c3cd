"""A council's own words on a page: numbers in them, lists in lists, a quotation, and where a number from outside comes from."""

from site_world import YEAR

from tests.browser.conftest import Visit


def test_a_section_of_words_is_printed_with_its_numbers(visit: Visit) -> None:
    section = visit.open(f"northtown/{YEAR}/").locator('[data-section="our-words"]')
    words = section.locator("p").first.inner_text()
    assert words.startswith("Eight complaints came up to 31 May 2024: "), words
    assert (
        "48,100 children live here, and two officers answer: us@example.org." in words and "note" not in words
    )
    assert section.locator("p a.figure").count() >= 2
    assert section.get_by_role("link", name="us@example.org").get_attribute("href") == "mailto:us@example.org"
    assert section.locator("ol > li").all_inner_texts()[0].split() == [
        "Tell",
        "us",
        "by",
        "letter",
        "by",
        "telephone",
    ]
    assert section.locator("ol > li > ul > li").all_inner_texts() == ["by letter", "by telephone"]
    assert section.locator("figure blockquote").inner_text() == "You listened to us."
    assert section.locator("figure figcaption").inner_text() == "Parent"
    assert section.locator("p.note").last.inner_text() == "Source of 48,100: Mid-year estimate (30 June 2022)"


def test_a_section_of_words_stands_in_the_whole_report_too(visit: Visit) -> None:
    section = visit.open(f"northtown/{YEAR}/report/").get_by_text("You listened to us.")
    assert section.count() == 1


def test_a_section_of_words_fits_a_telephone(measured: Visit) -> None:
    measured.page.set_viewport_size({"width": 320, "height": 800})
    page = measured.open(f"northtown/{YEAR}/")
    width = page.locator('[data-section="our-words"]').evaluate(
        "section => section.scrollWidth - section.clientWidth"
    )
    assert width <= 0
