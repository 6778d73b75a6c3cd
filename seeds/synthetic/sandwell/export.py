"""How Sandwell's case system hands over its year: one long log of events, and a few small lists.

The log has a line for everything that happened to a case, with its own word for it. It came in April and again in
September, when the last investigation asked for in the year had closed. Every record that is wrong on purpose is an
addition.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from seeds.synthetic.cases import Cases
from seeds.synthetic.export import Export
from seeds.synthetic.mapping import CouncilMapping, actions

YEAR = "2022-23"
FIRST, SECOND = "2023-04-17", "2023-09-25"
FIRST_UNTIL = date(2023, 4, 14)
DAYS = "%d %b %Y"

HEADER = ["Log No", "Case No", "Event", "When", "Detail", "Person No", "Name", "Entered By"]
MAPPING = CouncilMapping("sandwell")
NOTES = [
    "Rang, left message.",
    "Asks for reply by post",
    'Says "no one rings back".',
    "Meeting held; see file",
]


def exports(cases: Cases, folder: Path) -> dict[str, list[Export]]:
    """The files of each batch, by the day it was received. `folder` holds the typed earlier figures."""
    events = _events(cases)
    early = [row for row in events if row[3] <= FIRST_UNTIL]
    informal = {"Came By": lambda r: "Your Voice leaflet" if r["contact_id"][-1] in "147" else "In person"}
    first = [
        _log(early),
        _children(cases),
        MAPPING.export(
            cases, "mediation", f"Mediation_{YEAR}.csv", "Mediation No|Case No|Offered|Taken Up|Came To"
        ),
        MAPPING.export(
            cases,
            "ombudsman",
            f"Ombudsman {YEAR}.xlsx",
            "Matter|Case No|Received|Decided|Decision|Reason|Team|Remedy|Pounds|Complied",
        ),
        _follow_up(cases),
        MAPPING.export(
            cases,
            "informal_feedback",
            f"InformalFeedback_{YEAR}.csv",
            "Ref|Date|Came By|About|Team",
            informal,
        ),
        _compliments(cases),
        MAPPING.numbers(
            "numbers",
            f"Numbers_{YEAR}.csv",
            "Kind|Year|From|To|Item|Detail|Team|Number|Unit|Taken From",
            cases.rows("activity"),
            folder,
        ),
    ]
    # what was agreed in the year before stands in the list by that year alone
    said_and_did = MAPPING.export(
        cases,
        "you_said",
        f"YouSaidWeDid_{YEAR}.csv",
        "Line|Carried From|Agreed On|Case No|Team|You Said|We Will|Who|By|Where We Are|On|Why Not|Print",
        {"Carried From": lambda r: (r["carried_from_year"] or "").replace("-", "/")},
        actions(cases, folder),
    )
    return {FIRST: first, SECOND: [_with_faults(_log(events)), said_and_did]}


def _events(cases: Cases) -> list[list]:
    """Everything that happened, in the order in which it did: the columns of the log without its number."""
    teams = {row["complaint_id"]: row["service"] for row in cases.rows("complaint_service")}
    stages = {(row["complaint_id"], row["stage"]): row for row in cases.rows("stage")}
    in_words = MAPPING.word
    found: list[list] = []
    for place, case in enumerate(cases.rows("complaint")):
        ref, received = case["complaint_id"], case["received_date"]
        first, second = stages[ref, 1], stages.get((ref, 2), {})
        officer = f"CE{place % 3 + 1}"

        def say(event: str, day: date | None, detail: object = None, person: tuple = (None, None)) -> None:
            if day is not None:
                found.append([None, ref, event, day, detail, *person, officer])  # noqa: B023

        say("Complaint received", received, case["channel"])
        say("Logged as", received, in_words("procedure", case["procedure"]))
        say(
            "Complainant",
            received,
            in_words("complainant_role", case["complainant_role"]),
            (case["complainant_id"], case["_name"]),
        )
        say("Theme", received, case["theme"])
        say("Allocated to", received, teams[ref])
        if case["_is_young"]:
            word = "External advocate" if case["advocate_kind"] == "professional" else "Participation Team"
            say("Supported by", received, word)
        if case["child_looked_after"] == "yes":
            say("Child in care", received, "Yes")
        say("Acknowledged", case["acknowledged_date"])
        if place % 9 == 4:
            say("Note", case["acknowledged_date"], NOTES[place // 9 % len(NOTES)])
        if first["extension_agreed"]:
            say("Stage 1 extended", case["acknowledged_date"], "Complex case")
        say("Stage 1 reply", first["responded_date"], in_words("outcome", first["outcome"]))
        if second:
            say("Stage 2 requested", second["requested_date"])
            if second["investigator_kind"]:
                say(
                    "Investigator named",
                    second["requested_date"],
                    in_words("investigator_kind", second["investigator_kind"]),
                )
            if second["complex"] == "yes":
                say("Stage 2 complex", second["requested_date"], "Particularly complex")
            say("Terms of reference signed", second["statement_agreed_date"])
            say("Stage 2 adjudication", second["responded_date"], in_words("outcome", second["outcome"]))
            if second["cost_gbp"] is not None:
                say("Stage 2 cost", second["closed_date"], f"£{second['cost_gbp']:,.2f}")
            say("Stage 2 closed", second["closed_date"])
        say("Case closed", case["closed_date"])
    found.sort(key=lambda row: row[3])
    return found


def _log(events: list[list]) -> Export:
    rows = [[f"L{n:06d}", *row[1:]] for n, row in enumerate(events, start=40_001)]
    return Export(f"EventLog_{YEAR}.csv", HEADER, rows, delimiter=";", date_format=DAYS)


def _with_faults(log: Export) -> Export:
    """The final log with six things that go wrong in one."""
    last = len(log.rows)

    def put(case: str | None, event: str, when: str, detail: str | None, code: str) -> None:
        number = f"L{90_001 + len(log.rows) - last:06d}"
        log.fault([number, case, event, when, detail, None, None, "CE2"], code)

    begun = [
        ("Complaint received", "Telephone"),
        ("Theme", "Decision Making"),
        ("Allocated to", "Front Door"),
    ]
    # A complaint about adults' services was logged here.
    for event, detail in begun:
        put("SCT90001", event, "04 May 2022", detail, "group_set_aside")
    put("SCT90001", "Logged as", "04 May 2022", "Adult social care complaint", "unknown_word")
    # Received on a day that there was not.
    put("SCT90002", "Complaint received", "31 Jun 2022", "Telephone", "impossible_date")
    put("SCT90002", "Logged as", "01 Jul 2022", MAPPING.word("procedure", "statutory"), "group_set_aside")
    # An event that nobody told the mapping of.
    for event, detail in [*begun, ("Logged as", MAPPING.word("procedure", "statutory"))]:
        put("SCT90003", event, "11 Aug 2022", detail, "group_set_aside")
    put("SCT90003", "Sent to store", "12 Aug 2022", "Box 7", "unknown_record_type")
    # Two receipts of one case.
    put("SCT90004", "Complaint received", "05 Sep 2022", "Telephone", "records_disagree")
    put("SCT90004", "Complaint received", "15 Sep 2022", "Telephone", "records_disagree")
    put("SCT90004", "Logged as", "05 Sep 2022", MAPPING.word("procedure", "statutory"), "group_set_aside")
    # A line of no case, and one line twice.
    put(None, "Acknowledged", "06 Sep 2022", None, "missing_required")
    log.fault(list(log.rows[122]), "duplicate_row", at=125)
    return log


def _children(cases: Cases) -> Export:
    export = MAPPING.export(
        cases,
        "case_children",
        f"CaseChildren_{YEAR}.csv",
        "Case No|Child No|Child Name|Ethnic Group|In Care",
        {"Child Name": "_name"},
    )
    export.fault(["SCT90009", "CH90009", "Juna Elmsworth", "White", "No"], "orphan_reference", at=31)
    return export


def _follow_up(cases: Cases) -> Export:
    header = "Ref|Case No|Asked On|Satisfied|Comments"
    export = MAPPING.export(cases, "closing_the_loop", f"ClosingTheLoop_{YEAR}.csv", header, {"Comments": ""})
    case = export.rows[2][1]
    export.fault(["FU900", case, "12/13/2022", "Yes", None], "us_date", at=4)
    return export


def _compliments(cases: Cases) -> Export:
    header = "Number|Date|Team|From|Inside / Outside"
    export = MAPPING.export(cases, "compliments", f"Compliments {YEAR}.xlsx", header)
    export.fault(["Total", None, None, None, len(export.rows)], "total_row")
    return export
