"""How Telford & Wrekin's case system hands over its year: one wide file, a row per case and a group of columns per stage.

Lists (services, classifications) stand in one cell. Every record that is wrong on purpose is an addition.
"""

from __future__ import annotations

from pathlib import Path

from seeds.synthetic.cases import Cases
from seeds.synthetic.export import Export
from seeds.synthetic.mapping import CouncilMapping, actions

YEAR = "2023-24"
RECEIVED = "2024-04-16"

MAPPING = CouncilMapping("telford-and-wrekin")
# The words of the closing form, which differ from those of the registration form.
CLOSING_WORDS = {
    "Issues involving Staff": "Complaints involving staff",
    "Conduct of Foster Carer": "Conduct- Foster Carer",
    "Delay Response/ Processing": "Delay- Assessment",
}
SUMMARIES = [
    "Family unhappy with the plan.\nSee letter.",
    'Says "nobody rang back".',
    "Asks for a change of worker; several calls, no reply",
    "Contact arrangements",
]


def exports(cases: Cases, folder: Path) -> dict[str, list[Export]]:
    """The files of the one batch, by the day it was received. `folder` holds the typed earlier figures."""
    log = MAPPING.export(
        cases,
        "lgsco_log",
        f"LGSCO log {YEAR}.xlsx",
        "LGSCO No|Case Reference|Directorate|Enquiry Received|Decision|Decision Date|Reason",
        {"Directorate": "_directorate"},
    )
    action_log = MAPPING.export(
        cases,
        "action_log",
        f"Action log {YEAR}.xlsx",
        "Action No|Case Reference|Service|Feedback|Action|Owner (job title)|Date Agreed|Due|Status|Completed|Reason|Publish?",
        rows=actions(cases, folder),
        above=[["Actions from complaints"]],
    )
    return {RECEIVED: [_wide(cases), log, action_log, _numbers(cases, folder)]}


def _wide(cases: Cases) -> Export:
    rows = cases.rows("complaint")
    place = {row["complaint_id"]: n for n, row in enumerate(rows)}
    upheld = {row["complaint_id"] for row in cases.select("stage", stage=1, outcome="upheld")}
    subjects = {row["complaint_id"]: row["_name"] for row in cases.rows("complaint_child")}

    def classification(row: dict) -> str:
        themes = [r["theme"] for r in cases.select("complaint_theme", complaint_id=row["complaint_id"])]
        if row["complaint_id"] in upheld:
            themes = [CLOSING_WORDS.get(theme, theme) for theme in themes]
        return " | ".join(themes)

    export = MAPPING.export(
        cases,
        "case_details",
        f"CaseDetails_{YEAR}.csv",
        "Case Reference|Case Type|Case Status|Date Created|Date Acknowledged|Received Via|Customer Type"
        "|Customer ID|Customer Name|Customer Email|Customer DOB|Customer Gender|Customer Ethnicity"
        "|Customer Disability|Via Representations Service|Raised For|Subject ID|Subject Name"
        "|Subject In Care|Directorate|Services|Classifications|Summary|Stage1 Start|Stage1 Reply Sent"
        "|Stage1 Closed|Stage1 Closure|Stage1 Finding|Stage1 Remedy|Stage1 Extended|Stage2 Start"
        "|Stage2 IO Appointed|Stage2 Statement Agreed|Stage2 Reply Sent|Stage2 Closed|Stage2 Closure"
        "|Stage2 Finding|Stage2 Extended|Stage2 Cost|Stage3 Start|Stage3 Panel|Stage3 Panel Findings"
        "|Stage3 Reply Sent|Stage3 Closed|Stage3 Closure|Stage3 Finding|Stage3 Cost|Closed Date",
        {
            "Case Status": lambda r: "Closed" if r["closed_date"] else "Open",
            "Customer Name": "_name",
            "Customer Email": "_email",
            "Subject Name": lambda r: subjects.get(r["complaint_id"]),
            "Classifications": classification,
            "Summary": lambda r: SUMMARIES[place[r["complaint_id"]] % len(SUMMARIES)],
        },
        encoding="utf-8-sig",
    )
    export.fault(list(export.rows[7]), "duplicate_row", at=12)
    export.fault(
        export.like(3, {"Case Reference": "FS-Case-9900001", "Case Type": "Adult Social Care Complaint"}),
        "unknown_word",
        at=16,
    )
    export.fault(
        export.like(
            1,
            {
                "Case Reference": "FS-Case-9900002",
                "Date Created": "31-Jun-2023",
                "Stage1 Start": "31-Jun-2023",
            },
        ),
        "impossible_date",
        at=20,
    )
    export.fault(["Total", *[None] * 4, len(rows), *[None] * (len(export.header) - 6)], "total_row")
    return export


def _numbers(cases: Cases, folder: Path) -> Export:
    activity = [row | {"value": f"{row['value']:,}"} for row in cases.rows("activity")]
    header = "Kind|Year|From|To|Item|Detail|Directorate|Number|Unit|Taken From"
    return MAPPING.numbers("key_numbers", f"KeyNumbers_{YEAR}.csv", header, activity, folder)
