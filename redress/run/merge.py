"""Results of councils that were made apart, put together: those of this run's workshops, and those that stand.

Every table says in its column `authority` whose a row is. A row is taken from where its council was made, and the rows are
put into the order of councils, so that results that were put together are, byte for byte, those of one run over all. What
compares councils is computed here, when all are together.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redress.attest import revisions
from redress.base.blame import damaged, explained
from redress.base.check import FILE as CHECKS
from redress.base.check import write_checks
from redress.base.errors import GateFailed
from redress.base.files import replace_file
from redress.base.settings import RunSettings, candidate_database
from redress.base.tables import read_csv, read_json, write_csv
from redress.reconcile import checked_figures, history
from redress.reconcile.failing_rows import FOLDER as EVIDENCE_OF_CHECKS
from redress.run import standing
from redress.run.results import Source
from redress.run.workshop import retold

if TYPE_CHECKING:
    import pyarrow as pa

COMPARISON = "comparison"
JUDGED_TABLES = ("published_check.csv", "printed_findings.csv")


# What a run publishes


def put_together(settings: RunSettings, sources: Sequence[Source], held_up: Mapping[str, str]) -> int:
    """Write the waiting results of all councils: warehouse, figures, decisions, export, internal copies.

    Args:
        settings: the run's.
        sources: each council is in one. What belongs to no council is taken from the first.
        held_up: council -> since which day its newer results could not be published.

    Returns:
        Figures.

    Raises:
        GateFailed: what compares councils is not sound.
        DamagedFile: results that stand cannot be read.
    """
    from redress.warehouse import export_figures

    database = _merge_databases(settings, sources)
    figures = export_figures(database, settings.next / "figures.csv")
    _merge_csv(
        [(source.suppression, source.councils) for source in sources], settings.next / "suppression.csv"
    )
    for source in sources:
        for path in sorted(source.internal.glob("*.csv")) if source.internal.is_dir() else ():
            if _council_of_report(path.stem) in source.councils:
                (settings.next / "internal").mkdir(exist_ok=True)
                shutil.copyfile(path, settings.next / "internal" / path.name)
    _merge_exports(settings, sources, database, held_up)
    return figures


def _council_of_report(name: str) -> str:
    """Return the council of `<council>-<reporting year>`, the year as 2023-24."""
    return name[: -len("-2023-24")]


def _merge_databases(settings: RunSettings, sources: Sequence[Source]) -> Path:
    """Make the candidate database of the rows of all sources; return it."""
    import duckdb

    first, *others = sources
    target = candidate_database(settings)
    target.parent.mkdir(parents=True, exist_ok=True)
    if first.database.is_relative_to(settings.next):
        os.replace(first.database, target)
    else:
        shutil.copyfile(first.database.resolve(), target)
    try:
        with duckdb.connect(str(target)) as connection:
            if first.is_of_workshop(settings):
                _lead_views_home(connection, str(first.state), str(settings.state.resolve()))
            owned = _tables_of_councils(connection, "redress")
            held = _councils_in(connection)
            if held - first.councils:
                for schema, table in owned:
                    connection.execute(
                        f'delete from "{schema}"."{table}" where not list_contains($1, authority)',
                        [sorted(first.councils)],
                    )
            for number, other in enumerate(others):
                _insert_rows(connection, owned, other, f"source_{number}")
            is_compared = ("figures", COMPARISON) in owned and (others or held - first.councils)
    except (duckdb.IOException, duckdb.SerializationException) as problem:
        raise (explained(problem, target) or damaged(target)) from problem
    if is_compared:
        _compare_councils(settings, target)
    return target


def _lead_views_home(connection: Any, workshop: str, state: str) -> None:
    """Have views that read the files of a workshop's state read those of the installation's."""
    for schema, view, statement in connection.execute(
        "select schema_name, view_name, sql from duckdb_views() where not internal and contains(sql, $1)",
        [workshop],
    ).fetchall():
        connection.execute(f'drop view "{schema}"."{view}"')
        connection.execute(statement.replace(workshop, state))


def _tables_of_councils(connection: Any, catalogue: str) -> dict[tuple[str, str], list[str]]:
    """Return the tables whose rows are councils', each with its columns."""
    columns: dict[tuple[str, str], list[str]] = {}
    for schema, table, column in connection.execute(
        "select c.schema_name, c.table_name, c.column_name from duckdb_columns() as c "
        "inner join duckdb_tables() as t using (database_name, schema_name, table_name) "
        "where c.database_name = $1 order by all",
        [catalogue],
    ).fetchall():
        columns.setdefault((schema, table), []).append(column)
    return {name: held for name, held in columns.items() if "authority" in held}


def _councils_in(connection: Any) -> set[str]:
    return {
        slug for (slug,) in connection.execute("select distinct authority from figures.figures").fetchall()
    }


def _insert_rows(
    connection: Any, owned: Mapping[tuple[str, str], Sequence[str]], source: Source, alias: str
) -> None:
    """Add the rows of a source's councils to every table of the warehouse."""
    path = str(source.database.resolve()).replace("'", "''")
    connection.execute(f"attach '{path}' as {alias} (read_only)")
    known = _tables_of_councils(connection, alias)
    for (schema, table), columns in owned.items():
        shared = [column for column in known.get((schema, table), ()) if column in columns]
        if shared:
            listed = ", ".join(f'"{column}"' for column in shared)
            connection.execute(
                f'insert into redress."{schema}"."{table}" ({listed}) '
                f'select {listed} from {alias}."{schema}"."{table}" where list_contains($1, authority)',
                [sorted(source.councils)],
            )
    connection.execute(f"detach {alias}")


def _compare_councils(settings: RunSettings, database: Path) -> None:
    """Compute the comparison of all councils anew, with the tests of it.

    Raises:
        GateFailed: it cannot be computed, or a test of it finds rows.
    """
    from redress.warehouse import build

    bad = [node for node in build(settings, database, select=[COMPARISON]).nodes if node.is_bad]
    if bad:
        raise GateFailed(
            "The councils cannot be compared.",
            ", ".join(sorted({node.owner for node in bad})),
            [f"{node.statement}: {node.message}" for node in bad],
        )


def _merge_exports(
    settings: RunSettings, sources: Sequence[Source], database: Path, held_up: Mapping[str, str]
) -> None:
    """Write the protected export of all councils."""
    from redress.protect import withhold
    from redress.protect.streams import write_stream
    from redress.protect.tables import compared, figure_catalogue
    from redress.publish.open_data import read_stream
    from redress.warehouse.connection import open_warehouse

    target = settings.next / "protected"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    if len(sources) == 1 and sources[0].is_of_workshop(settings):
        for path in sources[0].protected.iterdir():
            shutil.copyfile(path, target / path.name)
        return
    merged: dict[str, pa.Table] = {}
    for path in sorted(sources[0].protected.glob("*.arrow")):
        parts = [
            (read_stream(source.protected / path.name), source.councils)
            for source in sources
            if (source.protected / path.name).exists()
        ]
        merged[path.stem] = _merge_tables(parts)
    if COMPARISON in merged:
        with open_warehouse(database) as connection:
            anew = compared(connection, merged["figures"])
            merged["figure_catalogue"] = figure_catalogue(connection, settings)
            reports = set(
                connection.execute("select authority, reporting_year from marts.dim_report").fetchall()
            )
        gone = [
            row
            for row in merged[COMPARISON].to_pylist()
            if (row["authority"], row["reporting_year"]) not in reports
        ]
        table = anew.from_pylist([*anew.to_pylist(), *gone], schema=anew.schema)
        merged[COMPARISON] = withhold.without(table, withhold.withheld_words(settings.state))
    if "reports" in merged:
        rows = [
            row | {"held_up_since": held_up.get(row["authority"])} for row in merged["reports"].to_pylist()
        ]
        merged["reports"] = merged["reports"].from_pylist(rows, schema=merged["reports"].schema)
    for name, table in merged.items():
        write_stream(table, target / f"{name}.arrow")


def _merge_tables(parts: Sequence[tuple[pa.Table, Collection[str]]]) -> pa.Table:
    """Return the rows of all parts, each council's from its own, in the order of councils."""
    import pyarrow as pa

    first, _ = parts[0]
    if "authority" not in first.column_names:
        return first
    rows = _merge_rows([(table.to_pylist(), councils) for table, councils in parts])
    return pa.Table.from_pylist(rows, schema=first.schema)


def _merge_rows(
    parts: Iterable[tuple[Iterable[Mapping[str, Any]], Collection[str]]],
) -> list[Mapping[str, Any]]:
    """Return the rows of all parts, each council's from its own, in the order of councils; of nobody's, those of the first."""
    rows = [
        row
        for number, (table, councils) in enumerate(parts)
        for row in table
        if row["authority"] in councils or (not row["authority"] and number == 0)
    ]
    return sorted(rows, key=lambda row: row["authority"] or "")


def _merge_csv(parts: Sequence[tuple[Path, Collection[str]]], target: Path) -> None:
    """Write a CSV of the rows of all parts; its columns are those of the first part that is there."""
    there = [(path, councils) for path, councils in parts if path.exists()]
    if there:
        rows = _merge_rows([(read_csv(path), councils) for path, councils in there])
        write_csv(target, columns_of(there[0][0]), rows, without_others=True)


def columns_of(path: Path) -> list[str]:
    """Return the header of a CSV that the program wrote."""
    import csv

    with path.open(newline="", encoding="utf-8") as file:
        return next(csv.reader(file), [])


def keep_revisions(settings: RunSettings, made: Collection[str], councils: Collection[str]) -> None:
    """Add to this run's waiting list of revisions the lines of councils that were not made anew.

    Args:
        settings: the run's.
        made: the councils that were.
        councils: all that stand after the run.
    """
    kept = set(councils) - set(made)
    standing = settings.build / "revisions.csv"
    rows = [row for row in read_csv(standing) if row["authority"] in kept]
    waiting = settings.next / "revisions.csv"
    rows += read_csv(waiting)
    write_csv(waiting, revisions.COLUMNS, sorted(rows, key=lambda row: row["authority"]))


# What was judged, published or not


class Judgements:
    """What the checks of a run found, put in the place of what was found of the same councils before.

    A workshop may fail, and its councils may be made again in others; the last that judged a check is right.

    Args:
        settings: the run's.
    """

    def __init__(self, settings: RunSettings):
        self.settings = settings
        self._judge_of: dict[str, Path] = {}
        self._failed = standing.failed_last(settings)
        self._places: list[Path] = []

    def add(self, workshop: RunSettings, councils: Collection[str], failed: Collection[str]) -> None:
        """Put the judgements of a workshop into place.

        Args:
            workshop: where it was judged.
            councils: that it was about.
            failed: those of them that failed.
        """
        self._failed = self._failed - set(councils) | set(failed)
        self._judge_of |= dict.fromkeys(councils, workshop.build)
        self._places.append(workshop.build)
        if not (workshop.build / CHECKS).exists():
            standing.mark_judged(self.settings, self._failed)
            return
        records = self._write_checks(workshop)
        for name in JUDGED_TABLES:
            self._write_rows(name)
        self._write_parquet(checked_figures.FILE)
        names = {
            path.name for place in self._places for path in (place / EVIDENCE_OF_CHECKS).glob("*.parquet")
        }
        names |= {path.name for path in (self.settings.build / EVIDENCE_OF_CHECKS).glob("*.parquet")}
        for name in sorted(names):
            self._write_parquet(f"{EVIDENCE_OF_CHECKS}/{name}")
        self._write_history(workshop, records)
        failures = workshop.state / "failures"
        if failures.is_dir():
            shutil.copytree(failures, self.settings.state / "failures", dirs_exist_ok=True)
        standing.mark_judged(self.settings, self._failed)

    def _write_checks(self, workshop: RunSettings) -> list[dict[str, Any]]:
        """Write `checks.csv` and `checks.json`; return the records."""
        from redress.reconcile import in_order

        known = self.settings.state / "checks.json"
        before = read_json(known) if known.exists() else []
        records = {history.key_of(record): record for record in before if self._is_anothers(record)}
        for place in self._places:
            own = place / "state" / "checks.json"
            made = read_json(own) if own.exists() else read_csv(place / CHECKS)
            for record in made:
                where = str(record.get("evidence") or "")
                record["evidence"] = retold(where, replace(workshop, build=place), self.settings)
                records[history.key_of(record)] = record
        ordered = in_order(records.values())
        write_checks(ordered, self.settings.build / CHECKS)
        with replace_file(known) as temporary:
            text = json.dumps(ordered, indent=1, default=str, ensure_ascii=False)
            temporary.write_text(text + "\n", encoding="utf-8")
        return ordered

    def _is_anothers(self, row: Mapping[str, Any]) -> bool:
        """Return whether a row is of a council that this run did not judge."""
        return bool(row["authority"]) and row["authority"] not in self._judge_of

    def _is_of(self, place: Path, row: Mapping[str, Any]) -> bool:
        """Return whether a row of a workshop is its last word on a council, or on whole tables."""
        return self._judge_of.get(row["authority"], self._places[-1]) == place

    def _write_rows(self, name: str) -> None:
        """Write a CSV of rows of councils: those judged now, and the others' as they were."""
        target = self.settings.build / name
        made = [place / name for place in self._places if (place / name).exists()]
        if made:
            rows = [row for path in made for row in read_csv(path) if self._is_of(path.parent, row)]
            rows += [row for row in read_csv(target) if self._is_anothers(row)]
            write_csv(target, columns_of(made[-1]), sorted(rows, key=lambda row: row["authority"]))

    def _write_parquet(self, name: str) -> None:
        """Write a Parquet file of rows of councils in the same way."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        target = self.settings.build / name
        made = []
        for place in self._places:
            if (place / name).exists():
                made.append(_rows_where(pq.read_table(place / name), partial(self._is_of, place)))
        if target.exists():
            made.append(_rows_where(pq.read_table(target), self._is_anothers))
        if not made:
            return
        table = pa.concat_tables([part.select(made[0].column_names).cast(made[0].schema) for part in made])
        order = sorted(range(table.num_rows), key=table["authority"].to_pylist().__getitem__)
        with replace_file(target) as temporary:
            pq.write_table(table.take(pa.array(order, pa.int64())), temporary, compression="zstd")

    def _write_history(self, workshop: RunSettings, records: Sequence[Mapping[str, Any]]) -> None:
        """Keep since when checks fail, and write a workbook for each owner of one."""
        from redress.reconcile import to_fix

        history.take_over(self.settings, workshop, self._judge_of)
        history.write(self.settings, records)
        to_fix.write(self.settings.build, records, history.rows(self.settings))


def _rows_where(table: pa.Table, is_wanted: Callable[[Mapping[str, Any]], bool]) -> pa.Table:
    import pyarrow as pa

    return table.filter(
        pa.array([is_wanted(row) for row in table.select(["authority"]).to_pylist()], pa.bool_())
    )
