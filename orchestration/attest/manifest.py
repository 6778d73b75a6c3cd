"""The manifest of an evidence pack: what was handed over, who vouches for it, and whether it is still so.

`manifest.json` names every other file of the pack with its size and SHA-256. Where the installation has a signing
key, `manifest.sig` is the Ed25519 signature of its bytes; the public half stands in the manifest. Reading a pack
needs this module and the `cryptography` package: no warehouse, no network.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath
from typing import IO, Any

from orchestration.errors import ConfigurationProblem
from orchestration.settings import Settings

MANIFEST = "manifest.json"
RETENTION = "retention.json"
CASE_LEVEL = ("cases/",)
"""Folders of a pack whose files list cases; a retention rule removes them, and nothing else."""
SIGNATURE = "manifest.sig"
KEY_COMMAND = "openssl genpkey -algorithm ed25519 -out signing-key.pem"
LARGEST_MANIFEST = 64_000_000


@dataclass
class Verdict:
    """What `verify` found.

    Attributes:
        problems: one line per file that was changed, added or is missing, and per fault of the signature.
        files: how many files the manifest names.
        signed_by: the fingerprint of the key that signed, None where the pack is unsigned or badly signed.
        is_key_known: whether that key is the one that the reader brought.
        about: authority, reporting year, as-at and sign-off, as the manifest states them.
        removed: case-level files that the pack says were removed under a retention rule, and the rule.
    """

    problems: list[str] = field(default_factory=list)
    files: int = 0
    signed_by: str | None = None
    is_key_known: bool = False
    about: dict[str, Any] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    retention: dict[str, Any] = field(default_factory=dict)


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def signing_key(settings: Settings) -> Any:
    """The installation's private key, or None where it has none.

    Raises:
        ConfigurationProblem: the file named by REDRESS_SIGNING_KEY_FILE is no Ed25519 private key.
    """
    if settings.signing_key_file is None:
        return None
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(settings.signing_key_file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as problem:
        raise ConfigurationProblem(
            f"The signing key {settings.signing_key_file} (REDRESS_SIGNING_KEY_FILE) cannot be read.",
            "whoever keeps the key",
            [f"Expected an Ed25519 private key in PEM without a password, as made by: {KEY_COMMAND}"],
        ) from problem
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigurationProblem(
            f"The signing key {settings.signing_key_file} is of another kind than Ed25519.",
            "whoever keeps the key",
            [f"Make one with: {KEY_COMMAND}"],
        )
    return key


def write_manifest(pack: Path, about: Mapping[str, Any], key: Any = None) -> str:
    """Write the manifest of a finished pack, and its signature where there is a key.

    Args:
        pack: the folder; nothing may be written into it afterwards.
        about: what the pack is evidence for; stands before the files.
        key: an Ed25519 private key, or None.

    Returns:
        str: the SHA-256 of the manifest, which stands for the whole pack.
    """
    for left in (MANIFEST, SIGNATURE):
        (pack / left).unlink(missing_ok=True)
    manifest: dict[str, Any] = dict(about)
    if key is not None:
        manifest["public_key"] = base64.b64encode(key.public_key().public_bytes_raw()).decode("ascii")
    manifest["files"] = {
        path.relative_to(pack).as_posix(): {"bytes": path.stat().st_size, "sha256": sha256(path)}
        for path in sorted(pack.rglob("*"))
        if path.is_file()
    }
    text = (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode("utf-8")
    (pack / MANIFEST).write_bytes(text)
    if key is not None:
        (pack / SIGNATURE).write_bytes(base64.b64encode(key.sign(text)) + b"\n")
    return hashlib.sha256(text).hexdigest()


def write_zip(pack: Path, target: Path) -> None:
    """The pack as one file, in an order and with times that do not change: equal packs give equal bytes."""
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(pack.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(f"{pack.name}/{path.relative_to(pack).as_posix()}")
                entry.compress_type = zipfile.ZIP_STORED if path.suffix == ".gz" else zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                entry.create_system = 3
                archive.writestr(entry, path.read_bytes(), compresslevel=2)


def verify(pack: Path, public_key: Path | None = None) -> Verdict:
    """Whether a pack is what its manifest says, and whether the manifest is what was signed.

    Args:
        pack: a folder or a zip.
        public_key: the public key of whoever made it, in PEM, got by another way than the pack.

    Returns:
        Verdict: with no problems where nothing was changed, added or is missing.

    Raises:
        ConfigurationProblem: the pack or the key cannot be read at all.
    """
    known = _public_key(public_key) if public_key else None
    with _contents(pack) as contents:
        verdict = Verdict(problems=list(contents.problems))
        if MANIFEST not in contents.names:
            raise ConfigurationProblem(
                f"{pack} has no {MANIFEST}, so it is no evidence pack, or its manifest was taken out.",
                "whoever handed it over",
            )
        text = contents.read(MANIFEST)
        manifest = _manifest(pack, text)
        stated = manifest["files"]
        verdict.files = len(stated)
        verdict.about = {name: value for name, value in manifest.items() if name != "files"}
        there = set(contents.names) - {MANIFEST, SIGNATURE}
        if RETENTION in there and RETENTION not in stated:
            there.discard(RETENTION)
            verdict.retention = _retention(contents.read(RETENTION))
        allowed = {name for name in stated if name.startswith(CASE_LEVEL)} if verdict.retention else set()
        verdict.removed = sorted((set(stated) - there) & allowed)
        if verdict.retention and not verdict.removed:
            verdict.problems.append(f"{RETENTION}: added, although nothing was removed")
        verdict.problems += [f"{name}: missing" for name in sorted(set(stated) - there - allowed)]
        verdict.problems += [
            f"{name}: added, it is not in the manifest" for name in sorted(there - set(stated))
        ]
        for name in sorted(there & set(stated)):
            size, digest = contents.digest(name)
            if digest != stated[name]["sha256"]:
                verdict.problems.append(
                    f"{name}: changed since the pack was made (SHA-256 {digest[:12]}..., {size} bytes; "
                    f"stated {stated[name]['sha256'][:12]}..., {stated[name]['bytes']} bytes)"
                )
        signature = contents.read(SIGNATURE) if SIGNATURE in contents.names else None
    _check_signature(verdict, manifest, text, signature, known)
    return verdict


def strip(pack: Path, rule: str, day: date) -> bool:
    """Remove the files of a pack that list cases, and say so in the pack; False where there were none.

    The manifest and its signature stay as they were: they go on proving every other file.
    """
    files = [path for prefix in CASE_LEVEL for path in sorted((pack / prefix).rglob("*")) if path.is_file()]
    if not files:
        return False
    for prefix in CASE_LEVEL:
        shutil.rmtree(pack / prefix, ignore_errors=True)
    text = json.dumps({"rule": rule, "removed_on": str(day), "files": len(files)}, indent=1) + "\n"
    (pack / RETENTION).write_text(text, encoding="utf-8")
    return True


def fingerprint(public_key: bytes) -> str:
    """The SHA-256 of a public key's 32 bytes, short enough to be read out over a telephone."""
    digest = hashlib.sha256(public_key).hexdigest()[:32]
    return " ".join(digest[place : place + 4] for place in range(0, 32, 4))


def _check_signature(
    verdict: Verdict, manifest: Mapping[str, Any], text: bytes, signature: bytes | None, known: bytes | None
) -> None:
    """Add what is wrong with the signature, and say whose it is."""
    stated = manifest.get("public_key")
    if signature is None:
        if stated:
            verdict.problems.append(f"{SIGNATURE}: missing, and the manifest says that the pack was signed")
        elif known:
            verdict.problems.append("The pack is unsigned, so the key given cannot vouch for it")
        return
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        embedded = base64.b64decode(str(stated or ""), validate=True)
        Ed25519PublicKey.from_public_bytes(known or embedded).verify(
            base64.b64decode(signature.strip(), validate=True), text
        )
    except (InvalidSignature, ValueError):
        verdict.problems.append(
            f"{SIGNATURE}: not made by the key given over this manifest"
            if known
            else f"{SIGNATURE}: no valid signature of this manifest"
        )
        return
    verdict.signed_by = fingerprint(known or embedded)
    verdict.is_key_known = known is not None


def _public_key(path: Path) -> bytes:
    """The 32 bytes of a public key in PEM."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as problem:
        raise ConfigurationProblem(
            f"The key {path} cannot be read.",
            "whoever typed the command",
            ["Expected a public key in PEM: openssl pkey -in signing-key.pem -pubout"],
        ) from problem
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigurationProblem(
            f"The key {path} is of another kind than Ed25519.", "whoever typed the command"
        )
    return key.public_bytes_raw()


def _retention(text: bytes) -> dict[str, Any]:
    """What a pack says about files removed under a rule; nothing where it says it badly."""
    try:
        stated = json.loads(text)
        return {"rule": str(stated["rule"])[:200], "removed_on": str(stated["removed_on"])[:10]}
    except (ValueError, KeyError, TypeError):
        return {}


def _manifest(pack: Path, text: bytes) -> dict[str, Any]:
    """The manifest, if it is one."""
    try:
        manifest = json.loads(text)
        stated = manifest["files"]
        if not all(
            isinstance(name, str) and isinstance(entry["sha256"], str) and isinstance(entry["bytes"], int)
            for name, entry in stated.items()
        ):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ConfigurationProblem(
            f"The {MANIFEST} of {pack} cannot be read, so nothing can be said of the other files.",
            "whoever handed it over",
        ) from problem
    return manifest


class _Folder:
    """The files of a folder."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.problems = []
        self.names = set()
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_symlink():
                self.problems.append(f"{name}: a link to somewhere else, which no pack has")
            elif path.is_file():
                self.names.add(name)

    def open(self, name: str) -> IO[bytes]:
        return (self.folder / name).open("rb")

    def read(self, name: str) -> bytes:
        """The bytes of a small file."""
        with self.open(name) as handle:
            return handle.read(LARGEST_MANIFEST)

    def digest(self, name: str) -> tuple[int, str]:
        """Size and SHA-256; a file that cannot be read to its end has neither."""
        digest, size = hashlib.sha256(), 0
        try:
            with self.open(name) as handle:
                while part := handle.read(1 << 20):
                    digest.update(part)
                    size += len(part)
        except (OSError, zipfile.BadZipFile, EOFError, ValueError):
            return size, "unreadable"
        return size, digest.hexdigest()


class _Zip(_Folder):
    """The files of a zip, read where they are; nothing is unpacked."""

    def __init__(self, archive: zipfile.ZipFile):
        self.archive = archive
        self.problems = []
        self.entries: dict[str, zipfile.ZipInfo] = {}
        files = [entry for entry in archive.infolist() if not entry.is_dir()]
        roots = {PurePosixPath(entry.filename).parts[0] for entry in files if "/" in entry.filename}
        manifests = [e.filename for e in files if PurePosixPath(e.filename).name == MANIFEST]
        top = min(manifests, key=lambda name: name.count("/"), default="")
        root = top.removesuffix(MANIFEST) if roots else ""
        for entry in files:
            inside = entry.filename.startswith(root)
            name = entry.filename.removeprefix(root) if inside else f"../{entry.filename}"
            if name in self.entries:
                self.problems.append(f"{name}: twice in the zip")
            self.entries[name] = entry
        self.names = set(self.entries)

    def open(self, name: str) -> IO[bytes]:
        return self.archive.open(self.entries[name])


@contextmanager
def _contents(pack: Path) -> Iterator[_Folder]:
    """The files of a pack, whichever way it was handed over."""
    if pack.is_dir():
        yield _Folder(pack)
        return
    try:
        with zipfile.ZipFile(pack) as archive:
            yield _Zip(archive)
    except FileNotFoundError as problem:
        raise ConfigurationProblem(f"There is no {pack}.", "whoever typed the command") from problem
    except (OSError, zipfile.BadZipFile) as problem:
        raise ConfigurationProblem(
            f"{pack} is neither a folder nor a zip that can be read.", "whoever handed it over"
        ) from problem
