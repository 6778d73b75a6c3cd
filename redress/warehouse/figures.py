"""The figures as a file: `build/figures.csv`, internal and unprotected."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from redress.base.settings import Settings
from redress.base.tables import write_csv
from redress.warehouse.connection import open_warehouse

FIGURE_COLUMNS = (
    "authority",
    "reporting_year",
    "as_at",
    "figure_id",
    "measure",
    "breakdown",
    "period",
    "numerator",
    "denominator",
    "value",
    "unit",
    "rule",
    "status",
)
ROWS_AT_ONCE = 10_000
NUMBERS = ("numerator", "denominator", "value")


def export_figures(database: Path, target: Path) -> int:
    """Write every row of figures.figures, in a fixed order, so that equal figures give equal bytes.

    Whole numbers are written without a decimal point, others unrounded (rule "Details settled" 23).

    Args:
        database: the built DuckDB file.
        target: the CSV to write.

    Returns:
        int: rows written, the header aside.
    """
    order = "authority, reporting_year, measure, breakdown, period, figure_id"
    with open_warehouse(database) as connection:
        found = connection.execute(f"select {_columns()} from figures.figures order by {order}")
        parts = iter(lambda: found.fetchmany(ROWS_AT_ONCE), [])
        return write_csv(target, FIGURE_COLUMNS, (row for part in parts for row in part))


def read_figures(database: Path, authority: str, reporting_year: str) -> dict[str, dict[str, str]]:
    """Return the figures of one report as `export_figures` would write them: figure id -> column -> text."""
    with open_warehouse(database) as connection:
        rows = connection.execute(
            f"select {_columns()} from figures.figures where authority = $1 and reporting_year = $2",
            [authority, reporting_year],
        ).fetchall()
    found = (
        dict(zip(FIGURE_COLUMNS, ("" if value is None else str(value) for value in row), strict=True))
        for row in rows
    )
    return {row["figure_id"]: row for row in found}


def tables_behind(settings: Settings, database: Path, measures: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the tables of the extract contract that each measure is counted from, by the warehouse's lineage.

    Args:
        settings: where dbt's manifest is.
        database: the built DuckDB file.
        measures: the measures asked about.

    Returns:
        dict: measure -> names of contract tables, such as complaint and stage.
    """
    from redress.warehouse.dbt import dbt_folder, read_manifest

    nodes = read_manifest(dbt_folder(settings) / "target" / "manifest.json")["nodes"]
    families = {
        node["name"]: unique_id
        for unique_id, node in nodes.items()
        if node["resource_type"] == "model" and node["name"].startswith("figures_")
    }
    wanted = sorted(set(measures))
    found: dict[str, set[str]] = {measure: set() for measure in wanted}
    with open_warehouse(database) as connection:
        for name, unique_id in families.items():
            held = connection.execute(
                f"select distinct measure from figures.{name} where list_contains($1, measure)", [wanted]
            ).fetchall()
            for (measure,) in held:
                found[measure] |= _sources_of(nodes, unique_id)
    return {measure: frozenset(tables) for measure, tables in found.items()}


def _sources_of(nodes: dict, unique_id: str) -> set[str]:
    """Return contract tables upstream of a model."""
    waiting, seen, tables = [unique_id], set(), set()
    while waiting:
        node_id = waiting.pop()
        if node_id in seen:
            continue
        seen.add(node_id)
        if node_id.startswith("source."):
            source, table = node_id.split(".")[2:4]
            tables |= {table} if source == "conformed" else set()
        elif node_id in nodes:
            waiting += nodes[node_id]["depends_on"].get("nodes", [])
    return tables


def _columns() -> str:
    """Return the select list of figures.csv."""
    return ", ".join(_plain_number(name) if name in NUMBERS else name for name in FIGURE_COLUMNS)


def _plain_number(name: str) -> str:
    """SQL that prints a number without a needless `.0`."""
    number = f"cast({name} as double)"
    return (
        f"case when {number} = trunc({number}) and abs({number}) < 1e15 "
        f"then cast(cast({number} as bigint) as varchar) else cast({number} as varchar) end as {name}"
    )
