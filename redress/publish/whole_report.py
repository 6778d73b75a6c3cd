"""The whole report in one file: a web page to read through, to print and to keep (`compose`), and a PDF of it.

Where Chromium is installed the page is printed to a PDF, tagged, with bookmarks, and the contents tell page numbers; without
Chromium there is no PDF, and a reader prints the page.

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
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from redress.publish.compose import FOLDER, PDF, Parts, compose, with_page_numbers
from redress.publish.cover import Cover
from redress.publish.parallel import side_by_side
from redress.publish.printer import Printer

_AWAY = re.compile(r'<a\b[^>]*? href="(?!#|https?:|mailto:|tel:)[^"]*"')
_PART = re.compile(rb"\(node(\d{8})\)")
_CLOCK = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}")


@dataclass(frozen=True)
class Paper:
    """A report as one document is made of it.

    Attributes:
        parts: its declared pages, in their order.
        cover: what the cover says beside the title.
    """

    parts: Parts
    cover: Cover | None = None


@dataclass(frozen=True)
class WholeReport:
    """What was made of one report: sizes in bytes; `pdf_bytes` is 0 where there is no Chromium."""

    page_bytes: int
    pdf_bytes: int


def write_whole_report(
    site: Path, report: Path, paper: Paper, printer: Printer | None = None, printed: Path | None = None
) -> WholeReport:
    """Put the report's pages together to one, and print it.

    Args:
        site: the folder of the finished site.
        report: the report's folder below it (`authority/year`).
        paper: what it is made of.
        printer: prints; None makes no PDF.
        printed: a folder of PDFs of earlier builds by the digest of their page and of Chromium's version: an unchanged
            report is not printed again.

    Raises:
        GateFailed: Chromium is there and does not print.
    """
    target = site / report / FOLDER
    target.mkdir(exist_ok=True)
    html = compose(site, report.as_posix(), paper.parts, [PDF] if printer else [], paper.cover)
    page = target / "index.html"
    page.write_text(html, encoding="utf-8")
    size = 0
    if printer is not None:
        kept = printed / f"{_digest(html, printer.program)}.pdf" if printed else None
        if kept and kept.is_file():
            pdf = kept.read_bytes()
            os.utime(kept)
        else:
            numbers = page_numbers(print_pdf(html, printer, is_final=False))
            pdf = print_pdf(with_page_numbers(html, numbers), printer)
            if kept:
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.write_bytes(pdf)
        (target / PDF).write_bytes(pdf)
        size = len(pdf)
    return WholeReport(page.stat().st_size, size)


def write_whole_reports(site: Path, reports: Mapping[str, Paper], printed: Path | None = None) -> int:
    """Write every report's whole page and PDF, as many at once as there are processors.

    Args:
        site: the folder of the finished site.
        reports: `authority/year` of each, with what it is made of.
        printed: see `write_whole_report`; PDFs in it that no report has any more are removed.

    Returns:
        PDFs written.

    Raises:
        GateFailed: Chromium is there and does not print.
    """
    chromium = find_chromium()
    began = time.time()
    waiting = deque(reports)

    def write_some(_: int) -> int:
        """Write reports until none is left, with one Chromium; returns the PDFs written."""
        with Printer(chromium) if chromium else nullcontext() as printer:
            made = [
                write_whole_report(site, Path(report), reports[report], printer, printed)
                for report in _taken(waiting)
            ]
        return sum(one.pdf_bytes > 0 for one in made)

    printers = max(1, min(len(reports), side_by_side()))
    with ThreadPoolExecutor(printers) as pool:
        pdfs = sum(pool.map(write_some, range(printers)))
    for file in printed.glob("*.pdf") if printed else ():
        if file.stat().st_mtime < began - 1:
            file.unlink()
    return pdfs


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


def _digest(html: str, chromium: str) -> str:
    """What a PDF depends on: the page, and the version of the program that prints it."""
    return hashlib.sha256(f"{chromium_version(chromium)}\n{html}".encode()).hexdigest()


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
    with tempfile.TemporaryDirectory() as name:
        page = Path(name) / "report.html"
        page.write_text(_AWAY.sub("<a", html), encoding="utf-8")
        pdf = printer.print(page, is_final)
    pdf = _CLOCK.sub(lambda match: b"/" + match[1] + b" (D:19800101000000", pdf)
    places = {number: i for i, number in enumerate(sorted(set(_PART.findall(pdf))), 1)}
    return _PART.sub(lambda match: b"(node%08d)" % places[match[1]], pdf)


def page_numbers(pdf: bytes) -> dict[str, int]:
    """The number of the page, from 1, of every named place that a link of the PDF leads to."""
    import io

    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(pdf))
    return {
        name.lstrip("/"): reader.get_destination_page_number(place) + 1
        for name, place in reader.named_destinations.items()
    }
