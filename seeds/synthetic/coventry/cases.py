"""Dates and people: the plan becomes rows of the extract contract."""

from __future__ import annotations

from datetime import date
from random import Random

from seeds.synthetic.cases import Cases
from seeds.synthetic.coventry.plan import Complaint, compliments, plan
from seeds.synthetic.people import FIRST, LAST, People
from seeds.synthetic.tables import expand
from seeds.synthetic.timing import limits, summing_to
from seeds.synthetic.working_days import WorkingDays

QUARTERS = {
    "Q1": (date(2021, 4, 1), date(2021, 6, 30)),
    "Q2": (date(2021, 7, 1), date(2021, 9, 30)),
    "Q3": (date(2021, 10, 1), date(2021, 12, 31)),
    "Q4": (date(2022, 1, 1), date(2022, 3, 31)),
}
FIRST_DAY = date(2021, 4, 6)
# Days between which a complaint arrives that goes to stage 2, and those that are still open at the export.
GOING_ON = (date(2021, 5, 4), date(2021, 9, 17))
OPEN_2 = (date(2022, 1, 24), date(2022, 2, 11))
OPEN_1 = (date(2022, 3, 21), date(2022, 3, 30))
WITHIN, OVER = "0-10", "11-24"


def build(margins: dict) -> Cases:
    """Every case of the year in contract shape, the same for the same margins."""
    return _Builder(margins).build()


class _Builder:
    def __init__(self, margins: dict) -> None:
        self.margins = margins
        self.random = Random(margins["seed"] + 3)
        self.days = WorkingDays(2020, 2022)
        self.year = self.days.span(FIRST_DAY, margins["year"]["end"])
        self.cases = Cases()
        self.people = People(self.random, "C")
        self.children = People(self.random, "SU")

    def build(self) -> Cases:
        """Plan, date, name and number everything."""
        complaints = plan(self.margins)
        self._lengths([c for c in complaints if c.quarter])
        entries = [{"plan": c, "received": self._arrival(c)} for c in complaints]
        entries.sort(key=lambda e: e["received"])
        self._people(entries)
        second = list(self.margins["stage_2_days"])
        self.random.shuffle(second)
        # The longest stage 2 comes last, to a complaint that goes no further.
        second.sort(key=lambda n: n > 40, reverse=True)
        for number, entry in enumerate(entries, start=1):
            entry["ref"] = f"CCF{21_0000 + number}"
            self._write(entry, second)
        self._ombudsman(entries)
        self._learning(entries)
        self._compliments()
        self._activity()
        return self.cases

    def _lengths(self, answered: list[Complaint]) -> None:
        """Working days to the answer at stage 1, so that each quarter has its numbers and its average."""
        for quarter, numbers in self.margins["stage_1_quarters"].items():
            bands = {WITHIN: numbers["within"], OVER: numbers["over"]}
            lengths = summing_to(self.random, bands, numbers["days"])
            self.random.shuffle(lengths)
            for complaint, length in zip((c for c in answered if c.quarter == quarter), lengths, strict=True):
                complaint.length = length

    def _arrival(self, c: Complaint) -> date:
        random, days = self.random, self.days
        if c.procedure == "statutory" and c.quarter:
            start, end = QUARTERS[c.quarter]
            fits = [d for d in self.year if start <= days.add(d, c.length) <= end]
            return random.choice(fits)
        if c.procedure == "statutory" and c.highest == 2:
            return random.choice(days.span(*(OPEN_2 if c.status == "open" else GOING_ON)))
        if c.procedure == "statutory":
            return random.choice(days.span(*OPEN_1))
        if c.highest == 2:
            return random.choice(days.span(*GOING_ON))
        return random.choice(days.span(FIRST_DAY, date(2022, 2, 25)))

    def _people(self, entries: list[dict]) -> None:
        """Who complains, how, and the equality data of the person concerned."""
        random, margins = self.random, self.margins
        by_procedure = {p: [e for e in entries if e["plan"].procedure == p] for p in margins["procedure"]}
        public = [
            e
            for p, number in margins["members_of_public"].items()
            for e in random.sample(by_procedure[p], number)
        ]
        numbers = margins["children"]
        young = random.sample(by_procedure["statutory"], numbers["statutory"])
        free = [e for e in by_procedure["informal"] if e not in public]
        young += random.sample(free, numbers["total"] - numbers["statutory"])
        for place, entry in enumerate(young):
            entry["role"] = "child_or_young_person"
            entry["advocate"] = "professional" if place < numbers["with_advocate"] else "none"
            entry["behalf"] = "joint" if place < numbers["joint"] else "self"
        for entry in public:
            entry["role"], entry["advocate"], entry["behalf"] = "member_of_public", None, None
        rest = [e for e in entries if "role" not in e]
        adults = ["parent"] * 16 + ["relative"] * 3 + ["foster_carer", "carer", "special_guardian"]
        for entry in rest:
            entry["role"], entry["advocate"], entry["behalf"] = random.choice(adults), "none", "child"
        # Nothing is known of the public; a few others are not captured.
        random.shuffle(rest)
        ordered = public + rest + young
        for column, blanks in (
            ("sex", "not_applicable"),
            ("age", ""),
            ("ethnicity", ""),
            ("disability", "not_applicable"),
        ):
            words = dict(margins[column])
            missing = words.pop(blanks)
            values = expand(words)
            random.shuffle(values)
            for entry, value in zip(ordered, [blanks] * missing + values, strict=True):
                entry[column] = value
        # A child or young person is not over 24: exchange ages with somebody else who is concerned.
        for entry in young:
            if int(entry["age"].partition("-")[0]) > 16:
                other = next(e for e in rest if e["age"] == "0-15")
                entry["age"], other["age"] = other["age"], entry["age"]
        channels = expand(margins["channel"])
        random.shuffle(channels)
        for entry, channel in zip(entries, channels, strict=True):
            entry["channel"] = channel

    def _write(self, entry: dict, second: list[int]) -> None:
        c, random, add, ref = entry["plan"], self.random, self.cases.add, entry["ref"]
        received = entry["received"]
        stages = self._stages(entry, second)
        if c.procedure == "informal":
            closed = min(self.days.add(received, random.randint(1, 9)), self.margins["year"]["end"])
        else:
            ends = [s.get("closed_date") for s in stages]
            closed = max(ends) if all(ends) else None
        sex = entry["sex"] if entry["sex"] in FIRST else random.choice(["female", "male"])
        low, high = limits(entry["age"]) if entry["age"] else (30, 60)
        concerned = self.children.person(sex, (max(low, 2), high), received)
        complainant = self.people.person(random.choice(["female", "male"]), (25, 60), received)
        own = entry["role"] == "child_or_young_person"
        add(
            "complaint",
            complaint_id=ref,
            received_date=received,
            acknowledged_date=min(self.days.add(received, random.choice([1, 1, 2])), date(2022, 3, 31)),
            procedure=c.procedure,
            channel=entry["channel"],
            complainant_role=entry["role"],
            behalf=entry["behalf"],
            advocate_kind=entry["advocate"],
            complainant_id=concerned.person_id if own else complainant.person_id,
            sex=entry["sex"],
            birth_date=concerned.born if entry["age"] else None,
            ethnicity=entry["ethnicity"] or None,
            disability=entry["disability"],
            closed_date=closed,
            _name=f"{random.choice(FIRST[sex])} {random.choice(LAST)}" if own else complainant.name,
        )
        if entry["role"] != "member_of_public":
            add("complaint_child", complaint_id=ref, child_id=concerned.person_id)
        add("complaint_service", complaint_id=ref, service=c.team)
        for stage in stages:
            add(
                "stage",
                stage_id=f"{ref}-{'SC'[c.procedure == 'corporate']}{stage['stage']}",
                complaint_id=ref,
                procedure=c.procedure,
                service=c.team,
                **stage,
            )
        for number, category in enumerate(c.concerns, start=1):
            subs = self.margins["sub_categories"].get(category, [""])
            add(
                "issue",
                issue_id=f"{ref}-R{number}",
                complaint_id=ref,
                raised_date=received,
                service=c.team,
                category=category,
                sub_category=random.choice(subs) or None,
            )
        entry["stages"] = stages

    def _stages(self, entry: dict, second: list[int]) -> list[dict]:
        c, days, received = entry["plan"], self.days, entry["received"]
        if c.procedure == "informal":
            return []
        if c.procedure == "corporate":
            return self._corporate(entry)
        first = {"stage": 1, "requested_date": received, "investigator_kind": "manager"}
        if c.highest == 1 and c.status == "open":
            return [first]
        if c.is_first_answered:
            sent = days.add(received, c.length)
            first |= {"responded_date": sent, "closed_date": sent, "closed_how": "responded"}
            first["extension_agreed"] = "yes" if c.length > 10 else "no"
            if c.status == "withdrawn":
                first["closed_how"] = "withdrawn"
                first["_court"] = c.team == "Fostering & adoption" or self.random.random() < 0.3
            else:
                # What went on from here had been found against the complainant, or partly so.
                first["outcome"] = c.status if c.highest == 1 else "not_upheld"
            asked = days.add(sent, self.random.randint(4, 12))
        else:
            asked = days.add(received, self.random.randint(1, 8))
            first |= {"closed_date": asked, "closed_how": "escalated"}
        if c.highest == 1:
            return [first]
        then = {
            "stage": 2,
            "requested_date": asked,
            "request_decision": "accepted",
            "investigator_kind": "external_independent",
            "extension_agreed": "yes",
        }
        if c.status == "open":
            return [first, then]
        length = second.pop()
        sent = days.add(asked, length)
        then |= {"responded_date": sent, "closed_date": sent, "closed_how": "responded"}
        then["outcome"] = c.status if c.highest == 2 else "partially_upheld"
        if c.highest == 2:
            return [first, then]
        asked = days.add(sent, 8)
        sent = days.add(asked, self.margins["stage_3_days"])
        panel = days.add(asked, 22)
        last = {
            "stage": 3,
            "requested_date": asked,
            "request_decision": "accepted",
            "panel_date": panel,
            "findings_date": days.add(panel, 4),
            "responded_date": sent,
            "closed_date": sent,
            "closed_how": "responded",
            "outcome": c.status,
        }
        return [first, then, last]

    def _corporate(self, entry: dict) -> list[dict]:
        c, days, random = entry["plan"], self.days, self.random
        sent = days.add(entry["received"], random.choice([5, 7, 8, 9, 10, 10, 13, 16]))
        first = {
            "stage": 1,
            "requested_date": entry["received"],
            "investigator_kind": "manager",
            "responded_date": sent,
            "closed_date": sent,
            "closed_how": "responded",
            "outcome": c.status if c.highest == 1 else "not_upheld",
        }
        if c.highest == 1:
            return [first]
        asked = days.add(sent, random.randint(3, 10))
        sent = days.add(asked, random.choice([14, 18, 20]))
        then = {
            "stage": 2,
            "requested_date": asked,
            "request_decision": "accepted",
            "investigator_kind": "senior_manager",
            "responded_date": sent,
            "closed_date": sent,
            "closed_how": "responded",
            "outcome": c.status,
        }
        return [first, then]

    def _ombudsman(self, entries: list[dict]) -> None:
        """Fifteen matters, two of them investigated after the council's answer; one brings a payment."""
        random, days, add = self.random, self.days, self.cases.add
        early = date(2021, 8, 1)
        able = [
            e
            for e in entries
            if e["plan"].procedure == "statutory"
            and e["plan"].status == "partially_upheld"
            and e["plan"].highest == 1
            and e["stages"][0]["responded_date"] < early
        ]
        chosen = random.sample(able, self.margins["ombudsman"]["upheld"])
        reasons = {
            "premature": "Council's own procedure not complete",
            "declined": "Not warranted by alleged fault",
            "closed_after_enquiries": "Out of jurisdiction",
        }
        for number, decision in enumerate(expand(self.margins["ombudsman"]), start=1):
            entry = chosen.pop() if decision == "upheld" else None
            start = entry["stages"][0]["responded_date"] if entry else date(2021, 4, 20)
            asked = days.add(start, random.randint(10, 30) if entry else random.randint(0, 180))
            decided = days.add(asked, random.randint(60, 90) if entry else random.randint(5, 30))
            key = f"21 {number:03d} {random.randint(100, 999)}"
            add(
                "ombudsman",
                ombudsman_id=key,
                complaint_id=entry["ref"] if entry else None,
                received_date=asked,
                decided_date=decided,
                decision=decision,
                finding="fault" if entry else None,
                reason=reasons.get(decision),
            )
            service = "children_services" if entry else "education_and_childrens_services"
            add("ombudsman_service", ombudsman_id=key, service=service)
            if entry and not self.cases.rows("remedy"):
                add(
                    "remedy",
                    remedy_id="P2",
                    ombudsman_id=key,
                    agreed_date=decided,
                    kind="payment",
                    amount_gbp=self.margins["payments"]["ombudsman"],
                )
        paid = next(
            e
            for e in entries
            if e["plan"].procedure == "corporate" and e["plan"].highest == 2 and e["plan"].status == "upheld"
        )
        add(
            "remedy",
            remedy_id="P1",
            complaint_id=paid["ref"],
            agreed_date=paid["stages"][1]["responded_date"],
            kind="payment",
            amount_gbp=self.margins["payments"]["corporate"],
        )

    def _learning(self, entries: list[dict]) -> None:
        """Actions from complaints: as many as are printed of the LADO, the others from complaints upheld."""
        random, days = self.random, self.days
        named = "LADO Service"
        mine = [e for e in entries if e["plan"].team == named]
        others = [
            e
            for e in entries
            if e["plan"].team not in (named, "IRO Service")
            and e["plan"].highest == 1
            and e["plan"].status in ("upheld", "partially_upheld")
            and e["stages"][0]["responded_date"] < date(2022, 3, 1)
        ]
        numbers = self.margins["learning"]
        chosen = random.sample(mine, numbers[named]) + random.sample(others, numbers["others"])
        themes = ["Communication", "Recording", "Timeliness", "Training", "Information for families"]
        for number, entry in enumerate(sorted(chosen, key=lambda e: e["ref"]), start=1):
            sent = entry["stages"][0]["responded_date"]
            self.cases.add(
                "learning",
                learning_id=f"IIF{number:03d}",
                complaint_id=entry["ref"],
                service=entry["plan"].team,
                sent_date=sent,
                returned_date=min(days.add(sent, random.randint(3, 20)), date(2022, 3, 31)),
                category=random.choice(themes),
                action_status=random.choice(["accepted", "implemented", "implemented"]),
            )

    def _compliments(self) -> None:
        dealt = [
            (self.random.choice(self.days.span(date(2021, 4, 1), date(2022, 3, 31))), *compliment)
            for compliment in compliments(self.margins)
        ]
        dealt.sort(key=lambda compliment: compliment[0])
        for number, (day, team, source, themes) in enumerate(dealt, start=1):
            key = f"CMP{number:04d}"
            self.cases.add("compliment", compliment_id=key, received_date=day, service=team, source=source)
            for theme in themes:
                self.cases.add("compliment_category", compliment_id=key, category=theme)

    def _activity(self) -> None:
        for row in self.margins["activity"]:
            day, year = row.get("day"), row.get("year")
            self.cases.add(
                "activity",
                period_start=day or date(year, 4, 1),
                period_end=day or date(year + 1, 3, 31),
                measure=row["measure"],
                value=row["value"],
            )
