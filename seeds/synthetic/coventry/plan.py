"""Which complaints and compliments there are: team, status, stages, concerns, so that every table adds up."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from random import Random

from seeds.synthetic.tables import Model, expand, spread


@dataclass
class Complaint:
    """One complaint of the year.

    `status` is the council's, as a word of the contract, `withdrawn` or `open`; informal complaints have ''.
    `highest` is the highest stage (0: none). `is_first_answered`: stage 1 had an answer. `quarter` is that of
    the answer at stage 1 and `length` its working days, where there is one.
    """

    procedure: str
    team: str
    status: str = ""
    highest: int = 1
    is_first_answered: bool = True
    quarter: str = ""
    length: int = 0
    concerns: list[str] = field(default_factory=list)


def plan(margins: dict) -> list[Complaint]:
    """The complaints of the year, the same for the same margins."""
    random = Random(margins["seed"])
    statutory = _statutory(random, margins)
    corporate = _corporate(random, margins)
    informal = [Complaint("informal", team, highest=0) for team in expand(margins["informal"]["teams"])]
    _concerns(random, margins, statutory)
    others = [c for c, n in margins["concerns"].items() if n > 10]
    for complaint in corporate + informal:
        complaint.concerns = random.sample(others, random.choice([1, 1, 2]))
    return statutory + corporate + informal


def places(margins: dict) -> dict[str, int]:
    """Statutory complaints by the unit that they are about: teams, or the named parts of a team."""
    found: dict[str, int] = {}
    for team, number in margins["teams"].items():
        parts = margins["parts"].get(team, {team: number})
        assert sum(parts.values()) == number
        found |= parts
    return found


def _statutory(random: Random, margins: dict) -> list[Complaint]:
    """Team by status by highest stage."""
    units, statuses = places(margins), margins["status"]
    stages = list(margins["highest_stage"])
    model = Model(margins["seed"])
    cells = model.table("statutory", {"team": units, "status": statuses, "stage": stages}, upper=60)
    for team, number in units.items():
        model.require(cells.total(team=team) == number)
    for status, number in statuses.items():
        model.require(cells.total(status=status) == number)
    for stage, number in margins["highest_stage"].items():
        model.require(cells.total(stage=stage) == number)
    for team, fixed in margins["status_by_team"].items():
        for status in statuses:
            model.require(cells.total(team=team, status=status) == fixed.get(status, 0))
        model.require(cells.total(team=team, stage=[2, 3]) == 0)
    model.require(cells.total(status="open", stage=1) == margins["open_at_stage_1"])
    model.require(cells.total(status="open", stage=3) == 0)
    model.require(cells.total(status="withdrawn", stage=[2, 3]) == 0)
    whole = sum(units.values())
    for team, number in units.items():
        for status, total in statuses.items():
            model.near(cells.total(team=team, status=status), round(number * total / whole))
        model.near(cells.total(team=team, stage=[2, 3]), round(number * 14 / whole))
    model.solve()
    found = [
        Complaint("statutory", team, status, stage)
        for (team, status, stage), number in model.values(cells).items()
        for _ in range(number)
    ]
    random.shuffle(found)
    gone_on = [c for c in found if c.highest > 1]
    # The one that went furthest was answered at every stage; the others mostly went on without an answer.
    gone_on.sort(key=lambda c: (-c.highest, c.status == "open"))
    for place, complaint in enumerate(gone_on):
        complaint.is_first_answered = place < margins["answered_then_escalated"]
    for complaint in found:
        if complaint.highest == 1 and complaint.status == "open":
            complaint.is_first_answered = False
    _quarters(random, margins, found)
    return found


def _quarters(random: Random, margins: dict, found: list[Complaint]) -> None:
    """Deal the quarters of the answers at stage 1; those that go on are answered in the first."""
    answered = [c for c in found if c.is_first_answered]
    answered.sort(key=lambda c: c.highest == 1)
    going = [c for c in answered if c.highest > 1]
    quarters = {q: n["within"] + n["over"] for q, n in margins["stage_1_quarters"].items()}
    for complaint in going:
        complaint.quarter = "Q1"
    quarters["Q1"] -= len(going)
    rest = expand(quarters)
    random.shuffle(rest)
    for complaint, quarter in zip((c for c in answered if c.highest == 1), rest, strict=True):
        complaint.quarter = quarter


def _corporate(random: Random, margins: dict) -> list[Complaint]:
    numbers = margins["corporate"]
    outcomes = expand(numbers["outcome"])
    found = [Complaint("corporate", team) for team in expand(numbers["teams"])]
    # The LADO's is not upheld; the three that go on begin with an upheld one, to which the payment belongs.
    for complaint in found:
        complaint.status = "not_upheld" if complaint.team == "LADO Service" else ""
    outcomes.remove("not_upheld")
    rest = [c for c in found if not c.status]
    random.shuffle(rest)
    for complaint, outcome in zip(rest, outcomes, strict=True):
        complaint.status = outcome
    for complaint in [c for c in rest if c.status == "upheld"][:1] + [
        c for c in rest if c.status == "not_upheld"
    ][:2]:
        complaint.highest = 2
    assert sum(c.highest == 2 for c in found) == numbers["stage_2"]
    return found


def _concerns(random: Random, margins: dict, complaints: list[Complaint]) -> None:
    """Every complaint has a concern, and every category its mentions (two in one complaint at most)."""
    categories = margins["concerns"]
    numbers = range(len(complaints))
    model = Model(margins["seed"] + 1)
    cells = model.table("concern", {"complaint": numbers, "category": categories}, upper=2)
    for category, mentions in categories.items():
        model.require(cells.total(category=category) == mentions)
    for n in numbers:
        model.require(cells.total(complaint=n) >= 1)
        model.require(cells.total(complaint=n) <= 4)
    model.solve()
    dealt = [[] for _ in numbers]
    for (n, category), mentions in model.values(cells).items():
        dealt[n] += [category] * mentions
    random.shuffle(dealt)
    for complaint, concerns in zip(complaints, dealt, strict=True):
        complaint.concerns = concerns


def compliments(margins: dict) -> list[tuple[str, str, list[str]]]:
    """(team, from whom, themes) of every compliment."""
    random = Random(margins["seed"] + 2)
    numbers = margins["compliments"]
    teams, sources = numbers["teams"], numbers["from"]
    model = Model(margins["seed"] + 2)
    cells = model.table("compliment", {"team": teams, "from": sources}, upper=120)
    whole = sum(teams.values())
    for team, number in teams.items():
        model.require(cells.total(team=team) == number)
        for source, weight in zip(sources, spread(number, sources.values()), strict=True):
            model.near(cells[team, source], weight)
    for source, number in sources.items():
        model.require(cells.total(**{"from": source}) == number)
    themes = list(numbers["themes"])
    sets = [s for size in (1, 2, 3) for s in combinations(themes, size)]
    chosen = model.table("themes", {"set": sets}, upper=whole)
    model.require(chosen.total() == whole)
    for theme, number in numbers["themes"].items():
        model.require(chosen.total(set=[s for s in sets if theme in s]) == number)
        model.near(chosen[((theme,),)], round(0.6 * number))
    model.solve()
    pairs = expand(model.values(cells))
    groups = [list(s) for (s,) in expand(model.values(chosen))]
    random.shuffle(pairs)
    random.shuffle(groups)
    return [(team, source, group) for (team, source), group in zip(pairs, groups, strict=True)]
