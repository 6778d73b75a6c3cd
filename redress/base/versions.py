"""Which version of the code and of its packages is running."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from redress.base.files import sha256

PACKAGES = ("redress", "dbt-core", "duckdb", "great-expectations", "dagster", "polars")

LOCKS = ("requirements.lock", "reports/package-lock.json")
"""What says which version of every package is installed."""
NOT_PROGRAM = frozenset({"__pycache__", "node_modules", ".evidence", "target", "logs", "build", "data"})


@cache
def code_version(root: Path) -> str:
    """Return the commit of the checkout, with `+changes` where files differ from it; blank where it is none."""
    try:
        commit = _git(root, "rev-parse", "HEAD")
        return commit + ("+changes" if _git(root, "status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.SubprocessError):
        return ""


def _git(root: Path, *arguments: str) -> str:
    """Return what git answers."""
    done = subprocess.run(
        ["git", "-C", str(root), *arguments], check=True, capture_output=True, text=True, timeout=10
    )
    return done.stdout.strip()


@cache
def versions(packages: tuple[str, ...] = PACKAGES) -> dict[str, str]:
    """Return the version of Python and of each package, or `not installed`."""
    known = {"python": platform.python_version()}
    for name in packages:
        try:
            known[name] = version(name)
        except PackageNotFoundError:
            known[name] = "not installed"
    return known


@cache
def program_hash(root: Path, folders: tuple[str, ...]) -> str:
    """Return one hash over the files of these folders of the checkout, the locks, and the versions of what they run on."""
    digest = hashlib.sha256(json.dumps(versions()).encode())
    for path in sorted(_program_files(root, folders)):
        digest.update(f"{path.relative_to(root).as_posix()}\0{sha256(path)}\n".encode())
    return digest.hexdigest()


def _program_files(root: Path, folders: tuple[str, ...]) -> Iterator[Path]:
    yield from (root / name for name in LOCKS if (root / name).is_file())
    for folder in folders:
        for place, inner, names in os.walk(root / folder):
            inner[:] = [name for name in inner if name not in NOT_PROGRAM]
            yield from (Path(place) / name for name in names if not name.endswith(".pyc"))
