"""Open data: complete, described, and equal in every format."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from frictionless import Package, validate
from python_calamine import CalamineWorkbook

from redress.authority.licence import exported
from redress.publish.open_data import FIELDS, write_open_data

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "browser"))
from site_world import LICENCES, eastham, northtown, write_protected

FILES = ["dataset.json", "datapackage.json", "figures.csv", "figures.ods", "figures.parquet", "measures.csv"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("open")
    write_open_data(write_protected(folder / "protected"), folder / "site")
    return folder / "site"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_report_has_its_files_and_every_figure_is_in_them(site: Path) -> None:
    for authority, figures, as_at in (
        ("northtown", northtown(), "2024-08-31"),
        ("eastham", eastham(), "2024-05-31"),
    ):
        folder = site / authority / "2023-24" / "data"
        assert sorted(file.name for file in folder.iterdir()) == sorted(FILES)
        rows = rows_of(folder / "figures.csv")
        assert list(rows[0]) == list(FIELDS)
        assert {row["figure_id"] for row in rows} == {row["figure_id"] for row in figures}
        assert {row["as_at"] for row in rows} == {as_at}
    assert len(rows_of(site / "data" / "figures.csv")) == len(northtown()) + len(eastham())


def test_the_licence_is_the_councils_own_or_the_usual_one_with_its_proviso(site: Path) -> None:
    usual, own = exported(None), exported(LICENCES["eastham"])
    for authority, named in (("northtown", usual), ("eastham", own)):
        folder = site / authority / "2023-24" / "data"
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
        assert package["licenses"] == [{"title": named["licence_title"], "path": named["licence_path"]}]
        told = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))["license"]
        assert (told["name"], told["url"]) == (named["licence_title"], named["licence_path"])
        cover = str(CalamineWorkbook.from_path(str(folder / "figures.ods")).get_sheet_by_index(0).to_python())
        assert f"Licence: {named['licence_title']}." in cover
    package = json.loads((site / "data" / "datapackage.json").read_text(encoding="utf-8"))
    assert [one["title"] for one in package["licenses"]] == [own["licence_title"], usual["licence_title"]]


def test_the_formats_say_the_same(site: Path) -> None:
    folder = site / "northtown" / "2023-24" / "data"
    told = rows_of(folder / "figures.csv")
    columns = pq.read_table(folder / "figures.parquet").to_pylist()
    sheet = CalamineWorkbook.from_path(str(folder / "figures.ods")).get_sheet_by_name("Figures").to_python()
    head = sheet.index(list(FIELDS))
    assert len(told) == len(columns) == len(sheet) - head - 1
    for text, typed, cells in zip(told, columns, sheet[head + 1 :], strict=True):
        cell = dict(zip(FIELDS, cells, strict=True))
        assert text["figure_id"] == typed["figure_id"] == cell["figure_id"]
        if typed["value"] is None:
            assert text["value"] == cell["value"] == "[x]"
        else:
            assert float(text["value"]) == typed["value"] == cell["value"]
        assert "" not in cells


def test_a_suppressed_figure_is_a_sign_and_never_a_number(site: Path) -> None:
    (row,) = [r for r in rows_of(site / "eastham/2023-24/data/figures.csv") if r["status"] == "suppressed"]
    assert row["value"] == row["numerator"] == row["denominator"] == "[c]"
    typed = pq.read_table(site / "eastham/2023-24/data/figures.parquet").to_pylist()
    assert [r["value"] for r in typed if r["status"] == "suppressed"] == [None]


@pytest.mark.parametrize("folder", ["data", "northtown/2023-24/data", "eastham/2023-24/data"])
def test_the_data_package_is_valid_and_describes_its_columns(site: Path, folder: str) -> None:
    descriptor = site / folder / "datapackage.json"
    report = validate(str(descriptor))
    assert report.valid, report.flatten(["title", "message"])[:5]
    figures = Package(str(descriptor)).get_resource("figures")
    assert [field.name for field in figures.schema.fields] == list(FIELDS)
    assert all(field.description for field in figures.schema.fields)
    assert {row["value"] for row in figures.read_rows() if row["status"] == "suppressed"} <= {None}


def test_a_package_notices_a_changed_file(site: Path, tmp_path: Path) -> None:
    import shutil

    folder = shutil.copytree(site / "eastham/2023-24/data", tmp_path / "data")
    path = folder / "figures.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("new_complaints", "old_complaints"), encoding="utf-8"
    )
    assert not validate(str(folder / "datapackage.json")).valid


def test_the_data_set_is_described_for_search_engines(site: Path) -> None:
    said = json.loads((site / "northtown/2023-24/data/dataset.json").read_text(encoding="utf-8"))
    assert (said["@context"], said["@type"]) == ("https://schema.org/", "Dataset")
    assert said["name"] and 50 <= len(said["description"]) <= 5000 and "made up" in said["description"]
    assert {d["contentUrl"] for d in said["distribution"]} == {
        "figures.csv", "figures.ods", "figures.parquet", "measures.csv",
    }  # fmt: skip


def test_equal_figures_give_equal_bytes(site: Path, tmp_path: Path) -> None:
    write_open_data(write_protected(tmp_path / "protected"), tmp_path / "site")
    for file in sorted(path for path in site.rglob("*") if path.is_file()):
        assert (tmp_path / "site" / file.relative_to(site)).read_bytes() == file.read_bytes(), file.name
