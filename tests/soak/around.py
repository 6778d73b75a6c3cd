"""Faults of what surrounds the program: clocks that run ahead, shares, accounts, limits, signals, folders that somebody moved.

As in `faults`, each is a function `trial -> Row`.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from tests.soak.faults import (
    MACHINE,
    STAGES,
    Row,
    Tally,
    Trial,
    at_stage,
    not_tried,
    remove,
    set_clock,
    small_disk_with_results,
)
from tests.soak.world import DAY, FIGURE, SLUG, YEAR, Hook, World

T = TypeVar("T")
NOBODY = 65534
UNREADABLE = f"/proc/{os.getpid()}/mem"
"""A regular file whose first byte cannot be read: the system reports an error of the disk (EIO)."""
KEEPER = "whoever keeps that drop folder"
EXPORTER = "whoever exports it"


def _sample(trial: Trial, cases: Iterable[T]) -> list[T]:
    """Return what is to be tried: all of it, or the first where a sample is asked for."""
    return list(cases)[: 1 if trial.quick else None]


def clock_set_forward(trial: Trial) -> Row:
    """The clock is years ahead for two runs; the council's rule keeps cases for seven years. Then it is right again."""
    tally = Tally()
    world = trial.world()
    for mark, days in enumerate(_sample(trial, (4000, 4001, 30_000)), start=1):
        world.send_news(mark)
        before = world.seen()
        what = f"clock {days} days ahead"
        tally.judge(world, what, before, world.build_all(hook=set_clock(days)), codes=(0,))
        if world.seen() == before:
            tally.wrong.append(f"{what}: the news did not get into the results")
        tally.count_lost(world, what)
        if (world.settings.state / "removed.csv").exists():
            tally.wrong.append(f"{what}: case data were removed")
    by_hand = ("intake", str(world.drop / "points.xlsx"), "--authority", SLUG)
    before = world.seen()
    tally.judge(world, "intake", before, world.run(*by_hand, hook=set_clock(4000)), owner="--received")
    tally.recover(world, "clock set right")
    return tally.row("The clock runs years ahead", "by 4,000 to 30,000 days; build, and intake by hand")


# Drop folders


def drop_folder_changes(trial: Trial) -> Row:
    """What lies in a drop folder goes, is replaced or leads in a circle while a run reads it."""
    tally = Tally()
    world = trial.world()
    changes = dict(_sample(trial, _CHANGES.items()))
    for mark, (what, (hook, code, owner)) in enumerate(changes.items(), start=1):
        world.send_news(mark)
        aside = trial.workdir / "aside"
        shutil.copytree(world.drop, aside)
        before = world.seen()
        ended = world.build_all(hook=hook)
        tally.judge(world, what, before, ended, owner=owner, codes=(code,))
        remove(world.folder / "extracts")
        shutil.copytree(aside, world.drop)
        remove(aside)
        tally.recover(world, what)
    return tally.row("The drop folder changes while it is read", ", ".join(changes))


def _once_before(name: str, act: Callable[[World], None]) -> Hook:
    """A hook that acts once, before a function of `intake.batches` is called for the first time."""

    def install(world: World) -> None:
        from redress.intake import batches

        function, calls = getattr(batches, name), []

        def struck(*given, **named):
            if not calls:
                calls.append(1)
                act(world)
            return function(*given, **named)

        setattr(batches, name, struck)

    return install


def _newest(world: World) -> Path:
    return max(world.drop.glob("cases-news*.csv"), key=lambda path: path.stat().st_mtime_ns)


def _before_it_is_kept(act: Callable[[World], None]) -> Hook:
    """A hook that acts between the two times that a new file is read: once for its hash, once to be kept."""

    def install(world: World) -> None:
        from redress.intake.store import Store

        keep = Store.keep

        def struck(store, path, sha256):
            if path == _newest(world):
                act(world)
            return keep(store, path, sha256)

        Store.keep = struck

    return install


def _link_in_circles(world: World) -> None:
    (world.drop / "cases-circle.csv").symlink_to("cases-circle.csv")
    (world.drop / "up").symlink_to("..")
    (world.drop.parent / "2024-04-09").symlink_to(DAY)
    (world.drop.parent.parent / "2022-23").symlink_to(".")


_CHANGES: dict[str, tuple[Hook, int, str]] = {
    "a file goes": (_once_before("why_not_taken", lambda world: _newest(world).unlink()), 3, EXPORTER),
    "the folder of the day goes": (
        _once_before("why_not_taken", lambda world: shutil.rmtree(world.drop)),
        2,
        KEEPER,
    ),
    "all of it goes": (
        _once_before("_listed", lambda world: shutil.rmtree(world.folder / "extracts")),
        2,
        KEEPER,
    ),
    "all of it goes as a file is kept": (
        _before_it_is_kept(lambda world: shutil.rmtree(world.folder / "extracts")),
        2,
        KEEPER,
    ),
    "a file is replaced": (
        _before_it_is_kept(lambda world: _newest(world).write_bytes(b"Ref\nother\n")),
        3,
        EXPORTER,
    ),
    "a file grows": (_before_it_is_kept(lambda world: _append(_newest(world))), 3, EXPORTER),
    "links lead in circles": (_once_before("drop_folder_batches", _link_in_circles), 3, EXPORTER),
}
"""What happens, the exit code that it should have, and who is to be named."""


def _append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"G1,05/05/2023,C,Email,Y,,,Ann Other,\n")


# The disk


def unreadable_files(trial: Trial) -> Row:
    """The disk reports an error (EIO) when a file is read: one in the drop folder, and files of the state."""
    tally = Tally()
    world = trial.world()
    state = world.settings.state
    world.send_news(1)
    places = {
        "the news": lambda: _newest(world),
        "a known file": lambda: world.drop / "cases-2023.csv",
        "profile.yml": lambda: world.folder / "profile.yml",
        "the ledger": lambda: min((state / "conformed" / "extract").glob(f"{SLUG}--*.parquet")),
        "rows": lambda: min((state / "conformed" / "complaint").glob(f"{SLUG}--*.parquet")),
        "an original": lambda: min((state / "kept").iterdir()),
        "the journal": lambda: state / "runs.sqlite",
        "the warehouse": lambda: state / "redress.duckdb",
    }
    places = dict(_sample(trial, places.items()))
    for what, find in places.items():
        place = find().resolve()
        if not _mounted(UNREADABLE, place):
            return not_tried("The disk reports errors", "no right to mount here")
        try:
            before = {} if what == "the warehouse" else world.seen()
            ended = world.build_all()
            if what == "the warehouse":  # nobody can read what stands; a build makes another
                tally.judge(world, what, world.seen(), ended, codes=(0,))
            else:
                tally.judge(
                    world,
                    what,
                    before,
                    ended,
                    owner=f"{KEEPER}|keeps that folder|looks after|backup",
                    codes=(0, 2),
                )
        finally:
            _unmounted(place)
    tally.recover(world, "the disk is well again")
    return tally.row("The disk reports errors", f"EIO from {', '.join(places)}")


def _mounted(source: str, place: Path) -> bool:
    command = ["mount", "--bind", source, str(place)]
    return os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0


def _unmounted(place: Path) -> None:
    subprocess.run(["umount", "-l", str(place)], capture_output=True, check=False)


def no_inodes(trial: Trial) -> Row:
    """The disk has room, but for no more files, as a stage begins."""
    tally, stages = Tally(), _sample(trial, STAGES[::2])
    with small_disk_with_results(trial, "nr_inodes=6000") as (world, is_mounted):
        if not is_mounted:
            return not_tried("The disk takes no more files", "no right to mount here")
        for mark, stage in enumerate(stages, start=1):
            world.send_news(mark)
            before = world.seen()
            ended = world.build_all(hook=at_stage(stage, _use_up_inodes))
            remove(world.build.parent / "fillers")
            tally.judge(world, f"no inodes at {stage}", before, ended)
            if "files" not in ended.output:
                tally.wrong.append(
                    f"no inodes at {stage}: nothing says that the number of files is what is used up"
                )
        tally.recover(world, "no inodes")
    return tally.row(
        "The disk takes no more files",
        f"tmpfs whose inodes are used up as a stage begins: {', '.join(stages)}",
    )


def _use_up_inodes(world: World) -> None:
    folder = world.build.parent / "fillers"
    folder.mkdir()
    with contextlib.suppress(OSError):
        for number in range(100_000):
            (folder / str(number)).touch()


# Folders that somebody moved, or may not enter


def results_moved(trial: Trial) -> Row:
    """The folder of results is moved, copied with its links, and copied without them; each copy goes on."""
    tally = Tally()
    world = trial.world()
    tally.wrong += _signed(world)
    kept = trial.workdir / "as it was"
    shutil.copytree(world.build, kept, symlinks=True)
    moves: dict[str, Callable[[Path, Path], object]] = {
        "moved": lambda old, new: old.rename(new),
        "copied with links": lambda old, new: shutil.copytree(old, new, symlinks=True),
        "copied without links": lambda old, new: shutil.copytree(old, new, symlinks=False),
    }
    home = world.build
    moves = dict(_sample(trial, moves.items()))
    for mark, (what, move) in enumerate(moves.items(), start=1):
        remove(home)
        shutil.copytree(kept, home, symlinks=True)
        world.build = trial.workdir / "elsewhere" / what / "build"
        world.build.parent.mkdir(parents=True)
        move(home, world.build)
        remove(home)
        before = world.seen()
        links = what != "copied without links"
        for command in (["reports"], ["explain", FIGURE]):
            place = f"{what}, {command[0]}"
            tally.judge(world, place, before, world.run(*command), codes=(0,), has_links=links)
        if world.seen() != before:
            tally.wrong.append(f"{what}: reading changed results")
        world.send_news(mark)
        tally.judge(world, f"{what}, build", before, world.build_all(), codes=(0,))
        tally.count_lost(world, what)
        tally.recover(world, what)
    world.build = home
    return tally.row("The folder of results is moved", ", ".join(moves))


def _signed(world: World) -> list[str]:
    ended = world.run("sign-off", SLUG, YEAR, "--by", "Head of complaints")
    return [] if ended.code == 0 else [f"the sign-off ended with {ended.code}: {ended.output[-300:]}"]


def other_account(trial: Trial) -> Row:
    """Results, or one part of them, belong to another account and may be read and not written."""
    if os.geteuid() != 0:
        return not_tried("Another account's files", "only root can give files away")
    tally = Tally()
    world = trial.world()
    world.send_news(1)
    places = (
        "",
        "state",
        "state/kept",
        "state/conformed/extract",
        ".generations",
        "state/runs.sqlite",
    )
    places = _sample(trial, places)
    for name in places:
        _chown(world.build / name, NOBODY, deep=not name)
        for command, codes in ((["reports"], (0,)), (["build", "--quiet"], (0, 2) if name else (2,))):
            before = world.seen()
            ended = world.run(*command, hook=lambda world: _give_up_rights_of_root())
            owner = f"{MACHINE}|looks after that folder|REDRESS_BUILD|runs the machine"
            tally.judge(world, f"{name or 'build'}, {command[0]}", before, ended, owner=owner, codes=codes)
        _chown(world.build / name, 0, deep=not name)
    tally.recover(world, "the account's own again")
    shown = ", ".join(name or "all of it" for name in places)
    return tally.row("Another account's files", f"may not write {shown}; build, reports")


def _give_up_rights_of_root() -> None:
    """Let this process write only what its account may: root's capabilities are gone, all else is as it was."""
    header, nothing = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None, use_errno=True).capset(header, nothing) != 0:
        raise OSError(ctypes.get_errno(), "capabilities cannot be given up")


def _chown(place: Path, account: int, *, deep: bool = True) -> None:
    os.chown(place, account, account, follow_symlinks=False)
    for path in place.rglob("*") if deep and place.is_dir() else ():
        os.chown(path, account, account, follow_symlinks=False)


def one_name_twice(trial: Trial) -> Row:
    """Two folders of authorities hold a council of one name."""
    tally = Tally()
    world = trial.world()
    second = trial.workdir / "second" / SLUG
    shutil.copytree(world.folder, second)
    both = f"{world.folder.parent}{os.pathsep}{second.parent}"

    def add_folder(world: World) -> None:
        os.environ["REDRESS_AUTHORITIES"] = both

    for command in (
        ["build", "--quiet"],
        ["check", SLUG],
        ["intake", str(world.drop / "points.xlsx"), "--authority", SLUG],
    ):
        before = world.seen()
        tally.judge(
            world, command[0], before, world.run(*command, hook=add_folder), owner="keeps that folder"
        )
    tally.recover(world, "one name twice")
    return tally.row("Two councils of one name", "two folders in REDRESS_AUTHORITIES; build, check, intake")


# The machine


def signals(trial: Trial) -> Row:
    """A run is asked to end as the machine goes down, as somebody presses Ctrl-C, as a terminal is closed."""
    tally = Tally()
    world = trial.world()
    every = ((signal.SIGTERM, "intake"), (signal.SIGINT, "warehouse"), (signal.SIGHUP, "release"))
    moments = _sample(trial, every)
    for mark, (number, stage) in enumerate(moments, start=1):
        world.send_news(mark)
        before = world.seen()
        ended = world.build_all(hook=at_stage(stage, lambda world, number=number: _ask_to_end(number)))
        codes = (130, 1) if number == signal.SIGINT else (-number,)
        tally.judge(world, f"{number.name} at {stage}", before, ended, owner="", codes=codes)
    tally.recover(world, "asked to end")
    shown = ", ".join(f"{number.name} at {stage}" for number, stage in moments)
    return replace(tally.row("A run is asked to end", shown), owner_named="does not apply")


def _ask_to_end(number: int) -> None:
    # whoever started this trial in the background may have had it pass them over
    signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    os.kill(os.getpid(), number)
    time.sleep(1)  # Python acts on it between two steps


def small_limits(trial: Trial) -> Row:
    """The machine gives a run few open files, no temporary folder, no terminal that takes what is said."""
    tally = Tally()
    world = trial.world()

    def at_most(limit: int, value: int) -> Hook:
        return lambda world: resource.setrlimit(limit, (value, value))

    def say_to_full(world: World) -> None:
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, 1)

    def without_temporary_folder(world: World) -> None:
        import tempfile

        os.environ["TMPDIR"] = str(trial.workdir / "nowhere")
        tempfile.tempdir = None

    hooks: dict[str, Hook] = {
        "12 open files": at_most(resource.RLIMIT_NOFILE, 12),
        "20 open files": at_most(resource.RLIMIT_NOFILE, 20),
        "TMPDIR leads nowhere": without_temporary_folder,
        "/dev/full as terminal": say_to_full,
    }
    hooks = dict(_sample(trial, hooks.items()))
    for mark, (what, hook) in enumerate(hooks.items(), start=1):
        world.send_news(mark)
        before = world.seen()
        tally.judge(world, what, before, world.build_all(hook=hook), codes=(0, 2))
    before, told = world.seen(), world.run("reports", hook=say_to_full)
    tally.judge(world, "reports to /dev/full", before, told, owner="whoever named the place")
    tally.recover(world, "the machine gives enough")
    return tally.row("The machine gives little", ", ".join(hooks))


def journal_held(trial: Trial) -> Row:
    """Another program holds the journal of runs for the length of a build."""
    tally = Tally()
    world = trial.world()
    world.send_news(1)
    before = world.seen()
    with _holding(world.settings.state / "runs.sqlite"):
        tally.judge(world, "build", before, world.build_all(), codes=(0,))
        tally.judge(world, "runs", world.seen(), world.run("runs"), owner="whoever runs that program")
    tally.recover(world, "journal held")
    return tally.row("The journal is held", "locked for the length of a build; build, runs")


@contextlib.contextmanager
def _holding(database: Path) -> Iterator[None]:
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("begin exclusive")
        yield


AROUND: dict[str, Callable[[Trial], Row]] = {
    "clock-forward": clock_set_forward,
    "drop-folder": drop_folder_changes,
    "disk-errors": unreadable_files,
    "inodes": no_inodes,
    "moved": results_moved,
    "other-account": other_account,
    "one-name": one_name_twice,
    "signals": signals,
    "limits": small_limits,
    "journal-held": journal_held,
}
