"""`python -m tests.bench.whole_run`: what a night costs, beside an earlier version, all in one run on one machine.

The command's answer, the imports that cost, and whole runs in folders of their own: of an earlier version (a worktree of the
commit before a report was declared, with today's packages), and of this one from nothing, with nothing changed, and with
one council's files changed. CPU seconds are of the process and its children; wall times say only how busy the machine was.
What was taken over is compared with the same made from nothing. Prints tables; changes nothing in `build/`.
"""

from __future__ import annotations

import argparse
import filecmp
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from redress.base.settings import ROOT, Settings

IMPORTS = (
    "redress.cli",
    "duckdb",
    "dbt.cli.main",
    "great_expectations",
    "dagster",
    "orchestration.definitions",
)
BEFORE = "f0ccd21"
"""The last version that computed every breakdown of every report, and each council every night."""
COMPARED = ("figures.csv", "suppression.csv", "checks.csv", "published_check.csv", "state/protected", "site")
"""What must be, byte for byte, the same whether councils were taken over or made from nothing. Packs are compared by figures."""


@dataclass
class Cost:
    """What a command cost: CPU seconds of it and its children, and seconds on the wall."""

    cpu: float
    wall: float


def cost(*command: str, cwd: Path = ROOT, **environment: str) -> Cost:
    """Return what a command costs that must succeed."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        command,
        check=True,
        cwd=cwd,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(used, time.perf_counter() - began)


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--before", default=BEFORE, help="the commit to compare with; blank for none")
    before = asked.parse_args().before
    console = Console()
    starts = Table("start", "CPU s", title="Starting")
    starts.add_row("redress --help", f"{cost(sys.executable, '-m', 'redress.cli', '--help').cpu:.2f}")
    for name in IMPORTS:
        starts.add_row(f"import {name}", f"{cost(sys.executable, '-c', f'import {name}').cpu:.2f}")
    console.print(starts)
    with tempfile.TemporaryDirectory(prefix="redress-bench-") as folder:
        _whole_runs(console, Path(folder), before)


def _whole_runs(console: Console, place: Path, before: str) -> None:
    """Measure whole runs and print them."""
    councils = place / "authorities"
    for source in Settings.from_environment().authorities:
        shutil.copytree(source, councils, dirs_exist_ok=True)
    runs: dict[str, Cost] = {}
    if before:
        runs[f"{before}, from nothing"] = _earlier(place, before, councils)
    build = place / "build"
    runs["from nothing"] = _build(build, councils)
    stages = _stages(build)
    runs["nothing changed"] = _build(build, councils)
    folder = min((path for path in councils.iterdir() if path.is_dir()), key=_size)
    (folder / "note.txt").write_text("changed")
    runs[f"one changed ({folder.name})"] = _build(build, councils)
    runs["from nothing again"] = _build(place / "again", councils)
    slug = folder.name
    runs[f"check {slug}, first"] = _redress(build, councils, "check", slug)
    runs[f"check {slug}, second"] = _redress(build, councils, "check", slug)

    full = runs["from nothing"].cpu
    table = Table("run", "CPU s", "s", "of a full run's CPU", title="Whole runs")
    for name, used in runs.items():
        table.add_row(name, f"{used.cpu:.1f}", f"{used.wall:.1f}", f"{used.cpu / full:.1%}")
    console.print(table)
    by_stage = Table("stage", "CPU s", "s", "MB", title="A run from nothing")
    for stage in stages:
        by_stage.add_row(
            stage["stage"],
            f"{stage['cpu_seconds'] or 0:.1f}",
            f"{stage['seconds']:.1f}",
            f"{stage['peak_megabytes'] or 0:.0f}",
        )
    console.print(by_stage)
    if other := _unlike(build, place / "again"):
        sys.exit("Taken over is not as made from nothing: " + ", ".join(other[:20]))
    console.print("What was taken over is, byte for byte, what is made from nothing.")


def _build(build: Path, councils: Path) -> Cost:
    return _redress(build, councils, "build", "--quiet")


def _redress(build: Path, councils: Path, *words: str) -> Cost:
    return cost(
        *(sys.executable, "-m", "redress.cli", *words),
        REDRESS_BUILD=str(build),
        REDRESS_AUTHORITIES=str(councils),
    )


def _earlier(place: Path, commit: str, councils: Path) -> Cost:
    """Return what a run from nothing costs with an earlier version, on the councils' folders as it knew them."""
    tree = place / "earlier"
    subprocess.run(
        ["git", "-C", str(ROOT), "worktree", "add", "--detach", "-q", str(tree), commit], check=True
    )
    try:
        (tree / "reports" / "node_modules").symlink_to(ROOT / "reports" / "node_modules")
        return cost(
            *(sys.executable, "-m", "redress.cli", "build", "--quiet"),
            cwd=tree,
            PYTHONPATH=str(tree),
            REDRESS_BUILD=str(place / "earlier-build"),
            REDRESS_AUTHORITIES=str(tree / "seeds" / "authorities"),
        )
    finally:
        subprocess.run(["git", "-C", str(ROOT), "worktree", "remove", "--force", str(tree)], check=True)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _stages(build: Path) -> list[dict]:
    """Return the stages of the newest run."""
    from redress.run.runs import Runs

    record = Runs(replace(Settings.from_environment(), build=build)).read()
    if record is None:
        sys.exit("The run left no record: there is nothing to measure.")
    return record["stages"]


def _unlike(first: Path, second: Path) -> list[str]:
    """Return the results that differ between two build folders."""
    unlike = []
    for name in COMPARED:
        sides = [
            {path.relative_to(build / name): path for path in _files(build / name)}
            for build in (first, second)
        ]
        for inner in sorted(set(sides[0]) | set(sides[1])):
            pair = [side.get(inner) for side in sides]
            if None in pair or not filecmp.cmp(*pair, shallow=False):
                unlike.append(f"{name}/{inner}")
    return unlike


def _files(path: Path) -> list[Path]:
    return [inner for inner in path.rglob("*") if inner.is_file()] if path.is_dir() else [path]


if __name__ == "__main__":
    main()
