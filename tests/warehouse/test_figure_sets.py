"""A report has the tables of figures that it declares, and each is as it would be beside all the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from redress.declared.closure import FigureSet, close, sets_of, spine
from tests.warehouse.small_world import small_world
from tests.warehouse.warehouse_state import Warehouse, build_compiled

pytestmark = pytest.mark.xdist_group("small world")

FIGURES = (
    "select authority, reporting_year, figure_id, measure, breakdown, period, numerator, denominator, value, unit, rule, status"
    " from figures.figures order by all"
)
WANTED = {
    ("ashby", "2023-24"): [
        FigureSet("issues_raised", ("service",), "quarter"),
        FigureSet("compliments", ("source",)),
    ],
    ("ashby", "2022-23"): [FigureSet("responses", ("procedure", "stage"), "month"), *spine()],
    ("marlow", "2023-24"): [FigureSet("new_complaints_share", ("channel",))],
}


def test_a_report_has_what_it_declares_and_nothing_else(warehouse: Warehouse, tmp_path: Path) -> None:
    world = small_world()
    sets = {report: close(wanted) for report, wanted in WANTED.items()}
    for (authority, year), closed in sets.items():
        world.configure(
            "config_figure_set",
            *(
                {
                    "authority": authority,
                    "reporting_year": year,
                    "measure": measure,
                    "keys": ";".join(keys),
                    "period_kind": kind,
                }
                for measure, keys, kind in closed
            ),
        )
    declared = build_compiled(world, tmp_path, "+figures").rows(FIGURES)
    whole = warehouse.rows(FIGURES)
    expected = [
        row
        for row in whole
        if row[-1] == "prior"
        or sets_of([{"measure": row[3], "breakdown": row[4], "period": row[5]}]) <= sets[row[0], row[1]]
    ]
    assert declared == expected
    assert {row[0] for row in declared} == {"ashby", "marlow"}
    assert len(declared) < len(whole) / 2
