"""Answers kept from one run to the next by their question: a text that names all that an answer depends on.

Whoever asks puts the code that answers into the question. A file that cannot be read is as good as none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from redress.base.files import replace_file

MOST_KEPT = 4
"""Questions of one name whose answers are kept: the newest, and some before."""


def read(folder: Path | None, name: str, question: str) -> Any:
    """Return the answer that was kept under a name; None where nothing fit for use was."""
    if folder is None:
        return None
    try:
        return json.loads(_file(folder, name, question).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def write(folder: Path | None, name: str, question: str, content: Any) -> None:
    """Keep the answer to a question, and forget those to the oldest questions of its name.

    Args:
        folder: where it is kept; nowhere where it is None.
        name: of the kind of question.
        question: all that the answer depends on.
        content: what JSON can say.
    """
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with replace_file(_file(folder, name, question)) as new:
        new.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    for old in _newest_first(list(folder.glob(f"{name}-*.json")))[MOST_KEPT:]:
        old.unlink(missing_ok=True)


def _newest_first(files: Sequence[Path]) -> list[Path]:
    return sorted(files, key=lambda file: file.stat().st_mtime, reverse=True)


def _file(folder: Path, name: str, question: str) -> Path:
    return folder / f"{name}-{hashlib.sha256(question.encode()).hexdigest()[:32]}.json"
