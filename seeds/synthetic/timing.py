"""How long answers take: working days dealt to complaints so that every time band holds its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

LONGEST_OVER = 30  # how far an open-ended band such as `41+` reaches beyond its start


def limits(band: str) -> tuple[int, int | None]:
    """The first and last working day of a band: `11-20` gives (11, 20), `41+` gives (41, None)."""
    if band.endswith("+"):
        return int(band[:-1]), None
    low, high = band.split("-")
    return int(low), int(high)


def durations(random: Random, bands: Mapping[str, int], least: int = 2) -> list[int]:
    """Working days to an answer, as many within each band as `bands` says, none under `least`."""
    found = []
    for band, number in bands.items():
        low, high = limits(band)
        high = low + LONGEST_OVER if high is None else high
        found += [random.randint(max(low, least), high) for _ in range(number)]
    return found


def summing_to(random: Random, bands: Mapping[str, int], total: int, least: int = 2) -> list[int]:
    """Working days as from `durations` that also add up to `total`, and so to a printed average.

    Raises RuntimeError when no lengths within the bands add up to it.
    """
    found = durations(random, bands, least)
    room = [limits(band) for band, number in bands.items() for _ in range(number)]
    room = [(max(low, least), low + LONGEST_OVER if high is None else high) for low, high in room]
    while (short := total - sum(found)) != 0:
        step = 1 if short > 0 else -1
        able = [n for n, (low, high) in enumerate(room) if low <= found[n] + step <= high]
        if not able:
            raise RuntimeError(f"no answers within these bands take {total} working days together")
        found[random.choice(able)] += step
    return found


def assign(random: Random, entries: Sequence[dict], lengths: Sequence[int]) -> None:
    """Write each of `lengths` as `duration` into one of `entries`, longest first.

    An entry takes no more than its `room` and no less than its `least` (0 where absent). Raises
    RuntimeError when a length fits nowhere.
    """
    free = list(entries)
    for length in sorted(lengths, reverse=True):
        able = [e for e in free if e.get("least", 0) <= length <= e["room"]]
        if not able:
            raise RuntimeError(f"no complaint can take {length} working days")
        chosen = random.choice(able)
        chosen["duration"] = length
        free = [e for e in free if e is not chosen]
