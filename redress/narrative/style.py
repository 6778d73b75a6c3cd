"""Words that were never finished, links that lead nowhere, and sentences that few can read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from redress.narrative.finding import Findings
from redress.narrative.passages import MARK, Passage

_UNFINISHED = re.compile(
    r"\(\s*(?:x+|n|\?+|number|no\.?|figure|name|date|tb[cd])\s*\)|(?<![\w-])[xX]{2,}(?![\w-])|(?<![\w-])X(?=\s+(?:complaints?|number|cases|per\s?cent|%))"
    r"|(?<![\w-])[XNxn]\s?%|£\s?[Xx]+\b|\b[xX]{2}(?:st|nd|rd|th)\b|(?<![\w.])[NX](?=\s+(?:new\s+)?(?:complaints?|cases|people|answers|families|compliments)\b)|\bDRAFT\b"
    r"|(?<![\w-])NN(?![\w-])|\b20(?:XX|xx|__)(?!\w)|\b(?:Appendix|Annex|Table|Chart|Section)\s+X(?!\w)|\bA\.?\s?N\.?\s?Other\b|£\s?_+|%%|\b(?:TO[ -]DO|To-do)(?=\s*[:.])"
    r"|\b(?:T\.?B\.?[CDA]|tb[cd]|t\.b\.[cda])\b\.?|(?:\b(?:was|is|were|are|of|to|by|at|about|nearly|over|under)\s+|[\u2013\u2014]\s?)%|\{[^{}]{1,40}\}|\[[^\]]*(?:\bto\s+(?:confirm|check|add|follow|supply|come)|\bhere|\?)\s*\](?!\()|(?i:\bto\s+be\s+(?:confirmed|completed|added|inserted|advised)\b|\btodo\b|\bfixme\b|\blorem\b|\bipsum\b|\bplaceholder\b"
    r"|\[\s*(?:insert|add|amount|source|citation|name|number|date|figure|x+|tb[cd]|\.{2,}|\u2026|check|your|council|update|to\b)[^\]]*\]|\[\s*\]|<\s*(?:insert|add|name|number)[^>]*>"
    r"|\b(?:insert|add)\s+(?:the\s+|a\s+)?(?:figure|number|name|date|text|chart|table|quote)\s+(?:here|to\s+go)\b|\bplease\s+insert\s+(?:the\s+)?(?:figure|number|name|date|text|chart|table|quote)|\bdd/mm/yy(?:yy)?\b"
    r"|\b(?:figures?|numbers?|data|totals?)\s+(?:is|are)\s+(?:awaited|outstanding|not\s+yet\s+(?:available|known|in))\b"
    r"|(?:(?<=\.\s)|^)\W*(?:the\s+)?(?:(?:figures?|numbers?|wording|text|sentence|section|data|details|charts?|tables?|paragraph|names?|dates?|quotes?)\s+)?to\s+(?:be\s+[a-z]+(?:ed|ten)|follow|come)\s*(?=[.)]|$)"
    r"|(?<!the\s)(?<!a\s)\b(?:name|quote)\s+here\b|\bto\s+go\s+here\b|\b(?:your\s+)?text\s+goes\s+here\b|\byour\s+text\s+here\b|\(\s*(?:insert|source|check|citation)\s*\??\s*\)|(?:(?<=\.\s)|^)(?:check\s+(?:this|with)|awaiting\s+\w)"
    r"|(?:(?<=\.\s)|^)(?:paragraph|section|text|chart|table|quote|sentence)s?\s+(?:\w+\s+){0,4}to\s+be\s+(?:written|drafted|supplied|provided|agreed|rewritten|updated)\b|(?:(?<=\.\s)|^)draft\s+text\b|(?:(?<=\.\s)|^)NB:?\s+(?:check|ask|confirm)\b"
    r"|\binsert\s+(?:figure|number|name|date|text|here|table|chart)\b|\b(?:figures?|text|data|details)\s+to\s+follow\b|#(?:REF|N/A|VALUE|DIV/0|NAME)[!?]?"
    r"|error!\s*(?:reference|bookmark))|(?<=\s)(?:\u2026|\.{3})(?=\s+(?:complaints?|cases|people|per\s?cent|%))|\?{2,}|_{3,}|\u2026{2,}|\.{4,}|(?<!\d)#{2,}(?!\w)"
)
_ADDRESS = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE
)
_MAIL = re.compile(r"mailto:[\w.+'-]+@(?:[a-z0-9-]+\.)+[a-z]{2,}(?:\?\S*)?", re.IGNORECASE)
_TYPED = re.compile(r"\b(?:https?:?/{0,2}|ht+ps?:|www[.,])[^\s)>\]]+", re.IGNORECASE)
_NO_LINK = re.compile(r"\][(][^)]*\)?")
_SYLLABLES = re.compile(r"[aeiouy]+")
_LETTERS = re.compile(r"[A-Za-z]+(?:['\u2019-][A-Za-z]+)*")
HARDEST = 15
"""The reading age, in years, above which a section is told of."""
_FEWEST_WORDS = 100


def note_unfinished(passage: Passage, findings: Findings) -> None:
    """Note what stands where words or a number were to come."""
    for match in _UNFINISHED.finditer(passage.text):
        if not passage.is_bound(*match.span()):
            findings.note(
                passage.line_at(match.start()),
                "unfinished",
                match[0],
                "stands where words or a number were to come",
                "write them, or take the sentence out",
            )


def note_links(passage: Passage, pages: Mapping[str, Iterable[str]], own: str, findings: Findings) -> None:
    """Note links of a passage that lead nowhere.

    Args:
        passage: with its links.
        pages: the places on each page of the report, by the page's word; the first page has the word ''.
        own: the word of the page on which the passage stands.
        findings: where they are noted.
    """
    for place, href in passage.links:
        if problem := _problem_of(href, pages, own):
            findings.note(
                passage.line_at(place), "link", href, problem, "mend the address, or take the link out"
            )
    for match in _NO_LINK.finditer(passage.text):
        findings.note(
            passage.line_at(match.start()),
            "link",
            match[0],
            "is no link as it stands: an address has no space in it",
            "mend the address",
        )
    for match in _TYPED.finditer(passage.text):
        typed = match[0].rstrip(".,;:'\u2019\u201d")
        address = typed if typed.lower().startswith("http") else f"https://{typed}"
        if not _ADDRESS.fullmatch(address) and MARK not in typed:
            findings.note(
                passage.line_at(match.start()),
                "link",
                typed,
                "is no web address that can be followed",
                "mend the address",
            )


def _problem_of(href: str, pages: Mapping[str, Iterable[str]], own: str) -> str:
    if href.lower().startswith("mailto:"):
        return "" if _MAIL.fullmatch(href) else "is no e-mail address"
    if re.match(r"https?:", href, re.IGNORECASE):
        return "" if _ADDRESS.fullmatch(href) else "is no web address that can be followed"
    path, mark, place = href.partition("#")
    page = path.strip("./") if path else own
    if page.split("/")[0] not in pages:
        return f"leads to the page `{page}`, which the report has not"
    if mark and place not in set(pages[page.split("/")[0]]):
        return f"leads to the place `#{place}`, which that page has not"
    return ""


def reading_age(passages: Iterable[Passage]) -> float | None:
    """Return the reading age of words by Flesch and Kincaid, in years; None where there are too few to say.

    Kincaid, Fishburne, Rogers and Chissom (1975): grade = 0.39 words per sentence + 11.8 syllables per word - 15.59. A pupil of
    the first grade is about six years old.
    """
    sentences = words = syllables = 0
    for passage in passages:
        if passage.kind not in ("paragraph", "item"):
            continue
        for sentence in passage.sentences():
            said = _LETTERS.findall(sentence.text)
            if said:
                sentences += 1
                words += len(said) + sentence.text.count(MARK)
                syllables += sum(map(_syllables_of, said)) + sentence.text.count(MARK)
    if words < _FEWEST_WORDS:
        return None
    return 0.39 * words / sentences + 11.8 * syllables / words - 15.59 + 5


def _syllables_of(word: str) -> int:
    word = word.lower()
    count = len(_SYLLABLES.findall(word))
    is_silent = (
        word.endswith("e")
        and not word.endswith(("le", "ee"))
        or word.endswith("ed")
        and word[-3:-2] not in "td"
    )
    return max(1, count - (1 if is_silent else 0))
