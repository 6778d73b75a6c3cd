"""The YAML of a council: read strictly, bounded, and refused with the line."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import date

import pytest
from intake_world import PROFILE, World

from redress.audit.source import read_sidecar
from redress.authority.model import AuthorityError
from redress.authority.profile import has_protection
from redress.base.errors import ConfigurationProblem
from redress.base.strict_yaml import DEEPEST, YamlProblem, parse_yaml, read_yaml
from redress.reconcile import accepted

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "\n".join(
    f"{letter}: &{letter} [{', '.join([f'*{before}'] * 9)}]"
    for before, letter in zip("abcdefgh", "bcdefghi", strict=True)
)
REFUSED = {
    "deep": ("[" * 5000 + "]" * 5000, 1, "deep"),
    "deep block": ("\n".join(" " * n + "a:" for n in range(1000)), DEEPEST, "deep"),
    "a list as key": ("x: 1\n? [a]: b\n", 2, "a key is a word"),
    "a group as key": ("{a: b}: c", 1, "a key is a word"),
    "laughs": (LAUGHS, 5, "more than"),
    "itself": ("x: 1\na: &a [*a]", 2, "inside what it refers to"),
    "twice": ("a: 1\nb: 2\na: 3\n", 3, "`a` stands twice"),
    "tab": ("a:\n\tb: 1\n", 2, "tab"),
    "NUL": ("a: 1\nb: x\0y\n", 2, r"U\+0000"),
    "30 February": ("x: 1\na: 2023-02-30\n", 2, "2023-02-30"),
    "python": ("x: 1\na: !!python/object/apply:os.system [ls]\n", 2, "tag"),
    "set": ("a: !!set {b, c}", 1, "tag"),
    "open": ("a: [1, 2\nb: 3\n", 2, "but got"),
    "two documents": ("a: 1\n---\nb: 2\n", 2, "another document"),
    "many": ("\n".join(f"k{n}: v" for n in range(60_000)), 25_000, "more than"),
    "large": ("x" * 1_000_001, None, "characters"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_at_once_with_its_line(name):
    text, line, told = REFUSED[name]
    began = time.process_time()
    with pytest.raises(YamlProblem, match=told) as refusal:
        parse_yaml(text)
    assert refusal.value.line == line
    assert time.process_time() - began < 10


def test_words_stay_words():
    text = (
        "a: 007\nb: 1_000\nc: no\nd: 12\ne: 1.5\nf: 2024-01-01\ng: true\nh: 12:30\ni: 0x1F\nj: ~\nk: "
        + "9" * 5000
    )
    read = parse_yaml(text)
    assert read.pop("k") == "9" * 5000
    assert list(read.values()) == [
        "007",
        "1_000",
        "no",
        12,
        1.5,
        date(2024, 1, 1),
        True,
        "12:30",
        "0x1F",
        None,
    ]
    assert parse_yaml("a: &a {x: 1}\nb: {<<: *a, y: 2}")["b"] == {"x": 1, "y": 2}


def test_no_file_takes_much_memory():
    code = (
        "import resource, sys\nfrom redress.base.strict_yaml import YamlProblem, parse_yaml\n"
        "resource.setrlimit(resource.RLIMIT_AS, (700_000_000, 700_000_000))\n"
        f"for text in ({LAUGHS!r}, '[' * 900_000, 'a: ' + '1:' * 400_000 + '1', 'a: ' + '9' * 900_000):\n"
        "    try: parse_yaml(text)\n"
        "    except YamlProblem: pass\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("name: Caf\xe9\n".encode("cp1252"), "line 1: the file is not in UTF-8"),
        (b"a: 1\nname: Caf\xe9\n", "line 2: the file is not in UTF-8"),
        ("a: 1\n".encode("utf-16"), "UTF-16"),
        (b"a" * 1_000_001, "1,000,001 bytes"),
    ],
)
def test_a_file_in_another_encoding_is_named_so(tmp_path, content, told):
    path = tmp_path / "profile.yml"
    path.write_bytes(content)
    with pytest.raises(YamlProblem, match=told):
        read_yaml(path)


@pytest.mark.parametrize("file", ["profile.yml", "mapping.yml", "published/2023-24-audit.yml"])
@pytest.mark.parametrize("name", REFUSED)
def test_every_file_of_a_council_is_read_so(tmp_path, file, name):
    world = World(tmp_path)
    text, line, _ = REFUSED[name]
    path = world.folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    with pytest.raises(AuthorityError) as refusal:
        world.authority()
    place = f"{file}: line {line}: " if line else f"{file}: "
    assert any(place in problem for problem in refusal.value.problems), refusal.value.problems
    assert all(len(problem) < 1000 for problem in refusal.value.problems)


def test_a_profile_has_one_dialect_whoever_reads_it(tmp_path):
    """`no` is a word to each reader, and a key that stands twice is an error to each."""
    world = World(tmp_path)
    own = PROFILE.format(slug="smallham", synthetic="true").replace("stage: Stage team", "complaint: no")
    world.configure(profile=own + "protection: {sensitive_measures: [on]}\n")
    profile = world.folder / "profile.yml"
    owner = accepted.owners(world.settings, {"smallham": world.folder})
    assert owner("smallham", "complaint") == "no"
    section = world.authority().profile.protection
    assert section.sensitive_measures == ("on",) and has_protection(profile, section)
    world.configure(profile=own + "protection: {threshold: 3}\nprotection: {threshold: 9}\n")
    with pytest.raises(YamlProblem, match="twice"):
        has_protection(profile, section)
    with pytest.raises(AuthorityError, match="line 9: `protection` stands twice"):
        world.authority()
    sidecar = tmp_path / "audit.yml"
    sidecar.write_text("synonyms: {a: b}\nsynonyms: {c: d}\n")
    with pytest.raises(ConfigurationProblem, match="line 2: `synonyms` stands twice"):
        read_sidecar(sidecar)
