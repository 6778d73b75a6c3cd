"""What made the figures: a hash over every model, macro and seed, and the versions of the software."""

from __future__ import annotations

import hashlib
import json

from redress.base.files import sha256
from redress.base.settings import RunSettings
from redress.base.versions import versions

PACKAGES = (
    "redress",
    "dbt-core",
    "dbt-duckdb",
    "duckdb",
    "great-expectations",
    "dagster",
    "python-calamine",
    "polars",
    "sqlglot",
    "cryptography",
)


def hashed_models(settings: RunSettings) -> list[dict[str, str]]:
    """Return each model and seed of the warehouse and the SHA-256 of its source."""
    from redress.warehouse.dbt import project_folder

    folders = {"model": project_folder(settings) / "models", "macro": project_folder(settings) / "macros"}
    sources = [
        {
            "unique_id": f"{kind}.{path.relative_to(folder).with_suffix('').as_posix()}",
            "sha256": sha256(path),
        }
        for kind, folder in folders.items()
        for path in folder.rglob("*.sql")
    ]
    sources += [
        {"unique_id": f"seed.{path.stem}", "sha256": sha256(path)}
        for path in settings.reference.glob("*.csv")
    ]
    return sorted(sources, key=lambda row: row["unique_id"])


def code(settings: RunSettings) -> dict[str, str]:
    """Return what makes figures of files: the versions of the software, and one hash over every model and seed."""
    digest = hashlib.sha256()
    for row in hashed_models(settings):
        digest.update(f"{row['unique_id']} {row['sha256']}\n".encode())
    return {"models": digest.hexdigest()} | {row["name"]: row["version"] for row in software(settings)}


def software(settings: RunSettings) -> list[dict[str, str]]:
    """Return the software that made the pack, and the version of the extract contract."""
    known = [{"name": name, "version": version} for name, version in versions(PACKAGES).items()]
    contract = settings.reference / "contract" / "datapackage.json"
    if contract.exists():
        stated = json.loads(contract.read_text(encoding="utf-8")).get("version", "")
        known.append({"name": "extract contract", "version": f"{stated} {sha256(contract)[:12]}".strip()})
    return known
