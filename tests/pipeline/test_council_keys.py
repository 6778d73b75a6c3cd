"""The key of a council names everything that its results depend on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redress.base.request import Request
from redress.base.versions import program_hash
from redress.run import council_keys, stages
from redress.run.context import Context, run_settings
from redress.run.council_keys import key_of, why
from tests.pipeline.small_installation import SmallInstallation


def key(small: SmallInstallation, day: date | None = None, **request) -> dict[str, str]:
    """Return the key of the town, as a run has it after intake."""
    program_hash.cache_clear()
    context = Context(replace(run_settings(small.settings), today=day), Request(**request))
    stages.read_authorities(context)
    stages.intake(context)
    [authority] = context.chosen
    return key_of(context, authority)


def differs(before: dict[str, str], now: dict[str, str]) -> set[str]:
    return {kind for kind in before if before[kind] != now[kind]}


@pytest.fixture
def town(small):
    for name, content in {
        "services.csv": "service,label,level,parent_service\nTeam A,Team A,team,\n",
        "report/2023-24/foreword.md": "# Foreword\n\nOur year.\n",
    }.items():
        path = small.drop_folder.parent / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return small


def test_the_same_things_have_the_same_key(town):
    assert key(town) == key(town) and set(key(town)) == set(council_keys.KINDS)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_byte_of_a_councils_folder_counts(town, data):
    folder = town.drop_folder.parent
    context = Context(run_settings(town.settings), Request())
    [authority] = context.declared
    path = data.draw(st.sampled_from(sorted(path for path in folder.rglob("*") if path.is_file())))
    content = path.read_bytes()
    place = data.draw(st.integers(0, len(content) - 1))
    before = council_keys._hash_of_folder(authority)
    try:
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert council_keys._hash_of_folder(authority) != before
    finally:
        path.write_bytes(content)
    assert council_keys._hash_of_folder(authority) == before


def test_each_kind_of_input_changes_its_own_part(town):
    before = key(town)
    folder = town.drop_folder.parent
    (folder / "report" / "2023-24" / "more.md").write_text("# More\n\nWords.\n")
    assert differs(before, key(town)) == {"folder"}
    before = key(town)
    (town.drop_folder / "letter.pdf").write_bytes(b"no extract")
    assert not differs(before, key(town)), "what lies in the drop folder counts when intake has taken it in"
    town.complaints = 4
    assert "files" in differs(before, key(town))
    before = key(town)
    moved = key(town, date(2025, 1, 1), authority="north-town", as_at=date(2024, 6, 30))
    assert differs(key(town, date(2025, 1, 1)), moved) == {"reports"}
    town.settings = replace(town.settings, key="another long key for tests")
    assert "key" in differs(before, key(town))


def test_a_signed_record_counts(town):
    before = key(town)
    record = town.settings.state / "signed" / "north-town" / "2023-24" / "2" / "figures.csv"
    record.parent.mkdir(parents=True)
    record.write_text("figure_id\n")
    context = Context(run_settings(town.settings), Request())
    assert council_keys._hash_of_signed(context.settings, "north-town") != before["signed"]
    assert council_keys._hash_of_signed(context.settings, "south-town") == before["signed"], "nobody else's"


def test_the_day_counts_where_a_rule_looks_at_it(town):
    early, late = date(2024, 5, 1), date(2024, 7, 1)
    assert differs(key(town, early), key(town, late)) == {"day"}, "a draft becomes provisional"
    assert not differs(key(town, late), key(town, date(2024, 8, 1)))
    (town.drop_folder.parent / "accepted_faults.csv").write_text(
        "check_id,reason,owner,expires\nparts_to_total:x,known,the team,2024-07-15\n"
    )
    assert differs(key(town, late), key(town, date(2024, 8, 1))) == {"day"}


def test_every_file_of_the_program_counts(tmp_path: Path):
    for name in (
        "redress/a.py",
        "dbt_project/models/m.sql",
        "redress/__pycache__/a.pyc",
        "dbt_project/target/m.sql",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("one")

    def now() -> str:
        program_hash.cache_clear()
        return program_hash(tmp_path, ("redress", "dbt_project"))

    seen = [now()]
    for change in (
        lambda: (tmp_path / "redress/a.py").write_text("two"),
        lambda: (tmp_path / "redress/a.py").rename(tmp_path / "redress/b.py"),
        lambda: (tmp_path / "dbt_project/models/m.sql").unlink(),
        lambda: (tmp_path / "redress/new.json").write_text(""),
        lambda: (tmp_path / "requirements.lock").write_text("a package of another version"),
    ):
        change()
        seen.append(now())
    assert len(set(seen)) == len(seen)
    (tmp_path / "redress/__pycache__/a.pyc").write_text("other")
    (tmp_path / "dbt_project/target/m.sql").write_text("other")
    assert now() == seen[-1], "what the program leaves of itself is not the program"


def test_the_stages_of_a_council_read_nothing_that_is_not_named(town):
    """What the code of the stages lies in is named, folder by folder, and so is each seed."""
    root = Path(council_keys.__file__).resolve().parents[2]
    named = {root / folder for folder in council_keys.PROGRAM}
    assert {
        root / "redress",
        root / "expectations",
        root / "dbt_project",
        root / "seeds" / "reference",
    } <= named
    assert all(path.is_dir() for path in named)


def test_a_person_is_told_why():
    now = dict.fromkeys(council_keys.KINDS, "a")
    assert why(None, now) == "it has no results yet"
    assert why(now, now) == ""
    assert why(now | {"files": "b", "folder": "b"}, now) == "its folder has changed; its files have changed"
