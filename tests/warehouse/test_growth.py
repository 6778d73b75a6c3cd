"""A council changes, and its earlier years stay as they were.

Every change is one dated row in the council's folder. Each is tried on the same cases: the figures of the report of
2023-24, whole, are the same with and without the row, and the report of 2024-25 counts by the new one from its day on.
All variants are councils of one build.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from redress.authority.limits import GROUPED_ATTRIBUTES
from tests.warehouse.warehouse_state import ROOT, Warehouse, World, build_compiled

OLD, NEW = "2023-24", "2024-25"
CHANGE = "2024-10-01"
"""The day of every change, in the middle of the new year."""
LAST_DAY = "2024-09-30"

SERVICES = [
    {"service": "care", "level": "service_area"},
    {"service": "East", "level": "team", "parent_service": "care"},
    {"service": "West", "level": "team", "parent_service": "care"},
    {"service": "Court", "level": "team", "parent_service": "care"},
]
BANDS = [
    {"procedure": p, "stage": 1, "band": b, "from_days": f, "to_days": t}
    for p in ("statutory", "corporate")
    for b, f, t in (("0-10", 0, 10), ("11+", 11, None))
]
GROUPINGS = [
    {"attribute": "complainant_role", "value": role, "grouping": "kind", "group_value": kind}
    for role, kind in (("parent", "adult"), ("advocate", "adult"), ("child_or_young_person", "child"))
]
TIMESCALES = [
    {
        "procedure": "corporate",
        "stage": 1,
        "standard_working_days": 10,
        "extended_working_days": 20,
        "clock_start": "requested",
        "clock_end": "responded_date",
        "day_count": "exclude_start_day",
    }
]
CATEGORIES = [{"service": "East", "category": "Delay"}, {"service": "Court", "category": "Conduct"}]

Configuration = dict[str, list[dict[str, Any]]]


def ended(rows: list[dict], **where: object) -> list[dict]:
    """The rows, those that match ending on the last day before the change."""
    return [row | {"valid_to": LAST_DAY} if where.items() <= row.items() else row for row in rows]


def as_before(config: Configuration) -> None:
    """Nothing changes."""


def teams_merge(config: Configuration) -> None:
    """East and West become one team."""
    services = [
        row | {"valid_to": LAST_DAY, "successor_service": "Locality"}
        if row["service"] in ("East", "West")
        else row
        for row in config["config_service"]
    ]
    new = {"service": "Locality", "level": "team", "parent_service": "care", "valid_from": CHANGE}
    config["config_service"] = [*services, new]


def a_team_is_taken_in(config: Configuration) -> None:
    """The Court team becomes part of the service area above it."""
    config["config_service"] = [
        row | {"valid_to": LAST_DAY, "successor_service": "care"} if row["service"] == "Court" else row
        for row in config["config_service"]
    ]


def a_team_splits(config: Configuration) -> None:
    """Court becomes two teams, in a new kind of unit below it."""
    halves = [
        {"service": name, "level": "hub", "parent_service": "Court", "valid_from": CHANGE}
        for name in ("Court North", "Court South")
    ]
    config["config_service"] = [*config["config_service"], *halves]


def a_team_moves(config: Configuration) -> None:
    """Court keeps its name and is moved to a new part of the council."""
    moved = {"service": "Court", "level": "team", "parent_service": "justice", "valid_from": CHANGE}
    new = {"service": "justice", "level": "service_area", "valid_from": CHANGE}
    config["config_service"] = [*ended(config["config_service"], service="Court"), moved, new]


def bands_change(config: Configuration) -> None:
    """Times are printed in other bands."""
    new = [
        {"procedure": p, "stage": 1, "band": b, "from_days": f, "to_days": t, "valid_from": CHANGE}
        for p in ("statutory", "corporate")
        for b, f, t in (("0-5", 0, 5), ("6+", 6, None))
    ]
    config["config_time_band"] = [*(row | {"valid_to": LAST_DAY} for row in config["config_time_band"]), *new]


def groupings_change(config: Configuration) -> None:
    """Advocates are counted with the young people whom they speak for."""
    config["config_grouping"] = [
        *ended(config["config_grouping"], value="advocate"),
        {
            "attribute": "complainant_role",
            "value": "advocate",
            "grouping": "kind",
            "group_value": "child",
            "valid_from": CHANGE,
        },
    ]


def limits_change(config: Configuration) -> None:
    """A new policy: 20 working days and no extension."""
    new = TIMESCALES[0] | {"standard_working_days": 20, "extended_working_days": None, "valid_from": CHANGE}
    config["config_timescale"] = [*(row | {"valid_to": LAST_DAY} for row in config["config_timescale"]), new]


def the_law_is_tightened(config: Configuration) -> None:
    """The council promises 5 working days where the law gives 10, and then 7; until then the law's limit holds."""
    promise = TIMESCALES[0] | {"procedure": "statutory", "standard_working_days": 5, "valid_from": CHANGE}
    later = promise | {"standard_working_days": 7, "valid_from": "2025-01-01"}
    config["config_timescale"] = [*config["config_timescale"], promise, later]


def categories_change(config: Configuration) -> None:
    """A category ends and another begins."""
    config["config_category"] = [
        *ended(config["config_category"], category="Conduct"),
        {"service": "Court", "category": "Manners", "valid_from": CHANGE},
    ]


CHANGES: list[Callable[[Configuration], None]] = [
    as_before,
    teams_merge,
    a_team_is_taken_in,
    a_team_splits,
    a_team_moves,
    bands_change,
    groupings_change,
    limits_change,
    the_law_is_tightened,
    categories_change,
]


def cases() -> dict[str, list[dict[str, Any]]]:
    """Complaints of two years, with what the changes touch: teams, times, roles and points."""
    chance = random.Random(5)
    tables: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("complaint", "complaint_service", "stage", "issue")
    }
    for number in range(120):
        day = date(2023, 4, 3) + timedelta(number * 6)
        key = f"C{number:03}"
        procedure = ("statutory", "corporate")[number % 2]
        answered = min(day + timedelta(chance.randint(1, 40)), date(2025, 5, 1))
        role = chance.choice(["parent", "advocate", "child_or_young_person"])
        # the old teams' names stay on old cases, the new ones stand on new ones, as in any system
        teams = chance.sample(["East", "West", "Court"], chance.choice([1, 1, 2]))
        tables["complaint"].append(
            {"complaint_id": key, "received_date": str(day), "procedure": procedure, "complainant_role": role}
        )
        tables["complaint_service"] += [{"complaint_id": key, "service": team} for team in teams]
        tables["stage"].append(
            {
                "stage_id": f"{key}-1",
                "complaint_id": key,
                "procedure": procedure,
                "stage": 1,
                "requested_date": str(day),
                "responded_date": str(answered),
                "outcome": chance.choice(["upheld", "not_upheld"]),
                "service": teams[0],
            }
        )
        tables["issue"].append(
            {
                "issue_id": f"{key}-A",
                "complaint_id": key,
                "raised_date": str(day),
                "service": teams[0],
                "category": {"East": "Delay", "Court": "Conduct"}.get(teams[0], "Other"),
            }
        )
    return tables


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """One council for each change, all with the same cases."""
    world = World()
    received = cases()
    for change in CHANGES:
        name = change.__name__
        config: Configuration = {
            "config_service": list(SERVICES),
            "config_time_band": list(BANDS),
            "config_grouping": list(GROUPINGS),
            "config_timescale": list(TIMESCALES),
            "config_category": list(CATEGORIES),
        }
        change(config)
        world.authority(name, case_data_from="2023-04-01")
        world.report(name, OLD, as_at="2025-05-31")
        world.report(name, NEW, as_at="2025-05-31")
        for table, rows in config.items():
            world.configure(table, *({"authority": name} | row for row in rows))
        world.extract(name, received, received_at="2025-05-02T09:00:00")
    folder: Path = tmp_path_factory.mktemp("growth")
    return build_compiled(world, folder, "+figures")


def report(figures: Warehouse, council: Callable, year: str) -> dict[tuple[str, str, str], tuple]:
    """(measure, breakdown, period) -> the rest of the figure."""
    rows = figures.rows(
        "select measure, breakdown, period, numerator, denominator, value, unit, rule, status, as_at"
        f" from figures.figures where authority = '{council.__name__}' and reporting_year = '{year}'"
    )
    return {row[:3]: row[3:] for row in rows}


@pytest.mark.parametrize("change", CHANGES[1:], ids=lambda change: change.__name__)
def test_an_old_year_computes_as_it_did(figures: Warehouse, change: Callable) -> None:
    before, after = report(figures, as_before, OLD), report(figures, change, OLD)
    assert len(before) > 1000
    assert after == before


@pytest.mark.parametrize("change", CHANGES[1:], ids=lambda change: change.__name__)
def test_the_new_year_counts_by_the_new_row(figures: Warehouse, change: Callable) -> None:
    assert report(figures, change, NEW) != report(figures, as_before, NEW)


def value(
    figures: Warehouse, council: Callable, measure: str, breakdown: str, period: str, year: str = NEW
) -> Any:
    found = report(figures, council, year).get((measure, breakdown, period))
    return found and found[2]


def test_merged_teams_are_compared_as_one_with_each_case_once(figures: Warehouse) -> None:
    received = cases()
    day = {row["complaint_id"]: row["received_date"] for row in received["complaint"]}
    for period, first, last in ((NEW, "2024-04-01", "2025-03-31"), (OLD, "2023-04-01", "2024-03-31")):
        either = {
            row["complaint_id"]
            for row in received["complaint_service"]
            if row["service"] in ("East", "West") and first <= day[row["complaint_id"]] <= last
        }
        points = sum(
            row["service"] in ("East", "West") and first <= row["raised_date"] <= last
            for row in received["issue"]
        )
        merged = "service_merged=Locality"
        assert value(figures, teams_merge, "new_complaints", merged, period) == len(either) > 10
        assert value(figures, teams_merge, "issues_raised", merged, period) == points > 10
        by_procedure = [
            value(figures, teams_merge, "new_complaints", f"procedure={p};{merged}", period)
            for p in ("statutory", "corporate")
        ]
        assert sum(by_procedure) == len(either)


def test_the_report_before_the_merger_does_not_know_of_it(figures: Warehouse) -> None:
    assert not [key for key in report(figures, teams_merge, OLD) if "service_merged" in key[1]]


def test_what_is_taken_in_by_what_stands_above_it_is_not_counted_twice(figures: Warehouse) -> None:
    whole = value(figures, a_team_is_taken_in, "issues_raised", "service=care", NEW)
    assert value(figures, a_team_is_taken_in, "issues_raised", "service_merged=care", NEW) == whole > 10


def test_a_new_kind_of_unit_is_no_part_of_an_earlier_report(figures: Warehouse) -> None:
    assert ("new_complaints_part_sum", "by=hub", OLD) not in report(figures, a_team_splits, OLD)
    assert ("new_complaints_part_sum", "by=hub", NEW) in report(figures, a_team_splits, NEW)
    assert value(figures, a_team_splits, "new_complaints", "service=Court North", NEW) == 0


def test_a_case_counts_where_its_team_was_on_its_own_day(figures: Warehouse) -> None:
    received = cases()
    day = {row["complaint_id"]: row["received_date"] for row in received["complaint"]}
    points = [row for row in received["issue"] if "2024-04-01" <= row["raised_date"] <= "2025-03-31"]
    court = {
        row["complaint_id"]
        for row in received["complaint_service"]
        if row["service"] == "Court" and "2024-04-01" <= day[row["complaint_id"]] <= "2025-03-31"
    }
    later = {complaint for complaint in court if day[complaint] >= CHANGE}
    assert 0 < len(later) < len(court)
    counted = {
        (measure, service): value(figures, a_team_moves, measure, f"service={service}", NEW)
        for measure in ("new_complaints", "issues_raised")
        for service in ("Court", "justice", "care")
    }
    assert counted["new_complaints", "Court"] == len(court)  # whole, through the year
    assert counted["new_complaints", "justice"] == len(later)
    raised_later = sum(row["service"] == "Court" and row["raised_date"] >= CHANGE for row in points)
    assert counted["issues_raised", "justice"] == raised_later > 0
    assert counted["issues_raised", "care"] == len(points) - raised_later


def test_a_band_is_the_one_in_force_on_the_day_of_the_answer(figures: Warehouse) -> None:
    answers = [row["responded_date"] for row in cases()["stage"] if row["procedure"] == "statutory"]
    for bands, first, last in (
        (("0-10", "11+"), "2024-04-01", LAST_DAY),
        (("0-5", "6+"), CHANGE, "2025-03-31"),
    ):
        counted = [
            value(figures, bands_change, "responses_in_band", f"band={b};procedure=statutory;stage=1", NEW)
            for b in bands
        ]
        assert sum(counted) == sum(first <= day <= last for day in answers) > 5


def test_a_grouping_is_the_one_in_force_on_the_day_of_receipt(figures: Warehouse) -> None:
    children = sum(
        "2024-04-01" <= row["received_date"] <= "2025-03-31"
        and (
            row["complainant_role"] == "child_or_young_person"
            or (row["complainant_role"] == "advocate" and row["received_date"] >= CHANGE)
        )
        for row in cases()["complaint"]
    )
    assert value(figures, groupings_change, "new_complaints", "kind=child", NEW) == children > 5


def test_until_a_councils_own_row_begins_the_laws_limit_holds(figures: Warehouse) -> None:
    rows = figures.rows(
        "select clock_start_date, standard_limit from marts.fct_stages"
        " where authority = 'the_law_is_tightened' and reporting_year = '2024-25' and procedure = 'statutory'"
    )
    assert {limit for day, limit in rows if str(day) < CHANGE} == {10}
    assert {limit for day, limit in rows if CHANGE <= str(day) < "2025-01-01"} == {5}
    assert {limit for day, limit in rows if str(day) >= "2025-01-01"} == {7}


def test_every_attribute_that_may_be_regrouped_is() -> None:
    model = (ROOT / "dbt_project/models/intermediate/int_complaint_grouping.sql").read_text(encoding="utf-8")
    listed = re.search(r"for attribute in \[([^\]]*)\]", model)
    assert listed
    # themes are regrouped where they are counted: a complaint may have several
    assert {*re.findall(r"'(\w+)'", listed[1]), "theme"} == set(GROUPED_ATTRIBUTES)
