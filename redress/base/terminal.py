"""What commands print, and the two streams that it goes to."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TextIO

from redress.base.errors import BAD_USAGE, GREEN, RedressError
from redress.base.printable import show_text


def say(*lines: str, err: bool = False) -> None:
    """Print lines that may hold words of others: names of files, cells, what a pack says of itself.

    Everything that the command prints goes through here: no terminal obeys it, and a line stays one line.
    """
    import click

    for line in lines:
        click.echo(show_text(line), err=err)


def say_list(items: Sequence[str], most: int = 40, err: bool = False) -> None:
    """Print at most so many items, each on one line and not too long, and how many more there are."""
    for item in items[:most]:
        say(f"  - {item if len(item) <= 600 else item[:600] + ' ...'}", err=err)
    if len(items) > most:
        say(f"  ... and {len(items) - most:,} more", err=err)


def say_warnings(warnings: Sequence[str], most: int = 20) -> None:
    """Print what did not stop the run and somebody should look at, at most so much of it."""
    for warning in warnings[:most]:
        say(f"  warning: {warning}")
    if len(warnings) > most:
        say(f"  ... and {len(warnings) - most} more warnings")


def say_how_often(title: str, words: Iterable[str]) -> None:
    """Print how often each word occurs."""
    counted = ", ".join(f"{count} {word}" for word, count in sorted(Counter(words).items()))
    say(f"{title}: {counted or 'none'}.")


def tell(problem: RedressError, most: int = 40) -> None:
    """Print a problem: the sentence, at most so many details, who can fix it."""
    say(f"Failed: {problem.what}", err=True)
    say_list(problem.details, most, err=True)
    say(f"To fix: {problem.who}.", err=True)


def run_quietly(program: Callable[[], object]) -> None:
    """Run a program to its end, whatever becomes of the streams; raises SystemExit with its exit code.

    DuckDB's bindings print a page of warnings about objects that dbt still holds when the interpreter
    shuts down. Everything that is to be said has been said by then, so that page goes nowhere.
    """
    sys.stdout, sys.stderr = _forgiving(sys.stdout), _forgiving(sys.stderr)
    ended: SystemExit | None = None
    try:
        program()
    except SystemExit as end:
        ended = end
    finally:
        sys.stdout.flush()
        unwritten = getattr(sys.stdout, "unwritten", "")
        if unwritten:
            say(f"Failed: what was to be said could not be written: {unwritten}.", err=True)
            say("To fix: whoever named the place that the output goes to.", err=True)
        sys.stderr.flush()
        quiet = os.open(os.devnull, os.O_WRONLY)
        for number in (1, 2):
            os.dup2(quiet, number)
    code = ended.code if ended else GREEN
    raise SystemExit(BAD_USAGE if unwritten and not code else code)


def _forgiving(stream: Any) -> Any:
    r"""Return a stream that stops no command: nobody may be listening, and a terminal may not know every letter.

    What a terminal cannot show is shown by its escape (`\xe9`). Where the reader has gone (`| head`), the rest is
    dropped: the command does what was asked, and its exit code says how it went.
    """
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    stream.reconfigure(errors="backslashreplace")
    return _Forgiving(stream)


class _Forgiving:
    """A text stream whose writing never raises; everything else is the stream's own.

    Attributes:
        unwritten: why something could not be written, where it is not that the reader has gone.
    """

    def __init__(self, stream: TextIO):
        self._stream = stream
        self.unwritten = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write, or drop what cannot be written."""
        self._try(lambda: self._stream.write(text))
        return len(text)

    def flush(self) -> None:
        """Flush, or drop what cannot be written."""
        self._try(self._stream.flush)

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except BrokenPipeError:
            pass
        except (OSError, ValueError) as problem:
            self.unwritten = self.unwritten or getattr(problem, "strerror", None) or str(problem)
