"""Loads the declared reports of councils: files found, read and checked whole, every fault told in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from redress.authority.model import Authority, AuthorityError
from redress.base.files import walk_files
from redress.declared.check import SectionCheck
from redress.declared.faults import ReportFaults, nearest
from redress.declared.files import (
    FOLDER,
    LIST,
    ListedPage,
    folders_for,
    listed_pages,
    read_section,
    section_files,
)
from redress.declared.model import DeclaredReport, Node, Page, Section
from redress.declared.parse import Parsed, parse_sections
from redress.declared.sets import GROUPING
from redress.declared.words import groupings

SHIPPED = Path("reports", "sections")
"""Where the shipped sections lie, below the installation's folder."""


@dataclass
class DeclaredReports:
    """What councils declare.

    Attributes:
        reports: by authority and reporting year.
        warnings: what stops nobody and somebody should look at.
    """

    reports: dict[tuple[str, str], DeclaredReport] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


@dataclass
class _Draft:
    """One report while it is read."""

    authority: Authority
    year: str
    pages: list[ListedPage]
    files: dict[str, Path]
    texts: dict[str, str]
    faults: ReportFaults


def load_reports(
    authorities: Iterable[Authority],
    root: Path,
    state: Path | None = None,
    signed: Mapping[tuple[str, str], DeclaredReport] | None = None,
) -> DeclaredReports:
    """Return the declared report of each year that each authority reports on.

    Args:
        authorities: whose profiles name the years.
        root: the installation's folder, whose `reports/sections` are the shipped ones.
        state: where what was read is kept from one process to the next; nowhere unless given.
        signed: reports that stay as they were signed, whatever their files say today.

    Raises:
        AuthorityError: with every fault found.
        ConfigurationProblem: Node or Markdoc is not installed.
    """
    drafts, all_faults = [], []
    for authority in authorities:
        faults = ReportFaults(root, authority.folder)
        all_faults.append(faults)
        drafts += [
            _draft(authority, year, root / SHIPPED, faults)
            for year in sorted(authority.reports)
            if (authority.slug, year) not in (signed or {})
        ]
        used = {faults.shown(draft.files[name]) for draft in drafts for name in draft.texts}
        used |= {
            section.file
            for report in (signed or {}).values()
            for page in report.pages
            for section in page.sections
        }
        _warn_of_unlisted(authority, used, faults)
    parsed = parse_sections({text for draft in drafts for text in draft.texts.values()}, state)
    loaded = DeclaredReports(dict(signed or {}))
    for draft in drafts:
        loaded.reports[draft.authority.slug, draft.year] = _finish(draft, parsed)
    if problems := [problem for faults in all_faults for problem in faults.problems]:
        raise AuthorityError(list(dict.fromkeys(problems)))
    loaded.warnings = list(dict.fromkeys(warning for faults in all_faults for warning in faults.warnings))
    return loaded


def _draft(authority: Authority, year: str, shipped: Path, faults: ReportFaults) -> _Draft:
    """Find the files of a report, and check how its pages are put together."""
    folders = folders_for(authority.folder / FOLDER, year, faults)
    pages = listed_pages(folders, shipped, faults)
    files = section_files(folders, shipped)
    texts: dict[str, str] = {}
    words: dict[str, None] = {}
    for page in pages:
        if page.word in words:
            faults.note(page.file, f"two pages have the word `{page.word}`", page.line)
        words[page.word] = None
        if not page.sections:
            faults.note(page.file, f"the page `{page.word}` has no section", page.line)
        for listed in page.sections:
            if listed.name in texts:
                faults.note(
                    listed.file, f"the section `{listed.name}` stands twice; it can stand once", listed.line
                )
            elif listed.name not in files:
                near = nearest(listed.name, files)
                faults.note(
                    listed.file,
                    f"there is no file {listed.name}.md for the section `{listed.name}`{near}",
                    listed.line,
                )
            elif (text := read_section(files[listed.name], faults)) is not None:
                texts[listed.name] = text
    return _Draft(authority, year, pages, files, texts, faults)


def _warn_of_unlisted(authority: Authority, used: set[str], faults: ReportFaults) -> None:
    """Warn of the council's own sections that stand on no page of any year."""
    folder = authority.folder / FOLDER
    for path in sorted(walk_files(folder)) if folder.is_dir() else ():
        if path.suffix == ".md" and faults.shown(path) not in used:
            faults.warn(path, f"no page of {LIST} has this section")
        elif path.suffix != ".md" and path.name != LIST:
            faults.warn(path, f"only {LIST} and sections named `<section>.md` are read in this folder")


def _finish(draft: _Draft, parsed: dict[str, Parsed]) -> DeclaredReport:
    """Check what the sections of a report hold, and put them on their pages."""
    first = draft.pages[0].word if draft.pages else ""
    pages = []
    words = [page.word for page in draft.pages]
    for listed_page in draft.pages:
        sections = []
        of_list = SectionCheck(draft.authority, words, listed_page.file, draft.faults)
        of_list.check_words(listed_page.title, listed_page.line)
        for listed in listed_page.sections:
            if listed.name not in draft.texts:
                continue
            path, read = draft.files[listed.name], parsed[draft.texts[listed.name]]
            for error in read["errors"]:
                draft.faults.note(path, error["message"], error["line"])
            check = SectionCheck(draft.authority, words, path, draft.faults)
            nodes = _with_groupings(read["nodes"], draft.authority)
            check.check(nodes)
            if listed.title is None:
                check.check_words(read["title"], None)
            else:
                of_list.check_words(listed.title, listed.line)
            title = read["title"] if listed.title is None else listed.title
            nodes = _to_first_page(nodes, first)
            sections.append(Section(listed.name, title, draft.faults.shown(path), nodes))
        path_of_page = "" if listed_page.word == first else listed_page.word
        pages.append(Page(path_of_page, listed_page.title, sections))
    return DeclaredReport(draft.authority.slug, draft.year, pages)


def _with_groupings(nodes: list[Node], authority: Authority) -> list[Node]:
    """Return the nodes with the council's groupings as `values` of each loop over them."""
    changed = []
    for node in nodes:
        if "children" in node:
            node = {**node, "children": _with_groupings(node["children"], authority)}
        if node.get("name") == "each" and node["primary"] == GROUPING:
            node = {**node, "values": sorted(groupings(authority))}
        changed.append(node)
    return changed


def _to_first_page(nodes: list[Node], word: str) -> list[Node]:
    """Return the nodes with links to the first page leading to the report's own address."""
    changed = []
    for node in nodes:
        if "children" in node:
            node = {**node, "children": _to_first_page(node["children"], word)}
        if node["type"] == "link" and node["href"].partition("#")[0].strip("./") == word:
            _, mark, place = node["href"].partition("#")
            node = {**node, "href": f"./{mark}{place}"}
        changed.append(node)
    return changed
