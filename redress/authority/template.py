"""A folder to fill in for a new authority: every file with its columns, an example and an explanation."""

from __future__ import annotations

import os
import re
from pathlib import Path

from redress.authority.profile import SCHEMA
from redress.base.errors import ConfigurationProblem

FOLDER = Path(__file__).resolve().parent / "new_folder"
_PROMPTS = FOLDER / "report" / "2024-25"
"""Sections that are written anew each year, with prompts in place of words."""
SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def create(slug: str, into: Path) -> Path:
    """Write the folder `into`/`slug`.

    Args:
        slug: the authority's name in lower case, words joined by hyphens.
        into: the folder of authorities.

    Returns:
        Path: the new folder.

    Raises:
        ConfigurationProblem: the slug is not one, or the folder is there already.
    """
    if not SLUG.fullmatch(slug):
        raise ConfigurationProblem(
            f"{slug!r} cannot name an authority: use small letters, digits and hyphens, such as north-town.",
            "whoever typed the command",
        )
    folder = into / slug
    if folder.exists():
        raise ConfigurationProblem(f"{folder} is there already.", "whoever typed the command")
    name = slug.replace("-", " ").title()
    for source in sorted(path for path in FOLDER.rglob("*") if path.is_file()):
        target = folder / source.relative_to(FOLDER)
        target.parent.mkdir(parents=True, exist_ok=True)
        schema = Path(os.path.relpath(SCHEMA, os.path.realpath(target.parent))).as_posix()
        text = source.read_text(encoding="utf-8")
        for mark, value in {"@slug@": slug, "@name@": name, "@schema@": schema}.items():
            text = text.replace(mark, value)
        target.write_text(text, encoding="utf-8")
    (folder / "extracts").mkdir()
    return folder


def prompts() -> dict[str, str]:
    """Return the sections that a council writes each year, by file name, with prompts in place of words."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(_PROMPTS.glob("*.md"))}
