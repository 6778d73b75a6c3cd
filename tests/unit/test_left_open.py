"""What a draft leaves open: a question mark is refused with its line, a guess is listed until its comment is taken away."""

from __future__ import annotations

import pytest

from redress.authority.folder import load_authority
from redress.authority.left_open import examples, guesses, questions
from redress.authority.model import AuthorityError
from redress.authority.template import create
from redress.base.settings import ROOT, Settings
from redress.run import commands

REFERENCE = ROOT / "seeds" / "reference"


@pytest.fixture
def folder(tmp_path):
    return create("north-town", tmp_path / "authorities")


def test_a_question_is_refused_once_with_its_line_and_reason(folder):
    mapping = folder / "mapping.yml"
    text = mapping.read_text()
    mapping.write_text(
        text.replace(
            "          received_date: received_date",
            '          received_date: {from: received_date, format: "?"}  # 3 values fit both',
        )
    )
    with pytest.raises(AuthorityError) as error:
        load_authority(folder, REFERENCE)
    line = next(n for n, row in enumerate(mapping.read_text().splitlines(), 1) if '"?"' in row)
    assert error.value.problems == [
        f'north-town/mapping.yml: line {line}: `format` is `"?"`: a person must choose (3 values fit both)'
    ]


def test_a_question_mark_that_is_a_word_of_the_council_is_none(folder):
    (folder / "mapping.yml").write_text(
        'version: 1\nwords: {yes_no: {"?": ""}}\nsources:\n  - {id: a, files: "a.csv", ignore: ["?"], tables: []}\n'
    )
    assert list(questions(folder)) == []


def test_a_question_mark_that_nothing_else_refuses_is_refused(folder):
    (folder / "profile.yml").write_text(
        (folder / "profile.yml").read_text().replace("team: Complaints team", 'team: "?"')
    )
    with pytest.raises(AuthorityError, match=r"profile.yml: line \d+: `team` is"):
        load_authority(folder, REFERENCE)


def test_check_lists_guesses_that_nobody_confirmed(folder, tmp_path):
    mapping = folder / "mapping.yml"
    mapping.write_text(
        mapping.read_text().replace("channel: channel\n", "channel: channel  # guess: by its heading\n")
    )
    [(name, line, why)] = guesses(folder)
    assert (name, why) == ("mapping.yml", "channel: by its heading")
    settings = Settings(root=ROOT, build=tmp_path / "build", authorities=[folder.parent])
    told = list(commands.check_folder(settings, "north-town"))
    assert f"    mapping.yml, line {line}: channel: by its heading" in told
    mapping.write_text(mapping.read_text().replace("  # guess: by its heading", ""))
    assert not any("not confirmed" in row for row in commands.check_folder(settings, "north-town"))


def test_tables_that_still_hold_the_examples_of_a_new_folder_are_named(folder):
    assert "services.csv" in examples(folder)
    services = folder / "services.csv"
    services.write_text(services.read_text(encoding="utf-8").replace("Assessment team", "Duty team"), "utf-8")
    assert "services.csv" not in examples(folder)


def test_examples_are_refused_once_the_councils_own_files_have_come(folder, tmp_path):
    settings = Settings(root=ROOT, build=tmp_path / "build", authorities=[folder.parent])
    batch = folder / "extracts" / "2024-25" / "2025-04-07"
    batch.mkdir(parents=True)
    sample = (folder / "sample" / "complaint.csv").read_bytes()
    (batch / "complaint.csv").write_bytes(sample)
    assert any("still the examples" in line for line in commands.check_folder(settings, "north-town"))
    (batch / "complaint.csv").write_bytes(sample.replace(b"2024-04-08", b"2024-04-09"))
    with pytest.raises(AuthorityError, match=r"services.csv.* still hold the examples of a new folder"):
        list(commands.check_folder(settings, "north-town"))
