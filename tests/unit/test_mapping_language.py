"""What a mapping can say of exports as they are: records left out, blanks in disguise, bad cells, dates, repeated blocks."""

from __future__ import annotations

import time
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake_world import World, codes, workbook

from redress.base.settings import ROOT
from redress.base.strict_yaml import parse_yaml
from redress.contract.contract import load_contract
from redress.contract.dates import DateForm, date_reader, fault_of_form
from redress.contract.mapping_reader import read_mapping
from redress.contract.values import money_reader
from redress.intake.sheet import banded

CONTRACT = load_contract(ROOT / "seeds" / "reference")
MAPPING = """
version: 1
defaults: {{date_format: "%d/%m/%Y"}}
sources:
  - id: cases
    files: "*.csv"
    ignore: Team
{source}
    tables:
      - table: complaint
        columns:
          complaint_id: Ref
          received_date: {{from: Received{received}}}
          procedure: {{value: corporate}}
          closed_date: {{from: Closed{closed}}}
          channel: {{from: Channel{channel}}}
{tables}
"""
HEADER = "Ref,Received,Closed,Channel,Team\n"


def mapping(
    source: str = "", received: str = "", closed: str = "", channel: str = "", tables: str = ""
) -> str:
    return MAPPING.format(source=source, received=received, closed=closed, channel=channel, tables=tables)


def world(tmp_path, *lines: str, header: str = HEADER, **parts: str) -> tuple[World, object]:
    """Receive lines by a mapping with these parts; return the world and what became of them."""
    place = World(tmp_path).configure(mapping(**parts))
    return place, place.receive({"a.csv": (header + "".join(f"{line}\n" for line in lines)).encode()})


def faults(text: str) -> list[str]:
    return [fault.problem for fault in read_mapping(parse_yaml(text), CONTRACT)[1]]


def told(source: str = "", **parts: str) -> str:
    return "\n".join(faults(mapping(source, **parts)))


LINES = (
    "1,03/04/2023,,Email,Children North",
    "2,04/04/2023,,Email,Adults East",
    "3,04/04/2023,,Email,adult services",
    "4,nonsense,,Nonsense,Highways (A12)",
    "4,nonsense,,Nonsense,Highways (A12)",
    "5,05/04/2023,,Email,",
)


@pytest.mark.parametrize(
    ("rule", "left_out"),
    [
        ("{column: Team, equals: adults  EAST}", [3]),
        ("{column: Team, in: [Adults East, Adult Services]}", [3, 4]),
        ("{column: team, not_in: [Children North]}", [3, 4, 5, 6, 7]),
        ("{column: Team, starts_with: [adult, high]}", [3, 4, 5, 6]),
        ("{column: Team, contains: ways}", [5, 6]),
        ("{column: Team, matches: '\\(A[0-9]+\\)$'}", [5, 6]),
        ("{column: Team, matches: ['^adult', '(?i)^ADULTS']}", [3, 4]),
        ("{column: Team, blank: true}", [7]),
        ("[{column: Team, blank: true}, {column: Ref, equals: 2}]", [3, 7]),
        ("{all: [{column: Team, starts_with: adult}, {column: Ref, not_in: [3]}]}", [3]),
    ],
)
def test_records_of_other_departments_are_left_out_and_counted_apart(tmp_path, rule, left_out):
    place, result = world(tmp_path, *LINES, source=f"    leave_out: {rule}")
    [file] = result.files
    stored = pl.read_parquet(place.settings.state / "conformed" / "left_out" / "smallham--cases--*.parquet")
    assert sorted(stored["row"]) == left_out
    assert file.left_out == len(left_out) == place.ledger()["rows_left_out"][0]
    assert file.received == 6 == file.conformed + file.left_out + file.quarantined
    assert not set(left_out) & {row for row, _ in codes(result)}
    assert f"{len(left_out)} left out by rule" in file.message
    assert "adult" not in str(result.problems.rows()).casefold()


def test_a_record_that_is_not_left_out_is_read_as_ever(tmp_path):
    _, result = world(tmp_path, *LINES, source="    leave_out: {column: Team, starts_with: adult}")
    assert codes(result) == [(5, "impossible_date"), (5, "unknown_word"), (6, "duplicate_row")]
    assert result.files[0].message.startswith(
        "loaded: 2 of 6 records; 2 left out by rule (Team starts with adult: 2); 2 set aside"
    )


def test_a_file_without_the_column_of_a_rule_is_rejected(tmp_path):
    place = World(tmp_path).configure(mapping("    leave_out: {column: Department, equals: Adults}"))
    result = place.receive({"a.csv": (HEADER + LINES[0] + "\n").encode()})
    assert [code for _, code in codes(result)] == ["missing_required_column"]


def test_a_file_of_which_every_record_is_left_out_is_no_file_of_complaints(tmp_path):
    _, result = world(tmp_path, *LINES[1:3], source="    leave_out: {column: Team, starts_with: adult}")
    assert [code for _, code in codes(result)] == ["header_only"]
    assert "All 2 records of the file are left out by rule" in result.problems["message"][0]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{column: Team, equals: a, in: [b]}", "exactly one of"),
        ("{column: Team, matches: '(?=a)b'}", "looking ahead or back is not possible"),
        ("{column: Team, matches: '['}", "is no pattern that can be used"),
        ("{column: Team, starts_with: ''}", "every text begins with and holds nothing"),
        ("{column: Team, contains: [a, ' ']}", "every text begins with and holds nothing"),
        ("{column: Team, like: a}", "`like` is not known here"),
        ("{column: Team, blank: no}", "blank is true"),
        ("{all: [{column: Team, blank: true}], because: x}", "`because` is not known here"),
        ("adults", "a condition is"),
        ("{column: Team, equals: [{a: b}]}", "equals is a text or a list of texts"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused(rule, said):
    assert said in told(f"    leave_out: {rule}")


def test_a_pattern_that_goes_back_and_forth_elsewhere_ends_here(tmp_path):
    begun = time.process_time()
    line = "1,03/04/2023,,Email," + "a" * 20_000 + "!"
    _, result = world(tmp_path, line, source="    leave_out: {column: Team, matches: '^(a+)+$'}")
    assert result.files[0].conformed == 1
    assert time.process_time() - begun < 10


def test_texts_that_stand_for_a_blank(tmp_path):
    place, result = world(
        tmp_path,
        "1,03/04/2023,n/a,Email,A",
        "2,03/04/2023, TBC ,-,A",
        "3,N/A,,Email,A",
        "4,03/04/2023,Not  Closed,None,A",
        source='    blanks: [N/A, "-", tbc, none]',
        closed=", blanks: [not closed]",
        channel=", words: {none: Telephone}",
    )
    assert codes(result) == [(4, "missing_required")]
    assert place.rows("complaint").select("complaint_id", "closed_date", "channel").rows() == [
        ("1", None, "Email"),
        ("2", None, None),
        ("4", None, "Telephone"),
    ]


def test_a_blank_in_disguise_is_blank_to_conditions_and_templates(tmp_path):
    tables = """
      - table: complaint_service
        where: {column: Team, not_blank: true}
        columns: {complaint_id: {template: "{Ref}"}, service: Team}
"""
    place, result = world(
        tmp_path, "1,03/04/2023,,,-", "2,03/04/2023,,,A", source='    blanks: "-"', tables=tables
    )
    assert codes(result) == []
    assert place.rows("complaint_service")["complaint_id"].to_list() == ["2"]


def test_a_text_that_a_column_declares_blank_is_blank_to_conditions_that_ask_whether_it_is(tmp_path):
    tables = """
      - table: stage
        where: {column: Asked, not_blank: true}
        columns:
          stage_id: {template: "{Ref}-S2"}
          complaint_id: Ref
          procedure: {value: corporate}
          stage: {value: 2}
          requested_date: {from: Asked, blanks: [N/A, "-"]}
"""
    place, result = world(
        tmp_path,
        "1,03/04/2023,,Email,A,n/a",
        "2,03/04/2023,,Email,A,-",
        "3,03/04/2023,,Email,A,09/05/2023",
        "4,03/04/2023,,Email,A,N/A",
        header=HEADER.replace("\n", ",Asked\n"),
        source="    leave_out: {all: [{column: Asked, blank: true}, {column: Ref, equals: 4}]}",
        tables=tables,
    )
    assert codes(result) == []
    assert result.files[0].left_out == 1
    assert place.rows("stage")["stage_id"].to_list() == ["3-S2"]


def test_a_text_that_another_column_translates_is_no_blank_to_a_condition(tmp_path):
    tables = """
      - table: complaint_service
        where: {column: Channel, not_blank: true}
        columns: {complaint_id: Ref, service: {from: Channel, blanks: [none]}}
"""
    _, result = world(tmp_path, "1,03/04/2023,,None,A", channel=", words: {none: Telephone}", tables=tables)
    assert codes(result) == [(2, "missing_required")]


def test_a_bad_cell_is_left_blank_where_the_mapping_says_so(tmp_path):
    lines = ("1,03/04/2023,31/02/2023,Pigeon,A", "2,03/04/2023,10/04/2023,Email,A")
    _, result = world(tmp_path / "strict", *lines)
    assert result.files[0].conformed == 1
    place, result = world(tmp_path / "column", *lines, closed=", if_bad: blank", channel=", if_bad: blank")
    assert codes(result, "warn") == [(2, "cell_left_blank")] and not codes(result, "quarantine_row")
    assert place.rows("complaint").select("closed_date", "channel").rows() == [
        (None, None),
        (date(2023, 4, 10), "Email"),
    ]
    assert all("left blank, as the mapping says" in message for message in result.problems["message"])
    _, result = world(tmp_path / "source", *lines, source="    if_bad: blank")  # no date: blank is "not yet"
    assert codes(result, "warn") == [(2, "cell_left_blank")]
    assert codes(result, "quarantine_row") == [(2, "impossible_date")]
    assert "a record without it does not count" in told(received=", if_bad: blank")
    assert "if_bad is blank (the cell) or set_aside" in told(closed=", if_bad: drop")


def test_a_column_of_several_formats(tmp_path):
    place, result = world(
        tmp_path,
        "1,31/03/2023 10:15,,,A",
        "2,03/04/2023,,,A",
        "3,03/04/2023 00:00:00,,,A",
        "4,31/03/2023 24:00,,,A",
        received=', formats: ["%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S"]',
    )
    assert codes(result) == [(5, "impossible_date")]
    assert place.rows("complaint")["received_date"].to_list() == [
        date(2023, 3, 31),
        date(2023, 4, 3),
        date(2023, 4, 3),
    ]


@pytest.mark.parametrize(
    ("formats", "clash"),
    [
        (("%d/%m/%Y", "%m/%d/%Y"), True),
        (("%d/%m/%y", "%y/%m/%d"), True),
        (("%d%m%y", "%y%m%d"), True),
        (("%d%m%Y", "%Y%m%d"), True),
        (("%d%m%y", "excel_serial"), True),
        (("%d-%b-%Y", "%b-%d-%Y"), False),
        (("%d/%m/%Y", "%d/%m/%y"), False),
        (("%d/%m/%Y", "%Y-%m-%d", "%d %B %Y", "%d %b %Y", "excel_serial"), False),
        (("%d/%m/%Y", "%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M:%S"), False),
    ],
)
def test_formats_by_which_a_text_is_two_days_are_refused(formats, clash):
    assert ("clash" in fault_of_form(DateForm(formats))) is clash


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%Y/%d/%m", "%d/%m/%y", "%y/%m/%d", "%d%m%y"]), min_size=2
    ),
    st.dates(date(1990, 1, 1), date(2060, 1, 1)),
    st.data(),
)
def test_formats_that_are_taken_never_give_a_day_two_readings(formats, day, data):
    if fault_of_form(DateForm(tuple(formats))):
        return
    text = day.strftime(data.draw(st.sampled_from(formats)))
    reading = date_reader(DateForm(tuple(formats)))(text)
    assert reading.code == "" and (reading.value - day).days % 36_525 in (0, 36_524)  # or the century before


def test_a_time_of_another_zone_becomes_londons_before_its_day_is_taken(tmp_path):
    place, result = world(
        tmp_path,
        "1,2023-03-31T23:00:00Z,2023-06-30T23:00:00Z,,A",
        "2,2023-12-01T00:00:00Z,2023-12-31T00:00:00Z,,A",
        source='    date_format: "%Y-%m-%dT%H:%M:%SZ"\n    time_zone: utc',
    )
    assert codes(result) == []
    assert place.rows("complaint").select("received_date", "closed_date").rows() == [
        (date(2023, 4, 1), date(2023, 7, 1)),
        (date(2023, 12, 1), date(2023, 12, 31)),
    ]


@pytest.mark.parametrize(
    ("text", "date_format", "zone", "day"),
    [
        ("2023-03-31T23:00:00.1234567Z", "%Y-%m-%dT%H:%M:%S.%fZ", "utc", "2023-04-01"),
        ("2023-03-31T23:00:00.1234567+00:00", "%Y-%m-%dT%H:%M:%S.%f%z", "utc", "2023-04-01"),
        ("2023-04-01T00:30:00+02:00", "%Y-%m-%dT%H:%M:%S%z", "utc", "2023-03-31"),
        ("31/03/2023 20:00", "%d/%m/%Y %H:%M", "America/New_York", "2023-04-01"),
        ("31/03/2023 20:00", "%d/%m/%Y %H:%M", "Europe/London", "2023-03-31"),
        ("31/03/2023", "%d/%m/%Y", "America/New_York", "2023-03-31"),
        ("45016.9792", "excel_serial", "utc", "2023-04-01"),
        ("45016.9792", "excel_serial", "", "2023-03-31"),
        ("\ue00d2023-03-31T23:00:00", "%d/%m/%Y", "utc", "2023-04-01"),
        ("\ue00d2023-03-31T23:00:00", "%d/%m/%Y", "", "2023-03-31"),
        ("05-Sept-2023", "%d-%b-%Y", "", "2023-09-05"),
        ("05-SEPT-2023", "%d-%b-%Y", "", "2023-09-05"),
        ("Sept 5, 2023", "%b %d, %Y", "", "2023-09-05"),
        ("05-Septe-2023", "%d-%b-%Y", "", None),
        ("01042023", "%d%m%Y", "", "2023-04-01"),
        ("1042023", "%d%m%Y", "", None),
        ("1112023", "%d%m%Y", "", None),
        ("2023111", "%Y%m%d", "", None),
        ("202304011015", "%Y%m%d%H%M", "", "2023-04-01"),
        ("3/4/2023", "%d/%m/%Y", "", "2023-04-03"),
    ],
)
def test_a_text_as_a_day(text, date_format, zone, day):
    value = date_reader(DateForm((date_format,), zone))(text).value
    assert value == (date.fromisoformat(day) if day else None)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (', format: "%Y-%m-%dT%H:%M:%SZ"', "declare `time_zone: utc`"),
        (', format: "%Y-%m-%dT%H:%M:%S%z"', "declare `time_zone: utc`"),
        (', format: "%d/%m/%Y %Z"', "names of time zones"),
        (', format: "%d/%m/%Y %H:%M", time_zone: Europe/Lundon', "there is no time zone `Europe/Lundon`"),
        (', format: "%d/%m/%Y %H:%M", time_zone: ../../etc/passwd', "there is no time zone"),
        (', format: "%d/%m/%Y", time_zone: utc', "time_zone is for formats with a time"),
        (', format: "%d/%m/%Y", formats: ["%Y"]', "one of format and formats"),
        (', formats: ["%d/%m/%Y", "%m/%d/%Y"]', "is a day by both"),
        (", formats: []", "a date format is a text"),
        (", formats: [{a: b}]", "a date format is a text"),
        (", time_zone: 3", "time_zone is the name"),
    ],
)
def test_a_way_of_writing_days_that_cannot_be_used_is_refused(part, said):
    assert said in told(received=part)


@pytest.mark.parametrize(
    ("text", "date_format", "said"),
    [
        ("31/03/2023 10:15", "%d/%m/%Y", "a time stands after the day: declare `%d/%m/%Y %H:%M` too"),
        ("03/04/2023 10:15", "%d/%m/%Y", "a time stands after the day"),
        ("2023-04-03T10:15:00", "%Y-%m-%d", "declare `%Y-%m-%dT%H:%M:%S` too"),
        ("03/04/2023", "%d/%m/%Y %H:%M", "no time stands after the day: declare `%d/%m/%Y` too"),
        ("03/04/2023 10:15:00", "%d/%m/%Y %H:%M", "written otherwise: declare `%d/%m/%Y %H:%M:%S` too"),
    ],
)
def test_a_time_after_the_day_is_called_that(text, date_format, said):
    reading = date_reader(DateForm((date_format,)))(text)
    assert reading.code == "impossible_date" and said in reading.message


STAGES = """
      - table: stage
        repeat: {repeat}
        where: {{column: "{column} Requested", not_blank: true}}
        columns:
          stage_id: {{template: "{{Ref}}-S{{n}}"}}
          complaint_id: Ref
          procedure: {{value: statutory}}
          stage: {{value: "{{n}}"}}
          requested_date: "{column} Requested"
"""


@pytest.mark.parametrize(("repeat", "column"), [("[1, 2]", "Stage {n}"), ("{1: First, 2: Second}", "{name}")])
def test_a_block_of_columns_that_is_repeated_is_written_once(tmp_path, repeat, column):
    names = [column.format(n=n, name=name) + " Requested" for n, name in ((1, "First"), (2, "Second"))]
    place, result = world(
        tmp_path,
        "1,03/04/2023,,,A,03/04/2023,09/05/2023",
        "2,03/04/2023,,,A,04/04/2023,",
        header=HEADER.strip() + "," + ",".join(names) + "\n",
        tables=STAGES.format(repeat=repeat, column=column),
    )
    assert codes(result) == []
    assert place.rows("stage").select("stage_id", "stage", "requested_date").rows() == [
        ("1-S1", 1, date(2023, 4, 3)),
        ("1-S2", 2, date(2023, 5, 9)),
        ("2-S1", 1, date(2023, 4, 4)),
    ]


@pytest.mark.parametrize("repeat", ["3", "[]", "[1, 1]", "[a, '']", "{}", "yes"])
def test_a_repetition_of_nothing_is_refused(repeat):
    assert "repeat is a list" in told(tables=STAGES.format(repeat=repeat, column="Stage {n}"))


def test_a_repetition_that_changes_nothing_is_refused_and_so_are_unknown_keys():
    tables = (
        "      - {table: complaint_service, repeat: [1, 2], columns: {complaint_id: Ref, service: Team}}\n"
    )
    assert "nothing in the table says {n}" in told(tables=tables)
    tables = (
        "      - {table: complaint_service, split: {by: Team}, columns: {complaint_id: Ref, service: Team}}\n"
    )
    assert "a split has the form" in told(tables=tables)
    tables = "      - {table: complaint_service, split: {column: Team, by: x}, columns: {complaint_id: Ref, service: Team}}\n"
    assert "split: `by` is not known here; known are column, on" in told(tables=tables)
    tables = (
        "      - {table: complaint_service, distinct: maybe, columns: {complaint_id: Ref, service: Team}}\n"
    )
    assert "distinct is true or false" in told(tables=tables)


def test_a_fault_names_the_line_of_the_file(tmp_path):
    place = World(tmp_path).configure(
        mapping("    leave_out:\n      - {column: Team, like: x}", closed=", format: x")
    )
    assert place.faults_of() == [
        "smallham/mapping.yml: line 16: source cases, table complaint, column closed_date: `x` is no date format with day, "
        "month and year (e.g. %d/%m/%Y, excel_serial)",
        *[
            f"smallham/mapping.yml: line 9: source cases, leave_out: {said}"
            for said in (
                "`like` is not known here; known are blank, column, contains, equals, in, matches, not_blank, not_in, "
                "starts_with",
                "a condition has exactly one of equals, in, not_in, starts_with, contains, matches, not_blank, blank",
            )
        ],
    ]


CELLS = st.sampled_from(
    ["", "1", "2", "x", "N/A", "-", "03/04/2023", "31/02/2023", "#REF!", "Email", "Total"]
)
RULES = st.sampled_from(
    [
        "",
        "    leave_out: {column: Team, in: [x, Email]}",
        "    leave_out: [{column: Closed, matches: '[0-9]'}, {column: Team, blank: true}]",
        "    leave_out: {all: [{column: Channel, starts_with: e}, {column: Ref, not_in: [1]}]}",
    ]
)


@settings(max_examples=25, deadline=timedelta(seconds=20), suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.lists(CELLS, min_size=4, max_size=6), max_size=12),
    RULES,
    st.sampled_from(["", '    blanks: [N/A, "-", x]']),
    st.sampled_from(["", "    if_bad: blank"]),
)
def test_whatever_comes_received_is_conformed_and_left_out_and_set_aside(
    tmp_path_factory, rows, rules, blanks, bad
):
    lines = [",".join(cells) for cells in rows]
    source = "\n".join(part for part in (rules, blanks, bad) if part)
    _, result = world(tmp_path_factory.mktemp("any"), "9,03/04/2023,,,A", *lines, source=source)
    [file] = result.files
    aside = {row for row, _ in codes(result, "quarantine_row")}
    assert len(aside) == file.quarantined
    if file.status == "loaded":
        assert file.received == file.conformed + file.left_out + file.quarantined
        assert file.received == 1 + sum(any(cells) for cells in rows)


def shaped(tmp_path, source: str, content: bytes, columns: str = "complaint_id: Ref", **parts: str):
    """Receive a CSV of a shape of its own."""
    text = mapping(source, **parts).replace("complaint_id: Ref", columns)
    place = World(tmp_path).configure(text)
    return place, place.receive({"log 2024.csv": content})


REST = ",Received,Closed,Channel,Team\n"


def test_a_file_in_which_quotation_marks_are_ordinary_characters(tmp_path):
    content = HEADER + '1,03/04/2023,,Email,fell off a 6" step\n"2",04/04/2023,,,"\n,,,,"\n'
    _, result = shaped(tmp_path / "quoted", "", content.encode())
    assert [code for _, code in codes(result)] == ["unbalanced_quote"]
    place, result = shaped(tmp_path / "none", "    quote: none", content.encode())
    assert place.rows("complaint")["complaint_id"].to_list() == ['"2"', "1"]
    assert codes(result) == [(4, "missing_required")]  # a lone quotation mark is a value


def test_spaces_before_a_quotation_mark(tmp_path):
    content = HEADER + '1,03/04/2023, ,"Email",  "a, ""b"", c"\n2, "04/04/2023",,Email,\n'
    tables = "      - {table: complaint_service, where: {column: Team, not_blank: true}, columns: {complaint_id: Ref, service: Team}}\n"
    _, result = shaped(tmp_path / "as-it-is", "", content.encode(), tables=tables)
    assert [code for _, code in codes(result)] == ["unbalanced_quote"]
    place, result = shaped(
        tmp_path / "said", "    space_after_delimiter: true", content.encode(), tables=tables
    )
    assert codes(result) == []
    assert place.rows("complaint_service")["service"].to_list() == ['a, "b", c']
    assert place.rows("complaint")["received_date"].to_list() == [date(2023, 4, 3), date(2023, 4, 4)]


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [("||", "utf-8"), ("¦", "utf-8"), ("§", "cp1252"), ("<>;", "utf-16")]
)
def test_a_delimiter_of_several_characters(tmp_path, delimiter, encoding):
    lines = [HEADER.strip(), '1,03/04/2023,,Email,"a,\nb"', "2,04/04/2023,,,", ",,,,", "3,only"]
    content = "\n".join(lines).replace(",", delimiter).encode(encoding)
    tables = "      - {table: complaint_service, where: {column: Team, not_blank: true}, columns: {complaint_id: Ref, service: Team}}\n"
    place, result = shaped(
        tmp_path, f'    delimiter: "{delimiter}"\n    encoding: {encoding}', content, tables=tables
    )
    assert codes(result) == [(5, "ragged_row")]
    assert place.rows("complaint")["complaint_id"].to_list() == ["1", "2"]
    assert place.rows("complaint_service")["service"].to_list() == [f"a{delimiter}\nb"]


def test_a_delimiter_that_cannot_be_told_apart_rejects_the_file(tmp_path):
    content = HEADER.replace(",", "||") + "1||03/04/2023||||\x1f\x1e\x1d\x1c\x02\x03\x04\x05||\n"
    _, result = shaped(tmp_path, '    delimiter: "||"', content.encode())
    assert [code for _, code in codes(result)] == ["unreadable_file"]
    _, result = shaped(tmp_path / "b", '    delimiter: "→"\n    encoding: cp1252', content.encode())
    assert [code for _, code in codes(result)] == ["unreadable_file"]


def test_groups_of_columns_are_named_by_the_row_above(tmp_path):
    content = (
        "Cases of 2023,,,,,,\n,,,Stage 1,,Stage 2,\nRef,Received,Team,Requested,Replied,Requested,Replied\n"
        "1,03/04/2023,A,03/04/2023,20/04/2023,,\n2,03/04/2023,A,03/04/2023,,09/05/2023,\n"
    )
    tables = STAGES.format(repeat="[1, 2]", column="Stage {n} / ").replace("/  Requested", "/ Requested")
    text = mapping("    header_row: [2, 3]", tables=tables)
    place = World(tmp_path).configure(text)
    result = place.receive({"a.csv": content.encode()})
    assert {row for row, _ in codes(result)} == {
        None
    }  # only that Closed, Channel and two other columns are not as named
    assert place.rows("stage").select("stage_id", "requested_date").rows() == [
        ("1-S1", date(2023, 4, 3)),
        ("2-S1", date(2023, 4, 3)),
        ("2-S2", date(2023, 5, 9)),
    ]


@pytest.mark.parametrize(
    ("bands", "header", "names"),
    [
        ([["", "A", "", "B"]], ["x", "y", "z", "y"], ["x", "A / y", "A / z", "B / y"]),
        ([["Ref", "A", ""]], ["", "y", "z"], ["Ref", "A / y", "A / z"]),
        ([["Ref", "A"]], ["Ref", "y", "z", ""], ["Ref", "A / y", "A / z", ""]),
        (
            [["T", "", "U", ""], ["", "A", "", "B"]],
            ["w", "x", "y", "z"],
            ["T / w", "T / A / x", "U / y", "U / B / z"],
        ),
    ],
)
def test_a_name_has_the_names_above_it_before_it(bands, header, names):
    assert banded(header, bands) == names


def test_a_record_without_an_identifier_is_called_by_its_row_and_file(tmp_path):
    content = "X" + REST + "1,03/04/2023,,,\n\n2,04/04/2023,,,\n"
    columns = 'complaint_id: {template: "{file}#{row}"}'
    place, result = shaped(tmp_path, "", content.encode(), columns)
    assert codes(result) == [(None, "extra_column")]
    assert place.rows("complaint")["complaint_id"].to_list() == ["log 2024#2", "log 2024#4"]
    # a column of that name is reached by a capital, since names are compared without regard to capitals
    content = "Row" + REST + "77,03/04/2023,,,\n"
    place, _ = shaped(tmp_path / "b", "", content.encode(), 'complaint_id: {template: "{Row}-{row}"}')
    assert place.rows("complaint")["complaint_id"].to_list() == ["77-2"]


def test_identifiers_get_their_leading_zeros_back(tmp_path):
    tables = (
        "      - {table: complaint_service, columns: {complaint_id: {template: 'C{Ref}'}, service: Team}}\n"
    )
    place, result = shaped(
        tmp_path,
        "    width: {ref: 6}",
        (
            HEADER + "123,03/04/2023,,,A\n000124,04/04/2023,,,A\n1234567,05/04/2023,,,A\nX12,06/04/2023,,,A\n"
        ).encode(),
        "complaint_id: {template: 'C{Ref}'}",
        tables=tables,
    )
    assert codes(result) == []
    assert place.rows("complaint")["complaint_id"].to_list() == ["C000123", "C000124", "C1234567", "CX12"]
    assert (
        place.rows("complaint_service")["complaint_id"].to_list()
        == place.rows("complaint")["complaint_id"].to_list()
    )
    assert ("ref", "zeros_restored", 1) in place.rows("cleaning").select("column", "kind", "cells").rows()
    assert "has a number of digits" in told("    width: {Ref: wide}")


@pytest.mark.parametrize(
    ("text", "wanted", "value"),
    [
        ("£250", "one", 250),
        ("250", "one", 250),
        ("Pay £1,250.50 within a month, and apologise (3 March)", "one", 1250.5),
        ("£250 now, that is £250 in all", "one", 250),
        ("£150 for distress and £100 for time", "sum", 250),
        ("£150 for distress and £100 for time", "one", "£150.00, £100.00"),
        ("250 pounds", "one", 250),
        ("GBP 250", "one", 250),
        ("An apology", "one", None),
        ("", "sum", None),
        ("£1.5k", "one", "no sum of money"),
        ("£2 million", "one", "no sum of money"),
        ("£1.234,50", "one", "no sum of money"),
        ("£12,34", "one", "no sum of money"),
        ("#REF!", "one", "error of a spreadsheet"),
    ],
)
def test_a_sum_of_money_in_a_text(text, wanted, value):
    reading = money_reader(wanted)(text)
    if isinstance(value, str):
        assert value in reading.message and reading.code
    else:
        assert (reading.code, reading.value) == ("", value)


OMBUDSMAN = """
version: 1
defaults: {date_format: "%d/%m/%Y"}
sources:
  - id: ombudsman
    files: "*.xlsx"
    sheet: Received
    width: {Reference: 8}
    join:
      - {sheet: Decided, by: Reference}
      - {sheet: Compliance, by: {here: Reference, there: Case ID}, header_row: 2}
    tables:
      - table: ombudsman
        columns:
          ombudsman_id: Reference
          received_date: Received
          decided_date: Decided / Decided
          decision: {from: Decided / Decision, words: {Upheld: upheld, Closed: closed_after_enquiries}}
          remedies_complied_date: Compliance / Achieved
"""


def ombudsman(tmp_path, received, decided, compliance, text=OMBUDSMAN):
    place = World(tmp_path).configure(text)
    sheets = {
        "Received": [["Reference", "Received"], *received],
        "Decided": [["Decision", "reference", "Decided"], *decided],
        "Compliance": [["Remedies", ""], ["Case ID", "Achieved"], *compliance],
    }
    return place, place.receive(
        {"lgsco.xlsx": workbook({name: rows for name, rows in sheets.items() if rows[1:]})}
    )


def test_sheets_are_joined_by_a_key(tmp_path):
    place, result = ombudsman(
        tmp_path,
        [
            ["00012345", "03/04/2023"],
            [12346, "04/04/2023"],
            ["00012347", "05/04/2023"],
            ["00012348", "06/04/2023"],
        ],
        [
            ["Upheld", 12345, "09/06/2023"],
            ["Closed", "00012346", "31/02/2023"],
            ["Closed", "99", "09/06/2023"],
        ],
        [
            ["00012345", "09/07/2023"],
            ["00012348", "09/07/2023"],
            ["00012348", "10/07/2023"],
            ["", "10/07/2023"],
        ],
    )
    assert codes(result, "quarantine_row") == [(3, "impossible_date"), (5, "joined_twice")]
    assert place.rows("ombudsman").select(
        "ombudsman_id", "decided_date", "decision", "remedies_complied_date"
    ).rows() == [
        ("00012345", date(2023, 6, 9), "upheld", date(2023, 7, 9)),
        ("00012347", None, None, None),
    ]
    warned = result.problems.filter(pl.col("code") == "joined_to_nothing")["message"].to_list()
    assert [message.removeprefix("Sheet Received: ").split(":")[0] for message in warned] == [
        "1 rows of the sheet Decided belong to no record by Reference, and nothing of them is read",
        "1 rows of the sheet Compliance belong to no record by Reference, and nothing of them is read",
    ]
    [file] = result.files
    assert file.received == 4 == file.conformed + file.quarantined
    assert result.problems.filter(pl.col("row") == 3)["column"].to_list() == ["Decided / Decided"]


def test_a_record_that_is_left_out_is_not_set_aside_for_what_is_joined(tmp_path):
    text = OMBUDSMAN.replace(
        "    join:", "    leave_out: {column: Decided / Decision, equals: Closed}\n    join:"
    )
    _, result = ombudsman(
        tmp_path,
        [["1", "03/04/2023"], ["2", "03/04/2023"]],
        [["Closed", "1", "nonsense"], ["Upheld", "2", "03/05/2023"]],
        [["1", "x"], ["1", "y"], ["2", "09/07/2023"]],
        text,
    )
    [file] = result.files
    assert (file.received, file.conformed, file.left_out, file.quarantined) == (2, 1, 1, 0)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("sheet: Decided", "sheet: Dcided"), "missing_sheet"),
        (("there: Case ID", "there: Case"), "missing_required_column"),
    ],
)
def test_a_join_to_what_is_not_there_rejects_the_file(tmp_path, change, code):
    rows = [["1", "03/04/2023"]], [["Upheld", "1", "09/06/2023"]], [["1", "09/07/2023"]]
    _, result = ombudsman(tmp_path, *rows, OMBUDSMAN.replace(*change))
    assert [code for _, code in codes(result)] == [code]


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("join: {sheet: A}", "a join has the form"),
        ("join: A", "a join has the form"),
        ("join: {sheet: A, by: {here: x}}", "a join has the form"),
        ("join: {sheet: A, by: x, on: y}", "`on` is not known here"),
        ("join: [{sheet: A, by: x}, {sheet: a, by: y}]", "a sheet or a source is joined once"),
        ("join: {sheet: A, by: x, header_row: 0}", "header_row is a number"),
        ("header_row: [2, 1]", "a list of rows from the top"),
        ("header_row: []", "a list of rows from the top"),
        ("header_row: [1, 1]", "a list of rows from the top"),
        ("quote: single", "quote is none"),
        ("space_after_delimiter: maybe", "is true or false"),
        ("delimiter: ''", "one to eight characters"),
        ("delimiter: '\"'", "one to eight characters"),
    ],
)
def test_a_shape_that_cannot_be_is_refused(part, said):
    assert said in told(f"    {part}")


def test_money_is_for_numbers():
    assert "for a column of numbers" in told(channel=", money: one")
