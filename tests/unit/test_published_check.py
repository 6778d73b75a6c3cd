"""The verdict on a printed number: what is reproduced, what contradicts, what nobody explained."""

import pytest

from redress.authority.relation import round_half_away
from redress.base.settings import Settings
from redress.reconcile.printed import judge, places_of, relation_holds, working_days_of


def row(**changes) -> dict:
    """A printed row joined to its figure."""
    base = {
        "ref": "somewhere-2023-24-0007",
        "authority": "somewhere",
        "reporting_year": "2023-24",
        "figure_id": "somewhere-2023-24-new-complaints-00000000",
        "figure_measure": "new_complaints",
        "figure_breakdown": "",
        "figure_period": "2023-24",
        "published_value": "85",
        "computed_value": 85.0,
        "status": "computed",
        "scale": None,
        "note": "",
    }
    return base | changes


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        (12.5, 0, 13),
        (-12.5, 0, -13),
        (20.8333, 0, 21),
        (5.4795, 1, 5.5),
        (2.5, 0, 3),
        (0.05, 1, 0.1),
        (99.5, 0, 100),
    ],
)
def test_numbers_are_rounded_half_away_from_zero(value, places, expected):
    assert round_half_away(value, places) == expected


@pytest.mark.parametrize(("printed", "places"), [("85", 0), ("7.5", 1), ("1.60", 2), ("-14", 0)])
def test_the_printed_precision_is_that_of_the_text(printed, places):
    assert places_of(printed) == places


def test_a_number_that_the_cases_give_is_reproduced():
    assert judge(row(), {}, None)["verdict"] == "reproduced"


def test_a_percentage_agrees_at_the_precision_printed_and_no_coarser():
    assert judge(row(published_value="21", computed_value=20.833), {}, None)["verdict"] == "reproduced"
    assert judge(row(published_value="20.9", computed_value=20.833), {}, None)["verdict"] == "unexplained"


def test_a_rate_can_be_printed_on_another_scale():
    assert (
        judge(row(published_value="1.6", computed_value=16.3, scale=0.1), {}, None)["verdict"] == "reproduced"
    )


def test_an_earlier_year_taken_as_given_says_so():
    assert judge(row(status="prior"), {}, None)["verdict"] == "prior_series"


def test_a_number_without_figure_needs_a_reason():
    bare = row(figure_measure="", figure_id=None, computed_value=None)
    assert judge(bare, {}, None)["verdict"] == "unexplained"
    assert judge(bare | {"note": "needs cases since 2013"}, {}, None)["verdict"] == "not_computable"


def test_a_figure_that_was_not_computed_is_unexplained_even_when_nought_is_printed():
    assert judge(row(published_value="0", computed_value=None), {}, None)["verdict"] == "unexplained"


def test_a_blank_cell_is_not_a_claim_of_nought():
    blank = judge(row(published_value="", computed_value=16.0), {}, None)
    assert blank["verdict"] == "reproduced"
    assert "left blank" in blank["reason"]


def test_a_registered_contradiction_must_fail_on_the_printed_numbers():
    entry = {
        "conflicts_with": "somewhere-2023-24-0008",
        "relation": "r0007 == r0008",
        "reason": "85 and 84 cannot both be true",
    }
    found = judge(row(computed_value=84.0), {"r0007": 85.0, "r0008": 84.0}, entry)
    assert (found["verdict"], found["evidence"]) == ("contradiction", "somewhere-2023-24-0008")
    claimed = judge(row(computed_value=84.0), {"r0007": 85.0, "r0008": 85.0}, entry)
    assert claimed["verdict"] == "unexplained"
    assert "holds on the printed numbers" in claimed["reason"]


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"published_value": "85." + "0" * 60}, "reproduced"),
        ({"published_value": "85", "scale": 1e308}, "unexplained"),
        ({"published_value": "1" + "0" * 308}, "unexplained"),
    ],
)
def test_a_number_printed_beyond_all_bounds_has_a_verdict(changes, verdict):
    assert judge(row(**changes), {}, None)["verdict"] == verdict


def test_a_register_entry_does_not_turn_a_reproduced_number_into_a_contradiction():
    entry = {"conflicts_with": "x", "relation": "r0007 == r0008", "reason": "no"}
    assert judge(row(), {"r0007": 85.0, "r0008": 84.0}, entry)["verdict"] == "reproduced"


def test_a_relation_rounds_as_numbers_are_printed():
    assert relation_holds("round_to(100 * r1 / r2, 1) == r3", {"r1": 5, "r2": 48, "r3": 10.4})


@pytest.mark.parametrize("relation", ["r1 ==", "r9 == 1", "__import__('os')", "r1 / 0 == 1"])
def test_a_relation_that_cannot_be_evaluated_is_an_error(relation):
    with pytest.raises(ValueError, match="cannot be evaluated"):
        relation_holds(relation, {"r1": 1})


@pytest.mark.parametrize(
    ("start", "end", "first", "days"),
    [
        (20220222, 20220614, 0, 75),  # Easter, the May bank holiday and two days of jubilee between
        (20230112, 20230327, 0, 52),
        (20230112, 20230327, 1, 53),
        (20220408, 20220418, 0, 4),  # a Friday to Easter Monday
        (20220409, 20220411, 1, 1),  # a Saturday is no day 1
        (20220412, 20220411, 0, 0),
    ],
)
def test_a_relation_may_count_working_days_between_printed_dates(start, end, first, days):
    count = working_days_of(Settings.from_environment().reference)
    assert count(start, end, first) == days
    printed = {"r1": float(start), "r2": float(end), "r3": float(days)}
    assert relation_holds(f"working_days(r1, r2, {first}) == r3", printed, {"working_days": count})


def test_a_number_that_is_no_day_is_an_error():
    count = working_days_of(Settings.from_environment().reference)
    with pytest.raises(ValueError, match="cannot be evaluated"):
        relation_holds("working_days(r1, 20220411) == 1", {"r1": 20220231.0}, {"working_days": count})
