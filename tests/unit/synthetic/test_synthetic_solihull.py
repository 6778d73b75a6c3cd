"""Solihull's synthetic year: it regenerates to the same files and adds up to what the report prints."""

import ast
import csv
import fnmatch
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import yaml
from openpyxl import load_workbook

from redress.base.settings import ROOT
from tests.unit.synthetic.conftest import AUTHORITIES, files, later_than, stages_out_of_order

COUNCIL = "solihull"
FOLDER = AUTHORITIES / COUNCIL
START, END = date(2023, 4, 1), date(2024, 3, 31)


@pytest.fixture(scope="module")
def mapping():
    """The council's mapping."""
    return yaml.safe_load((FOLDER / "mapping.yml").read_text(encoding="utf-8"))


def records(path: Path, source: dict) -> list[dict]:
    """The records of one exported file, as its source declares header row and encoding."""
    if path.suffix == ".xlsx":
        lines = [list(row) for row in load_workbook(path)[source["sheet"]].values]
        lines = lines[source.get("header_row", 1) - 1 :]
    else:
        with open(path, newline="", encoding=source.get("encoding", "utf-8")) as handle:
            lines = list(csv.reader(handle))
    header, *body = lines
    return [dict(zip(header, line, strict=False)) | {"_cells": len(line)} for line in body]


def source_of(name: str, mapping: dict) -> dict:
    """The one source of the mapping that takes a file."""
    found = [s for s in mapping["sources"] if fnmatch.fnmatch(name.lower(), s["files"].lower())]
    assert len(found) == 1, name
    return found[0]


def columns_of(source: dict) -> list[tuple[str, dict]]:
    """(native column, column mapping) of every mapped column of a source."""
    pairs = []
    for target in source["tables"]:
        for rule in target["columns"].values():
            if isinstance(rule, str):
                pairs.append((rule, {}))
            elif "from" in rule:
                pairs.append((rule["from"], rule))
            elif "template" in rule:
                pairs += [(name, {}) for name in re.findall(r"{([^}]+)}", rule["template"])]
        for clause in (target.get("where"), target.get("split")):
            if clause:
                pairs.append((clause["column"], {}))
    return pairs


def test_regenerating_gives_the_committed_files(made):
    again = files(made.folder)
    committed = files(FOLDER / "extracts")
    assert sorted(again) == sorted(committed)
    assert [name for name in again if again[name] != committed[name]] == []


def test_dates_follow_one_another_and_none_is_after_the_extract(cases):
    assert later_than(cases, date(2024, 3, 31)) == []
    assert stages_out_of_order(cases) == []


def test_headline_numbers_counted_by_hand(cases):
    """A second count, with the numbers typed here and not read from the margins."""
    new = {r["complaint_id"]: r for r in cases.rows("complaint") if START <= r["received_date"] <= END}
    assert len(new) == 129
    assert Counter(r["procedure"] for r in new.values()) == {"statutory": 55, "corporate": 74}
    pairs = {(r["complaint_id"], r["procedure"]) for r in cases.rows("complaint_service")}
    assert sum(ref in new and procedure == "corporate" for ref, procedure in pairs) == 76
    raised = Counter(
        r["service"] == "EHCP Team" for r in cases.rows("issue") if START <= r["raised_date"] <= END
    )
    assert raised == {False: 562, True: 114}
    first = [r for r in cases.rows("stage") if r["stage"] == 1 and r["service"] not in other_areas()]
    answered = [r for r in first if r.get("responded_date") and START <= r["responded_date"] <= END]
    assert Counter((r["procedure"], r["service"] == "EHCP Team") for r in answered) == {
        ("statutory", False): 47,
        ("corporate", False): 40,
        ("corporate", True): 34,
    }
    decided = [
        r
        for r in cases.rows("issue_outcome")
        if r["stage"] == 1 and START <= r["decided_date"] <= END and r["outcome"] != "direct_to_next_stage"
    ]
    of_ehcp = {r["issue_id"] for r in cases.rows("issue") if r["service"] == "EHCP Team"}
    assert Counter(r["issue_id"] in of_ehcp for r in decided) == {False: 418, True: 73}
    routes = Counter(r["route"] for r in cases.rows("compliment"))
    assert routes == {"ordinary": 87, "director_session": 11}
    assert len(cases.rows("ombudsman")) == 17
    assert sum(r["amount_gbp"] or 0 for r in cases.rows("remedy")) == 3400


def other_areas() -> set[str]:
    """The teams outside social care and EHCP."""
    return {
        "Educational Psychology",
        "EHE Inclusion Team",
        "School Admissions",
        "School Appeals",
        "School Transport",
    }


def test_the_main_lesson_is_to_communicate(cases):
    for area in ("csc", "learning_and_achievement"):
        found = Counter(r["category"] for r in cases.rows("learning") if r["_area"] == area and r["category"])
        assert found.most_common(1)[0][0] == "Improve communication"


def test_keys_are_unique_and_references_resolve(cases):
    keys = {
        "complaint": ["complaint_id"],
        "complaint_child": ["complaint_id", "child_id"],
        "complaint_service": ["complaint_id", "service", "procedure"],
        "stage": ["stage_id"],
        "issue": ["issue_id"],
        "issue_outcome": ["issue_id", "stage"],
        "compliment": ["compliment_id"],
        "compliment_category": ["compliment_id", "category"],
        "ombudsman": ["ombudsman_id"],
        "ombudsman_service": ["ombudsman_id", "service"],
        "remedy": ["remedy_id"],
        "learning": ["learning_id"],
        "contact": ["contact_id"],
        "satisfaction": ["satisfaction_id"],
    }
    for name, columns in keys.items():
        found = Counter(tuple(row[c] for c in columns) for row in cases.rows(name))
        assert [key for key, count in found.items() if count > 1] == [], name
    stages = Counter((r["complaint_id"], r["procedure"], r["stage"]) for r in cases.rows("stage"))
    assert max(stages.values()) == 1
    complaints = {r["complaint_id"] for r in cases.rows("complaint")}
    for name in (
        "complaint_child",
        "complaint_service",
        "stage",
        "issue",
        "learning",
        "ombudsman",
        "satisfaction",
    ):
        assert {r["complaint_id"] for r in cases.rows(name)} - {None} <= complaints, name


def test_the_mapping_names_every_column_of_every_file(made, mapping):
    for path, _, _ in made.written:
        source = source_of(path.name, mapping)
        named = {column for column, _ in columns_of(source)} | set(source.get("ignore", []))
        if path.suffix == ".xlsx":
            header = list(load_workbook(path)[source["sheet"]].values)[source.get("header_row", 1) - 1]
        else:
            with open(path, newline="", encoding=source.get("encoding", "utf-8")) as handle:
                header = next(csv.reader(handle))
        assert set(header) == named, path.name


def test_only_the_planted_words_are_unknown(made, mapping):
    for path, _, faults in made.written:
        source = source_of(path.name, mapping)
        for number, record in enumerate(records(path, source), start=source.get("header_row", 1) + 1):
            if faults.get(number) in ("ragged_row", "total_row"):
                continue
            for column, rule in columns_of(source):
                value = record[column]
                if "words" in rule and value not in (None, ""):
                    known = mapping["words"][rule["words"]]
                    assert (value in known) == (
                        faults.get(number) != "unknown_word" or column != "Process"
                    ), value


def test_faults_stand_where_they_were_planted(made, mapping):
    codes = Counter()
    for path, count, faults in made.written:
        source = source_of(path.name, mapping)
        rows = records(path, source)
        assert len(rows) == count
        codes.update(faults.values())
        for number, code in faults.items():
            place = number - source.get("header_row", 1) - 1
            row = rows[place]
            values = [v for k, v in row.items() if k != "_cells"]
            if code == "impossible_date":
                assert "30/02/2024" in values
            elif code == "duplicate_row":
                assert row == rows[place - 1]
            elif code == "duplicate_id":
                assert sum(r["Contact Ref"] == row["Contact Ref"] for r in rows) == 2
            elif code == "missing_required":
                assert row["Date"] == ""
            elif code == "ragged_row":
                assert row["_cells"] == rows[0]["_cells"] + 1
            elif code == "excel_error":
                assert "#REF!" in values
            elif code == "total_row":
                assert values[0] == "Grand Total"
            elif code == "us_date":
                assert "03/25/2024" in values
    assert codes == {
        "impossible_date": 1,
        "unknown_word": 1,
        "orphan_reference": 1,
        "parent_set_aside": 1,
        "end_before_start": 1,
        "duplicate_row": 1,
        "duplicate_id": 2,
        "missing_required": 1,
        "ragged_row": 1,
        "excel_error": 1,
        "total_row": 2,
        "us_date": 1,
    }


def test_teams_and_categories_are_declared(cases):
    with open(FOLDER / "services.csv", newline="", encoding="utf-8") as handle:
        services = {row["service"]: row for row in csv.DictReader(handle)}
    for row in services.values():
        assert row["parent_service"] in services or row["parent_service"] == ""
        assert row["successor_service"] in services or row["successor_service"] == ""
    tables = ("complaint_service", "issue", "stage", "contact", "learning", "compliment", "ombudsman_service")
    used = {row["service"] for name in tables for row in cases.rows(name)}
    assert used <= set(services)
    with open(FOLDER / "categories.csv", newline="", encoding="utf-8") as handle:
        declared = {(r["service"], r["category"], r["sub_category"]) for r in csv.DictReader(handle)}
    for row in cases.rows("issue"):
        area = "ehcp" if row["service"] == "EHCP Team" else "csc"
        assert (area, row["category"], row["sub_category"] or "") in declared


def test_the_generator_knows_nothing_of_the_pipeline():
    program = ROOT / "seeds" / "synthetic"
    for path in sorted(program.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                assert name.split(".")[0] not in {
                    "redress",
                    "orchestration",
                    "expectations",
                    "dbt_project",
                }, path


def test_intake_finds_what_was_planted_and_nothing_else(made, received):
    planted = made.written
    expected = {
        (path.parent.name, path.name, record, code)
        for path, _, faults in planted
        for record, code in faults.items()
    }
    found = {
        (str(moment.date()), name, row, code)
        for moment, name, row, code in received.problems.select(
            "received_at", "file_name", "row", "code"
        ).rows()
        if row is not None
    }
    assert found == expected


def test_every_record_is_accounted_for(made, received):
    planted = made.written
    assert [f.status for f in received.files] == ["loaded"] * len(planted)
    counted = {(str(f.received_at.date()), f.file_name): f.received for f in received.files}
    assert counted == {(path.parent.name, path.name): records for path, records, _ in planted}
    assert all(f.received == f.conformed + f.quarantined for f in received.files)


def test_a_file_without_rows_is_the_only_problem_of_a_whole_file(received):
    assert received.problems.filter(received.problems["row"].is_null())["code"].to_list() == ["header_only"]
