"""The whole report in one file: a web page to read and to keep (`compose`), a PDF, and a Word document (`word`).

Where Chromium is installed the page is printed to a PDF, tagged, with bookmarks, and the contents tell page numbers; without
Chromium there is no PDF, and a Word document has no charts but their sentences and tables.

Equal pages give equal bytes: the times that Chromium writes into a PDF are taken out.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from redress.declared.model import DeclaredReport
from redress.publish.compose import FOLDER, PDF, WORD, Parts, compose, with_page_numbers
from redress.publish.cover import Cover
from redress.publish.parallel import side_by_side
from redress.publish.printer import Printer

_AWAY = re.compile(r'<a\b[^>]*? href="(?!#|https?:|mailto:|tel:)[^"]*"')
_PICTURES = """[
    ...[...document.querySelectorAll('.chart')].map((chart) => [
        chart.querySelector('figcaption').id, chart.querySelector('.wide svg')
    ]),
    ...[...document.querySelectorAll('.cover .logo')].map((logo) => ['logo', logo])
].filter(([, element]) => element)"""
"""What Chromium draws for a Word document: the charts by the names of their titles, and the logo."""
_PART = re.compile(rb"\(node(\d{8})\)")
_CLOCK = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}")


@dataclass(frozen=True)
class Paper:
    """A report as one document is made of it.

    Attributes:
        parts: its declared pages, in their order.
        cover: what the cover says beside the title; without one no Word document is made.
        declared: what its sections say.
    """

    parts: Parts
    cover: Cover | None = None
    declared: DeclaredReport | None = None


@dataclass(frozen=True)
class WholeReport:
    """What was made of one report: sizes in bytes; `pdf_bytes` is 0 where there is no Chromium."""

    page_bytes: int
    pdf_bytes: int
    word_bytes: int = 0


def write_whole_report(
    site: Path, report: Path, paper: Paper, printer: Printer | None = None, printed: Path | None = None
) -> WholeReport:
    """Put the report's pages together to one, and make a PDF and a Word document of it.

    Args:
        site: the folder of the finished site.
        report: the report's folder below it (`authority/year`).
        paper: what it is made of.
        printer: prints; None makes no PDF.
        printed: a folder of documents of earlier builds by the digest of what they are made of: an unchanged report is not
            printed again.

    Raises:
        GateFailed: Chromium is there and does not print.
    """
    target = site / report / FOLDER
    target.mkdir(exist_ok=True)
    documents = [*([PDF] if printer else []), *([WORD] if paper.declared and paper.cover else [])]
    html = compose(site, report.as_posix(), paper.parts, documents, paper.cover)
    (target / "index.html").write_text(html, encoding="utf-8")
    sizes = {}
    for name in documents:
        kept = printed / f"{_digest(html, printer, paper)}{Path(name).suffix}" if printed else None
        if kept and kept.is_file():
            document = kept.read_bytes()
            os.utime(kept)
        else:
            document = _pdf(html, printer) if name == PDF else _word(html, paper, printer)
            if kept:
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.write_bytes(document)
        (target / name).write_bytes(document)
        sizes[name] = len(document)
    return WholeReport((target / "index.html").stat().st_size, sizes.get(PDF, 0), sizes.get(WORD, 0))


def _pdf(html: str, printer: Printer) -> bytes:
    """Return the page as a PDF; the first printing tells on which page each part begins."""
    numbers = page_numbers(print_pdf(html, printer, is_final=False))
    return print_pdf(with_page_numbers(html, numbers), printer)


def _word(html: str, paper: Paper, printer: Printer | None) -> bytes:
    """Return the page as a Word document, with its charts as pictures where Chromium can draw them."""
    from redress.publish.word import write_word

    pictures = {}
    if printer is not None:
        with _as_file(html) as page:
            pictures = printer.draw(page, _PICTURES)
    return write_word(html, paper.declared, paper.cover, pictures)


def write_whole_reports(site: Path, reports: Mapping[str, Paper], printed: Path | None = None) -> int:
    """Write every report's whole page, PDF and Word document, as many at once as there are processors.

    Args:
        site: the folder of the finished site.
        reports: `authority/year` of each, with what it is made of.
        printed: see `write_whole_report`; documents in it that no report has any more are removed.

    Returns:
        How many PDFs and Word documents were written.

    Raises:
        GateFailed: Chromium is there and does not print.
    """
    chromium = find_chromium()
    began = time.time()
    waiting = deque(reports)

    def write_some(_: int) -> int:
        """Write reports until none is left, with one Chromium; return how many documents were written."""
        with Printer(chromium) if chromium else nullcontext() as printer:
            made = [
                write_whole_report(site, Path(report), reports[report], printer, printed)
                for report in _taken(waiting)
            ]
        return sum((one.pdf_bytes > 0) + (one.word_bytes > 0) for one in made)

    printers = max(1, min(len(reports), side_by_side()))
    with ThreadPoolExecutor(printers) as pool:
        documents = sum(pool.map(write_some, range(printers)))
    for file in printed.iterdir() if printed and printed.is_dir() else ():
        if file.stat().st_mtime < began - 1:
            file.unlink()
    return documents


def _taken(waiting: deque[str]) -> Iterator[str]:
    """What is waiting, one after the other; several threads may take from it."""
    while waiting:
        try:
            taken = waiting.popleft()
        except IndexError:  # another thread was faster
            return
        yield taken


def find_chromium() -> str | None:
    """The Chromium of this machine, if it has one."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def _digest(html: str, printer: Printer | None, paper: Paper) -> str:
    """Return a digest of what documents depend on: the page, its sections, and the programs that make them."""
    programs = [chromium_version(printer.program) if printer else "", _code()]
    sections = [row["sections"] for row in paper.declared.rows()] if paper.declared else []
    return hashlib.sha256("\n".join([*programs, *sections, html]).encode()).hexdigest()


@functools.cache
def _code() -> str:
    """Return a digest of the code that writes Word documents; the version of python-docx stands in a lock."""
    from redress.declared import markdown, paper_words
    from redress.publish import printer, word, word_styles

    files = [Path(module.__file__ or "") for module in (markdown, paper_words, printer, word, word_styles)]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


@functools.cache
def chromium_version(chromium: str) -> str:
    """What Chromium says of itself: `Chromium 130.0.6723.91`; nothing where it does not say."""
    try:
        done = subprocess.run([chromium, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace").strip()


def print_pdf(html: str, printer: Printer, is_final: bool = True) -> bytes:
    """The page as Chromium prints it, without the times of printing and without links to pages of the website.

    A PDF is read far from the website, and Chromium would write such a link as a path of this machine. It numbers the
    parts of a document through everything it has printed; here each document has its own numbers.

    Args:
        html: the page.
        printer: prints it.
        is_final: see `Printer.print`.

    Raises:
        GateFailed: nothing was printed.
    """
    with _as_file(_AWAY.sub("<a", html)) as page:
        pdf = printer.print(page, is_final)
    pdf = _CLOCK.sub(lambda match: b"/" + match[1] + b" (D:19800101000000", pdf)
    places = {number: i for i, number in enumerate(sorted(set(_PART.findall(pdf))), 1)}
    return _PART.sub(lambda match: b"(node%08d)" % places[match[1]], pdf)


@contextmanager
def _as_file(html: str) -> Iterator[Path]:
    """Give a page as a file for Chromium, and remove it afterwards."""
    with tempfile.TemporaryDirectory() as name:
        page = Path(name) / "report.html"
        page.write_text(html, encoding="utf-8")
        yield page


def page_numbers(pdf: bytes) -> dict[str, int]:
    """The number of the page, from 1, of every named place that a link of the PDF leads to."""
    import io

    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(pdf))
    return {
        name.lstrip("/"): reader.get_destination_page_number(place) + 1
        for name, place in reader.named_destinations.items()
    }
