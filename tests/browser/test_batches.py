"""Pages are rendered in batches, a council at a time: nothing on a page may depend on what is rendered beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from redress import publish
from redress.base.errors import GateFailed
from redress.protect.streams import write_stream
from redress.publish import batches
from redress.publish.open_data import read_stream


def pages_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.html"))}


def ready_to_render(installation: Path, folder: Path) -> list[dict]:
    """Make the folder one in which the pages of the site can be rendered once more; returns the batches."""
    built, protected = installation / "build" / "state" / "site", installation / "protected"
    for name in ("render.js", "node_modules", ".evidence"):
        (folder / name).symlink_to(built / name)
    measures = batches.reported_measures(read_stream(protected / "figures.arrow"))
    downloads = read_stream(built / "data" / "downloads.arrow")
    return batches.write_batches(
        protected, folder / "data", {"downloads": downloads, "reported_measures": measures}
    )


def test_a_page_is_the_same_with_the_rows_of_every_council_beside_its_own(
    installation: Path, tmp_path: Path
) -> None:
    listed = ready_to_render(installation, tmp_path)
    councils = [batch["folder"] for batch in listed if batch["council"]]
    assert len(councils) == 2
    for name in batches.BY_COUNCIL:
        table = read_stream(installation / "protected" / f"{name}.arrow")
        for folder in councils:
            write_stream(table, tmp_path / "data" / folder / f"{name}.arrow")
    # One process, so that what the first batch leaves behind would show in the next.
    publish.render(tmp_path, processes=1)
    pages = pages_of(tmp_path / "build")
    assert len(pages) > 40
    assert pages == pages_of(installation / "build" / "state" / "site" / "build")


def test_a_query_that_fails_in_one_process_fails_the_build_and_names_page_and_query(
    installation: Path, tmp_path: Path
) -> None:
    ready_to_render(installation, tmp_path)
    (tmp_path / "data" / "timescales.arrow").unlink()
    with pytest.raises(GateFailed, match="could not be built") as stopped:
        publish.render(tmp_path)
    said = "\n".join(stopped.value.details)
    assert "SQL error on /" in said and "timescales" in said
