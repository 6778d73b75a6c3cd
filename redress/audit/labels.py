"""What one row and its place are enough for: counts that are not whole, periods that do not exist or do not fit."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from redress.audit import flows, periods
from redress.audit.cells import Book
from redress.audit.structure import Figure, words
from redress.audit.vocabulary import COUNTED


def findings(book: Book) -> list[dict]:
    """Drafts of findings that one row, or one row and its place, is enough for."""
    drafts = []
    for one in book.figures:
        drafts += _of_value(one)
        drafts += _of_period(one)
    drafts += _of_places(book)
    drafts += _of_units(book)
    return _merged(drafts) + flows.date_findings(book)


def _draft(
    severity: str, figure: Figure, family: str, statement: str, expected: str, found: str, merge=""
) -> dict:
    return {
        "severity": severity,
        "refs": {figure.ref},
        "family": family,
        "statement": statement,
        "expected": expected,
        "found": found,
        "likely": figure.ref,
        "merge": merge,
    }


def _merged(drafts: list[dict]) -> list[dict]:
    """One draft for what one place says of many rows."""
    groups: dict[tuple, list[dict]] = defaultdict(list)
    for n, one in enumerate(drafts):
        groups[(one["family"], one["merge"] or n, one["severity"])].append(one)
    found = []
    for group in groups.values():
        first = dict(group[0])
        if len(group) > 1:
            first["refs"] = set().union(*(one["refs"] for one in group))
            first["statement"] = first["statement"].rstrip(".") + f", and {len(group) - 1} more."
            first["likely"] = ""
        found.append(first)
    return found


def _of_value(one: Figure) -> list[dict]:
    drafts = []
    value = one.value
    line = one.row.line
    if line and one.ref in (f"line-{line}", f"line-{line}@{line}") or line and one.ref.endswith(f"@{line}"):
        drafts.append(
            _draft(
                "label",
                one,
                "values read",
                f"Line {line} has no ref of its own; it is called {one.ref} here ({one.name}).",
                "a ref that names one row",
                one.ref,
            )
        )
    if value.status == "text" and one.unit not in ("text", "date") and not value.fault:
        drafts.append(
            _draft(
                "cannot_check",
                one,
                "values read",
                f"{one.row.value.strip()} is printed for {one.name} and cannot be read as a number.",
                f"a number ({one.row.unit.strip()})",
                one.row.value.strip(),
            )
        )
    if (
        value.status == "number"
        and one.kind == "count"
        and not one.role
        and one.row.unit.strip().lower() in COUNTED
    ):
        if abs(value.number - round(value.number)) > 1e-9:
            drafts.append(
                _draft(
                    "contradiction",
                    one,
                    "counts whole and not negative",
                    f"{one.printed} is printed for {one.name}, and a count is a whole number.",
                    "a whole number",
                    one.printed,
                )
            )
        if value.number < 0:
            drafts.append(
                _draft(
                    "contradiction",
                    one,
                    "counts whole and not negative",
                    f"{one.printed} is printed for {one.name}, and nothing is counted fewer than 0 times.",
                    "0 or more",
                    one.printed,
                )
            )
    if value.status == "number" and one.kind == "share" and not one.role:
        tokens = set(words(one.row.measure))
        if value.high < 0 or (value.low > 100 and not tokens & {"per", "ratio", "population", "index"}):
            drafts.append(
                _draft(
                    "contradiction",
                    one,
                    "percentage in its range",
                    f"{one.printed} is printed for {one.name}, and a share lies between 0 and 100%.",
                    "0% to 100%",
                    one.printed,
                )
            )
    if value.status == "number" and one.kind == "days" and value.high < 0:
        drafts.append(
            _draft(
                "contradiction",
                one,
                "average in its range",
                f"{one.printed} is printed for {one.name}, and no stretch of time is shorter than nothing.",
                "0 or more",
                one.printed,
            )
        )
    return drafts


def _of_units(book: Book) -> list[dict]:
    """One number printed as working days here and as calendar days there."""
    drafts = []
    for cell in book.cells:
        if cell.kind != "days" or len(cell.numbers) < 2:
            continue
        units: dict[str, Figure] = {}
        for one in cell.numbers:
            name = one.row.unit.strip().lower().replace("_", " ")
            if name.startswith(("work", "calendar")):
                units.setdefault(name, one)
        if len(units) > 1:
            found = _draft(
                "label",
                cell.figure,
                "unit label",
                f"{cell.said} is printed in {' and in '.join(units)}; it cannot be the same number of both.",
                "one unit",
                " and ".join(units),
            )
            found["refs"] = {one.ref for one in units.values()}
            drafts.append(found)
    return drafts


def _of_period(one: Figure) -> list[dict]:
    drafts = []
    following = periods.read(one.notes.get("to", ""))
    if (
        following.end
        and one.period.end
        and following.key == one.period.key
        and set(words(one.row.measure)) & {"carried", "open", "forward", "outstanding"}
        | ({"to"} if "forward" in one.row.breakdown else set())
    ):
        drafts.append(
            _draft(
                "label",
                one,
                "period label",
                f"{one.row.locator.strip()}: carried forward from {one.row.period.strip()} to "
                f"{following.label.strip()}, itself ({one.name}).",
                "a later period",
                following.label.strip(),
                (one.row.locator.strip(), "to", following.label),
            )
        )
    near = periods.misspelt(one.row.period)
    if near:
        drafts.append(
            _draft(
                "label",
                one,
                "period label",
                f"{one.row.locator.strip()}: {one.row.period.strip()} names no month; {near} is near to it "
                f"({one.name}).",
                near,
                one.row.period.strip(),
                (one.row.locator.strip(), one.row.period),
            )
        )
    place = one.row.locator.strip()
    for kind, fault in one.faults:
        label = (
            one.notes.get("period_as_printed", one.row.period.strip())
            if kind == "period"
            else one.row.value.strip()
        )
        drafts.append(
            _draft(
                "label",
                one,
                "period label" if kind == "period" else "dates in order",
                f"{place}: {fault} ({one.name}).",
                "a period that exists" if kind == "period" else "a day that exists",
                label,
                (place, fault) if kind == "period" else "",
            )
        )
    printed = one.notes.get("period_as_printed")
    if printed and one.period.end:
        other = periods.read(printed)
        corrected = periods.read(one.notes.get("period_corrected", ""))
        if other.end and other.key != one.period.key:
            drafts.append(
                _draft(
                    "label",
                    one,
                    "period label",
                    f"{place} prints {printed} over a figure of {one.row.period.strip()} ({one.name}).",
                    one.row.period.strip(),
                    printed,
                    (place, printed),
                )
            )
        elif corrected.end and corrected.key != one.period.key:
            drafts.append(
                _draft(
                    "label",
                    one,
                    "period label",
                    f"{place} prints {printed} over figures of {corrected.label} ({one.name}).",
                    corrected.label,
                    printed,
                    (place, printed),
                )
            )
    versus = periods.read(one.notes.get("versus", ""))
    if versus.end and one.period.end and not versus.point and versus.key == one.period.key:
        drafts.append(
            _draft(
                "label",
                one,
                "period label",
                f"{place}: {one.row.period.strip()} is compared with {versus.label}, itself ({one.name}).",
                "an earlier period",
                versus.label,
            )
        )
    at = periods.read(one.notes.get("as_at", ""))
    if (
        at.end
        and one.period.end
        and one.period.months
        and not (one.period.start - timedelta(days=1) <= at.end <= one.period.end + timedelta(days=1))
    ):
        drafts.append(
            _draft(
                "label",
                one,
                "period label",
                f"{place}: a figure of {one.row.period.strip()} as at {at.label} ({one.name}).",
                f"a day in {one.row.period.strip()}",
                at.label,
            )
        )
    return drafts


def _of_places(book: Book) -> list[dict]:
    """A row whose period is not that of its place, where its place prints no other figure of that period."""
    places: dict[str, list[Figure]] = defaultdict(list)
    for one in book.figures:
        if one.period.months == 12 and one.kind not in ("text", "day"):
            places[one.row.locator.strip()].append(one)
    drafts = []
    for place, members in places.items():
        named = {periods.read(found).key for found in periods.years_in(place)}
        by_period: dict[tuple, list[Figure]] = defaultdict(list)
        for one in members:
            by_period[one.period.key].append(one)
        for key, odd in by_period.items():
            main = max(by_period.values(), key=len)
            if odd is main or len(odd) > 1 or len(main) < 3 or len(by_period) != 2:
                continue
            one = odd[0]
            series = {(other.kind, other.stem, other.role) for other in main}
            twin = any(
                other.dims == one.dims
                and other.stem == one.stem
                and other.band == one.band
                and other.kind == one.kind
                for other in main
            )
            if twin or (one.kind, one.stem, one.role) not in series or not one.dims:
                continue
            siblings = [
                other for other in main if other.stem == one.stem and set(other.dims) == set(one.dims)
            ]
            if len(siblings) < 2 and not (len(named) == 1 and key not in named):
                continue
            if named and key in named:
                continue
            drafts.append(
                _draft(
                    "label",
                    one,
                    "period label",
                    f"{place} prints {one.printed} for {one.name}, where everything beside it is of "
                    f"{main[0].row.period.strip()} and no figure of {main[0].row.period.strip()} stands in its place.",
                    main[0].row.period.strip(),
                    one.row.period.strip(),
                )
            )
    return drafts
