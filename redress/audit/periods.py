"""Reading the label of a period: what stretch of days it names, or that no such period exists.

Reporting years run from 1 April to 31 March (reg 13 of the 2006 Regulations counts by 12 months from a day that
the council chooses; every council read so far uses the financial year); `2023` alone is the calendar year.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH = {name: n for n, name in enumerate(MONTHS, 1)} | {name[:3]: n for n, name in enumerate(MONTHS, 1)}
_MONTH["sept"] = 9
_MONTH_NAME = r"(jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*(?:/|-|–|to)\s*((?:19|20)?\d\d)(?!\d|-\d)")
_QUARTER = re.compile(r"\b(?:q|qtr|quarter)[ _]*([0-9]+)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Period:
    """A stretch of days, or a day (`start` equal to `end`, for stocks), or nothing that could be read.

    Attributes:
        label: as printed.
        start, end: first and last day; None when the label could not be read.
        fault: why no such period exists; blank when it does.
        point: the figure is of the moment `end` and not of the stretch (year end, as at).
    """

    label: str
    start: date | None = None
    end: date | None = None
    fault: str = ""
    point: bool = False

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two labels the same period."""
        if self.end is None:
            return ("label", re.sub(r"\W+", " ", self.label.lower()).strip())
        return ("point", self.end) if self.point else (self.start, self.end)

    @property
    def months(self) -> int:
        """Length in whole months; 0 for a moment or what could not be read."""
        if self.start is None or self.end is None or self.point:
            return 0
        return (self.end.year - self.start.year) * 12 + self.end.month - self.start.month + 1

    def back(self, years: int = 1) -> Period | None:
        """Return the same stretch so many years earlier."""
        if self.start is None or self.end is None:
            return None
        return Period("", _shift(self.start, -years), _shift(self.end, -years), point=self.point)

    def within(self, other: Period) -> bool:
        """Return whether every day of this lies in `other`."""
        if not (self.start and self.end and other.start and other.end):
            return False
        return other.start <= self.start and self.end <= other.end


def _shift(day: date, years: int) -> date:
    year = day.year + years
    return date(
        year,
        day.month,
        min(day.day, monthrange(year, day.month)[1])
        if day.day < 28
        else monthrange(year, day.month)[1]
        if day.day >= 28 and day.day == monthrange(day.year, day.month)[1]
        else day.day,
    )


def _month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def financial_year(first: int) -> tuple[date, date]:
    """Return the year from 1 April of `first` to 31 March of the year after."""
    return date(first, 4, 1), date(first + 1, 3, 31)


def quarter(start: date, number: int) -> tuple[date, date]:
    """Return the first and last day of quarter `number` (1 to 4) of the twelve months that start on `start`."""
    month = start.month - 1 + 3 * (number - 1)
    first = date(start.year + month // 12, month % 12 + 1, 1)
    month += 3
    return first, date(start.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


@lru_cache(4096)
def read(label: str) -> Period:
    """Return the period that a printed label names. Never raises: a label that cannot be read has no days."""
    text = label.strip()
    low = re.sub(r"\((?:as )?printed\)|\bas printed\b", "", text.lower()).strip()
    low = re.sub(r"^(?:fy|year|financial year|reporting year|the year)\s*", "", low).replace("–", "-")
    if not low:
        return Period(text)
    point = bool(re.search(r"\b(year[ _-]*end|as[ _-]*at|at end|end of|at|snapshot)\b", low))
    ending = re.search(r"\b(?:year|12 months|twelve months)\s+(?:ending|ended|to)\b", label.lower())
    body = re.sub(
        r"\b((?:year|12 months|twelve months)?[ _-]*(?:ending|ended)|year[ _-]*end|as[ _-]*at|at end(?: of)?|end of|at|on|snapshot)\b",
        " ",
        low,
    ).strip()
    found = _range(body, text)
    if found:
        return found
    iso = re.fullmatch(r"((?:19|20)\d\d)-(0[1-9]|1[0-2])", body)
    if iso and int(iso[2]) != (int(iso[1]) + 1) % 100:
        return Period(text, *_month(int(iso[1]), int(iso[2])), point=point)
    year = _YEAR.search(body)
    if year:
        return _of_year(text, body, year, point)
    day, fault = read_day(body)
    if fault:
        return Period(text, fault=fault)
    if day:
        if ending:
            return Period(text, day - timedelta(days=364 + (day.month == 2)), day)
        return Period(text, day, day, point=True)
    named = re.fullmatch(_MONTH_NAME + r"[ -]*'?((?:19|20)?\d\d)", body)
    if named:
        whole = int(named[2]) + (2000 if len(named[2]) == 2 else 0)
        return Period(text, *_month(whole, _MONTH[named[1][:3]]), point=point)
    number = _QUARTER.search(body)
    alone = re.search(r"(?<!\d)((?:19|20)\d\d)(?!\d)", body)
    if number and not 1 <= int(number[1]) <= 4:
        return Period(text, fault=f"there is no quarter {number[1]}")
    if alone and re.fullmatch(r"(?:calendar year|cy|year)?\s*(?:19|20)\d\d", body):
        return Period(text, date(int(alone[1]), 1, 1), date(int(alone[1]), 12, 31), point=point)
    return Period(text)


def _of_year(text: str, body: str, year: re.Match[str], point: bool) -> Period:
    """Return the period of a label that holds a year such as 2023/24, perhaps with a quarter, a half or a month."""
    first = int(year[1])
    second = int(year[2]) if len(year[2]) == 4 else first // 100 * 100 + int(year[2])
    if len(year[2]) == 2 and first % 100 == 99 and int(year[2]) == 0:
        second = first + 1
    if second != first + 1:
        if len(year[2]) == 4 and second > first + 1 and body == year[0] and "/" not in body:
            return Period(text)
        return Period(text, fault=f"a year that starts in {first} ends in {first + 1}, not in {year[2]}")
    start, end = financial_year(first)
    number = _QUARTER.search(body)
    if number:
        if not 1 <= int(number[1]) <= 4:
            return Period(text, fault=f"a year has quarters 1 to 4, not {number[1]}")
        return Period(text, *quarter(start, int(number[1])), point=point)
    half = re.search(r"\b(?:h|half)[ _]*([0-9])\b", body)
    if half:
        if half[1] not in "12":
            return Period(text, fault=f"a year has two halves, not {half[1]}")
        return Period(
            text,
            quarter(start, 1 if half[1] == "1" else 3)[0],
            quarter(start, 2 if half[1] == "1" else 4)[1],
            point=point,
        )
    rest = (body[: year.start()] + " " + body[year.end() :]).strip(" ,-")
    month = re.fullmatch(_MONTH_NAME, rest)
    if month:
        number_of = _MONTH[month[1][:3]]
        return Period(text, *_month(first if number_of >= 4 else first + 1, number_of), point=point)
    if rest and not point:
        return Period(text + " ")  # something more than the year: a period of its own, by its label
    return Period(text, start, end, point=point)


def _range(body: str, text: str) -> Period | None:
    """`2013-10-01 to 2024-03-31`, `April to June 2023`, `2019/20 to 2023/24`."""
    halves = re.split(r"\s+(?:to|until|-)\s+|(?<=\d/\d\d)-(?=\d{4}/)", body)
    if len(halves) != 2:
        return None
    left, right = halves
    if re.fullmatch(r"(19|20)\d\d", left.strip()):
        return None
    months = re.fullmatch(_MONTH_NAME + r"[ ]*((?:19|20)\d\d)?", left.strip())
    ends = re.fullmatch(_MONTH_NAME + r"[ ]*((?:19|20)\d\d)", right.strip())
    if months and ends:
        last = int(ends[2])
        b, a = _MONTH[ends[1][:3]], _MONTH[months[1][:3]]
        first = int(months[2]) if months[2] else (last if a <= b else last - 1)
        if (first, a) > (last, b):
            return Period(text, fault="it ends before it starts")
        return Period(text, _month(first, a)[0], _month(last, b)[1])
    earlier, later = read(left.strip()), read(right.strip())
    if earlier.fault or later.fault:
        return Period(text, fault=earlier.fault or later.fault)
    if earlier.start and later.end:
        if earlier.start > later.end:
            return Period(text, fault="it ends before it starts")
        return Period(text, earlier.start, later.end)
    return None


@lru_cache(4096)
def read_day(text: str) -> tuple[date | None, str]:
    """Return a calendar day, and why there is no such day when the text names one that does not exist."""
    low = text.strip().lower()
    low = re.sub(r"\b(\d{1,2})(st|nd|rd|th)\b", r"\1", low)
    low = re.sub(r"^(?:mon|tues?|wed(?:nes)?|thur?s?|fri|sat(?:ur)?|sun)(?:day)?,?\s+", "", low)
    for pattern, order in (
        (r"((?:19|20)\d\d)-(\d{1,2})-(\d{1,2})(?:t.*)?", "ymd"),
        (r"((?:19|20)\d\d)/(\d{1,2})/(\d{1,2})", "ymd"),
        (r"((?:19|20)\d\d)(\d\d)(\d\d)", "ymd"),
        (r"(\d{1,2})[/.-](\d{1,2})[/.-]((?:19|20)?\d\d)", "dmy"),
        (r"(\d{1,2})[ -]+([a-z]{3,9})[ ,-]+((?:19|20)?\d\d)", "dmy"),
    ):
        match = re.fullmatch(pattern, low)
        if not match:
            continue
        parts = dict(zip(order, match.groups(), strict=True))
        name = parts["m"]
        if not name.isdigit():
            if name[:3] not in _MONTH:
                return None, ""
            name = str(_MONTH[name[:3]])
        year, month, day = int(parts["y"]), int(name), int(parts["d"])
        year += 2000 if year < 100 else 0
        if not 1 <= month <= 12:
            return None, f"there is no month {month}"
        if not 1 <= day <= monthrange(year, month)[1]:
            return (
                None,
                f"{MONTHS[month - 1].title()} {year} has {monthrange(year, month)[1]} days, not {day}",
            )
        return date(year, month, day), ""
    return None, ""


def years_in(text: str) -> list[str]:
    """Return the reporting years that a text such as a heading names."""
    return [match[0] for match in _YEAR.finditer(text)]


def misspelt(label: str) -> str:
    """Return the month that a misspelt word of a label is near to; blank when there is none."""
    from difflib import get_close_matches

    for match in re.finditer(r"[a-z]{4,}", label.lower()):
        word = match[0]
        near = get_close_matches(word, MONTHS, 1, 0.8)
        if near and near[0] != word and not near[0].startswith(word) and word != "sept":
            return near[0].title()
    return ""
