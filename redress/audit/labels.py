"""What one row and its place are enough for: counts that are not whole, periods that do not exist or do not fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from redress.audit import dates, periods
from redress.audit.cells import Book
from redress.audit.model import draft
from redress.audit.structure import Figure, words
from redress.audit.vocabulary import COUNTED


def findings(book: Book) -> list[dict]:
    """Return drafts of findings that one row, or one row and its place, is enough for."""
    drafts = []
    for figure in book.figures:
        drafts += _of_value(figure)
        drafts += _of_period(figure)
    drafts += _of_places(book)
    drafts += _of_units(book)
    return _merged(drafts) + dates.findings(book)


def _draft(
    severity: str, figure: Figure, family: str, statement: str, expected: str, found: str, merge=()
) -> dict:
    """Return the draft of a finding in one row."""
    row = draft(severity, {figure.ref}, family, statement, expected, found, figure.ref)
    return row | {"merge": merge}


def _misplaced(figure: Figure, statement: str, expected: str, found: str, merge=()) -> dict:
    """Return the draft of a period that does not exist or does not fit."""
    return _draft("label", figure, "period label", statement, expected, found, merge)


def _merged(drafts: list[dict]) -> list[dict]:
    """Return one draft for what one place says of many rows."""
    groups: dict[tuple, list[dict]] = defaultdict(list)
    for place, finding in enumerate(drafts):
        groups[(finding["family"], finding["merge"] or place, finding["severity"])].append(finding)
    merged = []
    for group in groups.values():
        first = dict(group[0])
        if len(group) > 1:
            first["refs"] = set().union(*(finding["refs"] for finding in group))
            first["statement"] = first["statement"].rstrip(".") + f", and {len(group) - 1} more."
            first["likely"] = ""
        merged.append(first)
    return merged


def _of_value(figure: Figure) -> Iterator[dict]:
    """Return what is wrong with the number of a row by itself."""
    line, value = figure.row.line, figure.value
    if line and (figure.ref == f"line-{line}" or figure.ref.endswith(f"@{line}")):
        said = f"Line {line} has no ref of its own; it is called {figure.ref} here ({figure.name})."
        yield _draft("label", figure, "values read", said, "a ref that names one row", figure.ref)
    if value.status == "text" and figure.unit not in ("text", "date") and not value.fault:
        text = figure.row.value.strip()
        said = f"{text} is printed for {figure.name} and cannot be read as a number."
        yield _draft(
            "cannot_check", figure, "values read", said, f"a number ({figure.row.unit.strip()})", text
        )
    if value.status == "number":
        for is_wrong, family, why, expected in _impossible(figure):
            if is_wrong:
                said = f"{figure.printed} is printed for {figure.name}, and {why}."
                yield _draft("contradiction", figure, family, said, expected, figure.printed)


def _impossible(figure: Figure) -> tuple[tuple[bool, str, str, str], ...]:
    """Return (whether it is so, family, why it cannot be, what could be) of what no number can be."""
    value, whole = figure.value, "counts whole and not negative"
    is_count = figure.kind == "count" and not figure.role and figure.row.unit.strip().lower() in COUNTED
    may_exceed = set(words(figure.row.measure)) & {"per", "ratio", "population", "index"}
    is_outside = value.high < 0 or (value.low > 100 and not may_exceed)
    return (
        (
            is_count and abs(value.number - round(value.number)) > 1e-9,
            whole,
            "a count is a whole number",
            "a whole number",
        ),
        (is_count and value.number < 0, whole, "nothing is counted fewer than 0 times", "0 or more"),
        (
            figure.kind == "share" and not figure.role and is_outside,
            "percentage in its range",
            "a share lies between 0 and 100%",
            "0% to 100%",
        ),
        (
            figure.kind == "days" and value.high < 0,
            "average in its range",
            "no stretch of time is shorter than nothing",
            "0 or more",
        ),
    )


def _of_units(book: Book) -> list[dict]:
    """Return drafts of numbers printed as working days here and as calendar days there."""
    drafts = []
    for cell in book.cells:
        if cell.kind != "days" or len(cell.numbers) < 2:
            continue
        units: dict[str, Figure] = {}
        for figure in cell.numbers:
            name = figure.row.unit.strip().lower().replace("_", " ")
            if name.startswith(("work", "calendar")):
                units.setdefault(name, figure)
        if len(units) > 1:
            said = (
                f"{cell.said} is printed in {' and in '.join(units)}; it cannot be the same number of both."
            )
            found = _draft("label", cell.figure, "unit label", said, "one unit", " and ".join(units))
            found["refs"] = {figure.ref for figure in units.values()}
            drafts.append(found)
    return drafts


def _of_period(figure: Figure) -> Iterator[dict]:
    """Return what is wrong with the period of a row by itself, or with those that its breakdown names beside it."""
    yield from _carried_to_itself(figure)
    place, printed = figure.row.locator.strip(), figure.row.period.strip()
    near = periods.misspelt(figure.row.period)
    if near:
        said = f"{place}: {printed} names no month; {near} is near to it ({figure.name})."
        yield _misplaced(figure, said, near, printed, (place, figure.row.period))
    for kind, fault in figure.faults:
        said = f"{place}: {fault} ({figure.name})."
        if kind == "period":
            label = figure.notes.get("period_as_printed", printed)
            yield _misplaced(figure, said, "a period that exists", label, (place, fault))
        else:
            day = figure.row.value.strip()
            yield _draft("label", figure, "dates in order", said, "a day that exists", day)
    if figure.period.end:
        yield from _beside_another(figure, place, printed)


def _carried_to_itself(figure: Figure) -> Iterator[dict]:
    """Return that something is carried forward from a period to the same one."""
    following = periods.read(figure.notes.get("to", ""))
    is_carried = set(words(figure.row.measure)) & {"carried", "open", "forward", "outstanding"}
    is_same = following.end and figure.period.end and following.key == figure.period.key
    if is_same and (is_carried or "forward" in figure.row.breakdown):
        place, label = figure.row.locator.strip(), following.label
        said = f"{place}: carried forward from {figure.row.period.strip()} to {label.strip()}, itself ({figure.name})."
        yield _misplaced(figure, said, "a later period", label.strip(), (place, "to", label))


def _beside_another(figure: Figure, place: str, period: str) -> Iterator[dict]:
    """Return that the period of a row does not go with the heading, the comparison or the day that it names."""
    printed = figure.notes.get("period_as_printed")
    if printed:
        other = periods.read(printed)
        corrected = periods.read(figure.notes.get("period_corrected", ""))
        if other.end and other.key != figure.period.key:
            said = f"{place} prints {printed} over a figure of {period} ({figure.name})."
            yield _misplaced(figure, said, period, printed, (place, printed))
        elif corrected.end and corrected.key != figure.period.key:
            said = f"{place} prints {printed} over figures of {corrected.label} ({figure.name})."
            yield _misplaced(figure, said, corrected.label, printed, (place, printed))
    versus = periods.read(figure.notes.get("versus", ""))
    if versus.end and not versus.point and versus.key == figure.period.key:
        said = f"{place}: {period} is compared with {versus.label}, itself ({figure.name})."
        yield _misplaced(figure, said, "an earlier period", versus.label)
    at, day = periods.read(figure.notes.get("as_at", "")), timedelta(days=1)
    is_dated = at.end and figure.period.months
    if is_dated and not figure.period.start - day <= at.end <= figure.period.end + day:
        said = f"{place}: a figure of {period} as at {at.label} ({figure.name})."
        yield _misplaced(figure, said, f"a day in {period}", at.label)


def _of_places(book: Book) -> list[dict]:
    """Return drafts of rows whose period is not that of its place, where its place prints no other figure of that period."""
    places: dict[str, list[Figure]] = defaultdict(list)
    for figure in book.figures:
        if figure.period.months == 12 and figure.kind not in ("text", "day"):
            places[figure.row.locator.strip()].append(figure)
    drafts = []
    for place, members in places.items():
        named = {periods.read(found).key for found in periods.years_in(place)}
        by_period: dict[tuple, list[Figure]] = defaultdict(list)
        for figure in members:
            by_period[figure.period.key].append(figure)
        for key, odd in by_period.items():
            main = max(by_period.values(), key=len)
            if odd is main or len(odd) > 1 or len(main) < 3 or len(by_period) != 2:
                continue
            figure = odd[0]
            series = {(other.kind, other.stem, other.role) for other in main}
            twin = any(
                other.dims == figure.dims
                and other.stem == figure.stem
                and other.band == figure.band
                and other.kind == figure.kind
                for other in main
            )
            if twin or (figure.kind, figure.stem, figure.role) not in series or not figure.dims:
                continue
            siblings = [
                other for other in main if other.stem == figure.stem and set(other.dims) == set(figure.dims)
            ]
            if len(siblings) < 2 and not (len(named) == 1 and key not in named):
                continue
            if named and key in named:
                continue
            usual = main[0].row.period.strip()
            said = (
                f"{place} prints {figure.printed} for {figure.name}, where everything beside it is of "
                f"{usual} and no figure of {usual} stands in its place."
            )
            drafts.append(_misplaced(figure, said, usual, figure.row.period.strip()))
    return drafts
