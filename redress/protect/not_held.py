"""What a council does not record, so that pages can tell it from none and from protected.

A council says so in its profile, or its data do: a table of the contract of which no row ever came, or a column that says
something in none. A measure that needs such a table or column (`also_needs` in the figure catalogue) is then not available, and
not 0, also where a number could be worked out: of 20 forms whose return nobody records, 20 are not outstanding. What has a
figure is held all the same, since earlier years may be printed numbers; of what a blank column says only those count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from redress.authority.model import NOT_KNOWN
from redress.contract import figure_catalogue
from redress.contract.contract import Contract, Table
from redress.declared.sets import standard_keys

DECLARED, NO_ROWS = "profile", "no_rows"
_SAYS = "value is not null and value != 0"
KEY = "key:"
"""Stands before the name of a key of breakdowns that is not recorded."""

_KEYS = {"birth_date": "age_band", "cost_gbp": "cost", "measure": "activity"}
"""Column -> the key that is made of it, where it is not named so."""
_NO_CASES = frozenset({"prior_figure"})
"""Tables whose columns are about figures and not about cases."""
_STAGED = {"birth_date": "age_at_receipt", "complainant_id": "complainant_key"}
"""Column of the contract -> the staged column that is kept of it."""


@dataclass
class _Held:
    """What lies in the staged tables of one council: tables with rows, and columns that say something, as `table.column`."""

    tables: set[str] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)


def rows(connection: Any, contract: Contract, declared: dict[str, list[str]]) -> list[dict[str, str]]:
    """Return a row for each report and each measure or key of which the council has nothing.

    Args:
        connection: the warehouse.
        contract: says which tables there are.
        declared: authority -> what its profile says is not held.
    """
    reports = connection.execute(
        "select authority, reporting_year from marts.dim_report order by all"
    ).fetchall()
    held = _held(connection, contract, {authority for authority, _ in reports})
    counted, printed = _counted(connection), _measures(connection, f"{_SAYS} and status = 'prior'")
    found = []
    for authority, year in reports:
        silent = _silent(held[authority])
        lacking = dict.fromkeys([*_lacking(contract, held[authority]), *silent], NO_ROWS)
        lacking |= dict.fromkeys(_names(contract, declared.get(authority, ())), DECLARED)
        found += [
            {"authority": authority, "reporting_year": year, "name": name, "how": lacking[name]}
            for name in sorted(lacking)
            if (authority, name) not in (printed if name in silent else counted)
        ]
    return found


def _held(connection: Any, contract: Contract, authorities: Iterable[str]) -> dict[str, _Held]:
    """Return what each council's staged tables hold; one that is not staged holds everything, as nothing is known of it."""
    held = {authority: _Held() for authority in authorities}
    staged: dict[str, set[str]] = {}
    for table, column in connection.execute(
        "select table_name, column_name from information_schema.columns where table_schema = 'staging'"
    ).fetchall():
        staged.setdefault(table, set()).add(column)
    for table in _tables(contract):
        columns = staged.get(f"stg_{table.name}", set())
        known = {name: _STAGED.get(name, name) for name in table.fields if _STAGED.get(name, name) in columns}
        for council in held.values() if not columns else ():
            council.tables.add(table.name)
        for council in held.values():
            council.columns |= {f"{table.name}.{name}" for name in table.fields if name not in known}
        if not columns:
            continue
        says = ", ".join(
            f"count(*) filter (where cast({column} as varchar) != '{NOT_KNOWN}')" for column in known.values()
        )
        for authority, *filled in connection.execute(
            f"select authority, {says or 'count(*)'} from staging.stg_{table.name} group by authority"
        ).fetchall():
            if authority in held:
                held[authority].tables.add(table.name)
                names = (name for name, number in zip(known, filled, strict=False) if number)
                held[authority].columns |= {f"{table.name}.{name}" for name in names}
    return held


def _measures(connection: Any, condition: str) -> set[tuple[str, str]]:
    """Return (authority, measure) of the figures for which a condition holds."""
    return set(
        connection.execute(
            f"select distinct authority, measure from figures.figures where {condition}"
        ).fetchall()
    )


def _counted(connection: Any) -> set[tuple[str, str]]:
    """Return (authority, measure) and (authority, key) of all that some figure says something of."""
    keys = connection.execute(
        f"""
        select distinct authority, '{KEY}' || split_part(pair, '=', 1)
        from (
            select authority, unnest(string_split(breakdown, ';')) as pair
            from figures.figures
            where breakdown != '' and {_SAYS}
        ) as pairs
        where pair not like '%={NOT_KNOWN}'
        """
    ).fetchall()
    return {*_measures(connection, _SAYS), *keys}


def _lacking(contract: Contract, held: _Held) -> list[str]:
    """Return the measures and keys of which a council has no row, or leaves the column of the key blank."""
    empty = [table.name for table in _tables(contract) if table.name not in held.tables]
    # a key is not recorded where every table that has it leaves it blank
    filled = {_key(name.partition(".")[2]) for name in held.columns}
    blank = {_key(column) for table in _tables(contract) for column in table.fields} - filled
    return [*_names(contract, empty), *(f"{KEY}{key}" for key in blank & standard_keys())]


def _silent(held: _Held) -> set[str]:
    """Return the measures that need a column which says nothing in any row."""
    return {
        measure
        for measure, needs in figure_catalogue.tables_of().items()
        if any("." in need and need not in held.columns for need in needs)
    }


def _tables(contract: Contract) -> list[Table]:
    return [table for table in contract.tables.values() if table.name not in _NO_CASES]


def _key(column: str) -> str:
    """Return the key of breakdowns that is made of a column of the contract."""
    return _KEYS.get(column, column)


def _names(contract: Contract, given: Iterable[str]) -> list[str]:
    """Return the measures and keys that names of tables, columns and measures stand for."""
    names: list[str] = []
    for name in given:
        table, dot, column = name.partition(".")
        if dot:
            names.append(f"{KEY}{_key(column)}")
        if dot or table in contract.tables:
            names += [measure for measure, needs in figure_catalogue.tables_of().items() if name in needs]
        else:
            names.append(name)
    return names
