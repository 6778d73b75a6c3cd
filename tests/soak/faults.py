"""The faults that `python -m tests.soak` makes, each a function `trial -> Row`.

Every fault begins with results in force ("yesterday") and news in the drop folder. What is asked after each
command that the fault strikes, and again after a run that nothing stands in the way of, is in `Tally`.
"""

from __future__ import annotations

import contextlib
import csv
import datetime as real_time
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from redress.base import generations
from tests.soak import kills, mutations
from tests.soak.world import FIGURE, SLUG, YEAR, Ended, Hook, World

MACHINE = "whoever looks after the machine"
BACKUP = "backup"
ONLY_A_BACKUP_HAS = ("signed",)
"""Parts of the state without which a run has to stop. The others are made again from the drop folder, or only tell."""
SAMPLE_OF_STATE = ("signed",)
STAGES = (
    "authorities",
    "intake",
    "warehouse",
    "figures",
    "reconcile",
    "protect",
    "together",
    "publish",
    "attest",
    "release",
)


@dataclass(frozen=True)
class Row:
    """What became of one fault.

    Attributes:
        fault: what was done.
        where: by which means, and at which places.
        tried: how often.
        lost: how often a record, an original or a file received was nowhere afterwards; `not asked` where nobody looked.
        half_published: how often readers saw two runs at once.
        results_unchanged: of the runs that did not publish, how many left yesterday's results byte for byte, `n of m`.
        exit_codes: how often a command that was struck ended with which code.
        owner_named: of the commands that failed, how many named who can put it right, and rightly, `n of m`.
        verdict: `ok`, or what was wrong; or why it was not tried.
    """

    fault: str
    where: str
    tried: int
    lost: int | str
    half_published: int
    results_unchanged: str
    exit_codes: str
    owner_named: str
    verdict: str


@dataclass
class Tally:
    """Counts what commands under a fault did, and gives the row.

    Attributes:
        wrong: what was wrong, in words.
    """

    tried: int = 0
    asked: int = 0
    lost: int = 0
    torn: int = 0
    stopped: int = 0
    unchanged: int = 0
    failed: int = 0
    owned: int = 0
    codes: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def judge(
        self,
        world: World,
        place: str,
        before: dict[str, str],
        ended: Ended,
        *,
        owner: str = MACHINE,
        codes: tuple[int, ...] = (2,),
        has_links: bool = True,
    ) -> None:
        """Look at what a command left that a fault struck.

        Args:
            world: where.
            place: what was struck, for the words of what is wrong.
            before: what readers saw before.
            ended: how the command ended.
            owner: a pattern that its `To fix` line has to match, where it fails.
            codes: with which codes it may end.
            has_links: False in a copy that followed the links, until a run has released there.
        """
        self.tried += 1
        self.codes[str(ended.code)] = self.codes.get(str(ended.code), 0) + 1
        if ended.code not in codes:
            self.wrong.append(
                f"{place}: code {ended.code}: {' / '.join(ended.output.splitlines()[-4:])[:400]}"
            )
        if "Traceback" in ended.output:
            self.wrong.append(f"{place}: a traceback was printed")
        if ended.code:
            self.failed += 1
            named = re.search(owner, ended.owner)
            self.owned += bool(named)
            if not named:
                self.wrong.append(f"{place}: the owner is {ended.owner or 'nobody'!r}, not {owner!r}")
            if ended.code != 3:
                self.stopped += 1
                same = world.seen() == before
                self.unchanged += same
                if not same:
                    self.wrong.append(f"{place}: results changed though the command failed")
        if has_links:
            self.look(world, place)

    def look(self, world: World, place: str) -> None:
        """Count it where readers see two runs at once."""
        torn = world.torn()
        self.torn += bool(torn)
        self.wrong += [f"{place}: {one}" for one in torn]

    def recover(self, world: World, place: str) -> None:
        """A run that nothing stands in the way of has to be green and to have lost nothing."""
        ended = world.build_all()
        if ended.code:
            self.wrong.append(f"{place}: the next run ended with {ended.code}: {ended.output[-300:]}")
        self.look(world, f"{place}, the next run")
        self.count_lost(world, place)

    def count_lost(self, world: World, place: str) -> None:
        """Count it where something received is nowhere."""
        self.asked += 1
        lost = world.lost()
        self.lost += bool(lost)
        self.wrong += [f"{place}: {one}" for one in lost[:5]]

    def row(self, fault: str, where: str) -> Row:
        """The row of the table."""
        return Row(
            fault,
            where,
            self.tried,
            self.lost if self.asked else "not asked",
            self.torn,
            f"{self.unchanged} of {self.stopped}",
            ", ".join(f"{code}: {count}" for code, count in sorted(self.codes.items())) or "none",
            f"{self.owned} of {self.failed}",
            "; ".join(self.wrong) or "ok",
        )


@dataclass
class Trial:
    """What a fault is given.

    Attributes:
        workdir: a folder that each fault finds as `prepare_yesterday` left it.
        quick: only a sample.
        seed: of random choices.
        yesterday: the copy that `prepare_yesterday` kept.
        counts: how often to do what takes long, by the fault's name, where it is not to be done in full.
    """

    workdir: Path
    quick: bool
    seed: int
    yesterday: Path
    counts: dict[str, int] = field(default_factory=dict)

    def world(self, *, results_on_disk: bool = True) -> World:
        """The council of yesterday, always in the same place, with results in force and nothing new.

        Args:
            results_on_disk: False leaves the folder of its results empty, for another disk to be mounted there.
        """
        remove(self.workdir)
        without = None if results_on_disk else shutil.ignore_patterns("results")
        shutil.copytree(self.yesterday, self.workdir, symlinks=True, ignore=without)
        return World(self.workdir)


def prepare_yesterday(workdir: Path, kept: Path) -> None:
    """Make the council and its results that are in force when a fault strikes, and keep a copy."""
    World(workdir).build_green()
    shutil.copytree(workdir, kept, symlinks=True)


# The disk


@contextlib.contextmanager
def _small_disk(folder: Path, options: str) -> Iterator[bool]:
    """A file system of its own (a tmpfs) at a folder; yields False where it cannot be mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    is_mounted = (
        os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0
    )
    try:
        yield is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=True)


@contextlib.contextmanager
def small_disk_with_results(trial: Trial, options: str = "size=400m") -> Iterator[tuple[World, bool]]:
    """The council of yesterday with its results on a disk of their own; and whether that could be mounted."""
    world = trial.world(results_on_disk=False)
    results = world.build.parent
    with _small_disk(results, options) as is_mounted:
        shutil.copytree(trial.yesterday / results.name, results, symlinks=True, dirs_exist_ok=True)
        yield world, is_mounted


def at_stage(name: str, act: Callable[[World], None]) -> Hook:
    """A hook that acts as the stage of that name begins."""

    def install(world: World) -> None:
        from redress.run import stages

        def struck(function: Callable) -> Callable:
            def run(context: Any) -> Any:
                act(world)
                return function(context)

            return run

        stages.STAGES = tuple(
            replace(stage, function=struck(stage.function)) if stage.name == name else stage
            for stage in stages.STAGES
        )

    return install


def _fill(world: World) -> None:
    """Fill the disk that the results lie on."""
    with contextlib.suppress(OSError), (world.build.parent / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(1 << 16))
    with contextlib.suppress(OSError), (world.build.parent / "filler2").open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(1 << 9))


def _limit_files(world: World) -> None:
    """Let no file grow, as on a full disk: what can be done without the right to mount."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def disk_full(trial: Trial) -> Row:
    """The disk is full as a stage begins, each stage in turn."""
    tally = Tally()
    stages = ("attest",) if trial.quick else STAGES
    with small_disk_with_results(trial) as (world, is_mounted):
        strike, means = (_fill, "tmpfs filled") if is_mounted else (_limit_files, "RLIMIT_FSIZE 0")
        for mark, stage in enumerate(stages, start=1):
            world.send_news(mark)
            before = world.seen()
            ended = world.build_all(hook=at_stage(stage, strike))
            for filler in world.build.parent.glob("filler*"):
                filler.unlink()
            tally.judge(world, f"disk full at {stage}", before, ended)
            if not trial.quick:
                tally.recover(world, f"disk full at {stage}")
        if trial.quick:
            tally.recover(world, "disk full")
    return tally.row("The disk is full", f"{means} as a stage begins: {', '.join(stages)}")


def read_only_folder(trial: Trial) -> Row:
    """The build folder may not be written to, for a run and for commands that only read."""
    tally = Tally()
    with small_disk_with_results(trial) as (world, is_mounted):
        if not is_mounted and os.geteuid() == 0:
            return not_tried(
                "The build folder is read-only", "root ignores permissions, and cannot mount here"
            )
        world.send_news(1)
        before = world.seen()
        with _made_read_only(world.build, is_mounted):
            ended = world.build_all()
            tally.judge(world, "build", before, ended, owner=f"{MACHINE}|looks after that folder")
            for command in (
                ["reports"],
                ["explain", FIGURE],
                ["intake", str(world.drop / "cases-news1.csv"), "--authority", SLUG],
            ):
                reads = command[0] != "intake"
                tally.judge(
                    world,
                    command[0],
                    before,
                    world.run(*command),
                    owner=f"{MACHINE}|looks after that folder",
                    codes=(0,) if reads else (2,),
                )
        tally.recover(world, "read-only folder")
    return tally.row(
        "The build folder is read-only",
        f"{'tmpfs mounted read-only' if is_mounted else 'no right to write'}; build, reports, explain, intake",
    )


@contextlib.contextmanager
def _made_read_only(build: Path, is_mounted: bool) -> Iterator[None]:
    """Take the right to write from a build folder and all in it."""
    if is_mounted:
        subprocess.run(["mount", "-o", "remount,ro", str(build.parent)], check=True)
        try:
            yield
        finally:
            subprocess.run(["mount", "-o", "remount,rw", str(build.parent)], check=True)
        return
    folders = [build, *(path for path in build.rglob("*") if path.is_dir() and not path.is_symlink())]
    modes = {folder: folder.stat().st_mode for folder in folders}
    for folder in folders:
        folder.chmod(0o555)
    try:
        yield
    finally:
        for folder, mode in modes.items():
            folder.chmod(mode)


# What is kept between runs


def state_partly_deleted(trial: Trial) -> Row:
    """Each part of `build/state` is removed in turn; the same figures come back, or the run says what to bring back."""
    tally = Tally()
    world = trial.world()
    tally.wrong += _signed(world)
    figures = (world.build / "figures.csv").read_bytes()
    parts = [path.name for path in sorted(world.settings.state.iterdir())]
    kept = trial.workdir / "whole"
    shutil.copytree(world.build, kept, symlinks=True)
    for part in SAMPLE_OF_STATE if trial.quick else parts:
        place = world.settings.state / part
        remove(place)
        before = world.seen()
        ended = world.build_all()
        codes = (2,) if part in ONLY_A_BACKUP_HAS else (0,)
        tally.judge(world, f"state/{part} removed", before, ended, owner=BACKUP, codes=codes)
        if ended.code == 0:
            if (world.build / "figures.csv").read_bytes() != figures:
                tally.wrong.append(f"state/{part} removed: the figures are others")
            tally.count_lost(world, f"state/{part} removed")
        remove(world.build)
        shutil.copytree(kept, world.build, symlinks=True)
    return tally.row("State partly deleted", ", ".join(SAMPLE_OF_STATE if trial.quick else parts))


def _signed(world: World) -> list[str]:
    """Sign the report off; what is wrong where that failed."""
    ended = world.run("sign-off", SLUG, YEAR, "--by", "Head of complaints")
    return [] if ended.code == 0 else [f"the sign-off ended with {ended.code}: {ended.output[-300:]}"]


def remove(place: Path) -> None:
    """Remove a file, link or folder; nothing to do where there is none."""
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def truncated_parquet(trial: Trial) -> Row:
    """A Parquet file of the state is cut in half, or to nothing."""
    tally = Tally()
    world = trial.world()
    state = world.settings.state
    ledger = min((state / "conformed" / "extract").glob(f"{SLUG}--*.parquet"))
    rows = min((state / "conformed" / "complaint").glob(f"{SLUG}--*.parquet"))
    problems = min((state / "quarantine").glob(f"{SLUG}--*.parquet"))
    empty = state / "conformed" / "complaint" / "00-empty.parquet"
    places = (
        [rows] if trial.quick else [ledger, rows, problems, empty, state / "config" / "config_report.parquet"]
    )
    figures = (world.build / "figures.csv").read_bytes()
    for place in places:
        content = place.read_bytes()
        for size in (len(content) // 2,) if trial.quick else (len(content) // 2, 0):
            what = f"{place.relative_to(state)} cut to {size} bytes"
            place.write_bytes(content[:size])
            before = world.seen()
            ended = world.build_all()
            tally.judge(world, what, before, ended, owner=BACKUP, codes=(2,) if place == ledger else (0,))
            if ended.code:
                place.write_bytes(content)
            elif (world.build / "figures.csv").read_bytes() != figures:
                tally.wrong.append(f"{what}: the figures are others")
    tally.recover(world, "truncated Parquet")
    return tally.row(
        "A Parquet file is cut short", ", ".join(str(place.relative_to(state).parent) for place in places)
    )


def edited_record(trial: Trial) -> Row:
    """A file of a signed record is edited, added to or removed."""
    tally = Tally()
    world = trial.world()
    tally.wrong += _signed(world)
    record = world.settings.state / "signed" / SLUG / YEAR / "1"
    edits: list[tuple[str, Callable[[bytes], bytes] | None]] = [
        ("figures.csv", lambda content: content.replace(b"12", b"13")),
        ("record.json", lambda content: content.replace(b"Head of", b"Dead of")),
        ("record.json", lambda content: content[: len(content) // 2]),
        ("configuration/profile.yml", lambda content: content + b"\n"),
        ("figures.csv", None),
    ]
    edits = edits[:1] if trial.quick else edits
    for name, edit in edits:
        place = record / name
        content = place.read_bytes()
        real = place.resolve()
        before = world.seen()
        real.unlink()  # it may be a hard link of the same in another place
        if edit:
            assert edit(content) != content, name
            real.write_bytes(edit(content))
        for command in (["build", "--quiet"],) if trial.quick else (["build", "--quiet"], ["reports"]):
            what = f"{name} {'edited' if edit else 'removed'}, {command[0]}"
            tally.judge(world, what, before, world.run(*command), owner=BACKUP)
        real.write_bytes(content)
    if trial.quick:
        tally.count_lost(world, "edited record")
    else:
        tally.recover(world, "edited record")
    what = ", ".join(f"{name} {'edited' if edit else 'removed'}" for name, edit in edits)
    return tally.row("A signed record is edited", what)


# The clock


def set_clock(days: int) -> Hook:
    """A hook that shifts the clock that the program's own modules read. DuckDB and the file system keep theirs."""

    def shift(world: World) -> None:
        by = real_time.timedelta(days=days)

        class ShiftedMoment(real_time.datetime):
            @classmethod
            def now(cls, tz=None):
                return real_time.datetime.now(tz) + by

        class ShiftedDay(real_time.date):
            @classmethod
            def today(cls):
                return real_time.date.today() + by

        for kind, shifted in ((real_time.datetime, ShiftedMoment), (real_time.date, ShiftedDay)):
            for name, module in list(sys.modules.items()):
                if name.startswith("redress"):
                    for attribute, value in list(vars(module).items()):
                        if value is kind:
                            setattr(module, attribute, _Clock(kind, shifted))

    return shift


class _Clock:
    """In place of `date` or `datetime` in a module: all is as in the real one but what time it is."""

    def __init__(self, kind: type, shifted: type):
        self._kind, self._shifted = kind, shifted

    def __call__(self, *given: Any, **named: Any) -> Any:
        return self._kind(*given, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shifted if name in ("now", "today") else self._kind, name)

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, self._kind)


def clock_set_back(trial: Trial) -> Row:
    """The clock is set back between two runs, by a day and by years; then it is right again."""
    tally = Tally()
    world = trial.world()
    shifts = (-1,) if trial.quick else (-1, -400, -4000)
    for mark, days in enumerate(shifts, start=1):
        world.send_news(mark)
        before = world.seen()
        what = f"clock {-days} days back"
        ended = world.build_all(hook=set_clock(days))
        tally.judge(world, what, before, ended, codes=(0,))
        if world.seen() == before:
            tally.wrong.append(f"{what}: the news did not get into the results")
        tally.count_lost(world, what)
    if not trial.quick:
        tally.recover(world, "clock set right")
        world.send_news(9)
        before = world.seen()
        tally.judge(world, "clock right again", before, world.build_all(), codes=(0,))
    back = ", ".join(f"{-days:,}" for days in shifts)
    return tally.row("The clock is set back", f"by {back} days, for the program's own modules only")


# Several at once


def two_builds(trial: Trial) -> Row:
    """A second build, an intake and a reader come while a build is under way."""
    tally = Tally()
    world = trial.world()
    world.send_news(1)
    before = world.seen()
    marker = trial.workdir / "is at its warehouse"

    def wait_there(world: World) -> None:
        marker.touch()
        while marker.exists():
            time.sleep(0.02)

    first = world.start("build", "--quiet", hook=at_stage("warehouse", wait_there))
    while first.is_running() and not marker.exists():
        time.sleep(0.02)
    commands = [["build", "--quiet"]]
    if not trial.quick:
        commands += [
            ["intake", str(world.drop / "points.xlsx"), "--authority", SLUG],
            ["sign-off", SLUG, YEAR, "--by", "X"],
        ]
    for command in commands:
        tally.judge(world, command[0], before, world.run(*command), owner="whoever started it")
    if not trial.quick:
        tally.judge(world, "reports", before, world.run("reports"), codes=(0,))
    marker.unlink(missing_ok=True)
    tally.judge(world, "the first build", before, first.wait(), codes=(0,))
    if world.seen() == before:
        tally.wrong.append("the first build changed nothing")
    tally.count_lost(world, "two builds")
    others = ", ".join(command[0] for command in commands)
    return tally.row(
        "Two builds at once",
        f"while a build is at its warehouse: {others}{'' if trial.quick else ', reports'}",
    )


HOLDER = """
import duckdb, pathlib, sys, time
held = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "read")
held.execute("select count(*) from figures.figures").fetchall()
pathlib.Path(sys.argv[3]).touch()
sys.stdin.read()
print(held.execute("select count(*) from figures.figures").fetchone()[0])
"""


def reader_holds_database(trial: Trial) -> Row:
    """Another program has the database open, to read and to write, while commands come."""
    tally = Tally()
    world = trial.world()
    for mark, mode in enumerate(("write",) if trial.quick else ("read", "write"), start=1):
        if not trial.quick:  # no build takes the news in
            world.send_news(mark)
        before = world.seen()
        marker = trial.workdir / f"holds to {mode}"
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(world.settings.database), mode, str(marker)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        while not marker.exists() and holder.poll() is None:
            time.sleep(0.02)
        explain = world.run("explain", FIGURE)
        tally.judge(
            world,
            f"explain, held to {mode}",
            before,
            explain,
            owner="whoever runs that program",
            codes=(0,) if mode == "read" else (2,),
        )
        if not trial.quick:
            ended = world.build_all()
            tally.judge(
                world, f"build, held to {mode}", before, ended, owner="whoever runs that program", codes=(0,)
            )
        told, _ = holder.communicate(b"")
        if told.strip() != b"1":
            tally.wrong.append(f"held to {mode}: the reader saw {told!r} figures, not 1")
    if trial.quick:
        tally.count_lost(world, "reader")
    else:
        tally.recover(world, "reader")
    where = "to write; explain" if trial.quick else "to read, and to write; explain and build"
    return tally.row("Another program holds the database", f"opened {where}")


# A lot of input


def many_files(trial: Trial) -> Row:
    """Very many files in the drop folder of one day."""
    tally = Tally()
    world = trial.world()
    count = 25 if trial.quick else 2_000
    head = mutations.CASES.splitlines(keepends=True)[0]
    for number in range(count):
        world.put(
            f"cases-day{number:05}.csv", f"{head}D{number},05/05/2023,C,Email,Y,,,Ann Other,\n".encode()
        )
    before = world.seen()
    ended = world.build_all()
    tally.judge(world, f"{count} files", before, ended, codes=(0,))
    tally.count_lost(world, f"{count} files")
    if (found := _complaints(world)) != 12 + count:
        tally.wrong.append(f"{found} complaints were counted, not {12 + count}")
    return tally.row(f"{count:,} files in one day", f"a drop folder; {ended.seconds:.0f} s")


def many_rows(trial: Trial) -> Row:
    """Very many rows in one file."""
    tally = Tally()
    world = trial.world()
    count = 5_000 if trial.quick else 300_000
    head = mutations.CASES.splitlines(keepends=True)[0]
    rows = (
        f"R{number},{number % 28 + 1:02}/05/2023,C,Email,{'Y' if number % 100 else 'perhaps'},,,Ann Other,\n"
        for number in range(count)
    )
    world.put("cases-many.csv", (head + "".join(rows)).encode())
    before = world.seen()
    ended = world.build_all()
    tally.judge(world, f"{count} rows", before, ended, codes=(0,))
    tally.count_lost(world, f"{count} rows")
    good = count - -(-count // 100)
    if (found := _complaints(world)) != 12 + good:
        tally.wrong.append(f"{found} complaints were counted, not {12 + good}")
    return tally.row(
        f"{count:,} rows in one file", f"every hundredth has a word that nobody knows; {ended.seconds:.0f} s"
    )


def _complaints(world: World) -> int:
    """How many complaints the figure in force counts."""
    with (world.build / "figures.csv").open(newline="", encoding="utf-8") as handle:
        [row] = csv.DictReader(handle)
    return int(float(row["value"]))


# Damage and death


def mutated_inputs(trial: Trial) -> Row:
    """Files of a council are damaged at random."""
    count = trial.counts.get("mutations", 20 if trial.quick else 10_000)
    command = [sys.executable, "-m", "tests.soak.mutations", str(count), "--seed", str(trial.seed)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = ended.stdout.splitlines()
    wrong = [line for line in lines if " | " in line]
    codes: dict[str, int] = {}
    for code, number in re.findall(r"', (-?\d+), '\w+'\): (\d+)", lines[-1] if lines else ""):
        codes[code] = codes.get(code, 0) + int(number)
    failed = sum(number for code, number in codes.items() if code != "0")
    silent = sum(" | silent" in line for line in wrong)
    if ended.returncode and not wrong:
        wrong = [f"the trial ended with {ended.returncode}: {ended.stderr[-300:]}"]
    return Row(
        "Mutated inputs",
        "bytes, rows, cells, sheets and YAML nodes of profile, mapping, tables and extracts; check and intake",
        sum(codes.values()),
        sum(" | unequal" in line for line in wrong),
        0,
        "does not apply",
        ", ".join(f"{code}: {number}" for code, number in sorted(codes.items())),
        f"{failed - silent} of {failed}",
        "; ".join(wrong[:10]) or "ok",
    )


def killed(trial: Trial) -> Row:
    """Runs of the small council are killed at random moments, half of them in their release."""
    import random

    tally = Tally()
    world = trial.world()
    moments = random.Random(trial.seed)
    count = trial.counts.get("kills", 2 if trial.quick else 50)
    seconds = 6.0
    for number in range(1, count + 1):
        before = world.seen()
        world.send_news(number)
        _kill_one(world, moments, seconds, in_release=number % 2 == 0)
        tally.tried += 1
        tally.codes["-9"] = tally.codes.get("-9", 0) + 1
        reports = world.run("reports")
        if reports.code:
            tally.wrong.append(f"kill {number}: reports ended with {reports.code}: {reports.output[-200:]}")
        tally.look(world, f"kill {number}")
        tally.stopped += 1
        now = world.seen()
        tally.unchanged += now == before
        if number % 5 == 0 or number == count:
            ended = world.build_all()
            seconds = ended.seconds
            if ended.code:
                tally.wrong.append(
                    f"kill {number}: the next run ended with {ended.code}: {ended.output[-300:]}"
                )
            tally.look(world, f"kill {number}, the next run")
            tally.count_lost(world, f"kill {number}")
    row = tally.row("Killed at random moments", "the small council; every second one in its release")
    return replace(
        row,
        results_unchanged=f"{tally.unchanged} yesterday's, {tally.stopped - tally.unchanged} today's, whole",
        owner_named="does not apply",
    )


def _kill_one(world: World, moments: Any, seconds: float, *, in_release: bool) -> None:
    """Start a build and kill it; one that has ended by then is left."""
    unsettled = world.build / generations.FOLDER / generations.UNSETTLED
    run = world.start("build", "--quiet")
    wait = moments.uniform(0, 0.1 if in_release else seconds)
    while in_release and run.is_running() and not unsettled.exists():
        time.sleep(0.0005)
    end = time.monotonic() + wait
    while run.is_running() and time.monotonic() < end:
        time.sleep(0.0005)
    if run.is_running():
        run.kill()
        run.wait()


def killed_whole_runs(trial: Trial) -> Row:
    """Whole runs of a made-up council, with its website, are killed at random moments."""
    count = trial.counts.get("whole-kills", 50)
    if not count:
        return not_tried("Killed at random moments, whole runs with the website", "asked for 0")
    with tempfile.TemporaryDirectory(prefix="redress-kills-", dir=trial.workdir.parent) as folder:
        rows = kills.run_kills(count, trial.seed, site=True, workdir=Path(folder) / "trial")
    wrong = [f"kill {row.number}: {row.verdict}" for row in rows if row.verdict != "ok"]
    stood = {name: sum(row.stood == name for row in rows) for name in ("yesterday", "today", "mixed")}
    return Row(
        "Killed at random moments, whole runs with the website",
        f"{kills.AUTHORITY}; every second one in its release",
        len(rows),
        "not asked",
        stood["mixed"],
        f"{stood['yesterday']} yesterday's, {stood['today']} today's",
        f"-9: {len(rows)}",
        "does not apply",
        "; ".join(wrong) or "ok",
    )


def not_tried(fault: str, why: str) -> Row:
    """Return the row of a fault that could not be made here."""
    return Row(fault, "", 0, 0, 0, "", "", "", f"not tried: {why}")


FAULTS: dict[str, Callable[[Trial], Row]] = {
    "disk-full": disk_full,
    "read-only": read_only_folder,
    "state-deleted": state_partly_deleted,
    "truncated-parquet": truncated_parquet,
    "edited-record": edited_record,
    "clock-back": clock_set_back,
    "two-builds": two_builds,
    "reader": reader_holds_database,
    "many-files": many_files,
    "many-rows": many_rows,
    "mutations": mutated_inputs,
    "kills": killed,
    "whole-kills": killed_whole_runs,
}
IN_THE_SAMPLE = ("disk-full", "two-builds")
"""What is also among the tests, a sample of each; mutations have a test of their own."""
