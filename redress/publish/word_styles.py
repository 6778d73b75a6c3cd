"""How a Word document looks: built-in styles by the names that Word knows, one table style, paper, footer, language."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from redress.declared.paper_words import W

LANGUAGE = "en-GB"
FONT = "Arial"
_MADE = datetime(1980, 1, 1)
"""What a document says of when it was made: a day that does not change, so that equal reports are equal files."""
_INK, _DEEP, _QUIET = "0B0C0C", "12436D", "484F55"
# name: size in points, bold, colour, points before, points after
_STYLES = {
    "Normal": (11, False, _INK, 4, 6),
    "Title": (26, True, _DEEP, 0, 18),
    "Subtitle": (14, False, _QUIET, 120, 6),
    "Heading 1": (18, True, _DEEP, 24, 8),
    "Heading 2": (14, True, _INK, 18, 6),
    "Heading 3": (12, True, _INK, 14, 4),
    "Heading 4": (11, True, _INK, 12, 4),
    "Caption": (10, True, _INK, 12, 4),
    "List Bullet": (11, False, _INK, 0, 4),
    "List Number": (11, False, _INK, 0, 4),
    "List Bullet 2": (11, False, _INK, 0, 4),
    "List Bullet 3": (11, False, _INK, 0, 4),
    "List Number 2": (11, False, _INK, 0, 4),
    "List Number 3": (11, False, _INK, 0, 4),
    "Quote": (11, False, _INK, 0, 6),
    "Footer": (9, False, _QUIET, 0, 0),
}
_ADDED = {
    "toc 1": (11, True, _INK, 4, 2),
    "toc 2": (10, False, _INK, 0, 1),
    "Contents Heading": (18, True, _DEEP, 0, 8),
    "Note": (9, False, _QUIET, 3, 6),
    "Table Text": (9, False, _INK, 2, 2),
    "Table Part": (9, False, _QUIET, 2, 2),
    "Table Number": (9, False, _INK, 2, 2),
}
_TABLE = """<w:style xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" w:type="table" w:customStyle="1"
 w:styleId="RedressTable"><w:name w:val="Redress Table"/><w:basedOn w:val="TableNormal"/><w:uiPriority w:val="99"/>
<w:tblPr><w:tblBorders><w:bottom w:val="single" w:sz="4" w:space="0" w:color="B1B4B6"/>
<w:insideH w:val="single" w:sz="4" w:space="0" w:color="B1B4B6"/></w:tblBorders>
<w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="100" w:type="dxa"/></w:tblCellMar></w:tblPr>
<w:tblStylePr w:type="firstRow"><w:tblPr/><w:tcPr><w:tcBorders>
<w:bottom w:val="single" w:sz="12" w:space="0" w:color="0B0C0C"/></w:tcBorders></w:tcPr></w:tblStylePr></w:style>"""


def set_styles(document: Any) -> None:
    """Give a new document its styles, its paper and its language."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import parse_xml
    from docx.shared import Mm, Pt

    styles = document.styles
    for name, look in _STYLES.items():
        _set_style(styles[name], look)
    for name, look in _ADDED.items():
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=name.startswith("toc"))
        style.base_style = styles["Normal"]
        _set_style(style, look)
    styles["Table Number"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    styles["Table Part"].paragraph_format.left_indent = Pt(9)
    styles["toc 2"].paragraph_format.left_indent = Pt(12)
    styles["Quote"].paragraph_format.left_indent = Pt(12)
    styles["Caption"].paragraph_format.keep_with_next = True
    for name in ("toc 1", "toc 2"):
        styles[name].paragraph_format.tab_stops.add_tab_stop(Mm(174))
    styles.element.append(parse_xml(_TABLE))
    _add_link_style(styles)
    _set_language(document)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(18)
    section.top_margin = section.bottom_margin = Mm(20)
    section.different_first_page_header_footer = True


def _set_style(style: Any, look: tuple[float, bool, str, float, float]) -> None:
    from docx.shared import Pt, RGBColor

    size, is_bold, colour, before, after = look
    style.font.name, style.font.size, style.font.bold = FONT, Pt(size), is_bold
    style.font.italic = False
    style.font.color.rgb = RGBColor.from_string(colour)
    fonts = style.element.rPr.find(f"{W}rFonts")
    for name in list(fonts.attrib):
        if name.endswith("Theme"):
            del fonts.attrib[name]
    for name in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(f"{W}{name}", FONT)
    for name in ("spacing", "kern"):
        for element in style.element.rPr.findall(f"{W}{name}"):
            style.element.rPr.remove(element)
    format_ = style.paragraph_format
    format_.space_before, format_.space_after = Pt(before), Pt(after)
    for border in style.element.pPr.findall(f"{W}pBdr"):
        style.element.pPr.remove(border)


def _add_link_style(styles: Any) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import RGBColor

    link = styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER, builtin=True)
    link.font.underline = True
    link.font.color.rgb = RGBColor.from_string("1A4F7F")


def _set_language(document: Any) -> None:
    for element in document.styles.element.iter(f"{W}lang"):
        element.set(f"{W}val", LANGUAGE)
        element.set(f"{W}eastAsia", LANGUAGE)
    for element in document.settings.element.iter(f"{W}themeFontLang"):
        element.set(f"{W}val", LANGUAGE)


def set_properties(document: Any, title: str, about: str, council: str) -> None:
    """Say what a document is, in its properties and at the foot of its pages."""
    properties = document.core_properties
    properties.title, properties.subject, properties.author = title, about, council
    properties.last_modified_by, properties.language = council, LANGUAGE
    properties.keywords = properties.comments = properties.category = ""
    properties.created = properties.modified = _MADE
    properties.revision = 1
    package = document.part.package
    for name, relation in list(package.rels.items()):
        if relation.reltype.endswith("/thumbnail"):
            del package.rels[name]
    section = document.sections[0]
    for footer in (section.footer, section.first_page_footer):
        _write_foot(footer.paragraphs[0], about)


def _write_foot(paragraph: Any, about: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run(f"{about}, page ")
    for name, words in (("PAGE", " of "), ("NUMPAGES", "")):
        field = OxmlElement("w:fldSimple")
        field.set(f"{W}instr", name)
        run = OxmlElement("w:r")
        text = OxmlElement("w:t")
        text.text = "1"
        run.append(text)
        field.append(run)
        paragraph._p.append(field)
        if words:
            paragraph.add_run(words)


def new_numbering(document: Any) -> int:
    """Return the number of a new list that begins with 1, of the kind that the style List Number has."""
    numbering = document.part.numbering_part.element
    style = document.styles["List Number"].element
    number = style.find(f"{W}pPr/{W}numPr/{W}numId").get(f"{W}val")
    kind = next(num for num in numbering.num_lst if str(num.numId) == number).abstractNumId.val
    made = numbering.add_num(kind)
    made.add_lvlOverride(0).add_startOverride(1)
    return int(made.numId)
