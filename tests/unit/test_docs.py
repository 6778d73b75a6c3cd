"""The documentation leads where it says, and what it claims and a machine can check is so."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from redress.base.settings import ROOT
from redress.cli import main

PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)#]*)(?:#([^)]*))?\)")
DECISIONS = ROOT / "docs" / "decisions"


def headings(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def rows(page: str) -> list[list[str]]:
    """The cells of a page's table rows, the head and the rule below it left out."""
    lines = (ROOT / "docs" / page).read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return cells[2:]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path):
    links = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link[0]]
    dead = [link for link in links if not (page.parent / link[0]).exists()]
    assert not dead
    for target, heading in links:
        if heading:
            assert heading in headings(page.parent / target if target else page), (target, heading)


def test_the_index_of_decisions_names_every_record_and_every_part_of_it():
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    records = sorted(path for path in DECISIONS.glob("*.md") if path.name != "README.md")
    assert len(records) >= 30
    assert sorted(target for target, _ in LINK.findall(index)) == [path.name for path in records]
    for path in records:
        text = path.read_text(encoding="utf-8")
        parts = re.findall(r"^##? (.+) \((\d{4}-\d\d-\d\d)\)$", text, flags=re.MULTILINE)
        assert parts and len(parts) == text.count("**Decided.**"), path.name
        assert all(title in index and date in index for title, date in parts), path.name


def test_each_level_says_yes_with_what_shows_it_or_not_yet():
    levels = rows("rap.md")
    assert {row[0] for row in levels} == {"baseline", "silver", "gold"} and len(levels) >= 18
    for level, asks, met, shown in levels:
        assert met in ("yes", "not yet"), (level, asks)
        assert met == "not yet" or LINK.search(shown) or "`" in shown, (level, asks)


def test_what_the_levels_claim_of_the_tools_is_so():
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    test = makefile.split("\ntest:")[1].split("\nbench:")[0]
    for tool in ("ruff check .", "ruff format --check .", "lint-imports", "sqlfluff lint", "pytest"):
        assert tool in test, tool
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["scripts"]["redress"] == "redress.cli:run"
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    packages = re.findall(r"^[a-z0-9][^ ]*==[^ ]+.*$", lock, flags=re.MULTILINE)
    assert packages and lock.count("--hash=sha256:") >= len(packages)
    locked = {line.split("==")[0] for line in packages}
    for asked in project["project"]["dependencies"]:
        assert re.split(r"[<>=\[]", asked)[0] in locked, asked
    assert "MIT" in (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_every_public_function_of_the_evidence_says_what_it_does():
    for path in sorted((ROOT / "redress" / "attest").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), path.name
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
                assert ast.get_docstring(node), (path.name, node.name)


def test_the_page_of_names_has_every_room_in_the_order_that_the_import_rule_holds():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    rule = project["tool"]["importlinter"]["contracts"][0]["layers"]
    page = (ROOT / "docs" / "naming.md").read_text(encoding="utf-8")
    assert page.split("```")[1].split("\n")[1:-1] == [line.replace("redress.", "") for line in rule]
    listed = re.findall(r"^\| `([a-z/]+?)(?:/|\.py)` \|", page, flags=re.MULTILINE)
    rooms = {room for line in rule for room in line.replace(".", "/").split(" | ")}
    packages = {f"redress/{path.parent.name}" for path in (ROOT / "redress").glob("*/__init__.py")}
    assert set(listed) == rooms and packages <= rooms


def test_assumptions_are_numbered_once_and_whole():
    log = rows("assumptions.md")
    assert [row[0] for row in log] == [f"A{number}" for number in range(1, len(log) + 1)]
    assert all(len(row) == 6 and all(row) for row in log)


def test_commands_and_settings_named_in_the_documentation_exist():
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    for command in set(re.findall(r"`redress ([a-z][a-z-]+)", text)):
        assert command in main.commands, command
    settings = (ROOT / "redress" / "base" / "settings.py").read_text(encoding="utf-8")
    others = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("redress", "orchestration", "expectations")
        for path in (ROOT / folder).rglob("*.py")
    )
    for name in set(re.findall(r"`(REDRESS_[A-Z_]+)[`=]", text)):
        assert name in settings or name in others, name
