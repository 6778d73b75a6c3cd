"""A council's colour and logo: what is accepted, and what is refused with a reason."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from intake_world import World

from redress.authority.theme import Theme, contrast_with_white, exported

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0" fill="url(#a)"/></svg>'


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast_with_white("#000000") == pytest.approx(21)
    assert contrast_with_white("#ffffff") == pytest.approx(1)
    assert contrast_with_white("#767676") == pytest.approx(4.54, abs=0.01)


def test_a_dark_colour_and_a_plain_picture_are_accepted_and_exported(tmp_path: Path) -> None:
    world = World(tmp_path).configure()
    (world.folder / "logo.svg").write_bytes(SVG)
    assert world.faults_of(theme=None) == []
    assert world.faults_of(theme={"colour": "#12436d", "logo": "logo.svg"}) == []
    given = exported(world.authority().profile.theme, world.folder)
    assert (given["colour"], given["logo_kind"]) == ("#12436d", "svg")
    assert base64.b64decode(given["logo"] or "") == SVG
    assert set(exported(None, tmp_path).values()) == {None}


@pytest.mark.parametrize(
    ("theme", "said"),
    [
        ({"colour": "#ffdd00"}, "contrast of 1.3 to 1"),
        ({"colour": "blue"}, "it is written"),
        ({"colour": "#12436d; } body { display: none"}, "it is written"),
        ({"logo": "../other/logo.svg"}, "the name of a file in this folder"),
        ({"logo": "logo.gif"}, "neither SVG nor PNG"),
        ({"logo": "none.svg"}, "is not in this folder"),
        ({"font": "Comic"}, "theme has no `font`"),
        ("blue", "has the form"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, theme: object, said: str) -> None:
    [fault] = World(tmp_path).configure().faults_of(theme=theme)
    assert fault.startswith("smallham/profile.yml: line ") and said in fault


@pytest.mark.parametrize(
    "inside",
    [
        "<script>1</script>", '<a href="https://example.org">x</a>', '<image href="data:image/png;base64,AA"/>',
        '<rect onload="x()"/>', "<style>@import 'x'</style>", '<rect fill="url(https://example.org)"/>',
        "<foreignObject/>", '<!ENTITY x "y">',
    ],
)  # fmt: skip
def test_a_picture_that_does_or_fetches_something_is_refused(tmp_path: Path, inside: str) -> None:
    world = World(tmp_path).configure()
    (world.folder / "logo.svg").write_text(f"<svg>{inside}</svg>", encoding="utf-8")
    assert "may hold no script" in world.faults_of(theme={"logo": "logo.svg"})[0]
    assert exported(Theme(logo="logo.svg"), world.folder)["logo"] is None


def test_a_picture_that_is_large_or_no_picture_is_refused(tmp_path: Path) -> None:
    world = World(tmp_path).configure()
    (world.folder / "logo.svg").write_bytes(SVG + b" " * 50_000)
    (world.folder / "logo.png").write_bytes(b"GIF89a")
    assert "bytes" in world.faults_of(theme={"logo": "logo.svg"})[0]
    assert "not a PNG" in world.faults_of(theme={"logo": "logo.png"})[0]
