"""The note in a pack that a retention rule took its case lists: `retention.json`, signed as `retention.sig`.

It speaks of the whole folder `cases/` or of nothing: which rule, on which day, from the pack with which manifest. The
rule must have been due by then. A note is as trustworthy as its signature: a pack that was signed needs a note signed
by the same key; a pack that nobody signed can have a note that anybody could have written, and `verify` says so.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redress.attest import keys
from redress.base.errors import ConfigurationProblem
from redress.base.strict_json import read_object

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

NOTE = "retention.json"
NOTE_SIGNATURE = "retention.sig"
CASE_FOLDER = "cases/"
"""The folder of a pack whose files list cases; a retention rule removes it, and nothing else."""
_PURPOSE = b"Redress retention note\n"
"""Stands before the note's bytes when they are signed, so that no signature of another file fits."""
_RULE = re.compile(r"(?:case-level data are )?kept for ([1-9][0-9]{0,2}) years? after receipt")
_FIELDS = {"rule": str, "removed_on": str, "files": int, "manifest_sha256": str}


def rule_in_words(years: int) -> str:
    """Return the rule that keeps case-level data for some years, as notes state it."""
    return f"case-level data are kept for {years} {'year' if years == 1 else 'years'} after receipt"


def years_before(day: date, years: int) -> date:
    """Return the day some years earlier; for 29 February in a common year the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def case_lists(pack: Path) -> list[Path]:
    """Return the files of a pack's folder that list cases."""
    return [path for path in sorted((pack / CASE_FOLDER).rglob("*")) if path.is_file()]


def strip(pack: Path, manifest: bytes, rule: str, day: date, key: Ed25519PrivateKey | None) -> bool:
    """Remove the case lists of a pack, and say so in the pack; False where there are none.

    The manifest and its signature stay as they are: they go on proving every other file. The note is written first, so
    that a removal that is cut short is taken up again.

    Args:
        pack: the folder.
        manifest: the bytes of its manifest.
        rule: in words, as `rule_in_words` gives it.
        day: the day of the removal.
        key: the installation's private key, or None; the note is unsigned then.

    Raises:
        ConfigurationProblem: a file cannot be removed.
    """
    files = case_lists(pack)
    if not files:
        return False
    note = {
        "rule": rule,
        "removed_on": str(day),
        "files": len(files),
        "manifest_sha256": hashlib.sha256(manifest).hexdigest(),
    }
    text = (json.dumps(note, indent=1) + "\n").encode("utf-8")
    (pack / NOTE).write_bytes(text)
    if key is not None:
        (pack / NOTE_SIGNATURE).write_bytes(keys.signed(key, _PURPOSE + text))
    shutil.rmtree(pack / CASE_FOLDER, ignore_errors=True)
    if left := case_lists(pack):
        raise ConfigurationProblem(
            f"Case lists of {pack} could not be removed, as the retention rule asks.",
            "whoever runs Redress: give its account the right to remove them",
            [str(path) for path in left],
        )
    return True


def problems_of(
    text: bytes | None,
    manifest: bytes,
    as_at: str,
    stated: Collection[str],
    there: Collection[str],
) -> tuple[list[str], Mapping[str, Any]]:
    """Judge what a note says, its signature aside.

    Args:
        text: the note's bytes; None where it is too large.
        manifest: the bytes of the pack's manifest.
        as_at: the day that the pack's report is as at.
        stated: names of the case lists that the manifest states.
        there: names of all files that the pack has.

    Returns:
        What is wrong, one line each, and the note: {} where it cannot be read.
    """
    note = _read_note(text)
    if note is None:
        return [f"{NOTE}: does not say by which rule, on which day, from which pack what was removed"], {}
    found = []
    left = sum(name in there for name in stated)
    if left or not stated:
        found.append(f"{NOTE}: says that every case list was removed, and {left} of {len(stated)} are there")
    if note["manifest_sha256"] != hashlib.sha256(manifest).hexdigest():
        found.append(f"{NOTE}: belongs to another pack")
    rule = _RULE.fullmatch(note["rule"])
    try:
        removed_on, counted_at = date.fromisoformat(note["removed_on"]), date.fromisoformat(as_at[:10])
        is_due = rule is not None and counted_at < years_before(removed_on, int(rule[1]))
    except ValueError:
        is_due = False
    if not is_due:
        found.append(f"{NOTE}: names no rule that was due on the day of the removal")
    return found, note


def signer_of(text: bytes, signature: bytes | None, public_keys: Collection[bytes]) -> bytes | None:
    """Return the one of some public keys that signed a note; None where none did."""
    return keys.signer(signature, _PURPOSE + text, public_keys)


def _read_note(text: bytes | None) -> Mapping[str, Any] | None:
    """Return a note with all its fields and no other; None where it is none."""
    try:
        note = read_object(text or b"")
    except ValueError:
        return None
    is_whole = note.keys() == _FIELDS.keys() and all(
        type(note[name]) is kind for name, kind in _FIELDS.items()
    )
    return note if is_whole else None
