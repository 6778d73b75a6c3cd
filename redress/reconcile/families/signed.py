"""The family `signed_off`: one check per signed-off report that its figures are still those that were signed."""

from __future__ import annotations

from redress.base.check import Check
from redress.base.settings import Settings
from redress.signed.differences import differences
from redress.signed.record import Record, figures_of, in_force, is_signing
from redress.warehouse.connection import open_warehouse

FAMILY = "signed_off"
NAMED = 10


def checks(settings: Settings) -> list[Check]:
    """Return one check per signed-off report of the warehouse, but for the one that this run signs.

    A figure that was signed and now has another value, or none, fails: configuration or code has
    changed what an old report says. Figures that the signed report did not have (a later version counts
    more) do not. Changes that later files bring never come here: the report does not know those files.
    """
    from redress.warehouse.figures import read_figures

    with open_warehouse(settings.database) as connection:
        reports = connection.execute(
            "select authority, reporting_year from marts.dim_report order by all"
        ).fetchall()
    result = []
    for authority, year in reports:
        if is_signing(settings, authority, year):
            continue
        signed = in_force(settings, authority, year)
        if signed is not None:
            result.append(_check(signed, read_figures(settings.database, authority, year)))
    return result


def _check(signed: Record, now: dict[str, dict[str, str]]) -> Check:
    """Return the check of one report."""
    before = figures_of(signed)
    wrong = [change for change in differences(before, now) if change["was"]]
    statement = (
        f"The figures are those that {signed.by} signed off on {signed.signed_on}, as at {signed.as_at}."
    )
    if wrong:
        listed = "; ".join(
            f"{change['figure_id']} was {change['was']}, is {change['is'] or 'not there'}"
            for change in wrong[:NAMED]
        )
        more = f"; and {len(wrong) - NAMED} more" if len(wrong) > NAMED else ""
        statement += (
            " They are not: the authority's folder or the program has changed what the signed report says. Put it "
            f"back, or publish a revision with `redress revise`. Changed: {listed}{more}."
        )
    return Check(
        check_id=f"signed-off:{signed.reporting_year}",
        family=FAMILY,
        authority=signed.authority,
        reporting_year=signed.reporting_year,
        statement=statement,
        expected=f"{len(before)} figures as signed",
        found=f"{len(before) - len(wrong)} figures as signed",
        verdict="fail" if wrong or not before else "pass",
        owner="whoever changed the authority's folder or updated Redress",
    )
