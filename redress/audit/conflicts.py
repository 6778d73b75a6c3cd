"""Relations that hold one by one and cannot hold together: found with a constraint solver.

Where a table has empty or suppressed cells, or percentages without their counts, every line may be possible for some
value behind them, and no value possible for all lines. CP-SAT (OR-Tools) gets a whole number for every unknown, each
printed number as an assumption, and the relations; when nothing satisfies them, it names assumptions that suffice, and
those are reduced one by one until every number left is needed.
"""

from __future__ import annotations

from collections import defaultdict
from math import ceil, floor, isinf

from redress.audit.model import draft
from redress.audit.relations import CERTAIN, Linear, Quotient, Relation
from redress.audit.structure import Cell

LARGEST = 10_000_000
SECONDS = 2.0
# A component of more relations than this is left to the relations one by one.
MOST = 400


def components(relations: list[Relation]) -> list[list[Relation]]:
    """Return relations that share a cell, together; only those in which something is left open."""
    parent: dict[int, int] = {}

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    for relation in relations:
        ids = [id(cell) for cell in relation.cells]
        for n in ids:
            parent.setdefault(n, n)
        for n in ids[1:]:
            parent[root(ids[0])] = root(n)
    grouped: dict[int, list[Relation]] = defaultdict(list)
    for relation in relations:
        grouped[root(id(relation.cells[0]))].append(relation)
    return [group for group in grouped.values() if 1 < len(group) <= MOST and any(map(_is_open, group))]


def _is_open(relation: Relation) -> bool:
    """Return whether a relation leaves something open: a number that is not printed, or a whole number behind a share."""
    return any(not cell.has_number and not cell.blank_is_zero for cell in relation.cells) or (
        isinstance(relation, Quotient) and relation.whole
    )


def usable(relations: list[Relation]) -> list[Relation]:
    """Return the relations between whole numbers, and the percentages of a printed whole."""
    return [
        relation
        for relation in relations
        if relation.strength == CERTAIN
        and all(len(cell.ranges) == 1 for cell in relation.cells)
        and (_is_of_counts(relation) or _is_of_printed_base(relation))
    ]


def _is_of_counts(relation: Relation) -> bool:
    is_linear = isinstance(relation, Linear)
    return is_linear and (all(cell.kind == "count" for cell in relation.cells) or _is_shares(relation))


def _is_of_printed_base(relation: Relation) -> bool:
    is_whole = isinstance(relation, Quotient) and relation.whole
    return is_whole and relation.base is not None and relation.scale == 100.0


def _is_shares(relation: Linear) -> bool:
    return (
        relation.operator == "="
        and relation.constant == -100.0
        and all(cell.kind == "share" for cell in relation.cells)
    )


class _Model:
    """The constraint problem of relation component.

    Every relation by itself can hold, since what is not printed may be anything. Together they may not: a withheld `<5` that
    its row makes 4 and its column 2. Intervals do not find that, so whole numbers are asked for, from a solver.

    Each cell is a whole number without bounds; what a place prints of it (the number, `<5`, a percentage of a printed base,
    which is the whole number behind it) is an assumption that can be taken back. Where no whole numbers satisfy the
    relations under all assumptions, the solver names some that are enough for that. They are more than needed, so
    that relation after the other is left out and the question put again: what is left is a smallest conflict, and
    these cells are what the finding names. What the solver does not decide in time is no conflict.
    """

    def __init__(self, relations: list[Relation]):
        from ortools.sat.python import cp_model

        self.cp = cp_model
        self.model = cp_model.CpModel()
        self.counts: dict[int, object] = {}
        self.asserted: dict[int, tuple[object, Cell]] = {}
        self.bases = {
            id(relation.cells[0]): int(relation.base)
            for relation in relations
            if isinstance(relation, Quotient)
        }
        for relation in relations:
            if isinstance(relation, Quotient):
                self.count(relation.cells[0])
        for relation in relations:
            if isinstance(relation, Linear) and _is_shares(relation):
                self._shares(relation)
            elif isinstance(relation, Linear):
                self._linear(relation)

    def count(self, cell: Cell):
        """Return the whole number of a cell: a count, or what a percentage of a printed whole is the percentage of."""
        if id(cell) in self.counts:
            return self.counts[id(cell)]
        low, high = cell.ranges[0]
        if cell.kind == "share":
            base = self.bases[id(cell)]
            low, high = low * base / 100, high * base / 100
        low, high = max(0, ceil(low - 1e-9)), LARGEST if isinf(high) else floor(high + 1e-9)
        variable = self.model.new_int_var(0, LARGEST, f"v{len(self.counts)}")
        if (
            cell.has_number
            or any(figure.value.status == "hidden" for figure in cell.figures)
            or cell.blank_is_zero
        ):
            said = self.model.new_bool_var(f"a{len(self.counts)}")
            self.model.add(variable >= low).only_enforce_if(said)
            self.model.add(variable <= high).only_enforce_if(said)
            self.asserted[said.index] = (said, cell)
        self.counts[id(cell)] = variable
        return variable

    def _linear(self, relation: Linear) -> None:
        total = sum(
            int(coefficient) * self.count(cell)
            for coefficient, cell in zip(relation.coefficients, relation.cells, strict=True)
        ) + int(relation.constant)
        self.model.add(total <= 0) if relation.operator == "<=" else self.model.add(total == 0)

    def _shares(self, relation: Linear) -> None:
        bases = {self.bases.get(id(cell)) for cell in relation.cells}
        if len(bases) == 1 and None not in bases:
            self.model.add(sum(self.count(cell) for cell in relation.cells) == bases.pop())

    def conflict(self) -> list[Cell] | None:
        """Return the cells of a smallest conflict; None when all can be true together (or that was not found out in time)."""
        chosen = [said for said, _ in self.asserted.values()]
        found = self._sufficient(chosen)
        if found is None:
            return None
        for said in list(found):
            fewer = self._sufficient([other for other in found if other.index != said.index])
            if fewer is not None:
                found = [other for other in found if other.index != said.index]
        return [self.asserted[said.index][1] for said in found]

    def _sufficient(self, assumptions: list):
        self.model.clear_assumptions()
        self.model.add_assumptions(assumptions)
        solver = self.cp.CpSolver()
        solver.parameters.max_time_in_seconds = SECONDS
        solver.parameters.num_workers = 1
        if solver.solve(self.model) != self.cp.INFEASIBLE:
            return None
        named = set(solver.sufficient_assumptions_for_infeasibility())
        return [said for said in assumptions if said.index in named] if named else list(assumptions)


def findings(relations: list[Relation]) -> list[dict]:
    """Return drafts of findings for sets of numbers that no values behind the open cells make true together.

    Args:
        relations: relations that hold, each by itself.
    """
    drafts = []
    for group in components(usable(relations)):
        cells = _Model(group).conflict()
        if not cells:
            continue
        cells.sort(key=lambda cell: cell.position)
        shown = "; ".join(f"{cell.said}" for cell in cells[:8])
        more = f"; and {len(cells) - 8} more" if len(cells) > 8 else ""
        said = (
            "Each of these is possible by itself, but no whole numbers behind the unprinted ones make all of "
            f"them true: {shown}{more}."
        )
        found = ", ".join(cell.text for cell in cells)
        refs = {cell.figure.ref for cell in cells}
        drafts.append(
            draft("contradiction", refs, "linked tables", said, "numbers that can all be true", found)
        )
    return drafts
