"""When the pipeline runs by itself: every night, and when a file has come into a drop folder."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from redress.authority.model import AuthorityError
from redress.base.errors import DropFolderAway
from redress.base.files import why_unreadable
from redress.base.printable import show_text
from redress.base.settings import Settings

if TYPE_CHECKING:
    from redress.authority.model import Authority

SENSOR_SECONDS = 300
"""Between two looks; a file that is the same at both is not being copied any more."""
CURSOR_VERSION = 2
MOST_NAMED = 5


def build_job() -> dg.UnresolvedAssetJobDefinition:
    """Return the whole pipeline as one run in one process: fewer processes and imports, and one writer."""
    return dg.define_asset_job(
        "build_reports",
        selection=dg.AssetSelection.all(),
        description="Take in, compute, reconcile, protect, publish, attest. The same as `redress build`.",
        executor_def=dg.in_process_executor,
    )


def nightly_schedule(job: dg.UnresolvedAssetJobDefinition) -> dg.ScheduleDefinition:
    """Return the schedule that builds every night at half past two, by the clock on the wall."""
    return dg.ScheduleDefinition(
        name="nightly",
        job=job,
        cron_schedule="30 2 * * *",
        execution_timezone="Europe/London",
        description="Build every report each night, also where no file has come.",
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )


def drop_folder_sensor(settings: Settings, job: dg.UnresolvedAssetJobDefinition) -> dg.SensorDefinition:
    """Return the sensor that starts the job when a file in a drop folder is new or changed and has settled."""

    @dg.sensor(
        name="drop_folders",
        job=job,
        minimum_interval_seconds=SENSOR_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Starts a run when a new or changed file lies in an authority's extracts folder, and lay there just so "
        "at the look before.",
    )
    def drop_folders(context: dg.SensorEvaluationContext):
        try:
            looks, away = look_into_drop_folders(settings)
        except AuthorityError as problem:
            return dg.SkipReason(
                f"An authority's folder is not usable: {'; '.join(map(show_text, problem.problems))}"
            )
        before = read_cursor(context.cursor)
        found = compare_looks(before, looks)
        context.update_cursor(found.cursor)
        told = "".join(f" {problem}" for problem in away)
        if before is None:
            return dg.SkipReason(f"First look: later changes start a run.{told}")
        if found.news:
            return dg.RunRequest(
                run_key=found.run_key,
                run_config={"ops": {"take_in_extracts": {"config": {"unsettled": found.unsettled}}}},
            )
        if found.unsettled:
            names = ", ".join(found.unsettled[:MOST_NAMED])
            more = len(found.unsettled) - MOST_NAMED
            return dg.SkipReason(
                f"New or changed since the last look, so perhaps still being copied: {names}"
                f"{f' and {more} more' if more > 0 else ''}.{told}"
            )
        return dg.SkipReason(f"No file has come.{told}")

    return drop_folders


Look = dict[str, str]
"""What lies in one drop folder: what tells a file from every other and from itself when changed (`_mark`) -> its place
(`shown_place`)."""


@dataclass(frozen=True)
class Cursor:
    """What the sensor remembers between two looks.

    Attributes:
        seen: the marks of the last look at each authority's drop folder, by slug.
        taken: the marks of the files that a run was started for, or that lay there at the first look.
    """

    seen: dict[str, list[str]]
    taken: dict[str, list[str]]

    def text(self) -> str:
        """Return it as Dagster keeps it."""
        return json.dumps({"version": CURSOR_VERSION, "seen": self.seen, "taken": self.taken}, sort_keys=True)


@dataclass(frozen=True)
class Compared:
    """What two looks say together.

    Attributes:
        cursor: what to remember.
        news: settled files that no run was started for, `<authority>/<place>`.
        unsettled: files that are new or changed since the look before.
        run_key: differs from that of every run for other files.
    """

    cursor: str
    news: list[str]
    unsettled: list[str]
    run_key: str


def read_cursor(text: str | None) -> Cursor | None:
    """Return what the sensor remembers; None at the first look, and where it is of another version."""
    try:
        kept = json.loads(text or "null")
        if kept["version"] != CURSOR_VERSION:
            return None
        return Cursor(kept["seen"], kept["taken"])
    except (ValueError, TypeError, KeyError):
        return None


def compare_looks(before: Cursor | None, looks: Mapping[str, Look]) -> Compared:
    """Compare a look at the drop folders with the one before.

    A file has settled when it is the same at both: name, size, time of change and place on the disk. No clock is asked,
    so that a file dated in the future is waited for no longer than another, and one that keeps its old date while it is
    copied no shorter. Each file is judged by itself: one that keeps changing holds up no other.

    Args:
        before: what is remembered; None at the first look, at which every file counts as taken.
        looks: by slug; an authority whose drop folder is away is not in it, and is remembered as it was.
    """
    seen = dict(before.seen) if before else {}
    taken = dict(before.taken) if before else {}
    news, unsettled = [], []
    for slug, look in sorted(looks.items()):
        settled = look.keys() & set(seen.get(slug, ())) if before else look.keys()
        known = look.keys() & set(taken.get(slug, ())) if before else look.keys()
        unsettled += sorted(f"{slug}/{look[mark]}" for mark in look.keys() - settled)
        news += sorted(f"{slug}/{look[mark]}" for mark in settled - known)
        # marks of files that are gone are forgotten, so that the cursor does not grow
        seen[slug], taken[slug] = sorted(look), sorted(settled | known)
    marks = "".join(mark for slug in sorted(taken) for mark in taken[slug])
    key = hashlib.sha256(marks.encode()).hexdigest()
    return Compared(Cursor(seen, taken).text(), news, unsettled, key)


def look_into_drop_folders(settings: Settings) -> tuple[dict[str, Look], list[str]]:
    """Look at what intake would read, without opening a file.

    Returns:
        The look at each drop folder by slug, and a sentence for each drop folder that cannot be looked into: it holds
        up no other.

    Raises:
        AuthorityError: a folder's profile cannot be used.
    """
    from redress.authority.folder import load_authorities
    from redress.intake.batches import drop_folder_batches

    looks: dict[str, Look] = {}
    away: list[str] = []
    for authority in load_authorities(settings):
        if not os.path.isdir(authority.extracts):
            away.append(f"The drop folder of {authority.slug} is not there.")
            continue
        try:
            batches, _ = drop_folder_batches(authority)
            looks[authority.slug] = _look(authority, [path for paths in batches.values() for path in paths])
        except DropFolderAway as problem:
            away.append(str(problem))
    return looks, away


def _look(authority: Authority, paths: Iterable[Path]) -> Look:
    """Return the marks of the files of one authority; what intake would not take is left out.

    Raises:
        DropFolderAway: the system does not tell about a file.
    """
    from redress.intake.batches import shown_place, why_not_taken

    look: Look = {}
    for path in paths:
        if why_not_taken(authority, path):
            continue
        place = shown_place(authority, path)
        try:
            look[_mark(path)] = place
        except FileNotFoundError:
            continue  # it went away meanwhile
        except OSError as problem:
            raise DropFolderAway(
                f"{authority.slug}/{place} cannot be looked at: {why_unreadable(problem)}."
            ) from problem
    return look


def _mark(path: Path) -> str:
    """Return a short digest of a file's place, size, time of change and place on the disk."""
    status = os.stat(path)
    told = f"{status.st_size}\0{status.st_mtime_ns}\0{status.st_ino}\0".encode() + os.fsencode(path)
    return hashlib.blake2b(told, digest_size=12).hexdigest()
