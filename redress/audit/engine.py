"""From relations to findings: which hold, what the evidence is, and which row is the likely error."""

from __future__ import annotations

from collections import Counter, defaultdict

from redress.audit import averages, changes, conflicts, flows, labels, shares, tables
from redress.audit.cells import Book, Declared
from redress.audit.model import SEVERITIES, AuditResult, Finding, Row, draft
from redress.audit.relations import CERTAIN, HINT, PLAUSIBLE, Linear, Relation, Same, number
from redress.audit.rounding import truncated
from redress.audit.structure import Cell, read


def audit(rows: list[Row], declared: dict | None = None) -> AuditResult:
    """Derive and test every relation that the rows imply; see the package's `audit`."""
    sidecar = Declared(declared)
    figures = read(rows, sidecar.synonyms)
    book = Book(figures, sidecar)
    result = AuditResult(
        rows=len(rows), numbers=sum(1 for one in figures if one.value.status in ("number", "day"))
    )
    found = [
        *_same(book),
        *tables.relations(book),
        *shares.relations(book),
        *changes.relations(book),
        *averages.relations(book),
        *flows.relations(book),
    ]
    relations = _unique(found)
    _zero_blanks(book, relations)
    for one in relations:
        for cell in one.cells:
            cell.relations.append(one)
    held = [one for one in relations if one.holds()]
    standing = {id(one) for one in held}
    failed = [one for one in relations if id(one) not in standing]
    _promote(held, failed)
    failed = [one for one in failed if one.strength != HINT]
    drafts = labels.findings(book) + conflicts.findings(held)
    _count(result, held, failed, drafts)
    hard = [one for one in failed if one.strength == CERTAIN]
    doubtful = [one for one in failed if one.strength == PLAUSIBLE]
    drafts += _grouped(hard, standing)
    drafts += _cannot(doubtful, hard)
    result.findings = _numbered(drafts, rows)
    for cell in book.cells:
        ties = sum(
            1 for one in cell.relations if one.strength != HINT and len(one.cells) + len(cell.figures) > 1
        )
        for figure in cell.figures:
            result.coverage[figure.ref] = max(result.coverage.get(figure.ref, 0), ties)
    for row in rows:
        result.coverage.setdefault(row.ref, 0)
    return result


def _same(book: Book):
    for cell in book.cells:
        numbers = cell.numbers
        if len(numbers) > 1 and not any("restated" in one.notes for one in numbers):
            yield Same("same figure twice", CERTAIN, ("same", id(cell)), [cell], say=_same_words)


def _same_words(relation: Same) -> tuple[str, str, str]:
    cell = relation.cells[0]
    places = [f"{one.printed} ({one.row.locator.strip()})" for one in cell.numbers]
    differing = list(dict.fromkeys(places))
    values = list(dict.fromkeys(one.printed for one in cell.numbers))
    return (
        f"{cell.name[:1].upper()}{cell.name[1:]} is printed as {' and as '.join(differing)}.",
        "one value",
        " and ".join(values),
    )


def _unique(relations) -> list[Relation]:
    """One relation per set of cells and kind; the surest is kept."""
    order = {CERTAIN: 0, PLAUSIBLE: 1, HINT: 2}
    best: dict[tuple, Relation] = {}
    for one in relations:
        sides = tuple(getattr(one, "coefficients", ()))
        key = (
            type(one).__name__,
            getattr(one, "operator", ""),
            getattr(one, "base", None),
            len(set(sides)) > 1,
            one.cells[0] if type(one).__name__ != "Linear" or one.operator == "<=" else None,
            frozenset(one.cells),
        )
        if key not in best or order[one.strength] < order[best[key].strength]:
            best[key] = one
    return list(best.values())


def _zero_blanks(book: Book, relations: list[Relation]) -> None:
    """Where sums with empty cells come right with 0 in them, an empty cell of that table is a 0."""
    proven: Counter = Counter()
    against: Counter = Counter()
    for one in relations:
        if not isinstance(one, Linear) or one.operator != "=" or one.strength == HINT:
            continue
        blank = [
            cell
            for cell in one.cells
            if not cell.has_number and all(figure.value.status == "blank" for figure in cell.figures)
        ]
        if (
            not blank
            or len(blank) + 2 > len(one.cells)
            or any(cell not in blank and not cell.has_number for cell in one.cells)
        ):
            continue
        for cell in blank:
            cell.blank_is_zero = True
        good = one.holds()
        for cell in blank:
            cell.blank_is_zero = False
            for locator in cell.locators:
                (proven if good else against)[locator] += 1
    for cell in book.cells:
        if not cell.has_number and any(proven[one] > against[one] for one in cell.locators):
            cell.blank_is_zero = all(figure.value.status == "blank" for figure in cell.figures)


def _promote(held: list[Relation], failed: list[Relation]) -> None:
    """A doubtful relation whose like holds elsewhere in the report is certain; one that never holds is not."""
    good: Counter = Counter(one.pattern for one in held if one.telling)
    loose: Counter = Counter(one.pattern for one in held)
    bad: Counter = Counter(one.pattern for one in failed)
    whole_values = defaultdict(list)
    for one in held:
        if one.telling and "values" in one.extra:
            whole_values[one.pattern].append((one.extra["values"], one.extra.get("places", set())))
    for one in failed:
        if one.strength == CERTAIN or one.extra.get("alone"):
            continue
        if "values" in one.extra and not one.extra.get("excess"):
            # Fewer than the total: certain only where parts of the same names make up their total elsewhere.
            # or where the other groups of the same table make up theirs.
            mine, places = one.extra["values"], one.extra.get("places", set())
            if not any(
                mine >= other or (not mine & other and places & there)
                for other, there in whole_values[one.pattern]
            ):
                continue
        enough = 1
        if isinstance(one, Linear) and one.operator == "<=" and len(one.cells) == 2:
            good[one.pattern], enough = loose[one.pattern], 3
        if one.strength == HINT and not (good[one.pattern] >= 2 and good[one.pattern] > 2 * bad[one.pattern]):
            continue
        if good[one.pattern] >= enough and good[one.pattern] >= bad[one.pattern]:
            one.strength = CERTAIN


def _count(result: AuditResult, held, failed, drafts) -> None:
    for one in held:
        if one.strength == HINT:
            continue
        if one.known:
            result.held[one.family] += 1
        else:
            result.unchecked[one.family] += 1
    for one in failed:
        (result.failed if one.strength == CERTAIN else result.unchecked)[one.family] += 1
    for one in drafts:
        result.failed[one["family"]] += 1


# ------------------------------------------------------------------------------------------------- findings


def _severity(relation: Relation) -> str:
    if relation.extra.get("label"):
        return "label"
    if relation.family in ("percentage from counts", "change") and len(relation.cells) > 1:
        share = relation.cells[0]
        if len(share.ranges) == 1 and relation.known and truncated(relation):
            return "rounding"
    return "contradiction"


def _refs(relations: list[Relation]) -> set[str]:
    return {
        ref
        for one in relations
        for cell in [*one.cells, *one.extra.get("with", ())]
        for ref in _cell_refs(cell, one)
    }


def _cell_refs(cell: Cell, relation: Relation) -> list[str]:
    if isinstance(relation, Same):
        return [one.ref for one in cell.numbers]
    return [cell.figure.ref]


def _cure(cell: Cell, failing: list[Relation], standing: set[int]):
    """The stretch of values of a cell that would satisfy the most failing relations and break none that holds.

    Returns (number cured, those relations, value), or None when no value cures any.
    """
    best = None
    mine = [one for one in failing if cell in one.cells]
    others = [one for one in cell.relations if id(one) in standing and one.strength != HINT]
    options = {where for one in mine for where in one.needs(one.cells.index(cell))}
    for where in options:
        value = _inside(cell, where)
        if value is None:
            continue
        cured = [one for one in mine if one.cures(one.cells.index(cell), value)]
        broken = [one for one in others if not one.cures(one.cells.index(cell), value)]
        score = len(cured) - len(broken)
        if cured and score > 0 and (best is None or score > best[0]):
            best = (score, cured, value, len(broken))
    return best


def _inside(cell: Cell, where) -> tuple[float, float] | None:
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
    """One draft per root cause: relations that one cell's change would cure go together."""
    drafts: list[dict] = []
    left = [one for one in failed if _severity(one) == "contradiction"]
    soft = [one for one in failed if _severity(one) != "contradiction"]
    while left:
        best = None
        count = Counter(cell for one in left for cell in one.cells)
        for cell, n in count.most_common():
            if n < 2 and best is not None or n < 2:
                break
            cure = _cure(cell, left, standing)
            if cure and len(cure[1]) > 1 and (best is None or cure[0] > best[1][0]):
                best = (cell, cure)
        if best is None:
            break
        cell, (_score, cured, value, _broken) = best
        drafts.append(_draft(cured, cell, value))
        left = [one for one in left if all(one is not other for other in cured)]
    merged: dict[frozenset, list[Relation]] = defaultdict(list)
    for one in left:
        merged[frozenset(one.cells)].append(one)
    for group in merged.values():
        one = group[0]
        cures = []
        for cell in one.cells:
            cure = _cure(cell, [one], standing)
            if cure and cure[3] == 0:
                ties = sum(
                    1
                    for other in cell.relations
                    if id(other) in standing and other.strength == CERTAIN and other.known
                )
                cures.append((ties, cell, cure[2]))
        cures.sort(key=lambda item: item[0])
        if cures and isinstance(one, Same):
            drafts.append(_draft([one], None, None))
        elif cures and (len(cures) == 1 or cures[0][0] < cures[1][0]) and len(one.cells) > 1:
            drafts.append(_draft([one], cures[0][1], cures[0][2]))
        else:
            drafts.append(_draft([one], None, None))
    for one in soft:
        drafts.append(_draft([one], None, None, _severity(one)))
    return drafts


def _draft(relations: list[Relation], likely: Cell | None, value, severity: str = "contradiction") -> dict:
    sentences = [one.words() for one in relations]
    said = list(dict.fromkeys(sentence for sentence, _, _ in sentences))
    text = " ".join(said[:3]) + (f" So with {len(said) - 3} more relations." if len(said) > 3 else "")
    ref = ""
    if likely is not None:
        figure = likely.figure
        wrong = _differing(likely, value)
        figure = wrong or figure
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
    expected = "; ".join(list(dict.fromkeys(said for _, said, _ in sentences))[:4])
    found = "; ".join(list(dict.fromkeys(said for _, _, said in sentences))[:4])
    return draft(severity, _refs(relations), relations[0].family, text, expected, found, ref)


def _differing(cell: Cell, value):
    wrong = [
        one for one in cell.numbers if one.value.high < value[0] - 1e-7 or one.value.low > value[1] + 1e-7
    ]
    return wrong[0] if wrong else None


def _cannot(doubtful: list[Relation], hard: list[Relation]) -> list[dict]:
    """What may or may not have to hold: one draft per set of parts, none for what a contradiction already names."""
    named = {id(cell) for one in hard for cell in one.cells[:1]}
    drafts, seen = [], set()
    for one in doubtful:
        key = (one.family, frozenset(one.cells[1:]) or frozenset(one.cells))
        if key in seen or (len(one.cells) == 1 and id(one.cells[0]) in named):
            continue
        seen.add(key)
        sentence, expected, found = one.words()
        sentence += " " + _why(one)
        drafts.append(draft("cannot_check", _refs([one]), one.family, sentence, expected, found))
    return drafts


def _why(one: Relation) -> str:
    if one.family == "parts to total":
        if one.extra.get("multi"):
            return "Whether one case may count under several is not said."
        return "Nothing in the report says that the parts are complete and belong to this total."
    if one.family == "shares of one whole":
        return "Nothing in the report says that they are all the shares of one whole."
    if one.family in ("percentage from counts", "percentage of whole numbers", "ratio from counts"):
        return "The report does not say what it is a percentage of, so another base is possible."
    return "Nothing else in the report shows that this must hold."


def _numbered(drafts: list[dict], rows: list[Row]) -> list[Finding]:
    order = {row.ref: n for n, row in enumerate(rows)}
    drafts = [one for one in drafts if one["refs"]]
    drafts.sort(key=lambda one: (SEVERITIES.index(one["severity"]), min(order[ref] for ref in one["refs"])))
    return [
        Finding(
            f"F{n:03d}",
            one["severity"],
            tuple(sorted(one["refs"], key=order.__getitem__)),
            one["family"],
            one["statement"],
            one["expected"],
            one["found"],
            one.get("likely", ""),
        )
        for n, one in enumerate(drafts, 1)
    ]
