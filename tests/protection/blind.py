"""Whether the attacker has a mind of its own: a protector that lacks one relation, and an attacker that must find it.

For each relation of the figure catalogue (identities, parts that make a whole, sums over time, what is never greater than
what) numbers of three made-up councils are drawn of which it is true. A protector decides them without that relation and
without reading the numbers; it keeps what it knows of services. Whoever finds the relation in the rows then places
something; and where the protector knows it too, nobody does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from unittest import mock

from redress.authority.protection import Protection
from redress.contract import figure_catalogue as catalogue
from redress.contract.figure_catalogue import Term
from redress.protect import decide as protector
from redress.protect import relations
from redress.protect.decide import LEFT_OUT, SHOWN
from redress.protect.relations import OF_THE_COUNCIL, Cells, Relation
from tests.protection.attacker import Council, attack_all, broken

YEAR = "2023-24"
SETTINGS = Protection(open_keys=(), least_shown_percent=0)
COUNCILS, AREAS = 3, 8
COUNTS = (0, 2, 3, 4, 6, 7, 9, 14, 17, 31)


@dataclass(frozen=True)
class Hidden:
    """A relation that is hidden from the protector.

    Attributes:
        kind: identity, parts, time or never_greater.
        terms: what adds up to zero; for never_greater the smaller and the larger.
    """

    kind: str
    terms: tuple[Term, ...]

    def __str__(self) -> str:
        """The relation as the catalogue writes it."""
        return f"{self.kind}: " + " ".join(
            f"{'+' if term.sign > 0 else '-'} {term.measure}"
            + (f"[{term.key}{'=' + term.word if term.word else ''}]" if term.key else "")
            for term in self.terms
        )

    @property
    def can_tell(self) -> bool:
        """Whether any of its numbers may be suppressed: what a council does is shown however small."""
        units = {catalogue.units()[term.measure.partition("#")[0]] for term in self.terms}
        return not units <= OF_THE_COUNCIL


def every() -> list[Hidden]:
    """Return all relations of the figure catalogue."""
    found = [Hidden("identity", identity) for identity in catalogue.identities()]
    for measure, key in catalogue.partitions():
        found.append(Hidden("parts", (Term(1, measure), Term(-1, measure, key))))
    for share, base in catalogue.share_bases():
        if base.is_without_key and not base.key:
            found.append(Hidden("identity", (Term(1, f"{share}#denominator"), Term(-1, base.measure, "kind", is_without_key=True))))  # fmt: skip
    found += [
        Hidden("time", (Term(1, measure),)) for measure in catalogue.over_time("adds") if _counts(measure)
    ]
    found += [
        Hidden("never_greater", (Term(1, small), Term(-1, large))) for small, large in catalogue.subsets()
    ]
    return list(dict.fromkeys(found))


def _counts(measure: str) -> bool:
    return "share" not in measure and catalogue.units()[measure] not in relations.MEASURED


def rows_of(hidden: Hidden, random: Random) -> tuple[list[dict], dict[str, str | None], dict[str, str]]:
    """Return the figures of a council, its services, and what it has printed of them."""
    parents: dict[str, str | None] = {f"area {number}": None for number in range(AREAS)}
    teams = {f"team {number}{letter}": f"area {number}" for number in range(AREAS) for letter in "ab"}
    numbers: dict[tuple[str, tuple[tuple[str, str], ...], str], int] = {}
    printed: dict[str, str] = {}
    for team in teams:
        cells = _cells(hidden, team)
        drawn = _drawn(hidden.kind, [sign for sign, _ in cells], random)
        numbers |= {cell: number for (_, cell), number in zip(cells, drawn, strict=True)}
        if hidden.kind == "never_greater" and 2 <= drawn[1] <= 4:
            printed["|".join(map(str, _named(cells[1][1])))] = str(drawn[1])
    if hidden.kind in (
        "identity",
        "parts",
    ):  # the areas of one measure only: what protects it does not protect the others
        last = _cells(hidden, "team 0a")[-1][1]
        for (measure, pairs, period), number in list(numbers.items()):
            service = dict(pairs)["service"]
            if measure == last[0] and {key for key, _ in pairs} == {key for key, _ in last[1]}:
                above = (
                    measure,
                    tuple((k, teams[service] if k == "service" else w) for k, w in pairs),
                    period,
                )
                numbers[above] = numbers.get(above, 0) + number
    return [*_figures(numbers, random)], parents | teams, printed


def _cells(hidden: Hidden, team: str) -> list[tuple[int, tuple]]:
    """(sign, cell) of every number of the relation at one team."""
    base = {"service": team}
    taken_out = {term.key for term in hidden.terms if term.is_without_key}
    cells = []
    if hidden.kind == "time":
        measure = hidden.terms[0].measure
        periods = [(1, YEAR), *((-1, f"{YEAR}-Q{number}") for number in range(1, 5))]
        return [(sign, (measure, tuple(base.items()), period)) for sign, period in periods]
    for term in hidden.terms:
        keys = {key: "a" for key in taken_out if not term.is_without_key} | base
        if term.key and not term.is_without_key and not term.word:
            words = ["a", "b", "c"]
        else:
            words = [term.word] if term.word else [""]
        for word in words:
            pairs = keys | ({term.key: word} if word else {})
            cells.append((term.sign, (term.measure, tuple(sorted(pairs.items())), YEAR)))
    return cells


def _drawn(kind: str, signs: list[int], random: Random) -> list[int]:
    """Numbers that add up to zero with their signs; of two that are ordered the second is not smaller."""
    if kind == "never_greater":
        large = random.choice((2, 3, 4, 6, 9, 14, 31))
        return [random.choice([large, *range(max(1, large - 2), large + 1)]), large]
    fewer = 1 if signs.count(1) <= signs.count(-1) else -1
    rest = signs.index(fewer)
    while True:
        drawn = [random.choice(COUNTS) for _ in signs]
        drawn[rest] = 0
        drawn[rest] = -fewer * sum(sign * number for sign, number in zip(signs, drawn, strict=True))
        if drawn[rest] >= 0:
            return drawn


def _named(cell: tuple) -> tuple[str, str, str]:
    measure, pairs, period = cell
    return measure.partition("#")[0], ";".join(f"{key}={word}" for key, word in pairs), period


def _figures(numbers: dict, random: Random) -> Iterator[dict]:
    """Rows as the warehouse has them; what a number says of a share or an average stands in its row."""
    for cell, number in sorted(numbers.items()):
        measure, breakdown, period = _named(cell)
        side = cell[0].partition("#")[2]
        row = {
            "figure_id": f"{measure}|{breakdown}|{period}", "measure": measure, "breakdown": breakdown, "period": period,
            "numerator": number, "denominator": None, "value": number, "unit": catalogue.units()[measure],
            "status": "computed",
        }  # fmt: skip
        if side == "denominator" and number:
            part = (
                10 * number + random.randint(0, 9)
                if "_mean" in measure or "_median" in measure
                else random.randint(0, number)
            )
            part = 0 if part <= SETTINGS.threshold else part
            row |= {"numerator": part, "denominator": number, "value": part / number}
        elif side == "numerator":
            row |= {"denominator": 100, "value": number}
        elif side:
            row |= {"value": None, "denominator": 0, "status": "not_available"}
        yield row


@contextmanager
def without_relation() -> Iterator[None]:
    """A protector that knows sums of services only: in these rows every other relation is the hidden one."""

    def is_kept(cells: Cells, relation: Relation) -> bool:
        keys = [cells.keys[cell] for cell in relation.cells]
        names = {frozenset(key for key, _ in pairs) - {"service"} for _, pairs, _ in keys}
        return (
            len({measure for measure, _, _ in keys})
            == len(names)
            == len({period for _, _, period in keys})
            == 1
        )

    build, visible = protector.build, protector.visible

    def built(*given, **more) -> Cells:
        blind = {"_base": lambda *_: None, "_guesses": lambda *_: None}
        with mock.patch.multiple(relations, **blind):
            cells = build(*given, **more)
        cells.relations = [relation for relation in cells.relations if is_kept(cells, relation)]
        return cells

    def seen(cells: Cells, *given) -> list[Relation]:
        return [relation for relation in visible(cells, *given) if is_kept(cells, relation)]

    with (
        mock.patch.object(protector, "build", built),
        mock.patch.object(protector, "visible", seen),
        mock.patch.object(protector, "derive", lambda *_, **__: []),
    ):
        yield


def placed(hidden: Hidden, seed: int = 0, *, knows: bool = False) -> int:
    """Return how many suppressed numbers the attacker places, of a protector that knows the relation or does not."""
    councils = []
    for number in range(COUNCILS):
        figures, parents, printed = rows_of(hidden, Random(f"{seed} {number} {hidden}"))
        if knows:
            decision = protector.decide(figures, parents, [], SETTINGS, printed)
        else:
            with without_relation():
                decision = protector.decide(figures, parents, [], SETTINGS, printed)
        rows = [
            row
            if decision.status[row["figure_id"]] == SHOWN
            else row | {"value": None, "numerator": None, "denominator": None}
            for row in figures
            if decision.status[row["figure_id"]] != LEFT_OUT
        ]
        councils.append((Council(rows, figures, parents), set(decision.narrow)))
    found = attack_all([council for council, _ in councils])
    return sum(
        "|".join(one.identity) not in known
        for (_, known), bounds in zip(councils, found, strict=True)
        for one in broken(bounds, SETTINGS.width)
    )


def main() -> int:
    """Try every relation; returns how many the attacker does not find."""
    missed = [hidden for hidden in every() if hidden.can_tell and not placed(hidden)]
    told = [hidden for hidden in every() if hidden.can_tell]
    print(
        f"{len(told)} relations hidden from the protector, {len(told) - len(missed)} of them found by the attacker"
    )
    for hidden in missed:
        print(f"    not found: {hidden}")
    return len(missed)


if __name__ == "__main__":
    raise SystemExit(1 if main() else 0)
