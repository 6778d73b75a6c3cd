"""Exports as councils' systems make them, made up: the files, and what each of their columns is.

The draft was written before these were: their headings are not taken from its lists.
"""

from __future__ import annotations

import csv
import random
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl

GIVEN = ("Amina", "Oliver", "Sarah", "Tomasz", "Priya", "Karen", "Dylan", "Grace")
FAMILY = ("Hartley", "Okoro", "Smithson", "Jones", "Patel", "Nowak", "Whitcombe")


class Maker:
    """Makes texts of one export, the same each time."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def name(self) -> str:
        """The name of nobody."""
        return f"{self.random.choice(GIVEN)} {self.random.choice(FAMILY)}"

    def day(self, first: date = date(2024, 4, 1), days: int = 365) -> date:
        """A day within so many from the first."""
        return first + timedelta(days=self.random.randrange(days))

    def pick(self, *words: str) -> str:
        """One of some words."""
        return self.random.choice(words)

    def chance(self, share: float) -> bool:
        """Whether something happens that happens in a share of cases."""
        return self.random.random() < share


def write_rows(
    path: Path, rows: list[dict[str, object]], delimiter: str = ",", encoding: str = "utf-8"
) -> Path:
    """Write rows as delimited text."""
    with path.open("w", newline="", encoding=encoding) as handle:
        writer = csv.DictWriter(handle, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_sheets(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    """Write sheets of a workbook."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def respond_system(folder: Path) -> tuple[Path, dict[str, str]]:
    """A case system's export with semicolons, dots in dates, and codes of its own."""
    made = Maker(1)
    rows = []
    for number in range(260):
        taken = made.day()
        sent = taken + timedelta(days=made.random.randrange(4, 30))
        rows.append(
            {
                "Feedback No.": f"FB-{number:05}",
                "Taken On": f"{taken:%d.%m.%Y}",
                "Acknowledgement Issued": f"{taken + timedelta(days=2):%d.%m.%Y}",
                "Legal Basis": made.pick("Children Act", "Corporate", "Children Act", "Informal"),
                "Contacted Us By": made.pick("E-Mail", "Phone", "Webform"),
                "Feedback Giver": made.name(),
                "Giver Is A": made.pick("Mother", "Father", "Care Leaver", "Grandparent", "Advocate"),
                "Gender of Giver": made.pick("F", "M", "Not stated"),
                "What About": made.pick("Delays", "Poor communication", "Quality of care", "Staff conduct"),
                "Team Concerned": made.pick("Fostering", "Duty and Assessment", "Leaving Care", "SEND"),
                "Full Text": f"I was told by {made.name()} that the review would be held in May, and then nobody came to it.",
                "Answer Posted": f"{sent:%d.%m.%Y}",
                "Finding": made.pick("Justified", "Partly justified", "Not justified"),
                "Case Finished": f"{sent + timedelta(days=1):%d.%m.%Y}",
                "Handler": made.name(),
            }
        )
    truth = {
        "Feedback No.": "complaint.complaint_id",
        "Taken On": "complaint.received_date",
        "Acknowledgement Issued": "complaint.acknowledged_date",
        "Legal Basis": "complaint.procedure",
        "Contacted Us By": "complaint.channel",
        "Feedback Giver": "",
        "Giver Is A": "complaint.complainant_role",
        "Gender of Giver": "complaint.sex",
        "What About": "complaint.theme",
        "Team Concerned": "complaint_service.service",
        "Full Text": "complaint.free_text",
        "Answer Posted": "stage.responded_date",
        "Finding": "stage.outcome",
        "Case Finished": "complaint.closed_date",
        "Handler": "",
    }
    return write_rows(folder / "Respond_export_20250401.csv", rows, ";", "cp1252"), truth


def stage_rows(folder: Path) -> tuple[Path, dict[str, str]]:
    """A workbook with a row for each stage of a case."""
    made = Maker(2)
    head = [
        "Case",
        "Step",
        "Step Began",
        "Step Answered",
        "Result of Step",
        "Track",
        "Unit Responsible",
        "Person Complaining",
        "Extra Time Agreed?",
        "Cost (£)",
    ]
    rows: list[list[object]] = [head]
    for number in range(140):
        began = made.day()
        track = made.pick("Statutory", "Statutory", "Corporate")
        for step in range(1, 3 if made.chance(0.2) else 2):
            answered = began + timedelta(days=made.random.randrange(5, 50))
            rows.append(
                [
                    f"2024/{number:04}",
                    f"Stage {step}",
                    datetime.combine(began, time()),
                    datetime.combine(answered, time()),
                    made.pick("Upheld", "Partially Upheld", "Not Upheld"),
                    track,
                    made.pick("Fostering", "MASH", "Court Team"),
                    made.pick("Parent", "Foster carer", "Young person"),
                    made.pick("Y", "N"),
                    made.random.randrange(0, 2000) if step == 2 else None,
                ]
            )
            began = answered + timedelta(days=10)
    truth = {
        "Case": "complaint.complaint_id",
        "Step": "stage.stage",
        "Step Began": "stage.requested_date",
        "Step Answered": "stage.responded_date",
        "Result of Step": "stage.outcome",
        "Track": "complaint.procedure",
        "Unit Responsible": "complaint_service.service",
        "Person Complaining": "complaint.complainant_role",
        "Extra Time Agreed?": "stage.extension_agreed",
        "Cost (£)": "stage.cost_gbp",
    }
    return write_sheets(folder / "Complaints by stage.xlsx", {"Steps": rows}), truth


def thank_you_book(folder: Path) -> tuple[Path, dict[str, str]]:
    """A book of thanks, kept by hand, with a title above the table."""
    made = Maker(3)
    rows: list[list[object]] = [
        ["Thank-you book, Children's Services"],
        [],
        ["Day", "Who it was for", "Thanked by", "In their words", "Kind of praise", "Happy to share?"],
    ]
    for _ in range(48):
        rows.append(
            [
                datetime.combine(made.day(), time()),
                made.pick("Fostering", "Early Help Hub", "Leaving Care"),
                made.pick("Parent", "School", "Foster carer", "Young person"),
                f"{made.name()} was wonderful and kept us going when it was hardest for all of us.",
                made.pick("Kindness", "Speed", "Going the extra mile"),
                made.pick("Yes", "No"),
            ]
        )
    truth = {
        "Day": "compliment.received_date",
        "Who it was for": "compliment.service",
        "Thanked by": "compliment.source",
        "In their words": "compliment.quote",
        "Kind of praise": "compliment_category.category",
        "Happy to share?": "compliment.quote_approved",
    }
    return write_sheets(folder / "Thank-you book 2024-25.xlsx", {"Log": rows}), truth


def lgsco_list(folder: Path) -> tuple[Path, dict[str, str]]:
    """One list of matters at the Ombudsman, kept by the council."""
    made = Maker(4)
    rows = []
    for number in range(22):
        told = made.day()
        rows.append(
            {
                "LGSCO No": f"24 0{number:02} 77",
                "Linked Case": f"FB-{number:05}",
                "Council Told": f"{told:%d/%m/%Y}",
                "Final Decision Issued": f"{told + timedelta(days=120):%d/%m/%Y}"
                if made.chance(0.8)
                else "Pending",
                "What LGSCO Decided": made.pick(
                    "Upheld: fault and injustice",
                    "Not upheld: no fault",
                    "Closed after initial enquiries",
                    "Premature",
                ),
                "Service Concerned": made.pick("SEND", "Fostering"),
                "Put Right": made.pick("Apology", "Payment", ""),
                "Sum Paid": made.pick("£150", "£300.00", ""),
                "Put Right On": f"{told + timedelta(days=150):%d/%m/%Y}" if made.chance(0.4) else "",
            }
        )
    truth = {
        "LGSCO No": "ombudsman.ombudsman_id",
        "Linked Case": "ombudsman.complaint_id",
        "Council Told": "ombudsman.received_date",
        "Final Decision Issued": "ombudsman.decided_date",
        "What LGSCO Decided": "ombudsman.decision",
        "Service Concerned": "ombudsman_service.service",
        "Put Right": "remedy.kind",
        "Sum Paid": "remedy.amount_gbp",
        "Put Right On": "ombudsman.remedies_complied_date",
    }
    return write_rows(folder / "Ombudsman matters.csv", rows), truth


def sharepoint_list(folder: Path) -> tuple[Path, dict[str, str]]:
    """A SharePoint list of actions, with internal names as headings and times of another zone."""
    made = Maker(5)
    rows = []
    for number in range(60):
        set_on = made.day()
        is_done = made.chance(0.5)
        rows.append(
            {
                "ID": number + 1,
                "Title": f"Review how letters are sent to families, part {number}",
                "Origin_x0020_Case": f"FB-{number:05}",
                "Lead_x0020_Team": made.pick("Fostering", "MASH", "Leaving Care"),
                "Target_x0020_Day": f"{set_on + timedelta(days=90):%Y-%m-%d}T00:00:00Z",
                "Where_x0020_We_x0020_Are": made.pick("Completed", "In Progress", "Not Started", "Cancelled"),
                "Finished": f"{set_on + timedelta(days=80):%Y-%m-%d}T23:00:00Z" if is_done else "",
                "Created": f"{set_on:%Y-%m-%d}T09:12:44Z",
                "Created By": made.name(),
                "Modified": f"{set_on + timedelta(days=99):%Y-%m-%d}T09:12:44Z",
            }
        )
    truth = {
        "ID": "action.action_id",
        "Title": "action.agreed",
        "Origin_x0020_Case": "action.complaint_id",
        "Lead_x0020_Team": "action.service",
        "Target_x0020_Day": "action.due_date",
        "Where_x0020_We_x0020_Are": "action.status",
        "Finished": "action.done_date",
        "Created": "action.agreed_date",
        "Created By": "",
        "Modified": "",
    }
    return write_rows(folder / "Actions list.csv", rows), truth


def wide_case_system(folder: Path) -> tuple[Path, dict[str, str]]:
    """A wide export of all departments with a group of columns for each stage."""
    made = Maker(6)
    rows = []
    for number in range(500):
        area = made.pick(
            "Children & Young People",
            "Children & Young People",
            "Housing & Regeneration",
            "Street Scene",
            "Adults and Health",
        )
        begun = made.day()
        first = begun + timedelta(days=made.random.randrange(5, 40))
        has_second = made.chance(0.15)
        rows.append(
            {
                "URN": f"{100000 + number}",
                "Business Unit": area,
                "Registered On": f"{begun:%d-%b-%Y}",
                "Ack'd On": f"{begun + timedelta(days=1):%d-%b-%Y}",
                "Policy Type": made.pick("CSC Statutory", "Corporate Policy"),
                "Complainant Surname": made.pick(*FAMILY),
                "Complainant DOB": f"{made.day(date(1970, 1, 1), 9000):%d-%b-%Y}",
                "Rel. to Child": made.pick("Mother", "Father", "Kinship carer", "Solicitor"),
                "S1 Sent To": made.pick("Fostering", "Court Team", "MASH")
                if area.startswith("Children")
                else made.pick("Repairs", "Bins"),
                "S1 Reply Date": f"{first:%d-%b-%Y}",
                "S1 Decision": made.pick("Upheld", "Part Upheld", "Not Upheld"),
                "S1 In Target?": made.pick("Yes", "No"),
                "S2 Escalated On": f"{first + timedelta(days=12):%d-%b-%Y}" if has_second else "",
                "S2 Reply Date": f"{first + timedelta(days=60):%d-%b-%Y}" if has_second else "",
                "S2 Decision": made.pick("Upheld", "Not Upheld") if has_second else "",
                "Time Closed": f"{first + timedelta(days=80):%d-%b-%Y}",
            }
        )
    truth = {
        "URN": "complaint.complaint_id",
        "Business Unit": "",
        "Registered On": "complaint.received_date",
        "Ack'd On": "complaint.acknowledged_date",
        "Policy Type": "complaint.procedure",
        "Complainant Surname": "",
        "Complainant DOB": "complaint.birth_date",
        "Rel. to Child": "complaint.complainant_role",
        "S1 Sent To": "stage.service",
        "S1 Reply Date": "stage.responded_date",
        "S1 Decision": "stage.outcome",
        "S1 In Target?": "stage.response_in_target",
        "S2 Escalated On": "stage.requested_date",
        "S2 Reply Date": "stage.responded_date",
        "S2 Decision": "stage.outcome",
        "Time Closed": "complaint.closed_date",
    }
    return write_rows(folder / "AllServices_CRM_dump.csv", rows), truth


SHAPES = (respond_system, stage_rows, thank_you_book, lgsco_list, sharepoint_list, wide_case_system)
