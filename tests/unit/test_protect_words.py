"""Text that leaves beside the figures says nothing that they hold back."""

from __future__ import annotations

import pytest

from redress.protect.tables import _say_only_what_was_printed, _without_numbers


@pytest.mark.parametrize(
    ("statement", "left"),
    [
        ("Brought forward, corporate, stage 1, 2021-22-Q2: the figure says 1; counted again case by case 1.",
         "Brought forward, corporate, stage 1, 2021-22-Q2."),
        ("Closed of MASH by the services below it, 2021-22. 7 checked, all hold; for example stage 1: A 7 + B 3 = 10; C 10.",
         "Closed of MASH by the services below it, 2021-22."),
        ("References to children (214): other than a pseudonym 0; allowed 0.", "References to children."),
    ],
)  # fmt: skip
def test_a_check_leaves_without_its_numbers(statement: str, left: str) -> None:
    assert _without_numbers(statement) == left


def test_beside_a_printed_number_stands_none_of_ours_where_the_figure_is_not_shown() -> None:
    same = {"verdict": "reproduced", "published_value": "12", "computed_value": "12.4", "reason": ""}
    other = {"verdict": "contradiction", "published_value": "12", "computed_value": "3", "reason": "r"}
    blank = {
        "verdict": "reproduced",
        "published_value": "",
        "computed_value": "3",
        "reason": "the cases give 3",
    }
    for row in (same, other, blank):
        _say_only_what_was_printed(row)
    assert same["reason"] == ""
    assert (same["computed_value"], other["computed_value"], blank["computed_value"]) == ("12", "[c]", "[c]")
    assert "3" not in blank["reason"]


@pytest.mark.parametrize(
    ("reason", "left"),
    [
        ("Eight are said to have gone on; section 2 says four new ones did. The cases give five: those and one more.",
         "Eight are said to have gone on; section 2 says four new ones did."),
        ("Chart 6 has two where chart 2 has one. The cases follow chart 2.", "Chart 6 has two where chart 2 has one."),
        ("The cases have 14.", "why is not told, to protect people"),
        ("20% is 8 of 40; four of 40 is 10%.", "20% is 8 of 40; four of 40 is 10%."),
    ],
)  # fmt: skip
def test_a_reason_does_not_say_what_the_cases_give_where_the_figure_is_not_shown(
    reason: str, left: str
) -> None:
    row = {"verdict": "contradiction", "published_value": "8", "computed_value": "5", "reason": reason}
    _say_only_what_was_printed(row)
    assert (row["computed_value"], row["reason"]) == ("[c]", left)
