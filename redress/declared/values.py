"""What the council's files say of the tags of a section, put into its nodes: so a report that is signed keeps it."""

from __future__ import annotations

from collections.abc import Mapping

from redress.authority.model import Authority
from redress.contract import figure_catalogue
from redress.declared.held import Held
from redress.declared.language import base_of, levels_of, split_words
from redress.declared.model import Node
from redress.declared.sets import GROUPING
from redress.declared.words import groupings, order_of


def with_values(
    nodes: list[Node], authority: Authority, dates: Mapping[str, str], held: Mapping[str, Held]
) -> list[Node]:
    """Return the nodes of a section with what the council's files say of its tags.

    - A date gets its `day`, a value from outside its `held`.
    - A table, a chart and a loop get the `order` of the values of their keys, as the council declares it.
    - A loop over the council's groupings gets them as its `values`.
    - A tag that puts values in order gets whether they add up to their whole: `adds_up`.

    Args:
        nodes: as `parse.js` makes them.
        authority: whose report it is.
        dates: the days of the report by name; blank for one that is not given.
        held: what `held.csv` gives for the year, by name.
    """
    changed = []
    for node in nodes:
        if "children" in node:
            node = {**node, "children": with_values(node["children"], authority, dates, held)}
        if node["type"] == "tag":
            node = {**node, **_of_tag(node, authority, dates, held)}
        changed.append(node)
    return changed


def _of_tag(node: Node, authority: Authority, dates: Mapping[str, str], held: Mapping[str, Held]) -> Node:
    name, first = node["name"], node["primary"]
    if name == "date":
        return {"day": dates.get(first, "")}
    if name == "held" and first in held:
        return {"held": held[first].printed()}
    if name in ("top", "rank"):
        keys = [key for level in levels_of(node["attributes"].get("by", "")) for key in level]
        return {"adds_up": all((first, key) in figure_catalogue.partitions() for key in keys)}
    if name == "each" and first == GROUPING:
        return {"values": sorted(groupings(authority))}
    if name in ("table", "chart", "each") and (order := _order(node, authority)):
        return {"order": order}
    return {}


def _order(node: Node, authority: Authority) -> dict[str, list[str]]:
    """Return the values of a tag's keys in the order in which the council declares them, by key."""
    parts = [node, *(child for child in node["children"] if child["type"] == "tag")]
    if node["name"] == "each":
        given, about = [node["primary"]], [node["attributes"].get("of", "")]
    else:
        given = [part["attributes"].get(name, "") for part in parts for name in ("by", "across")]
        about = [part["primary"] for part in parts]
    keys = {key for text in given for level in levels_of(text) for key in level}
    if any(isinstance(text, dict) for text in given):  # a variable, which stands for any of the groupings
        keys |= groupings(authority)
    measures = [measure for text in about for measure in split_words(text)][:1]
    orders = {key: order_of(key, base_of(measure), authority) for key in sorted(keys) for measure in measures}
    return {key: order for key, order in orders.items() if order}
