"""How a year of words begins: prompts that print nothing, words of last year that wait to be looked at, what is left to do."""

from __future__ import annotations

import pytest

from redress.authority import template
from redress.authority.folder import load_authority
from redress.authority.model import AuthorityError
from redress.base.errors import ConfigurationProblem
from redress.base.settings import ROOT
from redress.declared.load import load_reports
from redress.declared.new_year import begin
from redress.declared.standing import not_approved, old_values, own_words

REFERENCE = ROOT / "seeds" / "reference"
LESSONS = """---
title: Lessons of 2022/23
place: after in-short
author: Head of Service
approved_by: The Director
approved_on: 2023-06-12
---
<!-- a note of 2022
in two lines -->
In 2022-23 there were {% literal "twelve" reason="Posts, from the staff list" /%} posts.

The Children Act 1989 covers the {% held "people" /%} children here.

{% quote source="A parent" %}
They listened.
{% /quote %}
"""
HELD = 'name,value,source,as_at\npeople,"48,100",A census,2021-03-21\nline,0300 123 4567,,\n'


@pytest.fixture
def council(tmp_path, load):
    """A council with words in 2022-23."""
    load(
        {
            "2022-23/lessons.md": LESSONS,
            "2022-23/held.csv": HELD,
            "2022-23/report.yml": "titles: {in-short: In 2022-23}\n",
        }
    )
    (tmp_path / "councils" / "far-shire" / "report" / "2022-23" / "draft.docx").write_bytes(b"")
    return load_authority(tmp_path / "councils" / "far-shire", REFERENCE)


def test_words_are_taken_over_unapproved_with_what_must_be_looked_at_by_line(council, load):
    new = begin(council, None)
    assert (new.year, new.last, new.not_taken) == ("2023-24", "2022-23", ["draft.docx"])
    lines = (new.folder / "lessons.md").read_text(encoding="utf-8").splitlines()
    front = lines[1 : lines.index("---", 1)]
    assert "author: Head of Service" in front and "place: after in-short" in front
    assert front[-3:] == ["approved_by:", "approved_on:", "look_again: true"]
    marks = [line.removeprefix("- ") for line in lines if line.startswith("- ")]
    assert marks == new.files["lessons.md"]
    assert marks[0] == "the title: the year 2022/23"
    assert marks[1] == "approved by The Director on 2023-06-12 for 2022-23: approve it anew"
    told = dict(mark.removeprefix("line ").split(": ", 1) for mark in marks[2:])
    assert list(told.values()) == [
        "the year 2022-23, the literal “twelve”",
        "the value from outside `people`",
        "a quotation",
    ]
    for number, words in zip(told, ("In 2022-23", "The Children Act", "{% quote"), strict=True):
        assert lines[int(number) - 1].startswith(words)
    assert (new.folder / "held.csv").read_text(encoding="utf-8") == HELD
    assert new.files["held.csv"] == ["people, as at 2021-03-21"]
    assert (new.folder / "report.yml").read_text(encoding="utf-8") == (
        "# Look again: line 2: the year 2022-23\ntitles: {in-short: In 2022-23}\n"
    )
    report = load().reports["far-shire", "2023-24"]
    [(_, section)] = own_words(report)
    assert section.look_again and section.approved_by == ""
    [missing] = not_approved(report)
    assert "far-shire/report/2023-24/lessons.md" in missing and "To fix: Head of Service" in missing
    assert [line.split(":")[0] for line in old_values(report)] == ["far-shire/report/2023-24/lessons.md"]


def test_a_second_year_has_one_note_and_nothing_is_written_over(council):
    begin(council, "2023-24")
    with pytest.raises(ConfigurationProblem, match="there already"):
        begin(council, "2023-24")
    with pytest.raises(ConfigurationProblem, match="no reporting year"):
        begin(council, "2024")
    later = begin(council, None)
    text = (later.folder / "lessons.md").read_text(encoding="utf-8")
    assert later.year == "2024-25" and text.count("Look again:") == 1 and text.count("look_again: true") == 1
    assert later.profile[:2] == ['  "2024-25":', "    as_at: 2025-05-31"]


def test_what_says_nothing_in_words_is_taken_over_as_it_is(council):
    table = '{% table "responses" by="procedure + stage" /%}\n'
    (council.folder / "report" / "2022-23" / "numbers.md").write_text(table, encoding="utf-8")
    new = begin(council, None)
    assert (new.folder / "numbers.md").read_text(encoding="utf-8") == table and new.files["numbers.md"] == []


def test_a_council_without_words_begins_with_the_prompts(load, tmp_path):
    load()
    new = begin(load_authority(tmp_path / "councils" / "far-shire", REFERENCE), None)
    assert (new.year, new.last, new.profile) == ("2023-24", None, [])
    assert {"foreword.md", "changes-made.md"} <= new.files.keys()


def test_prompts_print_nothing_and_are_told_as_not_written(tmp_path):
    folder = template.create("south-town", tmp_path)
    authority = load_authority(folder, REFERENCE)
    loaded = load_reports([authority], ROOT)
    default = load_reports([load_authority(_without_words(tmp_path), REFERENCE)], ROOT)
    report = ("south-town", "2024-25")
    assert loaded.reports[report].pages == default.reports["south-town", "2024-25"].pages
    assert loaded.warnings == [] and not_approved(loaded.reports[report]) == []
    written = {
        f"south-town/report/{path.relative_to(folder / 'report').as_posix()}"
        for path in folder.rglob("report/**/*.md")
    }
    assert set(loaded.unwritten[report]) == written and len(written) > 15


def _without_words(tmp_path):
    folder = template.create("south-town", tmp_path / "plain")
    for path in sorted((folder / "report").rglob("*.md")):
        path.unlink()
    return folder


def test_every_prompt_finds_its_place_once_it_is_written(tmp_path):
    folder = template.create("south-town", tmp_path)
    files = sorted((folder / "report").rglob("*.md"))
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert "\nSource: " in text and "\n- " in text
        path.write_text(f"{text}\nWords of our own.\n", encoding="utf-8")
    loaded = load_reports([load_authority(folder, REFERENCE)], ROOT)
    [report] = loaded.reports.values()
    assert {section.name for _, section in own_words(report)} == {path.stem for path in files}
    first = [section.name for section in report.pages[0].sections]
    assert first[:4] == ["foreword", "purpose", "recommendations", "introduction"]
    assert len(not_approved(report)) == len(files) and loaded.unwritten["south-town", "2024-25"] == []


def test_a_page_of_prompts_alone_is_no_page_and_a_prompt_hides_no_words(load):
    prompt = "---\ntitle: Our plans\n---\n<!--\n- What next?\n-->\n"
    loaded = load(
        {
            "report.yml": "pages:\n  - {page: plans, title: Plans, sections: [plans]}\n  - {page: summary, title: Summary, sections: [in-short]}\n",
            "plans.md": prompt,
            "2023-24/in-short.md": prompt,
            "in-short.md": "Words for every year.\n",
        }
    )
    for report in loaded.reports.values():
        [page] = report.pages
        assert (page.path, [section.file for section in page.sections]) == (
            "",
            ["far-shire/report/in-short.md"],
        )
    assert loaded.unwritten["far-shire", "2023-24"] == [
        "far-shire/report/2023-24/in-short.md",
        "far-shire/report/plans.md",
    ]


def test_a_prompt_without_a_place_stops_nothing_until_it_is_written(load):
    front = "---\nplace: after nowhere\n---\n"
    assert load({"lessons.md": f"{front}<!-- What was learned? -->\n"}).unwritten["far-shire", "2023-24"]
    with pytest.raises(AuthorityError, match="no page has a section `nowhere`"):
        load({"lessons.md": f"{front}Much.\n"})


def test_words_of_a_year_that_the_profile_does_not_have_are_told(load):
    loaded = load({"2024-25/foreword.md": "Words.", "2024-25/other.md": "Words."})
    assert loaded.warnings == [
        "far-shire/report/2024-25: profile.yml declares no report 2024-25, so its sections stand in none"
    ]
