"""Which checks each figure stands in: `checked_figures.parquet`, one row per figure and line.

Read from the numbers that the checks put in, each of which names the figure that it is. Checks that every figure
passes (the rules of its row, the cases behind it) are not repeated for each.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

FILE = "checked_figures.parquet"


def write(out_dir: Path, families: Iterable[str]) -> int:
    """Write the index beside `checks.csv`.

    Args:
        out_dir: the folder that holds `checks_evidence/`, with one parquet file per family.
        families: the families' names; one without a file is passed over.

    Returns:
        int: figures that stand in a check of their own.
    """
    import duckdb

    evidence = out_dir / "checks_evidence"
    files = [path for path in (evidence / f"{family}.parquet" for family in families) if path.exists()]
    if not files:
        return 0
    target = _quoted(out_dir / FILE)
    listed = ", ".join(f"'{_quoted(path)}'" for path in files)
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select distinct authority, reporting_year, figure_id, "
            "regexp_extract(filename, '([a-z_]+)\\.parquet$', 1) as family, check_id, line_title, holds "
            f"from read_parquet([{listed}], filename = true) where figure_id != '' "
            f"order by authority, reporting_year, figure_id, check_id, line_title, holds) to '{target}' "
            "(format parquet)"
        )
        [(figures,)] = connection.execute(
            f"select count(distinct figure_id) from read_parquet('{target}')"
        ).fetchall()
    return int(figures)


def _quoted(path: Path) -> str:
    """A path within quotes in SQL."""
    return str(path).replace("'", "''")
