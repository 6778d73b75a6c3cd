"""Which number of the words is which figure: for the evidence of a report, and for a document whose words are edited elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from redress.declared.language import base_of, is_percent, measure_of_column
from redress.declared.model import DeclaredReport, Node
from redress.narrative.book import Book, Figure, keys_of_tag
from redress.narrative.numbers import spelt
from redress.narrative.passages import passages
from redress.narrative.review import own_sections
from redress.narrative.static import variables_of

_TOP = 3


@dataclass(frozen=True)
class Binding:
    """A number, date or value that a tag prints in words.

    Attributes:
        section: its name.
        file, line: where the tag stands.
        tag: its name.
        figure_id: blank where it is no figure (a date, a value from outside, a literal), or the report has none.
        printed: as it is printed; blank where the report has no such figure.
    """

    section: str
    file: str
    line: int
    tag: str
    figure_id: str
    printed: str


def bindings(report: DeclaredReport, book: Book) -> list[Binding]:
    """Return what the tags in the council's own words print, in order; those whose keys a loop fills stand without a figure.

    Args:
        report: as its files declare it.
        book: its figures.
    """
    found = []
    for _, section in own_sections(report, book.authority):
        for passage in passages(section, variables_of(book.authority, book.year)):
            for bound in passage.bound:
                if bound.is_tag:
                    line = bound.node.get("line") or passage.line_at(bound.start)
                    name = bound.node["name"]
                    found += [
                        Binding(section.name, section.file, line, name, figure_id, said)
                        for figure_id, said in _said(bound.node, book)
                    ]
    return found


def _said(tag: Node, book: Book) -> Iterator[tuple[str, str]]:
    """Yield the figure and the words of everything that a tag prints."""
    name, first = tag["name"], str(tag["primary"])
    if name == "date":
        yield "", tag.get("day", "")
    elif name == "held":
        yield "", tag.get("held", {}).get("value", "")
    elif name == "literal":
        yield "", first
    else:
        figures = list(_figures(tag, first, book))
        yield from (
            (figure.id, printed(figure, tag["attributes"].get("as") == "words")) for figure in figures
        )
        if not figures:
            yield "", ""


def _figures(tag: Node, measure: str, book: Book) -> Iterator[Figure]:
    keys = keys_of_tag(tag)
    if keys is None:
        return
    if tag["name"] == "top":
        yield from _first_of(tag, measure, keys, book)
        return
    measures = [measure]
    if tag["name"] == "change":
        base = base_of(measure)
        words = ["change"] if is_percent(base) else ["change", "change_pct"]
        words = {"amount": ["change"], "per_cent": ["change_pct"]}.get(
            str(tag["attributes"].get("as")), words
        )
        measures = [measure_of_column(base, word) for word in words]
    yield from (figure for name in measures if (figure := book.of_tag(tag, name)))


def _first_of(tag: Node, measure: str, keys: tuple[tuple[str, str], ...], book: Book) -> Iterator[Figure]:
    """Yield the shown figures that stand first among the values of a key."""
    attributes = tag["attributes"]
    by = str(attributes.get("by", ""))
    period = book.period(attributes.get("period"))
    rows = [
        figure
        for figure in book
        if figure.measure == measure
        and figure.period == period
        and figure.value is not None
        and {key for key, _ in figure.keys} == {by, *(key for key, _ in keys)}
        and set(keys) <= set(figure.keys)
    ]
    is_turned = attributes.get("from") == "smallest"
    rows.sort(key=lambda figure: (figure.value or 0) * (1 if is_turned else -1))
    yield from rows[: int(attributes.get("count") or _TOP)]


def printed(figure: Figure, as_words: bool = False) -> str:
    """Return a figure as pages print it in a sentence."""
    if figure.value is None:
        return "[c]" if figure.is_hidden else "[x]"
    size = abs(figure.value)
    whole = int(size + 0.5 + 1e-9)
    is_change = base_of(figure.measure) != figure.measure
    sign = "\u2212" if figure.value < 0 and not is_change else ""
    if figure.unit == "percent":
        return f"{sign}{spelt(whole)} per cent" if as_words else f"{sign}{whole:,}%"
    if figure.unit == "percentage_points":
        return f"{sign}{whole:,} percentage point{'' if whole == 1 else 's'}"
    is_whole = float(size).is_integer()
    if figure.unit == "gbp":
        return f"{sign}£{size:,.0f}" if is_whole else f"{sign}£{size:,.2f}"
    if is_whole and as_words:
        return f"{sign}{spelt(whole)}"
    return f"{sign}{size:,.0f}" if is_whole else f"{sign}{size:,.1f}"
