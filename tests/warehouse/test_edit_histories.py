"""Figures as at any moment are those of a replay: from scratch, with only what had been received by then.

A council's history is played out batch by batch into one state, as nights go by. Then, for each day on which
something was received, the days between and one after the last:

- the figures as at that day, from the state that knows everything, equal those of a fresh state that was given
  only the batches received until then;
- they equal the plain-Python count over the rows that stand then.

`REDRESS_TEST_HISTORIES` plays more of them than the suite does.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from redress.authority.folder import load_authority
from redress.base.settings import ROOT, Settings
from redress.intake import load_drop_folder
from tests.warehouse import edit_histories
from tests.warehouse.edit_histories import YEAR, Batch, File
from tests.warehouse.oracle import Authority, Extract, Oracle
from tests.warehouse.test_random_extracts import NUMBERS, by_report, compare
from tests.warehouse.warehouse_state import Again, World

EXAMPLES = int(os.environ.get("REDRESS_TEST_HISTORIES", "4"))
PLAYED = settings(
    phases=[Phase.generate],  # a failure is shown as drawn: to shrink it costs minutes
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="REDRESS_TEST_HISTORIES" not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
)
CASES_FROM = date(2022, 4, 1)


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Again:
    return Again(tmp_path_factory.mktemp("histories"))


@PLAYED
@given(history=edit_histories.histories())
def test_figures_as_at_any_moment_equal_a_replay_and_the_count_in_plain_words(
    again: Again, history: tuple[Batch, ...]
) -> None:
    sent = edit_histories.sendings(history)
    with tempfile.TemporaryDirectory() as folder:
        agree(again, Path(folder), sent)


def agree(again: Again, place: Path, sent: list[list[File]]) -> None:
    """Play a history batch by batch; compare as at each moment with a replay and with the oracle."""
    files = [file for batch in sent for file in batch]
    known = Council(place / "known")
    for batch in sent:
        known.take_in(batch)
    world, places = World(), []
    reports: dict[date, tuple[str, str]] = {}
    replays: dict[tuple[File, ...], Council] = {}
    for number, moment in enumerate(as_ats(sorted({file.day for file in files}))):
        until = tuple(file for file in files if file.day <= moment)
        if until not in replays:
            replays[until] = Council(place / f"fresh-{number}")
            replays[until].take_in(until)
        reports[moment] = (f"known-{number}", f"fresh-{number}")
        for slug, council in zip(reports[moment], (known, replays[until]), strict=True):
            world.authority(slug, CASES_FROM.isoformat())
            world.report(slug, YEAR, moment.isoformat())
            places.append((slug, council))
    shutil.rmtree(again.state)
    world.write(again.state)
    for slug, council in places:
        council.copy(again.state, slug)
    found = by_report(again.rows(NUMBERS))
    for moment, (one, other) in reports.items():
        assert found[one, YEAR], "a report of nothing"
        assert found[one, YEAR] == found[other, YEAR], f"as at {moment}: not what a replay gives"
        standing = edit_histories.rows_in_force(files, moment)
        extracts = [
            Extract(table, rows, datetime.combine(moment, time())) for table, rows in standing.items()
        ]
        oracle = Oracle(Authority(one, CASES_FROM, {YEAR: moment}, extracts=extracts), YEAR)
        compared, different = compare(oracle, found[one, YEAR])
        received = [row["received_date"] for row in standing["complaint"]]
        assert compared or not any(CASES_FROM <= day <= min(moment, date(2024, 3, 31)) for day in received)
        assert not different, f"as at {moment}: {len(different)} differences:\n" + "\n".join(different[:20])


def as_ats(days: list[date]) -> list[date]:
    """The days of receipt, the days halfway between, and one after the last."""
    between = [a + (b - a) // 2 for a, b in pairwise(days)]
    return sorted({*days, *between, days[-1] + timedelta(40)})


class Council:
    """A council's folder and its state, with nothing received."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "council"
        self.folder.mkdir(parents=True)
        self.settings = Settings(root=ROOT, build=folder / "build", authorities=(folder,))
        mapping = edit_histories.MAPPING
        for word, table in (
            ("CASE", "complaint"),
            ("STAGE", "stage"),
            ("ISSUE", "issue"),
            ("FOUND", "issue_outcome"),
            ("THANKS", "compliment"),
        ):
            columns = ", ".join(f"{name}: {name}" for name in edit_histories.SENT[table])
            mapping = mapping.replace(f"{{{word}}}", f"{{{columns}}}")
        (self.folder / "profile.yml").write_text(edit_histories.PROFILE.format(slug="council"))
        (self.folder / "mapping.yml").write_text(mapping)

    def take_in(self, files: Iterable[File]) -> None:
        """Put files into the drop folder, and load it."""
        for file in files:
            path = self.folder / "extracts" / YEAR / file.day.isoformat() / file.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
        authority = load_authority(self.folder, self.settings.reference)
        load_drop_folder(authority, self.settings)

    def copy(self, state: Path, slug: str) -> None:
        """Add what was taken in to another state, under another name."""
        for folder in sorted((state / "conformed").iterdir()):
            for path in sorted((self.settings.state / "conformed" / folder.name).glob("*.parquet")):
                target = folder / f"{slug}-{path.name}"
                pl.read_parquet(path).with_columns(authority=pl.lit(slug)).write_parquet(target)
