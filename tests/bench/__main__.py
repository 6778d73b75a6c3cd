"""`python -m tests.bench`: the warehouse at scale, beside hand-written SQL for the same facts.

Prints, for N complaints with five times as many issues: seconds and peak memory of the dbt build of the facts, of
a hand-written DuckDB script that makes the same facts (checked to be equal), their ratio, the dbt build of the
figures, and how many rows a second intake takes in. Each is a process of its own. No time is ever a failure;
facts that differ are.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FACTS = (
    *("complaints", "stages", "timeliness", "flow", "issues", "issues_by_quarter", "outcomes"),
    *("ombudsman", "compliments", "contacts", "learning"),
)
# What must be equal besides the number of rows: a query over a fact, read in both databases.
SUMS = {
    "working days": "select sum(working_days) from {schema}fct_timeliness",
    "within limits": "select count(*) filter (is_within_standard), count(*) filter (is_within_extended), "
    "count(*) filter (is_within_agreed) from {schema}fct_timeliness",
    "ways of closing": "select closed_how, count(*) from {schema}fct_stages group by all order by all",
    "cohorts": "select cohort, count(*), sum(service_count) from {schema}fct_complaints group by all order by all",
    "looked after": "select child_looked_after, count(*) from {schema}fct_complaints group by all order by all",
    "flow": "select period, sum(brought_forward), sum(entered), sum(closed), sum(carried_forward) "
    "from {schema}fct_flow group by all order by all",
    "outcomes": "select unit, stage, outcome, count(*) from {schema}fct_outcomes group by all order by all",
    "issues by quarter": "select period, sum(issues) from {schema}fct_issues_by_quarter group by all order by all",
    "went on": "select stage, count(*) filter (has_reached_next_stage) from {schema}fct_stages group by all order by all",
}


def main() -> None:
    """Read the arguments; measure and print, or run one of the measured parts."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--complaints", type=int, default=100_000, help="rows of the complaint table (issues: 5 each)"
    )
    parser.add_argument(
        "--intake-rows", type=int, default=1_000_000, help="rows of the file that intake reads"
    )
    parser.add_argument("--part", choices=sorted(PARTS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.part:
        result = PARTS[arguments.part](arguments.folder)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        (arguments.folder / f"{arguments.part}.json").write_text(json.dumps({**result, "megabytes": peak}))
        return
    with tempfile.TemporaryDirectory(prefix="redress-bench-") as folder:
        differences = measure(Path(folder), arguments.complaints, arguments.intake_rows)
    if differences:
        sys.exit("The facts differ:\n" + "\n".join(differences))


def measure(folder: Path, complaints: int, intake_rows: int) -> list[str]:
    """Make the data, measure each part, print a table; gives what differs between the two builds of the facts."""
    from rich.console import Console
    from rich.table import Table

    # A process starts with the peak memory of the one that made it: this one stays small, and the data is made apart.
    (folder / "sizes.json").write_text(json.dumps({"complaints": complaints, "intake_rows": intake_rows}))
    parts = {name: run_part(name, folder) for name in ("extracts", "facts", "by_hand", "figures", "intake")}
    differences = compare(folder)

    made = parts["extracts"]
    table = Table(
        *("what", "seconds", "peak MB", "note"),
        title=f"{made['complaints']:,} complaints, {made['stages']:,} stages, {made['issues']:,} issues",
    )
    facts, by_hand, figures, intake = (parts[name] for name in ("facts", "by_hand", "figures", "intake"))
    table.add_row("start dbt: import and parse", f"{facts['start']:.1f}", "", "the same at any size")
    table.add_row(
        "facts, dbt", f"{facts['seconds']:.1f}", str(facts["megabytes"]), f"{facts['nodes']} models"
    )
    note = "equal to dbt's" if not differences else "DIFFERENT from dbt's"
    table.add_row("facts, hand-written SQL", f"{by_hand['seconds']:.1f}", str(by_hand["megabytes"]), note)
    table.add_row("ratio", f"{facts['seconds'] / by_hand['seconds']:.2f}", "", "dbt over hand-written")
    table.add_row(
        "figures, dbt", f"{figures['seconds']:.1f}", str(figures["megabytes"]), f"{figures['rows']:,} figures"
    )
    table.add_row(
        *("intake of a CSV", f"{intake['seconds']:.1f}", str(intake["megabytes"])),
        f"{intake['rows']:,} rows ({intake['conformed']:,} conformed), {made['bytes'] / 1e6:.0f} MB, "
        f"{intake['rows'] / intake['seconds']:,.0f} rows a second",
    )
    table.caption = f"made in {made['seconds']:.1f} s; {os.cpu_count()} processors"
    Console(width=110).print(table)
    return differences


def run_part(name: str, folder: Path) -> dict[str, Any]:
    """One part in a process of its own; gives what it reports."""
    command = [sys.executable, "-m", "tests.bench", "--part", name, "--folder", str(folder)]
    done = subprocess.run(
        command, check=False, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"The part {name} failed.\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return json.loads((folder / f"{name}.json").read_text())


def extracts(folder: Path) -> dict[str, Any]:
    """Make the data: what intake leaves behind for the warehouse, and a file for intake."""
    from tests.bench.extracts import write_drop_folder, write_state

    wanted = json.loads((folder / "sizes.json").read_text())
    began = time.perf_counter()
    sizes = write_state(folder / "state", wanted["complaints"])
    source = write_drop_folder(folder / "authorities", wanted["intake_rows"])
    return {**asdict(sizes), "bytes": source.stat().st_size, "seconds": time.perf_counter() - began}


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def facts(folder: Path) -> dict[str, Any]:
    """dbt: seeds, then everything up to the marts."""
    start, project = _timed(lambda: _dbt(folder, None, "parse").result)
    _dbt(folder, project, "seed")
    seconds, done = _timed(lambda: _dbt(folder, project, "run", "--select", "+path:models/marts"))
    return {"start": start, "seconds": seconds, "nodes": len(done.result.results)}


def figures(folder: Path) -> dict[str, Any]:
    """dbt: the figures, and what stands between them and the marts."""
    import duckdb

    project = _dbt(folder, None, "parse").result
    seconds, _ = _timed(
        lambda: _dbt(folder, project, "run", "--select", "+figures", "--exclude", "+path:models/marts")
    )
    with duckdb.connect(str(folder / "redress.duckdb"), read_only=True) as connection:
        (rows,) = connection.execute("select count(*) from figures.figures").fetchone() or (0,)
    return {"seconds": seconds, "rows": rows}


def _dbt(folder: Path, project: Any, *arguments: str) -> Any:
    """dbt in this process; its result. Raises RuntimeError where it failed."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    os.environ |= {"REDRESS_STATE": str(folder / "state"), "REDRESS_DATABASE": str(folder / "redress.duckdb")}
    where = ["--project-dir", str(ROOT / "dbt_project"), "--profiles-dir", str(ROOT / "dbt_project")]
    outside = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs"), "--quiet"]
    done = dbtRunner(manifest=project).invoke([*arguments, *where, *outside])
    DuckDBConnectionManager.close_all_connections()
    if not done.success:
        failed = [
            f"{one.node.name}: {one.message}"
            for one in getattr(done.result, "results", []) or []
            if one.message
        ]
        raise RuntimeError(f"dbt {arguments[0]} failed: {done.exception or failed}")
    return done


def by_hand(folder: Path) -> dict[str, Any]:
    """The same facts by the script beside this file."""
    import duckdb

    script = (HERE / "facts.sql").read_text(encoding="utf-8")
    with duckdb.connect(str(folder / "by_hand.duckdb")) as connection:
        for name, value in (
            ("conformed", folder / "state" / "conformed"),
            ("config", folder / "state" / "config"),
            ("holidays", ROOT / "seeds" / "reference" / "bank_holidays.csv"),
        ):
            connection.execute(f"set variable {name} = '{value}'")
        seconds, _ = _timed(lambda: connection.execute(script))
    return {"seconds": seconds}


def intake(folder: Path) -> dict[str, Any]:
    """Take in the drop folder: hash, read, check, pseudonymise, write."""
    from redress import intake as redress_intake
    from redress.authority import folder as authority_folder
    from redress.base.settings import Settings

    settings = Settings(build=folder / "intake", authorities=(folder / "authorities",))
    (one,) = authority_folder.load_authorities(settings)
    seconds, result = _timed(lambda: redress_intake.load_drop_folder(one, settings))
    (file,) = result.files
    if file.status != "loaded" or not file.conformed:
        raise RuntimeError(f"The file was not taken in: {file}")
    return {"seconds": seconds, "rows": file.received, "conformed": file.conformed}


def compare(folder: Path) -> list[str]:
    """What differs between the two builds of the facts, one line each."""
    import duckdb

    with (
        duckdb.connect(str(folder / "redress.duckdb"), read_only=True) as dbt,
        duckdb.connect(str(folder / "by_hand.duckdb"), read_only=True) as hand,
    ):
        checks = {
            f"rows of fct_{fact}": f"select count(*) from {{schema}}fct_{fact}" for fact in FACTS
        } | SUMS
        differences = []
        for name, query in checks.items():
            one = dbt.execute(query.format(schema="marts.")).fetchall()
            other = hand.execute(query.format(schema="")).fetchall()
            if one != other:
                pairs = [(a, b) for a, b in zip(one, other, strict=False) if a != b]
                differences.append(f"{name}: dbt and by hand {pairs[:3] or (len(one), len(other))}")
    return differences


PARTS = {"extracts": extracts, "facts": facts, "figures": figures, "by_hand": by_hand, "intake": intake}

if __name__ == "__main__":
    main()
