"""The data tests of the dbt project: each finds nothing in a warehouse in order, and can fail at all that it is about."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.warehouse_state import ROOT, Warehouse

pytestmark = pytest.mark.xdist_group("small world")

BROKEN = {
    "every_action_agreed_is_done_not_done_or_open": [
        "update figures.figures_actions set value = value + 1 where measure = 'actions_done' and breakdown = 'service=Fostering'",
        "delete from figures.figures_actions where measure = 'actions_agreed' and breakdown = ''",
    ],
    "an_answer_within_a_limit_is_timed_and_within_the_longer_ones": [
        "update marts.fct_timeliness set is_end_before_start = true where is_within_standard",
        "update marts.fct_timeliness set is_within_extended = false where is_within_agreed",
    ],
    "every_answer_has_one_finding_at_every_breakdown": [
        "update figures.figures_outcomes set value = value + 1"
        " where measure = 'complaint_outcomes' and breakdown = 'outcome=not_upheld;service=care;stage=1'",
        "delete from figures.figures_outcomes where measure = 'issues_answered' and breakdown like '%service=Fostering%'",
    ],
    "every_day_of_a_year_lies_in_one_quarter_and_one_month": [
        "delete from marts.dim_period where period = '2023-24-Q2'",
        "update marts.dim_period set period_end = period_end + 1 where period = '2023-11'",
    ],
    "every_response_has_one_outcome_or_not_known": [
        "delete from marts.fct_outcomes where unit = 'complaint' and outcome_id = 'C3-1'",
        "insert into marts.fct_outcomes select * from marts.fct_outcomes where unit = 'complaint'",
        "update marts.fct_outcomes set service = 'not_known' where unit = 'complaint' and service = 'Fostering'",
    ],
    "every_stage_flows_on_its_own_days": [
        "update marts.fct_flow set entered = entered + 1 where period = '2023-06' and service = 'Fostering'",
        "delete from marts.fct_stages where stage_id = 'C2-1'",
    ],
    "nothing_is_more_than_what_it_is_a_part_of": [
        "update figures.figures_stages set value = value + 1"
        " where measure = 'responses_within_standard' and breakdown = 'service=care;stage=1'",
        "delete from figures.figures_outcomes where measure = 'issues_upheld_or_partly' and breakdown like '%service=care%'",
    ],
    "parts_that_do_not_overlap_add_up_to_their_whole": [
        "update figures.figures_complaints set value = value + 1"
        " where measure = 'new_complaints' and breakdown = 'child_looked_after=no;procedure=statutory;service=care'",
        "update figures.figures_flow set value = value - 1"
        " where measure = 'closed' and value > 0 and breakdown like 'closed_how=withdrawn%service=Fostering%'",
    ],
    "the_flow_of_a_year_is_that_of_its_quarters_and_months": [
        "update marts.fct_flow set closed = closed + 1 where period = '2023-06'",
        "delete from marts.fct_flow where period like '2023-24-Q_' and service = 'Fostering'",
    ],
    "what_happens_in_a_year_happens_in_its_quarters_and_months": [
        "update figures.figures_issues set value = value + 1"
        " where measure = 'issues_raised' and breakdown = 'category=Delay;service=Fostering' and period = '2023-24-Q1'",
        "update figures.figures_complaints set value = value + 1"
        " where measure = 'new_complaints' and breakdown = 'procedure=statutory;service=care' and period = '2023-04'",
        "delete from figures.figures_compliments where breakdown = 'service=Fostering' and period = '2023-24'",
    ],
    "what_one_period_carries_forward_the_next_brings_forward": [
        "update marts.fct_flow set brought_forward = brought_forward + 1 where period = '2023-06'",
        "update marts.fct_flow set carried_forward = carried_forward + 1 where period = '2023-24-Q1'",
    ],
}


@pytest.fixture(scope="module")
def copy(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the small world, to be broken and put in order again."""
    # the statements name the catalogue after the file
    return Path(shutil.copy(warehouse.database, tmp_path_factory.mktemp("copy") / warehouse.database.name))


@pytest.mark.parametrize(
    ("name", "fault"),
    [(name, fault) for name, faults in BROKEN.items() for fault in faults],
    ids=lambda value: value[:60],
)
def test_a_data_test_finds_what_is_wrong(name: str, fault: str, warehouse: Warehouse, copy: Path) -> None:
    [compiled] = warehouse.target.glob(f"compiled/*/tests/{name}.sql")
    statement = compiled.read_text(encoding="utf-8")
    with duckdb.connect(str(copy)) as connection:
        assert connection.execute(statement).fetchall() == []
        connection.execute("begin")
        [(changed,)] = connection.execute(fault).fetchall()
        found = connection.execute(statement).fetchall()
        connection.execute("rollback")
    assert changed and found


LISTED = {
    "every_word_is_one_of_those_listed": lambda relation, column, words: ({column: "'no such word'"}, column),
    "no_row_of_a_table_is_there_twice": lambda relation, columns: ({}, ", ".join(columns)),
    "no_row_received_or_declared_is_there_twice": lambda relation, columns: ({}, ", ".join(columns)),
    "nothing_that_must_be_given_is_blank": lambda relation, columns: [
        ({column: "null"}, column) for column in columns
    ],
    "whatever_is_referred_to_is_there": lambda relation, columns, parent, *_: (
        {column: "'nothing of that name'" for column in columns},
        f"{', '.join(columns)}, in {parent}",
    ),
}
"""For each test of many relations: how to break an entry of its list, and what it must then say of the columns."""


LISTED_WITH_ROWS = ("no_row_of_a_table_is_there_twice", "whatever_is_referred_to_is_there")


@pytest.mark.parametrize("name", LISTED)
def test_a_test_of_many_relations_finds_a_fault_in_each(name: str, warehouse: Warehouse, copy: Path) -> None:
    text = (ROOT / "dbt_project" / "tests" / f"{name}.sql").read_text(encoding="utf-8")
    entries = ast.literal_eval(re.search(r"= (\[.*?\n\])", text, re.DOTALL)[1])
    faults = [(entry[0], fault) for entry in entries for fault in _listed(LISTED[name](*entry))]
    [compiled] = warehouse.target.glob(f"compiled/*/tests/{name}.sql")
    statement = compiled.read_text(encoding="utf-8")
    with duckdb.connect(str(copy)) as connection:
        assert connection.execute(statement).fetchall() == []
        connection.execute("begin")
        relations = dict.fromkeys(relation for relation, _ in faults)
        loosened = {relation: _loosened(connection, relation) for relation in relations}
        for relation, (values, _) in faults:
            for column, value in values.items():
                connection.execute(f"update {loosened[relation]} set {column} = {value}")
        for relation in loosened.values():
            connection.execute(f"insert into {relation} from {relation}")
        found = connection.execute(statement)
        columns = [column[0] for column in found.description]
        rows = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
        connection.execute("rollback")
    assert {(row["relation"], row["columns"]) for row in rows} == {(name, what) for name, (_, what) in faults}
    assert {"authority", "reporting_year", "extract_id", "source_row"} <= set(columns)
    assert any(row["authority"] and row["source_row"] for row in rows) or name not in LISTED_WITH_ROWS


def _listed(faults: tuple | list[tuple]) -> Iterable[tuple]:
    return faults if isinstance(faults, list) else [faults]


def _loosened(connection: duckdb.DuckDBPyConnection, relation: str) -> str:
    """Put a table without constraints, of at least one row, in the place of a table or view; return its full name."""
    ((schema, kind),) = connection.execute(
        "select table_schema, table_type from information_schema.tables where table_name = $1", [relation]
    ).fetchall()
    name = f"{schema}.{relation}"
    connection.execute(f"create temp table loose_{relation} as from {name}")
    connection.execute(f"drop {'view' if kind == 'VIEW' else 'table'} {name}")
    connection.execute(f"create table {name} as from loose_{relation}")
    if connection.execute(f"select count(*) from {name}").fetchone() == (0,):
        ((columns,),) = connection.execute(
            "select count(*) from duckdb_columns() where schema_name = $1 and table_name = $2",
            [schema, relation],
        ).fetchall()
        connection.execute(f"insert into {name} values ({', '.join(['null'] * columns)})")
    return name
