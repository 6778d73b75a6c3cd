"""Coventry's synthetic year: it regenerates to the same file and adds up to what the report prints."""

import csv
import re
from collections import Counter
from datetime import date, datetime

import pytest
import yaml
from openpyxl import load_workbook

from redress.reconcile.printed import relation_holds
from tests.unit.synthetic.conftest import AUTHORITIES, later_than, stages_out_of_order

COUNCIL = "coventry"
FOLDER = AUTHORITIES / COUNCIL


@pytest.fixture(scope="module")
def sources():
    """The sources of the mapping by the sheet that they read."""
    mapping = yaml.safe_load((FOLDER / "mapping.yml").read_text(encoding="utf-8"))
    return {source["sheet"]: source for source in mapping["sources"]}, mapping["defaults"]["header_row"]


def rows_of(name: str) -> list[dict]:
    """The rows of one of the authority's CSV files."""
    with open(FOLDER / name, newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def test_regenerating_gives_the_committed_file(made):
    [(path, _, _)] = made.written
    committed = [p for p in (FOLDER / "extracts").rglob("*") if p.is_file()]
    assert [p.relative_to(FOLDER / "extracts") for p in committed] == [path.relative_to(made.folder)]
    assert committed[0].read_bytes() == path.read_bytes()


def test_dates_follow_one_another_and_none_is_after_the_extract(cases):
    assert later_than(cases, date(2022, 3, 31)) == []
    assert stages_out_of_order(cases) == []


def test_headline_numbers_counted_by_hand(cases):
    """A second count, with the numbers typed here and not read from the margins."""
    assert Counter(r["procedure"] for r in cases.rows("complaint")) == {
        "statutory": 177,
        "corporate": 18,
        "informal": 40,
    }
    first = [r for r in cases.rows("stage") if r["procedure"] == "statutory" and r["stage"] == 1]
    assert len(first) == 177
    assert sum(r.get("responded_date") is not None for r in first) == 163
    assert sum(r.get("closed_how") == "withdrawn" for r in first) == 65
    second = [r for r in cases.rows("stage") if r["procedure"] == "statutory" and r["stage"] == 2]
    assert sum(r.get("responded_date") is not None for r in second) == 13
    assert len(cases.rows("compliment")) == 502
    assert len(cases.rows("compliment_category")) == 708
    statutory = {r["complaint_id"] for r in cases.rows("complaint") if r["procedure"] == "statutory"}
    assert sum(r["complaint_id"] in statutory for r in cases.rows("issue")) == 400
    assert sum(r["amount_gbp"] for r in cases.rows("remedy")) == 500


def test_a_title_stands_above_every_table_and_days_are_date_cells(made, sources):
    by_sheet, header_row = sources
    book = load_workbook(made.written[0][0])
    assert set(book.sheetnames) == set(by_sheet)
    for name in book.sheetnames:
        lines = list(book[name].values)
        assert lines[1][0] == name
        assert all(isinstance(cell, str) for cell in lines[header_row - 1])
    logged = [row[2] for row in list(book["Complaints"].values)[header_row:]]
    assert [day for day in logged if not isinstance(day, datetime)] == ["31/11/2021"]


def test_the_mapping_names_every_column_of_every_sheet(made, sources):
    by_sheet, header_row = sources
    book = load_workbook(made.written[0][0])
    for name, source in by_sheet.items():
        named = set(source.get("ignore", []))
        for target in source["tables"]:
            for rule in target["columns"].values():
                if isinstance(rule, str) or "from" in rule:
                    named.add(rule if isinstance(rule, str) else rule["from"])
            named |= {target[key]["column"] for key in ("where", "split") if key in target}
        assert set(list(book[name].values)[header_row - 1]) == named, name


def test_intake_finds_what_was_planted_and_nothing_else(made, received):
    planted = made.written[0][2]
    problems = received.problems.filter(received.problems["row"].is_not_null())
    found = {
        f"{re.match('Sheet (.*?): ', message)[1]} {row}": code
        for row, code, message in problems.select("row", "code", "message").rows()
    }
    assert found == planted
    assert Counter(planted.values()) == {
        "unknown_word": 1,
        "impossible_date": 1,
        "parent_set_aside": 1,
        "orphan_reference": 1,
        "duplicate_row": 1,
        "excel_error": 1,
        "total_row": 1,
    }
    whole = received.problems.filter(received.problems["row"].is_null())
    assert whole.select("code", "severity").rows() == [("header_only", "warn")]


def test_every_sheet_is_accounted_for(made, received, sources):
    assert [f.status for f in received.files] == ["loaded"] * len(sources[0])
    assert sum(f.received for f in received.files) == made.written[0][1]
    assert all(f.received == f.conformed + f.quarantined for f in received.files)


def test_every_printed_number_has_a_figure_or_a_reason():
    printed = rows_of("published/2021-22.csv")
    assert len(printed) == 235
    assert [r["ref"] for r in printed if not r["figure_measure"] and not r["note"]] == []


def test_every_contradiction_fails_on_the_printed_numbers():
    printed = {"r" + r["ref"][-4:]: float(r["value"] or 0) for r in rows_of("published/2021-22.csv")}
    register = rows_of("published/2021-22-contradictions.csv")
    assert len(register) == 21
    for entry in register:
        assert not relation_holds(entry["relation"], printed), entry["ref"]
        named = set(re.findall(r"r\d{4}", entry["relation"])) - {"r" + entry["ref"][-4:]}
        assert named <= {"r" + ref[-4:] for ref in entry["conflicts_with"].split()}, entry["ref"]


def test_teams_and_categories_are_declared(cases):
    services = {row["service"]: row for row in rows_of("services.csv")}
    assert {row["parent_service"] for row in services.values()} <= {*services, ""}
    tables = ("complaint_service", "issue", "stage", "learning", "compliment", "ombudsman_service")
    assert {row["service"] for name in tables for row in cases.rows(name)} <= set(services)
    declared = {(r["category"], r["sub_category"]) for r in rows_of("categories.csv")}
    assert {(r["category"], r["sub_category"] or "") for r in cases.rows("issue")} <= declared


def test_nobody_is_born_after_the_complaint(cases):
    born = [r for r in cases.rows("complaint") if r["birth_date"]]
    assert all(date(1955, 1, 1) < r["birth_date"] < r["received_date"] for r in born)
