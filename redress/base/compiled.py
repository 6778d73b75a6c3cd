"""What is made of the program's own files alone: what dbt compiles, rewritten SQL, the program that renders pages.

None of it sees data, so all build folders of a checkout share it, and only a change of the program makes it anew. It lies
beside the program where that can be written, else in the state of the build folder. Whoever makes a part of it holds the
part alone, and finds what another process has made meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from redress.base.files import locked

FOLDER = ".compiled"


def place_of(root: Path, build: Path) -> Path:
    """Return where a checkout keeps what is made of its files, for runs into this build folder."""
    beside = root / FOLDER
    asked = beside if beside.exists() else root
    is_ours = os.access(asked, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids)
    return beside if is_ours else build / "state" / "compiled"


def held_alone(part: Path) -> contextlib.AbstractContextManager[bool]:
    """Hold a part alone for the length of the block; wait while another process does."""
    return locked(part.with_name(f"{part.name}.lock"))


def keep_newest(part: Path, most: int) -> None:
    """Remove all but the newest folders of a part."""
    folders = sorted(
        (entry for entry in part.iterdir() if entry.is_dir()),
        key=lambda entry: entry.stat().st_mtime,
        reverse=True,
    )
    for old in folders[most:]:
        shutil.rmtree(old, ignore_errors=True)
