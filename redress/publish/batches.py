"""The tables of the website in batches: one for each council, and one for the pages that are about all.

A page of a report reads the rows of its own council: the figures of two hundred reports do not fit into the process that
renders it, and the pages of a council need not be made anew because another council's rows have changed. Only tables
without councils are shared by all pages. `reports/render.js` renders a batch at a time.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from redress.protect.streams import write_stream
from redress.publish.open_data import read_stream

OF_ALL = ("checks", "check_history")
"""Tables of which a council's pages also see the rows of no council (`authority` is empty): what was checked for all at once."""

PLACE = ["authority", "reporting_year", "measure", "breakdown", "period", "figure_id"]
"""Columns of `figures` that say on which page a figure stands."""

COUNCILS = "councils"
SITE = "site"


def write_batches(protected_dir: Path, target: Path) -> list[dict]:
    """Write the tables that pages may read.

    Args:
        protected_dir: the folder of Arrow streams that `redress.protect.export` wrote.
        target: a new folder. In it are the tables that all pages share, and `site/` and `councils/<authority>/` with those
            of a batch.

    Returns:
        The batches, the most work first, with `council` (None for the pages about all reports), `reports` (addresses of
        their first pages) and `folder` (below `target`).
    """
    tables = {path.stem: read_stream(path) for path in sorted(protected_dir.glob("*.arrow"))}
    tables["reported_measures"] = reported_measures(tables["figures"])
    reports = tables["reports"].select(["authority", "reporting_year"]).to_pylist()
    councils = sorted({row["authority"] for row in reports})
    for folder in (SITE, *(f"{COUNCILS}/{council}" for council in councils)):
        (target / folder).mkdir(parents=True)
    sizes = dict.fromkeys(councils, 0)
    for name, table in tables.items():
        if "authority" not in table.column_names:
            write_stream(table, target / f"{name}.arrow")
            continue
        write_stream(_compared(tables) if name == "figures" else table, target / SITE / f"{name}.arrow")
        authority = pc.fill_null(table["authority"], "")
        for council in councils:
            seen = ["", council] if name in OF_ALL else [council]
            rows = table.filter(pc.is_in(authority, pa.array(seen)))
            write_stream(rows, target / COUNCILS / council / f"{name}.arrow")
            sizes[council] += rows.num_rows
    batches: list[dict] = [{"council": None, "reports": [], "folder": SITE}]
    for council in sorted(councils, key=lambda council: (-sizes[council], council)):
        years = sorted(row["reporting_year"] for row in reports if row["authority"] == council)
        addresses = [f"/{council}/{year}/" for year in years]
        batches.append({"council": council, "reports": addresses, "folder": f"{COUNCILS}/{council}"})
    return batches


def write_list(target: Path, batches: Iterable[Mapping], councils: Collection[str]) -> None:
    """Write the list of the batches that are to be rendered, for `reports/render.js`.

    Args:
        target: the folder of the batches' tables.
        batches: those that are to be rendered.
        councils: all that the site has pages of.
    """
    listed = {"councils": sorted(councils), "batches": list(batches)}
    (target / "batches.json").write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")


def _compared(tables: dict[str, pa.Table]) -> pa.Table:
    """Of the figures what the pages about all reports link to: where those of measures stand that are compared.

    The whole table is too large for these pages; `reported_measures` tells them which report has what.
    """
    figures = tables["figures"]
    linked = pc.is_in(figures["figure_id"], tables["comparison"]["figure_id"].combine_chunks())
    measures = pc.unique(figures.filter(linked)["measure"])
    return figures.filter(pc.is_in(figures["measure"], measures)).select(PLACE)


def reported_measures(figures: pa.Table) -> pa.Table:
    """Which report has figures of which measure: one row per report and measure, in a fixed order."""
    keys = ["authority", "reporting_year", "measure"]
    return figures.group_by(keys).aggregate([]).select(keys).sort_by([(key, "ascending") for key in keys])
