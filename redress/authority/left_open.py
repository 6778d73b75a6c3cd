"""What is left open in the files of an authority's folder: questions (`"?"`), which are refused, and guesses, which are told.

`redress draft` writes both. A question stands where a person must choose; a guess is a line that ends in `# guess: why`,
and is confirmed by taking the comment away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from redress.authority.template import FOLDER as NEW_FOLDER
from redress.base.strict_text import TextProblem, read_text
from redress.base.strict_yaml import MOST_BYTES, YamlProblem, read_yaml_lines

QUESTION = "?"
GUESS = "# guess:"
FILES = ("profile.yml", "mapping.yml")
_GUESS = re.compile(rf"(?:^|\s){GUESS}\s*(.*\S)")
_MAYBE = re.compile(r"""[\s"']\?[\s"',}]""")
_COMMENT = re.compile(r"\s#\s(.*\S)")


def questions(folder: Path) -> Iterator[tuple[str, int, str]]:
    """Yield file, line and sentence of each value that is a question mark; nothing of a file that cannot be read."""
    for name in FILES:
        try:
            text = read_text(folder / name, MOST_BYTES)
            if not _MAYBE.search(text):
                continue
            raw, lines = read_yaml_lines(folder / name)
        except (FileNotFoundError, YamlProblem, TextProblem):
            continue
        texts = text.splitlines()
        for place in _unanswered(raw, ()):
            line = lines.get(place, 0)
            why = _COMMENT.search(texts[line - 1]) if line else None
            told = f" ({why[1].removeprefix('guess: ')})" if why else ""
            yield name, line, f'`{place[-1]}` is `"?"`: a person must choose{told}'


def _unanswered(value: object, place: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the places of question marks; one in a list or as a key is a word of the council's."""
    if isinstance(value, dict):
        for key, part in value.items():
            if part == QUESTION:
                yield (*place, str(key))
            yield from _unanswered(part, (*place, str(key)))
    elif isinstance(value, list):
        for position, part in enumerate(value):
            yield from _unanswered(part, (*place, str(position)))


def examples(folder: Path) -> list[str]:
    """Return the tables of a folder that are still as `redress new-authority` wrote them, examples and all."""
    return sorted(
        written.name
        for written in NEW_FOLDER.glob("*.csv")
        if (folder / written.name).is_file() and (folder / written.name).read_bytes() == written.read_bytes()
    )


def is_sample(path: Path) -> bool:
    """Return whether a file is one of the samples of a new folder, by which it is tried."""
    samples = [sample for sample in (NEW_FOLDER / "sample").iterdir() if sample.name == path.name]
    return any(
        sample.stat().st_size == path.stat().st_size and sample.read_bytes() == path.read_bytes()
        for sample in samples
    )


def guesses(folder: Path) -> Iterator[tuple[str, int, str]]:
    """Yield file, line, and key with reason, of each guess that nobody has confirmed."""
    for name in FILES:
        try:
            text = read_text(folder / name, MOST_BYTES)
        except (FileNotFoundError, TextProblem):
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            if match := _GUESS.search(line):
                key = line[: match.start()].strip().removeprefix("- ").partition(":")[0]
                yield name, number, f"{key}: {match[1]}" if key else match[1]
