"""Workbooks as people make them: hidden sheets, stray cells, merged cells, strict form, other calendars, and files that are something else."""

from __future__ import annotations

import gzip
import io
import random
import re
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from intake_world import World, codes, workbook, xlsx
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from redress.contract.values import DATE_CELL, ERROR_CELL
from redress.intake import sheet_cells
from redress.intake.delimited import read_delimited
from redress.intake.problems import RejectedFile
from redress.intake.spreadsheet import read_workbook

HEADER = ["complaint_id", "received_date", "procedure", "channel", "closed_date"]
SHEET = "xl/worksheets/sheet1.xml"
STRICT = {
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main": "http://purl.oclc.org/ooxml/spreadsheetml/main",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships": "http://purl.oclc.org/ooxml/officeDocument/relationships",
}
ASKED_FOR = ("missing_optional_column",)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path).configure()


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def edited(data: bytes, **changes: tuple[str, str]) -> bytes:
    """Return a workbook with what a pattern matches replaced in one of its parts; the part is named with `__` for `/` and `_xml` for `.xml`."""
    file = io.BytesIO()
    wanted = {part.replace("__", "/").replace("_xml", ".xml"): change for part, change in changes.items()}
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(file, "w") as copy:
        for name in archive.namelist():
            content = archive.read(name).decode("utf-8")
            if name in wanted:
                before, after = wanted[name]
                content, times = re.subn(before, after, content)
                assert times, f"{before} is not in {name}"
            copy.writestr(name, content)
    return file.getvalue()


def strict(data: bytes) -> bytes:
    """Return a workbook as Excel writes "Strict Open XML Spreadsheet": the same parts in other namespaces."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(file, "w") as copy:
        for name in archive.namelist():
            content = archive.read(name).decode("utf-8")
            for before, after in STRICT.items():
                content = content.replace(before, after)
            copy.writestr(name, content)
    return file.getvalue()


def told(result) -> list[tuple[int | None, str]]:
    return [problem for problem in codes(result) if problem[1] not in ASKED_FOR]


def test_a_strict_workbook_is_read_and_its_broken_formulas_are_found(world):
    rows = [HEADER, ["C1", date(2023, 4, 3), "statutory", "Email", "=B2+20"]]
    rows += [["C2", date(2023, 4, 4), "statutory", "Email", date(2023, 4, 20)]]
    result = world.receive({"complaint.xlsx": strict(xlsx(rows))})
    assert told(result) == [(2, "excel_error")]
    assert world.rows("complaint")["closed_date"].to_list() == [date(2023, 4, 20)]


def test_dates_of_a_workbook_that_counts_from_1904_are_the_same_days():
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append(["a"])
    book.active.append([datetime(2023, 4, 3, 10, 30)])
    assert read_workbook(saved(book)).frame["0"].to_list() == [DATE_CELL + "2023-04-03T10:30:00"]


def test_day_numbers_of_a_workbook_that_counts_from_1904_are_refused_and_not_read_as_of_1900(tmp_path):
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    for row in (["No", "Day"], ["C1", 43557]):
        book.active.append(row)
    mapping = """\
version: 1
sources:
  - id: cases
    files: "*.xlsx"
    date_format: excel_serial
    tables:
      - table: complaint
        columns: {complaint_id: No, received_date: Day, procedure: {value: statutory}}
"""
    result = World(tmp_path).configure(mapping).receive({"cases.xlsx": saved(book)})
    assert told(result) == [(None, "unreadable_workbook")]
    assert "1904" in result.problems["message"][0]


@pytest.mark.parametrize("reference", ["XFD1048576", "Z1048576", "A1048576", "XFD1", "ZZ900000"])
def test_a_stray_cell_in_a_far_corner_costs_nothing_and_changes_nothing(reference):
    book = openpyxl.Workbook()
    for row in (["a", "b"], ["1", date(2023, 4, 3)], ["2", None], [None, None], ["3", "x"]):
        book.active.append(row)
    book.active[reference] = " "
    read = read_workbook(saved(book))
    assert read.header[:2] == ["a", "b"] and not any(read.header[2:])
    rows = [(2, "1", DATE_CELL + "2023-04-03"), (3, "2", ""), (5, "3", "x")]
    assert read.frame.select("row", "0", "1").rows() == rows and read.received == 3


def test_a_record_far_down_keeps_its_row_and_an_unnamed_column_its_letters(world):
    book = openpyxl.Workbook()
    for row in (HEADER, ["C1", date(2023, 4, 3), "statutory", "Email", None]):
        book.active.append(row)
    book.active["A900000"], book.active["XFD2"] = "C2", "left over"
    result = world.receive({"complaint.xlsx": saved(book)})
    assert (900000, "missing_required") in told(result)
    [column] = result.problems.filter(code="extra_column")["column"].to_list()
    assert column == "(column XFD)"


def test_cells_scattered_over_a_whole_sheet_are_refused_with_the_range_that_is_used(monkeypatch):
    monkeypatch.setattr(sheet_cells, "LARGEST_AREA", 900)
    book = openpyxl.Workbook()
    for number in range(1, 50):
        book.active.cell(number * 20_000, number * 300, "x")
    with pytest.raises(RejectedFile) as rejected:
        read_workbook(saved(book))
    assert rejected.value.code == "workbook_too_large"
    assert "A1:USJ980000" in rejected.value.message


def test_cells_without_references_cannot_hide_how_far_they_reach():
    row = '<row r="1048576"><c t="inlineStr"><is><t>x</t></is></c></row>'
    data = edited(xlsx([["a"], ["1"]]), xl__worksheets__sheet1_xml=("</sheetData>", row + "</sheetData>"))
    assert read_workbook(data).frame["row"].to_list() == [2, 1048576]


def test_cells_are_found_however_their_tags_are_written():
    data = edited(
        xlsx([["a", "b"], ["1", "2"]]),
        xl__worksheets__sheet1_xml=(r'<c r="B2"([^>]*)>', r"<c\1 r = 'XFD1048576'><!-- <c r='A1'> -->"),
    )
    assert read_workbook(data).frame["row"].to_list() == [2, 1048576]


def test_a_sheet_read_without_what_lies_between_its_cells_is_the_sheet_itself(monkeypatch):
    chance = random.Random(1)
    values = [
        "x",
        " y & <z>",
        7,
        0.5,
        date(2023, 4, 3),
        datetime(2023, 4, 3, 9),
        True,
        "#N/A",
        "=1+1",
        "é\n",
        None,
    ]
    for _ in range(20):
        book = openpyxl.Workbook()
        for _ in range(chance.randint(1, 25)):
            book.active.cell(chance.randint(2, 30), chance.randint(1, 12), chance.choice(values))
        book.active["A1"] = "head"
        data = saved(book)
        whole = read_workbook(data)
        monkeypatch.setattr(sheet_cells, "_ALWAYS_READ", -1)
        monkeypatch.setattr(sheet_cells, "LARGEST_AREA", 1000)
        monkeypatch.setattr(sheet_cells, "_reach", lambda xml: (0, 0, 0, False))
        squeezed = read_workbook(data)
        monkeypatch.undo()
        assert squeezed.frame["row"].to_list() == whole.frame["row"].to_list()
        for position, column in enumerate(squeezed.columns):
            assert (
                squeezed.frame[str(position)].to_list()
                == whole.frame[str(whole.columns.index(column))].to_list()
            )


def test_the_first_visible_sheet_is_read_and_not_one_that_nobody_sees(world):
    book = openpyxl.Workbook()
    book.active.title = "_lookups"
    book.active.sheet_state = "hidden"
    sheet = book.create_sheet("Cases")
    for page, name in ((book.active, "OLD"), (sheet, "C1")):
        page.append(HEADER)
        page.append([name, date(2023, 4, 3), "statutory", "Email", None])
    result = world.receive({"complaint.xlsx": saved(book)})
    assert world.rows("complaint")["complaint_id"].to_list() == ["C1"]
    assert told(result) == []


def test_a_hidden_sheet_is_read_where_the_mapping_names_it():
    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.create_sheet("Old").append(["b"])
    book["Old"].sheet_state = "veryHidden"
    assert read_workbook(saved(book), "old").header == ["b"]


def test_several_filled_sheets_are_told_with_the_one_that_is_read(world):
    rows = [HEADER, ["C1", date(2023, 4, 3), "statutory", "Email", None]]
    result = world.receive({"complaint.xlsx": workbook({"Blank": [], "2023": rows, "2022": rows})})
    assert told(result) == [(None, "several_sheets")]
    [problem] = result.problems.filter(code="several_sheets").iter_rows(named=True)
    assert "2023" in problem["message"] and problem["found"] == "2022"


def test_merged_cells_of_a_column_that_is_read_are_told_with_their_range(world):
    book = openpyxl.Workbook()
    for row in (
        ["A title", None],
        HEADER,
        *([f"C{n}", date(2023, 4, n), "statutory", "Email", None] for n in (1, 2, 3)),
    ):
        book.active.append(row)
    book.active.merge_cells("A1:E1")
    book.active.merge_cells("D3:D5")
    book.active.merge_cells("G3:G5")
    mapping = """\
version: 1
sources:
  - id: complaint
    files: "*.xlsx"
    header_row: 2
    tables:
      - table: complaint
        columns: {complaint_id: complaint_id, received_date: received_date, procedure: procedure, channel: channel}
"""
    world.configure(mapping)
    result = world.receive({"complaint.xlsx": saved(book)})
    [problem] = result.problems.filter(code="merged_cells").iter_rows(named=True)
    assert (problem["column"], problem["found"]) == ("channel", "D3:D5")
    assert world.rows("complaint").height == 3


def uncomputed(data: bytes, is_asked: bool) -> bytes:
    """Return a workbook as programs write it that know no results: a nought for each, to be computed on opening."""
    asked = 'fullCalcOnLoad="1"'
    data = edited(data, xl__worksheets__sheet1_xml=(r"<v\s*/>", "<v>0</v>"))
    return data if is_asked else edited(data, xl__workbook_xml=(asked, ""))


def test_a_nought_written_for_a_result_that_was_never_computed_is_no_result():
    data = xlsx([["a", "b"], ["1", "=100*1.2"]])
    assert read_workbook(uncomputed(data, True)).frame["1"].to_list() == [ERROR_CELL + "=100*1.2"]
    assert read_workbook(uncomputed(data, False)).frame["1"].to_list() == ["0"]


def test_a_stored_result_is_used_as_it_stands():
    data = edited(xlsx([["a"], ["=100*1.2"]]), xl__worksheets__sheet1_xml=(r"<v\s*/>", "<v>7</v>"))
    assert read_workbook(data).frame["0"].to_list() == ["7"]


def test_macros_are_told_and_not_run(world):
    data = xlsx([HEADER, ["C1", date(2023, 4, 3), "statutory", "Email", None]])
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"anything")
    result = world.receive({"complaint.xlsx": file.getvalue()})
    assert told(result) == [(None, "macros_not_run")]
    assert world.rows("complaint").height == 1


def packed(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return file.getvalue()


def compound(*names: str) -> bytes:
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(500)
        + b"".join(name.encode("utf-16-le") + bytes(64) for name in names)
    )


SOMETHING_ELSE = {
    "a web page (HTML)": b"\xef\xbb\xbf\r\n<!DOCTYPE HTML><html><body><table><tr><td>Case Ref</td></tr></table>",
    "a web page (HTML), as XML": b'<?xml version="1.0"?><html xmlns="x"><table></table></html>',
    "a web page (HTML), as a table": b"<table border=1><tr><th>Case Ref</th></tr></table>",
    "a web page (HTML), in UTF-16": "<html><table></table></html>".encode("utf-16"),
    "a web archive (MHTML)": b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n",
    "an XML spreadsheet of 2003": b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook/>',
    "an old Excel workbook (.xls)": compound("Root Entry", "Workbook"),
    "a workbook locked with a password": compound("EncryptionInfo", "EncryptedPackage"),
    "a mail message": compound("__substg1.0_0037001F"),
    "an OpenDocument spreadsheet (.ods)": packed(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"),
    "an Excel binary workbook (.xlsb)": packed(**{"[Content_Types].xml": b"<x/>", "xl__workbook.bin": b""}),
    "a Word document": packed(**{"[Content_Types].xml": b"<x/>", "word__document.xml": b"<x/>"}),
    "an archive (.zip)": packed(**{"cases.csv": b"a,b\n1,2\n"}),
    "packed with gzip": gzip.compress(b"a,b\n1,2\n"),
    "a PDF document": b"%PDF-1.7\n",
    "JSON": b'[{"Case Ref": "1"}]',
}


@pytest.mark.parametrize("kind", SOMETHING_ELSE)
def test_what_a_file_is_instead_is_named_whatever_its_name_says(kind):
    for read, code in ((read_workbook, "unreadable_workbook"), (read_delimited, "unreadable_file")):
        with pytest.raises(RejectedFile) as rejected:
            read(SOMETHING_ELSE[kind])
        assert rejected.value.code == code
        assert f"The file is {kind.partition(',')[0]}" in rejected.value.message


def test_a_workbook_named_as_text_is_told_how_to_be_read():
    with pytest.raises(RejectedFile) as rejected:
        read_delimited(xlsx([["a"], ["1"]]))
    assert "format: xlsx" in rejected.value.message


def test_text_that_begins_with_a_mark_of_markup_is_still_text():
    assert read_delimited(b"<5 days,b\n1,2\n").header == ["<5 days", "b"]
    assert read_delimited(b"{ref},[b]\n1,2\n").header == ["{ref}", "[b]"]


def test_a_workbook_of_one_cell_is_told_what_it_lacks(world):
    result = world.receive({"complaint.xlsx": xlsx([["Cases"]])})
    assert told(result) == [(None, "missing_required_column")]
    assert result.problems["found"][0] == "Cases"
