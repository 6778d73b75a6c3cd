"""Text of others as it may be printed: no terminal obeys it, and it stays on its line.

Names of files, cells and packs come from whoever wrote them. A terminal obeys control characters (colours, titles, the
clipboard), and marks of writing direction let a name read otherwise than it is written.
"""

from __future__ import annotations

import unicodedata

_OBEYED = frozenset(("Cc", "Cf", "Cs", "Cn", "Zl", "Zp"))
"""Unicode categories (UAX 44) of what is not shown as a character: controls, marks of direction, halves of pairs."""


def printable(text: object) -> str:
    """Return a text on one line, each control character and mark of direction written as its escape (`\\x1b`)."""
    return "".join(
        character
        if unicodedata.category(character) not in _OBEYED
        else character.encode("unicode_escape").decode("ascii")
        for character in str(text)
    )
