"""Known faults accepted for a while."""

from datetime import date

import pytest

from orchestration.reconcile import ALWAYS, accepted, gate

TODAY = date(2024, 6, 1)
HEADER = "check_id,reason,owner,expires\n"


def record(verdict="fail", **more):
    """A record of the check `parts:a`."""
    return {
        "check_id": "parts:a",
        "family": "parts_to_total",
        "authority": "ashby",
        "reporting_year": "2023-24",
        "statement": "3 + 4 = 8.",
        "expected": "8",
        "found": "7",
        "verdict": verdict,
        "severity": "block",
        "owner": "Complaints team",
        **more,
    }


@pytest.fixture
def folder(tmp_path):
    """An authority's folder."""
    (tmp_path / "ashby").mkdir()
    (tmp_path / "ashby" / "profile.yml").write_text(
        "authority: ashby\nowners: {issue: Quality team, default: Complaints team}\n", encoding="utf-8"
    )
    return tmp_path / "ashby"


def applied(folder, text, *records):
    """The records after the file with this text was applied."""
    (folder / accepted.FILE).write_text(text, encoding="utf-8")
    return accepted.apply(list(records), {"ashby": folder}, TODAY)


def blocking(records):
    """What blocks, leaving aside the families that are not there."""
    return [one for one in gate(records) if not one["check_id"].startswith("missing:")]


def test_an_accepted_fault_warns_with_its_reason_and_still_counts_as_failed(folder):
    (one,) = applied(folder, HEADER + "parts:a,Two teams merged,Head of service,2024-12-31\n", record())
    assert (one["verdict"], one["severity"], one["owner"]) == ("fail", "warn", "Head of service")
    assert "Accepted until 2024-12-31 by Head of service: Two teams merged" in one["statement"]
    assert blocking([one]) == []


@pytest.mark.parametrize(
    "row",
    [
        "parts:a,Two teams merged,Head of service,2024-05-31",
        "parts:a,Two teams merged,Head of service,31/12/2024",
        "parts:a,Two teams merged,Head of service,",
        "parts:a,,Head of service,2024-12-31",
        "parts:a,Two teams merged,,2024-12-31",
        "parts:a,Two, teams merged,Head of service,2024-12-31",
    ],
    ids=["expired", "not-an-iso-date", "no-expiry", "no-reason", "no-owner", "shifted-cells"],
)
def test_an_expired_or_malformed_acceptance_accepts_nothing_and_blocks_itself(folder, row):
    result = applied(folder, HEADER + row + "\n", record())
    assert result[0]["severity"] == "block"
    assert {one["check_id"] for one in blocking(result)} == {"parts:a", "accepted-fault-unusable:1"}


def test_a_file_without_its_columns_accepts_nothing(folder):
    result = applied(folder, "check_id,reason\nparts:a,Two teams merged\n", record())
    assert len(blocking(result)) == 2


def test_what_could_not_be_evaluated_cannot_be_accepted(folder):
    result = applied(folder, HEADER + "parts:a,Known,Head of service,2024-12-31\n", record("error"))
    assert [one["check_id"] for one in blocking(result)] == ["parts:a"]


def test_an_acceptance_that_is_not_needed_warns(folder):
    result = applied(folder, HEADER + "parts:a,Known,Head of service,2024-12-31\n", record("pass"))
    assert result[1]["check_id"] == "accepted-fault-not-needed:parts:a" and result[1]["severity"] == "warn"
    assert blocking(result) == []


def test_another_authority_is_not_touched(folder):
    (one, *_) = applied(
        folder, HEADER + "parts:a,Known,Head of service,2024-12-31\n", record(authority="oakham")
    )
    assert one["severity"] == "block"


def test_owners_come_from_the_profile(folder):
    owner = accepted.owners({"ashby": folder})
    assert [owner("ashby", "issue"), owner("ashby", "stage"), owner("oakham", "stage")] == [
        "Quality team",
        "Complaints team",
        "Data team",
    ]


def good():
    """One passing record of every family that must be there."""
    return [record("pass", family=family, check_id=family) for family in ALWAYS]


def test_the_gate_opens_only_for_passes_of_every_family_that_must_be_there():
    assert gate(good()) == []
    assert [one["check_id"] for one in gate(good()[1:])] == [f"missing:{ALWAYS[0]}"]
    assert len(gate([])) == len(ALWAYS)


@pytest.mark.parametrize("verdict", ["fail", "error", "", None, "PASS", "passed"])
def test_any_other_verdict_blocks(verdict):
    assert [one["check_id"] for one in gate([*good(), record(verdict)])] == ["parts:a"]


def test_a_missing_verdict_or_severity_blocks():
    one = record("fail")
    del one["verdict"], one["severity"]
    assert len(gate([*good(), one])) == 1
