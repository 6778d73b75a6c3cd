"""How Solihull's case system hands over its year: two batches of CSV and XLSX files, with everyday faults.

Every record that is wrong on purpose is an addition: without it the counts are those of the margins.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from seeds.synthetic.cases import Cases
from seeds.synthetic.export import Export
from seeds.synthetic.mapping import CouncilMapping, actions, earlier_figures
from seeds.synthetic.writers import Raw

YEAR = "2023-24"
FIRST, SECOND = "2024-04-08", "2024-05-07"

MAPPING = CouncilMapping("solihull")
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
        MAPPING.export(
            cases,
            "case_children",
            f"CaseChildren_{YEAR}.csv",
            "Case Ref|Child ID|Child Name|Ethnicity|CLA Y/N",
            {"Child Name": "_name"},
        ),
        MAPPING.export(cases, "case_teams", f"CaseTeams_{YEAR}.csv", "Case Ref|Process|Teams"),
        _stages(cases),
        _points(cases),
        _referrals(cases),
        MAPPING.export(
            cases,
            "lgsco_remedies",
            f"LGSCO Remedies {YEAR}.xlsx",
            "Remedy Ref|LGSCO Ref|Date Agreed|Remedy|Amount",
        ),
        _early(compliments),
        _learning(cases),
        _tracker(cases, folder),
        _contacts(cases),
        MAPPING.export(
            cases,
            "mediation",
            f"Mediation_{YEAR}.csv",
            "Mediation Ref|Case Ref|Date Offered|Accepted Y/N|Result",
        ),
        _survey(cases),
        MAPPING.export(
            cases,
            "statistics",
            f"Statistics_{YEAR}.csv",
            "From|To|Measure|Breakdown|Area|Number",
            {
                "Area": lambda r: "Children's Social Care" if r["service"] == "csc" else r["service"],
                "Number": lambda r: f"{r['value']:,}",
            },
        ),
        MAPPING.export(
            cases,
            "earlier_reports",
            "EarlierReports_to_2022-23.csv",
            "Reporting Year|Figure|Breakdown|Value|Unit|Source",
            rows=earlier_figures(folder),
        ),
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

    def advocate(row: dict) -> str:
        if row["advocate_kind"] == "none":
            return "None"
        return "NYAS" if place[row["complaint_id"]] % 3 else "Other professional"

    export = MAPPING.export(
        cases,
        "cases",
        f"Cases_{YEAR}.csv",
        "Case Ref|Date Received|Date Acknowledged|Detail Agreed|Process|Contact Method|Complainant Type"
        "|On Behalf Of|Advocate|Person ID|Complainant Name|Email Address|Date of Birth|Gender|Ethnicity"
        "|Disability Y/N|CLA Y/N|Date Withdrawn|Date Closed|Accepted Over 12 Months Y/N|Notes",
        {
            "Contact Method": channel,
            "Advocate": advocate,
            "Complainant Name": "_name",
            "Email Address": "_email",
            # A no-break space stands before a few ethnicities: pasted from a web form.
            "Ethnicity": lambda r: ("\u00a0" if place[r["complaint_id"]] % 37 == 5 else "") + r["ethnicity"],
            "Notes": lambda r: NOTES[place[r["complaint_id"]] % len(NOTES)],
        },
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

    export = MAPPING.export(
        cases,
        "stages",
        f"Stages_{YEAR}.csv",
        "Stage Ref|Case Ref|Stage|Stage Opened|Request Decision|Statement Agreed|IO Appointed"
        "|Extension Agreed Y/N|Extension Reason|Panel Date|Panel Findings|Response Sent|Stage Closed"
        "|Closure Method|Overall Outcome|Team|Investigator|Investigating Manager|Complex Y/N|Cost"
        "|In Target Y/N|Reopened Y/N|Working Days",
        {"Investigating Manager": "_manager", "Cost": pounds, "Working Days": "_days"},
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
    export = MAPPING.export(
        cases,
        "points",
        f"PointsOfComplaint_{YEAR}.csv",
        "Point Ref|Case Ref|Date Raised|Team|Category|Sub-category|Point Detail|Process|Stage 1 Outcome"
        "|Stage 1 Outcome Date|Stage 2 Outcome|Stage 2 Outcome Date|Stage 3 Outcome|Stage 3 Outcome Date",
        {"Point Detail": lambda r: "See complaint definition form"},
    )
    copied = export.rows[301]
    export.fault(list(copied), "duplicate_row", at=303)
    export.fault(
        export.like(40, {"Point Ref": "CH23-9002-P01", "Case Ref": "CH23-9002"}),
        "parent_set_aside",
        at=344,
    )
    return export


def _referrals(cases: Cases) -> Export:
    return MAPPING.export(
        cases,
        "lgsco_referrals",
        f"LGSCO Referrals {YEAR}.xlsx",
        "LGSCO Ref|Our Case Ref|Date Referred|Date Decided|Outcome|Finding|Reason|Children's Services Team"
        "|Remedies Completed|LGSCO Contact",
        {
            "Children's Services Team": lambda r: "; ".join(r["_teams"]),
            "LGSCO Contact": lambda r: "Assessment unit",
        },
        above=[
            ["Children's Services: referrals to the Ombudsman"],
            ["Year", "1 April 2023 to 31 March 2024"],
            ["Kept by the Customer Relations Manager"],
        ],
        other_sheets=[("Notes", [["Invented data for a demonstration"]])],
    )


def _compliments(cases: Cases) -> Export:
    """Compliments as corrected in May, with the total that the office keeps at the foot."""
    export = MAPPING.export(
        cases,
        "compliments",
        f"Compliments {YEAR}.xlsx",
        "Compliment Ref|Date Received|Team|Type|Internal / External|Received Through|Themes|Extract"
        "|OK To Publish Y/N|Officer Thanked|From Name",
        {"Team": "_team", "Officer Thanked": "_officer", "From Name": "_from"},
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


def _tracker(cases: Cases, folder: Path) -> Export:
    """The tracker of actions as a manager keeps it: coloured by how far an action has got."""
    colours = {"done": "Complete", "not_done": "Not taken forward"}
    late = date.fromisoformat(FIRST)
    return MAPPING.export(
        cases,
        "learning_tracker",
        f"Learning Tracker {YEAR}.xlsx",
        "No|Case Ref|Theme|Team|You Told Us|What We Agreed|Lead (role)|Agreed|Target Date|RAG|Completed|Comments|OK To Publish",
        {"RAG": lambda r: colours.get(r["status"]) or ("Red" if r["due_date"] < late else "Green")},
        actions(cases, folder),
        above=[["Learning and improvement tracker"], ["Update by the last day of each month"]],
    )


def _learning(cases: Cases) -> Export:
    export = MAPPING.export(
        cases,
        "learning_forms",
        f"Learning Forms {YEAR}.xlsx",
        "Form No|Case Ref|Team|Manager|Form Sent|Form Returned|Learning Category|Action Text|Action Status"
        "|Implemented",
        {
            "Manager": "_manager",
            "Action Text": lambda r: "Shared at team meeting" if r["action_status"] else None,
        },
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
    export = MAPPING.export(
        cases,
        "duty_and_contacts",
        f"DutyAndContacts_{YEAR}.csv",
        "Contact Ref|Date|Contact Type|Team|Subject|Result|Caller|Summary",
        {"Caller": "_caller", "Summary": lambda r: "Call taken, passed on and settled."},
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
    comments = ["Thanks for the help.", "It didn\u2019t take long.", "Stamps cost me \u00a32.40.", ""]
    answers: dict[str, dict] = {}
    for row in cases.rows("satisfaction"):
        reference = row["satisfaction_id"].split("-")[0]
        reply = answers.setdefault(
            reference, row | {"_reference": reference, "_comment": comments[len(answers) % 4]}
        )
        reply[row["question"]] = row["answer"]

    def of(question: str):
        return lambda row: {"yes": "Yes", "no": "No"}.get(row.get(question), row.get(question))

    export = MAPPING.export(
        cases,
        "feedback_survey",
        f"FeedbackSurvey_{YEAR}.csv",
        "Response ID|Case Ref|Completed|Q1 Equality Issues|Q2 Ease|Q3 Kept Informed|Comments",
        {
            "Response ID": "_reference",
            "Q1 Equality Issues": of("Were any equality issues raised?"),
            "Q2 Ease": of("How easy was it to make your complaint?"),
            "Q3 Kept Informed": of("Were you kept informed?"),
            "Comments": "_comment",
        },
        list(answers.values()),
    )
    export.fault(["SV901", export.rows[5][1], "03/25/2024", "No", "Easy", "Yes", ""], "us_date", at=20)
    return export
