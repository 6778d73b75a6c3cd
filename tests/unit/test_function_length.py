"""No function is longer than a screen, but for those listed with their reason."""

import ast

from redress.base.settings import ROOT

LONGEST = 60
LONGER = {
    "redress/protect/suppress.py:_reduce": "one pass after the other over the same classes of cells",
    "redress/protect/relations.py:_identities": "the notation of the catalogue, read in one place",
    "redress/protect/__init__.py:export": "eight arguments, each described",
}


def test_no_function_is_longer_than_a_screen_without_a_reason():
    found = {
        f"{path.relative_to(ROOT).as_posix()}:{node.name}"
        for folder in ("redress", "orchestration", "expectations")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno >= LONGEST
    }
    assert found == LONGER.keys()
