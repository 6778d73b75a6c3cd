"""What can go wrong, in words for the person who can put it right.

Each error carries the exit code of the `redress` command, what failed and who can fix it. Stages raise
these; the command and the Dagster assets only print them.
"""

from __future__ import annotations

from collections.abc import Iterable

from redress.base.printable import show_text

GREEN = 0
GATE_FAILED = 1
BAD_USAGE = 2
FILE_REJECTED = 3
INTERNAL = 70

# What `redress verify` says beside GREEN, GATE_FAILED and BAD_USAGE, so that a script cannot mistake one for another.
SIGNER_NOT_PINNED = 10
"""As it was made, signed by the key that came with it: the reader brought none to compare with."""
UNSIGNED = 11
"""As its manifest says, and nobody signed that."""
CASES_REMOVED = 20
"""The case lists were removed by the retention rule, says a note signed by the reader's key; all else as it was made."""
CASES_REMOVED_NOT_PINNED = 21
"""The same, signed by the key that came with the pack."""
CASES_REMOVED_UNSIGNED = 22
"""The same, and nobody signed the pack or the note: anybody may have removed them."""


class RedressError(Exception):
    """A failure that has an explanation.

    Args:
        what: what failed, one sentence or more.
        who: who can fix it ("the complaints team", "whoever runs Redress").
        details: one line per thing found, shown under the sentence.
        councils: by slug, those of which something is wrong, where that is known; empty where it is not.
    """

    exit_code = INTERNAL

    def __init__(
        self,
        what: str,
        who: str = "whoever runs Redress",
        details: list[str] | None = None,
        councils: Iterable[str] = (),
    ):
        self.councils = frozenset(councils)
        # paths and names that other people chose stand in all of them, and all are printed, logged and stored
        self.what = show_text(what)
        self.who = show_text(who)
        self.details = [show_text(detail) for detail in details or ()]
        super().__init__(self.what)


class GateFailed(RedressError):
    """A check that must hold does not. Nothing was published."""

    exit_code = GATE_FAILED


class ConfigurationProblem(RedressError):
    """The command, an authority's folder or the installation is not usable as it is."""

    exit_code = BAD_USAGE


class DropFolderAway(ConfigurationProblem):
    """A drop folder, a folder in it or a file cannot be reached at present; it may come back (a network share)."""

    def __init__(
        self, what: str, who: str = "whoever keeps that drop folder", details: list[str] | None = None
    ):
        super().__init__(what, who, details)


class FileWasRejected(RedressError):
    """Intake could not trust any row of a file. The file is kept; none of it is loaded."""

    exit_code = FILE_REJECTED
