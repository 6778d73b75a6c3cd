"""What the pages of a council may read, and what those about all reports."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from redress.protect.streams import write_stream
from redress.publish.batches import PLACE, reported_measures, write_batches, write_list
from redress.publish.open_data import read_stream


@pytest.fixture
def protected(tmp_path: Path) -> Path:
    folder = tmp_path / "protected"
    folder.mkdir()
    reports = [("north", "2023-24"), ("east", "2023-24"), ("north", "2022-23")]
    keys = [{"authority": authority, "reporting_year": year} for authority, year in reports]
    figures = [keys[0] | {"measure": "b"}, keys[0] | {"measure": "a"}, keys[0] | {"measure": "a"}]
    figures += [keys[1] | {"measure": "a"}, keys[2] | {"measure": "a"}]
    figures = [
        row | {"breakdown": "", "period": row["reporting_year"], "figure_id": f"f{number}", "value": 1.0}
        for number, row in enumerate(figures)
    ]
    checks = [{"authority": "east"}, {"authority": ""}, {"authority": None}, {"authority": "north"}]
    empty = pa.Table.from_pylist([], schema=pa.schema([("authority", pa.string())]))
    for name, table in {
        "reports": pa.Table.from_pylist(keys),
        "figures": pa.Table.from_pylist(figures),
        "comparison": pa.table({"authority": ["east", "north"], "figure_id": ["f3", None]}),
        "quotes": pa.table({"authority": pa.array([None, ""], pa.string())}),
        "dictionary": pa.table({"column_name": ["a"]}),
        "checks": pa.Table.from_pylist([row | {"number": i} for i, row in enumerate(checks)]),
        "check_history": empty,
        "published_check": empty,
    }.items():
        write_stream(table, folder / f"{name}.arrow")
    return folder


def test_a_council_sees_its_rows_and_what_was_checked_for_all_in_their_order(
    protected: Path, tmp_path: Path
) -> None:
    target = tmp_path / "data"
    listed = write_batches(protected, target)
    assert listed == [
        {"council": None, "reports": [], "folder": "site"},
        {"council": "north", "reports": ["/north/2022-23/", "/north/2023-24/"], "folder": "councils/north"},
        {"council": "east", "reports": ["/east/2023-24/"], "folder": "councils/east"},
    ]
    assert read_stream(target / "councils/north/checks.arrow")["number"].to_pylist() == [1, 2, 3]
    assert read_stream(target / "councils/east/checks.arrow")["number"].to_pylist() == [0, 1, 2]
    assert read_stream(target / "councils/east/figures.arrow").num_rows == 1
    assert read_stream(target / "councils/north/reports.arrow").num_rows == 2
    assert read_stream(target / "councils/north/quotes.arrow").num_rows == 0, (
        "what no council said is no council's"
    )
    assert read_stream(target / "councils/east/check_history.arrow").column_names == ["authority"]
    assert read_stream(target / "site/checks.arrow").num_rows == 4
    assert [path.name for path in target.glob("*.arrow")] == ["dictionary.arrow"], "only it has no councils"
    write_list(target, listed[:2], ["north", "east"])
    assert json.loads((target / "batches.json").read_text(encoding="utf-8")) == {
        "councils": ["east", "north"],
        "batches": listed[:2],
    }


def test_pages_about_all_reports_know_which_has_what_and_where_a_compared_figure_stands(
    protected: Path, tmp_path: Path
) -> None:
    write_batches(protected, tmp_path / "data")
    linked = read_stream(tmp_path / "data/site/figures.arrow")
    assert linked.column_names == PLACE
    assert linked["figure_id"].to_pylist() == ["f1", "f2", "f3", "f4"], "all of a compared measure, no other"
    rows = reported_measures(read_stream(protected / "figures.arrow")).to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("east", "2023-24", "a"),
        ("north", "2022-23", "a"),
        ("north", "2023-24", "a"),
        ("north", "2023-24", "b"),
    ]
