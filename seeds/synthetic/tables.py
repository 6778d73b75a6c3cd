"""Whole-number tables that keep given margins, solved with OR-Tools CP-SAT.

A `Table` is a grid of whole numbers with named dimensions; a `Model` holds tables and what their sums must
be. One worker, a fixed seed and a limit in deterministic time make every run give the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product

from ortools.sat.python import cp_model


class Infeasible(RuntimeError):
    """The margins contradict one another: no table of whole numbers keeps them all."""


class Table:
    """A grid of variables, one per combination of labels.

    `dims` maps a dimension's name to its labels, in order. `upper` bounds every cell, from below it is 0.
    """

    def __init__(self, model: cp_model.CpModel, name: str, dims: Mapping[str, Iterable], upper: int) -> None:
        self.name = name
        self.dims = {dim: list(labels) for dim, labels in dims.items()}
        self._model = model
        self.cells = {
            key: model.new_int_var(0, upper, f"{name}{key}") for key in product(*self.dims.values())
        }

    def __getitem__(self, key: tuple) -> cp_model.IntVar:
        return self.cells[key]

    def keys(self, **where: object) -> list[tuple]:
        """Cells whose labels agree with `where` (one label, or a collection of labels, per dimension)."""
        unknown = set(where) - set(self.dims)
        if unknown:
            raise KeyError(f"table {self.name} has no dimension {sorted(unknown)}")
        wanted = [None if dim not in where else _labels(where[dim]) for dim in self.dims]
        return [
            key
            for key in self.cells
            if all(allowed is None or label in allowed for label, allowed in zip(key, wanted, strict=True))
        ]

    def total(self, **where: object) -> cp_model.LinearExpr:
        """The sum of the cells that agree with `where`."""
        return cp_model.LinearExpr.sum([self.cells[key] for key in self.keys(**where)])


def _labels(value: object) -> set:
    return set(value) if isinstance(value, (set, list, tuple, frozenset)) else {value}


class Model:
    """Tables, constraints and a wish to stay near given numbers.

    `effort` limits the search in CP-SAT's deterministic time, so that the answer depends neither on the
    machine's speed nor on its load.
    """

    def __init__(self, seed: int, effort: float = 4.0) -> None:
        self.cp = cp_model.CpModel()
        self._seed = seed
        self._effort = effort
        self._distances: list = []
        self._solver: cp_model.CpSolver | None = None
        self.status = ""

    def table(self, name: str, dims: Mapping[str, Iterable], upper: int = 1000) -> Table:
        """A new table of this model."""
        return Table(self.cp, name, dims, upper)

    def require(self, condition: object) -> None:
        """Add a linear constraint, e.g. `model.require(table.total(quarter="Q1") == 5)`."""
        self.cp.add(condition)

    def share(self, part: object, whole: object, percent: int) -> None:
        """`part / whole`, rounded to whole percent, must print as `percent`."""
        self.cp.add(200 * part >= (2 * percent - 1) * whole + 1)
        self.cp.add(200 * part <= (2 * percent + 1) * whole - 1)

    def near(self, expression: object, target: int, weight: int = 1) -> None:
        """Prefer solutions where `expression` is close to `target`."""
        distance = self.cp.new_int_var(0, 100_000, "")
        self.cp.add(distance >= expression - target)
        self.cp.add(distance >= target - expression)
        self._distances.append(weight * distance)

    def solve(self) -> None:
        """Search; raises `Infeasible` when there is no solution."""
        if self._distances:
            self.cp.minimize(cp_model.LinearExpr.sum(self._distances))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.linearization_level = 2
        solver.parameters.random_seed = self._seed % 2**31
        solver.parameters.max_deterministic_time = self._effort
        status = solver.solve(self.cp)
        self.status = solver.status_name(status)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            raise Infeasible(f"no table keeps these margins ({self.status})")
        self._solver = solver

    def value(self, expression: object) -> int:
        """What a variable or sum came to."""
        assert self._solver is not None
        return int(self._solver.value(expression))

    def values(self, table: Table) -> dict[tuple, int]:
        """Every cell of a table that is not zero, in the table's own order."""
        found = {key: self.value(cell) for key, cell in table.cells.items()}
        return {key: number for key, number in found.items() if number}


def expand(counts: Mapping) -> list:
    """A list holding each key as often as its count says, in the mapping's order."""
    return [key for key, count in counts.items() for _ in range(count)]


def spread(total: int, weights: Iterable[float]) -> list[int]:
    """Whole numbers in the proportion of `weights` that add up to `total` (largest remainders)."""
    weights = list(weights)
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [int(number) for number in exact]
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return parts
