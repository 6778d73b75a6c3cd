"""Breakdowns and lists of keys are read and written in one way."""

from hypothesis import given
from hypothesis import strategies as st

from redress.contract.breakdown import keys_of, list_of, listed_keys, pair_of, pairs_of, written

KEYS = st.text("abc_", min_size=1, max_size=3)
VALUES = st.text("ab =,é", max_size=4)


@given(st.dictionaries(KEYS, VALUES))
def test_what_is_written_is_read_again(parts):
    pairs = tuple(sorted(parts.items()))
    assert pairs_of(written(pairs)) == pairs
    assert keys_of(written(pairs)) == tuple(sorted(parts))
    assert listed_keys(list_of(keys_of(written(pairs)))) == tuple(sorted(parts))


def test_the_whole_has_no_keys_and_a_value_may_hold_an_equals_sign():
    assert pairs_of("") == keys_of("") == listed_keys("") == listed_keys(None) == ()
    assert pairs_of("b=2;a=1") == (("a", "1"), ("b", "2"))
    assert pair_of("a=1=2") == ("a", "1=2")
