"""How the pages print numbers, asked of the pages' own code."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

COMPONENTS = Path(__file__).resolve().parents[2] / "reports" / "components"


def ask(module: str, expression: str) -> object:
    """The value of a JavaScript expression over the exports of one module of `reports/components`."""
    program = f"import * as it from {json.dumps((COMPONENTS / module).as_uri())}; console.log(JSON.stringify({expression}));"
    node = shutil.which("node")
    assert node, "Node.js is needed for the website"
    done = subprocess.run(
        [node, "--input-type=module", "-e", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_figures_are_printed_by_their_unit_and_status() -> None:
    cases = [
        ({"value": 1234, "unit": "complaints"}, "1,234"),
        ({"value": 0, "unit": "issues"}, "0"),
        ({"value": 37.5, "unit": "percent", "numerator": 3, "denominator": 8}, "38%"),
        ({"value": 12.5, "unit": "percent", "numerator": 1, "denominator": 8}, "13%"),
        ({"value": -2.5, "unit": "percent", "numerator": -1, "denominator": 40}, "\u22123%"),
        ({"value": 0.2, "unit": "percent", "numerator": 1, "denominator": 500}, "[low]"),
        ({"value": 0, "unit": "percent", "numerator": 0, "denominator": 500}, "0%"),
        ({"value": 20230112, "unit": "date"}, "12 January 2023"),
        ({"value": 75, "unit": "days"}, "75"),
        ({"value": 1.2, "unit": "percentage_points"}, "1 percentage point"),
        ({"value": -13.9, "unit": "percentage_points"}, "\u221214 percentage points"),
        ({"value": 2800, "unit": "gbp"}, "£2,800"),
        ({"value": 180.5, "unit": "gbp"}, "£180.50"),
        ({"value": 6.6118, "unit": "ratio"}, "6.6"),
        ({"value": 16.25, "unit": "per_1000"}, "16.3"),
        ({"value": 23, "unit": "working_days"}, "23.0"),
        ({"value": 20, "unit": "working_days", "measure": "working_days_median"}, "20"),
        ({"value": None, "unit": "complaints", "status": "suppressed"}, "[c]"),
        ({"value": None, "unit": "complaints", "status": "not_available"}, "[x]"),
        ({"value": None, "unit": "complaints", "status": "not_applicable"}, "[z]"),
        ({"value": 4, "unit": "complaints", "status": "revised"}, "4 [r]"),
        ({"value": 4, "unit": "complaints", "status": "prior"}, "4"),
        (None, "[x]"),
    ]
    printed = ask(
        "numbers.js", f"{json.dumps([figure for figure, _ in cases])}.map((figure) => it.printed(figure))"
    )
    assert printed == [text for _, text in cases]


def test_a_year_is_told_from_a_month() -> None:
    periods = ["2023-24", "2023-04", "2023-12", "2012-13", "2023-24-Q1", "1999-00"]
    assert ask("figures.js", f"{json.dumps(periods)}.map(it.isYear)") == [
        True,
        False,
        False,
        True,
        False,
        False,
    ]
    assert ask("figures.js", "[it.yearBefore('2023-24'), it.yearBefore('2000-01')]") == ["2022-23", "1999-00"]


@pytest.mark.parametrize(
    ("bands", "parts"),
    [
        (["0-10", "11-20", "0-20", "21-40", "41+", "21+"], ["0-10", "11-20", "21-40", "41+"]),
        (["0-20", "21-30", "0-30", "31+", "41+"], ["0-20", "21-30", "31+"]),
        (["0-20"], ["0-20"]),
        ([], []),
    ],
)
def test_a_bar_is_made_of_bands_that_share_no_day(bands: list[str], parts: list[str]) -> None:
    assert ask("words.js", f"it.bandsThatPartition({json.dumps(bands)})") == parts


def test_captions_that_differ_only_in_signs_or_capitals_are_told_apart() -> None:
    made = ask("links.js", "['Decision Making', 'Decision making', 'Decision/making'].map(it.slug)")
    assert isinstance(made, list) and len(set(made)) == 3
    assert all(text.startswith("decision-making-") for text in made)


BOOK = """
const row = (measure, breakdown, period, value, status = 'computed', unit = 'complaints') =>
    ({ figure_id: `${measure}|${breakdown}|${period}`, measure, title: measure, breakdown, period, value, status, unit,
       numerator: value, denominator: null });
const book = it.createBook(
    [row('new_complaints', '', '2023-24', 5), row('new_complaints', 'service=a', '2023-24', 5),
     row('new_complaints', 'service=a', '2022-23', 4, 'prior'), row('activity', 'activity=users;service=a', '2023-24', 9, 'computed', 'count'),
     row('share', 'service=a', '2023-24', 100, 'computed', 'percent')],
    [{ service: 'top', label: 'Top', level: 'directorate', parent_service: null },
     { service: 'x', label: 'X', level: 'area', parent_service: null },
     { service: 'y', label: 'Y', level: 'area', parent_service: 'top' },
     { service: 'a', label: 'A', level: 'team', parent_service: 'x' },
     { service: 'b', label: 'B', level: 'team', parent_service: 'y' },
     { service: 'stray', label: 'stray', level: 'undeclared', parent_service: null }],
    { reporting_year: '2023-24' });
"""


def book(expression: str) -> object:
    return ask("figures.js", f"(() => {{ {BOOK} return {expression}; }})()")


def test_a_group_without_a_row_is_zero_only_where_cases_were_counted() -> None:
    assert book("book.cell('new_complaints', { service: 'b' }).value") == 0
    assert book("book.cell('new_complaints', { service: 'b' }, '2022-23').value") is None
    assert book("book.cell('activity', { activity: 'users', service: 'b' }).value") is None
    assert book("book.cell('share', { service: 'b' }).value") is None
    assert book("book.cell('unheard_of', {}).status") == "not_available"
    assert book("book.exact('new_complaints', { service: 'b' }).value") is None
    counted = ("new_complaints", "closed", "activity", "responses_within_standard", "new_complaints_change")
    assert ask("numbers.js", f"{json.dumps(counted)}.map((measure) => it.isCounted(measure, 'count'))") == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_no_part_of_the_work_is_left_out_of_a_table_by_service() -> None:
    def parts(services: list[tuple], figures: dict[str, int]) -> object:
        rows = [
            {
                "figure_id": service,
                "measure": "m",
                "title": "m",
                "breakdown": f"service={service}",
                "value": value,
            }
            | {
                "period": "2023-24",
                "status": "computed",
                "unit": "count",
                "numerator": value,
                "denominator": None,
            }
            for service, value in figures.items()
        ]
        nodes = [
            {"service": service, "label": service, "level": level, "parent_service": None}
            for service, level in services
        ]
        made = f"it.createBook({json.dumps(rows)}, {json.dumps(nodes)}, {{ reporting_year: '2023-24' }})"
        return ask("figures.js", f"{made}.areasWith('m')")

    tree = [("a", "area"), ("b", "area"), ("stray", "undeclared"), ("not_known", "not_known")]
    assert parts(tree, {"a": 1, "b": 0, "stray": 2, "not_known": 3}) == ["a", "b", "stray", "not_known"]
    assert parts(tree, {"a": 1, "b": 0, "not_known": 0}) == ["a", "b"]
    assert parts(tree, {"not_known": 3}) == []
    open_words = [("one", "undeclared"), ("Court; team", "undeclared"), ("not_known", "not_known")]
    assert parts(open_words, {"one": 1, "Court, team": 2, "not_known": 3}) == [
        "one",
        "Court, team",
        "not_known",
    ]


def test_the_area_level_is_the_highest_that_divides_all_the_work() -> None:
    assert book("[book.areaLevel, book.areas, book.teamLevel, book.teams]") == [
        "area",
        ["x", "y"],
        "team",
        ["a", "b"],
    ]
    assert book("book.serviceLabel('a + y')") == "A and Y"


def test_a_printed_number_without_a_figure_is_named_in_words_and_a_day_is_a_day() -> None:
    rows = [
        {"ref": "a", "verdict": "contradiction", "measure": "lgsco_enquiries", "breakdown": "service=csc;from_stage=1",
         "unit": "cases", "published_value": "8", "computed_value": "[c]"},
        {"ref": "b", "verdict": "contradiction", "measure": "stage2_date", "breakdown": "", "unit": "date_yyyymmdd",
         "published_value": "20220112", "computed_value": "[c]"},
    ]  # fmt: skip
    given = json.dumps(rows)
    said = ask(
        "printed.js",
        f"{given}.map((row) => [it.printedNumbers({given}, () => 'Social Care').what(row), it.printedSide(row), it.computedSide(row)])",
    )
    assert said == [
        ["Ombudsman enquiries: Service: Social Care; From stage 1", "8", "[c]"],
        ["Stage2 date", "12 January 2022", "[c]"],
    ]


def test_values_from_outside_of_one_source_have_one_note() -> None:
    held = [
        {"value": value, "source": source, "as_at": "2022-03-31"}
        for value, source in (("9", "Training record"), ("48,100", "Estimate"), ("134", "Training record"))
    ]
    assert ask("declared.js", f"it.bySource({json.dumps(held)}).map(it.sourceText)") == [
        "Source of 9 and 134: Training record (31 March 2022)",
        "Source of 48,100: Estimate (31 March 2022)",
    ]
