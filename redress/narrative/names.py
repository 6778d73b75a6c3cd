"""Common given names and family names of people in England, by which words are searched for somebody's name.

No list is complete: the names that a council's own extracts hold are looked for beside these (`names.csv`).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from redress.base.tables import read_csv

Kind = Literal["given", "word", "family", "body"]


@cache
def names(kind: Kind) -> frozenset[str]:
    """Return the names of one kind, in small letters.

    Args:
        kind: `given` are no English words; `word` are given names that are words or months too, and so names only with a capital
            within a sentence; `family` name somebody only beside a given name or a title, or where a family is spoken of; `body` are no names of people
            but words of those of bodies and places.
    """
    rows = read_csv(Path(__file__).parent / "names.csv")
    return frozenset(row["name"] for row in rows if row["kind"] == kind)
