"""The whole report in one file: a web page to read through, to print and to keep, and a PDF of it.

The page is put together from the report's own pages, in the order in which a committee reads: their words, tables and
charts, one after the other under one list of contents, with the style sheet inside. So it says what they say. Where
Chromium is installed it is also printed to a PDF, tagged, with bookmarks, and the contents tell page numbers; without
Chromium there is no PDF, and a reader prints the page.

Equal pages give equal bytes: the times that Chromium writes into a PDF are taken out.
"""

from __future__ import annotations

import functools
import hashlib
import os
import posixpath
import re
import shutil
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path

from redress.publish.parallel import side_by_side
from redress.publish.printer import Printer

FOLDER = "report"
"""Below a report's folder: the page and the PDF."""
PDF = "report.pdf"

Parts = Sequence[tuple[str, str]]
"""Pages of a report, by their places below its folder, with what the contents call them."""
FURTHER: Parts = (
    ("about/", "Method, data quality, revisions and contact"),
    ("revisions/", "Revisions"),
    ("checklist/", "What the law and the guidance ask for"),
)
"""Pages that every report has, which the whole report takes behind the declared ones."""

_MAIN = re.compile(r"<main[^>]*>(.*)</main>", re.DOTALL)
_HEADER = re.compile(r'<p class="synthetic">.*?</p>', re.DOTALL)
_FOOTER = re.compile(r"<footer[^>]*>(.*)</footer>", re.DOTALL)
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_GUARD = re.compile(r'<meta (?:http-equiv="Content-Security-Policy"|name="robots") [^>]*>')
_STYLE_LINK = re.compile(r'<link href="([^"]+\.css)"[^>]*>')
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_HEADING = re.compile(r"<(/?)h([1-5])\b")
_OVER = re.compile(r'<span class="over">.*?</span>', re.DOTALL)
_DETAILS = re.compile(r"<details\b.*?</details>", re.DOTALL)
_GET = re.compile(r'<p class="get">.*?</p>', re.DOTALL)
_REFERENCE = re.compile(r'\b(id|aria-labelledby|aria-describedby|href|src|for)="([^"]*)"')
_URL = re.compile(r"url\(#([^)]+)\)(?=[^<>]*>)")  # in a tag: words of a page may say the same
_LISTED = re.compile(r'<h([23])\b[^>]*?\bid="([^"]+)"[^>]*>(.*?)</h\1>', re.DOTALL)
_UNNAMED = re.compile(r"<h([23])(?![^>]*\bid=)([^>]*)>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_AWAY = re.compile(r'<a\b[^>]*? href="(?!#|https?:|mailto:|tel:)[^"]*"')
_PART = re.compile(rb"\(node(\d{8})\)")
_CLOCK = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}")


@dataclass(frozen=True)
class WholeReport:
    """What was made of one report: sizes in bytes; `pdf_bytes` is 0 where there is no Chromium."""

    page_bytes: int
    pdf_bytes: int


def write_whole_report(
    site: Path, report: Path, parts: Parts, printer: Printer | None = None, printed: Path | None = None
) -> WholeReport:
    """Put the report's pages together to one, and print it.

    Args:
        site: the folder of the finished site.
        report: the report's folder below it (`authority/year`).
        parts: its declared pages, in their order.
        printer: prints; None makes no PDF.
        printed: a folder of PDFs of earlier builds by the digest of their page and of Chromium's version: an unchanged
            report is not printed again.

    Raises:
        GateFailed: Chromium is there and does not print.
    """
    target = site / report / FOLDER
    target.mkdir(exist_ok=True)
    html = compose(site, report.as_posix(), parts, printer is not None)
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


def write_whole_reports(site: Path, reports: Mapping[str, Parts], printed: Path | None = None) -> int:
    """Write every report's whole page and PDF, as many at once as there are processors.

    Args:
        site: the folder of the finished site.
        reports: `authority/year` of each, with its declared pages.
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


def compose(site: Path, report: str, parts: Parts, has_pdf: bool = False) -> str:
    """The whole report as one page of HTML.

    Args:
        site: the folder of the finished pages.
        report: `authority/year`.
        parts: its declared pages, in their order; `FURTHER` follow them.
        has_pdf: whether a PDF will stand beside it.
    """
    first = (site / report / "index.html").read_text(encoding="utf-8")
    parts = [part for part in (*parts, *FURTHER) if (site / report / part[0] / "index.html").exists()]
    inside = {posixpath.normpath(f"{report}/{path}"): _prefix(path) for path, _ in parts}
    here = f"{report}/{FOLDER}"
    sections = []
    for path, label in parts:
        html = (site / report / path / "index.html").read_text(encoding="utf-8")
        sections.append(_section(html, report, path, label, here, inside))
    body = "\n".join(sections)
    about = _OVER.search(first)
    over = _plain(about[0]) if about else ""
    title = _plain(_TITLE.search(first)[1]).split(" – ")[0]
    footer = _FOOTER.search(first)
    synthetic = _HEADER.search(first)
    style = "\n".join(
        (site / posixpath.normpath(f"{report}/{link}")).read_text(encoding="utf-8")
        for link in _STYLE_LINK.findall(first)
    )
    style += "".join(_STYLE.findall(first))
    offer = f', or <a href="{PDF}" download>keep it as a PDF</a>' if has_pdf else ""
    return f"""<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
{_guards(first)}
<meta name="description" content="{escape(f"{title}: the whole report of {over} on one page.")}" />
<link rel="icon" href="{posixpath.relpath("icon.svg", here)}" type="image/svg+xml" />
<title>{escape(f"{title} – {over} – the whole report")}</title>
<style>{style}
@media print {{ @page {{ @bottom-center {{ content: "{css_string(over)}, page " counter(page) " of " counter(pages); }} }} }}</style>
</head>
<body class="whole">
<a class="skip" href="#content">Skip to the content</a>
<header><div class="bar"><a class="site" href="{posixpath.relpath(".", here)}/">Complaints reports</a> <span class="strap">Children’s services</span></div>
{synthetic[0] if synthetic else ""}
</header>
<main id="content" tabindex="-1">
<h1><span class="over">{escape(over)}</span> {escape(title)}</h1>
<p class="get">The whole report on one page. Print it{offer}, or <a href="../">read it page by page</a>.</p>
<nav class="contents" aria-labelledby="contents"><h2 id="contents">Contents</h2>
{_contents(body)}
</nav>
{body}
</main>
<footer>{_moved(footer[1], report, here, {}, "") if footer else ""}</footer>
</body>
</html>
"""


def _section(html: str, report: str, path: str, label: str, here: str, inside: dict[str, str]) -> str:
    """One page's content as a section, its headings a level lower and its names led by the page's."""
    main = _MAIN.search(html)[1]
    main = _GET.sub("", _DETAILS.sub("", _OVER.sub("", main)))
    prefix = _prefix(path)
    folder = posixpath.normpath(f"{report}/{path}")
    main = _moved(main, folder, here, inside, prefix)
    main = re.sub(
        r"<h1\b[^>]*>.*?</h1>", f'<h1 id="{prefix}">{escape(label)}</h1>', main, count=1, flags=re.DOTALL
    )
    number = iter(range(1, 10_000))
    main = _HEADING.sub(lambda match: f"<{match[1]}h{int(match[2]) + 1}", main)
    main = _UNNAMED.sub(lambda match: f'<h{match[1]} id="{prefix}--h{next(number)}"{match[2]}>', main)
    return f'<section aria-labelledby="{prefix}">{main}</section>'


def _moved(html: str, folder: str, here: str, inside: dict[str, str], prefix: str) -> str:
    """A piece of a page with its names led by `prefix` and its links as they are from `here`."""

    def reference(match: re.Match[str]) -> str:
        name, value = match[1], match[2]
        if name in ("id", "for", "aria-labelledby", "aria-describedby"):
            named = " ".join(f"{prefix}--{word}" for word in value.split()) if prefix else value
            return f'{name}="{named}"'
        return f'{name}="{_link(value, folder, here, inside, prefix)}"'

    moved = _REFERENCE.sub(reference, html)
    return _URL.sub(lambda match: f"url(#{prefix}--{match[1]})", moved) if prefix else moved


def _link(link: str, folder: str, here: str, inside: dict[str, str], prefix: str) -> str:
    if re.match(r"[a-z]+:", link):
        return link
    path, mark, fragment = link.partition("#")
    if not path:
        return f"#{prefix}--{fragment}" if prefix else link
    place = posixpath.normpath(posixpath.join(folder, path))
    if place in inside:
        # A row inside closed details is left out of the whole report: its page has it.
        return f"#{inside[place]}" if not mark else f"{_relative(place, path, here)}#{fragment}"
    return _relative(place, path, here) + mark + fragment


def _relative(place: str, path: str, here: str) -> str:
    written = posixpath.relpath(place, here)
    return f"{written}/" if path.endswith("/") or path in (".", "..") else written


def _prefix(path: str) -> str:
    return f"part-{path.strip('/') or 'summary'}"


def _contents(body: str) -> str:
    """The list of headings of the first two levels, each a link."""
    lines: list[str] = []
    is_open = False
    for level, name, inside in _LISTED.findall(body):
        entry = f'<a href="#{name}"><span>{escape(_plain(inside))}</span></a>'
        if level == "2":
            lines.append(("</ol></li>" if is_open else "") + f"<li>{entry}<ol>")
            is_open = True
        else:
            lines.append(f"<li>{entry}</li>")
    return "<ol>\n" + "\n".join(lines) + ("</ol></li>" if is_open else "") + "\n</ol>"


def with_page_numbers(html: str, numbers: dict[str, int]) -> str:
    """The page with the number of its printed page behind each entry of the contents."""
    start, end = (
        html.index('<nav class="contents"'),
        html.index("</nav>", html.index('<nav class="contents"')),
    )

    def numbered(match: re.Match[str]) -> str:
        number = numbers.get(unescape(match[1]))
        return match[0] if number is None else f'{match[0][:-4]} <span class="at">{number}</span></a>'

    contents = re.sub(r'<a href="#([^"]+)">.*?</a>', numbered, html[start:end])
    return html[:start] + contents + html[end:]


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


def _guards(html: str) -> str:
    """What a page says to browsers and search engines about itself, as the report's first page says it."""
    return "\n".join(_GUARD.findall(html))


def _plain(html: str) -> str:
    return " ".join(unescape(_TAG.sub(" ", html)).split())


def css_string(text: str) -> str:
    """Return a text as it may stand between quotation marks in a style sheet within a page.

    All of ASCII but letters, digits, spaces, full stops and commas is written as its number (CSS Syntax Level 3, section
    4.3.7): so neither the string nor the element around it can be ended by the text.
    """
    return "".join(
        character
        if (character.isprintable() and not character.isascii()) or character.isalnum() or character in " .,"
        else f"\\{ord(character):x} "
        for character in text
    )
