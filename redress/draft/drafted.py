"""What a draft of one source holds, and what all files together hold: lines, tables, lists of words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from redress.contract.contract import Contract
from redress.draft.columns import shown
from redress.draft.opened import Opened
from redress.draft.shapes import Shape


@dataclass
class Filled:
    """A line of a table: a column of the contract, how it is filled as YAML, and what is to be said of it."""

    name: str
    text: str
    comment: str = ""


@dataclass
class Block:
    """One table that a source feeds."""

    table: str
    columns: list[Filled] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    split: str = ""
    distinct: bool = False
    comment: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass
class WordList:
    """A list of a council's words and what they mean: word -> meaning (`?` where nobody knows), comment."""

    entries: dict[str, tuple[str, str]] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    hidden: int = 0


@dataclass
class Drafted:
    """The draft of one source.

    Attributes:
        keys: its keys as YAML, with a comment each.
        left_out: records that are left out by rule.
    """

    id: str
    opened: Opened
    shape: Shape
    keys: list[Filled] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    left_out: int = 0


@dataclass
class Findings:
    """What all files together hold: the lists of words, the vocabularies, the days.

    Attributes:
        vocabularies: name -> word -> rows.
        days: reporting year -> records.
        names: forms of the names in the files, by which words are looked through before they are shown.
        given_names: common given names.
    """

    contract: Contract
    names: set[str]
    given_names: frozenset[str]
    lists: dict[str, WordList] = field(default_factory=dict)
    vocabularies: dict[str, Counter[str]] = field(default_factory=dict)
    hidden: Counter[str] = field(default_factory=Counter)
    days: Counter[str] = field(default_factory=Counter)

    def shown(self, words: Iterable[str]) -> list[str]:
        """Return those of some words that may stand in the draft."""
        return shown(words, self.names, self.given_names)
