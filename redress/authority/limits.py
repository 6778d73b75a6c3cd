"""Checks of the tables that say how long things may take and how words are grouped: timescales, time bands, groupings."""

from __future__ import annotations

from collections.abc import Mapping

from redress.authority.cells import Cells, Row
from redress.authority.model import NOT_KNOWN, Vocabulary
from redress.contract.contract import Contract

GROUPED_ATTRIBUTES = (
    "complainant_role",
    "channel",
    "sex",
    "age_band",
    "ethnicity",
    "disability",
    "behalf",
    "advocate_kind",
    "procedure",
    "theme",
)
"""Attributes of a complaint that `groupings.csv` may regroup."""

_CLOCK_STARTS = ("requested", "accepted", "statement_agreed", "investigator_appointed")
_CLOCK_ENDS = ("responded_date", "closed_date")
_DAY_COUNTS = ("exclude_start_day", "count_start_day")


def check_timescales(
    rows: list[Row], national: list[dict[str, str]], contract: Contract, cells: Cells
) -> None:
    """Note what is wrong with `timescales.csv`.

    Args:
        rows: its rows.
        national: rows of the statutory timescales, which hold where the council has none.
        contract: says which procedures and stages there are.
        cells: notes the faults.
    """
    file = "timescales.csv"
    for row in rows:
        _check_stage(file, row, contract, cells)
        cells.check_number(file, row, "standard_working_days", True)
        cells.check_number(file, row, "extended_working_days", False)
        cells.check_word(file, row, "clock_start", _CLOCK_STARTS)
        cells.check_word(file, row, "clock_end", _CLOCK_ENDS)
        cells.check_word(file, row, "day_count", _DAY_COUNTS)
    cells.check_sequence(
        file,
        rows,
        ("procedure", "stage"),
        may_overlap_if_open=True,
        may_have_gap=[(row["procedure"], row["stage"]) for row in national],
    )


def check_time_bands(rows: list[Row], contract: Contract, cells: Cells) -> None:
    """Note what is wrong with `time_bands.csv`."""
    file = "time_bands.csv"
    for row in rows:
        _check_stage(file, row, contract, cells)
        cells.check_number(file, row, "from_days", True)
        cells.check_number(file, row, "to_days", False)
        if not row["band"]:
            cells.note(file, row, "band is blank")
    cells.check_sequence(file, rows, ("procedure", "stage", "band"))


def check_groupings(
    rows: list[Row], vocabularies: Mapping[str, Vocabulary], contract: Contract, cells: Cells
) -> None:
    """Note what is wrong with `groupings.csv`; its values are words of the contract or of the council."""
    file = "groupings.csv"
    for row in rows:
        for column in ("attribute", "value", "grouping", "group"):
            if not row[column]:
                cells.note(file, row, f"{column} is blank")
        if not row["attribute"]:
            continue
        cells.check_word(file, row, "attribute", GROUPED_ATTRIBUTES)
        field = contract.tables["complaint"].fields.get(row["attribute"])
        known: tuple[str, ...] = ()
        if field:
            known = field.words or vocabularies.get(field.vocabulary, Vocabulary()).declared
        if known and row["value"]:
            cells.check_word(file, row, "value", (*known, NOT_KNOWN))
    cells.check_sequence(file, rows, ("attribute", "value", "grouping"))


def _check_stage(file: str, row: Row, contract: Contract, cells: Cells) -> None:
    fields = contract.tables["stage"].fields
    for column in ("procedure", "stage"):
        cells.check_word(file, row, column, fields[column].words)
