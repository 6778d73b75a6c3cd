"""Recipes: mappings of shapes that many councils have, to be copied, and begun from where a file has such a shape.

A draft makes most shapes of what it finds in a file. What the lines of a log make together cannot be found in its headings:
for these it begins from the recipe of which the file has the headings, or the events.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from redress.base.strict_yaml import read_yaml
from redress.draft.columns import Column
from redress.draft.headings import nearness, tokens
from redress.draft.opened import Opened
from redress.draft.words import share_likely

RECIPES = Path(__file__).with_name("recipes")
_NEAR = 0.85
_FEWEST_EVENTS = 3


@dataclass(frozen=True)
class Recipe:
    """A source of a recipe that a file fits, with the file's own headings in it.

    Attributes:
        name: of the recipe.
        source: the source, as YAML gives it.
        words: the recipe's lists of words.
        events: of a log, the column of events and the events that the recipe names.
        details: of a log, the column that says more of an event.
    """

    name: str
    source: dict[str, Any]
    words: dict[str, dict[str, str]]
    events: tuple[str, tuple[str, ...]]
    details: str = ""


def recipe_for(opened: Opened) -> Recipe | None:
    """Return the recipe whose headings a table has; None where there is none, or where no recipe is needed."""
    for path in sorted(RECIPES.glob("*.yml")):
        raw = read_yaml(path)
        for source in raw["sources"]:
            if "group" not in source:
                continue
            renamed = _renamed(
                _native(source), [column.heading for column in opened.columns if column.heading]
            )
            renamed = renamed or _renamed_log(source, opened.columns)
            if renamed is None:
                continue
            fitted = _with_headings(source, renamed)
            return Recipe(path.stem, fitted, raw.get("words", {}), _events(fitted), renamed.get("Detail", ""))
    return None


def _native(source: Mapping[str, Any]) -> list[str]:
    """Return the columns of the file that a source gathers its records from."""
    group = source.get("group", {})
    by = group.get("by", [])
    names = [by] if isinstance(by, str) else list(by)
    for part in group.get("columns", {}).values():
        names.append(part if isinstance(part, str) else part["from"])
        if isinstance(part, dict) and isinstance(part.get("where"), dict):
            names.append(part["where"]["column"])
    return list(dict.fromkeys(names))


def _renamed(wanted: list[str], headings: list[str]) -> dict[str, str] | None:
    """Return each wanted heading with the file's own that is nearest; None where one has none near."""
    renamed: dict[str, str] = {}
    for name in wanted:
        score, heading = max(
            ((nearness(tokens(other), tokens(name)), other) for other in headings), default=(0.0, "")
        )
        if score < _NEAR or heading in renamed.values():
            return None
        renamed[name] = heading
    return renamed or None


def _renamed_log(source: Mapping[str, Any], columns: list[Column]) -> dict[str, str] | None:
    """Return the columns of a log by what stands in them: references that repeat, events that are known, days."""
    event, names = _events(source)
    if not event or not isinstance(source["group"]["by"], str):
        return None
    known = [tokens(name) for name in names]
    events = [
        column
        for column in columns
        if column.is_vocabulary
        and sum(any(nearness(tokens(word), name) >= 0.8 for name in known) for word in column.values)
        >= _FEWEST_EVENTS
    ]
    days = [column for column in columns if column.share_days > 0.9]
    references = [
        column
        for column in columns
        if column.is_identifier and column.filled >= 2 * len(column.values) and column not in days
    ]
    if not events or not days or not references:
        return None
    found = {event: events[0], source["group"]["by"]: references[0]}
    rest = [
        column for column in columns if column not in (*events[:1], *references[:1], *days) and column.said
    ]
    for part in source["group"]["columns"].values():
        origin = part if isinstance(part, str) else part["from"]
        if origin in found:
            continue
        if "date" in tokens(origin):
            found[origin] = days[0]
        elif isinstance(part, str):
            teams = next((c for c in rest if (share_likely("service", c.values) or 0) > 0.6), None)
            if teams:
                found[origin] = teams
        else:
            others = [column for column in rest if column not in found.values()]
            found[origin] = max(others, key=lambda column: len(column.values), default=events[0])
    return {name: column.heading for name, column in found.items()}


def _with_headings(value: Any, renamed: Mapping[str, str]) -> Any:
    """Return a part of a source with the file's own headings in the place of the recipe's."""
    if isinstance(value, dict):
        return {key: _with_headings(part, renamed) for key, part in value.items()}
    if isinstance(value, list):
        return [_with_headings(part, renamed) for part in value]
    if isinstance(value, str):
        if value in renamed:
            return renamed[value]
        return re.sub(r"\{([^{}]+)\}", lambda match: "{" + renamed.get(match[1], match[1]) + "}", value)
    return value


def _events(source: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    column, names = "", []
    for part in source.get("group", {}).get("columns", {}).values():
        where = part.get("where") if isinstance(part, dict) else None
        if isinstance(where, dict) and "in" in where:
            column = where["column"]
            names += where["in"]
    return column, tuple(names)


def as_flow(value: Any) -> str:
    """Return a part of a recipe as YAML on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000, allow_unicode=True, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...").strip()
