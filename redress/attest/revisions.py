"""What signed-off reports would say if they knew what has been received since, and which records changed.

A signed-off report does not take in later files. Each run computes it once more as at the newest file,
beside the warehouse that is released, and lists every difference in `build/revisions.csv` (internal):
figure, was, is, and what changed in the tables that the figure is counted from. The records behind each change are in
`state/revisions/<authority>-<year>.csv`. Figures that protection would show otherwise than when the report was signed
are listed with them. `redress revise` publishes them; until then no page changes.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from redress.attest.signing import (
    CONFIGURATION_FOLDER,
    Record,
    configuration_hashes,
    figures_of,
    in_force,
    is_signing,
)
from redress.base.settings import RunSettings
from redress.base.tables import in_force as in_force_at
from redress.base.tables import read_csv, read_ledger, write_csv
from redress.protect.as_signed import DIFFERENCES

COLUMNS = (*DIFFERENCES, "cause")
RECORD_COLUMNS = ("table", "record", "what", "column", "was", "is", "file_was", "file_is")
PROTECTED_OTHERWISE = (
    "No number behind it changed. Protection decides otherwise than when the report was signed off: its settings, what is "
    "printed elsewhere, or the program has changed. What was published stays."
)
WORDS = {
    "activity": "numbers that the council gave",
    "complaint": "complaints",
    "complaint_child": "children whom complaints are about",
    "complaint_service": "services that complaints are about",
    "complaint_theme": "themes of complaints",
    "compliment": "compliments",
    "compliment_category": "categories of compliments",
    "contact": "matters settled without a complaint",
    "issue": "issues",
    "issue_outcome": "answers to issues",
    "learning": "learning",
    "mediation": "offers of mediation",
    "ombudsman": "cases of the Ombudsman",
    "ombudsman_service": "services of the Ombudsman’s cases",
    "prior_figure": "figures of earlier years",
    "remedy": "remedies",
    "satisfaction": "answers about how complaints were handled",
    "stage": "stages of complaints",
}
"""Tables of the contract, as readers call what is in them."""

BECAME = {"added": "Added", "changed": "Corrected", "no longer there": "Taken out"}
"""What became of records, as readers are told."""

COMPARED = ("value", "numerator", "denominator", "unit", "status")


def differences(
    before: Mapping[str, Mapping[str, str]], now: Mapping[str, Mapping[str, str]]
) -> list[dict[str, str]]:
    """Figures that differ between two states of a report.

    Args:
        before, now: figure id -> row of figures.csv.

    Returns:
        list: figure_id, measure, breakdown, period, was, is; `was` or `is` is empty where there was or is no
        such figure. A changed numerator or denominator is a difference also where the value stays the same,
        and is then written with it.
    """
    found = []
    for figure_id in sorted(before.keys() | now.keys()):
        old, new = before.get(figure_id), now.get(figure_id)
        if old and new and all(old[name] == new[name] for name in COMPARED):
            continue
        known = new or old
        assert known is not None
        texts = [_shown(old), _shown(new)]
        if old and new and old["value"] == new["value"]:
            texts = [_shown(old, with_counts=True), _shown(new, with_counts=True)]
        found.append(
            {name: known[name] for name in ("figure_id", "measure", "breakdown", "period")}
            | {"was": texts[0], "is": texts[1]}
        )
    return found


def _shown(row: Mapping[str, str] | None, with_counts: bool = False) -> str:
    """A figure for a list of differences: empty where there is none, `blank` where it has no value."""
    if row is None:
        return ""
    value = row["value"] or "blank"
    if not with_counts:
        return value
    return (
        f"{value} ({row['numerator'] or '-'} of {row['denominator'] or '-'}, {row['unit']}, {row['status']})"
    )


def protected_otherwise(settings: RunSettings) -> Path:
    """Where the stage that protects leaves the figures of signed reports that it would show otherwise."""
    return settings.next / "protected_otherwise.csv"


def other_protection(settings: RunSettings, authorities: Sequence[Any]) -> list[str]:
    """Signed-off reports whose council has changed `protection` in its profile since, one sentence each.

    What such a report shows stays as it was signed; its next revision is decided by the settings as they are then.
    """
    from redress.protect.councils import profile_section, protection_in

    told = []
    for one in authorities:
        for year in sorted(one.reports):
            signed = in_force(settings, one.slug, year)
            if signed is None or is_signing(settings, one.slug, year):
                continue
            then = protection_in(signed.folder / CONFIGURATION_FOLDER / "profile.yml")
            if then != profile_section(settings, one.slug):
                told.append(
                    f"{one.slug} {year}: `protection` in the profile is not as it was when the report was signed off. The "
                    f"report stays as it was signed; `redress revise {one.slug} {year}` decides by the new settings"
                )
    return told


def waiting(path: Path) -> dict[tuple[str, str], int]:
    """How many differences of each signed-off report a `revisions.csv` lists: they wait to be published."""
    return dict(Counter((row["authority"], row["reporting_year"]) for row in read_csv(path)))


def tell(counts: Mapping[tuple[str, str], int]) -> list[str]:
    """What waits to be published, one sentence per report."""
    return [
        f"{authority} {year} is signed off, and {count} of its figures would be shown otherwise today: they are listed in "
        f"revisions.csv, and `redress revise {authority} {year}` publishes them"
        for (authority, year), count in sorted(counts.items())
    ]


def write(settings: RunSettings, authorities: Sequence[Any], target: Path) -> int:
    """Compute every signed-off report of the run as at the newest file, and list what would change.

    Args:
        settings: the run's; the candidate database is there.
        authorities: the authorities of the run, with their reports as they are built.
        target: the CSV to write; only its header where nothing is signed off or nothing came since.

    Returns:
        int: differences listed.
    """
    ledger = read_ledger(settings)
    later = [found for one in authorities if (found := _with_later_files(settings, one, ledger))]
    rows: list[dict[str, str]] = [
        row | {"cause": PROTECTED_OTHERWISE} for row in read_csv(protected_otherwise(settings))
    ]
    if later:
        database = _compute(settings, later)
        for one in later:
            for year, report in one.reports.items():
                signed = in_force(settings, one.slug, year)
                assert signed is not None
                rows += _report(settings, signed, report.as_at, database)
        shutil.rmtree(database.parents[2], ignore_errors=True)
    write_csv(target, COLUMNS, rows)
    return len(rows)


def _with_later_files(settings: RunSettings, one: Any, ledger: Iterable[Mapping[str, Any]]) -> Any | None:
    """The authority with only its signed-off reports that newer files may change, as at the newest file."""
    loaded = [row for row in ledger if row["authority"] == one.slug and row["status"] == "loaded"]
    reports = {}
    for year, report in one.reports.items():
        signed = in_force(settings, one.slug, year)
        if signed is None or is_signing(settings, one.slug, year):
            continue
        unknown = [row for row in loaded if row["sha256"] not in signed.signed_with]
        if unknown:
            newest = max(row["received_at"].date() for row in loaded)
            as_at = max(newest, date.fromisoformat(signed.as_at))
            reports[year] = replace(report, as_at=as_at, signed_with=None)
    return replace(one, reports=reports, published={}, contradictions={}) if reports else None


def _compute(settings: RunSettings, authorities: Sequence[Any]) -> Path:
    """Build the warehouse for the given reports in a place of its own; returns the database."""
    from redress import warehouse
    from redress.authority import folder
    from redress.base.errors import GateFailed
    from redress.warehouse.dbt import dbt_folder

    place = settings.next / "later"
    shutil.rmtree(place, ignore_errors=True)
    own = replace(settings, build=place, database_file=None)
    own.state.mkdir(parents=True)
    (own.state / "conformed").symlink_to((settings.state / "conformed").resolve())
    folder.write_config_tables(authorities, own)
    parsed = dbt_folder(settings) / "target" / "partial_parse.msgpack"
    if parsed.exists():
        copy = dbt_folder(own) / "target" / parsed.name
        copy.parent.mkdir(parents=True)
        shutil.copyfile(parsed, copy)
    database = own.state / "later" / "redress.duckdb"
    result = warehouse.build(own, database, select=["+figures"])
    bad = [node for node in result.nodes if node.is_bad and node.resource_type != "test"]
    if bad or not result.nodes:
        raise GateFailed(
            "The signed-off reports could not be computed with the files received since.",
            "whoever maintains the warehouse",
            [f"{node.name}: {node.message}" for node in bad] or [result.message],
        )
    return database


def _report(settings: RunSettings, signed: Record, as_at: date, database: Path) -> list[dict[str, str]]:
    """The differences of one report, each with its cause; writes the records that changed."""
    from redress.warehouse.figures import read_figures, tables_behind

    name = {"authority": signed.authority, "reporting_year": signed.reporting_year}
    changed = changed_records(settings, signed, as_at)
    write_csv(
        settings.state / "revisions" / f"{signed.authority}-{signed.reporting_year}.csv",
        RECORD_COLUMNS,
        changed,
    )
    found = differences(figures_of(signed), read_figures(database, **name))
    behind = tables_behind(settings, database, {one["measure"] for one in found})
    return [
        name
        | one
        | {
            "signed_as_at": signed.as_at,
            "as_at": str(as_at),
            "cause": cause(changed, behind.get(one["measure"], frozenset()), signed.as_at, as_at),
        }
        for one in found
    ]


def cause(changed: Sequence[Mapping[str, str]], tables: frozenset[str], signed: str, as_at: date) -> str:
    """What changed in the tables behind a figure, in words."""
    counts: Counter[tuple[str, str]] = Counter()
    seen: set[tuple[str, str, str]] = set()
    for one in changed:
        key = (one["table"], one["record"], one["what"])
        if one["table"] in tables and key not in seen:
            seen.add(key)
            counts[one["table"], one["what"]] += 1
    if not counts:
        return (
            f"No record behind it changed: it is as at {as_at} instead of {signed}, and more of what was "
            "recorded then has happened; or the authority's folder or the program has changed."
        )
    return "; ".join(f"{table}: {count} {what}" for (table, what), count in sorted(counts.items()))


def public_causes(
    settings: RunSettings, signed: Record, as_at: date, measures: Collection[str]
) -> dict[str, str]:
    """Why figures of each measure are revised, in words for readers: kinds of records and no number of cases.

    Args:
        settings: of the run that revises; its database holds the revised report.
        signed: the record that is revised.
        as_at: the day as at which it is revised.
        measures: the measures of the revised figures.
    """
    from redress.attest.packs import code
    from redress.warehouse.figures import tables_behind

    if not measures:
        return {}
    changed = {(one["table"], one["what"]) for one in changed_records(settings, signed, as_at)}
    behind = tables_behind(settings, settings.database, measures)
    stated = {
        name: value for name, value in signed.files.items() if name.startswith(f"{CONFIGURATION_FOLDER}/")
    }
    always = []
    if stated != configuration_hashes(settings, signed.authority):
        always.append("The council’s settings for the report were changed.")
    if signed.code.get("models") != code(settings)["models"]:
        always.append("The way of counting was changed.")
    return {
        measure: public_cause({one for one in changed if one[0] in behind[measure]}, always)
        for measure in sorted(measures)
    }


def public_cause(changed: Collection[tuple[str, str]], always: Sequence[str] = ()) -> str:
    """One cause in words: what was added, corrected or taken out; else what `always` says, else the later day.

    Args:
        changed: names of tables, each with what became of records in it (a key of `BECAME`).
        always: what holds for every figure of the revision.
    """
    said = []
    for what, word in BECAME.items():
        things = sorted(
            WORDS.get(table, table.replace("_", " ")) for table, became in changed if became == what
        )
        if things:
            said.append(f"{word}: {', '.join(things)}.")
    return (
        " ".join([*said, *always])
        or "Nothing recorded about it was changed; it is counted as at a later day."
    )


def changed_records(settings: RunSettings, signed: Record, as_at: date) -> list[dict[str, str]]:
    """Records that files received since the sign-off added, changed or no longer hold.

    Returns:
        list: one row per added or missing record and per changed cell, with the file before and after.
        Values are as intake conformed them (no names; people are pseudonyms).
    """
    from redress.contract.contract import load_contract
    from redress.intake.store import Store

    contract = load_contract(settings.reference)
    store = Store(settings.state, contract)
    ledger = read_ledger(settings)
    known = [row for row in ledger if row["sha256"] in signed.signed_with]
    before = {row["extract_id"] for row in in_force_at(known, signed.authority, signed.as_at)}
    after = {row["extract_id"] for row in in_force_at(ledger, signed.authority, as_at)}
    found: list[dict[str, str]] = []
    for name, table in sorted(contract.tables.items()):
        old = _by_key(store, table, sorted(before - after))
        new = _by_key(store, table, sorted(after - before))
        for key in sorted(old.keys() | new.keys()):
            found += _changes(table, name, key, old.get(key), new.get(key))
    return found


def _by_key(store: Any, table: Any, extracts: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Rows of the given extracts by their key, written as text; of equal keys the last."""
    columns = [*table.conformed, "source_file"]
    return {
        " / ".join("" if row[name] is None else str(row[name]) for name in table.key): row
        for row in store.rows(table, extracts, columns).iter_rows(named=True)
    }


def _changes(
    table: Any, name: str, key: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> list[dict[str, str]]:
    """What became of one record: added, no longer there, or the cells that changed."""
    base = dict.fromkeys(RECORD_COLUMNS, "") | {
        "table": name,
        "record": key,
        "file_was": (old or {}).get("source_file", ""),
        "file_is": (new or {}).get("source_file", ""),
    }
    if old is None or new is None:
        return [base | {"what": "added" if old is None else "no longer there"}]
    found = []
    for column in table.conformed:
        if old[column] != new[column]:
            texts = ["" if row[column] is None else str(row[column]) for row in (old, new)]
            if column in table.fields and table.fields[column].personal:
                texts = ["", ""]
            found.append(base | {"what": "changed", "column": column, "was": texts[0], "is": texts[1]})
    return found
