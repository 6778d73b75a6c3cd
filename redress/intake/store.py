"""What intake keeps between runs: every file by its hash, the ledger, conformed rows and problems.

Every file is written beside its place and renamed into it, so a run that is cut off leaves either the old
state or the new one. The ledger row of an extract is written last: without it nothing of the extract counts.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import polars as pl

from redress.base.blame import FileTrouble, damaged, told_as
from redress.base.errors import DropFolderAway
from redress.base.files import NotARegularFile, open_regular, replace_file, why_unreadable
from redress.base.tables import is_parquet, write_parquet
from redress.contract.contract import Contract, Table
from redress.intake.ledger import in_force
from redress.intake.names import NAMES_SCHEMA
from redress.intake.problems import QUARANTINE_SCHEMA, ReadingFailed

EMPTY = "00-empty.parquet"

LEDGER_SCHEMA: dict[str, pl.DataType] = {
    "extract_id": pl.String(),
    "authority": pl.String(),
    "source": pl.String(),
    "scope": pl.String(),
    "file_name": pl.String(),
    "sha256": pl.String(),
    "received_at": pl.Datetime("us"),
    "bytes": pl.Int64(),
    "rows_received": pl.Int32(),
    "rows_conformed": pl.Int32(),
    "rows_quarantined": pl.Int32(),
    "rows_left_out": pl.Int32(),
    "columns": pl.Int32(),
    "status": pl.String(),
    "supersedes": pl.String(),
    "message": pl.String(),
}
"""One row per file received."""

CLEANING_SCHEMA: dict[str, pl.DataType] = {
    "extract_id": pl.String(),
    "table": pl.String(),
    "column": pl.String(),
    "kind": pl.String(),
    "cells": pl.Int32(),
}
"""How often which kind of cleaning was done; `table` and `column` are blank for the file as a whole."""

GATHERED_SCHEMA: dict[str, pl.DataType] = {
    "extract_id": pl.String(),
    "source_row": pl.Int32(),
    "record": pl.Int32(),
}
"""Where several records are one row: every `record` behind the rows that carry the number `source_row`."""

LEFT_OUT_SCHEMA: dict[str, pl.DataType] = {
    "extract_id": pl.String(),
    "row": pl.Int32(),
    "rule": pl.String(),
}
"""One row per record that a rule of the mapping leaves out, and the rule as it was written."""

PASSED_SCHEMA: dict[str, pl.DataType] = {
    "extract_id": pl.String(),
    "source_row": pl.Int32(),
    "mark": pl.String(),
}
"""One row per record and text of it that may be published; `mark` is the SHA-256 of the text."""

WITHHELD_SCHEMA: dict[str, pl.DataType] = {"authority": pl.String(), "word": pl.String()}
"""One row per word of an open vocabulary that is not published."""

WHY_SCHEMA: dict[str, pl.DataType] = {
    "authority": pl.String(),
    "column": pl.String(),
    "word": pl.String(),
    "records": pl.Int32(),
    "why": pl.String(),
}
"""One row per such word and column, with how many records in force have it there, for people inside."""


@dataclass(frozen=True)
class Conformed:
    """Everything that is written for one extract."""

    ledger: dict
    tables: dict[str, pl.DataFrame]
    problems: pl.DataFrame
    cleaning: pl.DataFrame
    gathered: pl.DataFrame
    names: pl.DataFrame
    left_out: pl.DataFrame


def read_chunks(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file that somebody else put down, a piece at a time.

    Raises:
        ReadingFailed: this file cannot be read (no permission, no file, not there): others can.
        DropFolderAway: the system cannot read at present, or the folder is gone: nothing says that the others can be read.
    """
    try:
        with open_regular(path) as file:
            while chunk := file.read(1 << 20):
                yield chunk
    except OSError as problem:
        if _is_of_the_file(problem) and os.path.isdir(path.parent):
            raise ReadingFailed(why_unreadable(problem)) from problem
        raise DropFolderAway(why_unreadable(problem)) from problem


def _is_of_the_file(problem: OSError) -> bool:
    """Return whether an error lies in the one file, and not in the disk or the share that it lies on."""
    kinds = (NotARegularFile, PermissionError, FileNotFoundError, NotADirectoryError)
    return isinstance(problem, kinds) or problem.errno in (errno.ELOOP, errno.ENXIO, errno.ENAMETOOLONG)


def measure_file(path: Path) -> tuple[str, int]:
    """Return the SHA-256 of a file's bytes, in hexadecimal, and their number; raises as `read_chunks` does."""
    digest, size = hashlib.sha256(), 0
    for chunk in read_chunks(path):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def _is_whole(path: Path, sha256: str) -> bool:
    """Return whether a file is there and its bytes are those of the hash."""
    try:
        return measure_file(path)[0] == sha256
    except (ReadingFailed, DropFolderAway):
        return False


class Store:
    """The state folder of one installation.

    Args:
        state: `<build>/state`.
        contract: tables to keep.
    """

    def __init__(self, state: Path, contract: Contract) -> None:
        self.state, self.contract = state, contract
        self.conformed, self.quarantine = state / "conformed", state / "quarantine"

    def prepare(self) -> None:
        """Write the typed empty tables, so that readers always find every table and column."""
        empties = {self.conformed / name: table.schema for name, table in self.contract.tables.items()}
        empties[self.conformed / "extract"] = LEDGER_SCHEMA
        empties[self.conformed / "cleaning"] = CLEANING_SCHEMA
        empties[self.conformed / "gathered"] = GATHERED_SCHEMA
        empties[self.conformed / "left_out"] = LEFT_OUT_SCHEMA
        empties[self.conformed / "name"] = NAMES_SCHEMA
        empties[self.conformed / "quote_passed"] = PASSED_SCHEMA
        empties[self.conformed / "word_withheld"] = WITHHELD_SCHEMA
        empties[self.conformed / "word_why"] = WHY_SCHEMA
        empties[self.quarantine] = QUARANTINE_SCHEMA
        for folder, schema in empties.items():
            path = folder / EMPTY
            if not is_parquet(path) or pl.read_parquet_schema(path) != pl.Schema(schema):
                write_parquet(pl.DataFrame(schema=schema), path)

    def keep(self, path: Path, sha256: str) -> Path:
        """Keep a file byte for byte under its hash; nothing to do if it is kept already and whole.

        Raises:
            ReadingFailed: its bytes are not those of the hash any more: it is still being written.
            DropFolderAway: as `read_chunks`.
        """
        kept = self.place_of(sha256)
        if not _is_whole(kept, sha256):
            with replace_file(kept) as temporary:
                digest = hashlib.sha256()
                with temporary.open("wb") as copy:
                    for chunk in read_chunks(path):
                        digest.update(chunk)
                        copy.write(chunk)
                if digest.hexdigest() != sha256:
                    raise ReadingFailed("it changed while it was being read, so it is still being written")
        return kept

    def place_of(self, sha256: str) -> Path:
        """Return where a file with this hash is kept, if it is."""
        return self.state / "kept" / sha256

    def ledger(self, authority: str | None = None) -> pl.DataFrame:
        """Return the ledger, oldest first."""
        paths = sorted(
            path for path in (self.conformed / "extract").glob("*.parquet") if not path.name.startswith(".")
        )
        found = pl.concat([pl.DataFrame(schema=LEDGER_SCHEMA), *map(_ledger_rows, paths)])
        if authority is not None:
            found = found.filter(pl.col("authority") == authority)
        return found.sort("received_at", "extract_id")

    def in_force(self, authority: str, moment: datetime) -> pl.DataFrame:
        """Return ledger rows of the extracts in force at a moment (`ledger.in_force`)."""
        rows = in_force(self.ledger(authority).iter_rows(named=True), authority, moment)
        return pl.DataFrame(rows, schema=LEDGER_SCHEMA)

    def rows(self, table: Table, extracts: Iterable[str], columns: list[str]) -> pl.DataFrame:
        """Return conformed rows of a table from the given extracts."""
        frames = [pl.DataFrame(schema={name: table.schema[name] for name in columns})]
        for extract in extracts:
            path = self.conformed / table.name / f"{file_stem(extract)}.parquet"
            if path.exists():
                frames.append(_read_table(path, columns))
        return pl.concat(frames)

    def write(self, extract: Conformed) -> None:
        """Write one extract, its ledger row last."""
        stem = file_stem(extract.ledger["extract_id"])
        for name in self.contract.tables:
            path = self.conformed / name / f"{stem}.parquet"
            rows = extract.tables.get(name)
            if rows is not None and rows.height:
                write_parquet(rows, path)
            else:
                path.unlink(missing_ok=True)
        self._write_or_remove(extract.cleaning, self.conformed / "cleaning" / f"{stem}.parquet")
        self._write_or_remove(extract.gathered, self.conformed / "gathered" / f"{stem}.parquet")
        self._write_or_remove(extract.names, self.conformed / "name" / f"{stem}.parquet")
        self._write_or_remove(extract.left_out, self.conformed / "left_out" / f"{stem}.parquet")
        self._write_or_remove(extract.problems, self.quarantine / f"{stem}.parquet")
        ledger = pl.DataFrame([extract.ledger], schema=LEDGER_SCHEMA)
        write_parquet(ledger, self.conformed / "extract" / f"{stem}.parquet")

    def write_problems(self, name: str, problems: pl.DataFrame) -> None:
        """Write problems that belong to no extract (a file that was not even read)."""
        self._write_or_remove(problems, self.quarantine / f"{file_stem(name)}.parquet")

    def forget_problems(self, authority: str, source: str) -> None:
        """Remove the problems that belong to no extract and were written under this word (`write_problems`)."""
        for path in self.quarantine.glob(f"{authority}--{source}--*.parquet"):
            path.unlink()

    def names(self, authority: str) -> frozenset[str]:
        """Return keyed digests of the names in every file of an authority that was read (`names.digests`)."""
        paths = sorted((self.conformed / "name").glob(f"{authority}--*.parquet"))
        return frozenset(digest for path in paths for digest in _read_table(path, ["digest"])["digest"])

    def named_columns(self, authority: str) -> dict[str, str]:
        """Return keyed digest of a name -> heading of a column that holds it, in every file of an authority that was read."""
        paths = sorted((self.conformed / "name").glob(f"{authority}--*.parquet"))
        return {
            digest: column
            for path in paths
            for digest, column in _read_table(path, list(NAMES_SCHEMA)).rows()
        }

    def write_passed(self, extract_id: str, passed: pl.DataFrame) -> None:
        """Write which quotes of an extract may be published (`PASSED_SCHEMA`), in place of what was said before."""
        path = self.conformed / "quote_passed" / f"{file_stem(extract_id)}.parquet"
        self._write_or_remove(passed, path)

    def write_withheld(self, authority: str, words: pl.DataFrame, why: pl.DataFrame) -> None:
        """Write which words of an authority are not published, and why, in place of what was said before.

        Args:
            authority: whose words.
            words: `WITHHELD_SCHEMA`.
            why: `WHY_SCHEMA`.
        """
        self._write_or_remove(words, self.conformed / "word_withheld" / f"{authority}--words.parquet")
        self._write_or_remove(why, self.conformed / "word_why" / f"{authority}--words.parquet")

    def why_withheld(self) -> pl.DataFrame:
        """Return the words of every authority that are not published, and why (`WHY_SCHEMA`)."""
        return self._read(self.conformed / "word_why", WHY_SCHEMA)

    def left_out(self, extract: str) -> pl.DataFrame:
        """Return the records of one extract that a rule of the mapping leaves out (`LEFT_OUT_SCHEMA`)."""
        path = self.conformed / "left_out" / f"{file_stem(extract)}.parquet"
        return (
            _read_table(path, list(LEFT_OUT_SCHEMA))
            if path.exists()
            else pl.DataFrame(schema=LEFT_OUT_SCHEMA)
        )

    def problems_of(self, extract: str) -> pl.DataFrame:
        """Return problems of one extract."""
        path = self.quarantine / f"{file_stem(extract)}.parquet"
        return (
            _read_table(path, list(QUARANTINE_SCHEMA))
            if path.exists()
            else pl.DataFrame(schema=QUARANTINE_SCHEMA)
        )

    def problems(self) -> pl.DataFrame:
        """Return every problem of every batch."""
        return self._read(self.quarantine, QUARANTINE_SCHEMA)

    def damaged(self, authority: str) -> list[Path]:
        """Return files made of an authority's extracts that cannot be read, but for the ledger: they can be made again."""
        folders = [self.quarantine, *(f for f in self.conformed.glob("*") if f.name != "extract")]
        return [
            path
            for folder in folders
            for path in sorted(folder.glob(f"{authority}--*.parquet"))
            if not is_parquet(path)
        ]

    def kept(self, sha256: str) -> Path | None:
        """Return the kept original of a file; None where it was removed.

        Raises:
            DamagedFile: its bytes are not those that were received.
            FileTrouble: it cannot be read.
        """
        path = self.place_of(sha256)
        if not os.path.lexists(path):
            return None
        try:
            found, _ = measure_file(path)
        except (ReadingFailed, DropFolderAway) as problem:
            raise FileTrouble(
                f"The kept file {path} cannot be read: {problem}.", "whoever looks after that folder"
            ) from problem
        if found != sha256:
            raise damaged(path, "its bytes are not those that were received")
        return path

    def forget(self, authority: str) -> None:
        """Remove what was made of an authority's files; the files themselves stay kept."""
        for extract in self.ledger(authority)["extract_id"]:
            stem = file_stem(extract)
            (self.conformed / "extract" / f"{stem}.parquet").unlink(missing_ok=True)
        for folder in [self.quarantine, *(f for f in self.conformed.glob("*") if f.is_dir())]:
            for path in folder.glob(f"{authority}--*.parquet"):
                path.unlink()

    def _write_or_remove(self, table: pl.DataFrame, path: Path) -> None:
        if table.height:
            write_parquet(table, path)
        else:
            path.unlink(missing_ok=True)

    def _read(self, folder: Path, schema: dict[str, pl.DataType]) -> pl.DataFrame:
        paths = sorted(path for path in folder.glob("*.parquet") if not path.name.startswith("."))
        return pl.concat([pl.DataFrame(schema=schema), *(_read_table(path, list(schema)) for path in paths)])


def _ledger_rows(path: Path) -> pl.DataFrame:
    """Return the rows of a file of the ledger; read once for as long as the file is the same.

    Raises:
        DamagedFile: it cannot be read, or has not the ledger's columns.
    """
    with told_as(path):
        about = path.stat()
    return _rows_of_ledger(path, about.st_ino, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=4096)
def _rows_of_ledger(path: Path, *about: int) -> pl.DataFrame:
    with told_as(path):
        rows = pl.read_parquet(path)
        if "rows_left_out" not in rows.columns:  # written before records could be left out by rule
            rows = rows.with_columns(rows_left_out=pl.lit(0, dtype=pl.Int32))
        return rows.select(list(LEDGER_SCHEMA)).cast(dict(LEDGER_SCHEMA))


def _read_table(path: Path, columns: list[str]) -> pl.DataFrame:
    """Return columns of one file of the state.

    Raises:
        DamagedFile: it cannot be read, or has not these columns.
    """
    with told_as(path):
        return pl.read_parquet(path).select(columns)


def file_stem(extract_id: str) -> str:
    """Return the file name of an extract's tables."""
    return extract_id.replace("/", "--")
