"""The decision on one council: all its reports, for each of its audiences, with those rows merged of which more is read then.

What a decision depends on is `Given`, and nothing else: no warehouse is open here and no file is read, so that a decision can be
made in a process of its own, and be kept (`kept`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from redress.authority.protection import Protection
from redress.base.errors import GateFailed
from redress.protect.decide import AS_PRINTED, LEFT_OUT, SHOWN, Decision, decide
from redress.protect.merge import (
    Merged,
    Remainders,
    Service,
    Table,
    add_up,
    choose,
    is_by_one_key,
    not_adding_up,
    table_of,
    tree_of,
)
from redress.protect.suppress import Solved

FIGURES_TRIED, LEAST_TRIALS, MOST_TRIALS = 16_000, 3, 10
"""Merging is tried on so many figures in all, and so often at most: small councils need it most, and are soon decided."""

LITTLE_LOST, LOST_PERCENT = 2, 40
"""What a table may lose so that more can be read of all together: so many numbers, or so much of what is read of it."""


@dataclass
class Given:
    """What the decision on a council's figures depends on; as in `decide` where it is not said.

    Attributes:
        authority: the council.
        public, internal: settings for each audience; `internal` is None where internal readers have none.
        figures: of the reports in the warehouse, with the remainders of those that are signed off.
        earlier: of records of others.
        revised: figure ids of `earlier` that are of a report which this run signs again.
    """

    authority: str
    public: Protection
    internal: Protection | None
    figures: list[dict[str, Any]]
    earlier: list[dict[str, Any]]
    services: dict[str, Service]
    groupings: list[dict[str, Any]]
    printed: dict[str, str]
    pounds: dict[str, tuple[int, float]]
    settled: dict[str, str]
    revised: Sequence[str] = ()

    def without_revised(self) -> Given:
        """Return it without what a report that is being revised said of itself.

        What a record showed is known for ever, so that a number that follows from it would be taken for known and be shown in
        the revision too. A revision that closes a gap decides the report anew; whoever kept the earlier one still has it.
        """
        revised = set(self.revised)
        return replace(
            self,
            earlier=[row for row in self.earlier if row["figure_id"] not in revised],
            settled={figure: status for figure, status in self.settled.items() if figure not in revised},
            revised=(),
        )


@dataclass
class Council:
    """What was decided of one council.

    Attributes:
        remainders: the figures of merged rows of reports that are not signed off.
        public, internal: reporting year -> decision; `internal` is empty where internal readers have no settings.
        gave_way: a line for each suppressed number that can be worked out.
        gaps: a sentence for each signed-off report that gives suppressed numbers of its own away.
    """

    public: dict[str, Decision]
    remainders: Remainders = field(default_factory=Remainders)
    internal: dict[str, Decision] = field(default_factory=dict)
    gave_way: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


def decide_given(given: Given) -> Council:
    """Decide on every figure of all reports of a council, for each of its audiences.

    Raises:
        GateFailed: rows and remainder do not make the whole.
    """
    whole, remainders = _Trials(given).best()
    if not set(given.revised).isdisjoint(whole.gaps):
        given = given.without_revised()
        whole, remainders = _Trials(given).best()
    years: dict[str, list[str]] = defaultdict(list)
    for row in [*given.figures, *remainders.rows]:
        years[row["reporting_year"]].append(row["figure_id"])
    council = Council({year: whole.of(ids, year) for year, ids in years.items()}, remainders)
    council.gaps = _say_gaps(given.authority, whole.gaps, given.figures)
    council.gave_way = [f"{given.authority}: {figure}" for figure in whole.gave_way]
    if given.internal is not None:
        # what the public sees, internal readers see too
        known = {figure: SHOWN for figure, status in whole.status.items() if status == SHOWN}
        seen = [row for row in given.earlier if row["figure_id"] in known]
        inside = replace(given, earlier=seen, settled=known)
        whole = _Trials(inside).decide(given.internal, remainders, merges=False)
        council.internal = {year: whole.of(ids, year) for year, ids in years.items()}
        council.gave_way += [
            f"{given.authority}, for internal readers: {figure}" for figure in whole.gave_way
        ]
    return council


class _Trials:
    """Decisions on the same figures with different rows merged. What one of them has solved, the next does not solve again.

    Attributes:
        tables: what may be merged, by table.
        left: how many decisions may still be made.
        kept: the tables of which rows are merged in the best decision so far. whole, remainders: that decision.
        plain, read: what can be read, by table, with nothing merged and in the best decision.
    """

    def __init__(self, given: Given) -> None:
        self.given = given
        self.solved: Solved = {}
        self.tables: dict[Table, list[Merged]] = {}
        self.kept: list[Table] = []

    def decide(self, chosen: Protection, remainders: Remainders, **more: Any) -> Decision:
        """Decide on every figure and remainder; more is as for `decide`."""
        services = self.given.services | remainders.services
        return decide(
            [*self.given.figures, *remainders.rows, *self.given.earlier],
            tree_of(services),
            self.given.groupings,
            chosen,
            self.given.printed,
            self.given.pounds,
            self.given.settled,
            remainders.members,
            solved=self.solved,
            **more,
        )

    def best(self) -> tuple[Decision, Remainders]:
        """Return the decision in which most can be read, and what is merged in it.

        Whether merging helps is seen by deciding without and with it, since other tables tie the numbers of a table: in tables
        by one key first, then in those by two; with all that may help, then with what did, then table by table, as often
        as the number of figures allows. What lets more be read in all stands, where no table loses much for it (`_harmed`).
        """
        given = self.given
        self.whole, self.remainders = self.decide(given.public, Remainders()), Remainders()
        self.plain = self.read = self._read(self.whole, self.remainders)
        choice = choose(
            given.figures, given.services, given.public, given.printed, given.settled, given.groupings
        )
        self.tables = _by_table(choice, self._not_all_read(self.whole))
        self.left = max(LEAST_TRIALS, min(MOST_TRIALS, FIGURES_TRIED // (len(given.figures) or 1)))
        for is_alone in (True, False):
            tables = [table for table in self.tables if is_by_one_key(table) == is_alone]
            if tables:
                self._try_all(tables)
        return self.whole, self.remainders

    def _try_all(self, tables: list[Table]) -> None:
        """Merge rows of these tables too, of those in which it helps."""
        earlier = self.kept
        helped, harmed = self._try(earlier, tables)
        # a table is read less because its numbers follow from a finer one that is now read, or from other rows by the same key
        likely = [
            table
            for table in helped
            if not any(
                other[0] == table[0] and ({*other[2]} <= {*table[2]} or self.tables[table][0].key in other[2])
                for other in harmed
            )
        ]
        if self.kept == earlier and 0 < len(likely) < len(tables):
            self._try(earlier, likely)
        if self.kept == earlier:
            for table in helped:
                self._try(self.kept, [table])

    def _try(self, earlier: list[Table], tables: list[Table]) -> tuple[list[Table], list[Table]]:
        """Decide with rows of some tables merged beside those of earlier ones.

        Returns:
            Those of these tables that are read more, the most first; and the tables that lose too much. None where no
            decision is left.
        """
        if not self.left:
            return [], []
        self.left -= 1
        given = self.given
        asked = sorted({*earlier, *tables})
        merged = [rows for table in asked for rows in self.tables[table]]
        remainders = add_up(given.figures, merged, given.services)
        _hold_the_sums(not_adding_up(given.figures, remainders, given.services))

        def is_better(decision: Decision) -> bool:
            """Whether more is read by a decision, and no table much less. What a reader's eyes find takes from that."""
            read = self._read(decision, remainders)
            is_more = (read.total(), -len(asked)) > (self.read.total(), -len(self.kept))
            return is_more and not self._harmed(read)

        whole = self.decide(given.public, remainders, is_worth_more=is_better)
        read = self._read(whole, remainders)
        harmed = self._harmed(read)
        if is_better(whole) and not whole.gave_way:
            self.whole, self.remainders, self.read, self.kept = whole, remainders, read, asked
        gains = {table: read[table] - self.plain[table] for table in tables}
        helped = sorted(
            (table for table in tables if gains[table] > 0), key=lambda table: (-gains[table], table)
        )
        return helped, harmed

    def _harmed(self, read: Counter[Table]) -> list[Table]:
        """Return the tables of which a decision lets much less be read than is read with nothing merged."""
        return sorted(
            table
            for table, number in self.plain.items()
            if number - read[table] > max(LITTLE_LOST, LOST_PERCENT * abs(number) / 100)
        )

    def _not_all_read(self, whole: Decision) -> set[Table]:
        """Return the tables that have numbers other than zero which a decision does not show."""
        return {
            table_of(row)
            for row in self.given.figures
            if row["value"] and whole.status[row["figure_id"]] not in (SHOWN, AS_PRINTED)
        }

    def _read(self, whole: Decision, remainders: Remainders) -> Counter[Table]:
        """Return, by table, how many numbers other than zero a decision shows, less those in whose place a sign stands."""
        read: Counter[Table] = Counter()
        for row in [*self.given.figures, *remainders.rows]:
            status = whole.status[row["figure_id"]]
            if row["value"] and status != LEFT_OUT:
                read[table_of(row)] += 1 if status in (SHOWN, AS_PRINTED) else -1
        return read


def _by_table(merged: Iterable[Merged], tables: Collection[Table]) -> dict[Table, list[Merged]]:
    """Return what may be merged in each of some tables."""
    result: dict[Table, list[Merged]] = defaultdict(list)
    for rows in merged:
        if rows.table in tables:
            result[rows.table].append(rows)
    return dict(sorted(result.items()))


def _say_gaps(authority: str, gaps: Collection[str], figures: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return a sentence for each signed-off report with suppressed numbers that follow from what it shows."""
    year_of = {row["figure_id"]: row["reporting_year"] for row in figures}
    numbers = Counter(year_of[figure] for figure in gaps if figure in year_of)
    return [
        f"{authority} {year} is signed off, and {number} of the numbers that it suppresses can be worked out, or placed more "
        f"closely than the report promises, from what it shows. `redress revise {authority} {year}` decides it anew."
        for year, number in sorted(numbers.items())
    ]


def _hold_the_sums(wrong: list[str]) -> None:
    """Let nothing leave of which rows and remainder do not make the whole; a line for each place."""
    if wrong:
        raise GateFailed(
            f"Nothing was published: in {len(wrong)} places the rows shown and the rows merged into one do not make the whole.",
            "whoever maintains Redress: what is merged must add up",
            wrong,
        )
