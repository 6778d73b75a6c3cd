"""Files of which others join the columns by a key: the Ombudsman's letters received, decided and complied with."""

from __future__ import annotations

from datetime import date

import pytest
from intake_world import World, codes

from redress.base.settings import ROOT
from redress.base.strict_yaml import parse_yaml
from redress.contract.contract import load_contract
from redress.contract.mapping_reader import read_mapping
from redress.intake.ledger import in_force, read_ledger

MAPPING = """
version: 1
defaults: {date_format: "%d/%m/%Y"}
sources:
  - id: received
    files: "LGSCO received*.csv"
    join:
      - {source: decided, by: Reference}
      - {source: compliance, by: {here: Reference, there: Case ID}}
    width: {Reference: 8}
    tables:
      - table: ombudsman
        columns:
          ombudsman_id: Reference
          received_date: Received
          decided_date: decided / Decided on
          decision: {from: decided / Decision, words: {Upheld: upheld, Closed: closed_after_enquiries}}
          remedies_complied_date: compliance / Complied
  - {id: decided, files: "LGSCO decided*.csv"}
  - {id: compliance, files: "LGSCO compliance*.csv", delimiter: ";", header_row: 2}
"""
RECEIVED = b"Reference,Received\n00012345,03/04/2023\n00012346,05/05/2023\n00012347,06/06/2023\n"
DECIDED = b"Reference,Decision,Decided on\n12345,Upheld,01/09/2023\n00012347,Closed,02/09/2023\n"
COMPLIANCE = b"Compliance report;\nCase ID;Complied\n00012345;01/12/2023\n"
FILES = {
    "LGSCO received 2023.csv": RECEIVED,
    "LGSCO decided 2023.csv": DECIDED,
    "LGSCO compliance 2023.csv": COMPLIANCE,
}


def matters(world: World) -> dict[str, tuple]:
    standing = [row["extract_id"] for row in in_force(read_ledger(world.settings), "smallham", date.max)]
    rows = world.rows("ombudsman")
    return {
        row["ombudsman_id"]: (row["decision"], str(row["decided_date"]), str(row["remedies_complied_date"]))
        for row in rows.filter(rows["extract_id"].is_in(standing)).iter_rows(named=True)
    }


ALL = {
    "00012345": ("upheld", "2023-09-01", "2023-12-01"),
    "00012346": (None, "None", "None"),
    "00012347": ("closed_after_enquiries", "2023-09-02", "None"),
}


def test_three_files_of_one_matter_are_read_as_one_record(tmp_path):
    world = World(tmp_path).configure(MAPPING)
    result = world.receive(FILES)
    assert matters(world) == ALL
    assert codes(result) == []
    assert {(file.source, file.received, file.conformed) for file in result.files} == {
        ("received", 3, 3), ("decided", 2, 2), ("compliance", 1, 1)
    }  # fmt: skip


def test_a_later_file_that_is_joined_changes_the_records(tmp_path):
    world = World(tmp_path).configure(MAPPING)
    world.receive(FILES)
    later = world.receive(
        {"LGSCO decided 2023 b.csv": DECIDED + b"00012346,Upheld,05/10/2023\n"}, "2024-05-01"
    )
    assert matters(world) == ALL | {"00012346": ("upheld", "2023-10-05", "None")}
    assert any("read again" in file.message and file.source == "received" for file in later.files)
    # the same once more from nothing, as after a change of the mapping
    world.configure(MAPPING.replace("Upheld: upheld", "upheld: upheld"))
    world.receive({})
    assert matters(world)["00012346"] == ("upheld", "2023-10-05", "None")


def test_a_file_waits_for_the_one_that_it_joins(tmp_path):
    world = World(tmp_path).configure(MAPPING)
    alone = world.receive({"LGSCO received 2023.csv": RECEIVED, "LGSCO compliance 2023.csv": COMPLIANCE})
    [rejected] = [file for file in alone.files if file.status == "rejected"]
    assert rejected.source == "received"
    assert (
        "has not come: LGSCO decided*.csv (source decided). Send it with this file, or before it"
        in rejected.message
    )
    again = world.receive({"LGSCO received 2023.csv": RECEIVED})
    assert "received before" in again.messages[0]  # once is enough, as long as the other has not come
    assert matters(world) == {}
    world.receive(FILES)
    assert matters(world) == ALL


def test_keys_that_repeat_or_are_missing_are_told_with_file_and_rows(tmp_path):
    world = World(tmp_path).configure(MAPPING)
    decided = (
        DECIDED
        + b"00012345,Closed,03/09/2023\n00099999,Upheld,03/09/2023\n,Upheld,03/09/2023\n00012347,Closed,02/09/2023\n"
    )
    received = RECEIVED + b",07/07/2023\n"
    result = world.receive(FILES | {"LGSCO decided 2023.csv": decided, "LGSCO received 2023.csv": received})
    told = {row["code"]: row for row in result.problems.iter_rows(named=True)}
    assert told["joined_twice"]["row"] == 2
    assert (
        "file LGSCO decided 2023.csv has several rows for this record (rows 2, 4)"
        in told["joined_twice"]["message"]
    )
    nothing = [
        row["message"] for row in result.problems.iter_rows(named=True) if row["code"] == "joined_to_nothing"
    ]
    assert (
        "2 rows of the file LGSCO decided 2023.csv belong to no record by Reference, and nothing of them is read: rows 5, 6."
        in nothing
    )
    assert any(text.startswith("1 records have no Reference") and "rows 5." in text for text in nothing)
    # the same row twice, cell by cell, is no doubt: it is counted, set aside and told in its own file
    assert (told["duplicate_row"]["file_name"], told["duplicate_row"]["row"]) == ("LGSCO decided 2023.csv", 7)
    assert matters(world) == {name: ALL[name] for name in ("00012346", "00012347")}
    for file in result.files:
        assert file.received == file.conformed + file.quarantined


def test_a_joined_file_without_the_key_rejects_the_record_file_and_names_it(tmp_path):
    world = World(tmp_path).configure(MAPPING)
    result = world.receive(
        FILES | {"LGSCO decided 2023.csv": b"Ref,Decision,Decided on\n00012345,Upheld,01/09/2023\n"}
    )
    [rejected] = [file for file in result.files if file.status == "rejected"]
    assert (
        "The file LGSCO decided 2023.csv has no column, or more than one, named Reference" in rejected.message
    )


def test_scopes_tell_which_file_belongs_to_which(tmp_path):
    scoped = MAPPING.replace(
        'files: "LGSCO received*.csv"', 'files: "LGSCO received*.csv"\n    scope: "(\\\\d{4})"'
    )
    scoped = scoped.replace('"LGSCO decided*.csv"}', '"LGSCO decided*.csv", scope: "(\\\\d{4})"}')
    world = World(tmp_path).configure(scoped)
    world.receive(FILES)
    other = {"LGSCO received 2024.csv": b"Reference,Received\n00022345,03/04/2024\n"}
    [rejected] = world.receive(other, "2024-06-01").files
    assert "(source decided) of 2024" in rejected.message
    world.receive(
        other | {"LGSCO decided 2024.csv": b"Reference,Decision,Decided on\n00022345,Upheld,01/09/2024\n"},
        "2024-07-01",
    )
    assert matters(world) == ALL | {"00022345": ("upheld", "2024-09-01", "None")}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{source: decided,", "{source: decide,", "`decide` is no source of this mapping"),
        ("{source: decided,", "{source: decided, sheet: x,", "a join has the form"),
        ("{source: decided, by", "{source: decided, header_row: 2, by", "stands at its own source"),
        ("      - {source: decided, by: Reference}\n", "", "`tables` is missing, and no other source joins it"),
        ('files: "LGSCO decided*.csv"}', 'files: "LGSCO decided*.csv", versions: {by: Reference}, scope: "(x)"}', "has no join, group"),
        ("{source: decided,", "{source: received,", "the source `received` cannot be joined: it is this one"),
    ],
)  # fmt: skip
def test_what_cannot_be_joined_is_told(old, new, told):
    assert old in MAPPING
    raw = parse_yaml(MAPPING.replace(old, new, 1))
    _, faults = read_mapping(raw, load_contract(ROOT / "seeds" / "reference"))
    assert any(told in fault.problem for fault in faults), faults


def test_files_may_join_one_another(tmp_path):
    """What was decided in a year was received in it or before, so neither file holds all of the other."""
    table = """
    tables:
      - table: ombudsman
        columns:
          ombudsman_id: Reference
          received_date: {from: RECEIVED}
          decided_date: {from: DECIDED}
          decision: {from: DECISION, words: {Upheld: upheld, Closed: closed_after_enquiries}}
"""
    names = {"RECEIVED": "[received / Received, Received]", "DECIDED": "Decided on", "DECISION": "Decision"}
    decided, received = table, table
    for name, column in names.items():
        decided = decided.replace(name, column)
    for name, column in (
        ("RECEIVED", "Received"),
        ("DECIDED", "decided / Decided on"),
        ("DECISION", "decided / Decision"),
    ):
        received = received.replace(name, column)
    world = World(tmp_path).configure(
        'version: 1\ndefaults: {date_format: "%d/%m/%Y"}\nsources:\n'
        '  - id: decided\n    files: "LGSCO decided*.csv"\n    join: {source: received, by: Reference}' + decided
        + '  - id: received\n    files: "LGSCO received*.csv"\n    join: {source: decided, by: Reference}\n'
        '    leave_out: [{column: decided / Decided on, not_blank: true}]' + received
    )  # fmt: skip
    earlier = DECIDED.replace(b"Decided on\n", b"Decided on,Received\n").replace(b"2023\n", b"2023,\n")
    earlier += b"00000001,Upheld,03/09/2023,01/02/2023\n"
    world.receive(
        {"LGSCO received.csv": RECEIVED.replace(b"00012345", b"12345"), "LGSCO decided.csv": earlier}
    )
    found = {name: matter[:2] for name, matter in matters(world).items()}
    assert found == {
        "12345": ("upheld", "2023-09-01"), "00012347": ("closed_after_enquiries", "2023-09-02"),
        "00000001": ("upheld", "2023-09-03"), "00012346": (None, "None"),
    }  # fmt: skip
