"""What all tests share."""

import atexit
import os
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.parse_cache import CACHE, kept_parse

ROOT = Path(__file__).resolve().parents[1]

os.environ.setdefault("OPENPYXL_LXML", "False")  # before any test imports openpyxl: see `seeds.synthetic`


@atexit.register
def _leave_quietly() -> None:
    """DuckDB's bindings print a page of warnings about living objects as the interpreter ends."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


class ByFile(LoadScopeScheduling):
    """Hands whole files to the processes of a run, and all files that share what is dear to build to one of them.

    xdist's own `loadgroup` writes the group into a name of the test that pytest 9.2 does not read: each test goes anywhere.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid.partition("::")[0])


@cache
def group_of(file: str) -> str:
    """Return the `xdist_group` that a file of tests names, else its own path."""
    named = re.search(r'xdist_group\("(.+)"\)', (ROOT / file).read_text(encoding="utf-8"))
    return named[1] if named else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    return ByFile(config, log)


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
