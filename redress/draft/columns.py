"""What a column of a file holds: how much of it is filled, with what, and whether that may be shown in a draft."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from redress.contract.values import DATE_CELL, EXCEL_ERROR, fold, number_reader, trim
from redress.draft.dates import Days, days_of, first_reading
from redress.intake.names import names_in
from redress.intake.sheet import Sheet
from redress.intake.undeclared_words import names_somebody

_DAY_WORDS = re.compile(
    r"date|\bday\b|\bon$|received|logged|created|opened|closed|sent|due|raised|completed|decided|\bdob\b|birth|"
    r"acknowledged|agreed|\bwhen\b|deadline|start|\bend\b|responded|replied|notified|appointed",
    re.IGNORECASE,
)
_STANDS_FOR_BLANK = re.compile(
    r"n/?[ak]|n\.a\.?|#?n/a|-+|\u2013|\u2014|\.+|\?+|tbc|t\.b\.c\.?|tba|null|nil|none|blank|unknown|not (?:known|stated|recorded|"
    r"given|provided|applicable|available|yet)|awaited|awaiting|pending|outstanding|to be confirmed|ongoing|x",
    re.IGNORECASE,
)
_CERTAIN_BLANK = re.compile(
    r"n/?a|n\.a\.?|-+|\u2013|\u2014|\.+|tbc|t\.b\.c\.?|tba|null|to be confirmed", re.IGNORECASE
)
MOST_WORDS = 60
"""A column of more different words is no vocabulary."""
_LONGEST_WORD = 60
_SEPARATORS = (";", "|", "\n", ", ", ",", " / ", "/", " & ")
_number = number_reader(whole=False)


@dataclass
class Column:
    """One column of a table in a file.

    Attributes:
        heading: as it stands in the file.
        rows: records of the table.
        values: each text that is not blank, trimmed, and how often it stands there.
        name: the heading without the sheet that it was joined from; empty where it is the heading.
    """

    heading: str
    position: int
    rows: int
    values: Counter[str] = field(default_factory=Counter)
    name: str = ""

    @property
    def called(self) -> str:
        """What it is called in its own sheet."""
        return self.name or self.heading

    @property
    def filled(self) -> int:
        """Cells that are not blank."""
        return sum(self.values.values())

    @cached_property
    def is_likely_day(self) -> bool:
        """Whether the heading speaks of a day."""
        return bool(_DAY_WORDS.search(self.called))

    @cached_property
    def days(self) -> Days:
        """How its days are written."""
        return days_of(
            {text: n for text, n in self.values.items() if not self.stands_for_blank(text)},
            self.is_likely_day,
        )

    @staticmethod
    def stands_for_blank(text: str) -> bool:
        """Return whether a text may stand for a blank."""
        return bool(_STANDS_FOR_BLANK.fullmatch(text))

    @cached_property
    def said(self) -> int:
        """Cells that hold something and no text that stands for a blank."""
        return sum(n for text, n in self.values.items() if not self.stands_for_blank(text))

    @cached_property
    def share_days(self) -> float:
        """Share of what is said that is a day."""
        return self.days.readable / self.said if self.said else 0.0

    @cached_property
    def middle_day(self) -> date:
        """The day in the middle of its days; the last there is where nothing is a day."""
        found = sorted(
            value for text in self.values if (value := first_reading(text, self.days.formats)) is not None
        )
        return found[len(found) // 2] if found else date.max

    @cached_property
    def share_numbers(self) -> float:
        """Share of what is said that is a number."""
        numbers = sum(
            n
            for text, n in self.values.items()
            if not self.stands_for_blank(text) and _number(text).value is not None
        )
        return numbers / self.said if self.said else 0.0

    @cached_property
    def is_unique(self) -> bool:
        """Whether it is filled nearly everywhere and hardly a text stands twice."""
        return self.rows > 0 and self.filled >= 0.97 * self.rows and len(self.values) >= 0.97 * self.filled

    @cached_property
    def is_vocabulary(self) -> bool:
        """Whether it holds few short words that repeat."""
        distinct = len(self.values)
        if not distinct or self.share_days > 0.5:
            return False
        longest = max(len(text) for text in self.values)
        return longest <= 2 * _LONGEST_WORD and (
            distinct <= 3 or (distinct <= MOST_WORDS and (self.filled >= 1.8 * distinct or distinct <= 12))
        )

    @cached_property
    def is_identifier(self) -> bool:
        """Whether its texts look like references: short, with digits, and no days."""
        if not self.filled or (self.share_days > 0.5 and self.is_likely_day):
            return False
        told = sum(n for text, n in self.values.items() if len(text) <= 40 and any(c.isdigit() for c in text))
        return told >= 0.8 * self.filled

    @cached_property
    def is_long_text(self) -> bool:
        """Whether its texts are sentences."""
        words = sum(n * len(text.split()) for text, n in self.values.items())
        return self.filled > 0 and words / self.filled > 6

    @cached_property
    def share_names(self) -> float:
        """Share of cells that look like the whole name of somebody."""
        shown = [(text, n) for text, n in self.values.items() if len(text) < 80]
        return (
            sum(n for text, n in shown if names_in(text, in_parts=False)) / self.filled
            if self.filled
            else 0.0
        )

    def blanks(self, is_word: bool) -> list[str]:
        """Return texts that stand for a blank, the most frequent first.

        Args:
            is_word: whether it is a column of words, where only some of them are certain.
        """
        pattern = _CERTAIN_BLANK if is_word else _STANDS_FOR_BLANK
        return [text for text, _ in self.values.most_common() if pattern.fullmatch(text)]

    @cached_property
    def separator(self) -> str:
        """What stands between several words in one cell; empty where cells hold one each."""
        for separator in _SEPARATORS:
            lists = [text for text in self.values if separator in text.strip(separator)]
            if not lists or any(len(text) > 400 for text in lists):
                continue
            alone = {fold(text) for text in self.values if separator not in text}
            parts = [fold(part) for text in lists for part in text.split(separator) if trim(part)]
            repeated = Counter(parts)
            known = sum(part in alone or repeated[part] > 1 for part in parts)
            if known >= 0.7 * len(parts) and max(map(len, parts), default=0) <= _LONGEST_WORD:
                return separator
        return ""

    def parts(self) -> Counter[str]:
        """Return each word, where a cell may hold several, and how often."""
        if not self.separator:
            return self.values
        counted: Counter[str] = Counter()
        for text, n in self.values.items():
            for part in {trim(part) for part in text.split(self.separator)} - {""}:
                counted[part] += n
        return counted


def columns_of(sheet: Sheet) -> list[Column]:
    """Return the columns of a table that have a heading or hold anything."""
    columns = []
    for position, heading in enumerate(sheet.header):
        values: Counter[str] = Counter()
        if sheet.frame.height:
            for text, n in sorted(sheet.frame[str(position)].value_counts().iter_rows()):
                if trimmed := trim(text or ""):
                    values[trimmed] += n
        for text in [text for text in values if EXCEL_ERROR.fullmatch(text)]:
            del values[text]
        columns.append(Column(heading, position, sheet.frame.height, values))
    return columns


def shown(words: Iterable[str], known_names: Collection[str], given_names: Collection[str]) -> list[str]:
    """Return the words that may stand in a draft: those that name nobody, by intake's own rule and by given names.

    Args:
        words: of a vocabulary.
        known_names: forms of the names that the council's files hold.
        given_names: common given names, in small letters.
    """
    return [
        word
        for word in words
        if len(word) <= 2 * _LONGEST_WORD
        and not word.startswith(DATE_CELL)
        and not names_somebody(word, known_names, str)
        and given_names.isdisjoint(re.findall(r"[a-z]+", word.casefold()))
    ]
