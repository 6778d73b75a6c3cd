"""The real run over a council whose every word begins like a formula: no table that is built has a cell that computes."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from redress.attest import manifest
from redress.base.inert import as_given, inert
from redress.base.tables import read_csv
from redress.publish import open_data
from tests.byte_search import places
from tests.pipeline import far_shire
from tests.pipeline.far_shire_in_formulas import OWNER

pytestmark = pytest.mark.xdist_group("whole runs")

ASIDE = ("configuration/", "state/kept/")
"""The council's own files, byte for byte: evidence, and what was received."""


def cells(path: Path) -> Iterator[object]:
    """The cells of a file, if it is a table."""
    if path.suffix == ".csv" or path.name.endswith(".csv.gz"):
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for row in csv.reader(io.StringIO(data.decode("utf-8"), newline="")):
            yield from row
    elif path.suffix == ".ods":
        book = CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            for row in book.get_sheet_by_name(name).to_python():
                yield from row
    elif path.suffix == ".xlsx":
        for sheet in openpyxl.load_workbook(path):
            for row in sheet.iter_rows(values_only=True):
                yield from row


def computed(folder: Path) -> list[tuple[str, object]]:
    """Every cell below a folder that a spreadsheet would compute: (file, cell)."""
    return [
        (name, cell)
        for name, path in places(folder)
        if path.is_file() and not any(part in name for part in ASIDE)
        for cell in cells(path)
        if isinstance(cell, str) and inert(cell) != cell and as_given(cell) == cell
    ]


def test_no_table_has_a_cell_that_computes(counted):
    assert computed(counted.build) == []
    told = {
        name
        for name, path in places(counted.build)
        if path.is_file() and any(cell == f"'{OWNER}" for cell in cells(path))
    }
    pack = "evidence/far-shire-2024-25"
    assert {"checks.csv", "quarantine/quarantine.csv"} <= told
    assert {f"{pack}/checks.csv", f"{pack}/excluded_rows.csv", f"{pack}/quarantine_summary.csv"} <= told
    assert any(name.startswith("quarantine/") and name.endswith(".xlsx") for name in told)


def test_downloads_of_the_website_have_no_cell_that_computes(counted, tmp_path):
    protected = counted.build / "state" / "protected"
    for year in (far_shire.YEAR, far_shire.EARLIER):
        open_data.write_report(protected, tmp_path / year, far_shire.SLUG, year)
    assert computed(tmp_path) == []
    assert any("'=HYPERLINK" in str(cell) for path in tmp_path.rglob("*.ods") for cell in cells(path))


def test_our_own_readers_get_the_words_as_the_council_wrote_them(counted):
    pack = counted.build / "evidence" / "far-shire-2024-25"
    assert OWNER in {row["owner"] for row in read_csv(counted.build / "checks.csv")}
    assert OWNER in {row["owner"] for row in read_csv(pack / "excluded_rows.csv")}
    assert [row["ref"] for row in read_csv(pack / "published_check.csv")] == ["=P1"]
    assert manifest.verify(pack).problems == []
