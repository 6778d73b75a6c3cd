"""How Staffordshire hands over its year: a file for every month, each with what was logged or changed of late.

Every kind of feedback is a record of the same list. A month's file holds the records of which anything happened in that
month or the one before, and the records that those follow from, as they stood at the month's end: so the same record
comes again and again, each time further on. Every record that is wrong on purpose is an addition, or is put right by
a later month: without it the counts are those of the margins.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from seeds.synthetic.cases import Cases
from seeds.synthetic.export import Export, table

YEAR = "2023-24"
RECEIVED = "2024-04-15"

ROLE = {
    "parent": "Parent of service user",
    "child_or_young_person": "Young person",
    "advocate": "Advocate for a young person",
    "relative": "Other relative",
    "foster_carer": "Foster carer",
    "special_guardian": "Special guardian",
    "carer": "Carer",
    "professional": "Professional",
}
OUTCOME = {"upheld": "Upheld", "partially_upheld": "Partially Upheld", "not_upheld": "Not Upheld"}
CLOSED = {"responded": "Response sent", "withdrawn": "Complaint Withdrawn", "refused": "Request refused"}
INVESTIGATOR = {
    "manager": "Team Manager",
    "senior_manager": "Senior Manager",
    "external_independent": "Independent (IIO)",
}
RECORDED = {
    "resolved": "Resolved without a complaint",
    "became_complaint": "Recorded as a complaint",
    "refused": "Refused further investigation",
    "pending": "Pending - awaiting further information",
}
DECISION = {
    "declined": "Refused to investigate further",
    "premature": "Premature complaint",
    "not_upheld": "Full investigation - no fault",
    "upheld": "Full investigation - maladministration and injustice",
}
YES_NO = {"yes": "Y", "no": "N"}
COLUMNS = [
    "Feedback Ref",
    "Feedback Type",
    "Logged",
    "Acknowledged",
    "Follows From",
    "Service",
    "Second Service",
    "Theme",
    "Made By",
    "Person No",
    "Person Name",
    "Child No",
    "Request",
    "Investigated By",
    "Panel Held",
    "Panel Findings",
    "Revised Timescale",
    "Response Sent",
    "Closed",
    "Closed Because",
    "Outcome",
    "How Recorded",
    "Refusal Reason",
    "LGSCO Decision Date",
    "LGSCO Decision",
    "Thanks From",
]
# What is known only from a day on: the column of the day, and the columns that hang on it.
HANGS_ON = {
    "Acknowledged": (),
    "Panel Held": (),
    "Panel Findings": (),
    "Response Sent": ("Outcome", "Revised Timescale"),
    "Closed": ("Closed Because",),
    "LGSCO Decision Date": ("LGSCO Decision",),
}
ACTIVITY = {
    "referrals_received": "Referrals made to Children's Services",
    "child_social_work_assessments": "Child Social Work Assessments completed",
    "early_help_assessments": "Early Help assessments completed",
    "ehcp_issued": "Education, Health and Care Plans issued",
    "ehc_needs_assessments_started": "EHC needs assessments started",
}


def exports(cases: Cases, folder: Path) -> dict[str, list[Export]]:
    """The files of the one batch, by the day it was received. `folder` holds the typed earlier figures."""
    records = sorted(_records(cases), key=lambda record: (record["Logged"], record["Feedback Ref"]))
    months = [_month(records, first) for first in _first_days(cases)]
    _plant(months)
    return {RECEIVED: [*months, _key_facts(cases), _earlier(folder)]}


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
    return table(
        f"Children Feedback {first:%Y-%m}.csv",
        dict(zip(COLUMNS, COLUMNS, strict=True)),
        rows,
        date_format="%d.%m.%Y",
        encoding="utf-8-sig",
    )


def _as_known(record: dict, day: date) -> dict:
    """A record as it stood at the end of a day."""
    unknown = [c for c in HANGS_ON if record.get(c) and record[c] > day]
    gone = {*unknown, *(column for c in unknown for column in HANGS_ON[c])}
    return {column: value for column, value in record.items() if column not in gone}


def _worded(words: dict[str, str], value: str | None) -> str | None:
    return None if value is None else words[value]


def _records(cases: Cases) -> list[dict]:
    """Every record of the council's one list of feedback."""
    return [*_complaints(cases), *_later_stages(cases), *_contacts(cases), *_others(cases)]


def _complaints(cases: Cases) -> list[dict]:
    services: dict[str, list[str]] = {}
    for row in cases.rows("complaint_service"):
        services.setdefault(row["complaint_id"], []).append(row["service"])
    children = {row["complaint_id"]: row["child_id"] for row in cases.rows("complaint_child")}
    first = {row["complaint_id"]: row for row in cases.select("stage", stage=1)}
    return [
        _stage_cells(first[row["complaint_id"]])
        | {
            "Feedback Ref": row["complaint_id"],
            "Logged": row["received_date"],
            "Acknowledged": row["acknowledged_date"],
            "Service": services[row["complaint_id"]][0],
            "Second Service": (services[row["complaint_id"]][1:] or [None])[0],
            "Theme": row["theme"],
            "Made By": ROLE[row["complainant_role"]],
            "Person No": row["complainant_id"],
            "Person Name": row["_name"],
            "Child No": children[row["complaint_id"]],
        }
        for row in cases.rows("complaint")
    ]


def _stage_cells(row: dict) -> dict:
    return {
        "Feedback Type": f"{row['procedure'].title()} Stage {row['stage']}",
        "Investigated By": INVESTIGATOR[row["investigator_kind"]],
        "Panel Held": row.get("panel_date"),
        "Panel Findings": row.get("findings_date"),
        "Revised Timescale": _worded(YES_NO, row.get("extension_agreed")),
        "Response Sent": row.get("responded_date"),
        "Closed": row.get("closed_date"),
        "Closed Because": _worded(CLOSED, row.get("closed_how")),
        "Outcome": _worded(OUTCOME, row.get("outcome")),
    }


def _later_stages(cases: Cases) -> list[dict]:
    return [
        _stage_cells(row)
        | {
            "Feedback Ref": row["stage_id"],
            "Logged": row["requested_date"],
            "Follows From": row["complaint_id"],
            "Service": _other_name(row["service"], row["stage"]),
            "Request": {"accepted": "Accepted", "refused": "Refused"}[row["request_decision"]],
        }
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


def _contacts(cases: Cases) -> list[dict]:
    return [
        {
            "Feedback Ref": row["contact_id"],
            "Feedback Type": {"duty": "Duty", "mp_enquiry": "MP Enquiry"}[row["kind"]],
            "Logged": row["received_date"],
            "Service": row["service"],
            "How Recorded": _worded(RECORDED, row.get("outcome")),
            "Refusal Reason": row.get("refusal_reason"),
        }
        for row in cases.rows("contact")
    ]


def _others(cases: Cases) -> list[dict]:
    services = {row["ombudsman_id"]: row["service"] for row in cases.rows("ombudsman_service")}
    matters = [
        {
            "Feedback Ref": row["ombudsman_id"],
            "Feedback Type": "LGSCO",
            "Logged": row["received_date"],
            "Follows From": row["complaint_id"],
            "Service": services[row["ombudsman_id"]],
            "LGSCO Decision Date": row["decided_date"],
            "LGSCO Decision": DECISION[row["decision"]],
        }
        for row in cases.rows("ombudsman")
    ]
    return matters + [
        {
            "Feedback Ref": row["compliment_id"],
            "Feedback Type": "Compliment",
            "Logged": row["received_date"],
            "Service": row["service"],
            "Thanks From": row["source"],
        }
        for row in cases.rows("compliment")
    ]


def _place(export: Export, fits: Callable[[dict], bool]) -> int:
    """The index of the first record of a file that fits."""
    return next(n for n, row in enumerate(export.rows) if fits(dict(zip(export.header, row, strict=True))))


def _plant(months: list[Export]) -> None:
    """What goes wrong in such exports. A fault in a record that comes again is gone with the later version."""
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
    march.fault(["Total", *[None] * (len(COLUMNS) - 2), len(march.rows)], "total_row")
    # A service misspelt in one month and right in the next: the later version is used, and nobody is troubled.
    again = _place(
        november,
        lambda row: row["Feedback Type"] == "Duty" and row["Service"] and str(row["Logged"]) > "2023-11",
    )
    november.rows[again] = november.like(again, {"Service": "Asessment and Staying Together"})


def _key_facts(cases: Cases) -> Export:
    return table(
        f"Key Facts {YEAR}.csv",
        {
            "From": "period_start",
            "To": "period_end",
            "Fact": lambda r: ACTIVITY[r["measure"]],
            "Number": "value",
        },
        cases.rows("activity"),
        date_format="%d.%m.%Y",
    )


def _earlier(folder: Path) -> Export:
    with open(folder / "prior_figures.csv", newline="", encoding="utf-8") as handle:
        rows = [list(row.values()) for row in csv.DictReader(handle)]
    header = ["Reporting Year", "Figure", "Breakdown", "Value", "Unit", "Source"]
    return Export("Earlier Years to 2022-23.csv", header, rows)
