"""Relations within tables: parts and totals, time bands, subsets, shares of one whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from redress.audit.cells import Book, notes_of
from redress.audit.relations import (
    CERTAIN,
    HINT,
    PLAUSIBLE,
    Linear,
    Relation,
    add_to_hundred,
    adds_up,
    at_most,
    equal,
    number,
)
from redress.audit.shares import says_base
from redress.audit.structure import REST, VERSIONS, Cell, words
from redress.audit.values import INFINITE
from redress.audit.vocabulary import (
    COUNTS_ITSELF,
    CUMULATIVE,
    FLOWING,
    LOOSE,
    MULTIVALUED,
    NARROWS,
    NO_PARTS,
    ORGANISATION,
    OTHER_WHOLES,
    PASSED,
    RATES,
    STOCK,
    UPHELD,
)

ADDS = ("count", "money")


def relations(book: Book) -> Iterator[Relation]:
    """Return every relation of these kinds that the book's structure implies."""
    groups = list(part_sets(book))
    yield from parts_to_total(book, groups)
    yield from shares_of_one_whole(book, groups)
    yield from bands(book)
    yield from subsets(book)
    yield from predicates(book)
    yield from parts_of_years(book)
    yield from totals_of_tables(book)


def totals_of_tables(book: Book) -> Iterator[Relation]:
    """Return that the total of `complaints_by_team` is the complaints, unless a complaint is counted for each team."""
    for cell in book.cells:
        plain = book.find(cell, cell.where)
        if (
            cell.table_total
            and plain is not None
            and plain is not cell
            and cell.has_number
            and plain.has_number
        ):
            is_open = set(cell.table_total) & (MULTIVALUED | PASSED | OTHER_WHOLES)
            pattern = ("table total", cell.stem, cell.table_total)
            strength = PLAUSIBLE if is_open else CERTAIN
            yield equal("same figure twice", strength, pattern, cell, plain, _total_words)


def _total_words(relation: Relation) -> tuple[str, str, str]:
    total, plain = relation.cells
    text = (
        f"{total.text} is the total of the table {total.name}, and {plain.text} is printed for {plain.name}."
    )
    return text, plain.text, total.text


def part_sets(book: Book) -> Iterator[tuple[str, frozenset, list[Cell], set[str]]]:
    """Return the sets of cells that differ in the value of one key only, as one place prints them.

    Yields the key, the dimensions of the whole, the parts, and the places.
    """
    grouped: dict[tuple, list[Cell]] = defaultdict(list)
    for cell in book.cells:
        if cell.role or cell.kind not in (*ADDS, "share"):
            continue
        for key in cell.dims:
            whole = frozenset(pair for pair in cell.where if pair[0] != key)
            grouped[(cell.kind, cell.stem, cell.band, cell.period.key, whole, key)].append(cell)
    for (kind, stem, *_, whole, key), members in grouped.items():
        if len(members) < 2 or set(words(key)) & NO_PARTS or set(stem) & CUMULATIVE:
            continue
        if kind == "share" and set(words(key)) & {"case", "person"}:
            continue
        seen: set[frozenset[int]] = set()
        for parts, locators in _by_place(members):
            parts = [part for part in parts if not VERSIONS.search(part.dims[key])]
            values = {part.dims[key] for part in parts}
            parts = _once([part for part in parts if not _is_composite(part.dims[key], values)], key)
            mark = frozenset(map(id, parts))
            if len(parts) > 1 and mark not in seen:
                seen.add(mark)
                yield key, whole, parts, locators


def _by_place(members: list[Cell]) -> list[tuple[list[Cell], set[str]]]:
    """Return cells as the places print them, each set with its places.

    A table is one place; but `Table 4a` and `Table 4b`, where each prints other cells, are one table that goes on. Cells
    of which no place prints two stand in sentences, one in each: all of them together may still be the parts.
    """
    by_place: dict[str, list[Cell]] = defaultdict(list)
    for cell in members:
        for locator in cell.places:
            by_place[locator].append(cell)
    sets = [(parts, {locator}) for locator, parts in by_place.items() if len(parts) > 1]
    tables: dict[str, list[str]] = defaultdict(list)
    for locator in by_place:
        tables[locator.rstrip("0123456789abcdef .()").strip()].append(locator)
    for locators in tables.values():
        cells = [cell for locator in locators for cell in by_place[locator]]
        is_list = len(locators) > 1 and all(len(by_place[locator]) > 1 for locator in locators)
        if is_list and len(cells) == len(set(map(id, cells))):
            sets = [kept for kept in sets if not kept[1] & set(locators)]
            sets.append((cells, set(locators)))
    return sets or [(members, set())]


def _once(parts: list[Cell], key: str) -> list[Cell]:
    """Return one part for each value: the figure itself, rather than the total of a table of it."""
    found: dict[str, Cell] = {}
    for cell in sorted(parts, key=lambda cell: bool(cell.table_total)):
        found.setdefault(cell.dims[key], cell)
    return [cell for cell in parts if found[cell.dims[key]] is cell]


def _is_composite(value: str, values: set[str]) -> bool:
    """Return whether a value is made of others of the table: `upheld or partially upheld` beside both."""
    for mark in (" or ", " and ", "+", "/"):
        pieces = [piece.strip() for piece in value.split(mark)]
        if len(pieces) > 1 and all(piece in values for piece in pieces):
            return True
    return False


def _without_subtotals(total: Cell, parts: list[Cell]) -> list[Cell]:
    """Return the parts, without one that is itself the sum of others, where the rest then makes the total.

    The others must stand side by side, as the lines that a subtotal is of do; any that happen to add up would be found too
    often.
    """
    excess = total_of(parts) - total.numbers[-1].value.number
    if excess <= 0 or len(parts) < 4:
        return parts
    for subtotal in parts:
        if not subtotal.numbers or subtotal.number != excess:
            continue
        others = [part for part in parts if part is not subtotal]
        numbers = [part.number if part.numbers else 0.0 for part in others]
        if any(
            sum(numbers[start : end + 1]) == excess
            for start in range(len(others))
            for end in range(start + 1, len(others))
        ):
            return others
    return parts


def listed(cells: list[Cell]) -> str:
    """Return the numbers of cells, added up: `141 + 89 + 4`."""
    shown = [cell.text for cell in cells if cell.has_number and cell.ranges[0] != (0, 0)]
    if len(shown) > 14:
        shown = [*shown[:6], "...", *shown[-2:]]
    return " + ".join(shown) or "0"


def total_of(cells: list[Cell]) -> float:
    """Return the sum of what is printed."""
    return sum(cell.number for cell in cells if cell.numbers)


def _sum_words(relation: Linear) -> tuple[str, str, str]:
    total, parts = relation.cells[0], relation.cells[1:]
    found = total_of(parts)
    blank = sum(1 for cell in parts if not cell.has_number)
    gap = found - (total.number if total.numbers else 0)
    way = f"{number(abs(gap))} {'more' if gap > 0 else 'fewer'} than"
    empty = f" ({blank} blank)" if blank else ""
    by = relation.extra.get("key", "part").replace("_", " ")
    statement = (
        f"{relation.about or 'The parts'} by {by} add to {number(found)}{empty} ({listed(parts)}), {way} the "
        f"{total.text} printed for {total.name}"
    )
    return statement + (f"; {relation.note}" if relation.note else "") + ".", total.text, number(found)


class _Said(NamedTuple):
    """What is known of the parts of a table: that they may overlap, that the report says so, that none is left out."""

    may_overlap: bool
    overlaps: bool
    is_complete: bool


def parts_to_total(book: Book, groups) -> Iterator[Relation]:
    """Return the parts of a table against every total that may be theirs.

    Whether parts must add up to a number is hardly ever said. What is known comes in degrees, and so does the strength.
    A row that calls itself the total of the table is that. A number of the same measure without the key is the total
    unless the parts may overlap (themes), may be fewer (outcomes of those closed), or are stages passed one after the other.
    A number of nearly the same name in the same place is likely, one elsewhere is possible. Parts that exceed a total
    are the stronger evidence: nothing that is left out of a list can explain them; parts that fall short may be an incomplete
    list, so that they count only where the list says it is complete (`other`, `not known`), or is the table's own.
    What is merely likely becomes certain in `engine` when lists of the same key tally elsewhere in the report.
    """
    for key, whole, parts, locators in groups:
        first = parts[0]
        if first.kind not in ADDS:
            continue
        is_rest = any(REST.search(part.dims[key]) for part in parts)
        said = _Said(
            book.overlaps(key, parts),
            book.says_overlap(key, parts),
            is_rest or key in book.declared.hierarchies.values(),
        )
        total = book.total_of(first, whole)
        wholes = [total] if total else book.related(first.stem, whole, first.period, first.kind)
        near = [cell for cell in wholes if cell.in_place(locators)]
        for other in near or wholes:
            if other.has_number and any(part.figures[0].value.status != "blank" for part in parts):
                if not said.overlaps:
                    parts = _without_subtotals(other, parts)
                yield _to_total(said, key, whole, parts, locators, other, other is total)
        if not wholes:
            yield from _other_totals(book, key, whole, parts, locators)


def _to_total(said: _Said, key, whole, parts, locators, other: Cell, is_own: bool) -> Linear:
    """Return that the parts add up to one total, as surely as the report says so; see `parts_to_total`."""
    first, names = parts[0], set(words(key))
    is_flagged = is_own and any(
        figure.row.locator.strip().lower() in locators and figure.total & {key, "row", "name"}
        for figure in other.figures
    )
    is_here, is_same = other.in_place(locators), is_own or other.stem == first.stem
    excess = total_of(parts) > other.numbers[-1].value.number
    note = "one case may have several, so they may exceed but never fall short" if said.overlaps else ""
    if said.may_overlap and excess and not said.overlaps:
        note = "that holds only if one may count under several"
    if said.overlaps:
        is_sure = is_flagged or said.is_complete
    elif is_flagged:
        is_sure = not (said.may_overlap and excess)
    elif excess:
        # `contacts_by_service` without a total of its own: a contact may be with two services.
        is_again = names & ORGANISATION and first.by and not other.by
        is_shared = is_again or (names & OTHER_WHOLES and not is_here)
        is_doubtful = said.may_overlap or first.returning or names & PASSED or is_shared
        is_sure = (is_same or (is_here and said.is_complete)) and not is_doubtful
    else:
        is_long = len(parts) > 2 or (key.startswith("sub") and len(whole) > 0)
        is_tables_own = is_here and other.stem == first.stem and is_long and first.kind != "money"
        is_sure = not names & PASSED and (
            (said.is_complete and (is_same or is_here)) or (is_tables_own and not said.may_overlap)
        )
    relation = adds_up(
        "parts to total",
        CERTAIN if is_sure else PLAUSIBLE,
        ("parts", first.stem, key),
        other,
        parts,
        _sum_words,
        may_exceed=said.overlaps,
        places=locators,
        key=key,
        multi=said.may_overlap,
        values=frozenset(part.dims[key] for part in parts),
        excess=excess and not said.overlaps and not is_flagged,
    )
    relation.note = note
    return relation


def _other_totals(book, key, whole, parts, locators) -> Iterator[Relation]:
    """Return a total of another name in the same place: worth trying, never held against the report."""
    first = parts[0]
    for other in book.at[(whole, first.period.key)]:
        fits = other.kind == first.kind and not other.role and other.in_place(locators) and other.has_number
        if fits and (set(other.stem) & set(first.stem) or not other.loose):
            pattern = ("parts", first.stem, key, other.stem)
            yield adds_up("parts to total", HINT, pattern, other, parts, _sum_words, key=key)


def _share_words(relation: Linear) -> tuple[str, str, str]:
    shares = relation.cells
    found = number(total_of(shares))
    by = relation.extra["key"].replace("_", " ")
    slack = sum((share.ranges[0][1] - share.ranges[0][0]) / 2 for share in shares)
    text = (
        f"The percentages by {by} add to {found} ({listed(shares)}); of one whole they add to 100, and rounding "
        f"explains at most {number(slack)} either way."
    )
    return text, "100", found


def shares_of_one_whole(book: Book, groups) -> Iterator[Relation]:
    """Return the percentages that differ in one key only, as shares of one whole, unless they are rates of each part.

    "60% of North's complaints were upheld, 40% of South's" looks like "60% came from North, 40% from South": only the words
    tell. A measure named after the key (`complaints_by_team_pct`) shares out; words such as `upheld` or `within` make rates.
    What adds up to far more than 100 are rates, whatever it is called; a little more than 100 is an error, since no rates
    come so near by chance. Less than 100 is an error only where the list is complete, or its total of 100% is printed.
    """
    for key, whole, parts, _locators in groups:
        if parts[0].kind != "share" or not all(part.has_number for part in parts):
            continue
        names, notes = set(words(key)), [note for part in parts for note in notes_of(part, *_BASES)]
        is_about = any(part.by & names for part in parts)
        is_named = any(says_base(note) and not _has_digit(note) for note in notes)
        if (set(parts[0].stem) & RATES - names and not is_about) or is_named:
            continue
        low, high = (sum(part.ranges[0][end] for part in parts) for end in (0, 1))
        total = book.total_of(parts[0], whole)
        is_hundred = (
            total is not None and total.has_number and total.ranges[0][0] <= 100 <= total.ranges[0][1]
        )
        is_multi = book.overlaps(key, parts) or _is_of_cases(book, key, notes)
        if low > 130 and not is_hundred:
            continue  # rates of each part
        if low > 100:
            bases = {
                tuple(words(note)[:2])
                for part in parts
                for note in notes_of(part, *_BASES, "of")
                if _has_digit(note)
            }
            is_near = low <= 112 and sum(part.number for part in parts) > 100
            is_sure = not is_multi and (is_about or is_hundred or len(bases) == 1 or is_near)
            strength = CERTAIN if is_sure else PLAUSIBLE
        else:
            is_complete = is_about and not is_multi and any(REST.search(part.dims[key]) for part in parts)
            strength = CERTAIN if is_hundred or is_complete else PLAUSIBLE if high > 85 else HINT
        yield add_to_hundred(
            strength,
            ("shares", parts[0].stem, key),
            parts,
            _share_words,
            key=key,
            multi=is_multi,
            excess=low > 100,
            alone=is_multi,
            values=frozenset(part.dims[key] for part in parts),
        )


_BASES = ("denominator", "base", "out_of")


def _has_digit(note: str) -> bool:
    return any(sign.isdigit() for sign in note)


def _is_of_cases(book: Book, key: str, notes: list[str]) -> bool:
    """Return whether the percentages say that they are of cases, of which one may have several values of the key."""
    noun = {word for note in notes for word in words(note)}
    return bool(
        key not in book.declared.exclusive
        and set(words(key)) & MULTIVALUED
        and noun - COUNTS_ITSELF - {"all", "closed"}
        and not noun & COUNTS_ITSELF
        and any(word.isalpha() for word in noun)
    )


def _band_words(relation: Linear) -> tuple[str, str, str]:
    whole, *parts = relation.cells
    found = number(total_of(parts))
    text = f"The time bands {listed(parts)} add to {found}, not the {whole.text} printed for {whole.name}."
    return text, whole.text, found


def _ladder_words(relation: Linear) -> tuple[str, str, str]:
    small, big = relation.cells
    return f"{small.said} is more than the {big.said}, which includes it.", f"at most {big.text}", small.text


def bands(book: Book) -> Iterator[Relation]:
    """Return that neighbouring bands of days add up, and that what is within 10 days is within 20."""
    grouped: dict[tuple, dict] = defaultdict(dict)
    for cell in book.cells:
        if cell.kind in ("count", "share") and not cell.role:
            shape = (cell.kind, cell.stem, cell.where, cell.period.key)
            grouped[shape][cell.band or (0, INFINITE)] = cell
    for (kind, stem, *_), by_band in grouped.items():
        if len(by_band) < 2:
            continue
        for stretch, whole in by_band.items():
            others = {band: cell for band, cell in by_band.items() if band != stretch}
            yield from _of_band(stretch, whole, others)
        if kind == "share" and (0, INFINITE) not in by_band:
            chain = _chain((0, INFINITE), by_band)
            if chain and all(share.has_number for share in chain):
                strength = CERTAIN if sum(share.ranges[0][0] for share in chain) > 100 else PLAUSIBLE
                pattern = ("bandshares", stem)
                yield add_to_hundred(strength, pattern, chain, _share_words, key="time band", alone=True)


def _of_band(stretch: tuple, whole: Cell, others: dict[tuple, Cell]) -> Iterator[Relation]:
    """Return what one band is to the other bands of its table."""
    is_unbounded = whole.band is None
    chain = _chain(stretch, others)
    if chain:
        is_elsewhere = is_unbounded and not whole.in_place(chain[0].locators)
        pattern = ("bands", whole.stem, whole.kind, is_unbounded)
        yield adds_up(
            "time bands", PLAUSIBLE if is_elsewhere else CERTAIN, pattern, whole, chain, _band_words
        )
    for (start, end), small in others.items():
        is_inside = stretch[0] <= start and end <= stretch[1] and whole.has_number and small.has_number
        if is_inside and not (whole.kind == "share" and is_unbounded):
            yield at_most(CERTAIN, ("ladder", whole.stem), [small], whole, _ladder_words)


def _chain(stretch: tuple, pieces: dict) -> list[Cell] | None:
    """Return the pieces that cover the stretch without gap or overlap; the finest such chain."""
    best: dict[float, list] = {stretch[0]: []}
    for (start, end), cell in sorted(pieces.items(), key=lambda piece: (piece[0][0], piece[0][1])):
        if start in best and end <= stretch[1]:
            chain = [*best[start], cell]
            after = end + 1 if end != INFINITE else INFINITE
            if after not in best or len(best[after]) < len(chain):
                best[after] = chain
    found = best.get(stretch[1] + 1 if stretch[1] != INFINITE else INFINITE)
    return found if found and len(found) > 1 else None


def subsets(book: Book) -> Iterator[Relation]:
    """Return that what is counted under more conditions is not more."""
    grouped: dict[tuple, list[Cell]] = defaultdict(list)
    for cell in book.cells:
        if cell.kind in ADDS and not cell.role and cell.has_number:
            grouped[(cell.kind, cell.stem, cell.band, cell.period.key)].append(cell)
    for (_, stem, *_rest), members in grouped.items():
        index = {cell.where: cell for cell in members if cell.table_total}
        index |= {cell.where: cell for cell in members if not cell.table_total}
        for cell in members:
            if _is_delimited(cell):
                continue
            for dropped in range(1, 3):
                wholes = [
                    index[wider] for wider in _without(list(cell.dims.items()), dropped) if wider in index
                ]
                for whole in wholes:
                    # Counted once for every team: such a table may hold more than there are complaints.
                    is_again = bool(cell.by ^ whole.by) and bool(cell.total)
                    pattern = ("subset", stem, is_again)
                    yield at_most(PLAUSIBLE if is_again else CERTAIN, pattern, [cell], whole, _ladder_words)
                if wholes:
                    break


def _is_delimited(cell: Cell) -> bool:
    """Return whether a breakdown says what is in and out of the figure, so that it may be no part of the one without."""
    return any(set(words(key)) & NARROWS or key in NARROWS for key in cell.dims) or any(
        "includ" in value or "exclud" in value or VERSIONS.search(value) for value in cell.dims.values()
    )


def _without(dims: list, dropped: int) -> list[frozenset]:
    """Return the dimensions without so many of them, in every way."""
    return [
        frozenset(pair for place, pair in enumerate(dims) if place not in left_out)
        for left_out in combinations(range(len(dims)), dropped)
    ]


def predicates(book: Book) -> Iterator[Relation]:
    """Return that complaints upheld are at most the complaints: a measure with a further condition in its name.

    The words of a measure are parted into what is counted (`complaints`) and conditions. Conditions of outcome
    (`upheld`) are sure to narrow; conditions of progress (`closed`, `answered`) narrow too, but what is closed this year may
    have come in last year, so that nothing is certain of them against what came in. The whole is a measure of the same noun
    at the same breakdown, or without outcome, stage or result where the part is broken down by these. Where a
    measure of those answered is printed, it and not the complaints received is the whole of those upheld, so
    that the latter is merely likely. Two opposites (met and missed) of one whole are at most that together.
    """
    narrow: list[tuple[Cell, frozenset, bool]] = []
    wide: dict[tuple, list[Cell]] = defaultdict(list)
    for cell in book.cells:
        if not cell.is_count or cell.band:
            continue
        stem = set(cell.stem)
        is_sure, is_flow = bool(stem & (UPHELD - {"or", "not", "part", "time"})), bool(stem & FLOWING)
        if is_sure or is_flow:
            narrow.append((cell, frozenset(stem - UPHELD - FLOWING - LOOSE), is_sure))
        if not is_sure and not stem & STOCK:
            wide[(cell.period.key, cell.where)].append(cell)
    yield from _of_which(book)
    halves: dict[int, list[Cell]] = defaultdict(list)
    for cell, noun, is_sure in narrow:
        for whole in (whole for where in _wider(cell) for whole in wide[(cell.period.key, where)]):
            if not _is_its_whole(cell, whole, noun, is_sure):
                continue
            is_same = cell.dims == whole.dims
            if is_same:
                for other in halves[id(whole)]:
                    if _is_opposite(cell, other) and other.dims == cell.dims:
                        strength = CERTAIN if set(whole.stem) & FLOWING else PLAUSIBLE
                        pattern = ("opposites", whole.stem)
                        yield at_most(strength, pattern, [cell, other], whole, _opposite_words)
                halves[id(whole)].append(cell)
            is_certain = is_sure and whole.loose == noun and is_same and not _has_answered(book, cell, whole)
            pattern = ("predicate", cell.stem, whole.stem)
            yield at_most(CERTAIN if is_certain else PLAUSIBLE, pattern, [cell], whole, _ladder_words)


_CONDITIONS = ("outcome", "stage", "result")


def _of_which(book: Book) -> Iterator[Relation]:
    """Return that `complaints_of_which_late` are at most the complaints."""
    for cell in book.cells:
        before, which, _after = cell.figures[0].row.measure.lower().partition("_of_which_")
        if which and cell.kind == "count" and cell.has_number:
            for whole in book.related(words(before), cell.where, cell.period):
                if whole.has_number:
                    yield at_most(CERTAIN, ("which", cell.stem), [cell], whole, _ladder_words)


def _wider(cell: Cell) -> list[frozenset]:
    """Return the dimensions of a cell, then without some or all of outcome, stage and result."""
    fixed = [pair for pair in cell.dims.items() if pair[0] not in _CONDITIONS]
    loose = [pair for pair in cell.dims.items() if pair[0] in _CONDITIONS]
    return [cell.where] + [
        frozenset([*fixed, *kept]) for n in range(len(loose)) for kept in combinations(loose, n)
    ]


def _is_its_whole(cell: Cell, whole: Cell, noun: frozenset, is_sure: bool) -> bool:
    """Return whether a measure is what the other is with a condition; `noun` is what the other counts."""
    is_in_time = set(cell.stem) - set(whole.stem) == {"time"}
    if whole is cell or (set(whole.stem) & FLOWING and not is_sure and not is_in_time):
        return False
    loose = whole.loose
    if loose == noun:
        return True
    if not noun:
        return bool(loose) and len(loose) < 3 and whole.in_place(cell.locators)
    is_narrower = noun < loose and len(loose - noun) == 1 and (is_sure or is_in_time)
    return bool(is_narrower and (whole.dims or loose - noun <= FLOWING))


def _has_answered(book: Book, cell: Cell, whole: Cell) -> bool:
    """Return whether those answered are printed, some of which came in earlier: the cell may be of these."""
    return any(
        other.kind == "count"
        and set(other.stem) & FLOWING
        and not set(other.stem) & UPHELD
        and not other.band
        and other.ranges[0][1] >= cell.ranges[0][0]
        for other in book.at[(whole.where, whole.period.key)]
    )


def _is_opposite(cell: Cell, other: Cell) -> bool:
    """Return whether no case is both: upheld and not upheld, met and missed, in time and late."""
    return set(cell.stem) ^ set(other.stem) in (
        {"not"},
        {"met", "missed"},
        {"time", "late"},
        {"time", "overdue"},
        {"partially"},
        {"partly"},
    )


def _opposite_words(relation: Linear) -> tuple[str, str, str]:
    cell, other, whole = relation.cells
    found = number(total_of([cell, other]))
    text = f"{cell.said} and {other.said} are {found} together, more than the {whole.said}."
    return text, f"at most {whole.text}", found


def parts_of_years(book: Book) -> Iterator[Relation]:
    """Return quarters and months against the year, and months against the quarter."""
    grouped: dict[tuple, list[Cell]] = defaultdict(list)
    for cell in book.cells:
        if cell.kind in ADDS and not cell.role and cell.period.months in (1, 3, 6, 12):
            grouped[(cell.kind, cell.stem, cell.band, cell.where, cell.table_total)].append(cell)
    for (_, stem, *_rest), members in grouped.items():
        if len(members) < 2 or set(stem) & (STOCK | CUMULATIVE):
            continue
        for whole in members:
            if whole.has_number:
                for length, unit in ((1, "month"), (3, "quarter"), (6, "half year")):
                    if length < whole.period.months:
                        yield from _of_year(whole, members, length, unit)


def _of_year(whole: Cell, members: list[Cell], length: int, unit: str) -> Iterator[Relation]:
    """Return that the parts of a period add up to it, or, where some are not printed, that each is at most that.

    People who come again are counted in every part, and once in the whole.
    """
    may_exceed, stem = whole.returning, whole.stem
    parts = [cell for cell in members if cell.period.months == length and cell.period.within(whole.period)]
    parts.sort(key=lambda part: part.period.start)
    if parts and len(parts) == whole.period.months // length:
        strength, family = PLAUSIBLE if may_exceed else CERTAIN, "quarters and months to year"
        pattern = ("year", stem, length)
        yield adds_up(family, strength, pattern, whole, parts, _sum_words, may_exceed=may_exceed, key=unit)
    elif not may_exceed:
        for part in parts:
            yield at_most(CERTAIN, ("subyear", stem), [part], whole, _ladder_words)
