"""The cells of a report, found by what they have in common."""

from __future__ import annotations

from collections import defaultdict

from redress.audit.periods import Period
from redress.audit.structure import Cell, Figure, cells, words
from redress.audit.vocabulary import COUNTS_ITSELF, LOOSE, MULTIVALUED


class Declared:
    """What a sidecar says; everything is optional (see docs/audit.md).

    synonyms: `{name in the report: name it stands for}`. overlap: keys of which one case may have several values.
    exclusive: keys of which it has one. shares: `{share measure: {numerator: measure, denominator: measure}}`.
    hierarchies: `{parent key: child key}`: the children of one parent make it up.
    """

    def __init__(self, content: dict | None = None):
        content = content or {}
        self.synonyms: dict[str, str] = dict(content.get("synonyms") or {})
        self.overlap = {str(key).lower() for key in content.get("overlap") or ()}
        self.exclusive = {str(key).lower() for key in content.get("exclusive") or ()}
        self.shares: dict[str, dict] = dict(content.get("shares") or {})
        self.hierarchies: dict[str, str] = dict(content.get("hierarchies") or {})


class Book:
    """All cells, with the ways in that relations need."""

    def __init__(self, figures: list[Figure], declared: Declared | None = None):
        self.figures = figures
        self.declared = declared or Declared()
        self.cells = cells(figures)
        self.exact: dict[tuple, Cell] = {}
        self.shape: dict[tuple, list[Cell]] = defaultdict(list)
        self.at: dict[tuple, list[Cell]] = defaultdict(list)
        self.totals: dict[tuple, Cell] = {}
        for cell in sorted(self.cells, key=lambda cell: (bool(cell.table_total), cell.position)):
            if cell.table_total:
                self.totals[(self.key(cell, cell.where, cell.period), cell.table_total)] = cell
            self.exact.setdefault(self.key(cell, cell.where, cell.period), cell)
            self.shape[(cell.kind, cell.role, cell.stem, cell.band)].append(cell)
            self.at[(cell.where, cell.period.key)].append(cell)
        self.place: dict[str, list[Cell]] = defaultdict(list)
        for cell in self.cells:
            for locator in cell.locators:
                self.place[locator].append(cell)

    @staticmethod
    def key(cell: Cell, dims: frozenset, period: Period) -> tuple:
        return (cell.kind, cell.role, cell.stem, cell.band, dims, period.key)

    def find(self, cell: Cell, dims: frozenset, period: Period | None = None) -> Cell | None:
        """Return the cell like `cell` of these dimensions and period."""
        return self.exact.get(self.key(cell, dims, period or cell.period))

    def total_of(self, part: Cell, dims: frozenset) -> Cell | None:
        """Return the cell of these dimensions that is the total of the table of `part`, or else the figure itself."""
        for by in part.by_words:
            found = self.totals.get((self.key(part, dims, part.period), by))
            if found is not None:
                return found
        return self.find(part, dims)

    def like(self, kind: str, role: str, stem, dims: frozenset, period: Period, band=None) -> Cell | None:
        """Return the cell of exactly this identity."""
        return self.exact.get((kind, role, tuple(sorted(set(stem))), band, dims, period.key))

    def related(self, stem, dims: frozenset, period: Period, kind: str = "count", band=None) -> list[Cell]:
        """Return the cells of the same dimensions and period whose measure has the same words but for those of a total."""
        wanted = frozenset(stem) - LOOSE
        return [
            cell
            for cell in self.at[(dims, period.key)]
            if cell.kind == kind and not cell.role and cell.band == band and cell.loose == wanted
        ]

    def counts_at(self, dims: frozenset, period: Period) -> list[Cell]:
        """Return the printed counts of these dimensions and this period."""
        return [cell for cell in self.at[(dims, period.key)] if cell.is_count]

    def overlaps(self, key: str, parts: list[Cell]) -> bool:
        """Return whether one case may have several values of the key: by declaration, note or word."""
        if key in self.declared.exclusive or key in self.declared.hierarchies.values():
            return False
        if key in self.declared.overlap:
            return True
        if parts and set(parts[0].stem) & COUNTS_ITSELF & set(words(key) + parts[0].stem):
            return False
        if any(
            name in figure.notes
            for cell in parts
            for figure in cell.figures
            for name in ("multi", "multiple", "multi_valued", "overlap", "overlapping")
        ):
            return True
        return bool(set(words(key)) & MULTIVALUED)

    def says_overlap(self, key: str, parts: list[Cell]) -> bool:
        """Return whether the report or the sidecar says in so many words that values overlap."""
        if key in self.declared.overlap:
            return True
        return any(
            figure.notes.get(name, "no").lower() not in ("no", "false", "0")
            for cell in parts
            for figure in cell.figures
            for name in ("multi", "multiple", "multi_valued", "overlap", "overlapping")
        )


def notes_of(cell: Cell, *names: str) -> list[str]:
    """Return the notes of these names, in the places that print the cell."""
    return [figure.notes[name] for figure in cell.figures for name in names if name in figure.notes]
