"""A run of the whole pipeline but the website, with nothing replaced, over several councils: most of its cost is not theirs."""

from __future__ import annotations

from pathlib import Path

from redress.base.request import Request
from redress.base.settings import Settings
from redress.run import pipeline
from tests.pipeline import far_shire_in_formulas, first_tries


def count(folder: Path) -> Settings:
    """Run all but the website, over councils with next to nothing and one of formulas; return where everything is."""
    first_tries.write(folder / "authorities")
    far_shire_in_formulas.write(folder / "authorities")
    settings = Settings(
        build=folder / "build", authorities=(folder / "authorities",), key="only for trying out"
    )
    pipeline.run(settings, Request(site=False), quiet=True)
    return settings
