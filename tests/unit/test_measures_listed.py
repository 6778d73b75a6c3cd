"""`redress ask --measures`: every measure of the catalogue, with the keys that it can be asked by."""

from __future__ import annotations

from click.testing import CliRunner

from redress.cli import main
from redress.contract.figure_catalogue import by_measure
from redress.warehouse import semantic


def test_every_measure_is_listed_with_each_key_that_it_holds():
    lines = semantic.listed_measures()
    names = [line.partition(":")[0] for line in lines if not line.startswith(" ")]
    assert names == [name for name in by_measure() if not name.startswith("*")]
    for name, measure in semantic.measures().items():
        keys = lines[lines.index(next(line for line in lines if line.startswith(f"{name}: "))) + 1]
        listed = keys.strip().removeprefix("by ").split(", ")
        assert [key for key in listed if "own groupings" not in key and not measure.holds(key)] == []
        assert set(measure.keys) <= set(listed)


def test_the_command_lists_those_that_have_a_word_and_refuses_a_word_that_none_has():
    told = CliRunner().invoke(main, ["ask", "--measures", "remedies"])
    assert told.exit_code == 0
    assert "remedies" in told.output.casefold() and "compliments:" not in told.output
    assert CliRunner().invoke(main, ["ask", "--measures", "zzz"]).exit_code == 2
    assert CliRunner().invoke(main, ["ask"]).exit_code == 2
