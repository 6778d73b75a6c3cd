"""Relations from SQL, judged by Great Expectations: over tiny databases."""

import sys

import duckdb
import pytest

from expectations import dialect, equations, imported, runner
from expectations.equations import Family, Query, Requirement
from expectations.suites.tables import Rule

PREPARED = (
    ("reports", "create table checks.reports as select 'ashby' as authority, '2023-24' as reporting_year"),
    (
        "in_force",
        (
            "create table checks.in_force as "
            "select 'ashby' as authority, '2023-24' as reporting_year, 'cases' as extract_id"
        ),
    ),
)


def family(sql, *requires, pair=False, name="sums"):
    """A family of one query."""
    return Family(name, "Parts add up.", (Query("sums", sql, pair),), tuple(requires))


# each row of `parts` is a number on one side of the check of its name
SUMS = """
select 'ashby' as authority, '2023-24' as reporting_year, check_id, 'Parts of ' || check_id as title,
    side, label, sign, value
from warehouse.parts
"""


@pytest.fixture
def database(tmp_path):
    """85 + 31 + 15 - 2 = 129 under `good`; `bad` is one off; `blank` lacks a number, `alone` a side."""
    path = tmp_path / "redress.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """
create table parts (check_id varchar, side varchar, label varchar, sign integer, value double);
insert into parts values
    ('good', 'found', 'Care', 1, 85), ('good', 'found', 'EHCP', 1, 31), ('good', 'found', 'Other', 1, 15),
    ('good', 'found', 'counted twice', -1, 2), ('good', 'expected', 'in all', 1, 129),
    ('bad', 'found', 'Q1', 1, 10), ('bad', 'expected', 'in the year', 1, 11),
    ('blank', 'found', 'Q1', 1, null), ('blank', 'found', 'Q2', 1, 0),
    ('blank', 'expected', 'in the year', 1, 0),
    ('alone', 'found', 'Q1', 1, 0);
create schema staging;
create table staging.stg_complaint as
select 'ashby' as authority, case when range < 7 then 'cases' else 'replaced' end as extract_id from range(9);
create table staging.stg_contact as select 'ashby' as authority, 'cases' as extract_id where false;
create schema figures;
create table figures.figures as
select 'f' || range as figure_id, case when range < 3 then null else 1.0 end as value from range(10);
"""
        )
    return path


def evaluated(database, *families, judge=None):
    """{check_id: check}."""
    checks = runner_run(database, families, judge)
    return {check.check_id: check for check in checks}


def runner_run(database, families, judge=None, prepared=PREPARED, evidence=None):
    """The runner over small prepared tables; the data team can put anything right."""
    return runner.run(
        database,
        tuple(families),
        owner=lambda authority, table: "Data team",
        judge=judge,
        prepared=prepared,
        evidence=evidence,
    )


def test_great_expectations_tells_what_holds_from_what_does_not(database):
    found = evaluated(database, family(SUMS))
    assert {name: check.verdict for name, check in found.items()} == {
        "good": "pass",
        "bad": "fail",
        "blank": "fail",
        "alone": "fail",
    }
    assert found["good"].statement == (
        "Parts of good: Care 85 + EHCP 31 + Other 15 = 131; less counted twice 2 = 129; in all 129."
    )
    assert (found["bad"].expected, found["bad"].found) == ("11", "10")
    assert (found["blank"].expected, found["blank"].found) == ("0", "")


def test_the_dialect_evaluates_an_expectation_that_must_fail(database):
    rules = (
        Rule(
            "blank", "figures", "figures", "No blank.", "ExpectColumnValuesToNotBeNull", {"column": "value"}
        ),
        Rule("rows", "figures", "figures", "Rows.", "ExpectTableRowCountToBeBetween", {"min_value": 11}),
        Rule("ids", "figures", "figures", "Ids.", "ExpectColumnValuesToBeUnique", {"column": "figure_id"}),
        Rule(
            "few",
            "figures",
            "figures",
            "Few.",
            "UnexpectedRowsExpectation",
            {"unexpected_rows_query": "select figure_id from {batch} where value = 1"},
        ),
    )
    found = {check.check_id: (check.verdict, check.found) for check in runner.run_rules(database, rules)}
    assert found == {
        "table-rules:blank": ("fail", "3"),
        "table-rules:rows": ("fail", "1"),
        "table-rules:ids": ("pass", "0"),
        "table-rules:few": ("fail", "7"),
    }


@pytest.mark.parametrize(
    "rule",
    [
        Rule(
            "x",
            "figures",
            "figures",
            "No blank.",
            "ExpectColumnValuesToNotBeNull",
            {"column": "no_such_column"},
        ),
        Rule("x", "figures", "no_such_table", "Rows.", "ExpectTableRowCountToBeBetween", {"min_value": 0}),
        Rule(
            "x",
            "figures",
            "figures",
            "SQL.",
            "UnexpectedRowsExpectation",
            {"unexpected_rows_query": "select nothing from {batch}"},
        ),
        Rule("x", "figures", "figures", "Unknown.", "ExpectNoSuchThing", {}),
    ],
    ids=["column", "table", "sql", "expectation"],
)
def test_an_expectation_that_raises_is_an_error(database, rule):
    (check,) = runner.run_rules(database, (rule,))
    assert (check.verdict, check.severity) == ("error", "block")


def test_the_database_can_be_written_again_afterwards(database):
    evaluated(database, family(SUMS))
    runner.run_rules(database)
    with duckdb.connect(str(database)) as connection:
        connection.execute("create table again as select 1")


def test_a_database_that_is_not_there_is_an_error_and_is_not_made(tmp_path):
    missing = tmp_path / "none.duckdb"
    with pytest.raises(FileNotFoundError):
        dialect.connection_string(missing)
    (check,) = runner_run(missing, [family(SUMS)])
    assert check.verdict == "error"
    assert not missing.exists()


def test_a_query_that_raises_is_an_error(database):
    found = evaluated(database, family("select * from warehouse.no_such_table"))
    assert found["error:sums:sums"].verdict == "error"
    assert found["error:sums:sums"].severity == "block"


def test_a_check_that_must_exist_and_does_not_fails(database):
    nothing = family(SUMS + "where false", Requirement("good", "stg_complaint"), Requirement("bad"))
    found = evaluated(database, nothing)
    assert found["missing:good:2023-24"].verdict == "fail"
    assert "stg_complaint has rows (7)" in found["missing:good:2023-24"].statement
    assert found["missing:bad:2023-24"].severity == "block"


def test_a_check_is_not_required_where_nothing_calls_for_it(database):
    found = evaluated(database, family(SUMS, Requirement("contacts", "stg_contact")))
    assert not any(name.startswith("missing:") for name in found)


def test_nothing_at_all_to_judge_is_an_error(database):
    found = evaluated(database, family(SUMS + "where false"))
    assert found and all(check.verdict == "error" for check in found.values())


def test_no_report_is_an_error(database):
    checks = runner_run(
        database,
        (family(SUMS),),
        prepared=(("reports", "create table checks.reports (authority varchar, reporting_year varchar)"),),
    )
    assert [check.verdict for check in checks if check.family == "preparation"] == ["error"]


def honest(scratch, families):
    """What Great Expectations says of the tiny database: three lines do not hold, two lack a side."""
    return {
        ("", "not_empty"): 0,
        ("", "named"): 0,
        ("sums", "made"): 0,
        ("sums", "complete"): 2,
        ("sums", "holds"): 3,
    }


def broken(scratch, families):
    """An evaluation that ends in an exception."""
    raise RuntimeError("lost the connection")


@pytest.mark.parametrize(
    "judge",
    [
        broken,
        lambda s, f: {},
        lambda s, f: {**honest(s, f), ("sums", "holds"): 0},
        lambda s, f: {**honest(s, f), ("sums", "holds"): "raised something"},
        lambda s, f: {key: value for key, value in honest(s, f).items() if key[1] != "holds"},
        lambda s, f: {key: value for key, value in honest(s, f).items() if key[1] != "made"},
    ],
    ids=[
        "raises",
        "says-nothing",
        "counts-otherwise",
        "one-raised",
        "one-without-result",
        "made-without-result",
    ],
)
def test_a_family_passes_nothing_when_its_evaluation_is_not_whole(database, judge):
    found = evaluated(database, family(SUMS), judge=judge)
    assert {check.verdict for check in found.values()} == {"error"}
    assert "error:sums:judged" in found


def test_an_honest_answer_is_believed(database):
    assert evaluated(database, family(SUMS), judge=honest)["good"].verdict == "pass"


def test_inequalities_and_many_lines(database):
    sql = """
select 'ashby' as authority, '2023-24' as reporting_year, 'within' as check_id, 'Within' as title, '<=' as op,
    'line ' || i as line, 'team ' || i as line_title, 10 as expected, 'responses' as expected_label,
    i as found, 'in time' as found_label
from range(9, 12) as t(i)
"""
    found = evaluated(database, family(sql, pair=True))["within"]
    assert (found.verdict, found.expected, found.found) == ("fail", "3", "2")
    assert (
        "1 of 3 do not hold: team 11: in time 11, at most responses 10. That is 1 too many" in found.statement
    )


def test_the_rows_behind_a_check_are_written(database, tmp_path):
    checks = runner_run(database, (family(SUMS),), evidence=tmp_path / "checks_evidence")
    assert checks[0].evidence == "checks_evidence/sums.parquet"
    rows = duckdb.sql(
        f"select label, value, holds from '{tmp_path}/checks_evidence/sums.parquet' "
        "where check_id = 'good' order by value"
    ).fetchall()
    assert rows == [
        ("counted twice", 2, True),
        ("Other", 15, True),
        ("EHCP", 31, True),
        ("Care", 85, True),
        ("in all", 129, True),
    ]


def test_what_no_expectation_asks_for_is_imported_when_something_does(database, monkeypatch):
    assert imported.great_expectations().expectations
    stand_in = imported._Later("colorsys")
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    monkeypatch.setitem(sys.modules, "colorsys", stand_in)
    assert stand_in.rgb_to_hsv(1, 1, 1) == (0.0, 0.0, 1)
    assert sys.modules["colorsys"] is not stand_in
    from great_expectations.expectations.core import (
        expect_column_kl_divergence_to_be_less_than as distributions,
    )

    assert distributions.stats.entropy([0.5, 0.5]) == pytest.approx(0.6931, abs=1e-3)


def test_statements_read_copies_of_staging_and_a_table_that_is_not_there_is_named(database):
    connection = duckdb.connect()
    connection.execute(f"attach '{database}' as warehouse (read_only)")
    read = equations._Reader(connection)
    sql = read("select count(*) from warehouse.staging.stg_complaint")
    assert sql == "select count(*) from temp.stg_complaint"
    assert connection.execute(sql).fetchall() == [(9,)]
    assert read("select 1 from warehouse.staging.stg_stage") == "select 1 from warehouse.staging.stg_stage"
    connection.close()


def test_a_table_of_a_family_that_cannot_be_made_is_an_error_of_the_family(database):
    asks = Family("sums", "Parts add up.", (Query("sums", SUMS),), tables=(("kept", "select nothing"),))
    checks = evaluated(database, asks)
    assert checks["error:sums:kept"].verdict == "error"
