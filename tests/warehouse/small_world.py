"""Two authorities with a handful of cases each, chosen so that every counting rule has a case that it decides.

Ashby has two reports (2022-23 and 2023-24) and a corrected extract between them; Marlow has one report, its own
timescales, and the same identifiers as Ashby, which must never meet.
"""

from __future__ import annotations

from tests.warehouse.warehouse_state import World


def stage(stage_id: str, complaint_id: str, requested: str, number: int = 1, **columns: object) -> dict:
    """A statutory stage row."""
    return {
        "stage_id": stage_id,
        "complaint_id": complaint_id,
        "procedure": "statutory",
        "stage": number,
        "requested_date": requested,
        **columns,
    }


def ashby_cases(corrected: bool) -> dict[str, list[dict]]:
    """Ashby's case file; the corrected one adds the year's cases and moves a date that was wrong."""
    complaints = [
        {"complaint_id": "C1", "received_date": "2022-05-03", "procedure": "statutory"},
        {"complaint_id": "C2", "received_date": "2023-03-31", "procedure": "statutory"},
    ]
    stages = [
        stage("C1-1", "C1", "2022-05-03", responded_date="2022-05-17", outcome="upheld"),
        stage("C2-1", "C2", "2023-03-31", responded_date="2023-04-03" if not corrected else "2023-04-24"),
    ]
    if not corrected:
        return {"complaint": complaints, "stage": stages}
    complaints += [
        {
            "complaint_id": "C3",
            "received_date": "2023-04-06",
            "procedure": "statutory",
            "channel": "Email",
            "complainant_id": "p1",
            "child_looked_after": "no",
            "theme": "Delay",
        },
        {
            "complaint_id": "C4",
            "received_date": "2023-07-01",
            "procedure": "informal",
            "complainant_id": "p1",
        },
        {
            "complaint_id": "C5",
            "received_date": "2024-03-31",
            "procedure": "statutory",
            "withdrawn_date": "2024-04-05",
        },
        {"complaint_id": "C6", "received_date": "2024-04-02", "procedure": "statutory"},
    ]
    stages += [
        stage("C1-2", "C1", "2023-05-02", 2, request_decision="refused", service="Fostering"),
        stage(
            "C3-1",
            "C3",
            "2023-04-06",
            responded_date="2023-04-11",
            closed_date="2023-06-30",
            closed_how="withdrawn",
            outcome="not_upheld",
            service="Fostering",
        ),
        stage("C5-1", "C5", "2024-03-31", outcome="upheld"),
        stage("C6-1", "C6", "2024-04-02", responded_date="2024-04-01"),
    ]
    return {
        "complaint": complaints,
        "stage": stages,
        "complaint_service": [
            {"complaint_id": "C3", "service": "Fostering"},
            {"complaint_id": "C3", "service": "Schools", "procedure": "corporate"},
        ],
        "complaint_theme": [
            {"complaint_id": "C3", "theme": "Conduct", "outcome": "upheld"},
            {"complaint_id": "C3", "theme": "Delay"},
        ],
        "complaint_child": [{"complaint_id": "C3", "child_id": "k1", "child_looked_after": "yes"}],
        "issue": [
            {
                "issue_id": "I1",
                "complaint_id": "C3",
                "raised_date": "2023-06-30",
                "service": "Fostering",
                "category": "Delay",
            },
            {
                "issue_id": "I2",
                "complaint_id": "C4",
                "raised_date": "2023-07-01",
                "service": "Schools",
                "category": "Delay",
                "sub_category": "Letters",
            },
        ],
        "issue_outcome": [{"issue_id": "I1", "stage": 1, "outcome": "upheld", "decided_date": "2023-07-03"}],
        "ombudsman": [{"ombudsman_id": "O1", "received_date": "2023-09-01", "complaint_id": "C1"}],
        "ombudsman_service": [
            {"ombudsman_id": "O1", "service": "Schools"},
            {"ombudsman_id": "O1", "service": "Fostering"},
        ],
        "remedy": [{"remedy_id": "R1", "ombudsman_id": "O1", "kind": "apology", "agreed_date": "2023-10-01"}],
        "learning": [
            {"learning_id": "L1", "complaint_id": "C1", "service": "Fostering", "sent_date": "2023-05-01"}
        ],
        "action": [
            {
                "action_id": "A1",
                "complaint_id": "C1",
                "service": "Fostering",
                "agreed_date": "2023-05-01",
                "status": "done",
            }
        ],
        "contact": [
            {"contact_id": "K1", "received_date": "2023-05-01", "kind": "duty", "outcome": "resolved"}
        ],
        "mediation": [{"mediation_id": "M1", "complaint_id": "C3", "offered_date": "2023-05-01"}],
        "satisfaction": [
            {
                "satisfaction_id": "A1",
                "complaint_id": "C1",
                "answered_date": "2023-05-01",
                "question": "Were you heard?",
                "answer": "yes",
            }
        ],
        "activity": [
            {
                "period_start": "2023-04-01",
                "period_end": "2024-03-31",
                "measure": "service_users",
                "service": "Fostering",
                "value": 100.0,
            }
        ],
        "prior_figure": [
            {
                "reporting_year": "2021-22",
                "figure": "new_complaints",
                "value": 40.0,
                "unit": "complaints",
                "source": "published annual report 2021-22",
            }
        ],
    }


def small_world() -> World:
    """Both authorities."""
    world = World()
    world.authority("ashby", case_data_from="2022-04-01")
    world.report("ashby", "2022-23", as_at="2023-05-31")
    world.report("ashby", "2023-24", as_at="2024-05-31")
    world.configure(
        "config_service",
        {"authority": "ashby", "service": "care", "label": "Social Care", "level": "directorate"},
        {
            "authority": "ashby",
            "service": "Fostering",
            "label": "Fostering Team",
            "level": "team",
            "parent_service": "care",
        },
    )
    # a channel and a theme that only a grouping names
    for attribute, value in (("channel", "Letter"), ("theme", "Safety")):
        row = {"authority": "ashby", "attribute": attribute, "value": value}
        world.configure("config_grouping", {**row, "grouping": "kind", "group_value": "other"})
    first = world.extract("ashby", ashby_cases(corrected=False), received_at="2023-04-10T09:00:00")
    world.extract("ashby", ashby_cases(corrected=True), received_at="2024-04-08T09:00:00", supersedes=first)
    world.extract(
        "ashby",
        {
            "compliment": [
                {
                    "compliment_id": "T1",
                    "received_date": "2023-06-01",
                    "service": "Fostering",
                    "source": "professional",
                }
            ],
            "compliment_category": [{"compliment_id": "T1", "category": "Kindness"}],
        },
        source="compliments",
    )

    world.authority("marlow", case_data_from="2023-04-01")
    world.report("marlow", "2023-24", as_at="2024-04-30")
    world.configure(
        "config_timescale",
        {
            "authority": "marlow",
            "procedure": "corporate",
            "stage": 1,
            "standard_working_days": 20,
            "extended_working_days": 30,
            "clock_start": "accepted",
            "clock_end": "responded_date",
            "day_count": "count_start_day",
            "source": "Marlow complaints policy",
        },
    )
    world.extract(
        "marlow",
        {
            "complaint": [
                {
                    "complaint_id": "C3",
                    "received_date": "2023-05-02",
                    "accepted_date": "2023-05-05",
                    "procedure": "corporate",
                    "age_at_receipt": 15,
                }
            ],
            "stage": [
                {
                    "stage_id": "C3-1",
                    "complaint_id": "C3",
                    "procedure": "corporate",
                    "stage": 1,
                    "requested_date": "2023-05-02",
                    "responded_date": "2023-05-09",
                    "extension_agreed": "yes",
                    "response_in_target": "no",
                    "outcome": "upheld",
                }
            ],
        },
    )
    return world
