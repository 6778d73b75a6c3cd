"""Answers are kept by their question; of the warehouse's SQL the code that rewrites it is a part of the question."""

from __future__ import annotations

from pathlib import Path

import pytest

from redress.base import kept
from redress.warehouse import lineage


def test_what_was_kept_comes_back_for_the_same_sql_only(tmp_path: Path) -> None:
    kept.write(tmp_path, "lineage", "of this SQL", {"measure": ["model"]})
    assert kept.read(tmp_path, "lineage", "of this SQL") == {"measure": ["model"]}
    assert kept.read(tmp_path, "lineage", "of other SQL") is None
    assert kept.read(tmp_path, "traced", "of this SQL") is None


def test_what_other_code_made_of_the_sql_is_as_good_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.write(tmp_path, "lineage", lineage.code_fingerprint({}, {"redress": {}}), {"measure": ["model"]})
    assert kept.read(tmp_path, "lineage", lineage.code_fingerprint({}, {"redress": {}}))
    monkeypatch.setattr(lineage, "_makers", lambda: "code that was changed")
    assert kept.read(tmp_path, "lineage", lineage.code_fingerprint({}, {"redress": {}})) is None


def test_a_damaged_file_is_as_good_as_none(tmp_path: Path) -> None:
    kept.write(tmp_path, "lineage", "of this SQL", ["a" * 100])
    [file] = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:50])
    assert kept.read(tmp_path, "lineage", "of this SQL") is None


def test_older_sql_is_forgotten(tmp_path: Path) -> None:
    for version in range(kept.MOST_KEPT + 3):
        kept.write(tmp_path, "lineage", str(version), version)
        kept.write(tmp_path, "traced", str(version), version)
    assert len(list(tmp_path.glob("lineage-*"))) == len(list(tmp_path.glob("traced-*"))) == kept.MOST_KEPT
    assert kept.read(tmp_path, "lineage", str(kept.MOST_KEPT + 2)) == kept.MOST_KEPT + 2
    assert kept.read(tmp_path, "lineage", "0") is None


def test_nothing_is_kept_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    kept.write(None, "lineage", "of this SQL", 1)
    assert kept.read(None, "lineage", "of this SQL") is None and not list(tmp_path.iterdir())
