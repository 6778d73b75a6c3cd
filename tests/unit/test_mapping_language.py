"""What a mapping can say of exports as they are: records left out, blanks in disguise, bad cells, dates, repeated blocks."""

from __future__ import annotations

import time
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake_world import World, codes

from redress.base.settings import ROOT
from redress.base.strict_yaml import parse_yaml
from redress.contract.contract import load_contract
from redress.contract.dates import DateForm, date_reader, fault_of_form
from redress.contract.mapping_reader import read_mapping

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
