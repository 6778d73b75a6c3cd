"""A council of thirty rows whose runs take seconds, and commands of Redress on it in processes that can be made to fail.

Real are the command, intake, the run with its gates, dbt (three models), the tracing of figures, sign-off, the evidence
packs, the journal and the release. Checks, protection and website are functions that do as little as they
promise: the export is a copy of the figures, the page is the export's hash, so that a page and figures of two runs are seen.

Everything that commands need is imported once, and each command then runs in a child made by `fork`, which saves ten
seconds of imports; so this process itself never uses DuckDB or polars, whose threads a child would not have.
"""

from __future__ import annotations

import csv
import hashlib
import importlib
import json
import os
import pkgutil
import re
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from redress.base import generations
from redress.base.settings import ROOT, Settings
from tests.pipeline import small_installation
from tests.soak import mutations
from tests.soak.kills import hash_results

SLUG, YEAR, DAY = mutations.SLUG, "2023-24", "2024-04-08"
FIGURE = f"{SLUG}-{YEAR}-new-complaints-d41d8cd9"
MOST_SECONDS = 1_200
"""No command on this council takes longer, unless it hangs."""
Hook = Callable[["World"], None]


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Attributes:
        code: its exit code; minus the number of the signal that ended it.
        output: what it printed, both streams.
        seconds: how long it took.
    """

    code: int
    output: str
    seconds: float

    @property
    def owner(self) -> str:
        """Who can fix it, as the command says."""
        found = re.search(r"^To fix: (.+)$", self.output, flags=re.MULTILINE)
        return found[1] if found else ""


class World:
    """One council, one folder of results.

    Attributes:
        build: the results.
        drop: where the council puts files of the day.
    """

    def __init__(self, workdir: Path):
        self.root = workdir / "checkout"
        self.build = workdir / "results" / "build"
        self.folder = workdir / "authorities" / SLUG
        self.drop = self.folder / "extracts" / YEAR / DAY
        self.output = workdir.parent / "outputs"
        self.output.mkdir(parents=True, exist_ok=True)
        if not self.root.exists():
            self._write_council()

    def _write_council(self) -> None:
        for name, text in small_installation.PROJECT.items():
            if not name.startswith("tests/"):
                _write(self.root / "dbt_project" / name, text)
        _write(
            self.root / "dbt_project" / "profiles.yml", (ROOT / "dbt_project" / "profiles.yml").read_text()
        )
        (self.root / "seeds").symlink_to(ROOT / "seeds")
        for name, text in {
            "profile.yml": mutations.PROFILE,
            "mapping.yml": mutations.MAPPING,
            **mutations.TABLES,
        }.items():
            _write(self.folder / name, text)
        self.put("cases-2023.csv", mutations.CASES.encode())
        self.put("points.xlsx", mutations._workbook(mutations.POINTS))

    @property
    def settings(self) -> Settings:
        """Settings of the installation."""
        return Settings(
            root=self.root, build=self.build, authorities=(self.folder.parent,), key="a key for trials"
        )

    def put(self, name: str, content: bytes) -> None:
        """Put a file into the drop folder."""
        self.drop.mkdir(parents=True, exist_ok=True)
        (self.drop / name).write_bytes(content)

    def send_news(self, mark: int) -> None:
        """Put another file into the drop folder, so that the next run has other results."""
        rows = [f"N{mark}-{row},0{row + 1}/05/2023,C,Email,Y,,,Ann Other,\n" for row in range(mark % 5 + 1)]
        head = mutations.CASES.splitlines(keepends=True)[0]
        self.put(f"cases-news{mark}.csv", (head + "".join(rows)).encode())

    def start(self, *arguments: str, hook: Hook | None = None) -> Started:
        """Start a command of Redress; `hook` is called in its process before it begins."""
        return Started(self, lambda: self._command(arguments, hook))

    def run(self, *arguments: str, hook: Hook | None = None) -> Ended:
        """Run a command of Redress to its end."""
        return self.start(*arguments, hook=hook).wait()

    def build_all(self, hook: Hook | None = None) -> Ended:
        """Run `redress build`."""
        return self.run("build", "--quiet", hook=hook)

    def build_green(self) -> None:
        """Run `redress build`; raises RuntimeError where it is not green."""
        ended = self.build_all()
        if ended.code != 0:
            raise RuntimeError(
                f"A run that nothing stood in the way of ended with {ended.code}: {ended.output}"
            )

    def ask(self, question: Callable[[World], Any]) -> Any:
        """The answer to a question that needs DuckDB or polars, as JSON brings it; asked in a process of its own."""
        ended = Started(self, lambda: print(json.dumps(question(self)))).wait()
        if ended.code != 0:
            raise RuntimeError(f"A question could not be answered: {ended.output}")
        return json.loads(ended.output.splitlines()[-1])

    def seen(self) -> dict[str, str]:
        """SHA-256 of every file that readers find under the fixed names."""
        return hash_results(self.build)

    def torn(self) -> list[str]:
        """What readers find that is not of one run."""
        if not (self.build / "figures.csv").exists():
            return []
        wrong = []
        current = (self.build / generations.FOLDER / generations.CURRENT).resolve()
        for name, place in generations.RESULTS.items():
            path = self.build / name
            if path.exists() and path.resolve() != (current / place).resolve():
                wrong.append(f"{name} is not of the generation in force")
        page, figures = self.build / "site" / "index.html", self.build / "figures.csv"
        if page.read_text() != _hash(figures):
            wrong.append("the page is not of these figures")
        with figures.open(newline="", encoding="utf-8") as handle:
            if not list(csv.DictReader(handle)):
                wrong.append("figures.csv holds nothing")
        return wrong

    def lost(self) -> list[str]:
        """What was received and is nowhere: records of a file that do not add up, originals and files that are not kept."""
        return self.ask(_lost)

    def _command(self, arguments: tuple[str, ...], hook: Hook | None) -> None:
        os.environ.update(
            REDRESS_BUILD=str(self.build),
            REDRESS_AUTHORITIES=str(self.folder.parent),
            REDRESS_KEY="a key for trials",
        )
        _install(self.root)
        if hook:
            hook(self)
        from redress import cli

        sys.argv = ["redress", *arguments]
        cli.run()


class Started:
    """A child process, in a group of its own, whose output goes to a file."""

    def __init__(self, world: World, body: Callable[[], None]):
        self.path = world.output / f"{len(list(world.output.iterdir())) + 1:04}.txt"
        self.began = time.monotonic()
        self.ended: Ended | None = None
        sys.stdout.flush()
        self.process = os.fork()
        if self.process == 0:
            _be_the_child(self.path, body)

    def is_running(self) -> bool:
        """Whether it has not ended."""
        if self.ended is None:
            found, status = os.waitpid(self.process, os.WNOHANG)
            if found:
                self._end(status)
        return self.ended is None

    def wait(self) -> Ended:
        """How it ended. One that takes longer than `MOST_SECONDS` is killed."""
        while self.is_running():
            if time.monotonic() - self.began > MOST_SECONDS:
                self.kill()
            time.sleep(0.01)
        return self.ended

    def kill(self) -> None:
        """Kill it with all its processes."""
        os.killpg(self.process, signal.SIGKILL)

    def _end(self, status: int) -> None:
        self.ended = Ended(
            os.waitstatus_to_exitcode(status),
            self.path.read_text(encoding="utf-8", errors="replace"),
            time.monotonic() - self.began,
        )


def import_everything() -> None:
    """Import what commands need, so that no child has to."""
    import redress

    for found in pkgutil.walk_packages(redress.__path__, "redress."):
        importlib.import_module(found.name)
    for name in ("dbt.cli.main", "dbt.adapters.duckdb", "openpyxl"):
        importlib.import_module(name)


def _be_the_child(path: Path, body: Callable[[], None]) -> None:
    code = 1
    try:
        os.setsid()
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        body()
        code = 0
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except BaseException:  # noqa: BLE001 - a fork must never go on in its parent's frames
        traceback.print_exc()
        code = 99
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _install(root: Path) -> None:
    """Put the small project and the quick stages in place of the real ones, in this process."""
    from redress import protect, publish, reconcile
    from redress.protect import as_signed
    from redress.publish import open_data

    of_environment = Settings.from_environment.__func__
    Settings.from_environment = classmethod(lambda cls: replace(of_environment(cls), root=root))
    reconcile.run_checks = _run_checks
    reconcile.published_check = _published_check
    protect.export = _export
    publish.build_site = _build_site
    as_signed.keep = _keep_published
    open_data.write_report = _write_downloads


def _run_checks(settings: Settings, out_dir: Path, **more: Any) -> list[dict]:
    from redress.run import gates

    records = [
        {**record, "authority": SLUG, "reporting_year": YEAR, "evidence": json.dumps([{"figure_id": FIGURE}])}
        for record in small_installation.passing()
    ]
    gates.write_checks(records, out_dir / "checks.csv")
    return records


def _published_check(settings: Settings, out_dir: Path) -> list[dict]:
    head = "ref,authority,reporting_year,figure_id,published_value,computed_value,verdict,reason,evidence"
    row = f"s-1,{SLUG},{YEAR},{FIGURE},5,5,reproduced,,"
    (out_dir / "published_check.csv").write_text(f"{head}\n{row}\n")
    return [dict(zip(head.split(","), row.split(","), strict=True))]


def _export(settings: Any, target_dir: Path, decisions_file: Path, internal_dir: Path, **more: Any) -> None:
    shutil.copyfile(settings.next / "figures.csv", target_dir / "figures.arrow")


def _keep_published(protected: Path, target: Path, authority: str, year: str) -> None:
    shutil.copytree(protected, target)


def _write_downloads(protected: Path, target: Path, authority: str, year: str) -> None:
    target.mkdir(parents=True)
    shutil.copyfile(protected / "figures.arrow", target / "figures.csv")


def _build_site(settings: Any, protected_dir: Path, target_dir: Path) -> None:
    target_dir.mkdir(parents=True)
    (target_dir / "index.html").write_text(_hash(protected_dir / "figures.arrow"))


def _lost(world: World) -> list[str]:
    from redress.intake.ledger import read_ledger

    ledger = read_ledger(world.settings)
    lost = [
        f"{row['file_name']}: {row['rows_received']} received, {row['rows_conformed']} conformed, "
        f"{row['rows_quarantined']} set aside"
        for row in ledger
        if row["status"] == "loaded"
        and row["rows_received"] != row["rows_conformed"] + row["rows_left_out"] + row["rows_quarantined"]
    ]
    for sha256 in {row["sha256"] for row in ledger}:
        kept = world.settings.state / "kept" / sha256
        if not kept.is_file() or _hash(kept) != sha256:
            lost.append(f"the original {sha256[:12]} is not kept as it was")
    known = {row["sha256"] for row in ledger}
    lost += [
        f"{path.name} is not in the ledger"
        for path in sorted(world.drop.iterdir())
        if _hash(path) not in known
    ]
    return lost


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
