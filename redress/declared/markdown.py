"""Writes what a section holds as Markdown with tags: the way back from `parse.js`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from redress.declared.model import Node

# Signs that mean something within a line, wherever they stand; an underscore within a word means nothing.
_INLINE = re.compile(r"[\\`*\[\]]|<(?=[A-Za-z/!?])|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])|\{(?=%)|\}")
# What begins a heading, a list, a quotation, a line across or a table, at the head of a line.
_HEAD = re.compile(r"#{1,6}(?=\s|$)|[-+](?=\s|$)|[-~]{3}|>|\|")
_NUMBERED = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
INDENT = "    "


def markdown_of(node: Node) -> str:
    """Return one node of a section as Markdown."""
    if node["type"] == "heading":
        return f"{'#' * node['level']} {_inline(node['children'])}"
    if node["type"] == "list":
        return "\n".join(_items(node))
    if node["type"] == "tag":
        return _tag(node, _blocks)
    return escape_head(_inline(node.get("children", [])))


def bound_nodes(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield what a node binds, with its key: tags, variables and links within the report, in the order of the words.

    The pages mark what each of them prints with the same key (`keysOf` in `reports/components/declared.js`), behind the number
    of the node in its section.
    """
    number = 0

    def walk(inner: Node) -> Iterator[tuple[str, Node]]:
        nonlocal number
        if is_bound(inner):
            yield str(number), inner
            number += 1
        for child in inner.get("children", ()):
            yield from walk(child)

    yield from walk(node)


def is_bound(node: Node) -> bool:
    """Return whether what a node prints is not the author's own words."""
    is_inside = node["type"] == "link" and not re.match(r"https?:|mailto:", node["href"])
    return node["type"] in ("tag", "variable") or is_inside


def source_of(node: Node) -> str:
    """Return what is written for a part of a line, such as a tag, a variable or a link."""
    return _inline([node])


def escape(text: str) -> str:
    """Return words as they are written in Markdown, with a backslash before each sign that would mean something."""
    return _INLINE.sub(lambda sign: f"\\{sign[0]}", text)


def escape_head(line: str) -> str:
    """Return a paragraph that does not begin like a heading, a list or anything else."""
    numbered = _NUMBERED.match(line)
    if numbered:
        return f"{numbered[1]}\\{line[numbered.start(2) :]}"
    return f"\\{line}" if _HEAD.match(line) else line


def marked(mark: str, words: str) -> str:
    """Return words between marks such as `**`; spaces at their ends stand outside, where they have to be."""
    inner = words.strip()
    if not inner:
        return words
    begin, end = words[: len(words) - len(words.lstrip())], words[len(words.rstrip()) :]
    return f"{begin}{mark}{inner}{mark}{end}"


def _inline(nodes: list[Node]) -> str:
    return "".join(map(_part, nodes)).strip()


def _part(node: Node) -> str:
    kind = node["type"]
    if kind == "text":
        return escape(node["text"])
    if kind == "variable":
        return f"{{% ${node['name']} %}}"
    if kind == "tag":
        return _tag(node, _inline)
    inside = "".join(map(_part, node.get("children", [])))
    if kind == "link":
        return f"[{inside}]({node['href']})"
    return marked({"strong": "**", "em": "*"}.get(kind, ""), inside)


def _items(node: Node, depth: int = 0) -> Iterator[str]:
    for number, item in enumerate(node["children"], 1):
        inner = [child for child in item["children"] if child["type"] == "list"]
        own = [child for child in item["children"] if child["type"] != "list"]
        words = " ".join(
            _inline(child["children"]) if child["type"] == "paragraph" else _part(child) for child in own
        )
        words = words if any(child["type"] == "paragraph" for child in own) else _inline(own)
        yield f"{INDENT * depth}{f'{number}.' if node['ordered'] else '-'} {escape_head(words)}"
        for below in inner:
            yield from _items(below, depth + 1)


def _blocks(nodes: list[Node]) -> str:
    """Return nodes below one another, between line ends."""
    written = ""
    for node in nodes:
        gap = "\n" if node["type"] == "tag" and not node["children"] else "\n\n"
        written += (gap if written else "") + markdown_of(node)
    return f"\n{written}\n"


def _tag(tag: Node, inside: Callable[[list[Node]], str]) -> str:
    """Return a tag as it is written, with what stands in it."""
    words = [f'"{_quoted(tag["primary"])}"'] if tag.get("primary") else []
    words += [f"{name}={_value(value)}" for name, value in tag["attributes"].items()]
    opening = " ".join(["{%", tag["name"], *words])
    if not tag["children"]:
        return f"{opening} /%}}"
    return f"{opening} %}}{inside(tag['children'])}{{% /{tag['name']} %}}"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return f"${value['variable']}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, int | float):
        return str(value)
    return f'"{_quoted(value)}"'


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
