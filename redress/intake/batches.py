"""Receive files: keep, read, conform, resolve the batch, and write what can be trusted.

`receive` takes one batch; `load_drop_folder` takes every batch of an authority's drop folder in order.
For every file, in records: received = conformed + left out by rule + quarantined, or the run stops.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from redress.base.blame import DamagedFile
from redress.base.errors import ConfigurationProblem, DropFolderAway
from redress.base.files import list_folder, read_regular, why_unreadable
from redress.base.patterns import fits_wildcard
from redress.base.printable import show_text
from redress.base.settings import Settings
from redress.contract.contract import Contract, Table, load_contract
from redress.contract.dates import EXCEL_SERIAL
from redress.contract.mapping import Join, Source
from redress.contract.values import fold
from redress.intake.conform import (
    Candidates,
    conform,
    native_columns,
    only_joined,
    record_keys,
    without_copies,
)
from redress.intake.delimited import first_records, read_delimited
from redress.intake.file_kinds import kind_of
from redress.intake.gaps import stages_without_service
from redress.intake.joins import join_sheet
from redress.intake.names import NAMES_SCHEMA
from redress.intake.problems import (
    QUARANTINE,
    QUARANTINE_SCHEMA,
    REJECT,
    IntakeInvariantError,
    ReadingFailed,
    RejectedFile,
    file_problem,
)
from redress.intake.pseudonyms import key_for
from redress.intake.quotes import screen_quotes
from redress.intake.resolve import (
    Member,
    find_duplicates,
    find_orphans,
    held_cases,
    latest_versions,
    left_behind,
    member,
    note_taken_over,
)
from redress.intake.sheet import Sheet
from redress.intake.spreadsheet import first_rows, read_workbook, visible_sheets
from redress.intake.store import (
    CLEANING_SCHEMA,
    GATHERED_SCHEMA,
    LEDGER_SCHEMA,
    LEFT_OUT_SCHEMA,
    Conformed,
    Store,
    measure_file,
    read_chunks,
)
from redress.intake.undeclared_words import screen_words

if TYPE_CHECKING:
    from redress.authority.model import Authority

RULES_VERSION = 6
"""Raise it when a change of intake's rules should make files already received be read again."""

_MOST_NAMED = 50_000_000
"""Bytes of a file of which it is said what it is, where no source has files of its name."""
_WAITS = "The mapping joins a file that has not come"
_RIVAL = "The batch has several files for the same source and scope"
_IN_CONTEXT = (
    "unknown_case",
    "orphan_reference",
    "parent_set_aside",
    "duplicate_row",
    "duplicate_id",
    "taken_over",
    "superseded_row",
)
"""Kinds of problems that another file can cause or cure."""

FEWEST_LOST = 20
"""A file with less than half of the records of the one it replaces, and so many fewer, is worth a word."""

UNREAD = "outside"
"""Stands for the source in the identifiers of files that were not even read."""

_PASSED_OVER = re.compile(r"^(\.|~\$)|^(thumbs\.db|desktop\.ini)$", re.IGNORECASE)


@dataclass(frozen=True)
class FileResult:
    """What became of one file; the numbers count records.

    Attributes:
        status: loaded or rejected.
        is_known: the same bytes were received before, so nothing changed.
        left_out: records that a rule of the mapping leaves out.
        sheet: that was read, of a workbook with several.
        columns: folded heading -> letters of the column in a spreadsheet, of a file that was read.
        loaded_before: records of a known file that were loaded until it was read again just now; None where it was not.
    """

    file_name: str
    extract_id: str
    source: str
    scope: str
    received_at: datetime
    status: str
    received: int
    conformed: int
    quarantined: int
    message: str
    is_known: bool = False
    left_out: int = 0
    sheet: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    loaded_before: int | None = None

    @property
    def what_changed(self) -> str:
        """What a known file is now that was not so before: more or fewer of its records loaded, where it was read again."""
        if self.loaded_before is None or (self.status == "rejected" and not self.loaded_before):
            return "nothing changes"
        again = "it was read again, because how files are read has changed: now loaded"
        return f"{again} {self.conformed:,} of {self.received:,} records, before {self.loaded_before:,}"


@dataclass
class IntakeResult:
    """What became of the files of one or more batches.

    Attributes:
        files: one per file, known ones included.
        problems: problems of the files that were new (`QUARANTINE_SCHEMA`).
        messages: what a person should read, one line per file or folder.
    """

    files: list[FileResult] = field(default_factory=list)
    problems: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=QUARANTINE_SCHEMA))
    messages: list[str] = field(default_factory=list)

    def add(self, other: IntakeResult) -> None:
        """Take in the result of another batch."""
        self.files += other.files
        self.problems = pl.concat([self.problems, other.problems])
        self.messages += other.messages


@dataclass(frozen=True)
class Incoming:
    """A file to be received.

    Attributes:
        name: its name as `show_text` gives it: what wildcards and scopes are compared with, and what is kept.
    """

    path: Path
    name: str
    received_at: datetime


@dataclass
class _File:
    """One file on its way through a batch.

    Attributes:
        candidates, member: what it would add; None while unread or when rejected.
        read_again: the extract in force that it is, read again because of the batch; empty for a new file.
        is_sheet: other sources read other sheets of the same workbook.
        is_gone: the sheet was in the file that this one replaces, and is not in this one.
        sheet: that was read, of a workbook with several.
        letters: folded heading -> letters of the column.
    """

    incoming: Incoming
    sha256: str
    source: Source | None
    scope: str
    extract_id: str
    bytes: int
    columns: int = 0
    rejected: pl.DataFrame | None = None
    candidates: Candidates | None = None
    member: Member | None = None
    read_again: str = ""
    is_sheet: bool = False
    is_gone: bool = False
    sheet: str = ""
    letters: dict[str, str] = field(default_factory=dict)

    @property
    def shown_as(self) -> str:
        """The file for a person, with the sheet that was read where the workbook has several."""
        sheet = self.sheet or (self.source.sheet if self.source and self.is_sheet else "")
        return f"{self.incoming.name}, sheet {sheet}" if sheet else self.incoming.name


class Batch:
    """One batch of one authority."""

    def __init__(self, authority: Authority, contract: Contract, store: Store, key: bytes) -> None:
        self.authority, self.contract, self.store, self.key = authority, contract, store, key
        self.notes: list[str] = []
        self.loaded_before: dict[tuple[str, str, datetime], int] = {}
        self.of_sheets: list[str] = []
        self.files: list[_File] = []
        self.standing = pl.DataFrame(schema=LEDGER_SCHEMA)

    def take(self, incoming: list[Incoming]) -> IntakeResult:
        """Receive the files of one batch."""
        result = IntakeResult()
        ledger = self.store.ledger(self.authority.slug)
        claims: list[_File] = []
        for file in incoming:
            try:
                claims += self.identify(file)
            except ReadingFailed as problem:
                result.add(self.unread(file, "unreadable_file", f"It cannot be read: {problem}."))
        claims += self.gone_sheets(claims)
        result.messages += self.of_sheets
        self.of_sheets = []
        self.reject_rivals(claims)
        files: list[_File] = []
        for new in claims:
            name = new.shown_as
            before = self.before(new, ledger)
            if before is not None and not self.is_worth_another_try(new, before, claims):
                if not self.store.place_of(new.sha256).exists():  # somebody took the original away
                    self.keep([new], result)
                told = replace(_from_ledger(before), loaded_before=self.loaded_before.get(_entry(before)))
                result.files.append(told)
                result.messages.append(
                    f"{name}: received before, on {before['received_at']:%Y-%m-%d}; {told.what_changed}."
                )
            elif any((f.source, f.scope, f.sha256) == (new.source, new.scope, new.sha256) for f in files):
                result.messages.append(f"{name}: the same file is in this batch twice; it is taken once.")
            else:
                times = self.times(new, ledger) + sum(
                    (_id_of(f), f.sha256) == (_id_of(new), new.sha256) for f in files
                )
                new.extract_id += f"-{times + 1}" if times else ""
                files.append(new)
        files = self.keep(files, result)
        if not files:
            return result
        moment = max(f.incoming.received_at for f in files)
        in_force = self.store.in_force(self.authority.slug, moment)
        self.files, self.standing = files, in_force
        for new in sorted(files, key=lambda file: bool(file.source and file.source.joins)):
            if new.rejected is None:
                self.read(new, in_force)
        again = self.resolve(files, in_force, ledger, moment)
        for new in [*files, *again]:
            done, problems, message = self.finish(new, in_force)
            result.files.append(done)
            result.problems = pl.concat([result.problems, problems])
            result.messages.append(message)
        return result

    def keep(self, files: list[_File], result: IntakeResult) -> list[_File]:
        """Keep the files; those that change meanwhile are told in the result, and left for the next time."""
        failed: dict[Incoming, str] = {}
        for new in files:
            try:
                self.store.keep(new.incoming.path, new.sha256)
            except ReadingFailed as problem:
                failed[new.incoming] = f"It cannot be read: {problem}."
        for file, message in failed.items():
            result.add(self.unread(file, "unreadable_file", message))
        return [new for new in files if new.incoming not in failed]

    def unread(self, file: Incoming, code: str, message: str) -> IntakeResult:
        """Set aside a file of which nothing was read: it is named, not kept and not in the ledger."""
        place = hashlib.sha256(os.fsencode(os.path.abspath(file.path))).hexdigest()[:12]
        name = f"{self.authority.slug}/{UNREAD}/{place}"
        new = _File(file, "", None, "", name, 0)
        problems = self.problems(new, file_problem(code, message, found=file.name, severity=REJECT))
        self.store.write_problems(name, problems)
        said = f"rejected: {message}"
        outcome = FileResult(file.name, name, "unknown", "", file.received_at, "rejected", 0, 0, 0, said)
        return IntakeResult([outcome], problems, [f"{file.name}: {said}"])

    def screen(self) -> None:
        """Screen quotes and undeclared words of every file that is kept for the names in any of them."""
        screen_quotes(self.store, self.authority, self.contract, self.key)
        screen_words(self.store, self.authority, self.contract, self.key)

    def before(self, new: _File, ledger: pl.DataFrame) -> dict[str, Any] | None:
        """Return the entry of the ledger that makes a file no news; None where it has something to say.

        The same bytes are no news where they came at that very moment, stand at that moment, or were rejected. What
        was replaced since and is sent again puts itself back, as any newer file does.
        """
        same = self.entries(new, ledger).filter(pl.col("scope") == new.scope)
        entries = same.filter(
            (pl.col("received_at") == new.incoming.received_at) | (pl.col("status") != "loaded")
        )
        if same.height and not entries.height:
            standing = self.store.in_force(self.authority.slug, new.incoming.received_at)["extract_id"]
            entries = same.filter(pl.col("extract_id").is_in(standing.implode()))
        return entries.row(-1, named=True) if entries.height else None

    def is_worth_another_try(self, new: _File, before: dict[str, Any], claims: list[_File]) -> bool:
        """Return whether a file that was rejected for want of, or for too many, other files may fare better now."""
        if new.rejected is not None or new.source is None:
            return False
        if _RIVAL in before["message"]:
            return True
        if _WAITS not in before["message"]:
            return False
        come = {file.source.id for file in claims if file.source and file.rejected is None}
        standing = self.store.in_force(self.authority.slug, new.incoming.received_at)["source"]
        return {join.name for join in new.source.joins if join.is_file} <= come | set(standing)

    def times(self, new: _File, ledger: pl.DataFrame) -> int:
        """Return how often the ledger has the bytes of a file for its source."""
        return self.entries(new, ledger).height

    @staticmethod
    def entries(new: _File, ledger: pl.DataFrame) -> pl.DataFrame:
        """Return the entries of the ledger that have the bytes of a file for its source, oldest first."""
        source = new.source.id if new.source else "unknown"
        return ledger.filter((pl.col("source") == source) & (pl.col("sha256") == new.sha256))

    def identify(self, file: Incoming) -> list[_File]:
        """Hash, source and scope of a file; several where sources read different sheets of a workbook."""
        sha256, size = measure_file(file.path)
        sources = self.authority.mapping.sources_of(file.name)
        if any(source.sheets for source in sources) and all(
            source.is_workbook(file.name) for source in sources
        ):
            sources = self.sources_of_sheets(file, sources)
        if len(sources) > 1 and are_sheets(sources, file.name):
            return [
                _File(
                    file,
                    sha256,
                    source,
                    source.scope_of_sheet(file.name, source.sheet or "")
                    if source.sheets
                    else source.scope_of(file.name),
                    f"{self.authority.slug}/{source.id}/{sha256[:12]}",
                    size,
                    is_sheet=True,
                )
                for source in sources
            ]
        source = sources[0] if len(sources) == 1 else None
        scope = source.scope_of(file.name) if source else ""
        name = source.id if source else "unknown"
        new = _File(file, sha256, source, scope, f"{self.authority.slug}/{name}/{sha256[:12]}", size)
        if not sources:
            patterns = ", ".join(pattern for s in self.authority.mapping.sources for pattern in s.files)
            kind = kind_of(b"".join(read_chunks(file.path))) if size <= _MOST_NAMED else ""
            new.rejected = file_problem(
                "unknown_file",
                "No source of the mapping has files of this name. The file is kept and nothing of it is loaded."
                + (f" It is {kind}" if kind else ""),
                found=file.name,
                expected=patterns,
                severity=REJECT,
            )
        elif len(sources) > 1:
            new.rejected = file_problem(
                "ambiguous_file",
                "Several sources of the mapping claim a file of this name: "
                f"{', '.join(s.id for s in sources)}.",
                found=file.name,
                severity=REJECT,
            )
        return [new]

    def sources_of_sheets(self, file: Incoming, sources: list[Source]) -> list[Source]:
        """Return a source for each sheet that its wildcards name and no other source does by its name.

        A source of which no sheet is there stays as it is, and reading it says so. Nothing is taken from a workbook that
        cannot be opened, and reading it says that.
        """
        try:
            names = visible_sheets(b"".join(read_chunks(file.path)))
        except RejectedFile:
            return sources
        taken = {fold(source.sheet) for source in sources if source.sheet}
        found: list[Source] = []
        for source in sources:
            sheets = [
                name
                for name in names
                if fold(name) not in taken
                and any(fits_wildcard(name, wildcard) for wildcard in source.sheets)
            ]
            found += [replace(source, sheet=name) for name in sheets] or [source]
        read = {fold(source.sheet) for source in found if source.sheet}
        unread = [name for name in names if fold(name) not in read]
        wildcards = [wildcard for source in sources for wildcard in source.sheets]
        empty = [text for text in wildcards if not any(fits_wildcard(name, text) for name in names)]
        if unread or empty:
            told = ([f"no sheet is named like {', '.join(empty)}"] if empty else []) + (
                [f"not read: {', '.join(unread)}"] if unread else []
            )
            self.of_sheets.append(f"{file.name}: {'; '.join(told)}.")
        return found

    def gone_sheets(self, claims: list[_File]) -> list[_File]:
        """Return an empty file for each sheet in force that is no longer in the workbook that replaces its own."""
        newest = {
            (new.source.id, new.incoming): new
            for new in claims
            if new.source and new.source.sheets and new.source.sheet
        }
        gone = []
        for new in newest.values():
            source, incoming = new.source, new.incoming
            assert source is not None
            there = {file.scope for file in claims if file.source and file.source.id == source.id}
            prefix = source.scope_of_sheet(incoming.name, "?").removesuffix("?")
            standing = self.store.in_force(self.authority.slug, incoming.received_at)
            for row in standing.filter(pl.col("source") == source.id).iter_rows(named=True):
                is_of_file = row["scope"].startswith(prefix) and "/" not in row["scope"].removeprefix(prefix)
                if is_of_file and row["scope"] not in there and row["rows_received"]:
                    name = f"{self.authority.slug}/{source.id}/{new.sha256[:12]}"
                    of_sheet = source.of_sheet(row["scope"])
                    gone.append(
                        _File(
                            incoming,
                            new.sha256,
                            of_sheet,
                            row["scope"],
                            name,
                            new.bytes,
                            is_sheet=True,
                            is_gone=True,
                        )
                    )
        return gone

    def reject_rivals(self, files: list[_File]) -> None:
        """Reject two different files for one source and scope in one batch: which is right cannot be known."""
        contents: dict[tuple[str, str], set[str]] = {}
        for new in files:
            if new.source:
                contents.setdefault((new.source.id, new.scope), set()).add(new.sha256)
        for new in files:
            if new.source and len(contents[new.source.id, new.scope]) > 1:
                same = [
                    f for f in files if f.source and f.source.id == new.source.id and f.scope == new.scope
                ]
                rivals = [f.incoming.name for f in same]
                new.rejected = file_problem(
                    "ambiguous_file",
                    f"{_RIVAL}: which of {len(rivals)} is right is not known (source "
                    f"{new.source.id}). Send one, or let the "
                    "mapping tell them apart by a scope.",
                    found=", ".join(rivals),
                    severity=REJECT,
                )

    def read(self, new: _File, in_force: pl.DataFrame) -> None:
        """Read and conform one file; a rejection is noted."""
        source = new.source
        assert source is not None
        try:
            if new.is_gone:
                new.candidates = self.nothing(source)
                return
            kept = self.store.place_of(new.sha256).read_bytes()
            sheet, preview = read_sheet(kept, new.incoming.name, source)
            for join in source.joins:
                if join.is_file:
                    beside, name = self.beside(new, join)
                    join_sheet(sheet, join, beside, source.width, f"file {name}")
            new.columns = len(sheet.header)
            new.sheet = sheet.name if sheet.is_one_of_several else ""
            new.letters = sheet.letters()
            if not source.tables:
                new.candidates = only_joined(sheet)
                return
            candidates = conform(
                sheet, source, self.authority, self.contract, self.key, preview, new.incoming.name
            )
            if candidates.received == candidates.left_out.height:
                self.note_no_rows(new, candidates, in_force)
            else:
                self.note_other_year(new, candidates, in_force)
                self.note_far_fewer(new, candidates, in_force)
        except RejectedFile as rejection:
            new.rejected = file_problem(
                rejection.code,
                rejection.message,
                rejection.column,
                rejection.found,
                rejection.expected,
                REJECT,
            )
            return
        new.candidates = candidates

    def beside(self, new: _File, join: Join) -> tuple[Sheet, str]:
        """Return the file that a file joins, of this batch or in force: its records and its name.

        Raises:
            RejectedFile: none has come.
        """
        source = next(source for source in self.authority.mapping.sources if source.id == join.name)
        is_scoped = bool(source.scope and new.source and new.source.scope)
        come = [
            (file.scope, self.store.place_of(file.sha256), file.incoming.name)
            for file in self.files
            if file.source and file.source.id == source.id and file.rejected is None
        ]
        replaced = {scope for scope, *_ in come}
        for row in self.standing.filter(pl.col("source") == source.id).iter_rows(named=True):
            path = self.store.kept(row["sha256"])
            if row["scope"] not in replaced and path is not None:
                come.append((row["scope"], path, row["file_name"]))
        # of files that stand beside one another the one of the same scope, or the latest where this file has none
        fitting = [file for file in come if not is_scoped or file[0] == new.scope]
        if not fitting:
            raise RejectedFile(
                "missing_joined_file",
                f"{_WAITS}: {' or '.join(source.files)} (source {source.id})"
                + (f" of {new.scope}" if is_scoped else "")
                + ". Send it with this file, or before it.",
                expected=", ".join(source.files),
            )
        _, path, name = max(fitting, key=lambda file: file[0])
        data = path.read_bytes()
        sheet, _ = read_sheet(data, name, source)
        return without_copies(sheet), name

    def nothing(self, source: Source) -> Candidates:
        """Return what a sheet that is no longer there adds, which is nothing, and a word about it."""
        header = list(native_columns(source).values())
        frame = pl.DataFrame(
            schema={"row": pl.Int32} | {str(place): pl.String for place in range(len(header))}
        )
        candidates = conform(Sheet(header, frame, 0), source, self.authority, self.contract, self.key, list)
        warning = file_problem(
            "sheet_gone",
            "TAKE CARE: the workbook that this one replaces had the sheet, and this one has not. Nothing of it counts any more.",
            found=source.sheet or "",
            expected=f"the sheet {source.sheet}",
            table=source.tables[0].table,
        )
        return replace(candidates, problems=pl.concat([candidates.problems, warning]))

    def note_other_year(self, new: _File, candidates: Candidates, in_force: pl.DataFrame) -> None:
        """Note a file of one year that replaces a file of another: without a scope the earlier year is gone."""
        source = new.source
        assert source is not None
        before = self.superseded(new, in_force)
        if before is None or before["sha256"] == new.sha256:
            return
        first = next((t.table for t in source.tables if self.contract.tables[t.table].day), None)
        if first is None:
            return
        day = self.contract.tables[first].day
        old = self.store.rows(self.contract.tables[first], [before["extract_id"]], [day])[day].drop_nulls()
        now = candidates.tables[first][day].drop_nulls()
        if not len(old) or not len(now):
            return
        if old.max() < now.min() or now.max() < old.min():
            warning = file_problem(
                "other_year",
                f"TAKE CARE: the file replaces {before['file_name']} whole, and none of its days is among that "
                f"file's: {first}.{day} from {now.min()} to {now.max()} here, from {old.min()} to {old.max()} "
                "there. If both are to count, give the source a scope in mapping.yml (docs/mapping.md), so that "
                "files of different years stand beside one another.",
                found=f"{now.min()} to {now.max()}",
                expected=f"a file that holds {old.min()} to {old.max()} too, or a scope",
                table=first,
            )
            candidates.problems = pl.concat([candidates.problems, warning])

    def note_far_fewer(self, new: _File, candidates: Candidates, in_force: pl.DataFrame) -> None:
        """Note a file that has lost most of the records of the one it replaces: an export may have been cut short."""
        source = new.source
        assert source is not None
        before = self.superseded(new, in_force)
        if before is None or before["sha256"] == new.sha256:
            return
        had, has = before["rows_received"], candidates.received
        if has * 2 >= had or had - has < FEWEST_LOST:
            return
        first = source.tables[0].table
        warning = file_problem(
            "far_fewer_rows",
            f"TAKE CARE: the file has {has:,} records, and the one it replaces ({before['file_name']}) had {had:,}. "
            "It is loaded all the same. If the export was cut short, send it again whole: "
            f"{self.authority.owner_of(self.contract.tables[first])}.",
            found=f"{has:,} records",
            expected=f"about {had:,} records",
            table=first,
        )
        candidates.problems = pl.concat([candidates.problems, warning])

    def note_no_rows(self, new: _File, candidates: Candidates, in_force: pl.DataFrame) -> None:
        """Note a table of no rows, which is possible for some tables and worth a word; for others it is not possible."""
        source = new.source
        assert source is not None
        before = self.superseded(new, in_force)
        had = before["rows_conformed"] if before else 0
        tables = [table_map.table for table_map in source.tables]
        count = candidates.left_out.height
        what = (
            f"All {count:,} records of the file are left out by rule"
            if count
            else "The file has a header and no record"
        )
        if any(self.contract.tables[name].must_have_rows for name in tables) and not source.sheets:
            raise RejectedFile(
                "header_only",
                f"{what}, and this table cannot be empty. The last good file stays in force."
                + (f" That one has {had:,} records." if had else ""),
                found="0 records",
                expected="at least one record",
            )
        message = f"{what}. It is loaded as nothing to count."
        if had:
            message = (
                f"TAKE CARE: the file it replaces had {had:,} records and this one has none. "
                "It is loaded all the same."
            )
        warning = file_problem("header_only", message, found="0 records", table=tables[0])
        candidates.problems = pl.concat([candidates.problems, warning])

    def resolve(
        self, files: list[_File], in_force: pl.DataFrame, ledger: pl.DataFrame, moment: datetime
    ) -> list[_File]:
        """Look across the batch and at what stays in force beside it.

        A file in force whose records were set aside for want of another file's, or whose records would now
        refer to nothing, is read again with the batch, so that what is in force always fits together and a
        repaired record brings its children back.

        Returns:
            The files that were read again and came out otherwise than before.
        """
        loaded = [f for f in files if f.candidates]
        if not loaded:
            self.settle(files, [], frozenset(), moment.date())
            return []
        replaced = {(f.source.id, f.scope) for f in loaded if f.source}
        beside = {
            row["extract_id"]: row
            for row in in_force.iter_rows(named=True)
            if (row["source"], row["scope"]) not in replaced
        }
        rejected = frozenset(
            t.table for f in files if f.rejected is not None and f.source for t in f.source.tables
        )
        again: dict[str, _File] = {}
        overlapping = {f.source.id for f in loaded if f.source and f.source.versions}
        wanted = self.with_versions(
            {
                name
                for name, row in beside.items()
                if row["source"] in overlapping or self.has_context(name) or self.joins_one_of(row, loaded)
            },
            beside,
        )
        while True:
            for name in sorted(wanted - again.keys()):
                old = self.read_again(beside[name], ledger, moment)
                if old is None:
                    beside[name]["is_fixed"] = True
                else:
                    again[name] = old
            members = [*again.values(), *loaded]
            standing = [name for name in beside if name not in again]
            unfit = self.with_versions(self.settle(members, standing, rejected, moment.date()), beside)
            wanted = {name for name in unfit if not beside[name].get("is_fixed")}
            if wanted <= again.keys():
                break
        return [
            old
            for name, old in again.items()
            if self.joins_one_of(beside[name], loaded) or self.is_changed(old, name)
        ]

    def joins_one_of(self, row: dict[str, Any], files: list[_File]) -> bool:
        """Return whether an extract in force was read beside a file that one of these replaces."""
        come = {file.source.id for file in files if file.source}
        return any(
            join.is_file and join.name in come
            for source in self.authority.mapping.sources
            if source.id == row["source"]
            for join in source.joins
        )

    def with_versions(self, names: set[str], beside: dict[str, dict[str, Any]]) -> set[str]:
        """Return extracts in force, and all those that may hold later versions of their records.

        An older version read without the later one would come back. That the later one is set aside for a fault of
        its own leaves no row to tell it by, so the files of such a source are read together or not at all.
        """
        dated = {source.id for source in self.authority.mapping.sources if source.versions}
        touched = {beside[name]["source"] for name in names} & dated
        return names | {name for name, row in beside.items() if row["source"] in touched}

    def settle(
        self, files: list[_File], standing: list[str], rejected: frozenset[str], day: date
    ) -> set[str]:
        """Decide which records of the files are set aside, given the extracts that stand beside them.

        Returns:
            Extracts standing beside that do not fit with the files.
        """
        cache: dict[tuple[str, tuple[str, ...]], pl.DataFrame] = {}

        def in_force(table: Table, columns: list[str]) -> pl.DataFrame:
            key = (table.name, tuple(columns))
            if key not in cache:
                cache[key] = self.store.rows(table, standing, columns)
            return cache[key]

        members = []
        read = [file for file in files if file.candidates is not None and file.source is not None]
        latest = latest_versions(
            [(file.source.id, file.scope, file.shown_as, file.candidates) for file in read]
        )
        for file, candidates in zip(read, latest, strict=True):
            shown_as = {
                table_map.table: {name: column.shown_as for name, column in table_map.columns.items()}
                for table_map in file.source.tables
            }
            file.member = member(file.shown_as, candidates, shown_as)
            members.append(file.member)
        unfit = self.take_over(files, standing, day)
        unfit |= find_duplicates(members, self.contract, in_force)
        find_orphans(members, self.contract, in_force, rejected)
        return unfit | left_behind(members, self.contract, in_force)

    def take_over(self, files: list[_File], standing: list[str], day: date) -> set[str]:
        """Set aside what old systems hold of cases that a newer one has taken over by a day.

        Returns:
            Extracts standing beside the files that hold such cases: they must be read again.
        """
        unfit: set[str] = set()
        for source in self.authority.mapping.sources:
            old = source.takes_over
            if old is None or (old.first_day and day < old.first_day):
                continue
            fed = {table_map.table for table_map in source.tables}
            held = [
                held_cases(
                    {
                        name: rows.filter(
                            ~pl.Series(file.member.bad[rows["row"].to_numpy()], dtype=pl.Boolean)
                        )
                        for name, rows in file.candidates.tables.items()
                    }
                )
                for file in files
                if file.source and file.source.id == source.id and file.member and file.candidates
            ]
            held += [
                held_cases({name: self.stored(name, [extract]) for name in fed})
                for extract in standing
                if _source_of(extract) == source.id
            ]
            if not held:
                continue
            cases = pl.concat(held).unique()
            for file in files:
                if file.member and file.source and file.source.id in old.sources:
                    note_taken_over(file.member, self.contract, cases, source.id, fed)
            for extract in standing:
                if (
                    _source_of(extract) in old.sources
                    and held_cases({name: self.stored(name, [extract]) for name in fed})
                    .is_in(cases.implode())
                    .any()
                ):
                    unfit.add(extract)
        return unfit

    def stored(self, table: str, extracts: list[str]) -> pl.DataFrame:
        """Return the complaints of a table's stored rows; no column where the table has none."""
        columns = [name for name in ("complaint_id",) if name in self.contract.tables[table].schema]
        return self.store.rows(self.contract.tables[table], extracts, columns) if columns else pl.DataFrame()

    def has_context(self, extract_id: str) -> bool:
        """Return whether records of an extract are set aside for reasons that lie in another file."""
        return self.store.problems_of(extract_id)["code"].is_in(_IN_CONTEXT).any()

    def read_again(self, row: dict[str, Any], ledger: pl.DataFrame, moment: datetime) -> _File | None:
        """Read an extract in force again from the kept original; None where that is not possible."""
        source = next((s for s in self.authority.mapping.sources if s.id == row["source"]), None)
        source = source.of_sheet(row["scope"]) if source else None
        path = self.store.kept(row["sha256"])
        if source is None or path is None:
            return None
        times = (
            1 + ledger.filter((pl.col("source") == source.id) & (pl.col("sha256") == row["sha256"])).height
        )
        name = f"{self.authority.slug}/{source.id}/{row['sha256'][:12]}-{times}"
        old = _File(
            Incoming(path, row["file_name"], moment),
            row["sha256"],
            source,
            row["scope"],
            name,
            row["bytes"],
            read_again=row["extract_id"],
            is_sheet=bool(source.sheets) or len(self.authority.mapping.sources_of(row["file_name"])) > 1,
        )
        self.read(old, pl.DataFrame(schema=LEDGER_SCHEMA))
        return old if old.candidates else None

    def is_changed(self, old: _File, extract_id: str) -> bool:
        """Return whether other records are set aside, or refer to an unknown case, than when it was read before."""
        assert old.member is not None
        is_unknown = pl.col("code") == "unknown_case"
        before, now = (
            set(
                problems.filter(is_unknown | (pl.col("severity") == QUARANTINE))
                .select("row", is_unknown)
                .rows()
            )
            for problems in (self.store.problems_of(extract_id), old.member.problems())
        )
        return before != now

    @staticmethod
    def set_aside(file: _File) -> set[int]:
        """Return records of a file that are set aside."""
        assert file.member is not None
        problems = file.member.problems()
        return set(problems.filter(pl.col("severity") == QUARANTINE)["row"].drop_nulls())

    def finish(self, new: _File, in_force: pl.DataFrame) -> tuple[FileResult, pl.DataFrame, str]:
        """Write one file's outcome."""
        received = conformed = quarantined = left_out = 0
        tables: dict[str, pl.DataFrame] = {}
        cleaning = pl.DataFrame(schema=CLEANING_SCHEMA)
        gathered = pl.DataFrame(schema=GATHERED_SCHEMA)
        names, ruled_out = pl.DataFrame(schema=NAMES_SCHEMA), pl.DataFrame(schema=LEFT_OUT_SCHEMA)
        problems_found = new.rejected
        if new.member is not None:
            candidates = new.member.candidates
            problems_found = new.member.problems()
            received, names, left_out = candidates.received, candidates.names, candidates.left_out.height
            ruled_out = candidates.left_out.select(pl.lit(new.extract_id).alias("extract_id"), "row", "rule")
            tables, good = self.good_rows(new)
            quarantined = (
                problems_found.filter(pl.col("severity") == QUARANTINE)["row"].drop_nulls().n_unique()
            )
            is_joined = new.source is not None and not new.source.tables
            conformed = received - quarantined if is_joined else good.height
            if received != conformed + left_out + quarantined:
                raise IntakeInvariantError(
                    f"{new.shown_as}: {received} records received, but {conformed} conformed, {left_out} left out by "
                    f"rule and {quarantined} quarantined"
                )
            rows = [{"extract_id": new.extract_id} | entry for entry in candidates.cleaning]
            cleaning = pl.DataFrame(rows, schema=CLEANING_SCHEMA)
            if candidates.members is not None:
                gathered = good.select(
                    pl.lit(new.extract_id).alias("extract_id"), source_row="head", record="row"
                )
        assert problems_found is not None
        problems = self.problems(new, problems_found)
        before = self.superseded(new, in_force) if new.member else None
        supersedes = str(before["extract_id"]) if before else None
        message = self.summary(new, problems_found, received, conformed, quarantined, supersedes)
        status = "loaded" if new.member else "rejected"
        source = new.source.id if new.source else "unknown"
        row = {
            "extract_id": new.extract_id,
            "authority": self.authority.slug,
            "source": source,
            "scope": new.scope,
            "file_name": new.incoming.name,
            "sha256": new.sha256,
            "received_at": new.incoming.received_at,
            "bytes": new.bytes,
            "rows_received": received,
            "rows_conformed": conformed,
            "rows_quarantined": quarantined,
            "rows_left_out": left_out,
            "columns": new.columns,
            "status": status,
            "supersedes": supersedes,
            "message": message,
        }
        self.store.write(Conformed(row, tables, problems, cleaning, gathered, names, ruled_out))
        result = replace(_from_ledger(row, is_known=False), sheet=new.sheet, columns=new.letters)
        return result, problems, f"{new.shown_as}: {message}"

    def good_rows(self, new: _File) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
        """Return rows to write, and the records that they come from: `row`, and `head`, its group's first record."""
        assert new.member is not None
        tables: dict[str, pl.DataFrame] = {}
        numbers = [pl.Series([], dtype=pl.Int32)]
        for name, rows in new.member.candidates.tables.items():
            good = rows
            if new.member.bad.any():
                good = rows.filter(pl.Series(~new.member.bad[rows["row"].to_numpy()]))
            numbers.append(good["row"])
            schema = self.contract.tables[name].schema
            if name in new.member.candidates.distinct:
                good = good.unique(
                    list(self.contract.tables[name].conformed), keep="first", maintain_order=True
                )
            tables[name] = good.with_columns(
                authority=pl.lit(self.authority.slug),
                extract_id=pl.lit(new.extract_id),
                source_file=pl.lit(new.incoming.name),
                source_row=pl.col("row"),
                known_from=pl.lit(new.incoming.received_at, dtype=pl.Datetime("us")),
            ).select([pl.col(column).cast(kind) for column, kind in schema.items()])
        heads = pl.concat(numbers).unique()
        members = new.member.candidates.members
        if members is None:
            return tables, pl.DataFrame({"row": heads, "head": heads})
        return tables, members.filter(pl.col("head").is_in(heads.implode()))

    def problems(self, new: _File, problems: pl.DataFrame) -> pl.DataFrame:
        """Return problems of a file in the shape in which they are kept and shown."""
        if not problems.height:
            return pl.DataFrame(schema=QUARANTINE_SCHEMA)
        first = new.source.tables[0].table if new.source and new.source.tables else None
        sheet = new.sheet or (new.source.sheet if new.source and new.is_sheet else "")
        owners = {
            name: self.authority.owner_of(self.contract.tables[name or first] if name or first else None)
            for name in problems["table"].unique()
        }
        keys = pl.DataFrame(schema={"row": pl.Int32, "record_key": pl.String})
        if new.member is not None:
            heads = pl.DataFrame({"row": problems["row"].drop_nulls().unique()})
            heads = heads.with_columns(
                head=pl.Series(new.member.heads[heads["row"].to_numpy()], dtype=pl.Int32)
            )
            keys = record_keys(new.member.candidates.tables, self.contract, heads["head"])
            keys = heads.join(keys, left_on="head", right_on="row").select("row", "record_key")
        return (
            problems.with_columns(
                authority=pl.lit(self.authority.slug),
                extract_id=pl.lit(new.extract_id),
                file_name=pl.lit(new.incoming.name),
                message=pl.format("Sheet {}: {}", pl.lit(sheet), pl.col("message"))
                if sheet
                else pl.col("message"),
                received_at=pl.lit(new.incoming.received_at, dtype=pl.Datetime("us")),
                owner=pl.col("table").replace_strict(owners, return_dtype=pl.String),
            )
            .join(keys, on="row", how="left", maintain_order="left")
            .with_columns(pl.col("record_key").fill_null(""))
            .sort(pl.col("row").is_not_null(), "row", maintain_order=True)
            .select([pl.col(name).cast(kind) for name, kind in QUARANTINE_SCHEMA.items()])
        )

    def superseded(self, new: _File, in_force: pl.DataFrame) -> dict[str, Any] | None:
        """Return the ledger row of what was in force for the same source and scope when this file came."""
        replaced = in_force.filter(
            (pl.col("source") == (new.source.id if new.source else ""))
            & (pl.col("scope") == new.scope)
            & (pl.col("received_at") <= new.incoming.received_at)
        )
        return replaced.row(0, named=True) if replaced.height else None

    def summary(
        self,
        new: _File,
        problems: pl.DataFrame,
        received: int,
        conformed: int,
        quarantined: int,
        supersedes: str | None,
    ) -> str:
        """Return one line about a file."""
        if new.member is None:
            return f"rejected: {problems['message'][0]}"
        text = f"loaded: {conformed:,} of {received:,} records"
        if new.source is not None and not new.source.tables:
            text += ", to be joined to others"
        if new.read_again:
            text = (
                "read again, because other files changed what its records refer to, or are joined to them: "
            )
            text += f"{conformed:,} of {received:,} records"
        left_out = new.member.candidates.left_out
        if left_out.height:
            rules = left_out.group_by("rule", maintain_order=True).agg(pl.len())
            listed = "; ".join(f"{rule}: {n:,}" for rule, n in rules.iter_rows())
            text += f"; {left_out.height:,} left out by rule ({listed})"
        if quarantined:
            codes = (
                problems.filter(pl.col("severity") == QUARANTINE)
                .group_by("code")
                .agg(pl.col("row").n_unique().alias("n"))
            )
            listed = ", ".join(f"{code} {n:,}" for code, n in codes.sort("code").iter_rows())
            text += f"; {quarantined:,} set aside ({listed})"
        fewer = problems.filter(pl.col("code") == "far_fewer_rows")["message"]
        return "; ".join([text, *([f"replaces {supersedes}"] if supersedes else []), *fewer])


def _id_of(file: _File) -> str:
    return file.source.id if file.source else ""


def _source_of(extract_id: str) -> str:
    """Return the source of an extract, from its identifier."""
    return extract_id.split("/")[1]


def _entry(row: Mapping[str, Any]) -> tuple[str, str, datetime]:
    """Return what an entry of the ledger is known by when its file is read again."""
    return row["source"], row["sha256"], row["received_at"]


def _from_ledger(row: dict[str, Any], is_known: bool = True) -> FileResult:
    return FileResult(
        row["file_name"],
        row["extract_id"],
        row["source"],
        row["scope"],
        row["received_at"],
        row["status"],
        row["rows_received"],
        row["rows_conformed"],
        row["rows_quarantined"],
        row["message"],
        is_known,
        row["rows_left_out"],
    )


def read_sheet(data: bytes, file_name: str, source: Source) -> tuple[Sheet, Callable[[], list[list[str]]]]:
    """Read one file as its source says.

    Returns:
        Its records, and a function that gives the first rows of the file for messages about its header.

    Raises:
        RejectedFile: the file as a whole cannot be read.
    """
    if source.sheets and source.sheet is None:
        wanted, found = " or ".join(source.sheets), ", ".join(visible_sheets(data))
        raise RejectedFile(
            "missing_sheet", f"No sheet of the workbook is named like {wanted}.", "", found, wanted
        )
    if source.is_workbook(file_name):
        sheet = read_workbook(data, source.sheet, source.header_row, source.bands, source.fills_merged)
        if sheet.counts_from_1904 and EXCEL_SERIAL in source.date_formats:
            raise RejectedFile(
                "unreadable_workbook",
                "The workbook counts days from 1904, and the mapping reads day numbers, which count from 1900. Format "
                "the columns as dates and save it again.",
            )
        for join in source.joins:
            if not join.is_file:
                other = read_workbook(data, join.name, join.header_row)
                join_sheet(sheet, join, other, source.width, f"sheet {join.name}")
        return sheet, lambda: first_rows(data, source.sheet, 30)
    if any(not join.is_file for join in source.joins):
        raise RejectedFile(
            "missing_sheet", "The mapping joins another sheet, and the file is no workbook.", found=file_name
        )
    sheet = read_delimited(
        data,
        source.delimiter,
        source.encoding,
        source.header_row,
        source.bands,
        source.is_quoted,
        source.is_spaced,
    )
    return sheet, lambda: first_records(data, source.delimiter, source.encoding, 30, source.is_quoted)


def are_sheets(sources: list[Source], file_name: str) -> bool:
    """Return whether sources that claim one file each read another sheet of it, so that none of them is in doubt."""
    sheets = [source.sheet.strip().casefold() for source in sources if source.sheet]
    return all(source.is_workbook(file_name) for source in sources) and len(sheets) == len(sources) == len(
        set(sheets)
    )


def _fingerprint(authority: Authority, settings: Settings, key: bytes) -> str:
    """Return what changes when files already received would now be read differently."""
    digest = hashlib.sha256(f"rules {RULES_VERSION}".encode())
    digest.update((settings.reference / "contract" / "datapackage.json").read_bytes())
    digest.update("\n".join(load_contract(settings.reference).measures).encode())
    for name in ("mapping.yml", "services.csv", "categories.csv"):
        path = authority.folder / name
        digest.update(read_regular(path) if os.path.lexists(path) else b"-")
    profile = authority.profile
    told = {"vocabularies": profile.vocabularies or None, "owners": profile.owners or None}
    digest.update(json.dumps(told, default=str, sort_keys=True).encode())
    digest.update(hashlib.sha256(b"key" + key).digest())
    return digest.hexdigest()


def _open(authority: Authority, settings: Settings) -> Batch:
    """Make the state ready; read files again where the authority's configuration has changed since."""
    contract = load_contract(settings.reference)
    store = Store(settings.state, contract)
    store.prepare()
    key = key_for(authority, settings)
    batch = Batch(authority, contract, store, key)
    mark = settings.state / "read-with" / authority.slug
    now = _fingerprint(authority, settings, key)
    broken = store.damaged(authority.slug)
    if broken or not mark.is_file() or mark.read_bytes() != now.encode():
        before = list(store.ledger(authority.slug).iter_rows(named=True))
        originals = {row["sha256"]: store.kept(row["sha256"]) for row in before if row["sha256"]}
        _remove_broken(batch, broken, [name for name, path in originals.items() if path is None])
        incoming = [
            Incoming(path, row["file_name"], row["received_at"])
            for row in before
            if (path := originals.get(row["sha256"])) is not None
        ]
        # a workbook with a table on each sheet is in the ledger once for each
        incoming = list(dict.fromkeys(incoming))
        batch.loaded_before = {_entry(row): row["rows_conformed"] for row in before}
        store.forget(authority.slug)
        for moment in sorted({file.received_at for file in incoming}):
            batch.take([file for file in incoming if file.received_at == moment])
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(now, encoding="utf-8")
    return batch


def received_as(path: Path, moment: datetime, name: str = "") -> Incoming:
    """Return a file as it is received; by its own name unless another is given."""
    return Incoming(path, name or show_text(path.name), moment)


def trial_batch(authority: Authority, store: Store, key: bytes) -> Batch:
    """Return what takes files into a state of its own, which is made ready (`trial`)."""
    store.prepare()
    return Batch(authority, store.contract, store, key)


def _remove_broken(batch: Batch, broken: list[Path], lost: list[str]) -> None:
    """Remove damaged files of the state that are about to be made again from the kept originals.

    Args:
        batch: told what was done.
        broken: the damaged files.
        lost: SHA-256 of files received whose originals are no longer kept.

    Raises:
        DamagedFile: an original is gone, so that not everything can be made again.
    """
    if not broken:
        return
    if lost:
        raise DamagedFile(
            f"{broken[0]} is damaged, and {len(lost)} of the files received are no longer kept, so it cannot be made "
            "again from them.",
            "whoever looks after that folder: put it back from a backup",
            [str(path) for path in broken],
        )
    for path in broken:
        path.unlink()
    batch.notes.append(
        f"{len(broken)} files of the state were damaged and are made again from the files received, beginning with "
        f"{broken[0]}. If nobody changed them, let whoever looks after the machine look at its disk."
    )


def receive(
    files: list[tuple[Path, datetime]],
    authority: Authority,
    settings: Settings,
    names: Mapping[Path, str] | None = None,
) -> IntakeResult:
    """Receive one batch of files of one authority.

    Args:
        files: paths and the moments at which they were received.
        authority: whose files they are.
        settings: where state is kept, and the key.
        names: names of files that lie under another one.

    Returns:
        What became of each file, with every problem of every file.

    Raises:
        ConfigurationProblem: a key is needed and not given, or a file is not there or is no file.
        IntakeInvariantError: received is not conformed plus quarantined.
    """
    missing = [show_text(path) for path, _ in files if not os.path.isfile(path)]
    if missing:
        raise ConfigurationProblem(f"There is no file {', '.join(missing)}.")
    incoming = [
        Incoming(
            Path(path), (names or {}).get(path) or show_text(Path(path).name), moment.replace(tzinfo=None)
        )
        for path, moment in files
    ]
    batch = _open(authority, settings)
    result = batch.take(incoming)
    result.messages = [*batch.notes, *result.messages]
    batch.screen()
    return result


def drop_folder_batches(
    authority: Authority, years: list[str] | None = None
) -> tuple[dict[date, list[Path]], list[str]]:
    """Return the files of the drop folder by the date on which they were received, and what was passed over.

    The folder is `<extracts>/<reporting year>/<YYYY-MM-DD>/<files>`. Nothing is opened, so what is said to be a file
    may be a link, a pipe or anything else that `why_not_taken` knows.

    Raises:
        DropFolderAway: a folder cannot be listed.
    """
    batches: dict[date, list[Path]] = {}
    messages: list[str] = []
    if not os.path.isdir(authority.extracts):
        return {}, []
    for year in _folders(authority, authority.extracts, messages):
        if years and year.name not in years:
            continue
        for folder in _folders(authority, year, messages):
            if folder.name.startswith("."):
                continue
            try:
                received = date.fromisoformat(folder.name)
            except ValueError:
                messages.append(
                    f"{shown_place(authority, folder)}: not named by the date of receipt (YYYY-MM-DD); not read."
                )
                continue
            for path in _listed(authority, folder):
                if _PASSED_OVER.search(path.name):
                    continue
                if os.path.isdir(path) and not path.is_symlink():
                    messages.append(f"{shown_place(authority, path)}: a folder inside a batch is not read.")
                    continue
                batches.setdefault(received, []).append(path)
    return dict(sorted(batches.items())), messages


def shown_place(authority: Authority, path: Path) -> str:
    """Return where something lies below the drop folder, as text."""
    return show_text(path.relative_to(authority.extracts))


def _listed(authority: Authority, folder: Path) -> list[Path]:
    """Return what lies in a folder, by name; raises DropFolderAway."""
    try:
        return list_folder(folder)
    except OSError as problem:
        raise DropFolderAway(
            f"The folder {show_text(folder)} in the drop folder of {authority.slug} cannot be read: "
            f"{why_unreadable(problem)}."
        ) from problem


def _folders(authority: Authority, folder: Path, messages: list[str]) -> list[Path]:
    """Return the folders in a folder; of what lies beside them a message is added. Raises DropFolderAway."""
    place = "<reporting year>/<date of receipt, YYYY-MM-DD>/"
    listed = _listed(authority, folder)
    messages += [
        f"{shown_place(authority, path)}: not read, because it does not lie in a folder {place}."
        for path in listed
        if not os.path.isdir(path) and not _PASSED_OVER.search(path.name)
    ]
    return [path for path in listed if os.path.isdir(path)]


def why_not_taken(authority: Authority, path: Path) -> tuple[str, str] | None:
    """Return the kind of problem and the message of a path that is no file of the drop folder; None for a file.

    Nothing is opened: opening a pipe waits for a writer that may never come.

    Raises:
        DropFolderAway: the folder that it lay in is gone, so it is not the file that is at fault.
    """
    real = os.path.realpath(path)
    try:
        mode = os.stat(path).st_mode
    except OSError as problem:
        if not os.path.isdir(path.parent):
            folder = shown_place(authority, path.parent)
            raise DropFolderAway(
                f"The folder {folder} in the drop folder of {authority.slug} went away while it was read."
            ) from problem
        mode, why = 0, why_unreadable(problem)
    if not Path(real).is_relative_to(authority.extracts) or (not mode and os.path.islink(path)):
        return (
            "outside_drop_folder",
            "The path leads out of the drop folder, or to nothing. Put the file itself into the folder.",
        )
    if not mode:
        return "unreadable_file", f"It cannot be read: {why}."
    if not stat.S_ISREG(mode):
        return (
            "unreadable_file",
            "It is not a file but a folder, a pipe, a socket or a device. Put the file itself into the folder.",
        )
    return None


def load_drop_folder(
    authority: Authority,
    settings: Settings,
    years: list[str] | None = None,
    kept_from: date | None = None,
    unsettled: Collection[str] = (),
) -> IntakeResult:
    """Receive every batch of an authority's drop folder, in the order of receipt.

    Files whose bytes are in the ledger already change nothing, so it may run as often as wanted. A path
    that leads out of the drop folder (a link, or `..`) is rejected and not read.

    Args:
        authority: whose drop folder.
        settings: where state is kept, and the key.
        years: folders of reporting years to look into; all if None.
        kept_from: batches received before this day are not looked at (the authority's retention rule).
        unsettled: files that are left for the next time, because they are still being copied (`shown_place`).

    Returns:
        What became of each file.

    Raises:
        ConfigurationProblem: a key is needed and not given.
        DropFolderAway: a folder cannot be listed, or the share that files lie on does not answer.
    """
    batches, messages = drop_folder_batches(authority, years)
    batch = _open(authority, settings)
    batch.store.forget_problems(authority.slug, UNREAD)
    result = IntakeResult(messages=[*batch.notes, *messages])
    for received, paths in batches.items():
        if kept_from is not None and received < kept_from:
            continue
        moment = datetime(received.year, received.month, received.day)
        incoming = []
        for path in paths:
            file = received_as(path, moment)
            place = shown_place(authority, path)
            if place in unsettled:
                result.messages.append(f"{place}: not read yet, because it is still being copied.")
            elif fault := why_not_taken(authority, path):
                result.add(batch.unread(file, *fault))
            else:
                incoming.append(file)
        try:
            result.add(batch.take(incoming))
        except DropFolderAway as problem:
            raise DropFolderAway(
                f"A file in the drop folder of {authority.slug} received on {received} cannot be read: {problem}."
            ) from problem
    batch.screen()
    standing = batch.store.in_force(authority.slug, datetime.max)
    result.messages += stages_without_service(batch.store, authority, standing)
    return result
