"""Batches: what is kept, what is in force, what a corrected file replaces; nothing is counted twice."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import datetime

import polars as pl
import pytest
from intake_world import World, codes, complaint, complaints, file_of, issue, issues, stage, stages, workbook

from redress.base.errors import ConfigurationProblem
from redress.intake import IntakeInvariantError, receive, write_quarantine
from redress.intake.store import EMPTY


@pytest.fixture
def world(tmp_path):
    return World(tmp_path).configure()


def state_of(world: World) -> dict[str, bytes]:
    """Every file of the state and its content."""
    return {
        str(p.relative_to(world.settings.state)): p.read_bytes()
        for p in sorted(world.settings.state.rglob("*"))
        if p.is_file()
    }


def test_a_file_is_kept_byte_for_byte_and_entered_in_the_ledger(world):
    data = complaints(complaint(1), complaint(2, procedure="x"))
    world.receive({"complaint.csv": data})
    sha256 = hashlib.sha256(data).hexdigest()
    assert (world.settings.state / "kept" / sha256).read_bytes() == data
    row = world.ledger().row(0, named=True)
    assert row["extract_id"] == f"smallham/complaint/{sha256[:12]}"
    assert (row["rows_received"], row["rows_conformed"], row["rows_quarantined"]) == (2, 1, 1)
    assert (row["bytes"], row["columns"], row["status"], row["scope"]) == (len(data), 22, "loaded", "")
    assert row["received_at"] == datetime(2024, 4, 8)


def test_conformed_rows_say_where_they_come_from(world):
    world.receive({"complaint.csv": complaints(complaint(1, procedure="x"), complaint(2))})
    row = world.rows("complaint").row(0, named=True)
    assert (row["authority"], row["source_file"], row["source_row"]) == ("smallham", "complaint.csv", 3)
    assert row["known_from"] == datetime(2024, 4, 8)
    assert row["extract_id"] == world.ledger()["extract_id"][0]


def test_the_same_file_twice_changes_nothing(world):
    files = {"complaint.csv": complaints(complaint(1)), "stage.csv": stages(stage(1), stage(5))}
    world.receive(files)
    before = state_of(world)
    again = world.receive(files, on="2024-05-07")
    assert state_of(world) == before
    assert all(f.is_known for f in again.files)
    assert not again.problems.height


def test_a_rejected_file_twice_changes_nothing(world):
    world.receive({"complaint.csv": b""})
    before = state_of(world)
    assert world.receive({"complaint.csv": b""}, on="2024-05-07").files[0].is_known
    assert state_of(world) == before


def test_a_corrected_file_replaces_the_earlier_one_and_both_stay_known(world):
    world.receive({"complaint.csv": complaints(complaint(1), complaint(2))})
    world.receive({"complaint.csv": complaints(complaint(1, procedure="corporate"))}, on="2024-05-07")
    first, second = world.ledger().rows(named=True)
    assert second["supersedes"] == first["extract_id"]
    assert first["supersedes"] is None
    rows = world.rows("complaint").sort("known_from", "complaint_id")
    assert rows.select("complaint_id", "procedure").rows() == [
        ("C1", "statutory"),
        ("C2", "statutory"),
        ("C1", "corporate"),
    ]


def test_an_earlier_file_that_is_sent_again_replaces_the_one_that_replaced_it(world):
    first, second = complaints(complaint(1)), complaints(complaint(2))
    for on, content in (("2024-04-08", first), ("2024-05-08", second), ("2024-06-08", first)):
        world.drop("complaint.csv", content, on=on)
        world.load()
    ledger = world.ledger()
    assert ledger["status"].to_list() == ["loaded"] * 3
    assert ledger["supersedes"].to_list() == [None, *ledger["extract_id"][:2]]
    assert ledger["sha256"][0] == ledger["sha256"][2] and ledger["extract_id"].n_unique() == 3
    before = state_of(world)
    assert all(file.is_known for file in world.load().files)
    assert state_of(world) == before


def test_a_file_known_already_counts_from_an_earlier_day_when_it_is_dated_back(world):
    world.drop("complaint.csv", complaints(complaint(1)), on="2024-05-08")
    world.load()
    world.drop("complaint.csv", complaints(complaint(1)), on="2024-04-08")
    world.load()
    assert [moment.month for moment in world.ledger()["received_at"]] == [4, 5]


def test_a_rejected_file_leaves_the_last_good_one_in_force(world):
    world.receive({"complaint.csv": complaints(complaint(1))})
    result = world.receive({"complaint.csv": b"", "stage.csv": stages(stage(1))}, on="2024-05-07")
    assert codes(result) == [(None, "empty_file")]
    assert world.rows("stage").height == 1
    assert world.ledger().filter(pl.col("status") == "rejected")["supersedes"].to_list() == [None]


def test_references_resolve_against_what_is_in_force(world):
    world.receive({"complaint.csv": complaints(complaint(1))})
    result = world.receive({"stage.csv": stages(stage(1), stage(2))}, on="2024-05-07")
    assert codes(result) == [(3, "orphan_reference")]


def test_references_do_not_resolve_against_what_was_replaced(world):
    world.receive({"complaint.csv": complaints(complaint(1), complaint(2))})
    result = world.receive(
        {"complaint.csv": complaints(complaint(1)), "issue.csv": issues(issue(2))}, on="2024-05-07"
    )
    assert codes(result) == [(2, "orphan_reference")]


def test_a_repaired_record_brings_its_children_back(world):
    outcome = b"issue_id,stage,outcome,decided_date\nI1,1,upheld,2023-05-01\nI2,1,upheld,2023-05-01\n"
    world.receive(
        {
            "complaint.csv": complaints(complaint(1), complaint(2, procedure="x")),
            "stage.csv": stages(stage(1), stage(2), stage(3)),
            "issue.csv": issues(issue(1), issue(2)),
            "issue_outcome.csv": outcome,
            "mediation.csv": b"mediation_id,complaint_id,offered_date\nM1,C1,2023-05-01\n",
        }
    )
    result = world.receive({"complaint.csv": complaints(complaint(1), complaint(2))}, on="2024-05-07")
    again = {f.file_name: (f.received, f.conformed, f.quarantined) for f in result.files}
    assert again == {
        "complaint.csv": (2, 2, 0),
        "stage.csv": (3, 2, 1),
        "issue.csv": (2, 2, 0),
        "issue_outcome.csv": (2, 2, 0),
    }
    assert all("read again" in f.message for f in result.files[1:])
    latest = world.ledger().filter(pl.col("received_at") == datetime(2024, 5, 7))
    assert latest["supersedes"].null_count() == 0
    second = latest.filter(pl.col("source") == "issue").row(0, named=True)
    assert second["extract_id"] == second["supersedes"] + "-2"
    rows = world.rows("issue").filter(pl.col("extract_id") == second["extract_id"])
    assert rows["issue_id"].to_list() == ["I1", "I2"]
    assert set(rows["known_from"]) == {datetime(2024, 5, 7)}
    before = state_of(world)
    assert world.receive({"issue.csv": issues(issue(1), issue(2))}, on="2024-06-07").files[0].is_known
    assert state_of(world) == before


def test_children_of_a_record_that_a_replacing_file_no_longer_has_are_set_aside(world):
    world.receive(
        {
            "complaint.csv": complaints(complaint(1), complaint(2)),
            "issue.csv": issues(issue(1), issue(2)),
            "issue_outcome.csv": b"issue_id,stage,outcome,decided_date\nI2,1,upheld,2023-05-01\n",
        }
    )
    result = world.receive({"complaint.csv": complaints(complaint(1))}, on="2024-05-07")
    assert sorted(result.problems.select("file_name", "row", "code").rows()) == [
        ("issue.csv", 3, "orphan_reference"),
        ("issue_outcome.csv", 2, "parent_set_aside"),
    ]
    assert world.ledger().height == 6


def test_the_state_is_the_same_whether_batches_come_one_by_one_or_at_once(world, tmp_path):
    other = World(tmp_path / "other").configure()
    batches = {
        "2024-04-08": {
            "complaint.csv": complaints(complaint(1), complaint(2, sex="x")),
            "stage.csv": stages(stage(1), stage(2)),
        },
        "2024-05-07": {"complaint.csv": complaints(complaint(1), complaint(2))},
        "2024-06-07": {"complaint.csv": complaints(complaint(2))},
    }
    for on, files in batches.items():
        for name, content in files.items():
            world.drop(name, content, on)
            other.drop(name, content, on)
        world.load()
    other.load()
    assert other.ledger().rows() == world.ledger().rows()
    assert other.rows("stage").rows() == world.rows("stage").rows()


MONTHLY = """
version: 1
sources:
  - id: complaints
    files: "complaints_*.csv"
    scope: "_(\\\\d{4}-\\\\d{2})"
    tables:
      - table: complaint
        columns: {complaint_id: Ref, received_date: Received, procedure: Process}
"""


def month(*rows: str) -> bytes:
    return ("Ref,Received,Process\n" + "".join(f"{row}\n" for row in rows)).encode()


def test_scopes_stand_beside_each_other_and_are_replaced_on_their_own(world):
    world.configure(MONTHLY)
    world.receive({"complaints_2023-04.csv": month("C1,2023-04-03,statutory")}, on="2023-05-01")
    world.receive({"complaints_2023-05.csv": month("C2,2023-05-03,statutory")}, on="2023-06-01")
    world.receive({"complaints_2023-04.csv": month("C3,2023-04-04,statutory")}, on="2023-06-02")
    ledger = world.ledger()
    assert ledger["scope"].to_list() == ["2023-04", "2023-05", "2023-04"]
    assert ledger["supersedes"].to_list() == [None, None, ledger["extract_id"][0]]


def test_an_identifier_of_another_file_in_force_sets_both_records_aside(world):
    world.configure(MONTHLY)
    world.receive(
        {"complaints_2023-04.csv": month("C1,2023-04-03,statutory", "C2,2023-04-03,statutory")},
        on="2023-05-01",
    )
    result = world.receive(
        {
            "complaints_2023-05.csv": month(
                "C1,2023-04-03,statutory", "C2,2023-04-03,corporate", "C3,2023-05-03,corporate"
            )
        },
        on="2023-06-01",
    )
    assert sorted(result.problems.select("file_name", "row", "code").rows()) == [
        ("complaints_2023-04.csv", 3, "duplicate_id"),
        ("complaints_2023-05.csv", 2, "duplicate_row"),
        ("complaints_2023-05.csv", 3, "duplicate_id"),
    ]
    result = world.receive({"complaints_2023-05.csv": month("C3,2023-05-03,corporate")}, on="2023-06-02")
    assert not result.problems.height
    assert [(f.file_name, f.conformed) for f in result.files] == [
        ("complaints_2023-05.csv", 1),
        ("complaints_2023-04.csv", 2),
    ]


def test_duplicates_across_files_of_one_batch(world):
    world.configure(MONTHLY)
    result = world.receive(
        {
            "complaints_2023-04.csv": month("C1,2023-04-03,statutory", "C2,2023-04-03,statutory"),
            "complaints_2023-05.csv": month("C1,2023-04-03,statutory", "C2,2023-04-03,corporate"),
        }
    )
    found = sorted(result.problems.select("file_name", "row", "code").rows())
    assert found == [
        ("complaints_2023-04.csv", 3, "duplicate_id"),
        ("complaints_2023-05.csv", 2, "duplicate_row"),
        ("complaints_2023-05.csv", 3, "duplicate_id"),
    ]


def test_two_files_for_one_source_and_scope_are_both_rejected(world):
    world.configure(MONTHLY)
    result = world.receive(
        {
            "complaints_2023-04.csv": month("C1,2023-04-03,statutory"),
            "complaints_2023-04_final.csv": month("C2,2023-04-03,statutory"),
        }
    )
    assert result.problems["code"].to_list() == ["ambiguous_file"] * 2
    assert not world.rows("complaint").height


def test_a_file_that_was_a_rival_may_come_again_alone(world):
    world.configure(MONTHLY)
    right = month("C1,2023-04-03,statutory")
    world.drop("complaints_2023-04.csv", right)
    rival = world.drop("complaints_2023-04_old.csv", month("C2,2023-04-03,statutory"))
    assert {f.status for f in world.load().files} == {"rejected"}
    before = state_of(world)
    assert all(f.is_known for f in world.load().files)
    assert state_of(world) == before
    rival.unlink()
    assert [f.status for f in world.load().files] == ["loaded"]


def test_a_file_replaced_within_its_folder_is_the_later_one(world):
    world.drop("complaint.csv", complaints(complaint(1)))
    world.load()
    world.drop("complaint.csv", complaints(complaint(2)))
    world.drop("stage.csv", stages(stage(1), stage(2)))
    result = world.load()
    assert codes(result) == [(2, "orphan_reference")]
    latest = world.ledger().filter(pl.col("source") == "complaint").filter(pl.col("supersedes").is_not_null())
    assert latest.height == 1


@pytest.mark.parametrize(
    ("name", "inside", "told"),
    [
        (
            "cases.ods",
            ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
            "an OpenDocument spreadsheet (.ods)",
        ),
        ("cases.xlsb", ("xl/workbook.bin", "x"), "an Excel binary workbook (.xlsb)"),
    ],
)
def test_of_a_file_that_no_source_names_it_is_said_what_it_is(world, name, inside, told):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(*inside)
    result = world.receive({name: content.getvalue()})
    assert codes(result) == [(None, "unknown_file")]
    assert f"It is {told}. Open it and save it as Excel Workbook (.xlsx)." in result.problems["message"][0]


def test_an_unknown_file_is_rejected_and_kept(world):
    result = world.receive({"letters.docx": b"whatever"})
    assert codes(result) == [(None, "unknown_file")]
    assert world.ledger()["source"].to_list() == ["unknown"]
    assert (world.settings.state / "kept" / world.ledger()["sha256"][0]).exists()


def test_every_table_is_there_with_its_columns_before_anything_is(world):
    world.load()
    for name, table in world.authority_contract().tables.items():
        empty = pl.read_parquet(world.settings.state / "conformed" / name / EMPTY)
        assert dict(empty.schema) == table.schema and not empty.height
    assert "status" in pl.read_parquet(world.settings.state / "conformed" / "extract" / EMPTY).columns


def test_the_drop_folder_is_read_in_order_of_receipt(world):
    world.drop("complaint.csv", complaints(complaint(1), complaint(2)), "2024-05-07")
    world.drop("complaint.csv", complaints(complaint(1)), "2024-04-08")
    world.drop("stage.csv", stages(stage(1)), "2024-04-08")
    world.drop(".hidden", b"x")
    world.drop("~$complaint.xlsx", b"x")
    world.drop("notes.csv", b"x", "not-a-date")
    result = world.load()
    assert [f.file_name for f in result.files] == ["complaint.csv", "stage.csv", "complaint.csv"]
    assert any("not-a-date" in message for message in result.messages)
    assert world.ledger().filter(pl.col("supersedes").is_not_null())["received_at"].to_list() == [
        datetime(2024, 5, 7)
    ]
    before = state_of(world)
    assert all(f.is_known for f in world.load().files)
    assert state_of(world) == before


def test_only_the_years_wanted_are_read(world):
    world.drop("complaint.csv", complaints(complaint(1)), year="2022-23", on="2023-04-08")
    world.drop("complaint.csv", complaints(complaint(2)), year="2023-24")
    assert len(world.load(years=["2022-23"]).files) == 1


def test_a_file_outside_a_folder_of_a_batch_is_named_and_not_read(world):
    batch = world.drop("complaint.csv", complaints(complaint(1))).parent
    (batch.parent / "stage.csv").write_bytes(stages(stage(1)))
    (batch.parent.parent / "issue.csv").write_bytes(b"x")
    result = world.load()
    assert [file.file_name for file in result.files] == ["complaint.csv"]
    passed_over = [message for message in result.messages if "not read" in message]
    assert [message.split(":")[0] for message in passed_over] == ["issue.csv", "2023-24/stage.csv"]


def test_a_path_that_leads_out_of_the_drop_folder_is_rejected_and_not_read(world, tmp_path):
    secret = tmp_path / "elsewhere" / "complaint.csv"
    secret.parent.mkdir()
    secret.write_bytes(complaints(complaint(1)))
    place = world.drop("stage.csv", stages()).parent
    (place / "complaint.csv").symlink_to(secret)
    (place.parent / "2024-05-07").symlink_to(secret.parent)
    (place / "dangling.csv").symlink_to(tmp_path / "nothing")
    result = world.load()
    assert [(f.file_name, f.status) for f in result.files if f.file_name != "stage.csv"] == [
        ("complaint.csv", "rejected"),
        ("dangling.csv", "rejected"),
        ("complaint.csv", "rejected"),
    ]
    assert set(result.problems.filter(pl.col("severity") == "reject_file")["code"]) == {"outside_drop_folder"}
    assert not world.rows("complaint").height
    assert len(list((world.settings.state / "kept").iterdir())) == 1


def test_files_are_read_again_when_the_configuration_changes(world):
    world.configure(MONTHLY)
    world.receive({"complaints_2023-04.csv": month("C1,03/04/2023,statutory")}, on="2023-05-01")
    assert not world.rows("complaint").height
    world.configure(MONTHLY.replace("Received, ", '{from: Received, format: "%d/%m/%Y"}, '))
    world.load()
    assert world.rows("complaint")["complaint_id"].to_list() == ["C1"]
    assert world.ledger()["received_at"].to_list() == [datetime(2023, 5, 1)]
    write_quarantine(world.settings)
    assert (world.settings.build / "quarantine" / "quarantine.csv").read_text().count("\n") == 1


def test_a_file_that_does_not_exist_is_said(world, tmp_path):
    with pytest.raises(ConfigurationProblem, match="no file"):
        receive([(tmp_path / "none.csv", datetime(2024, 1, 1))], world.authority(), world.settings)


def test_a_run_that_loses_a_record_stops(world, monkeypatch):
    def lose(members, *_):
        members[0].bad[2] = True

    monkeypatch.setattr("redress.intake.batches.find_orphans", lose)
    with pytest.raises(IntakeInvariantError):
        world.receive({"complaint.csv": complaints(complaint(1))})
    assert not world.ledger().height


def test_a_run_that_is_cut_off_leaves_nothing_that_counts(world, monkeypatch):
    from redress.intake.store import Store

    monkeypatch.setattr(Store, "_write_or_remove", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        world.receive({"complaint.csv": complaints(complaint(1))})
    assert not world.ledger().height
    monkeypatch.undo()
    assert file_of(world.receive({"complaint.csv": complaints(complaint(1))}), "complaint.csv").conformed == 1
    assert world.rows("complaint").height == 1
    assert not list(world.settings.state.rglob("*.tmp"))


def test_received_is_conformed_plus_quarantined_for_every_file(world):
    world.receive(
        {
            "complaint.csv": complaints(
                *[complaint(n, procedure="x" if n % 3 == 0 else "statutory") for n in range(1, 40)]
            ),
            "stage.csv": stages(*[stage(n) for n in range(1, 60)]),
            "issue.csv": issues(*[issue(n % 50) for n in range(1, 60)]),
        }
    )
    ledger = world.ledger()
    assert (ledger["rows_received"] == ledger["rows_conformed"] + ledger["rows_quarantined"]).all()
    problems = pl.read_parquet(str(world.settings.state / "quarantine" / "*.parquet"))
    counted = (
        problems.filter(pl.col("severity") == "quarantine_row")
        .group_by("extract_id")
        .agg(pl.col("row").n_unique())
    )
    assert dict(counted.rows()) == dict(ledger.select("extract_id", "rows_quarantined").rows())


SHEETS = """
version: 1
defaults: {format: xlsx, header_row: 3}
sources:
  - id: complaints
    files: "Year *.xlsx"
    scope: '(\\d{4}-\\d{2})'
    sheet: Complaints
    tables:
      - table: complaint
        columns: {complaint_id: Ref, received_date: Logged, procedure: Type}
  - id: stages
    files: "Year *.xlsx"
    scope: '(\\d{4}-\\d{2})'
    sheet: Stages
    tables:
      - table: stage
        columns: {stage_id: Episode, complaint_id: Ref, procedure: Type, stage: Stage, requested_date: Started}
"""
TITLE = [["Children's Services"], []]
COMPLAINTS = [*TITLE, ["Ref", "Logged", "Type"], ["C1", datetime(2023, 4, 3), "statutory"]]
STAGES = [*TITLE, ["Episode", "Ref", "Type", "Stage", "Started"]]


def stage_row(ref: str) -> list:
    return [f"{ref}/1", ref, "statutory", 1, datetime(2023, 4, 3)]


def test_each_sheet_of_a_workbook_is_an_extract_of_its_own(world):
    world.configure(SHEETS)
    data = workbook({"Complaints": COMPLAINTS, "Stages": [*STAGES, stage_row("C1"), stage_row("C9")]})
    result = world.receive({"Year 2023-24.xlsx": data})
    assert [(f.source, f.scope, f.status, f.received) for f in result.files] == [
        ("complaints", "2023-24", "loaded", 1),
        ("stages", "2023-24", "loaded", 2),
    ]
    assert world.rows("stage")["stage_id"].to_list() == ["C1/1"]
    assert codes(result) == [(5, "orphan_reference")]
    [message] = result.problems["message"]
    assert message.startswith("Sheet Stages: ")
    assert [line.partition(":")[0] for line in result.messages] == [
        "Year 2023-24.xlsx, sheet Complaints",
        "Year 2023-24.xlsx, sheet Stages",
    ]
    assert world.ledger()["sha256"].n_unique() == 1 and world.ledger().height == 2
    assert all(f.is_known for f in world.receive({"Year 2023-24.xlsx": data}).files)


def test_a_sheet_that_is_missing_does_not_stop_the_others(world):
    world.configure(SHEETS)
    result = world.receive({"Year 2023-24.xlsx": workbook({"Complaints": COMPLAINTS})})
    assert [(f.source, f.status) for f in result.files] == [("complaints", "loaded"), ("stages", "rejected")]
    assert result.problems["code"].to_list() == ["missing_sheet"]


def test_a_newer_workbook_replaces_every_sheet(world):
    world.configure(SHEETS)
    world.receive(
        {"Year 2023-24.xlsx": workbook({"Complaints": COMPLAINTS, "Stages": [*STAGES, stage_row("C1")]})}
    )
    again = workbook(
        {"Complaints": [*COMPLAINTS, ["C2", datetime(2023, 5, 2), "corporate"]], "Stages": STAGES}
    )
    result = world.receive({"Year 2023-24.xlsx": again}, on="2024-05-07")
    assert all("replaces" in f.message for f in result.files)


def test_a_changed_mapping_reads_a_workbook_again_once_for_all_its_sheets(world):
    world.configure(SHEETS)
    data = workbook({"Complaints": COMPLAINTS, "Stages": [*STAGES, stage_row("C1")]})
    world.receive({"Year 2023-24.xlsx": data})
    world.configure(SHEETS + "words: {}\n")
    result = world.receive({"Year 2023-24.xlsx": data})
    assert all(f.is_known for f in result.files)
    assert world.ledger()["source"].sort().to_list() == ["complaints", "stages"]


@pytest.mark.parametrize("sheet", ["header_row: 3", "sheet: complaints"])
def test_sources_that_may_read_the_same_sheet_are_ambiguous(world, sheet):
    world.configure(SHEETS.replace("sheet: Stages", sheet))
    result = world.receive({"Year 2023-24.xlsx": workbook({"Complaints": COMPLAINTS})})
    assert [(f.source, f.status) for f in result.files] == [("unknown", "rejected")]
    assert result.problems["code"].to_list() == ["ambiguous_file"]


def test_a_file_that_is_read_again_says_what_is_loaded_now_and_was_before(world):
    rows = [complaint(1), complaint(2, channel="Pigeon"), complaint(3, channel="Pigeon")]
    world.receive({"complaint.csv": complaints(*rows)})
    known = world.receive({"complaint.csv": complaints(*rows)})
    assert known.messages == ["complaint.csv: received before, on 2024-04-08; nothing changes."]
    profile = (world.folder / "profile.yml").read_text("utf-8").replace("[Email,", "[Email, Pigeon,")
    world.configure(profile=profile)
    again = world.receive({"complaint.csv": complaints(*rows)})
    assert file_of(again, "complaint.csv").loaded_before == 1
    assert again.messages == [
        "complaint.csv: received before, on 2024-04-08; it was read again, because how files are read has changed: "
        "now loaded 3 of 3 records, before 1."
    ]
