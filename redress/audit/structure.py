"""From printed rows to cells: what each figure counts, of what, for when.

A *cell* is one figure of the world that may be printed in several places. Its identity is the kind of number, the
words of its measure, its dimensions and its period; how a place prints it (denominators, notes, ranks) is no part.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from redress.audit import periods, values
from redress.audit.model import Row
from redress.audit.periods import Period
from redress.audit.values import INFINITE, Value
from redress.audit.vocabulary import (
    AS_AT,
    ASIDE,
    AVERAGE,
    CHANGE,
    DISTINCT,
    DOWN,
    FILLER,
    HALF_KEYS,
    HAPPENINGS,
    LEAST,
    LOOSE,
    MIDDLE,
    MONTH_KEYS,
    MOST,
    NOTES,
    PRINTING,
    QUARTER_KEYS,
    SHARE_WORDS,
    STATISTICS,
    TOTAL_KEYS,
    UNREAD,
    VERSUS,
)

# How a figure was taken down, where two versions of one figure may stand side by side.
VERSIONS = re.compile(
    r"\b(restated|revised|provisional|as first|first published|previously|originally|original|estimated?|"
    r"updated|corrected|unaudited|draft|forecast|projected|planned|plan|budget|target|actual|expected)\b"
)

REST = re.compile(
    r"\b(other|others|not known|unknown|not stated|not recorded|not obtained|unable|n/a|na|none|"
    r"not specified|unspecified|prefer not|undisclosed|declined to|not given|missing|blank|rest|"
    r"remaining|miscellaneous|unallocated|no data|not disclosed|refused|elsewhere|everything else|"
    r"not categorised|uncategorised|nk)\b"
)
_ALL = re.compile(
    r"^(?:any|both|overall|everyone|everything|either|combined|whole|(?:grand |overall )?totals?(?: .*)?|sum(?: .*)?|"
    r"all(?! (?:other|but|except|remaining)\b)(?: .*)?)$"
)
_AS_PRINTED = re.compile(r"_(as_)?printed(_as)?$|^printed_|_corrected$|_as_printed")
_BAND_KEYS = re.compile(r"band|within|days|timescale|time|duration|response|length|limit")
_BAND_UNIT = r"\s*(?:working|calendar)?\s*(?:wds?|days?|weeks?)?"


IN_WORDS = {"pct": "percent", "avg": "average", "lgsco": "Ombudsman", "gbp": "pounds", "wd": "working days"}
"""Short forms in the names of measures, as a reader is told them."""


@lru_cache(8192)
def words(text: str) -> tuple[str, ...]:
    """Return the words of a name, singular, lower case, digits apart from letters (`10wd` is `10`, `wd`)."""
    found = re.findall(r"\d+(?:\.\d+)?|[a-z]+", text.lower().replace("'", "").replace("’", ""))
    return tuple(_singular(word) for word in found)


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@lru_cache(8192)
def plain(value: str) -> str:
    """Return a breakdown value as compared: lower case, one spelling of `and`, no punctuation that says nothing."""
    low = value.strip().lower().replace("&", " and ").replace("_", " ").replace("’", "'").replace("–", "-")
    return re.sub(r"\s+", " ", re.sub(r"[^\w+<>/ .-]|(?<!\d)-(?!\d)", " ", low)).strip()


def breakdown(text: str) -> list[tuple[str, str]]:
    """The `key=value` pairs of a breakdown; a piece without `=` belongs to the value before it.

    A text that starts without a key tells its row from others and no more: it is the value of the key UNREAD.
    """
    pairs: list[list[str]] = []
    for piece in re.split(r";|\|", text):
        key, equals, value = piece.partition("=")
        if equals:
            pairs.append([re.sub(r"[\s-]+", "_", key.strip().lower()), value.strip()])
        elif pairs and piece.strip():
            pairs[-1][1] += ";" + piece
        elif piece.strip():
            pairs.append([UNREAD, piece.strip()])
    return [(key, value) for key, value in pairs]


@lru_cache(8192)
def band(text: str) -> tuple[float, float] | None:
    """Return the whole days that a band of days covers: `0-10`, `21+`, `within 10 days`, `over_20wd`; None: no band."""
    low = text.lower().replace("_", " ").replace("–", "-").strip()
    low = re.sub(r"\b(\d+)wds?\b", r"\1 wd", low)
    for pattern, make in (
        (rf"(\d+)\s*(?:-|to|and)\s*(\d+){_BAND_UNIT}", lambda a, b: (a, b)),
        (rf"(?:between )(\d+)\s*(?:-|to|and)\s*(\d+){_BAND_UNIT}", lambda a, b: (a, b)),
        (rf"(?:within|up to|<=|≤|at most|in|inside)\s*(\d+){_BAND_UNIT}", lambda a: (0, a)),
        (rf"(\d+){_BAND_UNIT}\s*(?:or (?:less|fewer|under)|and under)", lambda a: (0, a)),
        (rf"(?:under|less than|fewer than|<)\s*(\d+){_BAND_UNIT}", lambda a: (0, a - 1)),
        (
            rf"(?:over|more than|beyond|outside|after|exceeding|longer than|>)\s*(\d+){_BAND_UNIT}",
            lambda a: (a + 1, INFINITE),
        ),
        (rf"(\d+){_BAND_UNIT}\s*(?:\+|or more|and over|or over|plus)", lambda a: (a, INFINITE)),
        (rf"(\d+)\s*\+{_BAND_UNIT}", lambda a: (a, INFINITE)),
    ):
        match = re.fullmatch(pattern, low)
        if match:
            return make(*(int(digits) for digits in match.groups()))
    return None


_BAND_IN_MEASURE = re.compile(
    r"(?:^|_)((?:within|over|under|up_to|more_than|less_than|beyond|outside|between|after|in)_(?=\d)[\d]+(?:_(?:to|and)_\d+)?"
    r"(?:_?(?:working|calendar))?(?:_?(?:wds?|days?|weeks?))?|\d+_to_\d+_?(?:working_|calendar_)?(?:wds?|days?|weeks?)?)(?=_|$)"
)


@dataclass
class Figure:
    """A row that has been read.

    Attributes:
        kind: count, share, points, change (of a count, in percent or in things), money, days, ratio, day, text.
        role: for averages and the like: average, minimum, maximum, middle; `aside` for targets; else blank.
        stem: the words of the measure that say what is counted.
        dims: what it is of; totals and notes left out.
        notes: how the place prints it.
        total: keys of which the row says that it is the total (`row` when it says so without naming a key).
    """

    row: Row
    position: int
    value: Value
    unit: str
    kind: str
    role: str
    stem: tuple[str, ...]
    dims: dict[str, str]
    shown: dict[str, str]
    notes: dict[str, str]
    total: frozenset[str]
    band: tuple[float, float] | None
    period: Period
    by: tuple[str, ...] = ()
    faults: list[tuple[str, str]] = field(default_factory=list)

    @property
    def ref(self) -> str:
        return self.row.ref

    @cached_property
    def identity(self) -> tuple:
        against = ()
        if self.kind in ("change", "points"):
            against = (self.unit, periods.read(self.notes.get("versus", "")).key)
        return (
            self.kind,
            self.role,
            self.stem,
            self.band,
            frozenset(self.dims.items()),
            self.period.key,
            against,
            self.table_total,
        )

    @cached_property
    def table_total(self) -> tuple[str, ...]:
        """For the total of `complaints_by_team`: team. It may count a complaint once for every team."""
        said = {word for key in self.total for word in words(key)}
        inside = {word for key in self.dims for word in words(key)}
        return self.by if said & {*self.by, "row"} and not inside & set(self.by) else ()

    @cached_property
    def base(self) -> tuple:
        """What a percentage says that it is of; percentages of different bases are different figures."""
        if self.kind != "share":
            return ()
        said = [
            self.notes[name]
            for name in ("denominator", "base", "out_of", "percent_of", "share_of", "pct_of", "of")
            if name in self.notes
        ]
        vague = ("not stated", "unknown", "not given", "total", "all", "whole", "overall", "grand total")
        return tuple(words(said[0]))[:3] if said and plain(said[0]) not in vague else ()

    @property
    def name(self) -> str:
        """The figure in words: `complaints upheld (team: A, 2023/24)`."""
        measure = _in_words(self.row.measure)
        inside = [f"{key.replace('_', ' ')}: {value.replace('_', ' ')}" for key, value in self.shown.items()]
        return (
            f"{measure} ({', '.join([*inside, self.row.period.strip()])})"
            if inside or self.row.period
            else measure
        )

    @property
    def printed(self) -> str:
        """The number as a reader sees it."""
        text = self.row.value.strip() or "blank"
        return (
            text + "%"
            if self.unit == "percent" and self.value.number is not None and "%" not in text
            else text
        )


def _in_words(measure: str) -> str:
    """Return a measure's name as words: `upheld_pct` as `upheld, in percent`, `lgsco_decisions` as `Ombudsman decisions`."""
    named = [IN_WORDS.get(word, word) for word in measure.split("_") if word]
    if named and named[-1] == "percent":
        named = [*named[:-2], f"{named[-2]},", "in percent"] if len(named) > 1 else named
    return " ".join(named)


def _round_figure(figure: Figure, exact: float) -> bool:
    """Return whether it is as 28,000 beside 28,103: of whole thousands, and what the exact one rounds to."""
    whole = figure.value.number
    return bool(whole and whole % 1000 == 0 and exact % 1000 and abs(exact - whole) <= 500)


class Cell:
    """One figure of the world, printed once or more."""

    def __init__(self, figures: list[Figure]):
        first = figures[0]
        self.figures = figures
        self.kind, self.role, self.stem, self.band = first.kind, first.role, first.stem, first.band
        self.dims, self.period, self.unit = first.dims, first.period, first.unit
        self.table_total = first.table_total
        self.total = frozenset().union(*(figure.total for figure in figures))
        self.by_words = {figure.by for figure in figures if figure.by}
        self.by = frozenset(word for figure in figures for word in figure.by)
        self.places = list(dict.fromkeys(figure.row.locator.strip().lower() for figure in figures))
        self.locators = set(self.places)
        self.position = min(figure.position for figure in figures)
        self.blank_is_zero = False
        self.relations: list = []

    @cached_property
    def returning(self) -> bool:
        """True when it counts people, who may come again, and not what happened."""
        return bool(set(self.stem) & DISTINCT) and not set(self.stem) & HAPPENINGS

    @cached_property
    def loose(self) -> frozenset[str]:
        return frozenset(self.stem) - LOOSE

    @property
    def numbers(self) -> list[Figure]:
        return [figure for figure in self.figures if figure.value.status == "number"]

    @cached_property
    def has_number(self) -> bool:
        """True where a place prints a number, and not a blank or a sign for a small one."""
        return bool(self.numbers)

    @cached_property
    def where(self) -> frozenset[tuple[str, str]]:
        """Its dimensions, to be compared."""
        return frozenset(self.dims.items())

    @cached_property
    def _alternatives(self) -> list[tuple[float, float, Figure]]:
        found: list[tuple[float, float, Figure]] = []
        for figure in sorted(
            self.numbers,
            key=lambda figure: (figure.value.high - figure.value.low, figure.value.number % 1000 == 0),
        ):
            if not any(
                figure.value.low - 1e-9 <= high
                and low <= figure.value.high + 1e-9
                or _round_figure(figure, low)
                for low, high, _ in found
            ):
                found.append((figure.value.low, figure.value.high, figure))
        return found

    @property
    def ranges(self) -> list[tuple[float, float]]:
        """Where the value may lie; more than one range when places print different values."""
        if self._alternatives:
            return [(low, high) for low, high, _ in self._alternatives]
        if all(figure.value.status == "blank" for figure in self.figures):
            return [(0.0, 0.0)] if self.blank_is_zero else [(0.0, INFINITE)]
        hidden = [figure.value for figure in self.figures if figure.value.status == "hidden"]
        return (
            [(max(value.low for value in hidden), min(value.high for value in hidden))]
            if hidden
            else [(0.0, INFINITE)]
        )

    @property
    def figure(self) -> Figure:
        """The figure that names the cell in a sentence."""
        return self._alternatives[0][2] if self._alternatives else self.figures[0]

    @property
    def name(self) -> str:
        """What the cell is, in words."""
        return self.figure.name

    @property
    def text(self) -> str:
        """The number as a reader sees it."""
        return self.figure.printed

    @property
    def said(self) -> str:
        """`85 for complaints upheld (2023/24)`."""
        return f"{self.text} for {self.name}"

    @property
    def value(self) -> Value:
        """The value as it is printed first."""
        return self.numbers[0].value

    @property
    def number(self) -> float:
        """The number that is printed first."""
        return self.value.number

    @property
    def is_count(self) -> bool:
        """True for a printed count of things that happened: no average, no target."""
        return self.kind == "count" and not self.role and self.has_number

    def in_place(self, locators: set[str]) -> bool:
        return bool(self.locators & locators)

    def __repr__(self) -> str:
        return f"<{self.name} = {self.text}>"


def read(rows: list[Row], synonyms: dict[str, str] | None = None) -> list[Figure]:
    """Read every row. Nothing raises: what a row's text cannot mean is in `Figure.faults`."""
    renamed = {re.sub(r"\W+", "_", name.lower()): to for name, to in (synonyms or {}).items()}
    keys = {word for row in rows for key, _ in breakdown(row.breakdown) for word in words(key)}
    return [_figure(row, n, keys, renamed) for n, row in enumerate(rows)]


@dataclass
class _Reading:
    """What a row is found to say, pair by pair of its breakdown.

    A pair may say what the figure is of, or how it is printed, or that it is a total, a part of the year, or a band of
    days; only the first is a dimension, by which figures are told apart. The order of the questions matters: `all` is a
    total whatever the key is, but not where the key is a note; a quarter is a period only of a row whose period is a year.
    """

    measure: str
    period: Period
    dims: dict[str, str] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    total: set[str] = field(default_factory=set)
    faults: list[tuple[str, str]] = field(default_factory=list)
    band: tuple[float, float] | None = None

    def read(self, key: str, printed: str) -> None:
        """Read one pair."""
        low = plain(printed)
        note = _note(key, printed, low)
        if key == UNREAD and low not in ("total", "all", "grand total"):
            self.dims[key], self.shown[key] = low, printed
        elif note:
            self.notes[note] = printed
            if note in _PERIOD_NOTES and periods.read(printed).fault:
                self.faults.append(("period", periods.read(printed).fault))
        elif key in STATISTICS and set(words(printed)) & (AVERAGE | LEAST | MOST | MIDDLE):
            self.measure += "_" + low.replace(" ", "_")
        elif key in TOTAL_KEYS and (_ALL.match(low) or low in ("yes", "true", "1", "y")):
            self.total.add("row")
        elif _ALL.match(low):
            self.total.add(key)
        elif not self._is_part_of_year(key, printed, low) and not self._is_band(key, printed, low):
            # A key that stands twice delimits twice.
            self.dims[key] = f"{self.dims[key]}; {low}" if key in self.dims else low
            self.shown[key] = f"{self.shown[key]}; {printed}" if key in self.shown else printed

    def _is_part_of_year(self, key: str, printed: str, low: str) -> bool:
        """Read a quarter, month or half of the year of the row, or one that no year has; return whether it is one."""
        part, fault = None, ""
        if key in QUARTER_KEYS | MONTH_KEYS | HALF_KEYS and self.period.months == 12:
            part, fault = _part_of_year(key, printed, self.period)
        elif key in QUARTER_KEYS and re.fullmatch(r"q?\s*[0-9]+", low) and not 1 <= int(low.strip("q ")) <= 4:
            fault = f"a year has quarters 1 to 4, not {printed}"
        else:
            return False
        self.shown[key] = printed
        if fault:
            self.faults.append(("period", fault))
        if part:
            self.period = part
        else:
            self.dims[key] = low
        return True

    def _is_band(self, key: str, printed: str, low: str) -> bool:
        """Read a band of days; return whether it is one."""
        days = band(low if key != "within" else "within " + low)
        if not days or not _BAND_KEYS.search(key) or "age" in words(key):
            return False
        self.band, self.shown[key] = days, printed
        return True


_PERIOD_NOTES = ("versus", "from", "to", "as_at", "period_as_printed")


def _note(key: str, printed: str, low: str) -> str:
    """Return what a pair is called that says how the place prints the figure; blank where it says what it is of."""
    if key in VERSUS:
        return "versus"
    if key in ("from", "to") and periods.read(printed).end:
        return key
    if key in AS_AT:
        return "as_at"
    is_printing = key in ("source", "from_part") and low in PRINTING
    return key if key in NOTES or _AS_PRINTED.search(key) or is_printing else ""


def _figure(row: Row, position: int, keys: set[str], renamed: dict[str, str]) -> Figure:
    """Return a row as it is read; `keys` are the words of all keys of the report, `renamed` the sidecar's synonyms."""
    unit = values.unit_kind(row.unit)
    value = values.read(row.value, unit)
    measure = re.sub(r"\W+", "_", row.measure.strip().lower()).strip("_")
    reading = _Reading(re.sub(r"\W+", "_", renamed.get(measure, measure).lower()), periods.read(row.period))
    if value.fault:
        reading.faults.append(("date", value.fault))
    if value.status == "number" and row.value.strip().endswith("%") and unit == "count":
        unit, value = "percent", values.read(row.value, "percent")
    if reading.period.fault:
        reading.faults.append(("period", reading.period.fault))
    for key, printed in breakdown(row.breakdown):
        reading.read(key, printed)
    measure = reading.measure
    match = _BAND_IN_MEASURE.search(measure)
    if match and band(match[1]):
        reading.band = reading.band or band(match[1])
        measure = measure[: match.start()] + "_" + measure[match.end() :]
    named, by = _without_by(list(words(measure)), keys)
    kind, role = _kind(named, unit, value, measure)
    if "total" in named and kind == "count":
        reading.total.add("name")
    dropped = _dropped(kind, role, unit)
    return Figure(
        row,
        position,
        _with_sign(value, kind, named, reading.notes.get("direction", "")),
        unit,
        kind,
        role,
        tuple(sorted({word for word in named if word not in dropped})),
        reading.dims,
        reading.shown,
        reading.notes,
        frozenset(reading.total),
        reading.band,
        reading.period,
        tuple(by),
        reading.faults,
    )


def _without_by(named: list[str], keys: set[str]) -> tuple[list[str], list[str]]:
    """Return the words of a measure without `by team and stage`, and these keys."""
    for start, word in enumerate(named):
        if word == "by" and start + 1 < len(named) and named[start + 1] in keys:
            end = start + 1
            while end < len(named) and named[end] in keys | {"and", "or"}:
                end += 1
            return named[:start] + named[end:], named[start + 1 : end]
    return named, []


def _dropped(kind: str, role: str, unit: str) -> set[str]:
    """Return the words of a measure that say what kind of number it is, and not what is counted."""
    dropped = set(FILLER)
    if kind in ("share", "points", "change") or unit in ("percent", "points"):
        dropped |= SHARE_WORDS | {"point", "pp"}
    if kind in ("change", "points"):
        dropped |= CHANGE | DOWN | {"up", "from", "last", "previous", "compared", "year", "since"}
    if role in ("average", "minimum", "maximum", "middle"):
        dropped |= AVERAGE | LEAST | MOST | MIDDLE
    return dropped - {"not"}


def _with_sign(value: Value, kind: str, named: list[str], direction: str) -> Value:
    """Return the value of a change, negative where words say that it went down and the number does not."""
    if value.status != "number" or kind not in ("change", "points") or value.number <= 0:
        return value
    is_down = set(named) & DOWN and not set(named) & {"increase", "rise", "growth"}
    if set(words(plain(direction))) & DOWN or is_down:
        return replace(value, number=-value.number, low=-value.high, high=-value.low)
    return value


def _kind(found: list[str], unit: str, value: Value, measure: str) -> tuple[str, str]:
    """Return the kind of number and its role."""
    tokens = set(found)
    if unit == "date" or value.status == "day":
        return "day", ""
    if unit == "text" or value.status == "text":
        return "text", ""
    role = ""
    if tokens & ASIDE and not tokens & {"within", "met", "missed", "outside"}:
        role = "aside"
    elif tokens & AVERAGE:
        role = "average"
    elif tokens & MIDDLE:
        role = "middle"
    elif tokens & LEAST:
        role = "minimum"
    elif tokens & MOST:
        role = "maximum"
    if unit == "points":
        return "points", role
    if tokens & CHANGE:
        return "change", role
    if unit == "percent":
        return "share", role
    if unit == "count" and "per" in tokens and "cent" not in tokens:
        return "ratio", role
    if unit == "count" and role == "average":
        return "ratio", role
    return {"years": "count"}.get(unit, unit), role


def _part_of_year(key: str, printed: str, year: Period) -> tuple[Period | None, str]:
    """Return the quarter or month of a row whose period is a year; a fault when there is none such."""
    low = plain(printed)
    if key in HALF_KEYS:
        half = re.fullmatch(r"(?:h|half)?\s*([12])|(first|second)(?: half)?", low)
        if not half:
            return None, ""
        first = 1 if half[1] == "1" or half[2] == "first" else 3
        start, end = periods.quarter(year.start, first)[0], periods.quarter(year.start, first + 1)[1]
        return Period(f"{printed} {year.label}", start, end), ""
    if key in QUARTER_KEYS:
        number = re.fullmatch(r"(?:q|quarter|qtr)?\s*([0-9]+)(?: .*)?", low)
        if number:
            if not 1 <= int(number[1]) <= 4:
                return None, f"a year has quarters 1 to 4, not {printed.strip()}"
            return Period(f"Q{number[1]} {year.label}", *periods.quarter(year.start, int(number[1]))), ""
        other = periods.read(printed)
        if other.months == 3:
            return _checked(other, year)
        return None, ""
    named = re.fullmatch(r"([a-z]{3,9})\.?", low)
    number = {name: n for n, name in enumerate(periods.MONTHS, 1)}
    number |= {name[:3]: n for n, name in enumerate(periods.MONTHS, 1)}
    if named and named[1] in number:
        month = number[named[1]]
        first = year.start.year if month >= year.start.month else year.start.year + 1
        return Period(f"{named[1].title()} {first}", *periods._month(first, month)), ""
    other = periods.read(printed)
    if other.fault:
        return None, other.fault
    if other.months == 1:
        return _checked(other, year)
    return None, ""


def _checked(part: Period, year: Period) -> tuple[Period | None, str]:
    if part.within(year):
        return part, ""
    return None, f"{part.label.strip()} is not in {year.label.strip()}"


def cells(figures: list[Figure]) -> list[Cell]:
    """Return the cells of the figures, in the order of the report. Words, and values that cannot be read, have none."""
    grouped: dict[tuple, list[Figure]] = defaultdict(list)
    for figure in figures:
        if figure.kind in ("text", "day"):
            continue
        grouped[figure.identity].append(figure)
    found = []
    for group in grouped.values():
        by_base: dict[tuple, list[Figure]] = defaultdict(list)
        for figure in group:
            by_base[figure.base].append(figure)
        unsaid = by_base.pop((), [])
        if len(by_base) == 1:
            next(iter(by_base.values())).extend(unsaid)
            unsaid = []
        for members in ([unsaid] if unsaid else []) + list(by_base.values()):
            members.sort(key=lambda figure: figure.position)
            found.append(Cell(members))
    found.sort(key=lambda figure: figure.position)
    return found
