"""Whatever lies in a drop folder under whatever name is taken in or set aside and named; nothing hangs, nothing else stops."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from intake_world import World, complaint, complaints, stage, stages

from redress import cli
from redress.authority.folder import authority_folders
from redress.authority.model import AuthorityError
from redress.base import files
from redress.base.errors import DropFolderAway
from redress.base.files import read_regular
from redress.base.printable import show_text
from redress.intake import batches, load_drop_folder, receive, store, write_quarantine
from redress.run import stages as run_stages
from redress.run.context import Context, run_settings
from redress.run.journal import Journal
from redress.run.measure import RunRecord, StageRecord
from redress.run.runs import Runs
from redress.run.stages import stage_named

NAMES = {
    b"Beschwerde\xfcbersicht.csv": r"Beschwerde\xfcbersicht.csv",
    b"two\nlines.csv": r"two\x0alines.csv",
    b"bell\x07 and \x1b[31mred\x1b[0m.csv": r"bell\x07 and \x1b[31mred\x1b[0m.csv",
    "gnp\u202evsc.csv".encode(): r"gnp\u202evsc.csv",
    "no\u00a0break.csv".encode(): r"no\u00a0break.csv",
    "tag\U000e0041.csv".encode(): r"tag\U000e0041.csv",
    b"\xed\xb3\xbc surrogate.csv": r"\xed\xb3\xbc surrogate.csv",
    b"=cmd|'calc'!A1 \"quoted\" <b>.csv": "=cmd|'calc'!A1 \"quoted\" <b>.csv",
    b"-rf '; drop table runs; --.csv": "-rf '; drop table runs; --.csv",
    b"\xff" * 251 + b".csv": r"\xff" * 251 + ".csv",
    "Übersicht 2023-24.csv".encode(): "Übersicht 2023-24.csv",
}
MAPPING = """\
version: 1
sources:
  - id: complaints
    files: "*.csv"
    scope: "(.+)"
    tables:
      - table: complaint
        columns: {complaint_id: complaint_id, received_date: received_date, procedure: procedure}
"""


@pytest.fixture(autouse=True)
def in_time():
    """End a test that waits for a pipe."""

    def end(*_):
        raise TimeoutError("it waits for ever")

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, 60)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def world(tmp_path) -> World:
    return World(tmp_path).configure()


def put(world: World, name: bytes, content: bytes, on: str = "2024-04-08") -> Path:
    """Put a file under a name of bytes into the drop folder."""
    folder = world.folder / "extracts" / "2023-24" / on
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / os.fsdecode(name)
    path.write_bytes(content)
    return path


def put_all(world: World) -> None:
    """One complaint in a file of each name."""
    for number, name in enumerate(NAMES, start=1):
        put(world, name, complaints(complaint(number)))


@given(
    st.binary(min_size=1, max_size=40)
    | st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_any_bytes_become_text_that_prints_and_stays(name):
    shown = show_text(os.fsdecode(name))
    assert shown.isprintable()
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert show_text(shown) == shown


@given(st.lists(st.binary(min_size=1, max_size=12), min_size=2, max_size=2, unique=True))
def test_two_names_look_alike_only_where_one_spells_out_an_escape(names):
    if not any(b"\\" in name for name in names):
        assert show_text(os.fsdecode(names[0])) != show_text(os.fsdecode(names[1]))


def test_a_name_can_be_turned_back(tmp_path):
    name = b"Beschwerde\xfcbersicht\x1b[31m\n.csv"
    back = subprocess.run(
        ["printf", "%b", show_text(os.fsdecode(name))], capture_output=True, check=True
    ).stdout
    assert back == name


def test_files_of_any_name_are_loaded_and_told_by_their_escaped_name(world):
    world.configure(MAPPING)
    put_all(world)
    result = world.load()
    assert {file.file_name: file.status for file in result.files} == dict.fromkeys(NAMES.values(), "loaded")
    assert set(world.ledger()["file_name"]) == set(world.ledger()["scope"]) == set(NAMES.values())
    assert set(world.rows("complaint")["source_file"]) == set(NAMES.values())
    assert all(file.is_known for file in world.load().files)


def test_files_of_any_name_are_read_again_when_the_mapping_changes(world):
    world.configure(MAPPING)
    put_all(world)
    world.load()
    before = world.ledger()
    world.configure(MAPPING.replace("id: complaints", "id: cases"))
    world.load()
    assert set(world.ledger()["source"]) == {"cases"}
    assert sorted(world.ledger()["file_name"]) == sorted(before["file_name"])


def test_files_of_any_name_that_nobody_claims_are_set_aside_in_the_workbook(world):
    put_all(world)
    put(world, b"complaint.csv", complaints(complaint(100)))
    result = world.load()
    assert {file.file_name for file in result.files if file.status == "rejected"} == set(NAMES.values())
    folder = write_quarantine(world.settings)
    listed = {row["file_name"] for row in csv.DictReader((folder / "quarantine.csv").open(encoding="utf-8"))}
    assert {name.lstrip("'") for name in listed if len(name) < 200} == {
        n for n in NAMES.values() if len(n) < 200
    }
    assert all(not name.startswith(("=", "-")) for name in listed)
    book = openpyxl.load_workbook(folder / "smallham-2024-04-08.xlsx")
    cells = {str(cell.value) for row in book["Summary"].iter_rows() for cell in row}
    assert r"Beschwerde\xfcbersicht.csv" in cells


def test_the_journal_takes_files_and_messages_of_any_name(world):
    world.configure(MAPPING)
    put_all(world)
    world.load()
    record = RunRecord.start({}, "a test")
    journal = Journal(world.settings, record)
    journal.begin()
    with journal.stage(StageRecord.of(stage_named("intake"))) as stage:
        stage.counts = {"rows conformed": 1}
    record.verdict, record.message = "refused", "a header\nthat 2024-01-01 forges a line \x1b[31m"
    journal.end()
    events = [
        json.loads(line)
        for line in (world.settings.state / "openlineage.jsonl").read_text("utf-8").splitlines()
    ]
    named = {dataset["name"] for event in events for dataset in event["inputs"]}
    assert {f"smallham/{name}" for name in NAMES.values()} <= named
    log = "".join(Runs(world.settings).log(record.run_id))
    assert r"a header\x0athat" in log and r"\x1b[31m" in log
    assert "\x1b" not in log and "\n" not in log


def test_folders_of_any_name_are_named_and_not_read(world):
    put(world, b"complaint.csv", complaints(complaint(1)))
    year = os.fsencode(world.folder / "extracts" / "2023-24")
    for name in (b"fr\xfcher", b"\x1b[2J", b"2024-04-09\n", "٢٠٢٤-٠٤-٠٨".encode()):
        os.makedirs(os.path.join(year, name, b"in\xfcside"))
    os.makedirs(os.path.join(year, b"2024-04-08", b"unp\xfccked"))
    Path(os.fsdecode(os.path.join(year, b"n\xf6te.txt"))).write_bytes(b"x")
    result = world.load()
    assert [file.file_name for file in result.files] == ["complaint.csv"]
    told = "\n".join(result.messages)
    for shown in (
        r"2023-24/fr\xfcher: not named",
        r"2023-24/\x1b[2J: not named",
        r"2024-04-08/unp\xfccked: a folder",
    ):
        assert shown in told
    assert r"2023-24/n\xf6te.txt: not read" in told


def test_what_is_no_file_is_set_aside_and_not_opened(world, tmp_path):
    folder = put(world, b"complaint.csv", complaints(complaint(1))).parent
    os.mkfifo(folder / "stage.csv")
    os.mkfifo(folder / os.fsdecode(b"p\xefpe.csv"))
    with socket.socket(socket.AF_UNIX) as listening:
        here = os.getcwd()
        os.chdir(folder)
        listening.bind("issue.csv")
        os.chdir(here)
        os.symlink("loop.csv", folder / "loop.csv")
        os.symlink("nothing.csv", folder / "dangling.csv")
        os.symlink("/dev/zero", folder / "zero.csv")
        os.symlink(folder.parent, folder.parent / "round")
        os.symlink(folder, folder / "self")
        os.mkfifo(folder.parent / "pipe beside")
        result = world.load()
    status = {file.file_name: file.status for file in result.files}
    assert status.pop("complaint.csv") == "loaded"
    assert status == dict.fromkeys(
        ["stage.csv", r"p\xefpe.csv", "issue.csv", "loop.csv", "dangling.csv", "zero.csv", "self"], "rejected"
    )
    told = {file.file_name: file.message for file in result.files}
    assert "a pipe" in told["stage.csv"] and "leads out of the drop folder, or to nothing" in told["loop.csv"]


def test_what_was_set_aside_unread_is_forgotten_once_it_is_put_right(world):
    folder = put(world, b"complaint.csv", complaints(complaint(1))).parent
    os.mkfifo(folder / "stage.csv")
    world.load()
    (folder / "stage.csv").unlink()
    put(world, b"stage.csv", stages(stage(1)))
    assert [file.status for file in world.load().files] == ["loaded", "loaded"]
    write_quarantine(world.settings)
    assert "stage.csv" not in (world.settings.build / "quarantine" / "quarantine.csv").read_text("utf-8")


def refuse(monkeypatch, path: Path, error: type[OSError] | int) -> None:
    """Let the system refuse to open a file or to list a folder, as it does to an account without permission."""
    real_open, real_scan = os.open, os.scandir

    def fail():
        raise (error("refused") if isinstance(error, type) else OSError(error, os.strerror(error)))

    def guarded_open(name, *rest, **more):
        return fail() if Path(os.fsdecode(name)) == path else real_open(name, *rest, **more)

    def guarded_scan(name="."):
        return fail() if not isinstance(name, int) and Path(os.fsdecode(name)) == path else real_scan(name)

    monkeypatch.setattr(files.os, "open", guarded_open)
    monkeypatch.setattr(files.os, "scandir", guarded_scan)


def test_a_file_without_permission_is_set_aside_and_the_others_are_read(world, monkeypatch):
    put(world, b"complaint.csv", complaints(complaint(1)))
    locked = put(world, b"st\xe4ge.csv", stages(stage(1)))
    refuse(monkeypatch, locked, PermissionError)
    result = world.load()
    assert {file.file_name: file.status for file in result.files} == {
        r"st\xe4ge.csv": "rejected",
        "complaint.csv": "loaded",
    }
    assert (
        r"st\xe4ge.csv: rejected: It cannot be read: the account that runs Redress may not read it."
        in result.messages
    )


def test_a_share_that_does_not_answer_stops_with_the_name_of_the_council(world, monkeypatch):
    path = put(world, b"complaint.csv", complaints(complaint(1)))
    refuse(monkeypatch, path, 5)
    with pytest.raises(DropFolderAway, match="drop folder of smallham received on 2024-04-08"):
        world.load()


@pytest.mark.parametrize("before", ["why_not_taken", "measure_file"])
def test_a_folder_that_goes_while_it_is_read_blames_no_file_and_nobody_who_exported_it(
    world, monkeypatch, before
):
    path = put(world, b"complaint.csv", complaints(complaint(1)))
    function = getattr(batches, before)
    monkeypatch.setattr(
        batches, before, lambda *given: shutil.rmtree(path.parent, ignore_errors=True) or function(*given)
    )
    with pytest.raises(DropFolderAway, match="drop folder of smallham") as told:
        world.load()
    assert told.value.who == "whoever keeps that drop folder"


@pytest.mark.parametrize("part", ["", "2023-24", "2023-24/2024-04-08"])
def test_a_folder_that_cannot_be_listed_is_named_and_refuses_the_run(world, monkeypatch, part):
    put(world, b"complaint.csv", complaints(complaint(1)))
    world.configure(profile=PROFILE_WITH_REPORT)
    refuse(monkeypatch, world.folder / "extracts" / part, PermissionError)
    context = Context(run_settings(world.settings))
    with pytest.raises(DropFolderAway) as told:
        run_stages.intake(context)
    assert told.value.exit_code == 2
    assert "in the drop folder of smallham cannot be read" in told.value.what and part in told.value.what


PROFILE_WITH_REPORT = """\
authority: smallham
name: Smallham
synthetic: true
case_data_from: 2023-04-01
vocabularies: {channel: [Email]}
reports: {"2023-24": {as_at: 2024-05-31, title: A report}}
"""


def test_a_file_that_grows_while_it_is_read_is_left_for_the_next_time(world, monkeypatch):
    path = put(world, b"complaint.csv", complaints(complaint(1)))
    put(world, b"stage.csv", stages(stage(1)))
    measured = store.measure_file

    def grow(of):
        found = measured(of)
        if of == path:
            path.write_bytes(complaints(complaint(1), complaint(2)))
        return found

    monkeypatch.setattr("redress.intake.batches.measure_file", grow)
    result = world.load()
    told = {file.file_name: file for file in result.files}
    assert (
        told["complaint.csv"].status == "rejected" and "still being written" in told["complaint.csv"].message
    )
    monkeypatch.undo()
    assert {file.file_name: file.status for file in world.load().files} == {
        "complaint.csv": "loaded",
        "stage.csv": "loaded",
    }
    kept = list((world.settings.state / "kept").iterdir())
    assert all(store.measure_file(one)[0] == one.name for one in kept)


def test_a_file_that_is_still_being_copied_is_left_for_the_next_run(world):
    put(world, b"complaint.csv", complaints(complaint(1)))
    put(world, b"st\xe4ge.csv", b"half a fi")
    place = r"2023-24/2024-04-08/st\xe4ge.csv"
    result = load_drop_folder(world.authority(), world.settings, unsettled={place})
    assert [file.file_name for file in result.files] == ["complaint.csv"]
    assert f"{place}: not read yet, because it is still being copied." in result.messages
    assert {file.file_name for file in world.load().files} == {"complaint.csv", r"st\xe4ge.csv"}


def test_files_by_hand_may_have_any_name(world, tmp_path, monkeypatch):
    world.configure(MAPPING, PROFILE_WITH_REPORT)
    monkeypatch.setattr("redress.cli.Settings.from_environment", lambda: world.settings)
    place = os.fsencode(tmp_path / "hand")
    os.makedirs(place)
    paths = [os.path.join(place, name) for name in NAMES]
    for number, path in enumerate(paths, start=1):
        Path(os.fsdecode(path)).write_bytes(complaints(complaint(number)))
    result = CliRunner().invoke(cli.main, ["intake", "--authority", "smallham", *map(os.fsdecode, paths)])
    assert result.exit_code == 0, result.output
    assert (
        r"Beschwerde\xfcbersicht.csv: loaded: 1 of 1 records" in result.output and "\x1b" not in result.output
    )
    os.mkfifo(os.path.join(place, b"p\xefpe"))
    result = CliRunner().invoke(
        cli.main, ["intake", "--authority", "smallham", os.fsdecode(os.path.join(place, b"p\xefpe"))]
    )
    assert result.exit_code == 2 and r"p\xefpe" in result.output


def test_an_error_about_a_path_of_any_name_has_its_exit_code(tmp_path):
    name = os.path.join(os.fsencode(tmp_path), b"p\xe4ck\x1b[31m")
    environment = {**os.environ, "REDRESS_BUILD": str(tmp_path / "build"), "REDRESS_TRACEBACK": "1"}
    (tmp_path / "build" / "state").mkdir(parents=True)
    for arguments in (
        [b"verify", name],
        [b"check", b"sl\xfcg"],
        [b"audit-report", name],
        [b"build", b"--year", b"2\xfc"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "redress.cli", *arguments],
            capture_output=True,
            env=environment,
            cwd=Path(cli.__file__).parents[1],
            timeout=50,
            check=False,
        )
        assert done.returncode in (1, 2), (arguments, done.stderr.decode("utf-8", "replace"))
        assert b"\x1b" not in done.stdout + done.stderr
        assert b"\\x" in done.stdout + done.stderr


def test_a_batch_by_name_keeps_the_name_given(world, tmp_path):
    place = tmp_path / "0"
    place.write_bytes(complaints(complaint(1)))
    world.configure(MAPPING)
    name = NAMES[b"\xff" * 251 + b".csv"]
    result = receive([(place, datetime(2024, 4, 8))], world.authority(), world.settings, {place: name})
    assert [(file.file_name, file.status) for file in result.files] == [(name, "loaded")]


KINDS = ["folder", "pipe", "loop", "dangling", "refused"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (name, kind)
        for name in ("profile.yml", "mapping.yml", "services.csv", "timescales.csv")
        for kind in KINDS
    ]
    + [("published", kind) for kind in ("file", "pipe", "loop", "dangling", "refused")],
)
def test_what_lies_in_a_councils_folder_in_place_of_a_file_is_named_and_not_waited_for(
    world, monkeypatch, name, kind
):
    path = world.folder / name
    path.unlink(missing_ok=True)
    {
        "folder": path.mkdir,
        "pipe": lambda: os.mkfifo(path),
        "loop": lambda: path.symlink_to(path),
        "dangling": lambda: path.symlink_to("nothing"),
        "refused": lambda: path.mkdir() if name == "published" else path.write_text(""),
        "file": lambda: path.write_text(""),
    }[kind]()
    if kind == "refused":
        refuse(monkeypatch, path, PermissionError)
    assert list(authority_folders(world.settings)) == ["smallham"]
    with pytest.raises(AuthorityError) as told:
        world.authority()
    assert [problem.split(": ")[0] for problem in told.value.problems] == [f"smallham/{name}"]


def test_two_councils_of_one_name_are_refused_and_one_that_is_named_twice_is_not(world):
    place, second = world.root / "authorities", world.root / "copies"
    named_twice = dataclasses.replace(world.settings, authorities=(place, place / "smallham"))
    assert list(authority_folders(named_twice)) == ["smallham"]
    shutil.copytree(place, second)
    with pytest.raises(AuthorityError, match="there are two folders of this name") as told:
        authority_folders(dataclasses.replace(world.settings, authorities=(place, second)))
    assert str(place / "smallham") in str(told.value) and str(second / "smallham") in str(told.value)


def test_a_folder_of_councils_that_cannot_be_listed_is_named(world, monkeypatch):
    refuse(monkeypatch, world.root / "authorities", PermissionError)
    with pytest.raises(AuthorityError, match="authorities: the folder cannot be read: the account"):
        authority_folders(world.settings)


def test_links_in_a_circle_as_a_drop_folder_are_away_and_no_crash(world):
    world.configure(profile=PROFILE_WITH_REPORT + "extracts: round\n")
    (world.folder / "round").symlink_to("round")
    with pytest.raises(DropFolderAway):
        run_stages.intake(Context(run_settings(world.settings)))


def test_reading_never_waits_for_a_pipe_that_took_the_place_of_a_file(tmp_path, monkeypatch):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    monkeypatch.setattr(files.os, "stat", lambda path, **_: os.lstat(__file__))
    with pytest.raises(files.NotARegularFile, match="a pipe"):
        read_regular(pipe)
