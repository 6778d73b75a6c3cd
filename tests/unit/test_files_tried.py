"""`redress check SLUG` says of the files in a drop folder what a run would, and takes nothing in."""

from __future__ import annotations

import io
import shutil
from datetime import date, datetime

import openpyxl
import polars as pl
import pytest
from intake_world import PROFILE, World, complaint, complaints, stage, stages, workbook

from redress.declared.model import DeclaredReport, Page, Section
from redress.intake import receive
from redress.intake.trial import try_drop_folder
from redress.run import files_tried
from redress.run.files_told import lines

MAPPING = """\
version: 1
sources:
  - id: cases
    files: "*.xlsx"
    sheet: Cases
    tables:
      - table: complaint
        columns: {complaint_id: Ref, received_date: Received, procedure: Type, channel: Channel}
"""


@pytest.fixture
def world(tmp_path):
    return World(tmp_path).configure()


def told(world: World) -> list[str]:
    authority = world.authority()
    return [line.strip() for line in lines(authority, try_drop_folder(authority, world.settings), [])]


def outcome(problems: pl.DataFrame) -> list[tuple]:
    return sorted(problems.select("file_name", "row", "column", "code", "message", "found").rows(), key=str)


def test_it_says_what_a_run_says_and_keeps_nothing(world):
    world.drop("complaint.csv", complaints(complaint(1), complaint(2, channel="Pigeon"), complaint(1)))
    world.drop("stage.csv", stages(stage(1), stage(2), stage(7)))
    world.drop("stage.csv", stages(stage(1), stage(1, stage_id="S9", stage="2")), on="2024-05-08")
    world.drop("other.csv", b"a,b\n1,2\n")
    trial = try_drop_folder(world.authority(), world.settings)
    assert not world.settings.build.exists()
    result = world.load()
    by_run = {(file.received_at, file.source): file for file in result.files}
    assert len(trial.files) == len(result.files) == 4
    for file in trial.files:
        same = by_run[file.result.received_at, file.result.source]
        assert (file.result.status, file.result.received) == (same.status, same.received)
        assert (file.result.conformed, file.result.quarantined) == (same.conformed, same.quarantined)
        assert file.result.message == same.message
    assert outcome(pl.concat([file.problems for file in trial.files])) == outcome(result.problems)
    assert {name for name in trial.holds if "." not in name} == {"complaint", "stage"}


def test_causes_come_with_counts_words_cells_and_sheets(tmp_path):
    world = World(tmp_path).configure(MAPPING)
    cases = [["Ref", "Received", "Type", "Channel", "Notes"]]
    cases += [[f"C{n}", date(2023, 4, 3), "statutory", "Pigeon" if n < 3 else "Owl", "x"] for n in range(4)]
    cases += [
        ["C8", "31/02/2023", "statutory", "Email", "x"],
        ["C9", date(2023, 4, 3), "statutory", "Email", "x"],
    ]
    world.drop("Log.xlsx", workbook({"Cases": cases, "Notes": [["a"]]}))
    text = told(world)
    assert "2023-24/2024-04-08/Log.xlsx, sheet Cases: 6 records: 1 loaded, 5 set aside" in text
    [words] = [line for line in text if "unknown_word" in line]
    assert (
        words.startswith("4 × unknown_word, column Channel (D):")
        and "`Pigeon` 3, `Owl` 1; first in row 2" in words
    )
    [day] = [line for line in text if "impossible_date" in line or "us_date" in line]
    assert "B6 `31/02/2023`" in day
    assert "columns that are not read: Notes" in text


def test_received_is_loaded_left_out_by_rule_superseded_and_set_aside(world):
    mapping = """\
version: 1
sources:
  - id: complaint
    files: "complaint*.csv"
    scope: "(\\\\d+)"
    versions: {by: complaint_id}
    leave_out: [{column: procedure, in: [other]}]
    tables: [{table: complaint, columns: {complaint_id: complaint_id, received_date: received_date, procedure: procedure}}]
"""
    world.configure(mapping)
    rows = [complaint(1), complaint(2), complaint(3, received_date="never"), complaint(4, procedure="Other")]
    world.drop("complaint1.csv", complaints(*rows))
    world.drop("complaint2.csv", complaints(complaint(1)))
    text = told(world)
    counts = "1 loaded, 1 left out by rule, 1 superseded, 1 set aside"
    assert f"2023-24/2024-04-08/complaint1.csv: 4 records: {counts}" in text
    assert any(line.startswith("1 × left out by rule: ") for line in text)


def test_files_received_before_stand_beside_those_that_lie_there(world, tmp_path):
    by_hand = tmp_path / "complaint.csv"
    by_hand.write_bytes(complaints(complaint(1)))
    receive([(by_hand, datetime(2024, 4, 1))], world.authority(), world.settings)
    world.drop("stage.csv", stages(stage(1), stage(2)))
    before = {path: path.read_bytes() for path in world.settings.state.rglob("*") if path.is_file()}
    text = told(world)
    assert (
        "What a run would take from the drop folder, beside 1 received before (nothing is taken in now):"
        in text
    )
    assert "2023-24/2024-04-08/stage.csv: 2 records: 1 loaded, 1 set aside" in text
    assert {path: path.read_bytes() for path in world.settings.state.rglob("*") if path.is_file()} == before


def test_no_key_is_needed_since_nothing_is_kept(world):
    world.configure(profile=PROFILE.format(slug="smallham", synthetic="false"))
    world.drop("complaint.csv", complaints(complaint(1)))
    assert "2023-24/2024-04-08/complaint.csv: 1 records: 1 loaded" in told(world)


def test_what_was_found_is_told_again_until_a_file_changes(world, monkeypatch):
    world.settings.state.mkdir(parents=True)
    path = world.drop("complaint.csv", complaints(complaint(1)))
    first = files_tried.tried_lines(world.settings, world.authority(), [], None)
    assert any("1 records: 1 loaded" in line for line in first)
    assert {entry.name for entry in world.settings.state.iterdir()} == {"tried"}

    def never(*_):
        raise AssertionError("the files were read again")

    with monkeypatch.context() as patched:
        patched.setattr("redress.intake.trial.try_drop_folder", never)
        assert files_tried.tried_lines(world.settings, world.authority(), [], None) == first
    path.write_bytes(complaints(complaint(1), complaint(2)))
    assert files_tried.tried_lines(world.settings, world.authority(), [], None) != first
    shutil.rmtree(path.parent)
    assert "No files to read yet" in files_tried.tried_lines(world.settings, world.authority(), [], None)[0]


def asking(*measures: str) -> DeclaredReport:
    """Return a report that asks for measures, one in each section."""
    sections = []
    for measure in measures:
        ask = {
            "type": "tag",
            "name": "figure",
            "primary": measure,
            "attributes": {},
            "children": [],
            "line": 1,
        }
        sections.append(Section(f"of-{measure}", measure, f"report/{measure}.md", [ask]))
    return DeclaredReport("smallham", "2023-24", [Page("page", "Page", sections)])


def nothing_of(world: World, *measures: str) -> tuple[list[str], str]:
    """Return the tables and columns of which nothing would come, and what the line for the profile would be."""
    authority = world.authority()
    text = lines(authority, try_drop_folder(authority, world.settings), [asking(*measures)])
    told = [line.strip().partition(":")[0] for line in text if "; asked for by" in line]
    return told, next((line.partition("profile.yml: ")[2] for line in text if "profile.yml" in line), "")


def test_tables_of_which_nothing_would_come_are_told_with_the_line_that_declares_it(world):
    world.drop("complaint.csv", complaints(complaint(1)))
    assert nothing_of(world, "compliments") == (["compliment"], "not_held: [compliment]")


def test_a_column_is_told_only_where_it_says_nothing(world):
    world.drop("complaint.csv", complaints(complaint(1)))
    world.drop("stage.csv", stages(stage(1, responded_date="2023-05-09", outcome="upheld")))
    measures = "responses", "complaints_with_outcome"
    assert nothing_of(world, *measures) == ([], "")
    world.drop("stage.csv", stages(stage(1, responded_date="", outcome="")), on="2024-05-08")
    told, line = nothing_of(world, *measures)
    assert told == ["stage.outcome", "stage.responded_date"]
    assert line == "not_held: [stage.outcome, stage.responded_date]"


def test_one_of_several_entries_that_fills_a_column_is_enough(world):
    """The outcome and the answer stand in only one of two entries that feed the table."""
    world.configure(
        """\
version: 1
words: {outcome: {"Yes": upheld}}
sources:
  - id: cases
    files: "cases.csv"
    tables:
      - {table: complaint, columns: {complaint_id: Ref, received_date: Day, procedure: {value: corporate}}}
      - table: stage
        where: {column: Result, equals: "Yes"}
        columns:
          stage_id: {template: "{Ref}-1"}
          complaint_id: Ref
          procedure: {value: corporate}
          stage: {value: 1}
          requested_date: Day
          responded_date: Reply
          outcome: {from: Result, words: outcome}
      - table: stage
        where: {column: Result, not_in: ["Yes"]}
        columns:
          stage_id: {template: "{Ref}-1"}
          complaint_id: Ref
          procedure: {value: corporate}
          stage: {value: 1}
          requested_date: Day
"""
    )
    world.drop("cases.csv", b"Ref,Day,Reply,Result\nA,2023-05-01,2023-05-09,Yes\nB,2023-05-02,,\n")
    assert nothing_of(world, "responses", "complaints_with_outcome") == ([], "")


def test_what_is_declared_is_not_told_again_with_its_columns(world):
    declared = PROFILE.format(slug="smallham", synthetic="true") + "not_held: [learning, remedy.amount_gbp]\n"
    world.configure(profile=declared)
    world.drop("complaint.csv", complaints(complaint(1)))
    assert nothing_of(world, "learning_forms_outstanding", "remedies_gbp") == ([], "")
    told, line = nothing_of(world, "mediation_accepted", "remedies_gbp")
    assert (told, line) == (["mediation"], "not_held: [learning, mediation, remedy.amount_gbp]")


def test_stages_without_a_service_are_told_where_their_complaints_have_one(world):
    world.drop("complaint.csv", complaints(complaint(1), complaint(2)))
    world.drop("stage.csv", stages(stage(1), stage(2)))
    said = "stage: none of its 2 stages names a service, although 1 of their complaints do"
    assert not any("names a service" in line for line in told(world))
    world.drop("complaint_service.csv", b"complaint_id,service\nC1,North\n")
    assert any(line.startswith(f"to look at: {said}") for line in told(world))
    assert any(message.startswith(said) for message in world.load().messages)
    with_one = stages(stage(1, service="North"), stage(2))
    world.drop("stage.csv", with_one, on="2024-05-08")
    assert not any("names a service" in line for line in told(world))
    assert not any("names a service" in message for message in world.load().messages)


def test_stages_without_a_service_are_not_told_where_that_is_declared(world):
    declared = PROFILE.format(slug="smallham", synthetic="true") + "not_held: [stage.service]\n"
    world.configure(profile=declared)
    world.drop("complaint.csv", complaints(complaint(1)))
    world.drop("stage.csv", stages(stage(1)))
    world.drop("complaint_service.csv", b"complaint_id,service\nC1,North\n")
    assert "names a service" not in " ".join(told(world))


def test_blanks_of_merged_cells_are_told_once_with_what_to_write(tmp_path):
    world = World(tmp_path).configure(MAPPING)
    book = openpyxl.Workbook()
    book.active.title = "Cases"
    day = date(2023, 4, 3)
    for row in (
        ["Ref", "Received", "Type", "Channel"],
        ["A", day, "statutory", "Email"],
        ["B", None, None, None],
    ):
        book.active.append(row)
    book.active.merge_cells("B2:B3")
    book.active.merge_cells("D2:D3")
    file = io.BytesIO()
    book.save(file)
    world.drop("Log.xlsx", file.getvalue())
    received = [line for line in told(world) if "column Received (B)" in line]
    assert len(received) == 1 and received[0].startswith("1 × missing_required")
    assert "merged over several records: B2:B3" in received[0] and "`fill_merged: true`" in received[0]
    [channel] = [line for line in told(world) if "column Channel (D)" in line]
    assert channel.startswith("to look at: merged_cells") and "`fill_merged: true`" in channel
