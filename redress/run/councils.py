"""A run council by council: which are made anew, which are taken over as they stand, and what becomes of one that fails.

All that are to be made anew are made together in one workshop, since most of what a stage costs is the same for one council and
for many. Where a stage refuses, the councils at fault are left out and the others made again without them; where it cannot be
known whose fault it is, each is made by itself. A council that was left out keeps the results that stand.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from redress.base.blame import HeldFile, SystemRefused
from redress.base.errors import RedressError
from redress.base.settings import RunSettings, candidate_database
from redress.base.tables import read_csv
from redress.base.versions import program_hash
from redress.run import standing
from redress.run.choose import without_cases
from redress.run.context import Context, Stage
from redress.run.council_keys import WEBSITE, key_of, why
from redress.run.merge import Judgements
from redress.run.results import Key, Made, Source, Standing
from redress.run.standing import InForce
from redress.run.workshop import open_workshop, retold

SKIPPED = "nothing has changed since the results that stand were made"
RunStage = Callable[[Stage, Context], None]


@dataclass
class Plan:
    """What a run has to do.

    Attributes:
        keys: what the results of each council depend on.
        anew: council -> why it is made anew, in the order of councils.
        before: what stands.
        site_key: of what pages are rendered with.
    """

    keys: dict[str, Key]
    anew: dict[str, str]
    before: InForce
    site_key: str

    @property
    def kept(self) -> list[str]:
        """The councils that are taken over as they stand."""
        return [slug for slug in self.keys if slug not in self.anew]

    def lines(self) -> list[str]:
        """Return for each council what is done with it."""
        width = max(map(len, self.keys), default=0)
        return [
            f"{slug:<{width}}  {self.anew[slug]}"
            if slug in self.anew
            else f"{slug:<{width}}  nothing has changed since {self.before.councils[slug].made_on}: taken over"
            for slug in self.keys
        ]


def plan(context: Context) -> Plan:
    """Return which councils are made anew, and why.

    Args:
        context: of the run, after intake.
    """
    settings, wish = context.settings, context.request.signing
    before = standing.NOTHING if context.request.from_nothing else standing.read(settings)
    failed = standing.failed_last(settings)
    by_slug = {authority.slug: authority for authority in context.chosen}
    gone = {slug for slug, _ in without_cases(context.declared, context.countable, context.request)}
    keys, anew = {}, {}
    for authority in context.declared:
        if authority.slug not in by_slug and authority.slug not in gone:
            continue
        keys[authority.slug] = key_of(context, by_slug.get(authority.slug, authority))
        known = before.councils.get(authority.slug)
        if context.request.from_nothing:
            reason = "asked to take nothing over"
        elif wish and wish.authority == authority.slug:
            reason = "its report is signed"
        elif known and authority.slug in failed:
            reason = "it failed in its last run"
        elif known and not before.is_whole:
            reason = "the results that stand are not as they were left"
        else:
            reason = why(known.key if known else None, keys[authority.slug])
        if reason:
            anew[authority.slug] = reason
    return Plan(keys, anew, before, program_hash(settings.root, WEBSITE))


def make(context: Context, todo: Plan, stages: Sequence[Stage], run_stage: RunStage) -> list[Context]:
    """Make the councils anew that the plan says; return the contexts of the workshops that are green.

    Args:
        context: of the run; what failed is added to it.
        todo: the plan.
        stages: those that are done for a council.
        run_stage: runs one.

    Raises:
        RedressError: every council failed, the machine refused, or the council to be signed off failed.
    """
    judgements = Judgements(context.settings)
    waiting, green, number = [list(todo.anew)] if todo.anew else [], [], 0
    while waiting:
        batch = waiting.pop(0)
        number += 1
        place = context.settings.next / "workshops" / str(number)
        workshop = open_workshop(context, batch, place)
        problem = _try(workshop, context, stages, run_stage)
        if problem is None:
            judgements.add(workshop.settings, batch, ())
            green.append(workshop)
            continue
        at_fault = sorted(problem.councils & set(batch)) or (batch if len(batch) == 1 else [])
        judgements.add(workshop.settings, batch, at_fault or batch)
        try:
            if not todo.kept and at_fault == batch == list(todo.anew):
                raise problem
            for slug in at_fault:
                context.leave_out(slug, problem)
        except RedressError:
            _leave_refused(context.settings, workshop.settings)
            raise
        rest = [slug for slug in batch if slug not in at_fault]
        if rest:
            waiting += [rest] if at_fault else [[slug] for slug in rest]
    return green


def _leave_refused(settings: RunSettings, workshop: RunSettings) -> None:
    """Leave the warehouse of a run that publishes nothing where `redress check` looks for it."""
    if workshop.database.exists():
        candidate_database(settings).parent.mkdir(parents=True, exist_ok=True)
        os.replace(workshop.database, candidate_database(settings))


def _try(
    workshop: Context, context: Context, stages: Sequence[Stage], run_stage: RunStage
) -> RedressError | None:
    """Run the stages in a workshop; return why they stopped.

    Raises:
        RedressError: the machine refused, which is no council's fault.
    """
    try:
        for stage in stages:
            run_stage(stage, workshop)
    except RedressError as problem:
        known = retold_problem(problem, workshop.settings, context.settings)
        if isinstance(problem, HeldFile | SystemRefused):
            raise known from problem
        return known
    finally:
        for told in (context.warnings, context.notes):
            told[:] = [retold(text, workshop.settings, context.settings) for text in told]
    return None


def retold_problem(problem: RedressError, workshop: RunSettings, settings: RunSettings) -> RedressError:
    """Return the problem with the places that people know."""
    problem.what = retold(problem.what, workshop, settings)
    problem.who = retold(problem.who, workshop, settings)
    problem.details = [retold(detail, workshop, settings) for detail in problem.details]
    problem.args = (problem.what,)
    return problem


def gather(context: Context, todo: Plan, green: Sequence[Context], run_id: str) -> Made:
    """Return where the results of each council lie, and what will stand of it.

    Raises:
        RedressError: why a council failed, where what stands of it cannot be taken over: others that were published
            without it would take its report down.
    """
    made = Made()
    is_site = context.request.site
    for workshop in green:
        assert workshop.only is not None
        made.sources.append(Source.of_workshop(workshop.settings, workshop.only))
        made.fresh |= workshop.only
    kept = {slug for slug in todo.kept if slug not in context.failed}
    held_up = {
        slug: known
        for slug, known in todo.before.councils.items()
        if slug in context.failed and todo.before.is_whole
    }
    for slug in sorted(set(context.failed) - set(held_up)):
        if _is_published(context.settings, slug):
            raise context.failed[slug]
    if kept or held_up:
        made.sources.append(Source.standing(context.settings, kept | set(held_up)))
    today = str(context.settings.day)
    for slug in sorted(made.fresh):
        made.councils[slug] = Standing(todo.keys[slug], today, run_id)
    for slug in sorted(kept):
        made.councils[slug] = replace(todo.before.councils[slug], held_up_since="")
    for slug, known in held_up.items():
        made.councils[slug] = replace(known, held_up_since=known.held_up_since or today)
    made.site_key = todo.site_key if is_site else "" if made.fresh else todo.before.site_key
    return made


def _is_published(settings: RunSettings, slug: str) -> bool:
    """Return whether figures of a council are in force."""
    return any(row["authority"] == slug for row in read_csv(settings.build / "figures.csv"))


def is_as_it_stands(context: Context, todo: Plan, made: Made) -> bool:
    """Return whether a run would put into force what is in force already."""
    before = todo.before
    is_site = not context.request.site or (before.has_site and before.site_key == todo.site_key)
    return not made.fresh and made.councils == before.councils and is_site and context.request.signing is None
