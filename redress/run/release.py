"""Holding the build folder alone, and putting a run's results into force, all at once."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from redress.base import generations
from redress.base.errors import ConfigurationProblem
from redress.base.files import PART
from redress.base.settings import RunSettings, Settings, candidate_database
from redress.run import standing
from redress.run.context import Context

LOOK_SECONDS = 0.2
"""Between two attempts at holding the build."""


def release(context: Context) -> dict[str, int]:
    """Put this run's results and its sign-off into force, all at once. The only stage that touches what stands.

    The website is replaced only where one was built; evidence packs of other reports stay.

    Raises:
        ConfigurationProblem: no results wait.
    """
    settings = context.settings
    if not (settings.next / "figures.csv").exists() or not candidate_database(settings).exists():
        raise ConfigurationProblem("No results wait to be put into place.", "you: build first")
    results = _results(settings)
    if context.made:
        results[f"state/{standing.FILE}"] = standing.write(settings, context.made, results)
    records = {
        str(record.relative_to(settings.next / "signed")): record
        for record in sorted((settings.next / "signed").glob("*/*/*"))
    }
    made = sum(path != settings.build / name for name, path in results.items())
    generations.put_in_force(settings, results, records, settings.next)
    try:
        generations.settle(settings)
    except OSError as problem:
        context.warnings.append(
            f"The results are in place, but what they replaced could not be cleared away ({problem}). The next "
            f"command tries again; whoever runs Redress: look at {problem.filename or settings.build}"
        )
    return {"results": made}


def _results(settings: RunSettings) -> dict[str, Path]:
    """Return what is in force after a release, by fixed name: this run's results, and what stands and is not replaced."""
    results = {
        "figures.csv": settings.next / "figures.csv",
        "revisions.csv": settings.next / "revisions.csv",
        "state/protected": settings.next / "protected",
        "state/redress.duckdb": candidate_database(settings),
    }
    for name in ("suppression.csv", "site"):
        places = [place for place in (settings.next / name, settings.build / name) if place.exists()]
        results |= {name: places[0]} if places else {}
    if any((settings.next / "internal").glob("*.csv")):
        results["internal"] = settings.next / "internal"
    for folder in (settings.build / "evidence", settings.next / "evidence"):
        packs = sorted(folder.iterdir()) if folder.is_dir() else []
        results |= {f"evidence/{pack.name}": pack for pack in packs}
    return results


@contextlib.contextmanager
def exclusive(settings: Settings, seconds: float = 0) -> Iterator[None]:
    """Hold the build alone: DuckDB has one writer, and so has the results folder.

    A release that was cut off is finished or undone first.

    Args:
        settings: the installation's.
        seconds: how long another run that holds it is waited for.

    Raises:
        ConfigurationProblem: another run holds it, it cannot be made or written, or what was cut off cannot be cleared
            away.
    """
    with contextlib.ExitStack() as stack:
        try:
            is_held = _hold(settings, stack, seconds)
        except OSError as problem:
            raise ConfigurationProblem(
                f"The build folder {settings.build} cannot be made or written: {problem.strerror} ({problem.filename}).",
                "whoever set REDRESS_BUILD, or looks after that folder",
            ) from problem
        if not is_held:
            raise ConfigurationProblem(
                f"Another run is using {settings.build}.", "whoever started it; try again when it has ended"
            )
        try:
            generations.settle(settings)
        except OSError as problem:
            raise ConfigurationProblem(
                f"What an earlier run left cannot be cleared away: {problem}.",
                f"whoever runs the machine: this account has to be able to change everything in {settings.build}",
            ) from problem
        yield


def _hold(settings: Settings, stack: contextlib.ExitStack, seconds: float) -> bool:
    """Hold the build until the stack is closed; return whether it is held after so many seconds of trying."""
    end = time.monotonic() + seconds
    while True:
        with contextlib.ExitStack() as attempt:
            if attempt.enter_context(generations.held(settings)):
                stack.enter_context(attempt.pop_all())
                return True
        if time.monotonic() >= end:
            return False
        time.sleep(LOOK_SECONDS)


def begin(settings: Settings) -> None:
    """Clear away what an earlier run left waiting or half written."""
    for folder in ("", "*/", "state/*/", "state/conformed/*/"):
        for left in settings.build.glob(f"{folder}{PART}*.tmp"):
            left.unlink(missing_ok=True)
    shutil.rmtree(settings.build / ".next", ignore_errors=True)
    shutil.rmtree(candidate_database(settings).parent, ignore_errors=True)
