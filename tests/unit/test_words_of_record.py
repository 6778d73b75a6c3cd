"""The council's own words in what is signed: who approved them, what they were before a revision, where they are found."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from test_page_grids import resolved
from test_protect_export import installation
from test_publish_numbers import ask
from test_published_reports import REPORT, exported, of_run, sign, wish

from redress.attest import revisions, signing
from redress.authority.folder import load_authority
from redress.base.errors import ConfigurationProblem
from redress.base.files import sha256
from redress.base.request import Signing
from redress.base.settings import Settings
from redress.declared.load import load_reports
from redress.declared.tables import write_pages
from redress.publish.bound_numbers import bindings
from redress.signed import causes
from redress.signed.record import Record, words_of

FRONT = (
    "---\ntitle: Lessons\nauthor: Head of Service\napproved_by: The Director\napproved_on: 2024-06-12\n---\n"
)
LISTED = "pages:\n  - {page: summary, title: Summary, sections: [lessons, numbers]}\n"


def declare(settings: Settings, text: str) -> None:
    """Write the one section of the council's words, and declare the report for the next export."""
    folder = settings.authorities[0] / "b" / "report"
    folder.mkdir(exist_ok=True)
    (folder / "report.yml").write_text(LISTED, encoding="utf-8")
    (folder / "numbers.md").write_text('{% table "new_complaints" by="channel" /%}\n', encoding="utf-8")
    (folder / "lessons.md").write_text(text, encoding="utf-8")
    write_pages([declared(settings)], settings.state / "config")


def declared(settings: Settings):
    authority = load_authority(settings.authorities[0] / "b", Settings().reference)
    return load_reports([authority], settings.root, settings.state).reports[REPORT]


@pytest.fixture
def world(tmp_path: Path, monkeypatch) -> Settings:
    monkeypatch.setattr(causes, "public_causes", lambda *given: {})
    return installation(tmp_path)


def revise(world: Settings, out: Path, on: str, hides: bool = False) -> list[tuple]:
    """Export as the run that revises does, and sign; return the words that are told to have changed."""
    signing = replace(wish(on, "2024-05-31"), hides_words=hides)
    rows = exported(of_run(world, signing=signing), out)["revised_words"]
    sign(world, out)
    return [(row["number"], row["section"], row["before"], row["after"]) for row in rows]


def test_a_revision_tells_words_as_they_were_and_are_and_later_ones_keep_them(world, tmp_path) -> None:
    declare(world, FRONT + "We were late.\n\nWe thank you.\n")
    first = exported(of_run(world, signing=wish("2024-07-01")), tmp_path / "first")
    sign(world, tmp_path / "first")
    assert first["revised_words"] == []
    declare(world, FRONT + "We were often late.\n\nWe thank you.\n")
    assert exported(of_run(world), tmp_path / "later") == first, "a signed report keeps its words"
    second = (2, "lessons", "We were late.", "We were often late.")
    assert revise(world, tmp_path / "second", "2024-09-02") == [second]
    declare(world, FRONT + "We were often late.\n")
    third = (3, "lessons", "We thank you.", "")
    assert revise(world, tmp_path / "third", "2024-10-02") == [second, third]
    assert [row["number"] for row in exported(of_run(world), tmp_path / "stands")["revised_words"]] == [2, 3]


def test_words_that_named_somebody_are_not_told_again(world, tmp_path) -> None:
    declare(world, FRONT + "We thank Ann.\n")
    exported(of_run(world, signing=wish("2024-07-01")), tmp_path / "first")
    sign(world, tmp_path / "first")
    declare(world, FRONT + "We thank Ann Other.\n\nNew.\n")
    revise(world, tmp_path / "second", "2024-09-02")
    declare(world, FRONT + "We thank a parent.\n\nNew.\n")
    told = revise(world, tmp_path / "third", "2024-10-02", hides=True)
    assert told == [(2, "lessons", None, None), (3, "lessons", None, "We thank a parent.")]


def test_words_must_be_approved_before_a_report_is_signed(world) -> None:
    signing_wish = Signing(*REPORT, "The director", date(2024, 7, 1))
    for front, why in {
        "---\ntitle: Lessons\nauthor: Head of Service\n---\n": "has no approval: `approved_by`",
        "---\ntitle: Lessons\nauthor: Head of Service\napproved_by: The Director\n---\n": "has no day of approval",
        FRONT.replace("---\n", "---\nlook_again: true\n", 1): "has words of another year",
    }.items():
        declare(world, front + "We were late.\n")
        with pytest.raises(ConfigurationProblem) as refused:
            signing.check_words(signing_wish, declared(world))
        [told] = refused.value.details
        assert "b/report/lessons.md: `Lessons` on the page `Summary`" in told and why in told
        assert told.endswith("To fix: Head of Service.")
    for text in (
        FRONT + "We were late.\n",
        "---\ntitle: Lessons\n---\n<!-- What was learned? -->\n",
        '{% sentence "received" /%}\n',
    ):
        declare(world, text)
        signing.check_words(signing_wish, declared(world))


def test_a_record_keeps_each_section_of_words_by_its_hash_and_a_change_since_is_told(world, tmp_path) -> None:
    declare(world, FRONT + "We were late.\n")
    folder = world.authorities[0] / "b"
    [row] = kept = words_of(declared(world), folder)
    assert row == {
        "page": "", "section": "lessons", "title": "Lessons", "file": "report/lessons.md",
        "sha256": sha256(folder / "report" / "lessons.md"), "author": "Head of Service", "approved_by": "The Director",
        "approved_on": "2024-06-12",
    }  # fmt: skip
    record = Record(*REPORT, 1, "2024-05-31", "A", "", "2024-06-01", [], {}, {}, {}, words=kept)
    authority = load_authority(folder, Settings().reference)
    assert revisions.other_words([authority], [record]) == []
    declare(world, FRONT + "We were never late.\n")
    [told] = revisions.other_words([authority], [record])
    assert "report/lessons.md" in told and "redress revise b 2023-24" in told


def test_each_number_in_the_words_is_bound_to_its_figure_as_pages_print_it(world, tmp_path) -> None:
    numbers = (
        'In {% $year %} we had **{% figure "new_complaints" /%}**,\n'
        'and {% figure "withdrawn" stage=1 /%} were withdrawn.\n\n- {% figure "compliments" /%} came.\n'
    )
    declare(world, FRONT + numbers)
    exported(of_run(world), tmp_path / "out")
    bound = bindings(declared(world), ["lessons"], tmp_path / "out")
    assert [(one.line, one.tag, one.about, one.figure_id, one.printed) for one in bound] == [
        (7, "figure", "new_complaints", "b-1", "3"),
        (8, "figure", "withdrawn", "b-3", "[c]"),
        (10, "figure", "compliments", "", "[x]"),
    ]
    assert {one.file for one in bound} == {"b/report/lessons.md"}


def section(words: str, file: str = "b/report/lessons.md", **front) -> dict:
    nodes = [{"type": "paragraph", "children": [{"type": "text", "text": words}]}] if words else []
    return {"name": "lessons", "title": "Lessons of $year", "file": file, "nodes": nodes, **front}


def row(*sections: dict, year: str = "2023-24") -> dict:
    return {
        "authority": "b",
        "reporting_year": year,
        "page": "",
        "title": "Summary",
        "sections": json.dumps(sections),
    }


APPROVED = {"approved_by": "The Director", "approved_on": "2024-06-12"}


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ([], None),
        ([section("Shipped words.", "reports/sections/lessons.md"), section("")], None),
        ([section("Words.")], "The council’s own words in this report have not been approved yet."),
        ([section("Words.", **APPROVED, look_again=True)], "The council’s own words in this report have not been approved yet."),
        ([section("Words.", **APPROVED)], "The council’s own words in this report were approved by The Director (12 June 2024)."),
        (
            [section("Words.", **APPROVED), section("More.")],
            "The council’s own words in this report were approved by The Director (12 June 2024). Some of them have not been "
            "approved yet.",
        ),
    ],
)  # fmt: skip
def test_a_report_says_who_approved_its_words_and_nothing_where_it_has_none(sections, said) -> None:
    assert ask("revisions.js", f"it.approvalInWords({json.dumps([row(*sections)])})") == said


@pytest.mark.parametrize(
    ("figures", "sections", "said"),
    [
        (0, 0, "no figure"), (1, 0, "one figure"), (0, 1, "the words of one section"),
        (1200, 2, "1,200 figures and the words of 2 sections"),
    ],
)  # fmt: skip
def test_what_a_revision_changed_is_said_of_figures_and_words(figures, sections, said) -> None:
    assert ask("revisions.js", f"it.changedInWords({figures}, {sections})") == said


@pytest.mark.parametrize(
    "name", ["lessons", "changes-made", "changes-not-made", "review-of-the-procedure", "what-people-said"]
)
def test_prompts_are_no_section_of_a_page_and_tick_nothing(name) -> None:
    front = "---\ntitle: Lessons\nplace: after learning\n---\n"
    page = resolved(f"{front}<!--\n- What was learned?\n\nSource: the guidance.\n-->\n", [], name=name)
    assert (page["sections"], page["ticked"]) == ([], [])
    assert resolved(f"{front}Much.\n", [], name=name)["ticked"] != []


def searched(*rows: dict) -> dict:
    numbered = json.dumps([[f"b/{report['reporting_year']}", n] for n, report in enumerate(rows)])
    return ask("searched.js", f"it.searchedSections({json.dumps(rows)}, new Map({numbered}))")


def test_the_search_knows_the_words_of_the_council_and_no_others() -> None:
    own = section("We telephone within two days, and the SEN team writes.")
    shipped = section("Telephone.", "reports/sections/lessons.md")
    hidden = section("") | {
        "nodes": [{"type": "tag", "name": "when", "primary": "x", "children": own["nodes"]}]
    }
    assert searched(row(shipped, own, hidden)) == {
        "sections": [["#lessons", "Lessons of", "telephone within days SEN team writes".lower(), [0]]],
        "isWhole": True,
    }


def test_the_index_stays_light_and_has_the_newest_words() -> None:
    rows = json.dumps([row(section("MANY"), year="2021-22"), row(section("MANY"), year="2023-24")])
    many = "Array.from({ length: 8000 }, (_, number) => `word${number}`).join(' ')"
    numbered = "new Map([['b/2021-22', 0], ['b/2023-24', 1]])"
    words = f"JSON.parse(JSON.stringify({rows}).replaceAll('MANY', {many}))"
    found = ask("searched.js", f"it.searchedSections({words}, {numbered})")
    assert [place for *_, [place] in found["sections"]] == [1] and found["isWhole"] is False
