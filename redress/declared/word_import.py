"""Reads the words of a Word document of a report back, as Markdown for the files of its sections.

A document that was edited says by itself which report it was made of, and what is written for each number that stands in its
words (`paper_words`). What cannot be carried is told with its file and heading, and then nothing is written at all.
"""

from __future__ import annotations

import difflib
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redress.authority.model import Authority
from redress.base.errors import ConfigurationProblem
from redress.base.files import replace_file
from redress.declared import paper_words
from redress.declared.faults import ReportFaults
from redress.declared.files import FOLDER, folders_for, section_files
from redress.declared.load import SHIPPED, load_reports
from redress.declared.markdown import markdown_of
from redress.declared.model import DeclaredReport, Section
from redress.declared.paper_words import Bound, Unit, W, outside, read_section, section_key, text_of
from redress.declared.parse import Parsed, parse_sections
from redress.declared.rewrite import Original, rewrite, with_title
from redress.declared.standing import without_approval

MOST_BYTES = 60_000_000
"""The most that a part of a document may have when it is unpacked."""
_WHO = "whoever edited the document"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


@dataclass(frozen=True)
class Change:
    """A section that was edited.

    Attributes:
        name: of the section.
        file: where its new text belongs.
        before: the text of the section as it is.
        after: its new text, which nobody has approved.
    """

    name: str
    file: Path
    before: str
    after: str

    def lines(self) -> list[str]:
        """Return the difference as lines, headed by the name of the file."""
        old, new = self.before.splitlines(), self.after.splitlines()
        shown = "/".join(self.file.parts[-3:])
        return list(difflib.unified_diff(old, new, f"{shown} (now)", f"{shown} (new)", lineterm="", n=1))

    def write(self) -> None:
        """Write the new text."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with replace_file(self.file) as new:
            new.write_text(self.after, encoding="utf-8")


@dataclass
class Imported:
    """What a document brings.

    Attributes:
        year: of the report.
        changes: sections that were edited.
        faults: what cannot be carried.
    """

    year: str
    changes: list[Change]
    faults: list[str]

    def refuse_faults(self, file: Path) -> None:
        """Raise a ConfigurationProblem with what cannot be carried, where there is anything."""
        if self.faults:
            raise ConfigurationProblem(
                f"{file.name} was edited where nothing can be brought back from; nothing was written.",
                _WHO,
                self.faults,
            )


def import_words(file: Path, authority: Authority, root: Path, state: Path | None = None) -> Imported:
    """Return what a document brings of the words of a council's report.

    Args:
        file: the document.
        authority: whose report it is.
        root: the installation's folder.
        state: where what was read is kept from one process to the next.

    Raises:
        ConfigurationProblem: it is no document that was made of a report of this council.
        AuthorityError: the council's sections, as they are now, have faults.
    """
    document = _Document(file)
    kept = document.kept
    if kept["authority"] != authority.slug:
        raise _refused(file, f"it was made of the report of {kept['authority']}, not of {authority.slug}")
    if not document.controls:
        raise _refused(
            file,
            "the controls around its sections have gone: it was saved by a program that does not keep them; edit it in Word",
        )
    reports = load_reports([authority], root, state).reports
    report = reports.get((authority.slug, kept["year"]))
    if report is None:
        raise _refused(file, f"{authority.slug} has no report for {kept['year']}")
    imported = Imported(kept["year"], [], [])
    sections = _Sections(authority, report, root, state)
    imported.faults += _outside_faults(document)
    for told in kept["sections"]:
        imported.faults += [f"{problem}" for problem in _read(document, told, sections, imported)]
    return imported


def _read(
    document: _Document, told: dict[str, Any], sections: _Sections, imported: Imported
) -> Iterator[str]:
    """Read one section; add its change, or yield what cannot be carried."""
    name = told["name"]
    shown = f"section {name}" + (f", below the heading “{told['title']}”" if told["title"] else "")
    controls = document.controls.get(told["key"], [])
    if len(controls) != 1:
        how = (
            "stands twice in the document"
            if controls
            else (
                "has gone from the document; to leave it out of the report, name it in leave_out of report.yml"
            )
        )
        yield f"{shown}: it {how}"
        return
    bound = {tag: Bound(*pair) for tag, pair in document.bound.items()}
    content = controls[0].find(f"{W}sdtContent")
    reading = read_section(content, bound, document.blocks, document.links, told["base"])
    units = [(tuple(nodes), Unit(text, kind, depth)) for nodes, text, kind, depth in told["units"]]
    title = document.title_before(controls[0]) if told["title"] else ""
    if reading.problems:
        yield from (f"{shown}: {problem}" for problem in reading.problems)
        return
    if reading.units == [unit for _, unit in units] and title == told["title"]:
        return
    try:
        change = sections.changed(told, units, reading.units, title)
        imported.changes += [change] if change else []
    except ValueError as problem:
        yield f"{shown}: {problem}"


class _Sections:
    """The sections of a report as they are now."""

    def __init__(self, authority: Authority, report: DeclaredReport, root: Path, state: Path | None) -> None:
        folder = authority.folder / FOLDER
        places = folders_for(folder, report.year, ReportFaults(root, authority.folder))
        self._files = section_files(places, root / SHIPPED)
        self._own = folder / report.year
        self._state = state
        self._sections: dict[str, Section] = {
            section.name: section for page in report.pages for section in page.sections
        }

    def changed(
        self, told: dict[str, Any], old: list[tuple[tuple[int, ...], Unit]], new: list[Unit], title: str
    ) -> Change | None:
        """Return what becomes of a section; None where its file says already what the document says.

        Raises:
            ValueError: it cannot be carried; the message says why.
        """
        name = told["name"]
        section = self._sections.get(name)
        if section is None:
            raise ValueError("the report has no such section any more")
        sources = [markdown_of(node) for node in section.nodes]
        if sources != told["nodes"]:
            if _says_already(told["nodes"], old, new, sources) and title in (told["title"], section.title):
                return None
            raise ValueError(
                f"{section.file} has been changed since the document was made; make the document anew, and edit that"
            )
        text = self._files[name].read_text(encoding="utf-8")
        parsed = self._parsed(text)
        if len(parsed["spans"]) != len(sources):
            raise ValueError(f"{section.file} cannot be read node by node")
        spans = [(first, end) for first, end in parsed["spans"]]
        made = rewrite(Original(text, spans, sources, old), new)
        if made.lost:
            raise ValueError(
                f"a list was edited that has more in {section.file} than the document shows; edit that file"
            )
        after = made.text
        if title != told["title"]:
            if not title:
                raise ValueError("its heading has gone; put it back")
            if parsed["title"] != section.title:
                raise ValueError("its heading was edited; it stands in report.yml, and is edited there")
            after = with_title(after, title)
        self._check(after, made.blocks, title if title != told["title"] else parsed["title"])
        return Change(name, self._own / f"{name}.md", text, without_approval(after))

    def _parsed(self, text: str) -> Parsed:
        return parse_sections([text], self._state)[text]

    def _check(self, text: str, blocks: list[str], title: str) -> None:
        """Make sure that a new text is read as what it is to say."""
        parsed = self._parsed(text)
        if parsed["errors"]:
            raise ValueError("; ".join(error["message"] for error in parsed["errors"][:3]))
        read = "".join(markdown_of(node) for node in parsed["nodes"])
        if _bare(read) != _bare("".join(blocks)) or parsed["title"] != title:
            raise ValueError("words in it would be read as something else; edit the file of the section")


def _says_already(
    before: list[str], old: list[tuple[tuple[int, ...], Unit]], new: list[Unit], now: list[str]
) -> bool:
    """Return whether nodes are now what a document makes of those that it was made of: it was brought back before."""
    spans, line = [], 0
    for source in before:
        spans.append((line, line + source.count("\n") + 1))
        line = spans[-1][1] + 1
    made = rewrite(Original("\n\n".join(before), spans, before, old), new)
    return _bare("".join(made.blocks)) == _bare("".join(now))


def _bare(markdown: str) -> str:
    return re.sub(r"[\s\\]|(?m:^\d+\.)", "", markdown)


class _Document:
    """An edited document.

    Attributes:
        kept: what it keeps of the report that it was made of.
        controls: the controls of sections by their keys.
        bound: source and words of each control within a line, by its tag.
        blocks: digests of what the other controls print, by their tags.
        links: addresses by the names that the document has for them.
    """

    def __init__(self, file: Path) -> None:
        parts = _parts(file)
        kept = next(
            (part for part in parts.values() if part.tag == f"{{{paper_words.NAMESPACE}}}words"), None
        )
        if kept is None:
            raise _refused(
                file,
                "it does not say which report it was made of: it is no report of Redress, or was saved by a program that "
                "throws away what it does not know",
            )
        self.kept: dict[str, Any] = json.loads(kept.text)
        self.body = parts["word/document.xml"].find(f"{W}body")
        self.controls: dict[str, list[Any]] = {}
        for control in self.body.iter(f"{W}sdt"):
            if key := section_key(control):
                self.controls.setdefault(key, []).append(control)
        self.bound = {tag: pair for told in self.kept["sections"] for tag, pair in told["bound"].items()}
        self.blocks = {
            tag: digest for told in self.kept["sections"] for tag, digest in told["blocks"].items()
        }
        relations = parts.get("word/_rels/document.xml.rels")
        self.links = {
            relation.get("Id"): relation.get("Target")
            for relation in (relations.iter(_RELATION) if relations is not None else ())
            if relation.get("TargetMode") == "External"
        }

    def title_before(self, control: Any) -> str:
        """Return the words of the heading before a section."""
        before = control.getprevious()
        return text_of(before) if before is not None and before.tag == f"{W}p" else ""


def _outside_faults(document: _Document) -> list[str]:
    """Return what was edited outside of the sections, where nothing can be brought back from."""
    titled = {told["key"] for told in document.kept["sections"] if told["title"]}
    keys = {told["key"] for told in document.kept["sections"]}
    faults = [
        f"there is a section `{key}` that the report does not have"
        for key in document.controls
        if key not in keys
    ]
    now = list(outside(document.body, titled))
    matcher = difflib.SequenceMatcher(None, document.kept["outside"], [row[0] for row in now], autojunk=False)
    for kind, _, _, first, end in matcher.get_opcodes():
        if kind == "equal":
            continue
        rows = now[first:end] or now[first - 1 : first]
        what = (
            "words were taken out after"
            if first == end
            else "words outside of the sections were edited or put in:"
        )
        faults += [
            f"below the heading “{heading}”: {what} “{words[:60]}”; they come from the report's figures and profile"
            for _, words, heading in rows
        ]
    return faults


def _parts(file: Path) -> dict[str, Any]:
    """Return the parts of a document that matter, as elements."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    parts = {}
    try:
        with zipfile.ZipFile(file) as archive:
            for entry in archive.infolist():
                name = entry.filename
                is_wanted = name in ("word/document.xml", "word/_rels/document.xml.rels") or (
                    name.startswith("customXml/") and name.endswith(".xml")
                )
                if is_wanted and entry.file_size > MOST_BYTES:
                    raise _refused(file, "a part of it is too large to be a report")
                if is_wanted:
                    parts[name] = etree.fromstring(archive.read(entry), parser)
    except (OSError, zipfile.BadZipFile, etree.XMLSyntaxError, NotImplementedError, RuntimeError) as problem:
        raise _refused(file, "it cannot be read as a Word document (.docx)") from problem
    if "word/document.xml" not in parts:
        raise _refused(file, "it cannot be read as a Word document (.docx)")
    return parts


def _refused(file: Path, why: str) -> ConfigurationProblem:
    return ConfigurationProblem(f"{file.name} brings nothing back: {why}.", _WHO)
