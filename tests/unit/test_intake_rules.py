"""Every row of the intake rules' table: what is wrong, what is done about it, and that neighbours load."""

from __future__ import annotations

import csv
from datetime import date

import polars as pl
import pytest
from intake_world import (
    COMPLAINT,
    World,
    codes,
    complaint,
    complaints,
    csv_text,
    file_of,
    issue,
    issues,
    stage,
    stages,
)

QUARANTINE, WARN, REJECT = "quarantine_row", "warn", "reject_file"


@pytest.fixture
def world(tmp_path):
    return World(tmp_path).configure()


def take(world: World, *rows: dict[str, str]):
    return world.receive({"complaint.csv": complaints(*rows)})


def loaded_ids(world: World, table: str = "complaint") -> list[str]:
    return world.rows(table)[f"{table}_id"].to_list()


@pytest.mark.parametrize(
    "value",
    [
        "2023-02-30",
        "2023-13-01",
        "0000-00-00",
        "45017",
        "2023-4-1",
        "20230401",
        "soon",
        "2023-04-01T00:00:00",
    ],
)
def test_a_date_that_is_not_one_in_the_declared_format_sets_its_record_aside(world, value):
    result = take(world, complaint(1), complaint(2, closed_date=value), complaint(3))
    assert codes(result) == [(3, "impossible_date")]
    assert loaded_ids(world) == ["C1", "C3"]
    assert result.problems["column"].to_list() == ["closed_date"]
    assert result.problems["found"].to_list() == [value]


@pytest.mark.parametrize("value", ["04/25/2023", "04/05/2023", "25/04/2023"])
def test_a_slashed_date_where_iso_is_declared_is_never_guessed(world, value):
    result = take(world, complaint(1), complaint(2, received_date=value))
    assert codes(result) == [(3, "us_date")]
    assert loaded_ids(world) == ["C1"]


def test_an_end_before_its_start_loads_with_a_warning(world):
    result = world.receive(
        {
            "complaint.csv": complaints(complaint(1)),
            "stage.csv": stages(stage(1, responded_date="2023-04-01", closed_date="2023-04-30")),
        }
    )
    assert codes(result) == [(2, "end_before_start")]
    assert result.problems["severity"].to_list() == [WARN]
    assert result.problems["column"].to_list() == ["responded_date"]
    assert world.rows("stage")["responded_date"].to_list() == [date(2023, 4, 1)]
    assert file_of(result, "stage.csv").quarantined == 0


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("procedure", "Statutory"),
        ("procedure", "statutry"),
        ("channel", "Pigeon"),
        ("sex", "F"),
        ("behalf", "other"),
    ],
)
def test_an_unknown_word_is_never_guessed(world, column, value):
    result = take(world, complaint(1, **{column: value}), complaint(2))
    assert codes(result) == [(2, "unknown_word")]
    assert result.problems["column"].to_list() == [column]
    assert loaded_ids(world) == ["C2"]


def test_a_stage_number_outside_the_vocabulary_is_an_unknown_word(world):
    result = world.receive(
        {"complaint.csv": complaints(complaint(1)), "stage.csv": stages(stage(1, stage="4"))}
    )
    assert codes(result) == [(2, "unknown_word")]


def test_a_reference_to_nothing_sets_its_record_aside_whatever_the_order_of_files(world):
    files = {"stage.csv": stages(stage(1), stage(9)), "complaint.csv": complaints(complaint(1))}
    result = world.receive(files)
    assert codes(result) == [(3, "orphan_reference")]
    assert "no such complaint" in result.problems["message"][0]
    assert loaded_ids(world, "stage") == ["S1"]


def test_children_of_a_quarantined_record_are_set_aside_under_their_own_code(world):
    outcome = "issue_id,stage,outcome,decided_date\nI2,1,upheld,2023-05-01\nI1,1,upheld,2023-05-01\n"
    result = world.receive(
        {
            "issue_outcome.csv": outcome.encode(),
            "issue.csv": issues(issue(1), issue(2)),
            "stage.csv": stages(stage(1), stage(2)),
            "complaint.csv": complaints(complaint(1), complaint(2, procedure="nonsense")),
        }
    )
    found = result.problems.select("file_name", "row", "code").rows()
    assert sorted(found) == [
        ("complaint.csv", 3, "unknown_word"),
        ("issue.csv", 3, "parent_set_aside"),
        ("issue_outcome.csv", 2, "parent_set_aside"),
        ("stage.csv", 3, "parent_set_aside"),
    ]
    assert all(
        "set aside" in m for m in result.problems.filter(pl.col("code") == "parent_set_aside")["message"]
    )


def test_children_of_a_rejected_file_are_set_aside(world):
    result = world.receive({"stage.csv": stages(stage(1)), "complaint.csv": b""})
    assert sorted(result.problems["code"].to_list()) == ["empty_file", "parent_set_aside"]
    assert file_of(result, "stage.csv").quarantined == 1


def test_the_second_of_two_equal_records_is_set_aside(world):
    result = take(world, complaint(1), complaint(2), complaint(1), complaint(1))
    assert codes(result) == [(4, "duplicate_row"), (5, "duplicate_row")]
    assert "row 2" in result.problems["message"][0]
    assert loaded_ids(world) == ["C1", "C2"]
    outcome = file_of(result, "complaint.csv")
    assert (outcome.received, outcome.conformed, outcome.quarantined) == (4, 2, 2)


def test_one_identifier_for_two_records_sets_both_aside_and_names_both(world):
    result = take(world, complaint(1), complaint(2), complaint(1, procedure="corporate"))
    assert codes(result) == [(2, "duplicate_id"), (4, "duplicate_id")]
    assert "row 4 of complaint.csv" in result.problems["message"][0]
    assert "row 2 of complaint.csv" in result.problems["message"][1]
    assert loaded_ids(world) == ["C2"]


def test_a_stage_twice_is_a_duplicate_unless_it_was_reopened(world):
    columns = "stage_id,complaint_id,procedure,stage,requested_date,reopened\n"
    good = {"complaint.csv": complaints(complaint(1))}
    text = columns + "S1,C1,statutory,1,2023-04-03,\nS2,C1,statutory,1,2023-06-03,yes\n"
    assert file_of(world.receive(good | {"stage.csv": text.encode()}), "stage.csv").quarantined == 0
    other = World(world.root / "other").configure()
    text = columns + "S1,C1,statutory,1,2023-04-03,\nS2,C1,statutory,1,2023-06-03,no\n"
    result = other.receive(good | {"stage.csv": text.encode()})
    assert codes(result, QUARANTINE) == [(2, "duplicate_id"), (3, "duplicate_id")]


@pytest.mark.parametrize("blank", ["", "   ", "\u00a0"])
def test_a_blank_where_a_value_is_needed_sets_the_record_aside(world, blank):
    result = take(world, complaint(1, received_date=blank), complaint(2))
    assert codes(result) == [(2, "missing_required")]
    assert loaded_ids(world) == ["C2"]


@pytest.mark.parametrize(
    "column", ["closed_date", "sex", "channel", "theme", "complainant_id", "refusal_reason", "birth_date"]
)
@pytest.mark.parametrize("value", ["#REF!", "#N/A", "#DIV/0!", " #value! "])
def test_a_broken_formula_is_neither_blank_nor_a_value(world, column, value):
    result = take(world, complaint(1, **{column: value}), complaint(2))
    assert codes(result) == [(2, "excel_error")]
    assert result.problems["column"].to_list() == [column]


def test_a_broken_formula_in_a_reference(world):
    result = world.receive(
        {"complaint.csv": complaints(complaint(1)), "stage.csv": stages(stage(1, complaint_id="#N/A"))}
    )
    assert codes(result) == [(2, "excel_error")]


@pytest.mark.parametrize(
    ("text", "value"), [("1,234.50", 1234.5), ("£1,234.50", 1234.5), ("£300", 300.0), ("12", 12.0)]
)
def test_a_number_with_thousands_commas_has_one_reading(world, text, value):
    files = {"complaint.csv": complaints(complaint(1)), "stage.csv": stages(stage(1, cost_gbp=text))}
    assert codes(world.receive(files)) == []
    assert world.rows("stage")["cost_gbp"].to_list() == [value]


@pytest.mark.parametrize("text", ["1,23", "1.234,50", "12 000", "1e5", "about 5", "--3", "1,2345"])
def test_a_number_with_two_readings_or_none_sets_the_record_aside(world, text):
    files = {"complaint.csv": complaints(complaint(1)), "stage.csv": stages(stage(1, cost_gbp=text))}
    assert codes(world.receive(files)) == [(2, "bad_number")]


def test_cleaning_is_counted_and_not_complained_of(world):
    files = {
        "complaint.csv": complaints(complaint(1, procedure="\u00a0statutory\u00a0"), lineterminator="\r\n"),
        "stage.csv": stages(stage(1, cost_gbp="1,234")),
    }
    assert codes(world.receive(files)) == []
    counted = {(kind, column): cells for _, _, column, kind, cells in world.rows("cleaning").rows()}
    assert counted[("nonbreaking_space", "procedure")] == 1
    assert counted[("number_with_commas", "cost_gbp")] == 1
    assert counted[("crlf", "")] == 2


@pytest.mark.parametrize("space", ["\u00a0", "\u2003", "\u3000", " ", "\u200b"])
def test_unicode_space_around_a_word_is_trimmed(world, space):
    assert (
        codes(take(world, complaint(1, procedure=f"{space}statutory{space}", channel=f"Email{space}"))) == []
    )
    assert world.rows("complaint")["channel"].to_list() == ["Email"]


def test_quoted_line_ends_commas_and_doubled_quotes_are_ordinary(world):
    tricky = 'He said "no",\nthen\r\nleft, "quickly"'
    result = take(world, complaint(1, refusal_reason=tricky), complaint(2, procedure="x"))
    assert codes(result) == [(3, "unknown_word")]
    assert world.rows("complaint")["refusal_reason"].to_list() == [tricky]


def test_a_formula_in_a_word_column_sets_the_record_aside(world):
    result = take(world, complaint(1, channel="=HYPERLINK(1)"), complaint(2, theme="@SUM(A1)"), complaint(3))
    assert codes(result) == [(2, "formula_injection"), (3, "formula_injection")]


def test_a_formula_in_a_text_is_good(world):
    result = take(world, complaint(1, free_text="=cmd|' /C calc'!A0", refusal_reason="=1+1"))
    assert codes(result) == []
    assert world.rows("complaint")["refusal_reason"].to_list() == ["=1+1"]


def test_a_huge_cell(world):
    huge = "x" * 3_000_000
    result = take(
        world,
        complaint(1, free_text=huge),
        complaint(2, channel=huge),
        complaint(3, theme=huge),
        complaint(4),
    )
    assert codes(result) == [(3, "huge_cell"), (4, "huge_cell")]
    assert all(len(found) < 300 for found in result.problems["found"])
    assert loaded_ids(world) == ["C1", "C4"]


def test_bytes_of_another_encoding_set_only_their_record_aside(world):
    data = complaints(*[complaint(n) for n in range(1, 50)])
    data = data.replace(b"C7,2023-04-03,,,statutory,Email,,", b"C7,2023-04-03,,,statutory,Email,caf\xe9,")
    data = data.replace(b"C30,2023-04-03,,,statutory,Email,,", b"C30,2023-04-03,,,statutory,Email,\x93q\x94,")
    result = world.receive({"complaint.csv": data})
    assert codes(result) == [(8, "cp1252_bytes"), (31, "cp1252_bytes")]
    assert file_of(result, "complaint.csv").conformed == 47


def test_a_nul_byte_sets_its_record_aside_and_nothing_is_cut(world):
    data = complaints(complaint(1), complaint(2), complaint(3)).replace(
        b"C2,2023-04-03,,,statutory", b"C2,2023-04-03,,,statu\0tory"
    )
    result = world.receive({"complaint.csv": data})
    assert codes(result) == [(3, "nul_byte")]
    assert loaded_ids(world) == ["C1", "C3"]


@pytest.mark.parametrize("line", ["C9,2023-04-03", "C9,2023-04-03" + "," * 21, "C9,2023-04-03" + "," * 19])
def test_a_record_with_another_number_of_cells_sets_only_itself_aside(world, line):
    text = csv_text(COMPLAINT, [complaint(1), complaint(2)]).splitlines()
    data = "\n".join([text[0], text[1], line, text[2]]).encode()
    result = world.receive({"complaint.csv": data})
    assert codes(result) == [(3, "ragged_row")]
    assert loaded_ids(world) == ["C1", "C2"]
    assert world.rows("complaint")["source_row"].to_list() == [2, 4]


@pytest.mark.parametrize("label", ["Grand Total", "Total", "TOTALS", "total:", "Sum"])
@pytest.mark.parametrize("shape", ["full", "short"])
def test_a_line_of_totals_is_not_a_record(world, label, shape):
    line = label + ",2" + ("," * 20 if shape == "full" else "") + "\n"
    result = world.receive({"complaint.csv": complaints(complaint(1), complaint(2)) + line.encode()})
    assert codes(result) == [(4, "total_row")]
    assert file_of(result, "complaint.csv").received == 3


@pytest.mark.parametrize("data", [b"", b"\n\r\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_a_failed_export(world, data):
    result = world.receive({"complaint.csv": data})
    assert codes(result) == [(None, "empty_file")]
    assert file_of(result, "complaint.csv").status == "rejected"


def test_a_header_without_records_loads_with_a_warning(world):
    result = world.receive({"complaint.csv": complaints(complaint(1)), "stage.csv": stages()})
    assert codes(result) == [(None, "header_only")]
    assert result.problems["severity"].to_list() == [WARN]
    assert file_of(result, "stage.csv").status == "loaded"


def test_a_header_without_records_is_said_more_loudly_where_there_were_rows(world):
    world.receive({"complaint.csv": complaints(complaint(1)), "stage.csv": stages(stage(1))})
    result = world.receive({"stage.csv": stages()}, on="2024-05-07")
    assert "TAKE CARE" in result.problems["message"][0] and "1 records" in result.problems["message"][0]


def test_complaints_cannot_be_none(world):
    world.receive({"complaint.csv": complaints(complaint(1))})
    result = world.receive({"complaint.csv": complaints()}, on="2024-05-07")
    assert codes(result, REJECT) == [(None, "header_only")]
    assert file_of(result, "complaint.csv").status == "rejected"


@pytest.mark.parametrize(
    "broken", ['C2,2023-04-03,,,"statutory', 'C2,2023-04-03,,,stat"utory', 'C2,2023-04-03,,,"stat"utory"']
)
def test_an_unbalanced_quote_rejects_the_file(world, broken):
    data = complaints(*[complaint(n, theme="a, b") for n in range(1, 9)]).decode()
    data = data.replace("C2,2023-04-03,,,statutory", broken)
    result = world.receive({"complaint.csv": data.encode()})
    assert codes(result) == [(None, "unbalanced_quote")]
    assert not world.rows("complaint").height


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_utf16_file_is_rejected_and_named(world, encoding):
    result = world.receive({"complaint.csv": complaints(complaint(1)).decode().encode(encoding)})
    assert codes(result) == [(None, "utf16_file")]
    assert "UTF-8" in result.problems["message"][0]


def test_a_missing_required_column_is_one_message(world):
    columns = [name for name in COMPLAINT if name != "received_date"]
    rows = [{k: v for k, v in complaint(n).items() if k in columns} for n in range(1, 40)]
    result = world.receive({"complaint.csv": csv_text(columns, rows).encode()})
    assert codes(result) == [(None, "missing_required_column")]
    assert result.problems["column"].to_list() == ["received_date"]


def test_a_wrong_delimiter_is_said(world):
    result = world.receive({"complaint.csv": complaints(complaint(1), delimiter=";")})
    assert codes(result) == [(None, "missing_required_column")]
    assert "separated by `;`" in result.problems["message"][0]


def test_a_title_above_the_header_is_found_and_its_row_named(world):
    data = b"Complaints report" + b"," * 21 + b"\n,,Dates" + b"," * 19 + b"\n" + complaints(complaint(1))
    result = world.receive({"complaint.csv": data})
    assert codes(result) == [(None, "merged_header")]
    assert "row 3" in result.problems["message"][0]


def test_a_missing_optional_column_loads_with_a_warning(world):
    columns = [name for name in COMPLAINT if name != "sex"]
    result = world.receive({"complaint.csv": csv_text(columns, [complaint(1)]).encode()})
    assert codes(result) == [(None, "missing_optional_column")]
    assert result.problems["column"].to_list() == ["sex"]
    assert "[x]" in result.problems["message"][0]
    assert world.rows("complaint")["sex"].to_list() == [None]


def test_an_extra_column_is_ignored_and_not_kept(world):
    columns = [*COMPLAINT, "Mother's name"]
    result = world.receive(
        {"complaint.csv": csv_text(columns, [complaint(1, **{"Mother's name": "Jane Doe"})]).encode()}
    )
    assert codes(result) == [(None, "extra_column")]
    assert result.problems["column"].to_list() == ["Mother's name"]
    assert "Jane" not in str(result.problems.rows()) + str(world.rows("complaint").rows())


def test_columns_are_matched_by_name(world):
    columns = list(reversed(COMPLAINT))
    result = world.receive({"complaint.csv": csv_text(columns, [complaint(1)]).encode()})
    assert codes(result) == []
    assert world.rows("complaint")["received_date"].to_list() == [date(2023, 4, 3)]


def test_a_byte_order_mark_is_stripped(world):
    assert codes(world.receive({"complaint.csv": b"\xef\xbb\xbf" + complaints(complaint(1))})) == []
    assert loaded_ids(world) == ["C1"]


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_every_kind_of_line_end_with_bare_line_feeds_in_quotes(world, end):
    rows = [complaint(1, refusal_reason="one\ntwo"), complaint(2, procedure="x"), complaint(3)]
    result = world.receive({"complaint.csv": complaints(*rows, lineterminator=end, quoting=csv.QUOTE_ALL)})
    assert codes(result) == [(3, "unknown_word")]
    assert world.rows("complaint")["refusal_reason"].to_list() == ["one\ntwo", None]
    assert file_of(result, "complaint.csv").received == 3


def test_all_problems_of_a_record_come_at_once_and_it_counts_once(world):
    result = take(world, complaint(1, received_date="x", procedure="y", sex="z"), complaint(2))
    assert codes(result) == [(2, "impossible_date"), (2, "unknown_word")]
    assert result.problems.height == 3
    assert file_of(result, "complaint.csv").quarantined == 1


def test_every_problem_names_its_owner_and_record(world):
    result = world.receive(
        {"complaint.csv": complaints(complaint(1)), "stage.csv": stages(stage(1, outcome="perhaps"))}
    )
    problem = result.problems.row(0, named=True)
    assert problem["owner"] == "Stage team"
    assert problem["record_key"] == "stage_id=S1"
    assert problem["table"] == "stage"
    assert problem["file_name"] == "stage.csv"
    assert "partially_upheld" in problem["expected"]
