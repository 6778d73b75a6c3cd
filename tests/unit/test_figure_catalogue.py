"""The figure catalogue: what is a fact about a measure is stated there, once, and can be read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from expectations.suites import FAMILIES
from redress.base.settings import ROOT
from redress.contract import figure_catalogue as catalogue

MEASURES = {row["measure"] for row in catalogue.rows()}
# Measures that one question names together are no fact about each: brought forward + entered - closed = carried forward.
MOST_NAMED_TOGETHER = 5


def test_every_measure_that_a_column_names_is_in_the_catalogue():
    named = {larger for _, larger in catalogue.subsets()}
    named |= {base.measure for _, base in catalogue.share_bases()}
    named |= set(catalogue.pounds_of().values())
    assert named and named <= MEASURES


def test_every_subject_is_a_table_of_the_contract():
    files = {path.stem for path in (ROOT / "dbt_project" / "models" / "staging").glob("stg_*.sql")}
    assert {f"stg_{subject}" for subject in catalogue.subjects().values()} <= files
    assert {measure for measure in MEASURES if not measure.startswith("*")} == set(catalogue.subjects())


def test_no_measure_both_adds_up_over_time_and_does_not():
    assert {row["over_time"] for row in catalogue.rows()} == {"", "adds", "stands"}
    assert {row["parts_within"] for row in catalogue.rows()} == {"", "yes"}
    assert "new_complaints" in catalogue.over_time("adds")
    assert "carried_forward" in catalogue.over_time("stands")


def test_what_a_share_is_of_is_an_identity_unless_the_key_taken_out_is_not_named():
    identities = {
        terms[0].measure.partition("#")[0]
        for terms in catalogue.identities()
        if terms[0].measure.endswith("#denominator")
    }
    for share, base in catalogue.share_bases():
        assert (share in identities) == (not base.is_without_key or bool(base.key)), share
    said_twice = [
        row["measure"] for row in catalogue.rows() if row["share_of"] and "#denominator" in row["identities"]
    ]
    assert said_twice == []


def _lists_in_python(path: Path) -> Iterator[tuple[int, set[str]]]:
    """(line, measures) of every list, tuple, set and dict of a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict):
            words = {
                part.value
                for part in ast.walk(node)
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            }
            yield node.lineno, words & MEASURES


@pytest.mark.parametrize("room", ["expectations", "redress/protect", "redress/reconcile", "redress/audit"])
def test_no_module_keeps_a_list_of_measures_of_its_own(room):
    lists = [
        (str(path.relative_to(ROOT)), line, sorted(measures))
        for path in sorted((ROOT / room).rglob("*.py"))
        for line, measures in _lists_in_python(path)
        if len(measures) > MOST_NAMED_TOGETHER
    ]
    assert lists == []


def test_a_list_of_measures_would_be_found(tmp_path):
    (tmp_path / "module.py").write_text(f"ADDITIVE = {sorted(MEASURES)[5:15]!r}\n", encoding="utf-8")
    [(line, measures)] = _lists_in_python(tmp_path / "module.py")
    assert line == 1 and len(measures) == 10


def test_the_queries_name_in_a_list_only_what_the_catalogue_gives_them():
    """A list in SQL of more measures than belong to one question is one of the catalogue's."""
    given = [
        set(catalogue.over_time("adds")),
        set(catalogue.parts_within()),
        {word for pair in catalogue.partitions() for word in pair},
        {word for pair in catalogue.subsets() for word in pair},
        {share for share, _ in catalogue.share_bases()}
        | {base.measure for _, base in catalogue.share_bases()},
    ]
    lists = [
        set(re.findall(r"'(\w+)'", match[0])) & MEASURES
        for family in FAMILIES
        for query in family.queries
        for match in re.finditer(r"\bin \([^)]*\)|\(values [^\n]*", query.sql)
    ]
    own = [
        measures
        for measures in lists
        if len(measures) > MOST_NAMED_TOGETHER and not any(measures <= words for words in given)
    ]
    assert max(map(len, lists)) > MOST_NAMED_TOGETHER and own == []
