"""Build a signed-off report again from its record, and compare it with what was signed, byte for byte.

The record names the files (kept by SHA-256), the authority's folder and the day; nothing else of the
installation is read but the program itself. The same program gives the same bytes; with another version, or another
key for pseudonyms, what differs is listed.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

from orchestration.attest import sign_off
from orchestration.attest.packs import code
from orchestration.errors import ConfigurationProblem
from orchestration.settings import RunSettings, Settings


def rebuild(
    settings: Settings,
    record: sign_off.Record,
    place: Path,
    say: Callable[[str], None] = lambda text: None,
) -> list[str]:
    """Build the report of a record in a place of its own.

    Args:
        settings: the installation's; its kept files are read, nothing of it is changed.
        record: the sign-off or revision.
        place: an empty folder; holds the rebuilt results afterwards.
        say: told each stage.

    Returns:
        list[str]: one line per file that is not, byte for byte, what was signed; [] where all are.

    Raises:
        ConfigurationProblem: a file that the report was counted from is not kept any more.
        GateFailed: the report does not pass its checks any more.
    """
    from orchestration import pipeline

    context = pipeline.Context(_settings(settings, record, place), pipeline.Request(record.authority))
    _copy_records(settings, record, context.settings)
    say("extracts")
    _receive(settings, record, context)
    for stage in pipeline.STAGES:
        if stage.function in (
            pipeline.read_authorities,
            pipeline.warehouse,
            pipeline.figures,
            pipeline.reconcile,
            pipeline.protect,
        ):
            say(stage.name)
            stage.function(context)
    tables = sign_off.report_tables(context.settings, record.authority, record.reporting_year)
    for name, rows in tables.items():
        sign_off.write_csv(place / name, *rows)
    wrong = [
        f"{name}: not as it was signed"
        for name in tables
        if (place / name).read_bytes() != (record.folder / name).read_bytes()
    ]
    if wrong:
        wrong += [
            f"{name}: signed with {stated}, now {now}"
            for name, now in code(context.settings).items()
            if (stated := record.code.get(name, "nothing")) != now
        ]
    return wrong


def _settings(settings: Settings, record: sign_off.Record, place: Path) -> RunSettings:
    """The settings of a run over the record's configuration, in its own place, on its own day."""
    from orchestration.pipeline import run_settings

    folder = place / "authorities" / record.authority
    shutil.copytree(record.folder / "configuration", folder)
    own = replace(settings, build=(place / "build").resolve(), authorities=(folder.parent.resolve(),))
    return replace(
        run_settings(own, fresh=True),
        signing=(record.authority, record.reporting_year),
        rebuilt=record.number,
        today=date.fromisoformat(record.signed_on),
    )


def _copy_records(settings: Settings, record: sign_off.Record, own: RunSettings) -> None:
    """The sign-offs that stood when this one was made: they decide what the other reports were."""
    for year in sign_off.signed_years(settings.state, record.authority):
        for one in sign_off.records(settings, record.authority, year):
            is_it = (one.reporting_year, one.number) == (record.reporting_year, record.number)
            earlier = one.reporting_year == record.reporting_year and one.number < record.number
            stood = one.reporting_year != record.reporting_year and one.number <= record.stood.get(year, 0)
            if is_it or earlier or stood:
                shutil.copytree(
                    one.folder, sign_off.folder_of(own.state, one.authority, year) / str(one.number)
                )


def _receive(settings: Settings, record: sign_off.Record, context: object) -> None:
    """Take in the record's files from those kept, in the order of receipt."""
    from orchestration import intake, pipeline

    own = context.settings  # type: ignore[attr-defined]
    missing = [
        one["file_name"]
        for one in record.extracts
        if one["sha256"] and not (settings.state / "kept" / one["sha256"]).is_file()
    ]
    if missing:
        raise ConfigurationProblem(
            f"{record.authority} {record.reporting_year} cannot be built again: files it was counted from are "
            "not kept any more.",
            "whoever keeps the backups of build/state/kept",
            sorted(set(missing)),
        )
    [authority] = pipeline.load_authorities(context)  # type: ignore[arg-type]
    kept = [one for one in record.extracts if one["sha256"]]
    for moment, batch in groupby(kept, key=lambda one: one["received_at"]):
        files = []
        for number, one in enumerate({(b["sha256"], b["file_name"]): b for b in batch}.values()):
            path = own.next / "received" / moment[:19].replace(":", "") / str(number) / one["file_name"]
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(settings.state / "kept" / one["sha256"], path)
            files.append((path, datetime.fromisoformat(moment)))
        intake.receive(files, authority, own)
    intake.write_quarantine(own)
