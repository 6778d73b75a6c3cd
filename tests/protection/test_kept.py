"""What was decided of a council is kept by its question, and the question holds all that the decision depends on."""

from __future__ import annotations

import ast
import shutil
from dataclasses import fields, replace
from pathlib import Path
from random import Random

import pytest

import redress
from redress.authority.protection import Protection
from redress.protect import kept
from redress.protect.council import Given, decide_given
from redress.protect.decide import LEFT_OUT, SECONDARY, SHOWN
from redress.protect.merge import Service
from tests.protection.test_merged_rows import one_way, random_report

FIGURES = one_way("channel", [40, 12, 9, 3, 2, 2, 1, 1])


def given(figures: list[dict], services: dict[str, Service] | None = None, **more) -> Given:
    """What is asked of a council of which nothing is signed off."""
    nothing = {"earlier": [], "groupings": [], "printed": {}, "pounds": {}, "settled": {}, "internal": None}
    return Given(
        **{"authority": "north", "public": Protection(), "figures": figures, "services": services or {}}
        | nothing
        | more
    )


ASKED = given(FIGURES)
CHANGED = {
    "authority": "south",
    "public": Protection(threshold=0),
    "internal": Protection(threshold=2),
    "figures": [FIGURES[0] | {"value": FIGURES[0]["value"] + 1}, *FIGURES[1:]],
    "earlier": [FIGURES[1] | {"figure_id": "before@1", "record": 1}],
    "services": {"team": Service(None, "team", "Team")},
    "groupings": [{"attribute": "channel", "value": "e", "grouping": "way", "group_value": "written"}],
    "printed": {FIGURES[4]["figure_id"]: "3"},
    "pounds": {FIGURES[0]["figure_id"]: (3, 20.0)},
    "settled": {FIGURES[5]["figure_id"]: SECONDARY},
    "revised": [FIGURES[1]["figure_id"]],
}


def test_the_question_changes_with_everything_that_is_given() -> None:
    assert CHANGED.keys() == {field.name for field in fields(Given)}
    questions = {name: kept.question_of(replace(ASKED, **{name: value})) for name, value in CHANGED.items()}
    assert len({kept.question_of(ASKED), *questions.values()}) == len(CHANGED) + 1
    assert kept.question_of(given(one_way("channel", [40, 12, 9, 3, 2, 2, 1, 1]))) == kept.question_of(ASKED)


@pytest.mark.parametrize("name", list(Protection.model_fields))
def test_the_question_changes_with_every_setting(name: str) -> None:
    was = getattr(ASKED.public, name)
    changed = ASKED.public.model_copy(update={name: was[1:] if isinstance(was, tuple) else (was or 7) + 1})
    for audience in ("public", "internal"):
        asked = replace(ASKED, **{audience: changed})
        assert kept.question_of(asked) != kept.question_of(replace(ASKED, **{audience: Protection()})), (
            audience
        )


def test_the_question_changes_with_every_number_and_word_of_a_figure() -> None:
    questions = {kept.question_of(ASKED)}
    for column, value in FIGURES[3].items():
        other = 77.0 if value is None else value + 1 if isinstance(value, (int, float)) else f"{value} "
        rows = [*FIGURES[:3], FIGURES[3] | {column: other}, *FIGURES[4:]]
        questions.add(kept.question_of(given(rows)))
    assert len(questions) == len(FIGURES[3]) + 1


def test_the_question_changes_with_every_file_of_the_code(tmp_path: Path) -> None:
    package = Path(redress.__file__).parent
    for room in kept.ROOMS:
        shutil.copytree(package / room, tmp_path / room)
    before = kept.code_digest(tmp_path)
    assert before == kept.code_digest(package)
    for path in sorted(tmp_path.rglob("*.py")):
        text = path.read_bytes()
        path.write_bytes(text + b"\n")
        assert kept.code_digest(tmp_path) != before, path
        path.write_bytes(text)


def test_a_decision_uses_no_code_that_the_question_does_not_name() -> None:
    """Follow what is imported anywhere in a file, from the function that decides on."""
    package = Path(redress.__file__).parent
    modules, waiting = set(), {"redress.protect.council"}
    while waiting:
        modules.add(name := waiting.pop())
        file = package.joinpath(*name.split(".")[1:])
        file = file / "__init__.py" if file.is_dir() else file.with_suffix(".py")
        imported = {
            f"{node.module}.{alias.name}"
            if package.parent.joinpath(*node.module.split(".")).is_dir()
            else node.module
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom) and node.module and not node.level
            for alias in node.names
        }
        waiting |= {module for module in imported if module.startswith("redress.")} - modules
    assert {"redress.protect.suppress", "redress.contract.figure_catalogue"} <= modules
    assert {module.split(".")[1] for module in modules} <= set(kept.ROOMS)


def test_what_is_kept_is_what_is_decided_anew(tmp_path: Path) -> None:
    merged = 0
    for seed in range(6):
        figures, services = random_report(Random(seed))
        asked = given(figures, services, internal=Protection(threshold=2))
        council = decide_given(asked)
        kept.write(tmp_path, kept.question_of(asked), council)
        again = kept.read(tmp_path, kept.question_of(asked))
        assert again == council == decide_given(asked)
        assert [*again.public["2023-24"].status.items()] == [*council.public["2023-24"].status.items()]
        merged += len(council.remainders.rows)
    assert merged, "of merged rows too"


def test_every_kind_of_change_is_decided_as_if_nothing_were_kept(tmp_path: Path) -> None:
    kept.write(tmp_path, kept.question_of(ASKED), decide_given(ASKED))
    decided = {name: decide_given(replace(ASKED, **{name: value})) for name, value in CHANGED.items()}
    for name, value in CHANGED.items():
        assert kept.read(tmp_path, kept.question_of(replace(ASKED, **{name: value}))) is None, name
    before = decide_given(ASKED)
    assert {name for name, council in decided.items() if council != before} >= {
        "public",
        "internal",
        "figures",
    }
    assert {SHOWN, LEFT_OUT} <= set(before.public["2023-24"].status.values())


def test_an_answer_to_another_question_is_none_under_whatever_name_it_lies(tmp_path: Path) -> None:
    for question in ("asked", "other"):
        kept.write(tmp_path / question, question, decide_given(ASKED))
    [asked], [other] = ((tmp_path / question).iterdir() for question in ("asked", "other"))
    assert kept.read(tmp_path / "asked", "asked") == decide_given(ASKED)
    other.replace(asked)
    assert kept.read(tmp_path / "asked", "asked") is None


@pytest.mark.parametrize("damage", ["cut", "changed", "foreign", "empty"])
def test_what_is_damaged_or_of_another_question_is_as_good_as_none(tmp_path: Path, damage: str) -> None:
    question = kept.question_of(ASKED)
    kept.write(tmp_path, question, decide_given(ASKED))
    [file] = tmp_path.iterdir()
    text = file.read_text(encoding="utf-8")
    assert '\\"secondary\\": 0' in text or "left_out" in text
    damaged = {
        "cut": text[: len(text) // 2],
        "changed": text.replace("left_out", "shown", 1),
        "foreign": '{"answer": {}, "seal": 1}',
        "empty": "",
    }[damage]
    assert damaged != text
    file.write_text(damaged, encoding="utf-8")
    assert kept.read(tmp_path, question) is None
    kept.write(tmp_path, question, decide_given(ASKED))
    assert kept.read(tmp_path, question) == decide_given(ASKED)


def test_answers_to_old_questions_are_removed(tmp_path: Path) -> None:
    council = decide_given(ASKED)
    for number in range(9):
        kept.write(tmp_path, f"question {number}", council)
    assert len([*tmp_path.iterdir()]) < 9
    assert kept.read(tmp_path, "question 8") == council
