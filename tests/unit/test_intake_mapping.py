"""The mapping language: wide files, repeated columns, splits, templates, words, and how faults are told."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from intake_world import World, codes, file_of, xlsx

from redress.base.settings import ROOT
from redress.base.strict_yaml import parse_yaml
from redress.contract.contract import load_contract
from redress.contract.mapping_reader import read_mapping

CONTRACT = load_contract(ROOT / "seeds" / "reference")

WIDE = """
version: 1
defaults: {date_format: "%d/%m/%Y", delimiter: ";", encoding: cp1252, header_row: 2}
words:
  procedure: {Statutory: statutory, Corp: corporate, n/a: ""}
  yes_no: {Y: yes, N: no}
sources:
  - id: cases
    files: ["cases*.csv", "fälle*.csv"]
    ignore: [Name]
    tables:
      - table: complaint
        where: {column: Type, in: [Complaint]}
        columns:
          complaint_id: Ref
          received_date: {from: [Received, Logged]}
          procedure: {from: Process, words: procedure}
          closed_date: {from: Closed, format: "%d %b %Y"}
          child_looked_after: {from: CLA, words: {J: "yes", N: "no"}}
          refused_date: Refused
      - table: complaint_service
        where: {column: Type, in: [Complaint]}
        split: {column: Teams, on: "|"}
        columns: {complaint_id: Ref, service: Teams}
      - table: stage
        where: [{column: Type, in: [complaint]}, {column: S1, not_blank: true}]
        columns:
          stage_id: {template: "{Ref}/1"}
          complaint_id: Ref
          procedure: {from: Process, words: procedure}
          stage: {value: 1}
          requested_date: S1
      - table: stage
        where: [{column: Type, not_in: [compliment]}, {column: S2, not_blank: true}]
        columns:
          stage_id: {template: "{Ref}/2"}
          complaint_id: Ref
          procedure: {from: Process, words: procedure}
          stage: {value: 2}
          requested_date: S2
      - table: compliment
        where: {column: Type, in: [COMPLIMENT]}
        columns: {compliment_id: Ref, received_date: Received, service: Teams, source: {value: school}}
"""

HEADER = "Title\nRef;Type;Received;Logged;Process;Closed;CLA;Refused;Teams;S1;S2;Name\n"


def wide(*lines: str) -> bytes:
    return (HEADER + "".join(f"{line}\n" for line in lines)).encode("cp1252")


@pytest.fixture
def world(tmp_path):
    return World(tmp_path).configure(WIDE)


def test_a_wide_record_feeds_several_tables(world):
    result = world.receive(
        {
            "Cases 2024.CSV": wide(
                "1;Complaint;03/04/2023;;statutory;01 May 2023;J;;Team A | Team B|;03/04/2023;20/05/2023;Jo",
                "2;complaint;;4/4/2023;CORP;;;;Team \u2013 C;;;Jo",
                "3;Compliment;05/04/2023;;;;;;Team A;;;Jo",
            )
        }
    )
    assert codes(result) == []
    assert world.rows("complaint").select(
        "complaint_id", "received_date", "procedure", "closed_date", "child_looked_after"
    ).rows() == [
        ("1", date(2023, 4, 3), "statutory", date(2023, 5, 1), "yes"),
        ("2", date(2023, 4, 4), "corporate", None, None),
    ]
    assert world.rows("complaint_service").select("complaint_id", "service", "source_row").rows() == [
        ("1", "Team A", 3),
        ("1", "Team B", 3),
        ("2", "Team \u2013 C", 4),
    ]
    assert world.rows("stage").select("stage_id", "stage", "requested_date").rows() == [
        ("1/1", 1, date(2023, 4, 3)),
        ("1/2", 2, date(2023, 5, 20)),
    ]
    assert world.rows("compliment")["source"].to_list() == ["school"]
    assert file_of(result, "Cases 2024.CSV").received == 3


def test_a_record_is_taken_whole_or_not_at_all(world):
    result = world.receive(
        {
            "cases.csv": wide(
                "1;Complaint;03/04/2023;;Statutory;;;;Team A;03/04/2023;31/06/2023;Jo",
                "2;Complaint;03/04/2023;;n/a;;;;Team A;;;Jo",
                "3;Complaint;03/04/2023;;Corp;;;;Team A;;;Jo",
            )
        }
    )
    assert codes(result) == [(3, "impossible_date"), (4, "missing_required")]
    assert result.problems["column"].to_list() == ["S2", "Process"]
    for table in ("complaint", "complaint_service", "stage"):
        assert set(world.rows(table)["complaint_id"]) <= {"3"}


def test_a_record_of_a_kind_that_the_mapping_does_not_know(world):
    result = world.receive({"cases.csv": wide("1;Petition;03/04/2023;;Corp;;;;Team A;;;Jo")})
    assert codes(result) == [(3, "unknown_record_type")]


def test_a_split_that_leaves_nothing_is_a_missing_value(tmp_path):
    mapping = """
version: 1
sources:
  - id: teams
    files: teams.csv
    tables:
      - table: ombudsman_service
        split: {column: Teams, on: ";"}
        columns: {ombudsman_id: Ref, service: Teams}
  - id: ombudsman
    files: ombudsman.csv
    tables:
      - table: ombudsman
        columns: {ombudsman_id: Ref, received_date: {from: Received, format: excel_serial}}
"""
    world = World(tmp_path).configure(mapping)
    files = {
        "teams.csv": b'Ref,Teams\n1," ; "\n1,A;A;B\n',
        "ombudsman.csv": b"Ref,Received\n1,45019\n2,1.5\n",
    }
    result = world.receive(files)
    assert sorted(result.problems.select("file_name", "row", "code").rows()) == [
        ("ombudsman.csv", 3, "impossible_date"),
        ("teams.csv", 2, "missing_required"),
    ]
    assert world.rows("ombudsman_service")["service"].to_list() == ["A", "B"]
    assert world.rows("ombudsman")["received_date"].to_list() == [date(2023, 4, 3)]


def test_rows_that_repeat_their_parent_are_one_where_the_mapping_says_so(tmp_path):
    mapping = """
version: 1
sources:
  - id: narrow
    files: narrow.csv
    tables:
      - table: complaint
        distinct: true
        columns: {complaint_id: Ref, received_date: Received, procedure: Process}
      - table: complaint_theme
        columns: {complaint_id: Ref, theme: Theme}
"""
    world = World(tmp_path).configure(mapping)
    text = (
        "Ref,Received,Process,Theme\n1,2023-04-03,statutory,Delay\n1,2023-04-03,statutory,Staff\n"
        "2,2023-04-03,statutory,Delay\n2,2023-04-04,statutory,Staff\n"
    )
    result = world.receive({"narrow.csv": text.encode()})
    assert codes(result) == [(4, "duplicate_id"), (5, "duplicate_id")]
    assert world.rows("complaint").height == 1
    assert world.rows("complaint_theme").height == 2


def test_the_councils_own_words_have_aliases_and_keep_their_spelling(tmp_path):
    world = World(tmp_path).configure(
        services=(
            "service,label,level,parent_service,valid_from,valid_to,successor_service,aliases\n"
            "csc,Children's Social Care,service_area,,,,,CSC Team|Social Care\nTeam A,,team,csc,,,,\n"
        ),
        categories=(
            "service,category,sub_category,valid_from,valid_to,aliases\n"
            ",Delay,,,,Delays\n,Delay,Late reply,,,Slow reply\n,Staff,Rudeness,,,\n"
            ",Decision Making,,,,\n,Decision making,,,,\n"
        ),
    )
    header = "issue_id,complaint_id,raised_date,service,category,sub_category\n"
    lines = [
        ("social  care", "delays", "slow reply", None),
        ("Children's Social Care", "Delay", "", None),
        ("TEAM A", "STAFF", "rudeness", None),
        ("Team A", "Decision making", "", None),
        ("Team A", "DECISION MAKING", "", "unknown_word"),
        ("Team A", "Staff", "Late reply", "unknown_word"),
        ("Team B", "Staff", "", "unknown_word"),
    ]
    text = header + "".join(f"I{n},C1,2023-04-03,{s},{c},{b}\n" for n, (s, c, b, _) in enumerate(lines, 1))
    complaint = "complaint_id,received_date,procedure\nC1,2023-04-03,statutory\n"
    result = world.receive({"issue.csv": text.encode(), "complaint.csv": complaint.encode()})
    expected = [(n, code) for n, (*_, code) in enumerate(lines, 2) if code]
    assert [c for c in codes(result, "quarantine_row")] == expected
    assert world.rows("issue").select("service", "category", "sub_category").rows() == [
        ("csc", "Delay", "Late reply"),
        ("csc", "Delay", None),
        ("Team A", "Staff", "Rudeness"),
        ("Team A", "Decision making", None),
    ]


def test_a_workbook_with_a_title_block_and_a_named_sheet(tmp_path):
    mapping = """
version: 1
sources:
  - id: thanks
    files: "Compliments *.xlsx"
    sheet: Data
    header_row: 3
    tables:
      - table: compliment
        columns: {compliment_id: No, received_date: Date, service: Team, source: Who}
"""
    world = World(tmp_path).configure(mapping)
    data = xlsx(
        [["Compliments"], [], ["No", "Date", "Team", "Who"], [1, date(2023, 4, 3), "A", "school"]], "Data"
    )
    assert codes(world.receive({"compliments 2024.xlsx": data})) == []
    assert world.rows("compliment").select("compliment_id", "received_date").rows() == [
        ("1", date(2023, 4, 3))
    ]


def test_two_columns_of_one_name_are_not_guessed(tmp_path):
    world = World(tmp_path).configure()
    text = "complaint_id,received_date,procedure,received_date\nC1,2023-04-03,statutory,2023-05-03\n"
    assert codes(world.receive({"complaint.csv": text.encode()})) == [(None, "duplicate_column")]


def test_a_reporting_year_has_one_reading_however_it_is_written(tmp_path):
    world = World(tmp_path).configure()
    text = "reporting_year,figure,breakdown,value,unit,source\n" + "".join(
        f"{year},new_complaints,n={n},114,count,report\n"
        for n, year in enumerate(["2022-23", "2022/23", "2022-2023", "2022-24", "2022", "22/23"])
    )
    result = world.receive({"prior_figure.csv": text.encode()})
    assert codes(result) == [(5, "unknown_word"), (6, "unknown_word"), (7, "unknown_word")]
    assert world.rows("prior_figure")["reporting_year"].to_list() == ["2022-23"] * 3


def test_a_prior_figure_that_the_catalogue_does_not_know_is_a_problem_of_its_row(tmp_path):
    world = World(tmp_path).configure()
    names = ["new_complaints", "new_complaint", "new_complaints_change_pct", "snowfall"]
    text = "reporting_year,figure,breakdown,value,unit,source\n" + "".join(
        f"2022-23,{name},,114,count,report\n" for name in names
    )
    result = world.receive({"prior_figure.csv": text.encode()})
    assert world.rows("prior_figure")["figure"].to_list() == ["new_complaints", "new_complaints_change_pct"]
    near, far = result.problems.rows(named=True)
    assert (near["code"], near["column"], near["found"]) == ("unknown_word", "figure", "new_complaint")
    assert near["owner"] == "Complaints team" and near["expected"].startswith("new_complaints")
    assert "The nearest: new_complaints" in near["message"]
    assert (far["found"], far["expected"]) == ("snowfall", "a measure of figure_catalogue.csv")


FAULTS = [
    ("version: 2\nsources: []", ["version: 1 is expected", "there is no source"]),
    ("version: 1\nsoruces: []", ["`soruces` is not known"]),
    ("[1]", ["it has version, sources"]),
    (
        """
version: 1
words: {yes_no: {Y: yes, y: no}, bad: [1]}
sources:
  - id: a b
    files: x.csv
    scope: "[0-9"
    format: xls
    header_row: 0
    delimiter: ';"'
    encoding: klingon
    date_format: "%d/%m"
    colour: red
    tables:
      - table: complaint
        where: {column: A, like: b}
        colums: {}
        columns:
          complaint_id: {from: Ref, value: 1}
          recieved_date: Date
          procedure: {from: P, words: {S: statutry}}
          sex: {from: S, words: none_such}
          closed_date: {from: C, format: "%Y"}
          channel: {from: Ch, format: "%Y-%m-%d"}
          theme: {template: "no column"}
      - table: complaints
        columns: {}
  - id: b
    files: y.csv
    tables:
      - table: remedy
        split: {on: ","}
        columns: {remedy_id: R, kind: {value: apology}, complaint_id: {from: C, words: {a: b}}}
  - id: b
    tables: [{table: remedy, distinct: true, columns: {remedy_id: R, kind: K}}]
""",
        [
            "`y` is translated twice",
            "a word list has the form",
            "an id has letters",
            "no pattern that can be used",
            "the format is csv or xlsx",
            "header_row is a number from 1",
            "one to eight characters",
            "not a known encoding",
            "`%d/%m` is no date format",
            "`colour` is not known",
            "`like` is not known",
            "exactly one of equals, in, not_in",
            "`colums` is not known",
            "exactly one of from, value and template",
            "has no column `recieved_date`",
            "the required column `received_date` is not filled",
            "`statutry`, which is not one of",
            "no word list `none_such`",
            "`%Y` is no date format",
            "a format is for dates only",
            "a template names native columns",
            "`complaints` is not a table",
            "words are for vocabulary columns",
            "a split has the form",
            "`files` is missing",
            "without `distinct`",
            "the id `b` is used twice",
        ],
    ),
]


@pytest.mark.parametrize(("text", "expected"), FAULTS)
def test_every_fault_of_a_mapping_is_told_at_once(text, expected):
    _, problems = read_mapping(parse_yaml(text), CONTRACT)
    for phrase in expected:
        assert any(phrase in fault.problem for fault in problems), (phrase, problems)


def test_a_translation_to_a_word_that_the_council_does_not_declare_is_found(tmp_path):
    mapping = """
version: 1
sources:
  - id: a
    files: a.csv
    tables:
      - table: complaint
        columns:
          complaint_id: R
          received_date: D
          procedure: {value: statutory}
          channel: {from: C, words: {E: Mail, T: telephone}}
"""
    world = World(tmp_path).configure(mapping)
    result = world.receive({"a.csv": b"R,D,C\n1,2023-04-03,E\n2,2023-04-03,T\n"})
    assert codes(result) == [(2, "unknown_word")]
    assert world.rows("complaint").select(pl.col("channel")).rows() == [("Telephone",)]


SHAPES = [
    "version: 1\nsources: {shape}",
    "version: 1\ndefaults: {shape}\nsources: []",
    "version: 1\nwords: {shape}\nsources: []",
    *(
        "version: 1\nsources:\n  - {{id: a, files: [a.csv], tables: [{{table: complaint}}], "
        + key
        + ": {shape}}}"
        for key in (
            "ignore",
            "names",
            "group",
            "versions",
            "takes_over",
            "encoding",
            "scope",
            "format",
            "header_row",
        )
    ),
    "version: 1\nsources: [{{id: a, files: {shape}, tables: {shape}}}]",
    "version: 1\nsources: [{{id: a, files: [a.csv], tables: [{{table: {shape}}}]}}]",
    *(
        "version: 1\nsources: [{{id: a, files: [a.csv], tables: [{{table: complaint, "
        + key
        + ": {shape}}}]}}]"
        for key in ("columns", "where", "split", "distinct")
    ),
    "version: 1\nsources: [{{id: a, files: [a.csv], tables: [{{table: complaint, columns: {{channel: {shape}}}}}]}}]",
]


@pytest.mark.parametrize(
    "shape", ["5", "1.5", "true", "word", "[]", "[[1]]", "[{a: b}]", "{a: {b: [c]}}", '"\\0"']
)
@pytest.mark.parametrize("text", SHAPES)
def test_whatever_stands_where_something_else_belongs_is_a_fault_and_no_crash(text, shape):
    _, problems = read_mapping(parse_yaml(text.format(shape=shape)), CONTRACT)
    assert problems and all(isinstance(fault.problem, str) for fault in problems)


def test_a_single_word_is_a_list_of_one():
    text = (
        "version: 1\nsources: [{id: a, files: a.csv, ignore: Notes, names: Name, tables: "
        "[{table: complaint, columns: {complaint_id: Ref, received_date: Day, procedure: Kind, "
        "complainant_role: Who}}]}]"
    )
    mapping, _ = read_mapping(parse_yaml(text), CONTRACT)
    assert (mapping.sources[0].ignore, mapping.sources[0].names) == (("Notes",), ("Name",))
