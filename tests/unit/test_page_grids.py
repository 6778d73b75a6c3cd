"""What the tags of a declared section mean on a page: rows, columns and cells, and what is said where there is nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from redress.base.settings import ROOT
from redress.declared.markdown import bound_nodes
from redress.declared.parse import parse_sections

RUNNER = Path(__file__).with_name("grid.mjs")
YEAR, BEFORE = "2023-24", "2022-23"
SERVICES = [
    {"service": "care", "label": "Care", "level": "area", "parent_service": None},
    {"service": "schools", "label": "Schools", "level": "area", "parent_service": None},
    {"service": "duty", "label": "Duty Team", "level": "team", "parent_service": "care"},
    {"service": "foster", "label": "Fostering", "level": "team", "parent_service": "care"},
]


def figure(
    measure: str, value: float | None, breakdown: str = "", period: str = YEAR, *, unit: str = "complaints",
    of: tuple[int, int] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """One figure; without a value it is suppressed."""
    status = "suppressed" if value is None else "prior" if period == BEFORE else "computed"
    numerator, denominator = of or (value, None)
    return {
        "figure_id": f"{measure}-{breakdown}-{period}", "measure": measure, "title": measure.replace("_", " ").capitalize(),
        "breakdown": breakdown, "period": period, "numerator": numerator, "denominator": denominator, "value": value,
        "unit": unit, "rule": "", "status": status,
    }  # fmt: skip


def resolved(
    text: str,
    figures: list[dict],
    *,
    left_out: str = "",
    merged: str = "",
    name: str = "part",
    given: dict[str, Any] | None = None,
    beside: dict[str, str] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return what stands on a page of one section: its blocks in words, how many numbers, the points ticked.

    `given` is what the council's files say of tags, by their names; `beside` are further pages of one section each.
    """
    parsed = parse_sections([text])[text]
    assert parsed["errors"] == []
    nodes = [_with(node, given or {}) for node in parsed["nodes"]]
    report = {
        "authority": "north", "name": "North Council", "short_name": "North", "reporting_year": YEAR, "left_out": left_out, "merged": merged,
        "case_data_from": "2023-04-01",
    }  # fmt: skip
    world = {
        "components": (ROOT / "reports" / "components").as_uri(), "figures": figures, "services": more.pop("services", SERVICES), "report": report,
        "more": more, "beside": {page: parse_sections([words])[words]["nodes"] for page, words in (beside or {}).items()},
        "sections": [{"name": name, "title": parsed["title"], "nodes": nodes}],
    }  # fmt: skip
    node = shutil.which("node")
    assert node, "Node is needed for the tests of pages"
    done = subprocess.run(
        [node, RUNNER], input=json.dumps(world), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _with(node: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    children = [_with(child, given) for child in node.get("children", ())]
    return {**node, **given.get(node.get("name", ""), {}), **({"children": children} if children else {})}


def blocks(text: str, figures: list[dict], **more: Any) -> list[dict[str, Any]]:
    """Return the blocks of a section that stands on a page."""
    sections = resolved(text, figures, **more)["sections"]
    return sections[0]["blocks"] if sections else []


BY_SERVICE = [
    figure("new_complaints", 8), figure("new_complaints", 6, period=BEFORE), figure("new_complaints", 6, "service=care"),
    figure("new_complaints", 5, "service=care", BEFORE), figure("new_complaints", 3, "service=schools"),
    figure("new_complaints", 2, "service=schools", BEFORE), figure("new_complaints_change", 2),
    figure("new_complaints_change", 1, "service=care"), figure("new_complaints_change", 1, "service=schools"),
    figure("new_complaints", 4, "service=duty"), figure("new_complaints", 3, "service=foster"),
]  # fmt: skip


def test_rows_are_the_areas_and_the_whole_is_the_last() -> None:
    [table] = blocks(
        '{% table "new_complaints" by="service" columns="last_year, this_year, change" /%}', BY_SERVICE
    )
    assert table["columns"] == ["2022/23", "2023/24", "Change"] and table["heading"] == "Area"
    assert table["lines"] == [
        ["Care", "5", "6", "1"], ["Schools", "2", "3", "1"], ["total: All, each counted once", "6", "8", "2"],
    ]  # fmt: skip


def test_teams_below_an_area_sum_up_in_it_and_overlap_is_told() -> None:
    figures = [
        *BY_SERVICE, figure("new_complaints_part_sum", 7, "by=team;service=care"), figure("new_complaints_overlap", 1, "by=team;service=care"),
    ]  # fmt: skip
    [table] = blocks(
        '{% table "new_complaints" by="service" level="team" under="care" overlap="yes" /%}', figures
    )
    assert table["lines"] == [
        ["Duty Team", "4"], ["Fostering", "3"], ["note: Added up", "7"], ["note: Counted more than once", "1"],
        ["total: Each counted once", "6"],
    ]  # fmt: skip
    assert blocks('{% table "new_complaints" by="service" level="team" under="schools" /%}', figures) == []
    [named] = blocks(
        '{% table "new_complaints" by="service" level="team" only="foster, duty" total="no" /%}', figures
    )
    assert named["lines"] == [["Fostering", "3"], ["Duty Team", "4"]]


ISSUES = [
    figure("issues_raised", 14, unit="issues"), figure("issues_raised", 9, "category=Delay", unit="issues"),
    figure("issues_raised", 5, "category=Staff", unit="issues"), figure("issues_raised", 4, "category=Delay;sub_category=Calls", unit="issues"),
    figure("issues_raised", 5, "category=Delay;sub_category=Letters", unit="issues"),
]  # fmt: skip


def test_parts_stand_below_their_group_and_the_largest_comes_first() -> None:
    [table] = blocks('{% table "issues_raised" by="category, sub_category" sort="largest" /%}', ISSUES)
    assert table["lines"] == [
        ["group: Delay", "9"], ["part: Letters", "5"], ["part: Calls", "4"], ["Staff", "5"], ["total: All", "14"],
    ]  # fmt: skip
    [first] = blocks('{% table "issues_raised" by="category" sort="largest" top=1 total="no" /%}', ISSUES)
    assert first["lines"] == [["Delay", "9"]]


def test_values_across_are_columns_with_the_whole_behind_them() -> None:
    figures = [
        figure("responses", 7, "procedure=statutory;stage=1"), figure("responses", 2, "procedure=statutory;stage=2"),
        figure("responses", 5, "procedure=corporate;stage=1"),
    ]  # fmt: skip
    [table] = blocks('{% table "responses" by="procedure" across="stage" total="no" /%}', figures)
    assert table["columns"] == ["Stage 1", "Stage 2"]
    assert table["lines"] == [["Statutory", "7", "2"], ["Corporate", "5", "0"]]
    [pairs] = blocks('{% table "responses" by="procedure + stage" /%}', figures)
    assert [line[0] for line in pairs["lines"]] == [
        "Statutory, stage 1",
        "Statutory, stage 2",
        "Corporate, stage 1",
    ]


def test_a_share_stands_beside_its_count_and_the_whole_has_none() -> None:
    figures = [
        figure("new_complaints", 8), figure("new_complaints", 6, "channel=Email"), figure("new_complaints", 2, "channel=Letter"),
        figure("new_complaints_share", 75, "channel=Email", unit="percent", of=(6, 8)),
        figure("new_complaints_share", 25, "channel=Letter", unit="percent", of=(2, 8)),
    ]  # fmt: skip
    [table] = blocks('{% table "new_complaints" by="channel" columns="this_year, share" /%}', figures)
    assert table["columns"] == ["2023/24", "Share (%)"]
    assert table["lines"] == [["Email", "6", "75"], ["Letter", "2", "25"], ["total: All", "8", "[z]"]]


def test_a_body_gives_rows_or_columns() -> None:
    figures = [
        *BY_SERVICE, figure("issues_raised", 12, "service=care", unit="issues"), figure("compliments", 4),
    ]  # fmt: skip
    [columns] = blocks(
        '{% table by="service" %}\n{% column "new_complaints" label="New" /%}\n{% column "issues_raised" /%}\n{% /table %}',
        figures,
    )
    assert columns["columns"] == ["New", "Issues raised"] and columns["lines"][0] == ["Care", "6", "12"]
    [rows] = blocks(
        '{% table columns="last_year, this_year" %}\n{% row "new_complaints" label="Complaints" /%}\n{% row "compliments" part="yes" /%}\n{% /table %}',
        figures,
    )
    assert rows["lines"] == [["Complaints", "6", "8"], ["part: Compliments", "[x]", "4"]]


def test_the_variant_with_most_numbers_is_shown() -> None:
    figures = [
        figure("new_complaints", 8), figure("new_complaints", None, "age_band=0-15"), figure("new_complaints", None, "age_band=16-24"),
        figure("new_complaints", 4, "age_band=0-15;formality=all"), figure("new_complaints", 5, "age_band=16-24;formality=all"),
    ]  # fmt: skip
    text = '{% table "new_complaints" by="age_band" total="no" %}\n{% or formality="all" note="Formal and informal." /%}\n{% /table %}'
    [table] = blocks(text, figures)
    assert table["lines"] == [["0 to 15", "4"], ["16 to 24", "5"]] and table["note"] == "Formal and informal."


def test_a_number_that_is_hidden_is_printed_where_the_same_number_is_shown() -> None:
    at = "procedure=statutory;stage=1"
    figures = [
        figure("responses", 9, at),
        figure("responses_within_extended", None, at),
        figure("responses_in_band", 7, f"band=0-20;{at}"),
    ]
    limits = [
        {"procedure": "statutory", "stage": 1, "standard_working_days": 10, "extended_working_days": 20}
    ]
    text = '{% table "responses, responses_within_extended" by="procedure + stage" total="no" /%}'
    [table] = blocks(text, figures, timescales=limits)
    assert table["lines"] == [["Statutory, stage 1", "9", "7"]]
    [twice] = blocks(text, figures, timescales=[*limits, limits[0] | {"extended_working_days": 25}])
    assert twice["columns"] == ["Responses"], "where the limit changed in the year the band is another number"
    assert twice["leftOut"] == ["responses within extended"]


def test_different_truths_have_different_sentences() -> None:
    said = {}
    for truth, figures, more in (
        ("nothing of it", [figure("new_complaints", 8)], {}),
        ("only not known", [figure("new_complaints", 8), figure("new_complaints", 8, "sex=not_known")], {}),
        ("not held", [figure("new_complaints", 8), figure("new_complaints", 8, "sex=female")], {"notHeld": [{"name": "key:sex"}]}),
        ("of others only", [figure("new_complaints", 8), figure("activity", 70, "activity=children;sex=female")], {}),
        ("of others, hidden", [figure("new_complaints", 8), figure("activity", None, "activity=children;sex=female")], {}),
        ("not known of others", [figure("new_complaints", 8), figure("activity", 70, "activity=children;sex=not_known")], {}),
        ("nothing at all", [figure("activity", 70, "activity=children;sex=female")], {}),
        ("all hidden", [figure("new_complaints", 8), *(figure("new_complaints", None, f"sex={sex}") for sex in ("female", "male"))], {}),
        ("left out", [figure("new_complaints", 8)], {"left_out": "new_complaints|sex||year|-1"}),
        ("counted, none", [figure("new_complaints", 0)], {}),
    ):  # fmt: skip
        [silence] = blocks('{% table "new_complaints" by="sex" title="By sex" /%}', figures, **more)
        said[truth] = silence["why"]
    assert said == {
        "nothing of it": "not_recorded", "only not known": "not_recorded", "not held": "not_recorded", "all hidden": "protected",
        "left out": "protected", "counted, none": "none", "of others only": "not_recorded_here",
        "of others, hidden": "not_recorded_here", "not known of others": "not_recorded", "nothing at all": "not_recorded",
    }  # fmt: skip
    [gathered] = blocks(
        '{% table "new_complaints" by="sex" title="A" /%}\n\n{% table "new_complaints" by="disability" title="B" /%}',
        [],
    )
    assert gathered["says"] == "Not recorded by this council: A; B."
    others = [figure("new_complaints", 8), figure("activity", 70, "activity=children;sex=female")]
    [elsewhere] = blocks('{% table "new_complaints" by="sex" title="A" /%}', others)
    assert elsewhere["says"] == "Recorded for other numbers of this report, and not for these: A."


def test_columns_that_are_all_hidden_are_named_and_rows_that_are_gathered() -> None:
    figures = [
        figure("new_complaints", 80, f"{key}", period)
        for key, period in (("service=care", YEAR), ("service=schools", YEAR))
    ]
    figures += [
        figure("new_complaints", None, f"service={service}", BEFORE) for service in ("care", "schools")
    ]
    [table] = blocks(
        '{% table "new_complaints" by="service" columns="last_year, this_year" total="no" /%}', figures
    )
    assert table["columns"] == ["2023/24"] and table["leftOut"] == ["2022/23"]
    themes = [figure("new_complaints", None, f"theme=T{number}") for number in range(2)]
    [gathered] = blocks(
        '{% table "new_complaints" by="theme" /%}', [*themes, figure("new_complaints", 9, "theme=U")]
    )
    assert gathered["lines"] == [["U", "9"]] and gathered["gathered"] == ["T0", "T1"]


def test_zeros_beside_hidden_numbers_keep_no_row_and_no_column() -> None:
    """A row, or a column, in which every number other than zero is hidden is named below, unless others stand below it."""
    numbers = {
        "Upheld": {"care": 9, "duty": None, "foster": None, "schools": 8},
        "Refused": {"care": None, "duty": None, "foster": 0, "schools": 0},
        "Not upheld": {"care": 7, "duty": 0, "foster": 6, "schools": 7},
    }
    figures = [
        figure("complaint_outcomes", value, f"outcome={outcome};service={service}")
        for outcome, row in numbers.items()
        for service, value in row.items()
    ]
    text = '{% table "complaint_outcomes" by="service" level="all" across="outcome" total="no" /%}'
    [table] = blocks(text, figures)
    assert table["columns"] == ["Not upheld", "Upheld"] and table["leftOut"] == ["refused"]
    assert table["lines"] == [["Care", "7", "9"], ["part: Fostering", "6", "[c]"], ["Schools", "7", "8"]]
    assert table["gathered"] == ["Duty Team"]
    above = [
        {**row, "value": None, "status": "suppressed"} if "service=care" in row["breakdown"] else row
        for row in figures
    ]
    [kept] = blocks(text, above)
    assert kept["lines"][0] == ["Care", "[c]", "[c]"], "a row below it has a number"


def test_a_variant_of_which_most_is_hidden_gives_way_to_one_that_can_be_read() -> None:
    quarters = [figure("new_complaints", 20, period=f"{YEAR}-Q{number}") for number in range(1, 5)]
    hidden = [
        figure("new_complaints", None, f"service={service}", f"{YEAR}-Q{number}")
        for service in ("care", "schools")
        for number in range(1, 5)
    ]
    years = [figure("new_complaints", 40, f"service={service}") for service in ("care", "schools")]
    text = '{% table "new_complaints" by="service" columns="quarters, this_year" %}\n{% or by="" /%}\n{% /table %}'
    [table] = blocks(text, [figure("new_complaints", 80), *quarters, *hidden, *years])
    assert [line[1:] for line in table["lines"]] == [["20", "20", "20", "20", "80"]]


def test_years_hold_this_year_or_say_that_it_is_missing() -> None:
    measure = "issues_upheld_or_partly_share"
    earlier = [
        figure(measure, 40, "category=Delay;stage=1", period, unit="percent")
        for period in ("2021-22", BEFORE)
    ]
    text = '{% table "issues_upheld_or_partly_share" by="category" stage=1 columns="years" total="no" /%}'
    [hidden] = blocks(text, [*earlier, figure(measure, None, "category=Delay;stage=1", unit="percent")])
    assert hidden["columns"] == ["2021/22 (%)", "2022/23 (%)"] and hidden["leftOut"] == ["2023/24"]
    [missing] = blocks(text, earlier)
    assert missing["missing"] == ["2023/24"]


def test_a_chart_says_what_it_shows_and_has_its_table() -> None:
    chart, table = blocks('{% chart "issues_raised" by="category" kind="bars" /%}', ISSUES)
    assert chart["says"] == "The largest number is “Delay” with 9; the smallest is “Staff” with 5."
    assert table["type"] == "table" and table["lines"][-1] == ["total: All", "14"]
    lines, _ = blocks(
        '{% chart "new_complaints" columns="years" kind="lines" /%}',
        [figure("new_complaints", 9, period="2021-22"), *BY_SERVICE],
    )
    assert lines["says"] == "From 9 in 2021/22 down to 8 in 2023/24; the lowest was 6 in 2022/23."


def test_a_chart_tells_no_largest_or_smallest_of_all_where_numbers_are_hidden() -> None:
    text = '{% chart "issues_raised" by="category" kind="bars" total="no" /%}'
    hidden = figure("issues_raised", None, "category=Money", unit="issues")
    chart, table = blocks(text, [*ISSUES, hidden])
    assert (
        chart["says"]
        == "Of the numbers shown, the largest is “Delay” with 9; the smallest is “Staff” with 5."
    )
    assert table["gathered"] == ["Money"]


def test_the_largest_line_is_told_of_first_and_the_table_has_those_that_are_not() -> None:
    figures = [
        figure("new_complaints", 10 * size + at, f"channel={word}", period)
        for size, word in enumerate(("Leaflet", "Letter", "Web", "Telephone", "Email"), start=1)
        for at, period in enumerate((BEFORE, YEAR))
    ]
    chart, _ = blocks(
        '{% chart "new_complaints" by="channel" columns="years" kind="lines" total="no" /%}', figures
    )
    assert chart["says"].startswith("Email: from 50 in 2022/23 up to 51 in 2023/24. Telephone: from 40")
    assert "Leaflet" not in chart["says"] and chart["says"].endswith(" The table has the others.")


def test_services_of_a_table_that_is_left_out_are_named_beside_one_that_is_shown() -> None:
    figures = [figure("new_complaints", 90), figure("new_complaints", 80, "service=care")]
    chart, table = (
        resolved(text, figures, left_out="new_complaints|service||year|0")["sections"][0]["blocks"][0]
        for text in (
            '{% table "new_complaints" by="service" /%}', '{% table "new_complaints" by="service" only="care" /%}'
        )
    )  # fmt: skip
    assert chart["lines"] == [["Care", "80"], ["total: All, each counted once", "90"]]
    assert chart["gathered"] == ["Schools"] and table["gathered"] == []


def test_a_loop_names_what_it_turns_over_and_empty_headings_go() -> None:
    text = '{% each "service" of="new_complaints" %}\n### {% $service_label %}\n\n{% sentence "issues" service=$service /%}\n{% /each %}'
    figures = [*BY_SERVICE, figure("issues_raised", 12, "service=care", unit="issues")]
    heading, sentence = blocks(text, figures)
    assert heading["text"] == "Care" and sentence["text"] == "12 issues were raised in the year."


def test_nobody_complained_twice_is_not_said_of_a_council_that_does_not_know() -> None:
    assert blocks('{% sentence "repeat" /%}', [figure("repeat_complainants", 0, unit="people")]) == []
    [sentence] = blocks('{% sentence "repeat" /%}', [figure("repeat_complainants", 2, unit="people")])
    assert sentence["text"] == "2 people made two or more new complaints in the year."


def test_words_hold_numbers_and_how_they_moved() -> None:
    text = 'North had {% figure "new_complaints" /%} in {% $year %}, {% change "new_complaints" /%}.'
    [paragraph] = blocks(text, BY_SERVICE)
    assert paragraph["text"] == "North had 8 in 2023/24, 2 more than in 2022/23."


def test_the_checklist_ticks_numbers_that_stand_on_a_page_and_words_of_the_council() -> None:
    assert resolved("Nothing here.", BY_SERVICE)["ticked"] == []
    assert "How many complaints were made" in resolved('{% sentence "received" /%}', BY_SERVICE)["ticked"]
    hidden = [figure("new_complaints", None, "complainant_role=advocate")]
    text = '{% table "new_complaints" by="complainant_role" /%}'
    assert resolved(text, hidden)["ticked"] == []
    assert resolved("We moved the duty desk.", [], name="changes-made")["ticked"] == [
        "Changes made because of complaints"
    ]


def test_a_band_of_days_that_ends_at_a_limit_says_whether_answers_were_in_time() -> None:
    keys = "procedure=statutory;stage=1"
    limits = [
        {"procedure": "statutory", "stage": 1, "standard_working_days": 10, "extended_working_days": 20}
    ]
    asks = "Whether answers came within the time limits"
    for band, period, isAnswered in (("0-20", YEAR, True), ("0-15", YEAR, False), ("0-20", BEFORE, False)):
        text = f'{{% figure "responses_in_band" band="{band}" procedure="statutory" stage=1 period="{period}" /%}}'
        counted = figure("responses_in_band", 12, f"band={band};{keys}", period)
        assert (asks in resolved(text, [counted], timescales=limits)["ticked"]) == isAnswered, (band, period)


def test_a_point_of_several_parts_leads_to_the_page_that_tells_of_most_of_them() -> None:
    figures = [figure("new_complaints", 12, f"{key}=a") for key in ("sex", "disability", "ethnicity")]
    table = '{{% table "new_complaints" by="{}" /%}}'
    pages = {
        "two": "\n\n".join(table.format(key) for key in ("ethnicity", "disability")),
        "one": table.format("sex"),
    }
    found = resolved(table.format("sex"), figures, beside=pages)["places"]
    assert found["Age, sex, disability and ethnicity of those who complained"] == "two"


def test_what_the_checklist_lacks_is_to_be_recorded_shown_or_written() -> None:
    asks = "Age, sex, disability and ethnicity of those who complained"
    lacking = [
        {"name": f"key:{key}", "how": "no_rows"} for key in ("sex", "age_band", "disability", "ethnicity")
    ]
    lacks = resolved("Nothing here.", BY_SERVICE, notHeld=lacking)["lacks"]
    assert lacks[asks] == "Not recorded by this council"
    assert resolved("Nothing here.", BY_SERVICE, notHeld=lacking[:3])["lacks"][asks] == "No number is shown"
    assert lacks["Changes made because of complaints"] == "Not written yet"
    assert lacks["What was found"] == "No number is shown"


def test_what_a_line_binds_has_the_same_key_on_the_page_and_in_the_words() -> None:
    """A Word document finds by it what is written for a number."""
    text = """{% $year %} had {% figure "new_complaints" /%}, **{% change "new_complaints" /%}**: [see](./#a) [this](https://a.b).

- one {% figure "new_complaints" service="care" /%}

{% sentence "received" /%}
"""
    nodes = parse_sections([text])[text]["nodes"]
    keys = [f"{number}.{key}" for number, node in enumerate(nodes) for key, _ in bound_nodes(node)]
    assert resolved(text, BY_SERVICE)["keys"] == keys and len(keys) == 6


def action(progress: str, year: str = YEAR, **more: str | None) -> dict[str, Any]:
    """Return a row of the export's table of actions."""
    return {
        "agreed_year": year, "service": "duty", "progress": progress, "said": "Letters came late.", "agreed": "Letters are checked.",
        "reason": None, "owner": "Team manager", "due_date": "2023-09-30", "done_date": None,
    } | more  # fmt: skip


ACTIONS = [
    action("done", done_date="2023-06-01"), action("overdue", service="schools", said=None),
    action("not_done", reason="Too dear", owner=None, service="not_known"), action("not_done", reason=None),
    action("under_way", agreed=None), action("under_way", BEFORE, due_date=None), action("done", BEFORE),
]  # fmt: skip


def listed(attributes: str, actions: list[dict[str, Any]] = ACTIONS) -> dict[str, Any]:
    """Return the one block of a list of actions."""
    [block] = blocks(f"{{% actions {attributes} /%}}", [], actions=actions)
    return block


def test_what_people_said_stands_beside_what_was_done_or_agreed() -> None:
    block = listed('show="you_said"')
    assert block["entries"] == [
        [["You said", "Letters came late."], ["We did", "Letters are checked."],
         ["What became of it", "Done on 1 June 2023."], ["Who", "Team manager, Duty Team."]],
        [["We agreed", "Letters are checked."], ["What became of it", "Overdue: it was to be done by 30 September 2023."],
         ["Who", "Team manager, Schools."]],
    ]  # fmt: skip
    assert block["below"] == ["The words of one more are not published."]


def test_actions_of_earlier_years_those_not_done_and_those_open() -> None:
    earlier = [dict(entry) for entry in listed('show="progress"')["entries"]]
    assert [entry["What became of it"] for entry in earlier] == ["Done.", "Under way."]
    assert "We agreed in 2022/23" in earlier[0]
    not_done = [dict(entry) for entry in listed('show="not_done"')["entries"]]
    assert [entry["Why not"] for entry in not_done] == ["Too dear.", "The reason is not published here."]
    assert "Who" not in not_done[0] and not_done[0]["What became of it"] == "It will not be done."
    still_open = [dict(entry)["What became of it"] for entry in listed('show="open"')["entries"]]
    assert [became[:5] for became in still_open] == ["Overd", "Under"]


def test_actions_stand_in_the_order_of_the_days_that_they_name() -> None:
    """What was done last comes first, and then what should have been done first."""
    rows = [
        action("under_way", due_date="2024-05-31"), action("overdue", due_date="2024-01-31"), action("done", done_date="2023-06-01"),
        action("under_way", due_date="2024-04-30"), action("done", done_date="2023-11-02"),
    ]  # fmt: skip
    found = [dict(entry)["What became of it"] for entry in listed('show="you_said"', rows)["entries"]]
    assert found == [
        "Done on 2 November 2023.", "Done on 1 June 2023.", "Overdue: it was to be done by 31 January 2024.",
        "Under way, to be done by 30 April 2024.", "Under way, to be done by 31 May 2024.",
    ]  # fmt: skip


def test_an_action_that_will_not_be_done_is_told_of_once_in_a_section() -> None:
    rows = [
        action("not_done", BEFORE, reason="Too dear"),
        action("done", BEFORE),
        action("not_done", reason="No room"),
    ]
    text = '{% actions show="progress" /%}\n\n### Not done\n\n{% actions show="not_done" /%}'
    progress, _, not_done = blocks(text, [], actions=rows)
    assert len(progress["entries"]) == 1 and len(not_done["entries"]) == 2
    assert progress["below"] == ["One more is in the list of what will not be done."]
    assert len(listed('show="progress"', rows)["entries"]) == 2


def test_actions_of_a_service_with_those_below_it_and_only_so_many() -> None:
    assert len(listed('show="you_said" service="schools"')["entries"]) == 1
    assert listed('show="not_done" service="care"')["entries"][0][0] == ["You said", "Letters came late."]
    assert len(listed('show="not_done"  top=1')["entries"]) == 1
    assert listed('show="not_done" top=1')["below"] == ["One more is not listed here."]
    assert listed('show="you_said"', [action("done", agreed=None)])["below"] == [
        "The words of one are not published."
    ]


def test_no_register_and_no_action_are_two_sentences() -> None:
    [none] = blocks('{% actions show="not_done" service="care" /%}', [], actions=[action("done")])
    assert none["says"] == "There were none in the year: actions that will not be done (care)."
    lacking = [{"name": "actions_agreed", "how": "no_rows"}]
    [unrecorded] = blocks('{% actions show="progress" /%}', [], actions=[], notHeld=lacking)
    assert unrecorded["says"] == "Not recorded by this council: actions agreed because of what people said."


def test_lists_of_actions_answer_the_checklist() -> None:
    made, not_made = (
        "Changes made because of complaints",
        "Changes that were considered and not made, and why",
    )
    both = '{% actions show="you_said" /%}\n\n{% actions show="not_done" /%}'
    assert resolved(both, [], actions=ACTIONS)["ticked"] == [made, not_made]
    assert resolved(both, [], actions=[action("done", agreed=None)])["ticked"] == []
    none = [figure("actions_not_done", 0, unit="actions")]
    assert resolved('{% figure "actions_not_done" /%} were dropped.', none)["ticked"] == [not_made]


@pytest.mark.parametrize("word", ["2 other channels", "In writing: 2 channels"])
def test_rows_merged_into_one_stand_last_and_are_named_below_the_table(word: str) -> None:
    figures = [
        figure("new_complaints", 70),
        *(figure("new_complaints", value, f"channel={word}") for word, value in (("Web", 12), ("Email", 40))),
        figure("new_complaints", 18, f"channel={word}"),
        figure("new_complaints", 55, period=BEFORE),
        figure("new_complaints", 30, "channel=Web", BEFORE),
    ]
    found = resolved(
        '{% table "new_complaints" by="channel" columns="this_year, last_year" sort="largest" /%}', figures,
        merged=f"new_complaints|channel|channel|{word}|Letter;Visit",
    )  # fmt: skip
    [table] = found["sections"][0]["blocks"]
    assert [line[:2] for line in table["lines"]] == [
        ["Email", "40"], ["Web", "12"], [word, "18"], ["total: All", "70"]
    ]  # fmt: skip
    assert table["together"] == [{"label": word, "names": ["Letter", "Visit"]}]
    said = resolved(
        '{% chart "new_complaints" by="channel" kind="bars" total="no" /%}\n\nMost: {% top "new_complaints" by="channel" count=1 /%}; '
        'least: {% top "new_complaints" by="channel" count=1 from="smallest" /%}.', figures,
        merged=f"new_complaints|channel|channel|{word}|Letter;Visit", given={"top": {"adds_up": True}},
    )["sections"][0]["blocks"]  # fmt: skip
    assert "smallest" not in said[0]["says"] and "“Email” with 40" in said[0]["says"]
    assert (
        said[-1]["text"]
        == "Most: Email (40); least: (not shown, to protect people: the numbers are too small)."
    )


def test_what_changed_of_the_services_within_the_year_is_said_below_the_table() -> None:
    said = "Duty Team was part of Schools until 30 September 2024 and has been part of Care since; what came before counts where it was then."
    services = [
        row | {"changes": said if row["service"] in ("duty", "care", "schools") else None} for row in SERVICES
    ]
    figures = [
        *(figure("new_complaints", value, f"service={name}") for name, value in (("care", 30), ("schools", 20), ("foster", 9))),
        figure("new_complaints", 50), figure("new_complaints", 50, "channel=Email"),
    ]  # fmt: skip
    found = resolved(
        '{% table "new_complaints" by="service" /%}\n\n{% table "new_complaints" by="channel" /%}',
        figures,
        services=services,
    )
    areas, channels = found["sections"][0]["blocks"]
    assert areas["changes"] == [said]
    assert channels["changes"] == []


def test_one_directorate_above_everything_does_not_hide_the_teams() -> None:
    services = [
        {"service": "all", "label": "Families", "level": "directorate", "parent_service": None},
        *({"service": name, "label": name.title(), "level": "team", "parent_service": "all"} for name in ("duty", "foster")),
        {"service": "stray", "label": "Stray", "level": "team", "parent_service": None},
    ]  # fmt: skip
    figures = [
        figure("new_complaints", 40),
        *(figure("new_complaints", value, f"service={name}") for name, value in (("all", 33), ("duty", 21), ("foster", 12), ("stray", 7))),
    ]  # fmt: skip
    for shown in (services, services[:3]):
        for level in ("", ' level="team"'):
            found = resolved(f'{{% table "new_complaints" by="service"{level} /%}}', figures, services=shown)
            labels = [line[0] for line in found["sections"][0]["blocks"][0]["lines"]]
            assert labels[:2] == ["Duty", "Foster"], (level, labels)
    teams = (ROOT / "reports" / "sections" / "teams.md").read_text().split("---")[2]
    table = resolved(teams, figures, services=services[:3])["sections"][0]["blocks"][0]
    assert [line[0] for line in table["lines"]] == ["Duty", "Foster", "total: All, each counted once"]
    assert table["caption"] == "New complaints and issues by team: all services"


def test_a_merged_row_of_one_measure_is_hidden_in_its_column_and_not_nothing() -> None:
    services = [
        *SERVICES,
        {
            "service": "2 other teams of Care",
            "label": "2 other teams of Care",
            "level": "merged team",
            "parent_service": "care",
        },
    ]
    figures = [
        *(figure("new_complaints", value, f"service={name}") for name, value in (("care", 30), ("schools", 20), ("2 other teams of Care", 30))),
        *(figure("compliments", value, f"service={name}") for name, value in (("care", 9), ("duty", 7), ("foster", 8))),
    ]  # fmt: skip
    found = resolved(
        '{% table "new_complaints, compliments" by="service" level="team" under="care" total="no" /%}', figures,
        merged="new_complaints|service|service|2 other teams of Care|duty;foster", services=services,
    )  # fmt: skip
    [table] = found["sections"][0]["blocks"]
    assert table["lines"] == [
        ["Duty Team", "[c]", "7"], ["Fostering", "[c]", "8"], ["2 other teams of Care", "30", "[z]"]
    ]  # fmt: skip
