"""Names in sections: what is unknown is told with its file, its line and the nearest names, all in one pass."""

import pytest

from redress.authority.model import AuthorityError
from redress.declared.parse import parse_sections

FAULTS = [
    ('{% figure "new_complaint" /%}', "there is no measure `new_complaint`; nearest: new_complaints, new_complaints_rate, new_complaints_share"),
    ('{% figure "working_days_mean_change_points" stage=1 /%}', "there is no measure `working_days_mean_change_points`; nearest: working_days_mean, "),
    ('{% figure "new_complaints, responses" /%}', "{% figure %} shows one measure, not `new_complaints, responses`"),
    ('{% figure "new_complaints" chanel="Email" /%}', "there is no key or attribute `chanel`; nearest: channel, case, behalf"),
    ('{% figure "responses" stage=1 channel="Email" /%}', "`responses` is never counted by `channel`"),
    ('{% figure "new_complaints" procedure="statutry" /%}', "procedure is never `statutry`; nearest: statutory"),
    ('{% figure "new_complaints" channel="E-mail" /%}', "channel is never `E-mail`; nearest: Email"),
    ('{% figure "new_complaints" service="CSC" /%}', "service is never `CSC`; write `csc`"),
    ('{% figure "new_complaints" who="famly" /%}', "who is never `famly`; nearest: family"),
    ('{% figure "new_complaints" period="last" /%}', "`last` is no period; there are this_year, last_year, Q1, Q2, Q3, Q4, a year such as 2021-22, a month such as 2023-04"),
    ('{% figure "new_complaints" channel="Email" period="2023-05" /%}', "`new_complaints` by channel is counted by year, quarter, not by month"),
    ('{% table "new_complaints" by="channel + sex" /%}', "`new_complaints` is not counted by channel and sex; it is counted by: channel; sex; "),
    ('{% table "new_complaints" by="chanel" /%}', "there is no key or attribute `chanel`; nearest: channel, case, behalf"),
    ('{% table "new_complaints" columns="lastyear" /%}', "there are no columns `lastyear`; nearest: last_year"),
    ('{% table "new_complaints" by="channel" columns="months, quarters" /%}', "the table has 16 columns of numbers; a page has room for 14"),
    ('{% table "working_days_mean" by="stage" columns="share" /%}', "there are no shares of `working_days_mean`"),
    ('{% table "new_complaints" by="service" level="teem" /%}', "level is never `teem`; nearest: team"),
    ('{% table "new_complaints" by="service" under="dty" /%}', "under is never `dty`; nearest: duty"),
    ('{% table "new_complaints" by="channel" only="Emial" /%}', "channel is never `Emial`; nearest: Email"),
    ('{% table "new_complaints" only="Email" /%}', "`only` chooses among the values of a key, and the tag names none"),
    ('{% table "new_complaints" by="year" only="2021" /%}', "`only`: `2021` is no year such as 2021-22"),
    ('{% table "new_complaints" by="channel" top="all" /%}', "`top` is `all`; it is a whole number from 1 to 99"),
    ('{% table "new_complaints" by="channel" overlap="yes" /%}', "how much the rows overlap is not counted for `new_complaints` by `channel`"),
    ('{% table "new_complaints" by="channel" title="In $yaer" /%}', "there is no variable `$yaer` here; nearest: year"),
    ('{% table "new_complaints" by="channel" %}\n{% row channel="Email" /%}\n{% /table %}', "the rows are given by `by` and by {% row %}: one of them is too many"),
    ('{% table title="x" /%}', "the table names no measure"),
    ('{% table "new_complaints" channel=["Email", "Letter"] /%}', "`channel` has one value; several are chosen by `only`"),
    ('{% sentence "recieved" /%}', "there is no sentence `recieved`; nearest: received"),
    ('{% figure "new_complaints" as="word" /%}', '`as` is `word`; it can be ["words","Words"]'),
    ('{% change "new_complaints_share" as="per_cent" channel="Email" /%}', '`new_complaints_share` is a share; a share changes by percentage points: write as="amount"'),
    ('{% top "new_complaints" /%}', "the attribute `by` is missing"),
    ('{% top "new_complaints" by="channel, who" /%}', "{% top %} puts the values of one key in order"),
    ('{% top "new_complaints" by="chanel" /%}', "there is no key or attribute `chanel`; nearest: channel, case, behalf"),
    ('{% top "new_complaints" by="channel" count="all" /%}', "`count` is `all`; it is a whole number from 1 to 99"),
    ('{% top "working_days_mean" by="stage" numbers="share" /%}', "there are no shares of `working_days_mean`"),
    ('{% rank "new_complaints" by="channel" /%}', '{% rank %} needs the value whose place it tells: channel="..."'),
    ('{% rank "new_complaints" by="channel" channel="Emial" /%}', "channel is never `Emial`; nearest: Email"),
    ('{% top "new_complaints" by="service" level="all" /%}', "{% top %} compares services of one level"),
    ('{% date "as_of" /%}', "there is no date `as_of`; nearest: as_at"),
    ('{% date "published_on" /%}', "the profile gives no published_on for this report"),
    ('{% held "phone" /%}', "held.csv holds no `phone`"),
    ('{% literal "12" /%}', "the attribute `reason` is missing"),
    ('{% literal "12" reason=" " /%}', "`reason` is blank: it says where the number comes from"),
    ('{% literal " " reason="x" /%}', "{% literal %} holds no words"),
    ('{% quote %}\nx\n{% /quote %}', "the attribute `source` is missing"),
    ('{% quote source="Parent" %}\n{% table "new_complaints" by="channel" /%}\n{% /quote %}', "{% table %} cannot stand inside {% quote %}"),
    ('### A {% top "new_complaints" by="channel" /%}', "{% top %} cannot stand in a heading"),
    ('{% limits procedure="statutory" /%}', "{% limits %} has no attribute `procedure`"),
    ('{% each "chanel" of="new_complaints" %}\nx\n{% /each %}', "there is no key or attribute `chanel`; nearest: channel, case, behalf"),
    ('{% each "channel" of="new_complaints" %}\n{% $stage %}\n{% /each %}', "there is no variable `$stage` here"),
    ("[x](stags)", "the link leads to `stags`, which is no page of the report; nearest: stages"),
    # what Markdoc says, in plain words
    ('{% figur "new_complaints" /%}', "there is no tag {% figur %}; there are figure, "),
    ("{% figure /%}", "the name that belongs behind the tag in quotation marks is missing"),
    ('{% figure "new_complaints" procedure=statutory /%}', "the tag cannot be read: behind its name stand words in quotation marks, then attributes such as stage=1"),
    ('{% each "channel" %}\nx\n{% /each %}', "the attribute `of` is missing"),
    ('{% each "channel" of="new_complaints" %}\nx', "{% each %} is not closed: {% /each %} is missing, or it should end with /%}"),
    ('{% fact "new_complaints" /%}', "{% fact %} stands inside {% facts %}"),
    ('{% facts %}\nwords\n{% /facts %}', "{% facts %} holds only {% fact %}"),
    ('words {% table "new_complaints" by="channel" /%}', "{% table %} stands on lines of its own, not in a sentence"),
    ('### A {% figure "new_complaints" /%}', "{% figure %} cannot stand in a heading"),
    ('{% chart "new_complaints" by="channel" kind="pie" /%}', '`kind` is `pie`; it can be ["bars","stacked","lines"]'),
    ("# Top", "a heading inside a section begins with ### or ####; the title of the section stands above it"),
    ("<b>x</b>", "`<b>`: HTML cannot be used; write Markdown"),
    ("<script>alert(1)</script>", "`<script>`: HTML cannot be used; write Markdown"),
    ("![x](y.png)", "a picture cannot be used"),
    ("```\nx\n```", "a block of code cannot be used"),
    ("| a |\n|---|\n| 1 |", "a table of typed-in cells cannot be used: {% table %} makes one of figures"),
    ("[x](ftp://a.example)", "`ftp://a.example` is no address that a link can lead to: it begins with https:// or mailto:, or is the word of a page"),
    ("{% if $year %}\nx\n{% /if %}", "there is no tag {% if %}; there are figure, "),
]  # fmt: skip

RIGHT = """---
title: Everything in $year
---
<!-- a note for whoever writes -->
**{% $short_name %}** had {% figure "new_complaints" procedure="statutory" period="Q1" /%} and
{% change "new_complaints" /%}, see [stages](stages), [figures](figures) or [us](mailto:us@example.org).

{% table "new_complaints" by="service" level="all" overlap="yes" columns="last_5_years, 2019-20, change" title="In $last_year" /%}

{% table "new_complaints" by="channel" only=["Letter", "Email"] columns="share, share_last_year, change_points" /%}

{% each "grouping" of="new_complaints" %}
{% table "new_complaints" by=$grouping title="By $grouping_label" /%}
{% /each %}

{% each "service + stage" of="responses" procedure="*" sort="largest" top=3 %}
#### {% $service_label %}, {% $stage_label %}
{% sentence "time" service=$service stage=$stage /%}
{% figure "responses" service=$service stage=$stage /%}
{% /each %}

{% when "new_complaints" channel="*" period="*" %}
{% chart "new_complaints" by="who" columns="quarters" %}
{% or by="channel" formality="all" columns="this_year" /%}
{% /chart %}
{% /when %}

1. {% figure "new_complaints" complainant_role="not_known" /%}

{% limits /%}
"""


@pytest.fixture(scope="module", autouse=True)
def read_at_once():
    parse_sections([f"Words.\n\n{text}\n" for text, _ in FAULTS])


@pytest.mark.parametrize(("text", "said"), FAULTS)
def test_a_fault_is_told_with_its_line(load, text, said):
    with pytest.raises(AuthorityError) as refusal:
        load({"in-short.md": f"Words.\n\n{text}\n"})
    places = [problem for problem in refusal.value.problems if said in problem]
    assert places, refusal.value.problems
    inner = text.split("\n")[1:-1] and any(
        sign in said for sign in ("$stage", "{% fact", "rows are given", "inside {% quote")
    )
    assert places[0].startswith("far-shire/report/in-short.md: line ")
    line = int(places[0].split("line ")[1].split(":")[0])
    assert line == 3 or (inner and line == 4)


def test_all_faults_of_all_files_are_told_at_once(load):
    with pytest.raises(AuthorityError) as refusal:
        load(
            {"in-short.md": '{% figure "a" /%}\n\n{% figure "b" /%}', "report.yml": "leave_out: [c]"},
            {"time-taken.md": "<i>d</i>"},
        )
    assert [problem.split(": ")[0] for problem in refusal.value.problems] == [
        "far-shire/report/report.yml",
        "far-shire/report/in-short.md",
        "far-shire/report/in-short.md",
        "reports/sections/time-taken.md",
    ]


def test_what_is_right_is_read_without_a_word(load):
    loaded = load({"in-short.md": RIGHT})
    section = loaded.reports["far-shire", "2023-24"].pages[0].sections[0]
    assert section.title == "Everything in $year" and loaded.warnings == []
    loops = [node for node in section.nodes if node.get("name") == "each"]
    assert loops[0]["values"] == ["who"] and "values" not in loops[1]


def test_front_matter_has_lines_of_its_own_names(load):
    with pytest.raises(AuthorityError) as refusal:
        load({"in-short.md": "---\ntitle: In short\ndate: today\n---\nWords."})
    assert refusal.value.problems == [
        "far-shire/report/in-short.md: line 3: `date: today`: between the lines of --- stand lines such as `title: words`; "
        "there are title, place, author, approved_by, approved_on, look_again"
    ]
