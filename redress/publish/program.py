"""The program that renders pages: compiled by Evidence from `reports/`, kept, and run by Node.

Evidence builds in a copy of `reports/`, so that the checkout stays clean. The program sees no data: pages of all runs and
previews are rendered by the same one until a file of `reports/`, its packages or Node changes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from redress.base.compiled import held_alone
from redress.base.errors import ConfigurationProblem, GateFailed
from redress.base.files import walk_files
from redress.publish.kept import Kept, Result, files_digest, question_of
from redress.publish.parallel import side_by_side

MAINTAINERS = "whoever maintains reports/"
SERVER, ASSETS = "server", "assets"
RENDER, PACKAGE = "render.js", "package.json"
"""What the program consists of: what renders, what pages fetch, what hands pages out to processes, and what tells Node of it."""
MOST_KEPT = 4
"""Programs that are kept: of this version of `reports/`, and of some before."""
BUILD_SECONDS = 900
RENDER_SECONDS = 60
"""What rendering the pages of one report may take, on a slow and busy machine, before the build is given up."""
NOT_COPIED = ("node_modules", ".evidence", "build", "data", "sections")
"""What lies in the project's folder and is no part of the program; sections come to it as data."""


def program_question(project: Path) -> str:
    """Return what the program of a project depends on, as a question.

    Raises:
        ConfigurationProblem: the packages are not installed, or Node is not.
    """
    installed = packages_of(project) / ".package-lock.json"
    return question_of(
        "program",
        files_digest(project, NOT_COPIED),
        installed.read_bytes() if installed.exists() else b"",
        _node_version(find_node()),
        Path(__file__).read_bytes(),
    )


def compiled(project: Path, programs: Path) -> Result:
    """Return the program of a project: kept from an earlier run, or compiled beside the folder in which programs are kept.

    Args:
        project: the folder of the Evidence project, with its packages installed.
        programs: where programs are kept.

    Raises:
        ConfigurationProblem: the packages are not installed, or Node is not.
        GateFailed: the project could not be compiled.
    """
    question = program_question(project)
    kept, work = Kept(programs), programs.with_name(f"{programs.name}-work")
    with held_alone(programs):
        program = kept.find(question)
        if program is None:
            prepare(project, work)
            _run_node(work, ["node_modules/@evidence-dev/evidence/cli.js", "build:strict"], BUILD_SECONDS)
            (work / ".evidence" / "template" / ".svelte-kit" / "output" / "server").rename(work / SERVER)
            (work / "build").rename(work / ASSETS)
            files = [*walk_files(work / SERVER), *walk_files(work / ASSETS), work / RENDER, work / PACKAGE]
            program = kept.keep(question, work, (path.relative_to(work).as_posix() for path in files))
            shutil.rmtree(work)
        kept.forget_others(MOST_KEPT)
    return program


def packages_of(project: Path) -> Path:
    """Return the folder of the installed packages.

    Raises:
        ConfigurationProblem: they are not installed.
    """
    packages = project / "node_modules"
    if not (packages / "@evidence-dev" / "evidence" / "cli.js").exists():
        raise ConfigurationProblem(
            f"The website's packages are not installed in {packages}.",
            "whoever installs Redress: run `npm ci --ignore-scripts` in reports/",
        )
    return packages.resolve()


def prepare(project: Path, work: Path) -> None:
    """Make a fresh copy of the Evidence project, with its packages.

    Raises:
        ConfigurationProblem: the packages are not installed.
    """
    packages = packages_of(project)
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(project, work, ignore=shutil.ignore_patterns(*NOT_COPIED))
    (work / "node_modules").symlink_to(packages, target_is_directory=True)


def set_up(program: Result, project: Path, work: Path) -> None:
    """Put the program into a folder, from which `render` runs it, with what pages fetch in `build/`."""
    program.put_into(work)
    (work / "node_modules").symlink_to(packages_of(project), target_is_directory=True)
    shutil.copytree(work / ASSETS, work / "build")


def render(work: Path, reports: int, processes: int | None = None) -> None:
    """Render the pages of every batch that `data/batches.json` lists into `build/`.

    Args:
        work: where the program was set up.
        reports: of which pages are rendered; they say how long it may take.
        processes: that render side by side; see `side_by_side` unless given.

    Raises:
        ConfigurationProblem: Node is not installed.
        GateFailed: a query or a page is wrong, a link leads nowhere, or a page took too long.
    """
    folders = [str(work.absolute() / name) for name in ("data", "build")]
    seconds = BUILD_SECONDS + RENDER_SECONDS * reports
    _run_node(work, [RENDER, *folders, str(processes or side_by_side())], seconds)


def find_node() -> str:
    """Return Node.

    Raises:
        ConfigurationProblem: it is not installed.
    """
    node = shutil.which("node")
    if node is None:
        raise ConfigurationProblem("Node.js is not installed.", "whoever installs Redress: Node 20 or later")
    return node


@cache
def _node_version(node: str) -> str:
    return subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()


def _run_node(work: Path, command: list[str], seconds: int) -> None:
    """Run a program of the project with Node, without the network; what it says is added to `build.log`."""
    node = find_node()
    environment = {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("EVIDENCE_", "VITE_", "npm_"))
        },
        "npm_config_offline": "true",
        "npm_config_update_notifier": "false",
        "NODE_ENV": "production",
        "CI": "true",
        "TZ": "UTC",
    }
    log = work / "build.log"
    with log.open("ab") as output:
        try:
            done = subprocess.run(
                [node, *command],
                cwd=work,
                env=environment,
                stdout=output,
                stderr=output,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as problem:
            raise GateFailed(f"The website was not built within {seconds} seconds.", MAINTAINERS) from problem
    if done.returncode != 0:
        raise GateFailed(
            "The website could not be built.", MAINTAINERS, reasons(log.read_text("utf-8", "replace"))
        )


def reasons(log: str) -> list[str]:
    """Return the lines of Evidence's output that say what went wrong, without stack traces."""
    noise = ("    at ", "npm warn", "Custom svelte.config.js", "(Use `node", "Node.js v")
    lines = [line.rstrip() for line in log.splitlines() if line.strip() and not line.startswith(noise)]
    first = next((i for i, line in enumerate(lines) if "rror" in line), max(0, len(lines) - 20))
    return lines[first : first + 30]
