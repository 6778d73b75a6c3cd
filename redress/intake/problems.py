"""What can be wrong, how serious it is, and the shape in which it is told.

The kinds and their severities follow the intake rules (docs/intake.md). A problem is one row: which file,
which record, which column, what was found, what was expected, who can put it right.
"""

from __future__ import annotations

import polars as pl

from redress.base.printable import shorten

REJECT, QUARANTINE, WARN = "reject_file", "quarantine_row", "warn"

SEVERITY: dict[str, str] = {
    # nothing of the file can be trusted
    "empty_file": REJECT,
    "unbalanced_quote": REJECT,
    "utf16_file": REJECT,
    "wrong_encoding": REJECT,
    "missing_required_column": REJECT,
    "merged_header": REJECT,
    "duplicate_column": REJECT,
    "unknown_file": REJECT,
    "ambiguous_file": REJECT,
    "outside_drop_folder": REJECT,
    "unreadable_file": REJECT,
    "unreadable_workbook": REJECT,
    "workbook_too_large": REJECT,
    "file_too_large": REJECT,
    "missing_sheet": REJECT,
    "missing_joined_file": REJECT,
    # this record alone
    "impossible_date": QUARANTINE,
    "us_date": QUARANTINE,
    "unknown_word": QUARANTINE,
    "formula_injection": QUARANTINE,
    "huge_cell": QUARANTINE,
    "bad_number": QUARANTINE,
    "orphan_reference": QUARANTINE,
    "parent_set_aside": QUARANTINE,
    "group_set_aside": QUARANTINE,
    "records_disagree": QUARANTINE,
    "joined_twice": QUARANTINE,
    "duplicate_row": QUARANTINE,
    "duplicate_id": QUARANTINE,
    "missing_required": QUARANTINE,
    "excel_error": QUARANTINE,
    "cp1252_bytes": QUARANTINE,
    "nul_byte": QUARANTINE,
    "ragged_row": QUARANTINE,
    "total_row": QUARANTINE,
    "unknown_record_type": QUARANTINE,
    "taken_over": QUARANTINE,
    "superseded_row": QUARANTINE,
    # loaded, and somebody who can act is told
    "cell_left_blank": WARN,
    "joined_to_nothing": WARN,
    "end_before_start": WARN,
    "missing_expected": WARN,
    "unknown_case": WARN,
    "header_only": WARN,
    "other_year": WARN,
    "far_fewer_rows": WARN,
    "several_sheets": WARN,
    "sheet_gone": WARN,
    "merged_cells": WARN,
    "macros_not_run": WARN,
    "missing_optional_column": WARN,
    "extra_column": WARN,
    "contact_detail": WARN,
    "quote_refused": WARN,
    "word_withheld": WARN,
}

NOTHING_TO_REPAIR = ("superseded_row",)
"""Codes of records that are set aside and that nobody need put right."""

CODE_WORDS: dict[str, str] = {
    "empty_file": "The file is empty",
    "unbalanced_quote": "A quotation mark is out of place",
    "utf16_file": "The file is in UTF-16",
    "wrong_encoding": "The file is not in the declared encoding",
    "missing_required_column": "A column that is needed is missing",
    "merged_header": "The header is not on the row where it should be",
    "duplicate_column": "Two columns have the same name",
    "unknown_file": "No source of the mapping has a file of this name",
    "ambiguous_file": "Two files for the same source in one batch",
    "outside_drop_folder": "The file lies outside the drop folder",
    "unreadable_file": "The file cannot be read",
    "unreadable_workbook": "The workbook cannot be read",
    "workbook_too_large": "The workbook is too large when unpacked",
    "file_too_large": "The file is too large",
    "missing_sheet": "The sheet is not in the workbook",
    "missing_joined_file": "A file that is joined to this one has not come",
    "impossible_date": "Not a date in the declared format",
    "us_date": "Day and month may be the other way round",
    "unknown_word": "A word that is not in the vocabulary",
    "formula_injection": "A formula where a word should be",
    "huge_cell": "A cell that is far too long",
    "bad_number": "Not a number with one reading",
    "orphan_reference": "Refers to a row that is not there",
    "parent_set_aside": "Refers to a row that is set aside itself",
    "group_set_aside": "Belongs to a record that is set aside",
    "records_disagree": "Records of one group that do not agree",
    "joined_twice": "Another sheet or file has several rows for one record",
    "joined_to_nothing": "Rows of another sheet or file that belong to no record, and records without its key",
    "duplicate_row": "The same record twice",
    "duplicate_id": "One identifier, different records",
    "missing_required": "A value that is needed is blank",
    "excel_error": "A broken formula",
    "cp1252_bytes": "Bytes that are not in the declared encoding",
    "nul_byte": "A damaged record (NUL byte)",
    "ragged_row": "Too many or too few cells",
    "total_row": "A total, not a record",
    "unknown_record_type": "A record that the mapping has no place for",
    "taken_over": "A case that another system holds now",
    "superseded_row": "An earlier version of a record that a later file holds",
    "cell_left_blank": "A cell that cannot be read, left blank as the mapping says",
    "end_before_start": "An end before its start",
    "missing_expected": "A value that should be there is blank",
    "unknown_case": "Refers to a case that is not there, and counts without it",
    "header_only": "A table without rows",
    "other_year": "A file that replaces one of another year",
    "far_fewer_rows": "A file with far fewer records than the one it replaces",
    "sheet_gone": "A sheet that the workbook no longer has",
    "several_sheets": "A workbook of several filled sheets, of which one is read",
    "merged_cells": "Cells that are merged over several records",
    "macros_not_run": "A workbook with macros",
    "missing_optional_column": "An optional column is missing",
    "extra_column": "A column that nobody declared",
    "contact_detail": "A contact detail in a text, held back",
    "word_withheld": "A word that may name somebody, not published",
    "quote_refused": "An approved text that may tell somebody apart, not published",
}

QUARANTINE_SCHEMA: dict[str, pl.DataType] = {
    "authority": pl.String(),
    "extract_id": pl.String(),
    "file_name": pl.String(),
    "received_at": pl.Datetime("us"),
    "row": pl.Int32(),
    "column": pl.String(),
    "code": pl.String(),
    "severity": pl.String(),
    "message": pl.String(),
    "found": pl.String(),
    "expected": pl.String(),
    "owner": pl.String(),
    "table": pl.String(),
    "record_key": pl.String(),
}
"""One row per problem; `row` is blank where the whole file is meant."""

FOUND_SCHEMA: dict[str, pl.DataType] = {
    "row": pl.Int32(),
    "table": pl.String(),
    "column": pl.String(),
    "code": pl.String(),
    "severity": pl.String(),
    "message": pl.String(),
    "found": pl.String(),
    "expected": pl.String(),
}
"""A problem inside one file, before the file's own columns are added."""

NOT_SHOWN = "(there is a value; it may be personal and is not shown)"


class IntakeInvariantError(AssertionError):
    """Received is not conformed plus left out plus quarantined. A fault of this program, never of the data."""


class RejectedFile(Exception):
    """The file as a whole cannot be taken.

    Args:
        code: kind of problem.
        message: one sentence for the person who can put it right.
        column, found, expected: as in the quarantine table.
    """

    def __init__(
        self, code: str, message: str, column: str = "", found: str = "", expected: str = ""
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.column = code, message, column
        self.found, self.expected = found, expected


class ReadingFailed(Exception):
    """One file could not be read, or not to its end as it began; the text says why, as the end of a sentence."""


def no_problems() -> pl.DataFrame:
    """Return an empty table of problems inside a file."""
    return pl.DataFrame(schema=FOUND_SCHEMA)


def file_problem(
    code: str,
    message: str,
    column: str = "",
    found: str = "",
    expected: str = "",
    severity: str = "",
    table: str = "",
) -> pl.DataFrame:
    """Return one problem of a whole file; its severity is the kind's own unless one is given."""
    row = {
        "row": None,
        "table": table,
        "column": column,
        "code": code,
        "severity": severity or SEVERITY[code],
        "message": message,
        "found": shorten(found),
        "expected": expected,
    }
    return pl.DataFrame([row], schema=FOUND_SCHEMA)


def row_problems(
    rows: pl.Series,
    code: str,
    message: str | pl.Series,
    table: str = "",
    column: str = "",
    found: str | pl.Series = "",
    expected: str | pl.Series = "",
) -> pl.DataFrame:
    """Return one problem of one kind per row number in `rows`; message, found and expected may differ by row."""
    values = {
        "row": rows,
        "table": table,
        "column": column,
        "code": code,
        "severity": SEVERITY[code],
        "message": message,
        "found": found,
        "expected": expected,
    }
    return pl.DataFrame(
        {
            name: (
                value
                if isinstance(value, pl.Series)
                else pl.repeat(value, len(rows), dtype=pl.String, eager=True)
            ).cast(FOUND_SCHEMA[name])
            for name, value in values.items()
        },
        schema=FOUND_SCHEMA,
    )
