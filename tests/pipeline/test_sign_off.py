"""Sign-off: what later files and changed folders do to a signed report, its revision, and its rebuilding."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from redress import protect, publish
from redress.attest import revisions
from redress.attest.manifest import verify
from redress.base.errors import ConfigurationProblem, GateFailed
from redress.base.request import Request, Signing
from redress.base.settings import Settings
from redress.protect.as_signed import COMPARED_ANEW
from redress.publish import open_data
from redress.run import choose, pipeline, retention
from redress.run.commands import receive_files
from redress.run.context import Context, run_settings
from redress.run.rebuild import compared, rebuild
from redress.signed import record as signed_record

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
FOREWORD = f"report/{YEAR}/foreword.md"
WORDS = """---
title: Foreword
place: before in-short
author: Head of Complaints
approved_by: {approved_by}
approved_on: 2025-06-10
---
The council received {{% figure "new_complaints" /%}} complaints. {thanks}
"""


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
        self.say("We thank everybody who wrote.")
        self.send("2025-05-01", complaint=COMPLAINTS, stage=STAGES)

    def limit(self, days: int) -> None:
        """Set the council's limit for corporate stage 1, in working days."""
        (self.folder / "timescales.csv").write_text(LIMITS.format(days=days), encoding="utf-8")

    def say(self, thanks: str, approved_by: str = "The Director") -> None:
        """Write the council's own words."""
        path = self.folder / FOREWORD
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(WORDS.format(thanks=thanks, approved_by=approved_by), encoding="utf-8")

    def send(self, received: str, **tables: tuple[str, ...]) -> None:
        """Put files into the drop folder."""
        drop = self.folder / "extracts" / YEAR / received
        drop.mkdir(parents=True)
        for name, lines in tables.items():
            (drop / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def build(self, **wish) -> list[str]:
        """A run, with a wish to sign where one is given; returns what it warns of."""
        signing = Signing(SLUG, YEAR, on=date(2025, 10, 1), **wish) if wish else None
        return pipeline.run(self.settings, Request(signing=signing), quiet=True).warnings

    def site(self) -> dict[str, bytes]:
        """Every file of the report on the website."""
        folder = self.settings.build / "site" / SLUG / YEAR
        return {
            str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }

    def exported(self, name: str) -> list[dict]:
        """A table of the protected export."""
        return open_data.read_stream(self.settings.state / "protected" / f"{name}.arrow").to_pylist()

    def words(self) -> dict[str, bytes]:
        """What the evidence pack holds of the council's own words."""
        pack = self.settings.build / "evidence" / f"{SLUG}-{YEAR}"
        names = ("words.csv", "bound_numbers.csv", f"words/{FOREWORD}")
        return {name: (pack / name).read_bytes() for name in names}

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

    def record(self) -> signed_record.Record:
        """The newest record of the report."""
        record = signed_record.in_force(self.settings, SLUG, YEAR)
        assert record is not None
        return record


def small_site(settings: Settings, protected: Path, target: Path) -> None:
    """In place of the website: the real downloads, and one page per report with all that its pages are built from."""
    open_data.write_open_data(protected, target)
    for report in open_data.read_stream(protected / "reports.arrow").to_pylist():
        said = {}
        for path in sorted(protected.glob("*.arrow")):
            rows = open_data.read_stream(path).to_pylist()
            mine = [
                row
                for row in rows
                if all(row.get(name) == report[name] for name in ("authority", "reporting_year"))
            ]
            said[path.stem] = [] if path.stem in COMPARED_ANEW else mine
        page = target / report["authority"] / report["reporting_year"] / "index.html"
        page.write_text(json.dumps(said, indent=1), encoding="utf-8")


@pytest.fixture(scope="module", autouse=True)
def quick_site():
    """The website as `small_site` makes it, for every test here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish, "build_site", small_site)
        yield


@pytest.fixture(scope="module")
def history(tmp_path_factory, quick_site) -> dict:
    """A council's year: signed off, then corrected by later files, then revised; what stood after each step."""
    council = Council(tmp_path_factory.mktemp("council"))
    figures = council.settings.build / "figures.csv"
    council.build(by="Director of Children's Services")
    steps = {"council": council, "signed": figures.read_bytes(), "record": council.record()}
    steps["site"] = council.site()
    council.say("We thank everybody who told us.")
    # One file dated after the as-at, and one that is dated back to before it.
    council.send("2025-09-01", stage=(*STAGES[:3], "S3,A3,corporate,1,2025-03-20,2025-03-28"))
    council.send("2025-05-20", complaint=(*COMPLAINTS, "A4,2024-08-01,corporate"))
    steps["warnings"] = council.build()
    steps |= {"later": figures.read_bytes(), "revisions": council.table("revisions.csv")}
    steps["site_later"] = council.site()
    steps["words_later"] = council.words()
    changed = council.settings.state / "revisions" / f"{SLUG}-{YEAR}.csv"
    steps["changed"] = list(csv.DictReader(changed.read_text(encoding="utf-8").splitlines()))
    council.build(by="Director of Children's Services", reason="Late answers", as_at=date(2025, 9, 30))
    steps |= {"revised": council.table("figures.csv"), "after": council.table("revisions.csv")}
    return steps


def test_a_signed_report_does_not_take_in_what_is_received_or_dated_back_later(history):
    assert history["later"] == history["signed"]


def test_its_pages_and_downloads_stay_as_they_are_byte_for_byte(history):
    assert history["site_later"] == history["site"]
    assert {"index.html", "data/figures.csv", "data/figures.ods", "data/figures.parquet"} <= set(
        history["site"]
    )
    assert history["record"].pages.keys() == history["site"].keys()
    for name in ("figures.csv", "figures.ods", "datapackage.json"):
        kept = history["record"].folder / signed_record.DOWNLOADS / name
        assert kept.read_bytes() == history["site"][f"data/{name}"]


def test_the_run_says_how_much_waits_to_be_revised(history):
    told, words = sorted(line for line in history["warnings"] if f"{SLUG} {YEAR}" in line)
    assert FOREWORD in words and "redress revise" in words
    assert f" {len(history['revisions'])} of its figures" in told and "redress revise" in told


def test_a_revision_shows_what_it_changed_and_why_in_the_run_that_makes_it(history):
    council = history["council"]
    rows = {(row["measure"], row["breakdown"], row["period"]): row for row in council.exported("revisions")}
    new = rows["new_complaints", "", YEAR]
    assert (new["was_value"], new["is_value"], new["number"]) == (3, 4, 2)
    assert new["cause"] == "Added: complaints. Corrected: stages of complaints."
    figures = {row["figure_id"]: row for row in council.exported("figures")}
    assert figures[new["figure_id"]]["status"] == "revised"
    marked = {figure for figure, row in figures.items() if row["status"] == "revised"}
    assert marked == {row["figure_id"] for row in rows.values() if row["is_value"] is not None}
    acts = council.exported("sign_offs")
    assert [(row["number"], row["reason"], row["as_at"]) for row in acts] == [
        (1, None, "2025-05-31"),
        (2, "Late answers", "2025-09-30"),
    ]
    changed = [row for row in rows.values() if row["change"] != "new_measure"]
    assert acts[1]["figures_changed"] == len(changed) > 1
    assert [(row["state"], row["signed_on"]) for row in council.exported("reports")] == [
        ("revised", "2025-10-01")
    ]


def test_a_revision_tells_the_words_that_it_changed(history):
    [row] = history["council"].exported("revised_words")
    assert (row["number"], row["section"], row["title"]) == (2, "foreword", "Foreword")
    said = "The council received [new complaints] complaints. We thank everybody who {}."
    assert (row["before"], row["after"]) == (said.format("wrote"), said.format("told us"))


def test_a_record_and_its_pack_hold_the_words_as_they_were_signed(history):
    council, signed = history["council"], history["record"]
    [words] = signed.words
    assert (words["section"], words["author"], words["approved_by"], words["approved_on"]) == (
        "foreword", "Head of Complaints", "The Director", "2025-06-10",
    )  # fmt: skip
    assert words["sha256"] == signed.files[f"configuration/{FOREWORD}"] != council.record().words[0]["sha256"]
    source = history["words_later"][f"words/{FOREWORD}"]
    assert hashlib.sha256(source).hexdigest() == words["sha256"], "the folder says something else by then"
    assert words["sha256"].encode() in history["words_later"]["words.csv"]
    [figure] = [
        row["figure_id"]
        for row in council.exported("figures")
        if (row["measure"], row["breakdown"], row["period"]) == ("new_complaints", "", YEAR)
    ]
    for step, printed in ((history["words_later"], "3"), (council.words(), "4 [r]")):
        [bound] = csv.DictReader(step["bound_numbers.csv"].decode().splitlines())
        assert (bound["section"], bound["tag"], bound["figure_id"], bound["printed"]) == (
            "foreword", "figure", figure, printed,
        )  # fmt: skip
        assert bound["file"] == f"{SLUG}/{FOREWORD}" and bound["line"] == "8"


def test_a_changed_word_of_a_pack_is_noticed(history, tmp_path):
    pack = tmp_path / "pack"
    shutil.copytree(history["council"].settings.build / "evidence" / f"{SLUG}-{YEAR}", pack)
    assert verify(pack).problems == []
    assert f'<a href="words/{FOREWORD}">' in (pack / "index.html").read_text(encoding="utf-8")
    path = pack / "words" / FOREWORD
    path.write_text(path.read_text(encoding="utf-8").replace("thank", "pity"), encoding="utf-8")
    [problem] = verify(pack).problems
    assert problem.startswith(f"words/{FOREWORD}: changed")


def test_words_that_nobody_approved_cannot_be_signed(history):
    council = history["council"]
    before = (council.folder / FOREWORD).read_text(encoding="utf-8")
    council.say("We thank everybody.", approved_by="")
    (council.folder / FOREWORD).write_text(
        (council.folder / FOREWORD)
        .read_text(encoding="utf-8")
        .replace("approved_on: 2025-06-10", "approved_on:"),
        encoding="utf-8",
    )
    try:
        with pytest.raises(ConfigurationProblem, match="must be approved first") as refused:
            council.build(by="Director", reason="Other words", as_at=date(2025, 9, 30))
    finally:
        (council.folder / FOREWORD).write_text(before, encoding="utf-8")
    [told] = refused.value.details
    assert f"{SLUG}/{FOREWORD}" in told and "To fix: Head of Complaints" in told
    assert len(signed_record.records(council.settings, SLUG, YEAR)) == 2


def test_a_revision_tells_nothing_that_was_not_published(history):
    """Both sides of every change stand in what the two records published."""
    first, second = (
        {
            row["figure_id"]: row
            for row in pq.read_table(one.folder / "published" / "figures.parquet").to_pylist()
        }
        for one in signed_record.records(history["council"].settings, SLUG, YEAR)
    )
    for row in history["council"].exported("revisions"):
        for side, published in (("was", first), ("is", second)):
            assert row[f"{side}_value"] == published.get(row["figure_id"], {"value": None})["value"]


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
    assert [one.number for one in signed_record.records(council.settings, SLUG, YEAR)] == [1, 2]
    assert council.record().reason == "Late answers" and council.record().as_at == "2025-09-30"


def test_a_record_is_rebuilt_byte_for_byte_whatever_came_later(history, tmp_path):
    """The revision, which stands on the record before it; downloads and pages too."""
    council = history["council"]
    late = tmp_path / "complaint.csv"
    late.write_text("\n".join([*COMPLAINTS, "A5,2024-09-01,corporate"]) + "\n", encoding="utf-8")
    receive_files(council.settings, SLUG, [late], datetime(2025, 9, 15))
    record = council.record()
    again = rebuild(council.settings, record, tmp_path / "again")
    assert (again.wrong, again.skipped) == ([], 0)
    assert again.equal == again.files
    names = {f"published/{name}.parquet" for name in ("figures", "revisions", "checks", "check_history")}
    assert (
        names | {"figures.csv", "downloads/figures.ods", "configuration/profile.yml"} <= record.files.keys()
    )
    assert again.files == len(record.files) - len(COMPARED_ANEW) + len(record.pages)


def test_what_is_not_as_it_was_signed_is_named(history, tmp_path):
    """A changed byte, a missing file, one too many, another version of the software: each in words."""
    record = history["record"]
    own = run_settings(history["council"].settings)
    again, site = tmp_path / "again", tmp_path / "site"
    shutil.copytree(record.folder, again)
    site.mkdir()
    for name, content in history["site"].items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_bytes(content)
    whole = compared(own, record, again, site)
    assert (whole.wrong, whole.changed, whole.equal) == ([], [], whole.files)
    without_site = compared(own, record, again, tmp_path / "none")
    assert (without_site.wrong, without_site.skipped) == ([], len(record.pages))

    (again / "downloads" / "figures.csv").write_bytes(b"changed")
    (again / "figures.csv").unlink()
    (again / "extra.csv").write_bytes(b"")
    (site / "data" / "figures.ods").unlink()
    other = replace(record, code=record.code | {"duckdb": "0.0.1"})
    broken = compared(own, other, again, site)
    assert broken.wrong == [
        "downloads/figures.csv",
        "extra.csv (was not there)",
        "figures.csv (missing)",
        "website: data/figures.ods (missing)",
    ]
    assert broken.equal == whole.files - 3
    [changed] = broken.changed
    assert changed.startswith("duckdb: signed with 0.0.1, now ")


def test_other_protection_changes_no_published_number_and_is_told(history, tmp_path):
    """Totals that were open would be so no more: what was published stays, and the run says that it waits."""
    council = history["council"]
    settings = run_settings(council.settings)
    context = Context(settings)
    before = council.exported("figures")
    assert revisions.other_protection(context.declared, context.signed_before) == []
    profile = council.folder / "profile.yml"
    profile.write_text(PROFILE + "protection: {open_keys: []}\n", encoding="utf-8")
    try:
        protect.export(settings, tmp_path / "out", differences_file=tmp_path / "otherwise.csv")
        anew = Context(settings)
        [told] = revisions.other_protection(anew.declared, anew.signed_before)
    finally:
        profile.write_text(PROFILE, encoding="utf-8")
    assert open_data.read_stream(tmp_path / "out" / "figures.arrow").to_pylist() == before
    assert len((tmp_path / "otherwise.csv").read_text(encoding="utf-8").splitlines()) == 1
    assert f"redress revise {SLUG} {YEAR}" in told


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
            signed_record.records(history["council"].settings, SLUG, YEAR)
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
            Request(SLUG, YEAR, as_at=date(2025, 12, 1), site=False),
            quiet=True,
        )


def test_a_report_that_lost_a_file_is_published_from_its_record_and_not_revised(history):
    council = history["council"]
    removed = council.settings.state / retention.REMOVED

    def without_cases() -> list[tuple[str, str]]:
        context = Context(run_settings(council.settings))
        return choose.without_cases(context.declared, context.countable, context.request)

    assert without_cases() == []
    [first, *_] = sorted(council.record().signed_with)
    removed.write_text(f"extract_id,authority,sha256\nx,{SLUG},{first}\nx,other,{first}\n", encoding="utf-8")
    try:
        assert without_cases() == [(SLUG, YEAR)]
        with pytest.raises(ConfigurationProblem, match="removed by the retention rule"):
            council.build(by="A", reason="why", as_at=date(2025, 10, 1))
    finally:
        removed.unlink()


def test_states_follow_the_records_and_the_calendar(history, tmp_path):
    council = history["council"]
    context = Context(run_settings(council.settings))
    [authority] = context.countable
    report = authority.reports[YEAR]

    def state(settings: Settings, day: date) -> str:
        return signed_record.state_of(settings, SLUG, report, day)

    assert state(council.settings, date(2025, 10, 1)) == "revised"
    unsigned = Settings(build=tmp_path, authorities=council.settings.authorities, key="k")
    assert state(unsigned, date(2025, 9, 29)) == "draft"
    assert state(unsigned, date(2025, 9, 30)) == "provisional"
    first = signed_record.folder_of(unsigned.state, SLUG, YEAR)
    first.mkdir(parents=True)
    (first / "1").symlink_to(history["record"].folder)
    assert state(unsigned, date(2025, 6, 30)) == "signed off"
    assert state(unsigned, date(2025, 7, 1)) == "published"
