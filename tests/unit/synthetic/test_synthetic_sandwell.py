"""Sandwell's synthetic year: it regenerates to the same files, adds up to the report, and intake finds its faults."""

import csv
from collections import Counter
from datetime import date

from tests.unit.synthetic.conftest import AUTHORITIES, files, later_than, stages_out_of_order

COUNCIL = "sandwell"
FOLDER = AUTHORITIES / COUNCIL
START, END = date(2022, 4, 1), date(2023, 3, 31)


def test_regenerating_gives_the_committed_files(made):
    again, committed = files(made.folder), files(FOLDER / "extracts")
    assert sorted(again) == sorted(committed)
    assert [name for name in again if again[name] != committed[name]] == []


def test_dates_follow_one_another_and_none_is_after_the_extract(made):
    assert later_than(made.cases, date(2023, 9, 22)) == []
    assert stages_out_of_order(made.cases) == []


def test_headline_numbers_counted_by_hand(made):
    """A second count, with the numbers typed here and not read from the margins."""
    cases = made.cases
    new = {r["complaint_id"]: r for r in cases.rows("complaint") if START <= r["received_date"] <= END}
    assert len(new) == 241
    first = [r for r in cases.rows("stage") if r["stage"] == 1 and r["complaint_id"] in new]
    assert sum(r["outcome"] != "not_upheld" for r in first) == 155
    made_by = Counter(Counter(r["complainant_id"] for r in new.values()).values())
    assert {n: people for n, people in made_by.items() if n > 1} == {2: 10, 3: 9, 4: 1, 5: 2, 6: 3}
    children = {r["child_id"] for r in cases.rows("complaint_child") if r["complaint_id"] in new}
    assert len(children) == 282
    assert len(cases.rows("compliment")) == 359
    assert len(cases.rows("mediation")) == 19


def test_keys_are_unique_and_references_resolve(made):
    cases = made.cases
    keys = {
        "complaint": ["complaint_id"],
        "complaint_child": ["complaint_id", "child_id"],
        "stage": ["complaint_id", "stage"],
        "mediation": ["complaint_id"],
        "ombudsman": ["ombudsman_id"],
        "compliment": ["compliment_id"],
    }
    complaints = {row["complaint_id"] for row in cases.rows("complaint")}
    for name, columns in keys.items():
        found = Counter(tuple(row[c] for c in columns) for row in cases.rows(name))
        assert max(found.values()) == 1, name
        if "complaint_id" in columns:
            assert {row["complaint_id"] for row in cases.rows(name)} <= complaints, name


def test_the_early_log_is_the_beginning_of_the_final_one(made):
    folder = made.folder / "2022-23"
    early, final = (
        (folder / day / "EventLog_2022-23.csv").read_text(encoding="utf-8").splitlines()
        for day in ("2023-04-17", "2023-09-25")
    )
    del final[125]  # the line that was sent twice
    assert early == final[: len(early)]


def test_intake_finds_what_was_planted_and_nothing_else(made, received):
    expected = {
        (path.parent.name, path.name, record, code)
        for path, _, faults in made.written
        for record, code in faults.items()
    }
    found = {
        (str(moment.date()), name, row, code)
        for moment, name, row, code in received.problems.select(
            "received_at", "file_name", "row", "code"
        ).rows()
    }
    assert found == expected


def test_every_line_of_the_log_is_accounted_for(made, received):
    counted = {(str(f.received_at.date()), f.file_name): f.received for f in received.files}
    assert counted == {(path.parent.name, path.name): records for path, records, _ in made.written}
    assert all(f.status == "loaded" and f.received == f.conformed + f.quarantined for f in received.files)


def test_no_person_is_named_among_the_published_numbers():
    with open(FOLDER / "published" / "2022-23.csv", newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == 246
    assert not [row["ref"] for row in rows if "person=" in row["breakdown"]]
    assert all(row["figure_measure"] or row["note"] for row in rows)
