"""The family `signed_off`: one check per signed-off report that its figures are still those that were signed."""

from __future__ import annotations

from redress.base.settings import Settings
from redress.signed.differences import differences
from redress.signed.record import Record, figures_of, in_force, is_signing
from redress.warehouse.connection import open_warehouse

FAMILY = "signed_off"
NAMED = 10


def records(settings: Settings) -> list[dict]:
    """One record per signed-off report of the warehouse, but for the one that this run signs.

    A figure that was signed and now comes out otherwise, or not at all, fails: configuration or code has
    changed what an old report says. Figures that the signed report did not have (a later version counts
    more) do not. Changes that later files bring never come here: the report does not know those files.
    """

    from redress.warehouse.figures import read_figures

    with open_warehouse(settings.database) as connection:
        reports = connection.execute(
            "select authority, reporting_year from marts.dim_report order by all"
        ).fetchall()
    found = []
    for authority, year in reports:
        if is_signing(settings, authority, year):
            continue
        signed = in_force(settings, authority, year)
        if signed is not None:
            found.append(_record(signed, read_figures(settings.database, authority, year)))
    return found


def _record(signed: Record, now: dict[str, dict[str, str]]) -> dict:
    """The record of one report."""
    before = figures_of(signed)
    wrong = [one for one in differences(before, now) if one["was"]]
    statement = (
        f"The figures are those that {signed.by} signed off on {signed.signed_on}, as at {signed.as_at}."
    )
    if wrong:
        listed = "; ".join(
            f"{one['figure_id']} was {one['was']}, is {one['is'] or 'not there'}" for one in wrong[:NAMED]
        )
        more = f"; and {len(wrong) - NAMED} more" if len(wrong) > NAMED else ""
        statement += (
            " They are not: the authority's folder or the program has changed what the signed report says. Put it "
            f"back, or publish a revision with `redress revise`. Changed: {listed}{more}."
        )
    return {
        "check_id": f"signed-off:{signed.reporting_year}",
        "family": FAMILY,
        "authority": signed.authority,
        "reporting_year": signed.reporting_year,
        "statement": statement,
        "expected": f"{len(before)} figures as signed",
        "found": f"{len(before) - len(wrong)} figures as signed",
        "verdict": "fail" if wrong or not before else "pass",
        "severity": "block",
        "owner": "whoever changed the authority's folder or updated Redress",
        "evidence": "",
    }


def error_record(message: str) -> dict:
    """The signed-off reports could not be compared with their records: blocks."""
    return {
        "check_id": f"error:{FAMILY}:compared",
        "family": FAMILY,
        "authority": "",
        "reporting_year": "",
        "statement": f"Signed-off reports could not be compared: {' '.join(message.split())[:300]}",
        "expected": "compared",
        "found": "error",
        "verdict": "error",
        "severity": "block",
        "owner": "whoever maintains Redress",
        "evidence": "",
    }
