"""Which SVG pictures may be published: those that only draw.

The picture is read by an XML parser, and every element and attribute must be on a list; so neither a script nor an
address can come in by a way of writing that nobody thought of. What the parser does not take (HTML's loose writing,
entities, a document type) is refused.
"""

from __future__ import annotations

import re
from typing import Any
from xml.parsers import expat

SPACE = "http://www.w3.org/2000/svg"
_XLINK, _XML = "http://www.w3.org/1999/xlink", "http://www.w3.org/XML/1998/namespace"
DEEPEST = 60


def _set(words: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(words.split())


ELEMENTS = _set(
    "svg g defs path rect circle ellipse line polyline polygon text tspan title desc linearGradient radialGradient stop "
    "clipPath mask use"
)
STYLES = _set(
    "fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit "
    "stroke-dasharray stroke-dashoffset opacity color display visibility clip-path clip-rule mask paint-order stop-color "
    "stop-opacity font-family font-size font-weight font-style font-stretch font-variant letter-spacing word-spacing "
    "text-anchor text-decoration text-align dominant-baseline alignment-baseline baseline-shift line-height white-space "
    "writing-mode direction shape-rendering text-rendering color-interpolation isolation mix-blend-mode overflow "
    "vector-effect enable-background -inkscape-font-specification"
)
"""What an attribute of its own or a declaration in `style` may set."""
ATTRIBUTES = STYLES | _set(
    "id class version baseProfile width height x y x1 y1 x2 y2 cx cy r rx ry fx fy fr dx dy d points viewBox "
    "preserveAspectRatio transform gradientTransform gradientUnits spreadMethod offset clipPathUnits maskUnits "
    "maskContentUnits pathLength textLength lengthAdjust rotate role aria-hidden aria-label aria-labelledby "
    "data-name"
)
_HREF = ("href", f"{_XLINK} href")
_XML_ATTRIBUTES = (f"{_XML} space", f"{_XML} lang")
_WORDS = frozenset(("id", "class", "role", "aria-label", "aria-labelledby", "data-name", "font-family", "d"))
"""Attributes whose values are words, or long, and lead nowhere."""
_VALUE = re.compile(r"[\w\s#.,%+\-'\"()]*")
_CALL = re.compile(r"([\w-]+)\s*\(\s*([^)]*)")
_CALLS = _set("rgb rgba hsl hsla matrix translate translatex translatey scale rotate skewx skewy calc")
_PLACE = re.compile(r"['\"]?#[\w.:-]+['\"]?\s*")


class _Refused(Exception):
    """What a picture holds that may not be published."""


def fault_of(content: bytes) -> str | None:
    """Return what of an SVG picture may not be published, in a few words; None where it only draws."""
    reader = _Reader()
    try:
        content.decode("utf-8")
        reader.read(content)
    except UnicodeDecodeError:
        return "bytes that are not UTF-8"
    except _Refused as problem:
        return str(problem)
    except expat.ExpatError as problem:
        return f"line {problem.lineno}, {expat.ErrorString(problem.code)}"
    return None


class _Reader:
    """Reads a picture and raises _Refused at the first thing that is not on the lists."""

    def __init__(self) -> None:
        self.path: list[str | None] = []
        self.holds_use: set[str | None] = set()
        self.used: set[str] = set()
        self.space = ""

    def read(self, content: bytes) -> None:
        """Read a picture.

        Raises:
            _Refused: it holds something that is on no list.
            ExpatError: it is no XML in UTF-8.
        """
        parser = expat.ParserCreate("UTF-8", " ")
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = lambda *_: _refuse("a document type")
        parser.EntityDeclHandler = lambda *_: _refuse("an entity")
        parser.ProcessingInstructionHandler = lambda target, _: _refuse(f"<?{target}")
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = lambda _: self.path.pop()
        parser.Parse(content, True)
        if self.used & self.holds_use:
            _refuse("a use of something that uses something")
        if self.space != SPACE:
            _refuse(f'no xmlns="{SPACE}"')

    def _declaration(self, version: str, encoding: str | None, _: int) -> None:
        if encoding is not None and encoding.lower() != "utf-8":
            _refuse(f"the encoding {encoding}; it has to be UTF-8")

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        if space not in (SPACE, "") or local not in ELEMENTS:
            _refuse(f"<{local}>")
        if not self.path:
            self.space = space
            if local != "svg":
                _refuse(f"<{local}> around everything")
        self.path.append(attributes.get("id"))
        if len(self.path) > DEEPEST:
            _refuse(f"more than {DEEPEST} elements one in the other")
        for attribute, value in attributes.items():
            self._attribute(local, attribute, value)
        if local == "use":
            self.holds_use |= set(self.path)

    def _attribute(self, element: str, name: str, value: str) -> None:
        shown = name.rpartition(" ")[2]
        if name in _HREF:
            if not _PLACE.fullmatch(value) or value[:1] != "#":
                _refuse(f'{shown}="{value[:40]}"')
            if element == "use":
                self.used.add(value[1:])
        elif name == "style":
            for declaration in filter(str.strip, value.split(";")):
                setting, _, set_to = declaration.partition(":")
                if setting.strip().lower() not in STYLES or not is_plain(set_to):
                    _refuse(f'style="{declaration.strip()[:40]}"')
        elif name in _WORDS or name in _XML_ATTRIBUTES:
            return
        elif name not in ATTRIBUTES or not is_plain(value):
            _refuse(f'{shown}="{value[:40]}"')


def is_plain(value: str) -> bool:
    """Return whether a value of CSS or of an attribute leads to no address: only to a place within the picture."""
    if not _VALUE.fullmatch(value):
        return False
    for function, inside in _CALL.findall(value):
        if function.lower() == "url":
            if not _PLACE.fullmatch(inside):
                return False
        elif function.lower() not in _CALLS:
            return False
    return True


def _refuse(what: str) -> Any:
    raise _Refused(what)
