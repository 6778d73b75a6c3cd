"""Which tables of figures a report has: what it shows, and what follows from each."""

from __future__ import annotations

import pytest

from redress.contract.breakdown import keys_of
from redress.contract.figure_catalogue import rows
from redress.declared.closure import EVERYTHING, FigureSet, close, kind_of, sets_of, spine


@pytest.mark.parametrize(
    ("wanted", "follows"),
    [
        (FigureSet("new_complaints_change_pct", ("service",)), FigureSet("new_complaints", ("service",))),
        (FigureSet("new_complaints_change_pct", ("service",)), FigureSet("new_complaints", ("service",))),
        (FigureSet("new_complaints_share", ("channel",)), FigureSet("new_complaints", ())),
        (FigureSet("issues_upheld_share", ("stage",)), FigureSet("issues_answered", ("stage",))),
        (
            FigureSet("issue_outcomes_share", ("outcome", "stage")),
            FigureSet("issue_outcomes", ("outcome", "stage")),
        ),
        (FigureSet("withdrawn_share", ("stage",)), FigureSet("responses", ("stage",))),
        (
            FigureSet("issues_raised", ("category", "service"), "quarter"),
            FigureSet("issues_raised", ("service",)),
        ),
        (FigureSet("complaint_outcomes", ("outcome", "stage")), FigureSet("responses", ("stage",))),
        (FigureSet("entered", ("procedure", "stage")), FigureSet("carried_forward", ("procedure", "stage"))),
        (FigureSet("responses", ("stage",), "month"), FigureSet("responses", ("stage",))),
    ],
)
def test_what_follows_from_a_table(wanted: FigureSet, follows: FigureSet) -> None:
    assert follows in close([wanted])


def test_what_nobody_asked_for_is_not_there() -> None:
    closed = close([FigureSet("new_complaints", ("channel",))])
    assert closed == {FigureSet("new_complaints", ("channel",)), FigureSet("new_complaints", ())}


def test_whoever_wants_everything_gets_that_alone() -> None:
    assert close([FigureSet("new_complaints", ()), EVERYTHING]) == {EVERYTHING}


def test_closing_twice_adds_nothing() -> None:
    closed = close(spine())
    assert close(closed) == closed


def test_the_spine_names_measures_of_the_catalogue_and_sorted_keys() -> None:
    measures = {row["measure"] for row in rows()}
    for figure_set in spine():
        base = figure_set.measure.removesuffix("_pct").removesuffix("_change")
        assert base in measures, figure_set
        assert figure_set.keys == tuple(sorted(figure_set.keys))
        assert figure_set.kind in ("year", "quarter", "month")


@pytest.mark.parametrize(
    ("period", "kind"),
    [
        ("2023-24", "year"),
        ("2023-24-Q3", "quarter"),
        ("2023-04", "month"),
        ("1999-00", "year"),
        ("2099-12", "month"),
    ],
)
def test_the_kind_of_a_period(period: str, kind: str) -> None:
    assert kind_of(period) == kind


def test_the_sets_that_figures_belong_to() -> None:
    figure = {"measure": "new_complaints", "breakdown": "service=care;channel=A=B", "period": "2023-24-Q1"}
    assert sets_of([figure]) == {FigureSet("new_complaints", ("channel", "service"), "quarter")}
    assert keys_of("") == ()
