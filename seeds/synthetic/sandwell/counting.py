"""Counts the generated cases back and sets them beside the report's margins.

Only the rows of the contract are read, never the plan that made them, and the counting is written anew.
"""

from __future__ import annotations

from collections import Counter
from datetime import date

from seeds.synthetic.cases import Cases
from seeds.synthetic.working_days import WorkingDays

UPHELD = ("upheld", "partially_upheld")
YOUNG = ("child_or_young_person", "advocate")


def compare_margins(margins: dict, cases: Cases) -> list[tuple[str, int, int]]:
    """(name, wanted, counted) for every margin."""
    return _Counting(margins, cases).compare()


class _Counting:
    def __init__(self, margins: dict, cases: Cases) -> None:
        self.margins, self.cases = margins, cases
        self.start, self.end = margins["year"]["start"], margins["year"]["end"]
        self.days = WorkingDays(2021, 2023)
        self.found: list[tuple[str, int, int]] = []
        self.new = {
            row["complaint_id"]: row
            for row in cases.rows("complaint")
            if self.start <= row["received_date"] <= self.end
        }
        stages = {(row["complaint_id"], row["stage"]): row for row in cases.rows("stage")}
        self.first = {ref: stages[ref, 1] for ref in self.new}
        self.second = [row for (_, stage), row in stages.items() if stage == 2]

    def say(self, name: str, wanted: int, counted: int) -> None:
        self.found.append((name, wanted, counted))

    def match(self, name: str, wanted: dict, counted: Counter) -> None:
        for label in {**wanted, **counted}:
            self.say(f"{name}: {label}", wanted.get(label, 0), counted[label])

    def compare(self) -> list[tuple[str, int, int]]:
        """Every margin."""
        self.received()
        self.answers()
        self.young()
        self.people()
        self.stage_2()
        self.rest()
        return self.found

    def received(self) -> None:
        margins = self.margins
        self.say("received", margins["received"], len(self.new))
        self.say(
            "corporate", margins["corporate"], sum(r["procedure"] == "corporate" for r in self.new.values())
        )
        received = Counter(row["theme"] for row in self.new.values())
        upheld = Counter(
            self.new[ref]["theme"] for ref, row in self.first.items() if row["outcome"] in UPHELD
        )
        for theme, numbers in margins["themes"].items():
            self.say(f"{theme}: received", numbers["received"], received[theme])
            if "upheld" in numbers:
                self.say(f"{theme}: upheld or partly", numbers["upheld"], upheld[theme])
        named = {theme for theme, numbers in margins["themes"].items() if "upheld" in numbers}
        self.say("the five themes most upheld", 5, len(named & {t for t, _ in upheld.most_common(5)}))
        self.say("upheld or partly", margins["upheld_or_partly"], upheld.total())
        teams = Counter(
            row["service"] for row in self.cases.rows("complaint_service") if row["complaint_id"] in self.new
        )
        self.match("team", {team: n["received"] for team, n in margins["services"].items()}, teams)
        held = {r["service"]: r["value"] for r in self.cases.select("activity", measure="open_cases")}
        for team, percent in (("Peri/Adoption", 25), ("West Brom and Wednesbury", 10)):
            self.say(f"{team}: complaints for 100 held", percent, round(100 * teams[team] / held[team]))

    def answers(self) -> None:
        counted: Counter = Counter()
        for ref, row in self.first.items():
            taken = self.days.between(self.new[ref]["received_date"], row["responded_date"])
            limit = 20 if row["extension_agreed"] == "yes" else 10
            quarter = f"Q{(row['responded_date'].month - 4) % 12 // 3 + 1}"
            counted["met" if taken <= limit else "missed", quarter] += 1
            counted["outside the year", ""] += not self.start <= row["responded_date"] <= self.end
        for word in ("met", "missed"):
            for quarter, number in self.margins[word].items():
                self.say(f"{word}: {quarter}", number, counted[word, quarter])
        self.say("answers outside the year", 0, counted["outside the year", ""])

    def young(self) -> None:
        margins = self.margins["young"]
        young = {ref: row for ref, row in self.new.items() if row["complainant_role"] in YOUNG}
        self.match("young people", margins["outcomes"], Counter(self.first[ref]["outcome"] for ref in young))
        external = sum(row["advocate_kind"] == "professional" for row in young.values())
        self.say("young people: external advocate", margins["external_advocate"], external)
        for group in margins["themes"]:
            number = sum(row["theme"] in group["themes"] for row in young.values())
            self.say(f"young people: {' and '.join(group['themes'])}", group["number"], number)
        answers = {row["complaint_id"] for row in self.cases.select("satisfaction", answer="yes")}
        self.say("young people: satisfaction confirmed", margins["confirmed"], len(answers & young.keys()))

    def people(self) -> None:
        made = Counter(row["complainant_id"] for row in self.new.values())
        self.match("people who made", self.margins["repeat"], Counter(n for n in made.values() if n > 1))
        children = {
            row["child_id"]: row["ethnicity"]
            for row in self.cases.rows("complaint_child")
            if row["complaint_id"] in self.new
        }
        self.match("children", self.margins["children"], Counter(children.values()))
        entered = {
            row["breakdown"].removeprefix("ethnicity="): row["value"]
            for row in self.cases.select("activity", measure="cin_return")
            if row.get("breakdown")
        }
        self.match("children in need", self.margins["cin_return"], Counter(entered))

    def stage_2(self) -> None:
        statutory = sorted(
            (row for row in self.second if row["procedure"] == "statutory"),
            key=lambda row: (row["requested_date"], row["statement_agreed_date"]),
        )
        self.say("stage 2, statutory", len(self.margins["stage_2"]), len(statutory))
        self.say("stage 2, corporate", self.margins["corporate_stage_2"], len(self.second) - len(statutory))
        pairs = zip(self.margins["stage_2"], statutory, strict=False)
        for letter, (row, stage) in zip("ABCDEFG", pairs, strict=True):
            wanted = [row[key] for key in ("service", "asked", "signed", "adjudicated", "closed")]
            columns = ("service", "requested_date", "statement_agreed_date", "responded_date", "closed_date")
            self.say(f"stage 2, case {letter}: as printed", 1, wanted == [stage[c] for c in columns])
            taken = self.days.between(stage["statement_agreed_date"], stage["closed_date"])
            self.say(f"stage 2, case {letter}: working days", row["days"], taken)
        odd = sum(
            row["requested_date"] <= self.first[row["complaint_id"]]["responded_date"]
            for row in self.second
            if row["complaint_id"] in self.first
        )
        self.say("stage 2 asked for before the reply", 0, odd)

    def rest(self) -> None:
        margins, rows = self.margins, self.cases.rows
        self.match("mediation", margins["mediation"], Counter(row["result"] for row in rows("mediation")))
        going = {row["complaint_id"] for row in self.second}
        wrong = sum(
            (row["complaint_id"] in going) != (row["result"] == "progressed") for row in rows("mediation")
        )
        self.say("mediation without its stage 2", 0, wrong)
        wanted = Counter((row["received"], row["decision"]) for row in margins["ombudsman"])
        counted = Counter((row["received_date"], row["decision"]) for row in rows("ombudsman"))
        self.match("ombudsman", wanted, counted)
        self.say("ombudsman, pounds", 180, sum(row["amount_gbp"] for row in rows("remedy")))
        self.match(
            "informal feedback", margins["informal"], Counter(row["category"] for row in rows("contact"))
        )
        for origin, sources in margins["compliments"].items():
            counted = Counter(row["source"] for row in rows("compliment") if row["origin"] == origin)
            self.match(f"compliments, {origin}", sources, counted)
        self.say("compliments", 359, len(rows("compliment")))
        dated = [row for name in ("contact", "compliment", "mediation") for row in rows(name)]
        days = [row.get("received_date") or row.get("offered_date") for row in dated]
        self.say("dates outside the year", 0, sum(not self._in_year(day) for day in days))

    def _in_year(self, day: date) -> bool:
        return self.start <= day <= self.end
