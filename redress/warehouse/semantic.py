"""What a measure means over the facts, so that it can be counted by keys that no table of figures has.

The definitions are `semantic.yml`, which says how to read them; `statement` turns a measure, keys and a kind of period into one
statement of SQL. Every answer is what the tables of figures hold where they count the same, which a test holds it to.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from redress.base.strict_yaml import read_yaml
from redress.contract.figure_catalogue import by_measure

PERIODS = {"year": "reporting_year", "quarter": "quarter_period", "month": "month_period"}
"""Kind of period -> the column of the calendar that names it."""

_OWN_GROUPING = "*"


@dataclass(frozen=True)
class Bridge:
    """What a thing has several of.

    Attributes:
        join: SQL that brings it to the relation; `{key}` stands for the name of a council's own grouping, and in the
            definitions `{placed}` for the day by which a row has its place in the tree of services.
        keys: key -> expression; `*` for a council's own groupings.
        says: what the answer says when one of its keys is asked for.
        overlaps: whether a thing may be in several parts of one level, which then add up to more than the whole.
    """

    join: str
    keys: dict[str, str]
    says: str
    overlaps: bool = True


@dataclass(frozen=True)
class Measure:
    """What is counted, when, and by what.

    Attributes:
        name: in the figure catalogue.
        source: the relation, as SQL with the alias `events`.
        thing: expression that tells one counted thing from another.
        when: condition that places a thing in `periods`.
        where: fixed condition, blank for none.
        unless: keys with which the condition falls away.
        amount: expression of what is put together, blank for a count.
        put_together: the SQL function that does.
        keys: key -> expression, of which a thing has one value.
        bridges: of keys of which it may have several.
        without: key -> what to say where it is not asked for.
        kinds: of period, by which it can be counted.
        says: why it can be counted by these kinds alone; blank where by all.
    """

    name: str
    source: str
    thing: str
    when: str
    where: str
    unless: frozenset[str]
    amount: str
    put_together: str
    keys: dict[str, str]
    bridges: tuple[Bridge, ...]
    without: dict[str, str]
    kinds: tuple[str, ...] = tuple(PERIODS)
    says: str = ""

    @property
    def is_count(self) -> bool:
        """Whether nothing is 0: an average of nothing is not known."""
        return self.put_together in ("", "sum")

    def holds(self, key: str, groupings: Collection[str] = ()) -> bool:
        """Return whether it can be counted by a key.

        Args:
            key: the key.
            groupings: names of the council's own.
        """
        return key in self.keys or self.bridge(key, groupings) is not None

    def bridge(self, key: str, groupings: Collection[str] = ()) -> Bridge | None:
        """Return the bridge that has a key, if the key is of one."""
        for bridge in self.bridges:
            if key in bridge.keys or (_OWN_GROUPING in bridge.keys and key in groupings):
                return bridge
        return None


def measures() -> dict[str, Measure]:
    """Return every measure that the definitions have."""
    return _layer()[0]


def words_of_keys() -> dict[str, list[str]]:
    """Return what people call a key."""
    return _layer()[1]


def words_of_measures() -> dict[str, list[str]]:
    """Return what people call a measure."""
    return _layer()[2]


@cache
def _layer() -> tuple[dict[str, Measure], dict[str, list[str]], dict[str, list[str]]]:
    given = read_yaml(Path(__file__).with_name("semantic.yml"))
    bridges = {name: Bridge(**bridge) for name, bridge in given["bridges"].items()}
    found = {
        name: _measure(name, measure, given["relations"][measure["of"]], bridges)
        for name, measure in given["measures"].items()
    }
    return found, given["words"], given["measure_words"]


def _placed(bridge: Bridge, relation: dict[str, Any]) -> Bridge:
    """Return the bridge of a relation: its join asks for the relation's own day."""
    return replace(bridge, join=bridge.join.replace("{placed}", relation.get("placed", "{placed}")))


def _measure(
    name: str, given: dict[str, Any], relation: dict[str, Any], bridges: dict[str, Bridge]
) -> Measure:
    between = "events.{} between periods.period_start and periods.period_end"
    return Measure(
        name=name,
        source=relation["from"].format(fact=relation.get("fact", "")),
        thing=relation["thing"],
        when=given.get("when") or between.format(given["date"]),
        where=given.get("where", ""),
        unless=frozenset(given.get("unless", ())),
        amount=given.get("amount", ""),
        put_together=given.get("as", ""),
        keys=relation["keys"],
        bridges=tuple(_placed(bridges[bridge], relation) for bridge in relation.get("bridges", ())),
        without=relation.get("without", {}),
        kinds=tuple(relation.get("kinds", PERIODS)),
        says=relation.get("says", ""),
    )


@dataclass(frozen=True)
class Listed:
    """A measure for a list: what it is called, and by what it can be counted."""

    name: str
    title: str
    unit: str
    by: str
    over: str


def keys_of_measures() -> list[Listed]:
    """Return what can be asked for, in the order of the figure catalogue."""
    defined, listed = measures(), []
    for name, row in by_measure().items():
        if name.startswith("*"):
            continue
        measure = defined.get(name)
        by, over = "what the tables of figures have of it", ""
        if measure is not None:
            keys = dict.fromkeys([*measure.keys, *(key for bridge in measure.bridges for key in bridge.keys)])
            own = ["the council's own groupings"] if keys.pop(_OWN_GROUPING, "") is None else []
            by = ", ".join([*keys, *own]) or "nothing"
            if measure.kinds != tuple(PERIODS):
                over = f"{', '.join(measure.kinds)}: {measure.says}"
        listed.append(Listed(name, row["title"], row["unit"], by, over))
    return listed


def listed_measures(wanted: Sequence[str] = ()) -> list[str]:
    """Return what can be asked for, a few lines a measure: its name and title, by which keys, over which periods.

    Args:
        wanted: words of which a name or title must hold each; every measure where there are none.
    """
    also = words_of_measures()
    lines: list[str] = []
    for measure in keys_of_measures():
        told = f"{measure.name} {measure.title} {' '.join(also.get(measure.name, ()))}".casefold()
        if all(word.casefold() in told for word in wanted):
            lines += [f"{measure.name}: {measure.title} ({measure.unit})", f"    by {measure.by}"]
            lines += [f"    over {measure.over}"] if measure.over else []
    return lines


def statement(
    measure: Measure,
    keys: Sequence[str],
    kind: str,
    groupings: Collection[str] = (),
    filters: Sequence[str] = (),
    is_lifted: bool = False,
) -> str:
    """Return SQL that counts a measure by keys, in every period of a kind, of every report.

    Its columns are authority, reporting_year, period, the keys and value. A thing counts once for each combination of values.

    Args:
        measure: what is counted.
        keys: by what, in order.
        kind: of period: `year`, `quarter` or `month`; every year that the report's cases cover has its own.
        groupings: names of the council's own groupings.
        filters: keys that are held to a value; the values are the statement's parameters, in order.
        is_lifted: whether the measure's condition falls away, as where one of its `unless` is a key: the whole of parts
            that were counted so.

    Raises:
        ValueError: it cannot be counted by this kind of period.
    """
    if kind not in measure.kinds:
        raise ValueError(f"{measure.name} by {kind}: {measure.says}")
    asked = list(dict.fromkeys([*keys, *filters]))
    joins, expressions = _joined(measure, asked, groupings)
    conditions = [f"{expressions[key]} is not null" for key in keys]
    conditions += [f"{_as_word(expressions[key])} = ${place}" for place, key in enumerate(filters, start=1)]
    if measure.where and not is_lifted and not measure.unless & set(asked):
        conditions.append(f"({measure.where})")
    columns = "".join(f", {_as_word(expressions[key])} as {_name(key)}" for key in keys)
    names = "".join(f", {_name(key)}" for key in keys)
    together = f"{measure.put_together}(amount)" if measure.put_together else "count(*)"
    return f"""\
with periods as (
    select years.authority, years.reporting_year, days.{PERIODS[kind]} as period,
        min(days.date_day) as period_start, max(days.date_day) as period_end
    from marts.dim_period as years
    inner join marts.dim_date as days on years.period_reporting_year = days.reporting_year
    where years.period_kind = 'year'
    group by all
),
counted as (
    select distinct events.authority, events.reporting_year, periods.period{columns},
        {measure.thing} as thing, {measure.amount or "null"} as amount
    from {measure.source}
    {" ".join(joins)}
    inner join periods
        on events.authority = periods.authority and events.reporting_year = periods.reporting_year
        and {measure.when}
    where {" and ".join(conditions) or "true"}
)
select authority, reporting_year, period{names}, cast({together} as double) as value
from counted
group by all
order by all"""


def _joined(
    measure: Measure, asked: Sequence[str], groupings: Collection[str]
) -> tuple[list[str], dict[str, str]]:
    """Return the joins that the keys need, each once, and the expression of each key.

    A council's own groupings are joined once each, under a name of their own.
    """
    joins: dict[str, None] = {}
    expressions: dict[str, str] = {}
    for place, key in enumerate(asked):
        bridge = measure.bridge(key, groupings)
        if key in measure.keys or bridge is None:
            expressions[key] = measure.keys[key]
            continue
        join, expression = bridge.join, bridge.keys.get(key)
        if expression is None:
            alias = f"groups_{place}"
            quoted = key.replace("'", "''")
            join = (
                join.replace("{key}", quoted)
                .replace("groups.", f"{alias}.")
                .replace("as groups", f"as {alias}")
            )
            expression = bridge.keys[_OWN_GROUPING].replace("groups.", f"{alias}.")
        joins[join] = None
        expressions[key] = expression
    return list(joins), expressions


def _as_word(expression: str) -> str:
    """Return SQL of a value as a breakdown writes it, where a semicolon parts one pair from the next."""
    return f"replace(cast({expression} as varchar), ';', ',')"


def _name(key: str) -> str:
    """Return a key as the name of a column."""
    return '"' + key.replace('"', '""') + '"'
