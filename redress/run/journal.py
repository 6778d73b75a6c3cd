"""The journal of runs: who or what started each, from what, with what software, and what came of it.

`build/state/runs.sqlite` is a small database beside the warehouse that no release replaces: a run that stops is in it
too. The same is told in two other ways: `build/state/runs/<run>.log`, for a person, and
`build/state/openlineage.jsonl`, one OpenLineage event a line (specification 2-0-2), for whoever collects these.

No value of any record is in it: files by name and hash, stages by counts, and of an error nobody foresaw only its
kind and place, for its text may quote what it choked on.
"""

from __future__ import annotations

import getpass
import json
import logging
import os
import sqlite3
import traceback
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redress.base.blame import damaged, explained
from redress.base.errors import RedressError
from redress.base.printable import show_text
from redress.base.settings import Settings
from redress.base.tables import read_csv
from redress.base.versions import code_version, versions
from redress.intake.ledger import read_ledger

if TYPE_CHECKING:
    from redress.run.measure import RunRecord, StageRecord

DATABASE = "runs.sqlite"
WAIT_SECONDS = 30
"""How long the journal is waited for while another program holds it."""
EVENTS = "openlineage.jsonl"
NAMESPACE = "redress"
PRODUCER = "urn:redress:pipeline"
EVENT_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
FACETS = "https://openlineage.io/spec/facets"
TABLES = """
create table if not exists runs (
    run_id text primary key, started_at text, ended_at text, started_by text, request text, code text,
    versions text, verdict text, message text, who text, seconds real
);
create table if not exists stages (
    run_id text, position integer, stage text, seconds real, peak_megabytes real, counts text, verdict text,
    message text, primary key (run_id, position)
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
"""One row per run; per stage of a run; per file known to it; per family and verdict; per result put into place."""


def reason(problem: BaseException) -> str:
    """Why something failed, without a value of the data.

    A RedressError was written for people. The text of any other error may quote a cell; its kind and place do not.
    """
    if isinstance(problem, RedressError):
        return problem.what
    own = [
        frame
        for frame in traceback.extract_tb(problem.__traceback__)
        if "site-packages" not in frame.filename
    ]
    place = f" at {Path(own[-1].filename).name} line {own[-1].lineno}" if own else ""
    return f"{type(problem).__name__}{place}"


def started_by() -> str:
    """Who or what started this process: `REDRESS_STARTED_BY`, else the account's name."""
    if given := os.environ.get("REDRESS_STARTED_BY"):
        return given
    try:
        return f"{getpass.getuser()} on the command line"
    except (KeyError, OSError):
        return "an account without a name"


@contextmanager
def told(settings: Settings, command: str, stage: str, request: Mapping[str, Any]) -> Iterator[StageRecord]:
    """Tell the journal of a command that is no build: one run of one stage.

    Where there is no installation, or none that this account may write to (`verify` runs on any machine), nothing is
    told and nothing is made.

    Args:
        settings: the installation's.
        command: as typed: check, intake, verify.
        stage: what of the pipeline it did.
        request: what was asked; names and days, no value of a record.

    Yields:
        StageRecord: for its counts, and for verdict and message where it ended without an error and not well.
    """
    from redress.run.measure import RunRecord, StageRecord, measured

    outcome = StageRecord(stage)
    if not os.access(settings.state, os.W_OK):
        yield outcome
        return
    record = RunRecord.start({"command": command, **request}, started_by())
    journal = Journal(settings, record)
    journal.begin()
    record.stages.append(outcome)
    try:
        with measured(outcome):
            yield outcome
    except RedressError as problem:
        outcome.verdict, outcome.message, record.who = "refused", problem.what, problem.who
        raise
    except BaseException as problem:
        outcome.verdict, outcome.message = "error", reason(problem)
        raise
    finally:
        record.verdict = "green" if outcome.verdict == "done" else outcome.verdict
        record.message, record.seconds = outcome.message, outcome.seconds
        journal.stage(outcome)
        journal.end()
        if journal.trouble and outcome.verdict != "refused":
            logging.getLogger("redress").warning(journal.trouble)


def _stops_no_run(act: Callable[..., None]) -> Callable[..., None]:
    """An act of the journal that a run does not depend on: where it cannot be done, the run's warnings say why."""

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
        self.job = record.request.get("command") or _job(record.request)
        settings.state.mkdir(parents=True, exist_ok=True)

    @_stops_no_run
    def begin(self) -> None:
        """The run begins; a run that is taken up again (a scheduler runs stage by stage) begins once."""
        record = self.record
        with self._database() as database:
            known = database.execute("select 1 from runs where run_id = ?", [record.run_id]).fetchone()
            if known:
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
        self._log(f"Run {record.run_id}, started by {record.started_by}")
        self._log(f"Asked for: {_words(record.request)}")
        self._log(f"Code {code_version(self.settings.root) or 'of no checkout'}; {_words(versions())}")
        self._event("START", self.job, self._run_id())

    @_stops_no_run
    def stage(self, stage: StageRecord) -> None:
        """A stage is over, well or badly."""
        with self._database() as database:
            [(position,)] = database.execute(
                "select count(*) from stages where run_id = ?", [self.record.run_id]
            ).fetchall()
            database.execute(
                "insert into stages values (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    self.record.run_id,
                    position + 1,
                    stage.stage,
                    stage.seconds,
                    stage.peak_megabytes,
                    json.dumps(stage.counts),
                    stage.verdict,
                    stage.message,
                ],
            )
        counts = ", ".join(f"{count:,} {name}" for name, count in stage.counts.items())
        self._log(f"{stage.stage:<12} {stage.verdict:<8} {stage.seconds:>7.1f} s  {counts or stage.message}")
        if stage.verdict != "skipped":
            kind = "COMPLETE" if stage.verdict == "done" else "FAIL"
            self._event(kind, stage.stage, self._run_id(f"{position + 1} {stage.stage}"), stage)

    @_stops_no_run
    def end(self) -> None:
        """The run is over: its verdict, what it knew, what it checked, what it left."""
        record = self.record
        inputs, checks, outputs = self._inputs(), self._checks(), self._outputs()
        with self._database() as database:
            database.execute(
                "update runs set ended_at = ?, verdict = ?, message = ?, who = ?, seconds = ? where run_id = ?",
                [_now(), record.verdict, record.message, record.who, record.seconds, record.run_id],
            )
            for table, rows in (("inputs", inputs), ("checks", checks), ("outputs", outputs)):
                for row in rows:
                    marks = ", ".join("?" for _ in range(len(row) + 1))
                    database.execute(
                        f"insert or replace into {table} values ({marks})", [record.run_id, *row]
                    )
        self._log(f"Files known: {len(inputs)}. Checks: {_tally(checks)}.")
        if record.message:
            self._log(f"{record.message} {f'To fix: {record.who}.' if record.who else ''}".rstrip())
        self._log(f"{record.verdict.replace('_', ' ').capitalize()} after {record.seconds:.0f} s")
        is_green = record.verdict.startswith("green")
        self._event("COMPLETE" if is_green else "FAIL", self.job, self._run_id())

    def _inputs(self) -> list[list[Any]]:
        """The files of the ledger."""
        return [
            [
                row["extract_id"],
                row["authority"],
                row["file_name"],
                row["sha256"],
                str(row["received_at"]),
                row["rows_received"],
                row["rows_conformed"],
                row["rows_quarantined"],
                row["status"],
            ]
            for row in read_ledger(self.settings)
            if self.record.request.get("authority") in (None, row["authority"])
        ]

    def _checks(self) -> list[list[Any]]:
        """How many checks of each family had each verdict, where this run came to judge."""
        if not any(stage.stage in ("reconcile", "warehouse") for stage in self.record.stages):
            return []
        path = self.settings.build / "checks.csv"
        if not path.exists() or path.stat().st_mtime < _moment(self.record.started_at).timestamp() - 1:
            return []
        found = Counter((row["family"], row["verdict"], row["severity"]) for row in read_csv(path))
        return [[*key, count] for key, count in sorted(found.items())]

    def _outputs(self) -> list[list[Any]]:
        """What was put into place, by SHA-256."""
        if not self.record.verdict.startswith("green"):
            return []
        from redress.base.files import sha256

        build = self.settings.build
        paths = [build / "figures.csv", *sorted((build / "evidence").glob("*/manifest.json"))]
        return [[path.relative_to(build).as_posix(), sha256(path)] for path in paths if path.exists()]

    def _database(self) -> Any:
        """The journal, open; what is done in it is kept when the block ends well."""
        return _Open(self.settings.state / DATABASE)

    def _log(self, text: str) -> None:
        """A line for a person."""
        folder = self.settings.state / "runs"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{self.record.run_id}.log").open("a", encoding="utf-8") as handle:
            handle.write(f"{_now()}  {show_text(text)}\n")

    def _run_id(self, part: str = "") -> str:
        """OpenLineage wants a UUID; the same run and stage always have the same."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{PRODUCER}/{self.record.run_id}/{part}"))

    def _event(
        self,
        kind: str,
        name: str,
        run_id: str,
        stage: StageRecord | None = None,
    ) -> None:
        """Write one OpenLineage run event."""
        run: dict[str, Any] = {
            "processing_engine": _facet(
                "1-1-1/ProcessingEngineRunFacet", version=versions()["redress"], name="redress"
            )
        }
        if stage is not None:
            run["parent"] = _facet(
                "1-2-0/ParentRunFacet",
                run={"runId": self._run_id()},
                job={"namespace": NAMESPACE, "name": self.job},
            )
        message = stage.message if stage is not None else self.record.message
        if kind == "FAIL":
            run["errorMessage"] = _facet(
                "1-0-1/ErrorMessageRunFacet", message=message or "failed", programmingLanguage="Python"
            )
        event = {
            "eventType": kind,
            "eventTime": _now(),
            "producer": PRODUCER,
            "schemaURL": EVENT_SCHEMA,
            "run": {"runId": run_id, "facets": run},
            "job": {
                "namespace": NAMESPACE,
                "name": name if stage is None else f"{self.job}.{name}",
                "facets": {
                    "jobType": _facet(
                        "2-0-4/JobTypeJobFacet",
                        processingType="BATCH",
                        integration="REDRESS",
                        jobType="JOB" if stage is None else "TASK",
                    )
                },
            },
            "inputs": self._datasets_in(stage),
            "outputs": self._datasets_out(stage),
        }
        with (self.settings.state / EVENTS).open("a", encoding="utf-8") as handle:
            handle.write(json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n")

    def _datasets_in(self, stage: StageRecord | None) -> list[dict]:
        """What a stage read: intake reads files, every other stage what the one before it left."""
        if stage is None or stage.verdict != "done" or stage.stage not in _READS:
            return []
        if stage.stage != "intake":
            return [_dataset(name) for name in _READS[stage.stage]]
        return [
            {
                "namespace": "file",
                "name": f"{authority}/{file_name}",
                "facets": {"version": _facet("1-0-1/DatasetVersionDatasetFacet", datasetVersion=sha256)},
                "inputFacets": {
                    "inputStatistics": _facet("1-0-0/InputStatisticsInputDatasetFacet", rowCount=received)
                },
            }
            for _, authority, file_name, sha256, _, received, *_ in self._inputs()
        ]

    def _datasets_out(self, stage: StageRecord | None) -> list[dict]:
        """What a stage left, with its rows where it counted them."""
        if stage is None or stage.verdict != "done" or stage.stage not in _LEAVES:
            return []
        name, count = _LEAVES[stage.stage]
        made = _dataset(name)
        if count in stage.counts:
            made["outputFacets"] = {
                "outputStatistics": _facet(
                    "1-0-2/OutputStatisticsOutputDatasetFacet", rowCount=stage.counts[count]
                )
            }
        return [made]


_READS: dict[str, Sequence[str]] = {
    "intake": (),
    "warehouse": ("conformed",),
    "figures": ("warehouse",),
    "reconcile": ("warehouse", "figures"),
    "protect": ("figures",),
    "publish": ("protected",),
    "attest": ("warehouse", "figures", "checks"),
}
_LEAVES: dict[str, tuple[str, str]] = {
    "intake": ("conformed", "rows conformed"),
    "warehouse": ("warehouse", ""),
    "figures": ("figures", "figures"),
    "reconcile": ("checks", "checks"),
    "protect": ("protected", ""),
    "publish": ("site", "pages"),
    "attest": ("evidence", "evidence packs"),
}


class _Open:
    """A SQLite database for the length of a block: kept on a good end, undone on a bad one, always closed.

    Raises:
        HeldFile: another program holds it for longer than `WAIT_SECONDS`.
        SystemRefused: the machine does not let it be written.
    """

    def __init__(self, path: Path):
        try:
            self._connection = _prepared(path)
        except sqlite3.OperationalError as problem:
            raise (explained(problem, path) or damaged(path)) from problem
        except sqlite3.DatabaseError:
            # what cannot be read is set aside, and no run stops for its journal
            os.replace(path, path.with_name(f"{path.name}.unreadable"))
            self._connection = _prepared(path)

    def __enter__(self) -> sqlite3.Connection:
        return self._connection

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with closing(self._connection):
            if kind is None:
                self._connection.commit()


def _job(request: Mapping[str, Any]) -> str:
    """The command behind a run of the pipeline: a build, a sign-off or a revision."""
    signing = request.get("signing")
    return "build" if not signing else "revise" if signing.get("as_at") else "sign-off"


def _prepared(path: Path) -> sqlite3.Connection:
    """A connection to a journal that has its tables."""
    connection = sqlite3.connect(path, timeout=WAIT_SECONDS)
    try:
        connection.executescript(TABLES)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _dataset(name: str) -> dict[str, Any]:
    """One of the project's own datasets."""
    return {"namespace": NAMESPACE, "name": name, "facets": {}}


def _facet(schema: str, **values: Any) -> dict[str, Any]:
    """A facet of the specification, such as `1-2-0/ParentRunFacet`."""
    name = schema.split("/")[-1]
    return {"_producer": PRODUCER, "_schemaURL": f"{FACETS}/{schema}.json#/$defs/{name}", **values}


def _tally(checks: Sequence[Sequence[Any]]) -> str:
    """How many checks had each verdict."""
    found: Counter[str] = Counter()
    for _, verdict, _, count in checks:
        found[verdict] += count
    return ", ".join(f"{count:,} {verdict}" for verdict, count in sorted(found.items())) or "none made"


def _words(values: Mapping[str, Any]) -> str:
    """`a b, c d`; what is not given is left out."""
    return ", ".join(f"{name} {value}" for name, value in values.items() if value is not None) or "everything"


def _now() -> str:
    """This moment, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _moment(text: str) -> datetime:
    """A moment as the records write it."""
    return datetime.fromisoformat(text)
