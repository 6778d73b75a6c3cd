"""What a run publishes of the declaration, and what a signed-off report keeps of it."""

from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq

from redress.base.settings import Settings
from redress.declared.tables import write_pages
from redress.protect import tables
from redress.protect.streams import write_stream
from redress.publish import declared_pages, expected_pages
from redress.signed.record import PUBLISHED, Record, configuration_hashes, declared_in


def test_the_export_has_the_pages_of_the_run_in_their_order(load, tmp_path):
    loaded = load()
    settings = Settings(build=tmp_path / "build")
    assert tables.pages(None, settings).num_rows == 0
    write_pages(loaded.reports.values(), settings.state / "config")
    rows = tables.pages(None, settings).to_pylist()
    assert len(rows) == 6 and rows[1]["page"] == "stages" and rows[1]["position"] == 1
    assert [row for report in loaded.reports.values() for row in report.rows()] == rows


def test_a_record_gives_back_the_declaration_that_it_was_signed_with(load, tmp_path):
    report = load().reports["far-shire", "2023-24"]
    folder = tmp_path / "record" / PUBLISHED
    folder.mkdir(parents=True)
    record = Record("far-shire", "2023-24", 1, "2024-05-31", "A", "", "2024-06-01", [], {}, {}, {})
    record = replace(record, folder=tmp_path / "record")
    assert declared_in(record) is None
    pq.write_table(
        pa.Table.from_pylist(report.rows(), schema=tables.SCHEMAS["pages"]), folder / "pages.parquet"
    )
    assert declared_in(record) == report


def test_the_sections_of_a_council_are_kept_with_its_configuration(load, tmp_path):
    load(
        {
            "in-short.md": "Words.",
            "2023-24/report.yml": "leave_out: [time-taken]\nadd: [{section: in-two, page: stages}]",
            "2023-24/in-two.md": "x",
        }
    )
    settings = Settings(build=tmp_path / "build", authorities=(tmp_path / "councils",))
    assert {
        "configuration/report/in-short.md",
        "configuration/report/2023-24/report.yml",
        "configuration/report/2023-24/in-two.md",
    } <= configuration_hashes(settings, "far-shire").keys()


def test_a_site_must_have_the_declared_pages(load, tmp_path):
    report = load().reports["far-shire", "2023-24"]
    for name, rows in {
        "pages": report.rows(),
        "reports": [{"authority": "far-shire", "reporting_year": "2023-24"}],
    }.items():
        write_stream(pa.Table.from_pylist(rows, schema=tables.SCHEMAS[name]), tmp_path / f"{name}.arrow")
    assert declared_pages(tmp_path) == {"far-shire/2023-24": [("", "Summary"), ("stages/", "Stages")]}
    pages = [
        page.removeprefix("far-shire/2023-24/") for page in expected_pages(tmp_path) if page.startswith("far")
    ]
    assert len(pages) == len(set(pages)) and {
        "index.html",
        "stages/index.html",
        "checklist/index.html",
    } <= set(pages)
    assert "equality/index.html" not in pages
