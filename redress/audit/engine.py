"""From relations to findings: which hold, what the evidence is, and which row is the likely error."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from redress.audit import averages, changes, conflicts, flows, labels, shares, tables
from redress.audit.cells import Book, Declared
from redress.audit.model import SEVERITIES, AuditResult, Finding, Row, draft
from redress.audit.relations import CERTAIN, HINT, PLAUSIBLE, Linear, Range, Relation, Same, number
from redress.audit.rounding import truncated
from redress.audit.structure import Cell, Figure, read

_KINDS = (tables, shares, changes, averages, flows)


def audit(rows: list[Row], declared: dict | None = None) -> AuditResult:
    """Derive and test every relation that the rows imply; see the package's `audit`."""
    sidecar = Declared(declared)
    figures = read(rows, sidecar.synonyms)
    book = Book(figures, sidecar)
    numbers = sum(1 for figure in figures if figure.value.status in ("number", "day"))
    result = AuditResult(rows=len(rows), numbers=numbers)
    relations = _unique([*_same(book), *(relation for kind in _KINDS for relation in kind.relations(book))])
    _zero_blanks(book, relations)
    for relation in relations:
        for cell in relation.cells:
            cell.relations.append(relation)
    held = [relation for relation in relations if relation.holds()]
    standing = set(map(id, held))
    failed = [relation for relation in relations if id(relation) not in standing]
    _promote(held, failed)
    failed = [relation for relation in failed if relation.strength != HINT]
    drafts = labels.findings(book) + conflicts.findings(held)
    _count(result, held, failed, drafts)
    hard = [relation for relation in failed if relation.strength == CERTAIN]
    doubtful = [relation for relation in failed if relation.strength == PLAUSIBLE]
    drafts += _grouped(hard, standing)
    drafts += _cannot(doubtful, hard)
    result.findings = _numbered(drafts, rows)
    result.coverage = _coverage(book, rows)
    return result


def _coverage(book: Book, rows: list[Row]) -> dict[str, int]:
    """Return by how many relations each row is tied to others."""
    coverage: dict[str, int] = {}
    for cell in book.cells:
        ties = sum(
            1
            for relation in cell.relations
            if relation.strength != HINT and len(relation.cells) + len(cell.figures) > 1
        )
        for figure in cell.figures:
            coverage[figure.ref] = max(coverage.get(figure.ref, 0), ties)
    return coverage | {row.ref: 0 for row in rows if row.ref not in coverage}


def _same(book: Book) -> Iterator[Relation]:
    """Return that a figure printed in several places is one number, but where a place says that it is restated."""
    for cell in book.cells:
        if len(cell.numbers) > 1 and not any("restated" in figure.notes for figure in cell.numbers):
            yield Same("same figure twice", CERTAIN, ("same", id(cell)), [cell], say=_same_words)


def _same_words(relation: Same) -> tuple[str, str, str]:
    cell = relation.cells[0]
    places = [f"{figure.printed} ({figure.row.locator.strip()})" for figure in cell.numbers]
    values = dict.fromkeys(figure.printed for figure in cell.numbers)
    name = cell.name[:1].upper() + cell.name[1:]
    said = f"{name} is printed as {' and as '.join(dict.fromkeys(places))}."
    return said, "one value", " and ".join(values)


def _unique(relations: list[Relation]) -> list[Relation]:
    """Return one relation per set of cells and kind, the surest."""
    order = {CERTAIN: 0, PLAUSIBLE: 1, HINT: 2}
    best: dict[tuple, Relation] = {}
    for relation in relations:
        kind, operator = type(relation).__name__, getattr(relation, "operator", "")
        key = (
            kind,
            operator,
            getattr(relation, "base", None),
            len(set(getattr(relation, "coefficients", ()))) > 1,
            relation.cells[0] if kind != "Linear" or operator == "<=" else None,
            frozenset(relation.cells),
        )
        if key not in best or order[relation.strength] < order[best[key].strength]:
            best[key] = relation
    return list(best.values())


def _zero_blanks(book: Book, relations: list[Relation]) -> None:
    """Take an empty cell for a 0 where the sums of its table come right with 0 in the empty cells.

    A blank may be a 0, a small number that is withheld, or nothing known. The table itself tells: where a sum with
    one blank, or a few among more numbers, holds with 0 in them, that place prints zeros as blanks. A place of which as
    many sums say no as say yes is left as it was: its blanks may then be anything from 0 up.
    """
    proven: Counter = Counter()
    against: Counter = Counter()
    for relation in relations:
        if not isinstance(relation, Linear) or relation.operator != "=" or relation.strength == HINT:
            continue
        blank = [cell for cell in relation.cells if not cell.has_number and _is_blank(cell)]
        n_open = sum(1 for cell in relation.cells if not cell.has_number)
        if not blank or len(blank) + 2 > len(relation.cells) or n_open > len(blank):
            continue
        for cell in blank:
            cell.blank_is_zero = True
        is_right = relation.holds()
        for cell in blank:
            cell.blank_is_zero = False
            (proven if is_right else against).update(cell.locators)
    for cell in book.cells:
        if not cell.has_number and any(proven[place] > against[place] for place in cell.locators):
            cell.blank_is_zero = _is_blank(cell)


def _is_blank(cell: Cell) -> bool:
    return all(figure.value.status == "blank" for figure in cell.figures)


def _promote(held: list[Relation], failed: list[Relation]) -> None:
    """Make a doubtful relation certain whose like holds elsewhere in the report; leave one that never holds.

    Most of what ties printed numbers is not said, but a report is consistent in what it means: if its tables by team
    add up to the total in four quarters, they are meant to in the fifth. Relations of one `pattern` (kind, measure, key) are
    like each other. One counts as evidence only where its holding tells something: with numbers in all its cells, three
    of them above 0 (`telling`). More of the like must hold than fail, or else the report means something different, and
    the ones that hold do so by chance.

    Two kinds need more. Parts that fall short of a total may be an incomplete list: they are certain only where parts of
    the same names make up their total elsewhere, or where the other groups of the same table do. And that one number is at most
    another holds for many pairs that have nothing to do with each other: three must hold. What was
    merely tried (HINT) must hold twice, and more than twice as often as it fails.
    """
    good: Counter = Counter(relation.pattern for relation in held if relation.telling)
    loose: Counter = Counter(relation.pattern for relation in held)
    bad: Counter = Counter(relation.pattern for relation in failed)
    tallied: dict[tuple, list[tuple[frozenset, set]]] = defaultdict(list)
    for relation in held:
        if relation.telling and "values" in relation.extra:
            tallied[relation.pattern].append(_values_and_places(relation))
    for relation in failed:
        pattern = relation.pattern
        if relation.strength == CERTAIN or relation.extra.get("alone"):
            continue
        if "values" in relation.extra and not relation.extra.get("excess"):
            values, places = _values_and_places(relation)
            if not any(
                values >= other or (not values & other and places & there)
                for other, there in tallied[pattern]
            ):
                continue
        enough = 1
        if isinstance(relation, Linear) and relation.operator == "<=" and len(relation.cells) == 2:
            good[pattern], enough = loose[pattern], 3
        if relation.strength == HINT and not (good[pattern] >= 2 and good[pattern] > 2 * bad[pattern]):
            continue
        if good[pattern] >= enough and good[pattern] >= bad[pattern]:
            relation.strength = CERTAIN


def _values_and_places(relation: Relation) -> tuple[frozenset, set]:
    return relation.extra["values"], relation.extra.get("places", set())


def _count(result: AuditResult, held: list[Relation], failed: list[Relation], drafts: list[dict]) -> None:
    """Count the relations that were tried, by family."""
    for relation in held:
        if relation.strength != HINT:
            (result.held if relation.known else result.unchecked)[relation.family] += 1
    for relation in failed:
        (result.failed if relation.strength == CERTAIN else result.unchecked)[relation.family] += 1
    result.failed.update(finding["family"] for finding in drafts)


# ------------------------------------------------------------------------------------------------- findings


def _severity(relation: Relation) -> str:
    """Return how severe it is that a certain relation does not hold."""
    if relation.extra.get("label"):
        return "label"
    is_computed = relation.family in ("percentage from counts", "change") and len(relation.cells) > 1
    is_one_number = len(relation.cells[0].ranges) == 1 and relation.known
    return "rounding" if is_computed and is_one_number and truncated(relation) else "contradiction"


def _refs(relations: Iterable[Relation]) -> set[str]:
    """Return the rows that the relations are between."""
    return {
        ref
        for relation in relations
        for cell in [*relation.cells, *relation.extra.get("with", ())]
        for ref in (
            [figure.ref for figure in cell.numbers] if isinstance(relation, Same) else [cell.figure.ref]
        )
    }


class _Cure(NamedTuple):
    """Another value for a cell: relations cured less relations broken, those cured, the value, how many it breaks."""

    score: int
    cured: list[Relation]
    value: Range
    broken: int


def _cure(cell: Cell, failing: list[Relation], standing: set[int]) -> _Cure | None:
    """Return the value of a cell that would cure the most failing relations and break the fewest that hold.

    Each failing relation says in which stretch the cell would have to lie (`needs`). These stretches are the only values
    worth trying; of a count, the whole number in the middle. None is returned where no value cures more than it breaks.
    """
    best: _Cure | None = None
    failing = [relation for relation in failing if cell in relation.cells]
    holding = [
        relation for relation in cell.relations if id(relation) in standing and relation.strength != HINT
    ]
    for where in {where for relation in failing for where in relation.needs(relation.cells.index(cell))}:
        value = _inside(cell, where)
        if value is None:
            continue
        cured = [relation for relation in failing if relation.cures(relation.cells.index(cell), value)]
        broken = sum(not relation.cures(relation.cells.index(cell), value) for relation in holding)
        score = len(cured) - broken
        if cured and score > 0 and (best is None or score > best.score):
            best = _Cure(score, cured, value, broken)
    return best


def _inside(cell: Cell, where: Range) -> Range | None:
    """Return the value in the middle of a stretch, as such a cell would be printed; None where there is none."""
    low, high = where
    if low == float("-inf") or high == float("inf"):
        return None
    if cell.kind == "count":
        middle = round((low + high) / 2)
        return (float(middle), float(middle)) if middle >= 0 else None
    step = cell.value.step if cell.numbers else 1.0
    middle = round((low + high) / 2 / step) * step
    return middle - step / 2, middle + step / 2


def _grouped(failed: list[Relation], standing: set[int]) -> list[dict]:
    """Return one draft per root cause: relations that one cell's change would cure go together.

    One wrong number breaks every sum that it stands in, and a reader wants the number and not the sums. So, as long as
    there is a cell of which another value would cure at least two failing relations, more than it breaks, the one that
    gains most is taken for the error and what it cures is one finding. It is done greedily, the best first, since what
    is cured falls away and the next is judged by the rest; two errors in one table are found one after the other.

    A relation that is left fails alone. Which of its cells is wrong can then be told only by what else ties them: a
    cell whose change would break nothing is a suspect, and the one with the fewest other certain relations is the
    likeliest, since the others have witnesses. Where two have equally few, nobody is named. Rounding and labels are
    no errors of a number, and are told one by one.
    """
    left = [relation for relation in failed if _severity(relation) == "contradiction"]
    soft = [relation for relation in failed if _severity(relation) != "contradiction"]
    drafts: list[dict] = []
    while (best := _best_cure(left, standing)) is not None:
        cell, cure = best
        drafts.append(_draft(cure.cured, cell, cure.value))
        cured = set(map(id, cure.cured))
        left = [relation for relation in left if id(relation) not in cured]
    alone: dict[frozenset, Relation] = {}
    for relation in left:
        alone.setdefault(frozenset(relation.cells), relation)
    drafts += [_draft([relation], *_suspect(relation, standing)) for relation in alone.values()]
    return drafts + [_draft([relation], None, None, _severity(relation)) for relation in soft]


def _best_cure(failing: list[Relation], standing: set[int]) -> tuple[Cell, _Cure] | None:
    """Return the cell of which another value cures the most relations, two at least, and that cure."""
    best: tuple[Cell, _Cure] | None = None
    for cell, n_failing in Counter(cell for relation in failing for cell in relation.cells).most_common():
        if n_failing < 2:
            break
        cure = _cure(cell, failing, standing)
        if cure and len(cure.cured) > 1 and (best is None or cure.score > best[1].score):
            best = (cell, cure)
    return best


def _suspect(relation: Relation, standing: set[int]) -> tuple[Cell | None, Range | None]:
    """Return the cell that is likely wrong in a relation that fails alone, and its right value; None where none is."""
    if isinstance(relation, Same) or len(relation.cells) < 2:
        return None, None
    cures = []
    for cell in relation.cells:
        cure = _cure(cell, [relation], standing)
        if cure and cure.broken == 0:
            witnesses = sum(
                1
                for other in cell.relations
                if id(other) in standing and other.strength == CERTAIN and other.known
            )
            cures.append((witnesses, cell, cure.value))
    cures.sort(key=lambda suspect: suspect[0])
    if cures and (len(cures) == 1 or cures[0][0] < cures[1][0]):
        return cures[0][1:]
    return None, None


def _draft(
    relations: list[Relation], likely: Cell | None, value: Range | None, severity: str = "contradiction"
) -> dict:
    """Return the draft of relations that fail for one reason, and of the cell that is likely wrong."""
    sentences = [relation.words() for relation in relations]
    said = list(dict.fromkeys(sentence for sentence, _, _ in sentences))
    text = " ".join(said[:3]) + (f" So with {len(said) - 3} more relations." if len(said) > 3 else "")
    ref = ""
    if likely is not None:
        figure = _differing(likely, value) or likely.figure
        ref = figure.ref
        should = number((value[0] + value[1]) / 2) + ("%" if likely.unit == "percent" else "")
        if len(relations) > 1:
            both = "both" if len(relations) == 2 else f"all {len(relations)}"
            text += (
                f" Likely error: {figure.ref}, {figure.printed} for {figure.name}; with {should} in its place {both} "
                "of these would hold."
            )
        else:
            text += f" Likely error: {figure.ref} ({figure.printed} for {figure.name}); {should} would agree with the rest."
    expected, found = (
        "; ".join(list(dict.fromkeys(side))[:4]) for side in list(zip(*sentences, strict=True))[1:]
    )
    return draft(severity, _refs(relations), relations[0].family, text, expected, found, ref)


def _differing(cell: Cell, value: Range) -> Figure | None:
    """Return the first place that prints something else than the right value."""
    return next(
        (
            figure
            for figure in cell.numbers
            if figure.value.high < value[0] - 1e-7 or figure.value.low > value[1] + 1e-7
        ),
        None,
    )


def _cannot(doubtful: list[Relation], hard: list[Relation]) -> list[dict]:
    """Return what may or may not have to hold: one draft per set of parts, none for what a contradiction already names."""
    named = {relation.cells[0] for relation in hard}
    drafts, seen = [], set()
    for relation in doubtful:
        key = (relation.family, frozenset(relation.cells[1:]) or frozenset(relation.cells))
        if key in seen or (len(relation.cells) == 1 and relation.cells[0] in named):
            continue
        seen.add(key)
        said, expected, found = relation.words()
        said += " " + _why(relation)
        drafts.append(draft("cannot_check", _refs([relation]), relation.family, said, expected, found))
    return drafts


def _why(relation: Relation) -> str:
    """Return why it cannot be told whether a relation must hold."""
    if relation.family == "parts to total":
        if relation.extra.get("multi"):
            return "Whether one case may count under several is not said."
        return "Nothing in the report says that the parts are complete and belong to this total."
    if relation.family == "shares of one whole":
        return "Nothing in the report says that they are all the shares of one whole."
    if relation.family in ("percentage from counts", "percentage of whole numbers", "ratio from counts"):
        return "The report does not say what it is a percentage of, so another base is possible."
    return "Nothing else in the report shows that this must hold."


def _numbered(drafts: list[dict], rows: list[Row]) -> list[Finding]:
    """Return the findings, most severe first and then in the order of the report."""
    order = {row.ref: place for place, row in enumerate(rows)}
    drafts = [finding for finding in drafts if finding["refs"]]
    drafts.sort(
        key=lambda finding: (
            SEVERITIES.index(finding["severity"]),
            min(order[ref] for ref in finding["refs"]),
        )
    )
    names = ("family", "statement", "expected", "found", "likely")
    return [
        Finding(
            f"F{place:03d}",
            finding["severity"],
            tuple(sorted(finding["refs"], key=order.__getitem__)),
            *(finding[name] for name in names),
        )
        for place, finding in enumerate(drafts, 1)
    ]
