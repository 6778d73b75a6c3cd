"""Puts faults into words of a section: seeded, of every kind, each on one line that is known."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

FIGURE = re.compile(r'\{% figure "[^"]+"[^%]*/%\}')
YEAR = "{% $year %}"
OPPOSITE = {
    "rose": "fell",
    "fell": "rose",
    "increased": "decreased",
    "more than in": "fewer than in",
    "fewer than in": "more than in",
    "higher than in": "lower than in",
    "lower than in": "higher than in",
    "an increase of": "a fall of",
}
SENTENCES = {
    "literal": (
        "There were {n} complaints.",
        "Of these, {n} came by email.",
        "We answered {n} of them in time.",
        "The share was {n}%.",
        "It was {n} per cent of all answers.",
        "The total was {n}, which is a lot.",
        "Some {n} families wrote to us.",
        "A further {n} issues were raised.",
        "(There were {n} compliments too.)",
        "Payments came to £{n}.",
    ),
    "spelt": (
        "There were {w} complaints about this.",
        "In all {w} of them were upheld.",
        "{W} people wrote to us about it.",
        "Nearly nine in ten answers were in time.",
        "About half of the complaints were upheld.",
        "A third of answers came late.",
        "Two thirds of complaints came by email.",
        "Some three-quarters of answers were in time.",
        "There were a dozen compliments.",
        "It was the second highest number of the teams.",
        "Twice as many complaints came by email.",
    ),
    "small_number": (
        "Both complaints were about a foster placement.",
        "Both were upheld.",
        "The only complaint at this stage was upheld.",
        "One complaint was about one child.",
        "Neither of them was upheld.",
        "We had a single complaint about transport.",
        "One of these was late.",
    ),
    "unfinished": (
        "We received (x) complaints.",
        "The director is TBC.",
        "The team answered XX complaints.",
        "See [insert name of team] for more.",
        "Lorem ipsum dolor sit amet.",
        "The number was ???.",
        "The date is to be confirmed.",
    ),
    "stale_year": (
        "This report is about 2019/20.",
        "In 2021-22 the team worked hard for everybody.",
        "The year ended on 31 March 2022.",
        "All of this was done in 2031.",
        "The year 2029/30 was a busy one.",
    ),
    "personal": (
        "Chloe said that nobody rang back.",
        "A worker called Daniel Hughes helped.",
        "Mrs Patel was pleased.",
        "Cllr Jones asked about it.",
        "Write to amy.smith@example.com about it.",
        "Ring 07700 900123 and ask.",
        "The family lives at TF3 4NT.",
        "A boy aged 9 at Hillview Primary School wrote to us.",
        "A 14-year-old told us this.",
        "Her case is CS-20417.",
        "Child B felt unheard.",
        "The Khan family waited.",
    ),
    "suppressed": (
        'There were {{% figure "new_complaints" {hidden} /%}} complaints of that kind.',
        'Of these {{% figure "new_complaints" {hidden} as="words" /%}} were about that.',
    ),
    "percentage_points": (
        'It rose by {{% change "{share}" as="amount" /%}} per cent.',
        'It rose by {{% change "new_complaints" as="per_cent" /%}} percentage points.',
    ),
    "link": (
        "See [the page](no-such-page) for more.",
        "See [our site](https://example) for more.",
        "Write to [us](mailto:complaints.example.org) about it.",
        "See [that part](#no-such-section) for more.",
    ),
}
"""Sentences by kind of fault; `n` and `w` stand for a number that is no limit, year or stage."""
KINDS = (*SENTENCES, "unbound", "unbound_spelt", "direction", "old_year")


@dataclass(frozen=True)
class Fault:
    """A text with one fault in it.

    Attributes:
        kind: one of `KINDS`.
        text: the whole section.
        line: at which the fault stands.
        words: that were put in.
    """

    kind: str
    text: str
    line: int
    words: str


def faults_in(
    text: str,
    count: int,
    seed: int,
    values: Callable[[str], int | None],
    world: Mapping[str, str],
    spelt: Callable[[int], str],
) -> list[Fault]:
    """Return copies of a section, each with one fault, of every kind in turn.

    Args:
        text: a section without faults.
        count: how many.
        seed: the same gives the same.
        values: the number that a tag prints; None where it is not known.
        world: `hidden`, the keys of a suppressed figure, and `share`, a measure that is a share.
        spelt: a number in words.
    """
    chance = random.Random(seed)
    made: list[Fault] = []
    for turn in range(count * 3):
        if len(made) == count:
            break
        fault = _make(KINDS[turn % len(KINDS)], text, chance, values, world, spelt)
        if fault:
            made.append(fault)
    return made


def _make(kind, text, chance, values, world, spelt) -> Fault | None:
    lines = text.split("\n")
    if kind in SENTENCES:
        number = chance.choice([7, 33, 47, 58, 71, 86, 94, 113, 341, 1204])
        sentence = chance.choice(SENTENCES[kind]).format(
            n=f"{number:,}", w=spelt(number % 90 + 2), W=spelt(number % 90 + 2).capitalize(), **world
        )
        places = [
            place for place, line in enumerate(lines) if line.rstrip().endswith(".") and "{% /" not in line
        ]
        place = chance.choice(places)
        return _with(kind, lines, place, f"{lines[place].rstrip()} {sentence}", sentence)
    if kind in ("unbound", "unbound_spelt"):
        tags = [(place, match) for place, line in enumerate(lines) for match in FIGURE.finditer(line)]
        tags = [(place, match) for place, match in tags if values(match[0]) is not None]
        if not tags:
            return None
        place, match = chance.choice(tags)
        value = values(match[0]) + chance.choice([0, 0, 1, -1, 10])
        words = spelt(value) if kind == "unbound_spelt" else f"{value:,}"
        return _with(kind, lines, place, lines[place].replace(match[0], words, 1), words)
    if kind == "direction":
        found = [
            (place, word)
            for place, line in enumerate(lines)
            for word in OPPOSITE
            if re.search(rf"\b{word}\b", line)
        ]
        if not found:
            return None
        place, word = chance.choice(found)
        return _with(
            kind, lines, place, re.sub(rf"\b{word}\b", OPPOSITE[word], lines[place], count=1), OPPOSITE[word]
        )
    found = [place for place, line in enumerate(lines) if YEAR in line]
    if not found:
        return None
    place = chance.choice(found)
    return _with(kind, lines, place, lines[place].replace(YEAR, "2022/23", 1), "2022/23")


def _with(kind: str, lines: list[str], place: int, line: str, words: str) -> Fault:
    return Fault(kind, "\n".join([*lines[:place], line, *lines[place + 1 :]]), place + 1, words)
