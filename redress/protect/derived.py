"""What a reader can derive from the rows that leave: relations between figures that no list names.

Whoever has the tables puts columns side by side. A column that equals another in every row where both can be read is
taken for the same number under two names, and so in the rows where one of them is suppressed; two columns that always
make a third, and a column that is never greater than another, are believed in the same way. Such a belief may be true by
definition (the outcomes of a stage add up to the complaints with an outcome) or in this council's figures alone (no
answer went without an outcome): it gives a suppressed number away in either case.

Terms:

- A *column* is a number for each place: one cell, or a sum of cells (over the words of a key, over the services of a level,
  over the quarters of a year). A *place* is the words of the keys that are left and a period.
- Columns with the same keys and the same kind of period are *comparable*.
- How much agreement convinces is counted in bits, log2(1 + number) for each place at which columns agree: ten ones prove
  little, three agreements of 47, 12 and 8 do. The thresholds are below what one would call proof, since believing more than
  a reader does costs some cells and believing less gives people away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from redress.declared.closure import kind_of
from redress.protect.relations import Cells, Relation, quarter_of


@dataclass(frozen=True)
class Doubt:
    """How much agreement is asked for before something is believed, in bits.

    Attributes:
        equal: that two columns are one.
        added: that two columns add up to a third: there are many more such triples than pairs.
    """

    equal: float
    added: float


BEFORE, AFTER = Doubt(12.0, 20.0), Doubt(8.0, 14.0)
"""Before cells are chosen, with all numbers seen, and after, with those that are shown: then only what gives something away
counts, so that less agreement is asked for."""

ORDERED_PLACES = 10
"""Places other than zero at which a column is seen to be no greater than another before that is believed."""
MOST_WORDS = 12
"""Keys with more words are not fixed: a team or a theme is no column of its own."""
MOST_SUMMANDS = 240
"""Columns of one kind that are tried as parts of a sum of two, those with most places first."""
PROBES = 12

Place = tuple[tuple[str, ...], str]


@dataclass(frozen=True)
class Column:
    """Place -> the cells that are added up there.

    Attributes:
        cells: by place; more than one cell where the column is a sum.
        steps: keys that were fixed and sums that were made to get it from a table.
    """

    cells: Mapping[Place, tuple[int, ...]]
    steps: int = 0


Columns = dict[tuple, list[Column]]
"""Columns that are comparable, by their keys and the kind of period."""


def derive(
    cells: Cells,
    kept: Collection[int],
    parents: Mapping[str, str | None],
    seen: Collection[int] | None = None,
    columns: Columns | None = None,
) -> list[Relation]:
    """Relations that a reader believes of the kept cells, and that are true.

    Args:
        cells: the cells of a council's reports.
        kept: those that are in the tables that leave, suppressed or not.
        parents: service -> the service above it.
        seen: the kept cells whose numbers are shown; a belief must agree with these and may disagree with the rest.
            All of them if not given: what anybody believes whatever is hidden. Orderings are looked for among what is
            seen only: there are thousands, and few bound a number closely.
        columns: those of the same kept cells, where they are at hand.

    Returns:
        Equations, and inequalities between two cells, that hold on the numbers; a belief that is false at a place is
        left out there.
    """
    found: dict[Relation, None] = {}
    for _, beside in sorted((columns or comparable(cells, kept, parents)).items()):
        if len(beside) > 1:
            found |= dict.fromkeys(
                _Comparison(beside, cells.values, seen, BEFORE if seen is None else AFTER).relations(
                    with_orderings=seen is not None
                )
            )
    return list(found)


# Columns


def comparable(cells: Cells, kept: Collection[int], parents: Mapping[str, str | None]) -> Columns:
    """All columns of the counts among the kept cells, by the keys that are left and the kind of period."""
    rows = {key: cell for key, cell in cells.index.items() if cell in kept and not cells.is_magnitude[cell]}
    tables: dict[tuple, dict[Place, int]] = defaultdict(dict)
    for (measure, pairs, period), cell in rows.items():
        tables[measure, tuple(key for key, _ in pairs)][tuple(word for _, word in pairs), period] = cell
    columns: Columns = defaultdict(list)
    for (_, keys), table in sorted(tables.items()):
        for left, column in _of_table(keys, table, parents):
            for kind, timed in _of_periods(column):
                if len(timed.cells) > 1:
                    columns[left, kind].append(timed)
    return columns


SLICED = ("procedure", "stage", "any_procedure", "from_stage")
"""Keys that are fixed together with one more: a limit, and the band that ends at it, are of one procedure and stage."""


def _of_table(
    keys: tuple[str, ...], table: Mapping[Place, int], parents: Mapping[str, str | None]
) -> Iterator[tuple[tuple[str, ...], Column]]:
    """A table, its slices by fixed keys, and the sums of these over one more key; with the keys that are left."""
    words = {key: {word[at] for word, _ in table} for at, key in enumerate(keys)}
    narrow = [key for key in keys if key != "service" and len(words[key]) <= MOST_WORDS]
    sliced = tuple(key for key in keys if key in SLICED)
    choices = {(), *combinations(narrow, 1), *combinations(narrow, 2)}
    choices |= {tuple(key for key in keys if key in {*sliced, other}) for other in (*narrow, *sliced)}
    for fixed in sorted(choices):
        at_fixed = [keys.index(key) for key in fixed]
        at_left = [at for at in range(len(keys)) if at not in at_fixed]
        left = tuple(keys[at] for at in at_left)
        slices: dict[tuple[str, ...], dict[Place, tuple[int, ...]]] = defaultdict(dict)
        for (word, period), cell in table.items():
            place = tuple(word[at] for at in at_left), period
            slices[tuple(word[at] for at in at_fixed)][place] = (cell,)
        for _, one in sorted(slices.items()):
            yield left, Column(one, len(fixed))
            if len(fixed) < 2 or set(fixed) <= set(sliced):
                for at in range(len(left)):
                    for summed in _sums_over(left, at, one, parents):
                        yield left[:at] + left[at + 1 :], Column(summed, len(fixed) + 1)


def _sums_over(
    keys: tuple[str, ...], at: int, cells: Mapping[Place, tuple[int, ...]], parents: Mapping[str, str | None]
) -> Iterator[dict[Place, tuple[int, ...]]]:
    """The sums over all words of a key, over all but one, and over the services of each level."""
    groups: dict[Place, dict[str, int]] = defaultdict(dict)
    for (word, period), (cell,) in cells.items():
        groups[word[:at] + word[at + 1 :], period][word[at]] = cell
    words = sorted({word for group in groups.values() for word in group})
    choices: list[Collection[str]] = [words]
    if keys[at] == "service":
        levels: dict[int, list[str]] = defaultdict(list)
        for word in words:
            levels[_level(word, parents)].append(word)
        if len(levels) > 1:
            choices += [levels[level] for level in sorted(levels)]
    elif 2 < len(words) <= MOST_WORDS:
        choices += [[other for other in words if other != word] for word in words]
        choices += [[other for other in words if other not in pair] for pair in combinations(words, 2)]
    for chosen in choices:
        kept = set(chosen)
        summed = {
            place: tuple(cell for word, cell in sorted(group.items()) if word in kept)
            for place, group in groups.items()
        }
        yield {place: parts for place, parts in summed.items() if parts}


def _level(service: str, parents: Mapping[str, str | None]) -> int:
    """How many services stand above one; services that the tree does not name are a level of their own."""
    if service not in parents:
        return -1
    level, above = 0, parents[service]
    while above is not None and level <= len(parents):
        level, above = level + 1, parents.get(above)
    return level


def _of_periods(column: Column) -> Iterator[tuple[str, Column]]:
    """A column by years, by quarters and by months, and what periods say of other periods.

    The first and the last quarter stand beside the year (a stock), so do the sums of its quarters and months, and the year
    before; the quarter before stands beside the quarter.
    """
    by_kind: dict[str, dict[Place, tuple[int, ...]]] = defaultdict(dict)
    for (words, period), cells in column.cells.items():
        by_kind[kind_of(period)][words, period] = cells
    for kind, cells in sorted(by_kind.items()):
        yield kind, Column(cells, column.steps)
    if column.steps > 1:
        return
    quarters, later = by_kind["quarter"], column.steps + 1
    for end in ("Q1", "Q4"):
        yield (
            "year",
            Column({(w, p[:7]): cells for (w, p), cells in quarters.items() if p.endswith(end)}, later),
        )
    for kind, parts, whole in (("quarter", 4, "year"), ("month", 12, "year"), ("month", 3, "quarter")):
        sums: dict[Place, tuple[int, ...]] = defaultdict(tuple)
        for (words, period), cells in sorted(by_kind[kind].items()):
            quarter = period if kind == "quarter" else quarter_of(period)
            sums[words, quarter[:7] if whole == "year" else quarter] += cells
        yield whole, Column({place: cells for place, cells in sums.items() if len(cells) >= parts}, later)
    yield "year", Column({(w, _year_after(p)): cells for (w, p), cells in by_kind["year"].items()}, later)
    yield "quarter", Column({(w, _quarter_after(p)): cells for (w, p), cells in quarters.items()}, later)


def _year_after(year: str) -> str:
    return f"{int(year[:4]) + 1}-{(int(year[:4]) + 2) % 100:02d}"


def _quarter_after(quarter: str) -> str:
    number = int(quarter[-1])
    return f"{quarter[:-1]}{number + 1}" if number < 4 else f"{_year_after(quarter[:7])}-Q1"


# What comparable columns say of each other


class _Comparison:
    """Comparable columns side by side: a row a column, a column a place, with what of it is seen.

    Columns that are the same wherever both are seen are made one before sums and orderings are looked for.
    """

    def __init__(
        self, columns: Sequence[Column], values: Sequence[float], seen: Collection[int] | None, doubt: Doubt
    ) -> None:
        self.values, self.doubt = values, doubt
        self.columns = self._distinct(columns)
        places = sorted({place for column in self.columns for place in column.cells})
        self.at = {place: number for number, place in enumerate(places)}
        shape = (len(self.columns), len(places))
        self.numbers, self.is_seen, self.is_there = (
            np.zeros(shape),
            np.zeros(shape, bool),
            np.zeros(shape, bool),
        )
        for row, column in enumerate(self.columns):
            for place, cells in column.cells.items():
                at = self.at[place]
                self.numbers[row, at] = sum(values[cell] for cell in cells)
                self.is_there[row, at] = True
                self.is_seen[row, at] = seen is None or all(cell in seen for cell in cells)
        self.numbers = np.rint(self.numbers)
        self.places = places

    @staticmethod
    def _distinct(columns: Sequence[Column]) -> list[Column]:
        """Columns without those of the very same cells; plain ones first."""
        kept: dict[tuple, Column] = {}
        for column in sorted(columns, key=lambda one: one.steps):
            kept.setdefault(tuple(sorted(column.cells.items())), column)
        return list(kept.values())

    def relations(self, *, with_orderings: bool) -> Iterator[Relation]:
        """All that is believed of these columns and true."""
        same = self._same()
        yield from self._equalities(same)
        merged = self._merged(same)
        yield from merged.sums_of_two()
        if with_orderings:
            yield from merged.orderings()

    def _same(self) -> list[list[int]]:
        """Columns in groups that are the same wherever both of two are seen, and seen often enough."""
        group = list(range(len(self.columns)))

        def find(one: int) -> int:
            while group[one] != one:
                group[one] = group[group[one]]
                one = group[one]
            return one

        bits = np.log2(1 + np.abs(self.numbers)) * self.is_seen
        seen = self.is_seen.astype(np.float32)
        for one in range(len(self.columns) - 1):
            later = slice(one + 1, None)
            agreement = seen[later] @ bits[one].astype(np.float32)
            likely = np.flatnonzero(agreement >= self.doubt.equal) + one + 1
            if not len(likely):
                continue
            both = self.is_seen[likely] & self.is_seen[one]
            differs = (both & (self.numbers[likely] != self.numbers[one])).any(axis=1)
            for other in likely[~differs]:
                group[find(int(other))] = find(one)
        groups: dict[int, list[int]] = defaultdict(list)
        for one in range(len(self.columns)):
            groups[find(one)].append(one)
        return list(groups.values())

    def _equalities(self, same: list[list[int]]) -> Iterator[Relation]:
        """Columns of a group are tied, one to the next, at each place where their numbers are the same."""
        for group in same:
            if len(group) < 2:
                continue
            there: dict[Place, dict[float, dict[tuple[int, ...], None]]] = defaultdict(
                lambda: defaultdict(dict)
            )
            for row in group:
                for place, cells in self.columns[row].cells.items():
                    number = self.numbers[row, self.at[place]]
                    if number:
                        there[place][number][cells] = None
            for numbers in there.values():
                for equal in numbers.values():
                    for one, two in pairwise(equal):
                        yield from self._relation(
                            [*((1, cell) for cell in one), *((-1, cell) for cell in two)]
                        )

    def _merged(self, same: list[list[int]]) -> _Comparison:
        """A comparison of one column a group: the first of the group that has the place."""
        columns = []
        for group in same:
            plain = [
                row for row in group if all(len(cells) == 1 for cells in self.columns[row].cells.values())
            ]
            if plain:
                cells: dict[Place, tuple[int, ...]] = {}
                for row in plain:
                    cells = {**self.columns[row].cells, **cells}
                columns.append((min(self.columns[row].steps for row in plain), cells, plain))
        merged = object.__new__(_Comparison)
        merged.values, merged.doubt = self.values, self.doubt
        merged.at, merged.places = self.at, self.places
        merged.columns = [Column(cells, steps) for steps, cells, _ in columns]
        rows = [plain for _, _, plain in columns]
        shape = (len(columns), len(self.places))
        merged.numbers, merged.is_seen = np.zeros(shape), np.zeros(shape, bool)
        merged.is_there = np.zeros(shape, bool)
        for number, plain in enumerate(rows):
            for row in reversed(plain):
                here = self.is_there[row]
                merged.numbers[number, here] = self.numbers[row, here]
                merged.is_there[number] |= here
                merged.is_seen[number] |= self.is_seen[row]
        return merged

    def sums_of_two(self) -> Iterator[Relation]:
        """Two columns that make a third wherever all three are seen."""
        bits = (np.log2(1 + self.numbers) * self.is_seen).sum(axis=1)
        order = sorted(
            (
                row
                for row in range(len(self.columns))
                if self.columns[row].steps <= 2 and bits[row] >= self.doubt.added / 2
            ),
            key=lambda row: (self.columns[row].steps, -bits[row], row),
        )[:MOST_SUMMANDS]
        if len(order) < 3:
            return
        numbers, seen, there = self.numbers[order], self.is_seen[order], self.is_there[order]
        for three, row in enumerate(order):
            if bits[row] < self.doubt.added:
                continue
            for one, two in self._parts_of(three, numbers, seen):
                here = there[one] & there[two] & there[three]
                here &= numbers[one] + numbers[two] == numbers[three]
                for at in np.flatnonzero(here):
                    yield from self._at(self.places[at], order, ((1, one), (1, two), (-1, three)))

    def _parts_of(self, three: int, numbers: np.ndarray, seen: np.ndarray) -> Iterator[tuple[int, int]]:
        """Pairs of columns that make one wherever all are seen. The places of its greatest numbers are tried first."""
        own = seen[three] & (numbers[three] > 0)
        probes = np.argsort(-(numbers[three] * own), kind="stable")[: min(PROBES, int(own.sum()))]
        likely = np.flatnonzero(~((numbers > numbers[three]) & seen & seen[three]).any(axis=1))
        likely = likely[likely != three]
        wrong = np.zeros((len(likely), len(likely)), bool)
        met = np.zeros_like(wrong)
        for at in probes:
            part, is_seen = numbers[likely, at], seen[likely, at]
            both = is_seen[:, None] & is_seen[None, :]
            wrong |= both & (part[:, None] + part[None, :] != numbers[three, at])
            met |= both
        for place, other in zip(*np.nonzero(np.triu(met & ~wrong, 1)), strict=True):
            one, two = int(likely[place]), int(likely[other])
            where = seen[one] & seen[two] & seen[three]
            parts = numbers[[one, two]][:, where]
            if (parts.sum(axis=0) != numbers[three, where]).any():
                continue
            # an addition proves something where both parts are something
            if np.log2(1 + parts).min(axis=0).sum() < self.doubt.added / 2:
                continue
            if np.log2(1 + numbers[three, where]).sum() >= self.doubt.added:
                yield one, two

    def _at(
        self, place: Place, order: Sequence[int], terms: Iterable[tuple[int, int]], is_equation: bool = True
    ) -> Iterator[Relation]:
        """The relation between columns at one place."""
        signed = [(sign, cell) for sign, row in terms for cell in self.columns[order[row]].cells[place]]
        yield from self._relation(signed, is_equation)

    def orderings(self) -> Iterator[Relation]:
        """A column that is never greater than another where both are seen, and is as great somewhere.

        Where a third stands between two at a place, these two say nothing that it does not.
        """
        size = len(self.columns)
        is_below = np.zeros((size, size), bool)
        for one in range(size):
            both = self.is_seen & self.is_seen[one]
            is_greater = (both & (self.numbers[one] > self.numbers)).any(axis=1)
            meets = (both & (self.numbers[one] == self.numbers) & (self.numbers > 0)).any(axis=1)
            often = (both & (self.numbers[one] > 0)).sum(axis=1) >= ORDERED_PLACES
            is_below[one] = ~is_greater & meets & often
        is_below &= ~is_below.T
        for at, place in enumerate(self.places):
            here = np.flatnonzero(self.is_there[:, at] & (self.numbers[:, at] > 0))
            number = self.numbers[here, at]
            near = is_below[np.ix_(here, here)] & (number[:, None] <= number[None, :])
            step = near.astype(np.float32)
            near &= step @ step == 0
            for one, two in zip(*np.nonzero(near), strict=True):
                yield from self._at(
                    place, range(size), ((1, int(here[one])), (-1, int(here[two]))), is_equation=False
                )

    def _relation(self, terms: Iterable[tuple[int, int]], is_equation: bool = True) -> Iterator[Relation]:
        """A relation between cells, those that stand twice added up; nothing where nothing is left to say."""
        total: dict[int, int] = defaultdict(int)
        for sign, cell in terms:
            total[cell] += sign
        kept = [(cell, sign) for cell, sign in sorted(total.items()) if sign]
        if any(self.values[cell] for cell, _ in kept) and len(kept) > 1:
            yield Relation(tuple(cell for cell, _ in kept), tuple(sign for _, sign in kept), is_equation)
