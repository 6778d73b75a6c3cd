"""The attacker finds what the protector lacks: relations of the figure catalogue, each hidden from the protector in turn.

A sample runs here, and `make attack` runs all of them.
"""

from __future__ import annotations

import inspect
from random import Random

import pytest

from redress.contract import figure_catalogue as catalogue
from tests.protection import attacker, blind, reader
from tests.protection.blind import Hidden, every, placed


def sample() -> list[Hidden]:
    """Return two identities and one relation of each other kind."""
    told = [hidden for hidden in every() if hidden.can_tell]
    by_kind = {
        kind: [one for one in told if one.kind == kind] for kind in dict.fromkeys(one.kind for one in told)
    }
    return [
        hidden for kind, all_of in by_kind.items() for hidden in Random(7).sample(all_of, 2 if kind == "identity" else 1)
    ]  # fmt: skip


@pytest.mark.parametrize("hidden", sample(), ids=str)
def test_what_follows_from_a_relation_that_the_protector_lacks_is_placed(hidden: Hidden) -> None:
    assert placed(hidden) > 0
    assert placed(hidden, knows=True) == 0


def test_the_attacker_names_no_measure() -> None:
    source = inspect.getsource(attacker) + inspect.getsource(reader)
    named = [row["measure"] for row in catalogue.rows() if f'"{row["measure"]}"' in source]
    assert not named


def test_a_number_that_hangs_together_with_nothing_is_not_placed() -> None:
    """The same rows, one number of each relation drawn anew: what is found comes of the relation, not of luck."""
    hidden = next(one for one in every() if one.kind == "identity" and len(one.terms) == 3)
    assert placed(hidden) > 0
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            blind, "_drawn", lambda kind, signs, random: [random.choice(blind.COUNTS) for _ in signs]
        )
        assert placed(hidden) == 0
