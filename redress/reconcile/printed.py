"""What the council printed against what its cases say.

Each number of a printed report is a row of the authority's `published/<year>.csv`, with the identity
(measure, breakdown, period) of the figure that it states. Where the report contradicts itself, the
authority's register `published/<year>-contradictions.csv` names the other rows concerned and the
relation between the printed numbers that fails; the relation is evaluated here on the printed numbers,
so that a contradiction is never merely claimed.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from redress.authority.relation import RelationProblem, evaluate_relation, round_half_away
from redress.base.settings import Settings
from redress.base.tables import write_csv
from redress.warehouse.connection import open_warehouse

COLUMNS = [
    "ref",
    "authority",
    "reporting_year",
    "figure_id",
    "published_value",
    "computed_value",
    "verdict",
    "reason",
    "evidence",
]

SHOWN = 200
"""Characters of a relation that a message quotes."""
MOST_DAYS = 10_000
"""Days between the two days of `working_days`, so that a slip in a year cannot hold up a run."""

# The other verdict is `unexplained`: it fails the gate until the crosswalk, the data or the register says why.
PUBLISHED_VERDICTS = frozenset({"reproduced", "contradiction", "prior_series", "not_computable"})


def places_of(printed: str) -> int:
    """Decimals with which a number was printed: '7.5' has 1, '85' has 0."""
    return len(printed.partition(".")[2])


def working_days_of(reference: Path) -> Callable[..., float]:
    """`working_days(start, end, first)` for relations: days as numbers yyyymmdd, as dates are printed.

    Counted are the working days in `(start, end]` in England and Wales (SI 2006/1738, regulation 2); with `first` 1
    the start day too, where it is one. Raises ValueError when a number is no day.

    Args:
        reference: the folder with `bank_holidays.csv`.
    """
    with (reference / "bank_holidays.csv").open(newline="", encoding="utf-8") as file:
        free = {
            date.fromisoformat(row["date"])
            for row in csv.DictReader(file)
            if row["division"] == "england-and-wales"
        }

    def day_of(number: float) -> date:
        return date.fromisoformat(str(int(number)))

    def working_days(start: float, end: float, first: int = 0) -> float:
        begin, last = day_of(start), day_of(end)
        if (last - begin).days > MOST_DAYS:
            raise ValueError(f"{begin} to {last} are more than {MOST_DAYS:,} days")
        days = (begin + timedelta(n) for n in range(0 if first else 1, (last - begin).days + 1))
        return float(sum(day.weekday() < 5 and day not in free for day in days))

    return working_days


def relation_holds(
    relation: str, printed: dict[str, float], functions: dict[str, Callable[..., Any]] | None = None
) -> bool:
    """Whether a relation between printed numbers holds.

    Args:
        relation: an expression over names such as `r0172` (the last four digits of a ref), with
            `round_to(value, places)`.
        printed: printed numbers by such name; a blank cell is 0 in sums.
        functions: further functions by name.

    Raises:
        RelationProblem: the expression cannot be evaluated, or names a ref that does not exist.
    """
    try:
        return evaluate_relation(relation, printed, functions)
    except RelationProblem as error:
        shown = relation if len(relation) <= SHOWN else f"{relation[:SHOWN]} ..."
        raise RelationProblem(f"relation '{shown}' cannot be evaluated: {error}") from error


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _plain(value: float) -> str:
    """A number as text, without a trailing .0."""
    return str(int(value)) if float(value).is_integer() else f"{value:.4f}".rstrip("0")


def judge(
    row: dict[str, Any],
    printed: dict[str, float],
    contradiction: dict[str, Any] | None,
    functions: dict[str, Callable[..., Any]] | None = None,
) -> dict[str, Any]:
    """Return the verdict on one printed number, as a row of `published_check.csv`.

    Args:
        row: the printed row joined to its figure (`computed_value`, `status`, `figure_id`), grain one ref.
        printed: all printed numbers of the report by short ref name.
        contradiction: the register's entry for this ref, if any.
        functions: further functions that a relation may use.
    """
    shown = (row["published_value"] or "").strip()
    result = {
        "ref": row["ref"],
        "authority": row["authority"],
        "reporting_year": row["reporting_year"],
        "figure_id": row["figure_id"] or "",
        "published_value": shown,
        "computed_value": "",
        "verdict": "unexplained",
        "reason": row["note"] or "",
        "evidence": "",
    }
    if not row["figure_measure"]:
        reason = row["note"] or "no figure is named for this number, and no reason given"
        return result | {"verdict": "not_computable" if row["note"] else "unexplained", "reason": reason}
    if row["computed_value"] is None:
        figure = f"{row['figure_measure']} [{row['figure_breakdown']}] for {row['figure_period']}"
        return result | {"reason": f"no figure {figure} was computed"}
    scaled = row["computed_value"] * (row["scale"] if row["scale"] is not None else 1.0)
    computed = _plain(scaled)
    result["computed_value"] = computed
    if shown == "":
        reason = (
            "the cell is blank, and the cases give 0"
            if scaled == 0
            else f"the cell is left blank in the report; the cases give {computed}"
        )
        return result | {"verdict": "reproduced", "reason": reason}
    if round_half_away(scaled, places_of(shown)) == float(shown):
        if row["status"] != "prior":
            return result | {"verdict": "reproduced"}
        reason = result["reason"] or "an earlier year's number, taken as the council gave it"
        return result | {"verdict": "prior_series", "reason": reason}
    if contradiction is None:
        return result | {"reason": f"printed {shown}, computed {computed}, and the register gives no reason"}
    return result | _contradicted(row, printed, contradiction, functions)


def _contradicted(
    row: dict[str, Any],
    printed: dict[str, float],
    contradiction: dict[str, Any],
    functions: dict[str, Any] | None,
) -> dict[str, Any]:
    """Return what the register says of a number that is not reproduced, where its relation fails as it says it does."""
    try:
        is_true = relation_holds(contradiction["relation"], printed, functions)
    except RelationProblem as error:
        file = f"published/{row['reporting_year']}-contradictions.csv"
        return {"reason": f"in {file}, the row of {row['ref']}: {error}"}
    if is_true:
        return {
            "reason": f"the register says that this number contradicts {contradiction['conflicts_with']}, "
            f"but '{contradiction['relation']}' holds on the printed numbers"
        }
    return {
        "verdict": "contradiction",
        "reason": contradiction["reason"],
        "evidence": contradiction["conflicts_with"],
    }


def published_check(settings: Settings, out_dir: Path) -> list[dict[str, Any]]:
    """Compare every printed number with its figure and write `published_check.csv`.

    Args:
        settings: where the warehouse is.
        out_dir: the folder to write into.

    Returns:
        One row per row of the authorities' `published/` files, in their order, with the columns `COLUMNS`.
    """
    with open_warehouse(settings.database) as connection:
        rows = _rows(
            connection,
            """
            select
                published.*,
                figures.figure_id,
                figures.value as computed_value,
                figures.status
            from staging.stg_config_published as published
            left join figures.figures
                on
                    published.authority = figures.authority
                    and published.reporting_year = figures.reporting_year
                    and published.figure_measure = figures.measure
                    and coalesce(published.figure_breakdown, '') = figures.breakdown
                    and published.figure_period = figures.period
            where exists (
                select 1
                from marts.dim_report
                where
                    dim_report.authority = published.authority
                    and dim_report.reporting_year = published.reporting_year
            )
            order by published.authority, published.reporting_year, published.ref
            """,
        )
        register = {
            (entry["authority"], entry["reporting_year"], entry["ref"]): entry
            for entry in _rows(connection, "select * from staging.stg_config_contradiction")
        }
    printed: dict[tuple[str, str], dict[str, float]] = {}
    for row in rows:
        numbers = printed.setdefault((row["authority"], row["reporting_year"]), {})
        numbers["r" + row["ref"].rsplit("-", 1)[-1]] = float(row["published_value"] or 0)
    functions = {"working_days": working_days_of(settings.reference)}
    checked = [
        judge(
            row,
            printed[(row["authority"], row["reporting_year"])],
            register.get((row["authority"], row["reporting_year"], row["ref"])),
            functions,
        )
        for row in rows
    ]
    write_csv(out_dir / "published_check.csv", COLUMNS, checked)
    return checked
