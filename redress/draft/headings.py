"""How councils call the contract's columns, and how near a heading comes to one of these names (`headings.csv`).

Two phrases are compared word by word, misspelt words included. A word that says little (date, case, type) weighs little,
so that "Date received" is near to "Received" and far from "Date closed".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from rapidfuzz.distance import DamerauLevenshtein

from redress.base.tables import read_csv

_LIGHT = dict.fromkeys(
    [
        "date",
        "day",
        "on",
        "time",
        "of",
        "complaint",
        "complaints",
        "case",
        "cases",
        "type",
        "number",
        "name",
        "details",
        "the",
        "for",
        "is",
        "was",
        "by",
        "number",
        "no",
    ],
    0.35,
)
_DROPPED = frozenset(
    [
        "the",
        "a",
        "an",
        "please",
        "and",
        "to",
        "your",
        "was",
        "were",
        "is",
        "are",
        "did",
        "do",
        "what",
        "which",
        "field",
        "value",
        "text",
        "col",
        "column",
        "lookup",
        "cf",
        "x0020",
    ]
)
_SAME = {
    "dt": "date",
    "dates": "date",
    "recd": "received",
    "rec": "received",
    "rcvd": "received",
    "receipt": "received",
    "ack": "acknowledged",
    "ackd": "acknowledged",
    "acknowledgement": "acknowledged",
    "acknowledgment": "acknowledged",
    "refs": "reference",
    "ref": "reference",
    "no": "number",
    "num": "number",
    "nr": "number",
    "nbr": "number",
    "identifier": "id",
    "cat": "category",
    "subcat": "subcategory",
    "resp": "response",
    "responses": "response",
    "svc": "service",
    "serv": "service",
    "services": "service",
    "teams": "team",
    "dept": "department",
    "desc": "description",
    "compl": "complaint",
    "cmplt": "complaint",
    "complaints": "complaint",
    "compliments": "compliment",
    "closure": "closed",
    "close": "closed",
    "completion": "completed",
    "targetdate": "target",
    "lgo": "ombudsman",
    "lgsco": "ombudsman",
    "ombudsmans": "ombudsman",
    "enq": "enquiry",
    "inv": "investigator",
    "io": "investigator",
    "dob": "birth",
    "born": "birth",
    "investigating": "investigator",
    "investigation": "investigator",
    "stg": "stage",
    "raise": "raised",
    "send": "sent",
    **dict.fromkeys(["issued", "posted", "despatched", "dispatched", "mailed"], "sent"),
    **dict.fromkeys(
        ["responded", "respond", "reply", "replied", "replies", "answer", "answered", "answers"], "response"
    ),
    **dict.fromkeys(
        ["finished", "finish", "ended", "end", "completed", "complete", "concluded", "resolved", "finalised"],
        "closed",
    ),
    **dict.fromkeys(
        ["logged", "registered", "opened", "created", "recorded", "entered", "lodged", "taken"], "logged"
    ),
    **dict.fromkeys(["began", "begun", "begin", "begins", "started", "starts", "commenced"], "start"),
    **dict.fromkeys(["unit", "section", "squad"], "team"),
    **dict.fromkeys(["kind", "sort"], "type"),
    **dict.fromkeys(["step", "tier", "phase"], "stage"),
    **dict.fromkeys(["sum", "paid", "payment", "payments", "money"], "amount"),
    **dict.fromkeys(["told", "notified", "informed"], "notified"),
    **dict.fromkeys(["decided", "decisions", "determination", "ruling"], "decision"),
    **dict.fromkeys(["results", "result"], "outcome"),
    **dict.fromkeys(["extra", "additional", "longer"], "extended"),
    **dict.fromkeys(["target", "deadline", "due"], "due"),
    **dict.fromkeys(["linked", "origin", "originating", "related", "parent"], "related"),
    "relation": "relationship",
    "rel": "relationship",
    "concerned": "involved",
    "back": "returned",
    "lower": "subcategory",
    "lesson": "learning",
    "lessons": "learning",
    "area": "service",
    "topic": "subject",
}
_NUMBERED = re.compile(
    r"(?:stage|stg|st|s)\s*[-_]?\s*(?P<digit>[123])(?![0-9])|(?:stage|stg)\s+(?P<word>one|two|three)\b|(?P<nth>1st|2nd|3rd|first|second|third)\s+stage",
    re.IGNORECASE,
)
_WORDED = {
    1: re.compile(r"\b(?:1st|first|initial|local\s+resolution)\b", re.IGNORECASE),
    2: re.compile(r"\b(?:2nd|second|escalated|escalation|investigation|review)\b", re.IGNORECASE),
    3: re.compile(r"\b(?:3rd|third|(?:review\s+)?panel)\b", re.IGNORECASE),
}
"""Words by which a heading names a stage without the word; those of a later stage count before those of an earlier."""
_NTH = {"one": 1, "two": 2, "three": 3, "1st": 1, "2nd": 2, "3rd": 3, "first": 1, "second": 2, "third": 3}


@dataclass(frozen=True)
class Target:
    """A column of the contract that a table of some kind may fill, with what councils call it."""

    kind: str
    table: str
    field: str
    phrases: tuple[tuple[str, ...], ...]

    @property
    def name(self) -> str:
        """Table and column."""
        return f"{self.table}.{self.field}"


@cache
def targets() -> tuple[Target, ...]:
    """Return every column that tables may fill, in the order of the file."""
    rows = read_csv(Path(__file__).with_name("headings.csv"))
    return tuple(
        Target(
            row["kind"],
            *row["target"].split("."),
            tuple(
                dict.fromkeys([*map(tokens, row["headings"].split("|")), tokens(row["target"].split(".")[1])])
            ),
        )
        for row in rows
    )


@lru_cache(maxsize=8192)
def tokens(phrase: str) -> tuple[str, ...]:
    """Return the words of a phrase in the form in which they are compared."""
    phrase = re.sub(r"_x00[0-9a-f]{2}_", " ", phrase, flags=re.IGNORECASE)
    phrase = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", phrase)
    phrase = re.sub(r"sub[\s-]+categor", "subcategor", phrase, flags=re.IGNORECASE)
    words = re.findall(r"[a-z0-9]+", phrase.casefold().replace("'", "").replace("\u2019", ""))
    kept = [_SAME.get(word, word) for word in words if word not in _DROPPED]
    return tuple(dict.fromkeys(kept or words))


def stage_of(heading: str) -> tuple[int, str] | None:
    """Return the stage that a heading names, and the heading without it; None where it names none, or several."""
    matches = list(_NUMBERED.finditer(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)))
    if len(matches) != 1:
        return None
    match = matches[0]
    spaced = match.string
    before, after = spaced[: match.start()], spaced[match.end() :]
    if before[-1:].isalnum():
        return None
    rest = re.sub(r"^[\s:/_.\-\u2013]+|[\s:/_.\-\u2013]+$", "", f"{before} {after}")
    return int(match["digit"] or _NTH[(match["word"] or match["nth"]).casefold()]), rest


def worded_stage_of(heading: str) -> tuple[int, str] | None:
    """Return the stage that a heading names by a word alone (`1st reply`, `Escalated on`), and the heading without it."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", heading)
    for number, pattern in sorted(_WORDED.items(), reverse=True):
        match = pattern.search(spaced)
        if match is None:
            continue
        rest = " ".join((spaced[: match.start()] + " " + spaced[match.end() :]).split())
        says_nothing = all(word in _LIGHT for word in tokens(rest)) if rest else True
        if says_nothing and match[0].casefold().startswith("escalat"):
            return number, "requested"
        if says_nothing and match[0].casefold().endswith("panel"):
            return number, "panel date"
        return number, "" if says_nothing else rest
    return None


@lru_cache(maxsize=65536)
def _alike(first: str, second: str) -> bool:
    """Return whether two words are one, but for a slip in a long one."""
    if first == second:
        return True
    if min(len(first), len(second)) < 5:
        return False
    return DamerauLevenshtein.normalized_similarity(first, second) >= 0.85


def nearness(heading: tuple[str, ...], phrase: tuple[str, ...]) -> float:
    """Return how much two phrases have in common, from 0 to 1."""
    if not heading or not phrase:
        return 0.0
    if heading == phrase:
        return 1.0
    weigh = lambda words: sum(_LIGHT.get(word, 1.0) for word in words)  # noqa: E731
    common = [word for word in phrase if any(_alike(word, other) for other in heading)]
    return min(0.98, 2 * weigh(common) / (weigh(heading) + weigh(phrase)))


@lru_cache(maxsize=65536)
def heading_score(heading: str, target: Target) -> float:
    """Return how near a heading comes to a name of a column."""
    words = tokens(heading)
    best = 0.0
    for rank, phrase in enumerate(target.phrases):
        score = nearness(words, phrase)
        if score > 0:
            best = max(best, score - 0.004 * min(rank, 10))
    return best
