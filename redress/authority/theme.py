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
from typing import Any

from redress.authority.svg import fault_of
from redress.base.files import read_regular, why_unreadable
from redress.base.printable import show_text

LEAST_CONTRAST = 4.5
MOST_BYTES = 40_000
KINDS = {".svg": "image/svg+xml", ".png": "image/png"}
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def problems(theme: Any, folder: Path) -> list[str]:
    """What is wrong with a profile's `theme`, one sentence each; none where there is no theme.

    Args:
        theme: the value of `theme` in the profile.
        folder: the authority's folder, in which the logo lies.
    """
    if theme is None:
        return []
    if not isinstance(theme, dict):
        return ["theme has the form `colour: ...` and `logo: ...`"]
    found = [
        f"theme has no `{key}`; it has colour and logo" for key in theme if key not in ("colour", "logo")
    ]
    colour, logo = theme.get("colour"), theme.get("logo")
    if colour is not None:
        if not isinstance(colour, str) or not _COLOUR.fullmatch(colour):
            found.append(f'theme colour is `{colour}`; it is written "#12436d", in quotation marks')
        elif contrast_with_white(colour) < LEAST_CONTRAST:
            found.append(
                f"theme colour {colour} has a contrast of {contrast_with_white(colour):.1f} to 1 against white; it needs "
                f"{LEAST_CONTRAST} to 1: choose a darker one"
            )
    return found + (_logo_problems(logo, folder) if logo is not None else [])


def contrast_with_white(colour: str) -> float:
    """Contrast of a colour such as `#12436d` against white, from 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)


def exported(theme: Any, folder: Path | None) -> dict[str, str | None]:
    """Colour and logo for the website: `colour`, `logo` (base64) and `logo_kind` (`svg` or `png`); None where not given.

    What `problems` finds fault with is left out.
    """
    nothing: dict[str, str | None] = {"colour": None, "logo": None, "logo_kind": None}
    if not isinstance(theme, dict) or folder is None or problems(theme, folder):
        return nothing
    if theme.get("logo"):
        path = folder / theme["logo"]
        nothing |= {
            "logo": base64.b64encode(path.read_bytes()).decode("ascii"),
            "logo_kind": path.suffix.lower().lstrip("."),
        }
    return nothing | {"colour": theme.get("colour")}


def _logo_problems(logo: Any, folder: Path) -> list[str]:
    if not isinstance(logo, str) or Path(logo).name != logo:
        return [f"theme logo is `{logo}`; it is the name of a file in this folder"]
    path = folder / logo
    if path.suffix.lower() not in KINDS:
        return [f"theme logo {logo} is neither SVG nor PNG"]
    try:
        content = read_regular(path)
    except FileNotFoundError:
        return [f"theme logo {logo} is not in this folder"]
    except (OSError, ValueError) as problem:  # the latter: a character that no name can hold
        why = why_unreadable(problem) if isinstance(problem, OSError) else str(problem)
        return [f"theme logo {show_text(logo)} cannot be read: {why}"]
    if len(content) > MOST_BYTES:
        return [f"theme logo {logo} has {len(content):,} bytes; it may have {MOST_BYTES:,}"]
    if path.suffix.lower() == ".png":
        return [] if content.startswith(b"\x89PNG\r\n\x1a\n") else [f"theme logo {logo} is not a PNG picture"]
    fault = fault_of(content)
    if fault is not None:
        said = (
            f"theme logo {logo} holds `{show_text(fault)}`; a published picture may hold no script, style sheet, declaration "
            "or outside address, and nothing but what draws: save it as plain SVG"
        )
        return [said]
    return []
