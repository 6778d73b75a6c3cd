"""What a Word document of a report keeps of its words, so that they can be read back; and the reading of its paragraphs.

Each declared section is a content control, and so is each number, variable and link within it whose words are not the author's.
Their tags are keys into a part of the document (`PART`), which holds what is written for each of them, and what the
paragraphs were when the document was made. Whoever makes a document reads its sections with the same function as whoever
reads an edited one, so that what nobody edited is read as it was.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from redress.declared.markdown import escape, escape_head, marked

PART = "/customXml/redress.xml"
NAMESPACE = "urn:redress:words:1"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/customXml"
CONTENTS = "contents"
"""The tag of the control around the list of contents, which Word renews by itself."""

Element = Any
"""An element of WordprocessingML, as lxml has it."""

_COUNTED = re.compile(r"\s*(SEQ|PAGE|NUMPAGES|PAGEREF|TOC)\b")
_BULLETS = ("ListBullet", "ListParagraph")
_HEADING = re.compile(r"Heading(\d)")
_KEY = re.compile(r"s\d+")
_SPACES = re.compile(r"\s+")
_DIGEST_LENGTH = 16


@dataclass(frozen=True)
class Unit:
    """A paragraph, an item of a list, or a block that is no words, as it is read.

    Attributes:
        text: a paragraph or item as Markdown; of a block, its tag.
        kind: `paragraph`, `heading`, `bullet`, `number` or `block`.
        depth: how many items an item lies in.
    """

    text: str
    kind: str
    depth: int = 0

    @property
    def is_item(self) -> bool:
        """Whether it is an item of a list."""
        return self.kind in ("bullet", "number")


@dataclass
class Reading:
    """What a section of a document holds.

    Attributes:
        units: in their order.
        problems: what cannot be carried, in words.
        bound: the tags of the numbers, variables and links that stand in it.
    """

    units: list[Unit] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    bound: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Bound:
    """What stands in a control within a line: what is written for it, and what it prints."""

    source: str
    prints: str


def read_section(
    content: Element,
    bound: Mapping[str, Bound],
    blocks: Mapping[str, str],
    links: Mapping[str, str],
    base: int,
) -> Reading:
    """Return what a section's control holds.

    Args:
        content: the content of the control.
        bound: by the tag of each control within a line.
        blocks: the digest of what each block that is no words prints, by its control's tag.
        links: addresses by the names that the document has for them.
        base: the level of headings in Word that is `###` in a section.
    """
    reading = Reading()
    reader = _Reader(reading, bound, links)
    for child in _content(content):
        tag = tag_of(child) if child.tag == f"{W}sdt" else ""
        if tag in blocks:
            if digest_of(child) != blocks[tag]:
                reading.problems.append(
                    f"a table, chart or list of figures was edited: {text_of(child)[:60]}"
                )
            reading.units.append(Unit(tag, "block"))
        elif child.tag == f"{W}p":
            reader.read_paragraph(child, base)
        elif child.tag == f"{W}tbl":
            reading.problems.append(
                f"a table was put in: {text_of(child)[:60]}; tables of figures are made by the tag table"
            )
        elif child.tag == f"{W}sdt":
            inner = read_section(child.find(f"{W}sdtContent"), bound, blocks, links, base)
            reading.units += inner.units
            reading.problems += inner.problems
            reading.bound += inner.bound
    return reading


@dataclass
class _Piece:
    """Words of one look within a line."""

    text: str
    is_bold: bool = False
    is_italic: bool = False
    href: str = ""
    is_source: bool = False


class _Reader:
    """Reads paragraphs as Markdown."""

    def __init__(self, reading: Reading, bound: Mapping[str, Bound], links: Mapping[str, str]) -> None:
        self._reading, self._bound, self._links = reading, bound, links

    def read_paragraph(self, paragraph: Element, base: int) -> None:
        pieces = list(self._pieces(paragraph))
        words = _written(pieces)
        if not words:
            return
        style = _style(paragraph)
        heading = _HEADING.fullmatch(style)
        kind = "heading" if heading else _list_kind(paragraph, style)
        if heading:
            level = min(4, max(3, int(heading[1]) - base + 3))
            words = f"{'#' * level} {words}"
        else:
            words = escape_head(words)
        depth = _depth(paragraph, style) if kind in ("bullet", "number") else 0
        self._reading.units.append(Unit(words, kind, depth))

    def _pieces(self, element: Element, href: str = "") -> Iterator[_Piece]:
        """Yield the pieces of a line; what was struck out with changes tracked is no part of it."""
        fields = _Fields()
        for child in element:
            name = child.tag.removeprefix(W) if isinstance(child.tag, str) else ""
            if name == "r":
                yield from self._run(child, href, fields)
            elif name == "sdt":
                yield from self._control(child, href)
            elif name == "hyperlink":
                key = child.get(f"{R}id") or child.get(f"{W}anchor") or ""
                yield from self._pieces(child, self._links.get(key, ""))
            elif name in ("ins", "moveTo", "smartTag", "customXml", "fldSimple"):
                yield from self._pieces(child, href)

    def _control(self, control: Element, href: str) -> Iterator[_Piece]:
        tag = tag_of(control)
        known = self._bound.get(tag)
        content = control.find(f"{W}sdtContent")
        if known is None:
            yield from self._pieces(content, href) if content is not None else ()
            return
        self._reading.bound.append(tag)
        printed = text_of(control)
        if printed != known.prints:
            self._reading.problems.append(
                f"`{printed}` was typed over what {known.source} prints (`{known.prints}`), and would be a literal"
            )
        looks = [piece for piece in self._pieces(content) if piece.text.strip()]
        yield _Piece(
            known.source,
            bool(looks) and all(piece.is_bold for piece in looks),
            bool(looks) and all(piece.is_italic for piece in looks),
            is_source=True,
        )

    def _run(self, run: Element, href: str, fields: _Fields) -> Iterator[_Piece]:
        look = run.find(f"{W}rPr")
        style = look.find(f"{W}rStyle") if look is not None else None
        name = style.get(f"{W}val") if style is not None else ""
        is_bold, is_italic = name == "Strong" or _is_on(look, "b"), name == "Emphasis" or _is_on(look, "i")
        for child in run:
            part = child.tag.removeprefix(W) if isinstance(child.tag, str) else ""
            fields.see(child, part)
            if fields.is_counted:
                continue
            if part in ("t", "tab", "br", "cr", "noBreakHyphen"):
                yield _Piece(_sign(child, part), is_bold, is_italic, href)
            elif part in ("drawing", "pict", "object"):
                self._reading.problems.append("a picture was put in; pictures cannot be carried")
            elif part in ("footnoteReference", "endnoteReference"):
                self._reading.problems.append("a footnote was put in; footnotes cannot be carried")


@dataclass
class _Fields:
    """Where in the fields of a paragraph a run stands: the number of a page or a table is counted anew by Word."""

    stack: list[str] = field(default_factory=list)

    def see(self, child: Element, part: str) -> None:
        """Note a part of a run."""
        if part == "fldChar":
            kind = child.get(f"{W}fldCharType")
            if kind == "begin":
                self.stack.append("")
            elif kind == "end" and self.stack:
                self.stack.pop()
        elif part == "instrText" and self.stack:
            self.stack[-1] += child.text or ""

    @property
    def is_counted(self) -> bool:
        """Whether what stands here is counted by Word."""
        return any(_COUNTED.match(instruction) for instruction in self.stack)


def _written(pieces: list[_Piece]) -> str:
    """Return the pieces of a line as Markdown: neighbours of one look together, spaces single."""
    groups: list[list[_Piece]] = []
    for piece in pieces:
        if not piece.text:
            continue
        look = (piece.is_bold, piece.is_italic, piece.href)
        if groups and (groups[-1][0].is_bold, groups[-1][0].is_italic, groups[-1][0].href) == look:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    written = ""
    for group in groups:
        words = "".join(
            piece.text if piece.is_source else escape(_SPACES.sub(" ", piece.text)) for piece in group
        )
        first = group[0]
        words = marked("*", words) if first.is_italic else words
        words = marked("**", words) if first.is_bold else words
        if first.href and words.strip():
            words = f"[{words}]({first.href})"
        written += words
    return re.sub(r" {2,}", " ", written).strip()


def digest_of(element: Element) -> str:
    """Return a digest of the words of a block."""
    return hashlib.sha256(text_of(element).encode()).hexdigest()[:_DIGEST_LENGTH]


def text_of(element: Element) -> str:
    """Return the words of an element, spaces single; without what Word counts by itself, and without what was struck out."""
    words: list[str] = []
    fields = _Fields()

    def walk(parent: Element) -> None:
        for child in parent:
            part = child.tag.removeprefix(W) if isinstance(child.tag, str) else ""
            fields.see(child, part)
            is_left_out = part in ("del", "moveFrom", "instrText") or (
                part == "fldSimple" and _COUNTED.match(child.get(f"{W}instr") or "")
            )
            if is_left_out or fields.is_counted and part == "t":
                continue
            if part in ("t", "tab", "br", "cr", "noBreakHyphen"):
                words.append(_sign(child, part))
            walk(child)
            if part in ("p", "tc"):
                words.append(" ")

    walk(element)
    return _SPACES.sub(" ", "".join(words)).strip()


def section_key(element: Element) -> str:
    """Return the key of the section whose control an element is; blank for another element."""
    tag = tag_of(element) if element.tag == f"{W}sdt" else ""
    return tag if _KEY.fullmatch(tag) else ""


def outside(body: Element, titled: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """Yield what stands outside of sections: a digest of the words, the words, and the heading above them.

    Args:
        body: of the document.
        titled: the keys of sections that have a heading, which stands before their control.
    """
    heading = ""
    children = list(body)
    for child, following in zip(children, [*children[1:], None], strict=True):
        words = text_of(child)
        if child.tag == f"{W}p" and _HEADING.fullmatch(_style(child)):
            heading = words
        is_title = following is not None and section_key(following) in titled
        is_contents = child.tag == f"{W}sdt" and tag_of(child) == CONTENTS
        if words and not section_key(child) and not is_title and not is_contents:
            yield digest_of(child), words, heading


def tag_of(control: Element) -> str:
    """Return the tag of a content control; blank for none."""
    tag = control.find(f"{W}sdtPr/{W}tag")
    return "" if tag is None else tag.get(f"{W}val") or ""


def _content(content: Element) -> Iterator[Element]:
    """Yield paragraphs, tables and controls, also those that were put in with changes tracked."""
    for child in content:
        if child.tag in (f"{W}ins", f"{W}moveTo", f"{W}customXml"):
            yield from _content(child)
        else:
            yield child


def _sign(child: Element, part: str) -> str:
    return (child.text or "") if part == "t" else "-" if part == "noBreakHyphen" else " "


def _style(paragraph: Element) -> str:
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    return "" if style is None else (style.get(f"{W}val") or "")


def _list_kind(paragraph: Element, style: str) -> str:
    if style.startswith("ListNumber"):
        return "number"
    if style.startswith(_BULLETS) or paragraph.find(f"{W}pPr/{W}numPr") is not None:
        return "bullet"
    return "paragraph"


def _depth(paragraph: Element, style: str) -> int:
    """Return how deep an item lies: as its style says, `List Bullet 2`, or its numbering."""
    if style[-1:].isdigit():
        return int(style[-1]) - 1
    level = paragraph.find(f"{W}pPr/{W}numPr/{W}ilvl")
    return int(level.get(f"{W}val") or 0) if level is not None else 0


def _is_on(look: Element | None, name: str) -> bool:
    mark = look.find(f"{W}{name}") if look is not None else None
    return mark is not None and mark.get(f"{W}val") not in ("0", "false", "off")
