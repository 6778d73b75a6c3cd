"""What the tags of a section ask for."""

import pytest

from redress.declared.asked import addresses
from redress.declared.language import walk
from redress.declared.model import FigureSet
from redress.declared.parse import parse_sections


def asked_by(text: str) -> set[FigureSet]:
    parsed = parse_sections([text])[text]
    assert parsed["errors"] == []
    return {
        address.figures
        for node, _ in walk(parsed["nodes"])
        if node["type"] == "tag"
        for address in addresses(node)
        if address.is_needed
    }


@pytest.mark.parametrize(
    ("text", "sets"),
    [
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
                ("new_complaints_in_several", "by procedure", "year"),
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
            '{% sentence "overlap" by="team" /%}',
            {
                ("new_complaints_part_sum", "by", "year"),
                ("new_complaints_in_several", "by", "year"),
                ("new_complaints_overlap", "by", "year"),
                ("new_complaints", "", "year"),
                ("new_complaints", "service", "year"),
            },
        ),
    ],
)
def test_a_tag_asks_for_what_it_prints(text, sets):
    assert asked_by(text) == {FigureSet(measure, tuple(keys.split()), kind) for measure, keys, kind in sets}
