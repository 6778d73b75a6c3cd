"""What a statement counted, told by the statement: every way in which figures are counted, on a few rows."""

from __future__ import annotations

import duckdb
import pytest

from redress.warehouse.provenance import SUFFIX, traced

ROWS = """
create schema marts;
create table marts.fct_stages as select * from (values
    ('C1', 'S1', 'a', 3.0, true), ('C1', 'S2', 'b', 5.0, false), ('C2', 'S3', 'a', null, true)
) as given (complaint_id, stage_id, service, cost_gbp, is_answered);
create table marts.fct_activity as select * from (values ('x', 1, 10.0), ('x', 2, 20.0))
    as given (extract_id, source_row, amount);
"""


def things(sql: str, column: str = "numerator", inline=lambda table: None) -> dict[str, dict[str, float]]:
    """For each group (`name`) of a statement the things behind its number, with their weights."""
    with duckdb.connect() as connection:
        connection.execute(ROWS)
        schema: dict = {}
        for catalog, layer, table, name, kind in connection.execute(
            "select table_catalog, table_schema, table_name, column_name, data_type from information_schema.columns"
        ).fetchall():
            schema.setdefault(catalog, {}).setdefault(layer, {}).setdefault(table, {})[name] = kind
        statement, counted = traced(sql.replace("marts.", "memory.marts."), schema, inline)
        assert column in counted, counted
        rows = connection.execute(f"select name, {column}, {column}{SUFFIX} from ({statement})").fetchall()
    found: dict[str, dict[str, float]] = {}
    for name, number, listed in rows:
        weights: dict[str, float] = found.setdefault(name, {})
        for one in listed:
            weights[one["thing"]] = weights.get(one["thing"], 0) + one["weight"]
        assert sum(weights.values()) == pytest.approx(number or 0), (name, number, listed)
    return found


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("count(*)", {"stage:S1": 1, "stage:S3": 1}),
        ("count(distinct complaint_id)", {"complaint:C1": 1, "complaint:C2": 1}),
        ("count(cost_gbp)", {"stage:S1": 1}),
        ("count(case when not is_answered then 1 end)", {}),
        ("count(distinct case when stage_id = 'S1' then complaint_id end)", {"complaint:C1": 1}),
        ("sum(cost_gbp)", {"stage:S1": 3}),
        ("coalesce(sum(case when is_answered then cost_gbp end), 0)", {"stage:S1": 3}),
        ("count(distinct complaint_id || '|' || service)", {"complaint:C1": 1, "complaint:C2": 1}),
        ("cast(count(*) as double) - count(cost_gbp)", {"stage:S1": 0, "stage:S3": 1}),
    ],
)
def test_a_number_is_the_sum_of_the_things_behind_it(number, expected):
    found = things(f"select service as name, {number} as numerator from marts.fct_stages group by service")
    assert found["a"] == expected


def test_sums_of_counts_keep_what_was_counted():
    sql = """
        with tallied as (
            select service, is_answered, count(*) as stages from marts.fct_stages group by service, is_answered
        ), with_zeros as (
            select service, is_answered, stages from tallied
            union all select distinct service, false as is_answered, 0 as stages from tallied
        ), counts as (
            select service, sum(case when is_answered then stages else 0 end) as n from with_zeros group by service
        )
        select service as name, cast(n as double) as numerator from counts
    """
    assert things(sql) == {"a": {"stage:S1": 1, "stage:S3": 1}, "b": {}}


def test_a_whole_is_joined_with_its_own_list():
    sql = """
        with parts as (select service, count(*) as n from marts.fct_stages group by service),
        wholes as (select count(*) as n from marts.fct_stages)
        select parts.service as name, parts.n as numerator, wholes.n as denominator from parts cross join wholes
    """
    assert things(sql)["b"] == {"stage:S2": 1}
    assert things(sql, "denominator")["b"] == {"stage:S1": 1, "stage:S2": 1, "stage:S3": 1}


def test_a_table_of_counts_is_put_in_place():
    inner = "select service, count(*) as stages from memory.marts.fct_stages group by service"
    sql = "select name, sum(n) as numerator from (select service as name, stages as n from marts.fct_counts) group by 1"
    with_table = ROWS + "create table marts.fct_counts as " + inner.replace("memory.", "") + ";"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(things.__globals__, "ROWS", with_table)
        found = things(sql, inline=lambda table: inner if table == "fct_counts" else None)
    assert found["a"] == {"stage:S1": 1, "stage:S3": 1}


def test_a_number_that_was_given_is_the_row_of_the_file_that_gave_it():
    sql = """
        with given as (select 'all' as name, amount from marts.fct_activity)
        select name, sum(amount) as numerator from given group by name
    """
    assert things(sql) == {"all": {"row:x:1": 10, "row:x:2": 20}}


def test_a_statement_that_counts_nothing_has_no_list():
    statement, counted = traced(
        "select service as name, 5 as numerator from memory.marts.fct_stages",
        {"memory": {"marts": {"fct_stages": {"service": "VARCHAR"}}}},
        lambda table: None,
    )
    assert counted == set() and SUFFIX not in statement
