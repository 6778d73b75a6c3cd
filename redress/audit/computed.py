"""Our own figures against themselves, by the relations of the audit.

A printed report has a few hundred rows and every relation may be tried; a council's own figures are tens of thousands and
say of themselves what they are: each is unrounded, has its numerator and denominator, and its breakdown is complete in
keys. So what holds for all of them is computed at once, in DuckDB; only the figures of relations that fail go through the
engine's findings.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from redress.audit.model import AuditResult, Finding

# Share of a number that floating point may leave behind; never wide enough to hide a whole count.
TOLERANCE = 1e-6

_LOAD = """
create temp table figure as
select row_number() over () as n, authority, reporting_year, figure_id, measure, breakdown, period, unit, status,
       try_cast(numerator as double) as numerator, try_cast(denominator as double) as denominator,
       try_cast(value as double) as value,
       case when breakdown = '' then [] else string_split(breakdown, ';') end as pairs
from {source}
where coalesce(status, '') <> 'not_available'
"""

# Each query gives: refs (a list), statement, expected, found; `held` counts the relations tried.
_CHECKS: dict[str, tuple[str, str]] = {
    "same figure twice": (
        "select count(*) from (select 1 from figure group by authority, reporting_year, measure, breakdown, period)",
        """
        select list(figure_id order by figure_id) as refs,
               measure || ' (' || breakdown || ', ' || period || ') is there as ' || string_agg(distinct value::varchar, ' and as ')
                   as statement, 'one value' as expected, string_agg(distinct value::varchar, ' and ') as found
        from figure group by authority, reporting_year, measure, breakdown, period
        having count(*) > 1
        """,
    ),
    "counts whole and not negative": (
        "select count(*) from figure where denominator is null and value is not null and unit not in {unwhole}",
        """
        select [figure_id], value || ' ' || unit || ' for ' || measure || ' (' || breakdown || ', ' || period || ')',
               'a whole number, 0 or more', value::varchar
        from figure where denominator is null and unit not in {unwhole} and not contains(measure, 'change')
            and (value < 0 or abs(value - round(value)) > {tolerance})
        """,
    ),
    "percentage from counts": (
        "select count(*) from figure where unit = 'percent' and denominator > 0 and numerator is not null",
        """
        select [figure_id], numerator || ' of ' || denominator || ' is ' || (100 * numerator / denominator) || '%; ' || value
               || '% is there for ' || measure || ' (' || breakdown || ', ' || period || ')',
               (100 * numerator / denominator)::varchar, value::varchar
        from figure where unit = 'percent' and denominator > 0 and numerator is not null
            and abs(value - 100 * numerator / denominator) > {tolerance} * greatest(1, abs(value))
        """,
    ),
    "percentage in its range": (
        "select count(*) from figure where unit = 'percent' and not contains(measure, 'change') and numerator is null",
        """
        select [figure_id], value || '% for ' || measure || ' (' || breakdown || ', ' || period || ')', '0% to 100%',
               value::varchar
        from figure where unit = 'percent' and not contains(measure, 'change') and not contains(measure, '_per_')
            and numerator is null and (value < -{tolerance} or value > 100 + {tolerance})
        """,
    ),
    "subset within whole": (
        "select count(*) from subset",
        """
        select [figure_id, whole_id], value || ' for ' || measure || ' (' || breakdown || ', ' || period || ') is more than the '
               || whole || ' for (' || whole_breakdown || ')', 'at most ' || whole, value::varchar
        from subset where value > whole + {tolerance}
        """,
    ),
    "quarters and months to year": (
        "select count(*) from year_sum where parts in (4, 12)",
        """
        select list_concat([year_id], part_ids), 'The ' || parts || ' parts of the year add to ' || total || ', not the ' || value
               || ' for ' || measure || ' (' || breakdown || ', ' || year_period || ')', value::varchar, total::varchar
        from year_sum where parts in (4, 12) and abs(total - value) > {tolerance}
        """,
    ),
}

_SUBSET = """
create temp table subset as
with part as (
    select *, unnest(pairs) as pair from figure
    where value is not null and denominator is null and unit not in {unwhole} and status = 'computed'
),
wider as (
    select * exclude (pairs), array_to_string(list_filter(pairs, lambda one: one <> pair), ';') as parent from part
)
select w.figure_id, w.measure, w.breakdown, w.period, w.value, t.figure_id as whole_id, t.value as whole,
       t.breakdown as whole_breakdown
from wider w
join figure t on t.authority = w.authority and t.reporting_year = w.reporting_year and t.measure = w.measure
    and t.period = w.period and t.unit = w.unit and t.breakdown = w.parent and t.value is not null and t.status = 'computed'
where not regexp_matches(w.pair, {widens})
"""

_YEARS = """
create temp table year_sum as
select y.authority, y.reporting_year, y.measure, y.breakdown, y.period as year_period, y.figure_id as year_id, y.value,
       sum(p.value) as total, count(*) as parts, list(p.figure_id order by p.period) as part_ids,
       regexp_matches(p.period, '-Q[1-4]$') as quarters
from figure y
join figure p on p.authority = y.authority and p.reporting_year = y.reporting_year and p.measure = y.measure
    and p.breakdown = y.breakdown and p.unit = y.unit and p.value is not null and p.status = 'computed'
    and regexp_matches(p.period, '^' || y.period || '-Q[1-4]$')
where y.denominator is null and y.value is not null and y.status = 'computed' and y.unit not in {unwhole}
    and regexp_matches(y.period, '^\\d{{4}}-\\d\\d$') and regexp_replace(y.measure, '_change(_pct|_points)?$', '') not in {stands}
group by all
"""

_UNWHOLE = "('percent', 'percentage_points', 'working_days', 'calendar_days', 'days', 'gbp', 'ratio', 'rate', 'years')"
# Values that say how it was counted: the figure without them may be counted another way, and is no whole of theirs.
_WIDENS = (
    "'^(any_.*|basis|cohort|definition|scope|rule|variant|formality|counted|status|as_at|clock|family|includes)=|"
    "=informal$'"
)


def audit_figures(
    source: Path | str | Iterable[dict], connection=None, rows: int = 200, stands: Iterable[str] = ()
) -> AuditResult:
    """Test our own figures against each other.

    Args:
        source: a `figures.csv`, the name of a table or view that `connection` can read, or records; columns authority,
            reporting_year, figure_id, measure, breakdown, period, numerator, denominator, value, unit, status.
        connection: a DuckDB connection to read the table from; temporary tables are made on it and dropped.
        rows: at most this many findings of a family are written out; all are counted.
        stands: measures whose year is not the sum of its quarters: what is open at a moment, people who may come again.

    Returns:
        AuditResult with the same kinds of findings as `audit`, refs being figure ids. No figures at all is itself a
        contradiction: a check of nothing must not pass.
    """
    import duckdb

    own = connection is None
    connection = connection or duckdb.connect()
    try:
        relation = _relation(connection, source)
        connection.execute(_LOAD.format(source=relation))
        names = {"unwhole": _UNWHOLE, "tolerance": TOLERANCE, "widens": _WIDENS}
        names["stands"] = "(" + ", ".join(f"'{measure}'" for measure in ("", *stands)) + ")"
        connection.execute(_SUBSET.format(**names))
        connection.execute(_YEARS.format(**names))
        return _result(connection, names, rows)
    finally:
        for name in ("figure", "subset", "year_sum"):
            connection.execute(f"drop table if exists {name}")
        if own:
            connection.close()


def _relation(connection, source) -> str:
    if isinstance(source, Path) or (isinstance(source, str) and source.endswith(".csv")):
        path = str(source).replace("'", "''")
        return f"read_csv('{path}', all_varchar = true, header = true, nullstr = '\\\\N')"
    if isinstance(source, str):
        return source
    import pyarrow

    names = (
        "authority",
        "reporting_year",
        "figure_id",
        "measure",
        "breakdown",
        "period",
        "numerator",
        "denominator",
        "value",
        "unit",
        "status",
    )
    records = [
        {
            name: None
            if record.get(name) in (None, "") and name in ("numerator", "denominator", "value")
            else str(record.get(name, "") or "")
            for name in names
        }
        for record in source
    ]
    schema = pyarrow.schema([(name, pyarrow.string()) for name in names])
    connection.register("figure_records", pyarrow.Table.from_pylist(records, schema=schema))
    return "figure_records"


def _result(connection, names: dict, rows: int) -> AuditResult:
    total, numbers = connection.execute("select count(*), count(value) from figure").fetchone()
    result = AuditResult(rows=total, numbers=numbers)
    found: list[tuple[str, tuple]] = []
    if not numbers:
        found.append(("values read", (["-"], "There is no figure with a number", "figures", "none")))
        result.failed["values read"] += 1
    for family, (count, failing) in _CHECKS.items():
        tried = connection.execute(count.format(**names)).fetchone()[0]
        bad = connection.execute(failing.format(**names)).fetchall()
        result.failed[family] += len(bad)
        result.held[family] += max(0, tried - len(bad))
        found += [(family, row) for row in bad[:rows]]
    result.findings = [
        Finding(f"F{n:03d}", "contradiction", tuple(refs), family, f"{statement}.", expected, shown)
        for n, (family, (refs, statement, expected, shown)) in enumerate(found, 1)
    ]
    return result
