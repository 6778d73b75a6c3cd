"""The website: build it from the protected export, keep what a reader needs, and refuse what must not be shipped.

Building happens in a copy of `reports/` below `build/state/site`, so that the checkout stays clean. Every link in
the result is relative: the folder can be served from any place under any path without another build.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from redress.base.errors import ConfigurationProblem, GateFailed
from redress.base.settings import Settings
from redress.declared.model import DeclaredReport
from redress.publish import batches, open_data, page_tables, whole_report
from redress.publish.cover import cover_of
from redress.publish.pages import keep, problems
from redress.publish.parallel import side_by_side

MAINTAINERS = "whoever maintains reports/"
BUILD_SECONDS = 900
RENDER_SECONDS = 60
"""What rendering the pages of one report may take, on a slow and busy machine, before the build is given up."""
NOT_COPIED = ("node_modules", ".evidence", "build", "data")
"""What lies in the project's folder and is no part of the program."""


def build_site(settings: Settings, protected_dir: Path, target_dir: Path) -> dict[str, int]:
    """Build the website from the protected export.

    Args:
        settings: the installation; `settings.root/reports` is the Evidence project, with its packages installed.
        protected_dir: the folder of Arrow streams that `redress.protect.export` wrote.
        target_dir: where the finished site goes; anything there is replaced.

    Returns:
        `pages` and `bytes` of the site.

    Raises:
        ConfigurationProblem: Node or the packages are missing, or the export holds no report.
        GateFailed: a query, a page or a link is wrong, or the result holds something that must not be shipped.
    """
    project = settings.root / "reports"
    protected_dir, target_dir = Path(protected_dir), Path(target_dir)
    work = prepare(project, protected_dir, settings.state / "site")
    shutil.rmtree(target_dir, ignore_errors=True)
    # Beside the pages until they are built: a build that fails leaves nothing in the target.
    files = open_data.write_open_data(protected_dir, work / "open")
    measures = batches.reported_measures(open_data.read_stream(protected_dir / "figures.arrow"))
    batches.write_batches(protected_dir, work / "data", {"downloads": files, "reported_measures": measures})
    run_evidence(work)
    render(work)
    pages = keep(work / "build", target_dir)
    shutil.copytree(work / "open", target_dir, dirs_exist_ok=True)
    counts = finish(protected_dir, target_dir, settings.state / "printed")
    found = problems(target_dir, expected=expected_pages(protected_dir))
    if found:
        shown = found[:50] + ([f"... and {len(found) - 50} more"] if len(found) > 50 else [])
        raise GateFailed("The website is not fit to publish.", MAINTAINERS, shown)
    return {
        "pages": pages + counts["whole_reports"],
        "downloads": files.num_rows + counts["files"] + counts["documents"],
        "bytes": sum(file.stat().st_size for file in target_dir.rglob("*") if file.is_file()),
    }


def finish(protected_dir: Path, site: Path, printed: Path | None = None) -> dict[str, int]:
    """What is made from the finished pages: each report in one file, the files of their tables, data about data.

    Args:
        protected_dir: the protected export, for the names of the reports.
        site: the folder of the pages; changed in place.
        printed: where documents are kept between builds.

    Returns:
        `whole_reports`, `documents`, `tables` and `files` (of tables).

    Raises:
        GateFailed: a report could not be printed.
    """
    reports = open_data.read_stream(protected_dir / "reports.arrow").to_pylist()
    folders = {f"{row['authority']}/{row['reporting_year']}": row for row in reports}
    pages = _rows_of_pages(protected_dir)
    papers = {folder: _paper(row, pages.get(folder, [])) for folder, row in folders.items()}
    documents = whole_report.write_whole_reports(site, papers, printed)
    for folder in folders:
        _describe_data(site / folder / open_data.FOLDER)
    counts = page_tables.add_downloads(
        site, {folder: open_data.cover(row) for folder, row in folders.items()}, whole_report.FOLDER
    )
    return counts | {"whole_reports": len(folders), "documents": documents}


def _describe_data(folder: Path) -> None:
    """Put the schema.org description of a report's data into the head of the page that offers them."""
    page = folder / "index.html"
    content = (folder / "dataset.json").read_text(encoding="utf-8").replace("<", "\\u003c")
    html = page.read_text(encoding="utf-8")
    block = f'<script type="application/ld+json">{content}</script>\n\t</head>'
    page.write_text(html.replace("</head>", block, 1), encoding="utf-8")


def prepare(project: Path, protected_dir: Path, work: Path) -> Path:
    """A fresh copy of the Evidence project, with the logos of the export.

    Raises:
        ConfigurationProblem: the packages are not installed, or there is no table.
    """
    packages = project / "node_modules"
    if not (packages / "@evidence-dev" / "evidence" / "cli.js").exists():
        raise ConfigurationProblem(
            f"The website's packages are not installed in {packages}.",
            "whoever installs Redress: run `npm ci --ignore-scripts` in reports/",
        )
    if not any(protected_dir.glob("*.arrow")):
        raise ConfigurationProblem(
            f"There is no protected export in {protected_dir}.", "whoever runs Redress"
        )
    # Evidence keeps tables of earlier builds: only an empty folder is sure to hold this export and no other.
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(project, work, ignore=shutil.ignore_patterns(*NOT_COPIED))
    (work / "node_modules").symlink_to(packages.resolve(), target_is_directory=True)
    write_logos(protected_dir, work / "static" / "logos")
    return work


def write_logos(protected_dir: Path, folder: Path) -> None:
    """Write the logos of the export as `<authority>.<kind>`, for pages to show."""
    path = protected_dir / "reports.arrow"
    for row in open_data.read_stream(path).to_pylist() if path.exists() else ():
        if row.get("logo"):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{row['authority']}.{row['logo_kind']}").write_bytes(base64.b64decode(row["logo"]))


def run_evidence(work: Path) -> None:
    """Have Evidence compile the pages of a prepared folder; `render` makes them. The output is kept in `build.log`.

    Raises:
        ConfigurationProblem: Node is not installed.
        GateFailed: the build failed or did not end; the details are the last lines that say why.
    """
    _run_node(work, ["node_modules/@evidence-dev/evidence/cli.js", "build:strict"], BUILD_SECONDS)


def render(work: Path, processes: int | None = None, first_page: str = "index.html") -> None:
    """Render the pages of every batch (`batches.write_batches`, in `data/`) into `build/`.

    Args:
        work: the prepared folder, compiled by `run_evidence`.
        processes: that render side by side; see `side_by_side` unless given.
        first_page: a page that must be there afterwards.

    Raises:
        ConfigurationProblem: Node is not installed.
        GateFailed: a query or a page is wrong, a link leads nowhere, or a page took too long.
    """
    listed = json.loads((work / "data" / "batches.json").read_text(encoding="utf-8"))
    reports = sum(len(batch["reports"]) for batch in listed)
    processes = processes or side_by_side()
    _run_node(
        work,
        ["render.js", str(work.absolute() / "data"), str(work.absolute() / "build"), str(processes)],
        BUILD_SECONDS + RENDER_SECONDS * reports,
    )
    if not (work / "build" / first_page).exists():
        raise GateFailed("The website was built without its first page.", MAINTAINERS)


def _run_node(work: Path, command: list[str], seconds: int) -> None:
    """Run a program of the project with Node, without the network; what it says is added to `build.log`."""
    node = shutil.which("node")
    if node is None:
        raise ConfigurationProblem("Node.js is not installed.", "whoever installs Redress: Node 20 or later")
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
    """The lines of Evidence's output that say what went wrong, without stack traces."""
    noise = ("    at ", "npm warn", "Custom svelte.config.js", "(Use `node", "Node.js v")
    lines = [line.rstrip() for line in log.splitlines() if line.strip() and not line.startswith(noise)]
    first = next((i for i, line in enumerate(lines) if "rror" in line), max(0, len(lines) - 20))
    return lines[first : first + 30]


def declared_pages(protected_dir: Path) -> dict[str, list[tuple[str, str]]]:
    """The declared pages of each report (`authority/year`): place below its folder and title, in their order."""
    return {folder: _parts(rows) for folder, rows in _rows_of_pages(protected_dir).items()}


def _parts(pages: Iterable[dict]) -> list[tuple[str, str]]:
    return [(f"{row['page']}/" if row["page"] else "", row["title"]) for row in pages]


def _rows_of_pages(protected_dir: Path) -> dict[str, list[dict]]:
    """The rows of each report (`authority/year`) in the table `pages`, in their order."""
    pages: dict[str, list[dict]] = {}
    for row in open_data.read_stream(protected_dir / "pages.arrow").sort_by("position").to_pylist():
        pages.setdefault(f"{row['authority']}/{row['reporting_year']}", []).append(row)
    return pages


def _paper(report: dict, pages: list[dict]) -> whole_report.Paper:
    """What the documents of a report are made of."""
    declared = DeclaredReport.from_rows(report["authority"], report["reporting_year"], pages)
    return whole_report.Paper(_parts(pages), cover_of(report, pages), declared)


def expected_pages(protected_dir: Path) -> list[str]:
    """The pages that must be there: the site's own, those that every report has, and its declared ones."""
    rows = open_data.read_stream(protected_dir / "reports.arrow").to_pylist()
    if not rows:
        raise ConfigurationProblem("The protected export holds no report.", "whoever runs Redress")
    declared = declared_pages(protected_dir)
    site = ("", "compare/", "method/", "find/", "data/", "data-dictionary/", "accessibility/")
    own = (
        "",
        "checklist/",
        "published/",
        "data-quality/",
        "revisions/",
        "figures/",
        "data/",
        "about/",
        "report/",
    )
    reports = [f"{row['authority']}/{row['reporting_year']}" for row in rows]
    return [f"{page}index.html" for page in site] + [
        f"{report}/{place}index.html"
        for report in reports
        for place in dict.fromkeys((*own, *(place for place, _ in declared.get(report, ()))))
    ]
