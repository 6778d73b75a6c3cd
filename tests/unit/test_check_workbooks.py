"""Workbooks by owner: what failed, in words, with numbers and rows, safe to open and easy to read aloud."""

from __future__ import annotations

import zipfile
from datetime import date

import duckdb
import openpyxl
import pytest

from expectations.suites import FAMILIES
from redress.reconcile import failing_rows, to_fix
from redress.reconcile.families import words as families_words

TODAY = date(2024, 6, 3)


def check(verdict="fail", **more) -> dict:
    """A record of one check of a report."""
    return {
        "check_id": "parts:a",
        "family": "parts_to_total",
        "authority": "ashby",
        "reporting_year": "2023-24",
        "statement": "3 + 4 = 7; in all 8.",
        "expected": "8",
        "found": "7",
        "verdict": verdict,
        "severity": "block",
        "owner": "Complaints team",
        **more,
    }


@pytest.fixture
def build(tmp_path):
    """A results folder with the evidence of two checks, one of which holds."""
    folder = tmp_path / failing_rows.FOLDER
    folder.mkdir()
    with duckdb.connect() as connection:
        connection.execute(
            "create table numbers as select 'ashby' as authority, '2023-24' as reporting_year, * from (values "
            "('parts:a', '', 'By team', 'found', 0, '=HYPERLINK(\"x\")', 1, 3.0, '=', 8.0, 7.0, false, '', 'f-1'), "
            "('parts:a', '', 'By team', 'found', 1, 'counted twice', -1, 4.0, '=', 8.0, 7.0, false, '', ''), "
            "('parts:a', '', 'By team', 'expected', 0, 'in all', 1, null, '=', 8.0, 7.0, false, '', 'f-3'), "
            "('parts:a', 'x', 'By ward', 'found', 0, 'ward', 1, 9.0, '=', 9.0, 9.0, true, '', 'f-9'), "
            "('parts:b', '', '', 'found', 0, 'other', 1, 3.0, '=', 3.0, 3.0, true, '', 'f-4')"
            ") as t(check_id, line, line_title, side, position, label, sign, value, op, expected, found, holds, note, "
            "figure_id)"
        )
        connection.execute(f"copy numbers to '{folder / 'parts_to_total.parquet'}' (format parquet)")
        connection.execute(
            "create table rows as select 'parts_to_total' as family, 'ashby' as authority, '2023-24' as reporting_year, "
            "'parts:a' as check_id, 'cases.csv' as file, 12::bigint as row, 'in the extract and not in a mart' as what"
        )
        connection.execute(f"copy rows to '{folder / 'failing_rows.parquet'}' (format parquet)")
    return tmp_path


def sheets(path) -> dict[str, list[tuple]]:
    """The cells of each sheet."""
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in openpyxl.load_workbook(path)}


def test_each_owner_gets_one_workbook_and_nobody_one_for_what_holds(build):
    written = to_fix.write(
        build,
        [
            check(),
            check("pass", owner="Nobody"),
            check("error", authority="", owner="whoever maintains Redress"),
        ],
        today=TODAY,
    )
    assert sorted(str(path.relative_to(build)) for path in set(written.values())) == [
        "to-fix/all-authorities/whoever-maintains-redress.xlsx",
        "to-fix/ashby/complaints-team.xlsx",
    ]
    assert to_fix.write(build, [check("pass")], today=TODAY) == {}
    assert not list((build / "to-fix").rglob("*.xlsx")), "yesterday's workbooks are gone"


def test_a_workbook_says_what_failed_since_when_what_to_do_and_which_rows(build):
    history = {
        ("ashby", "2023-24", "parts:a"): {
            "first_failed_at": "2024-06-02T02:30:00+00:00",
            "last_passed_at": "2024-06-01T02:30:00+00:00",
            "runs_failing": "2",
        }
    }
    [path] = to_fix.write(build, [check()], history, TODAY).values()
    found = sheets(path)
    assert list(found) == ["What failed", "Numbers", "Rows"]
    told = dict(zip(*found["What failed"], strict=True))
    assert told["What was checked"] == "3 + 4 = 7; in all 8."
    assert (told["Expected"], told["Found"], told["Effect"]) == (8, 7, "stops publishing")
    assert (told["Failing since"], told["Runs failing"], told["Last passed"]) == (
        "2 June 2024",
        2,
        "1 June 2024",
    )
    assert told["What to do"] == families_words.families()["parts_to_total"].to_do
    numbers = [dict(zip(found["Numbers"][0], row, strict=True)) for row in found["Numbers"][1:]]
    assert [(one["Side"], one["Number"], one["Figure"]) for one in numbers] == [
        ("expected", "missing", "f-3"),
        ("found", 3, "f-1"),
        ("found", -4, None),
    ], "the lines that do not hold, and no other"
    assert found["Rows"][1] == ("2023-24", "cases.csv", 12, "in the extract and not in a mart", "parts:a")


def test_what_comes_from_data_is_never_a_formula(build):
    statement = "=1+1"
    [path] = to_fix.write(build, [check(statement=statement, owner="=cmd()")], today=TODAY).values()
    book = openpyxl.load_workbook(path)
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    values = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    assert "'=1+1" in values and '\'=HYPERLINK("x")' in values
    with zipfile.ZipFile(path) as parts:
        assert not [name for name in parts.namelist() if b"<f>" in parts.read(name)]


def test_a_workbook_can_be_read_aloud(build):
    [path] = to_fix.write(build, [check()], today=TODAY).values()
    book = openpyxl.load_workbook(path)
    assert book.properties.title == "Checks to put right: Complaints team, ashby"
    for sheet in book:
        assert not sheet.merged_cells.ranges and sheet.freeze_panes == "A2"
        assert all(cell.value and cell.font.bold for cell in sheet[1])


def test_the_same_checks_give_the_same_bytes(build):
    [path] = to_fix.write(build, [check()], today=TODAY).values()
    before = path.read_bytes()
    to_fix.write(build, [check()], today=TODAY)
    assert path.read_bytes() == before


def test_an_accepted_fault_says_until_when_and_why(build):
    accepted = {"by": "Head of service", "reason": "Two teams merged", "until": "2024-06-03"}
    told = to_fix.effect(check(severity="warn", accepted=accepted))
    assert told == "accepted until 3 June 2024: Two teams merged"


def test_figures_and_printed_numbers_at_fault_are_listed(build):
    rule = check(check_id="table-rules:x", family="table_rules", figure_ids=["f-7"])
    printed = check(
        check_id="figures-equal-published:2023-24", family="figures_equal_published", refs=["r-1"]
    )
    found = failing_rows.numbers(build, [rule, printed])
    assert [(one["check_id"], one["figure_id"], one["line"]) for one in found] == [
        ("table-rules:x", "f-7", ""),
        ("figures-equal-published:2023-24", "", "r-1"),
    ]


def test_relations_are_counted_by_line(build):
    assert failing_rows.relations(build) == {("ashby", "2023-24", "parts_to_total"): (3, 2)}


def test_every_family_has_a_heading_a_sentence_and_something_to_do():
    words = families_words.families()
    assert {family.name for family in FAMILIES} <= set(words)
    for name, one in words.items():
        assert (
            one.heading != name.replace("_", " ").capitalize()
            and one.says.endswith(".")
            and one.to_do != families_words.ANY
        )
    assert families_words.what_to_do(check("error")) == families_words.NOT_EVALUATED
    assert families_words.families(["something_new"])["something_new"].heading == "Something new"
