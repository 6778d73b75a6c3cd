"""Which words of open vocabularies are withheld: people's names, and not the words of a column of teams, kinds or places."""

from __future__ import annotations

import csv
import re

import polars as pl
import pytest
from intake_world import World, csv_text

from redress.intake import write_quarantine
from redress.intake.headings import ETHNICITIES, ORDINARY, about
from redress.intake.names import names_in

PROFILE = """\
authority: smallham
name: Smallham
synthetic: true
case_data_from: 2020-04-01
vocabularies: {channel: open, theme: open, service: open, ethnicity: open}
owners: {default: Complaints team}
"""
MAPPING = """\
version: 1
sources:
  - id: cases
    files: "cases*.csv"
    tables:
      - table: complaint
        columns: {complaint_id: Ref, received_date: Day, procedure: {value: corporate}, theme: Theme, channel: Channel, ethnicity: Ethnicity}
      - table: complaint_service
        columns: {complaint_id: Ref, service: Team}
"""
USED = ["Ref", "Day", "Theme", "Channel", "Ethnicity", "Team"]


@pytest.fixture
def world(tmp_path):
    return World(tmp_path).configure(MAPPING, PROFILE)


def cases(*rows: dict[str, str]) -> bytes:
    """Return a file of cases: what a row does not say of the columns that are used is ordinary."""
    columns = [*USED, *dict.fromkeys(name for row in rows for name in row if name not in USED)]
    usual = {
        "Day": "2023-04-03",
        "Theme": "Delay",
        "Channel": "Letter",
        "Ethnicity": "Not said",
        "Team": "Duty",
    }
    return csv_text(
        columns, [{"Ref": f"W{number}"} | usual | row for number, row in enumerate(rows)]
    ).encode()


def withheld(world: World, *rows: dict[str, str]) -> set[str]:
    world.receive({"cases.csv": cases(*rows)})
    return set(world.rows("word_withheld")["word"])


@pytest.mark.parametrize(
    "heading",
    ["Site Name", "Parent Team", "Contact Type", "Team / Service Name", "name of school", "AssignedTeam", "Contact Method",
     "Child's Ethnicity", "Old Category", "Relationship of Complainant", "Owner_Department", "Districts", "Cities"],
)  # fmt: skip
def test_headings_of_things_are_of_no_person(heading):
    assert about(heading) in ("body", "kind")


@pytest.mark.parametrize(
    "heading",
    ["Name", "Contact", "Contact Name", "Team Manager", "Team Manager Name", "School Contact", "Parent", "Site Name and Manager",
     "Service (Officer)", "Customer Name", "Name of Child", "Case Worker", "Team/Worker", "Owner", "Email Address"],
)  # fmt: skip
def test_headings_that_speak_of_a_person_still_do(heading):
    assert about(heading) == "person"


def test_ordinary_words_are_published_though_columns_of_things_hold_them(world):
    rows = (
        {"Theme": "Staff Attitude", "Channel": "Web Form", "Ethnicity": "White British", "Team": "Early Help North",
         "Old Category": "Delay", "Parent Team": "Early Help", "Site Name": "Unspecified", "Area": "North"},
        {"Theme": "Delay", "Channel": "Phone", "Ethnicity": "White", "Team": "Fostering", "Old Category": "Staff Attitude",
         "Parent Team": "Fostering", "Site Name": "White House", "Contact": "Phone", "Contact Type": "Phone"},
        {"Theme": "Complaint Handling", "Ethnicity": "Black", "Team": "Early Help", "Old Category": "Complaint Handling",
         "Site Name": "Black Lane Centre", "Area": "Web Form"},
    )  # fmt: skip
    assert withheld(world, *rows) == set()


def test_places_of_a_column_of_few_values_are_published(world):
    boroughs = ["Sutton Coldfield", "Hall Green", "Perry Barr", "Ladywood"]
    rows = [
        {"Team": boroughs[n % 4], "District": boroughs[n % 4], "Street Name": "Hall Green Road"}
        for n in range(40)
    ]
    assert withheld(world, *rows) == set()


def test_an_ethnicity_is_published_though_somebody_is_called_so_and_a_team_of_that_name_is_not(world):
    rows = ({"Ethnicity": "White", "Customer Name": "Jane White"}, {"Team": "White"})
    assert withheld(world, *rows) == {"White"}  # as a team
    why = world.rows("word_why")
    assert why["column"].to_list() == ["complaint_service.service"]


FIRST_NAMES = (
    "rose may april june august grace faith hope joy will mark bill joe dawn eve ivy holly amber ruby pearl olive heather "
    "penny frank grant dean earl art gene rich drew guy jack chase miles lane page paige summer autumn sky river robin "
    "martin martha ben dan tom sam max kim lee ray roy ross clay cliff dale glen craig stone jade crystal angel christian "
    "israel roma chelsea lincoln chester kent kingston jordan austin florence georgia virginia iris violet daisy lily "
    "melody harmony charity victor victoria prince duke king junior major baron mercy patience prudence constance "
)
"""Which are words too."""

NAMES = [
    {"Customer Name": "Amina O'Hara", "Team": "Amina O'Hara"},
    {"Customer Name": "Amina O'Hara", "Team": "Ohara"},
    {"Team Manager": "Amina Khan", "Team": "Amina"},
    {"Parent Team": "Amina Khan", "Team": "Amina Khan"},
    {"Site Name": "Khan, Amina", "Team": "Amina Khan"},
    {"Old Category": "Amina Khan", "Theme": "Amina Khan"},
    {"Lead": "Amina Khan", "Theme": "About Amina Khan"},
    {"Contact Type": "Amina Khan (Duty Team)", "Channel": "Amina Khan"},
    {"Seen By": "Rose White", "Team": "Rose White"},
    {"Area": "Grace Young", "Team": "Grace Young"},
    {"Contact": "White", "Team": "White"},
    {"Customer Surname": "Day", "Team": "Day"},
    {"Team": "Mrs Khan"},
    {"Channel": "a.khan@example.org"},
]


@pytest.mark.parametrize(
    "row", NAMES, ids=lambda row: " ".join(f"{name}-{cell}" for name, cell in row.items())
)
def test_nobody_s_name_is_let_through(world, row):
    assert len(withheld(world, row, {})) == 1


def test_a_name_in_a_body_s_column_is_withheld_however_often_it_stands_there(world):
    assert withheld(world, *[{"Parent Team": "Amina Khan", "Team": "Amina Khan"}] * 40) == {"Amina Khan"}


def test_no_whole_name_is_made_of_ordinary_words():
    first_names = set(re.findall(r"\w+", FIRST_NAMES))
    assert ORDINARY.isdisjoint(first_names - {"charity"})
    assert names_in("Early Help", False) == names_in("Poor Communication", False) == set()
    assert names_in("Amina Help", False) and names_in("Help White", True)
    assert ETHNICITIES.isdisjoint(first_names - {"roma"})


def test_why_a_word_is_withheld_is_listed_for_people_inside_and_harmless_in_a_spreadsheet(world):
    world.receive(
        {
            "cases.csv": cases(
                {"Team": "Amina Khan", "=Lead": "Amina Khan"}, {"Team": "Amina Khan"}, {"Theme": "Mr Bo"}
            )
        }
    )
    folder = write_quarantine(world.settings)
    rows = list(csv.DictReader((world.settings.build / "words-withheld.csv").open(encoding="utf-8")))
    assert [(row["column"], row["word"], row["records"]) for row in rows] == [
        ("complaint.theme", "Mr Bo", "1"),
        ("complaint_service.service", "Amina Khan", "2"),
    ]
    assert "a title before a name" in rows[0]["why"] and "in column =Lead" in rows[1]["why"]
    quarantine = pl.read_csv(folder / "quarantine.csv")
    assert not quarantine.filter(pl.col("found").str.contains("Khan")).height
