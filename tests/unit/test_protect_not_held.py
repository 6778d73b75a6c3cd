"""What a council does not record is told apart from none and from protected."""

import duckdb
import pytest

from redress.base.settings import ROOT
from redress.contract.contract import load_contract
from redress.contract.figure_catalogue import tables_of
from redress.protect.not_held import DECLARED, NO_ROWS, rows

WAREHOUSE = """
create schema marts; create schema staging; create schema figures;
create table marts.dim_report (authority varchar, reporting_year varchar);
insert into marts.dim_report values ('a', '2022-23'), ('a', '2023-24'), ('b', '2023-24');
create table figures.figures (authority varchar, measure varchar, breakdown varchar, value double, status varchar default 'computed');
create table staging.stg_complaint
    (authority varchar, sex varchar, channel varchar, age_at_receipt integer, age_band varchar, complainant_key varchar);
insert into staging.stg_complaint values ('a', 'not_known', 'Email', null, null, null), ('b', 'female', null, 12, null, 'k');
create table staging.stg_compliment (authority varchar, source varchar);
insert into staging.stg_compliment values ('b', 'Parents');
create table staging.stg_mediation (authority varchar, accepted varchar);
"""


@pytest.fixture
def lacking():
    with duckdb.connect() as connection:
        connection.execute(WAREHOUSE)

        def of(authority: str, declared=(), figures=(), year="2023-24") -> dict[str, str]:
            for row in figures:
                connection.execute(
                    "insert into figures.figures (authority, measure, breakdown, value) values (?, ?, ?, ?)",
                    row,
                )
            found = rows(connection, load_contract(ROOT / "seeds" / "reference"), {authority: list(declared)})
            return {
                row["name"]: row["how"]
                for row in found
                if (row["authority"], row["reporting_year"]) == (authority, year)
            }

        yield of


def test_a_table_without_a_row_and_a_column_that_never_says_anything(lacking):
    assert lacking("a") == lacking("a", year="2022-23")
    found = lacking("a")
    assert {
        "compliments",
        "compliments_share",
        "mediation_offered",
        "key:sex",
        "key:age_band",
        "key:source",
    } <= found.keys()
    assert set(found.values()) == {NO_ROWS}
    assert not {"new_complaints", "key:channel", "contacts", "key:category"} & found.keys(), (
        "or nothing is known of it"
    )
    assert "repeat_complainants" in found and "repeat_complainants" not in lacking("b")
    assert {"mediation_accepted", "key:channel"} <= lacking("b").keys()
    assert not {"compliments", "key:sex", "key:age_band", "key:source"} & lacking("b").keys()


def test_what_the_profile_says_is_not_held(lacking):
    found = lacking("b", ["contact", "complaint.sex", "responses", "compliment.source", "activity.measure"])
    assert {name for name, how in found.items() if how == DECLARED} == {
        "contacts", "contacts_share", "key:sex", "responses", "key:source", "key:activity",
    }  # fmt: skip


def test_a_column_that_is_declared_stands_for_the_measures_that_need_it(lacking):
    found = lacking("b", ["remedy.amount_gbp"])
    assert {name for name, how in found.items() if how == DECLARED} >= {
        "remedies_gbp",
        "ombudsman_remedy_gbp",
    }
    assert "remedies" not in found


def test_what_has_figures_is_held(lacking):
    figures = [
        ("a", "compliments", "", 5),
        ("a", "new_complaints", "channel=Email;sex=female", 2),
        ("a", "new_complaints", "age_band=not_known", 2),
        ("a", "mediation_offered", "", 0),
        ("b", "mediation_offered", "", 3),
    ]
    found = lacking("a", ["compliment"], figures)
    assert "compliments" not in found and "key:sex" not in found
    assert {"compliments_share", "key:age_band", "mediation_offered"} <= found.keys()


def test_a_measure_of_a_column_that_says_nothing_is_not_available():
    table = "create table staging.stg_learning (authority varchar, sent_date date, returned_date date, category varchar)"
    with duckdb.connect() as connection:
        connection.execute(WAREHOUSE)
        connection.execute(table)
        connection.execute("insert into staging.stg_learning values ('a', '2023-05-01', null, 'Training')")
        connection.execute("insert into staging.stg_learning values ('b', '2023-05-01', '2023-06-01', null)")
        figures = "('a', 'learning_forms_outstanding', '', 20, 'computed'), ('a', 'learning_forms_returned', '', 3, 'prior')"
        connection.execute(f"insert into figures.figures values {figures}")
        found = rows(connection, load_contract(ROOT / "seeds" / "reference"), {})
    names = {authority: {row["name"] for row in found if row["authority"] == authority} for authority in "ab"}
    returned = {"learning_forms_returned_share", "learning_forms_outstanding"}
    assert returned <= names["a"] and not returned & names["b"]
    assert "learning_forms_returned" not in names["a"], "it was printed of an earlier year"
    assert "learning_categories" in names["a"] & names["b"]
    assert "learning_forms_sent" not in names["a"] | names["b"]


def test_times_and_what_is_overdue_need_their_dates():
    needs = tables_of()
    assert "action.due_date" in needs["actions_overdue"]
    assert all(
        "stage.responded_date" in needs[measure]
        for measure in (
            "working_days_mean",
            "calendar_days_mean",
            "responses_within_standard",
            "complaint_outcomes",
        )
    )


def test_what_a_measure_needs_is_in_the_contract():
    contract = load_contract(ROOT / "seeds" / "reference")
    known = {
        *contract.tables,
        *(f"{table.name}.{name}" for table in contract.tables.values() for name in table.fields),
    }
    assert {need for needs in tables_of().values() for need in needs} <= known
