"""Workbooks: numbers, dates, broken formulas, and files that are no workbooks or would burst."""

from __future__ import annotations

import io
import struct
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from intake_world import World, codes, xlsx

from redress.contract.values import DATE_CELL, ERROR_CELL
from redress.intake.problems import RejectedFile
from redress.intake.spreadsheet import check_archive, read_workbook

HEADER = ["complaint_id", "received_date", "procedure", "closed_date", "free_text"]
WARNED = "missing_optional_column"


@pytest.fixture
def world(tmp_path):
    return World(tmp_path).configure()


def hard_codes(result):
    return [found for found in codes(result) if found[1] != WARNED]


def test_whole_numbers_lose_their_decimals_and_dates_are_dates(world):
    data = xlsx([HEADER, [12.0, date(2023, 4, 3), "statutory", datetime(2023, 5, 1, 14, 30), None]])
    assert hard_codes(world.receive({"complaint.xlsx": data})) == []
    row = world.rows("complaint").row(0, named=True)
    assert (row["complaint_id"], row["received_date"], row["closed_date"]) == (
        "12",
        date(2023, 4, 3),
        date(2023, 5, 1),
    )


def test_a_day_number_where_a_date_is_declared_is_not_a_date(world):
    data = xlsx([HEADER, ["C1", 45019, "statutory", None, None]])
    assert hard_codes(world.receive({"complaint.xlsx": data})) == [(2, "impossible_date")]


def test_broken_formulas_and_formulas_without_a_result_are_found(world):
    data = xlsx(
        [
            HEADER,
            ["C1", date(2023, 4, 3), "statutory", "#N/A", None],
            ["C2", date(2023, 4, 3), "=A1", None, None],
            ["C3", date(2023, 4, 3), "statutory", "#REF!", None],
            ["C4", date(2023, 4, 3), "statutory", None, "=1+1"],
        ]
    )
    result = world.receive({"complaint.xlsx": data})
    assert hard_codes(result) == [(2, "excel_error"), (3, "excel_error"), (4, "excel_error")]
    assert world.rows("complaint")["complaint_id"].to_list() == ["C4"]


def test_error_cells_keep_their_place_whatever_surrounds_them():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["B2"], sheet["C2"] = "a", "b"
    sheet["B3"] = "#N/A"
    sheet["C9"] = "=1/0"
    file = io.BytesIO()
    book.save(file)
    read = read_workbook(file.getvalue(), header_row=2)
    assert read.header == ["", "a", "b"]
    assert read.frame.rows() == [(3, "", ERROR_CELL + "#N/A", ""), (9, "", "", ERROR_CELL + "=1/0")]


def test_blank_rows_are_no_records_and_rows_keep_their_number():
    read = read_workbook(xlsx([["a", "b"], ["1", None], [None, None], ["2", " "], [None, "  "]]))
    assert read.frame["row"].to_list() == [2, 4]
    assert read.received == 2


def test_numbers_and_dates_as_texts():
    day = datetime(2023, 4, 1, 10, 30)
    read = read_workbook(xlsx([["a"], [0.1], [1e-7], [123456789012], [True], [day], ["007"]]))
    assert read.frame["0"].to_list() == [
        "0.1",
        "0.0000001",
        "123456789012",
        "TRUE",
        DATE_CELL + "2023-04-01T10:30:00",
        "007",
    ]


def test_a_sheet_is_found_by_name_or_said_to_be_missing():
    assert read_workbook(xlsx([["a"], ["1"]], "Referrals"), " referrals ").received == 1
    with pytest.raises(RejectedFile) as rejected:
        read_workbook(xlsx([["a"]], "Other"), "Referrals")
    assert rejected.value.code == "missing_sheet" and rejected.value.found == "Other"


def zipped(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        b"not a workbook",
        b"PK\x03\x04 cut off",
        xlsx([["a"], ["1"]])[:-200],
        zipped({"readme.txt": b"hello"}),
        zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<broken"}),
    ],
)
def test_what_is_no_workbook_is_rejected_in_plain_words(world, data):
    result = world.receive({"complaint.xlsx": data})
    assert codes(result) == [(None, "unreadable_workbook")]


def test_an_empty_workbook_is_a_failed_export(world):
    assert codes(world.receive({"complaint.xlsx": xlsx([])})) == [(None, "empty_file")]
    assert codes(World(world.root / "b").configure().receive({"complaint.xlsx": b""})) == [
        (None, "empty_file")
    ]


def test_a_workbook_that_would_burst_is_rejected_before_it_is_opened():
    parts = {
        "[Content_Types].xml": b"<x/>",
        "xl/workbook.xml": b"<x/>",
        "xl/worksheets/sheet1.xml": bytes(40 * 2**20),
    }
    with pytest.raises(RejectedFile) as rejected:
        check_archive(zipped(parts))
    assert rejected.value.code == "workbook_too_large"


def test_a_workbook_that_lies_about_its_size_is_rejected():
    name = b"xl/worksheets/sheet1.xml"
    data = bytearray(
        zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>", name.decode(): bytes(2**20)})
    )
    entry = data.rindex(b"PK\x01\x02", 0, data.rindex(name))
    struct.pack_into("<I", data, entry + 24, 100)
    with pytest.raises(RejectedFile) as rejected:
        check_archive(bytes(data))
    assert rejected.value.code == "workbook_too_large"


def test_a_header_that_stands_lower_is_named(world):
    data = xlsx([["Report"], [None], HEADER, ["C1", date(2023, 4, 3), "statutory", None, None]])
    result = world.receive({"complaint.xlsx": data})
    assert codes(result) == [(None, "merged_header")]
    assert "row 3" in result.problems["message"][0]
