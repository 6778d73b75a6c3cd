"""Patterns and wildcards that councils write for the names of files and measures.

A council's pattern may be wrong, and may be hostile, but it may not run for ever, fill the memory or end a run with an error
of ours. Every one goes through this module: `fault_of` says at loading what is wrong with it, and what passes is matched in
time that grows with its length and with the length of what it looks at. Relations between numbers are in `relation`.
"""

from __future__ import annotations

import fnmatch
import functools
from collections.abc import Callable
from typing import Any, Literal

import re2

Kind = Literal["pattern", "wildcard"]

LONGEST = 1_000
"""Characters of a pattern or wildcard. The longest that anybody has needed has 150."""

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False


class PatternProblem(ValueError):
    """A pattern or wildcard cannot be used; the text says which one and why."""


def fault_of(kind: Kind, text: str) -> str:
    """Return what is wrong with a pattern or wildcard; '' if it can be used.

    Args:
        kind: `pattern` (a regular expression) or `wildcard` (`*`, `?`, `[...]`).
        text: as written.
    """
    try:
        _READERS[kind](text)
    except PatternProblem as problem:
        return str(problem)
    return ""


def groups_of(pattern: str) -> int:
    """Return how many groups in round brackets a pattern has; raises PatternProblem."""
    return int(_pattern(pattern).groups)


def first_group(pattern: str, text: str) -> str:
    """Return what group 1 of a pattern finds in a text, '' where the pattern is not in it; raises PatternProblem."""
    match = _pattern(pattern).search(text)
    return (match.group(1) or "") if match else ""


def is_in(pattern: str, text: str) -> bool:
    """Return whether a pattern is somewhere in a text; raises PatternProblem."""
    return _pattern(pattern).search(text) is not None


@functools.lru_cache(maxsize=4096)
def fits_wildcard(text: str, wildcard: str) -> bool:
    """Return whether a text as a whole is what a wildcard describes, in any case; raises PatternProblem."""
    return _wildcard(wildcard.casefold()).fullmatch(text.casefold()) is not None


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]} ... ({len(text):,} characters)"


def _refuse_long(text: str) -> None:
    if len(text) > LONGEST:
        raise PatternProblem(f"`{_short(text)}` is too long; it may have at most {LONGEST:,} characters")


@functools.lru_cache(maxsize=512)
def _pattern(text: str) -> Any:
    """Return a regular expression of RE2, which finds without going back over the text."""
    _refuse_long(text)
    try:
        return re2.compile(text, _OPTIONS)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        why = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        hint = ": looking ahead or back is not possible" if "(?" in why else ""
        hint = ": referring back to a group is not possible" if "escape sequence" in why else hint
        raise PatternProblem(f"`{_short(text)}` is no pattern that can be used: {why}{hint}") from None
    except UnicodeEncodeError:
        raise PatternProblem("a pattern cannot hold a character that is none (a lone surrogate)") from None


@functools.lru_cache(maxsize=512)
def _wildcard(text: str) -> Any:
    """Return a wildcard as a regular expression of RE2."""
    _refuse_long(text)
    parts, position = [], 0
    while position < len(text):
        character = text[position]
        end = text.find("]", position + 2 + text.startswith("[!", position)) if character == "[" else -1
        if end > 0:
            # only the set is translated by Python: its stars would come out as what RE2 does not know
            parts.append(
                fnmatch.translate(text[position : end + 1]).removeprefix("(?s:").removesuffix(")\\Z")
            )
            position = end + 1
            continue
        parts.append({"*": ".*", "?": "."}.get(character) or re2.escape(character))
        position += 1
    return _pattern_of_wildcard(text, f"(?s:{''.join(parts)})")


def _pattern_of_wildcard(wildcard: str, pattern: str) -> Any:
    try:
        return re2.compile(pattern, _OPTIONS)
    except (re2.error, UnicodeEncodeError):
        raise PatternProblem(f"`{_short(wildcard)}` is no wildcard that can be used") from None


_READERS: dict[Kind, Callable[[str], Any]] = {
    "pattern": _pattern,
    "wildcard": lambda text: _wildcard(text.casefold()),
}
