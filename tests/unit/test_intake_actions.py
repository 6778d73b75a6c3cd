"""The register of actions: what a row must say, which links may lead nowhere, which words may be published."""

from __future__ import annotations

import polars as pl
import pytest
from intake_world import World, codes, complaint, complaints, csv_text

from redress.base.settings import ROOT
from redress.contract.contract import load_contract

COLUMNS = list(load_contract(ROOT / "seeds" / "reference").tables["action"].fields)


def action(number: int, **changes: str) -> dict[str, str]:
    """Return a good row of the register."""
    return {
        "action_id": f"A{number}",
        "agreed_date": "2023-05-02",
        "due_date": "2023-09-30",
        "status": "under_way",
        "service": "Team A",
        "owner": "Team manager",
        "said": "Letters came late.",
        "agreed": "Every letter is now checked for its date.",
        "words_approved": "yes",
    } | changes


def actions(*rows: dict[str, str]) -> bytes:
    """Return a file of the register."""
    return csv_text(COLUMNS, list(rows)).encode()


@pytest.fixture
def world(tmp_path):
    return World(tmp_path).configure()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "not_done"}, "missing_required"),
        ({"status": "not_done", "reason": "Too dear"}, None),
        ({"status": "not_done", "reason": "Ask Mrs Jones"}, "contact_detail"),  # given, and held back
        ({"status": "nearly"}, "unknown_word"),
        ({"status": ""}, "missing_required"),
        ({"status": "done"}, "missing_expected"),
        ({"status": "done", "done_date": "2023-06-01"}, None),
        ({"agreed_date": ""}, "missing_required"),
        ({"agreed_date": "", "carried_from_year": "2022/23"}, None),
        ({"carried_from_year": "last year"}, "unknown_word"),
        ({"due_date": "2023-05-01"}, "end_before_start"),
        ({"done_date": "2023-05-01", "status": "done"}, "end_before_start"),
        ({"complaint_id": "C9"}, "unknown_case"),
        ({"ombudsman_id": "O9"}, "unknown_case"),
    ],
)
def test_what_a_row_must_say(world, changes, code):
    result = world.receive({"action.csv": actions(action(1, **changes), action(2))})
    assert codes(result) == ([(2, code)] if code else [])
    is_aside = code in ("missing_required", "unknown_word")
    assert world.rows("action")["action_id"].to_list() == (["A2"] if is_aside else ["A1", "A2"])
    assert "Jones" not in str(result.problems.rows())


def test_a_case_that_comes_later_ends_the_warning(world):
    world.receive({"action.csv": actions(action(1, complaint_id="C1"))})
    world.receive({"complaint.csv": complaints(complaint(1))}, "2024-05-08")
    told = [path for path in (world.settings.state / "quarantine").glob("smallham*.parquet")]
    in_force = world.rows("action").sort("known_from")["extract_id"][-1].replace("/", "--")
    assert not [path for path in told if path.stem == in_force]


def test_only_approved_words_that_pass_the_screen_may_be_published(world):
    rows = [
        action(1, reason="The budget is spent"),
        action(2, words_approved="no"),
        action(3, words_approved=""),
        action(4, said="My son is at B91 3QB", owner="Mrs Jones"),
        action(5, agreed="As in C-77", complaint_id="C-77"),
    ]
    world.receive(
        {"complaint.csv": complaints(complaint(1, complaint_id="C-77")), "action.csv": actions(*rows)}
    )
    kept = world.rows("action").sort("action_id")
    assert kept["said"].is_not_null().to_list() == [True, False, False, False, True]
    assert kept["owner"].is_not_null().to_list() == [True, False, False, False, True]
    passed = world.rows("quote_passed").group_by("source_row").len().sort("source_row")
    assert passed.rows() == [(2, 4), (5, 1), (6, 2)]
    told = pl.read_parquet(world.settings.state / "quarantine" / "smallham--quotes.parquet")
    assert told.select("code", "table", "column", "record_key").rows() == [
        ("quote_refused", "action", "agreed", "action_id=A5")
    ]
