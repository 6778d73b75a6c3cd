"""Sentences for people: the numbers of a check put into words."""

from __future__ import annotations

MOST_TERMS = 14
MOST_EXAMPLES = 3


def number(value: float | None) -> str:
    """A number as people write it: 129, 58.33; blank for none."""
    if value is None:
        return ""
    if abs(value - round(value)) < 1e-9:
        return str(round(value))
    return f"{value:.4f}".rstrip("0").rstrip(".")


def sentence(title: str, lines: list[dict], count: int, wrong: int) -> str:
    """The statement of a check.

    Args:
        title: what is checked.
        lines: the lines to show: dicts with title, op ('=' or '<='), expected, found, holds, note and sides
            ({'expected'/'found': [(label, sign, value)]}).
        count: number of its lines.
        wrong: number of its lines that do not hold.

    Returns:
        For one line its numbers; for several how many hold, then some that do not, else one example.
    """
    if count == 1:
        one = lines[0]
        said = not one["title"] or one["title"].lower() in title.lower()
        return f"{title if said else title + ', ' + one['title']}: {equation(one)}"
    if not wrong:
        example = max(lines, key=lambda one: (abs(one["found"] or 0), one["title"]))
        return f"{title}. {count} checked, all hold; for example {example['title']}: {equation(example)}"
    bad = [one for one in lines if not one["holds"]][:MOST_EXAMPLES]
    shown = "; ".join(f"{one['title']}: {equation(one).rstrip('.')}" for one in bad)
    more = f"; and {wrong - len(bad)} more" if wrong > len(bad) else ""
    return f"{title}. {wrong} of {count} do not hold: {shown}{more}."


def equation(line: dict) -> str:
    """Return one line with its numbers.

    Such as `85 + 31 + 15 = 131; less counted more than once 2 = 129; in all 129.`
    """
    found_text = _side(line["sides"].get("found", []))
    expected_text = _side(line["sides"].get("expected", []))
    note = f"; {line['note']}" if line["note"] else ""
    if line["op"] == "<=":
        text = f"{found_text}, at most {expected_text}{note}"
    else:
        text = f"{found_text}{note}; {expected_text}"
    if not line["holds"]:
        if line["expected"] is None or line["found"] is None:
            text += ". A number is missing"
        elif line["op"] == "<=":
            text += f". That is {number(line['found'] - line['expected'])} too many"
        else:
            text += f". They differ by {number(line['found'] - line['expected'])}"
    return text + "."


def _side(terms: list[tuple]) -> str:
    """`A 85 + B 31 = 116; less counted more than once 2 = 114`, or `in all 129` for a single term."""
    if not terms:
        return "nothing to add up"
    plus = [(label, value) for label, sign, value in terms if sign > 0]
    minus = [(label, value) for label, sign, value in terms if sign < 0]
    if any(value is None for _, _, value in terms):
        return " + ".join(f"{label} {number(value) or '[no figure]'}" for label, value in plus + minus)
    shown, total = plus, sum(value for _, value in plus)
    if len(plus) > 6 and total:
        shown = [one for one in plus if one[1] != 0]
    more = len(shown) - MOST_TERMS
    if more > 0:
        rest = sum(value for _, value in shown[MOST_TERMS:])
        shown = shown[:MOST_TERMS] + [(f"{more} more", rest)]
    text = " + ".join(f"{label} {number(value)}" for label, value in shown)
    if len(shown) > 1:
        text += f" = {number(total)}"
    for label, value in minus:
        total -= value
        text += f"; less {label} {number(value)} = {number(total)}"
    return text
