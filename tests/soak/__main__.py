"""`python -m tests.soak`: every fault that a machine, a disk, a clock or a person can be to Redress, and what became of each.

make soak                                       every fault, in full but for the two that take hours
python -m tests.soak --quick                    a sample of each
python -m tests.soak --only disk-full           one fault (several: give it again)
python -m tests.soak --count mutations=10000    how often the faults that are counted are made
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from datetime import date
from pathlib import Path

from tests.soak import faults
from tests.soak.around import AROUND
from tests.soak.faults import Row, Trial, prepare_yesterday
from tests.soak.world import import_everything

FAULTS = faults.FAULTS | AROUND
COUNTED = {"mutations": 1_000, "kills": 50, "whole-kills": 0}
"""How often without `--count`. 10,000 mutations and 50 whole runs with the website take far longer than all else."""
HEAD = (
    "fault",
    "by which means, where",
    "tried",
    "lost",
    "half published",
    "yesterday's results byte for byte, of runs that did not publish",
    "exit codes: how often",
    "owner named rightly, of commands that failed",
    "outcome",
)


def make_faults(
    names: Iterable[str], quick: bool, seed: int, workdir: Path, counts: dict[str, int]
) -> Iterator[Row]:
    """Make the named faults one after the other; a line is printed as each ends.

    Args:
        names: of `FAULTS`.
        quick: a sample of each.
        seed: of random choices.
        workdir: an empty folder.
        counts: how often, by name.
    """
    import_everything()
    trial = Trial(workdir / "council", quick, seed, workdir / "yesterday", counts)
    prepare_yesterday(trial.workdir, trial.yesterday)
    for name in names:
        began = time.monotonic()
        row = FAULTS[name](trial)
        print(f"{name:<18} {time.monotonic() - began:>6.0f} s  {row.verdict}", flush=True)
        yield row


def table(rows: Iterable[Row]) -> str:
    """Rows as a Markdown table."""
    lines = [HEAD, ("---",) * len(HEAD), *(astuple(row) for row in rows)]
    return "".join(f"| {' | '.join(str(cell).replace('|', '/') for cell in line)} |\n" for line in lines)


def main() -> None:
    """Make the faults, write the table, end with code 1 where one did not go well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a sample of each fault")
    parser.add_argument(
        "--only", action="append", choices=list(FAULTS), help="this fault; may be given again"
    )
    parser.add_argument(
        "--count", action="append", default=[], metavar="NAME=N", help=f"of {', '.join(COUNTED)}"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--workdir", type=Path, help="an empty folder that is kept; default one that is removed"
    )
    parser.add_argument(
        "--report", type=Path, default=Path("soak-report.md"), help="where the table is written"
    )
    given = parser.parse_args()
    counts = {"whole-kills": 0} if given.quick else dict(COUNTED)
    counts |= {name: int(number) for name, number in (one.split("=") for one in given.count)}
    with tempfile.TemporaryDirectory(prefix="redress-soak-") as folder:
        workdir = (given.workdir or Path(folder)).resolve()
        workdir.mkdir(parents=True, exist_ok=True)
        rows: list[Row] = []
        for row in make_faults(given.only or FAULTS, given.quick, given.seed, workdir, counts):
            rows.append(row)  # the table is whole after each: a fault may take hours, and nobody wait for it
            head = f"Run on {date.today()}, seed {given.seed}{', a sample' if given.quick else ''}."
            given.report.write_text(f"{head}\n\n{table(rows)}", encoding="utf-8")
    wrong = [row for row in rows if row.verdict != "ok" and not row.verdict.startswith("not tried")]
    print(f"{len(rows)} faults, {len(wrong)} not ok: see {given.report}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
