"""Sections of a council's own words: who wrote them, where they stand, and what they name that is no figure."""

import json

import pytest

from redress.authority.model import AuthorityError
from redress.declared.asked import asked
from redress.declared.language import walk
from redress.declared.model import DeclaredReport, FigureSet, has_words

YEAR = "2023-24"
HEADER = "name,value,source,as_at\n"


def report(loaded) -> DeclaredReport:
    return loaded.reports["far-shire", YEAR]


def problems(load, files) -> list[str]:
    with pytest.raises(AuthorityError) as refusal:
        load(files)
    return refusal.value.problems


def names(loaded) -> list[list[str]]:
    return [[section.name for section in page.sections] for page in report(loaded).pages]


def words(*lines: str) -> str:
    return "\n".join(("---", *lines, "---", "Words."))


def test_front_matter_says_who_wrote_and_who_approved(load):
    front = (
        'title: "Ours: all"',
        "author: Head of Care  # a role",
        "# who said yes",
        "approved_by: Director",
        "approved_on: 2023-06-12",
        "look_again: true",
    )
    [section] = report(load({"in-short.md": words(*front)})).pages[0].sections
    assert (section.title, section.author, section.approved_by) == ("Ours: all", "Head of Care", "Director")
    assert (section.approved_on, section.look_again) == ("2023-06-12", True)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("approved_on: 12 June", "approved_on: `12 June` is no date (YYYY-MM-DD)"),
        ("approved_on: 2023-06-12", "approved_on: `approved_by` says nobody who approved it"),
        ("look_again: yes", "look_again: `yes` is neither true nor false"),
        ("place: near in-short", "place: `near in-short` is none of: after <section>, before <section>, page <page>"),
        ("place: after in-shrt", "place: no page has a section `in-shrt`; nearest: in-short"),
        ("place: page stagse", "place: there is no page `stagse`; nearest: stages"),
        ("place: after own", "place: no page has a section `own`; there are in-short, time-taken"),
        ("author: A\nauthor: B", "`author` is given twice"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_front_matter_is_told_with_its_line(load, line, said):
    files = {"own.md": words(line if line.startswith("place") else f"place: page summary\n{line}")}
    [problem] = [told for told in problems(load, files) if said in told]
    assert problem.startswith("far-shire/report/own.md: line ")


def test_a_section_stands_where_it_says_unless_a_list_names_it(load):
    own = {
        "b.md": words("place: after in-short"),
        "a.md": words("place: after in-short"),
        "behind-a.md": words("place: after a"),
        "first.md": words("place: before in-short"),
        "last.md": words("place: page summary"),
    }
    loaded = load(own)
    assert names(loaded) == [["first", "in-short", "a", "behind-a", "b", "last"], ["time-taken"]]
    assert loaded.warnings == []
    loaded = load({"report.yml": "add: [{section: a, page: stages}]\nleave_out: []"})
    assert names(loaded) == [["first", "in-short", "b", "last"], ["time-taken", "a", "behind-a"]]


def test_a_list_that_leaves_a_section_out_goes_before_its_place(load):
    loaded = load({"own.md": words("place: after in-short"), f"{YEAR}/report.yml": "leave_out: [time-taken]"})
    assert names(loaded) == [["in-short", "own"]]
    files = {f"{YEAR}/report.yml": "leave_out: [own]", "report.yml": "add: [{section: own, page: stages}]"}
    assert names(load(files)) == [["in-short"], ["time-taken"]]


def test_every_part_of_a_section_has_its_line(load):
    text = (
        "---\ntitle: T\n---\nOne\nand **two\nthree** {% figure\n\"new_complaints\" /%} four\n\n- five\n  six\n"
        '\n{% quote source="Parent" %}\nseven [eight](stages)\n{% /quote %}\n\n### Nine\nten'
    )  # fmt: skip
    [section] = report(load({"in-short.md": text})).pages[0].sections
    lines = text.splitlines()
    texts = [node for node, _ in walk(section.nodes) if node["type"] == "text" and node["text"].strip()]
    assert len(texts) == 11
    for node in texts:
        assert node["text"].strip() in lines[node["line"] - 1], node
    lined = {node["type"] for node, _ in walk(section.nodes) if "line" in node}
    assert lined == {"paragraph", "text", "strong", "tag", "list", "item", "link", "heading"}


FIGURE = '{% figure "new_complaints" /%}'


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (f"There were\n{FIGURE}\nof them,\n{FIGURE}\n{FIGURE}\nin all.", ["paragraph"]),
        (f"{FIGURE}\ncame.", ["paragraph"]),
        (f"There were\n{FIGURE}", ["paragraph"]),
        (f"- There were\n  {FIGURE}\n  of them\n- two", ["list"]),
        (f'{{% quote source="Parent" %}}\nThere were\n{FIGURE}\nof them.\n{{% /quote %}}', ["quote"]),
        (f"Words.\n\n{FIGURE}\n\nWords.", ["paragraph"] * 3),
        (f'{{% limits /%}}\n{FIGURE}\n### Heading\n{FIGURE}', ["limits", "paragraph", "heading", "paragraph"]),
    ],
)  # fmt: skip
def test_a_number_alone_on_its_line_stays_in_its_sentence(load, text, kinds):
    [section] = report(load({"in-short.md": text})).pages[0].sections
    assert [node.get("name") or node["type"] for node in section.nodes] == kinds
    sentences = [node for node, _ in walk(section.nodes) if node["type"] in ("paragraph", "item")]
    inside = [child for node in sentences for child in node["children"] if child.get("name") == "figure"]
    assert len(inside) == text.count(FIGURE)
    said = ["".join(child.get("text", "#") for child in node["children"]) for node in sentences]
    assert not [words for words in said if "  " in words or words != words.strip()]


@pytest.mark.parametrize(
    ("text", "is_said"),
    [
        ("Words.", True),
        ("- words", True),
        ('{% when "new_complaints" %}\nWords.\n{% /when %}', True),
        ('{% quote source="Parent" %}\nThank you.\n{% /quote %}', True),
        ('{% figure "new_complaints" /%} came.', True),
        ("### Heading", False),
        ("<!-- a note\nof two lines -->\n### Heading", False),
        ('{% figure "new_complaints" /%}, {% change "new_complaints" /%}.', False),
        ('{% table "new_complaints" by="channel" title="Words" /%}', False),
    ],
)
def test_words_are_text_beside_tags(load, text, is_said):
    [section] = report(load({"in-short.md": text})).pages[0].sections
    assert has_words(section) == is_said


def test_a_value_from_outside_and_a_day_are_kept_with_the_report(load):
    held = (
        HEADER + 'children_here,"48,100",Estimate,2022-06-30\nmail,us@example.org,,\nweb,www.example.org,,\n'
    )
    text = '{% held "children_here" /%} {% held "mail" /%} {% held "web" /%} {% date "as_at" /%} {% date "year_start" /%}'
    loaded = load(
        {"in-short.md": text, "held.csv": held, f"{YEAR}/held.csv": HEADER + "mail,you@example.org,,\n"}
    )
    assert loaded.warnings == []
    tags = [node for node, _ in walk(report(loaded).pages[0].sections[0].nodes) if node["type"] == "tag"]
    assert [tag.get("held") for tag in tags[:3]] == [
        {"value": "48,100", "source": "Estimate", "as_at": "2022-06-30", "address": ""},
        {"value": "you@example.org", "source": "", "as_at": "", "address": "mailto:you@example.org"},
        {"value": "www.example.org", "source": "", "as_at": "", "address": "https://www.example.org"},
    ]
    assert [tag["day"] for tag in tags[3:]] == ["2024-05-31", "2023-04-01"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("staff,12,,\n", "line 2: `12` is a number, and its source is missing"),
        (
            "Staff,x,,\n",
            "line 2: `Staff` is no name: it has small letters, digits and single underscores only",
        ),
        ("staff,,s,\n", "line 2: `staff` has no value"),
        ("staff,12,s,June\n", "line 2: as_at `June` is no date (YYYY-MM-DD)"),
        (
            "staff,1,200,s,\n",
            "line 2: the row has 5 cells, and the header has 4. A text with a comma in it stands ",
        ),
        ("staff,a,,\n\nstaff,b,,\n", "line 4: `staff` stands in line 2 already"),
        ('staff,"a,,\n', "line 2: "),
    ],
)
def test_what_is_wrong_in_held_csv_is_told_with_its_line(load, rows, said):
    told = problems(load, {"in-short.md": 'x {% held "staff" /%}', "held.csv": HEADER + rows})
    assert any(problem.startswith(f"far-shire/report/held.csv: {said}") for problem in told), told


def test_held_csv_has_four_columns(load):
    told = problems(load, {"held.csv": "name,value\na,b\n"})
    assert told == ["far-shire/report/held.csv: line 1: its columns are name, value, source, as_at"]


def test_a_value_from_outside_that_nobody_names_is_a_warning(load):
    loaded = load({"held.csv": HEADER + "phone,01234 567890,,\n"})
    assert loaded.warnings == ['far-shire/report/held.csv: line 2: no section has {% held "phone" /%}']


def test_a_report_that_was_kept_without_who_wrote_it_is_read(load):
    [first, *rows] = report(load({"in-short.md": "Words."})).rows()
    old = [
        {name: section[name] for name in ("name", "title", "file", "nodes")}
        for section in json.loads(first["sections"])
    ]
    kept = DeclaredReport.from_rows("far-shire", YEAR, [{**first, "sections": json.dumps(old)}, *rows])
    [section] = kept.pages[0].sections
    assert (section.author, section.approved_on, section.look_again) == ("", "", False)


@pytest.mark.parametrize(
    ("tag", "sets"),
    [
        ('{% top "new_complaints" by="channel" numbers="share" /%}', [("new_complaints", ("channel",)), ("new_complaints_share", ("channel",)), ("new_complaints", ())]),
        ('{% rank "responses" by="service" service="csc" stage=1 /%}', [("responses", ("service", "stage")), ("responses", ("stage",))]),
        ('{% change "new_complaints" as="amount" /%}', [("new_complaints", ()), ("new_complaints_change", ())]),
        ('{% change "new_complaints" as="per_cent" /%}', [("new_complaints", ()), ("new_complaints_change_pct", ())]),
        ('{% figure "new_complaints" channel="Email" as="words" noun="letter" /%}', [("new_complaints", ("channel",))]),
    ],
)  # fmt: skip
def test_a_tag_asks_for_what_it_tells(load, tag, sets):
    loaded = load({"in-short.md": tag, "report.yml": "leave_out: [time-taken]"})
    assert asked(report(loaded)) == {FigureSet(measure, keys) for measure, keys in sets}


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ('{% table "new_complaints" by="channel" across="procedure" /%}', {"channel": ["Email", "Letter"]}),
        ('{% each "channel" of="new_complaints" %}\nx\n{% /each %}', {"channel": ["Email", "Letter"]}),
        ('{% chart "new_complaints" by="who" %}\n{% or by="channel" /%}\n{% /chart %}', {"channel": ["Email", "Letter"], "who": ["family"]}),
        ('{% table "issues_raised" by="category" /%}', {"category": ["Staff", "Delay", "Cost, or charge"]}),
        ('{% table "compliments" by="category" /%}', None),
        ('{% table "new_complaints" by="service" /%}', None),
    ],
)  # fmt: skip
def test_a_table_gets_the_order_in_which_the_council_declares_its_words(load, text, order):
    categories = "service,category,sub_category,aliases\n" + "".join(
        f"csc,{word},,\n" for word in ("Staff", "Delay", "Staff", "Cost; or charge")
    )
    [tag] = report(load({"../categories.csv": categories, "in-short.md": text})).pages[0].sections[0].nodes
    assert tag.get("order") == order
