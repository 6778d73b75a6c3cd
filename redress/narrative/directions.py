"""Words that say which way a number moved, held against how it moved; and percentage points that are called per cent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from redress.declared.language import base_of, is_percent
from redress.narrative.book import (
    Book,
    Figure,
    keys_of_tag,
    stems,
    words_in,
    written,
    year_before,
    year_label,
)
from redress.narrative.finding import Findings
from redress.narrative.literals import value_in_words
from redress.narrative.passages import MARK, Bound, Passage, Sentence

Way = Literal["up", "down", "same", "double", "half", "treble", "highest", "lowest"]

_UP = (
    r"rose|risen|rocketed|spiked|shot\s+up|crept\s+up|edged\s+up|climbing|increased|grew|grown|climbed|jumped|surged|soared|(?:went|gone|going)\s+up|(?:was|were|is|are)\s+up(?!\s+to\b)|up\s+(?:from|on|by)"
    r"|(?:an?|the|this|sharp|small|slight|large|further|steep|welcome|marked|big|clear)\s+(?:increase|rise|growth|jump|spike|upturn)\s+(?:of|in|on|from|to)|increase\s+(?:of|from)|rise\s+(?:of|from)"
)
_DOWN = (
    r"fell|fallen|dipped|tumbled|plummeted|plunged|slumped|slid|eased|(?:came|come|crept|edged)\s+down|decreased|declined|dropped|shrank|shrunk|reduced|lessened|(?:went|gone|going)\s+down|(?:was|were|is|are)\s+down(?!\s+to\b)|down\s+(?:from|on|by)"
    r"|(?:an?|the|this|sharp|small|slight|large|further|steep|welcome|marked|big|clear)\s+(?:decrease|fall|drop|decline|reduction|dip)\s+(?:of|in|on|from|to)"
    r"|(?:decrease|fall|drop|decline|reduction)\s+(?:of|from)"
)
_BEFORE = (
    r"(?:(?:in|at|for|during|it\s+was\s+in|there\s+were\s+in|we\s+had\s+in)\s+)?(?:the\s+)?"
    r"(?:last\s+year|(?:year|twelve\s+months|12\s+months)\s+before|(?:previous|preceding|prior)\s+(?:reporting\s+)?year|before\b|(?:19|20)\d\d\b)"
)
_SAME = r"unchanged|did\s+not\s+change|has\s+not\s+changed|no\s+change(?:\s+in)?|the\s+same\s+(?:as|number|share)|(?:about|broadly|much|very)\s+(?:similar\s+to|the\s+same\s+as)\s+(?:last\s+year|the\s+year\s+before|the\s+previous\s+year)|similar\s+to\s+(?:last\s+year|the\s+year\s+before|the\s+previous\s+year)|(?:stayed|remained|stays|remains)\s+(?:about\s+|much\s+)?(?:the\s+same|level|steady|stable|flat)"
_OF_YEARS = r"(?:\s+\w+){0,2}?\s+(?:since\s+(?:19|20)\d\d|(?:in|for|of)\s+(?:the\s+)?(?:last\s+|past\s+)?(?:\w+\s+)?years\b|on\s+record|so\s+far)"
_PATTERNS: tuple[tuple[Way, str], ...] = (
    ("up", rf"(?:{_UP})\b"),
    ("down", rf"(?:{_DOWN})\b"),
    ("up", rf"(?:more|higher|greater)\s+than\s+{_BEFORE}"),
    ("down", rf"(?:fewer|less|lower|smaller)\s+than\s+{_BEFORE}"),
    ("up", rf"more\s+(?:[\w-]+\s+){{1,5}}?than\s+{_BEFORE}"),
    ("down", rf"(?:fewer|less)\s+(?:[\w-]+\s+){{1,5}}?than\s+{_BEFORE}"),
    ("up", rf"(?<={MARK}\s)(?:per\s?cent\s+)?(?:increase|rise|growth)\b"),
    ("down", rf"(?<={MARK}\s)(?:per\s?cent\s+)?(?:decrease|fall|drop|reduction|decline)\b"),
    ("up", rf"(?:was|were|is|are)\s+up\s+to\s+(?:\w+\s+)?(?={MARK})"),
    ("down", rf"(?:was|were|is|are)\s+down\s+to\s+(?:\w+\s+)?(?={MARK})"),
    (
        "up",
        r"(?:rising|growing|increasing)\s+(?:number|share)|(?:is|are|was|were)\s+(?:rising|growing|increasing)\b",
    ),
    (
        "down",
        r"(?:falling|declining|decreasing)\s+(?:number|share)|(?:is|are|was|were)\s+(?:falling|declining|decreasing)\b",
    ),
    ("up", r"(?:keeps?|kept)\s+(?:rising|growing)|continue[sd]?\s+to\s+(?:rise|grow|increase)\b"),
    (
        "down",
        r"(?:keeps?|kept)\s+(?:falling|declining)|continue[sd]?\s+to\s+(?:fall|decline|decrease|drop)\b",
    ),
    ("up", r"(?:was|were|is|are)\s+(?:slightly\s+|much\s+|a\s+little\s+)?higher\b(?!\s+than)"),
    ("down", r"(?:was|were|is|are)\s+(?:slightly\s+|much\s+|a\s+little\s+)?lower\b(?!\s+than)"),
    ("up", r"more\s+(?:[\w-]+\s+){1,4}?this\s+year\b"),
    ("down", r"(?:fewer|less)\s+(?:[\w-]+\s+){1,4}?this\s+year\b"),
    ("up", r"improved\b|got\s+better\b"),
    ("down", r"worsened\b|got\s+worse\b|deteriorated\b"),
    ("up", r"an?\s+(?:slight|small|sharp|large|further)\s+(?:rise|increase|jump|upturn)(?=\s*(?:[.,;]|$))"),
    (
        "down",
        r"an?\s+(?:slight|small|sharp|large|further)\s+(?:fall|decrease|drop|dip|decline|reduction)(?=\s*(?:[.,;]|$))",
    ),
    ("up", r"which\s+(?:is|was)\s+(?:more|higher)(?=\s*(?:[.,;]|$))"),
    ("down", r"which\s+(?:is|was)\s+(?:fewer|less|lower)(?=\s*(?:[.,;]|$))"),
    ("highest", r"(?:is|are|was|were)\s+at\s+(?:its|their)\s+highest\b"),
    ("lowest", r"(?:is|are|was|were)\s+at\s+(?:its|their)\s+lowest\b"),
    ("highest", r"record\s+high\b"),
    ("lowest", r"record\s+low\b"),
    ("same", rf"(?:{_SAME})\b"),
    ("double", r"doubled|twice\s+(?:as\s+many|the\s+number)|a\s+doubling"),
    ("treble", r"trebled|tripled"),
    ("half", r"halved|half\s+as\s+many"),
    ("highest", rf"(?:highest|most|largest){_OF_YEARS}"),
    ("lowest", rf"(?:lowest|fewest|smallest){_OF_YEARS}"),
)
_WORDS = tuple((way, re.compile(rf"\b(?:{pattern})", re.IGNORECASE)) for way, pattern in _PATTERNS)
_NEGATED = re.compile(
    r"(?:\b(?:not|never|no|without|neither|nor|if|whether|whenever|may|might|could|would|should|will|must|can|hope|hopes|want|wants|like|aim|aims|wish|expect)\b|n['\u2019]t\b)(?:\s+\w+){0,2}\s*$",
    re.IGNORECASE,
)
_BREAK = re.compile(
    r";|,\s+and\b(?!\s+(?:was|were|is|are|has|have|had|so|then|rose|fell|stayed|remained|increased|decreased|went)\b)"
    r"|\b(?:while|whereas|but|although|though|yet|because)\b"
)
_PAUSE = re.compile(r"[:()\u2013\u2014]|\s-\s")
_THAT = re.compile(r"(?<=[\w,]\s)that\s+|\b(?:as|because|since|when)\s+", re.IGNORECASE)
_AND = re.compile(r"\s+and\s+|,")
_ATTACHED = re.compile(
    rf"\s*(?:(?:\w+ly|only|just|again|further|a\s+little|this\s+year|in\s+the\s+year|overall|even)\s*,?\s*){{0,3}}(?:by|to|from|of|:|,)?\s*"
    rf"(?:about|nearly|only|just|more\s+than|almost|over|under|an?\s+further)?\s*{MARK}",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"than|this\s+year|which\s+(?:is|was)|^an?\s|^(?:up|down)\s+(?:from|on)$|similar|same|unchanged|falling|rising|growing|record|change|highest|lowest|most|fewest|largest|smallest",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"(?:more|fewer|less)\s+((?:[\w-]+\s+){1,5}?)(?:than|this\s+year)\b", re.IGNORECASE)
_IN = re.compile(r"\b(?:in|of)$", re.IGNORECASE)
_THERE_WAS = re.compile(
    r"(?:\bthere\s+(?:was|were|has\s+been|have\s+been)|\b(?:we|council|service|team|year)\s+(?:saw|had|have\s+seen|has\s+seen))(?:\s+an?)?(?:\s+\w+)?\s*$",
    re.IGNORECASE,
)
_UP_TO = re.compile(
    r"(?:(?!\b(?:is|was|were|are|has|have|had|from|to|this|since|last|in|compared|which|that|of\s+living)\b)[^.,;:()\ufffc])+",
    re.IGNORECASE,
)
_WAS_SEEN = re.compile(r"\s*(?:was|has\s+been)\s+(?:seen|noted|recorded)\b", re.IGNORECASE)
_BETTER = re.compile(r"improved|better|worse|deteriorated", re.IGNORECASE)
_REFERS = re.compile(
    r"\s*(?:that|this|it|they|these|the\s+(?:number|total|share|figure))\s*(?:is|was|are|were|has|have)?\s*",
    re.IGNORECASE,
)
_REFERRING = words_in("this it they these those which figure total number share rate")
_SYNONYMS = {
    "answer": "respons",
    "reply": "respons",
    "respond": "respons",
    "referral": "referr",
    "praise": "compliment",
    "complain": "complaint",
}
_FILLING = words_in(
    "people person volume service servic team area overall again hav been slightly sharply rais receiv made"
)
"""Words beside the name of a figure that do not say what is counted."""
_FROM_TO = re.compile(rf"\bfrom\s+{MARK}[^{MARK};.]{{0,40}}?\bto\s+{MARK}", re.IGNORECASE)
_TO_FROM = re.compile(rf"\bto\s+{MARK}[^{MARK};.]{{0,40}}?\bfrom\s+{MARK}", re.IGNORECASE)
_POINTS = re.compile(r"\s*(?:(?:percentage|per\s?cent|%)[\s-]+points?|p\.?p\.?t?s?)\b", re.IGNORECASE)
_BARE_POINTS = re.compile(r"\s*(?:points?|pts)\b", re.IGNORECASE)
_PER_CENT = re.compile(r"\s*(?:%|p\.?c\b|per\s?cent(?!age)\b)(?![\s-]+points?\b)", re.IGNORECASE)


@dataclass(frozen=True)
class _Claim:
    """A word of direction in a sentence."""

    way: Way
    start: int
    end: int
    text: str


def note_directions(passage: Passage, book: Book, findings: Findings) -> None:
    """Note every word of direction that the figure it speaks of contradicts, and units that are not the figure's."""
    before: Sentence | None = None
    for sentence in passage.sentences():
        for tag in sentence.tags:
            _note_unit(sentence, tag, book, findings)
        for claim in _claims(sentence):
            _judge(claim, sentence, before, book, findings)
        before = sentence


def _claims(sentence: Sentence) -> Iterator[_Claim]:
    """Yield what a sentence says of a movement that has happened."""
    text = sentence.text
    done: set[int] = set()
    for way, pattern in _WORDS:
        for match in pattern.finditer(text):
            if match.start() not in done and not _NEGATED.search(text[: match.start()]):
                done.add(match.start())
                yield _Claim(way, match.start(), match.end(), match[0])


def _judge(
    claim: _Claim, sentence: Sentence, before: Sentence | None, book: Book, findings: Findings
) -> None:
    pair = _pair(claim, sentence, book)
    if pair:
        then, now = pair
        if then.value is not None and now.value is not None:
            _note(claim, sentence, findings, now.value - then.value, then.value, book, now)
        return
    about = _about(claim, sentence, book) or _referred_to(claim, sentence, before)
    if about is None:
        return
    measure, keys = about
    if claim.way in ("highest", "lowest"):
        _judge_series(claim, sentence, book, findings, measure, keys)
        return
    change, now_figure = book.change(measure, keys), book.get(measure, keys, book.year)
    if change is not None and change.value is not None:
        before_value = (
            now_figure.value - change.value if now_figure and now_figure.value is not None else None
        )
        _note(claim, sentence, findings, change.value, before_value, book, change)
    elif change is not None and change.is_hidden:
        findings.note(
            sentence.line_at(claim.start),
            "direction",
            claim.text,
            f"how {book.described(change)} moved is not shown, to protect people, and so cannot be said",
            "leave it out",
        )


def _about(claim: _Claim, sentence: Sentence, book: Book) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    """Return the measure and keys of which a claim speaks: those of its tag, else those that its words name."""
    tag = _tag_of(claim, sentence)
    if tag is None:
        return _named(claim, sentence, book)
    measure, keys = base_of(str(tag.node["primary"])), keys_of_tag(tag.node)
    if keys is None:
        return None
    if tag.node["attributes"].get("period") not in (None, "", "this_year"):
        return _named(claim, sentence, book)
    text = sentence.text
    figure = book.get(measure, keys, book.year)
    title = _stems(figure.title) if figure else frozenset()
    if _BETTER.search(claim.text) and "_within_" not in measure:
        return None
    if counted := _COUNTED.match(claim.text):
        return (measure, keys) if _stems(counted[1]) & title else None
    is_attached = (
        _ATTACHED.match(text, claim.end)
        or text[: claim.start].rstrip().endswith(MARK)
        or _COMPARED.search(claim.text)
    )
    if is_attached or (tag.node["name"] == "change" and "as" not in tag.node["attributes"]):
        return measure, keys
    said = _stems(f"{_subject(claim, sentence)} {' '.join(text[claim.end :].split()[:4])}")
    return (measure, keys) if said & title or said & _REFERRING else None


def _referred_to(
    claim: _Claim, sentence: Sentence, before: Sentence | None
) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    """Return what "that", "it" or "the number" stands for: the one figure of the sentence before; None where it is not clear."""
    if before is None or sentence.tags or not _REFERS.fullmatch(_subject(claim, sentence)):
        return None
    about = set()
    for tag in before.tags:
        keys = keys_of_tag(tag.node)
        is_now = tag.node["attributes"].get("period") in (None, "", "this_year")
        if tag.node["name"] not in ("figure", "change") or keys is None or not is_now:
            return None
        about.add((base_of(str(tag.node["primary"])), keys))
    return about.pop() if len(about) == 1 else None


def _named(claim: _Claim, sentence: Sentence, book: Book) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    """Return the measure that the subject of a claim names whole and without anything beside it; None for none."""
    said = _stems(_said_of(claim, sentence)) - _REFERRING - _FILLING
    if not said:
        return None
    figures = [
        figure
        for figure in book
        if len(figure.keys) <= 1
        and figure.period == book.year
        and not (figure.keys and is_percent(figure.measure))
    ]
    fitting: dict[int, set[tuple[str, tuple[tuple[str, str], ...]]]] = {}
    for figure in figures:
        left = _left_unsaid(said, figure, book)
        if left is not None and book.change(figure.measure, figure.keys) is not None:
            fitting.setdefault(left, set()).add((figure.measure, figure.keys))
    nearest = fitting[min(fitting)] if fitting else set()
    return next(iter(nearest)) if len(nearest) == 1 else None


def _left_unsaid(said: frozenset[str], figure: Figure, book: Book) -> int | None:
    """Return how many words of a figure's key a subject leaves out; None where it does not name the figure."""
    title = _stems(figure.title) - _FILLING
    if not title or not title <= said or base_of(figure.measure) != figure.measure:
        return None
    rest = said - title
    if not figure.keys:
        return 0 if not rest else None
    [(key, value)] = figure.keys
    words = _stems(book.label(key, value)) - _FILLING
    own = words - title
    if value.lower() in rest and rest <= words | {value.lower()}:
        return 0
    if not rest or not rest <= own or 2 * len(rest) < len(own):
        return None
    return len(own - rest)


def _said_of(claim: _Claim, sentence: Sentence) -> str:
    """Return the words for what a claim says that it moved: behind "fewer" or "a fall in", else before it."""
    if counted := _COUNTED.match(claim.text):
        return counted[1]
    if _IN.search(claim.text):
        is_told = re.match(r"the\b", claim.text, re.IGNORECASE) or _THERE_WAS.search(
            sentence.text[: claim.start]
        )
        after = _UP_TO.match(sentence.text[claim.end :])
        return (
            after[0]
            if after
            and (is_told or _WAS_SEEN.match(sentence.text[claim.start + len(claim.text) + after.end() :]))
            else ""
        )
    subject = _subject(claim, sentence)
    return subject


def _subject(claim: _Claim, sentence: Sentence) -> str:
    """Return the words before a claim, back to the last pause."""
    before = sentence.text[: claim.start]
    starts = [match.end() for pattern in (_BREAK, _PAUSE, _AND, _THAT) for match in pattern.finditer(before)]
    return before[max(starts, default=0) :]


def _stems(text: str) -> frozenset[str]:
    words = stems(text) | (_REFERRING & set(text.lower().split()))
    return frozenset(_SYNONYMS.get(word, word) for word in words)


def _note(
    claim: _Claim,
    sentence: Sentence,
    findings: Findings,
    change: float,
    before: float | None,
    book: Book,
    of: Figure,
) -> None:
    """Note a claim that is wrong of a change."""
    if _holds(claim.way, change, before):
        return
    moved = "rose" if change > 0 else "fell" if change < 0 else "stayed the same"
    by = f" by {value_in_words(Figure('', '', (), '', abs(change), of.unit, '', ''))}" if change else ""
    if "point" in of.unit and change:
        by = f" by {abs(change):.1f} percentage points"
    name = base_of(of.measure)
    described = book.described(Figure("", name, of.keys, book.year, None, "", "", ""))
    findings.note(
        sentence.line_at(claim.start),
        "direction",
        claim.text,
        f"{described} {moved}{by} since {year_label(year_before(book.year))}",
        f'write "{_instead(claim, moved)}", or let {{% change "{name}"{written(of.keys)} /%}} say it',
    )


def _instead(claim: _Claim, moved: str) -> str:
    """Return the words to put in place of those of a claim."""
    if moved != "stayed the same" and "than" in claim.text:
        more = "more" if moved == "rose" else "fewer"
        return f"{more} than"
    return moved


def _holds(way: Way, change: float, before: float | None) -> bool:
    """Return whether a claim is true of a change since the number before."""
    if way == "same":
        return abs(change) < 0.5
    if way == "up":
        return change > 0
    if way == "down":
        return change < 0
    if not before:
        return (change > 0) == (way != "half") and change != 0
    ratio = (before + change) / before
    low, high = {"double": (1.75, 2.7), "treble": (2.6, 3.6), "half": (0.35, 0.62)}[way]
    return low <= ratio <= high


def _judge_series(
    claim: _Claim,
    sentence: Sentence,
    book: Book,
    findings: Findings,
    measure: str,
    keys: tuple[tuple[str, str], ...],
) -> None:
    """Note a claim that this year is the highest or lowest of years of which another is higher or lower."""
    series = book.series(measure, keys)
    now = series.pop(book.year, None)
    since = re.search(r"(?:since|in)\s+((?:19|20)\d\d)", sentence.text[claim.start :])
    if now is None:
        return
    beyond = {
        year: value
        for year, value in series.items()
        if year < book.year
        and (since is None or year[:4] > since[1])
        and (value > now if claim.way == "highest" else value < now)
    }
    if beyond:
        year = max(beyond)
        findings.note(
            sentence.line_at(claim.start),
            "direction",
            claim.text.strip(),
            f"`{measure}` was {value_in_words_of(beyond[year])} in {year_label(year)} and is {value_in_words_of(now)} now",
            "leave it out, or say what the years show",
        )


def value_in_words_of(value: float) -> str:
    """Return a value without its unit, for a message."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def _pair(claim: _Claim, sentence: Sentence, book: Book) -> tuple[Figure, Figure] | None:
    """Return the figures of "from ... to ..." behind a claim; None where there is no such pair."""
    for pattern, is_turned in ((_FROM_TO, False), (_TO_FROM, True)):
        for match in pattern.finditer(sentence.text, max(0, claim.start - 2)):
            between = sentence.text[claim.end : match.start()]
            if MARK in between or _BREAK.search(between) or len(between) > 60:
                continue
            tags = [
                bound
                for bound in sentence.tags
                if match.start() <= bound.start - sentence.start < match.end()
            ]
            figures = [book.of_tag(tag.node) for tag in tags if tag.node["name"] == "figure"]
            if len(figures) == 2 and figures[0] and figures[1]:
                return (figures[1], figures[0]) if is_turned else (figures[0], figures[1])
    return None


def _tag_of(claim: _Claim, sentence: Sentence) -> Bound | None:
    """Return the tag of whose figure a claim speaks: the nearest between two pauses, else the nearest in its clause."""
    tags = [tag for tag in sentence.tags if tag.node["name"] in ("figure", "change")]
    text = sentence.text

    def distance(tag: Bound) -> int:
        place = tag.start - sentence.start
        return place - claim.end if place >= claim.end else claim.start - place

    for patterns in ((_BREAK, _PAUSE), (_BREAK,)):
        breaks = [match.start() for pattern in patterns for match in pattern.finditer(text)]
        first = max((place for place in breaks if place < claim.start), default=0)
        last = min((place for place in breaks if place >= claim.end), default=len(text))
        inside = [tag for tag in tags if first <= tag.start - sentence.start < last]
        if inside:
            return min(inside, key=distance)
    return None


def _note_unit(sentence: Sentence, tag: Bound, book: Book, findings: Findings) -> None:
    """Note a tag behind which stands a unit that is not its figure's."""
    if tag.node["name"] not in ("figure", "change"):
        return
    measure, attributes = str(tag.node["primary"]), tag.node["attributes"]
    after = sentence.text[tag.end - sentence.start :]
    is_share = is_percent(base_of(measure))
    is_points = measure.endswith("_change_points") or (tag.node["name"] == "change" and is_share)
    is_rate = measure.endswith("_change_pct") or attributes.get("as") == "per_cent"
    points, per_cent = _POINTS.match(after), _PER_CENT.match(after)
    if is_rate and not points:
        points = _BARE_POINTS.match(after)
    line = sentence.line_at(tag.start - sentence.start)
    if per_cent and is_points:
        findings.note(
            line,
            "percentage_points",
            per_cent[0],
            "the change of a share is told in percentage points, not in per cent",
            "leave the words out: the tag prints its unit",
        )
    elif points and not is_points:
        findings.note(
            line,
            "percentage_points",
            points[0],
            "this is a change in per cent, not in percentage points"
            if is_rate
            else "this is no change of a share",
            "leave the words out: the tag prints its unit",
        )
    elif per_cent and (is_share or is_rate):
        findings.note(
            line, "unit", per_cent[0], "the tag prints its own per cent sign", "leave the words out"
        )
    elif per_cent:
        findings.note(
            line,
            "unit",
            per_cent[0],
            f"`{measure}` is a number and no share",
            f'leave the words out, or write {{% figure "{measure}_share"{written(keys_of_tag(tag.node) or ())} /%}}',
        )
