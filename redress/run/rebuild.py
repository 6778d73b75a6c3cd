"""Build a signed-off report again from its record, and compare it with what was signed, byte for byte.

The record names the files (kept by SHA-256), the authority's folder and the day; nothing else of the
installation is read but the program itself. The run that signed is done again: figures, checks, the protected export, the
downloads, and every file of the report on the website. The same program gives the same bytes; with another version, or
another key for pseudonyms, what differs is listed.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

from redress.attest import signing
from redress.base.errors import ConfigurationProblem, GateFailed
from redress.base.files import sha256
from redress.base.request import Request, Signing
from redress.base.settings import RunSettings, Settings
from redress.base.tables import write_csv
from redress.run.context import Context, run_settings
from redress.run.stages import STAGES
from redress.signed import record as signed_record
from redress.signed.code import code


@dataclass(frozen=True)
class Rebuilt:
    """What came of building a report again.

    Attributes:
        files: how many files the record states, of those that were built again.
        equal: how many of them are byte for byte what was signed.
        wrong: those that are not byte for byte what was signed, are missing, or were not there.
        skipped: how many files of the website were not built, and so not compared.
        changed: where anything is wrong: what made the report then and now, where it is not the same.
    """

    files: int
    equal: int
    wrong: list[str]
    skipped: int
    changed: list[str]


def rebuild_signed(
    settings: Settings,
    slug: str,
    year: str,
    number: int | None,
    into: Path | None,
    say: Callable[[str], None],
    site: bool,
) -> list[str]:
    """Build a signed-off report again, and return in sentences that it is as it was signed.

    Args:
        settings: the installation's.
        slug: whose report.
        year: of which reporting year.
        number: which of its records; None for the newest.
        into: an empty folder that keeps what was built; None where nothing is to be kept.
        say: told each stage.
        site: whether to build the website too.

    Raises:
        ConfigurationProblem: there is no such record, or the folder is not empty.
        GateFailed: something is not, byte for byte, what was signed.
    """
    records = signed_record.records(settings, slug, year)
    chosen = [record for record in records if number in (None, record.number)]
    who = "whoever typed the command"
    if not chosen:
        raise ConfigurationProblem(
            f"{slug} {year} has no sign-off{'' if number is None else f' {number}'}.", who
        )
    if into is not None and into.exists() and any(into.iterdir()):
        raise ConfigurationProblem(f"{into} is not empty.", who)
    with tempfile.TemporaryDirectory(prefix="redress-") as folder:
        result = rebuild(settings, chosen[-1], into or Path(folder), say, site)
    name = f"{slug} {year}, record {chosen[-1].number}"
    equal = f"{result.equal} of {result.files} files equal"
    if result.wrong:
        raise GateFailed(
            f"{name} is not built again as it was signed: {equal}.",
            "whoever maintains Redress: install the version that it was signed with, or put back what changed",
            [*result.wrong, *result.changed],
        )
    lines = [f"{name}: {equal}, byte for byte as signed."]
    if result.skipped:
        lines.append(f"Its {result.skipped} files on the website were not built, and not compared.")
    return lines


def rebuild(
    settings: Settings,
    record: signed_record.Record,
    place: Path,
    say: Callable[[str], None] = lambda text: None,
    site: bool = True,
) -> Rebuilt:
    """Build the report of a record in a place of its own.

    Args:
        settings: the installation's; its kept files are read, nothing of it is changed.
        record: the sign-off or revision.
        place: an empty folder; holds the rebuilt results afterwards.
        say: told each stage.
        site: whether to build the website too, where the record has its files.

    Raises:
        ConfigurationProblem: a file that the report was counted from is not kept any more.
        GateFailed: the report does not pass its checks any more.
    """
    from redress.protect import as_signed
    from redress.publish import open_data

    own = _settings(settings, record, place)
    assert own.signing is not None
    context = Context(own, Request(record.authority, signing=own.signing))
    _copy_records(settings, record, own)
    say("extracts")
    _receive(settings, record, context)
    left_out = {"intake", "together", "attest", "release"} | (set() if site and record.pages else {"publish"})
    for stage in STAGES:
        if stage.name not in left_out:
            say(stage.name)
            stage.function(context)
        if stage.name == "protect":
            as_signed.remember(own.next / "protected", record)
    again = place / "record"
    again.mkdir()
    for name, rows in signing.report_tables(own, *own.signing.report).items():
        write_csv(again / name, *rows)
    signed_record.copy_configuration(own, record.authority, again / signed_record.CONFIGURATION_FOLDER)
    as_signed.keep(own.next / "protected", again / signed_record.PUBLISHED, *own.signing.report)
    open_data.write_report(own.next / "protected", again / signed_record.DOWNLOADS, *own.signing.report)
    return compared(own, record, again, own.next / "site" / record.authority / record.reporting_year)


def compared(settings: RunSettings, record: signed_record.Record, again: Path, site: Path) -> Rebuilt:
    """Compare what was built again with a record, file by file.

    Args:
        settings: of the run that built again.
        record: the sign-off or revision.
        again: a folder as a record's.
        site: the report's folder of the website; where it is missing, its files are skipped.
    """
    from redress.protect.as_signed import COMPARED_ANEW

    # Set beside other councils' reports, which a rebuild has not got.
    beside = {f"{signed_record.PUBLISHED}/{name}.parquet" for name in COMPARED_ANEW}
    stated = {name: value for name, value in record.files.items() if name not in beside}
    found = {name: value for name, value in signed_record.files_of(again).items() if name not in beside}
    wrong = signed_record.unlike(stated, found)
    equal = sum(found.get(name) == value for name, value in stated.items())
    has_site = site.is_dir()
    if has_site:
        pages = signed_record.files_of(site)
        wrong += [f"website: {line}" for line in signed_record.unlike(record.pages, pages)]
        equal += sum(pages.get(name) == value for name, value in record.pages.items())
    changed = [
        f"{name}: signed with {then}, now {now}"
        for name, now in code(settings).items()
        if (then := record.code.get(name, "nothing")) != now
    ]
    return Rebuilt(
        files=len(stated) + (len(record.pages) if has_site else 0),
        equal=equal,
        wrong=wrong,
        skipped=0 if has_site else len(record.pages),
        changed=changed if wrong else [],
    )


def _settings(settings: Settings, record: signed_record.Record, place: Path) -> RunSettings:
    """Return the settings of the run that signed, over the record's configuration, in its own place, on its own day."""
    folder = place / "authorities" / record.authority
    shutil.copytree(record.folder / signed_record.CONFIGURATION_FOLDER, folder)
    own = replace(settings, build=(place / "build").resolve(), authorities=(folder.parent.resolve(),))
    day = date.fromisoformat(record.signed_on)
    wish = Signing(
        record.authority,
        record.reporting_year,
        record.by,
        day,
        record.reason,
        date.fromisoformat(record.as_at) if record.number > 1 else None,
        record.hides_words,
    )
    return replace(run_settings(own, fresh=True), signing=wish, today=day)


def _copy_records(settings: Settings, record: signed_record.Record, own: RunSettings) -> None:
    """Copy the sign-offs that stood when this one was made: they decide what the reports of the run were."""
    stood = record.stood | {record.reporting_year: record.number - 1}
    for year, newest in stood.items():
        for stood_then in signed_record.records(settings, record.authority, year)[:newest]:
            shutil.copytree(
                stood_then.folder,
                signed_record.folder_of(own.state, stood_then.authority, year) / str(stood_then.number),
            )


def _receive(settings: Settings, record: signed_record.Record, context: Context) -> None:
    """Take in the record's files from those kept, in the order of receipt."""
    from redress import intake

    own = context.settings
    missing = [
        extract["file_name"]
        for extract in record.extracts
        if extract["sha256"] and not (settings.state / "kept" / extract["sha256"]).is_file()
    ]
    if missing:
        raise ConfigurationProblem(
            f"{record.authority} {record.reporting_year} cannot be built again: files it was counted from are "
            "not kept any more.",
            "whoever keeps the backups of build/state/kept",
            sorted(set(missing)),
        )
    changed = [
        extract["file_name"]
        for extract in record.extracts
        if extract["sha256"] and sha256(settings.state / "kept" / extract["sha256"]) != extract["sha256"]
    ]
    if changed:
        raise ConfigurationProblem(
            f"{record.authority} {record.reporting_year} cannot be built again: files that were kept are not as they "
            "were received.",
            "whoever keeps the backups of build/state/kept",
            sorted(set(changed)),
        )
    [authority] = context.declared
    kept = [extract for extract in record.extracts if extract["sha256"]]
    for moment, batch in groupby(kept, key=lambda extract: extract["received_at"]):
        files, names = [], {}
        for number, extract in enumerate({(b["sha256"], b["file_name"]): b for b in batch}.values()):
            # not under its own name, which may be longer, with what is escaped in it, than a name can be
            path = own.next / "received" / moment[:19].replace(":", "") / str(number)
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(settings.state / "kept" / extract["sha256"], path)
            files.append((path, datetime.fromisoformat(moment)))
            names[path] = extract["file_name"]
        intake.receive(files, authority, own, names)
    intake.write_quarantine(own)
