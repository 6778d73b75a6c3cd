"""Which files a report is declared by: the shipped ones in `reports/sections`, and a council's own in its folder `report`.

A folder `report/<year>` holds for one year, `report/from-<year>` from that year on. A section comes from the first place of:
the year's own folder, the latest folder `from-` that has begun, `report`, and what is shipped. What `report.yml` says is laid
over what is inherited in the opposite order, so that each file says only what is different.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, ValidationError, model_validator

from redress.authority.given import Group, Word, told
from redress.authority.profile import line_of, year_bounds
from redress.base.files import list_folder, why_unreadable
from redress.base.strict_text import TextProblem, read_text
from redress.base.strict_yaml import Lines, YamlProblem, read_yaml_lines
from redress.contract.mapping import as_word
from redress.declared.faults import ReportFaults, nearest

FOLDER = "report"
LIST = "report.yml"
RESERVED = frozenset(
    {"figures", "data", "about", "published", "data-quality", "revisions", "checklist", "report"}
)
"""Words of pages that every report has beside the declared ones."""
MOST_BYTES = 500_000
"""The largest section that is read."""
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FROM = "from-"
_NOTES = re.compile(r"\A---[ \t]*\n.*?^---[ \t]*$|<!--.*?-->", re.DOTALL | re.MULTILINE)


def _named(given: str) -> str:
    if not _NAME.fullmatch(given):
        raise told(f"`{given}` is no name: it has small letters, digits and single hyphens only")
    return given


Name = Annotated[Word, AfterValidator(_named)]


class SectionEntry(Group):
    """A section of a page, by the name of its file."""

    form: ClassVar[str] = "a section is a name, or {section: name, title: words}"
    unknown: ClassVar[str] = "a section has no `{key}`; it has section and title"

    section: Name
    title: Word | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, given: Any) -> Any:
        return given if isinstance(given, dict) else {"section": given}


class PageEntry(Group):
    """A page and its sections."""

    form: ClassVar[str] = "a page has the form {page: word, title: words, sections: [names]}"
    unknown: ClassVar[str] = "a page has no `{key}`; it has page, title and sections"

    page: Name
    title: Word
    sections: list[SectionEntry] = []


class Addition(Group):
    """A section that is added behind another, or at the end of a page."""

    form: ClassVar[str] = (
        "what is added has the form {section: name, after: name} or {section: name, page: word}"
    )
    unknown: ClassVar[str] = "what is added has no `{key}`; it has section, title, and after or page"

    section: Name
    title: Word | None = None
    after: Name | None = None
    page: Name | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Addition:
        if (self.after is None) == (self.page is None):
            raise told(f"add: `{self.section}` stands either `after` a section or at the end of a `page`")
        return self


class ReportList(Group):
    """What a `report.yml` holds: all pages, or what is different from the pages inherited."""

    form: ClassVar[str] = "it has the form `key: value`"
    unknown: ClassVar[str] = "`{key}` is not known; known are pages, leave_out, titles, add"

    pages: list[PageEntry] | None = None
    leave_out: list[Name] = []
    titles: dict[Name, Word] = {}
    add: list[Addition] = []


_GROUPS: dict[str, type[Group]] = {
    "": ReportList,
    "pages": PageEntry,
    "sections": SectionEntry,
    "add": Addition,
}


@dataclass
class Listed:
    """A section on a page.

    Attributes:
        name: of the section.
        title: that the list gives it; None where its own file says.
        file: the list that put it there.
        line: of that list.
    """

    name: str
    title: str | None
    file: str
    line: int | None


@dataclass
class ListedPage:
    """A page with its sections, while lists are laid over one another."""

    word: str
    title: str
    file: str
    line: int | None
    sections: list[Listed] = field(default_factory=list)


def is_year(name: str) -> bool:
    """Return whether a folder's name is a reporting year, such as 2023-24."""
    try:
        year_bounds(name)
    except ValueError:
        return False
    return True


def folders_for(report: Path, year: str, faults: ReportFaults) -> list[Path]:
    """Return the council's folders that hold for a year, the one that goes first at the head.

    Args:
        report: the folder `report` of a council.
        year: the reporting year.
        faults: where a folder is noted whose name says no year.
    """
    try:
        inside = [path for path in list_folder(report) if path.is_dir()]
    except FileNotFoundError:
        return []
    except OSError as problem:
        faults.note(report, f"the folder cannot be read: {why_unreadable(problem)}")
        return []
    begun: list[Path] = []
    own: list[Path] = []
    for folder in inside:
        name = folder.name.removeprefix(_FROM)
        if not is_year(name):
            faults.note(folder, "a folder in `report` is named by a year, such as 2023-24 or from-2023-24")
            continue
        if name != folder.name and name <= year:
            begun.append(folder)
        elif folder.name == year:
            own.append(folder)
    return [*own, *sorted(begun, reverse=True)[:1], report]


@dataclass(frozen=True)
class Place:
    """Where the front matter of a section puts it: `after` or `before` a section, or at the end of a `page`."""

    way: str
    name: str

    @classmethod
    def of(cls, text: str) -> Place | None:
        """Return what a text such as `after time-taken` says; None for any other text."""
        way, _, name = text.partition(" ")
        return cls(way, name.strip()) if way in ("after", "before", "page") and name.strip() else None


def put_into_place(
    placed: dict[str, tuple[Place, Listed]], pages: list[ListedPage]
) -> dict[str, tuple[Place, Listed]]:
    """Put sections where their own files say; return those for which there is no such place.

    Several sections of one place stand there in the order of their names.

    Args:
        placed: by the name of the section, its place and how it is listed.
        pages: of the report, to which they are added.
    """
    waiting = dict(sorted(placed.items()))
    while ready := [name for name, (place, _) in waiting.items() if _position(place, pages)[0]]:
        # each goes right behind its section, so the last of the names goes first
        behind = [name for name in ready if waiting[name][0].way == "after"]
        for name in [*reversed(behind), *(name for name in ready if name not in behind)]:
            place, listed = waiting.pop(name)
            page, position = _position(place, pages)
            if page:
                page.sections.insert(position, listed)
    return waiting


def _position(place: Place, pages: list[ListedPage]) -> tuple[ListedPage | None, int]:
    """Return the page and the position at which a section is put; no page where there is no such place."""
    for page in pages:
        held = [section.name for section in page.sections]
        if place.way == "page" and page.word == place.name:
            return page, len(held)
        if place.way != "page" and place.name in held:
            return page, held.index(place.name) + (place.way == "after")
    return None, 0


def section_files(folders: Sequence[Path], shipped: Path) -> dict[str, Path]:
    """Return the file of each section, by name; `folders` as `folders_for` returns them.

    A file that is not written yet gives way to one that is, so that no page waits for words.
    """
    files: dict[str, Path] = {}
    for folder in (*folders, shipped):
        if not folder.is_dir():
            continue
        for path in list_folder(folder):
            if path.suffix != ".md":
                continue
            before = files.setdefault(path.stem, path)
            if before != path and not is_written(before) and is_written(path):
                files[path.stem] = path
    return files


def is_written(path: Path) -> bool:
    """Return whether a section holds anything beside its front matter and notes to whoever writes."""
    try:
        text = read_text(path, MOST_BYTES)
    except (FileNotFoundError, TextProblem):
        return True  # what is wrong with it is told when it is read
    return bool(_NOTES.sub("", text).strip())


def read_section(path: Path, faults: ReportFaults) -> str | None:
    """Return the text of a section; None where it cannot be read, which is noted."""
    try:
        return read_text(path, MOST_BYTES)
    except (FileNotFoundError, TextProblem) as error:
        faults.note(path, str(error))
        return None


def listed_pages(
    folders: Sequence[Path], shipped: Path, faults: ReportFaults
) -> tuple[list[ListedPage], set[str]]:
    """Return the pages of a report: the shipped list, and those of the council's folders laid over it one by one.

    Returns:
        The pages, and the names of the sections that a list leaves out.
    """
    pages: list[ListedPage] = []
    left_out: set[str] = set()
    for folder in (shipped, *reversed(folders)):
        path = folder / LIST
        held = _read_list(path, faults)
        if held is None:
            continue
        change, lines = held
        if change.pages is not None:
            pages = _whole(change, lines, path, faults)
        left_out |= set(change.leave_out)
        _lay_over(change, lines, path, pages, faults)
    return pages, left_out


def _read_list(path: Path, faults: ReportFaults) -> tuple[ReportList, Lines] | None:
    """Return what a list says and the lines of its parts; None where there is none or it is at fault, which is noted."""
    try:
        raw, lines = read_yaml_lines(path)
    except FileNotFoundError:
        return None
    except YamlProblem as error:
        faults.note(path, error.problem, error.line)
        return None
    try:
        return ReportList.model_validate({} if raw is None else raw), lines
    except ValidationError as refusal:
        for fault in refusal.errors():
            place = [as_word(part) for part in fault["loc"] if part != "[key]"]
            for sentence in _sentences(fault, place):
                faults.note(path, sentence, line_of(lines, place))
        return None


def _sentences(error: Any, place: list[str]) -> list[str]:
    if error["type"] == "told":
        return list(error["ctx"]["sentences"])
    around = [
        part
        for part in place[: -1 if error["type"] in ("extra_forbidden", "missing") else None]
        if part in _GROUPS
    ]
    group = _GROUPS[around[-1] if around else ""]
    if error["type"] == "extra_forbidden":
        return [group.unknown.format(key=place[-1])]
    if error["type"] == "missing":
        return [f"`{place[-1]}` is missing: {group.form}"]
    return [
        f"{' '.join(part for part in place if not part.isdigit()) or 'the file'} cannot be read: {group.form}"
    ]


def _whole(change: ReportList, lines: Lines, path: Path, faults: ReportFaults) -> list[ListedPage]:
    file = faults.shown(path)
    pages: list[ListedPage] = []
    for number, entry in enumerate(change.pages or ()):
        place = ("pages", str(number))
        page = ListedPage(entry.page, entry.title, file, line_of(lines, place))
        if entry.page in RESERVED:
            faults.note(
                path,
                f"`{entry.page}` is the word of a page that every report has; choose another",
                line_of(lines, (*place, "page")),
            )
        for position, section in enumerate(entry.sections):
            line = line_of(lines, (*place, "sections", str(position)))
            page.sections.append(Listed(section.section, section.title, file, line))
        pages.append(page)
    return pages


def _lay_over(
    change: ReportList, lines: Lines, path: Path, pages: list[ListedPage], faults: ReportFaults
) -> None:
    """Leave out, add and rename what a list says; a page of which everything is left out goes with it."""
    had_sections = [page for page in pages if page.sections]

    def names() -> list[str]:
        return [section.name for page in pages for section in page.sections]

    for number, name in enumerate(change.leave_out):
        if name not in names():
            line = line_of(lines, ("leave_out", str(number)))
            faults.note(path, f"leave_out: no page has a section `{name}`{nearest(name, names())}", line)
        for page in pages:
            page.sections = [section for section in page.sections if section.name != name]
    _add(change, lines, path, pages, faults)
    pages[:] = [page for page in pages if page.sections or page not in had_sections]
    for name, title in change.titles.items():
        if name not in names():
            line = line_of(lines, ("titles", name))
            faults.note(path, f"titles: no page has a section `{name}`{nearest(name, names())}", line)
        for listed in (listed for page in pages for listed in page.sections if listed.name == name):
            listed.title = title


def _add(change: ReportList, lines: Lines, path: Path, pages: list[ListedPage], faults: ReportFaults) -> None:
    for number, addition in enumerate(change.add):
        line = line_of(lines, ("add", str(number)))
        section = Listed(addition.section, addition.title, faults.shown(path), line)
        words = [page.word for page in pages]
        names = [listed.name for page in pages for listed in page.sections]
        if addition.page is not None and addition.page not in words:
            faults.note(path, f"add: there is no page `{addition.page}`{nearest(addition.page, words)}", line)
        if addition.after is not None and addition.after not in names:
            faults.note(
                path, f"add: no page has a section `{addition.after}`{nearest(addition.after, names)}", line
            )
        for page in pages:
            held = [section.name for section in page.sections]
            if addition.page == page.word:
                page.sections.append(section)
            elif addition.after in held:
                page.sections.insert(held.index(addition.after) + 1, section)
