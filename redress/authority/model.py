"""A council as its folder declares it: reports, services, words, limits, owners."""

from __future__ import annotations

import os
from collections.abc import Iterable
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from redress.authority.profile import Profile
from redress.base.errors import ConfigurationProblem
from redress.contract.contract import Field, Table
from redress.contract.mapping import Mapping

NOT_KNOWN = "not_known"


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
        """Return whether some day belongs to both."""
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
    profile: Profile
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
        return self.profile.name

    @property
    def short_name(self) -> str:
        """Name as used in running text."""
        return self.profile.short_name or self.profile.name

    @property
    def is_synthetic(self) -> bool:
        """Whether its data are made up; pages say so, and a fixed key may be used."""
        return self.profile.synthetic

    @property
    def case_data_from(self) -> date:
        """First day from which new complaints are complete as case rows."""
        return self.profile.case_data_from

    @property
    def settings(self) -> dict[str, str]:
        """Chosen counting variants, defaults filled in."""
        return self.profile.settings.model_dump()

    @property
    def extracts(self) -> Path:
        """The drop folder: `<year>/<received date>/<files>`."""
        # not Path.resolve, which raises where links lead round in a circle
        return Path(os.path.realpath(self.folder / (self.profile.extracts or "extracts")))

    def services_on(self, day: date) -> dict[str, dict[str, str]]:
        """Return the row of each service that is in force on a day, by its name."""
        return in_force(self.rows.get("services", []), day.isoformat())

    def owner_of(self, table: Table | None) -> str:
        """Return who puts faults of a contract table right; None stands for what is not of one table."""
        return owner_of(self.profile.owners, table)

    def vocabulary_of(self, column: Field) -> Vocabulary:
        """Return the council's words for a column; any word where it declares none."""
        return self.vocabularies.get(column.vocabulary, Vocabulary())


def in_force(rows: Iterable[dict[str, str]], day: str) -> dict[str, dict[str, str]]:
    """Return the row of each service that is in force on a day: the last that has begun, or else its first.

    Args:
        rows: of `services.csv`, those of one service in the order of their days.
        day: as it is written there.
    """
    held: dict[str, dict[str, str]] = {}
    for row in rows:
        if row["service"] not in held or (row.get("valid_from") or "") <= day:
            held[row["service"]] = row
    return held


def owner_of(owners: AnyMapping[str, str], table: Table | None) -> str:
    """Return who puts faults of a contract table right: whom the council names, or else whom the contract names.

    Args:
        owners: `owners` of a profile; nothing for a council that cannot be known.
        table: None for what is not of one table.
    """
    named = owners.get(table.name) if table else None
    return named or owners.get("default") or (table.owner if table else "complaints team")
