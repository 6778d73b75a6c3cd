"""Opening the warehouse to read it, with plain errors where that is not possible."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from redress.base.blame import damaged, explained
from redress.base.settings import Settings
from redress.base.tables import is_parquet

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def open_warehouse(database: Path) -> DuckDBPyConnection:
    """Return a connection to a built warehouse, to read only.

    Raises:
        HeldFile: another program holds it; says which.
        DamagedFile: it is cut short, another file, or none of this program's.
        ConfigurationProblem: it is not there.
    """
    import duckdb

    try:
        connection = duckdb.connect(str(database), read_only=True)
    except duckdb.Error as problem:
        raise (explained(problem, database) or damaged(database)) from problem
    return connection


def require_readable(settings: Settings) -> None:
    """Raise a problem where the warehouse or a table that intake left cannot be read by anybody now.

    For what judges: what cannot be read is not wrong, and is not remembered as a check that failed.

    Raises:
        HeldFile, DamagedFile, ConfigurationProblem: as `open_warehouse`; or a parquet file is damaged.
    """
    with open_warehouse(settings.database) as connection:
        found = connection.execute(
            "select count(*) from information_schema.tables where table_schema = 'figures' and table_name = 'figures'"
        ).fetchone()
    if found != (1,):
        raise damaged(settings.database, "it has no table of figures")
    require_tables(settings)


def require_tables(settings: Settings) -> None:
    """Raise DamagedFile where a table that intake or the configuration left for the warehouse cannot be read."""
    for folder in ("conformed", "quarantine", "config"):
        for path in sorted((settings.state / folder).rglob("*.parquet")):
            if not path.name.startswith(".") and not is_parquet(path):
                raise damaged(path)
