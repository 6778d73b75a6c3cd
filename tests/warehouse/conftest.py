"""One dbt build for the whole session: a small world that touches every rule, built and tested once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.warehouse.small_world import small_world
from tests.warehouse.warehouse_state import Warehouse, build


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The small world, built with every data test and unit test below the figures."""
    folder: Path = tmp_path_factory.mktemp("warehouse")
    return build(small_world(), folder)


@pytest.fixture(scope="session")
def figured(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The small world with its marts and figures, and their data tests."""
    folder: Path = tmp_path_factory.mktemp("figured")
    return build(
        small_world(),
        folder,
        "--select",
        "+figures path:models/marts",
        "--exclude",
        "resource_type:unit_test",
    )
