"""Relations within tables: parts and totals, time bands, subsets, shares of one whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from redress.audit.cells import Book, notes_of
from redress.audit.relations import CERTAIN, HINT, PLAUSIBLE, Linear, Relation, number
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
    """Every relation of these kinds that the book's structure implies."""
    groups = list(part_sets(book))
    yield from parts_to_total(book, groups)
    yield from shares_of_one_whole(book, groups)
    yield from bands(book)
    yield from subsets(book)
    yield from predicates(book)
    yield from parts_of_years(book)
    yield from totals_of_tables(book)


def totals_of_tables(book: Book) -> Iterator[Relation]:
    """The total of `complaints_by_team` and the complaints: one number, unless a complaint is counted for each team."""
    for cell in book.cells:
        plain = book.find(cell, cell.where)
        if (
            cell.table_total
            and plain is not None
            and plain is not cell
            and cell.has_number
            and plain.has_number
        ):
            open_ = set(cell.table_total) & (MULTIVALUED | PASSED | OTHER_WHOLES)
            yield Linear(
                "same figure twice",
                PLAUSIBLE if open_ else CERTAIN,
                ("table total", cell.stem, cell.table_total),
                [cell, plain],
                say=_total_words,
                coefficients=[1.0, -1.0],
            )


def _total_words(relation: Linear) -> tuple[str, str, str]:
    total, plain = relation.cells
    return (
        (
            f"{total.text} is the total of the table {total.name}, and {plain.text} is printed for "
            f"{plain.name}."
        ),
        plain.text,
        total.text,
    )


def part_sets(book: Book) -> Iterator[tuple[str, frozenset, list[Cell], set[str]]]:
    """Sets of cells that differ in the value of one key only, as one place prints them.

    Yields the key, the dimensions of the whole, the parts, and the places.
    """
    grouped: dict[tuple, list[Cell]] = defaultdict(list)
    for cell in book.cells:
        if cell.role or cell.kind not in (*ADDS, "share"):
            continue
        for key in cell.dims:
            whole = frozenset((name, value) for name, value in cell.dims.items() if name != key)
            grouped[(cell.kind, cell.stem, cell.band, cell.period.key, whole, key)].append(cell)
    for (*_, whole, key), members in grouped.items():
        if len(members) < 2 or set(words(key)) & NO_PARTS:
            continue
        if set(members[0].stem) & CUMULATIVE or (
            members[0].kind == "share" and set(words(key)) & {"case", "person"}
        ):
            continue
        by_place: dict[str, list[Cell]] = defaultdict(list)
        for one in members:
            for locator in one.locators:
                by_place[locator].append(one)
        seen: set[frozenset[int]] = set()
        sets = [(parts, {locator}) for locator, parts in by_place.items() if len(parts) > 1]
        families: dict[str, list[str]] = defaultdict(list)
        for locator in by_place:
            families[locator.rstrip("0123456789abcdef .()").strip()].append(locator)
        for locators in families.values():
            if (
                len(locators) > 1
                and all(len(by_place[one]) > 1 for one in locators)
                and sum(len(by_place[one]) for one in locators)
                == len({id(cell) for one in locators for cell in by_place[one]})
            ):
                continued = [cell for one in locators for cell in by_place[one]]
                sets = [one for one in sets if not one[1] & set(locators)]
                sets.append((continued, set(locators)))
        if not sets:
            sets = [(members, set())]  # one figure in every sentence: together they may still be the parts
        for parts, locators in sets:
            parts = [one for one in parts if not VERSIONS.search(one.dims[key])]
            values = {one.dims[key] for one in parts}
            parts = [one for one in parts if not _composite(one.dims[key], values)]
            parts = _once(parts, key)
            mark = frozenset(id(one) for one in parts)
            if len(parts) > 1 and mark not in seen:
                seen.add(mark)
                yield key, whole, parts, locators


def _once(parts: list[Cell], key: str) -> list[Cell]:
    """One part for each value: the figure itself, rather than the total of a table of it."""
    found: dict[str, Cell] = {}
    for one in sorted(parts, key=lambda cell: bool(cell.table_total)):
        found.setdefault(one.dims[key], one)
    return [one for one in parts if found[one.dims[key]] is one]


def _composite(value: str, values: set[str]) -> bool:
    """True for a value that is made of others of the table: `upheld or partially upheld` beside both."""
    for mark in (" or ", " and ", "+", "/"):
        pieces = [one.strip() for one in value.split(mark)]
        if len(pieces) > 1 and all(one in values for one in pieces):
            return True
    return False


def _without_subtotals(total: Cell, parts: list[Cell]) -> list[Cell]:
    """The parts, without one that is itself the sum of others, where the rest then makes the total."""
    excess = total_of(parts) - total.numbers[-1].value.number
    if excess <= 0 or len(parts) < 4:
        return parts
    for one in parts:
        if not one.numbers or one.number != excess:
            continue
        others = [other for other in parts if other is not one]
        for start in range(len(others)):
            added = 0.0
            for end in range(start, len(others)):
                added += others[end].number if others[end].numbers else 0.0
                if added == excess and end > start:
                    return others
    return parts


def listed(cells: list[Cell]) -> str:
    """The numbers of cells, added up: `141 + 89 + 4`."""
    shown = [one.text for one in cells if one.has_number and one.ranges[0] != (0, 0)]
    if len(shown) > 14:
        shown = [*shown[:6], "...", *shown[-2:]]
    return " + ".join(shown) or "0"


def total_of(cells: list[Cell]) -> float:
    return sum(one.number for one in cells if one.numbers)


def _sum_words(relation: Linear) -> tuple[str, str, str]:
    total, parts = relation.cells[0], relation.cells[1:]
    found = total_of(parts)
    blank = sum(1 for one in parts if not one.has_number)
    gap = found - (total.number if total.numbers else 0)
    way = f"{number(abs(gap))} {'more' if gap > 0 else 'fewer'} than"
    empty = f" ({blank} blank)" if blank else ""
    by = relation.extra.get("key", "part").replace("_", " ")
    statement = (
        f"{relation.about or 'The parts'} by {by} add to {number(found)}{empty} ({listed(parts)}), {way} the "
        f"{total.text} printed for {total.name}"
    )
    return statement + (f"; {relation.note}" if relation.note else "") + ".", total.text, number(found)


def parts_to_total(book: Book, groups) -> Iterator[Relation]:
    """The parts of a table against every total that may be theirs."""
    for key, whole, parts, locators in groups:
        if parts[0].kind not in ADDS:
            continue
        first = parts[0]
        rest = any(REST.search(one.dims[key]) for one in parts)
        multi = book.overlaps(key, parts)
        said = book.says_overlap(key, parts)
        distinct = first.returning
        complete = rest or key in book.declared.hierarchies.values()
        passed = bool(set(words(key)) & PASSED)
        total = book.total_of(first, whole)
        candidates: list[tuple[Cell, bool, bool]] = []
        if total is not None:
            flagged = any(
                figure.row.locator.strip().lower() in locators and figure.total & {key, "row", "name"}
                for figure in total.figures
            )
            candidates.append((total, True, flagged))
        else:
            for other in book.related(first.stem, whole, first.period, first.kind):
                candidates.append((other, other.stem == first.stem, False))
        near = [one for one in candidates if one[0].in_place(locators)]
        for other, same, flagged in near or candidates:
            here = other.in_place(locators)
            if not other.has_number or all(one.figures[0].value.status == "blank" for one in parts):
                continue
            strong = flagged or (same or here)
            if not said:
                parts = _without_subtotals(other, parts)
            common = {
                "places": locators,
                "key": key,
                "multi": multi,
                "said": said,
                "values": frozenset(one.dims[key] for one in parts),
            }
            pattern = ("parts", first.stem, key)
            excess = total_of(parts) > other.numbers[-1].value.number
            if said:
                operator, strength = ">=", CERTAIN if flagged or complete else PLAUSIBLE
            elif flagged:
                operator, strength = "=", CERTAIN
                if multi and excess:
                    strength = PLAUSIBLE
            elif excess:
                operator = "="
                common["excess"] = True
                # `contacts_by_service` without a total of its own: a contact may be with two services.
                again = set(words(key)) & ORGANISATION and first.by and not other.by
                shared = again or (set(words(key)) & OTHER_WHOLES and not here)
                sure = (
                    strong and not multi and not distinct and not passed and (same or complete) and not shared
                )
                strength = CERTAIN if sure else PLAUSIBLE
            else:
                operator, strength = "=", PLAUSIBLE
                enough = len(parts) > 2 or (key.startswith("sub") and len(whole) > 0)
                own = here and other.stem == first.stem and enough and first.kind != "money"
                if not passed and (complete and (same or here) or own and not multi):
                    strength = CERTAIN
            relation = Linear(
                "parts to total",
                strength,
                pattern,
                [other, *parts],
                say=_sum_words,
                extra=common,
                coefficients=[1.0] + [-1.0] * len(parts) if operator in ("=", ">=") else [],
                operator="<=" if operator == ">=" else "=",
            )
            relation.note = (
                "one case may have several, so they may exceed but never fall short" if said else ""
            )
            if multi and excess and not said:
                relation.note = "that holds only if one may count under several"
            yield relation
        if not candidates:
            yield from _other_totals(book, key, whole, parts, locators)


def _other_totals(book, key, whole, parts, locators) -> Iterator[Relation]:
    """A total of another name in the same place: worth trying, never held against the report."""
    first = parts[0]
    for other in book.at[(whole, first.period.key)]:
        fits = other.kind == first.kind and not other.role and other.in_place(locators) and other.has_number
        if fits and (set(other.stem) & set(first.stem) or not other.loose):
            yield Linear(
                "parts to total",
                HINT,
                ("parts", first.stem, key, other.stem),
                [other, *parts],
                say=_sum_words,
                extra={"key": key},
                coefficients=[1.0] + [-1.0] * len(parts),
            )


def _share_words(relation: Linear) -> tuple[str, str, str]:
    shares = relation.cells
    found = total_of(shares)
    by = relation.extra["key"].replace("_", " ")
    slack = sum((one.ranges[0][1] - one.ranges[0][0]) / 2 for one in shares)
    return (
        (
            f"The percentages by {by} add to {number(found)} ({listed(shares)}); of one whole they add to 100, and rounding "
            f"explains at most {number(slack)} either way."
        ),
        "100",
        number(found),
    )


def shares_of_one_whole(book: Book, groups) -> Iterator[Relation]:
    """Percentages that differ in one key only: the shares of one whole, unless they are rates of each part."""
    for key, whole, parts, _locators in groups:
        if parts[0].kind != "share" or len(parts) < 2 or not all(one.has_number for one in parts):
            continue
        stem = set(parts[0].stem)
        about = any(set(one.by) & set(words(key)) for one in parts)
        bases = {
            tuple(words(note)[:2])
            for one in parts
            for figure in one.figures
            for name, note in figure.notes.items()
            if name in ("denominator", "base", "out_of", "of") and any(sign.isdigit() for sign in note)
        }
        named = any(
            says_base(note) and not any(sign.isdigit() for sign in note)
            for one in parts
            for note in notes_of(one, "denominator", "base", "out_of")
        )
        rate = bool(stem & RATES - set(words(key))) and not about or named
        if rate:
            continue
        low, high = sum(one.ranges[0][0] for one in parts), sum(one.ranges[0][1] for one in parts)
        total = book.total_of(parts[0], whole)
        hundred = total is not None and total.has_number and total.ranges[0][0] <= 100 <= total.ranges[0][1]
        rest = any(REST.search(one.dims[key]) for one in parts)
        multi = book.overlaps(key, parts)
        noun = {
            word
            for one in parts
            for note in notes_of(one, "denominator", "base", "out_of")
            for word in words(note)
        }
        if (
            key not in book.declared.exclusive
            and set(words(key)) & MULTIVALUED
            and noun - COUNTS_ITSELF - {"all", "closed"}
            and (not noun & COUNTS_ITSELF)
            and any(word.isalpha() for word in noun)
        ):
            multi = True
        if low > 100:
            if low > 130 and not hundred:
                continue  # rates of each part
            near = low <= 112 and sum(one.number for one in parts) > 100
            strength = (
                PLAUSIBLE if multi else CERTAIN if about or hundred or len(bases) == 1 or near else PLAUSIBLE
            )
        else:
            strength = (
                CERTAIN if hundred or (rest and about and not multi) else PLAUSIBLE if high > 85 else HINT
            )
        yield Linear(
            "shares of one whole",
            strength,
            ("shares", parts[0].stem, key),
            parts,
            say=_share_words,
            extra={
                "key": key,
                "multi": multi,
                "excess": low > 100,
                "alone": multi,
                "values": frozenset(one.dims[key] for one in parts),
            },
            coefficients=[1.0] * len(parts),
            constant=-100.0,
        )


def _band_words(relation: Linear) -> tuple[str, str, str]:
    whole, parts = relation.cells[0], relation.cells[1:]
    found = total_of(parts)
    return (
        (
            f"The time bands {listed(parts)} add to {number(found)}, not the {whole.text} printed for "
            f"{whole.name}."
        ),
        whole.text,
        number(found),
    )


def _ladder_words(relation: Linear) -> tuple[str, str, str]:
    small, big = relation.cells
    return (
        (f"{small.said} is more than the {big.said}, which includes it."),
        f"at most {big.text}",
        small.text,
    )


def bands(book: Book) -> Iterator[Relation]:
    """Bands of days: neighbours add up, and what is within 10 days is within 20."""
    grouped: dict[tuple, dict] = defaultdict(dict)
    for cell in book.cells:
        if cell.kind in ("count", "share") and not cell.role:
            shape = (cell.kind, cell.stem, cell.where, cell.period.key)
            grouped[shape][cell.band or (0, INFINITE)] = cell
    for (kind, stem, *_), found in grouped.items():
        if len(found) < 2:
            continue
        for stretch, whole in found.items():
            chain = _chain(stretch, {one: cell for one, cell in found.items() if one != stretch})
            if chain:
                unbounded = whole.band is None
                strength = PLAUSIBLE if unbounded and not whole.in_place(chain[0].locators) else CERTAIN
                yield Linear(
                    "time bands",
                    strength,
                    ("bands", stem, kind, unbounded),
                    [whole, *chain],
                    say=_band_words,
                    coefficients=[1.0] + [-1.0] * len(chain),
                )
            for other, small in found.items():
                if (
                    other != stretch
                    and stretch[0] <= other[0]
                    and other[1] <= stretch[1]
                    and whole.has_number
                    and small.has_number
                ):
                    if kind == "share" and whole.band is None:
                        continue
                    yield Linear(
                        "subset within whole",
                        CERTAIN,
                        ("ladder", stem),
                        [small, whole],
                        say=_ladder_words,
                        coefficients=[1.0, -1.0],
                        operator="<=",
                    )
        if kind == "share" and (0, INFINITE) not in found:
            chain = _chain((0, INFINITE), found)
            if chain and all(one.has_number for one in chain):
                over = sum(one.ranges[0][0] for one in chain) > 100
                yield Linear(
                    "shares of one whole",
                    CERTAIN if over else PLAUSIBLE,
                    ("bandshares", stem),
                    chain,
                    say=_share_words,
                    extra={"key": "time band", "alone": True},
                    coefficients=[1.0] * len(chain),
                    constant=-100.0,
                )


def _chain(stretch: tuple, pieces: dict) -> list[Cell] | None:
    """Pieces that cover the stretch without gap or overlap; the finest such chain."""
    best: dict[float, list] = {stretch[0]: []}
    for (start, end), cell in sorted(pieces.items(), key=lambda one: (one[0][0], one[0][1])):
        if start in best and end <= stretch[1]:
            chain = [*best[start], cell]
            after = end + 1 if end != INFINITE else INFINITE
            if after not in best or len(best[after]) < len(chain):
                best[after] = chain
    found = best.get(stretch[1] + 1 if stretch[1] != INFINITE else INFINITE)
    return found if found and len(found) > 1 else None


def subsets(book: Book) -> Iterator[Relation]:
    """What is counted under more conditions cannot be more."""
    grouped: dict[tuple, list[Cell]] = defaultdict(list)
    for cell in book.cells:
        if cell.kind in ADDS and not cell.role and cell.has_number:
            grouped[(cell.kind, cell.stem, cell.band, cell.period.key)].append(cell)
    for (_, stem, *_rest), members in grouped.items():
        index = {one.where: one for one in members if one.table_total}
        index |= {one.where: one for one in members if not one.table_total}
        for one in members:
            dims = list(one.dims.items())
            if any(set(words(key)) & NARROWS or key in NARROWS for key in one.dims):
                continue
            if any(
                "includ" in value or "exclud" in value or VERSIONS.search(value)
                for value in one.dims.values()
            ):
                continue
            for dropped in range(1, 3):
                parents = _without(dims, dropped)
                hit = [index[parent] for parent in parents if parent in index]
                for whole in hit:
                    # Counted once for every team: such a table may hold more than there are complaints.
                    again = bool(one.by ^ whole.by) and bool(one.total)
                    yield Linear(
                        "subset within whole",
                        PLAUSIBLE if again else CERTAIN,
                        ("subset", stem, again),
                        [one, whole],
                        say=_ladder_words,
                        coefficients=[1.0, -1.0],
                        operator="<=",
                    )
                if hit:
                    break


def _without(dims: list, dropped: int) -> list[frozenset]:
    if dropped == 1:
        return [frozenset(dims[:n] + dims[n + 1 :]) for n in range(len(dims))]
    return [
        frozenset(one for m, one in enumerate(dims) if m not in (a, b))
        for a in range(len(dims))
        for b in range(a + 1, len(dims))
    ]


def predicates(book: Book) -> Iterator[Relation]:
    """Complaints upheld against complaints: a measure with a further condition in its name."""
    narrow: list[tuple[Cell, frozenset, bool]] = []
    wide: dict = defaultdict(list)
    for cell in book.cells:
        if cell.kind != "count" or cell.role or not cell.has_number or cell.band:
            continue
        sure, flow = set(cell.stem) & (UPHELD - {"or", "not", "part", "time"}), set(cell.stem) & FLOWING
        if sure or flow:
            narrow.append((cell, frozenset(set(cell.stem) - UPHELD - FLOWING - LOOSE), bool(sure)))
        if not sure and not set(cell.stem) & STOCK:
            wide[(cell.period.key, cell.where)].append((cell, frozenset(set(cell.stem) - LOOSE)))
    for cell in book.cells:
        before, which, _after = cell.figures[0].row.measure.lower().partition("_of_which_")
        if which and cell.kind == "count" and cell.has_number:
            for whole in book.related(words(before), cell.where, cell.period):
                if whole.has_number:
                    yield Linear(
                        "subset within whole",
                        CERTAIN,
                        ("which", cell.stem),
                        [cell, whole],
                        say=_ladder_words,
                        coefficients=[1.0, -1.0],
                        operator="<=",
                    )
    halves: dict[int, list[tuple[Cell, Cell, str]]] = defaultdict(list)
    for cell, residual, sure in narrow:
        dims = cell.dims.items()
        near = [frozenset(dims)]
        fixed = [one for one in dims if one[0] not in ("outcome", "stage", "result")]
        loose_keys = [one for one in dims if one[0] in ("outcome", "stage", "result")]
        for n in range(len(loose_keys)):
            near += [frozenset([*fixed, *kept]) for kept in combinations(loose_keys, n)]
        for whole, loose in (one for some in near for one in wide[(cell.period.key, some)]):
            in_time = set(cell.stem) - set(whole.stem) == {"time"}
            if whole is cell or set(whole.stem) & FLOWING and not sure and not in_time:
                continue
            if (
                loose == residual
                or (not residual and loose and len(loose) < 3 and whole.in_place(cell.locators))
                or (
                    residual
                    and (sure or in_time)
                    and residual < loose
                    and len(loose - residual) == 1
                    and (whole.dims or loose - residual <= FLOWING)
                )
            ):
                extra = set(dims) - set(whole.dims.items())
                if set(whole.dims.items()) - set(dims) or any(
                    key not in ("outcome", "stage", "result") for key, _ in extra
                ):
                    continue
                strength = CERTAIN if sure and loose == residual and not extra else PLAUSIBLE
                answered = any(
                    other.kind == "count"
                    and set(other.stem) & FLOWING
                    and not set(other.stem) & UPHELD
                    and not other.band
                    and other.ranges[0][1] >= cell.ranges[0][0]
                    for other in book.at[(whole.where, whole.period.key)]
                )
                if answered:
                    strength = PLAUSIBLE  # of those answered, some of which came in earlier
                if not extra:
                    for other, _whole, _ in halves[id(whole)]:
                        if _opposite(cell, other) and other.dims == cell.dims:
                            yield Linear(
                                "subset within whole",
                                CERTAIN if set(whole.stem) & FLOWING else PLAUSIBLE,
                                ("opposites", whole.stem),
                                [cell, other, whole],
                                say=_opposite_words,
                                coefficients=[1.0, 1.0, -1.0],
                                operator="<=",
                            )
                    halves[id(whole)].append((cell, whole, strength))
                yield Linear(
                    "subset within whole",
                    strength,
                    ("predicate", cell.stem, whole.stem),
                    [cell, whole],
                    say=_ladder_words,
                    coefficients=[1.0, -1.0],
                    operator="<=",
                )


def _opposite(one: Cell, other: Cell) -> bool:
    """Upheld and not upheld, met and missed, in time and late: no case is both."""
    differing = set(one.stem) ^ set(other.stem)
    return differing in (
        {"not"},
        {"met", "missed"},
        {"time", "late"},
        {"time", "overdue"},
        {"partially"},
        {"partly"},
    )


def _opposite_words(relation: Linear) -> tuple[str, str, str]:
    one, other, whole = relation.cells
    found = total_of([one, other])
    text = f"{one.said} and {other.said} are {number(found)} together, more than the {whole.said}."
    return text, f"at most {whole.text}", number(found)


def parts_of_years(book: Book) -> Iterator[Relation]:
    """Quarters and months to the year, months to the quarter."""
    grouped: dict[tuple, list[Cell]] = defaultdict(list)
    for cell in book.cells:
        if cell.kind in ADDS and not cell.role and cell.period.months in (1, 3, 6, 12):
            grouped[(cell.kind, cell.stem, cell.band, cell.where, cell.table_total)].append(cell)
    for (_, stem, *_rest), members in grouped.items():
        if len(members) < 2 or set(stem) & (STOCK | CUMULATIVE):
            continue
        distinct = members[0].returning
        for whole in members:
            for length, wanted in (
                (1, whole.period.months),
                (3, whole.period.months // 3),
                (6, whole.period.months // 6),
            ):
                parts = [
                    one for one in members if one.period.months == length and one.period.within(whole.period)
                ]
                if length >= whole.period.months or len(parts) < 1 or not whole.has_number:
                    continue
                parts.sort(key=lambda one: one.period.start)
                unit = {1: "month", 3: "quarter", 6: "half year"}[length]
                if len(parts) == wanted:
                    yield Linear(
                        "quarters and months to year",
                        PLAUSIBLE if distinct else CERTAIN,
                        ("year", stem, length),
                        [whole, *parts],
                        say=_sum_words,
                        extra={"key": unit},
                        coefficients=[1.0] + [-1.0] * len(parts),
                        operator="<=" if distinct else "=",
                    )
                elif not distinct:
                    for part in parts:
                        yield Linear(
                            "subset within whole",
                            CERTAIN,
                            ("subyear", stem),
                            [part, whole],
                            say=_ladder_words,
                            coefficients=[1.0, -1.0],
                            operator="<=",
                        )
