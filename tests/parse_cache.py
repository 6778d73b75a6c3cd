"""What dbt parsed for one test, handed to the next: a parse takes fifteen seconds, and dbt looks itself whether it holds."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CACHE = "REDRESS_TEST_PARSED"
"""The environment variable that names the folder; `conftest` sets it for all processes of a run."""


@contextmanager
def kept_parse(project: Path, target: Path) -> Iterator[None]:
    """Begin with what another test parsed of a project with the same settings, and keep what this one parses.

    Args:
        project: the folder of the dbt project.
        target: the folder that dbt is given as its target path.
    """
    name = hashlib.sha256((project / "dbt_project.yml").read_bytes()).hexdigest()[:12]
    shared, own = Path(os.environ[CACHE], f"parsed-{name}.msgpack"), target / "partial_parse.msgpack"
    if shared.exists() and not own.exists():
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(shared, own)
    yield
    if own.exists():
        waiting = shared.with_name(f"{shared.name}.{os.getpid()}")
        shutil.copyfile(own, waiting)
        os.replace(waiting, shared)
