"""Where things are, read once from the environment.

Every path that the pipeline uses comes from one `Settings` object, so that a test or a scheduler can
move the build, the authority folders or the key without touching code.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from redress.base import compiled
from redress.base.errors import ConfigurationProblem

if TYPE_CHECKING:
    from redress.base.request import Signing

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Settings:
    """Paths of one installation.

    Attributes:
        root: the checkout (dbt project, reports, reference seeds).
        build: where results are written (`REDRESS_BUILD`, default `<root>/build`).
        authorities: folders that hold one folder per authority (`REDRESS_AUTHORITIES`, separated by the
            system's path separator, default `<root>/seeds/authorities`).
        key_file: file holding the pseudonym key (`REDRESS_KEY_FILE`), kept outside the data.
        key: the key itself (`REDRESS_KEY`); wins over `key_file`.
        signing_key_file: file holding the Ed25519 private key that signs evidence packs
            (`REDRESS_SIGNING_KEY_FILE`); without it they are unsigned.
        public_key_file: file holding the Ed25519 public key, or keys, by which evidence packs must be signed to be
            proved (`REDRESS_PUBLIC_KEY_FILE`).
        compiled: where that is kept which is made of the program's own files alone.
    """

    root: Path = ROOT
    build: Path = ROOT / "build"
    authorities: tuple[Path, ...] = field(default=(ROOT / "seeds" / "authorities",))
    key_file: Path | None = None
    key: str | None = None
    signing_key_file: Path | None = None
    public_key_file: Path | None = None
    compiled: Path = ROOT / compiled.FOLDER

    @classmethod
    def from_environment(cls) -> Settings:
        """Return the settings of this process's environment.

        Raises:
            ConfigurationProblem: REDRESS_BUILD names what cannot be a folder.
        """
        folders = os.environ.get("REDRESS_AUTHORITIES")
        key_file = os.environ.get("REDRESS_KEY_FILE")
        signing_key_file = os.environ.get("REDRESS_SIGNING_KEY_FILE")
        public_key_file = os.environ.get("REDRESS_PUBLIC_KEY_FILE")
        build = _build_folder(os.environ.get("REDRESS_BUILD") or str(ROOT / "build"))
        return cls(
            build=build,
            authorities=tuple(Path(os.path.realpath(f)) for f in folders.split(os.pathsep) if f)
            if folders
            else (ROOT / "seeds" / "authorities",),
            key_file=Path(key_file) if key_file else None,
            key=os.environ.get("REDRESS_KEY") or None,
            signing_key_file=Path(signing_key_file) if signing_key_file else None,
            public_key_file=Path(public_key_file) if public_key_file else None,
            compiled=compiled.place_of(ROOT, build),
        )

    @property
    def state(self) -> Path:
        """What is kept between runs: files received, conformed rows, configuration tables, the database."""
        return self.build / "state"

    @property
    def database(self) -> Path:
        """The DuckDB file that dbt builds."""
        return self.state / "redress.duckdb"

    @property
    def reference(self) -> Path:
        """Reference seeds: contract, timescales, calendar, figure catalogue."""
        return self.root / "seeds" / "reference"


def _build_folder(given: str) -> Path:
    """Return the build folder, absolute; what is there must be a folder, and so must the nearest thing above it that is there.

    Raises:
        ConfigurationProblem: it cannot be a folder.
    """
    build = Path(os.path.realpath(given))
    above = next((place for place in (build, *build.parents) if os.path.lexists(place)), build)
    if os.path.lexists(above) and not above.is_dir():
        raise ConfigurationProblem(
            f"The build folder cannot be {build}: {above} is no folder.",
            "whoever set REDRESS_BUILD",
        )
    return build


@dataclass(frozen=True)
class RunSettings(Settings):
    """Settings of a run: the same places, except that the database is the one being made.

    Attributes:
        database_file: the DuckDB file that stages of this run read and write.
        signing: the wish to sign a report off, or to revise one, that this run fulfils, if any.
        today: the day by which accepted faults expire and reports stop being drafts; None means today.
    """

    database_file: Path | None = None
    signing: Signing | None = None
    today: date | None = None

    @property
    def database(self) -> Path:
        """The candidate database where there is one, else the one in force."""
        return self.database_file or database_in_force(self)

    @property
    def next(self) -> Path:
        """Where this run's results wait for the gates."""
        return self.build / ".next"

    @property
    def day(self) -> date:
        """The day of the run."""
        return self.today or date.today()


def database_in_force(settings: Settings) -> Path:
    """Return the database of the last green run."""
    return settings.state / "redress.duckdb"


def candidate_database(settings: Settings) -> Path:
    """Return the database file that a run builds, and that takes its place when all gates are green.

    It has the same file name in another folder: DuckDB names the catalogue after the file, and views
    inside it would otherwise not survive the renaming.
    """
    return settings.state / "next" / "redress.duckdb"
