"""The page on the language says what the program does: every example is read, every tag and attribute is described."""

import re

from redress.base.settings import ROOT
from redress.declared.language import language, tags

PAGE = (ROOT / "docs" / "report-language.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def test_every_example_of_a_section_is_read(load):
    examples = {f"example-{number}": text for number, text in enumerate(blocks("markdoc"))}
    listed = ", ".join(examples)
    loaded = load(
        {
            "report.yml": f"pages: [{{page: summary, title: All, sections: [{listed}]}}, {{page: stages, title: S, sections: [time-taken]}}]"
        }
        | {f"{name}.md": text for name, text in examples.items()}
        | {"held.csv": blocks("csv")[0]}
    )
    [page, _] = loaded.reports["far-shire", "2023-24"].pages
    assert len(page.sections) == len(examples) >= 10 and page.sections[0].title == "Complaints received"


def test_every_example_of_a_list_is_read(load):
    whole, small = blocks("yaml")
    own = {f"{name}.md": "Words." for name in ("complaints-received", "remedies", "our-staff", "our-plans")}
    loaded = load(own | {"report.yml": whole})
    assert [page.path for page in loaded.reports["far-shire", "2023-24"].pages] == ["", "stages"]
    shipped = "pages: [{page: summary, title: S, sections: [in-short, remedies, time-taken]}]"
    loaded = load(own | {"report.yml": small}, {"report.yml": shipped})
    names = [section.name for section in loaded.reports["far-shire", "2023-24"].pages[0].sections]
    assert names == ["in-short", "time-taken", "our-staff", "our-plans"]


def test_every_word_of_the_language_is_described_as_it_is():
    for part in ("front_matter", "dates", "columns", "variables", "sentences", "tags"):
        for name, entry in language()[part].items():
            shown = f"`${name}`" if part == "variables" else f"`{name}`"
            said = entry if isinstance(entry, str) else entry["says"]
            assert said in _said_of(shown), (part, name)


def test_every_attribute_of_every_tag_is_described():
    for tag in tags().values():
        for name, attribute in tag.attributes.items():
            assert attribute["says"] in _said_of(f"`{name}`"), (tag.name, name)


def test_the_examples_use_every_tag():
    examples = "\n".join(blocks("markdoc"))
    assert {name for name in tags() if not re.search(rf"\{{% {name}\b", examples)} == set()


def _said_of(shown: str) -> list[str]:
    lines = [line.split("|") for line in PAGE.splitlines() if line.startswith(f"| {shown} |")]
    return [cells[2].strip() for cells in lines]
