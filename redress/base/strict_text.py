"""Text files that people write: read whole, in UTF-8 and within bounds, or refused in words.

Below the readers of each kind (`strict_yaml`, `strict_csv`), which say what the text means.
"""

from __future__ import annotations

import os
from pathlib import Path

from redress.base.files import open_regular, why_unreadable


class TextProblem(ValueError):
    """The text cannot be read.

    Attributes:
        problem: what is wrong, in words, without the place.
        line: the line, from 1; None where there is none to name.
    """

    def __init__(self, problem: str, line: int | None = None) -> None:
        super().__init__(f"line {line}: {problem}" if line else problem)
        self.problem, self.line = problem, line


def read_text(path: Path, most_bytes: int) -> str:
    """Return the text of a file, a byte order mark taken off.

    Raises:
        FileNotFoundError: nothing lies there.
        TextProblem: it is no file, cannot be opened, is larger than `most_bytes`, or is not in UTF-8.
    """
    try:
        with open_regular(path) as file:
            if (size := os.fstat(file.fileno()).st_size) > most_bytes:
                raise TextProblem(f"the file has {size:,} bytes; it may have {most_bytes:,}")
            content = file.read(most_bytes + 1)
    except OSError as problem:
        if isinstance(problem, FileNotFoundError) and not os.path.lexists(path):
            raise
        raise TextProblem(f"the file cannot be read: {why_unreadable(problem)}") from problem
    if len(content) > most_bytes:
        raise TextProblem(f"the file has more than {most_bytes:,} bytes, which it may have")
    return decode_text(content)


def decode_text(content: bytes) -> str:
    """Return the text of bytes in UTF-8, a byte order mark taken off.

    Raises:
        TextProblem: they are in another encoding; says which line and what to do.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TextProblem("the file is in UTF-16, not in UTF-8: save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TextProblem("the file is not in UTF-8: save it as UTF-8", line) from error
