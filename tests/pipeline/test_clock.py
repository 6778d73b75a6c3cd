"""A clock that is years wrong removes nothing, and dates no file."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from redress.base.errors import ConfigurationProblem
from redress.run import clock, commands, retention
from redress.run.context import Context, run_settings
from redress.run.stages import read_authorities

RULE = "retention: {case_data_years: 7}\n"
TODAY = date(2025, 3, 1)


@pytest.fixture
def council(small, monkeypatch):
    """The small installation with a retention rule, whose clock `set_clock` sets."""
    profile = small.drop_folder.parent / "profile.yml"
    profile.write_text(profile.read_text() + RULE)

    def set_clock(day: date) -> None:
        class Day(date):
            @classmethod
            def today(cls):
                return day

        class Moment(datetime):
            @classmethod
            def now(cls, tz=None):
                return datetime(day.year, day.month, day.day, 9)

        for module in ("redress.base.settings", "redress.run.clock"):
            monkeypatch.setattr(f"{module}.date", Day)
        monkeypatch.setattr("redress.run.commands.datetime", Moment)

    small.set_clock = set_clock
    set_clock(TODAY)
    return small


def is_doubted(council) -> bool:
    """Begin a run: return whether it warned of the clock. It has a report to count either way."""
    context = Context(run_settings(council.settings))
    assert read_authorities(context)["reports"] == 1
    return any("clock says" in warning and "--clock-is-right" in warning for warning in context.warnings)


@pytest.mark.parametrize("wrong", [TODAY + timedelta(days=4000), TODAY - timedelta(days=900)])
def test_a_wrong_clock_removes_nothing_however_many_runs_read_it(council, wrong, monkeypatch):
    asked = []
    apply = retention.apply
    monkeypatch.setattr(retention, "apply", lambda *given: asked.append(given[2]) or apply(*given))
    assert not is_doubted(council)
    council.set_clock(wrong)
    assert is_doubted(council)
    assert is_doubted(council)  # the run before did not attest the clock to this one
    council.set_clock(TODAY + timedelta(days=1))
    assert not is_doubted(council)
    assert asked == [TODAY, TODAY + timedelta(days=1)]


def test_a_clock_that_goes_on_is_believed_and_after_a_long_pause_once_a_person_says_so(council):
    day = TODAY
    for pause, is_long in ((0, False), (1, False), (100, False), (101, True)):
        day += timedelta(days=pause)
        council.set_clock(day)
        assert is_doubted(council) == is_long
    clock.believe(council.settings)
    assert not is_doubted(council)


def test_a_file_that_came_after_a_long_pause_attests_the_clock(council, monkeypatch):
    assert not is_doubted(council)
    later = TODAY + timedelta(days=400)
    rows = [{"received_at": datetime(2026, 3, 20)}, {"received_at": datetime(2099, 1, 1)}]  # a mistyped day
    monkeypatch.setattr(clock, "read_ledger", lambda settings: rows)
    assert clock.doubt(council.settings, later) == ""
    assert "2026-03-20" in clock.doubt(council.settings, later + timedelta(days=2000))


@pytest.mark.parametrize("content", [None, "no day"])
def test_where_no_day_is_kept_the_newest_release_tells(council, content):
    assert not is_doubted(council)
    kept = council.settings.state / "newest-run-day"
    kept.write_text(content) if content else kept.unlink()
    generations = council.settings.build / ".generations"
    generations.mkdir()
    (generations / "current").symlink_to("20250220T020000.000000Z")
    assert "2025-02-20" in clock.doubt(council.settings, TODAY + timedelta(days=4000))
    assert not clock.doubt(council.settings, TODAY)


def test_a_file_taken_in_by_hand_is_not_dated_by_a_clock_in_doubt(council, tmp_path):
    file = tmp_path / "late.csv"
    file.write_text("a\n")
    commands.receive_files(council.settings, "north-town", [file], datetime(2019, 5, 1))
    commands.receive_files(council.settings, "north-town", [file], None)
    for days in (-30, 4000):
        council.set_clock(TODAY + timedelta(days=days))
        with pytest.raises(ConfigurationProblem, match="clock says") as refused:
            commands.receive_files(council.settings, "north-town", [file], None)
        assert "--received" in refused.value.who
        commands.receive_files(council.settings, "north-town", [file], datetime(2025, 3, 2))
