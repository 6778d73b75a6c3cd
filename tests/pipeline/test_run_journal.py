"""Each run is told by a small database, of which the log is read, and by OpenLineage events. A run that stops too."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import jsonschema
import pytest
from click.testing import CliRunner

from redress.base.errors import BAD_USAGE, GATE_FAILED, UNSIGNED, GateFailed
from redress.base.settings import Settings
from redress.cli import main
from redress.run.journal import Journal, recorded_command
from redress.run.measure import StageRecord, reason
from redress.run.runs import Runs
from redress.run.stages import COUNCIL_STAGES, STAGES
from tests.pipeline.small_installation import SmallInstallation, check
from tests.pipeline.test_dagster_definitions import publish, run_council

FACETS = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["_producer", "_schemaURL"],
        "properties": {
            "_producer": {"type": "string", "format": "uri"},
            "_schemaURL": {"type": "string", "pattern": "^https://openlineage.io/spec/facets/"},
        },
    },
}
DATASET = {
    "type": "object",
    "required": ["namespace", "name"],
    "properties": {
        "namespace": {"type": "string"},
        "name": {"type": "string", "minLength": 1},
        "facets": FACETS,
        "inputFacets": FACETS,
        "outputFacets": FACETS,
    },
    "additionalProperties": False,
}
RUN_EVENT = {
    "type": "object",
    "required": ["eventTime", "producer", "schemaURL", "run", "job"],
    "properties": {
        "eventTime": {"type": "string", "format": "date-time", "pattern": r"T.*([Zz]|[+-]\d\d:\d\d)$"},
        "producer": {"type": "string", "format": "uri", "pattern": "^[a-z]+:"},
        "schemaURL": {"const": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"},
        "eventType": {"enum": ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]},
        "run": {
            "type": "object",
            "required": ["runId"],
            "properties": {
                "runId": {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
                "facets": FACETS,
            },
        },
        "job": {
            "type": "object",
            "required": ["namespace", "name"],
            "properties": {"namespace": {"type": "string"}, "name": {"type": "string"}, "facets": FACETS},
        },
        "inputs": {"type": "array", "items": DATASET},
        "outputs": {"type": "array", "items": DATASET},
    },
    "additionalProperties": False,
}
"""The RunEvent of the OpenLineage specification 2-0-2."""


def rows(small: SmallInstallation, sql: str) -> list[tuple]:
    """The rows of a query on the journal."""
    connection = sqlite3.connect(small.settings.state / "runs.sqlite")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def events(small: SmallInstallation) -> list[dict]:
    """The OpenLineage events written so far, each valid."""
    lines = (small.settings.state / "openlineage.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    for event in found:
        jsonschema.validate(event, RUN_EVENT)
    return found


def test_a_green_run_is_told_with_its_inputs_stages_checks_and_results(small, monkeypatch):
    monkeypatch.setenv("REDRESS_STARTED_BY", "the night porter")
    small.build()
    [(by, verdict, versions, seconds)] = rows(
        small, "select started_by, verdict, versions, seconds from runs where ended_at is not null"
    )
    assert by == "the night porter" and verdict == "green" and seconds > 0
    assert json.loads(versions)["duckdb"]
    stages = dict(rows(small, "select stage, counts from stages order by position"))
    assert (
        next(iter(stages)) == "authorities" and list(stages)[-1] == "release" and len(stages) == len(STAGES)
    )
    assert json.loads(stages["figures"])["figures"] == 1
    assert rows(small, "select file_name, sha256, rows_received, status from inputs") == [
        ("complaints.csv", "ab" * 32, 3, "loaded")
    ]
    assert rows(small, "select distinct verdict from checks") == [("pass",)]
    assert {path for (path,) in rows(small, "select path from outputs")} == {
        "figures.csv",
        "evidence/north-town-2023-24/manifest.json",
    }
    [run_id] = [run_id for (run_id,) in rows(small, "select run_id from runs")]
    log = Runs(small.settings).log(run_id)
    assert log[0].startswith(f"Run {run_id}, started by the night porter at ")
    assert [line.split()[0] for line in log[3 : 3 + len(STAGES)]] == [stage.name for stage in STAGES]
    assert "Note: north-town: complaints.csv: loaded" in log
    assert f"Files known: 1. Checks: {len(small.checks)} pass." in log
    assert log[-1].startswith("Green after ")
    told = events(small)
    assert told[0]["eventType"] == "START" and told[-1]["eventType"] == "COMPLETE"
    assert {one["job"]["name"] for one in told} >= {"build", "build.intake", "build.figures"}
    intake = next(one for one in told if one["job"]["name"] == "build.intake")
    assert intake["inputs"][0]["facets"]["version"]["datasetVersion"] == "ab" * 32
    figures = next(one for one in told if one["job"]["name"] == "build.figures")
    assert figures["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] == 1
    assert figures["run"]["facets"]["parent"]["run"]["runId"] == told[0]["run"]["runId"]


def test_a_run_that_stops_is_told_too_and_earlier_ones_stay(green):
    green.checks.append(check("stock_and_flow", "fail"))
    with pytest.raises(GateFailed):
        green.build()
    assert rows(green, "select verdict from runs order by started_at, run_id") == [("green",), ("refused",)]
    [(stage, verdict)] = rows(green, "select stage, verdict from stages where verdict != 'done'")
    refused = Runs(green.settings).read()
    log = Runs(green.settings).log(refused["run_id"])
    assert log[-2].endswith("To fix: the complaints team.") and log[-1].startswith("Refused after ")
    first, last = Runs(green.settings).newest()
    assert " s  Green: build site True, " in first and " s  Refused: build site True, " in last
    assert (stage, verdict) == ("reconcile", "refused")
    assert ("stock_and_flow", "fail") in rows(green, "select family, verdict from checks")
    last = events(green)[-1]
    assert last["eventType"] == "FAIL" and "reconcile" in last["run"]["facets"]["errorMessage"]["message"]


def test_a_run_of_the_scheduler_is_one_run(small):
    assert run_council(small).success
    [(run_id, by, verdict)] = rows(small, "select run_id, started_by, verdict from runs")
    assert run_id.startswith("dagster-") and by == "Dagster, by hand" and verdict == "green"
    stages = [stage for (stage,) in rows(small, "select stage from stages order by position")]
    assert stages == ["authorities", "intake", *COUNCIL_STAGES]
    run = Runs(small.settings).read()
    assert run["checks"] == {"pass": len(small.checks)} and run["files"] == 1
    assert run["notes"] == ["north-town: complaints.csv: loaded", "north-town  it has no results yet"]
    assert run["seconds"] == pytest.approx(sum(stage["seconds"] for stage in run["stages"]), abs=0.01)
    assert publish(small).success
    of_release = "(select run_id from stages where stage = 'release')"
    published = rows(small, f"select stage from stages where run_id = {of_release} order by position")
    assert [stage for (stage,) in published] == ["authorities", "together", "publish", "attest", "release"]
    small.checks += [check("stock_and_flow", "fail"), {**check("forms_overdue", "fail"), "severity": "warn"}]
    assert not run_council(small).success
    warned = rows(small, "select text from remarks where kind = 'warning'")
    assert [text for (text,) in warned if "forms_overdue" in text], warned
    verdicts = sorted(verdict for (verdict,) in rows(small, "select verdict from runs"))
    assert verdicts == ["green", "green", "refused"]
    events(small)


def test_the_text_of_an_error_nobody_foresaw_is_not_told(small, monkeypatch):
    def crash(*arguments, **more):
        raise ValueError("cannot read 'Ada Canary' as a date")

    monkeypatch.setattr("redress.protect.export", crash)
    with pytest.raises(ValueError, match="Canary"):
        small.build()
    assert not run_council(small).success
    for path in (small.settings.state).rglob("*"):
        if path.is_file():
            assert b"Canary" not in path.read_bytes(), path
    [(message,)] = rows(small, "select distinct message from runs where run_id not like 'dagster%'")
    assert message.startswith("ValueError at ")


def test_a_journal_of_before_gets_its_new_column(green):
    path = green.settings.state / "runs.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("alter table stages drop column cpu_seconds")
    green.build()
    old, new = (
        Runs(green.settings).read(run)
        for (run,) in rows(green, "select run_id from runs order by started_at")
    )
    assert {stage["cpu_seconds"] for stage in old["stages"]} == {None}
    assert all(stage["cpu_seconds"] is not None for stage in new["stages"] if stage["verdict"] == "done")


def test_a_journal_that_cannot_be_read_is_set_aside_and_stops_nothing(small):
    small.settings.state.mkdir(parents=True)
    (small.settings.state / "runs.sqlite").write_bytes(b"no database" * 100)
    small.build()
    assert rows(small, "select verdict from runs") == [("green",)]
    assert (small.settings.state / "runs.sqlite.unreadable").read_bytes().startswith(b"no database")


def test_a_reason_names_the_place_and_not_the_value():
    try:
        int("Ada Canary")
    except ValueError as problem:
        assert reason(problem).startswith("ValueError at test_run_journal.py line ")


def test_commands_that_are_no_build_are_told_as_runs(small, monkeypatch):
    monkeypatch.setenv("REDRESS_STARTED_BY", "the day porter")
    small.build()
    pack = small.settings.build / "evidence" / "north-town-2023-24"
    extract = small.root / "Ada Canary.csv"
    extract.write_text("complaint_id\nC1\n", encoding="utf-8")

    def redress(*words: str) -> int:
        return CliRunner().invoke(main, words).exit_code

    assert redress("verify", str(pack)) == UNSIGNED
    (pack / "figures.csv").write_text("another\n", encoding="utf-8")
    assert redress("verify", str(pack)) == GATE_FAILED
    assert redress("check") == 0
    assert redress("check", "north-town") == 0
    assert redress("intake", str(extract), "--authority", "north-town") == 0
    small.checks.append(check("stock_and_flow", "fail"))
    assert redress("check") != 0
    assert rows(
        small, "select json_extract(request, '$.command'), verdict, started_by from runs order by rowid"
    ) == [
        (None, "green", "the day porter"),
        ("verify", "green", "the day porter"),
        ("verify", "refused", "the day porter"),
        ("check", "green", "the day porter"),
        ("check", "green", "the day porter"),
        ("intake", "green", "the day porter"),
        ("check", "refused", "the day porter"),
    ]
    assert {one["job"]["name"] for one in events(small)} >= {
        "verify.verify",
        "check.reconcile",
        "intake.intake",
    }
    told = (small.settings.state / "openlineage.jsonl").read_text(encoding="utf-8")
    assert "Canary" not in told and "Canary" not in str(rows(small, "select request from runs"))


def test_nothing_is_made_where_there_is_no_installation(tmp_path):
    settings = Settings(build=tmp_path / "build")
    with recorded_command(settings, "verify", StageRecord("verify"), {"pack": "a.zip"}) as outcome:
        outcome.counts = {"files": 1}
    assert Runs(settings).newest() == [] and Runs(settings).read() is None
    assert not (tmp_path / "build").exists()


def test_a_run_that_was_killed_is_listed_as_cut_off(small, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Journal, "end", killed)
    with pytest.raises(KeyboardInterrupt):
        small.build()
    [line] = Runs(small.settings).newest()
    assert "Running, or cut off: build" in line
    run_id = line.split()[0]
    assert Runs(small.settings).log(run_id)[-1] == "Running, or cut off."
    told = CliRunner().invoke(main, ["runs", run_id]).output
    assert "release      done" in told and "Running, or cut off." in told
    assert CliRunner().invoke(main, ["runs"]).output == line + "\n"
    assert CliRunner().invoke(main, ["runs", "20200101T000000.000000Z"]).exit_code == BAD_USAGE


def test_a_stage_says_what_it_reads_and_some_stage_leaves_it():
    left = {stage.leaves for stage in STAGES} | {"files"}
    assert all(set(stage.reads) <= left for stage in STAGES)
