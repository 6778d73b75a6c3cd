"""The small world, which several files of tests look at, built once.

Those files have the mark `xdist_group("small world")`, so that one process runs them all.
"""

from __future__ import annotations

import pytest

from tests.warehouse.small_world import small_world
from tests.warehouse.warehouse_state import Warehouse, build


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Return the small world with every model, every data test and every unit test."""
    built = build(small_world(), tmp_path_factory.mktemp("warehouse"))
    # dbt holds its file open for writing: whoever copies it must get the whole
    built.rows("force checkpoint")
    return built
