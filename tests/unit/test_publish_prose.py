"""Sentences of the pages, for none, one, many, and what is not shown; asked of the pages' own code."""

from __future__ import annotations

import itertools
import json
import re

import pytest
from test_publish_numbers import ask


def figure(value: float | None, unit: str = "complaints", of: tuple[int, int] | None = None) -> dict:
    status = "suppressed" if value is None else "computed"
    numerator, denominator = of or (value, None)
    return {
        "id": "f", "value": value, "unit": unit, "numerator": numerator, "denominator": denominator, "status": status,
    }  # fmt: skip


def said(function: str, cases: list[dict]) -> list[str]:
    return ask("prose.js", f"{json.dumps(cases)}.map((one) => it.asText(it.{function}(one)))")  # type: ignore[return-value]


def change(now: int | None, before: int | None) -> dict:
    hidden = now is None or before is None
    moved = None if hidden else now - before
    percent = figure(
        None if hidden or not before else 100 * moved / before, "percent", (moved or 0, before or 1)
    )
    return {"change": figure(moved), "percent": percent, "earlier": figure(before), "before": "2022/23"}


def test_a_count_is_compared_in_words_that_follow_from_the_numbers() -> None:
    cases = [
        (change(129, 114), ", 15 more than the 114 of 2022/23 (an increase of 13%)"),
        (change(1, 2), ", 1 fewer than the 2 of 2022/23 (a decrease of 50%)"),
        (change(0, 4), ", 4 fewer than the 4 of 2022/23 (a decrease of 100%)"),
        (change(4, 0), ", 4 more than the 0 of 2022/23"),
        (change(5, 5), ", the same number as in 2022/23"),
        (change(0, 0), ", the same number as in 2022/23"),
        (change(501, 500), ", 1 more than the 500 of 2022/23 (an increase of less than 1%)"),
        (change(3499, 2000), ", 1,499 more than the 2,000 of 2022/23 (an increase of 75%)"),
        (change(None, 5), ""),
        (change(9, None), ""),
        ({"change": None, "percent": None, "earlier": None, "before": "2022/23"}, ""),
        (
            {"change": figure(3), "percent": None, "earlier": None, "before": "2022/23"},
            ", 3 more than in 2022/23",
        ),
    ]
    assert said("changeParts", [case for case, _ in cases]) == [words for _, words in cases]


def test_a_share_moves_in_percentage_points() -> None:
    def moved(points: float | None, earlier: float | None) -> dict:
        return {
            "points": figure(points, "percentage_points"), "earlier": figure(earlier, "percent"), "before": "2022/23",
        }  # fmt: skip

    cases = [
        (moved(3.2, 40), ", compared with 40% in 2022/23 (up 3 percentage points)"),
        (moved(-1.2, 40), ", compared with 40% in 2022/23 (down 1 percentage point)"),
        (moved(0, 40), ", compared with 40% in 2022/23 (no change)"),
        (moved(0.3, 40), ", compared with 40% in 2022/23 (up less than 1 percentage point)"),
        (moved(-0.3, 40), ", compared with 40% in 2022/23 (down less than 1 percentage point)"),
        (moved(None, 40), ", compared with 40% in 2022/23"),
        (moved(3, None), ""),
    ]
    assert said("shareChangeParts", [case for case, _ in cases]) == [words for _, words in cases]


def test_no_sentence_contradicts_its_numbers_whatever_they_are() -> None:
    """For every pair of small and some large counts: direction, size and no stray sign or word."""
    values = [*range(7), 19, 20, 99, 100, 101, 999, 1000, 12345, None]
    pairs = list(itertools.product(values, values))
    for (now, before), words in zip(
        pairs, said("changeParts", [change(*pair) for pair in pairs]), strict=True
    ):
        assert not re.search(r"undefined|null|NaN|Infinity|\[c\]|\u2212|-\d", words), (now, before, words)
        if now is None or before is None:
            assert words == ""
        elif now == before:
            assert words == ", the same number as in 2022/23"
        else:
            assert words.startswith(
                f", {abs(now - before):,} {'more' if now > before else 'fewer'} than the {before:,} of"
            )
            assert ("increase" in words) == (now > before > 0)
            assert ("decrease" in words) == (now < before)
            assert "of 0%" not in words


def test_a_change_in_a_line_of_its_own() -> None:
    changes = [figure(1015), figure(-1), figure(0), figure(None), None]
    assert ask("prose.js", f"{json.dumps(changes)}.map((one) => it.changeDetail(one, '2022/23'))") == [
        "1,015 more than in 2022/23", "1 fewer than in 2022/23", "the same as in 2022/23", None, None,
    ]  # fmt: skip


NOT_SHOWN = figure(None)
NONE, ONE, MANY = figure(0), figure(1), figure(1234)


def share(part: int, whole: int) -> dict:
    return figure(100 * part / whole, "percent", (part, whole))


def sentence(function: str, **given: object) -> str:
    [words] = said(function, [given])
    return words


SENTENCES = [
    ("receivedParts", {"name": "Northtown", "year": "2023/24", "change": {}}, "total", {
        0: "Northtown received no new complaints in 2023/24.",
        1: "Northtown received 1 new complaint in 2023/24.",
        1234: "Northtown received 1,234 new complaints in 2023/24.",
        None: "Northtown received [c] new complaints (not shown, to protect people) in 2023/24.",
    }),
    ("contactsParts", {"kind": "Duty", "year": "2023/24", "change": {}}, "contacts", {
        0: "Duty: no matters in 2023/24.",
        1: "Duty: 1 matter in 2023/24.",
        1234: "Duty: 1,234 matters in 2023/24.",
        None: "Duty: [c] matters (not shown, to protect people) in 2023/24.",
    }),
    ("repeatParts", {}, "people", {
        0: "Nobody made two or more new complaints in the year.",
        1: "1 person made two or more new complaints in the year.",
        1234: "1,234 people made two or more new complaints in the year.",
    }),
    ("answersParts", {}, "answers", {
        0: "No answers were given at this stage in the year.",
        1: "1 answer was given in the year.",
        1234: "1,234 answers were given in the year.",
    }),
    ("withdrawnParts", {}, "withdrawn", {
        0: "No complaints were withdrawn at this stage.",
        1: "1 complaint was withdrawn at this stage; a withdrawal is not an answer and is in no share.",
        1234: "1,234 complaints were withdrawn at this stage; a withdrawal is not an answer and is in no share.",
    }),
    ("issuesParts", {"change": {}, "perComplaint": figure(2.5, "ratio"), "earlierPerComplaint": None}, "issues", {
        0: "No issues were raised in the year.",
        1: "1 issue was raised in the year. That is 2.5 for each new complaint.",
        1234: "1,234 issues were raised in the year. That is 2.5 for each new complaint.",
    }),
    ("ombudsmanParts", {"year": "2023/24", "change": {}}, "received", {
        0: "No cases were referred to the Local Government and Social Care Ombudsman in 2023/24.",
        1: "1 case was referred to the Local Government and Social Care Ombudsman in 2023/24.",
        1234: "1,234 cases were referred to the Local Government and Social Care Ombudsman in 2023/24.",
    }),
    ("complimentsParts", {"year": "2023/24", "change": {}}, "compliments", {
        0: "No compliments were received in 2023/24.",
        1: "1 compliment was received in 2023/24.",
        1234: "1,234 compliments were received in 2023/24.",
    }),
    ("furtherComplimentsParts", {"way": "director session"}, "compliments", {
        1: "A further 1 compliment came by another way (director session) and is counted apart.",
        1234: "A further 1,234 compliments came by another way (director session) and are counted apart.",
        None: "A further [c] compliments (not shown, to protect people) came by another way (director session) and are "
        "counted apart.",
    }),
]  # fmt: skip


@pytest.mark.parametrize(
    ("function", "given", "counted", "expected"), SENTENCES, ids=[one[0] for one in SENTENCES]
)
def test_a_sentence_reads_as_english_for_none_one_many_and_what_is_not_shown(
    function: str, given: dict, counted: str, expected: dict
) -> None:
    cases = [given | {counted: figure(value)} for value in expected]
    assert said(function, cases) == list(expected.values())


def test_complaints_open_at_both_ends() -> None:
    ends = [(NONE, NONE), (NONE, ONE), (ONE, NONE), (figure(26), figure(21)), (ONE, NOT_SHOWN)]
    assert said("openParts", [{"start": start, "end": end} for start, end in ends]) == [
        "No complaints were open when the year began and none were open when it ended.",
        "No complaints were open when the year began and 1 was open when it ended.",
        "1 complaint was open when the year began and none were open when it ended.",
        "26 complaints were open when the year began and 21 were open when it ended.",
        "1 complaint was open when the year began and [c] were open when it ended.",
    ]


def test_answers_within_a_limit() -> None:
    def within(part: int | None, whole: int, shown: dict | None = None, moved: dict | None = None) -> dict:
        return {
            "answers": figure(whole), "within": figure(part), "share": shown or share(part or 0, whole),
            "limit": "the limit of 10 working days", "shareChange": moved,
        }  # fmt: skip

    moved = {
        "points": figure(2, "percentage_points"),
        "earlier": figure(57, "percent"),
        "before": "2022/23",
    }
    cases = [
        (within(0, 9), "None of them (0%) came within the limit of 10 working days."),
        (within(5, 5), "All 5 of them (100%) came within the limit of 10 working days."),
        (within(4, 5), "4 of them (80%) came within the limit of 10 working days."),
        (within(1, 1), "It came within the limit of 10 working days (100%)."),
        (within(0, 1), "It did not come within the limit of 10 working days (0%)."),
        (within(None, 30, share(12, 30)), "40% of them came within the limit of 10 working days."),
        (
            within(68, 115, moved=moved),
            "68 of them (59%) came within the limit of 10 working days, compared with 57% in 2022/23 (up 2 percentage points).",
        ),
    ]
    assert said("withinParts", [case for case, _ in cases]) == [words for _, words in cases]


def test_the_time_that_answers_took() -> None:
    days = [figure(value, "working_days") for value in (1, 20.46)]
    assert said("timeParts", [{"mean": mean, "median": None} for mean in days]) == [
        "The average was 1.0 working day.",
        "The average was 20.5 working days.",
    ]
    median = {**figure(19, "working_days"), "measure": "working_days_median"}
    assert sentence("timeParts", mean=days[1], median=median) == (
        "The average was 20.5 working days; half took 19 or fewer."
    )


def test_what_was_found_on_issues() -> None:
    def found(answered: int | None, part: int | None, opened: dict | None = None) -> dict:
        shown = None if part is None else share(part, answered or 1)
        return {"stage": "1", "answered": figure(answered), "share": shown, "shareChange": {}, "open": opened}

    cases = [
        (found(0, None), "At stage 1, no issues were answered."),
        (found(1, 1), "At stage 1, 1 issue was answered; it was upheld or partly upheld (100%)."),
        (found(1, 0), "At stage 1, 1 issue was answered; it was not upheld or partly upheld (0%)."),
        (found(8, 3), "At stage 1, 8 issues were answered; 38% were upheld or partly upheld."),
        (found(None, None), "At stage 1, [c] issues (not shown, to protect people) were answered."),
        (found(8, None, ONE), "At stage 1, 8 issues were answered. 1 issue was still open when the year ended."),
        (found(8, None, NONE), "At stage 1, 8 issues were answered. No issues were still open when the year ended."),
    ]  # fmt: skip
    assert said("foundParts", [case for case, _ in cases]) == [words for _, words in cases]


def test_what_the_ombudsman_decided() -> None:
    rate = (
        ". Each counts in the year of its decision, also where it was received in an earlier one."
        " An upheld rate is a share of cases investigated, never of cases received."
    )
    decided = "The Ombudsman investigated and decided "
    cases = [
        ((0, None), f"{decided}no cases in the year{rate}"),
        ((1, 1), f"{decided}1 case in the year and upheld it (100%){rate}"),
        ((1, 0), f"{decided}1 case in the year and did not uphold it (0%){rate}"),
        ((32, 28), f"{decided}32 cases in the year and upheld 28 of them (88%){rate}"),
        ((4, 0), f"{decided}4 cases in the year and upheld none of them{rate}"),
        ((4, None), f"{decided}4 cases in the year{rate}"),
    ]
    given = [
        {"investigated": figure(whole), "share": None if part is None else share(part, whole)}
        for (whole, part), _ in cases
    ]
    assert said("decidedParts", given) == [words for _, words in cases]


def test_learning_forms() -> None:
    cases = [
        ((NONE, None, None), "No forms were sent in the year."),
        ((ONE, share(1, 1), NONE), ("1 form was sent in the year, and it came back in the year (100%). No forms were "
         "outstanding when the year ended.")),
        ((ONE, share(0, 1), ONE), ("1 form was sent in the year, and it did not come back in the year (0%). 1 form was "
         "outstanding when the year ended.")),
        ((figure(27), share(9, 10), figure(3)), ("27 forms were sent in the year, and 90% of those came back in it. 3 forms "
         "were outstanding when the year ended.")),
    ]  # fmt: skip
    given = [{"sent": sent, "share": part, "outstanding": left} for (sent, part, left), _ in cases]
    assert said("formsParts", given) == [words for _, words in cases]


def test_actions() -> None:
    cases = [
        ((0, 0, 0, 0, 0, 0), "No actions were agreed in 2023/24 because of what people said."),
        ((1, 1, 0, 0, 0, 1), ("1 action was agreed in 2023/24 because of what people said. When this report was made, 1 had been "
         "done. 1 action of earlier years was still to be done when the year began.")),
        ((9, 5, 3, 2, 1, 0), ("9 actions were agreed in 2023/24 because of what people said. When this report was made, 5 had "
         "been done, 3 were still to be done (2 of them overdue) and 1 will not be done.")),
    ]  # fmt: skip
    names = ("agreed", "done", "open", "overdue", "notDone", "earlier")
    given = [
        {"year": "2023/24", **{name: figure(n, "actions") for name, n in zip(names, case, strict=True)}}
        for case, _ in cases
    ]
    assert said("actionsParts", given) == [words for _, words in cases]


def test_looked_after_children_in_complaints() -> None:
    def about(count: dict, part: dict | None, teams: dict | None) -> dict:
        return {
            "service": "Care", "procedure": "statutory", "figure": count, "share": part, "shareChange": {}, "teams": teams,
            "team": "team",
        }  # fmt: skip

    assert said("lookedAfterParts", [about(ONE, None, ONE), about(figure(19), share(19, 54), figure(6))]) == [
        "In Care, 1 new statutory complaint was about a child who is looked after. It was about 1 team.",
        (
            "In Care, 19 new statutory complaints were about a child who is looked after, 35% of its new statutory complaints. "
            "They were about 6 teams."
        ),
    ]
    apart = ". Children and complaints are counted apart: one complaint may be about several children."
    people = [(ONE, figure(3)), (figure(18), ONE), (NONE, None)]
    assert said("childrenParts", [{"lookedAfter": some, "children": all_} for some, all_ in people]) == [
        f"1 looked-after child is named in the year’s complaints, of 3 children in all{apart}",
        f"18 looked-after children are named in the year’s complaints, of 1 child in all{apart}",
        f"No looked-after children are named in the year’s complaints{apart}",
    ]


def test_parts_that_overlap_are_added_up_before_the_reader() -> None:
    def overlap(several: dict | None, times: int, adds: bool) -> dict:
        return {
            "parts": [figure(6), figure(3)], "sum": figure(9), "inSeveral": several, "overlap": figure(times),
            "total": figure(8), "level": "service area", "doPartsAdd": adds,
        }  # fmt: skip

    assert said(
        "overlapParts", [overlap(ONE, 1, True), overlap(figure(2), 2, False), overlap(None, 1, False)]
    ) == [
        (
            "6 + 3 = 9: 1 complaint touches more than one service area and is counted in each, so the parts add to 1 more than "
            "the 8 complaints received."
        ),
        "2 complaints touch more than one service area and are counted in each.",
        "1 is counted more than once.",
    ]
