"""The manifest of an evidence pack: what was handed over, who vouches for it, and whether it is still so.

`manifest.json` names every other file of the pack with its size and SHA-256. Where the installation has a signing
key, `manifest.sig` is the Ed25519 signature of its bytes; the public half stands in the manifest. Reading a pack
needs this folder's modules and the `cryptography` package: no warehouse, no network.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redress.attest import case_removal, keys
from redress.attest.contents import Contents, contents_of, unfit_name, write_zip
from redress.attest.keys import fingerprint, signing_key
from redress.base import errors
from redress.base.errors import ConfigurationProblem
from redress.base.files import sha256
from redress.base.printable import show_text
from redress.base.strict_json import read_object

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = [
    "Verdict",
    "fingerprint",
    "sha256",
    "signing_key",
    "strip",
    "verify",
    "write_manifest",
    "write_zip",
]

MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
BESIDE = frozenset((MANIFEST, SIGNATURE, case_removal.NOTE, case_removal.NOTE_SIGNATURE))
"""Files of a pack that its manifest does not state."""
LARGEST_MANIFEST = 16_000_000
LARGEST_NOTE = 10_000
_SHA256 = re.compile("[0-9a-f]{64}")
_ABOUT = ("authority", "reporting_year", "as_at")


@dataclass
class Verdict:
    """What `verify` found.

    Attributes:
        problems: one line per file that was changed, added or is missing, and per fault of the signature.
        files: how many files the manifest names.
        signed_by: the fingerprint of the key that signed, None where the pack is unsigned or badly signed.
        is_key_known: whether that key is the one that the reader brought.
        about: authority, reporting year, as-at and sign-off, as the manifest states them.
        removed: case lists that were removed under a retention rule.
        retention: the note that says so: `rule`, `removed_on`.
    """

    problems: list[str] = field(default_factory=list)
    files: int = 0
    signed_by: str | None = None
    is_key_known: bool = False
    about: dict[str, Any] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    retention: Mapping[str, Any] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """What `redress verify` ends with: GREEN only for a pack that is whole and signed by the reader's key."""
        if self.problems:
            return errors.GATE_FAILED
        if self.is_key_known:
            return errors.CASES_REMOVED if self.removed else errors.GREEN
        if self.signed_by:
            return errors.CASES_REMOVED_NOT_PINNED if self.removed else errors.SIGNER_NOT_PINNED
        return errors.CASES_REMOVED_UNSIGNED if self.removed else errors.UNSIGNED

    @property
    def subject(self) -> str:
        """What the pack is evidence for, as it says itself."""
        authority, year, as_at = (
            show_text(self.about[name][:200]) for name in ("authority", "reporting_year", "as_at")
        )
        return f"Evidence for {authority} {year}, as at {as_at}: {self.files:,} files named in the manifest."

    @property
    def words(self) -> list[str]:
        """What is proved, in sentences: who signed, and whether it is as it was made."""
        return [*self._words_on_signature(), *self._words_on_files()]

    def _words_on_signature(self) -> list[str]:
        if self.signed_by and self.is_key_known:
            return [f"Signed with the key given (fingerprint {self.signed_by})."]
        if self.signed_by:
            signed = (
                f"Signed with the key in the pack, fingerprint {self.signed_by}. That proves only that it was not "
                "changed since somebody signed it: compare the fingerprint with the maker's, or give --key."
            )
            return [signed]
        unsigned = (
            "Unsigned: the files are what the manifest says, but whoever could change them could have changed the "
            "manifest too."
        )
        return [] if self.problems else [unsigned]

    def _words_on_files(self) -> list[str]:
        if self.problems:
            return [f"NOT as it was made: {len(self.problems):,} problems."]
        if not self.removed:
            return ["As it was made: nothing was changed, added or is missing."]
        removed = (
            f"As it was made, but for the case lists removed: cases removed by the retention rule "
            f'"{self.retention["rule"]}" on {self.retention["removed_on"]}; everything else as it was made.'
        )
        unsigned = "Nobody signed that either: anybody may have removed them."
        return [removed] if self.signed_by else [removed, unsigned]


def write_manifest(pack: Path, about: Mapping[str, Any], key: Ed25519PrivateKey | None = None) -> str:
    """Write the manifest of a finished pack, and its signature where there is a key.

    Folders without a file are removed: a manifest cannot state them.

    Args:
        pack: the folder; nothing may be written into it afterwards.
        about: what the pack is evidence for; stands before the files.
        key: an Ed25519 private key, or None.

    Returns:
        str: the SHA-256 of the manifest, which stands for the whole pack.

    Raises:
        ConfigurationProblem: a file of the authority's folder has a name that no pack can hold.
    """
    for left in BESIDE:
        (pack / left).unlink(missing_ok=True)
    for folder in sorted((path for path in pack.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
    manifest: dict[str, Any] = dict(about)
    if key is not None:
        manifest["public_key"] = keys.public_half(key)
    manifest["files"] = {
        path.relative_to(pack).as_posix(): {"bytes": path.stat().st_size, "sha256": sha256(path)}
        for path in sorted(pack.rglob("*"))
        if path.is_file()
    }
    if unfit := unfit_names(manifest["files"]):
        raise ConfigurationProblem(
            "A file has a name that an evidence pack cannot hold.",
            "whoever keeps the authority's folder",
            unfit,
        )
    text = (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode("utf-8")
    (pack / MANIFEST).write_bytes(text)
    if key is not None:
        (pack / SIGNATURE).write_bytes(keys.signed(key, text))
    return hashlib.sha256(text).hexdigest()


def unfit_names(names: Collection[str]) -> list[str]:
    """Return a line for each name that no file of a pack may have, or that another differs from in case only."""
    found = [f"{name}: {why}" for name in names if (why := unfit_name(name))]
    alike: dict[str, str] = {}
    for name in sorted(names):
        other = alike.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
        if other != name:
            found.append(f"{name}: not every system tells it from {other}")
    return found


def verify(pack: Path, public_key: Path | None = None) -> Verdict:
    """Return whether a pack is what its manifest says, and whether the manifest is what was signed.

    Args:
        pack: a folder or a zip.
        public_key: the public key of whoever made it, in PEM, got by another way than the pack; several after a change
            of keys.

    Raises:
        ConfigurationProblem: the pack or the key cannot be read at all.
    """
    known = keys.public_keys(public_key) if public_key else ()
    contents = contents_of(pack)
    verdict = Verdict(problems=list(contents.problems))
    if MANIFEST not in contents.places:
        raise ConfigurationProblem(
            f"No {MANIFEST} is found in {pack}: it is no evidence pack, is damaged, or its manifest was taken out.",
            "whoever handed it over",
            contents.problems,
        )
    text = contents.read(MANIFEST, LARGEST_MANIFEST)
    manifest = _manifest(pack, text, contents.problems)
    assert text is not None
    stated = manifest["files"]
    verdict.files = len(stated)
    verdict.about = {name: value for name, value in manifest.items() if name != "files"}
    verdict.problems += unfit_names(stated)
    verdict.problems += [f"{name}: a manifest cannot state it" for name in sorted(BESIDE & set(stated))]
    _check_signature(verdict, contents, manifest, text, known)
    removed = _check_removal(verdict, contents, manifest, text, known)
    _check_files(verdict, contents, stated, removed)
    return verdict


def _check_files(
    verdict: Verdict, contents: Contents, stated: Mapping[str, Mapping[str, Any]], removed: Collection[str]
) -> None:
    """Add a line for each file that is missing, was added, or is not what the manifest states."""
    there = set(contents.places) - BESIDE
    verdict.problems += [f"{name}: missing" for name in sorted(set(stated) - there - set(removed))]
    verdict.problems += [f"{name}: added, it is not in the manifest" for name in sorted(there - set(stated))]
    for name in sorted(there & set(stated)):
        size, digest = contents.digest(name)
        if (size, digest) != (stated[name]["bytes"], stated[name]["sha256"]):
            verdict.problems.append(
                f"{name}: changed since the pack was made (SHA-256 {digest[:12]}..., {size} bytes; "
                f"stated {stated[name]['sha256'][:12]}..., {stated[name]['bytes']} bytes)"
            )


def _check_removal(
    verdict: Verdict, contents: Contents, manifest: Mapping[str, Any], text: bytes, known: Collection[bytes]
) -> list[str]:
    """Return the case lists whose absence a note explains; add what is wrong with the note.

    A pack that was signed needs a note signed by the reader's keys, or else by the key that the pack states: without
    the key nobody can thin it and have it called whole.
    """
    there = contents.places.keys()
    if case_removal.NOTE not in there:
        if case_removal.NOTE_SIGNATURE in there:
            verdict.problems.append(f"{case_removal.NOTE_SIGNATURE}: added, there is no {case_removal.NOTE}")
        return []
    cases = sorted(name for name in manifest["files"] if name.startswith(case_removal.CASE_FOLDER))
    note_text = contents.read(case_removal.NOTE, LARGEST_NOTE)
    found, note = case_removal.problems_of(note_text, text, manifest["as_at"], cases, there)
    has_signature = case_removal.NOTE_SIGNATURE in there
    stated = keys.stated_key(manifest.get("public_key", ""))
    trusted = known or ([stated] if stated else [])
    if SIGNATURE in there or trusted or has_signature:
        signature = contents.read(case_removal.NOTE_SIGNATURE, LARGEST_NOTE) if has_signature else None
        if case_removal.signer_of(note_text or b"", signature, trusted) is None:
            found.append(
                f"{case_removal.NOTE}: not signed by {'a key given' if known else 'the key of the pack'}, so anybody "
                "may have removed the case lists"
            )
    verdict.problems += found
    if found:
        return []
    verdict.retention = note
    verdict.removed = cases
    return cases


def strip(pack: Path, rule: str, day: date, key: Ed25519PrivateKey | None = None) -> bool:
    """Remove the case lists of a pack, and say so in the pack; False where there were none.

    Args:
        pack: the folder.
        rule: the retention rule in words, as `case_removal.rule_in_words` gives it.
        day: the day of the removal.
        key: the private key of whoever made the pack; without it the note is unsigned, and a signed pack is refused
            from then on (see `require_key`).

    Raises:
        ConfigurationProblem: a file cannot be removed.
    """
    path = pack / MANIFEST
    return case_removal.strip(pack, path.read_bytes() if path.is_file() else b"", rule, day, key)


def require_key(pack: Path, key: Ed25519PrivateKey | None) -> None:
    """Raise ConfigurationProblem where a signed pack is to be stripped and there is no key to sign the note with."""
    if key is None and (pack / SIGNATURE).exists() and case_removal.case_lists(pack):
        raise ConfigurationProblem(
            f"The retention rule asks that the case lists of {pack.name} be removed. That pack is signed, and there is "
            "no key to sign the note that says so: without it nobody can tell this removal from a theft.",
            "whoever keeps the key: name it in REDRESS_SIGNING_KEY_FILE. If it is lost, make another, and give "
            "those who verify both public keys in one file",
            ["Nothing was removed."],
        )


def _check_signature(
    verdict: Verdict, contents: Contents, manifest: Mapping[str, Any], text: bytes, known: Collection[bytes]
) -> None:
    """Add what is wrong with the signature, and say whose it is."""
    stated = manifest.get("public_key")
    if SIGNATURE not in contents.places:
        if stated:
            verdict.problems.append(f"{SIGNATURE}: missing, and the manifest says that the pack was signed")
        elif known:
            verdict.problems.append("The pack is unsigned, so the key given cannot vouch for it")
        return
    embedded = keys.stated_key(stated or "")
    signature = contents.read(SIGNATURE, LARGEST_NOTE)
    key = keys.signer(signature, text, known or ([embedded] if embedded else []))
    if key is None:
        verdict.problems.append(
            f"{SIGNATURE}: not made by the key given over this manifest"
            if known
            else f"{SIGNATURE}: no valid signature of this manifest"
        )
        return
    verdict.signed_by = fingerprint(key)
    verdict.is_key_known = bool(known)


def _manifest(pack: Path, text: bytes | None, problems: list[str]) -> dict[str, Any]:
    """Return the manifest. Raises ConfigurationProblem where it is none."""
    try:
        manifest = read_object(text or b"")
        fault = _fault_of_shape(manifest)
    except ValueError as problem:
        fault = str(problem)
    if fault is not None:
        raise ConfigurationProblem(
            f"The {MANIFEST} of {pack} cannot be read, so nothing can be said of the other files.",
            "whoever handed it over",
            [*problems, fault],
        )
    return manifest


def _fault_of_shape(manifest: Mapping[str, Any]) -> str | None:
    """Return what a manifest does not state in the type that every manifest has it; None where it states all."""
    for name in _ABOUT:
        if not isinstance(manifest.get(name), str):
            return f"{name} is no text"
    if not isinstance(manifest.get("public_key", ""), str):
        return "public_key is no text"
    stated = manifest.get("files")
    if not isinstance(stated, dict):
        return "files is no list of files by name"
    for name, entry in stated.items():
        is_entry = isinstance(entry, dict) and isinstance(entry.get("sha256"), str)
        if not (is_entry and _SHA256.fullmatch(entry["sha256"]) and type(entry.get("bytes")) is int):
            return f"{name[:200]} has no size and SHA-256"
    return None
