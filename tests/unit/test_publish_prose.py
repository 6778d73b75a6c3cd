"""Sentences of the pages, for none, one, many, and what is not shown; asked of the pages' own code."""

from __future__ import annotations

import itertools
import json
import re

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
