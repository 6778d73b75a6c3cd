"""What ties published numbers to each other: the linear relations that an attacker can write down.

A *cell* is a number of people, cases or pounds that a figure states: the value of a count, or the numerator or
denominator of a percentage, an average or a rate where it is not another figure's value already. Every other figure
(percentages, averages, changes) is a function of cells, and is published only where all of them are.

Relations come from the structure of the figures themselves: the same measure with one key less is the whole of its
parts, a year is its quarters and its months, a service is the services below it, a band of days is the bands inside
it. A relation that should hold by structure is used where it holds for every group of the table, so that what may
be counted twice (themes, several services) gives inequalities only. The relations between measures are those of the figure
catalogue (`redress.contract.figure_catalogue`). `derived` adds what a reader makes of the numbers.

To assume more relations than an attacker knows is safe; to miss one is not.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from operator import itemgetter
from typing import NamedTuple

from redress.contract import figure_catalogue as catalogue
from redress.contract.breakdown import pairs_of
from redress.declared.closure import kind_of

MEASURED = frozenset(
    {"date", "percent", "percentage_points", "ratio", "per_1000", "working_days", "calendar_days"}
)
"""Units of figures that are functions of counts."""
NOT_PEOPLE = frozenset({"services", "themes", "place", "days", "date"})
"""Units that count no person and no case: a number of services says how many lines a table has."""
OF_THE_COUNCIL = frozenset({"actions"})
"""Units that count what the council does: shown however small, at every breakdown."""
CHANGE = re.compile(r"_change(_pct|_points)?$")

CONTRIBUTORS = catalogue.pounds_of()
"""Pounds -> how many cases they are of."""

Key = tuple[str, tuple[tuple[str, str], ...], str]
"""A cell: measure, breakdown as sorted pairs, period."""


class Relation(NamedTuple):
    """`sum(coefficient * cell) = 0`, or `<= 0`."""

    cells: tuple[int, ...]
    coefficients: tuple[int, ...]
    is_equation: bool = True


@dataclass
class Cells:
    """The cells of one report and what ties them.

    Attributes:
        keys: cell -> measure, breakdown, period.
        values: cell -> its number.
        is_magnitude: cell -> whether it is a sum (days, pounds) and no count.
        index: key -> cell.
        relations: what ties cells.
        inputs: figure id -> the cells that publishing the figure gives away, its base last.
        value_cell: figure id -> the cell that the figure's value is, for counts.
        same_as: figure id of a change -> the figure ids of its two periods.
        twins: cell -> cells of the same key with another number: what an earlier report said before a revision.
        reports: the cells of each report by key, where there are several; `index` has the first of twins.
        guesses: figure id of a percentage, average or rate -> counts that its numbers could be taken for, since they
            are the same.
        bases: (measure, numerator or denominator) -> what that is elsewhere: (measure, key left out).
    """

    keys: list[Key] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    is_magnitude: list[bool] = field(default_factory=list)
    index: dict[Key, int] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)
    inputs: dict[str, tuple[int, ...]] = field(default_factory=dict)
    value_cell: dict[str, int] = field(default_factory=dict)
    same_as: dict[str, tuple[str, ...]] = field(default_factory=dict)
    guesses: dict[str, tuple[int, ...]] = field(default_factory=dict)
    bases: dict[tuple[str, str], set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    twins: dict[int, tuple[int, ...]] = field(default_factory=dict)
    reports: list[dict[Key, int]] = field(default_factory=list)

    def add(self, key: Key, value: float, is_magnitude: bool = False) -> int:
        """The cell of this key, made where it is new."""
        if key not in self.index:
            self.index[key] = len(self.keys)
            self.keys.append(key)
            self.values.append(float(value))
            self.is_magnitude.append(is_magnitude)
        return self.index[key]

    def relate(self, terms: list[tuple[int, int]], is_equation: bool = True) -> None:
        """Add a relation between cells, given as (coefficient, cell); it must hold on the values.

        Cells that stand twice are added up. A relation without a cell that is not zero says nothing new.
        """
        total: dict[int, int] = defaultdict(int)
        for coefficient, cell in terms:
            total[cell] += coefficient
        terms = [(coefficient, cell) for cell, coefficient in sorted(total.items()) if coefficient]
        if len(terms) < 2:
            return
        self.relations.append(
            Relation(tuple(cell for _, cell in terms), tuple(c for c, _ in terms), is_equation)
        )


class Tree(dict[str, "str | None"]):
    """Service -> the service above it.

    Attributes:
        earlier: the same of the trees that were before, where services have moved.
    """

    def __init__(
        self, parents: Mapping[str, str | None], earlier: Sequence[Mapping[str, str | None]] = ()
    ) -> None:
        super().__init__(parents)
        self.earlier = tuple(earlier)


def quarter_of(month: str) -> str:
    """`2023-24-Q1` of the month `2023-04`."""
    year, number = int(month[:4]), int(month[5:])
    start = year if number >= 4 else year - 1
    return f"{start}-{(start + 1) % 100:02d}-Q{(number - 4) % 12 // 3 + 1}"


def year_before(year: str) -> str:
    """`2022-23` of `2023-24`."""
    start = int(year[:4]) - 1
    return f"{start}-{(start + 1) % 100:02d}"


def is_count(measure: str, unit: str) -> bool:
    """Whether the figures of a measure count people or cases."""
    return unit not in MEASURED | NOT_PEOPLE | OF_THE_COUNCIL | {"gbp"} and not CHANGE.search(measure)


def build(
    figures: list[dict],
    parents: dict[str, str | None],
    groupings: list[dict],
    unseen: Collection[str] = frozenset(),
    remainders: Mapping[str, tuple[str, ...]] | None = None,
) -> Cells:
    """The cells of a council's reports and the relations among them.

    A number that two reports state (last year's in both, the stock at the turn of the year) is one cell. Where they
    state it differently, after a revision, there are two, which are twins.

    Args:
        figures: rows of `figures.figures` of one report or of several, told apart by `reporting_year` (and `record`
            for what was signed off and then revised), in a fixed order.
        parents: service -> the service above it; a semicolon in a name is a comma, as in breakdowns.
        groupings: the authority's own groupings: attribute, value, grouping, group_value.
        unseen: figure ids that have no cells, since their report has left them out for good.
        remainders: figure id of rows merged into one -> figure ids of these rows.
    """
    reports: dict[tuple, list[dict]] = {}
    for row in figures:
        rows = reports.setdefault((row.get("reporting_year", ""), row.get("record", "")), [])
        if row["figure_id"] not in unseen:
            rows.append(row)
    parts = [_report(rows, parents, groupings, remainders or {}) for rows in reports.values()]
    cells = parts[0] if len(parts) == 1 else _together(parts)
    _guesses(cells, [row for row in figures if row["figure_id"] not in unseen])
    _changes(cells, figures)
    return cells


def _together(parts: list[Cells]) -> Cells:
    """The cells of several reports as one system, with what ties one report to another."""
    cells = Cells()
    versions: dict[Key, list[int]] = defaultdict(list)
    for part in parts:
        place: list[int] = []
        for key, value, is_magnitude in zip(part.keys, part.values, part.is_magnitude, strict=True):
            same = [
                c for c in versions[key] if (cells.values[c], cells.is_magnitude[c]) == (value, is_magnitude)
            ]
            if not same:
                same = [len(cells.keys)]
                cells.keys.append(key)
                cells.values.append(value)
                cells.is_magnitude.append(is_magnitude)
                cells.index.setdefault(key, same[0])
                versions[key] += same
            place += same
        cells.reports.append({key: place[cell] for key, cell in part.index.items()})
        for relation in part.relations:
            terms = [(k, place[c]) for k, c in zip(relation.coefficients, relation.cells, strict=True)]
            cells.relate(terms, relation.is_equation)
        cells.inputs |= {figure: tuple(place[c] for c in given) for figure, given in part.inputs.items()}
        cells.value_cell |= {figure: place[c] for figure, c in part.value_cell.items()}
        for place_of, found in part.bases.items():
            cells.bases[place_of] |= found
    for same in versions.values():
        for cell in same if len(same) > 1 else ():
            cells.twins[cell] = tuple(other for other in same if other != cell)
    _templates(cells)
    cells.relations = list(dict.fromkeys(cells.relations))
    return cells


def _report(
    figures: list[dict],
    parents: dict[str, str | None],
    groupings: list[dict],
    remainders: Mapping[str, tuple[str, ...]],
) -> Cells:
    """The cells of one report and the relations among them."""
    cells = Cells()
    _counts(cells, figures)
    _functions(cells, figures)
    tables = _tables(cells, without=_remainders(cells, figures, remainders))
    for measure in sorted(tables):
        for keys in sorted(tables[measure]):
            for key in keys:
                _parts(cells, tables[measure], keys, key, parents)
            _periods(cells, tables[measure][keys])
            if "band" in keys:
                _bands(cells, tables, measure, keys)
        _margins(cells, tables[measure])
    _own_groupings(cells, tables, groupings)
    _templates(cells)
    _same_numbers(cells, tables)
    return cells


def _counts(cells: Cells, figures: list[dict]) -> None:
    """Cells of counts and pounds."""
    for row in figures:
        if row["value"] is None or CHANGE.search(row["measure"]):
            continue
        if is_count(row["measure"], row["unit"]) or row["unit"] == "gbp":
            key = (row["measure"], pairs_of(row["breakdown"]), row["period"])
            cell = cells.add(key, row["value"], row["unit"] == "gbp" or row["value"] != int(row["value"]))
            cells.value_cell[row["figure_id"]] = cell
            cells.inputs[row["figure_id"]] = (cell,)


def _functions(cells: Cells, figures: list[dict]) -> None:
    """Numerators and denominators of percentages, averages and rates: as other figures' cells where they are."""
    groups: dict[tuple, list[dict]] = defaultdict(list)
    for row in figures:
        if (
            row["unit"] in MEASURED - {"date"}
            and row["denominator"] is not None
            and not CHANGE.search(row["measure"])
        ):
            pairs = pairs_of(row["breakdown"])
            groups[row["measure"], tuple(key for key, _ in pairs)].append(row | {"pairs": pairs})
    counted: dict[str, list[str]] = defaultdict(list)
    for measure in sorted({key[0] for key in cells.index}):
        counted[measure.split("_")[0]].append(measure)
    every = [measure for measures in counted.values() for measure in measures]
    made: dict[str, list[str]] = defaultdict(list)
    for (measure, keys), rows in sorted(groups.items()):
        for side in ("numerator", "denominator"):
            present = [row for row in rows if row[side] is not None]
            stem = re.sub(r"_(share|rate|mean|median)$", "", measure)
            likely = [stem, *counted[measure.split("_")[0]], *every, *made[stem]]
            found = _base(cells, present, side, list(dict.fromkeys(likely)), keys) if present else None
            if found:
                name, dropped = found
                cells.bases[measure, side].add(found)
            else:
                name, dropped = f"{measure}#{side}", _constant_key(present, side, keys)
                made[stem].append(name)
            for row in present:
                pairs = tuple(pair for pair in row["pairs"] if pair[0] != dropped)
                is_sum = (
                    not found and side == "numerator" and row["unit"] in ("working_days", "calendar_days")
                )
                cell = cells.add((name, pairs, row["period"]), row[side], is_sum)
                known = cells.inputs.get(row["figure_id"], ())
                cells.inputs[row["figure_id"]] = (*known, cell)


def _base(cells: Cells, rows: list[dict], side: str, measures: list[str], keys: tuple) -> tuple | None:
    """(measure, key left out) of the figures that the numerator or denominator of every row is."""
    for measure in measures:
        for dropped in ("", *keys):
            for row in rows:
                pairs = tuple(pair for pair in row["pairs"] if pair[0] != dropped)
                cell = cells.index.get((measure, pairs, row["period"]))
                if cell is None or cells.values[cell] != row[side]:
                    break
            else:
                return measure, dropped
    return None


def _constant_key(rows: list[dict], side: str, keys: tuple) -> str:
    """A key on which the denominator does not depend; '' where it depends on all, and for numerators."""
    if side == "numerator":
        return ""
    for key in keys:
        seen: dict[tuple, float] = {}
        for row in rows:
            group = (tuple(pair for pair in row["pairs"] if pair[0] != key), row["period"])
            if seen.setdefault(group, row[side]) != row[side]:
                break
        else:
            if len(seen) < len(rows):
                return key
    return ""


Table = dict[tuple[tuple[str, ...], str], int]


def _remainders(cells: Cells, figures: list[dict], members: Mapping[str, tuple[str, ...]]) -> set[int]:
    """Relate each remainder to the rows that it adds up; return its cells, which are no parts beside those rows."""
    own: set[int] = set()
    for row in figures:
        figure = row["figure_id"]
        given = [cells.inputs[other] for other in members.get(figure, ()) if other in cells.inputs]
        for place, cell in enumerate(cells.inputs.get(figure, ())):
            parts = {inputs[place] for inputs in given if place < len(inputs)}
            if cell in parts:
                continue  # the whole that every part is a share of
            if parts and abs(sum(cells.values[part] for part in parts) - cells.values[cell]) < 1e-6:
                own.add(cell)
                cells.relate([(-1, cell), *((1, part) for part in parts)])
    return own


def _tables(cells: Cells, without: Collection[int] = ()) -> dict[str, dict[tuple, Table]]:
    """Return the tables of cells: measure -> key names -> (values, period) -> cell."""
    tables: dict[str, dict[tuple, Table]] = defaultdict(lambda: defaultdict(dict))
    for cell, (measure, pairs, period) in enumerate(cells.keys):
        if cell in without:
            continue
        tables[measure][tuple(k for k, _ in pairs)][tuple(v for _, v in pairs), period] = cell
    return tables


def _parts(cells: Cells, tables: dict, keys: tuple, key: str, parents: dict) -> None:
    """Parts along one key: add up to the whole where they always do, else are each at most the whole."""
    place = keys.index(key)
    table = tables[keys]
    groups: dict[tuple, dict[str, int]] = defaultdict(dict)
    for (values, period), cell in table.items():
        groups[values[:place] + values[place + 1 :], period][values[place]] = cell
    wholes = tables.get(keys[:place] + keys[place + 1 :], {})
    together = {group: wholes[group] for group in groups if group in wholes}
    value = cells.values

    def adds_up(leaving_out: str | None = None) -> bool:
        return bool(together) and all(
            abs(sum(value[c] for word, c in groups[group].items() if word != leaving_out) - value[whole])
            < 1e-6
            for group, whole in together.items()
        )

    words = sorted({word for group in together for word in groups[group]})
    partition = adds_up()
    left_out = None if partition else next((word for word in words if adds_up(word)), None)
    if partition or left_out is not None:
        for group, whole in together.items():
            cells.relate([(-1, whole), *((1, c) for word, c in groups[group].items() if word != left_out)])
        if key != "service" or not parents:
            return
    if key == "service":
        _tree(cells, groups, together if not partition else {}, parents)
        return
    for group, whole in together.items():
        for part in groups[group].values():
            if value[part] <= value[whole]:
                cells.relate([(1, part), (-1, whole)], is_equation=False)


def _tree(cells: Cells, groups: dict, together: dict, parents: Mapping[str, str | None]) -> None:
    """A service is what is below it, and the whole is the top of the tree, wherever the numbers say so.

    Where services have moved, each of the trees that were is tried, since a number is of one of them. In a year of two trees
    a service is not what is below it; those of which that is so are together what is below them together.
    """
    earlier = parents.earlier if isinstance(parents, Tree) else ()
    for tree in (parents, *earlier):
        for group, nodes in groups.items():
            apart = _tree_of(cells, nodes, together.get(group), tree)
            if earlier and len(apart) > 1:
                below = [child for children in apart.values() for child in children]
                if abs(sum(cells.values[c] for c in below) - sum(cells.values[c] for c in apart)) < 1e-6:
                    cells.relate([*((-1, above) for above in apart), *((1, child) for child in below)])


def _tree_of(
    cells: Cells, nodes: dict[str, int], together: int | None, parents: Mapping[str, str | None]
) -> dict[int, list[int]]:
    """Relate the services of one group by one tree; return those that are not what is below them, with what is."""
    value = cells.values
    apart: dict[int, list[int]] = {}
    below: dict[str | None, list[int]] = defaultdict(list)
    for word, cell in nodes.items():
        above = parents.get(word)
        while above is not None and above not in nodes:
            above = parents.get(above)
        below[above].append(cell)
    for above, children in below.items():
        whole = together if above is None else nodes[above]
        if whole is None:
            continue
        if abs(sum(value[c] for c in children) - value[whole]) < 1e-6:
            cells.relate([(-1, whole), *((1, c) for c in children)])
            continue
        if above is not None:
            apart[whole] = children
        for child in children:
            # a service that has moved may be greater than the one above it, and is never more than the whole
            top = whole if value[child] <= value[whole] else together
            if top is not None and value[child] <= value[top]:
                cells.relate([(1, child), (-1, top)], is_equation=False)
    return apart


def _periods(cells: Cells, table: Table) -> None:
    """A year is its quarters, a quarter its months, where that holds for every row of the table."""
    whole: dict[str, dict[tuple, list[int]]] = {kind: defaultdict(list) for kind in ("year", "quarter")}
    has = {kind_of(period) for _, period in table}
    for (values, period), cell in table.items():
        kind = kind_of(period)
        if kind == "quarter":
            whole["year"][values, period[:7]].append(cell)
        elif kind == "month":
            quarter = quarter_of(period)
            whole["quarter" if "quarter" in has else "year"][
                values, quarter if "quarter" in has else quarter[:7]
            ].append(cell)
    value = cells.values
    for groups in whole.values():
        groups = {group: parts for group, parts in groups.items() if group in table}
        if groups and all(
            abs(sum(value[c] for c in parts) - value[table[group]]) < 1e-6 for group, parts in groups.items()
        ):
            for group, parts in groups.items():
                cells.relate([(-1, table[group]), *((1, c) for c in parts)])


def _bands(cells: Cells, tables: dict, measure: str, keys: tuple) -> None:
    """A band of days is the bands that fill it; those from 0 without end hold every timed answer.

    Where a limit falls on the end of a band, the bands up to there are what is within it, and the rest is outside.
    """
    place = keys.index("band")
    groups: dict[tuple, dict[str, int]] = defaultdict(dict)
    for (values, period), cell in tables[measure][keys].items():
        groups[values[:place] + values[place + 1 :], period][values[place]] = cell
    rest = keys[:place] + keys[place + 1 :]
    timed = tables.get("responses_timed", {}).get(rest, {})
    limits = [tables.get(limit, {}).get(rest, {}) for limit in catalogue.within("responses_timed")]
    value = cells.values
    for group, bands in groups.items():
        spans = {}
        for word, cell in bands.items():
            first, _, last = word.rstrip("+").partition("-")
            if first.isdigit():
                spans[cell] = (
                    int(first),
                    int(last) if last else (10**6 if word.endswith("+") else int(first)),
                )
        starts: dict[int, list[int]] = defaultdict(list)
        for cell, (first, _) in spans.items():
            starts[first].append(cell)

        def chains(first: int, last: int, without: int | None) -> list[int] | None:
            for cell in sorted(starts.get(first, ()), key=lambda c: spans[c][1]):  # noqa: B023
                end = spans[cell][1]  # noqa: B023
                if cell == without or end > last:
                    continue
                if end == last:
                    return [cell]
                rest = chains(end + 1, last, without)
                if rest:
                    return [cell, *rest]
            return None

        wholes = [(cell, first, last) for cell, (first, last) in spans.items()]
        if group in timed:
            wholes.append((timed[group], 0, 10**6))
        for limit in (table[group] for table in limits if group in table):
            wholes += [(limit, 0, last) for last in sorted({last for _, last in spans.values()})]
            wholes += [(limit, first, 10**6) for first in sorted(starts)]
        for whole, first, last in wholes:
            chain = chains(first, last, whole)
            if chain and abs(sum(value[c] for c in chain) - value[whole]) < 1e-6:
                cells.relate([(-1, whole), *((1, c) for c in chain)])


def visible(cells: Cells, kept: Collection[int], parents: dict[str, str | None]) -> list[Relation]:
    """What the rows that leave look like: every sum by structure that holds on the rows at hand, one by one.

    `build` asks whether a sum holds for every row of a table, left out or not. A reader has the rows that leave and
    no others. Where those add up he takes the sum for true, also of a measure that does not add up in general, such
    as complaints with several issues by quarter; so it must be assumed here.

    Args:
        cells: the cells of the report.
        kept: the cells that are not left out.
        parents: service -> the service above it.

    Returns:
        Equations: parts are the whole, services the one above, quarters and months the year, months the quarter. No
        sum of one part only, unless that part is a service.
    """
    found = Cells(keys=cells.keys, values=cells.values)
    for report in (*cells.reports, cells.index):
        _visible(found, {key: cell for key, cell in report.items() if cell in kept}, parents)
    return list(dict.fromkeys(relation for relation in found.relations if relation.is_equation))


def _visible(found: Cells, rows: dict[Key, int], parents: dict[str, str | None]) -> None:
    """The sums that hold on some rows, which are cells by their keys."""
    value = found.values
    tables: dict[str, dict[tuple, Table]] = defaultdict(lambda: defaultdict(dict))
    for (measure, pairs, period), cell in sorted(rows.items(), key=itemgetter(1)):
        tables[measure][tuple(k for k, _ in pairs)][tuple(v for _, v in pairs), period] = cell

    def add(whole: int, parts: list[int]) -> None:
        if len(parts) > 1 and abs(sum(value[part] for part in parts) - value[whole]) < 1e-6:
            found.relate([(-1, whole), *((1, part) for part in parts)])

    for measure in sorted(tables):
        for keys in sorted(tables[measure]):
            table = tables[measure][keys]
            for place, key in enumerate(keys):
                wholes = tables[measure].get(keys[:place] + keys[place + 1 :], {})
                groups: dict[tuple, dict[str, int]] = defaultdict(dict)
                for (values, period), cell in table.items():
                    groups[values[:place] + values[place + 1 :], period][values[place]] = cell
                together = {group: wholes[group] for group in groups if group in wholes}
                if key == "service":
                    _tree(found, groups, together, parents)
                for group, whole in together.items():
                    add(whole, list(groups[group].values()))
            spans: dict[tuple, list[int]] = defaultdict(list)
            for (values, period), cell in table.items():
                kind = kind_of(period)
                if kind == "quarter":
                    spans[values, period[:7], kind].append(cell)
                elif kind == "month":
                    quarter = quarter_of(period)
                    spans[values, quarter, kind].append(cell)
                    spans[values, quarter[:7], kind].append(cell)
            for (values, span, _), parts in spans.items():
                if (values, span) in table:
                    add(table[values, span], parts)


def _margins(cells: Cells, tables: dict) -> None:
    """Two tables that add up to the same totals tie each other, also where no figure states the totals."""
    sides: dict[tuple, list[tuple[tuple, str, dict]]] = defaultdict(list)
    for keys in sorted(tables):
        for place, key in enumerate(keys):
            rest = keys[:place] + keys[place + 1 :]
            if rest in tables or key == "service":
                continue
            groups: dict[tuple, list[int]] = defaultdict(list)
            for (values, period), cell in tables[keys].items():
                groups[values[:place] + values[place + 1 :], period].append(cell)
            sides[rest].append((keys, key, groups))
    value = cells.values
    for rest in sorted(sides):
        for (_, _, one), (_, _, two) in pairwise(sides[rest]):
            shared = sorted(set(one) & set(two))
            if shared and all(
                abs(sum(value[c] for c in one[group]) - sum(value[c] for c in two[group])) < 1e-6
                for group in shared
            ):
                for group in shared:
                    cells.relate([*((1, c) for c in one[group]), *((-1, c) for c in two[group])])


def _own_groupings(cells: Cells, tables: dict, groupings: list[dict]) -> None:
    """A group of an authority's own grouping is the values in it, where that holds for the whole table."""
    members: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in groupings:
        members[row["grouping"], row["attribute"]][row["group_value"].replace(";", ",")].append(
            row["value"].replace(";", ",")
        )
    value = cells.values
    for (grouping, attribute), groups in sorted(members.items()):
        for measure in sorted(tables):
            for keys in sorted(keys for keys in tables[measure] if grouping in keys):
                rest = tuple(key for key in keys if key != grouping)
                fine = tuple(sorted((*rest, attribute)))
                if attribute in rest or fine not in tables[measure]:
                    continue
                found = []
                for (values, period), whole in tables[measure][keys].items():
                    pairs = dict(zip(keys, values, strict=True))
                    parts = []
                    for word in groups.get(pairs[grouping], ()):
                        fine_pairs = {key: pairs[key] for key in rest} | {attribute: word}
                        cell = tables[measure][fine].get((tuple(fine_pairs[key] for key in fine), period))
                        if cell is not None:
                            parts.append(cell)
                    if parts:
                        found.append((whole, parts))
                if found and all(
                    abs(sum(value[c] for c in parts) - value[whole]) < 1e-6 for whole, parts in found
                ):
                    for whole, parts in found:
                        cells.relate([(-1, whole), *((1, c) for c in parts)])


def _templates(cells: Cells) -> None:
    """Relations between measures: what the catalogue says, and what the end of a period is to the next."""
    by_measure: dict[str, list[int]] = defaultdict(list)
    for cell, (measure, _, _) in enumerate(cells.keys):
        by_measure[measure].append(cell)
    _identities(cells, by_measure)
    _turns(cells, by_measure)


def _identities(cells: Cells, by_measure: Mapping[str, list[int]]) -> None:  # noqa: C901  each kind of term has its own places
    """The identities and subsets of the figure catalogue, wherever they hold."""
    value = cells.values
    identities = (*catalogue.identities(), *catalogue.identities_of_sums())
    by_rest: dict[tuple[str, str], dict[tuple, list[int]]] = {}
    for identity in identities:
        for term in identity:
            if (
                term.key
                and not term.word
                and not term.is_without_key
                and (term.measure, term.key) not in by_rest
            ):
                groups = by_rest[term.measure, term.key] = defaultdict(list)
                for cell in by_measure.get(term.measure, ()):
                    _, pairs, period = cells.keys[cell]
                    rest = tuple(pair for pair in pairs if pair[0] != term.key)
                    if len(rest) < len(pairs):
                        groups[rest, period].append(cell)

    def at(term: catalogue.Term, pairs: tuple, period: str) -> list[int] | None:
        """The cells of a term at a breakdown; None where it is not there."""
        if term.key and not term.is_without_key and any(key == term.key for key, _ in pairs):
            return None
        if term.key and not term.word and not term.is_without_key:
            parts = by_rest[term.measure, term.key].get((pairs, period), ())
            kept = [c for c in parts if dict(cells.keys[c][1])[term.key] not in term.but]
            return kept or None
        if term.is_without_key:
            pairs = tuple(pair for pair in pairs if pair[0] != term.key)
        elif term.key:
            pairs = tuple(sorted((*pairs, (term.key, term.word))))
        for measure in (
            term.measure,
            f"{term.measure}_share#numerator",
        ):  # a share states what it is a share of
            if (measure, pairs, period) in cells.index:
                return [cells.index[measure, pairs, period]]
        return None

    for identity in identities:
        first = identity[0]
        places = {}
        stated = by_measure.get(first.measure, ()), by_measure.get(f"{first.measure}_share#numerator", ())
        for cell in chain(*stated):
            _, pairs, period = cells.keys[cell]
            if first.key and not first.is_without_key:
                pairs = tuple(pair for pair in pairs if pair[0] != first.key)
            places[pairs, period] = None
        for pairs, period in places:
            found = [(term.sign, at(term, pairs, period)) for term in identity]
            terms = [(sign, cell) for sign, parts in found for cell in parts or ()]
            if (
                found[0][1]
                and len(terms) > len(found[0][1])
                and abs(sum(k * value[c] for k, c in terms)) < 1e-6
            ):
                cells.relate(terms)
    for small, large in catalogue.subsets_through_others():
        for cell in by_measure.get(small, ()):
            _, pairs, period = cells.keys[cell]
            other = cells.index.get((large, pairs, period))
            if other is not None and value[cell] <= value[other]:
                cells.relate([(1, cell), (-1, other)], is_equation=False)


def _turns(cells: Cells, by_measure: Mapping[str, list[int]]) -> None:
    """What is in hand at the end of a period is so at the start of the next."""
    value = cells.values
    for cell in by_measure.get("brought_forward", []) + by_measure.get("complaints_brought_forward", []):
        measure, pairs, period = cells.keys[cell]
        ends = measure.replace("brought", "carried")
        if kind_of(period) == "year":
            tied = [(measure, f"{period}-Q1"), (ends, f"{year_before(period)}")]
        else:
            year, quarter = period[:7], int(period[-1])
            tied = [
                (ends, f"{year}-Q{quarter - 1}") if quarter > 1 else (ends, f"{year_before(year)}-Q4"),
                (ends, year_before(year)) if quarter == 1 else (ends, ""),
            ]
        for other, when in tied:
            found = cells.index.get((other, pairs, when))
            if found is not None and value[found] == value[cell]:
                cells.relate([(1, cell), (-1, found)])
    for cell in by_measure.get("carried_forward", []) + by_measure.get("complaints_carried_forward", []):
        measure, pairs, period = cells.keys[cell]
        found = cells.index.get((measure, pairs, f"{period}-Q4"))
        if found is not None and value[found] == value[cell]:
            cells.relate([(1, cell), (-1, found)])


MATCHES, DIFFERENT = 8, 3
"""Two tables are the same numbers under two names when so many of their numbers agree, of so many sizes, and all do."""


def _same_numbers(cells: Cells, tables: dict) -> None:
    """A slice of one measure that is another measure, number for number: upheld outcomes and complaints upheld."""
    value = cells.values
    slices: dict[tuple, list[dict]] = defaultdict(list)

    def enter(keys: tuple, members: dict) -> None:
        filled = {place: cell for place, cell in members.items() if value[cell]}
        if len(filled) < MATCHES or len({value[cell] for cell in filled.values()}) < DIFFERENT:
            return
        slices[keys, tuple(sorted((place, value[cell]) for place, cell in filled.items()))].append(filled)

    for measure in sorted(tables):
        for keys in sorted(tables[measure]):
            kinds: dict[str, dict] = defaultdict(dict)
            for place, cell in tables[measure][keys].items():
                kinds[kind_of(place[1])][place] = cell
            for kind in sorted(kinds):
                enter((keys, kind), kinds[kind])
                for spot in range(len(keys)):
                    if keys[spot] == "service":
                        continue
                    cut: dict[str, dict] = defaultdict(dict)
                    for (values, period), cell in kinds[kind].items():
                        cut[values[spot]][values[:spot] + values[spot + 1 :], period] = cell
                    for word in sorted(cut):
                        enter((keys[:spot] + keys[spot + 1 :], kind), cut[word])
    for same in slices.values():
        for one, two in pairwise(same):
            for place, cell in one.items():
                if cell != two[place]:
                    cells.relate([(1, cell), (-1, two[place])])


def _guesses(cells: Cells, figures: list[dict]) -> None:
    """The numbers of a function read as counts that they are elsewhere, wherever the number fits.

    `_functions` finds what the base of a share is by all of its rows in one report. A reader who sees one row may take
    the base for the same measure with one key less; where that fits by accident his guess is right, unless the row is
    hidden. So it is with a row whose count another report of the council has.
    """
    for row in figures:
        inputs = cells.inputs.get(row["figure_id"], ())
        if row["figure_id"] in cells.value_cell or not inputs:
            continue
        pairs = pairs_of(row["breakdown"])
        read = [
            (side, name, dropped)
            for side in ("numerator", "denominator")
            for name, dropped in sorted(cells.bases.get((row["measure"], side), ()))
        ]
        if row["measure"].endswith("_share") and len(inputs) == 2:
            stem = row["measure"].removesuffix("_share")
            read += [("numerator", stem, ""), *(("denominator", stem, key) for key, _ in pairs)]
        guessed: set[int] = set()
        for side, name, dropped in read:
            key = (name, tuple(pair for pair in pairs if pair[0] != dropped), row["period"])
            cell = cells.index.get(key)
            for one in () if cell is None or not row[side] else (cell, *cells.twins.get(cell, ())):
                if cells.values[one] == row[side] and one not in inputs:
                    guessed.add(one)
        if guessed:
            cells.guesses[row["figure_id"]] = tuple(sorted(guessed))


def _changes(cells: Cells, figures: list[dict]) -> None:
    """A change gives away one of its periods to whoever knows the other: it needs both, in its report or another."""
    stated: dict[tuple, dict[tuple, str]] = defaultdict(dict)
    for row in figures:
        report = row.get("reporting_year", ""), row.get("record", "")
        stated[row["measure"], row["breakdown"], row["period"]].setdefault(report, row["figure_id"])
    for row in figures:
        if CHANGE.search(row["measure"]):
            base = CHANGE.sub("", row["measure"])
            report = row.get("reporting_year", ""), row.get("record", "")
            sides: list[str] = []
            for period in (row["period"], year_before(row["period"][:7]) + row["period"][7:]):
                found = stated.get((base, row["breakdown"], period), {})
                sides += [found[report]] if report in found else found.values()
            cells.same_as[row["figure_id"]] = tuple(sides)
