"""The warehouse made: seeds, models and data tests, run in one connection from the statements that dbt compiled.

dbt says what the warehouse is; its statements depend on the project alone, so they are compiled once (`dbt.steps`) and run as
often as there are new data. A table of an enforced contract is made with its columns, types and constraints; rows that break a
constraint fail a test of that name, as the rows that any other data test finds do. What stands on something that failed is
skipped, as `dbt build` would.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from redress.base.blame import explained
from redress.base.errors import ConfigurationProblem
from redress.base.settings import Settings
from redress.base.tables import write_csv
from redress.warehouse import dbt
from redress.warehouse.connection import open_warehouse
from redress.warehouse.steps import Step

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FAILING_ROWS_SHOWN = 50
CONNECTION = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
"""Nothing is downloaded: the extensions used are inside the DuckDB wheel."""


@dataclass(frozen=True)
class NodeResult:
    """What became of one seed, model or test.

    Attributes:
        status: dbt's word: success, pass, fail, error, skipped, warn.
        failures: rows that a test found, else None.
        statement: for a test, its description, else its name, in words.
        owner: who fixes it, from `meta.owner` of the test or of the model it is on.
        compiled: the SQL that ran; of a constraint, a query of the rows that break it.
        rows: rows of the table after the build, filled in for tables.
    """

    unique_id: str
    name: str
    resource_type: str
    status: str
    seconds: float
    message: str
    failures: int | None
    statement: str
    owner: str
    severity: str
    compiled: str
    relation: str = ""
    rows: int | None = None

    @property
    def is_bad(self) -> bool:
        """True where this node must stop publishing (skipped nodes follow from another's failure)."""
        return self.status in ("error", "fail")


@dataclass(frozen=True)
class DbtResult:
    """One build.

    Attributes:
        success: whether nothing failed.
        nodes: every seed, model and test that ran or was skipped, in the order in which they ended.
        manifest: path of manifest.json.
    """

    success: bool
    nodes: list[NodeResult]
    manifest: Path
    message: str = ""
    counts: dict[str, int] = field(default_factory=dict)


def build(
    settings: Settings,
    database: Path,
    select: Sequence[str] = (),
    say: Callable[[str], None] = lambda text: None,
) -> DbtResult:
    """Build seeds, models and tests into `database`.

    Args:
        settings: where the project and the state are.
        database: the file to write. Without `select` it is made anew; with it, what it holds stays and
            only the selected nodes are built.
        select: names of models and seeds, `+name` with everything that it is made of, or `resource_type:model`; none means
            the whole project. Tests run where something that they are about was selected, and all of it is there.
        say: told each node that ends.

    Returns:
        DbtResult: also where models or tests failed; read `success`. The database file is closed.

    Raises:
        ConfigurationProblem: the project cannot be read.
        FileTrouble: the database cannot be written.
    """
    database = database.resolve()
    database.parent.mkdir(parents=True, exist_ok=True)
    if not select:
        for old in (database, Path(f"{database}.wal")):
            old.unlink(missing_ok=True)
    steps = dbt.steps(settings, database)
    with _writing(database) as connection:
        chosen = _chosen(steps, select, _there(connection)) if select else steps
        nodes = _Run(connection, chosen, say).results()
        nodes = _with_row_counts(nodes, connection)
    bad = [node for node in nodes if node.is_bad]
    counts: dict[str, int] = {}
    for node in nodes:
        if node.status not in ("error", "skipped"):
            counts[f"{node.resource_type}s"] = counts.get(f"{node.resource_type}s", 0) + 1
    return DbtResult(
        success=not bad,
        nodes=nodes,
        manifest=dbt.dbt_folder(settings) / "target" / "manifest.json",
        message="; ".join(f"{node.name}: {node.message}" for node in bad[:5]),
        counts=counts,
    )


def write_failing_rows(database: Path, nodes: Sequence[NodeResult], folder: Path) -> dict[str, Path]:
    """Write the rows behind each failed data test, one CSV each, at most 50 rows; return the paths by unique id.

    `folder` is emptied first. A test that errored, and so has no rows, gets no file.
    """
    shutil.rmtree(folder, ignore_errors=True)
    failed = [node for node in nodes if node.resource_type == "test" and node.status == "fail"]
    written: dict[str, Path] = {}
    if not failed:
        return written
    import duckdb

    folder.mkdir(parents=True)
    with open_warehouse(database) as connection:
        for node in failed:
            path = folder / f"{node.name[:120]}.csv"
            with contextlib.suppress(duckdb.Error):
                rows = connection.execute(f"select * from ({node.compiled}) limit {FAILING_ROWS_SHOWN}")
                write_csv(path, [column[0] for column in rows.description], rows.fetchall())
                written[node.unique_id] = path
    return written


def councils_behind(database: Path, nodes: Sequence[NodeResult]) -> set[str]:
    """Return the councils whose rows the failed tests found; none where a failure is not known to be of certain councils."""
    import duckdb

    councils: set[str] = set()
    with open_warehouse(database) as connection:
        for node in nodes:
            if node.status != "fail":
                return set()
            try:
                found = connection.execute(f"select distinct authority from ({node.compiled})").fetchall()
            except duckdb.Error:
                return set()
            councils |= {slug for (slug,) in found}
    return set() if councils & {"", None} else councils


class _Run:
    """One pass over the steps in their order.

    Attributes:
        failed: unique ids of what failed or was skipped: what stands on them is skipped.
    """

    def __init__(
        self, connection: DuckDBPyConnection, steps: Sequence[Step], say: Callable[[str], None]
    ) -> None:
        self.connection, self.steps, self.say = connection, steps, say
        self.failed: set[str] = set()
        self.views = {name for name, kind in _there(connection).items() if kind == "view"}

    def results(self) -> list[NodeResult]:
        """Run every step; return what became of each, and of each constraint."""
        results: list[NodeResult] = []
        for number, step in enumerate(self.steps, start=1):
            results += self._skipped(step) if self.failed & set(step.waits_for) else self._result(step)
            self.say(f"{number} of {len(self.steps)}, {step.name}")
        return results

    def _skipped(self, step: Step) -> list[NodeResult]:
        self.failed.add(step.unique_id)
        return [_result(step, "skipped", 0.0)]

    def _result(self, step: Step) -> list[NodeResult]:
        """Run one step; return its result, and those of the constraints of its table."""
        import duckdb

        began = time.perf_counter()
        try:
            if step.resource_type == "test":
                return [self._test(step, began)]
            self._make(step)
        except duckdb.ConstraintException as problem:
            self.connection.execute("rollback")
            if broken := self._broken(step):
                return [*broken, *self._skipped(step)]
            return [self._error(step, began, str(problem))]
        except (duckdb.Error, OSError, ConfigurationProblem) as problem:
            with contextlib.suppress(duckdb.Error):
                self.connection.execute("rollback")
            return [self._error(step, began, str(problem))]
        done = _result(step, "success", time.perf_counter() - began)
        return [done, *(_result(rule, "pass", 0.0, failures=0) for rule in step.rules())]

    def _error(self, step: Step, began: float, message: str) -> NodeResult:
        self.failed.add(step.unique_id)
        return _result(step, "error", time.perf_counter() - began, " ".join(message.split()))

    def _test(self, step: Step, began: float) -> NodeResult:
        """Count the rows that a test finds."""
        failures = self._count(step.sql)
        status = "pass" if not failures else "warn" if step.severity == "warn" else "fail"
        if status == "fail":
            self.failed.add(step.unique_id)
        return _result(
            step, status, time.perf_counter() - began, f"{failures} rows" if failures else "", failures
        )

    def _broken(self, step: Step) -> list[NodeResult]:
        """Return each constraint that rows of a model's query break, as a failed test; of all, not only of the first."""
        broken = []
        for rule in step.rules():
            if failures := self._count(rule.sql):
                self.failed.add(rule.unique_id)
                broken.append(_result(rule, "fail", 0.0, f"{failures} rows", failures))
        return broken

    def _count(self, query: str) -> int:
        return self.connection.execute(f"select count(*) from ({query}\n) as failing").fetchone()[0]

    def _make(self, step: Step) -> None:
        """Make a table or a view, whole or not at all.

        Raises:
            ConfigurationProblem: the columns are not those of the contract.
        """
        execute = self.connection.execute
        execute("begin")
        if (step.relation in self.views) != (step.kind == "view"):
            execute(f"drop {'table' if step.kind == 'view' else 'view'} if exists {step.relation}")
        execute(f"create schema if not exists {step.schema}")
        if step.kind == "view":
            execute(f"create or replace view {step.relation} as (\n{step.sql}\n)")
        elif step.kind == "seed":
            execute(f"create or replace table {step.relation} ({step.definition()})")
            execute(f"copy {step.relation} from '{step.sql}' (format csv, header true, delimiter ',')")
        elif step.is_contract:
            self._require_contract(step)
            names = ", ".join(column.name for column in step.columns)
            execute(f"create or replace table {step.relation} ({step.definition()})")
            execute(f"insert into {step.relation} ({names}) select {names} from (\n{step.sql}\n) as model")
        else:
            execute(f"create or replace table {step.relation} as (\n{step.sql}\n)")
        execute("commit")

    def _require_contract(self, step: Step) -> None:
        """Raise ConfigurationProblem unless a query gives the columns and types that its contract promises."""
        given = {
            name: kind
            for name, kind, *_ in self.connection.execute(
                f"describe select * from (\n{step.sql}\n)"
            ).fetchall()
        }
        promised = ", ".join(f"cast(null as {column.type}) as {column.name}" for column in step.columns)
        wanted = {
            name: kind for name, kind, *_ in self.connection.execute(f"describe select {promised}").fetchall()
        }
        different = sorted(
            name for name in given.keys() | wanted.keys() if given.get(name) != wanted.get(name)
        )
        if different:
            told = (
                f"{name} {given.get(name, 'missing')}, not {wanted.get(name, 'in it')}" for name in different
            )
            raise ConfigurationProblem(f"The contract of {step.name} is not kept: " + "; ".join(told))


def _result(
    step: Step, status: str, seconds: float, message: str = "", failures: int | None = None
) -> NodeResult:
    """Return what became of a step."""
    return NodeResult(
        unique_id=step.unique_id,
        name=step.name,
        resource_type=step.resource_type,
        status=status,
        seconds=round(seconds, 3),
        message=message,
        failures=failures,
        statement=step.statement,
        owner=step.owner,
        severity=step.severity,
        compiled=step.sql,
        relation=step.relation,
    )


@contextlib.contextmanager
def _writing(database: Path) -> Iterator[DuckDBPyConnection]:
    """Open the database to write, and close it afterwards.

    Raises:
        FileTrouble, ConfigurationProblem: it cannot be written; says why.
    """
    import duckdb

    try:
        with duckdb.connect(str(database), config=CONNECTION) as connection:
            yield connection
    except duckdb.Error as problem:
        raise (
            explained(problem, database)
            or ConfigurationProblem(
                "The warehouse could not be built.", "whoever changed dbt_project/", [str(problem)]
            )
        ) from problem


def _there(connection: DuckDBPyConnection) -> dict[str, str]:
    """Return each table and view of a database, named as dbt does, and which of the two it is."""
    rows = connection.execute(
        "select table_catalog, table_schema, table_name, table_type from information_schema.tables"
    ).fetchall()
    return {
        f'"{catalog}"."{schema}"."{name}"': "view" if kind == "VIEW" else "table"
        for catalog, schema, name, kind in rows
    }


def _chosen(steps: Sequence[Step], select: Sequence[str], there: dict[str, str]) -> list[Step]:
    """Return the steps that were selected, and the tests about them of which everything is there.

    Raises:
        ConfigurationProblem: a selector names nothing.
    """
    by_id = {step.unique_id: step for step in steps}
    chosen: set[str] = set()
    for selector in select:
        name = selector.removeprefix("+").removeprefix("resource_type:")
        is_type = selector.startswith("resource_type:")
        named = [step for step in steps if name == (step.resource_type if is_type else step.name)]
        if not named:
            raise ConfigurationProblem(f"The warehouse has no model {name}.", "whoever selected it")
        waiting = [step.unique_id for step in named]
        while waiting:
            chosen.add(unique_id := waiting.pop())
            if selector.startswith("+"):
                waiting += set(by_id[unique_id].parents) - chosen
    built = chosen | {step.unique_id for step in steps if step.relation in there}
    tests = {
        step.unique_id
        for step in steps
        if step.resource_type == "test" and chosen & set(step.parents) and built.issuperset(step.parents)
    }
    is_only_types = all(selector.startswith("resource_type:") for selector in select)
    return [step for step in steps if step.unique_id in (chosen if is_only_types else chosen | tests)]


def _with_row_counts(nodes: list[NodeResult], connection: DuckDBPyConnection) -> list[NodeResult]:
    """Return the same results with the rows of every table that was built."""
    sizes = dict(
        connection.execute(
            "select '\"' || database_name || '\".\"' || schema_name || '\".\"' || table_name || '\"', estimated_size "
            "from duckdb_tables()"
        ).fetchall()
    )
    return [
        replace(node, rows=sizes[node.relation])
        if node.status == "success" and node.relation in sizes
        else node
        for node in nodes
    ]
