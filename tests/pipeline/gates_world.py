"""A made-up authority for the gate tests: about 150 complaints with everything that hangs on them.

The rows are drawn with a fixed seed and written in the contract's shape; two services share some
complaints, a complaint runs under two procedures, one report is as at two months after its year.
"""

from __future__ import annotations

import hashlib
import random
from datetime import date, timedelta

from tests.warehouse.warehouse_state import World

AUTHORITY = "ashby"
YEAR = "2023-24"
FIRST, LAST, AS_AT = date(2023, 4, 1), date(2024, 3, 31), date(2024, 5, 31)

TREE = {
    "social_care": ("service_area", None),
    "learning": ("directorate", None),
    "ehcp": ("service_area", "learning"),
    "other": ("service_area", "learning"),
    "Assessment Team": ("team", "social_care"),
    "Care Team": ("team", "social_care"),
    "Fostering": ("team", "social_care"),
    "EHCP Team": ("team", "ehcp"),
    "Admissions": ("team", "other"),
    "Transport": ("team", "other"),
}
TEAMS = [service for service, (level, _) in TREE.items() if level == "team"]
CATEGORIES = {"Communication": ["Not told", "Late reply", None], "Staff": ["Rude", None], "Delay": [None]}


def pseudonym(text: str) -> str:
    """What a person's reference looks like after intake."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def world() -> World:
    """The authority's rows, one file received per contract table."""
    draw = random.Random(20240531)
    tables: dict[str, list[dict]] = {}

    def add(table: str, **row) -> None:
        tables.setdefault(table, []).append(
            {key: value.isoformat() if isinstance(value, date) else value for key, value in row.items()}
        )

    for position in range(150):
        complaint = f"C{position:03}"
        received = FIRST + timedelta(days=draw.randrange(-60, 366))
        procedure = draw.choice(["statutory", "statutory", "corporate", "corporate", "informal"])
        teams = draw.sample(TEAMS, draw.choice([1, 1, 1, 2])) if position % 17 else []
        looked_after = draw.choice(["yes", "no", "no", None])
        add(
            "complaint",
            complaint_id=complaint,
            received_date=received,
            procedure=procedure,
            channel=draw.choice(["Email", "Telephone", "Letter", None]),
            complainant_role=draw.choice(["parent", "advocate", "carer", "child_or_young_person"]),
            complainant_id=pseudonym(f"person {draw.randrange(110)}"),
            sex=draw.choice(["female", "male", None]),
            ethnicity=draw.choice(["White", "Asian", None]),
            disability=draw.choice(["yes", "no", None]),
            child_looked_after=looked_after,
            age_at_receipt=draw.choice([15, 34, 61, None]),
        )
        for team in teams:
            add("complaint_service", complaint_id=complaint, service=team, procedure=None)
        if position == 40:
            add("complaint_service", complaint_id=complaint, service="Admissions", procedure="corporate")
        add(
            "complaint_child",
            complaint_id=complaint,
            child_id=pseudonym(f"child {draw.randrange(140)}"),
            child_looked_after=looked_after,
        )
        add("complaint_theme", complaint_id=complaint, theme=draw.choice(["Contact", "Quality"]))
        requested, answered_at = received, []
        for stage in (1, 2, 3):
            responded = requested + timedelta(days=draw.randrange(3, 110)) if draw.random() < 0.85 else None
            withdrawn = responded is None and draw.random() < 0.4
            closed = responded + timedelta(days=draw.choice([0, 0, 9])) if responded else None
            if withdrawn:
                closed = requested + timedelta(days=12)
            add(
                "stage",
                stage_id=f"{complaint}-{stage}",
                complaint_id=complaint,
                procedure=procedure,
                stage=stage,
                requested_date=requested,
                responded_date=responded,
                closed_date=closed,
                closed_how="withdrawn" if withdrawn else ("responded" if responded else None),
                outcome=draw.choice(["upheld", "partially_upheld", "not_upheld", None])
                if responded
                else None,
                service=teams[0] if teams else None,
                extension_agreed=draw.choice(["yes", "no"]),
            )
            if responded:
                answered_at.append((stage, responded))
            if responded is None or draw.random() < 0.75 or procedure == "informal":
                break
            requested = responded + timedelta(days=draw.randrange(1, 20))
        for point in range(draw.choice([1, 1, 2, 4])):
            issue = f"{complaint}-I{point}"
            category = draw.choice(list(CATEGORIES))
            add(
                "issue",
                issue_id=issue,
                complaint_id=complaint,
                raised_date=received,
                service=teams[0] if teams else "Transport",
                category=category,
                sub_category=draw.choice(CATEGORIES[category]),
            )
            for stage, responded in answered_at:
                if draw.random() < 0.8:
                    add(
                        "issue_outcome",
                        issue_id=issue,
                        stage=stage,
                        outcome=draw.choice(
                            ["upheld", "partially_upheld", "not_upheld", "inconclusive", "withdrawn"]
                        ),
                        decided_date=responded,
                    )
        if position % 9 == 0:
            matter = f"O{position:03}"
            decided = received + timedelta(days=90)
            add(
                "ombudsman",
                ombudsman_id=matter,
                complaint_id=complaint,
                received_date=received,
                decided_date=decided if draw.random() < 0.7 else None,
                decision=draw.choice(["declined", "premature", "upheld", "not_upheld"]),
            )
            for team in teams or ["Transport"]:
                add("ombudsman_service", ombudsman_id=matter, service=team)
            add(
                "remedy",
                remedy_id=f"R{position}",
                complaint_id=complaint,
                ombudsman_id=matter,
                agreed_date=decided,
                kind="payment",
                amount_gbp=100.0,
            )
        if position % 2:
            sent = received + timedelta(days=40)
            add(
                "learning",
                learning_id=f"L{position}",
                complaint_id=complaint,
                service=teams[0] if teams else "Transport",
                sent_date=sent,
                returned_date=sent + timedelta(days=20) if draw.random() < 0.7 else None,
                category="Training",
            )
        compliment = f"M{position:03}"
        add(
            "compliment",
            compliment_id=compliment,
            received_date=FIRST + timedelta(days=draw.randrange(0, 366)),
            service=draw.choice(TEAMS),
            source=draw.choice(["professional", "service_user"]),
            origin=draw.choice(["internal", "external"]),
            route=draw.choice(["director_session", None]),
        )
        add("compliment_category", compliment_id=compliment, category=draw.choice(["Support", "Speed"]))
        add(
            "contact",
            contact_id=f"K{position}",
            received_date=FIRST + timedelta(days=draw.randrange(0, 366)),
            kind=draw.choice(["duty", "mp_enquiry"]),
            service=draw.choice(TEAMS),
            outcome=draw.choice(["resolved", "pending", None]),
        )
    for measure, value in (("service_users", 5212.0), ("assessments", 900.0)):
        add(
            "activity",
            period_start=FIRST,
            period_end=LAST,
            measure=measure,
            service="social_care",
            value=value,
        )
    for breakdown, value in (("", 114.0), ("service=social_care", 79.0), ("procedure=statutory", 60.0)):
        add(
            "prior_figure",
            reporting_year="2022-23",
            figure="new_complaints",
            breakdown=breakdown,
            value=value,
            unit="count",
            source="printed report 2022-23",
        )
    made = World()
    made.authority(AUTHORITY, case_data_from="2023-04-01")
    made.report(AUTHORITY, YEAR, AS_AT.isoformat())
    made.configure(
        "config_service",
        *(
            {
                "authority": AUTHORITY,
                "service": service,
                "label": service.replace("_", " ").title(),
                "level": level,
                "parent_service": parent,
            }
            for service, (level, parent) in TREE.items()
        ),
    )
    made.configure(
        "config_time_band",
        *(
            {
                "authority": AUTHORITY,
                "procedure": procedure,
                "stage": 1,
                "band": band,
                "from_days": low,
                "to_days": high,
            }
            for procedure in ("statutory", "corporate")
            for band, low, high in (("0-10", 0, 10), ("11-20", 11, 20), ("0-20", 0, 20), ("21+", 21, None))
        ),
    )
    made.configure(
        "config_timescale",
        {
            "authority": AUTHORITY,
            "procedure": "corporate",
            "stage": 1,
            "standard_working_days": 20,
            "extended_working_days": 30,
            "clock_start": "requested",
            "clock_end": "responded_date",
            "day_count": "exclude_start_day",
            "source": "the authority's policy",
        },
    )
    made.configure(
        "config_grouping",
        *(
            {
                "authority": AUTHORITY,
                "attribute": "complainant_role",
                "value": value,
                "grouping": "complainant_type",
                "group_value": group,
            }
            for value, group in (
                ("parent", "adult"),
                ("carer", "adult"),
                ("advocate", "advocate"),
                ("child_or_young_person", "child"),
            )
        ),
    )
    made.configure(
        "config_published",
        *(
            {
                "authority": AUTHORITY,
                "reporting_year": YEAR,
                "ref": ref,
                "measure": "new complaints",
                "published_value": "1",
            }
            for ref in ("ashby-2023-24-0001", "ashby-2023-24-0002")
        ),
    )
    for table, rows in sorted(tables.items()):
        made.extract(AUTHORITY, {table: rows}, source=table)
    return made
