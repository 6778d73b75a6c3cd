"""What tests of the pipeline share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from redress.base.settings import Settings
from tests.pipeline.small_installation import SmallInstallation
from tests.pipeline.whole_runs import Published, count, publish_all


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallInstallation:
    """Return a small installation in which nothing has run yet."""
    return SmallInstallation(tmp_path, monkeypatch)


@pytest.fixture(scope="session")
def after_a_green_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what a green run of a small installation left, as `kept`."""
    folder = tmp_path_factory.mktemp("green")
    with pytest.MonkeyPatch.context() as patch:
        assert SmallInstallation(folder / "here", patch).build().verdict == "green"
    shutil.copytree(folder / "here", folder / "kept", symlinks=True)
    return folder


@pytest.fixture
def green(after_a_green_run: Path, monkeypatch: pytest.MonkeyPatch) -> SmallInstallation:
    """Return a small installation after a green run: always in the place where it ran, since its views name their files."""
    here = after_a_green_run / "here"
    shutil.rmtree(here)
    shutil.copytree(after_a_green_run / "kept", here, symlinks=True)
    return SmallInstallation(here, monkeypatch)


@pytest.fixture(scope="session")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return where a run without the website left its results: councils with next to nothing, and one of formulas."""
    return count(tmp_path_factory.mktemp("counted"))


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Return what a run with the website left of two councils: Far Shire, and Canary Borough, whose files hold people."""
    return publish_all(tmp_path_factory.mktemp("published"))
