"""Stages in hand, a line for each case where an authority prints one, and findings by theme and by group."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.warehouse.warehouse_state import Warehouse, World, build_compiled

SECOND = "procedure=statutory;stage=2"


def case(number: int, second: dict | None = None, **complaint: str) -> tuple[dict, list[dict]]:
    """A complaint answered at stage 1 in May 2022 (or as given), and its stage 2."""
    name = f"C{number}"
    row = {"complaint_id": name, "received_date": "2022-05-03", "procedure": "statutory"} | complaint
    first = {
        "stage_id": f"{name}-1",
        "complaint_id": name,
        "procedure": "statutory",
        "stage": 1,
        "requested_date": row["received_date"],
        "responded_date": row["received_date"],
        "outcome": "upheld" if number % 2 else "not_upheld",
    }
    stages = [first]
    if second:
        stages.append(first | {"stage_id": f"{name}-2", "stage": 2, "outcome": None} | second)
    return row, stages


def a_world() -> World:
    """Two authorities with the same cases; only the first prints a line for each case."""
    made = [
        # Brought forward and ended in the year, over the jubilee of June 2022: 75 days, 76 with the first.
        case(
            1,
            {
                "requested_date": "2022-01-05",
                "statement_agreed_date": "2022-02-22",
                "responded_date": "2022-06-03",
                "closed_date": "2022-06-14",
                "complex": "yes",
                "cost_gbp": 2860.0,
                "investigator_kind": "external_independent",
            },
            received_date="2021-12-01",
            theme="Delay",
        ),
        # Begun in the year and ended after it: 52 days, 53 with the first.
        case(
            2,
            {
                "requested_date": "2022-11-21",
                "statement_agreed_date": "2023-01-12",
                "responded_date": "2023-03-03",
                "closed_date": "2023-03-27",
                "cost_gbp": 0.0,
                "investigator_kind": "internal_independent",
            },
            theme="Delay",
            complainant_role="advocate",
            advocate_kind="professional",
            complainant_id="p1",
        ),
        # Still open at the report.
        case(3, {"requested_date": "2023-03-01", "responded_date": None}, theme="Delay", complainant_id="p1"),
        # Asked for after the year: in hand in the next one.
        case(4, {"requested_date": "2023-04-03", "responded_date": None}, theme="Conduct"),
    ]
    world = World()
    for slug, is_listed in (("ashby", "yes"), ("barton", "no")):
        world.authority(slug)
        world.report(slug, "2022-23", "2023-09-30")
        world.configure("config_setting", {"authority": slug, "setting": "list_cases", "value": is_listed})
        world.configure(
            "config_timescale",
            {
                "authority": slug,
                "procedure": "statutory",
                "stage": 2,
                "standard_working_days": 25,
                "extended_working_days": 65,
                "clock_start": "statement_agreed",
                "clock_end": "closed_date",
                "day_count": "exclude_start_day",
                "source": "test",
            },
        )
        groups = {
            ("complainant_role", "advocate"): ("kind", "young"),
            ("theme", "Delay"): ("list", "Delay or conduct"),
            ("theme", "Conduct"): ("list", "Delay or conduct"),
        }
        for (attribute, value), (grouping, group) in groups.items():
            row = {"authority": slug, "attribute": attribute, "value": value}
            world.configure("config_grouping", {**row, "grouping": grouping, "group_value": group})
        world.extract(
            slug,
            {
                "complaint": [row for row, _ in made],
                "stage": [stage for _, stages in made for stage in stages],
                "ombudsman": [
                    {
                        "ombudsman_id": "O1",
                        "received_date": "2022-07-15",
                        "decided_date": "2022-08-19",
                        "decision": "declined",
                        "reason": "Outside jurisdiction",
                    }
                ],
                "activity": [
                    {
                        "period_start": "2022-04-01",
                        "period_end": "2023-03-31",
                        "measure": "in_need",
                        "breakdown": extra,
                        "value": value,
                    }
                    for extra, value in ((None, 80), ("ethnicity=White", 20))
                ],
            },
            received_at="2023-09-25T09:00:00",
        )
    return world


EXPECTED = [
    ("stages_in_hand", SECOND, 3),
    ("stages_in_hand", f"complex=yes;{SECOND}", 1),
    ("stages_in_hand", f"cost=none;investigator_kind=internal_independent;{SECOND}", 1),
    ("stages_in_hand_outside_extended", SECOND, 1),
    ("stages_in_hand_outside_standard", SECOND, 2),
    ("stages_in_hand_working_days_mean", SECOND, 63.5),
    ("stages_in_hand_cost_gbp", SECOND, 2860),
    ("entered", "procedure=statutory;stage=3", 0),
    ("stage_case_date", f"case=1;event=statement_agreed;{SECOND}", 20220222),
    ("stage_case_date", f"case=2;event=closed;{SECOND}", 20230327),
    ("stage_case_working_days", f"case=1;day_count=exclude_start_day;{SECOND}", 75),
    ("stage_case_working_days", f"case=1;day_count=count_start_day;{SECOND}", 76),
    ("stage_case_working_days", f"case=2;day_count=exclude_start_day;{SECOND}", 52),
    ("stage_case_working_days", f"case=2;day_count=count_start_day;{SECOND}", 53),
    ("stage_case_place", "case=3;procedure=statutory;service=not_known;stage=2", 3),
    ("ombudsman_case_date", "case=1;event=received", 20220715),
    ("ombudsman_received", "decision=declined;reason=Outside jurisdiction", 1),
    ("complaints_upheld_or_partly", "stage=1;theme=Delay", 1),
    ("complaints_upheld_or_partly_share", "stage=1;theme=Delay", 50),
    ("complaint_outcomes", "kind=young;outcome=not_upheld;stage=1", 1),
    ("new_complaints", "advocate_kind=professional;kind=young", 1),
    ("new_complaints", "kind=young;theme=Delay or conduct", 1),
    ("new_complaints_per_complainant", "complaints=2", 2),
    ("activity_share", "activity=in_need;ethnicity=White", 25),
    ("activity_share", "activity=in_need", 100),
]


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The figures of both authorities."""
    folder: Path = tmp_path_factory.mktemp("cases")
    return build_compiled(a_world(), folder, "+figures")


@pytest.mark.parametrize(("measure", "breakdown", "value"), EXPECTED)
def test_a_figure(figures: Warehouse, measure: str, breakdown: str, value: float) -> None:
    found = figures.rows(
        "select value from figures.figures where authority = 'ashby' and period = '2022-23'"
        f" and measure = '{measure}' and breakdown = '{breakdown}'"
    )
    assert found == [(value,)]


def test_a_case_is_a_line_only_where_the_authority_prints_one(figures: Warehouse) -> None:
    shown = "select authority, count(*) from figures.figures where measure like '%\\_case\\_%' escape '\\' group by all"
    assert [authority for authority, _ in figures.rows(shown)] == ["ashby"]


def test_an_open_case_has_no_days_and_no_closing(figures: Warehouse) -> None:
    shown = "select count(*) from figures.figures where breakdown like 'case=3;%' and measure like '%days'"
    assert figures.one(shown) == 0
    assert (
        figures.one("select count(*) from figures.figures where breakdown like 'case=3;event=closed;%'") == 0
    )
