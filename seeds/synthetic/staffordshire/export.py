"""How Staffordshire hands over its year: a file for every month, each with what was logged or changed of late.

Every kind of feedback is a record of the same list. A month's file holds the records of which anything happened in that
month or the one before, and the records that those follow from, as they stood at the month's end: so the same record
comes again and again, each time further on. Every record that is wrong on purpose is an addition, or is put right by
a later month: without it the counts are those of the margins.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from seeds.synthetic.cases import Cases
from seeds.synthetic.export import Export
from seeds.synthetic.mapping import CouncilMapping, actions, earlier_figures

YEAR = "2023-24"
RECEIVED = "2024-04-15"

MAPPING = CouncilMapping("staffordshire")
COLUMNS = (
    "Feedback Ref|Feedback Type|Logged|Acknowledged|Follows From|Service|Second Service|Theme|Made By"
    "|Person No|Person Name|Child No|Request|Investigated By|Panel Held|Panel Findings|Revised Timescale"
    "|Response Sent|Closed|Closed Because|Outcome|How Recorded|Refusal Reason|LGSCO Decision Date"
    "|LGSCO Decision|Thanks From"
)
# What is known only from a day on: the column of the day, and the columns that hang on it.
HANGS_ON = {
    "Acknowledged": (),
    "Panel Held": (),
    "Panel Findings": (),
    "Response Sent": ("Outcome", "Revised Timescale"),
    "Closed": ("Closed Because",),
    "LGSCO Decision Date": ("LGSCO Decision",),
}


def exports(cases: Cases, folder: Path) -> dict[str, list[Export]]:
    """The files of the one batch, by the day it was received. `folder` holds the typed earlier figures."""
    records = sorted(_records(cases), key=lambda record: (record["Logged"], record["Feedback Ref"]))
    months = [_month(records, first) for first in _first_days(cases)]
    _plant(months)
    return {
        RECEIVED: [
            *months,
            MAPPING.export(
                cases,
                "lessons",
                f"Lessons Log {YEAR}.csv",
                "Log No|Feedback Ref|Service|What Was Said|Action|Action Owner (post)|Raised|Deadline|State"
                "|Closed|Reason If Not|Share",
                rows=actions(cases, folder),
            ),
            MAPPING.export(cases, "key_facts", f"Key Facts {YEAR}.csv", "From|To|Fact|Number"),
            MAPPING.export(
                cases,
                "earlier_years",
                "Earlier Years to 2022-23.csv",
                "Reporting Year|Figure|Breakdown|Value|Unit|Source",
                rows=earlier_figures(folder),
            ),
        ]
    }


def _first_days(cases: Cases) -> list[date]:
    start = min(row["period_start"] for row in cases.rows("activity"))
    return [date(start.year + (start.month + n > 12), (start.month + n - 1) % 12 + 1, 1) for n in range(12)]


def _month(records: list[dict], first: date) -> Export:
    """One month's file: what happened in it or the month before, as it stood at the month's end."""
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    since = (first - timedelta(days=1)).replace(day=1)
    by_ref = {record["Feedback Ref"]: record for record in records}
    chosen: set[str] = set()
    for record in records:
        days = [record["Logged"], *(record.get(column) for column in HANGS_ON)]
        if record["Logged"] <= last and any(day and since <= day <= last for day in days):
            chosen.add(record["Feedback Ref"])
            if record.get("Follows From"):
                chosen |= {
                    ref
                    for ref, other in by_ref.items()
                    if record["Follows From"] in (ref, other.get("Follows From")) and other["Logged"] <= last
                }
    rows = [_as_known(record, last) for record in records if record["Feedback Ref"] in chosen]
    name = f"Children Feedback {first:%Y-%m}.csv"
    return MAPPING.records("feedback", name, COLUMNS, rows, encoding="utf-8-sig")


def _as_known(record: dict, day: date) -> dict:
    """A record as it stood at the end of a day."""
    unknown = [c for c in HANGS_ON if record.get(c) and record[c] > day]
    gone = {*unknown, *(column for c in unknown for column in HANGS_ON[c])}
    return {column: value for column, value in record.items() if column not in gone}


def _records(cases: Cases) -> list[dict]:
    """Every record of the council's one list of feedback."""
    return [*_complaints(cases), *_later_stages(cases), *_others(cases)]


def _cells(table: str, row: dict, place: int = 0) -> dict:
    """What one of the mapping's tables of that name reads from the list, for a row."""
    tables = MAPPING.content["sources"][0]["tables"]
    places = [n for n, entry in enumerate(tables) if entry["table"] == table]
    return MAPPING.cells("feedback", places[place], row)


def _complaints(cases: Cases) -> list[dict]:
    services: dict[str, list[str]] = {}
    for row in cases.rows("complaint_service"):
        services.setdefault(row["complaint_id"], []).append(row["service"])
    children = {row["complaint_id"]: row for row in cases.rows("complaint_child")}
    first = {row["complaint_id"]: row for row in cases.select("stage", stage=1)}
    return [
        _cells("stage", first[row["complaint_id"]])
        | _cells("complaint_child", children[row["complaint_id"]])
        | _cells("complaint", row)
        | {
            "Closed": first[row["complaint_id"]].get("closed_date"),
            "Service": services[row["complaint_id"]][0],
            "Second Service": (services[row["complaint_id"]][1:] or [None])[0],
            "Person Name": row["_name"],
        }
        for row in cases.rows("complaint")
    ]


def _later_stages(cases: Cases) -> list[dict]:
    return [
        _cells("stage", row, 1) | {"Service": _other_name(row["service"], row["stage"])}
        for row in cases.rows("stage")
        if row["stage"] > 1
    ]


def _other_name(service: str, stage: int) -> str:
    """A service as the list of investigations names it: the district behind, and some words otherwise."""
    if service == "Childrens Disability":
        return "Children's Disability Service" if stage == 3 else "Childrens Disability Service"
    district, dash, rest = service.partition(" - ")
    if not dash or rest == "Central" or "Fostering" in district:
        return service
    if stage == 3:
        rest = rest.replace("Assessment and Staying", "Assessment & Staying")
    return f"{rest} ({district})" if rest[-1] not in "0123456789" or "Family Support" in rest else service


def _others(cases: Cases) -> list[dict]:
    about = {row["ombudsman_id"]: row for row in cases.rows("ombudsman_service")}
    return [
        *(_cells("contact", row) for row in cases.rows("contact")),
        *(
            _cells("ombudsman", row) | _cells("ombudsman_service", about[row["ombudsman_id"]])
            for row in cases.rows("ombudsman")
        ),
        *(_cells("compliment", row) for row in cases.rows("compliment")),
    ]


def _place(export: Export, fits: Callable[[dict], bool]) -> int:
    """The index of the first record of a file that fits."""
    return next(n for n, row in enumerate(export.rows) if fits(dict(zip(export.header, row, strict=True))))


def _plant(months: list[Export]) -> None:
    """What goes wrong in such exports. A fault in a record that comes again goes with the later version."""
    june, september, november, december, january, march = (months[n] for n in (2, 5, 7, 8, 9, 11))

    def like(export: Export, kind: str, **changes: object) -> list:
        """A copy of the file's first record of a kind, with some columns changed (`_` stands for a space)."""
        place = _place(export, lambda row: row["Feedback Type"] == kind)
        return export.like(place, {column.replace("_", " "): value for column, value in changes.items()})

    orphan = like(june, "Corporate Stage 2", Feedback_Ref="CF90001", Follows_From="CF80008")
    june.fault(orphan, "orphan_reference", at=40)
    adult = like(
        september, "Corporate Stage 1", Feedback_Ref="CF90002", Feedback_Type="Adult Social Care Complaint"
    )
    september.fault(adult, "unknown_record_type", at=20)
    november.fault(
        like(november, "Compliment", Feedback_Ref="CF90003", Logged="31.11.2023"), "impossible_date", at=60
    )
    serial = like(december, "Statutory Stage 1", Feedback_Ref="CF90004", Logged=45261)
    december.fault(serial, "impossible_date", at=90)
    january.fault(list(january.rows[30]), "duplicate_row", at=50)
    misspelt = like(march, "Compliment", Feedback_Ref="CF90005", Service="Childrens Disabilty")
    march.fault(misspelt, "unknown_word", at=100)
    march.fault(["Total", *[None] * (len(march.header) - 2), len(march.rows)], "total_row")
    # A service misspelt in one month and right in the next: the later version is used, and nobody is troubled.
    again = _place(
        november,
        lambda row: row["Feedback Type"] == "Duty" and row["Service"] and str(row["Logged"]) > "2023-11",
    )
    november.rows[again] = november.like(again, {"Service": "Asessment and Staying Together"})
