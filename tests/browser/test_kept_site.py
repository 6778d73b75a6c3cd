"""A site of which parts are used again is the site that is made from nothing, byte for byte."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pyarrow as pa
import pytest

from redress import publish
from redress.base.settings import Settings
from redress.protect.streams import write_stream
from redress.publish.kept import Kept
from redress.publish.open_data import read_stream
from tests.browser.conftest import BELOW

KEPT = Path("state", "site", "kept")


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture
def build(installation: Path, tmp_path: Path) -> Path:
    """A build folder with everything that the site of the two councils left behind, as files of its own."""
    shutil.copytree(installation / "build", tmp_path / "build", symlinks=True)
    return tmp_path / "build"


def changed_export(installation: Path, folder: Path) -> Path:
    """Write the export with one figure of Northtown changed."""
    shutil.copytree(installation / "protected", folder)
    table = read_stream(folder / "figures.arrow")
    rows = table.to_pylist()
    row = next(row for row in rows if row["authority"] == "northtown" and row["value"] and row["value"] > 20)
    row["value"] += 1
    write_stream(pa.Table.from_pylist(rows, schema=table.schema), folder / "figures.arrow")
    return folder


def test_with_nothing_changed_nothing_is_made_and_the_site_is_the_same(
    installation: Path, build: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*given: object, **named: object) -> None:
        raise AssertionError("something was made")

    monkeypatch.setattr(publish, "make_parts", refuse)
    monkeypatch.setattr(publish.program, "_run_node", refuse)
    counts = publish.build_site(Settings(build=build), installation / "protected", tmp_path / "site")
    assert counts["made"] == 0 and counts["pages"] > 40
    assert files_of(tmp_path / "site") == files_of(installation / "served" / BELOW)
    assert not (build / "state" / "site" / "work").exists(), "the workshop is cleared"


def test_with_one_council_changed_its_pages_and_those_about_all_are_made(
    installation: Path, build: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    protected = changed_export(installation, tmp_path / "protected")
    before = set(os.listdir(build / KEPT))
    counts = publish.build_site(Settings(build=build), protected, tmp_path / "site")
    site = files_of(tmp_path / "site")
    of_eastham = {name for name in site if name.startswith("eastham/")}
    assert (
        0
        < counts["made"]
        == sum(name.endswith(".html") for name in site.keys() - of_eastham)
        < counts["pages"]
    )
    now = set(os.listdir(build / KEPT))
    assert now & before and now - before and before - now, "of the newest run only"
    old = files_of(installation / "served" / BELOW)
    assert {name: site[name] for name in of_eastham} == {
        name: content for name, content in old.items() if name.startswith("eastham/")
    }
    # From nothing; a run that ended while it kept its first part left nothing wrong.
    alone = tmp_path / "alone"
    keep = Kept.keep

    def end(self: Kept, question: str, root: Path, names: set[str], *more: object) -> object:
        if "index.html" in names or any(name.endswith("/index.html") for name in names):
            raise KeyboardInterrupt
        return keep(self, question, root, names, *more)

    with monkeypatch.context() as patched:
        patched.setattr(Kept, "keep", end)
        with pytest.raises(KeyboardInterrupt):
            publish.build_site(Settings(build=alone), protected, tmp_path / "again")
    assert files_of(tmp_path / "again") == site
    publish.build_site(Settings(build=alone), protected, tmp_path / "again")
    assert files_of(tmp_path / "again") == site


def test_a_kept_page_that_is_damaged_is_made_anew(installation: Path, build: Path, tmp_path: Path) -> None:
    [page] = (build / KEPT).glob("*/files/eastham/*/stages/index.html")
    page.write_text(page.read_text(encoding="utf-8").replace("complaints", "compliments"), encoding="utf-8")
    counts = publish.build_site(Settings(build=build), installation / "protected", tmp_path / "site")
    assert 0 < counts["made"] < counts["pages"]
    assert files_of(tmp_path / "site") == files_of(installation / "served" / BELOW)
