"""What tests of the pipeline share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pipeline.small_installation import SmallInstallation


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallInstallation:
    """A small installation, in which nothing has run yet."""
    return SmallInstallation(tmp_path, monkeypatch)
