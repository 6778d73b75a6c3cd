"""The protected export: the only tables that the website may read.

Each table is one function that selects named columns from the built warehouse or from the results of the
checks, and is written as an Arrow IPC stream. Rows about single cases are in none of them, and nothing of the
database is exported that a function here does not name.

Disclosure control (`decide`) comes before any table is made: a figure that may not be shown keeps its row, its
numbers become null and its status `suppressed`; one whose table is too fine is not exported at all. Numbers leave
the project through `tables.figures`; the tables that quote figures (comparison, checks, printed numbers) say no more
than it does. A report that is signed off leaves as it was signed (`published`). `docs/protection.md` has the method and
its limits.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path

from redress.base.settings import Settings
from redress.protect import councils, tables, withhold
from redress.protect.as_signed import Published
from redress.protect.streams import write_stream
from redress.warehouse.connection import open_warehouse


def export(
    settings: Settings,
    target_dir: Path,
    decisions_file: Path | None = None,
    internal_dir: Path | None = None,
    differences_file: Path | None = None,
    without_cases: Collection[tuple[str, str]] = (),
    warnings: list[str] | None = None,
) -> dict[str, int]:
    """Write every table of the protected export to `<target_dir>/<table>.arrow`.

    The warehouse is opened read-only. A table without rows is written with its columns, so that a page's query
    finds it. Rows are in a fixed order: equal results give equal bytes.

    Args:
        settings: where the warehouse, the check results and the authorities' folders are.
        target_dir: an existing or new folder; streams of earlier exports in it are removed.
        decisions_file: where to keep what was decided on each figure (`suppression.csv`, internal).
        internal_dir: an existing or new folder for the copies of reports that have settings for internal readers.
        differences_file: where to list the figures of signed-off reports that would be shown otherwise today (internal).
        without_cases: signed-off reports (authority, year) whose cases were removed: exported from their records.
        warnings: gets a sentence for each signed-off report that gives suppressed numbers of its own away.

    Returns:
        Rows written, by table.
    """
    target_dir = Path(target_dir)
    target_dir.mkdir(parents=True, exist_ok=True)
    for stale in target_dir.glob("*.arrow"):
        stale.unlink()
    rows = {}
    withheld = withhold.withheld_words(settings.state)
    with open_warehouse(settings.database) as connection:
        connection.execute("set threads to 1")
        decisions = councils.decide_reports(connection, settings)
        if warnings is not None:
            warnings += decisions.gaps
        if decisions_file is not None:
            councils.write_decisions(decisions.public, decisions_file)
        if internal_dir is not None:
            councils.write_internal(settings, decisions.internal, internal_dir)
        moments = connection.execute(
            "select authority, reporting_year, as_at from marts.dim_report"
        ).fetchall()
        published = Published(
            settings,
            {(authority, year): str(as_at) for authority, year, as_at in moments},
            without_cases,
            getattr(settings, "day", date.today()),
        )
        made = {
            name: published.table(name, function(connection, settings))
            for name, function in tables.TABLES.items()
        }
    made |= {
        "sign_offs": published.sign_offs(),
        "revisions": published.revisions(),
        "revised_words": published.revised_words(),
    }
    for name, table in made.items():
        write_stream(withhold.without(table, withheld), target_dir / f"{name}.arrow")
        rows[name] = table.num_rows
    if differences_file is not None:
        published.write_differences(differences_file)
    return rows
