"""Texts that a spreadsheet would compute are made inert by one function, in Python, in the database and in data frames."""

from __future__ import annotations

import csv
import io
import random
import re

import duckdb
import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from redress.base.inert import NUMBER, as_given, inert, inert_sql
from redress.base.settings import ROOT
from redress.base.tables import read_csv, write_csv
from redress.base.workbooks import inert as for_workbook
from redress.intake import quarantine_report
from redress.publish.page_tables import PageTable, as_csv
from redress.publish.workbook import Sheet, write_workbook
from redress.reconcile import history

FORMULAS = [
    '=HYPERLINK("http://x")', "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1", "\n=1", "=", "-",
    "+44 121 496 0000", "-5 points", "\uff1d1+1", "\uff20x", "=1\u2028", "-5\n", "+", "--5", "-1,2,x", "=\u202e",
]  # fmt: skip
NUMBERS = ["-5", "+3", "-0.5", "-1,234", "-12%", "-1e-05", "+.5", "-7.", "5", "0"]
PLAIN = ["", "a", "a=b", "it's", "'", "''", "'a", " =1", "£2", "[c]", "\u22125", "x\n=1", "5-3", "1+1"]
QUOTED = ["'=1", "''=1", "'-5", "'@x", "''", "'+3"]
EVERYTHING = FORMULAS + NUMBERS + PLAIN + QUOTED


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_gets_an_apostrophe(text):
    assert inert(text) == f"'{text}"


@pytest.mark.parametrize("value", [*NUMBERS, *PLAIN, None, -5, 2.5, True, 0])
def test_a_number_and_any_other_text_stay_as_they_are(value):
    assert inert(value) is value


@pytest.mark.parametrize("text", EVERYTHING)
def test_what_was_made_inert_is_read_back_as_it_was(text):
    assert as_given(inert(text)) == text and as_given(as_given(inert(inert(text)))) == text


def test_no_two_texts_become_the_same():
    chance = random.Random(3)
    texts = {"".join(chance.choices("'=-5+@,.%e\n", k=chance.randrange(6))) for _ in range(20_000)} | set(
        EVERYTHING
    )
    made = [inert(text) for text in texts]
    assert len(set(made)) == len(texts) and [as_given(one) for one in made] == list(texts)
    number = re.compile(NUMBER.removesuffix("$") + r"\Z")
    assert not [one for one in made if one[:1] and one[0] in "=+-@\t\r\n" and not number.match(one)]


def test_the_database_and_data_frames_do_the_same():
    chance = random.Random(4)
    texts = EVERYTHING + ["".join(chance.choices("'=-5+@,.%e\n\uff1d", k=5)) for _ in range(3000)]
    wanted = [inert(text) for text in texts]
    with duckdb.connect() as connection:
        connection.execute("create table cells (place integer, cell varchar)")
        connection.executemany("insert into cells values (?, ?)", list(enumerate(texts)))
        rows = connection.execute(f"select {inert_sql('cell')} from cells order by place").fetchall()
    assert [row[0] for row in rows] == wanted
    frame = pl.DataFrame({"cell": texts}).select(quarantine_report.inert("cell", is_cut=False))
    assert frame["cell"].to_list() == [for_workbook(text) for text in texts]


def test_a_csv_is_inert_and_our_own_reader_gives_back_what_was_written(tmp_path):
    rows = [{"owner": text, "value": -5} for text in EVERYTHING]
    assert write_csv(tmp_path / "a" / "x.csv", ("owner", "value"), rows) == len(rows)
    assert [row["owner"] for row in read_csv(tmp_path / "a" / "x.csv")] == EVERYTHING
    with (tmp_path / "a" / "x.csv").open(newline="", encoding="utf-8") as handle:
        cells = list(csv.reader(handle))
    assert [row[0] for row in cells[1:]] == [inert(text) for text in EVERYTHING]
    assert {row[1] for row in cells[1:]} == {"-5"}
    with pytest.raises(ValueError, match="other columns: b"):
        write_csv(tmp_path / "y.csv", ("a",), [{"a": 1, "b": 2}])
    with pytest.raises(ValueError, match="2 cells for 1"):
        write_csv(tmp_path / "y.csv", ("a",), [(1, 2)])
    assert write_csv(tmp_path / "y.csv", ("a",), [{"a": 1, "b": 2}], without_others=True) == 1


def test_the_history_of_checks_is_read_as_it_was_written(tmp_path):
    row = dict.fromkeys(history.COLUMNS, "") | {
        "check_id": "@a",
        "runs_failing": "1",
        "accepted_by": FORMULAS[0],
    }
    path = tmp_path / "check_history.csv"
    history._write([row], path)
    assert "'=HYPERLINK" in path.read_text(encoding="utf-8")
    assert list(history._read(path).values()) == [row] and history.key_of(row) in history._read(path)


def test_tables_of_pages_are_inert_as_csv_and_as_ods(tmp_path):
    formulas = [text for text in FORMULAS if text.isprintable()]
    table = PageTable("t", "T", ["Team", "=Head"], [[text, "-5"] for text in formulas])
    rows = list(csv.reader(io.StringIO(as_csv(table).decode("utf-8"))))
    assert rows[0] == ["Team", "'=Head"]
    assert [row[0] for row in rows[1:]] == [inert(text) for text in formulas]
    assert {row[1] for row in rows[1:]} == {"-5"}
    write_workbook(
        tmp_path / "t.ods", "=T", ["=about"], [("@", "-x")], [Sheet("T", "=T", table.columns, table.rows)]
    )
    book = CalamineWorkbook.from_path(str(tmp_path / "t.ods"))
    cells = [
        cell for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row
    ]
    assert not [cell for cell in cells if inert(cell) != cell and as_given(cell) == cell], cells
    assert "'=Head" in cells and "'=about" in cells


def test_nothing_else_writes_a_csv():
    """The one writer makes cells inert; whoever writes past it has to say why here."""
    past = {
        "redress/base/tables.py",  # the writer
        "redress/publish/page_tables.py",  # cells of pages, made inert one by one
        "redress/intake/quarantine_report.py",  # a data frame, made inert by column
    }
    written = re.compile(
        r"csv\.(writer|DictWriter)\(|\.write_csv\(|to_csv\(|format csv(?!, header true, delimiter)"
    )
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("redress", "orchestration", "expectations")
        for path in (ROOT / folder).rglob("*.py")
        if written.search(path.read_text(encoding="utf-8").replace("render.write_csv(", ""))
    }
    assert found == past | {"redress/attest/packs.py"}  # its copy from the database goes through inert_sql
