"""Small worlds for the warehouse: conformed rows and configuration written from plain dicts.

A `World` is what intake leaves behind, without intake: the parquet files under `<state>/conformed` and
`<state>/config` that dbt reads. Rows are dicts with the columns that matter; the others are blank. Dates are
ISO texts. The types come from the extract contract, so a world cannot differ from what intake writes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from redress.authority.config_tables import CONFIG_SCHEMAS
from redress.base.settings import Settings
from redress.contract.contract import load_contract
from redress.warehouse import builder
from redress.warehouse import dbt as program

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = load_contract(ROOT / "seeds" / "reference")

TEXT, DAY, WHOLE, MOMENT = pl.String(), pl.Date(), pl.Int32(), pl.Datetime("us")

LEDGER: dict[str, pl.DataType] = {
    "extract_id": TEXT,
    "authority": TEXT,
    "source": TEXT,
    "scope": TEXT,
    "file_name": TEXT,
    "sha256": TEXT,
    "received_at": MOMENT,
    "bytes": pl.Int64(),
    "rows_received": WHOLE,
    "rows_conformed": WHOLE,
    "rows_quarantined": WHOLE,
    "rows_left_out": WHOLE,
    "columns": WHOLE,
    "status": TEXT,
    "supersedes": TEXT,
    "message": TEXT,
}


def _typed(rows: list[dict[str, Any]], schema: dict[str, pl.DataType], what: str) -> pl.DataFrame:
    """The rows as a frame of exactly this schema. Raises KeyError for a column that it does not have."""
    typed = []
    for row in rows:
        unknown = set(row) - set(schema)
        if unknown:
            raise KeyError(f"{what} has no column {sorted(unknown)}")
        record = {}
        for column, kind in schema.items():
            value = row.get(column)
            if isinstance(value, str) and kind == DAY:
                value = date.fromisoformat(value)
            if isinstance(value, str) and kind == MOMENT:
                value = datetime.fromisoformat(value)
            record[column] = value
        typed.append(record)
    return pl.DataFrame(typed, schema=schema, orient="row")


@dataclass
class World:
    """What intake would leave behind for some authorities.

    `write` puts it under a state folder; `authority`, `report`, `configure` and `extract` fill it.
    """

    config: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {name: [] for name in CONFIG_SCHEMAS}
    )
    ledger: list[dict[str, Any]] = field(default_factory=list)
    conformed: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def authority(self, slug: str, case_data_from: str = "2022-04-01") -> None:
        """Declare an authority."""
        self.configure(
            "config_authority",
            {
                "authority": slug,
                "name": slug.title(),
                "short_name": slug.title(),
                "is_synthetic": True,
                "case_data_from": case_data_from,
            },
        )

    def report(self, authority: str, reporting_year: str, as_at: str) -> None:
        """Declare a report of an authority for a year from 1 April to 31 March, as at a day."""
        first = int(reporting_year[:4])
        self.configure(
            "config_report",
            {
                "authority": authority,
                "reporting_year": reporting_year,
                "period_start": f"{first}-04-01",
                "period_end": f"{first + 1}-03-31",
                "as_at": as_at,
                "title": f"{authority} {reporting_year}",
            },
        )

    def configure(self, table: str, *rows: dict[str, Any]) -> None:
        """Add rows to a configuration table."""
        self.config[table].extend(rows)

    def extract(
        self,
        authority: str,
        tables: dict[str, list[dict[str, Any]]],
        source: str = "case_system",
        received_at: str = "2024-04-08T09:00:00",
        status: str = "loaded",
        supersedes: str | None = None,
    ) -> str:
        """Add a file received, with its rows by contract table; a rejected file has none. Gives its extract_id."""
        digest = hashlib.sha256(f"{authority}{source}{received_at}{tables}".encode()).hexdigest()
        extract_id = f"{authority}/{source}/{digest[:12]}"
        count = sum(len(rows) for rows in tables.values())
        self.ledger.append(
            {
                "extract_id": extract_id,
                "authority": authority,
                "source": source,
                "scope": "",
                "file_name": f"{source}.csv",
                "sha256": digest,
                "received_at": received_at,
                "bytes": 1,
                "rows_received": count,
                "rows_conformed": count if status == "loaded" else 0,
                "rows_quarantined": 0 if status == "loaded" else count,
                "rows_left_out": 0,
                "columns": 1,
                "status": status,
                "supersedes": supersedes,
            }
        )
        if status == "loaded":
            for table, rows in tables.items():
                added = [
                    {
                        **row,
                        "authority": authority,
                        "extract_id": extract_id,
                        "source_file": f"{source}.csv",
                        "source_row": number,
                        "known_from": received_at,
                    }
                    for number, row in enumerate(rows, start=1)
                ]
                self.conformed.setdefault(table, []).extend(added)
        return extract_id

    def write(self, state: Path) -> None:
        """Write every conformed and configuration table under a state folder."""
        for name, table in CONTRACT.tables.items():
            _write(state / "conformed" / name, table.schema, self.conformed.get(name, []), name)
        _write(state / "conformed" / "extract", LEDGER, self.ledger, "extract")
        (state / "config").mkdir(parents=True, exist_ok=True)
        rows = self.config | {
            "config_figure_set": self.config["config_figure_set"] or self._every_figure_set()
        }
        for name, schema in CONFIG_SCHEMAS.items():
            _typed(rows[name], schema, name).write_parquet(state / "config" / f"{name}.parquet")

    def _every_figure_set(self) -> list[dict[str, Any]]:
        """Say of each report that it has every table of figures."""
        return [
            {
                "authority": report["authority"],
                "reporting_year": report["reporting_year"],
                "measure": "*",
                "keys": "",
                "period_kind": "year",
            }
            for report in self.config["config_report"]
        ]


def _write(folder: Path, schema: dict[str, pl.DataType], rows: list[dict[str, Any]], what: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(schema=schema).write_parquet(folder / "00-empty.parquet")
    if rows:
        _typed(rows, schema, what).write_parquet(folder / "rows.parquet")


@dataclass
class Warehouse:
    """A built database, read with SQL.

    Attributes:
        database: the DuckDB file.
        target: dbt's artefacts (manifest.json).
        results: (status, resource type, name) of every node that ran.
    """

    database: Path
    target: Path
    results: list[tuple[str, str, str]]

    def rows(self, sql: str) -> list[tuple]:
        """The rows of a query."""
        with duckdb.connect(str(self.database)) as connection:
            return connection.execute(sql).fetchall()

    def one(self, sql: str) -> Any:
        """The single value of a query. Raises ValueError unless there is exactly one row."""
        ((value,),) = self.rows(sql)
        return value


def dbt(folder: Path, *arguments: str) -> Any:
    """Run dbt in this process over `<folder>/state`, into `<folder>/redress.duckdb`. Gives dbt's result."""
    from redress.warehouse.dbt import _close_connections, _runner, environment, parsed_before

    project = str(ROOT / "dbt_project")
    with (
        parsed_before(Settings(), folder / "target"),
        environment(
            REDRESS_STATE=str(folder / "state"),
            REDRESS_DATABASE=str(folder / "redress.duckdb"),
            DBT_LOG_PATH=str(folder / "logs"),
            DO_NOT_TRACK="1",
        ),
    ):
        result = _runner().invoke(
            [
                *arguments,
                "--project-dir",
                project,
                "--profiles-dir",
                project,
                "--target-path",
                str(folder / "target"),
                "--quiet",
            ]
        )
        _close_connections()
        return result


def build(world: World, folder: Path) -> Warehouse:
    """Write a world, and let dbt itself build everything and test what was built."""
    world.write(folder / "state")
    result = dbt(folder, "build", "--indirect-selection", "cautious")
    nodes = result.result.results if result.result is not None else []
    results = [(str(node.status), str(node.node.resource_type), node.node.name) for node in nodes]
    if result.exception is not None:
        raise result.exception
    return Warehouse(folder / "redress.duckdb", folder / "target", results)


def build_compiled(world: World, folder: Path, *select: str, with_tests: bool = False) -> Warehouse:
    """Write a world, and build the selection from what dbt compiled, as the program does: a fifth of what it costs dbt.

    `test_the_build_makes_what_dbt_makes` shows that both make the same.
    """
    world.write(folder / "state")
    settings, database = Settings(build=folder), folder / "redress.duckdb"
    steps = [step for step in program.steps(settings, database) if with_tests or step.resource_type != "test"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program, "steps", lambda *given: steps)
        result = builder.build(settings, database, select)
    results = [(node.status, node.resource_type, node.name) for node in result.nodes]
    return Warehouse(database, program.dbt_folder(settings) / "target", results)


class Again:
    """The warehouse's own statements, run as often as wanted over what the state holds then.

    Args:
        folder: an empty one. `<folder>/state` is read by each run; put there what the run is to see.
    """

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self._database = build_compiled(World(), folder, "+figures").database
        self._models = [
            step
            for step in program.steps(Settings(build=folder), self._database)
            if step.resource_type == "model"
        ]

    def rows(self, sql: str) -> list[tuple]:
        """Build everything below the figures from what the state holds now, and answer a query on it."""
        with duckdb.connect(str(self._database)) as connection:
            there = builder._there(connection)
            for step in self._models:
                if step.relation in there:
                    connection.execute(f"create or replace {step.kind} {step.relation} as {step.sql}")
            return connection.execute(sql).fetchall()
