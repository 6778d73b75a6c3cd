"""Which figures a declared report asks for: what the tags of its sections address, and nothing that follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from redress.declared.language import (
    base_of,
    filters_of,
    is_percent,
    language,
    levels_of,
    measure_of_column,
    period_kind,
    split_words,
    walk,
    words_of,
)
from redress.declared.model import DeclaredReport, FigureSet, Kind, Node
from redress.declared.sets import is_computed


@dataclass(frozen=True)
class Address:
    """A set of figures that a tag addresses.

    Attributes:
        figures: the set.
        is_needed: whether the tag says nothing right without it; what is not needed is shown where there is such a set.
    """

    figures: FigureSet
    is_needed: bool = True


def asked(report: DeclaredReport) -> set[FigureSet]:
    """Return the sets of figures that the tags of a report address."""
    return {
        address.figures
        for page in report.pages
        for section in page.sections
        for node, _ in walk(section.nodes)
        if node["type"] == "tag"
        for address in addresses(node)
        if address.is_needed or is_computed(address.figures)
    }


def addresses(node: Node) -> list[Address]:
    """Return what a tag addresses; that of the rows and columns of a table is said of the table."""
    name = node["name"]
    if name in ("table", "chart"):
        return list(_of_table(node))
    if name == "sentence":
        return list(_of_sentence(node))
    keys, kind = tuple(filters_of(node)), _kind(node)
    if name == "each":
        inner = [key for level in levels_of(node["primary"]) for key in level]
        return [_address(str(node["attributes"].get("of", "")), (*keys, *inner), kind)]
    if name == "change":
        measure = str(node["primary"])
        words = ("this_year", "change") if is_percent(measure) else ("this_year", "change", "change_pct")
        return [_address(measure_of_column(measure, word), keys, "year") for word in words]
    if name in ("figure", "fact", "when"):
        return [_address(str(node["primary"]), keys, kind)]
    return []


def _kind(*nodes: Node) -> Kind:
    """Return the kind of the period that the first of these tags that names one gives."""
    for node in nodes:
        if "period" in node["attributes"]:
            return period_kind(node["attributes"]["period"]) or "year"
    return "year"


def _address(measure: str, keys: Iterable[str], kind: Kind, is_needed: bool = True) -> Address:
    return Address(FigureSet(measure, tuple(sorted(set(keys))), kind), is_needed)


def _of_table(node: Node) -> Iterator[Address]:
    measures = split_words(node["primary"])
    levels = levels_of(node["attributes"].get("by", ""))
    across = [key for level in levels_of(node["attributes"].get("across", "")) for key in level]
    common = (*filters_of(node), *across)
    rows = [child for child in node["children"] if child.get("name") == "row"]
    columns = [child for child in node["children"] if child.get("name") == "column"]
    no_row: Node = {"name": "row", "primary": "", "attributes": {}}
    deeper: list[tuple[str, ...]] = [()]
    for level in levels:
        deeper.append((*deeper[-1], *level))
    total = node["attributes"].get("total", "yes")
    for row in rows or [no_row]:
        for column in columns or [None]:
            named = [str(column["primary"])] if column and column["primary"] else [str(row["primary"])]
            for measure in named if named != [""] else measures:
                keys = (*common, *filters_of(row), *(filters_of(column) if column else ()))
                kind = _kind(column, row, node) if column else _kind(row, node)
                cells = [(measure, kind)] if column else list(_cells(node, measure, kind))
                for shown, shown_kind in cells:
                    for depth in deeper[1:] or deeper:
                        yield _address(shown, (*keys, *depth), shown_kind)
                    if levels and total != "no":
                        yield _address(shown, keys, shown_kind, is_needed=False)
    if node["attributes"].get("overlap") == "yes":
        yield from _of_overlap(measures, levels, node)


def _cells(node: Node, measure: str, kind: Kind) -> Iterator[tuple[str, Kind]]:
    """Yield the measure and the kind of period of each column that a table names by words."""
    for word in words_of(node, "columns") or ["this_year"]:
        if word in ("quarters", "last_quarters"):
            yield measure, "quarter"
        elif word == "months":
            yield measure, "month"
        elif word in ("this_year", "share"):
            yield measure_of_column(measure, word), kind
        else:
            yield measure_of_column(measure, word), "year"


def overlap_of(measure: str, levels: list[tuple[str, ...]]) -> dict[str, str] | None:
    """Return the measures that say how much the rows of a table overlap; None where none do."""
    of_measure: dict[str, dict[str, str]] = language()["overlaps"].get(measure, {})
    key = levels[-1][-1] if levels and levels[-1] else ""
    return of_measure.get(key) or (of_measure.get("*") if key == "service" else None)


def _of_overlap(measures: list[str], levels: list[tuple[str, ...]], node: Node) -> Iterator[Address]:
    for measure in measures:
        overlap = overlap_of(measure, levels) or {}
        key = [overlap["key"]] if "key" in overlap else []
        for part in ("added_up", "counted_more_than_once", "in_several"):
            if part in overlap:
                yield _address(overlap[part], (*filters_of(node), *key), _kind(node))


def _of_sentence(node: Node) -> Iterator[Address]:
    """Yield what a ready sentence needs: each measure by the keys that it names itself, and by those of the tag."""
    needs = [need.split() for need in language()["sentences"].get(node["primary"], {}).get("needs", [])]
    own = {key for _, *keys in needs for key in keys}
    given = [key for key in filters_of(node) if key not in own]
    # a key that the sentence itself fills in where it asks for all values, and that the tag may fix for the others
    for measure, *keys in needs:
        yield _address(measure, (*given, *keys), "year", is_needed=base_of(measure) == measure)
