"""Files as bytes: reading what other people put down without hanging or guessing, replacing our own in one step.

Their names are shown by `printable`.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
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


PART = ".part-"
"""How the name of a file begins that is being written and has not taken its place."""


@contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Write a file in one step: to the path that is given, which takes the place of `path` when all went well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{PART}{secrets.token_hex(8)}.tmp")
    try:
        yield temporary
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def locked(path: Path, waits: bool = True) -> Iterator[bool]:
    """Hold a lock on a file, which is made, for the length of the block; yield whether it is held.

    Args:
        path: the file; its folder is made too.
        waits: whether to wait while another process holds it; else the block runs without it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        try:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:
            pass  # a system without flock: one process at a time is then up to the operator
        except OSError:
            if waits:
                raise
            yield False
            return
        yield True


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
