"""Stock and flow: what was open, came in, was closed and is left, and what closes one period opens the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations

from redress.audit.cells import Book
from redress.audit.relations import CERTAIN, PLAUSIBLE, Linear, Relation, equal, number
from redress.audit.structure import Cell, words
from redress.audit.vocabulary import IN, LOOSE, NOISE, OUT, ROLES_OF_STOCK, STEPS

_Whole = tuple[frozenset, frozenset]
"""What is counted and its breakdown, without what says whether it is opening, entered, left or closing."""
_Stocks = dict[tuple[_Whole, tuple], dict[str, list[Cell]]]
"""(whole, period) -> role -> cells."""


def relations(book: Book) -> Iterator[Relation]:
    """Return that brought forward and entered, less closed, is carried forward, and that one period's end opens the next."""
    stocks: _Stocks = defaultdict(lambda: defaultdict(list))
    for cell in book.cells:
        if cell.kind in ("count", "money") and not cell.role and not cell.band and cell.has_number:
            found = _role_of(cell)
            if found is not None:
                role, whole = found
                stocks[(whole, cell.period.key)][role].append(cell)
    for (whole, _period), roles in stocks.items():
        if all(roles.get(name) for name in ("opening", "entered", "left", "closing")):
            yield _flow(whole, roles)
    for (whole, _period), roles in stocks.items():
        for closing in roles.get("closing", ())[:1]:
            same = [part for (other, _), part in stocks.items() if other == whole]
            yield from _links(whole, closing, same)
            yield from _edges(whole, roles, closing, same)


def _role_of(cell: Cell) -> tuple[str, _Whole] | None:
    """Return what a cell is to a stock, and the whole that it is of; None where it is nothing to any.

    Its measure says so (`complaints_brought_forward`), or a key does (`flow=brought forward`). `received` in a measure
    says little, since everything is received: a key that says more is believed.
    """
    dims, tokens = dict(cell.dims), set(words(cell.figures[0].row.measure))
    found = _role(tokens)
    if found is None or found[0] == "entered":
        for key, value in cell.dims.items():
            said = _role(set(words(value))) if key in STEPS else None
            if said:
                found = said
                del dims[key]
                break
    if found is None:
        return None
    role, used = found
    noun = frozenset(tokens - used - NOISE - LOOSE - {"number", "count"})
    return role, (noun, frozenset(dims.items()))


def _role(tokens: set[str]) -> tuple[str, set[str]] | None:
    """Return what words say of a stock, and the words that say it."""
    for role, alternatives in ROLES_OF_STOCK.items():
        for wanted in alternatives:
            if wanted <= tokens:
                return role, wanted
    for role, wanted in (("out", OUT), ("in", IN)):
        if tokens & wanted:
            return role, tokens & wanted
    return None


def _flow(whole: _Whole, roles: dict[str, list[Cell]]) -> Linear:
    """Return closing = opening + entered - left, with what else went in and out where the report counts it apart.

    Reports differ in whether those withdrawn or escalated are among those closed, and seldom say. So every choice of
    the further movements is tried, and of the first three numbers for `entered` and `left`; one that holds is taken before one
    that does not, one of a single place before one from several, fewer movements before more. The relation fails only
    where no choice holds.
    """
    best = None
    for entered in roles["entered"][:3]:
        for left in roles["left"][:3]:
            four = [roles["closing"][0], roles["opening"][0], entered, left]
            is_apart = not set.intersection(*(cell.locators for cell in four))
            for more in _subsets([*roles["in"], *roles["out"]]):
                signs = [-1.0 if cell in roles["in"] else 1.0 for cell in more]
                relation = Linear(
                    "stock and flow",
                    PLAUSIBLE if is_apart else CERTAIN,
                    ("flow", whole[0]),
                    [*four, *more],
                    say=_flow_words,
                    coefficients=[1.0, -1.0, -1.0, 1.0, *signs],
                )
                rank = (not relation.holds(), is_apart, len(more))
                if best is None or rank < best[0]:
                    best = (rank, relation)
    return best[1]


def _links(whole: _Whole, closing: Cell, same: list[dict[str, list[Cell]]]) -> Iterator[Relation]:
    """Return that what is left at the end of one period is brought forward into the period that begins the day after."""
    for roles in same:
        for opening in roles.get("opening", ())[:1]:
            end, start = closing.period.end, opening.period.start
            if end and start and not closing.period.point and start - end == timedelta(days=1):
                yield equal("stock and flow", CERTAIN, ("link", whole[0]), opening, closing, _link_words)


def _edges(
    whole: _Whole, roles: dict[str, list[Cell]], closing: Cell, same: list[dict[str, list[Cell]]]
) -> Iterator[Relation]:
    """Return that the first quarter opens with what the year opens with, and the last closes with what it closes with."""
    year = closing.period
    for parts in same:
        for role in ("opening", "closing"):
            for part, total in zip(parts.get(role, ())[:1], roles.get(role, ())[:1], strict=False):
                if part is total or not part.period.within(year) or part.period.months >= year.months:
                    continue
                is_edge = (
                    part.period.start == year.start if role == "opening" else part.period.end == year.end
                )
                if is_edge:
                    yield equal("stock and flow", CERTAIN, ("edge", whole[0], role), part, total, _link_words)


def _subsets(cells: list[Cell]) -> Iterator[tuple[Cell, ...]]:
    """Return every choice among the first four cells, small ones first."""
    for size in range(len(cells[:4]) + 1):
        yield from combinations(cells[:4], size)


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
    cell, other = relation.cells
    text = f"{cell.said} and {other.said} are the same stock and must be the same number."
    return text, other.text, cell.text
