"""Finding records in bytes: the same answer as a reader that goes through the file character by character."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redress.intake.delimited import read_delimited
from redress.intake.problems import RejectedFile

CELL = st.text(st.sampled_from('ab,;"\n\r \té£\u00a0=0'), max_size=8)


def plain(data: str, delimiter: str = ",") -> list[list[str]]:
    """Records as Python's own strict reader finds them, wholly blank ones left out."""
    rows = list(csv.reader(io.StringIO(data, newline=""), delimiter=delimiter, strict=True))[1:]
    return [row for row in rows if any(cell.strip() for cell in row)]


def cells(sheet) -> list[list[str]]:
    return [list(row) for row in sheet.frame.drop("row").rows()]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=8),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from([",", ";"]),
    st.booleans(),
)
def test_records_and_cells_are_those_of_a_strict_reader(rows, end, quoting, delimiter, has_last_end):
    # a bare line feed or carriage return needs quotes, which the writer adds only for its own line end
    if quoting == csv.QUOTE_MINIMAL and end != "\r\n":
        rows = [[cell.replace("\n", " ").replace("\r", " ") for cell in row] for row in rows]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end, quoting=quoting, delimiter=delimiter)
    writer.writerow(["a", "b", "c"])
    writer.writerows(rows)
    data = text.getvalue() if has_last_end else text.getvalue().removesuffix(end)
    sheet = read_delimited(data.encode(), delimiter)
    expected = plain(data, delimiter)
    assert [row for row in cells(sheet) if any(cell.strip() for cell in row)] == expected
    assert sheet.received == sheet.frame.height
    assert not sheet.damaged.height


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(["good", "nul", "bytes", "short", "long", "quoted", "blank"]), max_size=30))
def test_damaged_records_never_touch_their_neighbours(kinds):
    lines = {
        "good": b"%d,x,y",
        "nul": b"%d,x\0,y",
        "bytes": b"%d,caf\xe9,y",
        "short": b"%d,x",
        "long": b"%d,x,y,z",
        "quoted": b'%d,"a\nb, ""c""",y',
        "blank": b"",
    }
    body = [lines[kind] % number if b"%d" in lines[kind] else b"" for number, kind in enumerate(kinds, 1)]
    sheet = read_delimited(b"\r\n".join([b"a,b,c", *body]) + b"\r\n")
    good = [number for number, kind in enumerate(kinds, 1) if kind in ("good", "quoted")]
    assert sheet.frame["row"].to_list() == [1 + number for number in good]
    assert sheet.frame["0"].to_list() == [str(number) for number in good]
    code = {"nul": "nul_byte", "bytes": "cp1252_bytes", "short": "ragged_row", "long": "ragged_row"}
    expected = [(1 + number, code[kind]) for number, kind in enumerate(kinds, 1) if kind in code]
    assert sheet.damaged.select("row", "code").rows() == expected
    assert sheet.received == len(good) + len(expected)


@pytest.mark.parametrize(
    "data",
    [
        b'a,b\n1,"x\n2,y\n',
        b'a,b\n1,x"y\n2,y\n',
        b'a,b\n1,"x"y\n2,z\n',
        b'a,b\n1,"x" ,y\n',
        b'a,b\n1,"x\n2,"y"\n',
        b'a,b\n1,x\n"',
    ],
)
def test_a_quotation_mark_out_of_place_rejects_the_file(data):
    with pytest.raises(RejectedFile) as rejected:
        read_delimited(data)
    assert rejected.value.code == "unbalanced_quote"


def test_a_declared_encoding_is_used_and_its_faults_are_found():
    sheet = read_delimited("a,b\n1,café £\n2,“no”\n".encode("cp1252"), encoding="cp1252")
    assert cells(sheet) == [["1", "café £"], ["2", "“no”"]]
    sheet = read_delimited(b"a,b\n1,x\x81\n2,y\n", encoding="cp1252")
    assert sheet.damaged.select("row", "code").rows() == [(2, "cp1252_bytes")]


def test_utf16_is_read_where_it_is_declared():
    sheet = read_delimited("a,b\n1,é\n".encode("utf-16"), encoding="utf-16")
    assert cells(sheet) == [["1", "é"]]
    with pytest.raises(RejectedFile) as rejected:
        read_delimited(b"\xff\xfea\x00\x00\xd8\n\x00", encoding="utf-16")
    assert rejected.value.code == "wrong_encoding"


def test_a_workbook_named_csv_is_said_to_be_one():
    with pytest.raises(RejectedFile) as rejected:
        read_delimited(b"PK\x03\x04whatever")
    assert rejected.value.code == "unreadable_file"


def test_the_header_may_stand_lower():
    sheet = read_delimited(b'"A title,\nin two lines",\n,\na,b\n1,2\n', header_row=3)
    assert sheet.header == ["a", "b"]
    assert cells(sheet) == [["1", "2"]]
    assert sheet.frame["row"].to_list() == [4]
    with pytest.raises(RejectedFile) as rejected:
        read_delimited(b"a,b\n", header_row=3)
    assert rejected.value.code == "merged_header"


def test_a_row_has_the_number_that_a_spreadsheet_shows():
    """A title of two lines in one cell, a blank row, the header, a cell of two lines, a blank row, a damaged record."""
    sheet = read_delimited(b'"A title,\nin two lines"\n\na,b\n1,"x\ny"\n\n2,y\n3\n4,z\n', header_row=3)
    assert list(zip(sheet.frame["row"], sheet.frame["0"], strict=True)) == [(4, "1"), (6, "2"), (8, "4")]
    assert sheet.damaged.select("row", "code").rows() == [(7, "ragged_row")]


def test_wholly_blank_records_are_no_records():
    sheet = read_delimited(b'a,b\n1,2\n,\n\n"",""\n3,4\n')
    assert sheet.frame["row"].to_list() == [2, 6]
    assert sheet.received == 2
    assert sheet.cleaned == {"blank_row": 3}


@pytest.mark.parametrize("line", ['",",', '"""",', ',"\n,"'])
def test_a_record_of_nothing_but_marks_in_quotes_is_a_record(line):
    assert read_delimited(f"a,b\n1,2\n{line}\n".encode()).received == 2


def test_a_cell_larger_than_any_block_is_read():
    huge = "x" * 9_000_000
    sheet = read_delimited(f'a,b\n1,"{huge}\n,"\n2,y\n'.encode())
    assert sheet.frame["1"].str.len_bytes().to_list() == [9_000_002, 1]
