"""Loads the declared reports of councils: files found, read and checked whole, every fault told in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redress.authority.model import Authority, AuthorityError
from redress.base.files import list_folder, walk_files
from redress.declared.check import SectionCheck
from redress.declared.faults import ReportFaults, nearest
from redress.declared.files import (
    FOLDER,
    LIST,
    Listed,
    ListedPage,
    Place,
    folders_for,
    is_written,
    is_year,
    listed_pages,
    put_into_place,
    read_section,
    section_files,
)
from redress.declared.held import HELD, Held, held_for, warn_of_unused
from redress.declared.language import is_day, walk
from redress.declared.model import DeclaredReport, Node, Page, Section
from redress.declared.parse import Parsed, parse_sections
from redress.declared.values import with_values

SHIPPED = Path("reports", "sections")
"""Where the shipped sections lie, below the installation's folder."""


@dataclass
class DeclaredReports:
    """What councils declare.

    Attributes:
        reports: by authority and reporting year.
        unwritten: the council's files of each report that hold only prompts yet; no page prints them.
        warnings: what stops nobody and somebody should look at.
    """

    reports: dict[tuple[str, str], DeclaredReport] = field(default_factory=dict)
    unwritten: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


@dataclass
class _Draft:
    """One report while it is read.

    Attributes:
        authority: whose report it is.
        year: of it.
        pages: with the sections that lists name.
        files: of sections, by name.
        texts: of sections that are listed, and of the council's own that may say themselves where they stand.
        held: what `held.csv` gives for the year.
        unwritten: files of the council, as messages name them, that hold only prompts yet.
        faults: where what is wrong is noted.
    """

    authority: Authority
    year: str
    pages: list[ListedPage]
    files: dict[str, Path]
    texts: dict[str, str]
    held: dict[str, Held]
    unwritten: list[str]
    faults: ReportFaults

    @property
    def listed(self) -> set[str]:
        """The names of the sections that stand on a page."""
        return {listed.name for page in self.pages for listed in page.sections}

    def dates(self) -> dict[str, str]:
        """Return the days of the report by name; one that the profile does not give is blank."""
        report = self.authority.reports[self.year]
        days = {
            "as_at": report.as_at,
            "year_start": report.period_start,
            "year_end": report.period_end,
            "published_on": report.published_on,
        }
        return {name: day.isoformat() if day else "" for name, day in days.items()}


class ReportError(AuthorityError):
    """The sections of a report cannot be published as they are.

    Attributes:
        reports: by authority and year, as far as they can be read.
    """

    def __init__(self, problems: list[str], reports: Mapping[tuple[str, str], DeclaredReport]) -> None:
        super().__init__(problems)
        self.reports = reports


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
        ReportError: with every fault found.
        ConfigurationProblem: Node or Markdoc is not installed.
    """
    drafts: list[_Draft] = []
    faults_of: dict[str, ReportFaults] = {}
    authorities = list(authorities)
    for authority in authorities:
        faults = faults_of[authority.slug] = ReportFaults(root, authority.folder)
        drafts += [
            _draft(authority, year, root / SHIPPED, faults)
            for year in sorted(authority.reports)
            if (authority.slug, year) not in (signed or {})
        ]
    parsed = parse_sections({text for draft in drafts for text in draft.texts.values()}, state)
    loaded = DeclaredReports(dict(signed or {}))
    for draft in drafts:
        _place(draft, parsed)
        _leave_out_unwritten(draft)
        loaded.reports[draft.authority.slug, draft.year] = _finish(draft, parsed)
        loaded.unwritten[draft.authority.slug, draft.year] = draft.unwritten
    for authority in authorities:
        own = [draft for draft in drafts if draft.authority is authority]
        reports = [report for report in loaded.reports.values() if report.authority == authority.slug]
        _warn_of_unused(authority, own, reports, faults_of[authority.slug])
    if problems := [problem for faults in faults_of.values() for problem in faults.problems]:
        raise ReportError(list(dict.fromkeys(problems)), loaded.reports)
    loaded.warnings = list(
        dict.fromkeys(warning for faults in faults_of.values() for warning in faults.warnings)
    )
    return loaded


def _draft(authority: Authority, year: str, shipped: Path, faults: ReportFaults) -> _Draft:
    """Find the files of a report, and check how its pages are put together."""
    folders = folders_for(authority.folder / FOLDER, year, faults)
    pages, left_out = listed_pages(folders, shipped, faults)
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
    for name, path in files.items():
        if name in {*texts, *left_out} or path.parent == shipped:
            continue
        if (text := read_section(path, faults)) is not None:
            texts[name] = text
    unwritten = [
        faults.shown(path)
        for folder in folders
        for path in list_folder(folder)
        if path.suffix == ".md" and not is_written(path)
    ]
    return _Draft(authority, year, pages, files, texts, held_for(folders, faults), unwritten, faults)


def _place(draft: _Draft, parsed: dict[str, Parsed]) -> None:
    """Put the council's sections that no list names where their front matter says."""
    placed = {}
    for name in draft.texts.keys() - draft.listed:
        path, front = draft.files[name], parsed[draft.texts[name]]["front"]
        if "place" not in front:
            continue
        text, line = front["place"]["text"], front["place"]["line"]
        if place := Place.of(text):
            placed[name] = place, Listed(name, None, draft.faults.shown(path), line)
        else:
            draft.faults.note(
                path, f"place: `{text}` is none of: after <section>, before <section>, page <page>", line
            )
    for name, (place, listed) in put_into_place(placed, draft.pages).items():
        if listed.file in draft.unwritten:
            continue  # it is told once there is something to print
        known = [page.word for page in draft.pages] if place.way == "page" else draft.listed
        what = (
            f"there is no page `{place.name}`"
            if place.way == "page"
            else f"no page has a section `{place.name}`"
        )
        draft.faults.note(draft.files[name], f"place: {what}{nearest(place.name, known)}", listed.line)


def _leave_out_unwritten(draft: _Draft) -> None:
    """Take sections that hold only prompts from the pages, and pages on which no other stands."""
    for page in draft.pages:
        page.sections = [
            listed
            for listed in page.sections
            if listed.name not in draft.files
            or draft.faults.shown(draft.files[listed.name]) not in draft.unwritten
        ]
    draft.pages = [page for page in draft.pages if page.sections] or draft.pages[:1]


def _warn_of_unused(
    authority: Authority, drafts: list[_Draft], reports: list[DeclaredReport], faults: ReportFaults
) -> None:
    """Warn of the council's own sections and held values that stand in no report of any year."""
    sections = [section for report in reports for page in report.pages for section in page.sections]
    used = {section.file for section in sections} | {file for draft in drafts for file in draft.unwritten}
    folder = authority.folder / FOLDER
    early = _years_to_come(authority, folder)
    for path in early:
        faults.warn(path, f"profile.yml declares no report {path.name}, so its sections stand in none")
    for path in sorted(walk_files(folder)) if folder.is_dir() else ():
        if path.parent in early:
            continue
        if path.suffix == ".md" and faults.shown(path) not in used:
            faults.warn(
                path, f"no page of {LIST} has this section, and no `place:` in it says where it stands"
            )
        elif path.suffix != ".md" and path.name not in (LIST, HELD):
            faults.warn(
                path, f"only {LIST}, {HELD} and sections named `<section>.md` are read in this folder"
            )
    names = {
        node["primary"]
        for section in sections
        for node, _ in walk(section.nodes)
        if node.get("name") == "held" and node["type"] == "tag"
    }
    warn_of_unused({row for draft in drafts for row in draft.held.values()}, names, faults)


def _years_to_come(authority: Authority, folder: Path) -> list[Path]:
    """Return the folders of years of which the profile declares no report."""
    places = list_folder(folder) if folder.is_dir() else []
    return [
        path for path in places if path.is_dir() and is_year(path.name) and path.name not in authority.reports
    ]


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
            check = SectionCheck(draft.authority, words, path, draft.faults, draft.held, draft.dates())
            nodes = with_values(read["nodes"], draft.authority, draft.dates(), draft.held)
            check.check(nodes)
            if listed.title is None:
                check.check_words(read["title"], None)
            else:
                of_list.check_words(listed.title, listed.line)
            title = read["title"] if listed.title is None else listed.title
            nodes = _to_first_page(nodes, first)
            front = _front(read["front"], path, draft.faults)
            sections.append(Section(listed.name, title, draft.faults.shown(path), nodes, **front))
        path_of_page = "" if listed_page.word == first else listed_page.word
        pages.append(Page(path_of_page, listed_page.title, sections))
    return DeclaredReport(draft.authority.slug, draft.year, pages)


def _front(front: dict[str, dict[str, Any]], path: Path, faults: ReportFaults) -> dict[str, Any]:
    """Return what the front matter says of who wrote and approved a section, as fields of `Section`."""
    said = {name: entry["text"] for name, entry in front.items()}
    day = said.get("approved_on", "")
    if day and not is_day(day):
        faults.note(path, f"approved_on: `{day}` is no date (YYYY-MM-DD)", front["approved_on"]["line"])
    if day and not said.get("approved_by"):
        faults.note(
            path, "approved_on: `approved_by` says nobody who approved it", front["approved_on"]["line"]
        )
    look_again = said.get("look_again", "false")
    if look_again not in ("true", "false"):
        faults.note(
            path, f"look_again: `{look_again}` is neither true nor false", front["look_again"]["line"]
        )
    names = ("author", "approved_by", "approved_on")
    return {name: said.get(name, "") for name in names} | {"look_again": look_again == "true"}


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
