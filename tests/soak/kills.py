"""`python -m tests.soak.kills`: real runs of one council, killed at random moments, and what readers see afterwards.

Before each run the title of the council's report is changed, so that today's results differ from yesterday's. The run
is killed with all its processes: half of the times at any moment, half of the times during its release. Then whatever
stands has to be yesterday's results byte for byte, or today's; `redress reports` and `redress explain` have to answer
and change nothing; and a run to the end has to be green.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from redress.base import generations
from redress.base.settings import ROOT

AUTHORITY = "telford-and-wrekin"
DATABASE = "state/redress.duckdb"
AT_ONCE = ("checks.csv", "published_check.csv", "check_history.csv", "quarantine/quarantine.csv")
"""Written by every run, also by one that stops: not of the generation, but always whole."""


@dataclass(frozen=True)
class Row:
    """One run that was killed.

    Attributes:
        number: from 1.
        moment: when it was killed, in seconds after its start, and whether its release had begun.
        stood: `yesterday`, `today`, or `mixed`.
        verdict: `ok`, or what was wrong.
    """

    number: int
    moment: str
    stood: str
    verdict: str


def run_kills(
    count: int, seed: int, site: bool, workdir: Path, authority: str = AUTHORITY, say=lambda text: None
) -> list[Row]:
    """Kill runs and look at what they leave.

    Args:
        count: how many runs to kill.
        seed: of the random moments.
        site: whether the runs build the website.
        workdir: an empty folder; holds the council's folder and the results afterwards.
        authority: a council of `seeds/authorities`.
        say: told of each row as it comes.

    Raises:
        RuntimeError: a run that nobody killed was not green.
    """
    random_moment = random.Random(seed)
    trial = _Trial(workdir, authority, site)
    trial.change("yesterday")
    seconds = trial.run_to_the_end()
    rows = []
    for number in range(1, count + 1):
        yesterday = trial.seen()
        trial.change(f"run {number}")
        moment = trial.kill(random_moment, seconds, in_release=number % 2 == 0)
        wrong = trial.torn()
        seen = trial.seen()
        wrong += trial.ask()
        if trial.seen() != seen:
            wrong.append("the next command changed what readers see")
        seconds = trial.run_to_the_end()
        stood = _which(seen, yesterday, trial.seen())
        if stood == "mixed":
            wrong.append(f"mixed: {', '.join(_others(seen, yesterday, trial.seen())[:10])}")
        rows.append(Row(number, moment, stood, "; ".join(wrong) or "ok"))
        say(f"{rows[-1].number:>4}  {rows[-1].moment:<28} {rows[-1].stood:<10} {rows[-1].verdict}")
    return rows


class _Trial:
    """One council, one folder of results."""

    def __init__(self, workdir: Path, authority: str, site: bool):
        self.build = workdir / "build"
        self.authority = authority
        self.profile = workdir / "authorities" / authority / "profile.yml"
        shutil.copytree(ROOT / "seeds" / "authorities" / authority, self.profile.parent)
        self.title = re.compile(r"^(    title: ).*$", flags=re.MULTILINE)
        self.arguments = ["build", "--quiet", "--authority", authority, *([] if site else ["--no-site"])]
        self.log = workdir / "runs.log"
        self.environment = {
            **os.environ,
            "REDRESS_BUILD": str(self.build),
            "REDRESS_AUTHORITIES": str(self.profile.parent.parent),
        }

    def change(self, mark: str) -> None:
        """Change the title of every report of the council."""
        text = self.profile.read_text(encoding="utf-8")
        changed = self.title.sub(rf'\g<1>"Annual report, {mark}"', text)
        assert changed != text, f"{self.profile} has no title to change"
        self.profile.write_text(changed, encoding="utf-8")

    def start(self, *arguments: str) -> subprocess.Popen:
        """A command of Redress in a group of processes of its own."""
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "redress.cli", *arguments],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def run_to_the_end(self) -> float:
        """A run that nobody kills; returns its seconds."""
        began = time.monotonic()
        code = self.start(*self.arguments).wait()
        if code != 0:
            raise RuntimeError(f"A run ended with code {code}: see {self.log}")
        return time.monotonic() - began

    def kill(self, moments: random.Random, seconds: float, *, in_release: bool) -> str:
        """Start a run and kill it; returns when."""
        unsettled = self.build / generations.FOLDER / generations.UNSETTLED
        wait = moments.uniform(0, 0.1) if in_release else moments.uniform(0, seconds)
        began = time.monotonic()
        run = self.start(*self.arguments)
        while in_release and run.poll() is None and not unsettled.exists():
            time.sleep(0.0005)
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(timeout=wait)
        has_ended = run.poll() is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        part = "had ended" if has_ended else "in its release" if unsettled.exists() else "before or after it"
        return f"{time.monotonic() - began:.2f} s, {part}"

    def seen(self) -> dict[str, str]:
        """SHA-256 of every file that readers find under the fixed names."""
        return hash_results(self.build)

    def torn(self) -> list[str]:
        """Files written at once that are not whole: a row that has not as many cells as the head."""
        wrong = []
        for name in AT_ONCE:
            with (self.build / name).open(newline="", encoding="utf-8") as handle:
                rows = list(csv.reader(handle))
            if not rows or {len(row) for row in rows} != {len(rows[0])}:
                wrong.append(f"{name} is torn")
        return wrong

    def ask(self) -> list[str]:
        """Commands that only read; returns what is wrong with their answers."""
        with (self.build / "figures.csv").open(newline="", encoding="utf-8") as handle:
            figure = next(csv.DictReader(handle))["figure_id"]
        asked = (["reports"], ["explain", figure])
        return [
            f"`redress {' '.join(one)}` ended with code {code}"
            for one in asked
            if (code := self.start(*one).wait()) != 0
        ]


def hash_results(build: Path) -> dict[str, str]:
    """SHA-256 of every file that readers find under the fixed names of a build folder."""
    found = {}
    for name in generations.RESULTS:
        place = build / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file():
                with path.open("rb") as file:
                    found[str(path.relative_to(build))] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def _which(seen: dict[str, str], yesterday: dict[str, str], today: dict[str, str]) -> str:
    """Whose results were seen. Two databases of equal content differ in bytes, so today's is any but yesterday's."""
    if seen == yesterday:
        return "yesterday"
    is_new = seen.get(DATABASE) not in (None, yesterday.get(DATABASE))
    return "today" if is_new and not _others(seen, today) else "mixed"


def _others(seen: dict[str, str], *known: dict[str, str]) -> list[str]:
    """Files that are not as in any of the known sets of results."""
    names = set(seen).union(*known) - {DATABASE}
    return sorted(name for name in names if all(seen.get(name) != one.get(name) for one in known))


def main() -> None:
    """Kill, print a row for each, end with code 1 where one is not ok."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--site", action="store_true")
    parser.add_argument(
        "--workdir", type=Path, help="an empty folder that is kept; default one that is removed"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="redress-kills-") as folder:
        workdir = given.workdir or Path(folder)
        workdir.mkdir(parents=True, exist_ok=True)
        rows = run_kills(
            given.count, given.seed, given.site, workdir, say=lambda text: print(text, flush=True)
        )
    wrong = [row for row in rows if row.verdict != "ok"]
    print(f"{len(rows)} runs killed, {len(wrong)} not ok.")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
