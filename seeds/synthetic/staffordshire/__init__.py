"""Staffordshire 2023/24: the published report's margins, cases that keep them, monthly files that overlap."""

from __future__ import annotations

from pathlib import Path

import yaml

from seeds.synthetic.cases import Cases
from seeds.synthetic.export import Export

FOLDER = Path(__file__).resolve().parent
YEAR = "2023-24"


def read_margins() -> dict:
    """The published tables, typed as data."""
    return yaml.safe_load((FOLDER / "margins.yml").read_text(encoding="utf-8"))


def build_cases() -> Cases:
    """The year's cases in contract shape, before the export shapes them."""
    from seeds.synthetic.staffordshire.cases import build

    return build(read_margins())


def batches(built: Cases) -> dict[str, list[Export]]:
    """The files of each batch, by the day it was received."""
    from seeds.synthetic.staffordshire.export import exports

    return exports(built, FOLDER)


def compare(built: Cases) -> list[tuple[str, int, int]]:
    """Every margin with its number wanted and its number counted in the cases."""
    from seeds.synthetic.staffordshire.counting import compare_margins

    return compare_margins(read_margins(), built)
