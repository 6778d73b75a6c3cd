"""The words of a section as passages: paragraphs, items, headings and titles, each a text in which every place has its line.

In the text of a passage a tag that prints a number stands as one mark, and a variable as the words that it prints, so that
what reads the text sees a sentence as its reader does, and cannot take what is bound for what was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from redress.declared.model import Node, Section

MARK = "\ufffc"
"""Stands for a tag in a passage."""
_LINE_OF_TITLE = 2
"""Below the first `---`."""
_INLINE = frozenset({"text", "variable", "strong", "em", "link"})
_BESIDE_SENTENCES = frozenset({"figure", "change", "top", "rank", "date", "held", "literal"})
_TITLES = ("title", "heading", "note", "label", "total", "source")
"""Attributes of tags that hold words for the reader."""
_VARIABLE = re.compile(r"\$([a-z_]+)")
_END = re.compile(r"[.!?…]+[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9\ufffc£])|\n")
_NO_END = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|cf|vs|approx|no|nos|reg|regs|para|dr|mr|mrs|ms|st|a\.m|p\.m)|\b[A-Z])\.\s+$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Bound:
    """A tag or variable in a passage.

    Attributes:
        start, end: its place in the text.
        node: what it is in the section.
        above: the tags around it.
    """

    start: int
    end: int
    node: Node
    above: tuple[Node, ...] = ()

    @property
    def is_tag(self) -> bool:
        """Whether it is a tag; otherwise a variable."""
        return bool(self.node["type"] == "tag")


@dataclass
class Passage:
    """Words that are read together.

    Attributes:
        kind: `paragraph`, `item`, `heading` or `title`.
        text: the words.
        bound: what in the text was not typed, in order.
        links: the addresses of links with the place at which each begins.
        tag: whose title this is; None where it is no title of a tag.
    """

    kind: str
    text: str = ""
    bound: list[Bound] = field(default_factory=list)
    links: list[tuple[int, str]] = field(default_factory=list)
    tag: Node | None = None
    _lines: list[tuple[int, int]] = field(default_factory=list)

    def line_at(self, place: int) -> int:
        """Return the line of a place in the text; 0 where it is not known."""
        return next((line for start, line in reversed(self._lines) if start <= place), self._first_line)

    @property
    def _first_line(self) -> int:
        return self._lines[0][1] if self._lines else 0

    def is_bound(self, start: int, end: int) -> bool:
        """Return whether a stretch of the text touches what was not typed."""
        return any(bound.start < end and start < bound.end for bound in self.bound)

    def sentences(self) -> list[Sentence]:
        """Return the sentences in order."""
        ends = [
            match.end()
            for match in _END.finditer(self.text)
            if not _NO_END.search(self.text[max(0, match.start() - 8) : match.end()])
        ]
        starts = [0, *ends]
        return [
            Sentence(self, start, end)
            for start, end in zip(starts, [*ends, len(self.text)], strict=True)
            if self.text[start:end].strip()
        ]


@dataclass(frozen=True)
class Sentence:
    """A sentence of a passage."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        """The words of the sentence alone."""
        return self.passage.text[self.start : self.end]

    @property
    def tags(self) -> list[Bound]:
        """The tags in it, in order."""
        return [
            bound for bound in self.passage.bound if bound.is_tag and self.start <= bound.start < self.end
        ]

    def line_at(self, place: int) -> int:
        """Return the line of a place in the sentence's own text."""
        return self.passage.line_at(self.start + place)

    def is_bound(self, start: int, end: int) -> bool:
        """Return whether a stretch of the sentence's own text touches what was not typed."""
        return self.passage.is_bound(self.start + start, self.start + end)


def passages(section: Section, variables: Mapping[str, str]) -> list[Passage]:
    """Return the passages of a section in order, its title first.

    Args:
        section: as it was read.
        variables: what variables print, such as `year`; others stand as a mark.
    """
    reader = _Reader(variables)
    title = reader.words("title", section.title, _LINE_OF_TITLE)
    return [*([title] if section.title else []), *reader.blocks(section.nodes, (), 1)]


class _Reader:
    """Makes passages of nodes."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def words(self, kind: str, text: str, line: int, tag: Node | None = None) -> Passage:
        """Return words that stand in one place, such as a title, with their variables filled in."""
        passage = Passage(kind, tag=tag)
        passage._lines.append((0, line))
        done = 0
        for match in _VARIABLE.finditer(text):
            passage.text += text[done : match.start()]
            self._add_variable(passage, {"type": "variable", "name": match[1]}, ())
            done = match.end()
        passage.text += text[done:]
        return passage

    def blocks(self, nodes: list[Node], above: tuple[Node, ...], line: int) -> Iterator[Passage]:
        """Yield the passages of nodes that stand on lines of their own."""
        for node in nodes:
            line = node.get("line") or line
            if node["type"] == "tag":
                if node["name"] != "literal":
                    yield from self._titles(node)
                inner = (*above, node)
                yield from self.blocks(node.get("children", []), inner, line)
            elif node["type"] in ("paragraph", "item", "heading"):
                yield from self._block(node, above, line)
            elif node["type"] in _INLINE:
                yield from self._block({"type": "paragraph", "children": [node]}, above, line)
            else:
                yield from self.blocks(node.get("children", []), above, line)

    def _titles(self, tag: Node) -> Iterator[Passage]:
        for name in _TITLES:
            value = tag["attributes"].get(name)
            if isinstance(value, str) and not (name == "total" and value in ("yes", "no", "rows", "columns")):
                yield self.words("title", value, tag["line"], tag)

    def _block(self, node: Node, above: tuple[Node, ...], line: int) -> Iterator[Passage]:
        """Yield a paragraph, item or heading, and after it the blocks that lie in it."""
        passage = Passage(node["type"])
        nested = []
        for child in node["children"]:
            is_inline = child["type"] in _INLINE or child.get("name") in _BESIDE_SENTENCES
            if is_inline:
                self._add(passage, child, above)
            else:
                nested.append(child)
        if passage.text.strip():
            if not passage._lines:
                passage._lines.append((0, line))
            yield passage
        yield from self.blocks(nested, above, node.get("line") or line)

    def _add(self, passage: Passage, node: Node, above: tuple[Node, ...]) -> None:
        """Add a node within a paragraph to its passage."""
        _place_lines(passage, node)
        if node["type"] == "text":
            passage.text += node["text"]
        elif node["type"] == "variable":
            self._add_variable(passage, node, above)
        elif node["type"] == "tag":
            passage.bound.append(Bound(len(passage.text), len(passage.text) + 1, node, above))
            passage.text += MARK
        else:
            if node["type"] == "link":
                passage.links.append((len(passage.text), node["href"]))
            for child in node.get("children", []):
                self._add(passage, child, above)

    def _add_variable(self, passage: Passage, node: Node, above: tuple[Node, ...]) -> None:
        words = self._variables.get(node["name"], MARK)
        passage.bound.append(Bound(len(passage.text), len(passage.text) + len(words), node, above))
        passage.text += words


def _place_lines(passage: Passage, node: dict[str, Any]) -> None:
    """Note at which places of a passage the lines of a node begin."""
    start = len(passage.text)
    lines = node.get("lines") or ([[0, node["line"]]] if node.get("line") else [])
    for offset, line in lines:
        if not passage._lines or passage._lines[-1][1] != line:
            passage._lines.append((start + int(offset), int(line)))
