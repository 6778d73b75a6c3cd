"""Which councils and reports a run is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from redress.base.errors import ConfigurationProblem
from redress.base.request import Request, Signing
from redress.run import retention
from redress.run.context import Context
from redress.signed.record import in_force as signed_off


def load_authorities(context: Context, *, whole: bool = False) -> list[Any]:
    """The authorities that the request means, checked, their signed-off reports as they were signed.

    Reports whose cases were removed by rule are left out; signed-off ones are then published from their records.

    Args:
        context: says which authorities.
        whole: with the reports whose cases were removed, too.

    Raises:
        ConfigurationProblem: with every fault of every folder; or there is no folder at all.
    """
    from redress.authority import folder

    only = [context.request.authority] if context.request.authority else None
    loaded = folder.load_authorities(context.settings, only)
    if not loaded:
        raise ConfigurationProblem(
            f"There is no authority in {', '.join(str(place) for place in context.settings.authorities)}.",
            "whoever set REDRESS_AUTHORITIES",
        )
    living = loaded if whole else retention.living(loaded, context.settings.day)
    signed = [_as_signed(one, context) for one in living]
    return signed if whole else retention.countable(context.settings, signed)


def refuse_to_revise_without_cases(context: Context, wish: Signing) -> None:
    """Raise ConfigurationProblem where a signed report cannot be counted any more: without its files it says too little."""
    signed = signed_off(context.settings, *wish.report)
    if signed and retention.lost(context.settings, wish.authority, signed.signed_with):
        raise ConfigurationProblem(
            f"{wish.authority} {wish.reporting_year} cannot be revised: files that it was counted from were removed by "
            "the retention rule. It stays published as it was signed.",
            f"whoever keeps {wish.authority}/profile.yml: `retention` is too short for reports that may be revised",
        )


def without_cases(context: Context) -> list[tuple[str, str]]:
    """The signed-off reports that the request means and that cannot be counted any more: their cases were removed."""
    counted = {(one.slug, year) for one in load_authorities(context) for year in one.reports}
    return [
        (one.slug, year)
        for one in load_authorities(context, whole=True)
        for year, report in sorted(one.reports.items())
        if context.request.year in (None, year)
        and report.signed_with is not None
        and (one.slug, year) not in counted
    ]


def _as_signed(one: Any, context: Context) -> Any:
    """The authority with each signed-off report as at, and from the files of, its newest record.

    A report that this run revises is as at the day asked for, and knows every file received by then.
    """
    wish = context.request.signing
    reports = {}
    for year, report in one.reports.items():
        signed = signed_off(context.settings, one.slug, year)
        if wish and wish.as_at and (wish.authority, wish.reporting_year) == (one.slug, year):
            report = replace(report, as_at=wish.as_at)
        elif signed:
            report = replace(report, as_at=date.fromisoformat(signed.as_at), signed_with=signed.signed_with)
        reports[year] = report
    return replace(one, reports=reports)


def choose_reports(authorities: Sequence[Any], request: Request) -> list[Any]:
    """The authorities with only the reports to build, each as at the moment asked for.

    A year that no profile declares is built where the request names the authority and the as-at too.

    Args:
        authorities: loaded authority folders.
        request: restricts the year, and may move the as-at.

    Raises:
        ConfigurationProblem: nothing is left to build.
    """
    from redress.authority.model import Report
    from redress.authority.profile import year_bounds

    chosen = []
    for one in authorities:
        reports = {year: report for year, report in one.reports.items() if request.year in (None, year)}
        if request.year and request.authority and request.as_at and not reports:
            try:
                start, end = year_bounds(request.year)
            except ValueError as problem:
                raise ConfigurationProblem(f"{problem}.", "whoever typed the command") from problem
            reports[request.year] = Report(
                request.year, start, end, request.as_at, f"Annual report {request.year}"
            )
        if request.as_at:
            _refuse_to_move(one, reports, request)
            reports = {year: replace(report, as_at=request.as_at) for year, report in reports.items()}
        if reports:
            published, contradictions = (
                {year: rows for year, rows in tables.items() if request.year in (None, year)}
                for tables in (one.published, one.contradictions)
            )
            chosen.append(replace(one, reports=reports, published=published, contradictions=contradictions))
    if not chosen:
        raise ConfigurationProblem(
            f"No profile declares a report for {request.year or 'any year'}.",
            "whoever keeps the authorities' profile.yml",
            [f"{one.slug}: {', '.join(sorted(one.reports)) or 'no reports'}" for one in authorities],
        )
    return chosen


def _refuse_to_move(one: Any, reports: Mapping[str, Any], request: Request) -> None:
    """Raise ConfigurationProblem where a build would put other numbers in place of signed-off ones."""
    signed = [year for year, report in reports.items() if report.signed_with is not None]
    if signed:
        raise ConfigurationProblem(
            f"{one.slug} {', '.join(signed)} is signed off, so it is not built as at {request.as_at}.",
            "whoever typed the command: publish a revision with `redress revise`, or look at another moment in "
            "another place (REDRESS_BUILD), or name another --year",
        )
