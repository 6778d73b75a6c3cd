"""Dates and people: the plan becomes rows of the extract contract."""

from __future__ import annotations

from datetime import date
from random import Random

from seeds.synthetic.cases import Cases
from seeds.synthetic.people import People
from seeds.synthetic.staffordshire.plan import OUTCOMES, Complaint, Stage, is_about_send, plan
from seeds.synthetic.tables import expand
from seeds.synthetic.working_days import WorkingDays

# Days between which a complaint arrives that goes on to another stage, by what becomes of the last stage.
GOING_ON = {
    ("statutory", 2): (date(2023, 4, 4), date(2023, 7, 3)),
    ("corporate", 2): (date(2023, 4, 4), date(2023, 9, 29)),
}
GOING_ON_OPEN = {
    ("statutory", 2): (date(2023, 10, 2), date(2023, 12, 1)),
    ("corporate", 2): (date(2023, 11, 1), date(2023, 12, 15)),
}
OPEN_1 = (date(2024, 2, 26), date(2024, 3, 27))
EARLIER = {2: (date(2023, 1, 9), date(2023, 2, 10)), 3: (date(2022, 5, 3), date(2022, 7, 29))}
LAST_DAY_BEFORE = date(2023, 3, 31)


def build(margins: dict) -> Cases:
    """Every case behind the year's numbers in contract shape, the same for the same margins."""
    return _Builder(margins).build()


class _Builder:
    def __init__(self, margins: dict) -> None:
        self.margins = margins
        self.random = Random(margins["seed"] + 2)
        self.days = WorkingDays(2022, 2024)
        self.start, self.end = margins["year"]["start"], margins["year"]["end"]
        self.year = self.days.span(self.start, self.end)
        self.cases = Cases()
        self.people = People(self.random, "P")
        self.children = People(self.random, "CH")
        self.last = 0

    def build(self) -> Cases:
        """Plan, date, name and number everything."""
        entries = [self._dated(complaint) for complaint in plan(self.margins)]
        entries.sort(key=lambda entry: entry["received"])
        for entry in entries:
            self._write(entry)
        self._contacts()
        self._ombudsman(entries)
        self._compliments()
        for measure, value in self.margins["activity"].items():
            self.cases.add(
                "activity", period_start=self.start, period_end=self.end, measure=measure, value=value
            )
        return self.cases

    def _key(self) -> str:
        """The next number of the one series in which the council numbers everything."""
        self.last += 1
        return f"CF{self.last:05d}"

    def _day(self, first: date, last: date) -> date:
        return self.random.choice(self.days.span(first, last))

    def _length(self, stage: Stage) -> int:
        """Working days to the answer of a stage, within its limit or over it."""
        limit = self.margins["limits"][stage.procedure][stage.stage]
        if stage.is_within:
            return self.random.randint(max(3, limit // 2), limit)
        return self.random.randint(limit + 1, limit + 20)

    def _dated(self, complaint: Complaint) -> dict:
        """The complaint's arrival and the dates of its stages, one after another."""
        first, last = complaint.stages[0], complaint.stages[-1]
        place = (complaint.procedure, complaint.highest)
        if complaint.is_earlier:
            received = self._day(*EARLIER[complaint.highest])
        elif complaint.highest > 1:
            received = self._day(*(GOING_ON_OPEN if last.end == "open" else GOING_ON)[place])
        elif first.end == "open":
            received = self._day(*OPEN_1)
        else:
            length = self._length(first) if first.end in OUTCOMES else self.random.randint(3, 15)
            received = self._day(self.start, self.days.add(self.end, -length - 1))
            return self._entry(complaint, received, [self._stage(first, received, length)])
        rows, asked = [], received
        for stage in complaint.stages:
            row = self._stage(stage, asked, self._length(stage))
            rows.append(row)
            if stage is not last:
                asked = self._next_request(complaint, stage, row["closed_date"])
        return self._entry(complaint, received, rows)

    def _next_request(self, complaint: Complaint, stage: Stage, answered: date) -> date:
        """The day on which the next stage is asked for: for complaints of the year before, in this one."""
        if complaint.is_earlier and stage.stage == complaint.highest - 1:
            assert answered <= LAST_DAY_BEFORE
            is_open = complaint.stages[-1].end == "open"
            return self._day(
                *((date(2024, 2, 12), date(2024, 3, 8)) if is_open else (self.start, date(2023, 6, 30)))
            )
        return self.days.add(answered, self.random.randint(3, 10))

    def _stage(self, stage: Stage, asked: date, length: int) -> dict:
        row: dict = {"procedure": stage.procedure, "stage": stage.stage, "requested_date": asked}
        row["investigator_kind"] = "manager" if stage.stage == 1 else "senior_manager"
        if stage.stage > 1:
            row["request_decision"] = "refused" if stage.end == "refused" else "accepted"
            if stage.procedure == "statutory":
                row["investigator_kind"] = "external_independent"
        if stage.end == "open":
            return row
        if stage.end in ("withdrawn", "refused"):
            closed = self.days.add(asked, length if stage.end == "withdrawn" else self.random.randint(3, 8))
            return row | {"closed_date": closed, "closed_how": stage.end}
        answered = self.days.add(asked, length)
        row |= {"responded_date": answered, "closed_date": answered, "closed_how": "responded"}
        row |= {"outcome": stage.end, "extension_agreed": "no" if stage.is_within else "yes"}
        if stage.stage == 3:
            panel = self.days.add(asked, min(30, length - 12))
            row |= {"panel_date": panel, "findings_date": self.days.add(panel, self.random.randint(2, 5))}
        return row

    def _entry(self, complaint: Complaint, received: date, stages: list[dict]) -> dict:
        return {"plan": complaint, "received": received, "stages": stages}

    def _write(self, entry: dict) -> None:
        random, c, received, add = self.random, entry["plan"], entry["received"], self.cases.add
        ref = entry["ref"] = self._key()
        child = self.children.person(random.choice(["female", "male"]), (3, 17), received)
        adult = self.people.person(random.choice(["female", "male"]), (25, 60), received)
        own = c.role == "child_or_young_person"
        add(
            "complaint",
            complaint_id=ref,
            received_date=received,
            acknowledged_date=min(
                self.days.add(received, random.choice([1, 1, 2, 3])),
                entry["stages"][0].get("closed_date") or self.end,
            ),
            procedure=c.procedure,
            theme=c.theme,
            complainant_role=c.role,
            complainant_id=child.person_id if own else adult.person_id,
            closed_date=entry["stages"][0].get("closed_date"),
            _name=child.name if own else adult.name,
        )
        add("complaint_child", complaint_id=ref, child_id=child.person_id)
        for service in c.services:
            add("complaint_service", complaint_id=ref, service=service)
        for row in entry["stages"]:
            key = ref if row["stage"] == 1 else self._key()
            add("stage", stage_id=key, complaint_id=ref, service=c.services[0], **row)

    def _contacts(self) -> None:
        """Duty matters, of which the pending have no service yet, and enquiries of members of parliament."""
        random, duty = self.random, self.margins["duty"]
        services = expand(duty["services"])
        reasons = expand(duty["refused"])
        random.shuffle(services)
        dealt = [
            {
                "service": service,
                "outcome": "refused"
                if place < len(reasons)
                else random.choice(["resolved", "resolved", "became_complaint"]),
                "refusal_reason": reasons[place] if place < len(reasons) else None,
            }
            for place, service in enumerate(services)
        ]
        dealt += [{"service": None, "outcome": "pending"} for _ in range(duty["received"] - len(services))]
        rows = [{"kind": "duty", "received_date": random.choice(self.year), **row} for row in dealt]
        named = list(duty["services"])
        rows += [
            {"kind": "mp_enquiry", "received_date": random.choice(self.year), "service": random.choice(named)}
            for _ in range(self.margins["mp_enquiries"])
        ]
        for row in sorted(rows, key=lambda row: row["received_date"]):
            self.cases.add("contact", contact_id=self._key(), **row)

    def _ombudsman(self, entries: list[dict]) -> None:
        """Matters received and decided in the year; those investigated follow an answer of the council."""
        random, days, numbers = self.random, self.days, self.margins["ombudsman"]
        decisions = expand(numbers["decisions"])
        early = date(2023, 9, 29)
        able = [
            e
            for e in entries
            if not e["plan"].is_earlier
            and e["plan"].highest == 1
            and e["stages"][0].get("outcome")
            and e["stages"][0]["responded_date"] <= early
        ]
        random.shuffle(able)
        about = {
            send: [e for e in able if is_about_send(e["plan"].services[0]) == send] for send in (True, False)
        }
        is_send = [True] * numbers["send"] + [False] * (len(decisions) - numbers["send"])
        random.shuffle(is_send)
        for decision, send in zip(decisions, is_send, strict=True):
            entry = about[send].pop()
            linked = decision in ("upheld", "not_upheld")
            start = (
                entry["stages"][0]["responded_date"] if linked else self._day(self.start, date(2024, 1, 31))
            )
            asked = days.add(start, random.randint(5, 40)) if linked else start
            decided = days.add(asked, random.randint(40, 70) if linked else random.randint(5, 25))
            key = self._key()
            self.cases.add(
                "ombudsman",
                ombudsman_id=key,
                complaint_id=entry["ref"] if linked else None,
                received_date=asked,
                decided_date=decided,
                decision=decision,
                finding={"upheld": "fault", "not_upheld": "no_fault"}.get(decision),
            )
            self.cases.add("ombudsman_service", ombudsman_id=key, service=entry["plan"].services[0])

    def _compliments(self) -> None:
        sources = expand(self.margins["compliments_from"])
        self.random.shuffle(sources)
        dealt = [
            (self.random.choice(self.year), service, source)
            for service, source in zip(expand(self.margins["compliments"]), sources, strict=True)
        ]
        for day, service, source in sorted(dealt, key=lambda row: row[0]):
            self.cases.add(
                "compliment", compliment_id=self._key(), received_date=day, service=service, source=source
            )
