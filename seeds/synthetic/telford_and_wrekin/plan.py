"""Which complaints there are: directorate, answer, finding, services and themes, so that every table adds up."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from seeds.synthetic.tables import Model, expand


@dataclass
class Complaint:
    """One complaint of the year.

    `band` is that of the answer at stage 1 ('' while it is open), `outcome` a word of the contract ('' without a
    finding), `second` what became of stage 2: '' (not asked for), upheld, not_upheld or open.
    """

    directorate: str
    band: str = ""
    outcome: str = ""
    remedy: str = ""
    second: str = ""
    goes_to_panel: bool = False
    services: list[str] = field(default_factory=list)
    themes: list[str] = field(default_factory=list)

    @property
    def is_upheld(self) -> bool:
        """Whether stage 1 was upheld."""
        return self.outcome == "upheld"


def plan(margins: dict) -> list[Complaint]:
    """The complaints of the year, the same for the same margins."""
    random = Random(margins["seed"])
    complaints: list[Complaint] = []
    for directorate, numbers in margins["directorates"].items():
        bands = expand(numbers["bands"])
        random.shuffle(bands)
        bands += [""] * (numbers["received"] - len(bands))
        here = [Complaint(directorate, band) for band in bands]
        for complaint in here[: numbers["upheld"]]:
            complaint.outcome = "upheld"
        complaints += here
    main = [c for c in complaints if c.directorate == next(iter(margins["directorates"]))]
    answered = [c for c in complaints if c.band and not c.outcome]
    # The one without a finding is among those that had to answer soonest and went on at once.
    straight_on = next(c for c in main if c in answered and c.band != "21+")
    for complaint in answered:
        if complaint is not straight_on:
            complaint.outcome = "not_upheld"
    _remedies(random, margins, complaints, straight_on)
    _second_stages(margins, main, straight_on)
    _services_and_themes(margins, complaints)
    return complaints


def _remedies(random: Random, margins: dict, complaints: list[Complaint], straight_on: Complaint) -> None:
    apology, *others, moved_on = margins["remedies"]
    rest = expand({remedy: margins["remedies"][remedy] for remedy in others})
    random.shuffle(rest)
    for complaint in complaints:
        if complaint.is_upheld:
            complaint.remedy = apology
        elif complaint is straight_on:
            complaint.remedy = moved_on
        elif complaint.outcome:
            complaint.remedy = rest.pop()
    assert not rest


def _second_stages(margins: dict, main: list[Complaint], straight_on: Complaint) -> None:
    """Deal the fates of stage 2: the one sent straight on, then complaints upheld and not upheld in turn."""
    early = [c for c in main if c.band and c.band != "21+" and c is not straight_on]
    upheld = [c for c in early if c.is_upheld]
    refused = [c for c in early if not c.is_upheld]
    going = [straight_on, refused[0], upheld[0], refused[1], upheld[1]]
    for complaint, fate in zip(going, expand(margins["stage_2"]), strict=True):
        complaint.second = fate
    straight_on.goes_to_panel = True


def _services_and_themes(margins: dict, complaints: list[Complaint]) -> None:
    """Solve who is about what: every complaint has a service and a theme, and both charts add up."""
    model = Model(margins["seed"])
    places = range(len(complaints))
    upheld = [n for n in places if complaints[n].is_upheld]
    services = model.table("service", {"complaint": places, "service": margins["services"]}, upper=1)
    themes = model.table("theme", {"complaint": places, "theme": margins["themes"]}, upper=1)
    for table, kind, most in ((services, "service", 2), (themes, "theme", 3)):
        for label, numbers in margins[f"{kind}s"].items():
            model.require(table.total(**{kind: label}) == numbers["received"])
            model.require(table.total(**{kind: label}, complaint=upheld) == numbers["upheld"])
        for n in places:
            model.require(table.total(complaint=n) >= 1)
            model.require(table.total(complaint=n) <= most)
    for n in places:
        for service, numbers in margins["services"].items():
            if numbers["directorate"] != complaints[n].directorate:
                model.require(services[n, service] == 0)
        fostering = services.total(complaint=n, service=margins["fostering_services"])
        model.require(themes[n, margins["fostering_theme"]] <= fostering)
    model.solve()
    for n, service in model.values(services):
        complaints[n].services.append(service)
    for n, theme in model.values(themes):
        complaints[n].themes.append(theme)
