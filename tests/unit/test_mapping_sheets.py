"""Several sheets of one shape, merged cells and names over names in a workbook."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest
from intake_world import World, codes, workbook

from redress.base.settings import ROOT
from redress.base.strict_yaml import parse_yaml
from redress.contract.contract import load_contract
from redress.contract.mapping_reader import read_mapping

MAPPING = """
version: 1
defaults: {date_format: "%d/%m/%Y"}
sources:
  - id: log
    files: "Log*.xlsx"
    SOURCE
    tables:
      - table: compliment
        columns:
          compliment_id: {template: "{sheet}-{row}"}
          received_date: Date
          service: Team
          source: {value: school}
"""
HEADER = ["Date", "Team"]


def world(tmp_path, source: str = 'sheets: "Q*"', more: str = "") -> World:
    return World(tmp_path).configure(MAPPING.replace("SOURCE", source) + more)


def quarter(*rows: tuple[str, str]) -> list[list[str]]:
    return [HEADER, *map(list, rows)]


def in_force(place: World) -> list[str]:
    from redress.intake.ledger import in_force, read_ledger

    extracts = [row["extract_id"] for row in in_force(read_ledger(place.settings), "smallham", date.max)]
    rows = place.rows("compliment")
    return rows.filter(rows["extract_id"].is_in(extracts))["compliment_id"].to_list()


def test_sheets_of_one_shape_are_taken_in_each_as_a_file(tmp_path):
    place = world(tmp_path)
    book = {
        "Notes": [["Anything"]],
        "Q1": quarter(("03/04/2023", "A"), ("nonsense", "A")),
        "q2": quarter(("04/07/2023", "B")),
        "Q3": [],
    }
    content = workbook(book)
    result = place.receive({"Log.xlsx": content})
    assert [(f.scope, f.received, f.conformed, f.quarantined) for f in result.files] == [
        ("Q1", 2, 1, 1),
        ("q2", 1, 1, 0),
    ]
    assert codes(result) == [(3, "impossible_date")]
    assert "Sheet Q1" in result.problems["message"][0]
    assert place.rows("compliment")["compliment_id"].to_list() == ["Q1-2", "q2-2"]
    assert "Log.xlsx: not read: Notes." in result.messages
    assert place.ledger()["extract_id"].n_unique() == 2
    again = place.receive({"Log.xlsx": content})
    assert [file.is_known for file in again.files] == [True, True], again.messages


def test_a_later_workbook_replaces_each_sheet_and_those_that_are_gone(tmp_path):
    place = world(tmp_path)
    place.receive(
        {"Log.xlsx": workbook({"Q1": quarter(("03/04/2023", "A")), "Q2": quarter(("04/07/2023", "B"))})}
    )
    later = workbook(
        {"Q1": quarter(("03/04/2023", "A"), ("05/04/2023", "A")), "Quarter 2": quarter(("04/07/2023", "B"))}
    )
    result = place.receive({"Log.xlsx": later}, on="2024-07-08")
    assert in_force(place) == ["Q1-2", "Q1-3", "Quarter 2-2"]
    assert codes(result) == [(None, "sheet_gone")]
    again = place.receive({"Log.xlsx": later}, on="2024-07-08")
    assert all(file.is_known for file in again.files) and in_force(place) == ["Q1-2", "Q1-3", "Quarter 2-2"]
    # when the folder changes, all is read again and comes out the same
    place.configure(MAPPING.replace("SOURCE", 'sheets: ["Q*", "R*"]'))
    place.receive({}, on="2024-07-09")
    assert in_force(place) == ["Q1-2", "Q1-3", "Quarter 2-2"]


def test_files_with_a_scope_keep_their_sheets_apart(tmp_path):
    text = MAPPING.replace("SOURCE", 'sheets: "Q*"\n    scope: "(\\\\d{4})"').replace(
        "{sheet}", "{file} {sheet}"
    )
    place = World(tmp_path).configure(text)
    for year in ("2022", "2023"):
        book = workbook({"Q1": quarter((f"03/04/{year}", "A")), "Q2": quarter((f"03/07/{year}", "A"))})
        result = place.receive({f"Log {year}.xlsx": book}, on=f"{int(year) + 1}-04-08")
        assert [f.scope for f in result.files] == [f"{year}/Q1", f"{year}/Q2"]
    assert len(in_force(place)) == 4


def test_a_sheet_that_another_source_names_is_that_sources(tmp_path):
    other = """
  - id: first
    files: "Log*.xlsx"
    sheet: Q1
    tables:
      - {table: compliment, columns: {compliment_id: {template: "first-{row}"}, received_date: Date, service: Team, source: Team}}
"""
    place = world(tmp_path, more=other)
    book = {"Q1": quarter(("03/04/2023", "A")), "Q2": quarter(("04/07/2023", "B"))}
    result = place.receive({"Log.xlsx": workbook(book)})
    assert codes(result) == []
    assert place.rows("compliment")["compliment_id"].to_list() == ["Q2-2", "first-2"]


def test_a_workbook_without_such_a_sheet_is_rejected(tmp_path):
    place = world(tmp_path)
    result = place.receive({"Log.xlsx": workbook({"January": quarter(("03/04/2023", "A"))})})
    assert codes(result) == [(None, "missing_sheet")]
    assert result.problems["found"][0] == "January"
    result = place.receive({"Log.xlsx": b"PK\x03\x04 no workbook"}, on="2024-05-01")
    assert codes(result) == [(None, "unreadable_workbook")]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("sheets: []", "sheets is a wildcard"),
        ("sheets: [{a: b}]", "sheets is a wildcard"),
        ('sheets: "' + "*a" * 600 + '"', "too long"),
        ('sheets: "Q*"\n    sheet: Q1', "cannot both be said"),
        ('sheets: "Q*"\n    format: csv', "for xlsx only"),
        ('sheets: "Q*"\n    scope: "(a)"\n    versions: {by: Date}', "`versions` is about files"),
        ("fill_merged: some", "is true or false"),
    ],
)
def test_sheets_that_cannot_be_are_refused(source, said):
    _, faults = read_mapping(
        parse_yaml(MAPPING.replace("SOURCE", source)), load_contract(ROOT / "seeds" / "reference")
    )
    assert any(said in fault.problem for fault in faults)


def merged(rows: list[list[object]], *ranges: str) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for place in ranges:
        book.active.merge_cells(place)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_merged_cells_are_filled_where_the_mapping_says_so(tmp_path):
    rows = [
        HEADER,
        ["03/04/2023", "A"],
        ["04/04/2023", None],
        [None, None],
        ["05/04/2023", None],
        ["06/04/2023", None],
    ]
    content = merged(rows, "B2:B5")
    place = world(tmp_path / "told", "ignore: X")
    result = place.receive({"Log.xlsx": content})
    assert {code for _, code in codes(result)} == {"missing_required", "merged_cells"}
    place = world(tmp_path / "filled", "fill_merged: true")
    result = place.receive({"Log.xlsx": content})
    assert codes(result) == [(6, "missing_required")]
    assert place.rows("compliment").select("source_row", "service").rows() == [(2, "A"), (3, "A"), (5, "A")]
    assert ("merged_filled", 2) in place.rows("cleaning").select("kind", "cells").rows()


def test_a_merged_name_is_that_of_its_columns_and_no_others(tmp_path):
    rows = [
        [None, "Stage 1", None, None],
        ["Ref", "Date", "Team", "Date"],
        ["x", "03/04/2023", "A", "09/09/2023"],
    ]
    text = MAPPING.replace("SOURCE", "header_row: [1, 2]").replace(
        "received_date: Date", "received_date: Stage 1 / Date"
    )
    place = World(tmp_path).configure(text.replace("service: Team", "service: Stage 1 / Team"))
    result = place.receive({"Log.xlsx": merged(rows, "B1:C1")})
    assert set(codes(result)) == {(None, "extra_column")}
    assert result.problems["column"].to_list() == ["Ref", "Date"]
    assert place.rows("compliment")["received_date"].to_list() == [date(2023, 4, 3)]
