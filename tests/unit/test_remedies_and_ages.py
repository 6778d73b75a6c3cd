"""Several remedies told in one cell, with their money; ages and bands of ages where there is no date of birth."""

from __future__ import annotations

from datetime import date

import pytest
from intake_world import World, codes

from redress.base.settings import ROOT
from redress.base.strict_yaml import parse_yaml
from redress.contract.contract import load_contract
from redress.contract.mapping_reader import read_mapping
from redress.contract.values import band_at_receipt, years_of

BANDS = ("0-15", "16-24", "25-34", "35-49", "50-64", "65+")
REMEDIES = """
version: 1
defaults: {date_format: "%d/%m/%Y"}
sources:
  - id: decisions
    files: "*.csv"
    tables:
      - table: ombudsman
        columns: {ombudsman_id: Reference, received_date: Received, decided_date: Decided, decision: {value: upheld}}
      - table: remedy
        split: {column: Remedy, on: [";", " and "]}
        columns:
          remedy_id: {template: "{Reference}-{part}"}
          ombudsman_id: Reference
          agreed_date: Decided
          kind:
            from: Remedy
            words: {Apology: Apology}
            containing: {apolog: Apology, distress: Distress, "time and trouble": Time and trouble, "£": Payment}
          amount_gbp: {from: Remedy, money: one}
"""
HEADER = "Reference,Received,Decided,Remedy\n"


def remedies(tmp_path, *cells: str, mapping: str = REMEDIES):
    lines = [f'{number},01/04/2023,01/09/2023,"{cell}"\n' for number, cell in enumerate(cells, 1)]
    world = World(tmp_path).configure(mapping)
    result = world.receive({"a.csv": (HEADER + "".join(lines)).encode()})
    rows = world.rows("remedy").sort("remedy_id")
    return result, [(row["remedy_id"], row["kind"], row["amount_gbp"]) for row in rows.iter_rows(named=True)]


def test_each_remedy_of_a_cell_is_one_with_its_money(tmp_path):
    mapping = REMEDIES.replace('[";", " and "]', '[";", "\\n"]')
    cells = ("Apology; £250 for distress; £100 time and trouble", "We apologise\n£1,250.50; £100;;£100", "")
    result, rows = remedies(tmp_path, *cells, mapping=mapping)
    assert rows == [
        ("1-1", "Apology", None), ("1-2", "Distress", 250), ("1-3", "Time and trouble", 100),
        ("2-1", "Apology", None), ("2-2", "Payment", 1250.5), ("2-3", "Payment", 100), ("2-4", "Payment", 100),
    ]  # fmt: skip
    assert codes(result) == []
    [file] = result.files
    assert (file.received, file.conformed) == (3, 3)  # a cell without a remedy is no fault


def test_a_part_that_nothing_is_known_of_sets_its_record_aside(tmp_path):
    result, rows = remedies(
        tmp_path, "Apology and a meeting", "£250 or £300 for distress", "Apologise and £50"
    )
    assert rows == [("3-1", "Apology", None), ("3-2", "Payment", 50)]
    told = {row["row"]: (row["code"], row["message"]) for row in result.problems.iter_rows(named=True)}
    assert told[2] == ("unknown_word", "The text holds none of the texts that the mapping looks for.")
    assert told[3][0] == "bad_number" and "several sums of money (£250.00, £300.00)" in told[3][1]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('        split: {column: Remedy, on: [";", " and "]}\n', "", "this table has no split"),
        ('on: [";", " and "]', "on: []", "a split has the form"),
        ('on: [";", " and "]', "on: [1]", "a split has the form"),
        ("containing: {apolog: Apology", 'containing: {"": Apology', "containing has the form"),
        ("containing: {apolog", "containing: apolog #", "a word list has the form"),
        (
            "{value: upheld}",
            "{from: Decision, containing: {uph: upeld}}",
            "`uph` means `upeld`, which is not one of",
        ),
    ],
)
def test_what_cannot_be_split_or_found_is_told(old, new, told):
    assert old in REMEDIES
    faults = read_mapping(
        parse_yaml(REMEDIES.replace(old, new)), load_contract(ROOT / "seeds" / "reference")
    )[1]
    assert any(told in fault.problem for fault in faults), faults


AGES = """
version: 1
sources:
  - id: cases
    files: "*.csv"
    tables:
      - table: complaint
        columns:
          complaint_id: Ref
          received_date: Received
          procedure: {value: statutory}
          age_band: {from: Age, AGE}
"""


def bands(tmp_path, how: str, *rows: str):
    world = World(tmp_path).configure(AGES.replace("AGE", how))
    lines = [f"{number},{row}\n" for number, row in enumerate(rows, 1)]
    result = world.receive({"a.csv": ("Ref,Received,Age\n" + "".join(lines)).encode()})
    return result, dict(world.rows("complaint").select("complaint_id", "age_band").rows())


def test_bands_are_words_and_ages_become_bands(tmp_path):
    how = 'words: {Under 16: 0-15, "Prefer not to say": ""}'
    result, found = bands(
        tmp_path / "a",
        how,
        "2023-04-03,Under 16",
        "2023-04-03,65+",
        "2023-04-03,prefer not to say",
        "2023-04-03,16-18",
    )
    assert found == {"1": "0-15", "2": "65+", "3": None}
    assert codes(result) == [(5, "unknown_word")]
    how = 'ages_on: received, words: {Adult: ""}'
    _, found = bands(
        tmp_path / "b",
        how,
        "2023-04-03,15",
        "2023-04-03,16 years",
        "2023-04-03,adult",
        "2023-04-03,",
        "2023-04-03,64.0",
    )
    assert found == {"1": "0-15", "2": "16-24", "3": None, "4": None, "5": "50-64"}
    result, found = bands(
        tmp_path / "c",
        "ages_on: received",
        "2023-04-03,fifteen",
        "2023-04-03,999",
        "2023-04-03,16-24 or 25-34",
    )
    assert found == {} and [code for _, code in codes(result)] == ["unknown_word"] * 3


def test_an_age_on_another_day_is_a_band_where_it_can_be_one_only(tmp_path):
    rows = ("2023-09-01,17", "2023-09-01,16", "2024-03-31,16", "2023-04-01,16", "2024-09-01,15")
    result, found = bands(tmp_path, "ages_on: 2024-03-31", *rows)
    # 17 at the end of the year was 16 or 17 in September, 16 was 15 or 16; 15 is 15 or 16 in the September after
    assert found == {"1": "16-24", "2": None, "3": "16-24", "4": None, "5": None}
    assert codes(result) == []


@pytest.mark.parametrize(
    ("years", "known_on", "received", "band"),
    [
        (16, None, date(2023, 4, 3), "16-24"),
        (25, date(2024, 3, 31), date(2022, 3, 31), "16-24"),  # 23 two years before, to the day
        (26, date(2024, 3, 31), date(2022, 4, 1), None),  # 24 or 25
        (0, date(2024, 3, 31), date(2022, 4, 1), None),  # not yet born
        (90, date(2024, 2, 29), date(2020, 3, 1), "65+"),
    ],
)
def test_the_band_of_an_age(years, known_on, received, band):
    assert band_at_receipt(years, known_on, received, BANDS) == band


@pytest.mark.parametrize(
    ("text", "years"),
    [("16", 16), (" 16.0 ", 16), ("16 yrs old", 16), ("121", None), ("16-18", None), ("1.6", None)],
)
def test_an_age_in_a_text(text, years):
    assert years_of(text) == years


@pytest.mark.parametrize("how", ["ages_on: soon", "ages_on: 12", "ages_on: [received]"])
def test_the_day_of_an_age_is_receipt_or_a_day(how):
    faults = read_mapping(parse_yaml(AGES.replace("AGE", how)), load_contract(ROOT / "seeds" / "reference"))[
        1
    ]
    assert any("ages_on is for ages in years" in fault.problem for fault in faults), faults
