"""Counts the generated cases back and sets them beside the report's margins.

Only the rows of the contract are read, never the plan that made them, and the counting is written anew.
"""

from __future__ import annotations

from collections import Counter
from datetime import date

from seeds.synthetic.cases import Cases
from seeds.synthetic.working_days import WorkingDays


def compare_margins(margins: dict, cases: Cases) -> list[tuple[str, int, int]]:
    """(name, wanted, counted) for every margin."""
    found: list[tuple[str, int, int]] = []
    complaints = {row["complaint_id"]: row for row in cases.rows("complaint")}
    stages = {(row["complaint_id"], row["stage"]): row for row in cases.rows("stage")}
    first = {ref: stages[ref, 1] for ref in complaints}
    start, end = margins["year"]["start"], margins["year"]["end"]
    days = WorkingDays(2023, 2024)

    def say(name: str, wanted: int, counted: int) -> None:
        found.append((name, wanted, counted))

    def compare(name: str, wanted: dict, counted: Counter) -> None:
        for label in {**wanted, **counted}:
            say(f"{name}: {label}", wanted.get(label, 0), counted[label])

    def length(row: dict) -> int:
        return days.between(row["requested_date"], row["responded_date"])

    def band(row: dict) -> str:
        taken = length(row)
        return "0-10" if taken <= 10 else "11-20" if taken <= 20 else "21+"

    outside = sum(
        1
        for table, rows in cases.tables.items()
        for row in rows
        for column, value in row.items()
        if isinstance(value, date) and column != "birth_date" and not start <= value <= end
    )
    say("dates outside the year", 0, outside)
    odd = 0
    for row in stages.values():
        order = [row.get(c) for c in ("requested_date", "panel_date", "findings_date", "responded_date")]
        order = [day for day in order if day]
        earlier = stages.get((row["complaint_id"], row["stage"] - 1))
        odd += order != sorted(order) or bool(earlier and earlier["responded_date"] > row["requested_date"])
    say("stages out of order", 0, odd)

    say("received", margins["received"], len(complaints))
    compare(
        "complainant", margins["complainants"], Counter(r["complainant_role"] for r in complaints.values())
    )
    compare("channel", margins["channel"], Counter(r["channel"] for r in complaints.values()))
    upheld = {ref for ref, row in first.items() if row.get("outcome") == "upheld"}
    for table, column, key in (
        ("complaint_service", "service", "services"),
        ("complaint_theme", "theme", "themes"),
    ):
        rows = cases.rows(table)
        received = Counter(row[column] for row in rows)
        found_upheld = Counter(row[column] for row in rows if row["complaint_id"] in upheld)
        compare(f"{column} received", {k: n["received"] for k, n in margins[key].items()}, received)
        compare(f"{column} upheld", {k: n["upheld"] for k, n in margins[key].items()}, found_upheld)
        say(f"complaints without a {column}", 0, len(complaints) - len({row["complaint_id"] for row in rows}))
    for directorate, numbers in margins["directorates"].items():
        mine = [row for row in first.values() if row["service"] == directorate]
        say(f"{directorate}: received", numbers["received"], len(mine))
        touched = {
            row["complaint_id"]
            for row in cases.rows("complaint_service")
            if margins["services"][row["service"]]["directorate"] == directorate
        }
        say(f"{directorate}: complaints of its services", numbers["received"], len(touched))
        say(f"{directorate}: upheld", numbers["upheld"], sum(r["complaint_id"] in upheld for r in mine))
        bands = Counter(band(row) for row in mine if row.get("responded_date"))
        compare(f"{directorate}: days", numbers["bands"], bands)
    answered = [row for row in first.values() if row.get("responded_date")]
    say("stage 1 answered", margins["responses"], len(answered))
    say("stage 1 days", margins["days_1"], sum(length(row) for row in answered))
    without = {None: margins["without_outcome"]}
    compare("stage 1", margins["outcomes"] | without, Counter(row.get("outcome") for row in answered))
    compare("remedy", margins["remedies"], Counter(row["kind"] for row in cases.rows("remedy")))
    second = [row for (_, number), row in stages.items() if number == 2]
    say("stage 2 asked for", margins["escalated"], len(second))
    compare("stage 2", margins["stage_2"], Counter(row.get("outcome") or "open" for row in second))
    lengths = sorted(length(row) for row in second if row.get("responded_date"))
    say("stage 2 days", sum(margins["days_2"]), sum(lengths))
    third = Counter(row["outcome"] for (_, number), row in stages.items() if number == 3)
    compare("stage 3", margins["stage_3"], third)
    compare(
        "ombudsman", margins["ombudsman"], Counter(r["decision"] or "open" for r in cases.rows("ombudsman"))
    )
    compare(
        "activity", margins["activity"], Counter({r["measure"]: r["value"] for r in cases.rows("activity")})
    )
    return found
