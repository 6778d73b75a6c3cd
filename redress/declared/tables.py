"""What is declared, as tables beside those of the councils' other configuration."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from redress.declared.model import DeclaredReport

PAGES = "config_page"


def write_pages(reports: Iterable[DeclaredReport], folder: Path) -> None:
    """Write the pages of the reports of a run to `<folder>/config_page.parquet`, replacing what is there.

    Args:
        reports: those that the run builds.
        folder: of the configuration tables.
    """
    import polars as pl

    from redress.base.tables import write_parquet

    text, number = pl.String(), pl.Int32()
    schema = {
        "authority": text,
        "reporting_year": text,
        "position": number,
        "page": text,
        "title": text,
        "sections": text,
    }
    rows = [row for report in reports for row in report.rows()]
    write_parquet(pl.DataFrame(rows, schema=schema, orient="row"), folder / f"{PAGES}.parquet")
