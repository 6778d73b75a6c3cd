"""Relations between a change and the figures of the two periods that it is between."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import floor

from redress.audit import periods
from redress.audit.cells import Book, notes_of
from redress.audit.periods import Period
from redress.audit.relations import CERTAIN, PLAUSIBLE, Growth, Linear, Relation, WholeGrowth, number
from redress.audit.rounding import signed, truncated
from redress.audit.structure import Cell, words
from redress.audit.vocabulary import LOOSE, SHARE_WORDS


def _growth_words(relation: Growth) -> tuple[str, str, str]:
    change, later, earlier = relation.cells
    now, before, printed = later.number, earlier.number, change.value
    exact = 100 * (now - before) / before
    right = signed(exact, printed.decimals) + "%"
    shown = signed(printed.number, printed.decimals) + "%"
    text = (
        f"From {earlier.text} to {later.text} is {signed(exact, printed.decimals + 1)}%, which rounds to "
        f"{right}; {shown} is printed for {change.name}"
    )
    width = printed.high - printed.low
    if now and printed.low - 1e-7 <= 100 * (now - before) / now <= printed.high + 1e-7 and now != before:
        text += _of_the_later(printed.number, now - before, now, before, right)
    elif abs(exact + printed.number) <= width:
        text += " (the sign is turned round)"
    elif truncated(relation, exact):
        text += " (cut off instead of rounded)"
    elif abs(printed.number - (now - before)) < 0.5:
        text += " (that is the difference itself, not a percentage)"
    elif abs(printed.number - now) < 0.5:
        text += " (that is the later count itself)"
    elif abs(abs(printed.number) - 100 * now / before) <= width:
        text += " (that is the later figure as a percentage of the earlier one, not the change)"
    return text + ".", right, shown


def _of_the_later(printed: float, gap: float, now: float, before: float, right: str) -> str:
    """Return that a change was taken as a percentage of the later figure."""
    return (
        f" ({number(abs(printed))}% is {number(abs(gap))} of {number(now)}, the later figure; of "
        f"{number(before)}, the earlier one, it is {number(abs(float(right.strip('%+'))))}%)"
    )


def _difference_words(relation: Linear) -> tuple[str, str, str]:
    change, later, earlier = relation.cells
    gap, printed = later.number - earlier.number, change.value
    points = " percentage points" if later.kind == "share" else ""
    text = (
        f"From {earlier.text} to {later.text} is {signed(gap, 2).rstrip('0').rstrip('.')}{points}; "
        f"{number(printed.number)} is printed for {change.name}"
    )
    if abs(printed.number + gap) <= printed.high - printed.low + 1e-7:
        text += " (the sign is turned round)"
    return text + ".", number(gap), number(printed.number)


def _latent_words(relation: WholeGrowth) -> tuple[str, str, str]:
    change, later = relation.cells[:2]
    printed, now = change.value, later.number
    shown = signed(printed.number, printed.decimals) + "%"
    if relation.difference:
        gap = relation.cells[2].number
        before = now - gap
        right = signed(100 * gap / before if before else 0.0, printed.decimals) + "%"
        text = (
            f"{number(now)} after a change of {number(gap)} means {number(before)} before, a change of {right}; "
            f"{shown} is printed for {change.name}"
        )
        if now and printed.low <= 100 * gap / now <= printed.high:
            text += _of_the_later(printed.number, gap, now, before, right)
        return text + ".", right, shown
    guess = floor(now / (1 + printed.number / 100))
    around = ", ".join(
        f"from {before} it is {signed(100 * (now - before) / before, 1)}%"
        for before in (guess, guess + 1)
        if before > 0
    )
    text = (
        f"{number(now)} is printed as a change of {shown}, but no whole number before gives that ({around}): "
        f"{change.name}."
    )
    return text, "a whole number before", change.text


def relations(book: Book) -> Iterator[Relation]:
    """Return the relation of each change with the figures of its two periods."""
    for change in book.cells:
        if change.kind not in ("change", "points") or change.role == "aside" or not change.has_number:
            continue
        before = _before(change)
        if before is None:
            continue
        pairs = _bases(book, change, before)
        full = [pair for pair in pairs if all(cell is not None and cell.has_number for cell in pair)]
        if full:
            yield from _of_two(change, *full[0], is_only=len(full) == 1)
        elif change.unit == "percent" and pairs:
            yield from _of_one(book, change, pairs[0][0], before)


def _of_two(change: Cell, later: Cell, earlier: Cell, is_only: bool) -> Iterator[Relation]:
    """Return the change between two figures that are both printed."""
    is_beside = is_only and later.in_place(change.locators) and earlier.in_place(change.locators)
    strength = CERTAIN if _is_close(later, change) or is_beside else PLAUSIBLE
    named = ("change", strength, ("change", change.stem, change.unit), [change, later, earlier])
    difference = Linear(*named, say=_difference_words, coefficients=[1.0, -1.0, 1.0])
    growth = Growth(*named, say=_growth_words)
    if change.unit != "percent":
        yield difference
    elif later.kind != "share":
        if earlier.ranges[0][1] > 0:
            yield growth
    elif growth.holds():
        yield growth
    else:
        if difference.holds():
            difference.extra["label"] = True  # it is right in percentage points, and labelled per cent
        yield difference


def _of_one(book: Book, change: Cell, later: Cell | None, before: Period) -> Iterator[Relation]:
    """Return the change to a figure whose earlier one is not printed: by the difference, or some whole number."""
    if later is None or not later.has_number or later.kind != "count" or not _is_close(later, change):
        return
    gap = next((cell for cell in book.cells if _is_difference(cell, change, before)), None)
    if gap is not None:
        yield WholeGrowth(
            "change",
            CERTAIN,
            ("gap", change.stem),
            [change, later, gap],
            say=_latent_words,
            difference=True,
        )
    else:
        yield WholeGrowth(
            "percentage of whole numbers",
            CERTAIN,
            ("gapless", change.stem),
            [change, later],
            say=_latent_words,
        )


def _is_difference(cell: Cell, change: Cell, before: Period) -> bool:
    """Return whether a cell is the same change in numbers."""
    if (cell.kind, cell.unit, cell.stem, cell.period.key) != (
        "change",
        "count",
        change.stem,
        change.period.key,
    ):
        return False
    compared = _before(cell)
    return (
        cell.dims == change.dims
        and cell.has_number
        and compared is not None
        and compared.key == before.key
        and len(cell.ranges) == 1
    )


def _before(change: Cell) -> Period | None:
    """Return the period that a change compares with: as its row says, else a year earlier."""
    for note in notes_of(change, "versus"):
        said = periods.read(note)
        if said.end:
            if said.months == change.period.months or said.point:
                return said
            if said.months == 12 and change.period.months:
                return change.period.back(change.period.end.year - said.end.year)
            return said
    return change.period.back()


def _is_close(later: Cell, change: Cell) -> bool:
    return later.stem == change.stem or later.loose == frozenset(change.stem) - LOOSE


def _bases(book: Book, change: Cell, before: Period) -> list[tuple[Cell | None, Cell | None]]:
    """Return the pairs of cells (later, earlier) that it may be the change between, best first.

    A change is named more loosely than what changed ("complaints_change" beside "complaints_received"), and a change of
    per cent may be of a number or of a share. So each measure that has nearly the words of the change, at its breakdown
    and in either period, makes a pair. Pairs are ordered by the words; then by whether the name speaks of a share where
    the pair is one, and does not where it is none; then by whether both periods are printed; then by place. The order
    decides, not a threshold, since a wrong pair that is tried after the right one does no harm.
    """
    pairs: dict[tuple, list] = {}
    for slot, period in ((0, change.period), (1, before)):
        for cell in book.at[(change.where, period.key)]:
            rank = _rank(cell, change)
            if rank is None:
                continue
            pair = pairs.setdefault((cell.kind, cell.role, cell.stem), [None, None, rank])
            if pair[slot] is None or pair[slot].table_total:
                pair[slot] = cell
    measure = change.figures[0].row.measure.lower()
    is_of_share = bool(
        set(words(measure)) & (SHARE_WORDS - {"rate", "pct", "percent", "percentage"})
    ) or bool(re.search(r"(pct|percent|share|rate).*change|change.*(in|of).*(pct|share|rate)", measure))

    def order(item) -> tuple:
        (kind, *_), (later, earlier, rank) = item
        printed = [cell for cell in (later, earlier) if cell is not None]
        near = [cell for cell in printed if cell.in_place(change.locators)]
        is_other = change.unit == "percent" and (kind == "share") != is_of_share
        return rank, is_other, -len(printed), -len(near)

    return [(later, earlier) for _, (later, earlier, _) in sorted(pairs.items(), key=order)]


def _rank(cell: Cell, change: Cell) -> int | None:
    """Return how near the words of a cell are to those of a change, 0 being the same; None: it is not what changed."""
    if cell.kind not in ("count", "share", "money", "days", "ratio"):
        return None
    if (cell.band, cell.role) != (change.band, change.role):
        return None
    if (change.unit == "points" and cell.kind != "share") or (
        change.unit == "count" and cell.kind == "share"
    ):
        return None
    stem, wanted = frozenset(cell.stem), frozenset(change.stem)
    bare, loose = stem - LOOSE, wanted - LOOSE
    if stem == wanted:
        return 0
    if bare == loose:
        return 1
    if cell.kind == "share" and (loose < stem or bare < wanted) and len(wanted ^ stem) <= 2:
        return 3
    if loose and loose < stem and len(stem - wanted) <= 1:
        return 4
    return None
