"""Which complaints there are: teams, fates, quarters, points and outcomes that keep the report's margins.

Everything here is counting; dates and people come later. Four solved tables:
new complaints of social care by procedure, fate, quarter and looked-after; their teams and points by team;
their points by category; outcomes by category.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from seeds.synthetic.tables import Model, expand, spread

QUARTERS = ("Q1", "Q2", "Q3", "Q4")
ANSWERED = ("closed", "to_stage_2")
UNANSWERED = ("open", "escalated")


@dataclass
class Point:
    """One point of complaint: its team, category and what stage 1 found ('' when stage 1 left it open)."""

    team: str
    category: str = ""
    sub_category: str = ""
    stage_1: str = ""
    procedure: str = ""


@dataclass
class Complaint:
    """One complaint as planned.

    `area` csc, ehcp or other_areas; `cohort` new, stage_1, stage_2, reopened or late_entered (the last four
    were received before the year); `fate` what became of its stage 1; `outcome` the stage's outcome where the
    report gives one; `part` the team of a second, corporate part.
    """

    area: str
    procedure: str
    cohort: str
    fate: str
    quarter: str = ""
    looked_after: bool = False
    teams: list[str] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    outcome: str = ""
    part: str = ""


def quarters(numbers: list[int]) -> dict[str, int]:
    """Four numbers of a margin, by quarter."""
    return dict(zip(QUARTERS, numbers, strict=True))


def categories(margins: dict, area: str) -> dict[tuple[str, str], dict[str, int]]:
    """Points raised by (category, sub-category) and quarter; sub-category '' where there are none."""
    rows = {}
    for category, content in margins["issues"][area].items():
        parts = content if isinstance(content, dict) else {"": content}
        for sub_category, numbers in parts.items():
            rows[(category, sub_category)] = quarters(numbers)
    return rows


def plan(margins: dict) -> list[Complaint]:
    """Every complaint of the case data, in a fixed order."""
    random = Random(margins["seed"])
    new = _new_social_care(margins)
    _teams_and_points(margins, new, random)
    before = _earlier_social_care(margins, random)
    _outcomes(margins, new, before, random)
    _span(margins, new)
    spanning = [c for c in new if c.part]
    return new + before + _ehcp(margins, random, spanning) + _other_areas(margins)


def _new_social_care(margins: dict) -> list[Complaint]:
    """The year's new complaints of social care, by procedure, fate, quarter and looked-after."""
    model = Model(margins["seed"])
    fates = {procedure: list(counts) for procedure, counts in margins["csc_fates"].items()}
    every = sorted({fate for names in fates.values() for fate in names})
    table = model.table(
        "new",
        {"procedure": list(fates), "fate": every, "quarter": QUARTERS, "looked_after": [False, True]},
    )
    total = margins["new_complaints"]["csc"]
    for procedure, counts in margins["csc_fates"].items():
        for fate in every:
            model.require(table.total(procedure=procedure, fate=fate) == counts.get(fate, 0))
    by_quarter = quarters(margins["csc_quarters"])
    for quarter, number in by_quarter.items():
        model.require(table.total(quarter=quarter) == number)
        for procedure, counts in margins["csc_fates"].items():
            model.near(
                table.total(quarter=quarter, procedure=procedure),
                round(number * sum(counts.values()) / total),
            )
    model.require(table.total(looked_after=True, procedure="corporate") == 0)
    looked_after = margins["looked_after"]["fates"]
    for fate in every:
        model.require(table.total(looked_after=True, fate=fate) == looked_after.get(fate, 0))
    for quarter, number in by_quarter.items():
        model.near(
            table.total(looked_after=True, quarter=quarter),
            round(number * margins["looked_after"]["complaints"] / total),
        )
    # What is open at the end came late; what went on to stage 2 came early enough to do so.
    model.require(table.total(fate="open", quarter=["Q1", "Q2"]) == 0)
    model.require(table.total(fate="open", quarter="Q3", procedure="statutory") == 1)
    model.require(table.total(fate="open", quarter="Q3", procedure="corporate") == 0)
    model.require(table.total(fate="direct", quarter="Q3") == 1)
    model.require(table.total(fate="to_stage_2", procedure="statutory", quarter="Q1") == 1)
    model.require(table.total(fate="to_stage_2", procedure="statutory", quarter="Q3") == 1)
    model.require(table.total(fate="to_stage_2", looked_after=True, quarter="Q3") == 1)
    model.require(table.total(fate="to_stage_2", procedure="corporate", quarter=["Q1", "Q2"]) == 2)
    model.require(table.total(fate="escalated", quarter=["Q2", "Q3"]) == 2)
    model.require(table.total(fate="escalated", quarter="Q3") == 1)
    model.require(table.total(fate="withdrawn", quarter=["Q2", "Q3"]) == 2)
    model.solve()
    return [
        Complaint("csc", procedure, "new", fate, quarter, looked_after)
        for procedure, fate, quarter, looked_after in expand(model.values(table))
    ]


def _teams_and_points(margins: dict, complaints: list[Complaint], random: Random) -> None:
    """Give every new complaint of social care its one or two teams, and points to each of them."""
    model = Model(margins["seed"], effort=2.0)
    teams = list(margins["teams"])
    numbers = range(len(complaints))
    involved = model.table("team", {"complaint": numbers, "team": teams}, upper=1)
    points = model.table("points", {"complaint": numbers, "team": teams}, upper=30)
    for key, cell in points.cells.items():
        model.require(cell >= involved[key])
        model.require(cell <= 30 * involved[key])
    of = {
        name: [i for i in numbers if test(complaints[i])]
        for name, test in {
            "statutory": lambda c: c.procedure == "statutory",
            "corporate": lambda c: c.procedure == "corporate",
            "looked_after": lambda c: c.looked_after,
            "looked_after_open": lambda c: c.looked_after and c.fate == "open",
            "unanswered": lambda c: c.fate in UNANSWERED,
            "answered": lambda c: c.fate in ANSWERED,
            "withdrawn": lambda c: c.fate == "withdrawn",
            **{quarter: lambda c, quarter=quarter: c.quarter == quarter for quarter in QUARTERS},
        }.items()
    }
    for team, row in margins["teams"].items():
        model.require(points.total(team=team) == row["issues"])
        for procedure in ("statutory", "corporate"):
            model.require(involved.total(team=team, complaint=of[procedure]) == row[procedure])
    for team, row in margins["team_quarters"].items():
        for quarter, number in quarters(row).items():
            model.require(involved.total(team=team, complaint=of[quarter]) == number)
    for old, new in margins["renamed"].items():
        model.require(involved.total(team=old, complaint=of["Q3"] + of["Q4"]) == 0)
        model.require(involved.total(team=new, complaint=of["Q1"] + of["Q2"]) == 0)
    raised = categories(margins, "csc")
    for quarter in QUARTERS:
        model.require(points.total(complaint=of[quarter]) == sum(row[quarter] for row in raised.values()))

    their_teams = margins["looked_after"]["teams"]
    their_points = margins["looked_after"]["issues"]
    for i in of["looked_after"]:
        for team in teams:
            if team not in their_teams:
                model.require(involved[i, team] == 0)
    for team in their_teams:
        model.require(involved.total(team=team, complaint=of["looked_after"]) >= 1)
    model.require(involved.total(team=their_teams[0], complaint=of["looked_after"]) >= 8)
    model.require(points.total(complaint=of["looked_after"]) == sum(their_points.values()))
    model.require(points.total(complaint=of["looked_after_open"]) == their_points["open"])
    answered = sum(margins["csc_issue_outcomes"].values())
    everything = sum(row["issues"] for row in margins["teams"].values())
    left = everything + margins["csc_issues_before"] - answered - their_points["direct_to_next_stage"]
    model.require(points.total(complaint=of["unanswered"]) == left)

    for i in numbers:
        complaint = complaints[i]
        size = points.total(complaint=i)
        model.require(involved.total(complaint=i) >= 1)
        model.require(involved.total(complaint=i) <= 2)
        if complaint.fate == "direct":
            model.require(size == their_points["direct_to_next_stage"])
        elif complaint.fate in UNANSWERED:
            model.require(size >= 4)
            model.near(size, random.choice([6, 8, 9, 11, 13, 15]))
        elif complaint.fate == "withdrawn":
            model.require(size <= 3)
        else:
            model.require(size <= 14)
            model.near(size, random.choices([1, 2, 3, 4, 5, 6, 7, 8, 10], [1, 3, 4, 5, 5, 4, 3, 2, 1])[0])
    model.solve()
    for i in numbers:
        mine = {team: model.value(points[i, team]) for team in teams if model.value(involved[i, team])}
        # The team with most points leads: its name stands on the stage.
        complaints[i].teams = sorted(mine, key=lambda team: (-mine[team], team))
        complaints[i].points = [Point(team) for team in complaints[i].teams for _ in range(mine[team])]


def _earlier_social_care(margins: dict, random: Random) -> list[Complaint]:
    """Complaints of social care that were received before the year and are met in it."""
    at_stage_1 = []
    later = []
    weights = {
        "statutory": {
            "Children's Assessment Team": 4,
            "Child Looked After": 2,
            "Children's Disability Team": 2,
            "Child in Need Team": 2,
            "Child Protection Unit": 1,
        },
        "corporate": {
            "Children's Assessment Team": 4,
            "Child Protection & Court Team": 3,
            "MASH Team": 2,
            "Children's Disability Team": 2,
            "Fostering Team": 1,
        },
    }
    for procedure, counts in margins["csc_before"].items():
        for cohort in expand(counts):
            team = random.choices(list(weights[procedure]), list(weights[procedure].values()))[0]
            complaint = Complaint("csc", procedure, cohort, "closed", teams=[team])
            if cohort in ("stage_2", "reopened"):
                complaint.fate = "to_stage_2"
                later.append(complaint)
            else:
                at_stage_1.append(complaint)
    # One of the statutory complaints at stage 1 goes on to stage 2 after its answer (section 11.1.2).
    at_stage_1[0].fate = "to_stage_2"
    sizes = [
        1 + extra for extra in spread(margins["csc_issues_before"] - len(at_stage_1), [1] * len(at_stage_1))
    ]
    random.shuffle(sizes)
    for complaint, size in zip(at_stage_1, sizes, strict=True):
        complaint.points = [Point(complaint.teams[0]) for _ in range(size)]
    for complaint in later:
        complaint.points = [Point(complaint.teams[0]) for _ in range(random.randint(2, 4))]
    return at_stage_1 + later


def _group(complaint: Complaint) -> str:
    """The group within which points are alike for counting: who, and what stage 1 did with them."""
    who = "looked_after" if complaint.looked_after else "others"
    if complaint.fate in ANSWERED:
        return f"{who}_answered"
    return f"{who}_{complaint.fate}"


def _outcomes(margins: dict, new: list[Complaint], before: list[Complaint], random: Random) -> None:
    """Give every point of social care its category, sub-category and stage 1 outcome."""
    raised = categories(margins, "csc")
    names = list(margins["issues"]["csc"])
    slots: dict[tuple[str, str], list[Point]] = {}
    for complaint in new:
        slots.setdefault((complaint.quarter, _group(complaint)), []).extend(complaint.points)
    groups = sorted({group for _, group in slots})
    model = Model(margins["seed"], effort=2.0)
    table = model.table("category", {"quarter": QUARTERS, "group": groups, "category": names})
    for quarter in QUARTERS:
        of_quarter = {n: sum(row[quarter] for (c, _), row in raised.items() if c == n) for n in names}
        everything = sum(of_quarter.values())
        for name, number in of_quarter.items():
            model.require(table.total(quarter=quarter, category=name) == number)
        for group in groups:
            size = len(slots.get((quarter, group), []))
            model.require(table.total(quarter=quarter, group=group) == size)
            for name, number in of_quarter.items():
                model.near(table[quarter, group, name], round(number * size / everything))

    earlier = [c for c in before if c.cohort in ("stage_1", "late_entered")]
    common = [n for n in names if sum(sum(r.values()) for (c, _), r in raised.items() if c == n) >= 13]
    carried = model.table("before", {"category": names}, upper=12)
    model.require(carried.total() == margins["csc_issues_before"])
    for name in names:
        model.require(carried[name,] <= (12 if name in common else 0))
        model.near(carried[name,], round(margins["csc_issues_before"] / len(common)) if name in common else 0)

    found = list(margins["csc_issue_outcomes"])
    outcome = model.table("outcome", {"who": ["looked_after", "others"], "category": names, "outcome": found})
    theirs = margins["looked_after"]["issues"]
    for word in found:
        model.require(outcome.total(outcome=word) == margins["csc_issue_outcomes"][word])
        model.require(outcome.total(who="looked_after", outcome=word) == theirs.get(word, 0))
    for name in names:
        model.require(
            outcome.total(who="looked_after", category=name)
            == table.total(group="looked_after_answered", category=name)
        )
        model.require(
            outcome.total(who="others", category=name)
            == table.total(group=["others_answered", "others_withdrawn"], category=name) + carried[name,]
        )
        model.require(
            outcome["others", name, "withdrawn"] >= table.total(group="others_withdrawn", category=name)
        )
        both = outcome.total(category=name, outcome=["upheld", "partially_upheld"])
        everything = outcome.total(category=name)
        if name in margins["csc_upheld_or_partly"]:
            model.share(both, everything, margins["csc_upheld_or_partly"][name])
        for word in found:
            part = round(
                sum(raised[k][q] for k in raised if k[0] == name for q in QUARTERS)
                * margins["csc_issue_outcomes"][word]
                / 562
            )
            model.near(outcome.total(category=name, outcome=word), part)
    main = margins["looked_after"]["main_category"]
    theirs_by_category = {
        n: table.total(group=[g for g in groups if g.startswith("looked_after")], category=n) for n in names
    }
    for name in names:
        if name != main:
            model.require(theirs_by_category[main] >= theirs_by_category[name] + 4)
    model.solve()

    for quarter in QUARTERS:
        subs = {
            name: expand({s: row[quarter] for (c, s), row in raised.items() if c == name}) for name in names
        }
        for pool in subs.values():
            random.shuffle(pool)
        for group in groups:
            labels = expand({name: model.value(table[quarter, group, name]) for name in names})
            random.shuffle(labels)
            for point, name in zip(slots.get((quarter, group), []), labels, strict=True):
                point.category, point.sub_category = name, subs[name].pop()
    labels = expand({name: model.value(carried[name,]) for name in names})
    random.shuffle(labels)
    for point, name in zip((p for c in earlier for p in c.points), labels, strict=True):
        _categorise(point, name, raised, random)
    for complaint in before:
        for point in complaint.points:
            if complaint not in earlier:
                _categorise(point, random.choice(common), raised, random)
                point.stage_1 = random.choice(["upheld", "partially_upheld", "not_upheld", "not_upheld"])

    for who in ("looked_after", "others"):
        mine = [c for c in new if c.looked_after == (who == "looked_after")]
        mine += earlier if who == "others" else []
        for name in names:
            pool = {word: model.value(outcome[who, name, word]) for word in found}
            gone = [p for c in mine if c.fate == "withdrawn" for p in c.points if p.category == name]
            for point in gone:
                point.stage_1 = "withdrawn"
                pool["withdrawn"] -= 1
            left = [p for c in mine if c.fate in ANSWERED for p in c.points if p.category == name]
            words = expand(pool)
            random.shuffle(words)
            for point, word in zip(left, words, strict=True):
                point.stage_1 = word
    for complaint in new:
        if complaint.fate == "direct":
            for point in complaint.points:
                point.stage_1 = "direct_to_next_stage"


def _categorise(point: Point, name: str, raised: dict, random: Random) -> None:
    """Give a point a category and one of its sub-categories that are in use."""
    used = {s: sum(row.values()) for (c, s), row in raised.items() if c == name and sum(row.values())}
    point.category = name
    point.sub_category = random.choices(list(used), list(used.values()))[0]


def _span(margins: dict, new: list[Complaint]) -> None:
    """Two answered statutory complaints of social care get a second, corporate part in another area."""
    able = [
        c
        for c in new
        if c.procedure == "statutory"
        and c.fate == "closed"
        and not c.looked_after
        and c.quarter in ("Q1", "Q2")
    ]
    for complaint, team in zip(able[2::9], margins["spanning"], strict=False):
        complaint.part = team


def _ehcp(margins: dict, random: Random, spanning: list[Complaint]) -> list[Complaint]:
    """The EHCP Team's complaints, with the points of the part that a social care complaint has there."""
    team = "EHCP Team"
    rules = margins["ehcp"]
    part = next(c for c in spanning if c.part == team)
    counts = quarters(margins["ehcp_quarters"])
    counts[part.quarter] -= 1
    new = [
        Complaint("ehcp", "corporate", "new", "closed", quarter, teams=[team]) for quarter in expand(counts)
    ]
    by_quarter = {quarter: [c for c in new if c.quarter == quarter] for quarter in QUARTERS}
    by_quarter["Q4"][0].fate = "open"
    # The three that are open at stage 2 came late in the year, the other seven early.
    for complaint in by_quarter["Q3"][:2] + by_quarter["Q4"][1:2]:
        complaint.fate = "open_stage_2"
    rest = rules["to_stage_2"] - rules["open_stage_2"]
    for complaint in by_quarter["Q1"][:2] + by_quarter["Q2"][:3] + by_quarter["Q3"][2 : 2 + rest - 5]:
        complaint.fate = "to_stage_2"
    raised = categories(margins, "ehcp")
    for quarter in QUARTERS:
        labels = expand({key: row[quarter] for key, row in raised.items()})
        random.shuffle(labels)
        owners = by_quarter[quarter] + ([part] if part.quarter == quarter else [])
        extra = spread(len(labels) - len(owners), [random.uniform(0.4, 1.6) for _ in owners])
        for complaint, more in zip(owners, extra, strict=True):
            for _ in range(1 + more):
                category, sub_category = labels.pop()
                complaint.points.append(
                    Point(team, category, sub_category, procedure="corporate" if complaint is part else "")
                )
    before = []
    for cohort in expand(rules["before"]):
        complaint = Complaint("ehcp", "corporate", cohort, "closed", teams=[team])
        if cohort == "stage_2":
            complaint.fate = "to_stage_2"
        for _ in range(2 if cohort == "stage_1" else 3):
            point = Point(team)
            _categorise(
                point, random.choice(["Issues with EHCP", "Unsatisfactory Communication"]), raised, random
            )
            if cohort == "stage_2":
                point.stage_1 = random.choice(["partially_upheld", "not_upheld", "not_upheld"])
            complaint.points.append(point)
        before.append(complaint)
    # Outcomes: one at least for every answer, the rest where there is room; the others were not recorded.
    answered = [c for c in new + [part] + [c for c in before if c.cohort == "stage_1"] if c.fate != "open"]
    chosen, others = [], []
    for complaint in answered:
        own = [p for p in complaint.points if p.team == team]
        chosen.append(own[0])
        others.extend(own[1:])
    random.shuffle(others)
    words = expand(rules["outcomes_1"])
    chosen += others[: len(words) - len(chosen)]
    random.shuffle(words)
    for point, word in zip(chosen, words, strict=True):
        point.stage_1 = word
    return new + before


def _other_areas(margins: dict) -> list[Complaint]:
    """Complaints of the other areas; the one with School Admissions' corporate part is counted among them."""
    complaints = []
    spanning = [team for team in margins["spanning"] if team != "EHCP Team"]
    order = ("Q1", "Q2", "Q3", "Q2", "Q3", "Q1", "Q4")
    for team, outcomes in margins["other_areas"].items():
        words = expand(outcomes)
        for _ in range(spanning.count(team)):
            words.remove("not_upheld")
        for word in words:
            quarter = "Q4" if word == "open" else order[len(complaints) % len(order)]
            fate = "open" if word == "open" else "closed"
            complaints.append(
                Complaint(
                    "other_areas",
                    "corporate",
                    "new",
                    fate,
                    quarter,
                    teams=[team],
                    outcome="" if word == "open" else word,
                )
            )
    return complaints
