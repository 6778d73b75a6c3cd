"""Sign-off: who stands behind a report, from which files, by which rules; and what has been revised since.

A report is a draft until its as-at has come, provisional until it is signed off, signed off until the day on
which its profile says it is published, published from then on, and revised once a later record replaces what
was signed. Each act is a record in `state/signed/<authority>/<year>/<number>/`; none is ever changed or removed:

    record.json      who, when, why, as at, the files by SHA-256, settings, code, SHA-256 of all that follows
    configuration/   the authority's folder as it was used
    figures.csv, checks.csv, published_check.csv   the report's rows, as they were signed
    protected.csv    its figures as the public may read them

A report that is signed off is computed as at the moment of its record and from the record's files only,
whatever comes later or is dated back, and a check stops publishing when its figures come out otherwise.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from orchestration.attest.manifest import sha256
from orchestration.errors import ConfigurationProblem
from orchestration.records import read_csv, read_ledger
from orchestration.settings import RunSettings, Settings

TABLES = ("figures.csv", "checks.csv", "published_check.csv", "protected.csv")
CONFIGURATION = ("*.yml", "*.csv", "published/*.csv")
STATES = ("draft", "provisional", "signed off", "published", "revised")


@dataclass(frozen=True)
class Signing:
    """A wish to sign a report off, or to revise one that is.

    Attributes:
        by: who signs: a role, or a name that may stand in a public record.
        reason: why a signed report is revised; empty for a first sign-off.
        as_at: the day as at which a revision is computed; a first sign-off takes the profile's.
        on: the day of signing.
    """

    authority: str
    reporting_year: str
    by: str
    on: date
    reason: str = ""
    as_at: date | None = None


@dataclass(frozen=True)
class Record:
    """One act of signing.

    Attributes:
        number: 1 for the sign-off, then 2, 3 ... for revisions.
        extracts: the authority's files received by the as-at, as the ledger has them.
        reports: every report of the authority that was built with it, and its as-at: protection looks at
            them together.
        stood: how many records each other report of the authority had: protection keeps to what they said.
        files: SHA-256 of every other file of the record, by its path.
        previous: SHA-256 of the record.json before this one.
    """

    authority: str
    reporting_year: str
    number: int
    as_at: str
    by: str
    reason: str
    signed_on: str
    extracts: list[dict[str, Any]]
    reports: dict[str, str]
    code: dict[str, str]
    files: dict[str, str]
    previous: str = ""
    stood: dict[str, int] = field(default_factory=dict)
    folder: Path = field(default=Path(), compare=False)

    @property
    def signed_with(self) -> frozenset[str]:
        """SHA-256 of the files that the report was counted from."""
        return frozenset(one["sha256"] for one in self.extracts if one["status"] == "loaded")


def folder_of(state: Path, authority: str, year: str) -> Path:
    """Where the records of one report are kept."""
    return state / "signed" / authority / year


def signed_years(state: Path, authority: str) -> list[str]:
    """The reporting years of an authority of which records are kept, in order."""
    place = state / "signed" / authority
    return sorted(path.name for path in place.iterdir() if path.is_dir()) if place.is_dir() else []


def records(settings: Settings, authority: str, year: str) -> list[Record]:
    """The records of one report, the sign-off first; [] where it is not signed off.

    Raises:
        ConfigurationProblem: a record was changed after it was written, or one is missing.
    """
    place = folder_of(settings.state, authority, year)
    found: list[Record] = []
    previous = ""
    folders = [one for one in place.iterdir() if one.name.isdigit()] if place.is_dir() else []
    for number, folder in enumerate(sorted(folders, key=lambda one: int(one.name)), start=1):
        record = _read(folder)
        wrong = [
            name
            for name, stated in record.files.items()
            if not (folder / name).is_file() or sha256(folder / name) != stated
        ]
        if record.number != number or record.previous != previous:
            wrong.append("record.json (the record before it is missing or was changed)")
        if wrong:
            raise ConfigurationProblem(
                f"The sign-off of {authority} {year} was changed after it was signed: {folder}",
                "whoever keeps the backups: put the folder back as it was",
                sorted(wrong),
            )
        previous = sha256(folder / "record.json")
        found.append(record)
    return found


def in_force(settings: Settings, authority: str, year: str) -> Record | None:
    """The newest record of a report, or None."""
    found = records(settings, authority, year)
    return found[-1] if found else None


def state_of(settings: Settings, authority: str, report: Any, today: date) -> str:
    """The state of a report on a day, one of `STATES`."""
    found = records(settings, authority, report.reporting_year)
    if not found:
        return "draft" if report.as_at > today else "provisional"
    if len(found) > 1:
        return "revised"
    return "published" if report.published_on and report.published_on <= today else "signed off"


def statement(settings: RunSettings, authority: str, year: str) -> dict[str, Any]:
    """Who stands behind a report, for its evidence: also where this run is the one that signs it.

    Returns:
        dict: state (draft, signed off or revised), by, on, as_at, and `records`, every act in order.
    """
    found = records(settings, authority, year)
    waiting = settings.next / "signed" / authority / year
    found += [_read(folder) for folder in sorted(waiting.glob("*"))]
    acts = [
        {name: getattr(one, name) for name in ("number", "by", "reason", "signed_on", "as_at")}
        for one in found
    ]
    if not acts:
        return {"state": "draft", "by": None, "on": None, "as_at": None, "records": []}
    newest = acts[-1]
    return {
        "state": "revised" if len(acts) > 1 else "signed off",
        "by": newest["by"],
        "on": newest["signed_on"],
        "as_at": newest["as_at"],
        "records": acts,
    }


def check_wish(settings: Settings, wish: Signing, authorities: Sequence[Any]) -> None:
    """Refuse a wish to sign that cannot be granted, before anything is computed.

    Raises:
        ConfigurationProblem: no such report, nobody signs, a second sign-off, a revision of what is not signed
            off, one without a reason or as at an earlier moment, a draft.
    """
    who = "whoever typed the command"
    [one] = [one for one in authorities if one.slug == wish.authority] or [None]
    report = one.reports.get(wish.reporting_year) if one else None
    if report is None:
        raise ConfigurationProblem(
            f"No profile declares a report {wish.reporting_year} of {wish.authority}.", who
        )
    signed = in_force(settings, wish.authority, wish.reporting_year)
    name = f"{wish.authority} {wish.reporting_year}"
    if not wish.by.strip():
        raise ConfigurationProblem(f"Nobody signs {name}: say who with --by.", who)
    if wish.reason or wish.as_at:
        if signed is None:
            raise ConfigurationProblem(f"{name} is not signed off, so there is nothing to revise.", who)
        if not wish.reason.strip() or wish.as_at is None:
            raise ConfigurationProblem(f"A revision of {name} needs --reason and --as-at.", who)
        if str(wish.as_at) < signed.as_at:
            raise ConfigurationProblem(
                f"{name} was signed off as at {signed.as_at}: a revision cannot know less ({wish.as_at}).",
                who,
            )
    elif signed is not None:
        raise ConfigurationProblem(
            f"{name} was signed off on {signed.signed_on} by {signed.by}. What has changed since is published as "
            "a revision: `redress revise`.",
            who,
        )
    as_at = wish.as_at or report.as_at
    if as_at > wish.on:
        raise ConfigurationProblem(f"{name} is as at {as_at}, which has not come: it is still a draft.", who)


def write(
    settings: RunSettings, wish: Signing, reports: Mapping[str, date], target: Path, code: Mapping[str, str]
) -> Path:
    """Write the record of a report from the results of the run that is about to be released.

    Args:
        settings: the run's.
        wish: who signs what.
        reports: every report of the authority in this run and its as-at.
        target: an empty folder that gets `<authority>/<year>/<number>/`.
        code: what made the figures: versions, and hashes of models.

    Returns:
        Path: the record's folder.
    """
    before = records(settings, wish.authority, wish.reporting_year)
    folder = target / wish.authority / wish.reporting_year / str(len(before) + 1)
    folder.mkdir(parents=True)
    for name, rows in report_tables(settings, wish.authority, wish.reporting_year).items():
        write_csv(folder / name, *rows)
    copy_configuration(settings, wish.authority, folder / "configuration")
    as_at = reports[wish.reporting_year]
    record = Record(
        authority=wish.authority,
        reporting_year=wish.reporting_year,
        number=len(before) + 1,
        as_at=str(as_at),
        by=wish.by.strip(),
        reason=wish.reason.strip(),
        signed_on=str(wish.on),
        extracts=_known_by(read_ledger(settings), wish.authority, as_at),
        reports={year: str(day) for year, day in sorted(reports.items())},
        code=dict(code),
        files={str(path.relative_to(folder)): sha256(path) for path in _files(folder)},
        previous=sha256(before[-1].folder / "record.json") if before else "",
        stood={
            year: len(records(settings, wish.authority, year))
            for year in signed_years(settings.state, wish.authority)
            if year != wish.reporting_year
        },
    )
    stated = {name: value for name, value in asdict(record).items() if name != "folder"}
    (folder / "record.json").write_text(
        json.dumps(stated, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return folder


def copy_configuration(settings: Settings, authority: str, target: Path) -> None:
    """The authority's own files, as they were used."""
    from orchestration.authority import authority_folders

    folder = authority_folders(settings)[authority]
    for pattern in CONFIGURATION:
        for path in sorted(folder.glob(pattern)):
            copy = target / path.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)


def report_tables(
    settings: RunSettings, authority: str, year: str
) -> dict[str, tuple[list[str], list[list[str]]]]:
    """What is signed: file name -> (columns, rows) of the report, read from a run's waiting results."""
    import pyarrow as pa
    from pyarrow import ipc

    tables = {
        "figures.csv": _rows_of(settings.next / "figures.csv", authority, year),
        "checks.csv": _rows_of(settings.build / "checks.csv", authority, year),
        "published_check.csv": _rows_of(settings.build / "published_check.csv", authority, year),
    }
    with (
        pa.memory_map(str(settings.next / "protected" / "figures.arrow")) as file,
        ipc.open_stream(file) as source,
    ):
        table = source.read_all()
    rows = [
        ["" if value is None else str(value) for value in row.values()]
        for row in table.to_pylist()
        if row["authority"] == authority and row["reporting_year"] == year
    ]
    return tables | {"protected.csv": (table.column_names, rows)}


def _rows_of(path: Path, authority: str, year: str) -> tuple[list[str], list[list[str]]]:
    """A CSV's columns, and its rows about one report."""
    with path.open(newline="", encoding="utf-8") as handle:
        reader = csv.DictReader(handle)
        columns = list(reader.fieldnames or [])
        rows = [
            [row[name] for name in columns]
            for row in reader
            if row["authority"] == authority and row["reporting_year"] == year
        ]
    return columns, rows


def write_csv(path: Path, columns: Iterable[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table as CSV."""
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _known_by(ledger: Iterable[Mapping[str, Any]], authority: str, as_at: date) -> list[dict[str, Any]]:
    """The ledger's rows of an authority's files that were received by the end of a day."""
    names = ("extract_id", "source", "scope", "file_name", "sha256", "received_at", "status", "supersedes")
    return [
        {name: _plain(row[name]) for name in names}
        for row in ledger
        if row["authority"] == authority and row["received_at"].date() <= as_at
    ]


def _plain(value: Any) -> Any:
    """A value that JSON can hold."""
    return value.isoformat() if isinstance(value, date | datetime) else value


def _read(folder: Path) -> Record:
    """One record; raises ConfigurationProblem where it cannot be read."""
    try:
        return Record(**json.loads((folder / "record.json").read_text(encoding="utf-8")), folder=folder)
    except (OSError, ValueError, TypeError) as problem:
        raise ConfigurationProblem(
            f"The sign-off in {folder} cannot be read: {problem}",
            "whoever keeps the backups: put the folder back as it was",
        ) from problem


def _files(folder: Path) -> list[Path]:
    """Every file of a record but record.json, in order."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "record.json")


def figures_of(record: Record) -> dict[str, dict[str, str]]:
    """The figures as they were signed, by figure id."""
    return {row["figure_id"]: row for row in read_csv(record.folder / "figures.csv")}
