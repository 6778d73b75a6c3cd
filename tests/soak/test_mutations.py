"""A sample of random damage to a council's files: each is told in words, and nothing is lost."""

from __future__ import annotations

from tests.soak.mutations import run_mutations


def test_random_damage_is_told_in_words_and_loses_nothing(tmp_path):
    outcomes = run_mutations(110, 20_260_401, tmp_path)
    assert [outcome for outcome in outcomes if outcome.verdict != "ok"] == []
    assert {outcome.kind for outcome in outcomes} == {"bytes", "rows", "cells", "sheets", "yaml"}
    assert {outcome.exit_code for outcome in outcomes} == {0, 2, 3}
