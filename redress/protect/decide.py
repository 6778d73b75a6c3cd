"""The decision on every figure of a council's reports: shown, suppressed or left out, and why.

All reports of a council are one problem, since what one shows another may not hide. What a signed-off report showed
is known to everybody for ever, and what it did not show stays hidden.

1. Rows that are merged (`merge`) are left out, and stay in the problem as numbers that nobody may place; their remainder
   stands for them. Tables too fine to be of use are left out whole, at their level of the services: small teams are then
   shown in the service above them. What was found in cases of which the open total is small is left out too.
2. Counts of 1 to the threshold in what is left are suppressed (primary), but for open totals and for what the
   authority has printed already.
3. `suppress.solve` adds the cells that these need (secondary).
4. Averages and sums follow their counts, and are solved as a second system.
5. Every other figure is shown where all that it gives away is shown.
6. The suppressed counts and sums are attacked once more, from what leaves; the record says which gave way.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from redress.authority.protection import Protection
from redress.base.patterns import fits_wildcard
from redress.contract.breakdown import list_of, pairs_of, written
from redress.declared.closure import kind_of
from redress.protect import suppress
from redress.protect.derived import Columns, comparable, derive
from redress.protect.merge import SLICES, leaves_uncertain
from redress.protect.relations import (
    CHANGE,
    CONTRIBUTORS,
    MEASURED,
    NOT_PEOPLE,
    OF_THE_COUNCIL,
    Cells,
    Relation,
    build,
    is_count,
    visible,
)

SHOWN, PRIMARY, SECONDARY, LEFT_OUT = "shown", "primary", "secondary", "left_out"
AS_PRINTED = "as_printed"
"""Shown as the council has printed it, rounded, and without the numbers that it was worked out from."""
HEADLINE_WEIGHT, TOTAL_WEIGHT, WEIGHT, FINE_WEIGHT = 400, 60, 10, 8
PASSES = 6
"""After so many passes what stands beside a number that gives way is left out with its table."""

PARTS = {"percent": 100, "ratio": 1, "per_1000": 1000}
"""Units of which the number is so many times its numerator over its denominator."""

MOST_TERMS = 60
"""Relations longer than this that come of putting one into another are not followed."""

LEAST_RANGE = 2
"""A number is left out below a small open total only where that leaves it a range of at least this."""

LOOKS = 8
"""How often what is shown is looked at with a reader's eyes, and decided again where that gives something away. After the
first look nothing that was suppressed is shown again, so that this comes to an end."""

Group = tuple[str, tuple[str, ...], tuple[str, ...], str, str, int]


@dataclass
class Decision:
    """What becomes of each figure of a report, or of all reports of a council.

    Attributes:
        status: figure id -> shown, as_printed, primary, secondary or left_out.
        reason: figure id -> why, for those not shown as they are.
        printed: figure id -> the number as printed, for those shown as printed.
        protects: figure id of a secondary -> figure ids beside it that it protects.
        counts: how many figures are shown, primary, secondary and left_out.
        cost: weight of the secondary cells. bound: no safe pattern costs less.
        left_out: the tables that have figures left out: reporting_year, measure, keys, pairs (stage, procedure),
            period_kind, level of the services (-1 for none), figures.
        targets: figure ids of the suppressed counts that the final attack bounded. sums: of sums and averages.
        narrow: figure ids of those whose range is narrower than asked for, since known numbers bound them.
        gave_way: figure ids of those whose range is narrower for any other reason. None may be published so.
        gaps: figure ids that a signed-off report suppressed, and that are placed too narrowly by what it showed.
    """

    status: dict[str, str] = field(default_factory=dict)
    reason: dict[str, str] = field(default_factory=dict)
    printed: dict[str, float] = field(default_factory=dict)
    protects: dict[str, tuple[str, ...]] = field(default_factory=dict)
    counts: Counter = field(default_factory=Counter)
    cost: int = 0
    bound: float = 0.0
    targets: frozenset[str] = frozenset()
    sums: frozenset[str] = frozenset()
    narrow: list[str] = field(default_factory=list)
    gave_way: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    left_out: list[dict] = field(default_factory=list)

    @property
    def attacked(self) -> int:
        """How many suppressed counts the final attack bounded."""
        return len(self.targets)

    def of(self, figures: Iterable[str], year: str) -> Decision:
        """The part of it that is about one report: its figures, and the tables of its year."""
        status = {figure: self.status[figure] for figure in figures}
        return replace(
            self,
            status=status,
            reason={figure: why for figure, why in self.reason.items() if figure in status},
            printed={figure: number for figure, number in self.printed.items() if figure in status},
            protects={figure: others for figure, others in self.protects.items() if figure in status},
            counts=Counter(status.values()),
            targets=self.targets & status.keys(),
            sums=self.sums & status.keys(),
            narrow=[figure for figure in self.narrow if figure in status],
            gave_way=[figure for figure in self.gave_way if figure in status],
            gaps=[figure for figure in self.gaps if figure in status],
            left_out=[table for table in self.left_out if table["reporting_year"] == year],
        )


REASONS = {
    "small": "a count of 1 to {threshold}",
    "base": "an average of fewer than {base}",
    "pounds": "pounds of few cases, or mostly of one",
    "protects": "it would give a suppressed number away",
    "fine": "its table is too fine: most of its numbers are 1 to {threshold}",
    "few": "it is what was found in 1 to {threshold} cases",
    "merged": "it is shown with others in one row",
    "input": "it would give away a number that is not shown",
    "case": "it is about one case",
    "settled": "so it was signed off",
    "printed": "it is shown as the council printed it: what it was worked out from is not shown",
    "follows": "it is worked out from two numbers that are shown, of which one is as the council printed it",
}


def decide(
    figures: list[dict],
    parents: dict[str, str | None],
    groupings: list[dict],
    settings: Protection,
    printed: dict[str, str],
    pounds: Mapping[str, tuple[int, float]] | None = None,
    settled: Mapping[str, str] | None = None,
    remainders: Mapping[str, tuple[str, ...]] | None = None,
    *,
    merges: bool = True,
    solved: suppress.Solved | None = None,
    is_worth_more: Callable[[Decision], bool] = lambda decision: True,
) -> Decision:
    """Decide on every figure of the reports of one council.

    Args:
        figures: the reports' rows of `figures.figures`, in a fixed order.
        parents: service -> the service above it.
        groupings: the authority's own groupings.
        settings: thresholds and what is open.
        printed: figure id -> the number as the authority printed it, where counting gives the same: known to all.
        pounds: figure id of a sum of pounds -> how many cases give to it, and the most that one gives. A sum that is
            not in it is taken to be of one case.
        settled: figure id of a signed-off report -> what was decided of it when it was signed: SHOWN, SECONDARY for
            suppressed, LEFT_OUT. Stays as it is.
        remainders: figure id of rows merged into one -> figure ids of these rows.
        merges: whether merged rows are left out; otherwise the reader has them beside their remainders.
        solved: components that earlier decisions have solved; gets those of this one.
        is_worth_more: whether a decision that nobody has attacked yet is worth to be looked at with a reader's eyes. Where it is
            not, it is returned as it stands, and may not be published.
    """
    settled = settled or {}
    unseen = {figure for figure, status in settled.items() if status == LEFT_OUT}
    cells = build(figures, parents, groupings, unseen, remainders)
    system = _System(cells, figures, parents, settings, printed, pounds or {}, settled)
    if solved is not None:
        system.solved = solved
    if merges:
        system.merge(remainders or {})
    system.follow_print()
    system.leave_out_fine_tables()
    system.believe()
    for _ in range(LOOKS):
        system.solve_counts()
        system.solve_sums()
        result = system.decision()
        if not is_worth_more(result):
            return result
        if not system.believe(result):
            break
        system.is_settling = True
    system.attack(result)
    return result


class _System:
    """The cells of a council's reports with what has been decided of them.

    Attributes:
        merged: a cell that is left out and merged with others -> the remainders that it is in.
        tight: remainders that are not shown, since they would leave what they merge less uncertain than a sign does.
        alone: large numbers with which only zeros are merged, so that the remainder is the number itself.
    """

    def __init__(self, cells, figures, parents, settings, printed, pounds, settled=None) -> None:
        self.cells: Cells = cells
        self.figures, self.parents, self.settings = figures, parents, settings
        self.pounds = pounds
        self.printed = printed
        self.settled: Mapping[str, str] = settled or {}
        number = len(cells.keys)
        self.public = self._known_already()
        self.standing = {
            given[0]
            for figure in self.settled
            if (given := cells.inputs.get(figure))
            and (figure in cells.value_cell or cells.is_magnitude[given[0]])
        } - self.public
        self.groups: dict[Group, list[int]] = defaultdict(list)
        self.group_of: list[Group] = []
        for cell in range(number):
            group = self._group(cell)
            self.group_of.append(group)
            self.groups[group].append(cell)
        self.left_out: set[int] = set()
        self.merged: dict[int, set[int]] = {}
        self.tight: set[int] = set()
        self.alone: set[int] = set()
        self.withheld: dict[int, int] = {}
        self.primary: dict[int, str] = {}
        self.hidden: set[int] = set()
        self.inferable: set[int] = set()
        self.sum_reason: dict[int, str] = {}
        self.headlines = frozenset(cell for cell in range(number) if self._has_open_keys(cell))
        self.small = frozenset(
            cell
            for cell, value in enumerate(cells.values)
            if 0 < value <= settings.threshold and not cells.is_magnitude[cell]
        )
        self.open = {cell for cell in self.headlines if self._is_open(cell)} - self.standing
        self.derived: dict[Relation, None] = {}
        self.columns: tuple[set[int], Columns] = set(), {}
        self.is_settling = False
        self.cost, self.bound = 0, 0.0
        self.solved: suppress.Solved = {}
        self.shares: list[tuple[int, int, float, float]] = []
        self.rounding = self._printed_percentages()
        self.figures_of = Counter(cell for inputs in cells.inputs.values() for cell in inputs)

    def _known_already(self) -> set[int]:
        """The cells that everybody knows: printed, or given away by what a signed-off report shows.

        A number of an earlier year as the council gives it is printed in general; where another report counts it, it
        is what that report makes of it.
        """
        cells, known = self.cells, set()
        counted = {
            cells.value_cell[row["figure_id"]]
            for row in self.figures
            if row["status"] != "prior" and row["figure_id"] in cells.value_cell
        }
        for row in self.figures:
            figure = row["figure_id"]
            cell = cells.value_cell.get(figure)
            if cell is not None and (
                figure in self.printed or row["status"] == "prior" and cell not in counted
            ):
                known.add(cell)
            if self.settled.get(figure) == SHOWN:
                known |= {*cells.inputs.get(figure, ()), *cells.guesses.get(figure, ())}
        return known

    def follow_print(self) -> None:
        """Take for known what follows from known numbers: whoever has the council's print has it too.

        To suppress such a number would protect nobody. Only sums by structure and by the catalogue count: that a number
        has one part only, or is equal to another, nobody knows from the print. A printed percentage whose base is known
        gives its count where only one whole number rounds to it.
        """
        values = self.cells.values
        sums = [relation for relation in self.cells.relations if len(relation.cells) > 2]
        before = -1
        while self.printed and len(self.public) != before:
            before = len(self.public)
            shown = [
                suppress.SHOWN if cell in self.public else suppress.HIDDEN for cell in range(len(values))
            ]
            problem = suppress.Problem(values, shown, values, values, [1] * len(values), sums)
            self.public |= suppress.inferable(problem) - self.standing
            for part, whole, low, high in self.shares:
                most, least = math.floor(high * values[whole] + 1e-9), math.ceil(low * values[whole] - 1e-9)
                if whole in self.public and most == least:
                    self.public |= {part} - self.standing
        self.open -= self.public

    def _group(self, cell: int) -> Group:
        """The table that a cell stands in: measure, keys, stage and procedure, kind of period, year, level."""
        measure, pairs, period = self.cells.keys[cell]
        keys = tuple(key for key, _ in pairs)
        kind = kind_of(period)
        level = self._level(pairs)
        slices = tuple(value for key, value in pairs if key in SLICES)
        return measure, keys, slices, kind, "" if kind == "month" else period[:7], level

    def _level(self, pairs: tuple[tuple[str, str], ...]) -> int:
        """How many services stand above the breakdown's; -1 where it names none."""
        level, service = -1, dict(pairs).get("service")
        while service is not None and level < len(self.parents):
            level, service = level + 1, self.parents.get(service)
        return level

    def _is_open(self, cell: int) -> bool:
        """Whether a small number is a total of the whole authority and a year that is shown as it is."""
        measure = self.cells.keys[cell][0].split("#")[0]
        return (
            bool(self.settings.open_keys)
            and cell in self.headlines
            and not any(fits_wildcard(measure, word) for word in self.settings.sensitive_measures)
        )

    def merge(self, remainders: Mapping[str, tuple[str, ...]]) -> None:
        """Leave out the rows that are merged, each known from then on by its remainders only."""
        for figure, members in remainders.items():
            wholes = self.cells.inputs.get(figure, ())
            for member in members:
                for whole, cell in zip(wholes, self.cells.inputs.get(member, ()), strict=False):
                    if cell != whole and cell not in self.public | self.standing:
                        self.merged.setdefault(cell, set()).add(whole)
        self.left_out |= self.merged.keys()
        parts: dict[int, list[int]] = defaultdict(list)
        for cell, wholes in self.merged.items():
            for whole in wholes if self.cells.values[cell] else ():
                parts[whole].append(cell)
        for whole, cells in parts.items():
            numbers = [self.cells.values[cell] for cell in cells]
            if not self.cells.is_magnitude[whole] and not leaves_uncertain(numbers, self.settings):
                self.tight.add(whole)
            if len(cells) == 1 and numbers[0] > self.settings.threshold:
                self.alone |= set(cells)

    def _is_in_remainder(self, cell: int) -> bool:
        """Whether a row that is left out is part of a remainder that is not."""
        wholes = self.merged.get(cell)
        return wholes is not None and not wholes <= self.left_out

    def _stays(self, cell: int) -> bool:
        """Whether a cell is part of the problem: it leaves, or must not be placed by what leaves."""
        return cell not in self.left_out or cell in self.withheld or self._is_in_remainder(cell)

    def _has_open_keys(self, cell: int) -> bool:
        _, pairs, period = self.cells.keys[cell]
        return kind_of(period) == "year" and all(key in self.settings.open_keys for key, _ in pairs)

    def _printed_percentages(self) -> list[Relation]:
        """What printed percentages say of their counts: the share, to the places printed."""
        relations = []
        for row in self.figures:
            printed = self.printed.get(row["figure_id"])
            inputs = self.cells.inputs.get(row["figure_id"], ())
            if (
                printed is None
                or row["unit"] not in PARTS
                or len(inputs) != 2
                or CHANGE.search(row["measure"])
            ):
                continue
            places = len(printed.partition(".")[2])
            # in half units of the last place printed, for each unit of the fraction
            scale = 2 * 10**places
            ones = PARTS[row["unit"]] * scale
            part, whole = inputs
            try:
                twice = round(float(printed) * scale)
            except ValueError:
                continue
            low = ((ones, part), (-(twice - 1), whole))
            high = ((ones, part), (-(twice + 1), whole))
            values = self.cells.values
            if sum(k * values[c] for k, c in low) >= 0 >= sum(k * values[c] for k, c in high):
                self.shares.append((part, whole, (twice - 1) / ones, (twice + 1) / ones))
                relations.append(Relation((part, whole), (-low[0][0], -low[1][0]), False))
                relations.append(Relation((part, whole), (high[0][0], high[1][0]), False))
        return relations

    # Tables too fine to be shown

    def leave_out_fine_tables(self) -> None:
        """Leave out every table of which too few numbers could be shown, and what would give it away."""
        for group, members in self.groups.items():
            numbers = [
                c
                for c in members
                if self.cells.values[c] > 0 and not self.cells.is_magnitude[c] and c not in self.merged
            ]
            small = [c for c in numbers if c in self.small and c not in self.public]
            if not numbers or not small or all(c in self.headlines for c in members):
                continue
            if 100 * (len(numbers) - len(small)) < self.settings.least_shown_percent * len(numbers):
                self._leave_out(group)
        self._withhold()
        self._close()

    def _withhold(self) -> None:
        """Leave out what was found in cases of which the open total is small.

        Such a number could not be as uncertain as a suppressed one: it is never more than the open total, and not
        zero, since zero is shown. It stays in the problem: an attacker must not place it more narrowly than that, up
        to the interval. Where that is too narrow in any case the number stays, and the open total gives way to it.
        """
        values = self.cells.values
        wholes: dict[int, set[int]] = defaultdict(set)
        for relation in self.cells.relations:
            for sign in (1, -1) if relation.is_equation else (1,):
                terms = [(sign * k, c) for k, c in zip(relation.coefficients, relation.cells, strict=True)]
                above = [c for k, c in terms if k < 0]
                if len(above) == 1 and (-1, above[0]) in terms:
                    for k, c in terms:
                        if k >= 1:
                            wholes[c].add(above[0])
        most = {cell: int(values[cell]) for cell in sorted(self.open) if cell in self.small}
        sensitive = [
            cell
            for cell in sorted(wholes)
            if cell in self.small
            and cell in self.headlines
            and not self._is_open(cell)
            and cell not in self.public | self.standing
        ]
        changed = True
        while changed:
            changed = False
            for cell in sensitive:
                known = min((most[whole] for whole in wholes[cell] if whole in most), default=math.inf)
                if known < most.get(cell, math.inf):
                    most[cell], changed = int(known), True
        self.left_out -= self.withheld.keys()
        self.withheld = {
            cell: most[cell] - 1
            for cell in sensitive
            if cell in most and LEAST_RANGE < most[cell] <= self.settings.width
        }
        self.left_out |= self.withheld.keys() | self.merged.keys()

    def _leave_out(self, group: Group) -> None:
        self.left_out |= set(self.groups[group]) - self.public - self.standing

    def _close(self) -> None:
        """Leave out further tables where a small number of one left out follows from one relation."""
        equations = [
            (relation.cells, tuple(c for c in relation.cells if self.cells.values[c]))
            for relation in self.cells.relations
            if relation.is_equation
        ]
        while True:
            leave: set[Group] = set()
            for cells, counted in equations:
                if self.left_out.isdisjoint(counted):
                    continue
                if not self.withheld.keys().isdisjoint(cells):
                    continue  # the programme looks after it
                if any(self._is_in_remainder(c) for c in cells):
                    continue
                out = [c for c in counted if c in self.left_out]
                kept = [c for c in counted if c not in self.left_out]
                if not out or len(kept) < 2 or not any(c in self.small for c in out):
                    continue
                if len(out) > 1 and sum(self.cells.values[c] for c in out) > self.settings.threshold:
                    continue
                if any(c in self.small and c not in self.public and c not in self.open for c in kept):
                    continue  # another number of it is suppressed: the programme looks after it
                choices = sorted(
                    {self.group_of[c] for c in kept if c not in self.headlines and c not in self.public},
                    key=self._worth,
                )
                if choices:
                    leave.add(choices[0])
            if not leave:
                return
            for group in sorted(leave):
                self._leave_out(group)

    def _worth(self, group: Group) -> tuple[int, bool, int, int, Group]:
        """What a reader loses with a table, to sort by: the least by many keys, within a year, and of little weight."""
        _, keys, _, kind, *_ = group
        weight = sum(self._weight(cell) for cell in self.groups[group] if self.cells.values[cell])
        return -len(self._own_keys(group)), kind == "year", -len(keys), weight, group

    def _own_keys(self, group: Group) -> set[str]:
        """Return the keys of a table that say more of a case than how it was handled."""
        return {*group[1]}.difference(self.settings.open_keys)

    # Suppression

    def believe(self, result: Decision | None = None) -> bool:
        """Add what a reader derives from the tables that leave to the relations.

        Args:
            result: a decision, to see what is derived from the numbers that it shows. Without one all numbers of the
                kept tables are looked at: what holds there is believed whatever is suppressed.

        Returns:
            Whether something was derived by which a suppressed number of the decision gives way.
        """
        kept = {c for c in range(len(self.cells.keys)) if c not in self.left_out}
        seen = None if result is None else self._stated(result)
        if kept != self.columns[0]:
            self.columns = kept, comparable(self.cells, kept, self.parents)
        new = {
            relation: None
            for relation in derive(self.cells, kept, self.parents, seen, self.columns[1])
            if relation not in self.derived
        }
        if not new:
            return False
        self.derived |= new
        if result is None:
            return True
        self.counted = self._problem(magnitudes=False)
        self.attack(result)
        return bool(result.gave_way)

    def solve_counts(self) -> None:
        """Choose the counts to suppress, and leave out tables of which that hides too much, until none is left."""
        self._solve_counts()
        while not self.is_settling and self._leave_out_hidden_tables():
            self._solve_counts()

    def _leave_out_hidden_tables(self) -> bool:
        """Leave out the finest of the tables of which too few numbers are shown. Whether there are any.

        What was hidden in them protects numbers of theirs and of others, and coarser tables may need it no more.
        """
        hidden = [
            group
            for group, members in self.groups.items()
            if len(self._own_keys(group)) > 1 and self._is_mostly_hidden(members)
        ]
        if not hidden:
            return False
        finest = min(self._worth(group)[:2] for group in hidden)
        for group in sorted(hidden):
            if self._worth(group)[:2] == finest:
                self._leave_out(group)
        self._close()
        return True

    def _is_mostly_hidden(self, members: Collection[int]) -> bool:
        """Whether too few of the numbers of a table by several keys are shown, zeros aside.

        A table by one key, such as what was found at a stage, says much by what is left of it, and stays.
        """
        if self.headlines.issuperset(members):
            return False
        numbers = [
            c
            for c in members
            if self.cells.values[c]
            and not self.cells.is_magnitude[c]
            and not (c in self.left_out or c in self.standing)
        ]
        shown = len(numbers) - len(self.hidden.intersection(numbers))
        return 100 * shown < self.settings.least_shown_percent * len(numbers)

    def _solve_counts(self) -> None:
        """Choose the counts to suppress, attack them, and mend the pattern until nothing gives way.

        Tables whose small numbers cannot be protected are left out and open totals that expose one are shut, then the
        cells to hide are chosen, then what stands beside a cell that still gives way is hidden with it. Every step takes
        cells away from the reader and none gives one back, so that it ends; what then is still narrow is so by printed
        numbers and by zeros alone.
        """
        passes = 0
        while True:
            passes += 1
            kept, problem = self._problem(magnitudes=False)
            if passes <= PASSES and not self.is_settling:
                # what gives way with all the rest hidden needs no integer programme to say so
                most = {c for c, state in enumerate(problem.states) if state != suppress.SHOWN}
                small = [c for c, state in enumerate(problem.states) if state == suppress.HIDDEN]
                hopeless = {kept[c] for c in suppress.attack(problem, most, small, self.solved)}
                if self._yield(kept, problem, hopeless, with_neighbours=False):
                    continue
            pattern = suppress.solve(problem, self.solved)
            hidden = pattern.hidden | pattern.inferable
            found, excused = self._attack(kept, problem, hidden)
            gave_way = {kept[c] for c in set(found) - excused}
            by_print = {
                kept[c] for c in excused if found[c]
            }  # where it is exact it is shown: everybody has it
            changed = self._yield(kept, problem, gave_way | by_print, with_neighbours=passes > PASSES)
            if gave_way and not changed:
                changed = self._shut_all_tied(kept, problem, gave_way)
            if not changed:
                break
        hidden, found, excused = self._hide_beside(kept, problem, pattern)
        self.primary = {cell: "small" for cell in kept if self._must_hide(cell)}
        follows = self._follow_from_print(problem, kept, {c for c in excused if found[c] == 0})
        self.inferable = {kept[c] for c in follows}
        self.left_out -= self.withheld.keys() & self.inferable  # what printed numbers give away is shown
        self.withheld = {cell: width for cell, width in self.withheld.items() if cell not in self.inferable}
        self.hidden = {kept[c] for c in hidden} - self.inferable
        # What printed numbers bound too closely for the sign's promise leaves with its table. A headline stays suppressed,
        # but not where belief alone gives it exactly: nothing protects it then, and the numbers beside it give it for certain.
        exactly = {self.group_of[kept[c]] for c in excused - follows if found[c] == 0}
        for group in sorted({self.group_of[kept[c]] for c in excused - follows}):
            if group in exactly or not all(cell in self.headlines for cell in self.groups[group]):
                self._leave_out(group)
        self.counted = kept, problem
        self.cost = sum(problem.weights[c] for c in hidden if kept[c] not in self.primary)
        self.bound = max(
            self.bound, pattern.bound
        )  # of later looks at what is hidden already, there is no bound

    def _yield(
        self, kept: list[int], problem: suppress.Problem, exposed: set[int], *, with_neighbours: bool
    ) -> bool:
        """Leave out the tables of exposed cells, and shut the open totals that expose them. Whether anything changed."""
        ties = [tuple(kept[c] for c in relation.cells) for relation in problem.relations] if exposed else []
        groups = {self.group_of[cell] for cell in exposed}
        if with_neighbours:
            groups |= {self.group_of[other] for cells in ties if exposed & set(cells) for other in cells}
        before = len(self.left_out)
        for group in sorted(groups):
            if not all(other in self.headlines for other in self.groups[group]):
                self._leave_out(group)
        small = [c for c, cell in enumerate(kept) if cell in self.small]
        pinned = (
            {kept[c] for c in suppress.attack(problem, self._everything(kept), small, self.solved)}
            if any(cell in self.headlines for cell in exposed)
            else set()
        )
        changed = self._shut(exposed, ties, pinned) or len(self.left_out) > before
        if changed:
            self._close()
        return changed

    def _hide_beside(
        self, kept: list[int], problem: suppress.Problem, pattern: suppress.Pattern
    ) -> tuple[set[int], dict[int, float], set[int]]:
        """Hide what stands beside a cell that gives way until none does; adds to the pattern's cost.

        Returns:
            The hidden cells, and what `_attack` then finds.
        """
        hidden = pattern.hidden | pattern.inferable
        while True:
            found, excused = self._attack(kept, problem, hidden)
            beside = {
                c
                for relation in problem.relations
                if not excused.issuperset(set(found) & set(relation.cells))
                for c in relation.cells
                if problem.states[c] != suppress.SHOWN
            }
            if beside <= hidden:
                return hidden, found, excused
            pattern.cost += sum(problem.weights[c] for c in beside - hidden)
            hidden |= beside

    def _attack(
        self, kept: list[int], problem: suppress.Problem, hidden: set[int], of: set[int] | None = None
    ) -> tuple[dict[int, float], set[int]]:
        """(cells of a problem that are bounded too narrowly, those of them bounded so by printed numbers alone)."""
        found = suppress.attack(problem, hidden, of, self.solved)
        if not found:
            return found, set()
        return found, set(suppress.attack(problem, self._everything(kept), found, self.solved))

    def _follow_from_print(self, problem: suppress.Problem, kept: list[int], exact: set[int]) -> set[int]:
        """Those of some cells that follow from known numbers and zeros without anything that is only believed.

        What follows from a belief alone is not shown: nobody can be sure of it.
        """
        if not exact or not self.derived:
            return exact
        certain = self._placed_relations(kept, believed=())
        found = suppress.attack(
            replace(problem, relations=certain), self._everything(kept), exact, self.solved
        )
        return {c for c in exact if found.get(c) == 0}

    def _everything(self, kept: list[int]) -> set[int]:
        """The places of the kept cells that are neither zero nor printed."""
        return {c for c, cell in enumerate(kept) if self.cells.values[cell] and cell not in self.public}

    def attack(self, result: Decision) -> None:
        """Attack what leaves, as it leaves, and put into the decision what was found.

        Known is what any shown figure states, the base of a share too; nothing that the choice of cells holds of the
        pattern is used. A small count that is neither suppressed nor public nor open gives way as well.
        """
        known = self._stated(result)
        stating: dict[int, list[str]] = defaultdict(list)
        for row in self.figures:
            figure = row["figure_id"]
            inputs = self.cells.inputs.get(figure, ())
            if result.status[figure] in (PRIMARY, SECONDARY):
                for cell in inputs:
                    is_own = figure in self.cells.value_cell or self.cells.is_magnitude[cell]
                    if is_own or self._state(cell) == suppress.HIDDEN:
                        stating[cell].append(figure)
            elif result.reason.get(figure) == REASONS["merged"]:
                for cell in inputs:
                    if figure in self.cells.value_cell and cell in self.small:
                        stating[cell].append(figure)
        narrow, gave_way = set(), set()
        for kept, problem in (self.counted, self.summed):
            hidden = {c for c, cell in enumerate(kept) if self.cells.values[cell] and cell not in known}
            attacked = {c for c in hidden if kept[c] in stating}
            found, excused = self._attack(kept, problem, hidden, attacked)
            shown = {
                kept[c]
                for c, state in enumerate(problem.states)
                if state == suppress.HIDDEN and kept[c] in known and kept[c] not in self.inferable
            }
            targets = frozenset(figure for c in attacked for figure in stating[kept[c]])
            if kept is self.counted[0]:
                result.targets = targets
            else:
                result.sums = targets
            narrow |= {figure for c in excused for figure in stating[kept[c]]}
            gave_way |= {figure for c in set(found) - excused for figure in stating[kept[c]]}
            gave_way |= {figure for figure, cell in self.cells.value_cell.items() if cell in shown}
        result.narrow, result.gave_way = sorted(narrow), sorted(gave_way)
        result.gaps = sorted(
            figure
            for figure, status in self.settled.items()
            if status == SECONDARY
            and (figure in narrow or self.cells.value_cell.get(figure, -1) in self.inferable)
        )

    def _stated(self, result: Decision) -> set[int]:
        """The cells that are known to whoever reads what a decision shows."""
        known = set(self.public)
        for figure, status in result.status.items():
            if status == SHOWN:
                known |= {*self.cells.inputs.get(figure, ()), *self.cells.guesses.get(figure, ())}
        return known

    def _shut(self, exposed: Collection[int], ties: list[tuple[int, ...]], pinned: Collection[int]) -> bool:
        """Open totals that expose a suppressed headline number are open no longer, nor what says the same as they do.

        From the number exposed the relations are followed over small headline numbers; all that are met are shut at
        once, since each that stays open gives the one beside it away. What printed numbers pin is left as it is.
        """
        waiting = sorted(cell for cell in exposed if cell in self.headlines and cell not in pinned)
        if not waiting:
            return False
        beside: dict[int, list[tuple[int, ...]]] = defaultdict(list)
        for cells in (*ties, *(relation.cells for relation in self.cells.relations)):
            for cell in cells:
                if cell in self.headlines:
                    beside[cell].append(cells)
        met, shut = set(waiting), set()
        while waiting:
            for cells in beside[waiting.pop()]:
                for cell in cells:
                    if cell in met or cell in self.public or cell in pinned or cell not in self.small:
                        continue
                    met.add(cell)
                    if cell in self.open:
                        shut.add(cell)
                        waiting.append(cell)
        shut |= {cell for cell in met if cell in self.open and cell in self.small}
        ring = {cell for cell in exposed if cell in self.headlines and cell not in pinned}
        far: set[int] = set()
        while ring and not shut:  # by way of greater numbers that are hidden too: the nearest that is open
            far |= ring
            ring = {cell for cells in ties if ring.intersection(cells) for cell in cells} - far - self.public
            shut = {cell for cell in ring & self.open - set(pinned) if cell in self.small}
            ring -= self.open
        self.open -= shut
        self._withhold()
        return bool(shut)

    def _shut_all_tied(self, kept: list[int], problem: suppress.Problem, exposed: set[int]) -> bool:
        """Shut every open total that relations tie to exposed cells, however far; where there is none, all of them."""
        beside: dict[int, set[int]] = defaultdict(set)
        for relation in problem.relations:
            tied = {kept[c] for c in relation.cells if problem.values[c]}
            for cell in tied:
                beside[cell] |= tied
        ring, far = set(exposed), set()
        while ring and not ring & self.open:
            far |= ring
            ring = {other for cell in ring for other in beside[cell]} - far
        shut = ring & self.open or set(self.open)
        self.open -= shut
        self._withhold()
        return bool(shut)

    def _must_hide(self, cell: int) -> bool:
        """Whether a cell is suppressed for its own sake, or was when a report was signed."""
        return (
            self.cells.values[cell] != 0
            and cell not in self.public
            and self._state_of_its_own(cell) == suppress.HIDDEN
        )

    def _state(self, cell: int) -> int:
        if self.cells.values[cell] == 0 or cell in self.public:
            return suppress.SHOWN
        own = self._state_of_its_own(cell)
        if own == suppress.FREE and self.is_settling and cell in self.hidden:
            return suppress.HIDDEN
        return own

    def _state_of_its_own(self, cell: int) -> int:
        """The state of a cell that is neither zero nor known, before others ask for anything."""
        if cell in self.standing or any(
            self._is_never_shown(twin) for twin in self.cells.twins.get(cell, ())
        ):
            return suppress.HIDDEN
        if cell in self.merged or cell in self.tight:
            return suppress.FREE if cell in self.alone else suppress.HIDDEN
        if cell in self.small:
            return suppress.SHOWN if cell in self.open else suppress.HIDDEN
        return suppress.FREE

    def _is_never_shown(self, cell: int) -> bool:
        """Whether an earlier or later version of a number is not shown, whatever else is: it is near this one."""
        return cell not in self.public and (
            cell in self.standing or cell in self.small and cell not in self.open
        )

    def _problem(self, *, magnitudes: bool) -> tuple[list[int], suppress.Problem]:
        """The cells that are kept, and the problem over them."""
        cells = self.cells
        kept = [c for c in range(len(cells.keys)) if self._stays(c) and cells.is_magnitude[c] == magnitudes]
        relations = self._placed_relations(kept, self.derived)
        states = [self._sum_state(c) if magnitudes else self._state(c) for c in kept]
        return kept, suppress.Problem(
            values=[cells.values[c] for c in kept],
            states=states,
            lower=[0.0 if magnitudes else float(min(1, cells.values[c])) for c in kept],
            widths=[self._asked(c) for c in kept],
            weights=[self._weight(c) for c in kept],
            relations=relations,
            is_whole=not magnitudes,
        )

    def _asked(self, cell: int) -> float:
        """How wide an attacker's range of a cell must stay; a large number that is merged need not be uncertain."""
        if cell in self.merged and cell not in self.small:
            return 0.0
        return min(self._width(cell), float(self.withheld.get(cell, math.inf)))

    def _placed_relations(self, kept: list[int], believed: Iterable[Relation]) -> list[Relation]:
        """The relations of the kept cells, each cell by its place among these."""
        place = {cell: number for number, cell in enumerate(kept)}
        return [
            Relation(
                tuple(place[cell] for cell in relation.cells), relation.coefficients, relation.is_equation
            )
            for relation in self._relations_of(place, believed)
        ]

    def _relations_of(self, kept: Collection[int], believed: Iterable[Relation]) -> list[Relation]:
        """The relations that a reader can write down of the kept cells alone.

        What is left out and is nothing is taken for nothing: that is what a reader would guess. What is left out and
        follows from kept cells by one relation is put into the others in its place, so that a service is still tied to
        those two levels below when the level between is left out.
        """
        unseen = {cell for cell in kept if cell in self.withheld or cell in self.merged}
        remainders = {whole for cell in unseen for whole in self.merged.get(cell, ())}
        result = visible(self.cells, set(kept) - remainders, self.parents)
        if unseen:
            result += visible(self.cells, set(kept) - unseen, self.parents)
        return result + self._followed(kept, believed)

    def _followed(self, kept: Collection[int], believed: Iterable[Relation]) -> list[Relation]:
        """The relations of kept cells that are left where cells that are left out are put in by what they follow from."""
        result: list[Relation] = []
        waiting: dict[int, dict[int, int]] = {}
        mentions: dict[int, set[int]] = defaultdict(set)
        ready: list[int] = []
        here, values = set(kept), self.cells.values
        for number, relation in enumerate((*self.cells.relations, *believed, *self.rounding)):
            if here.issuperset(relation.cells):
                result.append(relation)
                continue
            if not relation.is_equation and here.isdisjoint(relation.cells):
                continue
            terms = {
                cell: coefficient
                for cell, coefficient in zip(relation.cells, relation.coefficients, strict=True)
                if cell in here or values[cell]
            }
            out = [cell for cell in terms if cell not in kept]
            if not out and terms:
                result.append(Relation(tuple(terms), tuple(terms.values()), relation.is_equation))
            elif relation.is_equation and (len(out) < len(terms) or len(out) == 2):
                waiting[number] = terms
                for cell in out:
                    mentions[cell].add(number)
                if len(out) == 1:
                    ready.append(number)
        _put_in(kept, waiting, mentions, ready, result)
        return result

    def _weight(self, cell: int) -> int:
        _, pairs, _ = self.cells.keys[cell]
        if cell in self.headlines:
            return HEADLINE_WEIGHT
        if all(key in self.settings.open_keys for key, _ in pairs):
            return TOTAL_WEIGHT
        return WEIGHT if kind_of(self.cells.keys[cell][2]) == "year" else FINE_WEIGHT

    # Averages and pounds

    def solve_sums(self) -> None:
        """Suppress averages of few and pounds of few, and the sums that would give them away.

        The pattern is attacked as that of counts is, and what stands beside a sum that gives way is suppressed with it.
        """
        for row in self.figures:
            inputs = self.cells.inputs.get(row["figure_id"], ())
            if row["unit"] == "gbp" and inputs:
                [cell] = inputs
                if (
                    cell not in self.public
                    and cell not in self.standing
                    and self._few_contributors(row, cell)
                ):
                    self.sum_reason[cell] = "pounds"
            elif len(inputs) == 2 and self.cells.is_magnitude[inputs[0]]:
                total, base = inputs
                if base in self.left_out:
                    self.left_out.add(total)
                elif total not in self.public and (
                    base in self.hidden or row["denominator"] < self.settings.base
                ):
                    self.sum_reason[total] = "base"
        kept, problem = self._problem(magnitudes=True)
        pattern = suppress.solve(problem, self.solved)
        hidden, _, _ = self._hide_beside(kept, problem, pattern)
        self.summed = kept, problem
        self.hidden |= {kept[c] for c in hidden}
        self.primary |= self.sum_reason
        self.cost += pattern.cost
        self.bound += pattern.bound

    def _sum_state(self, cell: int) -> int:
        if self.cells.values[cell] == 0 or cell in self.public:
            return suppress.SHOWN
        is_hidden = cell in self.sum_reason or cell in self.standing or cell in self.merged
        return suppress.HIDDEN if is_hidden else suppress.FREE

    def _width(self, cell: int) -> float:
        """How wide an attacker's range of a cell must stay.

        Of a sum that is suppressed for its own sake: the share of it at which it would not be one case's any more (the
        bound that belongs to the dominance rule).
        """
        if cell not in self.sum_reason:
            return float(self.settings.width)
        share = 100 / self.settings.dominance_percent - 1
        return max(float(self.settings.width), math.ceil(self.cells.values[cell] * share))

    def _few_contributors(self, row: dict, cell: int) -> bool:
        """Whether a sum of pounds is of few cases that are not shown themselves, or mostly of one."""
        measure, pairs, period = self.cells.keys[cell]
        if row["value"] == 0:
            return False
        cases = self.cells.index.get((CONTRIBUTORS.get(measure, ""), pairs, period))
        if cases is not None and (cases in self.hidden or cases in self.left_out):
            return True
        if self._is_open(cell):
            return False
        number, most = self.pounds.get(row["figure_id"], (0, row["value"]))
        return (
            number <= self.settings.threshold or 100 * most > self.settings.dominance_percent * row["value"]
        )

    # Figures

    def decision(self) -> Decision:
        """The status of every figure."""
        result = Decision(cost=self.cost, bound=self.bound)
        for row in self.figures:
            status, why = self._status(row)
            result.status[row["figure_id"]] = status
            if why:
                result.reason[row["figure_id"]] = REASONS[why].format(
                    threshold=self.settings.threshold, base=self.settings.base
                )
        for row in self.figures:
            if CHANGE.search(row["measure"]) and not (
                row["figure_id"] in self.printed or row["figure_id"] in self.settled
            ):
                sides = self.cells.same_as.get(row["figure_id"], ())
                if any(REASONS["merged"] == result.reason.get(side) for side in sides):
                    result.status[row["figure_id"]] = LEFT_OUT
                    result.reason[row["figure_id"]] = REASONS["merged"]
                elif any(result.status[side] != SHOWN for side in sides):
                    result.status[row["figure_id"]] = SECONDARY
                    result.reason[row["figure_id"]] = REASONS["input"]
        self._show_as_printed(result)
        self._show_changes_that_follow(result)
        self._show_parts_of_nothing(result)
        self._say_what_protects_what(result)
        result.counts = Counter(result.status.values())
        result.left_out = self._tables_left_out(result)
        return result

    def _show_as_printed(self, result: Decision) -> None:
        """Let percentages, averages, ratios and changes that the council has printed leave as it printed them."""
        for row in self.figures:
            figure = row["figure_id"]
            is_change = bool(CHANGE.search(row["measure"]))
            if figure not in self.printed or figure in self.settled or row["value"] is None:
                continue
            if not is_change and row["unit"] not in MEASURED - {"date"}:
                continue
            sides = self.cells.same_as.get(figure, ()) if is_change else ()
            if result.status[figure] != SHOWN or any(result.status.get(side) != SHOWN for side in sides):
                result.status[figure] = AS_PRINTED
                result.printed[figure] = float(self.printed[figure])
                result.reason[figure] = REASONS["printed"]

    def _show_changes_that_follow(self, result: Decision) -> None:
        """Show the change between two numbers that leave, one of them at least as printed, as the reader works it out."""
        rows = {row["figure_id"]: row for row in self.figures}
        for row in self.figures:
            figure, sides = row["figure_id"], self.cells.same_as.get(row["figure_id"], ())
            leave = all(result.status[side] in (SHOWN, AS_PRINTED) for side in sides)
            if (
                not leave
                or len({rows[side]["period"] for side in sides}) != len(sides)
                or len(sides) != 2
                or result.status[figure] not in (PRIMARY, SECONDARY)
                or figure in self.settled
                or row["value"] is None
            ):
                continue
            now, before = (result.printed.get(side, rows[side]["value"]) for side in sides)
            if row["measure"].endswith("_change_pct"):
                change = 100 * (now - before) / before if before else None
            else:
                change = now - before
            if change is not None:
                result.status[figure] = AS_PRINTED
                result.printed[figure] = change
                result.reason[figure] = REASONS["follows"]

    def _show_parts_of_nothing(self, result: Decision) -> None:
        """Show the zeros of tables left out that a zero above them says already: parts of nothing are nothing."""
        values, figure_of = self.cells.values, defaultdict(list)
        for figure, cell in self.cells.value_cell.items():
            figure_of[cell].append(figure)
        above: dict[int, set[int]] = defaultdict(set)
        for relation in self.cells.relations:
            terms = list(zip(relation.coefficients, relation.cells, strict=True))
            for sign in (1, -1) if relation.is_equation else (1,):
                wholes = [c for k, c in terms if sign * k < 0]
                if len(wholes) == 1 and not any(values[c] for _, c in terms):
                    above[wholes[0]] |= {c for k, c in terms if sign * k > 0}
        waiting = [
            cell
            for figure, cell in self.cells.value_cell.items()
            if not values[cell] and result.status[figure] == SHOWN
        ]
        known = set(waiting)
        while waiting:
            new = above.get(waiting.pop(), set()) - known
            known |= new
            waiting += new
        for cell in known:
            for figure in figure_of[cell] if cell not in self.merged else ():
                if result.status[figure] == LEFT_OUT and figure not in self.settled:
                    result.status[figure] = SHOWN
                    result.reason.pop(figure, None)

    def _status(self, row: dict) -> tuple[str, str]:
        figure = row["figure_id"]
        if figure in self.settled:
            return self.settled[figure], "" if self.settled[figure] == SHOWN else "settled"
        if any(key == "case" for key, _ in pairs_of(row["breakdown"])):
            return (SHOWN, "") if figure in self.printed else (LEFT_OUT, "case")
        if row["unit"] in OF_THE_COUNCIL:
            return SHOWN, ""
        if row["unit"] in NOT_PEOPLE:
            keys = {key for key, _ in pairs_of(row["breakdown"])}
            is_plain = keys <= {*self.settings.open_keys, "of"} and kind_of(row["period"]) == "year"
            return (SHOWN, "") if is_plain or figure in self.printed else (LEFT_OUT, "fine")
        if row["value"] is None and row["denominator"] is None or CHANGE.search(row["measure"]):
            return SHOWN, ""
        inputs = self.cells.inputs.get(figure, ())
        is_own = is_count(row["measure"], row["unit"]) or row["unit"] == "gbp"
        if any(cell in self.left_out for cell in inputs):
            if any(self._is_in_remainder(cell) for cell in inputs):
                return LEFT_OUT, "merged"
            return LEFT_OUT, "few" if any(cell in self.withheld for cell in inputs) else "fine"
        if is_own:
            [cell] = inputs or [-1]
            if cell not in self.hidden:
                return SHOWN, ""
            if cell not in self.primary or self.primary[cell] == "small" and cell not in self.small:
                return SECONDARY, "protects"
            return PRIMARY, self.primary[cell]
        if (
            row["unit"] in MEASURED - {"percent", "ratio", "per_1000"}
            and (row["denominator"] or 0) < self.settings.base
        ):
            return PRIMARY, "base"
        if any(cell in self.hidden for cell in inputs):
            small = any(cell in self.primary for cell in inputs)
            return (PRIMARY if small else SECONDARY), "input"
        if any(cell in self.hidden for cell in self.cells.guesses.get(figure, ())):
            return SECONDARY, "input"
        return SHOWN, ""

    def _say_what_protects_what(self, result: Decision) -> None:
        """For each secondary figure, a few primary figures beside it."""
        figure_of = {cell: figure for figure, cell in self.cells.value_cell.items()}
        beside: dict[int, set[int]] = defaultdict(set)
        for relation in self.cells.relations:
            hidden = [c for c in relation.cells if c in self.hidden]
            for cell in hidden:
                if cell not in self.primary and len(beside[cell]) < 5:
                    beside[cell] |= {c for c in hidden if c in self.primary}
        for cell, others in beside.items():
            if cell in figure_of:
                named = sorted(figure_of[c] for c in others if c in figure_of)
                result.protects[figure_of[cell]] = tuple(named[:5])

    def _tables_left_out(self, result: Decision) -> list[dict]:
        """The tables of which figures are left out, and how many: what a page must not take for zero."""
        tables: Counter = Counter()
        for row in self.figures:
            figure = row["figure_id"]
            if result.status[figure] == LEFT_OUT and result.reason.get(figure) != REASONS["merged"]:
                pairs = pairs_of(row["breakdown"])
                tables[
                    row.get("reporting_year", ""),
                    row["measure"],
                    list_of(key for key, _ in pairs),
                    written(pair for pair in pairs if pair[0] in SLICES),
                    kind_of(row["period"]),
                    self._level(pairs),
                ] += 1
        names = ("reporting_year", "measure", "keys", "pairs", "period_kind", "level")
        return [
            dict(zip(names, table, strict=True)) | {"figures": number}
            for table, number in sorted(tables.items())
        ]


def _put_in(
    kept: Collection[int],
    waiting: dict[int, dict[int, int]],
    mentions: Mapping[int, set[int]],
    ready: list[int],
    result: list[Relation],
) -> None:
    """Put cells that are left out into the equations that they stand in, until no equation gives another.

    Args:
        kept: the cells that leave.
        waiting: number of an equation -> its terms, cells that are left out among them.
        mentions: cell that is left out -> the equations that it stands in.
        ready: equations with one such cell.
        result: gets the equations of kept cells alone.
    """
    while ready:
        number = ready.pop()
        terms = waiting.pop(number, None)
        if terms is None:
            continue
        [cell] = [one for one in terms if one not in kept]
        if abs(terms[cell]) != 1:
            continue
        sign = -terms.pop(cell)
        for other in sorted(one for one in mentions[cell] if one in waiting):
            changed = waiting[other]
            factor = changed.pop(cell) * sign
            for one, coefficient in terms.items():
                changed[one] = changed.get(one, 0) + factor * coefficient
                if not changed[one]:
                    del changed[one]
            left = [one for one in changed if one not in kept]
            if not left:
                del waiting[other]
                if 1 < len(changed) <= MOST_TERMS:
                    result.append(
                        Relation(tuple(sorted(changed)), tuple(changed[c] for c in sorted(changed)), True)
                    )
            elif len(changed) > MOST_TERMS:
                del waiting[other]
            elif len(left) == 1:
                ready.append(other)
