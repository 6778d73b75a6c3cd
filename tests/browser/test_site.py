"""The website as a reader meets it: complete, readable, reachable and made of figures."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page
from site_world import BEFORE, MANY, PARTS, REPORTS, eastham, northtown, tables, write_protected

from redress.base.errors import GateFailed
from redress.base.settings import Settings
from redress.publish import build_site

REPORT_PAGES = [f"{authority}/{year}/{part}" for authority, year in REPORTS for part in PARTS]
WHOLE = [f"{authority}/{year}/report/" for authority, year in REPORTS]
SITE_PAGES = ["", "compare/", "method/", "find/", "data/", "data-dictionary/", "accessibility/"]
ADVICE = "northtown/2023-24/figures/advice-given/"
FURTHER = [
    f"{ADVICE}months/",
    f"{ADVICE}earlier-years/",
    "eastham/2023-24/data-quality/parts-to-total/",
    "eastham/2023-24/published/reproduced/",
]
PAGES = [*SITE_PAGES, *REPORT_PAGES, *WHOLE, *FURTHER]


def text_of(page: Page) -> str:
    return re.sub(r"\s+", " ", page.inner_text("main"))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_only_its_own_server_and_for_little(visit, path: str) -> None:
    visit.open(path)
    assert visit.asked and all(address.startswith(visit.base) for address in visit.asked)
    assert len(visit.asked) <= 4, "a page, its style sheet, its icon and the council's logo"


@pytest.mark.parametrize("path", PAGES)
def test_made_up_cases_are_declared_on_every_page_built_from_them(visit, path: str) -> None:
    page = visit.open(path)
    declared = page.locator(".synthetic").count() == 1
    assert declared == (not path.startswith("eastham/"))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_a_window_without_scrolling_sideways(measured, path: str, width: int) -> None:
    measured.page.set_viewport_size({"width": width, "height": 800})
    page = measured.open(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", ["compare/", *REPORT_PAGES])
def test_every_table_can_be_read_aloud_and_reached(visit, path: str) -> None:
    page = visit.open(path)
    for table in page.locator("table").all():
        region = table.locator("xpath=..")
        caption = table.locator("caption span")
        assert region.get_attribute("role") == "region" and region.get_attribute("tabindex") == "0"
        assert region.get_attribute("aria-labelledby") == caption.get_attribute("id")
        assert (caption.text_content() or "").strip()
        assert table.locator("thead th:not([scope=col])").count() == 0
        assert (
            table.locator("tbody tr").count() == table.locator("tbody tr > th[scope=row]:first-child").count()
        )


def test_every_chart_has_a_name_a_description_and_a_table(visit) -> None:
    page = visit.open("northtown/2023-24/issues/")
    charts = page.locator("figure.chart")
    assert charts.count() >= 1
    for chart in charts.all():
        drawing = chart.locator("[role=img]")
        title = page.locator(f"#{drawing.get_attribute('aria-labelledby')}")
        words = page.locator(f"#{drawing.get_attribute('aria-describedby')}")
        assert title.text_content() and re.search(r"\d", words.text_content() or "")
        assert drawing.locator("svg").count() == 2
    assert page.locator("canvas").count() == 0


def test_a_chart_is_drawn_for_the_width_of_the_window(measured) -> None:
    for width, shown in ((390, "narrow"), (1280, "wide")):
        measured.page.set_viewport_size({"width": width, "height": 800})
        page = measured.open("northtown/2023-24/issues/")
        visible = {
            kind: page.locator(f".chart .{kind} svg").first.is_visible() for kind in ("narrow", "wide")
        }
        assert visible == {"narrow": shown == "narrow", "wide": shown == "wide"}


@pytest.mark.parametrize("path", PAGES)
def test_headings_step_down_one_at_a_time(visit, path: str) -> None:
    page = visit.open(path)
    levels = [int(name) for name in re.findall(r"<h([1-6])", page.content())]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_the_first_stop_of_the_keyboard_leads_to_the_content(measured) -> None:
    page = measured.open("northtown/2023-24/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_the_page_one_is_on_is_marked_in_the_navigation(visit) -> None:
    for part in PARTS:
        page = visit.open(f"northtown/2023-24/{part}")
        assert page.locator("nav [aria-current=page]").count() == 1, part


def test_every_number_on_a_page_is_its_figure(visit) -> None:
    """Page = figure: each number that names a figure prints that figure's value."""
    known = {row["figure_id"]: row for row in tables()["figures"]}
    seen: set[str] = set()
    for path in ["compare/", *REPORT_PAGES]:
        page = visit.open(path)
        for number in page.locator("[data-figure]").all():
            row = known[number.get_attribute("data-figure") or ""]
            seen.add(row["figure_id"])
            text = (number.text_content() or "").strip()
            if row["value"] is None:
                assert text in ("[c]", "[x]"), (path, row)
                continue
            if text.lower() in ("no", "none", "nobody"):
                assert row["value"] == 0
                continue
            if text in ("the most", "the joint most"):
                continue
            text = {"One": "1", "Eight": "8"}.get(text, text)
            value = float(re.sub(r"[^\d.\-]", "", text.replace("\u2212", "-")))
            if row["measure"].endswith(("_change", "_change_pct")):  # a sentence says the direction in words
                value, row = abs(value), row | {"value": abs(row["value"])}
            assert abs(value - row["value"]) <= (0.5001 if row["unit"] == "percent" else 0.0501), (
                path,
                row,
                text,
            )
    assert len(seen) > 60


def test_a_number_leads_to_how_it_was_worked_out(visit) -> None:
    page = visit.open("northtown/2023-24/")
    link = page.locator("a.figure[data-figure]").first
    identity = link.get_attribute("data-figure")
    link.click()
    assert page.url.endswith(f"#{identity}")
    assert page.locator(f"tr[id='{identity}']").count() == 1


def test_every_figure_has_one_row_of_its_own(visit, site: Path) -> None:
    html = "".join(
        page.read_text(encoding="utf-8") for page in (site / "northtown/2023-24/figures").rglob("*.html")
    )
    for row in northtown():
        assert html.count(f'<tr id="{row["figure_id"]}"') == 1, row["figure_id"]


def test_a_figure_of_a_long_list_is_reached_from_where_it_once_stood(measured) -> None:
    """An address from before the list was spread leads to the line that names the page, and on to the row."""
    page = measured.open(ADVICE)
    row = next(row for row in northtown() if row["measure"] == "advice_given" and row["period"] == BEFORE)
    page.goto(f"{measured.base}/{ADVICE}#{row['figure_id']}")
    line = page.locator("li:has(:target)")
    assert line.inner_text().startswith("Earlier years: 61 figures")
    line.locator("a").click()
    assert page.url.endswith(f"/{ADVICE}earlier-years/")
    assert page.locator(f"tr[id='{row['figure_id']}']").count() == 1


def test_links_lead_straight_to_the_page_that_has_the_row(visit) -> None:
    quality = visit.open("eastham/2023-24/data-quality/")
    quality.locator("table a", has_text="Parts and their total").click()
    assert quality.url.endswith("/data-quality/parts-to-total/")
    assert quality.locator("tbody tr").count() == MANY - 1, "the last check stands on a page after it"
    printed = visit.open("eastham/2023-24/published/")
    printed.locator("table a", has_text="The same").click()
    printed.locator("#p-many-0 td a").click()
    assert printed.url.endswith(f"#{eastham()[0]['figure_id']}")


def test_the_overlap_of_parts_is_written_out(visit) -> None:
    text = text_of(visit.open("northtown/2023-24/"))
    assert "6 + 3 [r] = 9: 1 complaint touches more than one service area and is counted in each" in text
    assert "so the parts add to 1 more than the 8 complaints received" in text


def test_sentences_are_right_for_none_one_and_many(visit) -> None:
    many = text_of(visit.open("northtown/2023-24/"))
    assert (
        "Northtown received 8 new complaints in 2023/24, 2 more than the 6 of 2022/23 (an increase of 33%)."
        in many
    )
    assert "1 person made two or more new complaints" in many
    one = text_of(visit.open("eastham/2023-24/"))
    assert "Eastham received 1 new complaint in 2023/24, 0, the same number as in 2022/23." not in one
    assert "Eastham received 1 new complaint in 2023/24, the same number as in 2022/23." in one
    assert "No cases were referred to the Local Government and Social Care Ombudsman" in text_of(
        visit.open("eastham/2023-24/learning/")
    )
    assert "1 case was referred" in text_of(visit.open("northtown/2023-24/learning/"))
    assert "No complaints were withdrawn at this stage." in text_of(visit.open("northtown/2023-24/stages/"))


def test_what_is_suppressed_or_missing_is_shown_in_shorthand(visit) -> None:
    assert "Not shown, to protect people: West." in text_of(visit.open("eastham/2023-24/"))
    row = visit.open("northtown/2023-24/").locator("tr", has_text="Schools").first
    assert row.locator("td").last.inner_text() == "[x]", "from zero there is no percentage"


def test_a_section_without_figures_is_a_sentence_and_no_empty_table(visit) -> None:
    for path in ("eastham/2023-24/issues/", "eastham/2023-24/stages/"):
        page = visit.open(path)
        assert page.locator("table").count() == 0
        assert "Not recorded by this council:" in text_of(page)


def table(page: Page, caption: str):
    """The table of this caption."""
    return page.locator("table", has=page.locator("caption", has_text=re.compile(f"^{caption}$")))


def test_checks_and_files_are_told_in_words(visit) -> None:
    page = visit.open("northtown/2023-24/data-quality/")
    text = text_of(page)
    assert "2 of 4 checks hold. Together they tested 40 relations between numbers, of which 20 hold." in text
    kinds = table(page, "Relations by what they compare")
    cells = kinds.locator("tbody tr", has_text="Parts and their total").locator("td").all_inner_texts()
    assert cells == ["30", "10"]
    assert "10 rows are in use from 1 file: 9 were taken in and 1 was set aside" in text
    assert (
        "printed, 1 is what counting the cases gives and 1 differs, because the printed report disagrees with itself"
        in text
    )


def test_what_does_not_hold_says_since_when_and_what_is_accepted_until_when(visit) -> None:
    page = visit.open("northtown/2023-24/data-quality/")
    [row] = table(page, "Checks that do not hold").locator("tbody tr").all()
    assert "The parts of table 0 add to its total" in row.inner_text()
    assert row.locator("td").all_inner_texts()[3:] == ["3 May 2024", "The complaints team"]
    [row] = table(page, "Faults that are accepted for a while").locator("tbody tr").all()
    assert row.locator("th").inner_text() == "The quarters add to the year."
    assert row.locator("td").all_inner_texts() == [
        "One quarter was closed late",
        "Head of service",
        "3 May 2024",
        "31 December 2024",
    ]


def test_a_report_without_a_printed_one_shows_no_fault(visit) -> None:
    page = visit.open("eastham/2023-24/data-quality/")
    assert "502 of 502 checks hold" in text_of(page)
    assert page.locator("tr.failed").count() == 0
    assert "What does not hold" not in text_of(page)


def test_the_printed_report_is_answered_number_by_number(visit) -> None:
    page = visit.open("northtown/2023-24/published/")
    row = page.locator("#p-0")
    assert row.locator("td").nth(2).inner_text() == "9" and row.locator("td").nth(3).inner_text() == "8"
    assert "Its parts add to 8." in row.inner_text()
    other = row.locator("td").last.locator("a")
    assert other.inner_text() == "Table 1: 8" and other.get_attribute("href") == "#p-1"
    assert page.locator("#p-1").count() == 1


def test_where_a_printed_report_disagrees_with_itself_leads_to_its_numbers(visit) -> None:
    page = visit.open("northtown/2023-24/published/")
    [row] = table(page, "Where the printed report disagrees with itself").locator("tbody tr").all()
    assert row.locator("th").inner_text() == "Complaints is printed as 9 and as 8."
    assert [link.get_attribute("href") for link in row.locator("a").all()] == ["#p-0", "#p-1"]
    assert "disagrees with itself" not in text_of(visit.open("eastham/2023-24/published/"))


def test_a_figure_that_is_held_back_is_not_given_away_by_the_printed_report(visit) -> None:
    row = visit.open("eastham/2023-24/published/reproduced/").locator("#p-held")
    assert [cell.strip() for cell in row.locator("td").all_text_contents()][2:4] == ["2", "[c]"]


def compared(page: Page, heading: str) -> dict[str, list[str]]:
    """The table of one compared measure: the cells of each council."""
    table = page.locator("table", has=page.locator("caption", has_text=re.compile(f"^{heading}$")))
    return {
        re.sub(r"\s+", " ", row.locator("th").inner_text()): [
            re.sub(r"\s+", " ", cell.inner_text()).strip() for cell in row.locator("td").all()
        ]
        for row in table.locator("tbody tr").all()
    }


def test_councils_stand_side_by_side_with_what_each_number_is_of(visit) -> None:
    page = visit.open("compare/")
    assert compared(page, "New complaints") == {
        "Eastham 2023/24": ["1", "Nothing more."],
        "Northtown 2023/24": ["8", "Nothing more."],
    }
    assert compared(page, "Mean time to answer")["Northtown 2023/24"] == [
        "14.3 4 answers",
        "Not every council here counts days this way.",
    ]


def test_a_comparison_says_beside_the_number_what_makes_it_unfair_or_missing(visit) -> None:
    page = visit.open("compare/")
    in_time = compared(page, "Answered within the standard limit")
    assert in_time["Northtown 2023/24"] == [
        "25% 1 of 4",
        "Counted from the day the complaint was received. Of fewer than 20.",
    ]
    assert in_time["Eastham 2023/24"] == ["[x]", "Eastham has none of these."]
    west = compared(page, "New complaints in the west")
    assert west["Eastham 2023/24"] == ["[c]", "Not shown, to protect people."]


def test_what_must_be_known_to_compare_is_in_view_beside_the_number(measured, width: int) -> None:
    measured.page.set_viewport_size({"width": width, "height": 800})
    page = measured.open("compare/")
    for region in page.locator(".comparison .scroll").all():
        assert region.evaluate("region => region.scrollWidth <= region.clientWidth"), width


def test_the_comparison_is_linked_from_every_page(visit) -> None:
    for path in ("", "method/", "northtown/2023-24/", "eastham/2023-24/issues/"):
        visit.open(path).locator("header a", has_text="Councils side by side").click()
        assert visit.page.url == f"{visit.base}/compare/"
    assert visit.page.locator("header [aria-current=page]").count() == 1
    assert visit.open("").locator("main a[href$='compare/']").count() == 1


def test_paper_gets_the_report_without_its_navigation(measured) -> None:
    page = measured.open("northtown/2023-24/issues/")
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert page.locator(".chart .wide svg").first.is_visible()
    pdf = page.pdf(prefer_css_page_size=True, tagged=True)
    assert pdf.startswith(b"%PDF") and len(pdf) < 1_000_000


def test_a_first_view_is_small(site: Path) -> None:
    import gzip

    style = sum(len(gzip.compress(file.read_bytes())) for file in site.rglob("*.css"))
    page = len(gzip.compress((site / "northtown/2023-24/index.html").read_bytes()))
    assert style + page < 32_000


def test_a_query_that_fails_stops_the_build(tmp_path: Path) -> None:
    protected = write_protected(tmp_path / "protected", without="extracts")
    with pytest.raises(GateFailed) as failure:
        build_site(Settings(build=tmp_path / "build"), protected, tmp_path / "site")
    assert any("extracts" in line for line in failure.value.details), failure.value.details
    assert not (tmp_path / "site").exists()


def test_a_council_has_its_own_colour_and_logo(measured) -> None:
    for path, colour, logos in (
        ("northtown/2023-24/", "rgb(92, 45, 145)", 1),
        ("eastham/2023-24/", "rgb(18, 67, 109)", 0),
    ):
        page = measured.open(path)
        assert page.locator(".bar").evaluate("bar => getComputedStyle(bar).borderBottomColor") == colour
        logo = page.locator("header img")
        assert logo.count() == logos
        if logos:
            assert logo.evaluate("image => image.complete && image.naturalWidth > 0")
            assert logo.get_attribute("alt") == "", "the council's name stands beside it"


def test_a_revised_number_is_marked_and_leads_to_what_it_was(visit) -> None:
    [revised] = [row for row in tables()["figures"] if row["status"] == "revised"]
    for path in ("", "years/", f"figures/{revised['measure'].replace('_', '-')}/"):
        page = visit.open(f"northtown/2023-24/{path}")
        marked = page.locator(f"[data-figure={revised['figure_id']}]")
        texts = marked.all_text_contents() or [
            page.locator(f"#{revised['figure_id']} td.n").first.text_content()
        ]
        assert texts and all((text or "").endswith(f"{revised['value']:.0f} [r]") for text in texts), path
        legend = page.locator("p.note", has_text="[r] revised").first
        assert legend.locator("a").get_attribute("href").rstrip("/").endswith("revisions")
    page = visit.open("northtown/2023-24/revisions/")
    row = page.locator("tr", has=page.locator(f"a[href$='#{revised['figure_id']}']"))
    assert row.locator("td").all_text_contents()[1:] == ["2", "3", "Added: complaints."]


def test_a_report_says_whether_it_is_final(visit) -> None:
    def says(path: str) -> str:
        return visit.open(path).locator("main").inner_text()

    assert (
        "signed off on 10 June 2024. It was revised on 2 September 2024, which changed 3 figures and the words of one section"
        in says("northtown/2023-24/revisions/")
    )
    assert "This report is provisional" in says("eastham/2023-24/revisions/")
    assert visit.page.locator("main table").count() == 0
    assert "Provisional: not signed off yet." in visit.open("eastham/2023-24/").locator("footer").inner_text()


def test_words_that_a_revision_changed_stand_beside_what_they_were(visit) -> None:
    page = visit.open("northtown/2023-24/revisions/")
    rows = page.locator("table", has=page.locator("caption", has_text="Words changed")).locator("tbody tr")
    cells = [
        [" ".join(cell.split()) for cell in row.locator("th, td").all_inner_texts()] for row in rows.all()
    ]
    assert cells == [
        ["In our own words", "Letters wait. Nobody calls.", "Letters are answered."],
        ["In our own words", "Not shown, to protect people", "Nothing"],
    ]


def test_a_report_says_who_approved_its_words_and_one_without_words_says_nothing_of_it(visit) -> None:
    def says(authority: str) -> str:
        return visit.open(f"{authority}/2023-24/about/").locator("main").inner_text()

    said = "The council’s own words in this report were approved by The director (8 June 2024)."
    assert said in says("northtown") and "own words" not in says("eastham")
