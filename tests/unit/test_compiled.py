"""What is made of the program alone is shared by all build folders of a checkout, one version beside another."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from redress.base import compiled
from redress.base.settings import Settings
from redress.warehouse import dbt


def test_it_lies_beside_the_program_or_where_that_cannot_be_written_in_the_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert compiled.place_of(tmp_path, tmp_path / "build") == tmp_path / ".compiled"
    monkeypatch.setattr(os, "access", lambda path, *_, **__: Path(path) != tmp_path)
    assert compiled.place_of(tmp_path, tmp_path / "build") == tmp_path / "build" / "state" / "compiled"


def test_a_version_of_the_project_has_a_folder_of_its_own(tmp_path: Path) -> None:
    """A build folder changes nothing, any byte of the project or of the reference tables does."""
    (tmp_path / "dbt_project").mkdir()
    (tmp_path / "seeds" / "reference").mkdir(parents=True)
    model, seed = tmp_path / "dbt_project" / "a.sql", tmp_path / "seeds" / "reference" / "b.csv"
    model.write_text("select 1")
    seed.write_text("a")
    settings = Settings(root=tmp_path, compiled=tmp_path / "compiled")
    folder = dbt.dbt_folder(settings)
    assert dbt.dbt_folder(replace(settings, build=tmp_path / "other")) == folder
    seen = {folder}
    for path in (model, seed):
        path.write_bytes(path.read_bytes() + b" ")
        seen.add(dbt.dbt_folder(settings))
    assert len(seen) == 3


def test_only_the_newest_versions_are_kept(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / str(number)).mkdir()
        os.utime(tmp_path / str(number), (number, number))
    compiled.keep_newest(tmp_path, 2)
    assert sorted(os.listdir(tmp_path)) == ["3", "4"]


def test_whoever_comes_second_waits_and_finds_what_the_first_made(tmp_path: Path) -> None:
    part, seen = tmp_path / "part", []

    def look() -> None:
        with compiled.held_alone(part):
            seen.append(part.exists())

    with compiled.held_alone(part):
        second = threading.Thread(target=look)
        second.start()
        second.join(0.2)
        assert not seen, "it waits"
        part.mkdir()
    second.join()
    assert seen == [True]
