"""The sentences of checks."""

from expectations.words import equation, number, sentence


def line(found, expected, *, op="=", note="", title=""):
    """A line of terms (label, sign, value) with its two sides added up."""

    def total(terms):
        return None if not terms or any(v is None for _, _, v in terms) else sum(s * v for _, s, v in terms)

    left, right = total(found), total(expected)
    holds = None not in (left, right) and (left == right if op == "=" else left <= right)
    return {
        "title": title,
        "op": op,
        "note": note,
        "found": left,
        "expected": right,
        "holds": holds,
        "sides": {"found": found, "expected": expected},
    }


def test_parts_that_overlap_say_what_is_counted_twice():
    areas = [
        ("Children's Social Care", 1, 85.0),
        ("EHCP", 1, 31.0),
        ("Other areas", 1, 15.0),
        ("counted more than once", -1, 2.0),
    ]
    said = equation(
        line(areas, [("complaints in all", 1, 129.0)], note="2 complaints are in more than one service area")
    )
    assert said == (
        "Children's Social Care 85 + EHCP 31 + Other areas 15 = 131; less counted more than once 2 = 129; "
        "2 complaints are in more than one service area; complaints in all 129."
    )


def test_a_difference_is_said():
    said = equation(line([("Q1", 1, 10.0), ("Q2", 1, 4.0)], [("in the year", 1, 15.0)]))
    assert said == "Q1 10 + Q2 4 = 14; in the year 15. They differ by -1."


def test_a_missing_number_is_said_and_is_not_zero():
    said = equation(line([("Q1", 1, 10.0), ("Q2", 1, None)], [("in the year", 1, 10.0)]))
    assert "Q2 [no figure]" in said and said.endswith("A number is missing.")
    assert "nothing to add up" in equation(line([], [("in the year", 1, 10.0)]))


def test_a_part_above_its_whole_is_said():
    said = equation(line([("within 10 days", 1, 12.0)], [("responses", 1, 10.0)], op="<="))
    assert said == "within 10 days 12, at most responses 10. That is 2 too many."


def test_many_lines_say_how_many_fail_and_which():
    good = line([("Q1", 1, 3.0)], [("in the year", 1, 3.0)], title="Team A")
    bad = line([("Q1", 1, 3.0)], [("in the year", 1, 4.0)], title="Team B")
    assert "12 checked, all hold; for example Team A" in sentence("Points by team", [good], 12, 0)
    said = sentence("Points by team", [bad, good], 12, 5)
    assert "5 of 12 do not hold: Team B: Q1 3; in the year 4" in said and "and 4 more" in said


def test_numbers_are_written_as_people_write_them():
    assert [number(value) for value in (129.0, 58.333333, 0.0, None)] == ["129", "58.3333", "0", ""]
