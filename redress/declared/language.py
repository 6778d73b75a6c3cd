"""The language of sections as data, from `reports/declared/language.json`, which the parser and the pages read too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from redress.base.settings import ROOT
from redress.contract import figure_catalogue
from redress.declared.model import Kind, Node

FOLDER = ROOT / "reports" / "declared"
QUARTERS = ("Q1", "Q2", "Q3", "Q4")
YEARS = re.compile(r"years|last_[1-9][0-9]?_years")
_YEAR_OR_MONTH = re.compile(r"([0-9]{2})([0-9]{2})-([0-9]{2})")


@dataclass(frozen=True)
class Tag:
    """A tag of the language.

    Attributes:
        name: as it is written.
        attributes: its own attributes -> their `kind`, what they say, and the words of a choice.
        has_keys: whether keys of a breakdown may stand beside them.
        first: what the words behind its name are, such as a measure; blank where it has none.
    """

    name: str
    attributes: dict[str, dict[str, Any]]
    has_keys: bool
    first: str

    @property
    def has_measures(self) -> bool:
        """Whether the words behind its name are measures."""
        return self.first.startswith("measure")


@cache
def language() -> dict[str, Any]:
    """Return the whole file."""
    text = (FOLDER / "language.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def tags() -> dict[str, Tag]:
    """Return the tags by name."""
    written = language()["tags"]
    return {
        name: Tag(
            name=name,
            attributes={**written.get(tag.get("like"), {}).get("attributes", {}), **tag["attributes"]},
            has_keys=tag["keys"],
            first=tag.get("first", ""),
        )
        for name, tag in written.items()
    }


def filters_of(node: Node) -> dict[str, Any]:
    """Return the keys of a breakdown that a tag gives, each with its value; a value that is a variable is a dict.

    A key whose value is blank is no filter: it takes that of another variant away. Before a key that is named like an
    attribute of the tag stands `where_`.
    """
    own = tags()[node["name"]].attributes
    return {
        key.removeprefix("where_"): value
        for key, value in node["attributes"].items()
        if key not in own and value != ""
    }


def words_of(node: Node, attribute: str) -> list[str]:
    """Return the words of an attribute that are separated by commas; none where it is not given."""
    return split_words(node["attributes"].get(attribute, ""))


def is_columns_word(word: str) -> bool:
    """Return whether a word may stand in `columns`."""
    return word in language()["columns"] or bool(YEARS.fullmatch(word)) or period_kind(word) == "year"


def split_words(given: Any) -> list[str]:
    """Return words that are separated by commas."""
    return (
        [word.strip() for word in str(given).split(",") if word.strip()]
        if not isinstance(given, dict)
        else []
    )


def split_values(given: Any) -> list[str]:
    """Return the values of a list, or those that are separated by commas."""
    if isinstance(given, dict):
        return []
    if isinstance(given, list):
        return [str(value) for value in given]
    return split_words(given)


def levels_of(given: Any) -> list[tuple[str, ...]]:
    """Return the keys of rows level by level: `category, sub_category` has two levels, `procedure + stage` one of two keys."""
    return [tuple(key.strip() for key in level.split("+") if key.strip()) for level in split_words(given)]


def period_kind(period: Any) -> Kind | None:
    """Return the kind of a period as it is written; None for what is no period."""
    if period in ("this_year", "last_year"):
        return "year"
    if period in QUARTERS:
        return "quarter"
    match = _YEAR_OR_MONTH.fullmatch(str(period))
    if match is None:
        return None
    if (int(match[2]) + 1) % 100 == int(match[3]):
        return "year"
    return "month" if 1 <= int(match[3]) <= 12 else None


def is_day(text: str) -> bool:
    """Return whether a text is a day, such as 2023-06-12."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def measure_of_column(measure: str, word: str) -> str:
    """Return the measure whose figures a column shows: `share` of `new_complaints` is `new_complaints_share`."""
    share = measure if is_percent(measure) else f"{measure}_share"
    if word in ("share", "share_last_year"):
        return share
    if word == "change_points" or (word == "change" and is_percent(measure)):
        return f"{share}_change_points"
    return f"{measure}_{word}" if word in ("change", "change_pct") else measure


def is_percent(measure: str) -> bool:
    """Return whether a measure of the catalogue is a share."""
    return figure_catalogue.units().get(measure) == "percent"


def base_of(measure: str) -> str:
    """Return the measure of the catalogue whose change this is; itself where it is no change."""
    if measure in figure_catalogue.units():
        return measure
    for suffix in ("_change_pct", "_change_points", "_change"):
        if measure.endswith(suffix):
            return measure.removesuffix(suffix)
    return measure


def walk(nodes: list[Node], above: tuple[Node, ...] = ()) -> Iterator[tuple[Node, tuple[Node, ...]]]:
    """Yield every node with the tags around it, the outermost first."""
    for node in nodes:
        yield node, above
        inner = (*above, node) if node["type"] == "tag" else above
        yield from walk(node.get("children", []), inner)
