"""The generated cases of one authority, in the extract contract's shape, before any export shapes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Cases:
    """Rows by contract table.

    Every row is a dictionary with the contract's column names. Columns whose name begins with `_` are what a
    council's own system holds besides (names, notes): an export may show them, the contract lacks them.
    """

    tables: dict[str, list[dict]] = field(default_factory=dict)

    def add(self, table: str, **row: object) -> dict:
        """Append one row and return it."""
        self.tables.setdefault(table, []).append(row)
        return row

    def rows(self, table: str) -> list[dict]:
        """The rows of one table, in order; empty when there are none."""
        return self.tables.get(table, [])

    def select(self, table: str, **where: object) -> Iterator[dict]:
        """Rows whose columns equal `where`."""
        for row in self.rows(table):
            if all(row.get(column) == value for column, value in where.items()):
                yield row
