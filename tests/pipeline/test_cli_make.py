"""What a fresh checkout runs: the recipes, the locks, the entry for continuous integration."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from redress.base.settings import ROOT


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-tools.lock"])
def test_every_locked_package_has_a_hash_and_no_address(name):
    text = (ROOT / name).read_text()
    packages = re.findall(
        r"^[a-z0-9][^\n]*?==[^\n]*(?:\\\n(?: +--hash=sha256:[0-9a-f]{64} ?)?)+", text, re.MULTILINE
    )
    named = re.findall(r"^[a-zA-Z0-9_.-]+==", text, re.MULTILINE)
    assert named and len(packages) == len(named)
    assert all("--hash=sha256:" in package for package in packages)
    assert "index-url" not in text and "://" not in text


def test_the_recipes_install_from_the_locks_only():
    recipe = (ROOT / "Makefile").read_text()
    for line in recipe.splitlines():
        if re.search(r"\bpip install\b", line) and "--no-index" not in line:
            assert "--require-hashes" in line, line
    assert "npm ci --ignore-scripts" in recipe


@pytest.mark.parametrize("target", ["report", "test", "bench", "dagster", "clean"])
def test_every_target_is_there(target):
    done = subprocess.run(
        ["make", "--dry-run", target], check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_continuous_integration_runs_the_tests():
    entry = ROOT / ".ci" / "run"
    assert os.access(entry, os.X_OK)
    lines = entry.read_text().splitlines()
    assert (
        lines[0] == "#!/usr/bin/env bash" and "set -euo pipefail" in lines and lines[-1] == "exec make test"
    )
