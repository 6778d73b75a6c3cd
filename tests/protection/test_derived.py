"""Relations that no list names: what is equal or adds up wherever it can be seen is believed where something is hidden."""

from __future__ import annotations

from random import Random

import pytest

from redress.authority.protection import Protection
from redress.contract import figure_catalogue as catalogue
from redress.protect.decide import AS_PRINTED, SHOWN, decide
from redress.protect.derived import derive
from redress.protect.relations import build
from tests.protection.attacker import attack, broken
from tests.protection.test_random_tables import EVERYTHING, YEAR, figure, published

TEAMS = [f"t{number}" for number in range(16)]
PARENTS: dict[str, str | None] = dict.fromkeys(TEAMS)


def findings(random: Random, whole: str, parts: str, twin: str) -> list[dict]:
    """By team: what was found, how many have a finding, and the same once more under another measure's name.

    No measure is one of the catalogue, and no figure states a total: only the numbers say what is what.
    """
    rows = []
    for team in TEAMS:
        counts = {word: random.choice([0, 2, 3, 6, 7, 9, 14, 31]) for word in ("a", "b", "c")}
        rows += [figure(parts, f"found={word};service={team}", YEAR, count) for word, count in counts.items()]
        rows.append(figure(whole, f"service={team}", YEAR, sum(counts.values())))
        rows += [figure(twin, f"service={team};word={word}", YEAR, count) for word, count in counts.items()]
    return rows


@pytest.mark.parametrize("seed", range(3))
def test_parts_of_a_whole_of_another_name_and_the_same_count_under_two_names_give_nothing_away(
    seed: int,
) -> None:
    figures = findings(Random(seed), "closed_cases", "conclusions", "verdicts")
    settings = Protection(open_keys=(), least_shown_percent=0)
    decision = decide(figures, PARENTS, [], settings, {})
    rows = published(figures, decision)
    found = attack(rows, figures, PARENTS)
    assert len(found) > 20
    assert not broken(found, settings.width)
    # the attacker is worth his name: with the small counts alone hidden he finds them
    small = [row | {"value": None} if 0 < row["value"] <= 5 else row for row in figures]
    assert broken(attack(small, figures, PARENTS), settings.width)


def test_a_relation_that_nothing_shown_contradicts_is_believed_where_it_is_true() -> None:
    figures = [
        figure("received", f"service={team}", YEAR, 7 + 2 * number) for number, team in enumerate(TEAMS)
    ]
    twins = [
        row | {"measure": "booked", "figure_id": row["figure_id"].replace("received", "booked")}
        for row in figures
    ]
    twins[0] = twins[0] | {"value": 99}
    cells = build([*figures, *twins], {}, [])
    every = set(range(len(cells.keys)))
    other = cells.value_cell[twins[0]["figure_id"]]
    assert not [r for r in derive(cells, every, {}) if len(r.cells) == 2]
    seen = derive(cells, every, {}, every - {other})
    assert len([r for r in seen if len(r.cells) == 2 and r.is_equation]) == len(TEAMS) - 1


def test_what_the_catalogue_says_needs_no_agreement() -> None:
    """Of one team and one stage there is nothing to compare, and everybody knows what an outcome is."""
    of = "service=a;stage=1"
    figures = [
        figure("complaint_outcomes", f"outcome=not_upheld;{of}", YEAR, 2),
        figure("complaint_outcomes", f"outcome=upheld;{of}", YEAR, 4),
        figure("complaint_outcomes", f"outcome=partially_upheld;{of}", YEAR, 3),
        figure("complaint_outcomes", f"outcome=inconclusive;{of}", YEAR, 0),
        figure("complaints_with_outcome", of, YEAR, 9),
        figure(
            "complaints_upheld_or_partly_share", of, YEAR, 700 / 9, numerator=7, denominator=9, unit="percent"
        ),
    ]
    decision = decide(figures, {"a": None}, [], EVERYTHING, {})
    hidden = {row["figure_id"] for row in figures if decision.status[row["figure_id"]] != SHOWN}
    assert figures[0]["figure_id"] in hidden
    # 9 with an outcome and 7 upheld or partly would leave 2: a share says both
    assert figures[5]["figure_id"] in hidden


def test_a_limit_on_which_a_band_ends_is_that_band() -> None:
    """Of one team there is nothing to compare: whoever knows the limit knows the band, and the rest of what was timed."""
    where = "procedure=corporate;stage=1"
    figures = [
        figure("responses_in_band", f"band=0-10;{where}", YEAR, 14),
        figure("responses_in_band", f"band=11+;{where}", YEAR, 4),
        figure("responses_timed", where, YEAR, 18),
        figure("responses_within_standard", where, YEAR, 14),
    ]
    decision = decide(figures, {}, [], EVERYTHING, {figures[2]["figure_id"]: "18"})
    shown = [row["measure"] for row in figures if decision.status[row["figure_id"]] == SHOWN]
    assert shown == ["responses_timed"]


def test_a_percentage_that_the_council_printed_leaves_as_printed_and_says_no_more() -> None:
    figures = [
        figure("new_complaints", "", YEAR, 129),
        figure("new_complaints", "channel=letter", YEAR, 3),
        figure("new_complaints", "channel=e-mail", YEAR, 126),
        figure(
            "new_complaints_share",
            "channel=letter",
            YEAR,
            300 / 129,
            numerator=3,
            denominator=129,
            unit="percent",
        ),
    ]
    share = figures[3]["figure_id"]
    whole = figures[0]["figure_id"]
    decision = decide(figures, {}, [], EVERYTHING, {share: "2", whole: "129"})
    # 2% of 129 is 2 or 3: the count stays hidden, and the percentage is shown as it was printed
    assert decision.status[figures[1]["figure_id"]] != SHOWN
    assert decision.status[share] == AS_PRINTED and decision.printed[share] == 2
    # 5 of 129 is the only count that rounds to 4%: whoever has the print has the count
    figures[1] |= {"value": 5}
    figures[2] |= {"value": 124}
    figures[3] |= {"value": 500 / 129, "numerator": 5}
    decision = decide(figures, {}, [], EVERYTHING, {share: "4", whole: "129"})
    assert decision.status[figures[1]["figure_id"]] == SHOWN


def test_every_identity_of_the_catalogue_can_be_read() -> None:
    identities = catalogue.identities()
    assert len(identities) > 40
    assert all(len(identity) > 1 for identity in identities)
    known = {row["measure"] for row in catalogue.rows()}
    assert {measure for pair in catalogue.subsets() for measure in pair} <= known
    assert [term.measure for term in identities[0]] == ["new_complaints", "new_complaints_by_outcome"]


def test_what_holds_at_each_stage_holds_of_all_stages_together() -> None:
    """Answers of every stage are their outcomes, and those within a limit are no more of them; no line says so of itself."""
    answered = figure("stage_episodes_answered", "", YEAR, 20)
    outcomes = [
        figure("stage_episode_outcomes", f"outcome={word}", YEAR, n) for word, n in (("a", 17), ("b", 3))
    ]
    within = figure("stage_episodes_answered_within_standard", "", YEAR, 19)
    cells = build([answered, *outcomes, within], {}, [])
    [whole, *parts, small] = [cells.value_cell[row["figure_id"]] for row in (answered, *outcomes, within)]
    ties = [(set(zip(r.cells, r.coefficients, strict=True)), r.is_equation) for r in cells.relations]
    assert any(
        is_equation and terms in ({(whole, sign), *((part, -sign) for part in parts)} for sign in (1, -1))
        for terms, is_equation in ties
    )
    assert ({(small, 1), (whole, -1)}, False) in ties


def test_what_is_never_greater_is_so_through_a_measure_that_is_not_there() -> None:
    small, large = figure("responses_within_standard", "", YEAR, 4), figure("responses", "", YEAR, 9)
    cells = build([small, large], {}, [])
    pair = {(cells.value_cell[small["figure_id"]], 1), (cells.value_cell[large["figure_id"]], -1)}
    assert any(set(zip(r.cells, r.coefficients, strict=True)) == pair for r in cells.relations)
