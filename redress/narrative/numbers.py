"""Numbers in words: in digits and spelt out, percentages, fractions, ratios, and ordinals that say how many."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fourty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES: dict[str, float] = {
    "zero": 0, "nil": 0, "a": 1, "an": 1,
    **{word: position for position, word in enumerate((*_ONES, *_TEENS), 1)},
    **dict(zip(_TENS, (20, 30, 40, 40, 50, 60, 70, 80, 90), strict=True)),
}  # fmt: skip
_JOIN = r"[-\u2010-\u2013\s]\s*"
_SMALL = rf"(?:(?:{'|'.join(_TENS)})(?:{_JOIN}(?:{'|'.join(_ONES)}))?|{'|'.join(_TEENS)}|{'|'.join(_ONES)})\b"
_HUNDREDS = rf"(?:(?:an?|{_SMALL})\s+hundred(?:\s+and\s+{_SMALL})?)\b"
_THOUSANDS = rf"(?:(?:an?|{_HUNDREDS}|{_SMALL})\s+thousand(?:,?\s+(?:and\s+)?(?:{_HUNDREDS}|{_SMALL}))?)\b"
SPELT = rf"(?:\b(?:{_THOUSANDS}|{_HUNDREDS}|{_SMALL}|zero\b|nil\b))"
"""A number spelt out."""
DIGITS = r"(?:(?<![\w.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\w.,])\d+(?:\.\d+)?)"
"""A number in digits."""
NUMBER = rf"(?:{DIGITS}|{SPELT})"

_PARTS = {
    "half": 2, "halves": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10,
}  # fmt: skip
_ORDINALS = (
    "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
)  # fmt: skip
_SUPERLATIVE = r"(?:most|least|largest|highest|lowest|smallest|biggest|greatest|fewest|commonest|longest|shortest|busiest|best|worst)"
_AFTER_A_PART = (
    r"(?=\s+(?:of\s+(?!the\s+(?:year|day|month|term)|an?\s)|were|was|are|had|have|came|went|took|led|said|did|more|fewer"
    r"|less|higher|lower|fell|rose)\b|\s*[,.;:)]|\s*$)"
)
_QUANTIFIER = (
    r"(?:about|nearly|almost|over|under|more\s+than|less\s+than|fewer\s+than|just|around|exactly|only|roughly"
    r"|close\s+to|up\s+to|at\s+least)"
)
_UNIT = r"(?:\s*-?\s*(?P<points>(?:percentage|per\s*cent(?:age)?|%)[\s-]+points?|ppts?\b)|\s*-?(?P<percent>%|\s*per\s?cent\b))?"
_PATTERN = re.compile(
    "|".join(
        (
            rf"(?P<ratio>(?P<part>{NUMBER})\s+(?:in|out\s+of|in\s+every)\s+(?P<whole>{NUMBER})"
            r"(?!\s*(?:working|calendar|school)?\s*(?:days|weeks|months|years|hours)))",
            rf"(?P<fraction>(?<!\bin\s)(?<!\bper\s)\b(?P<count>(?:an?(?=[\s-]+(?:{'|'.join(_PARTS)})\b{_AFTER_A_PART})"
            rf"|{'|'.join(_ONES)}))[\s-]+(?P<piece>{'|'.join(_PARTS)})s?\b"
            r"(?![\s-](?:party|parties|person|sector|term|year|hour|day|stage)))",
            rf"(?P<half>(?<![-\w])(?:(?<=\bby\s)half\b|half\b(?=\s+(?:of\s+(?!the\s+(?:year|day|month|term)|an?\s)"
            rf"|the\s+(?!year|day|month|term|battle|story|time)|that\b|our\b|all\b|these\b|those\b|were\b|was\b|had\b|came\b|are\b))"
            rf"|{_QUANTIFIER}\s+half\b(?![\s-](?:term|year|an?\b|day|hour)|\s+of\s+the\s+(?:year|day|month|term))))",
            r"(?P<dozen>\b(?:half\s+a|an?|" + "|".join(_ONES) + r")\s+dozen\b)",
            r"(?P<vague>\b(?:dozens|hundreds|thousands|(?<!the\s)(?:tens|scores)\s+of\b|(?:several|a\s+few|many)\s+dozen|a\s+(?:handful|couple|pair|trio)\s+of\b(?!\s+(?:fresh|new|safe|extra)\s+(?:eyes|hands))"
            r"|(?:single|double|triple)[\s-](?:figures?|digits?))\b)",
            rf"(?P<rank>\b(?:{'|'.join(_ORDINALS)}|\d+(?:st|nd|rd|th))[\s-]+(?:{_SUPERLATIVE}\b"
            r"|(?:consecutive|successive)\b|(?:year|time|quarter|month)\s+(?:running|in\s+a\s+row|in\s+succession)))",
            r"(?P<ordinal>(?<![\w.,])\d+(?:st|nd|rd|th)\b)",
            r"(?P<multiple>\b(?:three|four|five|six|seven|eight|nine|ten|\d+)[\s-]?fold\b|\b(?:quadrupled|quintupled)\b"
            r"|\bevery\s+(?:second|third|fourth|fifth|tenth)\s+(?:complaint|case|answer|response|child|family|decision)\b|\b(?:twice|double|treble|triple|thrice)\s+(?:as\s+(?:many|much|high|often)|the|that|what|last)\b)",
            rf"(?P<pounds>£\s?)?(?P<digits>{DIGITS})(?P<scale>\s?(?:million|billion|m\b|k\b|bn\b))?{_UNIT}",
            rf"(?P<spelt>{SPELT}){_UNIT.replace('points>', 'points_spelt>').replace('percent>', 'percent_spelt>')}",
        )
    ),
    re.IGNORECASE,
)

Unit = Literal["", "percent", "points", "pounds"]
Kind = Literal["number", "share", "vague", "rank", "multiple"]


@dataclass(frozen=True)
class Number:
    """A number in a text.

    Attributes:
        start, end: its place, unit included.
        text: as it stands.
        value: what it says; None where it says no exact number ("dozens", "the second highest").
        unit: what it counts in: `percent`, `points` (percentage points), `pounds`, or blank.
        is_spelt: whether it is in words.
        kind: `share` of a fraction or ratio, `rank` of an ordinal, `multiple` of "twice as many", `vague`, else `number`.
    """

    start: int
    end: int
    text: str
    value: float | None
    unit: Unit = ""
    is_spelt: bool = False
    kind: Kind = "number"


def numbers_in(text: str) -> list[Number]:
    """Return every number in a text, in order, whether it may stand there or not."""
    return [_number(match) for match in _PATTERN.finditer(text)]


def _number(match: re.Match[str]) -> Number:
    start, end, text = match.start(), match.end(), match[0]
    if match["ratio"]:
        whole = value_of(match["whole"])
        share = 100 * value_of(match["part"]) / whole if whole else None
        return Number(start, end, text, share, "percent", not match["part"][0].isdigit(), "share")
    if match["fraction"]:
        share = 100 * _VALUES[match["count"].lower()] / _PARTS[match["piece"].lower()]
        return Number(start, end, text, share, "percent", True, "share")
    if match["half"]:
        return Number(start, end, text, 50.0, "percent", True, "share")
    if match["dozen"]:
        first = text.split()[0].lower()
        return Number(start, end, text, 6.0 if first == "half" else 12 * _VALUES[first], is_spelt=True)
    for kind in ("vague", "rank", "multiple"):
        if match[kind]:
            return Number(start, end, text, None, "", True, kind)
    if match["ordinal"]:
        return Number(start, end, text, None, "", False, "rank")
    if match["spelt"]:
        unit: Unit = "points" if match["points_spelt"] else "percent" if match["percent_spelt"] else ""
        return Number(start, end, text, value_of(match["spelt"]), unit, True)
    scale = {"million": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9, "k": 1e3}.get(
        (match["scale"] or "").strip().lower(), 1.0
    )
    unit = (
        "points"
        if match["points"]
        else "percent"
        if match["percent"]
        else "pounds"
        if match["pounds"]
        else ""
    )
    return Number(start, end, text, value_of(match["digits"]) * scale, unit)


def value_of(text: str) -> float:
    """Return the value of a number in digits or spelt out, such as `48,100` or `two hundred and five`."""
    if text[0].isdigit():
        return float(text.replace(",", ""))
    whole, part = 0.0, 0.0
    for word in re.split(r"[-\u2010-\u2013\s,]+", text.lower()):
        if word == "hundred":
            part = (part or 1) * 100
        elif word == "thousand":
            whole, part = whole + (part or 1) * 1000, 0.0
        elif word not in ("and", ""):
            part += _VALUES[word]
    return whole + part


def spelt(value: int) -> str:
    """Return a number below a hundred in words; in digits with commas where it is larger."""
    if not 0 <= value < 100:
        return f"{value:,}"
    if value < 20:
        return ("none", *_ONES, *_TEENS)[value]
    tens = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")[value // 10 - 2]
    return tens if value % 10 == 0 else f"{tens}-{_ONES[value % 10 - 1]}"
