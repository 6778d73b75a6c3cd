"""The export of a built warehouse: what leaves, what an attacker makes of it, and what must not be in it."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pyarrow as pa
import pytest

from orchestration.pipeline import RunSettings
from orchestration.protect import export
from orchestration.protect.settings import Protection
from tests.protection.attacker import attack, broken
from tests.warehouse.small_world import small_world
from tests.warehouse.warehouse_state import Warehouse, build

IDENTIFIERS = {
    "fct_complaints": ("complaint_id", "complainant_key"),
    "fct_stages": ("stage_id",),
    "fct_issues": ("issue_id",),
    "fct_ombudsman": ("ombudsman_id",),
    "fct_compliments": ("compliment_id",),
}


@pytest.fixture(scope="module")
def figured(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The small world with its figures and their comparison, without the tests of the models."""
    return build(
        small_world(),
        tmp_path_factory.mktemp("figured"),
        "--select",
        "+comparison path:models/staging",
        "--exclude",
        "resource_type:test resource_type:unit_test",
    )


@pytest.fixture(scope="module")
def exported(figured: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The protected export of the small world, with the record of what was decided."""
    folder = tmp_path_factory.mktemp("protected")
    figured.rows("force checkpoint")  # dbt holds its file open for writing: the copy must be whole
    copied = folder / figured.database.name
    shutil.copyfile(figured.database, copied)
    settings = RunSettings(build=folder / "build", authorities=(folder / "none",), database_file=copied)
    export(settings, folder / "out", folder / "suppression.csv")
    return folder


def read(exported: Path, table: str) -> list[dict]:
    with pa.OSFile(str(exported / "out" / f"{table}.arrow")) as file:
        return pa.ipc.open_stream(file).read_all().to_pylist()


def test_no_suppressed_count_of_a_built_report_gives_way(figured: Warehouse, exported: Path) -> None:
    figures, attacked = read(exported, "figures"), 0
    for authority, year in figured.rows(
        "select authority, reporting_year from marts.dim_report order by all"
    ):
        truth = {
            (measure, breakdown, period): value
            for measure, breakdown, period, value in figured.rows(
                "select measure, breakdown, period, value from figures.figures where value is not null "
                f"and authority = '{authority}' and reporting_year = '{year}'"
            )
        }
        parents = dict(
            figured.rows(
                f"select service, parent_service from marts.dim_service where authority = '{authority}'"
            )
        )
        rows = [row for row in figures if (row["authority"], row["reporting_year"]) == (authority, year)]
        found = attack(rows, truth, parents)
        assert not broken(found, Protection().width), (authority, year)
        attacked += len(found)
    assert attacked > 0


def test_small_counts_leave_only_as_open_totals_and_zero_is_shown(exported: Path) -> None:
    for row in read(exported, "figures"):
        parts = [pair.split("=")[0] for pair in row["breakdown"].split(";") if pair]
        if row["unit"] == "count" and row["value"] is not None and 0 < row["value"] <= 5:
            assert set(parts) <= set(Protection().open_keys) and "-Q" not in row["period"], row
        if row["value"] is None:
            assert row["numerator"] is None and row["denominator"] is None or row["status"] == "not_available"


def test_no_identifier_of_a_case_leaves(figured: Warehouse, exported: Path) -> None:
    known = {
        str(value)
        for table, columns in IDENTIFIERS.items()
        for column in columns
        for (value,) in figured.rows(
            f"select distinct {column} from marts.{table} where {column} is not null"
        )
    }
    assert known
    for path in sorted((exported / "out").iterdir()):
        for row in read(exported, path.stem):
            assert not known & {str(value) for value in row.values()}, path.stem


def test_every_figure_that_is_not_shown_is_on_record(exported: Path) -> None:
    with (exported / "suppression.csv").open(encoding="utf-8", newline="") as file:
        record = {row["figure_id"]: row for row in csv.DictReader(file)}
    rows = {row["figure_id"]: row["status"] for row in read(exported, "figures")}
    assert {figure for figure, status in rows.items() if status == "suppressed"} == {
        figure for figure, row in record.items() if row["status"] in ("primary", "secondary")
    }
    assert not set(rows) & {figure for figure, row in record.items() if row["status"] == "left_out"}
    assert all(row["reason"] for row in record.values())


def test_the_same_warehouse_gives_the_same_bytes(exported: Path, tmp_path: Path) -> None:
    settings = RunSettings(
        build=tmp_path / "build", authorities=(tmp_path,), database_file=exported / "redress.duckdb"
    )
    export(settings, tmp_path / "out")
    for path in sorted((exported / "out").iterdir()):
        assert path.read_bytes() == (tmp_path / "out" / path.name).read_bytes(), path.name
