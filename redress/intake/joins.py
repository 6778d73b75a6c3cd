"""Columns of another sheet of the workbook, or of another file, beside the records of a file, found by a key.

A record takes the one row of the other sheet that has its key; where there is none, the columns are blank. Where there are
several, none is chosen and the record is set aside. Rows of the other sheet that belong to no record are told.
"""

from __future__ import annotations

import polars as pl

from redress.contract.mapping import Join
from redress.contract.values import fold
from redress.intake.gather import as_compared
from redress.intake.problems import RejectedFile, file_problem, no_problems, row_problems
from redress.intake.sheet import Sheet

_JOINER = "\x1f"
_MOST_ROWS_NAMED = 20


def join_sheet(sheet: Sheet, join: Join, other: Sheet, width: dict[str, int], shown_as: str) -> None:
    """Add the columns of another sheet or file, named `Sheet / Column`, to the records of a sheet.

    Args:
        sheet: changed in place.
        width: folded column of `sheet` -> digits that an identifier has with its leading zeros.
        shown_as: the other, in words: `sheet Decided`, `file decided.csv`.

    Raises:
        RejectedFile: a key is no column, or stands twice.
    """
    widths = [width.get(fold(here), 0) for here, _ in join.by]
    here = _keys(
        sheet, [name for name, _ in join.by], widths, f"sheet {sheet.name}" if sheet.name else "file"
    )
    there = _keys(other, [name for _, name in join.by], widths, shown_as)
    counted = there.filter(pl.col("key").is_not_null()).with_columns(times=pl.len().over("key"))
    told = "+".join(name for name, _ in join.by)
    sheet.doubtful = pl.concat([sheet.doubtful, _joined_twice(here, counted, join, told, shown_as)])
    lost = there.join(here.filter(pl.col("key").is_not_null()), on="key", how="anti")["row"]
    if len(lost):
        _warn(
            sheet,
            join,
            f"{len(lost):,} rows of the {shown_as} belong to no record by {told}, and nothing of them is read",
            lost,
            "a record for every row",
        )
    without = here.filter(pl.col("key").is_null())["row"]
    if len(without):
        _warn(
            sheet,
            join,
            f"{len(without):,} records have no {told}, so nothing of the {shown_as} is read for them",
            without,
            f"a {told} in every record",
        )
    columns = {str(place): str(len(sheet.header) + place) for place in range(len(other.header))}
    added = other.frame.join(counted.filter(pl.col("times") == 1).select("row", "key"), on="row", how="inner")
    sheet.frame = (
        sheet.frame.join(here, on="row", how="left", maintain_order="left")
        .join(added.drop("row").rename(columns), on="key", how="left", maintain_order="left")
        .drop("key")
        .with_columns(pl.col(list(columns.values())).fill_null(""))
    )
    sheet.columns = _places(sheet) + _places(other)
    sheet.header += [f"{join.name} / {name}" if name else "" for name in other.header]


def _places(sheet: Sheet) -> list[int]:
    return sheet.columns or list(range(len(sheet.header)))


def _joined_twice(
    here: pl.DataFrame, counted: pl.DataFrame, join: Join, told: str, shown_as: str
) -> pl.DataFrame:
    """Return a problem for each record of which the other has several rows, which are named."""
    several = (
        counted.filter(pl.col("times") > 1)
        .group_by("key")
        .agg(rows=pl.col("row").sort().head(_MOST_ROWS_NAMED).cast(pl.String).str.join(", "))
    )
    repeated = here.join(several, on="key", how="inner", maintain_order="left")
    return pl.concat(
        [
            row_problems(
                repeated["row"].slice(place, 1),
                "joined_twice",
                f"The {shown_as} has several rows for this record (rows {rows}): which of them is meant is not known.",
                column=told,
                expected=f"one row of {join.name} for each {told}",
            )
            for place, rows in enumerate(repeated["rows"])
        ]
        or [no_problems()]
    )


def _warn(sheet: Sheet, join: Join, message: str, rows: pl.Series, expected: str) -> None:
    """Tell of rows that found no partner, by their numbers."""
    listed = ", ".join(map(str, rows.sort().head(_MOST_ROWS_NAMED)))
    more = f" and {len(rows) - _MOST_ROWS_NAMED:,} more" if len(rows) > _MOST_ROWS_NAMED else ""
    sheet.warnings.append(
        file_problem(
            "joined_to_nothing",
            f"{message}: rows {listed}{more}.",
            column=f"{join.name} / {'+'.join(name for _, name in join.by)}",
            found=f"{len(rows):,} rows",
            expected=expected,
        )
    )


def _keys(sheet: Sheet, names: list[str], widths: list[int], shown_as: str) -> pl.DataFrame:
    """Return `row` and `key` of the rows of a sheet; no key where a part of it is blank."""
    positions = sheet.positions()
    missing = [name for name in names if len(positions.get(fold(name), ())) != 1]
    if missing:
        raise RejectedFile(
            "missing_required_column",
            f"The {shown_as} has no column, or more than one, named {', '.join(missing)}, and the mapping joins by it.",
            column=", ".join(missing),
            found=", ".join(sheet.header[:40]),
            expected=", ".join(missing),
        )
    parts = []
    for name, digits in zip(names, widths, strict=True):
        text = as_compared(str(positions[fold(name)][0]))
        is_short = text.str.contains(r"^[0-9]+$") & (text.str.len_chars() < digits)
        parts.append(pl.when(is_short).then(text.str.zfill(digits)).otherwise(text))
    is_whole = pl.all_horizontal([part != "" for part in parts])
    key = pl.when(is_whole).then(pl.concat_str(parts, separator=_JOINER))
    return sheet.frame.select("row", key=key)
