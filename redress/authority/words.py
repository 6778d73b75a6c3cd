"""The words of a council: vocabularies of its profile, its services and its categories, with their aliases."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from redress.authority.cells import Cells, Row, day_in_words
from redress.authority.faults import Faults
from redress.authority.model import Meaning, Vocabulary, in_force
from redress.authority.profile import (
    FILE,
    OPEN,
    Profile,
    closed_vocabularies,
    line_of,
    vocabulary_entries,
)
from redress.base.strict_yaml import Lines
from redress.contract.contract import Contract
from redress.contract.mapping import as_word
from redress.contract.values import fold, trim

Meanings = dict[str, list[tuple[str, Meaning]]]
"""Folded word or alias -> as it is written, and what it means when."""


@dataclass
class Words:
    """All vocabularies of a council; the attributes are those of `Authority`."""

    vocabularies: dict[str, Vocabulary] = field(default_factory=dict)
    category_pairs: dict[tuple[str, str], str] = field(default_factory=dict)
    dated_pairs: dict[tuple[str, str], tuple[Meaning, ...]] = field(default_factory=dict)


def read_words(
    profile: Profile,
    lines: Lines,
    services: list[Row],
    categories: list[Row],
    contract: Contract,
    cells: Cells,
) -> Words:
    """Return the words of a council.

    Args:
        profile, lines: as `read_profile` returns them.
        services, categories: rows of the tables of these names.
        contract: says which vocabularies there are.
        cells: reads the rows, and notes faults.
    """
    words = Words(_of_profile(profile, lines, contract, cells.faults))
    if services:
        declared = _services(services, cells)
        is_open = profile.vocabularies.get("service") == OPEN
        words.vocabularies["service"] = Vocabulary() if is_open else declared
    if categories:
        _add_categories(words, categories, cells)
    return words


def _of_profile(profile: Profile, lines: Lines, contract: Contract, faults: Faults) -> dict[str, Vocabulary]:
    vocabularies: dict[str, Vocabulary] = {}
    closed = closed_vocabularies(contract)
    for name, given in profile.vocabularies.items():
        line = line_of(lines, ("vocabularies", name))
        if name in closed:
            for word in given if isinstance(given, list) else ():
                if as_word(word) not in closed[name]:
                    faults.note(FILE, f"vocabulary {name}: `{word}` is not one of the contract's words", line)
        elif given is None or given == OPEN:
            vocabularies[name] = Vocabulary()
        else:
            vocabularies[name] = _vocabulary(name, given, line, faults)
    return vocabularies


def _vocabulary(name: str, given: Any, line: int | None, faults: Faults) -> Vocabulary:
    """Return the vocabulary of a list of words, or of words with their aliases."""
    words: dict[str, str] = {}
    entries = [
        (as_word(word), [as_word(alias) for alias in aliases]) for word, aliases in vocabulary_entries(given)
    ]
    for word, aliases in entries:
        for alias in (word, *aliases):
            key = fold(alias)
            if key and words.setdefault(key, word) != word and alias != word:
                faults.note(FILE, f"{name}: `{alias}` stands for both `{words[key]}` and `{word}`", line)
    return _closed([word for word, _ in entries], words)


def _closed(
    declared: Iterable[str], words: dict[str, str], dated: dict[str, tuple[Meaning, ...]] | None = None
) -> Vocabulary:
    """Return the vocabulary of the declared words and their aliases."""
    unique = tuple(dict.fromkeys(declared))
    folded = Counter(fold(word) for word in unique)
    met = {key: word for key, word in words.items() if folded[key] < 2}
    return Vocabulary(unique, met, False, dated or {})


def _services(rows: list[Row], cells: Cells) -> Vocabulary:
    file = "services.csv"
    by_name: dict[str, list[Row]] = {}
    meanings: Meanings = {}
    for row in rows:
        by_name.setdefault(row["service"], []).append(row)
    for row in rows:
        if not row["service"]:
            cells.note(file, row, "service is blank")
        for column in ("parent_service", "successor_service"):
            if row[column] and row[column] not in by_name:
                cells.note(file, row, f"{column} `{row[column]}` is no service of this file")
        span = cells.span(file, row)
        for alias in (row["service"], *row["aliases"].split("|")):
            if fold(alias):
                meanings.setdefault(fold(alias), []).append((trim(alias), Meaning(row["service"], *span)))
    for of_service in by_name.values():
        _check_periods(file, of_service, cells)
        last = of_service[-1]
        _check_succession(file, last, by_name.get(last["successor_service"], [None])[0], cells)
    _check_tree(file, rows, cells)
    words, dated = _split_dated(file, "aliases", meanings, cells.faults)
    for row in rows:
        if row["label"] and fold(row["label"]) not in dated:
            words.setdefault(fold(row["label"]), row["service"])
    return _closed(by_name, words, dated)


def _check_periods(file: str, rows: list[Row], cells: Cells) -> None:
    """Note what is wrong with the rows of one service: one for each time in which it has another name or another place."""
    first, *later = rows
    name = first["service"]
    for row in later:
        if not any(row[column] or first[column] for column in ("valid_from", "valid_to")):
            cells.note(
                file,
                row,
                f"`{name}` stands more than once. A service that gets another name or another place on a day has a row "
                "for each, the earlier with valid_to, the later with valid_from",
            )
            return
        if row["level"] != first["level"]:
            cells.note(
                file,
                row,
                f"`{name}` is `{row['level']}` here and `{first['level']}` in line {first['_line']}. What becomes "
                "another kind of service is another service, and the successor of the first",
            )
    for row in rows[:-1]:
        if row["successor_service"]:
            cells.note(file, row, f"`{name}` goes on in a later row, so it has no successor here")
    if later:
        if rows != sorted(rows, key=lambda row: row["valid_from"]):
            cells.note(file, later[0], f"the rows of `{name}` do not stand in the order of their days")
        cells.check_sequence(file, rows, ("service",))


def _check_succession(file: str, row: Row, successor: Row | None, cells: Cells) -> None:
    """Note a service that went into another which is not there on the day after."""
    if successor is None or not row["valid_to"] or not successor["valid_from"]:
        return
    end, start = cells.day(file, row, "valid_to"), cells.day(file, successor, "valid_from")
    if end and start and (start - end).days > 1:
        cells.note(
            file,
            row,
            f"`{row['service']}` ends on {end} and its successor `{successor['service']}` (line {successor['_line']}) "
            f"begins on {start}: on the days between neither is there",
        )


def _check_tree(file: str, rows: list[Row], cells: Cells) -> None:
    """Note services that lie below themselves, and those left below one that has become another."""
    last = {row["service"]: row for row in rows}
    _check_no_circle(file, last, "successor_service", cells.faults)
    for day in sorted({row["valid_from"] for row in rows}):
        if _check_no_circle(file, in_force(rows, day), "parent_service", cells.faults):
            break
    for row in rows:
        above = last.get(row["parent_service"])
        if above is None or not above["valid_to"] or not above["successor_service"]:
            continue
        if not row["valid_to"] or row["valid_to"] > above["valid_to"]:
            cells.note(
                file,
                row,
                f"`{row['service']}` lies below `{above['service']}`, which ends on {above['valid_to']} and becomes "
                f"`{above['successor_service']}`. End this row on that day too, and add one from the day after with "
                f"parent_service `{above['successor_service']}`",
            )


def _check_no_circle(file: str, rows: dict[str, Row], column: str, faults: Faults) -> bool:
    """Note services that lead back to themselves by a column; return whether there are any."""
    upward = {service: row[column] for service, row in rows.items() if row[column]}
    circles = []
    for name in upward:
        passed, service = set(), name
        while service in upward and service not in passed:
            passed.add(service)
            service = upward[service]
        if service in passed:
            circles.append(name)
            faults.note(file, f"{column}: `{name}` leads back to itself")
    return bool(circles)


def _add_categories(words: Words, rows: list[Row], cells: Cells) -> None:
    file = "categories.csv"
    services = words.vocabularies.get("service", Vocabulary())
    of_categories: Meanings = {}
    of_subs: dict[str, Meanings] = {}
    subs: dict[str, str] = {}
    for row in rows:
        category, sub = row["category"], row["sub_category"]
        if not category:
            cells.note(file, row, "category is blank")
            continue
        if row["service"] and not services.is_open and row["service"] not in services.declared:
            cells.note(file, row, f"`{row['service']}` is no service of services.csv")
        span = cells.span(file, row)
        aliases = [alias for alias in row["aliases"].split("|") if alias.strip()]
        of_categories.setdefault(fold(category), []).append((category, Meaning(category, *span)))
        if sub:
            for alias in (sub, *aliases):
                meanings = of_subs.setdefault(category, {}).setdefault(fold(alias), [])
                meanings.append((trim(alias), Meaning(sub, *span)))
                subs.setdefault(fold(alias), sub)
        else:
            for alias in aliases:
                of_categories.setdefault(fold(alias), []).append((trim(alias), Meaning(category, *span)))
    plain, dated = _split_dated(file, "categories", of_categories, cells.faults)
    for category, of_category in of_subs.items():
        always, by_day = _split_dated(file, f"sub-categories of {category}", of_category, cells.faults)
        words.category_pairs |= {(category, alias): word for alias, word in always.items()}
        words.dated_pairs |= {(category, alias): meant for alias, meant in by_day.items()}
    words.vocabularies["category"] = _closed(
        [row["category"] for row in rows if row["category"]], plain, dated
    )
    words.vocabularies["sub_category"] = Vocabulary(tuple(dict.fromkeys(subs.values())), subs, is_open=False)


def _split_dated(
    file: str, what: str, meanings: Meanings, faults: Faults
) -> tuple[dict[str, str], dict[str, tuple[Meaning, ...]]]:
    """Return words that always mean the same, and those whose meaning depends on the day.

    A word with two meanings on one day is noted, unless both are words that differ only in capitals.

    Args:
        file, what: for the messages.
        meanings: what each word and alias means.
        faults: where faults are noted.
    """
    words: dict[str, str] = {}
    dated: dict[str, tuple[Meaning, ...]] = {}
    for alias, written in meanings.items():
        meant = [meaning for _, meaning in written]
        clash = next(
            (
                (first, second)
                for first, second in itertools.combinations(meant, 2)
                if first.word != second.word and first.overlaps(second)
            ),
            None,
        )
        if clash is None and len({meaning.word for meaning in meant}) > 1:
            dated[alias] = tuple(meant)
            continue
        words[alias] = meant[0].word
        if clash and any(fold(meaning.word) != alias for meaning in clash):
            faults.note(file, f"{what}: `{written[-1][0]}` stands for both {_both(*clash)}")
    return words, dated


def _both(first: Meaning, second: Meaning) -> str:
    """Return two meanings of a word in words, with the day on which it has both where their rows are dated."""
    both = f"`{first.word}` and `{second.word}`"
    always = (date.min, date.max)
    if (first.first_day, first.last_day) == always == (second.first_day, second.last_day):
        return both
    return (
        f"{both} on {day_in_words(max(first.first_day, second.first_day))}. A word may change its meaning "
        "where the valid_from and valid_to of its rows do not overlap"
    )
