"""What tests of the pipeline share."""

from __future__ import annotations

from pathlib import Path

import pytest

from redress.base.settings import Settings
from tests.pipeline.counted_run import count
from tests.pipeline.small_installation import SmallInstallation


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallInstallation:
    """Return a small installation in which nothing has run yet."""
    return SmallInstallation(tmp_path, monkeypatch)


@pytest.fixture(scope="session")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return where a run without the website left its results: councils with next to nothing, and one of formulas."""
    return count(tmp_path_factory.mktemp("counted"))
