"""What the results of a council depend on, as one hash for each kind of thing: equal hashes, equal results.

A run makes anew only the councils of which a hash differs from that of the results that stand. The kinds are kept apart so
that a person is told why a council is made anew. What belongs in here is everything that a stage between intake and
the evidence reads; what pages are rendered with is the website's own question.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict

from redress.authority.model import Authority
from redress.base.files import open_regular, sha256, walk_files
from redress.base.settings import RunSettings
from redress.base.tables import read_csv
from redress.base.versions import program_hash
from redress.intake.pseudonyms import key_mark
from redress.reconcile import accepted
from redress.run.context import Context
from redress.run.results import Key
from redress.run.retention import REMOVED
from redress.run.workshop import OF_COUNCILS, council_of, files_of
from redress.signed.record import state_of

PROGRAM = (
    "redress",
    "expectations",
    "dbt_project",
    "seeds/reference",
    "reports/declared",
    "reports/sections",
    "docs",
)
"""What of the checkout makes a council's results."""
WEBSITE = ("reports", "redress")
"""What of the checkout makes pages of results."""
KINDS = {
    "program": "the program has changed",
    "key": "the key of pseudonyms or of signatures has changed",
    "folder": "its folder has changed",
    "reports": "other reports are asked for",
    "files": "its files have changed",
    "signed": "what was signed off has changed",
    "day": "a rule of its own looks at the day",
}
"""The kinds of things that a key is made of, in the order in which they are told, and what is said where one differs."""


def key_of(context: Context, authority: Authority) -> Key:
    """Return the hashes of what a council's results depend on, by kind.

    Args:
        context: of the run, after intake.
        authority: as its folder declares it, with the reports to build.
    """
    settings = context.settings
    return {
        "program": program_hash(settings.root, PROGRAM),
        "key": _hash_of_keys(authority, settings),
        "folder": _hash_of_folder(authority),
        "reports": _hash([_plain(asdict(report)) for _, report in sorted(authority.reports.items())]),
        "files": _hash_of_files(settings, authority.slug),
        "signed": _hash_of_signed(settings, authority.slug),
        "day": _hash_of_day(context, authority),
    }


def why(before: Key | None, now: Key) -> str:
    """Return why a council is made anew; blank where nothing differs."""
    if before is None:
        return "it has no results yet"
    return "; ".join(says for kind, says in KINDS.items() if before.get(kind) != now[kind])


def _hash_of_keys(authority: Authority, settings: RunSettings) -> str:
    """Return what tells one secret from another, and gives none away that a pseudonym would not."""
    marks = [key_mark(authority, settings)]
    for path in (settings.signing_key_file, settings.public_key_file):
        marks.append(sha256(path) if path and path.is_file() else "")
    return _hash(marks)


def _hash_of_folder(authority: Authority) -> str:
    """Return a hash over all that lies in a council's folder but its extracts."""
    extracts = os.path.realpath(authority.extracts)
    lines = []
    for path in sorted(walk_files(authority.folder)):
        if not os.path.realpath(path).startswith(extracts + os.sep):
            with open_regular(path) as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            lines.append([os.fsencode(path.relative_to(authority.folder)).hex(), content])
    return _hash(lines)


def _hash_of_files(settings: RunSettings, slug: str) -> str:
    """Return a hash over what intake keeps of a council, and what was removed of it by rule."""
    lines = [
        [path.relative_to(settings.state).as_posix(), sha256(path)]
        for folder in OF_COUNCILS
        for path in files_of(settings.state / folder)
        if council_of(path) == slug
    ]
    return _hash([lines, [row for row in read_csv(settings.state / REMOVED) if row["authority"] == slug]])


def _hash_of_signed(settings: RunSettings, slug: str) -> str:
    folder = settings.state / "signed" / slug
    return _hash([[path.relative_to(folder).as_posix(), sha256(path)] for path in sorted(walk_files(folder))])


def _hash_of_day(context: Context, authority: Authority) -> str:
    """Return what rules make of the day: the states of reports, and which faults are accepted on it."""
    day = context.settings.day
    states = [
        state_of(context.settings, authority.slug, report, day)
        for _, report in sorted(authority.reports.items())
    ]
    return _hash([states, accepted.read(authority.folder, day)])


def _plain(values: dict) -> dict:
    return {
        name: sorted(value) if isinstance(value, frozenset) else str(value) for name, value in values.items()
    }


def _hash(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
