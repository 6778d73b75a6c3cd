"""Expressions that councils write: patterns for file names, wildcards, and arithmetic between printed numbers.

A council's expression may be wrong, and may be hostile, but it may not run for ever, fill the memory or end a run with an
error of ours. Every one goes through this module: `fault_of` says at loading what is wrong with it, and what passes is
evaluated in time that grows with its length and with the length of what it looks at.
"""

from __future__ import annotations

import ast
import fnmatch
import functools
import operator
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Literal

import re2
from simpleeval import InvalidExpression, SimpleEval

Kind = Literal["pattern", "wildcard", "relation"]

LONGEST = 1_000
"""Characters of an expression. The longest that anybody has needed has 150."""
MOST_PARTS = 400
"""Numbers, names, signs and calls of a relation; also keeps it shallower than Python's own limit."""
LARGEST_NUMBER = 10**15
"""Of the numbers written in a relation: beyond it not every whole number is a floating-point number."""

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_PARTS = (
    ast.Expression,
    ast.BinOp,
    ast.UnaryOp,
    ast.BoolOp,
    ast.Compare,
    ast.Call,
    ast.Name,
    ast.Load,
    ast.Constant,
    ast.And,
    ast.Or,
    *_OPERATORS,
)
"""What a relation may be made of: arithmetic, comparisons, and, or, not, numbers, names and calls by name."""


class ExpressionError(ValueError):
    """An expression cannot be used; the text says which one and why."""


def fault_of(kind: Kind, text: str) -> str:
    """Return what is wrong with an expression, without evaluating it; '' if it can be used.

    Args:
        kind: `pattern` (a regular expression), `wildcard` (`*`, `?`, `[...]`) or `relation` (arithmetic).
        text: the expression.
    """
    try:
        _READERS[kind](text)
    except ExpressionError as problem:
        return str(problem)
    return ""


def groups_of(pattern: str) -> int:
    """Return how many groups in round brackets a pattern has; raises ExpressionError."""
    return _pattern(pattern).groups


def first_group(pattern: str, text: str) -> str:
    """Return what group 1 of a pattern finds in a text, '' where the pattern is not in it; raises ExpressionError."""
    match = _pattern(pattern).search(text)
    return (match.group(1) or "") if match else ""


@functools.lru_cache(maxsize=4096)
def fits_wildcard(text: str, wildcard: str) -> bool:
    """Return whether a text as a whole is what a wildcard describes, in any case; raises ExpressionError."""
    return _wildcard(wildcard.casefold()).fullmatch(text.casefold()) is not None


def holds(relation: str, numbers: Mapping[str, float], functions: Mapping[str, Callable[..., float]]) -> bool:
    """Return whether a relation between numbers is true.

    Args:
        relation: such as `r0012 == round_to(r0013 / r0014 * 100, 1)`.
        numbers, functions: what its names mean.

    Raises:
        ExpressionError: it cannot be evaluated, or names what there is not.
    """
    tree = _relation(relation)
    evaluator = SimpleEval(operators=_OPERATORS, functions=dict(functions), names=dict(numbers))
    try:
        return bool(evaluator.eval(relation, previously_parsed=tree.body))
    except (InvalidExpression, ArithmeticError, TypeError, ValueError, KeyError, RecursionError) as error:
        raise ExpressionError(
            f"relation '{_short(relation)}' cannot be evaluated: {error or type(error).__name__}"
        ) from error


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]} ... ({len(text):,} characters)"


def _refuse_long(text: str) -> None:
    if len(text) > LONGEST:
        raise ExpressionError(
            f"`{_short(text)}` is too long; an expression has at most {LONGEST:,} characters"
        )


@functools.lru_cache(maxsize=512)
def _pattern(text: str) -> Any:
    """A regular expression of RE2, which finds without going back over the text."""
    _refuse_long(text)
    try:
        return re2.compile(text, _OPTIONS)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        why = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        hint = ": looking ahead or back is not possible" if "(?" in why else ""
        hint = ": referring back to a group is not possible" if "escape sequence" in why else hint
        raise ExpressionError(f"`{_short(text)}` is no pattern that can be used: {why}{hint}") from None
    except UnicodeEncodeError:
        raise ExpressionError("a pattern cannot hold a character that is none (a lone surrogate)") from None


@functools.lru_cache(maxsize=512)
def _wildcard(text: str) -> Any:
    """A wildcard as a regular expression of RE2."""
    _refuse_long(text)
    parts, position = [], 0
    while position < len(text):
        character = text[position]
        end = text.find("]", position + 2 + text.startswith("[!", position)) if character == "[" else -1
        if end > 0:
            # only the set is translated by Python: its stars would come out as what RE2 does not know
            parts.append(
                fnmatch.translate(text[position : end + 1]).removeprefix("(?s:").removesuffix(")\\Z")
            )
            position = end + 1
            continue
        parts.append({"*": ".*", "?": "."}.get(character) or re2.escape(character))
        position += 1
    return _pattern_of_wildcard(text, f"(?s:{''.join(parts)})")


def _pattern_of_wildcard(wildcard: str, pattern: str) -> Any:
    try:
        return re2.compile(pattern, _OPTIONS)
    except (re2.error, UnicodeEncodeError):
        raise ExpressionError(f"`{_short(wildcard)}` is no wildcard that can be used") from None


@functools.lru_cache(maxsize=512)
def _relation(text: str) -> ast.Expression:
    """The parts of a relation, each of a kind that takes one short step to evaluate; whole numbers become floats."""
    _refuse_long(text)
    try:
        with warnings.catch_warnings(action="ignore"):  # of Python's writers, about odd escapes
            tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        why = getattr(error, "msg", None) or type(error).__name__
        raise ExpressionError(f"relation '{_short(text)}' cannot be evaluated: {why}") from None
    parts = list(ast.walk(tree))
    if len(parts) > MOST_PARTS:
        raise ExpressionError(f"relation '{_short(text)}' has {len(parts)} parts; it may have {MOST_PARTS}")
    for part in parts:
        if not isinstance(part, _PARTS) or (isinstance(part, ast.Call) and part.keywords):
            raise ExpressionError(
                f"relation '{_short(text)}' cannot be evaluated: {type(part).__name__} is not allowed; it is made of "
                "numbers, names, + - * / // % **, comparisons, and, or, not"
            )
        if isinstance(part, ast.Constant):
            if isinstance(part.value, bool) or not isinstance(part.value, int | float):
                raise ExpressionError(
                    f"relation '{_short(text)}' cannot be evaluated: {part.value!r} is no number"
                )
            if abs(part.value) > LARGEST_NUMBER:
                raise ExpressionError(f"relation '{_short(text)}' has a number beyond {LARGEST_NUMBER:,}")
            part.value = float(part.value)
    return tree


_READERS: dict[Kind, Callable[[str], Any]] = {
    "pattern": _pattern,
    "wildcard": lambda text: _wildcard(text.casefold()),
    "relation": _relation,
}
