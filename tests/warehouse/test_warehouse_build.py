"""The warehouse as built over the small world: every rule in place, every model described."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date

import pytest

from tests.warehouse.warehouse_state import Warehouse, dbt

pytestmark = pytest.mark.xdist_group("small world")

FLOW = "brought_forward, entered, closed_responded, closed_withdrawn, closed, carried_forward"


def test_a_late_extract_is_a_warning_and_never_a_stop(
    warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> None:
    result = dbt(
        warehouse.database.parent, "source", "freshness", "--output", str(tmp_path_factory.mktemp("f") / "f")
    )
    assert result.success
    (freshness,) = result.result.results
    assert (freshness.node.name, str(freshness.status)) == ("extract", "warn")


def flow(warehouse: Warehouse, reporting_year: str, period: str, stage: int = 1) -> list[tuple]:
    """Stock and flow of Ashby's statutory stage, added over services."""
    columns = ", ".join(f"sum({column})" for column in FLOW.split(", "))
    return warehouse.rows(
        f"select {columns} from marts.fct_flow where authority = 'ashby' and procedure = 'statutory'"
        f" and stage = {stage} and reporting_year = '{reporting_year}' and period = '{period}'"
    )


def test_every_model_builds_and_every_test_passes(warehouse: Warehouse) -> None:
    faults = [result for result in warehouse.results if result[0] not in ("success", "pass", "no-op")]
    assert faults == []
    ran = Counter(kind for _, kind, _ in warehouse.results)
    assert ran["model"] > 60 and ran["test"] >= 40 and ran["unit_test"] > 30


def test_a_report_sees_the_extract_in_force_at_its_as_at(warehouse: Warehouse) -> None:
    seen = "select count(*) from marts.fct_complaints where authority = 'ashby' and reporting_year = "
    assert warehouse.one(seen + "'2022-23'") == 2
    assert warehouse.one(seen + "'2023-24'") == 6
    responded = "select responded_date from marts.fct_stages where stage_id = 'C2-1' and reporting_year = "
    assert warehouse.one(responded + "'2022-23'") == date(2023, 4, 3)
    assert warehouse.one(responded + "'2023-24'") == date(2023, 4, 24)


def test_authorities_with_the_same_identifiers_never_meet(warehouse: Warehouse) -> None:
    found = warehouse.rows(
        "select authority, reporting_year, procedure, clock_start_date, working_days, agreed_limit, is_within_agreed,"
        " is_in_target_flag_different from marts.fct_stages where stage_id = 'C3-1' order by 1, 2"
    )
    assert found == [
        # Thursday before Easter to the Tuesday after it.
        ("ashby", "2023-24", "statutory", date(2023, 4, 6), 1, 10, True, False),
        # Accepted on Friday 5 May, counted as day 1; Monday 8 May 2023 was the coronation's bank holiday.
        ("marlow", "2023-24", "corporate", date(2023, 5, 5), 2, 30, True, True),
    ]


def test_stock_and_flow_of_the_year(warehouse: Warehouse) -> None:
    # C2 brought forward; C3 and C5 entered; C2 responded, C3 withdrawn, C5 withdrawn only after the year.
    assert flow(warehouse, "2023-24", "2023-24") == [(1, 2, 1, 1, 2, 1)]
    assert flow(warehouse, "2023-24", "2023-24-Q1") == [(1, 1, 1, 1, 2, 0)]
    assert flow(warehouse, "2023-24", "2024-03") == [(0, 1, 0, 0, 0, 1)]
    # As the earlier report knew it, and as the later report knows the same year.
    assert flow(warehouse, "2022-23", "2022-23") == [(0, 2, 1, 0, 1, 1)]
    assert flow(warehouse, "2023-24", "2022-23") == [(0, 2, 1, 0, 1, 1)]


def test_a_refused_request_enters_stage_2_and_stays_open(warehouse: Warehouse) -> None:
    assert flow(warehouse, "2023-24", "2023-24", stage=2) == [(0, 1, 0, 0, 0, 1)]
    assert warehouse.one(
        "select has_reached_next_stage from marts.fct_stages where stage_id = 'C1-1' and reporting_year = '2023-24'"
    )


def test_cohorts_of_the_year(warehouse: Warehouse) -> None:
    found = dict(
        warehouse.rows(
            "select complaint_id, cohort from marts.fct_complaints"
            " where authority = 'ashby' and reporting_year = '2023-24'"
        )
    )
    assert found == {
        "C1": "reopened",
        "C2": "brought_forward",
        "C3": "new",
        "C4": "new",
        "C5": "new",
        "C6": "later",
    }


def test_an_answer_before_its_request_is_flagged(warehouse: Warehouse) -> None:
    found = warehouse.rows(
        "select is_end_before_start, working_days, closed_date from marts.fct_stages where stage_id = 'C6-1'"
    )
    assert found == [(True, None, date(2024, 4, 2))]


def test_an_outcome_without_an_answer_is_flagged_and_not_counted(warehouse: Warehouse) -> None:
    found = warehouse.rows(
        "select outcome, is_outcome_without_response, closed_how from marts.fct_stages where stage_id = 'C5-1'"
    )
    assert found == [(None, True, "withdrawn")]
    assert warehouse.one("select count(*) from marts.fct_outcomes where outcome_id = 'C5-1'") == 0


def test_services_overlap_and_none_is_not_known(warehouse: Warehouse) -> None:
    found = warehouse.rows(
        "select complaint_id, service, procedure from marts.bridge_complaint_service"
        " where authority = 'ashby' and reporting_year = '2023-24' and complaint_id in ('C3', 'C4') order by all"
    )
    assert found == [
        ("C3", "Fostering", "statutory"),
        ("C3", "Schools", "corporate"),
        ("C4", "not_known", "informal"),
    ]
    levels = dict(warehouse.rows("select service, level from marts.dim_service where authority = 'ashby'"))
    assert levels == {
        "care": "directorate",
        "Fostering": "team",
        "Schools": "undeclared",
        "not_known": "not_known",
    }


def test_the_complaints_word_on_the_looked_after_child_holds(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select child_looked_after from marts.fct_complaints where authority = 'ashby' and complaint_id = 'C3'"
        " union all select child_looked_after from marts.bridge_complaint_child"
    ) == [("no",), ("no",)]


def test_themes_and_ombudsman_services(warehouse: Warehouse) -> None:
    named = (
        "select complaint_id, theme from marts.bridge_complaint_theme where theme != 'not_known' order by all"
    )
    assert warehouse.rows(named) == [("C3", "Conduct"), ("C3", "Delay")]
    assert warehouse.rows("select decision, service_set from marts.fct_ombudsman") == [
        ("not_yet_decided", "Fostering + Schools")
    ]


def test_issues_fall_in_the_quarter_of_their_date(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select period, procedure, issues from marts.fct_issues_by_quarter where reporting_year = '2023-24' order by 1"
    ) == [("2023-24-Q1", "statutory", 1), ("2023-24-Q2", "informal", 1)]


def test_no_fact_repeats_a_row_for_another_authoritys_report(warehouse: Warehouse) -> None:
    for fact in ("fct_stages", "fct_complaints", "fct_issues", "fct_compliments"):
        strays = warehouse.one(
            f"select count(*) from marts.{fact} as facts left join marts.dim_report as reports"
            " using (authority, reporting_year) where reports.authority is null"
            f" or facts.extract_id not like facts.authority || '/%'"
        )
        assert strays == 0, fact


def described(node: dict) -> bool:
    """Whether a model, seed or source says what it is, column by column where it names any."""
    return bool(node["description"].strip()) and all(
        column["description"].strip() for column in node["columns"].values()
    )


def test_every_model_and_column_is_described(warehouse: Warehouse) -> None:
    manifest = json.loads((warehouse.target / "manifest.json").read_text(encoding="utf-8"))
    nodes = [
        node
        for node in [*manifest["nodes"].values(), *manifest["sources"].values()]
        if node["resource_type"] in ("model", "seed", "source")
    ]
    assert [node["name"] for node in nodes if not described(node)] == []
    built = warehouse.rows(
        "select schema_name, table_name, column_name from duckdb_columns()"
        " where schema_name in ('staging', 'intermediate', 'marts')"
    )
    documented = {(node["schema"], node["name"], column) for node in nodes for column in node["columns"]}
    assert sorted(set(built) - documented) == []
    for node in nodes:
        if node["resource_type"] == "model" and node["schema"] in ("staging", "intermediate", "marts"):
            assert "One row per" in node["description"].split(". ")[-1], node["name"]


def test_every_mart_has_an_enforced_contract(warehouse: Warehouse) -> None:
    manifest = json.loads((warehouse.target / "manifest.json").read_text(encoding="utf-8"))
    loose = [
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "marts" and not node["contract"]["enforced"]
    ]
    assert loose == []


def test_every_mart_is_tested(warehouse: Warehouse) -> None:
    manifest = json.loads((warehouse.target / "manifest.json").read_text(encoding="utf-8"))
    keys = next(
        node for node in manifest["nodes"].values() if node["name"] == "no_row_of_a_table_is_there_twice"
    )
    tested = set(keys["depends_on"]["nodes"])
    marts = {
        key
        for key, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and node["schema"] == "marts"
    }
    assert sorted(marts - tested) == []


@pytest.mark.parametrize("schema", ["staging", "intermediate", "marts", "reference"])
def test_schemas_have_their_own_names(warehouse: Warehouse, schema: str) -> None:
    assert warehouse.one(f"select count(*) from duckdb_schemas() where schema_name = '{schema}'") == 1
