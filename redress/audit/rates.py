"""Relations between a number and what it was computed from: percentages, changes, averages and ratios."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import islice
from math import floor, isinf

from redress.audit import periods
from redress.audit.cells import Book, notes_of
from redress.audit.relations import (
    CERTAIN,
    HINT,
    PLAUSIBLE,
    Between,
    Growth,
    Linear,
    Quotient,
    Relation,
    WholeGrowth,
    number,
)
from redress.audit.structure import Cell, plain, words
from redress.audit.vocabulary import FILLER, LOOSE, SHARE_WORDS

_OF = re.compile(
    r"^(?P<top>.*?)_?(?:as_)?(?:a_)?(?:pct|percent|percentage|share|proportion|rate)_(?:of|out_of)_(?P<bottom>.+)$"
)
_BASE_NOTES = ("denominator", "base", "out_of", "percent_of", "share_of", "pct_of", "of_total", "of")


def relations(book: Book) -> Iterator[Relation]:
    """Every relation of these kinds that the book's structure implies."""
    yield from percentages(book)
    yield from complements(book)
    yield from changes(book)
    yield from averages(book)
    yield from _rates_of_parts(book)
    yield from ratios(book)


# ---------------------------------------------------------------------------------------------- percentages


def _percent_words(relation: Quotient) -> tuple[str, str, str]:
    share = relation.cells[0]
    bottom = number(relation.base) if relation.base is not None else relation.cells[-1].text
    if relation.whole:
        return (
            (f"{share.said}: no whole number out of {bottom} gives it{_nearest(relation, share)}."),
            f"a share of {bottom}",
            share.text,
        )
    top = relation.cells[1]
    where = relation.solve(0, [cell.ranges[0] for cell in relation.cells])
    exact = (where[0] + where[1]) / 2
    places = min(share.value.decimals, 4)
    if isinf(exact):
        return (
            f"{top.text} cannot be {share.text} of {bottom}: {share.name}.",
            "",
            share.text,
        )
    right = f"{_half_up(exact, places)}%"
    statement = (
        f"{top.text} of {bottom} is {exact:.{places + 1}f}%, which rounds to {right}; {share.text} is printed "
        f"for {share.name}"
    )
    return statement + _explain_percent(relation, exact, places) + ".", right, share.text


def _half_up(value: float, places: int) -> str:
    scaled = floor(abs(value) * 10**places + 0.5 + 1e-9) / 10**places
    return f"{-scaled if value < 0 else scaled:.{places}f}"


def truncated(relation: Relation, exact: float | None = None) -> bool:
    """True when the printed number is the computed one cut off, or rounded to the nearest half."""
    cell = relation.cells[0]
    if not cell.numbers:
        return False
    value = cell.value
    if exact is None:
        where = relation.solve(0, [one.ranges[0] for one in relation.cells])
        if where is None:
            return False
        exact = (where[0] + where[1]) / 2
    if isinf(exact) or value.step < 1e-6 or exact * value.number < 0:
        return False
    cut = floor(abs(exact) / value.step + 1e-9) * value.step * (1 if exact >= 0 else -1)
    if abs(cut - value.number) < 1e-6:
        return True
    return (
        value.decimals == 1
        and abs(floor(abs(exact) * 2 + 0.5) / 2 - abs(value.number)) < 1e-6
        and abs(abs(exact) - abs(value.number)) < 0.26
        and abs(value.number * 2 - round(value.number * 2)) < 1e-6
    )


def _explain_percent(relation: Quotient, exact: float, places: int) -> str:
    share = relation.cells[0]
    if truncated(relation, exact):
        return " (cut off or rounded to the nearest half, instead of rounded)"
    others = relation.extra.get("bases") or []
    low, high = share.ranges[0]
    top = relation.cells[1].ranges[0][0]
    for other in others:
        base = other.ranges[0][0]
        if base > 0 and low - 1e-7 <= 100 * top / base <= high + 1e-7:
            return f" (it is {number(top)} of the {number(base)} printed for {other.name}: another base)"
    return ""


def _nearest(relation: Quotient, share: Cell) -> str:
    base = relation.base if relation.base is not None else relation.cells[-1].ranges[0][0]
    if not base:
        return ""
    guess = round(share.number * base / 100)
    around = [
        f"{n} of {number(base)} is {100 * n / base:.1f}%"
        for n in (guess - 1, guess, guess + 1)
        if 0 <= n <= base
    ]
    return " (" + ", ".join(around) + ")"


def percentages(book: Book) -> Iterator[Relation]:
    """A percentage against the counts that it is of."""
    pending: dict[tuple, list[tuple[list[Quotient], Quotient]]] = defaultdict(list)
    named: dict[tuple, list[list[Quotient]]] = defaultdict(list)
    for share in book.cells:
        if share.kind != "share" or share.role or not share.has_number:
            continue
        tops = numerators(book, share)
        bases, exact = declared_bases(book, share)
        bases = [one for one in bases if one not in tops[:1]]  # nothing is a share of itself
        if not bases and any(says_base(note) for note in notes_of(share, *_BASE_NOTES)):
            found = list(_unprinted_base(book, share, tops))
            if found:
                named[_list_of(share)].append(found)
            continue
        if bases:
            found = False
            for top in tops[:1]:
                found = True
                possible = [
                    _percent(
                        share,
                        [share, top, base],
                        CERTAIN if exact else PLAUSIBLE,
                        None,
                        tops,
                        _elsewhere(book, share),
                    )
                    if isinstance(base, Cell)
                    else _percent(share, [share, top], CERTAIN, float(base), tops, _elsewhere(book, share))
                    for base in bases
                    if base is not top
                ]
                if possible:
                    best = next((one for one in possible if one.holds()), possible[0])
                    pending[_list_of(share)].append((possible, best))
            if not found:
                for base in bases[:1]:
                    cells = [share, base] if isinstance(base, Cell) else [share]
                    yield Quotient(
                        "percentage of whole numbers",
                        CERTAIN if exact else PLAUSIBLE,
                        ("whole", share.stem, bool(cells[1:])),
                        cells,
                        say=_percent_words,
                        whole=True,
                        extra={"alone": not exact},
                        base=None if isinstance(base, Cell) else float(base),
                    )
            continue
        done = False
        for top in tops[:2]:
            wholes = denominators(book, share, top)
            if not wholes:
                continue
            done = True
            best = None
            possible = []
            for base in wholes:
                relation = _percent(share, [share, top, base], PLAUSIBLE, None, tops, _elsewhere(book, share))
                possible.append(relation)
                if best is not None and best.holds():
                    continue
                if relation.holds():
                    best = relation
                    continue
                near = (base.in_place(share.locators), top.in_place(share.locators))
                if best is None:
                    best = relation
                    if (
                        top.loose == frozenset(share.stem) - LOOSE
                        or top.stem == share.stem
                        or near == (True, True)
                    ):
                        relation.strength = CERTAIN if all(near) or near[0] else PLAUSIBLE
            if not best.holds():
                best = _of_parts(book, share, top) or best
            pending[_list_of(share)].append((possible, best))
            break
        if not done and not tops:
            for base in structural_wholes(book, share):
                yield Quotient(
                    "percentage of whole numbers",
                    PLAUSIBLE,
                    ("whole", share.stem, True),
                    [share, base],
                    say=_percent_words,
                    whole=True,
                    extra={"alone": True},
                )
                break

    for listed in pending.values():
        yield from _of_one_base(listed)
    for listed in named.values():
        yield from _of_one_rule(listed)


def _list_of(share: Cell) -> tuple:
    """The list that a percentage stands in: one place, one measure, one period, the same keys."""
    return (frozenset(share.locators), share.stem, share.band, share.period.key, frozenset(share.dims))


def _of_one_base(listed: list[tuple[list[Quotient], Quotient]]) -> Iterator[Relation]:
    """The percentages of one list: where most are of one base, all are."""
    fits: Counter = Counter()
    for possible, _best in listed:
        fits.update({_base(one) for one in possible if one.holds()})
    common, n = fits.most_common(1)[0] if fits else (None, 0)
    for possible, best in listed:
        same = next((one for one in possible if _base(one) == common), None)
        most = len(listed) > 3 and n > 2 and n >= 0.6 * len(listed)
        if most and same is not None and not same.holds() and not best.summed:
            same.strength = CERTAIN
            yield same
        else:
            yield best


def _of_one_rule(listed: list[list[Quotient]]) -> Iterator[Relation]:
    """The percentages of one list of which the base is named in words: the counts that most are of are that base for all."""
    fits: Counter = Counter()
    for possible in listed:
        fits.update({one.pattern for one in possible if one.holds()})
    common, n = fits.most_common(1)[0] if fits else (None, 0)
    for possible in listed:
        same = next((one for one in possible if one.pattern == common), None)
        if same is not None and len(listed) > 3 and n > 2 and n >= 0.6 * len(listed):
            same.strength = CERTAIN
            yield same
        else:
            yield from possible


def _base(relation: Quotient):
    return relation.base if relation.base is not None else id(relation.cells[-1])


def _unprinted_base(book: Book, share: Cell, tops: list[Cell]) -> Iterator[Relation]:
    """A percentage of a base that is named and not found by its name: what its neighbours are percentages of, if of one."""
    said = " ".join(words(" ".join(notes_of(share, *_BASE_NOTES))))
    for top in tops[:1]:
        alike = [
            one
            for one in book.at[(share.where, share.period.key)]
            if one.kind == "count"
            and not one.role
            and one.band is None
            and one.has_number
            and set(one.stem) < set(top.stem)
            and one.ranges[0][1] >= top.ranges[0][0]
        ]
        nearest = denominators(book, share, top)[:4]
        for base in [*nearest, *(one for one in alike if one not in nearest)]:
            relation = _percent(share, [share, top, base], HINT, None, tops, [])
            relation.pattern = ("percent of", share.stem, said, base.stem, len(share.dims) - len(base.dims))
            yield relation


def _of_parts(book: Book, share: Cell, top: Cell) -> Quotient | None:
    """The percentage of the parts that are printed, where it is that: the not known left out of the base."""
    for key in top.dims:
        whole = {name: value for name, value in top.dims.items() if name != key}
        parts = [
            one
            for one in book.shape[(top.kind, top.role, top.stem, top.band)]
            if one.period.key == top.period.key
            and key in one.dims
            and one.in_place(share.locators)
            and one.has_number
            and {name: value for name, value in one.dims.items() if name != key} == whole
        ]
        if len(parts) > 1:
            relation = Quotient(
                "percentage from counts",
                PLAUSIBLE,
                ("percent of parts", share.stem, key),
                [share, top, *parts],
                say=_percent_words,
                summed=True,
            )
            if relation.holds():
                return relation
    return None


def _percent(share, cells, strength, base, tops, others) -> Quotient:
    bottom = cells[2].stem if len(cells) > 2 else "printed"
    return Quotient(
        "percentage from counts",
        strength,
        ("percent", share.stem, cells[1].stem, bottom),
        cells,
        say=_percent_words,
        base=base,
        extra={"bases": [one for one in others if isinstance(one, Cell) and one not in cells]},
    )


def _elsewhere(book: Book, share: Cell) -> list[Cell]:
    """Counts in the same places that another base may be."""
    found = (
        one
        for locator in share.locators
        for one in book.place[locator]
        if one.kind == "count" and one.has_number and not one.role
    )
    return list(islice(found, 40))


def numerators(book: Book, share: Cell) -> list[Cell]:
    """Counts of the same dimensions, period and band that the percentage may be of, best first."""
    dims = share.where
    here = [
        one
        for one in book.at[(dims, share.period.key)]
        if one.kind == "count" and not one.role and one.has_number and one.band == share.band
    ]
    sidecar = book.declared.shares.get(share.figures[0].row.measure, {})
    if sidecar.get("numerator"):
        wanted = words(sidecar["numerator"])
        return [one for one in here if set(one.stem) == set(wanted) - FILLER]
    match = _OF.match(share.figures[0].row.measure.lower())
    stem = set(share.stem)
    if match:
        stem = set(words(match["top"])) - SHARE_WORDS - FILLER
        bottom = set(words(match["bottom"])) - FILLER
        valued = {word for key, value in share.dims.items() for word in (*words(key), *words(value))}
        if stem <= valued:
            stem = bottom
    loose = stem - LOOSE
    ranked = []
    for one in here:
        mine = set(one.stem)
        if mine == stem:
            rank = 0
        elif mine - LOOSE == loose:
            rank = 1
        elif loose and loose < mine and len(mine - LOOSE - loose) <= 1:
            rank = 2
        elif (
            loose
            and mine - LOOSE
            and mine - LOOSE < loose
            and len(loose - mine) <= 1
            and share.band is not None
        ):
            rank = 3
        else:
            continue
        ranked.append((rank, not one.in_place(share.locators), one.position, one))
    return [one for *_, one in sorted(ranked, key=lambda x: x[:3])]


def says_base(note: str) -> bool:
    """True when a note names a base, and not only that there is one."""
    return not re.fullmatch(
        r"(not stated|unknown|not given|grand total|total|all|whole|overall|everything|base)?", plain(note)
    )


def declared_bases(book: Book, share: Cell) -> tuple[list, bool]:
    """What the row itself, or the sidecar, says that the percentage is of: numbers or cells; and whether for sure."""
    sidecar = book.declared.shares.get(share.figures[0].row.measure, {})
    found: list = []
    if sidecar.get("denominator"):
        return _named_base(book, share, sidecar["denominator"]), True
    for note in notes_of(share, *_BASE_NOTES):
        if not says_base(note):
            continue
        plus = re.fullmatch(r"\s*(\d+)\s*\+\s*(\d+)\s*", note)
        if plus:
            found.append(int(plus[1]) + int(plus[2]))
            continue
        numbers = re.match(
            r"\s*(?:all |the |of )?(\d{1,3}(?:,\d{3})+|\d+)\b(?!\s*(?:%|wd|working|day))", note
        )
        if numbers:
            found.append(int(numbers[1].replace(",", "")))
            continue
        inside = re.search(r"\((\d{1,3}(?:,\d{3})+|\d+)\)\s*$", note)
        if inside:
            found.append(int(inside[1].replace(",", "")))
            continue
        found += [one for one in _named_base(book, share, note) if one not in found]
    if found:
        return found, True
    match = _OF.match(share.figures[0].row.measure.lower())
    if match:
        return _named_base(book, share, match["bottom"]), False
    return [], False


def _named_base(book: Book, share: Cell, name: str) -> list[Cell]:
    """The count of that name with the nearest dimensions."""
    wanted = set(words(name)) - FILLER
    if not wanted:
        return []
    loose = wanted - LOOSE
    found = []
    for dims in _wider(share):
        for one in book.at[(dims, share.period.key)]:
            if one.kind != "count" or one.role or one.band or not one.has_number:
                continue
            mine = set(one.stem)
            if mine == wanted or mine - LOOSE == loose:
                found.append((len(share.dims) - len(dims), mine != wanted, one.position, one))
    found = [one for one in found if one[3].stem != share.stem or one[0]]
    if not found:
        return _by_word(book, share, wanted)
    found.sort(key=lambda x: x[:3])
    return [one for *_, one in found]


def _by_word(book: Book, share: Cell, wanted: set[str]) -> list[Cell]:
    """Counts in the same place whose name ends in the word of the base: `investigated` for `ombudsman_investigated`."""
    found = []
    for dims in _wider(share):
        for one in book.at[(dims, share.period.key)]:
            name = words(one.figures[0].row.measure)
            ends = bool(name) and name[-1] in wanted or bool(set(one.by) and wanted & set(name))
            same = set(one.stem) & set(share.stem)
            counted = one.kind == "count" and not one.role and not one.band and one.has_number
            if counted and ends and same and one.in_place(share.locators) and wanted <= set(name):
                found.append((len(share.dims) - len(dims), one.position, one))
    found.sort(key=lambda x: x[:2])
    return [one for *_, one in found]


def _wider(share: Cell) -> Iterator[frozenset]:
    """The dimensions of the share, then without one key, then without two."""
    dims = list(share.dims.items())
    yield frozenset(dims)
    for n in range(len(dims)):
        yield frozenset(dims[:n] + dims[n + 1 :])
    for a in range(len(dims)):
        for b in range(a + 1, len(dims)):
            yield frozenset(one for m, one in enumerate(dims) if m not in (a, b))


def denominators(book: Book, share: Cell, top: Cell) -> list[Cell]:
    """Counts that the numerator may be part of, nearest first: the total of its table, the measure without its condition."""
    ranked = []
    mine = set(top.stem)
    year = [
        one
        for one in book.shape[(top.kind, top.role, top.stem, top.band)]
        if one.dims == top.dims
        and one.has_number
        and one.period.months == 12
        and one.period.months > top.period.months
        and top.period.within(one.period)
    ]
    ranked += [(0, not one.in_place(share.locators), 1, one.position, one) for one in year]
    for n, dims in enumerate(_wider(share)):
        for one in book.at[(dims, share.period.key)]:
            if one is top or one.kind != "count" or one.role or not one.has_number:
                continue
            other = set(one.stem)
            dropped = n > 0
            if one.band is not None and one.band == top.band and not dropped:
                continue
            if one.band is not None and one.band != top.band:
                continue
            if other == mine and (dropped or top.band is not None):
                rank = 0
            elif other - LOOSE == mine - LOOSE and (dropped or top.band is not None):
                rank = 1
            elif other - LOOSE < mine - LOOSE and other - LOOSE:
                rank = 2 + 2 * dropped
            elif other & mine and one.in_place(share.locators) and not dropped:
                rank = 5
            else:
                continue
            ranked.append((rank, not one.in_place(share.locators), n, one.position, one))
    ranked.sort(key=lambda x: x[:4])
    return [one for *_, one in ranked if one.ranges[0][1] >= top.ranges[0][0]] or [one for *_, one in ranked]


def structural_wholes(book: Book, share: Cell) -> list[Cell]:
    """The total of the table of a percentage without a count."""
    found = []
    for n, dims in enumerate(_wider(share)):
        if n == 0 or len(dims) != len(share.dims) - 1:
            continue
        found += [one for one in book.related(share.stem, dims, share.period) if one.has_number]
    return found


def complements(book: Book) -> Iterator[Relation]:
    """Met and missed, within and outside: two percentages of one whole."""
    pairs = (
        ("met", "missed"),
        ("met", "unmet"),
        ("within", "outside"),
        ("within", "late"),
        ("satisfied", "dissatisfied"),
    )
    for one in book.cells:
        if one.kind != "share" or one.role or not one.has_number or one.band:
            continue
        stems = [[b if word == a else word for word in one.stem] for a, b in pairs if a in one.stem]
        if "not" in one.stem:
            stems.insert(0, [word for word in one.stem if word != "not"])
        for stem in stems:
            other = book.like("share", "", stem, one.where, one.period)
            if other is not None and other.has_number:
                yield Linear(
                    "shares of one whole",
                    CERTAIN,
                    ("complement", one.stem),
                    [one, other],
                    say=_two_words,
                    coefficients=[1.0, 1.0],
                    constant=-100.0,
                )


def _two_words(relation: Linear) -> tuple[str, str, str]:
    one, other = relation.cells
    found = one.number + other.number
    return (
        (f"{one.said} and {other.said} add to {number(found)}, not to 100."),
        "100",
        number(found),
    )


# -------------------------------------------------------------------------------------------------- changes


def _signed(value: float, places: int = 0) -> str:
    return f"{'+' if value > 0 else ''}{_half_up(value, places)}"


def _growth_words(relation: Relation) -> tuple[str, str, str]:
    change, later, earlier = relation.cells
    a, b = later.number, earlier.number
    printed = change.value
    exact = 100 * (a - b) / b
    right = _signed(exact, printed.decimals) + "%"
    text = (
        f"From {earlier.text} to {later.text} is {_signed(exact, printed.decimals + 1)}%, which rounds to "
        f"{right}; {_signed(printed.number, printed.decimals)}% is printed for {change.name}"
    )
    if a and printed.low - 1e-7 <= 100 * (a - b) / a <= printed.high + 1e-7 and a != b:
        text += (
            f" ({number(abs(printed.number))}% is {number(abs(a - b))} of {number(a)}, the later figure; of "
            f"{number(b)}, the earlier one, it is {number(abs(float(right.strip('%+'))))}%)"
        )
    elif abs(exact + printed.number) <= (printed.high - printed.low):
        text += " (the sign is turned round)"
    elif truncated(relation, exact):
        text += " (cut off instead of rounded)"
    elif abs(printed.number - (a - b)) < 0.5:
        text += " (that is the difference itself, not a percentage)"
    elif abs(printed.number - a) < 0.5:
        text += " (that is the later count itself)"
    elif abs(abs(printed.number) - 100 * a / b) <= (printed.high - printed.low):
        text += " (that is the later figure as a percentage of the earlier one, not the change)"
    return text + ".", right, _signed(printed.number, printed.decimals) + "%"


def _difference_words(relation: Linear) -> tuple[str, str, str]:
    change, later, earlier = relation.cells
    a, b = later.number, earlier.number
    printed = change.value
    points = " percentage points" if later.kind == "share" else ""
    text = (
        f"From {earlier.text} to {later.text} is {_signed(a - b, 2).rstrip('0').rstrip('.')}{points}; "
        f"{number(printed.number)} is printed for {change.name}"
    )
    if abs(printed.number + (a - b)) <= printed.high - printed.low + 1e-7:
        text += " (the sign is turned round)"
    return text + ".", number(a - b), number(printed.number)


def _latent_words(relation: WholeGrowth) -> tuple[str, str, str]:
    change, later = relation.cells[:2]
    printed = change.value
    a = later.number
    if relation.difference:
        gap = relation.cells[2].number
        before = a - gap
        exact = 100 * gap / before if before else 0.0
        right = _signed(exact, printed.decimals) + "%"
        text = (
            f"{number(a)} after a change of {number(gap)} means {number(before)} before, a change of {right}; "
            f"{_signed(printed.number, printed.decimals)}% is printed for {change.name}"
        )
        if a and printed.low <= 100 * gap / a <= printed.high:
            text += (
                f" ({number(abs(printed.number))}% is {number(abs(gap))} of {number(a)}, the later figure; of "
                f"{number(before)}, the earlier one, it is {number(abs(float(right.strip('%+'))))}%)"
            )
        return text + ".", right, _signed(printed.number, printed.decimals) + "%"
    guess = a / (1 + printed.number / 100)
    around = [
        f"from {n} it is {_signed(100 * (a - n) / n, 1)}%" for n in (floor(guess), floor(guess) + 1) if n > 0
    ]
    return (
        (
            f"{number(a)} is printed as a change of {_signed(printed.number, printed.decimals)}%, but no whole number "
            f"before gives that ({', '.join(around)}): {change.name}."
        ),
        "a whole number before",
        change.text,
    )


def changes(book: Book) -> Iterator[Relation]:
    """A change against the figures of the two periods."""
    for change in book.cells:
        if change.kind not in ("change", "points") or change.role == "aside" or not change.has_number:
            continue
        figure = change.figures[0]
        before = _before(change)
        if before is None:
            continue
        pairs = _bases(book, change, before)
        full = [
            (later, earlier)
            for later, earlier, _ in pairs
            if later is not None and earlier is not None and later.has_number and earlier.has_number
        ]
        for later, earlier in full[:1]:
            alone = len(full) == 1 and later.in_place(change.locators) and earlier.in_place(change.locators)
            sure = CERTAIN if _close(later, change) or alone else PLAUSIBLE
            pattern = ("change", change.stem, change.unit)
            cells = [change, later, earlier]
            if change.unit == "percent":
                growth = Growth("change", sure, pattern, cells, say=_growth_words)
                if later.kind == "share":
                    points = Linear(
                        "change", sure, pattern, cells, say=_difference_words, coefficients=[1.0, -1.0, 1.0]
                    )
                    if not growth.holds() and points.holds():
                        points.extra["label"] = True
                    yield growth if growth.holds() else points
                elif earlier.ranges[0][1] > 0:
                    yield growth
            else:
                yield Linear(
                    "change", sure, pattern, cells, say=_difference_words, coefficients=[1.0, -1.0, 1.0]
                )
        if full or change.unit != "percent":
            continue
        for later, _earlier, _rank in pairs[:1]:
            if later is None or not later.has_number or later.kind != "count" or not _close(later, change):
                continue
            gap = [
                one
                for one in book.cells
                if one.kind == "change"
                and one.unit == "count"
                and one.stem == change.stem
                and one.dims == change.dims
                and one.period.key == change.period.key
                and one.has_number
                and _before(one) is not None
                and _before(one).key == before.key
                and len(one.ranges) == 1
            ]
            if gap:
                yield WholeGrowth(
                    "change",
                    CERTAIN,
                    ("gap", change.stem),
                    [change, later, gap[0]],
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
        del figure


def _before(change: Cell):
    """The period that a change compares with: as its row says, else a year earlier."""
    for note in notes_of(change, "versus"):
        found = periods.read(note)
        if found.end:
            return (
                found
                if found.months == change.period.months or found.point
                else change.period.back(change.period.end.year - found.end.year)
                if found.months == 12 and change.period.months
                else found
            )
    return change.period.back()


def _close(later: Cell, change: Cell) -> bool:
    return later.stem == change.stem or later.loose == frozenset(change.stem) - LOOSE


def _bases(book: Book, change: Cell, before) -> list[tuple[Cell | None, Cell | None, tuple]]:
    """Pairs of cells (later, earlier) of which it may be the change, best first."""
    dims = change.where
    stem = frozenset(change.stem)
    found: dict[tuple, list] = {}
    for slot, period in ((0, change.period), (1, before)):
        for one in book.at[(dims, period.key)]:
            if one.kind not in ("count", "share", "money", "days", "ratio") or one.band != change.band:
                continue
            if (
                change.unit == "points"
                and one.kind != "share"
                or change.unit == "count"
                and one.kind == "share"
            ):
                continue
            if change.role != one.role:
                continue
            mine = frozenset(one.stem)
            if mine == stem:
                rank = 0
            elif mine - LOOSE == stem - LOOSE:
                rank = 1
            elif (
                one.kind == "share" and (stem - LOOSE < mine or mine - LOOSE < stem) and len(stem ^ mine) <= 2
            ):
                rank = 3
            elif (stem - LOOSE) and stem - LOOSE < mine and len(mine - stem) <= 1:
                rank = 4
            else:
                continue
            entry = found.setdefault((one.kind, one.role, one.stem), [None, None, rank])
            if entry[slot] is None or entry[slot].table_total:
                entry[slot] = one
    shared = change.figures[0].row.measure.lower()
    wants_share = bool(
        set(words(shared)) & (SHARE_WORDS - {"rate"}) - {"pct", "percent", "percentage"}
    ) or re.search(r"(pct|percent|share|rate).*change|change.*(in|of).*(pct|share|rate)", shared)

    def order(item):
        (kind, *_), (later, earlier, rank) = item
        want = (kind == "share") != bool(wants_share) if change.unit == "percent" else False
        near = [one for one in (later, earlier) if one is not None and one.in_place(change.locators)]
        return (rank, want, -len([one for one in (later, earlier) if one is not None]), -len(near))

    return [(a, b, (rank,)) for _, (a, b, rank) in sorted(found.items(), key=order)]


# ---------------------------------------------------------------------------------- averages and ratios


def _between_words(relation: Between) -> tuple[str, str, str]:
    first, rest = relation.cells[0], relation.cells[1:]
    low, high = min(one.ranges[0][0] for one in rest), max(one.ranges[0][1] for one in rest)
    shown = ", ".join(one.text for one in rest[:12])
    text = f"{first.said} lies outside the values of its parts ({shown})"
    return text + ".", f"between {number(low)} and {number(high)}", first.text


def averages(book: Book) -> Iterator[Relation]:
    """Shortest, average and longest in order; an average between those of its parts."""
    for one in book.cells:
        if one.role not in ("average", "middle") or not one.has_number or one.kind in ("change", "points"):
            continue
        dims = one.where
        for role, sign in (("minimum", 1.0), ("maximum", -1.0)):
            for other in book.at[(dims, one.period.key)]:
                if (
                    other.role == role
                    and other.has_number
                    and other.kind in (one.kind, "count", "days", "ratio")
                    and (
                        other.stem == one.stem
                        or other.loose == one.loose
                        or (
                            other.in_place(one.locators)
                            and (other.loose <= one.loose or one.loose <= other.loose)
                        )
                    )
                ):
                    yield Linear(
                        "average in its range",
                        CERTAIN,
                        ("range", one.stem),
                        [one, other],
                        say=_range_words,
                        coefficients=[-sign, sign],
                        operator="<=",
                    )
        if one.role == "average" and one.kind in ("money", "days"):
            totals = [
                other
                for other in book.at[(dims, one.period.key)]
                if other.kind == one.kind
                and not other.role
                and other.has_number
                and other.loose == one.loose
                and other.in_place(one.locators)
            ]
            counted = [
                other
                for other in book.at[(dims, one.period.key)]
                if other.kind == "count"
                and not other.role
                and other.has_number
                and not other.band
                and other.in_place(one.locators)
            ]
            named = [other for other in counted if other.loose & one.loose]
            counted = named or counted
            if len(totals) == 1 and len(counted) == 1:
                yield Quotient(
                    "ratio from counts",
                    CERTAIN if named else PLAUSIBLE,
                    ("mean", one.stem),
                    [one, totals[0], counted[0]],
                    say=_ratio_words,
                    scale=1.0,
                )
        if one.role == "average" and one.kind == "days":
            yield from _all_within(book, one)
    yield from _averages_of_parts(book)


def _all_within(book: Book, average: Cell) -> Iterator[Relation]:
    """Where all were answered within 20 days, the average is at most 20."""
    for within in book.at[(average.where, average.period.key)]:
        if within.kind != "count" or not within.band or within.band[0] or not within.has_number:
            continue
        whole = book.exact.get(
            book.key(within, within.where, within.period)[:3] + (None, within.where, within.period.key)
        )
        if (
            whole is not None
            and whole.has_number
            and whole.ranges == within.ranges
            and whole.in_place(average.locators)
        ):
            yield Linear(
                "average in its range",
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
    return (
        (f"{average.said} is more than {limit}, although all {within.text} were within {limit} days."),
        f"at most {limit}",
        average.text,
    )


def _range_words(relation: Linear) -> tuple[str, str, str]:
    one, other = relation.cells
    least = other.role == "minimum"
    way = "below the least" if least else "above the greatest"
    return (
        f"{one.said} is {way}, {other.said}.",
        f"{'at least' if least else 'at most'} {other.text}",
        one.text,
    )


def _rates_of_parts(book: Book) -> Iterator[Relation]:
    """A rate of all lies between the rates of the parts; shares of one whole are no rates."""
    for one in book.cells:
        if one.kind != "share" or one.role or not one.has_number or one.ranges[0][1] >= 99.5:
            continue
        for key in {key for figure in one.figures for key in figure.total} - {"row", "name"}:
            parts = [
                other
                for other in book.shape[(one.kind, one.role, one.stem, one.band)]
                if other.period.key == one.period.key
                and {**one.dims, key: other.dims.get(key)} == other.dims
                and other.in_place(one.locators)
                and other.has_number
            ]
            added = sum(other.number for other in parts)
            if len(parts) > 1 and not 90 <= added <= 110:
                yield Between(
                    "average in its range",
                    CERTAIN,
                    ("rates", one.stem, key),
                    [one, *parts],
                    say=_between_words,
                )


def _averages_of_parts(book: Book) -> Iterator[Relation]:
    for one in book.cells:
        if one.role != "average" or not one.has_number:
            continue
        shape = book.shape[(one.kind, one.role, one.stem, one.band)]
        for name, length in (("quarters", 3), ("months", 1)):
            parts = [
                other
                for other in shape
                if other.dims == one.dims
                and other.period.months == length
                and other.period.within(one.period)
                and other is not one
                and other.has_number
            ]
            is_whole = length * len(parts) == one.period.months and len(parts) > 1
            if is_whole and (length == 1 or one.period.months == 12):
                yield Between(
                    "average in its range", CERTAIN, (name, one.stem), [one, *parts], say=_between_words
                )
        by_key: dict[str, list[Cell]] = {}
        for other in shape:
            extra = set(other.dims.items()) - set(one.dims.items())
            if (
                other.period.key == one.period.key
                and len(extra) == 1
                and len(other.dims) == len(one.dims) + 1
                and other.has_number
                and other.in_place(one.locators)
            ):
                by_key.setdefault(next(iter(extra))[0], []).append(other)
        for key, parts in by_key.items():
            if len(parts) > 1:
                strength = (
                    CERTAIN
                    if any(key in figure.total or "row" in figure.total for figure in one.figures)
                    else PLAUSIBLE
                )
                yield Between(
                    "average in its range",
                    strength,
                    ("parts", one.stem, key),
                    [one, *parts],
                    say=_between_words,
                )


def _ratio_words(relation: Quotient) -> tuple[str, str, str]:
    result, top, bottom = relation.cells
    value = result.value
    exact = relation.scale * top.number / bottom.number
    right = _half_up(exact, value.decimals)
    scale = "" if relation.scale == 1 else f" per {number(relation.scale)}"
    return (
        (f"{top.text} over {bottom.text} is {right}{scale}; {result.text} is printed for {result.name}."),
        right,
        result.text,
    )


def ratios(book: Book) -> Iterator[Relation]:
    """Issues per complaint, complaints per 1,000 children: the one over the other."""
    for one in book.cells:
        if one.kind != "ratio" or not one.has_number or one.role in ("minimum", "maximum", "middle", "aside"):
            continue
        name = words(one.figures[0].row.measure)
        if "per" not in name:
            continue
        at = name.index("per")
        top, bottom = set(name[:at]) - FILLER - {"average", "mean", "rate"}, list(name[at + 1 :])
        unit = re.search(r"per[_ ](1,?000|10,?000|100,?000|100)\b", one.figures[0].row.unit.lower())
        scale = float(unit[1].replace(",", "")) if unit else 1.0
        if bottom and bottom[0].isdigit():
            scale = float("".join(word for word in bottom if word.isdigit()) or 1)
            bottom = [word for word in bottom if not word.isdigit()]
        if not bottom or not top:
            continue
        dims = one.where
        here = [
            cell
            for cell in book.at[(dims, one.period.key)]
            if cell.kind == "count" and not cell.role and cell.has_number and not cell.band
        ]
        tops = [cell for cell in here if _names(cell, top)]
        bottoms = [cell for cell in here if _names(cell, set(bottom) - FILLER)]
        alone = (
            len(tops) == 1
            and len(bottoms) == 1
            and tops[0].in_place(one.locators)
            and bottoms[0].in_place(one.locators)
        )
        for a in tops[:2]:
            for b in bottoms[:2]:
                if a is not b:
                    yield Quotient(
                        "ratio from counts",
                        CERTAIN if alone else PLAUSIBLE,
                        ("ratio", one.stem, a.stem, b.stem),
                        [one, a, b],
                        say=_ratio_words,
                        scale=scale,
                    )


def _names(cell: Cell, wanted: set[str]) -> bool:
    mine = set(cell.stem) - LOOSE
    wanted = wanted - LOOSE
    return bool(wanted) and (
        mine == wanted
        or (
            wanted < mine
            and len(mine - wanted) <= 1
            and "raised" in mine | {"raised"}
            and not mine & {"upheld", "closed", "resolved", "change"}
        )
    )
