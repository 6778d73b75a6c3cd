"""Several reports of one council: what one shows, another must not have hidden in vain."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from redress.authority.protection import Protection
from redress.protect.council import Given, _say_gaps, decide_given
from redress.protect.decide import AS_PRINTED, LEFT_OUT, PRIMARY, SECONDARY, SHOWN, Decision, decide
from tests.protection.attacker import attack, broken
from tests.protection.test_random_tables import figure, published, random_report

BEFORE, NOW = "2022-23", "2023-24"
EVERYTHING = Protection(open_keys=(), least_shown_percent=0)


def of(report: str, figures: list[dict]) -> list[dict]:
    """The figures as those of one report."""
    return [row | {"reporting_year": report, "figure_id": f"{report}:{row['figure_id']}"} for row in figures]


def channels(period: str, *values: int, measure: str = "new_complaints") -> list[dict]:
    """A total and its parts."""
    parts = [figure(measure, f"channel=c{n}", period, value) for n, value in enumerate(values)]
    return [figure(measure, "", period, sum(values)), *parts]


def alone_and_together(
    reports: list[list[dict]], parents: dict[str, str | None] | None = None, settings: Protection = EVERYTHING
) -> tuple[list, list, list]:
    """What gives way of each report by itself, of all when decided one by one, and of all decided together."""
    parents = parents or {}
    figures = [row for report in reports for row in report]
    by_itself = [decide(report, parents, [], settings, {}) for report in reports]
    rows = [published(report, decision) for report, decision in zip(reports, by_itself, strict=True)]
    joint = decide(figures, parents, [], settings, {})
    assert not joint.gave_way and not joint.narrow
    return (
        [one for part in rows for one in broken(attack(part, figures, parents), settings.width)],
        broken(attack([row for part in rows for row in part], figures, parents), settings.width),
        broken(attack(published(figures, joint), figures, parents), settings.width),
    )


def share(year: str, part: int, whole: int) -> dict:
    """A percentage of the channel c1; this year it is of other numbers than the counts beside it."""
    value = 100 * part / whole
    return figure(
        "new_complaints_share", "channel=c1", year, value, numerator=part, denominator=whole, unit="percent"
    )


TWO_YEARS = {
    "last year's number again": [
        of(BEFORE, channels(BEFORE, 2, 9)),
        of(NOW, [*channels(NOW, 20, 30, 40), *channels(BEFORE, 2, 9)[2:]]),
    ],
    "a change from last year": [
        of(BEFORE, channels(BEFORE, 2, 9)),
        of(NOW, [*channels(NOW, 20, 30, 40), figure("new_complaints_change", "channel=c1", NOW, 21)]),
    ],
    "the stock at the turn of the year": [
        of(BEFORE, channels(BEFORE, 2, 9, 30, 12, 17, measure="carried_forward")),
        of(NOW, channels(NOW, 2, 9, 30, 12, 17, measure="brought_forward")[2:]),
    ],
    "a share of last year": [
        of(BEFORE, channels(BEFORE, 2, 9)),
        of(NOW, [*channels(NOW, 20, 30, 40), *(share(year, 9, 11) for year in (BEFORE, NOW))]),
    ],
    "quarters of last year": [
        of(BEFORE, channels(BEFORE, 3, 28)),
        of(NOW, [figure("new_complaints", "channel=c1", f"{BEFORE}-Q{n}", 7) for n in range(1, 5)]),
    ],
}  # fmt: skip


@pytest.mark.parametrize("reports", TWO_YEARS.values(), ids=TWO_YEARS)
def test_two_years_that_are_safe_by_themselves_are_safe_together(reports: list[list[dict]]) -> None:
    alone, one_by_one, together = alone_and_together(reports)
    assert not alone and one_by_one and not together


def test_nothing_gives_way_in_random_reports_of_two_years() -> None:
    gave_way_one_by_one = 0
    for seed in range(12):
        random = Random(seed)
        figures, parents = random_report(random)
        later, more = random_report(random)
        parents = {**parents, **more}
        before = of(BEFORE, [at(row, BEFORE) for row in figures])
        again = [at(row, BEFORE) for row in figures if random.random() < 0.3]
        _, one_by_one, together = alone_and_together([before, of(NOW, [*later, *again])], parents)
        gave_way_one_by_one += len(one_by_one)
        assert not together, seed
    assert gave_way_one_by_one > 20, "the years have to be tied"


def at(row: dict, year: str) -> dict:
    """The figure moved to another year."""
    period = row["period"].replace(NOW, year)
    return row | {"period": period, "figure_id": row["figure_id"].replace(NOW, year)}


def settle(figures: list[dict], decision: Decision) -> dict[str, str]:
    """A report's decisions as its sign-off keeps them."""
    kept = {SHOWN: SHOWN, PRIMARY: SECONDARY, SECONDARY: SECONDARY, LEFT_OUT: LEFT_OUT}
    return {row["figure_id"]: kept[decision.status[row["figure_id"]]] for row in figures}


def test_what_was_signed_off_stays_as_it_was_and_the_next_year_gives_none_of_it_away() -> None:
    before = of(BEFORE, channels(BEFORE, 2, 9, 30, 12))
    settled = settle(before, decide(before, {}, [], EVERYTHING, {}))
    assert sorted(settled.values()) == [SECONDARY] * 2 + [SHOWN] * 3
    now = of(NOW, [*channels(NOW, 3, 10, 31, 40), *channels(BEFORE, 2, 9, 30, 12)[1:]])
    both = decide([*before, *now], {}, [], EVERYTHING, {}, settled=settled)
    assert {one: both.status[one] for one in settled} == settled
    for row in now:
        if row["period"] == BEFORE:
            same = row["figure_id"].replace(NOW, BEFORE, 1)
            assert (both.status[row["figure_id"]] == SHOWN) == (settled[same] == SHOWN), row
    assert not both.gave_way
    assert not broken(attack(published([*before, *now], both), [*before, *now], {}), 4)


def test_what_a_signed_report_shows_is_known_to_whoever_reads_the_next() -> None:
    """What the next report would have hidden beside its small number was shown: it hides another."""
    now = of(NOW, [*channels(BEFORE, 2, 9, 30), *channels(NOW, 20, 30, 40)])
    alone = decide(now, {}, [], EVERYTHING, {})
    [beside] = [row for row in now if alone.status[row["figure_id"]] == SECONDARY]
    before = of(BEFORE, [beside | {"figure_id": "signed"}])
    both = decide([*before, *now], {}, [], EVERYTHING, {}, settled={before[0]["figure_id"]: SHOWN})
    assert both.status[beside["figure_id"]] == SHOWN
    [other] = [row for row in now if both.status[row["figure_id"]] == SECONDARY]
    assert other["period"] == BEFORE
    assert not broken(attack(published([*before, *now], both), [*before, *now], {}), 4)


def test_a_signed_report_that_gives_a_suppressed_number_away_is_told_and_a_revision_closes_the_gap() -> None:
    signed = of(NOW, channels(NOW, 2, 9, 30))
    total, small, *rest = (row["figure_id"] for row in signed)
    settled = {total: SHOWN, small: SECONDARY, **dict.fromkeys(rest, SHOWN)}
    standing = decide(signed, {}, [], EVERYTHING, {}, settled=settled)
    assert standing.gaps == [small] and standing.status == settled and not standing.gave_way
    safe = settle(signed, decide(signed, {}, [], EVERYTHING, {}))
    assert not decide(signed, {}, [], EVERYTHING, {}, settled=safe).gaps

    earlier = [row | {"figure_id": f"{row['figure_id']}@1", "record": "1"} for row in signed]
    known = {f"{figure}@1": status for figure, status in settled.items()}
    anew = decide([*signed, *earlier], {}, [], EVERYTHING, {}, settled=known)
    assert anew.gaps == [f"{small}@1"]
    asked = Given("a", EVERYTHING, None, signed, earlier, {}, [], {}, {}, known)
    assert decide_given(asked).public[NOW].status[small] != PRIMARY, "where it is not revised, its gap stays"
    asked = replace(asked, revised=[row["figure_id"] for row in earlier])
    left = asked.without_revised()
    closed = decide([*signed, *left.earlier], {}, [], EVERYTHING, {}, settled=left.settled)
    assert decide_given(asked).public[NOW].reason[small] == "it is shown with others in one row"
    assert not closed.gaps and closed.status[small] == PRIMARY
    assert not broken(attack(published(signed, closed), signed, {}), 4)
    [told] = _say_gaps("a", standing.gaps, signed)
    assert told.startswith(
        f"a {NOW} is signed off, and 1 of the numbers that it suppresses can be worked out"
    )


def test_a_revised_number_is_hidden_where_what_it_was_is_hidden() -> None:
    before, now = of(BEFORE, channels(BEFORE, 4, 9, 30)), of(NOW, channels(BEFORE, 7, 9, 30))
    both = decide([*before, *now], {}, [], EVERYTHING, {})
    assert both.status[now[1]["figure_id"]] != SHOWN
    assert decide(now, {}, [], EVERYTHING, {}).status[now[1]["figure_id"]] == SHOWN


def test_an_earlier_years_number_is_public_only_where_no_other_report_counts_it() -> None:
    before = of(BEFORE, channels(BEFORE, 2, 9, 30))
    given = of(NOW, [row | {"status": "prior"} for row in channels(BEFORE, 2, 9, 30)[1:2]])
    figures = [*before, *of(NOW, channels(NOW, 20, 30, 40)), *given]
    assert decide(figures, {}, [], EVERYTHING, {}).status[given[0]["figure_id"]] == PRIMARY
    assert decide(figures[len(before):], {}, [], EVERYTHING, {}).status[given[0]["figure_id"]] == SHOWN  # fmt: skip


def test_a_decision_is_told_apart_by_report() -> None:
    before, now = of(BEFORE, channels(BEFORE, 2, 9, 30)), of(NOW, channels(NOW, 3, 10, 30))
    both = decide([*before, *now], {}, [], EVERYTHING, {})
    parts = [
        both.of([row["figure_id"] for row in rows], year) for rows, year in ((before, BEFORE), (now, NOW))
    ]
    assert parts[0].status | parts[1].status == both.status
    assert parts[0].targets | parts[1].targets == both.targets and not parts[0].targets & parts[1].targets
    assert sum(part.counts[SHOWN] for part in parts) == both.counts[SHOWN] > 0


def random_averages(random: Random) -> tuple[list[dict], dict[str, str]]:
    """Averages of two years by procedure with their changes, and the figures that are printed, to whole days."""
    figures, printed = [], {}
    for procedure in ("", "procedure=statutory", "procedure=corporate"):
        days = {}
        for year in (BEFORE, NOW):
            count = random.randint(1, 12)
            total = random.randint(1, 30) * count + random.randint(0, count)
            days[year] = total / count
            figures.append(
                figure(
                    "working_days_mean", procedure, year, total / count, numerator=total, denominator=count,
                    unit="working_days",
                )
            )  # fmt: skip
            if random.random() < 0.6:
                printed[figures[-1]["figure_id"]] = str(round(total / count))
        change = days[NOW] - days[BEFORE]
        for name, value in (("change", change), ("change_pct", 100 * change / days[BEFORE])):
            unit = "working_days" if name == "change" else "percent"
            figures.append(figure(f"working_days_mean_{name}", procedure, NOW, value, unit=unit))
    return figures, printed


def test_a_change_between_two_numbers_that_are_shown_is_shown_as_they_give_it() -> None:
    followed = hidden = 0
    for seed in range(40):
        figures, printed = random_averages(Random(seed))
        decision = decide(figures, {}, [], Protection(), printed)
        shown = {
            (row["measure"], row["breakdown"], row["period"]): decision.printed.get(
                row["figure_id"], row["value"]
            )
            for row in figures
            if decision.status[row["figure_id"]] in (SHOWN, AS_PRINTED)
        }
        for row in figures:
            if "_change" not in row["measure"]:
                continue
            name = row["measure"], row["breakdown"], row["period"]
            now, before = (shown.get(("working_days_mean", row["breakdown"], year)) for year in (NOW, BEFORE))
            if now is None or before is None:
                assert name not in shown, (seed, name)
                hidden += 1
            elif before or not row["measure"].endswith("_pct"):
                change = 100 * (now - before) / before if row["measure"].endswith("_pct") else now - before
                assert shown[name] == pytest.approx(change), (seed, name)
                followed += decision.status[row["figure_id"]] == AS_PRINTED
    assert followed > 10 and hidden > 10
