"""The model of a profile: its schema, its sentences, and the lines that they name."""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest
from intake_world import PROFILE, World

from redress.authority import template
from redress.authority.given import Group
from redress.authority.profile import SCHEMA, Profile, has_protection, schema_text
from redress.authority.protection import ProtectionSection
from redress.base.settings import ROOT
from redress.base.strict_yaml import parse_yaml, read_yaml_lines
from redress.contract.contract import load_contract

CONTRACT = load_contract(ROOT / "seeds" / "reference")
PROFILES = sorted((ROOT / "seeds" / "authorities").glob("*/profile.yml"))
WHOLE = """\
authority: smallham
name: Smallham
short_name: Small
synthetic: true
case_data_from: 2023-04-01
reports:
  "2023-24": {as_at: 2024-05-31, title: The year, published_on: 2024-06-28, next_release: 2025}
settings: {outcome_share_withdrawn: including, outcome_share_direct: including, percent_places: 1, list_cases: "yes"}
vocabularies: {channel: [Post, {Email: [E-mail]}], theme: open, ethnicity: {A: B, C: [D, E]}, stage_outcome: [upheld]}
owners: {default: Somebody, stage: 7}
contact: {team: Complaints, telephone: 12345}
feedback: Write to us
extracts: ../drop
retention: {case_data_years: 7}
protection: {threshold: 3, open_keys: [stage], sensitive_measures: [a*], internal: {threshold: 2}}
theme: {colour: "#12436d"}
licence: {title: Open, path: "https://example.org/"}
not_held: [compliment, complaint.sex, responses]
"""


def as_json(text: str) -> dict:
    """What an editor sees of a profile: dates are texts."""
    return json.loads(json.dumps(parse_yaml(text), default=str))


def refusals(text: str) -> list[str]:
    """What the schema refuses."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    checker = jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    return [error.message for error in checker.iter_errors(as_json(text))]


def test_the_schema_that_is_shipped_is_that_of_the_model():
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(CONTRACT)


def test_the_schema_says_of_every_key_what_it_means():
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    groups = [schema, *(part for part in schema["$defs"].values() if "properties" in part)]
    undescribed = [
        name for group in groups for name, part in group["properties"].items() if not part.get("description")
    ]
    assert undescribed == [] and len(groups) == 8


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.parent.name)
def test_the_profiles_of_the_demonstration_follow_the_schema(path):
    assert refusals(path.read_text(encoding="utf-8")) == []


def test_a_profile_with_every_key_follows_the_schema_and_is_read(tmp_path):
    assert set(parse_yaml(WHOLE)) == set(Profile.model_fields)
    assert refusals(WHOLE) == []
    authority = World(tmp_path).configure(profile=WHOLE).authority()
    assert authority.profile.owners == {"default": "Somebody", "stage": "7"}
    assert authority.profile.contact == {"team": "Complaints", "telephone": "12345"}
    assert authority.reports["2023-24"].next_release == "2025"


def test_a_new_folder_names_the_schema_and_follows_it(tmp_path):
    folder = template.create("north-town", tmp_path)
    text = (folder / "profile.yml").read_text(encoding="utf-8")
    before, _, named = text.splitlines()[0].partition("$schema=")
    assert before == "# yaml-language-server: " and Path(os.path.realpath(folder / named)) == SCHEMA
    assert refusals(text) == []


@pytest.mark.parametrize(
    ("was", "wrong", "line", "said"),
    [
        ("short_name: Small", "colour: red", 3, "`colour` is not known; known are authority, case_data_from,"),
        ("short_name: Small", "short_name: [a]", 3, "short_name is a text"),
        ("synthetic: true", "synthetic: perhaps", 4, "synthetic is true or false"),
        ("case_data_from: 2023-04-01", "case_data_from: soon", 5, "case_data_from is missing or no date (YYYY-MM-DD)"),
        ('"2023-24": {as_at: 2024-05-31, ', '"2023-24": {', 7, "reports 2023-24: as_at is missing or no date"),
        ('"2023-24"', '"2023-25"', 7, "reports: `2023-25` is no reporting year such as 2023-24"),
        ("percent_places: 1", "percent_places: 3", 8, "setting percent_places is `3`; it may be 0, 1, 2"),
        ("list_cases:", "list_case:", 8, "there is no setting `list_case`; there are outcome_share_withdrawn,"),
        ("channel: [", "chanel: [", 9, "there is no vocabulary `chanel`; there are action_category,"),
        ("theme: open", "theme: shut", 9, "vocabulary theme is a list of words, or the word open"),
        ("stage: 7", "stages: x", 10, "owners: `stages` is no table of the contract"),
        ("telephone: 12345", "telephone: [1]", 11, "contact is a text, or has the form `team: ...`"),
        ("../drop", "[drop]", 13, "extracts is the path of a folder, as text"),
        ("years: 7", "years: 0", 14, "retention: case_data_years is `0`; it is a whole number of years, 1 to 100"),
        ("{threshold: 3", "{threshold: 21", 15, "`protection: threshold` is 21; it must be a whole number from 0 to 20"),
        ("{threshold: 2}", "{treshold: 2}", 15, "`protection: internal`: `protection: treshold` is not known;"),
        ('"#12436d"', '"12436d"', 16, 'theme colour is `12436d`; it is written "#12436d", in quotation marks'),
        ("title: Open", "title: ''", 17, "licence: title is missing"),
        ("[compliment,", "[complimant,", 18, "not_held: `complimant` is no table of the contract, no column such as"),
        ("not_held: [", "not_held: [[a], ", 18, "not_held is a list of tables, columns such as complaint.ethnicity,"),
    ],
)  # fmt: skip
def test_a_fault_is_told_once_with_its_line(tmp_path, was, wrong, line, said):
    assert was in WHOLE
    world = World(tmp_path).configure(profile=WHOLE.replace(was, wrong, 1))
    [fault] = world.faults_of()
    assert fault.startswith(f"smallham/profile.yml: line {line}: {said}")


def test_every_fault_is_told_where_it_stands_in_blocks_too(tmp_path):
    text = "name: Smallham\ncase_data_from: 2023-04-01\nvocabularies:\n  channel:\n    - Email\n    - [a]\n  thme: open\n"
    faults = World(tmp_path).configure(profile=text + "settings:\n\n  percent_places: 9\n").faults_of()
    assert [fault.split(": ", 2)[1] for fault in faults] == ["line 4", "line 7", "line 10"]


def test_every_key_has_a_sentence_for_what_cannot_be_used():
    """No fault is told in pydantic's words: each field of each group has its own, or is a group that has one."""
    groups = [Profile]
    for group in groups:
        for name, field in group.model_fields.items():
            nested = [
                kind for kind in kinds(field.annotation) if isinstance(kind, type) and issubclass(kind, Group)
            ]
            groups += nested
            judged = {name, f"{name}.*"} & group.said.keys() or name == "authority"
            assert judged or all(kind.form for kind in nested) and nested, (group.__name__, name)


def kinds(annotation: object) -> list[object]:
    """The types in an annotation."""
    inside = [part for inner in getattr(annotation, "__args__", ()) for part in kinds(inner)]
    return [annotation, *inside]


def test_lines_follow_keys_items_and_references(tmp_path):
    path = tmp_path / "a.yml"
    path.write_text("a: &a\n  b: 1\nc:\n  - x\n  - *a\nd:\n  <<: *a\n  e: 2\n")
    value, lines = read_yaml_lines(path)
    assert value["d"] == {"b": 1, "e": 2}
    assert {" ".join(place): line for place, line in lines.items()} == {
        "a": 1, "a b": 2, "c": 3, "c 0": 4, "c 1": 1, "c 1 b": 2, "d": 6, "d b": 2, "d e": 8,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("signed", "now", "same"),
    [
        ("", None, True),
        ("protection: {threshold: 3}\n", ProtectionSection(threshold=3), True),
        ("protection: {threshold: 3}\n", ProtectionSection(threshold=4), False),
        ("protection: {threshold: 3}\n", None, False),
        ("", ProtectionSection(threshold=4), False),
        ("protection: {setting_of_long_ago: 3}\n", None, False),
    ],
)
def test_whether_a_signed_profile_protects_as_today(tmp_path, signed, now, same):
    path = tmp_path / "profile.yml"
    path.write_text(PROFILE.format(slug="smallham", synthetic="true") + signed)
    assert has_protection(path, now) is same
