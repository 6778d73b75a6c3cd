"""The internal site: dbt's documentation with its lineage, and a door to each evidence pack."""

from __future__ import annotations

from html import escape
from pathlib import Path

from redress.attest import pages
from redress.base.errors import ConfigurationProblem
from redress.base.settings import Settings, database_in_force


def write_internal(settings: Settings) -> Path:
    """Write `build/internal/` from the warehouse in force; return its first page.

    Raises:
        ConfigurationProblem: there is no warehouse yet.
    """
    from redress.warehouse.dbt import write_docs

    database = database_in_force(settings)
    if not database.exists():
        raise ConfigurationProblem("There is no warehouse yet.", "you: run `redress build` first")
    folder = settings.build / "internal"
    folder.mkdir(parents=True, exist_ok=True)
    write_docs(settings, database, folder / "warehouse.html")
    packs = sorted(path.parent for path in (settings.build / "evidence").glob("*/index.html"))
    body = (
        '<h2>The warehouse</h2><p><a href="warehouse.html">Every model, column and test, and what each is made from'
        "</a> (dbt's own documentation; it needs a browser with script).</p>"
        + pages.table(
            "Evidence",
            ("Report", "Zip"),
            (
                (
                    f'<a href="../evidence/{escape(pack.name)}/index.html">{escape(pack.name)}</a>',
                    f'<a href="../evidence/{escape(pack.name)}.zip">{escape(pack.name)}.zip</a>'
                    if pack.with_name(f"{pack.name}.zip").exists()
                    else "none: too large",
                )
                for pack in packs
            ),
        )
    )
    (folder / "style.css").write_text(pages.STYLE + "\n", encoding="utf-8")
    pages.page(folder / "index.html", "Redress: internal site", "", body)
    return folder / "index.html"
