"""Words that were edited in a Word document come back as Markdown, with their numbers bound."""

from __future__ import annotations

import copy
import io
import zipfile
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner
from docx.shared import Pt
from word_world import document_of

from redress.authority.folder import load_authority
from redress.base.errors import ConfigurationProblem
from redress.base.settings import ROOT
from redress.cli import main
from redress.declared.markdown import markdown_of
from redress.declared.paper_words import W
from redress.declared.parse import parse_sections
from redress.declared.word_import import Imported, import_words

SECTION = """---
title: In short
author: Head of Complaints   # a role
---
<!-- What stood out? -->
We had {% figure "new_complaints" /%} in {% $year %}, and *most* of them
were **about {% figure "new_complaints" service="csc" /%} of [our services](https://example.org/a_b)**.

<!-- Say why. -->
A second paragraph: 5 * 3 and snake_case, [not a link], \\`nor\\` {% change "new_complaints" /%}; see [stages](stages/).

### What we *did*

- first {% literal "12" reason="The \\"team\\" list" /%}
- second
  - within *it*
  - and {% figure "new_complaints" /%}
- third

1. one
2. two

{% when "compliments" source="*" %}
Never printed {% figure "compliments" /%}.
{% /when %}

{% when "new_complaints" %}
Printed.

{% table "new_complaints" by="channel" only=["Email", "Letter"] /%}
{% /when %}

{% sentence "received" /%}

{% chart "new_complaints" columns="years" title="A" %}
{% or columns="last_year, this_year" /%}
{% /chart %}

The end.
<!-- Last note. -->
"""


class World:
    """A council whose report was made into a document, which is edited and read back."""

    def __init__(self, load, folder: Path, text: str) -> None:
        self.folder, self.text = folder, text
        self.report = load({"in-short.md": text}).reports["far-shire", "2023-24"]
        self.file = folder / "edited.docx"
        self.file.write_bytes(document_of(self.report))
        self.document = docx.Document(str(self.file))

    def control(self, tag: str):
        """Return the content of a control."""
        for control in self.document.element.body.iter(f"{W}sdt"):
            if control.find(f"{W}sdtPr/{W}tag").get(f"{W}val") == tag:
                return control.find(f"{W}sdtContent")
        raise KeyError(tag)

    def paragraphs(self, key: str = "s1") -> list:
        """Return the paragraphs of a section as python-docx has them."""
        from docx.text.paragraph import Paragraph

        return [Paragraph(element, self.document._body) for element in self.control(key).findall(f"{W}p")]

    def read(self) -> Imported:
        """Return what the edited document brings."""
        self.document.save(str(self.file))
        authority = load_authority(self.folder / "councils" / "far-shire", ROOT / "seeds" / "reference")
        return import_words(self.file, authority, self.folder)

    def text_after(self) -> str:
        """Return the new text of the one section that was edited."""
        imported = self.read()
        assert imported.faults == []
        [change] = imported.changes
        assert change.file == self.folder / "councils/far-shire/report/2023-24/in-short.md"
        return change.after


@pytest.fixture
def world(load, tmp_path: Path) -> World:
    return World(load, tmp_path, SECTION)


def test_every_node_of_the_language_is_written_as_it_was_read() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "reports/sections").glob("*.md")]
    texts += [
        path.read_text(encoding="utf-8") for path in (ROOT / "seeds/authorities").glob("*/report/*/*.md")
    ]
    first = parse_sections([SECTION, *texts])
    again = {text: "\n\n".join(map(markdown_of, first[text]["nodes"])) for text in first}
    second = parse_sections(again.values())
    for text in first:
        assert [*map(markdown_of, second[again[text]]["nodes"])] == [
            *map(markdown_of, first[text]["nodes"])
        ], text


def test_an_unedited_document_changes_nothing(world: World) -> None:
    imported = world.read()
    assert (imported.changes, imported.faults, imported.year) == ([], [], "2023-24")


def test_a_changed_paragraph_is_written_anew_and_all_else_stays_as_it_was(world: World) -> None:
    first = world.paragraphs()[0]
    first.runs[0].text = "In all we had "
    first.add_run(" It was a *hard* year.")
    first.add_run(" Very.").bold = True
    old = SECTION[SECTION.index("We had") : SECTION.index("\n\n<!-- Say why")]
    new = (
        'In all we had {% figure "new_complaints" /%} in {% $year %}, and *most* of them were '
        '**about {% figure "new_complaints" service="csc" /%} of** [**our services**](https://example.org/a_b). '
        "It was a \\*hard\\* year. **Very.**"
    )
    assert world.text_after() == SECTION.replace(old, new)


def test_words_that_were_edited_have_to_be_approved_again(load, tmp_path: Path) -> None:
    approved = "approved_by: Director\napproved_on: 2024-06-01\n"
    world = World(load, tmp_path, SECTION.replace("---\n<!--", f"{approved}---\n<!--"))
    assert world.read().changes == []
    world.paragraphs()[1].add_run(" More.")
    after = world.text_after()
    assert "More." in after and "approved" not in after
    assert after.startswith(SECTION[: SECTION.index("We had")])


def test_paragraphs_are_added_taken_away_and_moved(world: World) -> None:
    paragraphs = world.paragraphs()
    paragraphs[1].insert_paragraph_before("A new one, 1. not a list # nor a heading.")
    paragraphs[1].insert_paragraph_before("1. like a list")
    paragraphs[-1]._p.getparent().remove(paragraphs[-1]._p)
    after = world.text_after()
    assert "\n\nA new one, 1. not a list # nor a heading.\n\n1\\. like a list\n\n" in after
    assert (
        "The end." not in after and "<!-- Last note. -->" in after and "<!-- Say why. -->\nA second" in after
    )
    assert SECTION[SECTION.index("A second") : SECTION.index("The end.")].rstrip() in after


def test_items_are_added_to_a_list_and_headings_are_written(world: World) -> None:
    item = next(paragraph for paragraph in world.paragraphs() if paragraph.text == "second")
    item.insert_paragraph_before("between", style="List Bullet")
    number = next(paragraph for paragraph in world.paragraphs() if paragraph.text == "two")
    number.insert_paragraph_before("one and a half", style="List Number")
    item.insert_paragraph_before("", style="List Bullet")
    world.paragraphs()[-1].insert_paragraph_before("Next year", style="Heading 3")
    after = world.text_after()
    assert (
        '- first {% literal "12" reason="The \\"team\\" list" /%}\n- between\n- second\n    - within *it*\n    - and {%'
        in after
    )
    assert "1. one\n2. one and a half\n3. two\n" in after
    assert "\n\n### Next year\n\nThe end.\n" in after


def test_a_number_may_be_taken_out_and_moved_but_not_typed_over(world: World) -> None:
    first, second = world.paragraphs()[:2]
    control = first._p.find(f"{W}sdt")
    second._p.append(copy.deepcopy(control))
    first._p.remove(control)
    after = world.text_after()
    assert (
        "We had in {% $year %}" in after and 'see [stages](stages/).{% figure "new_complaints" /%}' in after
    )
    world.paragraphs()[1]._p.find(f"{W}sdt").find(f".//{W}t").text = "99"
    imported = world.read()
    assert imported.changes == []
    [fault] = imported.faults
    assert "In short" in fault and "`99` was typed over" in fault and "literal" in fault
    with pytest.raises(ConfigurationProblem, match="nothing was written"):
        imported.refuse_faults(world.file)


def test_a_change_of_the_heading_changes_the_title_only(world: World) -> None:
    heading = next(paragraph for paragraph in world.document.paragraphs if paragraph.text == "In short")
    heading.runs[0].text = "At a glance: #1"
    assert world.text_after() == SECTION.replace("title: In short", 'title: "At a glance: #1"')


def test_words_with_changes_tracked_are_read_as_if_they_were_accepted(world: World) -> None:
    paragraph = world.paragraphs()[-1]
    run = paragraph.runs[0]._r
    struck, put = run.makeelement(f"{W}del", {}), run.makeelement(f"{W}ins", {})
    run.addprevious(put)
    put.append(copy.deepcopy(run))
    put.find(f".//{W}t").text = "The very end."
    run.addprevious(struck)
    struck.append(run)
    assert "\n\nThe very end.\n" in world.text_after()


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (lambda world: _cells(world)[1].__setattr__("text", "24"), "a table, chart or list of figures was edited"),
        (lambda world: world.control("s1").append(copy.deepcopy(_tables(world)[0])), "a table was put in"),
        (lambda world: world.control("s1").getparent().getparent().remove(world.control("s1").getparent()), "has gone"),
        (lambda world: world.document.element.body.insert(9, copy.deepcopy(world.control("s1").getparent())), "twice"),
        (lambda world: _rename(world, "s2", "s77"), "`s77` that the report does not have"),
        (lambda world: world.document.paragraphs[0].add_run(" (draft)"), "outside of the sections"),
        (lambda world: world.paragraphs()[0].add_run().add_picture(_png(), width=Pt(9)), "a picture was put in"),
        (lambda world: world.paragraphs()[0].add_run(" {% figure %}"), "a tag that cannot be read"),
    ],
)  # fmt: skip
def test_what_cannot_be_carried_is_told_with_its_heading(world: World, edit, problem: str) -> None:
    edit(world)
    imported = world.read()
    assert any(problem in fault for fault in imported.faults), imported.faults


def test_a_file_that_was_changed_meanwhile_is_not_written_over(world: World) -> None:
    world.paragraphs()[-1].add_run(" Really.")
    file = world.folder / "councils/far-shire/report/in-short.md"
    file.write_text(SECTION.replace("The end.", "An end."), encoding="utf-8")
    [fault] = world.read().faults
    assert "has been changed since the document was made" in fault


def test_the_command_shows_the_difference_and_writes_it_only_when_asked(world: World, tmp_path: Path) -> None:
    world.paragraphs()[-1].add_run(" Really.")
    world.document.save(str(world.file))
    file = tmp_path / "councils/far-shire/report/2023-24/in-short.md"
    environment = {
        "REDRESS_AUTHORITIES": str(tmp_path / "councils"),
        "REDRESS_BUILD": str(tmp_path / "build"),
    }

    def run(*more: str) -> str:
        done = CliRunner().invoke(
            main, ["words", "import", str(world.file), "far-shire", *more], env=environment
        )
        assert done.exit_code == 0, done.output
        return done.output

    said = run()
    assert "-The end.\n+The end. Really.\n" in said and "Nothing was written" in said and not file.exists()
    assert f"Written: {file}" in run("--write")
    assert file.read_text(encoding="utf-8") == SECTION.replace("The end.", "The end. Really.")
    assert "nothing is to be written" in run(), "it is brought back once"


def test_a_document_that_is_none_of_this_council_is_refused(world: World, tmp_path: Path) -> None:
    authority = load_authority(tmp_path / "councils" / "far-shire", ROOT / "seeds" / "reference")
    for control in list(world.document.element.body.iter(f"{W}sdt")):
        for child in control.find(f"{W}sdtContent"):
            control.addprevious(child)
        control.getparent().remove(control)
    world.document.save(str(world.file))
    without = world.file.read_bytes()
    for content, why in [
        (b"no zip", "cannot be read"),
        (_plain_document(), "does not say which report"),
        (without, "controls around its sections have gone"),
    ]:
        world.file.write_bytes(content)
        with pytest.raises(ConfigurationProblem, match=why):
            import_words(world.file, authority, tmp_path)


def test_the_document_is_one_for_people_and_the_same_each_time(world: World) -> None:
    content = document_of(world.report)
    assert content == document_of(world.report)
    document = docx.Document(io.BytesIO(content))
    properties = document.core_properties
    assert (properties.title, properties.language, properties.author) == (
        "Annual report",
        "en-GB",
        "Far Shire Council",
    )
    headings = [paragraph for paragraph in document.paragraphs if paragraph.style.name.startswith("Heading")]
    assert [(paragraph.style.name, paragraph.text) for paragraph in headings][:2] == [
        ("Heading 1", "Summary"),
        ("Heading 2", "In short"),
    ]
    [table, *_] = _tables(world)
    assert table.find(f".//{W}tblHeader") is not None and "[c]" in "".join(
        text.text for text in table.iter(f"{W}t")
    )
    captions = [
        "".join(text.text for text in paragraph.iter(f"{W}t"))
        for paragraph in document.element.body.iter(f"{W}p")
        if paragraph.find(f"{W}pPr/{W}pStyle") is not None
        and paragraph.find(f"{W}pPr/{W}pStyle").get(f"{W}val") == "Caption"
    ]
    assert captions[:2] == ["Figure 1: New complaints", "Table 1: Complaints by channel"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read("word/document.xml").decode()
        assert "What stood out" not in "".join(
            archive.read(name).decode("utf-8", "replace") for name in archive.namelist()
        )
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert "figures/x" not in text and "Made-up cases." in text and "Print it" not in text


def test_a_chart_is_a_picture_that_says_what_it_shows(world: World) -> None:
    document = docx.Document(io.BytesIO(document_of(world.report, {"c-title": _png().getvalue()})))
    [picture] = document.element.body.iter(
        "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
    )
    assert picture.get("descr") == "New complaints. From 20 up to 23."


def _tables(world: World) -> list:
    return list(world.document.element.body.iter(f"{W}tbl"))


def _cells(world: World) -> list:
    return [text for text in _tables(world)[0].iter(f"{W}t") if text.text == "23"] * 2


def _rename(world: World, tag: str, name: str) -> None:
    world.control(tag).getparent().find(f"{W}sdtPr/{W}tag").set(f"{W}val", name)


def _png() -> io.BytesIO:
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return io.BytesIO(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0\0"))
        + chunk(b"IEND", b"")
    )


def _plain_document() -> bytes:
    target = io.BytesIO()
    docx.Document().save(target)
    return target.getvalue()
