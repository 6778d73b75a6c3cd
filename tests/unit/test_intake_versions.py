"""Monthly files that repeat one another: each record counts once, in the version of the latest month."""

from __future__ import annotations

from datetime import date

import openpyxl
import pytest
from intake_world import World, codes, file_of

from redress.base.settings import ROOT
from redress.base.strict_yaml import parse_yaml
from redress.contract.contract import load_contract
from redress.contract.mapping_reader import read_mapping
from redress.intake import write_quarantine

MONTHLY = """
version: 1
defaults: {date_format: "%d/%m/%Y"}
sources:
  - id: feedback
    files: "Feedback *.csv"
    scope: "(\\\\d{4}-\\\\d{2})"
    versions: {by: Ref}
    tables:
      - table: complaint
        columns: {complaint_id: Ref, received_date: Received, procedure: Type}
      - table: stage
        columns:
          stage_id: {template: "{Ref}-1"}
          complaint_id: Ref
          procedure: Type
          stage: {value: 1}
          requested_date: Received
          responded_date: Answered
"""
LOG = """
version: 1
defaults: {date_format: "%d/%m/%Y"}
sources:
  - id: cases
    files: "cases.csv"
    tables: [{table: complaint, columns: {complaint_id: Ref, received_date: Received, procedure: Type}}]
  - id: log
    files: "log *.csv"
    scope: "(\\\\d{4}-\\\\d{2})"
    versions: {by: stage_id}
    tables:
      - table: stage
        columns:
          stage_id: stage_id
          complaint_id: complaint_id
          procedure: procedure
          stage: stage
          requested_date: requested_date
"""
APRIL, MAY, JUNE = "Feedback 2023-04.csv", "Feedback 2023-05.csv", "Feedback 2023-06.csv"


def month(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in ("Ref,Type,Received,Answered", *lines)).encode()


@pytest.fixture
def world(tmp_path):
    return World(tmp_path).configure(MONTHLY)


FIRST = {
    APRIL: month("1,statutory,03/04/2023,", "2,statutory,04/04/2023,12/04/2023"),
    MAY: month("2,statutory,04/04/2023,12/04/2023", "1,statutory,03/04/2023,02/05/2023"),
}


def counts(world, name: str) -> tuple[int, int, int]:
    """Records received, conformed and set aside of the file's latest entry in the ledger."""
    row = next(r for r in reversed(world.ledger().rows(named=True)) if r["file_name"] == name)
    return row["rows_received"], row["rows_conformed"], row["rows_quarantined"]


def in_force(world, name: str) -> dict:
    """What the extracts in force now hold: stage -> its answer."""
    ledger = world.ledger().rows(named=True)
    latest = {row["scope"]: row["extract_id"] for row in sorted(ledger, key=lambda r: r["received_at"])}
    rows = world.rows(name).rows(named=True)
    return {r["stage_id"]: r["responded_date"] for r in rows if r["extract_id"] in latest.values()}


def test_of_one_batch_the_latest_month_has_the_version_that_counts(world):
    result = world.receive(FIRST)
    assert sorted(codes(result)) == [(2, "superseded_row"), (3, "superseded_row")]
    assert counts(world, APRIL) == (2, 0, 2)
    assert counts(world, MAY) == (2, 2, 0)
    assert in_force(world, "stage") == {"1-1": date(2023, 5, 2), "2-1": date(2023, 4, 12)}


def test_a_month_that_comes_later_takes_over_what_it_repeats(world):
    world.receive(FIRST)
    world.receive({JUNE: month("1,statutory,03/04/2023,01/06/2023")}, on="2024-05-07")
    assert counts(world, MAY) == (2, 1, 1)
    assert counts(world, JUNE) == (1, 1, 0)
    assert in_force(world, "stage") == {"1-1": date(2023, 6, 1), "2-1": date(2023, 4, 12)}


def test_an_earlier_month_that_comes_last_takes_over_nothing(world):
    world.receive({MAY: FIRST[MAY]})
    world.receive({APRIL: FIRST[APRIL]}, on="2024-05-07")
    assert counts(world, APRIL) == (2, 0, 2)
    assert in_force(world, "stage") == {"1-1": date(2023, 5, 2), "2-1": date(2023, 4, 12)}


def test_a_corrected_month_that_drops_a_record_gives_back_the_earlier_version(world):
    world.receive(FIRST)
    world.receive({MAY: month("1,statutory,03/04/2023,02/05/2023")}, on="2024-05-07")
    assert counts(world, APRIL) == (2, 1, 1)
    assert in_force(world, "stage") == {"1-1": date(2023, 5, 2), "2-1": date(2023, 4, 12)}


def test_a_faulty_later_version_is_not_replaced_by_one_that_is_out_of_date(world):
    result = world.receive(
        {APRIL: FIRST[APRIL], MAY: month("1,statutory,03/04/2023,31/06/2023", "3,corporate,02/05/2023,")}
    )
    assert sorted(codes(result)) == [(2, "impossible_date"), (2, "superseded_row")]
    assert set(in_force(world, "stage")) == {"2-1", "3-1"}


def test_a_batch_that_leaves_the_source_out_brings_no_version_back_that_is_out_of_date(world):
    world.configure(LOG)
    lines = "stage_id,complaint_id,procedure,stage,requested_date\n"
    april, may = "S1,1,statutory,1,03/04/2023\n", "S1,1,statutory,1,31/06/2023\nS2,1,statutory,2,02/05/2023\n"
    world.receive(
        {
            "cases.csv": month("1,statutory,03/04/2023,"),
            "log 2023-04.csv": f"{lines}{april}".encode(),
            "log 2023-05.csv": f"{lines}{may}".encode(),
        }
    )
    before = world.ledger().height
    world.receive({"cases.csv": month("1,statutory,03/04/2023,", "2,statutory,04/05/2023,")}, on="2024-05-07")
    assert set(in_force(world, "stage")) == {"S2"}
    assert world.ledger().height == before + 1


def test_a_fault_that_a_later_month_repairs_is_not_told(world):
    result = world.receive({APRIL: month("1,statutory,31/04/2023,"), MAY: FIRST[MAY]})
    assert codes(result) == [(2, "superseded_row")]


def test_records_of_one_file_are_no_versions_of_one_another(world):
    result = world.receive({MAY: month("1,statutory,03/04/2023,", "1,statutory,03/04/2023,02/05/2023")})
    assert sorted(codes(result)) == [(2, "duplicate_id"), (3, "duplicate_id")]


def test_a_stage_that_a_later_month_holds_under_two_names_is_set_aside(world):
    world.configure(LOG)
    lines = "stage_id,complaint_id,procedure,stage,requested_date"
    first = {"cases.csv": month("1,statutory,03/04/2023,", "2,statutory,04/05/2023,")}
    world.receive({**first, "log 2023-04.csv": f"{lines}\nS1,1,statutory,1,03/04/2023\n".encode()})
    twice = f"{lines}\nS2,2,statutory,1,04/05/2023\nS3,2,statutory,1,05/05/2023\n".encode()
    result = world.receive({"log 2023-05.csv": twice}, on="2024-05-07")
    assert sorted(codes(result)) == [(2, "duplicate_id"), (3, "duplicate_id")]


def test_the_same_batch_again_changes_nothing(world):
    world.receive(FIRST)
    before = world.ledger()
    result = world.receive(FIRST, on="2024-05-07")
    assert [f.is_known for f in result.files] == [True, True]
    assert world.ledger().equals(before)


def test_the_column_must_be_in_the_file(world):
    result = world.receive({APRIL: b"Type,Received,Answered\nstatutory,03/04/2023,\n"})
    assert codes(result) == [(None, "missing_required_column")]
    assert file_of(result, APRIL).status == "rejected"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ('    scope: "(\\\\d{4}-\\\\d{2})"\n', "versions needs a scope"),
        ("{by: Ref}", "versions has the form"),
    ],
)
def test_the_mapping_says_what_is_wrong_with_versions(change, told):
    wrong = MONTHLY.replace(change, "" if "scope" in change else "[Ref]")
    _, problems = read_mapping(parse_yaml(wrong), load_contract(ROOT / "seeds" / "reference"))
    assert len(problems) == 1 and told in problems[0].problem


def test_the_events_of_a_case_are_taken_over_together(tmp_path):
    log = """
version: 1
defaults: {date_format: "%d/%m/%Y"}
sources:
  - id: log
    files: "log *.csv"
    scope: "(\\\\d{4}-\\\\d{2})"
    versions: {by: Case}
    group:
      by: Case
      columns:
        Received: {from: When, where: {column: Event, in: [Received]}}
        Answered: {from: When, where: {column: Event, in: [Answered]}}
    tables:
      - table: complaint
        columns: {complaint_id: Case, received_date: Received, procedure: {value: statutory}}
"""
    world = World(tmp_path).configure(log)
    head = "Case,Event,When\n1,Received,03/04/2023\n"
    april, may = head + "2,Received,04/04/2023\n1,Answered,11/04/2023\n", head + "1,Answered,12/04/2023\n"
    result = world.receive({"log 2023-04.csv": april.encode(), "log 2023-05.csv": may.encode()})
    assert sorted(codes(result)) == [(2, "superseded_row"), (4, "superseded_row")]
    assert sorted(world.rows("complaint").select("complaint_id", "source_row").rows()) == [("1", 2), ("2", 3)]


def test_what_needs_no_repair_is_in_the_csv_and_not_on_the_list_of_repairs(world):
    world.receive({APRIL: month("1,statutory,03/04/2023,", "9,statutory,31/04/2023,"), MAY: FIRST[MAY]})
    folder = write_quarantine(world.settings)
    assert (folder / "quarantine.csv").read_text(encoding="utf-8").count("superseded_row") == 1
    [path] = folder.glob("*.xlsx")
    book = openpyxl.load_workbook(path)
    listed = [row[4] for row in book["Rows"].iter_rows(min_row=2, values_only=True)]
    assert listed == ["impossible_date"]
    assert "superseded_row" in [row[1] for row in book["By rule"].iter_rows(min_row=2, values_only=True)]


def test_the_report_of_problems_is_left_as_it_is_and_made_anew_where_something_differs(world):
    world.receive({APRIL: month("9,statutory,31/04/2023,")})
    folder = write_quarantine(world.settings)
    [path] = folder.glob("*.xlsx")
    right, csv = path.read_bytes(), (folder / "quarantine.csv").read_bytes()
    written = path.stat().st_mtime_ns
    write_quarantine(world.settings)
    assert path.stat().st_mtime_ns == written, "the same problems, the same report"
    path.write_bytes(b"changed by somebody")
    (folder / "quarantine.csv").unlink()
    write_quarantine(world.settings)
    assert path.read_bytes() == right and (folder / "quarantine.csv").read_bytes() == csv
    world.receive({MAY: month("10,statutory,31/04/2023,")})
    write_quarantine(world.settings)
    assert (folder / "quarantine.csv").read_bytes() != csv
