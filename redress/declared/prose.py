"""The words of sections as plain text, a paragraph a line, and how they differ between two states of a report.

A number that comes from the figures stands in the text by its name, as `[new complaints, procedure statutory]`: whether
it is another number is told of the figure, once, and not again of each sentence that prints it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from redress.declared.language import language
from redress.declared.model import DeclaredReport, Node, Section

_PRINTED = ("title", "heading", "label", "note")
"""Attributes of tables and the like whose words stand on the page."""
_VARIABLE = re.compile(r"\$([a-z_]+)")
_INLINE = frozenset({"text", "variable", "strong", "em", "link"})


class WordChange(NamedTuple):
    """Paragraphs of a section that are others than before.

    Attributes:
        page: the word of its page; blank for the first page.
        section: its name.
        title: its heading; blank where it has none.
        before: the paragraphs as they were, a line each; blank where there were none.
        after: as they are; blank where they were taken out.
    """

    page: str
    section: str
    title: str
    before: str
    after: str


def paragraphs(section: Section) -> list[str]:
    """Return the words of a section: its title, and each paragraph, heading, item of a list and words of a table."""
    title = [_named(section.title)] if section.title else []
    return [*title, *_paragraphs(section.nodes)]


def word_changes(before: DeclaredReport, now: DeclaredReport) -> list[WordChange]:
    """Return what two states of a report say in other words, in the order of its pages; what was taken out comes last."""
    then, today = _sections(before), _sections(now)
    changes = []
    for name in [*today, *(name for name in then if name not in today)]:
        page, section = today.get(name) or then[name]
        old = paragraphs(then[name][1]) if name in then else []
        new = paragraphs(today[name][1]) if name in today else []
        for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if kind != "equal":
                was, becomes = "\n".join(old[i:j]), "\n".join(new[k:m])
                changes.append(WordChange(page, name, _named(section.title), was, becomes))
    return changes


def _sections(report: DeclaredReport) -> dict[str, tuple[str, Section]]:
    return {section.name: (page.path, section) for page in report.pages for section in page.sections}


def _paragraphs(nodes: list[Node]) -> Iterator[str]:
    line: list[Node] = []
    for node in nodes:
        if _is_inline(node):
            line.append(node)
            continue
        yield from _line(line)
        line = []
        for name in _PRINTED:
            if isinstance(words := node.get("attributes", {}).get(name), str):
                yield _named(words)
        yield from _paragraphs(node.get("children", []))
    yield from _line(line)


def _named(words: str) -> str:
    """Return words of a title or a label with the names of variables as they stand in sentences."""
    return _VARIABLE.sub(lambda match: f"[{match[1]}]".replace("_", " "), words)


def _is_inline(node: Node) -> bool:
    if node["type"] == "tag":
        return bool(language()["tags"][node["name"]]["place"] == "in a sentence")
    return node["type"] in _INLINE


def _line(nodes: list[Node]) -> Iterator[str]:
    text = " ".join("".join(map(_inline, nodes)).split())
    if text:
        yield text


def _inline(node: Node) -> str:
    if node["type"] == "text":
        return str(node["text"])
    if node["type"] == "variable":
        return f"[{node['name']}]".replace("_", " ")
    if node["type"] != "tag":
        return "".join(map(_inline, node["children"]))
    if node["name"] == "literal":
        return str(node["primary"])
    name = "" if node["name"] == "figure" else node["name"]
    keys = [f"{key} {_value(value)}" for key, value in node["attributes"].items()]
    named = ", ".join([f"{name} {node['primary']}".strip(), *keys])
    return f"[{named}]".replace("_", " ")


def _value(value: object) -> str:
    if isinstance(value, dict):
        return str(value["variable"])
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
