"""Reading a printed value: the interval in which the unrounded value lies.

A number printed with d decimals stands for everything that rounds to it, both half conventions included:
7.5 is [7.45, 7.55], 13% is [12.5, 13.5]. A count is exact. A suppressed count (`<5`) is what may be behind it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from redress.audit import periods

INFINITE = float("inf")

# Nothing was printed: an empty cell. In most tables it stands for 0, which a table's own totals may show.
_BLANK = re.compile(r"^(|-|–|—|n/?a|nil return|none|null|nan|\.\.?|x)$", re.IGNORECASE)
_HIDDEN = re.compile(r"^(\*+|\[?[cxz]\]?|#|suppressed|redacted|s)$", re.IGNORECASE)
_LESS = re.compile(r"^(?:<|under|fewer than|less than|below)\s*=?\s*([\d,.]+)\s*%?$", re.IGNORECASE)
_UPTO = re.compile(r"^(?:≤|<=|up to|at most)\s*([\d,.]+)\s*%?$", re.IGNORECASE)
_MORE = re.compile(r"^(?:>|over|more than|above)\s*([\d,.]+)\s*%?$", re.IGNORECASE)
_ATLEAST = re.compile(r"^(?:≥|>=|at least)\s*([\d,.]+)\s*%?$|^([\d,.]+)\s*\+$", re.IGNORECASE)
_NUMBER = re.compile(
    r"^(?P<about>c\.?\s*|circa |about |approx(?:\.|imately)? |~\s*)?(?P<sign>[-+−–]?)\s*£?\s*(?P<sign2>[-−]?)"
    r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)\s*"
    r"(?P<after>%|percent|per cent|pp|k|m|million|(?:working |calendar )?days?|pence|people|complaints?)?$",
    re.IGNORECASE,
)

UNITS = {
    "percent": "percent",
    "%": "percent",
    "pct": "percent",
    "percentage": "percent",
    "per cent": "percent",
    "per_cent": "percent",
    "pc": "percent",
    "percentage_points": "points",
    "percentage points": "points",
    "pp": "points",
    "points": "points",
    "percentage_point": "points",
    "ppt": "points",
    "pts": "points",
    "ppts": "points",
    "days": "days",
    "day": "days",
    "working_days": "days",
    "working days": "days",
    "wd": "days",
    "calendar_days": "days",
    "calendar days": "days",
    "weeks": "days",
    "months": "days",
    "hours": "days",
    "gbp": "money",
    "£": "money",
    "pounds": "money",
    "gbp_thousands": "money",
    "£000": "money",
    "£k": "money",
    "pence": "money",
    "ratio": "ratio",
    "rate": "ratio",
    "per_1000": "ratio",
    "per 1,000": "ratio",
    "per_10000": "ratio",
    "per_100": "ratio",
    "score": "ratio",
    "rating": "ratio",
    "years": "years",
    "year": "years",
    "text": "text",
    "label": "text",
    "case_label": "text",
    "blank": "text",
    "name": "text",
    "note": "text",
    "words": "text",
    "string": "text",
    "yes_no": "text",
    "boolean": "text",
}


@dataclass(frozen=True)
class Value:
    """What a printed value says.

    Attributes:
        status: number, blank, hidden, day, text (cannot be read as a number).
        number: as printed; None unless the status is number.
        low, high: where the unrounded value lies.
        decimals: printed places; `step` is the unit of the last of them.
        day: for a date.
        fault: why the value cannot be (a day that does not exist).
    """

    status: str
    number: float | None = None
    low: float = 0.0
    high: float = INFINITE
    decimals: int = 0
    day: date | None = None
    fault: str = ""

    @property
    def step(self) -> float:
        return 10.0**-self.decimals


def unit_kind(unit: str) -> str:
    """Return the kind of a value from its unit column: count, percent, points, days, money, ratio, years, date or text."""
    low = unit.strip().lower()
    if low in UNITS:
        return UNITS[low]
    if "date" in low:
        return "date"
    if low.startswith(("per_", "per ")):
        return "ratio"
    return "count"


def read(text: str, kind: str) -> Value:
    """Return the value of a row whose unit is of `kind` (see unit_kind)."""
    printed = text.strip().replace("−", "-").replace("\u00a0", " ")
    if kind == "date":
        day, fault = periods.read_day(printed)
        if day:
            return Value("day", day=day)
        return Value("text" if printed else "blank", fault=fault)
    if _BLANK.match(printed):
        return Value("blank", low=-INFINITE if kind == "points" else 0.0)
    if kind == "text":
        return Value("text")
    if _HIDDEN.match(printed):
        return Value("hidden", low=0.0)
    for pattern, make in (
        (_LESS, lambda n: (1.0 if kind == "count" else 0.0, n - 1 if kind == "count" else n)),
        (_UPTO, lambda n: (0.0, n)),
        (_MORE, lambda n: (n + 1 if kind == "count" else n, INFINITE)),
        (_ATLEAST, lambda n: (n, INFINITE)),
    ):
        match = pattern.match(printed)
        if match:
            low, high = make(float(next(digits for digits in match.groups() if digits).replace(",", "")))
            return Value("hidden", low=low, high=high)
    match = _NUMBER.match(
        printed.strip("()") if printed.startswith("(") and printed.endswith(")") else printed
    )
    if not match:
        day, fault = periods.read_day(printed)
        if day:
            return Value("day", day=day)
        return Value("text", fault=fault)
    digits = match["number"].replace(",", "")
    decimals = len(digits.partition(".")[2])
    number = float(digits)
    if match["sign"] in ("-", "–") or match["sign2"] or printed.startswith("("):
        number = -number
    scale = {"k": 1e3, "m": 1e6, "million": 1e6}.get((match["after"] or "").lower(), 1.0)
    half = 0.5 * 10.0**-decimals * scale
    number *= scale
    if match["about"]:
        return Value("hidden", low=0.0)
    if kind == "count" and scale == 1.0:
        return Value("number", number, number, number, decimals)
    return Value("number", number, number - half, number + half, decimals)
