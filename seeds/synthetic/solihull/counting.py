"""Counts the generated cases back and sets them beside the report's margins.

Only the rows of the contract are read, never the plan that made them, and the counting is written anew.
"""

from __future__ import annotations

from collections import Counter
from datetime import date

from seeds.synthetic.cases import Cases
from seeds.synthetic.working_days import WorkingDays

OTHER = (
    "Educational Psychology",
    "EHE Inclusion Team",
    "School Admissions",
    "School Appeals",
    "School Transport",
)


def compare_margins(margins: dict, cases: Cases) -> list[tuple[str, int, int]]:
    """(name, wanted, counted) for every margin, percentages included as whole numbers."""
    return _Counting(margins, cases).all()


class _Counting:
    def __init__(self, margins: dict, cases: Cases) -> None:
        self.m, self.cases = margins, cases
        self.start, self.end = margins["year"]["start"], margins["year"]["end"]
        self.csc = set(margins["teams"])
        self.days = WorkingDays(2022, 2024)
        self.complaints = {r["complaint_id"]: r for r in cases.rows("complaint")}
        self.issues = {r["issue_id"]: r for r in cases.rows("issue")}
        self.stages = cases.rows("stage")
        self.found: list[tuple[str, int, int]] = []

    def say(self, name: str, wanted: int, counted: int) -> None:
        self.found.append((name, wanted, counted))

    def in_year(self, day: date | None) -> bool:
        return day is not None and self.start <= day <= self.end

    def area(self, team: str) -> str:
        return "csc" if team in self.csc else "ehcp" if team == "EHCP Team" else "other_areas"

    def quarter(self, day: date) -> int:
        return (day.month - 4) % 12 // 3

    def all(self) -> list[tuple[str, int, int]]:
        self.dates()
        self.new()
        self.who()
        self.by_team()
        self.raised()
        self.flow()
        self.bands()
        self.outcomes()
        self.rest()
        return self.found

    def dates(self) -> None:
        after = sum(
            1
            for table, rows in self.cases.tables.items()
            for row in rows
            for column, value in row.items()
            if isinstance(value, date) and value > self.end and table != "activity"
        )
        self.say("dates after the year", 0, after)
        odd = 0
        for s in self.stages:
            order = [s.get(c) for c in ("requested_date", "responded_date", "closed_date")]
            order = [d for d in order if d]
            odd += order != sorted(order)
            received = self.complaints[s["complaint_id"]]["received_date"]
            odd += s["requested_date"] < received
        self.say("stages whose dates are out of order", 0, odd)
        renamed = self.m["renamed"]
        wrong = 0
        for table, column in (
            ("complaint_service", None),
            ("compliment", "received_date"),
            ("contact", "received_date"),
            ("learning", "sent_date"),
        ):
            for row in self.cases.rows(table):
                day = row[column] if column else self.complaints[row["complaint_id"]]["received_date"]
                wrong += row["service"] in renamed and day >= self.m["rename_day"]
                wrong += row["service"] in renamed.values() and day < self.m["rename_day"]
        self.say("rows under a team name not in use on the day", 0, wrong)

    def new(self) -> None:
        self.received = [c for c in self.complaints.values() if self.in_year(c["received_date"])]
        ids = {c["complaint_id"] for c in self.received}
        self.new_ids = ids
        services = self.cases.rows("complaint_service")
        by_area = {
            a: {r["complaint_id"] for r in services if self.area(r["service"]) == a} & ids
            for a in ("csc", "ehcp", "other_areas")
        }
        wanted = self.m["new_complaints"]
        self.say("new complaints", wanted["total"], len(self.received))
        for area, members in by_area.items():
            self.say(f"new complaints, {area}", wanted[area], len(members))
        self.say("new complaints in two areas", 2, sum(map(len, by_area.values())) - len(ids))
        for place, number in enumerate(self.m["csc_quarters"]):
            got = sum(self.quarter(self.complaints[i]["received_date"]) == place for i in by_area["csc"])
            self.say(f"new complaints, csc, Q{place + 1}", number, got)
        for place, number in enumerate(self.m["ehcp_quarters"]):
            got = sum(self.quarter(self.complaints[i]["received_date"]) == place for i in by_area["ehcp"])
            self.say(f"new complaints, ehcp, Q{place + 1}", number, got)
        for procedure, fates in self.m["csc_fates"].items():
            got = sum(self.complaints[i]["procedure"] == procedure for i in by_area["csc"])
            self.say(f"new complaints, csc, {procedure}", sum(fates.values()), got)

    def who(self) -> None:
        channels = Counter(c["channel"] for c in self.received)
        sexes = Counter(c["sex"] for c in self.received)
        kind = {
            "advocate": "advocate",
            "child_or_young_person": "service_user",
            "service_user_other": "service_user",
        }
        kinds = Counter(kind.get(c["complainant_role"], "adult") for c in self.received)
        theirs = [c for c in self.received if c["child_looked_after"] == "yes"]
        their_kinds = Counter(kind.get(c["complainant_role"], "adult") for c in theirs)
        for word, number in self.m["channel"].items():
            self.say(f"channel {word}", number, channels[word])
        for word, number in self.m["sex"].items():
            self.say(f"sex {word}", number, sexes[word])
        for word, number in self.m["complainants"].items():
            self.say(f"complainants {word}", number, kinds[word])
        rules = self.m["looked_after"]
        self.say("looked after, complaints", rules["complaints"], len(theirs))
        self.say(
            "looked after, statutory complaints",
            rules["complaints"],
            sum(c["procedure"] == "statutory" for c in theirs),
        )
        for word, number in rules["complainants"].items():
            self.say(f"looked after, complainants {word}", number, their_kinds[word])
        ids = {c["complaint_id"] for c in theirs}
        children = {r["child_id"] for r in self.cases.rows("complaint_child") if r["complaint_id"] in ids}
        self.say("looked after, children", rules["children"], len(children))
        teams = {r["service"] for r in self.cases.rows("complaint_service") if r["complaint_id"] in ids}
        self.say("looked after, teams", 6, len(teams))
        outcome = {r["issue_id"]: r["outcome"] for r in self.cases.rows("issue_outcome") if r["stage"] == 1}
        mine = [i for i in self.issues.values() if i["complaint_id"] in ids]
        fates = Counter(outcome.get(i["issue_id"], "open") for i in mine)
        for word, number in rules["issues"].items():
            self.say(f"looked after, points {word}", number, fates[word])
        top = Counter(i["category"] for i in mine).most_common(1)[0][0]
        self.say("looked after, main category as printed", 1, int(top == rules["main_category"]))

    def by_team(self) -> None:
        services = [r for r in self.cases.rows("complaint_service") if r["complaint_id"] in self.new_ids]
        issues = Counter(i["service"] for i in self.issues.values() if self.in_year(i["raised_date"]))
        for team, row in self.m["teams"].items():
            self.say(f"points raised, {team}", row["issues"], issues[team])
            for procedure in ("statutory", "corporate"):
                got = {
                    r["complaint_id"]
                    for r in services
                    if r["service"] == team and r["procedure"] == procedure
                }
                self.say(f"new complaints, {procedure}, {team}", row[procedure], len(got))
        for team, numbers in self.m["team_quarters"].items():
            for place, number in enumerate(numbers):
                got = {
                    r["complaint_id"]
                    for r in services
                    if r["service"] == team
                    and self.quarter(self.complaints[r["complaint_id"]]["received_date"]) == place
                }
                self.say(f"new complaints, {team}, Q{place + 1}", number, len(got))

    def raised(self) -> None:
        counts: Counter = Counter()
        for i in self.issues.values():
            if self.in_year(i["raised_date"]):
                key = (
                    self.area(i["service"]),
                    i["category"],
                    i["sub_category"],
                    self.quarter(i["raised_date"]),
                )
                counts[key] += 1
        for area, content in self.m["issues"].items():
            total = 0
            for category, rows in content.items():
                for sub, numbers in (rows if isinstance(rows, dict) else {None: rows}).items():
                    for place, number in enumerate(numbers):
                        total += number
                        label = f"points raised, {area}, {category}{', ' + sub if sub else ''}, Q{place + 1}"
                        self.say(label, number, counts[area, category, sub, place])
            got = sum(n for (a, *_), n in counts.items() if a == area)
            self.say(f"points raised, {area}", total, got)

    def flow(self) -> None:
        def rows(area: str, procedure: str, stage: int) -> list[dict]:
            return [
                s
                for s in self.stages
                if self.area(s["service"]) == area and s["procedure"] == procedure and s["stage"] == stage
            ]

        def closed(s: dict) -> date | None:
            return s.get("closed_date") or s.get("responded_date")

        wanted = {
            ("csc", "statutory", 1): (4, 55, 47, 1, 1, 10),
            ("csc", "statutory", 2): (1, 6, 5, 0, 0, 2),
            ("csc", "statutory", 3): (0, 3, 3, 0, 0, 0),
            ("csc", "corporate", 1): (10, 36, 40, 1, 2, 3),
            ("csc", "corporate", 2): (2, 5, 7, 0, 0, 0),
            ("ehcp", "corporate", 1): (4, 31, 34, 0, 0, 1),
            ("ehcp", "corporate", 2): (5, 10, 12, 0, 0, 3),
            ("other_areas", "corporate", 1): (0, 15, 13, 0, 0, 2),
        }
        for key, numbers in wanted.items():
            mine = rows(*key)
            before = [
                s
                for s in mine
                if s["requested_date"] < self.start and not (closed(s) and closed(s) < self.start)
            ]
            entered = [s for s in mine if self.in_year(s["requested_date"])]
            ended = [s for s in mine if self.in_year(closed(s))]
            how = Counter(s["closed_how"] for s in ended)
            open_at_end = [s for s in mine if s["requested_date"] <= self.end and not closed(s)]
            label = f"{key[0]}, {key[1]}, stage {key[2]}"
            got = (
                len(before),
                len(entered),
                how["responded"],
                how["withdrawn"],
                how["escalated"],
                len(open_at_end),
            )
            names = (
                "brought forward",
                "entered",
                "answered",
                "withdrawn",
                "escalated unanswered",
                "carried forward",
            )
            for name, number, count in zip(names, numbers, got, strict=True):
                self.say(f"{label}: {name}", number, count)
            self.say(f"{label}: flow balances", 0, len(before) + len(entered) - len(ended) - len(open_at_end))
        self.say("reopened rows", 3, sum(s.get("reopened") == "yes" for s in self.stages))
        new_to_two = {
            s["complaint_id"] for s in self.stages if s["stage"] == 2 and s["complaint_id"] in self.new_ids
        }
        by = Counter((self.complaints[i]["_area"], self.complaints[i]["procedure"]) for i in new_to_two)
        self.say("new statutory csc complaints that reached stage 2", 3, by["csc", "statutory"])
        self.say("new corporate csc complaints that reached stage 2", 4, by["csc", "corporate"])
        self.say("new EHCP complaints that reached stage 2", 10, by["ehcp", "corporate"])
        open_csc = {
            s["complaint_id"] for s in self.stages if self.area(s["service"]) == "csc" and not closed(s)
        }
        self.say("csc complaints carried forward", 15, len(open_csc))
        for team, words in self.m["other_areas"].items():
            mine = [s for s in self.stages if s["service"] == team]
            got = Counter(s.get("outcome") or "open" for s in mine)
            for word, number in words.items():
                self.say(f"{team}: {word}", number, got[word])

    def bands(self) -> None:
        sets = {
            ("csc", "statutory", 1): self.m["csc_bands"]["statutory_1"],
            ("csc", "corporate", 1): self.m["csc_bands"]["corporate_1"],
            ("csc", "corporate", 2): self.m["csc_bands"]["corporate_2"],
            ("ehcp", "corporate", 1): self.m["ehcp"]["bands_1"],
            ("ehcp", "corporate", 2): {"0-20": self.m["ehcp"]["responses_2"]},
        }
        for (area, procedure, stage), bands in sets.items():
            times = []
            for s in self.stages:
                mine = (self.area(s["service"]), s["procedure"], s["stage"]) == (area, procedure, stage)
                if not mine or not self.in_year(s.get("responded_date")):
                    continue
                complaint = self.complaints[s["complaint_id"]]
                clock = complaint["received_date"] if stage == 1 else s["requested_date"]
                if procedure == "corporate" and stage == 1:
                    clock = complaint["accepted_date"]
                times.append(self.days.between(clock, s["responded_date"]))
            for band, number in bands.items():
                low, _, high = band.partition("-")
                low = int(low.rstrip("+"))
                got = sum(low <= t <= (int(high) if high else 10_000) for t in times)
                self.say(f"{area}, {procedure}, stage {stage}: {band} working days", number, got)
            self.say(f"{area}, {procedure}, stage {stage}: answers", sum(bands.values()), len(times))

    def outcomes(self) -> None:
        decided = [r for r in self.cases.rows("issue_outcome") if self.in_year(r["decided_date"])]

        def count(area: str, stage: int) -> Counter:
            return Counter(
                r["outcome"]
                for r in decided
                if r["stage"] == stage and self.area(self.issues[r["issue_id"]]["service"]) == area
            )

        got = count("csc", 1)
        for word, number in self.m["csc_issue_outcomes"].items():
            self.say(f"csc stage 1 outcomes, {word}", number, got[word])
        self.say("csc stage 1 outcomes, direct_to_next_stage", 8, got["direct_to_next_stage"])
        for category, percent in self.m["csc_upheld_or_partly"].items():
            mine = Counter(
                r["outcome"]
                for r in decided
                if r["stage"] == 1
                and r["outcome"] != "direct_to_next_stage"
                and self.issues[r["issue_id"]]["category"] == category
                and self.area(self.issues[r["issue_id"]]["service"]) == "csc"
            )
            share = int(100 * (mine["upheld"] + mine["partially_upheld"]) / mine.total() + 0.5)
            self.say(f"csc {category}, percent upheld or partly", percent, share)
        for stage, margin in ((1, "outcomes_1"), (2, "outcomes_2")):
            got = count("ehcp", stage)
            for word, number in self.m["ehcp"][margin].items():
                self.say(f"EHCP stage {stage} outcomes, {word}", number, got[word])
        bare = {s["complaint_id"] for s in self.stages if self.in_year(s["requested_date"])} - {
            i["complaint_id"] for i in self.issues.values()
        }
        other = {c["complaint_id"] for c in self.complaints.values() if c["_area"] == "other_areas"}
        self.say("complaints of social care and EHCP without a point", 0, len(bare - other))
        strays = 0
        teams = {(r["complaint_id"], r["service"]) for r in self.cases.rows("complaint_service")}
        for i in self.issues.values():
            strays += (i["complaint_id"], i["service"]) not in teams
        self.say("points whose team is none of the complaint's", 0, strays)

    def rest(self) -> None:
        services: dict[str, list[str]] = {}
        for row in self.cases.rows("ombudsman_service"):
            services.setdefault(row["ombudsman_id"], []).append(row["service"])
        paid = {r["ombudsman_id"]: r["amount_gbp"] for r in self.cases.rows("remedy") if r["amount_gbp"]}
        self.say(
            "ombudsman cases", 17, sum(self.in_year(r["received_date"]) for r in self.cases.rows("ombudsman"))
        )
        alias = {"Children with Disabilities Team": "Children's Disability Team"}
        wanted: Counter = Counter()
        for row in self.m["ombudsman"]:
            teams = tuple(sorted(alias.get(t.strip(), t.strip()) for t in row["teams"].split(";")))
            wanted[row["decision"], teams, row.get("payment")] += row["cases"]
        got = Counter(
            (r["decision"] or "open", tuple(sorted(services[r["ombudsman_id"]])), paid.get(r["ombudsman_id"]))
            for r in self.cases.rows("ombudsman")
        )
        for key, number in wanted.items():
            self.say(
                f"ombudsman {key[0]}, {' + '.join(key[1])}{f', {key[2]} pounds' if key[2] else ''}",
                number,
                got[key],
            )
        duty = Counter(
            self.area(r["service"])
            for r in self.cases.rows("contact")
            if r["kind"] == "duty" and r["outcome"] == "resolved" and self.in_year(r["received_date"])
        )
        self.say("duty cases", 198, sum(r["kind"] == "duty" for r in self.cases.rows("contact")))
        for area, number in self.m["duty"].items():
            self.say(f"duty cases, {area}", number, duty[area])
        for area, rules in self.m["learning"].items():
            mine = [
                r
                for r in self.cases.rows("learning")
                if (self.area(r["service"]) == "csc") == (area == "csc")
            ]
            before = [r for r in mine if r["sent_date"] < self.start]
            sent = [r for r in mine if self.in_year(r["sent_date"])]
            self.say(f"learning {area}, outstanding before", rules["outstanding_before"], len(before))
            self.say(
                f"learning {area}, of those returned",
                rules["outstanding_before"],
                sum(self.in_year(r["returned_date"]) for r in before),
            )
            self.say(f"learning {area}, sent", rules["sent"], len(sent))
            self.say(
                f"learning {area}, returned",
                rules["returned"],
                sum(self.in_year(r["returned_date"]) for r in sent),
            )
        counts = Counter(
            (r["_team"], r["source"]) for r in self.cases.rows("compliment") if r["route"] == "ordinary"
        )
        for team, row in self.m["compliments"].items():
            for source, number in row.items():
                self.say(f"compliments, {team}, {source}", number, counts[team, source])
        self.say("compliments, ordinary", 87, counts.total())
        self.say(
            "compliments, director's sessions",
            self.m["director_session_compliments"],
            sum(r["route"] == "director_session" for r in self.cases.rows("compliment")),
        )
        self.say(
            "equality issues raised",
            0,
            sum(
                r["answer"] != "no"
                for r in self.cases.rows("satisfaction")
                if r["question"] == "Were any equality issues raised?"
            ),
        )
