"""What councils declare, as the tables from which dbt reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from redress.authority.model import Authority
from redress.authority.printed import PRINTED_COLUMNS
from redress.base.settings import Settings
from redress.contract.breakdown import list_of

_D, _S, _I = pl.Date(), pl.String(), pl.Int32()
CONFIG_SCHEMAS: dict[str, dict[str, pl.DataType]] = {
    "config_authority": {
        "authority": _S,
        "name": _S,
        "short_name": _S,
        "is_synthetic": pl.Boolean(),
        "case_data_from": _D,
    },
    "config_report": {
        "authority": _S,
        "reporting_year": _S,
        "period_start": _D,
        "period_end": _D,
        "as_at": _D,
        "title": _S,
    },
    "config_signed_extract": {"authority": _S, "reporting_year": _S, "sha256": _S},
    "config_setting": {"authority": _S, "setting": _S, "value": _S},
    "config_service": {
        "authority": _S,
        "service": _S,
        "label": _S,
        "level": _S,
        "parent_service": _S,
        "valid_from": _D,
        "valid_to": _D,
        "successor_service": _S,
    },
    "config_category": {
        "authority": _S,
        "service": _S,
        "category": _S,
        "sub_category": _S,
        "valid_from": _D,
        "valid_to": _D,
    },
    "config_timescale": {
        "authority": _S,
        "procedure": _S,
        "stage": _I,
        "standard_working_days": _I,
        "extended_working_days": _I,
        "clock_start": _S,
        "clock_end": _S,
        "day_count": _S,
        "valid_from": _D,
        "valid_to": _D,
        "source": _S,
    },
    "config_time_band": {
        "authority": _S,
        "procedure": _S,
        "stage": _I,
        "band": _S,
        "from_days": _I,
        "to_days": _I,
        "valid_from": _D,
        "valid_to": _D,
    },
    "config_grouping": {
        "authority": _S,
        "attribute": _S,
        "value": _S,
        "grouping": _S,
        "group_value": _S,
        "valid_from": _D,
        "valid_to": _D,
    },
    "config_figure_set": {
        "authority": _S,
        "reporting_year": _S,
        "measure": _S,
        "keys": _S,
        "period_kind": _S,
    },
    "config_published": {
        "authority": _S,
        "reporting_year": _S,
        "ref": _S,
        "locator": _S,
        "measure": _S,
        "breakdown": _S,
        "period": _S,
        "published_value": _S,
        "unit": _S,
        "figure_measure": _S,
        "figure_breakdown": _S,
        "figure_period": _S,
        "scale": pl.Float64(),
        "note": _S,
    },
    "config_contradiction": {
        "authority": _S,
        "reporting_year": _S,
        "ref": _S,
        "conflicts_with": _S,
        "relation": _S,
        "reason": _S,
    },
}
"""Columns and types of the configuration tables; empty tables keep them."""


def _typed(rows: list[dict[str, Any]], schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """Return rows of texts, dates and numbers as a table of the given types; blank text is null."""
    columns = {}
    for name, kind in schema.items():
        values = [None if row.get(name) == "" else row.get(name) for row in rows]
        if kind == pl.Date():
            values = [date.fromisoformat(value) if isinstance(value, str) else value for value in values]
        elif kind == pl.Int32():
            values = [None if value is None else int(value) for value in values]
        elif kind == pl.Float64():
            values = [None if value is None else float(value) for value in values]
        columns[name] = pl.Series(name, values, dtype=kind)
    return pl.DataFrame(columns, schema=schema)


FigureSets = Mapping[tuple[str, str], Iterable[tuple[str, tuple[str, ...], str]]]
"""(authority, reporting year) -> (measure, keys, kind of period) of the tables of figures that the report has."""

_EVERY_SET = (("*", (), "year"),)


def config_tables(
    authorities: Sequence[Authority],
    reports: dict[str, list[str]] | None = None,
    figure_sets: FigureSets | None = None,
) -> dict[str, pl.DataFrame]:
    """Return the configuration of all authorities as tables (`CONFIG_SCHEMAS`).

    Args:
        authorities: the ones wanted.
        reports: authority -> reporting years wanted; every report of every authority if None.
        figure_sets: what each report has; a report that is not in it, and every one if None, has every table there is.
    """
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in CONFIG_SCHEMAS}
    for authority in authorities:
        slug = {"authority": authority.slug}
        rows["config_authority"].append(
            slug
            | {
                "name": authority.name,
                "short_name": authority.short_name,
                "is_synthetic": authority.is_synthetic,
                "case_data_from": authority.case_data_from,
            }
        )
        for year in authority.reports:
            if reports is None or year in reports.get(authority.slug, ()):
                sets = (figure_sets or {}).get((authority.slug, year), _EVERY_SET)
                for name, about_report in _rows_of_report(authority, year, sets).items():
                    rows[name] += [slug | {"reporting_year": year} | row for row in about_report]
        rows["config_setting"] += [slug | {"setting": k, "value": v} for k, v in authority.settings.items()]
        rows["config_service"] += [slug | row for row in authority.rows["services"]]
        rows["config_category"] += [slug | row for row in authority.rows["categories"]]
        rows["config_timescale"] += [slug | row for row in authority.rows["timescales"]]
        rows["config_time_band"] += [slug | row for row in authority.rows["time_bands"]]
        rows["config_grouping"] += [
            slug | row | {"group_value": row["group"]} for row in authority.rows["groupings"]
        ]
        for year, published in authority.published.items():
            for row in published:
                renamed = {name: row.get(column, "") for name, column in PRINTED_COLUMNS.items()}
                rows["config_published"].append(slug | {"reporting_year": year} | renamed)
        for year, contradictions in authority.contradictions.items():
            rows["config_contradiction"] += [slug | {"reporting_year": year} | row for row in contradictions]
    return {name: _typed(rows[name], schema) for name, schema in CONFIG_SCHEMAS.items()}


def _rows_of_report(
    authority: Authority, year: str, figure_sets: Iterable[tuple[str, tuple[str, ...], str]]
) -> dict[str, list[dict[str, Any]]]:
    """Return what the tables about reports hold of one, by table; the authority and the year aside."""
    report = authority.reports[year]
    return {
        "config_report": [
            {
                "period_start": report.period_start,
                "period_end": report.period_end,
                "as_at": report.as_at,
                "title": report.title,
            }
        ],
        "config_figure_set": [
            {"measure": measure, "keys": list_of(keys), "period_kind": kind}
            for measure, keys, kind in sorted(figure_sets)
        ],
        "config_signed_extract": [{"sha256": sha256} for sha256 in sorted(report.signed_with or ())],
    }


def write_config_tables(
    authorities: Sequence[Authority],
    settings: Settings,
    reports: dict[str, list[str]] | None = None,
    figure_sets: FigureSets | None = None,
) -> dict[str, Path]:
    """Write the configuration tables to `<state>/config/<name>.parquet`, replacing what is there.

    Args:
        authorities: the ones wanted.
        settings: where state is kept.
        reports: authority -> reporting years wanted; all if None.
        figure_sets: as for `config_tables`.

    Returns:
        Table name -> file.
    """
    from redress.base.tables import write_parquet

    folder = settings.state / "config"
    written = {}
    for name, table in config_tables(authorities, reports, figure_sets).items():
        written[name] = folder / f"{name}.parquet"
        write_parquet(table, written[name])
    return written
