"""Reports side by side: the same number as the figure, with what must be known to compare it fairly."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.warehouse.small_world import small_world
from tests.warehouse.warehouse_state import ROOT, Warehouse, build_compiled

REPORTS = [("ashby", "2022-23"), ("ashby", "2023-24"), ("marlow", "2023-24")]
STATUTORY, ALL, RATE, CHILDREN, IN_TIME, MEAN, MOVED, UPHELD, ISSUES, OMBUDSMAN, COMPLIMENTS = (
    1, 2, 3, 4, 6, 8, 10, 12, 13, 15, 16,
)  # fmt: skip


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The small world with a clock that changed between Ashby's reports, its own variants and two populations."""
    world = small_world()
    clock = {
        "authority": "ashby", "procedure": "statutory", "stage": 1, "standard_working_days": 10,
        "extended_working_days": 20, "clock_end": "responded_date", "source": "Ashby",
    }  # fmt: skip
    world.configure(
        "config_timescale",
        clock | {"clock_start": "requested", "day_count": "exclude_start_day", "valid_from": "2006-09-01"},
        clock | {"clock_start": "accepted", "day_count": "count_start_day", "valid_from": "2023-04-01"},
    )
    world.configure(
        "config_setting", {"authority": "ashby", "setting": "outcome_share_withdrawn", "value": "including"}
    )
    year = {"period_start": "2023-04-01", "period_end": "2024-03-31"}
    world.extract(
        "ashby",
        {"activity": [year | {"measure": "service_users", "service": "care", "value": 500.0}]},
        source="statistics",
    )
    world.extract(
        "marlow", {"activity": [year | {"measure": "referrals", "value": 50.0}]}, source="statistics"
    )
    folder: Path = tmp_path_factory.mktemp("comparison")
    return build_compiled(world, folder, "+comparison")


def rows(warehouse: Warehouse, columns: str, position: int) -> dict[tuple[str, str], list]:
    """Columns of one compared measure, by report."""
    found: dict[tuple[str, str], list] = {}
    for authority, year, *values in warehouse.rows(
        f"select authority, reporting_year, {columns} from figures.comparison where position = {position} order by all"
    ):
        found.setdefault((authority, year), []).append(values[0] if len(values) == 1 else tuple(values))
    return found


def test_every_report_has_every_compared_measure_with_a_number_or_a_reason(compared: Warehouse) -> None:
    with (ROOT / "seeds/reference/comparison_measures.csv").open(encoding="utf-8", newline="") as file:
        positions = {int(row["position"]) for row in csv.DictReader(file)}
    there = compared.rows(
        "select authority, reporting_year, list(distinct position) from figures.comparison group by all order by 1, 2"
    )
    assert [(authority, year) for authority, year, _ in there] == REPORTS
    assert all(set(found) == positions for _, _, found in there)
    assert (
        compared.one(
            "select count(*) from figures.comparison where (value is null) = (missing_reason is null)"
        )
        == 0
    )


def test_a_compared_number_is_its_figure(compared: Warehouse) -> None:
    different = compared.rows(
        "select c.figure_id from figures.comparison as c left join figures.figures as f using (figure_id)"
        " where c.figure_id is not null and (c.value, c.numerator, c.denominator, c.unit, c.measure, c.breakdown)"
        " is distinct from (f.value, f.numerator, f.denominator, f.unit, f.measure, f.breakdown)"
    )
    assert different == []
    assert rows(compared, "value", STATUTORY)[("ashby", "2023-24")] == [2]


def test_a_number_that_is_missing_says_whether_it_was_recorded(compared: Warehouse) -> None:
    assert rows(compared, "missing_reason", COMPLIMENTS)[("marlow", "2023-24")] == [
        "The data of this report hold no compliments."
    ]
    assert rows(compared, "missing_reason", OMBUDSMAN)[("ashby", "2023-24")] == [
        "The Ombudsman decided no case of this council after an investigation in the year."
    ]
    assert rows(compared, "missing_reason", CHILDREN)[("marlow", "2023-24")] == [
        "The data of this report do not say who complained."
    ]


def test_years_that_differ_are_said(compared: Warehouse) -> None:
    words = rows(compared, "caveats", STATUTORY)
    assert words[("ashby", "2022-23")] == ["For 2022/23; not every report here is for that year."]
    assert words[("marlow", "2023-24")] == [None], "no statutory complaint to compare"


def test_what_a_report_covers_stands_beside_its_total(compared: Warehouse) -> None:
    words = rows(compared, "caveats", ALL)
    assert "This report holds statutory complaints only. Other reports here" in words[("ashby", "2023-24")][0]
    assert (
        "This report holds corporate complaints only. Other reports here" in words[("marlow", "2023-24")][0]
    )


def test_each_time_says_how_its_clock_runs_and_that_others_differ(compared: Warehouse) -> None:
    for position in (IN_TIME, MEAN):
        words = rows(compared, "caveats", position)
        before, after = words[("ashby", "2022-23")][0], words[("ashby", "2023-24")][0]
        assert "Counted from the day the complaint was received to the day of the answer" in before
        assert "the next working day is day 1. Limits: 10 and 20 working days." in before
        assert "Counted from the day the complaint was accepted" in after and "that day is day 1" in after
        assert all("Not every council here counts days this way." in text for text in (before, after))
    assert rows(compared, "base_caveat", MEAN)[("ashby", "2023-24")][0].startswith(
        "Over fewer than 20 answers"
    )


def test_variants_and_follow_up_are_said(compared: Warehouse) -> None:
    assert "Withdrawn issues are counted in" in rows(compared, "caveats", ISSUES)[("ashby", "2023-24")][0]
    assert "Followed for 61 days" in rows(compared, "caveats", MOVED)[("ashby", "2023-24")][0]


def test_a_rate_names_the_widest_population_and_is_not_compared_with_another(compared: Warehouse) -> None:
    rates = rows(compared, "breakdown, population, value, caveats", RATE)
    ((breakdown, population, value, words),) = rates[("ashby", "2023-24")]
    assert (breakdown, population, value) == (
        "activity=service_users;service=care",
        "service users of Social Care",
        2,
    )
    assert "Others here are for every 1,000 of another population." in words
    assert [rate[:3] for rate in rates[("marlow", "2023-24")]] == [("activity=referrals", "referrals", 20)]
    assert rows(compared, "missing_reason", RATE)[("ashby", "2022-23")] == [
        "The council gave no number of people or of work for the year."
    ]


def test_every_column_of_the_comparison_is_described(compared: Warehouse) -> None:
    manifest = json.loads((compared.target / "manifest.json").read_text(encoding="utf-8"))
    for key in ("model.redress.comparison", "seed.redress.comparison_measures"):
        node = manifest["nodes"][key]
        built = {
            column
            for (column,) in compared.rows(
                f"select column_name from duckdb_columns() where table_name = '{node['name']}'"
            )
        }
        assert built == {name for name, column in node["columns"].items() if column["description"].strip()}, (
            key
        )
