"""Made-up printed reports in which every table tallies, of varied structure, with the relations that tie each row.

The world is counted first and printed after, with the measure names, keys and places of no council. `Report.tied` says
which rows an equality ties to others: what a change of any of them must break. It is written down where the rows are
printed, without asking the code under test.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from fractions import Fraction

NOUNS = ("grievances", "complaints", "representations", "matters", "concerns")
ENTRIES = ("{}_received", "new_{}", "{}", "{}_logged")
KEYS = {
    "team": ("North", "South", "Duty & Assessment", "Leaving Care", "Fostering"),
    "channel": ("Email", "Letter", "Telephone", "Web form"),
    "locality": ("Hillside", "Marsh End", "Old Town"),
}
YEARS = ("2021/22", "2022/23", "2023/24")


def rounded(value: Fraction, places: int) -> str:
    """Half away from zero, as reports print."""
    scaled = abs(value) * 10**places + Fraction(1, 2)
    whole = int(scaled)
    sign = "-" if value < 0 and whole else ""
    return f"{sign}{whole}" if not places else f"{sign}{whole // 10**places}.{whole % 10**places:0{places}d}"


@dataclass
class Report:
    """Rows of a printed report, and the refs that an equality ties."""

    seed: int
    rows: list[dict] = field(default_factory=list)
    tied: set[str] = field(default_factory=set)

    def print(self, locator, measure, breakdown, period, value, unit="count", tied=True) -> str:
        """Add a row; returns its ref."""
        ref = f"r{self.seed}-{len(self.rows) + 1:03d}"
        text = ";".join(f"{key}={shown}" for key, shown in breakdown.items())
        self.rows.append(
            {
                "ref": ref,
                "locator": locator,
                "measure": measure,
                "breakdown": text,
                "period": period,
                "value": str(value),
                "unit": unit,
            }
        )
        if tied:
            self.tied.add(ref)
        return ref


def report(seed: int) -> Report:
    """A consistent report of the structure that the seed draws."""
    chance = random.Random(seed)
    world = Report(seed)
    noun = chance.choice(NOUNS)
    entry = chance.choice(ENTRIES).format(noun)
    scope = chance.choice(({}, {"procedure": "statutory"}, {"service": "children"}))
    places = chance.choice((0, 0, 1, 2))
    share = chance.choice(("_pct", "_share", "_percentage"))
    totals = {}
    for year in YEARS[1:]:
        totals[year] = _two_way(world, chance, entry, scope, year)
    _headlines(world, chance, entry, scope, totals, places)
    total = totals[YEARS[-1]]
    parts = (_outcomes, _bands, _flow, _issues, _durations, _themes, _averages)
    for part in chance.sample(parts, chance.randint(4, len(parts))):
        part(world, chance, noun, scope, total, places, share)
    return world


def _split(chance: random.Random, total: int, n: int) -> list[int]:
    cuts = sorted(chance.randint(0, total) for _ in range(n - 1))
    return [b - a for a, b in zip([0, *cuts], [*cuts, total], strict=True)]


def _two_way(world, chance, entry, scope, year) -> int:
    """A table of a key by quarters with totals both ways."""
    key = chance.choice(list(KEYS))
    place = f"Table {len(world.rows) + 1}"
    word = chance.choice(("all", "Total"))
    columns = [0, 0, 0, 0]
    for value in KEYS[key]:
        cells = [chance.randint(0, 30) for _ in range(4)]
        for n, count in enumerate(cells):
            columns[n] += count
            world.print(place, entry, {**scope, key: value, "quarter": f"Q{n + 1}"}, year, count)
        world.print(place, entry, {**scope, key: value}, year, sum(cells))
    for n, count in enumerate(columns):
        world.print(place, entry, {**scope, key: word, "quarter": f"Q{n + 1}"}, year, count)
    world.print(place, entry, {**scope, key: word}, year, sum(columns))
    return sum(columns)


def _headlines(world, chance, entry, scope, totals, places) -> None:
    (before, earlier), (now, later) = totals.items()
    world.print("Foreword", entry, scope, now, later)
    world.print("Foreword", entry, scope, before, earlier)
    versus = {chance.choice(("vs", "versus", "compared_with")): before}
    world.print("Foreword", f"{entry}_change", {**scope, **versus}, now, later - earlier)
    growth = Fraction(100 * (later - earlier), earlier)
    world.print(
        "Foreword", f"{entry}_change_pct", {**scope, **versus}, now, rounded(growth, places), "percent"
    )


def _outcomes(world, chance, noun, scope, total, places, share) -> None:
    """Outcomes of those closed, with percentages of a printed base."""
    closed = chance.randint(total // 2 + 5, total + 5)
    counts = dict(
        zip(("upheld", "partly upheld", "not upheld", "withdrawn"), _split(chance, closed, 4), strict=True)
    )
    place = f"Figure {len(world.rows)}"
    for outcome, count in counts.items():
        world.print(place, f"{noun}_by_outcome", {**scope, "outcome": outcome}, YEARS[-1], count)
        world.print(
            place,
            f"{noun}_by_outcome{share}",
            {**scope, "outcome": outcome, "denominator": closed},
            YEARS[-1],
            rounded(Fraction(100 * count, closed), places),
            "percent",
        )
    world.print(place, f"{noun}_by_outcome", {**scope, "outcome": "all"}, YEARS[-1], closed)


def _bands(world, chance, noun, scope, total, places, share) -> None:
    """Answers by how long they took, counts and percentages."""
    within, later, over = _split(chance, chance.randint(20, 90), 3)
    place = f"Section {len(world.rows)}"
    measure = f"{noun}_answered"
    everything = within + later + over
    numbers = {
        "within_10_days": within,
        "11_to_20_days": later,
        "over_20_days": over,
        "within_20_days": within + later,
    }
    world.print(place, measure, scope, YEARS[-1], everything)
    for name, count in numbers.items():
        world.print(place, f"{measure}_{name}", scope, YEARS[-1], count)
        world.print(
            place,
            f"{measure}_{name}{share}",
            scope,
            YEARS[-1],
            rounded(Fraction(100 * count, everything), places),
            "percent",
        )


def _flow(world, chance, noun, scope, total, places, share) -> None:
    opening, entered = chance.randint(3, 40), chance.randint(20, 120)
    closed = chance.randint(10, opening + entered)
    place = f"Section {len(world.rows)}"
    scope = {**scope, "stage": "2"}
    for name, count in (
        ("brought_forward", opening),
        ("received", entered),
        ("closed", closed),
        ("carried_forward", opening + entered - closed),
    ):
        world.print(place, f"{noun}_{name}", scope, YEARS[-1], count)


def _issues(world, chance, noun, scope, total, places, share) -> None:
    """Sub-categories, categories, a total."""
    place = f"Table {len(world.rows)}"
    grand = 0
    for category in ("Communication", "Staff", "Money"):
        inside = [chance.randint(1, 25) for _ in range(chance.randint(2, 4))]
        for n, count in enumerate(inside):
            world.print(
                place,
                "issues_raised",
                {**scope, "category": category, "subcategory": f"{category} {n + 1}"},
                YEARS[-1],
                count,
            )
        world.print(place, "issues_raised", {**scope, "category": category}, YEARS[-1], sum(inside))
        grand += sum(inside)
    world.print(place, "issues_raised", {**scope, "category": "all"}, YEARS[-1], grand)


def _durations(world, chance, noun, scope, total, places, share) -> None:
    from datetime import date, timedelta

    place = f"Table {len(world.rows)}"
    for case in "ABC":
        first = date(2023, 5, 1) + timedelta(days=chance.randint(0, 200))
        days = chance.randint(8, 90)
        for event, day in (("request", first), ("closed", first + timedelta(days=days))):
            world.print(
                place,
                "panel_date",
                {"case": case, "event": event},
                YEARS[-1],
                day.isoformat(),
                "date",
                tied=False,
            )
        world.print(place, "panel_days", {"case": case}, YEARS[-1], days, "calendar_days")


def _themes(world, chance, noun, scope, total, places, share) -> None:
    """Themes of which one case may have several: they exceed what they are themes of, and nothing is wrong."""
    place = f"Chart {len(world.rows)}"
    for theme in ("Delay", "Attitude", "Decision", "Records", "Contact"):
        world.print(
            place,
            f"{noun}_by_theme",
            {**scope, "theme": theme, "multi": "yes"},
            YEARS[-1],
            chance.randint(total // 4, total // 2),
            tied=False,
        )


def _averages(world, chance, noun, scope, total, places, share) -> None:
    place = f"Section {len(world.rows)}"
    least, middle, most = sorted(chance.sample(range(2, 60), 3))
    for name, days in (("shortest", least), ("average", middle), ("longest", most)):
        world.print(place, f"{name}_days_to_answer", scope, YEARS[-1], days, "working_days", tied=False)
