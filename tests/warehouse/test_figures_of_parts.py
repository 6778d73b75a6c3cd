"""Figures of complaints that are about several services or have several themes, and of what became of them."""

from __future__ import annotations

import pytest

from tests.warehouse.warehouse_state import Warehouse

pytestmark = pytest.mark.xdist_group("small world")

STATUTORY = "procedure=statutory"

# Ashby's formal complaints of 2023-24 are C3 (two services, two themes, answered as not upheld) and C5 (no theme,
# withdrawn unanswered). Stage 1 answers of the year are those of C3 and of C2, which has no outcome.
EXPECTED = [
    ("new_complaints_by_outcome", f"{STATUTORY};stage_1_outcome=not_upheld", 1),
    ("new_complaints_by_outcome", f"{STATUTORY};stage_1_outcome=withdrawn", 1),
    ("new_complaints_by_outcome", f"{STATUTORY};stage_1_outcome=upheld", 0),
    ("new_complaints_by_outcome", "stage_1_outcome=not_upheld", 1),
    ("new_complaints_by_outcome", f"{STATUTORY};service=Schools;stage_1_outcome=not_upheld", 1),
    ("new_complaints_by_outcome", f"{STATUTORY};service=Fostering;stage_1_outcome=not_upheld", 1),
    ("new_complaints_by_outcome", f"{STATUTORY};stage_1_outcome=upheld;theme=Delay", 0),
    ("new_complaints_by_outcome_share", f"{STATUTORY};stage_1_outcome=not_upheld", 50),
    ("new_complaints_by_outcome_share", f"{STATUTORY};service=Schools;stage_1_outcome=not_upheld", 100),
    ("outcome_themes_share", f"{STATUTORY};stage_1_outcome=not_upheld;theme=Conduct", 100),
    # the record gives a finding for one of C3's two themes, other than that of the complaint
    ("theme_outcomes", "outcome=upheld;theme=Conduct", 1),
    ("theme_outcomes", f"outcome=not_upheld;{STATUTORY};theme=Conduct", 0),
    ("theme_outcomes_share", f"outcome=upheld;{STATUTORY};theme=Conduct", 100),
    ("new_complaints", f"{STATUTORY};theme=not_known", 1),
    ("complaint_themes_part_sum", STATUTORY, 3),
    ("complaint_themes_overlap", STATUTORY, 1),
    ("complaints_with_several_themes", STATUTORY, 1),
    ("complaint_outcomes_by_theme_touched", f"outcome=not_upheld;{STATUTORY};stage=1;theme=Conduct", 1),
    ("complaint_outcomes_by_service_touched", f"outcome=not_upheld;{STATUTORY};service=Schools;stage=1", 1),
    ("complaint_outcomes_of_responses_share", f"outcome=not_upheld;{STATUTORY};stage=1", 50),
    ("complaint_outcomes_share", f"outcome=not_upheld;{STATUTORY};stage=1", 100),
    ("stage_episodes_entered", STATUTORY, 3),
    ("stages_taken_up", STATUTORY, 2),
    ("stages_taken_up", f"{STATUTORY};stage=2", 0),
    ("stages_taken_up_by_service_touched", f"{STATUTORY};service=Schools;stage=1", 1),
    ("stages_taken_up_by_service_touched", f"{STATUTORY};service=Fostering;stage=1", 1),
    ("stages_taken_up_in_several", f"{STATUTORY};stage=1", 1),
    ("stage_episodes_answered_within_standard", "", 1),
    ("stage_episodes_answered_within_standard_share", STATUTORY, 50),
    ("stage_episodes_answered_within_extended_share", "", 100),
    ("stage_episode_outcomes", "outcome=not_upheld", 1),
    ("stage_episode_outcomes_share", f"outcome=not_upheld;{STATUTORY}", 100),
    ("complaint_outcomes_and_withdrawn", f"outcome=withdrawn;{STATUTORY};stage=1", 1),
    ("complaint_outcomes_and_withdrawn", f"outcome=upheld;{STATUTORY};stage=1", 0),
    ("complaint_outcomes_and_withdrawn_share", f"outcome=not_upheld;{STATUTORY};stage=1", 50),
    ("complaints_brought_forward", f"{STATUTORY};service=Fostering", 0),
    ("new_complaints", f"channel=Email;{STATUTORY}", 1),
    ("new_complaints", f"channel=Letter;{STATUTORY}", 0),
    ("new_complaints", f"{STATUTORY};theme=Safety", 0),
    ("closed_share", f"closed_how=withdrawn;{STATUTORY};stage=1", 50),
]


@pytest.mark.parametrize(("measure", "breakdown", "value"), EXPECTED)
def test_a_figure_of_parts(warehouse: Warehouse, measure: str, breakdown: str, value: float) -> None:
    found = warehouse.rows(
        "select value from figures.figures where authority = 'ashby' and reporting_year = '2023-24'"
        f" and period = '2023-24' and measure = '{measure}' and breakdown = '{breakdown}'"
    )
    assert found == [(value,)]


def test_an_authority_without_themes_has_no_figures_of_themes(warehouse: Warehouse) -> None:
    without = warehouse.rows(
        "select distinct authority, reporting_year from marts.dim_report except"
        " select authority, reporting_year from marts.bridge_complaint_theme"
    )
    assert without
    for authority, year in without:
        shown = (
            "select count(*) from figures.figures where measure like 'complaint%themes%'"
            f" and authority = '{authority}' and reporting_year = '{year}'"
        )
        assert warehouse.one(shown) == 0


def test_an_authority_without_points_of_complaint_prints_none_as_0(warehouse: Warehouse) -> None:
    wrong = warehouse.rows(
        "select authority, reporting_year, breakdown from figures.figures where measure = 'issues_raised'"
        " and status = 'computed' and (authority, reporting_year) not in"
        " (select (authority, reporting_year) from marts.fct_issues)"
    )
    assert wrong == []
