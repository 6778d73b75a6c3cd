"""How lists are spread over pages, asked of the pages' own code."""

from __future__ import annotations

import json

from test_publish_numbers import ask

YEAR = "2023-24"


def groups(*sizes: int) -> str:
    """Groups of rows numbered from 0 within each, the first of which stays on the list's own page."""
    return json.dumps(
        [
            {
                "name": f"g{i}",
                "label": f"Group {i}",
                "stays": i == 0,
                "rows": [f"{i}.{n}" for n in range(size)],
            }
            for i, size in enumerate(sizes)
        ]
    )


def spread(*sizes: int, most: int = 4) -> tuple[list, list]:
    lists = ask(
        "long-lists.js",
        f"(({{ here, away }}) => [here.map((one) => [one.label, one.rows.length]), "
        f"away.map((one) => [one.path, one.label, one.rows])])(it.spread({groups(*sizes)}, {most}))",
    )
    return tuple(lists)  # type: ignore[arg-type, return-value]


def test_a_list_that_fits_stays_whole_and_empty_groups_are_left_out() -> None:
    assert spread(2, 0, 2) == ([["Group 0", 2], ["Group 2", 2]], [])


def test_a_list_that_does_not_fit_keeps_its_first_group_and_sends_the_others_to_pages() -> None:
    here, away = spread(2, 3)
    assert here == [["Group 0", 2]]
    assert away == [["g1/", "Group 1", ["1.0", "1.1", "1.2"]]]


def test_no_page_has_more_than_the_most_and_no_row_is_lost() -> None:
    here, away = spread(9, 5)
    assert here == [["Group 0, part 1 of 3", 4]]
    assert [(path, len(rows)) for path, _, rows in away] == [
        ("g0-2/", 4), ("g0-3/", 1), ("g1/", 4), ("g1-2/", 1),
    ]  # fmt: skip
    assert [row for _, _, rows in away for row in rows] == [
        *(f"0.{n}" for n in range(4, 9)), *(f"1.{n}" for n in range(5)),
    ]  # fmt: skip


def test_a_figure_stands_with_those_of_its_kind_of_period() -> None:
    periods = [YEAR, "2023-24-Q2", "2023-05", "2022-23", "2011-12", "2011-04"]
    rows = [{"figure_id": period, "period": period, "breakdown": ""} for period in periods]
    named = ask(
        "long-lists.js",
        f"it.figureGroups({json.dumps(rows)}, '{YEAR}').map(({{ name, rows }}) => [name, rows.map((row) => row.period)])",
    )
    assert named == [
        ["year", [YEAR]], ["quarters", ["2023-24-Q2"]], ["months", ["2023-05", "2011-12", "2011-04"]],
        ["earlier-years", ["2022-23"]],
    ]  # fmt: skip


def test_a_link_leads_to_the_page_on_which_the_figure_stands() -> None:
    """As the page spreads the rows, so the links do, in whatever order the rows come."""
    rows = [
        {"measure": "m", "figure_id": f"f{n:03}", "period": period, "breakdown": f"team={n:03}"}
        for n, period in enumerate([YEAR] * 600 + ["2023-24-Q1"] * 3)
    ]
    places = ask(
        "long-lists.js",
        f"((rows) => ((partOf) => rows.map((row) => partOf({{ authority: 'a', year: '{YEAR}' }}, row.figure_id)))"
        f"(it.openPlaces(() => [...rows].reverse())))({json.dumps(rows)})",
    )
    assert places == [""] * 500 + ["year-2/"] * 100 + ["quarters/"] * 3
