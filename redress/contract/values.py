"""One cell's text to one value: numbers and words; `dates` reads days.

Every function takes the text of a cell as it came and returns a `Reading`: either a value (None for a
blank) or the kind of problem with words for its owner. Nothing is guessed: where a text has two readings
it is a problem, where it has one it is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
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

EXCEL_ERROR = re.compile(
    r"#(N/A|N/V|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|BUSY!|UNKNOWN!|"
    r"EXTERNAL!|GETTING_DATA)",
    re.IGNORECASE,
)
_CHANGE = re.compile(r"_change(_pct|_points)?$")
_FORMULA = re.compile(r"[=@]|[+-]\S")
_LETTER = re.compile(r"\w")
_NUMBER = re.compile(r"(-?)£?\s?(-?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?")


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
    if text.startswith(ERROR_CELL + "="):
        return Reading(
            code="excel_error",
            message="The cell holds a formula whose result was not saved. Open the workbook in Excel and save it.",
            expected="a value or a blank",
        )
    if text.startswith(ERROR_CELL):
        return Reading(
            code="excel_error",
            message="The cell holds a broken formula: an error is neither a value nor a blank.",
            expected="a value or a blank",
        )
    if text.startswith("#") and EXCEL_ERROR.fullmatch(text):
        return Reading(
            code="excel_error",
            message="An error of a spreadsheet formula is neither a value nor a blank.",
            expected="a value or a blank",
        )
    return None


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


_MONEY = re.compile(
    r"(?:£|\bGBP)\s?(?P<after>\d{1,3}(?:,\d{3})+|\d+)(?P<pence>\.\d{1,2})?(?P<more>[\d.,]*\d|\s?[km]\b|\s?(?:thousand|million)\b)?"
    r"|\b(?P<before>\d{1,3}(?:,\d{3})+|\d+)(?P<cents>\.\d{1,2})?\s?(?:GBP|pounds?)\b",
    re.IGNORECASE,
)


def money_reader(wanted: str) -> Reader:
    """Return a reader of the sum of money that a text names; blank where it names none.

    Args:
        wanted: `one` where the text must name one sum (the same sum twice is one), `sum` where all are added.
    """
    number = number_reader(False)

    def read(raw: str) -> Reading:
        reading = number(raw)
        if not reading.code or error_of(trim(raw)):
            return reading
        amounts = []
        for match in _MONEY.finditer(raw[:LONGEST_TEXT]):
            if match["more"]:
                return Reading(
                    code="bad_number",
                    message=f"`{match[0]}` is no sum of money with one reading.",
                    expected="e.g. £250 or £1,250.50",
                )
            whole = (match["after"] or match["before"]).replace(",", "")
            amounts.append(float(whole[:15] + (match["pence"] or match["cents"] or "")))
        if wanted == "one" and len(set(amounts)) > 1:
            shown = ", ".join(f"£{amount:,.2f}" for amount in amounts[:6])
            return Reading(
                code="bad_number",
                message=f"The text names several sums of money ({shown}), and which is meant is not known.",
                expected="one sum, or `money: sum` in the mapping where they are to be added",
            )
        value = (sum(amounts) if wanted == "sum" else amounts[0]) if amounts else None
        return Reading(
            round(value, 2) if value is not None else None, cleaned="money_in_text" if amounts else ""
        )

    return read


def containing_reader(
    read: Reader, words: Mapping[str, str], containing: Iterable[tuple[str, str]]
) -> Reader:
    """Return a reader of texts that hold something by which their word is known; the first that is found counts.

    Args:
        read: reads a word.
        words: folded texts that are translated as a whole.
        containing: folded part of a text -> word.
    """
    parts = tuple(containing)

    def found(raw: str) -> Reading:
        text = fold(raw)
        if not text or text in words or error_of(trim(raw)):
            return read(raw)
        word = next((word for part, word in parts if part in text), None)
        if word is None:
            return Reading(
                code="unknown_word",
                message="The text holds none of the texts that the mapping looks for.",
                expected=", ".join(part for part, _ in parts[:12]),
            )
        return replace(read(word), cleaned="word_in_text") if word else Reading()

    return found


_YEARS = re.compile(r"(\d{1,3})(?:\.0+)?(?:\s*(?:years?|yrs?|y)(?:\s*old)?)?", re.IGNORECASE)
OLDEST = 120


def years_of(text: str) -> int | None:
    """Return the age that a text states in whole years, such as `16` or `16 years`; None where it states none."""
    match = _YEARS.fullmatch(trim(text))
    return int(match[1]) if match and int(match[1]) <= OLDEST else None


def band_at_receipt(years: int, known_on: date | None, received: date, bands: Iterable[str]) -> str | None:
    """Return the band of a person's age on the day of receipt; None where the age fits two bands, or none.

    Args:
        years: the age.
        known_on: the day on which it was that; None for the day of receipt.
        bands: `16-24`, `65+`.
    """
    first = last = years
    if known_on is not None:
        # a person of 16 may turn 17 on the next day, or have turned 16 on this one
        whole = (
            received.year - known_on.year - ((received.month, received.day) < (known_on.month, known_on.day))
        )
        is_same_day = (received.month, received.day) == (known_on.month, known_on.day)
        first, last = years + whole, years + whole + (not is_same_day)
    found = {
        band
        for band in bands
        for low, _, high in [band.rstrip("+").partition("-")]
        if int(low) <= last and (not high or first <= int(high))
    }
    return found.pop() if len(found) == 1 and first >= 0 else None


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
