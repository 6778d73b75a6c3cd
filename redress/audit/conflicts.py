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
    """Relations that share a cell, together; only those in which something is left open."""
    parent: dict[int, int] = {}

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    for one in relations:
        ids = [id(cell) for cell in one.cells]
        for n in ids:
            parent.setdefault(n, n)
        for n in ids[1:]:
            parent[root(ids[0])] = root(n)
    grouped: dict[int, list[Relation]] = defaultdict(list)
    for one in relations:
        grouped[root(id(one.cells[0]))].append(one)
    return [group for group in grouped.values() if 1 < len(group) <= MOST and any(map(_open, group))]


def _open(relation: Relation) -> bool:
    return any(not cell.has_number and not cell.blank_is_zero for cell in relation.cells) or (
        isinstance(relation, Quotient) and relation.whole
    )


def usable(relations: list[Relation]) -> list[Relation]:
    """Relations between whole numbers, and percentages of a printed whole."""
    found = []
    for one in relations:
        if one.strength != CERTAIN or any(len(cell.ranges) > 1 for cell in one.cells):
            continue
        if (
            isinstance(one, Linear)
            and (all(cell.kind == "count" for cell in one.cells) or _is_shares(one))
            or isinstance(one, Quotient)
            and one.whole
            and one.base is not None
            and one.scale == 100.0
        ):
            found.append(one)
    return found


def _is_shares(one: Linear) -> bool:
    return one.operator == "=" and one.constant == -100.0 and all(cell.kind == "share" for cell in one.cells)


class _Model:
    """The constraint problem of one component."""

    def __init__(self, relations: list[Relation]):
        from ortools.sat.python import cp_model

        self.cp = cp_model
        self.model = cp_model.CpModel()
        self.counts: dict[int, object] = {}
        self.asserted: dict[int, tuple[object, Cell]] = {}
        self.bases = {id(one.cells[0]): int(one.base) for one in relations if isinstance(one, Quotient)}
        for one in relations:
            if isinstance(one, Quotient):
                self.count(one.cells[0])
        for one in relations:
            if isinstance(one, Linear) and _is_shares(one):
                self._shares(one)
            elif isinstance(one, Linear):
                self._linear(one)

    def count(self, cell: Cell):
        """The whole number of a cell: a count, or what a percentage of a printed whole is the percentage of."""
        if id(cell) in self.counts:
            return self.counts[id(cell)]
        low, high = cell.ranges[0]
        if cell.kind == "share":
            base = self.bases[id(cell)]
            low, high = low * base / 100, high * base / 100
        low, high = max(0, ceil(low - 1e-9)), LARGEST if isinf(high) else floor(high + 1e-9)
        variable = self.model.new_int_var(0, LARGEST, f"v{len(self.counts)}")
        if cell.has_number or any(one.value.status == "hidden" for one in cell.figures) or cell.blank_is_zero:
            said = self.model.new_bool_var(f"a{len(self.counts)}")
            self.model.add(variable >= low).only_enforce_if(said)
            self.model.add(variable <= high).only_enforce_if(said)
            self.asserted[said.index] = (said, cell)
        self.counts[id(cell)] = variable
        return variable

    def _linear(self, one: Linear) -> None:
        total = sum(
            int(coefficient) * self.count(cell)
            for coefficient, cell in zip(one.coefficients, one.cells, strict=True)
        ) + int(one.constant)
        self.model.add(total <= 0) if one.operator == "<=" else self.model.add(total == 0)

    def _shares(self, one: Linear) -> None:
        bases = {self.bases.get(id(cell)) for cell in one.cells}
        if len(bases) == 1 and None not in bases:
            self.model.add(sum(self.count(cell) for cell in one.cells) == bases.pop())

    def conflict(self) -> list[Cell] | None:
        """The cells of a smallest conflict; None when all can be true together (or that was not found out in time)."""
        chosen = [said for said, _ in self.asserted.values()]
        found = self._sufficient(chosen)
        if found is None:
            return None
        for said in list(found):
            fewer = self._sufficient([one for one in found if one.index != said.index])
            if fewer is not None:
                found = [one for one in found if one.index != said.index]
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
        return [one for one in assumptions if one.index in named] if named else list(assumptions)


def findings(relations: list[Relation]) -> list[dict]:
    """Drafts of findings for sets of numbers that no values behind the open cells make true together.

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
