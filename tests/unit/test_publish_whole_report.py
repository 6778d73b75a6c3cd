"""The report in one file: every part in it, every name once, every link still right."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path

import pytest

from redress.base.errors import GateFailed
from redress.publish import whole_report
from redress.publish.compose import PDF, compose, with_page_numbers
from redress.publish.cover import cover_of
from redress.publish.kept import Kept
from redress.publish.pages import problems
from redress.publish.printer import Printer
from redress.publish.whole_report import (
    Paper,
    find_chromium,
    page_numbers,
    print_pdf,
    write_whole_report,
)

PAGES = (("", "Summary"), ("stages/", "Stages and time taken"))


def page(site: Path, name: str, title: str, body: str) -> None:
    file = site / name / "index.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    up = "../" * (name.count("/") + 1)
    file.write_text(
        '<!doctype html><html lang="en-GB"><head>'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\" />"
        f"<title>{title} – Northtown 2023/24 – Complaints reports</title>"
        f'<link href="{up}a.css" rel="stylesheet"></head><body><header><p class="synthetic">Made up.</p></header>'
        f'<main id="content" tabindex="-1"><h1><span class="over">Northtown Council, 2023/24</span> {title}</h1>{body}</main>'
        f'<footer><p><a href="{up}method/">How we count</a></p></footer></body></html>',
        encoding="utf-8",
    )


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "a.css").write_text("body { color: #000 }", encoding="utf-8")
    (tmp_path / "icon.svg").write_text("<svg/>", encoding="utf-8")
    for name in ("", "method"):
        page(tmp_path, name or ".", "How we count", "<p>x</p>")
    first = (
        '<h2 id="in-short"><a href="#in-short">In short</a></h2><p><a href="figures/new/#f-1">8</a> <a href="stages/">Stages</a></p>'
        '<h2>Unnamed</h2><svg><clipPath id="c"/><path clip-path="url(#c)"/></svg><p class="get">Download</p>'
    )
    page(tmp_path, "northtown/2023-24", "Complaints in 2023/24", first)
    page(
        tmp_path,
        "northtown/2023-24/stages",
        "Stages",
        '<h2 id="in-short">Again</h2><p><a href="../">Back</a></p>',
    )
    page(tmp_path, "northtown/2023-24/figures/new", "New", '<p id="f-1">8</p>')
    return tmp_path


def test_every_part_is_in_it_under_one_heading_and_one_list_of_contents(site: Path) -> None:
    html = compose(site, "northtown/2023-24", PAGES)
    assert html.count("<h1") == 1 and "Northtown Council, 2023/24" in html
    contents = re.findall(r'<a href="#([^"]+)"><span>([^<]+)</span>', html)
    assert [label for _, label in contents] == [
        "Summary",
        "In short",
        "Unnamed",
        "Stages and time taken",
        "Again",
    ]
    assert all(html.count(f'id="{name}"') == 1 for name, _ in contents)
    assert "Made up." in html and "body { color: #000 }" in html and "Download" not in html


def test_its_links_lead_where_they_led(site: Path) -> None:
    write_whole_report(site, Path("northtown/2023-24"), Paper(PAGES))
    html = (site / "northtown/2023-24/report/index.html").read_text(encoding="utf-8")
    assert '<a href="../figures/new/#f-1">8</a>' in html
    assert '<a href="#part-stages">Stages</a>' in html and '<a href="#part-summary">Back</a>' in html
    assert 'clip-path="url(#part-summary--c)"' in html and 'id="part-summary--c"' in html
    assert [fault for fault in problems(site, []) if "report/" in fault] == []


def test_without_chromium_there_is_no_pdf_and_no_link_to_one(site: Path) -> None:
    assert write_whole_report(site, Path("northtown/2023-24"), Paper(PAGES), None) == []
    assert not (site / "northtown/2023-24/report/report.pdf").exists()
    assert "report.pdf" not in (site / "northtown/2023-24/report/index.html").read_text(encoding="utf-8")


def test_the_contents_tell_the_page_on_which_each_part_is_printed(site: Path) -> None:
    chromium = find_chromium()
    assert chromium, "Chromium is needed for the tests of the PDF"
    html = compose(site, "northtown/2023-24", PAGES, [PDF])
    html = html.replace("</style>", "section h2 { break-before: page }</style>", 1)
    with Printer(chromium) as printer:
        numbers = page_numbers(print_pdf(html, printer, is_final=False))
        first = print_pdf(html, printer)
        print_pdf(html.replace("Method", "Something else"), printer)
        assert print_pdf(html, printer) == first, "equal pages give equal bytes, whatever was printed before"
    assert page_numbers(first) == numbers, "a draft breaks into the same pages"
    assert "/StructTreeRoot" in first.decode("latin-1"), "and what is kept can be read aloud"
    assert numbers["part-summary"] < numbers["part-stages"]
    told = with_page_numbers(html, numbers)
    assert f'<span>Summary</span> <span class="at">{numbers["part-summary"]}</span>' in told
    with Printer(chromium) as another:
        assert print_pdf(html, another) == first, "nor does it matter which Chromium it was"


def test_an_unchanged_report_is_not_printed_again(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printings = []

    def fake(html: str, printer: Printer, is_final: bool = True) -> bytes:
        printings.append(html)
        return f"%PDF {len(printings)}".encode()

    monkeypatch.setattr(whole_report, "print_pdf", fake)
    monkeypatch.setattr(whole_report, "page_numbers", lambda pdf: {})
    monkeypatch.setattr(whole_report, "find_chromium", lambda: "chromium")
    monkeypatch.setattr(whole_report, "chromium_version", lambda chromium: "Chromium 1")
    reports, pdf = {"northtown/2023-24": Paper(PAGES)}, site / "northtown/2023-24/report/report.pdf"
    first = Kept(tmp_path / "kept")
    for _ in range(2):
        [questions] = whole_report.write_whole_reports(site, reports, first).values()
        assert pdf.read_bytes() == b"%PDF 2"
    assert len(printings) == 2, "printed twice, for the page numbers, and then kept"
    page(site, "northtown/2023-24/stages", "Stages", "<h2>Changed</h2>")
    second = Kept(tmp_path / "kept")
    [changed] = whole_report.write_whole_reports(site, reports, second).values()
    assert pdf.read_bytes() == b"%PDF 4" and changed != questions
    second.forget_others()
    assert [path.name for path in (tmp_path / "kept").iterdir()] == changed, "and the old one is removed"
    monkeypatch.setattr(whole_report, "chromium_version", lambda chromium: "Chromium 2")
    whole_report.write_whole_reports(site, reports, second)
    assert pdf.read_bytes() == b"%PDF 6", "another Chromium may print it otherwise"
    monkeypatch.setattr(whole_report, "code_digest", lambda: "other styles")
    whole_report.write_whole_reports(site, reports, second)
    assert pdf.read_bytes() == b"%PDF 8", "and so may other code"


def test_the_version_of_chromium_is_asked_and_nothing_where_it_does_not_say() -> None:
    assert any(sign.isdigit() for sign in whole_report.chromium_version(find_chromium() or ""))
    assert whole_report.chromium_version("/nowhere/chromium") == ""


def test_a_chromium_that_prints_nothing_stops_the_build(site: Path) -> None:
    with pytest.raises(GateFailed, match="could not be printed"), Printer("/bin/false") as printer:
        print_pdf("<p>x</p>", printer)


def test_a_missing_chromium_is_said_in_words(site: Path) -> None:
    with pytest.raises(GateFailed, match="could not be printed"), Printer("/no/chromium") as printer:
        print_pdf("<p>x</p>", printer)


NAMES = [
    "</style><script>x()</script>",
    'Town"; } body { display: none } .x { content: "',
    "Town\\",
    "Town\n}*{color:red}",
    "a/*b*/<!--c-->",
    "]]>&lt;/style&gt;",
    "Bürgerstadt – Children’s, etc.",
    "\u2028}\x00{",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_council_can_have_any_name_and_leaves_the_style_sheet_as_it_is(site: Path, name: str) -> None:
    first = site / "northtown" / "2023-24" / "index.html"
    html = first.read_text(encoding="utf-8")
    first.write_text(html.replace("Northtown Council, 2023/24", escape(name)), encoding="utf-8")
    made = compose(site, "northtown/2023-24", PAGES)
    style = made[made.index("<style>") + 7 : made.index("</style>")]
    _, _, rest = style.partition('content: "')
    string, _, end = rest.partition('"')
    assert end.startswith(" counter(page)") and string.endswith(", page ")
    string = string.removesuffix(", page ")
    assert not set('<>{}\\";\n&') & set(re.sub(r"\\[0-9a-f]{1,6} ", "", string))
    assert re.sub(r"\\([0-9a-f]{1,6}) ", lambda match: chr(int(match[1], 16)), string) == " ".join(
        name.split()
    )
    assert made.count("<style>") == made.count("</style>") == 1 and "<script" not in made


def section(name: str, title: str, body: str) -> str:
    return f'<div data-section="{name}"><h2 id="{name}"><a href="#{name}">{title}</a></h2><div data-node="0">{body}</div></div>'


def test_what_the_committee_is_asked_and_the_summary_stand_before_the_pages(site: Path) -> None:
    """A page whose sections all stand in front has gone, and links to it lead where its section stands now."""
    first = section("words", "Foreword", '<p><a href="asked/">Asked</a> <a href="asked/#purpose">Why</a></p>')
    first += section("in-short", "In short", '<dl class="facts"></dl><div><p>Words</p></div>')
    page(site, "northtown/2023-24", "Complaints", first)
    asked = section("recommendations", "We ask", "<h3>One</h3>") + section("purpose", "Why", "<p>So</p>")
    page(site, "northtown/2023-24/asked", "Asked", asked)
    write_whole_report(site, Path("northtown/2023-24"), Paper((("", "Summary"), ("asked/", "What is asked"))))
    html = (site / "northtown/2023-24/report/index.html").read_text(encoding="utf-8")
    contents = re.findall(r'<a href="#([^"]+)"><span>([^<]+)</span>', html)
    assert [words for _, words in contents] == ["Why", "We ask", "One", "In short", "Summary", "Foreword"]
    assert all(html.count(f'id="{name}"') == 1 for name, _ in contents) and "What is asked" not in html
    assert '<a href="#part-asked--purpose">Asked</a> <a href="#part-asked--purpose">Why</a>' in html
    assert [fault for fault in problems(site, []) if "report/" in fault] == []


def test_the_cover_says_whose_report_it_is_and_who_approved_it(site: Path) -> None:
    sections = [
        {"name": "a", "title": "A", "author": "Head of Complaints", "approved_by": "Director", "approved_on": "2024-06-12"},
        {"name": "b", "title": "B", "author": "Head of Complaints"},
        {"name": "c", "title": "C"},
    ]  # fmt: skip
    report = {"name": "Northtown Council", "period_start": "2023-04-01", "period_end": "2024-03-31", "as_at": "2024-05-31",
              "contact": "The team <x>", "state": "signed off", "signed_on": "2024-07-01", "logo": "AAAA", "logo_kind": "png"}  # fmt: skip
    cover = cover_of(report, [{"sections": json.dumps(sections)}])
    assert dict(cover.lines) == {
        "Period": "1 April 2023 to 31 March 2024",
        "Counted from what was known on": "31 May 2024",
        "Author": "Head of Complaints",
        "Approved by": "Director, 12 June 2024",
        "Not approved yet": "B",
        "State": "Signed off on 1 July 2024",
        "Contact": "The team <x>",
    }
    html = compose(site, "northtown/2023-24", PAGES, cover=cover)
    assert "data:image/png;base64,AAAA" in html and "The team &lt;x&gt;" in html
    assert html.index("Head of Complaints") < html.index('id="contents"')
