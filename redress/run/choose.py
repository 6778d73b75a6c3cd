"""Which reports a run is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from redress.authority.model import Authority, Report
from redress.authority.profile import year_bounds
from redress.base.errors import ConfigurationProblem
from redress.base.request import Request


def without_cases(
    declared: Sequence[Authority], countable: Sequence[Authority], request: Request
) -> list[tuple[str, str]]:
    """Return the signed-off reports that the request means and that cannot be counted, because their cases were removed."""
    counted = {(authority.slug, year) for authority in countable for year in authority.reports}
    return [
        (authority.slug, year)
        for authority in declared
        for year, report in sorted(authority.reports.items())
        if request.year in (None, year)
        and report.signed_with is not None
        and (authority.slug, year) not in counted
    ]


def choose_reports(authorities: Sequence[Authority], request: Request) -> list[Authority]:
    """Return the authorities with only the reports to build, each as at the moment asked for.

    A year that no profile declares is built where the request names the authority and the as-at too.

    Args:
        authorities: loaded authority folders.
        request: restricts the year, and may move the as-at.

    Raises:
        ConfigurationProblem: nothing is left to build.
    """
    chosen = []
    for authority in authorities:
        reports = _reports_to_build(authority, request)
        if reports:
            published, contradictions = (
                {year: rows for year, rows in tables.items() if request.year in (None, year)}
                for tables in (authority.published, authority.contradictions)
            )
            chosen.append(
                replace(authority, reports=reports, published=published, contradictions=contradictions)
            )
    if not chosen:
        raise ConfigurationProblem(
            f"No profile declares a report for {request.year or 'any year'}.",
            "whoever keeps the authorities' profile.yml",
            [
                f"{authority.slug}: {', '.join(sorted(authority.reports)) or 'no reports'}"
                for authority in authorities
            ],
        )
    return chosen


def _reports_to_build(authority: Authority, request: Request) -> dict[str, Report]:
    """Return the reports of an authority that the request means, each as at the moment asked for."""
    reports = {year: report for year, report in authority.reports.items() if request.year in (None, year)}
    if request.year and request.authority and request.as_at and not reports:
        try:
            start, end = year_bounds(request.year)
        except ValueError as problem:
            raise ConfigurationProblem(f"{problem}.", "whoever typed the command") from problem
        reports[request.year] = Report(
            request.year, start, end, request.as_at, f"Annual report {request.year}"
        )
    if request.as_at:
        _refuse_to_move(authority, reports, request)
        reports = {year: replace(report, as_at=request.as_at) for year, report in reports.items()}
    return reports


def _refuse_to_move(authority: Authority, reports: Mapping[str, Report], request: Request) -> None:
    """Raise ConfigurationProblem where a build would put other numbers in place of signed-off ones."""
    signed = [year for year, report in reports.items() if report.signed_with is not None]
    if signed:
        raise ConfigurationProblem(
            f"{authority.slug} {', '.join(signed)} is signed off, so it is not built as at {request.as_at}.",
            "whoever typed the command: publish a revision with `redress revise`, or look at another moment in "
            "another place (REDRESS_BUILD), or name another --year",
        )
