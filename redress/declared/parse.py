"""Reads sections with `reports/declared/parse.js`: one call of Node for all that is not known yet, kept by content."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from redress.base.errors import ConfigurationProblem
from redress.base.files import replace_file
from redress.declared.language import FOLDER

PARSER = FOLDER / "parse.js"
_KEPT = "declared-sections.json"
_MOST_KEPT = 2_000
_SECONDS, _SECONDS_OF_ONE = 60, 15

Parsed = dict[str, Any]
"""What `parse.js` says of one section: `title`, `front`, `nodes`, `spans`, `errors`."""

_known: dict[str, Parsed] = {}
"""Digest of a section's text and of the parser -> what it holds."""


def parse_sections(texts: Iterable[str], state: Path | None = None) -> dict[str, Parsed]:
    """Return what each text holds.

    Args:
        texts: of sections.
        state: a folder in which what was read is kept from one process to the next.

    Raises:
        ConfigurationProblem: Node is not installed, or the parser does not run.
    """
    digests = {text: _digest(text) for text in texts}
    kept = state / _KEPT if state else None
    if kept and any(digest not in _known for digest in digests.values()):
        _known.update(_read_kept(kept))
    missing = {digest: text for text, digest in digests.items() if digest not in _known}
    read = _run(missing) if missing else {}
    # another time, on a machine that is less busy, what was cut may be read to its end
    _known.update({digest: section for digest, section in read.items() if "is_cut" not in section})
    sections = {digest: read.get(digest) or _known[digest] for digest in digests.values()}
    if kept and (missing or not kept.exists()):
        _keep(
            kept, {**_read_kept(kept), **{digest: _known[digest] for digest in sections if digest in _known}}
        )
    return {text: sections[digest] for text, digest in digests.items()}


def _digest(text: str) -> str:
    return hashlib.sha256(_parser_digest() + text.encode()).hexdigest()


@cache
def _parser_digest() -> bytes:
    """Return a digest of the grammar and its reader, so that what another reader made is read anew."""
    files = (PARSER, FOLDER / "language.json", FOLDER.parent / "package-lock.json")
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).digest()


def _read_kept(file: Path) -> dict[str, Parsed]:
    try:
        loaded = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _keep(file: Path, sections: dict[str, Parsed]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    last = dict(list(sections.items())[-_MOST_KEPT:])
    with replace_file(file) as new:
        new.write_text(json.dumps(last, ensure_ascii=False), encoding="utf-8")


def _run(texts: dict[str, str], seconds: int = _SECONDS) -> dict[str, Parsed]:
    """Return what `parse.js` says of texts, by their names; `is_cut` marks one of which it did not come to the end."""
    node = shutil.which("node")
    if node is None:
        raise ConfigurationProblem(
            "Node.js is not installed; the sections of a report are read with it.",
            "whoever installs Redress: Node 20 or later",
        )
    given = json.dumps({"files": [{"name": name, "text": text} for name, text in texts.items()]})
    try:
        done = subprocess.run(
            [node, str(PARSER)],
            input=given.encode(),
            capture_output=True,
            timeout=seconds,
            check=False,
            cwd=FOLDER.parent,
        )
    except subprocess.TimeoutExpired:
        if len(texts) > 1:
            return {name: _run({name: text}, _SECONDS_OF_ONE)[name] for name, text in texts.items()}
        problem = f"it was not read within {seconds} seconds: too much stands in one paragraph, or a tag is not closed"
        cut = {
            "title": "",
            "front": {},
            "nodes": [],
            "spans": [],
            "errors": [{"line": 1, "message": problem}],
            "is_cut": True,
        }
        return dict.fromkeys(texts, cut)
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace")
        if "ERR_MODULE_NOT_FOUND" in said:
            raise ConfigurationProblem(
                "Markdoc is not installed; the sections of a report are read with it.",
                "whoever installs Redress: `npm ci` in the folder reports",
            )
        raise ConfigurationProblem(
            "The sections of reports could not be read.", details=said.splitlines()[:12]
        )
    parsed: dict[str, Parsed] = json.loads(done.stdout)
    return parsed
