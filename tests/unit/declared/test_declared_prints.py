"""A council that declares a report of a year that it has printed shows the figures of every number that it printed."""

import csv
from pathlib import Path

import pytest

from redress.authority.folder import load_authority
from redress.declared.asked import asked
from redress.declared.load import load_reports
from redress.declared.model import FigureSet

ROOT = Path(__file__).parents[3]
PRINTED = [
    file
    for file in sorted((ROOT / "seeds" / "authorities").glob("*/published/????-??.csv"))
    if (file.parents[1] / "report" / file.stem).is_dir()
]


def figures_of(printed: dict[str, str]) -> FigureSet:
    keys = sorted(pair.split("=")[0] for pair in printed["figure_breakdown"].split(";") if pair)
    period = printed["figure_period"]
    return FigureSet(printed["figure_measure"], tuple(keys), "quarter" if "-Q" in period else "year")


@pytest.mark.parametrize("file", PRINTED, ids=lambda file: f"{file.parents[1].name} {file.stem}")
def test_every_printed_number_has_its_figures_asked_for(file: Path) -> None:
    authority = load_authority(file.parents[1], ROOT / "seeds" / "reference")
    report = load_reports([authority], ROOT).reports[authority.slug, file.stem]
    with file.open(encoding="utf-8", newline="") as lines:
        needed = {figures_of(printed) for printed in csv.DictReader(lines) if printed["figure_measure"]}
    assert needed - asked(report) == set()


def test_a_printed_report_is_declared() -> None:
    assert PRINTED
