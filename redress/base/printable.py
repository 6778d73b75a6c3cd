"""Text of others as it may be printed, logged and stored: no terminal obeys it, and it stays on its line.

Names of files, cells and packs come from whoever wrote them. A terminal obeys control characters (colours, titles, the
clipboard), and marks of writing direction let a name read otherwise than it is written. On Linux a file's name is any bytes
but `/` and NUL; Python carries such a name about, but it cannot be encoded, printed or stored. Every name passes
`show_text` where it comes in, and only the text that this gives goes further.
"""

from __future__ import annotations

_BYTE = range(0xDC80, 0xDD00)
"""Where Python puts the bytes 0x80 to 0xff of a name that is not UTF-8 (PEP 383)."""


def show_text(text: object) -> str:
    r"""Return a text, or the name or path of a file, as one line that can be printed, stored and compared.

    What can be read stays as it is. A byte that is not UTF-8 becomes `\xfc`, a control character `\x1b` (a line end too:
    `\x0a`), any other character that does not print (marks of direction, odd spaces, lone surrogates) `\u202e`. The text
    tells which file is meant: `printf '%b'` gives the bytes of `\xfc` back. A text that this has given comes back unchanged.
    """
    given = str(text)
    if given.isprintable():
        return given
    return "".join(character if character.isprintable() else _escaped(character) for character in given)


def _escaped(character: str) -> str:
    """Return the escape of a character that does not print."""
    code = ord(character)
    if code in _BYTE:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


SHOWN_CHARACTERS = 200


def shorten(text: str) -> str:
    """Return the first characters of a long value, with a note of its length."""
    if len(text) <= SHOWN_CHARACTERS:
        return text
    return f"{text[:SHOWN_CHARACTERS]} ... (cut here; {len(text):,} characters)"
