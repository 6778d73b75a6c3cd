"""What a run knows of itself while it runs: time and memory per stage, verdict, reason; and the display of it.

`journal` keeps the records.
"""

from __future__ import annotations

import os
import threading
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redress.base.errors import RedressError
from redress.base.printable import show_text

if TYPE_CHECKING:
    from redress.run.context import Stage

SAMPLE_SECONDS = 0.2


def reason(problem: BaseException) -> str:
    """Return why something failed, without a value of the data.

    A RedressError was written for people. The text of any other error may quote a cell; its kind and place do not.
    """
    if isinstance(problem, RedressError):
        return problem.what
    own = [
        frame
        for frame in traceback.extract_tb(problem.__traceback__)
        if "site-packages" not in frame.filename
    ]
    place = f" at {Path(own[-1].filename).name} line {own[-1].lineno}" if own else ""
    return f"{type(problem).__name__}{place}"


def verdict_of(problem: BaseException) -> str:
    """Return `refused` for a verdict of Redress itself, and `error` for what nobody foresaw."""
    return "refused" if isinstance(problem, RedressError) else "error"


@dataclass
class StageRecord:
    """One stage of one run.

    Attributes:
        reads: the datasets that the stage reads.
        leaves: the dataset that it makes; blank for none.
        rows: which of the counts is the number of rows of that dataset.
        seconds: wall clock.
        cpu_seconds: of processors, by this process and the children that ended while the stage ran.
        peak_megabytes: the most memory held at once by this process and its children while the stage
            ran, sampled five times a second; None where the system has no /proc.
        counts: rows or files made, by name.
        verdict: done, skipped, refused (a gate failed) or error.
    """

    stage: str
    reads: tuple[str, ...] = ()
    leaves: str = ""
    rows: str = ""
    seconds: float = 0.0
    cpu_seconds: float | None = None
    peak_megabytes: float | None = None
    counts: dict[str, int] = field(default_factory=dict)
    verdict: str = "done"
    message: str = ""

    @classmethod
    def of(cls, stage: Stage) -> StageRecord:
        """Return the record of a stage that begins."""
        return cls(stage.name, stage.reads, stage.leaves, stage.rows)

    def fail(self, problem: BaseException) -> None:
        """Record what stopped the stage."""
        self.verdict, self.message = verdict_of(problem), reason(problem)


@dataclass
class RunRecord:
    """One run of the pipeline, or of a command that does a part of it."""

    run_id: str
    started_at: str
    request: dict[str, Any]
    stages: list[StageRecord] = field(default_factory=list)
    verdict: str = "running"
    message: str = ""
    who: str = ""
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    started_by: str = ""
    failed: dict[str, RedressError] = field(default_factory=dict)

    @classmethod
    def start(cls, request: dict[str, Any], started_by: str = "") -> RunRecord:
        """Return the record of a run that begins now."""
        now = datetime.now(UTC)
        return cls(
            run_id=now.strftime("%Y%m%dT%H%M%S.%fZ"),
            started_at=now.isoformat(timespec="seconds"),
            request=request,
            started_by=started_by,
        )

    @property
    def seconds(self) -> float:
        """How long its stages took."""
        return round(sum(stage.seconds for stage in self.stages), 3)

    def fail(self, problem: BaseException) -> None:
        """Record what stopped the run, and who can put it right."""
        self.verdict, self.message = verdict_of(problem), reason(problem)
        self.who = problem.who if isinstance(problem, RedressError) else ""


@contextmanager
def measured(record: StageRecord) -> Iterator[StageRecord]:
    """Fill in the seconds, the CPU seconds and the peak memory of `record` for the body of the `with`."""
    stop = threading.Event()
    peak = [_resident_bytes()]

    def watch() -> None:
        while not stop.wait(SAMPLE_SECONDS):
            peak[0] = max(peak[0], _resident_bytes())

    watcher = threading.Thread(target=watch, name="redress-memory", daemon=True)
    watcher.start()
    began, began_cpu = time.perf_counter(), _cpu_seconds()
    try:
        yield record
    finally:
        record.seconds = round(time.perf_counter() - began, 3)
        record.cpu_seconds = round(_cpu_seconds() - began_cpu, 3)
        stop.set()
        watcher.join()
        highest = max(peak[0], _resident_bytes())
        record.peak_megabytes = round(highest / 1e6, 1) if highest else None


def _cpu_seconds() -> float:
    """Return the CPU seconds that this process and its ended children have used."""
    return sum(os.times()[:4])


def _resident_bytes() -> int:
    """Return the resident memory of this process and all its descendants, in bytes; 0 where /proc is not there."""
    total, waiting = 0, [os.getpid()]
    while waiting:
        process = waiting.pop()
        try:
            pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
            total += pages * os.sysconf("SC_PAGE_SIZE")
            for task in Path(f"/proc/{process}/task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
        except (OSError, ValueError, IndexError):
            continue  # it ended while we looked
    return total


class Display:
    """The progress of a run on the terminal: a live line where there is a terminal, plain lines elsewhere.

    Written to standard error, so that standard output holds results only.
    """

    def __init__(self, total: int, quiet: bool = False, usual: Mapping[str, float] | None = None):
        from rich.console import Console

        self.console = Console(stderr=True, quiet=quiet, highlight=False)
        self.total = total
        self.number = 0
        self.usual = usual or {}
        self._status = None
        self._title = ""

    def begin(self, stage: Stage) -> None:
        """Show that a stage begins, and how long it usually takes."""
        self.number += 1
        self.total = max(self.total, self.number)
        usual = self.usual.get(stage.name, 0)
        title = self._title = f"{stage.title} (usually {usual:.0f} s)" if usual >= 1 else stage.title
        if self.console.is_terminal:
            self._status = self.console.status(f"[{self.number}/{self.total}] {title}")
            self._status.start()

    def say(self, text: str) -> None:
        """Show a detail of the stage that runs (live terminals only)."""
        if self._status is not None:
            from rich.markup import escape

            self._status.update(f"\\[{self.number}/{self.total}] {self._title}: {escape(show_text(text))}")

    def tell(self, lines: Iterable[str]) -> None:
        """Show lines between two stages."""
        from rich.markup import escape

        for line in lines:
            self.console.print(f"       {escape(show_text(line))}", soft_wrap=True)

    def end(self, record: StageRecord) -> None:
        """Show how a stage ended."""
        from rich.markup import escape

        if self._status is not None:
            self._status.stop()
            self._status = None
        marks = {
            "done": "[green]done[/]",
            "skipped": "[dim]skipped[/]",
            "refused": "[red]refused[/]",
            "error": "[red]error[/]",
        }
        counts = ", ".join(f"{count:,} {name}" for name, count in record.counts.items())
        memory = f"{record.peak_megabytes:>6,.0f} MB" if record.peak_megabytes is not None else ""
        self.console.print(
            f"{self.number:>2}/{self.total} {record.stage:<12} {marks[record.verdict]:<20} "
            f"{record.seconds:>7.1f} s {record.cpu_seconds or 0:>7.1f} CPU s {memory}  "
            f"{escape(show_text(counts or record.message))}",
            soft_wrap=True,
        )
