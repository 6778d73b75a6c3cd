"""A question about numbers in plain words, and what it asks for.

    new complaints by service and month, 2023-24
    issue outcomes by outcome for statutory, stage 1, Q2 2023-24
    compliments by source, all years

A question is a measure (its name or title in the figure catalogue), `by` with keys, filters (a value, or `key=value`) and a
period. Case, plurals and the underscores of names do not matter. What is not known is told with the nearest words that are.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from redress.base.errors import ConfigurationProblem

Words = tuple[str, ...]

KINDS = {"year": "year", "quarter": "quarter", "month": "month", "quarterly": "quarter", "monthly": "month"}
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
SECONDARY = frozenset({"any_procedure", "service_merged", "basis", "formality", "by", "case"})
"""Keys that say how something is counted, more than what: a value alone never means them where another key has it."""

_BY = frozenset({"by", "per", "each", "every"})
_FOR = frozenset({"for", "in", "of", "at", "where", "with", "under", "about", "from", "during", "is", "on"})
_PASSED = frozenset(
    {",", "and", "the", "only", "=", "split", "then", "were", "was", "are", "there", "did", "we", "have"}
)
_BEFORE = frozenset({"how", "many", "number", "of", "the", "show", "count", "what", "were"})
_MOST_LISTED = 12
_YEAR = re.compile(r"(\d{4})[-/](\d{2}|\d{4})")
_QUARTER = re.compile(r"(?:(\d{4}-\d{2})-)?q([1-4])")


class CannotAnswer(ConfigurationProblem):
    """A question that has no answer here; the details say what has."""

    def __init__(self, what: str, details: list[str] | None = None):
        super().__init__(what, "whoever asks", details)


@dataclass
class Asked:
    """What a question asks for.

    Attributes:
        measure: its name.
        title: of the measure.
        keys: by what, in the order of the question.
        filters: key -> the value that it is held to.
        level: of the services, where the question names one; blank for every level.
        under: the service whose parts are wanted, where the question is by service and names one too.
        kind: of the periods that it wants apart: `year`, `quarter` or `month`.
        years: the reporting year; blank where none is named.
        part: a quarter (`Q1`) or month (`04`) of it, where only that is wanted.
        is_every_year: whether all years are wanted.
    """

    measure: str
    title: str
    keys: list[str] = field(default_factory=list)
    filters: dict[str, str] = field(default_factory=dict)
    level: str = ""
    under: str = ""
    kind: str = ""
    year: str = ""
    part: str = ""
    is_every_year: bool = False

    def held(self) -> str:
        """Return what it is held to, as `key=value; key=value`."""
        pairs = [*self.filters.items(), *([("under", self.under)] if self.under else ())]
        return "; ".join(f"{key}={value}" for key, value in pairs)


@dataclass(frozen=True)
class Vocabulary:
    """The words that the keys of one measure and one council have.

    Attributes:
        keys: words -> key.
        levels: words -> level of services.
        other_keys: words of keys that this measure does not have.
        values: called once a value is met; gives words -> (key, value) of each key that has it.
    """

    keys: Mapping[Words, str]
    levels: Mapping[Words, str]
    other_keys: Mapping[Words, str]
    values: Callable[[], Mapping[Words, frozenset[tuple[str, str]]]]


def fold(text: str) -> Words:
    """Return a text as words that compare: lower case, singular, without underscores and brackets."""
    found = re.findall(r"[^\s,=()?;:\"'`]+|[,=]", text.lower().replace("_", " "))
    return tuple(_singular(word.rstrip(".")) for word in found)


def _singular(word: str) -> str:
    if len(word) > 3 and word.endswith("ies"):
        return word[:-3] + "y"
    return (
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
    )


def measure_of(question: str, measures: Mapping[Words, str], titles: Mapping[str, str]) -> tuple[str, Words]:
    """Return the measure that a question begins with, and the words after it.

    Args:
        question: as it was asked.
        measures: words of each name and title -> measure.
        titles: measure -> title, to tell the nearest.

    Raises:
        CannotAnswer: it begins with no measure.
    """
    words = fold(question)
    while words and words[0] in _BEFORE:
        words = words[1:]
    for length in range(len(words), 0, -1):
        if words[:length] in measures:
            return measures[words[:length]], words[length:]
    end = next((place for place, word in enumerate(words) if word in _BY | _FOR | {","}), len(words))
    named = " ".join(words[:end])
    near = _nearest(named, measures)
    raise CannotAnswer(
        f"`{named}` is no measure of the figure catalogue.",
        [f"{titles.get(measure, measure)} ({measure})" for measure in near]
        or ["The measures are listed in seeds/reference/figure_catalogue.csv."],
    )


def _nearest(word: str, known: Mapping[Words, str]) -> list[str]:
    """Return what the nearest words mean, the nearest first."""
    texts = {" ".join(words): meaning for words, meaning in known.items()}
    near = difflib.get_close_matches(word, texts, n=6, cutoff=0.55)
    return list(dict.fromkeys(texts[text] for text in near))[:4]


def read_rest(asked: Asked, words: Words, vocabulary: Vocabulary) -> None:
    """Read what follows the measure, from left to right: keys, filters and the period.

    A key that is held to a value is no key of the rows; by service for one service are the parts of that service.

    Raises:
        CannotAnswer: a word is not known, means several things, or contradicts another.
    """
    place, is_by = 0, False
    while place < len(words):
        word = words[place]
        taken = _take_period(asked, words[place:], is_by)
        if not taken and word in _BY | _FOR | _PASSED:
            is_by = word in _BY if word not in _PASSED else is_by
            taken = 1
        taken = taken or _take_pair(asked, words[place:], vocabulary)
        for take in (_take_key, _take_value) if is_by else (_take_value, _take_key):
            taken = taken or take(asked, words[place:], vocabulary)
        if not taken:
            _refuse(asked, words[place:], vocabulary)
        place += taken
    if "service" in asked.keys:
        asked.under = asked.filters.pop("service", "")
    asked.keys = [key for key in asked.keys if key not in asked.filters]


def _take_period(asked: Asked, words: Words, is_by: bool) -> int:
    """Return how many words name a period, having noted it."""
    word, after = words[0], words[1] if len(words) > 1 else ""
    if word in ("all", "every") and after == "year":
        asked.is_every_year = True
        return 2
    if is_by and word in KINDS:
        asked.kind = KINDS[word]
        return 1
    quarter, year = _QUARTER.fullmatch(word), _YEAR.fullmatch(word)
    if quarter:
        _note(asked, "part", f"Q{quarter[2]}")
        if quarter[1]:
            _note(asked, "year", quarter[1])
    elif year and int(year[2][-2:]) == (int(year[1]) + 1) % 100:
        _note(asked, "year", f"{year[1]}-{year[2][-2:]}")
    elif year and len(year[2]) == 2 and 1 <= int(year[2]) <= 12:
        _note_month(asked, int(year[1]), int(year[2]))
    elif word in MONTHS and re.fullmatch(r"\d{4}", after):
        _note_month(asked, int(after), MONTHS.index(word) + 1)
        return 2
    else:
        return 0
    return 1


def _note_month(asked: Asked, year: int, month: int) -> None:
    first = year if month >= 4 else year - 1
    _note(asked, "year", f"{first}-{(first + 1) % 100:02d}")
    _note(asked, "part", f"{month:02d}")


def _note(asked: Asked, name: str, value: str) -> None:
    """Note a part of the period; a second one that says something else is refused."""
    if getattr(asked, name) not in ("", value):
        raise CannotAnswer(
            f"One period at a time: the question names {getattr(asked, name)} and {value}.",
            ["Ask for `all years`, or `by quarter`, `by month`, `by year`."],
        )
    setattr(asked, name, value)


def _longest(words: Words, known: Mapping[Words, object]) -> int:
    """Return how many of the first words are known together."""
    most = max(map(len, known), default=0)
    return next((length for length in range(min(most, len(words)), 0, -1) if words[:length] in known), 0)


def _take_pair(asked: Asked, words: Words, vocabulary: Vocabulary) -> int:
    """Return how many words are a key with its value: `service=csc`, `stage 1`."""
    length = _longest(words, vocabulary.keys)
    start = length + (words[length : length + 1] in (("=",), ("is",)))
    if not length or start >= len(words):
        return 0
    key = vocabulary.keys[words[:length]]
    of_key = {
        known: value
        for known, meanings in vocabulary.values().items()
        for other, value in meanings
        if other == key
    }
    taken = _longest(words[start:], of_key)
    if taken:
        _hold(asked, key, of_key[words[start : start + taken]])
        return start + taken
    if start > length:
        text = " ".join(words[start:])
        near = _nearest(text, of_key) or sorted(set(of_key.values()))[:_MOST_LISTED]
        raise CannotAnswer(f"`{key}` has no value `{text}`.", _listed(near))
    return 0


def _take_key(asked: Asked, words: Words, vocabulary: Vocabulary) -> int:
    length, of_level = _longest(words, vocabulary.keys), _longest(words, vocabulary.levels)
    if of_level > length or (of_level and of_level == length):
        asked.level = vocabulary.levels[words[:of_level]]
        key = "service"
    elif length:
        key = vocabulary.keys[words[:length]]
    else:
        return 0
    if key not in asked.keys:
        asked.keys.append(key)
    return max(length, of_level)


def _take_value(asked: Asked, words: Words, vocabulary: Vocabulary) -> int:
    values = vocabulary.values()
    length = _longest(words, values)
    if not length:
        return 0
    meanings = values[words[:length]]
    plain = {meaning for meaning in meanings if meaning[0] not in SECONDARY} or meanings
    if len(plain) > 1:
        raise CannotAnswer(
            f"`{' '.join(words[:length])}` is a value of several keys; say which.",
            [f"{key}={value}" for key, value in sorted(plain)],
        )
    [(key, value)] = plain
    _hold(asked, key, value)
    return length


def _hold(asked: Asked, key: str, value: str) -> None:
    if asked.filters.setdefault(key, value) != value:
        raise CannotAnswer(
            f"One value of `{key}` at a time: the question names {asked.filters[key]} and {value}.",
            [f"Ask `by {key}` to have every value apart."],
        )


def _refuse(asked: Asked, words: Words, vocabulary: Vocabulary) -> None:
    """Raise what can be said of words that nothing knows."""
    can = f"It can be counted by: {', '.join(dict.fromkeys(vocabulary.keys.values()))}; by year, quarter and month."
    length = _longest(words, vocabulary.other_keys)
    if length:
        raise CannotAnswer(
            f"{asked.title}: there is no key `{vocabulary.other_keys[words[:length]]}`.", [can]
        )
    end = next((place for place, word in enumerate(words) if word in _BY | _FOR | _PASSED), len(words))
    text = " ".join(words[: end or 1])
    near = [
        *_nearest(text, {**vocabulary.levels, **vocabulary.keys}),
        *_nearest(text, {known: value for known, found in vocabulary.values().items() for _, value in found}),
    ]
    raise CannotAnswer(f"`{text}` is no key, value or period that is known here.", [*_listed(near), can])


def _listed(near: Iterable[str]) -> list[str]:
    words = ", ".join(dict.fromkeys(near))
    return [f"Nearest: {words}."] if words else []
