"""Pages are rendered in batches, a council at a time: nothing on a page may depend on what is rendered beside it."""

from __future__ import annotations

from pathlib import Path

from orchestration import publish
from orchestration.protect import write_stream
from orchestration.publish import batches
from orchestration.publish.open_data import read_stream


def pages_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.html"))}


def test_a_page_is_the_same_with_the_rows_of_every_council_beside_its_own(
    installation: Path, tmp_path: Path
) -> None:
    built = installation / "build" / "state" / "site"
    for name in ("render.js", "node_modules", ".evidence"):
        (tmp_path / name).symlink_to(built / name)
    protected = installation / "protected"
    measures = batches.reported_measures(read_stream(protected / "figures.arrow"))
    downloads = read_stream(built / "data" / "downloads.arrow")
    listed = batches.write_batches(
        protected, tmp_path / "data", {"downloads": downloads, "reported_measures": measures}
    )
    councils = [batch["folder"] for batch in listed if batch["council"]]
    assert len(councils) == 2
    for name in batches.BY_COUNCIL:
        table = read_stream(protected / f"{name}.arrow")
        for folder in councils:
            write_stream(table, tmp_path / "data" / folder / f"{name}.arrow")
    # One process, so that what the first batch leaves behind would show in the next.
    publish.render(tmp_path, processes=1)
    pages = pages_of(tmp_path / "build")
    assert len(pages) > 40
    assert pages == pages_of(built / "build")
