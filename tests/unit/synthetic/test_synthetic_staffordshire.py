"""Staffordshire's synthetic year: monthly files that repeat one another add up to what the report prints."""

import csv
import io
import re
from collections import Counter
from datetime import date

import pytest
import yaml

from redress.reconcile.printed import relation_holds
from tests.unit.synthetic.conftest import AUTHORITIES, files, later_than, stages_out_of_order

COUNCIL = "staffordshire"
FOLDER = AUTHORITIES / COUNCIL
REF = "Feedback Ref"


@pytest.fixture(scope="module")
def months(made):
    """The records of each monthly file without those that are wrong on purpose, the earliest month first."""
    found = []
    for path, _, faults in sorted(made.written, key=lambda one: one[0].name):
        if path.name.startswith("Children Feedback"):
            rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
            found.append([row for n, row in enumerate(rows, start=2) if n not in faults])
    return found


def rows_of(name: str) -> list[dict]:
    """The rows of one of the authority's CSV files."""
    with open(FOLDER / name, newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def test_regenerating_gives_the_committed_files(made):
    assert files(made.folder) == files(FOLDER / "extracts")


def test_dates_follow_one_another_and_none_is_after_the_extract(made):
    assert later_than(made.cases, date(2024, 3, 31)) == []
    assert stages_out_of_order(made.cases) == []


def test_headline_numbers_counted_by_hand(made):
    """A second count, with the numbers typed here and not read from the margins."""
    cases = made.cases
    stages = Counter((r["procedure"], r["stage"], r.get("request_decision")) for r in cases.rows("stage"))
    assert stages["statutory", 3, "accepted"] == 6
    assert stages["corporate", 2, "accepted"] == 39
    assert stages["corporate", 2, "refused"] == 23
    assert Counter(r["kind"] for r in cases.rows("contact")) == {"duty": 232, "mp_enquiry": 187}
    assert len(cases.rows("ombudsman")) == 56
    assert len(cases.rows("compliment")) == 278
    assert len({r["service"] for r in cases.rows("compliment")}) == 81


def test_months_repeat_one_another_and_the_last_version_says_most(months):
    assert len(months) == 12
    seen: dict[str, dict] = {}
    repeated = changed = 0
    for rows in months:
        assert len({row[REF] for row in rows}) == len(rows)
        for row in rows:
            before = seen.get(row[REF])
            repeated += before is not None
            changed += before is not None and before != row
            seen[row[REF]] = row
    assert repeated > 1500
    assert 300 < changed < repeated
    assert sum(row["Feedback Type"] == "Compliment" for row in seen.values()) == 278


def test_intake_takes_each_record_once_in_its_last_version(made, months, received):
    last = {row[REF]: n for n, rows in enumerate(months) for row in rows}
    conformed = [
        f.conformed for f in sorted(received.files, key=lambda f: f.file_name) if f.source == "feedback"
    ]
    assert conformed == [Counter(last.values())[n] for n in range(12)]
    older = received.problems.filter(received.problems["code"] == "superseded_row")
    assert older.height == sum(len(rows) for rows in months) - len(last)


def test_intake_finds_what_was_planted_and_nothing_else(made, received):
    planted = {(path.name, n): code for path, _, faults in made.written for n, code in faults.items()}
    problems = received.problems.filter(received.problems["code"] != "superseded_row")
    assert {
        (name, n): code for name, n, code in problems.select("file_name", "row", "code").rows()
    } == planted
    assert Counter(planted.values()) == {
        "orphan_reference": 1,
        "unknown_record_type": 1,
        "impossible_date": 2,
        "duplicate_row": 1,
        "unknown_word": 1,
        "total_row": 1,
    }


def test_every_file_is_accounted_for(made, received):
    assert [f.status for f in received.files] == ["loaded"] * 15
    counted = {f.file_name: f.received for f in received.files}
    assert counted == {path.name: records for path, records, _ in made.written}
    assert all(f.received == f.conformed + f.quarantined for f in received.files)


def test_the_mapping_names_every_column_of_the_list(months):
    [source, *_] = yaml.safe_load((FOLDER / "mapping.yml").read_text(encoding="utf-8"))["sources"]
    named = {*source["ignore"], source["versions"]["by"]}
    for target in source["tables"]:
        for rule in target["columns"].values():
            named.add(rule if isinstance(rule, str) else rule["from"])
        wheres = target.get("where", [])
        named |= {where["column"] for where in (wheres if isinstance(wheres, list) else [wheres])}
    assert set(months[0][0]) == named


def test_every_printed_number_has_a_figure_or_a_reason():
    printed = rows_of("published/2023-24.csv")
    assert len(printed) == 241
    assert [r["ref"] for r in printed if not r["figure_measure"] and not r["note"]] == []


def test_every_contradiction_fails_on_the_printed_numbers():
    printed = {"r" + r["ref"][-4:]: float(r["value"] or 0) for r in rows_of("published/2023-24.csv")}
    register = rows_of("published/2023-24-contradictions.csv")
    assert len(register) == 6
    for entry in register:
        assert not relation_holds(entry["relation"], printed), entry["ref"]
        named = set(re.findall(r"r\d{4}", entry["relation"])) - {"r" + entry["ref"][-4:]}
        assert named <= {"r" + ref[-4:] for ref in entry["conflicts_with"].split()}, entry["ref"]


def test_services_are_one_tree_and_no_name_means_two(made):
    rows = rows_of("services.csv")
    services = {row["service"]: row for row in rows}
    assert {row["parent_service"] for row in rows} <= {*services, ""}
    names = [name for row in rows for name in (row["service"], *filter(None, row["aliases"].split("|")))]
    assert [name for name, n in Counter(names).items() if n > 1] == []
    tables = ("complaint_service", "stage", "contact", "compliment", "ombudsman_service")
    used = {row["service"] for name in tables for row in made.cases.rows(name)} - {None}
    assert used <= set(services)


def test_corporate_limits_change_on_1_april_2026():
    limits = {(r["stage"], r["valid_from"]): r["standard_working_days"] for r in rows_of("timescales.csv")}
    assert limits == {
        ("1", "2010-04-01"): "20",
        ("2", "2010-04-01"): "25",
        ("1", "2026-04-01"): "10",
        ("2", "2026-04-01"): "20",
    }
