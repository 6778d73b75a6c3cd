"""Nobody can be found: what passes intake, what is turned into something else, and what a report may show."""

from __future__ import annotations

import csv
import re

import openpyxl
import polars as pl
import pytest
from intake_world import COMPLAINT, PROFILE, World, codes, complaint, complaints, csv_text, stage, stages

from redress.base.errors import ConfigurationProblem
from redress.base.settings import Settings
from redress.intake import write_quarantine
from redress.intake.pseudonyms import pseudonym, pseudonyms

NAME, BORN, NOTE, PERSON = "Zebedee Quux", "1991-07-29", "unmistakable note", "PERSON-777"


@pytest.fixture
def world(tmp_path):
    return World(tmp_path).configure()


def everything_written(world: World) -> str:
    """All that intake wrote, apart from the kept originals, as text."""
    texts = []
    for path in world.settings.build.rglob("*"):
        if path.suffix == ".parquet":
            texts.append(str(pl.read_parquet(path).rows()))
        elif path.suffix == ".xlsx":
            for sheet in openpyxl.load_workbook(path):
                texts.append(str(list(sheet.iter_rows(values_only=True))))
        elif path.suffix == ".csv":
            texts.append(path.read_text())
    return "\n".join(texts)


def test_no_personal_value_passes_whether_its_record_is_good_or_bad(world):
    columns = [*COMPLAINT, "Name"]
    personal = {"Name": NAME, "birth_date": BORN, "free_text": NOTE, "complainant_id": PERSON}
    rows = [
        complaint(1, **personal),
        complaint(2, **personal | {"procedure": "x"}),
        complaint(3, **personal | {"birth_date": "29/07/1991"}),
        complaint(4, **personal | {"complainant_id": PERSON + "#" * 300}),
        complaint(5, **personal | {"birth_date": "2031-07-29"}),
    ]
    data = csv_text(columns, rows) + f"C6,2023-04-03,,,,,,,,{PERSON},,{BORN},{NAME}\n"
    data += f"C7,2023-04-03,,,\0{NAME},,,,,,{PERSON},,{BORN},,,,,,,,,{NOTE},{NAME}\n"
    child = f"complaint_id,child_id,child_looked_after\nC1,{PERSON},yes\nC9,{PERSON},yes\nC1,{PERSON},no\n"
    result = world.receive({"complaint.csv": data.encode(), "complaint_child.csv": child.encode()})
    assert {code for _, code in codes(result)} >= {
        "us_date",
        "unknown_word",
        "huge_cell",
        "end_before_start",
        "ragged_row",
        "nul_byte",
        "duplicate_id",
    }
    write_quarantine(world.settings)
    written = everything_written(world)
    for value in (NAME, "Quux", BORN, "29/07/1991", "2031-07-29", NOTE, PERSON):
        assert value not in written


def test_a_birth_date_becomes_whole_years_at_receipt(world):
    births = ["2013-04-03", "2013-04-04", "2012-02-29", "", "2024-01-01"]
    world.receive(
        {"complaint.csv": complaints(*[complaint(n, birth_date=b) for n, b in enumerate(births, 1)])}
    )
    rows = world.rows("complaint").sort("complaint_id")
    assert rows["age_at_receipt"].to_list() == [10, 9, 11, None, None]
    assert "birth_date" not in rows.columns and "free_text" not in rows.columns


def test_the_same_person_has_the_same_pseudonym(world):
    world.receive(
        {"complaint.csv": complaints(complaint(1, complainant_id="A"), complaint(2, complainant_id=" A "))}
    )
    assert world.rows("complaint")["complainant_id"].n_unique() == 1
    assert all(len(p) == 32 for p in world.rows("complaint")["complainant_id"])


def test_pseudonyms_differ_by_key_authority_and_kind_of_person():
    made = {
        pseudonym(b"key one", "a", "complainant", "1"),
        pseudonym(b"key two", "a", "complainant", "1"),
        pseudonym(b"key one", "b", "complainant", "1"),
        pseudonym(b"key one", "a", "child", "1"),
    }
    assert len(made) == 4
    column = pseudonyms(b"key one", "a", "complainant", pl.Series("x", ["1", None, "1"]))
    assert column.to_list() == [
        pseudonym(b"key one", "a", "complainant", "1"),
        None,
        pseudonym(b"key one", "a", "complainant", "1"),
    ]


def test_real_people_need_a_key(world):
    world.configure(profile=PROFILE.format(slug="smallham", synthetic="false"))
    with pytest.raises(ConfigurationProblem, match="REDRESS_KEY_FILE"):
        world.receive({"complaint.csv": complaints(complaint(1))})
    assert not world.settings.build.joinpath("state", "kept").exists()


def test_the_key_comes_from_its_file_and_must_be_long(world, tmp_path):
    from datetime import datetime

    from redress.intake import receive

    world.configure(profile=PROFILE.format(slug="smallham", synthetic="false"))
    file, key = tmp_path / "complaint.csv", tmp_path / "key"
    file.write_bytes(complaints(complaint(1)))
    settings = Settings(build=world.settings.build, authorities=world.settings.authorities, key_file=key)
    with pytest.raises(ConfigurationProblem, match="cannot be read"):
        receive([(file, datetime(2024, 4, 8))], world.authority(), settings)
    key.write_text("short\n")
    with pytest.raises(ConfigurationProblem, match="fewer than"):
        receive([(file, datetime(2024, 4, 8))], world.authority(), settings)
    key.write_text("a long and random text, kept elsewhere\n")
    receive([(file, datetime(2024, 4, 8))], world.authority(), settings)
    expected = pseudonym(b"a long and random text, kept elsewhere", "smallham", "complainant", "P1")
    assert world.rows("complaint")["complainant_id"].to_list() == [expected]


def test_a_quote_is_kept_only_where_it_is_approved_and_tells_nobody_apart(world):
    header = "compliment_id,received_date,service,source,quote,quote_approved\n"
    quotes = [
        ("Thank you all", "yes"),
        ("Thank you all", "no"),
        ("Thank you all", ""),
        ("Thank you Mrs Jones", "yes"),
        ("Write to me@example.org", "yes"),
        ("Ring 0121 496 0000", "yes"),
        ("I live at B91 3QB", "yes"),
    ]
    lines = "".join(f"K{n},2023-04-03,Team,school,{q},{a}\n" for n, (q, a) in enumerate(quotes, 1))
    result = world.receive({"compliment.csv": (header + lines).encode()})
    rows = world.rows("compliment").sort("compliment_id")
    assert rows["quote"].to_list() == ["Thank you all"] + [None] * 6
    warned = result.problems.filter(pl.col("code") == "contact_detail")
    assert warned["row"].to_list() == [5, 6, 7, 8]
    assert "Jones" not in str(warned.rows()) and "example" not in str(warned.rows())


def test_names_and_contact_details_in_a_reason_are_held_back(world):
    result = world.receive(
        {
            "complaint.csv": complaints(
                complaint(1, refusal_reason="ask me@example.org"),
                complaint(2, refusal_reason="Out of time"),
                complaint(3, refusal_reason="Mrs Jones is in court"),
            )
        }
    )
    assert codes(result) == [(2, "contact_detail"), (4, "contact_detail")]
    assert sorted(world.rows("complaint")["refusal_reason"].to_list(), key=str) == [None, None, "Out of time"]


RISKY = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://example.org")', "#REF!"]


def test_what_a_spreadsheet_would_run_is_made_inert_everywhere(world):
    rows = [complaint(n, channel=value) for n, value in enumerate(RISKY, 1)]
    rows.append(complaint(99, channel="long " * 2000))
    data = csv_text([*COMPLAINT, "=cmd()"], rows)
    world.receive(
        {"complaint.csv": data.encode(), "=evil.csv": b"x", "stage.csv": stages(stage(1, complaint_id="=A1"))}
    )
    folder = write_quarantine(world.settings)
    with (folder / "quarantine.csv").open(newline="", encoding="utf-8") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert "'=1+1" in cells and "'=evil.csv" in cells and "'=cmd()" in cells
    book = openpyxl.load_workbook(folder / "smallham-2024-04-08.xlsx")
    assert book.sheetnames == ["Summary", "By rule", "Rows"]
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                cells.append(cell.value)
    texts = [cell for cell in cells if isinstance(cell, str)]
    risky = [text for text in texts if text[:1] in ("=", "+", "-", "@", "\t", "\r")]
    assert not [text for text in risky if not re.fullmatch("[+-][0-9]+", text)]
    assert any("cut here" in text for text in texts)
    assert max(len(text) for text in texts) < 1500


def test_the_report_is_the_same_when_it_is_written_again(world):
    world.receive({"complaint.csv": complaints(complaint(1, procedure="x"))})
    folder = write_quarantine(world.settings)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    write_quarantine(world.settings)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert set(before) == {"quarantine.csv", "smallham-2024-04-08.xlsx"}
