"""A council changes: words are recoded, a new case system takes over, years come in separate files."""

from __future__ import annotations

from datetime import datetime

import pytest
from intake_world import World, codes, complaint, complaints, file_of, issue, issues

from redress.authority.model import AuthorityError
from redress.intake.problems import QUARANTINE
from redress.intake.store import Store

SERVICES = """service,label,level,parent_service,valid_from,valid_to,successor_service,aliases
Duty Team,Duty Team,team,,,2023-09-30,,Front Door|T1
Assessment Team,Assessment Team,team,,2023-10-01,,,Front Door|T1
"""
CATEGORIES = """service,category,sub_category,valid_from,valid_to,aliases
,Delay,,,2023-09-30,C01
,Conduct,,2023-10-01,,C01
,Other,No reply,,2023-09-30,7
,Other,Rude reply,2023-10-01,,7
"""
PROFILE = """\
authority: smallham
name: smallham
synthetic: true
case_data_from: 2023-04-01
"""


@pytest.fixture
def world(tmp_path):
    return World(tmp_path).configure(profile=PROFILE, services=SERVICES, categories=CATEGORIES)


def test_a_recoded_category_means_what_it_meant_on_the_day_of_the_row(world):
    days = ["2023-09-30", "2023-10-01"]
    rows = [
        issue(n, complaint_id="C1", raised_date=d, service="T1", category="C01") for n, d in enumerate(days)
    ]
    rows += [
        issue(n, complaint_id="C1", raised_date=d, service="front door", category="other", sub_category="7")
        for n, d in enumerate(days, start=2)
    ]
    result = world.receive({"complaint.csv": complaints(complaint(1)), "issue.csv": issues(*rows)})
    assert codes(result, QUARANTINE) == []
    assert world.rows("issue").sort("issue_id").select("service", "category", "sub_category").rows() == [
        ("Duty Team", "Delay", None),
        ("Assessment Team", "Conduct", None),
        ("Duty Team", "Other", "No reply"),
        ("Assessment Team", "Other", "Rude reply"),
    ]


def test_a_word_that_meant_nothing_on_its_day_is_not_guessed(world):
    world.configure(
        profile=PROFILE, services=SERVICES.replace("2023-10-01,,,", "2023-11-01,,,"), categories=CATEGORIES
    )
    rows = issues(issue(1, raised_date="2023-10-15", service="Front Door"))
    result = world.receive({"complaint.csv": complaints(complaint(1)), "issue.csv": rows})
    assert codes(result, QUARANTINE) == [(2, "unknown_word")]
    problem = result.problems.filter(result.problems["code"] == "unknown_word").row(0, named=True)
    assert problem["found"] == "Front Door"
    assert "`Duty Team` to 2023-09-30, `Assessment Team` from 2023-11-01" in problem["message"]


WIDE = """
version: 1
sources:
  - id: cases
    files: "cases*.csv"
    tables:
      - table: complaint
        columns: {complaint_id: ref, received_date: received, procedure: {value: statutory}}
      - table: complaint_service
        split: {column: teams, on: ";"}
        columns: {complaint_id: ref, service: teams}
"""


def test_a_complaints_services_are_named_as_on_the_day_of_its_receipt(world):
    world.configure(mapping=WIDE, profile=PROFILE)
    text = "ref,received,teams\nA,2023-09-30,T1;Duty Team\nB,2023-10-01,Front Door\n"
    assert codes(world.receive({"cases.csv": text.encode()})) == []
    assert world.rows("complaint_service").sort("complaint_id").select("complaint_id", "service").rows() == [
        ("A", "Duty Team"),
        ("B", "Assessment Team"),
    ]


TWO_SYSTEMS = """
version: 1
sources:
  - id: old_cases
    files: "old_cases*.csv"
    tables:
      - table: complaint
        columns: {complaint_id: ref, received_date: received, procedure: {value: statutory}, channel: how}
  - id: old_points
    files: "old_points*.csv"
    tables:
      - table: issue
        columns: {issue_id: point, complaint_id: ref, raised_date: day, service: {value: Duty Team}, category: {value: Delay}}
      - table: issue_outcome
        where: {column: found, not_blank: true}
        columns: {issue_id: point, stage: {value: 1}, outcome: found, decided_date: day}
  - id: new_cases
    files: "new_cases*.csv"
    takes_over: {sources: [old_cases, old_points], from: 2023-10-01}
    tables:
      - table: complaint
        columns: {complaint_id: ref, received_date: received, procedure: {value: statutory}, channel: how}
      - table: issue
        where: {column: point, not_blank: true}
        columns: {issue_id: point, complaint_id: ref, raised_date: received, service: {value: Duty Team}, category: {value: Delay}}
"""
OLD = b"ref,received,how\nA,2023-05-01,old\nB,2023-06-01,old\n"
POINTS = b"point,ref,day,found\nA1,A,2023-05-01,upheld\nB1,B,2023-06-01,upheld\n"
NEW = b"ref,received,how,point\nB,2023-06-01,new,B1\nC,2023-11-01,new,\n"


def cases_in_force(world: World) -> list[tuple]:
    """(complaint, where it came from) of every row that counts now."""
    store = Store(world.settings.state, world.authority_contract())
    extracts = store.in_force(world.slug, datetime(2030, 1, 1))["extract_id"]
    table = world.authority_contract().tables["complaint"]
    return sorted(store.rows(table, extracts, ["complaint_id", "channel"]).rows())


@pytest.fixture
def systems(tmp_path):
    profile = PROFILE + "vocabularies: {channel: open}\n"
    return World(tmp_path).configure(
        mapping=TWO_SYSTEMS, profile=profile, services=SERVICES, categories=CATEGORIES
    )


BOTH = [("A", "old"), ("B", "new"), ("C", "new")]


@pytest.mark.parametrize("order", ["old first", "together", "new first"])
def test_a_new_system_takes_cases_over_in_whatever_order_the_files_come(systems, order):
    old, new = {"old_cases.csv": OLD, "old_points.csv": POINTS}, {"new_cases.csv": NEW}
    if order == "together":
        last = systems.receive(old | new, on="2023-12-01")
    else:
        for day, files in zip(
            ("2023-10-05", "2023-12-01"), (old, new) if order == "old first" else (new, old), strict=True
        ):
            last = systems.receive(files, on=day)
    assert cases_in_force(systems) == BOTH
    for name in ("old_cases.csv", "old_points.csv"):
        done = file_of(last, name)
        assert (done.received, done.conformed, done.quarantined) == (2, 1, 1)
    aside = last.problems.filter(last.problems["code"] == "taken_over")
    assert sorted(aside.select("file_name", "row", "record_key").rows()) == [
        ("old_cases.csv", 3, "complaint_id=B"),
        ("old_points.csv", 3, "issue_id=B1"),
    ]
    assert not last.problems["code"].is_in(["duplicate_id", "duplicate_row", "orphan_reference"]).any()


def test_before_the_day_of_the_takeover_nothing_is_taken_over(systems):
    systems.receive({"old_cases.csv": OLD}, on="2023-09-01")
    trial = systems.receive({"new_cases.csv": NEW}, on="2023-09-30")
    assert "taken_over" not in trial.problems["code"].to_list()
    assert "duplicate_id" in trial.problems["code"].to_list()


def test_a_case_that_the_new_system_no_longer_holds_comes_back(systems):
    systems.receive({"old_cases.csv": OLD, "old_points.csv": POINTS}, on="2023-10-05")
    systems.receive({"new_cases.csv": NEW}, on="2023-12-01")
    systems.receive({"new_cases.csv": b"ref,received,how,point\nC,2023-11-01,new,\n"}, on="2023-12-02")
    assert cases_in_force(systems) == [("A", "old"), ("B", "old"), ("C", "new")]


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("takes_over: {sources: [nothing]}", "there is no source `nothing`"),
        ("takes_over: {sources: [new_cases]}", "leads back to the source itself"),
        ("takes_over: {sources: [old_cases], from: soon}", "from `soon` is no date"),
        ("takes_over: {since: 2023-10-01}", "takes_over has the form"),
        ("takes_over: {sources: [old_cases], until: 2023-10-01}", "`until` is not known here"),
    ],
)
def test_a_takeover_that_cannot_be_is_told(systems, part, told):
    text = TWO_SYSTEMS.replace("takes_over: {sources: [old_cases, old_points], from: 2023-10-01}", part)
    systems.configure(mapping=text, profile=PROFILE)
    with pytest.raises(AuthorityError, match=told):
        systems.authority()


def test_a_file_of_another_year_that_replaces_one_is_worth_a_word(world):
    world.receive({"complaint.csv": complaints(complaint(1))}, on="2024-04-08")
    later = complaints(complaint(2, received_date="2024-05-01"))
    result = world.receive({"complaint.csv": later}, on="2025-04-08")
    told = result.problems.filter(result.problems["code"] == "other_year")
    assert len(told) == 1
    assert "2024-05-01 to 2024-05-01 here, from 2023-04-03 to 2023-04-03 there" in told["message"][0]
    assert file_of(result, "complaint.csv").conformed == 1


def _first_cases(count: int) -> bytes:
    """A complaint file of so many cases."""
    return complaints(*(complaint(number) for number in range(1, count + 1)))


def test_a_file_with_far_fewer_records_than_the_one_it_replaces_is_told_and_taken(world):
    world.receive({"complaint.csv": _first_cases(41)}, on="2024-04-08")
    result = world.receive({"complaint.csv": _first_cases(20)}, on="2024-05-08")
    [told] = result.problems.filter(result.problems["code"] == "far_fewer_rows").rows(named=True)
    assert told["severity"] == "warn" and told["row"] is None and told["owner"] == "complaints team"
    assert "has 20 records" in told["message"] and "had 41" in told["message"]
    assert (told["found"], told["expected"]) == ("20 records", "about 41 records")
    [line] = result.messages
    assert told["message"] in line and "complaints team" in line
    assert file_of(result, "complaint.csv").conformed == 20


@pytest.mark.parametrize(("before", "after"), [(41, 21), (30, 14), (20, 40)])
def test_a_file_with_somewhat_fewer_records_is_not_worth_a_word(world, before, after):
    world.receive({"complaint.csv": _first_cases(before)}, on="2024-04-08")
    result = world.receive({"complaint.csv": _first_cases(after)}, on="2024-05-08")
    assert "far_fewer_rows" not in result.problems["code"]


def test_a_correction_of_the_same_year_is_not(world):
    world.receive({"complaint.csv": complaints(complaint(1))}, on="2024-04-08")
    corrected = complaints(complaint(1, channel="Post"), complaint(2, received_date="2024-05-01"))
    assert "other_year" not in world.receive({"complaint.csv": corrected}, on="2025-04-08").problems["code"]
