"""Texts that no spreadsheet takes for a formula.

A cell of a CSV that begins with =, +, - or @ is computed when it is opened, also to send what stands beside it to an
address (CWE-1236). Such a text gets an apostrophe before it wherever Redress writes a table for people; numbers stay
numbers. What was written so is read back as it was: no text and its inert form are taken for each other.
"""

from __future__ import annotations

import re
from typing import Any

RISKY = r"^'*[=+\-@\t\r\n\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]"
"""How a text begins that a spreadsheet would take for a formula, in RE2's and Rust's writing; also in full width. A text
that begins with an apostrophe before it is led by another, so that it can be read back."""
NUMBER = r"^[+-]?(?:[0-9][0-9,]*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?%?$"
"""What begins so and is a number."""
_FIRST = frozenset("'=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_RISKY = re.compile(RISKY.replace(r"\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}", "\uff1d\uff0b\uff0d\uff20"))
_NUMBER = re.compile(NUMBER.removesuffix("$") + r"\Z")


def inert(value: Any) -> Any:
    """Return a cell as a spreadsheet may safely open it; what is no text stays as it is."""
    if not isinstance(value, str) or value[:1] not in _FIRST:
        return value
    return f"'{value}" if _RISKY.match(value) and not _NUMBER.match(value) else value


def as_given(text: Any) -> Any:
    """Return the text that `inert` was given."""
    if not isinstance(text, str) or text[:1] != "'":
        return text
    return text[1:] if inert(text[1:]) == text else text


def inert_sql(expression: str) -> str:
    """Return a DuckDB expression for the inert form of a text expression."""
    risky, number = RISKY.replace("'", "''"), NUMBER
    return (
        f"case when regexp_matches({expression}, '{risky}') and not regexp_matches({expression}, '{number}') "
        f"then '''' || {expression} else {expression} end"
    )
