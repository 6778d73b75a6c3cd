"""What a council holds from outside of the figures: populations, posts, telephone numbers, names of bodies (`held.csv`).

A file `held.csv` may stand in each folder of a report; the rows of a nearer folder go before those of another, by name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from redress.base.printable import show_text
from redress.base.strict_csv import TableProblem, read_table
from redress.declared.faults import ReportFaults
from redress.declared.language import is_day

HELD = "held.csv"
COLUMNS = ("name", "value", "source", "as_at")
_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_NUMBER = re.compile(
    r"£?(?:0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.[0-9]+)?(?:%| per cent| million)?"
)
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_WEB = re.compile(r"(?:https?://|www\.)[^\s]+")


@dataclass(frozen=True)
class Held:
    """One value from outside.

    Attributes:
        name: by which `{% held "name" /%}` asks for it.
        value: as it is printed.
        source: where it comes from; blank for a name, a telephone number or an address.
        as_at: the day it was true, YYYY-MM-DD; blank for none.
        file: that gives it.
        line: of that file.
    """

    name: str
    value: str
    source: str
    as_at: str
    file: Path
    line: int

    @property
    def address(self) -> str:
        """Where a link of it leads; blank for what is no address."""
        if _MAIL.fullmatch(self.value):
            return f"mailto:{self.value}"
        if _WEB.fullmatch(self.value):
            return self.value if self.value.startswith("http") else f"https://{self.value}"
        return ""

    def printed(self) -> dict[str, str]:
        """Return what a tag keeps of it, so that a report that is signed keeps it too."""
        return {"value": self.value, "source": self.source, "as_at": self.as_at, "address": self.address}


def held_for(folders: Sequence[Path], faults: ReportFaults) -> dict[str, Held]:
    """Return what the folders of a year hold, by name; `folders` as `folders_for` returns them."""
    held: dict[str, Held] = {}
    for folder in folders:
        for row in _read(folder / HELD, faults):
            held.setdefault(row.name, row)
    return held


def warn_of_unused(held: Collection[Held], used: Collection[str], faults: ReportFaults) -> None:
    """Warn of values that no section of any year names."""
    for row in held:
        if row.name not in used:
            faults.warn(row.file, f'no section has {{% held "{row.name}" /%}}', row.line)


def _read(path: Path, faults: ReportFaults) -> list[Held]:
    """Return the rows of one file that are right, and note what is wrong with the others."""
    if not path.exists():
        return []
    try:
        header, records = read_table(path)
    except TableProblem as error:
        faults.note(path, error.problem, error.line)
        return []
    if header != list(COLUMNS):
        faults.note(path, f"its columns are {', '.join(COLUMNS)}", 1)
        return []
    rows: dict[str, Held] = {}
    for line, cells in records:
        if len(cells) != len(header):
            faults.note(
                path,
                f"the row has {len(cells)} cells, and the header has {len(header)}. A text with a comma in it stands "
                "in quotation marks",
                line,
            )
            continue
        if not any(cell.strip() for cell in cells):
            continue
        name, value, source, as_at = (show_text(" ".join(cell.split())) for cell in cells)
        row = Held(name, value, source, as_at, path, line)
        problems = _problems(row)
        if row.name in rows:
            problems.append(f"`{row.name}` stands in line {rows[row.name].line} already")
        for problem in problems:
            faults.note(path, problem, line)
        if not problems:
            rows[row.name] = row
    return list(rows.values())


def _problems(row: Held) -> list[str]:
    """Return what is wrong with one row, a sentence each."""
    problems = []
    if not _NAME.fullmatch(row.name):
        problems.append(f"`{row.name}` is no name: it has small letters, digits and single underscores only")
    if not row.value:
        problems.append(f"`{row.name}` has no value")
    if _NUMBER.fullmatch(row.value) and not row.source:
        problems.append(f"`{row.value}` is a number, and its source is missing")
    if row.as_at and not is_day(row.as_at):
        problems.append(f"as_at `{row.as_at}` is no date (YYYY-MM-DD)")
    return problems
