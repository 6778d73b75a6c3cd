"""Which complaints there are: theme, who speaks, finding, team, quarter and length of the answer."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from seeds.synthetic.tables import Model, expand

FINDINGS = ["upheld", "partially_upheld", "not_upheld"]
UPHELD = FINDINGS[:2]


@dataclass
class Complaint:
    """One complaint of the year, answered in it at stage 1."""

    theme: str
    is_young: bool
    outcome: str
    service: str = ""
    quarter: str = ""
    is_met: bool = True
    procedure: str = "statutory"


def plan(margins: dict) -> list[Complaint]:
    """The complaints of the year, the same for the same margins."""
    random = Random(margins["seed"])
    complaints = [Complaint(*cell) for cell in expand(_cells(margins))]
    answers = [(quarter, True) for quarter in expand(margins["met"])]
    answers += [(quarter, False) for quarter in expand(margins["missed"])]
    random.shuffle(answers)
    for complaint, (quarter, is_met) in zip(complaints, answers, strict=True):
        complaint.quarter, complaint.is_met = quarter, is_met
    teams = expand({team: numbers["received"] for team, numbers in margins["services"].items()})
    random.shuffle(teams)
    for complaint, team in zip(complaints, teams, strict=True):
        complaint.service = team
    able = [c for c in complaints if not c.is_young and c.service not in _statutory_only(margins)]
    for complaint in random.sample(able, margins["corporate"]):
        complaint.procedure = "corporate"
    return complaints


def _statutory_only(margins: dict) -> set[str]:
    return {row["service"] for row in margins["stage_2"]}


def _cells(margins: dict) -> dict[tuple[str, bool, str], int]:
    """How many complaints there are of each theme, voice and finding."""
    model = Model(margins["seed"])
    cells = model.table(
        "complaint", {"theme": margins["themes"], "young": [True, False], "outcome": FINDINGS}, upper=60
    )
    named = [numbers["upheld"] for numbers in margins["themes"].values() if "upheld" in numbers]
    for theme, numbers in margins["themes"].items():
        model.require(cells.total(theme=theme) == numbers["received"])
        found = cells.total(theme=theme, outcome=UPHELD)
        if "upheld" in numbers:
            model.require(found == numbers["upheld"])
        else:
            model.require(found <= min(named) - 1)
            model.near(found, round(numbers["received"] * 0.7))
        model.near(cells.total(theme=theme, outcome="upheld"), round(numbers["received"] * 0.3))
    model.require(cells.total(outcome=UPHELD) == margins["upheld_or_partly"])
    young = margins["young"]
    for outcome, number in young["outcomes"].items():
        model.require(cells.total(young=True, outcome=outcome) == number)
    listed: list[str] = []
    for row in young["themes"]:
        model.require(cells.total(young=True, theme=row["themes"]) == row["number"])
        listed += row["themes"]
    model.require(cells.total(young=True, theme=[t for t in margins["themes"] if t not in listed]) == 0)
    model.solve()
    return model.values(cells)
