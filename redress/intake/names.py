"""Who is named in an extract: the names are read, and only their keyed digests are kept.

Intake drops names. To be able to say later whether a text names somebody, it keeps for each name the HMACs of its
parts, made with the key of the pseudonyms (`pseudonyms.pseudonym`): whoever has the state folder and not the key can
neither read a name there nor try one out.

Names are looked for in columns that the mapping lists under `names`, in those that identify people, and in every
column that the mapping does not use: where its heading speaks of a person each cell is read as a name; elsewhere a
cell of two to four capitalised words may be one, and then counts as a whole and not in its parts, unless all of them are
ordinary words. A column of kinds or places (`headings`) that has few values names nobody.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

import polars as pl

from redress.contract.contract import Contract
from redress.contract.mapping import Source
from redress.contract.values import fold
from redress.intake.headings import ORDINARY, about
from redress.intake.pseudonyms import pseudonym
from redress.intake.sheet import Sheet

if TYPE_CHECKING:
    from redress.authority.model import Authority

SHORTEST_PART = 3
"""Letters of the shortest part of a name that names somebody on its own; shorter ones only as part of the whole."""
LONGEST_NAME = 80
_MOST_WORDS, _MOST_PIECES, _MOST_SPELT = 6, 16, 40

NAMES_SCHEMA: dict[str, pl.DataType] = {"digest": pl.String(), "column": pl.String()}
"""One row per form of a name that an extract holds, with the heading of the first column that holds it."""

_FEW_VALUES, _FEWEST_CELLS = 5, 20
"""A column has few values where each stands in so many of its cells, on average, and it has so many cells."""


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


_PARTICLES = _words("o mc mac d de di da du van von der al el st ben abu bin le la fitz ap")
"""Beginnings of a name that are written apart by some and joined by others."""
_TITLES_AND_ROLES = _words(
    "mr mrs ms miss mx dr prof professor sir dame lady lord rev cllr councillor mother father mum dad parent parents",
    "carer carers foster grandmother grandfather grandparent aunt uncle guardian advocate social worker manager",
    "officer head director solicitor teacher nurse senior deputy assistant and the of for on behalf per via",
)
"""Words beside a name that are none."""
_NOBODY = _words(
    "team teams service services school academy college hub unit council office department directorate desk centre",
    "mailbox inbox board panel court trust group solicitors care family families children childrens unknown",
    "anonymous system admin none not known stated applicable various other others withheld yes no email telephone",
    "letter phone online web website unspecified tbc",
)
"""Words of what is no person: a cell, or the part of it between brackets or dashes, that has one names nobody."""

APOSTROPHES = "'\u2018\u2019\u201b\u02bc\u02bb\u0060\u00b4\u2032\uff07"
HYPHENS = "-\u2010\u2011\u2012\u2013\u2014\u2212\uff0d"
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŋ": "n"}
    | dict.fromkeys(APOSTROPHES, "'")
    | dict.fromkeys(HYPHENS, "-")
)
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_BREAK = re.compile(r"-[ \t]*[\r\n]+\s*")
_BETWEEN = re.compile(r"[()<>\[\]/;|\r\n\t&]| [-\u2013\u2014] | and ", re.IGNORECASE)


def plain(text: str) -> str:
    """Return a text in the form in which names are compared.

    Any case, no accents, no marks without width, one kind of apostrophe and hyphen, words that a line's end breaks made
    whole.
    """
    text = "".join(
        c
        for c in unicodedata.normalize("NFKD", text.translate(_PLAIN))
        if unicodedata.category(c) not in ("Mn", "Cf")
    )
    return _BREAK.sub("-", text.casefold().translate(_PLAIN))


def pieces(text: str) -> list[str]:
    """Return the words of a plain text, also those that an apostrophe or a hyphen joins."""
    return [piece for word in _WORD.findall(text) for piece in re.split("['-]", word)]


def _joined(word: str) -> Iterator[str]:
    """Yield a word with its apostrophes and hyphens taken out: whole, and every run of its pieces."""
    parts = re.split("['-]", word)
    for first in range(len(parts)):
        for last in range(first + 1, min(len(parts), first + _MOST_PIECES) + 1):
            yield "".join(parts[first:last])


def said_in(text: str) -> set[str]:
    """Return every form that a name could take in a text: each word, whole and in pieces, and each run of up to six words.

    "Amina's", "AMINA", "A m i n a" and "Ami-" at a line's end before "na" all hold `amina`.
    """
    text = plain(text)
    forms = {form for word in _WORD.findall(text) for form in _joined(word)}
    forms |= {form[:-1] for form in forms if form.endswith("s") and len(form) > SHORTEST_PART}
    words = pieces(text)
    for is_letter, run in groupby(words, lambda word: len(word) == 1):
        letters = "".join(run)[:_MOST_SPELT] if is_letter else ""
        ends = range(SHORTEST_PART, len(letters) + 1)
        forms |= {letters[first:last] for last in ends for first in range(last - SHORTEST_PART + 1)}
    forms |= {first + second for first, second in pairwise(words) if first in _PARTICLES}
    without_s = [word for word in words if word != "s"]
    for run in {tuple(words), tuple(without_s)}:
        for first in range(len(run)):
            for last in range(first + 2, min(len(run), first + _MOST_WORDS) + 1):
                forms.add(" ".join(run[first:last]))
    return forms


def names_in(cell: str, in_parts: bool = True) -> set[str]:
    """Return the forms of the names that a cell holds; empty where it holds none.

    Args:
        cell: as it stands in the extract: "Amina O'Hara", "O'HARA, Amina (Duty Team)", "a.ohara@example.org".
        in_parts: whether a part of the name names somebody too; otherwise only two to four capitalised words, whole.
    """
    forms: set[str] = set()
    if len(cell) > LONGEST_NAME:
        return forms
    if "@" in cell:
        cell = re.sub(r"[._+\d]+", " ", re.sub(r"@[^\s<>,;]*", " ", cell))
    for segment in _BETWEEN.split(cell):
        if any(c.isdigit() for c in segment) or not segment.strip():
            continue
        if not in_parts and not _may_be_whole(segment):
            continue
        text = plain(segment)
        if not set(pieces(text)).isdisjoint(_NOBODY):
            continue
        words = [word for word in _WORD.findall(text) if word not in _TITLES_AND_ROLES]
        if not 1 <= len(words) <= _MOST_WORDS:
            continue
        if in_parts:
            forms |= {form for word in words for form in _joined(word) if len(form) >= SHORTEST_PART}
        flat = [piece for word in words for piece in re.split("['-]", word)]
        if not in_parts and ORDINARY.issuperset(flat):
            continue
        if len(flat) > 1:
            forms |= {
                " ".join(order)
                for order in (flat, (flat[0], flat[-1]), (flat[-1], flat[0]), flat[1:] + flat[:1])
            }
            whole = {"".join(flat), "".join((flat[-1], *flat[:-1]))}
            forms |= {form for form in whole if len(form) > SHORTEST_PART}
    return forms


def _may_be_whole(text: str) -> bool:
    """Return whether a text is two to four words that begin with capitals; short ones within may be small (van, de, al)."""
    words = text.replace(",", " ").split()
    return 2 <= len(words) <= 4 and all(
        word[0].isupper() or (place > 0 and len(word) < 4 and word.isalpha())
        for place, word in enumerate(words)
    )


def is_name(text: str, known: Collection[str], digest: Callable[[str], str]) -> bool:
    """Return whether a text is made of known names and of nothing else but titles."""
    words = pieces(plain(text))
    if not set(words).isdisjoint(_NOBODY):
        return False
    parts = [word for word in words if word not in _TITLES_AND_ROLES and len(word) >= SHORTEST_PART]
    return bool(parts) and all(digest(part) in known for part in parts)


def speaks_of_person(heading: str) -> bool:
    """Return whether a heading speaks of a person, so that each cell below it is read as a name."""
    return about(heading) == "person"


def names_of(sheet: Sheet, source: Source, contract: Contract, at: Collection[str]) -> dict[str, str]:
    """Return the forms of every name in a file, each with the heading of the first column that holds it.

    Args:
        sheet: its records.
        source: how it is read.
        contract: which columns identify people.
        at: folded native names of the columns that the mapping uses.
    """
    declared = {fold(name) for name in (*source.names, *_identifying(source, contract))}
    forms: dict[str, str] = {}
    for position, heading in enumerate(sheet.header):
        if fold(heading) in at and fold(heading) not in declared:
            continue
        kind = "person" if fold(heading) in declared else about(heading)
        cells = sheet.frame[str(position)] if sheet.frame.height else ()
        distinct = cells.unique() if len(cells) else ()
        if kind == "kind" and _has_few_values(cells, distinct):
            continue
        for cell in distinct:
            for form in names_in(cell or "", kind == "person"):
                forms.setdefault(form, heading)
    return forms


def _has_few_values(cells: pl.Series, distinct: pl.Series) -> bool:
    filled, values = int((cells != "").sum()), int((distinct != "").sum())
    return filled >= _FEWEST_CELLS and values * _FEW_VALUES <= filled


def _identifying(source: Source, contract: Contract) -> Iterator[str]:
    """Yield native columns of what becomes a pseudonym: a council may use names for it."""
    gathered = {column.name: column.origin for column in source.group.columns} if source.group else {}
    for table_map in source.tables:
        for column in table_map.columns.values():
            if contract.tables[table_map.table].fields[column.name].personal == "pseudonym":
                yield from (gathered.get(name, name) for name in column.needs)


def digester(key: bytes, authority: Authority | str) -> Callable[[str], str]:
    """Return how a form of a name is kept: its keyed digest, which differs by authority."""
    slug = authority if isinstance(authority, str) else authority.slug
    return lambda form: pseudonym(key, slug, "name", form)


def digests(forms: Mapping[str, str], digest: Callable[[str], str]) -> pl.DataFrame:
    """Return the digests of forms of names, each once and in order (`NAMES_SCHEMA`).

    Args:
        forms: as `names_of` returns them.
        digest: how a form is kept (`digester`).
    """
    rows = sorted({digest(form): heading for form, heading in forms.items()}.items())
    return pl.DataFrame(rows, schema=NAMES_SCHEMA, orient="row")
