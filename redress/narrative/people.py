"""People in words: names, contact details, references, and children who can be told by their age and school.

The look of contact details, references and initials is that of `redress.intake.quotes`, through which quotes go too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator

from redress.intake.quotes import PATTERNS, RULES, is_nhs_number
from redress.narrative.finding import Findings
from redress.narrative.names import names
from redress.narrative.numbers import SPELT
from redress.narrative.passages import MARK, Passage, Sentence

_BY_LOOK = ("email", "telephone", "postcode")
_TITLE = re.compile(
    r"\b(?:Mrs?|Ms|Miss|Mx|Dr|Prof|Professor|Cllr|Councillor|Rev|Reverend|Dame|Sir|Lady|Lord|Master|Sister|Father|Auntie?|Uncle)\b\.?\s+"
    r"(?P<name>(?-i:[A-Z])[\w'\u2019-]*\.?)"
)
_INITIALS = re.compile(
    r"\b(?i:child|children|family|parent|mother|father|pupil|client|person|boy|girl|brother|sister|complainant|worker|officer|baby|young\s+person)\s+"
    r"(?P<name>[A-HJ-Z]|[A-Z]\.?\s?[A-Z]\.?)(?![\w'\u2019])|\b[A-Z]\.\s?[A-Z]\.(?=\s|$)"
)
_REFERENCE = re.compile(
    r"\b(?:ref(?:erence)?s?|case|complaint|record|id|file|number|no\.?)\s*(?:number|no\.?|id)?\s*[:#]?\s*(?P<word>[A-Z]{0,5}[-/]?\d[\dA-Z/-]{3,})\b"
    r"|\b[A-Z]{1,5}[-/]?\d{4,}(?:[-/]\d+)?\b|\b[A-Z]{2,5}[-/]\d{2,}[-/]\d{2,}\b|\b\d{2}\s\d{3}\s\d{3}\b|\b\d{3,}[-/]\d{3,}\b|(?<![\d,.£])\d{6,}(?![\d,])"
)
_TEN_DIGITS = re.compile(r"(?<!\d)\d{3}[\s-]?\d{3}[\s-]?\d{4}(?!\d)")
_LAW = re.compile(
    r"\bS\.?I\.?\s*(?:No\.?\s*)?\d{4}(?:/|\s+No\.?\s*)\d+|\b\d{4}/\d{2,4}\b|\b(?:19|20)\d\d-(?:19|20)?\d\d\b"
)
_AGE = re.compile(
    rf"\b(?:\d{{1,2}}|{SPELT})[\s-]years?[\s-]olds?\b|\b(?:\d{{1,2}}|{SPELT})[\s-]months?[\s-]old\b"
    rf"|\b(?:aged?|was|is|turned)\s+(?:only\s+|just\s+)?(?:\d{{1,2}}|{SPELT})(?!\s*(?:%|per\s?cent|working|days|weeks|months|complaints|to\b|and\s+\d|or\b|-))"
    rf"|\bin\s+Year\s+(?:\d{{1,2}}|{SPELT})\b",
    re.IGNORECASE,
)
_ONE_CHILD = re.compile(
    rf"\b(?:an?|the|her|his|their|one|another|this|our)\s+(?:\w+\s+){{0,2}}?(?:\d{{1,2}}|{SPELT})[\s-](?:year|month)s?[\s-]old\b(?!s)"
    rf"|\b(?:child|boy|girl|son|daughter|brother|sister|pupil|baby|teenager|young\s+person|grandson|granddaughter|he|she)\b[^.;]{{0,25}}?,?\s+aged\s+(?:\d{{1,2}}|{SPELT})\b(?!\s*(?:to|and|or|-|\u2013)\b)",
    re.IGNORECASE,
)
_SCHOOL = re.compile(
    r"\b(?:(?:[A-Z][\w'\u2019.-]+\s+)+(?:Primary|Secondary|Infants?|Junior|High|Grammar|Nursery|Special|School|Academy|College|Nursery)\b"
    r"|(?:school|academy|college|nursery|pre-?school|sixth\s+form)\b)"
)
_BIRTH = re.compile(
    r"\bd\.?o\.?b\b|\bdate\s+of\s+birth\b|\bborn\s+(?:on|in)\s+(?:\d|[A-Z])|\bbirthday\s+(?:on|is|was)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Z][\w]*(?:['\u2019-][A-Za-z]\w*)*")
_ROLE = re.compile(
    r"\b(?:social\s+workers?|managers?|officers?|mother|father|mum|dad|son|daughter|brother|sister|boy|girl|child|pupil|carers?|advocate"
    r"|grandmother|grandfather|complainant|investigator|named|called|client|young\s+person|teacher|headteacher|aunt|uncle|baby|friend"
    r")\s*,?\s+$",
    re.IGNORECASE,
)
_BESIDE = re.compile(r"\b(?:thank(?:s|ed)?|you|to|by|with|from|told|asked|and)\s+$", re.IGNORECASE)
_PLACE = re.compile(
    r"^\s+(?:House|Centre|Center|School|Academy|College|Street|Road|Lane|Unit|Trust|Hospital|Court|Lodge|Park|Hall|Hub|Team|Service|Council|Act|Law"
    r"|Rule|Review|Report|Inquiry|Foundation|Way|Avenue|Place|Square|Primary|Close|Day|Week|Award)s?\b|^['\u2019]s\s+(?:Law|Rule|Commissioner)"
)
_ARTICLE = re.compile(r"\b(?:the|an?|this|every|each)\s+$", re.IGNORECASE)
_LEFT = re.compile(r",\s+who\s+(?:ran|led|left|retired|joined|worked|has|is\s+leaving|managed)\b")
_OPENING = " \n\"'\u2018\u201c([" + MARK
_OF_FAMILY = re.compile(r"\s+(?:family|household|children|siblings|brothers|sisters)\b")
_SAINT = re.compile(r"\b(?:St|Saint)\.?\s+$")


class People:
    """Finds people in words.

    Args:
        own_words: the council's own: its name, its services, teams and vocabularies; they name nobody.
        contacts: telephone numbers, addresses and names that the council declares for its readers.
        is_known: whether a text holds a name that the council's extracts hold; nothing where they cannot be read.
    """

    def __init__(
        self,
        own_words: Collection[str],
        contacts: Collection[str] = (),
        is_known: Callable[[str], bool] = lambda text: False,
    ) -> None:
        self._own = {word.casefold() for words in own_words for word in _WORD.findall(words)}
        self._contacts = _plain(" ".join(contacts))
        self._is_known = is_known

    def note(self, passage: Passage, findings: Findings) -> None:
        """Note everything in a passage that tells of somebody."""
        for sentence in passage.sentences():
            for start, end, what in sorted(set(self._in(sentence))):
                if not sentence.is_bound(start, end):
                    findings.note(
                        sentence.line_at(start),
                        "personal",
                        sentence.text[start:end].strip(),
                        what,
                        "take it out: nobody may be told by these words",
                    )

    def _in(self, sentence: Sentence) -> Iterator[tuple[int, int, str]]:
        text = sentence.text
        for rule in _BY_LOOK:
            for match in PATTERNS[rule].finditer(text):
                whole = _whole(text, match) if rule == "email" else match.span()
                if _plain(text[slice(*whole)]) not in self._contacts:
                    yield *whole, f"looks like {RULES[rule]}"
        law = [match.span() for match in _LAW.finditer(text)]
        for match in _REFERENCE.finditer(text):
            is_law = any(start <= match.start() < end for start, end in law)
            if not is_law and _plain(match[0]) not in self._contacts:
                yield *match.span(), f"looks like {RULES['reference']}"
        for match in _TEN_DIGITS.finditer(text):
            digits = re.sub(r"\D", "", match[0])
            if is_nhs_number(digits) and _plain(match[0]) not in self._contacts:
                yield *match.span(), f"looks like {RULES['nhs_number']}"
        for match in _TITLE.finditer(text):
            if match["name"].casefold() not in self._own:
                yield *match.span(), "is a title before a name"
        for match in _INITIALS.finditer(text):
            yield *match.span(), "looks like somebody's initials"
        for match in _BIRTH.finditer(text):
            yield *match.span(), "tells of a birth"
        yield from self._children(text)
        yield from self._names(text)

    def _children(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield what tells of one child by an age, or by an age beside a school."""
        alone = {match.end() for match in _ONE_CHILD.finditer(text)}
        for match in _ONE_CHILD.finditer(text):
            yield *match.span(), "tells the age of one child"
        if _SCHOOL.search(text):
            for match in _AGE.finditer(text):
                if match.end() not in alone and not re.search(r"olds$", match[0]):
                    yield *match.span(), "tells an age beside a school"

    def _names(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield what is, or may be, somebody's name."""
        words = list(_WORD.finditer(text))
        skip = -1
        for place, match in enumerate(words):
            if match.start() < skip:
                continue
            after = words[place + 1] if place + 1 < len(words) else None
            is_joined = after is not None and text[match.end() : after.start()].isspace()
            following = after if is_joined else None
            if self._is_name(text, match, following):
                is_with_family = following is not None and not _PLACE.match(text[match.end() :])
                skip = following.end() if following is not None and is_with_family else match.end()
                yield match.start(), skip, "looks like somebody's name"

    def _is_name(self, text: str, match: re.Match[str], following: re.Match[str] | None) -> bool:
        """Return whether a word with a capital, and the one that follows it, name somebody."""
        word, family = _bare(match[0]), _bare(following[0]) if following else ""
        before, after = text[: match.start()], text[match.end() :]
        if (
            _PLACE.match(after)
            or (following and _PLACE.match(text[following.end() :]))
            or _SAINT.search(before)
        ):
            return False
        is_family = family in names("family") and family not in self._own
        if word in self._own and not is_family:
            return False
        if word in names("given"):
            return True
        is_within = bool(before.strip(_OPENING))
        if word in names("word"):
            is_alone = (
                following is None and not _ARTICLE.search(before) and word not in ("april", "may", "june")
            )
            return (is_family and family not in names("body")) or (is_within and is_alone)
        if word in names("family") and _OF_FAMILY.match(after):
            return is_within
        if not is_within or len(word) < 3 or match[0].isupper() or word in names("body"):
            return False
        if is_family and (_ROLE.search(before) or _BESIDE.search(before)):
            return True
        if _ROLE.search(before) and self._is_whole(following):
            return True
        return self._is_known(match[0]) or bool(following and _LEFT.match(text[following.end() :]))

    def _is_whole(self, following: re.Match[str] | None) -> bool:
        """Return whether a word with a capital that stands behind a role is followed by another that is no body's."""
        if following is None:
            return False
        family = _bare(following[0])
        return (
            family not in self._own and family not in names("body") and not _PLACE.match(f" {following[0]}")
        )


def _bare(word: str) -> str:
    return re.sub(r"['\u2019]s$", "", word).casefold().replace("\u2019", "'")


def _plain(text: str) -> str:
    return re.sub(r"[\s()-]", "", text).casefold()


def _whole(text: str, match: re.Match[str]) -> tuple[int, int]:
    """Return the place of the whole address around the sign that was found."""
    start, end = match.span()
    while start > 0 and re.match(r"[\w.+-]", text[start - 1]):
        start -= 1
    while end < len(text) and re.match(r"[\w.-]", text[end]):
        end += 1
    return start, start + len(text[start:end].rstrip("."))
