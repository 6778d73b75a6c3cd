"""What a reader takes away: it opens, and says what its page says."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader
from python_calamine import CalamineWorkbook
from site_world import REPORTS, tables
from test_site import PAGES, SITE_PAGES, WHOLE

TABLE_PAGES = [path for path in PAGES if path not in WHOLE]


def shown(page: Page) -> list[list[list[str]]]:
    """The cells of every captioned table, as a reader sees them."""
    return page.evaluate(
        "[...document.querySelectorAll('.table table')].map((table) => [...table.rows].map((row) =>"
        " [...row.cells].map((cell) => cell.textContent.replace(/\\s+/g, ' ').trim())))"
    )


def as_downloaded(cell: str) -> str:
    plain = cell.replace("\u2212", "-")
    return plain.replace(",", "") if re.fullmatch(r"-?[\d,]+(\.\d+)?%?", plain) else cell


@pytest.mark.parametrize("path", TABLE_PAGES)
def test_every_table_is_offered_as_csv_and_ods_and_they_equal_the_page(
    measured, site: Path, path: str
) -> None:
    page = measured.open(path)
    tables_shown = shown(page)
    offers = page.locator(".table > .get")
    assert offers.count() == len(tables_shown) == page.locator("table").count()
    for number, (offer, rows) in enumerate(zip(offers.all(), tables_shown, strict=True), 1):
        links = [urljoin(path, link.get_attribute("href") or "") for link in offer.locator("a").all()]
        assert [link.rsplit(".", 1)[1] for link in links] == ["csv", "ods"]
        told = list(csv.reader(io.StringIO((site / links[0]).read_bytes().decode("utf-8"))))
        assert told == [[as_downloaded(cell) for cell in row] for row in rows]
        sheet = (
            CalamineWorkbook.from_path(str(site / links[1])).get_sheet_by_name(f"Table {number}").to_python()
        )
        assert len(sheet) >= len(rows) + 1
        for cells, row in zip(sheet[-len(rows) + 1 :] if len(rows) > 1 else [], rows[1:], strict=True):
            for cell, text in zip(cells, row, strict=True):
                if isinstance(cell, float):
                    plain = as_downloaded(text)
                    number_ = float(plain.rstrip("%")) / (100 if plain.endswith("%") else 1)
                    assert cell == pytest.approx(number_)
                else:
                    assert cell == (text or "[x]")


@pytest.mark.parametrize("path", TABLE_PAGES)
def test_the_signs_used_in_a_table_are_explained_below_it(measured, path: str) -> None:
    page = measured.open(path)
    for region in page.locator(".table").all():
        cells = " ".join(region.locator("td").all_text_contents())
        below = " ".join(region.locator("p").all_text_contents())
        for sign in re.findall(r"\[(?:c|x|z|low|p|r|b)\]", cells):
            assert sign in below, (path, sign)


def test_every_number_in_a_table_of_figures_leads_to_its_row(visit) -> None:
    page = visit.open("northtown/2023-24/stages/")
    cells = page.locator("td [data-figure]")
    assert cells.count() > 10
    for link in cells.all():
        href = link.get_attribute("href") or ""
        assert href.endswith(f"#{link.get_attribute('data-figure')}")


@pytest.mark.parametrize(("authority", "year"), REPORTS)
def test_the_data_of_a_report_can_be_taken_and_are_described(
    visit, site: Path, authority: str, year: str
) -> None:
    page = visit.open(f"{authority}/{year}/data/")
    links = [link.get_attribute("href") for link in page.locator("a[download]").all()]
    files = {link for link in links if link and not link.startswith("tables/")}
    assert files == {
        "figures.csv", "figures.parquet", "figures.ods", "measures.csv", "datapackage.json", "dataset.json",
    }  # fmt: skip
    told = (site / authority / year / "data/figures.csv").read_text(encoding="utf-8")
    figures = [row for row in tables()["figures"] if row["authority"] == authority]
    assert sorted(row["figure_id"] for row in csv.DictReader(io.StringIO(told))) == sorted(
        row["figure_id"] for row in figures
    )
    block = page.locator('script[type="application/ld+json"]')
    assert block.count() == page.locator("script").count() == 1
    said = json.loads(block.text_content() or "")
    assert said == json.loads((site / authority / year / "data/dataset.json").read_text(encoding="utf-8"))
    assert said["@type"] == "Dataset"


def test_the_whole_report_holds_every_table_and_chart_of_its_pages(visit) -> None:
    """Left out are the lists that stand folded on their pages, and the files."""
    parts = ("", "stages/", "issues/", "learning/", "equality/", "years/", "revisions/", "checklist/")
    captions: list[str] = []
    charts = 0
    for part in parts:
        page = visit.open(f"northtown/2023-24/{part}")
        captions += page.locator("caption:not(details caption)").all_text_contents()
        charts += page.locator("figure.chart").count()
    whole = visit.open("northtown/2023-24/report/")
    assert whole.locator("caption").all_text_contents() == captions
    assert whole.locator("figure.chart").count() == charts > 0
    contents = whole.locator(".contents a")
    assert contents.count() > 15
    for link in contents.all():
        assert whole.locator(f"[id='{(link.get_attribute('href') or '')[1:]}']").count() == 1


def test_the_pdf_has_every_chart_its_contents_and_page_numbers(visit, site: Path) -> None:
    visit.open("northtown/2023-24/report/")
    titles = visit.page.locator("figure.chart figcaption").all_text_contents()
    labels = visit.page.locator(".contents a").all_text_contents()
    reader = PdfReader(site / "northtown/2023-24/report/report.pdf")
    text = [re.sub(r"\s+", " ", page.extract_text()) for page in reader.pages]
    everything = " ".join(text)
    for title in titles:
        assert title in everything
    for label in labels:
        assert label in everything
    for number, words in enumerate(text, 1):
        assert f"page {number} of {len(text)}" in words
    # The contents tell where each part begins.
    for heading in ("Stages and time", "Issues and outcomes", "Earlier years"):
        told = re.search(rf"{heading} (\d+)", everything)
        assert told and heading in text[int(told[1]) - 1], heading
    assert reader.outline and reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert "file://" not in (site / "northtown/2023-24/report/report.pdf").read_bytes().decode("latin-1")


def test_the_councils_own_words_are_in_the_whole_report_and_in_its_pdf(visit, site: Path) -> None:
    words = "48,100 children live here, and two officers answer:"
    folder = "northtown/2023-24/report/"
    assert words in " ".join(visit.open(folder).locator("main").inner_text().split())
    pages = [page.extract_text() for page in PdfReader(site / folder / "report.pdf").pages]
    assert words in " ".join(unicodedata.normalize("NFKC", " ".join(pages)).split()), (
        "with ligatures as letters"
    )


def test_every_measure_can_be_found_from_the_index(visit) -> None:
    page = visit.open("find/")
    words = page.inner_text("main")
    for title in {row["title"] for row in tables()["figures"]}:
        assert title in words
    page.locator("dd a", has_text="Northtown").first.click()
    assert "/northtown/2023-24/figures/" in page.url


@pytest.mark.parametrize(
    ("authority", "answered"), [("northtown", "the law asks"), ("eastham", "Not written yet")]
)
def test_what_the_law_asks_for_is_a_list_with_links(visit, authority: str, answered: str) -> None:
    page = visit.open(f"{authority}/2023-24/checklist/")
    assert page.locator("tbody tr").count() == 15
    assert answered in page.inner_text("main")
    told = re.search(r"answers (\w+) of the 15 points", page.inner_text("main"))
    yes = page.locator("tbody tr td a").count()
    assert told and told[1] == ("each" if yes == 15 else str(yes))


def test_the_site_offers_its_own_pages_on_every_page(visit) -> None:
    page = visit.open("northtown/2023-24/stages/")
    linked = {urljoin(page.url, link.get_attribute("href") or "") for link in page.locator("a").all()}
    for path in SITE_PAGES:
        assert f"{visit.base}/{path}" in linked, path
