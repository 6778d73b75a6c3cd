"""Two runs of the whole pipeline with nothing replaced: each over several councils, since most of what a run costs is not theirs."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from redress import publish
from redress.base.request import Request
from redress.base.settings import ROOT, Settings
from redress.run import pipeline
from tests.pipeline import canary_borough, far_shire, far_shire_in_formulas, first_tries

NEEDED_BY_A_SITE = ("site", "runs.sqlite", "run.lock", "protected")
"""What stays in place while the website is built: its own workshop, the run's journal and lock, the protected export."""


@dataclass(frozen=True)
class Published:
    """What a run with the website left.

    Attributes:
        settings: where everything is.
        out_of_reach: what could not be read while the website was built.
    """

    settings: Settings
    out_of_reach: tuple[str, ...]


def tracked() -> dict[str, str]:
    """Every file of the program that git tracks, with the hash of its bytes."""
    parts = ("dbt_project", "expectations", "orchestration", "redress", "reports", "seeds")
    command = ["git", "ls-files", "-z", *parts]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    files = [ROOT / name for name in listed.decode().split("\0") if name]
    return {str(f): hashlib.sha256(f.read_bytes()).hexdigest() for f in files if f.is_file()}


def count(folder: Path) -> Settings:
    """Run all but the website, over councils with next to nothing and one of formulas; return where everything is."""
    first_tries.write(folder / "authorities")
    far_shire_in_formulas.write(folder / "authorities")
    settings = Settings(
        build=folder / "build", authorities=(folder / "authorities",), key="only for trying out"
    )
    pipeline.run(settings, Request(site=False), quiet=True)
    return settings


def publish_all(folder: Path) -> Published:
    """Run everything over two councils, and let the website be built where only the protected export can be read.

    Raises:
        AssertionError: a file of the project was touched.
    """
    place, away = folder / "authorities", folder / "away"
    far_shire.write(place)
    canary_borough.write(place)
    away.mkdir()
    settings = Settings(build=folder / "build", authorities=(place,), key="a key for trying out only")
    hidden: list[str] = []
    build_site = publish.build_site

    def alone(own: Settings, protected: Path, target: Path) -> dict[str, int]:
        parts = [place, *protected.parent.iterdir(), *own.state.iterdir(), *own.build.iterdir()]
        parts = [
            p for p in parts if p.name not in NEEDED_BY_A_SITE and p not in (own.state, protected.parent)
        ]
        for number, path in enumerate(parts):
            path.rename(away / str(number))
        hidden.extend(path.name for path in parts)
        hidden.extend(inside.name for path in away.iterdir() for inside in path.rglob("*.duckdb"))
        try:
            return build_site(own, protected, target)
        finally:
            for number, path in enumerate(parts):
                (away / str(number)).rename(path)

    before = tracked()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(publish, "build_site", alone)
        pipeline.run(settings, Request(), quiet=True)
    assert tracked() == before
    assert len(before) > 100
    return Published(settings, tuple(hidden))
