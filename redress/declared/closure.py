"""The tables of figures that a report has: what it shows, and what ties those numbers to one another.

A *figure set* is one table of figures of a report: a measure, the keys by which it is broken down, and a kind of period. A
report has the sets that its sections ask for, those of the numbers that the council itself printed, those of the comparison
of councils, the spine (`seeds/reference/figure_spine.csv`: what every report holds, so that everything else hangs together),
and what follows from each of them, as the figure catalogue says how measures hang together:

- of a change the measure that changed; of a share its count and its base;
- of a part the whole that the parts add up to; of parts of an answer the answers themselves;
- of quarters and months the year;
- of one term of stock and flow the other three.

What nobody asked for is not computed; what checks said of it is said of the facts by the data tests of the dbt project.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import cast

from redress.authority.model import Authority
from redress.base.tables import read_csv
from redress.contract import figure_catalogue as catalogue
from redress.contract.breakdown import keys_of, listed_keys
from redress.declared.language import base_of
from redress.declared.model import FigureSet, Kind

EVERYTHING = FigureSet("*", (), "year")
"""Stands for every table that can be computed."""

_STOCK = ("brought_forward", "entered", "closed", "carried_forward")
_STOCK_KEYS = (("procedure", "stage"), ("procedure", "service", "stage"))


def close(wanted: Iterable[FigureSet]) -> frozenset[FigureSet]:
    """Return the sets that are wanted, and all that follow from them.

    A set that cannot be computed costs nothing: it stays empty. Where `EVERYTHING` is wanted it is all that is returned.
    """
    waiting, reached = list(wanted), set()
    if EVERYTHING in waiting:
        return frozenset([EVERYTHING])
    while waiting:
        figure_set = waiting.pop()
        if figure_set not in reached:
            reached.add(figure_set)
            waiting += _follow(figure_set)
    return frozenset(reached)


def _follow(figure_set: FigureSet) -> list[FigureSet]:
    """Return what one set needs beside it, a step at a time."""
    measure, keys, kind = figure_set
    following = [] if kind == "year" else [FigureSet(measure, keys)]
    if (base := base_of(measure)) != measure:
        return [*following, FigureSet(base, keys, kind)]
    following += [
        FigureSet(measure, _without(keys, key), kind)
        for partitioned, key in catalogue.partitions()
        if partitioned == measure and key in keys
    ]
    if measure.endswith("_share"):
        following += _base(measure, keys, kind)
    for whole, part, key in _parts_of_wholes():
        if part == measure and key in keys:
            following.append(FigureSet(whole, _without(keys, key), kind))
    if measure in _STOCK and keys in _STOCK_KEYS:
        following += [FigureSet(term, keys, kind) for term in _STOCK]
    return following


def _base(share: str, keys: tuple[str, ...], kind: Kind) -> list[FigureSet]:
    """Return the count of a share and what it is a share of."""
    sets = []
    count = share.removesuffix("_share")
    if count in _measures():
        sets.append(FigureSet(count, keys, kind))
    for measure, base in catalogue.share_bases():
        if measure != share:
            continue
        if not base.is_without_key:
            sets.append(FigureSet(base.measure, keys, kind))
        else:
            away = [base.key] if base.key else list(keys)
            sets += [FigureSet(base.measure, _without(keys, key), kind) for key in away if key in keys]
    for identity in catalogue.identities():
        if identity[0].measure == f"{share}#denominator":
            sets += [
                FigureSet(term.measure, _without(keys, term.key) if term.is_without_key else keys, kind)
                for term in identity[1:]
            ]
    return sets


@cache
def _parts_of_wholes() -> tuple[tuple[str, str, str], ...]:
    """Return (whole, part, key): the whole is the sum of the part's figures over the key."""
    return tuple(
        (identity[0].measure, term.measure, term.key)
        for identity in catalogue.identities()
        if "#" not in identity[0].measure
        for term in identity[1:]
        if term.key and not term.word and not term.is_without_key
    )


@cache
def _measures() -> frozenset[str]:
    return frozenset(row["measure"] for row in catalogue.rows())


def _without(keys: tuple[str, ...], key: str) -> tuple[str, ...]:
    return tuple(other for other in keys if other != key)


@lru_cache(maxsize=10_000)
def kind_of(period: str) -> Kind:
    """Return the kind of a period: `2023-24` is a year, `2023-24-Q1` a quarter, `2023-04` a month.

    `2003-04` to `2011-12` can be read as a year and as a month; no month of a report is that old.
    """
    if "-Q" in period:
        return "quarter"
    match = re.fullmatch(r"(\d{4})-(\d{2})", period)
    return "year" if match and int(match[2]) == (int(match[1]) + 1) % 100 else "month"


@cache
def spine() -> frozenset[FigureSet]:
    """Return the sets that every report holds, whatever it shows."""
    with (Path(__file__).parent / "spine.csv").open(encoding="utf-8", newline="") as handle:
        return frozenset(
            FigureSet(row["measure"], listed_keys(row["keys"]), cast(Kind, kind))
            for row in csv.DictReader(handle)
            for kind in row["kinds"].split("|")
        )


def sets_of(figures: Iterable[Mapping[str, str]]) -> frozenset[FigureSet]:
    """Return the sets that some figures belong to.

    Args:
        figures: with `measure`, `breakdown` and `period`.
    """
    return frozenset(
        FigureSet(row["measure"], keys_of(row["breakdown"]), kind_of(row["period"])) for row in figures
    )


def sets_of_report(
    authority: Authority, year: str, asked: Iterable[FigureSet], reference: Path
) -> frozenset[FigureSet]:
    """Return every set that a report has.

    Args:
        authority: with the numbers that the council printed.
        year: of the report.
        asked: what its sections ask for.
        reference: the folder of reference seeds, for the measures by which councils are compared.
    """
    printed = [
        {
            "measure": row["figure_measure"],
            "breakdown": row["figure_breakdown"],
            "period": row["figure_period"],
        }
        for row in authority.published.get(year, ())
        if row["figure_measure"]
    ]
    return close({*asked, *sets_of(printed), *_compared(reference), *spine()})


@cache
def _compared(reference: Path) -> frozenset[FigureSet]:
    """Return the sets by which councils are compared."""
    return frozenset(
        FigureSet(row[measure], keys_of(row[breakdown]))
        for row in read_csv(reference / "comparison_measures.csv")
        for measure, breakdown in (("measure", "breakdown"), ("needs_measure", "needs_breakdown"))
        if row[measure]
    )
