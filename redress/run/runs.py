"""The journal of runs, read: the newest runs in a line each, and the log of one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from statistics import median
from typing import Any

from redress.base.blame import damaged, explained
from redress.base.errors import ConfigurationProblem
from redress.base.printable import show_text
from redress.base.settings import Settings
from redress.run.journal import DATABASE, command_of, open_journal


class Runs:
    """The journal of an installation, to be read; where nothing has run yet, it holds nothing."""

    def __init__(self, settings: Settings):
        self.path = settings.state / DATABASE

    def newest(self, most: int = 20) -> list[str]:
        """Return a line about each of the newest runs, the newest last."""
        rows = self._query("select * from runs order by started_at desc, run_id desc limit ?", most)
        return [show_text(_in_a_line(row)) for row in reversed(rows)]

    def read(self, run_id: str = "") -> dict[str, Any] | None:
        """Return what is held of a run, by default of the newest; None where there is no such run.

        Returns:
            dict: the columns of `runs`, with `request` and `versions` as mappings; `stages`, a dictionary each with
                `counts` as a mapping; `notes` and `warnings`, as texts; `checks`, how many had each verdict; `files`, how
                many were known.
        """
        newest = "order by started_at desc, run_id desc limit 1"
        rows = self._query(f"select * from runs where ? in (run_id, '') {newest}", run_id)
        if not rows:
            return None
        run = dict(rows[0])
        stages, remarks, checks, inputs = (
            self._query(f"select * from {table} where run_id = ? order by {order}", run["run_id"])
            for table, order in (
                ("stages", "position"),
                ("remarks", "position"),
                ("checks", "verdict"),
                ("inputs", "extract_id"),
            )
        )
        verdicts: dict[str, int] = {}
        for row in checks:
            verdicts[row["verdict"]] = verdicts.get(row["verdict"], 0) + row["checks"]
        return run | {
            "request": json.loads(run["request"]),
            "versions": json.loads(run["versions"]),
            "stages": [dict(row) | {"counts": json.loads(row["counts"])} for row in stages],
            "notes": [row["text"] for row in remarks if row["kind"] == "note"],
            "warnings": [row["text"] for row in remarks if row["kind"] == "warning"],
            "checks": verdicts,
            "files": len(inputs),
        }

    def log(self, run_id: str) -> list[str]:
        """Return the log of a run, for a person.

        Raises:
            ConfigurationProblem: there is no such run.
        """
        run = self.read(run_id)
        if run is None:
            raise ConfigurationProblem(
                f"The journal has no run {run_id}.", "whoever typed the command: `redress runs` lists them"
            )
        lines = [
            f"Run {run['run_id']}, started by {run['started_by']} at {run['started_at']}",
            f"Asked for: {command_of(run['request'])} {_words(run['request'])}",
            f"Code {run['code'] or 'of no checkout'}; {_words(run['versions'])}",
            *(_stage_in_a_line(stage) for stage in run["stages"]),
            *(f"Note: {text}" for text in run["notes"]),
            *(f"Warning: {text}" for text in run["warnings"]),
            *_end(run),
        ]
        return [show_text(line) for line in lines]

    def usual_seconds(self, most: int = 5) -> dict[str, float]:
        """Return how long each stage took in the middle one of its newest runs that went well, by its name."""
        rows = self._query(
            "select stage, seconds from stages where verdict = 'done' order by run_id desc, position limit ?",
            most * 20,
        )
        known: dict[str, list[float]] = {}
        for row in rows:
            known.setdefault(row["stage"], []).append(row["seconds"])
        return {stage: median(seconds[:most]) for stage, seconds in known.items()}

    def _query(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Return the rows of a query.

        Raises:
            RedressError: the journal cannot be read.
        """
        if not self.path.exists():
            return []
        try:
            with open_journal(self.path) as connection:
                connection.row_factory = sqlite3.Row
                return connection.execute(sql, values).fetchall()
        except sqlite3.Error as problem:
            raise (explained(problem, self.path) or damaged(self.path)) from problem


def _end(run: Mapping[str, Any]) -> list[str]:
    """Return how a run ended, with what it knew and checked."""
    if not run["ended_at"]:
        return [f"{_verdict(run)}."]
    checks = ", ".join(f"{count:,} {verdict}" for verdict, count in run["checks"].items())
    message = run["message"] + (f" To fix: {run['who']}." if run["who"] else "")
    return [
        f"Files known: {run['files']}. Checks: {checks or 'none made'}.",
        *([message] if message else []),
        f"{_verdict(run)} after {run['seconds']:.0f} s, at {run['ended_at']}",
    ]


def _in_a_line(run: Mapping[str, Any]) -> str:
    """Return what a list says of a run."""
    request = json.loads(run["request"])
    return (
        f"{run['run_id']}  {run['seconds'] or 0:>6.0f} s  {_verdict(run)}: {command_of(request)} {_words(request)}, "
        f"started by {run['started_by']}"
    )


def _stage_in_a_line(stage: Mapping[str, Any]) -> str:
    """Return what a log says of a stage."""
    counts = ", ".join(f"{count:,} {name}" for name, count in stage["counts"].items())
    memory = f"{stage['peak_megabytes']:>6,.0f} MB" if stage["peak_megabytes"] is not None else ""
    cpu = f"{stage['cpu_seconds']:>7.1f} CPU s" if stage["cpu_seconds"] is not None else ""
    told = f"{stage['stage']:<12} {stage['verdict']:<8} {stage['seconds']:>7.1f} s {cpu} {memory}"
    return f"{told}  {counts or stage['message']}"


def _verdict(run: Mapping[str, Any]) -> str:
    """Return the verdict of a run in words."""
    if not run["ended_at"]:
        return "Running, or cut off"
    return run["verdict"].replace("_", " ").capitalize()


def _words(values: Mapping[str, Any]) -> str:
    """Return `a b, c d`; what is not given is left out, and so is the command."""
    given = {name: value for name, value in values.items() if value not in (None, "") and name != "command"}
    words = (
        f"{name} ({_words(value)})" if isinstance(value, Mapping) else f"{name} {value}"
        for name, value in given.items()
    )
    return ", ".join(words) or "everything"
