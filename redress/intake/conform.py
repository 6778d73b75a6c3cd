"""The records of one file to candidate rows of the contract's tables.

Works on whole columns. What is not an identifier or a text is read once per distinct value. Every problem of
every record is noted; which records are set aside is decided later, when the whole batch has been read.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import PurePath
from typing import TYPE_CHECKING

import polars as pl

from redress.base.printable import SHOWN_CHARACTERS, shorten
from redress.contract.contract import TEXT, Contract, Field, Table
from redress.contract.dates import date_reader
from redress.contract.mapping import ABOUT_THE_RECORD, ColumnMap, Source, TableMap
from redress.contract.values import (
    DATE_CELL,
    ERROR_CELL,
    EXCEL_ERROR,
    LONGEST_TEXT,
    LONGEST_WORD,
    SPACE,
    Reader,
    Reading,
    band_at_receipt,
    containing_reader,
    error_of,
    fold,
    measure_reader,
    money_reader,
    number_reader,
    trim,
    word_reader,
    years_of,
)
from redress.intake.gather import Gathered, as_compared, condition, gather, stripped
from redress.intake.names import NAMES_SCHEMA, digester, digests, names_of
from redress.intake.problems import (
    NOT_SHOWN,
    QUARANTINE,
    SEVERITY,
    RejectedFile,
    file_problem,
    no_problems,
    row_problems,
)
from redress.intake.pseudonyms import pseudonyms
from redress.intake.quotes import RULES, pattern_rules
from redress.intake.sheet import TOTAL_WORDS, Sheet

if TYPE_CHECKING:
    from redress.authority.model import Authority

_ISO = "%Y-%m-%d"
_JOINER = "\x1f"
_CONTACT = (
    r"(?i)[\w.+-]+@[\w-]+\.\w{2,}"  # e-mail
    r"|(?:\+44|\b0)[\s-]?\d(?:[\s-]?\d){8,9}\b"  # telephone
    r"|\b[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2}\b"  # postcode
    r"|\b\d{3}[\s-]\d{3}[\s-]\d{4}\b"  # NHS number
)
_NAMED = r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr)\.?\s+\p{Lu}"
_LEFT_OUT = {"row": pl.Int32, "rule": pl.String}
_YEAR_WORDS = re.compile(r"(\d{4})[-/](\d{2}|\d{4})")


@dataclass
class Candidates:
    """What one file would add if nothing else were wrong.

    Attributes:
        tables: contract table -> rows (its conformed columns and `row`).
        problems: problems of records and of the file (`FOUND_SCHEMA`).
        received: records in the file.
        cleaning: columns table, column, kind, cells.
        distinct: tables of which equal rows from several records are one row.
        members: where records were gathered into groups, the groups (`gather.MEMBERS_SCHEMA`); rows of `tables`
            then carry the number of their group's first record.
        versions: where a record may stand in several files of its source, `row` and `key`, what it is known by.
        names: keyed digests of the names in the file, records that are set aside included (`NAMES_SCHEMA`).
        left_out: records that the mapping leaves out, `row` and `rule`. Nothing else is said of them.
    """

    tables: dict[str, pl.DataFrame]
    problems: pl.DataFrame
    received: int
    cleaning: list[dict] = field(default_factory=list)
    distinct: set[str] = field(default_factory=set)
    members: pl.DataFrame | None = None
    versions: pl.DataFrame | None = None
    names: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=NAMES_SCHEMA))
    left_out: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_LEFT_OUT))


@dataclass
class _Notes:
    """Collects problems and cleaning while a file is conformed."""

    problems: list[pl.DataFrame]
    cleaning: list[dict]

    def clean(self, table: str, column: str, kind: str, cells: int) -> None:
        if cells:
            self.cleaning.append({"table": table, "column": column, "kind": kind, "cells": cells})


def _missing(needs: tuple[str, ...], names: set[str], is_choice: bool) -> list[str]:
    absent = [name for name in needs if fold(name) not in names]
    return absent if not is_choice or len(absent) == len(needs) else []


def _needed(source: Source, contract: Contract) -> list[tuple[str, ...]]:
    """Return native columns without which no record can be read; of a group, one is enough."""
    ruled = [(where.column,) for rule in source.leave_out for where in rule.conditions]
    if source.group:
        return list(dict.fromkeys([*((name,) for name in source.group.native), *ruled]))
    needed: list[tuple[str, ...]] = [*((name,) for name in source.versions), *ruled]
    for table_map in source.tables:
        table = contract.tables[table_map.table]
        needed += [(where.column,) for where in table_map.where]
        if table_map.split_column:
            needed.append((table_map.split_column,))
        for column in table_map.columns.values():
            if table.fields[column.name].required:
                needed += [column.origins] if column.origins else [(name,) for name in column.needs]
    return list(dict.fromkeys(needed))


def check_header(
    sheet: Sheet, source: Source, contract: Contract, preview: Callable[[], list[list[str]]]
) -> tuple[dict[str, str], list[pl.DataFrame]]:
    """Match columns by name.

    Args:
        preview: gives the first records of the file, for saying where the header stands.

    Returns:
        Folded native name -> column of the frame, and warnings.

    Raises:
        RejectedFile: missing_required_column, merged_header, duplicate_column.
    """
    positions = sheet.positions()
    names = {name for name in positions if name}
    needed = _needed(source, contract)
    missing = [name for group in needed for name in _missing(group, names, len(group) > 1)]
    if missing:
        _explain_missing(sheet, source, needed, missing, preview)
    used = native_columns(source)
    doubled = [used[name] for name, places in positions.items() if name in used and len(places) > 1]
    if doubled:
        raise RejectedFile(
            "duplicate_column",
            f"The file has more than one column named {', '.join(doubled)}: which is meant is not certain.",
            column=", ".join(doubled),
        )
    warnings = [
        *_optional_warnings(source, contract, names),
        *_extra_warnings(sheet, source, positions, used),
    ]
    if source.is_contract_shape:
        order = [name for name in source.tables[0].columns if name in names]
        if order != [fold(name) for name in sheet.header if fold(name) in order]:
            sheet.cleaned["shuffled_columns"] = 1
    warnings += _merged_warnings(sheet, positions, used)
    return {name: str(places[0]) for name, places in positions.items() if name in used}, warnings


def _merged_warnings(
    sheet: Sheet, positions: dict[str, list[int]], used: dict[str, str]
) -> Iterator[pl.DataFrame]:
    """Yield a warning for each column that is read and has cells merged over several records."""
    for name, native in used.items():
        ranges = sheet.merged.get(positions[name][0], ()) if name in positions else ()
        if ranges:
            listed = ", ".join(ranges[:10]) + (f" and {len(ranges) - 10} more" if len(ranges) > 10 else "")
            yield file_problem(
                "merged_cells",
                f"Cells of this column are merged over several records: {listed}. The first of them has the value and the "
                "others are blank. Where it is the value of all of them, write `fill_merged: true` for this source in "
                "mapping.yml; else take the merging apart and fill the values in.",
                column=native,
                found=listed,
                expected="a value in each record's own cell",
            )


def native_columns(source: Source) -> dict[str, str]:
    """Return the native columns that a source reads: folded name -> name."""
    used = {fold(where.column): where.column for rule in source.leave_out for where in rule.conditions}
    if source.group:
        return used | {fold(name): name for name in source.group.native}
    used |= {fold(name): name for name in source.versions}
    for table_map in source.tables:
        used |= {fold(where.column): where.column for where in table_map.where}
        used |= {fold(name): name for column in table_map.columns.values() for name in column.needs}
        if table_map.split_column:
            used[fold(table_map.split_column)] = table_map.split_column
    return used


def _extra_warnings(
    sheet: Sheet, source: Source, positions: dict[str, list[int]], used: dict[str, str]
) -> Iterator[pl.DataFrame]:
    """Yield a warning for each column that the mapping does not know, or that has values and no name."""
    keys = [f"{join.name} / {there}" for join in source.joins for _, there in join.by]
    keys += [here for join in source.joins for here, _ in join.by]
    expected = used.keys() | {fold(name) for name in (*source.ignore, *source.names, *keys)}
    for folded, places in positions.items():
        if folded and folded not in expected:
            name = sheet.header[places[0]]
            yield file_problem(
                "extra_column",
                "The mapping does not know this column. It is ignored and its values are kept only "
                "in the original file.",
                column=shorten(name),
                found=name,
            )
    for place in positions.get("", ()):
        if sheet.frame.height and (sheet.frame[str(place)].str.strip_chars(SPACE) != "").any():
            yield file_problem(
                "extra_column",
                f"Column {sheet.column_name(place)} has values and no name. It is ignored.",
                column=f"(column {sheet.column_name(place)})",
            )


def _explain_missing(
    sheet: Sheet, source: Source, needed: list[tuple[str, ...]], missing: list[str], preview: Callable
) -> None:
    for number, cells in enumerate(preview(), start=1):
        found = {fold(cell) for cell in cells}
        if number != source.header_row and all(
            not _missing(group, found, len(group) > 1) for group in needed
        ):
            raise RejectedFile(
                "merged_header",
                f"The header was expected on row {source.header_row} and stands on row {number}. "
                "Remove what is above "
                f"it, or declare header_row: {number} in the mapping.",
                found=f"header on row {number}",
                expected=f"header on row {source.header_row}",
            )
    hint = ""
    if len(sheet.header) == 1:
        mark = next(
            (m for m in (";", "\t", "|", ",") if m in sheet.header[0] and m != source.delimiter), None
        )
        if mark:
            shown = "tabs" if mark == "\t" else f"`{mark}`"
            hint = f" The columns seem to be separated by {shown}."
    raise RejectedFile(
        "missing_required_column",
        f"The file has no column named {', '.join(dict.fromkeys(missing))}, and no record can be read "
        f"without.{hint}",
        column=", ".join(dict.fromkeys(missing)),
        found=", ".join(sheet.header[:40]),
        expected=", ".join(dict.fromkeys(missing)),
    )


def _optional_warnings(source: Source, contract: Contract, names: set[str]) -> list[pl.DataFrame]:
    warnings = []
    for table_map in () if source.group else source.tables:
        table = contract.tables[table_map.table]
        for column in table_map.columns.values():
            target = table.fields[column.name]
            absent = _missing(column.needs, names, bool(column.origins))
            if not absent or target.required or (source.is_contract_shape and target.may_be_absent):
                continue
            warnings.append(
                file_problem(
                    "missing_optional_column",
                    f"{table.name}.{column.name} stays blank: every figure that needs it is not "
                    "available ([x]), which is "
                    "not the same as zero.",
                    column=", ".join(absent),
                    expected=", ".join(absent),
                    table=table.name,
                )
            )
    return warnings


def _copies(frame: pl.DataFrame) -> pl.DataFrame:
    """Return records that repeat an earlier one in every cell: `row`, `first` (the record that is kept)."""
    cells = [name for name in frame.columns if name != "row"]
    hashes = frame.select(cells).hash_rows(seed=7)
    suspects = frame.filter(hashes.is_duplicated())
    if not suspects.height:
        return pl.DataFrame(schema={"row": pl.Int32, "first": pl.Int32})
    firsts = suspects.with_columns(first=pl.col("row").min().over(cells))
    return firsts.filter(pl.col("row") != pl.col("first")).select("row", "first")


def _totals(frame: pl.DataFrame, source: Source, contract: Contract, at: dict[str, str]) -> pl.Series:
    """Return the row numbers of lines of totals: the first filled cell says so and hardly anything else is filled."""
    cells = [name for name in frame.columns if name != "row"]
    required = {
        at[fold(name)]
        for table_map in source.tables
        for column in table_map.columns.values()
        if contract.tables[table_map.table].fields[column.name].required
        for name in column.needs
        if fold(name) in at
    }
    blank = (
        pl.any_horizontal([stripped(name) == "" for name in sorted(required)]) if required else pl.lit(False)
    )
    labelled = pl.any_horizontal([stripped(name).str.contains(TOTAL_WORDS) for name in cells[:2]])
    suspects = frame.filter(blank | labelled)
    rows = []
    for row, *values in suspects.iter_rows() if suspects.height else ():
        texts = {name: trim(value) for name, value in zip(cells, values, strict=True)}
        label = next((name for name in cells if texts[name]), None)
        if label is None or not re.match(TOTAL_WORDS, texts[label]):
            continue
        others = [name for name in required if name != label]
        is_blank = sum(not texts[name] for name in others) * 2 >= len(others) > 0
        is_numeric = all(re.fullmatch(r"[£\d,.%\s-]*", texts[name]) for name in cells if name != label)
        if is_blank or is_numeric:
            rows.append(row)
    return pl.Series("row", rows, dtype=pl.Int32)


def _raw(column: ColumnMap, at: dict[str, str]) -> pl.Expr | None:
    """Return the native text of a contract column, None where the file does not have it."""
    if column.value is not None:
        return pl.lit(column.value)
    if column.template is not None:
        if any(fold(name) not in at for name in column.needs):
            return None
        parts: list[pl.Expr] = []
        for text, name, _, _ in string.Formatter().parse(column.template):
            parts.append(pl.lit(text))
            if name:
                parts.append(stripped(f"{{{name}}}" if name in ABOUT_THE_RECORD else at[fold(name)]))
        filled = [stripped(at[fold(name)]) != "" for name in column.needs]
        whole = pl.concat_str(parts)
        return pl.when(pl.all_horizontal(filled)).then(whole).otherwise(pl.lit("")) if filled else whole
    found = [at[fold(name)] for name in column.origins if fold(name) in at]
    if not found:
        return None
    cells = [without_blanks(name, column.blanks) if column.blanks else pl.col(name) for name in found]
    raw = cells[-1]
    for cell in reversed(cells[:-1]):
        raw = pl.when(cell.str.strip_chars(SPACE) != "").then(cell).otherwise(raw)
    return raw


def padded(name: str, digits: int) -> pl.Expr:
    """Return a column in which identifiers of digits alone have their leading zeros again."""
    text = stripped(name)
    is_short = text.str.contains(r"^[0-9]+$") & (text.str.len_chars() < digits)
    return pl.when(is_short).then(text.str.zfill(digits)).otherwise(pl.col(name)).alias(name)


def without_blanks(name: str, blanks: frozenset[str]) -> pl.Expr:
    """Return a column in which the texts that stand for a blank are blank."""
    words = sorted(word.lower() for word in blanks)
    return pl.when(as_compared(name).is_in(words)).then(pl.lit("")).otherwise(pl.col(name)).alias(name)


def _blanks(source: Source, at: dict[str, str]) -> dict[str, frozenset[str]]:
    """Return column of the frame -> the folded texts that stand for a blank there: not those that the mapping uses."""
    gathered = {fold(column.name): column for column in source.group.columns} if source.group else {}
    said: dict[str, set[str]] = {}
    wheres = [where for rule in source.leave_out for where in rule.conditions]
    wheres += [where for column in gathered.values() for where in column.where]
    for table_map in source.tables:
        wheres += table_map.where
        for column in table_map.columns.values():
            for name in map(fold, column.needs):
                origin = fold(gathered[name].origin) if name in gathered else name
                said.setdefault(origin, set()).update(column.words or ())
    for where in wheres:
        if where.kind in ("blank", "not_blank"):
            continue
        origin = fold(where.column)
        said.setdefault(fold(gathered[origin].origin) if origin in gathered else origin, set()).update(
            where.words
        )
    return {at[name]: words for name in at if (words := source.blanks - said.get(name, set()))}


class _TableConformer:
    """Conforms the pieces of one table map."""

    def __init__(
        self,
        table: Table,
        table_map: TableMap,
        source: Source,
        authority: Authority,
        contract: Contract,
        key: bytes,
        notes: _Notes,
    ) -> None:
        self.table, self.map, self.source, self.contract = table, table_map, source, contract
        self.authority, self.key, self.notes = authority, key, notes
        self.days: pl.Series | None = None
        self.blanked: dict[str, pl.Series] = {}

    def conform(self, frame: pl.DataFrame, at: dict[str, str]) -> pl.DataFrame:
        """Return typed rows after privacy: `row` and the table's conformed columns."""
        rows = frame["row"]
        self.days = self.row_days(frame, at)
        columns: dict[str, pl.Series] = {}
        given: dict[str, pl.Series] = {}
        for name, target in self.table.fields.items():
            kind = self.table.conformed.get(name, pl.Date())
            column = self.map.columns.get(name)
            expression = _raw(column, at) if column and target.personal != "drop" else None
            if column is None or expression is None:
                columns[name] = pl.repeat(None, len(rows), dtype=kind, eager=True).alias(name)
                continue
            raw = frame.select(expression.alias("raw"))["raw"]
            if len(raw) != len(rows):  # a constant
                raw = pl.repeat(column.value, len(rows), dtype=pl.String, eager=True)
            columns[name] = self.column(rows, raw, column, target, columns).cast(kind).alias(name)
            given[name] = raw.str.strip_chars(SPACE) != ""
            if name in self.blanked:
                given[name] &= ~self.blanked[name]
        self.order(rows, columns)
        self.need(rows, columns, given)
        return self.protect(rows, columns)

    def row_days(self, frame: pl.DataFrame, at: dict[str, str]) -> pl.Series | None:
        """Return the day of each row, which decides between the meanings that a word had at different times.

        A table without a date of its own takes it from the record it refers to, where the same file feeds that
        table too (a complaint's services are named as on the day of its receipt).
        """
        contract = self.contract
        places = [
            (self.map, self.table),
            *(
                (other, contract.tables[other.table])
                for reference in self.table.references
                for other in self.source.tables
                if other.table == reference.table
            ),
        ]
        for table_map, table in places:
            column = table_map.columns.get(table.day) if table.day else None
            expression = _raw(column, at) if column else None
            if column is None or expression is None or column.value is not None:
                continue
            raw = frame.select(expression.alias("raw"))["raw"]
            read = date_reader(column.dates or self.source.dates)
            known = {text: read(text).value for text in raw.unique()}
            return raw.replace_strict(known, return_dtype=pl.Date())
        return None

    def as_meant(
        self, raw: pl.Series, column: ColumnMap, target: Field, columns: dict[str, pl.Series]
    ) -> pl.Series:
        """Return words that meant different things at different times, as what they meant on the day of their row.

        A word that meant nothing on its day, or whose row has no day, stays as it is and is then not known.
        """
        words = column.words or {}
        is_sub = target.vocabulary == "sub_category"
        dated = self.authority.dated_pairs if is_sub else self.authority.vocabulary_of(target).dated
        if not dated or self.days is None:
            return raw
        within = columns["category"].fill_null("") if is_sub else pl.repeat("", len(raw), eager=True)
        asked = pl.DataFrame({"raw": raw, "day": self.days, "within": within})
        meant = []
        for text, day, category in asked.unique().iter_rows():
            alias = fold(words.get(fold(text), text))
            meanings = dated.get((category, alias) if is_sub else alias, ())
            word = next((m.word for m in meanings if day and m.first_day <= day <= m.last_day), None)
            if word is not None:
                meant.append((text, day, category, word))
        if not meant:
            return raw
        schema = {"raw": pl.String(), "day": pl.Date(), "within": pl.String(), "word": pl.String()}
        found = asked.join(
            pl.DataFrame(meant, schema=schema, orient="row"),
            on=["raw", "day", "within"],
            how="left",
            maintain_order="left",
        )
        return found.select(pl.coalesce("word", "raw").alias("raw"))["raw"]

    def column(
        self, rows: pl.Series, raw: pl.Series, column: ColumnMap, target: Field, columns: dict[str, pl.Series]
    ) -> pl.Series:
        if target.type == "string" and target.role != "word":
            values, bad = self.plain(rows, raw, column, target)
        else:
            values, bad = self.read(rows, raw, column, target, columns)
        if column.blank_if_bad:
            self.blanked[target.name] = bad
        if target.required:
            missing = values.is_null() & ~bad
            if missing.any():
                self.notes.problems.append(
                    row_problems(
                        rows.filter(missing),
                        "missing_required",
                        f"{self.table.name}.{target.name} is needed and is blank.",
                        self.table.name,
                        column.shown_as,
                        expected=target.description,
                    )
                )
        return values

    def plain(
        self, rows: pl.Series, raw: pl.Series, column: ColumnMap, target: Field
    ) -> tuple[pl.Series, pl.Series]:
        """Return identifiers and texts: trimmed, blank is null."""
        values = raw.str.strip_chars(SPACE)
        self.notes.clean(
            self.table.name,
            target.name,
            "outer_space",
            int((values.str.len_bytes() != raw.str.len_bytes()).sum()),
        )
        longest = LONGEST_TEXT if target.role == TEXT else LONGEST_WORD
        broken = self.broken(rows, raw, values, column, target)
        huge = values.str.len_chars() > longest
        if huge.any():
            self.problem(
                rows,
                raw,
                huge,
                column,
                target,
                "huge_cell",
                f"At most {longest:,} characters belong here.",
                "a shorter text",
            )
        values = values.str.strip_prefix(DATE_CELL)
        if target.personal == "approved":
            values = self.quotable(rows, raw, values, huge, column, target)
        elif target.role == TEXT:
            pattern = f"(?:{_CONTACT})|(?-i:{_NAMED})" if target.personal == "text" else _CONTACT
            telling = values.str.contains(pattern) & ~huge
            if telling.any():
                self.problem(
                    rows,
                    raw,
                    telling,
                    column,
                    target,
                    "contact_detail",
                    "The text seems to hold a name or a contact detail, so the text is held back. "
                    "The record is loaded.",
                    "",
                )
                values = pl.DataFrame({"v": values, "t": telling}).select(
                    pl.when(~pl.col("t")).then(pl.col("v")).alias("v")
                )["v"]
        bad = broken | huge
        blank = pl.DataFrame({"v": values, "b": bad}).select(
            pl.when((pl.col("v") != "") & ~pl.col("b")).then(pl.col("v")).alias("v")
        )
        return blank["v"], bad

    def broken(
        self, rows: pl.Series, raw: pl.Series, values: pl.Series, column: ColumnMap, target: Field
    ) -> pl.Series:
        """Return which cells hold an error of a formula, or a formula without a result; they are noted."""
        unsaved = values.str.starts_with(ERROR_CELL + "=")
        wrong = values.str.starts_with(ERROR_CELL) & ~unsaved
        marked = values.str.starts_with("#")
        if marked.any():
            wrong = wrong | (marked & values.str.to_uppercase().str.contains(f"^(?:{EXCEL_ERROR.pattern})$"))
        for mask, example in ((wrong, "#N/A"), (unsaved, ERROR_CELL + "=")):
            reading = error_of(example)
            if reading and mask.any():
                self.problem(
                    rows, raw, mask, column, target, "excel_error", reading.message, reading.expected
                )
        return wrong | unsaved

    def quotable(
        self,
        rows: pl.Series,
        raw: pl.Series,
        values: pl.Series,
        huge: pl.Series,
        column: ColumnMap,
        target: Field,
    ) -> pl.Series:
        """Return texts to be published without those whose look alone says that they may tell somebody apart."""
        texts = values.filter(~huge).drop_nulls().unique()
        told = {
            text: why for text in texts if (why := "; ".join(RULES[rule] for rule in pattern_rules(text)))
        }
        why = values.replace_strict(told, default=None, return_dtype=pl.String)
        for reason in why.drop_nulls().unique().sort():
            self.problem(
                rows,
                raw,
                (why == reason).fill_null(False),
                column,
                target,
                "contact_detail",
                f"The text seems to hold {reason}, so it is held back. The record is loaded.",
                "",
            )
        return pl.DataFrame({"v": values, "w": why}).select(
            pl.when(pl.col("w").is_null()).then(pl.col("v")).alias("v")
        )["v"]

    def problem(
        self,
        rows: pl.Series,
        raw: pl.Series,
        mask: pl.Series,
        column: ColumnMap,
        target: Field,
        code: str,
        message: str,
        expected: str,
    ) -> None:
        told = pl.Series([message]).new_from_index(0, int(mask.sum()))
        self.notes.problems.append(
            self.bad_cells(rows.filter(mask), code, told, column, _shown(raw.filter(mask), target), expected)
        )

    def bad_cells(
        self,
        rows: pl.Series,
        code: str,
        messages: pl.Series,
        column: ColumnMap,
        found: pl.Series | str,
        expected: pl.Series | str,
    ) -> pl.DataFrame:
        """Return the problems of cells that cannot be read; warnings where the mapping says to leave such a cell blank."""
        if column.blank_if_bad and SEVERITY[code] == QUARANTINE:
            messages = messages + " The cell is left blank, as the mapping says, and the record is loaded."
            code = "cell_left_blank"
        return row_problems(rows, code, messages, self.table.name, column.shown_as, found, expected)

    def reader(self, column: ColumnMap, target: Field) -> Reader:
        """Return how a cell of this column is read."""
        if target.type == "date":
            return date_reader(column.dates or self.source.dates)
        if target.type in ("integer", "number"):
            read = (
                money_reader(column.money)
                if column.money
                else number_reader(target.type == "integer", target.words)
            )
            words = column.words
            return (lambda raw: read(words.get(fold(raw), raw))) if words else read
        if target.words:
            return word_reader(
                target.words, column.words or {}, f"the contract's words for {self.table.name}.{target.name}"
            )
        if target.pattern:
            return lambda raw: _year_reading(raw, target.pattern)
        vocabulary = self.authority.vocabulary_of(target)
        if vocabulary.is_open:
            return word_reader(None, column.words or {}, f"the words of {self.table.name}.{target.name}")
        # a translation may lead to a word or to one of its aliases
        mapped = dict(vocabulary.words) | {
            native: vocabulary.words.get(fold(word), word) if word else ""
            for native, word in (column.words or {}).items()
        }
        what = f"the council's words for {target.vocabulary.replace('_', ' ')}"
        read = word_reader(vocabulary.declared, mapped, what)
        allowed = set(vocabulary.declared)

        def checked(raw: str) -> Reading:
            reading = read(raw)
            meanings = vocabulary.dated.get(fold((column.words or {}).get(fold(raw), raw)))
            if reading.code == "unknown_word" and meanings:
                told = ", ".join(f"`{meaning.word}` {meaning.days}" for meaning in meanings)
                return replace(
                    reading,
                    message=f"This has meant {told}. The record's own day is none of these, or it has no day.",
                )
            if reading.value is not None and reading.value not in allowed:
                return Reading(
                    code="unknown_word",
                    message=f"The mapping translates this to `{reading.value}`, which is not one of {what}.",
                    expected=", ".join(vocabulary.declared[:12]),
                )
            return reading

        return checked

    def sub_category_reader(self, column: ColumnMap) -> Reader:
        """Return how a sub-category is looked up under its category; texts are category, joiner, native text."""
        pairs, words = self.authority.category_pairs, column.words or {}
        known: dict[str, list[str]] = {}
        for (category, _), word in pairs.items():
            known.setdefault(category, []).append(word)
        single = self.reader(column, self.table.fields["sub_category"])

        def read(joined: str) -> Reading:
            category, _, raw = joined.partition(_JOINER)
            if not category or not trim(raw):
                return single(raw)
            text = fold(words.get(fold(raw), raw))
            word = pairs.get((category, text))
            if word is not None:
                return Reading(word)
            reading = single(raw)
            if reading.code and reading.code != "unknown_word":
                return reading
            allowed = list(dict.fromkeys(known.get(category, [])))
            return Reading(
                code="unknown_word",
                message=f"This is not a sub-category of `{category}`.",
                expected=", ".join(allowed[:12]) or "a blank: the category has no sub-categories",
            )

        return read

    def read(
        self, rows: pl.Series, raw: pl.Series, column: ColumnMap, target: Field, columns: dict[str, pl.Series]
    ) -> tuple[pl.Series, pl.Series]:
        """Read dates, numbers and words: each distinct text is read once."""
        raw_as_written, raw = raw, self.as_meant(raw, column, target, columns) if target.vocabulary else raw
        if column.ages_on:
            raw = self.as_bands(raw, column, target, columns["received_date"])
        texts = raw
        if target.vocabulary == "sub_category" and self.authority.category_pairs:
            reader = self.sub_category_reader(column)
            texts = columns["category"].fill_null("") + _JOINER + raw
        else:
            reader = self.reader(column, target)
        if column.containing:
            reader = containing_reader(reader, column.words or {}, column.containing)
        if target.vocabulary == "figure":
            reader = measure_reader(reader, self.contract.measures)
        distinct = texts.unique()
        readings = [reader(text) for text in distinct]
        kind = {"date": pl.Date(), "integer": pl.Int32(), "number": pl.Float64(), "string": pl.String()}[
            target.type
        ]
        lookup = pl.DataFrame(
            {
                "text": distinct,
                "value": pl.Series([reading.value for reading in readings], dtype=kind),
                "index": pl.Series(
                    [i if reading.code else None for i, reading in enumerate(readings)], dtype=pl.Int32
                ),
                "cleaned": pl.Series([reading.cleaned or None for reading in readings], dtype=pl.String),
            }
        )
        joined = pl.DataFrame({"text": texts}).join(lookup, on="text", how="left", maintain_order="left")
        if lookup["cleaned"].is_not_null().any():
            for kind_name, cells in joined["cleaned"].drop_nulls().value_counts().iter_rows():
                self.notes.clean(self.table.name, target.name, kind_name, cells)
        bad = joined["index"].is_not_null()
        if bad.any():
            self.unreadable(
                rows.filter(bad),
                raw_as_written.filter(bad),
                joined["index"].filter(bad),
                readings,
                column,
                target,
            )
        return joined["value"], bad

    def as_bands(self, raw: pl.Series, column: ColumnMap, target: Field, received: pl.Series) -> pl.Series:
        """Return ages in years as bands on the day of receipt; blank where an age fits two, and as it is what is no age."""
        known_on = None if column.ages_on == "received" else date.fromisoformat(column.ages_on)
        asked = pl.DataFrame({"raw": raw, "day": received})
        bands, uncertain = [], 0
        for text, day, cells in asked.group_by("raw", "day").len().iter_rows():
            years = None if fold(text) in (column.words or {}) else years_of(text)
            if years is not None:
                band = band_at_receipt(years, known_on, day, target.words) if day else None
                uncertain += 0 if band else cells
                bands.append((text, day, band or ""))
        schema = {"raw": pl.String(), "day": pl.Date(), "band": pl.String()}
        found = asked.join(
            pl.DataFrame(bands, schema=schema, orient="row"),
            on=["raw", "day"],
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )
        self.notes.clean(self.table.name, target.name, "age_not_certain", uncertain)
        return found.select(pl.coalesce("band", "raw").alias("raw"))["raw"]

    def unreadable(
        self,
        rows: pl.Series,
        raw: pl.Series,
        index: pl.Series,
        readings: list[Reading],
        column: ColumnMap,
        target: Field,
    ) -> None:
        told = pl.DataFrame({"row": rows, "found": _shown(raw, target), "index": index})
        for (code,), part in told.with_columns(
            code=pl.col("index").map_elements(lambda i: readings[i].code, return_dtype=pl.String)
        ).group_by("code", maintain_order=True):
            messages = part["index"].map_elements(lambda i: readings[i].message, return_dtype=pl.String)
            expected = part["index"].map_elements(lambda i: readings[i].expected, return_dtype=pl.String)
            self.notes.problems.append(
                self.bad_cells(part["row"], str(code), messages, column, part["found"], expected)
            )

    def order(self, rows: pl.Series, columns: dict[str, pl.Series]) -> None:
        """Warn where an end lies before its start."""
        for start, end in self.table.start_before_end:
            late = (columns[end] < columns[start]).fill_null(False)
            if not late.any():
                continue
            is_personal = bool(self.table.fields[start].personal or self.table.fields[end].personal)
            shown = pl.DataFrame({"s": columns[start].filter(late), "e": columns[end].filter(late)}).select(
                pl.format("{} {}, {} {}", pl.lit(start), pl.col("s"), pl.lit(end), pl.col("e")).alias("found")
            )["found"]
            by = self.map.columns.get(end)
            self.notes.problems.append(
                row_problems(
                    rows.filter(late),
                    "end_before_start",
                    f"{end} lies before {start}: one of them is wrong, and it is not known which. The "
                    "record counts, and "
                    "its durations stay blank.",
                    self.table.name,
                    by.shown_as if by else end,
                    NOT_SHOWN if is_personal else shown,
                    f"{start} on or before {end}",
                )
            )

    def need(self, rows: pl.Series, columns: dict[str, pl.Series], given: dict[str, pl.Series]) -> None:
        """Note rows in which a column is blank that another one asks for.

        Args:
            columns: as they were read.
            given: column -> whether its cell says anything, whatever was made of it.
        """
        nothing = pl.repeat(False, len(rows), eager=True)
        for rule in self.table.needed_when:
            is_asked = given.get(rule.when_column, nothing)
            is_asked = (
                (columns[rule.when_column] == rule.equals).fill_null(False) if rule.equals else ~is_asked
            )
            lacking = is_asked & ~given.get(rule.column, nothing)
            if not lacking.any():
                continue
            by = self.map.columns.get(rule.column)
            when = f"is `{rule.equals}`" if rule.equals else "is blank"
            told = " The record is loaded." if rule.only_told else ""
            self.notes.problems.append(
                row_problems(
                    rows.filter(lacking),
                    "missing_expected" if rule.only_told else "missing_required",
                    f"{self.table.name}.{rule.column} is blank, and is needed where {rule.when_column} {when}.{told}",
                    self.table.name,
                    by.shown_as if by else rule.column,
                    expected=self.table.fields[rule.column].description,
                )
            )

    def protect(self, rows: pl.Series, columns: dict[str, pl.Series]) -> pl.DataFrame:
        """Apply the contract's privacy properties."""
        kept: dict[str, pl.Series] = {"row": rows}
        for name, target in self.table.fields.items():
            if target.personal == "drop":
                continue
            if target.personal == "age":
                kept["age_at_receipt"] = _ages(columns[name], columns["received_date"])
            elif target.personal == "pseudonym":
                kept[name] = pseudonyms(
                    self.key, self.authority.slug, name.removesuffix("_id"), columns[name]
                )
            elif target.personal == "approved":
                pair = pl.DataFrame({"v": columns[name], "a": columns[target.approved_by]})
                kept[name] = pair.select(pl.when(pl.col("a") == "yes").then(pl.col("v")).alias(name))[name]
            else:
                kept[name] = columns[name]
        return pl.DataFrame(kept)


def _shown(raw: pl.Series, target: Field) -> pl.Series | str:
    """Return the texts as a report may show them: personal ones never, long ones cut."""
    if target.personal:
        return NOT_SHOWN
    texts = raw.str.strip_prefix(DATE_CELL).str.strip_prefix(ERROR_CELL)
    if (texts.str.len_chars() > SHOWN_CHARACTERS).any():
        texts = texts.map_elements(shorten, return_dtype=pl.String)
    return texts


def _year_reading(raw: str, pattern: str) -> Reading:
    """Return a reporting year, also where it is written 2022/23 or 2022-2023."""
    text = trim(raw)
    if not text:
        return Reading()
    error = error_of(text)
    if error:
        return error
    match = _YEAR_WORDS.fullmatch(text)
    if match and (int(match[1]) + 1) % 100 == int(match[2][-2:]) and len(match[2]) in (2, 4):
        year = f"{match[1]}-{match[2][-2:]}"
        if re.fullmatch(pattern, year) and match[2] in (year[5:], str(int(match[1]) + 1)):
            return Reading(year, cleaned="" if year == raw else "year_form")
    return Reading(
        code="unknown_word", message="This is no reporting year such as 2022-23.", expected="e.g. 2022-23"
    )


def _ages(born: pl.Series, received: pl.Series) -> pl.Series:
    """Return whole years from birth to receipt; blank where either is blank or the order is wrong."""
    pair = pl.DataFrame({"b": born, "r": received})
    month, birth_month = pl.col("r").dt.month(), pl.col("b").dt.month()
    had_birthday = (month > birth_month) | (
        (month == birth_month) & (pl.col("r").dt.day() >= pl.col("b").dt.day())
    )
    years = pl.col("r").dt.year() - pl.col("b").dt.year() - pl.when(had_birthday).then(0).otherwise(1)
    return pair.select(
        pl.when(pl.col("b") <= pl.col("r")).then(years).cast(pl.Int32).alias("age_at_receipt")
    )["age_at_receipt"]


def without_copies(sheet: Sheet) -> Sheet:
    """Return the records of a file without those that are there twice, cell by cell."""
    copies = _copies(sheet.frame)["row"]
    return replace(sheet, frame=sheet.frame.filter(~pl.col("row").is_in(copies.implode())))


def only_joined(sheet: Sheet) -> Candidates:
    """Return what a file adds of which others only join the columns: no row of a table, and the problems of its records."""
    copies = _copies(sheet.frame)
    message = pl.format("The same record as row {}, cell by cell: the first is kept.", "first")
    noted = row_problems(copies["row"], "duplicate_row", copies.select(message=message)["message"])
    return Candidates(
        tables={},
        problems=pl.concat([no_problems(), sheet.damaged, sheet.doubtful, *sheet.warnings, noted]),
        received=sheet.received,
        cleaning=[
            {"table": "", "column": "", "kind": kind, "cells": count}
            for kind, count in sheet.cleaned.items()
            if count
        ],
    )


def conform(
    sheet: Sheet,
    source: Source,
    authority: Authority,
    contract: Contract,
    key: bytes,
    preview: Callable[[], list[list[str]]],
    file_name: str = "",
) -> Candidates:
    """Conform one file.

    Args:
        file_name: for templates that name the file.

    Returns:
        Candidate rows of every table it feeds, and all problems that can be seen in the file alone.

    Raises:
        RejectedFile: the header is not the one that was expected.
    """
    at, warnings = check_header(sheet, source, contract, preview)
    names = digests(names_of(sheet, source, contract, at), digester(key, authority))
    notes = _Notes([sheet.damaged, *sheet.warnings, *warnings], [])
    for kind, count in sheet.cleaned.items():
        notes.clean("", "", kind, count)
    frame, left_out = _taken(sheet, source, contract, at, notes)
    gathered: Gathered | None = None
    told = len(notes.problems)
    if source.group:
        gathered = gather(frame, source.group, at)
        frame, at = gathered.frame, gathered.at
    about = (
        pl.col("row").cast(pl.String),
        pl.lit(PurePath(file_name).stem),
        pl.lit(source.sheet or ""),
        pl.lit(""),
    )
    frame = frame.with_columns(
        **{f"{{{name}}}": text for name, text in zip(ABOUT_THE_RECORD, about, strict=True)}
    )
    tables = _tables(frame, source, authority, contract, key, at, notes)
    if gathered:
        notes.problems[told:] = [gathered.at_the_record(part) for part in notes.problems[told:]]
        notes.problems += gathered.problems
    return Candidates(
        tables=tables,
        problems=pl.concat([no_problems(), *notes.problems]).unique(
            ["row", "column", "code", "found"], keep="first", maintain_order=True
        ),
        received=sheet.received,
        cleaning=notes.cleaning,
        distinct={table_map.table for table_map in source.tables if table_map.distinct},
        members=gathered.members if gathered else None,
        versions=_versions(frame, source, at),
        names=names,
        left_out=left_out,
    )


def _taken(
    sheet: Sheet, source: Source, contract: Contract, at: dict[str, str], notes: _Notes
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the records of a file that are to be read, without declared blanks; and those that a rule leaves out."""
    frame = cleared = sheet.frame
    native = {place: name for name, place in at.items()}
    for folded, digits in source.width.items():
        if folded in at:
            before = cleared[at[folded]]
            cleared = cleared.with_columns(padded(at[folded], digits))
            notes.clean("", folded, "zeros_restored", int((before != cleared[at[folded]]).sum()))
    for name, words in _blanks(source, at).items():
        before = cleared[name]
        cleared = cleared.with_columns(without_blanks(name, words))
        notes.clean("", native[name], "declared_blank", int((before != cleared[name]).sum()))
    rules = [pl.DataFrame(schema=_LEFT_OUT)]
    for rule in source.leave_out:
        holds = pl.all_horizontal([condition(where, at) for where in rule.conditions])
        rules.append(cleared.filter(holds).select("row", rule=pl.lit(rule.shown_as)))
    left_out = pl.concat(rules).unique("row", keep="first", maintain_order=True)
    doubtful = sheet.doubtful
    if left_out.height:
        is_left_out = pl.col("row").is_in(left_out["row"].implode())
        frame, doubtful = frame.filter(~is_left_out), doubtful.filter(~is_left_out)
    notes.problems.append(doubtful)
    kept = _without_copies_and_totals(frame, source, contract, at, notes)
    if cleared is not frame:
        kept = cleared.filter(pl.col("row").is_in(kept["row"].implode()))
    return kept, left_out


def _without_copies_and_totals(
    frame: pl.DataFrame, source: Source, contract: Contract, at: dict[str, str], notes: _Notes
) -> pl.DataFrame:
    """Return the records of a file without those that are there twice and lines of totals, which are noted."""
    copies = _copies(frame)
    if copies.height:
        message = pl.format("The same record as row {}, cell by cell: the first is kept.", "first")
        notes.problems.append(
            row_problems(copies["row"], "duplicate_row", copies.select(message=message)["message"])
        )
        frame = frame.filter(~pl.col("row").is_in(copies["row"].implode()))
    totals = _totals(frame, source, contract, at)
    if len(totals):
        notes.problems.append(
            row_problems(totals, "total_row", "This line is a total, not a record: it is not counted.")
        )
        frame = frame.filter(~pl.col("row").is_in(totals.implode()))
    return frame


def _tables(
    frame: pl.DataFrame,
    source: Source,
    authority: Authority,
    contract: Contract,
    key: bytes,
    at: dict[str, str],
    notes: _Notes,
) -> dict[str, pl.DataFrame]:
    """Return the candidate rows of every table that the records of a file feed; records that feed none are noted."""
    pieces: dict[str, list[pl.DataFrame]] = {}
    eligible: list[pl.Series] = []
    for table_map in source.tables:
        part = frame
        for where in table_map.where:
            part = part.filter(condition(where, at))
        eligible.append(part["row"])
        if table_map.split_column:
            name = at[fold(table_map.split_column)]
            first, *others = table_map.split_on
            cells = pl.col(name)
            for text in others:
                cells = cells.str.replace_all(text, first, literal=True)
            part = (
                part.with_columns(cells.str.split(first))
                .explode(name)
                .with_columns(stripped(name).fill_null(""))
                .filter(pl.col(name) != "")
                .with_columns(pl.int_range(1, pl.len() + 1).over("row").cast(pl.String).alias("{part}"))
            )
        conformer = _TableConformer(
            contract.tables[table_map.table], table_map, source, authority, contract, key, notes
        )
        rows = conformer.conform(part, at)
        if table_map.split_column:
            rows = rows.unique(maintain_order=True)
        pieces.setdefault(table_map.table, []).append(rows)
    tables = {name: pl.concat(parts) if len(parts) > 1 else parts[0] for name, parts in pieces.items()}
    _note_homeless(frame, source, eligible, tables, notes)
    return tables


def _versions(frame: pl.DataFrame, source: Source, at: dict[str, str]) -> pl.DataFrame | None:
    """Return what records of overlapping files are known by: `row` and `key`. A record with a blank part stands alone."""
    if not source.versions:
        return None
    cells = [stripped(at[fold(name)]) for name in source.versions]
    return frame.filter(pl.all_horizontal([cell != "" for cell in cells])).select(
        "row", key=pl.concat_str(cells, separator=_JOINER)
    )


def _note_homeless(
    frame: pl.DataFrame,
    source: Source,
    eligible: list[pl.Series],
    tables: dict[str, pl.DataFrame],
    notes: _Notes,
) -> None:
    """Note records that no part of the mapping takes, and records of which a split leaves nothing."""
    produced = pl.concat([rows["row"] for rows in tables.values()]).unique()
    lost = frame["row"].filter(~frame["row"].is_in(produced.implode()))
    if not len(lost):
        return
    taken = lost.is_in(pl.concat(eligible).unique().implode())
    if not taken.all():
        columns = ", ".join(dict.fromkeys(w.column for t in source.tables for w in t.where))
        notes.problems.append(
            row_problems(
                lost.filter(~taken),
                "unknown_record_type",
                "The mapping says of no table that it takes such a record.",
                column=columns,
                expected="a kind of record that the mapping names",
            )
        )
    if taken.any():
        table_map = next(t for t in source.tables if t.split_column)
        notes.problems.append(
            row_problems(
                lost.filter(taken),
                "missing_required",
                f"{table_map.split_column} is needed and is blank.",
                table_map.table,
                table_map.split_column,
            )
        )


def record_keys(tables: dict[str, pl.DataFrame], contract: Contract, rows: pl.Series) -> pl.DataFrame:
    """Return what records are called: the first key column that is not personal, from the first table they feed.

    Returns:
        `row` and `record_key`, for those of the given rows that have one.
    """
    found = [pl.DataFrame(schema={"row": pl.Int32, "record_key": pl.String})]
    wanted = rows.drop_nulls().unique().implode()
    for name, table_rows in tables.items():
        table = contract.tables[name]
        column = next((c for c in table.key if not table.fields[c].personal), None)
        if column is not None:
            part = table_rows.filter(pl.col("row").is_in(wanted) & pl.col(column).is_not_null())
            key = pl.concat_str([pl.lit(f"{column}="), pl.col(column).cast(pl.String)])
            found.append(part.select("row", record_key=key))
    return pl.concat(found).unique("row", keep="first", maintain_order=True)
