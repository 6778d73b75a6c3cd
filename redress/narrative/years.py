"""Years in words that are not the report's: last year's words left standing, and a year that has not come."""

from __future__ import annotations

import json
import re
from datetime import date

from redress.authority.model import Report
from redress.narrative.book import Book, year_before, year_label
from redress.narrative.finding import Findings
from redress.narrative.passages import Passage, Sentence

_SPAN = re.compile(
    r"(?<![\w.,/])(?P<first>(?:19|20)\d\d)\s?(?:[-/\u2010-\u2013]|to\b|and\b|\s+to\s+)\s?(?P<second>(?:19|20)?\d\d)(?![\w]|[/-]\d)"
)
_DAY = re.compile(
    r"\b(?P<day>31(?:st)?\s+March|0?1(?:st)?\s+April),?\s+(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE
)
_GONE = re.compile(
    r"\b(?:last|previous|preceding|prior)\s+(?:(?:financial|reporting)\s+)?year\s*[,(:\u2013-]\s*$",
    re.IGNORECASE,
)
_END_OF_YEAR = re.compile(
    r"\b(?:year|(?:twelve|12)\s+months)\s+(?:which\s+)?(?:to|ending|ended|ends|up\s+to)\s+(?:on\s+)?(?:(?:31(?:st)?|the\s+end\s+of)\s+)?March\s+(?P<year>(?:19|20)\d\d)\b"
    r"|\b31[./]0?3[./](?P<digits>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_MONTHS = re.compile(
    r"\b(?:(?:0?1(?:st)?\s+)?April|0?1[./]0?4[./])\s*(?P<first>(?:19|20)\d\d)\s*(?:to|and|until|[-\u2010-\u2013])\s*"
    r"(?:(?:31(?:st)?\s+)?March\s+|31[./]0?3[./])(?P<second>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_OF_PERIOD = re.compile(r"\b(?:from|between|to)\s+$", re.IGNORECASE)
_FINANCIAL = re.compile(r"\bFY\s?(?:20)?\d\d(?:\s?[-/]\s?\d\d)?\b")
_YET_TO_COME = re.compile(
    r"\b(?:(?:next|coming|forthcoming)\s+(?:(?:financial|reporting)\s+)?year|look(?:s|ing)?\s+(?:forward|ahead)\s+to)\s*[,(:\u2013-]?\s*(?:of\s+)?$",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<![\w.,/£-])(?P<year>20\d\d)(?![\w%]|[/-]\d|,\d)")
_COMPARED = re.compile(
    r"\b(?:than|with|to|from|since|against|before|until|after|between|and|vs|previous|last|earlier)"
    r"(?:\s+(?:that|those|the|our|in|during|for|at|year|years|financial|of|same|it|there|were|was|level|figure|number))*[\s(]*$",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\b(?:began|begun|started|introduced|agreed|set\s+up|opened|launched|published|promised|reported|said|moved|joined|adopted|reviewed"
    r"|inspected|last\s+report|carried\s+(?:over|forward)|last\s+year|year\s+before|previous|earlier|history|over\s+time|each\s+year|as\s+well|again)\b",
    re.IGNORECASE,
)
_COMING = re.compile(
    r"\b(?:will|shall|plans?|planned|planning|aims?|next|coming|priorit(?:y|ies)|going\s+to|expect(?:s|ed)?|due|to\s+be|intends?|ahead"
    r"|hopes?|future|later|forthcoming)\b",
    re.IGNORECASE,
)
_WILL = re.compile(r"\b(?:will|shall|going\s+to|planned\s+for|due\s+(?:in|by))\b", re.IGNORECASE)
_AS_AT = re.compile(
    r"\b(?:as\s+(?:at|of)|correct\s+(?:at|on)|prepared|printed|produced|written|updated|next\s+report)\b[^.;]{0,30}$",
    re.IGNORECASE,
)
_OF_A_TEXT = re.compile(r"\b(?:Act|Regulations?|Guidance|Plan|Strategy|Order|Framework|SI)\b[^.;]{0,20}$")
_BY_THEN = re.compile(
    r"\b(?:by|from|until|before)(?:\s+(?:the|end|start|middle|of|spring|summer|autumn|winter|early|late|\d{1,2}|[A-Z][a-z]+))*\s*$"
)


def note_years(passage: Passage, book: Book, report: Report, findings: Findings) -> None:
    """Note years that were typed and are not those of the report, unless the sentence compares, looks back or looks ahead."""
    for sentence in passage.sentences():
        taken: list[tuple[int, int]] = []
        for match in _FINANCIAL.finditer(sentence.text):
            taken.append(match.span())
            findings.note(
                sentence.line_at(match.start()),
                "stale_year",
                match[0],
                "can be read as either of two years",
                "write {% $year %}, or {% $last_year %} where the year before is meant",
            )
        for match in (*_MONTHS.finditer(sentence.text), *_END_OF_YEAR.finditer(sentence.text)):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            taken.append(match.span())
            if not sentence.is_bound(*match.span()):
                _judge(match, sentence, book, report, findings)
        for match in (*_SPAN.finditer(sentence.text), *_DAY.finditer(sentence.text)):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            taken.append(match.span())
            if not sentence.is_bound(*match.span()):
                _judge(match, sentence, book, report, findings)
        for match in _YEAR.finditer(sentence.text):
            is_taken = any(start <= match.start() < end for start, end in taken)
            if not is_taken and not sentence.is_bound(*match.span()):
                _judge_later(match, int(match["year"]), sentence, report, findings)


def _judge(match: re.Match[str], sentence: Sentence, book: Book, report: Report, findings: Findings) -> None:
    """Judge a reporting year such as 2022/23, or its first or last day."""
    own = int(book.year[:4])
    if "first" in match.groupdict():
        first, second = int(match["first"]), int(match["second"])
        is_year = second % 100 == (first + 1) % 100 and second in (first + 1, (first + 1) % 100)
        if not is_year:
            return
    elif "day" in match.groupdict():
        first = int(match["year"]) - (1 if match["day"].startswith("31") else 0)
    else:
        first = int(match["year"] or match["digits"]) - 1
    if first == own:
        _judge_own(match, own, sentence, findings)
        return
    if first > own:
        _judge_later(match, first, sentence, report, findings, is_reporting_year=True)
        return
    before = sentence.text[: match.start()]
    is_of_figure = any(
        str(tag.node["attributes"].get("period", "")).startswith(str(first))
        or (tag.node["attributes"].get("period") == "last_year" and first == own - 1)
        for tag in sentence.tags
    )
    tag = json.dumps(sentence.passage.tag) if sentence.passage.tag else ""
    is_of_table = str(first) in tag.replace(match[0], "") or (first == own - 1 and "last_year" in tag)
    is_held = any(tag.node["name"] == "held" for tag in sentence.tags)
    is_beside_own = year_label(book.year) in sentence.text or book.year in sentence.text
    if (
        is_of_figure
        or is_of_table
        or is_held
        or is_beside_own
        or (_COMPARED.search(before) and not (match.re is _MONTHS and _OF_PERIOD.search(before)))
        or (not sentence.tags and _PAST.search(sentence.text))
    ):
        return
    findings.note(
        sentence.line_at(match.start()),
        "stale_year",
        match[0],
        f"is not the year of this report, which is {year_label(book.year)}",
        "write {% $year %}"
        + (
            ", or {% $last_year %} where the year before is meant"
            if first == int(year_before(book.year)[:4])
            else ""
        ),
    )


def _judge_own(match: re.Match[str], own: int, sentence: Sentence, findings: Findings) -> None:
    """Note the year of the report where it is told as the year before, or as still to come."""
    before = sentence.text[: match.start()]
    if _GONE.search(before):
        told, proposal = "the year before", "write {% $last_year %}"
    elif _YET_TO_COME.search(before):
        told, proposal = "still to come", f"write {year_label(f'{own + 1}-{(own + 2) % 100:02d}')}"
    else:
        return
    findings.note(
        sentence.line_at(match.start()),
        "stale_year",
        match[0],
        f"is the year of this report, and is told as {told}",
        proposal,
    )


def _judge_later(
    match: re.Match[str],
    year: int,
    sentence: Sentence,
    report: Report,
    findings: Findings,
    is_reporting_year: bool = False,
) -> None:
    """Note a year after the report's where the sentence does not look ahead, and an earlier one told as now or as to come."""
    before = sentence.text[: match.start()]
    is_early = not is_reporting_year and year < report.period_start.year
    if is_early and (_WILL.search(before) or _AS_AT.search(before)) and not _OF_A_TEXT.search(before):
        if not sentence.tags and not _COMPARED.search(before):
            findings.note(
                sentence.line_at(match.start()),
                "stale_year",
                match[0],
                f"is before the year of this report, which is {year_label(report.reporting_year)}",
                "write the day or the year that is meant now",
            )
        return
    known = max(report.period_end, report.as_at, report.published_on or date.min).year
    last = report.period_start.year if is_reporting_year else known
    is_ahead = _COMING.search(sentence.text) or _BY_THEN.search(before)
    if year > last and not is_ahead:
        findings.note(
            sentence.line_at(match.start()),
            "stale_year",
            match[0],
            f"is after the year of this report, which is {year_label(report.reporting_year)}",
            "write {% $year %}, or say that it is still to come",
        )
