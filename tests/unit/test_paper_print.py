"""The paper as it is printed: read page by page from a PDF that Chromium made with the website's own style sheet."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import pytest
from pypdf import PdfReader

from redress.base.settings import ROOT
from redress.publish.compose import FOLDER, PDF
from redress.publish.cover import Cover
from redress.publish.printer import Printer
from redress.publish.whole_report import Paper, find_chromium, write_whole_report

REPORT = "northtown/2023-24"
FOOT = 50
"""Points from the lower edge of a page, below which its footer stands."""
WORDS = "Words of a paragraph that a person wrote, long enough to take up a line or two of the page that it stands on. "


@dataclass
class Line:
    """Words on a page: their height above its lower edge, and their size."""

    words: str
    height: float
    size: float


def table(name: str, rows: int, note: str = "") -> str:
    body = "".join(f'<tr><th scope="row">{name} row {n}</th><td class="n">{n}</td></tr>' for n in range(rows))
    note = f'<p class="note">{note}</p>' if note else ""
    return (
        f'<div class="table"><div class="scroll"><table><caption><span id="t-{name}">Caption of {name}</span></caption><thead><tr>'
        f'<th scope="col">Head of {name}</th><th class="n">Number</th></tr></thead><tbody>{body}</tbody></table></div>{note}</div>'
    )


def section(name: str, *blocks: str) -> str:
    inside = "".join(f'<div data-node="{number}">{block}</div>' for number, block in enumerate(blocks))
    return (
        f'<div data-section="{name}"><h2 id="{name}"><a href="#{name}">Heading {name}</a></h2>{inside}</div>'
    )


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> PdfReader:
    site = tmp_path_factory.mktemp("site")
    (site / "a.css").write_text((ROOT / "reports/app.css").read_text(encoding="utf-8"), encoding="utf-8")
    (site / "icon.svg").write_text("<svg/>", encoding="utf-8")
    paragraph = f"<p>{WORDS * 3}</p>"
    facts = '<dl class="facts"><div><dt>New complaints</dt><dd>23</dd></div></dl>'
    pages = {
        "": section("in-short", facts, paragraph)
        + section("long", paragraph, table("long", 70, "A note of long.")),
        "stages/": "".join(
            section(f"s{n}", f"<p>{WORDS * (n % 4 + 1)}</p>", table(f"s{n}", n % 9 + 2, f"A note of s{n}."))
            for n in range(24)
        ),
        "asked/": section("recommendations", "<ol><li>One</li><li>Two</li></ol>")
        + section("purpose", paragraph),
    }
    for place, body in pages.items():
        file = site / REPORT / place / "index.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            f'<html lang="en-GB"><head><title>Report – Northtown</title><link href="{"../" * (place.count("/") + 2)}a.css" rel="stylesheet">'
            f'</head><body><main id="content"><h1><span class="over">Northtown Council, 2023/24</span> Report</h1>{body}</main>'
            '<footer><p>In the tables, <b>[c]</b> is not shown. <a href="/">x</a></p></footer></body></html>',
            encoding="utf-8",
        )
    chromium = find_chromium()
    assert chromium, "Chromium is needed for the tests of the PDF"
    parts = (("", "Summary"), ("stages/", "Stages"), ("asked/", "What is asked"))
    with Printer(chromium) as printer:
        write_whole_report(
            site,
            Path(REPORT),
            Paper(parts, Cover("Northtown Council", (("Author", "Head of Complaints"),))),
            printer,
        )
    return PdfReader(io.BytesIO((site / REPORT / FOLDER / PDF).read_bytes()))


@pytest.fixture(scope="module")
def lines(reader: PdfReader) -> list[list[Line]]:
    """Return the lines of each page from its top, without the footer."""
    pages = []
    for page in reader.pages:
        found: dict[int, Line] = {}

        def see(words: str, _cm, at, _font, size: float, cm=None, found=found) -> None:
            if words.strip():
                height = _cm[5] + _cm[3] * at[5]
                line = found.setdefault(round(height), Line("", height, abs(size * at[3] * _cm[3])))
                line.words += words.strip()

        page.extract_text(visitor_text=see)
        pages.append(
            sorted((line for line in found.values() if line.height > FOOT), key=lambda line: -line.height)
        )
    return pages


def test_the_cover_the_contents_what_is_asked_and_the_summary_come_first(lines) -> None:
    words = [" ".join(line.words for line in page) for page in lines[:5]]
    assert "Head of Complaints" in words[0] and "Contents" not in words[0]
    assert "Contents" in words[1] and "[c] is not shown" in words[1].replace("]is", "] is")
    assert words[2].startswith("Heading purpose") and "Heading recommendations" in words[2]
    assert words[3].startswith("Heading in-short") and "Summary" not in words[3]
    assert words[4].startswith("Summary")


def test_no_heading_and_no_caption_is_the_last_line_of_a_page(lines) -> None:
    for number, page in enumerate(lines, 1):
        assert not page[-1].words.startswith(("Heading", "Caption", "Head of", "Stages")), (number, page[-1])


def test_no_page_is_nearly_empty(lines) -> None:
    """Less than a third of a page is printed only where a part begins a page of its own."""
    for number, page in enumerate(lines[4:-1], 5):
        assert page[0].height - page[-1].height > 250, (number, [line.words for line in page])


def test_a_short_table_is_whole_and_a_long_one_has_its_head_on_every_page(lines) -> None:
    words = [" ".join(line.words for line in page) for page in lines]
    for n in range(24):
        begun = next(number for number, page in enumerate(words) if f"Head of s{n}" in page and number > 1)
        assert f"s{n} row {n % 9 + 1}" in words[begun] and f"A note of s{n}." in words[begun]
    holding = [page for page in words if "long row" in page]
    assert len(holding) > 1 and all("Head of long" in page for page in holding)
    assert all(page.count("long row") > 2 for page in holding), "no row stands alone"


def test_notes_are_smaller_than_words(lines) -> None:
    everything = [line for page in lines for line in page]
    notes = {round(line.size, 1) for line in everything if line.words.startswith("A note of")}
    words = {round(line.size, 1) for line in everything if line.words.startswith("Words of a paragraph")}
    rows = {round(line.size, 1) for line in everything if "row" in line.words}
    assert len(notes) == 1 and max(notes) < min(rows) < min(words)


def test_its_contents_are_right_and_it_can_be_read_aloud_and_walked_through(reader: PdfReader, lines) -> None:
    words = [" ".join(line.words for line in page) for page in lines]
    places = {
        name.lstrip("/"): reader.get_destination_page_number(at)
        for name, at in reader.named_destinations.items()
    }
    told = lines[1]
    for n in range(24):
        page = places[f"part-stages--s{n}"]
        assert f"Heading s{n}" in words[page]
        assert any(
            f"Heading s{n}{page + 1}" in line.words.replace(" ", "").replace("Headings", "Heading s")
            for line in told
        )
    assert reader.outline and reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    for page in reader.pages:
        for annotation in page.get("/Annots", ()):
            link = annotation.get_object()
            place = link.get("/Dest") or link["/A"].get("/D")
            assert place is None or place in reader.named_destinations
            assert "file:" not in str(link)
