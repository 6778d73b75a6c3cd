"""Checks the names in a section: measures, keys, words, periods and columns, against the catalogue and the council's words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from redress.authority.model import Authority
from redress.contract import figure_catalogue
from redress.declared.asked import addresses, overlap_of, overlapping, variants
from redress.declared.faults import ReportFaults, nearest
from redress.declared.files import RESERVED
from redress.declared.language import (
    QUARTERS,
    base_of,
    filters_of,
    is_columns_word,
    is_percent,
    language,
    levels_of,
    period_kind,
    split_values,
    split_words,
    tags,
    walk,
    words_of,
)
from redress.declared.model import FigureSet, Node
from redress.declared.sets import GROUPING, computed_sets, is_computed, keys_of, kinds_of, standard_keys
from redress.declared.words import groupings, levels, services, words_for

MOST_COLUMNS = 14
"""The most columns of numbers that a page has room for."""
_TIMES = {"quarters": 4, "last_quarters": 4, "months": 12}
_VARIABLE = re.compile(r"\$([a-z_]+)")
_ADDRESS = re.compile(r"https?://|mailto:|#")
_MOST_SETS = 12


class SectionCheck:
    """Checks a section for one council.

    Args:
        authority: whose words it may use.
        pages: the words of the pages that links may lead to.
        file: of the section, or as messages name it.
        faults: where what is wrong is noted, with its line.
        held: the names in the council's `held.csv`.
        dates: the days of the report by name; one that the profile does not give is blank.
    """

    def __init__(
        self,
        authority: Authority,
        pages: Iterable[str],
        file: Path | str,
        faults: ReportFaults,
        held: Iterable[str] = (),
        dates: Mapping[str, str] | None = None,
    ) -> None:
        self._authority, self._file, self._faults = authority, file, faults
        self._pages = {*pages, *RESERVED}
        self._held, self._dates = set(held), dates or {}
        self._groupings = groupings(authority)

    def _note(self, line: int | None, problem: str) -> None:
        self._faults.note(self._file, problem, line)

    def check(self, nodes: list[Node]) -> None:
        """Check all nodes of a section."""
        line: int | None = None
        for node, above in walk(nodes):
            scope = _scope(above)
            line = node.get("line", line)
            if node["type"] == "variable":
                self._check_variable(node["name"], scope, line)
            elif node["type"] == "link":
                self._check_link(node["href"], line)
            elif node["type"] == "tag":
                self._check_tag(node, above, scope)

    def check_words(self, text: str, line: int | None, scope: Iterable[str] = ()) -> None:
        """Check the variables in words, such as `Complaints in $year`."""
        for name in _VARIABLE.findall(text):
            self._check_variable(name, scope, line)

    def _check_variable(self, name: str, scope: Iterable[str], line: int | None) -> None:
        known = {*language()["variables"], *scope}
        if name not in known:
            self._note(line, f"there is no variable `${name}` here{nearest(name, known)}")

    def _check_link(self, href: str, line: int | None) -> None:
        page = href.partition("#")[0].strip("./")
        if not _ADDRESS.match(href) and page and page.split("/")[0] not in self._pages:
            self._note(
                line,
                f"the link leads to `{page}`, which is no page of the report{nearest(page, self._pages)}",
            )

    def _check_tag(self, tag: Node, above: tuple[Node, ...], scope: set[str]) -> None:
        for node in variants(tag):
            self._check_variant(node, above, scope)

    def _check_variant(self, node: Node, above: tuple[Node, ...], scope: set[str]) -> None:
        line = node["line"]
        own = tags()[node["name"]].attributes
        measures = self._measures(node, above)
        for name, value in node["attributes"].items():
            if isinstance(value, dict):
                self._check_variable(value["variable"], scope, line)
            elif name in own:
                self._check_own(name, own[name]["kind"], value, node, scope, measures)
        if filters_of(node) and not tags()[node["name"]].has_keys:
            self._note(line, f"{{% {node['name']} %}} has no attribute `{next(iter(filters_of(node)))}`")
            return
        for key, value in filters_of(node).items():
            self._check_key(key, measures, node)
            if isinstance(value, list):
                self._note(line, f"`{key}` has one value; several are chosen by `only`")
            elif not isinstance(value, dict):
                self._check_value([key], str(value), measures, line)
        if node["name"] in ("table", "chart"):
            self._check_table(node, measures)
        elif node["name"] in ("top", "rank", "change"):
            self._check_words_of_figures(node, measures)
        elif not tags()[node["name"]].has_measures:
            self._check_first(node)
        for address in addresses(node, above):
            if address.is_needed:
                self._check_figures(address.figures, line)

    def _measures(self, node: Node, above: tuple[Node, ...]) -> list[str]:
        """Return the measures of the catalogue that a tag is about, after noting those that are none."""
        name, line = node["name"], node["line"]
        if name == "sentence":
            known = language()["sentences"]
            needs = known.get(node["primary"], {}).get("needs", ())
            return [base_of(need.split()[0]) for need in needs]
        if name == "each":
            given = split_words(node["attributes"].get("of", ""))
            if "values" not in node:
                for key in (key for level in levels_of(node["primary"]) for key in level):
                    self._check_key(key, [measure for measure in given if _is_known(measure)], node)
        elif name in ("table", "chart"):
            inner = [str(child["primary"]) for child in node["children"] if child.get("primary")]
            given = split_words(node["primary"])
            if not given and not inner:
                self._note(line, f"the {name} names no measure")
            return self._known(given, line) + [base_of(measure) for measure in inner if _is_known(measure)]
        elif name in ("row", "column"):
            own = self._known(split_words(node["primary"]), line)
            return own or [base_of(measure) for measure in _measures_around(above) if _is_known(measure)]
        elif not tags()[name].has_measures:
            return []
        else:
            given = split_words(node["primary"])
            if len(given) > 1 and name != "when":
                self._note(line, f"{{% {name} %}} shows one measure, not `{node['primary']}`")
        return self._known(given, line)

    def _known(self, given: list[str], line: int) -> list[str]:
        for measure in given:
            if not _is_known(measure):
                known = [name for name in figure_catalogue.units() if "*" not in name]
                self._note(line, f"there is no measure `{measure}`{nearest(measure, known)}")
        return [base_of(measure) for measure in given if _is_known(measure)]

    def _check_own(
        self, name: str, kind: str, value: Any, node: Node, scope: set[str], measures: list[str]
    ) -> None:
        line = node["line"]
        if kind == "period" and period_kind(value) is None and not (value == "*" and node["name"] == "when"):
            periods = ", ".join(("this_year", "last_year", *QUARTERS))
            self._note(
                line,
                f"`{value}` is no period; there are {periods}, a year such as 2021-22, a month such as 2023-04",
            )
        elif kind == "columns":
            for word in split_words(value):
                if not is_columns_word(word):
                    self._note(line, f"there are no columns `{word}`{nearest(word, language()['columns'])}")
        elif kind in ("by", "keys", "one key"):
            for key in (key for level in levels_of(value) for key in level):
                if key != "year" or kind != "by":
                    self._check_key(key, measures, node)
        elif kind == "values":
            self._check_choice(name, value, node, measures)
        elif kind == "whole number" and not re.fullmatch(r"[1-9][0-9]?", str(value)):
            self._note(line, f"`{name}` is `{value}`; it is a whole number from 1 to 99")
        elif kind in ("text", "levels", "service"):
            self._check_text(name, kind, str(value), line, scope)

    def _check_choice(self, name: str, value: Any, node: Node, measures: list[str]) -> None:
        """Check `only` and `without`: words of some key of the rows or columns."""
        given = node["attributes"].get("across" if name.endswith("_across") else "by", "")
        keys = [key for level in levels_of(given) for key in level]
        if not keys and not isinstance(given, dict):
            self._note(node["line"], f"`{name}` chooses among the values of a key, and the tag names none")
        for word in split_values(value):
            if keys == ["year"] and period_kind(word) != "year":
                self._note(node["line"], f"`{name}`: `{word}` is no year such as 2021-22")
            elif keys and keys != ["year"]:
                self._check_value(keys, word, measures, node["line"])

    def _check_text(self, name: str, kind: str, value: str, line: int, scope: set[str]) -> None:
        if "$" in value or kind == "text":
            self.check_words(value, line, scope)
            return
        known = levels(self._authority) | {"all", "team"} if kind == "levels" else services(self._authority)
        for word in split_words(value) if kind == "levels" else [value]:
            if known and word not in known:
                self._note(line, f"{name} is never `{word}`{nearest(word, known)}")

    def _check_key(self, key: str, measures: list[str], node: Node) -> None:
        own = tags()[node["name"]].attributes
        if key not in standard_keys() and key not in self._groupings:
            known = {*standard_keys(), *self._groupings, *own}
            self._note(node["line"], f"there is no key or attribute `{key}`{nearest(key, known)}")
            return
        general = key if key in standard_keys() else GROUPING
        if measures and not any(general in keys_of(measure) for measure in measures):
            of_measures = {name for measure in measures for name in keys_of(measure) if name != GROUPING}
            self._note(
                node["line"],
                f"`{', '.join(dict.fromkeys(measures))}` is never counted by `{key}`{nearest(key, of_measures)}",
            )

    def _check_value(self, keys: list[str], value: str, measures: list[str], line: int) -> None:
        """Check a word that is to be a value of one of the keys."""
        if value == "*":
            return
        sets = [words_for(key, measure, self._authority) for key in keys for measure in measures or ("",)]
        if any(words is None or value in words for words in sets):
            return
        known = {word for words in sets for word in words or ()}
        key = " or ".join(keys)
        vocabulary = self._authority.vocabularies.get(key)
        meant = vocabulary.words.get(value.casefold()) if vocabulary else None
        said = f"; write `{meant}`" if meant else nearest(value, known)
        self._note(line, f"{key} is never `{value}`{said}")

    def _check_table(self, node: Node, measures: list[str]) -> None:
        line, attributes = node["line"], node["attributes"]
        rows = [child for child in node["children"] if child.get("name") == "row"]
        columns = [child for child in node["children"] if child.get("name") == "column"]
        if rows and "by" in attributes:
            self._note(line, "the rows are given by `by` and by {% row %}: one of them is too many")
        if attributes.get("overlap") == "yes":
            by = levels_of(attributes.get("by", ""))
            if all(overlap_of(measure, by) is None for measure, _ in overlapping(node)):
                said = f"`{', '.join(dict.fromkeys(measures))}` by `{attributes.get('by', '')}`"
                self._note(line, f"how much the rows overlap is not counted for {said}")
        for word in words_of(node, "columns"):
            if word.startswith("share") and not any(_has_share(measure) for measure in measures):
                self._note(line, f"there are no shares of `{node['primary']}`")
        width = _width(node, columns)
        if width > MOST_COLUMNS:
            self._note(line, f"the table has {width} columns of numbers; a page has room for {MOST_COLUMNS}")

    def _check_words_of_figures(self, node: Node, measures: list[str]) -> None:
        """Check what only the tags of a place in an order have, and those of a change."""
        name, attributes = node["name"], node["attributes"]
        if name == "change":
            if attributes.get("as") == "per_cent" and any(is_percent(measure) for measure in measures):
                said = 'a share changes by percentage points: write as="amount"'
                self._note(node["line"], f"`{node['primary']}` is a share; {said}")
            return
        by = levels_of(attributes.get("by", ""))
        if len(by) != 1:
            self._note(node["line"], f"{{% {name} %}} puts the values of one key in order")
        if "," in str(attributes.get("level", "")) or attributes.get("level") == "all":
            self._note(node["line"], f"{{% {name} %}} compares services of one level")
        for key in by[0] if name == "rank" and by else ():
            if filters_of(node).get(key) in (None, "*"):
                self._note(
                    node["line"],
                    f'{{% rank %}} needs the value whose place it tells: {key}="..."',
                )
        if attributes.get("numbers") == "share" and not any(_has_share(measure) for measure in measures):
            self._note(node["line"], f"there are no shares of `{node['primary']}`")

    def _check_first(self, node: Node) -> None:
        """Check the words behind a tag that is about no measure."""
        name, first, line = node["name"], str(node["primary"]), node["line"]
        if name == "sentence" and first not in (known := language()["sentences"]):
            self._note(line, f"there is no sentence `{first}`{nearest(first, known)}")
        elif name == "date" and first not in (known := language()["dates"]):
            self._note(line, f"there is no date `{first}`{nearest(first, known)}")
        elif name == "date" and self._dates.get(first) == "":
            self._note(line, f"the profile gives no {first} for this report")
        elif name == "held" and first not in self._held:
            self._note(line, f"held.csv holds no `{first}`{nearest(first, self._held)}")
        elif name == "literal":
            if not first.strip():
                self._note(line, "{% literal %} holds no words")
            if not str(node["attributes"].get("reason", "")).strip():
                self._note(line, "`reason` is blank: it says where the number comes from")

    def _check_figures(self, figures: FigureSet, line: int) -> None:
        """Note figures that the warehouse computes for nobody; what is wrong with a name was noted before."""
        known = standard_keys() | self._groupings
        is_named = _is_known(figures.measure) and all(key in known for key in figures.keys)
        if not is_named or is_computed(figures):
            return
        base = base_of(figures.measure)
        general = [key if key in standard_keys() else GROUPING for key in figures.keys]
        if any(key not in keys_of(base) for key in general):
            return  # said of the key
        by = " and ".join(figures.keys) or "no key"
        if kinds := kinds_of(figures.measure, figures.keys):
            self._note(
                line, f"`{figures.measure}` by {by} is counted by {', '.join(kinds)}, not by {figures.kind}"
            )
            return
        sets = [keys for keys in computed_sets()[base] if set(general) & set(keys) or not general]
        sets.sort(key=lambda keys: (len(set(keys) ^ set(general)), keys))
        told = "; ".join(" + ".join(keys) or "no key" for keys in sets[:_MOST_SETS])
        self._note(line, f"`{figures.measure}` is not counted by {by}; it is counted by: {told or 'no key'}")


def _is_known(measure: str) -> bool:
    """Return whether it is a measure of the catalogue, or the change of one."""
    units = figure_catalogue.units()
    base = base_of(measure)
    if base not in units or "*" in base:
        return False
    return base == measure or measure.endswith("_change_points") == is_percent(base)


def _has_share(measure: str) -> bool:
    return is_percent(measure) or f"{measure}_share" in figure_catalogue.units()


def _measures_around(above: tuple[Node, ...]) -> list[str]:
    """Return the measures of the table around a row or column, and of the rows and columns in it."""
    table = next((node for node in reversed(above) if node["name"] in ("table", "chart")), None)
    if table is None:
        return []
    inner = [str(child["primary"]) for child in table["children"] if child.get("primary")]
    return [*split_words(table["primary"]), *inner]


def _scope(above: tuple[Node, ...]) -> set[str]:
    """Return the variables that the tags around a place make."""
    keys = {
        key
        for node in above
        if node["name"] == "each"
        for level in levels_of(node["primary"])
        for key in level
    }  # `grouping` among them, whose value is itself a key
    return keys | {f"{key}_label" for key in keys}


def _width(node: Node, columns: list[Node]) -> int:
    """Return how many columns of numbers a table has at least."""
    measures = max(1, len(split_words(node["primary"])))
    words = words_of(node, "columns") or ([] if columns else ["this_year"])
    across = max(1, len(split_values(node["attributes"].get("only_across", ""))))
    return len(columns) + measures * across * sum(_TIMES.get(word, 1) for word in words)
