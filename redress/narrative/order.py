"""Words that say of what or of whom there were most or fewest, held against the figures of its kind."""

from __future__ import annotations

import re
from collections.abc import Iterator

from redress.declared.language import base_of, is_percent
from redress.narrative.book import Book, Figure, stems, words_in
from redress.narrative.finding import Findings
from redress.narrative.literals import value_in_words
from redress.narrative.passages import Passage, Sentence

_COUNTED = (
    r"(?P<what>(?:[\w'\u2019-]+\s+){0,2}?(?:complaints?|compliments?|issues?|contacts?|enquiries|referrals?))"
)
_NUMBER = r"(?:number|share|proportion|volume)\s+of"
_MOST = rf"(?:most|the\s+most|the\s+(?:vast\s+)?majority\s+of|the\s+bulk\s+of|the\s+(?:largest|highest|greatest|biggest)\s+{_NUMBER})"
_FEWEST = rf"(?:(?:the\s+)?fewest|the\s+(?:smallest|lowest)\s+{_NUMBER})"
_OF_WHOM = r"(?P<whom>[^.,;:()\ufffc]+)"
_MADE = r"(?:(?:made|received|sent|raised|sent\s+in|classed\s+as|dealt\s+with\s+as)\s+)?"
_PATTERNS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:(?P<fewest>{_FEWEST})|{_MOST})\s+{_COUNTED}\s+(?:\w+ly\s+)?(?:came|were|was|arrived|concerned|related)\s+"
        rf"{_MADE}(?:(?:in\s+)?(?:by|from|about|through|via|to|with|under)\s+)?{_OF_WHOM}",
        rf"(?:^|(?<=[.,;:]\s)|(?<=\band\s)){_OF_WHOM}\s+(?:had|has|received|got|saw|attracted|made|drew|gave|sent)\s+(?:(?P<fewest>{_FEWEST})|{_MOST})\s+{_COUNTED}\b",
        rf"\bthe\s+(?:most|(?P<fewest>least))\s+(?:common|frequent|used|popular)\s+(?:theme|reason|category|channel|way|method|route)"
        rf"(?:\s+(?:to\s+complain|of\s+complaining|of\s+complaints|for\s+complaints))?\s+was\s+(?:by\s+)?{_OF_WHOM}",
        rf"(?:^|(?<=[.,;:]\s)){_OF_WHOM}\s+(?:was|were)\s+the\s+(?:most|(?P<fewest>least))\s+(?:common|frequent|used|popular)\s+"
        r"(?:theme|reason|category|channel|way|method|route)\b",
    )
]
_THAN = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?P<way>more|fewer|less)\s+{_COUNTED}\s+(?:came|were|was|arrived|concerned)\s+{_MADE}(?:(?:by|from|about|through|via)\s+)?"
        rf"{_OF_WHOM}\s+than\s+(?:(?:by|from|about|through|via)\s+)?(?P<other>[^.,;:()\ufffc]+)",
        rf"(?:^|(?<=[.,;:]\s)){_OF_WHOM}\s+(?:had|received|got|saw|made|drew|gave|sent)\s+(?P<way>more|fewer|less)\s+{_COUNTED}\s+than\s+"
        r"(?P<other>[^.,;:()\ufffc]+)",
        r"\bthere\s+were\s+(?P<way>more|fewer|less)\s+(?P<whom>[\w-]+)\s+than\s+(?P<other>[\w-]+)\s+(?P<what>complaints|compliments|issues)\b",
        r"(?:^|(?<=[.,;:]\s))(?P<whom>[\w-]+)\s+(?P<what>complaints|compliments|issues)\s+were\s+(?P<way>more|fewer)\s+than\s+(?P<other>[\w-]+)\s+"
        r"(?:complaints|compliments|issues)\b",
    )
]
_END = re.compile(
    r"\s+(?:again|this\s+year|in\s+the\s+year|as|which|who|that|but|with|than|so|because|for|where|when|once|too)\b.*$",
    re.IGNORECASE | re.DOTALL,
)
_FILLING = words_in("service servic team rais receiv")
_SAME = {
    "men": "male",
    "man": "male",
    "women": "female",
    "woman": "female",
    "phone": "telephone",
    "post": "letter",
    "people": "person",
}
_UNKNOWN = words_in("not_known not_stated unknown")


def note_order(passage: Passage, book: Book, findings: Findings) -> None:
    """Note every claim of most, fewest, or more than another that the figures that are shown contradict."""
    for sentence in passage.sentences():
        _note_pairs(sentence, book, findings)
        for match in _claims(sentence):
            is_fewest = bool(match["fewest"])
            judged = [
                (figure, beyond)
                for figure in _named(match, book)
                for beyond in [_beyond(figure, is_fewest, book)]
            ]
            if judged and all(beyond for _, beyond in judged):
                figure, beyond = judged[0]
                assert beyond is not None
                _note(sentence, match, figure, beyond, is_fewest, book, findings)


def _claims(sentence: Sentence) -> Iterator[re.Match[str]]:
    for pattern in _PATTERNS:
        yield from pattern.finditer(sentence.text)


def _named(match: re.Match[str], book: Book) -> list[Figure]:
    """Return the figures of this year with one key whose value a claim names, and which count what it speaks of."""
    what = _words(match["what"]) if "what" in match.re.groupindex else _words("complaints")
    return _figures_of(_words(_END.sub("", match["whom"])), what, book)


def _figures_of(whom: frozenset[str], what: frozenset[str], book: Book) -> list[Figure]:
    return [
        figure
        for figure in book
        if len(figure.keys) == 1
        and figure.period == book.year
        and figure.value is not None
        and not is_percent(figure.measure)
        and base_of(figure.measure) == figure.measure
        and _words(figure.title) == what
        and whom
        and whom in (_words(book.label(*figure.keys[0])), _words(figure.keys[0][1].replace("_", " ")))
    ]


def _note_pairs(sentence: Sentence, book: Book, findings: Findings) -> None:
    """Note every claim that one value of a key had more, or fewer, than another of the same key."""
    for match in (match for pattern in _THAN for match in pattern.finditer(sentence.text)):
        what, is_more = _words(match["what"]), match["way"].lower() == "more"
        pairs = [
            (claimed, other)
            for claimed in _figures_of(_words(match["whom"]), what, book)
            for other in _figures_of(_words(_END.sub("", match["other"])), what, book)
            if claimed.measure == other.measure and claimed.keys[0][0] == other.keys[0][0]
        ]
        wrong = [
            (claimed, other)
            for claimed, other in pairs
            if not (
                (claimed.value or 0) > (other.value or 0)
                if is_more
                else (claimed.value or 0) < (other.value or 0)
            )
        ]
        if pairs and wrong == pairs:
            claimed, other = pairs[0]
            key = claimed.keys[0][0]
            findings.note(
                sentence.line_at(match.start()),
                "order",
                match[0],
                f"{book.described(claimed)} is {value_in_words(claimed)}, and {book.described(other)} is {value_in_words(other)}",
                f'write "{"fewer" if is_more else "claimed"}", or let {{% top "{claimed.measure}" by="{key}" count=2 /%}} say it',
            )


def _words(text: str) -> frozenset[str]:
    return frozenset(_SAME.get(word, word) for word in stems(text)) - _FILLING


def _beyond(figure: Figure, is_fewest: bool, book: Book) -> Figure | None:
    """Return the figure of the same kind that has most, or fewest but some; None where the given one has."""
    [(key, value)] = figure.keys
    levels = {row["service"]: row["level"] for row in book.authority.rows.get("services", ())}
    others = [
        other
        for other in book
        if other.measure == figure.measure
        and other.period == figure.period
        and other.value
        and len(other.keys) == 1
        and other.keys[0][0] == key
        and other.keys[0][1].lower().replace(" ", "_") not in _UNKNOWN
        and (key != "service" or levels.get(other.keys[0][1]) == levels.get(value))
    ]
    if not others or figure.value is None:
        return None
    extreme = (min if is_fewest else max)(others, key=lambda other: other.value or 0)
    assert extreme.value is not None
    is_beyond = extreme.value < figure.value if is_fewest else extreme.value > figure.value
    return extreme if is_beyond else None


def _note(
    sentence: Sentence,
    match: re.Match[str],
    figure: Figure,
    beyond: Figure,
    is_fewest: bool,
    book: Book,
    findings: Findings,
) -> None:
    [(key, value)] = figure.keys
    levels = {row["service"]: row["level"] for row in book.authority.rows.get("services", ())}
    level = f' level="{levels[value]}"' if key == "service" and value in levels else ""
    whom = _END.sub("", match["whom"]).strip()
    least = ' from="smallest"' if is_fewest else ""
    findings.note(
        sentence.line_at(match.start()),
        "order",
        match[0],
        f"{book.described(figure)} is {value_in_words(figure)}, and {book.described(beyond)} is {value_in_words(beyond)}",
        f'put {{% top "{figure.measure}" by="{key}"{level} count=1{least} /%}} in the place of "{whom}"',
    )
