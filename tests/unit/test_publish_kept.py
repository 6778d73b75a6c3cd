"""What was made once is used again only where all that it depends on is the same, and only whole."""

from __future__ import annotations

import ast
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

import redress
from redress.protect.streams import write_stream
from redress.publish import kept as kept_module
from redress.publish import parts as parts_module
from redress.publish import program, whole_report
from redress.publish.kept import Kept, Result, code_digest, question_of
from redress.publish.open_data import read_stream
from redress.publish.parts import parts_of_site

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "browser"))
from site_world import write_protected


@pytest.fixture
def made(tmp_path: Path) -> Path:
    folder = tmp_path / "made"
    (folder / "b").mkdir(parents=True)
    (folder / "a.txt").write_text("a", encoding="utf-8")
    (folder / "b" / "c.txt").write_text("c", encoding="utf-8")
    return folder


def keep_one(tmp_path: Path, made: Path) -> Result:
    return Kept(tmp_path / "kept").keep("q", made, ["a.txt", "b/c.txt"], {"said": [1]}, ["other"])


def test_what_was_kept_is_found_whole_with_what_was_noted(tmp_path: Path, made: Path) -> None:
    result = keep_one(tmp_path, made)
    again = Kept(tmp_path / "kept").find("q")
    assert again == result and again.notes == {"said": [1]} and again.rests_on == ("other",)
    (tmp_path / "site" / "b").mkdir(parents=True)
    (tmp_path / "site" / "a.txt").write_text("already there", encoding="utf-8")
    again.put_into(tmp_path / "site")
    assert (tmp_path / "site" / "b" / "c.txt").read_text(encoding="utf-8") == "c"
    assert (tmp_path / "site" / "a.txt").read_text(encoding="utf-8") == "already there"
    assert Kept(tmp_path / "kept").find("another question") is None


def test_files_are_copied_where_a_system_knows_no_second_names(
    tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*paths: Path) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(kept_module.os, "link", refuse)
    result = keep_one(tmp_path, made)
    assert (result.folder / "a.txt").stat().st_nlink == 1
    assert Kept(tmp_path / "kept").find("q") == result


def spoil(path: Path) -> None:
    """Change a byte of a file under all of its names."""
    with path.open("r+b") as file:
        byte = file.read(1)
        file.seek(0)
        file.write(bytes([byte[0] ^ 1]))


@pytest.mark.parametrize(
    "damage",
    [
        lambda place: spoil(place / "files" / "a.txt"),
        lambda place: spoil(place / "files" / "b" / "c.txt"),
        lambda place: (place / "files" / "a.txt").unlink(),
        lambda place: (place / "files" / "a.txt").write_bytes(b""),
        lambda place: spoil(place / "record"),
        lambda place: (place / "record").unlink(),
        lambda place: (place / "record").write_bytes(b"\xff\xfe"),
        lambda place: (place / "record").write_bytes((place / "record").read_bytes()[:-20]),
        lambda place: (place / "record").write_bytes((place / "record").read_bytes().replace(b"[1]", b"[2]")),
        lambda place: shutil.rmtree(place / "files"),
    ],
)
def test_a_damaged_result_is_as_good_as_none_and_is_replaced(
    tmp_path: Path, made: Path, damage: Callable[[Path], object]
) -> None:
    keep_one(tmp_path, made)
    damage(tmp_path / "kept" / "q")
    assert Kept(tmp_path / "kept").find("q") is None
    (made / "a.txt").unlink()  # the damage may have reached it: they may be two names of the same bytes
    (made / "a.txt").write_text("a", encoding="utf-8")
    result = keep_one(tmp_path, made)
    assert Kept(tmp_path / "kept").find("q") == result
    assert (result.folder / "a.txt").read_text(encoding="utf-8") == "a"


@pytest.mark.parametrize("moment", ["_link", "json.dumps", "Path.rename"])
def test_a_run_that_ends_while_it_keeps_something_leaves_no_half(
    tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    def end(*given: object, **named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(f"redress.publish.kept.{moment}", end)
        with pytest.raises(KeyboardInterrupt):
            keep_one(tmp_path, made)
    kept = Kept(tmp_path / "kept")
    assert kept.find("q") is None
    assert len(list((tmp_path / "kept").iterdir())) == 1, "what was begun lies aside"
    kept.forget_others(most=5)
    assert list((tmp_path / "kept").iterdir()) == [], "and is removed by the next run"


def test_what_a_run_did_not_use_is_forgotten_and_what_it_rests_on_is_not(tmp_path: Path, made: Path) -> None:
    first = Kept(tmp_path / "kept")
    for question in ("document", "of nobody", "old"):
        first.keep(question, made, ["a.txt"])
    first.keep("part", made, ["a.txt"], rests_on=["document"])
    second = Kept(tmp_path / "kept")
    second.find("part")
    second.keep("new", made, ["a.txt"])
    second.forget_others()
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["document", "new", "part"]
    Kept(tmp_path / "nothing").forget_others()


def test_only_the_newest_are_kept_beside_what_was_used(tmp_path: Path, made: Path) -> None:
    for number in range(4):
        Kept(tmp_path / "kept").keep(f"q{number}", made, ["a.txt"])
        os.utime(tmp_path / "kept" / f"q{number}", (number, number))
    last = Kept(tmp_path / "kept")
    last.find("q1")
    last.forget_others(most=2)
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["q1", "q3"]


def test_questions_of_other_parts_are_other_questions() -> None:
    assert (
        len({question_of("ab", "c"), question_of("a", "bc"), question_of("abc"), question_of("c", "ab")}) == 4
    )
    assert question_of("é") == question_of("é".encode())


def test_the_code_digest_covers_everything_that_the_website_is_made_by() -> None:
    """Follow the imports from `redress.publish`: whatever they reach lies in one of the places that are hashed."""
    package = Path(redress.__file__).parent
    covered = {
        path
        for name in kept_module._CODE
        for path in ([package / name] if name.endswith(".py") else (package / name).rglob("*.py"))
    }
    waiting = [path for path in (package / "publish").glob("*.py") if path.stem != "preview"]
    reached: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path in reached:
            continue
        reached.add(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("redress"):
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names if alias.name.startswith("redress.")]
            else:
                continue
            for name in names:
                place = package.joinpath(*name.split(".")[1:])
                waiting += [
                    file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()
                ]
    assert len(reached) > 20 and package / "protect" / "streams.py" in reached
    assert {path.relative_to(package).as_posix() for path in reached - covered} <= {"__init__.py"}


def test_each_kind_of_input_of_the_program_makes_it_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "reports"
    for name in (
        "pages/index.md",
        "components/a.js",
        "render.js",
        "package-lock.json",
        "sections/a.md",
        ".evidence/x",
    ):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("x", encoding="utf-8")
    installed = project / "node_modules" / ".package-lock.json"
    (project / "node_modules" / "@evidence-dev" / "evidence").mkdir(parents=True)
    (project / "node_modules" / "@evidence-dev" / "evidence" / "cli.js").touch()
    seen = {program.program_question(project)}

    def is_new() -> bool:
        question = program.program_question(project)
        known = question in seen
        seen.add(question)
        return not known

    assert not is_new()
    for name in ("pages/index.md", "components/a.js", "render.js", "package-lock.json"):
        (project / name).write_text("y", encoding="utf-8")
        assert is_new(), name
    (project / "components" / "a.js").rename(project / "components" / "b.js")
    assert is_new(), "the name of a file"
    installed.write_text("another version", encoding="utf-8")
    assert is_new(), "the packages that are installed"
    for name in ("sections/a.md", ".evidence/x"):
        (project / name).write_text("y", encoding="utf-8")
        assert not is_new(), f"{name} is no part of the program"
    monkeypatch.setattr(program, "_node_version", lambda node: "v99")
    assert is_new(), "Node"


def test_a_part_is_made_anew_by_what_it_depends_on_and_by_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    protected = write_protected(tmp_path / "protected")
    runs = iter(range(100))
    monkeypatch.setattr(whole_report, "chromium_version", lambda chromium: "Chromium 1")

    def questions(compiled: str = "program") -> dict[str | None, str]:
        result = Result(compiled, tmp_path, {}, {})
        data = tmp_path / f"data{next(runs)}"
        return {
            part.council: part.question
            for part in parts_of_site(protected, data, result, Kept(tmp_path / "kept"))
        }

    before = questions()
    assert questions() == before and set(before) == {None, "eastham", "northtown"}
    assert len(set(before.values())) == 3
    own, of_all = [], []
    for stream in sorted(protected.glob("*.arrow")):
        table = read_stream(stream)
        rows = table.to_pylist()
        places = [i for i, row in enumerate(rows) if row.get("authority") == "northtown"]
        name = next(
            (
                c
                for c in ("value", "said", "heading", "text", "title", "name", "word", "verdict", "status")
                if c in table.column_names
            ),
            None,
        )
        if not rows or name is None:
            continue
        place = places[0] if places else 0
        changed = [dict(row) for row in rows]
        value = changed[place][name]
        changed[place][name] = value + 1 if isinstance(value, float) else f"{value} "
        write_stream(pa.Table.from_pylist(changed, schema=table.schema), stream)
        after = questions()
        write_stream(table, stream)
        differ = {council for council in before if after[council] != before[council]}
        if whose := rows[place].get("authority"):
            assert differ == {None, whose}, stream.name
            own.append(stream.stem)
        else:
            assert differ == {None, "eastham", "northtown"}, stream.name
            of_all.append(stream.stem)
    assert {"figures", "reports", "pages", "checks"} <= set(own) and "figure_catalogue" in of_all
    assert questions() == before
    assert not set(questions("another program").values()) & set(before.values())
    with monkeypatch.context() as patched:
        patched.setattr(parts_module, "code_digest", lambda: "other code")
        assert not set(questions().values()) & set(before.values())
    with monkeypatch.context() as patched:
        patched.setattr(whole_report, "chromium_version", lambda chromium: "Chromium 2")
        assert not set(questions().values()) & set(before.values())


def test_the_code_digest_changes_with_the_styles_of_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "redress"
    shutil.copytree(Path(redress.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(kept_module, "__file__", str(package / "publish" / "kept.py"))
    digest = code_digest.__wrapped__
    before = digest()
    assert before == digest()
    for name in ("publish/word_styles.py", "base/inert.py", "protect/streams.py", "declared/markdown.py"):
        with (package / name).open("a", encoding="utf-8") as file:
            file.write("\n")
        after = digest()
        assert after != before, name
        before = after
    monkeypatch.setattr("redress.base.versions.versions", lambda packages: {"lxml": "99"})
    assert digest() != before
