"""The build of what dbt compiled: as `dbt build` makes it, and plain about what breaks a contract."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from redress.base.errors import ConfigurationProblem
from redress.base.settings import Settings
from redress.warehouse import builder, dbt
from redress.warehouse.steps import Column, Step, as_json, from_json
from tests.warehouse.warehouse_state import Warehouse

pytestmark = pytest.mark.xdist_group("small world")

MOST_NODES = 170
ROWS = "select * from (values ('ashby', 'C1', 'yes'), ('ashby', null, 'maybe'), ('blyth', null, 'no')) as v (authority, id, word)"
COLUMNS = (
    Column("authority", "varchar"),
    Column("id", "varchar", is_required=True),
    Column("word", "string", checks=("word in ('yes', 'no')",)),
)


def step(name: str, sql: str, **more) -> Step:
    """A table of the schema main, unless told otherwise."""
    values = {
        "kind": "table",
        "resource_type": "model",
        "statement": name,
        "owner": "Data team",
        "severity": "error",
    }
    return Step(
        **{
            "unique_id": name,
            "name": name,
            "relation": f'"redress"."main"."{name}"',
            "sql": sql,
            **values,
            **more,
        }
    )


def test_of(name: str, sql: str, *parents: str, severity: str = "error") -> Step:
    """A data test."""
    return step(
        name,
        sql,
        kind="test",
        resource_type="test",
        relation="",
        severity=severity,
        parents=parents,
        waits_for=parents,
    )


test_of.__test__ = False


def run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *steps: Step, select: tuple[str, ...] = ()
) -> builder.DbtResult:
    """Build some steps into `<folder>/redress.duckdb`."""
    monkeypatch.setattr(dbt, "steps", lambda settings, database: list(steps))
    return builder.build(Settings(build=folder), folder / "redress.duckdb", select)


def test_rows_that_break_a_contract_are_told_and_written_and_nothing_stands_on_them(tmp_path, monkeypatch):
    broken = step("fct", ROWS, is_contract=True, columns=COLUMNS)
    above = step("above", "select * from main.fct", parents=("fct",), waits_for=("fct",))
    apart = step("apart", "select 1 as one")
    result = run(tmp_path, monkeypatch, broken, above, apart)
    assert {node.name: node.status for node in result.nodes} == {
        "not_null_fct_id": "fail",
        "check_fct_word": "fail",
        "fct": "skipped",
        "above": "skipped",
        "apart": "success",
    }
    assert not result.success
    bad = [node for node in result.nodes if node.is_bad]
    assert [(node.failures, node.owner) for node in bad] == [(2, "Data team"), (1, "Data team")]
    assert bad[0].statement == "Every row of fct has its id."
    assert bad[1].statement == "In every row of fct, word in ('yes', 'no')."
    written = builder.write_failing_rows(tmp_path / "redress.duckdb", bad, tmp_path / "failures")
    found = {path.stem: list(csv.DictReader(path.read_text().splitlines())) for path in written.values()}
    assert sorted(row["authority"] for row in found["not_null_fct_id"]) == ["ashby", "blyth"]
    assert found["check_fct_word"] == [{"authority": "ashby", "id": "", "word": "maybe"}]


def test_a_contract_that_is_kept_passes_by_name_and_duckdb_holds_it(tmp_path, monkeypatch):
    sound = step("fct", f"{ROWS} where id is not null", is_contract=True, columns=COLUMNS)
    result = run(tmp_path, monkeypatch, sound)
    assert result.success
    assert [(node.name, node.status) for node in result.nodes] == [
        ("fct", "success"),
        ("not_null_fct_id", "pass"),
        ("check_fct_word", "pass"),
    ]
    with duckdb.connect(str(tmp_path / "redress.duckdb")) as connection:
        for row in ("('ashby', null, 'yes')", "('ashby', 'C2', 'maybe')"):
            with pytest.raises(duckdb.ConstraintException):
                connection.execute(f"insert into fct values {row}")


def test_columns_other_than_the_contracts_are_refused(tmp_path, monkeypatch):
    other = step("fct", "select 'ashby' as authority, 1 as id", is_contract=True, columns=COLUMNS)
    (node,) = run(tmp_path, monkeypatch, other).nodes
    assert node.status == "error"
    assert node.message == (
        "The contract of fct is not kept: id INTEGER, not VARCHAR; word missing, not VARCHAR"
    )


def test_a_failed_test_stops_what_stands_on_what_it_is_about_and_a_warning_does_not(tmp_path, monkeypatch):
    base = step("base", "select 1 as one")
    for severity, status, above in (("error", "fail", "skipped"), ("warn", "warn", "success")):
        test = test_of("test", "select * from main.base", "base", severity=severity)
        after = step("after", "select * from main.base", parents=("base",), waits_for=("base", "test"))
        result = run(tmp_path, monkeypatch, base, test, after)
        assert [node.status for node in result.nodes] == ["success", status, above]
        assert result.success == (severity == "warn")


def test_a_statement_that_cannot_run_is_an_error_and_leaves_nothing_half_made(tmp_path, monkeypatch):
    result = run(tmp_path, monkeypatch, step("base", "select nothing"), test_of("test", "select 1", "base"))
    assert [node.status for node in result.nodes] == ["error", "skipped"]
    assert "nothing" in result.message


def test_a_selection_is_built_into_what_is_there(tmp_path, monkeypatch):
    first = step("first", "select 1 as one")
    second = step("second", "select * from main.first", parents=("first",), waits_for=("first",))
    test = test_of("test", "select * from main.first where one > 1", "first")
    of_both = test_of("of_both", "select 1 from main.first, main.second where 1 = 0", "first", "second")
    steps = (first, test, second, of_both)
    assert [node.name for node in run(tmp_path, monkeypatch, *steps, select=("first",)).nodes] == [
        "first",
        "test",
    ]
    names = [node.name for node in run(tmp_path, monkeypatch, *steps, select=("second",)).nodes]
    assert names == ["second", "of_both"]
    names = [node.name for node in run(tmp_path, monkeypatch, *steps, select=("+second",)).nodes]
    assert names == ["first", "test", "second", "of_both"]
    is_view = replace(first, kind="view")
    assert run(tmp_path, monkeypatch, is_view, second, select=("first",)).success
    assert run(tmp_path, monkeypatch, first, second, select=("first",)).success
    with pytest.raises(ConfigurationProblem, match="third"):
        run(tmp_path, monkeypatch, *steps, select=("third",))


@pytest.fixture(scope="module")
def compiled(warehouse: Warehouse) -> tuple[Settings, list[Step]]:
    """The steps of the project, compiled for the small world."""
    settings = Settings(build=warehouse.database.parent)
    return settings, dbt.steps(settings, warehouse.database)


def test_the_build_makes_what_dbt_makes(warehouse: Warehouse, compiled, tmp_path) -> None:
    settings, steps = compiled
    result = builder.build(settings, tmp_path / warehouse.database.name)
    assert result.success, result.message
    assert len(steps) <= MOST_NODES
    assert len(result.nodes) == len(steps) + sum(1 for one in steps for _ in one.rules())
    dbts = {name: status for status, kind, name in warehouse.results if kind == "test"}
    ours = {node.name: node.status for node in result.nodes}
    assert dbts and {name: ours[name] for name in dbts} == dbts
    assert contents(warehouse.database) == contents(
        tmp_path / warehouse.database.name, only=contents(warehouse.database)
    )


def contents(database: Path, only=None) -> dict[str, tuple]:
    """Of each table of a warehouse, its columns with their types, and its rows in a fixed order."""
    with duckdb.connect(str(database), read_only=True) as connection:
        names = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables where table_schema != 'evidence'"
        ).fetchall()
        held = {}
        for (name,) in names:
            if only is None or name in only:
                found = connection.execute(f"select * from {name} order by all")
                held[name] = ([column[:2] for column in found.description], found.fetchall())
        return held


def test_statements_name_the_folder_of_the_state_only_when_they_run(compiled) -> None:
    settings, steps = compiled
    kept = (dbt.dbt_folder(settings) / "target" / "steps.json").read_text(encoding="utf-8")
    assert kept.count("<state>/conformed/") > 10
    assert any(str(settings.state) in one.sql for one in steps) and not any(
        "<state>" in one.sql for one in steps
    )


def test_what_was_compiled_is_kept_until_the_project_changes(compiled, monkeypatch, tmp_path) -> None:
    settings, steps = compiled
    assert from_json(as_json(steps), "") == steps
    monkeypatch.setattr(dbt, "_compile", lambda *_: pytest.fail("compiled again"))
    assert dbt.steps(settings, settings.database) == steps
    monkeypatch.setattr(dbt, "_compile", lambda *_: steps[:1])
    elsewhere = replace(settings, compiled=tmp_path)
    assert dbt.steps(elsewhere, settings.database) == steps[:1], "nothing was compiled there"
