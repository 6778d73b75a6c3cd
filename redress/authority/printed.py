"""What a council has printed before: `published/<year>.csv`, the contradictions registered beside it, and sidecars."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from redress.authority.cells import Cells, Row
from redress.authority.faults import Faults
from redress.authority.relation import relation_problem
from redress.base.files import list_folder, why_unreadable
from redress.base.strict_yaml import Lines, YamlProblem, read_yaml_lines

FOLDER = "published"
PRINTED_COLUMNS = {
    "ref": "ref",
    "locator": "locator",
    "measure": "measure",
    "breakdown": "breakdown",
    "period": "period",
    "published_value": "value",
    "unit": "unit",
    "figure_measure": "figure_measure",
    "figure_breakdown": "figure_breakdown",
    "figure_period": "figure_period",
    "scale": "scale",
    "note": "note",
}
"""The columns of a printed figure in the warehouse -> those of the file."""
_NUMBER = re.compile(r"[-+]?(?:[0-9]{1,15}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})")
_LARGEST_SCALE = 1e9
_NEEDED = ("ref", "measure", "breakdown", "period", "value", "unit")

RowsOfYears = dict[str, list[Row]]
"""Reporting year -> the rows of its file, which is under `_file` in each."""


def read_printed(folder: Path, cells: Cells) -> tuple[RowsOfYears, RowsOfYears]:
    """Return the printed figures and the registered contradictions of each reporting year, and check the sidecars."""
    paths = _published_files(folder, cells.faults)
    columns = tuple(PRINTED_COLUMNS.values())
    optional = [column for column in columns if column not in _NEEDED]
    published = _of_years(paths, r"(\d{4}-\d{2})\.csv", columns, optional, cells)
    contradictions = _of_years(
        paths,
        r"(\d{4}-\d{2})[.-]contradictions\.csv",
        ("ref", "conflicts_with", "relation", "reason"),
        (),
        cells,
    )
    for path in paths:
        if path.name.endswith("-audit.yml"):
            check_yaml_lines(path, f"{FOLDER}/{path.name}", cells.faults)
    for year, rows in published.items():
        _check_figures(f"{FOLDER}/{year}.csv", rows, cells)
    for year, rows in contradictions.items():
        _check_relations(rows, published.get(year, []), cells)
    return published, contradictions


def check_yaml_lines(path: Path, file: str, faults: Faults) -> tuple[object, Lines]:
    """Return what a YAML file holds and the line of each part; None where it cannot be read, which is noted."""
    try:
        return read_yaml_lines(path)
    except FileNotFoundError:
        faults.note(file, "the file is missing")
    except YamlProblem as error:
        faults.note(file, error.problem, error.line)
    return None, {}


def _published_files(folder: Path, faults: Faults) -> list[Path]:
    """Return what lies in the folder of printed figures; a folder that cannot be listed is noted."""
    if not os.path.lexists(folder / FOLDER):
        return []
    try:
        return list_folder(folder / FOLDER)
    except OSError as problem:
        faults.note(FOLDER, f"the folder cannot be read: {why_unreadable(problem)}")
        return []


def _of_years(
    paths: list[Path], pattern: str, columns: tuple[str, ...], optional: Iterable[str], cells: Cells
) -> RowsOfYears:
    """Return the rows of the files whose name is of this pattern, by the year in the name."""
    rows_of_years = {}
    for path in paths:
        match = re.fullmatch(pattern, path.name)
        if match:
            file = f"{FOLDER}/{path.name}"
            rows_of_years[match[1]] = [row | {"_file": file} for row in cells.table(file, columns, optional)]
    return rows_of_years


def _check_figures(file: str, rows: list[Row], cells: Cells) -> None:
    """Note printed figures that have no ref of their own, and numbers that are none."""
    for ref, count in sorted(Counter(row["ref"] for row in rows).items()):
        if count > 1 and ref:
            cells.faults.note(file, f"ref `{ref}` stands more than once")
    for row in rows:
        if not row["ref"]:
            cells.note(file, row, "ref is blank")
        if not _is_scale(row["scale"] or "1"):
            cells.note(file, row, f"scale `{row['scale']}` is no number up to {_LARGEST_SCALE:g}")
        if row["value"] and not _NUMBER.fullmatch(row["value"]):
            cells.note(
                file,
                row,
                f"value `{row['value']}` is no number. Write the digits alone, such as 1234.5; "
                "what is printed as a sign or in words is left blank, with a note",
            )


def _is_scale(text: str) -> bool:
    """Return whether a text is a number by which a figure can be multiplied and still be told from others."""
    try:
        return abs(float(text)) <= _LARGEST_SCALE
    except ValueError:
        return False


def _check_relations(rows: list[Row], printed: list[Row], cells: Cells) -> None:
    """Note contradictions that are not about printed figures, or whose relation cannot be read."""
    refs = {"r" + row["ref"].rsplit("-", 1)[-1] for row in printed}
    for row in rows:
        problem = relation_problem(row["relation"], refs)
        if problem:
            shown = row["relation"][:120] + (" ..." if len(row["relation"]) > 120 else "")
            cells.note(row["_file"], row, f"the relation `{shown}` cannot be used: {problem}")
