"""The licence of a report's data: the council's own, or the usual one with its proviso."""

from __future__ import annotations

from pathlib import Path

import pytest
from intake_world import World

from redress.authority.licence import Licence, exported

OWN = {"title": "Creative Commons Attribution 4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}


def test_a_council_that_names_a_licence_is_taken_at_its_word() -> None:
    assert exported(Licence(**OWN)) == {"licence_title": OWN["title"], "licence_path": OWN["path"]}


def test_a_council_that_names_none_has_not_promised_one() -> None:
    assert exported(None)["licence_title"].endswith("unless the council says otherwise")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("OGL", "licence has the form"),
        ({"title": "Mine"}, "path is missing"),
        ({"title": " ", "path": OWN["path"]}, "title is missing"),
        (OWN | {"path": "javascript:alert(1)"}, "begins with https://"),
        (OWN | {"path": "http://example.org/"}, "begins with https://"),
        (OWN | {"url": "x"}, "licence has no `url`"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, given: object, said: str) -> None:
    world = World(tmp_path).configure()
    assert world.faults_of(licence=OWN) == world.faults_of(licence=None) == []
    [fault] = world.faults_of(licence=given)
    assert fault.startswith("smallham/profile.yml: line ") and said in fault
