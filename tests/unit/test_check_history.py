"""The history of checks: since when a check fails, through failed nights, reruns and lost files."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from redress.base.settings import Settings
from redress.reconcile import history

ACCEPTED = {"by": "Head of service", "reason": "Two teams merged", "until": "2024-12-31"}


def check(verdict="pass", name="parts:a", **more) -> dict:
    """A record of one check of a report."""
    return {
        "check_id": name,
        "family": "parts_to_total",
        "authority": "ashby",
        "reporting_year": "2023-24",
        "verdict": verdict,
        "severity": "block",
        "expected": "8",
        "found": "8" if verdict == "pass" else "7",
        **more,
    }


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(build=tmp_path)


def night(settings, day, *records, hour=2) -> dict:
    """What is remembered of `parts:a` after a run in the small hours of a day of June 2024."""
    moment = datetime(2024, 6, day, hour, 30, tzinfo=UTC)
    assert history.record(settings, records, moment) == []
    history.write(settings, records)
    return history.remembered(settings)[0][("ashby", "2023-24", "parts:a")]


def test_a_check_that_fails_remembers_when_it_began_and_when_it_last_held(settings):
    night(settings, 1, check())
    night(settings, 2, check("fail"))
    row = night(settings, 3, check("fail"))
    assert row["first_failed_at"] == "2024-06-02T02:30:00+00:00"
    assert row["last_failed_at"] == "2024-06-03T02:30:00+00:00"
    assert row["last_passed_at"] == "2024-06-01T02:30:00+00:00"
    assert row["runs_failing"] == "2"
    assert history.since(row) == "Failing since 2 June 2024, 2 runs; last passed 1 June 2024."


def test_a_check_that_holds_again_has_failed_once_upon_a_time(settings):
    night(settings, 1, check("fail"))
    row = night(settings, 2, check())
    assert (row["first_failed_at"], row["runs_failing"]) == ("", "0")
    assert row["last_failed_at"] == "2024-06-01T02:30:00+00:00"
    assert history.since(row) == ""
    row = night(settings, 3, check("error"))
    assert row["first_failed_at"] == "2024-06-03T02:30:00+00:00", "another failing, counted anew"


def test_a_check_that_never_held_says_so(settings):
    assert "never seen to pass" in history.since(night(settings, 1, check("fail")))


def test_the_same_run_told_twice_changes_no_byte(settings):
    night(settings, 1, check("fail"))
    files = [settings.state / history.FILE, settings.build / history.FILE]
    before = [path.read_bytes() for path in files]
    night(settings, 1, check("fail"), hour=9)
    assert [path.read_bytes() for path in files] == before


def test_other_numbers_on_the_same_day_are_another_run(settings):
    night(settings, 1, check("fail"))
    assert night(settings, 1, check("fail", found="6"), hour=9)["runs_failing"] == "2"


def test_an_acceptance_remembers_since_when_and_ends_with_it(settings):
    night(settings, 1, check("fail"))
    night(settings, 2, check("fail", severity="warn", accepted=ACCEPTED))
    row = night(settings, 3, check("fail", severity="warn", accepted=ACCEPTED))
    assert row["accepted_since"] == "2024-06-02T02:30:00+00:00"
    assert (row["accepted_until"], row["accepted_by"]) == ("2024-12-31", "Head of service")
    assert history.since(row).endswith("; accepted until 31 December 2024.")
    row = night(settings, 4, check("fail"))
    assert (row["accepted_since"], row["accepted_until"]) == ("", "")
    assert row["first_failed_at"] == "2024-06-01T02:30:00+00:00", "it went on failing while it was accepted"


def test_a_run_of_other_reports_leaves_a_report_as_it_is(settings):
    night(settings, 1, check("fail"))
    row = night(settings, 2, check(authority="oakham"))
    assert row["runs_failing"] == "1"


def test_a_failing_check_that_is_not_made_any_more_fails_no_more(settings):
    night(settings, 1, check("fail"), check(name="parts:b"))
    row = night(settings, 2, check(name="parts:b"))
    assert (row["verdict"], row["first_failed_at"], row["runs_failing"]) == (history.GONE, "", "0")


def test_tests_of_the_warehouse_do_not_end_what_the_checks_found(settings):
    night(settings, 1, check("fail", authority="", reporting_year=""), check("fail"))
    history.record(
        settings, [check("fail", "warehouse.t", family="warehouse", authority="", reporting_year="")]
    )
    known, _ = history.remembered(settings)
    assert known[("", "", "parts:a")]["runs_failing"] == "1"


def test_the_copy_for_people_has_the_checks_of_the_newest_run_in_their_order(settings):
    night(settings, 1, check(), check(name="parts:b"))
    night(settings, 2, check(name="parts:c"), check("fail"))
    assert [key[2] for key in history.rows(settings)] == ["parts:c", "parts:a"]


def test_a_memory_that_is_gone_is_said_and_begun_again_from_the_copy(settings):
    night(settings, 1, check("fail"))
    (settings.state / history.FILE).unlink()
    records = [check("fail")]
    [message] = history.record(settings, records, datetime(2024, 6, 2, tzinfo=UTC))
    assert "There is no history of checks" in message and "was taken over" in message
    known, _ = history.remembered(settings)
    assert known[history.key_of(records[0])]["runs_failing"] == "2"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b"\x00\xff\xfe not a table"),
        lambda path: path.write_text("a,b\n1,2\n"),
        lambda path: path.write_text(path.read_text()[:-30]),
        lambda path: path.write_text(path.read_text().replace("2024-06-01T", "yesterday ")),
        lambda path: path.write_text(""),
    ],
    ids=["not text", "other columns", "cut short", "no date", "empty"],
)
def test_a_memory_that_cannot_be_read_is_set_aside_and_said(settings, spoil):
    night(settings, 1, check("fail"))
    path = settings.state / history.FILE
    spoil(path)
    spoiled = path.read_bytes()
    (settings.build / history.FILE).unlink()
    [message] = history.record(settings, [check("fail")], datetime(2024, 6, 5, tzinfo=UTC))
    aside = path.with_name("check_history.csv.unreadable")
    assert "could not be read" in message and str(aside) in message and "begins again" in message
    assert aside.read_bytes() == spoiled
    known, later = history.remembered(settings)
    assert later == [] and known[("ashby", "2023-24", "parts:a")]["first_failed_at"].startswith("2024-06-05")


def test_a_first_run_says_nothing_of_a_lost_memory(settings):
    assert history.record(settings, [check()]) == []
