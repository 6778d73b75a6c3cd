"""The demonstration authority: intake finds every fault that was planted in its files, and no other."""

from __future__ import annotations

import pytest

from redress.authority.config_tables import write_config_tables
from redress.authority.folder import load_authorities
from redress.base.settings import Settings
from redress.intake import load_drop_folder
from seeds.synthetic.__main__ import generate


@pytest.fixture(scope="module")
def received(tmp_path_factory):
    """What became of the demonstration files, and the faults that their generator planted."""
    folder = tmp_path_factory.mktemp("demonstration")
    settings = Settings(build=folder / "build")
    [authority] = load_authorities(settings, ["solihull"])
    write_config_tables([authority], settings)
    planted, _ = generate("solihull", folder / "extracts")
    return load_drop_folder(authority, settings), planted


def test_intake_finds_what_was_planted_and_nothing_else(received):
    result, planted = received
    expected = {
        (path.parent.name, path.name, record, code)
        for path, _, faults in planted
        for record, code in faults.items()
    }
    found = {
        (str(moment.date()), name, row, code)
        for moment, name, row, code in result.problems.select(
            "received_at", "file_name", "row", "code"
        ).rows()
        if row is not None
    }
    assert found == expected


def test_every_record_is_accounted_for(received):
    result, planted = received
    assert [f.status for f in result.files] == ["loaded"] * len(planted)
    counted = {(str(f.received_at.date()), f.file_name): f.received for f in result.files}
    assert counted == {(path.parent.name, path.name): records for path, records, _ in planted}
    assert all(f.received == f.conformed + f.quarantined for f in result.files)


def test_a_file_without_rows_is_the_only_problem_of_a_whole_file(received):
    result, _ = received
    assert result.problems.filter(result.problems["row"].is_null())["code"].to_list() == ["header_only"]
