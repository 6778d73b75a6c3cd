"""The cases behind every figure, kept in the warehouse beside the figures (schema `evidence`).

Each family of figures is computed once more by its own statement, rewritten so that it carries what it
counted (`provenance`). What comes out must be the number that stands in `figures`, and the things behind it must
add up to it: `evidence.parts` says so for each figure.

Tables, one set per database:

    evidence.parts    one row per figure and part (numerator, denominator, or value where there is no numerator):
                      the number, on what it rests, whether that adds up to it
    evidence.members  one row per set and thing: what was counted and its weight; equal sets are kept once
    evidence.excluded one row per measure and thing that none of its figures for the year counts: the reason
    evidence.lineage  one row per measure and column that it is made of
    evidence.things   one row per thing (and complaint that it belongs to): its pseudonym, its file and row

Case-level: for use inside the authority only. Identifiers of the source stand in `things` alone; every list that
leaves the warehouse has pseudonyms.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from redress.base import kept
from redress.warehouse import exclusions
from redress.warehouse.lineage import FROM_FIGURES, code_fingerprint, of_warehouse
from redress.warehouse.provenance import KEYS, SUFFIX, traced

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TRACED: dict[str, dict[str, tuple[str, set[str]]]] = {}
"""Statements rewritten in this process, by the code that they were rewritten from and by family."""

PSEUDONYM_LENGTH = 16
THINGS = {
    "complaint": ("fct_complaints", "complaint_id", "complaint_id"),
    "stage": ("fct_stages", "stage_id", "complaint_id"),
    "issue": ("fct_issues", "issue_id", "complaint_id"),
    "ombudsman": ("fct_ombudsman", "ombudsman_id", "complaint_id"),
    "remedy": ("fct_remedies", "remedy_id", "complaint_id"),
    "learning": ("fct_learning", "learning_id", "complaint_id"),
    "action": ("fct_actions", "action_id", "complaint_id"),
    "mediation": ("fct_mediation", "mediation_id", "complaint_id"),
    "satisfaction": ("fct_satisfaction", "satisfaction_id", "complaint_id"),
    "compliment": ("fct_compliments", "compliment_id", None),
    "contact": ("fct_contacts", "contact_id", None),
    "complainant": ("fct_complaints", "complainant_key", "complaint_id"),
    "child": ("bridge_complaint_child", "child_key", "complaint_id"),
}
"""For each kind of thing: the mart that holds it, its identifier there, and the complaint that it belongs to."""

LINEAGE_COLUMNS = ("measure", "model", "part", "table", "column", "staging")

GIVEN = ("fct_activity", "fct_prior_figures")
"""Marts of numbers that were given; what lies behind these is the row of the file that gave them."""


def trace(database: Path, compiled: Path, key_of: Callable[[str], bytes], folder: Path | None = None) -> int:
    """Fill the schema `evidence` of a built warehouse.

    Args:
        database: the warehouse; written to.
        compiled: the folder of the compiled models that built it.
        key_of: the key for the pseudonyms of an authority.
        folder: where what follows from the SQL alone is kept from one run to the next; nowhere unless given.

    Returns:
        int: figures whose evidence is complete.
    """
    import duckdb

    statements = {path.stem: path for path in sorted(compiled.rglob("*.sql")) if "models" in path.parts}
    with duckdb.connect(str(database)) as connection:
        connection.execute("drop schema if exists evidence cascade; create schema evidence")
        _collect(connection, statements, folder)
        _things(connection, key_of)
        connection.execute(Path(__file__).with_name("evidence.sql").read_text(encoding="utf-8"))
        schema = warehouse_schema(connection)
        [tables] = schema.values()
        tables.pop("evidence", None)
        lineage, rows = of_warehouse(connection, compiled, schema, folder)
        _load(connection, "made_of", LINEAGE_COLUMNS, rows)
        connection.execute("create table evidence.lineage as select * from made_of")
        exclusions.write(connection, lineage)
        return connection.execute("select count(*) from evidence.complete where is_complete").fetchone()[0]


def pseudonym(key: bytes, authority: str, thing: str) -> str:
    """`kind-` and 16 hexadecimal characters of the HMAC-SHA256 of authority, kind and identifier."""
    kind, _, identifier = thing.partition(":")
    message = f"{authority}\x1fevidence\x1f{kind}\x1f{identifier}".encode()
    return f"{kind}-{hmac.digest(key, message, hashlib.sha256).hex()[:PSEUDONYM_LENGTH]}"


def _collect(connection: DuckDBPyConnection, statements: dict[str, Path], folder: Path | None) -> None:
    """Temporary table `collected`: each figure's numbers and lists, from the statement that made it."""
    schema = warehouse_schema(connection)
    [catalog] = schema
    tables = schema[catalog]
    families = [
        name
        for name in sorted(tables["figures"])
        if name.startswith("figures_") and name in statements and name != FROM_FIGURES
    ]

    def inline(table: str) -> str | None:
        """Put tables of sums and of figures in place; rows of a mart are things themselves."""
        columns = next((held[table] for held in tables.values() if table in held), {})
        is_rows = bool(set(columns) & set(KEYS)) or {"extract_id", "source_row"} <= set(columns)
        if is_rows or table not in statements or table in tables.get("staging", {}):
            return None
        text = statements[table].read_text(encoding="utf-8")
        sums = ("count(", "sum(")
        return text if table in tables["figures"] or any(word in text.lower() for word in sums) else None

    connection.execute(
        "create temp table collected (authority varchar, reporting_year varchar, figure_id varchar, "
        "part varchar, amount double, things struct(thing varchar, weight double)[])"
    )
    code = code_fingerprint(statements, schema)
    known = _TRACED.setdefault(code, _read_kept(folder, code))
    if missing := [family for family in families if family not in known]:
        for family in missing:
            known[family] = traced(statements[family].read_text(encoding="utf-8"), schema, inline)
        kept.write(
            folder, "traced", code, {name: [sql, sorted(counted)] for name, (sql, counted) in known.items()}
        )
    for family in families:
        statement, counted = known[family]
        connection.execute(f"create or replace temp table family as {statement}")
        for part in ("numerator", "denominator", "value"):
            things = f"family.{part}{SUFFIX}" if part in counted else "null"
            only = " and family.numerator is null" if part == "value" else ""
            connection.execute(
                f"insert into collected select authority, reporting_year, figure_id, '{part}', figures.{part}, "
                f"list_sort({things}) from figures.figures as figures inner join family "
                "using (authority, reporting_year, measure, breakdown, period) "
                f"where figures.{part} is not null and figures.status is not distinct from family.status{only}"
            )
    connection.execute("drop table if exists family")


def _read_kept(folder: Path | None, code: str) -> dict[str, tuple[str, set[str]]]:
    content = kept.read(folder, "traced", code) or {}
    return {name: (sql, set(counted)) for name, (sql, counted) in content.items()}


def warehouse_schema(connection: DuckDBPyConnection) -> dict[str, dict[str, dict[str, dict[str, str]]]]:
    """Catalogue, schema, table, column -> type of the warehouse."""
    found: dict[str, dict[str, dict[str, dict[str, str]]]] = {}
    for catalog, schema, table, column, kind in connection.execute(
        "select table_catalog, table_schema, table_name, column_name, data_type "
        "from information_schema.columns where table_catalog = current_database() "
        "order by table_schema, table_name, ordinal_position"
    ).fetchall():
        found.setdefault(catalog, {}).setdefault(schema, {}).setdefault(table, {})[column] = kind
    return found


def _things(connection: DuckDBPyConnection, key_of: Callable[[str], bytes]) -> None:
    """Table `things`: pseudonym, complaint, file and row of everything that any figure may count."""
    connection.execute(
        "create temp table found (authority varchar, reporting_year varchar, kind varchar, thing varchar, "
        "complaint varchar, extract_id varchar, source_row integer)"
    )
    marts = warehouse_schema(connection).popitem()[1].get("marts", {})
    for kind, (table, identifier, complaint) in THINGS.items():
        if table not in marts:
            continue
        of_complaint = f"'complaint:' || {complaint}" if complaint else "null"
        place = "extract_id, source_row" if "source_row" in marts[table] else "null, null"
        connection.execute(
            f"insert into found select distinct authority, reporting_year, '{kind}', '{kind}:' || {identifier}, "
            f"{of_complaint}, {place} "
            f"from marts.{table} where {identifier} is not null"
        )
    for table in [mart for mart in GIVEN if mart in marts]:
        connection.execute(
            "insert into found select distinct authority, reporting_year, 'row', "
            "'row:' || extract_id || ':' || source_row, null, extract_id, source_row "
            f"from marts.{table}"
        )
    names = connection.execute(
        "select distinct authority, thing from found union select distinct authority, complaint from found "
        "where complaint is not null order by all"
    ).fetchall()
    keys: dict[str, bytes] = {}
    rows = []
    for authority, thing in names:
        if authority not in keys:
            keys[authority] = key_of(authority)
        rows.append((authority, thing, pseudonym(keys[authority], authority, thing)))
    _load(connection, "names", ("authority", "thing", "pseudonym"), rows)
    connection.execute(
        "create table evidence.things as select found.authority, found.reporting_year, found.kind, found.thing, "
        "own.pseudonym, case when found.kind != 'complaint' then of.pseudonym end as belongs_to, "
        "found.extract_id, found.source_row from found "
        "inner join names as own on found.authority = own.authority and found.thing = own.thing "
        "left join names as of on found.authority = of.authority and found.complaint = of.thing "
        "order by found.authority, found.reporting_year, own.pseudonym, belongs_to"
    )


def _load(connection: DuckDBPyConnection, table: str, columns: Iterable[str], rows: list[tuple]) -> None:
    """Make a temporary table of texts, by way of Arrow."""
    import pyarrow

    arrow = pyarrow.table(
        {
            name: pyarrow.array([row[place] for row in rows], pyarrow.string())
            for place, name in enumerate(columns)
        }
    )
    connection.register("arrow_rows", arrow)
    connection.execute(f"create temp table {table} as select * from arrow_rows")
    connection.unregister("arrow_rows")
