"""Days and durations: which day comes before which, and how many days lie between two."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from redress.audit.cells import Book
from redress.audit.model import draft
from redress.audit.structure import Figure, words
from redress.audit.vocabulary import ORDER_OF_EVENTS

_EVENT_KEYS = ("event", "date_type", "milestone", "step", "date_of", "date", "type", "what", "field", "point")


class Day(NamedTuple):
    """A day that a row prints, what happened on it, and where that stands in the order of events (None: anywhere)."""

    figure: Figure
    rank: int | None
    event: str

    @property
    def day(self) -> date:
        return self.figure.value.day

    @property
    def said(self) -> str:
        return self.event.replace("_", " ")


class Duration(NamedTuple):
    """A number of days that a row prints, the days of its case, and what lies between every two of these.

    `fits` is {(event, event): {convention: days}}.
    """

    figure: Figure
    fits: dict[tuple[str, str], dict[str, int]]
    days: list[Day]


def _rank(tokens) -> int | None:
    ranks = [rank for rank, names in enumerate(ORDER_OF_EVENTS) if names & set(tokens)]
    return ranks[-1] if ranks else None


def findings(book: Book) -> list[dict]:
    """Return the drafts of days in the wrong order, and of durations that no convention of counting gives."""
    cases: dict[tuple, list[Day]] = defaultdict(list)
    for figure in book.figures:
        if figure.kind == "day" and figure.value.day:
            dims, event = _case(figure)
            measure = figure.row.measure
            tokens = words(event) if event else [word for word in words(measure) if word != "date"]
            cases[(dims, _place(figure))].append(Day(figure, _rank(tokens), event or measure))
    drafts = [finding for days in cases.values() for finding in _in_order(days)]
    groups: dict[tuple, list[Duration]] = defaultdict(list)
    for figure in book.figures:
        duration = _duration(figure, cases)
        if duration is not None:
            groups[(figure.stem, figure.unit)].append(duration)
    return drafts + [finding for durations in groups.values() for finding in _of_durations(durations)]


def _place(figure: Figure) -> str:
    return figure.row.locator.strip().lower()


def _case(figure: Figure) -> tuple[frozenset, str]:
    """Return the breakdown of a day without its event, which tells the case, and the event."""
    dims, event = dict(figure.dims), ""
    for key in _EVENT_KEYS:
        if key in dims and (key == "event" or _rank(words(dims[key])) is not None):
            event = dims.pop(key)
            break
    return frozenset(dims.items()), event


def _in_order(members: list[Day]) -> list[dict]:
    """Return that the days of one case are not in the order of its events, and which day is likely the wrong one."""
    ranked = [day for day in members if day.rank is not None]
    if not ranked or len({day.figure.row.measure + day.event for day in ranked}) != len(ranked):
        return []  # a list of days of several cases, not the days of one case
    wrong = []
    for pair in combinations(ranked, 2):
        first, second = sorted(pair, key=lambda day: day.rank)
        if first.rank != second.rank and first.day > second.day:
            wrong.append((first, second))
    if not wrong:
        return []
    count = Counter(day.figure.ref for pair in wrong for day in pair)
    (ref, most), *rest = count.most_common()
    likely = ref if most == len(wrong) and (not rest or rest[0][1] < most) else ""
    pairs = [
        f"{second.said} ({_written(second.day)}) comes before {first.said} ({_written(first.day)})"
        for first, second in wrong
    ]
    text = f"{ranked[0].figure.row.locator.strip()}: " + "; ".join(pairs) + "."
    if likely:
        guilty = next(day.figure for day in ranked if day.figure.ref == likely)
        text += f" Likely error: {likely} ({guilty.row.value.strip()})."
    found = "; ".join(_written(day.day) for day in ranked)
    return [
        draft(
            "contradiction", set(count), "dates in order", text, "days in the order of events", found, likely
        )
    ]


def _written(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


@lru_cache(1)
def _bank_holidays():
    """Return the bank holidays in England, by year as they are asked for."""
    import holidays

    return holidays.country_holidays("GB", subdiv="ENG")


def working_days(first: date, last: date) -> int:
    """Return the working days after `first`, up to and with `last` (weekends and bank holidays in England left out)."""
    if last < first:
        return -working_days(last, first)
    off = _bank_holidays()
    day, found = first, 0
    while day < last:
        day += timedelta(days=1)
        found += day.weekday() < 5 and day not in off
    return found


CONVENTIONS = (
    "working days after the first day",
    "working days with the first day",
    "calendar days after the first day",
    "calendar days with the first day",
)


def spans(first: date, last: date) -> dict[str, int]:
    """Return the days from one day to another under every convention of counting."""
    after = working_days(first, last)
    with_first = after + (first.weekday() < 5 and first not in _bank_holidays())
    days = (last - first).days
    return dict(zip(CONVENTIONS, (after, with_first, days, days + 1), strict=True))


def _duration(figure: Figure, cases: dict[tuple, list[Day]]) -> Duration | None:
    """Return a printed duration with the days of its case; None where it is none, or its days are not printed."""
    unit = figure.row.unit.strip().lower()
    is_duration = (
        figure.kind == "days" and not figure.role and figure.value.number is not None and figure.dims
    )
    if not is_duration or unit.startswith(("week", "month", "hour")):
        return None
    dims, _ = _case(figure)
    days = cases.get((dims, _place(figure)))
    if days is None:
        days = [day for (other, _), members in cases.items() if other == dims for day in members]
    if len(days) < 2:
        return None
    names = [
        name
        for name in CONVENTIONS
        if unit.startswith("day")
        or (unit.startswith("work") and name.startswith("work"))
        or (unit.startswith("cal") and name.startswith("cal"))
    ]
    fits = {}
    for first, last in combinations(sorted(days, key=lambda day: day.figure.position), 2):
        if first.event != last.event:
            between = spans(first.day, last.day)
            fits[(first.event, last.event)] = {name: between[name] for name in names or CONVENTIONS}
    return Duration(figure, fits, days)


def _of_durations(durations: list[Duration]) -> list[dict]:
    """Return what is wrong with the durations of one measure.

    Neither which two events a duration is between nor how days are counted is printed, and both are the same for all
    durations of a measure. So the pair of events that gives most of them is taken to be meant; where none gives any, the
    pair that comes nearest, unless there are many pairs and one duration, which would prove nothing. A duration that
    this pair does not give under any convention is a contradiction; if every one is given, and no one convention gives
    all, the label is wrong and no number.
    """
    pair = _meant(durations)
    if pair is None:
        return []
    drafts: list[dict] = []
    used: Counter = Counter()
    n_right = 0
    for duration in durations:
        days = duration.fits.get(pair)
        if days is not None:
            right = [name for name, number in days.items() if number == duration.figure.value.number]
            used.update(right)
            n_right += bool(right)
            if not right:
                drafts.append(_wrong(duration, pair, days))
    if n_right > 1 and used and max(used.values()) < n_right:
        first = durations[0].figure
        ways = "; ".join(f"{n} by {name}" for name, n in used.most_common())
        measure = first.row.measure.replace("_", " ")
        said = f"No one way of counting gives all durations of {measure}: {ways}."
        refs = {duration.figure.ref for duration in durations}
        drafts.append(draft("label", refs, "durations from dates", said, "one convention", ways))
    return drafts


def _meant(durations: list[Duration]) -> tuple[str, str] | None:
    """Return the pair of events that durations are between; None where that cannot be told."""
    pairs = Counter(
        pair
        for figure, fits, _ in durations
        for pair, days in fits.items()
        if figure.value.number in days.values()
    )
    if pairs:
        return pairs.most_common(1)[0][0]
    shared = [pair for pair in durations[0].fits if all(pair in fits for _, fits, _ in durations)]
    if not shared or (len(durations) < 2 and len(shared) > 6):
        return None
    return min(shared, key=lambda pair: _distance(durations, pair))


def _distance(durations: list[Duration], pair: tuple[str, str]) -> float:
    """Return how far the printed durations are from what the pair of events gives."""
    return sum(
        min(abs(figure.value.number - days) for days in fits[pair].values()) for figure, fits, _ in durations
    )


def _wrong(duration: Duration, pair: tuple[str, str], days: dict[str, int]) -> dict:
    """Return the draft of a duration that no convention gives."""
    figure = duration.figure
    refs = {figure.ref, *(day.figure.ref for day in duration.days if day.event in pair)}
    first, last = (next(day for day in duration.days if day.event == event) for event in pair)
    counted = " or ".join(f"{number} ({name})" for name, number in days.items())
    said = (
        f"From {first.said} ({_written(first.day)}) to {last.said} ({_written(last.day)}) is {counted}; "
        f"{figure.printed} is printed for {figure.name}."
    )
    expected = " or ".join(dict.fromkeys(map(str, days.values())))
    return draft("contradiction", refs, "durations from dates", said, expected, figure.printed)
