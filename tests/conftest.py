"""What all tests share."""

import atexit
import os
import sys
from collections.abc import Iterator

import pytest

from tests.parse_cache import CACHE, kept_parse

os.environ.setdefault("OPENPYXL_LXML", "False")  # before any test imports openpyxl: see `seeds.synthetic`


@atexit.register
def _leave_quietly() -> None:
    """DuckDB's bindings print a page of warnings about living objects as the interpreter ends."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one process run the whole of a file, and of all files that share what is dear to build (`xdist_group`)."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.relative_to(item.config.rootpath).as_posix()))


@pytest.fixture(scope="session", autouse=True)
def parsed_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let the tests of a run share what dbt parsed (`tests.parse_cache`)."""
    from redress.warehouse import dbt

    parse = dbt.parse

    def parse_with_cache(settings, database=None):
        with kept_parse(dbt.project_folder(settings), dbt.dbt_folder(settings) / "target"):
            return parse(settings, database)

    with pytest.MonkeyPatch.context() as patch:
        own = tmp_path_factory.getbasetemp()
        # processes of one run have folders side by side; what an earlier run parsed may be of other models
        run = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
        patch.setenv(CACHE, str(run))
        patch.setattr(dbt, "parse", parse_with_cache)
        yield
