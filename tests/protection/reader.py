"""What a careful reader comes to believe of published numbers: relations searched for in the rows, none of them listed.

A *form* is a number for each place of a table: one figure, or a sum of figures (over a key, over the quarters of a year).
Places are values of the keys that stay, and a period. Forms with the same keys are put side by side, and what is equal,
adds up or is never greater **wherever all of it can be seen** is believed of the places where something is hidden, too.

How much agreement is enough is counted in bits: ten zeros or ones prove little, three agreements of 47, 12 and 8 do.
Nothing here names a measure.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

Identity = tuple[str, str, str]
"""Measure, breakdown, period."""
Term = tuple[int, Identity]
Place = tuple[tuple[str, ...], str]

EQUAL_BITS, SUM_BITS = 9.0, 16.0
"""How much agreement makes an equality, and a sum of two, believed; there are many more of the latter to try."""
ORDER_PLACES = 12
"""In how many places one number is seen to be no greater than another, and none where it is, before that is believed."""
MOST_WORDS, MOST_FORMS, PROBES = 12, 260, 40


@dataclass(frozen=True)
class Form:
    """Place -> the figures that are added up there, and how many keys were fixed or summed to get it."""

    name: str
    cells: Mapping[Place, tuple[Identity, ...]]
    steps: int

    @property
    def is_plain(self) -> bool:
        """Whether it is one figure at each place."""
        return all(len(figures) == 1 for figures in self.cells.values())


def parts_of(breakdown: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(tuple(pair.split("=", 1)) for pair in breakdown.split(";"))) if breakdown else ()


def kind_of(period: str) -> str:
    if "-Q" in period:
        return "quarter"
    match = re.fullmatch(r"(\d{4})-(\d{2})", period)
    return "year" if match and int(match[2]) == (int(match[1]) + 1) % 100 else "month"


def year_of(period: str) -> str:
    if kind_of(period) != "month":
        return period[:7]
    start = int(period[:4]) - (int(period[5:]) < 4)
    return f"{start}-{(start + 1) % 100:02d}"


def next_year(year: str) -> str:
    return f"{int(year[:4]) + 1}-{(int(year[:4]) + 2) % 100:02d}"


def believed(
    numbers: Mapping[Identity, float | None],
) -> tuple[list[list[Term]], list[tuple[Identity, Identity]]]:
    """(equations, orderings) that hold wherever they can be seen, at the places where something is hidden.

    Args:
        numbers: figure -> its number; None where it is hidden.

    Returns:
        Equations as (sign, figure) that add up to zero; orderings as (no greater, than).
    """
    equations: list[list[Term]] = []
    orderings: list[tuple[Identity, Identity]] = []
    for forms in _classes(numbers).values():
        if len(forms) < 2:
            continue
        table = _Table(forms, numbers)
        equations += table.equalities()
        equations += table.sums_of_two()
        orderings += table.orderings()
    return equations, orderings


def _classes(numbers: Mapping[Identity, float | None]) -> dict[tuple, list[Form]]:
    """Forms by the keys that stay and the kind of period."""
    tables: dict[tuple, dict[Place, Identity]] = defaultdict(dict)
    for identity in numbers:
        measure, breakdown, period = identity
        parts = parts_of(breakdown)
        tables[measure, tuple(key for key, _ in parts)][tuple(value for _, value in parts), period] = identity
    classes: dict[tuple, list[Form]] = defaultdict(list)
    for (measure, keys), table in sorted(tables.items()):
        for rest, form in _of_table(measure, keys, table):
            for kind, timed in _in_time(form):
                if timed.cells:
                    classes[rest, kind].append(timed)
    return classes


def _of_table(
    measure: str, keys: tuple[str, ...], table: dict[Place, Identity]
) -> Iterator[tuple[tuple, Form]]:
    """The table itself, its slices by up to two keys, and their sums over one more."""
    words = {key: sorted({values[at] for values, _ in table}) for at, key in enumerate(keys)}
    cut = [key for key in keys if key != "service" and len(words[key]) <= MOST_WORDS]
    for fixed in [(), *combinations(cut, 1), *combinations(cut, 2)]:
        slices: dict[tuple[str, ...], dict[Place, tuple[Identity, ...]]] = defaultdict(dict)
        at_fixed = [keys.index(key) for key in fixed]
        at_rest = [at for at in range(len(keys)) if at not in at_fixed]
        rest = tuple(keys[at] for at in at_rest)
        for (values, period), identity in table.items():
            slices[tuple(values[at] for at in at_fixed)][tuple(values[at] for at in at_rest), period] = (
                identity,
            )
        for chosen, cells in sorted(slices.items()):
            name = f"{measure}[{','.join(chosen)}]"
            yield rest, Form(name, cells, len(fixed))
            if len(fixed) > 1:
                continue
            for at, key in enumerate(rest):
                yield from _over(name, rest, at, words[key], cells, len(fixed) + 1)


def _over(
    name: str, rest: tuple[str, ...], at: int, words: list[str], cells: Mapping, steps: int
) -> Iterator[tuple[tuple, Form]]:
    """Sums over one key: of all its words, and of all but one."""
    groups: dict[Place, dict[str, Identity]] = defaultdict(dict)
    for (values, period), (identity,) in cells.items():
        groups[values[:at] + values[at + 1 :], period][values[at]] = identity
    left = rest[:at] + rest[at + 1 :]
    without = [None, *words] if 2 < len(words) <= MOST_WORDS else [None]
    for word in without:
        summed = {
            place: tuple(one for value, one in sorted(group.items()) if value != word)
            for place, group in groups.items()
        }
        yield (
            left,
            Form(f"{name} over {rest[at]} without {word}", {p: c for p, c in summed.items() if c}, steps),
        )


def _in_time(form: Form) -> Iterator[tuple[str, Form]]:
    """A form by years, quarters and months, and as other periods say it: sums, first and last quarters, last year's."""
    by_kind: dict[str, dict[Place, tuple]] = defaultdict(dict)
    for place, figures in form.cells.items():
        by_kind[kind_of(place[1])][place] = figures
    for kind, cells in by_kind.items():
        yield kind, Form(f"{form.name} {kind}", cells, form.steps)
    if form.steps > 1:
        return
    for end in ("Q1", "Q4"):
        cells = {(v, p[:7]): figures for (v, p), figures in by_kind["quarter"].items() if p.endswith(end)}
        yield "year", Form(f"{form.name} {end}", cells, form.steps + 1)
    for kind in ("quarter", "month"):
        sums: dict[Place, tuple] = defaultdict(tuple)
        for (values, period), figures in by_kind[kind].items():
            sums[values, year_of(period)] += figures
        whole = 4 if kind == "quarter" else 12
        full = {place: figures for place, figures in sums.items() if len(figures) >= whole}
        yield "year", Form(f"{form.name} of {kind}s", full, form.steps + 1)
    yield (
        "year",
        Form(
            f"{form.name} last year",
            {(v, next_year(p)): figures for (v, p), figures in by_kind["year"].items()},
            form.steps + 1,
        ),
    )
    later = {
        (v, f"{p[:-1]}{int(p[-1]) + 1}" if p[-1] < "4" else f"{next_year(p[:7])}-Q1"): figures
        for (v, p), figures in by_kind["quarter"].items()
    }
    yield "quarter", Form(f"{form.name} quarter before", later, form.steps + 1)


class _Table:
    """Forms of one class side by side: a row a form, a column a place, NaN where a form is hidden or not there."""

    def __init__(self, forms: list[Form], numbers: Mapping[Identity, float | None]) -> None:
        self.places = sorted({place for form in forms for place in form.cells})
        column = {place: at for at, place in enumerate(self.places)}
        rows, kept = [], []
        for form in forms:
            row = np.full(len(self.places), np.nan)
            for place, figures in form.cells.items():
                seen = [numbers[figure] for figure in figures]
                if None not in seen:
                    row[column[place]] = sum(seen)
            if np.nansum(row > 0) > 1:
                rows.append(row)
                kept.append(form)
        self.forms, self.column = kept, column
        self.numbers = np.array(rows) if rows else np.empty((0, len(self.places)))
        self.seen = ~np.isnan(self.numbers)
        self.filled = np.where(self.seen, self.numbers, 0.0)
        self.bits = np.log2(1 + np.abs(self.filled))
        self.hides = np.array(
            [any(numbers[f] is None for figures in form.cells.values() for f in figures) for form in kept],
            dtype=bool,
        )
        self.hidden = {identity for identity, number in numbers.items() if number is None}

    def equalities(self) -> list[list[Term]]:
        """Two forms that are the same wherever both are seen."""
        found = []
        for one in range(len(self.forms)):
            both = self.seen[one] & self.seen[one + 1 :]
            bits = both.astype(float) @ self.bits[one]
            differs = (both & (np.abs(self.filled[one + 1 :] - self.filled[one]) > 1e-6)).any(axis=1)
            for other in np.flatnonzero(~differs & (bits >= EQUAL_BITS)) + one + 1:
                if (self.hides[one] or self.hides[other]) and self._is_various(
                    one, self.seen[one] & self.seen[other]
                ):
                    found += self._instances([(1, one), (-1, int(other))])
        return found

    def _is_various(self, form: int, where: np.ndarray) -> bool:
        """Whether a form has more than one number, not counting zero, at these places."""
        values = self.filled[form][where]
        return len(set(values[values > 0].tolist())) > 1

    def sums_of_two(self) -> list[list[Term]]:
        """Two forms that make a third wherever all three are seen."""
        plain = [at for at, form in enumerate(self.forms) if form.steps <= 1 and form.is_plain]
        plain = self._unlike(plain)[:MOST_FORMS]
        if len(plain) < 3:
            return []
        numbers, seen = self.filled[plain], self.seen[plain]
        hides = self.hides[plain]
        probes = np.argsort(-seen.sum(axis=0), kind="stable")[:PROBES]
        few, few_seen = numbers[:, probes], seen[:, probes]
        found = []
        for one, two in combinations(range(len(plain)), 2):
            total = few[one] + few[two]
            both = few_seen[one] & few_seen[two]
            wrong = ((few_seen & both) & (np.abs(few - total) > 1e-6)).any(axis=1)
            for three in np.flatnonzero(~wrong):
                if three in (one, two) or not (hides[one] or hides[two] or hides[three]):
                    continue
                where = seen[one] & seen[two] & seen[three]
                parts = numbers[[one, two]][:, where]
                if (np.abs(parts.sum(axis=0) - numbers[three][where]) > 1e-6).any():
                    continue
                # what is added must be something, and not always the same
                bits = np.log2(1 + parts).min(axis=0).sum()
                if bits >= SUM_BITS / 2 and self.bits[plain[three]][where].sum() >= SUM_BITS:
                    found += self._instances([(1, plain[one]), (1, plain[two]), (-1, plain[int(three)])])
        return found

    def _unlike(self, forms: list[int]) -> list[int]:
        """Forms without those that are seen to be the same as an earlier one and hide nothing."""
        kept: dict[tuple, int] = {}
        for at in forms:
            key = (
                tuple(np.where(self.seen[at], self.filled[at], -1.0).tolist()),
                bool(self.hides[at]) and at,
            )
            kept.setdefault(key, at)
        return list(kept.values())

    def orderings(self) -> list[tuple[Identity, Identity]]:
        """One figure that is never greater than another wherever both are seen."""
        plain = [at for at, form in enumerate(self.forms) if form.steps <= 1 and form.is_plain]
        found = []
        for one in plain:
            for two in plain:
                if one == two or not (self.hides[one] or self.hides[two]):
                    continue
                both = self.seen[one] & self.seen[two]
                small, large = self.filled[one][both], self.filled[two][both]
                if (small > 0).sum() < ORDER_PLACES or (small > large).any() or not (small == large).any():
                    continue
                cells, others = self.forms[one].cells, self.forms[two].cells
                for place in cells.keys() & others.keys():
                    pair = (cells[place][0], others[place][0])
                    if not self.hidden.isdisjoint(pair):
                        found.append(pair)
        return found

    def _instances(self, terms: list[tuple[int, int]]) -> list[list[Term]]:
        """A relation between forms at each place where something is hidden."""
        found = []
        for place in set.intersection(*(set(self.forms[at].cells) for _, at in terms)):
            equation = [(sign, figure) for sign, at in terms for figure in self.forms[at].cells[place]]
            if any(figure in self.hidden for _, figure in equation):
                found.append(equation)
        return found
