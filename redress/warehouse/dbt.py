"""dbt without a second process: one parse, then one build of seeds, models and data tests.

dbt is told where things are by two environment variables: `REDRESS_STATE` (the folder of conformed and
configuration parquet) and `REDRESS_DATABASE` (the DuckDB file to write). Paths are absolute: a relative
project folder spoils dbt's parse cache, and a relative database follows the working directory. What dbt
leaves (manifest, logs, parse cache) goes under `build/state/dbt`, never into the checkout.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redress.base.blame import explained, of_text
from redress.base.errors import ConfigurationProblem, RedressError
from redress.base.settings import Settings
from redress.base.tables import read_json, write_csv
from redress.warehouse.connection import open_warehouse

FAILING_ROWS_SHOWN = 50
NOT_BUILT = ("unit_test", "exposure")
"""Unit tests judge the code, not tonight's data: `make test` runs them. Exposures are only documentation."""


@dataclass(frozen=True)
class NodeResult:
    """What became of one seed, model or test.

    Attributes:
        status: dbt's word: success, pass, fail, error, skipped, warn.
        failures: rows that a test found, else None.
        statement: for a test, its description, else its name, in words.
        owner: who fixes it, from `meta.owner` of the test or of the model it is on.
        compiled: the SQL that ran.
        rows: rows of the table after the build, filled in for models and seeds.
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
        return self.status in ("error", "fail", "runtime error")


@dataclass(frozen=True)
class DbtResult:
    """One invocation of dbt.

    Attributes:
        success: dbt's own verdict.
        nodes: every seed, model and test that ran or was skipped, in the order in which they ended.
        manifest: path of manifest.json.
    """

    success: bool
    nodes: list[NodeResult]
    manifest: Path
    message: str = ""
    counts: dict[str, int] = field(default_factory=dict)


def project_folder(settings: Settings) -> Path:
    """Return the dbt project, absolute."""
    return (settings.root / "dbt_project").resolve()


def dbt_folder(settings: Settings) -> Path:
    """Return where dbt writes what is not data: target/ and logs/."""
    return settings.state.resolve() / "dbt"


def parse(settings: Settings, database: Path | None = None) -> Any:
    """Read the dbt project; return dbt's manifest object and leaves target/manifest.json.

    Raises:
        ConfigurationProblem: the project cannot be read.
    """
    with _environment(settings, database or settings.database):
        result = _runner().invoke(["parse", *_arguments(settings)])
    if not result.success:
        raise _refusal("The dbt project cannot be read.", result)
    return result.result


def manifest(settings: Settings) -> Path:
    """Return the path of an up-to-date manifest.json, parsing only where the project has changed since."""
    path = dbt_folder(settings) / "target" / "manifest.json"
    stamp = dbt_folder(settings) / "target" / "manifest.source"
    now = _project_hash(settings)
    if not (path.exists() and stamp.exists() and stamp.read_text() == now):
        parse(settings)
        stamp.write_text(now)
    return path


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
        select: dbt selectors; none means the whole project.
        say: told each node that ends.

    Returns:
        DbtResult: also where models or tests failed; read `success`. The database file is closed.

    Raises:
        ConfigurationProblem: dbt could not start at all (the project cannot be read).
    """
    database = database.resolve()
    database.parent.mkdir(parents=True, exist_ok=True)
    if not select:
        for old in (database, Path(f"{database}.wal")):
            old.unlink(missing_ok=True)
    project = parse(settings, database)
    total = sum(1 for node in project.nodes.values() if node.resource_type in ("model", "seed", "test"))
    done = [0]

    def listen(event: Any) -> None:
        if event.info.name == "NodeFinished":
            done[0] += 1
            say(f"{done[0]} of {total}, {event.data.node_info.node_name}")

    with _environment(settings, database):
        chosen = ["--select", *select] if select else []
        chosen += ["--exclude-resource-type", *NOT_BUILT]
        result = _runner(project, [listen]).invoke(["build", *_arguments(settings), *chosen])
        _close_connections()
    if result.result is None:
        raise _refusal("dbt could not start the build.", result)
    nodes = _with_row_counts([_node(outcome, project) for outcome in result.result.results], database)
    counts: dict[str, int] = {}
    for node in nodes:
        if node.status not in ("error", "skipped"):
            counts[f"{node.resource_type}s"] = counts.get(f"{node.resource_type}s", 0) + 1
    return DbtResult(
        success=bool(result.success),
        nodes=nodes,
        manifest=dbt_folder(settings) / "target" / "manifest.json",
        message="" if result.success else _reason(result),
        counts=counts,
    )


def write_docs(settings: Settings, database: Path, target: Path) -> Path:
    """Write dbt's own documentation of every model, column and test, with their lineage, as one page.

    Args:
        settings: where the project and the state are.
        database: the warehouse to describe.
        target: the file to write.

    Raises:
        ConfigurationProblem: dbt could not describe it.
    """
    parse(settings, database)
    with _environment(settings, database):
        result = _runner().invoke(["docs", "generate", "--static", "--no-compile", *_arguments(settings)])
        _close_connections()
    if not result.success:
        raise ConfigurationProblem(
            "The warehouse could not be described.", "whoever changed dbt_project/", [_reason(result)]
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(dbt_folder(settings) / "target" / "static_index.html", target)
    return target


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


def _runner(manifest_object: Any = None, callbacks: list | None = None) -> Any:
    """Return dbt's programmatic runner; the import is what costs, so it happens here."""
    from dbt.adapters.duckdb.credentials import DuckDBCredentials
    from dbt.cli.main import dbtRunner

    logging.raiseExceptions = False  # a log that a full disk cuts short is no reason for a traceback
    # No model sees in which folder the database lies, so that what was parsed for one holds for every other.
    keys = DuckDBCredentials._connection_keys
    if keys.__module__ != __name__:
        DuckDBCredentials._connection_keys = _without_path(keys)
    return dbtRunner(manifest=manifest_object, callbacks=callbacks or [])


def _arguments(settings: Settings) -> list[str]:
    """Arguments common to every invocation: where things are, and silence on the terminal."""
    project, folder = str(project_folder(settings)), dbt_folder(settings)
    return [
        "--project-dir",
        project,
        "--profiles-dir",
        project,
        "--target-path",
        str(folder / "target"),
        "--log-path",
        str(folder / "logs"),
        "--log-level",
        "none",
        "--log-level-file",
        "info",
        "--no-send-anonymous-usage-stats",
        "--no-version-check",
        "--no-use-colors",
    ]


def _environment(settings: Settings, database: Path) -> contextlib.AbstractContextManager[None]:
    """Return the environment that dbt's profile and sources read, for the length of a block."""
    return environment(
        REDRESS_STATE=str(settings.state.resolve()),
        REDRESS_DATABASE=str(database.resolve()),
        DBT_SEND_ANONYMOUS_USAGE_STATS="false",
    )


@contextlib.contextmanager
def environment(**values: str) -> Iterator[None]:
    """Set environment variables for the length of a block, and put them back afterwards."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _close_connections() -> None:
    """Let go of the DuckDB file: dbt-duckdb keeps one environment per process open until exit."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()


def _without_path(keys: Callable[[Any], tuple[str, ...]]) -> Callable[[Any], tuple[str, ...]]:
    """Return what dbt compares of a connection to see whether its parse cache still holds, without the file's path."""

    def others(credentials: Any) -> tuple[str, ...]:
        return tuple(key for key in keys(credentials) if key != "path")

    return others


def _refusal(what: str, result: Any) -> RedressError:
    """Return why dbt could not begin: a fault of files or of the machine, or else of the project."""
    reason = _reason(result)
    of_machine = explained(result.exception) if result.exception is not None else None
    return (
        of_machine or of_text(reason) or ConfigurationProblem(what, "whoever changed dbt_project/", [reason])
    )


def _reason(result: Any) -> str:
    """Return why an invocation failed, one line."""
    if result.exception is not None:
        return str(result.exception).strip()
    failed = [
        outcome
        for outcome in getattr(result.result, "results", [])
        if str(outcome.status) in ("error", "fail")
    ]
    return "; ".join(f"{outcome.node.name}: {(outcome.message or '').strip()}" for outcome in failed[:5])


def _node(outcome: Any, project: Any) -> NodeResult:
    """Return one of dbt's results in our words."""
    node = outcome.node
    config_meta = dict(getattr(node.config, "meta", None) or {})
    parents = [project.nodes.get(parent) for parent in node.depends_on_nodes]
    inherited = next(
        (meta["owner"] for parent in parents if parent and (meta := parent.config.meta or {}).get("owner")),
        None,
    )
    resource_type = str(
        node.resource_type.value if hasattr(node.resource_type, "value") else node.resource_type
    )
    return NodeResult(
        unique_id=node.unique_id,
        name=node.name,
        resource_type=resource_type,
        status=str(outcome.status.value if hasattr(outcome.status, "value") else outcome.status).lower(),
        seconds=round(outcome.execution_time or 0.0, 3),
        message=" ".join((outcome.message or "").split()),
        failures=outcome.failures if resource_type == "test" else None,
        statement=(node.description or node.name.replace("_", " ")).strip(),
        owner=config_meta.get("owner") or inherited or "whoever maintains the warehouse",
        severity=str(getattr(node.config, "severity", "error") or "error").lower(),
        compiled=getattr(node, "compiled_code", None) or "",
        relation=getattr(node, "relation_name", None) or "",
    )


def _with_row_counts(nodes: list[NodeResult], database: Path) -> list[NodeResult]:
    """Return the same results with the rows of every table and view that was built."""
    from dataclasses import replace

    counted = []
    with open_warehouse(database) as connection:
        sizes = dict(
            connection.execute(
                "select schema_name || '.' || table_name, estimated_size from duckdb_tables()"
            ).fetchall()
        )
        for node in nodes:
            key = ".".join(part.strip('"') for part in node.relation.split(".")[-2:])
            counted.append(
                replace(node, rows=sizes[key]) if node.status == "success" and key in sizes else node
            )
    return counted


def _project_hash(settings: Settings) -> str:
    """Return one hash over everything that a parse reads, so that an unchanged project is not parsed again."""
    digest = hashlib.sha256(str(settings.state.resolve()).encode())
    folder = project_folder(settings)
    names = sorted(
        path
        for pattern in ("**/*.sql", "**/*.yml", "**/*.yaml", "**/*.md", "**/*.py")
        for path in folder.glob(pattern)
        if "target" not in path.relative_to(folder).parts
    )
    for path in [*names, *sorted(settings.reference.glob("*.csv"))]:
        digest.update(str(path).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def read_manifest(path: Path) -> dict:
    """manifest.json as a dictionary.

    Raises:
        DamagedFile: it is not JSON.
    """
    return read_json(path)
