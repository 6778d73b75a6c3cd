"""Which further cells to suppress, so that no suppressed cell can be worked out: the fewest that will do.

The method is that of Fischetti and Salazar (cell suppression with linked tables), with the tools at hand: an integer
programme (HiGHS) chooses the cells, an attacker's linear programme (GLOP) bounds every suppressed cell from all that
stays published, and every cell that it bounds too narrowly gives a new constraint to the integer programme, from the
dual of the attack. First the shares of a relaxed programme are attacked, which is cheap, then whole cells. In every
round the pattern is mended by the cheapest movements that free what is bounded too narrowly; the cheapest mended pattern
stands, and of that the dearest cells are given back where less can stand in for them. The bound of the integer
programme is below the cost of every safe pattern under the same relations, so the gap is known.

Every limit is on deterministic work and never on the clock: equal figures give equal patterns.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from random import Random

from redress.protect.relations import Relation

SHOWN, FREE, HIDDEN = 0, 1, 2
"""States of a cell: published whatever happens; published unless it must protect another; not published."""

SEED = 20060904
RELAXED, ROUNDS = 8, 8
"""Rounds of constraints from attacks: on shares of cells, then on whole ones."""
LEAST_ROUNDS = 2
"""Rounds on whole cells that are made however much work they are: the first pattern that is mended costs several times
the bound, the second hardly more than it."""
LITTLE = 0.003
"""Rounds on shares end when the bound rises by less than this part."""
WORK = 400_000
"""Cells times attacks of one component that are made for constraints; after these the pattern is mended."""
TRIALS = 20
"""Cells of a component's pattern that are tried to be given back."""
SAMPLES = 12
FEW = 4
NODES = 100
GAP = 0.01
WORK_PER_QUESTION = 0.5
"""CP-SAT's deterministic time for one cell's range over whole numbers."""
EPSILON = 1e-6
WHISPER = 1e-5
INFINITE = 1e12


@dataclass
class Problem:
    """Cells, what ties them, and what is decided already.

    Attributes:
        values: the true numbers; every relation holds on them.
        states: SHOWN, FREE or HIDDEN.
        lower: the least that anybody knows each cell to be while it is hidden.
        widths: how wide an attacker's range of a hidden cell must stay.
        weights: what hiding a cell costs (positive integers).
        relations: linear relations that an attacker knows.
        is_whole: whether the cells are whole numbers (counts), as an attacker knows too.
    """

    values: list[float]
    states: list[int]
    lower: list[float]
    widths: list[float]
    weights: list[int]
    relations: list[Relation]
    is_whole: bool = True


@dataclass
class Pattern:
    """A safe pattern of suppression.

    Attributes:
        hidden: cells not published.
        inferable: cells that were to be hidden and follow from what is published whatever happens.
        narrow: hidden cell -> the width that it has at best, where that is less than what was asked for.
        cost: the weight of the free cells hidden.
        bound: no safe pattern costs less than this.
        rounds: attacks made.
        cuts: constraints that attacks gave.
    """

    hidden: set[int] = field(default_factory=set)
    inferable: set[int] = field(default_factory=set)
    narrow: dict[int, float] = field(default_factory=dict)
    cost: int = 0
    bound: float = 0.0
    rounds: int = 0
    cuts: int = 0


@dataclass
class _Reduced:
    """The problem with what is known taken out and cells that stand or fall together made one."""

    representative: dict[int, int]
    values: dict[int, float]
    lower: dict[int, float]
    upper: dict[int, float]
    widths: dict[int, float]
    weights: dict[int, int]
    must_hide: set[int]
    rows: list[tuple[tuple[int, ...], tuple[int, ...], bool, float]]
    inferable: set[int]


Row = tuple[tuple[int, ...], tuple[int, ...], bool, float]
Solved = dict[tuple, tuple]
"""Components that have been solved or attacked, by all that the answer depends on, with places for cells."""


def solve(problem: Problem, solved: Solved | None = None) -> Pattern:
    """The cheapest pattern that an attacker cannot break.

    Cells whose width cannot be reached even with every free cell hidden get the width that can be.

    Args:
        problem: the cells and what ties them.
        solved: components of earlier problems; those that come again are not solved again. Gets those of this one.
    """
    solved = {} if solved is None else solved
    reduced = _reduce(problem)
    pattern = Pattern(inferable=reduced.inferable)
    cells = sorted(reduced.values)
    components = _components(cells, reduced.rows)
    hidden_representatives: set[int] = set()
    for members, rows in components:
        if not reduced.must_hide & set(members):
            continue
        question = _question(reduced, members, rows, problem.is_whole)
        if question not in solved:
            chosen, bound, rounds, cuts, narrow = _solve_component(reduced, members, rows, problem.is_whole)
            places = {cell: place for place, cell in enumerate(members)}
            solved[question] = (
                [places[cell] for cell in chosen],
                bound,
                rounds,
                cuts,
                {places[cell]: width for cell, width in narrow.items()},
            )
        at, bound, rounds, cuts, widths = solved[question]
        chosen = {members[place] for place in at}
        narrow = {members[place]: width for place, width in widths.items()}
        hidden_representatives |= chosen
        pattern.bound += bound
        pattern.rounds = max(pattern.rounds, rounds)
        pattern.cuts += cuts
        pattern.narrow |= narrow
        pattern.cost += sum(reduced.weights[c] for c in chosen - reduced.must_hide)
    widths = pattern.narrow
    pattern.narrow = {}
    for cell, representative in reduced.representative.items():
        if representative in hidden_representatives:
            pattern.hidden.add(cell)
            if representative in widths:
                pattern.narrow[cell] = widths[representative]
    return pattern


def attack(
    problem: Problem, hidden: set[int], of: Collection[int] | None = None, solved: Solved | None = None
) -> dict[int, float]:
    """Bound every hidden cell from all the others, and name those that are bounded too narrowly.

    Nothing of how the pattern was found is used: its cells are told apart into known and hidden, and each hidden one
    is pushed both ways over all relations, in whole numbers where the linear programme's corners are fractions.

    Args:
        problem: the cells and what ties them; its states are not looked at.
        hidden: the cells that are not published.
        of: the hidden cells to bound; all of them if not given.
        solved: components that have been attacked; those that come again are not attacked again. Gets those of this one.

    Returns:
        Hidden cell -> the width of its range, where that is less than asked for; 0 where it is worked out exactly.
    """
    solved = {} if solved is None else solved
    states = [HIDDEN if cell in hidden else SHOWN for cell in range(len(problem.values))]
    reduced = _reduce(replace(problem, states=states))
    asked = hidden if of is None else hidden.intersection(of)
    wanted = {reduced.representative[cell] for cell in asked if cell in reduced.representative}
    widths: dict[int, float] = {}
    for members, rows in _components(sorted(reduced.values), reduced.rows):
        bounded = [cell for cell in members if cell in wanted]
        if not bounded:
            continue
        asked_at = tuple(place for place, cell in enumerate(members) if cell in wanted)
        question = asked_at, *_question(reduced, members, rows, problem.is_whole)
        if question not in solved:
            narrow = _attack_component(reduced, members, rows, bounded, problem.is_whole)
            solved[question] = tuple((members.index(cell), width) for cell, width in narrow.items())
        widths |= {members[place]: width for place, width in solved[question]}
    found = dict.fromkeys(sorted(reduced.inferable & asked), 0.0)
    for cell, representative in reduced.representative.items():
        if representative in widths and cell in asked:
            found[cell] = widths[representative]
    return found


def _attack_component(
    reduced: _Reduced, members: list[int], rows: list[Row], bounded: list[int], is_whole: bool
) -> dict[int, float]:
    """The widths of those cells of a component, all of it hidden, that are bounded too narrowly."""
    program = _Attack(reduced, members, rows, {cell: reduced.widths[cell] for cell in members}, is_whole)
    program.start(set(members))
    return {
        # nothing is called exact that the linear programme has not shown to be
        cell: max(program.width(cell), 0.0 if program.is_exact(cell) else 0.5)
        for cell in program.narrow(bounded)
    }


def inferable(problem: Problem) -> set[int]:
    """The cells that are not shown and follow from those that are, one relation after the other."""
    return _reduce(problem).inferable


def _question(reduced: _Reduced, members: list[int], rows: list[Row], is_whole: bool) -> tuple:
    """All that the solution of a component depends on, with each cell's place among its members for the cell."""
    places = {cell: place for place, cell in enumerate(members)}
    numbers = tuple(
        (
            reduced.values[cell],
            reduced.lower[cell],
            reduced.upper[cell],
            reduced.widths[cell],
            reduced.weights[cell],
            cell in reduced.must_hide,
        )
        for cell in members
    )
    ties = tuple((tuple(places[cell] for cell in cells), *rest) for cells, *rest in rows)
    return is_whole, numbers, ties


def _reduce(problem: Problem) -> _Reduced:  # noqa: C901  one pass after the other over the same classes
    """Take out cells that are known, and merge those of which one gives the other.

    A relation left with one unknown gives it away: the cell is known to everybody whatever is suppressed.
    """
    parent = list(range(len(problem.values)))

    def find(cell: int) -> int:
        while parent[cell] != cell:
            parent[cell] = parent[parent[cell]]
            cell = parent[cell]
        return cell

    known = {cell for cell, state in enumerate(problem.states) if state == SHOWN}
    inferable: set[int] = set()
    waiting = [relation for relation in problem.relations if not known.issuperset(relation.cells)]
    inequalities = [relation for relation in waiting if not relation.is_equation]
    changed: set[int] | None = None
    while changed is None or changed:
        # what a pass leaves as it was need not be looked at again by the next
        before, changed = changed, set()
        left: list[Relation] = []
        for relation in waiting:
            if (
                before is not None
                and before.isdisjoint(relation.cells)
                and changed.isdisjoint(relation.cells)
            ):
                left.append(relation)
                continue
            terms: dict[int, int] = {}
            for coefficient, cell in zip(relation.coefficients, relation.cells, strict=True):
                root = cell if parent[cell] == cell else find(cell)
                if root not in known:
                    terms[root] = terms.get(root, 0) + coefficient
            if not all(terms.values()):
                terms = {cell: coefficient for cell, coefficient in terms.items() if coefficient}
            if not terms:
                continue
            rooted = tuple(sorted(terms))
            if relation.is_equation and len(terms) == 1:
                known |= set(terms)
                inferable |= set(terms)
                changed |= set(terms)
            elif relation.is_equation and len(terms) == 2 and sum(terms.values()) == 0:
                one, two = rooted
                parent[two] = one
                changed.add(two)
            else:
                left.append(Relation(rooted, tuple(terms[cell] for cell in rooted), relation.is_equation))
        waiting = list(dict.fromkeys(left))
    members: dict[int, list[int]] = defaultdict(list)
    for cell in range(len(problem.values)):
        members[find(cell)].append(cell)
    unknown = [root for root in sorted(members) if root not in known]
    value = {root: problem.values[root] for root in unknown}
    # cells of one class differ by a known amount: bounds are carried over to the representative
    lower = {
        root: value[root] - min(problem.values[c] - problem.lower[c] for c in members[root])
        for root in unknown
    }
    upper = dict.fromkeys(unknown, INFINITE)
    rows: list[Row] = []
    for relation in waiting:
        at = sum(k * value[c] for k, c in zip(relation.coefficients, relation.cells, strict=True))
        if relation.is_equation:
            rows.append((relation.cells, relation.coefficients, True, at))
    # inequalities: their right side is in the original numbers
    for relation in inequalities:
        slack = -sum(
            k * problem.values[c] for k, c in zip(relation.coefficients, relation.cells, strict=True)
        )
        terms = defaultdict(int)
        for coefficient, cell in zip(relation.coefficients, relation.cells, strict=True):
            if find(cell) not in known:
                terms[find(cell)] += coefficient
        terms = {cell: k for cell, k in terms.items() if k}
        if len(terms) == 1:
            [(cell, k)] = terms.items()
            if k > 0:
                upper[cell] = min(upper[cell], value[cell] + slack / k)
            else:
                lower[cell] = max(lower[cell], value[cell] - slack / -k)
        elif terms:
            at = sum(k * value[c] for c, k in terms.items())
            ordered = tuple(sorted(terms))
            rows.append((ordered, tuple(terms[c] for c in ordered), False, at + slack))
    given_away = {find(cell) for cell in inferable}
    must_hide = {root for root in unknown if any(problem.states[c] == HIDDEN for c in members[root])}
    return _Reduced(
        representative={c: root for root in unknown for c in members[root]},
        values=value,
        lower=lower,
        upper=upper,
        widths={root: max(problem.widths[c] for c in members[root]) for root in unknown},
        weights={root: sum(problem.weights[c] for c in members[root]) for root in unknown},
        must_hide=must_hide,
        rows=list(dict.fromkeys(rows)),
        inferable={
            cell for cell, state in enumerate(problem.states) if state == HIDDEN and find(cell) in given_away
        },
    )


def _components(cells: Iterable[int], rows: Sequence[Row]) -> list[tuple[list[int], list[Row]]]:
    """Cells that rows tie together, with their rows."""
    parent = {cell: cell for cell in cells}

    def find(cell: int) -> int:
        while parent[cell] != cell:
            parent[cell] = parent[parent[cell]]
            cell = parent[cell]
        return cell

    for members, _, _, _ in rows:
        first = find(members[0])
        for cell in members[1:]:
            other = find(cell)
            if other != first:
                parent[max(first, other)] = min(first, other)
                first = min(first, other)
    groups: dict[int, list[int]] = defaultdict(list)
    for cell in sorted(parent):
        groups[find(cell)].append(cell)
    tied: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        tied[find(row[0][0])].append(row)
    return [(members, tied[root]) for root, members in sorted(groups.items())]


PRIME = 46_337
"""Dependence is looked for in whole numbers modulo a prime: exact, and products stay far below what a float holds."""


def _independent(members: list[int], rows: list[Row]) -> list[Row]:
    """Rows without the equations that follow from shorter ones.

    A programme over hundreds of sums that say the same in other words takes several times as long and says no more.
    """
    import numpy as np

    place = {cell: number for number, cell in enumerate(members)}
    equations = sorted((row for row in rows if row[2]), key=lambda row: (len(row[0]), row[:2]))
    echelon, pivots = np.zeros((len(members), len(members))), []
    kept = []
    for row in equations:
        vector = np.zeros(len(members))
        for cell, coefficient in zip(row[0], row[1], strict=True):
            vector[place[cell]] = coefficient % PRIME
        vector = (vector - vector[pivots] @ echelon[: len(pivots)]) % PRIME
        found = np.flatnonzero(vector)
        if not len(found):
            continue
        kept.append(row)
        pivot = int(found[0])
        vector = vector * pow(int(vector[pivot]), -1, PRIME) % PRIME
        touched = np.flatnonzero(echelon[: len(pivots), pivot])
        echelon[touched] = (echelon[touched] - np.outer(echelon[touched, pivot], vector)) % PRIME
        echelon[len(pivots)] = vector
        pivots.append(pivot)
    return kept + [row for row in rows if not row[2]]


def _solve_component(
    reduced: _Reduced, members: list[int], rows: list[Row], is_whole: bool
) -> tuple[set[int], float, int, int, dict[int, float]]:
    """(hidden, lower bound of the cost, rounds, cuts, widths that cannot be reached) of one component."""
    must = reduced.must_hide & set(members)
    free = [cell for cell in members if cell not in must]
    widths = {cell: reduced.widths[cell] for cell in members}
    attack = _Attack(reduced, members, rows, widths, is_whole)
    cuts = dict.fromkeys(_first_cuts(reduced, members, rows, widths))
    given = len(cuts)
    shares, bound = _choose(reduced, free, must, list(cuts), is_relaxed=True)
    asked: Collection[int] = sorted(must)
    for _ in range(RELAXED if shares else 0):
        new = attack.cuts(dict.fromkeys(must, 1.0) | shares, asked)
        if not new:
            break
        cuts |= dict.fromkeys(new)
        asked = sorted({cell for cell, *_ in new})
        shares, least = _choose(reduced, free, must, list(cuts), is_relaxed=True)
        if least < bound * (1 + LITTLE):
            break
        bound = least
    hidden, unreachable, spent = set(must), {}, 0
    for spent in range(1, ROUNDS + 1):
        shares, least = _choose(reduced, free, must, list(cuts))
        bound = max(bound, least)
        tried = must | {cell for cell, share in shares.items() if share > 0.5}
        attack.start(tried, {})
        waiting = attack.sample(tried)
        new = attack.cuts(dict.fromkeys(tried, 1.0), waiting)
        certain = {cell for cell, *_ in new}
        found = [cell for cell in waiting if cell in certain or attack.narrow([cell])]
        tried |= attack.repair(tried, found)
        if spent == 1 or attack.weigh(tried - must) < attack.weigh(hidden - must):
            hidden, unreachable = tried, dict(attack.unreachable)
        known = len(cuts)
        cuts |= dict.fromkeys(new)
        # the more rounds, the less is asked
        is_near = attack.weigh(hidden - must) <= bound * (1 + GAP * spent)
        is_worked_out = spent >= LEAST_ROUNDS and attack.work > WORK
        if is_near or not found or len(cuts) == known or is_worked_out:
            break
    attack.start(hidden, unreachable)
    hidden = attack.improve(hidden, hidden - must, bound, TRIALS)
    return hidden, bound, spent, len(cuts) - given, attack.unreachable


Cut = tuple[int, float, tuple[tuple[int, float], ...]]
"""(cell, width, ((other cell, what it gives), ...)): if the cell is hidden, the others hidden give it the width."""


def _first_cuts(reduced: _Reduced, members: list[int], rows: list[Row], widths: dict) -> list[Cut]:
    """What each relation asks for by itself: something to move against, and enough of it."""
    cuts: dict[Cut, None] = {}
    for cells, coefficients, is_equation, _ in rows:
        if not is_equation:
            continue
        for place, cell in enumerate(cells):
            width = max(1, math.ceil(widths[cell] - EPSILON))
            own = reduced.values[cell] - reduced.lower[cell]
            gives, others = [], []
            for other_place, other in enumerate(cells):
                if other_place == place:
                    continue
                same = (coefficients[place] > 0) == (coefficients[other_place] > 0)
                room = reduced.values[other] - reduced.lower[other] if same else width
                room = room * abs(coefficients[other_place] / coefficients[place])
                others.append((other, 1))
                if room > 0:
                    gives.append((other, math.ceil(min(room, width) - EPSILON)))
            cuts[(cell, 1, tuple(others))] = None
            if own < width:
                cuts[(cell, math.ceil(width - own - EPSILON), tuple(gives))] = None
    return list(cuts)


def _choose(
    reduced: _Reduced, free: list[int], must: set[int], cuts: list[Cut], *, is_relaxed: bool = False
) -> tuple[dict[int, float], float]:
    """How much of each free cell to hide so that every cut is satisfied at the least cost, and a bound of that cost.

    Shares are 0 or 1, or anything between where the programme is relaxed. Cells without a share are left out.
    """
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    place = {cell: number for number, cell in enumerate(free)}
    data, columns, starts, least = [], [], [0], []
    for cell, width, gives in cuts:
        need = width - sum(amount for other, amount in gives if other in must)
        terms = [(place[other], min(amount, need)) for other, amount in gives if other in place]
        # what one relation cannot give, all together must: take what there is
        need = min(need, sum(amount for _, amount in terms))
        if need <= EPSILON:
            continue
        for number, amount in terms:
            columns.append(number)
            data.append(amount)
        if cell in place:
            columns.append(place[cell])
            data.append(-need)
        starts.append(len(data))
        least.append(0 if cell in place else need)
    if not any(least):
        return {}, 0.0
    matrix = csr_array((data, columns, starts), shape=(len(least), len(free)))
    answer = milp(
        np.array([reduced.weights[cell] for cell in free], dtype=float),
        integrality=np.full(len(free), 0 if is_relaxed else 1),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, np.array(least, dtype=float), np.inf),
        options={"mip_rel_gap": GAP, "node_limit": NODES},
    )
    if answer.x is None:
        return dict.fromkeys(free, 1.0), 0.0
    bound = answer.fun if is_relaxed else answer.mip_dual_bound
    shares = {cell: float(answer.x[place[cell]]) for cell in free}
    return {cell: share for cell, share in shares.items() if share > EPSILON}, max(0.0, float(bound or 0.0))


class _Attack:
    """Bounds hidden cells of one component from everything published, and mends a pattern that it breaks.

    Numbers are kept as deviations from the truth: `x = a + up - down`. Every point found is a set of numbers that
    the published ones allow; it stays one when more is hidden, so what has been proved wide enough is not asked again.
    """

    def __init__(
        self, reduced: _Reduced, members: list[int], rows: list[Row], widths: dict[int, float], is_whole: bool
    ) -> None:
        self.reduced, self.members, self.is_whole = reduced, members, is_whole
        self.rows = rows = _independent(members, rows)
        self.widths = widths
        self.unreachable: dict[int, float] = {}
        self.hidden: set[int] = set()
        self.room = 2 * max(widths.values()) + 2
        self.least: dict[int, float] = {}
        self.most: dict[int, float] = {}
        self.closed = _Program(reduced, members, rows, self.room)
        self.points: list[dict[int, float]] = []
        self.reach: dict[int, float] = {}
        self.work = 0

    @cached_property
    def open(self) -> _Program:
        """The programme in which every cell may move, at a price."""
        return _Program(self.reduced, self.members, self.rows, self.room)

    @cached_property
    def capped(self) -> _Program:
        """The programme in which every cell may move to the extent that it is hidden."""
        return _Program(self.reduced, self.members, self.rows, self.room, whisper=0.0)

    def start(self, hidden: set[int], unreachable: dict[int, float] | None = None) -> None:
        """Turn to another pattern; of the points found so far, those stay in which nothing else moves."""
        self.least, self.most, self.hidden = {}, {}, set(hidden)
        self.unreachable = dict(self.unreachable if unreachable is None else unreachable)
        for cell in self.members:
            self.closed.free(cell, cell in hidden)
        for point in self.points:
            if point.keys() <= self.hidden:
                self._widen(point)

    def _learn(self, point: dict[int, float] | None) -> bool:
        """Keep a point; False where it is none, or not in whole numbers."""
        if point is None or (self.is_whole and any(abs(x - round(x)) > 1e-6 for x in point.values())):
            return False
        point = {cell: deviation for cell, deviation in point.items() if abs(deviation) > EPSILON}
        self.points.append(point)
        self._widen(point)
        return True

    def _widen(self, point: dict[int, float]) -> None:
        for cell, deviation in point.items():
            if deviation > self.most.get(cell, 0.0):
                self.most[cell] = deviation
            elif deviation < self.least.get(cell, 0.0):
                self.least[cell] = deviation

    def width(self, cell: int) -> float:
        """The range in which the points found so far place a cell."""
        return self.most.get(cell, 0.0) - self.least.get(cell, 0.0)

    def _is_narrow(self, cell: int) -> bool:
        return self.width(cell) < self.unreachable.get(cell, self.widths[cell]) - EPSILON

    def narrow(self, cells: Iterable[int]) -> list[int]:
        """Those of the hidden cells that can be bounded more narrowly than they may."""
        return [cell for cell in self.sample(cells) if self._is_narrow(cell) and self._bounds(cell)]

    def sample(self, cells: Iterable[int]) -> list[int]:
        """Those of the hidden cells that a few far points have not proved wide enough."""
        waiting = sorted(cell for cell in cells if self._is_narrow(cell))
        random = Random(SEED)
        for _ in range(SAMPLES if len(waiting) > FEW else 0):
            signs = {cell: random.choice((-1, 1)) for cell in waiting}
            self._learn(self.closed.push(signs))
            self._learn(self.closed.push({cell: -sign for cell, sign in signs.items()}))
            waiting = [cell for cell in waiting if self._is_narrow(cell)]
            if len(waiting) <= FEW:
                break
        return waiting

    def _bounds(self, cell: int) -> bool:
        """Whether the cell is bounded too narrowly, exactly."""
        whole = True
        points = []
        for sign in (1, -1):
            point = self.closed.push({cell: sign})
            points.append(point)
            whole &= self._learn(point)
            if not self._is_narrow(cell):
                return False
        if not whole and all(points):
            # the linear programme's corners are fractions: ask over whole numbers
            for sign in (1, -1):
                self._learn(self.closed.push_whole(cell, sign))
        return self._is_narrow(cell)

    def is_exact(self, cell: int) -> bool:
        """Whether no point at all, fractions among them, has the cell anywhere but at its number."""
        points = [self.closed.push({cell: sign}) for sign in (1, -1)]
        return all(point is not None and abs(point[cell]) < EPSILON for point in points)

    def cuts(self, shares: dict[int, float], cells: Iterable[int]) -> list[Cut]:
        """Constraints that the shares break, from the duals of attacks on these cells.

        A bound of a cell's range is a sum over what may move, each to the extent that it is hidden: so much must the
        hidden ones give (the capacity constraints of Fischetti and Salazar). No cell's movement counts for more than
        what is asked for, which makes the constraint stronger on whole cells and keeps it true.

        Args:
            shares: cell -> how much of it is hidden, 0 to 1.
            cells: the cells to attack.
        """
        result: dict[Cut, None] = {}
        asked: dict[tuple[float, tuple[int, ...]], list[int]] = defaultdict(list)
        for cell in cells:
            target = self._target(cell)
            rise = target - self.capped.fall[cell]
            # a cell that can fall by what is asked for may rise or fall: both together must give the width
            asked[(rise, (1,)) if rise > EPSILON else (target, (1, -1))].append(cell)
        for (need, signs), members in sorted(asked.items()):
            if need <= EPSILON:
                continue
            self.capped.cap(shares, need)
            for cell in members:
                cut = self._cut(cell, need, signs, shares.get(cell, 0.0))
                if cut is not None:
                    result[cut] = None
        return list(result)

    def _cut(self, cell: int, need: float, signs: tuple[int, ...], share: float) -> Cut | None:
        reach, constant, gives = 0.0, 0.0, Counter()
        for sign in signs:
            self.work += len(self.members)
            told = self.capped.bound(cell, sign)
            if told is None:
                return None
            reach += told[0]
            constant += told[1]
            gives.update(told[2])
        if reach >= need * share - 1e-4:
            return None
        own = gives.pop(cell, 0.0)
        need = round(need - max(0.0, constant) - own, 6)
        terms = tuple((other, round(min(amount, need), 6)) for other, amount in sorted(gives.items()))
        return (cell, need, terms) if need > EPSILON and terms else None

    def _target(self, cell: int) -> float:
        """The width asked for, or what can be had with everything hidden."""
        if cell not in self.reach:
            far = [self.open.push({cell: sign}) for sign in (1, -1)]
            self.reach[cell] = sum(abs(one[cell]) if one is not None else 0.0 for one in far)
        return min(self.widths[cell], self.reach[cell])

    def repair(
        self, hidden: set[int], narrow: list[int], banned: int | None = None, most: float = math.inf
    ) -> set[int] | None:
        """Further cells to hide, at the least cost of moving them, until no hidden cell is bounded too narrowly.

        Args:
            hidden: the pattern.
            narrow: its cells that are bounded too narrowly.
            banned: a cell that may not be hidden.
            most: what the further cells may weigh.

        Returns:
            The further cells; None where it cannot be done without the banned cell at less than the most.
        """
        if not narrow:
            return set()
        weights = self.reduced.weights
        self.open.price({cell: 0 if cell in hidden else weights[cell] for cell in self.members})
        if banned is None:
            return self._mend(narrow, math.inf)
        self.open.free(banned, False)
        added = self._mend(narrow, most)
        self.open.free(banned, True)
        return added

    def _mend(self, narrow: list[int], most: float) -> set[int] | None:  # noqa: C901  each way of moving a cell is tried after the last has failed
        """As `repair`, over the cells that are free to move; nothing is unreachable where there is a most."""
        added: set[int] = set()
        waiting = list(narrow)
        while waiting:
            if self.weigh(added) >= most:
                return None
            cell = waiting.pop(0)
            if not self._is_narrow(cell):
                continue
            self._learn(self.closed.push({cell: -1}))
            if not self._is_narrow(cell):
                continue
            target = self.unreachable.get(cell, self.widths[cell])
            point = None
            for extra in (0, 1, 2):
                point = self.open.cheapest(cell, self.least.get(cell, 0.0) + target + extra)
                if point is None or self._learn(point):
                    break
            if point is None and most < math.inf:
                return None
            if point is None:
                # not by rising alone: as far up as it goes, and down for the rest
                far = [self.open.push({cell: sign}) for sign in (1, -1)]
                up, down = (abs(one[cell]) if one is not None else 0.0 for one in far)
                self.open.restore_prices()
                if up + down < target - EPSILON:
                    self.unreachable[cell] = up + down
                    if up + down > 0:
                        waiting.insert(0, cell)
                    continue
                rise = math.floor(min(up, target) + EPSILON) if self.is_whole else min(up, target)
                for deviation in (rise, rise - target):
                    point = self.open.cheapest(cell, deviation) if abs(deviation) > EPSILON else None
                    self._learn(point)
                    added |= self._hide(point or {})
                if self._is_narrow(cell):
                    self.unreachable[cell] = self.width(cell)
                continue
            moved = self._hide(point)
            added |= moved
            if self._is_narrow(cell) and not moved:
                if most < math.inf:
                    return None
                self.unreachable[cell] = self.width(cell)
            waiting += [other for other in sorted(moved) if self._is_narrow(other)]
            if self._is_narrow(cell):
                waiting.append(cell)
        return added

    def weigh(self, cells: Iterable[int]) -> int:
        """What hiding cells costs."""
        return sum(self.reduced.weights[cell] for cell in cells)

    def _hide(self, point: dict[int, float]) -> set[int]:
        """Hide what moves in a point. Returns the cells that were not hidden."""
        moved = {
            other for other, deviation in point.items() if abs(deviation) > 1e-6 and other not in self.hidden
        }
        self.hidden |= moved
        for other in moved:
            self.closed.free(other, True)
        self.open.price(dict.fromkeys(moved, 0))
        return moved

    def improve(self, hidden: set[int], chosen: set[int], bound: float, trials: int) -> set[int]:
        """A safe pattern that weighs no more: cells are given back, dearest first, where less can stand in for them.

        Args:
            hidden: a safe pattern.
            chosen: cells of it that may be given back.
            bound: no safe pattern costs less.
            trials: so many cells are tried; none where the pattern costs hardly more than its bound.
        """
        weights = self.reduced.weights
        cost = self.weigh(chosen)
        for cell in sorted(chosen, key=lambda cell: (-weights[cell], cell))[:trials]:
            if cost <= bound * (1 + GAP):
                break
            left = hidden - {cell}
            self.start(left)
            near = {other for row in self.rows if cell in row[0] for other in row[0] if other in left}
            waiting = sorted(
                (other for other in left if self._is_narrow(other)),
                key=lambda other: (other not in near, other),
            )
            added = self.repair(left, waiting, cell, weights[cell])
            if added is not None and self.weigh(added) < weights[cell]:
                cost -= weights[cell] - self.weigh(added)
                hidden = left | added
        self.start(hidden)
        return hidden


class _Program:
    """One linear programme of an attack in deviations from the truth, kept warm between questions."""

    def __init__(
        self, reduced: _Reduced, members: list[int], rows: list[Row], room: float, whisper: float = WHISPER
    ) -> None:
        from ortools.linear_solver import pywraplp

        self.reduced, self.room, self.members, self.rows = reduced, room, members, rows
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        if whisper:
            # a programme that has been rewritten cannot start from where the last question ended
            self.solver.SetSolverSpecificParametersAsString("use_preprocessing: false")
        self.optimal = pywraplp.Solver.OPTIMAL
        self.up, self.down, self.is_free, self.prices = {}, {}, dict.fromkeys(members, True), {}
        self.rise = {c: max(0.0, min(reduced.upper[c] - reduced.values[c], room)) for c in members}
        self.fall = {c: max(0.0, min(reduced.values[c] - reduced.lower[c], room)) for c in members}
        for cell in members:
            self.up[cell] = self.solver.NumVar(0, self.rise[cell], "")
            self.down[cell] = self.solver.NumVar(0, self.fall[cell], "")
        for cells, coefficients, is_equation, at in rows:
            true = sum(k * reduced.values[c] for c, k in zip(cells, coefficients, strict=True))
            constraint = self.solver.Constraint(
                at - true if is_equation else -self.solver.infinity(), at - true
            )
            for cell, coefficient in zip(cells, coefficients, strict=True):
                constraint.SetCoefficient(self.up[cell], coefficient)
                constraint.SetCoefficient(self.down[cell], -coefficient)
        self.objective = self.solver.Objective()
        self.whisper = whisper
        self.aimed: dict[int, int] | None = None

    def free(self, cell: int, is_free: bool) -> None:
        """Whether the cell may move: it is hidden."""
        if self.is_free[cell] != is_free:
            self.is_free[cell] = is_free
            self.up[cell].SetBounds(0, self.rise[cell] if is_free else 0)
            self.down[cell].SetBounds(0, self.fall[cell] if is_free else 0)

    def _solve(self) -> dict[int, float] | None:
        if self.solver.Solve() != self.optimal:
            return None
        return {
            cell: self.up[cell].solution_value() - self.down[cell].solution_value()
            for cell, is_free in self.is_free.items()
            if is_free
        }

    def push(self, signs: dict[int, int]) -> dict[int, float] | None:
        """A point as far as possible in a direction."""
        self._aim(signs)
        return self._solve()

    def _aim(self, signs: dict[int, int]) -> None:
        """Set the objective to a direction."""
        if self.aimed is None:
            self.objective.Clear()
            self.aimed = dict.fromkeys(self.members, 0)
            self.objective.SetMaximization()
            changed = self.members
        else:
            changed = [
                cell for cell in {**self.aimed, **signs} if self.aimed.get(cell, 0) != signs.get(cell, 0)
            ]
        for cell in changed:
            sign = signs.get(cell, 0)
            # a whisper against moving both ways at once
            self.objective.SetCoefficient(self.up[cell], sign - self.whisper)
            self.objective.SetCoefficient(self.down[cell], -sign - self.whisper)
        self.aimed = dict(signs)

    def cap(self, shares: dict[int, float], most: float) -> None:
        """Let every cell move to the extent that it is hidden, and the most by so much."""
        for cell in self.members:
            share = shares.get(cell, 0.0)
            self.up[cell].SetBounds(0, min(self.rise[cell], most) * share)
            self.down[cell].SetBounds(0, min(self.fall[cell], most) * share)

    def bound(self, cell: int, sign: int) -> tuple[float, float, dict[int, float]] | None:
        """(how far a cell can go as things are capped, a constant, what each cell adds when it is hidden).

        The constant and the sum over hidden cells are above how far the cell can go in any pattern.
        """
        self._aim({cell: sign})
        if self.solver.Solve() != self.optimal:
            return None
        far = constant = self.objective.Value()
        gives: dict[int, float] = {}
        for variables, rooms in ((self.up, self.rise), (self.down, self.fall)):
            for other, variable in variables.items():
                cost = variable.reduced_cost() if rooms[other] else 0.0
                if cost > 1e-7:
                    constant -= cost * variable.ub()
                    gives[other] = gives.get(other, 0.0) + cost * rooms[other]
        return far, constant, gives

    def price(self, prices: dict[int, float]) -> None:
        """What moving a cell costs."""
        self.prices |= prices
        self.restore_prices()

    def restore_prices(self) -> None:
        """Set the objective to the cost of moving."""
        self.aimed = None
        self.objective.Clear()
        for cell in self.members:
            price = self.prices.get(cell, 0) + WHISPER
            self.objective.SetCoefficient(self.up[cell], price)
            self.objective.SetCoefficient(self.down[cell], price)
        self.objective.SetMinimization()

    def cheapest(self, cell: int, deviation: float) -> dict[int, float] | None:
        """The cheapest point in which the cell is at least so much greater (or smaller), None where there is none."""
        if deviation > self.rise[cell] or -deviation > self.fall[cell]:
            return None
        self.up[cell].SetBounds(max(0.0, deviation), self.rise[cell] if deviation > 0 else 0)
        self.down[cell].SetBounds(max(0.0, -deviation), self.fall[cell] if deviation < 0 else 0)
        point = self._solve()
        self.up[cell].SetBounds(0, self.rise[cell])
        self.down[cell].SetBounds(0, self.fall[cell])
        return point

    def push_whole(self, cell: int, sign: int) -> dict[int, float] | None:
        """A point in whole numbers as far as possible in a direction."""
        from ortools.sat.python import cp_model

        model = cp_model.CpModel()
        moves = {
            c: model.new_int_var(-int(self.fall[c] + EPSILON), int(self.rise[c] + EPSILON), "")
            for c in self.members
            if self.is_free[c]
        }
        for cells, coefficients, is_equation, at in self.rows:
            here = [(c, k) for c, k in zip(cells, coefficients, strict=True) if c in moves]
            if not here:
                continue
            true = sum(k * self.reduced.values[c] for c, k in zip(cells, coefficients, strict=True))
            left = cp_model.LinearExpr.weighted_sum([moves[c] for c, _ in here], [k for _, k in here])
            model.add(left == 0) if is_equation else model.add(left <= int(at - true + EPSILON))
        model.maximize(sign * moves[cell])
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = SEED
        solver.parameters.max_deterministic_time = WORK_PER_QUESTION
        if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        return {c: float(solver.value(move)) for c, move in moves.items()}
