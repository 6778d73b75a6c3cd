"""Relations of averages, of the shortest and the longest, of rates, and of ratios such as issues per complaint."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from redress.audit.cells import Book
from redress.audit.relations import CERTAIN, PLAUSIBLE, Between, Linear, Quotient, Relation, number
from redress.audit.rounding import half_up
from redress.audit.structure import Cell, words
from redress.audit.vocabulary import FILLER, LOOSE

_IN_ITS_RANGE = "average in its range"


def relations(book: Book) -> Iterator[Relation]:
    """Return every relation of these kinds that the book's structure implies."""
    for cell in book.cells:
        if cell.role in ("average", "middle") and cell.has_number and cell.kind not in ("change", "points"):
            yield from _between_extremes(book, cell)
            if cell.role == "average" and cell.kind in ("money", "days"):
                yield from _mean(book, cell)
            if cell.role == "average" and cell.kind == "days":
                yield from _all_within(book, cell)
    yield from _averages_of_parts(book)
    yield from _rates_of_parts(book)
    yield from ratios(book)


def _between_extremes(book: Book, average: Cell) -> Iterator[Relation]:
    """Return that the average is no less than the shortest and no more than the longest."""
    for role, sign in (("minimum", 1.0), ("maximum", -1.0)):
        for other in book.at[(average.where, average.period.key)]:
            is_alike = other.stem == average.stem or other.loose == average.loose
            is_near = other.in_place(average.locators) and (
                other.loose <= average.loose or average.loose <= other.loose
            )
            if (
                other.role == role
                and other.has_number
                and other.kind in (average.kind, "count", "days", "ratio")
                and (is_alike or is_near)
            ):
                yield Linear(
                    _IN_ITS_RANGE,
                    CERTAIN,
                    ("range", average.stem),
                    [average, other],
                    say=_range_words,
                    coefficients=[-sign, sign],
                    operator="<=",
                )


def _mean(book: Book, average: Cell) -> Iterator[Relation]:
    """Return that the average is the total over the number, where a place prints one of each."""
    totals = [
        cell
        for cell in book.at[(average.where, average.period.key)]
        if cell.kind == average.kind
        and not cell.role
        and cell.has_number
        and cell.loose == average.loose
        and cell.in_place(average.locators)
    ]
    counts = [
        count
        for count in book.counts_at(average.where, average.period)
        if not count.band and count.in_place(average.locators)
    ]
    named = [count for count in counts if count.loose & average.loose]
    counts = named or counts
    if len(totals) == 1 and len(counts) == 1:
        yield _over(CERTAIN if named else PLAUSIBLE, ("mean", average.stem), average, totals[0], counts[0])


def _over(
    strength: str, pattern: tuple, result: Cell, top: Cell, bottom: Cell, scale: float = 1.0
) -> Quotient:
    """Return that the result is the one over the other."""
    cells = [result, top, bottom]
    return Quotient("ratio from counts", strength, pattern, cells, say=_ratio_words, scale=scale)


def _all_within(book: Book, average: Cell) -> Iterator[Relation]:
    """Return that the average is at most 20 where all were answered within 20 days."""
    for within in book.counts_at(average.where, average.period):
        if not within.band or within.band[0]:
            continue
        whole = book.like("count", "", within.stem, within.where, within.period)
        if (
            whole is not None
            and whole.has_number
            and whole.ranges == within.ranges
            and whole.in_place(average.locators)
        ):
            yield Linear(
                _IN_ITS_RANGE,
                CERTAIN,
                ("all within", average.stem),
                [average],
                say=_within_words,
                coefficients=[1.0],
                constant=-float(within.band[1]),
                operator="<=",
                extra={"with": [within, whole]},
            )


def _within_words(relation: Linear) -> tuple[str, str, str]:
    average = relation.cells[0]
    within, _whole = relation.extra["with"]
    limit = number(-relation.constant)
    text = f"{average.said} is more than {limit}, although all {within.text} were within {limit} days."
    return text, f"at most {limit}", average.text


def _range_words(relation: Linear) -> tuple[str, str, str]:
    average, other = relation.cells
    way, bound = (
        ("below the least", "at least") if other.role == "minimum" else ("above the greatest", "at most")
    )
    return f"{average.said} is {way}, {other.said}.", f"{bound} {other.text}", average.text


def _between_words(relation: Between) -> tuple[str, str, str]:
    first, *parts = relation.cells
    low, high = min(part.ranges[0][0] for part in parts), max(part.ranges[0][1] for part in parts)
    shown = ", ".join(part.text for part in parts[:12])
    text = f"{first.said} lies outside the values of its parts ({shown})."
    return text, f"between {number(low)} and {number(high)}", first.text


def _between(strength: str, pattern: tuple, whole: Cell, parts: list[Cell]) -> Between:
    """Return that an average of all lies between those of the parts."""
    return Between(_IN_ITS_RANGE, strength, pattern, [whole, *parts], say=_between_words)


def _rates_of_parts(book: Book) -> Iterator[Relation]:
    """Return that a rate of all lies between the rates of the parts; shares of one whole are no rates."""
    for rate in book.cells:
        if rate.kind != "share" or rate.role or not rate.has_number or rate.ranges[0][1] >= 99.5:
            continue
        for key in sorted(rate.total - {"row", "name"}):
            parts = [
                part
                for part in book.shape[(rate.kind, rate.role, rate.stem, rate.band)]
                if part.period.key == rate.period.key
                and {**rate.dims, key: part.dims.get(key)} == part.dims
                and part.in_place(rate.locators)
                and part.has_number
            ]
            if len(parts) > 1 and not 90 <= sum(part.number for part in parts) <= 110:
                yield _between(CERTAIN, ("rates", rate.stem, key), rate, parts)


def _averages_of_parts(book: Book) -> Iterator[Relation]:
    """Return that an average lies between those of its quarters, of its months, and of the values of a key."""
    for whole in book.cells:
        if whole.role != "average" or not whole.has_number:
            continue
        shape = [
            cell
            for cell in book.shape[(whole.kind, whole.role, whole.stem, whole.band)]
            if cell.has_number and cell is not whole
        ]
        for name, length in (("quarters", 3), ("months", 1)):
            parts = [
                cell
                for cell in shape
                if cell.dims == whole.dims
                and cell.period.months == length
                and cell.period.within(whole.period)
            ]
            is_whole = length * len(parts) == whole.period.months and len(parts) > 1
            if is_whole and (length == 1 or whole.period.months == 12):
                yield _between(CERTAIN, (name, whole.stem), whole, parts)
        by_key: dict[str, list[Cell]] = defaultdict(list)
        for cell in shape:
            extra = cell.where - whole.where
            if (
                cell.period.key == whole.period.key
                and len(extra) == 1
                and len(cell.dims) == len(whole.dims) + 1
                and cell.in_place(whole.locators)
            ):
                by_key[next(iter(extra))[0]].append(cell)
        for key, parts in by_key.items():
            if len(parts) > 1:
                is_total = any({key, "row"} & figure.total for figure in whole.figures)
                yield _between(CERTAIN if is_total else PLAUSIBLE, ("parts", whole.stem, key), whole, parts)


def _ratio_words(relation: Quotient) -> tuple[str, str, str]:
    result, top, bottom = relation.cells
    right = half_up(relation.scale * top.number / bottom.number, result.value.decimals)
    scale = "" if relation.scale == 1 else f" per {number(relation.scale)}"
    text = f"{top.text} over {bottom.text} is {right}{scale}; {result.text} is printed for {result.name}."
    return text, right, result.text


def ratios(book: Book) -> Iterator[Relation]:
    """Return that issues per complaint, or complaints per 1,000 children, are the one over the other."""
    for ratio in book.cells:
        name = words(ratio.figures[0].row.measure)
        if (
            ratio.kind != "ratio"
            or not ratio.has_number
            or ratio.role in ("minimum", "maximum", "middle", "aside")
            or "per" not in name
        ):
            continue
        top, bottom, scale = _over_what(name, ratio.figures[0].row.unit)
        if not bottom or not top:
            continue
        counts = [count for count in book.counts_at(ratio.where, ratio.period) if not count.band]
        tops = [count for count in counts if _is_named(count, top)]
        bottoms = [count for count in counts if _is_named(count, bottom - FILLER)]
        is_only = len(tops) == len(bottoms) == 1 and all(
            count.in_place(ratio.locators) for count in (*tops, *bottoms)
        )
        for above in tops[:2]:
            for below in bottoms[:2]:
                if above is not below:
                    pattern = ("ratio", ratio.stem, above.stem, below.stem)
                    yield _over(CERTAIN if is_only else PLAUSIBLE, pattern, ratio, above, below, scale)


def _over_what(name: tuple[str, ...], unit: str) -> tuple[set[str], set[str], float]:
    """Return the words over and under the line of `complaints per 1000 children`, and what it is per."""
    at = name.index("per")
    top, bottom = set(name[:at]) - FILLER - {"average", "mean", "rate"}, name[at + 1 :]
    stated = re.search(r"per[_ ](1,?000|10,?000|100,?000|100)\b", unit.lower())
    scale = float(stated[1].replace(",", "")) if stated else 1.0
    if bottom and bottom[0].isdigit():
        scale = float("".join(word for word in bottom if word.isdigit()) or 1)
        bottom = tuple(word for word in bottom if not word.isdigit())
    return top, set(bottom), scale


def _is_named(cell: Cell, wanted: set[str]) -> bool:
    """Return whether a cell is what the words name, or that with one further word that sets no condition."""
    stem, wanted = set(cell.stem) - LOOSE, wanted - LOOSE
    if not wanted:
        return False
    has_condition = stem & {"upheld", "closed", "resolved", "change"}
    return stem == wanted or (wanted < stem and len(stem - wanted) <= 1 and not has_condition)
