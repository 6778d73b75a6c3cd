"""Case lists that a retention rule removed are told from case lists that somebody took."""

from __future__ import annotations

import dataclasses
import json
import shutil
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from test_evidence_manifest import ABOUT, key_files, run

from redress.attest import case_removal, manifest
from redress.base import errors, files
from redress.base.errors import ConfigurationProblem
from redress.base.settings import Settings
from redress.run import retention

RULE = case_removal.rule_in_words(1)
DAY = date(2025, 9, 1)


def private_key(path: Path):
    """The key of a PEM file."""
    return manifest.signing_key(dataclasses.replace(Settings(), signing_key_file=path))


def make(folder: Path, key: Path | None = None) -> Path:
    """A pack with two case lists."""
    pack = folder / "north-town-2023-24"
    (pack / "cases").mkdir(parents=True)
    (pack / "figures.csv").write_text("figure_id,value\na,3\n", encoding="utf-8")
    for name in ("members.csv.gz", "parts.csv.gz"):
        (pack / "cases" / name).write_bytes(name.encode())
    manifest.write_manifest(pack, ABOUT, private_key(key) if key else None)
    return pack


@pytest.fixture
def keys(tmp_path) -> SimpleNamespace:
    """Our pair of keys and that of an attacker."""
    ours, theirs = key_files(tmp_path / "keys", "ours"), key_files(tmp_path / "keys", "theirs")
    return SimpleNamespace(private=ours[0], public=ours[1], others=theirs[0], others_public=theirs[1])


@pytest.mark.parametrize("as_zip", [False, True])
def test_what_the_rule_removed_is_said_with_an_exit_code_of_its_own(tmp_path, keys, as_zip):
    pack = make(tmp_path / "out", keys.private)
    assert manifest.strip(pack, RULE, DAY, private_key(keys.private))
    assert not (pack / "cases").exists()
    if as_zip:
        manifest.write_zip(pack, tmp_path / "pack.zip")
        shutil.rmtree(pack)
        pack = tmp_path / "pack.zip"
    code, said = run(pack, "--key", keys.public)
    assert code == errors.CASES_REMOVED
    assert (
        f'cases removed by the retention rule "{RULE}" on 2025-09-01; everything else as it was made' in said
    )
    assert run(pack)[0] == errors.CASES_REMOVED_NOT_PINNED
    assert run(pack, "--key", keys.others_public)[0] == errors.GATE_FAILED


def test_a_change_beside_a_removal_is_found(tmp_path, keys):
    pack = make(tmp_path / "out", keys.private)
    manifest.strip(pack, RULE, DAY, private_key(keys.private))
    (pack / "figures.csv").write_text("figure_id,value\na,4\n", encoding="utf-8")
    code, said = run(pack, "--key", keys.public)
    assert code == 1 and "figures.csv: changed" in said


def test_an_unsigned_pack_without_its_cases_is_never_called_whole(tmp_path):
    pack = make(tmp_path / "out")
    manifest.strip(pack, RULE, DAY)
    code, said = run(pack)
    assert code == errors.CASES_REMOVED_UNSIGNED and "anybody may have removed them" in said


def take_one(pack: Path, note: bytes | None, signature: bytes | None) -> None:
    (pack / "cases" / "members.csv.gz").unlink()
    _lay(pack, note, signature)


def take_all(pack: Path, note: bytes | None, signature: bytes | None) -> None:
    shutil.rmtree(pack / "cases")
    _lay(pack, note, signature)


def take_none(pack: Path, note: bytes | None, signature: bytes | None) -> None:
    _lay(pack, note, signature)


def _lay(pack: Path, note: bytes | None, signature: bytes | None) -> None:
    """Put a note beside a pack."""
    for name, text in ((case_removal.NOTE, note), (case_removal.NOTE_SIGNATURE, signature)):
        if text is not None:
            (pack / name).write_bytes(text)


def stripped(folder: Path, key: Path | None, rule: str = RULE, day: date = DAY) -> tuple[bytes, bytes | None]:
    """The note and its signature of an equal pack whose cases are removed."""
    pack = make(folder, key)
    manifest.strip(pack, rule, day, private_key(key) if key else None)
    signature = pack / case_removal.NOTE_SIGNATURE
    return (pack / case_removal.NOTE).read_bytes(), signature.read_bytes() if signature.exists() else None


@pytest.mark.parametrize("take", [take_one, take_all, take_none])
@pytest.mark.parametrize("signed_by", ["nobody", "attacker", "pack", "other note"])
@pytest.mark.parametrize("pinned", [True, False])
def test_without_the_key_nobody_can_thin_a_signed_pack(tmp_path, keys, take, signed_by, pinned):
    pack = make(tmp_path / "out", keys.private)
    note, _ = stripped(tmp_path / "unsigned", None)
    note = json.dumps(json.loads(note) | {"manifest_sha256": files.sha256(pack / "manifest.json")}).encode()
    signature = {
        "nobody": None,
        "attacker": stripped(tmp_path / "theirs", keys.others)[1],
        "pack": (pack / "manifest.sig").read_bytes(),
        "other note": stripped(tmp_path / "earlier", keys.private, day=date(2027, 1, 1))[1],
    }[signed_by]
    take(pack, note, signature)
    code, said = run(pack, *(("--key", keys.public) if pinned else ()))
    assert code == 1 and "retention.json: " in said, said


def test_not_even_the_key_makes_a_pack_whole_that_lost_only_some_of_its_cases(tmp_path, keys):
    note, signature = stripped(tmp_path / "equal", keys.private)
    pack = make(tmp_path / "out", keys.private)
    take_one(pack, note, signature)
    code, said = run(pack, "--key", keys.public)
    assert code == 1 and "1 of 2 are there" in said and "cases/members.csv.gz: missing" in said


@pytest.mark.parametrize(
    "change",
    [
        {"rule": "we felt like it"},
        {"rule": case_removal.rule_in_words(9)},
        {"rule": ["a"]},
        {"removed_on": "soon"},
        {"removed_on": "2025-02-31"},
        {"removed_on": "2024-06-01"},
        {"manifest_sha256": "0" * 64},
        {"files": "two"},
        {"more": "words"},
    ],
)
def test_a_note_without_rule_or_day_that_can_be_meant_explains_nothing(tmp_path, keys, change):
    pack = make(tmp_path / "out", keys.private)
    note, _ = stripped(tmp_path / "equal", keys.private)
    text = json.dumps(json.loads(note) | change).encode()
    take_all(pack, text, private_key_signature(keys.private, text))
    code, said = run(pack, "--key", keys.public)
    assert code == 1 and "retention.json: " in said and "cases/members.csv.gz: missing" in said


def private_key_signature(path: Path, text: bytes) -> bytes:
    """What the key makes of a note, whatever it says."""
    from redress.attest.keys import signed

    return signed(private_key(path), b"Redress retention note\n" + text)


def test_a_note_signed_with_a_new_key_is_proved_by_both_keys(tmp_path, keys):
    pack = make(tmp_path / "out", keys.private)
    manifest.strip(pack, RULE, DAY, private_key(keys.others))
    assert run(pack, "--key", keys.public)[0] == errors.GATE_FAILED
    both = tmp_path / "both.pub"
    both.write_bytes(keys.public.read_bytes() + keys.others_public.read_bytes())
    assert run(pack, "--key", both)[0] == errors.CASES_REMOVED


@pytest.fixture
def installation(tmp_path):
    """A build with one old pack, and the council whose rule is due."""
    settings = Settings(build=tmp_path / "build")
    settings.state.mkdir(parents=True)
    council = SimpleNamespace(
        slug="north-town",
        profile=SimpleNamespace(retention=SimpleNamespace(case_data_years=1)),
        reports={"2023-24": SimpleNamespace(reporting_year="2023-24", as_at=date(2024, 5, 31))},
        extracts=tmp_path / "nothing",
    )
    return settings, council


def test_nothing_is_removed_from_a_signed_pack_while_the_note_cannot_be_signed(installation, keys):
    settings, council = installation
    pack = make(settings.build / "evidence", keys.private)
    with pytest.raises(ConfigurationProblem, match="no key to sign") as problem:
        retention.apply(settings, [council], DAY)
    assert "REDRESS_SIGNING_KEY_FILE" in problem.value.who and run(pack, "--key", keys.public)[0] == 0
    settings = dataclasses.replace(settings, signing_key_file=keys.private)
    assert retention.apply(settings, [council], DAY).packs == [pack.name]
    assert run(pack, "--key", keys.public)[0] == errors.CASES_REMOVED
    assert run(pack.with_name(f"{pack.name}.zip"), "--key", keys.public)[0] == errors.CASES_REMOVED
    assert retention.apply(settings, [council], DAY).packs == []


def test_a_removal_that_was_cut_short_is_finished_by_the_next_run(installation, keys, monkeypatch):
    settings, council = installation
    settings = dataclasses.replace(settings, signing_key_file=keys.private)
    pack = make(settings.build / "evidence", keys.private)
    archive = pack.with_name(f"{pack.name}.zip")
    manifest.write_zip(pack, archive)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(manifest, "write_zip", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        retention.apply(settings, [council], DAY)
    assert not archive.exists(), "a zip with the cases in it must not outlive them"
    retention.apply(settings, [council], DAY)
    assert run(archive, "--key", keys.public)[0] == errors.CASES_REMOVED
