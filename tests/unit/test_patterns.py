"""Patterns and wildcards that councils write: none runs for long, and one that cannot be used is refused where it stands."""

from __future__ import annotations

import fnmatch
import re
import signal

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from intake_world import PROFILE, World, complaint, complaints

from redress import cli
from redress.authority.model import AuthorityError
from redress.base.patterns import fault_of, first_group, fits_wildcard
from redress.contract.mapping import Source

MAPPING = """\
version: 1
sources:
  - id: complaints
    files: {files}
    scope: {scope}
    {more}
    tables:
      - table: complaint
        columns: {{complaint_id: complaint_id, received_date: received_date, procedure: procedure}}
"""


@pytest.fixture(autouse=True)
def in_time():
    """End a test that takes longer than anybody would wait."""

    def end(*_):
        raise TimeoutError("it runs for ever")

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, 20)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def world(
    tmp_path, scope: str = "null", files: str = "['*.csv']", more: str = "", profile: str = ""
) -> World:
    """A council with these expressions in its folder."""
    return World(tmp_path).configure(
        MAPPING.format(files=files, scope=scope, more=more),
        PROFILE.format(slug="smallham", synthetic="true") + profile,
    )


def faults(council: World) -> list[str]:
    """What loading the folder refuses."""
    try:
        council.authority()
    except AuthorityError as error:
        return error.problems
    return []


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+$", "(a|a)*$", "(a*)*b", "((a+)+)+$", "(.*)*x", r"^(([a-z])+.)+[A-Z]([a-z])+$", r"(\w+\s?)*$!"],
)
def test_a_pattern_that_tries_every_way_ends_at_once(pattern):
    source = Source("cases", ("*",), (), scope=pattern)
    assert isinstance(source.scope_of("a" * 250 + "!.csv"), str)


def test_a_file_with_a_hostile_scope_is_taken_in(tmp_path):
    council = world(tmp_path, scope="'(a+)+$'")
    council.drop(f"{'a' * 200}!.csv", complaints(complaint(1)))
    assert [file.status for file in council.load().files] == ["loaded"]


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        ("(?=2023)(.*)", "looking ahead or back"),
        (r"(a)\1", "referring back"),
        ("([0-9", "missing ]"),
        ("((a{900}){900}){900}", "repetition"),
        ("(" + "x" * 2000 + ")", "too long"),
        ("no group", "needs a group"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_where_it_stands(tmp_path, scope, said):
    [fault] = faults(world(tmp_path, scope=f"'{scope}'"))
    assert re.match(r"smallham/mapping.yml: line \d+: source complaints: ", fault) and "scope" in fault
    assert said in fault
    assert scope[:20] in fault or said == "needs a group"


def test_checking_a_folder_refuses_an_expression_with_code_two(tmp_path, monkeypatch):
    council = world(tmp_path, scope="'(?<=_)(.*)'")
    monkeypatch.setattr("redress.cli.Settings.from_environment", lambda: council.settings)
    result = CliRunner().invoke(cli.main, ["check", "smallham"])
    assert result.exit_code == 2
    said = r"smallham/mapping.yml: line \d+: source complaints: scope: `\(\?<=_\)\(\.\*\)`"
    assert re.search(said, result.output)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ({"files": f"['{'*a' * 600}b']"}, ": source complaints: files: "),
        ({"more": "date_format: '%d/%m/%Y %d'"}, "no date format"),
        ({"more": "encoding: rot13"}, "`rot13` is not a known encoding"),
        ({"more": "encoding: punycode"}, "`punycode` is not a known encoding"),
        ({"more": 'encoding: "a\\0b"'}, "is not a known encoding"),
        (
            {"profile": f"protection: {{sensitive_measures: ['{'*a' * 600}']}}\n"},
            "profile.yml: line 8: `protection",
        ),
        ({"profile": 'extracts: "a\\0b"\n'}, "profile.yml: line 8: extracts is the path of a folder"),
        ({"profile": 'theme: {logo: "a\\0b.svg"}\n'}, "profile.yml: line 8: theme logo a\\x00b.svg"),
        ({"profile": f"theme: {{logo: {'x' * 300}.svg}}\n"}, "profile.yml: line 8: theme logo xxx"),
    ],
)
def test_what_cannot_be_used_in_a_folder_is_a_fault_and_not_a_crash(tmp_path, text, said):
    [fault] = faults(world(tmp_path, **text))
    assert fault.startswith("smallham/") and said in fault
    assert len(fault) < 500


def test_a_wildcard_with_many_stars_ends_at_once():
    assert not fits_wildcard("a" * 1000, "*a" * 400 + "b")
    assert fits_wildcard("a" * 1000, "*a" * 400)


@given(
    st.text("ab[]!-*?.\\^ü", max_size=12),
    st.text("ab[]!-*?.\\^ü\n", max_size=8),
)
def test_a_wildcard_means_what_it_means_on_the_command_line(wildcard, name):
    if fault_of("wildcard", wildcard):
        return
    assert fits_wildcard(name, wildcard) == fnmatch.fnmatchcase(name.casefold(), wildcard.casefold())


def test_a_wildcard_knows_no_case_and_takes_only_whole_names():
    assert fits_wildcard("CASES Q1.CSV", "cases q[1-4].csv")
    assert not fits_wildcard("cases q5.csv", "cases q[1-4].csv")
    assert not fits_wildcard("cases q1.csv.txt", "cases q[!5-9].csv")
    assert first_group("(?P<year>[0-9]{4})", "Fälle 2023.csv") == "2023"
    assert first_group("(x)?y", "y") == ""
