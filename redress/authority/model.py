"""A council as its folder declares it: reports, services, words, limits, owners."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from redress.base.errors import ConfigurationProblem
from redress.contract.contract import Field, Table
from redress.contract.mapping import Mapping, as_word

OPEN = "open"
NOT_KNOWN = "not_known"
SETTINGS: dict[str, tuple[str, ...]] = {
    "outcome_share_withdrawn": ("excluding", "including"),
    "outcome_share_direct": ("including", "excluding"),
    "percent_places": ("0", "1", "2"),
    "list_cases": ("no", "yes"),
}
"""Counting variants that a council may choose; the first word is the default."""

_YEAR = re.compile(r"([0-9]{4})-([0-9]{2})")


class AuthorityError(ConfigurationProblem):
    """One or more authority folders cannot be used.

    Attributes:
        problems: every fault found, one sentence each.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__(
            "An authority's folder is not usable as it is.", "whoever keeps that folder", problems
        )
        self.problems = self.details

    def __str__(self) -> str:
        return "\n".join(self.problems)


@dataclass(frozen=True)
class Report:
    """One report of an authority: the year it is about and the moment whose knowledge it uses.

    Attributes:
        signed_with: SHA-256 of the files that a signed-off report was counted from, which are then the only
            ones it knows; None where the report is not signed off.
    """

    reporting_year: str
    period_start: date
    period_end: date
    as_at: date
    title: str
    published_on: date | None = None
    next_release: str = ""
    signed_with: frozenset[str] | None = None


@dataclass(frozen=True)
class Meaning:
    """What a word or alias stands for from one day to another, both included."""

    word: str
    first_day: date
    last_day: date

    @property
    def days(self) -> str:
        """The days in words."""
        start = f"from {self.first_day}" if self.first_day != date.min else ""
        end = f"to {self.last_day}" if self.last_day != date.max else ""
        return " ".join(part for part in (start, end) if part)

    def overlaps(self, other: Meaning) -> bool:
        """Whether some day belongs to both."""
        return self.first_day <= other.last_day and other.first_day <= self.last_day


@dataclass(frozen=True)
class Vocabulary:
    """Words that a council owns.

    Attributes:
        declared: the words as the council writes them.
        words: folded word or alias -> word. Two declared words that differ only in capitals are not in it:
            they are met as they are written or not at all.
        is_open: any word is accepted.
        dated: folded word or alias that meant different words at different times -> those words, each with
            the days on which it was meant. The day of the row decides.
    """

    declared: tuple[str, ...] = ()
    words: AnyMapping[str, str] = field(default_factory=dict)
    is_open: bool = True
    dated: AnyMapping[str, tuple[Meaning, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Authority:
    """One authority's folder, read and checked.

    Attributes:
        profile: what `profile.yml` holds.
        vocabularies: name -> vocabulary; sub-categories are under `sub_category` for every category, and
            the pairs that are allowed in `category_pairs` (category, folded sub-category or alias -> word);
            of those that meant different words at different times, in `dated_pairs`.
        rows: rows of the folder's CSV tables, by table name.
    """

    slug: str
    folder: Path
    profile: dict[str, Any]
    reports: dict[str, Report]
    mapping: Mapping
    vocabularies: dict[str, Vocabulary]
    category_pairs: dict[tuple[str, str], str]
    dated_pairs: dict[tuple[str, str], tuple[Meaning, ...]]
    rows: dict[str, list[dict[str, str]]]
    published: dict[str, list[dict[str, str]]]
    contradictions: dict[str, list[dict[str, str]]]

    @property
    def name(self) -> str:
        """Full name."""
        return self.profile["name"]

    @property
    def short_name(self) -> str:
        """Name as used in running text."""
        return self.profile.get("short_name") or self.profile["name"]

    @property
    def is_synthetic(self) -> bool:
        """Whether its data are made up; pages say so, and a fixed key may be used."""
        return bool(self.profile.get("synthetic", False))

    @property
    def case_data_from(self) -> date:
        """First day from which new complaints are complete as case rows."""
        return self.profile["case_data_from"]

    @property
    def settings(self) -> dict[str, str]:
        """Chosen counting variants, defaults filled in."""
        chosen = self.profile.get("settings") or {}
        return {name: as_word(chosen.get(name, words[0])) for name, words in SETTINGS.items()}

    @property
    def extracts(self) -> Path:
        """The drop folder: `<year>/<received date>/<files>`."""
        # not Path.resolve, which raises where links lead round in a circle
        return Path(os.path.realpath(self.folder / str(self.profile.get("extracts") or "extracts")))

    def owner_of(self, table: Table | None) -> str:
        """Who puts faults of a contract table right."""
        owners = self.profile.get("owners") or {}
        default = owners.get("default")
        if table is None:
            return str(default or "complaints team")
        return str(owners.get(table.name) or default or table.owner)

    def vocabulary_of(self, column: Field) -> Vocabulary:
        """The council's words for a column; any word where it declares none."""
        return self.vocabularies.get(column.vocabulary, Vocabulary())


def year_bounds(reporting_year: str) -> tuple[date, date]:
    """First and last day of a reporting year written `2023-24`.

    Raises:
        ValueError: if it is not written so.
    """
    match = _YEAR.fullmatch(reporting_year)
    if not match or (int(match[1]) + 1) % 100 != int(match[2]):
        raise ValueError(f"`{reporting_year}` is no reporting year such as 2023-24")
    return date(int(match[1]), 4, 1), date(int(match[1]) + 1, 3, 31)
