"""Sign-off: what later files and changed folders do to a signed report, its revision, and its rebuilding."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from orchestration import pipeline
from orchestration.attest import sign_off
from orchestration.attest.rebuild import rebuild
from orchestration.errors import ConfigurationProblem, GateFailed
from orchestration.settings import Settings

PROFILE = """
name: Small Council
synthetic: true
case_data_from: 2024-04-01
reports:
  "2024-25": {as_at: 2025-05-31, published_on: 2025-07-01}
"""
LIMITS = (
    "procedure,stage,standard_working_days,extended_working_days,clock_start,clock_end,day_count,valid_from\n"
    "corporate,1,{days},{days},requested,responded_date,exclude_start_day,2020-04-01\n"
)
COMPLAINTS = (
    "complaint_id,received_date,procedure",
    "A1,2024-05-01,corporate",
    "A2,2024-07-01,corporate",
    "A3,2025-03-20,corporate",
)
STAGES = (
    "stage_id,complaint_id,procedure,stage,requested_date,responded_date",
    "S1,A1,corporate,1,2024-05-01,2024-05-09",
    "S2,A2,corporate,1,2024-07-01,2024-07-26",
    "S3,A3,corporate,1,2025-03-20,",
)
SLUG, YEAR = "small", "2024-25"


class Council:
    """A council of three complaints, with its drop folder and its results."""

    def __init__(self, folder: Path):
        self.folder = folder / "authorities" / SLUG
        self.settings = Settings(
            build=folder / "build", authorities=(self.folder.parent,), key="only for trying out"
        )
        self.folder.mkdir(parents=True)
        (self.folder / "profile.yml").write_text(PROFILE, encoding="utf-8")
        self.limit(15)
        self.send("2025-05-01", complaint=COMPLAINTS, stage=STAGES)

    def limit(self, days: int) -> None:
        """Set the council's limit for corporate stage 1, in working days."""
        (self.folder / "timescales.csv").write_text(LIMITS.format(days=days), encoding="utf-8")

    def send(self, received: str, **tables: tuple[str, ...]) -> None:
        """Put files into the drop folder."""
        drop = self.folder / "extracts" / YEAR / received
        drop.mkdir(parents=True)
        for name, lines in tables.items():
            (drop / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def build(self, **wish) -> None:
        """A run without the website, with a wish to sign where one is given."""
        signing = sign_off.Signing(SLUG, YEAR, on=date(2025, 10, 1), **wish) if wish else None
        pipeline.run(self.settings, pipeline.Request(site=False, signing=signing), quiet=True)

    def table(self, name: str) -> list[dict[str, str]]:
        """A result of the last run."""
        with (self.settings.build / name).open(newline="", encoding="utf-8") as handle:
            return list(csv.DictReader(handle))

    def figure(self, measure: str, breakdown: str = "") -> str:
        """The value of a figure of the year."""
        [found] = [
            row["value"]
            for row in self.table("figures.csv")
            if (row["measure"], row["breakdown"], row["period"]) == (measure, breakdown, YEAR)
        ]
        return found

    def record(self) -> sign_off.Record:
        """The newest record of the report."""
        record = sign_off.in_force(self.settings, SLUG, YEAR)
        assert record is not None
        return record


@pytest.fixture(scope="module")
def history(tmp_path_factory) -> dict:
    """A council's year: signed off, then corrected by later files, then revised; what stood after each step."""
    council = Council(tmp_path_factory.mktemp("council"))
    figures = council.settings.build / "figures.csv"
    council.build(by="Director of Children's Services")
    steps = {"council": council, "signed": figures.read_bytes(), "record": council.record()}
    # One file dated after the as-at, and one that is dated back to before it.
    council.send("2025-09-01", stage=(*STAGES[:3], "S3,A3,corporate,1,2025-03-20,2025-03-28"))
    council.send("2025-05-20", complaint=(*COMPLAINTS, "A4,2024-08-01,corporate"))
    council.build()
    steps |= {"later": figures.read_bytes(), "revisions": council.table("revisions.csv")}
    changed = council.settings.state / "revisions" / f"{SLUG}-{YEAR}.csv"
    steps["changed"] = list(csv.DictReader(changed.read_text(encoding="utf-8").splitlines()))
    council.build(by="Director of Children's Services", reason="Late answers", as_at=date(2025, 9, 30))
    steps |= {"revised": council.table("figures.csv"), "after": council.table("revisions.csv")}
    return steps


def test_a_signed_report_does_not_take_in_what_is_received_or_dated_back_later(history):
    assert history["later"] == history["signed"]


def test_what_later_files_would_change_is_listed_with_its_cause(history):
    found = {
        (row["measure"], row["breakdown"], row["period"]): row
        for row in history["revisions"]
        if row["breakdown"] == ""
    }
    new = found["new_complaints", "", YEAR]
    assert (new["was"], new["is"], new["signed_as_at"]) == ("3", "4", "2025-05-31")
    assert "complaint: 1 added" in new["cause"]
    changed = {
        (row["table"], row["record"], row["what"], row["column"], row["is"]) for row in history["changed"]
    }
    assert changed == {
        ("complaint", "A4", "added", "", ""),
        ("stage", "S3", "changed", "responded_date", "2025-03-28"),
    }


def test_a_revision_takes_them_in_and_leaves_nothing_to_revise(history):
    [new] = [
        row["value"]
        for row in history["revised"]
        if (row["measure"], row["breakdown"], row["period"]) == ("new_complaints", "", YEAR)
    ]
    assert new == "4" and history["after"] == []
    council = history["council"]
    assert [one.number for one in sign_off.records(council.settings, SLUG, YEAR)] == [1, 2]
    assert council.record().reason == "Late answers" and council.record().as_at == "2025-09-30"


def test_a_record_is_rebuilt_byte_for_byte_whatever_came_later(history, tmp_path):
    record = history["record"]
    again = rebuild(history["council"].settings, record, tmp_path / "again")
    assert again.wrong == [] and again.equal == again.files


def test_a_changed_folder_cannot_change_a_signed_report(history):
    council = history["council"]
    before = (council.settings.build / "figures.csv").read_bytes()
    council.limit(5)
    with pytest.raises(GateFailed) as refused:
        council.build()
    council.limit(15)
    [told] = [line for line in refused.value.details if "signed-off:" in line]
    assert " was " in told and "redress revise" in told
    assert (council.settings.build / "figures.csv").read_bytes() == before


def test_a_record_that_was_changed_is_not_believed(history):
    figures = history["council"].record().folder / "figures.csv"
    before = figures.read_bytes()
    figures.write_bytes(before.replace(b",4,", b",5,", 1))
    try:
        with pytest.raises(ConfigurationProblem, match="changed after it was signed"):
            sign_off.records(history["council"].settings, SLUG, YEAR)
    finally:
        figures.write_bytes(before)


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"by": "A"}, "redress revise"),
        ({"by": " "}, "Nobody signs"),
        ({"by": "A", "reason": "why", "as_at": date(2025, 1, 1)}, "cannot know less"),
        ({"by": "A", "reason": " ", "as_at": date(2025, 10, 1)}, "needs --reason"),
        ({"by": "A", "reason": "why", "as_at": date(2030, 1, 1)}, "has not come"),
    ],
)
def test_a_wish_that_cannot_be_granted_is_refused_before_anything_is_computed(history, wish, told):
    with pytest.raises(ConfigurationProblem, match=told):
        history["council"].build(**wish)


def test_a_signed_report_is_not_built_as_at_another_day(history):
    with pytest.raises(ConfigurationProblem, match="signed off"):
        pipeline.run(
            history["council"].settings,
            pipeline.Request(SLUG, YEAR, as_at=date(2025, 12, 1), site=False),
            quiet=True,
        )


def test_states_follow_the_records_and_the_calendar(history, tmp_path):
    council = history["council"]
    context = pipeline.Context(pipeline.run_settings(council.settings))
    [one] = pipeline.load_authorities(context)
    report = one.reports[YEAR]

    def state(settings: Settings, day: date) -> str:
        return sign_off.state_of(settings, SLUG, report, day)

    assert state(council.settings, date(2025, 10, 1)) == "revised"
    unsigned = Settings(build=tmp_path, authorities=council.settings.authorities, key="k")
    assert state(unsigned, date(2025, 9, 29)) == "draft"
    assert state(unsigned, date(2025, 9, 30)) == "provisional"
    first = sign_off.folder_of(unsigned.state, SLUG, YEAR)
    first.mkdir(parents=True)
    (first / "1").symlink_to(history["record"].folder)
    assert state(unsigned, date(2025, 6, 30)) == "signed off"
    assert state(unsigned, date(2025, 7, 1)) == "published"
