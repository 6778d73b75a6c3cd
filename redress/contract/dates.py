"""How the days of one column are written, and how a cell is read as a day.

A council may declare one format or several. Several are read only where no text can be two different days by them, which
is tried when the mapping is loaded (`clash_of`) and seen again at every cell. A time after the day is dropped where the
format has one; a time of another time zone becomes London's before its day is taken, since a report counts English days.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from redress.contract.values import DATE_CELL, Reader, Reading, cleaning, error_of, trim

EXCEL_SERIAL = "excel_serial"
ISO_DAY = "%Y-%m-%d"
HOME = "Europe/London"
"""The time zone whose days are counted."""

_EXCEL_DAY_0 = datetime(1899, 12, 30)
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_LONGEST_DATE = 64
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_SERIAL = re.compile(r"\d{1,6}(\.\d+)?")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: .*)?")
_DIRECTIVE = re.compile(r"%(.)")
_TIME = re.compile(r"%[HIcXT]")
_TIME_AT_END = re.compile(r"[T,\s]*%[HI].*$", re.DOTALL)
_ZONE_MARK = re.compile(r"%z|%[HMSfp]\s*Z")
_TIMES = (
    " %H:%M",
    " %H:%M:%S",
    "T%H:%M",
    "T%H:%M:%S",
    " %H:%M:%S.%f",
    "T%H:%M:%S.%f",
    " %I:%M %p",
    " %I:%M:%S %p",
)
_DIGITS = {"d": 2, "m": 2, "Y": 4, "y": 2, "H": 2, "I": 2, "M": 2, "S": 2, "j": 3}
_SEPT = re.compile(r"(?<![A-Za-z])(sep)t(?![A-Za-z])", re.IGNORECASE)
_MORE_THAN_MICROSECONDS = re.compile(r"([.,:]\d{6})\d{1,3}(?!\d)")
_READABLE = {
    "%d": "DD",
    "%m": "MM",
    "%Y": "YYYY",
    "%y": "YY",
    "%b": "Mon",
    "%B": "Month",
    "%H": "HH",
    "%M": "MM",
    "%S": "SS",
}


@dataclass(frozen=True)
class DateForm:
    """How the days of a column are written.

    Attributes:
        formats: as in Python's `strptime`, or `excel_serial`.
        zone: name of the time zone that times are written in; empty where no time is converted.
    """

    formats: tuple[str, ...] = (ISO_DAY,)
    zone: str = ""

    @property
    def shown_as(self) -> str:
        """The formats as people write them."""
        return " or ".join(format_words(date_format) for date_format in self.formats)


def format_words(date_format: str) -> str:
    """Return a date format as people write it, e.g. DD/MM/YYYY."""
    if date_format == EXCEL_SERIAL:
        return "an Excel day number"
    for code, words in _READABLE.items():
        date_format = date_format.replace(code, words)
    return date_format


def zone_of(name: str) -> tzinfo:
    """Return a time zone by its name (`utc`, `Europe/Paris`); raises LookupError where there is none of that name."""
    if name.casefold() in ("utc", "gmt", "z"):
        return UTC
    try:
        return ZoneInfo(name)
    except (OSError, ValueError) as problem:  # ZoneInfoNotFoundError is a LookupError itself
        raise LookupError(name) from problem


def fault_of_form(form: DateForm) -> str:
    """Return what is wrong with formats and a time zone; '' if they can be used."""
    for date_format in form.formats:
        fault = _fault_of_format(date_format, form.zone)
        if fault:
            return fault
    if form.zone:
        try:
            zone_of(form.zone)
        except LookupError:
            return f"there is no time zone `{form.zone}` (e.g. utc, Europe/London, America/New_York)"
    for position, first in enumerate(form.formats):
        for second in form.formats[position + 1 :]:
            text = clash_of(first, second)
            if text:
                return (
                    f"the formats `{first}` and `{second}` clash: `{text}` is a day by both, and not the same. Declare "
                    "one of them, and have the other cells corrected"
                )
    return ""


def _fault_of_format(date_format: str, zone: str) -> str:
    if date_format == EXCEL_SERIAL:
        return ""
    if "%Z" in date_format:
        return f"`{date_format}`: names of time zones (`%Z`) cannot be read; an offset is `%z`"
    day = datetime(2019, 11, 28, tzinfo=UTC)
    try:
        read = datetime.strptime(day.strftime(date_format), date_format).date()
    except (ValueError, re.error):  # the latter where a part stands twice
        read = None
    if read != day.date():
        return f"`{date_format}` is no date format with day, month and year (e.g. %d/%m/%Y, excel_serial)"
    if _ZONE_MARK.search(date_format) and not zone:
        return (
            f"`{date_format}` reads a time with its time zone, so that midnight may belong to another day here: declare "
            "`time_zone: utc` beside it, and its day is then London's"
        )
    return ""


def has_time(form: DateForm) -> bool:
    """Return whether one of the formats has a time after the day."""
    return any(date_format == EXCEL_SERIAL or _TIME.search(date_format) for date_format in form.formats)


@functools.lru_cache(maxsize=256)
def clash_of(first: str, second: str) -> str:
    """Return a text that two formats read as different days; '' where none was met.

    Days are written by each format and read by the other, with and without leading zeros. They are chosen so that day,
    month and the last two digits of the year can stand for one another.
    """
    moments = [
        datetime(year, month, day, 10, 5, 9, tzinfo=UTC)
        for year in (2003, 2011, 2024)
        for month in (1, 5, 9, 11, 12)
        for day in (2, 5, 10, 11, 12, 23)
    ]
    for moment in moments:
        for written in (first, second):
            text = _written(moment, written)
            for shown in dict.fromkeys((text, re.sub(r"(?<!\d)0(?=\d)", "", text))):
                one_day, other_day = _parse(shown, first, None), _parse(shown, second, None)
                if one_day and other_day and one_day != other_day:
                    return shown
    return ""


def _written(moment: datetime, date_format: str) -> str:
    if date_format == EXCEL_SERIAL:
        return str((moment.date() - _EXCEL_DAY_0.date()).days)
    return moment.strftime(date_format)


def _date_of(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


@functools.lru_cache(maxsize=256)
def _fixed_width(date_format: str) -> re.Pattern[str] | None:
    """Return how a text must look by a format in which two numbers follow one another without anything between.

    Python reads `1042023` as 10 April by %d%m%Y, where a spreadsheet has lost the zero of 1 April.
    """
    parts = list(_DIRECTIVE.finditer(date_format))
    glued = {
        place
        for first, second in zip(parts, parts[1:], strict=False)
        if first.end() == second.start() and first[1] in _DIGITS and second[1] in _DIGITS
        for place in (first.start(), second.start())
    }
    if not glued:
        return None
    pattern, at = "", 0
    for part in parts:
        pattern += re.escape(date_format[at : part.start()])
        pattern += f"[0-9]{{{_DIGITS[part[1]]}}}" if part.start() in glued else ".+?"
        at = part.end()
    return re.compile(pattern + re.escape(date_format[at:]), re.DOTALL)


def _parse(text: str, date_format: str, zone: tzinfo | None) -> date | None:
    """Return the day that a text is by one format, None where it is none."""
    if date_format == ISO_DAY:
        if not _ISO.fullmatch(text) or not text.isascii():
            return None
        return _date_of(int(text[:4]), int(text[5:7]), int(text[8:]))
    if date_format == EXCEL_SERIAL:
        if not _SERIAL.fullmatch(text):
            return None
        if not 61 <= int(text.partition(".")[0]) < 110_000:
            return None
        moment = _EXCEL_DAY_0 + timedelta(
            seconds=round(float(text) * 86_400) if zone else int(float(text)) * 86_400
        )
        return _home_day(moment, zone)
    fixed = _fixed_width(date_format)
    if fixed and not fixed.fullmatch(text):
        return None
    if "%b" in date_format:
        text = _SEPT.sub(r"\1", text)
    if "%f" in date_format:
        text = _MORE_THAN_MICROSECONDS.sub(r"\1", text)
    try:
        moment = datetime.strptime(text, date_format)
    except ValueError:
        return None
    return _home_day(moment, zone if _TIME.search(date_format) else None)


def _home_day(moment: datetime, zone: tzinfo | None) -> date | None:
    """Return the day in England of a moment written in a time zone; its own day where none is declared."""
    if zone is None:
        return moment.date()
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(ZoneInfo(HOME)).date()
    except OverflowError:
        return None


def _other_order(text: str, form: DateForm) -> str:
    """Return why a slashed date is not of the declared format though it is some date; empty if it is none."""
    match = _SLASHED.fullmatch(text)
    if not match or EXCEL_SERIAL in form.formats:
        return ""
    first, second, year = (int(part) for part in match.groups())
    day_first, month_first = _date_of(year, second, first), _date_of(year, first, second)
    if day_first and month_first and day_first != month_first:
        return f"It may mean {day_first:%-d %B} or {month_first:%-d %B} {year}."
    if month_first:
        return (
            "The month stands first, as in American dates, so other dates of this file may be read wrongly."
        )
    if day_first:
        return "The day stands first; the declared format is another."
    return ""


def _other_time(text: str, form: DateForm) -> str:
    """Return why a text is a day as declared, and yet cannot be read: a time stands after it, or none, or another."""
    for date_format in form.formats:
        if date_format == EXCEL_SERIAL:
            continue
        day = _TIME_AT_END.sub("", date_format)
        for suffix in ("", *_TIMES):
            other = day + suffix
            if other != date_format and _parse(text, other, None):
                said = "a time stands after the day" if suffix else "no time stands after the day"
                if suffix and day != date_format:
                    said = "the time after the day is written otherwise"
                return f"The day is written as declared, but {said}: declare `{other}` too (`formats` in mapping.yml)."
        first, _, rest = text.partition(" ")
        if rest and _parse(first, day, None):
            return f"The day is written as declared, but `{rest}` after it is not."
    return ""


def _from_cell(text: str, zone: tzinfo | None) -> date | None:
    """Return the day of a workbook's date cell."""
    if zone and len(text) > 11:
        try:
            return _home_day(datetime.fromisoformat(text[1:]), zone)
        except ValueError:
            return None
    return _date_of(int(text[1:5]), int(text[6:8]), int(text[9:11]))


def date_reader(form: DateForm) -> Reader:
    """Return a strict reader of dates.

    A rolled-over or absent date is never made up: 30 February, month 13, a zero date and a number where a
    date is declared are `impossible_date`; a slashed date that is a date in another order is `us_date`.
    A date cell of a workbook is taken as it is. A time after the day is cut only where the format has one.
    """
    expected = form.shown_as
    zone = zone_of(form.zone) if form.zone else None

    def likely(day: date | None) -> date | None:
        return day if day and _FIRST_YEAR <= day.year <= _LAST_YEAR else None

    def read(raw: str) -> Reading:
        text = trim(raw)
        if not text:
            return Reading()
        if text.startswith(DATE_CELL):
            day = likely(_from_cell(text, zone))
            if day:
                return Reading(day)
            return Reading(
                code="impossible_date", message="The date is out of any likely range.", expected=expected
            )
        error = error_of(text)
        if error:
            return error
        if len(text) > _LONGEST_DATE:
            return Reading(
                code="impossible_date", message=f"This is no date written as {expected}.", expected=expected
            )
        days = {likely(_parse(text, date_format, zone)) for date_format in form.formats} - {None}
        if len(days) == 1:
            return Reading(days.pop(), cleaned=cleaning(raw, text))
        if days:
            return Reading(
                code="us_date",
                message=f"This is more than one day: {' or '.join(sorted(map(str, days)))}.",
                expected=expected,
            )
        why = _other_time(text, form)
        if why:
            return Reading(code="impossible_date", message=why, expected=expected)
        why = _other_order(text, form)
        if why:
            return Reading(
                code="us_date", message=f"The date is not written as {expected}. {why}", expected=expected
            )
        return Reading(
            code="impossible_date", message=f"This is no date written as {expected}.", expected=expected
        )

    return read
