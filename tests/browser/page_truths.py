"""What a page of a report must not say of its export: read from the built page and the figures, and from nothing else.

Every function returns faults as sentences; none where the page tells the truth.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from html import unescape
from typing import Any

from redress.base.settings import ROOT
from redress.contract.breakdown import listed_keys, pairs_of

Figures = Mapping[str, Mapping[str, Any]]
"""Rows of the export's `figures` of one report, by `figure_id`."""

_NUMBER = re.compile(r'data-figure="([^"]+)"[^>]*>(.*?)</(?:a|span)>', re.DOTALL)
_HIDDEN = re.compile(r'data-identity="([^"]+)"')
_SILENCE = re.compile(r'<p class="none" data-why="(\w+)" data-of="([^"]*)">(.*?)</p>', re.DOTALL)
_TABLE = re.compile(r"<table>(.*?)</table>(.*?)(?=<div class=\"table\"|<h[1-4]|</main>)", re.DOTALL)
_YEAR = re.compile(r"\b(20\d\d)/(\d\d)\b")
_ROW = re.compile(r"<tr[^>]*><th scope=\"row\">(.*?)</th>.*?</tr>", re.DOTALL)
_SECTION = re.compile(r'<h2[^>]* id="([^"]+)"[^>]*>(.*?)(?=<h2|</main>)', re.DOTALL)

Identity = tuple[str, frozenset[tuple[str, str]], str]


def plain(html: str) -> str:
    """Return what is read of a piece of HTML."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).strip()


def breakdown_of(text: str) -> dict[str, str]:
    """Return `key=value;key=value` as a dict."""
    return dict(pairs_of(text))


def _identity(measure: str, breakdown: Mapping[str, str], period: str) -> Identity:
    return measure, frozenset(breakdown.items()), period


def _same_by_catalogue() -> list[tuple[str, str, str, str]]:
    """Return measures that are another with one value of one key: (measure, other, key, value)."""
    catalogue = ROOT / "seeds" / "reference" / "figure_catalogue.csv"
    same = []
    with catalogue.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for term in row["identities"].split("|"):
                if match := re.fullmatch(r"(\w+)\[(\w+)=(\w+)\]", term.strip()):
                    same.append((row["measure"], *match.groups()))
    return same


def equals(identity: Identity, limits: Mapping[tuple[str, str], tuple[int, int]]) -> Iterable[Identity]:
    """Return other names of one number.

    Args:
        identity: of a figure.
        limits: first and longest limit of a procedure and stage, where they were the same all year.
    """
    measure, pairs, period = identity
    breakdown = dict(pairs)
    for name, other, key, value in _same_by_catalogue():
        if measure == name and key not in breakdown:
            yield _identity(other, breakdown | {key: value}, period)
        if measure == other and breakdown.get(key) == value:
            yield _identity(name, {k: v for k, v in breakdown.items() if k != key}, period)
    days = limits.get((breakdown.get("procedure", ""), breakdown.get("stage", "")))
    for place, limit in enumerate(("standard", "extended")) if days else ():
        for suffix in ("", "_share"):
            if measure == f"responses_within_{limit}{suffix}":
                yield _identity(
                    f"responses_in_band{suffix}", breakdown | {"band": f"0-{days[place]}"}, period
                )


def hidden_beside_shown(
    html: str, figures: Figures, limits: Mapping[tuple[str, str], tuple[int, int]]
) -> list[str]:
    """Return numbers that the page hides in one place and shows under another name in another."""
    shown: dict[Identity, str] = {}
    hidden: list[Identity] = []
    for figure_id, printed in _NUMBER.findall(html):
        row = figures[unescape(figure_id)]
        identity = _identity(row["measure"], breakdown_of(row["breakdown"]), row["period"])
        if plain(printed).startswith("[c]"):
            hidden.append(identity)
        else:
            shown[identity] = plain(printed)
    for text in _HIDDEN.findall(html):
        measure, breakdown, period = unescape(text).split("|")
        hidden.append(_identity(measure, breakdown_of(breakdown), period))
    return [
        f"{identity} is [c] and is shown as {shown[other]}: {other}"
        for identity in hidden
        for other in (identity, *equals(identity, limits))
        if other in shown
    ]


def silent_beside_figures(html: str, figures: Figures, year: str, not_held: Iterable[str] = ()) -> list[str]:
    """Return sentences that say that nothing is recorded, or that there was none, where the export has figures.

    What a council is said not to record is in no figure of the report: that would be “not for these”.
    """
    lacking = set(not_held)
    known = {
        key
        for row in figures.values()
        for key, value in breakdown_of(row["breakdown"]).items()
        if value not in ("not_known", "not_applicable") and row["status"] != "not_available"
    }
    measures = {row["measure"] for row in figures.values()}
    faults = []
    for why, of, words in _SILENCE.findall(html):
        for asked in unescape(of).split() if why in ("not_recorded", "not_recorded_here", "none") else ():
            measure, _, keys = asked.partition("|")
            wanted = listed_keys(keys)
            is_here = measure in measures - lacking and wanted and known.issuperset(wanted)
            if why == "not_recorded" and is_here and not any(f"key:{key}" in lacking for key in wanted):
                faults.append(f"“{plain(words)}” stands where other figures have {keys}")
            if measure in lacking or any(f"key:{key}" in lacking for key in wanted):
                continue
            for row in figures.values():
                breakdown = breakdown_of(row["breakdown"])
                if row["measure"] != measure or row["period"] != year or sorted(breakdown) != sorted(wanted):
                    continue
                if row["value"] and not (wanted and "not_known" in breakdown.values()):
                    faults.append(f"“{plain(words)}” stands where {row['figure_id']} is {row['value']}")
                    break
    return faults


def years_without_this_one(html: str, figures: Figures, year: str) -> list[str]:
    """Return tables over years in which the report's own year is missing, though there are figures, and no word says why."""
    label = year.replace("-", "/")
    by_identity = {
        _identity(row["measure"], breakdown_of(row["breakdown"]), row["period"]): row
        for row in figures.values()
    }
    faults = []
    for table, after in _TABLE.findall(html):
        head = table.partition("</thead>")[0]
        labels = [
            plain(cell) for cell in re.findall(r"<th scope=\"col\"[^>]*>(.*?)</th>", head, re.DOTALL)[1:]
        ]
        labels += [plain(cell) for cell in _ROW.findall(table)]
        years = {
            match[0]
            for match in map(_YEAR.fullmatch, (text.removesuffix(" (%)") for text in labels))
            if match
        }
        if not years or label in years or label in plain(after):
            continue
        for figure_id, _ in _NUMBER.findall(table):
            row = figures[unescape(figure_id)]
            now = by_identity.get(_identity(row["measure"], breakdown_of(row["breakdown"]), year))
            if now is not None and row["period"] != year:
                faults.append(
                    f"the table of {sorted(years)} lacks {label}, of which there is {now['figure_id']}"
                )
                break
    return faults


ANSWERED_BY = {
    "How many complaints were made": r"new_complaints$",
    "How many were dealt with at each stage": r"(entered|responses|closed)$",
    "How many went to the Ombudsman": r"ombudsman_received$",
    "Which groups of people complained": r"new_complaints",
    "What complaints were about": r"new_complaints|issues_raised|complaint_themes",
    "What was found": r".*outcome|.*upheld",
    "Whether answers came within the time limits": r"responses_within_|responses_in_band",
    "Help from advocates": r"new_complaints",
    "Age, sex, disability and ethnicity of those who complained": r"new_complaints",
    "What was learned": r"learning_|new_complaints_with_learning",
    "What people said of how they were dealt with": r"satisfaction_answers",
    "How the year compares with the years before": r"new_complaints",
}
"""Points of the checklist -> what the measures begin with whose numbers answer them; the others are answered in words."""


def ticks_beside_nothing(checklist: str, pages: Mapping[str, str], figures: Figures) -> list[str]:
    """Return points that the checklist ticks, and that the section it links to does not answer.

    Args:
        checklist: the page.
        pages: the report's pages by their path below the report (`stages/`; blank for the first).
        figures: of the report.
    """
    faults = []
    for row in re.findall(r"<tr><th scope=\"row\">.*?</tr>", checklist, re.DOTALL):
        point = plain(_ROW.match(row)[1])  # type: ignore[index]
        link = re.search(r'href="([^"]+)"', row.rpartition("<td>")[2])
        if link is None:
            continue
        path, _, place = unescape(link[1]).partition("#")
        html = pages.get(path.removeprefix("../").removeprefix("./"), "")
        section = dict(_SECTION.findall(html)).get(place, "")
        numbers = [
            figures[unescape(figure_id)]["measure"]
            for figure_id, printed in _NUMBER.findall(section)
            if re.search(r"\d|^(no|none|all)\b", plain(printed), re.IGNORECASE)
        ]
        is_in_words = bool(re.search(r"<p>(?=[^<]*\w)|<ul class=\"actions\">", section))
        if point not in ANSWERED_BY and not is_in_words:
            faults.append(f"“{point}” is ticked and nothing is written in #{place} of {path}")
        if point in ANSWERED_BY and not any(re.match(ANSWERED_BY[point], measure) for measure in numbers):
            faults.append(f"“{point}” is ticked and no number in #{place} of {path} answers it")
    return faults
