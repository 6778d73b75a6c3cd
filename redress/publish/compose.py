"""The whole report as one page of HTML: cover, contents, purpose and recommendations, a summary, and then page by page.

It is put together from the report's own pages, in the order in which a committee reads: their words, tables and charts, one
after the other, with the style sheet inside. So it says what they say.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from html import escape, unescape
from pathlib import Path

from redress.publish.cover import Cover

FOLDER = "report"
"""Below a report's folder: the page, and the documents made of it."""
PDF, WORD = "report.pdf", "report.docx"
FIRST = ("purpose", "recommendations")
"""Sections that stand before everything else, wherever the council has them."""
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
_MARKS = re.compile(r"<p>In the tables, <b>.*?</p>", re.DOTALL)
"""What the marks in the place of a number mean: at the end of every page, and beside the contents of the whole report."""
_LINK_AT_END = re.compile(r"\s*<a\b[^>]*>[^<]*</a>(?=</p>)")
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
_ID = re.compile(r'\bid="([^"]+)"')
_SUMMARY = re.compile(r'<dl class="facts"')
_SIZES = ((36, "one"), (96, "two"), (10_000, "brief"))
"""How many entries the contents have at most, and how they are printed: in one column, in two, or without the second level."""
_TAG = re.compile(r"<[^>]*>")


class _Pages:
    """A report's pages while they are put together.

    Attributes:
        report: `authority/year`.
        here: the folder of the whole report, from the site's root.
        mains: what each page prints, by its place below the report's folder.
        labels: what the contents call each page.
        anchors: the names on each page: its place from the site's root, and the name.
        inside: the place of each page from the site's root -> the name of its part of the whole report.
        front: sections that stand before the pages, and the pages that they are from.
        summary: the section with the numbers to read first, and the page that it is from.
    """

    def __init__(self, site: Path, report: str, parts: Parts) -> None:
        self.report = report
        self.here = f"{report}/{FOLDER}"
        self.labels = {path: label for path, label in (*parts, *FURTHER)}
        files = {path: site / report / path / "index.html" for path in self.labels}
        self.mains = {
            path: _main(file.read_text(encoding="utf-8")) for path, file in files.items() if file.exists()
        }
        self.anchors = {
            (self._place(path), name) for path, main in self.mains.items() for name in _ID.findall(main)
        }
        self.inside = {self._place(path): _prefix(path) for path in self.mains}
        marks = [re.compile(rf'<div data-section="{name}"') for name in FIRST]
        self.front = [taken for mark in marks if (taken := self._take(mark))]
        self.summary = self._take(_SUMMARY)
        for path, section in (*self.front, *([self.summary] if self.summary else [])):
            if path in self.mains and "<div data-section=" not in self.mains[path]:
                del self.mains[path]
                self.inside[self._place(path)] = f"{_prefix(path)}--{_ID.findall(section)[0]}"

    def sections(self) -> Iterator[str]:
        """Yield the parts of the whole report in their order."""
        for path, section in self.front:
            yield self._front(path, section, "first")
        if self.summary:
            yield self._front(*self.summary, "summary")
        for path, main in self.mains.items():
            yield self._part(path, main)

    def _place(self, path: str) -> str:
        return posixpath.normpath(f"{self.report}/{path}")

    def _take(self, mark: re.Pattern[str]) -> tuple[str, str] | None:
        """Take the first section that has a heading and a mark out of its page; return the page and the section."""
        for path, main in self.mains.items():
            for begin, end in _section_places(main):
                if mark.search(main, begin, end) and "<h2" in main[begin:end]:
                    self.mains[path] = main[:begin] + main[end:]
                    return path, main[begin:end]
        return None

    def _front(self, path: str, section: str, kind: str) -> str:
        """Return a section that stands before the pages as a part of its own."""
        moved = _moved(section, self._place(path), self, _prefix(path))
        lead = _ID.findall(moved)[0]
        return f'<section class="{kind}" aria-labelledby="{lead}">{_named_headings(moved, lead)}</section>'

    def _part(self, path: str, main: str) -> str:
        """Return a page as a part, its headings a level lower and its names led by the page's."""
        prefix = _prefix(path)
        main = _moved(main, self._place(path), self, prefix)
        heading = f'<h1 id="{prefix}">{escape(self.labels[path])}</h1>'
        main = re.sub(r"<h1\b[^>]*>.*?</h1>", lambda _: heading, main, count=1, flags=re.DOTALL)
        main = _HEADING.sub(lambda match: f"<{match[1]}h{int(match[2]) + 1}", main)
        return f'<section aria-labelledby="{prefix}">{_named_headings(main, prefix)}</section>'


def compose(
    site: Path, report: str, parts: Parts, documents: Sequence[str] = (), cover: Cover | None = None
) -> str:
    """Return the whole report as one page of HTML.

    Args:
        site: the folder of the finished pages.
        report: `authority/year`.
        parts: its declared pages, in their order; `FURTHER` follow them.
        documents: the files that will stand beside it, such as `PDF`.
        cover: what the cover says beside the title.
    """
    first = (site / report / "index.html").read_text(encoding="utf-8")
    pages = _Pages(site, report, parts)
    here = pages.here
    body = "\n".join(pages.sections())
    about = _OVER.search(first)
    over = _plain(about[0]) if about else ""
    title = _plain(_TITLE.search(first)[1]).split(" – ")[0]
    footer = _FOOTER.search(first)[1] if _FOOTER.search(first) else ""
    marks = "".join(_LINK_AT_END.sub("", words) for words in _MARKS.findall(footer))
    synthetic = _HEADER.search(first)
    style = "\n".join(
        (site / posixpath.normpath(f"{report}/{link}")).read_text(encoding="utf-8")
        for link in _STYLE_LINK.findall(first)
    )
    style += "".join(_STYLE.findall(first))
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
<div class="cover">
{cover.picture() if cover else ""}<h1><span class="over">{escape(over)}</span> {escape(title)}</h1>
{cover.facts() if cover else ""}
</div>
<p class="get">The whole report on one page. Print it{_offer(documents)}, or <a href="../">read it page by page</a>.</p>
<div class="guide">
{_contents(body)}
{marks}
</div>
{body}
</main>
<footer>{_moved(_MARKS.sub("", footer), report, pages, "")}</footer>
</body>
</html>
"""


def _offer(documents: Sequence[str]) -> str:
    """Return the words that offer the documents beside the page."""
    called = {PDF: "as a PDF", WORD: "as a Word document"}
    links = [f'<a href="{name}" download>{called[name]}</a>' for name in documents]
    return f", or keep it {' or '.join(links)}" if links else ""


def _main(html: str) -> str:
    """Return what a page prints of the report: nothing that is folded, and no offers to download."""
    return _GET.sub("", _DETAILS.sub("", _OVER.sub("", _MAIN.search(html)[1])))


def _section_places(main: str) -> Iterator[tuple[int, int]]:
    """Yield where each declared section of a page begins and ends."""
    for start in re.finditer(r"<div data-section=", main):
        depth = 0
        for tag in re.compile(r"<(/?)div\b[^>]*>").finditer(main, start.start()):
            depth += -1 if tag[1] else 1
            if depth == 0:
                yield start.start(), tag.end()
                break


def _named_headings(html: str, lead: str) -> str:
    """Return a part with a name for each heading of the levels that the contents list."""
    number = iter(range(1, 10_000))
    return _UNNAMED.sub(lambda match: f'<h{match[1]} id="{lead}--h{next(number)}"{match[2]}>', html)


def _moved(html: str, folder: str, pages: _Pages, prefix: str) -> str:
    """Return a piece of a page with its names led by `prefix` and its links as they are from the whole report."""

    def reference(match: re.Match[str]) -> str:
        name, value = match[1], match[2]
        if name in ("id", "for", "aria-labelledby", "aria-describedby"):
            named = " ".join(f"{prefix}--{word}" for word in value.split()) if prefix else value
            return f'{name}="{named}"'
        return f'{name}="{_link(value, folder, pages, prefix)}"'

    moved = _REFERENCE.sub(reference, html)
    return _URL.sub(lambda match: f"url(#{prefix}--{match[1]})", moved) if prefix else moved


def _link(link: str, folder: str, pages: _Pages, prefix: str) -> str:
    """Return a link as it is from the whole report: to a place in it, or to the page where it leads."""
    if re.match(r"[a-z]+:", link):
        return link
    path, mark, fragment = link.partition("#")
    if not path and not prefix:
        return link
    place = posixpath.normpath(posixpath.join(folder, path))
    # What is folded on its page is left out of the whole report: a link to it leads to its page.
    if place in pages.inside and (not mark or (place, fragment) in pages.anchors):
        page = posixpath.relpath(place, pages.report)
        return f"#{_prefix('' if page == '.' else page)}--{fragment}" if mark else f"#{pages.inside[place]}"
    return _relative(place, path or "./", pages.here) + mark + fragment


def _relative(place: str, path: str, here: str) -> str:
    written = posixpath.relpath(place, here)
    return f"{written}/" if path.endswith("/") or path in (".", "..") else written


def _prefix(path: str) -> str:
    return f"part-{path.strip('/') or 'summary'}"


def _contents(body: str) -> str:
    """Return the list of headings of the first two levels, each a link; the more there are, the closer they are printed."""
    lines: list[str] = []
    is_open = False
    listed = _LISTED.findall(body)
    for level, name, inside in listed:
        entry = f'<a href="#{name}"><span>{escape(_plain(inside))}</span></a>'
        if level == "2":
            lines.append(("</ol></li>" if is_open else "") + f"<li>{entry}<ol>")
            is_open = True
        else:
            lines.append(f"<li>{entry}</li>")
    size = next(name for most, name in _SIZES if len(listed) <= most)
    entries = "\n".join(lines) + ("</ol></li>" if is_open else "")
    return f"""<nav class="contents {size}" aria-labelledby="contents"><h2 id="contents">Contents</h2>
<ol>
{entries}
</ol>
</nav>"""


def with_page_numbers(html: str, numbers: dict[str, int]) -> str:
    """Return the page with the number of its printed page behind each entry of the contents."""
    start = html.index('<nav class="contents')
    end = html.index("</nav>", start)

    def numbered(match: re.Match[str]) -> str:
        number = numbers.get(unescape(match[1]))
        return match[0] if number is None else f'{match[0][:-4]} <span class="at">{number}</span></a>'

    contents = re.sub(r'<a href="#([^"]+)">.*?</a>', numbered, html[start:end])
    return html[:start] + contents + html[end:]


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
