"""Expressions that councils write: none runs for long, and one that cannot be used is refused where it stands."""

from __future__ import annotations

import csv
import fnmatch
import signal
import string

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from intake_world import PROFILE, World, complaint, complaints

from orchestration import cli
from orchestration.authority import AuthorityError
from orchestration.expressions import ExpressionError, fault_of, first_group, fits_wildcard, holds
from orchestration.intake.mapping import Source
from orchestration.reconcile.published import relation_holds, working_days_of
from orchestration.settings import ROOT

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
    assert fault.startswith("smallham/mapping.yml, source complaints: ") and "scope" in fault
    assert said in fault
    assert scope[:20] in fault or said == "needs a group"


def test_checking_a_folder_refuses_an_expression_with_code_two(tmp_path, monkeypatch):
    council = world(tmp_path, scope="'(?<=_)(.*)'")
    monkeypatch.setattr("orchestration.cli.Settings.from_environment", lambda: council.settings)
    result = CliRunner().invoke(cli.main, ["check", "smallham"])
    assert result.exit_code == 2
    assert "smallham/mapping.yml, source complaints: scope: `(?<=_)(.*)`" in result.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ({"files": f"['{'*a' * 600}b']"}, "mapping.yml, source complaints: files: "),
        ({"more": "date_format: '%d/%m/%Y %d'"}, "no date format"),
        ({"more": "encoding: rot13"}, "`rot13` is not a known encoding"),
        ({"more": "encoding: punycode"}, "`punycode` is not a known encoding"),
        ({"more": 'encoding: "a\\0b"'}, "is not a known encoding"),
        ({"profile": f"protection: {{sensitive_measures: ['{'*a' * 600}']}}\n"}, "profile.yml: `protection"),
        ({"profile": 'extracts: "a\\0b"\n'}, "profile.yml: extracts is the path of a folder"),
        ({"profile": 'theme: {logo: "a\\0b.svg"}\n'}, "profile.yml: theme logo a\\x00b.svg"),
        ({"profile": f"theme: {{logo: {'x' * 300}.svg}}\n"}, "profile.yml: theme logo xxx"),
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


@pytest.mark.parametrize(
    "relation",
    [
        "4000000**4000000 == r1",
        "9**9**9**9 == r1",
        "1e308 * 1e308 * 10**400 == r1",
        "2 << 10000 == r1",
        "'a' * 99999 == r1",
        "'%0999999999d' % 1 == r1",
        "[r1 for r1 in 'aaaa']",
        "r1.real == 1",
        "r1.__class__ == 1",
        "3(4)",
        "round_to(r1, places=2)",
        "(-8)**0.5 > r1",
        "1 / 0 == r1",
        "r9 == 1",
        "lambda: 1",
        "r1 if r1 else r1",
        "(" * 400 + "r1" + ")" * 400,
        "-" * 900 + "r1",
        "+".join(["r1"] * 333),
        "working_days(10101, 99991231) > r1",
        "working_days(20200101, 20201399) > r1",
        "r1 == 'x'",
        "True == r1",
        "1" * 500 + " == r1",
        "\0",
        "r1 ==",
        "",
        " ",
        "\ud800 == r1",
    ],
)
def test_a_relation_that_cannot_be_evaluated_says_so_and_ends_at_once(relation):
    functions = {"working_days": working_days_of(ROOT / "seeds" / "reference")}
    with pytest.raises(ExpressionError) as told:
        relation_holds(relation, {"r1": 1.0}, functions)
    assert len(str(told.value)) < 700


def test_relations_are_arithmetic_on_floating_point_numbers():
    assert holds("2 ** 3 + 7 // 2 - 7 % 4 == 8 and not (r1 != 1 or -r1 > 0)", {"r1": 1.0}, {})
    assert holds("0 < r1 <= 1 < 2", {"r1": 1.0}, {})
    assert not holds("r1 > 1", {"r1": 1.0}, {})
    assert relation_holds("round_to(r1, 10**12) == r1 and round_to(r1, -10**12) == 0", {"r1": 1.0})
    assert relation_holds("round_to(10**308 * 10, 1) > r1", {"r1": 1.0})


@given(st.text(string.ascii_letters[:6] + string.digits + " ()[]{}.,'\"\\+-*/%<>=!~&|:@\n", max_size=60))
def test_no_text_as_a_relation_is_anything_but_true_false_or_refused(text):
    if not fault_of("relation", text):
        try:
            assert holds(text, {"a": 1.0, "b": 0.0}, {"c": float}) in (True, False)
        except ExpressionError:
            pass


def test_a_relation_that_cannot_be_used_is_refused_when_the_folder_is_loaded(tmp_path):
    council = world(tmp_path)
    place = council.folder / "published"
    place.mkdir()
    (place / "2023-24.csv").write_text(
        "ref,measure,breakdown,period,value,unit\ns-0001,new,,2023-24,3,complaints\n"
    )
    register = place / "2023-24-contradictions.csv"
    register.write_text(
        "ref,conflicts_with,relation,reason\ns-0001,s-0001,r0001 == r0001,a\ns-0001,s-0001,'a'*9**9 == r0001,b\n"
    )
    [fault] = faults(council)
    assert fault.startswith(
        "smallham/published/2023-24-contradictions.csv: line 3: relation ''a'*9**9 == r0001'"
    )


def test_every_relation_in_use_can_be_used():
    found = [
        (path.parent.parent.name, row["relation"])
        for path in sorted((ROOT / "seeds" / "authorities").glob("*/published/*contradictions.csv"))
        for row in csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())
    ]
    assert found and not [(name, fault) for name, text in found if (fault := fault_of("relation", text))]
