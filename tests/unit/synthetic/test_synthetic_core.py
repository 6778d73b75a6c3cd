"""The generator's reusable parts: calendar, tables with margins, writers, planted faults."""

from datetime import date
from io import BytesIO
from random import Random
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from seeds.synthetic.cases import Cases
from seeds.synthetic.export import Export
from seeds.synthetic.mapping import CouncilMapping
from seeds.synthetic.people import People
from seeds.synthetic.tables import Infeasible, Model, expand, spread
from seeds.synthetic.timing import assign, durations, limits, summing_to
from seeds.synthetic.working_days import WorkingDays
from seeds.synthetic.writers import Raw, write_csv, write_xlsx

DAYS = WorkingDays(2022, 2025)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2023, 5, 8), False),  # the coronation
        (date(2023, 4, 7), False),  # Good Friday
        (date(2023, 4, 10), False),  # Easter Monday
        (date(2023, 12, 25), False),
        (date(2023, 12, 26), False),
        (date(2023, 12, 28), True),  # a council shutdown day counts
        (date(2023, 8, 26), False),  # Saturday
        (date(2024, 3, 28), True),
        (date(2024, 3, 29), False),  # Good Friday
    ],
)
def test_working_days_are_those_of_the_law(day, works):
    assert DAYS.is_working(day) is works


def test_the_day_after_the_start_is_day_one():
    # Thursday before Good Friday: Tuesday after Easter is day 1.
    assert DAYS.add(date(2023, 4, 6), 1) == date(2023, 4, 11)
    assert DAYS.between(date(2023, 4, 6), date(2023, 4, 11)) == 1
    assert DAYS.between(date(2023, 4, 11), date(2023, 4, 6)) == 0


@given(st.dates(date(2022, 6, 1), date(2025, 3, 1)), st.integers(1, 120))
def test_adding_and_counting_agree(start, days):
    assert DAYS.between(start, DAYS.add(start, days)) == days


def test_a_table_keeps_its_margins_and_stays_near_its_targets():
    model = Model(seed=1)
    cells = model.table("t", {"team": ["A", "B"], "quarter": [1, 2, 3]})
    model.require(cells.total(team="A") == 7)
    for quarter, number in {1: 4, 2: 5, 3: 6}.items():
        model.require(cells.total(quarter=quarter) == number)
    model.require(cells.total(team="A", quarter=[1, 2]) == 3)
    model.near(cells["A", 1], 1)
    model.solve()
    values = model.values(cells)
    assert sum(n for (team, _), n in values.items() if team == "A") == 7
    assert sum(n for (team, _), n in values.items() if team == "B") == 8
    assert values["A", 1] == 1
    assert values["A", 3] == 4


def test_margins_that_contradict_each_other_are_refused():
    model = Model(seed=1)
    cells = model.table("t", {"team": ["A", "B"]})
    model.require(cells.total() == 5)
    model.require(cells.total(team="A") == 6)
    with pytest.raises(Infeasible):
        model.solve()


def test_an_unknown_dimension_is_an_error():
    cells = Model(seed=1).table("t", {"team": ["A", "B"]})
    with pytest.raises(KeyError):
        cells.total(quarter=1)


@pytest.mark.parametrize("percent", [18, 31, 49, 50, 67])
def test_a_share_prints_as_its_whole_percent(percent):
    model = Model(seed=1)
    cells = model.table("t", {"outcome": ["upheld", "other"]}, upper=90)
    model.require(cells.total() >= 60)
    model.share(cells.total(outcome="upheld"), cells.total(), percent)
    model.solve()
    part, whole = model.value(cells.total(outcome="upheld")), model.value(cells.total())
    assert int(100 * part / whole + 0.5) == percent


def test_the_same_seed_gives_the_same_table():
    def solved():
        model = Model(seed=7)
        cells = model.table("t", {"row": range(6), "column": range(6)}, upper=9)
        for place in range(6):
            model.require(cells.total(row=place) == 10 + place)
            model.require(cells.total(column=place) == 15 - place)
        model.solve()
        return model.values(cells)

    assert solved() == solved()


@given(st.integers(0, 500), st.lists(st.floats(0.1, 50), min_size=1, max_size=12))
def test_spread_adds_up_and_is_near_the_proportion(total, weights):
    parts = spread(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * weight / sum(weights)) < 1 + 1e-6


def test_expand_repeats_in_order():
    assert expand({"a": 2, "b": 0, "c": 1}) == ["a", "a", "c"]


def test_durations_fill_their_bands():
    found = durations(Random(1), {"0-10": 20, "11-20": 15, "41+": 5})
    assert [sum(low <= n <= high for n in found) for low, high in ((2, 10), (11, 20), (41, 71))] == [
        20,
        15,
        5,
    ]


def test_durations_go_only_where_there_is_room():
    entries = [{"room": 10}, {"room": 60, "least": 4}, {"room": 20}]
    assign(Random(1), entries, [45, 3, 15])
    assert [e["duration"] for e in entries] == [3, 45, 15]
    with pytest.raises(RuntimeError):
        assign(Random(1), [{"room": 10}], [11])


def test_people_are_invented_the_same_way_each_time():
    one = People(Random(3), "P").person("joint", (20, 30), date(2024, 1, 1))
    two = People(Random(3), "P").person("joint", (20, 30), date(2024, 1, 1))
    assert one == two
    assert one.person_id == "P00001"
    assert " and " in one.name
    assert one.email.endswith("@example.com")
    assert 19 <= (date(2024, 1, 1) - one.born).days // 365 <= 30


def test_csv_has_windows_lines_uk_dates_and_its_own_encoding(tmp_path):
    path = tmp_path / "a.csv"
    count = write_csv(
        path, ["A", "B"], [[date(2024, 2, 1), "£5"], [None, "x,y"], Raw("one,two,three")], "cp1252"
    )
    assert count == 3
    assert path.read_bytes() == b'A,B\r\n01/02/2024,\xa35\r\n,"x,y"\r\none,two,three\r\n'


def test_workbooks_are_the_same_bytes_each_time_and_carry_no_clock(tmp_path):
    rows = [["x", date(2024, 2, 1)], ["#REF!", None]]
    for name in ("one.xlsx", "two.xlsx"):
        write_xlsx(
            tmp_path / name, "Data", ["A", "B"], rows, above=[["Title"]], other_sheets=[("Notes", [["n"]])]
        )
    first = (tmp_path / "one.xlsx").read_bytes()
    assert first == (tmp_path / "two.xlsx").read_bytes()
    with ZipFile(BytesIO(first)) as packed:
        assert {entry.date_time for entry in packed.infolist()} == {(2024, 1, 1, 0, 0, 0)}
    page = load_workbook(tmp_path / "one.xlsx")["Data"]
    assert page["A1"].value == "Title"
    assert page["A2"].value == "A"
    assert page["B3"].is_date
    assert page["A4"].data_type == "e"


def test_a_planted_fault_is_remembered_where_it_ends_up():
    export = Export("a.csv", ["A", "B"], [[1, 2], [3, 4]])
    export.fault(export.like(0, {"B": "30/02/2024"}), "impossible_date", at=2)
    export.fault(["Grand Total", 2], "total_row")
    export.fault([9, 9], "orphan_reference", at=1)
    assert export.rows == [[9, 9], [1, 2], [1, "30/02/2024"], [3, 4], ["Grand Total", 2]]
    assert export.faults == {1: "orphan_reference", 3: "impossible_date", 5: "total_row"}


MAPPING = """
defaults: {delimiter: ";", date_format: "%Y-%m-%d"}
words:
  kind: {"Stat 1": statutory, "Corp 1": corporate, "Corp 2": corporate}
  number: {"Stat 1": "1", "Corp 1": "1", "Corp 2": "2"}
  answer: {"Yes": "yes", "Y": "yes", "Not asked": ""}
sources:
  - id: cases
    encoding: cp1252
    tables:
      - table: stage
        columns:
          complaint_id: Ref
          procedure: {from: Kind, words: kind}
          stage: {from: Kind, words: number}
          complex: {from: Hard, words: answer}
      - table: complaint_service
        split: {column: Teams, on: "|"}
        columns: {complaint_id: Ref, service: Teams}
      - table: remedy
        columns: {complaint_id: Ref, kind: {value: payment}, amount_gbp: Paid}
  - id: teams
    tables:
      - table: complaint_service
        split: {column: Teams, on: ";"}
        columns: {complaint_id: Ref, service: Teams}
  - id: numbers
    tables:
      - table: activity
        where: {column: What, in: [Activity]}
        columns: {measure: Item, value: Number}
"""


@pytest.fixture
def mapping(tmp_path, monkeypatch):
    """A council's mapping, and cases that it reads."""
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "mapping.yml").write_text(MAPPING)
    monkeypatch.setattr("seeds.synthetic.mapping.AUTHORITIES", tmp_path)
    cases = Cases()
    cases.add("stage", complaint_id="A", procedure="corporate", stage=2, complex="yes", _name="Una")
    cases.add("stage", complaint_id="B", procedure="statutory", stage=1, complex=None)
    for team in ("North", "South"):
        cases.add("complaint_service", complaint_id="A", service=team)
    cases.add("remedy", complaint_id="B", kind="apology", amount_gbp=1)
    cases.add("remedy", complaint_id="B", kind="payment", amount_gbp=250)
    return CouncilMapping("here"), cases


def test_a_mapping_turned_round_gives_the_councils_columns_words_and_layout(mapping):
    council, cases = mapping
    export = council.export(cases, "cases", "c.csv", "Ref|Kind|Hard|Teams|Paid|Who", {"Who": "_name"})
    assert export.header == ["Ref", "Kind", "Hard", "Teams", "Paid", "Who"]
    assert export.rows == [
        ["A", "Corp 2", "Yes", "North | South", None, "Una"],
        ["B", "Stat 1", "Not asked", "", 250, None],
    ]
    assert (export.delimiter, export.date_format, export.encoding) == (";", "%Y-%m-%d", "cp1252")


def test_a_list_becomes_one_record_and_a_kind_of_record_its_word(mapping):
    council, cases = mapping
    assert council.export(cases, "teams", "t.csv", "Ref|Teams").rows == [["A", "North; South"]]
    assert council.cells("numbers", 0, {"measure": "contacts", "value": 3}) == {
        "What": "Activity",
        "Item": "contacts",
        "Number": 3,
    }


def test_a_column_that_nothing_fills_is_an_error(mapping):
    council, cases = mapping
    with pytest.raises(KeyError, match="Notes"):
        council.export(cases, "cases", "c.csv", "Ref|Notes")


@given(st.integers(0, 1000), st.integers(130, 260))
def test_lengths_add_up_to_the_printed_average_within_their_bands(seed, total):
    bands = {"0-10": 5, "11-20": 5, "21+": 3}
    found = summing_to(Random(seed), bands, total)
    assert sum(found) == total
    expected = [limits(band) for band, number in bands.items() for _ in range(number)]
    assert all(
        low <= n and (high is None or n <= high) for n, (low, high) in zip(found, expected, strict=True)
    )


def test_lengths_that_cannot_add_up_are_refused():
    with pytest.raises(RuntimeError, match="take 99 working days"):
        summing_to(Random(1), {"0-10": 2}, 99)
