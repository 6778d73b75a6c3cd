"""Words as plain text, and what two states of a report say in other words."""

from __future__ import annotations

from dataclasses import replace

from redress.declared.prose import WordChange, paragraphs, word_changes

TEXT = """---
title: Lessons of $year
---
There were {% figure "new_complaints" procedure="statutory" /%} in {% $year %},
**{% literal "twelve" reason="Posts" /%} posts** and [a page](checklist).

### More

- One {% change "new_complaints" /%}
- Two

{% table "new_complaints" by="channel" title="How they came" note="By $year" /%}

{% when "new_complaints" %}
Inside.
{% /when %}
"""
SAID = [
    "Lessons of [year]",
    "There were [new complaints, procedure statutory] in [year], twelve posts and a page.",
    "More",
    "One [change new complaints]",
    "Two",
    "How they came",
    "By [year]",
    "Inside.",
]


def declared(load, **sections: str):
    """The report of 2023-24 with these sections on its first page."""
    names = ", ".join(sections)
    listed = f"pages:\n  - {{page: summary, title: Summary, sections: [{names}]}}\n"
    files = {f"{name}.md": text for name, text in sections.items()}
    return load({"report.yml": listed, **files}).reports["far-shire", "2023-24"]


def test_every_word_that_a_page_prints_is_there_and_a_number_by_its_name(load):
    report = declared(load, lessons=TEXT)
    assert paragraphs(report.pages[0].sections[0]) == SAID


def test_only_other_words_are_a_change_paragraph_by_paragraph(load):
    before = declared(load, lessons=TEXT, gone="Was here.", moved="Stays.")
    same = declared(load, moved="Stays.", lessons=TEXT.replace("\nIn", "\n\n\nIn"), gone="Was here.")
    assert word_changes(before, same) == []
    now = declared(
        load, lessons=TEXT.replace("- Two\n", "").replace("Inside", "Within"), moved="Stays.", new="Is new."
    )
    assert word_changes(before, now) == [
        WordChange("", "lessons", "Lessons of [year]", "Two", ""),
        WordChange("", "lessons", "Lessons of [year]", "Inside.", "Within."),
        WordChange("", "new", "", "", "Is new."),
        WordChange("", "gone", "", "Was here.", ""),
    ]


def test_another_figure_in_a_sentence_is_another_word_and_another_value_is_none(load):
    before = declared(load, lessons='There were {% figure "new_complaints" /%}.')
    now = declared(load, lessons='There were {% figure "compliments" /%}.')
    assert word_changes(before, now) == [
        WordChange("", "lessons", "", "There were [new complaints].", "There were [compliments].")
    ]
    assert word_changes(before, replace(before, year="2024-25")) == []
