"""How Coventry hands over its year: one workbook, a title block and a table on every sheet, everyday faults.

Every record that is wrong on purpose is an addition: without it the counts are those of the margins.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from pathlib import Path

from seeds.synthetic.cases import Cases
from seeds.synthetic.export import Book, Export, table, worded

YEAR = "2021-22"
RECEIVED = "2022-04-22"

TYPE = {
    "statutory": "Statutory Complaint",
    "corporate": "Corporate Complaint",
    "informal": "Informal Complaint",
}
ROLE = {
    "parent": "Parent",
    "child_or_young_person": "Child or young person",
    "member_of_public": "Member of the public",
    "relative": "Other family member",
    "foster_carer": "Foster carer",
    "carer": "Carer",
    "special_guardian": "Special guardian",
}
BEHALF = {"self": "Themselves", "child": "A child", "joint": "Themselves and a child"}
ADVOCATE = {"professional": "Barnardo's", "none": "No"}
STAGE = {("statutory", n): f"Stat {n}" for n in (1, 2, 3)} | {("corporate", n): f"Corp {n}" for n in (1, 2)}
OUTCOME = {"upheld": "Upheld", "partially_upheld": "Partly upheld", "not_upheld": "Not upheld"}
INVESTIGATOR = {
    "manager": "Team manager",
    "senior_manager": "Senior manager",
    "external_independent": "Commissioned IO",
}
YES_NO = {"yes": "Yes", "no": "No"}
DECISION = {
    "upheld": "Upheld",
    "premature": "Referred back for local resolution",
    "declined": "Closed after initial enquiries - no investigation",
    "closed_after_enquiries": "Closed after initial enquiries - out of jurisdiction",
}
SCOPE = {
    "children_services": "Children's services",
    "education_and_childrens_services": "Education & Children's Services",
}
OTHER_NAMES = {
    "Looked After Children": "LAC & Permanency",
    "Fostering & adoption": "Fostering and Adoption",
    "Youth Offending Services": "Youth Offending",
    "Quality & Assurance": "Quality Assurance",
}
ACTIVITY = {
    "contacts_completed": "Contacts completed",
    "referrals_received": "Referrals received",
    "referrals_open": "Referrals open",
    "comments_recorded": "Comments recorded",
}


def exports(cases: Cases, folder: Path) -> dict[str, list[Book]]:
    """The one workbook, by the day it was received. `folder` holds the typed earlier figures."""
    sheets = [
        _complaints(cases),
        _stages(cases),
        _concerns(cases),
        _compliments(cases),
        _ombudsman(cases),
        _payments(cases),
        _learning(cases),
        Export("", ["Comment No", "Date", "Team"], [], sheet="Comments"),
        _activity(cases),
        _earlier(folder),
    ]
    for page in sheets:
        page.above = [
            ["Children's Services: comments, compliments and complaints"],
            [page.sheet],
            ["Printed on", date(2022, 4, 21)],
            [],
        ]
    return {RECEIVED: [Book(f"Childrens Complaints {YEAR}.xlsx", sheets)]}


def _complaints(cases: Cases) -> Export:
    teams = {row["complaint_id"]: row["service"] for row in cases.rows("complaint_service")}
    children = {row["complaint_id"]: row["child_id"] for row in cases.rows("complaint_child")}
    export = table(
        "",
        {
            "Ref": "complaint_id",
            "Type": worded("procedure", TYPE),
            "Logged": "received_date",
            "Acknowledged": "acknowledged_date",
            "Method": "channel",
            "Team": lambda r: teams[r["complaint_id"]],
            "Made By": worded("complainant_role", ROLE),
            "Made For": worded("behalf", BEHALF),
            "Advocate": worded("advocate_kind", ADVOCATE),
            "Customer No": "complainant_id",
            "Customer": "_name",
            "Service User No": lambda r: children.get(r["complaint_id"]),
            "Gender": lambda r: {"male": "Male", "female": "Female"}.get(r["sex"], "N/A"),
            "DOB": "birth_date",
            "Ethnicity": lambda r: r["ethnicity"] or "Not captured",
            "Disability": lambda r: YES_NO.get(r["disability"], "N/A"),
            "Closed": "closed_date",
        },
        cases.rows("complaint"),
        sheet="Complaints",
    )
    export.fault(export.like(20, {"Ref": "CCF219901", "Type": "Adult Social Care"}), "unknown_word", at=31)
    export.fault(export.like(60, {"Ref": "CCF219902", "Logged": "31/11/2021"}), "impossible_date", at=90)
    return export


def _stages(cases: Cases) -> Export:
    def reason(row: dict) -> object:
        words = {"responded": "Reply sent", "escalated": "Moved to next stage"}
        if row.get("closed_how") == "withdrawn":
            return "Court proceedings" if row["_court"] else "Withdrawn by complainant"
        return words.get(row.get("closed_how"))

    export = table(
        "",
        {
            "Episode": "stage_id",
            "Ref": "complaint_id",
            "Stage": lambda r: STAGE[r["procedure"], r["stage"]],
            "Team": "service",
            "Started": "requested_date",
            "Request": lambda r: "Agreed" if r.get("request_decision") else None,
            "Investigated By": worded("investigator_kind", INVESTIGATOR),
            "Extended": worded("extension_agreed", YES_NO),
            "Panel": "panel_date",
            "Panel Findings": "findings_date",
            "Reply": "responded_date",
            "Ended": "closed_date",
            "Ended Because": reason,
            "Status": worded("outcome", OUTCOME),
        },
        cases.rows("stage"),
        sheet="Stages",
    )
    changes = {"Episode": "CCF219901-S1", "Ref": "CCF219901", "Stage": "Stat 1"}
    export.fault(export.like(20, changes), "parent_set_aside", at=40)
    changes = {"Episode": "CCF208888-S1", "Ref": "CCF208888", "Stage": "Stat 1"}
    export.fault(export.like(25, changes), "orphan_reference", at=77)
    return export


def _concerns(cases: Cases) -> Export:
    export = table(
        "",
        {
            "Reason No": "issue_id",
            "Ref": "complaint_id",
            "Raised": "raised_date",
            "Team": "service",
            "Reason": "category",
            "Sub-reason": "sub_category",
        },
        cases.rows("issue"),
        sheet="Reasons",
    )
    export.fault(list(export.rows[99]), "duplicate_row", at=120)
    return export


def _compliments(cases: Cases) -> Export:
    themes = defaultdict(list)
    for row in cases.rows("compliment_category"):
        themes[row["compliment_id"]].append(row["category"])
    export = table(
        "",
        {
            "No": "compliment_id",
            "Date": "received_date",
            # The compliments list names some teams otherwise than the complaints do.
            "Team": lambda r: OTHER_NAMES.get(r["service"], r["service"]),
            "Compliment From": "source",
            "Themes": lambda r: "; ".join(themes[r["compliment_id"]]),
        },
        cases.rows("compliment"),
        sheet="Compliments",
    )
    export.fault(export.like(200, {"No": "CMP9001", "Team": "#REF!"}), "excel_error", at=250)
    export.fault(["Total", None, None, None, len(cases.rows("compliment"))], "total_row")
    return export


def _ombudsman(cases: Cases) -> Export:
    scopes = {row["ombudsman_id"]: row["service"] for row in cases.rows("ombudsman_service")}
    return table(
        "",
        {
            "LGSCO Ref": "ombudsman_id",
            "Ref": "complaint_id",
            "Enquiry": "received_date",
            "Decided": "decided_date",
            "Decision": worded("decision", DECISION),
            "Scope": lambda r: SCOPE[scopes[r["ombudsman_id"]]],
            "Reason": "reason",
        },
        cases.rows("ombudsman"),
        sheet="LGSCO",
    )


def _payments(cases: Cases) -> Export:
    return table(
        "",
        {
            "Payment": "remedy_id",
            "Ref": "complaint_id",
            "LGSCO Ref": "ombudsman_id",
            "Agreed": "agreed_date",
            "Amount": "amount_gbp",
        },
        cases.rows("remedy"),
        sheet="Remedy Payments",
    )


def _learning(cases: Cases) -> Export:
    words = {"accepted": "In progress", "implemented": "Completed"}
    return table(
        "",
        {
            "Form": "learning_id",
            "Ref": "complaint_id",
            "Team": "service",
            "Sent": "sent_date",
            "Returned": "returned_date",
            "Theme": "category",
            "Action": worded("action_status", words),
        },
        cases.rows("learning"),
        sheet="Investigation Forms",
    )


def _activity(cases: Cases) -> Export:
    return table(
        "",
        {
            "From": "period_start",
            "To": "period_end",
            "What": lambda r: ACTIVITY[r["measure"]],
            "How Many": "value",
        },
        cases.rows("activity"),
        sheet="Activity",
    )


def _earlier(folder: Path) -> Export:
    with open(folder / "prior_figures.csv", newline="", encoding="utf-8") as handle:
        rows = [
            [row["reporting_year"].replace("-", "/"), row["figure"], row["breakdown"], float(row["value"])]
            + [row["unit"], row["source"]]
            for row in csv.DictReader(handle)
        ]
    return Export(
        "", ["Report Year", "Number", "Of", "Value", "Unit", "From Report"], rows, sheet="Earlier Reports"
    )
