"""Councils that are made one by one, each in a run of its own, and the run that publishes what waits of them.

A scheduler starts a run for each council, several at once, and afterwards one that publishes. In between a council's workshop
lies in `state/waiting/<council>`, beside the other case data, with a note that says what it is made of and how far it has come.
Whatever stage is done next finds there all that it needs, so that each may be done by a process of its own.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from redress.authority.folder import authority_folders
from redress.base.errors import ConfigurationProblem, RedressError
from redress.base.files import replace_file
from redress.base.request import Request
from redress.base.settings import Settings
from redress.base.tables import read_json
from redress.run import councils
from redress.run.context import Context, Stage, run_settings
from redress.run.merge import Judgements
from redress.run.release import begin, exclusive
from redress.run.results import Key, Made, waiting_place
from redress.run.stages import PUBLISHING_STAGES, stage_named
from redress.run.workshop import forget, open_workshop, settings_of

NOTE = "waiting.json"
BEGUN, GREEN, TAKEN_OVER, TRIED = "begun", "green", "taken over", "tried"
READY = (GREEN, TAKEN_OVER)
HELD_SECONDS = 3600
"""How long a run of a council waits for another run that holds the installation: as long as a build of all councils takes."""


@dataclass(frozen=True)
class Note:
    """What is known of the workshop of a council.

    Attributes:
        key: what the council's results depend on.
        run_id: of the run that opened it.
        day: on which that was.
        year, as_at: what was asked for, as in a request.
        verdict: `begun`; `green`; `taken over` where nothing has changed and there is nothing to make; `tried` where it was
            built in part, which is not published.
    """

    key: Key
    run_id: str
    day: str
    year: str | None = None
    as_at: str | None = None
    verdict: str = BEGUN

    @property
    def is_taken_over(self) -> bool:
        """Whether what stands of the council is taken over."""
        return self.verdict == TAKEN_OVER


def take_in(context: Context, slug: str, run_id: str, run: Callable[[Stage, Context], None]) -> Note:
    """Take in what lies in a council's drop folder, and open its workshop if something has changed.

    Args:
        context: of the council, as `context_of` returns it; this process holds the installation.
        slug: the council.
        run_id: of the run.
        run: runs a stage.
    """
    settings, request = context.settings, context.request
    for name in ("authorities", "intake"):
        run(stage_named(name), context)
    todo = councils.plan(context)
    context.notes += todo.lines()
    place = waiting_place(settings, slug)
    note = Note(
        todo.keys[slug],
        run_id,
        str(settings.day),
        request.year,
        request.as_at and str(request.as_at),
        BEGUN if todo.anew else TAKEN_OVER,
    )
    if request.from_nothing:
        forget(settings, slug)
    if todo.anew:
        open_workshop(context, [slug], place)
    else:
        shutil.rmtree(place, ignore_errors=True)
    _write(settings, slug, note)
    return note


def context_of(settings: Settings, slug: str, request: Request, **told: Any) -> Context:
    """Return the context of stages that are about one council, in the installation itself."""
    own = replace(request, authority=slug)
    return Context(run_settings(settings, fresh=True), own, only=frozenset([slug]), **told)


@contextmanager
def workshop_of(settings: Settings, slug: str, **told: Any) -> Iterator[Context | None]:
    """Give the context of stages in a council's workshop, held alone; None where what stands is taken over.

    Raises:
        ConfigurationProblem: it has no workshop, or another run is in it.
    """
    note = read(settings, slug)
    if note is None:
        raise ConfigurationProblem(
            f"Nothing is begun for {slug}.", "whoever started this: begin with taking in its extracts"
        )
    if note.is_taken_over:
        yield None
        return
    request = Request(slug, note.year, note.as_at and date.fromisoformat(note.as_at))
    context = context_of(settings, slug, request, **told)
    shop = replace(
        settings_of(context.settings, waiting_place(settings, slug)), today=date.fromisoformat(note.day)
    )
    with exclusive(shop):
        yield context.of_councils([slug], shop)


def keep_judgements(settings: Settings, slug: str, *, is_green: bool = False) -> None:
    """Put what was judged in a council's workshop beside what was judged of the others.

    Until all its gates are green, the council counts as one that failed.
    """
    own = run_settings(settings)
    with exclusive(settings, HELD_SECONDS):
        shop = settings_of(own, waiting_place(settings, slug))
        Judgements(own).add(shop, [slug], [] if is_green else [slug])


def mark_green(settings: Settings, slug: str) -> None:
    """Say that the gates of a council are green; a workshop that was built in part is not published."""
    note = read(settings, slug)
    if note and note.verdict == BEGUN:
        keep_judgements(settings, slug, is_green=True)
        _mark(settings, slug, BEGUN, GREEN)


def mark_tried(settings: Settings, slug: str) -> None:
    """Say that the workshop of a council is built in part."""
    _mark(settings, slug, GREEN, TRIED)
    _mark(settings, slug, BEGUN, TRIED)


def _mark(settings: Settings, slug: str, before: str, now: str) -> None:
    note = read(settings, slug)
    if note and note.verdict == before:
        _write(settings, slug, replace(note, verdict=now))


def read(settings: Settings, slug: str) -> Note | None:
    """Return what is known of the workshop of a council; None where it has none."""
    path = waiting_place(settings, slug) / NOTE
    return Note(**read_json(path)) if path.exists() else None


def ready(settings: Settings) -> dict[str, Note]:
    """Return the councils that wait to be published, or of which a run has found that what stands is to stay."""
    places = sorted(waiting_place(settings).glob(f"*/{NOTE}"))
    notes = {path.parent.name: read(settings, path.parent.name) for path in places}
    return {slug: note for slug, note in notes.items() if note and note.verdict in READY}


def publish(context: Context, run_id: str, run: Callable[[Stage, Context], None]) -> Made:
    """Put together the councils that wait and what stands of the others, publish and release.

    A council of which nothing fit waits keeps what stands.

    Args:
        context: of all councils, which goes on without some; its settings are the installation's, held by this process.
        run_id: of the run.
        run: runs a stage.

    Returns:
        Made: what it was put together from; nothing of it is fresh where all stands as it stood.

    Raises:
        RedressError: nothing can be published.
    """
    settings = context.settings
    begin(settings)
    waiting = ready(settings)
    run(stage_named("authorities"), context)
    todo = councils.plan(context)
    green = []
    for slug, key in todo.keys.items():
        note = waiting.get(slug)
        if note and note.verdict == GREEN and note.key == key:
            todo.anew[slug] = "its results wait"
            green.append(context.of_councils([slug], settings_of(settings, waiting_place(settings, slug))))
        elif slug in todo.anew:
            context.leave_out(slug, _nothing_waits(slug, todo.anew[slug]))
    made = councils.gather(context, todo, green, run_id)
    if not councils.is_as_it_stands(context, todo, made):
        context.made = made
        for name in PUBLISHING_STAGES:
            run(stage_named(name), context)
    _clear(settings, waiting)
    return made


def _nothing_waits(slug: str, reason: str) -> RedressError:
    return ConfigurationProblem(
        f"Nothing waits of {slug} that could be published ({reason}).",
        "whoever looks after the runs: its own run failed, or has not been made since; `redress runs` says why",
    )


def _clear(settings: Settings, published: Mapping[str, Note]) -> None:
    """Remove the workshops that were published or are out of date, and those of councils that are gone."""
    councils_now = authority_folders(settings)
    for place in waiting_place(settings).glob("*"):
        if place.name in published or place.name not in councils_now:
            shutil.rmtree(place, ignore_errors=True)


def _write(settings: Settings, slug: str, note: Note) -> None:
    path = waiting_place(settings, slug) / NOTE
    path.parent.mkdir(parents=True, exist_ok=True)
    with replace_file(path) as temporary:
        temporary.write_text(json.dumps(asdict(note)) + "\n", encoding="utf-8")
