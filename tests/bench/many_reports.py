"""Time and memory of the website for many council-years: copies of the protected export of the last build.

    python -m tests.bench.many_reports 200

Run `redress build` before. Prints seconds of the whole site, of its pages (Evidence) and of what is made from them, the
largest memory of any one process, pages, files and bytes. What is built is thrown away.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from orchestration import publish
from orchestration.protect import write_stream
from orchestration.publish.open_data import read_stream
from orchestration.settings import Settings


def copies(protected: Path, target: Path, wanted: int) -> int:
    """Write an export of `wanted` reports: each authority again and again, under names of its own.

    Returns:
        Reports written; fewer than wanted by less than the reports of one export.
    """
    target.mkdir(parents=True)
    reports = read_stream(protected / "reports.arrow").num_rows
    rounds = max(1, wanted // reports)
    for stream in sorted(protected.glob("*.arrow")):
        table = read_stream(stream)
        if "authority" in table.column_names:
            table = pa.concat_tables([_renamed(table, number) for number in range(rounds)])
        write_stream(table, target / stream.name)
    return reports * rounds


def _renamed(table: pa.Table, number: int) -> pa.Table:
    """A table whose authorities, and the names of their figures, are others; rows of no authority stay once."""
    if number == 0:
        return table
    table = table.filter(pc.not_equal(pc.fill_null(table["authority"], ""), ""))
    for name in ("authority", "figure_id", "name", "short_name"):
        if name in table.column_names:
            ending = f" {number}" if name.endswith("name") else f"-x{number}"
            table = table.set_column(
                table.column_names.index(name), name, pc.binary_join_element_wise(table[name], ending, "")
            )
    return table


def main() -> None:
    """Build the site of many reports and print what it took."""
    settings = Settings.from_environment()
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reports = copies(settings.state / "protected", folder / "protected", wanted)
        spent: dict[str, float] = {}
        for step in ("run_evidence", "finish"):
            setattr(publish, step, _timed(getattr(publish, step), step, spent))
        start = time.monotonic()
        built = publish.build_site(
            Settings(root=settings.root, build=folder / "build"), folder / "protected", folder / "site"
        )
        took = time.monotonic() - start
        files = sum(path.is_file() for path in (folder / "site").rglob("*"))
    largest = max(
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(f"reports           {reports:,}")
    print(f"pages             {built['pages']:,}")
    print(f"files             {files:,}, {built['bytes'] / 1e6:,.0f} MB")
    print(f"seconds           {took:,.0f} (pages {spent['run_evidence']:,.0f}, then {spent['finish']:,.0f})")
    print(f"largest process   {largest / 1e3:,.0f} MB")


def _timed(function, name: str, spent: dict[str, float]):
    def timed(*given):
        start = time.monotonic()
        result = function(*given)
        spent[name] = time.monotonic() - start
        return result

    return timed


if __name__ == "__main__":
    main()
