"""`python -m tests.bench.whole_run`: how long a whole run takes on this machine.

The command's answer, the imports that cost, and a whole run twice in a folder of its own (the second with
dbt's parse cache and nothing new to take in). Prints a table; changes nothing in `build/`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from redress.base.settings import Settings

IMPORTS = (
    "redress.cli",
    "duckdb",
    "dbt.cli.main",
    "great_expectations",
    "dagster",
    "orchestration.definitions",
)


def seconds(*command: str) -> float:
    """Wall clock of a command that must succeed."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    starts = Table("start", "seconds", title="Starting")
    starts.add_row("redress --help", f"{seconds(sys.executable, '-m', 'redress.cli', '--help'):.2f}")
    for name in IMPORTS:
        starts.add_row(f"import {name}", f"{seconds(sys.executable, '-c', f'import {name}'):.2f}")
    console.print(starts)

    with tempfile.TemporaryDirectory(prefix="redress-bench-") as folder:
        runs = [_run(Path(folder)) for _ in ("cold", "warm")]
    stages = Table(
        "stage", "cold CPU s", "cold s", "cold MB", "warm CPU s", "warm s", "warm MB", title="A whole run"
    )
    for cold, warm in zip(*(run["stages"] for run in runs), strict=True):
        stages.add_row(
            cold["stage"],
            *(
                f"{one[key] or 0:.1f}"
                for one in (cold, warm)
                for key in ("cpu_seconds", "seconds", "peak_megabytes")
            ),
        )
    cpu = [sum(stage["cpu_seconds"] or 0 for stage in run["stages"]) for run in runs]
    stages.add_row(
        "all",
        f"{cpu[0]:.1f}",
        f"{runs[0]['seconds']:.1f}",
        "",
        f"{cpu[1]:.1f}",
        f"{runs[1]['seconds']:.1f}",
        "",
    )
    console.print(stages)


def _run(folder: Path) -> dict:
    """One run in a process of its own; returns its record."""
    from redress.run.runs import Runs

    done = subprocess.run(
        [sys.executable, "-m", "redress.cli", "build", "--quiet"],
        check=False,
        env={**os.environ, "REDRESS_BUILD": str(folder)},
        stdin=subprocess.DEVNULL,
    )
    record = Runs(replace(Settings.from_environment(), build=folder)).read()
    if done.returncode or record is None:
        sys.exit("The run was not green: there is nothing to measure.")
    return record


if __name__ == "__main__":
    main()
