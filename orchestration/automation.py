"""When councils are made by themselves: every night, and when a file has come into a drop folder; and when they are published."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from orchestration.assets.common import COUNCILS, EVIDENCE, PARTITION, RELEASED, SITE
from redress.authority.folder import authority_folders, load_each
from redress.authority.model import AuthorityError
from redress.base.errors import DropFolderAway
from redress.base.files import why_unreadable
from redress.base.printable import show_text
from redress.base.settings import Settings
from redress.run.waiting import ready

if TYPE_CHECKING:
    from redress.authority.model import Authority

SENSOR_SECONDS = 300
"""Between two looks; a file that is the same at both is not being copied any more."""
PUBLISHING_SECONDS = 60
CURSOR_VERSION = 2
MOST_NAMED = 5
OF_ALL = (SITE, EVIDENCE, RELEASED)
"""The assets that are of all councils together."""
UNDER_WAY = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)


def council_job() -> dg.UnresolvedAssetJobDefinition:
    """Return the job that makes one council, the run's partition: its results wait to be published.

    It says nothing of an executor: what a stage needs lies in the council's workshop, so each may run in a process, or on a
    machine, of its own that has the build folder.
    """
    return dg.define_asset_job(
        "build_council",
        selection=dg.AssetSelection.all() - dg.AssetSelection.assets(*OF_ALL),
        description="Take in, compute, reconcile and protect one council. Nothing is published.",
    )


def publish_job() -> dg.UnresolvedAssetJobDefinition:
    """Return the job that puts all councils together and releases."""
    return dg.define_asset_job(
        "publish_reports",
        selection=dg.AssetSelection.assets(*OF_ALL),
        description="Publish the councils that wait, and what stands of the others. With `build_council` for each council "
        "the same as `redress build`.",
    )


def keep_partitions(settings: Settings, instance: dg.DagsterInstance) -> list[str]:
    """Have a partition for each council's folder and no other; return them.

    Raises:
        AuthorityError: the places that hold the folders cannot be read.
    """
    slugs = list(authority_folders(settings))
    known = instance.get_dynamic_partitions(str(COUNCILS.name))
    instance.add_dynamic_partitions(str(COUNCILS.name), [slug for slug in slugs if slug not in known])
    for slug in sorted(set(known) - set(slugs)):
        instance.delete_dynamic_partition(str(COUNCILS.name), slug)
    return slugs


def nightly_schedule(settings: Settings, job: dg.UnresolvedAssetJobDefinition) -> dg.ScheduleDefinition:
    """Return the schedule that makes every council every night at half past two, by the clock on the wall."""

    @dg.schedule(
        name="nightly",
        job=job,
        cron_schedule="30 2 * * *",
        execution_timezone="Europe/London",
        description="Build every council's reports each night, also where no file has come.",
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    def nightly(context: dg.ScheduleEvaluationContext):
        try:
            return [dg.RunRequest(partition_key=slug) for slug in keep_partitions(settings, context.instance)]
        except AuthorityError as problem:
            return _unusable(problem)

    return nightly


def publishing_sensor(settings: Settings, job: dg.UnresolvedAssetJobDefinition) -> dg.SensorDefinition:
    """Return the sensor that publishes when councils wait and no run of a council is under way."""

    @dg.sensor(
        name="councils_wait",
        job=job,
        minimum_interval_seconds=PUBLISHING_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Publishes when results of councils wait, and no other council is being made.",
    )
    def councils_wait(context: dg.SensorEvaluationContext):
        waits = ready(settings)
        if not waits:
            return dg.SkipReason("No results wait.")
        under_way = context.instance.get_runs(filters=dg.RunsFilter(statuses=list(UNDER_WAY)))
        names = sorted({run.tags.get(PARTITION) or run.job_name for run in under_way})
        if names:
            return dg.SkipReason(f"Under way: {', '.join(names)}.")
        told = json.dumps([[slug, note.run_id, note.verdict] for slug, note in sorted(waits.items())])
        return dg.RunRequest(run_key=hashlib.sha256(told.encode()).hexdigest())

    return councils_wait


def drop_folder_sensor(settings: Settings, job: dg.UnresolvedAssetJobDefinition) -> dg.SensorDefinition:
    """Return the sensor that starts the job for a council of which a file is new or changed and has settled."""

    @dg.sensor(
        name="drop_folders",
        job=job,
        minimum_interval_seconds=SENSOR_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Starts a council's run when a new or changed file lies in its extracts folder, and lay there just so "
        "at the look before.",
    )
    def drop_folders(context: dg.SensorEvaluationContext):
        try:
            keep_partitions(settings, context.instance)
            looks, away = look_into_drop_folders(settings)
        except AuthorityError as problem:
            return _unusable(problem)
        before = read_cursor(context.cursor)
        found = compare_looks(before, looks)
        context.update_cursor(found.cursor)
        told = "".join(f" {problem}" for problem in away)
        if before is None:
            return dg.SkipReason(f"First look: later changes start a run.{told}")
        if found.news:
            return [_run_of(slug, found) for slug in sorted({_council_of(place) for place in found.news})]
        if found.unsettled:
            names = ", ".join(found.unsettled[:MOST_NAMED])
            more = len(found.unsettled) - MOST_NAMED
            return dg.SkipReason(
                f"New or changed since the last look, so perhaps still being copied: {names}"
                f"{f' and {more} more' if more > 0 else ''}.{told}"
            )
        return dg.SkipReason(f"No file has come.{told}")

    return drop_folders


def _unusable(problem: AuthorityError) -> dg.SkipReason:
    return dg.SkipReason(
        f"An authority's folder is not usable: {'; '.join(map(show_text, problem.problems))}"
    )


def _council_of(place: str) -> str:
    return place.partition("/")[0]


def _run_of(slug: str, found: Compared) -> dg.RunRequest:
    """Return the run of a council that has news, which leaves out what is still being copied."""
    unsettled = [place for place in found.unsettled if _council_of(place) == slug]
    return dg.RunRequest(
        run_key=f"{slug} {found.run_keys[slug]}",
        partition_key=slug,
        run_config={"ops": {"take_in_extracts": {"config": {"unsettled": unsettled}}}},
    )


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
        run_keys: by council; each differs from that of every run for other files.
    """

    cursor: str
    news: list[str]
    unsettled: list[str]
    run_keys: dict[str, str]


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
    keys = {slug: hashlib.sha256("".join(marks).encode()).hexdigest() for slug, marks in taken.items()}
    return Compared(Cursor(seen, taken).text(), news, unsettled, keys)


def look_into_drop_folders(settings: Settings) -> tuple[dict[str, Look], list[str]]:
    """Look at what intake would read, without opening a file.

    Returns:
        The look at each drop folder by slug, and a sentence for each authority's folder that is not usable and each drop
        folder that cannot be looked into: it holds up no other.

    Raises:
        AuthorityError: the places that hold the folders cannot be read.
    """
    from redress.intake.batches import drop_folder_batches

    looks: dict[str, Look] = {}
    loaded, faulty = load_each(settings)
    away = [
        f"The folder of {slug} is not usable: {'; '.join(map(show_text, problem.problems))}."
        for slug, problem in faulty.items()
    ]
    for authority in loaded:
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
