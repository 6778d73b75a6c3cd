"""Whether the machine's clock can be believed: what a retention rule removes does not come back when the clock is set right.

A clock that is years ahead makes every rule due. So each run keeps its day; a clock that says a day before it, or one long
after everything else that attests a day, is not believed until somebody says that it is right.
"""

from __future__ import annotations

from datetime import date, timedelta

from redress.base import generations
from redress.base.files import replace_file
from redress.base.settings import RunSettings, Settings
from redress.intake.ledger import read_ledger

LONGEST_PAUSE = timedelta(days=100)
"""So long after the newest run and the newest file, a wrong clock is likely enough for a person to be asked."""
_TIME_ZONE = timedelta(days=1)
"""Two runs that read one clock in different time zones may differ by so much."""
_DAY = "newest-run-day"


def doubt(settings: Settings, today: date) -> str:
    """Return why the clock is not believed, as the beginning of a sentence; empty where it is."""
    attested = _attested_day(settings, today)
    if attested is None or _is_near(attested, today):
        return ""
    return f"This machine's clock says {today}, and the newest run and the newest file are of {attested}"


def day_of_rules(settings: RunSettings) -> date:
    """Return the day from which retention rules count back: the run's, or the newest attested one while the clock is in doubt.

    A day that the run was given is taken as it is.
    """
    if settings.today is None and doubt(settings, settings.day):
        return _attested_day(settings, settings.day) or settings.day
    return settings.day


def keep_day(settings: RunSettings) -> None:
    """Keep the day of a run; where the clock is in doubt the attested one, or the clock would attest itself to the next run."""
    if settings.today is None:
        _keep(settings, day_of_rules(settings))


def believe(settings: Settings) -> None:
    """Keep the day that the clock says, because a person says that it is right."""
    _keep(settings, date.today())


def _attested_day(settings: Settings, today: date) -> date | None:
    """Return the newest day that something else than the clock attests; None where nothing has run or come yet.

    It is the day kept by the newest run, or where none is kept that of the newest release. Only where the clock is far from it
    are the files received looked at.
    """
    run = _kept_day(settings) or _release_day(settings)
    if run and _is_near(run, today):
        return run
    received = [day for row in read_ledger(settings) if (day := row["received_at"].date()) <= today]
    return max([*([run] if run else []), *received], default=None)


def _is_near(attested: date, today: date) -> bool:
    return attested - _TIME_ZONE <= today <= attested + LONGEST_PAUSE


def _keep(settings: Settings, day: date) -> None:
    with replace_file(settings.state / _DAY) as temporary:
        temporary.write_text(f"{day}\n", encoding="utf-8")


def _kept_day(settings: Settings) -> date | None:
    """Return the day that the newest run kept; None where none is kept, or what is there is no day."""
    try:
        return date.fromisoformat((settings.state / _DAY).read_text(encoding="utf-8").strip())
    except (FileNotFoundError, ValueError):
        return None


def _release_day(settings: Settings) -> date | None:
    """Return the day of the newest release, by which its generation is named."""
    generation = generations.in_force(settings)
    try:
        return date.fromisoformat(generation.name[:8]) if generation else None
    except ValueError:
        return None
