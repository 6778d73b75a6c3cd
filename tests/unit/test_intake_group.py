"""Records that belong together: a log of events becomes one record per case, taken whole or not at all."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from intake_world import World, codes, file_of

from redress.base.settings import ROOT
from redress.base.strict_yaml import parse_yaml
from redress.contract.contract import load_contract
from redress.contract.mapping_reader import read_mapping

LOG = """
version: 1
defaults: {date_format: "%d/%m/%Y"}
sources:
  - id: log
    files: "log*.csv"
    ignore: [Name]
    group:
      by: Case
      columns:
        Received: {from: When, where: {column: Event, in: [Received]}}
        Process: {from: Detail, where: {column: event, in: [received]}}
        Teams: {from: Detail, where: {column: Event, in: [Sent to]}, join: "|"}
        Answered: {from: When, where: {column: Event, in: [Answered]}}
        Finding: {from: Detail, where: {column: Event, in: [Answered]}}
        Rang: {from: When, where: {column: Event, in: [Telephone call]}, join: " "}
        Channel: Channel
    tables:
      - table: complaint
        columns: {complaint_id: Case, received_date: Received, procedure: Process, channel: Channel}
      - table: complaint_service
        split: {column: Teams, on: "|"}
        columns: {complaint_id: Case, service: Teams}
      - table: stage
        columns:
          stage_id: {template: "{Case}/1"}
          complaint_id: Case
          procedure: Process
          stage: {value: 1}
          requested_date: Received
          responded_date: Answered
          outcome: Finding
  - id: children
    files: "children*.csv"
    tables:
      - table: complaint_child
        columns: {complaint_id: Case, child_id: Child}
"""


def log(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in ("Case,Event,When,Detail,Channel,Name", *lines)).encode()


GOOD = (
    "1,Received,03/04/2023,statutory,,Jo",
    "2,Received,04/04/2023,corporate,Email,",
    "1,Sent to,03/04/2023,Team B,,",
    "1,sent  TO,05/04/2023,Team A,,",
    "1,Telephone call,06/04/2023,,,",
    "1,Telephone call,07/04/2023,,,",
    "1,Answered,12/04/2023,upheld,,",
    " 2 ,Sent to,04/04/2023,Team C,Email,",
)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path).configure(LOG)


def test_the_events_of_a_case_become_the_case(world):
    result = world.receive({"log.csv": log(*GOOD)})
    assert codes(result) == []
    assert world.rows("complaint").select(
        "complaint_id", "received_date", "procedure", "channel", "source_row"
    ).rows() == [
        ("1", date(2023, 4, 3), "statutory", None, 2),
        ("2", date(2023, 4, 4), "corporate", "Email", 3),
    ]
    assert world.rows("complaint_service").select("complaint_id", "service").rows() == [
        ("1", "Team A"),
        ("1", "Team B"),
        ("2", "Team C"),
    ]
    assert world.rows("stage").select("stage_id", "responded_date", "outcome").rows() == [
        ("1/1", date(2023, 4, 12), "upheld"),
        ("2/1", None, None),
    ]


def test_every_event_is_counted_and_known_to_its_row(world):
    done = file_of(world.receive({"log.csv": log(*GOOD)}), "log.csv")
    assert (done.received, done.conformed, done.quarantined) == (8, 8, 0)
    behind = world.rows("gathered").select("source_row", "record").rows()
    assert behind == [(2, 2), (2, 4), (2, 5), (2, 6), (2, 7), (2, 8), (3, 3), (3, 9)]


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("1,Answered,31/06/2023,upheld,,", "impossible_date", "When (Answered)"),
        ("1,Answered,12/04/2023,settled,,", "unknown_word", "Detail (Finding)"),
        ("1,Filed,12/04/2023,,,", "unknown_record_type", "Event"),
        ("1,Answered,,,,", "missing_required", "When / Detail"),
    ],
)
def test_a_faulty_event_takes_its_whole_case_with_it_and_no_other(world, line, code, column):
    result = world.receive({"log.csv": log(*GOOD[:6], line, GOOD[7])})
    own = [(8, code)]
    others = [(row, "group_set_aside") for row in (2, 4, 5, 6, 7)]
    assert sorted(codes(result)) == sorted(own + others)
    assert result.problems.filter(pl.col("code") == code)["column"].to_list() == [column]
    assert set(result.problems["record_key"]) <= {"complaint_id=1", ""}
    done = file_of(result, "log.csv")
    assert (done.received, done.conformed, done.quarantined) == (8, 2, 6)
    assert world.rows("complaint")["complaint_id"].to_list() == ["2"]


def test_events_that_contradict_one_another_are_not_chosen_between(world):
    result = world.receive({"log.csv": log(*GOOD, "2,Received,14/04/2023,corporate,Email,")})
    assert sorted(codes(result)) == [
        (3, "records_disagree"),
        (9, "group_set_aside"),
        (10, "records_disagree"),
    ]
    assert world.rows("complaint")["complaint_id"].to_list() == ["1"]


def test_an_event_said_twice_in_the_same_way_is_one(world):
    result = world.receive({"log.csv": log(*GOOD, "2,Received,04/04/2023,corporate,,Jo")})
    assert codes(result) == []
    assert world.rows("complaint")["complaint_id"].to_list() == ["1", "2"]


def test_an_event_of_no_case_and_a_case_without_a_beginning(world):
    result = world.receive(
        {"log.csv": log(*GOOD, ",Answered,12/04/2023,upheld,,", "3,Answered,12/04/2023,,,")}
    )
    assert {code for row, code in codes(result) if row == 10} == {"missing_required"}
    assert {code for row, code in codes(result) if row == 11} == {"missing_required"}
    done = file_of(result, "log.csv")
    assert (done.received, done.conformed, done.quarantined) == (10, 8, 2)


def test_what_refers_to_a_case_falls_and_comes_back_with_it(world):
    children = b"Case,Child\n1,K1\n2,K2\n"
    first = world.receive(
        {"log.csv": log(*GOOD[:6], "1,Filed,12/04/2023,,,", GOOD[7]), "children.csv": children}
    )
    assert (2, "parent_set_aside") in codes(first)
    world.receive({"log.csv": log(*GOOD)}, on="2024-05-07")
    assert world.ledger().filter(pl.col("source") == "children")["rows_conformed"].to_list() == [1, 2]


def test_the_columns_of_the_group_must_be_in_the_file(world):
    result = world.receive({"log.csv": b"Case,Event,When\n1,Received,03/04/2023\n"})
    assert codes(result) == [(None, "missing_required_column")]


def test_faults_of_a_group_are_told_at_once():
    raw = """
version: 1
sources:
  - id: log
    files: log.csv
    group:
      by: Case
      column: x
      columns:
        Case: When
        Received: {from: When, if: 1, where: {column: Event, like: x}}
        Teams: {where: {column: Event, in: [Sent]}}
        Notes: {from: Detail, join: ""}
    tables:
      - table: complaint
        columns: {complaint_id: Case, received_date: When, procedure: {value: statutory}}
  - {id: other, files: o.csv, group: Case, tables: [{table: complaint, columns: {}}]}
"""
    contract = load_contract(ROOT / "seeds" / "reference")
    parsed = parse_yaml(raw)
    _, problems = read_mapping(parsed[0] if isinstance(parsed, tuple) else parsed, contract)
    told = "\n".join(fault.problem for fault in problems)
    for words in (
        "`column` is not known here",
        "two columns named `case`",
        "`if` is not known here",
        "a condition has exactly one of",
        "column Teams: name a native column",
        "join is the text",
        "`When` is no column of the group",
        "a group has the form",
    ):
        assert words in told, words
