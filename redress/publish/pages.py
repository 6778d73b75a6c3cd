"""What of a built site is shipped, and what a shipped site must not hold."""

from __future__ import annotations

import gzip
import posixpath
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from redress.base.files import walk_files
from redress.publish import whole_report
from redress.publish.parallel import for_each

SHIPPED = {".html", ".css", ".svg", ".png", ".ico", ".woff2"}
"""Kinds of file that a reader's browser needs; everything else of a build is left behind."""

OFFERED = {".csv", ".ods", ".parquet", ".json", ".pdf", ".docx"}
"""Kinds of file that a reader may take away: each must be offered by a link on a page."""

SCRIPT = "search.js"
"""The one script of the website, its own; pages say all they have to say without it."""

MOST_HTML = 500_000
"""Bytes of a page, before compression; a report on one page may have twice as many."""

MOST_FIRST_VIEW = 200_000
"""Bytes that a reader's browser fetches to show a page, compressed as servers do."""

_ROOTED = re.compile(r'((?:href|src|action)=")(/[^"/][^"]*|/)(")')
_DATA = {"application/ld+json", "application/json"}
_STYLE_FETCH = re.compile(r"@import|url\(\s*['\"]?(?!data:|#)(?:https?:)?//", re.IGNORECASE)
_FETCHING = {
    "link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src",
    "embed": "src", "object": "data", "image": "href", "use": "href", "form": "action", "input": "src",
}  # fmt: skip
# What a template prints when it was given nothing, and what Evidence prints when a query failed.
_NOT_FOR_READERS = re.compile(
    r"\bundefined\b|\bNaN\b|\[object \w+\]|\bInfinity\b|Error in Query|SQL error|Catalog Error"
)


def keep(built: Path, target: Path) -> dict[str, set[str]]:
    """Copy what is shipped of a built site, with relative links.

    Args:
        built: the folder that Evidence built.
        target: a folder in which none of the pages is yet.

    Returns:
        Each page, and the files that it uses, as paths from the site's root.
    """
    used: dict[str, set[str]] = {}
    for page in sorted(built.rglob("*.html")):
        name, folder = page.relative_to(built).as_posix(), page.parent.relative_to(built).as_posix()
        text = relative_links(page.read_text(encoding="utf-8"), folder)
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        used[name] = {
            asset for asset in _assets(text, folder) if _is_shipped(asset) and (built / asset).is_file()
        }
    for asset in sorted(set().union(*used.values())):
        place = target / asset
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(built / asset, place)
    return used


def _is_shipped(name: str) -> bool:
    """Return whether a file of a site is of a kind that is shipped, by its path."""
    return PurePosixPath(name).suffix in SHIPPED or name == SCRIPT


def relative_links(html: str, folder: str) -> str:
    """Turn links from the site's root into links from a page's own folder (`.` for the home page)."""

    def relative(match: re.Match[str]) -> str:
        path, mark, fragment = match[2].partition("#")
        written = posixpath.relpath(path.lstrip("/") or ".", folder)
        if path.endswith("/"):
            written = "./" if written == "." else f"{written}/"
        return f"{match[1]}{written}{mark}{fragment}{match[3]}"

    return _ROOTED.sub(relative, html)


def problems(site: Path, expected: list[str], read: Mapping[str, Read] | None = None) -> list[str]:
    """Everything in a finished site that must not be published, one sentence each.

    Args:
        site: the folder.
        expected: pages that must be there, as paths from the site's root.
        read: what `read_pages` says of every page of the site; pages are read unless it is given.

    Returns:
        Missing pages, pages that are too heavy, links and anchors that lead nowhere, scripts but the site's own,
        anything fetched from another host, data files, and words that only a fault prints. None: fit to publish.
    """
    found = [f"{name}: the page was not built" for name in expected if not (site / name).is_file()]
    files = relative_files(site)
    names = sorted(name for name in files if name.endswith(".html"))
    read = read_pages(site, names) if read is None else read
    offered = {place for page in read.values() for _, place, _ in page.links}
    for name in names:
        page = read[name]
        found += [f"{name}: {fault}" for fault in page.faults]
        for link, place, fragment in page.links:
            if place not in files:
                found.append(f"{name}: a dead link: {link}")
            elif fragment and place in read and fragment not in read[place].anchors:
                found.append(f"{name}: a link to an anchor that is not there: {link}")
    for name in sorted(files):
        suffix = PurePosixPath(name).suffix
        if suffix in OFFERED:
            if name not in offered:
                found.append(f"{name}: a file that no page offers")
        elif not _is_shipped(name):
            found.append(f"{name}: a file of this kind is not shipped")
        elif suffix == ".css" and _STYLE_FETCH.search((site / name).read_text(encoding="utf-8")):
            found.append(f"{name}: the style sheet fetches from elsewhere")
    return found


def relative_files(folder: Path) -> set[str]:
    """Return the paths of all files below a folder, from it."""
    return {path.relative_to(folder).as_posix() for path in walk_files(folder)}


def read_pages(site: Path, names: Sequence[str]) -> dict[str, Read]:
    """Return what pages of a finished site, given by their paths from its root, are judged by."""
    return dict(zip(names, for_each(partial(_read, site), names), strict=True))


def _too_heavy(site: Path, name: str, page: _Page) -> list[str]:
    """What is too much of a page, in a sentence; compresses only where what is fetched could be too much."""
    most = MOST_HTML * (2 if PurePosixPath(name).parent.name == whole_report.FOLDER else 1)
    size = (site / name).stat().st_size
    if size > most:
        return [f"the page has {size:,} bytes, and {most:,} are the most"]
    used = {site / _place(link, name) for link in page.fetched}
    files = [site / name, *sorted(file for file in used if file.is_file())]
    if sum(file.stat().st_size for file in files) <= MOST_FIRST_VIEW:
        return []
    view = sum(len(gzip.compress(file.read_bytes(), mtime=0)) for file in files)
    if view <= MOST_FIRST_VIEW:
        return []
    return [f"its first view has {view:,} bytes compressed, and {MOST_FIRST_VIEW:,} are the most"]


def _assets(html: str, folder: str) -> list[str]:
    """Files that a page uses, as paths from the site's root."""
    links = re.findall(r'<(?:link|img|script)\b[^>]* (?:href|src)="([^"#:]+)"', html)
    return [posixpath.normpath(posixpath.join(folder, link)) for link in links]


def _place(link: str, name: str) -> str:
    """Where a link of a page leads, as a path from the site's root; the page itself for an anchor."""
    path = unquote(urlsplit(link).path)
    place = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
    return (
        posixpath.normpath(posixpath.join(place, "index.html"))
        if path.endswith("/") or place == "."
        else place
    )


@dataclass(frozen=True)
class Read:
    """What a page is judged by.

    Attributes:
        links: to places of the site, each once: as written, the place's path from the site's root, and the anchor.
        anchors: identifiers on the page.
        faults: what is wrong with the page by itself.
    """

    links: list[tuple[str, str, str]]
    anchors: set[str]
    faults: list[str]


def _read(site: Path, name: str) -> Read:
    page = _Page((site / name).read_text(encoding="utf-8"))
    links, faults = [], page.faults + _too_heavy(site, name, page)
    faults += ["a script is shipped" for script in page.scripts if _place(script, name) != SCRIPT]
    for link in dict.fromkeys(page.links):
        parts = urlsplit(link)
        if parts.scheme in ("mailto", "tel", "http", "https"):
            continue
        if parts.scheme or parts.netloc:
            faults.append(f"a link of an unknown kind: {link}")
        elif unquote(parts.path).startswith("/"):
            faults.append(f"a link from the site's root, which breaks under another path: {link}")
        else:
            links.append((link, _place(link, name), unquote(parts.fragment)))
    return Read(links, page.anchors, faults)


class _Page(HTMLParser):
    """The links, anchors and faults of one page, its scripts, and all files that it fetches."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.scripts: list[str] = []
        self.fetched: list[str] = []
        self.anchors: set[str] = set()
        self.faults: list[str] = []
        self._in_head_title = False
        self._in_data = False
        self._is_guarded = False
        self._title = ""
        self._headings = 0
        self._is_quoted = False
        self._language: str | None = None
        self.feed(html)
        self.close()
        if not self._title.strip() or self._title.strip() == "Evidence":
            self.faults.append("the page has no title of its own")
        if self._headings != 1:
            self.faults.append(f"the page has {self._headings} main headings")
        if self._language != "en-GB":
            self.faults.append("the page does not say that it is in British English")
        if not self._is_guarded:
            self.faults.append("the page does not say what a browser may load (Content-Security-Policy)")

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if "id" in given:
            if given["id"] in self.anchors:
                self.faults.append(f"two elements have the identifier {given['id']}")
            self.anchors.add(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "html":
            self._language = given.get("lang")
        if tag == "h1":
            self._headings += 1
        if tag == "title":
            self._in_head_title = not self._title
        self._in_data = tag == "script"
        self._is_quoted = self._is_quoted or tag == "blockquote" or "data-words" in given
        if tag == "meta" and given.get("http-equiv", "").lower() == "content-security-policy":
            self._is_guarded = "default-src 'none'" in given.get("content", "")
        # A block of data (schema.org, the index of the search) is no script: nothing runs it.
        if tag == "script" and given.get("type") not in _DATA:
            self.scripts.append(given.get("src", ""))
        if any(name.startswith("on") for name in given):
            self.faults.append(f"an element <{tag}> carries a script")
        source = given.get(_FETCHING.get(tag, ""), "")
        if urlsplit(source).netloc or urlsplit(source).scheme not in ("", "data"):
            self.faults.append(f"fetched from elsewhere: {source}")
        elif source and tag != "form":
            self.fetched.append(source)
            if tag == "link":
                self.links.append(source)
        if _STYLE_FETCH.search(given.get("style", "")):
            self.faults.append("a style fetches from elsewhere")

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_head_title = False
        self._is_quoted = self._is_quoted and tag not in ("blockquote", "span")
        self._in_data = False

    def handle_data(self, data: str) -> None:
        if self._in_head_title:
            self._title += data
        # What people wrote is theirs to word; anything else that reads like this was printed by a fault.
        fault = None if self._is_quoted else _NOT_FOR_READERS.search(data)
        if fault:
            self.faults.append(f"words that only a fault prints: {data.strip()[:80]}")
