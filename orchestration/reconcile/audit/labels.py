"""What a single row cannot say: counts that are not whole, periods that do not exist, labels out of place."""

from __future__ import annotations

from orchestration.reconcile.audit import periods
from orchestration.reconcile.audit.book import Book
from orchestration.reconcile.audit.relations import number
from orchestration.reconcile.audit.structure import Figure

_COUNTED = {"count", "number", "people", "persons", "mentions", "n", "no", "complaints", "cases", "children", "#", "counts"}


def findings(book: Book) -> list[dict]:
    """Drafts of findings that one row, or one row and its place, is enough for."""
    drafts = []
    for one in book.figures:
        drafts += _of_value(one)
        drafts += _of_period(one)
    return drafts


def _draft(severity: str, figure: Figure, family: str, statement: str, expected: str, found: str) -> dict:
    return {"severity": severity, "refs": {figure.ref}, "family": family, "statement": statement, "expected": expected,
            "found": found, "likely": figure.ref}


def _of_value(one: Figure) -> list[dict]:
    drafts = []
    value = one.value
    if value.status == "number" and one.kind == "count" and not one.role and one.row.unit.strip().lower() in _COUNTED:
        if abs(value.number - round(value.number)) > 1e-9:
            drafts.append(_draft("contradiction", one, "counts whole and not negative",
                                 f"{one.printed} is printed for {one.name}, and a count is a whole number.",
                                 "a whole number", one.printed))
        if value.number < 0:
            drafts.append(_draft("contradiction", one, "counts whole and not negative",
                                 f"{one.printed} is printed for {one.name}, and nothing is counted fewer than 0 times.",
                                 "0 or more", one.printed))
    if value.status == "number" and one.kind == "share" and not one.role:
        if value.high < 0 or (value.low > 100 and "per" not in one.row.measure.lower().split("_")
                              and "children" not in one.row.measure.lower()):
            drafts.append(_draft("contradiction", one, "percentage in its range",
                                 f"{one.printed} is printed for {one.name}, and a share lies between 0 and 100%.",
                                 "0% to 100%", one.printed))
    if value.status == "number" and one.kind == "days" and value.high < 0:
        drafts.append(_draft("contradiction", one, "average in its range",
                             f"{one.printed} is printed for {one.name}, and no stretch of time is shorter than nothing.",
                             "0 or more", one.printed))
    return drafts


def _of_period(one: Figure) -> list[dict]:
    drafts = []
    for kind, fault in one.faults:
        label = one.row.period.strip() if kind == "period" else one.row.value.strip()
        drafts.append(_draft("label", one, "period label" if kind == "period" else "dates in order",
                             f"{one.row.locator.strip()}: {fault} ({one.name}).",
                             "a period that exists" if kind == "period" else "a day that exists", label))
    printed = one.notes.get("period_as_printed")
    if printed and one.period.end:
        other = periods.read(printed)
        if other.end and other.key != one.period.key:
            drafts.append(_draft("label", one, "period label",
                                 f"{one.row.locator.strip()} prints {printed} over a figure of {one.row.period.strip()} "
                                 f"({one.name}).", one.row.period.strip(), printed))
    return drafts


__all__ = ["findings", "number"]
