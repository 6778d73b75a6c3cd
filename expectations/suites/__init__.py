"""The suites: each a tuple of families of checks. The order is the order of `checks.csv`."""

from __future__ import annotations

from expectations.equations import Family
from expectations.suites import figures, intake, reconciliation

SUITES: dict[str, tuple[Family, ...]] = {
    "intake": intake.FAMILIES,
    "reconciliation": reconciliation.FAMILIES,
    "figures": figures.FAMILIES,
}

FAMILIES: tuple[Family, ...] = tuple(family for families in SUITES.values() for family in families)
