"""Workbooks, read back by a program that is not the one that wrote them."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from python_calamine import CalamineWorkbook

from redress.publish.workbook import Percent, Sheet, write_workbook

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


def written(path: Path, *sheets: Sheet) -> CalamineWorkbook:
    write_workbook(path, "Complaints & more", ["Of a year."], [("[c]", "not shown")], sheets)
    return CalamineWorkbook.from_path(str(path))


def test_a_workbook_has_a_cover_contents_notes_and_a_sheet_for_each_table(tmp_path: Path) -> None:
    sheets = [
        Sheet(f"T{i}", f"Table <{i}>", ["Team", "Complaints"], [["A", i], ["B", "[c]"]]) for i in (1, 2)
    ]
    book = written(tmp_path / "a.ods", *sheets)
    assert book.sheet_names == ["Cover", "Contents", "Notes", "T1", "T2"]
    assert book.get_sheet_by_name("Cover").to_python() == [["Complaints & more"], ["Of a year."]]
    assert book.get_sheet_by_name("Contents").to_python()[1:] == [
        ["Sheet", "Table"],
        ["T1", "Table <1>"],
        ["T2", "Table <2>"],
    ]
    assert book.get_sheet_by_name("T2").to_python() == [
        ["Table <2>", ""],
        ["Team", "Complaints"],
        ["A", 2.0],
        ["B", "[c]"],
    ]


def test_numbers_stay_numbers_and_nothing_is_empty(tmp_path: Path) -> None:
    row = [3, 2.5, Percent(38), None, "", "1,2"]
    book = written(tmp_path / "a.ods", Sheet("T", "T", list("abcdef"), [row]))
    assert book.get_sheet_by_name("T").to_python()[2] == [3.0, 2.5, 0.38, "[x]", "[x]", "1,2"]


def test_no_cell_is_merged_and_the_named_range_is_the_table(tmp_path: Path) -> None:
    written(tmp_path / "a.ods", Sheet("T", "T", ["a", "b"], [["x", 1], ["y", 2]], ["A note.", "Another."]))
    content = ElementTree.fromstring(zipfile.ZipFile(tmp_path / "a.ods").read("content.xml"))
    assert not [e for e in content.iter() if any("spanned" in name for name in e.attrib)]
    assert not list(content.iter(f"{TABLE}covered-table-cell"))
    (named,) = content.iter(f"{TABLE}database-range")
    assert named.get(f"{TABLE}target-range-address") == "'T'.A4:'T'.B6"


def test_equal_rows_give_equal_bytes_and_the_kind_of_file_comes_first(tmp_path: Path) -> None:
    for name in ("a", "b"):
        written(tmp_path / f"{name}.ods", Sheet("T", "T", ["a"], [["x"]]))
    assert (tmp_path / "a.ods").read_bytes() == (tmp_path / "b.ods").read_bytes()
    first = zipfile.ZipFile(tmp_path / "a.ods").infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)


def test_sheets_get_names_that_programs_accept_each_once(tmp_path: Path) -> None:
    sheets = [Sheet(name, "t", ["a"], [["x"]]) for name in ("A/B: [c]?", "Notes", "x" * 40, "x" * 40)]
    names = written(tmp_path / "a.ods", *sheets).sheet_names[3:]
    assert names[0] == "A B   c" and names[1] == "Notes 2"
    assert len(set(names)) == 4 and all(len(name) <= 31 for name in names)


def test_a_row_that_does_not_fit_its_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1 cells for 2 columns"):
        written(tmp_path / "a.ods", Sheet("T", "T", ["a", "b"], [["x"]]))


def test_signs_that_xml_cannot_hold_are_left_out(tmp_path: Path) -> None:
    book = written(tmp_path / "a.ods", Sheet("T", "T", ["a"], [["x\x0by"]]))
    assert book.get_sheet_by_name("T").to_python()[2] == ["xy"]
