"""Somebody who wants the suppressed numbers, and has nothing but what is published.

Written apart from the protector and sharing nothing with it, no list of measures in particular. It reads the rows of all
councils as they are published, adds up what has the form of a sum (`_structure`), believes what holds wherever it can be
seen (`reader`), knows that a rounded percentage bounds what it is of, and bounds each suppressed count by linear and then by
integer programming (HiGHS). It knows that zero is printed, so that a suppressed count is at least 1.

The truth is used for two things only: to leave out relations that do not hold (an attacker who believes in them learns
something false) and to say of each bound whether it is right.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import lil_matrix

from tests.protection import reader
from tests.protection.reader import Identity, Numbers, kind_of, parts_of, year_of

COUNTLESS = {
    "percent", "percentage_points", "ratio", "per_1000", "working_days", "calendar_days", "date", "days", "place", "gbp",
    "services", "themes",
}  # fmt: skip
DAYS = {"working_days", "calendar_days"}
FRACTIONS = {"percent": 100, "ratio": 1, "per_1000": 1000}
CHANGE = r"_change(_pct|_points)?$"
HIDDEN = {"suppressed", "computed", "prior", "revised"}
"""What a row without a number is called where it hides one; others have none."""
Equation = list[tuple[float, Identity | None]]
"""Terms that add up to zero, or to no more; None stands for one."""
Remainders = Mapping[Identity, tuple[Identity, ...]]
"""A row that several are merged into -> these rows."""
Truth = Mapping[Identity, float]


@dataclass(frozen=True)
class Found:
    """What the attacker makes of one suppressed count."""

    identity: Identity
    low: float
    high: float
    truth: float


@dataclass(frozen=True)
class Council:
    """What is attacked.

    Attributes:
        published: rows as they leave, of all its reports: measure, breakdown, period, unit, value, numerator, denominator.
        figures: the same council's figures with their numbers, those that do not leave among them.
        parents: service -> the one above.
        remainders: rows that stand for several, which are then no rows of their own.
    """

    published: Sequence[dict]
    figures: Sequence[dict]
    parents: Mapping[str, str | None]
    remainders: Remainders = field(default_factory=dict)


def text(parts: Iterable[tuple[str, str]]) -> str:
    return ";".join(f"{key}={word}" for key, word in sorted(parts))


def attack(
    published: Sequence[dict],
    figures: Sequence[dict],
    parents: Mapping[str, str | None],
    beside: Sequence[Council] = (),
) -> list[Found]:
    """Bounds of every suppressed count of one council, by somebody who may have read those `beside`."""
    return attack_all([Council(published, figures, parents), *beside])[0]


def attack_all(councils: Sequence[Council], enough: float = 12.0) -> list[list[Found]]:
    """Bounds of every suppressed count of each council, by all that is believed of what all of them publish.

    Args:
        councils: whose reports are read.
        enough: a range of so much ends the search for a wider one.
    """
    numbers = [numbers_of(council.published) for council in councils]
    found = []
    for council, stated, beliefs in zip(councils, numbers, reader.believed(numbers), strict=True):
        merged = {identity for members in council.remainders.values() for identity in members}
        truth = {k: v for k, v in numbers_of(council.figures).items() if v is not None and k not in merged}
        found.append(_attack(council, stated, truth, beliefs, enough=enough))
    return found


def attack_sums(
    published: Sequence[dict], figures: Sequence[dict], parents: Mapping[str, str | None]
) -> list[Found]:
    """Bounds of every suppressed sum of pounds, and of the sum of days behind every suppressed average."""
    numbers = sums_of(published)
    truth = {k: v for k, v in sums_of(figures).items() if v is not None}
    [beliefs] = reader.believed([numbers])
    return _attack(Council((), (), parents), numbers, truth, beliefs, least=0.0, enough=float("inf"))


def attack_merged(council: Council, beside: Sequence[Council] = (), enough: float = 12.0) -> list[Found]:
    """Bounds of every small count that was merged, by whoever knows which rows were, and which of them are nothing.

    He writes the merged rows down beside those with names, as numbers that he does not know, and every remainder as their sum.
    """
    truth = {k: v for k, v in numbers_of(council.figures).items() if v is not None}
    stated = numbers_of(council.published)
    sums = {
        remainder: members for remainder, members in council.remainders.items() if remainder in stated
    }  # others are left out with their tables
    merged = {one for members in sums.values() for one in members if one in truth}
    if not merged:
        return []
    numbers = {identity: number for identity, number in stated.items() if identity not in council.remainders}
    numbers |= {identity: None if truth[identity] else 0.0 for identity in sorted(merged)}
    beliefs = reader.believed([numbers, *(numbers_of(other.published) for other in beside)])[0]
    for remainder, members in sums.items():
        if stated[remainder] is not None and set(members) <= truth.keys():
            beliefs.equations.append([*((1, member) for member in members), (-stated[remainder], None)])
    targets = {one for one in merged if 0 < truth[one] <= 5 and numbers[one] is None}
    return _attack(council, numbers, truth, beliefs, targets=targets, enough=enough)


def broken(found: Sequence[Found], width: float) -> list[Found]:
    """Those placed in a range that is narrower than it may be and holds the truth."""
    return [one for one in found if one.high - one.low < width - 1e-6 and one.low <= one.truth <= one.high]


# What the rows state


def stated(numbers: Iterable[tuple[Identity, float | None]]) -> dict[Identity, float | None]:
    """Each number as somebody knows it who has read every report: shown in one of them is known."""
    known: dict[Identity, float | None] = {}
    for identity, number in numbers:
        if number is not None or identity not in known:
            known[identity] = number
    return known


def numbers_of(rows: Iterable[dict]) -> dict[Identity, float | None]:
    """Every count that rows state or hide: figures, what fractions and averages are of, and changes of counts.

    None where it is hidden. What is no figure of its own has a `#` in its name.
    """
    told: list[tuple[Identity, float | None]] = []
    for row in rows:
        measure, place, unit = row["measure"], (row["breakdown"], row["period"]), row["unit"]
        is_hidden = row["value"] is None
        if is_hidden and row.get("status", "suppressed") not in HIDDEN:
            continue
        is_change = re.search(CHANGE, measure) is not None
        if not is_change and unit not in COUNTLESS:
            told.append(((measure, *place), row["value"]))
        elif measure.endswith("_change") and unit not in COUNTLESS:
            told.append(((f"{measure}#value", *place), row["value"]))
        if (unit in FRACTIONS or is_change and unit not in COUNTLESS) and (
            is_hidden or row["denominator"] is not None or not is_change
        ):
            told += [((f"{measure}#{side}", *place), row[side]) for side in ("numerator", "denominator")]
        elif unit in DAYS and not is_change and (is_hidden or row["denominator"] is not None):
            told.append(((f"{measure}#denominator", *place), row["denominator"]))
    return stated(told)


def sums_of(rows: Iterable[dict]) -> dict[Identity, float | None]:
    """Every sum of pounds that rows state or hide, and every sum of days: an average that is shown has it as numerator."""
    return stated(
        ((row["measure"], row["breakdown"], row["period"]), row["value"] if row["unit"] == "gbp" else row["numerator"])
        for row in rows
        if row["unit"] == "gbp" or row["unit"] in DAYS and not re.search(CHANGE, row["measure"])
    )  # fmt: skip


def _rounded(rows: Iterable[dict]) -> list[Equation]:
    """What a fraction that leaves without the numbers that it was worked out from says of them: no more, no less than it rounds to."""
    bounds: list[Equation] = []
    for row in rows:
        times = FRACTIONS.get(row["unit"])
        if (
            times is None
            or row["value"] is None
            or row["numerator"] is not None
            or re.search(CHANGE, row["measure"])
        ):
            continue
        part, whole = (
            (f"{row['measure']}#{side}", row["breakdown"], row["period"])
            for side in ("numerator", "denominator")
        )
        places = len(f"{row['value']:.6f}".rstrip("0").partition(".")[2])
        half = 0.5 / 10**places
        bounds.append([(times, part), (-(row["value"] + half), whole)])
        bounds.append([(-times, part), (row["value"] - half, whole)])
    return bounds


# What has the form of a sum


def _structure(
    numbers: Numbers, truth: Truth, parents: Mapping[str, str | None]
) -> tuple[list[Equation], list[Equation]]:
    """(sums that hold, parts that are no more than their whole), whatever is counted."""
    tables: dict[tuple, dict[tuple[str, str], Identity]] = defaultdict(dict)
    for identity in numbers:
        measure, breakdown, period = identity
        tables[measure, tuple(key for key, _ in parts_of(breakdown))][breakdown, period] = identity
    equations: list[Equation] = []
    bounds: list[Equation] = []
    for (measure, keys), table in tables.items():
        for key in keys:
            wholes = tables.get((measure, tuple(other for other in keys if other != key)), {})
            groups: dict[tuple[str, str], dict[str, Identity]] = defaultdict(dict)
            for (breakdown, period), identity in table.items():
                rest = text(pair for pair in parts_of(breakdown) if pair[0] != key)
                groups[rest, period][dict(parts_of(breakdown))[key]] = identity
            for group, parts in groups.items():
                if key == "service":
                    _tree(parts, wholes.get(group), parents, equations, bounds)
                if group in wholes:
                    _sum(wholes[group], list(parts.values()), equations, bounds)
        _years(table, truth, equations)
    return equations, bounds


def _sum(whole: Identity, parts: list[Identity], equations: list[Equation], bounds: list[Equation]) -> None:
    if len(parts) > 1:  # that a number has one part only, its rows have to say
        equations.append([(-1, whole), *((1, part) for part in parts)])
    bounds += [[(1, part), (-1, whole)] for part in parts]


def _tree(
    parts: dict[str, Identity],
    whole: Identity | None,
    parents: Mapping[str, str | None],
    equations: list,
    bounds: list,
) -> None:
    """A service is what is below it, and the whole is the top of the tree."""
    below: dict[str | None, list[Identity]] = defaultdict(list)
    for service, identity in parts.items():
        above = parents.get(service)
        while above is not None and above not in parts:
            above = parents.get(above)
        below[above].append(identity)
    for above, children in below.items():
        top = whole if above is None else parts[above]
        if top is not None:
            _sum(top, children, equations, bounds)
            if len(children) == 1:
                equations.append([(1, top), (-1, children[0])])


def _years(table: dict[tuple[str, str], Identity], truth: Truth, equations: list[Equation]) -> None:
    """A year is its quarters and its months, where every year of the table that has all of them is."""
    spans: dict[tuple[str, str], dict[tuple[str, str], list[Identity]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for (breakdown, period), identity in table.items():
        kind = kind_of(period)
        if kind == "year":
            continue
        spans[kind, "year"][breakdown, year_of(period)].append(identity)
        if kind == "month":
            quarter = f"{year_of(period)}-Q{(int(period[5:]) - 4) % 12 // 3 + 1}"
            spans[kind, "quarter"][breakdown, quarter].append(identity)
    full = {("quarter", "year"): 4, ("month", "year"): 12, ("month", "quarter"): 3}
    for name, groups in spans.items():
        sums = {group: parts for group, parts in groups.items() if group in table}
        off = [
            group
            for group, parts in sums.items()
            if abs(sum(truth.get(one, 0) for one in parts) - truth.get(table[group], 0)) > 1e-6
        ]
        if not any(len(sums[group]) == full[name] for group in off):
            equations += [[(-1, table[group]), *((1, one) for one in parts)] for group, parts in sums.items()]


# What all of it leaves of each number


def _attack(
    council: Council,
    numbers: Numbers,
    truth: Truth,
    beliefs: reader.Beliefs,
    *,
    least: float = 1.0,
    targets: set[Identity] | None = None,
    enough: float,
) -> list[Found]:
    """Bounds of hidden numbers: whole numbers of at least 1, or with `least=0.0` any from 0.

    What is no figure of its own may be 0, and a change anything. Only `targets` are looked for, and of these no further once a
    range of `enough` has been seen; without any, all hidden figures that are not 0.
    """
    hidden = {identity for identity, value in numbers.items() if value is None and identity in truth}
    if targets is None:
        targets = {one for one in hidden if "#" not in one[0] and (truth[one] > 0 or not least)}
    equations, bounds = _structure(numbers, truth, council.parents)
    equations += beliefs.equations
    bounds += [[(1, small), (-1, large)] for small, large in beliefs.orderings] + _rounded(council.published)
    rows = {row for equation in equations if (row := _row(equation, True, hidden, numbers, truth))}
    rows |= {row for bound in bounds if (row := _row(bound, False, hidden, numbers, truth))}
    floor = {one: -FAR if _is_change(one) else 0.0 if "#" in one[0] else least for one in hidden}
    return _ranges(_Merged(hidden, rows), floor, truth, targets, least > 0, enough)


def _is_change(identity: Identity) -> bool:
    """Whether a number says how much more one is than another, and may be less than zero."""
    measure, _, side = identity[0].partition("#")
    return side == "value" or side == "numerator" and re.search(CHANGE, measure) is not None


def _row(equation: Equation, is_equation: bool, hidden: set, numbers: Numbers, truth: Truth) -> tuple | None:
    """(hidden terms, constant, whether they are equal or no more), if it says something and is true."""
    terms: dict[Identity, float] = defaultdict(float)
    constant = 0.0
    for sign, identity in equation:
        if identity is None:
            constant -= sign
        elif identity in hidden:
            terms[identity] += sign
        elif (number := numbers.get(identity)) is not None:
            constant -= sign * number
        else:
            return None
    kept = tuple(sorted((one, sign) for one, sign in terms.items() if sign))
    off = sum(sign * truth[one] for one, sign in kept) - constant
    is_true = abs(off) < 1e-6 if is_equation else off < 1e-6
    return (kept, constant, is_equation) if kept and is_true else None


class _Merged:
    """Hidden numbers with those made one of which one gives the other, and those taken out that follow.

    Every number is its root and a known difference; `value` has the roots that are worked out.
    """

    def __init__(self, hidden: set, rows: set) -> None:
        self.parent = {one: one for one in hidden}
        self.offset = dict.fromkeys(hidden, 0.0)
        self.value: dict = {}
        self.rows = {row for row in rows if not row[2]}
        waiting, before = {row for row in rows if row[2]}, None
        while (state := (len(waiting), len(self.value))) != before:
            before = state
            waiting = {row for row in map(self._reduced, sorted(waiting)) if row and not self._learn(row)}
        self.rows = {row for row in map(self._reduced, self.rows) if row} | waiting

    def root(self, one: tuple) -> tuple:
        """(root, what is added to it)."""
        added = 0.0
        while self.parent[one] != one:
            added += self.offset[one]
            one = self.parent[one]
        return one, added

    def _reduced(self, row: tuple) -> tuple | None:
        """A row over roots that are not worked out; None where nothing is left of it."""
        terms, constant = defaultdict(float), row[1]
        for one, sign in row[0]:
            root, added = self.root(one)
            constant -= sign * added
            if root in self.value:
                constant -= sign * self.value[root]
            else:
                terms[root] += sign
        kept = tuple(sorted((one, sign) for one, sign in terms.items() if sign))
        return (kept, constant, row[2]) if kept else None

    def _learn(self, row: tuple) -> bool:
        """Take in an equation of one number, or of two that differ by a known amount."""
        terms, constant, _ = self._reduced(row) or ((), 0.0, True)
        if len(terms) == 1:
            [(one, sign)] = terms
            self.value[one] = constant / sign
        elif len(terms) == 2 and terms[0][1] == -terms[1][1]:
            (one, sign), (two, _) = terms
            self.parent[two], self.offset[two] = one, -constant / sign
        else:
            return not terms
        return True


def _ranges(
    merged: _Merged, floor: dict, truth: dict, targets: set, is_whole: bool, enough: float
) -> list[Found]:
    """The range of each target, over the numbers that rows tie together."""
    far = FAR if is_whole else FAR_SUM
    low, high, linked = {}, {}, {}
    for one in merged.parent:
        root, added = merged.root(one)
        low[root] = max(low.get(root, -np.inf), floor[one] - added)
        high.setdefault(root, far)
        linked[root] = root

    def find(one: tuple) -> tuple:
        while linked[one] != one:
            linked[one] = linked[linked[one]]
            one = linked[one]
        return one

    rows = []
    for terms, constant, is_equation in sorted(merged.rows):
        if len(terms) == 1:
            [(one, sign)] = terms
            if sign > 0:
                high[one] = min(high[one], constant / sign)
            else:
                low[one] = max(low[one], constant / sign)
            continue
        rows.append((terms, constant, is_equation))
        for one, _ in terms[1:]:
            linked[find(one)] = find(terms[0][0])
    tied, members, asked = defaultdict(list), defaultdict(list), defaultdict(list)
    for row in rows:
        tied[find(row[0][0][0])].append(row)
    for root in sorted(low):
        if root not in merged.value:
            members[find(root)].append(root)
    found = []
    for one in sorted(targets):
        root, added = merged.root(one)
        if root in merged.value:
            worth = merged.value[root] + added
            found.append(Found(one, worth, worth, truth[one]))
        else:
            asked[find(root)].append((one, root, added))
    for group, wanted in asked.items():
        true = {root: truth[root] for root in members[group]}
        roots = list(dict.fromkeys(root for _, root, _ in wanted))
        ends = _component(members[group], tied[group], true, low, high, roots, is_whole, enough)
        found += [
            Found(one, round(ends[root][0] + added, 6), round(ends[root][1] + added, 6), truth[one])
            for one, root, added in wanted
        ]
    return found


FAR, FAR_SUM = 1e4, 1e7


def _component(
    members: list, rows: list, truth: dict, low: dict, high: dict, asked: list, is_whole: bool, enough: float
) -> dict[tuple, tuple[float, float]]:
    """The least and the most that each number asked for can be, or a range of `enough` that is seen on the way."""
    box = np.array([[low[one], high[one]] for one in members])
    place = {one: number for number, one in enumerate(members)}
    if not rows:
        return {one: tuple(box[place[one]]) for one in asked}
    matrix = lil_matrix((len(rows), len(members)))
    least, most = np.full(len(rows), -np.inf), np.zeros(len(rows))
    for number, (terms, constant, is_equation) in enumerate(rows):
        for one, sign in terms:
            matrix[number, place[one]] = sign
        most[number] = constant
        if is_equation:
            least[number] = constant
    matrix = matrix.tocsr()
    equal = np.isfinite(least)
    a_eq, a_ub = (matrix[equal], matrix[~equal])
    b_eq, b_ub = most[equal], most[~equal]
    smallest = np.array([truth[one] for one in members])
    largest = smallest.copy()
    found = {}
    for one in asked:
        at = place[one]
        if largest[at] - smallest[at] >= enough:
            found[one] = (smallest[at], largest[at])
            continue
        objective = np.zeros(len(members))
        objective[at] = 1.0
        ends = []
        for sign in (1, -1):
            answer = linprog(sign * objective, a_ub, b_ub, a_eq, b_eq, box, method="highs-ds")
            ends.append(sign * answer.fun if answer.status == 0 else box[at][0 if sign == 1 else 1])
            if answer.status == 0:
                smallest, largest = np.minimum(smallest, answer.x), np.maximum(largest, answer.x)
        if is_whole and ends[1] - ends[0] < 12:  # the whole numbers between may be fewer
            ends = []
            for sign in (1, -1):
                answer = milp(
                    sign * objective,
                    integrality=np.ones(len(members)),
                    bounds=Bounds(box[:, 0], box[:, 1]),
                    constraints=LinearConstraint(matrix, least, most),
                )
                ends.append(sign * answer.fun if answer.status == 0 else box[at][0 if sign == 1 else 1])
        found[one] = (ends[0], ends[1])
    return found
