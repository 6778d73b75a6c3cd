"""What a stage is given, and what it has to say."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field, fields

from redress.base.request import Request
from redress.base.settings import RunSettings, Settings, candidate_database


@dataclass
class Context:
    """What a stage is given (places, what to build, where to tell of progress) and what it has to say.

    Attributes:
        warnings: what did not stop the run and somebody should look at.
        rejected: files that intake could not take, and that nothing newer has replaced.
        notes: what became of each file in the drop folders.
        unsettled: files of drop folders that are still being copied, `<authority>/<place in its drop folder>`;
            intake leaves them for the next run.
        counts: what the stage made, by name.
    """

    settings: RunSettings
    request: Request = field(default_factory=Request)
    say: Callable[[str], None] = lambda text: None
    warnings: list[str] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unsettled: frozenset[str] = frozenset()
    counts: dict[str, int] = field(default_factory=dict)


def run_settings(settings: Settings, *, fresh: bool = False) -> RunSettings:
    """Settings for stages of a run.

    Args:
        settings: the installation's.
        fresh: a run begins, and makes a new database. Otherwise the candidate is used where one waits,
            else the database in force.
    """
    known = {item.name: getattr(settings, item.name) for item in fields(Settings)}
    candidate = candidate_database(settings)
    return RunSettings(**known, database_file=candidate if fresh or candidate.exists() else None)


def keeping_counts(function: Callable[[Context], dict[str, int]]) -> Callable[[Context], dict[str, int]]:
    """A stage whose counts are also left in its context, for whoever keeps the journal."""

    @functools.wraps(function)
    def counted(context: Context) -> dict[str, int]:
        context.counts = function(context)
        return context.counts

    return counted
