"""Records of other departments in an export of the whole council: which column tells them, and the rule that leaves them out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

import polars as pl

from redress.authority.left_open import GUESS
from redress.draft.columns import Column, columns_of
from redress.draft.drafted import Filled
from redress.draft.opened import Opened
from redress.draft.yaml_text import flow, scalar

_DEPARTMENT = re.compile(
    r"directorate|department|division|portfolio|function|\bdept\b|service|\barea\b|business", re.I
)
_CHILDRENS = re.compile(
    r"child|famil|young|youth|foster|adopt|looked after|\bsend?\b|special educational|early help|safeguard|\bcsc\b|\bcypf?s?\b|"
    r"education|school|care lea?v|leaving care|inclusion|\bmash\b|\blac\b|\bcic\b|assessment|disab|permanence|court team|first response",
    re.I,
)
_OTHERS = re.compile(
    r"hous|highway|waste|\bbins?\b|environment|planning|council tax|benefit|parking|adults?\b|leisure|librar|revenue|elector|licens|street|"
    r"refuse|recycl|transport|\bparks?\b|public health|tenan|\brents?\b|repairs|cemeter|registrar|regulat|trading standards|customer serv|"
    r"legal|finance|corporate (?:services|resources|centre)|governance|digital|\bict\b|human resources|property|regeneration|growth|place\b|communities|resources|economy",
    re.I,
)
COMPLAINT = re.compile(r"complain|statutory|corporate|stage|informal|concern|representation", re.I)
"""What says of a record that it is a complaint."""


def without_other_departments(
    opened: Opened, shown_of: Callable[[Iterable[str]], list[str]] = list, keeps_column: bool = False
) -> tuple[Opened, Filled | None, int]:
    """Return a table without the records of other departments, the rule that leaves them out, and how many they are.

    Args:
        opened: the table.
        shown_of: gives those of some words that may stand in a draft; a column with others says nothing here.
        keeps_column: whether the column of departments is all that is known of the service.
    """
    ranked = sorted(
        (column for column in opened.columns if column.is_vocabulary and len(column.values) <= 25),
        key=lambda column: (bool(re.search("service|team", column.heading, re.I)), len(column.values)),
    )
    for column in ranked:
        own = [
            word for word in column.values if _CHILDRENS.search(word) and not re.search("adult", word, re.I)
        ]
        others = [word for word in column.values if word not in own and _OTHERS.search(word)]
        says_what = sum(bool(COMPLAINT.search(word)) for word in column.values) * 2 >= len(column.values)
        if says_what or len(shown_of(column.values)) < len(column.values):
            continue  # it says what a record is and not whose, or holds what may not be written down
        named = len(own) + len(others) > 0.6 * len(column.values)
        is_plain = len(own) + len(others) == len(column.values) and any(
            "child" in word.casefold() for word in own
        )
        fewest = 1 if is_plain or _DEPARTMENT.search(column.heading) else 2
        if not own or not named or len(others) < (3 if re.search("team", column.heading, re.I) else fewest):
            continue
        unsure = [
            word
            for word in column.values
            if word not in own and word not in others and not Column.stands_for_blank(word)
        ]
        left = sum(column.values[word] for word in others)
        told = f"{left} of {column.rows} records are left out, kept are {_counted(own, column)}"
        if unsure:
            told += f"; kept too, though they may be others': {_counted(unsure, column)}"
        rule = f"[{{column: {scalar(column.heading, True)}, in: {flow(others)}}}]"
        cell = pl.col(str(column.position)).str.strip_chars()
        kept = opened.sheet.frame.filter(~cell.is_in(others))
        sheet = type(opened.sheet)(opened.sheet.header, kept, kept.height)
        columns = [
            other
            for other in columns_of(sheet)
            if keeps_column or len(own) > 2 or other.position != column.position
        ]
        called = {other.position: other.name for other in opened.columns}
        columns = [other for other in columns if other.position in called]
        for other in columns:
            other.name = called[other.position]
        smaller = replace(opened, sheet=sheet, columns=columns)
        return smaller, Filled("leave_out", rule, f"{GUESS} {told}"), left
    return opened, None, 0


def _counted(words: Iterable[str], column: Column) -> str:
    listed = sorted(words, key=lambda word: -column.values[word])[:8]
    return ", ".join(f"{word} {column.values[word]}" for word in listed)
