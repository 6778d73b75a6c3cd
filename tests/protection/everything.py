"""Attack all that the last build let out: every council's reports, with the reader who believes what he sees.

    python -m tests.protection.everything

`make attack` runs it. Numbers are those of the export, and of the pages that were made of it. Prints a line for each council and
ends with 1 where a suppressed count is placed more narrowly than its interval.
"""

from __future__ import annotations

import re
import sys
import time
from collections import defaultdict

import duckdb
import pyarrow as pa

from redress.base.settings import Settings, database_in_force
from redress.protect.merge import Merged, add_up
from tests.protection.attacker import Council, Remainders, attack_all, attack_merged, broken


def main() -> int:
    """Attack the export in force; returns the exit code."""
    settings = Settings.from_environment()
    published: dict[str, list[dict]] = defaultdict(list)
    pages = _told_on_pages(settings)
    placed = 0
    for row in _table(settings, "figures"):
        if row["status"] == "suppressed" and row["figure_id"] in pages:
            row["value"] = pages[row["figure_id"]]
            print(f"{row['figure_id']} is suppressed, and a page says {row['value']:g}")
            placed += 1
        published[row["authority"]].append(row)
    merged: dict[str, list[Merged]] = defaultdict(list)
    for row in _table(settings, "reports"):
        lines = filter(None, (row["merged"] or "").split("\n"))
        merged[row["authority"]] += [Merged.from_line(row["reporting_year"], line) for line in lines]
    widths = {row["authority"]: row["protection_interval"] for row in _table(settings, "protection")}
    with duckdb.connect(str(database_in_force(settings)), read_only=True) as connection:
        cursor = connection.execute(
            "select * from figures.figures order by authority, reporting_year, figure_id"
        )
        names = [column[0] for column in cursor.description]
        figures: dict[str, list[dict]] = defaultdict(list)
        for values in cursor.fetchall():
            row = dict(zip(names, values, strict=True))
            figures[row["authority"]].append(row)
        tree = connection.execute(
            "select authority, service, parent_service from marts.dim_service order by all"
        ).fetchall()
    began = time.process_time()
    councils = {}
    for council in sorted(published):
        parents = {
            service.replace(";", ","): above.replace(";", ",") if above else None
            for authority, service, above in tree
            if authority == council
        }
        rows, groups = _remainders(figures[council], merged[council], parents)
        councils[council] = Council(published[council], [*figures[council], *rows], parents, groups)
    found = dict(zip(councils, attack_all(list(councils.values())), strict=True))
    for name, council in councils.items():
        inside = attack_merged(council, [other for other in councils.values() if other is not council])
        narrow = broken([*found[name], *inside], widths[name])
        exact = [one for one in narrow if one.low == one.high]
        small = [one for one in narrow if 0 < one.truth <= 5]
        print(
            f"{name}: {len(found[name]):,} suppressed and {len(inside):,} merged counts attacked, {len(narrow)} placed more narrowly "
            f"than promised, {len(exact)} of them exactly, {len(small)} of them 1 to 5",
            flush=True,
        )
        for one in narrow[:10]:
            print(f"    {one.identity}: {one.low:g} to {one.high:g}, is {one.truth:g}")
        placed += len(narrow)
    print(f"{time.process_time() - began:.0f} s of CPU")
    return 1 if placed else 0


def _remainders(
    figures: list[dict], merged: list[Merged], parents: dict[str, str | None]
) -> tuple[list[dict], Remainders]:
    """Return the figures of merged rows, and what each adds up; remainders of services get the parent of what they merge."""
    added = add_up(figures, merged)
    for one in merged:
        if one.key == "service":
            parents[one.word] = parents.get(one.members[0])
    of = {
        row["figure_id"]: (row["measure"], row["breakdown"], row["period"]) for row in [*figures, *added.rows]
    }
    return added.rows, {
        of[name]: tuple(of[member] for member in added.members[name]) for name in added.members
    }


LINKED = re.compile(r'data-figure="([^"]+)"[^>]*>\s*([0-9][0-9,.]*)\s*%?\s*<')
"""A number on a page, in a table or a sentence, with the figure that it is."""


def _told_on_pages(settings: Settings) -> dict[str, float]:
    """Return the number of each figure as a page of the website states it."""
    told: dict[str, float] = {}
    for page in sorted((settings.build / "site").rglob("*.html")):
        for figure, number in LINKED.findall(page.read_text(encoding="utf-8")):
            told[figure] = float(number.replace(",", ""))
    return told


def _table(settings: Settings, name: str) -> list[dict]:
    """The rows of a table of the export in force."""
    with pa.OSFile(str(settings.state / "protected" / f"{name}.arrow")) as file:
        return pa.ipc.open_stream(file).read_all().to_pylist()


if __name__ == "__main__":
    sys.exit(main())
