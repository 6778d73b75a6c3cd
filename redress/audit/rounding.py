"""How printed numbers are rounded, and how they are rounded wrongly."""

from __future__ import annotations

from math import floor, isinf

from redress.audit.relations import Relation


def half_up(value: float, places: int) -> str:
    """Return a number rounded half away from zero, as reports print."""
    scaled = floor(abs(value) * 10**places + 0.5 + 1e-9) / 10**places
    return f"{-scaled if value < 0 else scaled:.{places}f}"


def signed(value: float, places: int = 0) -> str:
    """Return a change, rounded, with its sign."""
    return f"{'+' if value > 0 else ''}{half_up(value, places)}"


def truncated(relation: Relation, exact: float | None = None) -> bool:
    """Return whether the printed number is the computed one cut off, or rounded to the nearest half."""
    cell = relation.cells[0]
    if not cell.numbers:
        return False
    value = cell.value
    if exact is None:
        where = relation.solve(0, [cell.ranges[0] for cell in relation.cells])
        if where is None:
            return False
        exact = (where[0] + where[1]) / 2
    if isinf(exact) or value.step < 1e-6 or exact * value.number < 0:
        return False
    cut = floor(abs(exact) / value.step + 1e-9) * value.step * (1 if exact >= 0 else -1)
    if abs(cut - value.number) < 1e-6:
        return True
    return (
        value.decimals == 1
        and abs(floor(abs(exact) * 2 + 0.5) / 2 - abs(value.number)) < 1e-6
        and abs(abs(exact) - abs(value.number)) < 0.26
        and abs(value.number * 2 - round(value.number * 2)) < 1e-6
    )
