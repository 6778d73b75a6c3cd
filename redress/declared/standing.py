"""How far a council's own words are: not written yet, taken over from another year, not approved, approved.

Pages never wait for words: a section that is not written yet prints nothing, and one that nobody has approved is printed. A
report is not signed off with such words in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from redress.declared.language import walk
from redress.declared.model import DeclaredReport, Page, Section, has_words

APPROVAL = ("approved_by", "approved_on")
"""Lines of front matter that say who approved the words as they stand."""
_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*\n", re.DOTALL | re.MULTILINE)


def front_matter(text: str) -> tuple[list[str], str]:
    """Return the lines of a section's front matter, and the text behind it; no lines where there is none."""
    match = _FRONT.match(text)
    return (match[1].splitlines(), text[match.end() :]) if match else ([], text)


def without_approval(text: str) -> str:
    """Return the text of a section with nobody's approval: whoever approved it approved other words."""
    lines, body = front_matter(text)
    kept = [line for line in lines if line.partition(":")[0].strip() not in APPROVAL]
    return text if kept == lines else "\n".join(["---", *kept, "---", body])


def own_sections(report: DeclaredReport) -> Iterator[tuple[Page, Section]]:
    """Yield the sections of a report that come from the council's folder, each with its page."""
    for page in report.pages:
        for section in page.sections:
            if section.file.startswith(f"{report.authority}/"):
                yield page, section


def own_words(report: DeclaredReport) -> list[tuple[Page, Section]]:
    """Return the sections in which the council says something in words of its own, each with its page."""
    return [(page, section) for page, section in own_sections(report) if has_words(section)]


def not_approved(report: DeclaredReport) -> list[str]:
    """Return why the council's words cannot be signed off, a sentence for each section: what is missing and whose it is."""
    sentences = []
    for page, section in own_words(report):
        why = _missing(section)
        if why:
            name = f"`{section.title or section.name}` on the page `{page.title}`"
            sentences.append(f"{section.file}: {name} {why}")
    return sentences


def old_values(report: DeclaredReport) -> list[str]:
    """Return the values from outside that are as at a day long before the year of the report, a sentence each."""
    before = str(int(report.year[:4]) - 1) + "-04-01"
    old = {
        (node["primary"], day): section.file
        for _, section in own_sections(report)
        for node, _ in walk(section.nodes)
        if node.get("name") == "held" and (day := node.get("held", {}).get("as_at")) and day < before
    }
    return [
        f"{file}: the value `{name}` of held.csv is as at {day}: is there a newer one?"
        for (name, day), file in old.items()
    ]


def _missing(section: Section) -> str | None:
    who = f" To fix: {section.author}." if section.author else ""
    if section.look_again:
        return (
            "has words of another year: look at them again, then take `look_again` out of its front matter."
            + who
        )
    if not section.approved_by or not section.approved_on:
        what = "day of approval" if section.approved_by else "approval"
        line = "approved_on" if section.approved_by else "approved_by"
        return f"has no {what}: `{line}` in its front matter says it." + who
    return None
