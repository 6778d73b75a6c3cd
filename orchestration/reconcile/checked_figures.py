"""Which checks each figure stands in: `checks_evidence/checked_figures.parquet`, one row per figure and line.

A line of a check names its measure, its breakdown and its period, and holds the numbers that were put in. A figure
stands in it when it is of that measure, its breakdown is the line's or has one key more (it is a part of it), its
period is the line's or lies within it, and its value is one of the numbers. Lines about percentages name the
figure itself. Checks that every figure passes (its rows, the cases behind it) are not repeated for each.
"""

from __future__ import annotations

from pathlib import Path

FILE = "checked_figures.parquet"

_STOCK = ("brought_forward", "entered", "closed", "carried_forward")

_SQL = """
copy (
    with terms as (
        select authority, reporting_year, check_id, line, line_title, holds, value, filename,
            string_split(check_id, ':') as words
        from read_parquet($files, filename = true, union_by_name = true)
        where reporting_year != '' and value is not null
    ), measures as (
        select distinct measure from warehouse.figures.figures
    ), named as (
        select *,
            regexp_extract(filename, '([a-z_]+)\\.parquet$', 1) as family,
            split_part(words[-1], '@', 1) as check_period,
            coalesce(nullif(regexp_extract(line, '\\|([0-9]{4}-[0-9]{2}(-Q[1-4])?)$', 1), ''),
                split_part(words[-1], '@', 1)) as period,
            case
                when contains(split_part(line, '|', 1), '=') then split_part(line, '|', 1)
                else coalesce(list_filter(words, lambda word: regexp_matches(word, '^[a-z_]+=')
                    and not regexp_matches(word, '^(by|each|below)='))[1], '')
            end as breakdown
        from terms
    ), of_measure as (
        select named.*, measures.measure
        from named inner join measures
            on list_contains(named.words, measures.measure)
            or (words[1] = 'stock-and-flow' and measures.measure in $stock)
        where not starts_with(named.line, named.authority || '-' || named.reporting_year || '-')
    ), candidates as (
        select authority, reporting_year, figure_id, measure, breakdown, period, value,
            unnest(list_distinct([breakdown] || list_transform(
                string_split(breakdown, ';'),
                lambda pair: array_to_string(
                    list_filter(string_split(breakdown, ';'), lambda other: other != pair), ';')
            ))) as within
        from warehouse.figures.figures where value is not null
    ), by_numbers as (
        select distinct candidates.authority, candidates.reporting_year, candidates.figure_id,
            of_measure.family, of_measure.check_id, of_measure.line_title, of_measure.holds
        from candidates inner join of_measure
            on candidates.authority = of_measure.authority
            and candidates.reporting_year = of_measure.reporting_year
            and candidates.measure = of_measure.measure
            and candidates.within = of_measure.breakdown
            and abs(candidates.value - of_measure.value) < 1e-6
        left join warehouse.marts.dim_period as periods
            on candidates.authority = periods.authority
            and candidates.reporting_year = periods.reporting_year
            and candidates.period = periods.period
        where candidates.period = of_measure.period
            or starts_with(candidates.period, of_measure.period || '-Q')
            or periods.period_reporting_year = of_measure.period
    ), by_name as (
        select distinct authority, reporting_year, line as figure_id, family, check_id, line_title, holds
        from named where starts_with(line, authority || '-' || reporting_year || '-')
    )
    select * from by_numbers union select * from by_name
    order by authority, reporting_year, figure_id, check_id, line_title
) to '{target}' (format parquet)
"""


def write(database: Path, evidence: Path) -> int:
    """Write the index beside the rows behind the checks.

    Args:
        database: the warehouse.
        evidence: the folder with one parquet file per family.

    Returns:
        int: figures that stand in a check of their own.
    """
    import duckdb

    target = evidence / FILE
    target.unlink(missing_ok=True)
    files = sorted(_quoted(path) for path in evidence.glob("*.parquet"))
    if not files:
        return 0
    with duckdb.connect() as connection:
        connection.execute(f"attach '{_quoted(database)}' as warehouse (read_only)")
        stock = "(" + ", ".join(f"'{one}'" for one in _STOCK) + ")"
        listed = "[" + ", ".join(f"'{one}'" for one in files) + "]"
        connection.execute(
            _SQL.replace("$files", listed).replace("$stock", stock).replace("{target}", _quoted(target))
        )
        [(figures,)] = connection.execute(
            f"select count(distinct figure_id) from read_parquet('{_quoted(target)}')"
        ).fetchall()
    return figures


def _quoted(path: Path) -> str:
    """A path within quotes in SQL."""
    return str(path).replace("'", "''")
