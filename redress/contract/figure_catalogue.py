"""What the figure catalogue says of how measures hang together, for checks, for protection and for the audit.

These columns of `seeds/reference/figure_catalogue.csv` are read here and stated nowhere else:

- `subject`: the table of the extract contract that the measure counts; its owner puts a wrong figure right.
- `also_needs`: further tables of the extract contract without which it says nothing, and columns (`learning.returned_date`)
  that must say something somewhere: where nobody records when forms come back, none of 20 is no finding.
- `over_time`: `adds` where a year is the sum of its quarters and of its months (what happens on one day), `stands` where it
  is not (what is open at a moment, and people, who may come again); blank where nothing is promised.
- `partitions`: the keys of which every counted thing has exactly one value, so that the parts add up to the whole.
- `parts_within`: `yes` where no part, by any key, is more than the whole.
- `part_of`: the measures that it is never greater than, at the same breakdown and period.
- `share_of`: what a share is a share of, a term as below. `[-]` takes some one key out, whichever it is; `no whole` says that
  what is counted is no part of what it is put over, so that a share may be above 100.
- `pounds_of`: for pounds, the measure that counts what they were paid for.
- `identities`: what it is equal to, in a small notation:

      complaint_outcomes[outcome=upheld] + complaint_outcomes[outcome=partially_upheld]

A term is a measure at the breakdown of the measure described, with a pair added (`[outcome=upheld]`), added up over a key
(`[outcome]`), over all words of a key but some (`[outcome!=withdrawn,not_known]`) or with a key taken out (`[-by]`).
`measure#numerator` and `measure#denominator` are what a share is of. Alternatives are separated by a bar; an alternative with
an equals sign says both sides itself. Which alternative holds may depend on what a council chose to count, so that
an identity is believed where it holds and is not a check by itself.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from redress.contract.breakdown import pair_of

CATALOGUE = Path(__file__).resolve().parents[2] / "seeds" / "reference" / "figure_catalogue.csv"
NO_WHOLE = "no whole"
_TERM = re.compile(r"\s*([+-]?)\s*([a-z][a-z0-9_]*(?:#numerator|#denominator)?)(?:\[([^\]]*)\])?\s*")


@dataclass(frozen=True)
class Term:
    """One measure of an identity.

    Attributes:
        sign: 1 or -1.
        measure: its name, with `#numerator` or `#denominator` where a share's is meant.
        key: the key that is added to the breakdown, or taken out of it; blank where the breakdown is the same.
        word: the word of the key; blank where the term is added up over the key.
        but: words that the sum leaves out.
        is_without_key: whether `key` is taken out.
    """

    sign: int
    measure: str
    key: str = ""
    word: str = ""
    but: frozenset[str] = frozenset()
    is_without_key: bool = False


Identity = tuple[Term, ...]
"""Terms that add up to zero at one breakdown and period; the first names the rows that the identity is about."""


@cache
def rows() -> tuple[dict[str, str], ...]:
    """Return the rows of the catalogue."""
    with CATALOGUE.open(encoding="utf-8", newline="") as handle:
        return tuple(csv.DictReader(handle))


@cache
def by_measure() -> dict[str, dict[str, str]]:
    """Return the row of each measure."""
    return {row["measure"]: row for row in rows()}


@cache
def units() -> dict[str, str]:
    """Return the unit of each measure."""
    return {row["measure"]: row["unit"] for row in rows()}


@cache
def subjects() -> dict[str, str]:
    """Return the contract table of each measure."""
    return {row["measure"]: row["subject"] for row in rows() if row["subject"]}


@cache
def tables_of() -> dict[str, frozenset[str]]:
    """Return the tables and columns (`table.column`) of the contract without which a measure says nothing."""
    return {
        row["measure"]: frozenset(filter(None, [row["subject"], *row["also_needs"].split("|")]))
        for row in rows()
    }


@cache
def over_time(word: str) -> tuple[str, ...]:
    """Return the measures of which the column `over_time` says this word: `adds` or `stands`."""
    return tuple(row["measure"] for row in rows() if row["over_time"] == word)


@cache
def partitions() -> tuple[tuple[str, str], ...]:
    """Return (measure, key) of the parts that add up to their whole."""
    return tuple((row["measure"], key) for row in rows() for key in row["partitions"].split("|") if key)


@cache
def parts_within() -> tuple[str, ...]:
    """Return the measures of which no part is more than the whole."""
    return tuple(row["measure"] for row in rows() if row["parts_within"])


@cache
def subsets() -> tuple[tuple[str, str], ...]:
    """Return (smaller, larger): the smaller measure is never above the larger at the same breakdown and period."""
    return tuple(
        (row["measure"], larger) for row in rows() for larger in row["part_of"].split("|") if row["part_of"]
    )


@cache
def within(whole: str) -> tuple[str, ...]:
    """Return the measures that are never greater than this one, by themselves or through another."""
    below = [small for small, large in subsets() if large == whole]
    return tuple(dict.fromkeys([*below, *(part for small in below for part in within(small))]))


@cache
def subsets_through_others() -> tuple[tuple[str, str], ...]:
    """Return (smaller, larger) of `subsets`, those that follow through a third measure, and the same of all stages together.

    What is never greater at any word of a key is not greater in their sum.
    """
    pairs = [
        (small, large) for large in dict.fromkeys(large for _, large in subsets()) for small in within(large)
    ]
    sums = _sums_over_a_key()
    keys = sorted({key for _, key in sums})
    pairs += [
        (sums[small, key], sums[large, key])
        for small, large in pairs
        for key in keys
        if (small, key) in sums and (large, key) in sums
    ]
    return tuple(dict.fromkeys(pairs))


@cache
def identities_of_sums() -> tuple[Identity, ...]:
    """Return the identities that hold of all words of a key together since they hold at each.

    Answers are their outcomes at any stage, and so the answers of every stage are the outcomes of every stage.
    """
    sums = _sums_over_a_key()
    found = []
    for key in sorted({key for _, key in sums}):
        for identity in identities():
            if all((term.measure, key) in sums and key != term.key for term in identity):
                found.append(tuple(replace(term, measure=sums[term.measure, key]) for term in identity))
    return tuple(found)


def _sums_over_a_key() -> dict[tuple[str, str], str]:
    """Return (measure, key) -> another measure that is its sum over the key."""
    return {
        (part.measure, part.key): whole.measure
        for whole, part in (identity for identity in identities() if len(identity) == 2)
        if part.key
        and not (part.word or part.but or part.is_without_key or whole.key)
        and whole.measure != part.measure
    }


@cache
def share_bases() -> tuple[tuple[str, Term], ...]:
    """Return (share, what it is a share of)."""
    return tuple(
        (row["measure"], _terms(row["share_of"])[0])
        for row in rows()
        if row["share_of"] not in ("", NO_WHOLE)
    )


@cache
def shares_of_no_whole() -> tuple[str, ...]:
    """Return the shares that may be above 100."""
    return tuple(row["measure"] for row in rows() if row["share_of"] == NO_WHOLE)


@cache
def pounds_of() -> dict[str, str]:
    """Return, for measures in pounds, the measure that counts what they were paid for."""
    return {row["measure"]: row["pounds_of"] for row in rows() if row["pounds_of"]}


@cache
def identities() -> tuple[Identity, ...]:
    """Return the identities of all measures, what shares are of among them, in the order of the catalogue.

    Raises:
        ValueError: an identity that cannot be read, or that names a measure that the catalogue lacks.
    """
    measures = {row["measure"] for row in rows()}
    identities = []
    for row in rows():
        texts = row["identities"].split("|") if row["identities"] else []
        if row["share_of"] not in ("", NO_WHOLE) and not row["share_of"].endswith("[-]"):
            texts = [f"{row['measure']}#denominator = {row['share_of']}", *texts]
        for text in texts:
            left, equals, right = text.partition(" = ")
            sides = (left, right) if equals else (row["measure"], text)
            terms = (*_terms(sides[0]), *(replace(term, sign=-term.sign) for term in _terms(sides[1])))
            unknown = {term.measure.partition("#")[0] for term in terms} - measures
            if unknown:
                raise ValueError(
                    f"figure_catalogue.csv: {row['measure']}: {text}: no measure {sorted(unknown)}"
                )
            identities.append(terms)
    return tuple(identities)


def _terms(text: str) -> Identity:
    """Return the terms of one side of an identity.

    Raises:
        ValueError: a part of it is no term.
    """
    terms, at = [], 0
    while at < len(text):
        match = _TERM.match(text, at)
        if match is None or (at and not match[1]):
            raise ValueError(f"figure_catalogue.csv: cannot read {text[at:]!r} in {text!r}")
        terms.append(_term(-1 if match[1] == "-" else 1, match[2], match[3] or ""))
        at = match.end()
    return tuple(terms)


def _term(sign: int, measure: str, inside: str) -> Term:
    """Return one term from what stands in its brackets."""
    if inside.startswith("-"):
        return Term(sign, measure, inside[1:], is_without_key=True)
    if "!=" in inside:
        key, _, words = inside.partition("!=")
        return Term(sign, measure, key, but=frozenset(words.split(",")))
    return Term(sign, measure, *pair_of(inside))
