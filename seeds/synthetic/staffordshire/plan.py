"""Which complaints there are: fates, services, themes and complainants, so that every printed number comes out."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from seeds.synthetic.tables import Model, Table, expand, spread

OUTCOMES = ("upheld", "partially_upheld", "not_upheld")
ENDS = (*OUTCOMES, "withdrawn", "open")
LATER = (("statutory", 2), ("statutory", 3), ("corporate", 2))
REST = ("relative", "foster_carer", "special_guardian", "carer", "professional")


@dataclass
class Stage:
    """One stage of a complaint: how it ended (a word of `ENDS`, or `refused`) and whether its answer was in time."""

    procedure: str
    stage: int
    end: str
    is_within: bool = False


@dataclass
class Complaint:
    """One complaint with its stages from the first on.

    `earlier` complaints were received in the year before; only their last stage is of this year.
    """

    procedure: str
    stages: list[Stage]
    services: list[str] = field(default_factory=list)
    theme: str = ""
    role: str = ""
    is_earlier: bool = False

    @property
    def highest(self) -> int:
        """The highest stage asked for."""
        return self.stages[-1].stage


def is_about_send(service: str) -> bool:
    """Whether a service is one for special educational needs and disabilities."""
    return "SEND" in service or "Educational Psychology" in service


def plan(margins: dict) -> list[Complaint]:
    """The complaints behind the year's numbers, the same for the same margins."""
    random = Random(margins["seed"])
    stages, roles, leading = _solve(margins)
    found = [
        Complaint(procedure, [stage]) for procedure in margins["stage_1"] for stage in stages[procedure, 1]
    ]
    random.shuffle(found)
    statutory = [c for c in found if c.procedure == "statutory"]
    corporate = [c for c in found if c.procedure == "corporate"]
    _later_statutory(random, margins, stages, statutory, found)
    _later_corporate(random, margins, stages[("corporate", 2)], corporate)
    _services(random, margins, statutory, corporate)
    _themes(random, margins, leading, statutory, corporate)
    new = statutory + corporate
    named = expand(roles)
    named += [random.choice(REST) for _ in range(len(new) - len(named))]
    random.shuffle(named)
    for complaint, role in zip(new, named, strict=True):
        complaint.role = role
    for complaint in found:
        complaint.role = complaint.role or "parent"
        complaint.theme = complaint.theme or margins["themes"][complaint.procedure]["leading"]
    return found


def _solve(margins: dict) -> tuple[dict[tuple[str, int], list[Stage]], dict[str, int], dict[str, int]]:
    """Counts that print as the shares do: stages by (procedure, stage), complainants, the leading themes."""
    model = Model(margins["seed"])
    places = [*((p, 1) for p in margins["stage_1"]), *LATER]
    received = {(p, 1): numbers["received"] for p, numbers in margins["stage_1"].items()} | {
        ("statutory", 2): margins["stage_2_statutory"]["cases"],
        ("statutory", 3): margins["stage_3_statutory"]["cases"],
        ("corporate", 2): sum(margins["stage_2_corporate"]["services"].values()),
    }
    ends = model.table("end", {"place": places, "end": ENDS}, upper=400)
    timely = model.table("within", {"place": places}, upper=400)
    for place in places:
        model.require(ends.total(place=[place]) == received[place])
        model.require(timely[(place,)] <= ends.total(place=[place], end=OUTCOMES))
        if place[1] > 1:
            model.require(ends[place, "withdrawn"] == 0)
            model.near(timely[(place,)], round(received[place] * 0.7))
            model.require(ends[place, "open"] >= 1)
            for outcome in OUTCOMES:
                model.near(ends[place, outcome], round(received[place] * 0.3))
    _stage_1(model, ends, timely, margins)
    answered = ends.total(end=OUTCOMES)
    model.share(timely.total(), answered, margins["every_stage"]["within"])
    for outcome in OUTCOMES:
        model.share(ends.total(end=outcome), answered, margins["every_stage"][outcome])
    for place, target in zip(places, (9, 14, 3, 1, 3), strict=True):
        model.near(ends[place, "open"], target, weight=2)
    roles = model.table("role", {"role": margins["complainants"]}, upper=400)
    everybody = sum(n["received"] for n in margins["stage_1"].values())
    for role, percent in margins["complainants"].items():
        model.share(roles[(role,)], everybody, percent)
    leading = model.table("theme", {"procedure": margins["themes"]}, upper=400)
    for procedure, numbers in margins["themes"].items():
        model.share(leading[(procedure,)], received[procedure, 1], numbers["percent"])
    model.solve()
    found: dict[tuple[str, int], list[Stage]] = {}
    random = Random(margins["seed"] + 1)
    for place in places:
        made = [Stage(*place, end) for end in ENDS for _ in range(model.value(ends[place, end]))]
        done = [stage for stage in made if stage.end in OUTCOMES]
        for stage in random.sample(done, model.value(timely[(place,)])):
            stage.is_within = True
        random.shuffle(made)
        found[place] = made
    spoke = model.value(roles[("advocate_or_young_person",)])
    young, advocates = spread(spoke, (2, 3))
    people = {
        "parent": model.value(roles[("parent",)]),
        "child_or_young_person": young,
        "advocate": advocates,
    }
    return found, people, {p: model.value(leading[(p,)]) for p in margins["themes"]}


def _stage_1(model: Model, ends: Table, timely: Table, margins: dict) -> None:
    for procedure, numbers in margins["stage_1"].items():
        place = (procedure, 1)
        whole = ends.total(place=[place], end=(*OUTCOMES, "withdrawn"))
        for end in (*OUTCOMES, "withdrawn"):
            model.share(ends[place, end], whole, numbers[end])
        answered = ends.total(place=[place], end=OUTCOMES)
        model.share(timely[(place,)], answered, numbers["within"])
        model.share(answered - timely[(place,)], answered, numbers["over"])


def _cases(numbers: dict) -> list[list[str]]:
    """The services of each case: those about two teams first, then one service each."""
    left = dict(numbers["services"])
    pairs = [list(pair) for pair in numbers["two_teams"]]
    for service in (service for pair in pairs for service in pair):
        left[service] -= 1
    found = pairs + [[service] for service in expand(left)]
    assert len(found) == numbers["cases"]
    return found


def _later_statutory(
    random: Random,
    margins: dict,
    stages: dict[tuple[str, int], list[Stage]],
    statutory: list[Complaint],
    found: list[Complaint],
) -> None:
    """Investigations after a stage 1 of this year or the last, and panels after a stage 2 of the last."""
    second, cases = stages["statutory", 2], _cases(margins["stage_2_statutory"])
    random.shuffle(cases)
    # What is still open was asked for late in the year, after a stage 1 of this year.
    second.sort(key=lambda stage: stage.end == "open")
    earlier = margins["stage_2_statutory"]["after_earlier_year"]
    able = [c for c in statutory if c.stages[0].end in ("not_upheld", "partially_upheld")]
    for place, (stage, services) in enumerate(zip(second, cases, strict=True)):
        if place < earlier:
            first = Stage("statutory", 1, "not_upheld", is_within=True)
            found.append(Complaint("statutory", [first, stage], services, is_earlier=True))
        else:
            complaint = able.pop()
            complaint.stages.append(stage)
            complaint.services = services
    cases = _cases(margins["stage_3_statutory"])
    random.shuffle(cases)
    for stage, services in zip(stages["statutory", 3], cases, strict=True):
        before = [Stage("statutory", n, "partially_upheld", is_within=True) for n in (1, 2)]
        found.append(Complaint("statutory", [*before, stage], services, is_earlier=True))


def _later_corporate(random: Random, margins: dict, second: list[Stage], corporate: list[Complaint]) -> None:
    """Requests for a review: those accepted, by service, and those refused."""
    numbers = margins["stage_2_corporate"]
    services = expand(numbers["services"])
    random.shuffle(services)
    able = [c for c in corporate if c.stages[0].end in OUTCOMES]
    able.sort(key=lambda c: c.stages[0].end == "upheld", reverse=True)
    for stage, service in zip(second, services, strict=True):
        complaint = able.pop()
        complaint.stages.append(stage)
        complaint.services = [service]
    for _ in range(numbers["requested"] - len(second)):
        able.pop().stages.append(Stage("corporate", 2, "refused"))


def _services(random: Random, margins: dict, statutory: list[Complaint], corporate: list[Complaint]) -> None:
    """A service for every complaint that has none yet; as many corporate ones about SEND as are printed."""
    names = [*margins["duty"]["services"], *margins["compliments"]]
    about_send = sorted({n for n in [*names, *margins["stage_2_corporate"]["services"]] if is_about_send(n)})
    social = [n for n in names if "Staying Together" in n or "Children in Care" in n or "Disabilities" in n]
    social += ["Fostering", "Adoption and Kinship", "UASC Team", "Occupational Therapy Service"]
    for complaint in statutory:
        complaint.services = complaint.services or [random.choice(social)]
    others = [n for n in names if "Family Support" in n or n.startswith(("School", "Access", "Education"))]
    others += ["Attendance and Inclusion", "Family Hub Service", "Placements Team"]
    rest = [c for c in corporate if not c.services]
    random.shuffle(rest)
    send = margins["send"] - sum(is_about_send(c.services[0]) for c in corporate if c.services)
    for place, complaint in enumerate(rest):
        complaint.services = [random.choice(about_send if place < send else others)]


def _themes(
    random: Random,
    margins: dict,
    leading: dict[str, int],
    statutory: list[Complaint],
    corporate: list[Complaint],
) -> None:
    for procedure, complaints in (("statutory", statutory), ("corporate", corporate)):
        numbers = margins["themes"][procedure]
        able = complaints
        if procedure == "corporate":
            able = [c for c in complaints if is_about_send(c.services[0])]
        chosen = random.sample(able, leading[procedure])
        for complaint in complaints:
            complaint.theme = random.choice(numbers["others"])
        for complaint in chosen:
            complaint.theme = numbers["leading"]
