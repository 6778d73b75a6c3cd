"""What a run works on, and what a stage of it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from redress.authority.folder import load_each
from redress.authority.model import Authority, AuthorityError
from redress.base.errors import ConfigurationProblem, RedressError
from redress.base.request import Request
from redress.base.settings import RunSettings, Settings, candidate_database
from redress.declared.asked import asked
from redress.declared.closure import sets_of, sets_of_report
from redress.declared.model import FigureSet
from redress.run import clock, retention
from redress.run.choose import choose_reports
from redress.signed.record import Record, figures_of, in_force

if TYPE_CHECKING:
    from redress.declared.load import DeclaredReports
    from redress.declared.model import DeclaredReport
    from redress.run.results import Made


@dataclass
class Context:
    """What stages work on (places, what to build, the authorities, where to tell of progress) and what they have to say.

    The authorities' folders are read once, when the first stage asks for them.

    Attributes:
        warnings: what did not stop the run and somebody should look at.
        rejected: files that intake could not take, and that nothing newer has replaced.
        notes: what became of each file in the drop folders.
        spares: whether the run goes on without a council that cannot be built (see `leave_out`); else nothing is built then.
        only: the councils that the stages are about, by slug; None for all that the request means.
        made: what the run has made of councils apart, before it is put together; None where nothing is made apart.
        failed: council that was left out -> why.
        unsettled: files of drop folders that are still being copied, `<authority>/<place in its drop folder>`;
            intake leaves them for the next run.
    """

    settings: RunSettings
    request: Request = field(default_factory=Request)
    say: Callable[[str], None] = lambda text: None
    warnings: list[str] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unsettled: frozenset[str] = frozenset()
    spares: bool = False
    only: frozenset[str] | None = None
    made: Made | None = None
    failed: dict[str, RedressError] = field(default_factory=dict)

    def is_fresh(self, slug: str) -> bool:
        """Return whether the results of a council are of this run."""
        return self.made is None or slug in self.made.fresh

    def of_councils(self, councils: Iterable[str], settings: RunSettings) -> Context:
        """Return the context of stages that are about these councils, in a place of their own.

        Args:
            councils: by slug, of those that this context has loaded.
            settings: of that place.
        """
        only = frozenset(councils)
        part = replace(self, settings=settings, only=only, spares=False, failed={})
        part.__dict__["_loaded"] = [authority for authority in self._loaded if authority.slug in only]
        part.__dict__["declared_reports"] = self.declared_reports
        return part

    def leave_out(self, slug: str, problem: RedressError) -> None:
        """Go on without a council that cannot be built.

        Raises:
            RedressError: `problem`, where no other council is left, it is the one to be signed off, or this run leaves
                none out.
        """
        wish = self.request.signing
        others = [authority for authority in self._loaded if authority.slug != slug]
        if not self.spares or not others or (wish and wish.authority == slug):
            raise problem
        self.failed[slug] = problem
        self.__dict__["_loaded"] = others
        for name in ("declared", "countable", "chosen", "signed_before", "figure_sets"):
            self.__dict__.pop(name, None)

    @cached_property
    def _loaded(self) -> list[Authority]:
        """The authorities that the request means, as their folders declare them.

        Raises:
            ConfigurationProblem: with every fault of every folder; or there is no folder at all.
        """
        only = self.request.authority
        loaded, faulty = load_each(self.settings, [only] if only else None)
        if faulty and not (self.spares and loaded):
            raise AuthorityError([line for problem in faulty.values() for line in problem.problems])
        self.failed |= faulty
        if not loaded:
            raise ConfigurationProblem(
                f"There is no authority in {', '.join(str(place) for place in self.settings.authorities)}.",
                "whoever set REDRESS_AUTHORITIES",
            )
        return loaded

    @cached_property
    def declared_reports(self) -> DeclaredReports:
        """The reports as their sections declare them; those signed off as they were signed.

        Raises:
            AuthorityError: with every fault of every section.
        """
        from redress.declared.load import load_reports

        if self.spares and len(self._loaded) > 1:
            self._leave_out_faulty_reports()
        return load_reports(self._loaded, self.settings.root, self.settings.state, self._signed_declarations)

    @property
    def _signed_declarations(self) -> dict[tuple[str, str], DeclaredReport]:
        """The reports that were signed off before, as their sections were declared then."""
        from redress.signed.record import declared_in

        return {
            (record.authority, record.reporting_year): declaration
            for record in self.signed_before
            if (declaration := declared_in(record))
        }

    def _leave_out_faulty_reports(self) -> None:
        """Leave out each council of which a report is not declared right."""
        from redress.declared.load import load_reports

        settings, signed = self.settings, self._signed_declarations
        try:
            load_reports(self._loaded, settings.root, settings.state, signed)
        except AuthorityError as every:
            for authority in list(self._loaded):
                try:
                    load_reports([authority], settings.root, settings.state, signed)
                except AuthorityError as problem:
                    if {authority.slug} == {known.slug for known in self._loaded}:
                        raise every from problem
                    self.leave_out(authority.slug, problem)

    @cached_property
    def declared(self) -> list[Authority]:
        """The authorities with every report that their profiles declare, signed-off ones as they were signed."""
        return [self._as_signed(authority) for authority in self._loaded]

    @cached_property
    def countable(self) -> list[Authority]:
        """The authorities without the reports whose cases were removed by rule.

        Those signed off are published from their records. Asked for only after the rule was applied.
        """
        living = retention.living(self._loaded, clock.day_of_rules(self.settings))
        return retention.countable(self.settings, [self._as_signed(authority) for authority in living])

    @cached_property
    def chosen(self) -> list[Authority]:
        """The authorities with only the reports to build, each as at the moment asked for."""
        return choose_reports(self.countable, self.request)

    @property
    def chosen_declarations(self) -> list[DeclaredReport]:
        """The declared reports of those to build."""
        return [
            self.declared_reports.reports[authority.slug, year]
            for authority in self.chosen
            for year in authority.reports
        ]

    @cached_property
    def signed_before(self) -> list[Record]:
        """The records in force of declared reports that were signed off before this run, and that it does not sign."""
        wish = self.request.signing
        return [
            record
            for authority in self._loaded
            for year in sorted(authority.reports)
            if (wish is None or wish.report != (authority.slug, year))
            and (record := in_force(self.settings, authority.slug, year))
        ]

    @cached_property
    def figure_sets(self) -> dict[tuple[str, str], frozenset[FigureSet]]:
        """The tables of figures of each report to build, by authority and year.

        A report that was signed off before has those that it was signed with.
        """
        signed = {(record.authority, record.reporting_year): record for record in self.signed_before}
        sets = {}
        for authority in self.chosen:
            for year in authority.reports:
                report = authority.slug, year
                sets[report] = (
                    sets_of(figures_of(signed[report]).values())
                    if report in signed
                    else sets_of_report(
                        authority, year, asked(self.declared_reports.reports[report]), self.settings.reference
                    )
                )
        return sets

    def _as_signed(self, authority: Authority) -> Authority:
        """Return the authority with each signed-off report as at, and from the files of, its newest record.

        A report that this run revises is as at the day asked for, and knows every file received by then.
        """
        wish = self.request.signing
        reports = {}
        for year, report in authority.reports.items():
            if wish and wish.as_at and wish.report == (authority.slug, year):
                report = replace(report, as_at=wish.as_at)
            elif signed := in_force(self.settings, authority.slug, year):
                report = replace(
                    report, as_at=date.fromisoformat(signed.as_at), signed_with=signed.signed_with
                )
            reports[year] = report
        return replace(authority, reports=reports)


@dataclass(frozen=True)
class Stage:
    """One stage of a run.

    Attributes:
        name: in records of runs.
        title: for people.
        function: does it, and returns how much of what it made.
        reads: the datasets that it reads, by the names under which other stages leave them.
        leaves: the dataset that it makes; blank for none.
        rows: which of the counts is the number of rows of that dataset; blank where none is.
    """

    name: str
    title: str
    function: Callable[[Context], dict[str, int]]
    reads: tuple[str, ...] = ()
    leaves: str = ""
    rows: str = ""


def run_settings(settings: Settings, *, fresh: bool = False) -> RunSettings:
    """Return the settings for stages of a run.

    Args:
        settings: the installation's.
        fresh: a run begins, and makes a new database. Otherwise the candidate is used where one waits,
            else the database in force.
    """
    known = {item.name: getattr(settings, item.name) for item in fields(Settings)}
    candidate = candidate_database(settings)
    return RunSettings(**known, database_file=candidate if fresh or candidate.exists() else None)
