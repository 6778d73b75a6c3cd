"""What each tag in the words of a report prints and the figure behind it, asked of the code that draws the pages.

The pages need not have been built: the same answer comes of the protected export alone (`reports/declared/bound.js`).
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from redress.base.errors import ConfigurationProblem
from redress.declared.language import FOLDER
from redress.declared.model import DeclaredReport
from redress.publish.open_data import read_stream

PROGRAM = FOLDER / "bound.js"
_TABLES = {
    "figures": "figures",
    "services": "services",
    "timescales": "timescales",
    "groupings": "groupings",
    "settings": "chosen",
    "quotes": "quotes",
    "actions": "actions",
    "not_held": "not_held",
    "figure_catalogue": "catalogue",
}
"""Tables of the export -> what a page calls their rows."""


@dataclass(frozen=True)
class Binding:
    """What one tag prints; of a tag that a loop repeats, what one turn does.

    Attributes:
        section: in whose words it stands.
        file: of the section.
        line: of that file.
        tag: its name.
        about: its first words: a measure, a name in `held.csv`, the words of a literal.
        figure_id: of the figure; of several, with spaces between them; blank for what is no figure.
        printed: as the page has it.
    """

    section: str
    file: str
    line: int
    tag: str
    about: str
    figure_id: str
    printed: str


def bindings(report: DeclaredReport, names: Collection[str], protected: Path) -> list[Binding]:
    """Return what the tags in the words of a report print, in the order of its pages.

    Args:
        report: as it is published.
        names: of the sections that are asked of.
        protected: the folder of the export that its pages are built from.

    Raises:
        ConfigurationProblem: Node is not installed, or the program ends with an error.
    """
    rows = {name: _rows(protected / f"{table}.arrow", report) for table, name in _TABLES.items()}
    [about] = _rows(protected / "reports.arrow", report)
    given = {"report": about, "pages": report.rows(), "names": sorted(names), **rows}
    files = {section.name: section.file for page in report.pages for section in page.sections}
    return [Binding(file=files[found["section"]], **found) for found in _run(given)]


def _rows(stream: Path, report: DeclaredReport) -> list[dict[str, Any]]:
    """Return the rows of a table of the export that are about the report, its council or all."""
    table = read_stream(stream)
    for column, value in (("authority", report.authority), ("reporting_year", report.year)):
        if column in table.column_names:
            table = table.filter(pc.equal(table[column], pa.scalar(value)))
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def _run(given: dict[str, Any]) -> list[dict[str, Any]]:
    node = shutil.which("node")
    if node is None:
        raise ConfigurationProblem("Node.js is not installed.", "whoever installs Redress: Node 20 or later")
    done = subprocess.run(
        [node, str(PROGRAM)],
        input=json.dumps(given).encode(),
        capture_output=True,
        check=False,
        cwd=FOLDER.parent,
    )
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace")
        raise ConfigurationProblem(
            "What the words of a report print could not be told.", details=said.splitlines()[:12]
        )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found
