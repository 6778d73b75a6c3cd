"""Where the results of councils lie: of those that a run has made, and of those that stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from redress.base.settings import RunSettings, Settings, database_in_force

Key = dict[str, str]
"""What the results of a council depend on: kind of thing -> hash (`council_keys`)."""


def waiting_place(settings: Settings, slug: str = "") -> Path:
    """Return where the results of a council wait that was made by itself; without one, the folder of all."""
    return settings.state / "waiting" / slug


@dataclass(frozen=True)
class Source:
    """Where results of some councils lie.

    Attributes:
        councils: by slug; rows of others are not taken.
        state: the state that the warehouse was built from.
        database: the warehouse that holds them.
        protected, internal: the folders of the protected export and of the copies for internal readers.
        suppression: the decisions on figures.
    """

    councils: frozenset[str]
    state: Path
    database: Path
    protected: Path
    internal: Path
    suppression: Path

    @classmethod
    def of_workshop(cls, settings: RunSettings, councils: Iterable[str]) -> Source:
        """Return the results that wait in a workshop."""
        place = settings.next
        return cls(
            frozenset(councils),
            settings.state.resolve(),
            settings.database,
            place / "protected",
            place / "internal",
            place / "suppression.csv",
        )

    @classmethod
    def standing(cls, settings: RunSettings, councils: Iterable[str]) -> Source:
        """Return the results in force."""
        return cls(
            frozenset(councils),
            settings.state.resolve(),
            database_in_force(settings),
            settings.state / "protected",
            settings.build / "internal",
            settings.build / "suppression.csv",
        )

    def is_of_workshop(self, settings: RunSettings) -> bool:
        """Return whether the results were made in a workshop, and so are of these councils alone."""
        return self.state != settings.state.resolve()


@dataclass(frozen=True)
class Standing:
    """The results in force of one council.

    Attributes:
        key: what they depend on, by kind.
        made_on: the day on which they were made.
        run_id: of the run that made them.
        held_up_since: the day of the first run since that could not put newer ones in their place; blank for none.
    """

    key: Key
    made_on: str
    run_id: str
    held_up_since: str = ""


@dataclass
class Made:
    """What a run has made.

    Attributes:
        sources: where the results of all councils lie, those made anew first.
        fresh: the councils that were made anew.
        councils: what stands of each after the run.
        site_key: of what its pages are rendered with; blank where the website is not that of the results.
    """

    sources: list[Source] = field(default_factory=list)
    fresh: set[str] = field(default_factory=set)
    councils: dict[str, Standing] = field(default_factory=dict)
    site_key: str = ""
