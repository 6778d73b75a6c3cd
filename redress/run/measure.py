"""What a run leaves behind about itself: time and memory per stage, verdict, reason.

One JSON file per run in `build/state/runs/`, named by the moment it started (UTC); `journal` keeps all of them in one
database. The display on the
terminal is made from the same records.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from redress.base.files import replace_file
from redress.base.printable import show_text
from redress.base.settings import Settings
from redress.base.tables import read_json

SAMPLE_SECONDS = 0.2


@dataclass
class StageRecord:
    """One stage of one run.

    Attributes:
        seconds: wall clock.
        peak_megabytes: the most memory held at once by this process and its children while the stage
            ran, sampled five times a second; None where the system has no /proc.
        counts: rows or files made, by name.
        verdict: done, skipped, refused (a gate failed) or error.
    """

    stage: str
    seconds: float = 0.0
    peak_megabytes: float | None = None
    counts: dict[str, int] = field(default_factory=dict)
    verdict: str = "done"
    message: str = ""


@dataclass
class RunRecord:
    """One run of the pipeline."""

    run_id: str
    started_at: str
    request: dict
    stages: list[StageRecord] = field(default_factory=list)
    verdict: str = "running"
    message: str = ""
    who: str = ""
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    seconds: float = 0.0
    started_by: str = ""

    @classmethod
    def start(cls, request: dict, started_by: str = "") -> RunRecord:
        """A record of a run that begins now."""
        now = datetime.now(UTC)
        return cls(
            run_id=now.strftime("%Y%m%dT%H%M%S.%fZ"),
            started_at=now.isoformat(timespec="seconds"),
            request=request,
            started_by=started_by,
        )

    def write(self, settings: Settings) -> Path:
        """Keep the record; returns its path."""
        path = settings.state / "runs" / f"{self.run_id}.json"
        with replace_file(path) as temporary:
            temporary.write_text(json.dumps(asdict(self), indent=2, default=str) + "\n", encoding="utf-8")
        return path


def last_run(settings: Settings) -> dict | None:
    """The newest run record as a dictionary, or None where nothing has run yet."""
    records = sorted((settings.state / "runs").glob("*.json"))
    return read_json(records[-1]) if records else None


@contextmanager
def measured(record: StageRecord) -> Iterator[StageRecord]:
    """Fill in the seconds and the peak memory of `record` for the body of the `with`."""
    stop = threading.Event()
    peak = [_resident_bytes()]

    def watch() -> None:
        while not stop.wait(SAMPLE_SECONDS):
            peak[0] = max(peak[0], _resident_bytes())

    watcher = threading.Thread(target=watch, name="redress-memory", daemon=True)
    watcher.start()
    began = time.perf_counter()
    try:
        yield record
    finally:
        record.seconds = round(time.perf_counter() - began, 3)
        stop.set()
        watcher.join()
        highest = max(peak[0], _resident_bytes())
        record.peak_megabytes = round(highest / 1e6, 1) if highest else None


def _resident_bytes() -> int:
    """Resident memory of this process and all its descendants, in bytes; 0 where /proc is not there."""
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

    def __init__(self, total: int, quiet: bool = False):
        from rich.console import Console

        self.console = Console(stderr=True, quiet=quiet, highlight=False)
        self.total = total
        self.number = 0
        self._status = None
        self._title = ""

    def begin(self, title: str) -> None:
        """A stage begins."""
        self.number += 1
        self._title = title
        if self.console.is_terminal:
            self._status = self.console.status(f"[{self.number}/{self.total}] {title}")
            self._status.start()

    def say(self, text: str) -> None:
        """A detail of the stage that runs (live terminals only)."""
        if self._status is not None:
            from rich.markup import escape

            self._status.update(f"\\[{self.number}/{self.total}] {self._title}: {escape(show_text(text))}")

    def end(self, record: StageRecord) -> None:
        """The stage is over."""
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
            f"{record.seconds:>7.1f} s {memory}  {escape(show_text(counts or record.message))}",
            soft_wrap=True,
        )
