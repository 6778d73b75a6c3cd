"""The results in force: one generation at a time, put into force by the renaming of one link.

Every result that only a green run may replace lies in a generation, a folder that is never changed by a run once it
is in force. The fixed names are links that lead through `current`:

    build/site                      ->  .generations/current/site
    build/figures.csv               ->  .generations/current/inside/figures.csv
    build/state/redress.duckdb      ->  ../.generations/current/inside/redress.duckdb
    build/.generations/current      ->  20250601T013000.000000Z       the only thing that a release switches
    build/.generations/<id>/site                                      what the public may see
    build/.generations/<id>/inside  ->  ../../state/generations/<id>  everything else, with the other state

So a reader of whatever results, in whatever moment, reads those of one run. A release that was cut off before the
switch is undone, and one that was cut off after it is finished, by the next command of any kind (`settle`).

Needs nothing but the standard library, because every command asks here first.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from redress.base.errors import ConfigurationProblem
from redress.base.files import locked
from redress.base.settings import Settings, candidate_database

FOLDER = ".generations"
CURRENT = "current"
INSIDE = "inside"
UNSETTLED = "unsettled"
"""There from the first step of a release to its last: the next command has to look."""
RELEASED = "generation"
"""In the folder of waiting results: the generation that was made of them."""
RESULTS = {
    "site": "site",
    "figures.csv": f"{INSIDE}/figures.csv",
    "revisions.csv": f"{INSIDE}/revisions.csv",
    "suppression.csv": f"{INSIDE}/suppression.csv",
    "internal": f"{INSIDE}/internal",
    "evidence": f"{INSIDE}/evidence",
    "state/protected": f"{INSIDE}/protected",
    "state/redress.duckdb": f"{INSIDE}/redress.duckdb",
    "state/councils.json": f"{INSIDE}/councils.json",
}
"""Fixed name below `build` -> place within a generation."""
RECORD = "record.json"
_COMING = ".coming"
_EXCHANGE = 2
_HERE = -100


# Holding the build alone


def held(settings: Settings) -> contextlib.AbstractContextManager[bool]:
    """Hold the build alone for the length of the block, where nobody else does; yields whether it is held."""
    return locked(settings.state / "run.lock", waits=False)


# What is in force


def in_force(settings: Settings) -> Path | None:
    """Return the folder of the generation in force; None before the first release."""
    link = settings.build / FOLDER / CURRENT
    return link.parent / os.readlink(link) if link.is_symlink() else None


def remove(settings: Settings, names: Iterable[str]) -> None:
    """Remove results from every generation and from their fixed names, for good.

    Args:
        settings: the installation's; this process holds the build.
        names: fixed names, of `RESULTS`.
    """
    current = settings.build / FOLDER / CURRENT
    for name in names:
        for generation in [*_generations(settings), current]:
            _remove(generation / RESULTS[name])
        for inside in _insides(settings):
            _remove(inside / RESULTS[name].removeprefix(f"{INSIDE}/"))
        _remove(settings.build / name)


def is_announced_only(record: Path) -> bool:
    """Return whether a record of a sign-off belongs to a release that has not come into force."""
    return (record / RECORD).is_symlink() and not (record / RECORD).exists()


# Releasing


def put_in_force(
    settings: Settings, results: Mapping[str, Path], records: Mapping[str, Path], waiting: Path
) -> None:
    """Put results and sign-offs into force, all in one moment. What it is given stays as it is.

    Args:
        settings: the installation's; this process holds the build.
        results: fixed name, of `RESULTS` or below one of them -> the file or folder. What stands and is not among
            them is not in force afterwards.
        records: `<authority>/<year>/<number>` -> the folder of a new record.
        waiting: the folder of the waiting results, which `settle` removes once they are in force.

    Raises:
        ConfigurationProblem: the folder of results cannot hold links, or another record has such a number.
        OSError: of the file system; nothing has changed then for a reader.
    """
    (settings.build / FOLDER).mkdir(parents=True, exist_ok=True)
    (settings.build / FOLDER / UNSETTLED).touch()
    _adopt(settings)
    generation = _assemble(settings, results)
    for name, folder in records.items():
        _announce(settings, generation, name, folder)
    for name, place in RESULTS.items():
        if (generation / place).exists() and not _is_link_of(settings, name):
            _link(settings, name)
    (waiting / RELEASED).write_text(generation.name, encoding="utf-8")
    _make_durable(settings)
    _switch(settings, generation)


def _adopt(settings: Settings) -> None:
    """Put what lies under fixed names as real files and folders under a generation; readers see no change.

    So it is after the first release by this version, after `redress docs`, and in a copy that followed the links.
    """
    real = [name for name in RESULTS if (settings.build / name).exists() and not _is_link_of(settings, name)]
    if not real:
        return
    standing = {name: settings.build / name for name in RESULTS if (settings.build / name).exists()}
    generation = _assemble(settings, standing)
    _make_durable(settings)
    _switch(settings, generation)
    for name in real:
        _link(settings, name)


def _assemble(settings: Settings, results: Mapping[str, Path]) -> Path:
    """Make a generation of results, by hard links where the file system has them; returns its folder."""
    now = datetime.now(UTC)
    generation = settings.build / FOLDER / f"{now:%Y%m%dT%H%M%S.%f}Z"
    inside = settings.state / "generations" / generation.name
    inside.mkdir(parents=True)
    generation.mkdir()
    _symlink(os.path.relpath(inside.resolve(), generation.resolve()), generation / INSIDE)
    for name, source in results.items():
        root = name if name in RESULTS else name.split("/")[0]
        target = generation / f"{RESULTS[root]}{name.removeprefix(root)}"
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy_by_link(source.resolve(), target)
    kept = settings.build / "evidence"
    if kept.is_dir() and (generation / RESULTS["evidence"]).is_dir():
        shutil.copymode(kept, generation / RESULTS["evidence"])  # it may have been closed to others
    return generation


def _announce(settings: Settings, generation: Path, name: str, folder: Path) -> None:
    """Put a record where records are kept, its record.json a link that leads somewhere once the generation is in force.

    Raises:
        ConfigurationProblem: another record has its number.
    """
    record = settings.state / "signed" / name
    if (record / RECORD).exists():
        if (record / RECORD).read_bytes() == (folder / RECORD).read_bytes():
            return
        raise ConfigurationProblem(
            f"There is another record in {record}: this sign-off cannot be kept there.",
            "whoever typed the command: sign again",
        )
    kept = generation / INSIDE / "signed" / name
    kept.mkdir(parents=True)
    _copy_by_link(folder / RECORD, kept / RECORD)
    coming = record.with_name(f".{record.name}{_COMING}")
    _remove(coming)
    _copy_by_link(folder, coming)
    (coming / RECORD).unlink()
    through = settings.build.resolve() / FOLDER / CURRENT / INSIDE / "signed" / name / RECORD
    _symlink(os.path.relpath(through, coming.resolve()), coming / RECORD)
    os.rename(coming, record)


def _switch(settings: Settings, generation: Path) -> None:
    """Put a complete generation into force: the one step that readers see."""
    current = settings.build / FOLDER / CURRENT
    new = current.with_name(f"{CURRENT}.new")
    _remove(new)
    _symlink(generation.name, new)
    replace(new, current)


# Settling what was cut off


def settle(settings: Settings) -> None:
    """Finish or undo a release that was cut off, and clear away what is no longer in force. Twice is as once.

    Args:
        settings: the installation's; this process holds the build.
    """
    _put_back(settings)
    folder = settings.build / FOLDER
    if not folder.is_dir():
        return
    _settle_records(settings)
    for name in RESULTS:
        place = settings.build / name
        _remove(_temporary(place))
        if _is_link_of(settings, name) and not place.exists():
            place.unlink()
    _clear_waiting(settings)
    _remove(folder / f"{CURRENT}.new")
    _clear_generations(settings)
    _remove(folder / UNSETTLED)


def settle_if_needed(settings: Settings) -> None:
    """Run `settle` where a release was cut off, and nobody holds the build who would do it anyway.

    Where it cannot be done, a command that only reads goes on: what it reads is of one run all the same.
    """
    if not (settings.build / FOLDER / UNSETTLED).exists() or not os.access(settings.state, os.W_OK):
        return
    with contextlib.suppress(OSError), held(settings) as is_held:
        if is_held:
            settle(settings)


def _settle_records(settings: Settings) -> None:
    """Make records whole whose release came into force, and remove those of one that did not."""
    for coming in sorted((settings.state / "signed").glob(f"*/*/.*{_COMING}")):
        _remove(coming)
    for record in sorted((settings.state / "signed").glob("*/*/*")):
        stated = record / RECORD
        if not stated.is_symlink():
            continue
        coming = record.with_name(f".{record.name}{_COMING}")
        if is_announced_only(record):
            os.rename(record, coming)
            _remove(coming)
        else:
            _copy_by_link(stated.resolve(), coming)
            os.replace(coming, stated)
    for depth in ("*/*", "*"):
        for folder in (settings.state / "signed").glob(depth):
            with contextlib.suppress(OSError):
                folder.rmdir()  # only one in which nothing is left


def _clear_waiting(settings: Settings) -> None:
    """Remove waiting results that are in force."""
    waiting, standing = settings.build / ".next", in_force(settings)
    with contextlib.suppress(FileNotFoundError):
        if standing is not None and (waiting / RELEASED).read_text(encoding="utf-8") == standing.name:
            shutil.rmtree(candidate_database(settings).parent, ignore_errors=True)
            shutil.rmtree(waiting, ignore_errors=True)


def _clear_generations(settings: Settings) -> None:
    """Remove every generation that is not in force."""
    current, standing = settings.build / FOLDER / CURRENT, in_force(settings)
    if current.exists() and standing is None:
        return  # a copy that followed the links: the next release makes links of it again
    name = standing.name if standing else ""
    old = [path for path in [*_generations(settings), *_insides(settings)] if path.name != name]
    if old:
        _sync(current.parent, os.fsync)  # the switch is for good before what it replaced is gone
    for path in old:
        _remove(path)


def _put_back(settings: Settings) -> None:
    """Put back what was set aside (see `replace`) and not yet replaced."""
    folders = (settings.build, settings.build / FOLDER, settings.build / "evidence", settings.state)
    for aside in [path for folder in folders for path in sorted(folder.glob("*.before"))]:
        original = aside.with_name(aside.name.removesuffix(".before"))
        if os.path.lexists(original):
            _remove(aside)
        else:
            os.replace(aside, original)


def _generations(settings: Settings) -> list[Path]:
    """Return every generation there is, in force or not."""
    apart = (CURRENT, f"{CURRENT}.new", UNSETTLED)
    folder = settings.build / FOLDER
    return sorted(path for path in folder.iterdir() if path.name not in apart) if folder.is_dir() else []


def _insides(settings: Settings) -> list[Path]:
    """Return the inner half of every generation there is."""
    folder = settings.state / "generations"
    return sorted(folder.iterdir()) if folder.is_dir() else []


# Links


def _link(settings: Settings, name: str) -> None:
    """Make a fixed name a link that leads through the generation in force, in one step."""
    place = settings.build / name
    new = _temporary(place)
    _remove(new)
    _symlink(_target(settings, name), new)
    replace(new, place)


def _is_link_of(settings: Settings, name: str) -> bool:
    """Return whether a fixed name is the link that `_link` makes."""
    place = settings.build / name
    return place.is_symlink() and os.readlink(place) == _target(settings, name)


def _target(settings: Settings, name: str) -> str:
    """Return where the link of a fixed name leads, seen from its folder: a moved or copied `build` still holds together."""
    through = settings.build.resolve() / FOLDER / CURRENT / RESULTS[name]
    return os.path.relpath(through, (settings.build / name).parent.resolve())


def _temporary(place: Path) -> Path:
    """Return where the link of a fixed name is made before it takes the name's place."""
    return place.with_name(f".{place.name}.link")


def _symlink(target: str, link: Path) -> None:
    """Make a symbolic link.

    Raises:
        ConfigurationProblem: the file system has none.
    """
    try:
        os.symlink(target, link)
    except OSError as problem:
        if problem.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
        raise ConfigurationProblem(
            f"{link.parent} is on a file system without symbolic links, which results are put into force by.",
            "whoever set REDRESS_BUILD: name a folder on another file system",
        ) from problem


# The file system


def replace(new: Path, place: Path) -> None:
    """Put a file, folder or link where another is, in one step; what was there is removed.

    Where the system cannot exchange two folders, the old one is set aside as `<name>.before` for a moment.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    is_folder = place.is_dir() and not place.is_symlink()
    if not os.path.lexists(place) or not (is_folder or new.is_dir() and not new.is_symlink()):
        os.replace(new, place)
        return
    if _exchange(new, place):
        _remove(new)
        return
    aside = place.with_name(f"{place.name}.before")
    _remove(aside)
    os.replace(place, aside)
    try:
        os.replace(new, place)
    except OSError:
        os.replace(aside, place)
        raise
    _remove(aside)


def _exchange(left: Path, right: Path) -> bool:
    """Let two paths change places in one step; False where this system or file system cannot."""
    try:
        function = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    if function(_HERE, os.fsencode(left), _HERE, os.fsencode(right), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM):
        return False
    raise OSError(number, os.strerror(number), str(left), None, str(right))


def _copy_by_link(source: Path, target: Path) -> None:
    """Put the same file or folder in another place: files by hard link, or by copy where that cannot be."""
    if source.is_symlink():
        os.symlink(os.readlink(source), target)
    elif source.is_dir():
        target.mkdir(parents=True)
        for path in sorted(source.iterdir()):
            _copy_by_link(path, target / path.name)
        shutil.copymode(source, target)
    else:
        try:
            os.link(source, target)
        except OSError as problem:
            if problem.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP, errno.ENOSYS):
                raise
            shutil.copy2(source, target)


def _remove(path: Path) -> None:
    """Remove a file, link or folder, if there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _make_durable(settings: Settings) -> None:
    """Wait until everything written so far would survive a loss of power.

    One call for the file system, because a website is thousands of files.
    """
    try:
        function = ctypes.CDLL(None, use_errno=True).syncfs
    except (AttributeError, OSError, TypeError):
        os.sync()
        return

    def sync(handle: int) -> None:
        if function(handle) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(settings.build))

    for folder in (settings.build, settings.state):
        _sync(folder, sync)


def _sync(folder: Path, function: Callable[[int], object]) -> None:
    """Call a function with a handle of a folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        function(handle)
    finally:
        os.close(handle)
