"""Files that other people put down: reading that neither hangs nor guesses. Their names are for `printable`."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)


class NotARegularFile(OSError):
    """What lies there is a folder, a pipe, a socket or a device, so there are no bytes to take."""


def open_regular(path: Path) -> BinaryIO:
    """Open a file for reading its bytes, without waiting for anybody.

    Raises:
        NotARegularFile: it is something else. It is not opened: a pipe would wait for a writer, a device may act.
        OSError: it cannot be opened.
    """
    _refuse_other_kinds(os.stat(path).st_mode)
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        _refuse_other_kinds(os.fstat(descriptor).st_mode)  # it may have been exchanged since
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def _refuse_other_kinds(mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = next((words for is_kind, words in _KINDS if is_kind(mode)), "no file")
        raise NotARegularFile(errno.EINVAL, f"it is {kind}, not a file")


def read_regular(path: Path) -> bytes:
    """Return the bytes of a file; raises as `open_regular` does."""
    with open_regular(path) as file:
        return file.read()


def list_folder(folder: Path) -> list[Path]:
    """Return what lies in a folder, by name.

    Raises:
        OSError: the folder cannot be listed.
    """
    with os.scandir(folder) as entries:
        return sorted(folder / entry.name for entry in entries)


def walk_files(folder: Path) -> Iterator[Path]:
    """Yield every regular file below a folder; links to folders are not followed, what cannot be listed is passed over."""
    for place, _, names in os.walk(folder):
        yield from (path for name in names if os.path.isfile(path := Path(place) / name))


def why_unreadable(problem: OSError) -> str:
    """Return why a file or folder could not be read, as the end of a sentence, without its name."""
    if isinstance(problem, NotARegularFile):
        return str(problem.strerror)
    if isinstance(problem, PermissionError):
        return "the account that runs Redress may not read it"
    if isinstance(problem, NotADirectoryError):
        return "it is no folder, or a part of its path is none"
    if isinstance(problem, FileNotFoundError):
        return "it is not there any more, or it is a link to nothing"
    if problem.errno == errno.ELOOP:
        return "it is a link that leads round in a circle"
    return f"the system says: {problem.strerror or type(problem).__name__}"
