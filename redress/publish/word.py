"""The whole report as a Word document, for committee systems that take nothing else.

It is made of the page of the whole report (`compose`), so that it says what that says: headings, paragraphs, lists, tables with
header rows, captions, charts as pictures with their sentence as alternative text. Each declared section is a content control,
and so is each number in its words, by which `redress words import` leads an edited document back to Markdown
(`redress.declared.paper_words`).

Equal pages give equal bytes: the document has no times, and its parts are packed in one order.
"""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from redress.base.workbooks import CONTROL
from redress.declared import paper_words
from redress.declared.markdown import bound_nodes, markdown_of, source_of
from redress.declared.model import DeclaredReport, Section
from redress.declared.paper_words import Bound, W, digest_of, read_section, text_of
from redress.publish.cover import Cover

_DAY = (1980, 1, 1, 0, 0, 0)
_PAGE_TWIPS = 9_864
"""Width of what is printed on A4 with margins of 18 mm."""
_MOST_ENTRIES = 40
"""How many entries of two levels fit on one page of contents; with more of them, only the first level is listed."""
_LEVELS = {"h2": 1, "h3": 2, "h4": 3, "h5": 4, "h6": 4}
_WORDS = ("paragraph", "heading", "list")
_BLOCK_TAGS = ("div", "section", "p", "ul", "ol", "dl", "figure", "blockquote", "table", "nav", *_LEVELS)
_SKIPPED = {"get", "worked", "hidden", "skip", "narrow"}


def write_word(html: str, declared: DeclaredReport, cover: Cover, pictures: Mapping[str, bytes]) -> bytes:
    """Return the document.

    Args:
        html: the page of the whole report.
        declared: what its sections say.
        cover: whose report it is.
        pictures: the charts as PNG by the identifiers of their titles, and the logo as `logo`; a chart without one is told by
            its sentence and its table.
    """
    from lxml import html as parser

    page = parser.fromstring(re.sub(CONTROL, "?", html))
    paper = _Document(declared, pictures)
    paper.write(page, cover)
    return _packed(paper.document)


class _Document:
    """A document while it is written.

    Attributes:
        document: as python-docx has it.
        target: the element that what is written is added to.
    """

    def __init__(self, declared: DeclaredReport, pictures: Mapping[str, bytes]) -> None:
        import docx

        from redress.publish import word_styles

        self.document = docx.Document()
        self.target = self.document.element.body
        self._end = self.target.sectPr
        self._declared, self._pictures = declared, pictures
        self._sections = {
            section.name: (f"s{number}", section)
            for number, section in enumerate(
                (section for page in declared.pages for section in page.sections), 1
            )
        }
        self._sources: dict[str, str] = {}
        self._bookmarks: dict[str, str] = {}
        self._links: dict[str, str] = {}
        self._kept: list[dict[str, Any]] = []
        self._ids = iter(range(1, 1_000_000))
        self._is_new_page = False
        self._counts = {"Table": 0, "Figure": 0}
        self._editing: tuple[str, dict[str, Bound]] | None = None
        word_styles.set_styles(self.document)

    def write(self, page: Any, cover: Cover) -> None:
        """Write the whole page."""
        from redress.publish import word_styles

        main = page.find(".//main")
        self._bookmarks = {
            heading.get("id"): f"r{number}"
            for number, heading in enumerate(
                (element for element in main.iter(*_LEVELS) if element.get("id")), 1
            )
        }
        title = main.find(".//h1")
        over = title.find("span[@class='over']")
        council = _words(over) if over is not None else cover.council
        name = (_words(title)[len(council) :] if over is not None else _words(title)).strip()
        self._write_cover(page, cover, council, name)
        self._write_contents(main)
        before = "guide"
        for part in main.findall("section"):
            kind = part.get("class") or "pages"
            self._is_new_page = kind == "summary" or kind != before != "pages"
            self._block(part)
            before = kind
        self._keep_words()
        word_styles.set_properties(self.document, name, council, cover.council)

    # What stands before the report

    def _write_cover(self, page: Any, cover: Cover, council: str, title: str) -> None:
        logo = self._pictures.get("logo") or (
            base64.b64decode(cover.logo) if cover.logo_kind == "png" else None
        )
        if logo:
            self._picture(logo, f"Logo of {cover.council}", most_twips=2_800)
        self._paragraph("Subtitle", council)
        self._paragraph("Title", title)
        for about, words in cover.lines:
            paragraph = self._paragraph("Normal")
            self._run(paragraph, f"{about}: ")
            self._run(paragraph, words, is_bold=True)
        for words in page.findall(".//p[@class='synthetic']"):
            self._inline(self._paragraph("Note"), words)

    def _write_contents(self, main: Any) -> None:
        """Write the list of contents as a field, which Word fills with page numbers."""
        guide = main.find(".//nav[@id]") if main.find(".//nav[@id]") is not None else main.find(".//nav")
        if guide is None:
            return
        content = self._control(paper_words.CONTENTS, "Contents", "Table of Contents")
        around, self.target, self._end = (self.target, self._end), content, None
        heading = self._paragraph("Contents Heading", "Contents")
        self._property(heading, "pageBreakBefore")
        links = [(1 if len(list(link.iterancestors("ol"))) == 1 else 2, link) for link in guide.iter("a")]
        deepest = 2 if len(links) <= _MOST_ENTRIES else 1
        entries = [(level, link) for level, link in links if level <= deepest]
        for number, (level, link) in enumerate(entries):
            paragraph = self._paragraph(f"toc {level}")
            if number == 0:
                self._field(paragraph, rf' TOC \o "1-{deepest}" \h \z \u ', dirty="true")
            place = self._bookmarks.get((link.get("href") or "")[1:])
            holder = paragraph
            if place:
                holder = _add(paragraph, "hyperlink", anchor=place, history="1")
            self._run(holder, _words(link.find("span")) if link.find("span") is not None else _words(link))
            if number == len(entries) - 1:
                self._field_end(paragraph)
        self.target, self._end = around
        for words in main.findall("./div[@class='guide']/p"):
            self._inline(self._paragraph("Note"), words)

    # Blocks

    def _blocks(self, element: Any) -> None:
        for child in element:
            self._block(child)

    def _block(self, element: Any) -> None:
        """Write one element of the page and what stands in it."""
        tag = element.tag
        classes = set((element.get("class") or "").split())
        if not isinstance(tag, str) or classes & _SKIPPED:
            return
        if element.get("data-section") in self._sections:
            self._section(element)
        elif tag in _LEVELS:
            self._heading(element)
        elif tag == "p":
            is_small = classes & {"note", "none", "synthetic"}
            self._inline(self._paragraph("Note" if is_small else "Normal"), element)
        elif tag == "blockquote":
            for words in element.findall("p") or [element]:
                self._inline(self._paragraph("Quote"), words)
        elif tag in ("ul", "ol"):
            self._list(element)
        elif tag == "dl":
            self._terms(element)
        elif tag == "figure" and "chart" in classes:
            self._chart(element)
        elif tag == "table":
            self._table(element)
        elif any(child.tag in _BLOCK_TAGS for child in element.iterdescendants()):
            self._blocks(element)
        elif _words(element):
            self._inline(self._paragraph("Normal"), element)

    def _heading(self, element: Any) -> Any:
        level = _LEVELS[element.tag]
        paragraph = self._paragraph(f"Heading {level}")
        if self._is_new_page:
            self._property(paragraph, "pageBreakBefore")
            self._is_new_page = False
        place = self._bookmarks.get(element.get("id") or "")
        number = str(next(self._ids))
        if place:
            _add(paragraph, "bookmarkStart", id=number, name=place)
        self._inline(paragraph, element, has_links=False)
        if place:
            _add(paragraph, "bookmarkEnd", id=number)
        return paragraph

    def _list(self, element: Any, depth: int = 0) -> None:
        """Write a list and those in its items; one with numbers begins with 1 again."""
        from redress.publish import word_styles

        number = word_styles.new_numbering(self.document) if element.tag == "ol" else None
        level = f" {depth + 1}" if depth else ""
        for item in element.findall("li"):
            inner = [child for child in item if child.tag in ("ul", "ol")]
            for child in inner:
                item.remove(child)
            paragraph = self._paragraph(f"{'List Number' if number else 'List Bullet'}{level}")
            if number:
                numbering = _add(paragraph.find(f"{W}pPr"), "numPr")
                _add(numbering, "ilvl", val="0")
                _add(numbering, "numId", val=str(number))
            self._inline(paragraph, item)
            for child in inner:
                self._list(child, min(depth + 1, 2))

    def _terms(self, element: Any) -> None:
        """Write terms with what is said of each: the numbers to read first."""
        for entry in element.iter("div"):
            label, words = entry.find("dt"), entry.find("dd")
            if label is None or words is None:
                continue
            paragraph = self._paragraph("List Bullet")
            self._run(paragraph, f"{_words(label)}: ")
            detail = words.find("span[@class='detail']")
            said = _words(words)
            extra = _words(detail) if detail is not None else ""
            self._run(paragraph, said[: len(said) - len(extra)].strip(), is_bold=True)
            if extra:
                self._run(paragraph, f" ({extra})")

    def _chart(self, element: Any) -> None:
        title, says = element.find("figcaption"), element.find("p[@class='says']")
        words = _words(says) if says is not None else ""
        self._caption("Figure", _words(title))
        picture = self._pictures.get(title.get("id") or "")
        if picture:
            self._picture(picture, f"{_words(title)}. {words}", keep_next=says is not None)
        if says is not None:
            self._inline(self._paragraph("Normal"), says)

    def _picture(
        self, png: bytes, alternative: str, most_twips: int = _PAGE_TWIPS, keep_next: bool = False
    ) -> None:
        from docx.shared import Twips

        paragraph = self._paragraph("Normal")
        if keep_next:
            self._property(paragraph, "keepNext")
        run = self.document.add_paragraph().add_run()
        shape = run.add_picture(io.BytesIO(png))
        wide = min(1.0, Twips(most_twips) / shape.width)
        shape.width, shape.height = int(shape.width * wide), int(shape.height * wide)
        number = next(self._ids)
        shape._inline.docPr.set("descr", alternative[:2_000])
        shape._inline.docPr.set("id", str(number))
        shape._inline.docPr.set("name", f"Picture {number}")
        holder = run._r.getparent()
        paragraph.append(run._r)
        holder.getparent().remove(holder)

    def _caption(self, kind: str, words: str) -> None:
        """Write a caption with its number."""
        self._counts[kind] += 1
        paragraph = self._paragraph("Caption")
        self._run(paragraph, f"{kind} ")
        self._field(paragraph, rf" SEQ {kind} \* ARABIC ")
        self._run(paragraph, str(self._counts[kind]))
        self._field_end(paragraph)
        self._run(paragraph, f": {words}")

    def _table(self, element: Any) -> None:
        """Write a table with its caption; its header rows are repeated on each page, and no row is cut."""
        caption = element.find("caption")
        title = _words(caption) if caption is not None else ""
        if title:
            self._caption("Table", title)
        rows = list(element.iter("tr"))
        if not rows:
            return
        widths = _widths(rows)
        table = self._append("tbl")
        properties = _add(table, "tblPr")
        _add(properties, "tblStyle", val="RedressTable")
        _add(properties, "tblW", w="5000", type="pct")
        _add(properties, "tblLayout", type="fixed")
        _add(properties, "tblLook", val="04A0", firstRow="1", firstColumn="1", noVBand="1")
        if title:
            _add(properties, "tblCaption", val=title)
        grid = _add(table, "tblGrid")
        for width in widths:
            _add(grid, "gridCol", w=str(width))
        for row in rows:
            self._row(table, row, widths, is_last=row is rows[-1])
        if not title:
            self._paragraph("Note")  # two tables that touch are one to Word

    def _row(self, table: Any, row: Any, widths: list[int], is_last: bool) -> None:
        written = _add(table, "tr")
        properties = _add(written, "trPr")
        _add(properties, "cantSplit")
        is_head = row.getparent().tag == "thead"
        if is_head:
            _add(properties, "tblHeader")
        classes = set((row.get("class") or "").split())
        outside, self.target, self._end = (self.target, self._end), written, None
        for cell, width in zip(row.findall("./*"), widths, strict=False):
            box = _add(written, "tc")
            look = _add(box, "tcPr")
            _add(look, "tcW", w=str(width), type="dxa")
            self.target = box
            style = (
                "Table Number" if _is_number(cell) else "Table Part" if "part" in classes else "Table Text"
            )
            paragraph = self._paragraph(style)
            if not is_last and (is_head or len(table.findall(f"{W}tr")) < 4):
                self._property(paragraph, "keepNext")
            self._inline(paragraph, cell, is_bold=is_head or bool(classes & {"total", "group"}))
        self.target, self._end = outside

    # Words that can be brought back

    def _section(self, element: Any) -> None:
        """Write a declared section in a control; its heading stands before it."""
        key, section = self._sections[element.get("data-section")]
        heading = element[0] if element[0].tag in _LEVELS else None
        title = text_of(self._heading(heading)) if heading is not None else ""
        base = 1 + (_LEVELS[heading.tag] if heading is not None else 1)
        bound: dict[str, Bound] = {}
        blocks: dict[str, str] = {}
        units: list[list[Any]] = []
        content = self._control(key, section.title or section.name)
        outside, self.target, self._end = (self.target, self._end), content, None
        sources = {
            f"{key}.{number}.{place}": source_of(node)
            for number, top in enumerate(section.nodes)
            for place, node in bound_nodes(top)
        }
        children = element[1:] if heading is not None else element[:]
        for nodes, group in _grouped(children):
            first = len(content)
            if _is_words(section, nodes, group):
                self._editing = (key, bound)
                self._sources = sources
                self._blocks(group[0])
                self._editing = None
                for written in content[first:]:
                    reading = read_section([written], bound, {}, self._links, base)
                    units += [[nodes, unit.text, unit.kind, unit.depth] for unit in reading.units]
            else:
                tag = f"{key}.b{first}"
                inner = self._control(tag, "Figures", "Tables")
                self.target = inner
                for child in group:
                    self._block(child)
                self.target = content
                if not len(inner):
                    content.remove(content[-1])
                    continue
                blocks[tag] = digest_of(content[-1])
                units.append([nodes, tag, "block", 0])
        self.target, self._end = outside
        self._kept.append(
            {
                "key": key, "name": section.name, "title": title, "base": base,
                "nodes": [markdown_of(node) for node in section.nodes], "units": units, "blocks": blocks,
                "bound": {tag: [held.source, held.prints] for tag, held in bound.items()},
            }
        )  # fmt: skip

    def _keep_words(self) -> None:
        """Keep what leads back to the words in a part of the document of its own."""
        from docx.opc.packuri import PackURI
        from docx.opc.part import Part

        titled = {section["key"] for section in self._kept if section["title"]}
        kept = {
            "authority": self._declared.authority, "year": self._declared.year, "sections": self._kept,
            "outside": [digest for digest, _, _ in paper_words.outside(self.document.element.body, titled)],
        }  # fmt: skip
        text = json.dumps(kept, ensure_ascii=False, sort_keys=True)
        blob = f'<words xmlns="{paper_words.NAMESPACE}">{_escaped(text)}</words>'.encode()
        package = self.document.part.package
        part = Part(PackURI(paper_words.PART), "application/xml", blob, package)
        self.document.part.relate_to(part, paper_words.RELATION)

    def _control(self, tag: str, name: str, gallery: str = "") -> Any:
        """Add a control; return its content. What is no words cannot be edited, and belongs to a gallery of such things."""
        control = self._append("sdt")
        self._describe(control, tag, name, bool(gallery) and tag != paper_words.CONTENTS, gallery)
        return _add(control, "sdtContent")

    def _describe(self, control: Any, tag: str, name: str, is_locked: bool, gallery: str = "") -> None:
        properties = _add(control, "sdtPr")
        _add(properties, "alias", val=name[:60])
        _add(properties, "tag", val=tag)
        _add(properties, "id", val=str(next(self._ids)))
        if is_locked:
            _add(properties, "lock", val="contentLocked")
        if gallery:
            _add(_add(properties, "docPartObj"), "docPartGallery", val=gallery)

    # Within a line

    def _inline(self, paragraph: Any, element: Any, is_bold: bool = False, has_links: bool = True) -> None:
        """Write what stands within a line, with spaces as a browser shows them."""
        line = _Line()
        self._line(paragraph, element, line, is_bold, False, has_links)
        line.trim()

    def _line(
        self, holder: Any, element: Any, line: _Line, is_bold: bool, is_italic: bool, has_links: bool
    ) -> None:
        self._say(holder, element.text, line, is_bold, is_italic)
        for child in element:
            if isinstance(child.tag, str) and not set((child.get("class") or "").split()) & _SKIPPED:
                bold = is_bold or child.tag in ("strong", "b") or child.get("class") == "over"
                italic = is_italic or child.tag in ("em", "i")
                inner = holder
                tag = self._tag_of(child)
                if tag:
                    control = _add(holder, "sdt")
                    self._describe(control, tag, "Number", is_locked=True)
                    inner = _add(control, "sdtContent")
                link = self._link(inner, child) if child.tag == "a" and has_links else None
                self._line(link if link is not None else inner, child, line, bold, italic, has_links)
                if child.tag == "br":
                    self._say(holder, " ", line, bold, italic)
                if tag and self._editing:
                    self._editing[1][tag] = Bound(self._sources[tag], text_of(inner))
            self._say(holder, child.tail, line, is_bold, is_italic)

    def _say(self, holder: Any, text: str | None, line: _Line, is_bold: bool, is_italic: bool) -> None:
        words = line.next(text or "")
        if words:
            line.last = self._run(holder, words, is_bold, is_italic)

    def _tag_of(self, element: Any) -> str:
        """Return the tag of the control for what an element of a line binds; blank where nothing is edited or bound."""
        key = element.get("data-tag")
        if not self._editing or not key or element.xpath("ancestor::*[@data-tag]"):
            return ""
        return f"{self._editing[0]}.{key}"

    def _link(self, holder: Any, link: Any) -> Any | None:
        """Return the element of a link; none where it leads to a page of the website, which a document does not have."""
        href = link.get("href") or ""
        if re.match(r"https?:|mailto:", href):
            from docx.opc.constants import RELATIONSHIP_TYPE

            relation = self.document.part.relate_to(href, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
            self._links[relation] = href
            made = _add(holder, "hyperlink", history="1")
            made.set(f"{paper_words.R}id", relation)
            return made
        place = self._bookmarks.get(href[1:]) if href.startswith("#") else None
        return _add(holder, "hyperlink", anchor=place, history="1") if place else None

    def _run(self, holder: Any, text: str, is_bold: bool = False, is_italic: bool = False) -> Any:
        run = _add(holder, "r")
        if is_bold or is_italic or holder.tag == f"{W}hyperlink":
            look = _add(run, "rPr")
            if holder.tag == f"{W}hyperlink":
                _add(look, "rStyle", val="Hyperlink")
            if is_bold:
                _add(look, "b")
            if is_italic:
                _add(look, "i")
        words = _add(run, "t")
        words.text = text
        words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        return words

    def _field(self, paragraph: Any, instruction: str, **attributes: str) -> None:
        """Begin a field, whose words are what is written until it ends; Word counts them anew."""
        _add(_add(paragraph, "r"), "fldChar", fldCharType="begin", **attributes)
        words = _add(_add(paragraph, "r"), "instrText")
        words.text = instruction
        words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        _add(_add(paragraph, "r"), "fldChar", fldCharType="separate")

    def _field_end(self, paragraph: Any) -> None:
        _add(_add(paragraph, "r"), "fldChar", fldCharType="end")

    def _paragraph(self, style: str, text: str = "") -> Any:
        paragraph = self._append("p")
        name = self.document.styles[style].style_id
        _add(_add(paragraph, "pPr"), "pStyle", val=name)
        if text:
            self._run(paragraph, text)
        return paragraph

    def _property(self, paragraph: Any, name: str) -> None:
        """Give a paragraph a property, which stands behind its style."""
        properties = paragraph.find(f"{W}pPr")
        made = _add(properties, name)
        properties.remove(made)
        properties.insert(1, made)

    def _append(self, name: str) -> Any:
        """Add an element to where things are written; in the body that is before the page's own properties."""
        made = _add(self.target, name)
        if self._end is not None:
            self._end.addprevious(made)
        return made


class _Line:
    """A line while it is written: spaces next to one another, and at its ends, are one or none."""

    def __init__(self) -> None:
        self.last: Any = None
        self._had_space = True

    def next(self, text: str) -> str:
        """Return the next words as they follow on what is written already."""
        words = re.sub(r"[ \t\r\n\f]+", " ", text)
        words = words.lstrip(" ") if self._had_space else words
        self._had_space = words.endswith(" ") if words else self._had_space
        return words

    def trim(self) -> None:
        """Take the space at the end away."""
        if self.last is not None:
            self.last.text = self.last.text.rstrip(" ")


def _add(parent: Any, name: str, /, **attributes: str) -> Any:
    """Add an element of WordprocessingML at the end of another."""
    from lxml import etree

    made = etree.SubElement(parent, f"{W}{name}")
    for key, value in attributes.items():
        made.set(f"{W}{key}", value)
    return made


def _words(element: Any) -> str:
    """Return the words of an element of the page, as a browser shows them."""
    if set((element.get("class") or "").split()) & _SKIPPED:
        return ""
    words = [element.text or ""]
    for child in element:
        words += [_words(child) if isinstance(child.tag, str) else "", child.tail or ""]
    return (
        " ".join("".join(words).split())
        if element.tag not in ("span", "a", "b", "strong", "em")
        else "".join(words)
    )


def _grouped(children: Iterable[Any]) -> Iterator[tuple[list[int], list[Any]]]:
    """Yield the blocks of a section with the numbers of its nodes that they print; blocks of one node go together."""
    groups: list[tuple[list[int], list[Any]]] = []
    for child in children:
        nodes = [int(number) for number in (child.get("data-node") or "").split()]
        if groups and set(groups[-1][0]) & set(nodes):
            groups[-1][0].extend(number for number in nodes if number not in groups[-1][0])
            groups[-1][1].append(child)
        else:
            groups.append((nodes, [child]))
    yield from groups


def _is_words(section: Section, nodes: list[int], group: list[Any]) -> bool:
    """Return whether a block is words that a person may edit: a paragraph, a heading or a list."""
    kinds = [section.nodes[number] for number in nodes]
    if (
        len(group) != 1
        or not kinds
        or len(group[0]) != 1
        or group[0][0].tag not in ("p", "ul", "ol", *_LEVELS)
    ):
        return False
    return all(node["type"] in _WORDS or node.get("name") == "sentence" for node in kinds)


def _widths(rows: list[Any]) -> list[int]:
    """Return the widths of columns: those of numbers have what they need, and the others share what is left."""
    cells = max((row.findall("./*") for row in rows), key=len)
    needed = [0] * len(cells)
    for row in rows:
        for place, cell in enumerate(row.findall("./*")):
            words = _words(cell)
            if _is_number(cell):
                length = max(max(map(len, words.split()), default=0), len(words) // 3 + 2)
            else:
                length = min(max(len(words), 8), 45)
            needed[place] = max(needed[place], length)
    are_numbers = [_is_number(cell) for cell in cells]
    most = _PAGE_TWIPS * 2 // (3 * len(cells))
    narrow = [min(length * 120 + 200, most) for length in needed]
    left = _PAGE_TWIPS - sum(width for width, is_number in zip(narrow, are_numbers, strict=True) if is_number)
    shared = sum(length for length, is_number in zip(needed, are_numbers, strict=True) if not is_number) or 1
    return [
        width if is_number else left * length // shared
        for width, length, is_number in zip(narrow, needed, are_numbers, strict=True)
    ]


def _is_number(cell: Any) -> bool:
    return "n" in (cell.get("class") or "").split()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _packed(document: Any) -> bytes:
    """Return a document as a file that says nothing of when it was packed."""
    first, second = io.BytesIO(), io.BytesIO()
    document.save(first)
    with zipfile.ZipFile(first) as source, zipfile.ZipFile(second, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return second.getvalue()
