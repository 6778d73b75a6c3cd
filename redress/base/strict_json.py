"""The one reader of JSON that may have been changed: it says one thing to every reader, or is refused.

What the program wrote for itself is read by `records.read_json`, which names the damaged file; what came from others, such
as the manifest of a pack, by `read_object`.
"""

from __future__ import annotations

import json
from typing import Any

LONGEST_NUMBER = 30
"""Characters of a number."""


def parse_json(text: bytes) -> Any:
    """Return what a JSON text in UTF-8 holds.

    Raises:
        ValueError: it is not UTF-8 or no JSON, names something twice, nests too deep, or has a number that is too long or
            none (RFC 8259, sections 4, 6 and 8.1).
    """
    try:
        return json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_without_doubles,
            parse_constant=_no_number,
            parse_int=_short_number(int),
            parse_float=_short_number(float),
        )
    except RecursionError as problem:
        raise ValueError("it nests too deep") from problem


def read_object(text: bytes) -> dict[str, Any]:
    """Return the object that a JSON text in UTF-8 holds.

    Raises:
        ValueError: it is no object, or `parse_json` refuses it.
    """
    found = parse_json(text)
    if isinstance(found, dict):
        return found
    raise ValueError("it is no object")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object's members. Raises ValueError where a name stands twice."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice")
    return members


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def _short_number(kind: type) -> Any:
    """Return a reader of numbers that refuses long ones, whose reading takes long."""

    def read(text: str) -> Any:
        if len(text) > LONGEST_NUMBER:
            raise ValueError("a number is too long")
        return kind(text)

    return read
