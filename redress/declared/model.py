"""A report as its files declare it: pages of sections, and the sets of figures that they ask for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

Kind = Literal["year", "quarter", "month"]
Node = dict[str, Any]
"""A part of a section, such as a paragraph or a tag, as `reports/declared/parse.js` makes it."""


class FigureSet(NamedTuple):
    """Figures that go together: one measure by the same keys, over periods of one kind.

    Attributes:
        measure: its name in the figure catalogue; of a change, the name of the change.
        keys: the keys of the breakdown, sorted; none for the whole.
        kind: of the periods.
    """

    measure: str
    keys: tuple[str, ...]
    kind: Kind = "year"


@dataclass(frozen=True)
class Section:
    """A section of a page.

    Attributes:
        name: the name of its file without `.md`.
        title: printed above it; blank for none.
        file: where it comes from, as messages name it: in the council's folder, or in the installation's.
        nodes: what it holds.
        author: whose words they are, a role; blank where nobody says.
        approved_by: who approved them, a role; blank where nobody has yet.
        approved_on: the day of that, YYYY-MM-DD; blank for none.
        look_again: whether words of another year wait in it to be looked at again.
    """

    name: str
    title: str
    file: str
    nodes: list[Node]
    author: str = ""
    approved_by: str = ""
    approved_on: str = ""
    look_again: bool = False


def has_words(section: Section) -> bool:
    """Return whether a section has words of its own: text in a paragraph or a list, beside tags."""
    return _have_words(section.nodes, is_said=False)


def _have_words(nodes: Iterable[Node], is_said: bool) -> bool:
    return any(
        (is_said and node["type"] == "text" and any(sign.isalnum() for sign in node["text"]))
        or _have_words(node.get("children", ()), is_said or node["type"] in ("paragraph", "item"))
        for node in nodes
        if node["type"] != "heading"
    )


@dataclass(frozen=True)
class Page:
    """A page of a report.

    Attributes:
        path: its word in the address below the report's own; blank for the first page.
        title: printed at its head.
        sections: in their order.
    """

    path: str
    title: str
    sections: list[Section]


@dataclass(frozen=True)
class DeclaredReport:
    """The report of one council for one year, as it is declared."""

    authority: str
    year: str
    pages: list[Page]

    def rows(self) -> list[dict[str, Any]]:
        """Return its pages as rows of the table `pages` of the export, what the sections hold as JSON."""
        return [
            {
                "authority": self.authority,
                "reporting_year": self.year,
                "position": position,
                "page": page.path,
                "title": page.title,
                "sections": json.dumps([asdict(section) for section in page.sections], ensure_ascii=False),
            }
            for position, page in enumerate(self.pages)
        ]

    @classmethod
    def from_rows(cls, authority: str, year: str, rows: Iterable[Mapping[str, Any]]) -> DeclaredReport:
        """Return the report of rows that `rows` made."""
        ordered = sorted(rows, key=lambda row: row["position"])
        return cls(
            authority,
            year,
            [
                Page(
                    row["page"] or "",
                    row["title"],
                    [Section(**section) for section in json.loads(row["sections"])],
                )
                for row in ordered
            ],
        )
