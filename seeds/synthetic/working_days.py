"""Working days in England and Wales (SI 2006/1738 reg 2): weekends and bank holidays left out."""

from __future__ import annotations

from datetime import date, timedelta

import holidays


class WorkingDays:
    """A calendar of working days.

    Not working: Saturday, Sunday, Christmas Day, Boxing Day, Good Friday and every other bank holiday in
    England and Wales. The day after a start is day 1.
    """

    def __init__(self, first_year: int, last_year: int) -> None:
        self._free = set(
            holidays.country_holidays("GB", subdiv="ENG", years=range(first_year, last_year + 1))
        )

    def is_working(self, day: date) -> bool:
        """Whether `day` counts."""
        return day.weekday() < 5 and day not in self._free

    def add(self, start: date, days: int) -> date:
        """The working day that is number `days` after `start` (0 gives `start` itself).

        A negative number counts backwards.
        """
        step = timedelta(days=1 if days >= 0 else -1)
        day, left = start, abs(days)
        while left:
            day += step
            if self.is_working(day):
                left -= 1
        return day

    def between(self, start: date, end: date) -> int:
        """Working days in `(start, end]`; 0 when `end` is not after `start`."""
        day, count = start, 0
        while day < end:
            day += timedelta(days=1)
            count += self.is_working(day)
        return count

    def span(self, start: date, end: date) -> list[date]:
        """Every working day of `[start, end]`, in order."""
        days = []
        day = start
        while day <= end:
            if self.is_working(day):
                days.append(day)
            day += timedelta(days=1)
        return days
