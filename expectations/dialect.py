"""The DuckDB dialect that lets Great Expectations evaluate inside DuckDB.

Over the stock `duckdb` dialect every table metric of Great Expectations fails,
    silently: it fetches rows after
the connection went back to the pool, and the pool's rollback has voided the result by then. This dialect
begins, commits and rolls back nothing, which is right for a file that is only ever opened to be read.
"""

from __future__ import annotations

import weakref
from pathlib import Path

import duckdb
from duckdb_engine import ConnectionWrapper, Dialect
from sqlalchemy.dialects import registry

from expectations.equations import offline

NAME = "redress_duckdb"

_open: weakref.WeakSet[ConnectionWrapper] = weakref.WeakSet()


class RedressDuckDBDialect(Dialect):
    """duckdb_engine's dialect without transactions, over read-only connections."""

    name = NAME
    supports_statement_cache = False

    def connect(self, *arguments, **options) -> ConnectionWrapper:
        """A read-only connection with DuckDB's own settings.

        duckdb_engine would add a user agent, and DuckDB refuses two connections of one process to one file
        with different settings; other stages read the same file.
        """
        database = options.pop("database", None) or arguments[0]
        connection = ConnectionWrapper(offline(duckdb.connect(database, read_only=True), database))
        _open.add(connection)
        return connection

    def do_begin(self, connection) -> None:
        """Nothing: a result must outlive the transaction it was read in."""

    def do_commit(self, connection) -> None:
        """Nothing was written."""

    def do_rollback(self, connection) -> None:
        """Nothing was written, and a rollback would void results not fetched yet."""


def register() -> None:
    """Make `redress_duckdb://` known to SQLAlchemy. Safe to call again."""
    registry.register(NAME, __name__, "RedressDuckDBDialect")


def connection_string(database: Path) -> str:
    """SQLAlchemy address of a DuckDB file.

    Args:
        database: an existing DuckDB file.

    Raises:
        FileNotFoundError: there is no such file (opening it would otherwise create an empty one, over which
            many checks would hold).
    """
    database = Path(database).resolve()
    if not database.is_file():
        raise FileNotFoundError(f"no database at {database}")
    return f"{NAME}:///{database}"


def close_all() -> None:
    """Close every connection of this dialect: Great Expectations keeps some of its own open."""
    for connection in list(_open):
        connection.close()
    _open.clear()
