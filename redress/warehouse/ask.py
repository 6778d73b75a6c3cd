"""Answers for people inside: any number that the warehouse can count, unprotected and marked as such.

A question is read by `question`. Its numbers come from the tables of figures (schema `figures`) where that breakdown is computed
there, else from the facts by the definitions of `semantic.yml`; which of both, the answer says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redress.base.settings import Settings
from redress.base.tables import write_csv
from redress.contract.breakdown import pair_of, pairs_of
from redress.warehouse import semantic
from redress.warehouse.connection import open_warehouse
from redress.warehouse.question import (
    MONTHS,
    Asked,
    CannotAnswer,
    Vocabulary,
    Words,
    fold,
    measure_of,
    read_rest,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

UNPROTECTED = "Internal: not protected, not to be published."

Cells = dict[tuple[str, ...], dict[str, float | None]]
"""Values of the keys -> period -> number."""

_KEYS_OF = (
    "list_transform(list_filter(string_split(breakdown, ';'), lambda pair: pair != ''), "
    "lambda pair: split_part(pair, '=', 1))"
)
_NO_LEVELS = ("not_known", "undeclared")
_NOT_MEASURED = ("figures_prior", "figures_changes", "figures_cases")


@dataclass(frozen=True)
class Report:
    """Whose numbers are asked for, as known when."""

    authority: str
    year: str
    as_at: Any
    years: tuple[str, ...]


@dataclass
class Answer:
    """Numbers, and what there is to say of them.

    Attributes:
        title: what was understood.
        asked: the question.
        report: whose numbers they are.
        unit: of the numbers.
        periods: the columns.
        labels: (key, value) -> how people call the value.
        cells: the numbers of each combination of values, in the order in which they are shown.
        below: further lines of the table, such as the whole: label -> period -> number.
        notes: sentences.
        nothing: period -> what stands where nothing was counted.
    """

    title: str
    asked: Asked
    report: Report
    unit: str
    periods: list[str]
    labels: dict[tuple[str, str], str]
    cells: Cells = field(default_factory=dict)
    below: dict[str, dict[str, float | None]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    nothing: dict[str, float | None] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """Return the answer as text; its first and its last line say that it is not protected."""
        heads = [*(key.replace("_", " ") for key in self.asked.keys), *self.periods]
        rows = [
            [
                *(self.labels.get(pair, pair[1]) for pair in zip(self.asked.keys, values, strict=True)),
                *(self._number(numbers.get(period)) for period in self.periods),
            ]
            for values, numbers in self.cells.items()
            if self.asked.keys
        ]
        for label, numbers in self.below.items():
            head = [label, *[""] * (len(self.asked.keys) - 1)] if self.asked.keys else []
            rows.append([*head, *(self._number(numbers.get(period)) for period in self.periods)])
        table = _aligned([heads, *rows], len(self.asked.keys))
        return [UNPROTECTED, "", self.title, "", *table, "", *self.notes, "", UNPROTECTED]

    def write(self, path: Path) -> None:
        """Write the numbers as CSV, one row each, unrounded; every row says that it is not protected."""
        keys = self.asked.keys
        wholes = [((label, *[""] * max(len(keys) - 1, 0)), row) for label, row in self.below.items()]
        rows = [
            (
                UNPROTECTED,
                self.report.authority,
                self.report.year,
                self.asked.measure,
                held,
                *values,
                period,
                number,
            )
            for held in [self.asked.held()]
            for values, numbers in [*self.cells.items(), *(wholes if keys else ())]
            for period, number in ((period, numbers.get(period)) for period in self.periods)
        ]
        columns = ("protection", "authority", "reporting_year", "measure", "held", *keys, "period", "value")
        write_csv(path, columns, rows)

    def _number(self, value: float | None) -> str:
        if value is None:
            return "-"
        if self.unit == "gbp":
            return f"£{value:,.2f}"
        if self.unit == "percent":
            return f"{value:.1f}%"
        return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def ask(settings: Settings, question: str, authority: str = "") -> Answer:
    """Answer a question.

    Args:
        settings: where the warehouse is.
        question: in plain words.
        authority: whose numbers; blank where only one has them.

    Raises:
        CannotAnswer: it is not understood, or nothing here can answer it.
    """
    with open_warehouse(settings.database) as connection:
        return _Asking(settings, connection).answer(question, authority)


class _Asking:
    """One question to one warehouse."""

    def __init__(self, settings: Settings, connection: DuckDBPyConnection) -> None:
        self.settings = settings
        self.connection = connection
        self.layer = semantic.measures()
        self.catalogue = {
            row[0]: row[1:]
            for row in self._rows("select measure, title, unit, rule from reference.figure_catalogue")
        }
        families = self._rows(
            "select table_name from information_schema.tables where table_schema = 'figures' "
            "and starts_with(table_name, 'figures_') order by 1"
        )
        self.families = [name for (name,) in families if name not in _NOT_MEASURED]
        # of the authority that is asked about: its own groupings, its services (label, level, parent), and the tables of
        # figures of the measure and report
        self.groupings: set[str] = set()
        self.services: dict[str, list[str]] = {}
        self.sets: dict[tuple[tuple[str, ...], str], str] = {}

    def answer(self, question: str, authority: str) -> Answer:
        """Answer it."""
        names, titles = self._names()
        measure, rest = measure_of(question, names, titles)
        held = self._held(measure)
        asked = Asked(measure, titles[measure])
        report = self._report(held, authority)
        self.groupings = {
            name
            for (name,) in self._rows(
                "select distinct grouping from intermediate.int_complaint_grouping where authority = $1",
                report.authority,
            )
        }
        self.services = {
            service: row
            for service, *row in self._rows(
                "select service, label, level, coalesce(parent_service, '') from marts.dim_service "
                "where authority = $1 and is_latest",
                report.authority,
            )
        }
        self.sets = self._sets(held, report)
        read_rest(asked, rest, self._vocabulary(asked.measure, held, report))
        report = self._report_of_year(report, asked.year)
        self.sets = self._sets(held, report)
        return self._counted(asked, report, held)

    # What there is

    def _rows(self, sql: str, *parameters: Any) -> list[tuple]:
        return self.connection.execute(sql, list(parameters)).fetchall()

    def _names(self) -> tuple[dict[Words, str], dict[str, str]]:
        """Return the words of every measure, and their titles."""
        known = [measure for measure in self.catalogue if "*" not in measure]
        titles = {measure: self.catalogue[measure][0] for measure in known}
        names: dict[Words, str] = {}
        for measure in known:
            names.setdefault(fold(measure), measure)
        for measure in known:
            names.setdefault(fold(titles[measure]), measure)
        for measure, words in semantic.words_of_measures().items():
            for word in words:
                names.setdefault(fold(word), measure)
        return names, titles

    def _held(self, measure: str) -> str:
        """Return SQL of the rows that the tables of figures have of a measure."""
        columns = "authority, reporting_year, breakdown, period, value"
        quoted = measure.replace("'", "''")
        return " union all ".join(
            f"select {columns}, '{family}' as family from figures.{family} where measure = '{quoted}'"
            for family in self.families
        )

    def _report(self, held: str, authority: str) -> Report:
        """Return the newest report of the authority that is asked about.

        Raises:
            CannotAnswer: there is none, or several authorities have such numbers.
        """
        reports = self._rows("select authority, reporting_year, as_at from marts.dim_report order by 1, 2")
        authorities = list(dict.fromkeys(name for name, *_ in reports))
        if authority and authority not in authorities:
            raise CannotAnswer(
                f"There is no report of `{authority}` in the warehouse.",
                [f"There are: {', '.join(authorities)}."],
            )
        if not authority:
            having = {name for (name,) in self._rows(f"select distinct authority from ({held})")}
            having = having or set(authorities)
            if len(having) > 1:
                raise CannotAnswer(
                    "Several authorities have such numbers; name one with --authority.",
                    [name for name in authorities if name in having],
                )
            [authority] = having
        _, year, as_at = next(row for row in reversed(reports) if row[0] == authority)
        return Report(authority, year, as_at, self._years(authority, year))

    def _years(self, authority: str, year: str) -> tuple[str, ...]:
        """Return the years that a report's cases cover."""
        return tuple(
            name
            for (name,) in self._rows(
                "select period from marts.dim_period where authority = $1 and reporting_year = $2 "
                "and period_kind = 'year' order by 1",
                authority,
                year,
            )
        )

    def _report_of_year(self, report: Report, year: str) -> Report:
        """Return the report of a year, or the newest, which may know that year too."""
        own = self._rows(
            "select as_at from marts.dim_report where authority = $1 and reporting_year = $2",
            report.authority,
            year,
        )
        if not own:
            return report
        return Report(report.authority, year, own[0][0], self._years(report.authority, year))

    def _sets(self, held: str, report: Report) -> dict[tuple[tuple[str, ...], str], str]:
        """Return the tables of figures of the report: (keys, kind of period) -> family."""
        return {
            (tuple(keys), kind): family
            for keys, kind, family in self._rows(
                f"select distinct {_KEYS_OF}, period_kind, family from ({held}) "
                "inner join marts.dim_period using (authority, reporting_year, period) "
                "where authority = $1 and reporting_year = $2",
                report.authority,
                report.year,
            )
        }

    def _keys(self, measure: str) -> list[str]:
        """Return the keys by which a measure can be counted."""
        keys = {key for keys, _ in self.sets for key in keys}
        if measure in self.layer:
            of_layer = self.layer[measure]
            keys |= set(of_layer.keys)
            keys |= {key for bridge in of_layer.bridges for key in bridge.keys if key != "*"}
            keys |= {key for key in self.groupings if of_layer.holds(key, self.groupings)}
        return sorted(keys)

    def _vocabulary(self, measure: str, held: str, report: Report) -> Vocabulary:
        """Return the words of the keys of a measure."""
        keys = self._keys(measure)
        every = {key for known in self.layer.values() for key in (*known.keys, "service", "theme")}
        synonyms = semantic.words_of_keys()

        def words(of: Iterable[str]) -> dict[Words, str]:
            named = {fold(word): key for key in of for word in synonyms.get(key, ())}
            return {**named, **{fold(key): key for key in of}}

        levels: dict[Words, str] = {}
        if "service" in keys:
            levels = {fold(level): level for _, level, _ in self.services.values() if level not in _NO_LEVELS}
        found: dict[Words, frozenset[tuple[str, str]]] = {}

        def values() -> dict[Words, frozenset[tuple[str, str]]]:
            if not found:
                gathered: dict[Words, set[tuple[str, str]]] = {}
                for key, value, word in self._values(measure, keys, held, report):
                    gathered.setdefault(fold(word), set()).add((key, value))
                found.update((word, frozenset(pairs)) for word, pairs in gathered.items() if word)
            return found

        return Vocabulary(words(keys), levels, words(every - set(keys)), values)

    def _values(
        self, measure: str, keys: Sequence[str], held: str, report: Report
    ) -> Iterable[tuple[str, str, str]]:
        """Return every (key, value, word for it): of the figures, the facts, the services and the contract."""
        for pair in self._rows(
            f"select distinct unnest(string_split(breakdown, ';')) from ({held}) where authority = $1",
            report.authority,
        ):
            key, value = pair_of(pair[0])
            if key:
                yield key, value, value
        if measure in self.layer:
            of_figures = {key for names, _ in self.sets for key in names}
            for key in keys:
                if key not in of_figures and self.layer[measure].holds(key, self.groupings):
                    counted = semantic.statement(self.layer[measure], [key], "year", self.groupings)
                    for (value,) in self._rows(
                        f'select distinct "{key}" from ({counted}) where authority = $1', report.authority
                    ):
                        yield key, value, value
        for service, (label, *_) in self.services.items() if "service" in keys else ():
            yield from (("service", service, service), ("service", service, label))
        from redress.contract.contract import load_contract

        for table in load_contract(self.settings.reference).tables.values():
            for column in table.fields.values():
                if column.name in keys:
                    yield from ((column.name, word, word) for word in column.words)

    # The numbers

    def _counted(self, asked: Asked, report: Report, held: str) -> Answer:
        """Return the answer to a question that is understood."""
        _, unit, rule = self.catalogue[asked.measure]
        kind, periods = _periods(asked, report)
        of_layer = self.layer.get(asked.measure)
        if of_layer and kind not in of_layer.kinds:
            raise CannotAnswer(f"{asked.title} cannot be counted by {kind}.", [of_layer.says])
        cells, source = self._cells(asked, report, held, kind, periods)
        answer = Answer("", asked, report, unit, periods, {})
        given = self._given(asked, report, periods) if kind == "year" else {}
        for values, numbers in given.items():
            cells.setdefault(values, {}).update(numbers)
        years = sorted({year for numbers in given.values() for year in numbers})
        if years:
            answer.periods = sorted({*periods, *years})
            answer.notes.append(f"As the council gave them, not counted: {', '.join(years)}.")
        if asked.year and asked.year not in report.years and not cells:
            raise CannotAnswer(
                f"The cases of {report.authority} do not cover {asked.year}.",
                [f"They cover {', '.join(report.years)}."],
            )
        # nothing is 0 where it could have been counted
        nothing = 0.0 if of_layer is not None and of_layer.is_count else None
        answer.nothing = {period: None if period in years else nothing for period in answer.periods}
        answer.cells = {
            values: answer.nothing | cells[values]
            for values in sorted(cells, key=lambda values: self._place_of_row(asked, values))
        }
        answer.labels = {
            pair: self._label(asked, *pair)
            for values in cells
            for pair in zip(asked.keys, values, strict=True)
        }
        self._add_whole(answer, asked, report, held, kind)
        answer.title = f"{self._understood(answer)}: {report.authority}, as known on {report.as_at:%-d %B %Y}"
        answer.title += f" (report {report.year})"
        answer.notes += [f"Counted: {rule}.", f"From {source}."]
        if not any(number for numbers in answer.cells.values() for number in numbers.values()):
            answer.notes.insert(0, "No part of it has a number." if asked.keys else "Nothing was counted.")
        return answer

    def _understood(self, answer: Answer) -> str:
        """Return what the question asks for, in words."""
        asked, periods = answer.asked, answer.periods
        apart = [_named(key, asked) for key in asked.keys]
        if len(periods) > 1:
            apart.append(_periods(asked, answer.report)[0])
        filters = [*asked.filters.items(), *([("service", asked.under)] if asked.under else ())]
        return ", ".join(
            [
                f"{asked.title} by {' and '.join(apart)}" if apart else asked.title,
                *(f"{key.replace('_', ' ')} {self._label(asked, key, value)}" for key, value in filters),
                periods[0] if len(periods) == 1 else f"{periods[0]} to {periods[-1]}",
            ]
        )

    def _cells(
        self, asked: Asked, report: Report, held: str, kind: str, periods: Sequence[str]
    ) -> tuple[Cells, str]:
        """Return the numbers, and where they come from.

        Raises:
            CannotAnswer: neither the tables of figures nor the facts have them.
        """
        of_layer = self.layer.get(asked.measure)
        together = (*asked.keys, *asked.filters)
        in_layer = of_layer is not None and all(of_layer.holds(key, self.groupings) for key in together)
        family = self.sets.get((tuple(sorted(together)), kind))
        covered = {
            period
            for (period,) in self._rows(
                "select period from marts.dim_period where authority = $1 and reporting_year = $2 and period_kind = $3",
                report.authority,
                report.year,
                kind,
            )
        }
        if family and (not in_layer or set(periods) <= covered):
            rows = self._of_figures(held, report, asked, periods)
            source = f"the table of figures {family}"
        elif in_layer:
            rows = self._of_facts(asked, report, kind)
            source = "the facts, as redress/warehouse/semantic.yml defines the measure"
        else:
            raise CannotAnswer(
                self._cannot(asked, kind, together, of_layer), self._can(asked.measure, of_layer)
            )
        cells: Cells = {}
        for values, period, number in rows:
            if period in periods and self._is_shown(asked, values):
                cells.setdefault(values, {})[period] = number
        return cells, source

    def _cannot(
        self, asked: Asked, kind: str, together: Sequence[str], of_layer: semantic.Measure | None
    ) -> str:
        by = " and ".join(together) or "itself"
        if of_layer is None:
            return f"{asked.title} by {by}, by {kind}, is in no table of figures, and the facts have no definition of it."
        strange = [key for key in together if not of_layer.holds(key, self.groupings)]
        return f"{asked.title} by {by} is in no table of figures, and the facts do not have {', '.join(strange)}."

    def _can(self, measure: str, of_layer: semantic.Measure | None) -> list[str]:
        """Return by what a measure can be counted instead."""
        tables = sorted({f"{' and '.join(keys) or 'as a whole'} ({kind})" for keys, kind in self.sets})
        can = [f"Tables of figures of it: {', '.join(tables)}."] if tables else []
        if of_layer:
            keys = [key for key in self._keys(measure) if of_layer.holds(key, self.groupings)]
            can.append(f"From the facts by any of: {', '.join(keys)}; by year, quarter or month.")
        return can or ["It has no numbers here."]

    def _of_figures(
        self, held: str, report: Report, asked: Asked, periods: Sequence[str]
    ) -> Iterable[tuple[tuple[str, ...], str, float | None]]:
        wanted = sorted([*asked.keys, *asked.filters])
        for breakdown, period, value in self._rows(
            f"select breakdown, period, value from ({held}) where authority = $1 and reporting_year = $2 "
            f"and list_contains($3, period) and {_KEYS_OF} = $4::varchar[]",
            report.authority,
            report.year,
            list(periods),
            wanted,
        ):
            pairs = dict(pairs_of(breakdown))
            if all(pairs[key] == value for key, value in asked.filters.items()):
                yield tuple(pairs[key] for key in asked.keys), period, value

    def _of_facts(
        self, asked: Asked, report: Report, kind: str, is_lifted: bool = False
    ) -> Iterable[tuple[tuple[str, ...], str, float | None]]:
        counted = semantic.statement(
            self.layer[asked.measure], asked.keys, kind, self.groupings, list(asked.filters), is_lifted
        )
        place = len(asked.filters)
        for _, _, period, *values, number in self._rows(
            f"select * from ({counted}) where authority = ${place + 1} and reporting_year = ${place + 2}",
            *asked.filters.values(),
            report.authority,
            report.year,
        ):
            yield tuple(values), period, number

    def _given(self, asked: Asked, report: Report, periods: Sequence[str]) -> Cells:
        """Return the earlier years that the council gave, where its cases do not cover them."""
        cells: Cells = {}
        for breakdown, period, value in self._rows(
            "select breakdown, period, value from figures.figures_prior where authority = $1 and reporting_year = $2 "
            f"and measure = $3 and {_KEYS_OF} = $4::varchar[]",
            report.authority,
            report.year,
            asked.measure,
            sorted([*asked.keys, *asked.filters]),
        ):
            pairs = dict(pairs_of(breakdown))
            values = tuple(pairs[key] for key in asked.keys)
            is_wanted = (asked.is_every_year or period in periods) and period not in report.years
            if is_wanted and pairs.items() >= asked.filters.items() and self._is_shown(asked, values):
                cells.setdefault(values, {})[period] = value
        return cells

    def _add_whole(self, answer: Answer, asked: Asked, report: Report, held: str, kind: str) -> None:
        """Add the whole beside the parts, and what is to be said of parts that overlap."""
        of_layer = self.layer.get(asked.measure)
        together = (*asked.keys, *asked.filters)
        bridges = [
            bridge for key in asked.keys if of_layer and (bridge := of_layer.bridge(key, self.groupings))
        ]
        answer.notes += dict.fromkeys(bridge.says for bridge in bridges)
        if of_layer:
            answer.notes += [says for key, says in of_layer.without.items() if key not in together]
        overlap = any(bridge.overlaps for bridge in bridges) and of_layer.is_count
        under = {"service": asked.under} if asked.under else {}
        whole = Asked(asked.measure, asked.title, filters={**asked.filters, **under})
        if of_layer and all(of_layer.holds(key, self.groupings) for key in together):
            lifted = bool(of_layer.unless & set(together))
            rows = list(self._of_facts(whole, report, kind, lifted))
        elif asked.keys and (tuple(sorted(whole.filters)), kind) in self.sets:
            rows = list(self._of_figures(held, report, whole, answer.periods))
        else:
            rows = []
        numbers = {period: number for _, period, number in rows if period in answer.periods}
        if kind == "year":
            numbers |= self._given(whole, report, answer.periods).get((), {})
        if not asked.keys:
            numbers = numbers | next(iter(answer.cells.values()), {})
        elif overlap and ("service" not in asked.keys or asked.level):
            answer.below["Added up"] = {
                period: sum(numbers[period] or 0 for numbers in answer.cells.values())
                for period in answer.periods
            }
        if rows or not asked.keys:
            label = "Each counted once" if overlap else "All"
            answer.below[label] = answer.nothing | numbers

    # How it is shown

    def _is_shown(self, asked: Asked, values: Sequence[str]) -> bool:
        """Return whether a row is of the level, and under the service, that the question names."""
        if "service" not in asked.keys:
            return True
        service = values[asked.keys.index("service")]
        label_level_parent = self.services.get(service, ("", "", ""))
        is_of_level = asked.level in ("", label_level_parent[1])
        return is_of_level and (not asked.under or asked.under in self._above(service))

    def _above(self, service: str) -> list[str]:
        """Return what a service belongs to, the highest first, and itself last."""
        path: list[str] = []
        while service and service not in path:
            path.insert(0, service)
            service = self.services.get(service, ("", "", ""))[2]
        return path

    def _label(self, asked: Asked, key: str, value: str) -> str:
        """Return how people call a value: of a service its label, with its level where the answer has several."""
        if key != "service" or value not in self.services:
            return value
        label, level, _ = self.services[value]
        return label if asked.level or level in _NO_LEVELS else f"{label} ({level})"

    def _place_of_row(self, asked: Asked, values: Sequence[str]) -> list[tuple]:
        """Return where a row stands: a service after what it belongs to, numbers by their size, not known last."""
        return [
            tuple(
                (above == "not_known", self.services.get(above, (above,))[0], above)
                for above in self._above(value)
            )
            if key == "service"
            else _place(value)
            for key, value in zip(asked.keys, values, strict=True)
        ]


def _periods(asked: Asked, report: Report) -> tuple[str, list[str]]:
    """Return the kind of the periods that are wanted, and their names in order."""
    kind = asked.kind or ("quarter" if asked.part.startswith("Q") else "month" if asked.part else "year")
    every = asked.is_every_year or (asked.kind == "year" and not asked.year)
    years = report.years if every else (asked.year or report.year,)
    if kind == "year":
        return kind, list(years)
    names = []
    for year in years:
        first = int(year[:4])
        months = [f"{first + (month < 4)}-{month:02d}" for month in (*range(4, 13), 1, 2, 3)]
        for quarter in range(4):
            of_quarter = months[3 * quarter : 3 * quarter + 3]
            if asked.part.startswith("Q") and asked.part != f"Q{quarter + 1}":
                continue
            names += [f"{year}-Q{quarter + 1}"] if kind == "quarter" else of_quarter
    if asked.part and not asked.part.startswith("Q"):
        names = [name for name in names if kind == "month" and name.endswith(f"-{asked.part}")]
    if not names:
        raise CannotAnswer(f"{MONTHS[int(asked.part) - 1].title()} has no quarters.")
    return kind, names


def _named(key: str, asked: Asked) -> str:
    return asked.level.replace("_", " ") if key == "service" and asked.level else key.replace("_", " ")


def _place(value: str) -> tuple:
    """Return where a value stands among others: numbers by their size, what is not known last."""
    number = value.split("-")[0]
    return (value == "not_known", not number.isdigit(), int(number) if number.isdigit() else 0, value)


def _aligned(rows: Sequence[Sequence[str]], words: int) -> list[str]:
    """Return rows of cells as lines: the first columns to the left, numbers to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if place < words else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
