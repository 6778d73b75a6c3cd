"""Reference seeds are what their sources say: the calendar is produced, the timescales are the law's."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import holidays

REFERENCE = Path(__file__).resolve().parents[2] / "seeds" / "reference"
FIRST_YEAR, LAST_YEAR = 2010, 2035


def bank_holiday_rows() -> list[dict[str, str]]:
    """Rows of bank_holidays.csv: England and Wales, substitute days and one-off holidays included.

    To extend the calendar, raise LAST_YEAR and the variable calendar_end of the dbt project, and write these rows.
    """
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    england = holidays.country_holidays("GB", subdiv="ENG", years=years, observed=True)
    return [
        {"division": "england-and-wales", "date": day.isoformat(), "name": name}
        for day, name in sorted(england.items())
    ]


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a reference seed."""
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_bank_holidays_are_those_of_the_library() -> None:
    assert rows("bank_holidays.csv") == bank_holiday_rows()


def test_wales_has_the_same_bank_holidays_as_england() -> None:
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    wales = holidays.country_holidays("GB", subdiv="WLS", years=years, observed=True)
    assert {day.isoformat() for day in wales} == {row["date"] for row in bank_holiday_rows()}


def test_one_off_and_moved_holidays_are_there() -> None:
    days = {date.fromisoformat(row["date"]) for row in rows("bank_holidays.csv")}
    there = {
        date(2011, 4, 29),  # royal wedding
        date(2012, 6, 4),  # spring bank holiday, moved for the Diamond Jubilee
        date(2012, 6, 5),
        date(2020, 5, 8),  # early May, moved to VE Day
        date(2021, 12, 28),  # substitute for Boxing Day
        date(2022, 6, 2),  # spring bank holiday, moved for the Platinum Jubilee
        date(2022, 6, 3),
        date(2022, 9, 19),  # state funeral
        date(2023, 5, 8),  # coronation
    }
    assert there <= days
    assert not {date(2012, 5, 28), date(2020, 5, 4), date(2022, 5, 30)} & days


def test_statutory_limits_are_those_of_the_regulations() -> None:
    limits = {
        int(row["stage"]): (row["standard_working_days"], row["extended_working_days"])
        for row in rows("statutory_timescales.csv")
        if row["procedure"] == "statutory"
    }
    assert limits == {1: ("10", "20"), 2: ("25", "65"), 3: ("50", "")}
    assert all("2006/1738" in row["source"] for row in rows("statutory_timescales.csv"))


def test_the_steps_of_stage_3_add_up_to_its_whole_limit() -> None:
    steps = {row["step"]: int(row["limit_working_days"]) for row in rows("panel_step_limits.csv")}
    assert steps == {"panel": 30, "findings": 5, "response": 15}
    assert sum(steps.values()) == 50
    assert all("2006/1738" in row["source"] for row in rows("panel_step_limits.csv"))
