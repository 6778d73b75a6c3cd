"""How Telford & Wrekin's case system hands over its year: one wide file, a row per case and a group of columns per stage.

Lists (services, classifications) stand in one cell. Every record that is wrong on purpose is an addition.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from seeds.synthetic.cases import Cases
from seeds.synthetic.export import Export, table, worded

YEAR = "2023-24"
RECEIVED = "2024-04-16"
DAYS = "%d-%b-%Y"

ROLE = {
    "parent": "Parent",
    "advocate": "Advocate/representative",
    "child_or_young_person": "Child/young person",
    "service_user_other": "Service User Other",
    "solicitor": "Solicitor",
}
FINDING = {"upheld": "Justified", "not_upheld": "Not Justified", "partially_upheld": "Partially Justified"}
CLOSURE = {"responded": "Reply issued", "escalated": "Moved to next stage"}
YES_NO = {"yes": "Yes", "no": "No", "not_known": "Unknown"}
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
    return {RECEIVED: [_wide(cases), _ombudsman(cases), _numbers(cases, folder)]}


def _wide(cases: Cases) -> Export:
    stages = {(row["complaint_id"], row["stage"]): row for row in cases.rows("stage")}
    children = {row["complaint_id"]: row for row in cases.rows("complaint_child")}
    remedies = {row["complaint_id"]: row["kind"] for row in cases.rows("remedy")}
    rows = cases.rows("complaint")
    place = {row["complaint_id"]: n for n, row in enumerate(rows)}

    def listed(name: str, column: str):
        def cell(row: dict) -> str:
            return " | ".join(str(r[column]) for r in cases.select(name, complaint_id=row["complaint_id"]))

        return cell

    def classification(row: dict) -> str:
        themes = [r["theme"] for r in cases.select("complaint_theme", complaint_id=row["complaint_id"])]
        if stages[row["complaint_id"], 1].get("outcome") == "upheld":
            themes = [CLOSING_WORDS.get(theme, theme) for theme in themes]
        return " | ".join(themes)

    def of(number: int, column: str, words: dict[str, str] | None = None):
        def cell(row: dict) -> object:
            value = stages.get((row["complaint_id"], number), {}).get(column)
            return value if words is None or value is None else words[value]

        return cell

    columns = {
        "Case Reference": "complaint_id",
        "Case Type": lambda r: "Children's Statutory Complaint",
        "Case Status": lambda r: "Closed" if r["closed_date"] else "Open",
        "Date Created": "received_date",
        "Date Acknowledged": "acknowledged_date",
        "Received Via": worded("channel", {"Email": "Email", "Web form": "Web form (portal)"}),
        "Customer Type": worded("complainant_role", ROLE),
        "Customer ID": "complainant_id",
        "Customer Name": "_name",
        "Customer Email": "_email",
        "Customer DOB": "birth_date",
        "Customer Gender": worded("sex", {"female": "F", "male": "M"}),
        "Customer Ethnicity": "ethnicity",
        "Customer Disability": worded("disability", YES_NO),
        "Via Representations Service": lambda r: "Yes" if r["complainant_role"] == "advocate" else "No",
        "Raised For": worded("behalf", {"self": "Themselves", "child": "A child"}),
        "Subject ID": lambda r: children.get(r["complaint_id"], {}).get("child_id"),
        "Subject Name": lambda r: children.get(r["complaint_id"], {}).get("_name"),
        "Subject In Care": worded("child_looked_after", YES_NO),
        "Directorate": "_directorate",
        "Services": listed("complaint_service", "service"),
        "Classifications": classification,
        "Summary": lambda r: SUMMARIES[place[r["complaint_id"]] % len(SUMMARIES)],
    }
    for number in (1, 2, 3):
        group = f"Stage{number} "
        columns[group + "Start"] = of(number, "requested_date")
        if number == 2:
            columns[group + "IO Appointed"] = of(2, "investigator_appointed_date")
            columns[group + "Statement Agreed"] = of(2, "statement_agreed_date")
        if number == 3:
            columns[group + "Panel"] = of(3, "panel_date")
            columns[group + "Panel Findings"] = of(3, "findings_date")
        columns[group + "Reply Sent"] = of(number, "responded_date")
        columns[group + "Closed"] = of(number, "closed_date")
        columns[group + "Closure"] = of(number, "closed_how", CLOSURE)
        columns[group + "Finding"] = of(number, "outcome", FINDING)
        if number == 1:
            columns[group + "Remedy"] = lambda r: remedies.get(r["complaint_id"])
        if number < 3:
            columns[group + "Extended"] = of(number, "extension_agreed", YES_NO)
        if number > 1:
            columns[group + "Cost"] = of(number, "cost_gbp")
    columns["Closed Date"] = "closed_date"
    export = table(
        f"CaseDetails_{YEAR}.csv", columns, rows, encoding="utf-8-sig", date_format=DAYS, delimiter=";"
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
    export.fault(["Total", *[None] * 4, len(rows), *[None] * (len(columns) - 6)], "total_row")
    return export


def _ombudsman(cases: Cases) -> Export:
    words = {"premature": "Premature", "declined": "Not investigated"}
    return table(
        f"LGSCO log {YEAR}.xlsx",
        {
            "LGSCO No": "ombudsman_id",
            "Case Reference": "complaint_id",
            "Directorate": "_directorate",
            "Enquiry Received": "received_date",
            "Decision": lambda r: words.get(r["decision"], "Under investigation"),
            "Decision Date": "decided_date",
            "Reason": "reason",
        },
        cases.rows("ombudsman"),
        sheet="Log",
    )


def _numbers(cases: Cases, folder: Path) -> Export:
    """Numbers entered by hand: the year's activity, and what earlier reports printed."""
    header = ["Kind", "Year", "From", "To", "Item", "Detail", "Directorate", "Number", "Unit", "Taken From"]
    words = {"contacts": "Contacts to the service", "referrals": "Referrals completed"}
    rows: list[list] = [
        [
            "Activity",
            None,
            _day(row["period_start"]),
            _day(row["period_end"]),
            words[row["measure"]],
            None,
            row["service"],
            f"{row['value']:,}",
            None,
            None,
        ]
        for row in cases.rows("activity")
    ]
    with open(folder / "prior_figures.csv", newline="", encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            year = f"{row['reporting_year'][:4]}/{row['reporting_year'][5:]}"
            rows.append(
                ["Earlier report", year, None, None, row["figure"], row["breakdown"], None]
                + [row["value"], row["unit"], row["source"]]
            )
    return Export(f"KeyNumbers_{YEAR}.csv", header, rows)


def _day(day: date) -> str:
    return day.isoformat()
