"""dbt without a second process: the project is parsed and compiled, and only when it has changed.

What dbt compiles depends on the project alone: not on the data, and not on where they lie. So it is kept in `target/` beside
what it was made from, and `build` runs the statements. dbt is told two things by environment variables: `REDRESS_STATE`, the
folder of conformed and configuration parquet, which stays the word `<state>` until a statement runs, and `REDRESS_DATABASE`,
whose name is that of the catalogue. Paths are absolute: a relative project folder spoils dbt's parse cache. What dbt leaves
(manifest, logs, parse cache) lies in a folder for each version of the project, which all build folders share.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import json
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from redress.base.blame import explained, of_text
from redress.base.compiled import held_alone, keep_newest
from redress.base.errors import ConfigurationProblem, RedressError
from redress.base.files import replace_file
from redress.base.settings import Settings
from redress.base.tables import read_json
from redress.warehouse import steps as compiled_steps
from redress.warehouse.steps import STATE, Step

MOST_KEPT = 8
"""Versions of the project of which dbt's work is kept."""
MADE_AS = ("table", "view", "seed", "test")


def project_folder(settings: Settings) -> Path:
    """Return the dbt project, absolute."""
    return (settings.root / "dbt_project").resolve()


def dbt_folder(settings: Settings) -> Path:
    """Return where dbt writes what it makes of this version of the project: target/ and logs/."""
    return settings.compiled.resolve() / "dbt" / _project_hash(settings)


def _target(settings: Settings) -> Path:
    return dbt_folder(settings) / "target"


def parse(settings: Settings, database: Path | None = None) -> Any:
    """Read the dbt project; return dbt's manifest object and leave target/manifest.json.

    Raises:
        ConfigurationProblem: the project cannot be read.
    """
    with _environment(database or settings.database), parsed_before(settings, _target(settings)):
        result = _runner().invoke(["parse", *_arguments(settings)])
    if not result.success:
        raise _refusal("The dbt project cannot be read.", result)
    return result.result


@contextlib.contextmanager
def parsed_before(settings: Settings, target: Path) -> Iterator[None]:
    """Let dbt begin with what it parsed last, of this version of the project or another; it sees itself what has changed."""
    content = (
        project_folder(settings) / "dbt_project.yml"
    ).read_bytes()  # with other settings nothing of it holds
    newest = settings.compiled / f"parsed-{hashlib.sha256(content).hexdigest()[:12]}.msgpack"
    own = target / "partial_parse.msgpack"
    if newest.exists() and not own.exists():
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(newest, own)
    yield
    if own.exists():
        newest.parent.mkdir(parents=True, exist_ok=True)
        with replace_file(newest) as new:
            shutil.copyfile(own, new)


def manifest(settings: Settings) -> Path:
    """Return the path of an up-to-date manifest.json, parsing only where the project has changed since."""
    path = _target(settings) / "manifest.json"
    with held_alone(settings.compiled / "dbt"):
        if not path.exists():
            parse(settings)
    return path


def steps(settings: Settings, database: Path) -> list[Step]:
    """Return what a build runs, in its order, compiling only where the project has changed since.

    Leaves manifest.json and the compiled statements in `target/`.

    Args:
        settings: where the project and the state are.
        database: the file that will be built; statements name the catalogue after it.

    Raises:
        ConfigurationProblem: the project cannot be read.
    """
    kept = _target(settings) / "steps.json"
    made_from = f"{database.stem} {_makers()}"
    with held_alone(settings.compiled / "dbt"):
        content = _read_steps(kept, made_from)
        if content is None:
            kept.unlink(missing_ok=True)
            content = {"made_from": made_from, "steps": compiled_steps.as_json(_compile(settings, database))}
            with replace_file(kept) as new:
                new.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        os.utime(dbt_folder(settings))
        keep_newest(settings.compiled / "dbt", MOST_KEPT)
    return compiled_steps.from_json(content["steps"], str(settings.state.resolve()))


def _read_steps(kept: Path, made_from: str) -> dict | None:
    """Return what was compiled, where it is of the same and whole."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        content = json.loads(kept.read_text(encoding="utf-8"))
        if content["made_from"] == made_from and (kept.parent / "compiled").is_dir():
            return content
    return None


def _compile(settings: Settings, database: Path) -> list[Step]:
    """Let dbt compile the whole project, without a look at any data.

    Unit tests are left out: they judge the code, not tonight's data, and `make test` runs them.
    """
    unused = dbt_folder(settings) / "compile" / database.name
    unused.parent.mkdir(parents=True, exist_ok=True)
    project = parse(settings, unused)
    shutil.rmtree(_target(settings) / "compiled", ignore_errors=True)
    with _environment(unused):
        chosen = ["--exclude", "resource_type:unit_test", "--no-introspect", "--no-populate-cache"]
        result = _runner(project).invoke(["compile", *_arguments(settings), *chosen])
        _close_connections()
    shutil.rmtree(unused.parent, ignore_errors=True)
    if not result.success:
        raise _refusal("dbt could not start the build.", result)
    seeds = [node for node in project.nodes.values() if node.resource_type == "seed"]
    compiled = [outcome.node for outcome in result.result.results]
    nodes = [node for node in compiled if node.resource_type in ("model", "test")] + seeds
    if strange := sorted({str(node.config.materialized) for node in nodes} - set(MADE_AS)):
        raise ConfigurationProblem(
            f"The warehouse is made of tables and views, not of {', '.join(strange)}.",
            "whoever changed dbt_project/",
        )
    files = {node.unique_id: (project_folder(settings) / node.original_file_path).resolve() for node in seeds}
    return compiled_steps.in_order(
        nodes, project, {key: (str(path), _header(path)) for key, path in files.items()}
    )


def _header(path: Path) -> list[str]:
    """Return the names of the columns of a seed."""
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


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
    with _environment(database):
        result = _runner().invoke(["docs", "generate", "--static", "--no-compile", *_arguments(settings)])
        _close_connections()
    if not result.success:
        raise ConfigurationProblem(
            "The warehouse could not be described.", "whoever changed dbt_project/", [_reason(result)]
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_target(settings) / "static_index.html", target)
    return target


def _runner(manifest_object: Any = None) -> Any:
    """Return dbt's programmatic runner; the import is what costs, so it happens here."""
    from dbt.adapters.duckdb.credentials import DuckDBCredentials
    from dbt.cli.main import dbtRunner

    logging.raiseExceptions = False  # a log that a full disk cuts short is no reason for a traceback
    # No model sees in which folder the database lies, so that what was parsed for one holds for every other.
    keys = DuckDBCredentials._connection_keys
    if keys.__module__ != __name__:
        DuckDBCredentials._connection_keys = _without_path(keys)
    return dbtRunner(manifest=manifest_object)


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


def _environment(database: Path) -> contextlib.AbstractContextManager[None]:
    """Return the environment that dbt's profile and sources read, for the length of a block."""
    return environment(
        REDRESS_STATE=STATE,
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


def _project_hash(settings: Settings) -> str:
    """Return one hash over everything that a parse reads, so that an unchanged project is not parsed again."""
    folder = project_folder(settings)
    names = sorted(
        path
        for pattern in ("**/*.sql", "**/*.yml", "**/*.yaml", "**/*.md", "**/*.py")
        for path in folder.glob(pattern)
        if "target" not in path.relative_to(folder).parts
    )
    files = [*names, *sorted(settings.reference.resolve().glob("*.csv"))]
    looks = ((path, path.stat()) for path in files)
    return _hash_of(tuple((str(path), look.st_mtime_ns, look.st_size) for path, look in looks))


@cache
def _hash_of(files: tuple[tuple[str, int, int], ...]) -> str:
    """Return a hash of files as they are at this moment, with their places: statements name those of seeds."""
    digest = hashlib.sha256()
    for name, _, _ in files:
        digest.update(name.encode() + b"\0" + Path(name).read_bytes() + b"\0")
    return digest.hexdigest()[:32]


@cache
def _makers() -> str:
    """Return a digest of the code that makes steps of what dbt compiles, and the versions of dbt."""
    code = b"".join(Path(file).read_bytes() for file in (__file__, compiled_steps.__file__))
    versions = " ".join(f"{name} {version(name)}" for name in ("dbt-core", "dbt-duckdb"))
    return f"{hashlib.sha256(code).hexdigest()} {versions}"


def read_manifest(path: Path) -> dict:
    """manifest.json as a dictionary.

    Raises:
        DamagedFile: it is not JSON.
    """
    return read_json(path)
