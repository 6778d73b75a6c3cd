"""The figures against an independent count, over random authorities with everything that makes counting hard.

All authorities are built in one run. For every report and every measure that the oracle knows, each set of
breakdown keys that the measure promises or that the warehouse gives is counted again, period by period: the same
figures, no more and no fewer, with the same values. A figure of 0 may be absent on either side, and so may one
that has no value.
"""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from pathlib import Path

import duckdb
import pytest

from redress.base.settings import Settings
from redress.declared.language import period_kind
from redress.declared.model import FigureSet
from redress.declared.sets import is_computed
from redress.warehouse import cases, exclusions, semantic
from tests.warehouse import random_extracts
from tests.warehouse.oracle import Authority, Oracle, drop, key_sets, pairs
from tests.warehouse.warehouse_state import Warehouse, World, build_compiled

YEAR, QUARTERS, ALL = ("year",), ("year", "quarter"), ("year", "quarter", "month")
STAGE_SETS = ("stage", "procedure;stage", "service;stage", "procedure;service;stage")
BASIS_SETS = (*STAGE_SETS, *(f"basis;{keys}" for keys in STAGE_SETS))
BAND_SETS = ("band;procedure;stage", "band;procedure;service;stage")
ISSUE_SETS = (*STAGE_SETS, "category;service;stage")
FLOW_SETS = ("procedure;stage", "procedure;service;stage")
STOCK_SETS = ("", "procedure", "service", "procedure;service")
ESCALATED_SETS = ("from_stage", "from_stage;procedure", "from_stage;service", "from_stage;procedure;service")
PERSON = (
    *[
        "channel",
        "complainant_role",
        "sex",
        "child_looked_after",
        "ethnicity",
        "disability",
        "age_band",
        "theme",
    ],
)
PERSON_SETS = (*PERSON, *(f"{key};procedure" for key in PERSON))


def _with(name: str, *sets: str) -> tuple[str, ...]:
    return tuple(f"{keys};{name}" for keys in sets)


# measure -> the sets of keys that must be there, with the kinds of period.
PROMISED: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "new_complaints": [
        (
            (
                *("", "formality", "procedure", "any_procedure", "service", "procedure;service"),
                "any_procedure;service",
            ),
            ALL,
        ),
        (
            (
                *PERSON_SETS,
                *("service_merged", "procedure;service_merged"),
                "child_looked_after;procedure;service",
                *("complainant_type", "white_or_not", "complainant_type;procedure"),
                "child_looked_after;complainant_type",
                "child_looked_after;complainant_type;procedure;service",
                *(f"formality;{key}" for key in PERSON if key != "theme"),
                *("highest_stage", "formality;highest_stage", "highest_stage;procedure"),
                *("status", "formality;status", "procedure;status", "procedure;service;status"),
                *("formality;service", "formality;service;status"),
                *("advocate_kind;behalf", "advocate_kind;complainant_role", "behalf;complainant_role"),
                *("advocate_kind;behalf;formality", "advocate_kind;complainant_role;formality"),
            ),
            YEAR,
        ),
    ],
    **{
        f"new_complaints_{name}": [(("by", "by;procedure", "by;service", "by;procedure;service"), YEAR)]
        for name in ("part_sum", "overlap", "in_several")
    },
    "children_in_complaints": [(("", "child_looked_after", "procedure", "ethnicity"), YEAR)],
    "repeat_complainants": [(("",), YEAR)],
    **{
        measure: [(("", "procedure"), QUARTERS)]
        for measure in (
            "complaint_themes_part_sum",
            "complaint_themes_overlap",
            "complaints_with_several_themes",
        )
    },
    "clock_fallbacks": [(("stage", "procedure;stage"), QUARTERS)],
    "clock_errors": [(("stage", "procedure;stage"), QUARTERS)],
    "panel_steps": [(("step",), QUARTERS)],
    "panel_steps_within_limit": [(("step",), QUARTERS)],
    "panel_steps_within_limit_share": [(("step",), QUARTERS)],
    "responses": [(BASIS_SETS, QUARTERS), (("cohort;procedure;service;stage",), YEAR)],
    "responses_in_band": [((*BAND_SETS, *_with("basis", *BAND_SETS)), QUARTERS)],
    "responses_in_band_share": [((*BAND_SETS, *_with("basis", *BAND_SETS)), QUARTERS)],
    **{
        f"responses_{side}_{limit}{share}": [(STAGE_SETS, QUARTERS)]
        for side in ("within", "outside")
        for limit in ("standard", "extended", "agreed")
        for share in ("", "_share")
    },
    **{
        measure: [(STAGE_SETS, QUARTERS)]
        for measure in (
            *("working_days_mean", "working_days_median", "calendar_days_mean"),
            *("complaints_upheld_share", "complaints_upheld_or_partly_share"),
            "complaints_with_an_issue_upheld_share",
        )
    },
    "withdrawn": [((*FLOW_SETS, "cohort;procedure;service;stage"), YEAR)],
    "withdrawn_share": [(FLOW_SETS, YEAR)],
    "complaint_outcomes": [(_with("outcome", *STAGE_SETS), QUARTERS)],
    "complaint_outcomes_share": [(_with("outcome", *STAGE_SETS), QUARTERS)],
    **{
        f"{measure}{share}": [(sets, QUARTERS)]
        for share in ("", "_share")
        for measure, sets in {
            "stage_episode_outcomes": ("outcome", "outcome;procedure"),
            "complaint_outcomes_and_withdrawn": ("outcome;stage", "outcome;procedure;stage"),
            **{
                f"stage_episodes_answered_within_{limit}": ("", "procedure")
                for limit in ("standard", "extended", "agreed")
            },
        }.items()
    },
    "stages_taken_up": [(("", "procedure", "procedure;stage"), QUARTERS)],
    "stages_taken_up_by_service_touched": [(("procedure;service;stage",), YEAR)],
    "stages_taken_up_in_several": [(("procedure;stage",), YEAR)],
    "brought_forward": [(FLOW_SETS, QUARTERS)],
    "carried_forward": [(FLOW_SETS, QUARTERS)],
    "entered": [(FLOW_SETS, QUARTERS), (("cohort;procedure;service;stage",), YEAR)],
    "closed": [
        ((*FLOW_SETS, *_with("closed_how", *FLOW_SETS)), QUARTERS),
        (("cohort;procedure;service;stage", "closed_how;cohort;procedure;service;stage"), YEAR),
    ],
    "complaints_brought_forward": [(STOCK_SETS, YEAR)],
    "complaints_carried_forward": [(STOCK_SETS, YEAR)],
    "escalated_flow": [(ESCALATED_SETS, QUARTERS), (("cohort;from_stage;procedure;service",), YEAR)],
    "escalated_flow_share": [(ESCALATED_SETS, QUARTERS)],
    "escalated_cohort": [(ESCALATED_SETS, QUARTERS)],
    "escalated_cohort_share": [(ESCALATED_SETS, QUARTERS)],
    "entered_directly": [(STAGE_SETS, QUARTERS)],
    "issues_raised": [
        (
            (
                *("", "service", "procedure", "category", "category;sub_category", "category;service"),
                *(
                    "category;service;sub_category",
                    "procedure;service",
                    "child_looked_after;procedure;service",
                ),
                *("category;procedure;service", "service_merged", "procedure;service_merged"),
            ),
            QUARTERS,
        ),
        (("child_looked_after;procedure;service;stage_1_outcome",), YEAR),
    ],
    "issues_answered": [(ISSUE_SETS, QUARTERS)],
    "issue_outcomes": [(_with("outcome", *ISSUE_SETS), QUARTERS)],
    "issue_outcomes_share": [(_with("outcome", *ISSUE_SETS), QUARTERS)],
    "issues_upheld_share": [(ISSUE_SETS, QUARTERS)],
    "issues_upheld_or_partly_share": [(ISSUE_SETS, QUARTERS)],
    "issues_open": [(("stage", "service;stage"), YEAR)],
    "ombudsman_received": [
        (("", "service", "service_set", "decision", "decision;service", "decision;service_set"), YEAR)
    ],
    "ombudsman_received_part_sum": [(("by",), YEAR)],
    "ombudsman_received_overlap": [(("by",), YEAR)],
    "ombudsman_decided": [(("decision", "decision;service"), YEAR)],
    "ombudsman_investigated": [(("", "service"), YEAR)],
    "ombudsman_upheld_share": [(("", "service"), YEAR)],
    "ombudsman_remedy_gbp": [(("",), YEAR)],
    "contacts": [
        (("", "kind", "kind;service", "kind;outcome", "kind;outcome;service", "category;kind"), YEAR)
    ],
    "compliments": [
        (
            (
                *("", "source", "service", "service;source", "route", "route;source", "route;service"),
                *("route;service;source", "category", "origin"),
            ),
            YEAR,
        )
    ],
    **{
        measure: [(("",), QUARTERS)]
        for measure in (
            "compliment_categories_part_sum",
            "compliment_categories_overlap",
            "compliments_in_several_categories",
        )
    },
    "learning_forms_sent": [(("", "service"), YEAR)],
    "learning_forms_returned": [(("cohort", "cohort;service"), YEAR)],
    "learning_forms_returned_share": [(("cohort", "cohort;service"), YEAR)],
    "learning_forms_outstanding": [(("at", "at;service"), YEAR)],
    "new_complaints_with_learning": [(("formality", "formality;service"), YEAR)],
    "learning_categories": [(("category", "category;service"), YEAR)],
    **{
        measure: [(("", "service", "category"), YEAR)]
        for measure in ("actions_done", "actions_not_done", "actions_open", "actions_overdue")
    },
    **{
        measure: [(("", "service", "category", "progress", "progress;service", "category;progress"), YEAR)]
        for measure in ("actions_agreed", "actions_brought_forward")
    },
    "remedies": [(("", "kind", "decided_by;procedure"), YEAR)],
    "remedies_gbp": [(("", "kind", "decided_by;procedure"), YEAR)],
    "mediation_offered": [(("",), YEAR)],
    "mediation_results": [(("result",), YEAR)],
    "satisfaction_answers": [(("answer;question",), YEAR)],
}
# Also counted again where the warehouse gives them, though nothing promises a set.
GIVEN = (
    *(
        "stage_episodes_answered",
        "responses_timed",
        "resolved",
        "complaints_with_outcome",
        "complaints_upheld",
    ),
    *("complaints_upheld_or_partly", "issues_upheld", "issues_upheld_or_partly", "ombudsman_upheld"),
    *("complaints_with_an_issue_answered", "complaints_with_an_issue_upheld", "mediation_accepted"),
)
# Keys that the oracle has no words for: the rank of a payment among those of a set of services.
UNKNOWN_KEYS = {"case"}
# Shares of one of these: the part, and a whole that leaves out one of its keys.
SHARES_OF = ("new_complaints", "issues_raised", "compliments", "contacts", "remedies", "satisfaction_answers")


def to_world(authorities: list[Authority]) -> World:
    """What intake would leave behind for the authorities."""
    world = World()
    for one in authorities:
        world.authority(one.slug, one.case_data_from.isoformat())
        for year, as_at in one.reports.items():
            world.report(one.slug, year, as_at.isoformat())
        named = {"authority": one.slug}
        world.configure(
            "config_setting", *({**named, "setting": k, "value": v} for k, v in one.settings.items())
        )
        world.configure("config_service", *({**named, "label": r["service"], **r} for r in one.services))
        world.configure("config_timescale", *({**named, "source": "random", **r} for r in one.timescales))
        world.configure("config_time_band", *({**named, **r} for r in one.bands))
        world.configure("config_grouping", *({**named, **r} for r in one.groupings))
        for extract in one.extracts:
            world.extract(
                one.slug,
                {extract.table: extract.rows},
                source=extract.table,
                received_at=extract.received_at.isoformat(),
                status=extract.status,
            )
            world.ledger[-1]["scope"] = extract.scope
    return world


Given = dict[tuple[str, tuple[str, ...]], dict[str, dict[str, tuple]]]
"""(measure, keys) -> period -> breakdown -> (numerator, denominator, value), of one report."""

Figures = dict[tuple[str, str], Given]
KEYS_OF = (
    "list_transform(list_filter(string_split(breakdown, ';'), lambda pair: pair != ''),"
    " lambda pair: split_part(pair, '=', 1))"
)
NUMBERS = (
    "select authority, reporting_year, measure, breakdown, period, numerator, denominator, value"
    " from figures.figures where status != 'prior'"
)


def by_report(rows: list[tuple]) -> Figures:
    """The answer to `NUMBERS`, by authority and reporting year."""
    found: Figures = defaultdict(lambda: defaultdict(lambda: defaultdict(dict)))
    for authority, year, measure, breakdown, period, *numbers in rows:
        keys = tuple(sorted(pairs(breakdown)))
        found[authority, year][measure, keys][period][breakdown] = tuple(numbers)
    return found


@pytest.fixture(scope="module")
def authorities() -> dict[str, Authority]:
    made = [random_extracts.authority(seed) for seed in random_extracts.PLAN]
    return {one.slug: one for one in made}


@pytest.fixture(scope="module")
def warehouse(authorities: dict[str, Authority], tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder: Path = tmp_path_factory.mktemp("random")
    return build_compiled(to_world(list(authorities.values())), folder, "+figures", with_tests=True)


@pytest.fixture(scope="module")
def figures(warehouse: Warehouse) -> Figures:
    return by_report(warehouse.rows(NUMBERS))


REPORTS = [(seed, year) for seed, (reports, _) in random_extracts.PLAN.items() for year in reports]


@pytest.fixture(params=REPORTS, ids=lambda report: f"{report[0]}-{report[1]}", scope="module")
def report(request: pytest.FixtureRequest, authorities: dict[str, Authority]) -> tuple[str, str, Oracle]:
    seed, year = request.param
    slug = f"random-{seed}"
    return slug, year, Oracle(authorities[slug], year)


def test_nothing_in_the_build_failed(warehouse: Warehouse) -> None:
    bad = [result for result in warehouse.results if result[0] not in ("success", "pass", "warn")]
    assert {kind for _, kind, _ in warehouse.results} == {"seed", "model", "test"} and not bad


def test_every_set_of_figures_is_one_that_a_section_may_ask_for(figures: Figures) -> None:
    computed = {
        FigureSet(measure, keys, "quarter" if "-Q" in period else period_kind(period))
        for of_report in figures.values()
        for (measure, keys), periods in of_report.items()
        for period in periods
    }
    assert len(computed) > 300 and not {unknown for unknown in computed if not is_computed(unknown)}


def test_every_figure_is_made_of_the_things_listed_behind_it(warehouse: Warehouse, tmp_path: Path) -> None:
    copy = tmp_path / "redress.duckdb"
    warehouse.rows("checkpoint")
    shutil.copyfile(warehouse.database, copy)
    key, kept = b"a key for the tests", Settings().compiled / "rewritten"
    complete = cases.trace(copy, warehouse.target / "compiled", lambda authority: key, kept)
    [(figures,)] = warehouse.rows("select count(*) from figures.figures")
    with duckdb.connect(str(copy), read_only=True) as connection:
        wrong = connection.execute(
            "select measure, any_value(figure_id) from evidence.complete where not is_complete group by 1"
        ).fetchall()
        # what was counted as a case is one that the marts know, under a pseudonym
        [(unknown,)] = connection.execute(
            "select count(*) from evidence.members as members left join evidence.things as things "
            "using (authority, reporting_year, thing) "
            "where things.pseudonym is null and not starts_with(members.thing, 'part:')"
        ).fetchall()
        left_out(connection)
    assert figures > 1000 and not wrong and complete == figures and unknown == 0


def test_the_facts_answer_what_the_tables_of_figures_hold(warehouse: Warehouse) -> None:
    """Whatever both can say, by whatever keys: the definitions of `semantic.yml` mean what the figures mean."""
    compared, different = 0, []
    with duckdb.connect(str(warehouse.database)) as connection:
        families = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'figures'"
            " and starts_with(table_name, 'figures_') and table_name not in ('figures_prior', 'figures_changes')"
        ).fetchall()
        rows = " union all ".join(
            f"select authority, reporting_year, measure, breakdown, period, value from figures.{family}"
            for (family,) in families
        )
        connection.execute(
            f"create temp table held as select rows.*, period_kind, {KEYS_OF} as keys from ({rows}) as rows"
            " inner join marts.dim_period using (authority, reporting_year, period)"
            # a council may print themes of one group put together under a word of its own
            " where not (len(keys) = 2 and exists (select 1 from staging.stg_config_grouping as words"
            " where words.attribute = 'theme' and words.authority = rows.authority"
            " and list_contains(string_split(rows.breakdown, ';'), 'theme=' || words.group_value)))"
            " order by measure, keys, period_kind"
        )
        groupings = {
            name
            for (name,) in connection.execute(
                "select distinct grouping from intermediate.int_complaint_grouping"
            ).fetchall()
        }
        sets = connection.execute(
            "select distinct measure, keys, period_kind from held order by all"
        ).fetchall()
        asked = [
            (semantic.measures()[measure], keys, kind)
            for measure, keys, kind in sets
            if measure in semantic.measures()
            and all(semantic.measures()[measure].holds(key, groupings) for key in keys)
        ]
        for measure, keys, kind in asked:
            pairs = " || ';' || ".join(f"""'{key}=' || "{key}" """ for key in keys) or "''"
            counted, wrong = connection.execute(
                f"with asked as (select authority, reporting_year, period, {pairs} as breakdown, value"
                # the facts have months of earlier years too
                f" from ({semantic.statement(measure, keys, kind, groupings)})"
                " semi join marts.dim_period using (authority, reporting_year, period)),"
                " held as (select * from held where measure = $1 and keys = $2 and period_kind = $3)"
                " select count(*) filter (held.value is not null and held.value = asked.value),"
                " any_value(breakdown || ' in ' || period || ': ' || coalesce(held.value, 0) || ' in figures, '"
                " || coalesce(asked.value, 0) || ' of facts')"
                " filter (abs(coalesce(held.value, 0) - coalesce(asked.value, 0)) > 1e-9)"
                " from asked full outer join held using (authority, reporting_year, period, breakdown)",
                [measure.name, keys, kind],
            ).fetchone()
            compared += counted
            different += [f"{measure.name} [{';'.join(keys)}] {wrong}"] if wrong else []
    assert different == []
    assert {measure.name for measure, *_ in asked} == semantic.measures().keys()
    assert len(asked) > 300 and compared > 20_000


def left_out(traced: duckdb.DuckDBPyConnection) -> None:
    """What is in a figure and what it leaves out are together what its measure counts or might have counted."""
    in_year = exclusions.IN_YEAR.format(period="figures.period", year="figures.reporting_year")
    for authority, year in traced.execute(
        "select distinct authority, reporting_year from figures.figures order by all"
    ).fetchall():
        counted: Counter[str] = Counter()
        for figure, _, things in exclusions.counts(traced, authority, year):
            assert things > 0
            counted[figure] += things
        rows = traced.execute(
            f"select figures.figure_id, measure, {in_year}, things, set_id "
            "from figures.figures as figures inner join evidence.parts as parts using (figure_id) "
            "where figures.authority = $1 and figures.reporting_year = $2 and part != 'denominator' "
            "and set_id is not null order by all",
            [authority, year],
        ).fetchall()
        wholes: dict[tuple[str, bool], set[int]] = defaultdict(set)
        for figure, measure, is_in_year, things, _ in rows:
            wholes[measure, is_in_year].add(things + counted[figure])
        assert rows and {measure: sums for measure, sums in wholes.items() if len(sums) > 1} == {}
        # Case by case for some: as many as were counted, each once, and none that the figure counts.
        for figure, *_, set_id in rows[:: len(rows) // 3]:
            named = [name for name, *_ in exclusions.of_figure(traced, figure)]
            members = traced.execute(
                "select distinct pseudonym from evidence.members inner join evidence.things "
                "using (authority, reporting_year, thing) where set_id = $1",
                [set_id],
            ).fetchall()
            assert len(named) == len(set(named)) == counted[figure]
            assert not {name for (name,) in members} & set(named)


def test_every_figure_is_the_count_of_the_oracle(report: tuple[str, str, Oracle], figures: Figures) -> None:
    slug, year, oracle = report
    compared, different = compare(oracle, figures[slug, year])
    assert compared > 2000
    assert not different, f"{len(different)} differences:\n" + "\n".join(different[:40])


def test_every_share_is_a_part_of_a_whole(report: tuple[str, str, Oracle], figures: Figures) -> None:
    slug, year, oracle = report
    wrong: list[str] = []
    for measure in SHARES_OF:
        for (name, keys), by_period in figures[slug, year].items():
            if name != f"{measure}_share":
                continue
            for period in oracle.periods:
                actual = by_period.get(period.name, {})
                if not actual:
                    continue
                parts = oracle.counts(measure, keys, period)
                wholes = {
                    key: oracle.counts(measure, tuple(k for k in keys if k != key), period) for key in keys
                }
                for breakdown, (part, whole, value) in actual.items():
                    possible = {wholes[key].get(drop(breakdown, key), 0) for key in keys}
                    holds = part == parts.get(breakdown, 0) and whole in possible and part <= whole
                    if not holds or not close(value, 100 * part / whole if whole else None):
                        wrong.append(f"{name} [{breakdown}] {period.name}: {part} of {whole} is {value}")
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong[:40])


def test_every_change_is_this_year_less_the_one_before(
    report: tuple[str, str, Oracle], figures: Figures
) -> None:
    slug, year, oracle = report
    given = figures[slug, year]
    wrong: list[str] = []
    compared = 0
    for measure in (*PROMISED, *GIVEN):
        for keys in {keys for name, keys in given if name == measure and not UNKNOWN_KEYS & set(keys)}:
            expected = oracle.changes(measure, keys)
            by = {
                suffix: given.get((f"{measure}_{suffix}", keys), {}).get(year, {})
                for suffix in ("change", "change_pct", "change_points")
            }
            shown = given[measure, keys]
            earlier = f"{int(year[:4]) - 1}-{year[2:4]}"
            covered = any(period.name == earlier for period in oracle.periods)
            for breakdown in expected.keys() | set().union(*by.values()):
                now, then = expected.get(breakdown, (None, None))
                # A part of 0 that is shown was compared above, and has a change.
                now = shown[year].get(breakdown, (0, 0, None))[2] if now is None else now
                then = shown[earlier].get(breakdown, (0, 0, None))[2] if then is None else then
                both = breakdown in shown[year] and (breakdown in shown[earlier] or not covered)
                points = by["change_points"].get(breakdown)
                actual = points or by["change"].get(breakdown)
                percent = by["change_pct"].get(breakdown)
                compared += actual is not None
                if actual is None or now is None or then is None:
                    # Without a figure on both sides there is no change.
                    holds = actual is None and not (both and now is not None and then is not None)
                else:
                    holds = close(actual[0], now) and close(actual[1], then) and close(actual[2], now - then)
                    if not points:
                        wanted = 100 * (now - then) / then if then else None
                        holds &= percent is not None and close(percent[2], wanted)
                if not holds:
                    wrong.append(f"{measure} [{breakdown}]: from {then} to {now}, figures {actual} {percent}")
    assert compared > 50 or oracle.periods[0] is oracle.year
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong[:40])


def compare(oracle: Oracle, given: Given) -> tuple[int, list[str]]:
    """Count every figure of a report again that a measure promises or the warehouse gives.

    Returns:
        How many figures stood on both sides, and a line for each that is not the same.
    """
    different: list[str] = []
    compared = 0
    for measure in (*PROMISED, *GIVEN):
        promised = {keys: kinds for sets, kinds in PROMISED.get(measure, []) for keys in key_sets(*sets)}
        sets = promised.keys() | {
            keys for name, keys in given if name == measure and not UNKNOWN_KEYS & set(keys)
        }
        for keys in sorted(sets):
            for period in oracle.periods:
                actual = given.get((measure, keys), {}).get(period.name, {})
                if not actual and period.kind not in promised.get(keys, ()):
                    continue
                expected = oracle.rows(measure, keys, period)
                for breakdown in expected.keys() | actual.keys():
                    one, other = expected.get(breakdown), actual.get(breakdown)
                    compared += one is not None and other is not None
                    if not same(one, other):
                        different.append(
                            f"{measure} [{breakdown}] {period.name}: oracle {one}, figures {other}"
                        )
    return compared, different


def same(one: tuple | None, other: tuple | None) -> bool:
    """Equal, or nothing on both sides: absent, 0 or without a value."""
    value, others = (numbers[2] if numbers else None for numbers in (one, other))
    if not value and not others:
        return one is None or other is None or value == others
    if not (one and other):
        return False
    return all(close(a, b) for a, b in zip(one, other, strict=True) if a is not None or b is not None)


def close(one: float | None, other: float | None) -> bool:
    """Equal to nine places; blank equals only blank."""
    if one is None or other is None:
        return one is other
    return abs(one - other) < 1e-9 * max(1.0, abs(one))
