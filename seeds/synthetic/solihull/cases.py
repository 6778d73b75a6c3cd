"""Dates, people and everything beside complaints: the plan becomes rows of the extract contract."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from seeds.synthetic.cases import Cases
from seeds.synthetic.people import FIRST, LAST, People, Person
from seeds.synthetic.solihull.plan import Complaint, plan
from seeds.synthetic.tables import expand, spread
from seeds.synthetic.timing import assign, durations
from seeds.synthetic.working_days import WorkingDays

ALIASES = {
    "Child in Need": "Child in Need Team",
    "Child Protection and Court Team": "Child Protection & Court Team",
    "Child Asylum and 16+ Team": "Child Asylum & 16+ Team",
    "Child Protection and Review Unit": "Child Protection Unit",
    "Looked After Children": "Child Looked After",
    "Youth Offending Team": "Youth Offending Service",
    "Children with Disabilities Team": "Children's Disability Team",
}
LEARNING_CATEGORIES = {
    "csc": {
        "Improve communication": 31,
        "Follow correct process": 19,
        "Improve record keeping": 13,
        "Improve timeliness": 9,
        "Staff training": 9,
        "No learning identified": 7,
    },
    "learning_and_achievement": {
        "Improve communication": 22,
        "Follow correct process": 17,
        "Improve timeliness": 8,
        "Improve record keeping": 5,
        "No learning identified": 4,
    },
}
QUOTES = [
    "Thank you for the time you took to explain the plan to us.",
    "The team kept us informed at every step and always rang back.",
    "A very well prepared meeting; the views of the family were heard.",
    "Calm, clear and kind support when we needed it most.",
    "The report was accurate and arrived in good time.",
    "We felt listened to, and the help made a real difference at home.",
    "Joint working with our school has been excellent this term.",
]
STAGE_2_WORDS = ["upheld", "partially_upheld", "partially_upheld", "not_upheld", "not_upheld", "not_upheld"]


def build(margins: dict) -> Cases:
    """Every case of the year in contract shape, the same for the same margins."""
    return _Builder(margins).build()


class _Builder:
    def __init__(self, margins: dict) -> None:
        self.margins = margins
        self.random = Random(margins["seed"] + 1)
        self.days = WorkingDays(2022, 2024)
        self.start: date = margins["year"]["start"]
        self.last: date = margins["last_event"]
        self.cases = Cases()
        self.people = People(self.random, "P")
        self.children = People(self.random, "K")
        renamed = margins["renamed"]
        self.newer = renamed
        self.new_names = set(renamed.values())

    def build(self) -> Cases:
        """Plan, date, name and number everything."""
        complaints = plan(self.margins)
        dated = self._date(complaints)
        self._number(dated)
        self._who(dated)
        self._ehcp_second(dated)
        for entry in dated:
            self._write(entry)
        self._ombudsman(dated)
        self._learning(dated)
        self._compliments()
        self._contacts()
        self._survey()
        for row in self.margins["service_users"]:
            self.cases.add(
                "activity",
                period_start=row["start"],
                period_end=row["end"],
                measure="service_users",
                breakdown=None,
                service=row["service"],
                value=row["value"],
            )
        return self.cases

    # Dates ------------------------------------------------------------------------------------------------

    def quarter_days(self, quarter: str, until: date | None = None) -> list[date]:
        """Working days of a quarter on which a complaint may arrive, up to `until`."""
        first, last = {
            "Q1": (date(2023, 4, 3), date(2023, 6, 30)),
            "Q2": (date(2023, 7, 3), date(2023, 9, 29)),
            "Q3": (date(2023, 10, 2), date(2023, 12, 29)),
            "Q4": (date(2024, 1, 2), self.margins["last_receipt"]),
        }[quarter]
        return self.days.span(first, min(last, until) if until else last)

    def _date(self, complaints: list[Complaint]) -> list[dict]:
        """Give every complaint its dates and stages; one entry per complaint."""
        entries = [{"plan": c, "stages": []} for c in complaints]
        first_stage: dict[str, list[dict]] = {"statutory": [], "corporate": [], "ehcp": [], "other_areas": []}
        for entry in entries:
            c = entry["plan"]
            key = c.procedure if c.area == "csc" else c.area
            if c.cohort in ("new", "stage_1", "late_entered") and c.fate in (
                "closed",
                "to_stage_2",
                "open_stage_2",
            ):
                entry["room"] = self._room(c)
                if c.cohort == "stage_1":
                    entry["least"] = 4  # so that a complaint of late March is answered in April
                first_stage[key].append(entry)
        bands = self.margins["csc_bands"]
        assign(self.random, first_stage["statutory"], durations(self.random, bands["statutory_1"]))
        assign(self.random, first_stage["corporate"], durations(self.random, bands["corporate_1"]))
        # The part that a social care complaint has with the EHCP Team is one of the EHCP responses.
        ehcp = durations(self.random, self.margins["ehcp"]["bands_1"])
        self.part_durations = {"EHCP Team": ehcp.pop(0), "School Admissions": 14}
        assign(self.random, first_stage["ehcp"], ehcp)
        others = first_stage["other_areas"]
        assign(self.random, others, [self.random.randint(5, 20) for _ in others])

        # Corporate stage 2 of social care: four answers within 20 working days, three over 40.
        self.corporate_2 = {
            "stage_2": [(date(2023, 3, 22), 17), (date(2023, 2, 6), 52)],
            "new": [9, 63, 19, 44],
        }
        self.ehcp_2 = [self.random.randint(8, 20) for _ in range(self.margins["ehcp"]["responses_2"])]
        for entry in entries:
            self._date_one(entry)
        return entries

    def _room(self, c: Complaint) -> int:
        """The most working days that stage 1 of this complaint may take."""
        if c.cohort != "new":
            return 60 if c.cohort == "stage_1" else 45
        if c.fate == "open_stage_2":
            return 20 if c.quarter == "Q4" else 30
        if c.fate == "to_stage_2":
            return 20 if c.area == "csc" else 25
        first = self.quarter_days(c.quarter)[0]
        return min(75, self.days.between(first, self.last) - 8)

    def _new_day(self, c: Complaint, duration: int | None, extra: int) -> date:
        """The day on which a complaint of the year arrives.

        Its answers must fall in the year: `duration` working days, or those of its second part, and the
        `extra` days before the clock starts. What stays open came late, what went on came early.
        """
        until = None
        if duration is not None:
            most = max(duration, self.part_durations.get(c.part, 0)) + extra
            until = self.days.add(self.last, -most)
        choice = self.quarter_days(c.quarter, until)
        if c.fate == "open":
            choice = [
                d for d in choice if d >= (date(2024, 1, 22) if c.quarter == "Q4" else date(2023, 12, 4))
            ]
        elif c.fate == "open_stage_2":
            choice = choice[-6:] if c.quarter == "Q3" else choice[5:20]
        elif c.fate == "to_stage_2" and c.area == "csc" and c.procedure == "statutory":
            choice = choice[:25] if c.quarter == "Q1" else choice[-20:]
        elif c.fate == "direct":
            choice = choice[-25:]
        elif c.fate == "to_stage_2":
            choice = choice[:45]
        elif c.fate == "escalated":
            choice = choice[:30]
        return self.random.choice(choice)

    def _arrival(
        self, c: Complaint, duration: int | None, agreed_after: int | None
    ) -> tuple[date, date, date | None]:
        """The days a complaint was received, its stage 1 requested and its detail agreed (if it was)."""
        random, days = self.random, self.days
        if c.cohort == "new":
            received = self._new_day(c, duration, agreed_after or 0)
            return received, received, days.add(received, agreed_after) if agreed_after is not None else None
        if c.cohort == "late_entered":
            received = random.choice(days.span(date(2023, 3, 23), date(2023, 3, 31)))
            accepted = requested = random.choice(days.span(date(2023, 4, 3), date(2023, 4, 6)))
            return received, requested, accepted
        if c.cohort == "stage_1":
            # The answer falls in the year, the request before it.
            latest = date(2023, 3, 28)
            floor = days.add(date(2023, 4, 3), -duration)
            clock = random.choice(days.span(max(floor, date(2023, 1, 9)), latest))
            received = requested = clock
            accepted = None
            if c.procedure == "corporate":
                accepted, received = clock, days.add(clock, -agreed_after)
                requested = received
            return received, requested, accepted
        received = {
            ("csc", "statutory", "stage_2"): date(2022, 9, 14),
            ("csc", "statutory", "reopened"): random.choice(days.span(date(2022, 11, 7), date(2022, 12, 2))),
            ("csc", "corporate", "stage_2"): random.choice(days.span(date(2022, 11, 28), date(2022, 12, 9))),
            ("csc", "corporate", "reopened"): random.choice(days.span(date(2023, 1, 16), date(2023, 1, 27))),
            ("ehcp", "corporate", "stage_2"): random.choice(days.span(date(2023, 1, 9), date(2023, 1, 31))),
        }[c.area, c.procedure, c.cohort]
        accepted = days.add(received, agreed_after) if agreed_after is not None else None
        return received, received, accepted

    def _date_one(self, entry: dict) -> None:
        """Dates of one complaint and its stages."""
        c, random, days = entry["plan"], self.random, self.days
        duration = entry.get("duration")
        agreed_after = (
            random.choice([0, 1, 1, 2, 2, 3, 4, 6]) if c.procedure == "corporate" or c.part else None
        )
        received, requested, accepted = self._arrival(c, duration, agreed_after)
        if c.cohort in ("stage_2", "reopened"):
            duration = random.randint(9, 20)
        entry.update(
            received=received,
            accepted=accepted,
            acknowledged=days.add(received, random.choice([1, 1, 2, 2, 3])),
        )
        clock = accepted if c.procedure == "corporate" else received
        first = {
            "procedure": c.procedure,
            "stage": 1,
            "service": c.teams[0],
            "requested_date": requested,
            "clock": clock,
            "outcome": c.outcome or None,
        }
        entry["stages"].append(first)
        if duration is not None:
            self._answer(first, days.add(clock, duration), duration)
        elif c.fate == "withdrawn":
            entry["withdrawn"] = days.add(clock, random.randint(4, 12))
            first.update(closed_date=entry["withdrawn"], closed_how="withdrawn")
        elif c.fate in ("direct", "escalated"):
            first.update(closed_date=days.add(clock, random.randint(12, 18)), closed_how="escalated")
        if c.part:
            part = {
                "procedure": "corporate",
                "stage": 1,
                "service": c.part,
                "requested_date": received,
                "clock": accepted,
                "outcome": "not_upheld" if c.part != "EHCP Team" else None,
            }
            length = self.part_durations[c.part]
            self._answer(part, days.add(accepted, length), length)
            entry["stages"].append(part)
        if c.fate in ("to_stage_2", "open_stage_2", "direct", "escalated"):
            self._second(entry, first)

    def _answer(self, stage: dict, day: date, duration: int) -> None:
        stage.update(responded_date=day, closed_date=day, closed_how="responded", duration=duration)

    def _second(self, entry: dict, first: dict) -> None:
        """Stage 2 and, where the report has one, stage 3."""
        c, random, days = entry["plan"], self.random, self.days
        ended = first["closed_date"]
        stage = {"procedure": c.procedure, "stage": 2, "service": c.teams[0], "outcome": None}
        entry["stages"].append(stage)
        if c.procedure == "corporate":
            if c.area == "ehcp":
                if c.cohort == "stage_2":
                    asked = random.choice(days.span(date(2023, 3, 20), date(2023, 3, 29)))
                elif c.fate == "open_stage_2":
                    asked = random.choice(
                        days.span(max(days.add(ended, 3), date(2024, 3, 11)), date(2024, 3, 26))
                    )
                else:
                    asked = days.add(ended, random.randint(4, 18))
                stage["requested_date"] = asked
                if c.fate != "open_stage_2":
                    least = days.between(asked, date(2023, 4, 3))
                    length = next(n for n in self.ehcp_2 if n >= least)
                    self.ehcp_2.remove(length)
                    self._answer(stage, days.add(asked, length), length)
                return
            if c.cohort == "stage_2":
                asked, length = self.corporate_2["stage_2"].pop()
            elif c.cohort == "reopened":
                asked, length = date(2023, 5, 16), 14
                stage["reopened"] = "yes"
            else:
                asked = ended if c.fate == "escalated" else days.add(ended, random.randint(5, 15))
                length = self.corporate_2["new"].pop()
            stage["requested_date"] = asked
            self._answer(stage, days.add(asked, length), length)
            return
        # Statutory: an independent investigator, terms agreed first.
        if c.cohort == "stage_2":
            asked = date(2022, 11, 21)
        elif c.cohort == "reopened":
            asked = random.choice(days.span(date(2023, 4, 17), date(2023, 5, 12)))
            stage["reopened"] = "yes"
        elif c.fate == "direct":
            asked = ended
        else:
            asked = days.add(ended, random.randint(6, 15))
        agreed = days.add(asked, random.randint(8, 16))
        stage.update(
            requested_date=asked,
            request_decision="accepted",
            investigator_appointed_date=days.add(asked, random.randint(4, 7)),
            statement_agreed_date=agreed,
            extension_agreed="yes",
            extension_reason="Detail and number of points",
            complex="yes",
        )
        if c.fate == "direct" or (c.cohort == "new" and c.quarter != "Q1"):
            return
        length = 88 if c.cohort == "stage_2" else random.randint(48, 65)
        self._answer(stage, days.add(agreed, length), length)
        stage["cost_gbp"] = random.choice([1850, 2120.5, 2475, 1960])
        if c.cohort not in ("stage_2", "reopened"):
            return
        asked = days.add(stage["closed_date"], random.randint(6, 14))
        panel = days.add(asked, random.randint(22, 30))
        findings = days.add(panel, random.randint(3, 5))
        third = {
            "procedure": "statutory",
            "stage": 3,
            "service": c.teams[0],
            "outcome": "partially_upheld",
            "requested_date": asked,
            "request_decision": "accepted",
            "panel_date": panel,
            "findings_date": findings,
            "complex": "yes",
            "cost_gbp": random.choice([980, 1040]),
        }
        self._answer(third, days.add(findings, random.randint(9, 15)), 0)
        entry["stages"].append(third)

    # Numbers and people -----------------------------------------------------------------------------------

    def _number(self, entries: list[dict]) -> None:
        entries.sort(key=lambda e: e["received"])
        for number, entry in enumerate(entries, start=1):
            entry["ref"] = f"CH{entry['received']:%y}-{number:04d}"
            closed = [s.get("closed_date") for s in entry["stages"]]
            entry["closed"] = max(closed) if all(closed) else None

    def _who(self, entries: list[dict]) -> None:
        """Complainants, channels and children. Counts of the year's new complaints follow the margins."""
        random, margins = self.random, self.margins
        new = [e for e in entries if e["plan"].cohort == "new"]
        theirs = [e for e in new if e["plan"].looked_after]
        rest = [e for e in new if not e["plan"].looked_after]
        kinds = margins["looked_after"]["complainants"]
        self._kinds(theirs, dict(kinds))
        self._kinds(rest, {k: n - kinds[k] for k, n in margins["complainants"].items()})
        earlier = [e for e in entries if e["plan"].cohort != "new"]
        self._kinds(earlier, {"adult": len(earlier) - 3, "advocate": 3, "service_user": 0})

        channels = expand(margins["channel"])
        random.shuffle(channels)
        for entry, channel in zip(new, channels, strict=True):
            entry["channel"] = channel
        for entry in earlier:
            entry["channel"] = random.choice(["Email", "Email", "Email", "Telephone", "Letter"])

        sexes = dict(margins["sex"])
        parents = [e for e in new if e["role"] == "parent"]
        joint = random.sample(parents, sexes.pop("joint"))
        words = expand(sexes)
        random.shuffle(words)
        for entry in new:
            entry["sex"] = "joint" if any(entry is j for j in joint) else words.pop()
        for entry in earlier:
            entry["sex"] = random.choice(["female", "female", "female", "male"])
        for entry in entries:
            ages = {"child_or_young_person": (9, 17), "service_user_other": (18, 23), "advocate": None}
            entry["person"] = self.people.person(
                entry["sex"], ages.get(entry["role"], (24, 66)), entry["received"]
            )
        self._repeat(parents)
        self._children(entries, theirs)

    def _kinds(self, entries: list[dict], counts: dict[str, int]) -> None:
        random = self.random
        statutory = [e for e in entries if e["plan"].procedure == "statutory"]
        own = random.sample(statutory, counts["service_user"])
        left = [e for e in entries if not any(e is o for o in own)]
        advised = random.sample(left, counts["advocate"])
        for entry in entries:
            c = entry["plan"]
            if any(entry is o for o in own):
                role = (
                    "service_user_other"
                    if c.looked_after is False and random.random() < 0.4
                    else "child_or_young_person"
                )
                entry.update(role=role, behalf="self", advocate="none")
            elif any(entry is a for a in advised):
                entry.update(role="advocate", behalf="child", advocate="professional")
            else:
                if c.looked_after:
                    words, weights = ["parent", "foster_carer", "relative", "carer"], [9, 3, 2, 1]
                elif c.area != "csc":
                    words, weights = ["parent", "carer", "relative"], [18, 1, 1]
                else:
                    words, weights = (
                        ["parent", "relative", "special_guardian", "foster_carer", "carer"],
                        [16, 3, 1, 1, 1],
                    )
                entry.update(
                    role=random.choices(words, weights)[0],
                    advocate="none",
                    behalf=random.choices(["child", "joint", "self"], [6, 3, 1])[0],
                )

    def _repeat(self, parents: list[dict]) -> None:
        """A few parents complain twice: the later complaint gets the earlier one's person."""
        pairs = 0
        for i, first in enumerate(parents):
            if pairs == 7:
                return
            for second in parents[i + 12 :: 3]:
                same = first["plan"].area == second["plan"].area and first["sex"] == second["sex"]
                if same and "again" not in first and "again" not in second:
                    second["person"] = first["person"]
                    first["again"] = second["again"] = True
                    pairs += 1
                    break

    def _children(self, entries: list[dict], looked_after: list[dict]) -> None:
        """The children that complaints are about."""
        random = self.random
        for entry in entries:
            c = entry["plan"]
            entry["children"] = []
            if entry["role"] == "service_user_other" or (
                c.procedure == "corporate" and c.area == "csc" and random.random() < 0.4
            ):
                continue
            number = 1 if c.looked_after or random.random() < 0.85 else 2
            for _ in range(number):
                entry["children"].append(
                    self.children.person(random.choice(["female", "male"]), (3, 17), entry["received"])
                )
        # More complaints than children: some children are the subject of two.
        extra = self.margins["looked_after"]["complaints"] - self.margins["looked_after"]["children"]
        for number in range(extra):
            looked_after[-1 - number]["children"] = looked_after[number]["children"]

    # Rows -------------------------------------------------------------------------------------------------

    def _write(self, entry: dict) -> None:
        c, add, ref = entry["plan"], self.cases.add, entry["ref"]
        person: Person = entry["person"]
        add(
            "complaint",
            complaint_id=ref,
            received_date=entry["received"],
            acknowledged_date=entry["acknowledged"],
            accepted_date=entry["accepted"],
            procedure=c.procedure,
            channel=entry["channel"],
            complainant_role=entry["role"],
            behalf=entry["behalf"],
            advocate_kind=entry["advocate"],
            complainant_id=person.person_id,
            sex=entry["sex"],
            birth_date=person.born,
            ethnicity=person.ethnicity,
            disability=person.disability,
            child_looked_after="yes" if c.looked_after else "no",
            withdrawn_date=entry.get("withdrawn"),
            closed_date=entry["closed"],
            accepted_out_of_time="no",
            _name=person.name,
            _email=person.email,
            _area=c.area,
            _cohort=c.cohort,
        )
        for child in entry["children"]:
            add(
                "complaint_child",
                complaint_id=ref,
                child_id=child.person_id,
                ethnicity=child.ethnicity,
                child_looked_after="yes" if c.looked_after else "no",
                _name=child.name,
            )
        for team in c.teams:
            add("complaint_service", complaint_id=ref, service=team, procedure=c.procedure)
        if c.part:
            add("complaint_service", complaint_id=ref, service=c.part, procedure="corporate")
        for stage in entry["stages"]:
            self._write_stage(entry, stage)
        self._write_points(entry)

    def _write_stage(self, entry: dict, stage: dict) -> None:
        c, random = entry["plan"], self.random
        letter = "C" if c.part and stage["procedure"] == "corporate" else "S"
        number, length = stage["stage"], stage.get("duration")
        row = {
            "stage_id": f"{entry['ref']}-{letter}{number}",
            "complaint_id": entry["ref"],
            **{k: v for k, v in stage.items() if k not in ("clock", "duration")},
        }
        limits = {("statutory", 1): (10, 20), ("corporate", 1): (20, 30), ("corporate", 2): (20, 20)}
        if (stage["procedure"], number) in limits and length is not None:
            standard, extended = limits[stage["procedure"], number]
            late = length > standard and number == 1
            agreed = late and random.random() < (0.85 if length <= extended else 0.5)
            row["extension_agreed"] = "yes" if agreed else "no"
            if agreed:
                row["extension_reason"] = random.choice(
                    ["Complex complaint", "Advocate to be appointed", "Key officer on leave"]
                )
            row["complex"] = "yes" if agreed else "no"
            row["response_in_target"] = "yes" if length <= (extended if agreed else standard) else "no"
        row["investigator_kind"] = (
            "manager"
            if number == 1
            else "senior_manager"
            if stage["procedure"] == "corporate"
            else "external_independent"
            if number == 2
            else None
        )
        row["_manager"] = self._manager()
        row["_days"] = length or None
        if (
            row.get("outcome") is None
            and stage.get("closed_how") == "responded"
            and number < 3
            and c.area != "other_areas"
        ):
            row["_derive"] = True
        self.cases.add("stage", **row)

    def _manager(self) -> str:
        return f"{self.random.choice(FIRST['female'] + FIRST['male'])} {self.random.choice(LAST)}"

    def _write_points(self, entry: dict) -> None:
        c, random, add = entry["plan"], self.random, self.cases.add
        stages = {(s["procedure"], s["stage"]): s for s in entry["stages"]}
        second = self._second_words(entry, stages)
        for number, point in enumerate(c.points, start=1):
            issue_id = f"{entry['ref']}-P{number:02d}"
            add(
                "issue",
                issue_id=issue_id,
                complaint_id=entry["ref"],
                raised_date=entry["received"],
                service=point.team,
                category=point.category,
                sub_category=point.sub_category or None,
                procedure=point.procedure or None,
            )
            first = stages[point.procedure or c.procedure, 1]
            if point.stage_1:
                decided = first.get("responded_date") or first.get("closed_date")
                add("issue_outcome", issue_id=issue_id, stage=1, outcome=point.stage_1, decided_date=decided)
            if id(point) in second:
                word = second[id(point)]
                day = stages[c.procedure, 2]["responded_date"]
                add("issue_outcome", issue_id=issue_id, stage=2, outcome=word, decided_date=day)
                third = stages.get((c.procedure, 3))
                if third:
                    word = random.choice(["upheld", "partially_upheld", "not_upheld"])
                    add(
                        "issue_outcome",
                        issue_id=issue_id,
                        stage=3,
                        outcome=word,
                        decided_date=third["responded_date"],
                    )
        self._derive(entry["ref"])

    def _second_words(self, entry: dict, stages: dict) -> dict[int, str]:
        """Stage 2 outcomes by point; those of the EHCP Team were dealt by `_ehcp_second`."""
        c = entry["plan"]
        if c.area == "ehcp":
            return self.ehcp_words.get(entry["ref"], {})
        stage = stages.get((c.procedure, 2))
        if stage is None or not stage.get("responded_date"):
            return {}
        return {id(p): self.random.choice(STAGE_2_WORDS) for p in c.points if p.stage_1 != "withdrawn"}

    def _ehcp_second(self, entries: list[dict]) -> None:
        """Deal the EHCP Team's stage 2 outcomes to the points of its answered stage 2 complaints."""
        answered = [
            e
            for e in entries
            if e["plan"].area == "ehcp"
            and any(s["stage"] == 2 and s.get("responded_date") for s in e["stages"])
        ]
        words = expand(self.margins["ehcp"]["outcomes_2"])
        self.random.shuffle(words)
        able = [(e, p) for e in answered for p in e["plan"].points if p.stage_1 != "withdrawn"]
        # One point of every complaint first, then points that stage 1 decided, then the others.
        seen: set[str] = set()
        order = []
        for rank, (e, p) in enumerate(able):
            order.append((e["ref"] in seen, not p.stage_1, rank))
            seen.add(e["ref"])
        able = [pair for _, pair in sorted(zip(order, able, strict=True), key=lambda item: item[0])][
            : len(words)
        ]
        self.ehcp_words: dict[str, dict[int, str]] = {}
        for (e, p), word in zip(able, words, strict=True):
            self.ehcp_words.setdefault(e["ref"], {})[id(p)] = word

    def _derive(self, ref: str) -> None:
        """A stage's overall outcome, from what was found on its points."""
        found: dict[tuple[str, int], list[str]] = {}
        issues = {row["issue_id"]: row for row in self.cases.select("issue", complaint_id=ref)}
        for row in self.cases.rows("issue_outcome"):
            if row["issue_id"] in issues:
                procedure = issues[row["issue_id"]]["procedure"]
                found.setdefault((procedure, row["stage"]), []).append(row["outcome"])
        complaint = next(self.cases.select("complaint", complaint_id=ref))
        for stage in self.cases.select("stage", complaint_id=ref):
            if stage.pop("_derive", False):
                own = stage["procedure"] if stage["procedure"] != complaint["procedure"] else None
                words = [
                    w
                    for w in found.get((own, stage["stage"]), [])
                    if w not in ("withdrawn", "direct_to_next_stage")
                ]
                stage["outcome"] = overall(words)

    # Beside complaints ------------------------------------------------------------------------------------

    def name_at(self, team: str, day: date) -> str:
        """A renamed team's name on a day."""
        return self.newer.get(team, team) if day >= self.margins["rename_day"] else team

    def some_day(self, team: str = "", first: date | None = None, last: date | None = None) -> date:
        """A working day of the year on which a team of that name existed."""
        first, last = first or date(2023, 4, 3), last or self.last
        if team in self.newer:
            last = min(last, self.margins["rename_day"] - timedelta(days=1))
        elif team in self.new_names:
            first = max(first, self.margins["rename_day"])
        return self.random.choice(self.days.span(first, last))

    def _ombudsman(self, entries: list[dict]) -> None:
        random, days = self.random, self.days
        periods = {
            "declined": (date(2023, 4, 17), date(2024, 1, 19), (15, 35)),
            "premature": (date(2023, 4, 17), date(2024, 2, 16), (5, 12)),
            "upheld": (date(2023, 4, 24), date(2023, 7, 14), (105, 140)),
            "open": (date(2023, 12, 4), date(2024, 3, 20), None),
        }
        cases = []
        for row in self.margins["ombudsman"]:
            first, last, length = periods[row["decision"]]
            for _ in range(row["cases"]):
                names = [name.strip() for name in row["teams"].split(";")]
                day = self.some_day(names[0], first, last)
                decided = days.add(day, random.randint(*length)) if length else None
                cases.append((day, decided, names, row))
        used: set[str] = set()
        for number, (day, decided, names, row) in enumerate(sorted(cases, key=lambda case: case[0]), start=1):
            teams = [ALIASES.get(name, name) for name in names]
            linked = None
            if row["decision"] != "premature":
                before = [
                    e["ref"]
                    for e in entries
                    if teams[0] in e["plan"].teams
                    and e["closed"]
                    and e["closed"] < day
                    and e["ref"] not in used
                ]
                linked = random.choice(before) if before else None
                used.add(linked or "")
            upheld, is_open = row["decision"] == "upheld", row["decision"] == "open"
            complied = days.add(decided, 28) if upheld and row["payment"] > 1000 else None
            ref = f"LG-{day:%y}-{number:03d}"
            self.cases.add(
                "ombudsman",
                ombudsman_id=ref,
                complaint_id=linked,
                received_date=day,
                decided_date=decided,
                decision=None if is_open else row["decision"],
                finding="fault" if upheld else None,
                reason={
                    "declined": "Not enough evidence of injustice",
                    "premature": "Council has not yet answered",
                    "upheld": "Delay and loss of provision",
                    "open": None,
                }[row["decision"]],
                remedies_complied_date=complied,
                _teams=names,
            )
            for team in teams:
                self.cases.add("ombudsman_service", ombudsman_id=ref, service=team)
            if upheld:
                kinds = ["payment", *row["remedies"]]
                for place, kind in enumerate(kinds, start=1):
                    self.cases.add(
                        "remedy",
                        remedy_id=f"{ref}-R{place}",
                        ombudsman_id=ref,
                        agreed_date=decided,
                        kind=kind,
                        amount_gbp=row["payment"] if kind == "payment" else None,
                    )

    def _learning(self, entries: list[dict]) -> None:
        random, days = self.random, self.days
        rows = []
        for area, counts in self.margins["learning"].items():
            teams = ["Children's Assessment Team", "Child in Need Team", "Child Looked After", "MASH Team"]
            if area != "csc":
                teams = ["EHCP Team"]
            for _ in range(counts["outstanding_before"]):
                sent = random.choice(days.span(date(2023, 2, 13), date(2023, 3, 24)))
                back = random.choice(days.span(date(2023, 4, 3), date(2023, 6, 16)))
                rows.append((area, None, random.choice(teams), sent, back))
            answers = [
                (e, s)
                for e in entries
                for s in e["stages"]
                if s.get("responded_date")
                and s["responded_date"] >= self.start
                and s["stage"] < 3
                and (s["service"] in self.margins["teams"]) == (area == "csc")
                and (area != "csc" or s["stage"] == 1)
            ]
            answers.sort(key=lambda pair: pair[1]["responded_date"])
            for place in sorted(
                random.sample(range(len(answers) - 20), len(answers) - counts["sent"]), reverse=True
            ):
                del answers[place]
            for place, (entry, stage) in enumerate(answers):
                sent = min(days.add(stage["responded_date"], random.randint(0, 3)), self.last)
                back = None
                if place < counts["returned"]:
                    back = min(days.add(sent, random.randint(4, 30)), self.last)
                rows.append((area, entry["ref"], self.name_at(stage["service"], sent), sent, back))
        rows.sort(key=lambda row: (row[3], row[1] or ""))
        pools = {}
        for area, weights in LEARNING_CATEGORIES.items():
            returned = sum(1 for row in rows if row[0] == area and row[4])
            pools[area] = expand(dict(zip(weights, spread(returned, weights.values()), strict=True)))
            random.shuffle(pools[area])
        for number, (area, ref, team, sent, back) in enumerate(rows, start=1):
            category = status = done = None
            if back:
                category = pools[area].pop()
                done = days.add(back, random.randint(10, 40))
                done = done if done <= self.last else None
                status = "implemented" if done else "accepted"
                if category == "No learning identified":
                    status = done = None
            self.cases.add(
                "learning",
                learning_id=f"LF{number:04d}",
                complaint_id=ref,
                service=team,
                sent_date=sent,
                returned_date=back,
                category=category,
                action_status=status,
                implemented_date=done,
                _manager=self._manager(),
                _area=area,
            )

    def _compliments(self) -> None:
        random = self.random
        rows = []
        for name, counts in self.margins["compliments"].items():
            team = ALIASES.get(name, name)
            for source, number in counts.items():
                rows += [(self.some_day(team), team, name, source, "ordinary") for _ in range(number)]
        talk = [
            "Children's Assessment Team",
            "Child Looked After",
            "Children's Disability Team",
            "EHCP Team",
            "MASH Team",
            "Early Help",
        ]
        for number in range(self.margins["director_session_compliments"]):
            team = talk[number % len(talk)]
            source = "professional" if number % 3 else "service_user"
            rows.append((self.some_day(team), team, team, source, "director_session"))
        rows.sort(key=lambda row: (row[0], row[2], row[3]))
        themes = [
            "Support given",
            "Communication",
            "Professional practice",
            "Partnership working",
            "Going the extra mile",
        ]
        for number, (day, team, name, source, route) in enumerate(rows, start=1):
            ref = f"CP{number:04d}"
            quote = random.choice(QUOTES) if random.random() < 0.4 else None
            origin = random.choice(["internal", "external"]) if source == "professional" else "external"
            self.cases.add(
                "compliment",
                compliment_id=ref,
                received_date=day,
                service=team,
                source=source,
                origin=origin,
                route=route,
                quote=quote,
                quote_approved=None if quote is None else random.choice(["yes", "no"]),
                _team=name,
                _officer=self._manager(),
                _from=self._manager(),
            )
            for theme in sorted(random.sample(themes, random.choice([1, 1, 2]))):
                self.cases.add("compliment_category", compliment_id=ref, category=theme)

    def _contacts(self) -> None:
        random = self.random
        weights = {team: row["issues"] + 4 for team, row in self.margins["teams"].items()}
        subjects = [
            "Communication",
            "Delay",
            "Staff attitude",
            "Contact arrangements",
            "Finance",
            "Information",
        ]
        rows = []
        for area, number in self.margins["duty"].items():
            for _ in range(number):
                team = (
                    "EHCP Team"
                    if area == "ehcp"
                    else random.choices(list(weights), list(weights.values()))[0]
                )
                day = self.some_day(team)
                subject = random.choice(
                    ["EHCP process", "Delay", "Communication"] if area == "ehcp" else subjects
                )
                rows.append((day, "duty", team, subject, "resolved"))
        for kind, number, outcome in (
            ("mp_enquiry", 14, "resolved"),
            ("mp_enquiry", 3, "pending"),
            ("comment", 9, "resolved"),
        ):
            for _ in range(number):
                team = random.choice(["EHCP Team", "Children's Assessment Team", "Child Looked After"])
                rows.append((self.some_day(team), kind, team, random.choice([*subjects, "Other"]), outcome))
        rows.sort(key=lambda row: (row[0], row[1], row[2]))
        for number, (day, kind, team, subject, outcome) in enumerate(rows, start=1):
            self.cases.add(
                "contact",
                contact_id=f"DC{number:04d}",
                received_date=day,
                kind=kind,
                service=team,
                category=subject,
                outcome=outcome,
                _caller=self._manager(),
            )

    def _survey(self) -> None:
        random = self.random
        closed = [
            r
            for r in self.cases.rows("complaint")
            if r["closed_date"] and self.start <= r["closed_date"] <= date(2024, 3, 8)
        ]
        chosen = sorted(random.sample(closed, 36), key=lambda r: r["closed_date"])
        for number, row in enumerate(chosen, start=1):
            day = self.days.add(row["closed_date"], random.randint(3, 12))
            answers = {
                "Were any equality issues raised?": "no",
                "How easy was it to make your complaint?": random.choice(
                    ["Easy", "Easy", "Neither", "Difficult"]
                ),
                "Were you kept informed?": random.choice(["yes", "yes", "no", None]),
            }
            for place, (question, answer) in enumerate(answers.items(), start=1):
                if answer:
                    self.cases.add(
                        "satisfaction",
                        satisfaction_id=f"SV{number:03d}-Q{place}",
                        complaint_id=row["complaint_id"],
                        answered_date=day,
                        question=question,
                        answer=answer,
                    )


def overall(words: list[str]) -> str | None:
    """One outcome for a whole complaint from the outcomes of its points."""
    kinds = set(words)
    if not kinds:
        return None
    if len(kinds) == 1:
        return kinds.pop()
    if kinds & {"upheld", "partially_upheld"}:
        return "partially_upheld"
    return "not_upheld"
