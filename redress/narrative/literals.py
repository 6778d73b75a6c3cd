"""Numbers typed into words: which figure each is, and what to write in its place."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cached_property

from redress.authority.protection import protection
from redress.declared.language import base_of, is_percent
from redress.narrative.allowed import allowed_in, first_days, further_limits, is_counting_one
from redress.narrative.book import Book, Figure, Matched, own_words, stems, written
from redress.narrative.finding import Findings
from redress.narrative.numbers import Number, numbers_in
from redress.narrative.passages import Passage, Sentence
from redress.narrative.small import small_in

_REFERRING = re.compile(r"\b(?:section|part|paragraph|chapter)s?\s+\d", re.IGNORECASE)
_PLACE = re.compile(r"\(\d{1,2}\.\d{1,2}\)")
_SURE = 2.0
"""A sentence speaks of a figure where it says most words of its measure, and nothing against it."""
_MOST_NEAR = 3
_HELD = "put it into held.csv with its source and write {% held ... /%}"
_LITERAL = '{{% literal "{}" reason="..." /%}}'


_PAUSE = re.compile(r"[;:,()\u2013\u2014]|\b(?:and|but|while|whereas|of\s+which|of\s+whom)\b", re.IGNORECASE)
_MOVED_BY = re.compile(
    r"\b(?:rose|risen|rise|increased?|grew|grown|went\s+up|gone\s+up|up|fell|fallen|fall|decreased?|dropped|drop|went\s+down|gone\s+down|down|reduction)"
    r"\s+(?:by|of)\s+(?:about|only|just|nearly|almost|around|over|some|a\s+further)?\s*$",
    re.IGNORECASE,
)
_MORE_THAN = re.compile(
    r"\s+(?:(?!than\b)[\w-]+\s+){0,2}?(?:more|fewer|less|higher|lower)\s+(?:(?!than\b)[\w-]+\s+){0,3}?than\s+"
    r"(?:in\s+|we\s+had\s+in\s+)?(?:(?:the\s+)?(?:last|previous|prior|preceding)\s+(?:\w+\s+)?year|the\s+year\s+before|(?:19|20)\d\d|before\b)",
    re.IGNORECASE,
)


class Literals:
    """Finds the numbers typed into sentences, and the figures that they are.

    Args:
        book: the figures of the report; empty where there are none.
        limits: the days that law or the council sets.
    """

    def __init__(self, book: Book, limits: Collection[int]) -> None:
        self._book, self._limits = book, limits

    @cached_property
    def _shown(self) -> dict[int, list[Figure]]:
        """The figures by their values, rounded."""
        by_value: dict[int, list[Figure]] = {}
        for figure in self._book:
            if figure.value is not None:
                by_value.setdefault(round(abs(figure.value)), []).append(figure)
        return by_value

    @cached_property
    def _hidden(self) -> list[Figure]:
        return [figure for figure in self._book if figure.is_hidden]

    @cached_property
    def _plain(self) -> list[Figure]:
        """The figures of at most one key, of which a sentence may speak with a number that is none of theirs."""
        return [figure for figure in self._book if figure.value is not None and len(figure.keys) <= 1]

    def note(self, passage: Passage, findings: Findings) -> None:
        """Note every number of a passage that was typed and may not stand as it is."""
        has_days = False
        for sentence in passage.sentences():
            days = first_days(sentence.text)
            for number in self._typed(sentence, 0 if has_days else days):
                kind, problem, proposal = self._judge(number, sentence)
                findings.note(sentence.line_at(number.start), kind, number.text, problem, proposal)
            has_days = has_days or days is not None
            for match in small_in(sentence.text):
                if not sentence.is_bound(*match.span()):
                    words = match[0].split()[0]
                    findings.note(
                        sentence.line_at(match.start()),
                        "small_number",
                        match[0],
                        "the words give away a small number",
                        f"say it without a number, or sign for it: {_LITERAL.format(words)}",
                    )

    def _typed(self, sentence: Sentence, days_from: int | None) -> Iterator[Number]:
        """Yield the numbers that may not stand; from a place on, limits may be told without the word days."""
        typed = [
            number for number in numbers_in(sentence.text) if not sentence.is_bound(number.start, number.end)
        ]
        if not typed:
            return
        allowed = list(allowed_in(sentence.text, self._limits, sentence.passage.kind == "title"))
        allowed += self._own_in(sentence.text)
        if days_from is not None:
            allowed += further_limits(sentence.text, days_from, self._limits)
        if _REFERRING.search(sentence.passage.text):
            allowed += [match.span() for match in _PLACE.finditer(sentence.text)]
        for number in typed:
            if any(start <= number.start < end for start, end in allowed):
                continue
            if number.text.lower() == "one" and not is_counting_one(sentence.text, number.start):
                continue
            yield number

    def _own_in(self, text: str) -> list[tuple[int, int]]:
        """Return where the council's own words stand that hold a number, such as the name of a team."""
        return [match.span() for match in self._own.finditer(text)] if self._own else []

    @cached_property
    def _own(self) -> re.Pattern[str] | None:
        words = sorted(
            {word for word in own_words(self._book.authority) if any(sign.isdigit() for sign in word)},
            key=len,
            reverse=True,
        )
        return re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words)) if words else None

    def _judge(self, number: Number, sentence: Sentence) -> tuple[str, str, str]:
        """Return the kind, the problem and the proposal of a number."""
        literal = f"or say why it stands: {_LITERAL.format(number.text)}"
        if number.value is None:
            return "literal", "a number typed into words", f"bind it, say it without a number, {literal}"
        if moved := self._of_change(number, sentence):
            return moved
        equal = self._likely(number, sentence)
        named = self._best(
            number,
            sentence,
            [figure for figure in self._equal(number) if self._book.is_named(figure, sentence.text)],
        )
        about = self._best(number, sentence, self._plain)
        about = about if about and about.score >= _SURE and _is_whole_of(number, about.figure) else None
        hidden = self._best(number, sentence, self._hidden)
        if hidden and hidden.score >= _SURE + 1 and (not named or hidden.score > named.score):
            return "suppressed", *self._of_hidden(number, hidden.figure)
        if named and named.score > 1:
            return "literal", f"is {self._book.described(named.figure)}", self._write(number, named.figure)
        near = self._best(
            number,
            sentence,
            [figure for figure in self._near(number) if self._book.is_named(figure, sentence.text)],
        )
        if near and near.score >= _SURE:
            said = f"is nearly {self._book.described(near.figure)}, which is {value_in_words(near.figure)}"
            return "near", said, self._write(number, near.figure)
        part = ""
        if equal and equal.figure.period == self._book.year:
            tag, other = self._book.tag(equal.figure, number.is_spelt), self._book.described(equal.figure)
            part = f", or {tag} where {other} is meant"
        if about:
            said = (
                f"contradicts {self._book.described(about.figure)}, which is {value_in_words(about.figure)}"
            )
            return "contradicts", said, f"{self._write(number, about.figure)}{part}, {_HELD}, {literal}"
        if equal:
            said = f"may be {self._book.described(equal.figure)}"
            return "literal", said, f"{self._write(number, equal.figure)}, {_HELD}, {literal}"
        said = "is no figure of the report" if len(self._book) else "a number typed into words"
        return "literal", said, f"bind it, {_HELD}, {literal}"

    def _likely(self, number: Number, sentence: Sentence) -> Matched | None:
        """Return the figure equal to a number whose title a sentence says most of; None where that is too little."""
        said = stems(sentence.text)

        def share(figure: Figure) -> float:
            title = stems(figure.title.partition(":")[0])
            return len(title & said) / len(title) if title else 0.0

        equal = self._equal(number)
        most = max(map(share, equal), default=0.0)
        if most < 0.5:
            return None
        return self._best(number, sentence, [figure for figure in equal if share(figure) == most])

    def _of_change(self, number: Number, sentence: Sentence) -> tuple[str, str, str] | None:
        """Return what is wrong with a number that says how a figure moved; None where it does not say that."""
        before, after = sentence.text[: number.start], sentence.text[number.end :]
        if number.kind != "number" or not (_MOVED_BY.search(before) or _MORE_THAN.match(after)):
            return None
        changes = self._changes
        of = self._best_of(
            [figure for figure in changes if self._book.is_named(figure, sentence.text)], number, sentence
        )
        if of is not None and of.score >= _SURE:
            tag, moved = self._tag_of_change(of.figure, number)
            if self._moved(of.figure, number) == number.value:
                return "literal", f"is how {self._book.described(of.figure)} moved", f"write {tag}"
            return (
                "contradicts",
                f"contradicts how {self._book.described(of.figure)} moved: {moved}",
                f"write {tag}",
            )
        same = [figure for figure in changes if self._moved(figure, number) == number.value]
        if best := self._best_of(same, number, sentence):
            tag, _ = self._tag_of_change(best.figure, number)
            literal = f"or say why it stands: {_LITERAL.format(number.text)}"
            said = f"may be how {self._book.described(best.figure)} moved"
            return "literal", said, f"write {tag}, {literal}"
        return None

    @cached_property
    def _changes(self) -> dict[Figure, float]:
        """The figures of this year of at most one key, with how each moved since the year before."""
        changes = {}
        for figure in self._plain:
            if figure.period == self._book.year and base_of(figure.measure) == figure.measure:
                change = self._book.change(figure.measure, figure.keys)
                if change is not None and change.value is not None:
                    changes[figure] = change.value
        return changes

    def _best_of(self, figures: list[Figure], number: Number, sentence: Sentence) -> Matched | None:
        matches = self._book.matches(sentence.text, figures, _clause(sentence.text, number))
        return matches[0] if matches else None

    def _moved(self, figure: Figure, number: Number) -> float:
        """Return by how much a figure moved, in the unit of a number and with as many places."""
        change = abs(self._changes[figure])
        if number.unit == "percent" and not is_percent(figure.measure):
            before = (figure.value or 0) - self._changes[figure]
            change = 100 * change / before if before else 0.0
        assert number.value is not None
        return round(change + 1e-9, 0 if float(number.value).is_integer() else 1)

    def _tag_of_change(self, figure: Figure, number: Number) -> tuple[str, str]:
        """Return the tag that says how a figure moved, and the same in words."""
        is_rate = number.unit == "percent" and not is_percent(figure.measure)
        how = "per_cent" if is_rate else "amount"
        tag = f'{{% change "{figure.measure}"{written(figure.keys)} as="{how}" /%}}'
        change = self._changes[figure]
        unit = "%" if is_rate else " percentage points" if is_percent(figure.measure) else ""
        way = "rose" if change > 0 else "fell"
        size = self._moved(figure, number)
        return tag, f"it {way} by {size:g}{unit}" if change else "it stayed the same"

    def _best(self, number: Number, sentence: Sentence, figures: list[Figure]) -> Matched | None:
        fitting = [figure for figure in figures if _is_of_unit(figure, number)]
        matches = self._book.matches(sentence.text, fitting, _clause(sentence.text, number))
        return matches[0] if matches else None

    def _equal(self, number: Number) -> list[Figure]:
        assert number.value is not None
        return [
            figure
            for figure in self._shown.get(round(abs(number.value)), ())
            if _is_equal(figure, number.value)
        ]

    def _near(self, number: Number) -> list[Figure]:
        """Return the figures that a number misses by little: rounded, one off, or with two digits exchanged."""
        assert number.value is not None
        value = round(abs(number.value))
        reach = max(1, round(value * 0.03)) if number.kind == "number" else _MOST_NEAR
        near = {*range(value - reach, value + reach + 1), *_exchanged(value), *_rounded(value)} - {value}
        return [figure for size in sorted(near) for figure in self._shown.get(size, ())]

    def _write(self, number: Number, figure: Figure) -> str:
        return f"write {self._book.tag(figure, number.is_spelt)}"

    def _of_hidden(self, number: Number, hidden: Figure) -> tuple[str, str]:
        """Return the problem and the proposal of a number where the figure that it seems to be is not shown."""
        return (
            f"seems to be {self._book.described(hidden)}, which is not shown, to protect people",
            instead_of_hidden(self._book, hidden, number.value),
        )


def instead_of_hidden(book: Book, hidden: Figure, value: float | None = None) -> str:
    """Return what to write where a figure is not shown: how few, where it is small, and the next whole that is shown."""
    threshold = protection(book.authority.profile.protection).threshold
    is_small = value is None or 0 < value <= threshold
    few = f'write "fewer than {threshold + 1}"' if is_small else "leave the number out"
    for count in range(len(hidden.keys)):
        for left in range(len(hidden.keys)):
            keys = [pair for place, pair in enumerate(hidden.keys) if place != left][
                : len(hidden.keys) - 1 - count
            ]
            whole = book.get(hidden.measure, keys, hidden.period)
            if whole is not None and whole.value is not None:
                return f"{few}, or what is public: {book.tag(whole)} of {book.described(whole)}"
    return f"{few}, or say it without a number"


def value_in_words(figure: Figure) -> str:
    """Return a figure's number for a message."""
    if figure.value is None:
        return "not shown"
    if figure.unit == "percent":
        return f"{figure.value:.0f}%"
    whole = f"{figure.value:,.0f}" if float(figure.value).is_integer() else f"{figure.value:,.1f}"
    return f"£{whole}" if figure.unit == "gbp" else whole


def _clause(text: str, number: Number) -> str:
    """Return the words around a number between two pauses."""
    pauses = [match.span() for match in _PAUSE.finditer(text)]
    first = max((end for _, end in pauses if end <= number.start), default=0)
    last = min((start for start, _ in pauses if start >= number.end), default=len(text))
    return text[first:last]


def _is_whole_of(number: Number, whole: Figure) -> bool:
    """Return whether a number may be meant for a figure; one that is much smaller counts a part of it."""
    assert number.value is not None and whole.value is not None
    return number.unit != "" or 4 * number.value >= whole.value


def _is_of_unit(figure: Figure, number: Number) -> bool:
    if number.unit == "percent":
        return figure.unit == "percent" or figure.measure.endswith("_change_pct")
    if number.unit == "points":
        return figure.unit == "percentage_points"
    if number.unit == "pounds":
        return figure.unit == "gbp"
    return figure.unit not in ("date", "percent", "percentage_points", "gbp") and not figure.measure.endswith(
        "_pct"
    )


def _is_equal(figure: Figure, value: float) -> bool:
    assert figure.value is not None
    size = abs(figure.value)
    places = 0 if float(value).is_integer() else 1
    return abs(round(size + 1e-9, places) - abs(value)) < 1e-6 or abs(size - abs(value)) < 0.5 * 10**-places


def _exchanged(value: int) -> set[int]:
    """Return what a number becomes where two digits beside each other are exchanged."""
    digits = str(value)
    return {
        int(digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :])
        for place in range(len(digits) - 1)
    }


def _rounded(value: int) -> set[int]:
    """Return the numbers that a round number may stand for."""
    if value >= 100 and value % 100 == 0:
        return set(range(value - 50, value + 50))
    return set(range(value - 5, value + 5)) if value >= 50 and value % 10 == 0 else set()
