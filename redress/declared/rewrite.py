"""Puts edited paragraphs into the text of a section: what nobody edited stays as it was written, line for line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from redress.declared.markdown import INDENT
from redress.declared.paper_words import Unit

_WORDS = re.compile(r"[\W_]+")
_TITLE = re.compile(r"title\s*:.*")


@dataclass(frozen=True)
class Original:
    """A section as it was when a document was made of it.

    Attributes:
        text: of its file.
        spans: the lines in which each node stands, as `parse.js` says.
        sources: each node as Markdown.
        units: what the document held of it, each with the nodes that it prints.
    """

    text: str
    spans: Sequence[tuple[int, int]]
    sources: Sequence[str]
    units: Sequence[tuple[tuple[int, ...], Unit]]


@dataclass(frozen=True)
class _Piece:
    """A part of the new text: nodes as they were written, or units written anew."""

    nodes: tuple[int, ...] = ()
    units: tuple[Unit, ...] = ()

    @property
    def kind(self) -> str:
        return self.units[0].kind if self.units else ""

    @property
    def is_list(self) -> bool:
        return bool(self.units) and self.units[0].is_item


@dataclass
class Rewritten:
    """The new text of a section.

    Attributes:
        text: to be written.
        blocks: what its nodes are to be, as Markdown, to be compared with how it is read.
        lost: nodes that were edited, and hold words that the document did not show.
    """

    text: str
    blocks: list[str] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)


def rewrite(original: Original, units: Sequence[Unit]) -> Rewritten:
    """Return the text of a section with other units.

    Args:
        original: as it was.
        units: as they are now.
    """
    pieces = _with_lists(_pieces(original, units))
    kept = {node for piece in pieces for node in piece.nodes}
    touched = {node for nodes, _ in original.units for node in nodes} - kept
    lost = [node for node in sorted(touched) if _is_hiding(original, node)]
    pieces = _with_unprinted(original, pieces)
    return Rewritten(_assembled(original, pieces), _blocks(original, pieces), lost)


def with_title(text: str, title: str) -> str:
    """Return the text of a section with another title."""
    written = f'title: "{title}"' if re.search(r"#|^[\"'\s]|\s$", title) else f"title: {title}"
    lines = text.split("\n")
    if lines[0].strip() != "---":
        return "\n".join(["---", written, "---", *lines])
    end = next(number for number, line in enumerate(lines[1:], 1) if line.strip() == "---")
    for number in range(1, end):
        if _TITLE.fullmatch(lines[number].strip()):
            return "\n".join([*lines[:number], written, *lines[number + 1 :]])
    return "\n".join([lines[0], written, *lines[1:]])


def _pieces(original: Original, units: Sequence[Unit]) -> list[_Piece]:
    """Return the new units as pieces; those of a node that are all there, in their order, are the node as it was written."""
    old = [unit for _, unit in original.units]
    matcher = difflib.SequenceMatcher(None, old, list(units), autojunk=False)
    matched: dict[int, int] = {
        match.b + step: match.a + step
        for match in matcher.get_matching_blocks()
        for step in range(match.size)
    }
    blocks = {unit.text: number for number, unit in enumerate(old) if unit.kind == "block"}
    whole: dict[tuple[int, ...], list[int]] = {}
    for number, (nodes, _) in enumerate(original.units):
        whole.setdefault(nodes, []).append(number)
    pieces: list[_Piece] = []
    place = 0
    while place < len(units):
        unit = units[place]
        label = blocks.get(unit.text) if unit.kind == "block" else matched.get(place)
        if label is not None:
            nodes = original.units[label][0]
            wanted = whole[nodes]
            here = [matched.get(place + step) for step in range(len(wanted))]
            if unit.kind == "block" or here == wanted:
                if nodes:  # what the pages add of themselves has no words in the file
                    pieces.append(_Piece(nodes, tuple(old[number] for number in wanted)))
                place += 1 if unit.kind == "block" else len(wanted)
                continue
        pieces.append(_Piece(units=(unit,)))
        place += 1
    return pieces


def _with_lists(pieces: list[_Piece]) -> list[_Piece]:
    """Return the pieces with items next to one another in one list, which is written anew where one of them is."""
    joined: list[_Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else _Piece()
        are_items = last.is_list and piece.is_list and not (last.nodes and piece.nodes)
        if are_items and (last.kind == piece.kind or piece.units[0].depth > 0):
            joined[-1] = _Piece(units=(*last.units, *piece.units))
        else:
            joined.append(piece)
    return joined


def _is_hiding(original: Original, node: int) -> bool:
    """Return whether a node that was edited says more than the document showed of it."""
    nodes = next(nodes for nodes, _ in original.units if node in nodes)
    shown = " ".join(re.sub(r"^\d+\. ", "", unit.text) for of, unit in original.units if of == nodes)
    if any(unit.kind == "block" for of, unit in original.units if of == nodes):
        return False
    source = " ".join(re.sub(r"(?m)^\s*\d+\. ", "", original.sources[number]) for number in nodes)
    return _WORDS.sub("", shown) != _WORDS.sub("", source)


def _with_unprinted(original: Original, pieces: list[_Piece]) -> list[_Piece]:
    """Return the pieces with the nodes that printed nothing, such as `when` without figures, where they stood."""
    printed = {node for nodes, _ in original.units for node in nodes}
    waiting = [node for node in range(len(original.spans)) if node not in printed]
    result: list[_Piece] = []
    for piece in pieces:
        if piece.nodes:
            first, last = min(piece.nodes), max(piece.nodes)
            result += [_Piece((node,)) for node in waiting if node < first]
            # a node between two that print one paragraph comes with them
            piece = replace(piece, nodes=tuple(range(first, last + 1)))
            waiting = [node for node in waiting if node > last]
        result.append(piece)
    return result + [_Piece((node,)) for node in waiting]


def _spans(original: Original) -> tuple[list[str], list[tuple[int, int]]]:
    """Return the lines of the text, and the spans of nodes without blank lines at their ends."""
    lines = original.text.split("\n")
    spans = []
    for first, end in original.spans:
        while end > first + 1 and not lines[end - 1].strip():
            end -= 1
        spans.append((first, end))
    return lines, spans


def _assembled(original: Original, pieces: list[_Piece]) -> str:
    """Return the pieces below one another, with the notes that stood between them."""
    lines, spans = _spans(original)
    gaps = [lines[end:begin] for (_, end), (begin, _) in zip([(0, 0), *spans], spans, strict=False)]
    text = "\n".join([*gaps[0], ""]) if gaps else "\n".join(lines).rstrip("\n") + "\n"
    next_node = 0  # the node that would follow as it was written
    for number, piece in enumerate(pieces):
        is_next = bool(piece.nodes) and piece.nodes[0] == next_node and (number > 0 or next_node == 0)
        is_after = number > 0 and bool(pieces[number - 1].nodes)
        if not piece.nodes:
            text += ("\n\n" if number else "") + _anew(piece)
            continue
        words = "\n".join(lines[spans[piece.nodes[0]][0] : spans[piece.nodes[-1]][1]])
        if is_next and (is_after or number == 0):
            text += ("\n".join(["", *gaps[next_node], ""]) if number else "") + words
        else:
            text += ("\n\n" if number else "") + _lead(gaps[max(1, next_node) : piece.nodes[0] + 1]) + words
        next_node = piece.nodes[-1] + 1
    text += "".join(f"\n\n{note}" for note in _notes(gaps[max(1, next_node) :]))
    tail = "\n".join(lines[spans[-1][1] :]).rstrip("\n") if spans else ""
    return f"{text}\n{tail}".rstrip("\n") + "\n"


def _lead(gaps: Sequence[Sequence[str]]) -> str:
    """Return the notes before a node as they stand before it, when what stood above them is another."""
    lead = "".join(f"{note}\n\n" for note in _notes(gaps))
    is_close = bool(gaps) and bool(gaps[-1]) and bool(gaps[-1][-1].strip())
    return lead[:-1] if is_close else lead


def _notes(gaps: Sequence[Sequence[str]]) -> list[str]:
    """Return the notes to whoever writes that stand between nodes."""
    return [note for gap in gaps if (note := "\n".join(gap).strip())]


def _anew(piece: _Piece) -> str:
    """Return units as Markdown."""
    if not piece.is_list:
        return "\n\n".join(unit.text for unit in piece.units)
    lines: list[str] = []
    counts: list[int] = []
    for unit in piece.units:
        depth = min(unit.depth, len(counts))
        counts = [*counts[: depth + 1], 0][: depth + 1]
        counts[depth] += 1
        mark = f"{counts[depth]}." if unit.kind == "number" else "-"
        lines.append(f"{INDENT * depth}{mark} {unit.text}")
    return "\n".join(lines)


def _blocks(original: Original, pieces: list[_Piece]) -> list[str]:
    blocks: list[str] = []
    for piece in pieces:
        if piece.nodes:
            blocks += [original.sources[node] for node in piece.nodes]
        else:
            blocks.append(_anew(piece))
    return blocks
