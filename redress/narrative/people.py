"""People in words: names, contact details, references, and children who can be told by their age and school.

The look of contact details, references and initials is that of `redress.intake.quotes`, through which quotes go too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator

from redress.intake.quotes import PATTERNS, RULES, is_nhs_number
from redress.narrative.finding import Findings
from redress.narrative.names import names
from redress.narrative.numbers import SPELT
from redress.narrative.passages import MARK, Passage, Sentence

_BY_LOOK = ("email", "telephone", "postcode")
_TITLE = re.compile(
    r"\b(?:HHJ|Judge|Mrs?|Ms|Miss|Mx|Dr|Prof|Professor|Cllr|Councillor|Rev|Reverend|Dame|Sir|Lady|Lord|Pastor|Imam|Rabbi|Sgt|Sergeant|Nurse|Master|Sister|Father|Aunt(?:ie|y)?|Uncle|Nan|Nana|Gran|Granny|Grandad)\b\.?\s+"
    r"(?P<name>[A-Z][\w'\u2019-]*\.?)|\b(?:mrs?|ms)\.?\s+(?P<small>[a-z][\w'\u2019-]+)"
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
_NAMED_SCHOOL = r"(?:(?!(?:The|Virtual|Our|Each)\b)[A-Z][\w'\u2019.-]+\s+){1,4}?(?:Primary|Infants?|Junior|High|Grammar|School|Academy|College|Nursery)\b"
_PUPIL = r"(?:pupil|child|boy|girl|student|son|daughter|brother|sister|young\s+person)"
_OF_A_SCHOOL = re.compile(
    rf"\b(?:[Aa]n?|[Oo]ne|[Hh]er|[Hh]is|[Tt]heir|[Tt]his|[Tt]he)\s+(?:[\w-]+\s+){{0,3}}?{_PUPIL}\s+(?:\w+\s+){{0,2}}?(?:at|of|from|in|attends?|attending)\s+{_NAMED_SCHOOL}"
    rf"|\b(?:[Hh]e|[Ss]he)\s+(?:attends?|attended|goes\s+to|went\s+to|is\s+at|was\s+at)\s+{_NAMED_SCHOOL}"
)
_OF_A_CLASS = re.compile(
    rf"\b(?:an?|one|her|his|their|this|the)\s+(?:Year\s+(?:\d{{1,2}}|{SPELT})|Y\d{{1,2}}|reception)\s+{_PUPIL}\b(?!\s+(?:plans?|place))",
    re.IGNORECASE,
)
_AGED = re.compile(
    rf"\b(?!(?:Children|People|Teenagers|Young|Pupils|Adults|Leavers|Anyone|Everyone|Those)\b)(?P<name>[A-Z][a-z][\w'\u2019-]*)\s*[,(]\s*(?:aged?\s+)?(?:\d{{1,2}}|{SPELT})(?=\s*[,)])"
)
_BORN = re.compile(
    rf"\b(?:her|his)\s+(?:\w+th|first|second|third|\d{{1,2}}(?:st|nd|rd|th))\s+birthday\b|\b(?:he|she)\s+(?:will\s+be|turned|turns)\s+(?:only\s+|just\s+)?(?:\d{{1,2}}\b|{SPELT})"
    r"(?!\s*(?:%|per\s?cent|days|weeks|months|working|to\b|and\b|or\b))",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"\b(?:live[sd]?|living|home|house|flat)\s+(?:in|on|at)\s+(?:[A-Z][\w'\u2019-]+\s+){1,3}(?:Avenue|Road|Street|Lane|Close|Drive|Crescent|Court|Place|Gardens|Grove|Terrace)\b"
)
_MAIL_IN_WORDS = re.compile(
    r"\b(?!www\b)[\w+-]*[\w+-][._][\w.+-]+\s*(?:@|\(at\)|\[at\]|\bat\b)\s*(?!www\b)[\w-]+(?:\s*(?:\.|[\[(]dot[\])]|\bdot\b)\s*[\w-]+)+"
    r"|\b[\w.+-]+(?:\s+dot\s+[\w-]+)*\s+at\s+[\w-]+(?:\s+dot\s+[\w-]+)+\b",
    re.IGNORECASE,
)
_KIN = r"(?:mother|father|mum|dad|brother|sister|son|daughter|nan|gran|grandmother|grandfather|grandparents?|aunt|uncle|parents|foster\s+carers?|social\s+worker|stepfather|stepmother)"
_NOBODY = (
    r"(?:[Cc]hild(?:ren)?|[Pp]arents?|[Mm]other|[Ff]ather|[Mm]um|[Dd]ad|[Bb]aby|[Ff]amil(?:y|ies)|[Pp]erson|[Pp]eople|(?:[Ss]ome|[Ee]very|[Aa]ny|[Nn]o)(?:one|body)"
    r"|[Oo]ne|[Ii]t|[Tt]oday|[Yy]esterday|[Cc]arer|[Ww]orker|[Bb]oy|[Gg]irl|[Pp]upil|[Cc]omplainant|[Aa]dvocate|[Oo]ther|[Oo]thers|[Tt]hey|[Ww]e|[Ww]ho|[Aa]nother|[Ee]ach|[Nn]either)"
)
_OF_SOMEBODY = re.compile(
    rf"\b(?!{_NOBODY}\b)(?P<name>[A-Z][\w-]+)['\u2019]s\s+(?:{_KIN}\b(?!['\u2019])|(?:complaint|placement)\s+(?:was|is|had)\b)"
)
_KIN_NAMED = re.compile(
    rf"\b(?:{_KIN}|[Bb]aby|boy|girl|(?:boy|girl|child|young\s+person|teenager|worker|mother|father)\s+(?:named|called)|[Ss]ocial\s+worker)\s+"
    r"(?P<name>(?!(?:Box|Clinic|Group|Week|Bank|Club|Massage|Steps|Friendly)\b)[A-Z][a-z][\w'\u2019-]+)\b"
)
_BETWEEN_COMMAS = re.compile(
    r"\b(?:child|boy|girl|mother|father|mum|dad|son|daughter|brother|sister|baby|teenager|carer|complainant|pupil|social\s+worker),\s+(?P<name>[A-Z][a-z][\w'\u2019-]+),"
)
_SAID = re.compile(
    rf"(?:^|(?<=[.!?]\s))(?!{_NOBODY}\b)(?P<name>[A-Z][a-z\u00c0-\u024f][\w'\u2019-]+(?:\s+[A-Z][\w'\u2019-]+)?)\s+(?:\w+ly\s+)?(?:told\s+us|said|felt|thought|rang|wrote|asked|was\s+sad)\s+(?:us\s+)?(?:that\s+)?(?:he|she|his|her)\b"
)
_THANKED = re.compile(
    r"\b(?:[Tt]hank(?:s|ed|ful)?|grateful)\s+(?:you\s+)?(?:go\s+|are\s+due\s+)?(?:to\s+)?(?P<name>[A-Z\u00c0-\u024f][\w'\u2019-]+(?:\s+[A-Z\u00c0-\u024f][\w'\u2019-]+){0,3})\s*,?\s+(?:for|who)\s+(?:all\s+)?(?:(?:her|his)\b|\w+\s+(?:her|his)\b)"
)
_SIGNED = re.compile(
    r"\b(?:[Ss]igned|[Aa]uthor|[Dd]irector|[Mm]anager|[Oo]fficer|[Cc]hair|[Cc]ontact|[Ww]ritten\s+by|[Pp]repared\s+by)\s*(?::|\bby\b)\s*"
    r"(?P<name>(?:[A-Z]\.?\s+)?[A-Z][a-z\u00c0-\u024f][\w'\u2019-]+(?:\s+[A-Z][a-z][\w'\u2019-]+)?)(?=\s*(?:[.,;(]|$))"
)
_JOB = re.compile(
    r"(?:^|(?<=[.!?;,]\s))(?P<name>[A-Z][a-z\u00c0-\u024f][\w'\u2019-]+\s+[A-Z][a-z\u00c0-\u024f][\w'\u2019-]+)\s*[(,]\s*(?:our\s+|the\s+|a\s+|team\s+)?(?:manager|officer|social\s+worker|director|advocate|mother|father|carer|investigator)\b"
)
_INITIAL_BEFORE = re.compile(
    r"(?<!\bPlan\s)(?<!\bPart\s)(?<!\bSection\s)(?<!\bAppendix\s)(?<!\bAnnex\s)(?<!\bTable\s)(?<!\bGroup\s)(?<!\bForm\s)\b(?P<name>(?:[A-Z]\.\s?|[B-HJ-Z]\s)(?:[A-Z]\.\s?)?(?P<family>[A-Z][a-z][\w'\u2019-]+))"
)
_BY_WORDS = (
    (_OF_SOMEBODY, "tells whose relative or complaint this is"),
    (_KIN_NAMED, "looks like somebody's name"),
    (_BETWEEN_COMMAS, "looks like somebody's name"),
    (_SAID, "looks like somebody's name"),
    (_THANKED, "looks like somebody's name"),
    (_SIGNED, "looks like somebody's name"),
    (_JOB, "looks like somebody's name"),
    (_AGED, "tells the age of one child"),
)
"""What stands around a name that no list holds."""
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
_ONE_FAMILY = re.compile(
    r"\b[Tt]he\s+(?P<name>[A-Z][a-z][\w'\u2019-]+)\s+(?:family|household|children|siblings|brothers|sisters)\b(?!\s+(?:hub|centre|support|home|service)s?\b)"
)
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
            if _bare(match["name"] or match["small"]) not in self._own | names("body"):
                yield *match.span(), "is a title before a name"
        for match in _INITIALS.finditer(text):
            yield *match.span(), "looks like somebody's initials"
        for pattern, what in (
            (_BIRTH, "tells of a birth"),
            (_BORN, "tells of a birth"),
            (_ADDRESS, "looks like somebody's address"),
            (_OF_A_SCHOOL, "tells of one child at a school"),
            (_OF_A_CLASS, "tells of one child by the school year"),
        ):
            for match in pattern.finditer(text):
                yield *match.span(), what
        for match in _MAIL_IN_WORDS.finditer(text):
            if "@" not in match[0] or " " in match[0]:
                yield *match.span(), f"looks like {RULES['email']}"
        yield from self._by_words(text)
        yield from self._children(text)
        yield from self._names(text)

    def _by_words(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield what the words around it make somebody's name, whatever the name is."""
        for pattern, what in _BY_WORDS:
            for match in pattern.finditer(text):
                if self._is_anybodys(match["name"], text[match.end("name") :]):
                    yield *match.span(), what
        for match in _ONE_FAMILY.finditer(text):
            if self._is_anybodys(match["name"], text[match.end() :]):
                yield *match.span(), "names a family"
        for match in _INITIAL_BEFORE.finditer(text):
            if _bare(match["family"]) in names("family") - names("body") and self._is_anybodys(
                match["family"], text[match.end() :]
            ):
                yield *match.span(), "looks like somebody's name"

    def _is_anybodys(self, name: str, after: str) -> bool:
        """Return whether words with capitals may be a name: none is the council's own, or of a body or place."""
        words = {_bare(word) for word in _WORD.findall(name)}
        return not (words & (self._own | names("body")) or _PLACE.match(after))

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
    """Return a word in small letters, without its possessive and its accents."""
    letters = unicodedata.normalize("NFKD", re.sub(r"['\u2019]s$", "", word))
    return (
        "".join(sign for sign in letters if not unicodedata.combining(sign)).casefold().replace("\u2019", "'")
    )


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
