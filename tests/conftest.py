"""What all tests share."""

import atexit
import os
import re
import sys
from functools import cache
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

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
