"""The cases behind every figure, once from SQL that is rewritten and once from what was kept of it: the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from redress.warehouse import cases, lineage
from tests.warehouse.warehouse_state import Warehouse

pytestmark = pytest.mark.xdist_group("small world")


def evidence(database: Path) -> dict[str, list[tuple]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return {
            table: connection.execute(f"select * from evidence.{table} order by all").fetchall()
            for table in ("parts", "members", "excluded", "lineage", "things")
        }


def test_what_was_kept_of_the_sql_gives_the_same_evidence(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {}
    for name in ("rewritten", "kept"):
        # What was worked out in this process, for this test or another, is forgotten.
        monkeypatch.setattr(cases, "_TRACED", {})
        monkeypatch.setattr(lineage, "_KNOWN", {})
        copy = tmp_path / name / warehouse.database.name
        copy.parent.mkdir()
        shutil.copyfile(warehouse.database, copy)
        complete = cases.trace(
            copy, warehouse.target / "compiled", lambda authority: b"a key for the tests", tmp_path
        )
        found[name] = (complete, evidence(copy))
        for module, work in ((cases, "traced"), (lineage.Lineage, "measures")):
            monkeypatch.setattr(module, work, lambda *given: pytest.fail("it was worked out again"))
    complete, tables = found["rewritten"]
    assert complete == warehouse.one("select count(*) from figures.figures") > 1000
    assert all(tables.values()) and found["kept"] == found["rewritten"]
