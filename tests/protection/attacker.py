"""Somebody who wants the suppressed numbers, and has nothing but what is published.

Written apart from the protector and sharing nothing with it: it reads rows as they are published, writes down every
relation that it can think of, and bounds each suppressed count by linear and then by integer programming (HiGHS).
It knows that zero is printed, so that a suppressed count is at least 1. Rows may be of several reports of one council.

The truth is used for two things only: to leave out relations that do not hold (an attacker who believes in them learns
something false) and to say of each bound whether it is right.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import lil_matrix

from tests.protection import reader

Identity = tuple[str, str, str]
"""Measure, breakdown, period."""

COUNTLESS = {
    "percent", "percentage_points", "ratio", "per_1000", "working_days", "calendar_days", "date", "days", "place", "gbp",
    "services", "themes",
}  # fmt: skip
DAYS = {"working_days", "calendar_days"}
CHANGE = r"_change(_pct|_points)?$"
SAME = (
    (("complaints_upheld", ""), ("complaint_outcomes", "outcome=upheld")),
    (("issues_upheld", ""), ("issue_outcomes", "outcome=upheld")),
    (("withdrawn", ""), ("closed", "closed_how=withdrawn")),
    (("responses", ""), ("closed", "closed_how=responded")),
    (("responses", ""), ("resolved", "")),
    (("ombudsman_upheld", ""), ("ombudsman_decided", "decision=upheld")),
)
SUMS = (
    ("complaints_upheld_or_partly", ("complaint_outcomes", "outcome=upheld"), ("complaint_outcomes", "outcome=partially_upheld")),
    ("issues_upheld_or_partly", ("issue_outcomes", "outcome=upheld"), ("issue_outcomes", "outcome=partially_upheld")),
    ("responses_timed", ("responses_within_standard", ""), ("responses_outside_standard", "")),
    ("responses_timed", ("responses_within_extended", ""), ("responses_outside_extended", "")),
    ("responses_timed", ("responses_within_agreed", ""), ("responses_outside_agreed", "")),
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """What the attacker makes of one suppressed count."""

    identity: tuple[str, str, str]
    low: float
    high: float
    truth: float


def pairs(breakdown: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in breakdown.split(";")) if breakdown else {}


def text(parts: dict[str, str]) -> str:
    return ";".join(f"{key}={parts[key]}" for key in sorted(parts))


def attack(
    published: list[dict], truth: dict[tuple[str, str, str], float], parents: dict[str, str | None]
) -> list[Found]:
    """Bounds of every suppressed count of one report.

    Args:
        published: rows as they leave: measure, breakdown, period, unit, value, numerator, denominator.
        truth: (measure, breakdown, period) -> the number, of every figure of the report.
        parents: service -> the one above.
    """
    counts = _stated(
        ((row["measure"], row["breakdown"], row["period"]), row["value"])
        for row in published
        if row["unit"] not in COUNTLESS and not re.search(CHANGE, row["measure"])
    )
    equations, bounds = _relations(counts, truth, parents)
    equations += _from_shares(published, counts, truth) + _from_changes(published, counts, truth)
    hidden = {identity for identity, value in counts.items() if value is None and identity in truth}
    return _bound(hidden, counts, equations, bounds, truth)


def attack_sums(
    published: list[dict], truth: dict[tuple[str, str, str], float], parents: dict[str, str | None]
) -> list[Found]:
    """Bounds of every suppressed sum of pounds, and of the sum of days behind every suppressed average.

    Args:
        published: as for `attack`; an average that is shown has its sum as numerator.
        truth: (measure, breakdown, period) -> the pounds, or the sum of days of an average.
        parents: service -> the one above.
    """
    sums = _stated(
        ((row["measure"], row["breakdown"], row["period"]), row["value"] if row["unit"] == "gbp" else row["numerator"])
        for row in published
        if row["unit"] == "gbp" or row["unit"] in DAYS and not re.search(CHANGE, row["measure"])
    )  # fmt: skip
    equations, bounds = _relations(sums, truth, parents)
    for measure, breakdown, period in sums:  # a mean and a median of the same days have the same sum
        other = (measure.replace("_mean", "_median"), breakdown, period)
        if other != (measure, breakdown, period) and other in sums:
            equations.append([(1, (measure, breakdown, period)), (-1, other)])
    hidden = {identity for identity, value in sums.items() if value is None and identity in truth}
    return _bound(hidden, sums, equations, bounds, truth, least=0.0)


def _stated(numbers: Iterable[tuple[tuple[str, str, str], float | None]]) -> dict:
    """Each number as somebody knows it who has read every report: shown in one of them is known."""
    known: dict[tuple[str, str, str], float | None] = {}
    for identity, number in numbers:
        if number is not None or identity not in known:
            known[identity] = number
    return known


def _relations(counts: dict, truth: dict, parents: dict) -> tuple[list, list]:
    """(equations, `a <= b`): each equation a list of (sign, identity) that adds up to zero."""
    tables: dict[tuple, dict] = defaultdict(dict)
    for identity in counts:
        measure, breakdown, period = identity
        tables[measure, tuple(sorted(pairs(breakdown)))][breakdown, period] = identity
    equations, bounds = [], []
    true = truth.get
    whole_of = lambda identity: true(identity, 0) or 0
    complete: dict[tuple, dict] = defaultdict(dict)
    for measure, breakdown, period in truth:
        complete[measure, tuple(sorted(pairs(breakdown)))][breakdown, period] = (measure, breakdown, period)

    def grouped(table: dict, key: str) -> dict:
        groups = defaultdict(dict)
        for (breakdown, period), identity in table.items():
            parts = pairs(breakdown)
            value = parts.pop(key)
            groups[text(parts), period][value] = identity
        return groups

    for (measure, keys), table in tables.items():
        for key in keys:
            rest = tuple(k for k in keys if k != key)
            groups, wholes = grouped(table, key), tables.get((measure, rest), {})
            every = grouped(complete[measure, keys], key)
            adds = all(
                abs(sum(whole_of(one) for one in every[group].values()) - whole_of((measure, *group))) < 1e-6
                for group in every
                if (measure, *group) in truth
            )
            for group, parts in groups.items():
                whole = wholes.get(group)
                values = list(parts.values())
                if key == "service":
                    _tree(group, parts, whole, parents, equations, bounds, whole_of)
                if whole is None:
                    continue
                if adds and abs(sum(map(whole_of, values)) - whole_of(whole)) < 1e-6:
                    equations.append([(-1, whole), *((1, one) for one in values)])
                bounds += [(one, whole) for one in values if whole_of(one) <= whole_of(whole)]
        _years(table, equations, whole_of)
    for identity in counts:
        _named(identity, counts, equations, whole_of)
    return equations, bounds


def _tree(group, parts, whole, parents, equations, bounds, value) -> None:
    below = defaultdict(list)
    for service, identity in parts.items():
        above = parents.get(service)
        while above is not None and above not in parts:
            above = parents.get(above)
        below[above].append(identity)
    for above, children in below.items():
        top = whole if above is None else parts[above]
        if top is None:
            continue
        if abs(sum(map(value, children)) - value(top)) < 1e-6:
            equations.append([(-1, top), *((1, one) for one in children)])
        bounds += [(one, top) for one in children if value(one) <= value(top)]


def _years(table: dict, equations: list, value) -> None:
    quarters, months = defaultdict(list), defaultdict(list)
    for (breakdown, period), identity in table.items():
        if "-Q" in period:
            quarters[breakdown, period[:7]].append(identity)
        elif re.fullmatch(r"\d{4}-\d{2}", period) and int(period[5:]) != (int(period[2:4]) + 1) % 100:
            year, month = int(period[:4]), int(period[5:])
            start = year if month > 3 else year - 1
            name = f"{start}-{(start + 1) % 100:02d}"
            months[breakdown, name].append(identity)
            months[breakdown, f"{name}-Q{(month - 4) % 12 // 3 + 1}"].append(identity)
    # one thing may be counted in several quarters (a child, a complaint with several issues): all years must add up
    for groups in (quarters, months):
        complete = {group: parts for group, parts in groups.items() if group in table}
        holds = {
            group: abs(sum(map(value, parts)) - value(table[group])) < 1e-6
            for group, parts in complete.items()
        }
        if all(holds[group] for group in holds if len(complete[group]) in (4, 12, 16)):
            equations += [
                [(-1, table[group]), *((1, one) for one in parts)]
                for group, parts in complete.items()
                if holds[group]
            ]


def _named(identity, counts, equations, value) -> None:
    measure, breakdown, period = identity

    def other(name: str, added: str) -> tuple[str, str, str]:
        return name, text(pairs(breakdown) | pairs(added)), period

    for (one, more), (two, added) in SAME:
        if measure == one and not more:
            twin = other(two, added)
            if twin in counts and value(twin) == value(identity):
                equations.append([(1, identity), (-1, twin)])
    for total, *parts in SUMS:
        if measure == total:
            found = [other(*part) for part in parts]
            if all(one in counts for one in found) and sum(map(value, found)) == value(identity):
                equations.append([(-1, identity), *((1, one) for one in found)])
    if measure == "brought_forward":
        flow = [
            (-1, other("carried_forward", "")),
            (1, identity),
            (1, other("entered", "")),
            (-1, other("closed", "")),
        ]
        if all(one in counts for _, one in flow) and not sum(s * value(one) for s, one in flow):
            equations.append(flow)
        if period[-2:] in ("Q2", "Q3", "Q4"):
            before = ("carried_forward", breakdown, f"{period[:-1]}{int(period[-1]) - 1}")
            if before in counts and value(before) == value(identity):
                equations.append([(1, identity), (-1, before)])
        year = f"{int(period[:4]) - 1}-{period[2:4]}"
        for before in ((measure, breakdown, f"{period}-Q1"), ("carried_forward", breakdown, year)):
            if len(period) == 7 and before in counts and value(before) == value(identity):
                equations.append([(1, identity), (-1, before)])


def _from_shares(published: list[dict], counts: dict, truth: dict) -> list:
    """A percentage that is shown gives its count and its base; so may the figures of the same name."""
    known = []
    for row in published:
        if not row["measure"].endswith("_share") or row["value"] is None:
            continue
        base = row["measure"].removesuffix("_share")
        parts = pairs(row["breakdown"])
        for identity, number in (
            ((base, row["breakdown"], row["period"]), row["numerator"]),
            *(
                (
                    (base, text({k: v for k, v in parts.items() if k != key}), row["period"]),
                    row["denominator"],
                )
                for key in parts
            ),
        ):
            if identity in counts and counts[identity] is None and truth.get(identity) == number:
                known.append([(1, identity), (-number, None)])
    return known


def _from_changes(published: list[dict], counts: dict, truth: dict) -> list:
    """A change that is shown ties a year to the one before, whichever report has it."""
    known = []
    for row in published:
        if row["measure"].endswith("_change") and row["value"] is not None:
            measure, period = row["measure"].removesuffix("_change"), row["period"]
            before = f"{int(period[:4]) - 1}-{period[2:4]}{period[7:]}"
            now, then = (measure, row["breakdown"], period), (measure, row["breakdown"], before)
            if {now, then} <= counts.keys() & truth.keys() and truth[now] - truth[then] == row["value"]:
                known.append([(1, now), (-1, then), (-row["value"], None)])
    return known


def _bound(
    hidden: set,
    counts: dict,
    equations: list,
    bounds: list,
    truth: dict,
    least: float = 1.0,
    targets: set | None = None,
    enough: float = float("inf"),
) -> list[Found]:
    """Bounds of the hidden numbers: whole numbers of at least 1, or with `least=0.0` any from 0.

    Numerators and denominators that are no figure of their own (`#`) may be 0. Only `targets` are looked for, and of
    these no further once a range of `enough` has been seen.
    """
    targets = hidden if targets is None else targets
    rows = set()
    for equation in equations:
        terms, constant = defaultdict(float), 0.0
        for sign, identity in equation:
            if identity is None:
                constant -= sign
            elif identity in hidden:
                terms[identity] += sign
            else:
                constant -= sign * (counts.get(identity) or 0.0)
        terms = {one: sign for one, sign in terms.items() if sign}
        if terms and abs(sum(sign * truth[one] for one, sign in terms.items()) - constant) < 1e-6:
            rows.add((tuple(sorted(terms.items())), constant, True))
    for small, large in bounds:
        if small in hidden and large in hidden:
            rows.add((tuple(sorted({small: 1.0, large: -1.0}.items())), 0.0, False))
        elif small in hidden and counts.get(large) is not None:
            rows.add((((small, 1.0),), counts[large], False))
        elif large in hidden and counts.get(small):
            rows.add((((large, -1.0),), -counts[small], False))
    floor = {one: 0.0 if "#" in one[0] else least for one in hidden}
    return _ranges(_Merged(hidden, rows), floor, truth, targets, least > 0, enough)


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


def broken(found: list[Found], width: float) -> list[Found]:
    """Those placed in a range that is narrower than it may be and holds the truth."""
    return [one for one in found if one.high - one.low < width - 1e-6 and one.low <= one.truth <= one.high]


FRACTIONS = {"percent", "ratio", "per_1000"}


def numbers_of(rows: Iterable[dict]) -> dict[tuple[str, str, str], float | None]:
    """Every count that rows state or hide: figures, and the numerators and denominators of fractions and averages.

    None where it is hidden. A change that is shown states its two years.
    """
    told: list[tuple[tuple[str, str, str], float | None]] = []
    changes = []
    for row in rows:
        measure, breakdown, period = row["measure"], row["breakdown"], row["period"]
        is_hidden = row["value"] is None
        if is_hidden and row.get("status", "suppressed") not in (
            "suppressed",
            "computed",
            "prior",
            "revised",
        ):
            continue
        if re.search(CHANGE, measure):
            if row["unit"] not in COUNTLESS and measure.endswith("_change") and not is_hidden:
                changes.append(row)
        elif row["unit"] in FRACTIONS:
            if is_hidden or row["numerator"] is not None and row["denominator"] is not None:
                told.append(((f"{measure}#numerator", breakdown, period), row["numerator"]))
                told.append(((f"{measure}#denominator", breakdown, period), row["denominator"]))
        elif row["unit"] in DAYS:
            if is_hidden or row["denominator"] is not None:
                told.append(((f"{measure}#denominator", breakdown, period), row["denominator"]))
        elif row["unit"] not in COUNTLESS:
            told.append(((measure, breakdown, period), row["value"]))
    numbers = _stated(told)
    for row in changes:
        base, period = row["measure"].removesuffix("_change"), row["period"]
        before = f"{int(period[:4]) - 1}-{period[2:4]}{period[7:]}"
        for when, side in ((period, "numerator"), (before, "denominator")):
            identity = (base, row["breakdown"], when)
            if row[side] is not None and identity in numbers:
                numbers[identity] = row[side]
    return numbers


Remainders = dict[Identity, tuple[Identity, ...]]
"""A row that several are merged into -> these rows."""


def attack_everything(
    published: list[dict],
    figures: list[dict],
    parents: dict[str, str | None],
    enough: float = 12.0,
    remainders: Remainders | None = None,
) -> list[Found]:
    """Bounds of every suppressed count, by all that is believed of what is published.

    Args:
        published: rows as they leave, of all reports of one council.
        figures: the same council's figures with their numbers, those that do not leave among them.
        parents: service -> the one above.
        enough: a range of so much ends the search for a wider one.
        remainders: rows that stand for several, which are then no rows of their own.
    """
    merged = {identity for members in (remainders or {}).values() for identity in members}
    numbers = numbers_of(published)
    truth = {k: v for k, v in numbers_of(figures).items() if v is not None and k not in merged}
    hidden = {identity for identity, value in numbers.items() if value is None and identity in truth}
    targets = {identity for identity in hidden if "#" not in identity[0] and truth[identity] > 0}
    equations, bounds = _relations(numbers, truth, parents)
    believed, orderings = reader.believed(numbers)
    equations += believed + _from_changes(published, numbers, truth)
    bounds += [pair for pair in orderings if truth.get(pair[0], 0) <= truth.get(pair[1], 0)]
    return _bound(hidden, numbers, equations, bounds, truth, targets=targets, enough=enough)


def attack_merged(
    published: list[dict],
    figures: list[dict],
    parents: dict[str, str | None],
    remainders: Remainders,
    enough: float = 12.0,
) -> list[Found]:
    """Bounds of every small count that was merged, by whoever knows which rows were, and which of them are nothing.

    He writes the merged rows down beside those with names, as numbers that he does not know, and every remainder as their sum.

    Args:
        published: rows as they leave, of all reports of one council.
        figures: the same council's figures with their numbers, remainders not among them.
        parents: service -> the one above.
        remainders: what is merged.
        enough: a range of so much ends the search for a wider one.
    """
    truth = {k: v for k, v in numbers_of(figures).items() if v is not None}
    stated = numbers_of(published)
    merged = {
        identity
        for remainder, members in remainders.items()
        if remainder in stated  # others are left out with their tables
        for identity in members
        if identity in truth
    }
    numbers = {identity: number for identity, number in stated.items() if identity not in remainders}
    numbers |= {identity: None if truth[identity] else 0.0 for identity in sorted(merged)}
    hidden = {identity for identity, value in numbers.items() if value is None and identity in truth}
    equations, bounds = _relations(numbers, truth, parents)
    equations += _from_changes(published, numbers, truth)
    for remainder, members in remainders.items():
        if stated.get(remainder) is not None and set(members) <= truth.keys():
            equations.append([*((1, member) for member in members), (-stated[remainder], None)])
    targets = {identity for identity in hidden & merged if 0 < truth[identity] <= 5}
    return _bound(hidden, numbers, equations, bounds, truth, targets=targets, enough=enough)
