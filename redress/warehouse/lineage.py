"""From a measure back to the columns that it is made of: read from the compiled SQL, never written by hand.

For each measure: the columns of the marts that its numbers are counted or added up from (`counted`), and those
that decide which rows count and where (`decides`); and for each column of a mart the columns of staging behind it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify

from redress.base import kept

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NUMBERS = ("numerator", "denominator", "value")
ROWS = "(rows)"
"""Stands for a column where rows are counted whatever they hold."""

KEYS = frozenset({"authority", "reporting_year"})
"""Columns that every join has; they say nothing about a figure."""

FROM_FIGURES = "figures_changes"
"""The family that is computed from other figures and not from cases."""

Columns = set[tuple[str, str]]


@dataclass
class Origin:
    """Where a table expression comes from.

    Attributes:
        columns: for each column, the tables' columns that it is computed from.
        decides: the tables' columns that decide which rows there are.
        rows: the tables whose rows these are, each with `ROWS` for a column.
        measures: for a table expression of figures, the same for each measure alone.
    """

    columns: dict[str, Columns] = field(default_factory=dict)
    decides: Columns = field(default_factory=set)
    rows: Columns = field(default_factory=set)
    measures: dict[str, Origin] = field(default_factory=dict)

    def merge(self, other: Origin) -> None:
        """Take in what another branch of a union comes from."""
        for name, columns in other.columns.items():
            self.columns.setdefault(name, set()).update(columns)
        self.decides |= other.decides
        self.rows |= other.rows
        for measure, origin in other.measures.items():
            self.measures.setdefault(measure, Origin()).merge(origin)


@dataclass(frozen=True)
class MeasureLineage:
    """What one measure is made of: pairs of table and column, as the SQL names them."""

    model: str
    counted: Columns
    decides: Columns


class Lineage:
    """The lineage of a compiled project.

    Args:
        compiled: the folder of compiled models.
        schema: catalogue, schema, table, column -> type.
        dialect: of the compiled models.
    """

    def __init__(self, compiled: Path, schema: Mapping, dialect: str = "duckdb"):
        self.statements = {
            path.stem: path for path in sorted(compiled.rglob("*.sql")) if "models" in path.parts
        }
        self.schema = schema
        self.dialect = dialect
        [self._catalog] = schema
        self._layer = {table: layer for layer, tables in schema[self._catalog].items() for table in tables}
        self._models: dict[str, Origin] = {}

    def measures(self, families: list[str]) -> dict[str, MeasureLineage]:
        """Return the lineage of each measure of some families of figures."""
        found: dict[str, MeasureLineage] = {}
        for family in families:
            for measure, origin in self._model(family).measures.items():
                counted = set().union(*(origin.columns.get(name, set()) for name in NUMBERS))
                found[measure] = MeasureLineage(family, _telling(counted), _telling(origin.decides))
        return found

    def staging(self, table: str, column: str) -> Columns:
        """Return the columns of staging (or of a seed) that a column of any table comes from."""
        if self._layer.get(table) in ("staging", "reference") or table not in self.statements:
            return {(table, column)}
        found: Columns = set()
        model = self._model(table)
        for origin_table, origin_column in model.rows if column == ROWS else model.columns.get(column, set()):
            found |= self.staging(origin_table, origin_column)
        return found

    def layer(self, table: str) -> str:
        """Return the schema that a table is in."""
        return self._layer.get(table, "")

    def _model(self, name: str) -> Origin:
        """Return a model's origin in the tables that it reads; figures read from figures are followed."""
        if name not in self._models:
            self._models[name] = Origin()  # what refers to itself comes from nowhere else
            tree = qualify(
                sqlglot.parse_one(self._text(name), read=self.dialect),
                schema=self.schema,
                dialect=self.dialect,
                validate_qualify_columns=False,
                identify=False,
            )
            self._models[name] = _query(tree, {}, self._table)
        return self._models[name]

    def _table(self, name: str) -> Origin | None:
        """Return the origin of a table that stands for other tables; None for one whose columns are the answer.

        Figures are followed, and what was prepared for them from the marts; marts and what they are made of are not.
        """
        is_prepared = self._layer.get(name) == "intermediate" and '"marts"' in self._text(name)
        if name in self.statements and (self._layer.get(name) == "figures" or is_prepared):
            return self._model(name)
        return None

    def _text(self, name: str) -> str:
        """Return a model's compiled SQL."""
        return self.statements[name].read_text(encoding="utf-8") if name in self.statements else ""


Known = tuple[dict[str, MeasureLineage], dict[tuple[str, str], str]]
_KNOWN: dict[str, Known] = {}
"""Lineage worked out in this process, by `code_fingerprint`: of each measure, and the columns of staging behind a column."""


def code_fingerprint(statements: Mapping[str, Path], schema: Mapping) -> str:
    """Return a hash of all that a rewriting of the warehouse's SQL depends on, the code that rewrites with it.

    Args:
        statements: the compiled models by name. Those that read the files of intake name folders; nothing looks into
            them, so they do not count.
        schema: catalogue, schema, table, column -> type.
    """
    [tables] = schema.values()
    digest = hashlib.sha256(_makers().encode() + json.dumps(schema, sort_keys=True).encode())
    for name, path in sorted(statements.items()):
        if name not in tables.get("staging", {}):
            digest.update(f"{name}\n".encode() + path.read_bytes())
    return digest.hexdigest()


@cache
def _makers() -> str:
    """Return a digest of the code that rewrites, and of the library that it rewrites with."""
    here = Path(__file__).parent
    code = b"".join((here / name).read_bytes() for name in ("provenance.py", "lineage.py", "cases.py"))
    return f"{hashlib.sha256(code).hexdigest()} sqlglot {version('sqlglot')}"


def of_warehouse(
    connection: DuckDBPyConnection, compiled: Path, schema: Mapping, folder: Path | None = None
) -> tuple[dict[str, MeasureLineage], list[tuple[str, ...]]]:
    """Return the lineage of every measure that a built warehouse has a figure of.

    Args:
        connection: the warehouse.
        compiled: the folder of the compiled models that built it.
        schema: catalogue, schema, table, column -> type; without the evidence.
        folder: where lineage is kept from one run to the next; nowhere unless given.

    Returns:
        The lineage by measure; and as rows: measure, model, part (counted, decides), table, column, and the
        columns of staging behind that one.
    """
    lineage = Lineage(compiled, schema)
    [tables] = schema.values()
    families = [name for name in tables["figures"] if name.startswith("figures_")]
    code = code_fingerprint(lineage.statements, schema)
    if code not in _KNOWN:
        _KNOWN[code] = _read_kept(folder, code) or (
            lineage.measures([name for name in families if name in lineage.statements]),
            {},
        )
    measures, behind = _KNOWN[code]
    were_known = len(behind)
    found = dict(measures)
    for (measure,) in connection.execute(
        "select distinct measure from figures.figures order by all"
    ).fetchall():
        base = measure.removesuffix("_points").removesuffix("_pct").removesuffix("_change")
        if measure not in found and base in found:
            found[measure] = MeasureLineage(FROM_FIGURES, found[base].counted, found[base].decides)
    rows: list[tuple[str, ...]] = []
    for measure, behind_measure in found.items():
        for part, columns in (("counted", behind_measure.counted), ("decides", behind_measure.decides)):
            for table, column in sorted(columns):
                if (table, column) not in behind:
                    origins = sorted(f"{name}.{of}" for name, of in lineage.staging(table, column))
                    behind[table, column] = " ".join(origins).replace(ROWS, "each row")
                place = f"{lineage.layer(table)}.{table}".lstrip(".")
                shown = "each row" if column == ROWS else column
                rows.append((measure, behind_measure.model, part, place, shown, behind[table, column]))
    if len(behind) > were_known:
        _keep(folder, code, measures, behind)
    return found, rows


def _read_kept(folder: Path | None, code: str) -> Known | None:
    content = kept.read(folder, "lineage", code)
    if content is None:
        return None

    def columns(pairs: list[list[str]]) -> Columns:
        return {(table, column) for table, column in pairs}

    measures = {
        measure: MeasureLineage(model, columns(counted), columns(decides))
        for measure, (model, counted, decides) in content["measures"].items()
    }
    return measures, {(table, column): origins for table, column, origins in content["behind"]}


def _keep(
    folder: Path | None, code: str, measures: dict[str, MeasureLineage], behind: dict[tuple[str, str], str]
) -> None:
    content = {
        "measures": {
            measure: [lineage.model, sorted(lineage.counted), sorted(lineage.decides)]
            for measure, lineage in measures.items()
        },
        "behind": [[*place, origins] for place, origins in behind.items()],
    }
    kept.write(folder, "lineage", code, content)


def _telling(columns: Columns) -> Columns:
    """Without the keys that every table has."""
    return {(table, column) for table, column in columns if column not in KEYS}


def _query(
    query: exp.Expression, known: Mapping[str, Origin], table: Callable[[str], Origin | None]
) -> Origin:
    """Return the origin of a select or a union, its own table expressions first."""
    known = dict(known)
    with_ = query.args.get("with_") or query.args.get("with")
    for expression in with_.expressions if with_ else []:
        known[expression.alias] = _query(expression.this, known, table)
    if isinstance(query, (exp.Subquery, exp.Paren)):
        return _query(query.this, known, table)
    if isinstance(query, exp.SetOperation):
        left, right = _query(query.left, known, table), _query(query.right, known, table)
        renamed = dict(zip(right.columns, left.columns, strict=False))
        right = Origin(
            {renamed[name]: columns for name, columns in right.columns.items() if name in renamed},
            right.decides,
            right.rows,
            right.measures,
        )
        left.merge(right)
        return left
    return _select(query, known, table)


def _select(select: exp.Select, known: Mapping[str, Origin], table: Callable[[str], Origin | None]) -> Origin:
    """Return the origin of one select."""
    sources: dict[str, Origin | str] = {}
    for clause in [select.args.get("from_") or select.args.get("from"), *(select.args.get("joins") or [])]:
        if clause is None:
            continue
        source = clause.this
        if isinstance(source, exp.Table):
            origin = table(source.name) if source.db else known.get(source.name)
            sources[source.alias_or_name] = source.name if origin is None else origin
        elif isinstance(source, exp.Subquery):
            sources[source.alias_or_name] = _query(source.this, known, table)
    wanted = _measures_wanted(select)
    narrowed: dict[str, Origin | str] = {}
    for alias, source in sources.items():
        if wanted and isinstance(source, Origin) and set(source.measures) & wanted:
            kept = Origin()
            for measure in sorted(set(source.measures) & wanted):
                kept.merge(source.measures[measure])
                kept.measures[measure] = source.measures[measure]
            source = kept
        narrowed[alias] = source
    whole = _resolved(select, narrowed, known)
    label = next(
        (expression for expression in select.expressions if expression.alias_or_name == "measure"), None
    )
    inner = label.this if isinstance(label, exp.Alias) else label
    if isinstance(inner, exp.Literal):
        whole.measures = {inner.this: Origin(whole.columns, whole.decides, whole.rows)}
    elif isinstance(inner, exp.Column):
        holder = narrowed.get(inner.table)
        for measure, origin in (holder.measures if isinstance(holder, Origin) else {}).items():
            whole.measures[measure] = _resolved(select, {**narrowed, inner.table: origin}, known)
    return whole


def _resolved(select: exp.Select, sources: Mapping[str, Origin | str], known: Mapping[str, Origin]) -> Origin:
    """Follow the columns of each projection to tables; and those of conditions, joins and groups."""

    def follow(node: exp.Expression | None) -> Columns:
        found: Columns = set()
        if node is not None and any(isinstance(count.this, exp.Star) for count in node.find_all(exp.Count)):
            found |= rows
        for column in node.find_all(exp.Column) if node is not None else []:
            source = sources.get(column.table, known.get(column.table))
            if isinstance(source, str) and source:
                found.add((source, column.name))
            elif isinstance(source, Origin):
                found |= source.columns.get(column.name, set())
        return found

    first = next(iter(sources.values()), None)
    rows = {(first, ROWS)} if isinstance(first, str) else first.rows if first else set()
    origin = Origin(rows=set(rows))
    for projection in select.expressions:
        origin.columns[projection.alias_or_name] = follow(projection)
    for clause in ("where", "group", "having", "qualify"):
        origin.decides |= follow(select.args.get(clause))
    for join in select.args.get("joins") or []:
        origin.decides |= follow(join.args.get("on"))
    for source in sources.values():
        if isinstance(source, Origin):
            origin.decides |= source.decides
    return origin


def _measures_wanted(select: exp.Select) -> set[str]:
    """Return the measures that a select keeps, where it says so; nothing where it keeps all."""
    where = select.args.get("where")
    found: set[str] = set()
    for equal in where.find_all(exp.EQ) if where else []:
        if (
            isinstance(equal.left, exp.Column)
            and equal.left.name == "measure"
            and isinstance(equal.right, exp.Literal)
        ):
            found.add(equal.right.this)
    return found
