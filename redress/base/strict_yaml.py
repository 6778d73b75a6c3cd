"""The one reader of YAML that people write: a council's profile, mapping and declarations.

It reads YAML as people expect it, says on which line something is wrong, and is bounded whatever the file holds:

- a key stands once, since the earlier one would be lost without a word, and is a word;
- only `true` and `false` are truth values: yes, no, on and off are words, as they are in councils' exports;
- a number is written as one writes it (`12`, `-3`, `1.5`); `007`, `1_000`, `0x1F` and `12:30` are words;
- no tags (`!!python/object`), no deep nesting, no references that unfold into a great deal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import yaml

from redress.base.strict_text import TextProblem, read_text

MOST_BYTES = 1_000_000
"""The largest file that is read; a council's largest mapping has some tens of thousands."""
MOST_NODES = 50_000
"""The most words, lists and groups that a file may hold, those that references repeat counted each time."""
DEEPEST = 30
"""How deep lists and groups may lie in one another."""

_PLAIN_TAGS = (None, "!", "tag:yaml.org,2002:str")
_NUMBERS = {
    "tag:yaml.org,2002:int": (re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})$"), "-+0123456789"),
    "tag:yaml.org,2002:float": (re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}$"), "-+0123456789"),
}
_IN_PLAIN_WORDS = {
    "found character '\\t' that cannot start any token": "a tab stands where spaces are needed: indent with spaces",
    "mapping values are not allowed here": "a colon stands where no `key: value` can be: put words that hold a "
    "colon and a space into quotation marks, and look at the indentation",
    "could not find expected ':'": "a key without its colon, or a line that belongs to nothing",
}


class YamlProblem(TextProblem):
    """The text cannot be read as YAML; the text says why, and on which line."""


class _StrictLoader(yaml.SafeLoader):  # type: ignore[misc]  # its base has no types
    """PyYAML's safe loader, made strict and bounded; what it refuses carries the line."""

    yaml_implicit_resolvers: ClassVar[dict[Any, Any]] = {}

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = self.nodes = 0
        self.sizes: dict[int, int] = {}

    def compose_node(self, parent: Any, index: Any) -> yaml.Node:
        """Compose one node, counting how deep it lies and how much it holds."""
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent):
            return self._repeated(event, parent, index)
        if event.tag not in _PLAIN_TAGS:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            raise _refusal(f"the tag `{tag[:60]}` cannot be used: write the value alone", event.start_mark)
        before = self.nodes
        self.depth += 1
        self._count(1, event)
        if self.depth > DEEPEST:
            raise _refusal(f"lists or groups lie more than {DEEPEST} deep in one another", event.start_mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        self.sizes[id(node)] = self.nodes - before
        return node

    def _repeated(self, event: yaml.AliasEvent, parent: Any, index: Any) -> yaml.Node:
        """Return what a reference stands for; all that it repeats is counted, and it cannot hold itself."""
        node = super().compose_node(parent, index)
        if id(node) not in self.sizes:
            raise _refusal(f"`*{event.anchor}` stands inside what it refers to", event.start_mark)
        self._count(self.sizes[id(node)], event)
        return node

    def _count(self, nodes: int, event: yaml.Event) -> None:
        self.nodes += nodes
        if self.nodes > MOST_NODES:
            raise _refusal(
                f"the file holds more than {MOST_NODES:,} words, lists and groups", event.start_mark
            )

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Make the value of a node; a date or number that cannot be one is refused with its line."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, OverflowError) as error:
            shown = str(getattr(node, "value", ""))[:40]
            raise _refusal(f"`{shown}` is no date or number that can be: {error}", node.start_mark) from error

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Make a group, refusing a key that stands twice or is no word."""
        if isinstance(node, yaml.MappingNode):
            self._refuse_keys(node)
        group: dict[Any, Any] = super().construct_mapping(node, deep)
        return group

    def _refuse_keys(self, node: yaml.MappingNode) -> None:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                raise _refusal(
                    "a key is a list or a group; a key is a word. A word that holds `[`, `{` or `: ` stands in "
                    "quotation marks",
                    key_node.start_mark,
                )
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise _refusal(f"`{str(key)[:60]}` stands twice", key_node.start_mark)
            seen.add(key)


def _resolvers() -> dict[str | None, list[tuple[str, re.Pattern[str]]]]:
    """Return PyYAML's resolvers with the truth values and numbers of this module."""
    usual = {
        first: [
            (tag, pattern)
            for tag, pattern in resolvers
            if tag not in _NUMBERS and (tag != "tag:yaml.org,2002:bool" or first in "tTfF")
        ]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    for tag, (pattern, firsts) in _NUMBERS.items():
        for first in firsts:
            usual.setdefault(first, []).append((tag, pattern))
    return usual


_StrictLoader.yaml_implicit_resolvers = _resolvers()


def _refusal(problem: str, mark: Any) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(None, None, problem, mark)


Lines = dict[tuple[str, ...], int]
"""The line of each key and each item of a list, by the keys and positions that lead to it."""


def parse_yaml(text: str) -> Any:
    """Read YAML strictly; return None for a text that holds nothing.

    Raises:
        YamlProblem: it is not valid, too large or too deep, a key stands twice or is no word, or a date or number
            in it cannot be one.
    """
    return _parse(text)[0]


def _parse(text: str) -> tuple[Any, yaml.Node | None]:
    if len(text) > MOST_BYTES:
        raise YamlProblem(f"the file has {len(text):,} characters; it may have {MOST_BYTES:,}")
    try:
        loader = _StrictLoader(text)
        node = loader.get_single_node()
        return (None if node is None else loader.construct_document(node)), node
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        character = error.character if isinstance(error.character, int) else ord(str(error.character)[:1])
        raise YamlProblem(
            f"the character U+{character:04X} cannot stand in it; it is a damaged byte or a control character",
            line,
        ) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = str(getattr(error, "problem", None) or error)
        raise YamlProblem(_IN_PLAIN_WORDS.get(problem, problem), mark.line + 1 if mark else None) from error
    except RecursionError:
        raise YamlProblem("lists or groups lie too deep in one another") from None


def read_yaml(path: Path) -> Any:
    """Read a YAML file strictly; return None for a file that holds nothing.

    Raises:
        FileNotFoundError: there is no such file.
        YamlProblem: it cannot be opened, is not in UTF-8, or is refused by `parse_yaml`.
    """
    return parse_yaml(_text(path))


def read_yaml_lines(path: Path) -> tuple[Any, Lines]:
    """Read a YAML file as `read_yaml` does; return what it holds and the line of each part."""
    value, node = _parse(_text(path))
    return value, {} if node is None else dict(_lines(node))


def _text(path: Path) -> str:
    try:
        return read_text(path, MOST_BYTES)
    except TextProblem as error:
        raise YamlProblem(error.problem, error.line) from error


def _lines(node: yaml.Node, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inside = (*place, str(key.value))
            yield inside, key.start_mark.line + 1
            yield from _lines(value, inside)
    elif isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            inside = (*place, str(position))
            yield inside, item.start_mark.line + 1
            yield from _lines(item, inside)
