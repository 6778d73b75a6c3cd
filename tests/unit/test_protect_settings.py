"""A profile's `protection`: defaults where absent, plain words where wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from intake_world import World

from redress.authority.protection import Protection, ProtectionSection, protection


def test_nothing_said_means_the_defaults() -> None:
    assert protection(None) == Protection()
    assert (Protection().threshold, Protection().width, Protection().base) == (5, 4, 6)


def test_internal_readers_have_their_own_settings_over_the_publics() -> None:
    section = ProtectionSection(threshold=7, small_base=10, internal=Protection(threshold=2))
    assert (protection(section).threshold, protection(section).base) == (7, 10)
    assert (protection(section, "internal").threshold, protection(section, "internal").base) == (2, 10)
    with pytest.raises(ValueError, match="audience"):
        protection(section, "press")


@pytest.mark.parametrize(
    ("section", "word"),
    [
        ("yes", "list of settings"),
        ({"treshold": 5}, "`protection: treshold` is not known"),
        ({"threshold": "five"}, "from 0 to 20"),
        ({"threshold": True}, "whole number"),
        ({"interval": 0}, "from 1 to 20"),
        ({"open_keys": "stage"}, "list of words"),
        ({"internal": {"threshold": 99}}, "`protection: internal`"),
        ({"internal": {"internal": {}}}, "internal"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, section: object, word: str) -> None:
    world = World(tmp_path).configure()
    assert (
        world.faults_of(protection=None) == world.faults_of(protection={"internal": {"threshold": 2}}) == []
    )
    [fault] = world.faults_of(protection=section)
    assert fault.startswith("smallham/profile.yml: line 8: ") and word in fault
