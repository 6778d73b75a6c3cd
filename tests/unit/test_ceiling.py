"""Nothing is published of a council of which too many records are set aside."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from intake_world import World, complaint, complaints

from redress.base.errors import GateFailed
from redress.intake.ceiling import over_the_ceiling
from redress.intake.ledger import read_ledger
from redress.run.context import run_settings
from redress.run.stages import _refuse_what_is_mostly_set_aside

MAPPING = """
version: 1
sources:
  - id: cases
    files: "*.csv"
    scope: "(\\\\d)"
    {more}
    tables:
      - table: complaint
        columns: {{complaint_id: complaint_id, received_date: received_date, procedure: procedure, channel: channel}}
"""
TODAY = date(2026, 11, 30)


def of(tmp_path, bad: int, good: int, more: str = "", files: int = 1, **faults: str) -> list[str]:
    world = World(tmp_path).configure(MAPPING.format(more=more))
    for number in range(files):
        rows = [complaint(number * 1000 + n, **(faults or {"channel": "Pigeon"})) for n in range(bad)]
        rows += [complaint(number * 1000 + 500 + n) for n in range(good)]
        world.receive({f"cases {number}.csv": complaints(*rows)})
    authority = world.authority()
    told = over_the_ceiling(authority, read_ledger(world.settings), world.settings, TODAY)
    context = SimpleNamespace(settings=run_settings(world.settings))
    if told and "until" not in more:
        with pytest.raises(GateFailed) as refused:
            _refuse_what_is_mostly_set_aside(context, read_ledger(world.settings), [authority])
        assert refused.value.details == told
    return told


@pytest.mark.parametrize(
    ("bad", "good", "is_over"), [(0, 3, False), (2, 8, False), (3, 7, True), (5, 95, False), (6, 94, True)]
)
def test_more_than_one_in_twenty_is_too_many(tmp_path, bad, good, is_over):
    told = of(tmp_path, bad, good)
    assert bool(told) is is_over
    if told:
        share = f"{bad} of {bad + good} records ({100 * bad // (bad + good)}%)"
        assert told == [f"smallham: cases: {share} are set aside, and at most 5% may be: unknown_word {bad}"]


def test_the_files_of_a_source_are_counted_together(tmp_path):
    assert "4 of 40 records (10%)" in of(tmp_path, 2, 18, files=2)[0]


def test_a_file_that_is_replaced_does_not_count(tmp_path):
    world = World(tmp_path).configure(MAPPING.format(more=""))
    bad = [complaint(n, channel="Pigeon") for n in range(5)]
    good = [complaint(500 + n) for n in range(5)]
    world.receive({"cases 1.csv": complaints(*bad, *good)})
    world.receive({"cases 1.csv": complaints(*good)}, on="2024-05-07")
    assert over_the_ceiling(world.authority(), read_ledger(world.settings), world.settings, TODAY) == []


def test_what_is_counted_elsewhere_is_not_lost(tmp_path):
    assert (
        of(tmp_path / "twice", 8, 4, complaint_id="C1", complainant_id="P1") == []
    )  # the same record eight times: seven are copies
    assert of(tmp_path / "ruled", 8, 4, "leave_out: {column: channel, equals: Pigeon}") == []


def ceiling(percent: object, until: date) -> str:
    return f"set_aside: {{up_to: {percent}, because: The old system has no channel, until: {until}}}"


def test_a_source_may_have_another_share_for_a_while(tmp_path):
    assert of(tmp_path / "a", 4, 16, ceiling(20, TODAY)) == []
    assert "at most 20% may be" in of(tmp_path / "b", 5, 16, ceiling(20, TODAY))[0]
    assert "at most 0% may be" in of(tmp_path / "d", 3, 300, ceiling(0, TODAY))[0]
    yesterday = TODAY - timedelta(days=1)
    assert (
        f"at most 5% may be (that it may be 20% ended on {yesterday})"
        in of(tmp_path / "c", 4, 16, ceiling(20, yesterday))[0]
    )


@pytest.mark.parametrize(
    "more",
    [
        "set_aside: 20",
        "set_aside: {up_to: 20}",
        "set_aside: {up_to: 20, because: '', until: 2027-03-31}",
        "set_aside: {up_to: 200, because: x, until: 2027-03-31}",
        "set_aside: {up_to: 20, because: x, until: later}",
        "set_aside: {up_to: yes, because: x, until: 2027-03-31}",
    ],
)
def test_a_share_needs_its_reason_and_its_end(tmp_path, more):
    [fault] = World(tmp_path).configure(MAPPING.format(more=more)).faults_of()
    assert "line 7: source cases, set_aside: it has the form" in fault
