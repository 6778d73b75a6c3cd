"""Relations of the register of contradictions: what they may hold, and that nothing a council writes holds up a run."""

from __future__ import annotations

import contextlib
import csv
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake_world import World

from redress.authority.model import AuthorityError
from redress.authority.relation import RelationProblem, evaluate_relation, relation_problem
from redress.base.settings import ROOT, Settings
from redress.reconcile.printed import judge, relation_holds, working_days_of

PRINTED = {"r1": 2.0, "r2": 6.0}


@pytest.mark.parametrize(
    ("relation", "holds"),
    [
        ("r1 * 3 == r2", True),
        ("round_to(100 * r1 / r2, 1) == 33.3", True),
        ("1 < r1 < r2", True),
        ("not r1 == 2", False),
        ("(r1 > 1) + (r2 > 1) == 2", True),
        ("r1 == 3 or abs(-r1) == min(r1, r2) and max(r1, r2) == sum(r1, r1, r1) - 0", True),
        ("+".join(["r1"] * 100) + " == 200", True),
    ],
)
def test_arithmetic_is_evaluated(relation, holds):
    assert evaluate_relation(relation, PRINTED) is holds


@pytest.mark.parametrize(
    ("relation", "told"),
    [
        ("9**9**9", "Pow"),
        ("1e308 * 10 > r1", "too large"),
        ("1e999 > r1", "too large"),
        ("9" * 1999, "1,999 characters"),
        ("9" * 999, "too large"),
        ("+".join(["r1"] * 333), "parts"),
        ("r1 > 10000000000000000", "too large"),
        ("(" * 10_000 + "1" + ")" * 10_000, "20,001 characters"),
        ("-" * 180 + "1", "deep"),
        ("not " * 180 + "r1", "deep"),
        ('"%1000000000d" % 1', "no number"),
        ('"a" * 10 ** 9', "no"),
        ("1 << 10 ** 9", "LShift"),
        ("[n for n in range(10 ** 9)]", "ListComp"),
        ("r1.__class__.__mro__", "Attribute"),
        ("(lambda: 1)()", "calls"),
        ("f'{r1:1000000000}'", "JoinedStr"),
        ("True", "no number"),
        ("r9999 == 1", "no printed number `r9999`"),
        ("r1 / (r1 - 2)", "divides by zero"),
        ("round_to(r1, 99999)", "decimals"),
        ("max()", "at least 1"),
        ("", "no relation"),
        ("r1 ==", "no relation"),
        ("r1 == \0", "no relation"),
    ],
)
def test_what_is_no_arithmetic_is_refused_at_once_and_in_words(relation, told):
    began = time.process_time()
    with pytest.raises(RelationProblem, match=told):
        evaluate_relation(relation, PRINTED)
    assert time.process_time() - began < 1


def test_a_relation_is_looked_at_when_the_folder_is_read(tmp_path):
    world = World(tmp_path).configure()
    published = world.folder / "published"
    published.mkdir(parents=True)
    (published / "2023-24.csv").write_text(
        "ref,measure,breakdown,period,value,unit\ns-1,total,,2023/24,5,cases\n"
    )
    (published / "2023-24-contradictions.csv").write_text(
        "ref,conflicts_with,relation,reason\ns-1,s-1,r1 == 5,Because\ns-1,s-2,r1 == r2 ** 9,Because\n"
    )
    with pytest.raises(AuthorityError) as error:
        world.authority()
    [problem] = error.value.problems
    assert "published/2023-24-contradictions.csv: line 3: the relation `r1 == r2 ** 9`" in problem
    assert "Pow" in problem or "r2" in problem


def test_what_fails_on_the_numbers_names_file_row_and_relation():
    row = dict.fromkeys(("locator", "measure", "note", "scale"), None) | {
        "ref": "s-1",
        "authority": "smallham",
        "reporting_year": "2023-24",
        "figure_id": "f",
        "published_value": "5",
        "computed_value": 4.0,
        "figure_measure": "m",
        "figure_breakdown": "",
        "figure_period": "2023-24",
        "status": "computed",
    }
    register = {"relation": "r1 / 0 == 1", "conflicts_with": "s-2", "reason": "Because"}
    reason = judge(row, {"r1": 5.0}, register)["reason"]
    for part in ("published/2023-24-contradictions.csv", "s-1", "r1 / 0 == 1", "divides by zero"):
        assert part in reason


def test_working_days_of_a_slip_in_the_year_are_refused():
    count = working_days_of(Settings().reference)
    assert count(20240401, 20240405) == 4
    for start, end in ((10101, 99991231), (1, 2), (float("nan"), 20240405)):
        with pytest.raises((ValueError, RelationProblem)):
            evaluate_relation("working_days(a, b) == 1", {"a": start, "b": end}, {"working_days": count})


def test_names_are_looked_up_before_any_number_is():
    assert relation_problem("r1 == r2", ["r1", "r2"]) is None
    assert "r3" in relation_problem("r1 == r3", ["r1", "r2"])


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
        "7 // 2 == r1",
        "7 % 2 == r1",
        "round_to(r1, 999999999999) == r1",
        "r1 == 10000000000000000",
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
    functions = {"working_days": working_days_of(Settings().reference)}
    with pytest.raises(RelationProblem) as told:
        relation_holds(relation, {"r1": 1.0}, functions)
    assert len(str(told.value)) < 700


def test_relations_are_arithmetic_on_doubles():
    assert evaluate_relation("0 < r1 <= 1 < 2 and not (r1 != 1 or -r1 > 0)", {"r1": 1.0})
    assert not evaluate_relation("r1 > 1", {"r1": 1.0})
    assert relation_holds("round_to(r1, 12) == r1 and round_to(r1, -12) == 0", {"r1": 1.0})
    assert relation_holds("round_to(r1 * 999999999999999 * 999999999999999, 1) > r1", {"r1": 1.0})


@given(st.text(string.ascii_letters[:6] + string.digits + " ()[]{}.,'\"\\+-*/%<>=!~&|:@\n", max_size=60))
def test_no_text_as_a_relation_is_anything_but_true_false_or_refused(text):
    numbers = {"a": 1.0, "b": 0.0}
    if relation_problem(text, numbers) is None:
        with contextlib.suppress(RelationProblem):
            assert evaluate_relation(text, numbers) in (True, False)


def test_every_relation_in_use_can_be_used():
    found = [
        (path.parent.parent.name, row["relation"])
        for path in sorted((ROOT / "seeds" / "authorities").glob("*/published/*contradictions.csv"))
        for row in csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())
    ]
    refs = [f"r{number:04}" for number in range(10_000)]
    assert found and not [(name, fault) for name, text in found if (fault := relation_problem(text, refs))]
