"""The figures of one report as its words are held against them: found by what they count, and described in words."""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from redress.authority.model import Authority
from redress.contract import figure_catalogue
from redress.contract.breakdown import pairs_of
from redress.declared.closure import kind_of
from redress.declared.language import QUARTERS, base_of, filters_of, is_percent
from redress.declared.model import Node


def words_in(text: str) -> frozenset[str]:
    """Return the words of a text that are separated by spaces."""
    return frozenset(text.split())


HIDDEN = "suppressed"
_STOP = words_in(
    "a an the of in on at to by for from with and or as is are was were be been that this these it its their our we who which "
    "all each every how what where when than then not no other others new year years number numbers total share part "
    "council report came had has have there also most more about"
)
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Figure:
    """One figure of a report.

    Attributes:
        id: blank where the number is one that the council printed.
        value: None where it is not shown.
    """

    id: str
    measure: str
    keys: tuple[tuple[str, str], ...]
    period: str
    value: float | None
    unit: str
    status: str
    title: str

    @property
    def is_hidden(self) -> bool:
        """Whether there is such a number and it is not shown, to protect people."""
        return self.status == HIDDEN


@dataclass(frozen=True)
class Matched:
    """A figure with how well the words of a sentence say what it counts."""

    figure: Figure
    score: float


class Book:
    """The figures of one report.

    Args:
        rows: with `measure`, `breakdown`, `period`, `value`, `unit`, `status`, and `figure_id` and `title` where known.
        authority: whose words the keys have.
        year: of the report.
        says: what the figures are, for messages: "the figures of the last build".
    """

    def __init__(
        self, rows: Iterable[Mapping[str, Any]], authority: Authority, year: str, says: str = ""
    ) -> None:
        self.authority, self.year, self.says = authority, year, says
        self._figures: dict[tuple[str, tuple[tuple[str, str], ...], str], Figure] = {}
        titles = {row["measure"]: row["title"] for row in figure_catalogue.rows()}
        for row in rows:
            value = row["value"]
            figure = Figure(
                row.get("figure_id") or "",
                row["measure"],
                pairs_of(row["breakdown"] or ""),
                row["period"],
                float(value) if value not in (None, "") else None,
                row["unit"],
                row["status"],
                row.get("title") or titles.get(row["measure"], row["measure"].replace("_", " ")),
            )
            self._figures[figure.measure, figure.keys, figure.period] = figure
        end = authority.reports[year].period_end if year in authority.reports else date.max
        self._labels = {name: row["label"] for name, row in authority.services_on(end).items()}

    def __iter__(self) -> Any:
        return iter(self._figures.values())

    def __len__(self) -> int:
        return len(self._figures)

    def get(self, measure: str, keys: Iterable[tuple[str, str]], period: str) -> Figure | None:
        """Return a figure by what it counts; None where the report has none."""
        return self._figures.get((measure, tuple(sorted(keys)), period))

    def of_tag(self, tag: Node, measure: str | None = None) -> Figure | None:
        """Return the figure that a tag prints; None where it depends on a loop, or the report has none."""
        keys = keys_of_tag(tag)
        if keys is None:
            return None
        period = self.period(tag["attributes"].get("period"))
        return self.get(measure or str(tag["primary"]), keys, period)

    def period(self, word: Any) -> str:
        """Return a period as figures have it, of the word that a tag gives."""
        if word in (None, "", "this_year"):
            return self.year
        if word == "last_year":
            return year_before(self.year)
        return f"{self.year}-{word}" if word in QUARTERS else str(word)

    def change(self, measure: str, keys: Iterable[tuple[str, str]]) -> Figure | None:
        """Return how a measure moved since the year before: as it was counted, else as its two years say."""
        keys = tuple(sorted(keys))
        name = f"{measure}_change_points" if is_percent(measure) else f"{measure}_change"
        if counted := self.get(name, keys, self.year):
            return counted
        now, before = (self.get(measure, keys, year) for year in (self.year, year_before(self.year)))
        if now is None or before is None:
            return None
        is_known = now.value is not None and before.value is not None
        value = now.value - before.value if now.value is not None and before.value is not None else None
        status = now.status if is_known else HIDDEN
        return Figure("", name, keys, self.year, value, now.unit, status, now.title)

    def series(self, measure: str, keys: Iterable[tuple[str, str]]) -> dict[str, float]:
        """Return what is shown of a measure year by year."""
        keys = tuple(sorted(keys))
        years = (
            figure
            for (of, by, period), figure in self._figures.items()
            if of == measure and by == keys and kind_of(period) == "year"
        )
        return {figure.period: figure.value for figure in years if figure.value is not None}

    def label(self, key: str, value: str) -> str:
        """Return the value of a key in words."""
        return (
            self._labels.get(value, value.replace("_", " "))
            if key in ("service", "team")
            else value.replace("_", " ")
        )

    def described(self, figure: Figure) -> str:
        """Return what a figure counts, in words: `new_complaints` of children's social care, 2022-23."""
        parts = [
            f"{key.replace('_', ' ')} {value}" if value.isdigit() else self.label(key, value)
            for key, value in figure.keys
        ]
        of = f" of {', '.join(parts)}" if parts else ""
        when = "" if figure.period == self.year else f", {figure.period}"
        return f"`{figure.measure}`{of}{when}"

    def tag(self, figure: Figure, as_words: bool = False) -> str:
        """Return the tag that prints a figure."""
        period = figure.period
        when = ""
        if period != self.year:
            word = "last_year" if period == year_before(self.year) else period.removeprefix(f"{self.year}-")
            when = f' period="{word}"'
        spelt = ' as="words"' if as_words else ""
        return f'{{% figure "{figure.measure}"{written(figure.keys)}{when}{spelt} /%}}'

    def matches(self, sentence: str, figures: Iterable[Figure], clause: str = "") -> list[Matched]:
        """Return figures by how well a sentence says what they count, the best first.

        Args:
            sentence: the words.
            figures: to choose from.
            clause: the part of the sentence that is nearest; figures of which it says the title go first.
        """
        words, near = stems(sentence), stems(clause)
        figures = list(figures)
        said = {
            period
            for period in {figure.period for figure in figures}
            if self._says_period(period, clause or sentence)
        }
        matched = [Matched(figure, self._score(figure, words, said)) for figure in figures]

        def order(match: Matched) -> tuple[float, int, str]:
            title, _ = self._words[match.figure.measure, match.figure.keys]
            in_clause = len(title & near) / len(title) if title else 0.0
            return -match.score - in_clause, len(match.figure.keys), match.figure.measure

        return sorted(matched, key=order)

    def is_named(self, figure: Figure, sentence: str) -> bool:
        """Return whether a sentence says every value of a figure's keys, and its period unless that is this year."""
        words = stems(sentence)
        title, values = self._words[figure.measure, figure.keys]
        if not title & words:
            return False
        for (_, value), said in zip(figure.keys, values, strict=True):
            own = said - title
            if 2 * len(own & words) < len(own) or (not said and value != "all"):
                return False
        return figure.period == self.year or self._says_period(figure.period, sentence)

    def _says_period(self, period: str, sentence: str) -> bool:
        kind = kind_of(period)
        if kind == "year":
            is_before = period == year_before(self.year) and re.search(
                r"\b(?:last|previous|prior|preceding)\s+(?:\w+\s+)?year\b|\byear\s+before\b",
                sentence,
                re.IGNORECASE,
            )
            return bool(is_before) or period[:4] in sentence
        if kind == "quarter":
            number = int(period[-1])
            said = ("first", "second", "third", "fourth|last")[number - 1]
            return bool(
                re.search(rf"\b(?:{said})\s+quarter\b|\b(?:Q|quarter\s+){number}\b", sentence, re.IGNORECASE)
            )
        return bool(re.search(rf"\b{month_name[int(period[5:7])]}\b", sentence))

    def _score(self, figure: Figure, words: frozenset[str], said: Collection[str]) -> float:
        title, values = self._words[figure.measure, figure.keys]
        score = 2 * len(title & words) / len(title) if title else 0.0
        for value in values:
            own = value - title or value
            score += 2 * len(own & words) / len(own) - 1 if own else -0.2
        if figure.period == self.year:
            score += 0.5
        elif figure.period in said:
            score += 0.75
        elif kind_of(figure.period) == "year":
            score += 0.25
        if base_of(figure.measure) != figure.measure:
            score -= 0.5 if not words & _MOVING else -0.5
        return score

    @cached_property
    def _words(
        self,
    ) -> dict[tuple[str, tuple[tuple[str, str], ...]], tuple[frozenset[str], list[frozenset[str]]]]:
        """The words of what each figure counts: of its measure, and of each value of its keys."""
        return {
            (figure.measure, figure.keys): (
                stems(figure.title.partition(":")[0]),
                [
                    frozenset({f"{key}{value}"}) if value.isdigit() else stems(self.label(key, value))
                    for key, value in figure.keys
                ],
            )
            for figure in self._figures.values()
        }


_MOVING = words_in(
    "increase rise fall decrease rose fell drop change grew reduction fewer higher lower up down"
)


def stems(text: str) -> frozenset[str]:
    """Return the words of a text that say what it is about, without their endings; `stage 1` is one word."""
    text = (
        text.lower()
        .replace("\u2019", "'")
        .replace("'s", "")
        .replace("e-mail", "email")
        .replace("per cent", "")
    )
    numbered = {f"stage{number}" for number in re.findall(r"stage\s*(\d)", text)}
    words = {_stem(word) for word in _WORD.findall(text) if word not in _STOP and len(word) > 2}
    return frozenset(words | numbered)


def _stem(word: str) -> str:
    for ending in ("ies", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word.removesuffix(ending) + ("y" if ending == "ies" else "")
    return word


def own_words(authority: Authority) -> list[str]:
    """Return the words that the council uses of itself."""
    services = [
        value
        for row in authority.rows.get("services", ())
        for value in (row["service"], row["label"], row.get("aliases") or "")
    ]
    vocabularies = [word for vocabulary in authority.vocabularies.values() for word in vocabulary.declared]
    return [authority.name, authority.short_name, *services, *vocabularies]


def written(keys: Iterable[tuple[str, str]]) -> str:
    """Return keys as a tag gives them, such as ` stage=1 service="csc"`."""
    return "".join(f" {key}={value}" if value.isdigit() else f' {key}="{value}"' for key, value in keys)


def keys_of_tag(tag: Node) -> tuple[tuple[str, str], ...] | None:
    """Return the keys that a tag gives with their values; None where a variable stands for one."""
    filters = filters_of(tag)
    if any(isinstance(value, (dict, list)) for value in filters.values()):
        return None
    return tuple(sorted((key, str(value)) for key, value in filters.items()))


def year_before(year: str) -> str:
    """Return the reporting year before: `2022-23` of `2023-24`."""
    start = int(year[:4]) - 1
    return f"{start}-{(start + 1) % 100:02d}"


def year_label(year: str) -> str:
    """Return a reporting year as pages print it: `2023/24`."""
    return year.replace("-", "/")
