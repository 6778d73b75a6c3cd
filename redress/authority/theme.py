"""A council's colour and logo on its pages, from `theme` in its `profile.yml`.

    theme:
      colour: "#12436d"     # of bars and rules; dark enough to be read on white
      logo: logo.svg        # SVG or PNG in the folder; beside the council's name, which says the same

Both may be left out. A colour needs a contrast of 4.5 to 1 against white (WCAG 2.2, 1.4.3); a logo may be 40 kB, and an
SVG may only draw (`svg`).
"""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from redress.authority.given import Group, told
from redress.authority.svg import fault_of
from redress.base.files import read_regular, why_unreadable
from redress.base.printable import show_text

LEAST_CONTRAST = 4.5
MOST_BYTES = 40_000
KINDS = {".svg": "image/svg+xml", ".png": "image/png"}
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def _dark_colour(given: Any) -> str | None:
    if given is None:
        return None
    if not isinstance(given, str) or not _COLOUR.fullmatch(given):
        raise ValueError("no colour")
    if contrast_with_white(given) < LEAST_CONTRAST:
        raise told(
            f"theme colour {given} has a contrast of {contrast_with_white(given):.1f} to 1 against white; it needs "
            f"{LEAST_CONTRAST} to 1: choose a darker one"
        )
    return given


def _file_name(given: Any) -> str | None:
    if given is None:
        return None
    if not isinstance(given, str) or Path(given).name != given:
        raise ValueError("no name")
    if Path(given).suffix.lower() not in KINDS:
        raise told(f"theme logo {given} is neither SVG nor PNG")
    return given


class Theme(Group):
    """`theme` of a profile."""

    form: ClassVar[str] = "theme has the form `colour: ...` and `logo: ...`"
    unknown: ClassVar[str] = "theme has no `{key}`; it has colour and logo"
    said: ClassVar[dict[str, str]] = {
        "colour": 'theme colour is `{value}`; it is written "#12436d", in quotation marks',
        "logo": "theme logo is `{value}`; it is the name of a file in this folder",
    }

    colour: Annotated[
        str | None,
        BeforeValidator(_dark_colour),
        Field(
            description='The colour of bars and rules, such as "#12436d" in quotation marks; dark enough to be read on '
            "white."
        ),
    ] = None
    logo: Annotated[
        str | None,
        BeforeValidator(_file_name),
        Field(
            description="The name of a picture in this folder, SVG or PNG, of at most 40 kB; it stands beside the "
            "council's name, which says the same."
        ),
    ] = None


def contrast_with_white(colour: str) -> float:
    """Return the contrast of a colour such as `#12436d` against white, from 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)


def exported(theme: Theme | None, folder: Path | None) -> dict[str, str | None]:
    """Return what the website shows: `colour`, `logo` (base64) and `logo_kind` (`svg` or `png`); None where not given.

    A logo in which `logo_problem` finds a fault by now is left out.
    """
    given: dict[str, str | None] = {
        "colour": theme.colour if theme else None,
        "logo": None,
        "logo_kind": None,
    }
    if theme and theme.logo and folder and logo_problem(theme.logo, folder) is None:
        path = folder / theme.logo
        given |= {
            "logo": base64.b64encode(path.read_bytes()).decode("ascii"),
            "logo_kind": path.suffix.lower().lstrip("."),
        }
    return given


def logo_problem(logo: str, folder: Path) -> str | None:
    """Return what is wrong with the picture of this name in an authority's folder; None where it can be published."""
    path = folder / logo
    try:
        content = read_regular(path)
    except FileNotFoundError:
        return f"theme logo {logo} is not in this folder"
    except (OSError, ValueError) as problem:  # the latter: a character that no name can hold
        why = why_unreadable(problem) if isinstance(problem, OSError) else str(problem)
        return f"theme logo {show_text(logo)} cannot be read: {why}"
    if len(content) > MOST_BYTES:
        return f"theme logo {logo} has {len(content):,} bytes; it may have {MOST_BYTES:,}"
    if path.suffix.lower() == ".png":
        return None if content.startswith(b"\x89PNG\r\n\x1a\n") else f"theme logo {logo} is not a PNG picture"
    fault = fault_of(content)
    if fault is None:
        return None
    return (
        f"theme logo {logo} holds `{show_text(fault)}`; a published picture may hold no script, style sheet, declaration "
        "or outside address, and nothing but what draws: save it as plain SVG"
    )
