"""The whole report in one file: a web page to read and to keep (`compose`), a PDF, and a Word document (`word`).

Where Chromium is installed the page is printed to a PDF, tagged, with bookmarks, and the contents tell page numbers; without
Chromium there is no PDF, and a Word document has no charts but their sentences and tables.

Equal pages give equal bytes: the times that Chromium writes into a PDF are taken out.
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import tempfile
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from redress.declared.model import DeclaredReport
from redress.publish.compose import FOLDER, PDF, WORD, Parts, compose, with_page_numbers
from redress.publish.cover import Cover
from redress.publish.kept import Kept, code_digest, question_of
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


def write_whole_report(
    site: Path, report: Path, paper: Paper, printer: Printer | None = None, kept: Kept | None = None
) -> list[str]:
    """Put the report's pages together to one, and make a PDF and a Word document of it.

    Args:
        site: the folder of the finished site.
        report: the report's folder below it (`authority/year`).
        paper: what it is made of.
        printer: prints; None makes no PDF.
        kept: the documents of earlier runs: an unchanged report is not printed again.

    Returns:
        The question of each document: what it depends on.

    Raises:
        GateFailed: Chromium is there and does not print.
    """
    target = site / report / FOLDER
    target.mkdir(exist_ok=True)
    documents = [*([PDF] if printer else []), *([WORD] if paper.declared and paper.cover else [])]
    html = compose(site, report.as_posix(), paper.parts, documents, paper.cover)
    (target / "index.html").write_text(html, encoding="utf-8")
    questions = []
    for name in documents:
        question = _question(name, html, printer, paper)
        questions.append(question)
        (target / name).unlink(missing_ok=True)
        if kept and (document := kept.find(question)):
            document.put_into(target)
            continue
        (target / name).write_bytes(_pdf(html, printer) if name == PDF else _word(html, paper, printer))
        if kept:
            kept.keep(question, target, [name])
    return questions


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


def write_whole_reports(
    site: Path, reports: Mapping[str, Paper], kept: Kept | None = None
) -> dict[str, list[str]]:
    """Write every report's whole page, PDF and Word document, as many at once as there are processors.

    Args:
        site: the folder of the finished site.
        reports: `authority/year` of each, with what it is made of.
        kept: see `write_whole_report`.

    Returns:
        The questions of the documents of each report.

    Raises:
        GateFailed: Chromium is there and does not print.
    """
    chromium = find_chromium()
    waiting = deque(reports)

    def write_some(_: int) -> dict[str, list[str]]:
        """Write reports until none is left, with one Chromium."""
        with Printer(chromium) if chromium else nullcontext() as printer:
            return {
                report: write_whole_report(site, Path(report), reports[report], printer, kept)
                for report in _taken(waiting)
            }

    printers = max(1, min(len(reports), side_by_side()))
    with ThreadPoolExecutor(printers) as pool:
        written = pool.map(write_some, range(printers))
        return {report: questions for some in written for report, questions in some.items()}


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


def _question(name: str, html: str, printer: Printer | None, paper: Paper) -> str:
    """Return what a document depends on: the page, its sections, and the programs that make it."""
    sections = [row["sections"] for row in paper.declared.rows()] if paper.declared and name == WORD else []
    version = chromium_version(printer.program) if printer else ""
    return question_of(name, code_digest(), version, repr(paper.cover), *sections, html)


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
