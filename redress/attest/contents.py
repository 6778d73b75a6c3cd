"""The files of an evidence pack, read without trusting whoever handed it over.

A folder holds plain files in folders that are not empty, and nothing else. A zip is, byte for byte, what
`write_zip` makes of such a folder: entries one after the other with one fixed heading each, their directory, and a
sum over all of it. So nothing can stand before, between or after the entries. Nothing is unpacked to disk, and nothing
opened can block: what is no plain file is named, never opened (decision 0077).
"""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from redress.base.errors import ConfigurationProblem

MOST_BYTES = 2_000_000_000
"""What a zip may unpack to. A larger pack gets no zip: it would need the 64-bit form, and nothing would bound a bomb."""
MOST_FILES = 65_000
PIECE = 1 << 20
_KINDS = (
    (stat.S_ISLNK, "a link to somewhere else"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
# PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_VERSION, _TIME, _DAY, _UNIX, _MODE, _UTF8 = 20, 0, 0x21, 3, 0o644 << 16, 0x800
_SUM = b"SHA-256 of all before: "


@dataclass(frozen=True)
class Place:
    """Where a file's bytes are.

    Attributes:
        path: the file itself, or the zip that holds it.
        first: the first byte in `path`.
        packed: how many bytes in `path`; None for all of a file of its own.
        length: how many bytes they unpack to, where they are in a zip.
        crc: their CRC-32, as the zip states it.
        is_deflated: whether they are compressed.
    """

    path: Path
    first: int = 0
    packed: int | None = None
    length: int = 0
    crc: int = 0
    is_deflated: bool = False


@dataclass
class Contents:
    """The plain files of a pack.

    Attributes:
        problems: one line for each thing that no pack has.
        places: name within the pack -> where its bytes are.
    """

    problems: list[str] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield a file's bytes, at most `PIECE` at a time.

        Raises:
            OSError: it cannot be read to its end, or is not what the zip states of it.
        """
        place = self.places[name]
        with open_plain_file(place.path) as handle:
            if place.packed is None:
                while piece := handle.read(PIECE):
                    yield piece
                return
            handle.seek(place.first)
            yield from _unpacked(handle, place)

    def read(self, name: str, most: int) -> bytes | None:
        """Return the bytes of a small file; None where it is larger than `most` bytes or cannot be read."""
        found = bytearray()
        try:
            for piece in self.pieces(name):
                found += piece
                if len(found) > most:
                    return None
        except OSError:
            return None
        return bytes(found)

    def digest(self, name: str) -> tuple[int, str]:
        """Return size and SHA-256; a file that cannot be read to its end has "unreadable" instead."""
        digest, size = hashlib.sha256(), 0
        try:
            for piece in self.pieces(name):
                digest.update(piece)
                size += len(piece)
        except OSError:
            return size, "unreadable"
        return size, digest.hexdigest()


def open_plain_file(path: Path) -> IO[bytes]:
    """Open a plain file. Raises OSError for anything else, and never waits for a writer as a named pipe would."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{path} is no plain file")
    return os.fdopen(descriptor, "rb")


def _unpacked(handle: IO[bytes], place: Place) -> Iterator[bytes]:
    """Yield the bytes of an entry of a zip, never more than it states.

    Raises:
        OSError: it has more or fewer bytes, others than its CRC-32 says, or some after their end.
    """
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if place.is_deflated else None
    packed, left, crc = place.packed or 0, place.length, 0
    try:
        while packed > 0 and (taken := handle.read(min(PIECE, packed))):
            packed -= len(taken)
            piece = inflate.decompress(taken, PIECE) if inflate else taken
            while piece:
                left -= len(piece)
                crc = zlib.crc32(piece, crc)
                if left < 0:
                    raise OSError("longer than stated")
                yield piece
                piece = inflate.decompress(inflate.unconsumed_tail, PIECE) if inflate else b""
        is_whole = inflate is None or (inflate.eof and not inflate.unused_data)
    except zlib.error as problem:
        raise OSError("damaged") from problem
    if packed or left or crc != place.crc or not is_whole:
        raise OSError("not what the zip states")


def contents_of(pack: Path) -> Contents:
    """Return the files of a pack, whichever way it was handed over.

    Raises:
        ConfigurationProblem: it is not there, cannot be read, or is neither a folder nor a zip.
    """
    try:
        mode = os.stat(pack).st_mode
        if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
            raise ConfigurationProblem(f"{pack} is neither a folder nor a zip.", "whoever typed the command")
        return _of_folder(pack) if stat.S_ISDIR(mode) else _of_zip(pack)
    except FileNotFoundError as problem:
        raise ConfigurationProblem(f"There is no {pack}.", "whoever typed the command") from problem
    except (OSError, ValueError) as problem:
        raise ConfigurationProblem(
            f"{pack} cannot be read: {getattr(problem, 'strerror', None) or problem}.",
            "whoever handed it over",
        ) from problem


def unfit_name(name: str) -> str | None:
    """Return why a file of a pack cannot have this name; None where it can."""
    path = PurePosixPath(name)
    if not name or "\0" in name or "\\" in name:
        return "a name that not every system can have"
    if path.is_absolute() or ".." in path.parts or path.as_posix() != name or name == ".":
        return "a name that leads elsewhere"
    return None


def write_zip(pack: Path, target: Path) -> bool:
    """Write the pack as one file, in an order and with times that do not change: equal packs give equal bytes.

    The zip's comment holds the SHA-256 of all bytes before it, so that damage is found wherever it is.

    Returns:
        False where the pack is too large for one zip: there is none then, and the folder is what is handed over.
    """
    files = sorted(path for path in pack.rglob("*") if path.is_file())
    target.unlink(missing_ok=True)
    if sum(path.stat().st_size for path in files) > MOST_BYTES or len(files) > MOST_FILES:
        return False
    with zipfile.ZipFile(target, "w", allowZip64=False) as archive:
        for path in files:
            entry = zipfile.ZipInfo(f"{pack.name}/{path.relative_to(pack).as_posix()}")
            entry.compress_type = _method(entry.filename)
            entry.external_attr = _MODE
            entry.create_system = _UNIX
            archive.writestr(entry, path.read_bytes(), compresslevel=2)
        archive.comment = _SUM + b"0" * 64
    with target.open("r+b") as handle:
        handle.seek(-64, os.SEEK_END)
        length = handle.tell()
        handle.seek(0)
        digest = _digest_of(handle, length)
        handle.seek(length)
        handle.write(digest)
    return True


def _of_folder(folder: Path) -> Contents:
    """Walk a folder; what is neither a plain file nor a folder with something in it is a problem."""
    contents = Contents()
    waiting = [folder]
    while waiting:
        place = waiting.pop()
        entries = sorted(os.scandir(place), key=lambda entry: entry.name)
        if not entries and place != folder:
            contents.problems.append(
                f"{place.relative_to(folder).as_posix()}/: an empty folder, which no pack has"
            )
        for entry in entries:
            path = place / entry.name
            name = path.relative_to(folder).as_posix()
            mode = entry.stat(follow_symlinks=False).st_mode
            if stat.S_ISDIR(mode):
                waiting.append(path)
            elif stat.S_ISREG(mode):
                contents.places[name] = Place(path)
            else:
                kind = next((words for is_kind, words in _KINDS if is_kind(mode)), "no plain file")
                contents.problems.append(f"{name}: {kind}, which no pack has")
    contents.problems.sort()
    return contents


class _Damaged(Exception):
    """Why a zip cannot be followed any further."""


def _of_zip(path: Path) -> Contents:
    """Read the headings of a zip; whatever is not as `write_zip` writes it is a problem."""
    contents = Contents()
    with open_plain_file(path) as handle:
        if handle.read(2) != b"PK":
            raise ConfigurationProblem(
                f"{path} is neither a folder nor a zip that can be read.", "whoever handed it over"
            )
        size = os.fstat(handle.fileno()).st_size
        try:
            directory, place = _read_entries(handle, path, size, contents)
            _check_end(handle, size, directory, place)
        except _Damaged as problem:
            contents.problems.append(
                f"{path.name}: {problem} (damaged on its way, or not the zip that Redress wrote)"
            )
    return contents


def _read_entries(handle: IO[bytes], path: Path, size: int, contents: Contents) -> tuple[list[bytes], int]:
    """Find the entries of a zip of `size` bytes, one after the other.

    Returns:
        The directory that belongs to them, and the byte at which it should begin.

    Raises:
        _Damaged: an entry cannot be followed.
    """
    directory: list[bytes] = []
    place = total = 0
    root = ""
    names: set[str] = set()
    last: tuple[str, ...] = ()
    while True:
        handle.seek(place)
        heading = handle.read(_LOCAL.size)
        if not heading.startswith(b"PK\x03\x04"):
            return directory, place
        entry = _read_local(handle, heading, place)
        place = entry.first + entry.packed
        total += entry.length
        if place > size:
            raise _Damaged(f"it ends within {_shown(entry.name)}")
        if total > MOST_BYTES:
            raise _Damaged(f"it would unpack to more than {MOST_BYTES:,} bytes, which no pack does")
        text = _text(entry.name)
        root = root or text.partition("/")[0] + "/"
        name = text.removeprefix(root) if text.startswith(root) else f"../{text}"
        if unfit_name(text) or unfit_name(name):
            contents.problems.append(f"{name}: {unfit_name(text) or unfit_name(name)}")
        if not entry.is_ours:
            contents.problems.append(f"{name}: its heading in the zip is another program's")
        if name.casefold() in names:
            contents.problems.append(f"{name}: twice in the zip")
        names.add(name.casefold())
        if PurePosixPath(name).parts < last:
            contents.problems.append(f"{name}: out of its order in the zip")
        last = PurePosixPath(name).parts
        contents.places[name] = Place(
            path, entry.first, entry.packed, entry.length, entry.crc, entry.is_deflated
        )
        directory.append(entry.in_directory())


def _check_end(handle: IO[bytes], size: int, directory: list[bytes], place: int) -> None:
    """Raise _Damaged unless a zip ends with the directory of its entries and the sum over all before."""
    listed = b"".join(directory)
    count = len(directory)
    end = _END.pack(b"PK\x05\x06", 0, 0, count & 0xFFFF, count & 0xFFFF, len(listed), place, len(_SUM) + 64)
    end = listed + end + _SUM
    handle.seek(place)
    if not count or size != place + len(end) + 64 or handle.read(len(end)) != end:
        raise _Damaged(f"from byte {place:,} on it is not the directory of the {count:,} files before")
    handle.seek(0)
    digest = _digest_of(handle, size - 64)
    if handle.read(64) != digest:
        raise _Damaged("its bytes are not those that its own sum (SHA-256, in the comment) was made over")


@dataclass(frozen=True)
class _Entry:
    """The heading of a file in a zip, the places of that heading and of its first byte, whether it is as ours are."""

    name: bytes
    crc: int
    packed: int
    length: int
    place: int
    first: int
    is_deflated: bool
    is_ours: bool

    def in_directory(self) -> bytes:
        """Return the entry of the zip's directory that belongs to the file."""
        numbers = (self.crc, self.packed, self.length, len(self.name), 0, 0, 0, 0, _MODE, self.place)
        made_by = _UNIX << 8 | _VERSION
        fixed = (made_by, _VERSION, _flags(self.name), _method_of(self.name), _TIME, _DAY)
        return _CENTRAL.pack(b"PK\x01\x02", *fixed, *numbers) + self.name


def _read_local(handle: IO[bytes], heading: bytes, place: int) -> _Entry:
    """Return the entry whose heading was just read. Raises _Damaged where it cannot be followed."""
    if len(heading) < _LOCAL.size:
        raise _Damaged(f"it ends within the heading at byte {place:,}")
    _, version, flags, method, time, day, crc, packed, length, named, extra = _LOCAL.unpack(heading)
    name = handle.read(named)
    if len(name) < named:
        raise _Damaged(f"it ends within the heading at byte {place:,}")
    if flags & 1:
        raise _Damaged(f"{_shown(name)} is encrypted")
    if flags & 8:
        raise _Damaged(f"{_shown(name)} does not say its size in its heading")
    if method not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _Damaged(f"{_shown(name)} is compressed by a method ({method}) that no pack uses")
    is_deflated = method == zipfile.ZIP_DEFLATED
    if not is_deflated and packed != length:
        raise _Damaged(f"{_shown(name)} has two sizes")
    wanted = (_VERSION, _flags(name), _method_of(name), _TIME, _DAY, 0)
    is_ours = (version, flags, method, time, day, extra) == wanted
    first = place + _LOCAL.size + named + extra
    return _Entry(name, crc, packed, length, place, first, is_deflated, is_ours)


def _digest_of(handle: IO[bytes], length: int) -> bytes:
    """Return the SHA-256 of the next `length` bytes, in hexadecimal."""
    digest = hashlib.sha256()
    while length > 0 and (piece := handle.read(min(PIECE, length))):
        digest.update(piece)
        length -= len(piece)
    return digest.hexdigest().encode("ascii")


def _method(name: str) -> int:
    """Return how an entry is compressed: what is compressed already is stored."""
    return zipfile.ZIP_STORED if name.endswith(".gz") else zipfile.ZIP_DEFLATED


def _method_of(name: bytes) -> int:
    """Return how an entry with this name, in bytes, is compressed."""
    return _method(name.decode("utf-8", "replace"))


def _flags(name: bytes) -> int:
    """Return the flags of an entry: only whether its name is in UTF-8."""
    return 0 if name.isascii() else _UTF8


def _text(name: bytes) -> str:
    """Return an entry's name as text."""
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise _Damaged(f"the name {_shown(name)} is not in UTF-8") from problem


def _shown(name: bytes) -> str:
    """Return a name for a message; a long one is cut."""
    text = name[:200].decode("utf-8", "backslashreplace")
    return text if len(name) <= 200 else f"{text} ..."
