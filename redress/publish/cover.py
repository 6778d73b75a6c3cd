"""The cover of a report as a paper: what it is, of when, by whom, and who approved it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

LOGO_TYPES = {"svg": "image/svg+xml", "png": "image/png"}


@dataclass(frozen=True)
class Cover:
    """What stands on the cover beside the title.

    Attributes:
        council: its full name.
        lines: what is said of the report: what about, and the words.
        logo: the council's logo as base64; blank where it has none.
        logo_kind: `svg` or `png`.
    """

    council: str
    lines: tuple[tuple[str, str], ...]
    logo: str = ""
    logo_kind: str = ""

    def picture(self) -> str:
        """Return the logo as HTML, which says nothing that the council's name does not say; blank where there is none."""
        kind = LOGO_TYPES.get(self.logo_kind)
        return f'<img class="logo" src="data:{kind};base64,{self.logo}" alt="" />\n' if kind else ""

    def facts(self) -> str:
        """Return the lines as HTML."""
        lines = "".join(
            f"<div><dt>{escape(about)}</dt> <dd>{escape(words)}</dd></div>" for about, words in self.lines
        )
        return f'<dl class="about">{lines}</dl>'


def cover_of(report: Mapping[str, Any], pages: Iterable[Mapping[str, Any]]) -> Cover:
    """Return the cover of a report.

    Args:
        report: its row of the export's table `reports`.
        pages: its rows of the table `pages`.
    """
    sections = [section for page in pages for section in json.loads(page["sections"])]
    lines = [
        ("Period", f"{day_in_words(report['period_start'])} to {day_in_words(report['period_end'])}"),
        ("Counted from what was known on", day_in_words(report["as_at"])),
        ("Published", day_in_words(report.get("published_on"))),
        ("Author", "; ".join(_distinct(section.get("author") for section in sections))),
        ("Approved by", "; ".join(_distinct(map(_approval, sections)))),
        ("Not approved yet", "; ".join(_distinct(map(_waiting, sections)))),
        ("State", _state(report)),
        ("Contact", report.get("contact") or ""),
    ]
    return Cover(
        report["name"],
        tuple((about, words) for about, words in lines if words),
        report.get("logo") or "",
        report.get("logo_kind") or "",
    )


def day_in_words(day: Any) -> str:
    """Return a day as it stands in a sentence, `31 March 2024`; what is no day stays as it is, and none is blank."""
    try:
        written = date.fromisoformat(str(day))
    except ValueError:
        return str(day or "")
    return f"{written.day} {written:%B %Y}"


def _distinct(words: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(filter(None, words)))


def _approval(section: Mapping[str, Any]) -> str:
    """Return who approved a section, and when; blank where nobody has."""
    who, when = section.get("approved_by"), section.get("approved_on")
    return ", ".join(filter(None, (who, day_in_words(when)))) if who else ""


def _waiting(section: Mapping[str, Any]) -> str:
    """Return the title of a section that has an author, and that nobody has approved."""
    if section.get("approved_by") or not section.get("author"):
        return ""
    return section["title"] or section["name"]


def _state(report: Mapping[str, Any]) -> str:
    """Return whether the report may still change; `stateLine` of the pages says the same."""
    signed, revised = day_in_words(report.get("signed_on")), day_in_words(report.get("revised_on"))
    return {
        "draft": "Draft",
        "signed off": f"Signed off on {signed}",
        "revised": f"Signed off on {signed}, revised on {revised}",
    }.get(report["state"], "Provisional: not signed off yet")
