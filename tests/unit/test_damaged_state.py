"""State that is damaged: what can be made again is made again, and nothing is built over what only a backup has."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import resource
from types import SimpleNamespace

import pytest
from intake_world import COMPLAINT, World, complaint, csv_text

from redress.base.blame import DamagedFile, damaged
from redress.base.errors import ConfigurationProblem, RedressError
from redress.base.files import sha256
from redress.base.settings import Settings
from redress.signed.record import SEAL, Record, records
from redress.warehouse import dbt

SENT = {"complaint.csv": csv_text(COMPLAINT, [complaint(n) for n in range(5)]).encode()}


@pytest.fixture
def world(tmp_path) -> World:
    world = World(tmp_path).configure()
    world.receive(SENT)
    return world


def only(world: World, folder: str):
    """The one file of a folder of the state that an extract left."""
    [path] = [path for path in (world.settings.state / folder).iterdir() if path.name != "00-empty.parquet"]
    return path


@pytest.mark.parametrize("content", [b"", b"another file", None])
def test_damaged_rows_are_read_again_from_the_kept_originals(world, content):
    path, before = only(world, "conformed/complaint"), world.rows("complaint")
    path.write_bytes(path.read_bytes()[:200] if content is None else content)
    result = world.load()
    assert world.rows("complaint").equals(before)
    assert path.name in result.messages[0] and "made again" in result.messages[0]
    assert world.load().messages == []


def test_a_kept_original_that_was_changed_is_not_read_again(world):
    kept, path = only(world, "kept"), only(world, "conformed/complaint")
    whole = kept.read_bytes()
    kept.write_bytes(whole.replace(b"Email", b"Other"))
    path.write_bytes(b"")
    with pytest.raises(DamagedFile, match="not those that were received") as refusal:
        world.load()
    assert str(kept) in refusal.value.what and "backup" in refusal.value.who
    kept.unlink()
    with pytest.raises(DamagedFile, match="no longer kept"):
        world.load()
    kept.write_bytes(whole)
    world.load()
    assert world.rows("complaint").height == 5


def test_a_damaged_row_of_the_ledger_is_named(world):
    path = only(world, "conformed/extract")
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(DamagedFile, match=path.name):
        world.load()


@pytest.mark.parametrize(
    "change", [{"files": []}, {"extracts": {}}, {"extracts": [5]}, {"as_at": "May"}, {"number": "1"}, None]
)
def test_a_signed_record_that_was_changed_is_named(world, change):
    record = Record("smallham", "2023-24", 1, "2024-05-31", "Head", "", "2024-06-01", [], {}, {}, {})
    stated = {name: value for name, value in dataclasses.asdict(record).items() if name != "folder"}
    path = world.settings.state / "signed" / "smallham" / "2023-24" / "1" / "record.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(stated))
    assert len(records(world.settings, "smallham", "2023-24")) == 1
    path.write_text(json.dumps(stated | change) if change else json.dumps(stated)[:50])
    with pytest.raises(ConfigurationProblem, match=r"record\.json is damaged or was changed") as refusal:
        records(world.settings, "smallham", "2023-24")
    assert "backups" in refusal.value.who


def test_a_signed_record_that_is_not_as_its_hash_says_is_named(world):
    """The newest record has no successor that holds its hash: one changed letter of who signed would not be seen."""
    record = Record("smallham", "2023-24", 1, "2024-05-31", "Head", "", "2024-06-01", [], {}, {}, {})
    stated = {name: value for name, value in dataclasses.asdict(record).items() if name != "folder"}
    path = world.settings.state / "signed" / "smallham" / "2023-24" / "1" / "record.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(stated))
    path.with_name(SEAL).write_text(f"{sha256(path)}\n")
    assert len(records(world.settings, "smallham", "2023-24")) == 1
    path.write_text(json.dumps(stated | {"by": "Dead"}))
    with pytest.raises(ConfigurationProblem, match="was changed after it was signed"):
        records(world.settings, "smallham", "2023-24")


def test_an_original_that_was_taken_away_is_kept_again(world):
    kept = only(world, "kept")
    before = kept.read_bytes()
    kept.unlink()
    world.receive(SENT)
    assert kept.read_bytes() == before


def test_a_full_disk_is_no_fault_of_the_project(tmp_path, monkeypatch):
    """dbt passes on what the system said as a text of its own."""
    failed = SimpleNamespace(success=False, result=None, exception=None)
    failed.exception = OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "manifest.json"))
    runner = SimpleNamespace(invoke=lambda arguments: failed)
    monkeypatch.setattr(dbt, "_runner", lambda *_: runner)
    with pytest.raises(RedressError) as refusal:
        dbt.steps(Settings(build=tmp_path, compiled=tmp_path / "compiled"), tmp_path / "redress.duckdb")
    assert "full" in refusal.value.what and "dbt_project" not in refusal.value.who


@pytest.mark.parametrize(
    ("free", "files", "told"),
    [(0, 9, "The disk is full"), (10**9, 0, "no inodes are left"), (10**9, 9, "is damaged")],
)
def test_a_file_that_a_full_disk_cut_short_is_no_damaged_file(tmp_path, monkeypatch, free, files, told):
    disk = SimpleNamespace(f_blocks=10**9, f_bavail=free, f_frsize=1, f_files=10, f_favail=files)
    monkeypatch.setattr(os, "statvfs", lambda folder: disk)
    assert told in damaged(tmp_path / "redress.duckdb").what


def test_where_hardly_any_file_can_be_opened_no_file_is_called_damaged(tmp_path):
    path = tmp_path / "state" / "conformed" / "complaint" / "a.parquet"
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert "is damaged" in damaged(path).what
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/dev/fd")) + 4, hard))
    try:
        problem = damaged(path)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert "no more open files" in problem.what and "looks after the machine" in problem.who
