"""The same work for many pages, by as many processes as there are processors."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

FEW = 2000
"""So many pages are done by this process alone: others would take longer to start."""
MOST_PROCESSES = 4

Item = TypeVar("Item")
Result = TypeVar("Result")


def for_each(function: Callable[[Item], Result], items: Sequence[Item], few: int = FEW) -> Iterable[Result]:
    """What the function gives for every item, in the order of the items.

    Args:
        function: of a module, or a `functools.partial` of one; it and what it takes and gives can be pickled.
        items: each is looked at by one process.
        few: with no more items than this, or one processor, everything is done in this process.
    """
    processes = min(MOST_PROCESSES, os.cpu_count() or 1)
    if len(items) <= few or processes == 1:
        yield from map(function, items)
        return
    # Not forked: a fork of a process with threads (a scheduler, a database) can hang.
    started = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=started) as pool:
        yield from pool.map(function, items, chunksize=100)
