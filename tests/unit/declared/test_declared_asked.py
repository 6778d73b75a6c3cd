"""What the tags of a section ask for."""

import pytest

from redress.declared.asked import addresses, variants
from redress.declared.language import walk
from redress.declared.model import FigureSet
from redress.declared.parse import parse_sections


def asked_by(text: str) -> set[FigureSet]:
    parsed = parse_sections([text])[text]
    assert parsed["errors"] == []
    return {
        address.figures
        for node, above in walk(parsed["nodes"])
        if node["type"] == "tag"
        for variant in variants(node)
        for address in addresses(variant, above)
        if address.is_needed
    }


def optional(text: str) -> set[FigureSet]:
    parsed = parse_sections([text])[text]
    return {
        address.figures
        for node, above in walk(parsed["nodes"])
        if node["type"] == "tag"
        for variant in variants(node)
        for address in addresses(variant, above)
        if not address.is_needed
    }


def figure_sets(*named: str) -> set[FigureSet]:
    return {FigureSet(measure, tuple(sorted(keys)), "year") for measure, *keys in map(str.split, named)}


OPTIONAL = [
    ('{% table "new_complaints" by="channel" /%}', figure_sets("new_complaints")),
    ('{% table "new_complaints" by="channel" total="no" /%}', set()),
    (
        '{% table "issue_outcomes" by="service" across="outcome" stage=1 /%}',
        figure_sets("issue_outcomes outcome stage", "issue_outcomes service stage", "issue_outcomes stage"),
    ),
    (
        '{% table "issue_outcomes" by="service" across="outcome" stage=1 total="rows" /%}',
        figure_sets("issue_outcomes outcome stage"),
    ),
    (
        '{% table "issue_outcomes" by="service" across="outcome" stage=1 total="columns" /%}',
        figure_sets("issue_outcomes service stage"),
    ),
    (
        '{% each "service" of="responses" %}\n{% figure "responses" stage=1 service=$service /%}\n{% /each %}',
        figure_sets("responses", "responses stage"),
    ),
    (
        '{% each "service" of="responses" level="team" %}\n'
        '{% figure "responses" stage=1 service=$service /%}\n{% /each %}',
        set(),
    ),
    ('{% facts %}\n{% fact "new_complaints" /%}\n{% /facts %}', figure_sets("new_complaints_change")),
]


@pytest.mark.parametrize(("text", "expected"), OPTIONAL)
def test_what_is_shown_only_where_it_is_computed_is_asked_for_too(text, expected):
    assert optional(text) == expected


NEEDED = [
    ('{% figure "new_complaints" procedure="statutory" /%}', {("new_complaints", "procedure", "year")}),
    ('{% figure "new_complaints" period="Q2" /%}', {("new_complaints", "", "quarter")}),
    ('{% figure "new_complaints" period="2023-05" /%}', {("new_complaints", "", "month")}),
    ('{% figure "new_complaints" period="2021-22" /%}', {("new_complaints", "", "year")}),
    (
        '{% change "new_complaints" /%}',
        {
            ("new_complaints", "", "year"),
            ("new_complaints_change", "", "year"),
            ("new_complaints_change_pct", "", "year"),
        },
    ),
    (
        '{% change "complaints_upheld_share" stage=1 /%}',
        {
            ("complaints_upheld_share", "stage", "year"),
            ("complaints_upheld_share_change_points", "stage", "year"),
        },
    ),
    (
        '{% table "new_complaints" by="service" columns="last_year, quarters, share, change_points" /%}',
        {
            ("new_complaints", "service", "year"),
            ("new_complaints", "service", "quarter"),
            ("new_complaints_share", "service", "year"),
            ("new_complaints_share_change_points", "service", "year"),
        },
    ),
    (
        '{% table "issues_raised" by="category, sub_category" /%}',
        {("issues_raised", "category", "year"), ("issues_raised", "category sub_category", "year")},
    ),
    (
        '{% table "responses" by="procedure + stage" /%}',
        {("responses", "procedure stage", "year")},
    ),
    (
        '{% table "complaint_outcomes" by="service" across="outcome" stage=1 /%}',
        {("complaint_outcomes", "outcome service stage", "year")},
    ),
    (
        '{% table "responses, withdrawn" by="procedure" stage=1 columns="this_year, last_year" /%}',
        {("responses", "procedure stage", "year"), ("withdrawn", "procedure stage", "year")},
    ),
    (
        '{% table "new_complaints" by="service" overlap="yes" procedure="statutory" /%}',
        {
            ("new_complaints", "procedure service", "year"),
            ("new_complaints_part_sum", "by procedure", "year"),
            ("new_complaints_overlap", "by procedure", "year"),
        },
    ),
    (
        '{% table "responses" stage=1 %}\n{% row procedure="statutory" /%}\n{% row "withdrawn" period="Q1" /%}\n'
        '{% column service="x" /%}\n{% column "responses_timed" period="last_year" /%}\n{% /table %}',
        {
            ("responses", "procedure service stage", "year"),
            ("responses_timed", "procedure stage", "year"),
            ("withdrawn", "service stage", "quarter"),
            ("responses_timed", "stage", "year"),
        },
    ),
    (
        '{% each "procedure + stage" of="responses" %}\n{% sentence "time" procedure=$procedure stage=$stage /%}\n{% /each %}',
        {
            ("responses", "procedure stage", "year"),
            ("working_days_mean", "procedure stage", "year"),
            ("working_days_median", "procedure stage", "year"),
        },
    ),
    (
        '{% when "compliments" route="*" %}\nwords\n{% /when %}',
        {("compliments", "route", "year")},
    ),
    (
        '{% facts %}\n{% fact "new_complaints" label="New" /%}\n{% /facts %}',
        {("new_complaints", "", "year")},
    ),
    (
        '{% table by="service" under="csc" overlap="yes" %}\n{% column "new_complaints" procedure="statutory" /%}\n{% column "issues_raised" /%}\n{% /table %}',
        {("new_complaints", "procedure service", "year"), ("issues_raised", "service", "year")},
    ),
    (
        '{% table "new_complaints" by="sex" columns="share" %}\n{% or formality="all" /%}\n{% /table %}',
        {("new_complaints_share", "sex", "year"), ("new_complaints_share", "formality sex", "year")},
    ),
    (
        '{% table "compliments" by="source" route="ordinary" %}\n{% or route="" /%}\n{% /table %}',
        {("compliments", "route source", "year"), ("compliments", "source", "year")},
    ),
    (
        '{% table "new_complaints" by="year" columns="quarters" only="2021-22" /%}',
        {("new_complaints", "", "year"), ("new_complaints", "", "quarter")},
    ),
    (
        '{% chart "contacts" by="service" where_kind="duty" columns="last_5_years" /%}',
        {("contacts", "kind service", "year")},
    ),
    (
        '{% when "compliments, contacts" route="*" period="*" %}\nwords\n{% /when %}',
        {("compliments", "route", "year"), ("contacts", "route", "year")},
    ),
    ('{% sentence "days" /%}\n\n{% limits /%}\n\n{% quotes /%}', set()),
    (
        '{% sentence "overlap" by="team" /%}',
        {
            ("new_complaints_part_sum", "by", "year"),
            ("new_complaints_in_several", "by", "year"),
            ("new_complaints_overlap", "by", "year"),
            ("new_complaints", "", "year"),
            ("new_complaints", "service", "year"),
        },
    ),
]


@pytest.fixture(scope="module", autouse=True)
def read_at_once():
    parse_sections([text for text, _ in OPTIONAL + NEEDED])


@pytest.mark.parametrize(("text", "sets"), NEEDED)
def test_a_tag_asks_for_what_it_prints(text, sets):
    assert asked_by(text) == {FigureSet(measure, tuple(keys.split()), kind) for measure, keys, kind in sets}
