"""What follows from the warehouse's SQL alone, kept from one run to the next: rewritten statements and lineage.

Neither depends on the data, and both take longer than what is done with them. A file that cannot be read, or that other
code made, is as good as none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from redress.base.files import replace_file

MOST_KEPT = 4
"""Versions of the warehouse's SQL of which the results are kept: of the installation's own, and of some before."""
_MAKERS = ("provenance.py", "lineage.py", "cases.py", "kept.py")


def read(folder: Path | None, name: str, fingerprint: str) -> Any:
    """Return what was kept under a name for the SQL of this fingerprint; None where nothing fit for use was."""
    if folder is None:
        return None
    try:
        return json.loads(_file(folder, name, fingerprint).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def write(folder: Path | None, name: str, fingerprint: str, content: Any) -> None:
    """Keep what was worked out for the SQL of this fingerprint, and forget what is kept of older SQL.

    Args:
        folder: where it is kept; nowhere where it is None.
        name: of the kind of result.
        fingerprint: of the SQL.
        content: what JSON can say.
    """
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with replace_file(_file(folder, name, fingerprint)) as new:
        new.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    for old in _newest_first(list(folder.glob(f"{name}-*.json")))[MOST_KEPT:]:
        old.unlink(missing_ok=True)


def _newest_first(files: Sequence[Path]) -> list[Path]:
    return sorted(files, key=lambda file: file.stat().st_mtime, reverse=True)


def _file(folder: Path, name: str, fingerprint: str) -> Path:
    return folder / f"{name}-{hashlib.sha256(f'{fingerprint} {_makers()}'.encode()).hexdigest()[:32]}.json"


@cache
def _makers() -> str:
    """Return a digest of the code that rewrites, and of the library that it rewrites with."""
    here = Path(__file__).parent
    code = b"".join((here / name).read_bytes() for name in _MAKERS)
    return f"{hashlib.sha256(code).hexdigest()} sqlglot {version('sqlglot')}"
