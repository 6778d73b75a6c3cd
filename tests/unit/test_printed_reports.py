"""Checks over printed reports: none given is no fault, an empty file is, and an audit that cannot be made blocks."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

from redress import reconcile
from redress.authority.folder import authority_folders
from redress.base.blame import DamagedFile
from redress.base.check import Check
from redress.base.settings import Settings
from redress.reconcile.families import printed_audited, printed_compared

YEAR = "2023-24"
SCHEMA = """
create schema marts; create schema staging;
create table marts.dim_report as select 'ashby' as authority, '2023-24' as reporting_year;
create table staging.stg_config_published (
    authority varchar, reporting_year varchar, ref varchar, locator varchar, measure varchar, breakdown varchar,
    period varchar, published_value varchar, unit varchar
);
"""


@pytest.fixture
def settings(tmp_path) -> Settings:
    made = Settings(build=tmp_path / "build", authorities=(tmp_path / "authorities",))
    made.state.mkdir(parents=True)
    (tmp_path / "authorities" / "ashby" / "published").mkdir(parents=True)
    (tmp_path / "authorities" / "ashby" / "profile.yml").write_text("authority: ashby\n")
    with duckdb.connect(str(made.database)) as connection:
        connection.execute(SCHEMA)
    return made


def owner(authority: str, table: str) -> str:
    return "Complaints team"


def print_numbers(settings: Settings, *numbers: tuple[str, str, str]) -> None:
    """Give the report these printed numbers: (breakdown, period, value) of complaints received."""
    with duckdb.connect(str(settings.database)) as connection:
        for position, (breakdown, period, value) in enumerate(numbers, start=1):
            connection.execute(
                "insert into staging.stg_config_published values "
                "('ashby', ?, ?, ?, 'complaints received', ?, ?, ?, 'count')",
                [YEAR, f"a-{position}", f"Table {position}", breakdown, period, value],
            )


def compared(settings: Settings, monkeypatch, rows: list[dict]) -> Check:
    """Return the check of the comparison with printed numbers."""
    monkeypatch.setattr(printed_compared, "published_check", lambda settings, out_dir: rows)
    [check] = printed_compared.checks(settings, settings.build, authority_folders(settings), owner)
    return check


def test_a_report_without_a_printed_one_passes_and_says_so(settings, monkeypatch):
    check = compared(settings, monkeypatch, [])
    assert (check.verdict, check.expected, check.found) == ("pass", "0", "0")
    assert (
        check.statement
        == "No printed report of 2023-24 is given, so there is no printed number to compare with."
    )


def test_a_file_of_printed_numbers_without_a_row_blocks(settings, monkeypatch):
    folder = settings.authorities[0] / "ashby" / "published"
    (folder / f"{YEAR}.csv").write_text("ref,measure,breakdown,period,value,unit\n")
    (folder / f"{YEAR}-contradictions.csv").write_text("ref\n")
    check = compared(settings, monkeypatch, [])
    assert (check.verdict, check.severity, check.found) == ("fail", "block", "0")
    assert "published/2023-24.csv is there and holds no number" in check.statement


def test_a_printed_number_that_was_not_compared_blocks_and_is_named(settings, monkeypatch):
    print_numbers(settings, ("", YEAR, "8"), ("", "2022-23", "6"))
    row = {"ref": "a-1", "authority": "ashby", "reporting_year": YEAR, "verdict": "reproduced", "reason": ""}
    check = compared(settings, monkeypatch, [row])
    assert check.verdict == "fail" and check.refs == ("a-2",)
    check = compared(settings, monkeypatch, [row, row | {"ref": "a-2", "verdict": "unexplained"}])
    assert check.verdict == "fail" and check.refs == ("a-2",)


def findings(folder: Path) -> list[dict]:
    with (folder / printed_audited.FILE).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_what_a_printed_report_contradicts_is_listed_and_fails_nothing(settings, tmp_path):
    print_numbers(settings, ("", "2023/24", "10"), ("", "2023/24", "12"), ("", "2022/23", "9"))
    [check] = printed_audited.checks(settings, tmp_path, authority_folders(settings), owner)
    assert (check.verdict, check.expected, check.found) == ("pass", "3", "3")
    assert "3 printed numbers" in check.statement and "1 cannot all be true" in check.statement
    [found] = [one for one in findings(tmp_path) if one["severity"] == "contradiction"]
    assert (found["authority"], found["reporting_year"], found["refs"]) == ("ashby", YEAR, "a-1 a-2")


def test_a_report_with_nothing_printed_leaves_an_empty_list(settings, tmp_path):
    assert (
        printed_audited.checks(settings, tmp_path, authority_folders(settings), owner) == []
        and findings(tmp_path) == []
    )


def test_an_audit_that_cannot_be_made_blocks(settings, tmp_path):
    print_numbers(settings, ("", "2023/24", "10"))
    (settings.authorities[0] / "ashby" / "published" / f"{YEAR}-audit.yml").write_text("synonyms: [")
    [check] = printed_audited.checks(settings, tmp_path, authority_folders(settings), owner)
    assert (check.verdict, check.severity) == ("error", "block")
    assert "could not be audited" in check.statement


def test_a_warehouse_that_cannot_be_read_is_named_and_no_failed_check(settings, tmp_path):
    settings.database.write_bytes(b"no database")
    with pytest.raises(DamagedFile, match="redress.duckdb is damaged") as told:
        reconcile.run_checks(settings, tmp_path / "out")
    assert told.value.exit_code == 2 and "redress build" in told.value.who
