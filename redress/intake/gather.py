"""Several records of a file to one: the events of a case become the case.

A source may say that all records with the same cells in some columns belong together (`group` in the mapping).
They are gathered into one wide record, whose columns are named there, before anything is mapped. The group is
taken whole or not at all, and each of its records is counted, so that received = conformed + quarantined still
holds in the records that the council sent.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from redress.base.patterns import is_in
from redress.contract.mapping import Group, Where
from redress.contract.values import DATE_CELL, ERROR_CELL, SPACE, fold, trim
from redress.intake.problems import QUARANTINE, row_problems

MEMBERS_SCHEMA: dict[str, pl.DataType] = {"row": pl.Int32(), "head": pl.Int32()}
"""Row number, and that of the first record of its group."""

_JOINER = "\x1f"


@dataclass
class Gathered:
    """Groups of records, each as one wide record.

    Attributes:
        frame: `row` (number of the group's first record) and columns `0`, `1`, ... (text, '' where blank).
        at: folded name -> column of `frame`.
        members: every record of every group (`MEMBERS_SCHEMA`).
        places: where a wide cell comes from: `head`, `column` (its name), `row`, `native` (its file's column).
        problems: what is wrong with records as members of their group.
    """

    frame: pl.DataFrame
    at: dict[str, str]
    members: pl.DataFrame
    places: pl.DataFrame
    problems: list[pl.DataFrame]

    def at_the_record(self, problems: pl.DataFrame) -> pl.DataFrame:
        """Return problems of wide records, told at the record and in the column that the cell comes from."""
        places = self.places.rename({"row": "from_row"})
        return (
            problems.join(places, left_on=["row", "column"], right_on=["head", "column"], how="left")
            .with_columns(
                row=pl.coalesce("from_row", "row"),
                column=pl.when(pl.col("native").is_not_null())
                .then(pl.format("{} ({})", "native", "column"))
                .otherwise(pl.col("column")),
            )
            .select(problems.columns)
        )


def stripped(name: str) -> pl.Expr:
    """Return the text of a column without white space around it."""
    return pl.col(name).str.strip_chars(SPACE)


def as_compared(name: str) -> pl.Expr:
    """Return the text of a column as `fold` makes it, without the mark of a date cell or a broken formula."""
    text = pl.col(name).str.strip_chars_start(DATE_CELL + ERROR_CELL).str.strip_chars(SPACE)
    return text.str.replace_all(r"\s+", " ").str.to_lowercase()


def condition(where: Where, at: dict[str, str]) -> pl.Expr:
    """Return a condition of the mapping on the columns of a frame."""
    name = at[fold(where.column)]
    if where.kind in ("not_blank", "blank"):
        is_blank = stripped(name) == ""
        if where.words:
            is_blank |= as_compared(name).is_in(sorted(word.lower() for word in where.words))
        return is_blank if where.kind == "blank" else ~is_blank
    if where.kind == "matches":
        return pl.col(name).map_batches(
            lambda texts: _matching(texts, where.patterns), return_dtype=pl.Boolean()
        )
    words = sorted(word.lower() for word in where.words)
    if where.kind == "starts_with":
        return pl.any_horizontal([as_compared(name).str.starts_with(word) for word in words])
    if where.kind == "contains":
        return as_compared(name).str.contains_any(words)
    return as_compared(name).is_in(words) if where.kind == "in" else ~as_compared(name).is_in(words)


def _matching(texts: pl.Series, patterns: tuple[str, ...]) -> pl.Series:
    """Return in which texts one of the patterns is; each different text is looked at once."""
    known = {
        text: any(is_in(pattern, trim(text.lstrip(DATE_CELL + ERROR_CELL))) for pattern in patterns)
        for text in texts.unique()
    }
    return texts.replace_strict(known, return_dtype=pl.Boolean())


def gather(frame: pl.DataFrame, group: Group, at: dict[str, str]) -> Gathered:
    """Gather records into groups.

    A wide cell is the one text that the group's records give for it (the first, where several give the same), or
    all of them joined. Records that give different texts for one cell, that give nothing, that no column takes or
    that name no group are problems.

    Args:
        frame: `row` and columns `0`, `1`, ...
        group: what belongs together, and the columns to make of it.
        at: folded native name -> column of `frame`.
    """
    problems: list[pl.DataFrame] = []
    by = [at[fold(name)] for name in group.by]
    keyed = _keyed(frame, group, by, problems)
    wide = keyed.filter(pl.col("row") == pl.col("head")).select(
        "head", *[pl.col(name).alias(str(n)) for n, name in enumerate(by)]
    )
    found = {fold(name): str(n) for n, name in enumerate(group.by)}
    places = [
        pl.DataFrame(schema={"head": pl.Int32, "column": pl.String, "row": pl.Int32, "native": pl.String})
    ]
    matched, filled = pl.lit(False), pl.lit(False)
    for number, column in enumerate(group.columns, start=len(by)):
        chosen = pl.lit(True)
        for where in column.where:
            chosen = chosen & condition(where, at)
        name = at[fold(column.origin)]
        given = chosen & (stripped(name) != "")
        if column.where:
            matched, filled = matched | chosen, filled | given
        part = keyed.filter(given).select("head", "row", text=pl.col(name))
        if column.join is None:
            _note_disagreement(part, column.name, column.origin, problems)
            text = pl.col("text").first()
        else:
            text = pl.col("text").str.join(column.join)
        cells = part.group_by("head", maintain_order=True).agg(text, pl.col("row").first())
        places.append(
            cells.select("head", pl.lit(column.name).alias("column"), "row", native=pl.lit(column.origin))
        )
        wide = wide.join(
            cells.select("head", pl.col("text").alias(str(number))),
            on="head",
            how="left",
            maintain_order="left",
        )
        found[fold(column.name)] = str(number)
    if any(column.where for column in group.columns):
        _note_untaken(keyed, group, at, matched, filled, problems)
    return Gathered(
        wide.rename({"head": "row"}).with_columns(pl.exclude("row").fill_null("")),
        found,
        keyed.select([pl.col(name).cast(kind) for name, kind in MEMBERS_SCHEMA.items()]),
        pl.concat(places),
        problems,
    )


def _keyed(frame: pl.DataFrame, group: Group, by: list[str], problems: list[pl.DataFrame]) -> pl.DataFrame:
    """Return the records that name a group, with the `head` of it: its first record. Others are noted."""
    nameless = pl.any_horizontal([stripped(name) == "" for name in by])
    lost = frame.filter(nameless)["row"]
    if len(lost):
        told = f"{' and '.join(group.by)} is blank: the record belongs to nothing."
        problems.append(row_problems(lost, "missing_required", told, "", " + ".join(group.by)))
    keyed = frame.filter(~nameless).with_columns(
        pl.concat_str([stripped(name) for name in by], separator=_JOINER).alias("key")
    )
    return keyed.with_columns(head=pl.col("row").min().over("key")).drop("key")


def _note_disagreement(part: pl.DataFrame, name: str, native: str, problems: list[pl.DataFrame]) -> None:
    differing = part.filter(stripped("text").n_unique().over("head") > 1)
    if differing.height:
        problems.append(
            row_problems(
                differing["row"],
                "records_disagree",
                f"Several records of one group give {name}, and not the same: which is right is not known.",
                column=f"{native} ({name})",
                expected=f"one {name}",
            )
        )


def _note_untaken(
    keyed: pl.DataFrame,
    group: Group,
    at: dict[str, str],
    matched: pl.Expr,
    filled: pl.Expr,
    problems: list[pl.DataFrame],
) -> None:
    conditions = ", ".join(
        {
            fold(where.column): where.column for column in group.columns[::-1] for where in column.where
        }.values()
    )
    unknown = keyed.filter(~matched)["row"]
    if len(unknown):
        problems.append(
            row_problems(
                unknown,
                "unknown_record_type",
                "The mapping has no column for such a record.",
                column=conditions,
                expected="a kind of record that the mapping names",
            )
        )
    empty = keyed.filter(matched & ~filled)["row"]
    if len(empty):
        origins = " / ".join(dict.fromkeys(column.origin for column in group.columns if column.where))
        problems.append(
            row_problems(
                empty,
                "missing_required",
                "The record says that something happened, and not what or when.",
                column=origins,
            )
        )


def whole_groups(problems: pl.DataFrame, members: pl.DataFrame | None, fallen: set[int]) -> pl.DataFrame:
    """Return the records that are set aside only because another record of their group is.

    Args:
        problems: problems found so far (`FOUND_SCHEMA`).
        members: the groups; None where records stand alone.
        fallen: first records of the groups that are set aside.

    Returns:
        One problem for each record of these groups that has none that sets it aside.
    """
    if members is None or not fallen:
        return problems.clear()
    own = problems.filter(pl.col("severity") == QUARANTINE)["row"].drop_nulls()
    others = members.filter(
        pl.col("head").is_in(list(fallen)) & ~pl.col("row").is_in(own.unique().implode())
    )["row"]
    if not len(others):
        return problems.clear()
    return row_problems(
        others,
        "group_set_aside",
        "Another record of the same group is set aside, and a group is taken whole or not at all: repair that one.",
    )
