"""Rows too small to be shown are added up into one named remainder: "6 other teams".

A *family* is what stands in one table of a report, whatever it measures: the same keys, one of which lists the rows. In a family
the same rows are merged in every measure and every period, so that no two of its numbers differ by a row. Its *remainder* is a
figure of its own for each measure and period, the sum of what was merged. Services are merged with others below the same one.

Only rows that add up are merged: in the main measure of the family they must make the whole above them wherever it is stated,
and a measure of which they do not is left as it is. The smallest rows are merged, as many as leave the most numbers to be read.
Rows of which the council printed a number are not merged, nor is "not known".

Merging hides nothing by itself that `decide` could not see: what was merged stays in its system as numbers that nobody may place.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from redress.authority.model import NOT_KNOWN
from redress.authority.protection import PROCESS_KEYS, Protection
from redress.contract import figure_catalogue as catalogue
from redress.contract.breakdown import list_of, listed_keys, pairs_of, written
from redress.declared.closure import kind_of
from redress.declared.language import base_of
from redress.protect.relations import Tree, is_count, year_before

NOUNS = {
    "sub_category": "sub-categories",
    "category": "categories",
    "theme": "themes",
    "channel": "channels",
    "complainant_role": "kinds of complainant",
    "ethnicity": "ethnic groups",
    "age_band": "age bands",
    "advocate_kind": "kinds of help",
    "source": "senders",
    "kind": "kinds",
    "service": "services",
}
"""Keys whose rows may be merged, and what their rows are called. Where a table has two of them, the one that gives more. It may
have one further key, whatever it is."""

_WITHIN = {"sub_category": "category"}
"""Key -> the key that its rows belong to: only rows of one value of it are merged."""

_TOGETHER = {"issue": "complaint", "stage": "complaint"}
"""Subjects of measures that stand in one table."""

_APART = ("activity", "")
"""Subjects that count no cases."""

SLICES = ("stage", "from_stage", "procedure", "any_procedure")
"""Keys whose values are tables of their own: teams at stage 3 are one table, teams at stage 1 another."""

Place = tuple[str, tuple[tuple[str, str], ...], str]
"""A measure, a breakdown without the key that is merged, and a period."""


class Service(NamedTuple):
    """A service: the one above it, what a service of its level is called, and its own name.

    `earlier` holds the last day, the service above and the name of each time before in which one of them was another.
    """

    above: str | None
    level: str = ""
    label: str = ""
    earlier: Sequence[tuple[str, str | None, str]] = ()

    def on(self, day: str) -> Service:
        """Return it as it was on a day."""
        for last_day, above, label in self.earlier:
            if day <= last_day:
                return Service(above, self.level, label)
        return Service(self.above, self.level, self.label)

    def at_end_of(self, year: str) -> Service:
        """Return it as it was on the last day of a reporting year, `2023-24`."""
        return self.on(f"{int(year[:4]) + 1}-03-31")


def tree_of(services: Mapping[str, Service]) -> Tree:
    """Return which service lies below which, with the trees of before where services have moved."""
    last_days = sorted({last_day for service in services.values() for last_day, _, _ in service.earlier})
    return Tree(
        {name: service.above for name, service in services.items()},
        [{name: service.on(day).above for name, service in services.items()} for day in last_days],
    )


@dataclass(frozen=True)
class Merged:
    """Rows of one measure that are shown as one.

    Attributes:
        reporting_year: of the report.
        measure, keys: the table.
        key: whose values are merged.
        word: the value that stands for them.
        members: the values that are merged, by name.
    """

    reporting_year: str
    measure: str
    keys: tuple[str, ...]
    key: str
    word: str
    members: tuple[str, ...]

    @property
    def table(self) -> Table:
        """The table that the rows stand in."""
        return self.reporting_year, _subject(self.measure), self.keys

    def line(self) -> str:
        """Return it as a line of the column `merged` of the export's reports."""
        return "|".join((self.measure, list_of(self.keys), self.key, self.word, ";".join(self.members)))

    @classmethod
    def from_line(cls, reporting_year: str, line: str) -> Merged:
        """Return what a line says."""
        measure, keys, key, word, members = line.split("|")
        return cls(reporting_year, measure, listed_keys(keys), key, word, tuple(members.split(";")))


@dataclass
class Remainders:
    """The figures of merged rows.

    Attributes:
        merged: what was merged.
        rows: the figures, with the columns of `figures.figures`.
        members: figure id of a remainder -> figure ids of what it adds up.
        services: the remainders that stand for services.
    """

    merged: list[Merged] = field(default_factory=list)
    rows: list[dict] = field(default_factory=list)
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)


@dataclass
class _Family:
    """The figures that the rows of one table have, by place and row.

    Attributes:
        key: that lists the rows.
        above: the value that all rows belong to, if any.
        wholes: services that others lie below.
        numbers: place -> row -> figure.
    """

    key: str
    above: str | None
    wholes: Collection[str]
    numbers: dict[Place, dict[str, dict]] = field(default_factory=lambda: defaultdict(dict))


def choose(
    figures: Sequence[dict],
    services: Mapping[str, Service],
    settings: Protection,
    printed: Collection[str],
    settled: Collection[str] = (),
    groupings: Iterable[Mapping[str, str]] = (),
) -> list[Merged]:
    """Return the rows that are merged in the reports of one council: along a grouping of its own, else the smallest.

    Args:
        figures: rows of `figures.figures`.
        services: by name, with a comma for a semicolon as in breakdowns.
        settings: the threshold, and what is open.
        printed: figure ids of numbers that the council has printed.
        settled: figure ids of signed-off reports, which stay as they are.
        groupings: the council's own: attribute, value, grouping, group_value.
    """
    if not settings.threshold:
        return []
    by_place = {
        (row["reporting_year"], row["measure"], pairs_of(row["breakdown"]), row["period"]): row
        for row in figures
    }
    groups_of = _groups(groupings)
    # of the keys of a table the one that lets more be read
    best: dict[tuple, dict[str, list[tuple[int, _Family, _Groups]]]] = defaultdict(lambda: defaultdict(list))
    for (year, subject, keys, key, _), family in _families(figures, services, settings, settled).items():
        gain, groups = _most_read(family, year, by_place, settings, printed, groups_of.get(key, ()))
        if groups:
            best[year, subject, keys][key].append((gain, family, groups))
    merged = []
    for (year, _, keys), choices in best.items():
        key = max(choices, key=lambda name: sum(gain for gain, _, _ in choices[name]))
        taken = {value for _, family, _ in choices[key] for rows in family.numbers.values() for value in rows}
        for _, family, groups in choices[key]:
            for group, members in groups.items():
                word = _word(family, members, services, group, year)
                if word in taken:  # a row of the council's own, or services below another of the same name
                    continue
                taken.add(word)
                merged += [
                    Merged(year, measure, keys, key, word, members)
                    for measure in dict.fromkeys(place[0] for place in family.numbers)
                    if _adds_up(family, measure, year, by_place)
                    and _is_some_table_kept(family, measure, [*groups.values()], settings)
                ]
    return sorted(merged, key=lambda one: (one.reporting_year, one.line()))


def _families(
    figures: Sequence[dict],
    services: Mapping[str, Service],
    settings: Protection,
    settled: Collection[str],
) -> dict[tuple, _Family]:
    """Return the families of which rows may be merged, by year, subject, keys, the key of the rows and what is above them."""
    wholes = {
        above
        for service in services.values()
        for above in (service.above, *(before for _, before, _ in service.earlier))
        if above
    }
    families: dict[tuple, _Family] = {}
    for row in figures:
        subject = _subject(row["measure"])
        if row["figure_id"] in settled or subject in _APART or not is_count(row["measure"], row["unit"]):
            continue
        pairs = dict(pairs_of(row["breakdown"]))
        for key in NOUNS:
            if key not in pairs or key in settings.open_keys or len(_beside(key, pairs)) > 1:
                continue
            above = (
                _above(pairs["service"], services, row["reporting_year"])
                if key == "service"
                else pairs.get(_WITHIN.get(key, ""))
            )
            table = row["reporting_year"], subject, tuple(sorted(pairs)), key
            family = families.setdefault((*table, above or ""), _Family(key, above, wholes))
            rest = tuple(pair for pair in pairs_of(row["breakdown"]) if pair[0] != key)
            family.numbers[row["measure"], rest, row["period"]][pairs[key]] = row
    return families


def add_up(
    figures: Iterable[dict],
    merged: Iterable[Merged],
    services: Mapping[str, Service] | None = None,
) -> Remainders:
    """Return the figures of merged rows: counts, and what is worked out from counts.

    Args:
        figures: rows of `figures.figures` of the reports.
        merged: what is merged in them.
        services: as for `choose`.
    """
    result = Remainders(merged=list(merged))
    services = services or {}
    for one in result.merged:
        if one.key == "service" and one.members[0] in services:
            result.services[one.word] = (
                services[one.members[0]].at_end_of(one.reporting_year)._replace(label=one.word)
            )
    by_table: dict[tuple, list[dict]] = defaultdict(list)
    by_place: dict[tuple, dict] = {}
    for row in figures:
        pairs = pairs_of(row["breakdown"])
        by_table[row["reporting_year"], row["measure"], tuple(key for key, _ in pairs)].append(row)
        by_place[row["reporting_year"], row["measure"], pairs, row["period"]] = row
    for one in result.merged:
        for measure in (one.measure, *_worked_out(one.measure)):
            groups: dict[tuple, list[dict]] = defaultdict(list)
            for row in by_table[one.reporting_year, measure, one.keys]:
                pairs = dict(pairs_of(row["breakdown"]))
                if pairs[one.key] in one.members and row["value"] is not None:
                    groups[
                        tuple((pairs | {one.key: one.word}).items()), row["period"], row.get("record", "")
                    ].append(row)
            for (pairs, period, _), rows in groups.items():
                pairs = tuple(sorted(pairs))
                numbers = _numbers(measure, pairs, period, rows, one, by_place)
                if numbers is not None:
                    row = rows[0] | numbers
                    row |= _names(row, measure, written(pairs), period, one)
                    result.rows.append(row)
                    result.members[row["figure_id"]] = tuple(other["figure_id"] for other in rows)
                    by_place[one.reporting_year, measure, pairs, period] = row
    return result


def not_adding_up(
    figures: Iterable[dict], remainders: Remainders, services: Mapping[str, Service]
) -> list[str]:
    """Return a line for each place where what is not merged and the remainder do not make the whole that is stated.

    Args:
        figures: rows of `figures.figures` of the reports.
        remainders: of what is merged in them.
        services: as for `choose`.
    """
    numbers = {
        (row["reporting_year"], row["measure"], pairs_of(row["breakdown"]), row["period"]): row["value"] or 0
        for row in [*figures, *remainders.rows]
    }
    beside: dict[tuple, list[tuple[str, float]]] = defaultdict(list)
    keys = {one.key for one in remainders.merged}
    for (year, measure, pairs, period), value in numbers.items():
        for key, word in pairs:
            if key in keys:
                rest = tuple(pair for pair in pairs if pair[0] != key)
                beside[year, measure, key, rest, period].append((word, value))
    wrong = []
    for one in remainders.merged:
        year = one.reporting_year
        above = _above(one.members[0], services, year) if one.key == "service" else None
        for (year, measure, key, rest, period), rows in beside.items():
            keys_here = tuple(sorted((key, *(name for name, _ in rest))))
            table = one.reporting_year, one.measure, one.key, one.keys
            if (year, measure, key, keys_here) != table or one.word not in dict(rows):
                continue
            pairs = tuple(sorted((*rest, ("service", above)))) if above else rest
            whole = numbers.get((year, measure, pairs, period))
            parts = sum(
                value
                for word, value in rows
                if word not in one.members
                and (key != "service" or word == one.word or _above(word, services, year) == above)
                and (word == one.word or word not in {other.word for other in remainders.merged})
            )
            if whole is not None and abs(parts - whole) > 1e-6:
                wrong.append(f"{measure} {written(pairs)} {period}: {parts:g} of {whole:g}")
    return wrong


Table = tuple[str, str, tuple[str, ...]]


def table_of(row: Mapping[str, Any]) -> Table:
    """Return the table that a figure stands in: report, subject, keys."""
    return (
        row["reporting_year"],
        _subject(row["measure"]),
        tuple(key for key, _ in pairs_of(row["breakdown"])),
    )


def is_by_one_key(table: Table) -> bool:
    """Return whether the keys of a table but one say only how cases were handled, or what the rows belong to."""
    return any(not _beside(key, table[2]) for key in table[2] if key in NOUNS)


def _beside(key: str, keys: Iterable[str]) -> set[str]:
    """Return the keys of a table that say more than how cases were handled, beside a key of its rows."""
    return {*keys} - {key, _WITHIN.get(key, key), *PROCESS_KEYS}


def _subject(measure: str) -> str:
    """Return what the measures of one table count."""
    subject = catalogue.subjects().get(base_of(measure), "")
    return _TOGETHER.get(subject, subject)


def _worked_out(measure: str) -> tuple[str, ...]:
    """Return the measures that follow from a count: its share, and the changes of both."""
    share = f"{measure}_share"
    return (
        share,
        *(f"{measure}{suffix}" for suffix in ("_change", "_change_pct")),
        f"{share}_change_points",
    )


def _names(row: dict, measure: str, breakdown: str, period: str, merged: Merged) -> dict:
    """Return what identifies the figure of a remainder, and the rule that says what it adds up."""
    mark = hashlib.md5(f"{breakdown}|{period}".encode(), usedforsecurity=False).hexdigest()[:8]
    name = measure.replace("_", "-")
    return {
        "figure_id": f"{row.get('authority', '')}-{merged.reporting_year}-{name}-{mark}",
        "breakdown": breakdown,
        "rule": f"{row.get('rule') or measure}; added up over {', '.join(merged.members)}",
    }


def _numbers(
    measure: str,
    pairs: tuple[tuple[str, str], ...],
    period: str,
    rows: Sequence[dict],
    merged: Merged,
    by_place: Mapping[tuple, dict],
) -> dict | None:
    """Return numerator, denominator and value of a remainder; None where they cannot be worked out."""
    at = lambda name, pairs, when: by_place.get((merged.reporting_year, name, pairs, when))
    if measure == merged.measure:
        total = sum(row["value"] for row in rows)
        return {"numerator": total, "denominator": None, "value": total}
    if measure == f"{merged.measure}_share":
        part, whole = at(merged.measure, pairs, period), None
        base = dict(catalogue.share_bases()).get(measure)
        if base is not None and base.is_without_key and base.key in ("", merged.key):
            wholes = {row["denominator"] for row in rows}
            whole = wholes.pop() if len(wholes) == 1 else None
        elif base is not None and not base.is_without_key and not base.word:
            row = at(base.measure, pairs, period)
            whole = row["value"] if row else None
        if part is None or not whole:
            return None
        return {"numerator": part["value"], "denominator": whole, "value": 100 * part["value"] / whole}
    stem = base_of(measure)
    now = at(stem, pairs, period)
    before = at(stem, pairs, year_before(period[:7]) + period[7:])
    if now is None or before is None:
        return None
    change = now["value"] - before["value"]
    if not measure.endswith("_pct"):
        return {"numerator": now["value"], "denominator": before["value"], "value": change}
    if not before["value"]:
        return None
    return {"numerator": change, "denominator": before["value"], "value": 100 * change / before["value"]}


_Groups = dict[str, tuple[str, ...]]
"""What rows are merged as, blank where they are merged as the smallest -> the rows."""


def _groups(groupings: Iterable[Mapping[str, str]]) -> dict[str, list[_Groups]]:
    """Return the council's own groupings of each attribute, by name: group -> its values."""
    found: dict[str, dict[str, dict[str, list[str]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for row in groupings:
        found[row["attribute"]][row["grouping"]][row["group_value"]].append(row["value"].replace(";", ","))
    return {
        attribute: [
            {group: tuple(sorted(values)) for group, values in sorted(groups.items())}
            for _, groups in sorted(of_attribute.items())
        ]
        for attribute, of_attribute in found.items()
    }


def _most_read(
    family: _Family,
    year: str,
    by_place: Mapping[tuple, dict],
    settings: Protection,
    printed: Collection[str],
    groupings: Iterable[_Groups],
) -> tuple[int, _Groups]:
    """Return how many more numbers are read when rows of a family are merged, and which; no rows where none should be.

    A grouping of the council's own comes first, in those of its groups that have a number too small to be shown.
    """
    yearly = [place for place in family.numbers if place[2] == year]
    total: dict[str, float] = defaultdict(float)
    for place in yearly:
        total[place[0]] += sum(row["value"] or 0 for row in family.numbers[place].values())
    if not total:
        return 0, {}
    main = min(total, key=lambda measure: (-total[measure], measure))
    if not _adds_up(family, main, year, by_place):
        return 0, {}
    fixed = {NOT_KNOWN} | {
        value
        for rows in family.numbers.values()
        for value, row in rows.items()
        if row["figure_id"] in printed or row["status"] == "prior" or value in family.wholes
    }
    tables = [family.numbers[place] for place in yearly if place[0] == main]
    for choices in (_declared(tables, fixed, settings, groupings), _smallest(tables, fixed)):
        best = _best(tables, choices, settings)
        if best[1]:
            return best
    return 0, {}


def _best(
    tables: Sequence[Mapping[str, dict]], choices: Iterable[_Groups], settings: Protection
) -> tuple[int, _Groups]:
    """Return the choice by which most more numbers of a table that is then kept are read, and how many."""
    before = sum(shown - hidden for shown, hidden in (_seen(rows, (), settings) for rows in tables))
    best: tuple[int, _Groups] = 0, {}
    for groups in choices:
        merged = [*groups.values()]
        read = sum(shown - hidden for shown, hidden in (_seen(rows, merged, settings) for rows in tables))
        if read - before > best[0] and _is_kept(tables, merged, settings):
            best = read - before, groups
    return best


def _smallest(tables: Sequence[Mapping[str, dict]], fixed: Collection[str]) -> Iterator[_Groups]:
    """The smallest rows of a table, two of them or more."""
    sizes: dict[str, float] = defaultdict(float)
    for rows in tables:
        for value, row in rows.items():
            sizes[value] += row["value"] or 0
    ordered = sorted(
        (value for value in sizes if value not in fixed), key=lambda value: (sizes[value], value)
    )
    # something is named beside the remainder in any case
    most = len(ordered) - (len(sizes) == len(ordered))
    for count in range(2, most + 1):
        yield {"": tuple(sorted(ordered[:count]))}


def _declared(
    tables: Sequence[Mapping[str, dict]],
    fixed: Collection[str],
    settings: Protection,
    groupings: Iterable[_Groups],
) -> Iterator[_Groups]:
    """The groups of each grouping that have a number too small to be shown, and all of them that have several rows."""
    present = {value for rows in tables for value in rows} - set(fixed)
    small = {
        value
        for rows in tables
        for value, row in rows.items()
        if 0 < (row["value"] or 0) <= settings.threshold
    }
    for groups in groupings:
        rows = {
            group: tuple(value for value in values if value in present) for group, values in groups.items()
        }
        several = {group: values for group, values in rows.items() if len(values) > 1}
        yield {group: values for group, values in several.items() if not small.isdisjoint(values)}
        yield several


def _is_some_table_kept(
    family: _Family, measure: str, merged: Sequence[Sequence[str]], settings: Protection
) -> bool:
    """Return whether one of the tables of a measure, by stage, procedure and kind of period, would not be left out."""
    tables: dict[tuple, list[Mapping[str, dict]]] = defaultdict(list)
    for (name, rest, period), rows in family.numbers.items():
        if name == measure:
            slices = tuple(value for key, value in rest if key in SLICES)
            tables[slices, kind_of(period), period[:7]].append(rows)
    return any(_is_kept(columns, merged, settings) for columns in tables.values())


def _is_kept(
    tables: Iterable[Mapping[str, dict]], merged: Sequence[Sequence[str]], settings: Protection
) -> bool:
    """Return whether a table, given by its columns, would not be left out if some rows were merged."""
    shown, hidden = map(sum, zip(*(_seen(rows, merged, settings) for rows in tables), strict=True))
    return shown > 0 and 100 * shown >= settings.least_shown_percent * (shown + hidden)


def _seen(rows: Mapping[str, dict], merged: Sequence[Sequence[str]], settings: Protection) -> tuple[int, int]:
    """Return how many numbers of one column could be read if groups of rows were merged, and how many could not."""
    gone = {value for members in merged for value in members}
    numbers = [row["value"] for value, row in rows.items() if row["value"] and value not in gone]
    hidden = sum(number <= settings.threshold for number in numbers)
    shown = len(numbers) - hidden
    for members in merged:
        parts = [rows[value]["value"] for value in members if value in rows and rows[value]["value"]]
        if parts:
            is_safe = leaves_uncertain(parts, settings)
            shown, hidden = shown + is_safe, hidden + (not is_safe)
    if hidden == 1 and shown:  # a further number is suppressed to protect the only one
        shown, hidden = shown - 1, hidden + 1
    return shown, hidden


def leaves_uncertain(merged: Sequence[float], settings: Protection) -> bool:
    """Return whether the sum of some numbers, none of which is zero, leaves each that is small as uncertain as its sign would.

    Where all are small a reader may know that, and takes none for more than the threshold.
    """
    total, others = sum(merged), len(merged) - 1
    if total <= settings.threshold:
        return False
    if all(number > settings.threshold for number in merged):
        return True
    least = 1
    most = total - others
    if all(number <= settings.threshold for number in merged):
        most = min(most, settings.threshold)
        least = max(least, total - others * settings.threshold)
    return most - least >= settings.width


def _adds_up(family: _Family, measure: str, year: str, by_place: Mapping[tuple, dict]) -> bool:
    """Return whether the rows of a measure make the whole above them wherever it is stated, and it is stated somewhere."""
    is_stated = False
    for (name, rest, period), rows in family.numbers.items():
        if name != measure or all(row["status"] == "prior" for row in rows.values()):
            continue
        pairs = rest
        if family.key == "service" and family.above:
            pairs = tuple(sorted((*rest, ("service", family.above))))
        whole = by_place.get((year, measure, pairs, period))
        if whole is None or whole["value"] is None:
            continue
        is_stated = True
        if abs(sum(row["value"] or 0 for row in rows.values()) - whole["value"]) > 1e-6:
            return False
    return is_stated or (measure, family.key) in catalogue.partitions()


def _above(service: str, services: Mapping[str, Service], year: str) -> str | None:
    return services[service].at_end_of(year).above if service in services else None


def _word(
    family: _Family, members: Sequence[str], services: Mapping[str, Service], group: str, year: str
) -> str:
    """Return what the merged rows of a year are called: `6 other teams of Social Care`, `Adult: 4 kinds of complainant`."""
    noun = NOUNS[family.key]
    if family.key == "service":
        levels = {services[member].level for member in members if member in services}
        noun = _plural(levels.pop().replace("_", " ")) if len(levels) == 1 and "" not in levels else noun
    within = ""
    if family.above:
        label = services[family.above].at_end_of(year).label if family.above in services else ""
        within = f" of {_as_value(label or family.above)}"
    if group:
        name = _as_value(group.replace("_", " "))
        return f"{name[:1].upper()}{name[1:]}: {len(members)} {noun}{within}"
    return f"{len(members)} other {noun}{within}"


def _as_value(text: str) -> str:
    """Return a text without what breakdowns and lines of merged rows are told apart by."""
    return re.sub("[;|=]", ",", text)


def _plural(noun: str) -> str:
    """Return the plural of an English noun as levels of services have it: teams, localities, services."""
    return re.sub(r"[^aeiou]y$", lambda match: match[0][0] + "ie", noun) + "s"
