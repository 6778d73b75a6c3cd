"""Files of others' making that are held, damaged or in the way: each is told in words, and none is an internal error."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys

import pytest

from redress.base.blame import DamagedFile, HeldFile, SystemRefused, damaged, explained, of_text, told_as
from redress.base.settings import ROOT, Settings
from redress.base.tables import is_parquet, read_csv, read_json, write_parquet
from redress.run import gates, journal
from redress.run.release import exclusive
from tests.pipeline.small_installation import FIGURE, check, redress


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def text(path):
    path.write_text("This is another file.\n" * 200)


def empty(path):
    path.write_bytes(b"")


class Holder:
    """Another program that holds a DuckDB file."""

    def __init__(self, database):
        code = (
            f"import duckdb, sys\nconnection = duckdb.connect({str(database)!r})\n"
            "print('held', flush=True)\nsys.stdin.read()\n"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout.readline() == "held\n"

    def __enter__(self):
        return self.process

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=20)


def test_a_damaged_or_held_warehouse_is_named_and_is_no_failed_check(green):
    """Each damage in turn: checks that could not be made leave the history as it was."""
    database = green.settings.database
    history = green.settings.state / "check_history.csv"
    whole, before = database.read_bytes(), history.read_bytes()
    checks = (green.settings.build / "checks.csv").read_bytes()
    green.checks.append(check("stock_and_flow", "error"))
    green.checks[-1]["statement"] = (
        'IO Error: Could not set lock on file "/x": Conflicting lock is held in y (PID 1)'
    )

    def nothing_was_judged(result, *words):
        assert result.exit_code == 2, result.output
        assert "To fix" in result.output and "Internal" not in result.output
        for word in (str(database), *words):
            assert word in result.output
        assert history.read_bytes() == before
        assert (green.settings.build / "checks.csv").read_bytes() == checks

    with Holder(database) as holder:
        for command in (["check"], ["explain", FIGURE]):
            nothing_was_judged(redress(*command), "held by another program", f"process {holder.pid}")
    for damage in (cut, text, empty):
        damage(database)
        for command in (["check"], ["explain", FIGURE], ["explain", "--case", "C1"]):
            nothing_was_judged(redress(*command), "is damaged", "the next `redress build` makes it again")
        database.write_bytes(whole)
    result = redress("check")
    assert result.exit_code == 2 and "held by another program: y (process 1)" in result.output
    assert history.read_bytes() == before
    green.checks.pop()
    assert redress("check").exit_code == 0
    text(database)
    assert redress("build", "--quiet").exit_code == 0
    assert redress("check").exit_code == 0


def test_checks_beside_a_running_build_change_nothing(green):
    before = (green.settings.state / "check_history.csv").read_bytes()
    green.checks.append(check("stock_and_flow", "fail"))
    with exclusive(green.settings):
        result = redress("check")
    assert result.exit_code == 2 and "Another run is using" in result.output
    assert (green.settings.state / "check_history.csv").read_bytes() == before


def test_a_damaged_table_or_ledger_is_named_before_anything_is_judged(green):
    before = (green.settings.state / "check_history.csv").read_bytes()
    for folder, repair in (
        ("complaint", "run `redress build`"),
        ("extract", "backup"),
        ("../config", "remove it"),
    ):
        [path, *_] = sorted((green.settings.state / "conformed" / folder).glob("*.parquet"))
        whole = path.read_bytes()
        for damage in (cut, text, empty):
            damage(path)
            result = redress("check")
            assert result.exit_code == 2 and path.name in result.output and repair in result.output, (
                result.output
            )
        path.write_bytes(whole)
    assert (green.settings.state / "check_history.csv").read_bytes() == before
    [path, *_] = sorted((green.settings.state / "conformed" / "extract").glob("*.parquet"))
    text(path)
    (green.settings.build / "checks.csv").write_text("check_id\n\0\n")
    (green.settings.state / "checks.json").write_text('[{"check_id')
    result = redress("check")
    assert result.exit_code == 2 and path.name in result.output


def test_a_failed_model_that_could_not_read_its_file_is_told_as_the_files_fault(small):
    words = 'IO Error: Could not write file "/disk/redress.duckdb": No space left on device'
    with pytest.raises(Exception, match="The disk is full") as refusal:
        gates._refuse_what_could_not_be_read(["Binder Error: no such column", words])
    assert refusal.value.exit_code == 2
    gates._refuse_what_could_not_be_read(["Conversion Error: 'No such thing'", ""])


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOSPC, "The disk is full"),
        (errno.EACCES, "may not be read or written"),
        (errno.EROFS, "may not be read or written"),
        (errno.ENOENT, "is not there"),
        (errno.ENOTDIR, "a part of its path is a file"),
        (errno.EMFILE, "no more open files"),
        (errno.EIO, "the disk reports an error"),
        (errno.EBUSY, "the system says: Device or resource busy"),
    ],
)
def test_what_the_machine_refuses_is_told_in_words_by_every_stage(small, monkeypatch, number, told):
    def refuse(*_, **__):
        raise OSError(number, os.strerror(number), "/disk/some.file")

    monkeypatch.setattr("redress.run.stages.read_ledger", refuse)
    result = redress("build", "--quiet")
    assert result.exit_code == 2 and told in result.output and "To fix: " in result.output
    assert "Internal" not in result.output


def test_a_journal_that_another_program_holds_stops_no_run(small, monkeypatch):
    monkeypatch.setattr(journal, "WAIT_SECONDS", 0.1)
    small.settings.state.mkdir(parents=True)
    path = small.settings.state / journal.DATABASE
    connection = sqlite3.connect(path)
    connection.execute("create table held (a)")
    connection.execute("begin exclusive")
    try:
        result = redress("build", "--no-site")
    finally:
        connection.close()
    assert result.exit_code == 0, result.output
    assert (
        "The journal does not tell of this run" in result.output
        and "held by another program" in result.output
    )


@pytest.mark.parametrize("damage", [cut, text, empty])
def test_files_of_a_run_that_are_damaged_are_named_with_what_repairs_them(tmp_path, damage):
    table, record = tmp_path / "build" / "figures.csv", tmp_path / "build" / "state" / "checks.json"
    record.parent.mkdir(parents=True)
    table.write_text("figure_id,value\nfigure-1,1\n" + "x" * 3000 + ",2\n")
    record.write_text('[{"check_id": "a", "verdict": "pass"}, {"check_id": "b"}]')
    assert read_csv(table)[-1]["value"] == "2" and len(read_json(record)) == 2
    for path, read in ((table, read_csv), (record, read_json)):
        damage(path)
        with pytest.raises(DamagedFile, match=path.name) as refusal:
            for row in read(path):
                row["figure_id"]
        assert "redress build" in refusal.value.who


def test_parquet_is_told_from_what_is_cut_short(tmp_path, monkeypatch):
    import polars as pl

    path = tmp_path / "a.parquet"
    pl.DataFrame({"a": range(1000)}).write_parquet(path)
    assert is_parquet(path)
    for damage in (cut, text, empty):
        whole = path.read_bytes()
        damage(path)
        assert not is_parquet(path)
        path.write_bytes(whole)
    assert not is_parquet(tmp_path)

    def refuse(*_, **__):
        raise OSError(errno.EMFILE, "Too many open files", str(path))

    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(SystemRefused, match="no more open files"):
        is_parquet(path)


def test_only_what_is_about_files_is_explained():
    for error in (ValueError("x"), KeyError("x"), ZeroDivisionError(), OSError("no number")):
        assert explained(error) is None
    assert of_text('Binder Error: Referenced column "x" not found') is None
    assert isinstance(of_text('Could not set lock on file "/a/b.duckdb": why'), HeldFile)
    assert "backup" in damaged("/x/build/state/signed/a/2023-24/1/record.json").who
    assert "original" in damaged("/x/build/state/kept/" + "a" * 64).who


def test_an_error_of_the_system_that_polars_passes_on_as_text_is_told_with_its_file(tmp_path, monkeypatch):
    import polars as pl

    table = pl.DataFrame({"a": [1]})
    with pytest.raises(OSError, match="os error") as raised:
        table.write_parquet("/nowhere/a.parquet")
    assert "is not there" in explained(raised.value).what

    def refuse(*_, **__):  # of a long name polars says only the end
        raise PermissionError("Permission denied (os error 13): ...xtract/.part-1.tmp (set POLARS_VERBOSE=1)")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", refuse)
    with pytest.raises(SystemRefused, match=f"^{tmp_path}/a.parquet may not be read or written"):
        write_parquet(table, tmp_path / "a.parquet")
    told = explained(PermissionError("Permission denied (os error 13): /state/rows.parquet"))
    assert "/state/rows.parquet may not be read or written" in told.what
    with pytest.raises(SystemRefused, match="the disk reports an error"), told_as(tmp_path / "a.parquet"):
        raise OSError("Input/output error (os error 5): /state/rows.parquet")


def test_a_build_folder_that_cannot_be_is_refused(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "build"):
        monkeypatch.setenv("REDRESS_BUILD", str(place))
        result = redress("reports")
        assert result.exit_code == 2 and "whoever set REDRESS_BUILD" in result.output
    monkeypatch.setenv("REDRESS_BUILD", "")
    assert Settings.from_environment().build == ROOT / "build"
    monkeypatch.setenv("REDRESS_BUILD", "/proc/nowhere/build")
    monkeypatch.setenv("REDRESS_AUTHORITIES", str(ROOT / "seeds" / "authorities"))
    result = redress("build", "--quiet")
    assert result.exit_code == 2 and "The build folder /proc/nowhere/build cannot be made" in result.output


def test_folders_of_authorities_that_are_not_there_are_named(tmp_path, monkeypatch):
    monkeypatch.setenv("REDRESS_BUILD", str(tmp_path / "build"))
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    for place, told in (
        ("none", "is not there"),
        ("file", "is no folder"),
        ("empty", "There is no authority in"),
    ):
        monkeypatch.setenv("REDRESS_AUTHORITIES", str(tmp_path / place))
        result = redress("reports")
        assert result.exit_code == 2 and told in result.output and str(tmp_path / place) in result.output


def test_neither_the_terminal_nor_a_missing_home_stops_a_command(tmp_path):
    folder = tmp_path / "authorities" / "north-town"
    folder.mkdir(parents=True)
    (folder / "profile.yml").write_text(
        "authority: north-town\nname: Caf\u00e9 Town \u2014 \u00a3\ncase_data_from: 2023-04-01\n"
    )
    surroundings = {
        name: value for name, value in os.environ.items() if name not in ("HOME", "PYTHONIOENCODING")
    } | {
        "REDRESS_BUILD": str(tmp_path / "build"),
        "REDRESS_AUTHORITIES": str(folder.parent),
        "TMPDIR": str(tmp_path / "none"),
        "PYTHONIOENCODING": "ascii",
    }
    program = [sys.executable, "-m", "redress.cli", "check", "north-town"]

    def ended(tail: str) -> tuple[int, str]:
        shell = subprocess.run(
            ["bash", "-c", f'"$@" {tail}; echo "code ${{PIPESTATUS[0]}}" >&2', "_", *program],
            check=False,
            capture_output=True,
            env=surroundings,
            cwd=ROOT,
            timeout=60,
        )
        return int(shell.stderr.rsplit(b"code ", 1)[1]), shell.stderr.decode("utf-8", "replace")

    for tail in ("", ">&-", "| true"):
        code, said = ended(tail)
        assert code in (0, 2 if tail == "| true" else 0), (tail, said)
        assert "Traceback" not in said and "Internal" not in said
    if os.path.exists("/dev/full"):
        code, said = ended("> /dev/full")
        assert code == 2 and "could not be written" in said and "Traceback" not in said
