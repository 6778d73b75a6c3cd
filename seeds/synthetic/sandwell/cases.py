"""Dates and people: the plan becomes rows of the extract contract."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from seeds.synthetic.cases import Cases
from seeds.synthetic.people import People
from seeds.synthetic.sandwell.plan import Complaint, plan
from seeds.synthetic.tables import expand, spread
from seeds.synthetic.working_days import WorkingDays

QUARTERS = {
    "Q1": (date(2022, 4, 1), date(2022, 6, 30)),
    "Q2": (date(2022, 7, 1), date(2022, 9, 30)),
    "Q3": (date(2022, 10, 1), date(2022, 12, 31)),
    "Q4": (date(2023, 1, 1), date(2023, 3, 31)),
}
CHANNELS = {
    "Contact Us account": 34,
    "Customer Experience mailbox": 29,
    "Telephone": 20,
    "Trust web page": 12,
    "Through a worker": 5,
}
YOUNG_CHANNELS = {"Child-friendly form": 9, "Sandwell Voice form": 7, "Through a worker": 6}
ROLES = {"parent": 74, "relative": 10, "foster_carer": 6, "carer": 6, "special_guardian": 4}
AGES = {"child_or_young_person": (11, 17), "relative": (50, 70)}


def build(margins: dict) -> Cases:
    """Every case of the year in contract shape, the same for the same margins."""
    return _Builder(margins).build()


class _Builder:
    def __init__(self, margins: dict) -> None:
        self.margins = margins
        self.random = Random(margins["seed"] + 1)
        self.days = WorkingDays(2021, 2023)
        self.start, self.end = margins["year"]["start"], margins["year"]["end"]
        self.cases = Cases()
        self.people = People(self.random, "PN")
        self.children = People(self.random, "CH")

    def build(self) -> Cases:
        """Plan, date, name and number everything."""
        entries = [self._dated(complaint) for complaint in plan(self.margins)]
        entries += self._before_the_year()
        entries.sort(key=lambda e: (e["received"], e["replied"]))
        for number, entry in enumerate(entries, start=1):
            entry["ref"] = f"SCT{number + 3710:05d}"
        self._second_stages(entries)
        self._mediations(entries)
        self._people(entries)
        for entry in entries:
            self._write(entry)
        self._follow_up(entries)
        self._ombudsman(entries)
        self._informal()
        self._compliments()
        self._activity()
        return self.cases

    def _dated(self, c: Complaint) -> dict:
        """Days of receipt and reply: the reply lies in its quarter, the receipt in the year."""
        extended = self.random.random() < (0.3 if c.is_met else 0.4)
        if c.is_met:
            length = self.random.randint(11, 20) if extended else self.random.randint(2, 10)
        else:
            length = self.random.randint(21, 38) if extended else self.random.randint(11, 27)
        first, last = QUARTERS[c.quarter]
        first = max(first, self.days.add(self.start, length))
        replied = self.random.choice(self.days.span(first, last))
        received = self.days.add(replied, -length)
        return {"plan": c, "received": received, "replied": replied, "extended": extended}

    def _before_the_year(self) -> list[dict]:
        """Complaints whose stage 1 was over, and whose stage 2 was open, when the year began."""
        found = []
        for row in self.margins["stage_2"]:
            if row["asked"] < self.start:
                replied = self.days.add(row["asked"], -self.random.randint(7, 13))
                received = self.days.add(replied, -self.random.randint(6, 10))
                c = Complaint("Decision Making", False, "partially_upheld", row["service"])
                entry = {"plan": c, "received": received, "replied": replied, "extended": False}
                found.append(entry | {"second": dict(row), "early": True})
        return found

    def _second_stages(self, entries: list[dict]) -> None:
        """Choose the complaints that went on; the dates of the statutory ones are printed."""
        free = [e for e in entries if not e["plan"].is_young and "second" not in e]
        for row in self.margins["stage_2"]:
            if row["asked"] < self.start:
                continue
            able = [
                e
                for e in free
                if e["plan"].service == row["service"]
                and e["plan"].procedure == "statutory"
                and e["replied"] < row["asked"] <= e["replied"] + timedelta(days=75)
                and e["plan"].outcome != "upheld"
            ]
            chosen = max(able, key=lambda e: e["replied"])
            chosen["second"] = dict(row)
            free.remove(chosen)
        able = [e for e in free if e["plan"].procedure == "corporate" and e["replied"] < date(2022, 12, 1)]
        for entry in self.random.sample(able, self.margins["corporate_stage_2"]):
            asked = self.days.add(entry["replied"], self.random.randint(5, 15))
            sent = self.days.add(asked, self.random.randint(17, 28))
            entry["second"] = {"asked": asked, "adjudicated": sent, "closed": sent}

    def _mediations(self, entries: list[dict]) -> None:
        """Mediation is offered to whoever asks for stage 2: most are content, three go on."""
        going = [e for e in entries if e.get("second", {}).get("mediated")]
        able = [
            e
            for e in entries
            if "second" not in e
            and e["plan"].outcome != "upheld"
            and e["plan"].procedure == "statutory"
            and not e["plan"].is_young
            and e["replied"] < date(2023, 3, 1)
        ]
        content = self.random.sample(able, self.margins["mediation"]["resolved"])
        assert len(going) == self.margins["mediation"]["progressed"]
        for entry in sorted(going + content, key=lambda e: e["ref"]):
            is_going = entry in going
            after = entry["second"]["asked"] if is_going else self.days.add(entry["replied"], 8)
            self.cases.add(
                "mediation",
                mediation_id=f"MED{len(self.cases.rows('mediation')) + 41:03d}",
                complaint_id=entry["ref"],
                offered_date=self.days.add(after, 2 if is_going else self.random.randint(1, 6)),
                accepted="yes",
                result="progressed" if is_going else "resolved",
            )

    def _people(self, entries: list[dict]) -> None:
        """Who complains, who of them more than once, and about which children."""
        random, year = self.random, [e for e in entries if not e.get("early")]
        adults = [e for e in year if not e["plan"].is_young]
        random.shuffle(adults)
        advocates = self.margins["young"]["external_advocate"]
        for number, entry in enumerate(e for e in year if e["plan"].is_young):
            entry["advocate"] = "professional" if number % 22 < advocates else "none"
            entry["role"] = "advocate" if number % 22 < 4 else "child_or_young_person"
            entry["person"] = self._person(entry, entry["role"])
        groups = []
        for number in expand(self.margins["repeat"]):
            groups.append([adults.pop() for _ in range(number)])
        groups += [[entry] for entry in adults]
        groups += [[entry] for entry in entries if entry.get("early")]
        roles = expand(dict(zip(ROLES, spread(len(groups), ROLES.values()), strict=True)))
        random.shuffle(roles)
        for group, role in zip(groups, roles, strict=True):
            person = self._person(min(group, key=lambda e: e["received"]), role)
            for entry in group:
                entry.update(person=person, role=role, advocate="none")
        self._families([[e] for e in year if e["plan"].is_young], groups)

    def _person(self, entry: dict, role: str) -> object:
        sex = self.random.choice(["female", "female", "male"])
        return self.people.person(sex, AGES.get(role, (23, 56)), entry["received"])

    def _families(self, young: list[list[dict]], groups: list[list[dict]]) -> None:
        """Every complaint of a family is about all its children; the children of the year add up."""
        ethnicities = expand(self.margins["children"])
        self.random.shuffle(ethnicities)
        this_year = [g for g in groups if not g[0].get("early")]
        more = len(ethnicities) - len(young) - len(this_year)
        sizes = [1] * len(this_year)
        for place in self.random.sample(range(2 * len(sizes)), more):
            sizes[place // 2] += 1
        for group, size in zip(this_year, sizes, strict=True):
            self._children_of(group, [ethnicities.pop() for _ in range(size)])
        for group in young:
            self._children_of(group, [ethnicities.pop()])
        assert not ethnicities
        for group in groups:
            if group[0].get("early"):
                self._children_of(group, ["White"])

    def _children_of(self, group: list[dict], ethnicities: list[str]) -> None:
        family = []
        for ethnicity in ethnicities:
            child = self.children.person(
                self.random.choice(["female", "male"]), (2, 17), group[0]["received"]
            )
            family.append((child, ethnicity))
        for entry in group:
            entry["children"] = family

    def _write(self, entry: dict) -> None:
        c, add, ref, person = entry["plan"], self.cases.add, entry["ref"], entry["person"]
        channels = YOUNG_CHANNELS if c.is_young else CHANNELS
        second = entry.get("second")
        in_care = c.service in ("Children in Care", "Leaving Care", "Fostering")
        add(
            "complaint",
            complaint_id=ref,
            received_date=entry["received"],
            acknowledged_date=min(
                self.days.add(entry["received"], self.random.choice([1, 1, 2])), entry["replied"]
            ),
            procedure=c.procedure,
            channel=self.random.choices(list(channels), list(channels.values()))[0],
            theme=c.theme,
            complainant_role=entry["role"],
            behalf="self" if entry["role"] == "child_or_young_person" else "child",
            advocate_kind=entry["advocate"],
            complainant_id=person.person_id,
            child_looked_after="yes" if in_care else "no",
            closed_date=second["closed"] if second else entry["replied"],
            _name=person.name,
            _is_young=c.is_young,
        )
        add("complaint_service", complaint_id=ref, service=c.service)
        for child, ethnicity in entry["children"]:
            add(
                "complaint_child",
                complaint_id=ref,
                child_id=child.person_id,
                ethnicity=ethnicity,
                child_looked_after="yes" if in_care else "no",
                _name=child.name,
            )
        add(
            "stage",
            stage_id=f"{ref}/1",
            complaint_id=ref,
            procedure=c.procedure,
            stage=1,
            requested_date=entry["received"],
            extension_agreed="yes" if entry["extended"] else None,
            responded_date=entry["replied"],
            closed_date=entry["replied"],
            closed_how="responded",
            outcome=c.outcome,
            service=c.service,
        )
        if not second:
            return
        signed = second.get("signed")
        add(
            "stage",
            stage_id=f"{ref}/2",
            complaint_id=ref,
            procedure=c.procedure,
            stage=2,
            requested_date=second["asked"],
            statement_agreed_date=signed,
            responded_date=second["adjudicated"],
            closed_date=second["closed"],
            closed_how="responded",
            outcome=self.random.choice(["partially_upheld", "partially_upheld", "not_upheld"]),
            service=c.service,
            investigator_kind=None
            if not signed
            else "external_independent"
            if second.get("cost")
            else "internal_independent",
            complex=None if not signed else "yes" if second.get("complex") else "no",
            cost_gbp=second.get("cost", 0) if signed else None,
        )

    def _follow_up(self, entries: list[dict]) -> None:
        """Closing the loop with the young people who had no external advocate."""
        own = [e for e in entries if e["plan"].is_young and e["advocate"] == "none"]
        assert len(own) == self.margins["young"]["confirmed"]
        for number, entry in enumerate(own, start=1):
            self.cases.add(
                "satisfaction",
                satisfaction_id=f"FU{number:03d}",
                complaint_id=entry["ref"],
                answered_date=min(self.days.add(entry["replied"], self.random.randint(3, 9)), self.end),
                question="Is the young person satisfied with the way the complaint was resolved?",
                answer="yes",
            )

    def _ombudsman(self, entries: list[dict]) -> None:
        for number, row in enumerate(self.margins["ombudsman"], start=1):
            able = [
                e
                for e in entries
                if e["replied"] < row["received"] and not e["plan"].is_young and "ombudsman" not in e
            ]
            if not able or row["decision"] == "upheld":
                able = [e for e in entries if e.get("early") and "ombudsman" not in e][:1]
            entry = self.random.choice(able)
            entry["ombudsman"] = True
            ident = f"22 {number:03d} {self.random.randint(100, 999)}"
            self.cases.add(
                "ombudsman",
                ombudsman_id=ident,
                complaint_id=entry["ref"],
                received_date=row["received"],
                decided_date=row["decided"],
                decision=row["decision"],
                finding="fault" if row["decision"] == "upheld" else None,
                reason=row.get("reason"),
                remedies_complied_date=self.days.add(row["decided"], 20) if row.get("payment") else None,
            )
            self.cases.add("ombudsman_service", ombudsman_id=ident, service=entry["plan"].service)
            if row.get("payment"):
                self.cases.add(
                    "remedy",
                    remedy_id=f"{ident}-R",
                    ombudsman_id=ident,
                    agreed_date=row["decided"],
                    kind="Time and trouble",
                    amount_gbp=row["payment"],
                )

    def _informal(self) -> None:
        themes = expand(self.margins["informal"])
        self.random.shuffle(themes)
        days = sorted(self.random.sample(self.days.span(self.start, self.end), len(themes)))
        for number, (theme, day) in enumerate(zip(themes, days, strict=True), start=1):
            self.cases.add(
                "contact",
                contact_id=f"IF{number:03d}",
                received_date=day,
                kind="informal_feedback",
                category=theme,
                service=self.random.choice(["Children in Care", "Leaving Care"]),
                outcome="resolved",
            )

    def _compliments(self) -> None:
        rows = [
            (origin, source)
            for origin, sources in self.margins["compliments"].items()
            for source in expand(sources)
        ]
        self.random.shuffle(rows)
        span = self.days.span(self.start, self.end)
        days = sorted(self.random.choice(span) for _ in rows)
        services = list(self.margins["services"])
        for number, ((origin, source), day) in enumerate(zip(rows, days, strict=True), start=1):
            self.cases.add(
                "compliment",
                compliment_id=f"CP{number:04d}",
                received_date=day,
                service=self.random.choice(services),
                source=source,
                origin=origin,
            )

    def _activity(self) -> None:
        for service, numbers in self.margins["services"].items():
            self._measure("open_cases", self.end, self.end, numbers["held"], service=service)
        self._measure("cin_return", self.start, self.end, sum(self.margins["cin_return"].values()))
        for ethnicity, number in self.margins["cin_return"].items():
            self._measure("cin_return", self.start, self.end, number, breakdown=f"ethnicity={ethnicity}")

    def _measure(self, measure: str, start: date, end: date, value: int, **more: object) -> None:
        self.cases.add("activity", period_start=start, period_end=end, measure=measure, value=value, **more)
