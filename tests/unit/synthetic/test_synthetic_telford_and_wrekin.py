"""Telford & Wrekin's synthetic year: one wide file that regenerates and adds up to what the report prints."""

import csv
import io
from collections import Counter
from datetime import date

import pytest
import yaml

from tests.unit.synthetic.conftest import AUTHORITIES, files, later_than, stages_out_of_order

COUNCIL = "telford-and-wrekin"
FOLDER = AUTHORITIES / COUNCIL


@pytest.fixture(scope="module")
def wide(made):
    """The records of the wide file."""
    path = next(path for path, _, _ in made.written if path.name.startswith("CaseDetails"))
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")), delimiter=";"))


def test_regenerating_gives_the_committed_files(made):
    assert files(made.folder) == files(FOLDER / "extracts")


def test_dates_follow_one_another_and_none_is_after_the_extract(cases):
    assert later_than(cases, date(2024, 3, 31)) == []
    assert stages_out_of_order(cases) == []


def test_headline_numbers_counted_by_hand(cases):
    """A second count, with the numbers typed here and not read from the margins."""
    assert len(cases.rows("complaint")) == 23
    assert len(cases.rows("complaint_service")) == 26
    assert len(cases.rows("complaint_theme")) == 36
    stages = cases.rows("stage")
    assert Counter(row["stage"] for row in stages) == {1: 23, 2: 5, 3: 1}
    answered = Counter(row["stage"] for row in stages if row.get("responded_date"))
    assert answered == {1: 19, 2: 3, 3: 1}
    upheld = {r["complaint_id"] for r in stages if r["stage"] == 1 and r.get("outcome") == "upheld"}
    assert len(upheld) == 7
    assert sum(r["complaint_id"] in upheld for r in cases.rows("complaint_service")) == 9
    assert sum(r["complaint_id"] in upheld for r in cases.rows("complaint_theme")) == 14
    spoken = {r["complaint_id"] for r in cases.rows("complaint_theme") if r["theme"] == "Communication"}
    assert len(spoken & upheld) == 4
    assert len(cases.rows("remedy")) == 19


def test_keys_are_unique_and_references_resolve(cases):
    complaints = {row["complaint_id"] for row in cases.rows("complaint")}
    for name, columns in {
        "complaint": ["complaint_id"],
        "complaint_child": ["complaint_id", "child_id"],
        "complaint_service": ["complaint_id", "service"],
        "complaint_theme": ["complaint_id", "theme"],
        "stage": ["stage_id"],
        "remedy": ["remedy_id"],
        "ombudsman": ["ombudsman_id"],
    }.items():
        found = Counter(tuple(row[c] for c in columns) for row in cases.rows(name))
        assert [key for key, count in found.items() if count > 1] == [], name
        assert {row["complaint_id"] for row in cases.rows(name)} <= complaints, name


def test_a_case_is_one_record_with_its_stages_side_by_side(cases, wide):
    good = [row for row in wide if row["Case Reference"] != "Total" and "99000" not in row["Case Reference"]]
    assert len({row["Case Reference"] for row in good}) == 23
    assert len(good) == 24  # one of them twice
    for row in wide:
        for number in (2, 3):
            if row[f"Stage{number} Start"]:
                assert row[f"Stage{number - 1} Reply Sent"], row["Case Reference"]


def test_lists_stand_in_one_cell_and_every_word_is_in_the_mapping(wide):
    mapping = yaml.safe_load((FOLDER / "mapping.yml").read_text(encoding="utf-8"))
    words = mapping["words"]["classification"]
    met = {word.strip() for row in wide for word in row["Classifications"].split("|")} - {""}
    assert met <= set(words)
    assert "Delay- Assessment" in met  # the closing form's word for a theme that has another on receipt
    assert any("|" in row["Services"] for row in wide)


def test_the_mapping_names_every_column_of_the_wide_file(wide):
    mapping = yaml.safe_load((FOLDER / "mapping.yml").read_text(encoding="utf-8"))
    source = next(s for s in mapping["sources"] if s["id"] == "case_details")
    named = set(source["ignore"])
    for target in source["tables"]:
        for rule in target["columns"].values():
            if isinstance(rule, str):
                named.add(rule)
            elif "from" in rule:
                named.add(rule["from"])
        for clause in (target.get("where"), target.get("split")):
            if clause:
                named.add(clause["column"])
    assert set(wide[0]) == named


def test_faults_stand_where_they_were_planted(made, wide):
    faults = {code: number for _, _, planted in made.written for number, code in planted.items()}
    # the header is the first row of the file
    at = {code: wide[number - 2] for code, number in faults.items()}
    assert set(faults) == {"duplicate_row", "unknown_word", "impossible_date", "total_row"}
    assert wide.count(at["duplicate_row"]) == 2
    assert at["unknown_word"]["Case Type"] == "Adult Social Care Complaint"
    assert at["impossible_date"]["Date Created"] == "31-Jun-2023"
    assert at["total_row"]["Case Reference"] == "Total"
