"""Councils are run apart: what has not changed is taken over, and one that fails holds up nobody."""

from __future__ import annotations

import contextlib
import csv
import random
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from redress import reconcile
from redress.authority.model import AuthorityError
from redress.base.errors import DropFolderAway, GateFailed
from redress.protect.streams import write_stream
from redress.publish.open_data import read_stream
from redress.run import standing
from redress.run.runs import Runs
from tests.pipeline.small_installation import PROFILE, SmallInstallation, passing, write_parquet

NORTH, SOUTH, WEST = "north-town", "south-town", "west-town"
COUNCIL_STAGES = {"warehouse", "figures", "reconcile", "protect"}


class ThreeTowns(SmallInstallation):
    """The small installation with three councils, each with its own files and switches.

    Attributes:
        failing: councils of which a check fails.
        judged: the councils that each call of the checks was about.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch):
        super().__init__(folder, monkeypatch)
        self.failing: set[str] = set()
        self.judged: list[set[str]] = []
        for slug in (SOUTH, WEST):
            own = folder / "authorities" / slug
            (own / "extracts").mkdir(parents=True)
            (own / "profile.yml").write_text(
                PROFILE.replace(NORTH, slug).replace("North Town", slug.title().replace("-", " "))
            )
        self.received = dict.fromkeys((NORTH, SOUTH, WEST), 3)

    def folder(self, slug: str) -> Path:
        """Return the council's folder."""
        return self.root / "authorities" / slug

    def load_drop_folder(self, authority, settings, kept_from=None, unsettled=()):
        """Take in as many complaints as `received` says."""
        slug, conformed = authority.slug, settings.state / "conformed"
        write_parquet(
            conformed / "complaint" / f"{slug}--complaints--1.parquet",
            f"select '{slug}' as authority, 'C' || range as complaint_id from range({self.received[slug]})",
        )
        write_parquet(
            conformed / "extract" / f"{slug}--complaints--1.parquet",
            f"select '{slug}/complaints/1' as extract_id, '{slug}' as authority, 'complaints' as source, '' as scope, "
            f"'complaints.csv' as file_name, '{'ab' * 32}' as sha256, timestamp '2024-05-01 09:00' as received_at, "
            f"100 as bytes, {self.received[slug]} as rows_received, {self.received[slug]} as rows_conformed, "
            "0 as rows_quarantined, 0 as rows_left_out, 5 as columns, 'loaded' as status, null as supersedes, '' as message",
        )
        return type("Result", (), {"files": [], "messages": []})()

    def _run_checks(self, settings, out_dir) -> list[dict]:
        with duckdb.connect(str(settings.database), read_only=True) as connection:
            slugs = {
                slug for (slug,) in connection.execute("select authority from figures.figures").fetchall()
            }
        self.judged.append(slugs)
        records = [
            record | {"authority": slug, "verdict": "fail" if slug in self.failing else "pass"}
            for slug in sorted(slugs)
            for record in passing()
        ]
        records = reconcile.in_order(records)
        from redress.run import gates

        gates.write_checks(records, out_dir / "checks.csv")
        return records

    def _published_check(self, settings, out_dir) -> list[dict]:
        (out_dir / "published_check.csv").write_text("ref,authority,reporting_year,verdict\n")
        return []

    def _export(self, settings, target_dir, decisions_file, internal_dir, **more) -> None:
        with duckdb.connect(str(settings.database), read_only=True) as connection:
            rows = connection.execute(
                "select authority, reporting_year, figure_id, value from figures.figures order by all"
            ).to_arrow_table()
        write_stream(rows, target_dir / "figures.arrow")
        write_stream(pa.table({"measure": ["new_complaints"]}), target_dir / "figure_catalogue.arrow")
        decisions_file.write_text(
            "authority,figure_id\n"
            + "".join(f"{row['authority']},{row['figure_id']}\n" for row in rows.to_pylist())
        )

    def values(self) -> dict[str, float]:
        """Return the figure of each council as it is in force, the same in every result."""
        build = self.settings.build
        with (build / "figures.csv").open(newline="") as file:
            by_csv = {row["authority"]: float(row["value"]) for row in csv.DictReader(file)}
        exported = read_stream(build / "state" / "protected" / "figures.arrow").to_pylist()
        assert {row["authority"]: row["value"] for row in exported} == by_csv
        with duckdb.connect(str(self.settings.database), read_only=True) as connection:
            assert (
                dict(connection.execute("select authority, value from figures.figures").fetchall()) == by_csv
            )
        return by_csv


@pytest.fixture
def towns(tmp_path, monkeypatch) -> ThreeTowns:
    return ThreeTowns(tmp_path, monkeypatch)


def stages_of_newest_run(towns: ThreeTowns) -> set[str]:
    return {stage["stage"] for stage in Runs(towns.settings).read()["stages"]}


def test_nothing_is_done_twice_and_only_the_changed_council_is_made_anew(towns):
    towns.build()
    assert towns.judged == [{NORTH, SOUTH, WEST}]
    first = towns.standing()

    record = towns.build()
    assert record.verdict == "green" and towns.standing() == first
    assert stages_of_newest_run(towns) == {"authorities", "intake"}, "nothing has changed"

    towns.received[SOUTH] = 5
    towns.build()
    assert towns.judged[1:] == [{SOUTH}]
    assert towns.values() == {NORTH: 3, SOUTH: 5, WEST: 3}

    taken_over = towns.standing()
    towns.build(from_nothing=True)
    assert towns.judged[2:] == [{NORTH, SOUTH, WEST}]
    evidence = {name for name in taken_over if name.startswith("evidence/")}
    assert {name: towns.standing()[name] for name in taken_over} == taken_over and len(evidence) > 3


def test_what_a_stage_keeps_of_each_council_outlasts_its_workshop_until_a_run_from_nothing(
    towns, monkeypatch
):
    seen: list[dict[str, int]] = []

    def export(settings, *places, **more):
        decided = settings.state / "decided"
        seen.append({place.name: len(list(place.iterdir())) for place in sorted(decided.iterdir())})
        for place in decided.iterdir():
            (place / f"{len(seen)}.json").write_text("{}")
        return ThreeTowns._export(towns, settings, *places, **more)

    monkeypatch.setattr("redress.protect.export", export)
    towns.build()
    towns.received[SOUTH] = 5
    towns.build()
    towns.received[WEST] = 5
    towns.build(from_nothing=True)
    none = {NORTH: 0, SOUTH: 0, WEST: 0}
    assert seen == [none, {SOUTH: 1}, none]


def test_a_council_that_fails_keeps_what_stands_and_the_others_are_published(towns):
    towns.build()
    towns.received |= {NORTH: 4, SOUTH: 5}
    towns.failing = {SOUTH}
    record = towns.build()
    assert set(record.failed) == {SOUTH} and isinstance(record.failed[SOUTH], GateFailed)
    assert towns.judged[1:] == [{NORTH, SOUTH}, {NORTH}], "made again without the one at fault"
    assert towns.values() == {NORTH: 4, SOUTH: 3, WEST: 3}
    assert record.verdict == "green_without_some" and SOUTH in record.message
    in_force = standing.read(towns.settings)
    assert in_force.councils[SOUTH].held_up_since and not in_force.councils[NORTH].held_up_since

    # the next night it fails still, and nobody else is made anew
    record = towns.build()
    assert set(record.failed) == {SOUTH} and towns.judged[3:] == [{SOUTH}]

    towns.failing = set()
    assert not towns.build().failed and towns.values() == {NORTH: 4, SOUTH: 5, WEST: 3}
    assert not standing.read(towns.settings).councils[SOUTH].held_up_since


def test_what_the_checks_found_is_told_of_every_council_as_it_was_judged_last(towns):
    towns.build()
    towns.received[SOUTH] = 5
    towns.failing = {SOUTH}
    towns.build()
    with (towns.settings.build / "checks.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    verdicts = {
        slug: {row["verdict"] for row in rows if row["authority"] == slug} for slug in (NORTH, SOUTH, WEST)
    }
    assert verdicts == {NORTH: {"pass"}, SOUTH: {"fail"}, WEST: {"pass"}}
    assert rows == reconcile.in_order(rows)
    assert (towns.settings.build / "to-fix" / SOUTH).is_dir()
    history = (towns.settings.build / "state" / "check_history.csv").read_text()
    assert all(history.count(slug) >= len(passing()) for slug in (NORTH, SOUTH, WEST))


def test_a_model_or_test_that_fails_for_one_council_is_found_out(towns):
    towns.build()
    towns.received |= {NORTH: 4, SOUTH: 12}  # more than nine fail a test of the warehouse
    record = towns.build()
    assert set(record.failed) == {SOUTH}
    assert ".next" not in "".join(record.failed[SOUTH].details), (
        "people are led to places that they can look into"
    )
    assert towns.values() == {NORTH: 4, SOUTH: 3, WEST: 3}
    assert any((towns.settings.state / "failures").iterdir())


def test_a_folder_that_cannot_be_used_and_a_drop_folder_that_is_away_stop_nobody_else(towns):
    towns.build()
    (towns.folder(SOUTH) / "profile.yml").write_text("authority: [")
    profile = towns.folder(WEST) / "profile.yml"
    profile.write_text(profile.read_text() + f"extracts: {towns.root / 'nowhere'}\n")
    towns.received[NORTH] = 7
    record = towns.build()
    assert isinstance(record.failed[SOUTH], AuthorityError) and isinstance(
        record.failed[WEST], DropFolderAway
    )
    assert towns.values()[NORTH] == 7 and towns.values()[SOUTH] == 3


def test_where_every_council_fails_nothing_is_published(towns):
    towns.build()
    before = towns.standing()
    towns.received = dict.fromkeys(towns.received, 6)
    towns.failing = {NORTH, SOUTH, WEST}
    with pytest.raises(GateFailed):
        towns.build()
    assert towns.standing() == before


def test_a_council_that_was_removed_is_published_no_more(towns):
    towns.build()
    for path in sorted(towns.folder(SOUTH).rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    towns.folder(SOUTH).rmdir()
    towns.build()
    assert set(towns.values()) == {NORTH, WEST} and len(towns.judged) == 1, "nobody had to be made anew"


@pytest.mark.parametrize(
    "spoil",
    [
        "figures.csv",
        "state/protected/figures.arrow",
        "state/redress.duckdb",
        "state/councils.json",
        "checks.csv",
    ],
)
def test_results_that_are_not_as_they_were_left_are_made_anew(towns, spoil):
    towns.build()
    right = towns.standing()
    path = towns.settings.build / spoil
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.resolve().write_bytes(bytes(content[:-1]))
    towns.build()
    assert towns.standing() == right
    assert towns.judged[1:] == [{NORTH, SOUTH, WEST}]


def test_a_pack_or_a_page_that_was_changed_is_made_anew(towns):
    towns.build()
    right = towns.standing()
    (towns.settings.build / "site" / "index.html").write_text("defaced")
    towns.build()
    assert towns.standing() == right
    pack = next((towns.settings.build / "evidence").glob("*/figures.csv"))
    pack.write_text("thinned")
    towns.build()
    assert towns.standing() == right


def test_no_report_is_taken_down_because_its_council_fails(towns):
    """What stands cannot be taken over, so a council that fails would vanish from what the others publish."""
    towns.build()
    before = towns.standing()
    (towns.settings.build / "state" / "councils.json").resolve().unlink()
    towns.received[NORTH] = 4
    towns.failing = {SOUTH}
    with pytest.raises(GateFailed):
        towns.build()
    assert towns.standing() == before


@pytest.mark.parametrize("seed", [1, 2])
def test_after_any_history_what_was_taken_over_is_what_is_made_from_nothing(towns, seed):
    """Councils change, fail, are mended, go and come back, night after night: byte for byte as if all were made at once."""
    chance = random.Random(seed)
    for _ in range(6):
        for slug in towns.received:
            if chance.random() < 0.4:
                towns.received[slug] = chance.randint(1, 9)
        towns.failing = {slug for slug in towns.received if chance.random() < 0.25}
        if chance.random() < 0.3:
            note = towns.folder(chance.choice(list(towns.received))) / "note.txt"
            note.write_text(str(chance.random()))
        with contextlib.suppress(GateFailed):  # where all fail
            towns.build()
    towns.failing = set()
    towns.build()
    taken_over = everything(towns)
    judged = len(towns.judged)
    towns.build(from_nothing=True)
    assert len(towns.judged) == judged + 1
    assert everything(towns) == taken_over


def everything(towns: ThreeTowns) -> dict[str, object]:
    """Return all that is in force: the bytes of the results, and the rows of the warehouse."""
    build = towns.settings.build
    found: dict[str, object] = dict(towns.standing())
    for name in ("suppression.csv", "checks.csv", "published_check.csv", "revisions.csv"):
        found[name] = (build / name).read_bytes()
    for path in (build / "state" / "protected").iterdir():
        found[path.name] = path.read_bytes()
    with duckdb.connect(str(towns.settings.database), read_only=True) as connection:
        for schema, table in connection.execute(
            "select schema_name, table_name from duckdb_tables() order by all"
        ).fetchall():
            found[f"{schema}.{table}"] = connection.execute(
                f'select * from "{schema}"."{table}" order by all'
            ).fetchall()
    return found
