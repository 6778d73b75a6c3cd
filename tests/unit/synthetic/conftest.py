"""What tests of made-up councils share: one run of the generator, and what intake makes of the files in the repository.

A file of tests names its council as `COUNCIL`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from redress.authority.config_tables import write_config_tables
from redress.authority.folder import load_authorities
from redress.base.settings import ROOT, Settings
from redress.intake import load_drop_folder
from seeds.synthetic.__main__ import generate
from seeds.synthetic.cases import Cases

AUTHORITIES = ROOT / "seeds" / "authorities"
ORDER = ("requested_date", "panel_date", "findings_date", "responded_date", "closed_date")


@dataclass(frozen=True)
class Made:
    """What the generator made of a council.

    Attributes:
        folder: where its files are.
        written: of each file the path, the source and the rows that are wrong on purpose.
        cases: the cases in the contract's shape.
    """

    folder: Path
    written: list[tuple]
    cases: Cases


@pytest.fixture(scope="module")
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Return what one run of the generator makes."""
    folder = tmp_path_factory.mktemp("extracts")
    return Made(folder, *generate(request.module.COUNCIL, folder))


@pytest.fixture(scope="module")
def cases(made: Made) -> Cases:
    """Return the generated cases."""
    return made.cases


@pytest.fixture(scope="module")
def received(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return what intake makes of the files in the repository."""
    settings = Settings(build=tmp_path_factory.mktemp("intake") / "build")
    [authority] = load_authorities(settings, [request.module.COUNCIL])
    write_config_tables([authority], settings)
    return load_drop_folder(authority, settings)


def files(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder by its relative path."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def later_than(cases: Cases, last_day: date) -> list[tuple[str, str, date]]:
    """Return every date of a case after the last day that the extracts can know."""
    return [
        (table, column, value)
        for table, rows in cases.tables.items()
        for row in rows
        for column, value in row.items()
        if table != "activity" and isinstance(value, date) and value > last_day
    ]


def stages_out_of_order(cases: Cases) -> list[str]:
    """Return the stages whose dates go back, or that begin before the complaint or before the stage below had ended."""
    received = {row["complaint_id"]: row["received_date"] for row in cases.rows("complaint")}
    closed = {(row["complaint_id"], row["stage"]): row.get("closed_date") for row in cases.rows("stage")}
    faults = []
    for row in cases.rows("stage"):
        days = [row[column] for column in ORDER if row.get(column)]
        before = closed.get((row["complaint_id"], row["stage"] - 1), received.get(row["complaint_id"]))
        if before is None or before > days[0] or any(later < earlier for earlier, later in pairwise(days)):
            faults.append(row["stage_id"])
    return faults
