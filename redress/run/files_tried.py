"""What `redress check SLUG` says of the files that lie in a drop folder, kept for as long as nothing that it rests on changes.

Nothing is taken in. What was found is kept with a digest of all that it was found from, and told again where that is the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date

from redress.authority.model import Authority
from redress.base.files import sha256
from redress.base.settings import ROOT, Settings
from redress.base.versions import program_hash
from redress.declared.asked import asked
from redress.declared.model import DeclaredReport

FOLDER = "tried"
"""Below the state: what was found of drop folders."""


def tried_lines(
    settings: Settings, authority: Authority, reports: Sequence[DeclaredReport], kept_from: date | None
) -> list[str]:
    """Return what a run would say of the files in the drop folder of an authority, a line each.

    Args:
        settings: the installation's.
        authority: whose folder.
        reports: that it declares: their sections ask for figures.
        kept_from: the first day whose files are still read; None for all.
    """
    from redress.base import kept

    folder, question = settings.state / FOLDER, _question(settings, authority, reports, kept_from)
    if question and (answer := kept.read(folder, authority.slug, question)):
        return list(answer)
    from redress.intake.trial import try_drop_folder
    from redress.run.files_told import lines

    told = lines(authority, try_drop_folder(authority, settings, kept_from), reports)
    if question and settings.state.is_dir():
        kept.write(folder, authority.slug, question, told)
    return told


def _question(
    settings: Settings, authority: Authority, reports: Sequence[DeclaredReport], kept_from: date | None
) -> str:
    """Return a digest of all that is looked at, and of the program that looks; blank where that cannot be told."""
    from redress.authority.folder import fingerprint

    of_folder = fingerprint(authority.folder, settings.reference)
    if of_folder is None:
        return ""
    known = [of_folder, program_hash(ROOT, ("redress",)), str(kept_from)]
    known += [json.dumps([report.year, sorted(map(str, asked(report)))]) for report in reports]
    try:
        for path in sorted(authority.extracts.rglob("*")):
            is_file = not path.is_symlink() and path.is_file()
            known.append(f"{path} {sha256(path) if is_file else 'no file'}")
    except OSError:
        return ""
    received = (settings.state / "conformed" / "extract").glob(f"{authority.slug}--*.parquet")
    known += [f"{path.name} {path.stat().st_mtime_ns}" for path in sorted(received)]
    return hashlib.sha256("\n".join(map(ascii, known)).encode()).hexdigest()
