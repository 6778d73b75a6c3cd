"""Signed-off reports leave as they were signed; a revision lists what readers could see change, and nothing else."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from test_protect_export import installation
from test_publish_numbers import ask

from redress.attest import revisions, signing
from redress.base.request import Signing
from redress.base.settings import RunSettings, Settings
from redress.protect import as_signed, export
from redress.publish.open_data import read_stream
from redress.run import retention
from redress.signed import causes
from redress.signed import record as signed_record

REPORT = ("b", "2023-24")


@dataclass
class Council:
    """What retention looks at of an authority."""

    slug: str
    reports: dict


def of_run(settings: Settings, **more) -> RunSettings:
    known = {item.name: getattr(settings, item.name) for item in fields(Settings)}
    return RunSettings(**known, today=date(2025, 1, 1), **more)


def exported(settings: Settings, out: Path, **more) -> dict[str, list[dict]]:
    """The report's rows of an export, by table."""
    export(settings, out, **more)
    tables = {path.stem: read_stream(path).to_pylist() for path in sorted(out.glob("*.arrow"))}
    return {
        name: [row for row in rows if (row.get("authority"), row.get("reporting_year")) == REPORT]
        for name, rows in tables.items()
    }


def sign(settings: Settings, out: Path) -> signed_record.Record:
    """Make the record of an export, as a sign-off does."""
    before = signed_record.records(settings, *REPORT)
    folder = signed_record.folder_of(settings.state, *REPORT) / str(len(before) + 1)
    folder.mkdir(parents=True)
    as_signed.keep(out, folder / signed_record.PUBLISHED, *REPORT)
    record = signed_record.Record(
        *REPORT, number=len(before) + 1, as_at="2024-05-31", by="The director", reason="", signed_on="2024-07-01",
        extracts=[], reports={}, code={}, files=signed_record.files_of(folder),
        previous=signing.sha256(before[-1].folder / "record.json") if before else "",
    )  # fmt: skip
    stated = {name: value for name, value in asdict(record).items() if name != "folder"}
    (folder / "record.json").write_text(json.dumps(stated), encoding="utf-8")
    return record


def wish(on: str, as_at: str | None = None) -> Signing:
    later = date.fromisoformat(as_at) if as_at else None
    return Signing(*REPORT, "The director", date.fromisoformat(on), "Late" if later else "", later)


def change(settings: Settings, statement: str) -> None:
    with duckdb.connect(str(settings.database)) as connection:
        connection.execute(statement)


@pytest.fixture
def world(tmp_path: Path) -> Settings:
    """An installation with a hand-made warehouse of one report."""
    return installation(tmp_path)


@pytest.fixture
def signed(world: Settings, tmp_path: Path) -> dict[str, list[dict]]:
    """The report as it was exported by the run that signed it off."""
    rows = exported(of_run(world, signing=wish("2024-07-01")), tmp_path / "first")
    sign(world, tmp_path / "first")
    return rows


def test_the_run_that_signs_says_so(signed) -> None:
    assert [(row["state"], row["signed_on"], row["revised_on"]) for row in signed["reports"]] == [
        ("signed off", "2024-07-01", None)
    ]
    assert [(row["number"], row["signed_by"], row["as_at"]) for row in signed["sign_offs"]] == [
        (1, "The director", "2024-05-31")
    ]
    assert signed["revisions"] == [] and {row["status"] for row in signed["figures"]} <= {
        "computed",
        "suppressed",
    }


@pytest.mark.parametrize(("today", "state"), [("2024-05-30", "draft"), ("2024-05-31", "provisional")])
def test_a_report_that_nobody_signed_is_a_draft_and_then_provisional(world, tmp_path, today, state) -> None:
    settings = replace(of_run(world), today=date.fromisoformat(today))
    rows = exported(settings, tmp_path / "out")
    assert [row["state"] for row in rows["reports"]] == [state] and rows["sign_offs"] == []


def test_a_signed_report_leaves_as_it_was_signed_whatever_is_found_later(world, signed, tmp_path) -> None:
    change(
        world,
        "update figures.figures set value = 9, numerator = 9 where figure_id = 'b-1';"
        "insert into staging.stg_extract values ('e9', 'b', 'cases', '', 'dated back.csv', '2024-05-20', 9, 9, 0, 'loaded', 'e2')",
    )
    checks = world.build / "checks.csv"
    checks.write_text(
        checks.read_text(encoding="utf-8") + 'c-2,stock,"","",S,1,1,pass,block,team,\n', encoding="utf-8"
    )
    rows = exported(of_run(world), tmp_path / "later", differences_file=tmp_path / "otherwise.csv")
    assert rows == signed
    listed = (tmp_path / "otherwise.csv").read_text(encoding="utf-8").splitlines()
    assert (*listed[0].split(","), "cause") == revisions.COLUMNS
    assert [line.split(",")[2:8] for line in listed[1:]] == [
        ["b-1", "new_complaints", "", "2023-24", "3", "9"]
    ]


def test_what_readers_are_told_of_the_council_is_of_today(world, signed, tmp_path) -> None:
    profile = world.authorities[0] / "b" / "profile.yml"
    profile.write_text(
        profile.read_text(encoding="utf-8").replace("Write to us.", "Telephone us."), encoding="utf-8"
    )
    [report] = exported(of_run(world), tmp_path / "later")["reports"]
    assert report == signed["reports"][0] | {"feedback": "Telephone us."}


def test_a_report_whose_cases_were_removed_is_published_from_its_record(world, signed, tmp_path) -> None:
    for table in (
        "figures.figures",
        "figures.comparison",
        "marts.dim_report",
        "marts.dim_authority",
        "marts.dim_service",
    ):
        change(world, f"update {table} set authority = 'c'")  # another council is all that is left
    assert exported(of_run(world), tmp_path / "gone")["figures"] == []
    rows = exported(of_run(world), tmp_path / "kept", without_cases=[REPORT])
    assert rows == signed
    services = read_stream(tmp_path / "kept" / "services.arrow").to_pylist()
    first = read_stream(tmp_path / "first" / "services.arrow").to_pylist()
    assert [row for row in services if row["authority"] == "b"] == first and len(first) > 1


def test_a_revision_marks_its_figures_and_later_ones_keep_the_mark(
    world, signed, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(
        causes,
        "public_causes",
        lambda settings, record, as_at, measures: dict.fromkeys(measures, f"Because, by {as_at}."),
    )
    change(
        world,
        "update figures.figures set value = 7, numerator = 7 where figure_id = 'b-1';"
        "update marts.dim_report set as_at = '2024-09-01'",
    )
    second = exported(of_run(world, signing=wish("2024-09-02", "2024-09-01")), tmp_path / "second")
    [row] = second["revisions"]
    assert (row["figure_id"], row["was_value"], row["is_value"]) == ("b-1", 3, 7)
    assert row["cause"] == "Because, by 2024-09-01."
    assert [one["status"] for one in second["figures"] if one["figure_id"] == "b-1"] == ["revised"]
    assert [one["status"] for one in second["comparison"] if one["figure_id"] == "b-1"] == ["revised"]
    assert [(one["state"], one["signed_on"], one["revised_on"]) for one in second["reports"]] == [
        ("revised", "2024-07-01", "2024-09-02")
    ]
    sign(world, tmp_path / "second")

    change(world, "update figures.figures set value = 3, numerator = 3 where figure_id = 'b-1'")
    third = exported(of_run(world, signing=wish("2024-10-02", "2024-10-01")), tmp_path / "third")
    assert [(one["number"], one["was_value"], one["is_value"]) for one in third["revisions"]] == [
        (2, 3, 7),
        (3, 7, 3),
    ]
    assert [one["status"] for one in third["figures"] if one["figure_id"] == "b-1"] == ["revised"]
    assert [one["number"] for one in third["sign_offs"]] == [1, 2, 3]


FIGURE = {
    "measure": "m", "title": "M", "breakdown": "", "period": "2023-24", "unit": "complaints", "numerator": 3.0,
    "denominator": None, "value": 3.0, "status": "computed",
}  # fmt: skip
HIDDEN = FIGURE | {"numerator": None, "value": None, "status": "suppressed"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (FIGURE, FIGURE, None),
        (FIGURE, FIGURE | {"status": "revised"}, None),
        (FIGURE, FIGURE | {"value": 4.0}, ("changed", 3, 4)),
        (FIGURE | {"denominator": 9.0}, FIGURE | {"denominator": 10.0}, ("changed", 3, 3)),
        (FIGURE, HIDDEN, ("hidden", 3, None)),
        (HIDDEN, FIGURE, ("shown", None, 3)),
        (HIDDEN, HIDDEN, None),
        (HIDDEN, None, None),
        (None, HIDDEN, None),
        (FIGURE, None, ("gone", 3, None)),
        (FIGURE, FIGURE | {"value": None, "status": "not_available"}, ("changed", 3, None)),
    ],
)  # fmt: skip
def test_only_what_a_reader_could_see_is_a_change(old, new, expected) -> None:
    before, now = ({} if one is None else {"f": one | {"figure_id": "f"}} for one in (old, new))
    found = [
        (row["change"], row["was_value"], row["is_value"]) for row in as_signed.published_changes(before, now)
    ]
    assert found == ([] if expected is None else [expected])


def test_a_new_figure_is_a_change_and_a_new_measure_is_told_once() -> None:
    before = {"f": FIGURE | {"figure_id": "f"}}
    now = before | {
        "g": FIGURE | {"figure_id": "g", "breakdown": "service=a"},
        "h": FIGURE | {"figure_id": "h", "measure": "n"},
        "i": FIGURE | {"figure_id": "i", "measure": "n", "breakdown": "service=a"},
    }
    found = as_signed.published_changes(before, now)
    assert [(row["change"], row["figure_id"], row["measure"]) for row in found] == [
        ("new", "g", "m"),
        ("new_measure", None, "n"),
    ]


def test_a_cause_names_kinds_of_records_and_no_number_of_cases() -> None:
    changed = {
        ("stage", "changed"),
        ("complaint", "added"),
        ("issue", "added"),
        ("remedy", "no longer there"),
    }
    assert causes.public_cause(changed, ["The way of counting was changed."]) == (
        "Added: complaints, issues. Corrected: stages of complaints. Taken out: remedies. The way of counting was changed."
    )
    assert (
        causes.public_cause(set())
        == "Nothing recorded about it was changed; it is counted as at a later day."
    )


def test_every_table_of_the_contract_has_a_word_for_readers(world) -> None:
    from redress.contract.contract import load_contract

    assert causes.WORDS.keys() == load_contract(Settings().reference).tables.keys()


def test_was_and_is_are_printed_apart() -> None:
    def row(unit: str, was: tuple, now: tuple) -> dict:
        sides = {f"{side}_{name}": value for side, values in (("was", was), ("is", now))
                 for name, value in zip(("value", "numerator", "denominator", "status"), values, strict=True)}  # fmt: skip
        return {"measure": "m", "unit": unit} | sides

    cases = [
        (row("complaints", (3, 3, None, "revised"), (1004, 1004, None, "computed")), ("3", "1,004")),
        (row("complaints", (3, 3, None, "computed"), (None, None, None, "suppressed")), ("3", "[c]")),
        (row("complaints", (None, None, None, None), (3, 3, None, "computed")), ("not given", "3")),
        (row("complaints", (3, 3, None, "computed"), (None, None, None, None)), ("3", "not given")),
        (
            row("percent", (60, 6, 10, "computed"), (60, 9, 15, "computed")),
            ("60% (6 of 10)", "60% (9 of 15)"),
        ),
        (row("ratio", (1.51, None, None, "computed"), (1.52, None, None, "computed")), ("1.51", "1.52")),
    ]
    said = ask(
        "revisions.js", f"{json.dumps([case for case, _ in cases])}.map((one) => it.sidesInWords(one))"
    )
    assert [(one["was"], one["is"]) for one in said] == [words for _, words in cases]


@pytest.mark.parametrize(
    ("report", "words"),
    [
        ({"state": "draft"}, "This is a draft."),
        ({"state": "provisional"}, "Provisional: not signed off yet."),
        ({"state": "signed off", "signed_on": "2024-07-01"}, "Signed off on 1 July 2024."),
        (
            {"state": "revised", "signed_on": "2024-07-01", "revised_on": "2024-09-02"},
            "Signed off on 1 July 2024, revised on 2 September 2024.",
        ),
    ],
)
def test_the_state_is_said_in_a_line(report, words) -> None:
    assert ask("revisions.js", f"it.stateLine({json.dumps(report)})") == words


@pytest.mark.parametrize(
    ("state", "days", "figures", "words"),
    [
        ("draft", [], 0, "a day that had not come when this page was made"),
        ("provisional", [], 0, "nobody has signed it off yet"),
        ("signed off", [], 0, "signed off on 1 July 2024. Nothing of it has been revised since."),
        ("revised", ["2024-09-02"], 0, "It was revised on 2 September 2024, which changed no figure."),
        (
            "revised",
            ["2024-09-02", "2024-10-01"],
            1,
            "on 2 September 2024 and 1 October 2024, which changed one figure.",
        ),
        ("revised", ["2024-09-02"], 1200, "which changed 1,200 figures."),
    ],
)
def test_the_state_is_said_in_a_paragraph(state, days, figures, words) -> None:
    report = {
        "state": state,
        "signed_on": "2024-07-01",
        "as_at": "2024-05-31",
        "days": days,
        "figures": figures,
    }
    assert words in ask("revisions.js", f"it.stateInWords({json.dumps(report)})")


def test_a_signed_report_that_lost_a_file_is_not_counted_again(world) -> None:
    with (world.state / retention.REMOVED).open("w", encoding="utf-8") as handle:
        handle.write(",".join(retention.REMOVED_COLUMNS) + "\ne1,b,cases.csv,abc" + "," * 6 + "\n")

    def report(*hashes: str) -> SimpleNamespace:
        return SimpleNamespace(signed_with=frozenset(hashes) or None)

    council = Council("b", {"2021-22": report("abc", "def"), "2022-23": report("def"), "2023-24": report()})
    other = Council("c", {"2021-22": report("abc")})
    left = retention.countable(world, [council, other])
    assert [list(one.reports) for one in left] == [["2022-23", "2023-24"], ["2021-22"]]
