"""What was decided of a council, kept from one run to the next: equal questions have equal answers.

The question is all that a decision depends on (`Given`), with the code that decides and the libraries that it decides with.
A file that cannot be read, that is not what was written, or that answers another question, is as good as none.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from dataclasses import is_dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from redress.base import kept
from redress.contract.figure_catalogue import CATALOGUE
from redress.protect.council import Council, Given
from redress.protect.decide import Decision
from redress.protect.merge import Merged, Remainders, Service

ROOMS = ("base", "contract", "authority", "declared", "protect")
"""Rooms whose code a decision may use."""
LIBRARIES = ("numpy", "scipy", "ortools")
_NAME = "decided"


def question_of(given: Given) -> str:
    """Return a digest of all that the decision on a council depends on."""
    return _digest(f"{_makers()} {_text(given)}")


def read(folder: Path, question: str) -> Council | None:
    """Return what was decided when this was asked before; None where nothing fit for use is kept."""
    content = kept.read(folder, _NAME, question)
    try:
        text = content["answer"]
        return _council(json.loads(text)) if _seal(question, text) == content["seal"] else None
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def write(folder: Path, question: str, council: Council) -> None:
    """Keep what was decided, where it is the same when it is read again."""
    text = _text(council)
    if _council(json.loads(text)) == council:
        kept.write(folder, _NAME, question, {"answer": text, "seal": _seal(question, text)})


def _seal(question: str, text: str) -> str:
    """Return what tells an answer to a question from a damaged one, and from one to another question."""
    return _digest(f"{question} {text}")


def _text(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    """Return what JSON has no form for as something that it has one for."""
    if isinstance(value, BaseModel):
        return value.model_dump()
    if is_dataclass(value):
        return vars(value)
    return sorted(value) if isinstance(value, (set, frozenset)) else str(value)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _council(content: dict[str, Any]) -> Council:
    """Return what was decided, as it was before it was written."""
    reports = {
        audience: {year: _decision(decision) for year, decision in content[audience].items()}
        for audience in ("public", "internal")
    }
    own = content["remainders"]
    remainders = Remainders(
        merged=[
            Merged(**row | {"keys": tuple(row["keys"]), "members": tuple(row["members"])})
            for row in own["merged"]
        ],
        rows=own["rows"],
        members={figure: tuple(members) for figure, members in own["members"].items()},
        services={
            name: Service(*service, tuple(tuple(before) for before in earlier))
            for name, (*service, earlier) in own["services"].items()
        },
    )
    return Council(remainders=remainders, gave_way=content["gave_way"], gaps=content["gaps"], **reports)


def _decision(content: dict[str, Any]) -> Decision:
    return Decision(
        **content
        | {
            "protects": {figure: tuple(others) for figure, others in content["protects"].items()},
            "counts": Counter(content["counts"]),
            "targets": frozenset(content["targets"]),
            "sums": frozenset(content["sums"]),
        }
    )


@cache
def _makers() -> str:
    """Return what names the code that decides, and the versions of what it decides with."""
    libraries = " ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"{code_digest(Path(__file__).parents[1])} python {sys.version_info[:3]} {libraries}"


def code_digest(package: Path) -> str:
    """Return a digest of the files of a package that decisions may depend on, and of the figure catalogue."""
    files = [
        path
        for room in ROOMS
        for path in sorted((package / room).rglob("*"))
        if path.suffix in (".py", ".csv")
    ]
    code = hashlib.sha256()
    for path in (*files, CATALOGUE):
        code.update(hashlib.sha256(path.read_bytes()).digest())
    return code.hexdigest()
