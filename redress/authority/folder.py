"""One authority as configuration: find its folder, read it, check it whole.

Everything particular to a council stands in its folder (`docs/mapping.md`); code never names one. Loading reads every file
of the folder and reports all faults in one pass, in plain words. What was read is kept for as long as no file has changed.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from redress.authority.cells import Cells
from redress.authority.faults import Faults
from redress.authority.left_open import questions
from redress.authority.limits import check_groupings, check_time_bands, check_timescales
from redress.authority.model import Authority, AuthorityError, Report
from redress.authority.printed import FOLDER as PRINTED
from redress.authority.printed import check_yaml_lines, read_printed
from redress.authority.profile import FILE as PROFILE
from redress.authority.profile import Profile, read_profile, year_bounds
from redress.authority.words import read_words
from redress.base.files import list_folder, read_regular, walk_files, why_unreadable
from redress.base.printable import show_text
from redress.base.settings import Settings
from redress.base.tables import read_csv
from redress.contract.contract import Contract, load_contract
from redress.contract.mapping import Mapping, contract_mapping
from redress.contract.mapping_reader import read_mapping

_DATED = ("valid_from", "valid_to")
_COLUMNS: dict[str, tuple[str, ...]] = {
    "services": ("service", "label", "level", "parent_service", *_DATED, "successor_service", "aliases"),
    "categories": ("service", "category", "sub_category", *_DATED, "aliases"),
    "timescales": (
        "procedure",
        "stage",
        "standard_working_days",
        "extended_working_days",
        "clock_start",
        "clock_end",
        "day_count",
        *_DATED,
        "source",
    ),
    "time_bands": ("procedure", "stage", "band", "from_days", "to_days", *_DATED),
    "groupings": ("attribute", "value", "grouping", "group", *_DATED),
}
_MAY_BE_ABSENT = (*_DATED, "aliases", "successor_service", "parent_service", "level", "label", "source")
_STATUTORY = "statutory_timescales.csv"
_READ = (".yml", ".csv", ".svg", ".png")
"""How the names end of the files that loading may read."""
REPORT = "report"
"""The folder of the sections that a council writes itself; `redress.declared` reads them."""
_MOST_BYTES = 20_000_000
"""A larger file is not read only to see whether it has changed."""

_WORDS_COME_FROM = re.compile(
    r"/(services|categories|groupings)\.csv: |/profile\.yml: (line \d+: )?(there is no )?vocabular"
)
"""What a fault tells of where the words that sections may use cannot be known."""


class FolderError(AuthorityError):
    """An authority's folder cannot be used.

    Attributes:
        authority: what could be read of it, without the parts at fault; None where its own words cannot be known, so
            that nothing can be said of a section that uses them.
    """

    def __init__(self, problems: list[str], authority: Authority | None) -> None:
        super().__init__(problems)
        self.authority = authority


_loaded: dict[tuple[Path, Path], tuple[str, Authority]] = {}
"""Folder and reference -> the fingerprint of the files as they were read, and what was read."""


def load_authority(folder: Path, reference: Path) -> Authority:
    """Read and check one authority's folder, or return what was read before where no file has changed since.

    Whether a file has changed is seen by its content, not by its size and time: a file that is written twice within one
    tick of the clock, or given its old time again, is read anew. The fingerprint is taken before the files are read, so
    that a change during the reading is read the next time. What is kept is shared: nobody may change it.

    Raises:
        AuthorityError: with every fault found.
    """
    of_files = fingerprint(folder, reference)
    kept = _loaded.get((folder, reference))
    if kept and kept[0] == of_files:
        return kept[1]
    authority = _read(folder, reference)
    if of_files is not None:
        _loaded[folder, reference] = (of_files, authority)
    return authority


def fingerprint(folder: Path, reference: Path) -> str | None:
    """Return a hash of the names and contents of all that loading may read; None where something cannot be read."""
    digest = hashlib.sha256()
    try:
        for path in _files(folder, reference):
            if os.stat(path).st_size > _MOST_BYTES:
                return None
            content = read_regular(path)
            digest.update(f"{os.fsencode(path)!r} {len(content)}\n".encode() + content)
    except OSError:
        return None
    return digest.hexdigest()


def _files(folder: Path, reference: Path) -> Iterator[Path]:
    yield reference / _STATUTORY
    yield reference / "contract" / "datapackage.json"
    places = [folder, folder / PRINTED] if os.path.lexists(folder / PRINTED) else [folder]
    for place in places:
        yield from (path for path in list_folder(place) if path.name.lower().endswith(_READ))
    if (folder / REPORT).is_dir():
        yield from sorted(walk_files(folder / REPORT))


def _read(folder: Path, reference: Path) -> Authority:
    contract, faults = load_contract(reference), Faults(folder.name)
    cells = Cells(folder, faults)
    unanswered = list(questions(folder))
    for name, line, sentence in unanswered:
        faults.note(name, sentence, line)
    profile, lines = read_profile(folder, contract, faults)
    rows = {name: cells.table(f"{name}.csv", columns, _MAY_BE_ABSENT) for name, columns in _COLUMNS.items()}
    words = read_words(profile, lines, rows["services"], rows["categories"], contract, cells)
    check_timescales(rows["timescales"], read_csv(reference / _STATUTORY), contract, cells)
    check_time_bands(rows["time_bands"], contract, cells)
    check_groupings(rows["groupings"], words.vocabularies, contract, cells)
    mapping = _mapping(folder, contract, faults, bool(unanswered))
    published, contradictions = read_printed(folder, cells)
    authority = Authority(
        slug=folder.name,
        folder=folder,
        profile=profile,
        reports=_reports(profile),
        mapping=mapping,
        vocabularies=words.vocabularies,
        category_pairs=words.category_pairs,
        dated_pairs=words.dated_pairs,
        rows=rows,
        published=published,
        contradictions=contradictions,
    )
    if faults.problems:
        has_words = not any(map(_WORDS_COME_FROM.search, faults.problems))
        raise FolderError(faults.problems, authority if has_words else None)
    return authority


def _reports(profile: Profile) -> dict[str, Report]:
    return {
        year: Report(
            year,
            *year_bounds(year),
            as_at=entry.as_at,
            title=entry.title or f"Annual report {year}",
            published_on=entry.published_on,
            next_release=entry.next_release,
        )
        for year, entry in profile.reports.items()
    }


def _mapping(folder: Path, contract: Contract, faults: Faults, is_open: bool = False) -> Mapping:
    """Return the folder's mapping; that of the contract's own columns where there is none, or none that can be read.

    Where questions are open, what is wrong with a question mark is not told a second time.
    """
    if not os.path.lexists(folder / "mapping.yml"):
        return contract_mapping(contract)
    raw, lines = check_yaml_lines(folder / "mapping.yml", "mapping.yml", faults)
    if raw is None:
        return contract_mapping(contract)
    mapping, problems = read_mapping(raw, contract, lines)
    for fault in problems:
        if not (is_open and "`?`" in fault.problem):
            faults.note("mapping.yml", fault.problem, fault.line)
    return mapping


def authority_folders(settings: Settings) -> dict[str, Path]:
    """Return the folders that hold a `profile.yml`, by name, in alphabetical order.

    What lies there under that name need not be a file that can be read: loading says so, and no council goes missing.

    Raises:
        AuthorityError: a place that is named is not there or is no folder, a folder cannot be looked into, or two councils have
            one name.
    """
    found: dict[str, Path] = {}
    problems: list[str] = []

    def add(folder: Path) -> None:
        first = found.setdefault(folder.name, folder)
        if os.path.realpath(first) != os.path.realpath(folder):
            problems.append(
                f"{show_text(folder.name)}: there are two folders of this name, {show_text(first)} and {show_text(folder)}: "
                "which of them REDRESS_AUTHORITIES means is not known"
            )

    for place in settings.authorities:
        try:
            if _holds_profile(place):
                add(place)
                continue
            folders = list_folder(place)
        except OSError as problem:
            problems.append(f"{show_text(place)}: the folder cannot be read: {why_unreadable(problem)}")
            continue
        for folder in folders:
            try:
                if _holds_profile(folder):
                    add(folder)
            except OSError as problem:
                problems.append(f"{show_text(folder)}: the folder cannot be read: {why_unreadable(problem)}")
    if problems:
        raise AuthorityError(problems)
    return dict(sorted(found.items()))


def _holds_profile(folder: Path) -> bool:
    """Return whether something named `profile.yml` lies in a folder; raises OSError where that cannot be known."""
    try:
        os.lstat(folder / PROFILE)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as problem:
        if problem.errno == errno.ELOOP:  # a link that leads round in a circle is no folder
            return False
        raise
    return True


def load_authorities(settings: Settings, only: list[str] | None = None) -> list[Authority]:
    """Read and check the authorities of this installation.

    Args:
        settings: where the folders are.
        only: names of the ones wanted; all if None.

    Returns:
        One authority per folder, in alphabetical order.

    Raises:
        AuthorityError: with every fault of every folder wanted, and every name that has no folder.
    """
    loaded, faulty = load_each(settings, only)
    if faulty:
        raise AuthorityError([line for problem in faulty.values() for line in problem.problems])
    return loaded


def load_each(
    settings: Settings, only: list[str] | None = None
) -> tuple[list[Authority], dict[str, AuthorityError]]:
    """Read the authorities of this installation; return those that can be used, and what is wrong with each other.

    Args:
        settings: where the folders are.
        only: names of the ones wanted; all if None.

    Raises:
        AuthorityError: the places that hold the folders cannot be read.
    """
    folders = authority_folders(settings)
    places = ", ".join(show_text(place) for place in settings.authorities)
    faulty = {
        name: AuthorityError([f"{show_text(name)}: there is no such authority in {places}"])
        for name in only or ()
        if name not in folders
    }
    loaded = []
    for name, folder in folders.items():
        if only and name not in only:
            continue
        try:
            loaded.append(load_authority(folder, settings.reference))
        except AuthorityError as error:
            faulty[name] = error
    return loaded, faulty


def find_authority(settings: Settings, slug: str) -> Authority | None:
    """Return the authority of this name; None where it has no folder.

    Raises:
        AuthorityError: with every fault of its folder.
    """
    folder = authority_folders(settings).get(slug)
    return load_authority(folder, settings.reference) if folder else None
