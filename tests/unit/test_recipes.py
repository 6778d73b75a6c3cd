"""The recipes of mappings: each reads a file of its shape, and every record of it is loaded, left out or set aside."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import polars as pl
import pytest

from redress.authority.folder import load_authority
from redress.base.settings import ROOT, Settings
from redress.base.strict_yaml import read_yaml
from redress.contract.contract import load_contract
from redress.draft.folder import draft
from redress.draft.recipes import RECIPES
from redress.intake import receive
from redress.intake.batches import FileResult
from redress.narrative.names import names
from tests.unit.draft_shapes import Maker, write_rows, write_sheets
from tests.unit.intake_world import PROFILE

REFERENCE = ROOT / "seeds" / "reference"


def british(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def wide_case_export(folder: Path) -> Path:
    """150 cases of three departments; one of the council's children's services has a day that is none."""
    made = Maker(21)
    rows = []
    for number in range(150):
        begun = made.day()
        answered = begun + timedelta(days=14)
        row = {
            "Case Ref": f"C{number}",
            "Directorate": ("Children's Services", "Housing", "Highways")[number % 3],
            "Team": ("Fostering", "MASH")[number % 2],
            "Date Received": british(begun),
            "Date Acknowledged": british(begun + timedelta(days=1)) if number % 4 else "N/A",
            "Complaint Type": made.pick("Statutory", "Corporate", "Early resolution"),
            "Channel": made.pick("Email", "Telephone"),
            "Complainant Name": made.name(),
            "Complainant Type": made.pick("Parent", "Young person"),
            "Nature of Complaint": made.pick("Delay", "Communication"),
            "Date Closed": "TBC" if number % 5 == 0 else british(answered),
            "Officer": made.name(),
        }
        for stage in (1, 2, 3):
            is_there = number % (4 ** (stage - 1)) == 0
            row[f"Stage {stage} Requested"] = (
                british(begun + timedelta(days=30 * (stage - 1))) if is_there else ""
            )
            row[f"Stage {stage} Response Sent"] = (
                british(answered + timedelta(days=30 * (stage - 1))) if is_there else ""
            )
            row[f"Stage {stage} Outcome"] = made.pick("Upheld", "Not upheld") if is_there else "-"
        rows.append(row)
    rows[3]["Date Received"] = "31/02/2024"
    rows[6]["Stage 1 Outcome"] = "Withdrawn"
    return write_rows(folder / "cases 2024-25.csv", rows)


def stage_rows(folder: Path) -> Path:
    """60 cases, every third of two stages; the second stage of one has lost its first."""
    made = Maker(22)
    rows = []
    for number in range(60):
        for stage in range(1, 3 if number % 3 == 0 else 2):
            begun = date(2024, 5, 1) + timedelta(days=number + 40 * stage)
            rows.append(
                {
                    "Case Ref": f"C{number}",
                    "Stage": f"Stage {stage}",
                    "Procedure": "Statutory" if number % 2 else "Corporate",
                    "Team": made.pick("Fostering", "MASH"),
                    "Complainant Type": made.pick("Parent", "Foster carer"),
                    "Stage Started": british(begun),
                    "Extension Agreed": made.pick("Y", "N"),
                    "Response Sent": british(begun + timedelta(days=12)),
                    "Outcome": made.pick("Upheld", "Partially upheld", "Not upheld"),
                }
            )
    rows[1]["Case Ref"] = "C999"
    return write_rows(folder / "stages.csv", rows)


def event_log(folder: Path) -> Path:
    """40 cases in eight lines each; one line names an event that nobody knows."""
    rows = []
    for number in range(40):
        begun = datetime(2024, 5, 1, 9, 30) + timedelta(days=number)
        told = [
            ("Case created", 0, ""),
            ("Procedure set", 0, "Statutory"),
            ("Acknowledgement sent", 1, ""),
            ("Note added", 2, "Rang twice"),
            ("Email sent", 3, "To the team"),
            ("Stage 1 response sent", 12, ""),
            ("Stage 1 outcome", 12, "Upheld"),
            ("Case closed", 15, ""),
        ]
        rows += [
            {
                "Case ID": f"C{number}",
                "Event Date": f"{begun + timedelta(days=after):%d/%m/%Y %H:%M}",
                "Event": event,
                "Detail": detail,
                "Team": "Fostering",
            }
            for event, after, detail in told
        ]
    rows[4]["Event"] = "Sent to the moon"
    return write_rows(folder / "events.csv", rows)


def action_tracker(folder: Path) -> Path:
    """30 actions; one has a status that nobody knows."""
    made = Maker(23)
    head = [
        "Action Ref",
        "Complaint Ref",
        "Team",
        "Theme",
        "Learning",
        "Action",
        "Lead",
        "Date Agreed",
        "Target Date",
        "Status",
        "Date Completed",
        "Reason Not Done",
        "May Be Published",
    ]
    rows: list[list[object]] = [head]
    for number in range(30):
        agreed = datetime.combine(made.day(), time())
        status = ("Complete", "In progress", "Not started")[number % 3]
        done = agreed + timedelta(days=30) if status == "Complete" else "ongoing"
        rows.append(
            [
                f"A{number}",
                "",
                "Fostering",
                "Communication",
                "Letters were late",
                "Send letters in time",
                made.name(),
                agreed,
                agreed + timedelta(days=60),
                status,
                done,
                "",
                made.pick("Yes", "No"),
            ]
        )
    rows[5][9] = "Blue"
    return write_sheets(folder / "Action tracker 2024.xlsx", {"Actions": rows})


def sharepoint_list(folder: Path) -> Path:
    """30 complaints; the first was received at midnight of English summer time, and one has a day without a time."""
    made = Maker(24)
    rows = []
    for number in range(30):
        begun = datetime(2024, 4, 30, 23, 0) + timedelta(days=number)
        rows.append(
            {
                "ID": number,
                "Title": "A complaint",
                "Complaint_x0020_Ref": f"C{number}",
                "Received": f"{begun:%Y-%m-%dT%H:%M:%SZ}",
                "Procedure": "Statutory",
                "Channel": made.pick("Email", "Telephone"),
                "Complainant_x0020_Type": made.pick("Parent", "Young person"),
                "Teams": made.pick("Fostering;#MASH", "MASH"),
                "Response_x0020_Sent": f"{begun + timedelta(days=9):%Y-%m-%dT%H:%M:%SZ}",
                "Outcome": made.pick("Upheld", "Not upheld"),
                "Closed": "",
                "Created": f"{begun:%Y-%m-%dT%H:%M:%SZ}",
                "Created By": made.name(),
                "Modified": f"{begun:%Y-%m-%dT%H:%M:%SZ}",
                "Modified By": made.name(),
                "Assigned To": made.name(),
                "Attachments": "FALSE",
                "Item Type": "Item",
                "Path": "sites/x",
            }
        )
    rows[7]["Received"] = "2024-05-07"
    return write_rows(folder / "Complaints list.csv", rows, encoding="utf-8-sig")


def microsoft_forms(folder: Path) -> Path:
    """20 forms; in one every question was left blank."""
    made = Maker(25)
    rows: list[list[object]] = [
        [
            "ID",
            "Start time",
            "Completion time",
            "Email",
            "Name",
            "Were you kept informed?",
            "Was your complaint handled fairly?",
        ]
    ]
    for number in range(20):
        begun = datetime.combine(made.day(), time(10, 5))
        rows.append(
            [
                number + 1,
                begun,
                begun + timedelta(minutes=5),
                "anonymous",
                None,
                made.pick("Yes", "No"),
                made.pick("Very", "Not at all") if number % 2 else None,
            ]
        )
    rows[2][5], rows[2][6] = None, None
    return write_sheets(folder / "Complaints survey 2024.xlsx", {"Form1": rows})


def ombudsman_files(folder: Path) -> list[Path]:
    """20 matters received; 12 of them decided, with one that was received the year before; one part of a remedy is not known."""
    made = Maker(27)
    received, decided, complied = [], [], []
    for number in range(20):
        key, day = f"24 {number:03} 456", made.day(days=200)
        received.append({"Reference": key, "Received": british(day)})
        if number < 12:
            upheld = number % 3 == 0
            remedy = "Apology; £250 for distress; £100 time and trouble" if upheld else ""
            decided.append(
                {
                    "Reference": key, "Received": "" if number % 2 else british(day), "Decided": british(day + timedelta(days=60)),
                    "Decision": "Upheld" if upheld else "Not Upheld", "Remedy": "Apology; a meeting" if number == 9 else remedy,
                }
            )  # fmt: skip
            if upheld:
                complied.append({"Reference": key, "Complied on": british(day + timedelta(days=90))})
    decided.append(decided[1] | {"Reference": "23 999 456", "Received": "01/02/2024"})
    lists = {"received": received, "decided 2024-25": decided, "complied": complied}
    return [write_rows(folder / f"LGSCO {name}.csv", rows) for name, rows in lists.items()]


def ombudsman_workbook(folder: Path) -> Path:
    """24 matters, half of them children's; decided are some, one of them twice, and one that was received the year before."""
    made = Maker(26)
    received: list[list[object]] = [["Reference", "Authority", "Category", "Received"]]
    decided: list[list[object]] = [
        ["Reference", "Authority", "Category", "Received", "Decided", "Decision", "Remedy"]
    ]
    complied: list[list[object]] = [["Reference", "Authority", "Category", "Compliance Recorded"]]
    for number in range(24):
        category = ("Education & Childrens Services", "Housing")[number % 2]
        day = datetime.combine(made.day(days=200), time())
        head: list[object] = [f"24 {number:03} 456", "North Town Council", category]
        received.append([*head, day])
        if number < 16:
            decision = made.pick("Upheld", "Not Upheld", "Referred back for local resolution")
            decided.append(
                [
                    *head,
                    day,
                    day + timedelta(days=70),
                    decision,
                    "Apology and £100 for distress" if number % 4 == 0 else None,
                ]
            )
        if number < 8:
            complied.append([*head, day + timedelta(days=110)])
    decided.append(list(decided[3]))
    decided[-1][5] = "Advice given"
    decided.append(
        [
            "23 999 456",
            "North Town Council",
            "Education & Childrens Services",
            datetime(2024, 1, 30),
            datetime(2024, 4, 9),
            "Upheld",
            None,
        ]
    )
    sheets = {"Received": received, "Decided": decided, "Compliance": complied}
    return write_sheets(folder / "Ombudsman letter 2024-25.xlsx", sheets)


def compliments_log(folder: Path) -> Path:
    """A sheet of nine compliments for each quarter; one has no day."""
    made = Maker(27)
    sheets = {}
    for quarter in range(4):
        first = date(2024, 4, 1) + timedelta(days=91 * quarter)
        rows: list[list[object]] = [
            [f"Compliments, quarter {quarter + 1}"],
            [],
            ["Date", "Team", "From", "What was said", "May be published"],
        ]
        for _ in range(9):
            day = datetime.combine(made.day(first, 90), time())
            rows.append(
                [
                    day,
                    made.pick("Fostering", "MASH"),
                    made.pick("Parent", "School"),
                    "They helped us all along the way.",
                    made.pick("Y", "N", "N/A"),
                ]
            )
        sheets[f"Q{quarter + 1}"] = rows
    sheets["Q2"][5][0] = None
    return write_sheets(folder / "Compliments 2024-25.xlsx", sheets)


WORLDS: dict[str, tuple[Callable[[Path], Path | list[Path]], tuple[int, int, int, int], tuple[str, ...]]] = {
    "wide-case-export": (wide_case_export, (150, 49, 100, 1), ("impossible_date",)),
    "stage-rows": (stage_rows, (80, 79, 0, 1), ("orphan_reference",)),
    "event-log": (event_log, (320, 312, 0, 8), ("group_set_aside", "unknown_record_type")),
    "action-tracker": (action_tracker, (30, 29, 0, 1), ("unknown_word",)),
    "sharepoint-list": (sharepoint_list, (30, 29, 0, 1), ("impossible_date",)),
    "ombudsman-files": (ombudsman_files, (37, 24, 12, 1), ("unknown_word",)),
    "ombudsman-workbook": (ombudsman_workbook, (42, 12, 27, 3), ("duplicate_id", "joined_twice")),
    "compliments-log": (compliments_log, (36, 35, 0, 1), ("missing_required",)),
    "microsoft-forms": (microsoft_forms, (20, 19, 0, 1), ("unknown_record_type",)),
}
"""Recipe -> the maker of a file of its shape; records received, loaded, left out and set aside; why those were set aside."""


def received(tmp_path: Path, recipe: str) -> tuple[list[FileResult], set[str]]:
    """What becomes of a file of a recipe's shape, with the causes for which records are set aside."""
    folder = tmp_path / "north-town"
    folder.mkdir()
    profile = PROFILE.format(slug="north-town", synthetic="true").replace("[Email, Telephone]", "open")
    (folder / "profile.yml").write_text(profile)
    shutil.copy(RECIPES / f"{recipe}.yml", folder / "mapping.yml")
    authority = load_authority(folder, REFERENCE)
    made = WORLDS[recipe][0](tmp_path)
    files = [(path, datetime(2025, 5, 1)) for path in (made if isinstance(made, list) else [made])]
    result = receive(files, authority, Settings(build=tmp_path / "build"))
    set_aside = result.problems.filter(result.problems["severity"] == "quarantine_row")
    return result.files, set(set_aside["code"])


def test_every_recipe_has_a_file_of_its_shape():
    assert sorted(WORLDS) == sorted(path.stem for path in RECIPES.glob("*.yml"))


@pytest.mark.parametrize("recipe", WORLDS)
def test_a_recipe_reads_a_file_of_its_shape(recipe, tmp_path):
    files, codes = received(tmp_path, recipe)
    counts = [
        sum(getattr(file, name) for file in files)
        for name in ("received", "conformed", "left_out", "quarantined")
    ]
    assert all(file.status == "loaded" for file in files), [file.message for file in files]
    assert tuple(counts) == WORLDS[recipe][1]
    assert codes == set(WORLDS[recipe][2])


STAGES_OF_A_TEAM = {"wide-case-export": 66, "stage-rows": 79, "event-log": 39}
"""Recipe of a file of which every row names a team -> how many stages there are, all of a team."""


def stages(tmp_path: Path) -> pl.DataFrame:
    """The stages that were loaded."""
    return pl.concat(
        [pl.read_parquet(path) for path in (tmp_path / "build").rglob("conformed/stage/*.parquet")],
        how="diagonal",
    )


@pytest.mark.parametrize("recipe", STAGES_OF_A_TEAM)
def test_a_recipe_and_a_draft_say_which_team_answered(recipe, tmp_path):
    received(tmp_path, recipe)
    of_recipe = stages(tmp_path)
    assert (of_recipe.height, of_recipe["service"].null_count()) == (STAGES_OF_A_TEAM[recipe], 0)
    drafted = draft(
        "north-town",
        [WORLDS[recipe][0](tmp_path)],
        tmp_path / "authorities",
        load_contract(REFERENCE),
        date(2025, 5, 1),
        names("given"),
    )
    tables = [
        table for source in read_yaml(drafted.folder / "mapping.yml")["sources"] for table in source["tables"]
    ]
    assert all("service" in table["columns"] for table in tables if table["table"] == "stage")


def test_a_stage_that_was_withdrawn_is_closed_and_not_answered(tmp_path):
    received(tmp_path, "wide-case-export")
    [withdrawn] = stages(tmp_path).filter(pl.col("closed_how") == "withdrawn").rows(named=True)
    assert withdrawn["stage_id"] == "C6-S1" and withdrawn["closed_date"] is not None
    assert withdrawn["responded_date"] is None and withdrawn["outcome"] is None


# a draft joins sheets, and leaves it to a person to join files
@pytest.mark.parametrize("recipe", [recipe for recipe in WORLDS if recipe != "ombudsman-files"])
def test_a_draft_from_a_file_of_such_a_shape_does_what_its_recipe_does(recipe, tmp_path):
    path = WORLDS[recipe][0](tmp_path)
    drafted = draft(
        "north-town",
        [path],
        tmp_path / "authorities",
        load_contract(REFERENCE),
        date(2025, 5, 1),
        names("given"),
    )
    mapping = drafted.folder / "mapping.yml"
    text = mapping.read_text().replace('"Blue": "?"', '"Blue": under_way')
    assert text.count('"?"') == 1  # the line at the top that says what it means
    mapping.write_text(text)
    files = receive(
        [(path, datetime(2025, 5, 1))],
        load_authority(drafted.folder, REFERENCE),
        Settings(build=tmp_path / "build", key="k" * 40),
    ).files
    count, loaded, left_out, _ = WORLDS[recipe][1]
    got = {
        name: sum(getattr(file, name) for file in files)
        for name in ("received", "conformed", "left_out", "quarantined")
    }
    assert (got["received"], got["left_out"]) == (count, left_out)
    assert got["conformed"] >= loaded
    assert got["received"] == got["conformed"] + got["left_out"] + got["quarantined"]


def test_a_log_with_other_headings_and_events_is_begun_from_the_recipe(tmp_path):
    path = event_log(tmp_path)
    for word, by in {
        "Case ID": "CaseRef",
        "Event,": "Activity,",
        "Event Date": "When",
        "Email sent": "Phone call",
    }.items():
        path.write_text(path.read_text().replace(word, by))
    drafted = draft(
        "north-town",
        [path],
        tmp_path / "authorities",
        load_contract(REFERENCE),
        date(2025, 5, 1),
        names("given"),
    )
    text = (drafted.folder / "mapping.yml").read_text()
    assert "begun from the recipe event-log" in text
    assert "in: [Phone call, Sent to the moon], join" in text.replace("}, join", ", join").replace("]}", "]")
    [file] = receive(
        [(path, datetime(2025, 5, 1))],
        load_authority(drafted.folder, REFERENCE),
        Settings(build=tmp_path / "build", key="k" * 40),
    ).files
    assert (file.received, file.conformed) == (320, 320)


def test_a_draft_takes_decisions_of_what_was_received_in_an_earlier_year(tmp_path):
    drafted = draft(
        "north-town",
        [ombudsman_workbook(tmp_path)],
        tmp_path / "authorities",
        load_contract(REFERENCE),
        date(2025, 5, 1),
        names("given"),
    )
    decided, still_open = read_yaml(drafted.folder / "mapping.yml")["sources"]
    assert (decided["sheet"], still_open["sheet"]) == ("Decided", "Received")
    assert decided["scope"] == r"(\d{4}(?:-\d{2})?)" and "scope" not in still_open
    assert [join["sheet"] for join in decided["join"]] == ["Compliance"]
    assert {"column": "Decided / Decision", "not_blank": True} in still_open["leave_out"]
    matter, service, remedy = (table["columns"] for table in decided["tables"])
    assert matter["received_date"] == "Received"
    assert matter["remedies_complied_date"] == "Compliance / Compliance Recorded"
    assert service["service"] == "Category" and remedy["agreed_date"] == "Decided"
