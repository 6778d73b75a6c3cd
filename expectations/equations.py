"""Relations as data: the numbers that a check puts in, before anything judges them.

A *check* is made of one or more *lines*; a line is an equation (or an inequality) between two sides, and a side
is a sum of *terms*, each a number with the words for it. `85 + 31 + 15 - 2 = 129` is one line: four terms
found, one expected. A family of checks is a few SQL queries over the warehouse, each of which writes the terms
of hundreds of checks at once into a scratch database; `expectations.runner` then has Great Expectations judge
every line of it.

A term without a number, or a side without a term, leaves its side blank, and a blank side never holds.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from redress.contract import figure_catalogue as catalogue

# Share of a count that rounding in floating point may leave behind; never wide enough to hide a whole count.
TOLERANCE = 1e-6

SMALL = 200_000_000
"""Bytes of a database of which statements are answered sooner by one thread than by several."""


@dataclass(frozen=True)
class Query:
    """One SQL query that writes terms.

    Attributes:
        name: names the query when it fails.
        sql: a select over the warehouse (catalogue `warehouse`, schemas as built) and the prepared tables
            (catalogue `checks`). For `pair = False` it gives terms: authority, reporting_year, check_id,
                title,
            side ('expected' or 'found'), label, value and, where wanted, subject, line, line_title, position,
            sign, op ('=' or '<='), tolerance, severity, note, figure_id (the figure that the number is). For
            `pair = True` each row is a line of two terms: expected, expected_label, found, found_label and, where
            wanted, expected_figure and found_figure, in place of side, label, value and figure_id.
        pair: the second shape.
        rows: a select of the rows of extracts behind lines that do not hold: authority, reporting_year, check_id,
            file, row (its number in the file; null for what is in none), what. Evaluated only where one of its
            checks fails; never a value of a row.
    """

    name: str
    sql: str
    pair: bool = False
    rows: str | None = None


@dataclass(frozen=True)
class Requirement:
    """A check that must exist for every report that has rows behind it.

    Attributes:
        prefix: the start of the check's id (a check id of the family must start so).
        table: staging table (without schema) whose rows call for the check; None: every report must have it.
        day: date column of it: only rows with a day in the report's year call for the check.
        where: which of the rows (`t`) call for the check, in SQL; `reports` is the report.
    """

    prefix: str
    table: str | None = None
    day: str | None = None
    where: str | None = None


@dataclass(frozen=True)
class Family:
    """A family of checks.

    Attributes:
        name: the family, as printed in `checks.csv`.
        title: what the family says, in plain words.
        queries: where its terms come from.
        requires: checks whose absence is a failure.
        tables: tables that several of its queries read, (name, statement), made before them.
    """

    name: str
    title: str
    queries: tuple[Query, ...]
    requires: tuple[Requirement, ...] = ()
    tables: tuple[tuple[str, str], ...] = ()


@dataclass
class Problem:
    """What could not be evaluated: a prepared table or a query of a family."""

    family: str
    query: str
    message: str


@dataclass
class Scratch:
    """The scratch database with every family's terms.

    Attributes:
        path: the DuckDB file.
        problems: queries that failed.
    """

    path: Path
    problems: list[Problem] = field(default_factory=list)


MACROS = """
create temp macro without(breakdown, key) as
    array_to_string(list_filter(string_split(breakdown, ';'), lambda x: not starts_with(x, key || '=')), ';');
create temp macro key_value(breakdown, key) as
    list_extract(list_transform(
        list_filter(string_split(breakdown, ';'), lambda x: starts_with(x, key || '=')),
        lambda x: substr(x, length(key) + 2)), 1);
create temp macro with_pair(breakdown, pair) as
    array_to_string(list_sort(list_filter(list_append(string_split(breakdown, ';'), pair),
        lambda x: x != '')), ';');
create temp macro keys_of(breakdown) as
    array_to_string(list_transform(string_split(breakdown, ';'), lambda x: split_part(x, '=', 1)), ';');
create temp macro less(key_set, key) as
    array_to_string(list_filter(string_split(key_set, ';'), lambda x: x != key), ';');
create temp macro has_key(key_set, key) as list_contains(string_split(key_set, ';'), key);
create temp macro measure_name(name) as
    coalesce((select any_value(m.words) from checks.measures as m where m.measure = name), replace(name, '_',
        ' '));
create temp macro plain(number) as case when number is null then 'no figure'
    else regexp_replace(cast(cast(number as decimal(18, 2)) as varchar), '\\.?0+$', '') end;
create temp macro id_of(breakdown) as case when breakdown = '' then 'total' else breakdown end;
create temp macro year_of(day) as
    cast(year(day) - case when month(day) < 4 then 1 else 0 end as varchar) || '-'
    || right(cast(year(day) + case when month(day) < 4 then 0 else 1 end as varchar), 2);
"""


def _subject_of() -> str:
    """Return the macro `subject_of`: the contract table of a measure, by what the catalogue says."""
    measures: dict[str, list[str]] = {}
    for measure, subject in catalogue.subjects().items():
        measures.setdefault(subject, []).append(measure)
    cases = "".join(
        f" when name in ({', '.join(map(repr, names))}) then '{subject}'"
        for subject, names in measures.items()
    )
    return f"create temp macro subject_of(name) as case{cases} else 'complaint' end"


TERMS = """
create table checks.terms (
    family varchar, authority varchar, reporting_year varchar, check_id varchar,
    subject varchar default 'complaint', severity varchar default 'block',
    title varchar, line varchar default '', line_title varchar default '', op varchar default '=',
    tolerance double default {tolerance}, side varchar, position bigint default 0, label varchar,
    sign integer default 1, value double, note varchar default '', figure_id varchar default ''
)
"""

# Tables that several families read. `fig` is the figures with their breakdown taken apart and their period
# named; `written` is the period as written in check ids (a figure of an earlier year says which report it is
# in).
PREPARED: tuple[tuple[str, str], ...] = (
    (
        "reports",
        """
create table checks.reports as
select authority, reporting_year, period_start, period_end, as_at from warehouse.marts.dim_report
""",
    ),
    (
        "periods",
        """
create table checks.periods as
select authority, reporting_year, period, period_kind, period_start, period_end,
    year_of(period_start) as period_year,
    dense_rank() over (partition by authority, reporting_year, period_kind order by period_start) as ordinal
from warehouse.marts.dim_period
""",
    ),
    (
        "sets",
        # the tables of figures that each report has; a measure `*` stands for every table
        """
create table checks.sets as
select authority, reporting_year, measure, keys as key_set, period_kind as kind
from warehouse.staging.stg_config_figure_set
""",
    ),
    (
        "labels",
        """
create table checks.labels as
select authority, service, coalesce(label, service) as label, level
from warehouse.marts.dim_service where is_latest
""",
    ),
    (
        "measures",
        # what the catalogue calls each measure, ready for the middle of a sentence
        """
insert into checks.measures
select measure, any_value(case when regexp_matches(title, '^[A-Z][a-z]') then lower(left(title, 1))
    || substr(title, 2)
    else title end) as words
from warehouse.reference.figure_catalogue group by measure
""",
    ),
    (
        "fig",
        """
create table checks.fig as
with broken_down as (
    select distinct authority, breakdown from warehouse.figures.figures
), pairs as (
    select authority, breakdown, unnest(string_split(breakdown, ';')) as pair,
        generate_subscripts(string_split(breakdown, ';'), 1) as position
    from broken_down where breakdown != ''
), words as (
    select pairs.authority, pairs.breakdown, string_agg(
        case split_part(pair, '=', 1)
            when 'service' then coalesce(labels.label, substr(pair, 9))
            when 'procedure' then substr(pair, 11)
            when 'any_procedure' then 'any ' || substr(pair, 15)
            when 'category' then substr(pair, 10)
            when 'sub_category' then substr(pair, 14)
            when 'stage' then 'stage ' || substr(pair, 7)
            when 'by' then 'by ' || replace(substr(pair, 4), '_', ' ')
            else replace(replace(pair, '=', ' '), '_', ' ')
        end, ', ' order by position) as words
    from pairs
    left join checks.labels as labels
        on pairs.authority = labels.authority and starts_with(pair, 'service=')
        and labels.service = substr(pair, 9)
    group by all
), kinds as (
    select authority, reporting_year, period, min(period_kind) filter (where period_kind != 'month') as wide,
        min(period_kind) as any_kind, min(period_year) as period_year, min(ordinal) as ordinal
    from checks.periods group by all
)
select figures.authority, figures.reporting_year, figures.figure_id, figures.measure, figures.breakdown,
    figures.period, figures.numerator, figures.denominator, figures.value, figures.unit, figures.status,
    coalesce(measures.words, replace(figures.measure, '_', ' ')) as measure_words,
    coalesce(words.words, '') as words,
    case when figures.breakdown = '' then '' else keys_of(figures.breakdown) end as key_set,
    case when figures.breakdown = '' then 0 else length(string_split(figures.breakdown, ';')) end as n_keys,
    coalesce(kinds.wide, kinds.any_kind, 'earlier') as kind,
    coalesce(kinds.period_year, figures.period) as period_year,
    kinds.ordinal,
    figures.period || case when starts_with(figures.period, figures.reporting_year)
        or coalesce(kinds.period_year, figures.period) = figures.reporting_year then '' else '@'
            || figures.reporting_year
        end as written
from warehouse.figures.figures as figures
left join words on figures.authority = words.authority and figures.breakdown = words.breakdown
left join checks.measures as measures on figures.measure = measures.measure
left join kinds on figures.authority = kinds.authority and figures.reporting_year = kinds.reporting_year
    and figures.period = kinds.period
where figures.status in ('computed', 'prior')
""",
    ),
    (
        "in_force",
        """
create table checks.in_force as
select reports.authority, reports.reporting_year, reports.as_at, extracts.extract_id, extracts.source
from checks.reports as reports
inner join warehouse.staging.stg_extract as extracts
    on reports.authority = extracts.authority
    and extracts.status = 'loaded'
    and cast(extracts.received_at as date) <= reports.as_at
left join (
    select authority, reporting_year, list(sha256) as files
    from warehouse.staging.stg_config_signed_extract
    group by all
) as signed on reports.authority = signed.authority and reports.reporting_year = signed.reporting_year
where signed.files is null or list_contains(signed.files, extracts.sha256)
qualify row_number() over (
    partition by reports.authority, reports.reporting_year, extracts.source, coalesce(extracts.scope, '')
    order by
        extracts.received_at desc,
        exists (
            select 1
            from warehouse.staging.stg_extract as newer
            where
                newer.status = 'loaded'
                and newer.supersedes = extracts.extract_id
                and newer.received_at = extracts.received_at
        ),
        extracts.extract_id desc
) = 1
""",
    ),
    (
        "placements",
        # where each countable thing stands in the tree of services: from the marts, not from the figures
        """
create table checks.placements as
with counted as (
    -- `placed` is the day by which the service has its place in the tree
    select f.authority, f.reporting_year, 'new_complaints' as measure, '' as whole, f.received_date as day,
        f.received_date as placed, f.complaint_id as entity, b.service
    from warehouse.marts.fct_complaints as f
    inner join warehouse.marts.bridge_complaint_service as b using (authority, reporting_year, complaint_id)
    where f.is_formal
    union all
    select f.authority, f.reporting_year, 'new_complaints', 'procedure=' || f.procedure, f.received_date,
        f.received_date, f.complaint_id, b.service
    from warehouse.marts.fct_complaints as f
    inner join warehouse.marts.bridge_complaint_service as b using (authority, reporting_year, complaint_id)
    union all
    select f.authority, f.reporting_year, 'new_complaints',
        'any_procedure=' || unnest(list_distinct([f.procedure, case when f.is_formal then b.procedure
            else f.procedure end])), f.received_date,
            f.received_date, f.complaint_id, b.service
    from warehouse.marts.fct_complaints as f
    inner join warehouse.marts.bridge_complaint_service as b using (authority, reporting_year, complaint_id)
    union all
    select authority, reporting_year, 'issues_raised', unnest(['', 'category=' || replace(category, ';',
        ',')]), raised_date,
        raised_date, issue_id, service
    from warehouse.marts.fct_issues
    union all
    select authority, reporting_year, 'responses',
        unnest(['stage=' || stage, 'procedure=' || procedure || ';stage=' || stage]), responded_date,
        requested_date, stage_id, service
    from warehouse.marts.fct_stages where responded_date is not null
    union all
    select authority, reporting_year, 'entered', 'procedure=' || procedure || ';stage=' || stage,
        requested_date,
        requested_date, stage_id, service
    from warehouse.marts.fct_stages
    union all
    select authority, reporting_year, 'closed', 'procedure=' || procedure || ';stage=' || stage,
        greatest(closed_date, requested_date), requested_date, stage_id, service
    from warehouse.marts.fct_stages where closed_date is not null
    union all
    select authority, reporting_year, 'compliments', unnest(['', 'route=' || route]), received_date,
        received_date, compliment_id, service
    from warehouse.marts.fct_compliments
    union all
    select f.authority, f.reporting_year, 'ombudsman_received', '', f.received_date, f.received_date, f.ombudsman_id,
        coalesce(b.service, 'not_known')
    from warehouse.marts.fct_ombudsman as f
    left join warehouse.marts.bridge_ombudsman_service as b using (authority, reporting_year, ombudsman_id)
)
select distinct counted.authority, counted.reporting_year, counted.measure, counted.whole, periods.period,
    counted.entity, counted.service as leaf, coalesce(tree.ancestor_service, counted.service) as node,
    coalesce(tree.ancestor_level, 'undeclared') as level
from counted
inner join checks.periods as periods
    on counted.authority = periods.authority and counted.reporting_year = periods.reporting_year
    and periods.period_kind in ('year', 'quarter')
    and counted.day between periods.period_start and periods.period_end
left join warehouse.marts.bridge_service_ancestor as tree
    on counted.authority = tree.authority and counted.service = tree.service
    and counted.placed between tree.valid_from and tree.valid_to
""",
    ),
)

LINES = """
create table checks.lines as
select family, authority, reporting_year, check_id, line,
    min(op) as op, min(tolerance) as tolerance,
    case when count(*) filter (where side = 'expected') > 0
        and count(*) filter (where side = 'expected' and value is null) = 0
        then sum(sign * value) filter (where side = 'expected') end as expected,
    case when count(*) filter (where side = 'found') > 0
        and count(*) filter (where side = 'found' and value is null) = 0
        then sum(sign * value) filter (where side = 'found') end as found
from checks.terms
group by family, authority, reporting_year, check_id, line
order by all
"""

REQUIREMENTS = """
create table checks.requirements (family varchar, authority varchar, reporting_year varchar, prefix varchar,
    rows_behind bigint, reason varchar)
"""

FAILING_ROWS = """
create table checks.failing_rows (family varchar, authority varchar, reporting_year varchar, check_id varchar,
    file varchar, row bigint, what varchar)
"""

# Which line holds. One text, used by Great Expectations to judge and by the runner to name the lines.
HOLDS = (
    "coalesce(case op when '=' then abs(found - expected) <= tolerance "
    "when '<=' then found <= expected + tolerance end, false)"
)

# The numbers with the line they stand in.
TERMS_OF_LINES = f"""
create view checks.terms_of_lines as
select t.*, l.op, l.expected, l.found, l.holds
from (select * exclude (op, tolerance) from terms) as t
inner join (select *, {HOLDS} as holds from lines) as l
    using (family, authority, reporting_year, check_id, line)
"""


def _pair(sql: str) -> str:
    """Two terms for each row of a query of pairs."""
    body = (
        f"with paired as (select * from ({sql}) union all by name "
        "select null::varchar as expected_figure, null::varchar as found_figure where false)"
    )
    dropped = "exclude (expected, expected_label, expected_figure, found, found_label, found_figure)"
    sides = (
        f"select * {dropped}, '{side}' as side, {side}_label as label, cast({side} as double) as value, "
        f"{side}_figure as figure_id from paired"
        for side in ("expected", "found")
    )
    return f"{body} {' union all by name '.join(sides)}"


def offline(connection, database: Path | str):
    """The connection, never reaching for an extension on the network, and with one thread where the database is small.

    Hundreds of small statements are answered sooner by one thread: more of them mostly wait for one another.
    Set afterwards rather than when connecting: one process may open a file a second time only with the same
    settings, and others open the warehouse with none.
    """
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute("set autoload_known_extensions = false")
    if os.path.getsize(database) < SMALL:
        connection.execute("set threads = 1")
    return connection


def build(
    database: Path,
    scratch: Path,
    families: tuple[Family, ...],
    state: Path | None = None,
    contract: dict | None = None,
    prepared: tuple[tuple[str, str], ...] = PREPARED,
) -> Scratch:
    """Write the terms and lines of all families into a scratch database.

    Args:
        database: the warehouse's DuckDB file, opened read-only.
        scratch: a DuckDB file to make; an earlier one is replaced. It must be called `checks.duckdb`.
        families: what to evaluate.
        state: folder with the parquet files that go with the database (default: the folder of `database`).
        contract: the extract contract (a Frictionless Data Package), for the checks of personal columns.
        prepared: tables that the queries read, (name, statement), made first.

    Returns:
        The scratch database with tables terms (one row per number), lines (one row per equation) and
        requirements (one row per check that must exist), and the queries that failed, if any.

    Raises:
        duckdb.Error: the warehouse cannot be opened at all.
    """
    scratch.parent.mkdir(parents=True, exist_ok=True)
    scratch.unlink(missing_ok=True)
    result = Scratch(scratch)
    state = state or Path(database).parent
    connection = offline(duckdb.connect(str(scratch)), database)
    try:
        for statement in (
            f"attach '{_quoted(database)}' as warehouse (read_only)",
            "create table checks.measures (measure varchar, words varchar)",
            MACROS,
            _subject_of(),
            TERMS.format(tolerance=TOLERANCE),
            REQUIREMENTS,
            "use warehouse",
            f"set variable state = '{_quoted(state)}'",
        ):
            connection.execute(statement)
        _quarantine(connection, state)
        _gathered(connection, state)
        _left_out(connection, state)
        if contract:
            _contract(connection, contract)
        read = _Reader(connection)
        _prepare(read, prepared, result)
        _terms(read, families, result)
        _requirements(read, families, result)
        connection.execute(LINES)
        _failing_rows(read, families, result)
        connection.execute("use checks")
        connection.execute(TERMS_OF_LINES)
    finally:
        connection.close()
    return result


class _Reader:
    """Makes statements read copies of the staging tables.

    These are views over a file for each extract received, and hundreds of statements read them: every file would be
    opened again for each. A table is copied when the first statement asks for it.
    """

    _STAGED = re.compile(r"\bwarehouse\.staging\.(\w+)")

    def __init__(self, connection: duckdb.DuckDBPyConnection):
        self.connection = connection
        self.places: dict[str, str] = {}

    def __call__(self, sql: str) -> str:
        """Return the statement, over copies."""
        return self._STAGED.sub(self._place, sql)

    def _place(self, view: re.Match[str]) -> str:
        """Return where a staging table is read; one that cannot be is named as it stands, and whoever asks hears why."""
        name = view[1]
        if name not in self.places:
            try:
                self.connection.execute(f"create temp table {name} as select * from {view[0]}")
                self.places[name] = f"temp.{name}"
            except duckdb.Error:
                self.places[name] = view[0]
        return self.places[name]


def _prepare(read: _Reader, prepared: tuple[tuple[str, str], ...], result: Scratch) -> None:
    """Make the tables that families read; one that cannot be made is a problem of none of them."""
    for name, sql in prepared:
        try:
            read.connection.execute(read(sql))
        except duckdb.Error as error:
            result.problems.append(Problem("", name, str(error)))


def _terms(read: _Reader, families: tuple[Family, ...], result: Scratch) -> None:
    """Write the terms of every query; one that fails is a problem of its family."""
    for family in families:
        for name, sql in family.tables:
            try:
                read.connection.execute(f"create table checks.{name} as {read(sql)}")
            except duckdb.Error as error:
                result.problems.append(Problem(family.name, name, str(error)))
        for query in family.queries:
            sql = read(_pair(query.sql) if query.pair else query.sql)
            try:
                read.connection.execute(
                    f"insert into checks.terms by name select '{family.name}' as family, * from ({sql})"
                )
            except duckdb.Error as error:
                result.problems.append(Problem(family.name, query.name, str(error)))


def _failing_rows(read: _Reader, families: tuple[Family, ...], result: Scratch) -> None:
    """Table failing_rows: for each check that does not hold and can say so, the rows of extracts behind it."""
    connection = read.connection
    connection.execute(FAILING_ROWS)
    for family in families:
        failing = f"select authority, reporting_year, check_id from checks.lines where family = '{family.name}' and not {HOLDS}"
        if not connection.execute(f"select count(*) from ({failing})").fetchone()[0]:
            continue
        for query in family.queries:
            if query.rows is None:
                continue
            try:
                connection.execute(
                    f"insert into checks.failing_rows select '{family.name}', authority, reporting_year, check_id, "
                    f"file, row, what from ({read(query.rows)}) semi join ({failing}) "
                    "using (authority, reporting_year, check_id)"
                )
            except duckdb.Error as error:
                result.problems.append(Problem(family.name, f"rows behind {query.name}", str(error)))


def _requirements(read: _Reader, families: tuple[Family, ...], result: Scratch) -> None:
    """One row per report and check that must exist, where the staging table behind it has rows."""
    if any(problem.query == "reports" for problem in result.problems):
        return  # no report can be read: that is an error already
    for family in families:
        for requirement in family.requires:
            try:
                read.connection.execute(
                    f"insert into checks.requirements select '{family.name}', reports.authority, "
                    f"reports.reporting_year, '{requirement.prefix}', {read(_called_for(requirement))}"
                )
            except duckdb.Error as error:
                result.problems.append(Problem(family.name, f"requirement {requirement.prefix}", str(error)))


def _called_for(requirement: Requirement) -> str:
    """Return the end of a select over reports: how many rows call for a check, why, and from where; a row per report."""
    if requirement.table is None:
        return "1, 'every report has it' from checks.reports as reports"
    conditions, reason = ["true"], f"{requirement.table} has rows"
    if not requirement.table.startswith("stg_config"):
        conditions.append(
            "(t.authority, reports.reporting_year, t.extract_id) in "
            "(select (authority, reporting_year, extract_id) from checks.in_force)"
        )
    if requirement.day:
        conditions.append(f"t.{requirement.day} between reports.period_start and reports.period_end")
        reason += " of the year"
    if requirement.where:
        conditions.append(requirement.where)
    return (
        f"count(*), '{reason}' from checks.reports as reports "
        f"inner join warehouse.staging.{requirement.table} as t on t.authority = reports.authority "
        f"where {' and '.join(conditions)} group by reports.authority, reports.reporting_year"
    )


def _quarantine(connection, state: Path) -> None:
    """Table quarantine (extract_id, source_row, severity). No file of it means that nothing was set aside."""
    connection.execute(
        "create table checks.quarantine (extract_id varchar, source_row bigint, severity varchar)"
    )
    if any((Path(state) / "quarantine").glob("*.parquet")):
        connection.execute(
            """
insert into checks.quarantine
select extract_id, "row", severity
from read_parquet(getvariable('state') || '/quarantine/*.parquet', union_by_name = true)
"""
        )


def _gathered(connection, state: Path) -> None:
    """Table gathered (extract_id, source_row, records): rows behind which stand several records received."""
    connection.execute("create table checks.gathered (extract_id varchar, source_row bigint, records bigint)")
    if any((Path(state) / "conformed" / "gathered").glob("*.parquet")):
        connection.execute(
            """
insert into checks.gathered
select extract_id, source_row, count(distinct record)
from read_parquet(getvariable('state') || '/conformed/gathered/*.parquet', union_by_name = true)
group by extract_id, source_row
"""
        )


def _left_out(connection, state: Path) -> None:
    """Table left_out (extract_id, source_row): records received that a rule of the mapping leaves out."""
    connection.execute("create table checks.left_out (extract_id varchar, source_row bigint)")
    if any((Path(state) / "conformed" / "left_out").glob("*.parquet")):
        connection.execute(
            """
insert into checks.left_out
select extract_id, "row"
from read_parquet(getvariable('state') || '/conformed/left_out/*.parquet', union_by_name = true)
"""
        )


def _contract(connection, contract: dict) -> None:
    """Tables of the contract: contract_tables (table_name), contract_fields (table_name, name, personal)."""
    fields = [
        (table["name"], field["name"], field.get("personal"))
        for table in contract["resources"]
        for field in table["schema"]["fields"]
    ]
    connection.execute(
        "create table checks.contract_fields (table_name varchar, name varchar, personal varchar)"
    )
    connection.executemany("insert into checks.contract_fields values (?, ?, ?)", fields)
    connection.execute(
        "create table checks.contract_tables as select distinct table_name from checks.contract_fields"
    )


def _quoted(path: Path) -> str:
    """A path inside single quotes of SQL."""
    return str(Path(path).resolve()).replace("'", "''")
