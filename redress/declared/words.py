"""Which words a key of a breakdown may have: the contract's, the warehouse's own, and the council's where its list is closed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from redress.authority.model import NOT_KNOWN, Authority
from redress.base.settings import ROOT
from redress.contract import figure_catalogue
from redress.contract.contract import Contract, load_contract

_WAREHOUSE = {
    "formality": ("all",),
    "basis": ("including_withdrawn",),
    "at": ("start", "end"),
    "cohort": ("brought_forward", "late_entered", "new", "outstanding_at_start", "reopened", "sent_in_year"),
    "cost": ("none", "some"),
    "day_count": ("count_start_day", "exclude_start_day"),
    "decided_by": ("council", "ombudsman"),
    "event": ("closed", "received", "requested", "responded", "statement_agreed"),
    "from_stage": ("1", "2"),
    "highest_stage": ("1", "2", "3", "none"),
    "progress": ("done", "not_done", "overdue", "under_way"),
}
"""Words that the warehouse makes, for keys of which the contract has no column."""
_FURTHER = {
    "outcome": (NOT_KNOWN, "withdrawn"),
    "stage_1_outcome": ("open", "escalated", "mediated", "refused", "withdrawn", "direct_to_next_stage"),
    "status": ("open", "escalated", "mediated", "refused", "withdrawn", "direct_to_next_stage"),
    "decision": ("not_yet_decided",),
}
_LIKE = {"any_procedure": "procedure", "stage_1_outcome": "outcome", "status": "outcome"}
_VOCABULARIES = {
    ("category", "issue"): "category",
    ("category", "compliment"): "compliment_category",
    ("category", "contact"): "contact_category",
    ("category", "learning"): "learning_category",
    ("category", "action"): "action_category",
    ("kind", "remedy"): "remedy_kind",
    ("source", "compliment"): "compliment_source",
    ("route", "compliment"): "compliment_route",
    ("activity", "activity"): "activity_measure",
    ("question", "complaint"): "satisfaction_question",
    ("answer", "complaint"): "satisfaction_answer",
}
"""(key, table that the measure counts) -> the vocabulary whose words it has, where it is not named like the key."""
_FURTHER_OF_VOCABULARY = {"compliment_route": ("ordinary",)}
_ALWAYS = (NOT_KNOWN, "not_applicable", "undeclared")
_ANY_TABLE = ("service", "channel", "theme", "ethnicity", "sub_category")


@cache
def _contract(reference: Path) -> Contract:
    return load_contract(reference)


def contract_words(key: str) -> tuple[str, ...]:
    """Return the words that the contract and the warehouse have for a key, whoever the council is; none for other keys."""
    contract = _contract(ROOT / "seeds" / "reference")
    column = _LIKE.get(key, key)
    words = dict.fromkeys(_WAREHOUSE.get(key, ()))
    for table in contract.tables.values():
        if column in table.fields:
            words |= dict.fromkeys(table.fields[column].words)
    return (*words, *_FURTHER.get(key, ())) if words else ()


def words_for(key: str, measure: str, authority: Authority) -> set[str] | None:
    """Return the words that a key of a measure may have in a council's figures; None where any word may be.

    Args:
        key: of the breakdown.
        measure: of the catalogue.
        authority: whose words they are.
    """
    if words := group_words(key, authority):
        return words | set(_ALWAYS)
    groups = {row["group"] for row in authority.rows["groupings"] if row["attribute"] == key}
    own = _own_words(key, measure, authority)
    return None if own is None else own | groups


def _own_words(key: str, measure: str, authority: Authority) -> set[str] | None:
    if key == "by":
        return levels(authority) | {"service"}
    if key == "level":
        return levels(authority)
    name = _vocabulary_of(key, measure)
    if name is None:
        return {*contract_words(key), *_ALWAYS} if contract_words(key) else None
    vocabulary = authority.vocabularies.get(name)
    if vocabulary is None or vocabulary.is_open:
        return None
    return {*vocabulary.declared, *_FURTHER_OF_VOCABULARY.get(name, ()), *_ALWAYS}


def _vocabulary_of(key: str, measure: str) -> str | None:
    """Return the vocabulary whose words a key of a measure has; None where they are the contract's."""
    subject = figure_catalogue.subjects().get(measure, "")
    return key if key in _ANY_TABLE else _VOCABULARIES.get((key, subject))


def order_of(key: str, measure: str, authority: Authority) -> list[str]:
    """Return the words of a key in the order in which the council declares them; none where it declares no order."""
    if group_words(key, authority):
        declared = [row["group"] for row in authority.rows["groupings"] if row["grouping"] == key]
    else:
        vocabulary = authority.vocabularies.get(_vocabulary_of(key, measure) or "")
        declared = list(vocabulary.declared) if vocabulary and key != "service" else []
    # a semicolon parts the pairs of a breakdown, and a comma stands for it there
    return list(dict.fromkeys(word.replace(";", ",") for word in declared))


def groupings(authority: Authority) -> set[str]:
    """Return the keys that a council makes by `groupings.csv`."""
    return {row["grouping"] for row in authority.rows["groupings"]}


def group_words(key: str, authority: Authority) -> set[str]:
    """Return the groups of one of the council's groupings; none where the key is no grouping."""
    return {row["group"] for row in authority.rows["groupings"] if row["grouping"] == key}


def levels(authority: Authority) -> set[str]:
    """Return the levels of the council's services."""
    return {row["level"] for row in authority.rows["services"] if row["level"]}


def services(authority: Authority) -> set[str]:
    """Return the council's services."""
    return {row["service"] for row in authority.rows["services"]}
