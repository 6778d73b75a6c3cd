"""What protection takes from the records of signed-off reports."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from redress.attest import signing
from redress.base.files import sha256
from redress.base.request import Signing
from redress.base.settings import RunSettings
from redress.protect.councils import _signed
from redress.protect.decide import LEFT_OUT, SECONDARY, SHOWN
from redress.protect.merge import Remainders
from redress.run.rebuild import _copy_records
from redress.signed import record as signed_record

A, YEAR, EARLIER = "north-town", "2023-24", "2022-23"
COLUMNS = (
    "figure_id", "reporting_year", "measure", "breakdown", "period", "numerator", "denominator", "value", "unit", "status",
)  # fmt: skip


def sign(settings: RunSettings, year: str, values: dict[str, float], out: dict[str, str]) -> None:
    """Keep a record: the values of its figures, and the status with which those left that are not left out."""
    before = signed_record.records(settings, A, year)
    folder = signed_record.folder_of(settings.state, A, year) / str(len(before) + 1)
    folder.mkdir(parents=True)
    rows = {
        figure: (
            figure,
            year,
            "contacts",
            f"kind={figure}",
            year,
            str(value),
            "",
            str(value),
            "count",
            "computed",
        )
        for figure, value in values.items()
    }
    signing.write_csv(folder / "figures.csv", COLUMNS, rows.values())
    left = [{"figure_id": figure, "status": out[figure]} for figure in rows if figure in out]
    published = folder / signed_record.PUBLISHED
    published.mkdir()
    pq.write_table(pa.Table.from_pylist(left), published / "figures.parquet")
    of_before = [{"authority": A, "reporting_year": year}]  # nothing says what is merged
    pq.write_table(pa.Table.from_pylist(of_before), published / "reports.parquet")
    record = signed_record.Record(
        A, year, len(before) + 1, "2024-05-31", "Director", "", "2024-06-01", [], {}, {},
        signed_record.files_of(folder),
        previous=sha256(before[-1].folder / "record.json") if before else "",
    )  # fmt: skip
    stated = {name: value for name, value in asdict(record).items() if name != "folder"}
    (folder / "record.json").write_text(json.dumps(stated), encoding="utf-8")


@pytest.fixture
def settings(tmp_path: Path) -> RunSettings:
    """A report signed off and revised, and one of the year before that is not built any more."""
    made = RunSettings(build=tmp_path)
    sign(made, YEAR, {"a": 3, "b": 9, "c": 1}, {"a": "suppressed", "b": "computed"})
    sign(made, YEAR, {"a": 4, "b": 9, "c": 1}, {"a": "suppressed", "b": "suppressed"})
    sign(made, EARLIER, {"d": 7}, {"d": "computed"})
    return made


def test_a_report_is_kept_to_its_record_in_force_and_older_records_are_known(settings: RunSettings) -> None:
    earlier, standing, settled = _signed(settings, A, [YEAR], {})
    assert standing.rows == []
    assert {one: settled[one] for one in "abc"} == {"a": SECONDARY, "b": SECONDARY, "c": LEFT_OUT}
    assert {row["figure_id"]: (row["value"], settled[row["figure_id"]]) for row in earlier} == {
        "a@1": (3.0, SECONDARY),
        "b@1": (9.0, SHOWN),
        "d@1": (7.0, SHOWN),
    }


def test_a_report_that_is_revised_now_is_decided_anew_beside_all_its_records(settings: RunSettings) -> None:
    earlier, _, settled = _signed(
        replace(settings, signing=Signing(A, YEAR, "Director", date(2024, 7, 1), "late files", None)),
        A,
        [YEAR],
        {},
    )
    assert not {"a", "b", "c"} & settled.keys()
    assert [row["figure_id"] for row in earlier] == ["d@1", "a@1", "b@1", "a@2", "b@2"]


def test_nothing_is_signed_where_there_are_no_records(tmp_path: Path) -> None:
    assert _signed(RunSettings(build=tmp_path), A, [YEAR], {}) == ([], Remainders(), {})


def test_a_record_is_built_again_beside_the_records_that_stood_when_it_was_made(
    settings: RunSettings, tmp_path: Path
) -> None:
    first, second = signed_record.records(settings, A, YEAR)
    [earlier] = signed_record.records(settings, A, EARLIER)
    for record, stood, expected in (
        (first, {}, []),
        (second, {EARLIER: 1}, [(EARLIER, "1"), (YEAR, "1")]),
        (earlier, {YEAR: 1}, [(YEAR, "1")]),
    ):
        own = RunSettings(build=tmp_path / f"{record.reporting_year}-{record.number}")
        _copy_records(settings, replace(record, stood=stood), own)
        found = [
            (year, str(one.number))
            for year in signed_record.signed_years(own.state, A)
            for one in signed_record.records(own, A, year)
        ]
        assert found == expected
