"""The faults of one authority's folder, collected while it is read."""

from __future__ import annotations

from redress.base.printable import show_text

LONGEST_FAULT = 600
"""Characters of a fault that are told: it may quote a cell or a list, which may be long."""


class Faults:
    """Notes what is wrong in the files of one folder.

    Attributes:
        problems: every fault noted, one sentence each.
    """

    def __init__(self, folder_name: str) -> None:
        self._folder = show_text(folder_name)
        self.problems: list[str] = []

    def note(self, file: str, problem: str, line: int | None = None) -> None:
        """Note a fault of a file, in a plain sentence; with its line where there is one to name."""
        shown = problem if len(problem) <= LONGEST_FAULT else f"{problem[:LONGEST_FAULT]} ..."
        self.problems.append(f"{self._folder}/{file}: {f'line {line}: ' if line else ''}{shown}")
