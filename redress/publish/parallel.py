"""The same work for many pages, by several processes side by side."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

FEW = 2000
"""So many pages are done by this process alone: others would take longer to start."""
MOST_AT_ONCE = 4
"""Processes side by side, however many processors there are: each takes some hundred megabytes."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side() -> int:
    """How many processes work side by side on this machine."""
    return min(MOST_AT_ONCE, os.cpu_count() or 1)


def for_each(function: Callable[[Item], Result], items: Sequence[Item], few: int = FEW) -> Iterable[Result]:
    """What the function gives for every item, in the order of the items.

    Args:
        function: of a module, or a `functools.partial` of one; it and what it takes and gives can be pickled.
        items: each is looked at by one process.
        few: with no more items than this, or one processor, everything is done in this process.
    """
    processes = side_by_side()
    if len(items) <= few or processes == 1:
        yield from map(function, items)
        return
    # Not forked: a fork of a process with threads (a scheduler, a database) can hang.
    started = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=started) as pool:
        yield from pool.map(function, items, chunksize=100)
