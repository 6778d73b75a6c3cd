"""The pages say of every figure what its export says, and of a suppressed one nothing."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pyarrow as pa
from site_world import QUOTES

from tests.browser.conftest import BELOW

FIGURE = re.compile(r'data-figure="([^"]+)"[^>]*>(.*?)</', re.DOTALL)
ROW = re.compile(r'<tr id="([^"]+)"[^>]*>(.*?)</tr>', re.DOTALL)
CELL = re.compile(r'<td class="n[^"]*">(.*?)</td>', re.DOTALL)


def text(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html)).strip()


def numbers_on_pages(site: Path) -> Iterator[tuple[str, str, Path]]:
    """(figure id, what is printed for it, page): in prose and tables, and in the lines of the figures' own pages."""
    for page in sorted(site.rglob("*.html")):
        html = page.read_text(encoding="utf-8")
        for figure, printed in FIGURE.findall(html):
            yield figure, text(printed), page
        for figure, cells in ROW.findall(html):
            if found := CELL.findall(cells):
                yield figure, text(" ".join(found)), page


def test_a_suppressed_figure_is_a_sign_wherever_it_stands(site: Path) -> None:
    folder = site.parents[len(Path(BELOW).parts)]
    with pa.OSFile(str(folder / "protected" / "figures.arrow")) as file:
        status = {row["figure_id"]: row["status"] for row in pa.ipc.open_stream(file).read_all().to_pylist()}
    assert "suppressed" in status.values()
    seen = 0
    for figure, printed, page in numbers_on_pages(site):
        if status.get(figure) == "suppressed":
            assert printed.startswith("[c]") and not re.search(r"\d", printed), (page, figure)
            seen += 1
    assert seen


def test_no_page_prints_what_a_program_says_of_nothing(site: Path) -> None:
    for page in site.rglob("*.html"):
        # what people wrote is theirs to word
        words = text(
            re.sub(r"<blockquote>.*?</blockquote>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        )
        assert not re.search(r"\bNaN\b|\bundefined\b|\[c\]%|£\[c\]", words), page


def test_quotes_are_shown_as_they_were_written_and_run_nothing(site: Path) -> None:
    for place in ("learning", "report"):
        html = (site / "northtown/2023-24" / place / "index.html").read_text(encoding="utf-8")
        # a quotation that the council gives by hand has paragraphs
        shown = re.findall(r"<blockquote>(?!<p>)(.*?)</blockquote>", html, re.DOTALL)
        assert tuple(map(unescape, shown)) == QUOTES, place
        assert not any("<" in words for words in shown)
    assert "<blockquote" not in (site / "eastham/2023-24/learning/index.html").read_text(encoding="utf-8")
    assert "own words" not in (site / "eastham/2023-24/learning/index.html").read_text(encoding="utf-8")


def test_no_quote_is_in_a_file_that_a_spreadsheet_opens(site: Path) -> None:
    files = [path for path in site.rglob("*") if path.suffix in (".csv", ".ods", ".parquet")]
    assert files
    for path in files:
        data = path.read_bytes()
        if path.suffix == ".ods":
            with zipfile.ZipFile(path) as archive:
                data = b"".join(archive.read(name) for name in archive.namelist())
        assert b"cmd()" not in data and b"no help; the team" not in data, path
