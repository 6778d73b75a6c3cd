"""Why figures of a signed report are different now: which records were added, corrected or taken out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from redress.base.settings import RunSettings
from redress.intake.ledger import in_force as in_force_at
from redress.intake.ledger import read_ledger
from redress.signed.record import (
    CONFIGURATION_FOLDER,
    Record,
    configuration_hashes,
)

RECORD_COLUMNS = ("table", "record", "what", "column", "was", "is", "file_was", "file_is")
WORDS = {
    "action": "actions agreed because of what people said",
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


def cause(changed: Sequence[Mapping[str, str]], tables: frozenset[str], signed: str, as_at: date) -> str:
    """Return what changed in the tables behind a figure, in words."""
    counts: Counter[tuple[str, str]] = Counter()
    seen: set[tuple[str, str, str]] = set()
    for change in changed:
        key = (change["table"], change["record"], change["what"])
        if change["table"] in tables and key not in seen:
            seen.add(key)
            counts[change["table"], change["what"]] += 1
    if not counts:
        return (
            f"No record behind it changed: it is as at {as_at} instead of {signed}, and more of what was "
            "recorded then has happened; or the authority's folder or the program has changed."
        )
    return "; ".join(f"{table}: {count} {what}" for (table, what), count in sorted(counts.items()))


def public_causes(
    settings: RunSettings, signed: Record, as_at: date, measures: Collection[str]
) -> dict[str, str]:
    """Return why figures of each measure are revised, in words for readers: kinds of records and no number of cases.

    Args:
        settings: of the run that revises; its database holds the revised report.
        signed: the record that is revised.
        as_at: the day as at which it is revised.
        measures: the measures of the revised figures.
    """
    from redress.signed.code import code
    from redress.warehouse.figures import tables_behind

    if not measures:
        return {}
    changed = {(change["table"], change["what"]) for change in changed_records(settings, signed, as_at)}
    behind = tables_behind(settings, settings.database, measures)
    always = []
    if _settings_in(signed.files) != _settings_in(configuration_hashes(settings, signed.authority)):
        always.append("The council’s settings for the report were changed.")
    if signed.code.get("models") != code(settings)["models"]:
        always.append("The way of counting was changed.")
    return {
        measure: public_cause({change for change in changed if change[0] in behind[measure]}, always)
        for measure in sorted(measures)
    }


def _settings_in(files: Mapping[str, str]) -> dict[str, str]:
    """Return the files of a council's folder by which its figures are counted; what its report says in sections is none."""
    sections = f"{CONFIGURATION_FOLDER}/report/"
    return {
        name: value
        for name, value in files.items()
        if name.startswith(f"{CONFIGURATION_FOLDER}/") and not name.startswith(sections)
    }


def public_cause(changed: Collection[tuple[str, str]], always: Sequence[str] = ()) -> str:
    """Return one cause in words: what was added, corrected or taken out; else what `always` says, else the later day.

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
    """Return records that files received since the sign-off added, changed or no longer hold.

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
    before = {
        row["extract_id"] for row in in_force_at(known, signed.authority, date.fromisoformat(signed.as_at))
    }
    after = {row["extract_id"] for row in in_force_at(ledger, signed.authority, as_at)}
    changes: list[dict[str, str]] = []
    for name, table in sorted(contract.tables.items()):
        old = _by_key(store, table, sorted(before - after))
        new = _by_key(store, table, sorted(after - before))
        for key in sorted(old.keys() | new.keys()):
            changes += _changes(table, name, key, old.get(key), new.get(key))
    return changes


def _by_key(store: Any, table: Any, extracts: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return rows of the given extracts by their key, written as text; of equal keys the last."""
    columns = [*table.conformed, "source_file"]
    return {
        " / ".join("" if row[name] is None else str(row[name]) for name in table.key): row
        for row in store.rows(table, extracts, columns).iter_rows(named=True)
    }


def _changes(
    table: Any, name: str, key: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> list[dict[str, str]]:
    """Return what became of one record: added, no longer there, or the cells that changed."""
    base = dict.fromkeys(RECORD_COLUMNS, "") | {
        "table": name,
        "record": key,
        "file_was": (old or {}).get("source_file", ""),
        "file_is": (new or {}).get("source_file", ""),
    }
    if old is None or new is None:
        return [base | {"what": "added" if old is None else "no longer there"}]
    changes = []
    for column in table.conformed:
        if old[column] != new[column]:
            texts = ["" if row[column] is None else str(row[column]) for row in (old, new)]
            if column in table.fields and table.fields[column].personal:
                texts = ["", ""]
            changes.append(base | {"what": "changed", "column": column, "was": texts[0], "is": texts[1]})
    return changes
