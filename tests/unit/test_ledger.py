"""Which file is in force: one answer in Python and in the warehouse."""

from __future__ import annotations

import re
from datetime import date, datetime

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from redress.base.settings import ROOT
from redress.intake.ledger import in_force

MODEL = ROOT / "dbt_project" / "models" / "intermediate" / "int_extracts_in_force.sql"
MOMENTS = [datetime(2024, 5, 1, 9), datetime(2024, 5, 1, 17), datetime(2024, 5, 2, 9)]
COLUMNS = ("authority", "extract_id", "source", "scope", "status", "received_at", "supersedes", "sha256")


def file(name: str, received: datetime, supersedes: str | None = None, **other) -> dict:
    """Return a row of the ledger."""
    row = dict.fromkeys(COLUMNS) | {
        "authority": "north",
        "extract_id": name,
        "source": "complaints",
        "status": "loaded",
        "received_at": received,
        "supersedes": supersedes,
        "sha256": name,
    }
    return row | other


def test_of_two_files_of_one_moment_the_one_that_replaces_the_other_is_in_force():
    """A corrected file was put over the first in the same dated folder; its hash happens to sort before the other's."""
    rows = [file("b-first", MOMENTS[0]), file("a-corrected", MOMENTS[0], "b-first")]
    [standing] = in_force(rows, "north", date(2024, 5, 1))
    assert standing["extract_id"] == "a-corrected"


@st.composite
def ledgers(draw) -> list[dict]:
    """Draw files of two authorities, sources and scopes; each may replace one that came before it or with it."""
    rows: list[dict] = []
    names = draw(st.permutations([f"file-{number}" for number in range(draw(st.integers(0, 7)))]))
    for name in names:
        received = draw(st.sampled_from(MOMENTS))
        own = {
            "authority": draw(st.sampled_from(["north", "south"])),
            "source": draw(st.sampled_from(["complaints", "compliments"])),
            "scope": draw(st.sampled_from([None, "", "2023-24"])),
        }
        earlier = [
            row["extract_id"]
            for row in rows
            if row["received_at"] <= received
            and (row["authority"], row["source"], row["scope"] or "")
            == (own["authority"], own["source"], own["scope"] or "")
        ]
        status = draw(st.sampled_from(["loaded", "loaded", "rejected"]))
        supersedes = draw(st.sampled_from([None, *earlier]))
        rows.append(file(name, received, supersedes, status=status, **own))
    return rows


@settings(max_examples=60, deadline=None)
@given(rows=ledgers(), as_at=st.dates(date(2024, 4, 30), date(2024, 5, 3)), signed=st.data())
def test_the_warehouse_and_python_agree_on_any_ledger(rows, as_at, signed):
    only = None
    if rows and signed.draw(st.booleans(), label="is signed off"):
        only = frozenset(signed.draw(st.sets(st.sampled_from([row["sha256"] for row in rows]), min_size=1)))
    expected = {
        (row["extract_id"], row["source"], row["scope"] or "") for row in in_force(rows, "north", as_at, only)
    }
    assert standing_in_the_warehouse(rows, as_at, only) == expected


def standing_in_the_warehouse(rows: list[dict], as_at: date, only: frozenset[str] | None) -> set[tuple]:
    """Return what the model's own statement keeps for a report of `north`."""
    text = [pa.string()] * len(COLUMNS)
    types = dict(zip(COLUMNS, text, strict=True)) | {"received_at": pa.timestamp("us")}
    known = [{"authority": "north", "reporting_year": "2023-24", "sha256": name} for name in only or ()]
    strings = {name: pa.string() for name in ("authority", "reporting_year", "sha256")}
    tables = {
        "stg_extract": pa.Table.from_pylist(rows, schema=pa.schema(types)),
        "stg_config_signed_extract": pa.Table.from_pylist(known, schema=pa.schema(strings)),
        "stg_config_report": pa.table(
            {
                "authority": ["north"],
                "reporting_year": ["2023-24"],
                "period_start": [date(2023, 4, 1)],
                "period_end": [date(2024, 3, 31)],
                "as_at": [as_at],
            }
        ),
    }
    statement = re.sub(r"\{\{ ref\('(\w+)'\) \}\}", r"\1", MODEL.read_text(encoding="utf-8"))
    with duckdb.connect() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        found = connection.execute(f"select extract_id, source, scope from ({statement})").fetchall()
    return set(found)
