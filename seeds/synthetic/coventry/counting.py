"""Counts the generated cases back and sets them beside the report's margins.

Only the rows of the contract are read, never the plan that made them, and the counting is written anew.
"""

from __future__ import annotations

from collections import Counter
from datetime import date

from seeds.synthetic.cases import Cases
from seeds.synthetic.working_days import WorkingDays

BANDS = {"0-15": 16, "16-24": 25, "25-34": 35, "35-49": 50, "50-64": 65}


def compare_margins(margins: dict, cases: Cases) -> list[tuple[str, int, int]]:
    """(name, wanted, counted) for every margin."""
    found: list[tuple[str, int, int]] = []
    complaints = {row["complaint_id"]: row for row in cases.rows("complaint")}
    team = {row["complaint_id"]: row["service"] for row in cases.rows("complaint_service")}
    stages = {(row["complaint_id"], row["stage"]): row for row in cases.rows("stage")}
    statutory = [ref for ref, row in complaints.items() if row["procedure"] == "statutory"]
    highest = {ref: max(n for r, n in stages if r == ref) for ref in complaints if (ref, 1) in stages}
    start, end = margins["year"]["start"], margins["year"]["end"]
    days = WorkingDays(2020, 2022)

    def say(name: str, wanted: int, counted: int) -> None:
        found.append((name, wanted, counted))

    def compare(name: str, wanted: dict, counted: Counter) -> None:
        for label in {**wanted, **counted}:
            say(f"{name}: {label}", wanted.get(label, 0), counted[label])

    def status(ref: str) -> str:
        last = stages[ref, highest[ref]]
        if last.get("closed_date") is None:
            return "open"
        return "withdrawn" if last["closed_how"] == "withdrawn" else last["outcome"]

    def length(row: dict) -> int:
        return days.between(row["requested_date"], row["responded_date"])

    outside = sum(
        1
        for name, rows in cases.tables.items()
        for row in rows
        for column, value in row.items()
        if isinstance(value, date)
        and name != "activity"
        and column != "birth_date"
        and not start <= value <= end
    )
    say("dates outside the year", 0, outside)
    odd = 0
    for (ref, number), row in stages.items():
        order = [row.get(c) for c in ("requested_date", "panel_date", "findings_date", "responded_date")]
        order = [day for day in order if day]
        odd += order != sorted(order)
        if number > 1:
            odd += stages[ref, number - 1]["closed_date"] > row["requested_date"]
    say("stages out of order", 0, odd)

    compare("procedure", margins["procedure"], Counter(r["procedure"] for r in complaints.values()))
    compare("channel", margins["channel"], Counter(r["channel"] for r in complaints.values()))
    units = Counter(team[ref] for ref in statutory)
    for name, number in margins["teams"].items():
        parts = margins["parts"].get(name, {name: number})
        say(f"statutory, {name}", number, sum(units[part] for part in parts))
        compare(f"statutory, {name}", parts, Counter({p: units[p] for p in parts}))
    compare("status", margins["status"], Counter(status(ref) for ref in statutory))
    for name, wanted in margins["status_by_team"].items():
        compare(f"status, {name}", wanted, Counter(status(r) for r in statutory if team[r] == name))
    compare("highest stage", margins["highest_stage"], Counter(highest[ref] for ref in statutory))
    open_first = sum(status(ref) == "open" and highest[ref] == 1 for ref in statutory)
    say("open at stage 1", margins["open_at_stage_1"], open_first)

    answered = [stages[ref, 1] for ref in statutory if stages[ref, 1].get("responded_date")]
    for quarter, wanted in margins["stage_1_quarters"].items():
        first = 1 if quarter == "Q4" else 3 * int(quarter[1]) + 1
        mine = [length(r) for r in answered if first <= r["responded_date"].month <= first + 2]
        say(f"{quarter}: within 10", wanted["within"], sum(n <= 10 for n in mine))
        say(f"{quarter}: over 10", wanted["over"], sum(n > 10 for n in mine))
        say(f"{quarter}: days", wanted["days"], sum(mine))
    second = [row for (ref, n), row in stages.items() if n == 2 and row["procedure"] == "statutory"]
    lengths = sorted(length(row) for row in second if row.get("responded_date"))
    say("stage 2 asked for", 14, len(second))
    say(
        "stage 2 lengths differ",
        0,
        sum(a != b for a, b in zip(lengths, sorted(margins["stage_2_days"]), strict=True)),
    )
    third = [row for (_, n), row in stages.items() if n == 3]
    say("stage 3 days", margins["stage_3_days"], sum(length(row) for row in third))
    corporate = [ref for ref, row in complaints.items() if row["procedure"] == "corporate"]
    say("corporate stage 2", margins["corporate"]["stage_2"], sum(highest[ref] == 2 for ref in corporate))
    compare("corporate", margins["corporate"]["teams"], Counter(team[ref] for ref in corporate))
    compare("corporate outcome", margins["corporate"]["outcome"], Counter(status(ref) for ref in corporate))
    informal = [ref for ref, row in complaints.items() if row["procedure"] == "informal"]
    compare("informal", margins["informal"]["teams"], Counter(team[ref] for ref in informal))

    young = [r for r in complaints.values() if r["complainant_role"] == "child_or_young_person"]
    wanted = margins["children"]
    say("children and young people", wanted["total"], len(young))
    say("with an advocate", wanted["with_advocate"], sum(r["advocate_kind"] == "professional" for r in young))
    say("with an adult", wanted["joint"], sum(r["behalf"] == "joint" for r in complaints.values()))
    public = Counter(
        r["procedure"] for r in complaints.values() if r["complainant_role"] == "member_of_public"
    )
    compare("members of the public", margins["members_of_public"], public)
    for column in ("sex", "disability", "ethnicity"):
        compare(column, margins[column], Counter(r[column] or "" for r in complaints.values()))
    compare("age", margins["age"], Counter(_age(r) for r in complaints.values()))

    raised = Counter(r["category"] for r in cases.rows("issue") if r["complaint_id"] in set(statutory))
    compare("concern", margins["concerns"], raised)
    say(
        "complaints without a concern",
        0,
        len(complaints) - len({r["complaint_id"] for r in cases.rows("issue")}),
    )
    given = cases.rows("compliment")
    compare("compliments, team", margins["compliments"]["teams"], Counter(r["service"] for r in given))
    compare("compliments, from", margins["compliments"]["from"], Counter(r["source"] for r in given))
    themes = Counter(r["category"] for r in cases.rows("compliment_category"))
    compare("compliments, theme", margins["compliments"]["themes"], themes)
    compare("ombudsman", margins["ombudsman"], Counter(r["decision"] for r in cases.rows("ombudsman")))
    paid = {
        ("corporate" if r.get("complaint_id") else "ombudsman"): r["amount_gbp"] for r in cases.rows("remedy")
    }
    compare("payments", margins["payments"], Counter(paid))
    learned = Counter(team[r["complaint_id"]] for r in cases.rows("learning"))
    say("learning, LADO Service", margins["learning"]["LADO Service"], learned["LADO Service"])
    say("learning, IRO Service", 0, learned["IRO Service"])
    say("learning", sum(margins["learning"].values()), sum(learned.values()))
    for row in margins["activity"]:
        last = row.get("day") or date(row["year"] + 1, 3, 31)
        held = sum(
            r["value"]
            for r in cases.rows("activity")
            if (r["measure"], r["period_end"]) == (row["measure"], last)
        )
        say(f"{row['measure']} to {last}", row["value"], held)
    return found


def _age(row: dict) -> str:
    born, day = row["birth_date"], row["received_date"]
    if born is None:
        return ""
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return next((band for band, below in BANDS.items() if years < below), "65+")
