"""Stock and flow, and dates: what was open, came in, was closed and is left; which day comes before which."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import combinations

from redress.audit.cells import Book
from redress.audit.relations import CERTAIN, PLAUSIBLE, Linear, Relation, number
from redress.audit.structure import Cell, Figure, words
from redress.audit.vocabulary import IN, LOOSE, NOISE, ORDER_OF_EVENTS, OUT, ROLES_OF_STOCK, STEPS


def _role(tokens: set[str]) -> tuple[str, set[str]] | None:
    for role, alternatives in ROLES_OF_STOCK.items():
        for wanted in alternatives:
            if wanted <= tokens:
                return role, wanted
    for role, wanted in (("out", OUT), ("in", IN)):
        if tokens & wanted:
            return role, tokens & wanted
    return None


def relations(book: Book) -> Iterator[Relation]:
    """Brought forward and entered, less closed, is carried forward; what closes one year opens the next."""
    stocks: dict[tuple, dict[str, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    periods: dict[tuple, object] = {}
    for cell in book.cells:
        if cell.kind not in ("count", "money") or cell.role or cell.band or not cell.has_number:
            continue
        dims = dict(cell.dims)
        tokens = set(words(cell.figures[0].row.measure))
        found = _role(tokens)
        noun = tokens
        if found is None or found[0] == "entered":
            for key in list(dims):
                if key in STEPS and _role(set(words(dims[key]))):
                    found = _role(set(words(dims[key])))
                    dims.pop(key)
                    break
        if found is None:
            continue
        role, used = found
        noun = frozenset(noun - used - NOISE - LOOSE - {"number", "count"})
        whole = (noun, frozenset(dims.items()))
        stocks[(whole, cell.period.key)][role].append(cell)
        periods[cell.period.key] = cell.period
    for (whole, _period), roles in stocks.items():
        if not all(roles.get(name) for name in ("opening", "entered", "left", "closing")):
            continue
        best = None
        for entered in roles["entered"][:3]:
            for left in roles["left"][:3]:
                four = [roles["closing"][0], roles["opening"][0], entered, left]
                together = set.intersection(*(cell.locators for cell in four))
                for more in _subsets([*roles["in"], *roles["out"]]):
                    signs = [1.0 if one in roles["in"] else -1.0 for one in more]
                    relation = Linear(
                        "stock and flow",
                        CERTAIN if together else PLAUSIBLE,
                        ("flow", whole[0]),
                        [*four, *more],
                        say=_flow_words,
                        coefficients=[1.0, -1.0, -1.0, 1.0, *(-sign for sign in signs)],
                    )
                    near = (not relation.holds(), not together, len(more))
                    if best is None or near < best[0]:
                        best = (near, relation)
        yield best[1]
    for (whole, period), roles in stocks.items():
        for closing in roles.get("closing", ())[:1]:
            for (other, _later), later in stocks.items():
                if other == whole and later.get("opening"):
                    opening = later["opening"][0]
                    if (
                        closing.period.end
                        and opening.period.start
                        and not closing.period.point
                        and (opening.period.start - closing.period.end == timedelta(days=1))
                    ):
                        yield Linear(
                            "stock and flow",
                            CERTAIN,
                            ("link", whole[0]),
                            [opening, closing],
                            say=_link_words,
                            coefficients=[1.0, -1.0],
                        )
            year = closing.period
            for (other, _), part in stocks.items():
                if other != whole:
                    continue
                for role in ("opening", "closing"):
                    for one in part.get(role, ())[:1]:
                        for total in roles.get(role, ())[:1]:
                            if (
                                one is total
                                or not one.period.within(year)
                                or one.period.months >= year.months
                            ):
                                continue
                            edge = (
                                one.period.start == year.start
                                if role == "opening"
                                else one.period.end == year.end
                            )
                            if edge:
                                yield Linear(
                                    "stock and flow",
                                    CERTAIN,
                                    ("edge", whole[0], role),
                                    [one, total],
                                    say=_link_words,
                                    coefficients=[1.0, -1.0],
                                )


def _subsets(extra: list[Cell]):
    extra = extra[:4]
    for n in range(len(extra) + 1):
        yield from (list(one) for one in combinations(extra, n))


def _flow_words(relation: Linear) -> tuple[str, str, str]:
    closing, opening, entered, left, *more = relation.cells
    found = -sum(
        coefficient * cell.number
        for coefficient, cell in zip(relation.coefficients[1:], relation.cells[1:], strict=True)
    )
    shown = f"{opening.text} brought forward + {entered.text} entered - {left.text} closed"
    for coefficient, cell in zip(relation.coefficients[4:], more, strict=True):
        shown += f" {'+' if coefficient < 0 else '-'} {cell.text} {cell.figure.row.measure.replace('_', ' ')}"
    return (
        f"{shown} leaves {number(found)}; {closing.text} is printed for {closing.name}.",
        number(found),
        closing.text,
    )


def _link_words(relation: Linear) -> tuple[str, str, str]:
    one, other = relation.cells
    return (
        (f"{one.said} and {other.said} are the same stock and must be the same number."),
        other.text,
        one.text,
    )


# ----------------------------------------------------------------------------------------------------- dates

_EVENT_KEYS = ("event", "date_type", "milestone", "step", "date_of", "date", "type", "what", "field", "point")


def _rank(tokens) -> int | None:
    found = [n for n, names in enumerate(ORDER_OF_EVENTS) if names & set(tokens)]
    return found[-1] if found else None


def date_findings(book: Book) -> list[dict]:
    """Days in the wrong order, and durations that no convention of counting gives."""
    cases: dict[tuple, list[tuple[Figure, int | None, str]]] = defaultdict(list)
    for one in book.figures:
        if one.kind == "day" and one.value.day:
            dims, event = _case(one)
            tokens = words(event) if event else [word for word in words(one.row.measure) if word != "date"]
            cases[(dims, one.row.locator.strip().lower())].append(
                (one, _rank(tokens), event or one.row.measure)
            )
    drafts = []
    for members in cases.values():
        drafts += _in_order(members)
    drafts += _durations(book, cases)
    return drafts


def _case(one: Figure) -> tuple[frozenset, str]:
    dims = dict(one.dims)
    for key in _EVENT_KEYS:
        if key in dims and (key == "event" or _rank(words(dims[key])) is not None):
            event = dims.pop(key)
            return frozenset(dims.items()), event
    return frozenset(dims.items()), ""


def _in_order(members) -> list[dict]:
    ranked = [(one, rank, event) for one, rank, event in members if rank is not None]
    if not ranked or len({one.row.measure + event for one, _, event in ranked}) != len(ranked):
        return []  # a list of days of several cases, not the days of one case
    wrong = [
        (a, b)
        for a, b in combinations(ranked, 2)
        if (a[1] < b[1] and a[0].value.day > b[0].value.day)
        or (a[1] > b[1] and a[0].value.day < b[0].value.day)
    ]
    if not wrong:
        return []
    count = Counter(one[0].ref for pair in wrong for one in pair)
    (ref, most), *rest = count.most_common()
    likely = ref if most == len(wrong) and (not rest or rest[0][1] < most) else ""
    pairs = []
    for a, b in wrong:
        first, second = (a, b) if a[1] < b[1] else (b, a)
        pairs.append(
            f"{_said(second)} ({_day(second[0].value.day)}) comes before {_said(first)} ({_day(first[0].value.day)})"
        )
    text = f"{ranked[0][0].row.locator.strip()}: " + "; ".join(pairs) + "."
    if likely:
        guilty = next(one for one, *_ in ranked if one.ref == likely)
        text += f" Likely error: {likely} ({guilty.row.value.strip()})."
    return [
        {
            "severity": "contradiction",
            "refs": set(count),
            "family": "dates in order",
            "statement": text,
            "expected": "days in the order of events",
            "found": "; ".join(_day(one.value.day) for one, *_ in ranked),
            "likely": likely,
        }
    ]


def _said(member) -> str:
    return member[2].replace("_", " ")


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


@lru_cache(1)
def _bank_holidays():
    """Bank holidays in England, by year as they are asked for."""
    import holidays

    return holidays.country_holidays("GB", subdiv="ENG")


def working_days(first: date, last: date) -> int:
    """Working days after `first`, up to and with `last` (weekends and bank holidays in England left out)."""
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
    """The days from one day to another under every convention of counting."""
    after = working_days(first, last)
    with_first = after + (first.weekday() < 5 and first not in _bank_holidays())
    days = (last - first).days
    return dict(zip(CONVENTIONS, (after, with_first, days, days + 1), strict=True))


def _durations(book: Book, cases) -> list[dict]:
    groups: dict[tuple, list] = defaultdict(list)
    for one in book.figures:
        if one.kind != "days" or one.role or one.value.number is None or not one.dims:
            continue
        dims, _ = _case(one)
        unit = one.row.unit.strip().lower()
        if unit.startswith(("week", "month", "hour")):
            continue
        members = cases.get((dims, one.row.locator.strip().lower()))
        if members is None:
            members = [one for (other, _), found in cases.items() if other == dims for one in found]
        if not members or len(members) < 2:
            continue
        kinds = [
            name
            for name in CONVENTIONS
            if unit.startswith("work")
            and name.startswith("work")
            or unit.startswith("cal")
            and name.startswith("cal")
            or unit.startswith("day")
        ]
        kinds = kinds or list(CONVENTIONS)
        fits: dict[tuple[str, str], dict[str, int]] = {}
        for a, b in combinations(sorted(members, key=lambda m: m[0].position), 2):
            if len({a[2], b[2]}) == 2:
                found = spans(a[0].value.day, b[0].value.day)
                fits[(a[2], b[2])] = {name: found[name] for name in kinds}
        groups[(one.stem, one.unit)].append((one, fits, members))
    drafts = []
    for found in groups.values():
        pairs = Counter(
            pair for one, fits, _ in found for pair, by in fits.items() if one.value.number in by.values()
        )
        if pairs:
            pair = pairs.most_common(1)[0][0]
        else:
            common = [set(fits) for _, fits, _ in found]
            shared = set.intersection(*common) if common else set()
            pair = max(shared, key=lambda one: _width(found, one), default=None)
            if pair is None or (len(shared) > 1 and len(found) < 2 and len(shared) > 6):
                continue
        used: Counter = Counter()
        for one, fits, members in found:
            by = fits.get(pair)
            if by is None:
                continue
            right = [name for name, days in by.items() if days == one.value.number]
            used.update(right)
            if right:
                continue
            refs = {one.ref, *(m[0].ref for m in members if m[2] in pair)}
            days = " or ".join(f"{n} ({name})" for name, n in by.items())
            first, last = (next(m for m in members if m[2] == name) for name in pair)
            drafts.append(
                {
                    "severity": "contradiction",
                    "refs": refs,
                    "family": "durations from dates",
                    "statement": f"From {_said(first)} ({_day(first[0].value.day)}) to {_said(last)} "
                    f"({_day(last[0].value.day)}) is {days}; {one.printed} is printed for {one.name}.",
                    "expected": " or ".join(dict.fromkeys(str(n) for n in by.values())),
                    "found": one.printed,
                    "likely": "",
                }
            )
        good = sum(1 for one, fits, _ in found if pair in fits and one.value.number in fits[pair].values())
        if good > 1 and used and max(used.values()) < good:
            kinds = "; ".join(f"{n} by {name}" for name, n in used.most_common())
            drafts.append(
                {
                    "severity": "label",
                    "refs": {one.ref for one, *_ in found},
                    "family": "durations from dates",
                    "statement": f"No one way of counting gives all durations of {found[0][0].row.measure.replace('_', ' ')}: "
                    f"{kinds}.",
                    "expected": "one convention",
                    "found": kinds,
                    "likely": "",
                }
            )
    return drafts


def _width(found, pair) -> int:
    return -sum(min(abs(one.value.number - n) for n in fits[pair].values()) for one, fits, _ in found)
