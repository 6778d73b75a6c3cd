"""What stands of each council: of which things its results were made, and whether they are still there as they were left."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from redress.base.errors import RedressError
from redress.base.files import replace_file, sha256
from redress.base.settings import RunSettings, Settings
from redress.base.tables import read_json
from redress.run.results import Made, Standing

FILE = "councils.json"
RESULTS = ("figures.csv", "suppression.csv", "revisions.csv", "state/protected")
"""Results whose bytes are compared; of the warehouse, the website and the packs, names, sizes and times are."""
LISTED = ("state/redress.duckdb", "site", "evidence")
JUDGED = (
    "checks.csv",
    "published_check.csv",
    "printed_findings.csv",
    "check_history.csv",
    "state/check_history.csv",
    "checked_figures.parquet",
    "checks_evidence",
)
"""What runs judged, also those that published nothing: it is taken over with the results, and has marks of its own."""
JUDGED_FILE = "judged.json"


@dataclass(frozen=True)
class InForce:
    """What is in force.

    Attributes:
        councils: by slug.
        site_key: of what the pages were rendered with.
        is_whole: whether all results are as they were left; else none of them is taken over.
        has_site: whether the website is as it was left.
    """

    councils: dict[str, Standing]
    site_key: str = ""
    is_whole: bool = False
    has_site: bool = False


NOTHING = InForce({})


def read(settings: Settings) -> InForce:
    """Return what is in force; nothing where that cannot be known."""
    path = settings.state / FILE
    if not path.exists():
        return NOTHING
    try:
        stated = read_json(path)
        councils = {slug: Standing(**row) for slug, row in stated["councils"].items()}
        now = _marks({name: settings.build / name for name in (*RESULTS, *LISTED)})
        before = stated["marks"]
        is_whole = all(now.get(name) == before.get(name) for name in (*RESULTS, LISTED[0], "evidence"))
        is_whole = is_whole and read_json(settings.state / JUDGED_FILE)["marks"] == _judged(settings)
        return InForce(
            councils, stated["site_key"], is_whole, now.get("site") == before.get("site") and "site" in now
        )
    except (RedressError, OSError, KeyError, TypeError, ValueError, AttributeError):
        return NOTHING


def write(settings: RunSettings, made: Made, results: dict[str, Path]) -> Path:
    """Write beside the results that are to be put into force what they were made of and how they look; return the file."""
    stated = {
        "councils": {slug: asdict(row) for slug, row in sorted(made.councils.items())},
        "site_key": made.site_key,
        "marks": _marks(results),
    }
    with replace_file(settings.next / FILE) as temporary:
        temporary.write_text(json.dumps(stated, indent=1) + "\n", encoding="utf-8")
    return settings.next / FILE


def mark_judged(settings: Settings, failed: Iterable[str] = ()) -> None:
    """Keep how what was judged looks, and which councils failed when they were judged last."""
    with replace_file(settings.state / JUDGED_FILE) as temporary:
        stated = {"marks": _judged(settings), "failed": sorted(failed)}
        temporary.write_text(json.dumps(stated) + "\n", encoding="utf-8")


def failed_last(settings: Settings) -> set[str]:
    """Return the councils that failed when they were judged last."""
    with contextlib.suppress(RedressError, OSError, KeyError, TypeError):
        return set(read_json(settings.state / JUDGED_FILE)["failed"])
    return set()


def _judged(settings: Settings) -> dict[str, dict[str, str]]:
    return {
        name: {place: sha256(path) for place, path in _files(settings.build / name)}
        for name in JUDGED
        if (settings.build / name).exists()
    }


def _marks(results: dict[str, Path]) -> dict[str, Any]:
    """Return for each result what tells whether it has changed."""
    marks: dict[str, Any] = {}
    for name in RESULTS:
        if name in results and results[name].exists():
            marks[name] = {place: sha256(path) for place, path in _files(results[name])}
    for name in LISTED:
        parts = {
            part.removeprefix(name).lstrip("/"): path
            for part, path in results.items()
            if part == name or part.startswith(f"{name}/")
        }
        looks = {}
        for part, root in parts.items():
            for place, path in _files(root):
                about = path.stat()
                looks[f"{part}/{place}".strip("/")] = [about.st_size, about.st_mtime_ns]
        if looks:
            marks[name] = looks
    return marks


def _files(root: Path) -> Iterable[tuple[str, Path]]:
    """Yield the files of a result: their places below it, and their paths."""
    root = root.resolve()
    if root.is_file():
        yield "", root
        return
    for place, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            path = Path(place) / name
            yield path.relative_to(root).as_posix(), path
