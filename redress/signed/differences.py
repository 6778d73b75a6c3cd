"""Figures that two states of a report show differently."""

from __future__ import annotations

from collections.abc import Mapping

DIFFERENCES = (
    "authority",
    "reporting_year",
    "figure_id",
    "measure",
    "breakdown",
    "period",
    "was",
    "is",
    "signed_as_at",
    "as_at",
)
COMPARED = ("value", "numerator", "denominator", "unit", "status")


def differences(
    before: Mapping[str, Mapping[str, str]], now: Mapping[str, Mapping[str, str]]
) -> list[dict[str, str]]:
    """Return figures that differ between two states of a report.

    Args:
        before, now: figure id -> row of figures.csv.

    Returns:
        list: figure_id, measure, breakdown, period, was, is; `was` or `is` is empty where there was or is no
        such figure. A changed numerator or denominator is a difference also where the value stays the same,
        and is then written with it.
    """
    rows = []
    for figure_id in sorted(before.keys() | now.keys()):
        old, new = before.get(figure_id), now.get(figure_id)
        if old and new and all(old[name] == new[name] for name in COMPARED):
            continue
        known = new or old
        assert known is not None
        texts = [_shown(old), _shown(new)]
        if old and new and old["value"] == new["value"]:
            texts = [_shown(old, with_counts=True), _shown(new, with_counts=True)]
        rows.append(
            {name: known[name] for name in ("figure_id", "measure", "breakdown", "period")}
            | {"was": texts[0], "is": texts[1]}
        )
    return rows


def _shown(row: Mapping[str, str] | None, with_counts: bool = False) -> str:
    """Return a figure for a list of differences: empty where there is none, `blank` where it has no value."""
    if row is None:
        return ""
    value = row["value"] or "blank"
    if not with_counts:
        return value
    return (
        f"{value} ({row['numerator'] or '-'} of {row['denominator'] or '-'}, {row['unit']}, {row['status']})"
    )
