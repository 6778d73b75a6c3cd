"""Try the files that lie in a drop folder: what intake would say of them, with nothing taken in.

The same code reads them as takes them in, in a state that is thrown away. Files received before, which are kept, stand
beside them as they do in a run, so that a record may refer to one of theirs.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import polars as pl

from redress.authority.model import NOT_KNOWN, Authority
from redress.base.errors import ConfigurationProblem
from redress.base.settings import Settings
from redress.contract.contract import load_contract
from redress.intake.batches import (
    Batch,
    FileResult,
    Incoming,
    drop_folder_batches,
    received_as,
    shown_place,
    trial_batch,
    why_not_taken,
)
from redress.intake.gaps import stages_without_service
from redress.intake.problems import QUARANTINE_SCHEMA
from redress.intake.pseudonyms import key_for
from redress.intake.store import Store

_PREFIX, _SECONDS_LEFT = "tried-", 3600


@dataclass(frozen=True)
class TriedFile:
    """One file (or sheet of one) of the drop folder, and what would become of it.

    Attributes:
        place: below the drop folder.
        problems: of it (`QUARANTINE_SCHEMA`).
        left_out: its records that a rule of the mapping leaves out (`store.LEFT_OUT_SCHEMA`).
    """

    place: str
    result: FileResult
    problems: pl.DataFrame
    left_out: pl.DataFrame

    @property
    def shown_as(self) -> str:
        """The file for a person, with the sheet that was read of a workbook with several."""
        return f"{self.place}, sheet {self.result.sheet}" if self.result.sheet else self.place


@dataclass
class Trial:
    """What a run would take from a drop folder.

    Attributes:
        files: in the order of receipt.
        messages: of what is not looked at.
        gaps: of what whole sources leave blank (`gaps`).
        earlier: files that are kept from before and lie in the folder no more.
        holds: tables of the contract that would have rows, and columns that would say something, as `table.column`.
        withheld: words that would not be published, and why (`store.WHY_SCHEMA`).
    """

    files: list[TriedFile] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    earlier: int = 0
    holds: set[str] = field(default_factory=set)
    withheld: pl.DataFrame = field(default_factory=pl.DataFrame)


class _TrialStore(Store):
    """A state that keeps no copies: files are read where they lie."""

    def __init__(self, state: Path, real: Store) -> None:
        super().__init__(state, real.contract)
        self._real, self._places = real, {}

    def keep(self, path: Path, sha256: str) -> Path:
        """Remember where a file lies."""
        return self._places.setdefault(sha256, path)

    def place_of(self, sha256: str) -> Path:
        """Return where a file lies."""
        return self._places.get(sha256) or self._real.place_of(sha256)


def try_drop_folder(authority: Authority, settings: Settings, kept_from: date | None = None) -> Trial:
    """Read every file of an authority's drop folder as a run would, and forget what was read.

    Args:
        authority: whose drop folder.
        settings: where state is kept; nothing of it is changed.
        kept_from: batches received before this day are not looked at (the authority's retention rule).

    Raises:
        DropFolderAway: a folder cannot be listed, or the share that files lie on does not answer.
    """
    real = Store(settings.state, load_contract(settings.reference))
    trial = Trial()
    incoming = _incoming(authority, real, kept_from, trial)
    with _scratch(settings) as folder:
        store = _TrialStore(folder, real)
        outcomes = _take(authority, trial_batch(authority, store, _key(authority, settings)), incoming)
        problems = pl.concat([pl.DataFrame(schema=QUARANTINE_SCHEMA), store.problems()])
        trial.files = [
            TriedFile(
                place,
                outcome,
                problems.filter(pl.col("extract_id") == outcome.extract_id),
                store.left_out(outcome.extract_id),
            )
            for place, outcome in outcomes
        ]
        if incoming:
            standing = store.in_force(authority.slug, max(incoming))
            trial.holds = _holds(store, standing["extract_id"])
            trial.gaps = stages_without_service(store, authority, standing)
        trial.withheld = store.why_withheld()
    return trial


def _holds(store: Store, extracts: Iterable[str]) -> set[str]:
    """Return the tables that have rows in these extracts, and the columns that say something in one, as `table.column`.

    A column that is not kept as it came is taken to say something, since nothing is known of it.
    """
    extracts = list(extracts)
    holds: set[str] = set()
    for table in store.contract.tables.values():
        rows = store.rows(table, extracts, list(table.conformed))
        if rows.is_empty():
            continue
        says = {
            column.name for column in rows if (column.cast(pl.String).fill_null(NOT_KNOWN) != NOT_KNOWN).any()
        }
        holds |= {
            table.name,
            *(f"{table.name}.{name}" for name in says | (table.fields.keys() - table.conformed.keys())),
        }
    return holds


def _incoming(
    authority: Authority, real: Store, kept_from: date | None, trial: Trial
) -> dict[datetime, list[Incoming]]:
    """Return by moment of receipt the files of the drop folder and those that are kept and lie there no more.

    What is told of the folder, and how many files come from before, is noted in `trial`.
    """
    batches, trial.messages = drop_folder_batches(authority)
    incoming: dict[datetime, list[Incoming]] = {}
    for received, paths in batches.items():
        moment = datetime(received.year, received.month, received.day)
        for path in paths if kept_from is None or received >= kept_from else ():
            if fault := why_not_taken(authority, path):
                trial.messages.append(f"{shown_place(authority, path)}: would be rejected: {fault[1]}")
            else:
                incoming.setdefault(moment, []).append(received_as(path, moment))
    known = {(file.name, moment) for moment, files in incoming.items() for file in files}
    ledger = real.ledger(authority.slug).unique(["sha256", "file_name", "received_at"], maintain_order=True)
    for name, moment, sha256 in ledger.select("file_name", "received_at", "sha256").rows():
        is_past = kept_from is not None and moment.date() < kept_from
        path = real.kept(sha256) if sha256 and not is_past and (name, moment) not in known else None
        if path is not None:
            trial.earlier += 1
            incoming.setdefault(moment, []).append(received_as(path, moment, name))
    return incoming


def _take(
    authority: Authority, batch: Batch, incoming: dict[datetime, list[Incoming]]
) -> list[tuple[str, FileResult]]:
    """Receive the files, batch by batch; return what became in the end of each that lies in the drop folder, with its place."""
    outcomes: dict[tuple[str, str], tuple[str, FileResult]] = {}
    for moment in sorted(incoming):
        places = {
            file.name: shown_place(authority, file.path)
            for file in incoming[moment]
            if file.path.is_relative_to(authority.extracts)
        }
        for outcome in batch.take(incoming[moment]).files:
            # a file of an earlier batch that is read again because of this one has another number after its hash
            key = outcome.source, outcome.extract_id.rpartition("/")[2][:12]
            place = outcomes[key][0] if key in outcomes else places.get(outcome.file_name)
            if place and not (outcome.is_known and key in outcomes):
                outcomes[key] = place, outcome
    batch.screen()
    return list(outcomes.values())


def _key(authority: Authority, settings: Settings) -> bytes:
    """Return the key of the pseudonyms, or one for this once where there is none: nothing that it makes is kept."""
    try:
        return key_for(authority, settings)
    except ConfigurationProblem:
        return secrets.token_bytes(32)


@contextlib.contextmanager
def _scratch(settings: Settings) -> Iterator[Path]:
    """Give a folder that is removed afterwards, and with it what a trial that was cut off has left behind."""
    parent = settings.state if settings.state.is_dir() else None
    for left in parent.glob(f"{_PREFIX}*") if parent else ():
        if left.stat().st_mtime < time.time() - _SECONDS_LEFT:
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=parent) as folder:
        yield Path(folder)
