"""Numbers that may stand in words as they are: dates, years, stages, law, limits in days, times, ages, and idioms.

Everything else that says how many is a figure, and is bound, held or given a reason.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from redress.narrative.numbers import NUMBER, SPELT, numbers_in

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_AND = r"(?:\s*(?:,|&|/|[-\u2010-\u2013])\s*|,?\s+(?:and|or|to)\s+)"
_CLAUSE = r"\d+[A-Za-z]{0,2}(?:\.\d+)*(?:\s?\((?:\d+[A-Za-z]?|[a-z]{1,4})\))*"
_NUMBERED = (
    r"(?:(?:sub-?)?sections?|ss?\.|regulations?|regs?\.?|articles?|chapters?|schedules?|paragraphs?|paras?\.?|appendix|appendices"
    r"|annex(?:es)?|clauses?|key\s+stages?|quarters?)"
)
_LABELLED = (
    r"(?:step|part|page|rule|question|recommendation|priority|action|standard|principle|level|phase|band|tier|version|item|option"
    r"|volume|vol\.|year|grade|room|floor|no\.|day)"
)
_COUNTED = (
    r"(?:complaints?|compliments?|cases?|child(?:ren)?|people|persons?|issues?|answers?|responses?|families|enquiries"
    r"|contacts?|forms?|matters?|investigations?|decisions?|concerns?)"
)
_AGE = rf"(?:1[0-9]\b|2[0-5]\b|[5-9]\b|{SPELT})"
_WHO_REACH = r"(?:who|child|children|people|person|leavers?|they|he|she|you|until|when|anyone|everyone|and)"
_PLACE = r"(?:(?:table|figure|chart|graph|box|appendix|annex|section)\s*)?\d{1,2}(?:\.\d{1,2})*[a-z]?"
_FEW = r"(?:one|two|three|four|five|six)\b(?!-)"
_TIME = r"(?:\d{1,2}(?:[:.]\d{2})?\s?(?:am|pm|a\.m\.?|p\.m\.?|noon|midnight|o.clock)|(?:[01]?\d|2[0-3]):[0-5]\d|midday|noon|midnight)"
_THINGS = (
    r"(?:stages?|steps?|ways?|things|reasons|routes?|procedures?|process(?:es)?|laws?|acts|sets?|sections?|sorts?|kinds?"
    r"|types?|questions?|principles?|aims?|priorities|chances|sides|halves|copies|tables?|charts?|pages?|columns?|rows?|lists?"
    r"|rules?|limits?|parts?|headings?|way|off|stop|sided)"
)
_MANNER = r"(?:main|simple|different|separate|further|other|key|formal|clear|practical|common|possible|statutory|legal|equal|first|last)"

_ALLOWED = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # dates and years
        rf"\b{_DAY}(?:\s+of)?\s+{_MONTH}\b(?:,?\s+(?:19|20)\d\d)?",
        rf"\b{_DAY}{_AND}{_DAY}(?:\s+of)?\s+{_MONTH}\b",
        rf"\b{_MONTH}\s+{_DAY}\b(?:,?\s+(?:19|20)\d\d)?",
        rf"\b{_MONTH}\.?,?\s+(?:19|20)\d\d\b",
        r"\b\d{1,2}[./]\d{1,2}[./](?:\d{2}|\d{4})\b|\b\d{4}-\d{2}-\d{2}\b",
        r"(?<![\w.,£])(?:19|20)\d\d\s?(?:[-/\u2010-\u2013]|\s+to\s+)\s?(?:(?:19|20)?\d\d)(?![\w,]*\d)",
        rf"(?<![\w.,£])(?:19|20)\d\ds?(?![\w%]|[.,]\d|\s*per\s?cent|\s+(?:new\s+)?{_COUNTED}\b)",
        # numbers of headings, tables and places in a document
        rf"^\s*{_PLACE}(?:{_AND}{_PLACE})*(?:[.):]|\s+(?-i:(?=[A-Z])))",
        rf"\b(?:table|figure|chart|graph|box|case|map|diagram|appendix|annex)s?\s+\d{{1,2}}(?:\.\d{{1,2}})*[a-z]?\b(?:{_AND}\d{{1,2}}\b)*(?!\s+(?:new\s+)?{_COUNTED}\b|\s*%|,\d)",
        r"\b\d{1,2}\.\d{1,2}(?:\.\d{1,2})+\b|\(\d{1,2}\.\d{1,2}\)(?=\s*:)",
        r"\b(?:per|for\s+(?:every|each)|(?:in|of)\s+every)\s+(?:10{1,6}|10{0,2},000|hundred|thousand|ten\s+thousand)\b",
        # law, and what is numbered
        r"\bS\.?I\.?\s*(?:No\.?\s*)?\d{4}(?:/|\s+No\.?\s*)\d+|\b\d{4}\s+No\.\s*\d+|\(c\.?\s?\d+\)",
        rf"\b{_NUMBERED}\s*-?\s*{_CLAUSE}(?:{_AND}(?:{_NUMBERED}\s*)?{_CLAUSE})*",
        rf"\b{_LABELLED}\s*-?\s*{_CLAUSE}(?:{_AND}{_CLAUSE})*(?![,\d]*(?:\s+(?:new\s+)?{_COUNTED}\b|\s*(?:%|per\s?cent|working)))",
        rf"\bstages?\s*-?\s*[1-3]\b(?:{_AND}(?:stage\s*)?[1-3]\b)*",
        rf"\b(?:stages?|step|part|quarter|level|phase|tier|year)\s+{_FEW}(?:{_AND}{_FEW})*",
        # times and durations
        rf"\b{_TIME}(?:{_AND}|\s*until\s*){_TIME}|\b\d{{1,2}}(?:[:.]\d\d)?(?:{_AND}|\s+until\s+){_TIME}|\b{_TIME}",
        r"\b(?:16|18|21|25)th\s+birthdays?\b|\b24/7\b|\b365\s+days\s+(?:a|each|every)\s+year\b|\ball\s+four\s+corners\b|\bfour\s+walls\b|\b9\s*(?:to|-)\s*5\b|\b(?:five|six|seven|5|6|7)\s+days\s+a\s+week",
        rf"\b(?:{SPELT}|\d{{1,2}})\s+times\s+(?:a|an|each|every|per)\s+(?:year|month|week|day|quarter|term)\b",
        # ages of groups
        rf"\b(?:aged?|ages|turn(?:ed|s|ing)?|{_WHO_REACH}\s+reach(?:ed|es)?|the\s+age\s+of)(?:\s+(?:between|of|from))?[\s-]+"
        rf"{_AGE}(?:{_AND}{_AGE})*(?![,\d]*\s*(?:%|per\s?cent|complaints|cases|days))",
        rf"\b{_AGE}(?:{_AND}{_AGE})*\s+(?:years?\s+(?:old|of\s+age)|(?:and|or)\s+(?:over|under|older|younger))\b",
        rf"\b(?:care\s+leavers?|young\s+people|adults?|children)\s+(?:(?:up|aged|from|between)\s+)*(?:to|until|from|over|under|between)\s+"
        rf"(?:1[0-9]|2[0-5])\b(?:{_AND}(?:1[0-9]|2[0-5])\b)*(?=\s*[,.;:)]|\s*$)",
        r"(?<!\bto\s)(?<!\bby\s)(?<!\bat\s)(?<!\bof\s)(?<!just\s)(?<!well\s)(?<!from\s)\b(?:under|over)[\s-](?:5|11|16|18|21|25)s?\b(?!\s*(?:%|per\s?cent|days|complaints|cases|children))",
        rf"\b\d{{1,2}}(?:{_AND}|-\s*(?:and|to|or)\s+)\d{{1,2}}[\s-]year[\s-]olds\b|\b\d{{1,2}}[\s-]year[\s-]olds\b|\b(?:1[68]|2[15])\+",
        # addresses
        r"(?<!\d)(?:\+\s?44|0)\d{1,4}(?:[\s-]?\d){5,9}(?!\d)|\b(?:999|111|101)\b(?=\s*[.,;)]|\s+(?:if|in|or|for)\b|\s*$)",
        r"\S+@\S+|https?:\S+|\bwww\.\S+|\b[\w-]+\.(?:org|gov|co|com|net)(?:\.uk)?(?:/\S*)?",
        r"\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b",
        # how a procedure is built, and idioms
        rf"\b(?:{SPELT}|[2-9]|1[0-2])[\s-]+(?:{_MANNER}[\s-]+){{0,2}}{_THINGS}\b",
        rf"\b(?:{SPELT}|[2-9])\s+independent\s+(?:people|persons|members)\b|\bpanel\s+(?:of|has|with|is\s+made\s+up\s+of)\s+(?:{SPELT}|[2-9])\s+(?:people|persons|members)\b",
        rf"\b(?:{SPELT}|\d{{1,2}})\s+or\s+(?:more|fewer|less)\b",
        rf"\b{SPELT}\s+(?:[\w-]+\s+){{0,2}}?(?:leading|largest|biggest|top|commonest|smallest|most\s+common)\s+\w+|\b(?:leading|largest|biggest|top|first|last|next)\s+(?:{SPELT}|\d)\b(?!\s*%|\s+(?:were|was|came|had|went|led|concerned|related)\b)",
        rf"\b{SPELT}\s+\w+\s+with\s+(?:the\s+)?(?:most|fewest|least)\b",
        rf"\b{SPELT}\s+\w+\s+(?:counts?|is\s+counted|stands?|may|might|can|should|must)\b",
        rf"\b{SPELT}\s+(?:managers|officers|people|members|colleagues|workers)\s+(?:read|check|look|sign|review|agree|meet)\b",
        rf"\b(?:where|when|whenever|if|unless)\s+{SPELT}\s+\w+\s+(?!were\b|was\b|had\b|came\b)",
        r"(?-i:\bTeam)\s+\d{1,2}\b",
        r"\bzero[\s-]tolerance\b|\bone[\s-]to[\s-]one\b|\b1:1\b|\btwo[\s-]way\b|\bone\s+or\s+more\b|\bfirst\s+and\s+foremost\b",
    )
]
_LENGTH = (
    rf"(?P<numbers>{NUMBER}(?:(?:{_AND}|,?\s+(?:and|or)\s+within\s+|,?\s*\(or\s+|\s+or\s+up\s+to\s+){NUMBER})*)\)?[\s-]+"
    r"(?:(?:more|further|extra|additional|full|clear)\s+)?"
)
_DAYS = re.compile(rf"{_LENGTH}(?:(?:working|calendar|school|clear|business)[\s-]+)?days?\b", re.IGNORECASE)
_FURTHER = re.compile(
    rf"\b(?:or|and|then|to|but|at\s+most|(?:longer|more|less|fewer)\s+than|beyond|over|after|within|in|needs?|takes?|(?:a\s+)?further|another)\s+"
    rf"(?:up\s+to\s+|within\s+|the\s+|a\s+further\s+|in\s+)*(?P<numbers>{NUMBER})"
    rf"(?=\s*[,.;:)]|\s+(?:if|where|when|for|in|with|at|unless|that|which|and|or)\b|\s*$)",
    re.IGNORECASE,
)
_LONG = re.compile(
    rf"{_LENGTH}(?:hours?|minutes?|weeks?|months?|years?\b(?![\s-]olds?\b|\s+of\s+age))\b", re.IGNORECASE
)
_MEASURED = re.compile(
    r"\b(?:average[ds]?|averaging|mean|median|middle|(?<!at\sthe\s)longest|shortest|slowest|quickest|fastest|typically|took)\b",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"\b(?:within|due|limits?|targets?|standards?|timescales?|deadlines?|beyond|over|up\s+to|at\s+most|no\s+more|after|longer"
    r"|extend(?:ed|s)?|than|closer\s+to|nearer\s+to|towards)\b[^.;]{0,25}$",
    re.IGNORECASE,
)


_IN_TITLES = re.compile(
    rf"\b{SPELT}\s+(?:\w+\s+)?(?:services|teams|areas|localities|themes|categories|years|quarters|months|councils|groups|places)\b",
    re.IGNORECASE,
)


def allowed_in(sentence: str, limits: Collection[int], is_title: bool = False) -> Iterator[tuple[int, int]]:
    """Yield the stretches of a sentence in which numbers may stand as they are.

    Args:
        sentence: the words.
        limits: the days that law or the council sets for an answer.
        is_title: whether it is the title of a table, which says how many rows or columns there are, and can hold no tag.
    """
    for pattern in (*_ALLOWED, *([_IN_TITLES] if is_title else [])):
        for match in pattern.finditer(sentence):
            yield match.span()
    is_measured = bool(_MEASURED.search(sentence))
    for pattern, values in ((_DAYS, limits), (_LONG, None)):
        for match in pattern.finditer(sentence):
            is_limit = not is_measured or bool(_LIMIT.search(sentence[: match.start()]))
            said = [number.value for number in numbers_in(match["numbers"])]
            if is_limit and (values is None or all(value in values for value in said)):
                yield match.span()


def further_limits(sentence: str, start: int, limits: Collection[int]) -> Iterator[tuple[int, int]]:
    """Yield the limits that follow one without saying "days" again: "within 10 working days, or 20 where it is complex"."""
    for match in _FURTHER.finditer(sentence, start):
        if all(number.value in limits for number in numbers_in(match["numbers"])):
            yield match.span("numbers")


def first_days(sentence: str) -> int | None:
    """Return where a sentence has first told a number of days; None where it tells none."""
    match = _DAYS.search(sentence) if "day" in sentence else None
    return match.end() if match else None


_STRONG = (
    r"(?:complaints?|compliments?|cases?|child(?:ren)?|young\s+(?:person|people)|famil(?:y|ies)|complainants?|issues?"
    r"|investigations?|decisions?|enquir(?:y|ies)|referrals?|escalations?|siblings?|care\s+leavers?)"
)
_WEAK = (
    r"(?:person|people|parents?|mothers?|fathers?|grandparents?|siblings?|carers?|answers?|responses?|letters?|requests?|matters?|actions?|forms?|contacts?|panels?|reviews?"
    r"|payments?|remed(?:y|ies)|findings?|concerns?|points?)"
)
_HAPPENED = r"(?:was|were|had|came|took|led|went|got|remained|resulted|stayed|did|made|said|told|asked|complained|received|concerned|related|involved|arose|reached)"
_ONE = re.compile(
    rf"^one\s+(?:[a-z][\w-]*\s+){{0,2}}?{_STRONG}\b(?!\s+(?:forms?|procedures?|process|teams?|officers?|leaflets?|system|line|page)\b)(?!\s+(?:\w+\s+){{0,2}}(?:may|can|could|might|should|must|will|counts?|stands?|is\s+counted)\b)"
    rf"|^one\s+(?:[a-z][\w-]*\s+){{0,2}}?{_WEAK}\b(?=\s+(?:\w+\s+){{0,3}}{_HAPPENED}\b)"
    rf"|^one\s+of\s+(?:these|those|them|which|whom)\b|^one\s+of\s+(?:the|our|all)\s+(?:[\w-]+\s+){{0,2}}?(?:{_STRONG}|{_WEAK})\b"
    rf"|^one\s+{_HAPPENED}\b",
    re.IGNORECASE,
)
_ONLY = re.compile(r"\b(?:only|just)\s+$", re.IGNORECASE)
_DID = re.compile(rf"one\s+(?:{_HAPPENED}|\w+ed|of)\b", re.IGNORECASE)
_ALONE = re.compile(r"one\s*(?:[,;)]|\.?\s*$)", re.IGNORECASE)
_AFTER_COUNT = re.compile(r"\b(?:and|or|only|just|but|by|was|were|to|of)\s+$", re.IGNORECASE)
_NOT_ONE = re.compile(
    r"(?:\b(?:no|any|every|each|some|another|this|that|the|which|a\s+\w+|more\s+than|than|as|at|new|same|right|wrong|good|without|with|such|for|make|made|have|had|get|only\s+the)\s+)$",
    re.IGNORECASE,
)


def is_counting_one(sentence: str, start: int) -> bool:
    """Return whether the word `one` at a place counts something, and does not stand for a thing or for anybody."""
    if _ALONE.match(sentence[start:]):
        return bool(_AFTER_COUNT.search(sentence[:start]))
    if _ONLY.search(sentence[:start]) and _DID.match(sentence[start:]):
        return True
    return bool(_ONE.match(sentence[start:])) and not _NOT_ONE.search(sentence[:start])


def days_of_limits(limits: Iterable[tuple[int, int | None]]) -> frozenset[int]:
    """Return the days that may stand in words for limits: each first and longest limit, and by how much it is longer."""
    days: set[int] = set()
    for first, longest in limits:
        days |= {first} if longest is None else {first, longest, longest - first}
    return frozenset(days)
