"""What councils printed stands in their declared reports: every printed number that has a figure is asked for by a tag."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest

from redress.authority.folder import load_authorities
from redress.base.settings import ROOT, Settings
from redress.contract.breakdown import pairs_of
from redress.declared.language import (
    QUARTERS,
    filters_of,
    levels_of,
    measure_of_column,
    split_values,
    split_words,
    walk,
    words_of,
)
from redress.declared.load import load_reports
from redress.declared.model import DeclaredReport, Node

AUTHORITIES = ROOT / "seeds" / "authorities"
REPORTS = sorted(
    (path.parents[1].name, path.name) for path in AUTHORITIES.glob("*/report/20*") if path.is_dir()
)


@dataclass(frozen=True)
class Asked:
    """Figures that a tag asks for: of one measure, with values that are given and keys whose values are open."""

    measure: str
    given: dict[str, str]
    open_keys: frozenset[str]
    periods: frozenset[str]
    only: dict[str, list[str]] = field(default_factory=dict)

    def holds(self, measure: str, breakdown: dict[str, str], period: str) -> bool:
        return (
            measure == self.measure
            and breakdown.keys() == self.given.keys() | self.open_keys
            and all(breakdown[key] == value for key, value in self.given.items())
            and all(breakdown[key] in values for key, values in self.only.items() if key in self.open_keys)
            and any(re.fullmatch(asked, period) for asked in self.periods)
        )


def periods_of(word: Any, year: str) -> frozenset[str]:
    """Return patterns of the periods that a word for a period or for columns stands for."""
    last_year = f"{int(year[:4]) - 1}-{year[2:4]}"
    if word in ("last_year", "share_last_year"):
        return frozenset({last_year})
    if word == "years":
        return frozenset({r"\d{4}-\d{2}"})
    if word == "quarters":
        return frozenset({f"{year}-Q."})
    if word in QUARTERS:
        return frozenset({f"{year}-{word}"})
    return frozenset({str(word) if re.match(r"\d{4}", str(word)) else year})


def written(node: Node | None) -> dict[str, str]:
    return {key: str(value) for key, value in filters_of(node).items()} if node else {}


@cache
def services_of(authority: str, level: str | None, under: str | None) -> list[str]:
    """Return the services that rows may have: of the levels above the lowest unless a level or a service above is given."""
    with (AUTHORITIES / authority / "services.csv").open(encoding="utf-8", newline="") as file:
        services = {row["service"]: row for row in csv.DictReader(file)}
    levels = list(dict.fromkeys(row["level"] for row in services.values()))
    shown = split_words(level) if level else levels if under else levels[:-1] or levels

    def is_below(service: str) -> bool:
        above = services[service]["parent_service"]
        return above == under or (above in services and is_below(above))

    return [
        service
        for service, row in services.items()
        if row["level"] in shown and (under is None or is_below(service))
    ]


def asked_by(node: Node, authority: str, year: str) -> Iterator[Asked]:
    """Yield what a tag asks for; that of rows and columns is yielded of their table."""
    if node["name"] in ("figure", "fact"):
        at = node["attributes"].get("period", "this_year")
        yield Asked(node["primary"], written(node), frozenset(), periods_of(at, year))
    elif node["name"] == "change":
        for word in ("change", "change_pct", "change_points"):
            yield Asked(
                measure_of_column(node["primary"], word), written(node), frozenset(), frozenset({year})
            )
    elif node["name"] in ("table", "chart"):
        yield from asked_by_table(node, authority, year)


def asked_by_table(node: Node, authority: str, year: str) -> Iterator[Asked]:
    attributes = node["attributes"]
    is_by_year = attributes.get("by") == "year"
    levels = [] if is_by_year else levels_of(attributes.get("by", ""))
    across = levels_of(attributes.get("across", ""))
    columns_keys = frozenset(key for level in across for key in level)
    depths = [frozenset(key for level in levels[: n + 1] for key in level) for n in range(len(levels))]
    only = {levels[0][0]: split_values(attributes["only"])} if levels and "only" in attributes else {}
    if "only_across" in attributes:
        only[across[0][0]] = split_values(attributes["only_across"])
    whole = {"service": attributes["under"]} if "under" in attributes else {}
    if "only" not in attributes:
        only["service"] = services_of(authority, attributes.get("level"), attributes.get("under"))
    rows = [child for child in node["children"] if child.get("name") == "row"] or [None]
    columns = [child for child in node["children"] if child.get("name") == "column"]
    for row in rows:
        for cell in columns or words_of(node, "columns") or ["this_year"]:
            column = cell if isinstance(cell, dict) else None
            named = (column and column["primary"]) or (row and row["primary"]) or node["primary"]
            word = next(
                (
                    tag["attributes"]["period"]
                    for tag in (column, row, node)
                    if tag and "period" in tag["attributes"]
                ),
                "this_year",
            )
            periods = periods_of(
                "years" if is_by_year else word if column or cell == "this_year" else cell, year
            )
            given = {**written(node), **written(row), **written(column)}
            for measure in split_words(named):
                shown = measure if column else measure_of_column(measure, str(cell))
                for depth in depths or [frozenset()]:
                    yield Asked(shown, given, depth | columns_keys, periods, only)
                if levels and attributes.get("total") != "no":
                    yield Asked(shown, {**given, **whole}, columns_keys, periods, only)
                if attributes.get("overlap") == "yes":
                    yield Asked(f"{shown}_part_sum", {**given, **whole}, frozenset({"by"}), periods)


@cache
def declared_reports() -> dict[tuple[str, str], DeclaredReport]:
    return load_reports(load_authorities(Settings()), ROOT).reports


def printed_numbers(authority: str, year: str) -> list[dict[str, str]]:
    with (AUTHORITIES / authority / "published" / f"{year}.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["figure_measure"]]


@pytest.mark.parametrize(("authority", "year"), REPORTS)
def test_a_printed_number_that_has_a_figure_stands_on_a_page(authority, year):
    report = declared_reports()[authority, year]
    asked = [
        asked_for
        for page in report.pages
        for section in page.sections
        for node, _ in walk(section.nodes)
        if node["type"] == "tag"
        for asked_for in asked_by(node, authority, year)
    ]
    missing = [
        (row["locator"], row["figure_measure"], row["figure_breakdown"], row["figure_period"])
        for row in printed_numbers(authority, year)
        if not any(
            asked_for.holds(
                row["figure_measure"],
                dict(pairs_of(row["figure_breakdown"])),
                row["figure_period"],
            )
            for asked_for in asked
        )
    ]
    assert missing == []
