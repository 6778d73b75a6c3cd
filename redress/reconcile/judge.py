"""The families of checks that need more than a query, and the one place that judges them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from redress.base.blame import FileTrouble, explained
from redress.base.check import Check
from redress.base.settings import Settings
from redress.reconcile.families import (
    cases_behind,
    figures_audited,
    printed_audited,
    printed_compared,
    signed,
    words,
)


@dataclass(frozen=True)
class Work:
    """What the families work on.

    Attributes:
        settings: where the warehouse is.
        out_dir: the folder to write into.
        folders: {authority: its folder}.
        owner: (authority, contract table) -> who can put it right.
    """

    settings: Settings
    out_dir: Path
    folders: dict[str, Path]
    owner: Callable[[str, str], str]


class Family(NamedTuple):
    """A family of checks, and the function that judges it."""

    name: str
    judge: Callable[[Work], list[Check]]


FAMILIES = (
    Family(
        printed_compared.FAMILY,
        lambda work: printed_compared.checks(work.settings, work.out_dir, work.folders, work.owner),
    ),
    Family(figures_audited.FAMILY, lambda work: figures_audited.checks(work.settings.database, work.owner)),
    Family(
        printed_audited.FAMILY,
        lambda work: printed_audited.checks(work.settings, work.out_dir, work.folders, work.owner),
    ),
    Family(cases_behind.FAMILY, lambda work: cases_behind.checks(work.settings.database)),
    Family(signed.FAMILY, lambda work: signed.checks(work.settings)),
)
"""The families, in the order of `checks.csv`."""

RULES = "table_rules"
"""The family of the rules of whole tables, which comes between the suites and these."""


def judged(family: Family, work: Work) -> list[Check]:
    """Return the checks of a family, or the one that says that it could not be evaluated: it must block, not vanish.

    Raises:
        FileTrouble: what it reads is held by another program, damaged or away; that is no verdict on any figure.
    """
    try:
        return family.judge(work)
    except Exception as error:
        trouble = explained(error)
        if isinstance(trouble, FileTrouble):
            raise trouble from error
        says = words.families([family.name])[family.name].says
        return [
            Check.error(
                family.name, "judged", f"{says} This was not evaluated: {type(error).__name__}: {error}"
            )
        ]
