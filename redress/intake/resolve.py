"""What can only be seen when a whole batch has been read: identifiers used twice and references to nothing.

Files arrive in any order, so nothing is decided before all have been read. A record that feeds several
tables is taken whole or not at all; what refers to a record that is set aside is set aside too, under its
own code, so that the owner repairs one record and not its forty children.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from redress.contract.contract import Contract, Reference, Table, UniqueWhen
from redress.intake.conform import Candidates
from redress.intake.gather import whole_groups
from redress.intake.problems import NOT_SHOWN, QUARANTINE, row_problems

InForce = Callable[[Table, list[str]], pl.DataFrame]
"""Gives columns of a table's conformed rows that stay in force beside the batch."""


@dataclass
class Member:
    """One file of a batch.

    Attributes:
        bad: per row number whether it is set aside (of a group: the number of its first record).
        heads: per row number that of the first record of its group.
        found: problems beyond those of the candidates.
        taken_over: records of cases that another system of the batch or in force holds now.
        shown_as: contract table -> contract column -> the column's native name.
    """

    file_name: str
    candidates: Candidates
    shown_as: dict[str, dict[str, str]]
    bad: np.ndarray
    heads: np.ndarray
    taken_over: set[int] = field(default_factory=set)
    found: list[pl.DataFrame] = field(default_factory=list)

    def rows(self, table: str) -> pl.DataFrame:
        """Return rows of a table that the file feeds, without those of cases that were taken over."""
        rows = self.candidates.tables[table]
        return rows.filter(~pl.col("row").is_in(list(self.taken_over))) if self.taken_over else rows

    def mark(self, rows: pl.Series) -> None:
        """Set records aside."""
        self.bad[self.heads[rows.to_numpy()]] = True

    def problems(self) -> pl.DataFrame:
        """Return every problem of the file, with what falls because another record of its group does."""
        known = pl.concat([self.candidates.problems, *self.found])
        fallen = set(np.flatnonzero(self.bad).tolist())
        return pl.concat([known, whole_groups(known, self.candidates.members, fallen)])

    def column(self, table: str, column: str) -> str:
        """Return a contract column as the file's owner knows it."""
        return self.shown_as.get(table, {}).get(column, column)


def member(file_name: str, candidates: Candidates, shown_as: dict[str, dict[str, str]]) -> Member:
    """Return a file of a batch with the records that are already set aside."""
    severe = candidates.problems.filter((pl.col("severity") == QUARANTINE) & pl.col("row").is_not_null())[
        "row"
    ]
    highest = max(
        [
            int(severe.max() or 0),
            *(int(rows["row"].max() or 0) for rows in candidates.tables.values() if rows.height),
            int(candidates.members["row"].max() or 0) if candidates.members is not None else 0,
        ]
    )
    heads = np.arange(highest + 1)
    if candidates.members is not None:
        heads[candidates.members["row"].to_numpy()] = candidates.members["head"].to_numpy()
    made = Member(file_name, candidates, shown_as, np.zeros(highest + 1, dtype=bool), heads)
    made.mark(severe)
    return made


def latest_versions(files: list[tuple[str, str, str, Candidates]]) -> list[Candidates]:
    """Return the version in the file with the latest scope, of records that several files of one source hold.

    The other versions are taken out of their files' rows and noted as `superseded_row`; what was wrong with them no
    longer matters. A later version counts also where it is set aside for a fault of its own: what it replaces is
    known to be out of date. Records of one file are never versions of one another.

    Args:
        files: source, scope, name and candidates of each file.

    Returns:
        The candidates of each file, in the same order; those given are not changed.
    """
    parts = [
        candidates.versions.with_columns(
            place=pl.lit(place, dtype=pl.Int32), source=pl.lit(source), scope=pl.lit(scope), name=pl.lit(name)
        )
        for place, (source, scope, name, candidates) in enumerate(files)
        if candidates.versions is not None
    ]
    if not parts:
        return [candidates for *_, candidates in files]
    known = pl.concat(parts).sort("scope", "place", "row")
    same = ["source", "key"]
    older = known.with_columns(
        newest=pl.col("scope").last().over(same),
        newest_row=pl.col("row").last().over(same),
        newest_name=pl.col("name").last().over(same),
    ).filter(pl.col("scope") < pl.col("newest"))
    return [
        _without(candidates, older.filter(pl.col("place") == place))
        for place, (*_, candidates) in enumerate(files)
    ]


def _without(candidates: Candidates, older: pl.DataFrame) -> Candidates:
    """Return the candidates less the older versions of records that another file holds."""
    if not older.height:
        return candidates
    gone = older.select("row", "newest_row", "newest_name")
    if candidates.members is not None:  # every record of a group that is an older version
        gone = (
            candidates.members.join(gone, left_on="head", right_on="row")
            .select("row", "newest_row", "newest_name")
            .sort("row")
        )
    told = gone.select(
        message=pl.format(
            "Row {} of {} is a later version of this record, and is used. Nothing needs repair.",
            "newest_row",
            "newest_name",
        )
    )["message"]
    rows = gone["row"].implode()
    stays = pl.col("row").is_null() | ~pl.col("row").is_in(rows)
    return replace(
        candidates,
        tables={
            name: part.filter(~pl.col("row").is_in(older["row"].implode()))
            for name, part in candidates.tables.items()
        },
        problems=pl.concat(
            [candidates.problems.filter(stays), row_problems(gone["row"], "superseded_row", told)]
        ),
    )


def _batch(members: list[Member], name: str, columns: list[str]) -> pl.DataFrame:
    """Return rows of one table from all members, with `member` (its place in the list)."""
    parts = [
        m.rows(name).select("row", *columns).with_columns(member=pl.lit(i, dtype=pl.Int32))
        for i, m in enumerate(members)
        if name in m.candidates.tables
    ]
    return pl.concat(parts) if parts else pl.DataFrame()


def _place(members: list[Member]) -> pl.Expr:
    """Return words for where a row stands: `row 12 of complaint.csv`."""
    names = pl.col("member").replace_strict(
        list(range(len(members))), [m.file_name for m in members], return_dtype=pl.String
    )
    return pl.format("row {} of {}", pl.col("row"), names)


def held_cases(rows: dict[str, pl.DataFrame]) -> pl.Series:
    """Return identifiers of the complaints that rows of contract tables are about."""
    found = [part["complaint_id"].drop_nulls() for part in rows.values() if "complaint_id" in part.columns]
    return pl.concat([pl.Series("complaint_id", [], dtype=pl.String), *found]).unique()


def rows_about(tables: dict[str, pl.DataFrame], contract: Contract, cases: pl.Series) -> dict[str, pl.Series]:
    """Return the row numbers of the records about some complaints, by table.

    A table without the complaint's identifier is about the complaint of the row it refers to (the outcome of a
    point is about the complaint of the point).
    """
    about: dict[str, pl.Series] = {}
    for name, part in tables.items():
        if "complaint_id" in part.columns:
            about[name] = part.filter(pl.col("complaint_id").is_in(cases.implode()))["row"]
            continue
        for reference in contract.tables[name].references:
            parents = tables.get(reference.table)
            if parents is None or "complaint_id" not in parents.columns:
                continue
            keys = parents.filter(pl.col("complaint_id").is_in(cases.implode()))[reference.target]
            about[name] = part.filter(pl.col(reference.column).is_in(keys.drop_nulls().implode()))["row"]
    return about


def note_taken_over(
    old: Member, contract: Contract, cases: pl.Series, new_source: str, fed: set[str]
) -> None:
    """Set aside the records of an old system about cases that a newer one holds, so that none counts twice.

    Args:
        old: a file of the old system.
        cases: complaints that the new system holds.
        new_source: the new system's source, for the message.
        fed: tables that the new system feeds; the old one's rows of other tables stay.
    """
    about = {
        name: rows
        for name, rows in rows_about(old.candidates.tables, contract, cases).items()
        if name in fed and len(rows)
    }
    if not about:
        return
    numbers = pl.concat(list(about.values())).unique().sort()
    first = next(iter(about))
    column = (
        "complaint_id" if "complaint_id" in contract.tables[first].fields else contract.tables[first].key[0]
    )
    old.found.append(
        row_problems(
            numbers,
            "taken_over",
            f"The case is in the new system ({new_source}) and is counted from there.",
            first,
            old.column(first, column),
            "",
            "a case that the new system does not hold",
        )
    )
    old.taken_over |= set(numbers)
    old.mark(numbers)


def find_duplicates(members: list[Member], contract: Contract, in_force: InForce) -> set[str]:
    """Note identifiers that stand for different records, in the batch or beside what is in force.

    Returns:
        Extracts in force that hold the other record of such a pair.
    """
    conflicts: set[str] = set()
    for table in contract.tables.values():
        checks = [(table.key, None)]
        if table.unique_when:
            checks.append((table.unique_when.columns, table.unique_when))
        conformed = list(table.conformed)
        rows = _batch(members, table.name, conformed)
        if not rows.height:
            continue
        for key, unique in checks:
            conflicts |= _check_key(members, table, rows, list(key), unique, in_force)
    return conflicts


def _check_key(
    members: list[Member],
    table: Table,
    rows: pl.DataFrame,
    key: list[str],
    unique: UniqueWhen | None,
    in_force: InForce,
) -> set[str]:
    conformed = list(table.conformed)
    required = [name for name in key if table.fields[name].required]
    keyed = rows.filter(pl.all_horizontal([pl.col(name).is_not_null() for name in required]))
    counts = pl.lit(True)
    if unique:
        counts = pl.col(unique.unless_column).fill_null("") != unique.unless_value
        keyed = keyed.filter(counts)
    doubled = keyed.filter(keyed.select(key).is_duplicated())
    if doubled.height:
        _note_doubled(members, table, doubled, key, conformed)
    standing = in_force(table, [*conformed, "source_file", "source_row", "extract_id"]).filter(counts)
    if standing.height:
        again = keyed.join(standing.select(key).unique(), on=key, how="semi", nulls_equal=True)
        if again.height:
            return _note_standing(members, table, again, standing, key, conformed)
    return set()


def _note_doubled(
    members: list[Member], table: Table, doubled: pl.DataFrame, key: list[str], conformed: list[str]
) -> None:
    distinct = [i for i, m in enumerate(members) if table.name in m.candidates.distinct]
    doubled = doubled.rechunk()  # polars 2.1 panics where a column in one piece joins a frame in several
    marked = doubled.with_columns(
        content=doubled.select(conformed).hash_rows(seed=3),
        place=_place(members),
        is_distinct=pl.col("member").is_in(distinct),
    ).with_columns(
        contents=pl.col("content").n_unique().over(key),
        files=pl.col("member").n_unique().over(key),
        size=pl.len().over(key),
        first=pl.col("place").first().over(key),
        last=pl.col("place").last().over(key),
        first_member=pl.col("member").min().over(key),
    )
    # equal rows that the mapping declares to be one, and equal rows once in each of several files
    same = marked.filter(
        (pl.col("contents") == 1) & ~pl.col("is_distinct") & (pl.col("files") == pl.col("size"))
    )
    later = same.filter(pl.col("member") != pl.col("first_member"))
    excused = (pl.col("contents") == 1) & (pl.col("is_distinct") | (pl.col("files") == pl.col("size")))
    _note(
        members,
        table,
        later,
        key,
        "duplicate_row",
        pl.format("The same row as {}: the first is kept.", "first"),
    )
    other = pl.when(pl.col("place") == pl.col("first")).then(pl.col("last")).otherwise(pl.col("first"))
    _note(
        members,
        table,
        marked.filter(~excused),
        key,
        "duplicate_id",
        pl.format(
            "{} stands for different records, so none is used: see also {}.", pl.lit(_words(key)), other
        ),
    )


def _note_standing(
    members: list[Member],
    table: Table,
    again: pl.DataFrame,
    standing: pl.DataFrame,
    key: list[str],
    conformed: list[str],
) -> set[str]:
    standing, again = standing.rechunk(), again.rechunk()  # as above
    known = standing.with_columns(there=standing.select(conformed).hash_rows(seed=3)).select(
        *key, "there", "source_file", "source_row", "extract_id"
    )
    joined = again.with_columns(here=again.select(conformed).hash_rows(seed=3)).join(
        known.unique(key, keep="first", maintain_order=True),
        on=key,
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    where = pl.format("row {} of {}, which is in force", "source_row", "source_file")
    equal = pl.col("here") == pl.col("there")
    _note(
        members,
        table,
        joined.filter(equal),
        key,
        "duplicate_row",
        pl.format("The same row as {}: that one is kept.", where),
    )
    _note(
        members,
        table,
        joined.filter(~equal),
        key,
        "duplicate_id",
        pl.format("{} stands for another record too: {}.", pl.lit(_words(key)), where),
    )
    return set(joined.filter(~equal)["extract_id"])


def _words(key: list[str]) -> str:
    return " + ".join(key)


def _note(
    members: list[Member], table: Table, rows: pl.DataFrame, key: list[str], code: str, message: pl.Expr
) -> None:
    """Note one problem per record and set the records aside."""
    if not rows.height:
        return
    shown = [name for name in key if not table.fields[name].personal]
    found = pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in shown], separator=" + ")
    told = rows.with_columns(message=message, found=found).unique(
        ["member", "row"], keep="first", maintain_order=True
    )
    for (place,), part in told.group_by("member", maintain_order=True):
        m = members[int(place)]
        columns = " + ".join(m.column(table.name, name) for name in key)
        m.found.append(
            row_problems(
                part["row"],
                code,
                part["message"],
                table.name,
                columns,
                part["found"],
                "one record per " + _words(key),
            )
        )
        m.mark(part["row"])


def find_orphans(
    members: list[Member], contract: Contract, in_force: InForce, rejected: frozenset[str] = frozenset()
) -> None:
    """Note references to rows that are neither good in this batch nor in force, until nothing more falls.

    Args:
        rejected: tables that rejected files of this batch would have fed, for the message.
    """
    references = [
        (table, reference)
        for table in contract.tables.values()
        for reference in table.references
        if any(table.name in m.candidates.tables for m in members)
    ]
    standing = {
        target: in_force(contract.tables[target], [column])[column]
        for target, column in {(r.table, r.target) for _, r in references}
    }
    strict = [(table, reference) for table, reference in references if not reference.may_be_unknown]
    changed: set[str] | None = None
    while changed is None or changed:
        fallen: set[str] = set()
        for table, reference in strict:
            if changed is None or reference.table in changed:
                fallen |= _orphans_of(
                    members, table, reference, standing[reference.table], reference.table in rejected
                )
        changed = fallen
    for table, reference in references:
        if reference.may_be_unknown:
            _orphans_of(members, table, reference, standing[reference.table], reference.table in rejected)


def _good(members: list[Member], rows: pl.DataFrame) -> pl.Series:
    """Return which rows belong to records that are not set aside."""
    if not rows.height:
        return pl.Series([], dtype=pl.Boolean)
    good = np.ones(rows.height, dtype=bool)
    places, numbers = rows["member"].to_numpy(), rows["row"].to_numpy()
    for i, m in enumerate(members):
        here = places == i
        if here.any():
            good[here] = ~m.bad[numbers[here]]
    return pl.Series(good)


def _orphans_of(
    members: list[Member], table: Table, reference: Reference, standing: pl.Series, is_rejected: bool
) -> set[str]:
    """Note the orphans of one reference; tables whose records fell because of it.

    A record whose parent is set aside, or in a file that was rejected, has a code of its own: its owner
    repairs the one parent and not its forty children. Where the reference may be unknown, the owner is told and
    nothing falls.
    """
    children = _batch(members, table.name, [reference.column])
    if not children.height:
        return set()
    children = children.filter(_good(members, children) & children[reference.column].is_not_null())
    parents = _batch(members, reference.table, [reference.target])
    good_parents = standing
    if parents.height:
        good_parents = pl.concat([standing, parents.filter(_good(members, parents))[reference.target]])
    known = pl.DataFrame({reference.column: good_parents.drop_nulls()})
    orphans = children.join(known, on=reference.column, how="anti")
    if not orphans.height:
        return set()
    aside = parents[reference.target].unique() if parents.height else pl.Series([], dtype=pl.String)
    told = _tell_orphans(orphans, reference, aside, is_rejected)
    fallen: set[str] = set()
    is_personal = bool(table.fields[reference.column].personal)
    for (place, kind), part in told.group_by("member", "code", maintain_order=True):
        m = members[int(place)]
        m.found.append(
            row_problems(
                part["row"],
                str(kind),
                part["message"],
                table.name,
                m.column(table.name, reference.column),
                NOT_SHOWN if is_personal else part[reference.column],
                f"{reference.target} of a {reference.table} that is loaded",
            )
        )
        if not reference.may_be_unknown:
            m.mark(part["row"])
            fallen |= set(m.candidates.tables)
    return fallen


def _tell_orphans(
    orphans: pl.DataFrame, reference: Reference, aside: pl.Series, is_rejected: bool
) -> pl.DataFrame:
    """Return the orphans of one reference, each record once, with a `message` and a `code`.

    Args:
        orphans: records whose parent is not there.
        reference: from them to the parent.
        aside: parents that are set aside.
        is_rejected: whether a file of the batch that holds parents was rejected.
    """
    is_aside = pl.col(reference.column).is_in(aside.implode())
    absent = f"There is no such {reference.table}, neither in this batch nor in the files in force."
    if reference.may_be_unknown:
        absent += " The record is loaded, without this link."
        return orphans.with_columns(message=pl.lit(absent), code=pl.lit("unknown_case")).unique(
            ["member", "row"], keep="first", maintain_order=True
        )
    if is_rejected:
        absent += f" A file of this batch that holds {reference.table} rows was rejected."
    message = (
        pl.when(is_aside)
        .then(pl.lit(f"The {reference.table} it refers to is set aside itself: repair that record first."))
        .otherwise(pl.lit(absent))
    )
    code = (
        pl.when(is_aside | pl.lit(is_rejected))
        .then(pl.lit("parent_set_aside"))
        .otherwise(pl.lit("orphan_reference"))
    )
    return orphans.with_columns(message=message, code=code).unique(
        ["member", "row"], keep="first", maintain_order=True
    )


def left_behind(members: list[Member], contract: Contract, in_force: InForce) -> set[str]:
    """Return extracts in force beside the batch that hold references to rows which the batch took away."""
    found: set[str] = set()
    for table in contract.tables.values():
        for reference in table.references:
            if reference.may_be_unknown:
                continue
            children = in_force(table, [reference.column, "extract_id"]).drop_nulls(reference.column)
            if not children.height:
                continue
            parents = in_force(contract.tables[reference.table], [reference.target])[reference.target]
            batch = _batch(members, reference.table, [reference.target])
            if batch.height:
                parents = pl.concat([parents, batch.filter(_good(members, batch))[reference.target]])
            lost = children.filter(~pl.col(reference.column).is_in(parents.unique().implode()))
            found |= set(lost["extract_id"])
    return found
