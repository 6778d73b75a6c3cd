"""How Solihull's case system hands over its year: two batches of CSV and XLSX files, with everyday faults.

Every record that is wrong on purpose is an addition: without it the counts are those of the margins.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

from seeds.synthetic.cases import Cases
from seeds.synthetic.export import Export, table, worded
from seeds.synthetic.writers import Raw

YEAR = "2023-24"
FIRST, SECOND = "2024-04-08", "2024-05-07"

PROCEDURE = {"statutory": "Statutory", "corporate": "Corporate"}
YES_NO = {"yes": "Y", "no": "N", "not_known": "Not known"}
OUTCOME = {
    "upheld": "Upheld",
    "partially_upheld": "Partially Upheld",
    "not_upheld": "Not Upheld",
    "inconclusive": "Inconclusive",
    "withdrawn": "Withdrawn",
    "direct_to_next_stage": "Direct to Stage 2",
}
ROLE = {
    "parent": "Parent",
    "child_or_young_person": "Child / Young Person",
    "advocate": "Professional Advocate",
    "carer": "Carer",
    "foster_carer": "Foster Carer",
    "special_guardian": "Special Guardian",
    "relative": "Relative",
    "service_user_other": "Service User",
}
NOTES = [
    "Spoke to complainant by phone, points agreed.",
    'Complainant asked for a reply "in plain English", please.',
    "Call back requested.\nMessage left twice.",
    "Points sent to team manager, see file.",
    "",
]


def exports(cases: Cases, folder: Path) -> dict[str, list[Export]]:
    """The files of each batch, by the day it was received. `folder` holds the typed earlier figures."""
    compliments = _compliments(cases)
    first = [
        _cases(cases),
        _children(cases),
        _teams(cases),
        _stages(cases),
        _points(cases),
        _referrals(cases),
        _remedies(cases),
        _early(compliments),
        _learning(cases),
        _contacts(cases),
        Export(
            f"Mediation_{YEAR}.csv",
            ["Mediation Ref", "Case Ref", "Date Offered", "Accepted Y/N", "Result"],
            [],
        ),
        _survey(cases),
        _statistics(cases),
        _earlier(folder),
    ]
    return {FIRST: first, SECOND: [compliments]}


def _cases(cases: Cases) -> Export:
    rows = cases.rows("complaint")
    place = {row["complaint_id"]: n for n, row in enumerate(rows)}

    def channel(row: dict) -> str:
        n = place[row["complaint_id"]]
        words = {"Email": ["E-mail", "Email"], "Telephone": ["Phone", "Telephone"], "Web Form": ["Webform"]}
        pool = words.get(row["channel"], [row["channel"]])
        return pool[n % len(pool)]

    export = table(
        f"Cases_{YEAR}.csv",
        {
            "Case Ref": "complaint_id",
            "Date Received": "received_date",
            "Date Acknowledged": "acknowledged_date",
            "Detail Agreed": "accepted_date",
            "Process": worded("procedure", PROCEDURE),
            "Contact Method": channel,
            "Complainant Type": worded("complainant_role", ROLE),
            "On Behalf Of": worded("behalf", {"self": "Self", "child": "Child", "joint": "Self and Child"}),
            "Advocate": lambda r: (
                "None"
                if r["advocate_kind"] == "none"
                else ("NYAS" if place[r["complaint_id"]] % 3 else "Other professional")
            ),
            "Person ID": "complainant_id",
            "Complainant Name": "_name",
            "Email Address": "_email",
            "Date of Birth": "birth_date",
            "Gender": worded("sex", {"female": "Female", "male": "Male", "joint": "Joint Parents"}),
            # A no-break space stands before a few ethnicities: pasted from a web form.
            "Ethnicity": lambda r: ("\u00a0" if place[r["complaint_id"]] % 37 == 5 else "") + r["ethnicity"],
            "Disability Y/N": worded("disability", YES_NO),
            "CLA Y/N": worded("child_looked_after", YES_NO),
            "Date Withdrawn": "withdrawn_date",
            "Date Closed": "closed_date",
            "Accepted Over 12 Months Y/N": worded("accepted_out_of_time", YES_NO),
            "Notes": lambda r: NOTES[place[r["complaint_id"]] % len(NOTES)],
        },
        rows,
    )
    export.fault(
        export.like(
            40,
            {
                "Case Ref": "CH24-9001",
                "Date Received": "30/02/2024",
                "Date Closed": None,
                "Complainant Name": "Una Vellacott",
                "Person ID": "P90001",
            },
        ),
        "impossible_date",
        at=92,
    )
    export.fault(
        export.like(
            40,
            {
                "Case Ref": "CH23-9002",
                "Process": "Adults Statutory",
                "Complainant Name": "Piers Zennor",
                "Person ID": "P90002",
            },
        ),
        "unknown_word",
        at=58,
    )
    return export


def _children(cases: Cases) -> Export:
    return table(
        f"CaseChildren_{YEAR}.csv",
        {
            "Case Ref": "complaint_id",
            "Child ID": "child_id",
            "Child Name": "_name",
            "Ethnicity": "ethnicity",
            "CLA Y/N": worded("child_looked_after", YES_NO),
        },
        cases.rows("complaint_child"),
    )


def _teams(cases: Cases) -> Export:
    """One line per case and procedure, the teams in one cell."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for row in cases.rows("complaint_service"):
        grouped.setdefault((row["complaint_id"], row["procedure"]), []).append(row["service"])
    rows = [[ref, PROCEDURE[procedure], "; ".join(teams)] for (ref, procedure), teams in grouped.items()]
    return Export(f"CaseTeams_{YEAR}.csv", ["Case Ref", "Process", "Teams"], rows)


def _stages(cases: Cases) -> Export:
    rows = [dict(row) for row in cases.rows("stage")]
    # The system's own flag is wrong in three places: it counted days from the wrong end.
    flagged = [r for r in rows if r.get("response_in_target") == "no"]
    for row in flagged[3:30:11]:
        row["response_in_target"] = "yes"

    # One answer is dated before its request: a slip of the keyboard, in an area without published times.
    slip = next(r for r in rows if r["service"] == "School Transport" and r.get("responded_date"))
    slip["responded_date"] = slip["closed_date"] = slip["requested_date"] - timedelta(days=6)

    def pounds(row: dict) -> str | None:
        return None if row.get("cost_gbp") is None else f"{row['cost_gbp']:,.2f}"

    export = table(
        f"Stages_{YEAR}.csv",
        {
            "Stage Ref": "stage_id",
            "Case Ref": "complaint_id",
            "Stage": lambda r: f"{PROCEDURE[r['procedure']]} Stage {r['stage']}",
            "Stage Opened": "requested_date",
            "Request Decision": worded("request_decision", {"accepted": "Accepted"}),
            "Statement Agreed": "statement_agreed_date",
            "IO Appointed": "investigator_appointed_date",
            "Extension Agreed Y/N": worded("extension_agreed", YES_NO),
            "Extension Reason": "extension_reason",
            "Panel Date": "panel_date",
            "Panel Findings": "findings_date",
            "Response Sent": "responded_date",
            "Stage Closed": "closed_date",
            "Closure Method": worded(
                "closed_how",
                {"responded": "Response sent", "withdrawn": "Withdrawn", "escalated": "Escalated"},
            ),
            "Overall Outcome": worded("outcome", OUTCOME),
            "Team": "service",
            "Investigator": worded(
                "investigator_kind",
                {
                    "manager": "Team Manager",
                    "senior_manager": "Head of Service",
                    "external_independent": "Independent Investigating Officer",
                },
            ),
            "Investigating Manager": "_manager",
            "Complex Y/N": worded("complex", YES_NO),
            "Cost": pounds,
            "In Target Y/N": worded("response_in_target", YES_NO),
            "Reopened Y/N": worded("reopened", YES_NO),
            "Working Days": "_days",
        },
        rows,
    )
    export.faults[rows.index(slip) + 1] = "end_before_start"
    export.fault(
        export.like(70, {"Stage Ref": "CH23-9003-S1", "Case Ref": "CH23-9003"}),
        "orphan_reference",
        at=131,
    )
    return export


def _points(cases: Cases) -> Export:
    """One line per point of complaint, an outcome and a date for each stage beside it."""
    found: dict[str, dict[int, dict]] = {}
    for row in cases.rows("issue_outcome"):
        found.setdefault(row["issue_id"], {})[row["stage"]] = row
    columns = {
        "Point Ref": "issue_id",
        "Case Ref": "complaint_id",
        "Date Raised": "raised_date",
        "Team": "service",
        "Category": "category",
        "Sub-category": "sub_category",
        "Point Detail": lambda r: "See complaint definition form",
        "Process": worded("procedure", PROCEDURE),
    }

    def outcome(stage: int, column: str) -> object:
        def cell(row: dict) -> object:
            value = found.get(row["issue_id"], {}).get(stage, {}).get(column)
            return OUTCOME[value] if column == "outcome" and value else value

        return cell

    for stage in (1, 2, 3):
        columns[f"Stage {stage} Outcome"] = outcome(stage, "outcome")
        columns[f"Stage {stage} Outcome Date"] = outcome(stage, "decided_date")
    export = table(f"PointsOfComplaint_{YEAR}.csv", columns, cases.rows("issue"))
    copied = export.rows[301]
    export.fault(list(copied), "duplicate_row", at=303)
    export.fault(
        export.like(40, {"Point Ref": "CH23-9002-P01", "Case Ref": "CH23-9002"}),
        "parent_set_aside",
        at=344,
    )
    return export


def _referrals(cases: Cases) -> Export:
    decision = {
        "declined": "Declined to investigate",
        "premature": "Premature",
        "upheld": "Investigated - fault found",
    }
    export = table(
        f"LGSCO Referrals {YEAR}.xlsx",
        {
            "LGSCO Ref": "ombudsman_id",
            "Our Case Ref": "complaint_id",
            "Date Referred": "received_date",
            "Date Decided": "decided_date",
            "Outcome": worded("decision", decision),
            "Finding": worded("finding", {"fault": "Fault"}),
            "Reason": "reason",
            "Children's Services Team": lambda r: "; ".join(r["_teams"]),
            "Remedies Completed": "remedies_complied_date",
            "LGSCO Contact": lambda r: "Assessment unit",
        },
        cases.rows("ombudsman"),
        sheet="Referrals",
        above=[
            ["Children's Services: referrals to the Ombudsman"],
            ["Year", "1 April 2023 to 31 March 2024"],
            ["Kept by the Customer Relations Manager"],
        ],
        other_sheets=[("Notes", [["Invented data for a demonstration"]])],
    )
    return export


def _remedies(cases: Cases) -> Export:
    return table(
        f"LGSCO Remedies {YEAR}.xlsx",
        {
            "Remedy Ref": "remedy_id",
            "LGSCO Ref": "ombudsman_id",
            "Date Agreed": "agreed_date",
            "Remedy": worded(
                "kind",
                {
                    "payment": "Financial payment",
                    "apology": "Apology",
                    "ensure provision": "Ensure provision",
                    "training": "Training",
                    "service improvements": "Service improvements",
                    "consideration by Scrutiny": "Consideration by Scrutiny",
                },
            ),
            "Amount": "amount_gbp",
        },
        cases.rows("remedy"),
        sheet="Remedies",
    )


def _compliments(cases: Cases) -> Export:
    """Compliments as corrected in May, with the total that the office keeps at the foot."""
    themes: dict[str, list[str]] = {}
    for row in cases.rows("compliment_category"):
        themes.setdefault(row["compliment_id"], []).append(row["category"])
    export = table(
        f"Compliments {YEAR}.xlsx",
        {
            "Compliment Ref": "compliment_id",
            "Date Received": "received_date",
            "Team": "_team",
            "Type": worded("source", {"professional": "Professional", "service_user": "Service User"}),
            "Internal / External": worded("origin", {"internal": "Internal", "external": "External"}),
            "Received Through": worded(
                "route", {"ordinary": "Complaints Team", "director_session": "Talkto session"}
            ),
            "Themes": lambda r: "; ".join(themes[r["compliment_id"]]),
            "Extract": "quote",
            "OK To Publish Y/N": worded("quote_approved", YES_NO),
            "Officer Thanked": "_officer",
            "From Name": "_from",
        },
        cases.rows("compliment"),
        sheet="Compliments",
    )
    total = [None] * len(export.header)
    total[0], total[1] = "Grand Total", len(export.rows)
    export.fault(total, "total_row")
    return export


def _early(final: Export) -> Export:
    """The compliments as sent in April: two under the wrong team, one of the wrong type, one missing."""
    rows = [list(row) for row in final.rows]
    team, kind = final.header.index("Team"), final.header.index("Type")
    rows[12][team] = "MASH Team"
    rows[33][team] = "Early Help"
    rows[47][kind] = "Professional" if rows[47][kind] == "Service User" else "Service User"
    del rows[71]
    rows[-1][1] -= 1
    return Export(
        final.name,
        list(final.header),
        rows,
        sheet=final.sheet,
        faults={len(rows): "total_row"},
    )


def _learning(cases: Cases) -> Export:
    words = {"accepted": "Accepted", "implemented": "Implemented"}
    export = table(
        f"Learning Forms {YEAR}.xlsx",
        {
            "Form No": "learning_id",
            "Case Ref": "complaint_id",
            "Team": "service",
            "Manager": "_manager",
            "Form Sent": "sent_date",
            "Form Returned": "returned_date",
            "Learning Category": "category",
            "Action Text": lambda r: "Shared at team meeting" if r["action_status"] else None,
            "Action Status": worded("action_status", words),
            "Implemented": "implemented_date",
        },
        cases.rows("learning"),
        sheet="Forms",
        above=[["Learning forms: sent, returned, implemented"]],
    )
    export.fault(
        export.like(
            60,
            {
                "Form No": "LF9001",
                "Case Ref": "#REF!",
                "Form Returned": None,
                "Learning Category": None,
                "Action Text": None,
                "Action Status": None,
                "Implemented": None,
            },
        ),
        "excel_error",
        at=77,
    )
    return export


def _contacts(cases: Cases) -> Export:
    kinds = {"duty": "Duty case", "mp_enquiry": "MP enquiry", "comment": "Comment"}
    export = table(
        f"DutyAndContacts_{YEAR}.csv",
        {
            "Contact Ref": "contact_id",
            "Date": "received_date",
            "Contact Type": worded("kind", kinds),
            "Team": "service",
            "Subject": "category",
            "Result": worded("outcome", {"resolved": "Resolved", "pending": "Pending"}),
            "Caller": "_caller",
            "Summary": lambda r: "Call taken, passed on and settled.",
        },
        cases.rows("contact"),
    )
    call = "Call taken, passed on and settled."
    assess, admissions = "Children's Assessment Team", "School Admissions"
    export.fault(
        ["DC9001", date(2023, 7, 12), "Duty case", assess, "Delay", "Resolved", "Nerys Larkhill", call],
        "duplicate_id",
        at=61,
    )
    export.fault(
        [
            "DC9001",
            date(2023, 7, 14),
            "Duty case",
            "MASH Team",
            "Information",
            "Resolved",
            "Orson Dovedale",
            call,
        ],
        "duplicate_id",
        at=64,
    )
    export.fault(
        ["DC9002", None, "Duty case", assess, "Communication", "Resolved", "Effie Marshgate", call],
        "missing_required",
        at=120,
    )
    export.fault(
        Raw(
            f"DC9003,04/12/2023,Comment,{admissions},Information, advice,Resolved,Kit Fairbrook,Places asked."
        ),
        "ragged_row",
        at=170,
    )
    return export


def _survey(cases: Cases) -> Export:
    """One line per reply, a column per question, in the survey tool's own encoding."""
    replies: dict[str, dict] = {}
    for row in cases.rows("satisfaction"):
        reply = replies.setdefault(row["satisfaction_id"].split("-")[0], {"row": row, "answers": {}})
        reply["answers"][row["question"]] = row["answer"]
    comments = ["Thanks for the help.", "It didn\u2019t take long.", "Stamps cost me \u00a32.40.", ""]
    words = {"yes": "Yes", "no": "No"}
    rows = []
    for number, (reference, reply) in enumerate(replies.items()):
        answers = [
            words.get(a, a)
            for a in (
                reply["answers"].get("Were any equality issues raised?"),
                reply["answers"].get("How easy was it to make your complaint?"),
                reply["answers"].get("Were you kept informed?"),
            )
        ]
        row = reply["row"]
        rows.append([reference, row["complaint_id"], row["answered_date"], *answers, comments[number % 4]])
    header = [
        "Response ID",
        "Case Ref",
        "Completed",
        "Q1 Equality Issues",
        "Q2 Ease",
        "Q3 Kept Informed",
        "Comments",
    ]
    export = Export(f"FeedbackSurvey_{YEAR}.csv", header, rows, encoding="cp1252")
    export.fault(["SV901", rows[5][1], "03/25/2024", "No", "Easy", "Yes", ""], "us_date", at=20)
    return export


def _statistics(cases: Cases) -> Export:
    return table(
        f"Statistics_{YEAR}.csv",
        {
            "From": "period_start",
            "To": "period_end",
            "Measure": "measure",
            "Breakdown": "breakdown",
            "Area": lambda r: "Children's Social Care" if r["service"] == "csc" else r["service"],
            "Number": lambda r: f"{r['value']:,}",
        },
        cases.rows("activity"),
    )


def _earlier(folder: Path) -> Export:
    with open(folder / "prior_figures.csv", newline="", encoding="utf-8") as handle:
        rows = list(csv.reader(handle))
    header = ["Reporting Year", "Figure", "Breakdown", "Value", "Unit", "Source"]
    return Export("EarlierReports_to_2022-23.csv", header, rows[1:])
