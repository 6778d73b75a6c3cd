"""A step of the build: one seed, model or data test, with the statement that dbt compiled for it.

A table of an enforced contract also has rules: what dbt calls constraints of a column, which DuckDB enforces as the table is
made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

NOBODY = "whoever maintains the warehouse"


@dataclass(frozen=True)
class Column:
    """A column of a table: its name and type, whether it must be given, and what must be true of it."""

    name: str
    type: str
    is_required: bool = False
    checks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One seed, model or data test.

    Attributes:
        kind: table, view, seed or test.
        relation: the table or view, quoted, with its catalogue and schema; of a test none.
        sql: the compiled statement; of a seed, the file.
        parents: unique ids of the models and seeds that it reads.
        waits_for: unique ids of what must have been made and found right before; what is in none of them failed.
        columns: of a seed those of its file, of a table those that its documentation names.
    """

    unique_id: str
    name: str
    resource_type: str
    kind: str
    relation: str
    sql: str
    statement: str
    owner: str
    severity: str
    is_contract: bool = False
    parents: tuple[str, ...] = ()
    waits_for: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()

    @property
    def schema(self) -> str:
        """The catalogue and schema of the relation."""
        return self.relation.rpartition(".")[0]

    def definition(self) -> str:
        """Return the columns as `create table` wants them, with their constraints."""
        return ", ".join(
            f"{column.name} {column.type}"
            + (" not null" if column.is_required else "")
            + "".join(f" check ({check})" for check in column.checks)
            for column in self.columns
        )

    def rules(self) -> Iterator[Step]:
        """Return a test for each constraint that is enforced: the rows of this model's query that break it."""
        for column in self.columns if self.is_contract else ():
            if column.is_required:
                yield self._rule(
                    f"not_null_{self.name}_{column.name}",
                    f"Every row of {self.name} has its {column.name}.",
                    f"{column.name} is null",
                )
            for number, check in enumerate(column.checks):
                yield self._rule(
                    f"check_{self.name}_{column.name}" + (f"_{number + 1}" if number else ""),
                    f"In every row of {self.name}, {check}.",
                    f"not ({check})",
                )

    def _rule(self, name: str, statement: str, is_broken: str) -> Step:
        return replace(
            self,
            unique_id=f"{self.unique_id}.{name}",
            name=name,
            resource_type="test",
            kind="test",
            relation="",
            sql=f"select * from (\n{self.sql}\n) as model where {is_broken}",
            statement=statement,
            is_contract=False,
            columns=(),
        )


def as_json(steps: Iterable[Step]) -> list[dict]:
    """Return steps as JSON can say them."""
    return [asdict(step) for step in steps]


def from_json(content: Iterable[dict], state: str) -> list[Step]:
    """Return steps as they were; `state` is the folder that their statements read from."""
    return [
        Step(
            **{
                **values,
                "sql": values["sql"].replace(STATE, state),
                "parents": tuple(values["parents"]),
                "waits_for": tuple(values["waits_for"]),
                "columns": tuple(
                    Column(**{**column, "checks": tuple(column["checks"])}) for column in values["columns"]
                ),
            }
        )
        for values in content
    ]


STATE = "<state>"
"""Stands in compiled statements for the folder of what intake and the configuration left."""


def in_order(compiled: Iterable[Any], project: Any, seeds: dict[str, tuple[str, list[str]]]) -> list[Step]:
    """Return what dbt compiled in the order in which it can run: each model after those that it reads, each test at once.

    Args:
        compiled: dbt's nodes: seeds, models and data tests.
        project: dbt's manifest, for the owners of what a test is about.
        seeds: the file of each seed and its header, by unique id.
    """
    waiting = {
        node.unique_id: _step(node, project, seeds) for node in sorted(compiled, key=lambda n: n.unique_id)
    }
    ancestors: dict[str, set[str]] = {}
    ordered: list[Step] = []
    blocking: list[Step] = []
    while waiting:
        ready = next(
            step
            for kinds in (("test",), ("seed", "table", "view"))
            for step in waiting.values()
            if step.kind in kinds and not set(step.parents) & waiting.keys()
        )
        del waiting[ready.unique_id]
        above = set(ready.parents).union(*(ancestors.get(parent, set()) for parent in ready.parents))
        if ready.kind == "test":
            blocking += [ready] if ready.severity != "warn" else []
            waits_for = set(ready.parents)
        else:
            ancestors[ready.unique_id] = above
            tests = {test.unique_id for test in blocking if test.parents and above.issuperset(test.parents)}
            waits_for = set(ready.parents) | tests
        ordered.append(replace(ready, waits_for=tuple(sorted(waits_for))))
    return ordered


def _step(node: Any, project: Any, seeds: dict[str, tuple[str, list[str]]]) -> Step:
    """Return one of dbt's nodes as a step."""
    kind = "seed" if node.unique_id in seeds else str(node.config.materialized)
    parents = [parent for parent in node.depends_on_nodes if parent in project.nodes]
    owners = [(project.nodes[parent].config.meta or {}).get("owner") for parent in parents]
    own = (getattr(node.config, "meta", None) or {}).get("owner")
    file, header = seeds.get(node.unique_id, ("", []))
    columns = [_column(node.columns[name]) for name in (node.columns if kind == "table" else ())]
    types = dict(getattr(node.config, "column_types", None) or {})
    return Step(
        unique_id=node.unique_id,
        name=node.name,
        resource_type=str(getattr(node.resource_type, "value", node.resource_type)),
        kind=kind,
        relation=node.relation_name if kind != "test" and node.relation_name else "",
        sql=file or node.compiled_code,
        statement=(node.description or node.name.replace("_", " ")).strip(),
        owner=own or next((owner for owner in owners if owner), NOBODY),
        severity=str(getattr(node.config, "severity", "error") or "error").lower(),
        is_contract=bool(kind == "table" and node.config.contract.enforced),
        parents=tuple(dict.fromkeys(parents)),
        columns=tuple(columns or (Column(name, types.get(name, "varchar")) for name in header)),
    )


def _column(documented: Any) -> Column:
    """Return a column of a model, with the constraints that a single row can break."""
    return Column(
        name=documented.name,
        type=documented.data_type or "varchar",
        is_required=any(rule.type == "not_null" for rule in documented.constraints),
        checks=tuple(rule.expression for rule in documented.constraints if rule.type == "check"),
    )
