"""The protected export holds what pages need, in fixed columns and order, and nothing about a case."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from redress.base.settings import Settings
from redress.intake.quotes import mark
from redress.protect import export, tables
from redress.protect.tables import SCHEMAS, TABLES
from redress.warehouse.dbt import dbt_folder

WAREHOUSE = """
create schema figures; create schema marts; create schema staging; create schema reference;
create table figures.figures (
    authority varchar, reporting_year varchar, as_at date, figure_id varchar, measure varchar, breakdown varchar,
    period varchar, numerator double, denominator double, value double, unit varchar, rule varchar, status varchar
);
insert into figures.figures values
    ('b', '2023-24', '2024-05-31', 'b-2', 'new_complaints_change', '', '2023-24', 3, 4, -1, 'complaints', 'r', 'computed'),
    ('b', '2023-24', '2024-05-31', 'b-1', 'new_complaints', '', '2023-24', 3, null, 3, 'complaints', 'r', 'computed'),
    ('b', '2023-24', '2024-05-31', 'b-3', 'withdrawn', 'stage=1', '2023-24', null, null, null, 'complaints', 'r', 'suppressed');
create table figures.comparison (
    authority varchar, reporting_year varchar, position integer, section varchar, heading varchar, plain_words varchar,
    measure varchar, breakdown varchar, figure_id varchar, numerator double, denominator double, value double,
    unit varchar, rule varchar, status varchar, population varchar, caveats varchar, base_caveat varchar,
    missing_reason varchar
);
insert into figures.comparison values
    ('b', '2023-24', 2, 'S', 'Withdrawn', 'W', 'withdrawn', 'stage=1', 'b-3', 2, 9, 22, 'percent', 'r', 'computed', null,
     'Others differ.', 'Of fewer than 20.', null),
    ('b', '2023-24', 1, 'S', 'New', 'W', 'new_complaints', '', 'b-1', 3, null, 3, 'complaints', 'r', 'computed', null,
     null, null, null),
    ('b', '2023-24', 3, 'S', 'Compliments', 'W', 'compliments', '', null, null, null, null, null, null, 'not_available',
     null, null, null, 'There are none.');
create table reference.figure_catalogue (
    measure varchar, title varchar, plain_words varchar, unit varchar, family varchar, rule varchar, source varchar,
    sections varchar
);
insert into reference.figure_catalogue values
    ('new_complaints', 'New complaints', 'Complaints received.', 'complaints', 'f', 'r', 'law', 'received'),
    ('*_change', 'Change on the year before', 'This year less last.', '', 'f', 'difference', 'rule', 'earlier');
create table marts.dim_authority (
    authority varchar, name varchar, short_name varchar, is_synthetic boolean, case_data_from date
);
insert into marts.dim_authority values ('b', 'Borough of B', 'B', true, '2023-04-01');
create table marts.dim_report (
    authority varchar, reporting_year varchar, period_start date, period_end date, as_at date, title varchar
);
insert into marts.dim_report values ('b', '2023-24', '2023-04-01', '2024-03-31', '2024-05-31', 'Report of B');
create table marts.dim_service (
    authority varchar, service varchar, label varchar, level varchar, parent_service varchar, valid_from date,
    valid_to date, successor_service varchar, is_latest boolean, merged_service varchar
);
insert into marts.dim_service values
    ('b', 'not_known', 'Not known', 'not_known', null, null, null, null, true, 'not_known'),
    ('b', 'alpha', 'Alpha', 'team', null, null, null, null, true, 'alpha'),
    ('b', 'people', 'People', 'area', null, null, null, null, true, 'people'),
    ('b', 'families', 'Families', 'area', null, null, null, null, true, 'families'),
    ('b', 'zeta', 'Zeta', 'team', 'people', null, '2023-09-30', null, false, 'zeta'),
    ('b', 'zeta', 'Zeta', 'team', 'families', '2023-10-01', null, null, true, 'zeta');
create schema if not exists intermediate;
create table intermediate.int_service_in_tree (
    authority varchar, tree_from date, tree_to date, service varchar, label varchar, level varchar, parent_service varchar
);
insert into intermediate.int_service_in_tree
select 'b', tree_from, tree_to, service, label, level, case service when 'zeta' then parent end
from (values
    (date '1900-01-01', date '2023-09-30', 'people'), (date '2023-10-01', date '9999-12-31', 'families')
) as trees(tree_from, tree_to, parent)
cross join (select distinct service, label, level from marts.dim_service);
create table marts.dim_timescale (
    authority varchar, procedure varchar, stage integer, standard_working_days integer, extended_working_days integer,
    clock_start varchar, day_count varchar, valid_from date, valid_to date, next_valid_from date, source varchar
);
insert into marts.dim_timescale values
    ('b', 'corporate', 1, 10, 20, 'requested', 'count_start_day', '2010-04-01', null, '2023-10-01', 'old'),
    ('b', 'corporate', 1, 15, 25, 'requested', 'exclude_start_day', '2023-10-01', null, '2025-04-01', 'in force'),
    ('b', 'corporate', 1, 99, 99, 'requested', 'exclude_start_day', '2025-04-01', null, null, 'later');
create table staging.stg_config_published (
    authority varchar, reporting_year varchar, ref varchar, locator varchar, measure varchar, breakdown varchar,
    period varchar, unit varchar
);
insert into staging.stg_config_published values ('b', '2023-24', 'p-1', 'Table 1', 'complaints', '', '2023/24', 'count');
create table staging.stg_config_setting (authority varchar, setting varchar, value varchar);
create table staging.stg_config_grouping (
    authority varchar, attribute varchar, value varchar, grouping varchar, group_value varchar
);
insert into staging.stg_config_grouping values
    ('b', 'complainant_role', 'parent', 'kind', 'adult'), ('b', 'complainant_role', 'carer', 'kind', 'adult');
create table staging.stg_extract (
    extract_id varchar, authority varchar, source varchar, scope varchar, file_name varchar, received_at timestamp,
    rows_received integer, rows_conformed integer, rows_quarantined integer, status varchar,
    supersedes varchar
);
insert into staging.stg_extract values
    ('e1', 'b', 'cases', '', 'cases.csv', '2024-04-08 09:00', 10, 9, 1, 'loaded', null),
    ('e2', 'b', 'cases', '', 'cases again.csv', '2024-05-07 09:00', 10, 10, 0, 'loaded', 'e1'),
    ('e3', 'b', 'cases', '', 'too late.csv', '2024-06-07 09:00', 12, 12, 0, 'loaded', 'e2'),
    ('e4', 'b', 'issues', '', 'broken.csv', '2024-05-07 09:00', 0, 0, 0, 'rejected', null);
create table marts.fct_compliments (
    authority varchar, reporting_year varchar, compliment_id varchar, quote varchar, extract_id varchar, source_row integer
);
create table marts.fct_actions (
    authority varchar, reporting_year varchar, action_id varchar, agreed_year varchar, agreed_date date, last_year_open varchar,
    service varchar, category varchar, progress varchar, said varchar, agreed varchar, reason varchar, owner varchar,
    due_date date, done_date date, complaint_id varchar, extract_id varchar, source_row integer
);
create schema cases; create table cases.fct_complaints (complaint_id varchar);
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The installation of `installation`."""
    return installation(tmp_path)


def installation(tmp_path: Path) -> Settings:
    """An installation with one authority, a hand-made warehouse and check results."""
    made = Settings(build=tmp_path / "build", authorities=(tmp_path / "authorities",))
    made.state.mkdir(parents=True)
    with duckdb.connect(str(made.database)) as connection:
        connection.execute(WAREHOUSE)
    folder = tmp_path / "authorities" / "b"
    folder.mkdir(parents=True)
    (folder / "profile.yml").write_text(
        "authority: b\nname: B Council\ncase_data_from: 2023-04-01\n"
        "contact: {team: Complaints team, email: team@example.org}\nfeedback: Write to us.\n"
        "reports:\n  '2023-24': {as_at: 2024-05-31, published_on: 2024-06-28, next_release: June 2025}\n",
        encoding="utf-8",
    )
    (folder / "services.csv").write_text("service,label\nzeta,Zeta\nalpha,Alpha\n", encoding="utf-8")
    write_csv(
        made.build / "checks.csv",
        {
            "check_id": "c-1", "family": "parts_to_total", "authority": "b", "reporting_year": "2023-24", "statement": "S",
            "expected": "3", "found": "3", "verdict": "pass", "severity": "block", "owner": "team", "evidence": "cases.json",
        },
    )  # fmt: skip
    write_csv(
        made.build / "published_check.csv",
        {
            "ref": "p-1", "authority": "b", "reporting_year": "2023-24", "figure_id": "b-1", "published_value": "3",
            "computed_value": "3", "verdict": "reproduced", "reason": "", "evidence": "",
        },
    )  # fmt: skip
    return made


def write_csv(path: Path, row: dict[str, str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)


def read(folder: Path, name: str) -> list[dict]:
    with pa.OSFile(str(folder / f"{name}.arrow")) as file:
        return pa.ipc.open_stream(file).read_all().to_pylist()


def test_every_table_has_exactly_the_columns_of_its_schema(settings: Settings, tmp_path: Path) -> None:
    rows = export(settings, tmp_path / "out")
    assert (
        set(rows)
        == set(TABLES) | {"sign_offs", "revisions", "revised_words"}
        == set(SCHEMAS)
        == {path.stem for path in (tmp_path / "out").iterdir()}
    )
    for name, schema in SCHEMAS.items():
        with pa.OSFile(str(tmp_path / "out" / f"{name}.arrow")) as file:
            assert pa.ipc.open_stream(file).schema.equals(schema), name


def test_no_column_of_the_export_identifies_a_case(settings: Settings) -> None:
    words = (
        "complaint_id",
        "stage_id",
        "issue_id",
        "key",
        "child",
        "extract_id",
        "source_row",
        "quote",
        "sha256",
    )
    for name, schema in SCHEMAS.items():
        assert not [column for column in schema.names if any(word in column for word in words)], name


def test_the_rows_behind_a_check_stay_inside(settings: Settings, tmp_path: Path) -> None:
    export(settings, tmp_path / "out")
    assert "evidence" not in read(tmp_path / "out", "checks")[0]


def test_a_change_is_titled_after_its_measure(settings: Settings, tmp_path: Path) -> None:
    export(settings, tmp_path / "out")
    titles = {row["measure"]: row["title"] for row in read(tmp_path / "out", "figures")}
    assert titles == {
        "new_complaints": "New complaints",
        "new_complaints_change": "New complaints: change on the year before",
        "withdrawn": "withdrawn",
    }
    catalogue = {row["measure"]: row for row in read(tmp_path / "out", "figure_catalogue")}
    assert set(catalogue) == {"new_complaints", "new_complaints_change"}
    assert catalogue["new_complaints_change"]["rule"] == "difference"


def test_a_suppressed_figure_keeps_its_row_without_a_value(settings: Settings, tmp_path: Path) -> None:
    export(settings, tmp_path / "out")
    (row,) = [row for row in read(tmp_path / "out", "figures") if row["status"] == "suppressed"]
    assert row["value"] is None and row["numerator"] is None and row["figure_id"] == "b-3"


def test_what_is_worked_out_of_a_column_that_says_nothing_has_no_number(
    settings: Settings, tmp_path: Path
) -> None:
    """Neither a sum of money that nobody recorded, nor forms out of which none is ever known to come back."""
    with duckdb.connect(str(settings.database)) as connection:
        connection.execute(
            """
            create table staging.stg_remedy (authority varchar, amount_gbp double);
            create table staging.stg_learning (authority varchar, sent_date date, returned_date date);
            insert into staging.stg_remedy values ('b', null);
            insert into staging.stg_learning values ('b', '2023-05-01', null);
            insert into figures.figures
            select
                'b', '2023-24', '2024-05-31', 'b-' || measure, measure, '', '2023-24', value, null, value, 'x', 'r', 'computed'
            from (values ('remedies_gbp', 0), ('learning_forms_outstanding', 20), ('learning_forms_sent', 20))
                as counted (measure, value)
            """
        )
    export(settings, tmp_path / "out")
    rows = {row["measure"]: row for row in read(tmp_path / "out", "figures")}
    for measure in ("remedies_gbp", "learning_forms_outstanding"):
        assert (rows[measure]["status"], rows[measure]["value"], rows[measure]["numerator"]) == (
            "not_available",
            None,
            None,
        )
    assert (rows["learning_forms_sent"]["status"], rows["learning_forms_sent"]["value"]) == ("computed", 20)


def test_a_comparison_lets_out_no_number_that_figures_hold_back(settings: Settings, tmp_path: Path) -> None:
    export(settings, tmp_path / "out")
    shown, held_back, missing = read(tmp_path / "out", "comparison")
    assert (shown["heading"], shown["value"], shown["status"]) == ("New", 3, "computed")
    assert held_back["status"] == "suppressed" and held_back["caveats"] == "Others differ."
    for column in ("value", "numerator", "denominator", "base_caveat"):
        assert held_back[column] is None, column
    assert (missing["figure_id"], missing["status"], missing["missing_reason"]) == (
        None,
        "not_available",
        "There are none.",
    )


NASTY = """<script>alert(1)</script> {figures} [link](x) =cmd() "href="/x" \u202e"""


def test_only_quotes_that_passed_the_screen_leave_and_only_as_they_were_screened(
    settings: Settings, tmp_path: Path
) -> None:
    export(settings, tmp_path / "nothing screened")
    assert read(tmp_path / "nothing screened", "quotes") == []
    told = [
        ("b", "2023-24", "K1", "Thank you"),
        ("b", "2023-24", "K2", "thank you all"),
        ("b", "2023-24", "K3", " Thank\nyou "),
        ("b", "2023-24", "K4", "Changed since"),
        ("b", "2023-24", "K5", "Not screened"),
        ("b", "2023-24", "K6", NASTY),
        ("b", "2023-24", "K7", None),
        ("b", "2022-23", "K8", "Of a year without a report"),
    ]
    with duckdb.connect(str(settings.database)) as connection:
        for row, one in enumerate(told):
            connection.execute("insert into marts.fct_compliments values (?, ?, ?, ?, 'e1', ?)", [*one, row])
    marks = {row: mark(one[3]) for row, one in enumerate(told) if one[3] and one[2] != "K5"}
    marks[3] = mark("As it was")
    passed = {"extract_id": ["e1"] * len(marks), "source_row": list(marks), "mark": list(marks.values())}
    folder = settings.state / "conformed" / "quote_passed"
    folder.mkdir(parents=True)
    pq.write_table(pa.table(passed), folder / "b.parquet")
    export(settings, tmp_path / "out")
    rows = read(tmp_path / "out", "quotes")
    assert [row["words"] for row in rows] == [
        "<script>alert(1)</script> {figures} [link](x) =cmd() \u201chref=\u201d/x\u201d",
        "Thank you",
        "thank you all",
    ]
    assert [row["position"] for row in rows] == [1, 2, 3] and {row["reporting_year"] for row in rows} == {
        "2023-24"
    }


def test_words_of_actions_leave_one_by_one_where_they_passed_and_no_case_does(
    settings: Settings, tmp_path: Path
) -> None:
    rows = [
        ("A1", "2023-24", None, "Passed", "Refused"),
        ("A2", "2022-23", None, "Open when the year began", None),
        ("A3", "2022-23", "2023-24", "Ended in the year", None),
        ("A4", "2022-23", "2022-23", "Ended before it", None),
    ]
    with duckdb.connect(str(settings.database)) as connection:
        for place, (action, agreed_year, last_year, said, agreed) in enumerate(rows):
            connection.execute(
                "insert into marts.fct_actions by name select 'b' as authority, '2023-24' as reporting_year, $1 as action_id, "
                "$2 as agreed_year, $3 as last_year_open, 'zeta' as service, 'done' as progress, $4 as said, $5 as agreed, "
                "'C1' as complaint_id, 'e1' as extract_id, $6 as source_row, date '2023-09-30' as due_date",
                [action, agreed_year, last_year, said, agreed, place],
            )
    passed = {"extract_id": ["e1"] * 2, "source_row": [0, 2], "mark": [mark("Passed"), mark(rows[2][3])]}
    folder = settings.state / "conformed" / "quote_passed"
    folder.mkdir(parents=True)
    pq.write_table(pa.table(passed), folder / "b.parquet")
    export(settings, tmp_path / "out")
    told = read(tmp_path / "out", "actions")
    assert [(row["agreed_year"], row["said"], row["agreed"]) for row in told[:1]] == [
        ("2023-24", "Passed", None)
    ]
    assert sorted(str(row["said"]) for row in told[1:]) == ["Ended in the year", "None"]
    assert {row["due_date"] for row in told} == {"2023-09-30"}
    assert not [value for row in told for value in row.values() if value in ("C1", "A1", "Refused")]


def test_a_report_carries_the_lines_for_its_readers(settings: Settings, tmp_path: Path) -> None:
    export(settings, tmp_path / "out")
    (report,) = read(tmp_path / "out", "reports")
    assert report["is_synthetic"] is True
    assert report["contact"] == "Complaints team, team@example.org"
    assert (report["as_at"], report["published_on"], report["next_release"]) == (
        "2024-05-31",
        "2024-06-28",
        "June 2025",
    )


def test_only_files_known_at_the_moment_are_listed_and_the_newest_is_in_use(
    settings: Settings, tmp_path: Path
) -> None:
    export(settings, tmp_path / "out")
    files = {
        (row["source"], row["received_at"][:10]): row["is_superseded"]
        for row in read(tmp_path / "out", "extracts")
    }
    assert files == {
        ("cases", "2024-04-08"): True,
        ("cases", "2024-05-07"): False,
        ("issues", "2024-05-07"): False,
    }


def test_of_a_files_name_only_a_period_leaves(settings: Settings, tmp_path: Path) -> None:
    scopes = (
        "2023-24",
        "Q2 2023/24",
        "Apr 2023 to Sept 2023",
        "Amina Okafor",
        "2023 Okafor",
        "April Okafor",
        "Maya",
    )
    with duckdb.connect(str(settings.database)) as connection:
        connection.execute("delete from staging.stg_extract")
        for scope in scopes:
            connection.execute(
                "insert into staging.stg_extract values "
                "(?, 'b', 'cases', ?, 'Amina Okafor.csv', '2024-04-08 09:00', 10, 9, 1, 'loaded', null)",
                [scope, scope],
            )
    export(settings, tmp_path / "out")
    assert sorted(filter(None, (row["scope"] for row in read(tmp_path / "out", "extracts")))) == sorted(
        scopes[:3]
    )
    assert b"Okafor" not in (tmp_path / "out" / "extracts.arrow").read_bytes()


def test_limits_are_those_of_the_year_the_last_first(settings: Settings, tmp_path: Path) -> None:
    export(settings, tmp_path / "out")
    limits = read(tmp_path / "out", "timescales")
    assert [(row["source"], row["day_count"], row["in_force_until"]) for row in limits] == [
        ("in force", "exclude_start_day", None),
        ("old", "count_start_day", "2023-09-30"),
    ]


def test_services_stand_in_the_order_of_the_council(settings: Settings, tmp_path: Path) -> None:
    export(settings, tmp_path / "out")
    assert [row["service"] for row in read(tmp_path / "out", "services")] == [
        "zeta",
        "alpha",
        "families",
        "people",
        "not_known",
    ]


def test_what_a_service_was_part_of_is_said_in_the_year_in_which_that_changed(
    settings: Settings, tmp_path: Path
) -> None:
    export(settings, tmp_path / "out")
    rows = {row["service"]: row for row in read(tmp_path / "out", "services")}
    assert rows["zeta"]["parent_service"] == "families"  # on the last day of the year
    said = "Zeta was part of People until 30 September 2023 and has been part of Families since; what came before counts where it was then."
    assert {name: row["changes"] for name, row in rows.items()} == {
        **dict.fromkeys(("zeta", "people", "families"), said), "alpha": None, "not_known": None,
    }  # fmt: skip


def test_a_printed_number_says_where_it_was_printed(settings: Settings, tmp_path: Path) -> None:
    export(settings, tmp_path / "out")
    (row,) = read(tmp_path / "out", "published_check")
    assert (row["locator"], row["verdict"]) == ("Table 1", "reproduced")


def test_a_table_without_rows_is_written_with_its_columns(settings: Settings, tmp_path: Path) -> None:
    (settings.build / "checks.csv").unlink()
    assert export(settings, tmp_path / "out")["checks"] == 0
    assert read(tmp_path / "out", "checks") == []


def test_the_same_results_give_the_same_bytes(settings: Settings, tmp_path: Path) -> None:
    for place in ("one", "two"):
        export(settings, tmp_path / place)
    for name in SCHEMAS:
        one, two = ((tmp_path / place / f"{name}.arrow").read_bytes() for place in ("one", "two"))
        assert one == two, name


def test_streams_of_an_earlier_export_do_not_stay(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "cases.arrow").write_bytes(b"left over")
    export(settings, tmp_path / "out")
    assert not (tmp_path / "out" / "cases.arrow").exists()


def test_dates_and_times_leave_as_text(settings: Settings, tmp_path: Path) -> None:
    export(settings, tmp_path / "out")
    assert date.fromisoformat(read(tmp_path / "out", "reports")[0]["period_end"]) == date(2024, 3, 31)
    assert datetime.fromisoformat(read(tmp_path / "out", "extracts")[0]["received_at"]) == datetime(
        2024, 4, 8, 9
    )


def test_the_dictionary_is_the_contracts_of_marts_and_figures(tmp_path: Path) -> None:
    def node(name: str, layer: str, enforced: bool = True) -> dict:
        return {
            "resource_type": "model", "name": name, "fqn": ["redress", layer, name], "contract": {"enforced": enforced},
            "description": f"All  {name}.\nOne row per case.",
            "columns": {c: {"name": c, "data_type": "date", "description": f"The {c}."} for c in ("b", "a")},
        }  # fmt: skip

    settings = Settings(build=tmp_path, compiled=tmp_path / "compiled")
    of_measures = {row["model"]: row for row in tables.dictionary(None, settings).to_pylist()}
    assert {row["layer"] for row in of_measures.values()} == {"measures"}, "nothing was built"
    assert of_measures["new_complaints"]["model_says"] == "New complaints (complaints)"
    assert {"procedure", "service", "theme", "the council's own groupings"} <= set(
        of_measures["new_complaints"]["column_says"].split(", ")
    )
    manifest = dbt_folder(settings) / "target" / "manifest.json"
    manifest.parent.mkdir(parents=True)
    nodes = [
        node("stg_case", "staging"),
        node("fct_case", "marts"),
        node("figures", "figures"),
        node("draft", "marts", False),
    ]
    manifest.write_text(json.dumps({"nodes": {one["name"]: one for one in nodes}}), encoding="utf-8")
    rows = [row for row in tables.dictionary(None, settings).to_pylist() if row["layer"] != "measures"]
    assert [(row["layer"], row["model"], row["column_name"], row["position"]) for row in rows] == [
        ("figures", "figures", "b", 0),
        ("figures", "figures", "a", 1),
        ("marts", "fct_case", "b", 0),
        ("marts", "fct_case", "a", 1),
    ]
    assert rows[0]["model_says"] == "All figures. One row per case." and rows[0]["column_says"] == "The b."
