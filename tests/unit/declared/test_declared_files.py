"""Which files a report of a year is made of."""

import pytest

from redress.authority.model import AuthorityError
from redress.declared import parse
from redress.declared.model import DeclaredReport

YEARS = ("2021-22", "2022-23", "2023-24")


def pages(loaded, year="2023-24"):
    report = loaded.reports["far-shire", year]
    return {page.path: [section.name for section in page.sections] for page in report.pages}


def words(loaded, year):
    [paragraph] = loaded.reports["far-shire", year].pages[0].sections[0].nodes
    return paragraph["children"][0]["text"]


def problems(load, *given, **more):
    with pytest.raises(AuthorityError) as refusal:
        load(*given, **more)
    return refusal.value.problems


def test_a_council_without_sections_has_the_shipped_report(load):
    loaded = load()
    assert all(pages(loaded, year) == {"": ["in-short"], "stages": ["time-taken"]} for year in YEARS)
    assert loaded.warnings == []
    section = loaded.reports["far-shire", "2023-24"].pages[0].sections[0]
    assert (section.title, section.file) == ("In short", "reports/sections/in-short.md")


def test_a_section_comes_from_the_year_else_from_the_newest_that_has_begun_else_from_the_folder(load):
    loaded = load(
        {
            "in-short.md": "always",
            "from-2022-23/in-short.md": "from 2022/23",
            "from-2020-21/in-short.md": "from 2020/21",
            "2023-24/in-short.md": "in 2023/24",
        }
    )
    assert [words(loaded, year) for year in YEARS] == ["from 2020/21", "from 2022/23", "in 2023/24"]


def test_a_list_of_the_council_replaces_the_shipped_pages(load):
    loaded = load(
        {
            "report.yml": "pages:\n- page: start\n  title: Start\n  sections: [own, {section: in-short, title: Brief}]\n",
            "own.md": "Words.",
        }
    )
    assert pages(loaded) == {"": ["own", "in-short"]}
    assert [section.title for section in loaded.reports["far-shire", "2023-24"].pages[0].sections] == [
        "",
        "Brief",
    ]


def test_lists_are_laid_over_one_another(load):
    loaded = load(
        {
            "report.yml": "titles: {time-taken: How long}\nadd: [{section: own, after: in-short}]\n",
            "from-2023-24/report.yml": "leave_out: [in-short]\nadd:\n- {section: more, page: stages, title: More}\n",
            "own.md": "Words.",
            "more.md": "Words.",
        }
    )
    assert pages(loaded, "2022-23") == {"": ["in-short", "own"], "stages": ["time-taken"]}
    assert pages(loaded) == {"": ["own"], "stages": ["time-taken", "more"]}
    assert [section.title for section in loaded.reports["far-shire", "2023-24"].pages[1].sections] == [
        "How long",
        "More",
    ]


def test_a_page_of_which_everything_is_left_out_goes_too(load):
    assert pages(load({"report.yml": "leave_out: [in-short]"})) == {"": ["time-taken"]}
    kept = load(
        {"report.yml": "leave_out: [in-short]\nadd: [{section: own, page: summary}]", "own.md": "Words."}
    )
    assert pages(kept) == {"": ["own"], "stages": ["time-taken"]}


def test_titles_may_hold_variables_that_there_are(load):
    whole = "pages:\n- {page: a, title: In $year, sections: [{section: in-short, title: 'To $years'}]}\n- {page: stages, title: $x, sections: [own]}"
    assert problems(load, {"report.yml": whole, "own.md": "---\ntitle: $y\n---\nWords."}) == [
        "far-shire/report/report.yml: line 2: there is no variable `$years` here; nearest: year, last_year",
        "far-shire/report/report.yml: line 3: there is no variable `$x` here; there are council, last_year, level, short_name, team, year",
        "far-shire/report/own.md: there is no variable `$y` here; there are council, last_year, level, short_name, team, year",
    ]


def test_every_fault_of_the_lists_is_told_with_its_line(load):
    told = problems(
        load,
        {
            "report.yml": "pages:\n- {page: data, title: Data, sections: [in-short, in-short]}\n"
            "- {page: Stages, title: S}\n- {page: a, title: A, sections: []}\n",
            "2021-22/report.yml": "leave_out: [in-shorts]\ntitles: {no: x}\nadd: [{section: a, after: b}, {section: c, page: d}]\n",
            "2022-23/report.yml": "pagess: []\nadd: [{section: a}]\npages: [{title: x}]\n",
            "last year/x.md": "words",
        },
    )
    assert told == [
        "far-shire/report/last year: a folder in `report` is named by a year, such as 2023-24 or from-2023-24",
        "far-shire/report/report.yml: line 3: `Stages` is no name: it has small letters, digits and single hyphens only",
        "far-shire/report/2021-22/report.yml: line 1: leave_out: no page has a section `in-shorts`; nearest: in-short",
        "far-shire/report/2021-22/report.yml: line 3: add: no page has a section `b`; there are in-short, time-taken",
        "far-shire/report/2021-22/report.yml: line 3: add: there is no page `d`; there are stages, summary",
        "far-shire/report/2021-22/report.yml: line 2: titles: no page has a section `no`; there are in-short, time-taken",
        "far-shire/report/2022-23/report.yml: line 3: `page` is missing: a page has the form {page: word, title: words, sections: [names]}",
        "far-shire/report/2022-23/report.yml: line 2: add: `a` stands either `after` a section or at the end of a `page`",
        "far-shire/report/2022-23/report.yml: line 1: `pagess` is not known; known are pages, leave_out, titles, add",
    ]


def test_pages_and_sections_stand_once_and_have_files(load):
    told = problems(
        load,
        {
            "report.yml": "pages:\n- {page: data, title: Data, sections: [in-short, in-short]}\n"
            "- {page: a, title: A, sections: []}\n- {page: a, title: A, sections: [in-shrt]}\n",
        },
    )
    assert told == [
        "far-shire/report/report.yml: line 2: `data` is the word of a page that every report has; choose another",
        "far-shire/report/report.yml: line 2: the section `in-short` stands twice; it can stand once",
        "far-shire/report/report.yml: line 3: the page `a` has no section",
        "far-shire/report/report.yml: line 4: two pages have the word `a`",
        "far-shire/report/report.yml: line 4: there is no file in-shrt.md for the section `in-shrt`; nearest: in-short",
    ]


def test_a_list_that_is_no_yaml_is_told(load):
    assert problems(load, {"report.yml": "pages: [\n"})[0].startswith("far-shire/report/report.yml: line 2: ")


def test_a_section_that_no_page_lists_is_a_warning(load):
    assert load({"own.md": "Words.", "notes.txt": "x"}).warnings == [
        "far-shire/report/notes.txt: only report.yml, held.csv and sections named `<section>.md` are read in this folder",
        "far-shire/report/own.md: no page of report.yml has this section, and no `place:` in it says where it stands",
    ]


def test_links_to_the_first_page_lead_to_the_reports_own_address(load):
    loaded = load({"in-short.md": "[a](summary) [b](stages#x) [c](#y) [d](summary#z) [e](https://a.example)"})
    [paragraph] = loaded.reports["far-shire", "2023-24"].pages[0].sections[0].nodes
    links = [node["href"] for node in paragraph["children"] if node["type"] == "link"]
    assert links == ["./", "stages#x", "#y", "./#z", "https://a.example"]


def test_a_report_is_the_same_after_it_was_kept_as_rows(load):
    report = load().reports["far-shire", "2023-24"]
    assert DeclaredReport.from_rows("far-shire", "2023-24", reversed(report.rows())) == report


def test_a_signed_report_stays_as_it_was_signed(load):
    signed = load().reports["far-shire", "2022-23"]
    loaded = load({"in-short.md": "new words"}, signed={("far-shire", "2022-23"): signed})
    assert loaded.reports["far-shire", "2022-23"] == signed
    assert words(loaded, "2023-24") == "new words"


def test_what_was_read_is_kept_for_the_next_process(load, tmp_path, monkeypatch):
    before = load(state=tmp_path / "state")
    monkeypatch.setattr(parse, "_known", {})
    monkeypatch.setattr(parse, "_run", lambda texts: pytest.fail(f"read again: {texts}"))
    assert load(state=tmp_path / "state") == before
    monkeypatch.setattr(parse, "_known", {})
    (tmp_path / "state" / "declared-sections.json").write_text("{", encoding="utf-8")
    monkeypatch.undo()
    assert load(state=tmp_path / "state") == before


def test_without_node_the_message_says_who_installs_it(load, monkeypatch):
    from redress.base.errors import ConfigurationProblem

    monkeypatch.setattr(parse, "_known", {})
    monkeypatch.setattr(parse.shutil, "which", lambda name: None)
    with pytest.raises(ConfigurationProblem, match="Node.js is not installed") as refusal:
        load()
    assert refusal.value.who == "whoever installs Redress: Node 20 or later"


def test_a_section_that_cannot_be_read_to_its_end_is_named(load, monkeypatch):
    monkeypatch.setattr(parse, "_known", {})
    monkeypatch.setattr(parse, "_SECONDS_OF_ONE", 4)
    monkeypatch.setattr(parse._run, "__defaults__", (4,))
    told = problems(load, {"in-short.md": "{% each " * 20_000})
    assert told == [
        "far-shire/report/in-short.md: line 1: it was not read within 4 seconds: too much stands in one paragraph, "
        "or a tag is not closed"
    ]


def test_tags_lie_in_one_another_only_so_deep(load):
    told = problems(load, {"in-short.md": '{% each "channel" of="new_complaints" %}' * 200})
    assert told == ["far-shire/report/in-short.md: line 1: tags lie more than 20 deep in one another"]
