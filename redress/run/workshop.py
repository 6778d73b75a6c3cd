"""A workshop: an installation of its own for some councils, in which they are counted, checked and protected apart.

It lies among the waiting results of its run, or waits for the run that publishes (`waiting`). Its inputs are links to what
the installation keeps of these councils and of nobody else, so that a damaged file of one council is not read for another;
what it makes is its own until `merge` puts it together with the results that stand. A stage does in a workshop what it does
in an installation: it is handed other places.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from redress.base.settings import RunSettings, candidate_database
from redress.intake.store import EMPTY
from redress.reconcile import history
from redress.run.context import Context

OF_COUNCILS = ("conformed", "quarantine")
"""Folders of the state whose files carry the name of their council."""
READ = ("kept", "signed", "revisions", "read-with", "removed.csv", "redress.duckdb")
"""What the stages of a workshop read of the installation; the warehouse where single models are built into a copy."""
OF_EACH = ("decided",)
"""What they keep for later runs of each council by itself, in a folder of its name."""


def settings_of(settings: RunSettings, place: Path) -> RunSettings:
    """Return the settings of the stages in a workshop."""
    shop = replace(settings, build=place)
    return replace(shop, database_file=candidate_database(shop))


def open_workshop(context: Context, councils: Collection[str], place: Path) -> Context:
    """Make an empty workshop for the councils; return the context of its stages.

    What the stages have to say goes where the run's own does.

    Args:
        context: of the run.
        councils: by slug.
        place: the workshop's folder; what is there is removed.
    """
    settings = context.settings
    shutil.rmtree(place, ignore_errors=True)
    shop = settings_of(settings, place)
    shop.state.mkdir(parents=True)
    for folder in OF_COUNCILS:
        _link_files_of(councils, settings.state / folder, shop.state / folder)
    for name in OF_EACH:
        (shop.state / name).mkdir()
        for slug in councils:
            (settings.state / name / slug).mkdir(parents=True, exist_ok=True)
            _link(settings.state / name / slug, shop.state / name / slug)
    for entry in READ:
        _link(settings.state / entry, shop.state / entry)
    _link(settings.build / "evidence", place / "evidence")
    context.warnings += history.copy_memory(settings, shop)
    workshop = context.of_councils(councils, shop)
    write_configuration(workshop)
    return workshop


def forget(settings: RunSettings, slug: str) -> None:
    """Remove what earlier runs kept of a council so that it need not be made again."""
    for name in OF_EACH:
        shutil.rmtree(settings.state / name / slug, ignore_errors=True)


def write_configuration(context: Context) -> None:
    """Write the configuration of the chosen reports as tables."""
    from redress.authority import config_tables
    from redress.declared.tables import write_pages

    config_tables.write_config_tables(context.chosen, context.settings, figure_sets=context.figure_sets)
    write_pages(context.chosen_declarations, context.settings.state / "config")


def retold(text: str, workshop: RunSettings, settings: RunSettings) -> str:
    """Return a text that names places of a workshop as one that names those of the installation, where people look."""
    return text.replace(str(workshop.build), str(settings.build))


def council_of(path: Path) -> str:
    """Return whose file of the state it is, by its name."""
    return path.name.partition("--")[0]


def files_of(folder: Path) -> Iterator[Path]:
    """Yield the Parquet files of a folder of the state, in order."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(place) / name for name in sorted(names) if name.endswith(".parquet"))


def _link_files_of(councils: Collection[str], source: Path, target: Path) -> None:
    """Make a folder tree that holds links to the files of these councils, and the empty tables."""
    target.mkdir(parents=True)
    for path in files_of(source):
        if path.name == EMPTY or council_of(path) in councils:
            (target / path.relative_to(source)).parent.mkdir(parents=True, exist_ok=True)
            _link(path, target / path.relative_to(source))


def _link(path: Path, link: Path) -> None:
    if path.exists():
        link.symlink_to(path.resolve())
