"""A relation between printed numbers, as a council writes it in its register of contradictions.

    round_to(100 * r0031 / (r0029 - r0031), 0) == r0030

Numbers, names of refs (`r` and the last part of a ref), `+ - * /`, comparisons, `and`, `or`, `not`, and a few
functions. Nothing else is evaluated, and every step is a double or a truth value, so that the time and the memory are
bounded whatever is written. The layout of the language is Python's, which reads it; none of it is run as Python.
"""

from __future__ import annotations

import ast
import math
import operator
import warnings
from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

LONGEST = 1_000
"""Characters of a relation. The longest of the councils that come with the project has some 230."""
MOST_PARTS = 400
"""Numbers, names, signs and calls of a relation. The largest of those councils has some 50."""
LARGEST_NUMBER = 10**15
"""Of the numbers written in a relation: beyond it not every whole number is a double."""
DEEPEST = 150
"""How deep the parts of a relation may lie in one another."""
MOST_PLACES = 12
_DIGITS = 400
"""No double has a digit further than this from its point."""
_ROUNDING = Context(prec=2 * _DIGITS, rounding=ROUND_HALF_UP)

_OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_SIGNS: dict[type, Callable[[Any], float]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
}
_PARTS = (ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.And, ast.Or, ast.Load)
_ALLOWED = "numbers, names of refs such as r0012, + - * /, comparisons, and, or, not, and the functions "


class RelationProblem(ValueError):
    """A relation that cannot be read or evaluated; the text says why."""


def round_half_away(value: float, places: int) -> float:
    """Return `value` rounded half away from zero to `places` decimals, as numbers are printed (counting rules).

    Any number has an answer: what is no finite number comes back as it is.
    """
    if not math.isfinite(value):
        return float(value)
    unit = Decimal(1).scaleb(-max(-_DIGITS, min(places, _DIGITS)))
    return float(Decimal(repr(float(value))).quantize(unit, context=_ROUNDING))


def round_to(value: float, places: float) -> float:
    """Return what `round_half_away` gives, as a relation may ask for it.

    Raises:
        ValueError: there is no such number, or no so many decimals.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} cannot be rounded")
    if not abs(places) <= MOST_PLACES:
        raise ValueError(f"{places:g} decimals are too many; at most {MOST_PLACES}")
    return round_half_away(value, int(places))


FUNCTIONS: dict[str, Callable[..., float]] = {
    "round_to": round_to,
    "abs": abs,
    "min": min,
    "max": max,
    "sum": lambda *numbers: math.fsum(numbers),
}
WITH_REFERENCE = ("working_days",)
"""Functions that need reference data, given by whoever evaluates."""


def relation_problem(relation: str, refs: Iterable[str]) -> str | None:
    """Return what is wrong with a relation before any number is put in, in words; None where it can be evaluated.

    Args:
        relation: as written.
        refs: the names that it may use, such as `r0012`.
    """
    known = set(refs)
    try:
        tree = _parsed(relation)
        for node in ast.walk(tree):
            _refuse_what_is_not_arithmetic(node, known)
    except RelationProblem as problem:
        return str(problem)
    return None


def evaluate_relation(
    relation: str, printed: Mapping[str, float], functions: Mapping[str, Callable[..., float]] | None = None
) -> bool:
    """Return whether a relation holds.

    Args:
        relation: as written.
        printed: numbers by the names that it uses.
        functions: further functions by name.

    Raises:
        RelationProblem: it cannot be read, names what is not there, divides by zero, or a number in it becomes too
            large to be told from others.
    """
    problem = relation_problem(relation, printed)
    if problem:
        raise RelationProblem(problem)
    try:
        return bool(_value(_parsed(relation), printed, {**FUNCTIONS, **(functions or {})}))
    except ZeroDivisionError:
        raise RelationProblem("it divides by zero") from None
    except (ArithmeticError, TypeError, ValueError) as error:
        raise RelationProblem(str(error)) from error


def _parsed(relation: str) -> ast.expr:
    """Return the relation as a tree, with at most `MOST_PARTS` parts and not deeper than `DEEPEST`."""
    if len(relation) > LONGEST:
        raise RelationProblem(f"it has {len(relation):,} characters; it may have {LONGEST:,}")
    try:
        with warnings.catch_warnings(action="ignore"):  # of Python's writers, about odd escapes
            tree = ast.parse(relation.strip(), mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise RelationProblem(f"it is no relation: {getattr(error, 'msg', None) or error}") from None
    except (RecursionError, MemoryError):
        raise RelationProblem(f"its parts lie more than {DEEPEST} deep in one another") from None
    parts = sum(not isinstance(node, ast.Load) for node in ast.walk(tree))
    if parts > MOST_PARTS:
        raise RelationProblem(f"it has {parts} parts; it may have {MOST_PARTS}")
    layer: list[ast.AST] = [tree]
    depth = 0
    while layer:
        depth += 1
        if depth > DEEPEST:
            raise RelationProblem(f"its parts lie more than {DEEPEST} deep in one another")
        layer = [child for node in layer for child in ast.iter_child_nodes(node)]
    return tree


def _refuse_what_is_not_arithmetic(node: ast.AST, refs: set[str]) -> None:
    """Raise RelationProblem for a part of a relation that is not in its language."""
    functions = (*FUNCTIONS, *WITH_REFERENCE)
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise RelationProblem(f"`{str(node.value)[:40]}` in it is no number")
        if abs(node.value) > LARGEST_NUMBER:
            raise RelationProblem(f"a number in it is too large; it may be up to {LARGEST_NUMBER:,}")
    elif isinstance(node, ast.Name):
        if node.id not in refs and node.id not in functions:
            raise RelationProblem(f"there is no printed number `{node.id[:40]}` in the report")
    elif isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Name) or node.func.id not in functions or node.keywords:
            raise RelationProblem(f"it calls what is none of {', '.join(functions)}")
    elif not isinstance(node, _PARTS) and type(node) not in _OPERATORS and type(node) not in _SIGNS:
        raise RelationProblem(
            f"it holds what is no arithmetic ({type(node).__name__}). It may hold {_ALLOWED}{', '.join(functions)}"
        )


def _value(
    node: ast.expr, printed: Mapping[str, float], functions: Mapping[str, Callable[..., float]]
) -> float | bool:
    """Return the value of a part of a relation that has passed `relation_problem`."""
    if isinstance(node, ast.Constant):
        assert isinstance(node.value, int | float)
        return _finite(float(node.value))
    if isinstance(node, ast.Name):
        if node.id not in printed:
            raise RelationProblem(f"there is no printed number `{node.id}` in the report")
        return float(printed[node.id])
    if isinstance(node, ast.Call):
        assert isinstance(node.func, ast.Name)
        given = [_value(argument, printed, functions) for argument in node.args]
        if node.func.id not in functions:
            raise RelationProblem(f"the function `{node.func.id}` is not there")
        return _finite(float(functions[node.func.id](*given)))
    if isinstance(node, ast.UnaryOp):
        return _SIGNS[type(node.op)](_value(node.operand, printed, functions))
    if isinstance(node, ast.BoolOp):
        combined = all if isinstance(node.op, ast.And) else any
        return combined(_value(part, printed, functions) for part in node.values)
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left, printed, functions), _value(node.right, printed, functions)
        return _finite(float(_OPERATORS[type(node.op)](left, right)))
    assert isinstance(node, ast.Compare)
    parts = [_value(part, printed, functions) for part in (node.left, *node.comparators)]
    pairs = zip(node.ops, parts, parts[1:], strict=False)
    return all(_OPERATORS[type(op)](left, right) for op, left, right in pairs)


def _finite(number: float) -> float:
    """Return the number; raise RelationProblem where it is none."""
    if not math.isfinite(number):
        raise RelationProblem("a number in it becomes too large")
    return number
