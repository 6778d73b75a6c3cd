"""Relations between cells: what they say, whether they can hold, and what one cell would have to be.

A relation holds when some assignment within the intervals of its cells satisfies it. Where places print different
values for one cell, any of them may be the right one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice, product
from math import ceil, floor, isinf

from redress.audit.structure import Cell
from redress.audit.values import INFINITE

EPSILON = 1e-7

# How sure it is that the relation must hold, from its structure alone.
CERTAIN, PLAUSIBLE, HINT = "certain", "plausible", "hint"

Range = tuple[float, float]


def number(value: float) -> str:
    """Return a number as it is read: no needless decimals."""
    if isinf(value):
        return "no limit"
    if abs(value - round(value)) < 1e-6:
        return f"{round(value):,}" if abs(value) >= 10000 else str(round(value))
    return f"{value:.2f}".rstrip("0").rstrip(".")


@dataclass
class Relation:
    """Something that must be true of some cells.

    Attributes:
        family: the kind of relation, as findings name it.
        strength: CERTAIN, PLAUSIBLE or HINT.
        pattern: relations of one pattern are evidence for each other: what tallies in four tables must in the fifth.
        cells: the cells it ties.
        about: words that findings put before the numbers.
    """

    family: str
    strength: str
    pattern: tuple
    cells: list[Cell]
    about: str = ""
    note: str = ""
    say: Callable[[Relation], tuple[str, str, str]] | None = None
    extra: dict = field(default_factory=dict)

    def test(self, ranges: list[Range]) -> bool:
        """Return whether an assignment within the ranges satisfies it."""
        raise NotImplementedError

    def solve(self, index: int, ranges: list[Range]) -> Range | None:
        """Return where cell `index` would have to lie, the others being in their ranges; None: anywhere."""
        raise NotImplementedError

    def choices(self):
        """Return the combinations of ranges to try: one, unless places print different values."""
        return islice(product(*(cell.ranges for cell in self.cells)), 256)

    def holds(self) -> bool:
        return any(self.test(list(ranges)) for ranges in self.choices())

    @property
    def known(self) -> bool:
        """True when every cell prints a number."""
        return all(cell.has_number or cell.blank_is_zero for cell in self.cells)

    @property
    def telling(self) -> bool:
        """True when holding is evidence and not a matter of zeros."""
        return self.known and sum(1 for cell in self.cells if cell.ranges[0][1] > 0) >= 3

    def cures(self, index: int, value: Range) -> bool:
        """Return whether the relation could hold with cell `index` in `value`."""
        for ranges in self.choices():
            ranges = list(ranges)
            ranges[index] = value
            if self.test(ranges):
                return True
        return False

    def needs(self, index: int) -> list[Range]:
        """Return every stretch in which cell `index` would satisfy the relation."""
        found = []
        for ranges in self.choices():
            ranges = list(ranges)
            where = self.solve(index, ranges)
            if where is not None and where not in found:
                found.append(where)
        return found

    def words(self) -> tuple[str, str, str]:
        """Return the sentence, what was expected, what was found."""
        return self.say(self)


def _times(coefficient: float, where: Range) -> Range:
    a, b = coefficient * where[0], coefficient * where[1]
    return (a, b) if a <= b else (b, a)


@dataclass
class Linear(Relation):
    """sum(coefficient * cell) + constant, equal to 0 (`=`) or at most 0 (`<=`)."""

    coefficients: list[float] = field(default_factory=list)
    constant: float = 0.0
    operator: str = "="

    def test(self, ranges: list[Range]) -> bool:
        low, high = self._sum(ranges)
        return low <= EPSILON and (self.operator == "<=" or high >= -EPSILON)

    def _sum(self, ranges: list[Range], leave: int = -1) -> Range:
        low = high = self.constant
        for n, (coefficient, where) in enumerate(zip(self.coefficients, ranges, strict=True)):
            if n != leave:
                a, b = _times(coefficient, where)
                low, high = low + a, high + b
        return low, high

    def solve(self, index: int, ranges: list[Range]) -> Range | None:
        low, high = self._sum(ranges, index)
        if self.operator == "<=":
            high = INFINITE if self.coefficients[index] < 0 else high
            return (
                (low / -self.coefficients[index], INFINITE)
                if self.coefficients[index] < 0
                else (-INFINITE, -low / self.coefficients[index])
            )
        a, b = -low / self.coefficients[index], -high / self.coefficients[index]
        return (a, b) if a <= b else (b, a)


def adds_up(
    family: str,
    strength: str,
    pattern: tuple,
    whole: Cell,
    parts: list[Cell],
    say,
    *,
    may_exceed=False,
    **extra,
) -> Linear:
    """Return that the parts add up to the whole, or to no less (`may_exceed`: one thing may be in several parts)."""
    cells, coefficients = [whole, *parts], [1.0] + [-1.0] * len(parts)
    operator = "<=" if may_exceed else "="
    return Linear(
        family, strength, pattern, cells, say=say, extra=extra, coefficients=coefficients, operator=operator
    )


def at_most(
    strength: str, pattern: tuple, parts: list[Cell], whole: Cell, say, family: str = "subset within whole"
) -> Linear:
    """Return that the parts together are at most the whole."""
    cells, coefficients = [*parts, whole], [1.0] * len(parts) + [-1.0]
    return Linear(family, strength, pattern, cells, say=say, coefficients=coefficients, operator="<=")


def equal(family: str, strength: str, pattern: tuple, cell: Cell, other: Cell, say) -> Linear:
    """Return that two cells are the same number."""
    return Linear(family, strength, pattern, [cell, other], say=say, coefficients=[1.0, -1.0])


def add_to_hundred(strength: str, pattern: tuple, shares: list[Cell], say, **extra) -> Linear:
    """Return that percentages are the shares of one whole."""
    ones, family = [1.0] * len(shares), "shares of one whole"
    return Linear(family, strength, pattern, shares, say=say, extra=extra, coefficients=ones, constant=-100.0)


@dataclass
class Quotient(Relation):
    """result = scale * numerator / denominator.

    Cells are the result, then the numerator (unless `whole`: then any whole number), then the denominator (unless
    `base` gives it as printed in a note).
    """

    scale: float = 100.0
    whole: bool = False
    base: float | None = None
    summed: bool = False

    def _parts(self, ranges: list[Range]) -> tuple[Range, Range | None, Range]:
        rest = list(ranges[1:])
        top = None if self.whole else rest.pop(0)
        if self.summed:
            bottom = (sum(part[0] for part in rest), sum(part[1] for part in rest))
        else:
            bottom = (self.base, self.base) if self.base is not None else rest.pop(0)
        return ranges[0], top, bottom

    def test(self, ranges: list[Range]) -> bool:
        result, top, bottom = self._parts(ranges)
        if bottom[1] <= 0:
            return top is None or top[0] <= EPSILON
        if top is None:
            if isinf(bottom[1]) or bottom[1] - bottom[0] > 5000 or isinf(result[1]):
                return True
            return any(
                ceil(result[0] * base / self.scale - EPSILON)
                <= floor(result[1] * base / self.scale + EPSILON)
                for base in range(max(1, ceil(bottom[0])), floor(bottom[1]) + 1)
            )
        low = self.scale * top[0] / bottom[1]
        high = self.scale * top[1] / bottom[0] if bottom[0] > 0 else INFINITE
        return low <= result[1] + EPSILON and result[0] <= high + EPSILON

    def solve(self, index: int, ranges: list[Range]) -> Range | None:
        result, top, bottom = self._parts(ranges)
        if index == 0:
            if top is None:
                return None
            return (
                self.scale * top[0] / bottom[1] if bottom[1] else 0.0,
                self.scale * top[1] / bottom[0] if bottom[0] else INFINITE,
            )
        if self.summed and index:
            return None
        if index == 1 and top is not None:
            return result[0] * bottom[0] / self.scale, result[1] * bottom[1] / self.scale
        if top is None:
            return None
        return (
            self.scale * top[0] / result[1] if result[1] > 0 else INFINITE,
            self.scale * top[1] / result[0] if result[0] > 0 else INFINITE,
        )

    @property
    def telling(self) -> bool:
        return self.known and all(cell.ranges[0][1] > 0 for cell in self.cells)


@dataclass
class Growth(Relation):
    """result = 100 * (later - earlier) / earlier. Cells: result, later, earlier."""

    def test(self, ranges: list[Range]) -> bool:
        result, later, earlier = ranges
        if earlier[1] <= 0:
            return True
        low = 100 * (later[0] / earlier[1] - 1) if not isinf(earlier[1]) else -100.0
        high = 100 * (later[1] / earlier[0] - 1) if earlier[0] > 0 else INFINITE
        return low <= result[1] + EPSILON and result[0] <= high + EPSILON

    def solve(self, index: int, ranges: list[Range]) -> Range | None:
        result, later, earlier = ranges
        if index == 0:
            if earlier[0] <= 0:
                return None
            return 100 * (later[0] / earlier[1] - 1), 100 * (later[1] / earlier[0] - 1)
        if index == 1:
            return earlier[0] * (1 + result[0] / 100), earlier[1] * (1 + result[1] / 100)
        if result[0] <= -100:
            return None
        return later[0] / (1 + result[1] / 100), later[1] / (1 + result[0] / 100)

    @property
    def telling(self) -> bool:
        return self.known


@dataclass
class WholeGrowth(Relation):
    """result = 100 * (later - p) / p for some whole p > 0. Cells: result, later; `difference`: later - p is printed."""

    difference: bool = False

    def test(self, ranges: list[Range]) -> bool:
        result, later = ranges[:2]
        if self.difference:
            low, high = later[0] - ranges[2][1], later[1] - ranges[2][0]
            if high <= 0:
                return False
            if low <= 0:
                return True
            bounds = sorted(100 * ranges[2][n] / base for n in (0, 1) for base in (low, high))
            return bounds[0] <= result[1] + EPSILON and result[0] <= bounds[-1] + EPSILON
        if isinf(later[1]) or result[0] <= -100 or isinf(result[1]):
            return True
        low, high = later[0] / (1 + result[1] / 100), later[1] / (1 + result[0] / 100)
        return ceil(low - EPSILON) <= floor(high + EPSILON)

    def solve(self, index: int, ranges: list[Range]) -> Range | None:
        if self.difference and index == 0:
            low, high = later_less(ranges)
            if low > 0:
                bounds = sorted(100 * ranges[2][n] / base for n in (0, 1) for base in (low, high))
                return bounds[0], bounds[-1]
        return None

    @property
    def telling(self) -> bool:
        return self.difference and self.known


def later_less(ranges: list[Range]) -> Range:
    """Return the earlier figure from the later one and the printed difference."""
    return ranges[1][0] - ranges[2][1], ranges[1][1] - ranges[2][0]


@dataclass
class Between(Relation):
    """The first cell lies between the least and the greatest of the others."""

    def test(self, ranges: list[Range]) -> bool:
        first, rest = ranges[0], ranges[1:]
        return (
            min(other[0] for other in rest) <= first[1] + EPSILON
            and first[0] <= max(other[1] for other in rest) + EPSILON
        )

    def solve(self, index: int, ranges: list[Range]) -> Range | None:
        if index == 0:
            return min(other[0] for other in ranges[1:]), max(other[1] for other in ranges[1:])
        return None

    @property
    def telling(self) -> bool:
        return False


@dataclass
class Same(Relation):
    """Places that print one figure print one value. One cell."""

    def holds(self) -> bool:
        return len(self.cells[0].ranges) == 1

    def test(self, ranges: list[Range]) -> bool:
        return self.holds()

    def solve(self, index: int, ranges: list[Range]) -> Range | None:
        return None

    def needs(self, index: int) -> list[Range]:
        return list(self.cells[0].ranges)

    def cures(self, index: int, value: Range) -> bool:
        return any(
            low <= value[1] + EPSILON and value[0] <= high + EPSILON for low, high in self.cells[0].ranges
        )
