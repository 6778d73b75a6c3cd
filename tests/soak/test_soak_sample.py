"""A sample of the faults of `make soak`, made in earnest: a disk that fills, a second build.

In a process of its own, because its children are made by `fork` and this one has threads.
"""

from __future__ import annotations

import subprocess
import sys

from redress.base.settings import ROOT
from tests.soak.faults import IN_THE_SAMPLE, Tally
from tests.soak.world import Ended


def test_faults_lose_nothing_publish_no_half_and_name_their_owner(tmp_path):
    only = [word for name in IN_THE_SAMPLE for word in ("--only", name)]
    report = tmp_path / "report.md"
    command = [sys.executable, "-m", "tests.soak", "--quick", "--workdir", str(tmp_path / "w"), *only]
    ended = subprocess.run(
        [*command, "--report", str(report)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    rows = [line.strip("| ").split(" | ") for line in report.read_text().splitlines() if line[:2] == "| "][2:]
    assert [(row[-1], row[3], row[4]) for row in rows] == [("ok", "0", "0")] * len(IN_THE_SAMPLE)
    assert all(int(row[2]) > 0 for row in rows)


class _Changed:
    """A place where a failing command changed results, tore them and lost a file."""

    seen = staticmethod(lambda: {"figures.csv": "other"})
    torn = staticmethod(lambda: ["the page is not of these figures"])
    lost = staticmethod(lambda: ["a.csv is not in the ledger"])


def test_what_a_fault_does_wrong_is_counted_and_told():
    tally = Tally()
    ended = Ended(70, "Traceback (most recent call last)\nTo fix: whoever maintains Redress.\n", 1.0)
    tally.judge(_Changed(), "here", {"figures.csv": "one"}, ended)
    tally.count_lost(_Changed(), "here")
    row = tally.row("A fault", "here")
    assert (row.tried, row.lost, row.half_published) == (1, 1, 1)
    assert (row.results_unchanged, row.exit_codes, row.owner_named) == ("0 of 1", "70: 1", "0 of 1")
    for words in ("code 70", "a traceback", "the owner is", "results changed", "not of these", "the ledger"):
        assert words in row.verdict
