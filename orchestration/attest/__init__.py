"""The evidence pack: what a report said, from which files, by which rules, and whether it held.

One folder per report, `build/evidence/<authority>-<year>/`. Every file but `manifest.json` depends only
on the extracts, the configuration and the code, so that two runs over the same inputs give the same
bytes; `manifest.json` holds their SHA-256 and one line that does change, `run_at`. Internal: the figures
in it are not protected.
"""

from __future__ import annotations

import csv
import hashlib
import json
import platform
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from orchestration.attest import revisions, sign_off
from orchestration.records import in_force, read_ledger, read_parquet
from orchestration.settings import RunSettings

__all__ = ["code", "revisions", "sha256", "sign_off", "verify_pack", "write_packs"]

PACKAGES = ("redress", "dbt-core", "dbt-duckdb", "duckdb", "great-expectations", "dagster", "python-calamine")
CONFIGURATION = ("*.yml", "*.csv", "published/*.csv")
LEDGER_COLUMNS = (
    "extract_id",
    "source",
    "scope",
    "file_name",
    "sha256",
    "received_at",
    "bytes",
    "columns",
    "rows_received",
    "rows_conformed",
    "rows_quarantined",
    "status",
    "supersedes",
    "in_force",
    "message",
)
QUARANTINE_COLUMNS = (
    "extract_id",
    "file_name",
    "table",
    "column",
    "code",
    "severity",
    "owner",
    "problems",
    "records",
)
README = """Evidence for {name}, {year}, as at {as_at}
{underline}
What a published report rests on. Internal: the figures here are not protected.

figures.csv              every figure of the report, unrounded, with its rule
checks.csv               every check that was run on it, expected against found
published_check.csv      each figure that was printed before, against the computed one
extracts.csv             every file received up to the report's date, by SHA-256, with its row counts
quarantine_summary.csv   what was set aside, by file and reason (counts only)
configuration/           the authority's folder as it was used
configuration_report.csv the report and the settings chosen for it
models.csv               the SHA-256 of every model and seed of the warehouse
versions.csv             the software used
manifest.json            the SHA-256 of each file here

To verify: recompute the SHA-256 of each file and compare with manifest.json (on Linux: sha256sum).
To repeat: with the same files, configuration and software, run
    redress build --authority {authority} --year {year} --as-at {as_at}
"""


def write_packs(settings: RunSettings, target: Path) -> list[Path]:
    """Write a pack for every report of the run.

    Args:
        settings: the run's; reads the candidate database, `.next/figures.csv`, `build/checks.csv`,
            `build/published_check.csv`, the ledger, the quarantine and the configuration tables.
        target: an empty folder that gets one folder per report.

    Returns:
        list[Path]: the packs' folders.
    """
    tables = {
        "figures.csv": _read_csv(settings.next / "figures.csv"),
        "checks.csv": _read_csv(settings.build / "checks.csv"),
        "published_check.csv": _read_csv(settings.build / "published_check.csv"),
    }
    ledger = read_ledger(settings)
    quarantine = read_parquet(settings.state / "quarantine")
    chosen = read_parquet(settings.state / "config", "config_setting.parquet")
    names = {
        row["authority"]: row["name"]
        for row in read_parquet(settings.state / "config", "config_authority.parquet")
    }
    packs = []
    for report in read_parquet(settings.state / "config", "config_report.parquet"):
        authority, year = report["authority"], report["reporting_year"]
        pack = target / f"{authority}-{year}"
        pack.mkdir(parents=True)
        mine = [row for row in ledger if row["authority"] == authority and _known(row, report)]
        forced = {row["extract_id"] for row in in_force(mine, authority, report["as_at"])}
        for name, (columns, rows) in tables.items():
            _write_csv(pack / name, _of_report(rows, report, also_general=name == "checks.csv"), columns)
        _write_csv(
            pack / "extracts.csv",
            [{**row, "in_force": "yes" if row["extract_id"] in forced else "no"} for row in mine],
            LEDGER_COLUMNS,
        )
        _write_csv(
            pack / "quarantine_summary.csv",
            _quarantine_summary(quarantine, {row["extract_id"] for row in mine}),
            QUARANTINE_COLUMNS,
        )
        _write_csv(
            pack / "configuration_report.csv",
            [{"setting": name, "value": value} for name, value in sorted(report.items())]
            + sorted(
                (
                    {"setting": row["setting"], "value": row["value"]}
                    for row in chosen
                    if row["authority"] == authority
                ),
                key=lambda row: row["setting"],
            ),
            ("setting", "value"),
        )
        _copy_configuration(settings, authority, pack / "configuration")
        _write_csv(pack / "models.csv", _models(settings), ("unique_id", "sha256"))
        _write_csv(pack / "versions.csv", _versions(settings), ("name", "version"))
        title = f"Evidence for {names.get(authority, authority)}, {year}, as at {report['as_at']}"
        (pack / "README.txt").write_text(
            README.format(
                name=names.get(authority, authority),
                year=year,
                as_at=report["as_at"],
                authority=authority,
                underline="-" * len(title),
            ),
            encoding="utf-8",
        )
        _write_manifest(pack, report)
        packs.append(pack)
    return packs


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def verify_pack(pack: Path) -> list[str]:
    """Compare a pack with its manifest; returns one line per file that differs, is missing or is extra."""
    stated = json.loads((pack / "manifest.json").read_text(encoding="utf-8"))["files"]
    there = {str(path.relative_to(pack)): sha256(path) for path in _files(pack)}
    problems = [f"{name}: missing" for name in sorted(set(stated) - set(there))]
    problems += [f"{name}: not in the manifest" for name in sorted(set(there) - set(stated))]
    problems += [
        f"{name}: changed since it was written"
        for name in sorted(set(stated) & set(there))
        if stated[name]["sha256"] != there[name]
    ]
    return problems


def _write_manifest(pack: Path, report: Mapping[str, Any]) -> None:
    """manifest.json; `run_at` is the only thing in a pack that differs between equal runs."""
    manifest = {
        "authority": report["authority"],
        "reporting_year": report["reporting_year"],
        "as_at": str(report["as_at"]),
        "run_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": {
            str(path.relative_to(pack)): {"bytes": path.stat().st_size, "sha256": sha256(path)}
            for path in _files(pack)
        },
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (pack / "manifest.json").write_text(text, encoding="utf-8")


def _files(pack: Path) -> list[Path]:
    """Every file of a pack but its manifest, in order."""
    return sorted(path for path in pack.rglob("*") if path.is_file() and path.name != "manifest.json")


def _of_report(rows: Iterable[dict], report: Mapping[str, Any], also_general: bool = False) -> list[dict]:
    """The rows of one report; with `also_general` also those of no authority or of no year."""
    allowed_authorities = {report["authority"], *([""] if also_general else [])}
    allowed_years = {report["reporting_year"], *([""] if also_general else [])}
    return [
        row
        for row in rows
        if row["authority"] in allowed_authorities and row["reporting_year"] in allowed_years
    ]


def _known(row: Mapping[str, Any], report: Mapping[str, Any]) -> bool:
    """Whether a file had been received by the end of the report's as-at day."""
    return str(row["received_at"])[:10] <= str(report["as_at"])[:10]


def _quarantine_summary(rows: Iterable[dict], extracts: set[str]) -> list[dict]:
    """Counts of problems and of records by file, table, column, code; never a value of a record."""
    kept = [row for row in rows if row["extract_id"] in extracts]
    keys = QUARANTINE_COLUMNS[:-2]
    problems = Counter(tuple(str(row.get(key) or "") for key in keys) for row in kept)
    records: dict[tuple, set] = {}
    for row in kept:
        records.setdefault(tuple(str(row.get(key) or "") for key in keys), set()).add(row["row"])
    return [
        {**dict(zip(keys, group, strict=True)), "problems": count, "records": len(records[group] - {None})}
        for group, count in sorted(problems.items())
    ]


def _copy_configuration(settings: RunSettings, authority: str, target: Path) -> None:
    """The authority's own files, as they were used."""
    from orchestration.authority import authority_folders

    folder = authority_folders(settings)[authority]
    for pattern in CONFIGURATION:
        for path in sorted(folder.glob(pattern)):
            copy = target / path.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())


def _models(settings: RunSettings) -> list[dict]:
    """Each model and seed of the warehouse and the SHA-256 of its source."""
    from orchestration.warehouse.dbt import project_folder

    folders = {"model": project_folder(settings) / "models", "macro": project_folder(settings) / "macros"}
    found = [
        {"unique_id": f"{kind}.{path.relative_to(folder).with_suffix('').as_posix()}", "sha256": sha256(path)}
        for kind, folder in folders.items()
        for path in folder.rglob("*.sql")
    ]
    found += [
        {"unique_id": f"seed.{path.stem}", "sha256": sha256(path)}
        for path in settings.reference.glob("*.csv")
    ]
    return sorted(found, key=lambda row: row["unique_id"])


def _versions(settings: RunSettings) -> list[dict]:
    """The software that made the pack, and the version of the extract contract."""
    known = [{"name": "python", "version": platform.python_version()}]
    for name in PACKAGES:
        try:
            known.append({"name": name, "version": version(name)})
        except PackageNotFoundError:
            known.append({"name": name, "version": "not installed"})
    contract = settings.reference / "contract" / "datapackage.json"
    if contract.exists():
        stated = json.loads(contract.read_text(encoding="utf-8")).get("version", "")
        known.append({"name": "extract contract", "version": f"{stated} {sha256(contract)[:12]}".strip()})
    return known


def code(settings: RunSettings) -> dict[str, str]:
    """What makes figures of files: the versions of the software, and one hash over every model and seed."""
    digest = hashlib.sha256()
    for row in _models(settings):
        digest.update(f"{row['unique_id']} {row['sha256']}\n".encode())
    return {"models": digest.hexdigest()} | {row["name"]: row["version"] for row in _versions(settings)}


def _read_csv(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """A CSV's column names and rows."""
    with path.open(newline="", encoding="utf-8") as handle:
        reader = csv.DictReader(handle)
        return list(reader.fieldnames or []), list(reader)


def _write_csv(path: Path, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Write rows as CSV with the given columns; what else a row holds is left out."""
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
