"""The figures as a file: `build/figures.csv`, internal and unprotected."""

from __future__ import annotations

import csv
from pathlib import Path

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
    import duckdb

    target.parent.mkdir(parents=True, exist_ok=True)
    columns = ", ".join(_plain_number(name) if name in NUMBERS else name for name in FIGURE_COLUMNS)
    order = "authority, reporting_year, measure, breakdown, period, figure_id"
    rows = 0
    with (
        duckdb.connect(str(database), read_only=True) as connection,
        target.open("w", newline="", encoding="utf-8") as handle,
    ):
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(FIGURE_COLUMNS)
        found = connection.execute(f"select {columns} from figures.figures order by {order}")
        while part := found.fetchmany(ROWS_AT_ONCE):
            writer.writerows(part)
            rows += len(part)
    return rows


def _plain_number(name: str) -> str:
    """SQL that prints a number without a needless `.0`."""
    number = f"cast({name} as double)"
    return (
        f"case when {number} = trunc({number}) and abs({number}) < 1e15 "
        f"then cast(cast({number} as bigint) as varchar) else cast({number} as varchar) end as {name}"
    )
