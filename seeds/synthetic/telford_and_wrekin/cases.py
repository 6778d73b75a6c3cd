"""Dates and people: the plan becomes rows of the extract contract."""

from __future__ import annotations

from datetime import date
from random import Random

from seeds.synthetic.cases import Cases
from seeds.synthetic.people import People
from seeds.synthetic.tables import expand
from seeds.synthetic.telford_and_wrekin.plan import Complaint, plan
from seeds.synthetic.timing import limits, summing_to
from seeds.synthetic.working_days import WorkingDays

# Days between which a complaint of each fate arrives, so that what follows still falls in the year.
ARRIVAL = {
    "panel": (date(2023, 4, 11), date(2023, 4, 28)),
    "answered_2": (date(2023, 6, 5), date(2023, 9, 15)),
    "open_2": (date(2023, 12, 4), date(2024, 1, 19)),
    "open_1": (date(2024, 3, 11), date(2024, 3, 27)),
    "answered_1": (date(2023, 4, 12), date(2024, 2, 9)),
}
AGES = {
    "child_or_young_person": (11, 17),
    "service_user_other": (19, 24),
    "advocate": None,
    "solicitor": None,
}


def build(margins: dict) -> Cases:
    """Every case of the year in contract shape, the same for the same margins."""
    return _Builder(margins).build()


class _Builder:
    def __init__(self, margins: dict) -> None:
        self.margins = margins
        self.random = Random(margins["seed"] + 1)
        self.days = WorkingDays(2023, 2024)
        self.cases = Cases()
        self.people = People(self.random, "CU")
        self.children = People(self.random, "SU")

    def build(self) -> Cases:
        """Plan, date, name and number everything."""
        complaints = plan(self.margins)
        answered = [c for c in complaints if c.band]
        bands = {band: 0 for band in ("0-10", "11-20", "21+")}
        for c in answered:
            bands[c.band] += 1
        lengths = summing_to(self.random, bands, self.margins["days_1"])
        entries = []
        for c in complaints:
            length = None
            if c.band:
                low, high = limits(c.band)
                length = next(n for n in lengths if low <= n <= (high or n))
                lengths.remove(length)
            entries.append({"plan": c, "length": length, "received": self._arrival(c)})
        entries.sort(key=lambda e: e["received"])
        days_2 = list(self.margins["days_2"])
        roles = expand(self.margins["complainants"])
        channels = expand(self.margins["channel"])
        self.random.shuffle(roles)
        self.random.shuffle(channels)
        for number, (entry, role, channel) in enumerate(zip(entries, roles, channels, strict=True), start=1):
            # References count on from the year's other cases of the same system.
            entry["ref"] = f"FS-Case-{5_310_000 + number * 4_177}"
            self._write(entry, role, channel, days_2)
        self._ombudsman(entries)
        for measure, value in self.margins["activity"].items():
            self.cases.add(
                "activity",
                period_start=self.margins["year"]["start"],
                period_end=self.margins["year"]["end"],
                measure=measure,
                service=next(iter(self.margins["directorates"])),
                value=value,
            )
        return self.cases

    def _arrival(self, c: Complaint) -> date:
        fate = (
            "panel"
            if c.goes_to_panel
            else "open_1"
            if not c.band
            else "answered_1"
            if not c.second
            else "open_2"
            if c.second == "open"
            else "answered_2"
        )
        return self.random.choice(self.days.span(*ARRIVAL[fate]))

    def _write(self, entry: dict, role: str, channel: str, days_2: list[int]) -> None:
        c, random, add, ref = entry["plan"], self.random, self.cases.add, entry["ref"]
        received = entry["received"]
        sex = random.choice(["female", "female", "female", "male"])
        person = self.people.person(sex, AGES.get(role, (24, 58)), received)
        stages = self._stages(entry, days_2)
        ends = [s.get("closed_date") for s in stages]
        add(
            "complaint",
            complaint_id=ref,
            received_date=received,
            acknowledged_date=min(
                self.days.add(received, random.choice([1, 1, 2])), self.margins["last_event"]
            ),
            procedure="statutory",
            channel=channel,
            complainant_role=role,
            behalf="self" if role in ("child_or_young_person", "service_user_other") else "child",
            advocate_kind="professional" if role == "advocate" else "none",
            complainant_id=person.person_id,
            sex=sex,
            birth_date=person.born,
            ethnicity=person.ethnicity,
            disability=person.disability,
            child_looked_after="yes"
            if {"Children in Care Teams", "Fostering- Mainstream"} & set(c.services)
            else "no",
            closed_date=max(ends) if all(ends) else None,
            _name=person.name,
            _email=person.email,
            _directorate=c.directorate,
        )
        if role != "service_user_other":
            child = self.children.person(random.choice(["female", "male"]), (2, 17), received)
            add("complaint_child", complaint_id=ref, child_id=child.person_id, _name=child.name)
        for service in c.services:
            add("complaint_service", complaint_id=ref, service=service)
        for theme in c.themes:
            add("complaint_theme", complaint_id=ref, theme=theme)
        for stage in stages:
            row = {"stage_id": f"{ref}/S{stage['stage']}", "complaint_id": ref, "procedure": "statutory"}
            add("stage", **row, service=c.directorate, **stage)
        if c.remedy:
            add(
                "remedy",
                remedy_id=f"{ref}/R1",
                complaint_id=ref,
                agreed_date=stages[0]["responded_date"],
                kind=c.remedy,
            )

    def _stages(self, entry: dict, days_2: list[int]) -> list[dict]:
        c, random, days = entry["plan"], self.random, self.days
        first = {"stage": 1, "requested_date": entry["received"]}
        if entry["length"] is None:
            return [first]
        sent = days.add(entry["received"], entry["length"])
        first.update(
            responded_date=sent,
            closed_date=sent,
            closed_how="responded" if c.outcome else "escalated",
            outcome=c.outcome or None,
            extension_agreed="yes" if entry["length"] > 10 else "no",
        )
        if not c.second:
            return [first]
        asked = days.add(sent, random.randint(4, 14)) if c.outcome else sent
        second = {
            "stage": 2,
            "requested_date": asked,
            "request_decision": "accepted",
            "investigator_appointed_date": days.add(asked, random.randint(4, 8)),
            "statement_agreed_date": days.add(asked, random.randint(10, 18)),
            "investigator_kind": "external_independent",
            "extension_agreed": "yes",
        }
        if c.second == "open":
            return [first, second]
        sent = days.add(asked, days_2.pop())
        second.update(
            responded_date=sent,
            closed_date=sent,
            closed_how="responded",
            outcome=c.second,
            cost_gbp=random.choice([2310, 2745.5, 3060]),
        )
        if not c.goes_to_panel:
            return [first, second]
        asked = days.add(sent, random.randint(8, 14))
        panel = days.add(asked, random.randint(24, 30))
        findings = days.add(panel, random.randint(3, 5))
        sent = days.add(findings, random.randint(8, 15))
        third = {
            "stage": 3,
            "requested_date": asked,
            "request_decision": "accepted",
            "panel_date": panel,
            "findings_date": findings,
            "responded_date": sent,
            "closed_date": sent,
            "closed_how": "responded",
            "outcome": next(iter(self.margins["stage_3"])),
            "cost_gbp": 1150,
        }
        return [first, second, third]

    def _ombudsman(self, entries: list[dict]) -> None:
        """Three matters: two decided, one still with the Ombudsman."""
        days, random = self.days, self.random
        reasons = {"premature": "Council's own procedure not yet complete", "declined": "Court proceedings"}
        others = [e for e in entries if e["plan"].band and not e["plan"].second]
        for number, (decision, entry) in enumerate(
            zip(expand(self.margins["ombudsman"]), random.sample(others, 3), strict=True), start=1
        ):
            last = date(2024, 2, 9) if decision != "open" else date(2024, 3, 22)
            asked = random.choice(days.span(max(entry["received"], date(2023, 5, 2)), last))
            open_matter = decision == "open"
            self.cases.add(
                "ombudsman",
                ombudsman_id=f"23 0{number}1 {random.randint(100, 999)}",
                complaint_id=entry["ref"],
                received_date=asked,
                decided_date=None if open_matter else days.add(asked, random.randint(9, 25)),
                decision=None if open_matter else decision,
                reason=reasons.get(decision),
                _directorate=entry["plan"].directorate,
            )
