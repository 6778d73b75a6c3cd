"""Words that seem to name somebody do not leave: in every table of the export something else stands in their place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

IN_PLACE = "Name withheld"
"""What stands for such a word; a council's second one is `Name withheld 2`."""


def withheld_words(state: Path) -> dict[str, dict[str, str]]:
    """Authority -> word that intake said is not to be published -> what stands in its place.

    Args:
        state: `<build>/state`.
    """
    found: dict[str, dict[str, str]] = {}
    for path in sorted((state / "conformed" / "word_withheld").glob("*.parquet")):
        for row in pq.read_table(path).to_pylist():
            words = found.setdefault(row["authority"], {})
            words[row["word"]] = f"{IN_PLACE} {len(words) + 1}" if words else IN_PLACE
    return found


def without(table: pa.Table, withheld: dict[str, dict[str, str]]) -> pa.Table:
    """A table of the export with the words replaced wherever its texts hold them, in rows of their authority.

    In a table without authorities every council's words are replaced.
    """
    if not withheld:
        return table
    patterns = {authority: _pattern(words) for authority, words in withheld.items()}
    everybody = {word: place for words in withheld.values() for word, place in words.items()}
    of_all = _pattern(everybody)

    def clean(row: dict[str, Any]) -> dict[str, Any]:
        words, pattern = everybody, of_all
        if "authority" in row:
            if row["authority"] not in withheld:
                return row
            words, pattern = withheld[row["authority"]], patterns[row["authority"]]
        return {
            name: pattern.sub(lambda match: words[match[0]], value) if isinstance(value, str) else value
            for name, value in row.items()
        }

    return pa.Table.from_pylist([clean(row) for row in table.to_pylist()], schema=table.schema)


def _pattern(words: dict[str, str]) -> re.Pattern[str]:
    """Matches any of the words, as whole words; of two that begin alike the longer."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})(?!\w)")
