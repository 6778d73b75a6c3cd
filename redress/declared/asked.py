"""Which figures a declared report asks for: what the tags of its sections address, and nothing that follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from redress.declared.language import (
    YEARS,
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

Levels = list[tuple[str, ...]]
"""The keys of rows, level by level."""


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
        for node, above in walk(section.nodes)
        if node["type"] == "tag"
        for variant in variants(node)
        for address in addresses(variant, above)
        if address.is_needed or is_computed(address.figures)
    }


def variants(node: Node) -> list[Node]:
    """Return a tag as it stands, and once more with what each `or` in it says otherwise; none of the `or` itself."""
    if node["name"] == "or":
        return []
    others = [child for child in node["children"] if child.get("name") == "or"]
    rest = [child for child in node["children"] if child.get("name") != "or"]
    # what lies in a loop or a condition is addressed by itself
    inner = rest if node["name"] in ("table", "chart") else []
    return [{**node, "children": inner}] + [
        {
            **node,
            "primary": other["primary"] or node["primary"],
            "attributes": {**node["attributes"], **other["attributes"]},
            "children": inner,
            "line": other["line"],
        }
        for other in others
    ]


def addresses(node: Node, above: tuple[Node, ...] = ()) -> list[Address]:
    """Return what a tag addresses, one of its `variants`; that of the rows and columns of a table is said of the table.

    Args:
        node: the tag.
        above: the tags around it, whose loops fill its variables.
    """
    own = list(_of_tag(node, above))
    if not _has_open_service(node, above):
        return own
    # a loop over the areas runs once without a service where there are none
    whole = _of_tag(_without_service(node), above)
    return [*own, *(replace(address, is_needed=False) for address in whole)]


def _of_tag(node: Node, above: tuple[Node, ...]) -> Iterator[Address]:
    name = node["name"]
    if name in ("table", "chart"):
        for by, across in product(levels_in(node, "by", above), levels_in(node, "across", above)):
            yield from _of_table(node, by, [key for level in across for key in level])
        return
    if name == "sentence":
        yield from _of_sentence(node)
        return
    keys, kind = tuple(filters_of(node)), _kind(node)
    measure = str(node["primary"])
    if name == "each":
        yield from _of_loop(node, keys, kind)
    elif name == "change":
        for word in _words_of_change(node):
            yield _address(measure_of_column(measure, word), keys, "year")
    elif name in ("top", "rank"):
        yield from _of_order(node, keys, kind)
    elif name in ("figure", "fact"):
        yield _address(measure, keys, kind)
        if name == "fact" and kind == "year" and not is_percent(measure):
            yield _address(measure_of_column(measure, "change"), keys, "year", False)
    elif name == "when":
        for part in split_words(measure):
            yield _address(part, keys, kind)


def _of_loop(node: Node, keys: tuple[str, ...], kind: Kind) -> Iterator[Address]:
    for levels in loop_keys(node):
        inner = [key for level in levels for key in level]
        for of in split_words(node["attributes"].get("of", "")):
            yield _address(of, (*keys, *inner), kind, "values" not in node)
            if inner[:1] == ["service"] and is_bare(node):
                yield _address(of, (*keys, *inner[1:]), kind, False)


def _of_order(node: Node, keys: tuple[str, ...], kind: Kind) -> Iterator[Address]:
    """Yield what `top` and `rank` compare, and the whole: it says how much is left for values that are not shown."""
    measure, by = (
        str(node["primary"]),
        [key for level in levels_of(node["attributes"].get("by", "")) for key in level],
    )
    yield _address(measure, (*keys, *by), kind)
    if node["attributes"].get("numbers") == "share":
        yield _address(measure_of_column(measure, "share"), (*keys, *by), kind)
    yield _address(measure, [key for key in keys if key not in by], kind, False)


def _words_of_change(node: Node) -> tuple[str, ...]:
    """Return the columns, by their words, that say how a number moved."""
    if node["attributes"].get("as") == "amount" or is_percent(node["primary"]):
        return "this_year", "change"
    if node["attributes"].get("as") == "per_cent":
        return "this_year", "change_pct"
    return "this_year", "change", "change_pct"


def loop_keys(loop: Node) -> list[Levels]:
    """Return the keys over which a loop runs; a loop over the council's groupings has one set of keys for each."""
    if "values" in loop:
        return [[(value,)] for value in loop["values"]]
    return [levels_of(loop["primary"])]


def levels_in(node: Node, attribute: str, above: tuple[Node, ...]) -> list[Levels]:
    """Return the keys that an attribute names, level by level; once for each grouping where a variable stands for them."""
    given = node["attributes"].get(attribute, "")
    if not isinstance(given, dict):
        return [levels_of(given)]
    loop = next((tag for tag in reversed(above) if "values" in tag), None)
    return loop_keys(loop) if loop else []


def is_bare(loop: Node) -> bool:
    """Return whether a loop over services is over the areas, and so runs once for all services where there are none."""
    return not {"level", "under"} & loop["attributes"].keys()


def _has_open_service(node: Node, above: tuple[Node, ...]) -> bool:
    """Return whether a tag is filtered by the service of a loop that may run without one."""
    loop = next(
        (tag for tag in reversed(above) if tag["name"] == "each" and "service" in str(tag["primary"])), None
    )
    parts = (node, *node["children"])
    is_filtered = any(_is_service(value) for part in parts for value in part.get("attributes", {}).values())
    return loop is not None and is_bare(loop) and is_filtered


def _is_service(value: Any) -> bool:
    return bool(value == {"variable": "service"})


def _without_service(node: Node) -> Node:
    attributes = {
        key: value
        for key, value in node["attributes"].items()
        if not (key == "service" and _is_service(value))
    }
    children = [_without_service(child) if child["type"] == "tag" else child for child in node["children"]]
    return {**node, "attributes": attributes, "children": children}


def _kind(*nodes: Node) -> Kind:
    """Return the kind of the period that the first of these tags that names one gives."""
    for node in nodes:
        if "period" in node["attributes"]:
            return period_kind(node["attributes"]["period"]) or "year"
    return "year"


def _address(measure: str, keys: Iterable[str], kind: Kind, is_needed: bool = True) -> Address:
    return Address(FigureSet(measure, tuple(sorted(set(keys))), kind), is_needed)


@dataclass(frozen=True)
class _Cells:
    """Cells of a table that have one measure and one kind of period: `keys` are those that rows and columns fix."""

    measure: str
    keys: tuple[str, ...]
    kind: Kind


def _of_table(node: Node, levels: Levels, across: list[str]) -> Iterator[Address]:
    """Yield what the cells of a table address, in its rows and across, and in those of the whole."""
    levels = [keys for keys in levels if keys != ("year",)]
    depths = [tuple(key for keys in levels[:depth] for key in keys) for depth in range(1, len(levels) + 1)]
    total = node["attributes"].get("total", "yes")
    filters = tuple(filters_of(node))
    cells = set(_cells(node))
    for cell in sorted(cells, key=lambda cell: (cell.measure, cell.keys, cell.kind)):
        keys = (*filters, *cell.keys)
        for depth in depths or [()]:
            yield _address(cell.measure, (*keys, *depth, *across), cell.kind)
            if across and total not in ("no", "rows"):
                yield _address(cell.measure, (*keys, *depth), cell.kind, False)
        if depths and total not in ("no", "columns"):
            yield _address(cell.measure, (*keys, *across), cell.kind, False)
            if across and total != "rows":
                yield _address(cell.measure, keys, cell.kind, False)
    if node["attributes"].get("overlap") == "yes":
        yield from _of_overlap(node, levels)


def _cells(node: Node) -> Iterator[_Cells]:
    """Yield the measures, keys and kinds of period of a table's cells, apart from the keys of `by` and `across`."""
    measures = split_words(node["primary"])
    rows = [child for child in node["children"] if child.get("name") == "row"]
    columns = [child for child in node["children"] if child.get("name") == "column"]
    no_row: Node = {"name": "row", "primary": "", "attributes": {}}
    for row in rows or [no_row]:
        keys = tuple(filters_of(row))
        of_row = split_words(row["primary"]) or measures
        for column in columns:
            of_column = split_words(column["primary"]) or of_row
            for measure in of_column:
                yield _Cells(measure, (*keys, *filters_of(column)), _kind(column, row, node))
        words = words_of(node, "columns")
        for measure in of_row if words or not columns else ():
            for shown, kind in _of_words(words or ["this_year"], measure, _kind(row, node)):
                yield _Cells(shown, keys, kind)
    if words_of(node, "by") == ["year"] or any(YEARS.fullmatch(word) for word in words_of(node, "columns")):
        # the years are those of the whole year's figures
        for measure in measures:
            yield _Cells(measure, (), "year")


def _of_words(words: list[str], measure: str, kind: Kind) -> Iterator[tuple[str, Kind]]:
    """Yield the measure and the kind of period of each column that is named by a word."""
    for word in words:
        if word in ("quarters", "last_quarters"):
            yield measure, "quarter"
        elif word == "months":
            yield measure, "month"
        elif word in ("this_year", "share"):
            yield measure_of_column(measure, word), kind
        else:
            yield measure_of_column(measure, word), "year"


def overlap_of(measure: str, levels: Levels) -> dict[str, str] | None:
    """Return the measures that say how much the rows of a table overlap; None where they are not computed."""
    of_measure: dict[str, dict[str, str]] = language()["overlaps"].get(measure, {})
    key = levels[0][0] if levels and levels[0] else ""
    return of_measure.get(key) or (of_measure.get("*") if key == "service" else None)


def overlapping(node: Node) -> list[tuple[str, tuple[str, ...]]]:
    """Return the measures of a table of which the overlap can be told, each with the keys that its column fixes."""
    columns = [child for child in node["children"] if child.get("name") == "column"]
    given = split_words(node["primary"])
    sources: list[tuple[str, tuple[str, ...]]] = [(measure, ()) for measure in given if not columns]
    sources += [
        (measure, tuple(filters_of(column)))
        for column in columns
        for measure in split_words(column["primary"]) or given
    ]
    return sources


def _of_overlap(node: Node, levels: Levels) -> Iterator[Address]:
    sources = overlapping(node)
    for measure, keys in sources:
        overlap = overlap_of(measure, levels) or {}
        fixed = [overlap["key"]] if "key" in overlap else []
        if "under" in node["attributes"]:
            fixed.append("service")
        for part in ("added_up", "counted_more_than_once"):
            if part in overlap:
                yield _address(
                    overlap[part], (*filters_of(node), *keys, *fixed), _kind(node), len(sources) == 1
                )


def _of_sentence(node: Node) -> Iterator[Address]:
    """Yield what a ready sentence needs: each measure by the keys that it names itself, and by those of the tag."""
    needs = [need.split() for need in language()["sentences"].get(node["primary"], {}).get("needs", [])]
    own = {key for _, *keys in needs for key in keys}
    given = [key for key in filters_of(node) if key not in own]
    for measure, *keys in needs:
        yield _address(measure, (*given, *keys), "year", is_needed=base_of(measure) == measure)
