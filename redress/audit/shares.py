"""Relations between a percentage and what it was computed from.

A percentage is held to what its row says that it is of; else to what the rows around it imply. Which count is meant is
often open: then every one that may be it is tried, one that fits is taken, and only where nothing fits is the likeliest
held against the report. In a list of percentages most are of the same base, and what most are of, all are.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations, islice
from math import isinf

from redress.audit.cells import Book, notes_of
from redress.audit.relations import CERTAIN, HINT, PLAUSIBLE, Quotient, Relation, add_to_hundred, number
from redress.audit.rounding import half_up, truncated
from redress.audit.structure import Cell, plain, words
from redress.audit.vocabulary import FILLER, LOOSE, SHARE_WORDS

_OF = re.compile(
    r"^(?P<top>.*?)_?(?:as_)?(?:a_)?(?:pct|percent|percentage|share|proportion|rate)_(?:of|out_of)_(?P<bottom>.+)$"
)
_BASE_NOTES = ("denominator", "base", "out_of", "percent_of", "share_of", "pct_of", "of_total", "of")
# Words of two percentages that make up one whole.
_OPPOSITES = (
    ("met", "missed"),
    ("met", "unmet"),
    ("within", "outside"),
    ("within", "late"),
    ("satisfied", "dissatisfied"),
)


def relations(book: Book) -> Iterator[Relation]:
    """Return every relation of these kinds that the book's structure implies."""
    yield from percentages(book)
    yield from complements(book)


def _percent_words(relation: Quotient) -> tuple[str, str, str]:
    share = relation.cells[0]
    bottom = number(relation.base) if relation.base is not None else relation.cells[-1].text
    if relation.whole:
        nearest = _nearest(relation, share)
        return (
            f"{share.said}: no whole number out of {bottom} gives it{nearest}.",
            f"a share of {bottom}",
            share.text,
        )
    top = relation.cells[1]
    where = relation.solve(0, [cell.ranges[0] for cell in relation.cells])
    exact = (where[0] + where[1]) / 2
    places = min(share.value.decimals, 4)
    if isinf(exact):
        return f"{top.text} cannot be {share.text} of {bottom}: {share.name}.", "", share.text
    right = f"{half_up(exact, places)}%"
    statement = (
        f"{top.text} of {bottom} is {exact:.{places + 1}f}%, which rounds to {right}; {share.text} is printed "
        f"for {share.name}"
    )
    return statement + _explain_percent(relation, exact) + ".", right, share.text


def _explain_percent(relation: Quotient, exact: float) -> str:
    """Return how the wrong percentage may have come about: cut off, or of another base."""
    if truncated(relation, exact):
        return " (cut off or rounded to the nearest half, instead of rounded)"
    low, high = relation.cells[0].ranges[0]
    top = relation.cells[1].ranges[0][0]
    for other in relation.extra.get("bases") or ():
        base = other.ranges[0][0]
        if base > 0 and low - 1e-7 <= 100 * top / base <= high + 1e-7:
            return f" (it is {number(top)} of the {number(base)} printed for {other.name}: another base)"
    return ""


def _nearest(relation: Quotient, share: Cell) -> str:
    """Return the percentages of the whole numbers around the one that was meant."""
    base = relation.base if relation.base is not None else relation.cells[-1].ranges[0][0]
    if not base:
        return ""
    guess = round(share.number * base / 100)
    around = [
        f"{count} of {number(base)} is {100 * count / base:.1f}%"
        for count in (guess - 1, guess, guess + 1)
        if 0 <= count <= base
    ]
    return " (" + ", ".join(around) + ")"


def percentages(book: Book) -> Iterator[Relation]:
    """Return the relation of each percentage and the counts that it is of.

    Why it goes in this order. (1) What the row itself says, `denominator=65`, is certain, and nothing else is tried: that
    another count would fit better is how a wrong base is found, not an excuse for it. (2) A base that is named in words
    ("of those closed") and that no count has for a name is searched among the neighbours; each is a mere hint until the
    list shows that most of its percentages are of the same one. (3) Where nothing is said, the counts that the
    numerator may be part of are tried from the nearest on, and the first that fits is taken: a report is held wrong
    only where no base at all gives what it prints. (4) A percentage without any count can only be asked
    whether some whole number gives it.

    Percentages of one list wait for each other (`pending`, `named`), because what most of a list are of decides for
    the one that is of nothing: that is the one with the error.
    """
    pending: dict[tuple, list[tuple[list[Quotient], Quotient]]] = defaultdict(list)
    named: dict[tuple, list[list[Quotient]]] = defaultdict(list)
    for share in book.cells:
        if share.kind != "share" or share.role or not share.has_number:
            continue
        tops = numerators(book, share)
        bases, is_exact = declared_bases(book, share)
        bases = [base for base in bases if base not in tops[:1]]  # nothing is a share of itself
        if not bases and any(says_base(note) for note in notes_of(share, *_BASE_NOTES)):
            possible = list(_unprinted_base(book, share, tops))
            if possible:
                named[_list_of(share)].append(possible)
            continue
        if bases and not tops:
            yield _of_whole_numbers(share, bases[0], is_exact)
            continue
        possible, best = (
            _declared(book, share, tops, bases, is_exact) if bases else _structural(book, share, tops)
        )
        if best is not None:
            pending[_list_of(share)].append((possible, best))
        elif not bases and not tops:
            for base in structural_wholes(book, share)[:1]:
                yield _of_whole_numbers(share, base, is_exact=False)
    for listed in pending.values():
        yield from _of_one_base(listed)
    for listed in named.values():
        yield from _of_one_rule(listed)


def _of_whole_numbers(share: Cell, base: Cell | float, is_exact: bool) -> Quotient:
    """Return that some whole number out of the base gives the percentage."""
    is_cell = isinstance(base, Cell)
    return Quotient(
        "percentage of whole numbers",
        CERTAIN if is_exact else PLAUSIBLE,
        ("whole", share.stem, is_cell),
        [share, base] if is_cell else [share],
        say=_percent_words,
        whole=True,
        extra={"alone": not is_exact},
        base=None if is_cell else float(base),
    )


def _declared(book, share, tops, bases, is_exact) -> tuple[list[Quotient], Quotient | None]:
    """Return the percentages of the bases that the row names, and the one that is believed."""
    top, elsewhere = tops[0], _elsewhere(book, share)
    possible = [
        _percent([share, top, base], CERTAIN if is_exact else PLAUSIBLE, None, elsewhere)
        if isinstance(base, Cell)
        else _percent([share, top], CERTAIN, float(base), elsewhere)
        for base in bases
        if base is not top
    ]
    return possible, next((relation for relation in possible if relation.holds()), next(iter(possible), None))


def _structural(book, share, tops) -> tuple[list[Quotient], Quotient | None]:
    """Return the percentages of every base that the structure allows, and the one that is believed.

    It is the first that holds; where none does, the nearest, which is certain only where the table leaves no choice.
    """
    for top in tops[:2]:
        wholes = denominators(book, share, top)
        if not wholes:
            continue
        elsewhere = _elsewhere(book, share)
        possible = [_percent([share, top, base], PLAUSIBLE, None, elsewhere) for base in wholes]
        best = next((relation for relation in possible if relation.holds()), None)
        if possible[0] is not best:
            is_near, is_top_near = (cell.in_place(share.locators) for cell in (wholes[0], top))
            has_its_words = top.loose == frozenset(share.stem) - LOOSE or top.stem == share.stem
            if is_near and (has_its_words or is_top_near):
                possible[0].strength = CERTAIN
        return possible, best or _of_parts(book, share, top) or possible[0]
    return [], None


def _list_of(share: Cell) -> tuple:
    """Return the list that a percentage stands in: one place, one measure, one period, the same keys."""
    return (frozenset(share.locators), share.stem, share.band, share.period.key, frozenset(share.dims))


def _common(listed: Iterable[list[Quotient]], n_listed: int, what) -> object:
    """Return what most of a list are of, where it is most of them: three, and six in ten, of more than three."""
    fits: Counter = Counter()
    for possible in listed:
        fits.update({what(relation) for relation in possible if relation.holds()})
    common, most = fits.most_common(1)[0] if fits else (None, 0)
    return common if n_listed > 3 and most > 2 and most >= 0.6 * n_listed else None


def _of_one_base(listed: list[tuple[list[Quotient], Quotient]]) -> Iterator[Relation]:
    """Return the percentages of one list: where most are of one base, all are."""
    common = _common((possible for possible, _ in listed), len(listed), _base)
    for possible, best in listed:
        same = next(
            (relation for relation in possible if common is not None and _base(relation) == common), None
        )
        if same is not None and not same.holds() and not best.summed:
            same.strength = CERTAIN
            yield same
        else:
            yield best


def _of_one_rule(listed: list[list[Quotient]]) -> Iterator[Relation]:
    """Return the percentages of one list whose base is named in words: the counts that most are of are that base for all."""
    common = _common(listed, len(listed), lambda relation: relation.pattern)
    for possible in listed:
        same = next(
            (relation for relation in possible if common is not None and relation.pattern == common), None
        )
        if same is not None:
            same.strength = CERTAIN
            yield same
        else:
            yield from possible


def _base(relation: Quotient):
    return relation.base if relation.base is not None else id(relation.cells[-1])


def _unprinted_base(book: Book, share: Cell, tops: list[Cell]) -> Iterator[Relation]:
    """Return a percentage of each neighbour that a base may be which is named and not found by its name."""
    said = " ".join(words(" ".join(notes_of(share, *_BASE_NOTES))))
    for top in tops[:1]:
        nearest = denominators(book, share, top)[:4]
        alike = [
            count
            for count in book.counts_at(share.where, share.period)
            if count.band is None
            and set(count.stem) < set(top.stem)
            and count.ranges[0][1] >= top.ranges[0][0]
            and count not in nearest
        ]
        for base in [*nearest, *alike]:
            relation = _percent([share, top, base], HINT, None, [])
            relation.pattern = ("percent of", share.stem, said, base.stem, len(share.dims) - len(base.dims))
            yield relation


def _of_parts(book: Book, share: Cell, top: Cell) -> Quotient | None:
    """Return the percentage of the parts that are printed, where it is that: the not known left out of the base."""
    for key in top.dims:
        whole = {name: value for name, value in top.dims.items() if name != key}
        parts = [
            part
            for part in book.shape[(top.kind, top.role, top.stem, top.band)]
            if part.period.key == top.period.key
            and key in part.dims
            and part.in_place(share.locators)
            and part.has_number
            and {name: value for name, value in part.dims.items() if name != key} == whole
        ]
        if len(parts) > 1:
            pattern, cells = ("percent of parts", share.stem, key), [share, top, *parts]
            relation = Quotient(
                "percentage from counts", PLAUSIBLE, pattern, cells, say=_percent_words, summed=True
            )
            if relation.holds():
                return relation
    return None


def _percent(cells: list[Cell], strength: str, base: float | None, others: list[Cell]) -> Quotient:
    """Return that the first cell is the second as a percentage of the third, or of `base`."""
    share, top = cells[:2]
    bottom = cells[2].stem if len(cells) > 2 else "printed"
    return Quotient(
        "percentage from counts",
        strength,
        ("percent", share.stem, top.stem, bottom),
        cells,
        say=_percent_words,
        base=base,
        extra={"bases": [other for other in others if other not in cells]},
    )


def _elsewhere(book: Book, share: Cell) -> list[Cell]:
    """Return counts in the same places that another base may be."""
    counts = (cell for locator in share.places for cell in book.place[locator] if cell.is_count)
    return list(islice(counts, 40))


def numerators(book: Book, share: Cell) -> list[Cell]:
    """Return the counts of the same dimensions, period and band that the percentage may be of, best first."""
    here = [count for count in book.counts_at(share.where, share.period) if count.band == share.band]
    sidecar = book.declared.shares.get(share.figures[0].row.measure, {})
    if sidecar.get("numerator"):
        wanted = set(words(sidecar["numerator"])) - FILLER
        return [count for count in here if set(count.stem) == wanted]
    match = _OF.match(share.figures[0].row.measure.lower())
    stem = set(share.stem)
    if match:
        stem = set(words(match["top"])) - SHARE_WORDS - FILLER
        if stem <= {word for pair in share.dims.items() for text in pair for word in words(text)}:
            stem = set(words(match["bottom"])) - FILLER
    ranked = []
    for count in here:
        rank = _rank_of_numerator(set(count.stem), stem, share.band is not None)
        if rank is not None:
            ranked.append((rank, not count.in_place(share.locators), count.position, count))
    return [count for *_, count in sorted(ranked, key=lambda ranks: ranks[:3])]


def _rank_of_numerator(stem: set[str], wanted: set[str], is_banded: bool) -> int | None:
    """Return how near the words of a count are to those of a percentage, 0 being the same; None: another thing."""
    bare, loose = stem - LOOSE, wanted - LOOSE
    if stem == wanted:
        return 0
    if bare == loose:
        return 1
    if loose and loose < stem and len(bare - loose) <= 1:
        return 2
    if loose and bare and bare < loose and len(loose - stem) <= 1 and is_banded:
        return 3
    return None


def says_base(note: str) -> bool:
    """Return whether a note names a base, and not only that there is one."""
    return not re.fullmatch(
        r"(not stated|unknown|not given|grand total|total|all|whole|overall|everything|base)?", plain(note)
    )


def declared_bases(book: Book, share: Cell) -> tuple[list, bool]:
    """Return what the row itself, or the sidecar, says that the percentage is of (numbers or cells), and whether for sure."""
    sidecar = book.declared.shares.get(share.figures[0].row.measure, {})
    if sidecar.get("denominator"):
        return _named_base(book, share, sidecar["denominator"]), True
    bases: list = []
    for note in filter(says_base, notes_of(share, *_BASE_NOTES)):
        stated = _number_in(note)
        if stated is not None:
            bases.append(stated)
        else:
            bases += [base for base in _named_base(book, share, note) if base not in bases]
    if bases:
        return bases, True
    match = _OF.match(share.figures[0].row.measure.lower())
    return (_named_base(book, share, match["bottom"]) if match else []), False


def _number_in(note: str) -> int | None:
    """Return the number that a note gives: `65`, `40+25`, `all 65 closed`, `closed (65)`."""
    plus = re.fullmatch(r"\s*(\d+)\s*\+\s*(\d+)\s*", note)
    if plus:
        return int(plus[1]) + int(plus[2])
    stated = re.match(
        r"\s*(?:all |the |of )?(\d{1,3}(?:,\d{3})+|\d+)\b(?!\s*(?:%|wd|working|day))", note
    ) or re.search(r"\((\d{1,3}(?:,\d{3})+|\d+)\)\s*$", note)
    return int(stated[1].replace(",", "")) if stated else None


def _named_base(book: Book, share: Cell, name: str) -> list[Cell]:
    """Return the counts of that name, those of the nearest dimensions first."""
    wanted = set(words(name)) - FILLER
    if not wanted:
        return []
    ranked = [
        (len(share.dims) - len(dims), set(count.stem) != wanted, count.position, count)
        for dims in _wider(share)
        for count in book.counts_at(dims, share.period)
        if not count.band and (set(count.stem) == wanted or set(count.stem) - LOOSE == wanted - LOOSE)
    ]
    ranked = [ranks for ranks in ranked if ranks[3].stem != share.stem or ranks[0]]
    if not ranked:
        return _by_word(book, share, wanted)
    return [count for *_, count in sorted(ranked, key=lambda ranks: ranks[:3])]


def _by_word(book: Book, share: Cell, wanted: set[str]) -> list[Cell]:
    """Return counts in the same place whose name ends in the word of the base: `investigated` for `ombudsman_investigated`."""
    ranked = []
    for dims in _wider(share):
        for count in book.counts_at(dims, share.period):
            name = words(count.figures[0].row.measure)
            ends = bool(name) and name[-1] in wanted or bool(set(count.by) and wanted & set(name))
            same = set(count.stem) & set(share.stem)
            if not count.band and ends and same and count.in_place(share.locators) and wanted <= set(name):
                ranked.append((len(share.dims) - len(dims), count.position, count))
    return [count for *_, count in sorted(ranked, key=lambda ranks: ranks[:2])]


def _wider(share: Cell) -> Iterator[frozenset]:
    """Return the dimensions of the share, then without one key, then without two."""
    dims = list(share.dims.items())
    for dropped in range(3):
        for left_out in combinations(range(len(dims)), dropped):
            yield frozenset(pair for place, pair in enumerate(dims) if place not in left_out)


def denominators(book: Book, share: Cell, top: Cell) -> list[Cell]:
    """Return the counts that the numerator may be part of: the total of its table, the measure without its condition.

    They are ranked by how little has to be dropped, words first and keys after, then by place: a count printed beside the
    percentage is meant sooner than one of another page. A count that is smaller than the numerator is tried only where
    there is no other.
    """
    ranked = [
        (0, not count.in_place(share.locators), 1, count.position, count)
        for count in book.shape[(top.kind, top.role, top.stem, top.band)]
        if count.dims == top.dims
        and count.has_number
        and count.period.months == 12
        and count.period.months > top.period.months
        and top.period.within(count.period)
    ]
    for order, dims in enumerate(_wider(share)):
        for count in book.counts_at(dims, share.period):
            rank = None if count is top else _rank_of_denominator(count, top, share, bool(order))
            if rank is not None:
                ranked.append((rank, not count.in_place(share.locators), order, count.position, count))
    ordered = [count for *_, count in sorted(ranked, key=lambda ranks: ranks[:4])]
    return [count for count in ordered if count.ranges[0][1] >= top.ranges[0][0]] or ordered


def _rank_of_denominator(count: Cell, top: Cell, share: Cell, is_wider: bool) -> int | None:
    """Return how near a count is to being the whole of the numerator; None: it cannot be that."""
    if count.band is not None and (count.band != top.band or not is_wider):
        return None
    stem, wanted = set(count.stem), set(top.stem)
    bare, loose = stem - LOOSE, wanted - LOOSE
    may_be_same = is_wider or top.band is not None
    if stem == wanted and may_be_same:
        return 0
    if bare == loose and may_be_same:
        return 1
    if bare < loose and bare:
        return 4 if is_wider else 2
    if stem & wanted and count.in_place(share.locators) and not is_wider:
        return 5
    return None


def structural_wholes(book: Book, share: Cell) -> list[Cell]:
    """Return the totals of the table of a percentage without a count."""
    return [
        count
        for dims in _wider(share)
        if len(dims) == len(share.dims) - 1
        for count in book.related(share.stem, dims, share.period)
        if count.has_number
    ]


def complements(book: Book) -> Iterator[Relation]:
    """Return the pairs of percentages that make up one whole: met and missed, within and outside."""
    for share in book.cells:
        if share.kind != "share" or share.role or not share.has_number or share.band:
            continue
        stems = [
            [opposite if word == given else word for word in share.stem]
            for given, opposite in _OPPOSITES
            if given in share.stem
        ]
        if "not" in share.stem:
            stems.insert(0, [word for word in share.stem if word != "not"])
        for stem in stems:
            other = book.like("share", "", stem, share.where, share.period)
            if other is not None and other.has_number:
                yield add_to_hundred(CERTAIN, ("complement", share.stem), [share, other], _two_words)


def _two_words(relation: Relation) -> tuple[str, str, str]:
    share, other = relation.cells
    added = number(share.number + other.number)
    return f"{share.said} and {other.said} add to {added}, not to 100.", "100", added
