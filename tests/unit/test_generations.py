"""A release is one act: cut off at whatever step, readers see yesterday's results or today's, and nothing of both.

The files are made up; the release is the real one. Every call that changes the file system is a step at which the process
is killed, a fault is raised, or the file system says no.
"""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import json
import os
import shutil
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from redress.attest import signing
from redress.base import generations
from redress.base.errors import ConfigurationProblem
from redress.base.settings import Settings, candidate_database, database_in_force
from redress.cli import main
from redress.run import release as release_stage
from redress.run import retention
from redress.run.context import Context, run_settings
from redress.signed import record as signed_record

REPORT = ("north-town", "2023-24")
PACK = "north-town-2023-24"
CHANGING = ("replace", "rename", "symlink", "link", "unlink", "mkdir", "rmdir", "chmod")
"""Functions of `os` that change a file system; pathlib and shutil call them by these names."""


class Cut(BaseException):
    """The process is taken away at a step."""


class World:
    """An installation whose results are short texts that name the run they are of."""

    def __init__(self, folder: Path):
        self.settings = Settings(build=folder / "build", authorities=(), key="a key for tests")
        self.run_settings = run_settings(self.settings, fresh=True)
        self.settings.state.mkdir(parents=True)

    def wait(self, mark: str, *, site: bool = True, internal: bool = True, sign: bool = False) -> None:
        """Make a run's results, which wait for their release."""
        release_stage.begin(self.settings)
        waiting = self.settings.build / ".next"
        texts = ["figures.csv", "revisions.csv", "suppression.csv", "protected/figures.arrow"]
        texts += [f"evidence/{PACK}/figures.csv", f"evidence/{PACK}.zip"]
        texts += ["site/index.html", "site/north-town/index.html"] if site else []
        texts += ["internal/north-town.csv"] if internal else []
        for name in texts:
            write(waiting / name, f"{mark} {name}")
        write(candidate_database(self.settings), f"{mark} database")
        if sign:
            self._sign(waiting / "signed", mark)

    def _sign(self, target: Path, mark: str) -> None:
        """A record that waits with the results."""
        before = signed_record.records(self.settings, *REPORT)
        folder = target / REPORT[0] / REPORT[1] / str(len(before) + 1)
        write(folder / "figures.csv", f"{mark} signed")
        write(folder / "configuration" / "profile.yml", f"{mark} configuration")
        record = signed_record.Record(
            *REPORT,
            number=len(before) + 1,
            as_at="2024-05-31",
            by="the head of service",
            reason="",
            signed_on="2024-06-01",
            extracts=[],
            reports={},
            code={},
            files=signed_record.files_of(folder),
            previous=signing.sha256(before[-1].folder / "record.json") if before else "",
        )
        stated = {name: value for name, value in dataclasses.asdict(record).items() if name != "folder"}
        write(folder / "record.json", json.dumps(stated))

    def release(self, mark: str, **more: bool) -> list[str]:
        """Make results and release them; returns the warnings."""
        self.wait(mark, **more)
        return self.put()

    def put(self) -> list[str]:
        """Release what waits; returns the warnings."""
        context = Context(self.run_settings)
        with release_stage.exclusive(self.settings):
            release_stage.release(context)
        return context.warnings

    def lay_out_as_before(self) -> None:
        """Make real files and folders of the links, as versions before generations left them."""
        for name in generations.RESULTS:
            place = self.settings.build / name
            if place.exists():
                real = place.resolve()
                place.unlink()
                shutil.move(real, place)
        shutil.rmtree(self.settings.build / generations.FOLDER)
        shutil.rmtree(self.settings.state / "generations")

    def seen(self) -> dict[str, str]:
        """What readers see under the fixed names: path -> content; and the sign-offs, by file and as Redress reads them."""
        build = self.settings.build
        roots = [build / name for name in generations.RESULTS]
        found = {}
        for root in roots:
            paths = sorted(root.rglob("*")) if root.is_dir() else [root]
            found |= {str(path.relative_to(build)): path.read_text() for path in paths if path.is_file()}
        for path in sorted((self.settings.state / "signed").glob("*/*/[0-9]*/record.json")):
            if path.exists():
                found[str(path.relative_to(build))] = path.read_text()
        found["records"] = str(len(signed_record.records(self.settings, *REPORT)))
        return found

    def assert_settled(self) -> None:
        """Nothing is left of a release that was cut off: one generation, whole records, no dangling link."""
        build, state = self.settings.build, self.settings.state
        standing = generations.in_force(self.settings)
        names = {path.name for path in (build / generations.FOLDER).iterdir()} - {generations.CURRENT}
        inside = state / "generations"
        assert names == ({standing.name} if standing else set())
        assert {path.name for path in inside.iterdir()} == names if inside.is_dir() else not names
        for folder in (build, state, state / "signed"):
            for path in folder.rglob("*"):
                assert path.exists(), path
                assert not path.name.endswith((".coming", ".before", ".link", ".new")), path
        for path in (state / "signed").rglob("*"):
            assert not path.is_symlink()
            assert path.is_file() or any(path.iterdir()), path


def write(path: Path, text: str) -> None:
    """Write a text, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@contextmanager
def stepping(step: Callable[[str], None]) -> Iterator[None]:
    """Call `step` with the name of every call that changes the file system, before it is made."""
    with pytest.MonkeyPatch.context() as patched:
        places = [(os, name) for name in CHANGING]
        places += [(Path, "touch"), (Path, "write_text"), (shutil, "copy2")]
        places += [(generations, "_exchange"), (generations, "_sync")]
        for place, name in places:
            made = getattr(place, name)

            def counted(*given, _name=name, _made=made, **more):
                step(_name)
                return None if _name == "_sync" else _made(*given, **more)  # the disk need not be waited for

            patched.setattr(place, name, counted)
        yield


def steps_of(action: Callable[[], object]) -> int:
    """How many steps an action has."""
    names: list[str] = []
    with stepping(names.append):
        action()
    return len(names)


@contextmanager
def failing_at(number: int, fault: BaseException) -> Iterator[None]:
    """Raise a fault at one step."""
    count = iter(range(1_000_000))

    def step(_: str) -> None:
        if next(count) == number:
            raise fault

    with stepping(step):
        yield


def killed_at(number: int, action: Callable[[], object]) -> bool:
    """Run an action in a process of its own that is killed at a step; False where it ended before."""
    child = os.fork()
    if child == 0:
        count = iter(range(1_000_000))

        def step(_: str) -> None:
            if next(count) == number:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            with stepping(step):
                action()
        except BaseException:  # noqa: BLE001 - the child must not go on as a second pytest
            traceback.print_exc()
            os._exit(9)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


LAYOUTS = ("nothing", "generation", "old layout", "copied through the links")
CASES = [
    ("nothing", True, True),
    ("generation", True, True),
    ("generation", True, False),
    ("generation", False, True),
    ("generation", False, False),
    ("old layout", True, True),
    ("old layout", False, False),
    ("copied through the links", True, True),
]
"""Layout of what stands, whether the run has a website, whether it signs a report off."""
EVERY_STEP = ("generation", True, True)
"""The case that is cut off at every step; the others at some, unless REDRESS_SOAK is set."""


def some(case: tuple[str, bool, bool], steps: int) -> range:
    """The steps at which a case is cut off; the reader that looks at every step has seen all of them."""
    return range(0, steps, 1 if case == EVERY_STEP or os.environ.get("REDRESS_SOAK") else 13)


def prepare(folder: Path, layout: str, site: bool, sign: bool) -> World:
    """A world in which yesterday's results stand in some layout, and today's wait."""
    world = World(folder / "first")
    if layout != "nothing":
        write(world.settings.build / "evidence" / "north-town-2022-23" / "figures.csv", "an earlier report")
        world.release("yesterday", sign=True)
    if layout == "old layout":
        world.lay_out_as_before()
    if layout == "copied through the links":
        shutil.copytree(world.settings.build, folder / "copy" / "build")
        world = World.__new__(World)
        world.__dict__ = vars(World(folder / "other")) | {
            "settings": Settings(build=folder / "copy" / "build", authorities=(), key="a key for tests")
        }
        world.run_settings = run_settings(world.settings, fresh=True)
    world.wait("today", site=site, internal=False, sign=sign)
    return world


def again(world: World, folder: Path, number: int) -> World:
    """The same world in a place of its own, with its links."""
    place = folder / f"step-{number}"
    shutil.copytree(world.settings.build, place / "build", symlinks=True, copy_function=os.link)
    copy = World.__new__(World)
    copy.settings = dataclasses.replace(world.settings, build=place / "build")
    copy.run_settings = run_settings(copy.settings, fresh=True)
    return copy


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]}, site {case[1]}, sign {case[2]}")
def prepared(request, tmp_path) -> tuple[World, dict[str, str], dict[str, str], range]:
    """A prepared world, what is seen before and after the release, and the steps at which to cut it off."""
    world = prepare(tmp_path, *request.param)
    before = world.seen()
    done = again(world, tmp_path, 0)
    steps = steps_of(done.put)
    after = done.seen()
    assert steps > 30 and after != before
    assert after["figures.csv"] == "today figures.csv" and after["state/redress.duckdb"] == "today database"
    assert after["site/index.html"].startswith("today" if request.param[1] else "yesterday")
    assert "internal/north-town.csv" not in after
    if before.get(f"evidence/{PACK}/figures.csv"):
        assert after["evidence/north-town-2022-23/figures.csv"] == "an earlier report"
    done.assert_settled()
    return world, before, after, some(request.param, steps)


def test_a_reader_sees_one_run_at_every_step(prepared, tmp_path):
    world, before, after, steps = prepared
    seen = []
    with stepping(lambda _: seen.append(world.seen())):
        world.put()
    seen.append(world.seen())
    assert len(seen) == steps.stop + 1
    assert all(one in (before, after) for one in seen)
    switch = seen.index(after)
    assert seen[:switch] == [before] * switch and seen[switch:] == [after] * (len(seen) - switch)


def test_a_release_killed_at_any_step_leaves_one_run_and_the_next_command_clears_up(prepared, tmp_path):
    world, before, after, steps = prepared
    stood = []
    for number in steps:
        copy = again(world, tmp_path, number + 1)
        assert killed_at(number, copy.put)
        seen = copy.seen()
        stood.append(seen)
        assert seen in (before, after), number
        generations.settle_if_needed(copy.settings)
        assert copy.seen() == seen, number
        if generations.in_force(copy.settings):
            copy.assert_settled()
        if number % 9 == 0:
            copy.release("the day after", sign=True)
            assert copy.seen()["site/index.html"] == "the day after site/index.html"
            assert copy.seen()["records"] == str(int(seen["records"]) + 1)
            copy.assert_settled()
        shutil.rmtree(copy.settings.build.parent)
    assert before in stood and after in stood


@pytest.mark.parametrize(
    "command",
    ["explain no-figure", "reports", "verify nowhere", "intake nowhere", "audit-report nowhere", "build"],
)
def test_a_command_of_any_kind_clears_up(tmp_path, command):
    world = prepare(tmp_path, "generation", True, True)
    before = world.seen()
    assert killed_at(50, world.put)
    unsettled = world.settings.build / generations.FOLDER / generations.UNSETTLED
    assert unsettled.exists() and world.seen() == before
    CliRunner().invoke(
        main,
        command.split(),
        env={"REDRESS_BUILD": str(world.settings.build), "REDRESS_AUTHORITIES": str(tmp_path / "none")},
    )
    assert not unsettled.exists() and world.seen() == before
    world.assert_settled()


def test_what_cannot_be_cleared_away_stops_a_run_and_no_reader(tmp_path, monkeypatch):
    def refuse(*given, **more):
        raise OSError(errno.EACCES, "Permission denied")

    world = prepare(tmp_path, "generation", True, True)
    before = world.seen()
    assert killed_at(50, world.put)
    monkeypatch.setattr(os, "unlink", refuse)
    generations.settle_if_needed(world.settings)
    assert world.seen() == before
    with pytest.raises(ConfigurationProblem) as refused:
        world.put()
    assert "cannot be cleared away" in refused.value.what and str(world.settings.build) in refused.value.who


def test_a_command_beside_a_run_leaves_its_release_alone(tmp_path):
    world = prepare(tmp_path, "generation", True, True)
    assert killed_at(50, world.put)
    with generations.held(world.settings):
        generations.settle_if_needed(world.settings)
    assert (world.settings.build / generations.FOLDER / generations.UNSETTLED).exists()


def test_a_release_that_is_killed_and_killed_again_while_it_is_settled_ends_well(tmp_path):
    world = prepare(tmp_path, "generation", True, True)
    before = world.seen()
    done = again(world, tmp_path, 0)
    steps = steps_of(done.put)
    after = done.seen()
    for number in range(0, steps, 15):
        copy = again(world, tmp_path, number + 1)
        assert killed_at(number, copy.put)
        seen = copy.seen()
        for second in range(0, 100, 9):
            if not killed_at(second, lambda copy=copy: generations.settle_if_needed(copy.settings)):
                break
            assert copy.seen() == seen
        assert copy.seen() == seen and seen in (before, after)
        copy.assert_settled()


@pytest.mark.parametrize(
    "fault", [Cut(), OSError(errno.ENOSPC, "No space left on device")], ids=["cut", "full"]
)
def test_a_fault_at_any_step_publishes_nothing_or_is_no_failure(prepared, tmp_path, fault):
    world, before, after, steps = prepared
    steps = steps[::5] if isinstance(fault, Cut) and steps.step == 1 else steps
    warned = 0
    for number in steps:
        copy = again(world, tmp_path, number + 1)
        try:
            with failing_at(number, fault):
                warned += len(copy.put())
            assert copy.seen() == after, number
        except Cut:
            assert copy.seen() in (before, after), number
        except (OSError, ConfigurationProblem):
            assert copy.seen() == before, number
        seen = copy.seen()
        with release_stage.exclusive(copy.settings):
            assert copy.seen() == seen, number
        if seen == before and candidate_database(copy.settings).exists():
            copy.put()  # what waited still waits, and can be released again
            assert copy.seen() == after, number
            copy.assert_settled()
        shutil.rmtree(copy.settings.build.parent)
    assert warned or isinstance(fault, Cut)


def test_where_folders_cannot_be_exchanged_nothing_is_lost_and_nothing_is_mixed(tmp_path, monkeypatch):
    monkeypatch.setattr(generations, "_exchange", lambda one, other: False)
    world = prepare(tmp_path, "old layout", True, True)
    before = world.seen()
    done = again(world, tmp_path, 0)
    steps = steps_of(done.put)
    after = done.seen()
    for number in some(("old layout", True, True), steps):
        copy = again(world, tmp_path, number + 1)
        assert killed_at(number, copy.put)
        assert any(copy.seen().items() <= whole.items() for whole in (before, after)), number
        generations.settle_if_needed(copy.settings)
        assert copy.seen() in (before, after), number
        shutil.rmtree(copy.settings.build.parent)


def test_a_file_system_without_hard_links_gets_copies(tmp_path, monkeypatch):
    def refuse(*given, **more):
        raise OSError(errno.EPERM, "no hard links here")

    world = prepare(tmp_path, "generation", False, True)
    monkeypatch.setattr(os, "link", refuse)
    world.put()
    assert world.seen()["site/index.html"] == "yesterday site/index.html"
    assert world.seen()["records"] == "2"
    world.assert_settled()


def test_a_file_system_without_links_is_said(tmp_path, monkeypatch):
    def refuse(*given, **more):
        raise OSError(errno.EPERM, "no links here")

    world = prepare(tmp_path, "old layout", True, False)
    before = world.seen()
    monkeypatch.setattr(os, "symlink", refuse)
    with pytest.raises(ConfigurationProblem, match="without symbolic links") as refused:
        world.put()
    assert "REDRESS_BUILD" in refused.value.who and world.seen() == before


def test_a_moved_and_a_copied_build_still_hold_together(tmp_path):
    world = prepare(tmp_path, "generation", True, True)
    world.put()
    seen = world.seen()
    shutil.copytree(world.settings.build, tmp_path / "followed")
    world.settings.build.rename(tmp_path / "moved")
    for name in ("moved", "followed"):
        other = World(tmp_path / f"world of {name}")
        shutil.rmtree(other.settings.build)
        (tmp_path / name).rename(other.settings.build)
        assert other.seen() == seen
        other.release("the day after")
        assert other.seen()["figures.csv"] == "the day after figures.csv"
        other.assert_settled()


def test_state_on_another_disk_by_a_link_is_found(tmp_path):
    world = World(tmp_path)
    elsewhere = tmp_path / "another" / "disk" / "state"
    elsewhere.parent.mkdir(parents=True)
    world.settings.state.rename(elsewhere)
    world.settings.state.symlink_to(elsewhere)
    world.release("today", sign=True)
    assert world.seen()["state/redress.duckdb"] == "today database" and world.seen()["records"] == "1"
    assert world.seen()["figures.csv"] == "today figures.csv"
    world.assert_settled()


def test_what_a_server_needs_holds_no_case(tmp_path):
    """Whoever may read the website but not the state reads nothing else of a generation."""
    world = prepare(tmp_path, "generation", True, True)
    world.put()
    generation = (world.settings.build / "site").resolve().parent
    assert world.settings.state.resolve() not in generation.parents
    assert {path.name for path in generation.iterdir() if not path.is_symlink()} == {"site"}
    for name, place in generations.RESULTS.items():
        real = (world.settings.build / name).resolve()
        if name != "site" and (world.settings.build / name).exists():
            assert world.settings.state.resolve() in real.parents, place


def test_a_reader_that_holds_the_database_open_keeps_what_it_opened(tmp_path):
    world = World(tmp_path)
    world.release("yesterday")
    with database_in_force(world.settings).open() as held:
        world.release("today")
        assert held.read() == "yesterday database"
    assert database_in_force(world.settings).read_text() == "today database"


def test_what_retention_removes_is_in_no_generation(tmp_path, monkeypatch):
    world = World(tmp_path)
    world.release("yesterday")
    world.wait("today")
    killed_at(40, world.put)
    retention._remove_made_of_cases(world.settings)
    left = [path for path in world.settings.build.rglob("*") if path.is_file()]
    assert not database_in_force(world.settings).exists()
    assert not [path for path in left if "database" in path.read_text() or "arrow" in path.read_text()]


def test_a_closed_folder_of_evidence_stays_closed(tmp_path):
    world = World(tmp_path)
    world.release("yesterday")
    (world.settings.build / "evidence").chmod(0o700)
    world.release("today")
    assert (world.settings.build / "evidence").stat().st_mode & 0o777 == 0o700


def test_a_website_taken_down_by_its_name_stays_down(tmp_path):
    world = World(tmp_path)
    world.release("yesterday")
    (world.settings.build / "site").unlink()
    with release_stage.exclusive(world.settings):
        assert not (world.settings.build / "site").exists()
    world.release("today", site=False)
    assert not (world.settings.build / "site").exists()
    assert not [path for path in world.settings.build.rglob("index.html")]


def test_a_second_record_of_the_same_number_is_refused(tmp_path):
    world = World(tmp_path)
    world.release("yesterday", sign=True)
    world.wait("today", sign=True)
    [waiting] = (world.settings.build / ".next" / "signed").glob("*/*")
    (waiting / "2").rename(waiting / "1")
    before = world.seen()
    with pytest.raises(ConfigurationProblem, match="another record"):
        world.put()
    assert world.seen() == before


def test_everything_is_on_the_disk_before_the_switch(tmp_path, monkeypatch):
    """The real calls, in their order: all data, then the one link, then the folder that holds the link."""
    world = prepare(tmp_path, "generation", True, True)
    calls = []
    sync, switch = generations._sync, generations._switch
    monkeypatch.setattr(generations, "_sync", lambda *given: (calls.append(given[0].name), sync(*given)))
    monkeypatch.setattr(generations, "_switch", lambda *given: (calls.append("switch"), switch(*given)))
    world.put()
    assert calls == ["build", "state", "switch", generations.FOLDER]


def test_contents_are_those_that_waited(tmp_path):
    world = World(tmp_path)
    world.wait("today")
    waiting = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (world.settings.build / ".next" / "site").rglob("*.html")
    }
    world.put()
    assert waiting == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (world.settings.build / "site").rglob("*.html")
    }
