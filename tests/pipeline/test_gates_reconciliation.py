"""The gates over a warehouse that dbt built: what is sound passes, and each kind of fault is caught.

One warehouse is built for all tests; each fault is made in a copy of it and judged by the families concerned.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import duckdb
import pytest

from expectations import runner
from expectations.suites import FAMILIES
from redress import reconcile
from redress.base.settings import Settings
from redress.reconcile import failing_rows
from redress.reconcile.families import figures_audited
from redress.warehouse import build, cases, dbt
from tests.pipeline import gates_world

CONTRACT = json.loads((Settings().reference / "contract" / "datapackage.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Path:
    """A folder with `state/` (parquet files and redress.duckdb) of the made-up authority."""
    folder = tmp_path_factory.mktemp("gates")
    gates_world.world().write(folder / "state")
    settings = dataclasses.replace(Settings(), build=folder)
    outcome = build(settings, settings.database, ["resource_type:seed", "resource_type:model"])
    assert outcome.success, outcome
    compiled, kept = dbt.dbt_folder(settings) / "target" / "compiled", settings.compiled / "rewritten"
    cases.trace(settings.database, compiled, lambda authority: b"k" * 16, kept)
    return folder


@pytest.fixture
def copy(built, tmp_path) -> Path:
    """A copy of the database that a test may spoil."""
    target = tmp_path / "redress.duckdb"
    shutil.copy(built / "state" / "redress.duckdb", target)
    return target


def data_team(authority: str, table: str) -> str:
    """Who can put anything right."""
    return "Data team"


def judged(database: Path, state: Path, *names: str) -> list[dict]:
    """Records of some families."""
    families = tuple(family for family in FAMILIES if family.name in names)
    assert len(families) == len(names)
    checks = runner.run(database, families, state=state, contract=CONTRACT, owner=data_team)
    return [check.record() for check in checks]


def blocked(records: list[dict]) -> set[str]:
    """Ids of the records that block."""
    return {one["check_id"] for one in records if one["verdict"] != "pass" and one["severity"] == "block"}


def spoil(database: Path, *statements: str) -> None:
    """Change the database by hand."""
    with duckdb.connect(str(database)) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture(scope="session")
def all_records(built, tmp_path_factory) -> tuple[list[dict], Path]:
    """Every record over the sound warehouse, and the folder written."""
    out = tmp_path_factory.mktemp("checks")
    (built / "no-authorities").mkdir()
    settings = dataclasses.replace(Settings(), build=built, authorities=(built / "no-authorities",))
    return reconcile.run_checks(settings, out), out


def test_a_sound_warehouse_passes_every_check(all_records):
    records, _ = all_records
    wrong = [
        one for one in records if one["verdict"] != "pass" and one["family"] != "figures_equal_published"
    ]
    assert not wrong, [(one["check_id"], one["statement"]) for one in wrong[:5]]
    assert len(records) > 500
    assert {family.name for family in FAMILIES} <= {one["family"] for one in records}


def test_check_ids_are_stable_names_used_once(all_records):
    records, _ = all_records
    keys = [(one["authority"], one["reporting_year"], one["check_id"]) for one in records]
    assert len(keys) == len(set(keys))
    assert {
        "parts-to-total:new_complaints:by=service_area:2023-24",
        "quarters-to-year:new_complaints:total:2023-24",
        "stock-and-flow:procedure=statutory;stage=1:2023-24",
        "mart-equals-staging:complaint:count:2023-24",
        "figures-equal-published:2023-24",
    } <= {one["check_id"] for one in records}


def test_a_statement_puts_the_numbers_in(all_records):
    records, _ = all_records
    statement = {one["check_id"]: one["statement"] for one in records}[
        "parts-to-total:new_complaints:by=service_area:2023-24"
    ]
    for words in (
        "Social Care",
        "Ehcp",
        "Other",
        "less counted more than once",
        "in more than one service area",
        "complaints in all",
    ):
        assert words in statement


def test_checks_csv_has_exactly_its_columns_and_evidence_lies_beside_it(all_records):
    records, out = all_records
    header, *rows = (out / "checks.csv").read_text(encoding="utf-8").splitlines()
    assert (
        header == "check_id,family,authority,reporting_year,statement,expected,found,verdict,severity,owner"
    )
    assert len(rows) >= len(records)
    for one in records:
        assert not one["evidence"] or (out / one["evidence"]).is_file(), one["evidence"]


def test_published_figures_without_an_explanation_block(all_records):
    records, _ = all_records
    (one,) = [one for one in records if one["family"] == "figures_equal_published"]
    assert (one["verdict"], one["severity"]) == ("fail", "block")
    assert "2 unexplained" in one["statement"]
    assert [blocking["check_id"] for blocking in reconcile.gate(records)] == [
        "figures-equal-published:2023-24"
    ]


YEAR_TOTAL = "measure = 'new_complaints' and breakdown = '' and period = '2023-24'"
FAULTS = {
    "a total one too high": (
        ["parts_to_total", "quarters_to_year", "same_figure_twice"],
        [f"update figures.figures set value = value + 1 where {YEAR_TOTAL}"],
        {
            "parts-to-total:new_complaints:by=service_area:2023-24",
            "parts-to-total:new_complaints:by=procedure:2023-24",
            "quarters-to-year:new_complaints:total:2023-24",
            "months-to-year:new_complaints:each=total:2023-24",
            "same-figure-twice:new_complaints:total:2023-24",
        },
    ),
    "a total that is not there": (
        ["parts_to_total", "quarters_to_year", "same_figure_twice"],
        [f"delete from figures.figures where {YEAR_TOTAL}"],
        {
            "parts-to-total:new_complaints:by=service_area:2023-24",
            "quarters-to-year:new_complaints:total:2023-24",
            "same-figure-twice:new_complaints:total:2023-24",
        },
    ),
    "a service left out of the figures": (
        ["parts_to_total"],
        ["delete from figures.figures where measure = 'new_complaints' and breakdown = 'service=ehcp'"],
        {
            "parts-to-total:new_complaints:by=service_area:2023-24",
            "parts-to-total:new_complaints:below=learning:2023-24",
        },
    ),
    "an overlap that nobody counted": (
        ["parts_to_total"],
        [
            (
                "insert into marts.bridge_complaint_service select authority, reporting_year, complaint_id, "
                "'Transport', "
                "any_value(b.procedure) from marts.fct_complaints "
                "inner join marts.bridge_complaint_service as b "
                "using (authority, reporting_year, complaint_id) where is_formal and is_new_in_year "
                "group by authority, reporting_year, complaint_id "
                "having min(b.service) = 'Fostering' and count(*) = 1 order by complaint_id limit 1"
            )
        ],
        {
            "parts-to-total:new_complaints:by=team:2023-24",
            "parts-to-total:new_complaints_part_sum:by=team:2023-24",
        },
    ),
    "a quarter lost": (
        ["quarters_to_year"],
        [
            (
                "delete from figures.figures where measure = 'issues_raised' and breakdown = '' "
                "and period = '2023-24-Q3'"
            )
        ],
        {"quarters-to-year:issues_raised:total:2023-24"},
    ),
    "a measure lost": (
        ["quarters_to_year"],
        ["delete from figures.figures where measure = 'issues_raised'"],
        {"missing:quarters-to-year:issues_raised:total:2023-24"},
    ),
    "a flow that does not balance": (
        ["stock_and_flow", "same_figure_twice"],
        [
            (
                "update figures.figures set value = value + 1 where measure = 'carried_forward' "
                "and breakdown = 'procedure=statutory;stage=1' and period = '2023-24-Q2'"
            )
        ],
        {
            "stock-and-flow:procedure=statutory;stage=1:2023-24-Q2",
            "stock-and-flow:chain:procedure=statutory;stage=1:2023-24",
            "same-figure-twice:carried_forward:procedure=statutory;stage=1:2023-24-Q2",
        },
    ),
    "a percentage of something else": (
        ["percentage_from_counts"],
        [
            (
                "update figures.figures set value = value + 1 "
                "where measure = 'responses_within_extended_share' "
                "and breakdown = 'stage=1' and period = '2023-24'"
            )
        ],
        {"percentage-from-counts:responses_within_extended_share:2023-24"},
    ),
    "a base that is no figure": (
        ["percentage_from_counts"],
        [
            (
                "update figures.figures set denominator = denominator + 1, "
                "value = 100.0 * numerator / (denominator + 1) "
                "where measure = 'responses_within_extended_share' and breakdown = 'stage=1' "
                "and period = '2023-24'"
            )
        ],
        {"percentage-from-counts:base-is-a-figure:responses_within_extended_share:2023-24"},
    ),
    "an answer without an outcome": (
        ["outcomes_to_responses"],
        [
            (
                "update figures.figures set value = value - 1 where measure = 'complaint_outcomes' "
                "and breakdown = 'outcome=upheld;procedure=statutory;stage=1' and period = '2023-24'"
            )
        ],
        {"outcomes-to-responses:complaint_outcomes:procedure=statutory;stage=1:2023-24"},
    ),
    "more in time than answered": (
        ["subset_within_whole"],
        [
            (
                "update figures.figures set value = 1000 where measure = 'responses_within_standard' "
                "and breakdown = 'stage=1'"
            )
        ],
        {"subset-within-whole:responses_within_standard-in-responses_within_extended:2023-24"},
    ),
    "a band lost": (
        ["subset_within_whole"],
        [
            (
                "delete from figures.figures where measure = 'responses_in_band' "
                "and breakdown like 'band=21+;procedure=%'"
            )
        ],
        {"subset-within-whole:bands:procedure=statutory;stage=1:2023-24"},
    ),
    "a change from the wrong year": (
        ["change_from_periods"],
        [
            (
                "update figures.figures set value = value + 1 where measure = 'new_complaints_change' "
                "and breakdown = ''"
            )
        ],
        {"change-from-periods:new_complaints_change:total:2023-24"},
    ),
    "an earlier figure altered": (
        ["change_from_periods", "same_figure_twice"],
        [
            (
                "update figures.figures set value = value + 1 where measure = 'new_complaints' "
                "and period = '2022-23' and breakdown = ''"
            )
        ],
        {
            "change-from-periods:new_complaints_change_pct:total:2023-24",
            "same-figure-twice:prior_figure:new_complaints:2023-24",
        },
    ),
    "a complaint lost on the way": (
        ["mart_equals_staging"],
        ["delete from marts.fct_complaints where complaint_id = 'C010'"],
        {"mart-equals-staging:complaint:count:2023-24", "mart-equals-staging:complaint:keys:2023-24"},
    ),
    "a complaint taken for another": (
        ["mart_equals_staging"],
        ["update marts.fct_complaints set complaint_id = 'C999' where complaint_id = 'C010'"],
        {"mart-equals-staging:complaint:keys:2023-24"},
    ),
    "a mart emptied": (
        ["mart_equals_staging"],
        ["delete from marts.fct_issues"],
        {"mart-equals-staging:issue:count:2023-24", "mart-equals-staging:issue:keys:2023-24"},
    ),
    "a mart not there": (
        ["mart_equals_staging"],
        ["drop table marts.fct_issues"],
        {"error:mart_equals_staging:fct_issues-against-issue", "missing:mart-equals-staging:issue:2023-24"},
    ),
    "a whole that is not there": (
        ["subset_within_whole"],
        [
            (
                "delete from figures.figures where measure = 'responses_timed' "
                "and breakdown = 'procedure=statutory;stage=1' and period = '2023-24'"
            )
        ],
        {"subset-within-whole:responses_within_extended-in-responses_timed:2023-24"},
    ),
    "the count of a percentage that is not there": (
        ["percentage_from_counts"],
        [
            (
                "delete from figures.figures where measure = 'new_complaints' "
                "and breakdown = 'sex=female' and period = '2023-24'"
            )
        ],
        {"percentage-from-counts:count-is-a-figure:new_complaints_share:2023-24"},
    ),
    "a stock, outcomes and a change that are not there": (
        ["stock_and_flow", "outcomes_to_responses", "change_from_periods"],
        [
            (
                "delete from figures.figures where measure = 'carried_forward' "
                "and breakdown = 'procedure=statutory;stage=1' and period = '2023-24-Q2'"
            ),
            (
                "delete from figures.figures where measure = 'complaint_outcomes' "
                "and breakdown like '%;procedure=statutory;stage=1' and period = '2023-24'"
            ),
            "delete from figures.figures where measure = 'new_complaints_change' and breakdown = ''",
        ],
        {
            "stock-and-flow:procedure=statutory;stage=1:2023-24-Q2",
            "outcomes-to-responses:complaint_outcomes:procedure=statutory;stage=1:2023-24",
            "missing:change-from-periods:new_complaints_change:total:2023-24",
        },
    ),
    "no figures at all": (
        ["parts_to_total", "quarters_to_year"],
        ["delete from figures.figures"],
        {
            "missing:parts-to-total:new_complaints:by=procedure:2023-24",
            "missing:quarters-to-year:new_complaints:total:2023-24",
        },
    ),
    "the figures not there": (
        ["quarters_to_year"],
        ["drop table figures.figures"],
        {"error:preparation:fig", "error:quarters_to_year:quarters-of-a-year"},
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_caught_and_blocks(built, copy, fault):
    names, statements, expected = FAULTS[fault]
    spoil(copy, *statements)
    assert expected <= blocked(judged(copy, built / "state", *names))


def test_a_failing_check_names_its_figures_and_the_figure_that_is_at_fault_comes_first(built, copy, tmp_path):
    with duckdb.connect(str(copy), read_only=True) as connection:
        ((total,),) = connection.execute(
            f"select figure_id from figures.figures where {YEAR_TOTAL}"
        ).fetchall()
    spoil(copy, f"update figures.figures set value = value + 1 where {YEAR_TOTAL}")
    names = ("parts_to_total", "quarters_to_year", "same_figure_twice", "subset_within_whole")
    checks = runner.run(
        copy,
        tuple(family for family in FAMILIES if family.name in names),
        state=built / "state",
        owner=data_team,
        evidence=tmp_path / failing_rows.FOLDER,
    )
    failing = [check.record() for check in checks if check.verdict != "pass"]
    found = failing_rows.numbers(tmp_path, failing)
    with_figure = {one["check_id"] for one in found if one["figure_id"]}
    assert {one["check_id"] for one in failing} == with_figure, "every failing check names a figure"
    figure, checks = failing_rows.common(tmp_path, failing)
    assert figure == total and checks > len(failing) / 2


def test_the_audit_of_the_figures_finds_a_wrong_one_and_an_empty_table(copy):
    sound = figures_audited.checks(copy, data_team)
    assert {check.verdict for check in sound} == {"pass"} and len(sound) > 3
    assert all(int(check.expected) > 0 and check.expected == check.found for check in sound)
    with duckdb.connect(str(copy), read_only=True) as connection:
        ((total,),) = connection.execute(
            f"select figure_id from figures.figures where {YEAR_TOTAL}"
        ).fetchall()
    spoil(copy, f"update figures.figures set value = value + 1 where {YEAR_TOTAL}")
    failed = [check for check in figures_audited.checks(copy, data_team) if check.verdict != "pass"]
    assert failed and any(total in check.figure_ids for check in failed)
    spoil(copy, "delete from figures.figures")
    empty = figures_audited.checks(copy, data_team)
    assert [check.verdict for check in empty] == ["fail"]


def test_rows_that_the_warehouse_lost_are_named_by_file_and_row_alone(built, copy, tmp_path):
    spoil(copy, "delete from marts.fct_complaints where complaint_id = 'C010'")
    checks = runner.run(
        copy,
        tuple(family for family in FAMILIES if family.name == "mart_equals_staging"),
        state=built / "state",
        owner=data_team,
        evidence=tmp_path / failing_rows.FOLDER,
    )
    records = [check.record() for check in checks]
    rows = [one for one in failing_rows.rows(tmp_path, records) if ":complaint:" in one["check_id"]]
    assert [(one["what"], one["row"] is not None) for one in rows] == [
        ("in the extract and not in fct_complaints", True)
    ]
    assert "C010" not in str(rows)


TABLE_FAULTS = {
    "table-rules:figures:identity": (
        f"insert into figures.figures select * from figures.figures where {YEAR_TOTAL}"
    ),
    "table-rules:figures:value": f"update figures.figures set value = 'nan' where {YEAR_TOTAL}",
    "table-rules:figures:percent": (
        "update figures.figures set value = 101 "
        "where measure = 'new_complaints_share' and breakdown = 'sex=female'"
    ),
    "table-rules:fct_stages:unique": "insert into marts.fct_stages select * from marts.fct_stages limit 1",
}


@pytest.mark.parametrize("check_id", TABLE_FAULTS)
def test_a_row_that_cannot_be_is_caught_in_the_warehouse_itself(copy, check_id):
    with duckdb.connect(str(copy)) as connection:
        for schema, table in (("figures", "figures"), ("marts", "fct_stages")):
            connection.execute(f"create table spoiled as select * from {schema}.{table}")
            connection.execute(f"drop table {schema}.{table}")
            connection.execute(f"create table {schema}.{table} as select * from spoiled")
            connection.execute("drop table spoiled")
        connection.execute(TABLE_FAULTS[check_id])
    failed = {check.check_id: check for check in runner.run_rules(copy) if check.verdict != "pass"}
    assert failed[check_id].verdict == "fail" and int(failed[check_id].found) > 0
    assert bool(failed[check_id].figure_ids) == check_id.startswith("table-rules:figures:"), (
        "no case is named"
    )


@pytest.fixture
def state(built, tmp_path) -> tuple[Path, Path]:
    """A copy of the whole state, its staging reading the copied files; (database, state)."""
    target = tmp_path / "state"
    shutil.copytree(built / "state", target)
    database = target / "redress.duckdb"
    with duckdb.connect(str(database)) as connection:
        views = connection.execute(
            "select view_name, sql from duckdb_views() where schema_name = 'staging'"
        ).fetchall()
        for _, sql in views:
            moved = sql.replace(str(built / "state"), str(target))
            connection.execute(moved.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1))
    return database, target


def rewrite(state: Path, table: str, select: str) -> None:
    """Write a conformed table's rows anew from a select over `rows`."""
    file = state / "conformed" / table / "rows.parquet"
    changed = duckdb.sql(f"with rows as (select * from '{file}') {select}").arrow()
    kept = changed.read_all() if hasattr(changed, "read_all") else changed
    import pyarrow.parquet

    pyarrow.parquet.write_table(kept, file)


def received(records: list[dict], table: str) -> set[str]:
    """Blocking intake checks of the file of a table."""
    return {name.split(":")[0] for name in blocked(records) if f":{table}/" in name}


def test_a_row_lost_after_it_was_received_blocks(state):
    database, folder = state
    rewrite(folder, "compliment", "select * from rows where source_row != 3")
    records = judged(database, folder, "intake")
    assert received(records, "compliment") == {"received-accounted-for", "rows-on-disk"}


def test_a_column_that_names_people_blocks(state):
    database, folder = state
    rewrite(folder, "contact", "select *, 'A. Person' as complainant_name from rows")
    records = judged(database, folder, "intake")
    assert "no-personal-column" in blocked(records)
    assert any("contact.complainant_name" in one["statement"] for one in records)


def test_a_column_that_the_contract_drops_blocks(state):
    database, folder = state
    rewrite(folder, "complaint", "select *, date '1980-01-01' as birth_date from rows")
    assert "no-personal-column" in blocked(judged(database, folder, "intake"))


def test_a_name_in_the_place_of_a_pseudonym_blocks(state):
    database, folder = state
    rewrite(
        folder,
        "complaint",
        "select * replace (case when source_row = 5 then 'A. Person' else complainant_id "
        "end as complainant_id) "
        "from rows",
    )
    assert "no-personal-value:complainants" in blocked(judged(database, folder, "intake"))


def test_a_reference_to_nothing_blocks(state):
    database, folder = state
    rewrite(
        folder,
        "issue",
        "select * replace (case when source_row = 5 then 'C999' else complaint_id end as complaint_id) "
        "from rows",
    )
    assert "references-resolve:issue.complaint_id:2023-24" in blocked(judged(database, folder, "intake"))


def test_a_conformed_table_without_a_file_blocks(state):
    database, folder = state
    shutil.rmtree(folder / "conformed" / "mediation")
    assert any(name.startswith("error:intake:") for name in blocked(judged(database, folder, "intake")))
