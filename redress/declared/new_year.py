"""Begins the words of a new year from those of the year before, and says what in them must be looked at again.

Each section that says something in words is taken over without its approval, with `look_again: true` in its front matter
and a note that lists, by line, what may not hold any more: years, literals, values from outside, quotations.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from redress.authority.model import Authority
from redress.authority.template import prompts
from redress.base.errors import ConfigurationProblem
from redress.base.files import list_folder
from redress.base.strict_text import TextProblem, read_text
from redress.base.tables import read_csv
from redress.declared.files import FOLDER, LIST, MOST_BYTES, is_year
from redress.declared.held import HELD
from redress.declared.model import Section, has_words
from redress.declared.parse import parse_sections
from redress.declared.standing import APPROVAL, front_matter

_NOT_TAKEN = (*APPROVAL, "look_again")
_NOTE = "Look again:"
_EARLIER_NOTE = re.compile(rf"^<!-- {_NOTE}.*?-->\n?", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_YEAR = re.compile(r"\b((?:19|20)\d\d)(?:\s?[/–-]\s?\d\d(?:\d\d)?)?\b(?!-\d)")
_OLD = 6
"""Years that are so much older than the new one are those of laws and of long ago: they stay true."""
_TAGS = {
    "literal": "the literal “{}”",
    "held": "the value from outside `{}`",
    "quote": "a quotation",
}
_TAG = re.compile(rf'\{{%\s*({"|".join(_TAGS)})\b(?:\s+"([^"]*)")?')


@dataclass
class NewYear:
    """What was begun.

    Attributes:
        year: the new reporting year.
        last: the year whose words were taken over; None where the council had none.
        folder: the new folder.
        files: each new file, with what is to be looked at in it.
        not_taken: files of last year's folder that are nothing that a report is made of.
        profile: the entry that `profile.yml` needs; none where it has one.
    """

    year: str
    last: str | None
    folder: Path
    files: dict[str, list[str]] = field(default_factory=dict)
    not_taken: list[str] = field(default_factory=list)
    profile: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return what was done and what is to be done, for whoever asked."""
        start = (
            f"from the words of {self.last}" if self.last else "with prompts, since no earlier year has words"
        )
        told = [f"Begun {start}: {self.folder}"]
        for name, marks in self.files.items():
            places = "1 place" if len(marks) == 1 else f"{len(marks)} places"
            told.append(f"  {name}" + (f": look at {places} again" if marks else ""))
        told += [f"  not taken over: {name}" for name in self.not_taken]
        if self.profile:
            told += [f"profile.yml declares no report {self.year}. Under `reports:` it needs:", *self.profile]
        return told


def begin(authority: Authority, year: str | None) -> NewYear:
    """Write `report/<year>/` of a council from the newest earlier year that has such a folder.

    Args:
        authority: whose words they are.
        year: the new reporting year; None for the one after the newest with a folder, else the newest of the profile.

    Raises:
        ConfigurationProblem: it is no reporting year, or it has a folder already.
    """
    report = authority.folder / FOLDER
    years = [path.name for path in list_folder(report) if is_year(path.name)] if report.is_dir() else []
    year = year or (_after(max(years)) if years else max(authority.reports))
    if not is_year(year):
        raise ConfigurationProblem(
            f"`{year}` is no reporting year such as 2023-24.", "whoever typed the command"
        )
    folder = report / year
    if folder.exists():
        raise ConfigurationProblem(
            f"{folder} is there already: nothing is written over it.", "whoever typed the command"
        )
    last = max((name for name in years if name < year), default=None)
    new = NewYear(year, last, folder, profile=_profile_entry(authority, year))
    texts = _taken_over(report / last, new) if last else prompts()
    folder.mkdir(parents=True)
    for name, text in sorted(texts.items()):
        (folder / name).write_text(text, encoding="utf-8")
        new.files.setdefault(name, [])
    if last and (report / last / HELD).is_file():
        shutil.copyfile(report / last / HELD, folder / HELD)
        new.files[HELD] = [
            f"{row['name']}, as at {row['as_at']}" for row in read_csv(folder / HELD) if row["as_at"]
        ]
    return new


def _taken_over(source: Path, new: NewYear) -> dict[str, str]:
    """Return the new text of each section and list of a year's folder."""
    texts: dict[str, str] = {}
    for path in list_folder(source):
        if path.suffix == ".md" or path.name == LIST:
            try:
                texts[path.name] = read_text(path, MOST_BYTES)
            except (FileNotFoundError, TextProblem) as problem:
                raise ConfigurationProblem(f"{path}: {problem}", "whoever keeps that folder") from problem
        elif path.name != HELD:
            new.not_taken.append(path.name)
    parsed = parse_sections(text for name, text in texts.items() if name != LIST)
    for name, text in texts.items():
        if name == LIST:
            texts[name], new.files[name] = _list_to_look_at(text, new.year)
            continue
        words = has_words(Section(Path(name).stem, "", "", parsed[text]["nodes"]))
        texts[name], new.files[name] = _section_to_look_at(text, str(new.last), new.year, words)
    return texts


def _section_to_look_at(text: str, last: str, year: str, words: bool) -> tuple[str, list[str]]:
    """Return a section for the new year, and what its note lists."""
    text = _EARLIER_NOTE.sub("", text)
    front, body = front_matter(text)
    kept = [line for line in front if line.partition(":")[0].strip() not in _NOT_TAKEN]
    said = dict((name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in front))
    places = list(_places(body, year))
    if not words and not places:
        return text, []
    marks = [f"the title: {what}" for line in kept for _, what in _places(line, year)]
    by, on = said.get("approved_by"), said.get("approved_on")
    if by:
        marks.append(
            f"approved by {_inert(by)}{f' on {_inert(on)}' if on else ''} for {last}: approve it anew"
        )
    head = ["---", *kept, "approved_by:", "approved_on:", "look_again: true", "---"]
    opening = f"<!-- {_NOTE} the words are those of {last}. When they are right, take out this note and the line `look_again`."
    # the numbers are those of the lines of the new file, below the note that lists them
    above = len(head) + 2 + len(marks) + len(places)
    marks += [f"line {above + line}: {what}" for line, what in places]
    return "\n".join([*head, opening, *(f"- {mark}" for mark in marks), "-->", body]), marks


def _list_to_look_at(text: str, year: str) -> tuple[str, list[str]]:
    """Return a `report.yml` for the new year, with a note on the years that stand in it."""
    places = list(_places(text, year))
    marks = [f"line {len(places) + line}: {what}" for line, what in places]
    return "".join(f"# {_NOTE} {mark}\n" for mark in marks) + text, marks


def _places(text: str, year: str) -> Iterator[tuple[int, str]]:
    """Yield the line and kind of each thing that may not hold any more, in the order of the lines."""
    # notes stay where they are, so that lines count on
    shown = _COMMENT.sub(lambda note: "\n" * note[0].count("\n"), text)
    for number, line in enumerate(shown.splitlines(), start=1):
        named = dict.fromkeys(match[0] for match in _YEAR.finditer(line) if _is_near(match[1], year))
        what = [f"the year {name}" for name in named]
        what += [_TAGS[tag].format(_inert(words)) for tag, words in _TAG.findall(line)]
        if what:
            yield number, ", ".join(what)


def _is_near(found: str, year: str) -> bool:
    return int(found) > int(year[:4]) - _OLD


def _inert(words: str) -> str:
    """Return words as they can stand in a note: nothing in them ends it or begins a tag."""
    return words.replace("--", "–").replace("{%", "{ %")


def _after(year: str) -> str:
    start = int(year[:4]) + 1
    return f"{start}-{(start + 1) % 100:02}"


def _profile_entry(authority: Authority, year: str) -> list[str]:
    """Return the lines that `profile.yml` needs for a year, after the pattern of its newest report."""
    if year in authority.reports:
        return []
    last = authority.reports[max(authority.reports)]
    years = int(year[:4]) - int(last.reporting_year[:4])
    as_at = last.as_at.replace(
        year=last.as_at.year + years, day=min(last.as_at.day, 28 if last.as_at.month == 2 else 31)
    )
    title = last.title
    for mark in ("-", "/"):
        title = title.replace(last.reporting_year.replace("-", mark), year.replace("-", mark))
    return [f'  "{year}":', f"    as_at: {as_at}", f"    title: {json.dumps(title, ensure_ascii=False)}"]
