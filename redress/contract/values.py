"""One cell's text to one value: dates, numbers and words.

Every function takes the text of a cell as it came and returns a `Reading`: either a value (None for a
blank) or the kind of problem with words for its owner. Nothing is guessed: where a text has two readings
it is a problem, where it has one it is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from typing import Any

DATE_CELL, ERROR_CELL = "\ue00d", "\ue00e"
"""First character of a text that stands for a workbook's date cell or for a broken or unsaved formula."""

SPACE = (
    " "
    "\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)
"""Characters that are trimmed: Unicode white space and the marks that have no width."""

LONGEST_WORD = 255
LONGEST_TEXT = 32_767
EXCEL_SERIAL = "excel_serial"
_EXCEL_DAY_0 = date(1899, 12, 30)
_FIRST_YEAR, _LAST_YEAR = 1900, 2199

EXCEL_ERROR = re.compile(
    r"#(N/A|N/V|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|BUSY!|UNKNOWN!|"
    r"EXTERNAL!|GETTING_DATA)",
    re.IGNORECASE,
)
_CHANGE = re.compile(r"_change(_pct|_points)?$")
_FORMULA = re.compile(r"[=@]|[+-]\S")
_LETTER = re.compile(r"\w")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: .*)?")
_NUMBER = re.compile(r"(-?)£?\s?(-?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?")
_READABLE_FORMAT = {
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


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text was read as.

    Attributes:
        value: the value, None where blank or where there is a problem.
        code: kind of problem, empty if none.
        message, expected: for the owner.
        cleaned: kind of cleaning that was needed, empty if none.
    """

    value: Any = None
    code: str = ""
    message: str = ""
    expected: str = ""
    cleaned: str = ""


Reader = Callable[[str], Reading]


def trim(text: str) -> str:
    """Return the text without white space of any kind at either end."""
    return text.strip(SPACE)


def fold(text: str) -> str:
    """Return the form in which a council's own words are compared: trimmed, single spaces, any case."""
    return " ".join(trim(text).replace("\xa0", " ").split()).casefold()


def cleaning(raw: str, trimmed: str) -> str:
    """Return the kind of cleaning that trimming was, empty if there was nothing to trim."""
    if len(raw) == len(trimmed):
        return ""
    return "nonbreaking_space" if "\xa0" in raw or not raw.isascii() else "outer_space"


def error_of(text: str) -> Reading | None:
    """Return the reading of an Excel error or of a formula without a result, None for any other text."""
    if text.startswith(ERROR_CELL):
        return Reading(
            code="excel_error",
            message="The cell holds a broken formula, or one whose result was not saved in the workbook.",
            expected="a value or a blank",
        )
    if text.startswith("#") and EXCEL_ERROR.fullmatch(text):
        return Reading(
            code="excel_error",
            message="An error of a spreadsheet formula is neither a value nor a blank.",
            expected="a value or a blank",
        )
    return None


def format_words(date_format: str) -> str:
    """Return a date format as people write it, e.g. DD/MM/YYYY."""
    if date_format == EXCEL_SERIAL:
        return "an Excel day number"
    for code, words in _READABLE_FORMAT.items():
        date_format = date_format.replace(code, words)
    return date_format


def _date_of(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _other_order(text: str, date_format: str) -> str:
    """Return why a slashed date is not of the declared format though it is some date; empty if it is none."""
    match = _SLASHED.fullmatch(text)
    if not match or date_format == EXCEL_SERIAL:
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


def _parse(text: str, date_format: str) -> date | None:
    if date_format == "%Y-%m-%d":
        if not _ISO.fullmatch(text) or not text.isascii():
            return None
        return _date_of(int(text[:4]), int(text[5:7]), int(text[8:]))
    if date_format == EXCEL_SERIAL:
        if not re.fullmatch(r"\d{1,6}(\.\d+)?", text):
            return None
        days = int(text.partition(".")[0])
        return _EXCEL_DAY_0 + timedelta(days=days) if 61 <= days < 110_000 else None
    try:
        return datetime.strptime(text, date_format).date()
    except ValueError:
        return None


def date_reader(date_format: str) -> Reader:
    """Return a strict reader of dates in one format.

    A rolled-over or absent date is never made up: 30 February, month 13, a zero date and a number where a
    date is declared are `impossible_date`; a slashed date that is a date in another order is `us_date`.
    A date cell of a workbook is taken as it is. A time after the day is cut only where the format has one.
    """
    expected = format_words(date_format)

    def read(raw: str) -> Reading:
        text = trim(raw)
        if not text:
            return Reading()
        if text.startswith(DATE_CELL):
            value = _date_of(int(text[1:5]), int(text[6:8]), int(text[9:11]))
            if value and _FIRST_YEAR <= value.year <= _LAST_YEAR:
                return Reading(value)
            return Reading(
                code="impossible_date", message="The date is out of any likely range.", expected=expected
            )
        error = error_of(text)
        if error:
            return error
        value = _parse(text, date_format) if len(text) <= 64 else None
        if value and _FIRST_YEAR <= value.year <= _LAST_YEAR:
            return Reading(value, cleaned=cleaning(raw, text))
        why = _other_order(text, date_format) if len(text) <= 64 else ""
        if why:
            return Reading(
                code="us_date", message=f"The date is not written as {expected}. {why}", expected=expected
            )
        return Reading(
            code="impossible_date", message=f"This is no date written as {expected}.", expected=expected
        )

    return read


def number_reader(whole: bool, words: tuple[str, ...] = ()) -> Reader:
    """Return a reader of numbers; `whole` for integers, `words` the only numbers allowed (as text), if any.

    Thousands commas in threes and a pound sign are cleaned. `1,23` and `1.234,50` have two readings and are
    `bad_number`.
    """
    expected = (
        "one of " + ", ".join(words) if words else ("a whole number" if whole else "a number, e.g. 1234.50")
    )

    def read(raw: str) -> Reading:
        text = trim(raw)
        if not text:
            return Reading()
        error = error_of(text)
        if error:
            return error
        match = _NUMBER.fullmatch(text) if len(text) <= 40 and text.isascii() or "£" in text[:2] else None
        if not match or (match[1] and match[2]):
            code = "unknown_word" if words else "bad_number"
            return Reading(code=code, message=f"This is not {expected}.", expected=expected)
        sign = -1 if match[1] or match[2] else 1
        digits, decimals = match[3].replace(",", ""), match[4] or ""
        if len(digits) > 15:
            return Reading(
                code="bad_number", message="The number is out of any likely range.", expected=expected
            )
        cleaned = "number_with_commas" if "," in text or "£" in text else cleaning(raw, text)
        if not whole:
            return Reading(sign * float(digits + decimals), cleaned=cleaned)
        if decimals.strip(".0") or len(digits) > 9:
            return Reading(code="bad_number", message=f"This is not {expected}.", expected=expected)
        value = sign * int(digits)
        if words and str(value) not in words:
            return Reading(code="unknown_word", message=f"This is not {expected}.", expected=expected)
        return Reading(value, cleaned=cleaned)

    return read


def word_reader(exact: tuple[str, ...] | None, mapped: Mapping[str, str], what: str) -> Reader:
    """Return a reader of words.

    Args:
        exact: the words of a closed vocabulary, taken as they are; None for an open one.
        mapped: folded native word -> word; an empty word means blank. Compared in any case.
        what: whose vocabulary it is, for the message, e.g. "the contract's words for complaint.procedure".
    """
    allowed = frozenset(exact) if exact is not None else None
    shown = list(exact or ())
    expected = (
        (", ".join(shown[:12]) + (f" ... ({len(shown)} words)" if len(shown) > 12 else "")) if shown else ""
    )

    def read(raw: str) -> Reading:
        text = trim(raw)
        if not text:
            return Reading()
        if allowed is not None and text in allowed:
            return Reading(text, cleaned=cleaning(raw, text))
        error = error_of(text)
        if error:
            return error
        if len(text) > LONGEST_WORD:
            return Reading(
                code="huge_cell",
                message=f"A word of at most {LONGEST_WORD} characters belongs here.",
                expected=expected,
            )
        text = text.lstrip(DATE_CELL)
        word = mapped.get(fold(text)) if mapped else None
        if word is not None:
            return Reading(word or None, cleaned=cleaning(raw, text))
        if _FORMULA.match(text):
            return Reading(
                code="formula_injection",
                message=f"A formula is not one of {what}.",
                expected=expected or "a word",
            )
        if allowed is None and _LETTER.search(text):
            return Reading(text, cleaned=cleaning(raw, text))
        return Reading(
            code="unknown_word",
            message=f"This is not one of {what}, and the mapping does not translate it.",
            expected=expected,
        )

    return read


def measure_reader(read: Reader, measures: tuple[str, ...]) -> Reader:
    """Return a reader of the names of measures, for words that `read` has understood.

    A change of a measure is one too, as the catalogue's `*_change` rows say.
    """
    known = frozenset(measures)

    def read_measure(raw: str) -> Reading:
        reading = read(raw)
        name = reading.value
        if name is None or _CHANGE.sub("", name) in known:
            return reading
        nearest = get_close_matches(fold(name).replace(" ", "_"), measures, 3, 0.6)
        return Reading(
            code="unknown_word",
            message="The figure catalogue has no measure of this name, so that nobody could say what the figure is."
            + (f" The nearest: {', '.join(nearest)}." if nearest else ""),
            expected=", ".join(nearest) or "a measure of figure_catalogue.csv",
        )

    return read_measure
