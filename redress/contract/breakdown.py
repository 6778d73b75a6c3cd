"""The breakdown of a figure, `key=value;key=value` with its keys in order; and a list of keys, `key;key`.

Neither is blank but for the whole: no keys. The warehouse writes a semicolon inside a value as a comma.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

Pair = tuple[str, str]


@lru_cache(maxsize=100_000)
def pairs_of(breakdown: str) -> tuple[Pair, ...]:
    """Return the keys of a breakdown and their values, in order."""
    return tuple(sorted(pair_of(text) for text in breakdown.split(";") if text))


def pair_of(text: str) -> Pair:
    """Return the key and the value of one part of a breakdown, written `key=value`."""
    key, _, value = text.partition("=")
    return key, value


def keys_of(breakdown: str) -> tuple[str, ...]:
    """Return the keys of a breakdown, in order."""
    return tuple(key for key, _ in pairs_of(breakdown))


def written(pairs: Iterable[Pair]) -> str:
    """Return pairs, in order, as a breakdown."""
    return ";".join(f"{key}={value}" for key, value in pairs)


def listed_keys(text: str | None) -> tuple[str, ...]:
    """Return the keys of a list of them, in its order."""
    return tuple(key for key in (text or "").split(";") if key)


def list_of(keys: Iterable[str]) -> str:
    """Return keys as a list of them."""
    return ";".join(keys)
