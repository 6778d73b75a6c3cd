"""Columns of another sheet of the workbook beside the records of a file, found by a key.

A record takes the one row of the other sheet that has its key; where there is none, the columns are blank. Where there are
several, none is chosen and the record is set aside. Rows of the other sheet that belong to no record are told.
"""

from __future__ import annotations

import polars as pl

from redress.contract.mapping import Join
from redress.contract.values import fold
from redress.intake.gather import as_compared
from redress.intake.problems import RejectedFile, file_problem, row_problems
from redress.intake.sheet import Sheet

_JOINER = "\x1f"
_MOST_ROWS_NAMED = 20


def join_sheet(sheet: Sheet, join: Join, other: Sheet, width: dict[str, int]) -> None:
    """Add the columns of another sheet, named `Sheet / Column`, to the records of a sheet.

    Args:
        sheet: changed in place.
        width: folded column of `sheet` -> digits that an identifier has with its leading zeros.

    Raises:
        RejectedFile: a key is no column, or stands twice.
    """
    widths = [width.get(fold(here), 0) for here, _ in join.by]
    here = _keys(sheet, [name for name, _ in join.by], widths, sheet.name or "of the records")
    there = _keys(other, [name for _, name in join.by], widths, join.sheet)
    counted = there.filter(pl.col("key").is_not_null()).with_columns(times=pl.len().over("key"))
    repeated = here.join(counted.filter(pl.col("times") > 1).unique("key"), on="key", how="inner")
    told = "+".join(name for name, _ in join.by)
    sheet.doubtful = pl.concat(
        [
            sheet.doubtful,
            row_problems(
                repeated["row"],
                "joined_twice",
                f"The sheet {join.sheet} has several rows for this record: which of them is meant is not known.",
                column=told,
                expected=f"one row of {join.sheet} for each {told}",
            ),
        ]
    )
    lost = there.join(here.filter(pl.col("key").is_not_null()), on="key", how="anti")["row"].sort()
    if len(lost):
        rows = ", ".join(map(str, lost.head(_MOST_ROWS_NAMED)))
        more = f" and {len(lost) - _MOST_ROWS_NAMED:,} more" if len(lost) > _MOST_ROWS_NAMED else ""
        sheet.warnings.append(
            file_problem(
                "joined_to_nothing",
                f"{len(lost):,} rows of the sheet {join.sheet} belong to no record by {told}, and nothing of them is read: "
                f"rows {rows}{more}.",
                column=f"{join.sheet} / {'+'.join(name for _, name in join.by)}",
                found=f"{len(lost):,} rows",
                expected="a record for every row",
            )
        )
    columns = {str(place): str(len(sheet.header) + place) for place in range(len(other.header))}
    added = other.frame.join(counted.filter(pl.col("times") == 1).select("row", "key"), on="row", how="inner")
    sheet.frame = (
        sheet.frame.join(here, on="row", how="left", maintain_order="left")
        .join(added.drop("row").rename(columns), on="key", how="left", maintain_order="left")
        .drop("key")
        .with_columns(pl.col(list(columns.values())).fill_null(""))
    )
    sheet.columns += other.columns
    sheet.header += [f"{join.sheet} / {name}" if name else "" for name in other.header]


def _keys(sheet: Sheet, names: list[str], widths: list[int], shown_as: str) -> pl.DataFrame:
    """Return `row` and `key` of the rows of a sheet; no key where a part of it is blank."""
    positions = sheet.positions()
    missing = [name for name in names if len(positions.get(fold(name), ())) != 1]
    if missing:
        raise RejectedFile(
            "missing_required_column",
            f"The sheet {shown_as} has no column, or more than one, named {', '.join(missing)}, and the mapping joins by it.",
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
