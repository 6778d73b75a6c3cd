"""The export of a built warehouse: what leaves, what an attacker makes of it, and what must not be in it."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from redress.authority.protection import Protection, ProtectionSection, protection
from redress.base.errors import ConfigurationProblem
from redress.base.settings import RunSettings
from redress.contract.breakdown import keys_of
from redress.protect import councils, export
from redress.protect.council import decide_given as decide
from redress.warehouse.figures import FIGURE_COLUMNS
from tests.protection.attacker import attack, broken
from tests.warehouse.warehouse_state import Warehouse

pytestmark = pytest.mark.xdist_group("small world")

IDENTIFIERS = {
    "fct_complaints": ("complaint_id", "complainant_key"),
    "fct_stages": ("stage_id",),
    "fct_issues": ("issue_id",),
    "fct_ombudsman": ("ombudsman_id",),
    "fct_compliments": ("compliment_id",),
}
INTERNAL = """\
name: Ashby
case_data_from: 2023-04-01
protection: {internal: {threshold: 2, least_shown_percent: 20}}
"""


@pytest.fixture(scope="module")
def exported(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The protected export of the small world, with the record of what was decided."""
    folder = tmp_path_factory.mktemp("protected")
    copied = folder / warehouse.database.name
    shutil.copyfile(warehouse.database, copied)
    profile = folder / "authorities" / "ashby" / "profile.yml"
    profile.parent.mkdir(parents=True)
    profile.write_text(INTERNAL, encoding="utf-8")
    settings = RunSettings(
        build=folder / "build", authorities=(folder / "authorities",), database_file=copied
    )
    export(settings, folder / "out", folder / "suppression.csv", folder / "internal")
    return folder


def read(exported: Path, table: str) -> list[dict]:
    with pa.OSFile(str(exported / "out" / f"{table}.arrow")) as file:
        return pa.ipc.open_stream(file).read_all().to_pylist()


def counted_of(warehouse: Warehouse, authority: str, year: str) -> list[dict]:
    """The figures of a report with their numbers."""
    names = ("measure", "breakdown", "period", "unit", "status", "numerator", "denominator", "value")
    rows = warehouse.rows(
        f"select {', '.join(names)} from figures.figures "
        f"where authority = '{authority}' and reporting_year = '{year}'"
    )
    return [dict(zip(names, row, strict=True)) for row in rows]


def test_no_suppressed_count_of_a_built_report_gives_way(warehouse: Warehouse, exported: Path) -> None:
    figures, attacked = read(exported, "figures"), 0
    for authority, year in warehouse.rows(
        "select authority, reporting_year from marts.dim_report order by all"
    ):
        counted = counted_of(warehouse, authority, year)
        parents = dict(
            warehouse.rows(
                f"select service, parent_service from marts.dim_service where authority = '{authority}'"
            )
        )
        rows = [row for row in figures if (row["authority"], row["reporting_year"]) == (authority, year)]
        found = attack(rows, counted, parents)
        assert not broken(found, Protection().width), (authority, year)
        attacked += len(found)
    assert attacked > 0


def test_small_counts_leave_only_as_open_totals_and_zero_is_shown(exported: Path) -> None:
    for row in read(exported, "figures"):
        parts = keys_of(row["breakdown"])
        if row["unit"] == "count" and row["value"] is not None and 0 < row["value"] <= 5:
            assert set(parts) <= set(Protection().open_keys) and "-Q" not in row["period"], row
        if row["value"] is None:
            assert row["numerator"] is None and row["denominator"] is None or row["status"] == "not_available"


def test_no_identifier_of_a_case_leaves(warehouse: Warehouse, exported: Path) -> None:
    known = {
        str(value)
        for table, columns in IDENTIFIERS.items()
        for column in columns
        for (value,) in warehouse.rows(
            f"select distinct {column} from marts.{table} where {column} is not null"
        )
    }
    assert known
    for path in sorted((exported / "out").iterdir()):
        for row in read(exported, path.stem):
            assert not known & {str(value) for value in row.values()}, path.stem


def test_every_figure_that_is_not_shown_is_on_record(exported: Path) -> None:
    with (exported / "suppression.csv").open(encoding="utf-8", newline="") as file:
        record = {row["figure_id"]: row for row in csv.DictReader(file)}
    rows = {row["figure_id"]: row["status"] for row in read(exported, "figures")}
    assert {figure for figure, status in rows.items() if status == "suppressed"} == {
        figure for figure, row in record.items() if row["status"] in ("primary", "secondary")
    }
    assert not set(rows) & {figure for figure, row in record.items() if row["status"] == "left_out"}
    assert all(row["reason"] for row in record.values())


def test_the_same_warehouse_gives_the_same_bytes(exported: Path, tmp_path: Path) -> None:
    settings = RunSettings(
        build=tmp_path / "build",
        authorities=(exported / "authorities",),
        database_file=exported / "redress.duckdb",
    )
    export(settings, tmp_path / "out")
    for path in sorted((exported / "out").iterdir()):
        assert path.read_bytes() == (tmp_path / "out" / path.name).read_bytes(), path.name


def decided(exported: Path, build: Path, workers: int) -> councils.Decided:
    """The decisions on the small world, made by a number of processes."""
    settings = RunSettings(
        build=build, authorities=(exported / "authorities",), database_file=exported / "redress.duckdb"
    )
    with duckdb.connect(str(settings.database), read_only=True) as connection:
        return councils.decide_reports(connection, settings, workers)


def test_councils_decided_side_by_side_come_out_as_one_after_the_other(
    exported: Path, tmp_path: Path
) -> None:
    one, two = (decided(exported, tmp_path / f"by {workers}", workers) for workers in (1, 2))
    assert one == two
    assert [list(decision.status) for decision in one.public.values()] == [
        list(decision.status) for decision in two.public.values()
    ]
    assert len({authority for authority, _ in one.public}) > 1


def test_what_was_decided_is_not_decided_again(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = decided(exported, tmp_path / "build", 1)
    asked: list[str] = []
    monkeypatch.setattr(
        councils, "decide_given", lambda given: asked.append(given.authority) or decide(given)
    )
    assert decided(exported, tmp_path / "build", 1) == first
    assert not asked, "all was kept"
    [spoilt] = (tmp_path / "build" / "state" / "decided" / "marlow").iterdir()
    spoilt.write_bytes(spoilt.read_bytes()[:-100])
    assert decided(exported, tmp_path / "build", 1) == first
    assert asked == ["marlow"]


def test_what_a_process_refuses_comes_through(exported: Path, tmp_path: Path) -> None:
    spoilt = tmp_path / "build" / "state" / "signed" / "marlow" / "2023-24" / "1" / "record.json"
    spoilt.parent.mkdir(parents=True)
    spoilt.write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigurationProblem, match="cannot be read") as refused:
        decided(exported, tmp_path / "build", 2)
    assert "backups" in refused.value.who


def test_internal_readers_have_a_copy_by_their_own_settings(warehouse: Warehouse, exported: Path) -> None:
    copies = sorted((exported / "internal").iterdir())
    years = [year for (year,) in warehouse.rows(
        "select reporting_year from marts.dim_report where authority = 'ashby' order by all"
    )]  # fmt: skip
    assert [path.name for path in copies] == [f"ashby-{year}.csv" for year in years]
    public = {row["figure_id"]: row for row in read(exported, "figures") if row["authority"] == "ashby"}
    inside: dict[str, dict[str, str]] = {}
    for path in copies:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            inside |= {row["figure_id"]: row for row in rows}
            assert tuple(rows.fieldnames or ()) == FIGURE_COLUMNS
    shown = {one for one, row in inside.items() if row["status"] != "suppressed"}
    shown_outside = {one for one, row in public.items() if row["status"] != "suppressed"}
    assert shown_outside < shown, "internal readers see what the public sees, and more"
    # The one complaint about fostering follows from what the public sees and from zeros of the tables shown inside.
    told = {
        one
        for one, row in inside.items()
        if (row["breakdown"], row["period"]) == ("service=Fostering", "2023-24")
        and row["measure"] in ("new_complaints", "new_complaints_change")
    }
    assert len(shown) < len(inside)
    for one, row in inside.items():
        if row["status"] == "suppressed":
            assert (row["numerator"], row["denominator"], row["value"]) == ("", "", "")
        elif row["unit"] == "count" and row["value"] in ("1", "2"):
            keys = set(keys_of(row["breakdown"]))
            assert one in shown_outside | told or keys <= set(Protection().open_keys), row
    rows = [
        row
        | {name: float(row[name]) if row[name] else None for name in ("numerator", "denominator", "value")}
        for row in inside.values()
        if row["reporting_year"] == years[-1]
    ]
    parents = dict(
        warehouse.rows("select service, parent_service from marts.dim_service where authority = 'ashby'")
    )
    width = protection(ProtectionSection(internal=Protection(threshold=2)), "internal").width
    assert not broken(attack(rows, counted_of(warehouse, "ashby", years[-1]), parents), width)
