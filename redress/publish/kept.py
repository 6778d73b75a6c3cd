"""What was made once is used again where all that it was made of is the same: folders of files, each kept by its question.

A question is a digest of everything that a result depends on: data, program, and the versions of the software. What is
kept is compared with the digests of its own files before it is used; a damaged result is as good as none. A result is
written aside and takes its place in one step, so that a run that was ended leaves no half of one.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from redress.base.files import PART, sha256, walk_files

_RECORD = "record"
"""Of each result: the digest of what follows, and the digests of its files, what was noted, and what it rests on."""
_FILES = "files"
_CODE = ("base", "contract", "authority", "declared", "publish", "protect/streams.py")
"""Below `redress`: the code that makes pages of the protected export."""
_PACKAGES = ("pyarrow", "python-docx", "lxml", "pypdf")


@dataclass(frozen=True)
class Result:
    """What was made.

    Attributes:
        question: that it answers.
        folder: where its files lie; they are not to be written to.
        files: the digest of each, by its path below the folder.
        notes: what else is to be known of it, as JSON can say it.
        rests_on: questions of other results that are kept as long as this one.
    """

    question: str
    folder: Path
    files: Mapping[str, str]
    notes: Mapping[str, Any]
    rests_on: tuple[str, ...] = ()

    def put_into(self, target: Path) -> None:
        """Put the files into a folder, beside what lies there: as further names of the same bytes where the system can."""
        for name in self.files:
            place = target / name
            place.parent.mkdir(parents=True, exist_ok=True)
            if not place.exists():
                _link(self.folder / name, place)


class Kept:
    """Results of earlier runs in a folder of their own.

    Args:
        folder: made when the first result is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._used: set[str] = set()

    def find(self, question: str) -> Result | None:
        """Return what was kept for a question; None where nothing was, or what lies there is not what was kept."""
        try:
            result = self._read(question)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        self._used.update((question, *result.rests_on))
        os.utime(self._folder / question)
        return result

    def _read(self, question: str) -> Result:
        place = self._folder / question
        digest, _, said = (place / _RECORD).read_text(encoding="utf-8").partition("\n")
        if hashlib.sha256(said.encode()).hexdigest() != digest:
            raise ValueError("the record of a result is damaged")
        record = json.loads(said)
        result = Result(question, place / _FILES, record["files"], record["notes"], tuple(record["rests_on"]))
        if any(sha256(result.folder / name) != expected for name, expected in result.files.items()):
            raise ValueError("a file of a result is damaged")
        return result

    def keep(
        self,
        question: str,
        root: Path,
        names: Iterable[str],
        notes: Mapping[str, Any] | None = None,
        rests_on: Iterable[str] = (),
    ) -> Result:
        """Keep files for a question, in place of what lies there.

        Args:
            question: what they answer.
            root: where the names begin.
            names: paths of the files below it.
            notes: see `Result`.
            rests_on: see `Result`.
        """
        place = self._folder / question
        digests = {name: sha256(root / name) for name in sorted(names)}
        result = Result(question, place / _FILES, digests, notes or {}, tuple(sorted(rests_on)))
        aside = self._folder / f"{PART}{secrets.token_hex(8)}"
        (aside / _FILES).mkdir(parents=True)
        replace(result, folder=root).put_into(aside / _FILES)
        said = json.dumps({"files": digests, "notes": result.notes, "rests_on": result.rests_on})
        digest = hashlib.sha256(said.encode()).hexdigest()
        (aside / _RECORD).write_text(f"{digest}\n{said}", encoding="utf-8")
        shutil.rmtree(place, ignore_errors=True)
        aside.rename(place)
        self._used.update((question, *result.rests_on))
        return result

    def forget_others(self, most: int = 0) -> None:
        """Remove what was neither found nor kept by this object, but for the newest, so that at most so many are left."""
        if not self._folder.is_dir():
            return
        newest_first = sorted(self._folder.iterdir(), key=lambda place: place.stat().st_mtime, reverse=True)
        left = len(self._used)
        for place in newest_first:
            if place.name in self._used:
                continue
            if left < most and not place.name.startswith(PART):
                left += 1
            else:
                shutil.rmtree(place, ignore_errors=True)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without such links
        shutil.copyfile(source, target)


def question_of(*parts: str | bytes) -> str:
    """Return the question that these parts make, in this order."""
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        digest.update(f"{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def files_digest(folder: Path, without: Collection[str] = ()) -> str:
    """Return a digest of the names and bytes of all files of a folder but of what stands in it under some names."""
    listed = {path.relative_to(folder).as_posix(): path for path in _files(folder, without)}
    return question_of(*(f"{name} {sha256(path)}" for name, path in sorted(listed.items())))


def _files(folder: Path, without: Collection[str]) -> Iterable[Path]:
    for entry in folder.iterdir() if folder.is_dir() else ():
        if entry.name not in without:
            yield from walk_files(entry) if entry.is_dir() else (entry,)


@cache
def code_digest() -> str:
    """Return a digest of the Python code that makes the website, and of the versions of what it makes it with."""
    import platform
    import zlib

    from redress.base.versions import versions

    package = Path(__file__).parents[1]
    places = [package / name for name in _CODE]
    files = [
        path for place in places for path in (sorted(place.rglob("*.py")) if place.is_dir() else [place])
    ]
    names = [path.relative_to(package).as_posix() for path in files]
    software = [f"{name} {version}" for name, version in versions(_PACKAGES).items()]
    software += [platform.python_implementation(), zlib.ZLIB_RUNTIME_VERSION]
    return question_of(*names, *(path.read_bytes() for path in files), *software)
