"""Random averages and pounds, protected and then attacked: nothing may give way."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from redress.authority.protection import Protection
from redress.protect.decide import PRIMARY, SHOWN, _System, decide
from redress.protect.relations import build
from tests.protection.attacker import attack_sums, broken
from tests.protection.test_random_tables import YEAR, figure, published

SETTINGS = Protection(open_keys=(), least_shown_percent=0)
SHARE = 100 / SETTINGS.dominance_percent - 1
Report = tuple[list[dict], dict[str, str | None], dict[str, tuple[int, float]]]


def random_report(random: Random) -> Report:
    """Answers by team and quarter with their days, and payments by kind: counts, means, medians and pounds."""
    teams = [f"team {n}" for n in range(random.randint(2, 5))]
    quarters = [f"{YEAR}-Q{n}" for n in range(1, 5)]
    answers = [
        (random.choice(teams), random.choice(quarters), random.randint(1, 60)) for _ in range(random.randint(10, 120))
    ]  # fmt: skip
    figures = []
    for team in (None, *teams):
        for period in (YEAR, *quarters):
            days = [d for t, q, d in answers if team in (None, t) and period in (YEAR, q)]
            where = f"service={team}" if team else ""
            figures.append(figure("responses", where, period, len(days)))
            for measure in ("working_days_mean", "working_days_median") if days else ():
                more = {"numerator": sum(days), "denominator": len(days), "unit": "working_days"}
                figures.append(figure(measure, where, period, sum(days) / len(days), **more))
    kinds = ["a", "b", "c", "d"][: random.randint(2, 4)]
    payments = [
        (random.choice(kinds), random.choice((50, 100, 150, 2500))) for _ in range(random.randint(6, 50))
    ]
    pounds = {}
    for kind in (None, *kinds):
        paid = [amount for of, amount in payments if kind in (None, of)]
        where = f"kind={kind}" if kind else ""
        figures.append(figure("remedies", where, YEAR, len(paid)))
        figures.append(figure("remedies_gbp", where, YEAR, sum(paid), unit="gbp"))
        pounds[figures[-1]["figure_id"]] = len(paid), float(max(paid, default=0))
    return figures, dict.fromkeys(teams), pounds


def sums_of(figures: list[dict]) -> dict[tuple[str, str, str], float]:
    """The pounds, and the sums of days of averages."""
    return {
        (row["measure"], row["breakdown"], row["period"]): float(row["numerator"])
        for row in figures
        if row["unit"] in ("gbp", "working_days")
    }


def test_no_suppressed_average_and_no_suppressed_sum_of_a_random_report_gives_way() -> None:
    attacked = shown = 0
    for seed in range(40):
        figures, parents, pounds = random_report(Random(seed))
        decision = decide(figures, parents, [], SETTINGS, {}, pounds)
        assert not decision.gave_way and not decision.narrow, seed
        found = attack_sums(published(figures, decision), figures, parents)
        assert not broken(found, SETTINGS.width), seed
        for one in found:
            if decision.status["|".join(one.identity)] == PRIMARY and one.truth:
                assert not broken([one], SHARE * one.truth), (seed, one)
        attacked += len(found)
        shown += sum(decision.status["|".join(one)] == SHOWN for one in sums_of(figures))
        for row in figures:
            if row["unit"] == "working_days" and row["denominator"] < SETTINGS.base:
                assert decision.status[row["figure_id"]] == PRIMARY, (seed, row)
    assert attacked > 400 and shown > 400


def test_an_average_that_follows_from_the_others_and_their_base_is_found_by_the_last_attack() -> None:
    """Of three teams one has few answers; with the other two and the whole shown, its days are a subtraction."""
    days = {"a": (3, 30), "b": (20, 300), "c": (40, 500)}
    days[""] = tuple(sum(one) for one in zip(*days.values(), strict=True))
    figures = []
    for team, (number, total) in days.items():
        where = f"service={team}" if team else ""
        figures.append(figure("responses", where, YEAR, number))
        more = {"numerator": total, "denominator": number, "unit": "working_days"}
        figures.append(figure("working_days_mean", where, YEAR, total / number, **more))
    parents = dict.fromkeys("abc")
    decision = decide(figures, parents, [], SETTINGS, {})
    assert not decision.gave_way and decision.sums
    [beside] = [
        one
        for one, status in decision.status.items()
        if status != SHOWN and one.startswith("working_days_mean") and "service=a" not in one
    ]
    taken_back = replace(decision, status={**decision.status, beside: SHOWN})
    system = _System(build(figures, parents, []), figures, parents, SETTINGS, {}, {})
    system.solve_counts()
    system.solve_sums()
    system.attack(taken_back)
    assert f"working_days_mean|service=a|{YEAR}" in taken_back.gave_way
    assert broken(attack_sums(published(figures, taken_back), figures, parents), SETTINGS.width)
