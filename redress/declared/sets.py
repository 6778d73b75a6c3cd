"""Which sets of figures the warehouse can compute, from `seeds/reference/figure_sets.json`."""

from __future__ import annotations

import json
from functools import cache

from redress.contract import figure_catalogue
from redress.declared.language import base_of, is_percent
from redress.declared.model import FigureSet

FILE = figure_catalogue.CATALOGUE.with_name("figure_sets.json")
GROUPING = "grouping"
"""Stands for a grouping that a council makes itself (`groupings.csv`)."""


@cache
def computed_sets() -> dict[str, dict[tuple[str, ...], tuple[str, ...]]]:
    """Return, by measure, the keys of each set with the kinds of period that there are of it."""
    loaded = json.loads(FILE.read_text(encoding="utf-8"))
    return {
        measure: {tuple(keys.split()): tuple(kinds.split()) for keys, kinds in sets.items()}
        for measure, sets in loaded.items()
    }


@cache
def standard_keys() -> frozenset[str]:
    """Return every key that any measure has, without the groupings of councils."""
    return frozenset(
        key for sets in computed_sets().values() for keys in sets for key in keys if key != GROUPING
    )


def kinds_of(measure: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return the kinds of period for which there are figures of a measure by these keys; none where they are not computed."""
    general = tuple(sorted(key if key in standard_keys() else GROUPING for key in keys))
    base = base_of(measure)
    kinds = computed_sets().get(base, {}).get(general, ())
    if base == measure:
        return kinds
    if measure.endswith("_change_points") != is_percent(base):
        return ()
    return tuple(kind for kind in kinds if kind == "year")


def is_computed(figures: FigureSet) -> bool:
    """Return whether the warehouse computes such a set for some council."""
    return figures.kind in kinds_of(figures.measure, figures.keys)


def keys_of(measure: str) -> set[str]:
    """Return every key that a measure can have; `grouping` where a council's own groupings can be."""
    return {key for keys in computed_sets().get(base_of(measure), {}) for key in keys}
