"""How the days of a column are written: every way that fits, and no choice between two that both do.

A way of writing is a format of the mapping language. Texts are told apart by their shape (digits, letters, marks), so a
column with and without times has two formats of one order; whether a text is a day in a format is decided by intake's
own reader of dates.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from redress.contract.dates import EXCEL_SERIAL, DateForm, date_reader
from redress.contract.values import DATE_CELL, Reader

DAY_FIRST, MONTH_FIRST, YEAR_FIRST = "day first", "month first", "year first"
_DAY = re.compile(
    r"(?:(?P<weekday>[A-Za-z]{3,9}),?\s+)?"
    r"(?P<a>\d{1,4}|[A-Za-z]{3,9})(?P<m1>\s?[-/.]\s?|,?\s+|)(?P<b>\d{1,2}|[A-Za-z]{3,9})(?P<m2>\s?[-/.]\s?|,?\s+|)(?P<c>\d{4}|\d{2})"
    r"(?P<time>(?:T|,?\s+)\d{1,2}[:.]\d{2}.*)?"
)
_TIME = re.compile(
    r"(?P<gap>T|,?\s+)(?P<hour>\d{1,2})(?P<mark>[:.])\d{2}(?P<seconds>[:.]\d{2})?(?P<part>\.\d{1,7})?"
    r"(?P<half>\s?[AaPp][Mm])?(?P<zone>Z|\s?[+-]\d{2}:?\d{2})?"
)
_LIKELY_SERIAL = range(25_569, 62_000)
FEW_ODD = 0.02
"""The share of days that speak for another order and may still be mistakes of typing."""


@dataclass
class Days:
    """How the days of a column are written.

    Attributes:
        formats: in which every text that is a day is read, the most frequent first; empty where a workbook's own dates
            stand there, or where nothing is a day.
        readable: cells that are days.
        question: why a person must choose; empty where one order is certain.
        note: what is worth a word; empty where there is nothing.
        cells: dates of a workbook, which need no format.
        zoned: whether a time zone stands after the time.
    """

    formats: list[str] = field(default_factory=list)
    readable: int = 0
    question: str = ""
    note: str = ""
    cells: int = 0
    zoned: bool = False


@lru_cache(maxsize=256)
def _reader(date_format: str) -> Reader:
    zone = "utc" if date_format.endswith(("Z", "%z")) else ""
    return date_reader(DateForm((date_format,), zone))


def _reads(text: str, date_format: str) -> date | None:
    try:
        value = _reader(date_format)(text).value
    except (ValueError, re.error):  # a format that the language does not have reads nothing
        return None
    return value if isinstance(value, date) else None


def first_reading(text: str, formats: Iterable[str]) -> date | None:
    """Return the day that a text is in the first of some formats in which it is one; None where it is none."""
    return next((value for form in formats or ["%Y-%m-%d"] if (value := _reads(text, form))), None)


def _time_format(text: str) -> str | None:
    """Return the format of a time after a day, with its gap; None where it is none."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour = "%I" if match["half"] else "%H"
    seconds = match["seconds"][0] + "%S" if match["seconds"] else ""
    half = match["half"].lower().replace("am", "%p").replace("pm", "%p") if match["half"] else ""
    zone = match["zone"] or ""
    zone = "Z" if zone == "Z" else (" " if zone.startswith(" ") else "") + ("%z" if zone else "")
    return f"{match['gap']}{hour}{match['mark']}%M{seconds}{'.%f' if match['part'] else ''}{half}{zone}"


@lru_cache(maxsize=4096)
def ways_of(text: str) -> tuple[tuple[str, str], ...]:
    """Return (order, format) for each way in which a text may be a day."""
    match = _DAY.fullmatch(text)
    if match is None:
        return ()
    tail = _time_format(match["time"]) if match["time"] else ""
    if tail is None:
        return ()
    first, second, third = match["a"], match["b"], match["c"]
    head = ""
    if match["weekday"]:
        comma = text[len(match["weekday"]) : text.index(first, len(match["weekday"]))]
        head = ("%a" if len(match["weekday"]) == 3 else "%A") + comma
    elif not match["m1"] and not match["m2"]:
        ways = {YEAR_FIRST: "%Y%m%d", DAY_FIRST: "%d%m%Y", MONTH_FIRST: "%m%d%Y"} if len(text) == 8 else {}
        return tuple((order, form) for order, form in ways.items() if _reads(text, form))
    year = "%Y" if len(third) == 4 else "%y"
    marks = (match["m1"], match["m2"])
    orders: dict[str, tuple[str, str, str]] = {}
    if len(first) == 4 and first.isdigit():
        orders[YEAR_FIRST] = ("%Y", "%m" if second.isdigit() else _month(second), "%d")
    elif second.isalpha():
        orders[DAY_FIRST] = ("%d", _month(second), year)
    elif first.isalpha():
        orders[MONTH_FIRST] = (_month(first), "%d", year)
    else:
        orders[DAY_FIRST], orders[MONTH_FIRST] = ("%d", "%m", year), ("%m", "%d", year)
    ways = {order: f"{head}{a}{marks[0]}{b}{marks[1]}{c}{tail}" for order, (a, b, c) in orders.items()}
    return tuple((order, form) for order, form in ways.items() if _reads(text, form))


def _month(text: str) -> str:
    return "%b" if len(text) <= 4 and text.casefold() not in ("june", "july") else "%B"


def days_of(values: Mapping[str, int], is_likely: bool) -> Days:
    """Return how the days of a column are written.

    Args:
        values: each text of the column, and how often it stands there.
        is_likely: whether the heading speaks of a day, so that bare numbers may be days too.
    """
    days = Days(cells=sum(count for text, count in values.items() if text.startswith(DATE_CELL)))
    texts = {text: count for text, count in values.items() if not text.startswith(DATE_CELL)}
    ways = {text: dict(ways_of(text)) for text in texts if is_likely or not text.isdigit()}
    fitting = {text: found for text, found in ways.items() if found}
    serials = {
        text: count
        for text, count in texts.items()
        if is_likely and re.fullmatch(r"\d{5}(\.\d+)?", text) and int(text[:5]) in _LIKELY_SERIAL
    }
    days.readable = days.cells + sum(texts[text] for text in {**fitting, **serials})
    days.zoned = any(form.endswith(("Z", "%z")) for found in fitting.values() for form in found.values())
    if serials and not fitting:
        days.formats = [EXCEL_SERIAL]
        return days
    order = _order(fitting, texts, days)
    counted: Counter[str] = Counter()
    for text, found in fitting.items():
        form = found.get(order)
        counted[form if form else next(iter(found.values()))] += texts[text]
    if serials:
        counted[EXCEL_SERIAL] += sum(serials.values())
    days.formats = [form for form, _ in counted.most_common()]
    return days


def _order(fitting: Mapping[str, Mapping[str, str]], texts: Mapping[str, int], days: Days) -> str:
    """Return the order in which a column is read; where two fit, that is noted as a question."""
    total = sum(texts[text] for text in fitting)
    fits: Counter[str] = Counter()
    only: Counter[str] = Counter()
    example = ""
    for text, found in fitting.items():
        for order in found:
            fits[order] += texts[text]
        if len(found) == 1:
            only[next(iter(found))] += texts[text]
        elif len({_reads(text, form) for form in found.values()}) > 1:
            example = example or text
    if not fits:
        return DAY_FIRST
    best = [order for order, count in fits.items() if count == total]
    if len(best) > 1 and example:
        written = " and ".join(fitting[example][order] for order in best)
        days.question = f"{example}: all {total} values fit both {written}"
        return best[0]
    if best:
        return best[0]
    leading, count = fits.most_common(1)[0]
    against = total - count
    if against > FEW_ODD * total and example:
        told = ", ".join(f"{n} only {order}" for order, n in only.most_common())
        days.question = f"{total} values: {told}; the others fit several"
    else:
        days.note = f"{against} of {total} values are written otherwise"
    return leading
