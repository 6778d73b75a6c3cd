"""A signed record that is gone: the evidence in force still tells of it, so the report is not built as if unsigned."""

from __future__ import annotations

import json

import pytest

from redress.base.errors import ConfigurationProblem
from redress.base.settings import Settings
from redress.signed import record as signed_record

REPORT = ("north-town", "2023-24")


@pytest.fixture
def settings(tmp_path):
    return Settings(root=tmp_path, build=tmp_path / "build", authorities=(tmp_path / "authorities",))


def _tell(settings: Settings, text: str) -> None:
    told = settings.build / "evidence" / "north-town-2023-24" / "sign_off.json"
    told.parent.mkdir(parents=True)
    told.write_text(text)


def test_evidence_of_a_sign_off_without_its_record_stops_and_names_who_has_a_backup(settings):
    _tell(settings, json.dumps({"state": "revised", "records": [{"number": 1}, {"number": 2}]}))
    with pytest.raises(ConfigurationProblem, match="2 of its 2 records are not in") as raised:
        signed_record.records(settings, *REPORT)
    assert "backups" in raised.value.who
    assert str(settings.state / "signed" / "north-town" / "2023-24") in raised.value.what


@pytest.mark.parametrize(
    "text", ['{"records": []}', "", "[]", '{"records": 5}', '{"state": "draft"}', "\x00"]
)
def test_evidence_that_tells_of_no_record_stops_nothing(settings, text):
    _tell(settings, text)
    assert signed_record.records(settings, *REPORT) == []


def test_another_report_is_not_stopped(settings):
    _tell(settings, json.dumps({"records": [{"number": 1}]}))
    assert signed_record.records(settings, "north-town", "2022-23") == []
