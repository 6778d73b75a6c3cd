"""Counts the generated cases back and sets them beside the report's margins.

Only the rows of the contract are read, never the plan that made them, and the counting is written anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date

from seeds.synthetic.cases import Cases
from seeds.synthetic.working_days import WorkingDays

FOUND = ("upheld", "partially_upheld", "not_upheld")
YOUNG = ("advocate", "child_or_young_person")


def compare_margins(margins: dict, cases: Cases) -> list[tuple[str, int, int]]:
    """(name, wanted, counted) for every margin; shares as they print, in whole percent."""
    found: list[tuple[str, int, int]] = []
    start, end = margins["year"]["start"], margins["year"]["end"]
    complaints = {row["complaint_id"]: row for row in cases.rows("complaint")}
    new = {ref: row for ref, row in complaints.items() if start <= row["received_date"] <= end}
    touched: dict[str, set[str]] = {ref: set() for ref in complaints}
    for row in cases.rows("complaint_service"):
        touched[row["complaint_id"]].add(row["service"])
    days = WorkingDays(2022, 2024)

    def say(name: str, wanted: int, counted: int) -> None:
        found.append((name, wanted, counted))

    def share(name: str, wanted: int, part: int, whole: int) -> None:
        say(f"{name}, percent", wanted, (200 * part + whole) // (2 * whole))

    def compare(name: str, wanted: dict, counted: Counter) -> None:
        for label in {**wanted, **counted}:
            say(f"{name}: {label}", wanted.get(label, 0), counted[label])

    def is_within(row: dict) -> bool:
        limit = margins["limits"][row["procedure"]][row["stage"]]
        return days.between(row["requested_date"], row["responded_date"]) <= limit

    _order(cases, say, end)
    answered = [r for r in cases.rows("stage") if r.get("outcome") and start <= r["responded_date"] <= end]
    for procedure, numbers in margins["stage_1"].items():
        rows = [r for r in cases.select("stage", procedure=procedure, stage=1) if r["complaint_id"] in new]
        say(f"{procedure}, received", numbers["received"], len(rows))
        done = [r for r in answered if (r["procedure"], r["stage"]) == (procedure, 1)]
        gone = [r for r in rows if r.get("closed_how") == "withdrawn"]
        ends = Counter(r["outcome"] for r in done) + Counter(withdrawn=len(gone))
        for outcome in (*FOUND, "withdrawn"):
            share(f"{procedure}, {outcome}", numbers[outcome], ends[outcome], len(done) + len(gone))
        timely = sum(is_within(r) for r in done)
        share(f"{procedure}, within", numbers["within"], timely, len(done))
        share(f"{procedure}, over", numbers["over"], len(done) - timely, len(done))
    whole = margins["every_stage"]
    share("every stage, within", whole["within"], sum(is_within(r) for r in answered), len(answered))
    for outcome in FOUND:
        share(
            f"every stage, {outcome}",
            whole[outcome],
            sum(r["outcome"] == outcome for r in answered),
            len(answered),
        )

    for key, procedure, stage in (
        ("stage_2_statutory", "statutory", 2),
        ("stage_3_statutory", "statutory", 3),
        ("stage_2_corporate", "corporate", 2),
    ):
        numbers = margins[key]
        asked = [
            r
            for r in cases.select("stage", procedure=procedure, stage=stage)
            if start <= r["requested_date"] <= end
        ]
        kept = [r for r in asked if r["request_decision"] == "accepted"]
        say(f"{key}, asked for", numbers.get("requested", len(kept)), len(asked))
        say(f"{key}, cases", numbers.get("cases", sum(numbers["services"].values())), len(kept))
        services = Counter(s for r in kept for s in touched[r["complaint_id"]])
        compare(f"{key}, service", numbers["services"], services)
        several = sum(len(touched[r["complaint_id"]]) > 1 for r in kept)
        say(f"{key}, about two services", len(numbers.get("two_teams", [])), several)
    after = [
        r
        for r in cases.select("stage", procedure="statutory", stage=2)
        if r["requested_date"] >= start and r["complaint_id"] not in new
    ]
    say("stage 2 after an earlier year", margins["stage_2_statutory"]["after_earlier_year"], len(after))

    send = [
        ref
        for ref, row in new.items()
        if row["procedure"] == "corporate" and any(_is_send(s) for s in touched[ref])
    ]
    say("corporate about SEND", margins["send"], len(send))
    for procedure, numbers in margins["themes"].items():
        rows = [row for row in new.values() if row["procedure"] == procedure]
        leading = sum(row["theme"] == numbers["leading"] for row in rows)
        share(f"{procedure}, {numbers['leading']}", numbers["percent"], leading, len(rows))
    roles = Counter(row["complainant_role"] for row in new.values())
    share("parents", margins["complainants"]["parent"], roles["parent"], len(new))
    young = sum(roles[role] for role in YOUNG)
    share("advocates and young people", margins["complainants"]["advocate_or_young_person"], young, len(new))

    duty = list(cases.select("contact", kind="duty"))
    say("duty", margins["duty"]["received"], len(duty))
    named = Counter(r["service"] for r in duty if r["outcome"] != "pending")
    compare("duty, service", margins["duty"]["services"], named)
    say(
        "duty, pending with a service",
        0,
        sum(r["outcome"] == "pending" and r["service"] is not None for r in duty),
    )
    refused = Counter(r["refusal_reason"] for r in duty if r["outcome"] == "refused")
    compare("duty, refused", margins["duty"]["refused"], refused)
    say(
        "enquiries of members of parliament",
        margins["mp_enquiries"],
        len(list(cases.select("contact", kind="mp_enquiry"))),
    )
    matters = cases.rows("ombudsman")
    compare("ombudsman", margins["ombudsman"]["decisions"], Counter(r["decision"] for r in matters))
    about = sum(_is_send(r["service"]) for r in cases.rows("ombudsman_service"))
    say("ombudsman about SEND", margins["ombudsman"]["send"], about)
    given = cases.rows("compliment")
    compare("compliments", margins["compliments"], Counter(r["service"] for r in given))
    compare("compliments from", margins["compliments_from"], Counter(r["source"] for r in given))
    compare(
        "activity", margins["activity"], Counter({r["measure"]: r["value"] for r in cases.rows("activity")})
    )
    return found


def _is_send(service: str) -> bool:
    return service.endswith(("Early Help SEND Education", "Educational Psychology"))


def _order(cases: Cases, say: Callable[[str, int, int], None], end: date) -> None:
    """Nothing lies after the year, and the dates of a complaint follow one another."""
    late = [
        value
        for name, rows in cases.tables.items()
        for row in rows
        for value in row.values()
        if isinstance(value, date) and value > end
    ]
    say("dates after the year", 0, len(late))
    closed: dict[tuple[str, int], date | None] = {}
    odd = 0
    for row in cases.rows("stage"):
        order = [row.get(c) for c in ("requested_date", "panel_date", "findings_date", "responded_date")]
        order = [day for day in order if day]
        before = closed.get((row["complaint_id"], row["stage"] - 1))
        odd += order != sorted(order)
        odd += row["stage"] > 1 and (before is None or before > row["requested_date"])
        closed[row["complaint_id"], row["stage"]] = row.get("closed_date")
    say("stages out of order", 0, odd)
