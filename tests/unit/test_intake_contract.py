"""The contract is a sound data package and holds every table of the extract contract."""

from __future__ import annotations

import json

import frictionless
import polars as pl

from redress.base.settings import ROOT
from redress.contract.contract import ROW_COLUMNS, load_contract

PATH = ROOT / "seeds" / "reference" / "contract" / "datapackage.json"
CONTRACT = load_contract(ROOT / "seeds" / "reference")

KEYS = {
    "complaint": ["complaint_id"],
    "complaint_child": ["complaint_id", "child_id"],
    "complaint_service": ["complaint_id", "service", "procedure"],
    "complaint_theme": ["complaint_id", "theme"],
    "stage": ["stage_id"],
    "issue": ["issue_id"],
    "issue_outcome": ["issue_id", "stage"],
    "mediation": ["mediation_id"],
    "remedy": ["remedy_id"],
    "learning": ["learning_id"],
    "action": ["action_id"],
    "compliment": ["compliment_id"],
    "compliment_category": ["compliment_id", "category"],
    "ombudsman": ["ombudsman_id"],
    "ombudsman_service": ["ombudsman_id", "service"],
    "contact": ["contact_id"],
    "satisfaction": ["satisfaction_id"],
}


def test_the_package_is_valid():
    assert not list(frictionless.Package.metadata_validate(json.loads(PATH.read_text(encoding="utf-8"))))
    package = frictionless.Package.from_descriptor(str(PATH))
    assert package.resource_names == list(CONTRACT.tables)
    for resource in package.resources:
        assert not list(frictionless.Schema.metadata_validate(resource.schema.to_descriptor()))


def test_tables_and_keys():
    assert list(CONTRACT.tables)[-2:] == ["activity", "prior_figure"]
    assert {name: list(table.key) for name, table in CONTRACT.tables.items() if name in KEYS} == KEYS
    assert set(CONTRACT.tables) == {*KEYS, "activity", "prior_figure"}


def test_every_reference_leads_to_a_whole_key():
    for table in CONTRACT.tables.values():
        for reference in table.references:
            assert CONTRACT.tables[reference.table].key == (reference.target,)
        for start, end in table.start_before_end:
            assert table.fields[start].type == table.fields[end].type == "date"
        assert all(name in table.fields for name in table.key)
        for rule in table.needed_when:
            words = table.fields[rule.when_column].words
            assert rule.column in table.fields and (not rule.equals or rule.equals in words)
        for name in table.approved_texts:
            assert table.fields[table.fields[name].approved_by].words == ("yes", "no")
    assert {r.table for r in CONTRACT.tables["remedy"].references} == {"complaint", "ombudsman"}


def test_everything_is_described():
    for table in CONTRACT.tables.values():
        assert table.description.startswith("One row per ") and table.description.endswith(".")
        for field in table.fields.values():
            assert field.description.endswith("."), (table.name, field.name)
            assert field.type != "string" or field.role, (table.name, field.name)


def test_what_is_personal_is_marked():
    marked = {
        (table.name, field.name): field.personal
        for table in CONTRACT.tables.values()
        for field in table.fields.values()
        if field.personal not in ("", "text")
    }
    assert marked == {
        ("complaint", "complainant_id"): "pseudonym",
        ("complaint", "birth_date"): "age",
        ("complaint", "free_text"): "drop",
        ("complaint_child", "child_id"): "pseudonym",
        ("compliment", "quote"): "approved",
        **{("action", name): "approved" for name in ("owner", "said", "agreed", "reason")},
    }


def test_conformed_rows_have_the_contracts_columns_after_privacy():
    columns = CONTRACT.tables["complaint"].schema
    assert "birth_date" not in columns and "free_text" not in columns
    assert columns["age_at_receipt"] == pl.Int32()
    assert list(columns)[-len(ROW_COLUMNS) :] == list(ROW_COLUMNS)
    assert CONTRACT.tables["stage"].schema["stage"] == pl.Int32()
    assert CONTRACT.tables["stage"].schema["cost_gbp"] == pl.Float64()
    assert "reopened" in CONTRACT.tables["stage"].schema and "procedure" in CONTRACT.tables["issue"].schema
