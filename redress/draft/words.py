"""Which of the contract's words a council's word means, as far as words alone can tell (`words.csv`)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

from redress.base.tables import read_csv
from redress.contract.contract import Field
from redress.draft.headings import nearness, tokens

CERTAIN = 0.999
_ENOUGH = 0.72
_TURNS = frozenset(
    [
        "not",
        "non",
        "no",
        "un",
        "in",
        "part",
        "partly",
        "partially",
        "partial",
        "without",
        "never",
        "previously",
    ]
)
"""Words that make another meaning of a word beside which they stand."""
_OF_WHOM = frozenset(["for", "of", "behalf"])
"""Words after which stands whom or what something is for, and not what it is."""
_LISTS = {
    "complaint.disability": "yes_no",
    "complaint.child_looked_after": "yes_no",
    "complaint_child.child_looked_after": "yes_no",
    "complaint.accepted_out_of_time": "yes_no",
    "stage.extension_agreed": "yes_no",
    "stage.complex": "yes_no",
    "stage.response_in_target": "yes_no",
    "stage.reopened": "yes_no",
    "mediation.accepted": "yes_no",
    "compliment.quote_approved": "yes_no",
    "action.words_approved": "yes_no",
    "learning.action_status": "action_status_learning",
    "action.status": "action_status",
    "contact.outcome": "contact_outcome",
}
"""Columns whose words are listed under another name than their own."""


@cache
def _lists() -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    lists: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for row in read_csv(Path(__file__).with_name("words.csv")):
        for phrase in (row["word"].replace("_", " "), *row["council_words"].split("|")):
            lists.setdefault(row["vocabulary"], []).append((row["word"], tokens(phrase)))
    return lists


@lru_cache(maxsize=16384)
def _best(list_name: str, allowed: tuple[str, ...], council_word: str) -> tuple[str, float]:
    words = tokens(council_word)
    scores: dict[str, float] = {}
    for word, phrase in _lists().get(list_name, ()):
        if word in allowed and not _is_of_another(words, phrase):
            scores[word] = max(scores.get(word, 0.0), nearness(words, phrase), _within(words, phrase))
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    if not ranked or ranked[0][1] < _ENOUGH or (len(ranked) > 1 and ranked[1][1] >= ranked[0][1] - 0.02):
        return "", 0.0
    return ranked[0]


def _is_of_another(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    """Return whether a phrase says whom something is for, and not what it is: an advocate for a young person is an advocate."""
    head = next((words[:place] for place, word in enumerate(words) if place and word in _OF_WHOM), words)
    return set(phrase) <= set(words) and not set(phrase) <= set(head) and _OF_WHOM.isdisjoint(phrase)


def _within(words: tuple[str, ...], phrase: tuple[str, ...]) -> float:
    """Return how near a longer text is that holds a phrase whole, and nothing that turns its meaning round."""
    more = set(words) - set(phrase)
    if len(words) > 8 or not set(phrase) <= set(words) or more & _TURNS or max(map(len, phrase)) < 5:
        return 0.0
    return 0.73 + 0.05 * len(phrase)


def guess_word(table: str, field: Field, council_word: str) -> tuple[str, float]:
    """Return the contract's word that a council's word seems to mean, and how sure that is; blank where none does."""
    return _best(_LISTS.get(f"{table}.{field.name}", field.name), field.words, council_word)


def share_understood(table: str, field: Field, words: Counter[str], is_blank: Callable[[str], bool]) -> float:
    """Return the share of cells whose word seems to mean one of the contract's, those that stand for a blank left out."""
    known = sum(n for word, n in words.items() if guess_word(table, field, word)[0])
    total = known + sum(
        n for word, n in words.items() if not guess_word(table, field, word)[0] and not is_blank(word)
    )
    return known / total if total else 0.0


_OPEN = {
    "channel": r"e-?mail|phone|letter|web|online|\bform\b|in person|\bpost\b|portal|visit|social media|face to face|\btext\b|\bapp\b",
    "service": r"team|service|foster|adopt|assessment|\bmash\b|early help|leaving care|care leav|\bsend\b|safeguard|court|localit|\bhub\b|"
    r"\bduty\b|disab|children in|looked after|family support|kinship|residential|youth|placement|front door|first response",
    "theme": r"delay|communicat|staff|attitude|quality|decision|lack of|poor|policy|conduct|information|disagree|behaviour|"
    r"accura|confidential|timel|support|standard of|failure|contact arrange",
    "compliment_source": r"parent|school|carer|young person|professional|judge|court|famil|child|health|police|colleague|nurse|"
    r"social worker|service user|guardian|advocate|mother|father",
    "compliment_category": r"kind|support|help|extra mile|profession|speed|listen|communicat|above and beyond|caring|quality|staff",
    "remedy_kind": r"apolog|payment|review|refund|meeting|training|procedure|reimburs|compensat|redress",
    "satisfaction_answer": r"satisf|agree|very|poor|good|excellent|neither|\byes\b|\bno\b|fair",
}
"""What the words of a council's own vocabularies often hold."""


@cache
def _pattern(vocabulary: str) -> re.Pattern[str] | None:
    vocabulary = {
        "category": "theme",
        "action_category": "theme",
        "learning_category": "theme",
        "contact_category": "theme",
    }.get(vocabulary, vocabulary)
    return re.compile(_OPEN[vocabulary], re.IGNORECASE) if vocabulary in _OPEN else None


def share_likely(vocabulary: str, words: Counter[str]) -> float | None:
    """Return the share of different words that look like those of a vocabulary of the council's own; None where nobody knows."""
    pattern = _pattern(vocabulary)
    if pattern is None or not words:
        return None
    return sum(bool(pattern.search(word)) for word in words) / len(words)
