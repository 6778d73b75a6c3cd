"""A pack is proved by its manifest alone: whatever is changed, added or missing is named, and signatures hold or not."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from redress.attest import manifest
from redress.base import errors, files
from redress.base.errors import ConfigurationProblem
from redress.base.settings import Settings
from redress.cli import main

ABOUT = {"authority": "north-town", "reporting_year": "2023-24", "as_at": "2024-05-31"}


def key_files(folder: Path, name: str) -> tuple[Path, Path]:
    """A new pair of keys as PEM files: private, public."""
    folder.mkdir(parents=True, exist_ok=True)
    key = Ed25519PrivateKey.generate()
    private, public = folder / f"{name}.pem", folder / f"{name}.pub"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return private, public


def make(folder: Path, key: Path | None = None) -> Path:
    """A small pack."""
    pack = folder / "north-town-2023-24"
    (pack / "cases").mkdir(parents=True)
    (pack / "figures.csv").write_text("figure_id,value\na,3\n", encoding="utf-8")
    (pack / "cases" / "members.csv.gz").write_bytes(b"not really")
    (pack / "method é.md").write_text("words\n", encoding="utf-8")
    settings = replace(Settings(), signing_key_file=key)
    manifest.write_manifest(pack, ABOUT, manifest.signing_key(settings))
    return pack


def run(*arguments) -> tuple[int, str]:
    """`redress verify`: exit code and what it says."""
    result = CliRunner().invoke(main, ["verify", *map(str, arguments)])
    return result.exit_code, result.output


@pytest.mark.parametrize("as_zip", [False, True])
def test_a_pack_that_nobody_touched_is_proved(tmp_path, as_zip):
    private, public = key_files(tmp_path / "keys", "ours")
    pack = make(tmp_path / "out", private)
    if as_zip:
        manifest.write_zip(pack, tmp_path / "pack.zip")
        shutil.rmtree(pack)
        pack = tmp_path / "pack.zip"
    code, said = run(pack, "--key", public)
    assert code == 0 and "Signed with the key given" in said and "nothing was changed" in said
    code, said = run(pack)
    assert code == errors.SIGNER_NOT_PINNED and "compare the fingerprint" in said


def test_the_public_key_of_the_environment_pins_the_signer_like_the_option(tmp_path, monkeypatch):
    private, public = key_files(tmp_path / "keys", "ours")
    _, other = key_files(tmp_path / "keys", "theirs")
    pack = make(tmp_path / "out", private)
    monkeypatch.setenv("REDRESS_PUBLIC_KEY_FILE", str(public))
    assert run(pack)[0] == errors.GREEN
    assert run(pack, "--key", other)[0] == errors.GATE_FAILED
    monkeypatch.setenv("REDRESS_PUBLIC_KEY_FILE", str(other))
    assert run(pack)[0] == errors.GATE_FAILED
    monkeypatch.setenv("REDRESS_PUBLIC_KEY_FILE", str(tmp_path / "nowhere.pub"))
    assert run(pack)[0] == errors.BAD_USAGE
    both = tmp_path / "both.pub"
    both.write_bytes(other.read_bytes() + b"\n" + public.read_bytes())
    monkeypatch.setenv("REDRESS_PUBLIC_KEY_FILE", str(both))
    assert run(pack)[0] == errors.GREEN


def test_equal_packs_give_equal_zips(tmp_path):
    for name in ("one", "two"):
        manifest.write_zip(make(tmp_path / name), tmp_path / f"{name}.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_an_unsigned_pack_says_so_and_fails_where_a_key_was_expected(tmp_path):
    _, public = key_files(tmp_path / "keys", "ours")
    pack = make(tmp_path / "out")
    code, said = run(pack)
    assert code == errors.UNSIGNED and "Unsigned" in said and "could have changed the manifest too" in said
    code, said = run(pack, "--key", public)
    assert code == 1 and "cannot vouch" in said


def change(pack: Path) -> str:
    (pack / "figures.csv").write_text("figure_id,value\na,4\n", encoding="utf-8")
    return "figures.csv: changed"


def remove(pack: Path) -> str:
    (pack / "method é.md").unlink()
    return "method é.md: missing"


def remove_cases(pack: Path) -> str:
    (pack / "cases" / "members.csv.gz").unlink()
    return "cases/members.csv.gz: missing"


def add(pack: Path) -> str:
    (pack / "cases" / ".note").write_text("x", encoding="utf-8")
    return "cases/.note: added"


def link(pack: Path) -> str:
    (pack / "figures.csv").rename(pack.parent / "elsewhere.csv")
    (pack / "figures.csv").symlink_to(pack.parent / "elsewhere.csv")
    return "figures.csv: a link"


def rewrite_manifest(pack: Path) -> str:
    change(pack)
    stated = json.loads((pack / "manifest.json").read_text(encoding="utf-8"))
    stated["files"]["figures.csv"]["sha256"] = files.sha256(pack / "figures.csv")
    (pack / "manifest.json").write_text(json.dumps(stated), encoding="utf-8")
    return "manifest.sig: "


def drop_signature(pack: Path) -> str:
    (pack / "manifest.sig").unlink()
    return "manifest.sig: missing"


def sign_anew(pack: Path) -> str:
    change(pack)
    other, _ = key_files(pack.parent / "other", "theirs")
    about = {**ABOUT}
    manifest.write_manifest(pack, about, manifest.signing_key(replace(Settings(), signing_key_file=other)))
    return "manifest.sig: not made by the key given"


def false_retention(pack: Path) -> str:
    (pack / "figures.csv").unlink()
    (pack / "retention.json").write_text('{"rule": "we felt like it", "removed_on": "2030-01-01"}')
    return "figures.csv: missing"


@pytest.mark.parametrize(
    "tamper",
    [
        change,
        remove,
        remove_cases,
        add,
        link,
        rewrite_manifest,
        drop_signature,
        sign_anew,
        false_retention,
    ],
)
def test_whatever_is_changed_is_found_and_named(tmp_path, tamper):
    private, public = key_files(tmp_path / "keys", "ours")
    pack = make(tmp_path / "out", private)
    words = tamper(pack)
    code, said = run(pack, "--key", public)
    assert code == 1 and words in said and "NOT as it was made" in said, said


def test_a_zip_with_another_file_or_the_same_name_twice_is_found(tmp_path):
    manifest.write_zip(make(tmp_path / "out"), tmp_path / "pack.zip")
    with zipfile.ZipFile(tmp_path / "pack.zip", "a") as archive:
        archive.writestr("outside.txt", "x")
    assert any("outside.txt: added" in one for one in manifest.verify(tmp_path / "pack.zip").problems)
    manifest.write_zip(make(tmp_path / "again"), tmp_path / "twice.zip")
    with zipfile.ZipFile(tmp_path / "twice.zip", "a") as archive, pytest.warns(UserWarning):
        archive.writestr("north-town-2023-24/figures.csv", "figure_id,value\na,4\n")
    assert any("figures.csv: twice" in one for one in manifest.verify(tmp_path / "twice.zip").problems)


def test_what_is_no_pack_or_no_key_ends_with_2(tmp_path):
    pack = make(tmp_path / "out")
    (tmp_path / "text.zip").write_text("no zip")
    (tmp_path / "key.pem").write_text("no key")
    assert run(tmp_path / "nowhere")[0] == 2
    assert run(tmp_path / "text.zip")[0] == 2
    assert run(tmp_path)[0] == 2
    assert run(pack, "--key", tmp_path / "key.pem")[0] == 2
    (pack / "manifest.json").write_text("[]")
    assert run(pack)[0] == 2
    with pytest.raises(ConfigurationProblem, match="cannot be read"):
        manifest.signing_key(replace(Settings(), signing_key_file=tmp_path / "key.pem"))
