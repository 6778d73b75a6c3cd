"""The faults of declared reports, collected while they are read: each with its file, its line, and the nearest names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

from redress.authority.faults import LONGEST_FAULT
from redress.base.printable import show_text

_MOST_NAMES = 40
"""Where there are no more names than this, and none is near, all are told."""


class ReportFaults:
    """Notes what is wrong in the files of declared reports; what holds for several years is noted once.

    Attributes:
        problems: every fault, one sentence each.
        warnings: what stops nobody and somebody should look at.
    """

    def __init__(self, root: Path, council: Path | None = None) -> None:
        self._root, self._council = root, council
        self._problems: dict[str, None] = {}
        self._warnings: dict[str, None] = {}

    @property
    def problems(self) -> list[str]:
        """Every fault, one sentence each."""
        return list(self._problems)

    @property
    def warnings(self) -> list[str]:
        """What stops nobody and somebody should look at."""
        return list(self._warnings)

    def shown(self, path: Path) -> str:
        """Return a file as messages name it: from the council's folder, or from the installation's."""
        if self._council and path.is_relative_to(self._council):
            return show_text(f"{self._council.name}/{path.relative_to(self._council).as_posix()}")
        return show_text(
            path.relative_to(self._root).as_posix() if path.is_relative_to(self._root) else str(path)
        )

    def note(self, file: Path | str, problem: str, line: int | None = None) -> None:
        """Note a fault of a file, in a plain sentence; with its line where there is one to name."""
        self._problems[self._sentence(file, problem, line)] = None

    def warn(self, file: Path | str, problem: str, line: int | None = None) -> None:
        """Note what stops nobody."""
        self._warnings[self._sentence(file, problem, line)] = None

    def _sentence(self, file: Path | str, problem: str, line: int | None) -> str:
        shown = problem if len(problem) <= LONGEST_FAULT else f"{problem[:LONGEST_FAULT]} ..."
        place = file if isinstance(file, str) else self.shown(file)
        return f"{place}: {f'line {line}: ' if line else ''}{shown}"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return, to end a sentence with, the known names that are nearest to a word."""
    names = sorted(set(known))
    near = difflib.get_close_matches(word, names, n=3, cutoff=0.5)
    if near:
        return f"; nearest: {', '.join(near)}"
    return f"; there are {', '.join(names)}" if 0 < len(names) <= _MOST_NAMES else ""
