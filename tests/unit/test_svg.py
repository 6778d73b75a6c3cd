"""A published picture only draws: whatever else it holds, in whatever writing, is refused with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from redress.authority.svg import fault_of
from redress.authority.theme import Theme, exported, logo_problem

XMLNS = 'xmlns="http://www.w3.org/2000/svg"'
XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'


def svg(inside: str, more: str = "") -> str:
    return f"<svg {XMLNS} {XLINK} {more}>{inside}</svg>"


GOOD = [
    svg('<path d="M0 0L1,1z" fill="#12436d" stroke-width="1.5"/>', 'viewBox="0 0 40 40" width="40" height="40"'),
    '<?xml version="1.0" encoding="utf-8"?><!-- drawn --><!-- http://example.org -->'
    + svg('<g id="a" transform="translate(1, 2) rotate(-45)"><rect width="1" height="2" style="fill:#fff;stroke:none"/></g>'),
    svg('<defs><linearGradient id="a" x1="0"><stop offset="50%" stop-color="rgb(1, 2, 3)"/></linearGradient></defs>'
        '<circle r="3" fill="url(#a)"/><circle r="3" fill="url( \'#a\' )"/>'),
    svg('<title>North Town</title><text font-family="Arial, sans-serif" style="font-family:\'Open Sans\'">North &amp; Co</text>'),
    svg('<defs><path id="p" d="M0 0"/></defs><use xlink:href="#p" x="3"/><use href="#p"/>'),
    "\ufeff" + svg("<g><g/></g>"),
    "<s:svg xmlns:s='http://www.w3.org/2000/svg'><s:path d='M0 0'/></s:svg>",
    svg("<path d='M0 0'/>", 'xml:space="preserve" version="1.1" aria-hidden="true" role="img" class="logo"'),
]  # fmt: skip

NASTY = [
    "<svg/onload=alert(1)>",
    f"<svg {XMLNS}/onload=alert(1)>",
    f"<svg {XMLNS}\n/onload='alert(1)'/>",
    svg("", 'onload="x()"'), svg("", 'ONLOAD="x()"'), svg("", "onload = 'x()'"), svg('<path onclick="x()"/>'),
    svg('<path\nonfocus\n=\n"x()"/>'), svg('<path\tonx="1"/>'),
    svg("<script>1</script>"), svg("<SCRIPT>1</SCRIPT>"), svg('<script href="#x"/>'), svg("<script/>"),
    svg('<x:script xmlns:x="http://www.w3.org/2000/svg">1</x:script>'),
    svg('<script xmlns="http://www.w3.org/1999/xhtml">1</script>'),
    svg('<h:iframe xmlns:h="http://www.w3.org/1999/xhtml" src="x"/>'), svg("<foreignObject/>"),
    svg('<path xmlns="http://example.org" d="M0 0"/>'),
    svg('<a href="https://example.org">x</a>'), svg("<a href=https://example.org>x</a>"),
    svg('<a xlink:href="javascript:x()">x</a>'),
    svg('<use href="https://example.org/x.svg#a"/>'), svg('<use href="other.svg#a"/>'), svg('<use href="//x/#a"/>'),
    svg('<use href=" #a"/>'), svg('<use xlink:href="data:image/svg+xml,x#a"/>'),
    svg('<use href="&#104;ttps://example.org/#a"/>'), svg('<use href="&#x23;a&#32;x"/>'),
    svg('<use xmlns:y="http://www.w3.org/1999/xlink" y:href="http://example.org"/>'),
    svg('<image href="data:image/png;base64,AA"/>'), svg('<image href="x.png"/>'), svg("<feImage/>"),
    svg('<filter id="f"/>'), svg("<style>@import 'x'</style>"), svg("<style/>"), svg("<animate/>"), svg("<set/>"),
    svg('<animateTransform attributeName="x"/>'), svg("<video/>"), svg("<pattern/>"), svg("<metadata/>"),
    svg('<path fill="url(https://example.org)"/>'), svg("<path fill=\"url('https://example.org')\"/>"),
    svg('<path fill="url(x.svg#a)"/>'), svg('<path fill="URL(//example.org)"/>'), svg('<path fill="u\\72l(//x)"/>'),
    svg('<path fill="url(#a) url(x)"/>'), svg('<path fill="url(&#104;ttp://x)"/>'), svg('<path cursor="url(x)"/>'),
    svg('<path style="background:url(//x)"/>'), svg('<path style="fill:url(//x)"/>'),
    svg('<path style="fill:image-set(url(x))"/>'), svg('<path style="-moz-binding:url(#a)"/>'),
    svg('<path style="fill:red;behavior:url(#a)"/>'), svg('<path style="fill:/**/url(x)"/>'),
    svg('<path style="@import \'x\'"/>'), svg('<path style="fill:\\75 rl(x)"/>'), svg('<path style="--x:1"/>'),
    svg('<path style="fill:var(--x)"/>'), svg('<path style="fill:expression(x)"/>'),
    f'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">{svg("")}',
    f'<!DOCTYPE svg [<!ENTITY x "y">]>{svg("&x;")}', f'<!DOCTYPE svg SYSTEM "file:///etc/passwd">{svg("")}',
    f'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>{svg("&b;")}', svg("&undefined;"), svg('<!ENTITY x "y">'),
    f'<?xml-stylesheet href="x.css"?>{svg("")}', svg("<?php x ?>"),
    f'<?xml version="1.0" encoding="utf-7"?>{svg("")}', f'<?xml version="1.0" encoding="utf-16"?>{svg("")}',
    f"<html {XMLNS}>{svg('')}</html>", f"<g {XMLNS}><svg/></g>", "<svg><path d='M0 0'/></svg>", "<svg", "<svg>", "x<svg/>",
    svg("") + svg(""), svg("") + "<script>1</script>", svg("</svg><svg>"),
    svg("<g>" * 100 + "</g>" * 100),
    svg('<g id="a"><use href="#a"/></g>'),
    svg('<g id="a"><path/></g><g id="b"><use href="#a"/><use href="#a"/></g><g id="c"><use href="#b"/><use href="#b"/></g>'),
]  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_what_only_draws_is_taken(tmp_path: Path, text: str) -> None:
    assert fault_of(text.encode()) is None
    (tmp_path / "logo.svg").write_text(text, encoding="utf-8")
    assert logo_problem("logo.svg", tmp_path) is None
    assert exported(Theme(logo="logo.svg"), tmp_path)["logo_kind"] == "svg"


@pytest.mark.parametrize("text", NASTY)
def test_whatever_else_is_refused_and_not_published(tmp_path: Path, text: str) -> None:
    (tmp_path / "logo.svg").write_text(text, encoding="utf-8")
    said = logo_problem("logo.svg", tmp_path)
    assert said is not None and "theme logo logo.svg" in said and said.isprintable()
    assert exported(Theme(logo="logo.svg"), tmp_path)["logo"] is None


@pytest.mark.parametrize(
    "content",
    [svg("").encode("utf-16"), svg("<title>é</title>").encode("latin-1"), b"\x00<svg", b"<svg\xff/>"],
)
def test_another_encoding_is_refused(content: bytes) -> None:
    assert fault_of(content) is not None
