"""Pages are rendered in batches, a council at a time: nothing on a page may depend on what is rendered beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from redress.base.errors import GateFailed
from redress.base.settings import Settings
from redress.protect.streams import write_stream
from redress.publish import batches, open_data, program
from redress.publish.open_data import read_stream


def pages_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.html"))}


def ready_to_render(installation: Path, folder: Path, sees_all: bool = False) -> Path:
    """Make the folder one in which the pages of the site can be rendered; with `sees_all` with everybody's rows for each."""
    project, protected = Settings().root / "reports", installation / "protected"
    listed = batches.write_batches(protected, folder / "data")
    councils = [batch["folder"] for batch in listed if batch["council"]]
    assert len(councils) == 2
    downloads = open_data.write_open_data(protected, folder / "open")
    for batch in listed:
        write_stream(downloads, folder / "data" / batch["folder"] / "downloads.arrow")
    if sees_all:
        for stream in protected.glob("*.arrow"):
            if (folder / "data" / councils[0] / stream.name).exists():
                for council in councils:
                    write_stream(read_stream(stream), folder / "data" / council / stream.name)
    batches.write_list(folder / "data", listed, [batch["council"] for batch in listed if batch["council"]])
    program.set_up(program.compiled(project, Settings().compiled / "website"), project, folder)
    return folder


def test_a_page_is_the_same_with_the_rows_of_every_council_beside_its_own(
    installation: Path, tmp_path: Path
) -> None:
    own = ready_to_render(installation, tmp_path / "own")
    program.render(own, reports=2, processes=3)
    # One process, so that what the first batch leaves behind would show in the next.
    everybodys = ready_to_render(installation, tmp_path / "all", sees_all=True)
    program.render(everybodys, reports=2, processes=1)
    pages = pages_of(own / "build")
    assert len(pages) > 40
    assert pages == pages_of(everybodys / "build")


def test_a_query_that_fails_in_one_process_fails_the_build_and_names_page_and_query(
    installation: Path, tmp_path: Path
) -> None:
    work = ready_to_render(installation, tmp_path)
    for stream in (work / "data").rglob("timescales.arrow"):
        stream.unlink()
    with pytest.raises(GateFailed, match="could not be built") as stopped:
        program.render(work, reports=2)
    said = "\n".join(stopped.value.details)
    assert "SQL error on /" in said and "timescales" in said
