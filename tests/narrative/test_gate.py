"""Words that are wrong stop a build before it publishes, and `redress check`; both say what the words were held against."""

from dataclasses import replace
from types import SimpleNamespace

import pyarrow as pa
import pytest

from redress.base.blame import DamagedFile
from redress.base.errors import GateFailed
from redress.base.settings import Settings
from redress.declared.model import DeclaredReport, Page, Section
from redress.declared.parse import parse_sections
from redress.protect.streams import write_stream
from redress.run import words
from tests.narrative.conftest import ROWS, YEAR


def report_of(authority, text, folder=""):
    parsed = parse_sections([text])[text]
    file = f"{folder or authority.slug}/report/own.md"
    section = Section("own", parsed["title"], file, parsed["nodes"], author="Head of Safeguarding")
    return DeclaredReport(authority.slug, YEAR, [Page("", "Summary", [section])])


@pytest.fixture
def protected(tmp_path, authority):
    rows = [{"authority": authority.slug, "reporting_year": YEAR, **row} for row in ROWS]
    write_stream(pa.Table.from_pylist(rows), tmp_path / "figures.arrow")
    return tmp_path


def context_of(authority, report, tmp_path, signed=()):
    return SimpleNamespace(
        chosen=[authority],
        chosen_declarations=[report],
        signed_before=[SimpleNamespace(authority=authority.slug, reporting_year=year) for year in signed],
        settings=SimpleNamespace(state=tmp_path, reference=Settings.from_environment().reference),
        warnings=[],
    )


def test_a_build_stops_and_names_the_author(authority, protected, tmp_path):
    context = context_of(authority, report_of(authority, "There were 85 new complaints."), tmp_path)
    with pytest.raises(GateFailed) as stopped:
        words.require_sound_words(context, protected)
    assert stopped.value.who == "Head of Safeguarding"
    [detail] = stopped.value.details
    assert detail.startswith(
        f"{authority.slug}/report/own.md: line 1: `85`: is `new_complaints`; write {{% figure"
    )


@pytest.mark.parametrize("case", ["right", "shipped", "signed"])
def test_a_build_goes_on(case, authority, protected, tmp_path):
    text = (
        'There were {% figure "new_complaints" /%}.' if case == "right" else "There were 85 new complaints."
    )
    report = report_of(authority, text, "reports/sections" if case == "shipped" else "")
    words.require_sound_words(
        context_of(authority, report, tmp_path, [YEAR] if case == "signed" else ()), protected
    )


def test_a_check_says_what_the_words_were_held_against(authority, protected, tmp_path):
    report = report_of(authority, "There were 85 new complaints.")
    settings = context_of(authority, report, tmp_path).settings
    findings, against = words.check_words(settings, authority, [report])
    assert [finding.kind for finding in findings] != [] and words.PRINTED in against[0]
    (tmp_path / "protected").mkdir()
    (protected / "figures.arrow").rename(tmp_path / "protected" / "figures.arrow")
    findings, against = words.check_words(settings, authority, [report])
    assert [finding.kind for finding in findings] == ["literal"] and words.LAST_BUILD in against[0]


def test_an_export_that_is_damaged_is_named(authority, protected, tmp_path):
    report = report_of(authority, "There were 85 new complaints.")
    settings = context_of(authority, report, tmp_path).settings
    (tmp_path / "protected").mkdir()
    (tmp_path / "protected" / "figures.arrow").write_bytes((protected / "figures.arrow").read_bytes()[:40])
    with pytest.raises(DamagedFile, match=r"figures\.arrow"):
        words.check_words(settings, authority, [report])


CHANGES = {
    "words": lambda place: None,
    "figures": lambda place: write_figures(place, 86),
    "folder": lambda place: (place / "folder" / "report" / "further.md").write_text("Something else."),
    "names": lambda place: (place / "conformed" / "name" / "one.parquet").write_bytes(b"other names"),
    "reference": lambda place: (place / "reference" / "note.csv").write_text("name\n"),
}


def write_figures(place, value):
    rows = [{"authority": "telford-and-wrekin", "reporting_year": YEAR, **ROWS[0], "value": value}]
    write_stream(pa.Table.from_pylist(rows), place / "protected" / "figures.arrow")


@pytest.mark.parametrize("changed", CHANGES)
def test_words_are_looked_at_again_only_where_something_has_changed(
    changed, authority, tmp_path, monkeypatch
):
    for name in ("protected", "folder/report", "conformed/name", "reference/contract"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "reference" / "statutory_timescales.csv").touch()
    (tmp_path / "reference" / "contract" / "datapackage.json").touch()
    (tmp_path / "conformed" / "name" / "one.parquet").write_bytes(b"names")
    write_figures(tmp_path, 85)
    authority = replace(authority, folder=tmp_path / "folder")
    settings = SimpleNamespace(state=tmp_path, reference=tmp_path / "reference", key=None, key_file=None)
    looked = []
    monkeypatch.setattr(words, "_review", lambda report, *given: looked.append(report) or [])
    report = report_of(authority, "There were many.", authority.slug)
    first = words.check_words(settings, authority, [report])
    assert words.check_words(settings, authority, [report]) == first and len(looked) == 1
    CHANGES[changed](tmp_path)
    if changed == "words":
        report = report_of(authority, "There were few.", authority.slug)
    words.check_words(settings, authority, [report])
    assert len(looked) == 2


def test_what_is_kept_of_words_is_told_again_as_it_was_found(authority, protected, tmp_path):
    report = report_of(authority, "There were 85 new complaints.")
    settings = context_of(authority, report, tmp_path).settings
    first = words.check_words(settings, authority, [report])
    assert first[0] and words.check_words(settings, authority, [report]) == first
    assert list((tmp_path / "words").glob("*.json"))
