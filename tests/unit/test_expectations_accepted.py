"""Known faults accepted for a while."""

from datetime import date

import pytest
from intake_world import PROFILE, World

from redress.base.check import Check
from redress.reconcile import ALWAYS, accepted, gate

TODAY = date(2024, 6, 1)
HEADER = "check_id,reason,owner,expires\n"


def made(verdict="fail", **more) -> Check:
    """Return the check `parts:a`."""
    fields = {
        "check_id": "parts:a",
        "family": "parts_to_total",
        "authority": "ashby",
        "reporting_year": "2023-24",
        "statement": "3 + 4 = 8.",
        "expected": "8",
        "found": "7",
        "owner": "Complaints team",
    }
    return Check(verdict=verdict, **fields | more)


def record(verdict="fail", **more) -> dict:
    """Return the record of the check `parts:a`."""
    return made(verdict, **more).record()


@pytest.fixture
def folder(tmp_path):
    """An authority's folder."""
    (tmp_path / "ashby").mkdir()
    return tmp_path / "ashby"


def applied(folder, text, *checks, today=TODAY):
    """Return the records after the file with this text was applied."""
    (folder / accepted.FILE).write_text(text, encoding="utf-8")
    return [check.record() for check in accepted.apply(list(checks), {"ashby": folder}, today)]


def blocking(records):
    """What blocks, leaving aside the families that are not there."""
    return [one for one in gate(records) if not one["check_id"].startswith("missing:")]


def test_an_accepted_fault_warns_with_its_reason_and_still_counts_as_failed(folder):
    (one,) = applied(folder, HEADER + "parts:a,Two teams merged,Head of service,2024-12-31\n", made())
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
    result = applied(folder, HEADER + row + "\n", made())
    assert result[0]["severity"] == "block"
    assert {one["check_id"] for one in blocking(result)} == {"parts:a", "accepted-fault-unusable:1"}


@pytest.mark.parametrize(
    ("today", "severity"),
    [(date(2024, 5, 31), "warn"), (date(2024, 6, 1), "warn"), (date(2024, 6, 2), "block")],
    ids=["the day before", "the last day", "the day after"],
)
def test_an_acceptance_holds_on_its_last_day_and_no_longer(folder, today, severity):
    one, *about = applied(folder, HEADER + "parts:a,Known,Head of service,2024-06-01\n", made(), today=today)
    assert one["severity"] == severity
    assert ("accepted" in one) == (severity == "warn")
    assert [each["check_id"] for each in blocking([one, *about])] == (
        ["parts:a", "accepted-fault-unusable:1"] if severity == "block" else []
    )
    if about:
        assert "expired on 2024-06-01" in about[0]["statement"]


def test_an_acceptance_for_a_check_that_is_not_made_warns(folder):
    result = applied(folder, HEADER + "parts:b:2023-24,Known,Head,2024-12-31\n", made("pass"))
    assert "parts:b:2023-24, which is not made" in result[1]["statement"]


def test_an_acceptance_of_a_report_that_this_run_does_not_build_is_not_its_business(folder):
    assert len(applied(folder, HEADER + "parts:b:2022-23,Known,Head,2024-12-31\n", made("pass"))) == 1


def test_an_authority_that_this_run_does_not_build_has_no_say(folder):
    result = applied(folder, HEADER + "parts:a,Known,Head,2024-01-31\n", made("pass", authority="oakham"))
    assert len(result) == 1


def test_a_file_without_its_columns_accepts_nothing(folder):
    result = applied(folder, "check_id,reason\nparts:a,Two teams merged\n", made())
    assert len(blocking(result)) == 2


def test_what_could_not_be_evaluated_cannot_be_accepted(folder):
    result = applied(folder, HEADER + "parts:a,Known,Head of service,2024-12-31\n", made("error"))
    assert [one["check_id"] for one in blocking(result)] == ["parts:a"]


def test_an_acceptance_that_is_not_needed_warns(folder):
    result = applied(folder, HEADER + "parts:a,Known,Head of service,2024-12-31\n", made("pass"))
    assert result[1]["check_id"] == "accepted-fault-not-needed:parts:a" and result[1]["severity"] == "warn"
    assert blocking(result) == []


def test_another_authority_is_not_touched(folder):
    (one, *_) = applied(
        folder, HEADER + "parts:a,Known,Head of service,2024-12-31\n", made(authority="oakham")
    )
    assert one["severity"] == "block"


WITH_OWNERS = PROFILE.format(slug="smallham", synthetic="true")
WITHOUT_OWNERS = WITH_OWNERS.replace("owners:", "# owners:")


@pytest.mark.parametrize(
    "profile", [WITH_OWNERS, WITHOUT_OWNERS, WITH_OWNERS.replace("default: Complaints team, ", "")]
)
def test_checks_and_quarantine_name_the_same_person(tmp_path, profile):
    """Whoever the profile names, or nobody: a fault has one owner, wherever it is told."""
    world = World(tmp_path).configure(profile=profile)
    authority, contract = world.authority(), world.authority_contract()
    owner = accepted.owners(world.settings, {"smallham": world.folder})
    assert {name: owner("smallham", name) for name in contract.tables} == {
        name: authority.owner_of(table) for name, table in contract.tables.items()
    }
    assert owner("smallham", "default") == authority.owner_of(None)


def test_owners_come_from_the_profile_and_then_from_the_contract(tmp_path):
    world = World(tmp_path).configure(profile=WITH_OWNERS)
    contract = world.authority_contract()
    owner = accepted.owners(world.settings, {"smallham": world.folder})
    assert [owner("smallham", "issue"), owner("smallham", "stage")] == ["Complaints team", "Stage team"]
    assert [owner("oakham", "stage"), owner("oakham", "default")] == [
        contract.tables["stage"].owner,
        "complaints team",
    ]


def test_a_folder_that_cannot_be_used_has_no_say_and_stops_no_check(tmp_path):
    world = World(tmp_path).configure(profile="name: [")
    owner = accepted.owners(world.settings, {"smallham": world.folder})
    assert owner("smallham", "stage") == world.authority_contract().tables["stage"].owner


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
