"""The journal of runs: who or what started each, from what, with what software, and what came of it.

`build/state/runs.sqlite` is a small database beside the warehouse that no release replaces: a run that stops is in it
too. `runs` tells it to people; `openlineage` writes the same as events, for whoever collects these.

No value of any record is in it: files by name and hash, stages by counts, and of an error nobody foresaw only its
kind and place, for its text may quote what it choked on.
"""

from __future__ import annotations

import getpass
import json
import logging
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any

from redress.base.blame import damaged, explained
from redress.base.errors import RedressError
from redress.base.files import sha256
from redress.base.settings import Settings
from redress.base.tables import read_csv
from redress.base.versions import code_version, versions
from redress.intake.ledger import read_ledger
from redress.run.measure import RunRecord, StageRecord, measured, reason
from redress.run.openlineage import EVENTS, Events

DATABASE = "runs.sqlite"
WAIT_SECONDS = 30
"""How long the journal is waited for while another program holds it."""
TABLES = """
create table if not exists runs (
    run_id text primary key, started_at text, ended_at text, started_by text, request text, code text,
    versions text, verdict text, message text, who text, seconds real
);
create table if not exists stages (
    run_id text, position integer, stage text, seconds real, peak_megabytes real, counts text, verdict text,
    message text, cpu_seconds real, primary key (run_id, position)
);
create table if not exists remarks (
    run_id text, kind text, position integer, text text, primary key (run_id, kind, position)
);
create table if not exists inputs (
    run_id text, extract_id text, authority text, file_name text, sha256 text, received_at text,
    rows_received integer, rows_conformed integer, rows_quarantined integer, status text,
    primary key (run_id, extract_id)
);
create table if not exists checks (
    run_id text, family text, verdict text, severity text, checks integer,
    primary key (run_id, family, verdict, severity)
);
create table if not exists outputs (run_id text, path text, sha256 text, primary key (run_id, path));
"""
"""One row per run; per stage of a run; per note and warning of a run; per file known to it; per family and verdict; per
result put into place."""
FILE_COLUMNS = (
    "extract_id",
    "authority",
    "file_name",
    "sha256",
    "received_at",
    "rows_received",
    "rows_conformed",
    "rows_quarantined",
    "status",
)
JUDGING = ("warehouse", "reconcile")
"""The stages that write checks.csv."""


def started_by() -> str:
    """Return who or what started this process: `REDRESS_STARTED_BY`, else the account's name."""
    if given := os.environ.get("REDRESS_STARTED_BY"):
        return given
    try:
        return f"{getpass.getuser()} on the command line"
    except (KeyError, OSError):
        return "an account without a name"


@contextmanager
def recorded_command(
    settings: Settings, command: str, stage: StageRecord, request: Mapping[str, Any]
) -> Iterator[StageRecord]:
    """Record a command that is no build: one run of one stage.

    Where there is no installation, or none that this account may write to (`verify` runs on any machine), nothing is
    recorded and nothing is made.

    Args:
        settings: the installation's.
        command: as typed: check, intake, verify.
        stage: what of the pipeline it does.
        request: what was asked; names and days, no value of a record.

    Yields:
        StageRecord: for its counts, and for verdict and message where it ended without an error and not well.
    """
    if not os.access(settings.state, os.W_OK):
        yield stage
        return
    record = RunRecord.start({"command": command, **request}, started_by())
    journal = Journal(settings, record)
    try:
        with journal.run():
            with journal.stage(stage):
                yield stage
            record.verdict = "green" if stage.verdict == "done" else stage.verdict
            record.message = stage.message
    finally:
        if journal.trouble and stage.verdict != "refused":
            logging.getLogger("redress").warning(journal.trouble)


def _stops_no_run(act: Callable[..., None]) -> Callable[..., None]:
    """Decorate an act of the journal that a run does not depend on: the run's warnings say why it could not be done."""

    @wraps(act)
    def tried(journal: Journal, *given: Any) -> None:
        if journal.trouble:
            return
        try:
            act(journal, *given)
        except (RedressError, OSError, sqlite3.Error) as problem:
            known = explained(problem, journal.settings.state / DATABASE)
            why = f"{known.what} To fix: {known.who}." if known else reason(problem)
            journal.trouble = f"The journal does not tell of this run, or not to its end. {why}"
            journal.record.warnings.append(journal.trouble)

    return tried


class Journal:
    """The journal of one run.

    Args:
        settings: the installation's.
        record: the run; `started_by` says who or what began it.

    Attributes:
        trouble: why the journal could not be written; blank where it could. It is then not tried again.
    """

    trouble = ""

    def __init__(self, settings: Settings, record: RunRecord):
        self.settings = settings
        self.record = record
        self.events = Events(settings.state / EVENTS, record.run_id, command_of(record.request))
        settings.state.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def run(self) -> Iterator[None]:
        """Record a run from its beginning to its end, whatever that is; the body sets the verdict of a good one."""
        self.begin()
        try:
            yield
        except BaseException as problem:
            self.record.fail(problem)
            raise
        finally:
            self.end()

    @contextmanager
    def stage(self, stage: StageRecord) -> Iterator[StageRecord]:
        """Measure a stage and record how it ended."""
        self.record.stages.append(stage)
        try:
            with measured(stage):
                yield stage
        except BaseException as problem:
            stage.fail(problem)
            raise
        finally:
            self.add_stage(stage)

    @_stops_no_run
    def begin(self) -> None:
        """Record that the run begins; one that is taken up again (a scheduler runs stage by stage) begins once."""
        record = self.record
        with open_journal(self.settings.state / DATABASE) as database:
            if database.execute("select 1 from runs where run_id = ?", [record.run_id]).fetchone():
                return
            database.execute(
                "insert into runs (run_id, started_at, started_by, request, code, versions, verdict) "
                "values (?, ?, ?, ?, ?, ?, 'running')",
                [
                    record.run_id,
                    record.started_at,
                    record.started_by,
                    json.dumps(record.request, default=str),
                    code_version(self.settings.root),
                    json.dumps(versions()),
                ],
            )
        self.events.of_run("START", _now())

    @_stops_no_run
    def add_stage(self, stage: StageRecord) -> None:
        """Record a stage that is over, well or badly."""
        with open_journal(self.settings.state / DATABASE) as database:
            [(position,)] = database.execute(
                "select count(*) + 1 from stages where run_id = ?", [self.record.run_id]
            ).fetchall()
            _insert(
                database,
                "stages",
                self.record.run_id,
                [
                    [
                        position,
                        stage.stage,
                        stage.seconds,
                        stage.peak_megabytes,
                        json.dumps(stage.counts),
                        stage.verdict,
                        stage.message,
                        stage.cpu_seconds,
                    ]
                ],
            )
        if stage.verdict != "skipped":
            self.events.of_stage(stage, _now(), position, self._files())

    @_stops_no_run
    def end(self) -> None:
        """Record that the run is over: its verdict, what it knew, what it checked, what it left."""
        record = self.record
        self.add_remarks(record.notes, record.warnings)
        if self.trouble:
            return
        with open_journal(self.settings.state / DATABASE) as database:
            stages = database.execute(
                "select stage, seconds from stages where run_id = ?", [record.run_id]
            ).fetchall()
            database.execute(
                "update runs set ended_at = ?, verdict = ?, message = ?, who = ?, seconds = ? where run_id = ?",
                [
                    _now(),
                    record.verdict,
                    record.message,
                    record.who,
                    round(sum(seconds for _, seconds in stages), 3),
                    record.run_id,
                ],
            )
            _insert(
                database,
                "inputs",
                record.run_id,
                [[_plain(row[name]) for name in FILE_COLUMNS] for row in self._files()],
            )
            if any(stage in JUDGING for stage, _ in stages):
                # of a run that was taken up again, the record knows only when its last stage began
                [(began,)] = database.execute(
                    "select started_at from runs where run_id = ?", [record.run_id]
                ).fetchall()
                _insert(database, "checks", record.run_id, self._checks(began))
            if record.verdict.startswith("green"):
                _insert(database, "outputs", record.run_id, self._outputs())
        kind = "COMPLETE" if record.verdict.startswith("green") else "FAIL"
        self.events.of_run(kind, _now(), record.message)

    @_stops_no_run
    def add_remarks(self, notes: Sequence[str], warnings: Sequence[str]) -> None:
        """Record what somebody may want to know of the run, after what was recorded of it before."""
        with open_journal(self.settings.state / DATABASE) as database:
            for kind, texts in (("note", notes), ("warning", warnings)):
                [(known,)] = database.execute(
                    "select count(*) from remarks where run_id = ? and kind = ?", [self.record.run_id, kind]
                ).fetchall()
                rows = [[kind, position, text] for position, text in enumerate(texts, start=known + 1)]
                _insert(database, "remarks", self.record.run_id, rows)

    def _files(self) -> list[dict[str, Any]]:
        """Return the files of the ledger that the run is about."""
        only = self.record.request.get("authority")
        return [row for row in read_ledger(self.settings) if only in (None, row["authority"])]

    def _checks(self, began: str) -> list[list[Any]]:
        """Return how many checks of each family had each verdict, where they were judged since the run began."""
        path = self.settings.build / "checks.csv"
        if not path.exists() or path.stat().st_mtime < datetime.fromisoformat(began).timestamp() - 1:
            return []
        counted = Counter((row["family"], row["verdict"], row["severity"]) for row in read_csv(path))
        return [[*key, count] for key, count in sorted(counted.items())]

    def _outputs(self) -> list[list[str]]:
        """Return what was put into place, by SHA-256."""
        build = self.settings.build
        paths = [build / "figures.csv", *sorted((build / "evidence").glob("*/manifest.json"))]
        return [[path.relative_to(build).as_posix(), sha256(path)] for path in paths if path.exists()]


@contextmanager
def open_journal(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the database of runs: what is done in it is kept on a good end of the block, and undone on a bad one.

    Raises:
        HeldFile: another program holds it for longer than `WAIT_SECONDS`.
        SystemRefused: the machine does not let it be written.
    """
    try:
        connection = _prepared(path)
    except sqlite3.OperationalError as problem:
        raise (explained(problem, path) or damaged(path)) from problem
    except sqlite3.DatabaseError:
        # what cannot be read is set aside, and no run stops for its journal
        os.replace(path, path.with_name(f"{path.name}.unreadable"))
        connection = _prepared(path)
    with closing(connection), connection:
        yield connection


def command_of(request: Mapping[str, Any]) -> str:
    """Return the command behind a run: for a run of the pipeline a build, a sign-off or a revision."""
    if request.get("command"):
        return request["command"]
    signing = request.get("signing")
    return "build" if not signing else "revise" if signing.get("as_at") else "sign-off"


def _insert(database: sqlite3.Connection, table: str, run_id: str, rows: list[list[Any]]) -> None:
    """Add rows about a run to a table of the journal."""
    for row in rows:
        marks = ", ".join("?" for _ in range(len(row) + 1))
        database.execute(f"insert or replace into {table} values ({marks})", [run_id, *row])


def _plain(value: Any) -> Any:
    """Return a value that SQLite holds."""
    return str(value) if isinstance(value, datetime) else value


def _prepared(path: Path) -> sqlite3.Connection:
    """Return a connection to a journal that has its tables."""
    connection = sqlite3.connect(path, timeout=WAIT_SECONDS)
    try:
        connection.executescript(TABLES)
        held = {name for _, name, *_ in connection.execute("pragma table_info(stages)")}
        if "cpu_seconds" not in held:  # a journal that was begun before they were counted
            connection.execute("alter table stages add column cpu_seconds real")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _now() -> str:
    """Return this moment, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
