"""How Coventry hands over its year: one workbook, a title block and a table on every sheet, everyday faults.

Every record that is wrong on purpose is an addition: without it the counts are those of the margins.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from seeds.synthetic.cases import Cases
from seeds.synthetic.export import Book, Export
from seeds.synthetic.mapping import CouncilMapping, actions, earlier_figures

YEAR = "2021-22"
RECEIVED = "2022-04-22"

MAPPING = CouncilMapping("coventry")
OTHER_NAMES = {
    "Looked After Children": "LAC & Permanency",
    "Fostering & adoption": "Fostering and Adoption",
    "Youth Offending Services": "Youth Offending",
    "Quality & Assurance": "Quality Assurance",
}
SCOPE = {
    "children_services": "Children's services",
    "education_and_childrens_services": "Education & Children's Services",
}


def exports(cases: Cases, folder: Path) -> dict[str, list[Book]]:
    """The one workbook, by the day it was received. `folder` holds the typed earlier figures."""
    scopes = {row["ombudsman_id"]: row["service"] for row in cases.rows("ombudsman_service")}
    sheets = [
        _complaints(cases),
        _stages(cases),
        _reasons(cases),
        _compliments(cases),
        _sheet(
            cases,
            "lgsco",
            "LGSCO Ref|Ref|Enquiry|Decided|Decision|Scope|Reason",
            {"Scope": lambda r: SCOPE[scopes[r["ombudsman_id"]]]},
        ),
        _sheet(cases, "remedy_payments", "Payment|Ref|LGSCO Ref|Agreed|Amount"),
        _sheet(cases, "investigation_forms", "Form|Ref|Team|Sent|Returned|Theme|Action"),
        _sheet(
            cases,
            "improvement_plan",
            "Item|Ref|Subject|Team|Feedback|Improvement|Responsible|Agreed|Due|Progress|Ended|Why Not|Public",
            rows=actions(cases, folder),
        ),
        _sheet(cases, "comments", "Comment No|Date|Team"),
        _sheet(cases, "activity", "From|To|What|How Many"),
        _earlier(cases, folder),
    ]
    for page in sheets:
        page.above = [
            ["Children's Services: comments, compliments and complaints"],
            [page.sheet],
            ["Printed on", date(2022, 4, 21)],
            [],
        ]
    return {RECEIVED: [Book(f"Childrens Complaints {YEAR}.xlsx", sheets)]}


def _sheet(
    cases: Cases, source: str, header: str, others: dict | None = None, rows: list | None = None
) -> Export:
    return MAPPING.export(cases, source, "", header, others, rows)


def _complaints(cases: Cases) -> Export:
    export = _sheet(
        cases,
        "complaints",
        "Ref|Type|Logged|Acknowledged|Method|Team|Made By|Made For|Advocate|Customer No|Customer"
        "|Service User No|Gender|DOB|Ethnicity|Disability|Closed",
        {"Customer": "_name"},
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

    export = _sheet(
        cases,
        "stages",
        "Episode|Ref|Stage|Team|Started|Request|Investigated By|Extended|Panel|Panel Findings|Reply|Ended"
        "|Ended Because|Status",
        {"Ended Because": reason},
    )
    changes = {"Episode": "CCF219901-S1", "Ref": "CCF219901", "Stage": "Stat 1"}
    export.fault(export.like(20, changes), "parent_set_aside", at=40)
    changes = {"Episode": "CCF208888-S1", "Ref": "CCF208888", "Stage": "Stat 1"}
    export.fault(export.like(25, changes), "orphan_reference", at=77)
    return export


def _reasons(cases: Cases) -> Export:
    export = _sheet(cases, "reasons", "Reason No|Ref|Raised|Team|Reason|Sub-reason")
    export.fault(list(export.rows[99]), "duplicate_row", at=120)
    return export


def _compliments(cases: Cases) -> Export:
    # The compliments list names some teams otherwise than the complaints do.
    others = {"Team": lambda r: OTHER_NAMES.get(r["service"], r["service"])}
    export = _sheet(cases, "compliments", "No|Date|Team|Compliment From|Themes", others)
    export.fault(export.like(200, {"No": "CMP9001", "Team": "#REF!"}), "excel_error", at=250)
    export.fault(["Total", None, None, None, len(cases.rows("compliment"))], "total_row")
    return export


def _earlier(cases: Cases, folder: Path) -> Export:
    others = {
        "Report Year": lambda r: r["reporting_year"].replace("-", "/"),
        "Value": lambda r: float(r["value"]),
    }
    header = "Report Year|Number|Of|Value|Unit|From Report"
    return _sheet(cases, "earlier_reports", header, others, earlier_figures(folder))
