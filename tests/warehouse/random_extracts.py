"""Random authorities with everything that makes counting hard, in the contract's shape, from a seed.

`authority(seed)` gives an `oracle.Authority`: small (40 to 150 complaints) and nasty. Rows are dicts with every
column of their contract table as conformed (dates as `datetime.date`, blank as None).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from tests.warehouse.oracle import Authority, Extract, Row

FIRST, LAST = date(2020, 9, 1), date(2024, 7, 15)
# Where counting goes wrong: edges of quarters and years, bank holidays and what lies beside them, the leap day.
EDGES = [
    date(year, month, day)
    for year in range(2021, 2025)
    for month, day in (
        (3, 31),
        (4, 1),
        (6, 30),
        (7, 1),
        (9, 30),
        (10, 1),
        (12, 31),
        (1, 1),
        (12, 24),
        (12, 27),
    )
] + [
    date(2023, 4, 7),
    date(2023, 4, 10),
    date(2023, 5, 8),
    date(2024, 2, 29),
    date(2024, 3, 29),
    date(2024, 4, 1),
]
PLAN = {
    # seed: as-ats of its reports, first day of its case data
    1: ({"2023-24": date(2024, 5, 31)}, date(2021, 4, 1)),
    2: ({"2022-23": date(2023, 5, 31), "2023-24": date(2024, 5, 31)}, date(2022, 4, 1)),
    3: ({"2023-24": date(2024, 1, 15)}, date(2022, 4, 1)),
    4: ({"2023-24": date(2024, 3, 31)}, date(2023, 4, 1)),
    5: ({"2023-24": date(2024, 6, 30)}, date(2022, 10, 1)),
    6: ({"2022-23": date(2023, 4, 30), "2023-24": date(2024, 4, 30)}, date(2020, 4, 1)),
    7: ({"2023-24": date(2024, 5, 31)}, date(2021, 4, 1)),
    8: ({"2023-24": date(2024, 7, 1)}, date(2022, 4, 1)),
}


class Maker:
    """One authority in the making."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.random = random.Random(f"redress {seed}")
        self.tables: dict[str, list[Row]] = {name: [] for name in COLUMNS}
        self.services = services(seed)
        # Teams and areas, one that nobody declared among them; where there is no tree, nobody declared any.
        self.leaves = [
            "care",
            "learning",
            "health",
            "Old Team",
            "New Team",
            "Court; team",
            "Plans",
            "Not in the tree",
        ]

    # Small choices

    def maybe(self, chance: float, value: Any) -> Any:
        """The value, or blank."""
        value = value() if callable(value) else value
        return value if self.random.random() < chance else None

    def pick(self, *words: Any) -> Any:
        """One of the words."""
        return self.random.choice(words)

    def day(self) -> date:
        """A day anywhere, often on an edge."""
        if self.random.random() < 0.25:
            return self.pick(*EDGES)
        return FIRST + timedelta(self.random.randrange((LAST - FIRST).days))

    def after(self, day: date, longest: int = 90) -> date:
        """A day some time after another, now and then at a limit's edge, rarely before it."""
        roll = self.random.random()
        if roll < 0.04:
            return day - timedelta(self.random.randint(1, 20))
        if roll < 0.12:
            return day
        if roll < 0.3:
            return day + timedelta(self.pick(13, 14, 15, 27, 28, 29, 41, 42, 43))
        return day + timedelta(self.random.randint(1, longest))

    def add(self, table: str, **values: Any) -> Row:
        """Add a row; columns left out are blank."""
        unknown = set(values) - set(COLUMNS[table])
        assert not unknown, unknown
        row = {column: values.get(column) for column in COLUMNS[table]}
        self.tables[table].append(row)
        return row

    def service(self) -> str:
        """A service word: a team, an area, or one that nobody declared."""
        return self.pick(*self.leaves)

    # Tables

    def complaint(self, number: int) -> None:
        """A complaint with everything that hangs on it."""
        key, received = f"C{number:04d}", self.day()
        procedure = self.random.choices(("statutory", "corporate", "informal"), (5, 4, 2))[0]
        complaint = self.add(
            "complaint",
            complaint_id=key,
            received_date=received,
            acknowledged_date=self.maybe(0.5, self.after(received, 5)),
            accepted_date=self.maybe(0.6, lambda: received + timedelta(self.random.randint(0, 25))),
            procedure=procedure,
            channel=self.maybe(0.8, self.pick("Email", "Web; form", "Letter")),
            theme=self.maybe(0.4, self.pick("Delay", "Attitude", "Money")),
            complainant_role=self.maybe(
                0.9, self.pick("parent", "child_or_young_person", "advocate", "carer")
            ),
            behalf=self.maybe(0.5, self.pick("self", "child", "joint")),
            advocate_kind=self.maybe(0.3, self.pick("none", "professional", "family")),
            complainant_id=self.maybe(0.8, f"P{self.random.randint(1, 40)}"),
            sex=self.maybe(0.8, self.pick("female", "male", "joint", "not_known")),
            age_at_receipt=self.maybe(0.6, self.random.randint(8, 80)),
            ethnicity=self.maybe(0.7, self.pick("White", "Asian", "not_known")),
            disability=self.maybe(0.5, self.pick("yes", "no", "not_known")),
            child_looked_after=self.maybe(0.5, self.pick("yes", "no", "not_known")),
            withdrawn_date=self.maybe(0.07, lambda: self.after(received, 60)),
            refused_date=self.maybe(0.05, lambda: self.after(received, 60)),
            accepted_out_of_time=self.maybe(0.1, self.pick("yes", "no")),
        )
        for child in self.random.sample(range(1, 30), self.pick(0, 0, 1, 1, 2, 3)):
            self.add(
                "complaint_child",
                complaint_id=key,
                child_id=f"K{child}",
                ethnicity=self.maybe(0.7, self.pick("White", "Black")),
                child_looked_after=self.maybe(0.7, self.pick("yes", "no", "not_known")),
            )
        own = self.random.sample(self.leaves, self.pick(0, 1, 1, 1, 2, 3))
        for service in own:
            second = self.maybe(0.2, self.pick("statutory", "corporate"))
            self.add("complaint_service", complaint_id=key, service=service, procedure=second)
        if own and self.random.random() < 0.06:
            other = "corporate" if procedure == "statutory" else "statutory"
            if not any(
                r["complaint_id"] == key and r["service"] == own[0] and r["procedure"] == other
                for r in self.tables["complaint_service"]
            ):
                self.add("complaint_service", complaint_id=key, service=own[0], procedure=other)
        for theme in self.random.sample(("Delay", "Attitude", "Money", "Records"), self.pick(0, 0, 1, 2)):
            self.add("complaint_theme", complaint_id=key, theme=theme, outcome=self.maybe(0.3, "upheld"))
        procedures = [procedure] if procedure != "informal" or self.random.random() < 0.3 else []
        if procedure != "informal" and self.random.random() < 0.12:
            procedures.append("corporate" if procedure == "statutory" else "statutory")
        for one in procedures:
            self.stages(complaint, one)
        if procedures == ["statutory"] and self.random.random() < 0.07:
            # A step into the other procedure: stage 2 there, without a stage 1 of it.
            self.stage(complaint, "corporate", 2, self.after(received, 60))
        for index in range(self.pick(0, 1, 1, 2, 3, 5)):
            self.issue(complaint, f"{key}-I{index}")
        if self.random.random() < 0.1:
            self.add(
                "mediation",
                mediation_id=f"M{number}",
                complaint_id=key,
                offered_date=self.after(received),
                accepted=self.maybe(0.8, self.pick("yes", "no")),
                result=self.maybe(0.6, self.pick("resolved", "progressed", "pending")),
            )
        if self.random.random() < 0.2:
            self.remedy(f"R{number}", complaint_id=key)
        if self.random.random() < 0.2:
            self.learning(f"L{number}", complaint_id=key)
        for index in range(self.pick(0, 0, 0, 1, 2)):
            self.add(
                "satisfaction",
                satisfaction_id=f"{key}-A{index}",
                complaint_id=key,
                answered_date=self.after(received),
                question=self.pick("Was it easy?", "Were you told?"),
                answer=self.pick("yes", "no", "Neither"),
            )

    def stages(self, complaint: Row, procedure: str) -> None:
        """The stages that a complaint went through under a procedure."""
        requested = complaint["received_date"]
        if self.random.random() < 0.2:
            requested = self.after(requested, 10)
        first = 2 if self.random.random() < 0.03 else 1
        last = self.random.choices((1, 2, 3), (6, 3, 1.5))[0]
        for stage in range(first, max(first, last) + 1):
            row = self.stage(complaint, procedure, stage, requested)
            for again in range(self.random.choices((0, 1, 2), (92, 6, 2))[0]):
                later = requested + timedelta(self.pick(20, 75, 200, 400, 700) * (again + 1))
                self.stage(complaint, procedure, stage, later, reopened="yes")
            requested = self.after(row["responded_date"] or requested, 120)

    def stage(
        self, complaint: Row, procedure: str, number: int, requested: date, reopened: str | None = None
    ) -> Row:
        """One stage: open, answered, withdrawn, or several of these in a strange order."""
        responded = self.maybe(0.7, lambda: self.after(requested))
        closed = how = None
        roll = self.random.random()
        if responded and roll < 0.45:
            closed = self.pick(responded, self.after(responded, 40), self.after(responded, 400))
            how = self.pick("responded", "responded", "escalated", "withdrawn", "mediated", None)
        elif not responded and roll < 0.5:
            closed = self.after(requested)
            how = self.pick("withdrawn", "withdrawn", "escalated", "mediated", "refused", None)
        elif roll < 0.55:
            how = self.pick("withdrawn", "escalated", "responded")
        if closed is not None and how is None:
            # What an unexplained closing on the very day of a withdrawal or a refusal means is not a counting rule.
            while closed in (complaint["withdrawn_date"], complaint["refused_date"]):
                closed += timedelta(1)
        if requested in (complaint["withdrawn_date"], complaint["refused_date"]) and closed is not None:
            how = how or "responded"
        return self.add(
            "stage",
            stage_id=f"S{len(self.tables['stage']):05d}",
            complaint_id=complaint["complaint_id"],
            procedure=procedure,
            stage=number,
            requested_date=requested,
            request_decision=self.maybe(0.3, self.pick("accepted", "refused")),
            statement_agreed_date=self.maybe(0.4, lambda: requested + timedelta(self.random.randint(0, 40))),
            investigator_appointed_date=self.maybe(
                0.4, lambda: requested + timedelta(self.random.randint(0, 30))
            ),
            extension_agreed=self.maybe(0.5, self.pick("yes", "no")),
            **self.panel(number, requested, responded),
            responded_date=responded,
            closed_date=closed,
            closed_how=how,
            outcome=self.maybe(
                0.8 if responded else 0.1,
                self.pick("upheld", "partially_upheld", "not_upheld", "inconclusive", "no_finding"),
            ),
            service=self.maybe(0.8, self.service),
            paused_days=self.maybe(0.1, self.random.randint(1, 30)),
            response_in_target=self.maybe(0.3, self.pick("yes", "no")),
            reopened=reopened,
        )

    def panel(self, number: int, requested: date, responded: date | None) -> dict[str, date | None]:
        """The panel's dates of a stage 3: in time, late, out of order or not recorded; without a draw of their own."""
        turn = len(self.tables["stage"]) + requested.day
        if number != 3 or turn % 5 == 0:
            return {"panel_date": None, "findings_date": None}
        panel = requested + timedelta(turn % 60 - 3)
        findings = (responded or panel + timedelta(14)) - timedelta(turn % 35)
        return {"panel_date": panel, "findings_date": None if turn % 7 == 0 else findings}

    def issue(self, complaint: Row, key: str) -> None:
        """A point of complaint, answered at none, one or several stages."""
        raised = self.pick(complaint["received_date"], self.after(complaint["received_date"], 200))
        category = self.pick("Conduct", "Delay; long", "Service")
        self.add(
            "issue",
            issue_id=key,
            complaint_id=complaint["complaint_id"],
            raised_date=raised,
            service=self.service(),
            category=category,
            sub_category=self.maybe(0.5, self.pick("Rude", "Late", "None given")),
            procedure=self.maybe(0.1, self.pick("statutory", "corporate", "informal")),
        )
        decided = raised
        for stage in (1, 2, 3):
            if self.random.random() < (0.7, 0.25, 0.1)[stage - 1]:
                decided = self.after(decided, 150)
                words = ("upheld", "partially_upheld", "not_upheld", "inconclusive", "withdrawn")
                words += ("direct_to_next_stage",) if stage < 3 else ()
                self.add(
                    "issue_outcome",
                    issue_id=key,
                    stage=stage,
                    outcome=self.pick(*words),
                    decided_date=decided,
                )

    def remedy(self, key: str, complaint_id: str | None = None, ombudsman_id: str | None = None) -> None:
        """A remedy, agreed on a day or on none."""
        self.add(
            "remedy",
            remedy_id=key,
            complaint_id=complaint_id,
            ombudsman_id=ombudsman_id,
            agreed_date=self.maybe(0.85, self.day),
            kind=self.pick("payment", "apology"),
            amount_gbp=self.maybe(0.5, self.random.randint(0, 2000) / 4),
        )

    def learning(self, key: str, complaint_id: str | None = None) -> None:
        """A form sent to a service, returned later or never."""
        sent = self.maybe(0.93, self.day)
        returned = self.maybe(0.6, lambda: self.after(sent, 400)) if sent else None
        self.add(
            "learning",
            learning_id=key,
            complaint_id=complaint_id,
            service=self.service(),
            sent_date=sent,
            returned_date=returned,
            category=self.maybe(0.8, self.pick("Training", "Records")),
            action_status=self.maybe(0.5, self.pick("proposed", "implemented")),
        )

    def action(self, key: str) -> None:
        """An action of the register, whose complaint need not be known; dated, or carried over from a year."""
        agreed = self.maybe(0.85, self.day)
        status = self.pick("done", "done", "under_way", "under_way", "not_done")
        self.add(
            "action",
            action_id=key,
            complaint_id=self.maybe(0.5, lambda: self.pick("C0", "C1", "elsewhere")),
            service=self.maybe(0.9, self.service),
            category=self.maybe(0.5, lambda: self.pick("Training", "Letters")),
            agreed_date=agreed,
            carried_from_year=self.pick("2021-22", "2022-23") if agreed is None else None,
            due_date=self.maybe(0.8, lambda: self.after(agreed or self.day(), 300)),
            status=status,
            done_date=self.maybe(0.8, lambda: self.after(agreed or self.day(), 400))
            if status != "under_way"
            else None,
        )

    def other_tables(self) -> None:
        """What does not hang on a complaint."""
        for number in range(self.random.randint(10, 30)):
            key, received = f"O{number}", self.day()
            self.add(
                "ombudsman",
                ombudsman_id=key,
                complaint_id=self.maybe(0.5, lambda: self.pick(*self.tables["complaint"])["complaint_id"]),
                received_date=received,
                decided_date=self.maybe(0.7, self.after(received, 300)),
                decision=self.maybe(
                    0.9, self.pick("declined", "premature", "upheld", "upheld", "not_upheld")
                ),
            )
            for service in self.random.sample(self.leaves, self.pick(0, 1, 1, 2, 3)):
                self.add("ombudsman_service", ombudsman_id=key, service=service)
            for index in range(self.pick(0, 0, 1, 2)):
                self.remedy(f"RO{number}-{index}", ombudsman_id=key)
        for number in range(self.random.randint(20, 60)):
            self.add(
                "compliment",
                compliment_id=f"T{number}",
                received_date=self.day(),
                service=self.service(),
                source=self.pick("professional", "parent_or_carer"),
                origin=self.maybe(0.5, self.pick("internal", "external")),
                route=self.maybe(0.4, self.pick("ordinary", "director_session")),
            )
            for category in self.random.sample(("Support", "Listening", "Speed"), self.pick(0, 1, 2)):
                self.add("compliment_category", compliment_id=f"T{number}", category=category)
        for number in range(self.random.randint(20, 60)):
            self.add(
                "contact",
                contact_id=f"D{number}",
                received_date=self.day(),
                kind=self.pick("duty", "mp_enquiry", "comment"),
                service=self.maybe(0.7, self.service),
                category=self.maybe(0.5, self.pick("Delay", "Money")),
                outcome=self.maybe(0.6, self.pick("resolved", "refused", "pending", "became_complaint")),
                refusal_reason=self.maybe(0.1, "Not ours"),
            )
        for number in range(12):
            self.learning(f"LX{number}")
        for number in range(40):
            self.action(f"A{number}")
        # Earlier years as the council gives them, for years that its cases cover too, where they must give way.
        for first in range(2019, 2023):
            for breakdown in ("", "service=care", "procedure=statutory", "service=learning"):
                self.add(
                    "prior_figure",
                    reporting_year=f"{first}-{first - 1999}",
                    figure="new_complaints",
                    breakdown=self.pick("", None) if breakdown == "" else breakdown,
                    value=float(self.random.randint(0, 60)),
                    unit="count",
                    source="an earlier report",
                )

    # Batches

    def extracts(self, reports: dict[str, date]) -> list[Extract]:
        """What was sent: an early batch, a correction of some files, a rejected file, one that came too late."""
        first_as_at, last_as_at = min(reports.values()), max(reports.values())
        early = datetime.combine(first_as_at - timedelta(40), datetime.min.time()).replace(hour=9)
        last = datetime.combine(last_as_at, datetime.min.time()).replace(hour=17)
        found: list[Extract] = []
        for table, rows in self.tables.items():
            scoped = table in ("stage", "compliment") and self.seed % 2 == 0
            for scope, part in self.scopes(rows) if scoped else [("", rows)]:
                corrected = self.random.random() < 0.5
                found.append(Extract(table, self.spoilt(table, part) if corrected else part, early, scope))
                if corrected:
                    found.append(Extract(table, part, last, scope))
                if self.random.random() < 0.3:
                    spoilt = self.spoilt(table, part)
                    found.append(Extract(table, spoilt, last - timedelta(hours=1), scope, status="rejected"))
                if self.random.random() < 0.3:
                    found.append(Extract(table, self.spoilt(table, part), last + timedelta(1), scope))
        return found

    def scopes(self, rows: list[Row]) -> list[tuple[str, list[Row]]]:
        """The rows in two files of one source, each with its scope."""
        return [("2023", rows[::2]), ("2024", rows[1::2])]

    def spoilt(self, table: str, rows: list[Row]) -> list[Row]:
        """The rows as they were before the correction: some missing, some dated and worded otherwise."""
        begins = {"complaint": "received_date", "stage": "responded_date", "issue": "raised_date"}
        kept = []
        for row in rows:
            roll = self.random.random()
            if roll < 0.08:
                continue
            row = dict(row)
            column = begins.get(table)
            if roll < 0.3 and column and row[column]:
                row[column] += timedelta(self.random.randint(-60, 60))
            if roll > 0.9 and table == "complaint":
                row["procedure"] = self.pick("statutory", "corporate", "informal")
            kept.append(row)
        return kept


COLUMNS: dict[str, list[str]] = {
    "complaint": [
        *(
            "complaint_id",
            "received_date",
            "acknowledged_date",
            "accepted_date",
            "procedure",
            "channel",
            "theme",
        ),
        *(
            "complainant_role",
            "behalf",
            "advocate_kind",
            "complainant_id",
            "sex",
            "age_at_receipt",
            "ethnicity",
        ),
        *(
            "disability",
            "child_looked_after",
            "withdrawn_date",
            "refused_date",
            "refusal_reason",
            "closed_date",
        ),
        "accepted_out_of_time",
    ],
    "complaint_child": ["complaint_id", "child_id", "ethnicity", "child_looked_after"],
    "complaint_service": ["complaint_id", "service", "procedure"],
    "complaint_theme": ["complaint_id", "theme", "outcome"],
    "stage": [
        *("stage_id", "complaint_id", "procedure", "stage", "requested_date", "request_decision"),
        *("statement_agreed_date", "investigator_appointed_date", "extension_agreed", "responded_date"),
        *("panel_date", "findings_date"),
        *("closed_date", "closed_how", "outcome", "service", "paused_days", "response_in_target", "reopened"),
    ],
    "issue": [
        *("issue_id", "complaint_id", "raised_date", "service", "category", "sub_category", "procedure"),
    ],
    "issue_outcome": ["issue_id", "stage", "outcome", "decided_date"],
    "mediation": ["mediation_id", "complaint_id", "offered_date", "accepted", "result"],
    "remedy": ["remedy_id", "complaint_id", "ombudsman_id", "agreed_date", "kind", "amount_gbp"],
    "learning": [
        *("learning_id", "complaint_id", "ombudsman_id", "service", "sent_date", "returned_date", "category"),
        *("action_status", "implemented_date"),
    ],
    "action": [
        *("action_id", "complaint_id", "service", "category", "agreed_date", "carried_from_year", "due_date"),
        *("status", "done_date"),
    ],
    "compliment": ["compliment_id", "received_date", "service", "source", "origin", "route"],
    "compliment_category": ["compliment_id", "category"],
    "ombudsman": ["ombudsman_id", "complaint_id", "received_date", "decided_date", "decision"],
    "ombudsman_service": ["ombudsman_id", "service"],
    "contact": ["contact_id", "received_date", "kind", "service", "category", "outcome", "refusal_reason"],
    "prior_figure": ["reporting_year", "figure", "breakdown", "value", "unit", "source"],
    "satisfaction": ["satisfaction_id", "complaint_id", "answered_date", "question", "answer"],
}


def services(seed: int) -> list[Row]:
    """A tree of services with a rename in it; seed 4 declares none, and those of odd seeds have moves on days of the year."""
    if seed == 4:
        return []
    tree = [
        ("kids", "directorate", None, None, None, None),
        ("care", "service_area", "kids", None, None, None),
        ("learning", "service_area", "kids", None, None, None),
        ("health", "service_area", None, None, None, None),
        ("Old Team", "team", "care", None, date(2023, 9, 30), "New Team"),
        ("New Team", "team", "care", date(2023, 10, 1), None, None),
        ("Court; team", "team", "care", None, None, None),
        ("Plans", "team", "learning", None, None, None),
    ]
    if seed % 2:
        chance = random.Random(seed)
        first, second = sorted(date(2023, 4, 1) + timedelta(chance.randrange(1, 280)) for _ in range(2))
        second += timedelta(1)
        moved = {
            # a team that moves and comes back, an area that moves, and one that gets something above it
            "Plans": [("learning", None, first), ("care", first, second), ("learning", second, None)],
            "care": [("kids", None, second), ("people", second, None)],
            "health": [(None, None, first), ("people", first, None)],
        }
        tree = [row for row in tree if row[0] not in moved]
        tree.append(("people", "directorate", None, first, None, None))
        for service, places in moved.items():
            level = "team" if service == "Plans" else "service_area"
            for parent, start, end in places:
                tree.append((service, level, parent, start, end and end - timedelta(1), None))
    columns = ("service", "level", "parent_service", "valid_from", "valid_to", "successor_service")
    return [dict(zip(columns, row, strict=True)) for row in tree]


def timescales(seed: int) -> list[Row]:
    """Corporate limits that change by date, and rules of every kind; seeds 4 and 8 have no corporate limit."""
    day = "responded_date"
    start = {1: "requested", 2: "accepted", 3: "requested", 5: "investigator_appointed"}.get(seed, "accepted")
    end = "closed_date" if seed == 3 else day
    count = "count_start_day" if seed in (2, 5) else "exclude_start_day"
    change = date(2023, 7, 1)
    rows = [
        ("corporate", 1, 10, 20, start, end, count, None, change - timedelta(1)),
        ("corporate", 1, 20, 30, start, day, count, change, None),
        ("corporate", 2, 20, None, "accepted", day, "exclude_start_day", date(2020, 1, 1), None),
    ]
    if seed in (4, 8):
        rows = []
    if seed in (1, 6, 8):
        rows.append(
            ("statutory", 2, 25, 65, "statement_agreed", day, "exclude_start_day", date(2010, 4, 1), None)
        )
    if seed == 7:
        rows.append(("statutory", 1, 10, 20, "requested", "closed_date", "count_start_day", None, None))
        rows.append(("informal", 1, 5, None, "requested", day, "exclude_start_day", None, None))
    columns = (
        *("procedure", "stage", "standard_working_days", "extended_working_days", "clock_start", "clock_end"),
        *("day_count", "valid_from", "valid_to"),
    )
    return [dict(zip(columns, row, strict=True)) for row in rows]


def bands() -> list[Row]:
    """Bands that overlap."""
    spans = [("0-10", 0, 10), ("11-20", 11, 20), ("0-20", 0, 20), ("21+", 21, None)]
    return [
        {"procedure": procedure, "stage": stage, "band": band, "from_days": low, "to_days": high}
        for procedure, stage in (("statutory", 1), ("statutory", 2), ("corporate", 1))
        for band, low, high in spans
    ]


def groupings() -> list[Row]:
    """Named regroupings of attributes, one of them incomplete."""
    rows = [
        ("complainant_role", "parent", "complainant_type", "adult"),
        ("complainant_role", "carer", "complainant_type", "adult"),
        ("complainant_role", "advocate", "complainant_type", "on behalf"),
        ("complainant_role", "child_or_young_person", "complainant_type", "child"),
        ("ethnicity", "White", "white_or_not", "White"),
        ("ethnicity", "Asian", "white_or_not", "other"),
    ]
    return [dict(zip(("attribute", "value", "grouping", "group_value"), row, strict=True)) for row in rows]


def authority(
    seed: int, complaints: Callable[[random.Random], int] = lambda r: r.randint(40, 150)
) -> Authority:
    """The authority of a seed (one of `PLAN`)."""
    reports, case_data_from = PLAN[seed]
    maker = Maker(seed)
    for number in range(complaints(maker.random)):
        maker.complaint(number)
    maker.other_tables()
    settings = {}
    if seed % 3 == 0:
        settings = {"outcome_share_withdrawn": "including", "outcome_share_direct": "excluding"}
    return Authority(
        slug=f"random-{seed}",
        case_data_from=case_data_from,
        reports=reports,
        services=maker.services,
        timescales=timescales(seed),
        bands=bands(),
        groupings=groupings(),
        settings=settings,
        extracts=maker.extracts(reports),
    )
