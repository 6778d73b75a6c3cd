"""Small rows merged into one: nobody places them by their sum, and what is merged adds up."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest

from redress.authority.protection import Protection
from redress.protect.council import Given, _Trials, decide_given
from redress.protect.decide import LEFT_OUT, SHOWN, Decision, decide
from redress.protect.merge import (
    Merged,
    Remainders,
    Service,
    add_up,
    choose,
    leaves_uncertain,
    not_adding_up,
    tree_of,
)
from redress.protect.relations import build
from tests.protection.attacker import Council, attack_all, attack_merged, broken
from tests.protection.test_random_tables import figure, published

YEAR = "2023-24"
SETTINGS = Protection()
SEEDS = 16


def counted(
    breakdown: str, value: float, period: str = YEAR, measure: str = "new_complaints", **more
) -> dict:
    row = {"reporting_year": YEAR, "authority": "north", "rule": "counted"} | more
    return figure(measure, breakdown, period, value, **row)


def one_way(key: str, values: list[int], words: Sequence[str] = "abcdefghij") -> list[dict]:
    """A year's complaints by one key, and all of them."""
    parts = [counted(f"{key}={word}", value) for word, value in zip(words, values, strict=False)]
    return [counted("", sum(values)), *parts]


def merged_and_decided(
    figures: list[dict], services: dict[str, Service] | None = None, printed: dict[str, str] | None = None
) -> tuple[Remainders, Decision]:
    services = services or {}
    remainders = add_up(figures, choose(figures, services, SETTINGS, printed or {}), services)
    parents = {name: service.above for name, service in (services | remainders.services).items()}
    rows = [*figures, *remainders.rows]
    return remainders, decide(rows, parents, [], SETTINGS, printed or {}, remainders=remainders.members)


def identities(rows: list[dict], remainders: Remainders) -> dict[tuple, tuple[tuple, ...]]:
    """Remainder -> what it adds up, by measure, breakdown and period."""
    of = {
        row["figure_id"]: (row["measure"], row["breakdown"], row["period"])
        for row in [*rows, *remainders.rows]
    }
    return {of[name]: tuple(of[member] for member in members) for name, members in remainders.members.items()}


def random_report(random: Random) -> tuple[list[dict], dict[str, Service]]:
    """Complaints by channel and service, by quarter, with totals and shares; each has one channel and one service."""
    areas = [f"area {number}" for number in range(random.randint(1, 2))]
    services = {area: Service(None, "area", area) for area in areas}
    for number in range(random.choice((0, 0, 2, 4))):
        services[f"team {number}"] = Service(random.choice(areas), "team", f"team {number}")
    channels = [f"channel {number}" for number in range(random.randint(3, 6))]
    quarters = [f"{YEAR}-Q{number}" for number in range(1, 5)] if random.random() < 0.2 else []
    bottom = [name for name in services if name not in {service.above for service in services.values()}]
    numbers: dict[tuple[str, str], int] = {}
    largest = random.choice((3, 9, 25))
    for channel in channels:
        for service in bottom:
            for quarter in quarters or [YEAR]:
                count = random.choice((0, random.randint(0, 4), random.randint(0, largest)))
                for period in {quarter, YEAR}:
                    for above in filter(None, (service, services[service].above, "all")):
                        where = "" if above == "all" else f";service={above}"
                        for part in (f"channel={channel}{where}", where.lstrip(";")):
                            numbers[part, period] = numbers.get((part, period), 0) + count
    figures = [counted(part, count, period) for (part, period), count in sorted(numbers.items())]
    whole = numbers["", YEAR]
    for (part, period), count in sorted(numbers.items()):
        if part.startswith("channel=") and ";" not in part and period == YEAR and whole:
            figures.append(
                counted(
                    part, 100 * count / whole, period, "new_complaints_share", numerator=count, denominator=whole,
                    unit="percent",
                )
            )  # fmt: skip
    return figures, services


def test_nobody_places_a_merged_number_of_a_random_report() -> None:
    shown = merged = 0
    for seed in range(SEEDS):
        figures, services = random_report(Random(seed))
        remainders, decision = merged_and_decided(figures, services)
        assert not not_adding_up(figures, remainders, services), seed
        assert not decision.gave_way and not decision.narrow, seed
        rows = published([*figures, *remainders.rows], decision)
        parents = {name: service.above for name, service in (services | remainders.services).items()}
        groups = identities(figures, remainders)
        [found] = attack_all([Council(rows, [*figures, *remainders.rows], parents, groups)])
        assert not broken(found, SETTINGS.width), seed
        inside = attack_merged(Council(rows, figures, parents, groups))
        assert not broken(inside, SETTINGS.width), seed
        merged += len(inside)
        shown += sum(decision.status[row["figure_id"]] == SHOWN for row in remainders.rows)
    assert shown > 5 and merged > 5


def test_the_smallest_rows_are_merged_and_named() -> None:
    figures = one_way("channel", [40, 12, 9, 3, 2, 2, 1, 1])
    remainders, decision = merged_and_decided(figures)
    [row] = remainders.rows
    assert (row["breakdown"], row["value"]) == ("channel=5 other channels", 9)
    assert row["rule"].endswith("added up over d, e, f, g, h")
    assert decision.status[row["figure_id"]] == SHOWN
    for member in remainders.members[row["figure_id"]]:
        assert decision.status[member] == LEFT_OUT
        assert decision.reason[member] == "it is shown with others in one row"
    assert not decision.left_out, "the table itself is kept"


ADULTS = [
    {"attribute": "complainant_role", "value": value, "grouping": "complainant_type", "group_value": group}
    for value, group in (
        ("parent", "adult"),
        ("carer", "adult"),
        ("relative", "adult"),
        ("child", "young_person"),
    )
]


def test_rows_are_merged_along_a_grouping_of_the_council_first() -> None:
    roles = ["child", "parent", "carer", "relative", "advocate"]
    figures = one_way("complainant_role", [20, 30, 3, 9, 7], roles)
    [merged] = choose(figures, {}, SETTINGS, {}, groupings=ADULTS)
    assert (merged.word, merged.members) == ("Adult: 3 kinds of complainant", ("carer", "parent", "relative"))
    [merged] = choose(figures, {}, SETTINGS, {})
    assert merged.word == "2 other kinds of complainant"
    large = one_way("complainant_role", [20, 30, 13, 9, 4, 2, 1], [*roles, "a", "b"])
    [merged] = choose(large, {}, SETTINGS, {}, groupings=ADULTS)
    assert merged.members == ("a", "advocate", "b"), "a group without a small number helps nobody"
    printed = choose(
        figures, {}, SETTINGS, {"new_complaints|complainant_role=carer|2023-24": "3"}, groupings=ADULTS
    )
    assert all("carer" not in merged.members for merged in printed)


def test_what_stands_is_read_more_and_no_table_much_less_and_nobody_is_placed() -> None:
    crossed = 0
    for seed in range(SEEDS):
        figures, services = random_report(Random(seed))
        asked = Given("north", SETTINGS, None, figures, [], services, [], {}, {}, {})
        council, parents = decide_given(asked), {name: service.above for name, service in services.items()}
        plain, decision = decide(figures, parents, [], SETTINGS, {}), council.public[YEAR]
        remainders = council.remainders
        trials = _Trials(asked)
        before, after = trials._read(plain, Remainders()), trials._read(decision, remainders)
        assert all(before[table] - after[table] <= max(2, 0.4 * abs(before[table])) for table in before), seed
        assert not remainders.merged or after.total() > before.total(), seed
        parents |= {name: service.above for name, service in remainders.services.items()}
        rows = published([*figures, *remainders.rows], decision)
        groups = identities(figures, remainders)
        [found] = attack_all([Council(rows, [*figures, *remainders.rows], parents, groups)])
        inside = attack_merged(Council(rows, figures, parents, groups))
        assert not broken([*found, *inside], SETTINGS.width), seed
        crossed += any(len(merged.keys) == 2 for merged in remainders.merged)
    assert crossed, "tables by two keys too"


def test_a_share_and_a_change_of_merged_rows_are_of_their_sum() -> None:
    figures = one_way("channel", [40, 12, 9, 3, 2, 2, 1, 1])
    figures += [
        row
        | {"figure_id": f"{row['figure_id']} before", "period": "2022-23"}
        | {"value": row["value"] + (1 if row["breakdown"] else 8)}
        for row in figures
    ]
    shares = [
        counted(row["breakdown"], 100 * row["value"] / 70, YEAR, "new_complaints_share", numerator=row["value"], denominator=70, unit="percent")
        for row in figures[1:9]
    ]  # fmt: skip
    changes = [counted(row["breakdown"], -1, YEAR, "new_complaints_change") for row in figures[1:9]]
    remainders, _ = merged_and_decided([*figures, *shares, *changes])
    of = {(row["measure"], row["period"]): row for row in remainders.rows}
    share, change = of["new_complaints_share", YEAR], of["new_complaints_change", YEAR]
    assert (share["numerator"], share["denominator"], share["value"]) == (9, 70, 900 / 70)
    assert (change["value"], of["new_complaints", "2022-23"]["value"]) == (-5, 14)


def test_services_are_merged_with_those_below_the_same_one() -> None:
    services = {"care": Service(None, "area", "Care"), "schools": Service(None, "area", "Schools")}
    services |= {f"t{number}": Service("care", "locality", f"T{number}") for number in range(5)}
    numbers = {"care": 40, "schools": 30, "t0": 20, "t1": 13, "t2": 3, "t3": 2, "t4": 2}
    figures = [counted("", 70), *(counted(f"service={name}", number) for name, number in numbers.items())]
    remainders, decision = merged_and_decided(figures, services)
    assert [row["breakdown"] for row in remainders.rows] == ["service=3 other localities of Care"]
    assert remainders.services["3 other localities of Care"].above == "care"
    assert decision.status[remainders.rows[0]["figure_id"]] == SHOWN


def test_of_services_that_moved_each_year_has_its_own_tree() -> None:
    moved = Service("families", "team", "b", earlier=(("2023-09-30", "people", "b"),))
    assert (moved.on("2023-09-30").above, moved.on("2023-10-01").above) == ("people", "families")
    assert (moved.at_end_of("2022-23").above, moved.at_end_of("2023-24").above) == ("people", "families")
    services = {
        "people": Service(None, "area"), "families": Service(None, "area"),
        "a": Service("people", "team"), "b": moved, "c": Service("families", "team"),
    }  # fmt: skip
    tree = tree_of(services)
    assert tree["b"] == "families" and [before["b"] for before in tree.earlier] == ["people"]
    # of 9 cases of the team 4 were in its old place: what two areas have together is known, and no area alone
    values = {
        "": 60,
        "service=people": 24,
        "service=families": 36,
        "service=a": 20,
        "service=b": 9,
        "service=c": 31,
    }
    cells = build([counted(breakdown, value) for breakdown, value in values.items()], tree, [])
    named = {cell: dict(pairs).get("service", "") for cell, (_, pairs, _) in enumerate(cells.keys)}
    equations = {
        frozenset(named[cell] for cell in relation.cells)
        for relation in cells.relations
        if relation.is_equation
    }
    assert frozenset(("people", "families", "a", "b", "c")) in equations
    assert frozenset(("", "people", "families")) in equations
    assert not {frozenset(("people", "a")), frozenset(("families", "b", "c"))} & equations


def test_rows_that_overlap_that_are_printed_or_not_known_are_not_merged() -> None:
    values = [40, 12, 9, 3, 2, 2, 1, 1]
    overlapping = one_way("theme", values)
    overlapping[0] |= {"value": 66, "numerator": 66}
    assert choose(overlapping, {}, SETTINGS, {}) == []
    assert choose(one_way("theme", values), {}, SETTINGS, {}), "which add up"
    printed = one_way("channel", values)
    [merged] = choose(printed, {}, SETTINGS, {"new_complaints|channel=e|2023-24": "2"})
    assert "e" not in merged.members
    [merged] = choose(one_way("channel", [40, 12, 9, 3, 2, 2, 3], [*"abcdef", "not_known"]), {}, SETTINGS, {})
    assert "not_known" not in merged.members
    assert choose(one_way("channel", values), {}, Protection(threshold=0), {}) == []
    assert choose(one_way("channel", values), {}, SETTINGS, {}, [row["figure_id"] for row in printed]) == []


def test_what_does_not_add_up_is_found() -> None:
    figures = one_way("channel", [40, 12, 9, 3, 2, 2, 1, 1])
    remainders, _ = merged_and_decided(figures)
    assert not_adding_up(figures, remainders, {}) == []
    remainders.rows[0]["value"] += 1
    assert not_adding_up(figures, remainders, {}) == ["new_complaints  2023-24: 71 of 70"]


def test_two_tables_may_have_remainders_of_one_name() -> None:
    by_channel = {"a": (40, 0), "b": (12, 6), "c": (6, 3), "d": (1, 9), "e": (1, 9)}
    figures = one_way("channel", [sum(pair) for pair in by_channel.values()])
    for at, role in enumerate(("parent", "child")):
        figures.append(counted(f"complainant_role={role}", sum(pair[at] for pair in by_channel.values())))
        figures += [
            counted(f"channel={word};complainant_role={role}", pair[at]) for word, pair in by_channel.items()
        ]
    keys = ("channel", "complainant_role")
    merged = [
        Merged(YEAR, "new_complaints", ("channel",), "channel", "2 other channels", ("c", "d")),
        Merged(YEAR, "new_complaints", keys, "channel", "2 other channels", ("d", "e")),
    ]
    remainders = add_up(figures, merged)
    assert len(remainders.rows) == 3 and not_adding_up(figures, remainders, {}) == []
    remainders.rows[0]["value"] += 1
    assert len(not_adding_up(figures, remainders, {})) == 1


def test_what_is_merged_is_read_again_from_its_line() -> None:
    merged = Merged(YEAR, "new_complaints", ("channel", "service"), "channel", "2 other channels", ("a", "b"))
    assert Merged.from_line(YEAR, merged.line()) == merged


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([2, 3], False),  # the sum itself is small
        ([1, 5], True),  # each may be 1 to 5
        ([5, 5], False),  # two that are small and make 10
        ([2, 2, 2], False),  # each is 4 at most
        ([3, 9], True),
        ([5, 5, 5, 5], False),
        ([7, 8], True),  # none is small
    ],
)
def test_a_sum_is_shown_where_it_says_no_more_than_the_sign(numbers: list[float], expected: bool) -> None:
    assert leaves_uncertain(numbers, SETTINGS) is expected
