"""What a careful reader comes to believe of published numbers: relations searched for in the rows, none of them listed.

The reader has the reports of every council. A *form* is a number for each place of a table: one figure, or a sum of figures
(over the words of a key, over the quarters of a year), or what a year is more than the year before. A *place* is a council,
the words of the keys that are left, and a period. Forms with the same keys are put side by side, and what is equal, adds up
or is never greater **wherever all of it can be seen** is believed where something is hidden: of one council by its own
numbers, and of all of them by those of all.

How much agreement convinces is counted in bits, log2(1 + number) for each place: ten zeros prove nothing, three agreements
of 47, 12 and 8 do. A form costs bits as well, as many as it takes to say which one of all that could be tried it is, so that
a sum over five of nine words has to agree more often than a plain column. Where a fraction or a change is called like a
number with one word more (a share, a rate, a change), little has to be seen, and nothing where what it counts is that number. Nothing here names a measure, a key or a word.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, combinations
from math import log2

import numpy as np

Identity = tuple[str, str, str]
"""Measure, breakdown, period. `measure#numerator` and `measure#denominator` are what a fraction is of."""
Term = tuple[float, Identity]
Numbers = Mapping[Identity, float | None]
"""The numbers of one council; None where one is hidden."""
Place = tuple[int, tuple[str, ...], str]
Signed = tuple[tuple[int, Identity], ...]

EQUAL_BITS, SUM_BITS, LONG_BITS, KIN_BITS = 6.0, 10.0, 16.0, 2.5
"""How much agreement, beside what the forms cost, makes an equality believed, a sum of two, a sum of four terms, and what a
fraction or a change is of by its name (plain forms, and what a year is more than the last, by their names alone)."""
ORDER_PLACES = 12
"""In how many places one number is seen to be no greater than another, and none where it is, before that is believed: a
place says no more than a bit, so that forms cost as many more."""
MOST_WORDS, MOST_FIXED, EVERY_SUM = 16, 3, 5
"""Keys with more words are not fixed. How many keys are. Up to how many words every sum of some of them is tried."""
SLICE_BITS = 0.5
"""What fixing a key costs that has one word only: its slice is another table, and no name says that the two are one."""
TIME_BITS, DEAR = 3.0, 7.0
"""What another way of reading periods costs. Forms that cost more are not read in another way, nor added up in twos."""
MOST_FORMS, MOST_LONG, PROBES = 260, 30, 16


@dataclass(frozen=True)
class Form:
    """Place -> the figures that are added up there.

    Attributes:
        name: the measure.
        cost: how many bits it takes to say which form of the measure it is.
        cells: by place, with their signs.
        silent: councils and words at which there is nothing that the form leaves out: it is a simpler form there, of which
            agreement says something, and nothing of this one.
    """

    name: str
    cost: float
    cells: Mapping[Place, Signed]
    silent: frozenset[tuple[int, tuple[str, ...]]] = frozenset()

    @property
    def is_plain(self) -> bool:
        """Whether it is one figure at each place."""
        return all(len(figures) == 1 for figures in self.cells.values())


@dataclass
class Beliefs:
    """What is believed of one council.

    Attributes:
        equations: terms that add up to zero, something hidden among them.
        orderings: (no greater, than).
    """

    equations: list[list[Term]]
    orderings: list[tuple[Identity, Identity]]


@lru_cache(maxsize=200_000)
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


def next_quarter(quarter: str) -> str:
    return f"{quarter[:-1]}{int(quarter[-1]) + 1}" if quarter[-1] < "4" else f"{next_year(quarter[:7])}-Q1"


def believed(councils: Sequence[Numbers]) -> list[Beliefs]:
    """Return what is believed of each council, given the numbers of all."""
    beliefs = [Beliefs([], []) for _ in councils]
    for forms in _classes(councils, beliefs).values():
        hidden = [{figure for figure, number in numbers.items() if number is None} for numbers in councils]
        scopes = [range(len(councils))]
        if len(councils) > 1:
            scopes += [range(at, at + 1) for at in range(len(councils))]
        for scope in scopes:
            table = _Table(forms, councils, scope, hidden)
            if len(table.forms) > 1 and table.hides.any():
                table.believe(beliefs)
    for belief in beliefs:
        belief.equations = [list(one) for one in dict.fromkeys(map(tuple, belief.equations))]
        belief.orderings = list(dict.fromkeys(belief.orderings))
    return beliefs


# Forms


def _classes(councils: Sequence[Numbers], beliefs: list[Beliefs]) -> dict[tuple, list[Form]]:
    """Forms by the keys that are left and the kind of period. Adds what is the same along a key to the beliefs."""
    tables: dict[tuple, dict[Place, Identity]] = defaultdict(dict)
    for council, numbers in enumerate(councils):
        for identity in numbers:
            measure, breakdown, period = identity
            parts = parts_of(breakdown)
            place = council, tuple(word for _, word in parts), period
            tables[measure, tuple(key for key, _ in parts)][place] = identity
    classes: dict[tuple, dict[tuple, Form]] = defaultdict(dict)
    for (measure, keys), table in sorted(tables.items()):
        forms = chain(_of_table(measure, keys, table), _alike(measure, keys, table, councils, beliefs))
        for left, form in forms:
            for kind, timed in _in_time(form):
                if timed.cells:
                    same = classes[left, kind]
                    key = tuple(sorted(timed.cells.items()))
                    if key not in same or same[key].cost > timed.cost:
                        same[key] = timed
    return {name: list(forms.values()) for name, forms in classes.items() if len(forms) > 1}


def _of_table(
    measure: str, keys: tuple[str, ...], table: Mapping[Place, Identity]
) -> Iterator[tuple[tuple, Form]]:
    """The table itself, its slices by some keys, and their sums over one or two more."""
    words = [sorted({place[1][at] for place in table}, key=_natural) for at in range(len(keys))]
    cut = [at for at in range(len(keys)) if len(words[at]) <= MOST_WORDS]
    for fixed in chain.from_iterable(combinations(cut, number) for number in range(MOST_FIXED + 1)):
        free = [at for at in range(len(keys)) if at not in fixed]
        left = tuple(keys[at] for at in free)
        cost = sum(max(SLICE_BITS, log2(len(words[at]))) for at in fixed)
        slices: dict[tuple[str, ...], dict[Place, Identity]] = defaultdict(dict)
        for (council, word, period), identity in table.items():
            place = council, tuple(word[at] for at in free), period
            slices[tuple(word[at] for at in fixed)][place] = identity
        for _, cells in sorted(slices.items()):
            yield left, Form(measure, cost, {place: ((1, one),) for place, one in cells.items()})
            for over in range(len(free)) if len(fixed) < MOST_FIXED else ():
                sums = _sums(words[free[over]], len(fixed))
                yield from _over(measure, cost, left, (over,), sums, cells)
            if not fixed:
                for over in combinations(range(len(free)), 2):
                    yield from _over(measure, cost, left, over, [None], cells)


def _natural(word: str) -> tuple:
    """Numbers in words by their size: a band of 0 to 10 days stands before one of 11 to 20."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.findall(r"\d+|\D+", word))


def _sums(words: Sequence[str], fixed: int) -> list[frozenset[str] | None]:
    """Sets of words to add up, fewer the more keys are fixed; None for all of them."""
    sums: set[frozenset[str]] = set()
    if len(words) <= MOST_WORDS:
        starts = range(len(words))
        sums = {frozenset(words[one:end]) for one in starts for end in range(one + 2, len(words) + 1)}
        if fixed < 2:
            sums |= {frozenset(words) - {one} for one in words}
        if fixed < 1 and len(words) <= EVERY_SUM:
            sums |= {frozenset(some) for size in range(2, len(words)) for some in combinations(words, size)}
        elif fixed < 1:
            sums |= {frozenset(words) - set(pair) for pair in combinations(words, 2)}
            sums |= {frozenset(pair) for pair in combinations(words, 2)}
    return [None, *sorted((some for some in sums if 1 < len(some) < len(words)), key=sorted)]


def _over(
    measure: str, cost: float, keys: tuple[str, ...], over: tuple[int, ...], sums: list, cells: Mapping
) -> Iterator[tuple[tuple, Form]]:
    """Sums over one key or two."""
    groups: dict[Place, dict[tuple[str, ...], Identity]] = defaultdict(dict)
    free = [at for at in range(len(keys)) if at not in over]
    for (council, word, period), identity in cells.items():
        place = council, tuple(word[at] for at in free), period
        groups[place][tuple(word[at] for at in over)] = identity
    left = tuple(keys[at] for at in free)
    for chosen in sums:
        summed, silent = {}, {place[:2] for place in groups if chosen is not None}
        for place, group in groups.items():
            parts = [one for word, one in sorted(group.items()) if chosen is None or word[0] in chosen]
            if parts:
                summed[place] = tuple((1, one) for one in parts)
            if len(parts) < len(group):
                silent.discard(place[:2])
        more = log2(1 + len(keys)) if chosen is None else log2(len(sums))
        if summed:
            yield left, Form(measure, cost + more, summed, frozenset(silent))


def _alike(
    measure: str, keys: tuple[str, ...], table: Mapping, councils: Sequence[Numbers], beliefs: list[Beliefs]
) -> Iterator[tuple[tuple, Form]]:
    """Tables without a key along which their numbers are seen to be the same, as what every share of a whole is over."""
    for over in range(len(keys)):
        groups: dict[Place, list[Identity]] = defaultdict(list)
        for (council, word, period), identity in table.items():
            groups[council, word[:over] + word[over + 1 :], period].append(identity)
        bits, differs = np.zeros(len(councils)), np.zeros(len(councils), bool)
        for (council, _, _), group in groups.items():
            seen = [number for one in group if (number := councils[council][one]) is not None]
            differs[council] |= len(set(seen)) > 1
            bits[council] += sum(log2(1 + abs(number)) for number in seen[1:])
        enough = EQUAL_BITS + log2(len(keys))
        is_same = ~differs & (bits >= enough) | (bits.sum() >= enough and not differs.any())
        cells = {}
        for place, group in groups.items():
            if not is_same[place[0]]:
                continue
            numbers, same = councils[place[0]], beliefs[place[0]].equations
            first = next((one for one in group if numbers[one] is not None), group[0])
            cells[place] = ((1, first),)
            same += [[(1, one), (-1, first)] for one in group if numbers[one] is None and one != first]
        if cells:
            yield keys[:over] + keys[over + 1 :], Form(measure, log2(1 + len(keys)), cells)


def _in_time(form: Form) -> Iterator[tuple[str, Form]]:
    """A form by years, quarters and months, and as other periods say it.

    Sums of quarters and months, first and last quarters, last year's, the quarter before, and the difference that a year
    makes.
    """
    by_kind: dict[str, dict[Place, Signed]] = defaultdict(dict)
    for place, figures in form.cells.items():
        by_kind[kind_of(place[2])][place] = figures
    for kind, cells in by_kind.items():
        yield kind, replace(form, cells=cells)
    if form.cost > DEAR:
        return
    more = form.cost + TIME_BITS
    years, quarters = by_kind["year"], by_kind["quarter"]
    for end in ("Q1", "Q4"):
        cells = {(c, w, p[:7]): figures for (c, w, p), figures in quarters.items() if p.endswith(end)}
        yield "year", replace(form, cost=more, cells=cells)
    for kind, whole in (("quarter", 4), ("month", 12)):
        sums: dict[Place, Signed] = defaultdict(tuple)
        for (council, words, period), figures in by_kind[kind].items():
            sums[council, words, year_of(period)] += figures
        full = {place: figures for place, figures in sums.items() if len(figures) >= whole}
        yield "year", replace(form, cost=more, cells=full)
    before = {(c, w, next_year(p)): figures for (c, w, p), figures in years.items()}
    yield "year", replace(form, cost=more, cells=before)
    yield (
        "quarter",
        replace(form, cost=more, cells={(c, w, next_quarter(p)): f for (c, w, p), f in quarters.items()}),
    )
    grown = {
        place: (*years[place], *((-sign, one) for sign, one in before[place]))
        for place in years.keys() & before
    }
    yield "year", replace(form, cost=more, cells=grown)


# What forms side by side say


class _Table:
    """Forms of one class side by side: a row a form, a column a place, not seen where a form is hidden or not there."""

    def __init__(
        self, forms: list[Form], councils: Sequence[Numbers], scope: range, hidden: list[set[Identity]]
    ) -> None:
        places = sorted({place for form in forms for place in form.cells if place[0] in scope})
        self.column = {place: at for at, place in enumerate(places)}
        self.hidden = hidden
        shape = len(forms), len(places)
        numbers, seen, tells = np.zeros(shape), np.zeros(shape, bool), np.zeros(shape, bool)
        hides = np.zeros(len(forms), bool)
        for row, form in enumerate(forms):
            for place, figures in form.cells.items():
                if place[0] not in scope:
                    continue
                stated = [councils[place[0]][figure] for _, figure in figures]
                if None in stated:
                    hides[row] = True
                else:
                    at = self.column[place]
                    numbers[row, at] = sum(
                        sign * number for (sign, _), number in zip(figures, stated, strict=True)
                    )
                    seen[row, at] = True
                    tells[row, at] = place[:2] not in form.silent
        bits = np.log2(1 + np.abs(numbers)).sum(axis=1)
        cost = np.array([form.cost for form in forms])
        rows = np.flatnonzero((bits >= EQUAL_BITS + cost) | (cost <= TIME_BITS))
        rows = rows[np.argsort([forms[row].cost for row in rows], kind="stable")]
        self.forms = [forms[row] for row in rows]
        self.numbers, self.seen, self.hides = numbers[rows], seen[rows], hides[rows]
        self.bits, self.tells = np.log2(1 + np.abs(self.numbers)), tells[rows]
        tables = len({form.name for form in self.forms})
        self.choice = log2(tables) if tables else 0.0
        self.cost = np.array([form.cost for form in self.forms])

    def believe(self, beliefs: list[Beliefs]) -> None:
        """Add what is believed of these forms."""
        self._equalities(beliefs)
        self._sums(beliefs)
        self._orderings(beliefs)

    def _kin(self) -> np.ndarray:
        """Whether what a form counts is what another, a fraction or a change, is of: it is called like it with one word more."""
        names = sorted({form.name for form in self.forms})
        place = {name: at for at, name in enumerate(names)}
        kin = np.zeros((len(names), len(names)), bool)
        stems = [name.partition("#")[0] for name in names]
        for one, two in combinations(range(len(names)), 2):
            short, long = sorted((one, two), key=lambda at: (len(stems[at]), "#" in names[at]))
            more = stems[long].removeprefix(stems[short])
            kin[one, two] = kin[two, one] = (
                "#" in names[long]
                and stems[long].startswith(stems[short])
                and re.fullmatch(r"(_[a-z0-9]+)?", more) is not None
            )
        self.named = np.array([place[form.name] for form in self.forms])
        return kin

    def _equalities(self, beliefs: list[Beliefs]) -> None:
        """Two forms that are the same wherever both are seen."""
        kin = self._kin()
        counted = np.array([form.name.endswith("#numerator") for form in self.forms])
        changes = np.array([form.name.endswith("#value") for form in self.forms])
        grown = np.array(
            [any(sign < 0 for sign, _ in next(iter(form.cells.values()))) for form in self.forms]
        )
        tells, bits = self.tells.astype(np.float32), (self.bits * self.tells).astype(np.float32)
        for one in range(len(self.forms) - 1):
            later = np.arange(one + 1, len(self.forms))
            if not self.hides[one]:
                later = later[self.hides[later]]
            cost = self.cost[later] + self.cost[one]
            is_kin = kin[self.named[later], self.named[one]]
            agreed = tells[later] @ bits[one]
            by_name = (cost == 0) | (changes[later] & grown[one] | changes[one] & grown[later]) & (
                cost <= TIME_BITS
            )
            for_kin = np.where(by_name, 0.0, KIN_BITS + cost)
            is_likely = agreed >= np.where(is_kin, for_kin, EQUAL_BITS + cost + self.choice)
            later, is_kin, cost = later[is_likely], is_kin[is_likely], cost[is_likely]
            both = self.seen[later] & self.seen[one]
            differs = (both & (np.abs(self.numbers[later] - self.numbers[one]) > 1e-6)).any(axis=1)
            differs &= ~(is_kin & (cost == 0) & (counted[later] | counted[one]))
            for other, named_so in zip(later[~differs], is_kin[~differs], strict=True):
                if named_so or self._is_various(one, self.seen[one] & self.seen[other]):
                    self._instances(beliefs, [(1, int(one)), (-1, int(other))])

    def _is_various(self, form: int, where: np.ndarray) -> bool:
        """Whether a form has more than one number, not counting zero, at these places."""
        values = self.numbers[form][where]
        return len(set(values[values != 0].tolist())) > 1

    def _sums(self, beliefs: list[Beliefs]) -> None:
        """Two forms that make a third wherever all are seen; and two that make what two others make or differ by."""
        plain = self._unlike([at for at in range(len(self.forms)) if self.cost[at] <= DEAR])[:MOST_FORMS]
        numbers, seen, hides = self.numbers[plain], self.seen[plain], self.hides[plain]
        few = min(sum(self.cost[plain] == 0), MOST_LONG)
        for whole in range(len(plain)):
            for one, two in self._parts_of(numbers[whole], seen[whole], numbers, seen, SUM_BITS):
                used = [whole, one, two]
                if len(set(used)) == 3 and hides[used].any():
                    self._sum(beliefs, [(1, plain[one]), (1, plain[two]), (-1, plain[whole])], SUM_BITS)
        for whole, more in combinations(range(few), 2):
            both = seen[whole] & seen[more]
            for sign, first in ((1, whole), (-1, whole), (-1, more)):
                second = more if first == whole else whole
                total = numbers[first] + sign * numbers[second]
                if (total[both] < 0).any() or not self._may_be_long(both, numbers, seen, (whole, more)):
                    continue
                for one, two in self._parts_of(total, both, numbers[:few], seen[:few], LONG_BITS):
                    used = [whole, more, one, two]
                    if len(set(used)) == 4 and hides[used].any():
                        terms = [(1, one), (1, two), (-1, first), (-sign, second)]
                        self._sum(beliefs, [(k, plain[at]) for k, at in terms], LONG_BITS)

    def _may_be_long(
        self, both: np.ndarray, numbers: np.ndarray, seen: np.ndarray, used: tuple[int, int]
    ) -> bool:
        """Whether two forms are both something often enough for a relation of four terms."""
        parts = np.log2(1 + np.abs(numbers[list(used)][:, both]))
        return parts.min(axis=0).sum() >= LONG_BITS / 4

    def _unlike(self, forms: list[int]) -> list[int]:
        """Forms without those that are seen to be the same as an earlier one and hide the same."""
        kept: dict[tuple, int] = {}
        for at in forms:
            key = (np.where(self.seen[at], self.numbers[at], -0.5).tobytes(), bool(self.hides[at]) and at)
            kept.setdefault(key, at)
        return sorted(kept.values(), key=lambda at: (self.cost[at], -self.bits[at].sum()))

    def _parts_of(
        self, whole: np.ndarray, is_seen: np.ndarray, numbers: np.ndarray, seen: np.ndarray, least: float
    ) -> Iterator[tuple[int, int]]:
        """Pairs of forms that make a whole wherever all are seen; the places of its greatest numbers are tried first."""
        bits = np.log2(1 + np.abs(whole)) * is_seen
        if bits.sum() < least:
            return
        likely = np.flatnonzero(~((numbers > whole + 1e-6) & seen & is_seen & (whole >= 0)).any(axis=1))
        likely = likely[(seen[likely] & is_seen & (numbers[likely] != 0)).any(axis=1)]
        probes = np.argsort(-bits, kind="stable")[: min(PROBES, int((bits > 0).sum()))]
        size = len(likely)
        wrong, met = np.zeros((size, size), bool), np.zeros((size, size), np.float32)
        for at in probes:
            part, part_seen = numbers[likely, at], seen[likely, at]
            both = part_seen[:, None] & part_seen[None, :]
            wrong |= both & (np.abs(part[:, None] + part[None, :] - whole[at]) > 1e-6)
            met += both * np.float32(bits[at])
        enough = least if len(probes) == int((bits > 0).sum()) else least / 2
        for place, other in zip(*np.nonzero(np.triu((met >= enough) & ~wrong, 1)), strict=True):
            yield int(likely[place]), int(likely[other])

    def _sum(self, beliefs: list[Beliefs], terms: list[tuple[int, int]], least: float) -> None:
        """Believe that terms add up to nothing, if they do wherever all are seen, and often enough."""
        rows = [row for _, row in terms]
        signs = np.array([sign for sign, _ in terms])
        where = self.seen[rows].all(axis=0)
        numbers = self.numbers[rows][:, where]
        if (np.abs(signs @ numbers) > 1e-6).any():
            return
        bits = np.sort(self.bits[rows][:, where & self.tells[rows].all(axis=0)], axis=0)
        enough = least + self.cost[rows].sum() + (len(terms) - 1) * self.choice
        # an addition says something where all its parts are something
        if bits[-1].sum() >= enough and bits[0].sum() >= least / 4:
            self._instances(beliefs, terms)

    def _orderings(self, beliefs: list[Beliefs]) -> None:
        """One figure that is never greater than another wherever both are seen."""
        plain = np.array(
            [at for at, f in enumerate(self.forms) if self.cost[at] <= DEAR and f.is_plain], dtype=int
        )
        if not len(plain):
            return
        numbers, seen, hides = self.numbers[plain], self.seen[plain], self.hides[plain]
        for one in range(len(plain)):
            both = seen & seen[one]
            fits = ~(both & (numbers[one] > numbers)).any(axis=1)
            fits &= (both & (numbers[one] == numbers) & (numbers > 0)).any(axis=1)
            often = (both & (numbers[one] > 0)).sum(axis=1)
            fits &= often >= ORDER_PLACES + self.cost[plain] + self.cost[plain[one]] + self.choice
            fits &= hides | hides[one]
            fits[one] = False
            small = self.forms[plain[one]].cells
            for two in np.flatnonzero(fits):
                large = self.forms[plain[two]].cells
                for place in small.keys() & large.keys() & self.column.keys():
                    pair = small[place][0][1], large[place][0][1]
                    if not self.hidden[place[0]].isdisjoint(pair):
                        beliefs[place[0]].orderings.append(pair)

    def _instances(self, beliefs: list[Beliefs], terms: list[tuple[int, int]]) -> None:
        """Add a relation between forms at each place where something is hidden."""
        every = [self.forms[at].cells for _, at in terms]
        for place in set(every[0]).intersection(*every[1:]) & self.column.keys():
            total: dict[Identity, float] = defaultdict(float)
            for sign, at in terms:
                for inner, figure in self.forms[at].cells[place]:
                    total[figure] += sign * inner
            equation = [(sign, figure) for figure, sign in sorted(total.items()) if sign]
            if any(figure in self.hidden[place[0]] for _, figure in equation):
                beliefs[place[0]].equations.append(equation)
