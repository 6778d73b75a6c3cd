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
from redress.base.request import Request
from redress.base.settings import Settings
from redress.base.tables import read_csv
from redress.publish import open_data
from redress.run import pipeline
from tests.byte_search import places
from tests.pipeline import far_shire

OWNER = '=HYPERLINK("http://owner","x")'
QUOTED = '"=HYPERLINK(""http://owner"",""x"")"'
WORDS = {
    "name: Far Shire County Council": "name: '=HYPERLINK(\"http://name\")'",
    "short_name: Far Shire": "short_name: '@Far Shire'",
    "title: What families told us 2023-24": "title: '=HYPERLINK(\"http://title\")'",
    "{default: Families' Voice Desk}": '{default: \'=HYPERLINK("http://owner","x")\'}',
    "team: Families' Voice Desk": "team: '+Families'",
    "- Kitchen table:": '- "@Kitchen table":',
    "- Bottle post": '- "-Bottle post": [Bottle post]',
    "theme: [Not being heard, Late letters]": 'theme: [{"+Not being heard": [Not being heard]}, {"=Late letters": [Late letters]}]',
    "Hill Team": "=Hill Team",
    "Dale Team": "@Dale Team",
    "Families & Homes": "-Families & Homes",
    "Far Shire promise": "=Far Shire promise",
    "within a week": "=within a week",
    ",Kin\n": ",@Kin\n",
    '"Klagebuch*.txt"': '"*Klagebuch*.txt"',
    '"voicebox*.xlsx"': '"*voicebox*.xlsx"',
}
ASIDE = ("configuration/", "state/kept/")
"""The council's own files, byte for byte: evidence, and what was received."""


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> Settings:
    """The council, built without the website."""
    place = tmp_path_factory.mktemp("authorities")
    folder = far_shire.write(place)
    for path in [*folder.glob("*.csv"), *folder.glob("*.yml")]:
        text = path.read_text(encoding="utf-8")
        for word, formula in WORDS.items():
            text = text.replace(word, formula)
        path.write_text(text, encoding="utf-8")
    for path in folder.glob("extracts/*/*/*"):
        path.rename(path.with_name(f"={path.name}"))
    (ledger,) = folder.glob("extracts/*/*/=Klagebuch.txt")
    more = "=1+1;=HYPERLINK(A1);4 May 2023;KT;Grandmother;Late letters;H1;12 May 2023;We were wrong;;;"
    ledger.write_bytes(ledger.read_bytes() + f"\r\n{more}".encode())
    (folder / "published").mkdir()
    (folder / "published" / "2024-25.csv").write_text(
        "ref,locator,measure,breakdown,period,value,unit,figure_measure,figure_breakdown,figure_period\n"
        '=P1,"=HYPERLINK(""http://place"")",@New complaints,,2024-25,4,complaints,new_complaints,,2024-25\n',
        encoding="utf-8",
    )
    (folder / "accepted_faults.csv").write_text(
        "check_id,reason,owner,expires\n"
        f'figures-equal-published:2024-25,"=HYPERLINK(""http://reason"")",{QUOTED},2099-01-01\n',
        encoding="utf-8",
    )
    settings = Settings(
        build=tmp_path_factory.mktemp("build"), authorities=(place,), key="only for trying out"
    )
    pipeline.run(settings, Request(site=False), quiet=True)
    return settings


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


def test_no_table_has_a_cell_that_computes(settings):
    assert computed(settings.build) == []
    told = {
        name
        for name, path in places(settings.build)
        if path.is_file() and any(cell == f"'{OWNER}" for cell in cells(path))
    }
    pack = "evidence/far-shire-2024-25"
    assert {"checks.csv", "quarantine/quarantine.csv"} <= told
    assert {f"{pack}/checks.csv", f"{pack}/excluded_rows.csv", f"{pack}/quarantine_summary.csv"} <= told
    assert any(name.startswith("quarantine/") and name.endswith(".xlsx") for name in told)


def test_downloads_of_the_website_have_no_cell_that_computes(settings, tmp_path):
    protected = settings.build / "state" / "protected"
    for year in (far_shire.YEAR, far_shire.EARLIER):
        open_data.write_report(protected, tmp_path / year, far_shire.SLUG, year)
    assert computed(tmp_path) == []
    assert any("'=HYPERLINK" in str(cell) for path in tmp_path.rglob("*.ods") for cell in cells(path))


def test_our_own_readers_get_the_words_as_the_council_wrote_them(settings):
    pack = settings.build / "evidence" / "far-shire-2024-25"
    assert OWNER in {row["owner"] for row in read_csv(settings.build / "checks.csv")}
    assert OWNER in {row["owner"] for row in read_csv(pack / "excluded_rows.csv")}
    assert [row["ref"] for row in read_csv(pack / "published_check.csv")] == ["=P1"]
    assert manifest.verify(pack).problems == []
