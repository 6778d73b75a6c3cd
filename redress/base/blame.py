"""What went wrong with somebody's file or machine, in words: which file, what is wrong with it, who can put it right.

A database that another program holds, a file cut short, a full disk and a folder that may not be written are no faults
of the program. `explained` turns what Python, DuckDB, SQLite, polars and the system raise about them into a
RedressError; both borders of the program, the command and Dagster, ask it before they call anything an internal error.
What opens one file says so itself (`damaged`), because it knows which. No text of an error is passed on: it may quote
a cell.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redress.base.errors import ConfigurationProblem, RedressError

FULL_BELOW = 1 << 20
"""Bytes free on a disk that is as good as full: what is written needs more at once."""
FEW_FILES = 16
"""What a library opens at once, at most: with fewer left, it may have been refused one."""
AGAIN = "remove it: the next `redress build` makes it again"
_PLACES = (
    (
        r"/state/(next/|generations/[^/]+/)?redress\.duckdb(\.wal)?$",
        f"{AGAIN} from the files received",
    ),
    (r"/state/generations/[^/]+/(?!evidence/|signed/)", AGAIN),
    (
        r"/state/conformed/extract/",
        (
            "put it back from a backup; or, where its file still lies in the drop folder, remove it, and the next "
            "`redress build` takes that file in again"
        ),
    ),
    (
        r"/state/(conformed|quarantine)/",
        "run `redress build`: it makes it again from the files that were kept",
    ),
    (r"/\.compiled/|/state/(config|compiled|protected|failures|next|checks\.json)", AGAIN),
    (r"/state/runs\.sqlite", "remove it: a new journal is begun"),
    (
        r"/state/kept/",
        "put it back from a backup, or have the council send the file again: it is the original",
    ),
    (r"/state/signed/", "put the folder back from a backup: what was signed cannot be made again"),
    (r"/state/", "put it back from a backup"),
    (r"/evidence/", "build the report again, or take the pack from where it was filed"),
    (
        (
            r"/(figures|checks|check_history|published_check|printed_findings|suppression|revisions|quarantine)\.csv$"
            r"|/checks_evidence/|/checked_figures\.parquet$|/\.next/"
        ),
        AGAIN,
    ),
    (r"/seeds/reference/|/dbt_project/|/reports/", "install Redress again: it is a part of the program"),
)
_LOCK = re.compile(r'lock on file "([^"]+)"(?:.*?held in (.+?) \(PID (\d+)\))?', re.DOTALL)
_DAMAGED = re.compile(
    r"Could not read enough bytes|not a valid DuckDB database|Corrupt database file|Failed to read file"
    r"|No magic bytes found|too small to be a Parquet file|don't know what type|Could not read from file"
    r"|checksum .* does not match|Serialization Error|out of specification",
)
_SAID_BY_POLARS = re.compile(r"\(os error (\d+)\)(?:: (/.*))?")
"""In the text of an OSError of polars, which keeps the number there alone, and of the file's name, if long, only the end."""
_QUOTED = re.compile(r"""["']((?:/|[A-Za-z]:\\)[^"']+)["']""")
_FULL = (
    "No space left on device",
    "database or disk is full",
    "Disk quota exceeded",
    "max_temp_directory_size",
)
_NOT_ALLOWED = ("Permission denied", "Read-only file system", "readonly database")


class FileTrouble(ConfigurationProblem):
    """A file could not be read or written; what was to be judged with it is not known, and so neither right nor wrong."""


class DamagedFile(FileTrouble):
    """A file that the program keeps is not as it was written."""


class HeldFile(FileTrouble):
    """Another program holds a file that is needed."""


class SystemRefused(FileTrouble):
    """The machine does not let a file be read or written: no room, no right, no such place."""


def damaged(path: Path | str, found: str = "") -> FileTrouble:
    """Return the problem of a file that cannot be read as what it is.

    On a full disk, which cuts files short, that is the problem; and so is a machine that lets hardly any file be opened, since
    what a library makes of a file that it cannot open looks like damage.

    Args:
        path: the file.
        found: what is wrong with it, if known: a few words without any of its content.
    """
    if _lies_on_full_disk(path):
        return _full(path)
    if _opens_hardly_any():
        return _no_more_files()
    return DamagedFile(
        f"{path} is damaged{f': {found}' if found else ''}. It was cut short, changed, or is another file.",
        f"whoever looks after that folder: {repair(path)}",
    )


def repair(path: Path | str) -> str:
    """Return what puts a damaged file right: it is made again, or only a backup has it."""
    place = Path(path).as_posix()
    return next(
        (words for pattern, words in _PLACES if re.search(pattern, place)), "put it back from a backup"
    )


@contextmanager
def told_as(path: Path) -> Iterator[None]:
    """Tell whatever the body raises about the content of a file as damage of `path`.

    Raises:
        DamagedFile: the body could not make out the content.
        SystemRefused: the file could not be opened, though it is there.
    """
    try:
        yield
    except (FileNotFoundError, RedressError):
        raise
    except OSError as problem:
        raise (explained(problem, path) or damaged(path)) from problem
    except (ValueError, KeyError, TypeError, EOFError, AttributeError) as problem:
        raise damaged(path) from problem
    except Exception as problem:
        if type(problem).__module__.startswith(("polars", "pyarrow", "_duckdb", "duckdb")):
            raise damaged(path) from problem
        raise


def explained(problem: BaseException, about: Path | None = None) -> RedressError | None:
    """Return the problem for a person, where it is one of files or the machine; None where it is not.

    Args:
        problem: what was raised.
        about: the file to name where the error names none.
    """
    if isinstance(problem, RedressError):
        return problem
    module = type(problem).__module__
    if module in ("duckdb", "_duckdb"):
        return of_text(str(problem), about)
    if module == "sqlite3":
        return _of_sqlite(problem, about)
    if module.startswith("polars.") and "ComputeError" in type(problem).__name__:
        return of_text(str(problem), about)
    if isinstance(problem, OSError):
        return _of_system(problem, about)
    if isinstance(problem, MemoryError):
        return _no_memory()
    return None


def of_text(text: str, about: Path | None = None) -> RedressError | None:
    """Return what DuckDB says of a file, for a person; None where it speaks of something else, such as a statement.

    Args:
        text: the message, as DuckDB, dbt or a check passes it on.
        about: the file to name where the message names none.
    """
    if held := _LOCK.search(text):
        path, program, process = held.groups()
        by = f"another program: {Path(program).name} (process {process})" if program else "another program"
        return HeldFile(
            f"{_by_known_name(path, about)} is held by {by}. Nothing could be read from it, so nothing was judged.",
            "whoever runs that program: close it there, or wait until it has ended, then try again",
        )
    named = _QUOTED.search(text)
    path = _by_known_name(named[1], about) if named else about
    if any(words in text for words in _FULL):
        return _full(path)
    if any(words in text for words in _NOT_ALLOWED):
        return _not_allowed(path)
    if "Out of Memory Error" in text:
        return _no_memory()
    if "database does not exist" in text:
        return ConfigurationProblem(f"{path} is not there.", "you: run `redress build` first")
    if _DAMAGED.search(text):
        return damaged(path or "A file of the build folder")
    return None


def _by_known_name(path: str, about: Path | None) -> Path | str:
    """Return the name that a file was asked for by, where DuckDB names the file that this name leads to."""
    return about if about is not None and os.path.realpath(about) == os.path.realpath(path) else path


def _of_sqlite(problem: BaseException, about: Path | None) -> RedressError | None:
    """Return what SQLite says of a database (the journal of runs)."""
    text, path = str(problem), about or "The journal of runs (build/state/runs.sqlite)"
    if "locked" in text:
        return HeldFile(
            f"{path} is held by another program.", "whoever runs that program: close it there, then try again"
        )
    if any(words in text for words in _FULL):
        return _full(path)
    if any(words in text for words in (*_NOT_ALLOWED, "unable to open")):
        return _not_allowed(path)
    return damaged(path) if "malformed" in text or "not a database" in text or "disk I/O" in text else None


def _of_system(problem: OSError, about: Path | None) -> RedressError | None:
    """Return what the system says of a file or folder."""
    path = problem.filename or about
    if isinstance(path, bytes):
        path = path.decode("utf-8", "replace")
    number = problem.errno
    if number is None and (said := _SAID_BY_POLARS.search(str(problem))):
        number, path = int(said[1]), path or said[2]
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return _full(path)
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return _not_allowed(path)
    if number in (errno.EMFILE, errno.ENFILE):
        return _no_more_files()
    if number == errno.ENOMEM:
        return _no_memory()
    if number == errno.ENOENT and "temporary directory" in str(problem.strerror):
        return SystemRefused(
            "There is no folder for temporary files that can be written to.",
            "whoever looks after the machine: let TMPDIR name one",
        )
    if path is None or number is None:
        return None
    words = {
        errno.ENOENT: "is not there",
        errno.ENOTDIR: "cannot be: a part of its path is a file and no folder",
        errno.EISDIR: "is a folder, where a file is expected",
        errno.EEXIST: "is there already, and is not a folder",
        errno.ENOTEMPTY: "could not be removed: something is writing into it",
        errno.ENAMETOOLONG: "has too long a name for this system",
        errno.ELOOP: "is a link that leads back to itself",
        errno.EIO: "could not be read or written: the disk reports an error",
        errno.ESTALE: "could not be reached: the network share has gone away",
    }.get(number, f"could not be read or written: the system says: {os.strerror(number)}")
    return SystemRefused(f"{path} {words}.", "whoever looks after that folder")


def _room(path: Path | str | None) -> tuple[int, int] | None:
    """Return how many bytes and how many files the disk of a file has room for; None where the system does not say."""
    try:
        disk = os.statvfs(Path(path or ".").parent)
    except (AttributeError, OSError):
        return None
    if not disk.f_blocks:
        return None
    return disk.f_bavail * disk.f_frsize, disk.f_favail if disk.f_files else FULL_BELOW


def _opens_hardly_any() -> bool:
    """Return whether the system lets this process open hardly any more files."""
    try:
        import resource

        open_now = len(os.listdir("/dev/fd"))
        return open_now + FEW_FILES > resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    except ImportError:
        return False  # a system that has no such limit, or does not tell it
    except OSError as problem:
        return problem.errno in (errno.EMFILE, errno.ENFILE)


def _no_more_files() -> SystemRefused:
    return SystemRefused(
        "The machine allows no more open files.", "whoever looks after the machine: raise `ulimit -n`"
    )


def _lies_on_full_disk(path: Path | str) -> bool:
    """Return whether the disk of a file has no room left for another one."""
    room = _room(path)
    return room is not None and (room[0] < FULL_BELOW or not room[1])


def _full(path: Path | str | None) -> SystemRefused:
    where = f", so {path} could not be written" if path else ""
    room = _room(path) if path else None
    takes_no_files = room is not None and room[0] >= FULL_BELOW and not room[1]
    return SystemRefused(
        f"The disk {'has room, but for no more files (no inodes are left)' if takes_no_files else 'is full'}{where}. "
        "What was published stands as it was.",
        f"whoever looks after the machine: {'remove files that nobody needs' if takes_no_files else 'make room'}, then run the "
        "command again",
    )


def _not_allowed(path: Path | str | None) -> SystemRefused:
    return SystemRefused(
        f"{path or 'A file'} may not be read or written by this account, or lies on a disk that may only be read.",
        "whoever looks after the machine: give the account that runs Redress the right to it, or name another "
        "place (REDRESS_BUILD)",
    )


def _no_memory() -> SystemRefused:
    return SystemRefused(
        "The machine has not enough memory for this.",
        "whoever looks after the machine: give it more, or build one council at a time with --authority",
    )
