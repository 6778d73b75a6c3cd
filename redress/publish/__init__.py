"""The website: build it from the protected export, keep what a reader needs, and refuse what must not be shipped.

It is made in parts (`parts`), and those of which nothing has changed are used again. Every link is relative: the folder can be
served from any place under any path without another build.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from redress.base.errors import ConfigurationProblem, GateFailed
from redress.base.settings import Settings
from redress.publish import open_data, program
from redress.publish.kept import Kept
from redress.publish.pages import problems, read_pages
from redress.publish.parts import Made, declared_pages, keep_parts, make_parts, parts_of_site

__all__ = ["build_site", "declared_pages", "expected_pages"]


def build_site(settings: Settings, protected_dir: Path, target_dir: Path) -> dict[str, int]:
    """Build the website from the protected export.

    Args:
        settings: the installation; `settings.root/reports` is the Evidence project, with its packages installed.
        protected_dir: the folder of Arrow streams that `redress.protect.export` wrote.
        target_dir: where the finished site goes; anything there is replaced.

    Returns:
        `pages` and `bytes` of the site, and how many of the pages were `made` in this run.

    Raises:
        ConfigurationProblem: Node or the packages are missing, or the export holds no report.
        GateFailed: a query, a page or a link is wrong, or the result holds something that must not be shipped.
    """
    project, home = settings.root / "reports", settings.state / "site"
    protected_dir, target_dir, work = Path(protected_dir), Path(target_dir), home / "work"
    if not any(protected_dir.glob("*.arrow")):
        raise ConfigurationProblem(
            f"There is no protected export in {protected_dir}.", "whoever runs Redress"
        )
    expected = expected_pages(protected_dir)
    compiled = program.compiled(project, settings.compiled / "website")
    for folder in (work, target_dir):
        shutil.rmtree(folder, ignore_errors=True)
    kept = Kept(home / "kept")
    parts = parts_of_site(protected_dir, work / "data", compiled, kept)
    is_whole = all(part.kept for part in parts)
    made = Made() if is_whole else make_parts(parts, protected_dir, project, compiled, work, target_dir, kept)
    for part in parts:
        if part.kept:
            part.kept.put_into(target_dir)
    read = {name: page for part in parts for name, page in part.pages().items()}
    read |= read_pages(target_dir, made.pages())
    found = problems(target_dir, expected, read)
    if found:
        shown = found[:50] + ([f"... and {len(found) - 50} more"] if len(found) > 50 else [])
        raise GateFailed("The website is not fit to publish.", program.MAINTAINERS, shown)
    keep_parts(kept, parts, target_dir, made, read)
    shutil.rmtree(work)
    return {
        "pages": len(read),
        "made": len(made.pages()),
        "bytes": sum(file.stat().st_size for file in target_dir.rglob("*") if file.is_file()),
    }


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
