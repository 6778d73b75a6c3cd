"""The real run over a council whose files hold names: they are nowhere in what is built. Then its rule removes the cases.

Every byte under the build folder is searched, within zips, gzip and parquet too.
"""

from __future__ import annotations

import csv
import dataclasses
import gzip
import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from redress.attest import explain, manifest
from redress.base.errors import ConfigurationProblem
from redress.base.request import Request
from redress.base.settings import ROOT, Settings
from redress.run import clock, pipeline, retention
from redress.run.context import Context, run_settings

NAMES = ("Zebedee", "Quackenbush", "zq@canary.example", "QQ9 9ZZ", "07700 900941")
"""Planted in the complainant's name, in undeclared columns, in free text, in cells that intake refuses."""
OLD_CASE, NEW_CASE = "OLDCASE7719", "NEWCASE8842"
PROFILE = """
name: Canary Council
case_data_from: 2016-04-01
reports:
  "2016-17": {as_at: 2017-05-31}
  "2024-25": {as_at: 2025-05-31}
"""
RULE = "retention: {case_data_years: 6}\n"
TODAY = date(2026, 6, 1)


def drop(folder: Path, year: str, received: str, case: str, day: str) -> None:
    """One batch: a complaint, a bad row, a stage, people in every place where people should not be."""
    place = folder / "extracts" / year / received
    place.mkdir(parents=True)
    (place / "complaint.csv").write_text(
        "complaint_id,received_date,procedure,channel,complainant_id,birth_date,free_text,Full name,E-mail\n"
        f'{case},{day},statutory,email,Zebedee Quackenbush,1980-02-03,"Call 07700 900941, QQ9 9ZZ",Zebedee,zq@canary.example\n'
        f"{case}B,{day},statutory,email,someone else,,,,\n"
        f"{case}C,Zebedee Quackenbush,statutory,email,Quackenbush,,,,\n",
        encoding="utf-8",
    )
    (place / "stage.csv").write_text(
        "stage_id,complaint_id,procedure,stage,requested_date,responded_date,outcome\n"
        f"S-{case},{case},statutory,1,{day},{day},upheld\n",
        encoding="utf-8",
    )


def contents(path: Path, data: bytes, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """A file's bytes, and what is inside it where it is packed: zip (workbooks too), gzip, parquet."""
    yield path.name, data
    if depth > 3:
        return
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield from contents(path / name, archive.read(name), depth + 1)
    elif data[:2] == b"\x1f\x8b":
        yield from contents(path.with_suffix(""), gzip.decompress(data), depth + 1)
    elif data[:4] == b"PAR1":
        yield path.name, pl.read_parquet(io.BytesIO(data)).write_csv().encode()


def found(folder: Path, words: tuple[str, ...], without: tuple[str, ...] = ()) -> set[tuple[str, str]]:
    """Which words are where; folders named in `without` are passed over."""
    hits = set()
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder).as_posix()
        if not path.is_file() or place.startswith(without):
            continue
        for name, data in contents(path, path.read_bytes()):
            for word in words:
                if word.encode() in data or word.encode("utf-16-le") in data:
                    hits.add((place if name == path.name else f"{place} > {name}", word))
    return hits


@pytest.fixture(scope="module")
def council(tmp_path_factory) -> Settings:
    """The council, built once without a rule."""
    place = tmp_path_factory.mktemp("authorities")
    folder = place / "canary-council"
    drop(folder, "2016-17", "2017-05-01", OLD_CASE, "2016-06-01")
    drop(folder, "2024-25", "2025-05-01", NEW_CASE, "2024-06-03")
    (folder / "profile.yml").write_text(PROFILE, encoding="utf-8")
    settings = Settings(
        build=tmp_path_factory.mktemp("build"), authorities=(place,), key="a key for trying out only"
    )
    pipeline.run(settings, Request(site=False), quiet=True)
    return settings


def test_the_search_finds_what_is_there(council, tmp_path):
    shutil.copytree(council.build / "state" / "kept", tmp_path / "kept")
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"Zebedee"))
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "Quackenbush"
    workbook.save(tmp_path / "a.xlsx")
    pl.DataFrame({"a": ["QQ9 9ZZ"] * 100}).write_parquet(tmp_path / "a.parquet", compression="zstd")
    assert {word for _, word in found(tmp_path, NAMES)} == set(NAMES)
    assert {place.split(" > ")[0] for place, _ in found(tmp_path, NAMES) if "kept" not in place} == {
        "a.gz",
        "a.xlsx",
        "a.parquet",
    }


def test_nobody_is_named_in_anything_that_is_built(council):
    # kept: the files as received, byte for byte; quarantine: shown to those who sent them, in this workbook only
    without = ("state/kept/", "quarantine/", "state/quarantine/")
    assert found(council.build, NAMES, without) == set()


def test_the_pack_lists_cases_by_pseudonym_only(council):
    pack = council.build / "evidence" / "canary-council-2024-25"
    assert manifest.verify(pack).problems == []
    assert found(pack, (OLD_CASE, NEW_CASE)) == set()
    with gzip.open(pack / "cases" / "things.csv.gz", "rt", encoding="utf-8") as handle:
        things = list(csv.DictReader(handle))
    assert {row["kind"] for row in things} == {"complaint", "stage", "complainant"}
    assert all(row["thing"].startswith(f"{row['kind']}-") for row in things)
    with gzip.open(pack / "cases" / "parts.csv.gz", "rt", encoding="utf-8") as handle:
        parts = list(csv.DictReader(handle))
    assert parts and {row["agrees"] for row in parts} == {"yes"}
    with (pack / "excluded_rows.csv").open(encoding="utf-8") as handle:
        aside = list(csv.DictReader(handle))
    assert ("4", "received_date") in {(row["row"], row["column"]) for row in aside}


def test_every_link_of_the_packs_pages_leads_somewhere_and_nothing_is_fetched(council):
    pack = (council.build / "evidence" / "canary-council-2024-25").resolve()
    pages = {path: path.read_text(encoding="utf-8") for path in pack.rglob("*.html")}
    marks = {path: set(re.findall(r' id="([^"]+)"', text)) for path, text in pages.items()}
    assert len(pages) > 20
    for path, text in pages.items():
        script = "".join(re.findall(r"<script[^>]*>.*?</script>", text, re.DOTALL))
        assert ("<script>" in text) == (path.name == "index.html") and "<script " not in text
        assert not re.search(r"fetch|import|http|cookie|Storage", script)
        assert "http" not in re.sub(r">[^<]*<", "><", text)
        assert '<html lang="en-GB">' in text and text.count("<h1>") == 1 and text.count("<main") == 1
        assert text.count("<table") == text.count("<caption") and "<th>" not in text
        for link in re.findall(r'(?:href)="([^"]+)"', text):
            place, _, mark = link.partition("#")
            target = (path.parent / place).resolve() if place else path
            assert target.exists() and target.is_relative_to(pack), (path.name, link)
            assert not mark or mark in marks[target], (path.name, link)


def test_a_case_is_explained_by_its_pseudonym_and_by_the_councils_own_reference(council):
    with (council.build / "figures.csv").open(encoding="utf-8") as handle:
        figures = list(csv.DictReader(handle))
    [total] = [
        row["figure_id"]
        for row in figures
        if (row["measure"], row["breakdown"], row["period"]) == ("new_complaints", "", "2024-25")
    ]
    said = explain.explain(council, total, all_cases=True)
    [mark] = {
        mark for mark in re.findall(r"complaint-[0-9a-f]{16}", said) if explained(council, mark, NEW_CASE)
    }
    assert "adding up to 2" in said and NEW_CASE not in said
    by_mark, by_reference = (explain.explain_case(council, one) for one in (mark, NEW_CASE))
    assert by_mark.splitlines()[1:] == by_reference.splitlines()[1:] and f"[{total}]" in by_mark
    assert "numerator" in explain.explain_case(council, mark, total)
    other = next(row["figure_id"] for row in figures if row["measure"] == "contacts" or row["value"] == "0")
    assert "neither" in explain.explain_case(council, mark, other)
    with pytest.raises(ConfigurationProblem, match="no case"):
        explain.explain_case(council, "nobody")


def test_what_a_figure_leaves_out_is_told_from_the_pack_as_from_the_warehouse(council):
    pack = council.build / "evidence" / "canary-council-2024-25"
    counted = Counter()
    with gzip.open(pack / "cases" / "left_out.csv.gz", "rt", encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            counted[row["figure_id"]] += int(row["cases"])
    figures = sorted(counted)[:: max(1, len(counted) // 10)]
    assert len(figures) >= 5
    for figure in figures:
        said = explain.explain_excluded(council, figure)
        assert said == explain.explain_excluded(council, figure, pack)
        marks = re.findall(r"^  ([a-z]+-[0-9a-f]{16})", said, re.MULTILINE)
        assert len(marks) == len(set(marks)) == counted[figure] and NEW_CASE not in said
    with pytest.raises(ConfigurationProblem, match="lacks figures.csv"):
        explain.explain_excluded(council, figures[0], pack / "cases")


def test_what_explains_a_figure_imports_nothing_heavy(council):
    with (council.build / "figures.csv").open(encoding="utf-8") as handle:
        figure = next(csv.DictReader(handle))["figure_id"]
    program = (
        "import sys; from redress.cli import main; main(sys.argv[1:], standalone_mode=False); "
        "print(*sorted({name.split('.')[0] for name in sys.modules}), sep='\\n', file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "explain", figure],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "REDRESS_BUILD": str(council.build)},
    )
    assert "What is behind it" in done.stdout
    heavy = {"polars", "pandas", "dbt", "dagster", "great_expectations", "sqlglot", "openpyxl", "numpy"}
    assert not heavy & set(done.stderr.splitlines())


def explained(council: Settings, mark: str, reference: str) -> bool:
    """Whether a pseudonym is that of a reference."""
    return mark in explain.explain_case(council, reference)


def test_the_councils_rule_removes_the_cases_and_leaves_the_proofs(council, tmp_path, monkeypatch):
    build = tmp_path / "build"
    shutil.copytree(council.build, build)
    authorities = tmp_path / "authorities"
    shutil.copytree(council.authorities[0], authorities)
    folder = authorities / "canary-council"
    (folder / "profile.yml").write_text(PROFILE + RULE, encoding="utf-8")
    settings = dataclasses.replace(council, build=build, authorities=(authorities,))
    old, new = (build / "evidence" / f"canary-council-{year}" for year in ("2016-17", "2024-25"))
    before = {name: (old / name).read_bytes() for name in ("figures.csv", "checks.csv", "manifest.json")}
    marks = tuple(sorted(case_marks(old) - case_marks(new)))
    assert found(build, (OLD_CASE, *marks))

    class Today(date):
        @classmethod
        def today(cls):
            return TODAY

    monkeypatch.setattr("redress.base.settings.date", Today)
    monkeypatch.setattr("redress.run.clock.date", Today)
    clock.believe(settings)  # the council was built by the real one
    record = pipeline.run(settings, Request(site=False), quiet=True)
    assert record.stages[0].counts["packs stripped"] == 1
    assert any("yours to delete" in note for note in record.notes)

    assert found(build, (OLD_CASE, *marks)) == set()
    assert {name: (old / name).read_bytes() for name in before} == before
    verdict = manifest.verify(old)
    assert verdict.problems == [] and verdict.removed and verdict.retention["removed_on"] == str(TODAY)
    assert manifest.verify(old.with_name(f"{old.name}.zip")).problems == []
    with (build / "state" / "removed.csv").open(encoding="utf-8") as handle:
        gone = list(csv.DictReader(handle))
    assert {row["file_name"] for row in gone} == {"complaint.csv", "stage.csv"}
    assert all(len(row["sha256"]) == 64 and row["removed_on"] == str(TODAY) for row in gone)

    # what is younger is as it was, and can still be explained
    assert (
        found(build, (NEW_CASE,)) and manifest.verify(new).problems == [] and not manifest.verify(new).removed
    )
    assert {row["reporting_year"] for row in csv.DictReader((build / "figures.csv").open())} == {"2024-25"}

    # a second time changes nothing
    again = retention.apply(
        settings,
        Context(run_settings(settings)).declared,
        TODAY,
    )
    assert not again.extracts and not again.packs


def case_marks(pack: Path) -> set[str]:
    """The pseudonyms that a pack lists."""
    with gzip.open(pack / "cases" / "things.csv.gz", "rt", encoding="utf-8") as handle:
        return {row["thing"] for row in csv.DictReader(handle)}


@pytest.mark.parametrize("years", ["0", "-1", "six", "true", "1.5"])
def test_a_rule_that_cannot_be_meant_is_refused(tmp_path, years):
    folder = tmp_path / "canary-council"
    drop(folder, "2024-25", "2025-05-01", NEW_CASE, "2024-06-03")
    (folder / "profile.yml").write_text(
        PROFILE + f"retention: {{case_data_years: {years}}}\n", encoding="utf-8"
    )
    settings = Settings(build=tmp_path / "build", authorities=(tmp_path,), key="a key for trying out only")
    with pytest.raises(ConfigurationProblem) as problem:
        _ = Context(run_settings(settings)).countable
    assert "case_data_years" in str(problem.value.details)
