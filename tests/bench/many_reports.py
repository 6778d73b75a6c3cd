"""Time and memory of the website for many council-years: copies of the protected export of the last build.

    python -m tests.bench.many_reports 200

Run `redress build` before. Prints seconds, and seconds of processors, of the whole site and of its steps; the largest
memory of all processes together (each shared page counted once, Linux only); pages, files and bytes. What is built is
thrown away. Processor seconds of Chromium are in none of the sums: its helpers are not waited for.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc

from redress import publish
from redress.base.settings import Settings
from redress.protect.streams import write_stream
from redress.publish.open_data import read_stream


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


STEPS = {
    "write_open_data": publish.parts.open_data,
    "compiled": publish.program,
    "render": publish.program,
    "keep": publish.parts,
    "finish": publish.parts,
    "read_pages": publish,
    "problems": publish,
}


def main() -> None:
    """Build the site of many reports and print what it took."""
    settings = Settings.from_environment()
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reports = copies(settings.state / "protected", folder / "protected", wanted)
        spent: dict[str, tuple[float, float]] = {}
        for step, home in STEPS.items():
            setattr(home, step, _timed(getattr(home, step), step, spent))
        with LargestMemory() as memory:
            start, used = time.monotonic(), processor_seconds()
            built = publish.build_site(
                Settings(root=settings.root, build=folder / "build"), folder / "protected", folder / "site"
            )
            spent["all"] = (time.monotonic() - start, processor_seconds() - used)
        files = sum(path.is_file() for path in (folder / "site").rglob("*"))
    print(f"reports           {reports:,}")
    print(f"pages             {built['pages']:,}")
    print(f"files             {files:,}, {built['bytes'] / 1e6:,.0f} MB")
    for step, (seconds, processors) in spent.items():
        print(f"{step:18s}{seconds:,.0f} s, {processors:,.0f} s of processors")
    print(f"largest memory    {memory.megabytes:,.0f} MB, all processes together")


def processor_seconds() -> float:
    """Seconds of processors that this process and those that it waited for have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


class LargestMemory:
    """Looks twice a second at the memory of this process and of all that it started.

    Attributes:
        megabytes: the largest sum seen; 0 where the system does not say.
    """

    def __init__(self) -> None:
        self.megabytes = 0.0
        self._ended = threading.Event()
        self._looking = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._looking.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._ended.set()
        self._looking.join()

    def _look(self) -> None:
        while not self._ended.wait(0.5):
            self.megabytes = max(self.megabytes, sum(map(_kilobytes, _family(os.getpid()))) / 1e3)


def _family(process: int) -> list[int]:
    """A process and everything that it started, as far as it still runs."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:  # it has ended
            continue
        children.setdefault(parent, []).append(int(stat.parent.name))
    family = [process]
    for member in family:
        family += children.get(member, [])
    return family


def _kilobytes(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def _timed(function, name: str, spent: dict[str, tuple[float, float]]):
    def timed(*given, **named):
        start, used = time.monotonic(), processor_seconds()
        result = function(*given, **named)
        spent[name] = (time.monotonic() - start, processor_seconds() - used)
        return result

    return timed


if __name__ == "__main__":
    main()
